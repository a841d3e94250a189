//! Who received a message, and which of its hops and fields are that receiver's.

use super::received::{Hop, Reverse, Whose};
use crate::text::is_below;
use std::net::IpAddr;

/// Receivers with names of their own: what they are called, and the domains of their hosts.
const KNOWN: &[(&str, &[&str])] = &[
    ("Gmail", &["google.com", "googlemail.com", "gmail.com"]),
    ("Microsoft", &["outlook.com", "office365.com", "hotmail.com", "microsoft.com", "exchangelabs.com"]),
    ("Yahoo", &["yahoo.com", "aol.com", "yahoodns.net"]),
    ("Proton", &["protonmail.ch", "proton.ch", "proton.me"]),
    ("Fastmail", &["messagingengine.com", "fastmail.com"]),
    ("Apple", &["icloud.com", "me.com", "mac.com", "apple.com"]),
    ("GMX", &["gmx.net", "web.de", "mail.com"]),
];

/// What else belongs to the receiver, as whoever asks knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Domains of hosts, lower case.
    pub domains: Vec<String>,
    /// Addresses of hosts.
    pub addresses: Vec<IpAddr>,
}

impl Trust {
    fn has(&self, hop: &Hop) -> bool {
        // Any address can be given any name: one that resolves back is its owner's.
        let is_named = |name: &String| self.domains.iter().any(|domain| is_below(name, domain));
        hop.address.is_some_and(|address| self.addresses.contains(&address))
            || matches!(&hop.reverse, Reverse::Confirmed(name) if is_named(name))
    }
}

/// Where what the receiver wrote ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Boundary {
    /// At the hop in this place, which came from outside.
    At(usize),
    /// At the hop in this place, which does not say from which address it came: what is below may be made up.
    Unclear(usize),
    /// All of it looks like the receiver's own way: then nothing says where it began.
    None,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Receiver {
    /// What it is called.
    pub name: String,
    domains: Vec<String>,
    /// Nobody else sends from hosts with names in these.
    is_known: bool,
}

impl Receiver {
    /// Whose host wrote the topmost of these hops. What stands below the first that a message can have come from outside by may be
    /// made up, and names nobody.
    pub fn of(hops: &[(usize, Hop)]) -> Option<Receiver> {
        let is_outside =
            |hop: &Hop| hop.address.map_or_else(|| !is_handed_on(hop), |address| !is_private(address));
        let end = hops.iter().position(|(_, hop)| is_outside(hop)).map_or(hops.len(), |place| place + 1);
        let by = hops[..end].iter().filter_map(|(_, hop)| hop.by.as_deref());
        let by = by.filter(|by| by.parse::<IpAddr>().is_err());
        // Apple's hosts have no domain in their names.
        if by.clone().any(is_apples) {
            return Some(Receiver::named("icloud.com"));
        }
        let inner = [".internal", ".local", ".localdomain"];
        let is_public = |by: &&str| by.contains('.') && !inner.iter().any(|end| by.ends_with(end));
        by.clone().find(is_public).or_else(|| by.clone().next()).map(Receiver::named)
    }

    /// Whose host wrote results, if it is one of the large ones: Yahoo's name themselves there alone in some messages.
    pub fn of_results(by: &str) -> Option<Receiver> {
        Some(Receiver::named(by)).filter(|receiver| receiver.is_known)
    }

    fn named(host: &str) -> Receiver {
        let known = KNOWN.iter().find(|(_, domains)| domains.iter().any(|domain| is_below(host, domain)));
        match known {
            Some((name, domains)) => Receiver {
                name: (*name).to_owned(),
                domains: domains.iter().map(|&domain| domain.to_owned()).collect(),
                is_known: true,
            },
            None => {
                // The domain that the host is in, if that is one of a company and not of a country.
                let domain =
                    host.split_once('.').map(|(_, domain)| domain).filter(|domain| domain.contains('.'));
                let domains = vec![domain.unwrap_or(host).to_ascii_lowercase()];
                Receiver { name: host.to_owned(), domains, is_known: false }
            }
        }
    }

    /// Whether a host of this name is its own.
    pub fn has(&self, name: &str) -> bool {
        self.domains.iter().any(|domain| is_below(name, domain))
    }

    /// Whether it writes results below what the sender wrote.
    pub fn writes_below(&self) -> bool {
        matches!(self.name.as_str(), "Proton" | "Apple")
    }

    /// Whether a hop is a way within it.
    fn is_inside(&self, hop: &Hop, trust: &Trust) -> bool {
        if hop.address.map_or_else(|| is_handed_on(hop), is_private) || trust.has(hop) {
            return true;
        }
        // Between Microsoft's own hosts only names are said; its door to the Internet says that it is that, and so does the one
        // behind it, to customers' mailboxes.
        let by_name = self.name == "Microsoft"
            && (!hop.is_front || is_second_door(hop))
            && hop.helo.as_deref().is_some_and(|helo| self.has(helo))
            && hop.by.as_deref().is_some_and(|by| self.has(by));
        // Elsewhere the sender may be of the same domain, and is what is looked for.
        by_name || self.is_known && matches!(&hop.reverse, Reverse::Confirmed(name) if self.has(name))
    }

    /// Marks whose each hop is.
    pub fn mark(&self, hops: &mut [(usize, Hop)], trust: &Trust) -> Boundary {
        for (place, (_, hop)) in hops.iter_mut().enumerate() {
            if self.is_inside(hop, trust) {
                hop.whose = Whose::Receiver;
            } else if hop.address.is_some() {
                hop.whose = Whose::Boundary;
                return Boundary::At(place);
            } else {
                hop.whose = Whose::Receiver;
                return Boundary::Unclear(place);
            }
        }
        Boundary::None
    }
}

fn is_apples(host: &str) -> bool {
    !host.contains('.') && ["-icloudmta-", "-mailgateway-"].iter().any(|part| host.contains(part))
}

/// Whether a hop without an address is a way within the receiver: nobody outside can hand a message on so.
fn is_handed_on(hop: &Hop) -> bool {
    let with = hop.with.as_deref().unwrap_or_default().to_ascii_lowercase();
    // RFC 2033 and RFC 3848 have LMTP, LMTPS and LMTPA; Exim writes `local`, Yahoo HTTP, and who fetches from a mailbox the others.
    let is_within = ["local", "http", "pop3", "imap"].contains(&with.as_str());
    // Apple's hosts have only names between them, and say the address where a message comes in.
    let of_apple = |name: &Option<String>| name.as_deref().is_some_and(is_apples);
    let is_within = is_within || of_apple(&hop.by) && of_apple(&hop.helo);
    !hop.has_from || is_within || with.starts_with("lmtp") || with.starts_with("utf8lmtp")
}

/// Whether Microsoft's filter handed a message on to the servers of mailboxes. HELO can say anything: the addresses are such that
/// only hosts of Exchange Online have them, and customers' mail to others leaves from hosts with other names.
fn is_second_door(hop: &Hop) -> bool {
    let is_own = hop.address.is_some_and(|address| match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(v6) => {
            let [first, second, third, ..] = v6.segments();
            // 2603:10a6::, 2603:10b6:: and so on; before that 2a01:111:f400::/48.
            first == 0x2603 && second & 0xff0f == 0x1006 || [first, second, third] == [0x2a01, 0x111, 0xf400]
        }
    });
    let is_below_one = |name: &Option<String>, domains: &[&str]| {
        name.as_deref().is_some_and(|name| domains.iter().any(|domain| is_below(name, domain)))
    };
    is_own
        && is_below_one(&hop.helo, &["prod.outlook.com", "prod.protection.outlook.com"])
        && is_below_one(&hop.by, &["outlook.office365.com"])
}

/// Addresses that no message from outside comes from.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified(),
        IpAddr::V6(v6) => {
            v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local()
        }
    }
}

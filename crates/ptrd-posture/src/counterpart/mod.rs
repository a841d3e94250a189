//! The forward side of names: the records that lead back to the address, and bringing them to whoever holds the zone.
//!
//! The names of addresses often lie in zones that are held elsewhere. What is to be created there is written in the forms that
//! people paste ([`bind`], [`nsupdate`]), or sent as an update (RFC 2136, [`push`]).

pub mod push;

pub use ptrd_wire::Name;

use crate::forward::rtype;
use ptrd_wire::NameError;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;

/// Records that come and go in one update at most, so that it fits into a message whatever the names.
pub const MOST_IN_MESSAGE: usize = 200;

/// A record that leads from a name back to an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterpart {
    /// The name.
    pub name: Name,
    /// The address that it is to have.
    pub address: IpAddr,
    /// Seconds.
    pub ttl: u32,
}

impl Counterpart {
    /// A record for a name as it is written.
    ///
    /// # Errors
    /// What is wrong with the name, as the end of a sentence that begins with it.
    pub fn new(name: &str, address: IpAddr, ttl: u32) -> Result<Counterpart, NameError> {
        Ok(Counterpart { name: name.parse()?, address, ttl })
    }

    /// Whether the name lies in a zone.
    pub fn is_in(&self, zone: &Name) -> bool {
        self.name.is_at_or_under(zone)
    }

    /// `A` or `AAAA`.
    pub fn rtype(&self) -> &'static str {
        rtype(self.address)
    }

    /// Name, TTL, type and address, as an update and a master file (but for the class) have them.
    fn fields(&self) -> String {
        format!("{} {} {} {}", self.name, self.ttl, self.rtype(), self.address)
    }
}

/// In the order of names (RFC 4034 §6.1) and addresses, each once; of several TTLs of one RRset the lowest, since they must not
/// differ (RFC 2181 §5.2).
#[must_use]
pub fn in_order(wanted: Vec<Counterpart>) -> Vec<Counterpart> {
    let key = |name: &Name| name.to_lowercase().key_below(0);
    let mut lowest: BTreeMap<(Box<[u8]>, &'static str), u32> = BTreeMap::new();
    for one in &wanted {
        let ttl = lowest.entry((key(&one.name), one.rtype())).or_insert(one.ttl);
        *ttl = one.ttl.min(*ttl);
    }
    let mut each: BTreeMap<(Box<[u8]>, IpAddr), Counterpart> = BTreeMap::new();
    for mut one in wanted {
        let place = key(&one.name);
        one.ttl = lowest.get(&(place.clone(), one.rtype())).copied().unwrap_or(one.ttl);
        each.entry((place, one.address)).or_insert(one);
    }
    each.into_values().collect()
}

/// As lines of a master file.
pub fn bind(wanted: &[Counterpart]) -> String {
    wanted.iter().fold(String::new(), |mut text, one| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} {} IN {} {}", one.name, one.ttl, one.rtype(), one.address);
        text
    })
}

/// As a script for nsupdate. A message is for one zone: with the zone that was said, else with the domain that each name
/// lies in, as messages of their own, and nsupdate finds out which zone that is.
pub fn nsupdate(wanted: &[Counterpart], server: Option<&str>, zone: Option<&Name>) -> String {
    let mut text = String::new();
    if let Some(server) = server {
        let _ = writeln!(text, "server {server}");
    }
    let mut groups: Vec<Vec<&Counterpart>> = Vec::new();
    for one in wanted {
        let is_near = |before: &&Counterpart| zone.is_some() || domain(&before.name) == domain(&one.name);
        let fits = |group: &&mut Vec<&Counterpart>| {
            group.len() < MOST_IN_MESSAGE && group.last().is_some_and(is_near)
        };
        match groups.last_mut().filter(fits) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    for group in groups {
        if let Some(zone) = zone {
            let _ = writeln!(text, "zone {zone}");
        }
        for one in group {
            let _ = writeln!(text, "update add {}", one.fields());
        }
        text.push_str("send\n");
    }
    text
}

fn domain(name: &Name) -> Option<Name> {
    name.ancestors().nth(1).map(|name| name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(lines: &[(&str, &str, u32)]) -> Vec<Counterpart> {
        let one = |(name, address, ttl): &(&str, &str, u32)| Counterpart {
            name: name.parse().expect("a name"),
            address: address.parse().expect("an address"),
            ttl: *ttl,
        };
        lines.iter().map(one).collect()
    }

    #[test]
    fn each_once_in_the_order_of_names_with_one_ttl_for_a_set() {
        let all = in_order(wanted(&[
            ("www.example.org", "192.0.2.9", 60),
            ("Mail.example.com", "192.0.2.2", 3600),
            ("mail.example.com", "192.0.2.1", 300),
            ("mail.example.com", "192.0.2.2", 900),
            ("mail.example.com", "2001:db8::1", 900),
        ]));
        assert_eq!(
            bind(&all),
            "mail.example.com. 300 IN A 192.0.2.1\nMail.example.com. 300 IN A 192.0.2.2\n\
             mail.example.com. 900 IN AAAA 2001:db8::1\nwww.example.org. 60 IN A 192.0.2.9\n"
        );
    }

    #[test]
    fn a_script_has_a_message_for_each_domain_or_for_the_zone() {
        let all = in_order(wanted(&[
            ("a.example.com", "192.0.2.1", 60),
            ("b.example.com", "192.0.2.2", 60),
            ("a.example.org", "192.0.2.3", 60),
        ]));
        assert_eq!(
            nsupdate(&all, Some("192.0.2.53"), None),
            "server 192.0.2.53\nupdate add a.example.com. 60 A 192.0.2.1\nupdate add b.example.com. 60 A 192.0.2.2\nsend\n\
             update add a.example.org. 60 A 192.0.2.3\nsend\n"
        );
        let zone = "example.com".parse().expect("a name");
        assert_eq!(
            nsupdate(&all[..2], None, Some(&zone)),
            "zone example.com.\nupdate add a.example.com. 60 A 192.0.2.1\nupdate add b.example.com. 60 A 192.0.2.2\nsend\n"
        );
        let names: Vec<String> = (0..250).map(|n| format!("h{n}.example.com")).collect();
        let many: Vec<_> = names.iter().map(|name| (name.as_str(), "192.0.2.1", 60)).collect();
        assert_eq!(nsupdate(&in_order(wanted(&many)), None, None).matches("send\n").count(), 2);
    }

    #[test]
    fn hostile_names_stay_in_their_line() {
        let all = wanted(&[(r"a\010b\;c.example", "192.0.2.1", 60)]);
        assert_eq!(bind(&all), "a\\010b\\;c.example. 60 IN A 192.0.2.1\n");
        assert_eq!(nsupdate(&all, None, None), "update add a\\010b\\;c.example. 60 A 192.0.2.1\nsend\n");
    }
}

//! Who is to be told of a zone, and who is this server itself.

use ptrd_change::View;
use ptrd_wire::Name;
use ptrd_xfr::notify::{Target, Wish};
use ptrd_zone::Audience;
use ptrd_zone::model::ZoneId;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// How long the host's addresses are taken to stay as they are.
const HOLD: Duration = Duration::from_secs(10);

/// The addresses of this server.
pub struct Own {
    listen: Vec<SocketAddr>,
    host: Vec<IpAddr>,
    read: Option<Instant>,
}

impl Own {
    /// Of a server that answers there.
    pub fn new(listen: &[SocketAddr]) -> Own {
        Own { listen: listen.to_vec(), host: Vec::new(), read: None }
    }

    /// The same, for another task.
    pub fn again(&self) -> Own {
        Own::new(&self.listen)
    }

    /// Whether a message to this address would come to ourselves.
    pub fn is_own(&mut self, address: SocketAddr) -> bool {
        let same_port = self.listen.iter().filter(|listen| listen.port() == address.port());
        let (mut is_own, mut everywhere) = (false, false);
        for listen in same_port {
            is_own |= listen.ip().to_canonical() == address.ip();
            everywhere |= listen.ip().is_unspecified() && listen.is_ipv4() == address.is_ipv4();
        }
        is_own || everywhere && (address.ip().is_loopback() || self.host().contains(&address.ip()))
    }

    fn host(&mut self) -> &[IpAddr] {
        if self.read.is_none_or(|read| read.elapsed() > HOLD) {
            self.read = Some(Instant::now());
            let interfaces = nix::ifaddrs::getifaddrs().into_iter().flatten();
            let addresses = interfaces.filter_map(|interface| {
                let address = interface.address?;
                let v4 = address.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
                v4.or_else(|| address.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())))
            });
            self.host = addresses.collect();
        }
        &self.host
    }
}

/// Who is to be told that this zone has changed; `None` where there is no such zone.
pub fn wish(view: &View, id: ZoneId, own: &mut Own) -> Option<Wish> {
    wish_of(view, view.snapshot.audience(), id, own)
}

/// The same, if this were the audience.
pub fn wish_of(view: &View, audience: &Audience, id: ZoneId, own: &mut Own) -> Option<Wish> {
    let meta = view.declared.zone_by_id(id)?;
    // One that is not answered for has nothing to announce.
    let zone = view.snapshot.zone(&meta.apex).filter(|zone| zone.outage().is_none())?;
    let mut wish = Wish::default();
    for listed in audience.listed(id, meta.tenant) {
        if own.is_own(listed.address) {
            wish.skipped.push((listed.address.to_string(), "it is this server"));
        } else {
            wish.listed.push(Target { address: listed.address, key: listed.key.clone() });
        }
    }
    // The NS record of a catalog leads nowhere.
    if audience.tells_nameservers(id, meta.tenant) && !zone.is_catalog() {
        let mut names: Vec<Name> = zone
            .apex_ns()
            .into_iter()
            .flat_map(|rrset| rrset.rdatas().filter_map(|rdata| Name::from_wire(rdata).ok()))
            .map(|name| name.to_lowercase())
            .collect();
        names.sort();
        names.dedup();
        // RFC 1996 §2.1: the notify set is that of the NS records without the one that the SOA names.
        let primary = zone.soa().mname.to_lowercase();
        for name in names {
            if name == primary {
                wish.skipped.push((name.to_string(), "the SOA names it as the primary (MNAME)"));
            } else {
                wish.nameservers.push(name);
            }
        }
    }
    Some(wish)
}

//! Asking all servers of a zone all there is to ask, within bounds.
//!
//! Servers are asked side by side, each one question after the other. One that does not answer for the SOA is asked nothing
//! else; about signatures one is asked that has keys.

use crate::ask::{Asker, is_near};
use crate::octets::{self, Octets};
use ptrd_posture::rir::check::{Ask, Host, Reply, Seen, Server, asks};
use ptrd_posture::rir::{Ds, Name, Nserver};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Servers that are asked about a zone, each at each of its addresses.
const MOST_SERVERS: usize = 32;
/// Addresses of one name that are asked.
const MOST_ADDRESSES: usize = 8;
/// Servers that are asked at a time.
const AT_ONCE: usize = 8;

/// Where to ask.
#[derive(Clone, Debug)]
pub struct Places {
    /// Resolvers of names; none: nothing is resolved.
    pub resolvers: Vec<SocketAddr>,
    /// The port of the nameservers.
    pub port: u16,
    /// Whether nameservers may be on this host and private networks: their names are others'.
    pub near: bool,
}

/// How to ask, and where.
struct Whom<'a> {
    octets: Octets,
    places: &'a Places,
}

/// A zone, to whom it is delegated or is to be, and with which DS.
#[derive(Clone, Debug)]
pub struct Delegated {
    /// The zone.
    pub apex: Name,
    /// Its nameservers.
    pub nservers: Vec<Nserver>,
    /// The DS that the zone above has, or is to have.
    pub ds: Vec<Ds>,
}

/// Looks at the servers of a zone, each at its pace; `now` is in seconds since 1970.
pub async fn look(asker: &Arc<Asker>, delegated: Delegated, places: &Places, now: u64) -> Seen {
    let whom = &Whom { octets: Octets(asker.clone()), places };
    let mut seen = Seen {
        apex: delegated.apex,
        delegation: delegated.nservers,
        ds: delegated.ds,
        servers: Vec::new(),
        hosts: BTreeMap::new(),
        now,
    };
    let mut found = Vec::new();
    for server in seen.delegation.clone() {
        let mut addresses: BTreeSet<IpAddr> = server.addresses.iter().copied().collect();
        if !seen.holds(&server.name) {
            let host = resolved(&mut seen, &server.name, whom).await;
            if addresses.is_empty() {
                addresses = host.addresses;
            }
        }
        found
            .extend(addresses.into_iter().take(MOST_ADDRESSES).map(|address| (server.name.clone(), address)));
    }
    ask_all(&mut seen, found, whom).await;
    besides(&mut seen, whom).await;
    if let Some(soa) = seen.servers.iter().find_map(|server| server.soa(&seen.apex)) {
        let mname = soa.mname.to_string().trim_end_matches('.').to_ascii_lowercase();
        if !seen.holds(&mname) {
            resolved(&mut seen, &mname, whom).await;
        }
    }
    seen
}

/// The servers that the zone itself names besides those of the delegation, and what the zone says of names below it.
async fn besides(seen: &mut Seen, whom: &Whom<'_>) {
    let delegated = seen.delegated();
    let names: BTreeSet<String> = delegated.union(&seen.in_zone()).cloned().collect();
    let mut found = Vec::new();
    for name in names {
        let host = match seen.holds(&name) {
            true => from_zone(seen, &name, whom).await,
            false if delegated.contains(&name) => continue,
            false => resolved(seen, &name, whom).await,
        };
        if !delegated.contains(&name) {
            found.extend(
                host.addresses.into_iter().take(MOST_ADDRESSES).map(|address| (name.clone(), address)),
            );
        }
    }
    ask_all(seen, found, whom).await;
}

async fn resolved(seen: &mut Seen, name: &str, whom: &Whom<'_>) -> Host {
    if let Some(host) = seen.hosts.get(name) {
        return host.clone();
    }
    let host = whom.octets.resolve(name, &whom.places.resolvers).await;
    seen.hosts.insert(name.to_owned(), host.clone());
    host
}

/// A name below the zone, as the first server that has the zone says.
async fn from_zone(seen: &mut Seen, name: &str, whom: &Whom<'_>) -> Host {
    let good = |server: &&Server| server.reply(Ask::Soa).is_some_and(Reply::is_good);
    let Some(address) = seen.servers.iter().find(good).map(|server| server.address) else {
        return Host::default();
    };
    let mut host = Host { known: true, ..Host::default() };
    for question in Host::questions(name) {
        let reply = whom.octets.udp(&question, address).await;
        host.known &= reply.ok().flatten().is_some_and(|reply| host.take(&reply));
    }
    seen.hosts.insert(name.to_owned(), host.clone());
    host
}

async fn ask_all(seen: &mut Seen, found: Vec<(String, IpAddr)>, whom: &Whom<'_>) {
    let room = MOST_SERVERS.saturating_sub(seen.servers.len());
    let apex = Arc::new(seen.apex.clone());
    let Places { port, near, .. } = *whom.places;
    let reachable = found.into_iter().filter(|(_, address)| near || !is_near(*address));
    let mut waiting = reachable.take(room).enumerate();
    let (mut asking, mut asked) = (JoinSet::new(), Vec::new());
    loop {
        while asking.len() < AT_ONCE
            && let Some((at, (name, address))) = waiting.next()
        {
            let (apex, octets) = (Arc::clone(&apex), whom.octets.clone());
            let server = SocketAddr::new(address, port);
            asking.spawn(async move { (at, ask_one(&octets, &apex, name, server).await) });
        }
        match asking.join_next().await {
            Some(Ok(answer)) => asked.push(answer),
            // A task that ended otherwise has panicked, which says so itself.
            Some(Err(_)) => (),
            None => break,
        }
    }
    asked.sort_by_key(|(at, _)| *at);
    seen.servers.extend(asked.into_iter().map(|(_, server)| server));
}

async fn ask_one(
    octets: &Octets,
    apex: &ptrd_posture::rir::Name,
    name: String,
    address: SocketAddr,
) -> Server {
    let mut server = Server { name, address, replies: BTreeMap::new(), aside: false };
    if !octets::has_way(address).await {
        return server;
    }
    for (stage, asks) in asks().into_iter().enumerate() {
        let further = match stage {
            0 => true,
            1 => server.reply(Ask::Soa).is_some(),
            _ => server.has_keys(apex),
        };
        if !further {
            break;
        }
        for ask in asks {
            let question = ask.question(apex);
            let mut reply = match ask.tcp() {
                true => octets.tcp(&question, address).await,
                false => octets.udp(&question, address).await,
            };
            if ask.whole() && matches!(&reply, Ok(Some(reply)) if reply.tc) {
                reply = octets.tcp(&question, address).await;
            }
            // That it was set aside is not that it did not answer.
            let Ok(reply) = reply else {
                server.aside = true;
                return server;
            };
            server.replies.insert(*ask, reply);
        }
    }
    server
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::Limits;
    use std::time::Duration;

    #[tokio::test]
    async fn a_server_that_is_set_aside_counts_as_not_asked() {
        let mute = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        let address = mute.local_addr().expect("an address");
        let limits = Limits { patience: Duration::from_millis(1), ..Limits::default() };
        let octets = Octets(Arc::new(Asker::new(limits)));
        let apex = "2.0.192.in-addr.arpa.".parse().expect("a name");
        let looked = ask_one(&octets, &apex, "ns".to_owned(), address).await;
        assert!(looked.asked() && looked.silent(Ask::Soa), "{looked:?}");
        while octets.udp(&Ask::Soa.question(&apex), address).await.is_ok() {}
        let looked = ask_one(&octets, &apex, "ns".to_owned(), address).await;
        assert!(looked.aside && !looked.asked(), "{looked:?}");
    }
}

//! The addresses of nameservers: of names that are served here, from the snapshot; of others, by resolvers.

use super::wish::Own;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr;
use ptrd_wire::{Name, QName, RecordType};
use ptrd_xfr::notify::{Resolution, Unresolved};
use ptrd_zone::{Found, Snapshot};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// What was learnt of a name.
pub type Learnt = (Name, Result<Resolution, Unresolved>);

/// The port of nameservers.
const PORT: u16 = 53;
/// Resolvers are not asked more often than this, whatever the TTL, and nothing is kept for longer than a day.
const KEPT: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(86_400));
/// How long a name that resolvers do not find is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(600);
/// How long resolving one name may take in all.
const LONGEST: Duration = Duration::from_secs(20);

pub struct Resolvers {
    /// Or why there is none.
    resolver: Result<TokioResolver, String>,
    learnt: mpsc::Sender<Learnt>,
}

impl Resolvers {
    /// These, or those of /etc/resolv.conf. What they find goes into the channel.
    pub fn new(addresses: &[SocketAddr], learnt: mpsc::Sender<Learnt>) -> Resolvers {
        let resolver = build(addresses).map_err(|error| format!("there is no resolver: {error}"));
        if let Err(why) = &resolver {
            tracing::warn!("names of nameservers cannot be resolved: {why}");
        }
        Resolvers { resolver, learnt }
    }

    /// Finds the addresses of a name.
    pub fn resolve(&self, snapshot: &Snapshot, name: &Name, own: &mut Own) {
        let (learnt, name) = (self.learnt.clone(), name.clone());
        let found = match (among_ours(snapshot, &name), &self.resolver) {
            (Some(found), _) => found,
            (None, Err(why)) => Err(Unresolved { why: why.clone(), is_final: true, ttl: LEFT_ALONE }),
            (None, Ok(resolver)) => {
                let (resolver, mut own) = (resolver.clone(), own.again());
                tokio::spawn(async move {
                    let asked = tokio::time::timeout(LONGEST, ask(&resolver, &name)).await;
                    let found = asked.unwrap_or_else(|_| {
                        Err(Unresolved {
                            why: "no resolver answered in time".to_owned(),
                            is_final: false,
                            ttl: LEFT_ALONE,
                        })
                    });
                    let _ = learnt.send((name, found.map(|found| sorted(found, &mut own)))).await;
                });
                return;
            }
        };
        let found = found.map(|found| sorted(found, own));
        tokio::spawn(async move { learnt.send((name, found)).await });
    }
}

fn build(addresses: &[SocketAddr]) -> Result<TokioResolver, NetError> {
    let mut builder = if addresses.is_empty() {
        TokioResolver::builder_tokio()?
    } else {
        let servers = addresses.iter().map(|address| {
            let mut server = NameServerConfig::udp_and_tcp(address.ip());
            let of = |mut connection: ConnectionConfig| {
                connection.port = address.port();
                connection
            };
            server.connections = vec![of(ConnectionConfig::udp()), of(ConnectionConfig::tcp())];
            server
        });
        let config = ResolverConfig::from_parts(None, Vec::new(), servers.collect());
        TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
    };
    let options = builder.options_mut();
    options.ip_strategy = hickory_resolver::config::LookupIpStrategy::Ipv4AndIpv6;
    (options.timeout, options.attempts) = (Duration::from_secs(2), 2);
    // What was found is kept by name elsewhere.
    options.cache_size = 32;
    builder.build()
}

/// The part of a resolution that is ourselves is told apart.
fn sorted(Resolution { addresses, ttl, .. }: Resolution, own: &mut Own) -> Resolution {
    let (own, addresses) =
        addresses.into_iter().partition(|address| own.is_own(SocketAddr::new(*address, PORT)));
    Resolution { addresses, own, ttl }
}

/// What the snapshot says of a name that it has; `None` leaves it to resolvers.
fn among_ours(snapshot: &Snapshot, name: &Name) -> Option<Result<Resolution, Unresolved>> {
    let mut qname = QName::default();
    qname.read(name.as_wire()).ok()?;
    let zone = snapshot.zone_of(&qname)?;
    let nothing = |why: &str| {
        Some(Err(Unresolved {
            why: format!("{why} in the zone {}, which is served here", zone.apex()),
            is_final: true,
            ttl: Duration::ZERO,
        }))
    };
    let node = match zone.find(snapshot.addresses(), &qname, None) {
        Found::Node(node) => node.stored?,
        Found::Wildcard(node) => node,
        Found::Missing => return nothing("there is no such name"),
        Found::Empty => return nothing("it has no address"),
        // Others know more.
        Found::Alias { .. } | Found::Cut(_) | Found::Dname { .. } => return None,
    };
    if node.rrset(RecordType::CNAME).is_some() {
        return None;
    }
    let octets = |rtype| node.rrset(rtype).into_iter().flat_map(|rrset| rrset.rdatas());
    let v4 = octets(RecordType::A).filter_map(|rdata| <[u8; 4]>::try_from(rdata).ok()).map(IpAddr::from);
    let v6 = octets(RecordType::AAAA).filter_map(|rdata| <[u8; 16]>::try_from(rdata).ok()).map(IpAddr::from);
    let addresses: Vec<IpAddr> = v4.chain(v6).collect();
    if addresses.is_empty() {
        return nothing("it has no address");
    }
    Some(Ok(Resolution { addresses, own: Vec::new(), ttl: Duration::ZERO }))
}

async fn ask(resolver: &TokioResolver, name: &Name) -> Result<Resolution, Unresolved> {
    let asked = rr::Name::from_labels(name.labels());
    let mut asked = asked.map_err(|error| Unresolved {
        why: format!("it cannot be asked for: {error}"),
        is_final: true,
        ttl: LEFT_ALONE,
    })?;
    asked.set_fqdn(true);
    match resolver.lookup_ip(asked).await {
        Ok(found) => {
            let ttl = found.valid_until().saturating_duration_since(Instant::now()).clamp(KEPT.0, KEPT.1);
            Ok(Resolution { addresses: found.iter().collect(), own: Vec::new(), ttl })
        }
        Err(error) => {
            let is_final = error.is_nx_domain() || error.is_no_records_found();
            let why = match (error.is_nx_domain(), is_final) {
                (true, _) => "there is no such name".to_owned(),
                (false, true) => "it has no address".to_owned(),
                _ => error.to_string(),
            };
            Err(Unresolved { why, is_final, ttl: LEFT_ALONE })
        }
    }
}

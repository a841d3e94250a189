//! From the configuration to open sockets, with no more rights than serving needs: the part of a start that comes before
//! any thread.

use crate::config::Config;
use crate::failure::{Failure, Part};
use crate::handover::HandedOver;
use crate::{account, privileges};
use ptrd_admin::{AdminSocket, SocketOptions};
use ptrd_listen::{BindError, Doors, Protocol, Sockets};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::Path;

/// Where to listen unless told otherwise.
pub const WILDCARDS: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 53),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 53),
];

/// What a daemon serves on.
pub struct Opened {
    /// For DNS.
    pub dns: Sockets,
    /// For encrypted transports.
    pub doors: Doors,
    /// The admin socket, unless there is to be none.
    pub admin: Option<AdminSocket>,
    /// For metrics.
    pub metrics: Vec<TcpListener>,
    /// For standbys.
    pub standbys: Vec<TcpListener>,
    /// For the API.
    pub api: Vec<TcpListener>,
}

/// Takes what was handed over, binds the rest, and becomes who the configuration says. `file` is where it was read, and
/// will be read again.
pub fn open(config: &Config, file: &Path, given: HandedOver) -> Result<Opened, Failure> {
    let target = privileges::target(config)?;
    let dns = dns(config, given.udp, given.tcp)?;
    let doors = doors(config, given.encrypted, given.quic)?;
    let (metrics, standbys, api) = (metrics(config)?, standbys(config)?, api(config)?);
    let admin = match (config.store.read_only, given.admin) {
        (true, Some(_)) => {
            tracing::warn!("an admin socket was handed over, but a store that is only read takes no changes");
            None
        }
        (true, None) => None,
        (false, Some(listener)) => Some(AdminSocket::adopt(listener)),
        (false, None) => {
            if let Some(target) = &target {
                privileges::make_folder(&config.admin.socket, 0o755, target)?;
            }
            let group = config.admin.group.as_deref().map(account::group).transpose();
            let group = group.map_err(|error| Failure::of(Part::Admin, error))?.map(nix::unistd::Gid::as_raw);
            Some(AdminSocket::bind(&SocketOptions {
                path: config.admin.socket.clone(),
                mode: config.admin.mode,
                group: group.or(target.as_ref().map(|target| target.gid.as_raw())),
                owner: target.as_ref().map(|target| target.uid.as_raw()),
            }))
        }
    };
    let admin = admin.transpose().map_err(|error| Failure::of(Part::Admin, error))?;
    let given_up = target
        .as_ref()
        .filter(|_| !config.store.read_only)
        .map_or(Ok(()), |target| privileges::make_folder(&config.store.path, 0o700, target))
        .and_then(|()| privileges::give_up(target.as_ref(), config, file));
    match given_up {
        Ok(()) => Ok(Opened { dns, doors, admin, metrics, standbys, api }),
        Err(failure) => {
            if let Some(admin) = admin {
                admin.remove();
            }
            Err(failure)
        }
    }
}

/// Binds what a configuration says, and stays who we are.
pub fn without_change(config: &Config) -> Result<Opened, Failure> {
    let dns = dns(config, Vec::new(), Vec::new())?;
    let admin = AdminSocket::bind(&SocketOptions::at(&config.admin.socket));
    let admin = Some(admin.map_err(|error| Failure::of(Part::Admin, error))?);
    let (metrics, standbys, api) = (metrics(config)?, standbys(config)?, api(config)?);
    Ok(Opened { dns, doors: Doors::default(), admin, metrics, standbys, api })
}

/// The sockets of encrypted transports. Those that were handed over for one take the place of its addresses.
fn doors(
    config: &Config,
    streams: Vec<(Protocol, TcpListener)>,
    quic: Vec<UdpSocket>,
) -> Result<Doors, Failure> {
    let failed = |error| Failure::of(Part::Listener, error);
    let mut given: Vec<Protocol> = streams.iter().map(|(protocol, _)| *protocol).collect();
    given.extend(quic.first().map(|_| Protocol::Quic));
    if let Some(protocol) = given.first()
        && config.tls.files().is_none()
    {
        return Err(failed(anyhow::anyhow!(
            "a socket for {protocol} was handed over, which needs tls.certificate and tls.key: name both"
        )));
    }
    let mut wanted = config.listen.encrypted();
    wanted.retain(|(protocol, _)| !given.contains(protocol));
    let bound = Doors::bind(&wanted).map_err(|error| failed(error.into()))?;
    Ok(Doors::adopt(streams, quic).map_err(|error| failed(error.into()))?.and(bound))
}

fn metrics(config: &Config) -> Result<Vec<TcpListener>, Failure> {
    streams("showing metrics", &config.metrics.addresses)
}

fn standbys(config: &Config) -> Result<Vec<TcpListener>, Failure> {
    streams("listening for standbys", &config.standby.listen)
}

fn api(config: &Config) -> Result<Vec<TcpListener>, Failure> {
    streams("listening for clients of the API", &config.api.listen)
}

fn streams(what: &str, addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, Failure> {
    let bind = |address: &SocketAddr| {
        let failed = |error| anyhow::Error::new(error).context(format!("{what} at {address}"));
        TcpListener::bind(address).map_err(|error| Failure::of(Part::Listener, failed(error)))
    };
    addresses.iter().map(bind).collect()
}

fn dns(config: &Config, udp: Vec<UdpSocket>, tcp: Vec<TcpListener>) -> Result<Sockets, Failure> {
    let workers = config.listen.udp_workers.unwrap_or(ptrd_listen::Config::default().udp_workers);
    let bundles = config.listen.udp_bundles;
    if udp.is_empty() && tcp.is_empty() {
        return bind(&config.listen.addresses, workers, bundles)
            .map_err(|error| Failure::of(Part::Listener, error));
    }
    if udp.is_empty() || tcp.is_empty() {
        let missing = if udp.is_empty() { "UDP" } else { "TCP" };
        tracing::warn!("no {missing} socket was handed over: DNS is not answered over {missing}");
    }
    let sockets =
        Sockets::adopt(udp, tcp, workers, bundles).map_err(|error| Failure::of(Part::Listener, error))?;
    let here = sockets.local_addrs();
    for address in config.listen.addresses.iter().filter(|address| !here.contains(address)) {
        if !WILDCARDS.contains(address) {
            tracing::warn!(%address, "not listened on: the sockets that were handed over take the place of [listen]");
        }
    }
    Ok(sockets)
}

/// Binds addresses. Where nobody asked for one of IPv6, and this host has none, the default does without.
fn bind(addresses: &[SocketAddr], workers: usize, bundles: bool) -> Result<Sockets, BindError> {
    match Sockets::bind(addresses, workers, bundles) {
        Err(error)
            if addresses == WILDCARDS && error.address == WILDCARDS[1] && error.is_family_missing() =>
        {
            tracing::warn!("this host has no IPv6: answering over IPv4 alone");
            Sockets::bind(&WILDCARDS[..1], workers, bundles)
        }
        bound => bound,
    }
}

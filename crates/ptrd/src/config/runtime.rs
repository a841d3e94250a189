//! What the daemon runs with: complete, in types of its own, each value with a meaning.

use super::print;
use super::values::{AcknowledgeBy, LogFormat, Time};
use ptrd_engine::RateLimitSettings;
use ptrd_listen::{Limits, Protocol};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

mod judge;
mod read;
mod shown;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where what is served is kept.
    pub store: Store,
    /// Where DNS is answered.
    pub listen: Listen,
    /// What answers look like.
    pub answers: Answers,
    /// How many answers over UDP a network may have.
    pub rate_limit: RateLimitSettings,
    /// What clients may take of TCP.
    pub tcp: Tcp,
    /// Who this server is to clients of encrypted transports.
    pub tls: Tls,
    /// Transfers of zones to others.
    pub transfer: ptrd_xfr::Settings,
    /// Announcing changes.
    pub notify: Notify,
    /// Names that must resolve back.
    pub checks: Checks,
    /// What the world sees of sending addresses, again and again.
    pub watch: Watch,
    /// Zones that are pulled from others.
    pub follow: Follow,
    /// DNS UPDATE.
    pub update: Updates,
    /// Losing this server.
    pub standby: Standby,
    /// The API.
    pub api: Api,
    /// The admin socket.
    pub admin: Admin,
    /// What is logged.
    pub log: Log,
    /// Where figures are shown.
    pub metrics: Metrics,
    /// Who gets copies of queries and responses.
    pub dnstap: Dnstap,
    /// Whom to become.
    pub user: User,
}

/// Where what is served is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// The SQLite file.
    pub path: PathBuf,
    /// Whether it is only read.
    pub read_only: bool,
}

/// Where DNS is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// Addresses for UDP and TCP.
    pub addresses: Vec<SocketAddr>,
    /// UDP workers for each; `None` for as many as there are cores.
    pub udp_workers: Option<usize>,
    /// UDP answers to one client go to the kernel as one message.
    pub udp_bundles: bool,
    /// TCP threads; `None` for one for each four cores.
    pub tcp_threads: Option<usize>,
    /// Addresses for DNS over TLS.
    pub tls: Vec<SocketAddr>,
    /// Addresses for DNS over QUIC.
    pub quic: Vec<SocketAddr>,
    /// Addresses for DNS over HTTPS.
    pub https: Vec<SocketAddr>,
    /// Threads for encrypted transports; `None` for one for each four cores.
    pub tls_threads: Option<usize>,
}

impl Listen {
    /// All addresses of encrypted transports.
    pub fn encrypted(&self) -> Vec<(Protocol, SocketAddr)> {
        let tls = self.tls.iter().map(|address| (Protocol::Tls, *address));
        let quic = self.quic.iter().map(|address| (Protocol::Quic, *address));
        let https = self.https.iter().map(|address| (Protocol::Https, *address));
        tls.chain(quic).chain(https).collect()
    }
}

/// Who this server is to clients of encrypted transports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate and its chain, PEM.
    pub certificate: Option<PathBuf>,
    /// Its key, PEM.
    pub key: Option<PathBuf>,
    /// Connections at a time over each transport; `None` goes by those of TCP.
    pub connections: Option<u32>,
}

/// What answers look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// The text of `version.bind`; `None` refuses.
    pub version: Option<String>,
    /// The text of `id.server`; `None` refuses.
    pub server_id: Option<String>,
    /// The NSID; `None` leaves it out.
    pub nsid: Option<String>,
    /// Octets of a UDP answer at most.
    pub udp_size: u16,
    /// Where cookie secrets are; `None` makes one.
    pub cookie_secret_file: Option<PathBuf>,
}

/// Announcing changes to secondaries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notify {
    /// Whether that is done.
    pub enabled: bool,
    /// Resolvers; none for those of the system.
    pub resolvers: Vec<SocketAddr>,
    /// Addresses to send from.
    pub source: Vec<IpAddr>,
    /// How patient to be.
    pub queue: ptrd_xfr::notify::Settings,
    /// How often secondaries are asked for their serials; nothing for never.
    pub serials: Duration,
}

/// Names that must resolve back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checks {
    /// Resolvers; none for those of the system.
    pub resolvers: Vec<SocketAddr>,
    /// For an answer.
    pub timeout: Duration,
    /// For all that a change asks for.
    pub deadline: Duration,
    /// Names that are looked up at a time.
    pub in_flight: usize,
    /// Names that are remembered.
    pub cache: usize,
    /// How long a PTR waits.
    pub patience: Duration,
    /// How often to look again.
    pub every: Duration,
    /// Names a second.
    pub queries_per_second: u32,
    /// Who is told.
    pub webhook: Option<String>,
    /// What proves it.
    pub webhook_secret_file: Option<PathBuf>,
    /// Who vouches for whom is told.
    pub webhook_ca_file: PathBuf,
}

/// What the world sees of sending addresses, again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Whether sending addresses are looked at.
    pub identity: bool,
    /// How often.
    pub every: Duration,
    /// Whether delegations of zones are looked at.
    pub delegation: bool,
    /// How often.
    pub delegation_every: Duration,
    /// When another look confirms what one has found.
    pub confirm: Duration,
    /// Resolvers; none for those of the system.
    pub resolvers: Vec<SocketAddr>,
    /// Whether the nameservers are asked too.
    pub authoritative: bool,
    /// Servers of the root; none for those of the public DNS.
    pub roots: Vec<IpAddr>,
    /// Addresses at a time.
    pub at_a_time: usize,
    /// Questions a second to one server.
    pub queries_per_second: u32,
    /// For an answer.
    pub timeout: Duration,
}

/// Losing this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standby {
    /// The server that this one follows.
    pub primary: Option<String>,
    /// What this server calls itself; `None` for its host name.
    pub name: Option<String>,
    /// What a change is acknowledged by.
    pub acknowledge: AcknowledgeBy,
    /// How long to wait for a standby.
    pub timeout: Duration,
    /// Addresses for standbys.
    pub listen: Vec<SocketAddr>,
    /// The file with the secret that both servers have.
    pub secret_file: Option<PathBuf>,
    /// The SHA-256 of the primary's certificate.
    pub fingerprint: Option<[u8; 32]>,
    /// The file with the authorities that sign it.
    pub ca_file: Option<PathBuf>,
    /// Where a standby passes updates on to.
    pub forward_updates: Vec<SocketAddr>,
}

/// Zones that are pulled from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follow {
    /// Whether that is done.
    pub enabled: bool,
    /// Addresses to ask from.
    pub source: Vec<IpAddr>,
    /// When to ask whom.
    pub schedule: ptrd_xfr::follow::Settings,
    /// How long to wait for an answer, a connection, a message.
    pub timeout: Duration,
    /// How long a transfer may take in all.
    pub longest: Duration,
    /// What one may take of memory, octets.
    pub largest: u64,
}

/// What clients may take of TCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tcp {
    /// Connections at a time; `None` goes by the limit of open files.
    pub connections: Option<u32>,
    /// Those from one network; `None` for a quarter of all.
    pub connections_per_network: Option<u32>,
    /// See [`Limits::ipv4_prefix`].
    pub ipv4_prefix: u8,
    /// See [`Limits::ipv6_prefix`].
    pub ipv6_prefix: u8,
    /// See [`Limits::first_query`].
    pub first_query: Duration,
    /// See [`Limits::idle`].
    pub idle: Duration,
    /// See [`Limits::message`].
    pub message: Duration,
    /// See [`Limits::write_stall`].
    pub write_stall: Duration,
    /// See [`Limits::parked`], octets.
    pub parked: u64,
}

/// DNS UPDATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Updates {
    /// Names that are CNAMEs into classless zones stand for their addresses.
    pub through_cnames: bool,
    /// Updates that may wait.
    pub at_a_time: u32,
}

/// The API over HTTPS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// Where it is, if anywhere.
    pub listen: Vec<SocketAddr>,
    /// Whether the web page is there, too.
    pub web: bool,
    /// What clients may take.
    pub limits: ptrd_admin::ApiLimits,
}

/// The admin socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    /// Where it is.
    pub socket: PathBuf,
    /// Its mode.
    pub mode: u32,
    /// Its group, by name or number; `None` for the group that ptrd runs as.
    pub group: Option<String>,
    /// Users let in besides, by name or number.
    pub users: Vec<String>,
}

/// What is logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// How lines look.
    pub format: LogFormat,
    /// A level or a filter.
    pub level: String,
}

/// Figures for Prometheus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// Where else than at the admin socket.
    pub addresses: Vec<SocketAddr>,
    /// For how many zones the serial is shown.
    pub zone_serials: u32,
}

/// Copies of queries and responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dnstap {
    /// The socket of the program that takes them, if there is one.
    pub socket: Option<PathBuf>,
    /// Send queries.
    pub queries: bool,
    /// Send responses.
    pub responses: bool,
    /// What this server calls itself.
    pub identity: Option<String>,
    /// Octets that may wait, for each worker.
    pub buffer: u64,
}

/// Whom to become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user, by name or number; `None` to stay who we are.
    pub name: Option<String>,
    /// The group; `None` for the user's own.
    pub group: Option<String>,
    /// Do not serve as root.
    pub refuse_root: bool,
}

impl Default for Config {
    /// What an empty file gives.
    fn default() -> Config {
        Config::of(print::defaults(), &mut Vec::new())
    }
}

impl Config {
    /// This one, with what a reload applies taken from `next`.
    #[must_use]
    pub fn with_reloadable(&self, next: Config) -> Config {
        let Config {
            store,
            listen,
            rate_limit,
            transfer,
            notify,
            checks,
            watch,
            follow,
            update,
            standby,
            api,
            admin,
            log,
            metrics,
            dnstap,
            user,
            ..
        } = self.clone();
        Config {
            store,
            listen,
            answers: next.answers,
            rate_limit: RateLimitSettings { table_size: rate_limit.table_size, ..next.rate_limit },
            transfer,
            notify,
            checks,
            watch,
            follow,
            update,
            standby,
            api,
            tcp: next.tcp,
            tls: next.tls,
            admin: Admin { users: next.admin.users, ..admin },
            log: Log { level: next.log.level, ..log },
            metrics: Metrics { zone_serials: next.metrics.zone_serials, ..metrics },
            dnstap,
            user,
        }
    }
}

impl Tcp {
    /// The same for the listener, what goes by this machine filled in.
    pub fn limits(&self) -> Limits {
        let machine = Limits::default();
        let connections = self.connections.map_or(machine.connections, |number| number as usize);
        let per_network =
            self.connections_per_network.map_or(connections.div_ceil(4), |number| number as usize);
        Limits {
            connections,
            connections_per_network: per_network,
            ipv4_prefix: self.ipv4_prefix,
            ipv6_prefix: self.ipv6_prefix,
            first_query: self.first_query,
            idle: self.idle,
            message: self.message,
            write_stall: self.write_stall,
            parked: usize::try_from(self.parked).unwrap_or(usize::MAX),
        }
    }

    /// The same as [`Tcp::idle`] in units of 100 ms, as clients are told (RFC 7828 §3.1).
    pub fn keepalive(&self) -> u16 {
        u16::try_from(self.idle.as_millis() / 100).unwrap_or(u16::MAX)
    }
}

impl Tls {
    /// What clients of each encrypted transport may take.
    pub fn limits(&self, tcp: &Tcp) -> Limits {
        let tcp = tcp.limits();
        let connections = self.connections.map_or(tcp.connections.div_ceil(4), |number| number as usize);
        Limits { connections, connections_per_network: connections.div_ceil(4), ..tcp }
    }

    /// The certificate and its key, where there are any.
    pub fn files(&self) -> Option<(&Path, &Path)> {
        self.certificate.as_deref().zip(self.key.as_deref())
    }
}

fn millis(time: Time) -> i64 {
    i64::try_from(time.0.as_millis()).unwrap_or(i64::MAX)
}

fn of_millis(millis: i64) -> Duration {
    Duration::from_millis(millis.unsigned_abs())
}

#[cfg(test)]
mod tests;

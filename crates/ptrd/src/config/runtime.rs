//! What the daemon runs with: complete, in types of its own, each value with a meaning.

use super::Finding;
use super::file::File;
use super::print;
use super::values::{AcknowledgeBy, LogFormat, Mode, Octets, Setting, Time};
use ptrd_engine::{RateLimit, RateLimitSettings};
use ptrd_listen::{Limits, Protocol};
use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Value;

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
    /// Zones that are pulled from others.
    pub follow: Follow,
    /// DNS UPDATE.
    pub update: Updates,
    /// Losing this server.
    pub standby: Standby,
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

/// The value of a key. Whoever gets here has laid the file over the defaults, which name every key; a test holds them
/// to that.
fn of<T>(setting: Option<Setting<T>>) -> T {
    setting.expect("a default for every key").value
}

fn unless_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn unless_unnamed(path: PathBuf) -> Option<PathBuf> {
    (!path.as_os_str().is_empty()).then_some(path)
}

fn unless_zero<N: TryInto<usize>, M: TryFrom<usize>>(number: N) -> Option<M> {
    let number = number.try_into().ok().filter(|number| *number > 0)?;
    M::try_from(number).ok()
}

impl Config {
    /// What a file that names every key says; values that do not go together are added to `findings`.
    pub fn of(file: File, findings: &mut Vec<Finding>) -> Config {
        let config = Config {
            store: Store { path: of(file.store.path), read_only: of(file.store.read_only) },
            listen: Listen {
                addresses: of(file.listen.addresses).into_iter().map(|address| address.0).collect(),
                udp_workers: unless_zero(of(file.listen.udp_workers).0),
                udp_bundles: of(file.listen.udp_bundles),
                tcp_threads: unless_zero(of(file.listen.tcp_threads).0),
                tls: of(file.listen.tls).into_iter().map(|address| address.0).collect(),
                quic: of(file.listen.quic).into_iter().map(|address| address.0).collect(),
                https: of(file.listen.https).into_iter().map(|address| address.0).collect(),
                tls_threads: unless_zero(of(file.listen.tls_threads).0),
            },
            answers: Answers {
                version: unless_empty(of(file.answers.version).0),
                server_id: unless_empty(of(file.answers.server_id).0),
                nsid: unless_empty(of(file.answers.nsid).0),
                udp_size: of(file.answers.udp_size).0,
                cookie_secret_file: unless_unnamed(of(file.answers.cookie_secret_file)),
            },
            rate_limit: RateLimitSettings {
                responses_per_second: of(file.rate_limit.responses_per_second),
                nxdomains_per_second: of(file.rate_limit.nxdomains_per_second),
                referrals_per_second: of(file.rate_limit.referrals_per_second),
                errors_per_second: of(file.rate_limit.errors_per_second),
                slip: of(file.rate_limit.slip),
                window: of(file.rate_limit.window),
                ipv4_prefix: of(file.rate_limit.ipv4_prefix),
                ipv6_prefix: of(file.rate_limit.ipv6_prefix),
                table_size: of(file.rate_limit.table_size),
                exempt: of(file.rate_limit.exempt),
            },
            update: Updates {
                through_cnames: of(file.update.through_cnames),
                at_a_time: of(file.update.at_a_time),
            },
            transfer: ptrd_xfr::Settings {
                at_a_time: of(file.transfer.at_a_time) as usize,
                longest: of(file.transfer.longest).0,
            },
            notify: Notify {
                enabled: of(file.notify.enabled),
                resolvers: of(file.notify.resolvers).into_iter().map(|address| address.0).collect(),
                source: of(file.notify.source),
                queue: ptrd_xfr::notify::Settings {
                    first_wait: of(file.notify.first_wait).0,
                    tries: of(file.notify.tries),
                    in_flight: of(file.notify.in_flight) as usize,
                    pause: of(file.notify.pause).0,
                    again: of(file.notify.again).0,
                },
            },
            standby: Standby {
                primary: unless_empty(of(file.standby.primary).0),
                name: unless_empty(of(file.standby.name).0),
                acknowledge: of(file.standby.acknowledge),
                timeout: of(file.standby.acknowledge_timeout).0,
                listen: of(file.standby.listen).into_iter().map(|address| address.0).collect(),
                secret_file: unless_unnamed(of(file.standby.secret_file)),
                fingerprint: of(file.standby.fingerprint).octets(),
                ca_file: unless_unnamed(of(file.standby.ca_file)),
            },
            follow: Follow {
                enabled: of(file.follow.enabled),
                source: of(file.follow.source),
                schedule: ptrd_xfr::follow::Settings {
                    refresh: (millis(of(file.follow.refresh_min)), millis(of(file.follow.refresh_max))),
                    retry: (millis(of(file.follow.retry_min)), ptrd_xfr::follow::Settings::default().retry.1),
                    at_a_time: of(file.follow.at_a_time) as usize,
                    per_primary: of(file.follow.per_primary) as usize,
                    pause: millis(of(file.follow.pause)),
                    ..ptrd_xfr::follow::Settings::default()
                },
                timeout: of(file.follow.timeout).0,
                longest: of(file.follow.longest).0,
                largest: of(file.follow.largest).0,
            },
            tcp: Tcp {
                connections: Some(of(file.tcp.connections)).filter(|number| *number > 0),
                connections_per_network: Some(of(file.tcp.connections_per_network))
                    .filter(|number| *number > 0),
                ipv4_prefix: of(file.tcp.ipv4_prefix),
                ipv6_prefix: of(file.tcp.ipv6_prefix),
                first_query: of(file.tcp.first_query).0,
                idle: of(file.tcp.idle).0,
                message: of(file.tcp.message).0,
                write_stall: of(file.tcp.write_stall).0,
                parked: of(file.tcp.parked).0,
            },
            tls: Tls {
                certificate: unless_unnamed(of(file.tls.certificate)),
                key: unless_unnamed(of(file.tls.key)),
                connections: Some(of(file.tls.connections)).filter(|number| *number > 0),
            },
            admin: Admin {
                socket: of(file.admin.socket),
                mode: of(file.admin.mode).0,
                group: unless_empty(of(file.admin.group)),
                users: of(file.admin.users),
            },
            log: Log { format: of(file.log.format), level: of(file.log.level).0 },
            metrics: Metrics {
                addresses: of(file.metrics.addresses).into_iter().map(|address| address.0).collect(),
                zone_serials: of(file.metrics.zone_serials),
            },
            dnstap: Dnstap {
                socket: unless_unnamed(of(file.dnstap.socket)),
                queries: of(file.dnstap.queries),
                responses: of(file.dnstap.responses),
                identity: unless_empty(of(file.dnstap.identity).0),
                buffer: of(file.dnstap.buffer).0,
            },
            user: User {
                name: unless_empty(of(file.user.name)),
                group: unless_empty(of(file.user.group)),
                refuse_root: of(file.user.refuse_root),
            },
        };
        config.judge(findings);
        config
    }

    /// What makes no sense, or not together.
    fn judge(&self, findings: &mut Vec<Finding>) {
        let mut error = |key: &str, message: String| findings.push(Finding::error(key, message));
        for (key, path) in [("store.path", &self.store.path), ("admin.socket", &self.admin.socket)] {
            if path.file_name().is_none() {
                error(key, format!("{path:?} is no path of a file"));
            }
        }
        for (key, problem) in self.standby.problems(self.tls.files().is_some()) {
            error(&format!("standby.{key}"), problem);
        }
        for (key, problem) in self.notify.problems() {
            error(&format!("notify.{key}"), problem);
        }
        for (key, problem) in self.follow.problems() {
            error(&format!("follow.{key}"), problem);
        }
        if self.listen.addresses.is_empty() {
            error("listen.addresses", "there is none: nothing would be answered".to_owned());
        }
        let mut seen = HashSet::new();
        let addresses = self.listen.addresses.iter().map(|address| ("listen.addresses", address));
        let tls = self.listen.tls.iter().map(|address| ("listen.tls", address));
        let https = self.listen.https.iter().map(|address| ("listen.https", address));
        for (key, address) in addresses.chain(tls).chain(https).filter(|(_, address)| address.port() != 0) {
            if !seen.insert(address) {
                error(key, format!("{address} is there twice"));
            }
        }
        match (&self.tls.certificate, &self.tls.key) {
            (Some(_), None) => error("tls.key", "a certificate is named, but no key: name both".to_owned()),
            (None, Some(_)) => {
                error("tls.certificate", "a key is named, but no certificate: name both".to_owned());
            }
            _ => {}
        }
        if self.tls.certificate.is_none() && self.tls.key.is_none() {
            for (key, what, addresses) in [
                ("tls", "TLS", &self.listen.tls),
                ("quic", "QUIC", &self.listen.quic),
                ("https", "HTTPS", &self.listen.https),
            ] {
                if !addresses.is_empty() {
                    let message = format!("{what} needs tls.certificate and tls.key: name both");
                    error(&format!("listen.{key}"), message);
                }
            }
        }
        let mut seen = HashSet::new();
        for address in self.listen.quic.iter().filter(|address| address.port() != 0) {
            if self.listen.addresses.contains(address) || !seen.insert(address) {
                error("listen.quic", format!("{address} is there twice"));
            }
        }
        for wrong in RateLimit::new(self.rate_limit.clone()).err().into_iter().flatten() {
            error(&format!("rate-limit.{}", wrong.setting), wrong.bounds());
        }
        for (key, length, most) in
            [("ipv4-prefix", self.tcp.ipv4_prefix, 32), ("ipv6-prefix", self.tcp.ipv6_prefix, 128)]
        {
            if length > most {
                error(&format!("tcp.{key}"), format!("{length} is too long: 0 to {most}"));
            }
        }
        let Tcp { first_query, idle, message, write_stall, .. } = self.tcp;
        let times = [
            ("first-query-timeout", first_query),
            ("idle-timeout", idle),
            ("message-timeout", message),
            ("write-timeout", write_stall),
        ];
        for (key, time) in times {
            if time < Duration::from_millis(100) {
                error(
                    &format!("tcp.{key}"),
                    format!("{} is too short for anybody: at least 100ms", Time(time)),
                );
            }
        }
        if self.tcp.idle > LONGEST_IDLE {
            // RFC 7828 §3.1: sixteen bits of 100 ms.
            error("tcp.idle-timeout", format!("clients cannot be told of more than {}", Time(LONGEST_IDLE)));
        }
        if self.tcp.parked < LEAST_PARKED {
            error("tcp.buffers", format!("one long message needs {} already", Octets(LEAST_PARKED)));
        }
        if let (Some(all), Some(network)) = (self.tcp.connections, self.tcp.connections_per_network)
            && network > all
        {
            error("tcp.connections-per-network", format!("{network} is more than all connections ({all})"));
        }
        if self.dnstap.socket.is_some() && !(self.dnstap.queries || self.dnstap.responses) {
            error("dnstap.queries", "neither queries nor responses would be sent: say which".to_owned());
        }
        if self.dnstap.buffer > MOST_BUFFERED {
            error("dnstap.buffer", format!("at most {} for each worker", Octets(MOST_BUFFERED)));
        }
        if self.user.group.is_some() && self.user.name.is_none() {
            error("user.group", "a group to become, but no user.name: name both".to_owned());
        }
    }

    /// This one, with what a reload applies taken from `next`.
    #[must_use]
    pub fn with_reloadable(&self, next: Config) -> Config {
        let Config {
            store,
            listen,
            rate_limit,
            transfer,
            notify,
            follow,
            update,
            standby,
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
            follow,
            update,
            standby,
            tcp: next.tcp,
            tls: next.tls,
            admin: Admin { users: next.admin.users, ..admin },
            log: Log { level: next.log.level, ..log },
            metrics: Metrics { zone_serials: next.metrics.zone_serials, ..metrics },
            dnstap,
            user,
        }
    }

    /// Every key and its value, in the order of [`super::file::SECTIONS`].
    pub fn shown(&self) -> Vec<(&'static str, Value)> {
        let Config {
            store,
            listen,
            answers,
            rate_limit,
            transfer,
            notify,
            follow,
            update,
            standby,
            tcp,
            tls,
            admin,
            log,
            metrics,
            dnstap,
            user,
        } = self;
        let text = |text: &Option<String>| Value::from(text.as_deref().unwrap_or_default());
        let path = |path: &Path| Value::from(path.display().to_string());
        let path_or_none = |file: &Option<PathBuf>| path(file.as_deref().unwrap_or("".as_ref()));
        let addresses = |addresses: &[SocketAddr]| -> Value {
            Value::from(addresses.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        let time = |time: Duration| Value::from(Time(time).to_string());
        let count = |count: Option<usize>| Value::from(count.unwrap_or(0) as i64);
        let number = |number: Option<u32>| Value::from(number.unwrap_or(0));
        let texts = |addresses: &[SocketAddr]| {
            Value::from(addresses.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        let exempt: Vec<String> = rate_limit.exempt.iter().map(ToString::to_string).collect();
        vec![
            ("store.path", path(&store.path)),
            ("store.read-only", Value::from(store.read_only)),
            ("listen.addresses", addresses(&listen.addresses)),
            ("listen.udp-workers", count(listen.udp_workers)),
            ("listen.udp-bundles", Value::from(listen.udp_bundles)),
            ("listen.tcp-threads", count(listen.tcp_threads)),
            ("listen.tls", addresses(&listen.tls)),
            ("listen.quic", addresses(&listen.quic)),
            ("listen.https", addresses(&listen.https)),
            ("listen.tls-threads", count(listen.tls_threads)),
            ("answers.version", text(&answers.version)),
            ("answers.server-id", text(&answers.server_id)),
            ("answers.nsid", text(&answers.nsid)),
            ("answers.udp-size", Value::from(u32::from(answers.udp_size))),
            ("answers.cookie-secret-file", path_or_none(&answers.cookie_secret_file)),
            ("rate-limit.responses-per-second", Value::from(rate_limit.responses_per_second)),
            ("rate-limit.nxdomains-per-second", Value::from(rate_limit.nxdomains_per_second)),
            ("rate-limit.referrals-per-second", Value::from(rate_limit.referrals_per_second)),
            ("rate-limit.errors-per-second", Value::from(rate_limit.errors_per_second)),
            ("rate-limit.slip", Value::from(rate_limit.slip)),
            ("rate-limit.window", Value::from(rate_limit.window)),
            ("rate-limit.ipv4-prefix", Value::from(u32::from(rate_limit.ipv4_prefix))),
            ("rate-limit.ipv6-prefix", Value::from(u32::from(rate_limit.ipv6_prefix))),
            ("rate-limit.table-size", Value::from(rate_limit.table_size)),
            ("rate-limit.exempt", Value::from(exempt)),
            ("transfer.at-a-time", Value::from(transfer.at_a_time as u32)),
            ("transfer.longest", time(transfer.longest)),
            ("notify.enabled", Value::from(notify.enabled)),
            ("notify.resolvers", texts(&notify.resolvers)),
            ("notify.source", Value::from(notify.source.iter().map(ToString::to_string).collect::<Vec<_>>())),
            ("notify.first-wait", time(notify.queue.first_wait)),
            ("notify.tries", Value::from(notify.queue.tries)),
            ("notify.in-flight", Value::from(notify.queue.in_flight as u32)),
            ("notify.pause", time(notify.queue.pause)),
            ("notify.again", time(notify.queue.again)),
            ("follow.enabled", Value::from(follow.enabled)),
            ("follow.source", Value::from(follow.source.iter().map(ToString::to_string).collect::<Vec<_>>())),
            ("follow.at-a-time", Value::from(follow.schedule.at_a_time as u32)),
            ("follow.per-primary", Value::from(follow.schedule.per_primary as u32)),
            ("follow.refresh-min", time(of_millis(follow.schedule.refresh.0))),
            ("follow.refresh-max", time(of_millis(follow.schedule.refresh.1))),
            ("follow.retry-min", time(of_millis(follow.schedule.retry.0))),
            ("follow.pause", time(of_millis(follow.schedule.pause))),
            ("follow.timeout", time(follow.timeout)),
            ("follow.longest", time(follow.longest)),
            ("follow.largest", Value::from(Octets(follow.largest).to_string())),
            ("update.through-cnames", Value::from(update.through_cnames)),
            ("update.at-a-time", Value::from(update.at_a_time)),
            ("standby.primary", text(&standby.primary)),
            ("standby.name", text(&standby.name)),
            ("standby.acknowledge", Value::from(standby.acknowledge.word())),
            ("standby.acknowledge-timeout", time(standby.timeout)),
            ("standby.listen", addresses(&standby.listen)),
            ("standby.secret-file", path_or_none(&standby.secret_file)),
            (
                "standby.fingerprint",
                Value::from(standby.fingerprint.map_or_else(String::new, |octets| {
                    octets.iter().map(|octet| format!("{octet:02x}")).collect()
                })),
            ),
            ("standby.ca-file", path_or_none(&standby.ca_file)),
            ("tcp.connections", number(tcp.connections)),
            ("tcp.connections-per-network", number(tcp.connections_per_network)),
            ("tcp.ipv4-prefix", Value::from(u32::from(tcp.ipv4_prefix))),
            ("tcp.ipv6-prefix", Value::from(u32::from(tcp.ipv6_prefix))),
            ("tcp.first-query-timeout", time(tcp.first_query)),
            ("tcp.idle-timeout", time(tcp.idle)),
            ("tcp.message-timeout", time(tcp.message)),
            ("tcp.write-timeout", time(tcp.write_stall)),
            ("tcp.buffers", Value::from(Octets(tcp.parked).to_string())),
            ("tls.certificate", path_or_none(&tls.certificate)),
            ("tls.key", path_or_none(&tls.key)),
            ("tls.connections", number(tls.connections)),
            ("admin.socket", path(&admin.socket)),
            ("admin.mode", Value::from(Mode(admin.mode).to_string())),
            ("admin.group", text(&admin.group)),
            ("admin.users", Value::from(admin.users.clone())),
            ("log.format", Value::from(if log.format == LogFormat::Json { "json" } else { "human" })),
            ("log.level", Value::from(log.level.as_str())),
            ("metrics.addresses", addresses(&metrics.addresses)),
            ("metrics.zone-serials", Value::from(metrics.zone_serials)),
            ("dnstap.socket", path_or_none(&dnstap.socket)),
            ("dnstap.queries", Value::from(dnstap.queries)),
            ("dnstap.responses", Value::from(dnstap.responses)),
            ("dnstap.identity", text(&dnstap.identity)),
            ("dnstap.buffer", Value::from(Octets(dnstap.buffer).to_string())),
            ("user.name", text(&user.name)),
            ("user.group", text(&user.group)),
            ("user.refuse-root", Value::from(user.refuse_root)),
        ]
    }
}

impl Standby {
    /// What makes no sense, by key.
    fn problems(&self, has_certificate: bool) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        let network = self.primary.as_ref().filter(|primary| !primary.starts_with('/'));
        if let Some(primary) = network {
            let port = primary.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
            if port.is_none() {
                let message = "is neither HOST:PORT nor the path of a socket, which begins with /";
                found.push(("primary", format!("{primary} {message}")));
            }
            if self.fingerprint.is_none() && self.ca_file.is_none() {
                let message = "whom to expect over the network must be known: name standby.fingerprint or standby.ca-file";
                found.push(("fingerprint", message.to_owned()));
            }
        }
        if self.secret_file.is_none() && (network.is_some() || !self.listen.is_empty()) {
            found.push(("secret-file", "standbys over the network need a secret: name its file".to_owned()));
        }
        if !self.listen.is_empty() && !has_certificate {
            found.push(("listen", "needs tls.certificate and tls.key: name both".to_owned()));
        }
        if self.timeout < Duration::from_millis(10) {
            found.push(("acknowledge-timeout", "too short for any standby: at least 10ms".to_owned()));
        }
        found
    }
}

fn millis(time: Time) -> i64 {
    i64::try_from(time.0.as_millis()).unwrap_or(i64::MAX)
}

fn of_millis(millis: i64) -> Duration {
    Duration::from_millis(millis.unsigned_abs())
}

impl Follow {
    /// What makes no sense, by key.
    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        let schedule = &self.schedule;
        for (key, number) in [("at-a-time", schedule.at_a_time), ("per-primary", schedule.per_primary)] {
            if !(1..=1000).contains(&number) {
                found.push((key, format!("{number} is not in 1..=1000")));
            }
        }
        if schedule.refresh.0 > schedule.refresh.1 {
            found.push(("refresh-min", "it is more than refresh-max".to_owned()));
        }
        let times = [
            ("refresh-min", schedule.refresh.0, 100),
            ("retry-min", schedule.retry.0, 100),
            ("pause", schedule.pause, 10),
            ("timeout", millis(Time(self.timeout)), 100),
        ];
        for (key, time, least) in times {
            if time < least {
                found.push((key, format!("{} is too short: at least {least}ms", Time(of_millis(time)))));
            }
        }
        if schedule.retry.0 > schedule.retry.1 {
            found.push(("retry-min", format!("at most {}", Time(of_millis(schedule.retry.1)))));
        }
        for (is_v4, family) in [(true, "IPv4"), (false, "IPv6")] {
            if self.source.iter().filter(|source| source.is_ipv4() == is_v4).count() > 1 {
                found.push(("source", format!("there is more than one address of {family}")));
            }
        }
        found
    }
}

impl Notify {
    /// What makes no sense, by key.
    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        let queue = &self.queue;
        if queue.first_wait < Duration::from_millis(100) {
            found.push((
                "first-wait",
                format!("{} is too short for anybody: at least 100ms", Time(queue.first_wait)),
            ));
        }
        if !(1..=12).contains(&queue.tries) {
            found.push(("tries", format!("{} is not in 1..=12", queue.tries)));
        }
        if !(1..=1000).contains(&queue.in_flight) {
            found.push(("in-flight", format!("{} is not in 1..=1000", queue.in_flight)));
        }
        for (is_v4, family) in [(true, "IPv4"), (false, "IPv6")] {
            if self.source.iter().filter(|source| source.is_ipv4() == is_v4).count() > 1 {
                found.push(("source", format!("there is more than one address of {family}")));
            }
        }
        found
    }
}

/// 65 535 units of 100 ms.
const LONGEST_IDLE: Duration = Duration::from_millis(6_553_500);
/// Of copies for dnstap.
const MOST_BUFFERED: u64 = 1 << 30;
/// A DNS message over TCP, with its length.
const LEAST_PARKED: u64 = 65_537;

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

#[cfg(test)]
mod tests;

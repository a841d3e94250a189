//! From a file that names every key to what the daemon runs with.

use super::{
    Admin, Answers, Api, Checks, Config, Dnstap, Follow, Listen, Log, Metrics, Notify, Standby, Store, Tcp,
    Tls, Updates, User, Watch, millis,
};
use crate::config::Finding;
use crate::config::file::File;
use crate::config::values::{self, Setting};
use ptrd_engine::RateLimitSettings;
use std::net::SocketAddr;
use std::path::PathBuf;

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
                resolvers: addresses(of(file.notify.resolvers)),
                source: of(file.notify.source),
                queue: ptrd_xfr::notify::Settings {
                    first_wait: of(file.notify.first_wait).0,
                    tries: of(file.notify.tries),
                    in_flight: of(file.notify.in_flight) as usize,
                    pause: of(file.notify.pause).0,
                    again: of(file.notify.again).0,
                },
                serials: of(file.notify.serials).0,
            },
            checks: Checks {
                resolvers: addresses(of(file.checks.resolvers)),
                timeout: of(file.checks.timeout).0,
                deadline: of(file.checks.deadline).0,
                in_flight: of(file.checks.in_flight) as usize,
                cache: of(file.checks.cache) as usize,
                patience: of(file.checks.patience).0,
                every: of(file.checks.every).0,
                queries_per_second: of(file.checks.queries_per_second),
                webhook: unless_empty(of(file.checks.webhook).0),
                webhook_secret_file: unless_unnamed(of(file.checks.webhook_secret_file)),
                webhook_ca_file: of(file.checks.webhook_ca_file),
            },
            watch: Watch {
                identity: of(file.watch.identity),
                every: of(file.watch.every).0,
                delegation: of(file.watch.delegation),
                delegation_every: of(file.watch.delegation_every).0,
                confirm: of(file.watch.confirm).0,
                resolvers: addresses(of(file.watch.resolvers)),
                authoritative: of(file.watch.authoritative),
                roots: of(file.watch.roots),
                at_a_time: of(file.watch.at_a_time) as usize,
                queries_per_second: of(file.watch.queries_per_second),
                timeout: of(file.watch.timeout).0,
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
                forward_updates: addresses(of(file.standby.forward_updates)),
            },
            api: Api {
                listen: of(file.api.listen).into_iter().map(|address| address.0).collect(),
                web: of(file.api.web),
                limits: ptrd_admin::ApiLimits {
                    connections: of(file.api.connections) as usize,
                    per_address: of(file.api.per_address) as usize,
                    address_rate: of(file.api.address_rate),
                    token_rate: of(file.api.token_rate),
                    requests: ptrd_admin::Limits {
                        import: of(file.api.largest_import).0,
                        head_time: of(file.api.idle).0,
                        ..ptrd_admin::ApiLimits::default().requests
                    },
                },
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
}

fn addresses(listed: Vec<values::Listen>) -> Vec<SocketAddr> {
    listed.into_iter().map(|address| address.0).collect()
}

//! A configuration as keys and values.

use super::{Config, of_millis};
use crate::config::values::{LogFormat, Mode, Octets, Time};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Value;

impl Config {
    /// Every key and its value, in the order of [`crate::config::file::SECTIONS`].
    pub fn shown(&self) -> Vec<(&'static str, Value)> {
        let Config {
            store,
            listen,
            answers,
            rate_limit,
            transfer,
            notify,
            checks,
            watch,
            follow,
            update,
            standby,
            tcp,
            tls,
            api,
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
            ("notify.serials", time(notify.serials)),
            ("checks.resolvers", texts(&checks.resolvers)),
            ("checks.timeout", time(checks.timeout)),
            ("checks.deadline", time(checks.deadline)),
            ("checks.in-flight", Value::from(checks.in_flight as u32)),
            ("checks.cache", Value::from(checks.cache as u32)),
            ("checks.patience", time(checks.patience)),
            ("checks.every", time(checks.every)),
            ("checks.queries-per-second", Value::from(checks.queries_per_second)),
            ("checks.webhook", text(&checks.webhook)),
            ("checks.webhook-secret-file", path_or_none(&checks.webhook_secret_file)),
            ("checks.webhook-ca-file", path(&checks.webhook_ca_file)),
            ("watch.identity", Value::from(watch.identity)),
            ("watch.every", time(watch.every)),
            ("watch.delegation", Value::from(watch.delegation)),
            ("watch.delegation-every", time(watch.delegation_every)),
            ("watch.confirm", time(watch.confirm)),
            ("watch.resolvers", texts(&watch.resolvers)),
            ("watch.authoritative", Value::from(watch.authoritative)),
            ("watch.roots", Value::from(watch.roots.iter().map(ToString::to_string).collect::<Vec<_>>())),
            ("watch.at-a-time", Value::from(watch.at_a_time as u32)),
            ("watch.queries-per-second", Value::from(watch.queries_per_second)),
            ("watch.timeout", time(watch.timeout)),
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
            ("standby.forward-updates", texts(&standby.forward_updates)),
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
            ("api.listen", addresses(&api.listen)),
            ("api.web", Value::from(api.web)),
            ("api.connections", Value::from(api.limits.connections as i64)),
            ("api.connections-per-address", Value::from(api.limits.per_address as i64)),
            ("api.requests-per-address", Value::from(api.limits.address_rate)),
            ("api.requests-per-token", Value::from(api.limits.token_rate)),
            ("api.largest-import", Value::from(Octets(api.limits.requests.import).to_string())),
            ("api.idle-timeout", time(api.limits.requests.head_time)),
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

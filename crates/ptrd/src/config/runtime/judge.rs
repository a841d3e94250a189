//! What makes no sense in a configuration, or not together.

use super::{Checks, Config, Follow, Notify, Standby, Tcp, Watch, millis, of_millis};
use crate::config::Finding;
use crate::config::values::{Octets, Time};
use ptrd_engine::RateLimit;
use std::collections::HashSet;
use std::time::Duration;

impl Config {
    /// What makes no sense, or not together.
    pub(super) fn judge(&self, findings: &mut Vec<Finding>) {
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
        for (key, problem) in self.checks.problems() {
            error(&format!("checks.{key}"), problem);
        }
        for (key, problem) in self.watch.problems() {
            error(&format!("watch.{key}"), problem);
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
            if !self.api.listen.is_empty() {
                error("api.listen", "HTTPS needs tls.certificate and tls.key: name both".to_owned());
            }
        }
        for (key, number) in [
            ("connections", self.api.limits.connections),
            ("connections-per-address", self.api.limits.per_address),
            ("requests-per-address", self.api.limits.address_rate as usize),
            ("requests-per-token", self.api.limits.token_rate as usize),
        ] {
            if number == 0 {
                error(&format!("api.{key}"), "at least 1; without api.listen there is no API".to_owned());
            }
        }
        if self.store.read_only && !self.api.listen.is_empty() {
            error("api.listen", "a store that is only read has no API".to_owned());
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

impl Checks {
    /// What makes no sense, by key.
    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        let numbers = [
            ("in-flight", self.in_flight, 1_000),
            ("cache", self.cache, 1 << 24),
            ("queries-per-second", self.queries_per_second as usize, 10_000),
        ];
        for (key, number, most) in numbers {
            if !(1..=most).contains(&number) {
                found.push((key, format!("{number} is not in 1..={most}")));
            }
        }
        let times = [
            ("timeout", self.timeout, 100),
            ("deadline", self.deadline, 100),
            ("patience", self.patience, 1_000),
            ("every", self.every, 1_000),
        ];
        for (key, time, least) in times {
            if time < Duration::from_millis(least) {
                found.push((key, format!("{} is too short: at least {least}ms", Time(time))));
            }
        }
        if let Some(url) = &self.webhook {
            let is_one = url.parse::<hyper::Uri>().is_ok_and(|url| {
                matches!(url.scheme_str(), Some("http" | "https"))
                    && url.host().is_some_and(|host| !host.is_empty())
            });
            if !is_one {
                found.push(("webhook", format!("{url} is no URL: https://HOST/PATH or http://HOST/PATH")));
            }
        }
        found
    }
}

impl Watch {
    /// What makes no sense, by key.
    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        for (key, number, most) in [
            ("at-a-time", self.at_a_time, 256),
            ("queries-per-second", self.queries_per_second as usize, 10_000),
        ] {
            if !(1..=most).contains(&number) {
                found.push((key, format!("{number} is not in 1..={most}")));
            }
        }
        for (key, time, least) in [
            ("every", self.every, 1_000),
            ("delegation-every", self.delegation_every, 1_000),
            ("confirm", self.confirm, 1_000),
            ("timeout", self.timeout, 100),
        ] {
            if time < Duration::from_millis(least) {
                found.push((key, format!("{} is too short: at least {least}ms", Time(time))));
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
        if !self.serials.is_zero() && self.serials < Duration::from_secs(10) {
            found.push((
                "serials",
                format!("{} is too often: at least 10s, or 0s for never", Time(self.serials)),
            ));
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

//! Metrics for Prometheus: read from counters that are kept anyway, when somebody asks.
//!
//! Nothing here is on the way of a query or of a change. Names are listed in the README of `ptrd-admin`.

mod catalogs;
mod checks;
mod families;
mod fleet;
mod process;
mod standby;
mod watch;

use crate::announce::Announcements;
use crate::checks::Looker;
use crate::dnstap;
use crate::follow::Following;
use crate::watch::Watch;
use families::{Families, Labels};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, prometheus_text};
use prometheus_client::registry::Registry;
use ptrd_change::{Road, RoadCounts};
use ptrd_engine::QTYPES;
use ptrd_listen::{Counts, Identity, Meter, Protocol};
use ptrd_zone::Snapshot;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};
use tracing_appender::non_blocking::ErrorCounter;

/// The `Content-Type` of what [`Metrics::render`] returns.
pub const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// Where figures come from.
pub struct Sources {
    /// What answers.
    pub meter: Meter,
    /// What changes, unless the store is only read.
    pub road: Option<Arc<Road>>,
    /// What is served.
    pub snapshot: Arc<arc_swap::ArcSwap<Snapshot>>,
    /// Who takes copies, if anybody.
    pub dnstap: Option<Arc<dnstap::Sender>>,
    /// Who answers requests for transfers.
    pub transfers: ptrd_xfr::Service,
    /// What announces changes.
    pub announcements: Announcements,
    /// What follows zones.
    pub following: Following,
    /// Whose certificate clients of encrypted transports see, if there is one.
    pub identity: Option<Identity>,
    /// Counts lines of the log that were lost, where somebody logs.
    pub lost: Option<ErrorCounter>,
}

/// See the module.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    sources: Sources,
    started: f64,
    /// For how many zones the serial is shown.
    zone_serials: AtomicUsize,
    /// What looks at names, once it does.
    looker: std::sync::OnceLock<Looker>,
    /// What watches.
    watch: std::sync::OnceLock<Watch>,
}

impl Metrics {
    /// Metrics of these sources.
    pub fn new(sources: Sources, zone_serials: usize) -> Metrics {
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        Metrics(Arc::new(Inner {
            sources,
            started,
            zone_serials: AtomicUsize::new(zone_serials),
            looker: std::sync::OnceLock::new(),
            watch: std::sync::OnceLock::new(),
        }))
    }

    /// What looks at names, from now on.
    pub fn set_looker(&self, looker: Looker) {
        let _ = self.0.looker.set(looker);
    }

    /// What watches, from now on.
    pub fn set_watch(&self, watch: Watch) {
        let _ = self.0.watch.set(watch);
    }

    /// For how many zones the serial is shown from now on.
    pub fn set_zone_serials(&self, most: usize) {
        self.0.zone_serials.store(most, Relaxed);
    }

    /// All metrics in the text format of Prometheus, version 0.0.4.
    pub fn render(&self) -> String {
        let mut registry = Registry::with_prefix("ptrd");
        registry.register_collector(Box::new(self.clone()));
        let mut own = Registry::with_prefix("process");
        own.register_collector(Box::new(process::Process { started: self.0.started }));
        let mut text = String::new();
        // Writing into a text does not fail.
        let _ = prometheus_text::encode(&mut text, &registry);
        let _ = prometheus_text::encode(&mut text, &own);
        text
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Collector for Metrics {
    fn encode(&self, encoder: DescriptorEncoder) -> fmt::Result {
        let mut families = Families(encoder);
        let version = Labels::of([("version", env!("CARGO_PKG_VERSION"))]);
        families.gauge("build_info", "What runs; always 1", [(version, 1.0)])?;
        let counts = self.0.sources.meter.counts();
        answers(&mut families, &counts)?;
        encrypted(&mut families, &counts, self.0.sources.identity.as_ref())?;
        fleet::transfers(&mut families, &self.0.sources.transfers)?;
        fleet::notifications(&mut families, &self.0.sources.announcements)?;
        if let Some(looker) = self.0.looker.get() {
            checks::show(&mut families, looker)?;
        }
        if let Some(watch) = self.0.watch.get() {
            watch::show(&mut families, watch)?;
        }
        fleet::followed(&mut families, &self.0.sources.following)?;
        served(&mut families, &self.0.sources, self.0.zone_serials.load(Relaxed))?;
        if let Some(road) = &self.0.sources.road {
            changes(&mut families, road)?;
            standby::figures(&mut families, road)?;
            catalogs::figures(&mut families, road)?;
        }
        if let Some(lost) = &self.0.sources.lost {
            families.counter(
                "log_lines_lost",
                "Lines of the log that were lost because nobody took them from stderr",
                [(Labels::none(), lost.dropped_lines() as u64)],
            )?;
        }
        if let Some(tap) = &self.0.sources.dnstap {
            let counts = tap.counts();
            families.counter(
                "dnstap_messages",
                "dnstap messages that were sent, or had no listener, and exchanges for which there was no room",
                [("sent", counts.sent), ("unsent", counts.unsent), ("missed", counts.missed)]
                    .map(|(outcome, count)| (Labels::of([("outcome", outcome)]), count)),
            )?;
        }
        Ok(())
    }
}

fn answers(families: &mut Families<'_>, counts: &Counts) -> fmt::Result {
    let (udp, tcp) = (&counts.udp, &counts.tcp);
    let streams: Vec<_> = counts.streams().map(|(protocol, it)| (label(protocol), &it.engine)).collect();
    let all = || std::iter::once(("udp", &udp.engine)).chain(streams.iter().copied());
    let types: Vec<String> = QTYPES.iter().map(ToString::to_string).chain([String::from("other")]).collect();
    let by_type = all().flat_map(|(transport, engine)| {
        types.iter().zip(engine.qtypes).map(move |(rtype, count)| {
            (Labels::of([("transport", transport), ("type", rtype.as_str())]), count)
        })
    });
    families.counter("queries", "Well-formed queries, by type", by_type)?;
    let by_rcode = all().flat_map(|(transport, engine)| {
        engine.rcodes.iter().enumerate().filter_map(move |(number, count)| {
            let rcode = ptrd_wire::Rcode(number as u16).to_string();
            // Numbers that were never given stay out, but for the common ones, so that rates start at zero.
            (*count > 0 || number < 6)
                .then(|| (Labels::of([("transport", transport), ("rcode", &rcode)]), *count))
        })
    });
    families.counter("responses", "Responses, by the low four bits of their response code", by_rcode)?;
    let truncated =
        all().map(|(transport, engine)| (Labels::of([("transport", transport)]), engine.truncated));
    families.counter("truncated_responses", "Responses with TC set", truncated)?;
    let ignored = all().map(|(transport, engine)| {
        (Labels::of([("transport", transport)]), engine.silences.saturating_sub(engine.rate_dropped))
    });
    families.counter(
        "ignored_messages",
        "Messages met with silence: responses, and what is too short for a header",
        ignored,
    )?;
    let dropped = [("oversize", udp.oversize), ("unsent", udp.unsent)];
    families.counter(
        "dropped_datagrams",
        "Datagrams longer than any request, and responses that the kernel did not take",
        dropped.map(|(reason, count)| (Labels::of([("reason", reason)]), count)),
    )?;
    let limited = [
        ("dropped", udp.engine.rate_dropped),
        ("slipped", udp.engine.rate_slipped),
        ("exempted", udp.engine.rate_exempted),
    ];
    families.counter(
        "rate_limited_queries",
        "Queries over the rate limit: dropped, or answered without records; and those that a cookie exempted",
        limited.map(|(action, count)| (Labels::of([("action", action)]), count)),
    )?;
    families.counter(
        "tsig_queries",
        "Queries with a TSIG record: signed with a key that is known, or turned away",
        all().flat_map(|(transport, engine)| {
            [("verified", engine.tsig_verified), ("refused", engine.tsig_refused)]
                .map(|(result, count)| (Labels::of([("transport", transport), ("result", result)]), count))
        }),
    )?;
    families.gauge("tcp_connections", "TCP connections open now", [(Labels::none(), tcp.open as f64)])?;
    families.counter(
        "tcp_accepted_connections",
        "TCP connections taken",
        [(Labels::none(), tcp.accepted)],
    )?;
    let closed = [("timeout", tcp.timed_out), ("evicted", tcp.evicted), ("overfull", tcp.overfull)];
    families.counter(
        "tcp_closed_connections",
        "TCP connections that ptrd closed: for taking too long, to make room, for leaving too much unread",
        closed.map(|(reason, count)| (Labels::of([("reason", reason)]), count)),
    )?;
    families.counter(
        "tcp_starved_accepts",
        "Times that the system had no descriptor or memory for a connection",
        [(Labels::none(), tcp.starved)],
    )?;
    families.counter(
        "faults",
        "Faults of ptrd that a worker met and survived",
        [(Labels::none(), counts.faults)],
    )
}

fn label(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Udp => "udp",
        Protocol::Tcp => "tcp",
        Protocol::Tls => "tls",
        Protocol::Quic => "quic",
        Protocol::Https => "https",
    }
}

/// What is known of encrypted transports, where any is listened for.
fn encrypted(families: &mut Families<'_>, counts: &Counts, identity: Option<&Identity>) -> fmt::Result {
    let all: Vec<_> = counts.streams().filter(|(protocol, _)| *protocol != Protocol::Tcp).collect();
    if all.is_empty() {
        return Ok(());
    }
    let of = |protocol| Labels::of([("transport", label(protocol))]);
    families.gauge(
        "encrypted_connections",
        "Connections over encrypted transports that are open now",
        all.iter().map(|(protocol, it)| (of(*protocol), it.open as f64)),
    )?;
    families.counter(
        "encrypted_accepted_connections",
        "Connections over encrypted transports that were taken",
        all.iter().map(|(protocol, it)| (of(*protocol), it.accepted)),
    )?;
    let closed = all.iter().flat_map(|(protocol, it)| {
        [("timeout", it.timed_out), ("evicted", it.evicted), ("overfull", it.overfull)]
            .map(|(reason, count)| (Labels::of([("transport", label(*protocol)), ("reason", reason)]), count))
    });
    families.counter(
        "encrypted_closed_connections",
        "Connections over encrypted transports that ptrd closed: for taking too long, to make room, for leaving too \
         much unread",
        closed,
    )?;
    families.counter(
        "failed_handshakes",
        "Connections over encrypted transports that ended before their handshake was complete",
        all.iter().map(|(protocol, it)| (of(*protocol), it.unshaken)),
    )?;
    let expiry = identity.map(|identity| (Labels::none(), identity.certificate().not_after() as f64));
    families.gauge(
        "certificate_expiry_timestamp_seconds",
        "When the certificate of encrypted transports expires, in seconds since 1970",
        expiry,
    )
}

fn served(families: &mut Families<'_>, sources: &Sources, zone_serials: usize) -> fmt::Result {
    let snapshot = sources.snapshot.load_full();
    let figure = |value: usize| [(Labels::none(), value as f64)];
    families.gauge(
        "snapshot_version",
        "The number of the newest change that answers know",
        [(Labels::none(), snapshot.version() as f64)],
    )?;
    families.gauge("zones", "Zones served", figure(snapshot.zone_count()))?;
    families.gauge("ptr_rrsets", "Addresses with a PTR RRset", figure(snapshot.addresses().len()))?;
    if zone_serials == 0 {
        return Ok(());
    }
    let zones = snapshot.zones().take(zone_serials);
    let serials = zones.map(|zone| {
        (Labels::of([("zone", zone.apex().to_string().as_str())]), f64::from(zone.soa().serial.0))
    });
    families.gauge(
        "zone_serial",
        "The serial of a zone; for as many zones as the configuration says",
        serials,
    )
}

fn changes(families: &mut Families<'_>, road: &Road) -> fmt::Result {
    let status = road.status();
    let RoadCounts { change_time, busy, queue, store } = road.counts();
    let figure = |value: u64| [(Labels::none(), value as f64)];
    families.gauge("tenants", "Tenants", figure(status.tenants))?;
    families.gauge("blocks", "Blocks", figure(status.blocks))?;
    families.gauge(
        "store_up",
        "1 while the store takes changes",
        figure(u64::from(status.store_trouble.is_none())),
    )?;
    families.gauge("waiting_changes", "Changes that wait for the writer", figure(queue.0))?;
    families.gauge("waiting_changes_limit", "How many changes may wait", figure(queue.1))?;
    families.counter("busy_changes", "Changes that found the queue full", [(Labels::none(), busy)])?;
    families.times(
        "change_duration_seconds",
        "From a change's arrival until it was durable and visible",
        &change_time,
    )?;
    families.times(
        "commit_duration_seconds",
        "How long a commit took until it was durable",
        &store.commit_time,
    )?;
    families.sizes("commit_changes", "Changes in a commit", &store.commit_size)?;
    families.times(
        "checkpoint_duration_seconds",
        "How long a checkpoint of the write-ahead log took",
        &store.checkpoint_time,
    )?;
    families.counter(
        "refused_commits",
        "Commits that the store refused",
        [(Labels::none(), store.refused)],
    )?;
    families.counter(
        "failed_checkpoints",
        "Checkpoints that failed",
        [(Labels::none(), store.checkpoint_failures)],
    )?;
    families.gauge("write_ahead_log_bytes", "The size of the write-ahead log", figure(store.log_octets))?;
    families.gauge(
        "history_bytes",
        "What is kept of what zones lost and gained, for incremental transfers",
        figure(store.history_octets),
    )?;
    let limit = status.history_limit.map_or(f64::INFINITY, |octets| octets as f64);
    families.gauge("history_limit_bytes", "How much of that may be kept", [(Labels::none(), limit)])
}

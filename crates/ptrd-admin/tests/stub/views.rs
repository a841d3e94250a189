//! What the stub shows of itself.

use super::State;
use ptrd_api::{
    BlockRow, DefaultsView, EditView, Effect, KeyDetail, KeyView, KeyWrite, NsSetView, NsSetWrite, Page,
    PtrRow, PtrStep, RecordRow, Reloaded, Secret, SettingChange, SoaTemplateView, SoaTemplateWrite,
    StatusView, TenantView, ZoneRow, ZoneView,
};

pub fn page<T>(
    all: impl Iterator<Item = T>,
    key: impl Fn(&T) -> String,
    after: Option<String>,
    limit: Option<u64>,
) -> Page<T> {
    let limit = limit.expect("set by the socket") as usize;
    let mut items: Vec<T> =
        all.skip_while(|item| after.as_ref().is_some_and(|after| key(item) != *after)).collect();
    if after.is_some() && !items.is_empty() {
        items.remove(0);
    }
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(key);
    Page { items, next }
}

pub fn defaults() -> DefaultsView {
    DefaultsView {
        nameservers: vec!["ns1.example.net.".into(), "ns2.example.net.".into()],
        rname: "hostmaster.example.net.".into(),
        refresh: 10_800,
        retry: 3_600,
        expire: 604_800,
        minimum: 3_600,
        zone_ttl: 86_400,
        ptr_ttl: 3_600,
        version: "defaults-1".into(),
    }
}

pub fn tenant(state: &State, name: &str) -> TenantView {
    TenantView {
        name: name.into(),
        blocks: state.blocks.values().filter(|block| block.tenant == name).count() as u64,
        zones: state.zones.values().filter(|zone| zone.tenant == name).count() as u64,
        reseller: None,
        version: "t-1".into(),
    }
}

/// A verbatim zone.
pub fn zone(apex: &str, tenant: &str) -> ZoneView {
    ZoneView {
        apex: apex.into(),
        tenant: tenant.into(),
        kind: "verbatim".into(),
        range: None,
        serial: 1,
        version: "z-1".into(),
        serial_policy: "counter".into(),
        own_policy: false,
        ns_set: None,
        own_ns: true,
        soa_template: None,
        computed_names: None,
        unexpanded: false,
        signed: None,
        follow: None,
        catalog: None,
        powerdns_kind: None,
    }
}

pub fn ns_set(write: &NsSetWrite) -> NsSetView {
    NsSetView {
        name: write.name.clone(),
        nameservers: write.nameservers.clone().unwrap_or_default(),
        ttl: write.ttl.unwrap_or(86_400),
        inherited_ttl: write.ttl.is_none(),
        zones: 20_000,
        overridden: 1,
        version: "n-1".into(),
    }
}

pub fn soa_template(write: &SoaTemplateWrite) -> SoaTemplateView {
    SoaTemplateView {
        name: write.name.clone(),
        mname: write.mname.clone(),
        rname: write.rname.clone().unwrap_or_else(|| "hostmaster.example.net.".into()),
        refresh: write.refresh.unwrap_or(14_400),
        retry: write.retry.unwrap_or(3_600),
        expire: write.expire.unwrap_or(1_209_600),
        minimum: write.minimum.unwrap_or(3_600),
        ttl: write.ttl.unwrap_or(86_400),
        inherited_ttl: write.ttl.is_none(),
        serial_policy: write.serial_policy.clone().unwrap_or_else(|| "counter".into()),
        zones: 0,
        version: "t-1".into(),
    }
}

pub fn status(state: &State) -> StatusView {
    StatusView {
        version: "0.1.0".into(),
        uptime: 93_784,
        store: "ok".into(),
        store_path: "/var/lib/ptrd/ptrd.sqlite".into(),
        change: state.log.len() as u64,
        tenants: state.tenants.len() as u64,
        blocks: state.blocks.len() as u64,
        zones: state.zones.len() as u64,
        ptrs: state.ptrs.len() as u64,
        queue: (0, 4096),
        history: 3 << 20,
        history_limit: Some(1 << 30),
        listen: vec!["127.0.0.1:53".into(), "[::1]:53".into()],
        api: Vec::new(),
        answers: 1_234_567,
        failing: Some(1),
        pending: 1,
    }
}

pub fn reloaded(dry_run: bool) -> Reloaded {
    let change = |key: &str, before: &str, after: &str| SettingChange {
        key: key.into(),
        before: before.into(),
        after: after.into(),
    };
    Reloaded {
        file: "/etc/ptrd/ptrd.toml".into(),
        dry_run,
        applied: vec![change("answers.nsid", "\"fra1\"", "\"fra2\"")],
        restart: vec![change("listen.udp-workers", "0", "4")],
        warnings: Vec::new(),
    }
}

/// An edit of every kind.
pub fn edits() -> Vec<EditView> {
    let block = |tenant: &str| BlockRow {
        range: "192.0.2.0/26".into(),
        tenant: tenant.into(),
        mode: "classless".into(),
        classless: Some("first-len".into()),
        apex: Some("0-26.2.0.192.in-addr.arpa.".into()),
        nameservers: Vec::new(),
        ds: Vec::new(),
        default_ttl: Some(300),
        template: (tenant == "bob").then(|| "host-{d}.example".into()),
        names: None,
        fcrdns: None,
        suspended: tenant == "bob",
        may_sub_block: false,
        former: Vec::new(),
    };
    let zone = ZoneRow {
        apex: "0-26.2.0.192.in-addr.arpa.".into(),
        tenant: "acme".into(),
        kind: "classless".into(),
        range: Some("192.0.2.0/26".into()),
        serial: 7,
        soa: Some("ns1.example.net. hostmaster.example.net. 7 1 2 3 4".into()),
        soa_ttl: Some(5),
        soa_template: None,
        ns_set: Some("default".into()),
        serial_policy: None,
    };
    let ptr = |name: &str, ttl| PtrRow { names: vec![name.into()], ttl };
    vec![
        EditView::Tenant { id: 3, before: None, after: Some("acme".into()) },
        EditView::Setting { name: "defaults".into(), before: None, after: Some("{}".into()) },
        EditView::Block { id: 2, before: Some(Box::new(block("acme"))), after: Some(Box::new(block("bob"))) },
        EditView::Zone { id: 4, before: Some(Box::new(zone)), after: None },
        EditView::Record {
            zone: "2.0.192.in-addr.arpa.".into(),
            owner: "2.0.192.in-addr.arpa.".into(),
            rtype: "TXT".into(),
            before: None,
            after: Some(RecordRow { ttl: 60, data: vec!["\"a\"".into(), "\"b\"".into()] }),
        },
        EditView::Ptr {
            address: "192.0.2.1".into(),
            before: Some(ptr("a.example.", None)),
            after: Some(ptr("b.example.", Some(60))),
        },
    ]
}

/// What filling would do to two addresses.
pub fn ptr_steps() -> Vec<PtrStep> {
    let row = |name: &str| PtrRow { names: vec![name.into()], ttl: None };
    let step = |address: &str, before: Option<&str>, after: &str| PtrStep {
        address: address.into(),
        before: before.map(row),
        after: Some(row(after)),
    };
    vec![
        step("192.0.2.1", None, "host-1.example.com."),
        step("192.0.2.2", Some("old.example.com."), "host-2.example.com."),
    ]
}

pub fn effects() -> Vec<Effect> {
    let effect = |what: &str, fate: &str, count: u64, names: &[&str]| Effect {
        what: what.into(),
        fate: fate.into(),
        count,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
    };
    vec![
        effect("block", "changed", 1, &["192.0.2.0/24"]),
        effect("zone", "changed", 1, &["2.0.192.in-addr.arpa."]),
        effect("ptr", "cleared", 254, &["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]),
    ]
}

pub fn key(write: &KeyWrite) -> KeyDetail {
    let name = super::absolute(&write.name);
    let algorithm = write.algorithm.clone().unwrap_or_else(|| "hmac-sha256".into());
    let secret = write.secret.clone().unwrap_or_else(|| Secret::new("bmV3IG9jdGV0cyE="));
    let (short, text) = (name.trim_end_matches('.'), secret.reveal());
    let (bind, knot, nsd, dig) = (
        format!("key \"{short}\" {{\n\talgorithm {algorithm};\n\tsecret \"{text}\";\n}};\n"),
        format!("key:\n  - id: \"{short}\"\n    algorithm: {algorithm}\n    secret: \"{text}\"\n"),
        format!("key:\n    name: \"{short}\"\n    algorithm: {algorithm}\n    secret: \"{text}\"\n"),
        format!("{algorithm}:{short}:{text}"),
    );
    let [bind, knot, nsd, dig] = [bind, knot, nsd, dig].map(Secret::new);
    let added = "2026-11-25T17:30:00Z".into();
    let key = KeyView { name, algorithm, added, access: Vec::new(), access_total: 0 };
    KeyDetail { key, secret, bind, knot, nsd, dig }
}

pub fn key_view(state: &State, key: &KeyDetail) -> KeyView {
    let named = state.access.iter().filter(|view| view.key.as_ref() == Some(&key.key.name));
    let access: Vec<_> = named.cloned().collect();
    KeyView { access_total: access.len() as u64, access, ..key.key.clone() }
}

pub fn notify_status() -> Vec<ptrd_api::NotifyStatusView> {
    let view = |nameserver: Option<&str>, address: Option<&str>, state: &str| ptrd_api::NotifyStatusView {
        zone: "2.0.192.in-addr.arpa.".into(),
        serial: 7,
        nameserver: nameserver.map(str::to_owned),
        address: address.map(str::to_owned),
        key: None,
        state: state.into(),
        detail: None,
        tries: 1,
        at: Some(1_767_225_600_000),
        next: None,
        has: (state == "answered").then_some(7),
        asked: (state != "skipped").then_some(1_767_225_600_000),
        unknown: (state == "waiting").then(|| "no answer to 3 questions".into()),
        differs_since: (state == "waiting").then_some(1_767_225_000_000),
    };
    let mut waiting = view(None, Some("192.0.2.53:5353"), "waiting");
    waiting.detail = Some("it did not answer yet".into());
    waiting.next = Some(1_767_225_608_000);
    let mut skipped = view(Some("ns1.example.net."), None, "skipped");
    (skipped.at, skipped.tries, skipped.detail) = (None, 0, Some("it is this server".into()));
    vec![view(Some("ns2.example.net."), Some("192.0.2.2:53"), "answered"), waiting, skipped]
}

/// A primary with a standby that lags, and one that has gone.
pub fn standby() -> ptrd_api::StandbyView {
    let position = |name: &str, connected, change, behind_seconds| ptrd_api::StandbyPosition {
        name: name.to_owned(),
        connected,
        change,
        behind: 7 - change,
        behind_seconds,
        seen: "2026-11-26T01:27:12Z".to_owned(),
    };
    ptrd_api::StandbyView {
        post: "primary".to_owned(),
        lineage: Some("0011".to_owned()),
        epoch: 1,
        change: 7,
        acknowledge: "both".to_owned(),
        relaxed: false,
        standbys: vec![position("ns2", true, 7, 0), position("ns3", false, 2, 86)],
        primary: None,
    }
}

/// How a zone stands that is followed.
pub fn follow() -> ptrd_api::FollowView {
    ptrd_api::FollowView {
        primaries: vec![ptrd_api::PrimarySpec {
            address: "192.0.2.53:53".into(),
            key: Some("xfr.example".into()),
            ..ptrd_api::PrimarySpec::default()
        }],
        state: "current".into(),
        primary: Some("192.0.2.53:53".into()),
        checked: Some(1_764_000_000_000),
        next: Some(1_764_003_600_000),
        expires: Some(1_764_604_800_000),
        error: None,
    }
}

/// How a zone differs from what another server has: one called `alike.example` does not.
pub fn compare(apex: &str, server: &str) -> ptrd_api::CompareView {
    let difference = ptrd_api::RrsetDifference {
        owner: format!("1.{apex}"),
        rtype: "PTR".into(),
        here: vec!["3600 a.example.com.".into()],
        there: vec!["300 a.example.com.".into(), "300 b.example.com.".into()],
    };
    let differences = if apex == "alike.example" { Vec::new() } else { vec![difference] };
    ptrd_api::CompareView {
        apex: apex.into(),
        server: server.into(),
        serial: 7,
        other_serial: 5,
        how: "transfer".into(),
        compared: 3,
        total: differences.len() as u64,
        differences,
    }
}

/// A name that a filter has something against, where it starts with `dyn`.
pub fn linted(name: &str) -> Option<ptrd_api::LintedName> {
    let finding = ptrd_api::FindingView {
        filter: "Rspamd".into(),
        rule: "HFILTER_HOSTNAME_5".into(),
        least: 3_000,
        most: 3_000,
        part: "dyn-1-".into(),
        why: "a word for lines of households".into(),
    };
    name.starts_with("dyn").then(|| ptrd_api::LintedName { name: name.into(), findings: vec![finding] })
}

/// A PTR that waits.
pub fn pending() -> ptrd_api::PendingView {
    ptrd_api::PendingView {
        address: "192.0.2.9".into(),
        tenant: "acme".into(),
        names: vec!["mail.example.com.".into()],
        ttl: None,
        since: "2026-07-01T12:00:00Z".into(),
        until: "2026-07-08T12:00:00Z".into(),
        records: vec!["mail.example.com. IN A 192.0.2.9".into()],
    }
}

/// An address that fails, and one that is well.
pub fn checks() -> Vec<ptrd_api::CheckView> {
    let transition = |at: &str, from: Option<&str>, to: &str, why: &str| ptrd_api::TransitionView {
        at: at.into(),
        from: from.map(str::to_owned),
        to: to.into(),
        why: why.into(),
    };
    let first = transition("2026-07-01T12:00:00Z", None, "verified", "");
    let why = "mail.example.com. does not exist";
    let then = transition("2026-07-02T12:00:00Z", Some("verified"), "failing", why);
    let of = |address: &str, history: Vec<ptrd_api::TransitionView>| ptrd_api::CheckView {
        address: address.into(),
        state: history[0].to.clone(),
        since: Some(history[0].at.clone()),
        checked: "2026-07-03T12:00:00Z".into(),
        unknown: 0,
        why: history[0].why.clone(),
        history,
    };
    vec![of("192.0.2.1", vec![then, first.clone()]), of("192.0.2.2", vec![first])]
}

//! Changes of blocks, zones and records. Many are refused, as things stand: a refusal is an answer too, and must leave
//! nothing.

use crate::changer::Changer;
use crate::ground::{Purpose, Region, TENANTS, below};
use serde_json::{Value, json};

/// Parts of a /24 that become blocks, how, and what of their labels; in the order of addresses.
const PARTS: [(&str, Kind); 7] = [
    ("0/26", Kind::Direct),
    ("64/26", Kind::Classless),
    ("128/26", Kind::Classless),
    ("192/27", Kind::Classless),
    ("224/28", Kind::Delegated("classless")),
    ("240/28", Kind::Delegated("ns")),
    ("66/32", Kind::Direct),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Direct,
    Classless,
    Delegated(&'static str),
}

fn part(region: &Region, text: &str) -> String {
    let (octet, length) = text.split_once('/').expect("a part");
    format!("{}/{length}", region.address(octet.parse().expect("an octet")))
}

fn add(region: &Region, text: &str, kind: Kind, style: &str, tenant: &str) -> Value {
    let mut request = json!({"kind": "block-add", "range": part(region, text), "tenant": tenant});
    match kind {
        Kind::Direct => request["default_ttl"] = json!(1_234),
        Kind::Classless => request["classless"] = json!(style),
        Kind::Delegated(how) => {
            request["delegate"] = json!(how);
            request["nameservers"] =
                json!([{"name": "ns1.customer.example."}, {"name": "ns2.customer.example."}]);
        }
    }
    request
}

/// What a busy region starts with.
pub(crate) fn furnish(region: &Region, tenant: &str) -> Vec<Value> {
    [1, 2, 4].map(|nth| add(region, PARTS[nth].0, PARTS[nth].1, "first-len", tenant)).to_vec()
}

/// One change.
pub(crate) fn change(changer: &mut Changer<'_>) {
    let stage = changer.stage;
    let region = changer.random.pick(&stage.ground.regions);
    match region.purpose {
        _ if changer.random.once_in(60) => shared(changer),
        _ if changer.random.once_in(25) => changer.roll_back(),
        Purpose::Verbatim => records(changer, region),
        Purpose::Passing => pass(changer, region),
        Purpose::Busy => busy(changer, region),
        Purpose::Mass | Purpose::Six => calm(changer, region),
    }
}

/// What zones share: a change of all of them.
fn shared(changer: &mut Changer<'_>) {
    let n = changer.random.below(4);
    let request = if changer.random.once_in(2) {
        let names = json!([format!("ns{n}.ns.example.org."), "ns9.ns.example.org."]);
        json!({"kind": "ns-set-set", "name": "default", "nameservers": names})
    } else {
        json!({"kind": "soa-template-set", "name": "default", "minimum": 300 + 60 * n})
    };
    changer.post(&request, None);
}

fn busy(changer: &mut Changer<'_>, region: &Region) {
    let (text, kind) = *changer.random.pick(&PARTS);
    let range = part(region, text);
    let whole = region.range.expect("addresses").to_string();
    let tenant = *changer.random.pick(&TENANTS);
    let style = *changer.random.pick(&["first-len", "slash", "first-last"]);
    let either = *changer.random.pick(&["clear", "keep"]);
    let request = match changer.random.below(24) {
        0..5 => add(region, text, kind, style, tenant),
        5..8 => json!({"kind": "block-remove", "range": range, "ptrs": either}),
        8 => json!({"kind": "block-suspend", "range": range}),
        9 => json!({"kind": "block-suspend", "range": whole}),
        // Resumed more often than suspended, so that there is something to see.
        10..12 => json!({"kind": "block-resume", "range": range}),
        12..15 => json!({"kind": "block-resume", "range": whole}),
        15 => json!({"kind": "block-transfer", "range": range, "to": tenant, "ptrs": either}),
        16 => {
            json!({"kind": "block-transfer", "range": whole, "to": tenant, "ptrs": either, "recursive": true})
        }
        17 => {
            json!({"kind": "block-relabel", "range": range, "classless": style, "grace": changer.random.below(3)})
        }
        18 => json!({"kind": "block-relabel", "range": range, "classless": style, "keep_old": true}),
        19 => json!({"kind": "block-relabel-finish", "range": range}),
        20 => json!({"kind": "block-split", "range": part(region, "128/26"), "into": 27, "grace": 1}),
        21 => {
            let halves = [part(region, "128/27"), part(region, "160/27")];
            json!({"kind": "block-merge", "ranges": halves, "grace": 1})
        }
        _ => return records(changer, region),
    };
    changer.post(&request, None);
}

/// The region goes with all that is in it, and comes again.
fn pass(changer: &mut Changer<'_>, region: &Region) {
    let range = region.range.expect("addresses").to_string();
    let tenant = *changer.random.pick(&TENANTS);
    let request = match changer.random.below(6) {
        0..2 => json!({"kind": "block-remove", "range": range, "clear": true}),
        2..5 => json!({"kind": "block-add", "range": range, "tenant": tenant, "default_ttl": 77}),
        _ => return records(changer, region),
    };
    changer.post(&request, None);
}

/// Large regions: what is rare there.
fn calm(changer: &mut Changer<'_>, region: &Region) {
    let range = region.range.expect("addresses").to_string();
    let request = match changer.random.below(12) {
        0 => json!({"kind": "block-suspend", "range": range}),
        1..5 => json!({"kind": "block-resume", "range": range}),
        5 => {
            json!({"kind": "block-transfer", "range": range, "to": changer.random.pick(&TENANTS), "ptrs": "keep"})
        }
        6 => {
            let policy = *changer.random.pick(&["counter", "unixtime"]);
            json!({"kind": "zone-set", "apexes": [region.apex.to_string()], "serial_policy": policy})
        }
        _ => return records(changer, region),
    };
    changer.post(&request, None);
}

fn records(changer: &mut Changer<'_>, region: &Region) {
    let n = changer.random.below(1_000);
    let owner = |label: &str| below(label, &region.apex).to_string();
    let set = |owner: String, rtype: &str, data: String| json!({"kind": "record-set", "owner": owner, "type": rtype, "data": [data], "ttl": 600});
    let is_verbatim = region.purpose == Purpose::Verbatim;
    let has_wildcards = matches!(region.purpose, Purpose::Busy | Purpose::Passing);
    let request = match changer.random.below(8) {
        0 | 1 => set(owner("note"), "TXT", format!("\"n{n}\"")),
        2 => json!({"kind": "record-delete", "owner": owner("note"), "type": "TXT"}),
        3 if is_verbatim => set(owner("mx"), "MX", format!("10 mail.{}", region.apex)),
        4 if is_verbatim => set(owner("mail"), "A", format!("192.0.2.{}", n % 250)),
        5 if is_verbatim => set(owner("2.2"), "PTR", format!("r{n}.example.org.")),
        6 if is_verbatim => json!({"kind": "record-delete", "owner": owner("2.2"), "type": "PTR"}),
        3 if has_wildcards => set(owner("*"), "TXT", format!("\"wild {n}\"")),
        4 if has_wildcards => set(owner("*"), "PTR", format!("wild{n}.example.org.")),
        5 | 6 if has_wildcards => json!({"kind": "record-delete", "owner": owner("*")}),
        _ => set(owner("_spf"), "TXT", format!("\"v=spf1 -all {n}\"")),
    };
    changer.post(&request, None);
}

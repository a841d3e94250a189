//! Rows of every kind and form.

use crate::{Commit, Edit};
use ptrd_wire::{AddrRange, Name, RecordType, ReversePrefix, RrSet, Serial, Soa, Ttl};
use ptrd_zone::model::{
    Block, BlockId, BlockTemplate, Checks, Delegation, FcrdnsRule, FormerLabel, LabelStyle, Mode, NameRule,
    Nameserver, NsSet, NsSetId, Sending, SerialPolicy, SoaTemplate, SoaTemplateId, Standing, Tenant,
    TenantId, ZoneId, ZoneKind, ZoneRow, ZoneSoa,
};
use ptrd_zone::{PtrEdit, PtrEdits, PtrSet, pack_names};
use std::net::IpAddr;

/// A change of this number with everything of it filled in but edits and serials.
pub fn change(number: u64) -> Commit {
    Commit {
        change: number,
        at: 1_700_000_000_000 + number as i64,
        actor: format!("actor{}", number % 3),
        origin: "unix:1000".to_owned(),
        reason: (number.is_multiple_of(2)).then(|| format!("ticket „{number}“")),
        kind: "test".to_owned(),
        summary: format!("change number {number}"),
        request: "{\"a\":1}".to_owned(),
        edits: Vec::new(),
        serials: Vec::new(),
        kept: None,
        deltas: Vec::new(),
        tenants: Vec::new(),
    }
}

pub(super) fn name(text: &str) -> Name {
    text.parse().expect("a sample name")
}

pub(super) fn range(text: &str) -> AddrRange {
    text.parse().expect("a sample range")
}

pub(super) fn tenant(id: u32, name: &str) -> Tenant {
    Tenant { id: TenantId(id), name: name.to_owned(), reseller: (id == u32::MAX).then_some(TenantId(1)) }
}

pub(super) fn tenant_edit(id: u32, before: Option<&str>, after: Option<&str>) -> Edit {
    Edit::Tenant {
        id: TenantId(id),
        before: before.map(|name| tenant(id, name)),
        after: after.map(|name| tenant(id, name)),
    }
}

pub(super) fn block(id: u32, addresses: &str, mode: Mode) -> Block {
    let default_ttl = (id % 2 == 1).then(|| Ttl::from_secs(300 * id));
    Block {
        id: BlockId(id),
        range: range(addresses),
        tenant: TenantId(1),
        mode,
        default_ttl,
        template: template(id),
        standing: standing(id),
    }
}

/// Every form, by number.
fn template(id: u32) -> BlockTemplate {
    match id % 4 {
        1 => BlockTemplate::None,
        2 => BlockTemplate::Text("host-{n:4x}.example".into()),
        _ => BlockTemplate::Inherit,
    }
}

/// Every form, by number.
fn standing(id: u32) -> Standing {
    let label = |apex: &str, delegation: Option<Delegation>, until: Option<i64>| FormerLabel {
        apex: name(apex),
        delegation,
        until,
    };
    let former = match id % 4 {
        1 => vec![label("Old.example", None, Some(i64::MAX))],
        2 => vec![
            label("a.example", Some(Delegation::default()), None),
            label("b.example", Some(delegation()), Some(-1)),
        ],
        _ => Vec::new(),
    };
    let fcrdns = [Some(FcrdnsRule::Require), None, Some(FcrdnsRule::Off)][id as usize % 3];
    let names = [None, Some(NameRule::Any), Some(NameRule::Warn), Some(NameRule::MustPass)][id as usize % 4];
    Standing { suspended: id % 3 == 1, may_sub_block: id % 2 == 1, former, checks: Checks { names, fcrdns } }
}

pub(super) fn block_edit(before: Option<&Block>, after: Option<&Block>) -> Edit {
    let id = before.or(after).expect("one of the two").id;
    Edit::Block { id, before: before.cloned().map(Box::new), after: after.cloned().map(Box::new) }
}

pub(super) fn zone(id: u32, apex: &str, kind: ZoneKind) -> ZoneRow {
    let soa = Soa {
        mname: name("Ns1.Example."),
        rname: name("a\\.b.example."),
        serial: Serial(u32::MAX - id),
        refresh: 14_400,
        retry: u32::MAX,
        expire: 0,
        minimum: Ttl::MAX,
    };
    let soa = ZoneSoa::Own { soa, ttl: Ttl::from_secs(86_400) };
    ZoneRow {
        id: ZoneId(id),
        apex: name(apex),
        tenant: TenantId(1),
        kind,
        soa,
        ns_set: None,
        serial_policy: None,
    }
}

pub(super) fn ns_set(id: u32, set_name: &str) -> NsSet {
    NsSet {
        id: NsSetId(id),
        name: set_name.to_owned(),
        nameservers: vec![name("NS1.Example"), name(".")],
        ttl: id.is_multiple_of(2).then_some(Ttl::MAX),
    }
}

pub(super) fn ns_set_edit(before: Option<&NsSet>, after: Option<&NsSet>) -> Edit {
    let id = before.or(after).expect("one of the two").id;
    Edit::NsSet { id, before: before.cloned().map(Box::new), after: after.cloned().map(Box::new) }
}

pub(super) fn soa_template(id: u32, template_name: &str, serial_policy: SerialPolicy) -> SoaTemplate {
    SoaTemplate {
        id: SoaTemplateId(id),
        name: template_name.to_owned(),
        mname: id.is_multiple_of(2).then(|| name("Hidden.Example")),
        rname: name("a\\.b.example."),
        refresh: u32::MAX,
        retry: 0,
        expire: 9,
        minimum: Ttl::MAX,
        ttl: id.is_multiple_of(2).then_some(Ttl::from_secs(0)),
        serial_policy,
    }
}

pub(super) fn soa_template_edit(before: Option<&SoaTemplate>, after: Option<&SoaTemplate>) -> Edit {
    let id = before.or(after).expect("one of the two").id;
    Edit::SoaTemplate { id, before: before.cloned().map(Box::new), after: after.cloned().map(Box::new) }
}

/// NS sets beside the one that is always there.
pub(super) fn ns_sets() -> Vec<NsSet> {
    vec![ns_set(2, "two"), ns_set(3, "three")]
}

/// SOA templates beside the one that is always there.
pub(super) fn soa_templates() -> Vec<SoaTemplate> {
    vec![
        soa_template(2, "two", SerialPolicy::Counter),
        soa_template(3, "three", SerialPolicy::Date),
        soa_template(4, "four", SerialPolicy::UnixTime),
    ]
}

pub(super) fn zone_edit(before: Option<&ZoneRow>, after: Option<&ZoneRow>) -> Edit {
    let id = before.or(after).expect("one of the two").id;
    Edit::Zone { id, before: before.cloned().map(Box::new), after: after.cloned().map(Box::new) }
}

pub(super) fn verbatim(id: u32, apex: &str) -> ZoneRow {
    zone(id, apex, ZoneKind::Verbatim)
}

pub(super) fn text(strings: &[&str]) -> RrSet {
    let rdata = |text: &&str| [&[text.len() as u8], text.as_bytes()].concat().into();
    let rdatas = strings.iter().map(rdata).collect();
    RrSet { rtype: RecordType::TXT, ttl: Ttl::from_secs(60), rdatas }
}

pub(super) fn record(zone: u32, owner: &str, before: Option<RrSet>, after: Option<RrSet>) -> Edit {
    let rtype = before.as_ref().or(after.as_ref()).expect("one of the two").rtype;
    Edit::Record { zone: ZoneId(zone), owner: name(owner), rtype, before, after }
}

pub(super) fn ptr_names(names: &[&str]) -> Box<[u8]> {
    pack_names(&names.iter().map(|text| name(text)).collect::<Vec<_>>())
}

/// An edit of one address: names before, names after.
pub(super) fn ptr(address: &str, before: &[&str], after: &[&str]) -> Edit {
    let (before, after) = (ptr_names(before), ptr_names(after));
    let address: IpAddr = address.parse().expect("a sample address");
    let mut edits = PtrEdits::new();
    let set = |names| PtrSet { ttl: None, names };
    edits.push(PtrEdit {
        address,
        before: (!before.is_empty()).then(|| set(&*before)),
        after: (!after.is_empty()).then(|| set(&*after)),
    });
    Edit::Ptrs(edits)
}

fn delegation() -> Delegation {
    Delegation {
        nameservers: vec![
            Nameserver { name: name("ns.customer.example"), addresses: Vec::new() },
            Nameserver {
                name: name("ns.128-26.2.0.192.in-addr.arpa"),
                addresses: vec![IpAddr::from([192, 0, 2, 129]), IpAddr::from([0x20; 16])],
            },
        ],
        ds: vec![Box::new([0, 1, 8, 2, 0xff]), Box::new([])],
    }
}

/// Every form of mode.
pub(super) fn blocks() -> Vec<Block> {
    let delegation = delegation();
    let apex = || name("128-26.2.0.192.in-addr.arpa");
    let styles = [
        LabelStyle::FirstLen,
        LabelStyle::FirstLast,
        LabelStyle::Slash,
        LabelStyle::Label("Über=uns.\\009".to_owned()),
    ];
    let mut modes = vec![
        Mode::Direct,
        Mode::Observed,
        Mode::DelegatedWhole(delegation.clone()),
        Mode::DelegatedWhole(Delegation::default()),
        Mode::DelegatedEach(delegation.clone()),
    ];
    for style in styles {
        modes.push(Mode::Classless { style: style.clone(), apex: apex() });
        let delegation = delegation.clone();
        modes.push(Mode::DelegatedClassless { style, apex: apex(), delegation });
    }
    let ranges =
        ["192.0.2.0/24", "0.0.0.0/0", "2001:db8::/32", "::/0", "198.51.100.1", "192.0.2.10-192.0.2.20"];
    modes
        .into_iter()
        .zip(ranges.iter().cycle())
        .zip(1..)
        .map(|((mode, range), id)| block(id, range, mode))
        .collect()
}

/// Every kind of zone.
pub(super) fn zones() -> Vec<ZoneRow> {
    let prefix = |address: IpAddr, depth| ZoneKind::Range(ReversePrefix::new(address, depth));
    let v4 = IpAddr::from([192, 0, 2, 9]);
    let v6 = IpAddr::from([0x2a; 16]);
    let classless = ZoneKind::Classless { block: BlockId(6), range: range("192.0.2.10-192.0.2.20") };
    let kinds = [
        prefix(v4, 3),
        prefix(v4, 4),
        prefix(v4, 0),
        prefix(v6, 9),
        prefix(v6, 32),
        prefix(v6, 0),
        classless,
        ZoneKind::Verbatim,
    ];
    let mut zones: Vec<ZoneRow> =
        kinds.into_iter().zip(1..).map(|(kind, id)| zone(id, &format!("Zone{id}.Example"), kind)).collect();
    // Every way to reference, and every policy.
    let of = |template| ZoneSoa::Of { template: SoaTemplateId(template), serial: Serial(0) };
    (zones[0].soa, zones[0].ns_set) = (of(1), Some(NsSetId(1)));
    (zones[1].soa, zones[2].ns_set) = (of(4), Some(NsSetId(3)));
    for (zone, policy) in zones[3..].iter_mut().zip(SerialPolicy::ALL) {
        zone.serial_policy = Some(policy);
    }
    zones
}

/// RRsets of zone 8 in canonical order of owners, then of types.
pub(super) fn records() -> Vec<(Name, RrSet)> {
    let unknown = |n: u16, data: &[u8]| RrSet::single(RecordType(n), Ttl::MAX, data);
    let glue = RrSet {
        rtype: RecordType::A,
        ttl: Ttl::from_secs(0),
        rdatas: vec![Box::new([192, 0, 2, 1]), Box::new([192, 0, 2, 2])],
    };
    vec![
        (name("zone8.example"), text(&["", "two"])),
        (name("ZONE8.example"), unknown(65_280, &[])),
        (name("\\000.zone8.example"), unknown(65_280, &[7; 300])),
        (name("\\001.zone8.example"), unknown(65_280, &[8; 65_535])),
        (name("*.zone8.example"), text(&["wildcard"])),
        (name("lb._dns-sd._udp.zone8.example"), unknown(12, ptr_names(&["Target.Example"]).as_ref())),
        (name("a.zone8.example"), glue),
        (name("b.A.zone8.example"), text(&["in the letter case of the owner"])),
        (name("Z.a.zone8.example"), text(&["canonical order"])),
    ]
}

/// PTR sets in the order of addresses.
pub(super) fn ptrs() -> Vec<(IpAddr, Option<Ttl>, Box<[u8]>)> {
    let many: Vec<String> = (0..400).map(|n| format!("host-{n}.a-rather-long-name.example.net")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let sets = [
        ("0.0.0.0", None, ptr_names(&["a.example"])),
        ("192.0.2.9", Some(Ttl::from_secs(0)), ptr_names(&["A.Example", "b.example"])),
        ("192.0.2.10", Some(Ttl::MAX), ptr_names(&many)),
        ("255.255.255.255", None, ptr_names(&["."])),
        ("::", None, ptr_names(&["six.example"])),
        ("::ffff:192.0.2.9", None, ptr_names(&["mapped.example"])),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Some(Ttl::from_secs(1)), ptr_names(&["last.example"])),
    ];
    sets.into_iter()
        .map(|(address, ttl, names)| (address.parse().expect("a sample address"), ttl, names))
        .collect()
}

/// Sending marks in the order of addresses.
pub(super) fn sending() -> Vec<Sending> {
    let mark = |address: &str, helo: &str, mta: Option<&str>, domains: &[&str]| Sending {
        address: address.parse().expect("a sample address"),
        helo: name(helo),
        mta: mta.map(str::to_owned),
        domains: domains.iter().map(|domain| name(domain)).collect(),
    };
    vec![
        mark("0.0.0.0", "a.example", None, &[]),
        mark("192.0.2.9", "Mail.Example", Some(""), &["a.example", "b.example"]),
        mark("255.255.255.255", ".", Some("pool-ü"), &["."]),
        mark("::", "six.example", None, &["a.example"]),
        mark("::ffff:192.0.2.9", "mapped.example", None, &[]),
    ]
}

pub(super) fn sending_edit(before: Option<&Sending>, after: Option<&Sending>) -> Edit {
    let address = before.or(after).expect("one of the two").address;
    Edit::Sending { address, before: before.cloned().map(Box::new), after: after.cloned().map(Box::new) }
}

/// One change that makes all of the samples.
pub(super) fn everything(number: u64) -> Commit {
    let mut made = change(number);
    let setting = |name: &str, value: &str| Edit::Setting {
        name: name.to_owned(),
        before: None,
        after: Some(value.to_owned()),
    };
    // Records before zones, blocks before tenants: the order of edits is free.
    let record = |(owner, set): (Name, RrSet)| Edit::Record {
        zone: ZoneId(8),
        owner,
        rtype: set.rtype,
        before: None,
        after: Some(set),
    };
    made.edits.extend(records().into_iter().rev().map(record));
    made.edits.extend(zones().iter().map(|zone| zone_edit(None, Some(zone))));
    made.edits.extend(soa_templates().iter().map(|template| soa_template_edit(None, Some(template))));
    made.edits.extend(ns_sets().iter().map(|set| ns_set_edit(None, Some(set))));
    made.edits.extend(blocks().iter().map(|block| block_edit(None, Some(block))));
    made.edits.push(tenant_edit(1, None, Some("acme")));
    made.edits.push(tenant_edit(u32::MAX, None, Some("last")));
    made.edits.push(setting("defaults", "{\"x\":\"ü\\u0000\"}"));
    made.edits.push(setting("another", ""));
    made.edits.extend(sending().iter().rev().map(|mark| sending_edit(None, Some(mark))));
    let mut edits = PtrEdits::new();
    for (address, ttl, names) in ptrs().iter().rev() {
        edits.push(PtrEdit { address: *address, before: None, after: Some(PtrSet { ttl: *ttl, names }) });
    }
    made.edits.push(Edit::Ptrs(edits));
    made.edits.push(Edit::Ptrs(PtrEdits::new()));
    made.serials = vec![(ZoneId(8), Serial(7)), (ZoneId(1), Serial(1))];
    made
}

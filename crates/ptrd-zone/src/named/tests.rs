//! Named ranges brought up to date part by part against the plain definition, address by address; a /64 and a /32.

use super::*;
use crate::model::{BlockId, Mode, Standing, TenantId, ZoneId};
use crate::{
    AddressPtr, Difference, Found, PtrChange, Snapshot, TooLarge, View, Workspace, diff, pack_names,
};
use ptrd_wire::{QName, RecordType, ReverseName, RrSet, Serial, Soa, ip_to_bits};
use std::net::IpAddr;

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn range(text: &str) -> AddrRange {
    text.parse().expect("a range")
}

fn block(id: u32, addresses: &str, ttl: Option<u32>, template: &str) -> Block {
    Block {
        id: BlockId(id),
        range: range(addresses),
        tenant: TenantId(1),
        mode: Mode::Direct,
        default_ttl: ttl.map(Ttl::from_secs),
        template: BlockTemplate::read(template),
        standing: Standing::default(),
    }
}

fn zone(prefix: &str, length: u8) -> Zone {
    let bits = ip_to_bits(prefix.parse::<IpAddr>().expect("an address"));
    let prefix = ReversePrefix::new(ip_from_bits(bits.0, bits.1), length / bits.0.label_bits());
    let soa = Soa {
        mname: name("ns."),
        rname: name("h."),
        serial: Serial(1),
        refresh: 1,
        retry: 1,
        expire: 1,
        minimum: Ttl::from_secs(1),
    };
    Zone::new(ZoneId(1), prefix.name(), View::Range(prefix), soa, Ttl::from_secs(9))
}

/// The ranges as text.
fn listed(snapshot: &Snapshot) -> Vec<String> {
    let all = [Family::V4, Family::V6].map(|family| snapshot.addresses().named(family));
    let ranges = all.into_iter().flat_map(|ranges| ranges.iter());
    ranges.map(|named| format!("{} {} {}", named.range, named.ttl, named.template)).collect()
}

#[test]
fn changes_lead_where_the_whole_does() {
    let mut seed = 11u64;
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let ranges = [
        "10.0.0.0/24",
        "10.0.0.0/25",
        "10.0.0.128/25",
        "10.0.0.16/28",
        "10.0.0.20/30",
        "10.0.0.21",
        "10.0.0.64-10.0.0.99",
        "10.0.1.0/24",
        "10.0.1.0/31",
        "0.0.0.0/0",
        "2001:db8::/64",
        "2001:db8::7",
        "::/0",
        "255.255.255.255",
    ];
    let templates = ["inherit", "none", "{hex}.example", "n{n}.example", "{ip}.example"];
    let (mut declared, mut snapshot) = (Declared::default(), Snapshot::default());
    let mut most = 0;
    for _ in 0..2_000 {
        let nth = random(ranges.len() as u64) as usize;
        let (before, was) = (snapshot.clone(), listed(&snapshot));
        if random(4) == 0 {
            declared.remove_block(BlockId(nth as u32));
        } else {
            let ttl = (random(2) == 0).then(|| random(3) as u32);
            declared.put_block(block(nth as u32, ranges[nth], ttl, templates[random(5) as usize]));
        }
        let renamed = snapshot.apply_templates(&declared, &[range(ranges[nth])]);
        let mut whole = Snapshot::default();
        whole.apply_all_templates(&declared);
        assert_eq!(listed(&snapshot), listed(&whole));
        most = most.max(listed(&whole).len());
        for address in
            ["10.0.0.0", "10.0.0.21", "10.0.0.70", "10.0.1.1", "9.9.9.9", "2001:db8::7", "2001:db8::8", "::"]
        {
            let address: IpAddr = address.parse().expect("an address");
            let shown = |snapshot: &Snapshot| {
                let computed = snapshot.addresses().computed_ptr(address);
                computed.map(|computed| (computed.name(), computed.ttl()))
            };
            let expected = declared.block_of(address).and_then(|block| {
                let name = declared.template_of(block)?.name(address)?;
                Some((name, declared.inherited_ttl(address)))
            });
            assert_eq!(shown(&snapshot), expected, "{address}");
            let is_told = renamed.iter().any(|renamed| renamed.range.contains(address));
            assert!(is_told || shown(&before) == shown(&snapshot), "{address} is named otherwise");
        }
        // What is shared with the snapshot before is as it was.
        assert_eq!(listed(&before), was);
    }
    assert!(most > 8, "many ranges were met: {most}");
}

fn found<'s>(zone: &'s Zone, snapshot: &'s Snapshot, owner: &Name) -> Found<'s> {
    let mut asked = QName::default();
    asked.assign(owner.to_lowercase().as_wire());
    let reverse = ReverseName::of(&asked);
    zone.find(snapshot.addresses(), &asked, reverse.as_ref())
}

fn ptr(zone: &Zone, snapshot: &Snapshot, address: &str) -> Option<String> {
    let (family, bits) = ip_to_bits(address.parse().expect("an address"));
    let owner = zone.owner_of(family, bits).expect("an address of the zone");
    match found(zone, snapshot, &owner) {
        Found::Node(node) => match node.ptr? {
            AddressPtr::Computed(computed) => Some(computed.name().to_string()),
            AddressPtr::Stored(_) => Some("stored".to_owned()),
        },
        _ => None,
    }
}

#[test]
fn every_address_of_a_32_has_a_name_and_shorter_ones_exist() {
    let (mut declared, mut snapshot) = (Declared::default(), Snapshot::default());
    declared.put_block(block(1, "2001:db8::/32", None, "{hex}.example"));
    snapshot.apply_all_templates(&declared);
    assert_eq!(listed(&snapshot).len(), 1, "nothing is kept for an address");
    let set = pack_names(&[name("set.example")]);
    let changes: [PtrChange<'_>; 1] =
        [("2001:db8::5".parse().expect("an address"), Some((Ttl::from_secs(5), false, &set)))];
    snapshot.apply_ptrs(&mut Workspace::default(), &changes);
    let zone = zone("2001:db8::", 32);
    assert_eq!(ptr(&zone, &snapshot, "2001:db8::5").as_deref(), Some("stored"));
    assert_eq!(
        ptr(&zone, &snapshot, "2001:db8:ffff::").as_deref(),
        Some("20010db8ffff00000000000000000000.example.")
    );
    let full =
        zone.owner_of(Family::V6, ip_to_bits("2001:db8::".parse().expect("an address")).1).expect("a name");
    let above: Vec<Name> = full.ancestors().skip(1).take_while(|name| name.is_under(zone.apex())).collect();
    assert_eq!(above.len(), 23);
    for name in above {
        assert!(matches!(found(&zone, &snapshot, &name), Found::Empty), "{name}");
    }
    let below = Name::from_labels(["x"], &full).expect("a name");
    assert!(matches!(found(&zone, &snapshot, &below), Found::Missing));
    // No walk goes through it, and no difference.
    assert!(!zone.is_expandable(snapshot.addresses()));
    assert_eq!(zone.walk(snapshot.addresses()).owned().count(), 1, "what was set");
    let addresses = snapshot.addresses();
    assert_eq!(diff((&zone, addresses), (&zone, addresses), 9), Err(TooLarge(9)));
}

#[test]
fn records_of_the_zone_beside_and_instead_of_names() {
    let (mut declared, mut snapshot) = (Declared::default(), Snapshot::default());
    declared.put_block(block(1, "10.0.0.0/28", None, "h{d}.example"));
    snapshot.apply_all_templates(&declared);
    let plain = zone("10.0.0.0", 24);
    let mut zone = plain.clone();
    let record = |owner: &str, rtype| {
        (name(owner), rtype, Some(RrSet::single(rtype, Ttl::from_secs(1), name("t.").as_wire())))
    };
    zone.apply_records([
        record("1.0.0.10.in-addr.arpa", RecordType::CNAME),
        record("2.0.0.10.in-addr.arpa", RecordType::DNAME),
        record("3.0.0.10.in-addr.arpa", RecordType::NS),
    ]);
    let shown =
        ["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3"].map(|address| ptr(&zone, &snapshot, address));
    assert_eq!(shown, [Some("h0.example.".to_owned()), None, None, None]);
    let walked = |zone: &Zone| zone.walk(snapshot.addresses()).owned().count();
    assert_eq!((walked(&plain), walked(&zone)), (16, 16), "three records in the place of three names");
}

#[test]
fn differences_have_what_is_named_otherwise_and_no_more() {
    let (mut declared, empty) = (Declared::default(), Snapshot::default());
    let zone = zone("10.0.0.0", 24);
    let mut versions = vec![empty];
    let mut step = |declared: &Declared, addresses: &str| {
        let mut next = versions.last().expect("a version").clone();
        next.apply_templates(declared, &[range(addresses)]);
        versions.push(next);
        let [.., before, after] = versions.as_slice() else { panic!("two versions") };
        let found: Difference =
            diff((&zone, before.addresses()), (&zone, after.addresses()), usize::MAX).expect("no limit");
        let of = |snapshot: &Snapshot| crate::RecordList::of_zone(&zone, snapshot.addresses());
        assert!(found.apply(&of(before)).expect("it fits") == of(after));
        (found.removed().len(), found.added().len())
    };
    declared.put_block(block(1, "10.0.0.0/16", None, "h{c}-{d}.example"));
    assert_eq!(step(&declared, "10.0.0.0/16"), (0, 256), "of a range that is wider than the zone");
    declared.put_block(block(2, "10.0.0.16/28", None, "inherit"));
    assert_eq!(step(&declared, "10.0.0.16/28"), (0, 0));
    declared.put_block(block(2, "10.0.0.16/28", Some(7), "inherit"));
    assert_eq!(step(&declared, "10.0.0.16/28"), (16, 16), "another TTL");
    declared.put_block(block(2, "10.0.0.16/28", Some(7), "none"));
    assert_eq!(step(&declared, "10.0.0.16/28"), (16, 0));
    declared.put_block(block(1, "10.0.0.0/16", None, "x{c}-{d}.example"));
    assert_eq!(step(&declared, "10.0.0.0/16"), (240, 240));
    declared.remove_block(BlockId(1));
    assert_eq!(step(&declared, "10.0.0.0/16"), (240, 0));
}

#[test]
fn what_lies_below_cuts_is_not_counted() {
    let (mut declared, mut snapshot) = (Declared::default(), Snapshot::default());
    declared.put_block(block(1, "10.0.0.0/11", None, "{ip}.example"));
    snapshot.apply_all_templates(&declared);
    let mut zone = zone("10.0.0.0", 8);
    assert_eq!(zone.named_addresses(snapshot.addresses()), 1 << 21);
    let ns = RrSet::single(RecordType::NS, Ttl::from_secs(1), name("ns.").as_wire());
    let cut = Arc::new(crate::Cut { ns, ds: None, glue: Vec::new() });
    let cuts = (0..24).map(|octet| (name(&format!("{octet}.10.in-addr.arpa")), cut.clone()));
    zone.set_derived(crate::Derived { cuts: cuts.collect(), ..crate::Derived::default() });
    assert_eq!(zone.named_addresses(snapshot.addresses()), 8 << 16);
    assert!(zone.is_expandable(snapshot.addresses()));
}

#[test]
fn the_last_address_of_all_is_named_and_shown() {
    let (mut declared, mut snapshot) = (Declared::default(), Snapshot::default());
    declared.put_block(block(1, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0/124", None, "n{n:x}.example"));
    snapshot.apply_all_templates(&declared);
    for (length, shown) in [(124, 16), (128, 1)] {
        let zone = zone("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", length);
        let walked: Vec<_> = zone.walk(snapshot.addresses()).owned().collect();
        assert_eq!(walked.len(), shown, "/{length}");
        let last = &walked.last().expect("a name").1;
        assert_eq!(*last.rdatas[0], *name("nf.example").as_wire());
    }
}

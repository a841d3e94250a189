//! The walk against the plain definition: everything collected, then sorted.

use crate::GivenNs;
use crate::model::{NsSet, ZoneId};
use crate::{Addresses, Cut, Derived, Exception, ExceptionRange, NameTree, Snapshot, View, Workspace, Zone};
use ptrd_wire::{
    AddrRange, Family, Name, RecordType, ReverseName, ReversePrefix, RrSet, Serial, Soa, Ttl, ip_from_bits,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

type Flat = Vec<(Name, RrSet)>;

/// What a zone shows, by its definition: own records, then cuts, then exceptions, then PTRs, whichever of one owner and
/// type comes first; nothing derived at an address at or below a cut.
fn collected(zone: &Zone, addresses: &Addresses) -> Flat {
    let mut all: BTreeMap<(Name, RecordType), RrSet> = BTreeMap::new();
    let mut put = |owner: &Name, rrset: &RrSet| {
        all.entry((owner.clone(), rrset.rtype)).or_insert_with(|| rrset.clone());
    };
    let mut ends: BTreeMap<Name, bool> = BTreeMap::new();
    for (key, node) in zone.names().iter() {
        let owner = NameTree::owner(&key, node, zone.apex());
        node.rrsets().for_each(|rrset| put(&owner, &rrset.to_rrset()));
        if node.rrset(RecordType::NS).is_some() && owner != *zone.apex() {
            ends.insert(owner, true);
        } else if node.rrset(RecordType::DNAME).is_some() {
            ends.insert(owner, false);
        }
    }
    zone.apex_ns().iter().for_each(|ns| put(zone.apex(), &ns.to_rrset()));
    let derived = zone.derived();
    ends.extend(derived.cuts.iter().map(|(owner, _)| (owner.clone(), true)));
    let first_end = |owner: &Name| {
        let names: Vec<Name> =
            owner.ancestors().take_while(|name| name.is_at_or_under(zone.apex())).collect();
        let end = names.into_iter().rev().find(|name| match ends.get(name) {
            Some(is_cut) => *is_cut || name != owner,
            None => false,
        });
        end.is_some_and(|end| ends[&end])
    };
    let mut put_cut = |owner: &Name, cut: &Cut| {
        put(owner, &cut.ns);
        cut.ds.iter().for_each(|ds| put(owner, ds));
        let glue = cut.glue.iter().filter(|(name, _)| name.is_at_or_under(owner));
        glue.for_each(|(name, rrset)| put(name, rrset));
    };
    derived.cuts.iter().for_each(|(owner, cut)| put_cut(owner, cut));
    let mut aliases = Vec::new();
    for exception in &derived.exceptions {
        for bits in exception.range.first_bits()..=exception.range.last_bits() {
            let Some(owner) = zone.owner_of(exception.range.family(), bits) else { continue };
            match &exception.what {
                _ if first_end(&owner) => {}
                Exception::Withheld => {}
                Exception::Cut(cut) => put_cut(&owner, cut),
                Exception::Alias(apex) => {
                    let target = Name::from_labels([(bits as u8).to_string()], apex).expect("a short apex");
                    aliases
                        .push((owner, RrSet::single(RecordType::CNAME, zone.alias_ttl(), target.as_wire())));
                }
            }
        }
    }
    aliases.iter().for_each(|(owner, rrset)| put(owner, rrset));
    for family in [Family::V4, Family::V6] {
        let mut next = addresses.next_from(family, 0);
        while let Some(bits) = next {
            next = bits.checked_add(1).and_then(|bits| addresses.next_from(family, bits));
            let excepted = derived.exceptions.iter().any(|e| e.range.contains(ip_from_bits(family, bits)));
            let Some(owner) = zone.owner_of(family, bits).filter(|owner| !excepted && !first_end(owner))
            else {
                continue;
            };
            let ptr = addresses.ptr(ip_from_bits(family, bits)).expect("a PTR");
            let rdatas = ptr.targets().map(|target| [target.head, target.ending].concat().into()).collect();
            put(&owner, &RrSet { rtype: RecordType::PTR, ttl: ptr.ttl(), rdatas });
        }
    }
    all.into_iter().map(|((owner, _), rrset)| (owner, rrset)).collect()
}

/// What of it the zone has authority for: nothing below the first cut or DNAME on the way, NS and DS at a cut.
fn seen_of(zone: &Zone, whole: &Flat) -> Flat {
    let derived = zone.derived();
    let mut ends: BTreeMap<Name, bool> = BTreeMap::new();
    for (owner, rrset) in whole {
        let is_end = match rrset.rtype {
            RecordType::NS => owner != zone.apex(),
            rtype => rtype == RecordType::DNAME,
        };
        if is_end {
            let is_cut = ends.entry(owner.clone()).or_default();
            *is_cut |= rrset.rtype == RecordType::NS;
        }
    }
    ends.extend(derived.cuts.iter().map(|(owner, _)| (owner.clone(), true)));
    let seen = |(owner, rrset): &&(Name, RrSet)| {
        let within = owner.ancestors().take_while(|name| name.is_at_or_under(zone.apex()));
        match within.collect::<Vec<_>>().into_iter().rev().find(|name| ends.contains_key(name)) {
            Some(end) if end != *owner => false,
            Some(end) => !ends[&end] || matches!(rrset.rtype, RecordType::NS | RecordType::DS),
            None => true,
        }
    };
    whole.iter().filter(seen).cloned().collect()
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn pick<T: Copy, const N: usize>(&mut self, of: &[T; N]) -> T {
        of[self.below(N as u64) as usize]
    }
}

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn rrset(rtype: RecordType, n: u64) -> RrSet {
    let data: Box<[u8]> = match rtype {
        RecordType::NS | RecordType::DNAME | RecordType::PTR => {
            name(&format!("n{n}.example")).as_wire().into()
        }
        _ => Box::from(n.to_be_bytes()),
    };
    RrSet::single(rtype, Ttl::from_secs(n as u32), data)
}

/// Bits near each other, so that sparse and dense parts, borders and gaps are met.
fn bits_in(random: &mut Random, range: &AddrRange) -> u128 {
    let span = range.last_bits() - range.first_bits();
    let near = match random.below(8) {
        0 => u128::from(random.below(40)),
        1..=6 => u128::from(random.below(3)) << 8 | u128::from(random.below(256)),
        _ => u128::from(random.below(1 << 30)) << random.below(90),
    };
    range.first_bits() + near % (span.saturating_add(1).max(1))
}

fn zone_of(random: &mut Random, view: View, apex: &Name, range: &AddrRange) -> (Zone, Snapshot) {
    let soa = Soa {
        mname: name("ns."),
        rname: name("h."),
        serial: Serial(1),
        refresh: 1,
        retry: 1,
        expire: 1,
        minimum: Ttl::from_secs(1),
    };
    let mut zone = Zone::new(ZoneId(1), apex.clone(), view, soa, Ttl::from_secs(9));
    let mut snapshot = Snapshot::default();
    let packed: Vec<Vec<u8>> =
        (0..5).map(|n| name(&format!("h{n}.example")).as_wire().repeat(1 + n / 3)).collect();
    let dense = if random.below(3) == 0 { 1_400 } else { 60 };
    let changes: Vec<_> = (0..dense)
        .map(|_| {
            let address = ip_from_bits(range.family(), bits_in(random, range));
            (address, Some((Ttl::from_secs(60), false, packed[random.below(5) as usize].as_slice())))
        })
        .collect();
    snapshot.apply_ptrs(&mut Workspace::default(), &changes);
    // Now and then nothing but PTRs.
    if random.below(5) == 0 {
        return (zone, snapshot);
    }
    let owner = |random: &mut Random| {
        let under = match random.below(3) {
            0 => apex.clone(),
            _ => {
                let bits = bits_in(random, range);
                let up = if random.below(2) == 0 { 0 } else { random.below(3) as usize };
                let full = zone_owner(view, apex, range, bits);
                full.ancestors()
                    .nth(up)
                    .filter(|name| name.is_at_or_under(apex))
                    .unwrap_or_else(|| apex.clone())
            }
        };
        let label = random
            .pick(&["", "", "x", "0-26", "300", "0", "1", "10", "2", "255", "A", "f", "\\000", "\\255"]);
        if label.is_empty() { under } else { Name::parse_relative(label, &under).expect("a name") }
    };
    let mut records = Vec::new();
    for _ in 0..random.below(25) {
        let types = [16, 16, 2, 39, 1, 28, 12];
        let rtype = RecordType(random.pick(&types));
        let (owner, n) = (owner(random), random.below(50));
        records.push((owner, rtype, Some(rrset(rtype, n))));
    }
    let mut derived = Derived { alias_ttl: Ttl::from_secs(77), ..Derived::default() };
    let mut cuts: BTreeMap<Name, Arc<Cut>> = BTreeMap::new();
    for _ in 0..random.below(12) {
        let at = owner(random);
        if at != *apex {
            let cut = cut_at(random, &at, apex);
            cuts.insert(at, Arc::new(cut));
        }
    }
    derived.cuts = cuts.into_iter().collect();
    let mut taken = range.first_bits();
    for _ in 0..random.below(6) {
        let first = bits_in(random, range).max(taken);
        let last = (first + u128::from(random.below(70))).min(range.last_bits());
        if first > last || taken > last {
            continue;
        }
        let family = range.family();
        let range = AddrRange::new(ip_from_bits(family, first), ip_from_bits(family, last)).expect("a range");
        let what = match random.below(5) {
            0 | 1 => Exception::Alias(Arc::new(name("lab.example"))),
            // The apex of a zone of one address is no cut.
            _ if matches!(view, View::Range(prefix) if prefix.is_full()) => Exception::Withheld,
            2 => Exception::Withheld,
            _ => {
                let at = zone_owner(view, apex, &range, first);
                Exception::Cut(Arc::new(cut_at(random, &at, apex)))
            }
        };
        derived.exceptions.push(ExceptionRange { range, what });
        match last.checked_add(1) {
            Some(next) => taken = next,
            None => break,
        }
    }
    zone.apply_records(records);
    if random.below(3) == 0 {
        zone.set_given_ns(GivenNs::of(&NsSet::first(), Ttl::from_secs(5)));
    }
    zone.set_derived(derived);
    (zone, snapshot)
}

fn cut_at(random: &mut Random, at: &Name, apex: &Name) -> Cut {
    let glue = [at.clone(), name("ns.example"), apex.clone()].into_iter().chain(
        ["ns", "0.ns", "zz", "Ns"].iter().map(|label| Name::parse_relative(label, at).expect("a name")),
    );
    let glue: Vec<(Name, RrSet)> =
        glue.filter(|_| random.below(2) == 0).map(|name| (name, rrset(RecordType::A, 4))).collect();
    Cut {
        ns: rrset(RecordType::NS, random.below(9)),
        ds: (random.below(2) == 0).then(|| rrset(RecordType::DS, 5)),
        glue,
    }
}

fn zone_owner(view: View, apex: &Name, range: &AddrRange, bits: u128) -> Name {
    match view {
        View::Classless { .. } => Name::from_labels([(bits as u8).to_string()], apex).expect("a name"),
        _ => ReversePrefix::new(ip_from_bits(range.family(), bits), u8::MAX).name(),
    }
}

/// As `assert_eq`, without pages of output.
#[track_caller]
fn same(shown: &[(Name, RrSet)], expected: &[(Name, RrSet)], what: String) {
    let at = (0..shown.len().max(expected.len())).find(|&nth| shown.get(nth) != expected.get(nth));
    assert!(at.is_none(), "{what}: {:?}, not {:?}", at.map(|n| shown.get(n)), at.map(|n| expected.get(n)));
}

#[test]
fn the_walk_shows_what_collecting_and_sorting_shows_from_everywhere_on() {
    let (mut met, mut occluded, mut resumed) = (0, 0, 0);
    for seed in 0..60 {
        let mut random = Random(seed * 7_919 + 1);
        let apexes = [
            "10.in-addr.arpa",
            "in-addr.arpa",
            "2.0.192.IN-addr.arpa",
            "20.10.in-addr.arpa",
            "7.2.0.192.in-addr.arpa",
            "8.B.d.0.1.0.0.2.ip6.arpa",
            "ip6.arpa",
            "0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
            "lab.example",
            "example",
        ];
        let apex = name(random.pick(&apexes));
        let (view, range) = match ReverseName::of_name(&apex) {
            Some(reverse) => (View::Range(reverse.prefix), reverse.prefix.range()),
            None if apex.label_count() == 2 => {
                let range = "192.0.2.3-192.0.2.120".parse::<AddrRange>().expect("a range");
                let (first, last) = (range.first_bits() as u32, range.last_bits() as u32);
                (View::Classless { first, last }, range)
            }
            None => (View::Verbatim, "10.0.0.0/8".parse().expect("a range")),
        };
        let (zone, snapshot) = zone_of(&mut random, view, &apex, &range);
        let addresses = snapshot.addresses();
        let expected = collected(&zone, addresses);
        met += expected.len();
        let shown: Flat = zone.walk(addresses).owned().collect();
        same(&shown, &expected, format!("seed {seed} {apex}"));
        let seen = seen_of(&zone, &expected);
        occluded += expected.len() - seen.len();
        let visible: Flat = zone.visible(addresses).owned().collect();
        same(&visible, &seen, format!("seed {seed} {apex} visible"));
        let owners: BTreeSet<&Name> = expected.iter().map(|(owner, _)| owner).collect();
        let mut starts: Vec<Name> = vec![apex.clone(), Name::root(), name("zzz"), name("a.example")];
        let every = owners.len() / 12 + 1;
        for (nth, owner) in owners.into_iter().enumerate() {
            if nth % every == 0 {
                starts.push(owner.clone());
                starts.extend(owner.parent());
                let labels = ["x", "0", "00", "10", "255", "a", "\\255", "ns", "*"];
                starts.push(Name::parse_relative(random.pick(&labels), owner).unwrap_or(Name::root()));
            }
        }
        for start in starts {
            let after: Flat = zone.walk_after(addresses, &start).owned().collect();
            let rest = expected.partition_point(|(owner, _)| *owner <= start);
            same(&after, &expected[rest..], format!("seed {seed} {apex} after {start}"));
            let from: Flat = zone.walk_from(addresses, &start).owned().collect();
            let rest = expected.partition_point(|(owner, _)| *owner < start);
            same(&from, &expected[rest..], format!("seed {seed} {apex} from {start}"));
            let after: Flat = zone.visible_after(addresses, &start).owned().collect();
            let rest = seen.partition_point(|(owner, _)| *owner <= start);
            same(&after, &seen[rest..], format!("seed {seed} {apex} visible after {start}"));
            let from: Flat = zone.visible_from(addresses, &start).owned().collect();
            let rest = seen.partition_point(|(owner, _)| *owner < start);
            same(&from, &seen[rest..], format!("seed {seed} {apex} visible from {start}"));
            resumed += 1;
        }
    }
    assert!(met > 6_000 && occluded > 200 && resumed > 1_500, "{met} RRsets, {occluded}, {resumed} starts");
}

#[test]
fn verbatim_zones_are_walked_with_all_that_was_imported() {
    let apex = name("2.0.192.in-addr.arpa");
    let records: Flat = [
        ("2.0.192.in-addr.arpa", RecordType::NS),
        ("5.2.0.192.in-addr.arpa", RecordType::PTR),
        ("64.2.0.192.in-addr.arpa", RecordType::NS),
        ("64.2.0.192.in-addr.arpa", RecordType::TXT),
        ("1.64.2.0.192.in-addr.arpa", RecordType::PTR),
        ("x.y.64.2.0.192.in-addr.arpa", RecordType::NS),
        ("Ns.x.y.64.2.0.192.in-addr.arpa", RecordType::A),
        ("d.2.0.192.in-addr.arpa", RecordType::DNAME),
        ("7.d.2.0.192.in-addr.arpa", RecordType::TXT),
    ]
    .map(|(owner, rtype)| (name(owner), rrset(rtype, 7)))
    .into();
    let mut zone =
        zone_of(&mut Random(0), View::Verbatim, &apex, &"192.0.2.0/24".parse().expect("a range")).0;
    zone = zone.without_records();
    zone.set_derived(Derived::default());
    zone.apply_records(
        records.iter().map(|(owner, rrset)| (owner.clone(), rrset.rtype, Some(rrset.clone()))),
    );
    let snapshot = Snapshot::default();
    let whole: Flat = zone.walk(snapshot.addresses()).owned().collect();
    assert_eq!(whole, records);
    assert!(whole.iter().any(|(owner, _)| owner.to_string().starts_with("Ns.")), "the letter case is kept");
    let seen: Flat = zone.visible(snapshot.addresses()).owned().collect();
    let kept = [0, 1, 2, 7].map(|nth: usize| records[nth].clone());
    assert_eq!(seen, kept);
}

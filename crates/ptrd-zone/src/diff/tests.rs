//! Differences of zones that were changed at random, and of what the change road does not make; the packed form.
//!
//! What changes of blocks come to is tested with the change road.

use super::*;
use crate::model::ZoneId;
use crate::{AddressLoader, Cut, Exception, ExceptionRange, GivenNs, PtrChange, Snapshot, View, Workspace};
use ptrd_wire::{AddrRange, Family, Name, ReversePrefix, RrSet, Serial, Soa, ip_from_bits};
use std::collections::BTreeMap;
use std::sync::Arc;

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn zone(apex: &str, view: View) -> Zone {
    let soa = Soa {
        mname: name("ns."),
        rname: name("h."),
        serial: Serial(1),
        refresh: 1,
        retry: 1,
        expire: 1,
        minimum: Ttl::from_secs(1),
    };
    Zone::new(ZoneId(1), name(apex), view, soa, Ttl::from_secs(9))
}

fn range_zone(apex: &str) -> Zone {
    zone(apex, View::Range(ReversePrefix::of_apex(&name(apex)).expect("a reverse name")))
}

fn set(rtype: RecordType, ttl: u32, targets: &[&str]) -> RrSet {
    let rdatas = targets.iter().map(|target| name(target).as_wire().into()).collect();
    RrSet { rtype, ttl: Ttl::from_secs(ttl), rdatas }
}

/// The difference, which is checked.
#[track_caller]
fn found(before: Version<'_>, after: Version<'_>) -> Difference {
    let found = diff(before, after, usize::MAX).expect("no limit");
    let [was, is] = [before, after].map(|(zone, addresses)| RecordList::of_zone(zone, addresses));
    let made = found.apply(&was).unwrap_or_else(|problem| panic!("{problem} {found:?}"));
    assert!(made == is, "{found:?} makes {made:?} of {was:?}, not {is:?}");
    assert_eq!(Difference::unpack(&found.pack()).as_ref(), Ok(&found));
    let back = diff(after, before, found.len()).expect("as many");
    assert_eq!((back.removed(), back.added()), (found.added(), found.removed()));
    if let Some(fewer) = found.len().checked_sub(1) {
        assert_eq!(diff(before, after, fewer), Err(TooLarge(fewer)));
    }
    found
}

#[track_caller]
fn counts(before: Version<'_>, after: Version<'_>) -> (usize, usize) {
    let found = found(before, after);
    (found.removed().len(), found.added().len())
}

fn ptrs(snapshot: &Snapshot, changes: &[(&str, Option<&[&str]>)]) -> Snapshot {
    let packed: Vec<_> = changes
        .iter()
        .map(|(address, names)| {
            let names = names.map(|names| names.iter().flat_map(|n| name(n).as_wire().to_vec()).collect());
            (address.parse().expect("an address"), names)
        })
        .collect();
    let changes: Vec<PtrChange<'_>> = packed
        .iter()
        .map(|(address, names): &(_, Option<Vec<u8>>)| {
            (*address, names.as_ref().map(|names| (Ttl::from_secs(60), false, names.as_slice())))
        })
        .collect();
    let mut next = snapshot.clone();
    next.apply_ptrs(&mut Workspace::default(), &changes);
    next
}

#[test]
fn what_is_hidden_below_a_cut_of_the_zone_itself_goes_and_comes_with_it() {
    let addresses = ptrs(
        &Snapshot::default(),
        &[
            ("10.1.2.3", Some(&["a.example"])),
            ("10.1.9.9", Some(&["b.example"])),
            ("10.2.0.1", Some(&["c."])),
        ],
    );
    let addresses = addresses.addresses();
    let plain = range_zone("10.in-addr.arpa");
    let with = |zone: &Zone, owner: &str, rrset: RrSet| {
        let mut zone = zone.clone();
        zone.apply_records([(name(owner), rrset.rtype, Some(rrset))]);
        zone
    };
    let cut = with(&plain, "1.10.in-addr.arpa", set(RecordType::NS, 5, &["ns.example", "ns2.example"]));
    assert_eq!(counts((&plain, addresses), (&cut, addresses)), (2, 2));
    // Its own records below the cut are sent all the same (RFC 5936 §3.5).
    let occluded = with(&cut, "x.2.1.10.in-addr.arpa", set(RecordType::PTR, 5, &["x."]));
    assert_eq!(counts((&cut, addresses), (&occluded, addresses)), (0, 1));
    // A DNAME above the cut, where the walk of the way to a name ends before.
    let dname = with(&plain, "1.10.in-addr.arpa", set(RecordType::DNAME, 5, &["d."]));
    let both = with(&dname, "2.1.10.in-addr.arpa", set(RecordType::NS, 5, &["ns."]));
    found((&dname, addresses), (&both, addresses));
    found((&cut, addresses), (&both, addresses));
    let apex_dname = with(&plain, "10.in-addr.arpa", set(RecordType::DNAME, 5, &["d."]));
    found((&apex_dname, addresses), (&cut, addresses));
    found(
        (&apex_dname, addresses),
        (&with(&apex_dname, "1.10.in-addr.arpa", set(RecordType::NS, 5, &["ns."])), addresses),
    );
}

#[test]
fn letter_case_of_owners_and_data_counts_and_order_does_not() {
    let snapshot = Snapshot::default();
    let addresses = snapshot.addresses();
    let with = |owner: &str, sets: &[RrSet]| {
        let mut zone = zone("Example", View::Verbatim);
        zone.apply_records(sets.iter().map(|rrset| (name(owner), rrset.rtype, Some(rrset.clone()))));
        zone
    };
    let txt = set(RecordType::TXT, 1, &["text"]);
    let ns = |names: &[&str]| [set(RecordType::NS, 5, names), txt.clone()];
    let base = with("a.example", &ns(&["n1.", "n2."]));
    assert_eq!(counts((&base, addresses), (&with("a.example", &ns(&["n2.", "n1."])), addresses)), (0, 0));
    assert_eq!(counts((&base, addresses), (&with("a.example", &ns(&["N2.", "n1."])), addresses)), (1, 1));
    assert_eq!(counts((&base, addresses), (&with("A.example", &ns(&["n1.", "n2."])), addresses)), (3, 3));
    let mut slower = ns(&["n1.", "n2.", "n3."]);
    slower[0].ttl = Ttl::from_secs(6);
    assert_eq!(counts((&base, addresses), (&with("a.example", &slower), addresses)), (2, 3));
    let mut other = zone("EXAMPLE", View::Verbatim);
    other.apply_records([(name("a.example"), RecordType::TXT, Some(txt))]);
    assert_eq!(counts((&base, addresses), (&other, addresses)), (3, 1), "the apex is spelt otherwise");
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// An address near the others of its family, and now and then far away.
fn bits_in(random: &mut Random, range: &AddrRange) -> u128 {
    let near = match random.below(10) {
        0 => u128::from(random.below(1 << 30)) << random.below(90),
        _ => u128::from(random.below(5)) << 8 | u128::from(random.below(256)),
    };
    range.first_bits() + near % (range.last_bits() - range.first_bits()).saturating_add(1).max(1)
}

fn cut_at(random: &mut Random, at: &Name) -> Cut {
    let servers = [&["ns.example"][..], &["Ns.example", "b."], &["b.", "c."]];
    let glue = ["ns", "0.ns", "Ns", "zz"].iter().filter(|_| random.below(3) == 0);
    let glue = glue.map(|label| Name::parse_relative(label, at).expect("a name")).collect::<Vec<_>>();
    Cut {
        ns: set(RecordType::NS, 60 + random.below(2) as u32, servers[random.below(3) as usize]),
        ds: (random.below(3) == 0).then(|| set(RecordType::DS, 5, &["d."])),
        glue: glue.into_iter().map(|name| (name, set(RecordType::A, 4, &["a."]))).collect(),
    }
}

/// Some changes of whatever a zone may have.
fn change(random: &mut Random, zone: &mut Zone, snapshot: &mut Snapshot, range: &AddrRange) {
    let (apex, family) = (zone.apex().clone(), range.family());
    let owner = |random: &mut Random, zone: &Zone| {
        let bits = bits_in(random, range);
        let under = zone.owner_of(family, bits).unwrap_or_else(|| apex.clone());
        let up = [0, 0, 1, 2][random.below(4) as usize];
        let under = under.ancestors().nth(up).filter(|n| n.is_at_or_under(&apex)).unwrap_or(apex.clone());
        let label = ["", "", "x", "X", "0-26", "ns", "\\000", "255"][random.below(8) as usize];
        if label.is_empty() { under } else { Name::parse_relative(label, &under).expect("a name") }
    };
    if random.below(3) > 0 {
        let many = if random.below(12) == 0 { 900 } else { 1 + random.below(6) };
        let names: Vec<Vec<u8>> = [&["a."][..], &["A."], &["a.", "b.c."], &["b.c.", "a."]]
            .iter()
            .map(|names| names.iter().flat_map(|n| name(n).as_wire().to_vec()).collect())
            .collect();
        let changes: Vec<PtrChange<'_>> = (0..many)
            .map(|_| {
                let names = &names[random.below(4) as usize];
                let set =
                    (Ttl::from_secs(60 + random.below(2) as u32), random.below(2) == 0, names.as_slice());
                (ip_from_bits(family, bits_in(random, range)), (random.below(4) > 0).then_some(set))
            })
            .collect();
        snapshot.apply_ptrs(&mut Workspace::default(), &changes);
    }
    if random.below(3) == 0 {
        let many = if random.below(10) == 0 { 200 } else { 1 + random.below(4) };
        let changes: Vec<_> = (0..many)
            .map(|_| {
                let rtype = RecordType([16, 16, 2, 39, 12, 1][random.below(6) as usize]);
                let targets = [&["a."][..], &["A."], &["a.", "b."]][random.below(3) as usize];
                let rrset = (random.below(3) > 0).then(|| set(rtype, random.below(2) as u32, targets));
                (owner(random, zone), rtype, rrset)
            })
            .collect();
        zone.apply_records(changes);
    }
    if zone.view() == View::Verbatim {
        return;
    }
    if random.below(4) == 0 {
        let mut cuts: BTreeMap<Name, Option<Arc<Cut>>> = BTreeMap::new();
        for _ in 0..1 + random.below(4) {
            let at = owner(random, zone);
            if at != apex {
                let cut = (random.below(3) > 0).then(|| Arc::new(cut_at(random, &at)));
                cuts.insert(at, cut);
            }
        }
        zone.change_cuts(&cuts);
    }
    if random.below(4) == 0 {
        let first = bits_in(random, range);
        let last = match random.below(4) {
            0 => first.saturating_add(u128::from(random.below(3_000))),
            _ => first + u128::from(random.below(80)),
        };
        let last = last.min(range.last_bits());
        let gone = zone.exceptions_in(first, last).map(|e| (e.range.first_bits(), None));
        let mut changes: BTreeMap<u128, Option<ExceptionRange>> = gone.collect();
        let range = AddrRange::new(ip_from_bits(family, first), ip_from_bits(family, last)).expect("a range");
        let at = zone.owner_of(family, first).expect("an address of the zone");
        let what = match random.below(4) {
            0 => Exception::Alias(Arc::new(name(["lab.example", "Lab.example"][random.below(2) as usize]))),
            1 if !at.eq(&apex) && last - first < 300 => Exception::Cut(Arc::new(cut_at(random, &at))),
            _ => Exception::Withheld,
        };
        // Nobody makes CNAMEs of more addresses than a /24 has.
        let what = if last - first > 300 { Exception::Withheld } else { what };
        if random.below(4) > 0 {
            changes.insert(first, Some(ExceptionRange { range, what }));
        }
        zone.change_exceptions(&changes);
    }
    if random.below(12) == 0 {
        zone.set_alias_ttl(Ttl::from_secs(random.below(2) as u32));
    }
    if random.below(12) == 0 {
        let mut ns = crate::model::NsSet::first();
        ns.nameservers =
            ["ns.example", "b.example"][..random.below(3) as usize].iter().map(|n| name(n)).collect();
        zone.set_given_ns(GivenNs::of(&ns, Ttl::from_secs(5)));
    }
}

fn condense(
    mut condenser: Condenser,
    kept: impl IntoIterator<Item = Vec<u8>>,
) -> Result<Option<Step>, Uncondensed> {
    kept.into_iter().try_for_each(|octets| condenser.push(&octets))?;
    condenser.finish()
}

#[test]
fn differences_of_random_changes_lead_from_one_version_to_any_other() {
    let (mut records, mut empty) = (0, 0);
    let rounds = std::env::var("PTRD_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    for seed in 0..rounds {
        let mut random = Random(seed * 104_729 + 7);
        let whole = |text: &str| text.parse::<AddrRange>().expect("a range");
        let (mut zone, range) = match seed % 6 {
            0 => (range_zone("10.in-addr.arpa"), whole("10.0.0.0/8")),
            1 => (range_zone("2.0.10.IN-addr.arpa"), whole("10.0.2.0/24")),
            2 => (range_zone("8.b.d.0.1.0.0.2.ip6.arpa"), whole("2001:db8::/32")),
            3 => {
                let (first, last) = (0x0a00_0203, 0x0a00_02c8);
                (self::zone("lab.example", View::Classless { first, last }), whole("10.0.2.3-10.0.2.200"))
            }
            4 => (self::zone("Example", View::Verbatim), whole("10.0.0.0/8")),
            _ => (range_zone("in-addr.arpa"), whole("10.0.0.0/8")),
        };
        let mut snapshot = Snapshot::default();
        // What lies outside of the zone is none of its business.
        snapshot.apply_ptrs(
            &mut Workspace::default(),
            &["9.9.9.9", "10.255.255.255", "10.0.3.0", "2001:db7::1", "2001:db9::1"].map(|text| {
                (text.parse().expect("an address"), Some((Ttl::from_secs(1), true, &b"\x01a\0"[..])))
            }),
        );
        let mut versions: Vec<(Zone, Snapshot)> = vec![(zone.clone(), snapshot.clone())];
        let mut steps = Vec::new();
        for _ in 0..40 {
            change(&mut random, &mut zone, &mut snapshot, &range);
            let (old, old_snapshot) = versions.last().expect("a version");
            let step = found((old, old_snapshot.addresses()), (&zone, snapshot.addresses()));
            records += step.len();
            empty += usize::from(step.is_empty());
            steps.push(step);
            versions.push((zone.clone(), snapshot.clone()));
        }
        for (from, to) in [(0, 40), (3, 17), (20, 29), (9, 9)] {
            let [(old, old_snapshot), (new, new_snapshot)] = [&versions[from], &versions[to]];
            let whole = found((old, old_snapshot.addresses()), (new, new_snapshot.addresses()));
            let condensed =
                steps[from..to].iter().try_fold(Difference::default(), |all, next| all.then(next));
            assert_eq!(condensed.as_ref(), Ok(&whole), "seed {seed}, {from} to {to}");
            let expected = (from < to).then(|| Step::new(&versions[from].0, whole));
            // All at once, a few at a time, and one by one where they are long.
            for condenser in
                [Condenser::default(), Condenser::within(900, 1_000_000), Condenser::within(900, 150)]
            {
                let kept = steps[from..to].iter().zip(&versions[from..]);
                let kept = kept.map(|(step, (zone, _))| Step::new(zone, step.clone()).pack());
                assert_eq!(condense(condenser, kept), Ok(expected.clone()), "seed {seed}, {from} to {to}");
            }
        }
    }
    assert!(records > 1_500 && empty < 15 * rounds as usize, "{records} records, {empty} steps without any");
}

#[test]
fn what_is_shared_is_not_looked_at() {
    // Were it walked, this would take minutes.
    let mut snapshot = Snapshot::default();
    let mut loader = AddressLoader::default();
    for n in 0..200_000u32 {
        loader.push(
            ip_from_bits(Family::V4, (0x0a00_0000 + 3 * n).into()),
            Ttl::from_secs(1),
            true,
            b"\x01a\0",
        );
        let bits = 0x2001_0db8u128 << 96 | u128::from(n) << 40;
        loader.push(ip_from_bits(Family::V6, bits), Ttl::from_secs(1), true, b"\x01a\0");
    }
    loader.finish(&mut snapshot);
    let mut big = range_zone("10.in-addr.arpa");
    let text = |n: u32| {
        (name(&format!("x{n}.10.in-addr.arpa")), RecordType::TXT, Some(set(RecordType::TXT, 1, &["t"])))
    };
    big.apply_records((0..20_000).map(text));
    let six = range_zone("8.b.d.0.1.0.0.2.ip6.arpa");
    let started = std::time::Instant::now();
    for n in 0..2_000u32 {
        let address = format!("10.{}.{}.{}", n % 9, n % 250, n % 256);
        let next =
            ptrs(&snapshot, &[(&address, Some(&["b."])), (&format!("2001:db8::{n:x}:0"), Some(&["b."]))]);
        assert_eq!(
            diff((&big, snapshot.addresses()), (&big, next.addresses()), 9).map(|found| found.added().len()),
            Ok(1)
        );
        assert_eq!(
            diff((&six, snapshot.addresses()), (&six, next.addresses()), 9).map(|found| found.added().len()),
            Ok(1)
        );
        let mut other = big.clone();
        other.apply_records([text(1_000_000 + n)]);
        assert_eq!(
            diff((&big, next.addresses()), (&other, next.addresses()), 9).map(|found| found.len()),
            Ok(1)
        );
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn damaged_differences_are_refused() {
    let base = range_zone("10.in-addr.arpa");
    let old = ptrs(
        &Snapshot::default(),
        &[("10.0.0.1", Some(&["a.example", "b.example"])), ("10.0.0.2", Some(&["c."]))],
    );
    let mut next = ptrs(&old, &[("10.0.0.1", Some(&["a.example", "C.example"])), ("10.0.0.2", None)]);
    next = ptrs(&next, &[("10.9.9.9", Some(&["x."]))]);
    let long = {
        let mut zone = base.clone();
        let rrset = RrSet::single(RecordType::TXT, Ttl::from_secs(1), [7; 400]);
        zone.apply_records([(name("x.10.in-addr.arpa"), RecordType::TXT, Some(rrset))]);
        zone
    };
    let found = found((&base, old.addresses()), (&long, next.addresses()));
    let packed = found.pack();
    assert_eq!(packed.len(), 13 + found.removed().octets().len() + found.added().octets().len());
    for cut in 0..packed.len() {
        assert!(Difference::unpack(&packed[..cut]).is_err(), "{cut} octets");
    }
    let mut accepted = 0;
    for at in 0..packed.len() {
        for bit in 0..8 {
            let mut damaged = packed.clone();
            damaged[at] ^= 1 << bit;
            // Whatever is accepted can be read.
            if let Ok(read) = Difference::unpack(&damaged) {
                accepted += 1;
                let mut records = read.added().records();
                while records.next_record().is_some() {}
                assert_eq!(read.pack().len(), damaged.len());
            }
        }
    }
    assert!(accepted > 0, "data is not checked");
    let swapped = Difference::of(found.added().clone(), found.removed().clone());
    assert!(matches!(swapped.apply(&RecordList::of_zone(&base, old.addresses())), Err(Mismatch::Missing(_))));
    assert!(found.apply(&RecordList::of_zone(&long, next.addresses())).is_err());
    let more = Difference::of(RecordList::default(), found.added().clone());
    assert!(matches!(more.apply(&RecordList::of_zone(&long, next.addresses())), Err(Mismatch::Present(_))));
    assert!(found.then(&found).is_err());
    assert!(matches!(more.then(&more), Err(Mismatch::Present(_))));
    let both = Difference::of(found.added().clone(), found.added().clone());
    assert!(Difference::unpack(&both.pack()).is_err(), "in both");
    assert_eq!(found.then(&swapped), Ok(Difference::default()), "there and back");
    let steps = |steps: &[&Difference]| {
        let kept: Vec<_> = steps.iter().map(|step| Step::new(&base, (*step).clone()).pack()).collect();
        condense(Condenser::default(), kept).map(|step| step.expect("a step").difference)
    };
    assert_eq!(steps(&[&found, &swapped]), Ok(Difference::default()));
    assert_eq!(steps(&[&found, &swapped, &found]).as_ref(), Ok(&found));
    assert!(matches!(steps(&[&more, &more]), Err(Uncondensed::Mismatch(Mismatch::Present(_)))));
    let gone = Difference::of(found.added().clone(), RecordList::default());
    assert!(matches!(steps(&[&gone, &gone]), Err(Uncondensed::Mismatch(Mismatch::Missing(_)))));
    let mut damaged = Step::new(&base, found).pack();
    damaged[20] ^= 1;
    assert!(matches!(condense(Condenser::default(), [damaged]), Err(Uncondensed::Malformed(_))));
}

//! Random updates, held against RFC 2136 over flat zones: response codes and what zones show afterwards are the same, for
//! a range zone whose PTRs lie in the address index, for a classless zone, for the zone above it whose names are CNAMEs,
//! and for a verbatim zone.

mod support;

use proptest::prelude::*;
use proptest::sample::select;
use ptrd_api::ZoneImportOptions;
use ptrd_change::UpdateDone;
use ptrd_testkit::{FlatZone, apply_update};
use ptrd_wire::{Name, Prerequisite, Rcode, RecordChange, RecordType, RrSet, Serial, Soa, Update};
use support::{Bench, line, name, read_update};

const RANGE: &str = "2.0.192.in-addr.arpa";
const CLASSLESS: &str = "64-26.2.0.192.in-addr.arpa";
const VERBATIM: &str = "example.com";

fn bench() -> Bench {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "block 192.0.2.64/26 acme classless=first-len"]);
    bench.allow_update("key=key.example");
    let zone = "$ORIGIN example.com.\n@ 60 SOA ns h 5 2 3 4 5\n@ 60 NS ns\n@ 60 NS ns2\n";
    let options = ZoneImportOptions { tenant: "acme".into(), ..Default::default() };
    bench.import_zones(options, &[("z", zone)]).expect("an import");
    bench
}

/// A zone as the judge has it. Derived records are no part of it.
fn flat(bench: &Bench, apex: &str) -> FlatZone {
    let view = bench.view();
    let zone = view.snapshot.zone(&name(apex)).expect("a zone");
    let soa = RrSet::single(RecordType::SOA, zone.soa_ttl(), zone.soa_rdata());
    let mut flat = vec![(zone.apex().clone(), soa)];
    let is_derived = |owner: &Name, rtype| {
        apex == RANGE
            && (owner.is_at_or_under(&name(CLASSLESS))
                || rtype == RecordType::CNAME
                    && owner.labels().next().is_some_and(|label| label.starts_with(b"7")))
    };
    let records = zone.walk(view.snapshot.addresses()).owned();
    flat.extend(records.filter(|(owner, rrset)| !is_derived(owner, rrset.rtype)));
    flat
}

/// The zone, without the serial of its SOA, sorted; and the serial.
fn shown(zone: &FlatZone) -> (Vec<String>, Serial) {
    let mut serial = Serial(0);
    let mut lines: Vec<String> = zone
        .iter()
        .map(|(owner, rrset)| {
            let mut rrset = rrset.clone();
            if rrset.rtype == RecordType::SOA {
                let mut soa = Soa::from_wire(&rrset.rdatas[0]).expect("a SOA");
                serial = std::mem::replace(&mut soa.serial, Serial(0));
                rrset.rdatas[0] = soa.to_wire().into();
            }
            line(&owner.to_lowercase(), &rrset)
        })
        .collect();
    lines.sort();
    (lines, serial)
}

/// Text of one part of an update, with the names and types that a zone has.
fn part(owners: &'static [&'static str], types: &'static [&'static str]) -> impl Strategy<Value = String> {
    let data = |rtype: &str, nth: u32| match rtype {
        "TXT" => format!("t{nth}"),
        "DHCID" => ["AAIBMmFj", "AAIBMmFk", "AAIBMmFl"][nth as usize % 3].to_owned(),
        "SOA" => format!("a. b. {} 1 2 3 4", nth * 3),
        "MX" => format!("{} {}.example.org.", nth % 2, ["a", "A", "b"][nth as usize % 3]),
        _ => format!("{}.example.org.", ["a", "A", "b", "c"][nth as usize % 4]),
    };
    let ttl = select(vec![60u32, 3600, 86_400]);
    (0..12u8, select(owners), select(types), 0..6u32, ttl).prop_map(move |(kind, owner, rtype, nth, ttl)| {
        let data = data(rtype, nth);
        match kind {
            0..5 => format!("add {owner} {ttl} {rtype} {data}"),
            5 => format!("del {owner}"),
            6 => format!("del {owner} {rtype}"),
            7 | 8 => format!("del {owner} {rtype} {data}"),
            9 => format!("yxrrset {owner} {rtype} {data}"),
            10 => format!("{} {owner} {rtype}", ["yxrrset", "nxrrset"][nth as usize % 2]),
            _ => format!("{} {owner}", ["yxdomain", "nxdomain"][nth as usize % 2]),
        }
    })
}

fn updates(
    zone: &'static str,
    owners: &'static [&'static str],
    types: &'static [&'static str],
) -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let one =
        prop::collection::vec(part(owners, types), 0..7).prop_map(move |parts| (zone, parts.join("; ")));
    prop::collection::vec(one, 1..12)
}

/// The update as it is for the zone that its names lead to.
fn led_to(update: Update, apex: &str) -> Update {
    let lead = |owner: Name| {
        let label = owner.labels().next().expect("a label").to_vec();
        Name::from_labels([label], &name(apex)).expect("a name")
    };
    let prerequisites = update.prerequisites.into_iter().map(|one| match one {
        Prerequisite::Exists { owner, rtype } => Prerequisite::Exists { owner: lead(owner), rtype },
        Prerequisite::Absent { owner, rtype } => Prerequisite::Absent { owner: lead(owner), rtype },
        Prerequisite::Holds { owner, rtype, rdata } => {
            Prerequisite::Holds { owner: lead(owner), rtype, rdata }
        }
        Prerequisite::InUse { owner } => Prerequisite::InUse { owner: lead(owner) },
        Prerequisite::NotInUse { owner } => Prerequisite::NotInUse { owner: lead(owner) },
        faulty => faulty,
    });
    let changes = update.changes.into_iter().map(|one| match one {
        RecordChange::Add { owner, rtype, ttl, rdata } => {
            RecordChange::Add { owner: lead(owner), rtype, ttl, rdata }
        }
        RecordChange::DeleteRrset { owner, rtype } => RecordChange::DeleteRrset { owner: lead(owner), rtype },
        RecordChange::DeleteName { owner } => RecordChange::DeleteName { owner: lead(owner) },
        RecordChange::Delete { owner, rtype, rdata } => {
            RecordChange::Delete { owner: lead(owner), rtype, rdata }
        }
        faulty => faulty,
    });
    Update { zone: name(apex), prerequisites: prerequisites.collect(), changes: changes.collect() }
}

/// Sends updates one after the other; `acts_on` is the zone that they change.
fn check(updates: Vec<(&'static str, String)>, acts_on: &str) -> Result<(), TestCaseError> {
    let bench = bench();
    for (zone, text) in updates {
        let before = flat(&bench, acts_on);
        let mut update = read_update(zone, &text);
        if zone != acts_on {
            update = led_to(update, acts_on);
        }
        let expected = apply_update(&before, &update);
        let sent = bench.update_as("key.example", zone, &text);
        match (expected, sent) {
            (Err(rcode), sent) => {
                prop_assert_eq!(
                    sent.map_err(|refusal| refusal.rcode),
                    Err::<UpdateDone, _>(rcode),
                    "{}",
                    text
                );
            }
            (Ok(expected), sent) => {
                let done = match sent {
                    Ok(done) => done,
                    Err(refusal) => return Err(TestCaseError::fail(format!("{text}: {refusal}"))),
                };
                let (was, old) = shown(&before);
                let (is, new) = shown(&flat(&bench, acts_on));
                let (wanted, told) = shown(&expected);
                prop_assert_eq!(&is, &wanted, "{}", text);
                let changes = was != wanted || told != old;
                prop_assert_eq!(done.change.is_some(), changes, "{}: {}", text, done.summary);
                let next = if told != old {
                    told
                } else if changes {
                    old.next()
                } else {
                    old
                };
                prop_assert_eq!(new, next, "{}", text);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn range_zones(updates in updates(RANGE, &["1", "2", "003", "foo", "1.foo", "x.1", "*.bar"], &["PTR", "PTR", "TXT", "DHCID", "CNAME"])) {
        check(updates, RANGE)?;
    }

    #[test]
    fn classless_zones(updates in updates(CLASSLESS, &["70", "71", "5", "foo", "x.70"], &["PTR", "PTR", "TXT", "DHCID", "CNAME"])) {
        check(updates, CLASSLESS)?;
    }

    #[test]
    fn names_that_lead_elsewhere(updates in updates(RANGE, &["70", "71"], &["PTR", "PTR", "TXT", "DHCID"])) {
        check(updates, CLASSLESS)?;
    }

    #[test]
    fn verbatim_zones(updates in updates(VERBATIM, &["@", "@", "a", "b.a", "*", "c"], &["PTR", "TXT", "NS", "MX", "CNAME", "SOA"])) {
        check(updates, VERBATIM)?;
    }
}

#[test]
fn the_judge_knows_its_trade() {
    let bench = bench();
    let zone = flat(&bench, VERBATIM);
    let refused = |text: &str| apply_update(&zone, &read_update(VERBATIM, text)).err();
    assert_eq!(refused("yxdomain x"), Some(Rcode::NXDOMAIN));
    assert_eq!(refused("nxdomain @"), Some(Rcode::YXDOMAIN));
    assert_eq!(refused("yxrrset @ TXT"), Some(Rcode::NXRRSET));
    assert_eq!(refused("nxrrset @ NS"), Some(Rcode::YXRRSET));
    assert_eq!(refused("yxrrset @ NS ns.example.com."), Some(Rcode::NXRRSET));
    assert_eq!(refused("yxrrset @ NS ns.example.com.; yxrrset @ NS NS2.example.com."), None);
}

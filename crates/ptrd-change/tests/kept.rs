//! The history of zones as the store keeps it: from any serial that it reaches back to, it leads to what the zone is now.

mod support;

use ptrd_store::Store;
use ptrd_wire::{Serial, Soa};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{Condenser, Form, RecordList, Step, Zone};
use std::collections::BTreeMap;
use support::{Bench, numbers, random_line};

const FORMS: [Form; 2] = [Form::Records, Form::Stated];

/// A serial, the data of the SOA, and the other records in each form.
type Version = (Serial, Box<[u8]>, [RecordList; 2]);

/// What a zone was at each of its serials.
#[derive(Default)]
struct Past {
    versions: BTreeMap<ZoneId, Vec<Version>>,
}

impl Past {
    fn note(&mut self, bench: &Bench) {
        let view = bench.view();
        for zone in view.snapshot.zones() {
            let versions = self.versions.entry(zone.id()).or_default();
            let serial = zone.soa().serial;
            if versions.last().is_none_or(|(last, ..)| *last != serial) {
                let records = FORMS.map(|form| RecordList::of_zone_in(zone, view.snapshot.addresses(), form));
                versions.push((serial, zone.soa_rdata().into(), records));
            }
        }
    }

    /// Follows the history of a zone from each of its versions; returns from how many it led to the present one.
    fn follow(&self, bench: &Bench, zone: &Zone, nth: usize) -> usize {
        let view = bench.view();
        let now = RecordList::of_zone_in(zone, view.snapshot.addresses(), FORMS[nth]);
        let mut store = bench.store.clone();
        let mut led = 0;
        'versions: for (serial, soa, was) in &self.versions[&zone.id()] {
            let steps = store.deltas(zone.id(), *serial, usize::MAX).expect("a history");
            let Some(last) = steps.last() else { continue };
            assert_eq!(last.to, zone.soa().serial, "{}: the history ends with the present", zone.apex());
            let (mut whole, mut condenser) = (None::<Step>, Condenser::default());
            for step in &steps {
                // Of templates that name much: longer than the zone.
                let Some(octets) = Step::in_form(&step.octets, FORMS[nth]).expect("a step") else {
                    continue 'versions;
                };
                condenser.push(&octets).expect("a step");
                let next = Step::unpack(&octets).expect("a step");
                assert_eq!(next.serial(), Ok(step.from));
                whole = Some(match whole {
                    None => next,
                    Some(before) => before.then(&next).expect("steps follow each other"),
                });
            }
            let whole = whole.expect("a step");
            assert_eq!(condenser.finish().as_ref(), Ok(&Some(whole.clone())), "{}", zone.apex());
            assert_eq!(whole.soa, *soa, "{}: the SOA that the client has", zone.apex());
            assert_eq!(Soa::from_wire(&whole.soa).map(|soa| soa.serial), Ok(*serial));
            let made = whole.difference.apply(&was[nth]);
            let made = made.unwrap_or_else(|problem| panic!("{} from {serial}: {problem}", zone.apex()));
            assert!(made == now, "{} from {serial}: {made:#?} instead of {now:#?}", zone.apex());
            led += 1;
        }
        led
    }
}

#[test]
fn every_version_that_is_kept_leads_to_the_present_one() {
    let rounds = std::env::var("PTRD_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(4u64);
    let mut led = [0; 2];
    for seed in 1..=rounds {
        let mut random = numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let bench = Bench::new();
        let mut past = Past::default();
        for _ in 0..120 {
            let line = random_line(&mut random);
            let _ = bench.ask(support::request(&line), false);
            past.note(&bench);
        }
        let view = bench.view();
        for (nth, led) in led.iter_mut().enumerate() {
            *led += view.snapshot.zones().map(|zone| past.follow(&bench, zone, nth)).sum::<usize>();
        }
    }
    assert!(led.iter().all(|led| *led > 20 * rounds as usize), "the history led from {led:?} versions only");
}

const ZONE: &str = "0.10.in-addr.arpa";

fn steps(bench: &Bench, from: u32) -> usize {
    let view = bench.view();
    let zone = view.snapshot.zone(&support::name(ZONE)).expect("a zone").id();
    bench.store.clone().deltas(zone, Serial(from), usize::MAX).expect("a history").len()
}

#[test]
fn what_is_longer_than_the_zone_is_not_kept() {
    let bench = Bench::with(&["block 10.0.0.0/16 acme", "fill 10.0.0.0/23 h{ip}.example"]);
    let full = bench.serial(ZONE);
    bench.ok("fill 10.0.1.0/25 i{ip}.example");
    assert_eq!(steps(&bench, full), 1, "256 records that went and came, of 514 that there are");
    bench.ok("fill 10.0.0.0/23 j{ip}.example");
    assert_eq!(steps(&bench, full), 0, "1 024 of 514");
    let full = bench.serial(ZONE);
    bench.ok("ptr 10.0.0.1 b.example");
    bench.ok("ptr 10.0.0.2 b.example");
    assert_eq!(steps(&bench, full), 2);
}

#[test]
fn a_serial_that_goes_back_starts_anew() {
    let bench = Bench::new();
    let text = |serial: u32, name: &str| {
        format!("$ORIGIN example.\n@ 60 SOA ns1 h {serial} 1 1 1 1\n@ 60 NS ns1\n@ 60 TXT {name}\n")
    };
    let options = |replace| ptrd_api::ZoneImportOptions {
        tenant: "acme".into(),
        replace,
        keep_serial: replace,
        ..ptrd_api::ZoneImportOptions::default()
    };
    bench.import_zones(options(false), &[("example.zone", &text(9, "a"))]).expect("imported");
    let id = bench.view().snapshot.zone(&support::name("example")).expect("a zone").id();
    let history =
        |from: u32| bench.store.clone().deltas(id, Serial(from), usize::MAX).expect("a history").len();
    bench.import_zones(options(true), &[("example.zone", &text(12, "b"))]).expect("imported");
    assert_eq!(history(9), 1);
    bench.import_zones(options(true), &[("example.zone", &text(10, "c"))]).expect("imported");
    assert_eq!((history(9), history(12)), (0, 0));
}

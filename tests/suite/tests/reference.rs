//! The engine against the slow, obvious reference resolver, over random worlds and questions near their data.

use ptrd_suite::EngineAnswerer;
use ptrd_testkit::generate::Case;
use ptrd_testkit::{Answerer, compare_zones, flatten, judge};

/// How many worlds to try; PTRD_WORLDS raises the count for a longer search.
fn worlds() -> u64 {
    std::env::var("PTRD_WORLDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000)
}

#[test]
fn answers_and_zones_agree_with_the_reference() {
    agree(Case::seeded, worlds());
}

/// With verbatim zones that came signed, by NSEC, NSEC3 and NSEC3 with Opt-Out.
#[test]
fn proofs_agree_with_the_reference() {
    agree(Case::signed, worlds() / 5);
}

fn agree(case: fn(u64) -> Case, worlds: u64) {
    let mut engine = EngineAnswerer::default();
    let mut faults = Vec::new();
    for seed in 0..worlds {
        let Case { world, questions } = case(seed);
        let zones = flatten(&world);
        engine.load(&world);
        let before = faults.len();
        for (question, transport) in &questions {
            if let Err(fault) = judge(&mut engine, &world, &zones, question, *transport) {
                faults.push(format!("seed {seed}: {fault}"));
                break;
            }
        }
        for (apex, expected) in &zones {
            let got = engine.zone(apex).unwrap_or_default();
            assert!(got.windows(2).all(|pair| pair[0].0 <= pair[1].0), "seed {seed}: the order of {apex}");
            if let Err(fault) = compare_zones(expected, &got) {
                faults.push(format!("seed {seed}, zone {apex}: {fault}"));
            }
        }
        if faults.len() > before {
            faults.push(format!("the world of seed {seed}:\n{world}"));
        }
        if faults.len() >= 6 {
            break;
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

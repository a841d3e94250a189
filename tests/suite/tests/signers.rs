//! Random zones, signed by the tools of BIND and of NLnet Labs: they are taken for whole, and answered as the reference resolver
//! says.

use ptrd_master::{Expected, Limits, MasterZone, Source, read_zone, write_zone};
use ptrd_suite::EngineAnswerer;
use ptrd_suite::presigned::{DENIALS, Denial, sign, sign_by_ldns};
use ptrd_testkit::generate::Case;
use ptrd_testkit::{Answerer, World, compare_zones, flatten, judge};
use ptrd_wire::{Name, RecordType, RrSet};
use ptrd_zone::model::{ZoneKind, ZoneRecord, ZoneRow, ZoneSoa};
use std::path::Path;

/// How many worlds to try; PTRD_SIGNED_WORLDS raises the count for a longer search.
fn worlds() -> u64 {
    std::env::var("PTRD_SIGNED_WORLDS").ok().and_then(|text| text.parse().ok()).unwrap_or(24)
}

type Signer = fn(&Path, &str, &str, Denial) -> Option<std::path::PathBuf>;

#[test]
fn zones_signed_by_bind_are_answered_as_the_reference_says() {
    agree(|folder, apex, text, denial| Some(sign(folder, apex, text, denial)?.file));
}

#[test]
fn zones_signed_by_ldns_are_answered_as_the_reference_says() {
    agree(sign_by_ldns);
}

fn agree(signer: Signer) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut engine = EngineAnswerer::default();
    let (mut zones_signed, mut asked) = (0, 0);
    for seed in 0..worlds() {
        let Case { mut world, .. } = Case::seeded(seed);
        let verbatim: Vec<ZoneRow> =
            world.zones.iter().filter(|zone| zone.kind == ZoneKind::Verbatim).cloned().collect();
        for (nth, zone) in verbatim.iter().enumerate() {
            let denial = DENIALS[(seed as usize + nth) % DENIALS.len()];
            let here = folder.path().join(format!("{seed}-{nth}"));
            let Some(signed) = signed(&world, zone, &here, denial, signer) else {
                return println!("skipped: the signer is not installed");
            };
            put(&mut world, zone, signed);
            zones_signed += 1;
        }
        engine.load(&world);
        let zones = flatten(&world);
        for (question, transport) in &Case::questions_of_signed(&world, seed) {
            asked += 1;
            if let Err(fault) = judge(&mut engine, &world, &zones, question, *transport) {
                panic!("seed {seed}: {fault}\nthe world of seed {seed}:\n{world}");
            }
        }
        for (apex, expected) in &zones {
            let got = engine.zone(apex).unwrap_or_default();
            compare_zones(expected, &got).unwrap_or_else(|fault| panic!("seed {seed}, zone {apex}: {fault}"));
        }
    }
    println!("{zones_signed} zones, {asked} questions");
    assert!(zones_signed >= worlds() / 2 && asked >= 40 * worlds());
}

/// A zone of a World, signed.
fn signed(world: &World, zone: &ZoneRow, here: &Path, denial: Denial, signer: Signer) -> Option<MasterZone> {
    let (soa, soa_ttl) = world.soa(zone);
    let own: Vec<&ZoneRecord> = world.records.iter().filter(|record| record.zone == zone.id).collect();
    let is_cut = |owner: &Name| own.iter().any(|r| r.owner == *owner && r.rrset.rtype == RecordType::NS);
    // BIND signs no DS without a delegation.
    let sets: Vec<(Name, RrSet)> = own
        .iter()
        .filter(|record| record.rrset.rtype != RecordType::DS || is_cut(&record.owner))
        .map(|record| (record.owner.clone(), with_whole_digests(record.rrset.clone())))
        .collect();
    let mut text = Vec::new();
    let records = sets.iter().map(|(owner, rrset)| (owner, rrset));
    write_zone(&mut text, &zone.apex, &soa, soa_ttl, records).expect("a zone is written");
    let apex = zone.apex.to_string();
    let file = signer(here, &apex, &String::from_utf8_lossy(&text), denial)?;
    let text = std::fs::read(file).expect("a signed zone");
    let expected = Expected { apex: Some(&zone.apex), origin: None };
    let source = Source { name: "signed", text: &text };
    let read = read_zone(source, expected, &Limits::default(), &mut |name: &str| {
        Err(std::io::Error::other(format!("no file {name}")))
    });
    Some(read.unwrap_or_else(|errors| panic!("{apex}: {errors:?}")))
}

/// The digests of DS records of random Worlds are too short for real tools.
fn with_whole_digests(mut rrset: RrSet) -> RrSet {
    if rrset.rtype == RecordType::DS {
        for rdata in &mut rrset.rdatas {
            *rdata = [&rdata[..3], &[2], &[rdata[1]; 32]].concat().into();
        }
    }
    rrset
}

/// Puts what was signed in the place of what was not.
fn put(world: &mut World, zone: &ZoneRow, signed: MasterZone) {
    assert!(signed.records.iter().any(|(_, rrset)| rrset.rtype == RecordType::RRSIG));
    world.records.retain(|record| record.zone != zone.id);
    let records = signed.records.into_iter();
    world.records.extend(records.map(|(owner, rrset)| ZoneRecord { zone: zone.id, owner, rrset }));
    if let Some(row) = world.zones.iter_mut().find(|row| row.id == zone.id) {
        row.soa = ZoneSoa::Own { soa: signed.soa, ttl: signed.soa_ttl };
        row.ns_set = None;
    }
}

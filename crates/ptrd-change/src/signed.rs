//! Zones that came signed: they are as they came, or they are not served. What would break a signature is refused, and so is
//! a zone that looks signed and is not whole.

use crate::problem::{conflict, invalid};
use ptrd_api::Problem;
use ptrd_master::MasterZone;
use ptrd_wire::{Name, RecordType, Rrsig};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{NotWhole, RrSetRef, Snapshot, View, Zone};

/// Examines a zone of a candidate that a change made, or made of another: its statements, and its signatures where it looks
/// signed.
/// `stepped`: the change gave it a serial of ours.
pub(crate) fn settle(
    candidate: &mut Snapshot,
    apex: &Name,
    before: Option<&Zone>,
    stepped: bool,
) -> Result<(), Problem> {
    if let Some(zone) = candidate.zone(apex) {
        check_statements(zone)?;
    }
    let Some(zone) = candidate.zone(apex).filter(|zone| zone.looks_signed()) else { return Ok(()) };
    let mut zone = Zone::clone(zone);
    check(before, &mut zone, stepped)?;
    candidate.put_zone(zone);
    Ok(())
}

/// Refuses statements that make no sense.
pub(crate) fn check_statements(zone: &Zone) -> Result<(), Problem> {
    zone.check_statements().map_err(|error| invalid(format!("{}: {error}", zone.apex())))
}

/// Whether a zone may be published that was this before, if it was anything.
fn check(before: Option<&Zone>, after: &mut Zone, stepped: bool) -> Result<(), Problem> {
    // One that is not served as it is may be mended bit by bit.
    let was_broken = before.is_some_and(|zone| zone.fault().is_some());
    if was_broken && after.examine().is_err() {
        return Ok(());
    }
    let known = before.filter(|zone| zone.signing().is_some());
    if stepped || known.is_some_and(|known| keeps_signature_of_another_soa(known, after)) {
        return Err(signed_elsewhere(after));
    }
    let apex = after.apex().clone();
    after.examine().map(drop).map_err(|fault| not_whole(&apex.to_string(), &fault))
}

/// Whether a file that looks signed is a whole zone: asked before it is planned, so that others may go on without it.
pub(crate) fn check_file(file: &MasterZone) -> Result<(), Problem> {
    let mut zone = Zone::new(ZoneId(0), file.apex.clone(), View::Verbatim, file.soa.clone(), file.soa_ttl);
    let is_key = |rtype| matches!(rtype, RecordType::RRSIG | RecordType::NSEC | RecordType::NSEC3);
    let looks_signed = file.records.iter().any(|(owner, rrset)| {
        is_key(rrset.rtype) || (*owner == file.apex && rrset.rtype == RecordType::DNSKEY)
    });
    if !looks_signed {
        return Ok(());
    }
    let records = file.records.iter().map(|(owner, rrset)| (owner.clone(), rrset.rtype, Some(rrset.clone())));
    zone.apply_records(records);
    zone.examine().map(drop).map_err(|fault| not_whole(&file.apex.to_string(), &fault))
}

/// Examines what a store holds. A zone that is not whole came before this was asked; it is there, and not answered for.
pub(crate) fn examine_all(snapshot: &mut Snapshot) {
    let signed: Vec<Zone> =
        snapshot.zones().filter(|zone| zone.looks_signed()).map(|zone| Zone::clone(zone)).collect();
    for mut zone in signed {
        // What is wrong goes with the zone.
        let _ = zone.examine();
        snapshot.put_zone(zone);
    }
}

fn not_whole(apex: &str, fault: &NotWhole) -> Problem {
    invalid(format!("the zone {apex} is signed but not whole: {fault}")).hint(
        "no answer of it could be proven, so it is not taken; sign it again, all of it, or leave all DNSSEC records out",
    )
}

fn signed_elsewhere(zone: &Zone) -> Problem {
    let (apex, serial) = (zone.apex(), zone.soa().serial);
    conflict(format!(
        "the zone {apex} is signed elsewhere: a change made here would have no signature, nor would its serial"
    ))
    .hint(format!(
        "change it there, sign it with a serial later than {serial}, and import it: `ptrctl zone import FILE --replace`; \
         a serial that is not later is kept with --keep-serial"
    ))
}

/// Whether the SOA is another and its signatures are not.
fn keeps_signature_of_another_soa(before: &Zone, after: &Zone) -> bool {
    let same_soa = before.soa_rdata() == after.soa_rdata() && before.soa_ttl() == after.soa_ttl();
    !same_soa && soa_signatures(before).eq(soa_signatures(after))
}

fn soa_signatures(zone: &Zone) -> impl Iterator<Item = &[u8]> {
    let rrsigs: Option<RrSetRef<'_>> = zone.apex_node().and_then(|node| node.rrset(RecordType::RRSIG));
    let rdatas = rrsigs.into_iter().flat_map(|rrsigs| rrsigs.rdatas());
    rdatas.filter(|rdata| Rrsig::covers(rdata) == Some(RecordType::SOA))
}

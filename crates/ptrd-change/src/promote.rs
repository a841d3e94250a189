//! A standby takes its primary's place: another reign, and serials past all that the old primary can have given out. Zones
//! whose serials are made elsewhere, followed ones and signed ones, keep theirs.

use crate::plan::{LAST_SERIAL, Plan};
use crate::problem::{conflict, count, some};
use crate::{load, post};
use ptrd_api::Problem;
use ptrd_store::Edit;
use ptrd_wire::{Name, Serial};
use ptrd_zone::PROJECTION_VERSION;
use std::collections::BTreeMap;

/// How far serials go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    /// So many changes the old primary may have made that are not here.
    pub margin: u32,
    /// Serials that somebody is known to hold, of zones or of all.
    pub held: BTreeMap<Name, Serial>,
    /// See `held`.
    pub held_by_all: Option<Serial>,
}

/// The widest margin: what is further ahead is before, in the arithmetic of serials (RFC 1982 §3.2).
const WIDEST: u32 = 1 << 30;

/// Plans it.
pub(crate) fn plan(plan: &mut Plan<'_>, promotion: &Promotion) -> Result<String, Problem> {
    let margin = promotion.margin;
    if margin == 0 || margin > WIDEST {
        return Err(crate::problem::invalid(format!("the margin must lie in 1 to {WIDEST}")));
    }
    let lineage = post::begin_reign(plan)?;
    let stored = plan.next.settings.get(load::PROJECTION).cloned();
    let projection = Some(PROJECTION_VERSION.to_string());
    if stored != projection {
        plan.edit(Edit::Setting { name: load::PROJECTION.to_owned(), before: stored, after: projection });
    }
    let last = plan.next.numbers.last_serial;
    if last != 0 {
        let serial = ahead(Serial(last), margin);
        plan.edit(Edit::Setting {
            name: LAST_SERIAL.to_owned(),
            before: Some(last.to_string()),
            after: Some(serial.to_string()),
        });
        plan.next.numbers.last_serial = serial.0;
    }
    let zones: Vec<_> = plan.declared().zones().cloned().collect();
    let (mut total, mut signed) = (0, Vec::new());
    for meta in zones {
        let Some(zone) = plan.zone(&meta.apex) else { continue };
        let here = zone.soa().serial;
        // The serial is that of whoever it is pulled from, and goes on from there.
        if plan.next.snapshot.follows().of(meta.id).is_some() {
            continue;
        }
        if zone.looks_signed() {
            signed.push(format!("{} ({here})", meta.apex));
            continue;
        }
        total += 1;
        let policy = plan.declared().serial_policy(&meta);
        let mut serial = crate::serial::next(policy, ahead(here, margin), plan.now);
        let held = [promotion.held.get(&meta.apex).copied(), promotion.held_by_all];
        for held in held.into_iter().flatten() {
            if held == serial || held.is_after(serial) {
                serial = held.next();
            } else if !serial.is_after(held) {
                return Err(conflict(format!(
                    "the zone {} has the serial {here} here, and somebody holds {held}: half of all serials lie between them, so none follows both",
                    meta.apex
                ))
                .hint("make that secondary fetch the zone anew, or leave it out"));
            }
        }
        plan.alter(&meta.apex, |zone| zone.set_serial(serial));
        plan.state_serial(meta.id);
        plan.mark(meta.id);
    }
    if !signed.is_empty() {
        plan.warn(format!(
            "{} signed elsewhere keep their serials, which are signed too: {}; import again what the old primary had in a later version",
            count(signed.len() as u64, "zone"),
            some(&signed, 4)
        ));
    }
    Ok(format!(
        "promoted: epoch {} begins, and the serials of {} go on past what the old primary gave out",
        lineage.epoch,
        count(total, "zone")
    ))
}

/// So many steps on. Zero is no serial that a zone is given.
fn ahead(serial: Serial, steps: u32) -> Serial {
    match serial.0.wrapping_add(steps) {
        0 => Serial(1),
        serial => Serial(serial),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn going_ahead_never_goes_back_and_never_ends_at_zero() {
        assert_eq!(ahead(Serial(5), 10), Serial(15));
        assert_eq!(ahead(Serial(u32::MAX), 1), Serial(1));
        for serial in [0, 1, 77, u32::MAX - 3, u32::MAX] {
            for steps in [1, 3, 10_000, WIDEST] {
                assert!(ahead(Serial(serial), steps).is_after(Serial(serial)), "{serial} and {steps}");
            }
        }
    }
}

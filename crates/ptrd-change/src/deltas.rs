//! What a change did to a zone's content, to be kept with the step of its serial (RFC 1995).
//!
//! It is read off what is served before and after, like everything that is told of a plan: there is no second account of
//! consequences that could differ. Where nobody would want it, it is left out, and the history of the zone starts anew:
//! a client with an older version gets the whole zone, which is then the shorter answer.

use ptrd_store::ZoneDelta;
use ptrd_zone::{Difference, Form, Snapshot, Step, Zone, diff_in};

/// Records removed, or added, beyond which a difference is not kept: some ten megaoctets.
const MOST: usize = 1 << 18;
/// Differences up to so many records are kept whatever the zone's size.
const FEW: usize = 256;

/// The difference between two versions of a zone, where it is worth keeping.
pub(crate) fn delta(before: (&Zone, &Snapshot), after: (&Zone, &Snapshot)) -> Option<ZoneDelta> {
    let (from, to) = (before.0.soa().serial, after.0.soa().serial);
    // RFC 1982: who has the former must see that the latter is newer, or it never asks.
    if !to.is_after(from) {
        return None;
    }
    let records = difference(before, after, Form::Records);
    let has_names = |(zone, snapshot): (&Zone, &Snapshot)| {
        !zone.is_companion() && zone.named_addresses(snapshot.addresses()) > 0
    };
    let octets = if has_names(before) || has_names(after) {
        let stated = difference(before, after, Form::Stated);
        match (records, stated) {
            (records, Some(stated)) => {
                Step::new(before.0, Difference::default()).pack_both(records.as_ref(), &stated)
            }
            // Too many ranges for statements.
            (records, None) => Step::new(before.0, records?).pack(),
        }
    } else {
        Step::new(before.0, records?).pack()
    };
    Some(ZoneDelta { zone: after.0.id(), from, octets: octets.into() })
}

/// The difference in a form, where it is worth keeping.
fn difference(before: (&Zone, &Snapshot), after: (&Zone, &Snapshot), form: Form) -> Option<Difference> {
    let (old, new) = ((before.0, before.1.addresses()), (after.0, after.1.addresses()));
    let found = diff_in(old, new, form, MOST).ok()?;
    (found.len() <= FEW || has_rrsets(after, form, found.len())).then_some(found)
}

/// Whether a zone has so many RRsets at least.
fn has_rrsets((zone, snapshot): (&Zone, &Snapshot), form: Form, wanted: usize) -> bool {
    let addresses = snapshot.addresses();
    let statements = zone.statements(addresses).unwrap_or_default();
    let mut walk = zone.walk_in(addresses, (form, &statements), zone.apex());
    (0..wanted).all(|_| walk.next_rrset().is_some())
}

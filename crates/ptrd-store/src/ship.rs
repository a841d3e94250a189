//! A change of the log as octets, to be sent to another server that keeps the same log.
//!
//! The form is that of one version of ptrd: both ends say theirs before anything is sent, and those that differ do not
//! talk ([`SHIPPED`]). Edits have the form that the log has them in.

use crate::codec::{Decoder, Piece, pieces};
use crate::pack::{Pack, Unpack};
use crate::{Commit, ZoneDelta};
use ptrd_wire::Serial;
use ptrd_zone::model::{TenantId, ZoneId};
use std::convert::Infallible;

/// The version of the form. To be raised with every change of it, or of the form of edits.
pub const SHIPPED: u32 = 1;

/// Whether a store is the original, or follows another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Duty {
    /// Its changes are made here.
    #[default]
    Primary,
    /// Its changes were made elsewhere, and are made here again.
    Standby,
    /// It followed another, until it was told to take that one's place.
    Promoted,
}

/// A change as octets.
pub fn pack_commit(commit: &Commit) -> Vec<u8> {
    let mut pack = Pack::default();
    let number = |pack: &mut Pack, value: u64| pack.0.extend_from_slice(&value.to_be_bytes());
    number(&mut pack, commit.change);
    number(&mut pack, commit.at as u64);
    for text in [&commit.actor, &commit.origin, &commit.kind, &commit.summary, &commit.request] {
        pack.text(text);
    }
    pack.option(commit.reason.as_deref(), Pack::text);
    pack.u32(commit.tenants.len() as u32);
    commit.tenants.iter().for_each(|tenant| pack.u32(tenant.0));
    pack.u32(commit.serials.len() as u32);
    for (zone, serial) in &commit.serials {
        pack.u32(zone.0);
        pack.u32(serial.0);
    }
    pack.u32(commit.deltas.len() as u32);
    for ZoneDelta { zone, from, octets } in &commit.deltas {
        pack.u32(zone.0);
        pack.u32(from.0);
        pack.u32(octets.len() as u32);
        pack.0.extend_from_slice(octets);
    }
    for edit in &commit.edits {
        let each = |piece: Piece<'_>| -> Result<(), Infallible> {
            pack.u32(piece.octets.len() as u32);
            pack.0.extend_from_slice(piece.octets);
            Ok(())
        };
        let Ok(()) = pieces(edit, each);
    }
    pack.0
}

/// A change that [`pack_commit`] has packed; `None` when the octets are cut or make no sense.
pub fn unpack_commit(octets: &[u8]) -> Option<Commit> {
    let mut from = Unpack(octets);
    let number = |from: &mut Unpack<'_>| {
        let octets: [u8; 8] = from.octets(8)?.try_into().ok()?;
        Some(u64::from_be_bytes(octets))
    };
    let (change, at) = (number(&mut from)?, number(&mut from)? as i64);
    let (actor, origin, kind) = (from.text()?, from.text()?, from.text()?);
    let (summary, request) = (from.text()?, from.text()?);
    let reason = match from.u8()? {
        0 => None,
        1 => Some(from.text()?),
        _ => return None,
    };
    // No room in advance: a count that is a lie ends with the octets.
    let tenants = (0..from.u32()?).map(|_| from.u32().map(TenantId)).collect::<Option<_>>()?;
    let serials =
        (0..from.u32()?).map(|_| Some((ZoneId(from.u32()?), Serial(from.u32()?)))).collect::<Option<_>>()?;
    let deltas = (0..from.u32()?)
        .map(|_| {
            let (zone, before, length) = (ZoneId(from.u32()?), Serial(from.u32()?), from.u32()?);
            Some(ZoneDelta { zone, from: before, octets: from.octets(length as usize)?.into() })
        })
        .collect::<Option<_>>()?;
    let mut edits = Decoder::default();
    while !from.is_empty() {
        let length = from.u32()?;
        edits.push(from.octets(length as usize)?)?;
    }
    let edits = edits.finish();
    Some(Commit {
        change,
        at,
        actor,
        origin,
        reason,
        kind,
        summary,
        request,
        edits,
        serials,
        kept: None,
        deltas,
        tenants,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance;

    #[test]
    fn a_change_comes_out_as_it_went_in_and_a_cut_one_not_at_all() {
        let mut change = conformance::change(7);
        change.reason = Some("because".to_owned());
        change.tenants = vec![TenantId(1), TenantId(9)];
        change.serials = vec![(ZoneId(1), Serial(5)), (ZoneId(2), Serial(1))];
        change.deltas =
            vec![ZoneDelta { zone: ZoneId(1), from: Serial(4), octets: b"octets".as_slice().into() }];
        let octets = pack_commit(&change);
        assert_eq!(unpack_commit(&octets).as_ref(), Some(&change));
        // Where edits begin a shorter change may stand; all that comes before is counted.
        let head = Commit { edits: Vec::new(), ..change.clone() };
        for cut in 0..pack_commit(&head).len() {
            assert_eq!(unpack_commit(&octets[..cut]), None, "{cut}");
        }
        assert_eq!(unpack_commit(&octets[..octets.len() - 1]), None);
    }
}

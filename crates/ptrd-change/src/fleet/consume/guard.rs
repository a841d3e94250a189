//! What comes from a catalog is there because the catalog lists it: refused is what would have it otherwise, whatever road
//! led here.

use super::{CATALOG, MEMBER, catalog_setting, number, read_member};
use crate::plan::State;
use crate::problem::{conflict, count};
use ptrd_api::Problem;
use ptrd_store::Edit;
use ptrd_zone::model::ZoneId;
use ptrd_zone::{Declared, ZoneMeta};

/// Refuses to alter by itself what comes from a catalog, or to take a catalog for a zone like others.
pub(crate) fn refuse(declared: &Declared, zone: &ZoneMeta) -> Result<(), Problem> {
    if declared.consumed(zone.id).is_some() {
        return Err(conflict(format!("{} is a catalog that is followed", zone.apex)).hint(format!(
            "`ptrctl catalog follow {0}` names other primaries, `ptrctl catalog unfollow {0}` lets it go",
            zone.apex
        )));
    }
    match declared.origin(zone.id) {
        Some(origin) => Err(listed(declared, zone.id, origin.catalog)),
        None => Ok(()),
    }
}

fn listed(declared: &Declared, zone: ZoneId, catalog: ZoneId) -> Problem {
    let called = |id: ZoneId| {
        let meta = declared.zone_by_id(id);
        meta.map_or_else(|| format!("zone {id}"), |meta| meta.apex.to_string())
    };
    let (zone, catalog) = (called(zone), called(catalog));
    conflict(format!("the zone {zone} comes from the catalog {catalog}, and stays as long as that lists it"))
        .hint(format!(
            "change it in the catalog at its primary, or let the catalog go: `ptrctl catalog unfollow {catalog}`"
        ))
}

/// Refuses what would alter members other than a catalog does, and members of no catalog. `consumes` says that it is done by
/// what a catalog says, or by letting it go.
pub(crate) fn check(base: &State, next: &State, edits: &[Edit], consumes: bool) -> Result<(), Problem> {
    let (before, after) = (&base.declared, &next.declared);
    let stays = |catalog: ZoneId| before.consumed(catalog).is_some() && after.consumed(catalog).is_some();
    for edit in edits {
        match edit {
            Edit::Zone { id, before: Some(_), after: None } if !consumes => {
                if let Some(origin) = before.origin(*id).filter(|origin| stays(origin.catalog)) {
                    return Err(listed(before, *id, origin.catalog));
                }
            }
            Edit::Setting { name, .. } => {
                if let Some(id) = number(name, MEMBER) {
                    let origins = [before.origin(id), after.origin(id)];
                    let held = origins.into_iter().flatten().find(|origin| stays(origin.catalog));
                    if let Some(origin) = held.filter(|_| !consumes) {
                        let declared = if before.zone_by_id(id).is_some() { before } else { after };
                        return Err(listed(declared, id, origin.catalog));
                    }
                    let orphan = after.origin(id).filter(|origin| after.consumed(origin.catalog).is_none());
                    if orphan.is_some() {
                        return Err(conflict("a zone would come from a catalog that is not followed"));
                    }
                }
                if let Some(id) = number(name, CATALOG)
                    && after.consumed(id).is_none()
                    && after.count_from(id) > 0
                {
                    let apex = before.zone_by_id(id).map(|meta| meta.apex.to_string()).unwrap_or_default();
                    let zones = count(after.count_from(id) as u64, "zone");
                    return Err(conflict(format!("{zones} come from the catalog {apex}"))
                        .hint(format!("`ptrctl catalog unfollow {apex}` says what becomes of them")));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a setting says that a zone comes from a catalog that is not followed, given which settings there are.
pub(crate) fn is_orphan(name: &str, value: &str, is_there: impl Fn(&str) -> bool) -> bool {
    let origin = name.starts_with(MEMBER).then(|| read_member(name, value));
    matches!(origin, Some(Ok(origin)) if !is_there(&catalog_setting(origin.catalog)))
}

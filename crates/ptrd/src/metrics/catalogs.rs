//! The catalogs that are followed, and what came of them.

use super::families::{Families, Labels};
use ptrd_change::{Consumption, Road};
use std::fmt;

/// Of each catalog that is followed.
pub(super) fn figures(families: &mut Families<'_>, road: &Road) -> fmt::Result {
    let (view, how) = (road.view(), road.consumptions());
    let catalogs: Vec<(String, f64, Option<&Consumption>)> = view
        .declared
        .all_consumed()
        .filter_map(|(id, _)| {
            let apex = view.declared.zone_by_id(id)?.apex.to_string();
            Some((apex, view.declared.count_from(id) as f64, how.get(&id)))
        })
        .collect();
    let label = |apex: &String| Labels::of([("catalog", apex.as_str())]);
    families.gauge(
        "catalog_members",
        "Zones that are here because a catalog that is followed lists them",
        catalogs.iter().map(|(apex, members, _)| (label(apex), *members)),
    )?;
    let each = |value: fn(&Consumption) -> Option<f64>| {
        let found = catalogs.iter().filter_map(move |(apex, _, how)| Some((apex, value((*how)?)?)));
        found.map(move |(apex, value)| (label(apex), value))
    };
    families.gauge(
        "catalog_refused_zones",
        "Zones that a catalog lists and that are not taken from it, or not let go",
        each(|how| Some(how.refused.len() as f64)),
    )?;
    families.gauge(
        "catalog_processed_serial",
        "The serial of the version of a catalog that was acted on last",
        each(|how| how.serial.map(|serial| f64::from(serial.0))),
    )?;
    families.gauge(
        "catalog_broken",
        "Whether nothing is made of the version of a catalog that is here",
        each(|how| Some(f64::from(u8::from(how.problem.is_some())))),
    )
}

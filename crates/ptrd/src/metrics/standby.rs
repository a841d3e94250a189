//! Who follows whom, and how far.

use super::families::{Families, Labels};
use ptrd_api::StandbyPosition;
use ptrd_change::Road;
use std::fmt;

/// Of a server and its standbys.
pub(super) fn figures(families: &mut Families<'_>, road: &Road) -> fmt::Result {
    let (post, epoch) = (road.post(), road.lineage().map_or(0, |lineage| lineage.epoch));
    families.gauge(
        "post",
        "What this server is to the others of its history; 1 for the one that it is",
        ["primary", "standby", "superseded"]
            .map(|word| (Labels::of([("post", word)]), f64::from(u8::from(post.word() == word)))),
    )?;
    families.gauge("epoch", "How many promotions its history has seen", [(Labels::none(), epoch as f64)])?;
    let (_, relaxed) = road.acknowledge();
    families.gauge(
        "acknowledge_relaxed",
        "Whether changes are acknowledged without a standby for now, although they should not be",
        [(Labels::none(), f64::from(u8::from(relaxed)))],
    )?;
    let positions = road.standbys();
    let each = |value: fn(&StandbyPosition) -> f64| {
        positions
            .iter()
            .map(move |position| (Labels::of([("standby", position.name.as_str())]), value(position)))
    };
    families.gauge(
        "standby_connected",
        "Whether a standby asks for changes",
        each(|position| f64::from(u8::from(position.connected))),
    )?;
    families.gauge(
        "standby_behind_changes",
        "Changes that a standby lacks",
        each(|position| position.behind as f64),
    )?;
    families.gauge(
        "standby_behind_seconds",
        "For how long a standby has lacked any",
        each(|position| position.behind_seconds as f64),
    )
}

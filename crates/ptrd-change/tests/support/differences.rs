//! The differences between views, held against what the zones were and are.

use super::name;
use super::stated::check_copies;
use ptrd_change::View;
use ptrd_wire::Name;
use ptrd_zone::{Difference, RecordList, Zone, diff};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The difference of a zone between two views, in which it is the same zone. Checked: applied to what the zone was it
/// gives what the zone is, to the octet; no record is both removed and added; it survives being packed; it is empty where
/// the zone shows the same.
#[track_caller]
pub fn difference(before: &View, after: &View, apex: &Name) -> Difference {
    let zone = |view: &View| view.snapshot.zone(apex).expect("a zone").clone();
    let (old, new) = (zone(before), zone(after));
    let (old_addresses, new_addresses) = (before.snapshot.addresses(), after.snapshot.addresses());
    let found = diff((&old, old_addresses), (&new, new_addresses), usize::MAX).expect("no limit");
    let (was, is) = (RecordList::of_zone(&old, old_addresses), RecordList::of_zone(&new, new_addresses));
    let made = found.apply(&was).unwrap_or_else(|problem| panic!("{apex}: {problem}"));
    assert!(made == is, "{apex}: {found:#?} makes {made:#?}, not {is:#?}");
    assert_eq!(found.is_empty(), was == is, "{apex}: {found:?}");
    // Unpacking refuses what is both removed and added, and any other order.
    assert_eq!(Difference::unpack(&found.pack()).as_ref(), Ok(&found), "{apex}");
    let back = diff((&new, new_addresses), (&old, old_addresses), found.len()).expect("as many");
    assert_eq!((back.removed(), back.added()), (found.added(), found.removed()), "{apex}: and back");
    if let Some(fewer) = found.len().checked_sub(1) {
        let limited = diff((&old, old_addresses), (&new, new_addresses), fewer);
        assert_eq!(limited, Err(ptrd_zone::TooLarge(fewer)), "{apex}");
    }
    found
}

/// Checks the difference of every zone that is in both views. Where the serial did not step there is none, unless the
/// serial was told.
#[track_caller]
pub fn check_differences(before: &View, after: &View, is_told: bool) {
    check_copies(before, after, is_told);
    for (apex, old, new) in common(before, after) {
        let found = difference(before, after, &apex);
        let (old, new) = (old.soa().serial, new.soa().serial);
        assert!(
            old != new || is_told || found.is_empty(),
            "{apex} shows something else, and has the same serial: {found:?}"
        );
    }
}

fn common(before: &View, after: &View) -> Vec<(Name, Arc<Zone>, Arc<Zone>)> {
    let zones = after.declared.zones().filter_map(|meta| {
        let (old, new) = (before.snapshot.zone(&meta.apex)?, after.snapshot.zone(&meta.apex)?);
        // What has too many computed names to be sent has no differences that could be.
        let is_sent =
            old.is_expandable(before.snapshot.addresses()) && new.is_expandable(after.snapshot.addresses());
        (old.id() == new.id() && is_sent).then(|| (meta.apex.clone(), old.clone(), new.clone()))
    });
    zones.collect()
}

/// What has changed in each zone since some time, put together from change to change.
#[derive(Default)]
pub struct Chains {
    since: BTreeMap<Name, (Arc<View>, Difference)>,
}

impl Chains {
    /// After a change: what was put together equals what the first and the last version differ in.
    #[track_caller]
    pub fn add(&mut self, before: &Arc<View>, after: &Arc<View>) {
        let zones = common(before, after);
        self.since.retain(|apex, _| zones.iter().any(|(other, ..)| other == apex));
        for (apex, old, new) in zones {
            if Arc::ptr_eq(&old, &new) && before.version == after.version {
                continue;
            }
            let step = difference(before, after, &apex);
            let (first, so_far) = match self.since.remove(&apex) {
                Some(known) => known,
                None => (before.clone(), Difference::default()),
            };
            let condensed = so_far.then(&step).unwrap_or_else(|problem| panic!("{apex}: {problem}"));
            assert_eq!(condensed, difference(&first, after, &apex), "{apex}: condensed and at once");
            self.since.insert(apex, (first, condensed));
        }
    }
}

/// How many records a change removed from a zone, and added.
pub fn counts(before: &View, after: &View, apex: &str) -> (usize, usize) {
    let found = difference(before, after, &name(apex));
    (found.removed().len(), found.added().len())
}

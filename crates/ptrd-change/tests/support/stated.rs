//! Zones as another ptrd has them that follows: with statements in the place of computed names.

use ptrd_change::View;
use ptrd_zone::{Addresses, Form, RecordList, View as Window, Zone, diff, diff_in};
use std::sync::Arc;

/// A zone as a ptrd holds it that follows it; `None` of one that cannot be told to it.
pub fn copy(zone: &Zone, addresses: &Addresses) -> Option<Zone> {
    let statements = zone.statements(addresses)?;
    let mut copy =
        Zone::new(zone.id(), zone.apex().clone(), Window::Verbatim, zone.soa().clone(), zone.soa_ttl());
    let records = zone.walk_in(addresses, (Form::Stated, &statements), zone.apex()).owned();
    copy.apply_records(records.map(|(owner, rrset)| (owner, rrset.rtype, Some(rrset))));
    copy.check_statements().unwrap_or_else(|error| panic!("{}: {error}", zone.apex()));
    assert_eq!(copy.is_stated(), !statements.is_empty(), "{}", zone.apex());
    Some(copy)
}

/// Checks that copies of every zone of two views with computed names show what the zones show, and that the same differences
/// lead from the one to the other.
#[track_caller]
pub fn check_copies(before: &View, after: &View, is_told: bool) {
    let (old_addresses, new_addresses) = (before.snapshot.addresses(), after.snapshot.addresses());
    for meta in after.declared.zones() {
        let of = |view: &View| view.snapshot.zone(&meta.apex).map(Arc::clone);
        let (Some(old), Some(new)) = (of(before), of(after)) else { continue };
        let is_named = old.named_addresses(old_addresses) + new.named_addresses(new_addresses) > 0;
        if old.id() != new.id() || !is_named || Arc::ptr_eq(&old, &new) && before.version == after.version {
            continue;
        }
        let apex = &meta.apex;
        // Nothing tells of the addresses of more names than are shown one by one.
        let is_untold =
            |zone: &Zone, view: &View| zone.is_companion() && !zone.is_expandable(view.snapshot.addresses());
        if is_untold(&old, before) || is_untold(&new, after) {
            continue;
        }
        let ((from, to), (was, is)) = (
            (copy(&old, old_addresses).expect("stated"), copy(&new, new_addresses).expect("stated")),
            ((&*old, old_addresses), (&*new, new_addresses)),
        );
        // Whatever the index says: a copy has its own.
        let (from, to) = ((&from, new_addresses), (&to, old_addresses));
        assert_eq!(to.0.is_expandable(to.1), new.is_expandable(new_addresses), "{apex}");
        let list =
            |(zone, addresses): (&Zone, &Addresses), form| RecordList::of_zone_in(zone, addresses, form);
        let stated = diff_in(was, is, Form::Stated, usize::MAX).expect("no limit");
        let stepped = old.soa().serial != new.soa().serial;
        assert!(
            stepped || is_told || stated.is_empty(),
            "{apex} tells something else, and has the same serial: {stated:?}"
        );
        assert_eq!(diff_in(from, to, Form::Stated, usize::MAX).expect("no limit"), stated, "{apex}");
        let made = stated.apply(&list(from, Form::Stated)).unwrap_or_else(|error| panic!("{apex}: {error}"));
        assert!(made == list(is, Form::Stated) && made == list(to, Form::Stated), "{apex}: {stated:#?}");
        if old.is_expandable(old_addresses) && new.is_expandable(new_addresses) {
            let (shown, copied) = (list(is, Form::Records), list(to, Form::Records));
            assert!(shown == copied, "{apex}: {copied:#?} instead of {shown:#?}");
            let found = diff(was, is, usize::MAX).expect("no limit");
            assert_eq!(diff(from, to, usize::MAX).expect("no limit"), found, "{apex}: between copies");
        }
    }
}

//! Names of a companion zone that follow from templates: where the templates are the same, those of the addresses that a PTR
//! came to or went from.

use super::{Changes, Spot, V4Changes, Version};
use crate::v6::WIDTH;
use ptrd_wire::Family;

/// The names that may have changed.
pub(super) fn names(
    (old, old_addresses): Version<'_>,
    (new, new_addresses): Version<'_>,
    most: usize,
) -> Vec<Spot> {
    let whole = || vec![Spot::below(Box::default())];
    let (Some(patterns), true) = (new.patterns(), old.patterns() == new.patterns()) else { return whole() };
    let mut keys: Vec<Box<[u8]>> = Vec::new();
    for (family, first, last) in patterns.rows() {
        let mut put = |bits: u128| patterns.keys(new.apex_labels(), family, bits, &mut keys);
        match family {
            Family::V4 => {
                let (old, new) = (old_addresses.v4(), new_addresses.v4());
                let changed = V4Changes::new(old, new, first as u32, last as u32);
                changed.take(most).for_each(|bits| put(bits.into()));
            }
            Family::V6 => {
                let [old, new] = [old_addresses, new_addresses].map(|addresses| &addresses.v6().tree);
                let place = |page: &crate::page::Page| page.search(first, WIDTH).unwrap_or_else(|next| next);
                let changed = Changes::from(old, new, |key| *key <= first, place);
                let places = changed.filter_map(|change| change.before.or(change.after));
                let bits = places.map(|(page, nth)| page.key(nth, WIDTH));
                bits.take_while(|bits| *bits <= last).take(most).for_each(&mut put);
            }
        }
        if keys.len() >= most {
            return whole();
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter().map(Spot::at).collect()
}

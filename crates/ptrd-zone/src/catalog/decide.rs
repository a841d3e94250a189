//! What follows from a catalog that was transferred, for the zones that are there (RFC 9432 §5).

use super::{Member, Received};
use ptrd_wire::Name;

/// A zone that was made because a catalog lists it, and how it was listed then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The catalog.
    pub catalog: Name,
    /// The label of its node, in lower case.
    pub label: Box<[u8]>,
    /// Its groups.
    pub groups: Vec<Box<[u8]>>,
}

/// Whose a zone is that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// That of a catalog.
    Catalog(Held),
    /// It was made in another way: by blocks, by hand, as a catalog itself.
    Other,
}

/// What is to be done with one zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is no member any more: it goes, with all that is kept of it.
    Remove(Name),
    /// It is a new member.
    Add(Member),
    /// Its label is another one: all that is kept of it goes, and it is transferred anew (RFC 9432 §5.4).
    Reset(Member),
    /// It comes over from another catalog, whose `coo` property says so (RFC 9432 §4.3.1).
    Migrate {
        /// The catalog that it comes from.
        from: Name,
        /// Whether what is kept of it goes, since its label is not the one that it had.
        reset: bool,
        /// As it is listed now.
        member: Member,
    },
    /// It is in other groups.
    Regroup(Member),
    /// A zone of that name is there already and not this catalog's: nothing is done, and somebody should know
    /// (RFC 9432 §5.2).
    Clash {
        /// As it is listed.
        member: Member,
        /// Whose zone it is.
        holder: Holder,
    },
}

/// What an update of `catalog` comes to for these zones. `holder` says whose a zone of that name is, if it is there; `coo`
/// what the `coo` property of a zone in another catalog says, as that catalog is now.
///
/// A zone comes over with an update of the catalog that it moves to, not when its old catalog says so first (§4.3.1): call
/// this for the catalog that was updated and for no other. Of a catalog that is broken or has expired nothing follows: do
/// not call it then (§5.1). Removals come first, then the rest in the order of the zones.
pub fn decide<'z>(
    catalog: &Name,
    zones: impl IntoIterator<Item = &'z Name>,
    now: &Received,
    holder: impl Fn(&Name) -> Option<Holder>,
    coo: impl Fn(&Name, &Name) -> Option<Name>,
) -> Vec<Step> {
    let (mut steps, mut removed) = (Vec::new(), Vec::new());
    for zone in zones {
        match (holder(zone), now.member(zone)) {
            (Some(Holder::Catalog(held)), member) if held.catalog == *catalog => match member {
                Some(member) => steps.extend(kept(&held, member)),
                // Only what came from this catalog goes with it (§5.1).
                None => removed.push(Step::Remove(zone.clone())),
            },
            (holder, Some(member)) => steps.extend(incoming(catalog, member, holder, &coo)),
            (_, None) => {}
        }
    }
    removed.append(&mut steps);
    removed
}

fn kept(held: &Held, member: Member) -> Option<Step> {
    match held {
        _ if held.label != member.label => Some(Step::Reset(member)),
        _ if held.groups != member.groups => Some(Step::Regroup(member)),
        _ => None,
    }
}

fn incoming(
    catalog: &Name,
    member: Member,
    holder: Option<Holder>,
    coo: impl Fn(&Name, &Name) -> Option<Name>,
) -> Option<Step> {
    match holder {
        None => Some(Step::Add(member)),
        Some(Holder::Catalog(held)) => {
            if coo(&held.catalog, &member.zone).is_some_and(|to| to == *catalog) {
                let reset = held.label != member.label;
                return Some(Step::Migrate { from: held.catalog, reset, member });
            }
            // It has gone over to where this catalog says that it goes, and is still listed here.
            if member.coo.as_ref() == Some(&held.catalog) {
                return None;
            }
            Some(Step::Clash { member, holder: Holder::Catalog(held) })
        }
        Some(Holder::Other) => Some(Step::Clash { member, holder: Holder::Other }),
    }
}

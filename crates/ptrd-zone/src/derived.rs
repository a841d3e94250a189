//! What follows in a zone from blocks and other zones: cuts at names, and what stands at addresses instead of PTRs.
//! Kept so that a change of one block costs as much in a zone of sixty thousand as in an empty one.

use crate::ranges::{Ranged, Ranges};
use crate::sorted::{Entries, Sorted};
use ptrd_wire::{AddrRange, Name, RrSet, Ttl};
use std::sync::Arc;

/// A zone cut that follows from a block or from another zone served here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The NS RRset of the parent side.
    pub ns: RrSet,
    /// The DS RRset.
    pub ds: Option<RrSet>,
    /// Addresses of nameservers; those at or below the cut are its glue.
    pub glue: Vec<(Name, RrSet)>,
}

/// What stands at the addresses of a range instead of PTRs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exception {
    /// A CNAME to the last octet below this apex.
    Alias(Arc<Name>),
    /// A cut at each address.
    Cut(Arc<Cut>),
    /// Nothing: their block is suspended.
    Withheld,
}

/// Addresses that show no PTR of their own here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionRange {
    /// The addresses.
    pub range: AddrRange,
    /// What they show.
    pub what: Exception,
}

impl ExceptionRange {
    #[inline]
    pub(crate) fn is_withheld(&self) -> bool {
        matches!(self.what, Exception::Withheld)
    }
}

/// What follows in a zone from blocks and other zones, as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    /// Cuts at names, in canonical order.
    pub cuts: Vec<(Name, Arc<Cut>)>,
    /// What stands at addresses instead of PTRs, sorted and disjoint.
    pub exceptions: Vec<ExceptionRange>,
    /// The TTL of derived CNAMEs.
    pub alias_ttl: Ttl,
}

/// A cut to put at a key, or `None` to remove what is there.
pub(crate) type CutChange = (Box<[u8]>, Option<Arc<Cut>>);

/// The cuts of a zone by their sort key below the apex.
#[derive(Clone, Default)]
pub(crate) struct Cuts {
    pub(crate) map: Sorted<Box<[u8]>, Arc<Cut>>,
    /// Depths below the apex at which a cut was ever put: a superset of those where one is.
    depths: u128,
}

impl Cuts {
    /// Of keys that rise, with their depths.
    pub(crate) fn from_sorted(cuts: Vec<(Box<[u8]>, Arc<Cut>)>, depths: u128) -> Cuts {
        Cuts { map: Sorted::from_sorted(cuts), depths }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Depths below the apex at which there may be a cut; none if there is no cut.
    #[inline]
    pub(crate) fn depths(&self) -> u128 {
        if self.map.is_empty() { 0 } else { self.depths }
    }

    #[inline]
    pub(crate) fn get(&self, key: &[u8]) -> Option<&Arc<Cut>> {
        self.map.get(key)
    }

    /// Whether there is a cut at or below a key.
    pub(crate) fn exist_under(&self, key: &[u8]) -> bool {
        self.map.ceiling(key).is_some_and(|(found, _)| found.starts_with(key))
    }

    pub(crate) fn iter(&self) -> Entries<'_, Box<[u8]>, Arc<Cut>> {
        self.map.iter()
    }

    pub(crate) fn iter_from(&self, key: &[u8]) -> Entries<'_, Box<[u8]>, Arc<Cut>> {
        self.map.iter_from(key)
    }

    /// Puts and removes cuts. Keys rise; `depths` are those of the keys.
    pub(crate) fn apply(&mut self, changes: &[CutChange], depths: u128) {
        self.map.apply(changes);
        self.depths = if self.map.is_empty() { 0 } else { self.depths | depths };
    }
}

/// The exceptions of a zone.
pub(crate) type Exceptions = Ranges<ExceptionRange>;

impl Ranged for ExceptionRange {
    #[inline]
    fn range(&self) -> &AddrRange {
        &self.range
    }
}

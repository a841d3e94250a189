//! The lookup, RFC 1034 §4.3.2 step 3, from the apex down: zone cut or DNAME on the way (RFC 6672 §3.2), then the name
//! itself, then empty non-terminals (RFC 4592 §2.2.2, RFC 8020), by arithmetic where the name is an address prefix, then
//! the wildcard at the closest encloser (RFC 4592 §3.3.1).

use super::{View, Zone};
use crate::companion::Families;
use crate::derived::{Cut, Exception};
use crate::named::Computed;
use crate::names::{NodeRef, RrSetRef};
use crate::page::PtrRef;
use crate::snapshot::Addresses;
use ptrd_wire::{
    AddrRange, Family, Name, QName, RecordType, ReverseName, RrSet, Ttl, canonical_octet, sort_key,
};

/// What a zone holds at a name.
#[derive(Clone, Copy)]
pub enum Found<'a> {
    /// The name has RRsets.
    Node(Node<'a>),
    /// No such name, but a wildcard whose RRsets answer for it.
    Wildcard(NodeRef<'a>),
    /// A CNAME to the question's first label below this apex (RFC 2317 §4).
    Alias {
        /// The apex of the classless zone.
        apex: &'a Name,
        /// The CNAME's TTL.
        ttl: Ttl,
    },
    /// The name is at or below a zone cut.
    Cut(CutRef<'a>),
    /// An ancestor of the name has a DNAME.
    Dname {
        /// How many labels the DNAME's owner has.
        labels: usize,
        /// The DNAME RRset.
        rrset: RrSetRef<'a>,
        /// All that stands at its owner.
        node: NodeRef<'a>,
    },
    /// The name has no RRset, names below it have (an empty non-terminal).
    Empty,
    /// No such name.
    Missing,
}

/// RRsets at a name: its own, and the PTR of the address that it stands for.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    /// The zone's own records, and at the apex what the NS set gives.
    pub stored: Option<NodeRef<'a>>,
    /// The PTR RRset of the address.
    pub ptr: Option<AddressPtr<'a>>,
    /// The addresses that templates give the name ([`Zone::each_computed`]).
    pub computed: Families,
}

/// The PTR RRset of an address.
#[derive(Clone, Copy)]
pub enum AddressPtr<'a> {
    /// It was set.
    Stored(PtrRef<'a>),
    /// It follows from a template.
    Computed(Computed<'a>),
}

impl AddressPtr<'_> {
    /// An owned copy.
    pub fn to_rrset(&self) -> RrSet {
        match self {
            AddressPtr::Stored(ptr) => {
                let rdatas = ptr.targets().map(|target| [target.head, target.ending].concat().into());
                RrSet { rtype: RecordType::PTR, ttl: ptr.ttl(), rdatas: rdatas.collect() }
            }
            AddressPtr::Computed(computed) => {
                RrSet::single(RecordType::PTR, computed.ttl(), computed.name().as_wire())
            }
        }
    }
}

/// A cut found on the way to a name.
#[derive(Clone, Copy)]
pub struct CutRef<'a> {
    /// How many labels the cut's owner has.
    pub labels: usize,
    /// Where its records are.
    pub records: CutRecords<'a>,
}

/// The records of a cut.
#[derive(Clone, Copy)]
pub enum CutRecords<'a> {
    /// Among the zone's own records, and glue likewise.
    Stored(NodeRef<'a>),
    /// Derived, with their glue.
    Derived(&'a Cut),
}

impl Zone {
    /// Whether only the apex has records: then a name is an address, leads to some, or does not exist.
    #[inline]
    fn is_plain(&self) -> bool {
        self.names.is_bare() && self.cuts.is_empty() && !self.is_companion()
    }

    /// What the zone holds at a name at or below its apex. `reverse` is the name read as a reverse name.
    #[inline]
    pub fn find<'a>(
        &'a self,
        addresses: &'a Addresses,
        name: &QName,
        reverse: Option<&ReverseName>,
    ) -> Found<'a> {
        let below = name.label_count() - self.apex_labels;
        if below == 0 || !self.is_plain() {
            return self.find_among_names(addresses, name, reverse, below);
        }
        match self.at_address(addresses, name, reverse, below) {
            AtAddress::Shows(ptr) => {
                Found::Node(Node { stored: None, ptr: Some(ptr), computed: Families::default() })
            }
            AtAddress::Other(found) => found,
            AtAddress::Nothing if self.leads_to_addresses(addresses, name, reverse, below, 0) => Found::Empty,
            AtAddress::Nothing => Found::Missing,
        }
    }

    fn find_among_names<'a>(
        &'a self,
        addresses: &'a Addresses,
        name: &QName,
        reverse: Option<&ReverseName>,
        below: usize,
    ) -> Found<'a> {
        let path = Path::new(name, below);
        let at_address = self.at_address(addresses, name, reverse, below);
        // A cut at an address hides whatever stands at or below it.
        let hidden_from = match &at_address {
            AtAddress::Other(Found::Cut(cut)) => cut.labels - self.apex_labels,
            _ => usize::MAX,
        };
        if let Some(found) = self.zone_end(&path, below, hidden_from) {
            return found;
        }
        let stored = if below == 0 { self.apex_node() } else { self.own_node(path.to(below)) };
        let computed = if below > 0 && self.is_companion() {
            self.computed_families(addresses, (name, &path, below), stored)
        } else {
            Families::default()
        };
        let mut node = Node { stored, ptr: None, computed };
        match at_address {
            AtAddress::Shows(AddressPtr::Computed(_)) if node.stored.is_some_and(goes_before) => {}
            AtAddress::Shows(ptr) => node.ptr = Some(ptr),
            AtAddress::Other(found) => return found,
            AtAddress::Nothing => {}
        }
        if below == 0 || node.stored.is_some() || node.ptr.is_some() || node.computed.any() {
            return Found::Node(node);
        }
        if self.exists(addresses, name, reverse, below, 0, &path) {
            return Found::Empty;
        }
        if !self.shown_names().has_wildcards() {
            return Found::Missing;
        }
        // RFC 4592 §3.3.1: the closest encloser is the nearest ancestor that exists, the apex always does.
        let up =
            (1..=below).find(|&up| up == below || self.exists(addresses, name, reverse, below, up, &path));
        let encloser = path.to(below - up.unwrap_or(below));
        let mut source = KeyOctets { octets: [0; 512], length: 0 };
        source.extend(encloser.iter().copied());
        source.extend(*b"*\0");
        let source = &source.octets[..source.length];
        match self.shown_names().node(source) {
            Some(node) => Found::Wildcard(node),
            None if self.shown_names().exists(source) => Found::Empty,
            None => Found::Missing,
        }
    }

    /// The zone's own records at a name at or below the apex, be they occluded by a cut: where glue is looked for.
    pub fn stored(&self, name: &QName) -> Option<NodeRef<'_>> {
        let below = name.label_count().checked_sub(self.apex_labels)?;
        if name.suffix(self.apex_labels) != &*self.apex_lower {
            return None;
        }
        self.shown_names().node(Path::new(name, below).to(below))
    }

    /// The first cut or DNAME from the apex down to the name, or to where a cut at an address hides the rest.
    fn zone_end<'a>(&'a self, path: &Path, below: usize, hidden_from: usize) -> Option<Found<'a>> {
        let names = self.shown_names();
        let stored = names.zone_ends();
        let derived = self.cuts.depths();
        let depths = (stored | derived) & (u128::MAX >> (127 - below.min(127)));
        let mut left = depths;
        while left != 0 {
            let depth = left.trailing_zeros() as usize;
            if depth >= hidden_from {
                return None;
            }
            left &= left - 1;
            let key = path.to(depth);
            if derived >> depth & 1 == 1
                && let Some(cut) = self.cuts.get(key)
            {
                let labels = self.apex_labels + depth;
                return Some(Found::Cut(CutRef { labels, records: CutRecords::Derived(cut) }));
            }
            if stored >> depth & 1 == 0 {
                continue;
            }
            let Some(node) = names.node(key) else { continue };
            if depth > 0 && node.rrset(RecordType::NS).is_some() {
                let labels = self.apex_labels + depth;
                return Some(Found::Cut(CutRef { labels, records: CutRecords::Stored(node) }));
            }
            if depth < below
                && let Some(rrset) = node.rrset(RecordType::DNAME)
            {
                return Some(Found::Dname { labels: self.apex_labels + depth, rrset, node });
            }
        }
        None
    }

    /// What the address index and its exceptions say of the name.
    #[inline]
    fn at_address<'a>(
        &'a self,
        addresses: &'a Addresses,
        name: &QName,
        reverse: Option<&ReverseName>,
        below: usize,
    ) -> AtAddress<'a> {
        let (view, addresses) = self.window(addresses);
        let (family, bits, exact) = match view {
            View::Range(_) => match reverse {
                Some(reverse) if reverse.prefix.is_full() => {
                    (reverse.prefix.family(), reverse.prefix.bits(), reverse.extra == 0)
                }
                _ => return AtAddress::Nothing,
            },
            View::Classless { first, last } => {
                let octet = if below == 0 { None } else { canonical_octet(name.label(below - 1)) };
                match octet.map(|octet| first & 0xffff_ff00 | u32::from(octet)) {
                    Some(address) if (first..=last).contains(&address) => {
                        (Family::V4, u128::from(address), below == 1)
                    }
                    _ => return AtAddress::Nothing,
                }
            }
            View::Verbatim => return AtAddress::Nothing,
        };
        if !self.exceptions.is_empty()
            && let Some(found) = self.exceptions.at(bits)
        {
            match &found.what {
                Exception::Cut(cut) => {
                    let labels = match view {
                        View::Classless { .. } => self.apex_labels + 1,
                        _ => usize::from(family.full_depth()) + 2,
                    };
                    return AtAddress::Other(Found::Cut(CutRef {
                        labels,
                        records: CutRecords::Derived(cut),
                    }));
                }
                Exception::Alias(apex) if exact => {
                    return AtAddress::Other(Found::Alias { apex, ttl: self.alias_ttl });
                }
                Exception::Alias(_) | Exception::Withheld => return AtAddress::Nothing,
            }
        }
        if !exact {
            return AtAddress::Nothing;
        }
        match addresses.find(family, bits) {
            Some(ptr) => AtAddress::Shows(AddressPtr::Stored(ptr)),
            None => match addresses.computed(family, bits) {
                Some(computed) => AtAddress::Shows(AddressPtr::Computed(computed)),
                None => AtAddress::Nothing,
            },
        }
    }

    /// Whether the name `up` labels above the question's exists, be it empty.
    fn exists(
        &self,
        addresses: &Addresses,
        name: &QName,
        reverse: Option<&ReverseName>,
        below: usize,
        up: usize,
        path: &Path,
    ) -> bool {
        let key = path.to(below - up);
        self.has_at_or_below(key)
            || self.cuts.exist_under(key)
            || self.leads_to_addresses(addresses, name, reverse, below, up)
            || self.patterns().is_some_and(|patterns| patterns.lead(addresses, (name, path, below), up))
    }

    /// Whether the name `up` labels above the question's is an address, or a prefix of addresses, that the zone
    /// shows something at.
    fn leads_to_addresses(
        &self,
        addresses: &Addresses,
        name: &QName,
        reverse: Option<&ReverseName>,
        below: usize,
        up: usize,
    ) -> bool {
        let (view, addresses) = self.window(addresses);
        let range = match view {
            View::Verbatim => return false,
            View::Range(_) => {
                let Some(reverse) = reverse else { return false };
                let depth = name.label_count() - 2 - up;
                if depth > usize::from(reverse.prefix.depth()) {
                    return false;
                }
                let prefix = &reverse.prefix;
                AddrRange::of_prefix(
                    prefix.family(),
                    prefix.bits(),
                    depth as u8 * prefix.family().label_bits(),
                )
            }
            View::Classless { first, last } => {
                if below - up != 1 {
                    return false;
                }
                match canonical_octet(name.label(up)).map(|octet| first & 0xffff_ff00 | u32::from(octet)) {
                    Some(address) if (first..=last).contains(&address) => {
                        AddrRange::of_prefix(Family::V4, u128::from(address), 32)
                    }
                    _ => return false,
                }
            }
        };
        self.any_in(addresses, &range)
    }

    fn any_in(&self, addresses: &Addresses, range: &AddrRange) -> bool {
        let family = range.family();
        let mut from = range.first_bits();
        while let Some(exception) = self.exceptions.next_from(from) {
            if exception.range.first_bits() > range.last_bits() {
                break;
            }
            if !exception.is_withheld() {
                return true;
            }
            // Nothing is shown there: what counts comes before and after.
            if addresses.next_shown(family, from).is_some_and(|bits| bits < exception.range.first_bits()) {
                return true;
            }
            match exception.range.last_bits().checked_add(1) {
                Some(after) if after <= range.last_bits() => from = after,
                _ => return false,
            }
        }
        addresses.next_shown(family, from).is_some_and(|bits| bits <= range.last_bits())
    }

    pub(super) fn is_below_a_cut(&self, owner: &Name) -> bool {
        if self.cuts.is_empty() && self.shown_names().zone_ends() == 0 {
            return false;
        }
        let mut name = QName::default();
        name.assign(owner.as_wire());
        let below = name.label_count() - self.apex_labels;
        matches!(self.zone_end(&Path::new(&name, below), below, usize::MAX), Some(Found::Cut(_)))
    }
}

/// Whether records at a name go before a computed PTR.
pub(crate) fn goes_before(node: NodeRef<'_>) -> bool {
    let types = [RecordType::PTR, RecordType::CNAME, RecordType::DNAME];
    types.into_iter().any(|rtype| node.rrset(rtype).is_some())
}

/// The sort key of a question's name below an apex, and where each depth ends in it.
pub(crate) struct Path {
    key: KeyOctets,
    ends: [u16; 128],
}

struct KeyOctets {
    octets: [u8; 512],
    length: usize,
}

impl Extend<u8> for KeyOctets {
    #[inline]
    fn extend<I: IntoIterator<Item = u8>>(&mut self, octets: I) {
        for octet in octets {
            self.octets[self.length] = octet;
            self.length += 1;
        }
    }
}

impl Path {
    pub(crate) fn new(name: &QName, below: usize) -> Path {
        let mut path = Path { key: KeyOctets { octets: [0; 512], length: 0 }, ends: [0; 128] };
        for depth in 1..=below {
            let label = below - depth;
            sort_key(name.wire(), &name.starts()[label..=label], &mut path.key);
            path.ends[depth] = path.key.length as u16;
        }
        path
    }

    #[inline]
    pub(crate) fn to(&self, depth: usize) -> &[u8] {
        &self.key.octets[..usize::from(self.ends[depth])]
    }
}

enum AtAddress<'a> {
    Shows(AddressPtr<'a>),
    Other(Found<'a>),
    Nothing,
}

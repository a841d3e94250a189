//! A zone as queries see it: its own records, what is derived from blocks, and the window on the address index.
//!
//! The lookup follows RFC 1034 §4.3.2 step 3 from the apex down: zone cut or DNAME on the way (RFC 6672 §3.2), then
//! the name itself, then empty non-terminals (RFC 4592 §2.2.2, RFC 8020) — by arithmetic where the name is an
//! address prefix — then the wildcard at the closest encloser (RFC 4592 §3.3.1).

use crate::apex::{GivenNs, PackedNode};
use crate::model::ZoneId;
use crate::names::{NameTree, NodeRef, RrSetChange, RrSetRef};
use crate::page::PtrRef;
use crate::snapshot::Addresses;
use imbl::OrdMap;
use ptrd_wire::{
    AddrRange, Family, Name, QName, RecordType, ReverseName, ReversePrefix, RrSet, Serial, Soa, Ttl,
    canonical_octet, ip_to_bits, sort_key,
};
use std::ops::Bound;
use std::sync::Arc;

/// What a zone shows of the address index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The addresses of a prefix, at their reverse names.
    Range(ReversePrefix),
    /// IPv4 addresses within one /24, at their last octet below the apex (RFC 2317).
    Classless {
        /// The first address.
        first: u32,
        /// The last address.
        last: u32,
    },
    /// Nothing.
    Verbatim,
}

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
    fn is_withheld(&self) -> bool {
        matches!(self.what, Exception::Withheld)
    }
}

/// See the module. Made by the projection, immutable once published.
#[derive(Clone)]
pub struct Zone {
    id: ZoneId,
    apex: Name,
    apex_lower: Box<[u8]>,
    apex_labels: usize,
    view: View,
    soa: Soa,
    soa_ttl: Ttl,
    soa_rdata: Box<[u8]>,
    alias_ttl: Ttl,
    names: NameTree,
    /// The NS RRset of the zone's NS set.
    given_ns: Option<GivenNs>,
    /// What stands at the apex where the NS set counts.
    apex_node: Option<PackedNode>,
    cuts: OrdMap<Box<[u8]>, Arc<Cut>>,
    cut_depths: u128,
    exceptions: Arc<[ExceptionRange]>,
}

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
    /// The PTR RRset of the address index.
    pub ptr: Option<PtrRef<'a>>,
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

/// The sort key of a question's name below an apex, and where each depth ends in it.
struct Path {
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
    fn new(name: &QName, below: usize) -> Path {
        let mut path = Path { key: KeyOctets { octets: [0; 512], length: 0 }, ends: [0; 128] };
        for depth in 1..=below {
            let label = below - depth;
            sort_key(name.wire(), &name.starts()[label..=label], &mut path.key);
            path.ends[depth] = path.key.length as u16;
        }
        path
    }

    #[inline]
    fn to(&self, depth: usize) -> &[u8] {
        &self.key.octets[..usize::from(self.ends[depth])]
    }
}

impl Zone {
    /// A zone without records but its SOA.
    pub fn new(id: ZoneId, apex: Name, view: View, soa: Soa, soa_ttl: Ttl) -> Zone {
        Zone {
            id,
            apex_lower: apex.to_lower_wire(),
            apex_labels: apex.label_count(),
            apex,
            view,
            soa_rdata: soa.to_wire().into(),
            soa,
            soa_ttl,
            alias_ttl: soa_ttl,
            names: NameTree::default(),
            given_ns: None,
            apex_node: None,
            cuts: OrdMap::new(),
            cut_depths: 0,
            exceptions: Arc::new([]),
        }
    }

    /// The zone's number.
    pub fn id(&self) -> ZoneId {
        self.id
    }

    /// The apex.
    pub fn apex(&self) -> &Name {
        &self.apex
    }

    /// The apex in lower-case wire form.
    #[inline]
    pub fn apex_lower(&self) -> &[u8] {
        &self.apex_lower
    }

    /// How many labels the apex has.
    #[inline]
    pub fn apex_labels(&self) -> usize {
        self.apex_labels
    }

    /// What it shows of the address index.
    pub fn view(&self) -> View {
        self.view
    }

    /// The same with another window on the address index; what is derived is to be set anew.
    pub fn with_view(&self, view: View) -> Zone {
        Zone { view, ..self.clone() }
    }

    /// The same without records of its own or of a set.
    pub fn without_records(&self) -> Zone {
        Zone { names: NameTree::default(), given_ns: None, apex_node: None, ..self.clone() }
    }

    /// The SOA.
    pub fn soa(&self) -> &Soa {
        &self.soa
    }

    /// The data of the SOA record.
    #[inline]
    pub fn soa_rdata(&self) -> &[u8] {
        &self.soa_rdata
    }

    /// The TTL of the SOA record in an answer.
    pub fn soa_ttl(&self) -> Ttl {
        self.soa_ttl
    }

    /// The TTL of the SOA record in a negative answer (RFC 2308 §3: the lower of its TTL and MINIMUM).
    #[inline]
    pub fn negative_ttl(&self) -> Ttl {
        self.soa_ttl.min(self.soa.minimum)
    }

    /// The zone's own records. What the NS set gives is not among them.
    pub fn names(&self) -> &NameTree {
        &self.names
    }

    /// Makes changes of the zone's own records.
    pub fn apply_records(&mut self, changes: impl IntoIterator<Item = RrSetChange>) {
        self.names.apply(&self.apex, changes);
        self.join_apex();
    }

    /// What the zone's NS set gives, be it shown or not.
    pub fn given_ns(&self) -> Option<&GivenNs> {
        self.given_ns.as_ref()
    }

    /// Sets what the zone's NS set gives: shown at the apex unless the zone has an NS RRset of its own there.
    pub fn set_given_ns(&mut self, given: Option<GivenNs>) {
        self.given_ns = given;
        self.join_apex();
    }

    fn join_apex(&mut self) {
        self.apex_node = self.given_ns.as_ref().and_then(|given| given.beside(self.names.node(&[])));
    }

    /// The RRsets at the apex, but the SOA.
    #[inline]
    pub fn apex_node(&self) -> Option<NodeRef<'_>> {
        match &self.apex_node {
            Some(joined) => Some(joined.node()),
            None => self.names.node(&[]),
        }
    }

    /// The NS RRset of the apex, wherever it comes from.
    pub fn apex_ns(&self) -> Option<RrSetRef<'_>> {
        self.apex_node()?.rrset(RecordType::NS)
    }

    /// Whether the zone has an NS RRset of its own at the apex.
    pub fn has_own_ns(&self) -> bool {
        self.names.node(&[]).is_some_and(|node| node.rrset(RecordType::NS).is_some())
    }

    /// The TTL of derived CNAMEs.
    pub fn alias_ttl(&self) -> Ttl {
        self.alias_ttl
    }

    /// Sets SOA and its TTL.
    pub fn set_soa(&mut self, soa: Soa, ttl: Ttl) {
        self.soa_rdata = soa.to_wire().into();
        self.soa = soa;
        self.soa_ttl = ttl;
    }

    /// Sets the serial.
    pub fn set_serial(&mut self, serial: Serial) {
        self.soa.serial = serial;
        let at = self.soa_rdata.len() - 20;
        self.soa_rdata[at..at + 4].copy_from_slice(&serial.0.to_be_bytes());
    }

    /// Sets what follows from blocks and other zones. Ranges are sorted and disjoint.
    pub fn set_derived(&mut self, derived: Derived) {
        self.cut_depths = 0;
        let apex_labels = self.apex_labels;
        self.cuts = derived
            .cuts
            .into_iter()
            .map(|(owner, cut)| {
                self.cut_depths |= 1u128.checked_shl((owner.label_count() - apex_labels) as u32).unwrap_or(0);
                (owner.key_below(apex_labels), cut)
            })
            .collect();
        self.exceptions = derived.exceptions.into();
        self.alias_ttl = derived.alias_ttl;
    }

    /// What was set with [`Zone::set_derived`].
    pub fn derived(&self) -> Derived {
        Derived {
            cuts: self
                .cuts
                .iter()
                .map(|(key, cut)| (ptrd_wire::key_of_lower(key, &self.apex), cut.clone()))
                .collect(),
            exceptions: self.exceptions.to_vec(),
            alias_ttl: self.alias_ttl,
        }
    }

    /// Whether only the apex has records: then a name is an address, leads to some, or does not exist.
    #[inline]
    fn is_plain(&self) -> bool {
        self.names.is_bare() && self.cut_depths == 0
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
            AtAddress::Shows(ptr) => Found::Node(Node { stored: None, ptr: Some(ptr) }),
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
        let stored = if below == 0 { self.apex_node() } else { self.names.node(path.to(below)) };
        let mut node = Node { stored, ptr: None };
        match at_address {
            AtAddress::Shows(ptr) => node.ptr = Some(ptr),
            AtAddress::Other(found) => return found,
            AtAddress::Nothing => {}
        }
        if below == 0 || node.stored.is_some() || node.ptr.is_some() {
            return Found::Node(node);
        }
        if self.exists(addresses, name, reverse, below, 0, &path) {
            return Found::Empty;
        }
        if !self.names.has_wildcards() {
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
        match self.names.node(source) {
            Some(node) => Found::Wildcard(node),
            None if self.names.exists(source) => Found::Empty,
            None => Found::Missing,
        }
    }

    /// The zone's own records at a name at or below the apex, be they occluded by a cut: where glue is looked for.
    pub fn stored(&self, name: &QName) -> Option<NodeRef<'_>> {
        let below = name.label_count().checked_sub(self.apex_labels)?;
        if name.suffix(self.apex_labels) != &*self.apex_lower {
            return None;
        }
        self.names.node(Path::new(name, below).to(below))
    }

    /// The first cut or DNAME from the apex down to the name, or to where a cut at an address hides the rest.
    fn zone_end<'a>(&'a self, path: &Path, below: usize, hidden_from: usize) -> Option<Found<'a>> {
        let stored = self.names.zone_ends();
        let depths = (stored | self.cut_depths) & (u128::MAX >> (127 - below.min(127)));
        let mut left = depths;
        while left != 0 {
            let depth = left.trailing_zeros() as usize;
            if depth >= hidden_from {
                return None;
            }
            left &= left - 1;
            let key = path.to(depth);
            if self.cut_depths >> depth & 1 == 1
                && let Some(cut) = self.cuts.get(key)
            {
                let labels = self.apex_labels + depth;
                return Some(Found::Cut(CutRef { labels, records: CutRecords::Derived(cut) }));
            }
            if stored >> depth & 1 == 0 {
                continue;
            }
            let Some(node) = self.names.node(key) else { continue };
            if depth > 0 && node.rrset(RecordType::NS).is_some() {
                let labels = self.apex_labels + depth;
                return Some(Found::Cut(CutRef { labels, records: CutRecords::Stored(node) }));
            }
            if depth < below
                && let Some(rrset) = node.rrset(RecordType::DNAME)
            {
                return Some(Found::Dname { labels: self.apex_labels + depth, rrset });
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
        let (family, bits, exact) = match self.view {
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
            && let Some(found) = self.exception(bits)
        {
            match &found.what {
                Exception::Cut(cut) => {
                    let labels = match self.view {
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
            Some(ptr) => AtAddress::Shows(ptr),
            None => AtAddress::Nothing,
        }
    }

    fn exception(&self, bits: u128) -> Option<&ExceptionRange> {
        let nth = self.exceptions.partition_point(|exception| exception.range.last_bits() < bits);
        self.exceptions.get(nth).filter(|exception| exception.range.first_bits() <= bits)
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
        self.names.exists(key)
            || (self.cut_depths != 0 && self.has_cut_under(key))
            || self.leads_to_addresses(addresses, name, reverse, below, up)
    }

    fn has_cut_under(&self, key: &[u8]) -> bool {
        let from = (Bound::Included(key), Bound::Unbounded);
        self.cuts.range::<_, [u8]>(from).next().is_some_and(|(found, _)| found.starts_with(key))
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
        let range = match self.view {
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
        let mut from = range.first_bits();
        let nth = self.exceptions.partition_point(|exception| exception.range.last_bits() < from);
        for exception in &self.exceptions[nth..] {
            if exception.range.first_bits() > range.last_bits() {
                break;
            }
            if !exception.is_withheld() {
                return true;
            }
            let next = addresses.next_from(range.family(), from);
            if next.is_some_and(|bits| bits < exception.range.first_bits()) {
                return true;
            }
            match exception.range.last_bits().checked_add(1) {
                Some(after) if after <= range.last_bits() => from = after,
                _ => return false,
            }
        }
        addresses.next_from(range.family(), from).is_some_and(|bits| bits <= range.last_bits())
    }

    /// Every RRset of the zone but the SOA, derived ones too, in canonical order of owners.
    pub fn records(&self, addresses: &Addresses) -> Vec<(Name, RrSet)> {
        let mut all: Vec<(Box<[u8]>, Name, RrSet)> = Vec::new();
        for (key, node) in self.names.iter() {
            let owner = NameTree::owner(&key, node, &self.apex);
            all.extend(node.rrsets().map(|rrset| (key.clone(), owner.clone(), rrset.to_rrset())));
        }
        let given = self.apex_node.as_ref().and_then(|joined| joined.node().rrset(RecordType::NS));
        all.extend(given.map(|ns| (Box::default(), self.apex.clone(), ns.to_rrset())));
        for (key, cut) in &self.cuts {
            let owner = ptrd_wire::key_of_lower(key, &self.apex);
            self.push_cut(&mut all, &owner, cut);
        }
        for exception in self.exceptions.iter().filter(|exception| !exception.is_withheld()) {
            for bits in exception.range.first_bits()..=exception.range.last_bits() {
                let Some(owner) = self.owner_of(exception.range.family(), bits) else { continue };
                if self.is_below_a_cut(&owner) {
                    continue;
                }
                match &exception.what {
                    Exception::Alias(apex) => {
                        let Ok(target) = Name::from_labels([(bits as u8).to_string()], apex) else {
                            continue;
                        };
                        let rrset = RrSet::single(RecordType::CNAME, self.alias_ttl, target.as_wire());
                        all.push((owner.key_below(self.apex_labels), owner, rrset));
                    }
                    Exception::Cut(cut) => self.push_cut(&mut all, &owner, cut),
                    Exception::Withheld => {}
                }
            }
        }
        self.push_ptrs(addresses, &mut all);
        all.sort_by(|a, b| a.0.cmp(&b.0).then(a.2.rtype.cmp(&b.2.rtype)));
        // Glue that stands among the zone's own records as well is shown once.
        all.dedup_by(|b, a| a.0 == b.0 && a.2.rtype == b.2.rtype);
        all.into_iter().map(|(_, owner, rrset)| (owner, rrset)).collect()
    }

    fn push_cut(&self, all: &mut Vec<(Box<[u8]>, Name, RrSet)>, owner: &Name, cut: &Cut) {
        let mut push = |name: &Name, rrset: &RrSet| {
            all.push((name.key_below(self.apex_labels), name.clone(), rrset.clone()));
        };
        push(owner, &cut.ns);
        cut.ds.iter().for_each(|ds| push(owner, ds));
        for (name, rrset) in cut.glue.iter().filter(|(name, _)| name.is_at_or_under(owner)) {
            push(name, rrset);
        }
    }

    fn push_ptrs(&self, addresses: &Addresses, all: &mut Vec<(Box<[u8]>, Name, RrSet)>) {
        let (family, first, last) = match self.view {
            View::Verbatim => return,
            View::Range(prefix) => {
                let range = prefix.range();
                (range.family(), range.first_bits(), range.last_bits())
            }
            View::Classless { first, last } => (Family::V4, u128::from(first), u128::from(last)),
        };
        let mut next = addresses.next_from(family, first);
        while let Some(bits) = next.filter(|&bits| bits <= last) {
            if let Some(exception) = self.exception(bits) {
                next = exception
                    .range
                    .last_bits()
                    .checked_add(1)
                    .and_then(|bits| addresses.next_from(family, bits));
                continue;
            }
            next = bits.checked_add(1).and_then(|bits| addresses.next_from(family, bits));
            let (Some(owner), Some(ptr)) = (self.owner_of(family, bits), addresses.find(family, bits)) else {
                continue;
            };
            if self.is_below_a_cut(&owner) {
                continue;
            }
            let rdatas = ptr.targets().map(|target| [target.head, target.ending].concat().into()).collect();
            let rrset = RrSet { rtype: RecordType::PTR, ttl: ptr.ttl(), rdatas };
            all.push((owner.key_below(self.apex_labels), owner, rrset));
        }
    }

    fn is_below_a_cut(&self, owner: &Name) -> bool {
        if self.cut_depths == 0 && self.names.zone_ends() == 0 {
            return false;
        }
        let mut name = QName::default();
        name.assign(owner.as_wire());
        let below = name.label_count() - self.apex_labels;
        matches!(self.zone_end(&Path::new(&name, below), below, usize::MAX), Some(Found::Cut(_)))
    }

    /// The name at which the zone shows an address; `None` if it shows it nowhere.
    pub fn owner_of(&self, family: Family, bits: u128) -> Option<Name> {
        match self.view {
            View::Verbatim => None,
            View::Range(prefix) => {
                let full = ReversePrefix::new(ptrd_wire::ip_from_bits(family, bits), family.full_depth());
                prefix.range().covers(&full.range()).then(|| full.name())
            }
            View::Classless { first, last } => {
                let inside = family == Family::V4 && (u128::from(first)..=u128::from(last)).contains(&bits);
                inside.then(|| Name::from_labels([(bits as u8).to_string()], &self.apex).ok())?
            }
        }
    }

    /// Whether the zone shows the PTR of this address: it lies in the view, and neither CNAME nor cut is there.
    pub fn shows(&self, address: std::net::IpAddr) -> bool {
        let (family, bits) = ip_to_bits(address);
        self.owner_of(family, bits)
            .is_some_and(|owner| self.exception(bits).is_none() && !self.is_below_a_cut(&owner))
    }
}

enum AtAddress<'a> {
    Shows(PtrRef<'a>),
    Other(Found<'a>),
    Nothing,
}

/// What follows in a zone from blocks and other zones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    /// Cuts at names.
    pub cuts: Vec<(Name, Arc<Cut>)>,
    /// What stands at addresses instead of PTRs, sorted and disjoint.
    pub exceptions: Vec<ExceptionRange>,
    /// The TTL of derived CNAMEs.
    pub alias_ttl: Ttl,
}

//! A zone as queries see it: its own records, what is derived from blocks, and the window on the address index.
//!
//! The lookup follows RFC 1034 §4.3.2 step 3 from the apex down: zone cut or DNAME on the way (RFC 6672 §3.2), then
//! the name itself, then empty non-terminals (RFC 4592 §2.2.2, RFC 8020) — by arithmetic where the name is an
//! address prefix — then the wildcard at the closest encloser (RFC 4592 §3.3.1).

use crate::apex::{GivenNs, PackedNode};
use crate::derived::{Cut, CutChange, Cuts, Derived, Exception, ExceptionRange, Exceptions};
use crate::model::{TenantId, ZoneId};
use crate::names::{NameTree, NodeRef, RrSetChange, RrSetRef};
use crate::page::PtrRef;
use crate::snapshot::Addresses;
use ptrd_wire::{
    AddrRange, Family, Name, QName, RecordType, ReverseName, ReversePrefix, Serial, Soa, Ttl,
    canonical_octet, ip_to_bits, key_of_lower, sort_key,
};
use std::collections::BTreeMap;
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

/// See the module. Made by the projection, immutable once published.
#[derive(Clone)]
pub struct Zone {
    id: ZoneId,
    tenant: TenantId,
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
    pub(crate) cuts: Cuts,
    pub(crate) exceptions: Exceptions,
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
            tenant: TenantId(0),
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
            cuts: Cuts::default(),
            exceptions: Exceptions::default(),
        }
    }

    /// The zone's number.
    pub fn id(&self) -> ZoneId {
        self.id
    }

    /// Whose it is; number 0, which nobody has, until that is set.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Sets whose it is.
    pub fn set_tenant(&mut self, tenant: TenantId) {
        self.tenant = tenant;
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

    /// The NS RRset of the apex where the NS set gives it.
    pub(crate) fn shown_given_ns(&self) -> Option<RrSetRef<'_>> {
        self.apex_node.as_ref()?.node().rrset(RecordType::NS)
    }

    /// Whether the zone has an NS RRset of its own at the apex.
    pub fn has_own_ns(&self) -> bool {
        self.names.node(&[]).is_some_and(|node| node.rrset(RecordType::NS).is_some())
    }

    /// The TTL of derived CNAMEs.
    pub fn alias_ttl(&self) -> Ttl {
        self.alias_ttl
    }

    /// Sets the TTL of derived CNAMEs.
    pub(crate) fn set_alias_ttl(&mut self, ttl: Ttl) {
        self.alias_ttl = ttl;
    }

    /// Whether it has derived CNAMEs.
    pub(crate) fn has_aliases(&self) -> bool {
        self.exceptions.iter().any(|exception| matches!(exception.what, Exception::Alias(_)))
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

    /// Sets what follows from blocks and other zones. Ranges are sorted and disjoint; of cuts with one owner the last
    /// counts.
    pub fn set_derived(&mut self, derived: Derived) {
        let cuts: BTreeMap<Box<[u8]>, Arc<Cut>> =
            derived.cuts.into_iter().map(|(owner, cut)| (owner.key_below(self.apex_labels), cut)).collect();
        let depths = cuts.keys().fold(0, |depths, key| depths | depth_bit(key));
        self.cuts = Cuts::from_sorted(cuts.into_iter().collect(), depths);
        self.exceptions = Exceptions::from_sorted(derived.exceptions);
        self.alias_ttl = derived.alias_ttl;
    }

    /// What was set with [`Zone::set_derived`], and changed since.
    pub fn derived(&self) -> Derived {
        Derived {
            cuts: self.cuts.iter().map(|(key, cut)| (key_of_lower(key, &self.apex), cut.clone())).collect(),
            exceptions: self.exceptions.iter().cloned().collect(),
            alias_ttl: self.alias_ttl,
        }
    }

    /// The cut that follows at a name below the apex.
    pub fn derived_cut(&self, owner: &Name) -> Option<&Arc<Cut>> {
        self.cuts.get(&owner.key_below(self.apex_labels))
    }

    /// The cuts that follow at or below a name of the zone, in canonical order.
    pub fn derived_cuts_under(&self, name: &Name) -> impl Iterator<Item = (Name, &Arc<Cut>)> {
        let key = name.key_below(self.apex_labels);
        let under = self.cuts.iter_from(&key).take_while(move |(found, _)| found.starts_with(&key));
        under.map(|(key, cut)| (key_of_lower(key, &self.apex), cut))
    }

    /// What stands instead of PTRs at addresses between these two.
    pub fn exceptions_in(&self, first: u128, last: u128) -> impl Iterator<Item = &ExceptionRange> {
        self.exceptions.within(first, last)
    }

    /// Puts and removes derived cuts.
    pub fn change_cuts(&mut self, changes: &BTreeMap<Name, Option<Arc<Cut>>>) {
        let keyed: Vec<CutChange> =
            changes.iter().map(|(owner, cut)| (owner.key_below(self.apex_labels), cut.clone())).collect();
        let depths = keyed.iter().fold(0, |depths, (key, _)| depths | depth_bit(key));
        self.cuts.apply(&keyed, depths);
    }

    /// Puts and removes exceptions, by their first address; afterwards they must be disjoint.
    pub fn change_exceptions(&mut self, changes: &BTreeMap<u128, Option<ExceptionRange>>) {
        let changes: Vec<_> = changes.iter().map(|(first, change)| (*first, change.clone())).collect();
        self.exceptions.apply(&changes);
    }

    /// Whether only the apex has records: then a name is an address, leads to some, or does not exist.
    #[inline]
    fn is_plain(&self) -> bool {
        self.names.is_bare() && self.cuts.is_empty()
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
            && let Some(found) = self.exceptions.at(bits)
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
            || self.cuts.exist_under(key)
            || self.leads_to_addresses(addresses, name, reverse, below, up)
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
            if addresses.next_from(family, from).is_some_and(|bits| bits < exception.range.first_bits()) {
                return true;
            }
            match exception.range.last_bits().checked_add(1) {
                Some(after) if after <= range.last_bits() => from = after,
                _ => return false,
            }
        }
        addresses.next_from(family, from).is_some_and(|bits| bits <= range.last_bits())
    }

    fn is_below_a_cut(&self, owner: &Name) -> bool {
        if self.cuts.is_empty() && self.names.zone_ends() == 0 {
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
            .is_some_and(|owner| self.exceptions.at(bits).is_none() && !self.is_below_a_cut(&owner))
    }
}

enum AtAddress<'a> {
    Shows(PtrRef<'a>),
    Other(Found<'a>),
    Nothing,
}

/// The bit of the depth that a key has.
fn depth_bit(key: &[u8]) -> u128 {
    let labels = key.iter().filter(|&&b| b == 0).count();
    1u128.checked_shl(labels as u32).unwrap_or(0)
}

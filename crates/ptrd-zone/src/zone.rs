//! A zone as queries see it: its own records, what is derived from blocks, and the window on the address index.

mod find;

pub use find::{AddressPtr, CutRecords, CutRef, Found, Node};
pub(crate) use find::{Path, goes_before};

use crate::apex::{GivenNs, PackedNode};
use crate::companion::Companion;
use crate::derived::{Cut, CutChange, Cuts, Derived, Exception, ExceptionRange, Exceptions};
use crate::follow::Outage;
use crate::model::{TenantId, ZoneId};
use crate::names::{NameTree, NodeRef, RrSetChange, RrSetRef};
use crate::signed::Seal;
use crate::snapshot::Addresses;
use crate::stated::{STATEMENT, Stated};
use ptrd_wire::{
    AddrRange, Family, Name, RecordType, ReversePrefix, Serial, Soa, Ttl, ip_from_bits, ip_to_bits,
    key_of_lower,
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

/// What a zone is as a catalog of zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatalogKind {
    /// Ours: its records follow from what is declared.
    Produced,
    /// That of somebody else, as it was transferred.
    Consumed,
}

/// See the module. Made by the projection, immutable once published.
#[derive(Clone)]
pub struct Zone {
    id: ZoneId,
    tenant: TenantId,
    catalog: Option<CatalogKind>,
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
    /// Whether it is signed.
    pub(crate) seal: Seal,
    pub(crate) cuts: Cuts,
    pub(crate) exceptions: Exceptions,
    outage: Option<Outage>,
    /// What it was told that it shows besides its records.
    pub(crate) stated: Option<Arc<Stated>>,
    /// The addresses that follow in it from PTRs, and all that it shows with them.
    pub(crate) companion: Option<Arc<Companion>>,
}

impl Zone {
    /// A zone without records but its SOA.
    pub fn new(id: ZoneId, apex: Name, view: View, soa: Soa, soa_ttl: Ttl) -> Zone {
        Zone {
            id,
            tenant: TenantId(0),
            catalog: None,
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
            seal: Seal::default(),
            cuts: Cuts::default(),
            exceptions: Exceptions::default(),
            outage: None,
            stated: None,
            companion: None,
        }
    }

    /// Why it is not answered for, if it is not.
    #[inline]
    pub fn outage(&self) -> Option<Outage> {
        self.outage
    }

    /// Sets why it is not answered for.
    pub fn set_outage(&mut self, outage: Option<Outage>) {
        self.outage = outage;
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

    /// Whether it is a catalog of zones ([`crate::catalog`]): its records are for those alone who may transfer it
    /// (RFC 9432 §7).
    #[inline]
    pub fn is_catalog(&self) -> bool {
        self.catalog.is_some()
    }

    /// What it is as a catalog.
    pub fn catalog(&self) -> Option<CatalogKind> {
        self.catalog
    }

    /// Makes it a catalog, or no longer.
    pub fn set_catalog(&mut self, catalog: Option<CatalogKind>) {
        self.catalog = catalog;
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

    /// The addresses that it shows; `None` of a verbatim one that was told of none.
    pub(crate) fn shown_range(&self) -> Option<AddrRange> {
        match self.shown_view() {
            View::Verbatim => None,
            View::Range(prefix) => Some(prefix.range()),
            View::Classless { first, last } => {
                let address = |bits: u32| ip_from_bits(Family::V4, bits.into());
                AddrRange::new(address(first), address(last)).ok()
            }
        }
    }

    /// What it shows of the address index.
    pub fn view(&self) -> View {
        self.view
    }

    /// What it shows of the index that [`Zone::window`] gives.
    #[inline]
    pub(crate) fn shown_view(&self) -> View {
        self.stated.as_ref().map_or(self.view, |stated| stated.view)
    }

    /// What it shows of which address index: that of the snapshot, or the one that it was told of.
    #[inline]
    pub(crate) fn window<'a>(&'a self, addresses: &'a Addresses) -> (View, &'a Addresses) {
        match &self.stated {
            None => (self.view, addresses),
            Some(stated) => (stated.view, &stated.addresses),
        }
    }

    /// The same with another window on the address index; what is derived is to be set anew.
    pub fn with_view(&self, view: View) -> Zone {
        let mut zone = Zone { view, companion: None, ..self.clone() };
        zone.take_statements();
        zone.join_apex();
        zone.break_seal();
        zone
    }

    /// The same without records of its own or of a set.
    pub fn without_records(&self) -> Zone {
        let names = NameTree::default();
        let zone = self.clone();
        Zone {
            names,
            given_ns: None,
            apex_node: None,
            seal: Seal::Unsigned,
            stated: None,
            companion: None,
            ..zone
        }
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
        let mut has_statements = false;
        let mut followed = Vec::new();
        let (apex, labels, is_companion) = (&self.apex, self.apex_labels, self.is_companion());
        let noting = changes.into_iter().inspect(|(owner, rtype, _)| {
            has_statements |= *rtype == STATEMENT && owner == apex;
            followed.extend(is_companion.then(|| (owner.key_below(labels), *rtype)));
        });
        self.names.apply(apex, noting);
        self.follow_records(&followed);
        if has_statements {
            self.take_statements();
        }
        self.join_apex();
        self.break_seal();
    }

    /// What the zone's NS set gives, be it shown or not.
    pub fn given_ns(&self) -> Option<&GivenNs> {
        self.given_ns.as_ref()
    }

    /// Sets what the zone's NS set gives: shown at the apex unless the zone has an NS RRset of its own there.
    pub fn set_given_ns(&mut self, given: Option<GivenNs>) {
        self.given_ns = given;
        self.join_apex();
        self.break_seal();
    }

    /// The content is another: a zone that looks signed is to be examined. Native zones are unsigned, whatever they hold.
    fn break_seal(&mut self) {
        let looks_signed = self.view == View::Verbatim && self.names.signed() > 0;
        self.seal = if looks_signed { Seal::Unknown } else { Seal::Unsigned };
    }

    fn join_apex(&mut self) {
        let own = self.stated.as_ref().and_then(|_| PackedNode::without(self.names.node(&[])?, STATEMENT));
        let stored = own.as_ref().map(PackedNode::node).or(self.names.node(&[]));
        let joined = self.given_ns.as_ref().and_then(|given| given.beside(stored));
        self.apex_node = joined.or(own);
    }

    /// The name with this key, its labels below the apex in lower case.
    pub(crate) fn name_of_key(&self, key: &[u8]) -> Name {
        key_of_lower(key, &self.apex)
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
        self.given_ns.as_ref().filter(|_| !self.has_own_ns())?.rrset()
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

/// The bit of the depth that a key has.
fn depth_bit(key: &[u8]) -> u128 {
    let labels = key.iter().filter(|&&b| b == 0).count();
    1u128.checked_shl(labels as u32).unwrap_or(0)
}

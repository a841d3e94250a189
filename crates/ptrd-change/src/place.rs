//! Where the PTR of an address is shown, answered for runs of addresses at once: neighbours share block and zone, so
//! an import of millions asks some thousand times.

use crate::authorise::Role;
use crate::observed;
use crate::problem::{invalid, not_found, some};
use crate::rights::Rights;
use crate::suspend::refuse_tenant;
use crate::tenant::tenant_name;
use ptrd_api::Problem;
use ptrd_wire::{AddrRange, Family, Name, RecordType, ReversePrefix, ip_from_bits, ip_to_bits};
use ptrd_zone::model::{Block, Mode, ZoneId, ZoneKind};
use ptrd_zone::{Declared, Snapshot, Zone, ZoneMeta};
use std::net::IpAddr;
use std::sync::Arc;

/// Who answers for an address.
#[derive(Clone, Debug)]
pub(crate) enum Shown {
    /// A native zone here.
    Here(Arc<ZoneMeta>),
    /// A verbatim zone here, which shows no PTR of the address index.
    Verbatim(Arc<ZoneMeta>),
    /// The nameservers that this block was handed to.
    Delegated(Arc<Block>),
    /// No zone here.
    Nobody,
}

/// Addresses with the same most specific block, shown by the same zone.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// The addresses; the first is the one that was asked for.
    pub range: AddrRange,
    /// The most specific block.
    pub block: Option<Arc<Block>>,
    /// Who answers.
    pub shown: Shown,
    /// Whether a suspended block keeps them from being shown.
    pub withheld: bool,
}

/// The nearest block around a range, itself included, that takes its addresses out of the range zones ([`Mode::takes`]).
pub(crate) fn taker<'a>(declared: &'a Declared, range: &AddrRange) -> Option<&'a Arc<Block>> {
    std::iter::successors(declared.innermost(range), |block| declared.around(block.id))
        .find(|block| block.mode.takes())
}

impl Run {
    /// The run that starts at an address.
    pub fn at(declared: &Declared, address: IpAddr) -> Run {
        let (family, bits) = ip_to_bits(address);
        let (block, last) = declared.block_run(family, bits);
        let taken = block.and_then(|block| taker(declared, &block.range));
        let (shown, last) = match taken.map(|block| (block, &block.mode)) {
            Some((_, Mode::Classless { apex, .. })) => {
                (declared.zone(apex).map_or(Shown::Nobody, shown_by), last)
            }
            Some((block, _)) => (Shown::Delegated(block.clone()), last),
            None => {
                let (zone, end) = zone_run(declared, address);
                (zone.map_or(Shown::Nobody, shown_by), last.min(end))
            }
        };
        let range = AddrRange::new(address, ip_from_bits(family, last));
        let range = range.unwrap_or_else(|_| AddrRange::single(address));
        let withheld = declared.suspending(&AddrRange::single(address)).is_some();
        Run { range, block: block.cloned(), shown, withheld }
    }
}

fn shown_by(zone: &Arc<ZoneMeta>) -> Shown {
    if zone.kind == ZoneKind::Verbatim { Shown::Verbatim(zone.clone()) } else { Shown::Here(zone.clone()) }
}

/// The deepest zone at the reverse name of an address, and the last address in a row of which that is so.
fn zone_run(declared: &Declared, address: IpAddr) -> (Option<&Arc<ZoneMeta>>, u128) {
    let full = ReversePrefix::new(address, u8::MAX);
    let zone = declared.zone_of(&full.name());
    let own = zone.and_then(|zone| ReversePrefix::of_apex(&zone.apex)).map_or(0, |prefix| prefix.depth());
    let plain = (own..full.depth()).map(|depth| ReversePrefix::new(address, depth)).find(|prefix| {
        let name = prefix.name();
        declared.zones_below(&name).next().is_none()
    });
    (zone, plain.unwrap_or(full).range().last_bits())
}

/// The runs of a range, one after the other.
pub(crate) fn runs<'a>(declared: &'a Declared, range: &AddrRange) -> impl Iterator<Item = Run> + use<'a> {
    let (family, last) = (range.family(), range.last_bits());
    let mut next = Some(range.first_bits());
    std::iter::from_fn(move || {
        let bits = next.filter(|bits| *bits <= last)?;
        let run = Run::at(declared, ip_from_bits(family, bits));
        next = run.range.last_bits().checked_add(1);
        Some(run)
    })
}

/// The native zones that show addresses, remembered from one address to the next.
#[derive(Default)]
pub(crate) struct ShowingZones {
    run: Option<Run>,
}

impl ShowingZones {
    #[inline]
    pub fn at(&mut self, declared: &Declared, address: IpAddr) -> Option<ZoneId> {
        if !self.run.as_ref().is_some_and(|run| run.range.contains(address)) {
            self.run = Some(Run::at(declared, address));
        }
        match &self.run {
            Some(Run { shown: Shown::Here(zone), withheld: false, .. }) => Some(zone.id),
            _ => None,
        }
    }
}

/// Checks address after address whether a PTR may stand there.
pub(crate) struct Places<'a> {
    declared: &'a Declared,
    snapshot: &'a Snapshot,
    rights: Rights,
    known: Option<Known>,
}

struct Known {
    range: AddrRange,
    zone: Result<Arc<Zone>, Problem>,
    /// The zone has no names besides its apex that could stand in the way.
    plain: bool,
    /// The zone does not show them for now.
    withheld: bool,
}

impl<'a> Places<'a> {
    pub fn new(declared: &'a Declared, snapshot: &'a Snapshot, rights: Rights) -> Places<'a> {
        Places { declared, snapshot, rights, known: None }
    }

    /// The zone that shows the PTR of this address, none if it is suspended, or why none may stand there.
    #[inline]
    pub fn zone_for(&mut self, address: IpAddr) -> Result<Option<ZoneId>, Problem> {
        if !self.known.as_ref().is_some_and(|known| known.range.contains(address)) {
            self.known = Some(self.look(address));
        }
        match &self.known {
            Some(Known { zone: Ok(zone), plain: true, withheld, .. }) => Ok((!withheld).then(|| zone.id())),
            Some(Known { zone: Ok(zone), withheld, .. }) => match in_the_way(zone, address) {
                None => Ok((!withheld).then(|| zone.id())),
                Some((owner, rtype)) => Err(owner_in_the_way(address, zone, &owner, rtype)),
            },
            Some(Known { zone: Err(problem), .. }) => Err(problem.clone()),
            None => Err(crate::problem::internal("a place that was never looked up")),
        }
    }

    fn look(&self, address: IpAddr) -> Known {
        let run = Run::at(self.declared, address);
        let zone = self.judge(address, &run).and_then(|meta| {
            let zone = self.snapshot.zone(&meta.apex).cloned();
            zone.ok_or_else(|| crate::problem::internal(format!("the zone {} has no content", meta.apex)))
        });
        let plain = zone.as_ref().is_ok_and(|zone| is_plain(zone));
        // What a problem says of the address is for this one only.
        let range =
            if zone.is_ok() { self.rights.run(address, run.range) } else { AddrRange::single(address) };
        Known { range, zone, plain, withheld: run.withheld }
    }

    fn judge(&self, address: IpAddr, run: &Run) -> Result<Arc<ZoneMeta>, Problem> {
        may_write(&self.rights, run.block.as_deref(), address)?;
        if self.rights.tenant().is_some() {
            refuse_tenant(self.declared, address)?;
        }
        if let Some(block) = run.block.as_ref().filter(|block| block.mode == Mode::Observed) {
            return Err(observed::refused(address, block));
        }
        match &run.shown {
            Shown::Here(zone) => Ok(zone.clone()),
            Shown::Verbatim(zone) => Err(invalid(format!(
                "{address} is shown by {}, a verbatim zone: it answers with the records that were imported, not with \
                 the PTRs of blocks",
                zone.apex
            ))
            .hint("write the record itself with `ptrctl record`, or remove the zone")),
            Shown::Delegated(block) => Err(delegated(address, block)),
            Shown::Nobody => Err(invalid(format!("no zone here shows {address}")).hint("`ptrctl block list` says which block it is in; give that block a zone: remove it and add it again")),
        }
    }
}

/// An address belongs to the tenant of its most specific block. What others own is to a tenant as if it were not there.
fn may_write(rights: &Rights, block: Option<&Block>, address: IpAddr) -> Result<(), Problem> {
    match (rights.role, block) {
        (Role::Operator, Some(_)) => Ok(()),
        (Role::Tenant(_), _) if rights.have(block, address) => Ok(()),
        (Role::Token(_) | Role::Key | Role::Replica, _) => {
            Err(crate::problem::forbidden(format!("{address}: a key alone gives no right to it")))
        }
        (Role::Tenant(_), _) if rights.are_narrowed() => {
            Err(not_found(format!("no block that this token is for contains {address}"))
                .hint("`ptrctl token show` says what a token is for"))
        }
        (Role::Tenant(_), _) => Err(not_found(format!("no block of yours contains {address}"))
            .hint("`ptrctl block list` lists blocks; ask your operator for one")),
        (Role::Operator, None) => {
            let around = match address {
                IpAddr::V4(_) => AddrRange::of_prefix(Family::V4, ip_to_bits(address).1, 24),
                IpAddr::V6(_) => AddrRange::of_prefix(Family::V6, ip_to_bits(address).1, 48),
            };
            Err(not_found(format!("no block here contains {address}"))
                .hint(format!("add one, for example `ptrctl block add {around} --tenant NAME`")))
        }
    }
}

/// Whether a caller may change what stands at an address.
pub(crate) fn belongs_to(declared: &Declared, rights: &Rights, address: IpAddr) -> Result<(), Problem> {
    if rights.role == Role::Operator {
        return Ok(());
    }
    may_write(rights, declared.block_of(address).map(|block| &**block), address)?;
    refuse_tenant(declared, address)
}

/// Whether a caller may mark an address as sending: as it may set its PTR, wherever that is served.
pub(crate) fn may_mark(declared: &Declared, rights: &Rights, address: IpAddr) -> Result<(), Problem> {
    may_write(rights, declared.block_of(address).map(|block| &**block), address)?;
    match rights.tenant() {
        Some(_) => refuse_tenant(declared, address),
        None => Ok(()),
    }
}

pub(crate) fn delegated(address: IpAddr, block: &Block) -> Problem {
    let servers: Vec<&Name> =
        block.mode.delegation().map(|d| d.nameservers.iter().map(|s| &s.name).collect()).unwrap_or_default();
    invalid(format!(
        "{address} lies in {}, which is delegated to {}: they answer for it",
        block.range,
        some(&servers, 4)
    ))
    .hint("set the PTR there, or remove the block first")
}

/// Whether no name but the apex has records, and the apex no DNAME.
fn is_plain(zone: &Zone) -> bool {
    let names = zone.names();
    match names.node(&[]) {
        Some(apex) => names.len() == 1 && apex.rrset(RecordType::DNAME).is_none(),
        None => names.is_empty(),
    }
}

pub(crate) fn owner_in_the_way(address: IpAddr, zone: &Zone, owner: &Name, rtype: RecordType) -> Problem {
    invalid(format!("{address} cannot have a PTR: {owner} has a {rtype} record in the zone {}", zone.apex()))
        .hint(format!("delete it first: `ptrctl record delete {owner} {rtype}`"))
}

/// The record of a zone that keeps a PTR from being shown at an address: a CNAME at its name, or an NS or DNAME on
/// the way to it.
pub(crate) fn in_the_way(zone: &Zone, address: IpAddr) -> Option<(Name, RecordType)> {
    let (family, bits) = ip_to_bits(address);
    let owner = zone.owner_of(family, bits)?;
    let labels = zone.apex_labels();
    owner.ancestors().take_while(|name| name.is_at_or_under(zone.apex())).find_map(|name| {
        let node = zone.names().node(&name.key_below(labels))?;
        let hides: &[RecordType] = if name == owner {
            &[RecordType::CNAME, RecordType::DNAME, RecordType::NS]
        } else if name == *zone.apex() {
            &[RecordType::DNAME]
        } else {
            &[RecordType::DNAME, RecordType::NS]
        };
        hides.iter().find(|rtype| node.rrset(**rtype).is_some()).map(|rtype| (name.clone(), *rtype))
    })
}

/// How many addresses of a range have a PTR RRset.
pub(crate) fn count_ptrs(snapshot: &Snapshot, range: &AddrRange) -> u64 {
    snapshot.addresses().count(range) as u64
}

/// The addresses of a range that have a PTR RRset.
pub(crate) fn ptrs_in<'a>(
    snapshot: &'a Snapshot,
    range: &AddrRange,
) -> impl Iterator<Item = IpAddr> + use<'a> {
    let (family, last) = (range.family(), range.last_bits());
    let mut from = Some(range.first_bits());
    std::iter::from_fn(move || {
        let bits = snapshot.addresses().next_from(family, from?).filter(|bits| *bits <= last)?;
        from = bits.checked_add(1);
        Some(ip_from_bits(family, bits))
    })
}

/// The tenant of a block, for messages.
pub(crate) fn owner_of_block(declared: &Declared, block: &Block) -> String {
    tenant_name(declared, block.tenant)
}

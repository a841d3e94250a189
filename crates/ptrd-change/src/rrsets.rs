//! Whole RRsets of a zone, put and deleted in one change: what other servers' interfaces call a patch.
//!
//! They are judged name by name as updates are, and written with the same functions ([`crate::update`]): the PTRs of
//! addresses go to the address index, all else is records of the zone. What is derived cannot be written; to say that it
//! is to be as it is changes nothing, so that whatever was listed can be put back whole. Nothing is redirected: a client
//! that is shown a CNAME and gets its target changed would not find its change again.

mod data;

use crate::apex::set_at;
use crate::authorise::Role;
use crate::pending;
use crate::plan::Plan;
use crate::problem::{bad, forbidden, internal, invalid, quote, some};
use crate::ptr::read_ttl;
use crate::record::{derived_address, template_of};
use crate::request::{ShowTarget, read_name};
use crate::rights::Rights;
use crate::rules::check_underived;
use crate::serial;
use crate::update::{ApexNs, Named, Set, Targets, put, tenant_may};
use crate::view_record::derived_at;
use crate::zone::unknown_zone;
use ptrd_api::{Problem, RrsetWrite, RrsetsWrite};
use ptrd_wire::{Name, RecordType, RrSet, Soa, Ttl, same_rdata};
use ptrd_zone::ZoneMeta;
use std::collections::HashSet;
use std::sync::Arc;

/// RRsets in one request: a /16 and some more.
pub(crate) const MAX_RRSETS: usize = 100_000;
/// RRsets that the log's account of a request lists; the edits have all of what came of it.
const LOGGED: usize = 100;

/// What is to become of RRsets of a zone, read.
#[derive(Debug)]
pub(crate) struct RrsetsOrder {
    zone: Name,
    writes: Vec<Write>,
}

/// What is to become of an RRset: without data it is deleted.
#[derive(Debug)]
pub(crate) struct Write {
    owner: Name,
    rtype: RecordType,
    ttl: Ttl,
    rdatas: Vec<Box<[u8]>>,
}

impl RrsetsOrder {
    pub fn read(write: &RrsetsWrite) -> Result<RrsetsOrder, Problem> {
        Ok(RrsetsOrder { zone: read_name("the zone", &write.zone)?, writes: read_all(&write.rrsets)? })
    }

    pub fn len(&self) -> usize {
        self.writes.len()
    }

    /// Shows the names that addresses are to have, where they are the caller's.
    pub fn ptr_targets(&self, plan: &Plan<'_>, rights: &Rights, show: &mut ShowTarget<'_>) {
        if let Some(meta) = plan.declared().zone(&self.zone) {
            ptr_targets(plan, rights, meta, &self.writes, show);
        }
    }
}

/// Shows the names that addresses are to have, where they are the caller's.
pub(crate) fn ptr_targets(
    plan: &Plan<'_>,
    rights: &Rights,
    meta: &Arc<ZoneMeta>,
    writes: &[Write],
    show: &mut ShowTarget<'_>,
) {
    let mut targets = Targets::new(meta.clone(), false);
    let ptrs = writes.iter().filter(|write| write.rtype == RecordType::PTR);
    for Write { owner, rdatas, .. } in ptrs.filter(|write| write.owner.is_at_or_under(&meta.apex)) {
        let named = targets.at(plan, owner);
        if let Some(address) = named.target.address
            && check_right(plan, rights, named, owner).is_ok()
        {
            rdatas.iter().for_each(|name| show(address, name));
        }
    }
}

/// RRsets as the log tells of them.
pub(crate) fn to_log(kind: &str, request: &impl serde::Serialize) -> serde_json::Result<String> {
    let mut json = serde_json::to_value(request)?;
    json["kind"] = kind.into();
    if let Some(rrsets) = json["rrsets"].as_array_mut() {
        let total = rrsets.len();
        rrsets.truncate(LOGGED);
        if total > LOGGED {
            json["rrsets_total"] = total.into();
        }
    }
    serde_json::to_string(&json)
}

/// Reads RRsets, none of them twice.
pub(crate) fn read_all(writes: &[RrsetWrite]) -> Result<Vec<Write>, Problem> {
    if writes.len() > MAX_RRSETS {
        return Err(invalid(format!(
            "{} RRsets in one request: at most {MAX_RRSETS} are allowed",
            writes.len()
        ))
        .hint("send them in several requests"));
    }
    let mut seen = HashSet::with_capacity(writes.len());
    let read = |write: &RrsetWrite| {
        let write = Write::read(write)?;
        let key = (write.owner.to_lower_wire(), write.rtype, write.rdatas.is_empty());
        if !seen.insert(key) {
            let Write { owner, rtype, .. } = &write;
            return Err(invalid(format!("Duplicate RRset {owner} IN {rtype}")));
        }
        Ok(write)
    };
    writes.iter().map(read).collect()
}

impl Write {
    fn read(write: &RrsetWrite) -> Result<Write, Problem> {
        let owner = read_name("the owner", &write.owner)?;
        let rtype = write.rtype.parse::<RecordType>();
        let rtype = rtype.ok().filter(|rtype| !rtype.is_meta()).ok_or_else(|| {
            invalid(format!("RRset {owner} IN {}: unknown type given", quote(&write.rtype)))
        })?;
        let ttl = match write.ttl {
            Some(ttl) => read_ttl(ttl)?,
            None if write.data.is_empty() => Ttl::from_secs(0),
            None => return Err(bad(format!("RRset {owner} IN {rtype}: records need a TTL"))),
        };
        let rdatas = data::read(&owner, rtype, &write.data)?;
        Ok(Write { owner, rtype, ttl, rdatas })
    }

    /// The nameservers of a zone.
    pub fn of_nameservers(apex: &Name, ttl: Ttl, names: &[Name]) -> Write {
        let rdatas = names.iter().map(|name| name.as_wire().into()).collect();
        Write { owner: apex.clone(), rtype: RecordType::NS, ttl, rdatas }
    }

    /// Whether it puts the nameservers of a zone.
    pub fn is_apex_ns(&self, apex: &Name) -> bool {
        self.rtype == RecordType::NS && self.owner == *apex && !self.is_deletion()
    }

    fn is_deletion(&self) -> bool {
        self.rdatas.is_empty()
    }

    /// Whether an RRset has this TTL and these records, in whatever order and letter case.
    fn is(&self, rrset: &RrSet) -> bool {
        let has = |rdata: &[u8]| rrset.rdatas.iter().any(|known| same_rdata(self.rtype, known, rdata));
        self.rtype == rrset.rtype
            && self.ttl == rrset.ttl
            && self.rdatas.len() == rrset.rdatas.len()
            && self.rdatas.iter().all(|rdata| has(rdata))
    }

    fn to_set(&self, before: Option<&Set>) -> Set {
        let inherits = before.is_some_and(|before| before.inherits && before.ttl == self.ttl);
        let mut set = Set::new(self.ttl, inherits);
        self.rdatas.iter().for_each(|rdata| set.put(self.rtype, rdata));
        set
    }
}

/// Plans the request.
pub(crate) fn plan(plan: &mut Plan<'_>, rights: &Rights, order: &RrsetsOrder) -> Result<String, Problem> {
    let meta = plan.declared().zone(&order.zone).cloned().ok_or_else(|| unknown_zone(&order.zone))?;
    let changed = put_all(plan, rights, &meta, &order.writes)?;
    match changed.is_empty() {
        true => Ok(format!("{}: nothing to change", meta.apex)),
        false => Ok(format!("{}: {}", meta.apex, some(&changed, 4))),
    }
}

/// Puts RRsets into a zone, and says what was changed.
pub(crate) fn put_all(
    plan: &mut Plan<'_>,
    rights: &Rights,
    meta: &Arc<ZoneMeta>,
    writes: &[Write],
) -> Result<Vec<String>, Problem> {
    crate::fleet::refuse_catalog(plan.declared(), meta)?;
    let (mut changed, following) = put_those(plan, rights, meta, writes.iter())?;
    // Where a cut came along, an address is hidden that followed until now: it may be glue.
    let is_address = |write: &&Write| matches!(write.rtype, RecordType::A | RecordType::AAAA);
    let lost = following.into_iter().filter(is_address);
    let lost: Vec<&Write> = lost.filter(|write| !is_derived_so(plan, meta, write)).collect();
    changed.extend(put_those(plan, rights, meta, lost.into_iter())?.0);
    Ok(changed)
}

/// The same, but for what follows there already, which is returned too.
fn put_those<'w>(
    plan: &mut Plan<'_>,
    rights: &Rights,
    meta: &Arc<ZoneMeta>,
    writes: impl Iterator<Item = &'w Write>,
) -> Result<(Vec<String>, Vec<&'w Write>), Problem> {
    let (mut following, mut dropped) = (Vec::new(), Vec::new());
    let role = rights.role;
    let mut targets = Targets::new(meta.clone(), false);
    let mut back_to_set = false;
    for write in writes {
        let Write { owner, rtype, .. } = write;
        if !owner.is_at_or_under(&meta.apex) {
            return Err(invalid(format!("RRset {owner} IN {rtype}: Name is out of zone"))
                .hint(format!("the zone is {}", meta.apex)));
        }
        let place = targets.place(plan, owner);
        let named = targets.named(place);
        if let Err(problem) = check_right(plan, rights, named, owner) {
            // Whoever is shown a part of a zone is shown its SOA and NS too, and may put them back.
            if !puts_back(plan, role, meta, named, write) {
                return Err(problem);
            }
            continue;
        }
        if named.before.set(*rtype).is_none() && is_derived_so(plan, meta, write) {
            following.push(write);
            continue;
        }
        if named.target.may_change(Some(*rtype)).is_err() {
            return Err(derived(plan, meta, owner, *rtype));
        }
        let after = after(plan, role, meta, named, write)?;
        let address = named.target.address.filter(|_| *rtype == RecordType::PTR);
        // What was to come there counts no longer, also where what is there stays as it is.
        if let Some(address) = address.filter(|address| pending::forget(plan, *address)) {
            dropped.push(pending::dropped(address));
        }
        let named = targets.at(plan, owner);
        named.role = Some(role);
        named.replaces = true;
        match after {
            After::Leave => {}
            After::Put(set) => named.after.put(*rtype, set),
            After::Delete => named.after.delete_rrset(false, *rtype),
            After::NsOfTheSet => back_to_set = true,
        }
    }
    let apex_ns = if role == Role::Operator { ApexNs::MayStandAlone } else { ApexNs::OfTheSet };
    let mut changed = put(plan, &targets, apex_ns)?;
    changed.append(&mut dropped);
    if back_to_set {
        let meta = plan.declared().zone(&meta.apex).cloned().ok_or_else(|| unknown_zone(&meta.apex))?;
        plan.put_references(ZoneMeta::clone(&meta), Some(None));
        changed.push(format!("{} NS deleted: the NS set gives them again", meta.apex));
    }
    Ok((changed, following))
}

/// Operators may write everywhere, tenants what lies in their blocks, and of that what a token is for.
fn check_right(plan: &Plan<'_>, rights: &Rights, named: &Named, owner: &Name) -> Result<(), Problem> {
    let is_left_out = match &named.target.about {
        Some(range) => rights.leave_out_some_of(range),
        None => rights.are_narrowed(),
    };
    let may = match rights.role {
        Role::Operator => true,
        Role::Tenant(tenant) => tenant_may(plan.declared(), &named.target, tenant),
        Role::Token(_) | Role::Key | Role::Replica => false,
    };
    match may && !is_left_out {
        true => Ok(()),
        false => Err(forbidden(format!("{owner} lies in no block of yours, or in a suspended one"))
            .hint("only what lies in your own blocks can be changed; ask your operator")),
    }
}

/// Whether it is the SOA or the NS records of the apex, just as they are.
fn puts_back(plan: &Plan<'_>, role: Role, meta: &ZoneMeta, named: &Named, write: &Write) -> bool {
    if write.owner != meta.apex || write.is_deletion() {
        return false;
    }
    let before = named.before.set(write.rtype);
    match write.rtype {
        RecordType::SOA => matches!(soa_after(plan, role, meta, write), Ok(After::Leave)),
        RecordType::NS if before.is_some() => before == Some(&write.to_set(before)),
        RecordType::NS => is_derived_so(plan, meta, write),
        _ => false,
    }
}

/// Whether what the request asks for is what follows there from something else.
fn is_derived_so(plan: &Plan<'_>, meta: &ZoneMeta, write: &Write) -> bool {
    let Some(zone) = plan.zone(&meta.apex) else { return false };
    !write.is_deletion()
        && derived_at(zone, plan.next.snapshot.addresses(), &write.owner).iter().any(|rrset| write.is(rrset))
}

/// Why a derived record cannot be written.
fn derived(plan: &Plan<'_>, meta: &ZoneMeta, owner: &Name, rtype: RecordType) -> Problem {
    let zone = plan.zone(&meta.apex);
    let why = zone.and_then(|zone| check_underived(plan, zone, owner, None).err());
    why.unwrap_or_else(|| invalid(format!("RRset {owner} IN {rtype} follows from a block")))
}

/// What is to become of an RRset that may be written.
enum After {
    Leave,
    Put(Set),
    Delete,
    /// The NS records of the apex give way to what the NS set gives.
    NsOfTheSet,
}

fn after(
    plan: &Plan<'_>,
    role: Role,
    meta: &ZoneMeta,
    named: &Named,
    write: &Write,
) -> Result<After, Problem> {
    let Write { owner, rtype, .. } = write;
    if *rtype == RecordType::SOA {
        return soa_after(plan, role, meta, write);
    }
    if !write.is_deletion() {
        return Ok(After::Put(write.to_set(named.before.set(*rtype))));
    }
    if named.before.set(*rtype).is_none() {
        if named.after.set(*rtype).is_some() {
            // What came earlier in the same request goes again.
            return Ok(After::Delete);
        }
        computed(plan, named, write)?;
        let derived = plan.zone(&meta.apex).and_then(|zone| derived_address(plan, zone, owner, Some(*rtype)));
        return derived.map_or(Ok(After::Leave), Err);
    }
    if *rtype != RecordType::NS || *owner != meta.apex {
        return Ok(After::Delete);
    }
    let set = set_at(plan.declared(), meta, owner);
    let has_own = plan.zone(&meta.apex).is_some_and(|zone| zone.has_own_ns());
    match set {
        Some(_) if has_own => Ok(After::NsOfTheSet),
        Some(set) => Err(invalid(format!("the NS records of {owner} follow from the NS set {}", set.name))
            .hint(format!("change the set: `ptrctl ns-set set {} --ns …`", set.name))),
        None => Err(invalid(format!("{owner} is the apex of a zone, which needs an NS record"))
            .hint("put other ones in their place")),
    }
}

/// A name that a template gives does not go away by being deleted.
fn computed(plan: &Plan<'_>, named: &Named, write: &Write) -> Result<(), Problem> {
    let address = named.target.address.filter(|_| write.rtype == RecordType::PTR);
    let Some((template, block)) = address.and_then(|address| template_of(plan, address)) else {
        return Ok(());
    };
    let owner = &write.owner;
    Err(invalid(format!("RRset {owner} IN PTR follows from the template {template} of the block {block}"))
        .hint(format!(
            "put another name in its place, or switch it off: `ptrctl block set {block} --template none`"
        )))
}

/// A SOA that says nothing new is left as it is: clients put back what they read, and what they read may be old. A serial
/// that is ahead is taken.
fn soa_after(plan: &Plan<'_>, role: Role, meta: &ZoneMeta, write: &Write) -> Result<After, Problem> {
    let (owner, apex) = (&write.owner, &meta.apex);
    let zone = plan.zone(apex).ok_or_else(|| internal(format!("the zone {apex} has no content")))?;
    if owner != apex || write.rdatas.len() != 1 {
        return Err(invalid(format!("RRset {owner} IN SOA: a zone has one SOA, at its apex {apex}")));
    }
    let wanted = Soa::from_wire(&write.rdatas[0]).map_err(|error| bad(error.to_string()))?;
    let now = zone.soa();
    let is_ahead = wanted.serial.is_after(now.serial);
    let is_same = Soa { serial: now.serial, ..wanted.clone() } == *now && write.ttl == zone.soa_ttl();
    if is_same && !is_ahead {
        return Ok(After::Leave);
    }
    if role != Role::Operator {
        return Err(forbidden(format!("only operators change the SOA of {apex}"))
            .hint("leave it out: the serial follows every change"));
    }
    let policy = plan.declared().serial_policy(meta);
    let serial = if is_ahead { wanted.serial } else { serial::next(policy, now.serial, plan.now) };
    let mut set = Set::new(write.ttl, false);
    set.put(RecordType::SOA, &Soa { serial, ..wanted }.to_wire());
    Ok(After::Put(set))
}

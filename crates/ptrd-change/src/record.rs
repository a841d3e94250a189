//! Records that are not the PTRs of addresses: any owner in a native or verbatim zone.
//!
//! Reading and planning; what may stand where is in [`crate::rules`]. One TTL an RRset (RFC 2181 §5.2).

use crate::apex::set_at;
use crate::classless::address_at;
use crate::plan::Plan;
use crate::problem::{bad, count, invalid, not_found, quote, some};
use crate::ptr::read_ttl;
use crate::request::read_name;
use crate::rules::{check, check_underived};
use crate::version::{self, ABSENT};
use ptrd_api::{Problem, RecordWrite};
use ptrd_wire::{Name, RecordType, RrSet, Ttl, same_rdata};
use ptrd_zone::model::{BlockTemplate, NsSet};
use ptrd_zone::{Addresses, NodeRef, STATEMENT, Zone, ZoneMeta};
use std::net::IpAddr;
use std::sync::Arc;

/// What is to become of an RRset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Set,
    Add,
    Delete,
}

/// A request about an RRset, read.
#[derive(Debug)]
pub(crate) struct RecordOrder {
    deed: Deed,
    owner: Name,
    /// None only for a deletion of all that the owner has.
    rtype: Option<RecordType>,
    rdatas: Vec<Box<[u8]>>,
    ttl: Option<Ttl>,
    zone: Option<Name>,
    expect: Option<String>,
}

impl RecordOrder {
    pub fn read_set(write: &RecordWrite) -> Result<RecordOrder, Problem> {
        RecordOrder::read(Deed::Set, write)
    }

    pub fn read_add(write: &RecordWrite) -> Result<RecordOrder, Problem> {
        RecordOrder::read(Deed::Add, write)
    }

    fn read(deed: Deed, write: &RecordWrite) -> Result<RecordOrder, Problem> {
        let rtype = read_type(&write.rtype)?;
        if rtype == STATEMENT {
            return Err(invalid(format!("with {rtype} one ptrd tells another which names are computed"))
                .hint("take another type for private use (RFC 6895 §3.1: TYPE65280 to TYPE65534)"));
        }
        if write.data.is_empty() {
            return Err(
                bad("no record data was given").hint("to delete an RRset: `ptrctl record delete OWNER TYPE`")
            );
        }
        Ok(RecordOrder {
            deed,
            owner: read_name("the owner", &write.owner)?,
            rtype: Some(rtype),
            rdatas: read_data(rtype, &write.data)?,
            ttl: write.ttl.map(read_ttl).transpose()?,
            zone: write.zone.as_deref().map(|text| read_name("the zone", text)).transpose()?,
            expect: write.expect.clone(),
        })
    }

    pub fn read_delete(
        owner: &str,
        rtype: Option<&str>,
        data: &[String],
        zone: Option<&str>,
        expect: &Option<String>,
    ) -> Result<RecordOrder, Problem> {
        let rtype = rtype.map(read_type).transpose()?;
        let rdatas = match rtype {
            Some(rtype) => read_data(rtype, data)?,
            None if data.is_empty() && expect.is_none() => Vec::new(),
            None => return Err(bad("record data or an expected version needs the type")),
        };
        Ok(RecordOrder {
            deed: Deed::Delete,
            owner: read_name("the owner", owner)?,
            rtype,
            rdatas,
            ttl: None,
            zone: zone.map(|text| read_name("the zone", text)).transpose()?,
            expect: expect.clone(),
        })
    }
}

pub(crate) fn read_type(text: &str) -> Result<RecordType, Problem> {
    let rtype: RecordType =
        text.parse().map_err(|error: ptrd_wire::UnknownMnemonic| bad(error.to_string()))?;
    if rtype.is_meta() {
        return Err(invalid(format!("{rtype} is no type of stored data (RFC 6895 §3.1)")));
    }
    if rtype == RecordType::SOA {
        return Err(invalid("the SOA is kept by ptrd: the serial follows every change")
            .hint("see `ptrctl soa-template set` and `ptrctl zone set APEX --soa-template NAME`"));
    }
    Ok(rtype)
}

/// Records of an RRset at most: so many of the smallest fill the largest answer.
pub(crate) const MAX_RECORDS: usize = 4_096;

fn read_data(rtype: RecordType, data: &[String]) -> Result<Vec<Box<[u8]>>, Problem> {
    // First of all: the search for twins below is quadratic.
    if data.len() > MAX_RECORDS {
        return Err(invalid(format!(
            "{} records in one RRset: at most {MAX_RECORDS} are allowed",
            data.len()
        ))
        .hint("leave some out"));
    }
    let mut rdatas: Vec<Box<[u8]>> = Vec::with_capacity(data.len());
    for text in data {
        let rdata = ptrd_master::rdata_from_text(rtype, text, &Name::root())
            .map_err(|error| invalid(format!("{rtype} {}: {error}", quote(text))))?;
        if rdatas.iter().any(|known| same_rdata(rtype, known, &rdata)) {
            return Err(invalid(format!("{rtype} {} is given twice", quote(text))));
        }
        rdatas.push(rdata);
    }
    Ok(rdatas)
}

/// The version of an RRset, for `expect`: of its TTL and its data, in whatever order.
pub(crate) fn version(rrset: Option<&RrSet>) -> String {
    let Some(rrset) = rrset else { return ABSENT.to_owned() };
    let mut rdatas: Vec<&[u8]> = rrset.rdatas.iter().map(|rdata| &**rdata).collect();
    rdatas.sort_unstable();
    let mut hasher = blake3::Hasher::new();
    hasher.update(&rrset.rtype.0.to_be_bytes());
    hasher.update(&rrset.ttl.as_secs().to_be_bytes());
    for rdata in rdatas {
        hasher.update(&(rdata.len() as u32).to_be_bytes());
        hasher.update(rdata);
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// Whether two RRsets say the same, in whatever order. The letter case of names counts: it is kept as it was written,
/// and whoever writes it otherwise wants it so.
pub(crate) fn same(a: &RrSet, b: &RrSet) -> bool {
    let sorted = |rrset: &RrSet| {
        let mut rdatas = rrset.rdatas.clone();
        rdatas.sort_unstable();
        rdatas
    };
    a.rtype == b.rtype && a.ttl == b.ttl && a.rdatas.len() == b.rdatas.len() && sorted(a) == sorted(b)
}

/// Whether just this RRset follows at a name, from PTRs or from templates, and is shown.
pub(crate) fn follows(zone: &Zone, addresses: &Addresses, owner: &Name, rrset: &RrSet) -> bool {
    matches!(rrset.rtype, RecordType::A | RecordType::AAAA)
        && zone.followed_addresses(addresses, owner).iter().any(|derived| same(derived, rrset))
}

/// Whether all records of an RRset follow at a name already, perhaps among others: to add them is no change, and would take
/// the others away. `ttl` is the one that is asked for.
pub(crate) fn are_among_following(
    zone: &Zone,
    addresses: &Addresses,
    owner: &Name,
    rrset: &RrSet,
    ttl: Option<Ttl>,
) -> bool {
    matches!(rrset.rtype, RecordType::A | RecordType::AAAA)
        && zone.followed_addresses(addresses, owner).iter().any(|derived| {
            derived.rtype == rrset.rtype
                && ttl.is_none_or(|ttl| ttl == derived.ttl)
                && rrset.rdatas.iter().all(|rdata| derived.rdatas.contains(rdata))
        })
}

/// Plans the request.
pub(crate) fn plan(plan: &mut Plan<'_>, order: &RecordOrder) -> Result<String, Problem> {
    let owner = &order.owner;
    let meta = zone_for(plan, order)?;
    crate::fleet::refuse_catalog(plan.declared(), &meta)?;
    let zone = plan
        .zone(&meta.apex)
        .cloned()
        .ok_or_else(|| crate::problem::internal(format!("the zone {} has no content", meta.apex)))?;
    let node = zone.names().node(&owner.key_below(zone.apex_labels()));
    let Some(rtype) = order.rtype else { return delete_all(plan, &meta, &zone, owner, node) };
    let own = node.and_then(|node| node.rrset(rtype)).map(|rrset| rrset.to_rrset());
    // At the apex an NS set may give the RRset: records of the zone's own are then an override that starts from it.
    let set = if rtype == RecordType::NS { set_at(plan.declared(), &meta, owner).cloned() } else { None };
    let before = match (&own, &set) {
        (None, Some(_)) => zone.apex_ns().map(|rrset| rrset.to_rrset()),
        _ => own.clone(),
    };
    version::check(|| format!("{owner} {rtype}"), order.expect.as_ref(), || version(before.as_ref()))?;
    if let (Deed::Delete, Some(set)) = (order.deed, &set)
        && order.rdatas.is_empty()
    {
        return back_to_set(plan, &meta, set, own.is_some());
    }
    let after = match order.deed {
        Deed::Delete => deleted(plan, &zone, order, rtype, before)?,
        Deed::Set | Deed::Add => {
            let after = written(plan, &zone, order, rtype, before.as_ref());
            let addresses = plan.next.snapshot.addresses();
            let is_there = match order.deed {
                Deed::Add => are_among_following(&zone, addresses, owner, &after, order.ttl),
                _ => follows(&zone, addresses, owner, &after),
            };
            if own.is_none() && is_there {
                return Ok(format!("{owner} {rtype} is so already: it follows from PTRs"));
            }
            check(plan, &meta, &zone, owner, node, &after)?;
            if before.as_ref().is_some_and(|before| same(before, &after)) {
                return Ok(format!("{owner} {rtype} is so already"));
            }
            Some(after)
        }
    };
    let summary = match &after {
        Some(rrset) => format!("{owner} {rtype}: {}", count(rrset.rdatas.len() as u64, "record")),
        None => format!("{owner} {rtype} deleted"),
    };
    if let (Some(set), None) = (&set, &own) {
        plan.warn(format!(
            "{owner} keeps these NS records when the NS set {} changes; `ptrctl record delete {owner} NS` goes back to it",
            set.name
        ));
    }
    plan.put_rrsets(&meta, vec![(owner.clone(), rtype, after)]);
    Ok(summary)
}

/// Deletes the NS records that stand in the place of what an NS set gives.
fn back_to_set(plan: &mut Plan<'_>, meta: &ZoneMeta, set: &NsSet, has_own: bool) -> Result<String, Problem> {
    let (apex, name) = (&meta.apex, &set.name);
    if !has_own {
        return Err(invalid(format!("the NS records of {apex} follow from the NS set {name}")).hint(format!(
            "change the set: `ptrctl ns-set set {name} --ns …`; or reference another one: `ptrctl zone set {apex} \
             --ns-set NAME`"
        )));
    }
    plan.put_references(meta.clone(), Some(None));
    Ok(format!("{apex} NS deleted: the NS set {name} gives them again"))
}

fn zone_for(plan: &Plan<'_>, order: &RecordOrder) -> Result<Arc<ZoneMeta>, Problem> {
    let owner = &order.owner;
    match &order.zone {
        Some(apex) => {
            let zone = plan.declared().zone(apex).ok_or_else(|| crate::zone::unknown_zone(apex))?;
            if !owner.is_at_or_under(&zone.apex) {
                return Err(invalid(format!("{owner} does not lie in the zone {}", zone.apex))
                    .hint("leave --zone out, or name the zone that it lies in: `ptrctl zone list`"));
            }
            Ok(zone.clone())
        }
        None => plan.declared().zone_of(owner).cloned().ok_or_else(|| {
            not_found(format!("{owner} lies in no zone that is served here")).hint(
                "`ptrctl zone list` lists zones; add one: `ptrctl zone add`, or a block: `ptrctl block add`",
            )
        }),
    }
}

/// The RRset as it is to be.
fn written(
    plan: &mut Plan<'_>,
    zone: &Zone,
    order: &RecordOrder,
    rtype: RecordType,
    before: Option<&RrSet>,
) -> RrSet {
    match before {
        Some(before) if order.deed == Deed::Add => {
            let mut after = before.clone();
            if let Some(ttl) = order.ttl.filter(|ttl| *ttl != before.ttl) {
                plan.warn(format!(
                    "all records of the RRset take the TTL {ttl} (RFC 2181 §5.2); it was {}",
                    before.ttl
                ));
                after.ttl = ttl;
            }
            for rdata in &order.rdatas {
                if !after.rdatas.iter().any(|known| same_rdata(rtype, known, rdata)) {
                    after.rdatas.push(rdata.clone());
                }
            }
            after
        }
        _ => RrSet { rtype, ttl: order.ttl.unwrap_or(zone.soa_ttl()), rdatas: order.rdatas.clone() },
    }
}

/// What is left of an RRset, if anything.
fn deleted(
    plan: &Plan<'_>,
    zone: &Zone,
    order: &RecordOrder,
    rtype: RecordType,
    before: Option<RrSet>,
) -> Result<Option<RrSet>, Problem> {
    let owner = &order.owner;
    let Some(mut rest) = before else { return Err(nothing_there(plan, zone, owner, Some(rtype))) };
    let there = rest.rdatas.len();
    for rdata in &order.rdatas {
        let known = rest.rdatas.len();
        rest.rdatas.retain(|known| !same_rdata(rtype, known, rdata));
        if rest.rdatas.len() == known {
            let text = ptrd_master::rdata_to_text(rtype, rdata);
            return Err(not_found(format!("{owner} has no {rtype} record {}", quote(&text)))
                .hint(format!("`ptrctl record list --owner {owner}` shows what it has")));
        }
    }
    let all = order.rdatas.is_empty() || rest.rdatas.is_empty();
    if all && rtype == RecordType::NS && owner == zone.apex() {
        return Err(invalid(format!(
            "{owner} is the apex of a zone, which needs an NS record ({there} there)"
        ))
        .hint("add the new nameserver first"));
    }
    Ok((!all).then_some(rest))
}

fn delete_all(
    plan: &mut Plan<'_>,
    meta: &ZoneMeta,
    zone: &Zone,
    owner: &Name,
    node: Option<NodeRef<'_>>,
) -> Result<String, Problem> {
    if owner == zone.apex() {
        return Err(invalid(format!("{owner} is the apex of a zone and keeps its SOA and NS"))
            .hint("say which type is to go"));
    }
    let Some(node) = node else { return Err(nothing_there(plan, zone, owner, None)) };
    let types: Vec<RecordType> = node.rrsets().map(|rrset| rrset.rtype).collect();
    plan.put_rrsets(meta, types.iter().map(|rtype| (owner.clone(), *rtype, None)).collect());
    Ok(format!("{owner} deleted: {}", some(&types, 8)))
}

/// Why an address that follows from PTRs or a template cannot be deleted, if that is what an owner has.
pub(crate) fn derived_address(
    plan: &Plan<'_>,
    zone: &Zone,
    owner: &Name,
    rtype: Option<RecordType>,
) -> Option<Problem> {
    let derived = zone.followed_addresses(plan.next.snapshot.addresses(), owner);
    let found = derived.iter().find(|rrset| rtype.is_none_or(|rtype| rtype == rrset.rtype))?;
    let addresses: Vec<String> =
        found.rdatas.iter().map(|rdata| ptrd_master::rdata_to_text(found.rtype, rdata)).collect();
    let first = addresses.first().map_or("ADDRESS", String::as_str);
    let by_template = first.parse().ok().and_then(|address| template_of(plan, address));
    let (from, mend) = match by_template {
        Some((template, block)) => (
            format!("the template {template} of the block {block}"),
            format!(
                "switch it off: `ptrctl block set {block} --template none`; give {first} a PTR of its own"
            ),
        ),
        None => (
            format!("the PTR of {}", some(&addresses, 4)),
            format!("delete or change the PTR: `ptrctl ptr delete {first}`"),
        ),
    };
    let problem = invalid(format!("{owner} {} follows from {from} and cannot be deleted", found.rtype));
    Some(problem.hint(format!("{mend}; or set records of the zone's own, which stand before it")))
}

/// The template that an address without a PTR of its own is named by, quoted, and the block that has it.
pub(crate) fn template_of(plan: &Plan<'_>, address: IpAddr) -> Option<(String, String)> {
    let addresses = plan.next.snapshot.addresses();
    let computed = addresses.computed_ptr(address).filter(|_| addresses.ptr(address).is_none())?;
    let declared = plan.declared();
    let mut blocks = std::iter::successors(declared.block_of(address), |block| declared.around(block.id));
    let block = blocks.find(|block| block.template != BlockTemplate::Inherit);
    let block = block.map(|block| block.range.to_string()).unwrap_or_default();
    Some((quote(computed.named().template().text()), block))
}

fn nothing_there(plan: &Plan<'_>, zone: &Zone, owner: &Name, rtype: Option<RecordType>) -> Problem {
    let what = rtype.map_or_else(|| "records".to_owned(), |rtype| format!("{rtype} records"));
    if let Err(derived) = check_underived(plan, zone, owner, None) {
        return derived;
    }
    if let Some(derived) = derived_address(plan, zone, owner, rtype) {
        return derived;
    }
    let problem = not_found(format!("{owner} has no {what} in the zone {}", zone.apex()))
        .hint(format!("`ptrctl record list --owner {owner}` shows what it has"));
    match address_at(zone, owner) {
        Some((address, true)) if plan.next.snapshot.addresses().ptr(address).is_some() => {
            problem.hint(format!("its PTR belongs to the address: `ptrctl ptr delete {address}`"))
        }
        _ => problem,
    }
}

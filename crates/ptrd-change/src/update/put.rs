//! What an update came to, put into the plan: what goes first, so that it is not in the way of what comes.

use super::Set;
use super::target::{Named, Targets};
use crate::apex::set_at;
use crate::authorise::Role;
use crate::fcrdns::{self, FcrdnsJudge};
use crate::names::{Rules, push_host};
use crate::pending;
use crate::place::{Places, ShowingZones};
use crate::plan::{Plan, row_of};
use crate::problem::{internal, invalid, quote};
use crate::ptr::{MAX_TARGETS, packed};
use crate::record::{are_among_following, follows};
use crate::rules;
use ptrd_api::Problem;
use ptrd_store::Edit;
use ptrd_wire::{Name, RecordType, Soa};
use ptrd_zone::model::ZoneSoa;
use ptrd_zone::{PtrEdit, PtrEdits, PtrSet, RrSetChange, ZoneMeta};

/// Whose the NS records of an apex are where an NS set gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApexNs {
    /// The set's: they cannot be changed here.
    OfTheSet,
    /// The zone may have records of its own in their place.
    MayStandAlone,
}

/// Puts it, and says what was changed.
pub(crate) fn put(plan: &mut Plan<'_>, targets: &Targets, apex_ns: ApexNs) -> Result<Vec<String>, Problem> {
    let mut changed = Vec::new();
    for named in targets.iter() {
        if apex_ns == ApexNs::OfTheSet {
            check_apex_ns(plan, named)?;
        }
        let going = |rtype: &RecordType| named.after.set(*rtype).is_none() && is_record(named, *rtype);
        let types = named.before.sets().map(|(rtype, _)| rtype).filter(going);
        let going: Vec<RrSetChange> = types.map(|rtype| (named.target.owner.clone(), rtype, None)).collect();
        changed.extend(going.iter().map(|(owner, rtype, _)| format!("{owner} {rtype} deleted")));
        plan.put_rrsets(&named.target.zone, going);
    }
    put_ptrs(plan, targets, &mut changed)?;
    // Glue stands below a cut that is there, and where a cut or DNAME is no address follows.
    for is_end in [true, false] {
        for named in targets.iter() {
            let comes = |(rtype, set): &(RecordType, &Set)| {
                is_record(named, *rtype)
                    && matches!(*rtype, RecordType::NS | RecordType::DNAME) == is_end
                    && named.before.set(*rtype) != Some(set)
            };
            for (rtype, set) in named.after.sets().filter(comes) {
                if put_record(plan, named, rtype, set)? {
                    changed.push(format!("{} {rtype}", named.target.owner));
                }
            }
        }
    }
    for named in targets.iter() {
        put_soa(plan, named, &mut changed)?;
    }
    Ok(changed)
}

/// Whether an RRset of this type at this name is a record of the zone.
fn is_record(named: &Named, rtype: RecordType) -> bool {
    rtype != RecordType::SOA && !(rtype == RecordType::PTR && named.target.address.is_some())
}

/// The nameservers that an NS set gives are the set's to change.
fn check_apex_ns(plan: &Plan<'_>, named: &Named) -> Result<(), Problem> {
    let (meta, owner) = (&named.target.zone, &named.target.owner);
    let (before, after) = (named.before.set(RecordType::NS), named.after.set(RecordType::NS));
    let has_own = plan.zone(&meta.apex).is_some_and(|zone| zone.has_own_ns());
    match set_at(plan.declared(), meta, owner) {
        Some(set) if !has_own && before != after => {
            Err(invalid(format!("the NS records of {owner} follow from the NS set {}", set.name))
                .hint(format!("change the set: `ptrctl ns-set set {} --ns …`", set.name)))
        }
        _ => Ok(()),
    }
}

/// Puts an RRset, unless it follows there from PTRs just so; whether it did.
fn put_record(plan: &mut Plan<'_>, named: &Named, rtype: RecordType, set: &Set) -> Result<bool, Problem> {
    let (meta, owner) = (&named.target.zone, &named.target.owner);
    let rrset = set.to_rrset(rtype);
    let zone = plan.zone(&meta.apex).cloned();
    let zone = zone.ok_or_else(|| internal(format!("the zone {} has no content", meta.apex)))?;
    let node = zone.names().node(&owner.key_below(zone.apex_labels()));
    let addresses = plan.next.snapshot.addresses();
    let is_there = match named.replaces {
        true => follows(&zone, addresses, owner, &rrset),
        false => are_among_following(&zone, addresses, owner, &rrset, Some(rrset.ttl)),
    };
    if is_there && node.is_none_or(|node| node.rrset(rtype).is_none()) {
        return Ok(false);
    }
    rules::check(plan, meta, &zone, owner, node, &rrset)?;
    plan.put_rrsets(meta, vec![(owner.clone(), rtype, Some(rrset))]);
    Ok(true)
}

/// PTRs of addresses, as `ptr set` and `ptr delete` put them.
fn put_ptrs(plan: &mut Plan<'_>, targets: &Targets, changed: &mut Vec<String>) -> Result<(), Problem> {
    let (declared, snapshot) = (plan.next.declared.clone(), plan.next.snapshot.clone());
    let evidence = plan.evidence().clone();
    let mut fcrdns = FcrdnsJudge::new(plan.base, &evidence);
    let mut edits = PtrEdits::new();
    let (mut before, mut names) = (Vec::new(), Vec::new());
    for named in targets.iter() {
        let Some(address) = named.target.address else { continue };
        let (was, is) = (named.before.set(RecordType::PTR), named.after.set(RecordType::PTR));
        if was == is {
            continue;
        }
        let zone = match is {
            // Also where nothing could be set any more: what a delegation or a zone hid must go away somehow.
            None => ShowingZones::default().at(&declared, address),
            Some(set) => {
                check_targets(was, set)?;
                let role = named.role.unwrap_or(Role::Key);
                // What a block demands of names beyond this is asked here.
                Places::new(&declared, &snapshot, role.into()).zone_for(address)?
            }
        };
        let before = packed(snapshot.addresses().ptr(address), &mut before);
        names.clear();
        is.into_iter().flat_map(Set::rdatas).for_each(|name| names.extend_from_slice(name));
        let after = is.map(|set| PtrSet { ttl: (!set.inherits).then_some(set.ttl), names: &names });
        if let Some(after) = &after {
            fcrdns.judge_now(address, before, after).map_err(fcrdns::refused)?;
        }
        pending::forget(plan, address);
        edits.push(PtrEdit { address, before, after });
        zone.into_iter().for_each(|zone| plan.mark(zone));
        let gone = if is.is_none() { " deleted" } else { "" };
        changed.push(format!("{address} PTR{gone}"));
    }
    if !edits.is_empty() {
        plan.put_ptrs(edits);
    }
    Ok(())
}

/// The rules of `ptr set --lax` for targets that come: hosts that take their names from DHCP may have underscores.
fn check_targets(was: Option<&Set>, is: &Set) -> Result<(), Problem> {
    if is.len() > MAX_TARGETS {
        return Err(invalid(format!("{} PTRs at one address: at most {MAX_TARGETS} are allowed", is.len())));
    }
    let known: Vec<&[u8]> = was.map(Set::rdatas).unwrap_or_default();
    let mut scratch = Vec::new();
    for target in is.rdatas() {
        if known.contains(&target) {
            continue;
        }
        let text = Name::from_wire(target).map_err(|error| invalid(error.to_string()))?.to_string();
        scratch.clear();
        push_host(&text, Rules { underscore: true, reverse: false }, &mut scratch)
            .map_err(|error| invalid(format!("{} {error}", quote(&text))))?;
    }
    Ok(())
}

/// A SOA that is newer (RFC 2136 §3.4.2.2). Where a template gives it, the serial alone can be set.
fn put_soa(plan: &mut Plan<'_>, named: &Named, changed: &mut Vec<String>) -> Result<(), Problem> {
    let meta: &ZoneMeta = &named.target.zone;
    let (before, after) = (named.before.set(RecordType::SOA), named.after.set(RecordType::SOA));
    let Some(set) = after.filter(|after| before != Some(after)) else { return Ok(()) };
    let soa = set.rdatas().first().and_then(|rdata| Soa::from_wire(rdata).ok());
    let soa = soa.ok_or_else(|| internal("a SOA that was read and cannot be read"))?;
    let zone = plan.zone(&meta.apex).cloned();
    let zone = zone.ok_or_else(|| internal(format!("the zone {} has no content", meta.apex)))?;
    let serial = soa.serial;
    if meta.soa_template.is_some() {
        let same = Soa { serial: zone.soa().serial, ..soa } == *zone.soa() && set.ttl == zone.soa_ttl();
        if !same {
            return Err(invalid(format!("the SOA of {} follows from a template", meta.apex))
                .hint("an update can set its serial alone; see `ptrctl soa-template set`"));
        }
    } else {
        let (before, mut row) = (row_of(meta, &zone), row_of(meta, &zone));
        row.soa = ZoneSoa::Own { soa: soa.clone(), ttl: set.ttl };
        plan.alter(&meta.apex, |zone| zone.set_soa(soa, set.ttl));
        plan.edit(Edit::Zone { id: meta.id, before: Some(Box::new(before)), after: Some(Box::new(row)) });
    }
    plan.alter(&meta.apex, |zone| zone.set_serial(serial));
    plan.state_serial(meta.id);
    plan.mark(meta.id);
    changed.push(format!("{} SOA, serial {serial}", meta.apex));
    Ok(())
}

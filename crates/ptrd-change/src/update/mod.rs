//! DNS UPDATE (RFC 2136) as a change like any other: judged and planned by the writer against what is there by then, so
//! that nothing comes between a prerequisite and what depends on it; one entry in the log, one serial step a zone.
//!
//! RFC 2136 §3 in its order: the zone (NOTAUTH), whether the key may do anything there (REFUSED, before the prerequisites:
//! a stranger learns nothing), the prerequisites, whether the key may do all of this (REFUSED), what is malformed, the
//! changes one by one. What they come to is written through the same functions as `ptr set` and `record set`: the PTRs
//! of addresses into the address index, all else as records of the zone. Whatever those refuse is REFUSED, and nothing
//! has happened.
//!
//! What is derived (CNAMEs into classless zones, cuts, glue) counts as absent and cannot be changed. A name that is such
//! a CNAME, to a classless zone that is served here, stands for its address: prerequisites and changes are about what is
//! there (see [`target`]), because DHCP servers and the like compute the name from the address and know of no CNAME.

mod content;
mod put;
mod rights;
mod target;

use crate::authorise::{Caller, Role};
use crate::pending;
use crate::plan::{NamesDue, Plan, State};
use crate::problem::{forbidden, some};
use crate::request::ShowTarget;
use content::Content;
pub(crate) use content::Set;
use ptrd_api::{ChangeDone, Problem, code};
use ptrd_wire::{Name, Prerequisite, Rcode, RecordChange, RecordType, Update, folded_rdata};
use ptrd_zone::ZoneMeta;
pub(crate) use put::{ApexNs, put};
use rights::Rights;
pub(crate) use rights::{has_others, tenant_may};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
pub(crate) use target::{Named, Targets, about};

/// Whose update it is. That the key signed it has been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Updater {
    /// The key's name.
    pub key: Name,
    /// From where it came.
    pub from: IpAddr,
    /// Whether names that are CNAMEs into classless zones stand for their addresses; if not, updates of them are
    /// refused.
    pub redirect: bool,
}

/// What came of an update: it is durable and visible, or there was nothing to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateDone {
    /// The number of the change; `None` when there was nothing to change.
    pub change: Option<u64>,
    /// One line about it.
    pub summary: String,
    /// What was done elsewhere than the update said.
    pub notes: Vec<String>,
}

/// Why an update was not made: the response code, and the reason for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rcode}: {problem}")]
pub struct UpdateRefusal {
    /// RFC 2136 §2.2.
    pub rcode: Rcode,
    /// The reason.
    pub problem: Box<Problem>,
}

impl From<Problem> for UpdateRefusal {
    /// The one place where problems become response codes.
    fn from(problem: Problem) -> UpdateRefusal {
        let rcode = match problem.code.as_str() {
            code::BUSY | code::STORE | code::INTERNAL => Rcode::SERVFAIL,
            // RFC 2136 §4.6: upon that, requestors turn to the next server.
            code::STANDBY => Rcode::NOTIMP,
            // Those of [`fails`] are response codes already; all others are rules that forbid it.
            word => RCODES.into_iter().find(|rcode| rcode.to_string() == word).unwrap_or(Rcode::REFUSED),
        };
        UpdateRefusal { rcode, problem: Box::new(problem) }
    }
}

/// The response codes that RFC 2136 has for updates.
const RCODES: [Rcode; 8] = [
    Rcode::FORMERR,
    Rcode::NXDOMAIN,
    Rcode::REFUSED,
    Rcode::YXDOMAIN,
    Rcode::YXRRSET,
    Rcode::NXRRSET,
    Rcode::NOTAUTH,
    Rcode::NOTZONE,
];

/// A problem that is a response code. It never leaves for the API: no route makes updates.
fn fails(rcode: Rcode, message: impl Into<String>) -> Problem {
    Problem::new(&rcode.to_string(), message)
}

impl From<ChangeDone> for UpdateDone {
    fn from(done: ChangeDone) -> UpdateDone {
        UpdateDone { change: done.change, summary: done.summary, notes: done.warnings }
    }
}

/// An update on the road.
#[derive(Debug)]
pub(crate) struct UpdateOrder {
    by: Updater,
    update: Update,
}

/// Records that the log's account of an update lists; the edits have all of what came of it.
const LOGGED: usize = 100;

impl UpdateOrder {
    pub fn new(by: Updater, update: Update) -> UpdateOrder {
        UpdateOrder { by, update }
    }

    /// Who the log says it was.
    pub fn caller(&self) -> Caller {
        Caller {
            actor: self.by.key.to_string(),
            origin: self.by.from.to_string(),
            reason: None,
            role: Role::Key,
        }
    }

    /// Shows the names that addresses are to have, if the key may do all of this.
    pub fn ptr_targets(&self, plan: &Plan<'_>, show: &mut ShowTarget<'_>) {
        let Ok(mut targets) = permitted(plan, self) else { return };
        for change in &self.update.changes {
            if let RecordChange::Add { owner, rtype: RecordType::PTR, rdata, .. } = change
                && let Some(address) = targets.at(plan, owner).target.address
            {
                show(address, rdata);
            }
        }
    }

    /// How many changes it has.
    pub fn changes(&self) -> usize {
        self.update.changes.len()
    }

    /// The request for the log.
    pub fn to_log(&self) -> String {
        let Update { zone, prerequisites, changes } = &self.update;
        let required: Vec<String> = prerequisites.iter().take(LOGGED).map(required).collect();
        let asked: Vec<String> = changes.iter().take(LOGGED).map(asked).collect();
        let mut json = serde_json::json!({ "kind": "dns-update", "zone": zone, "changes": asked });
        if !required.is_empty() {
            json["prerequisites"] = required.into();
        }
        for (of, total) in [("prerequisites", prerequisites.len()), ("changes", changes.len())] {
            if total > LOGGED {
                json[format!("{of}_total")] = total.into();
            }
        }
        json.to_string()
    }
}

/// A record in words, its data cut where it is long.
fn told(owner: &Name, rtype: RecordType, rdata: &[u8]) -> String {
    let text = ptrd_master::rdata_to_text(rtype, rdata);
    let end = text.char_indices().nth(LONGEST_TOLD).map_or(text.len(), |(at, _)| at);
    let more = if end < text.len() { "…" } else { "" };
    format!("{owner} {rtype} {}{more}", &text[..end])
}

/// Characters of a record's data in the log's account of a request.
const LONGEST_TOLD: usize = 200;

fn required(prerequisite: &Prerequisite) -> String {
    match prerequisite {
        Prerequisite::Exists { owner, rtype } => format!("yxrrset {owner} {rtype}"),
        Prerequisite::Holds { owner, rtype, rdata } => format!("yxrrset {}", told(owner, *rtype, rdata)),
        Prerequisite::Absent { owner, rtype } => format!("nxrrset {owner} {rtype}"),
        Prerequisite::InUse { owner } => format!("yxdomain {owner}"),
        Prerequisite::NotInUse { owner } => format!("nxdomain {owner}"),
        Prerequisite::Faulty(rcode) => format!("malformed: {rcode}"),
    }
}

fn asked(change: &RecordChange) -> String {
    match change {
        RecordChange::Add { owner, rtype, ttl, rdata } => {
            format!("add {ttl} {}", told(owner, *rtype, rdata))
        }
        RecordChange::DeleteRrset { owner, rtype } => format!("delete {owner} {rtype}"),
        RecordChange::DeleteName { owner } => format!("delete {owner}"),
        RecordChange::Delete { owner, rtype, rdata } => format!("delete {}", told(owner, *rtype, rdata)),
        RecordChange::Faulty(rcode) => format!("malformed: {rcode}"),
    }
}

/// The zone that an update is for (RFC 2136 §3.1.2).
fn zone_of<'s>(state: &'s State, order: &UpdateOrder) -> Result<&'s Arc<ZoneMeta>, Problem> {
    let apex = &order.update.zone;
    state.declared.zone(apex).ok_or_else(|| fails(Rcode::NOTAUTH, format!("no zone {apex} is served here")))
}

/// Whether the key may update anything at all. What, is judged name by name when it is planned.
pub(crate) fn let_in(state: &State, order: &UpdateOrder) -> Result<(), Problem> {
    crate::fleet::refuse_catalog(&state.declared, zone_of(state, order)?)?;
    match Rights::of(state, &order.by).is_none() {
        true => Err(forbidden(format!("the key {} may update nothing from {}", order.by.key, order.by.from))),
        false => Ok(()),
    }
}

fn owner_of_change(change: &RecordChange) -> Option<(&Name, Option<RecordType>)> {
    match change {
        RecordChange::Add { owner, rtype, .. }
        | RecordChange::DeleteRrset { owner, rtype }
        | RecordChange::Delete { owner, rtype, .. } => Some((owner, Some(*rtype))),
        RecordChange::DeleteName { owner } => Some((owner, None)),
        RecordChange::Faulty(_) => None,
    }
}

fn owner_of_prerequisite(prerequisite: &Prerequisite) -> Option<&Name> {
    match prerequisite {
        Prerequisite::Exists { owner, .. }
        | Prerequisite::Holds { owner, .. }
        | Prerequisite::Absent { owner, .. }
        | Prerequisite::InUse { owner }
        | Prerequisite::NotInUse { owner } => Some(owner),
        Prerequisite::Faulty(_) => None,
    }
}

/// Plans the update.
pub(crate) fn plan(plan: &mut Plan<'_>, order: &UpdateOrder) -> Result<String, Problem> {
    let mut targets = permitted(plan, order)?;
    let zone = targets.zone().clone();
    order.update.changes.iter().try_for_each(check_form)?;
    let mut dropped = Vec::new();
    for change in &order.update.changes {
        // What was to come there counts no longer, also where nothing is there yet.
        if let Some(address) = without_ptr(plan, change, &mut targets)
            && pending::forget(plan, address)
        {
            dropped.push(pending::dropped(address));
        }
        apply(plan, change, &mut targets);
    }
    let mut changed = put(plan, &targets, ApexNs::OfTheSet)?;
    changed.append(&mut dropped);
    // Hosts that take names from DHCP have generic ones; nobody reads a warning at each lease.
    plan.names_are_due(NamesDue::Refusal);
    let notes: BTreeSet<String> = targets.iter().filter_map(|named| named.target.note()).collect();
    let redirected = if notes.is_empty() { String::new() } else { format!(", by way of {}", zone.apex) };
    notes.into_iter().for_each(|note| plan.warn(note));
    if changed.is_empty() {
        return Ok(format!("{}: nothing to change", zone.apex));
    }
    Ok(format!("{}{redirected}", some(&changed, 4)))
}

/// What the update is about, if its prerequisites hold and the key may make all of its changes.
fn permitted(plan: &Plan<'_>, order: &UpdateOrder) -> Result<Targets, Problem> {
    let zone = zone_of(plan.base, order)?.clone();
    let rights = Rights::of(plan.base, &order.by);
    let mut targets = Targets::new(zone, order.by.redirect);
    check_zones(plan, order, &rights, &mut targets)?;
    judge(plan, &order.update.prerequisites, &mut targets)?;
    check_changes(plan, &order.update.changes, &rights, &mut targets)?;
    Ok(targets)
}

/// Whether the key may update the zone of each name. A key that has no business with the zone of the message may still
/// use it for names that are CNAMEs into zones that it may update, and for those of its own addresses.
fn check_zones(
    plan: &Plan<'_>,
    order: &UpdateOrder,
    rights: &Rights,
    targets: &mut Targets,
) -> Result<(), Problem> {
    let Update { prerequisites, changes, .. } = &order.update;
    let of_zone = rights.cover(targets.zone());
    let owners = prerequisites
        .iter()
        .map(owner_of_prerequisite)
        .chain(changes.iter().map(|change| owner_of_change(change).map(|(owner, _)| owner)));
    let mut is_all = of_zone || !(prerequisites.is_empty() && changes.is_empty());
    for owner in owners {
        let target = owner.map(|owner| &targets.at(plan, owner).target);
        is_all &= of_zone || target.is_some_and(|target| rights.reach(plan.declared(), target));
    }
    if is_all {
        return Ok(());
    }
    Err(forbidden(format!("the key {} may not update {}", order.by.key, targets.zone().apex)))
}

/// RFC 2136 §3.2.
fn judge(plan: &Plan<'_>, prerequisites: &[Prerequisite], targets: &mut Targets) -> Result<(), Problem> {
    let unmet = |rcode, prerequisite: &Prerequisite| {
        Err(fails(rcode, format!("a prerequisite does not hold: {}", required(prerequisite))))
    };
    // RRsets that are to hold these records and no others.
    let mut wanted: BTreeMap<(usize, RecordType), BTreeSet<Box<[u8]>>> = BTreeMap::new();
    for prerequisite in prerequisites {
        let Some(owner) = owner_of_prerequisite(prerequisite) else {
            let Prerequisite::Faulty(rcode) = prerequisite else { continue };
            return Err(fails(*rcode, "a prerequisite is malformed, or not of the zone"));
        };
        let place = targets.place(plan, owner);
        let content = &targets.named(place).before;
        let met = match prerequisite {
            Prerequisite::InUse { .. } if content.is_empty() => Err(Rcode::NXDOMAIN),
            Prerequisite::NotInUse { .. } if !content.is_empty() => Err(Rcode::YXDOMAIN),
            Prerequisite::Exists { rtype, .. } if content.set(*rtype).is_none() => Err(Rcode::NXRRSET),
            Prerequisite::Absent { rtype, .. } if content.set(*rtype).is_some() => Err(Rcode::YXRRSET),
            Prerequisite::Holds { rtype, rdata, .. } => {
                let rdata = folded_rdata(*rtype, rdata).into_owned().into();
                wanted.entry((place, *rtype)).or_default().insert(rdata);
                Ok(())
            }
            _ => Ok(()),
        };
        if let Err(rcode) = met {
            return unmet(rcode, prerequisite);
        }
    }
    for ((place, rtype), records) in wanted {
        let named = targets.named(place);
        if !named.before.set(rtype).is_some_and(|set| set.keys().eq(records.iter())) {
            let owner = &named.target.asked;
            let message = format!("a prerequisite does not hold: {owner} {rtype} has other records");
            return Err(fails(Rcode::NXRRSET, message));
        }
    }
    Ok(())
}

/// RFC 2136 §3.4.1. Data must be such that secondaries take the zone, as in master files.
fn check_form(change: &RecordChange) -> Result<(), Problem> {
    match change {
        RecordChange::Faulty(rcode) => {
            Err(fails(*rcode, "a record of the update section is malformed, or not of the zone"))
        }
        RecordChange::Add { owner, rtype, rdata, .. } => ptrd_master::check_rdata(*rtype, rdata)
            .map_err(|error| fails(Rcode::FORMERR, format!("{owner} {rtype}: {error}"))),
        _ => Ok(()),
    }
}

/// RFC 2136 §3.3: whether the key may make each of the changes, wherever it is made.
fn check_changes(
    plan: &Plan<'_>,
    changes: &[RecordChange],
    rights: &Rights,
    targets: &mut Targets,
) -> Result<(), Problem> {
    let zone = targets.zone().clone();
    for change in changes {
        let Some((owner, rtype)) = owner_of_change(change) else { continue };
        let named = targets.at(plan, owner);
        named.target.may_change(rtype)?;
        let role = rights.role_at(plan.declared(), &zone, &named.target, rtype);
        let Some(role) = role else {
            return Err(forbidden(format!("the key has no right to {owner}: it may not be changed with it")));
        };
        named.role = Some(role);
    }
    Ok(())
}

/// RFC 2136 §3.4.2.
/// The address all of whose PTRs a change deletes.
fn without_ptr(plan: &Plan<'_>, change: &RecordChange, targets: &mut Targets) -> Option<IpAddr> {
    let owner = match change {
        RecordChange::DeleteRrset { owner, rtype: RecordType::PTR } | RecordChange::DeleteName { owner } => {
            owner
        }
        _ => return None,
    };
    targets.at(plan, owner).target.address
}

fn apply(plan: &Plan<'_>, change: &RecordChange, targets: &mut Targets) {
    let Some((owner, _)) = owner_of_change(change) else { return };
    let named = targets.at(plan, owner);
    let is_apex = named.target.is_apex();
    named.replaces |= !matches!(change, RecordChange::Add { .. });
    match change {
        RecordChange::Add { rtype, ttl, rdata, .. } => named.after.add(is_apex, *rtype, *ttl, rdata),
        RecordChange::DeleteRrset { rtype, .. } => named.after.delete_rrset(is_apex, *rtype),
        RecordChange::DeleteName { .. } => named.after.delete_all(is_apex),
        RecordChange::Delete { rtype, rdata, .. } => named.after.delete(is_apex, *rtype, rdata),
        RecordChange::Faulty(_) => {}
    }
}

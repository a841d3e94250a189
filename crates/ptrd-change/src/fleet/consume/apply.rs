//! What a catalog comes to that was pulled: zones that come, go, begin anew and come over, as one change.
//!
//! A zone that cannot be taken is left out and told in the report; nothing else suffers for it (RFC 9432 §5.2).

use super::{StoredMember, member_setting, put, to_text};
use crate::fleet::follow::empty;
use crate::place::{Shown, runs};
use crate::plan::{Plan, row_of};
use crate::problem::{conflict, count, internal, invalid, not_found};
use crate::rollback::alter_zone;
use crate::tenant::tenant_name;
use crate::zone::check_new;
use ptrd_api::{Problem, REPORT_LEFT_OUT};
use ptrd_wire::{Name, ReversePrefix};
use ptrd_zone::catalog::{Consumed, Held, Holder, Member, Received, Step, decide};
use ptrd_zone::model::{TenantId, ZoneId, ZoneRow};
use ptrd_zone::{Declared, ZoneMeta};
use std::collections::{BTreeMap, BTreeSet};

/// What a catalog says now, and of which zones it may say something else than before.
#[derive(Debug)]
pub(crate) struct ConsumeOrder {
    pub catalog: ZoneId,
    pub zones: BTreeSet<Name>,
    pub received: Received,
    /// What the other catalogs say, as far as they are in order.
    pub others: BTreeMap<ZoneId, Received>,
}

impl ConsumeOrder {
    pub fn to_log(&self) -> String {
        serde_json::json!({ "catalog": self.catalog, "looked_at": self.zones.len() }).to_string()
    }
}

/// How many zones met with what.
#[derive(Default)]
struct Told {
    came: u64,
    went: u64,
    anew: u64,
    over: u64,
    regrouped: u64,
}

impl Told {
    fn said(&self) -> String {
        let parts = [
            (self.came, "came"),
            (self.went, "went"),
            (self.anew, "began anew"),
            (self.over, "came over from other catalogs"),
            (self.regrouped, "came into other groups"),
        ];
        let parts = parts.iter().filter(|(number, _)| *number > 0);
        let parts: Vec<String> =
            parts.map(|(number, what)| format!("{} {what}", count(*number, "zone"))).collect();
        if parts.is_empty() { "nothing changes".to_owned() } else { parts.join(", ") }
    }
}

/// Plans it.
pub(crate) fn plan(plan: &mut Plan<'_>, order: &ConsumeOrder) -> Result<String, Problem> {
    let declared = plan.declared().clone();
    let gone = || not_found("the catalog is gone, or is not followed any more");
    let meta = declared.zone_by_id(order.catalog).cloned().ok_or_else(gone)?;
    let consumed = declared.consumed(meta.id).cloned().ok_or_else(gone)?;
    let serial = plan.zone(&meta.apex).ok_or_else(|| internal("a catalog without content"))?.soa().serial;
    plan.let_consume();
    let coo = |catalog: &Name, zone: &Name| {
        let other = declared.zone(catalog).and_then(|meta| order.others.get(&meta.id))?;
        other.member(zone)?.coo
    };
    let steps = decide(&meta.apex, &order.zones, &order.received, |zone| holder(&declared, zone), coo);
    let mut told = Told::default();
    for step in steps {
        take(plan, (&*meta, &*consumed), step, &mut told)?;
    }
    Ok(format!("the catalog {}, serial {serial}: {}", meta.apex, told.said()))
}

/// Whose members in these groups are: the catalog's owner has them where whoever was named is gone.
pub(super) fn owner(
    declared: &Declared,
    (catalog, consumed): (&ZoneMeta, &Consumed),
    groups: &[Box<[u8]>],
) -> TenantId {
    let mut named = [of_groups(consumed, groups), Some(consumed.tenant)].into_iter().flatten();
    named.find(|id| declared.tenant(*id).is_some()).unwrap_or(catalog.tenant)
}

/// Whose members in these groups are by a rule of a group.
fn of_groups(consumed: &Consumed, groups: &[Box<[u8]>]) -> Option<TenantId> {
    consumed.rule(groups).and_then(|rule| rule.tenant)
}

/// Whose a zone is.
fn holder(declared: &Declared, zone: &Name) -> Option<Holder> {
    let meta = declared.zone(zone)?;
    let held = declared.origin(meta.id).and_then(|origin| {
        let catalog = declared.zone_by_id(origin.catalog)?.apex.clone();
        Some(Held { catalog, label: origin.label.clone(), groups: origin.groups.clone() })
    });
    Some(held.map_or(Holder::Other, Holder::Catalog))
}

fn take(
    plan: &mut Plan<'_>,
    (catalog, consumed): (&ZoneMeta, &Consumed),
    step: Step,
    told: &mut Told,
) -> Result<(), Problem> {
    let outcome = match step {
        Step::Remove(zone) => {
            let outcome = go(plan, &zone);
            told.went += u64::from(outcome.is_ok());
            outcome.map_err(|problem| (zone, problem))
        }
        Step::Add(member) => {
            let outcome = come(plan, (catalog, consumed), &member);
            told.came += u64::from(outcome.is_ok());
            outcome.map_err(|problem| (member.zone, problem))
        }
        Step::Reset(member) => {
            told.anew += 1;
            begin_anew(plan, catalog, &member)?;
            Ok(())
        }
        Step::Migrate { reset, member, .. } => {
            told.over += 1;
            if reset {
                begin_anew(plan, catalog, &member)?;
            } else {
                mark(plan, catalog, &member)?;
            }
            Ok(())
        }
        Step::Regroup(member) => {
            told.regrouped += 1;
            change_hands(plan, (catalog, consumed), &member)?;
            mark(plan, catalog, &member)?;
            Ok(())
        }
        Step::Clash { member, holder } => {
            let problem = clash(plan.declared(), catalog, &member.zone, &holder);
            Err((member.zone, problem))
        }
    };
    if let Err((zone, problem)) = outcome {
        let hint = problem.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        plan.tell(zone, REPORT_LEFT_OUT, problem.message + &hint);
    }
    Ok(())
}

/// A zone goes, with all that is kept of it.
fn go(plan: &mut Plan<'_>, zone: &Name) -> Result<(), Problem> {
    let Some(meta) = plan.declared().zone(zone).cloned() else { return Ok(()) };
    check_bare(plan, zone)?;
    plan.remove_zone(&meta);
    Ok(())
}

fn come(
    plan: &mut Plan<'_>,
    (catalog, consumed): (&ZoneMeta, &Consumed),
    member: &Member,
) -> Result<(), Problem> {
    let apex = &member.zone;
    let tenant = owner(plan.declared(), (catalog, consumed), &member.groups);
    if apex.is_root() || apex.is_wildcard() {
        return Err(invalid(format!("{apex} cannot be a zone here")));
    }
    check_new(plan, apex)?;
    plan.add_zone(empty(apex, tenant), Vec::new());
    mark(plan, catalog, member)
}

/// A zone that another label makes another zone (RFC 9432 §5.4, §5.6): it keeps its owner, and nothing else.
fn begin_anew(plan: &mut Plan<'_>, catalog: &ZoneMeta, member: &Member) -> Result<(), Problem> {
    let meta = plan.declared().zone(&member.zone).cloned();
    let meta = meta.ok_or_else(|| internal(format!("the zone {} is gone", member.zone)))?;
    plan.remove_zone(&meta);
    plan.add_zone(empty(&member.zone, meta.tenant), Vec::new());
    mark(plan, catalog, member)
}

/// A zone that came into other groups is whose members of those are, where another rule says so than before. What a group
/// means is for its consumer to say (RFC 9432 §4.3.2), and a zone that keeps its groups keeps its owner.
fn change_hands(
    plan: &mut Plan<'_>,
    (catalog, consumed): (&ZoneMeta, &Consumed),
    member: &Member,
) -> Result<(), Problem> {
    let declared = plan.declared();
    let Some(meta) = declared.zone(&member.zone).cloned() else { return Ok(()) };
    let before = declared.origin(meta.id).and_then(|origin| of_groups(consumed, &origin.groups));
    let tenant = owner(declared, (catalog, consumed), &member.groups);
    if before == of_groups(consumed, &member.groups) || tenant == meta.tenant {
        return Ok(());
    }
    let zone = plan.zone(&member.zone).ok_or_else(|| internal("a member without content"))?;
    let row = ZoneRow { tenant, ..row_of(&meta, zone) };
    let to = format!("to {}", tenant_name(declared, tenant));
    plan.tell(&member.zone, "handed over", to);
    alter_zone(plan, &row)
}

/// Says which catalog lists a zone, and how.
fn mark(plan: &mut Plan<'_>, catalog: &ZoneMeta, member: &Member) -> Result<(), Problem> {
    let id = plan.declared().zone(&member.zone).map(|meta| meta.id);
    let id = id.ok_or_else(|| internal(format!("the zone {} is gone", member.zone)))?;
    let groups = member.groups.iter().map(|group| to_text(group)).collect();
    let stored = StoredMember { catalog: catalog.id.0, label: to_text(&member.label), groups };
    put(plan, member_setting(id), Some(&stored))
}

fn clash(declared: &Declared, catalog: &ZoneMeta, zone: &Name, holder: &Holder) -> Problem {
    match holder {
        _ if *zone == catalog.apex => conflict(format!("the catalog {zone} lists itself")),
        Holder::Catalog(held) => {
            conflict(format!("the zone {zone} comes from the catalog {} already", held.catalog)).hint(
                format!(
                    "it comes over once {} says that it moves here (coo), or lists it no more",
                    held.catalog
                ),
            )
        }
        Holder::Other => {
            let meta = declared.zone(zone);
            let kind = meta.map_or("", |meta| declared.kind_word(meta));
            let tenant = meta.map(|meta| tenant_name(declared, meta.tenant)).unwrap_or_default();
            conflict(format!("a {kind} zone {zone} is here already, for {tenant}"))
                .hint("it is taken from the catalog once that one is removed")
        }
    }
}

/// Refuses to let a verbatim zone go that blocks are declared in, and that nothing else would show.
pub(crate) fn check_bare(plan: &Plan<'_>, apex: &Name) -> Result<(), Problem> {
    let Some(prefix) = ReversePrefix::of_apex(apex) else { return Ok(()) };
    let mut without = plan.declared().clone();
    without.remove_zone(apex);
    let bare =
        runs(&without, &prefix.range()).find(|run| run.block.is_some() && matches!(run.shown, Shown::Nobody));
    match bare.and_then(|run| run.block) {
        Some(block) => Err(conflict(format!("no zone would show the block {} any more", block.range))
            .hint(format!("remove it first: `ptrctl block remove {}`", block.range))),
        None => Ok(()),
    }
}

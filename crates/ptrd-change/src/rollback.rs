//! Undoes a change, as a change of its own: every row that it touched becomes what it was before.
//!
//! Nothing is done unless all rows are still as the change left them (see [`crate::undo`]), and the outcome must be one
//! that could be declared now: what came since may exclude it without touching the same rows. Numbers of tenants, blocks
//! and zones that come back are those that they had; serials go on from the highest that anybody can have seen.

use crate::apex::zone_of_row;
use crate::block;
use crate::handover::Cleared;
use crate::observed;
use crate::place::{Run, Shown, count_ptrs, in_the_way, owner_in_the_way, runs};
use crate::plan::{Plan, row_of, window};
use crate::problem::{conflict, count, internal};
use crate::ptr::packed;
use crate::rules;
use crate::undo::{Rows, Step, Undone, check_again, stored, zone_by_id};
use crate::{defaults, fleet, history};
use ptrd_api::Problem;
use ptrd_store::Edit;
use ptrd_wire::{AddrRange, Name, RecordType, RrSet, Serial};
use ptrd_zone::model::{Block, Defaults, Mode, ZoneId, ZoneKind, ZoneRow};
use ptrd_zone::{PtrEdit, PtrEdits, RrSetChange, Touch, Zone, ZoneMeta, resolve_apex};
use std::collections::{BTreeMap, BTreeSet};

/// Plans it.
pub(crate) fn plan(plan: &mut Plan<'_>, undone: &Undone) -> Result<String, Problem> {
    let change = undone.entry.change;
    if history::number(&plan.next.settings, history::LOG_START).is_some_and(|first| change < first) {
        return Err(internal(format!("change {change} was pruned while it was being rolled back"))
            .hint("nothing was changed"));
    }
    // What is refused when it is set is refused when it comes back.
    plan.where_too_many(undone.too_many);
    let rows = undone.net();
    check_again(plan, undone, &rows)?;
    put_tenants(plan, &rows)?;
    remove_zones(plan, &rows);
    let (going, coming) = records_by_zone(plan, &rows);
    put_records(plan, going);
    put_sets(plan, &rows)?;
    put_blocks(plan, &rows, Checks::Yes)?;
    put_zones(plan, undone, &rows)?;
    plan.project_touched();
    check_records(plan, &coming)?;
    put_records(plan, coming);
    put_settings(plan, &rows)?;
    check_sending(plan, &rows)?;
    put_sending(plan, &rows);
    let ptrs = put_ptrs(plan, &rows)?;
    remove_sets(plan, &rows)?;
    remove_tenants(plan, &rows)?;
    plan.project_touched();
    check_returned_zones(plan, &rows)?;
    check_shown(plan, &rows)?;
    let what = if ptrs > 0 { format!(", {} as before", count(ptrs, "PTR RRset")) } else { String::new() };
    Ok(format!("change {change} rolled back ({}){what}", undone.entry.summary))
}

/// What is to come back where nothing is now.
fn comes<T: Copy>(step: &Step<T>) -> Option<T> {
    step.0.filter(|_| step.1.is_none())
}

/// What is to go.
fn goes<T: Copy>(step: &Step<T>) -> Option<T> {
    step.1.filter(|_| step.0.is_none())
}

pub(crate) fn put_tenants(plan: &mut Plan<'_>, rows: &Rows<'_>) -> Result<(), Problem> {
    for step in rows.tenants.values() {
        let Some(tenant) = step.0 else { continue };
        if let Some(other) = plan.declared().tenant_named(&tenant.name)
            && other.id != tenant.id
        {
            return Err(conflict(format!("another tenant is called {} now", tenant.name))
                .hint("remove or rename that one first"));
        }
        if tenant.reseller.is_some_and(|reseller| plan.declared().tenant(reseller).is_none()) {
            return Err(conflict(format!("the reseller of the tenant {} is gone", tenant.name))
                .hint("roll back its removal first"));
        }
        if step.1.is_some() {
            plan.next.declared.remove_tenant(tenant.id);
        }
        let edit = Edit::Tenant { id: tenant.id, before: step.1.cloned(), after: Some(tenant.clone()) };
        plan.edit(edit);
        plan.next.declared.put_tenant(tenant.clone());
    }
    Ok(())
}

pub(crate) fn remove_tenants(plan: &mut Plan<'_>, rows: &Rows<'_>) -> Result<(), Problem> {
    for tenant in rows.tenants.values().filter_map(goes) {
        let id = tenant.id;
        let owns = plan.declared().blocks().any(|block| block.tenant == id)
            || plan.declared().zones().any(|zone| zone.tenant == id);
        if owns {
            return Err(conflict(format!("the tenant {} owns blocks or zones by now", tenant.name)).hint(
                format!(
                    "see `ptrctl block list --tenant {0}` and `ptrctl zone list --tenant {0}`",
                    tenant.name
                ),
            ));
        }
        if let Some(customer) = plan.declared().tenants().find(|other| other.reseller == Some(id)) {
            return Err(conflict(format!(
                "the tenant {} is the reseller of {} by now",
                tenant.name, customer.name
            ))
            .hint(format!("`ptrctl tenant set {} --no-reseller`", customer.name)));
        }
        plan.next.declared.remove_tenant(id);
        plan.edit(Edit::Tenant { id, before: Some(tenant.clone()), after: None });
    }
    Ok(())
}

pub(crate) fn remove_zones(plan: &mut Plan<'_>, rows: &Rows<'_>) {
    for zone in rows.zones.values().filter_map(goes) {
        if let Some(meta) = plan.declared().zone_by_id(zone.id).cloned() {
            plan.remove_zone(&meta);
        }
    }
}

pub(crate) type Records = BTreeMap<ZoneId, Vec<RrSetChange>>;

/// The RRsets of zones that were there before and are there now: those that go, and those that come or change.
pub(crate) fn records_by_zone(plan: &Plan<'_>, rows: &Rows<'_>) -> (Records, Records) {
    let (mut going, mut coming) = (Records::new(), Records::new());
    for ((id, _, rtype), (owner, step)) in &rows.records {
        let alters = rows.zones.get(id).is_none_or(|zone| zone.0.is_some() && zone.1.is_some());
        if !alters || plan.declared().zone_by_id(*id).is_none() {
            continue;
        }
        let to = if step.0.is_some() { &mut coming } else { &mut going };
        to.entry(*id).or_default().push(((*owner).clone(), RecordType(*rtype), step.0.cloned()));
    }
    (going, coming)
}

pub(crate) fn put_records(plan: &mut Plan<'_>, records: Records) {
    for (id, changes) in records {
        if let Some(meta) = plan.declared().zone_by_id(id).cloned() {
            plan.put_rrsets(&meta, changes);
        }
    }
}

fn check_records(plan: &Plan<'_>, records: &Records) -> Result<(), Problem> {
    for (id, changes) in records {
        let Some((meta, zone)) = zone_by_id(&plan.next, *id) else { continue };
        for (owner, _, rrset) in changes {
            let Some(rrset) = rrset else { continue };
            let node = zone.names().node(&owner.key_below(zone.apex_labels()));
            // What is replaced does not stand in its own way.
            if stored(zone, owner, rrset.rtype).is_none() {
                rules::check(plan, meta, zone, owner, node, rrset)?;
            }
        }
    }
    Ok(())
}

/// Whether what is put must be something that could be declared now.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checks {
    Yes,
    /// It was judged elsewhere.
    No,
}

pub(crate) fn put_blocks(plan: &mut Plan<'_>, rows: &Rows<'_>, checks: Checks) -> Result<(), Problem> {
    // All that go or change make room first: a range that was split has its parts in the place of the whole.
    for now in rows.blocks.values().filter_map(|step| step.1) {
        block::touch_whole(plan, now);
        plan.next.declared.remove_block(now.id);
        if let Some(gone) = rows.blocks.get(&now.id).and_then(goes) {
            plan.edit(Edit::Block { id: gone.id, before: Some(Box::new(gone.clone())), after: None });
        }
    }
    let mut returning: Vec<(&Block, Option<&Block>)> =
        rows.blocks.values().filter_map(|step| Some((step.0?, step.1))).collect();
    // Those around others first.
    returning.sort_by_key(|(block, _)| {
        (block.range.family(), block.range.first_bits(), std::cmp::Reverse(block.range.last_bits()))
    });
    for (block, now) in returning {
        if plan.declared().tenant(block.tenant).is_none() {
            return Err(conflict(format!("the tenant of the block {} is gone", block.range))
                .hint("roll back its removal first"));
        }
        let moves = now.is_none_or(|now| now.range != block.range || now.mode != block.mode);
        if checks == Checks::Yes {
            if moves {
                block::check_again(plan, block)?;
            }
            block::check_former(plan.declared(), block)?;
        }
        let before = now.map(|now| Box::new(now.clone()));
        plan.edit(Edit::Block { id: block.id, before, after: Some(Box::new(block.clone())) });
        plan.next.declared.put_block(block.clone());
    }
    for step in rows.blocks.values() {
        for block in [step.0, step.1].into_iter().flatten() {
            block::touch_whole(plan, block);
        }
        let ttl = |block: Option<&Block>| block.and_then(|block| block.default_ttl);
        let same_range = step.0.map(|block| block.range) == step.1.map(|block| block.range);
        if ttl(step.0) != ttl(step.1) || !same_range && (ttl(step.0).is_some() || ttl(step.1).is_some()) {
            for block in [step.0, step.1].into_iter().flatten() {
                plan.retime(&block.range);
            }
        }
    }
    Ok(())
}

fn put_zones(plan: &mut Plan<'_>, undone: &Undone, rows: &Rows<'_>) -> Result<(), Problem> {
    for step in rows.zones.values() {
        let Some(row) = step.0 else { continue };
        if plan.declared().tenant(row.tenant).is_none() {
            return Err(conflict(format!("the tenant of the zone {} is gone", row.apex))
                .hint("roll back its removal first"));
        }
        if let ZoneKind::Classless { block, .. } = &row.kind
            && plan.declared().block(*block).is_none()
        {
            return Err(conflict(format!("the block of the zone {} is gone", row.apex))
                .hint("roll back its removal first"));
        }
        let has_set = row.ns_set.is_none_or(|set| plan.declared().ns_set(set).is_some());
        let has_template = row.soa.template().is_none_or(|id| plan.declared().soa_template(id).is_some());
        if !has_set || !has_template {
            return Err(conflict(format!("the NS set or SOA template of the zone {} is gone", row.apex))
                .hint("roll back its removal first"));
        }
        match step.1 {
            None => return_zone(plan, undone, rows, row)?,
            Some(_) => alter_zone(plan, row)?,
        }
    }
    Ok(())
}

/// A zone that was removed, with its records, under its old number.
fn return_zone(plan: &mut Plan<'_>, undone: &Undone, rows: &Rows<'_>, row: &ZoneRow) -> Result<(), Problem> {
    if let Some(zone) = plan.declared().zone(&row.apex) {
        return Err(conflict(format!("another {} zone {} is served now", zone.kind.word(), row.apex))
            .hint("remove that one first"));
    }
    let owner = plan.declared().block_with_apex(&row.apex);
    let is_own = |block: &Block| match &row.kind {
        ZoneKind::Classless { block: of, .. } => *of == block.id || block.standing.has_former(&row.apex),
        ZoneKind::Range(_) | ZoneKind::Verbatim => false,
    };
    if let Some(block) = owner.filter(|block| !is_own(block)) {
        return Err(conflict(format!("{} is the classless zone of the block {}", row.apex, block.range))
            .hint("relabel or remove that block first"));
    }
    crate::classless::check_free(plan, &row.apex)?;
    let mut row = row.clone();
    let first = (row.id, Box::<[u8]>::default(), 0);
    let records: Vec<(Name, RrSet)> = rows
        .records
        .range(first..)
        .take_while(|((zone, ..), _)| *zone == row.id)
        .filter_map(|(_, (owner, step))| Some(((*owner).clone(), step.0?.clone())))
        .collect();
    // A zone that came signed comes back as it was signed, and one that is followed goes on from its primary's serial.
    if !is_followed(plan, rows, row.id) && !records.iter().any(|(_, rrset)| rrset.rtype == RecordType::RRSIG)
    {
        row.soa.set_serial(next_serial(plan, undone, &row));
    }
    plan.put_zone(row, records);
    Ok(())
}

/// Whether a zone that comes back is pulled from others again.
fn is_followed(plan: &Plan<'_>, rows: &Rows<'_>, zone: ZoneId) -> bool {
    let setting = |name: &str| rows.settings.get(name).and_then(|step| step.0);
    let is_there = |name: &str| setting(name).is_some() || plan.next.settings.contains_key(name);
    fleet::followed_by(zone)
        .iter()
        .any(|name| setting(name).is_some_and(|value| !fleet::is_orphan(name, value, is_there)))
}

/// Past whatever the zone had, in this life or another (RFC 1982).
fn next_serial(plan: &Plan<'_>, undone: &Undone, row: &ZoneRow) -> Serial {
    let policy = plan.declared().serial_policy(&ZoneMeta::of(row));
    let mut serial = crate::serial::next(policy, row.soa.serial(), plan.now);
    let of_name = undone.later_serials.iter().filter(|(apex, _)| *apex == row.apex);
    for held in of_name.map(|(_, held)| held.next()) {
        if held.is_after(serial) {
            serial = held;
        }
    }
    let first = plan.first_serial(policy);
    if row.kind != ZoneKind::Verbatim && first.is_after(serial) { first } else { serial }
}

/// The row of a zone that is there; its records are edits of their own.
pub(crate) fn alter_zone(plan: &mut Plan<'_>, row: &ZoneRow) -> Result<(), Problem> {
    let Some((meta, zone)) = zone_by_id(&plan.next, row.id).map(|(m, z)| (m.clone(), z.clone())) else {
        return Err(internal(format!("the zone {} has no content", row.apex)));
    };
    if meta.apex != row.apex {
        return Err(conflict(format!(
            "the zone {} was called {} before: zones keep their names",
            meta.apex, row.apex
        )));
    }
    let before = row_of(&meta, &zone);
    let mut after = row.clone();
    after.soa.set_serial(zone.soa().serial);
    let of_row = zone_of_row(plan.declared(), &after, window(&row.kind));
    let mut again = if window(&meta.kind) == window(&row.kind) {
        let mut again = Zone::clone(&zone);
        again.set_soa(of_row.soa().clone(), of_row.soa_ttl());
        again.set_tenant(row.tenant);
        again
    } else {
        let mut again = of_row;
        let records = crate::plan::stored_records(&zone);
        again.apply_records(records.map(|(owner, rrset)| (owner, rrset.rtype, Some(rrset))));
        again
    };
    let now = ZoneMeta::of(&after);
    resolve_apex(plan.declared(), &now, &mut again);
    let ns = |zone: &Zone| zone.apex_ns().map(|rrset| rrset.to_rrset());
    let tells = ns(&zone) != ns(&again)
        || zone.soa_rdata() != again.soa_rdata()
        || zone.soa_ttl() != again.soa_ttl()
        || meta.kind != row.kind;
    plan.next.snapshot.put_zone(again);
    plan.next.declared.put_zone(now);
    plan.edit(Edit::Zone { id: row.id, before: Some(Box::new(before)), after: Some(Box::new(after)) });
    plan.touch(row.id, Touch::whole());
    plan.touch_place(&row.apex);
    if tells {
        plan.mark(row.id);
    }
    Ok(())
}

/// NS sets and SOA templates that come back or change again.
pub(crate) fn put_sets(plan: &mut Plan<'_>, rows: &Rows<'_>) -> Result<(), Problem> {
    let taken = |what: &str, name: &str| {
        conflict(format!("another {what} is called {name} now")).hint("rename or remove that one first")
    };
    for set in rows.ns_sets.values().filter_map(|step| step.0) {
        if plan.declared().ns_set_named(&set.name).is_some_and(|other| other.id != set.id) {
            return Err(taken("NS set", &set.name));
        }
        plan.put_ns_set(set.clone());
    }
    for template in rows.soa_templates.values().filter_map(|step| step.0) {
        if plan.declared().soa_template_named(&template.name).is_some_and(|other| other.id != template.id) {
            return Err(taken("SOA template", &template.name));
        }
        plan.put_soa_template(template.clone());
    }
    Ok(())
}

/// NS sets and SOA templates that go, now that zones reference what they did before.
pub(crate) fn remove_sets(plan: &mut Plan<'_>, rows: &Rows<'_>) -> Result<(), Problem> {
    let used = |what: &str, name: &str, apex: &Name| {
        conflict(format!("the {what} {name} is referenced by the zone {apex} by now"))
            .hint("let it reference another one first: `ptrctl zone set`")
    };
    for set in rows.ns_sets.values().filter_map(goes) {
        if let Some(zone) = plan.declared().zones().find(|zone| zone.ns_set == Some(set.id)) {
            return Err(used("NS set", &set.name, &zone.apex));
        }
        plan.remove_ns_set(set);
    }
    for template in rows.soa_templates.values().filter_map(goes) {
        if let Some(zone) = plan.declared().zones().find(|zone| zone.soa_template == Some(template.id)) {
            return Err(used("SOA template", &template.name, &zone.apex));
        }
        plan.remove_soa_template(template);
    }
    Ok(())
}

/// Puts settings back, and lets those that are held in memory take effect. A part of ptrd that keeps a setting in
/// memory has its line here.
pub(crate) fn put_settings(plan: &mut Plan<'_>, rows: &Rows<'_>) -> Result<(), Problem> {
    let mut orphans = 0;
    for (name, (before, after)) in &rows.settings {
        // The catalog that listed the zone is not followed any more.
        let is_there = |name: &str| plan.next.settings.contains_key(name);
        if before.is_some_and(|value| fleet::is_orphan(name, value, is_there)) {
            orphans += 1;
            continue;
        }
        plan.edit(Edit::Setting {
            name: (*name).to_owned(),
            before: after.map(str::to_owned),
            after: before.map(str::to_owned),
        });
        if *name == defaults::SETTING {
            let read = before.map(defaults::from_json).transpose();
            let read = read.map_err(|error| internal(format!("the defaults in the log: {error}")))?;
            defaults::apply(plan, read.map_or_else(Defaults::default, |(defaults, _)| defaults));
        }
    }
    if orphans > 0 {
        plan.warn(format!(
            "{} come back as zones of our own: the catalog that listed them is not followed any more",
            count(orphans, "zone")
        ));
    }
    Ok(())
}

/// Marks of addresses that send mail.
pub(crate) fn put_sending(plan: &mut Plan<'_>, rows: &Rows<'_>) {
    for (address, (before, _)) in &rows.sending {
        plan.put_sending(*address, before.cloned());
    }
}

fn check_sending(plan: &Plan<'_>, rows: &Rows<'_>) -> Result<(), Problem> {
    let mut coming = rows.sending.iter().filter(|(_, (before, _))| before.is_some());
    match coming.find(|(address, _)| plan.declared().block_of(**address).is_none()) {
        Some((address, _)) => Err(conflict(format!(
            "{address} belongs to no block any more: its sending mark cannot come back"
        ))
        .hint("add the block first")),
        None => Ok(()),
    }
}

fn put_ptrs(plan: &mut Plan<'_>, rows: &Rows<'_>) -> Result<u64, Problem> {
    let (mut edits, mut buffer) = (PtrEdits::new(), Vec::new());
    let (mut old, mut new): (Option<Run>, Option<Run>) = (None, None);
    let mut zones = BTreeSet::new();
    for (address, (before, _)) in &rows.ptrs {
        let now = packed(plan.base.snapshot.addresses().ptr(*address), &mut buffer);
        edits.push(PtrEdit { address: *address, before: now, after: *before });
        let shown = |run: &mut Option<Run>, declared| {
            if !run.as_ref().is_some_and(|run| run.range.contains(*address)) {
                *run = Some(Run::at(declared, *address));
            }
            match run.as_ref().map(|run| &run.shown) {
                Some(Shown::Here(zone)) => Some(zone.clone()),
                _ => None,
            }
        };
        zones.extend(shown(&mut old, &plan.base.declared).map(|zone| zone.id));
        let shown_by = shown(&mut new, &plan.next.declared);
        zones.extend(shown_by.as_ref().map(|zone| zone.id));
        if before.is_none() {
            continue;
        }
        if new.as_ref().is_some_and(|run| run.block.is_none()) {
            return Err(conflict(format!(
                "{address} belongs to no block any more: its PTR cannot come back"
            ))
            .hint("add the block first"));
        }
        let zone = shown_by.and_then(|meta| plan.next.snapshot.zone(&meta.apex));
        if let Some(zone) = zone
            && let Some((owner, rtype)) = in_the_way(zone, *address)
        {
            return Err(owner_in_the_way(*address, zone, &owner, rtype));
        }
    }
    let count = edits.len() as u64;
    plan.put_ptrs(edits);
    for zone in zones {
        if plan.declared().zone_by_id(zone).is_some() {
            plan.mark(zone);
        }
    }
    Ok(count)
}

/// Zones that came back whole: their records stood together once, but not with what is derived now.
fn check_returned_zones(plan: &Plan<'_>, rows: &Rows<'_>) -> Result<(), Problem> {
    let native = |row: &&ZoneRow| row.kind != ZoneKind::Verbatim;
    for row in rows.zones.values().filter_map(comes).filter(native) {
        let Some((_, zone)) = zone_by_id(&plan.next, row.id) else { continue };
        for (owner, rrset) in crate::plan::stored_records(zone) {
            if owner != row.apex {
                rules::check_underived(plan, zone, &owner, Some(rrset.rtype))?;
            }
        }
    }
    Ok(())
}

/// No block may be left without a zone that shows it, no PTR without a block.
fn check_shown(plan: &Plan<'_>, rows: &Rows<'_>) -> Result<(), Problem> {
    let mut ranges: Vec<AddrRange> = Vec::new();
    for step in rows.blocks.values() {
        ranges.extend([step.0, step.1].into_iter().flatten().map(|block| block.range));
    }
    for step in rows.zones.values() {
        ranges.extend([step.0, step.1].into_iter().flatten().filter_map(|zone| match &zone.kind {
            ZoneKind::Range(prefix) => Some(prefix.range()),
            ZoneKind::Classless { range, .. } => Some(*range),
            ZoneKind::Verbatim => ptrd_wire::ReversePrefix::of_apex(&zone.apex).map(|prefix| prefix.range()),
        }));
    }
    for range in ranges {
        for run in runs(plan.declared(), &range) {
            let last = run.range.last().min(range.last());
            let Ok(inside) = AddrRange::new(run.range.first(), last) else { continue };
            observed::check_left(plan, &inside)?;
            match (&run.block, &run.shown) {
                (Some(block), Shown::Nobody) if block.mode != Mode::Observed => {
                    let was = Run::at(&plan.base.declared, inside.first());
                    if was.block.is_none() || !matches!(was.shown, Shown::Nobody) {
                        return Err(conflict(format!("no zone would show the block {}", block.range))
                            .hint("roll back or remove that block first"));
                    }
                }
                (None, _) => {
                    let ptrs = count_ptrs(&plan.next.snapshot, &inside);
                    let marks = plan.declared().sending_in(&inside).count() as u64;
                    let left = Cleared { ptrs, marks, records: 0 }.counted();
                    if !left.is_empty() {
                        return Err(conflict(format!("{left} in {inside} would belong to no block"))
                            .hint("delete them first"));
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}

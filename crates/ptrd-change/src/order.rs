//! From an authorised request to a plan.

use crate::authorise::{Authorised, Caller, authorise};
use crate::evidence::Evidence;
use crate::plan::{Plan, Planned, State};
use crate::problem::internal;
use crate::replay::replay;
use crate::request::{Order, Request};
use crate::{
    adopt, block, defaults, fleet, make, pending, post, promote, prune, ptr, pull, record, resell, rollback,
    rrsets, sending, sets, tenant, token, unblock, update, zone, zone_set,
};
use ptrd_api::Problem;
use ptrd_zone::Workspace;

/// Authorises and plans a request on what is there.
pub(crate) fn plan_request(
    state: &State,
    caller: &Caller,
    request: &Request,
    now: i64,
    workspace: &mut Workspace,
) -> Result<Planned, Problem> {
    plan_authorised(state, &authorise(caller, request, state, now)?, &request.evidence, now, workspace)
}

fn plan_authorised(
    state: &State,
    request: &Authorised<'_>,
    evidence: &Evidence,
    now: i64,
    workspace: &mut Workspace,
) -> Result<Planned, Problem> {
    if let Order::Replay { commit, after } = request.order() {
        return replay(state, commit, *after, workspace);
    }
    let mut plan = Plan::new(state, now, workspace).with_evidence(evidence);
    let summary = fill(&mut plan, request)?;
    plan.finish(request.log(), summary)
}

fn fill(plan: &mut Plan<'_>, request: &Authorised<'_>) -> Result<String, Problem> {
    match request.order() {
        Order::TenantAdd { name } => tenant::add_tenant(plan, name),
        Order::TenantRemove { name, expect } => tenant::remove_tenant(plan, name, expect.as_ref()),
        Order::BlockAdd(new) => block::add(plan, new),
        Order::TenantSet { name, reseller, expect } => {
            resell::set_reseller(plan, name, reseller.as_deref(), expect.as_ref())
        }
        Order::BlockRemove(removal) => unblock::remove(plan, removal),
        Order::BlockChange(change) => change.plan(plan),
        Order::Defaults(new) => defaults::set(plan, new),
        Order::NsSet(deed) => sets::plan_ns_set(plan, deed),
        Order::SoaTemplate(deed) => sets::plan_soa_template(plan, deed),
        Order::ZoneSet(references) => zone_set::plan(plan, references),
        Order::Ptr(write) => ptr::plan(plan, request.rights(), write),
        Order::Batch(batch) => batch.plan(plan, request.rights()),
        Order::Sending(deed) => sending::plan(plan, request.rights(), deed),
        Order::Pending(deed) => pending::plan(plan, request.rights(), deed),
        Order::Update(order) => update::plan(plan, order),
        Order::Record(order) => record::plan(plan, order),
        Order::ZoneAdd { apex, tenant, start } => zone::add(plan, apex, tenant, start),
        Order::ZoneRemove { apex, expect } => zone::remove(plan, apex, expect.as_ref()),
        Order::ZoneImport(zones) => zone::import(plan, zones),
        Order::Rrsets(order) => rrsets::plan(plan, request.rights(), order),
        Order::ZoneMake(order) => make::plan(plan, request.rights(), order),
        Order::ZoneDrop { apex } => make::drop(plan, apex),
        Order::ZoneAdopt(adoption) => adopt::plan(plan, adoption),
        Order::Access(deed) => fleet::plan_access(plan, deed),
        Order::Names(deed) => fleet::plan_names(plan, deed),
        Order::Key(deed) => fleet::plan_key(plan, deed),
        Order::Token(deed) => token::plan_token(plan, request.rights(), deed, &request.log().actor),
        Order::Notify(deed) => fleet::plan_notify(plan, deed),
        Order::Catalog(deed) => fleet::plan_catalog(plan, deed),
        Order::Follow(deed) => fleet::plan_follow(plan, deed),
        Order::Consume(deed) => fleet::plan_consume(plan, deed),
        Order::CatalogApply(order) => fleet::plan_apply(plan, order),
        Order::Pull(order) => pull::plan(plan, order),
        Order::Rollback(undone) => rollback::plan(plan, undone),
        Order::LogPrune(prune) => prune::plan(plan, prune),
        Order::Lineage => post::plan_lineage(plan),
        Order::Promote(promotion) => promote::plan(plan, promotion),
        Order::Replay { .. } | Order::Replace(_) => Err(internal("what is no plan was planned")),
        Order::HistoryLimit { octets } => prune::plan_history_limit(plan, *octets),
        Order::LogRetain { keep } => prune::plan_retention(plan, *keep),
    }
}

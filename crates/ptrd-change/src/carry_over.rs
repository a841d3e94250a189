//! From a store that knew no NS sets: once, after its schema was brought up to date.
//!
//! What the defaults said goes into the set and the template named `default`, and every native zone whose apex shows
//! just that references them from now on. Others keep the records that they have, as overrides. All of it is one change
//! of the log, and no zone shows anything else than before.

use crate::authorise::Log;
use crate::defaults;
use crate::plan::{Plan, State};
use crate::problem::{count, internal};
use ptrd_api::{DefaultsView, Problem};
use ptrd_store::{Commit, Edit};
use ptrd_wire::{Name, RecordType, Ttl};
use ptrd_zone::model::{NsSet, SoaTemplate, ZoneKind};
use ptrd_zone::{Workspace, Zone, ZoneMeta};

/// The setting by which a migration asks for this.
pub(crate) const SETTING: &str = "carry-over";

/// What a load found to be carried over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CarryOver {
    /// The value of [`SETTING`].
    pub asked: String,
    /// The defaults of that time, where they were ever set.
    pub defaults: Option<DefaultsView>,
}

/// Plans it.
pub(crate) fn plan(
    state: &State,
    carry: &CarryOver,
    now: i64,
    workspace: &mut Workspace,
) -> Result<(State, Commit), Problem> {
    let mut plan = Plan::new(state, now, workspace);
    let (set, template) = defaults::of(plan.declared());
    let (set, template) = match &carry.defaults {
        Some(view) => of_view(view, &set, &template).map_err(internal)?,
        None => (set, template),
    };
    if carry.defaults.is_some() {
        plan.put_ns_set(set.clone());
        plan.put_soa_template(template.clone());
        let json = defaults::to_json(plan.declared().defaults());
        plan.edit(Edit::Setting {
            name: defaults::SETTING.to_owned(),
            before: carry.defaults.as_ref().and_then(|view| serde_json::to_string(view).ok()),
            after: Some(json),
        });
    }
    plan.edit(Edit::Setting { name: SETTING.to_owned(), before: Some(carry.asked.clone()), after: None });
    let zone_ttl = plan.declared().defaults().zone_ttl;
    let native: Vec<ZoneMeta> = plan
        .declared()
        .zones()
        .filter(|zone| zone.kind != ZoneKind::Verbatim && zone.ns_set.is_none())
        .map(|zone| ZoneMeta::clone(zone))
        .collect();
    let (mut referencing, total) = (0, native.len());
    for mut meta in native {
        let Some(zone) = plan.zone(&meta.apex).cloned() else { continue };
        let (same_ns, same_soa) =
            (shows_set(&zone, &set, zone_ttl), shows_template(&zone, &template, zone_ttl));
        referencing += u64::from(same_ns && same_soa);
        // Every native zone has a set to go back to; records of its own go only where the set says the same.
        meta.ns_set = Some(set.id);
        meta.soa_template = same_soa.then_some(template.id);
        plan.put_references(meta, same_ns.then_some(None));
    }
    let log = Log {
        actor: "ptrd".to_owned(),
        origin: "start".to_owned(),
        reason: None,
        kind: "carry-over",
        request: "{}".to_owned(),
    };
    let zones = count(total as u64, "native zone");
    let planned =
        plan.finish(&log, format!("{referencing} of {zones} as the defaults: they reference them"))?;
    let commit = planned.commit.ok_or_else(|| internal("a carry-over without a change"))?;
    Ok((planned.next, commit))
}

fn of_view(view: &DefaultsView, set: &NsSet, template: &SoaTemplate) -> Result<(NsSet, SoaTemplate), String> {
    let name = |text: &String| text.parse::<Name>().map_err(|error| format!("setting defaults: {error}"));
    let nameservers: Vec<Name> = view.nameservers.iter().map(name).collect::<Result<_, _>>()?;
    let template = SoaTemplate {
        rname: name(&view.rname)?,
        refresh: view.refresh,
        retry: view.retry,
        expire: view.expire,
        minimum: Ttl::from_secs(view.minimum),
        ..template.clone()
    };
    Ok((NsSet { nameservers, ..set.clone() }, template))
}

/// Whether the zone's own NS RRset is what the set gives, in the same order: MNAME may be the first.
fn shows_set(zone: &Zone, set: &NsSet, zone_ttl: Ttl) -> bool {
    let own = zone.names().node(&[]).and_then(|node| node.rrset(RecordType::NS));
    own.is_none_or(|own| {
        own.rdatas().eq(set.nameservers.iter().map(Name::as_wire)) && own.ttl == set.ttl.unwrap_or(zone_ttl)
    })
}

/// Whether the zone's own SOA is what the template gives.
fn shows_template(zone: &Zone, template: &SoaTemplate, zone_ttl: Ttl) -> bool {
    let first = zone.apex_ns().and_then(|ns| Name::from_wire(ns.rdatas().next()?).ok());
    let soa = template.soa(zone.soa().serial, first);
    *soa.to_wire() == *zone.soa_rdata() && zone.soa_ttl() == template.ttl.unwrap_or(zone_ttl)
}

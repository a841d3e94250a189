//! What zones reference: an NS set, a SOA template, a serial policy.

use crate::plan::Plan;
use crate::powerdns_kind::PowerdnsKind;
use crate::problem::{bad, count, invalid};
use crate::request::read_name;
use crate::sets::{OWN, ns_set_named, read_policy, soa_template_named};
use crate::version;
use crate::zone::unknown_zone;
use ptrd_api::{ChangeRequest, Problem, ZoneSet, ZoneStart};
use ptrd_wire::Name;
use ptrd_zone::model::{NsSetId, SerialPolicy, SoaTemplateId, ZoneKind};
use ptrd_zone::{Declared, ZoneMeta};
use std::collections::BTreeSet;

/// The word for the policy of the SOA template.
const OF_TEMPLATE: &str = "template";

/// What a new zone references that is not to start as the defaults say.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Start {
    pub ns_set: Option<NsSetId>,
    pub soa_template: Option<SoaTemplateId>,
}

impl Start {
    pub fn read(declared: &Declared, start: &ZoneStart) -> Result<Start, Problem> {
        let ns_set = start.ns_set.as_deref().map(|name| ns_set_named(declared, name)).transpose()?;
        let template =
            start.soa_template.as_deref().map(|name| soa_template_named(declared, name)).transpose()?;
        Ok(Start { ns_set: ns_set.map(|set| set.id), soa_template: template.map(|template| template.id) })
    }
}

/// A request, read.
#[derive(Debug)]
pub(crate) struct References {
    apexes: Vec<Name>,
    ns_set: Option<String>,
    soa_template: Option<String>,
    serial_policy: Option<Option<SerialPolicy>>,
    powerdns_kind: Option<PowerdnsKind>,
    companion: Option<bool>,
    expect: Option<String>,
}

impl References {
    pub fn read(set: &ZoneSet) -> Result<References, Problem> {
        let apexes: BTreeSet<Name> =
            set.apexes.iter().map(|text| read_name("the zone", text)).collect::<Result<_, _>>()?;
        if apexes.is_empty() {
            return Err(bad("no zone was given"));
        }
        let is_empty = set.ns_set.is_none()
            && set.soa_template.is_none()
            && set.serial_policy.is_none()
            && set.powerdns_kind.is_none()
            && set.companion.is_none();
        if is_empty {
            return Err(bad(
                "nothing to set: give an NS set, a SOA template, a serial policy, or whether it is a companion zone",
            ));
        }
        if set.expect.is_some() && apexes.len() > 1 {
            return Err(bad("a version to expect goes with one zone, and several were named")
                .hint("set them one by one, or leave `expect` out"));
        }
        let serial_policy = match set.serial_policy.as_deref() {
            Some(OF_TEMPLATE) => Some(None),
            Some(text) => Some(Some(read_policy(text)?)),
            None => None,
        };
        Ok(References {
            apexes: apexes.into_iter().collect(),
            ns_set: set.ns_set.clone(),
            soa_template: set.soa_template.clone(),
            serial_policy,
            powerdns_kind: set.powerdns_kind.as_deref().map(PowerdnsKind::read).transpose()?,
            companion: set.companion,
            expect: set.expect.clone(),
        })
    }

    /// Whether it changes much at once.
    pub fn is_large(&self) -> bool {
        self.apexes.len() > 64
    }
}

/// Apexes that the log's account of a request lists; the edits have all of them.
const LOGGED: usize = 100;

/// The request for the log: as it came, but of many zones the first only.
pub(crate) fn to_log(set: &ZoneSet) -> serde_json::Result<String> {
    let apexes = set.apexes.iter().take(LOGGED).cloned().collect();
    let mut json = serde_json::to_value(ChangeRequest::ZoneSet(ZoneSet { apexes, ..set.clone() }))?;
    if set.apexes.len() > LOGGED {
        json["zones"] = set.apexes.len().into();
    }
    serde_json::to_string(&json)
}

/// Makes a zone a companion, or no longer.
fn set_companion(plan: &mut Plan<'_>, meta: &ZoneMeta, is_companion: bool) -> Result<(), Problem> {
    if is_companion {
        if meta.kind != ZoneKind::Verbatim {
            return Err(invalid(format!(
                "{} is a native zone: addresses follow from PTRs in forward zones alone",
                meta.apex
            )));
        }
        crate::fleet::check_companion_apex(&meta.apex)?;
    }
    plan.put_companion(meta.id, is_companion)
}

/// Plans the request.
pub(crate) fn plan(plan: &mut Plan<'_>, references: &References) -> Result<String, Problem> {
    let named = |name: &Option<String>| name.clone().filter(|name| name != OWN);
    let ns_set = match named(&references.ns_set) {
        Some(name) => Some(ns_set_named(plan.declared(), &name)?.id),
        None => None,
    };
    let soa_template = match named(&references.soa_template) {
        Some(name) => Some(soa_template_named(plan.declared(), &name)?.id),
        None => None,
    };
    for apex in &references.apexes {
        let before = plan.declared().zone(apex).cloned().ok_or_else(|| unknown_zone(apex))?;
        let zone = plan.zone(apex).cloned().ok_or_else(|| unknown_zone(apex))?;
        if references.ns_set.is_some() {
            crate::fleet::refuse_catalog(plan.declared(), &before)?;
        }
        let found = || version::of_zone(&before, &zone);
        version::check(|| format!("the zone {apex}"), references.expect.as_ref(), found)?;
        let mut meta = ZoneMeta::clone(&before);
        if references.ns_set.is_some() {
            meta.ns_set = ns_set;
        }
        if references.soa_template.is_some() {
            meta.soa_template = soa_template;
        }
        if let Some(policy) = references.serial_policy {
            meta.serial_policy = policy;
        }
        let lets_go = (meta.ns_set.is_none() && references.ns_set.is_some())
            || (meta.soa_template.is_none() && references.soa_template.is_some());
        if lets_go && meta.kind != ZoneKind::Verbatim {
            return Err(invalid(format!(
                "{apex} is a native zone: it references an NS set and a SOA template"
            ))
            .hint(
                "make a set of its own: `ptrctl ns-set add NAME --ns …`; or `ptrctl record set APEX NS …`",
            ));
        }
        // Records of its own would stand in the way of the set; when it lets go of one, what it shows is its own.
        let own_ns = match (&references.ns_set, meta.ns_set) {
            (Some(_), Some(_)) => Some(None),
            (Some(_), None) => zone.apex_ns().map(|shown| Some(shown.to_rrset())),
            (None, _) => None,
        };
        let id = meta.id;
        plan.put_references(meta, own_ns);
        if let Some(kind) = references.powerdns_kind {
            plan.put_powerdns_kind(id, kind);
        }
        if let Some(is_companion) = references.companion {
            set_companion(plan, &before, is_companion)?;
        }
    }
    let zones = count(references.apexes.len() as u64, "zone");
    match references.apexes.as_slice() {
        [apex] => Ok(format!("zone {apex} set")),
        _ => Ok(format!("{zones} set")),
    }
}

//! What zones reference: an NS set, a SOA template, a serial policy.

use crate::plan::Plan;
use crate::problem::{bad, count, invalid};
use crate::request::read_name;
use crate::sets::{OWN, ns_set_named, read_policy, soa_template_named};
use crate::zone::unknown_zone;
use ptrd_api::{ChangeRequest, Problem, ZoneSet};
use ptrd_wire::Name;
use ptrd_zone::ZoneMeta;
use ptrd_zone::model::{SerialPolicy, ZoneKind};
use std::collections::BTreeSet;

/// The word for the policy of the SOA template.
const OF_TEMPLATE: &str = "template";

/// A request, read.
#[derive(Debug)]
pub(crate) struct References {
    apexes: Vec<Name>,
    ns_set: Option<String>,
    soa_template: Option<String>,
    serial_policy: Option<Option<SerialPolicy>>,
}

impl References {
    pub fn read(set: &ZoneSet) -> Result<References, Problem> {
        let apexes: BTreeSet<Name> =
            set.apexes.iter().map(|text| read_name("the zone", text)).collect::<Result<_, _>>()?;
        if apexes.is_empty() {
            return Err(bad("no zone was given"));
        }
        if set.ns_set.is_none() && set.soa_template.is_none() && set.serial_policy.is_none() {
            return Err(bad("nothing to set: give an NS set, a SOA template or a serial policy"));
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
        plan.put_references(meta, own_ns);
    }
    let zones = count(references.apexes.len() as u64, "zone");
    match references.apexes.as_slice() {
        [apex] => Ok(format!("zone {apex} set")),
        _ => Ok(format!("{zones} set")),
    }
}

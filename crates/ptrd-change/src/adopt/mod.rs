//! Verbatim zones become native: PTRs go to their addresses, complete RFC 2317 CNAME sets and cuts become blocks.
//!
//! Nothing that is answered changes. What fits the model is recognised ([`sets`], [`cuts`]); whatever does not stays as
//! a record of the native zone, which can hold it all the same. At the end every RRset of every zone that was touched is
//! compared with what it was, and a zone that would differ in anything but its serial is left out ([`proof`]).
//!
//! - RFC 2317, RFC 4183 (CNAME sets and their labels), RFC 1034 §4.2.1 (cuts), RFC 1101 (network names stay records)
//!
//! Writing recognised things by their own requests (`block add`, `ptr set`) was the other way: it would judge what is
//! there by the rules for what is new, and a zone that was good enough for years would be refused for an underscore.

mod build;
mod carry;
mod cuts;
mod label;
mod proof;
mod scan;
mod sets;

use crate::fleet;
use crate::plan::Plan;
use crate::problem::{LISTED_ERRORS, bad, conflict, count, not_found};
use build::Builder;
use ptrd_api::{LineError, Problem, REPORT_LEFT_OUT};
use ptrd_wire::Name;
use ptrd_zone::model::ZoneKind;
use std::collections::{BTreeMap, BTreeSet};

/// How often zones that turned out not to fit are left out and the rest is tried again.
const ATTEMPTS: usize = 16;

/// Which zones to adopt.
#[derive(Debug)]
pub(crate) struct Adoption {
    apexes: Vec<Name>,
    all: bool,
}

/// Zones that stay verbatim, and why.
type LeftOut = BTreeMap<Name, String>;

/// Reads the request.
pub(crate) fn read(apexes: &[String], all: bool) -> Result<Adoption, Problem> {
    if all && !apexes.is_empty() {
        return Err(bad("zones were named, and all were asked for").hint("leave one of the two out"));
    }
    if !all && apexes.is_empty() {
        return Err(bad("no zone was named").hint("name zones, or say --all"));
    }
    let apexes = apexes.iter().map(|text| crate::request::read_name("the apex", text));
    Ok(Adoption { apexes: apexes.collect::<Result<_, _>>()?, all })
}

/// Plans the adoption.
pub(crate) fn plan(plan: &mut Plan<'_>, order: &Adoption) -> Result<String, Problem> {
    let named = named(plan, order)?;
    let todo: BTreeSet<Name> = match order.all {
        true => verbatim(plan).collect(),
        false => named.clone(),
    };
    let mut left_out = LeftOut::new();
    for _ in 0..ATTEMPTS {
        plan.reset();
        let done = Builder::new(plan, &todo, &mut left_out).build()?;
        refuse(&named, &left_out)?;
        let Some(done) = done else { continue };
        for (apex, reason) in &left_out {
            plan.tell(apex, REPORT_LEFT_OUT, reason);
        }
        let mut summary = format!("{} adopted: {}", count(done.zones, "zone"), count(done.ptrs, "PTR"));
        summary.push_str(&format!(", {}", count(done.blocks, "block")));
        if !left_out.is_empty() {
            summary.push_str(&format!(", {} left out", left_out.len()));
        }
        return Ok(summary);
    }
    Err(conflict("zones that depend on each other cannot be adopted together").hint("adopt them one by one"))
}

fn verbatim<'p>(plan: &'p Plan<'_>) -> impl Iterator<Item = Name> + 'p {
    let declared = &plan.base.declared;
    let zones = declared.zones().filter(|zone| zone.kind == ZoneKind::Verbatim);
    zones.filter(|zone| declared.catalog(zone.id).is_none()).map(|zone| zone.apex.clone())
}

/// The zones that were named, all of them there and verbatim.
fn named(plan: &Plan<'_>, order: &Adoption) -> Result<BTreeSet<Name>, Problem> {
    let mut named = BTreeSet::new();
    for apex in &order.apexes {
        let zone = plan.base.declared.zone(apex);
        let zone = zone.ok_or_else(|| {
            not_found(format!("no zone {apex} is served here"))
                .hint("`ptrctl zone list --kind verbatim` lists those that can be adopted")
        })?;
        fleet::refuse_catalog(&plan.base.declared, zone)?;
        if zone.kind != ZoneKind::Verbatim {
            return Err(conflict(format!("{apex} is native already (kind {})", zone.kind.word())));
        }
        named.insert(zone.apex.clone());
    }
    Ok(named)
}

/// Whoever names zones means all of them.
fn refuse(named: &BTreeSet<Name>, left_out: &LeftOut) -> Result<(), Problem> {
    let refused: Vec<(&Name, &String)> = left_out.iter().filter(|(apex, _)| named.contains(apex)).collect();
    if refused.is_empty() {
        return Ok(());
    }
    let total = refused.len() as u64;
    let mut problem = conflict(format!("{} cannot be adopted; nothing was changed", count(total, "zone")));
    let line = |(apex, reason): (&Name, &String)| LineError {
        file: Some(apex.to_string()),
        line: 0,
        message: reason.clone(),
    };
    problem.errors = refused.into_iter().take(LISTED_ERRORS).map(line).collect();
    problem.errors_total = total;
    Err(problem.hint("a zone stays verbatim until that is mended; --all adopts those that fit"))
}

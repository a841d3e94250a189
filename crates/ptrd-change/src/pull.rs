//! What the primary of a zone sent takes its place: whole, or step by step, with the primary's serial exactly, as one change.
//!
//! A zone that is pulled is verbatim: whatever its primary has is kept, occluded names too. Refused is only what no server can
//! answer from: a zone without nameservers, a CNAME beside other data, data without the form of its type, an RRset that fits
//! into no message. Then the version before stays.
//!
//! Names in steps are compared as RFC 4034 §6.2 and RFC 3597 §7 have it: primaries delete with other letter case than they
//! added with.

use crate::plan::Plan;
use crate::problem::{conflict, count, internal, invalid, not_found};
use crate::rules::MAX_RRSET;
use crate::signed;
use crate::zone::{put_soa, replace_zone};
use ptrd_api::Problem;
use ptrd_master::MasterZone;
use ptrd_wire::{Name, RecordType, RrSet, same_rdata};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{Outage, Pulled, PulledStep, STATEMENT, Zone, ZoneMeta};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

/// What is to take a zone's place.
#[derive(Debug)]
pub(crate) struct PullOrder {
    zone: ZoneId,
    from: SocketAddr,
    content: Content,
    /// Whatever the serial.
    forced: bool,
}

#[derive(Debug)]
enum Content {
    Whole(MasterZone),
    Steps(Vec<PulledStep>),
}

impl PullOrder {
    pub fn new(zone: ZoneId, from: SocketAddr, pulled: Pulled, forced: bool) -> PullOrder {
        let content = match pulled {
            Pulled::Whole(whole) => Content::Whole(MasterZone {
                apex: Name::root(),
                soa: whole.soa,
                soa_ttl: whole.soa_ttl,
                records: whole.records,
                warnings: Vec::new(),
            }),
            Pulled::Steps(steps) => Content::Steps(steps),
        };
        PullOrder { zone, from, content, forced }
    }

    /// How many records and RRsets it has.
    pub fn records(&self) -> usize {
        match &self.content {
            Content::Whole(zone) => zone.records.len(),
            Content::Steps(steps) => steps.iter().map(|step| step.removed.len() + step.added.len()).sum(),
        }
    }

    pub fn to_log(&self) -> String {
        let how = match &self.content {
            Content::Whole(_) => "whole",
            Content::Steps(_) => "steps",
        };
        serde_json::json!({
            "zone": self.zone, "from": self.from.to_string(), "how": how, "records": self.records(),
        })
        .to_string()
    }
}

/// Plans it.
pub(crate) fn plan(plan: &mut Plan<'_>, order: &PullOrder) -> Result<String, Problem> {
    let meta = plan.declared().zone_by_id(order.zone).cloned().filter(|meta| {
        let follows = plan.next.snapshot.follows();
        follows.of(meta.id).is_some()
    });
    let meta = meta.ok_or_else(|| not_found("the zone is gone, or is not followed any more"))?;
    let zone = plan.zone(&meta.apex).cloned().ok_or_else(|| internal("the zone has no content"))?;
    plan.let_pull();
    let before = zone.soa().serial;
    let after = match &order.content {
        Content::Whole(whole) => whole.soa.serial,
        Content::Steps(steps) => steps.last().ok_or_else(|| internal("no steps"))?.soa.serial,
    };
    if zone.outage() != Some(Outage::Awaited) && !order.forced && !after.is_after(before) {
        return Err(conflict(format!(
            "the serial {after} of the primary is not after {before}, which is here"
        ))
        .hint(format!("`ptrctl zone refresh {} --whole` takes the zone as it is there", meta.apex)));
    }
    let owners = match &order.content {
        Content::Whole(whole) => {
            replace_zone(plan, &meta, whole, true);
            whole.records.iter().map(|(owner, _)| owner.clone()).collect()
        }
        Content::Steps(steps) => apply(plan, &meta, &zone, steps)?,
    };
    check(plan, &meta, &owners)?;
    plan.alter(&meta.apex, |zone| zone.set_outage(None));
    let how = match &order.content {
        Content::Whole(whole) => count(whole.records.len() as u64, "RRset"),
        Content::Steps(steps) => count(steps.len() as u64, "step"),
    };
    Ok(format!("{} pulled from {}: serial {after}, {how}", meta.apex, order.from))
}

/// RRsets as steps leave them.
struct Overlay<'z> {
    zone: &'z Zone,
    altered: BTreeMap<(Name, RecordType), Option<RrSet>>,
}

impl Overlay<'_> {
    fn rrset(&mut self, owner: &Name, rtype: RecordType) -> &mut Option<RrSet> {
        let zone = self.zone;
        self.altered.entry((owner.clone(), rtype)).or_insert_with(|| {
            let node = zone.names().node(&owner.key_below(zone.apex_labels()));
            node.and_then(|node| node.rrset(rtype)).map(|rrset| rrset.to_rrset())
        })
    }

    fn remove(&mut self, owner: &Name, rtype: RecordType, rdata: &[u8]) -> Result<(), Problem> {
        let rrset = self.rrset(owner, rtype);
        let place = rrset
            .as_ref()
            .and_then(|rrset| rrset.rdatas.iter().position(|known| same_rdata(rtype, known, rdata)));
        let (Some(rest), Some(place)) = (rrset.as_mut(), place) else {
            return Err(mismatch(format!("a record of {owner} {rtype} is to go that is not here")));
        };
        rest.rdatas.remove(place);
        if rest.rdatas.is_empty() {
            *rrset = None;
        }
        Ok(())
    }

    fn add(&mut self, record: &ptrd_zone::PulledRecord) -> Result<(), Problem> {
        let (owner, rtype) = (&record.owner, record.rtype);
        let rrset = self.rrset(owner, rtype);
        let Some(there) = rrset else {
            *rrset = Some(RrSet::single(rtype, record.ttl, record.rdata.clone()));
            return Ok(());
        };
        if there.rdatas.iter().any(|known| same_rdata(rtype, known, &record.rdata)) {
            return Err(mismatch(format!("a record of {owner} {rtype} is to come that is here already")));
        }
        // RFC 2181 §5.2: one TTL, the lower where they differ.
        there.ttl = there.ttl.min(record.ttl);
        there.rdatas.push(record.rdata.clone());
        Ok(())
    }
}

fn mismatch(what: String) -> Problem {
    conflict(format!("the steps do not fit what is here: {what}"))
}

/// Applies steps; returns the owners that were touched.
fn apply(
    plan: &mut Plan<'_>,
    meta: &ZoneMeta,
    zone: &Zone,
    steps: &[PulledStep],
) -> Result<BTreeSet<Name>, Problem> {
    let mut overlay = Overlay { zone, altered: BTreeMap::new() };
    let mut serial = zone.soa().serial;
    for step in steps {
        if step.from != serial {
            return Err(mismatch(format!("one starts from serial {}, and {serial} is here", step.from)));
        }
        for (owner, rtype, rdata) in &step.removed {
            overlay.remove(owner, *rtype, rdata)?;
        }
        for record in &step.added {
            overlay.add(record)?;
        }
        serial = step.soa.serial;
    }
    let Overlay { altered, .. } = overlay;
    let owners = altered.keys().map(|(owner, _)| owner.clone()).collect();
    plan.put_rrsets(meta, altered.into_iter().map(|((owner, rtype), rrset)| (owner, rtype, rrset)).collect());
    if let Some(last) = steps.last() {
        put_soa(plan, meta, zone, &last.soa, last.soa_ttl);
        plan.alter(&meta.apex, |zone| zone.set_serial(serial));
        plan.state_serial(meta.id);
        plan.mark(meta.id);
    }
    Ok(owners)
}

/// Refuses a zone from elsewhere that nobody could answer from.
pub(crate) fn check_whole(plan: &Plan<'_>, zone: &MasterZone) -> Result<(), Problem> {
    let meta = plan.declared().zone(&zone.apex).ok_or_else(|| internal("the zone has no content"))?;
    check(plan, meta, &zone.records.iter().map(|(owner, _)| owner.clone()).collect())
}

/// Refuses what nobody could answer from.
fn check(plan: &Plan<'_>, meta: &ZoneMeta, owners: &BTreeSet<Name>) -> Result<(), Problem> {
    let zone = plan.zone(&meta.apex).ok_or_else(|| internal("the zone has no content"))?;
    if zone.apex_ns().is_none() {
        return Err(invalid(format!("{} has no NS records at its apex", meta.apex)));
    }
    signed::check_statements(zone)?;
    for owner in owners {
        let Some(node) = zone.names().node(&owner.key_below(zone.apex_labels())) else { continue };
        // RFC 4035 §2.5, RFC 2181 §10.1.
        let goes_along = |rtype| {
            matches!(rtype, RecordType::CNAME | RecordType::RRSIG | RecordType::NSEC | RecordType::KEY)
        };
        let has_cname = node.rrset(RecordType::CNAME).is_some();
        for rrset in node.rrsets() {
            let rtype = rrset.rtype;
            if has_cname && (!goes_along(rtype) || owner == zone.apex()) {
                return Err(invalid(format!("{owner} has a CNAME beside other data ({rtype})")));
            }
            if matches!(rtype, RecordType::CNAME | RecordType::DNAME) && rrset.len() > 1 {
                return Err(invalid(format!("{owner} has {} {rtype} records", rrset.len())));
            }
            if let Some(error) = rrset.rdatas().find_map(|rdata| ptrd_master::check_rdata(rtype, rdata).err())
            {
                return Err(invalid(format!("{owner} {rtype}: {error}")));
            }
            let octets: usize = rrset.rdatas().map(|rdata| rdata.len() + 12).sum();
            // No answer shows statements.
            if octets > MAX_RRSET && !(rtype == STATEMENT && zone.is_stated() && owner == zone.apex()) {
                return Err(invalid(format!("{owner} {rtype} has {octets} octets: no message carries them")));
            }
        }
    }
    Ok(())
}

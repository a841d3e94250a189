//! Classless blocks that get another label (RFC 2317). The parent's CNAMEs lead to the new one at once; who still has an
//! old CNAME in a cache is answered under the old one too, until that can be so no longer.

use crate::classless::{check_apex, style_and_apex};
use crate::delegate::check_glue;
use crate::plan::{Plan, row_of, stored_records};
use crate::problem::{bad, conflict, invalid, some};
use crate::standing::exact;
use ptrd_api::Problem;
use ptrd_wire::{AddrRange, Name, RecordType, ReversePrefix, RrSet};
use ptrd_zone::model::{Block, BlockId, FormerLabel, LabelStyle, Mode, ZoneKind, ZoneRow, ZoneSoa};
use ptrd_zone::{Declared, Zone, ZoneMeta};
use std::sync::Arc;

/// The longest time that an old label can be kept for before somebody has to ask again: ten years.
const MAX_GRACE: u64 = 10 * 366 * 86_400;

/// A new label, read.
#[derive(Debug)]
pub(crate) struct Relabel {
    pub range: AddrRange,
    pub style: Option<LabelStyle>,
    pub apex: Option<Name>,
    pub grace: Grace,
}

/// How long an old label is answered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grace {
    /// As long as CNAMEs to it can be in caches.
    Caches,
    /// So many seconds.
    Seconds(u64),
    /// Until somebody says that it is enough.
    Open,
}

/// When an old label goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// With this change.
    Now,
    /// At this time, milliseconds since 1970 UTC; `None` for when somebody says so.
    Later(Option<i64>),
}

impl Grace {
    /// Reads what was said of it.
    pub fn read(grace: Option<u64>, keep_old: bool) -> Result<Grace, Problem> {
        match (grace, keep_old) {
            (Some(_), true) => Err(bad("a time of grace and keeping the old label exclude each other")),
            (Some(seconds), false) if seconds > MAX_GRACE => {
                Err(invalid(format!("a time of grace is at most {MAX_GRACE} seconds"))
                    .hint("or use --keep-old"))
            }
            (Some(seconds), false) => Ok(Grace::Seconds(seconds)),
            (None, true) => Ok(Grace::Open),
            (None, false) => Ok(Grace::Caches),
        }
    }

    /// When labels of a block go that are replaced now.
    pub fn until(self, plan: &mut Plan<'_>, block: &Block) -> Until {
        let after = |plan: &Plan<'_>, seconds: u64| {
            let wait = i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX);
            Until::Later(Some(plan.now.saturating_add(wait)))
        };
        match self {
            Grace::Seconds(0) => Until::Now,
            Grace::Seconds(seconds) => after(plan, seconds),
            Grace::Open => Until::Later(None),
            Grace::Caches => match parent(plan, block) {
                // A secondary that missed the NOTIFY hands out old CNAMEs until it has asked again.
                Some(zone) => {
                    let (ttl, soa) = (zone.alias_ttl().as_secs(), zone.soa());
                    after(plan, u64::from(ttl) + u64::from(soa.refresh) + u64::from(soa.retry))
                }
                None => {
                    plan.warn(format!(
                        "the zone that shows {range} is not served here: when its operator has published the CNAMEs \
                         of `ptrctl block parent-records` and the old ones have left the caches, say `ptrctl block \
                         relabel {range} --finish`",
                        range = block.range
                    ));
                    Until::Later(None)
                }
            },
        }
    }
}

/// The zone here in which the block's CNAMEs stand.
fn parent(plan: &Plan<'_>, block: &Block) -> Option<Arc<Zone>> {
    let declared = plan.declared();
    let apex = match declared.taken_by(block.id).map(|taker| &taker.mode) {
        Some(mode) => mode.classless_apex()?.clone(),
        None => {
            let zone = declared.zone_of(&ReversePrefix::new(block.range.first(), 3).name())?;
            matches!(zone.kind, ZoneKind::Range(_)).then(|| zone.apex.clone())?
        }
    };
    plan.zone(&apex).cloned()
}

/// Plans a new label.
pub(crate) fn relabel(plan: &mut Plan<'_>, order: &Relabel) -> Result<String, Problem> {
    let range = &order.range;
    let block = exact(plan.declared(), range)?;
    let old = block.mode.classless_apex().cloned().ok_or_else(|| {
        invalid(format!("the block {range} is {}: it has no label", block.mode.word()))
            .hint("only blocks with a classless zone or a classless delegation have one")
    })?;
    let (style, apex) = style_and_apex(plan.declared(), range, order.style.as_ref(), order.apex.as_ref())?;
    if apex == old {
        return Err(conflict(format!("the block {range} has the label {old} already")));
    }
    check_apex(plan, &apex)?;
    let until = order.grace.until(plan, &block);
    let mut after = block.clone();
    let mut former = FormerLabel { apex: old.clone(), delegation: None, until: None };
    match &block.mode {
        Mode::DelegatedClassless { delegation, .. } => {
            former.delegation = Some(delegation.clone());
            let mut delegation = delegation.clone();
            check_glue(&delegation, std::slice::from_ref(&apex), 1)?;
            if !delegation.ds.is_empty() {
                delegation.ds.clear();
                plan.warn(format!(
                    "the DS of {old} is not one of {apex}: its digest covers the zone's name (RFC 4034 §5.1.4); the \
                     new zone is delegated unsigned"
                ));
            }
            after.mode = Mode::DelegatedClassless { style, apex: apex.clone(), delegation };
        }
        _ => {
            after.mode = Mode::Classless { style, apex: apex.clone() };
            let whole = [LabelledZone { apex: &apex, range: *range, block: block.id }];
            copy_zone(plan, &old, &whole)?;
        }
    }
    if let Until::Later(until) = until {
        after.standing.former.push(FormerLabel { until, ..former });
    }
    plan.change_block(&block, after);
    if until == Until::Now {
        drop_zone(plan, &old);
    }
    Ok(format!("block {range} relabelled from {old} to {apex}{}", said(until, &old)))
}

/// What a summary says of the old label.
pub(crate) fn said(until: Until, old: &impl std::fmt::Display) -> String {
    match until {
        Until::Now => String::new(),
        Until::Later(None) => format!("; {old} goes on being answered for until --finish"),
        Until::Later(Some(at)) => {
            let at = jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::MAX);
            let at = at.round(jiff::Unit::Second).unwrap_or(at);
            format!("; {old} goes on being answered for until {at}")
        }
    }
}

/// Stops serving the zone of a label that no block has any more.
pub(crate) fn drop_zone(plan: &mut Plan<'_>, apex: &Name) {
    let zone = plan.declared().zone(apex).cloned();
    if let Some(zone) = zone.filter(|zone| matches!(zone.kind, ZoneKind::Classless { .. })) {
        plan.remove_zone(&zone);
    }
}

/// Plans the end of old labels; of all, or of those whose time has passed.
pub(crate) fn finish(plan: &mut Plan<'_>, range: &AddrRange, due: bool) -> Result<String, Problem> {
    let block = exact(plan.declared(), range)?;
    let now = plan.now;
    let goes = |label: &&FormerLabel| !due || label.until.is_some_and(|until| until <= now);
    let apexes: Vec<Name> =
        block.standing.former.iter().filter(goes).map(|label| label.apex.clone()).collect();
    if apexes.is_empty() && !due {
        return Err(conflict(format!("the block {range} answers for no label of before")));
    }
    for apex in &apexes {
        plan.drop_label(apex);
    }
    Ok(format!("block {range}: no longer answered for {}", some(&apexes, 4)))
}

/// The block with labels whose time has passed, if there is one.
pub(crate) fn due(declared: &Declared, now: i64) -> Option<AddrRange> {
    let is_due = |label: &FormerLabel| label.until.is_some_and(|until| until <= now);
    declared.relabelled().find(|block| block.standing.former.iter().any(is_due)).map(|block| block.range)
}

/// A zone to be made of another one.
pub(crate) struct LabelledZone<'a> {
    pub apex: &'a Name,
    pub range: AddrRange,
    pub block: BlockId,
}

/// Makes classless zones that have what the one with the old label has: SOA, NS and other records, at names moved along
/// with the apex. A record at an address goes where the address goes.
pub(crate) fn copy_zone(plan: &mut Plan<'_>, old: &Name, new: &[LabelledZone<'_>]) -> Result<(), Problem> {
    let meta: Option<Arc<ZoneMeta>> = plan.declared().zone(old).cloned();
    let Some((meta, zone)) = meta.and_then(|meta| Some((meta, plan.zone(old)?.clone()))) else {
        return Err(crate::problem::internal(format!("the zone {old} has no content")));
    };
    let row = row_of(&meta, &zone);
    let serial = plan.first_serial(plan.declared().serial_policy(&meta));
    for made in new {
        let mut soa = row.soa.clone();
        if let ZoneSoa::Own { soa, .. } = &mut soa {
            soa.mname = moved(&soa.mname, old, made.apex)?;
            soa.rname = moved(&soa.rname, old, made.apex)?;
        }
        soa.set_serial(serial);
        let kind = ZoneKind::Classless { block: made.block, range: made.range };
        let records = records_for(&zone, old, made)?;
        plan.add_zone(ZoneRow { apex: made.apex.clone(), kind, soa, ..row.clone() }, records);
    }
    Ok(())
}

/// The records of a zone, moved to another apex.
pub(crate) fn records_for(
    zone: &Zone,
    old: &Name,
    made: &LabelledZone<'_>,
) -> Result<Vec<(Name, RrSet)>, Problem> {
    let is_here = |owner: &Name| {
        crate::classless::address_at(zone, owner).is_none_or(|(address, _)| made.range.contains(address))
    };
    stored_records(zone)
        .filter(|(owner, _)| is_here(owner))
        .map(|(owner, mut rrset)| {
            // Data that is one name, such as that of a nameserver in the zone.
            let is_name = matches!(
                rrset.rtype,
                RecordType::NS | RecordType::CNAME | RecordType::PTR | RecordType::DNAME
            );
            if is_name {
                for rdata in &mut rrset.rdatas {
                    if let Ok(target) = Name::from_wire(rdata) {
                        *rdata = moved(&target, old, made.apex)?.as_wire().into();
                    }
                }
            }
            Ok((moved(&owner, old, made.apex)?, rrset))
        })
        .collect()
}

/// A name at or below one apex, at the same place below another; other names as they are.
fn moved(name: &Name, from: &Name, to: &Name) -> Result<Name, Problem> {
    if !name.is_at_or_under(from) {
        return Ok(name.clone());
    }
    let below = name.label_count() - from.label_count();
    Name::from_labels(name.labels().take(below), to).map_err(|_| {
        invalid(format!("{name} would be too long below {to}"))
            .hint("choose a shorter label, or delete the record")
    })
}

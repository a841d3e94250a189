//! Blocks that are split and merged. Answers stay what they are, record by record; where they cannot, because a classless
//! zone has the label of its range, the old zones go on being answered for as after a relabelling, and where a customer's
//! nameservers would have to serve other zones, it is refused.

use crate::classless::{check_apex, styled};
use crate::plan::Plan;
use crate::problem::{bad, conflict, count, invalid, some};
use crate::relabel::{Grace, LabelledZone, Until, copy_zone, drop_zone, records_for, said};
use crate::standing::exact;
use ptrd_api::Problem;
use ptrd_wire::{AddrRange, Family, Name, Ttl, ip_from_bits, ip_to_bits};
use ptrd_zone::model::{Block, FormerLabel, LabelStyle, Mode, ZoneKind};
use ptrd_zone::{Exception, ExceptionRange, delegation_tiles};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The most parts that a block is split into at once.
const MAX_PARTS: u128 = 4_096;

/// A split, read.
#[derive(Debug)]
pub(crate) struct Split {
    pub range: AddrRange,
    /// The first addresses of all parts but the first.
    pub at: Vec<IpAddr>,
    /// The length of the parts' prefixes.
    pub into: Option<u8>,
    pub grace: Grace,
}

/// A merger, read.
#[derive(Debug)]
pub(crate) struct Merge {
    pub ranges: Vec<AddrRange>,
    pub grace: Grace,
}

/// Plans the split.
pub(crate) fn split(plan: &mut Plan<'_>, order: &Split) -> Result<String, Problem> {
    let range = &order.range;
    let block = exact(plan.declared(), range)?;
    let parts = match order.into {
        Some(length) => prefixes(range, length)?,
        None => cut_at(range, &order.at)?,
    };
    check_inside(plan, &parts, range)?;
    check_tiles(&block.mode, range, &parts, "split")?;
    let ttls = if block.default_ttl.is_some() { alias_ttls(plan, range) } else { BTreeMap::new() };
    let mut summary = format!("block {range} split into {}", some(&parts, 8));
    match &block.mode {
        Mode::DelegatedClassless { apex, .. } => return Err(served_by_customer(apex)),
        Mode::Classless { style, apex } => {
            let until = order.grace.until(plan, &block);
            let labels =
                parts.iter().map(|part| label_of(part, style, apex)).collect::<Result<Vec<_>, _>>()?;
            summary.push_str(&said(until, apex));
            split_classless(plan, &block, &parts, labels, until)?;
        }
        Mode::Direct | Mode::Observed | Mode::DelegatedWhole(_) | Mode::DelegatedEach(_) => {
            let mode = |_: usize| block.mode.clone();
            replace(plan, &block, &parts, mode, &[]);
        }
    }
    warn_of_ttls(plan, &ttls);
    Ok(summary)
}

/// Puts the parts in the place of a block: the first keeps its number.
fn replace(
    plan: &mut Plan<'_>,
    block: &Block,
    parts: &[AddrRange],
    mode: impl Fn(usize) -> Mode,
    former: &[FormerLabel],
) {
    let part = |nth: usize, range: &AddrRange| {
        let mut part = Block { range: *range, mode: mode(nth), ..block.clone() };
        part.standing.former.extend_from_slice(former);
        part
    };
    for (nth, range) in parts.iter().enumerate() {
        if nth == 0 {
            plan.change_block(block, part(nth, range));
        } else {
            let put = plan.put_block(part(nth, range));
            crate::block::touch(plan, &put);
        }
    }
}

fn split_classless(
    plan: &mut Plan<'_>,
    block: &Block,
    parts: &[AddrRange],
    labels: Vec<(LabelStyle, Name)>,
    until: Until,
) -> Result<(), Problem> {
    let Some(old) = block.mode.classless_apex().cloned() else { return Ok(()) };
    for (_, apex) in &labels {
        check_apex(plan, apex)?;
    }
    let former = match until {
        Until::Now => Vec::new(),
        Until::Later(until) => vec![FormerLabel { apex: old.clone(), delegation: None, until }],
    };
    let mode = |nth: usize| {
        let (style, apex) = labels[nth].clone();
        Mode::Classless { style, apex }
    };
    replace(plan, block, parts, mode, &former);
    let mut zones = Vec::with_capacity(parts.len());
    for (range, (_, apex)) in parts.iter().zip(&labels) {
        zones.push(LabelledZone { apex, range: *range, block: exact(plan.declared(), range)?.id });
    }
    copy_zone(plan, &old, &zones)?;
    if until == Until::Now {
        drop_zone(plan, &old);
    }
    Ok(())
}

/// Plans the merger.
pub(crate) fn merge(plan: &mut Plan<'_>, order: &Merge) -> Result<String, Problem> {
    let mut ranges = order.ranges.clone();
    ranges.sort_by_key(|range| (range.family(), range.first_bits()));
    if ranges.len() < 2 {
        return Err(bad("a merger needs two blocks or more"));
    }
    let blocks = ranges.iter().map(|range| exact(plan.declared(), range)).collect::<Result<Vec<_>, _>>()?;
    let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else {
        return Err(bad("a merger needs two blocks or more"));
    };
    let whole = AddrRange::new(first.range.first(), last.range.last()).map_err(|_| {
        invalid("blocks of IPv4 and of IPv6 cannot be merged").hint("merge those of one family at a time")
    })?;
    check_alike(plan, &blocks)?;
    if let Some(there) = plan.declared().block_at(&whole) {
        return Err(conflict(format!("the block {} is there already, around them", there.range))
            .hint("remove the inner blocks instead"));
    }
    check_tiles(&first.mode, &whole, &ranges, "merged")?;
    let ttls = if first.default_ttl.is_some() { alias_ttls(plan, &whole) } else { BTreeMap::new() };
    let mut summary = format!("blocks {} merged into {whole}", some(&ranges, 8));
    let mode = match &first.mode {
        Mode::DelegatedClassless { apex, .. } => return Err(served_by_customer(apex)),
        Mode::Classless { style, apex } => {
            let (style, apex) = label_of(&whole, style, apex)?;
            check_apex(plan, &apex)?;
            Mode::Classless { style, apex }
        }
        mode => mode.clone(),
    };
    let mut after = Block { range: whole, mode, ..first.clone() };
    for block in &blocks[1..] {
        crate::block::touch(plan, block);
        for label in &block.standing.former {
            if !after.standing.has_former(&label.apex) {
                after.standing.former.push(label.clone());
            }
        }
    }
    let olds: Vec<Name> = blocks.iter().filter_map(|block| block.mode.classless_apex().cloned()).collect();
    let until = if olds.is_empty() { Until::Now } else { order.grace.until(plan, first) };
    if let Until::Later(until) = until {
        let former = olds.iter().map(|apex| FormerLabel { apex: apex.clone(), delegation: None, until });
        after.standing.former.extend(former);
        summary.push_str(&said(Until::Later(until), &some(&olds, 4)));
    }
    for block in &blocks[1..] {
        plan.remove_block(block);
    }
    plan.change_block(first, after.clone());
    if let Some(apex) = after.mode.classless_apex() {
        join_zones(plan, &olds, apex, &after, until)?;
    }
    warn_of_ttls(plan, &ttls);
    Ok(summary)
}

/// The zones with CNAMEs that show a range, and the TTL of these.
fn alias_ttls(plan: &Plan<'_>, range: &AddrRange) -> BTreeMap<Name, Ttl> {
    let is_alias = |exception: &ExceptionRange| matches!(exception.what, Exception::Alias(_));
    let has_aliases =
        |apex: &Name| plan.zone(apex).is_some_and(|zone| zone.derived().exceptions.iter().any(is_alias));
    let mut ttls = BTreeMap::new();
    let common = crate::block::common_name(range);
    // CNAMEs stand in the zones above those that they lead to.
    let zones = plan.declared().zones_below(&common);
    let above = plan.declared().range_zone_of(range).into_iter();
    for zone in above.chain(zones).filter(|zone| has_aliases(&zone.apex)) {
        ttls.insert(zone.apex.clone(), plan.declared().alias_ttl(&zone.kind));
    }
    ttls
}

/// CNAMEs take the TTL of a block around all of their zone: they may have another one now.
fn warn_of_ttls(plan: &mut Plan<'_>, before: &BTreeMap<Name, Ttl>) {
    for (apex, old) in before {
        let new = plan.declared().zone(apex).map(|zone| plan.declared().alias_ttl(&zone.kind));
        if let Some(new) = new.filter(|new| new != old) {
            plan.warn(format!("the CNAMEs in {apex} have the TTL {new}, before {old}: it is that of a block around all of the zone"));
        }
    }
}

/// Makes one classless zone of several.
fn join_zones(
    plan: &mut Plan<'_>,
    olds: &[Name],
    apex: &Name,
    block: &Block,
    until: Until,
) -> Result<(), Problem> {
    let made = LabelledZone { apex, range: block.range, block: block.id };
    let Some((first, others)) = olds.split_first() else { return Ok(()) };
    copy_zone(plan, first, std::slice::from_ref(&made))?;
    for old in others {
        let (Some(zone), Some(meta)) = (plan.zone(old).cloned(), plan.declared().zone(apex).cloned()) else {
            continue;
        };
        let there = plan.zone(apex).cloned();
        let has = |owner: &Name, rtype| {
            let key = owner.key_below(apex.label_count());
            there.as_ref().and_then(|zone| zone.names().node(&key)?.rrset(rtype)).is_some()
        };
        let records = records_for(&zone, old, &made)?;
        let (twice, new): (Vec<_>, Vec<_>) =
            records.into_iter().partition(|(owner, rrset)| has(owner, rrset.rtype));
        let twice: Vec<String> =
            twice.iter().map(|(owner, rrset)| format!("{owner} {}", rrset.rtype)).collect();
        if !twice.is_empty() {
            plan.warn(format!(
                "of {first} and {old}, the first one's records are taken: {}",
                some(&twice, 4)
            ));
        }
        let new = new.into_iter().map(|(owner, rrset)| (owner, rrset.rtype, Some(rrset))).collect();
        plan.put_rrsets(&meta, new);
    }
    // Zones of blocks that are no more are the merged one's, for as long as they are there; former ones too.
    let former = block.standing.former.iter().map(|label| &label.apex);
    for old in former {
        let Some(meta) = plan.declared().zone(old).cloned() else { continue };
        if let ZoneKind::Classless { block: of, range } = &meta.kind
            && *of != block.id
        {
            let kind = ZoneKind::Classless { block: block.id, range: *range };
            plan.change_zone(&meta, meta.tenant, kind);
        }
    }
    if until == Until::Now {
        olds.iter().for_each(|old| drop_zone(plan, old));
    }
    Ok(())
}

/// Whether blocks follow one another and are alike in all that a block is.
fn check_alike(plan: &Plan<'_>, blocks: &[Block]) -> Result<(), Problem> {
    let declared = plan.declared();
    for pair in blocks.windows(2) {
        let [a, b] = pair else { continue };
        let (first, second) = (&a.range, &b.range);
        if first == second {
            return Err(bad(format!("the block {first} is given twice")));
        }
        if first.last_bits().checked_add(1) != Some(second.first_bits()) {
            let inside = first.covers(second);
            return Err(invalid(if inside {
                format!("{second} lies inside {first}: only blocks side by side can be merged")
            } else {
                format!("{first} and {second} do not follow one another: there are addresses between them")
            }));
        }
        let delegation = |block: &Block| block.mode.delegation().cloned();
        let around = |block: &Block| declared.around(block.id).map(|around| around.id);
        let same = |block: &Block| (block.standing.suspended, block.standing.may_sub_block);
        let difference = if a.tenant != b.tenant {
            "belong to different tenants"
        } else if a.mode.word() != b.mode.word() {
            "are answered in different ways"
        } else if delegation(a) != delegation(b) {
            "are delegated to different nameservers"
        } else if a.default_ttl != b.default_ttl {
            "give their PTRs different TTLs"
        } else if a.template != b.template {
            "have different templates"
        } else if same(a) != same(b) {
            "differ in being suspended, or in the right to make blocks inside"
        } else if a.standing.checks != b.standing.checks {
            "have different rules for names"
        } else if around(a) != around(b) {
            "lie in different blocks"
        } else {
            continue;
        };
        return Err(conflict(format!("{first} and {second} {difference}")));
    }
    Ok(())
}

/// Refuses where a customer's nameservers would have to serve other zones.
fn check_tiles(mode: &Mode, whole: &AddrRange, parts: &[AddrRange], verb: &str) -> Result<(), Problem> {
    let Mode::DelegatedWhole(delegation) = mode else { return Ok(()) };
    let tiles: Vec<_> = parts.iter().flat_map(delegation_tiles).collect();
    let has_none = parts.iter().any(|part| delegation_tiles(part).is_empty());
    let signed = !delegation.ds.is_empty() && tiles.len() > 1;
    if has_none || signed || tiles != delegation_tiles(whole) {
        return Err(invalid(format!(
            "{whole} is delegated as zones: {verb}, the customer's nameservers would have to serve other zones"
        ))
        .hint("remove it and add it anew as the customer's zones are to be"));
    }
    Ok(())
}

fn served_by_customer(apex: &Name) -> Problem {
    invalid(format!("{apex} is served by the customer's nameservers: they would have to serve other zones"))
        .hint("remove the block and add it anew, when the customer's zones are there")
}

/// The label of a part or a whole, below the same name as the old one.
fn label_of(range: &AddrRange, style: &LabelStyle, old: &Name) -> Result<(LabelStyle, Name), Problem> {
    let style = match style {
        LabelStyle::FirstLast => LabelStyle::FirstLast,
        _ if range.prefix_len().is_none() => LabelStyle::FirstLast,
        LabelStyle::Label(_) => LabelStyle::FirstLen,
        style => style.clone(),
    };
    if range.first_bits() >> 8 != range.last_bits() >> 8 {
        return Err(invalid(format!("{range} does not lie within one /24: a classless zone cannot show it"))
            .hint("split it in another way, so that each part lies within one /24"));
    }
    let parent = old.parent().unwrap_or_else(Name::root);
    let apex = styled(range, &style, &parent)?;
    Ok((style, apex))
}

/// What lies inside must lie inside one part, and be no part itself.
fn check_inside(plan: &Plan<'_>, parts: &[AddrRange], whole: &AddrRange) -> Result<(), Problem> {
    let inner = || plan.declared().blocks_in(whole).filter(|inner| inner.range != *whole);
    let crossing: Vec<String> = inner()
        .filter(|inner| !parts.iter().any(|part| part.covers(&inner.range)))
        .map(|inner| inner.range.to_string())
        .collect();
    if !crossing.is_empty() {
        return Err(conflict(format!("the split would go through {}", some(&crossing, 8)))
            .hint("split or remove these first, or split elsewhere"));
    }
    match inner().find(|inner| parts.contains(&inner.range)) {
        Some(inner) => Err(conflict(format!("the block {} is there already, inside {whole}", inner.range))
            .hint("remove it first, or split elsewhere")),
        None => Ok(()),
    }
}

fn prefixes(range: &AddrRange, length: u8) -> Result<Vec<AddrRange>, Problem> {
    let family = range.family();
    let bits = match family {
        Family::V4 => 32,
        Family::V6 => 128,
    };
    if length > bits {
        return Err(bad(format!("/{length} is no length of a prefix")));
    }
    if range.prefix_len() == Some(length) {
        return Err(invalid(format!("{range} is one /{length} already"))
            .hint("give a longer length: the parts are smaller than the block"));
    }
    let size = 1u128.checked_shl(u32::from(bits - length)).unwrap_or(u128::MAX);
    let aligned = range.first_bits() & (size - 1) == 0 && range.last_bits() & (size - 1) == size - 1;
    if !aligned {
        return Err(invalid(format!("{range} does not consist of prefixes of length /{length}"))
            .hint("say where: --at ADDRESS"));
    }
    let parts = (range.last_bits() - range.first_bits()) / size + 1;
    if parts > MAX_PARTS {
        return Err(invalid(format!(
            "{range} has {parts} prefixes of length /{length}, more than {MAX_PARTS}"
        ))
        .hint("split it in steps"));
    }
    let part = |nth: u128| AddrRange::of_prefix(family, range.first_bits() + nth * size, length);
    Ok((0..parts).map(part).collect())
}

fn cut_at(range: &AddrRange, at: &[IpAddr]) -> Result<Vec<AddrRange>, Problem> {
    let mut starts = at.to_vec();
    starts.sort();
    starts.dedup();
    let inside = |address: &IpAddr| range.contains(*address) && *address != range.first();
    if let Some(bad) = starts.iter().find(|address| !inside(address)) {
        return Err(invalid(format!("{bad} is not inside {range}: nothing would be split there"))
            .hint("give the first address of the second part"));
    }
    if starts.len() as u128 >= MAX_PARTS {
        return Err(invalid(format!("{} are more than {MAX_PARTS}", count(starts.len() as u64 + 1, "part")))
            .hint("split it in steps"));
    }
    let mut parts = Vec::with_capacity(starts.len() + 1);
    let mut first = range.first();
    for start in starts {
        let (family, bits) = ip_to_bits(start);
        parts.extend(AddrRange::new(first, ip_from_bits(family, bits - 1)));
        first = start;
    }
    parts.extend(AddrRange::new(first, range.last()));
    Ok(parts)
}

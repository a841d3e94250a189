//! New blocks: what is asked for, and which zones and derived records come of it.
//!
//! Crossing ranges are refused, and so is whatever could not be answered for afterwards: a block within a delegated
//! one, a cut above a zone that is served here, a CNAME where other records stand (RFC 1034 §3.6.2, RFC 2317 §4).

use crate::classless::{self, check_apex, check_free};
use crate::delegate;
use crate::handover::{hand_over, refuse_verbatim};
use crate::observed;
use crate::place::{Run, Shown, count_ptrs, owner_of_block, runs, taker};
use crate::plan::{Plan, TooMany, refused_template};
use crate::problem::{bad, conflict, count, invalid, some};
use crate::ptr::read_ttl;
use crate::request::{read_name, read_range};
use crate::standing::zones_within;
use crate::zone_set::Start;
use ptrd_api::{BlockAdd, DelegationKind, Problem, PtrFate, ZoneStart};
use ptrd_wire::{AddrRange, Family, Name, RangeRelation, ReversePrefix, Ttl, tile_for_registry};
use ptrd_zone::model::{
    BadRule, Block, BlockId, BlockTemplate, Checks, Delegation, FormerLabel, LabelStyle, Mode, Standing,
    TenantId, ZoneKind,
};
use ptrd_zone::{Declared, Template, Touch, Zone, delegation_tiles, touched_by_block, translate_template};
use std::collections::BTreeSet;
use std::str::FromStr;

/// The most zones, or cuts of zones, that one block may bring.
const MAX_ZONES: usize = 4_096;
/// The most addresses that are handed over one by one.
const MAX_CUTS: u128 = 65_536;

/// A new block, read.
#[derive(Debug)]
pub(crate) struct NewBlock {
    pub range: AddrRange,
    pub tenant: String,
    pub style: Option<LabelStyle>,
    pub apex: Option<Name>,
    own_zone: bool,
    /// Others answer for its addresses.
    observed: bool,
    delegate: Option<(DelegationKind, Delegation)>,
    default_ttl: Option<Ttl>,
    template: BlockTemplate,
    only_ptrd: bool,
    pub may_sub_block: bool,
    /// What is asked of names in it.
    pub checks: Checks,
    /// What its zones reference.
    pub start: ZoneStart,
    /// What becomes of what another tenant, whose addresses these were, had there.
    pub fate: PtrFate,
}

/// Reads the request and refuses what contradicts itself.
pub(crate) fn read(add: &BlockAdd) -> Result<NewBlock, Problem> {
    let range = read_range(&add.range)?;
    observed::check_add(add)?;
    let style: Option<LabelStyle> = add
        .classless
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|error: ptrd_zone::model::BadStyle| bad(error.to_string()))?;
    let apex = add.apex.as_deref().map(|text| read_name("the apex", text)).transpose()?;
    let delegate = match add.delegate {
        Some(kind) => Some((kind, delegate::read(&add.nameservers, &add.ds)?)),
        None if !add.nameservers.is_empty() || !add.ds.is_empty() => {
            return Err(bad("nameservers and DS belong to a delegation")
                .hint("say how: --delegate zone, --delegate classless or --delegate ns"));
        }
        None => None,
    };
    let kind = delegate.as_ref().map(|(kind, _)| *kind);
    if kind.is_some_and(|kind| kind != DelegationKind::Classless) && (style.is_some() || apex.is_some()) {
        return Err(bad("a classless label or apex goes with --delegate classless only"));
    }
    if kind.is_some() && add.own_zone {
        return Err(bad("a block that is delegated has no zone of its own here").hint("leave --own-zone out"));
    }
    let default_ttl = add.default_ttl.map(read_ttl).transpose()?;
    Ok(NewBlock {
        range,
        tenant: add.tenant.clone(),
        style,
        apex,
        own_zone: add.own_zone,
        observed: add.observed,
        delegate,
        default_ttl,
        template: read_template(add.template.as_deref(), add.template_from.as_deref(), &range)?
            .unwrap_or_default(),
        only_ptrd: add.only_ptrd,
        may_sub_block: add.may_sub_block,
        checks: Checks {
            names: add.names.as_deref().map(read_rule).transpose()?.flatten(),
            fcrdns: add.fcrdns.as_deref().map(read_rule).transpose()?.flatten(),
        },
        start: ZoneStart {
            ns_set: add.ns_set.clone(),
            soa_template: add.soa_template.clone(),
            companion: false,
        },
        fate: add.ptrs.unwrap_or(PtrFate::Clear),
    })
}

/// Reads the template of a block, given in words of its own (`text`) or of another server (`from`); `None` if neither is.
pub(crate) fn read_template(
    text: Option<&str>,
    from: Option<&str>,
    range: &AddrRange,
) -> Result<Option<BlockTemplate>, Problem> {
    let template = match (text, from) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(bad("a template is given twice").hint("--template or --template-from"));
        }
        (Some(text), None) => BlockTemplate::read(text),
        (None, Some(from)) => {
            let text = translate_template(from, range).map_err(|error| invalid(error.to_string()))?;
            BlockTemplate::Text(text.into())
        }
    };
    if let BlockTemplate::Text(text) = &template {
        Template::new(text, *range).map_err(|error| refused_template(text, range, &error))?;
    }
    Ok(Some(template))
}

/// What is done where zones come to have too many computed names for a transfer.
pub(crate) fn where_too_many(only_ptrd: bool) -> TooMany {
    if only_ptrd { TooMany::OnlyPtrd } else { TooMany::Refused }
}

/// Reads a rule; `None` for `inherit`.
pub(crate) fn read_rule<T: FromStr<Err = BadRule>>(word: &str) -> Result<Option<T>, Problem> {
    match word {
        "inherit" => Ok(None),
        word => word.parse().map(Some).map_err(|error: BadRule| bad(error.to_string())),
    }
}

/// What a block that is served here brings with it.
enum Service {
    /// Nothing: a zone here covers it.
    Covered,
    /// Range zones.
    Zones(Vec<ReversePrefix>),
    /// A classless zone.
    Classless,
}

/// Plans the block.
pub(crate) fn add(plan: &mut Plan<'_>, new: &NewBlock) -> Result<String, Problem> {
    let tenant = plan.tenant_named(&new.tenant)?;
    check_neighbours(plan.declared(), &new.range, new.observed)?;
    let (mode, prefixes) = match &new.delegate {
        Some((kind, delegation)) => (delegated_mode(plan, new, *kind, delegation)?, Vec::new()),
        None if new.observed => (Mode::Observed, Vec::new()),
        None => match service(plan.declared(), new, tenant)? {
            Service::Covered => (Mode::Direct, Vec::new()),
            Service::Zones(prefixes) => (Mode::Direct, prefixes),
            Service::Classless => {
                let (style, apex) = classless::style_and_apex(
                    plan.declared(),
                    &new.range,
                    new.style.as_ref(),
                    new.apex.as_ref(),
                )?;
                (Mode::Classless { style, apex }, Vec::new())
            }
        },
    };
    if let Some(apex) = mode.classless_apex() {
        check_apex(plan, apex)?;
        check_classless(plan, &new.range, apex)?;
    }
    let standing = Standing { may_sub_block: new.may_sub_block, checks: new.checks, ..Standing::default() };
    let block = Block {
        id: BlockId(0),
        range: new.range,
        tenant,
        mode,
        default_ttl: new.default_ttl,
        template: new.template.clone(),
        standing,
    };
    if block.template != BlockTemplate::Inherit {
        plan.where_too_many(where_too_many(new.only_ptrd));
    }
    if new.fate == PtrFate::Clear {
        check_verbatim(plan, &block)?;
    }
    let parents_here = runs(plan.declared(), &block.range).all(|run| matches!(run.shown, Shown::Here(_)));
    let block = plan.put_block(block);
    let start = Start::read(plan.declared(), &new.start)?;
    let zones = add_zones(plan, &block, prefixes, start)?;
    if zones.is_empty() && new.start != ZoneStart::default() {
        return Err(invalid(format!(
            "the block {} brings no zone that could reference an NS set or a SOA template",
            block.range
        ))
        .hint("leave --ns-set and --soa-template out; zones that are there are set with `ptrctl zone set`"));
    }
    let cleared = hand_over(plan, &block.range, new.fate);
    touch(plan, &block);
    if block.default_ttl.is_some() {
        plan.retime(&block.range);
    }
    if let Some(around) = plan.declared().suspending(&block.range) {
        let around = around.range;
        plan.warn(format!("{} is not shown: it lies in {around}, which is suspended", block.range));
    }
    warn(plan, &block, !zones.is_empty() && start.ns_set.is_none(), parents_here);
    let zones = match zones.as_slice() {
        [] => String::new(),
        zones => format!(", {} {}", if zones.len() == 1 { "zone" } else { "zones" }, some(zones, 4)),
    };
    let (range, mode) = (block.range, block.mode.word());
    Ok(format!("block {range} added for {} ({mode}{zones}){}", new.tenant, cleared.said()))
}

/// Refuses to hide behind a new block that imported zones go on answering with the names of the tenant around it.
fn check_verbatim(plan: &Plan<'_>, block: &Block) -> Result<(), Problem> {
    let declared = plan.declared();
    let Some(around) = declared.innermost(&block.range).filter(|around| around.tenant != block.tenant) else {
        return Ok(());
    };
    let is_theirs = |run: Run| match run.shown {
        Shown::Verbatim(zone) if zone.tenant == around.tenant => {
            Some(zone).filter(|_| run.block.is_some_and(|of| of.id == around.id))
        }
        _ => None,
    };
    let within: Vec<_> = zones_within(declared, &block.range).iter().map(|zone| zone.id).collect();
    let mut theirs: Vec<_> = runs(declared, &block.range).filter_map(is_theirs).collect();
    theirs.retain(|zone| within.contains(&zone.id));
    theirs.dedup_by_key(|zone| zone.id);
    let apexes: Vec<&Name> = theirs.iter().map(|zone| &zone.apex).collect();
    refuse_verbatim(&apexes, &crate::tenant::tenant_name(declared, around.tenant))
}

/// Blocks nest or are disjoint, and nothing nests in what is delegated, nor what is observed in what is served.
fn check_neighbours(declared: &Declared, range: &AddrRange, observed: bool) -> Result<(), Problem> {
    if let Some((other, relation)) = declared.conflict(range) {
        let owner = owner_of_block(declared, other);
        return Err(match relation {
            RangeRelation::Equal => conflict(format!("the block {range} is there already, owned by {owner}"))
                .hint(format!(
                    "`ptrctl block show {range}`; to give it to somebody else: `ptrctl block transfer`"
                )),
            _ => invalid(format!(
                "{range} crosses the block {} of {owner}: some addresses would be in both",
                other.range
            ))
            .hint("blocks may lie within each other or apart; add the parts inside and outside separately"),
        });
    }
    match taker(declared, range) {
        Some(taker) if taker.mode.delegation().is_some() => Err(delegated_around(range, taker)),
        _ => observed::check_place(declared, range, observed),
    }
}

fn delegated_around(range: &AddrRange, taker: &Block) -> Problem {
    invalid(format!("{range} lies in {}, which is delegated: nobody here answers for it", taker.range))
        .hint(format!("remove that block first: `ptrctl block remove {}`", taker.range))
}

/// Whether IPv4 and smaller than a /24: no registry delegates it as a zone.
pub(crate) fn is_small(range: &AddrRange) -> bool {
    range.family() == Family::V4 && range.size() < 256
}

fn service(declared: &Declared, new: &NewBlock, tenant: TenantId) -> Result<Service, Problem> {
    let range = &new.range;
    if new.style.is_some() || new.apex.is_some() || (new.own_zone && is_small(range)) {
        return Ok(Service::Classless);
    }
    if let Some(taker) = taker(declared, range) {
        if new.own_zone {
            return Err(invalid(format!(
                "{range} lies in {}, which is served classless: a range zone in it would never be asked",
                taker.range
            ))
            .hint("leave --own-zone out, or give the block a classless zone with --classless"));
        }
        return Ok(Service::Covered);
    }
    if !new.own_zone
        && let Some(zone) = declared.range_zone_of(range)
    {
        let exact = ReversePrefix::of_apex(&zone.apex).is_some_and(|prefix| prefix.range() == *range);
        if exact && zone.tenant != tenant {
            return Err(zone_of_another(declared, &zone.apex, zone.tenant));
        }
        return Ok(Service::Covered);
    }
    if is_small(range) {
        let covered = runs(declared, range).all(|run| matches!(run.shown, Shown::Here(_)));
        return Ok(if covered { Service::Covered } else { Service::Classless });
    }
    Ok(Service::Zones(tiles(range)?))
}

/// The zones that a registry would delegate.
fn tiles(range: &AddrRange) -> Result<Vec<ReversePrefix>, Problem> {
    let tiles = tile_for_registry(range).ok_or_else(|| match range.family() {
        Family::V4 => invalid(format!(
            "{range} does not start and end where zones can (a multiple of 256 addresses), or needs very many of them"
        ))
        .hint("add its whole /24s as one block and the rest as blocks of their own"),
        Family::V6 => invalid(format!("{range} would need more than 65536 zones"))
            .hint("split it into prefixes on nibble borders"),
    })?;
    if tiles.len() > MAX_ZONES {
        return Err(invalid(format!("{range} would need {} zones, more than {MAX_ZONES}", tiles.len()))
            .hint("split it into prefixes on zone borders"));
    }
    Ok(tiles)
}

fn zone_of_another(declared: &Declared, apex: &Name, owner: TenantId) -> Problem {
    conflict(format!("the zone {apex} belongs to the tenant {}", crate::tenant::tenant_name(declared, owner)))
        .hint("choose another range, or ask that the zone's block be removed")
}

fn add_zones(
    plan: &mut Plan<'_>,
    block: &Block,
    prefixes: Vec<ReversePrefix>,
    start: Start,
) -> Result<Vec<Name>, Problem> {
    let mut zones = Vec::new();
    for prefix in prefixes {
        let apex = prefix.name();
        match plan.declared().zone(&apex) {
            None => {
                check_free(plan, &apex)?;
                plan.add_new_zone(apex.clone(), block.tenant, ZoneKind::Range(prefix), start);
                zones.push(apex);
            }
            Some(zone) if zone.tenant != block.tenant => {
                return Err(zone_of_another(plan.declared(), &apex, zone.tenant));
            }
            // A verbatim zone is warned of with the others that cover a part of the block.
            Some(_) => {}
        }
    }
    if let Mode::Classless { apex, .. } = &block.mode {
        let kind = ZoneKind::Classless { block: block.id, range: block.range };
        plan.add_new_zone(apex.clone(), block.tenant, kind, start);
        zones.push(apex.clone());
    }
    Ok(zones)
}

/// What stands in the way of CNAMEs at every address of a range.
pub(crate) fn check_classless(plan: &Plan<'_>, range: &AddrRange, apex: &Name) -> Result<(), Problem> {
    let declared = plan.declared();
    if range.family() != Family::V4 || range.first_bits() >> 8 != range.last_bits() >> 8 {
        return Err(invalid(format!(
            "{range} does not lie within one IPv4 /24: a classless zone cannot show it"
        ))
        .hint("split it at the /24 border; IPv6 needs no classless zones"));
    }
    let whole = declared.blocks_in(range).find(|inner| matches!(inner.mode, Mode::DelegatedWhole(_)));
    if let Some(inner) = whole {
        return Err(invalid(format!(
            "{}, a delegated block inside {range}, hangs on names where CNAMEs would stand",
            inner.range
        ))
        .hint("remove it and add it again with --delegate ns or --delegate classless afterwards"));
    }
    for address in range.first_bits()..=range.last_bits() {
        let name = ReversePrefix::new(ptrd_wire::ip_from_bits(Family::V4, address), u8::MAX).name();
        if let Some(zone) = declared.zone(&name) {
            return Err(conflict(format!(
                "the zone {} is served where a CNAME to {apex} would stand",
                zone.apex
            ))
            .hint("remove that zone first"));
        }
    }
    check_names(plan, range, false)
}

/// Refuses when zones that show addresses of the range have records of their own at their names, or, if asked, below.
fn check_names(plan: &Plan<'_>, range: &AddrRange, below: bool) -> Result<(), Problem> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for run in runs(plan.declared(), range) {
        let Shown::Here(meta) = &run.shown else { continue };
        if seen.insert(meta.id)
            && let Some(zone) = plan.zone(&meta.apex)
        {
            found.extend(names_at(zone, range, below));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    Err(conflict(format!("records stand at addresses of {range}: {}", some(&found, 8)))
        .hint("delete them first: `ptrctl record delete OWNER`"))
}

/// The names of a zone that are addresses of a range, or below such.
pub(crate) fn names_at(zone: &Zone, range: &AddrRange, below: bool) -> Vec<Name> {
    let is_at = |owner: &Name| {
        classless::address_at(zone, owner)
            .is_some_and(|(address, exact)| range.contains(address) && (exact || below))
    };
    // Nothing but the apex.
    if zone.names().len() == usize::from(zone.names().node(&[]).is_some()) {
        return Vec::new();
    }
    zone.names()
        .iter()
        .map(|(key, node)| ptrd_zone::NameTree::owner(&key, node, zone.apex()))
        .filter(is_at)
        .collect()
}

/// The mode of a block that is handed to the customer's nameservers.
fn delegated_mode(
    plan: &mut Plan<'_>,
    new: &NewBlock,
    kind: DelegationKind,
    delegation: &Delegation,
) -> Result<Mode, Problem> {
    let range = &new.range;
    if let Some(inner) = plan.declared().blocks_in(range).next() {
        return Err(invalid(format!(
            "the block {} lies inside {range}: it could not be answered for",
            inner.range
        ))
        .hint("remove it first, or delegate around it"));
    }
    if delegation.nameservers.len() == 1 {
        plan.warn("one nameserver only: if it fails, the addresses have no names (RFC 2182 §5)");
    }
    match kind {
        DelegationKind::Zone => {
            let cuts = check_whole(plan, range)?;
            delegate::check_glue(delegation, &cuts, cuts.len())?;
            Ok(Mode::DelegatedWhole(delegation.clone()))
        }
        DelegationKind::Classless => {
            let (style, apex) = classless::style_and_apex(
                plan.declared(),
                &new.range,
                new.style.as_ref(),
                new.apex.as_ref(),
            )?;
            delegate::check_glue(delegation, std::slice::from_ref(&apex), 1)?;
            Ok(Mode::DelegatedClassless { style, apex, delegation: delegation.clone() })
        }
        DelegationKind::Ns => {
            let cuts = check_each(plan, range)?;
            delegate::check_glue(delegation, &cuts, usize::MAX)?;
            Ok(Mode::DelegatedEach(delegation.clone()))
        }
    }
}

/// Refuses a block that comes back where it could not be put now.
pub(crate) fn check_again(plan: &Plan<'_>, block: &Block) -> Result<(), Problem> {
    check_neighbours(plan.declared(), &block.range, block.mode == Mode::Observed)?;
    if let Some(delegation) = block.mode.delegation() {
        if let Some(inner) = plan.declared().blocks_in(&block.range).next() {
            return Err(invalid(format!("the block {} lies inside {}", inner.range, block.range))
                .hint("remove the inner one first"));
        }
        let cuts = match &block.mode {
            Mode::DelegatedWhole(_) => check_whole(plan, &block.range)?,
            Mode::DelegatedEach(_) => check_each(plan, &block.range)?,
            _ => Vec::new(),
        };
        if !cuts.is_empty() {
            delegate::check_glue(delegation, &cuts, usize::MAX)?;
        }
    }
    if let Some(apex) = block.mode.classless_apex() {
        // Its own zone may have outlived a relabelling.
        let own = plan
            .declared()
            .zone(apex)
            .is_some_and(|zone| matches!(zone.kind, ZoneKind::Classless { block: of, .. } if of == block.id));
        if !own {
            check_apex(plan, apex)?;
        }
        check_classless(plan, &block.range, apex)?;
    }
    Ok(())
}

/// Whether the labels that a block had before are still its own, when it comes back with them.
pub(crate) fn check_former(declared: &Declared, block: &Block) -> Result<(), Problem> {
    for FormerLabel { apex, delegation, .. } in &block.standing.former {
        let other = declared.block_with_apex(apex).filter(|other| other.id != block.id);
        if let Some(other) = other.filter(|other| !other.standing.has_former(apex)) {
            return Err(conflict(format!("{apex} is the classless zone of the block {} now", other.range))
                .hint("relabel or remove that block first"));
        }
        let zone = declared.zone(apex).filter(|zone| zone.kind != ZoneKind::Verbatim);
        if let Some(zone) = zone.filter(|_| delegation.is_some()) {
            return Err(conflict(format!(
                "the zone {} is served here now: it cannot be delegated as well",
                zone.apex
            ))
            .hint("remove that zone or its block first"));
        }
    }
    Ok(())
}

/// The cuts of a block that is delegated as zones.
fn check_whole(plan: &Plan<'_>, range: &AddrRange) -> Result<Vec<Name>, Problem> {
    let declared = plan.declared();
    if let Some(taker) = taker(declared, range) {
        return Err(invalid(format!(
            "{range} lies in {}, which is served classless: it has no zone names",
            taker.range
        ))
        .hint("use --delegate ns or --delegate classless"));
    }
    let tiles = delegation_tiles(range);
    if tiles.is_empty() || tiles.len() > MAX_ZONES {
        return Err(invalid(format!(
            "{range} does not consist of 1 to {MAX_ZONES} zones that could be delegated"
        ))
        .hint("use --delegate classless or --delegate ns, or split it at zone borders"));
    }
    let cuts: Vec<Name> = tiles.iter().map(ReversePrefix::name).collect();
    for apex in &cuts {
        if let Some(zone) = declared.zone(apex).or_else(|| declared.zones_below(apex).next()) {
            return Err(conflict(format!(
                "the zone {} is served here: it cannot be delegated as well",
                zone.apex
            ))
            .hint("remove its block or the zone first"));
        }
        if declared.zone_above(apex).is_none_or(|zone| !matches!(zone.kind, ZoneKind::Range(_))) {
            return Err(invalid(format!(
                "no native zone above {apex} is served here: its delegation is up to whoever runs the zone above, in \
                 the end the registry"
            ))
            .hint("serve the block here and see `ptrctl block parent-records`, or leave it to the registry alone"));
        }
        check_free(plan, apex)?;
    }
    Ok(cuts)
}

/// The cuts of a block whose addresses are delegated one by one.
fn check_each(plan: &Plan<'_>, range: &AddrRange) -> Result<Vec<Name>, Problem> {
    if range.size() > MAX_CUTS {
        return Err(invalid(format!("{range} would make {} zone cuts, more than {MAX_CUTS}", range.size()))
            .hint("use --delegate zone for whole zones"));
    }
    let mut cuts = Vec::new();
    for run in runs(plan.declared(), range) {
        let Shown::Here(meta) = &run.shown else {
            return Err(invalid(format!(
                "no native zone here shows {}: there is no place for the NS records",
                run.range
            ))
            .hint("add a block with a zone around it first"));
        };
        let Some(zone) = plan.zone(&meta.apex) else { continue };
        let inside =
            AddrRange::new(run.range.first(), run.range.last().min(range.last())).unwrap_or(run.range);
        for bits in inside.first_bits()..=inside.last_bits() {
            let Some(owner) = zone.owner_of(inside.family(), bits) else { continue };
            if owner == meta.apex {
                return Err(conflict(format!(
                    "the zone {owner} is served here: it cannot be delegated as well"
                ))
                .hint("remove that zone or its block first"));
            }
            cuts.push(owner);
        }
    }
    check_names(plan, range, true)?;
    Ok(cuts)
}

/// Marks what a block can alter to be projected again.
pub(crate) fn touch(plan: &mut Plan<'_>, block: &Block) {
    // What is suspended or relabelled shows in ways that are worked out for whole zones only.
    if block.standing != Standing::default() {
        return touch_whole(plan, block);
    }
    for (zone, what) in touched_by_block(plan.declared(), block) {
        plan.touch(zone, what);
    }
}

/// The same for changes of several things at once: zones that it can alter are projected as a whole.
pub(crate) fn touch_whole(plan: &mut Plan<'_>, block: &Block) {
    for zone in touched_by_block(plan.declared(), block).into_keys() {
        plan.touch(zone, Touch::whole());
    }
}

/// The deepest name that stands for all addresses of a range.
pub(crate) fn common_name(range: &AddrRange) -> Name {
    let (first, last) = (range.first(), range.last());
    let depth = (0..=range.family().full_depth())
        .rev()
        .find(|depth| ReversePrefix::new(first, *depth) == ReversePrefix::new(last, *depth));
    ReversePrefix::new(first, depth.unwrap_or(0)).name()
}

fn warn(plan: &mut Plan<'_>, block: &Block, uses_defaults: bool, parents_here: bool) {
    let invalid: Name = "invalid.".parse().unwrap_or_else(|_| Name::root());
    let unset =
        || crate::defaults::of(plan.declared()).0.nameservers.iter().any(|ns| ns.is_at_or_under(&invalid));
    if uses_defaults && unset() {
        plan.warn("new zones name nameservers under .invalid: set your own with `ptrctl defaults set`");
    }
    if block.mode.classless_apex().is_some() && !parents_here {
        plan.warn(format!(
            "the zone that shows {} is not served here: its operator must publish CNAMEs, see `ptrctl block \
             parent-records {}`",
            block.range, block.range
        ));
    }
    let (mut verbatim, mut native): (Vec<Name>, Vec<Name>) = Default::default();
    for run in runs(plan.declared(), &block.range) {
        let (zones, zone) = match run.shown {
            Shown::Verbatim(zone) => (&mut verbatim, zone),
            Shown::Here(zone) if block.mode == Mode::Observed => (&mut native, zone),
            _ => continue,
        };
        if !zones.contains(&zone.apex) {
            zones.push(zone.apex.clone());
        }
    }
    if !native.is_empty() {
        plan.warn(format!(
            "zones here cover addresses of the block, and answer that these have no names: {}",
            some(&native, 4)
        ));
    }
    if !verbatim.is_empty() {
        plan.warn(format!(
            "verbatim zones cover addresses of the block and answer with their own records: {}",
            some(&verbatim, 4)
        ));
    }
    if block.mode.delegation().is_some() {
        let ptrs = count_ptrs(&plan.next.snapshot, &block.range);
        if ptrs > 0 {
            plan.warn(format!(
                "{} in {} stay stored and are not shown while the block is delegated",
                count(ptrs, "PTR"),
                block.range
            ));
        }
    }
}

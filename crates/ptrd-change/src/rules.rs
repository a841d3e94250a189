//! What may stand where, checked once, before it is stored: CNAME alone (RFC 1034 §3.6.2, RFC 2181 §10.1), one DNAME and
//! nothing below it (RFC 6672 §2.4), nothing but glue below a cut. In native zones also: nothing where a derived record
//! stands, and no cut over addresses of blocks.

use crate::classless::address_at;
use crate::place::taker;
use crate::plan::Plan;
use crate::problem::{conflict, invalid, some};
use crate::suspend::as_if_resumed;
use ptrd_api::Problem;
use ptrd_wire::{AddrRange, Name, QName, RecordType, ReverseName, RrSet};
use ptrd_zone::model::ZoneKind;
use ptrd_zone::{CutRecords, Found, NameTree, NodeRef, Zone, ZoneMeta};

/// Octets that an RRset may have, so that an answer can carry it beside its question, OPT, and the aliases that led
/// to it (RFC 1035 §4.2.2).
pub(crate) const MAX_RRSET: usize = 60_000;
/// Octets of a record besides its data, its owner compressed.
const RECORD_HEAD: usize = 12;

/// Whether an RRset may stand where it is to stand.
pub(crate) fn check(
    plan: &Plan<'_>,
    meta: &ZoneMeta,
    zone: &Zone,
    owner: &Name,
    node: Option<NodeRef<'_>>,
    rrset: &RrSet,
) -> Result<(), Problem> {
    let rtype = rrset.rtype;
    let octets: usize = rrset.rdatas.iter().map(|rdata| RECORD_HEAD + rdata.len()).sum();
    if octets > MAX_RRSET {
        return Err(invalid(format!(
            "{owner} {rtype} would have {octets} octets: no answer carries more than {MAX_RRSET}"
        ))
        .hint("leave some records out, or spread them over several owners"));
    }
    if matches!(rtype, RecordType::CNAME | RecordType::DNAME) && rrset.rdatas.len() > 1 {
        return Err(
            invalid(format!("{owner} can have one {rtype} only")).hint("replace it: `ptrctl record set`")
        );
    }
    check_beside(zone, owner, node, rtype)?;
    if rtype == RecordType::DNAME {
        check_nothing_below(plan, zone, owner, "DNAME", |_| false)?;
    }
    if meta.kind == ZoneKind::Verbatim {
        return Ok(());
    }
    check_underived(plan, zone, owner, Some(rtype))?;
    check_addresses(plan, zone, owner, rtype)?;
    if rtype == RecordType::DS && owner == zone.apex() {
        return Err(invalid(format!("the DS of {owner} belongs into the zone above (RFC 4034 §5)"))
            .hint("set it there, or hand it to whoever runs that zone"));
    }
    if rtype == RecordType::NS && owner != zone.apex() {
        let others: Vec<RecordType> =
            types(node).filter(|t| !matches!(*t, RecordType::NS | RecordType::DS)).collect();
        if !others.is_empty() {
            return Err(conflict(format!(
                "{owner} has {} records, which a zone cut would hide",
                some(&others, 4)
            ))
            .hint("delete them first: `ptrctl record delete OWNER TYPE`"));
        }
        check_nothing_below(plan, zone, owner, "zone cut", |t| {
            matches!(t, RecordType::A | RecordType::AAAA)
        })?;
    }
    Ok(())
}

fn types<'n>(node: Option<NodeRef<'n>>) -> impl Iterator<Item = RecordType> + use<'n> {
    node.into_iter().flat_map(|node| node.rrsets().map(|rrset| rrset.rtype).collect::<Vec<_>>())
}

/// CNAME and everything else exclude each other, but for what signs or denies it (RFC 4035 §2.5).
fn check_beside(
    zone: &Zone,
    owner: &Name,
    node: Option<NodeRef<'_>>,
    rtype: RecordType,
) -> Result<(), Problem> {
    let goes_along = |t: RecordType| matches!(t, RecordType::RRSIG | RecordType::NSEC | RecordType::KEY);
    if rtype == RecordType::CNAME {
        if owner == zone.apex() {
            return Err(invalid(format!(
                "{owner} is the apex of a zone: its SOA and NS exclude a CNAME (RFC 1034 §3.6.2)"
            ))
            .hint("put the CNAME at a name below, or use a DNAME"));
        }
        let others: Vec<RecordType> = types(node).filter(|t| *t != rtype && !goes_along(*t)).collect();
        if !others.is_empty() {
            return Err(conflict(format!(
                "{owner} has {} records, beside which no CNAME may stand (RFC 1034 §3.6.2)",
                some(&others, 4)
            ))
            .hint(format!("delete them first: `ptrctl record delete {owner}`")));
        }
    } else if !goes_along(rtype) && types(node).any(|t| t == RecordType::CNAME) {
        return Err(conflict(format!(
            "{owner} has a CNAME, beside which nothing else may stand (RFC 1034 §3.6.2)"
        ))
        .hint(format!("delete it first: `ptrctl record delete {owner} CNAME`")));
    }
    Ok(())
}

/// Refuses when the zone has names below an owner that could not be reached any more.
fn check_nothing_below(
    plan: &Plan<'_>,
    zone: &Zone,
    owner: &Name,
    what: &str,
    may_stay: impl Fn(RecordType) -> bool,
) -> Result<(), Problem> {
    let mut below: Vec<Name> = Vec::new();
    if zone.names().exists(&owner.key_below(zone.apex_labels())) {
        let names = zone.names().iter();
        below.extend(names.filter_map(|(key, node)| {
            let name = NameTree::owner(&key, node, zone.apex());
            let hidden = name.is_under(owner) && node.rrsets().any(|rrset| !may_stay(rrset.rtype));
            hidden.then_some(name)
        }));
    }
    below.extend(plan.declared().zones_below(owner).take(8).map(|zone| zone.apex.clone()));
    below.extend(plan.declared().former_below(owner).take(8).map(|(_, label)| label.apex.clone()));
    below.extend(
        plan.declared().classless_below(owner).take(8).filter_map(|b| b.mode.classless_apex().cloned()),
    );
    if below.is_empty() {
        return Ok(());
    }
    Err(conflict(format!("a {what} at {owner} would hide what stands below it: {}", some(&below, 8)))
        .hint("delete that first: `ptrctl record delete OWNER`"))
}

/// Refuses what stands at or below a derived record of a native zone, or below a cut or DNAME of its own.
pub(crate) fn check_underived(
    plan: &Plan<'_>,
    zone: &Zone,
    owner: &Name,
    rtype: Option<RecordType>,
) -> Result<(), Problem> {
    let mut name = QName::default();
    name.assign(owner.to_lowercase().as_wire());
    let reverse = ReverseName::of(&name);
    let resumed = as_if_resumed(plan, zone);
    let zone = resumed.as_ref().unwrap_or(zone);
    match zone.find(plan.next.snapshot.addresses(), &name, reverse.as_ref()) {
        Found::Alias { apex, .. } => {
            let block = plan
                .declared()
                .block_with_apex(apex)
                .map_or_else(String::new, |block| block.range.to_string());
            Err(invalid(format!(
                "{owner} has a CNAME to {apex}, which follows from the block {block} and cannot be written"
            ))
            .hint(format!("write in the zone {apex}, or remove the block")))
        }
        Found::Cut(cut) => {
            let up = owner.label_count().saturating_sub(cut.labels);
            let cut_owner = owner.ancestors().nth(up).unwrap_or_else(|| owner.clone());
            match cut.records {
                CutRecords::Derived(_) => Err(derived_cut(plan, zone, owner, &cut_owner)),
                CutRecords::Stored(_) => check_at_cut(owner, &cut_owner, rtype),
            }
        }
        Found::Dname { labels, .. } => {
            let up = owner.label_count().saturating_sub(labels);
            let dname = owner.ancestors().nth(up).unwrap_or_else(|| owner.clone());
            match rtype {
                Some(_) => Err(invalid(format!(
                    "{owner} lies below the DNAME of {dname} and would never be seen (RFC 6672 §2.4)"
                ))
                .hint("delete the DNAME first, or set the record where it leads to")),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

fn derived_cut(plan: &Plan<'_>, zone: &Zone, owner: &Name, cut: &Name) -> Problem {
    let declared = plan.declared();
    if declared.zone(cut).is_some() {
        return invalid(format!(
            "{owner} is at or below {cut}, a zone of its own: its NS and glue are taken from there"
        ))
        .hint(format!("write in the zone {cut}"));
    }
    let by_apex = declared.block_with_apex(cut).cloned();
    let by_address = || {
        let prefix = ReverseName::of_name(cut).map(|reverse| reverse.prefix.range());
        let range = address_at(zone, cut).map(|(address, _)| AddrRange::single(address)).or(prefix);
        range.and_then(|range| taker(declared, &range)).cloned()
    };
    let block = by_apex.or_else(by_address).map_or_else(String::new, |block| format!(" {}", block.range));
    invalid(format!(
        "{owner} is at or below the zone cut {cut}, which follows from the block{block} and cannot be written"
    ))
    .hint("remove the block, or add it again with other nameservers")
}

/// At a cut of the zone's own stand NS and DS, below it glue.
fn check_at_cut(owner: &Name, cut: &Name, rtype: Option<RecordType>) -> Result<(), Problem> {
    let Some(rtype) = rtype else { return Ok(()) };
    let fits = if owner == cut {
        matches!(rtype, RecordType::NS | RecordType::DS | RecordType::NSEC | RecordType::RRSIG)
            || matches!(rtype, RecordType::A | RecordType::AAAA)
    } else {
        matches!(rtype, RecordType::A | RecordType::AAAA)
    };
    if fits {
        return Ok(());
    }
    Err(invalid(format!(
        "{owner} is at or below the zone cut {cut}: only NS, DS and glue may stand there, not {rtype}"
    ))
    .hint("set it on the nameservers that the cut names, or delete the cut first"))
}

/// The rules of a native zone about names that are addresses.
fn check_addresses(plan: &Plan<'_>, zone: &Zone, owner: &Name, rtype: RecordType) -> Result<(), Problem> {
    if let Some((address, exact)) = address_at(zone, owner) {
        let redirects = matches!(rtype, RecordType::CNAME | RecordType::DNAME | RecordType::NS);
        if exact && rtype == RecordType::PTR {
            return Err(invalid(format!("{owner} is the name of {address}: its PTR belongs to the address"))
                .hint(format!("`ptrctl ptr set {address} NAME`")));
        }
        if exact && redirects && plan.next.snapshot.addresses().ptr(address).is_some() {
            return Err(conflict(format!("{address} has a PTR, which a {rtype} at {owner} excludes"))
                .hint(format!("delete it first: `ptrctl ptr delete {address}`")));
        }
        if exact && rtype == RecordType::NS && plan.declared().block_of(address).is_some() {
            return Err(cut_over_block(plan, owner, &AddrRange::single(address)));
        }
    }
    if !matches!(rtype, RecordType::NS | RecordType::DNAME)
        || (rtype == RecordType::NS && owner == zone.apex())
    {
        return Ok(());
    }
    if let ptrd_zone::View::Classless { .. } = zone.view()
        && owner == zone.apex()
    {
        return Err(invalid(format!("a DNAME at {owner} would hide the addresses that the zone shows"))
            .hint("put it at a name that is no address and has none below"));
    }
    let prefix =
        ReverseName::of_name(owner).filter(|reverse| reverse.extra == 0 && !reverse.prefix.is_full());
    match prefix.map(|reverse| reverse.prefix.range()) {
        Some(range) if touches_block(plan, &range) => Err(cut_over_block(plan, owner, &range)),
        _ => Ok(()),
    }
}

fn touches_block(plan: &Plan<'_>, range: &AddrRange) -> bool {
    let declared = plan.declared();
    declared.innermost(range).is_some()
        || declared.blocks_in(range).next().is_some()
        || declared.conflict(range).is_some()
}

fn cut_over_block(plan: &Plan<'_>, owner: &Name, range: &AddrRange) -> Problem {
    let declared = plan.declared();
    let block = declared.innermost(range).or_else(|| declared.blocks_in(range).next());
    let block = block.map_or_else(String::new, |block| format!(" of the block {}", block.range));
    invalid(format!("{owner} stands for addresses{block}: NS and DNAME there would take them away"))
        .hint(format!("delegate them: `ptrctl block add {range} --delegate zone` or `--delegate ns`"))
}

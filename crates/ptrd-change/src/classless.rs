//! Classless zones (RFC 2317): how their label is spelt, where their apex goes, and what it must not collide with.

use crate::place::taker;
use crate::plan::Plan;
use crate::problem::{bad, conflict, invalid, quote, some};
use ptrd_api::Problem;
use ptrd_wire::{
    AddrRange, Family, Name, ReverseName, ReversePrefix, canonical_octet, classless_label, ip_from_bits,
};
use ptrd_zone::model::{LabelStyle, Mode, ZoneKind};
use ptrd_zone::{Declared, NameTree, View, Zone};
use std::net::IpAddr;

/// The name that a styled label goes under: the classless zone around, else the /24, whoever serves it.
pub(crate) fn label_parent(declared: &Declared, range: &AddrRange) -> Name {
    let around = match declared.block_at(range) {
        Some(own) => declared.taken_by(own.id),
        None => taker(declared, range),
    };
    match around.map(|taker| &taker.mode) {
        Some(Mode::Classless { apex, .. }) => apex.clone(),
        _ => ReversePrefix::new(range.first(), 3).name(),
    }
}

/// The style and apex that a request asks for.
pub(crate) fn style_and_apex(
    declared: &Declared,
    range: &AddrRange,
    style: Option<&LabelStyle>,
    apex: Option<&Name>,
) -> Result<(LabelStyle, Name), Problem> {
    if range.family() == Family::V6 {
        return Err(invalid(format!(
            "{range}: classless zones are for IPv4; IPv6 has a zone border every four bits"
        ))
        .hint("leave --classless and --apex out: IPv6 blocks have zones of their own"));
    }
    let style = match (style, apex) {
        (Some(style), _) => style.clone(),
        (None, Some(apex)) => LabelStyle::Label(first_label(apex)?),
        (None, None) => LabelStyle::FirstLen,
    };
    if let Some(apex) = apex {
        return Ok((style, apex.clone()));
    }
    let apex = styled(range, &style, &label_parent(declared, range))?;
    Ok((style, apex))
}

/// The apex that a style makes of a range below a name.
pub(crate) fn styled(range: &AddrRange, style: &LabelStyle, parent: &Name) -> Result<Name, Problem> {
    if range.first_bits() >> 8 != range.last_bits() >> 8 {
        return Err(invalid(format!("{range} does not lie within one /24: a classless zone cannot show it"))
            .hint("split it at the /24 border"));
    }
    let by_range = |separator, last| {
        if range.size() >= 256 {
            return Err(invalid(format!("{range} is a whole /24, which has a zone name of its own"))
                .hint("leave --classless out, or name the zone with --classless label=TEXT"));
        }
        classless_label(range, separator, last).ok_or_else(|| {
            invalid(format!("{range} is no prefix, which the label style {style} needs"))
                .hint("use --classless first-last or --classless label=TEXT")
        })
    };
    let label = match style {
        LabelStyle::FirstLen => by_range('-', false)?,
        LabelStyle::FirstLast => by_range('-', true)?,
        LabelStyle::Slash => by_range('/', false)?,
        LabelStyle::Label(label) => label.clone(),
    };
    let apex = Name::parse_relative(&label, parent)
        .map_err(|error| bad(format!("label {}: {error}", quote(&label))))?;
    if label == "@" || apex.label_count() != parent.label_count() + 1 || label.ends_with('.') {
        return Err(
            bad(format!("{} is not one label", quote(&label))).hint("give another apex in full with --apex")
        );
    }
    Ok(apex)
}

fn first_label(apex: &Name) -> Result<String, Problem> {
    let label =
        apex.labels().next().ok_or_else(|| invalid("the root cannot be the apex of a classless zone"))?;
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = ptrd_wire::write_label_text(label, &mut text);
    Ok(text)
}

/// Refuses an apex that something else uses.
pub(crate) fn check_apex(plan: &Plan<'_>, apex: &Name) -> Result<(), Problem> {
    let declared = plan.declared();
    if apex.is_root() || apex.is_wildcard() {
        return Err(invalid(format!("{apex} cannot be the apex of a classless zone")));
    }
    // Each address stands one label of up to three digits below it.
    if apex.as_wire().len() + 4 > 255 {
        return Err(invalid(format!(
            "{apex} is too long: the names of the addresses below it would exceed 255 octets"
        ))
        .hint("choose a shorter label or --apex"));
    }
    if let Some(reverse) = ReverseName::of_name(apex) {
        if reverse.extra == 0 {
            return Err(invalid(format!(
                "{apex} is the name of {}: the label would stand in its place",
                reverse.prefix.range()
            ))
            .hint("choose another label"));
        }
        if reverse.prefix.is_full() {
            return Err(invalid(format!("{apex} lies below the name of one address"))
                .hint("choose another label or apex"));
        }
    }
    if declared.blocks_with_former(apex).next().is_some() {
        return Err(conflict(format!("{apex} is a label of before and still answered for"))
            .hint("end that first: `ptrctl block relabel RANGE --finish`"));
    }
    if let Some(zone) = declared.zone(apex) {
        return Err(conflict(format!("a zone {} is served here already", zone.apex))
            .hint("choose another label or --apex"));
    }
    if let Some(block) = declared.block_with_apex(apex) {
        return Err(conflict(format!("{apex} is the classless zone of the block {}", block.range))
            .hint("choose another label or --apex"));
    }
    if let Some(zone) = declared.zones_below(apex).next() {
        return Err(conflict(format!("the zone {} is served below {apex}", zone.apex))
            .hint("choose another label or --apex"));
    }
    // An octet below another classless zone is an address there.
    let above = declared.zone_above(apex).and_then(|zone| plan.zone(&zone.apex));
    if let Some((address, _)) = above.and_then(|zone| address_at(zone, apex)) {
        return Err(
            invalid(format!("{apex} is at or below the name of {address}")).hint("choose another label")
        );
    }
    check_free(plan, apex)
}

/// Refuses a new apex where the native zone above has names that a cut would hide.
pub(crate) fn check_free(plan: &Plan<'_>, apex: &Name) -> Result<(), Problem> {
    let Some(above) = plan.declared().zone_above(apex).filter(|zone| zone.kind != ZoneKind::Verbatim) else {
        return Ok(());
    };
    let Some(zone) = plan.zone(&above.apex) else { return Ok(()) };
    if !zone.names().exists(&apex.key_below(zone.apex_labels())) {
        return Ok(());
    }
    let hidden: Vec<Name> = zone
        .names()
        .iter()
        .map(|(key, node)| NameTree::owner(&key, node, zone.apex()))
        .filter(|owner| owner.is_at_or_under(apex))
        .collect();
    Err(conflict(format!("{} has records that {apex} would hide: {}", above.apex, some(&hidden, 8)))
        .hint("delete them first: `ptrctl record delete OWNER`"))
}

/// The address that an owner in a native zone is at or below, and whether it is exactly its name.
pub(crate) fn address_at(zone: &Zone, owner: &Name) -> Option<(IpAddr, bool)> {
    match zone.view() {
        View::Verbatim => None,
        View::Range(_) => {
            let reverse = ReverseName::of_name(owner).filter(|reverse| reverse.prefix.is_full())?;
            Some((ip_from_bits(reverse.prefix.family(), reverse.prefix.bits()), reverse.extra == 0))
        }
        View::Classless { first, last } => {
            let below = owner.label_count().checked_sub(zone.apex_labels())?;
            let label = owner.labels().nth(below.checked_sub(1)?)?;
            let bits = first & 0xffff_ff00 | u32::from(canonical_octet(label)?);
            let address = ip_from_bits(Family::V4, u128::from(bits));
            (first..=last).contains(&bits).then_some((address, below == 1))
        }
    }
}

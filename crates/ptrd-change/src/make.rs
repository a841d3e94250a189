//! Zones that come into being and go as other servers' interfaces have it: by their name. Where that is the name of a
//! range of addresses, or of a classless zone by one of its styles, it says which block is meant, so the zone is native;
//! any other name is that of a verbatim zone.

use crate::authorise::Role;
use crate::block::{self, NewBlock};
use crate::plan::Plan;
use crate::powerdns_kind::PowerdnsKind;
use crate::problem::{conflict, forbidden, internal, invalid, some};
use crate::request::{ShowTarget, read_name};
use crate::rights::Rights;
use crate::rrsets::{self, Write};
use crate::sets::read_policy;
use crate::tenant::{tenant_name, unknown_tenant};
use crate::unblock::{self, Removal};
use crate::zone::{self, unknown_zone};
use crate::{classless, resell};
use ptrd_api::{BlockAdd, Problem, ZoneMake, ZoneStart};
use ptrd_wire::{AddrRange, Family, Name, ReversePrefix, canonical_octet};
use ptrd_zone::model::{LabelStyle, SerialPolicy, TenantId, ZoneKind};
use ptrd_zone::{Declared, ZoneMeta};
use std::sync::Arc;

/// A zone that is to be, read.
#[derive(Debug)]
pub(crate) struct MakeOrder {
    apex: Name,
    tenant: Option<String>,
    nameservers: Vec<Name>,
    policy: Option<SerialPolicy>,
    kind: Option<PowerdnsKind>,
    writes: Vec<Write>,
}

impl MakeOrder {
    pub fn read(make: &ZoneMake) -> Result<MakeOrder, Problem> {
        let names = make.nameservers.iter().map(|text| read_name("the nameserver", text));
        let order = MakeOrder {
            apex: read_name("the apex", &make.apex)?,
            tenant: make.tenant.clone(),
            nameservers: names.collect::<Result<_, _>>()?,
            policy: make.serial_policy.as_deref().map(read_policy).transpose()?,
            kind: make.powerdns_kind.as_deref().map(PowerdnsKind::read).transpose()?,
            writes: rrsets::read_all(&make.rrsets)?,
        };
        if !order.nameservers.is_empty() && order.writes.iter().any(|write| write.is_apex_ns(&order.apex)) {
            return Err(invalid("Nameservers list MUST NOT be mixed with zone-level NS in rrsets"));
        }
        Ok(order)
    }

    pub fn len(&self) -> usize {
        self.writes.len()
    }

    /// Shows the names that addresses are to have, in the zone as it would be.
    pub fn ptr_targets(&self, plan: &mut Plan<'_>, rights: &Rights, show: &mut ShowTarget<'_>) {
        if let Ok((_, meta)) = add(plan, rights.role, self) {
            rrsets::ptr_targets(plan, rights, &meta, &self.writes, show);
        }
    }
}

/// What a name asks for.
enum Meant {
    /// A range of addresses.
    Range(AddrRange),
    /// A classless zone (RFC 2317), its label in this style.
    Classless(AddrRange, LabelStyle),
    Other,
}

fn meant(apex: &Name) -> Result<Meant, Problem> {
    if let Some(prefix) = ReversePrefix::of_apex(apex)
        && prefix.depth() > 0
        && !(prefix.family() == Family::V4 && prefix.is_full())
    {
        return Ok(Meant::Range(prefix.range()));
    }
    let above = apex.ancestors().nth(1).and_then(|above| ReversePrefix::of_apex(&above));
    let above = above.filter(|above| above.family() == Family::V4 && above.depth() == 3);
    match (above, apex.labels().next()) {
        (Some(above), Some(label)) => classless_range(&above.range(), label),
        _ => Ok(Meant::Other),
    }
}

/// The range that a label below a /24 is for, if it is in one of the styles ([`LabelStyle`]).
fn classless_range(around: &AddrRange, label: &[u8]) -> Result<Meant, Problem> {
    let octets = |separator: u8| {
        let at = label.iter().position(|octet| *octet == separator)?;
        Some((canonical_octet(&label[..at])?, canonical_octet(&label[at + 1..])?))
    };
    let first_of = |octet: u8| around.first_bits() | u128::from(octet);
    let by_length = |(first, length): (u8, u8)| {
        let is_prefix = (25..=32).contains(&length) && u32::from(first).is_multiple_of(1 << (32 - length));
        is_prefix.then(|| AddrRange::of_prefix(Family::V4, first_of(first), length))
    };
    let by_last = |(first, last): (u8, u8)| {
        let address = |octet| ptrd_wire::ip_from_bits(Family::V4, first_of(octet));
        let range = AddrRange::new(address(first), address(last)).ok()?;
        (range.size() < 256).then_some(range)
    };
    if let Some(range) = octets(b'/').and_then(by_length) {
        return Ok(Meant::Classless(range, LabelStyle::Slash));
    }
    let pair = octets(b'-');
    match (pair.and_then(by_length), pair.and_then(by_last)) {
        (Some(one), Some(other)) if one != other && is_prefix(&other) => {
            let label = String::from_utf8_lossy(label).into_owned();
            Err(invalid(format!("the label {label} may stand for {one} and for {other}")).hint(format!(
                "add the block that is meant: `ptrctl block add {one} --classless first-len` or `ptrctl block add \
                 {other} --classless first-last`, with --tenant"
            )))
        }
        (Some(range), _) => Ok(Meant::Classless(range, LabelStyle::FirstLen)),
        (None, Some(range)) => Ok(Meant::Classless(range, LabelStyle::FirstLast)),
        (None, None) => Ok(Meant::Other),
    }
}

fn is_prefix(range: &AddrRange) -> bool {
    range.size().is_power_of_two() && range.first_bits().is_multiple_of(range.size())
}

fn check_absent(declared: &Declared, apex: &Name) -> Result<(), Problem> {
    let Some(zone) = declared.zone(apex) else { return Ok(()) };
    Err(conflict(format!("the {} zone {} is there already", declared.kind_word(zone), zone.apex)))
}

/// The block that a zone stands for, `None` where it is to be a verbatim one.
fn block_of(declared: &Declared, role: Role, order: &MakeOrder) -> Result<Option<NewBlock>, Problem> {
    let apex = &order.apex;
    let (range, style) = match meant(apex)? {
        Meant::Range(range) => (range, None),
        Meant::Classless(range, style) => (range, Some(style)),
        Meant::Other => return Ok(None),
    };
    // Where the style would make another name of it, the name itself is what is asked for.
    let styled = style.as_ref().map(|style| {
        let parent = classless::label_parent(declared, &range);
        classless::styled(&range, style, &parent).is_ok_and(|name| name == *apex)
    });
    let tenant = tenant_of(declared, role, order, Some(&range))?;
    let add = BlockAdd {
        range: range.to_string(),
        tenant: tenant_name(declared, tenant),
        classless: style.filter(|_| styled == Some(true)).map(|style| style.to_string()),
        apex: (styled == Some(false)).then(|| apex.to_string()),
        own_zone: styled.is_none(),
        ..BlockAdd::default()
    };
    block::read(&add).map(Some)
}

/// Whose a new zone is.
fn tenant_of(
    declared: &Declared,
    role: Role,
    order: &MakeOrder,
    range: Option<&AddrRange>,
) -> Result<TenantId, Problem> {
    if let Some(name) = &order.tenant {
        let tenant = declared.tenant_named(name).map(|tenant| tenant.id);
        return tenant.ok_or_else(|| unknown_tenant(name));
    }
    if let Role::Tenant(tenant) = role {
        return Ok(tenant);
    }
    let around = range.and_then(|range| declared.innermost(range)).map(|block| block.tenant);
    let above = || declared.zone_above(&order.apex).map(|zone| zone.tenant);
    let mut tenants = declared.tenants();
    let only = tenants.next().filter(|_| tenants.next().is_none()).map(|tenant| tenant.id);
    around.or_else(above).or(only).ok_or_else(|| {
        invalid(format!("nothing says whose the zone {} is to be", order.apex)).hint(
            "name its tenant (in the PowerDNS API: `account`), or add its block first: `ptrctl block add`",
        )
    })
}

/// Whether a tenant may make this zone: where it may make the block.
pub(crate) fn may_make(declared: &Declared, rights: &Rights, order: &MakeOrder) -> Result<(), Problem> {
    let tenant = rights.tenant().ok_or_else(|| internal("a tenant that is none"))?;
    match block_of(declared, rights.role, order)? {
        Some(new) => {
            resell::covers(rights, &new.range)?;
            resell::may_add(declared, tenant, &new)
        }
        None => Err(forbidden(format!(
            "{} names no range of addresses: only operators add such zones",
            order.apex
        ))
        .hint("ask your operator")),
    }
}

/// Plans a zone and its block, without any RRsets.
fn add(plan: &mut Plan<'_>, role: Role, order: &MakeOrder) -> Result<(String, Arc<ZoneMeta>), Problem> {
    let apex = &order.apex;
    check_absent(plan.declared(), apex)?;
    let summary = match block_of(plan.declared(), role, order)? {
        Some(new) => block::add(plan, &new)?,
        None => {
            let tenant = tenant_of(plan.declared(), role, order, None)?;
            let tenant = tenant_name(plan.declared(), tenant);
            zone::add(plan, apex, &tenant, &ZoneStart::default())?
        }
    };
    let meta = plan.declared().zone(apex).cloned().ok_or_else(|| {
        invalid(format!("{summary}, and yet there would be no zone {apex}"))
            .hint("add the block itself: `ptrctl block add`")
    })?;
    Ok((summary, meta))
}

/// Plans a zone, its block and its RRsets.
pub(crate) fn plan(plan: &mut Plan<'_>, rights: &Rights, order: &MakeOrder) -> Result<String, Problem> {
    let (role, apex) = (rights.role, &order.apex);
    let (summary, meta) = add(plan, role, order)?;
    let policy = order.policy.filter(|policy| *policy != plan.declared().serial_policy(&meta));
    if let Some(policy) = policy.filter(|_| role == Role::Operator) {
        plan.put_references(ZoneMeta { serial_policy: Some(policy), ..ZoneMeta::clone(&meta) }, None);
        let serial = plan.first_serial(policy);
        plan.alter(apex, |zone| zone.set_serial(serial));
    }
    if let Some(kind) = order.kind {
        plan.put_powerdns_kind(meta.id, kind);
    }
    let meta = plan.declared().zone(apex).cloned().ok_or_else(|| unknown_zone(apex))?;
    let mut changed = Vec::new();
    if !order.nameservers.is_empty() {
        let ttl = plan.declared().defaults().zone_ttl;
        let write = Write::of_nameservers(apex, ttl, &order.nameservers);
        changed = rrsets::put_all(plan, rights, &meta, &[write])?;
    }
    changed.extend(rrsets::put_all(plan, rights, &meta, &order.writes)?);
    match changed.is_empty() {
        true => Ok(summary),
        false => Ok(format!("{summary}; {}", some(&changed, 4))),
    }
}

/// What is removed with a zone.
enum Goes {
    Verbatim,
    Block(Removal),
}

fn going(declared: &Declared, apex: &Name) -> Result<Goes, Problem> {
    let zone = declared.zone(apex).ok_or_else(|| unknown_zone(apex))?;
    let range = match &zone.kind {
        ZoneKind::Verbatim => return Ok(Goes::Verbatim),
        ZoneKind::Range(prefix) => prefix.range(),
        ZoneKind::Classless { range, .. } => *range,
    };
    if declared.block_at(&range).is_none() {
        let blocks: Vec<AddrRange> = declared
            .innermost(&range)
            .into_iter()
            .chain(declared.blocks_in(&range))
            .take(5)
            .map(|b| b.range)
            .collect();
        return Err(invalid(format!(
            "the zone {apex} goes with the blocks that it shows: {}",
            some(&blocks, 4)
        ))
        .hint("remove those: `ptrctl block remove`"));
    }
    Ok(Goes::Block(Removal { range, clear: true, ptrs: None, expect: None }))
}

/// Whether a tenant may remove this zone: where it may remove the block.
pub(crate) fn may_drop(declared: &Declared, rights: &Rights, apex: &Name) -> Result<(), Problem> {
    let tenant = rights.tenant().ok_or_else(|| internal("a tenant that is none"))?;
    match going(declared, apex)? {
        Goes::Block(removal) => {
            resell::covers(rights, &removal.range)?;
            resell::may_remove(declared, tenant, &removal)
        }
        Goes::Verbatim => {
            Err(forbidden(format!("only operators remove the zone {apex}")).hint("ask your operator"))
        }
    }
}

/// Plans the end of a zone.
pub(crate) fn drop(plan: &mut Plan<'_>, apex: &Name) -> Result<String, Problem> {
    let removal = match going(plan.declared(), apex)? {
        Goes::Verbatim => return zone::remove(plan, apex, None),
        Goes::Block(removal) => removal,
    };
    let summary = unblock::remove(plan, &removal)?;
    if plan.declared().zone(apex).is_some() {
        return Err(invalid(format!(
            "the zone {apex} would stay: other blocks than {} are shown by it",
            removal.range
        ))
        .hint("remove those first; `ptrctl block list` lists them"));
    }
    Ok(summary)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a name asks for, in short.
    fn read(apex: &str) -> String {
        match meant(&apex.parse().expect("a name")) {
            Ok(Meant::Range(range)) => range.to_string(),
            Ok(Meant::Classless(range, style)) => format!("{range} {style}"),
            Ok(Meant::Other) => "other".to_owned(),
            Err(problem) => problem.message,
        }
    }

    #[test]
    fn names_say_which_block_is_meant() {
        for (apex, what) in [
            ("2.0.192.in-addr.arpa", "192.0.2.0/24"),
            ("10.in-addr.arpa", "10.0.0.0/8"),
            ("8.b.d.0.1.0.0.2.ip6.arpa", "2001:db8::/32"),
            ("in-addr.arpa", "other"),
            ("5.2.0.192.in-addr.arpa", "other"),
            ("02.0.192.in-addr.arpa", "other"),
            ("example.com", "other"),
            ("0/26.2.0.192.in-addr.arpa", "192.0.2.0/26 slash"),
            ("64-26.2.0.192.in-addr.arpa", "192.0.2.64/26 first-len"),
            ("64-127.2.0.192.in-addr.arpa", "192.0.2.64/26 first-last"),
            ("10-20.2.0.192.in-addr.arpa", "192.0.2.10-192.0.2.20 first-last"),
            ("10/26.2.0.192.in-addr.arpa", "other"),
            ("0-255.2.0.192.in-addr.arpa", "other"),
            ("20-10.2.0.192.in-addr.arpa", "other"),
            ("0/26.0.192.in-addr.arpa", "other"),
            ("0-26.2.0.192.in-addr.arpa", "192.0.2.0/26 first-len"),
            ("0-31.2.0.192.in-addr.arpa", "the label 0-31 may stand for 192.0.2.0/31 and for 192.0.2.0/27"),
            ("30-31.2.0.192.in-addr.arpa", "192.0.2.30/31 first-len"),
        ] {
            assert_eq!(read(apex), what, "{apex}");
        }
    }
}

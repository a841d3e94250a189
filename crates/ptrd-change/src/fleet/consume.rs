//! Catalogs of others that are followed (RFC 9432): made so, let go, and what is stored of them and of the zones that are
//! there because they list them.
//!
//! The catalog itself is a followed zone like any other. A member has no primaries of its own: it is pulled from whom its
//! catalog is pulled from. What is to become of members is said in [`apply`], and nowhere else: see [`guard`].

mod apply;
mod guard;
mod view;

pub(crate) use apply::{ConsumeOrder, check_bare, plan as plan_apply};
pub(crate) use guard::{check, is_orphan, refuse};
pub(crate) use view::view_of_origin;

use super::catalog::LONGEST_GROUP;
use super::follow::{self, read_primary, spec_of};
use super::scope;
use crate::plan::{Plan, Settings};
use crate::problem::{conflict, count, internal, invalid, not_found, quote};
use crate::request::read_name;
use crate::tenant::tenant_name;
use ptrd_api::{CatalogFollowWrite, CatalogGroupWrite, MembersFate, PrimarySpec, Problem};
use ptrd_store::Edit;
use ptrd_wire::{Name, ReversePrefix};
use ptrd_zone::catalog::{Consumed, GroupRule, LONGEST_APEX, Origin};
use ptrd_zone::model::{TenantId, ZoneId};
use ptrd_zone::{CatalogKind, Declared, Followed, Primary, Snapshot, Zone, ZoneMeta};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the names of the settings start with that make a zone a catalog that is followed; its number follows.
pub(super) const CATALOG: &str = "consume/";
/// What the names of those start with that say which catalog lists a zone; the zone's number follows.
pub(super) const MEMBER: &str = "member/";

/// A catalog that is followed, as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredCatalog {
    tenant: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<StoredGroup>,
}

/// What is otherwise for members of a group.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredGroup {
    group: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    primaries: Vec<PrimarySpec>,
}

/// Where a zone comes from, as it is stored. A character of a label or a group is an octet.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredMember {
    catalog: u32,
    label: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
}

fn to_text(octets: &[u8]) -> String {
    octets.iter().copied().map(char::from).collect()
}

fn to_octets(text: &str) -> Option<Box<[u8]>> {
    text.chars().map(|character| u8::try_from(character).ok()).collect()
}

/// The number of the zone that a setting is about whose name starts so.
pub(super) fn number(name: &str, prefix: &str) -> Option<ZoneId> {
    name.strip_prefix(prefix)?.parse().ok().map(ZoneId)
}

fn catalog_setting(zone: ZoneId) -> String {
    format!("{CATALOG}{zone}")
}

fn member_setting(zone: ZoneId) -> String {
    format!("{MEMBER}{zone}")
}

fn fault(name: &str, value: &str) -> String {
    format!("setting {name} says nothing of a catalog that is followed: {value}")
}

fn read_catalog(name: &str, value: &str) -> Result<Consumed, String> {
    let stored: Option<StoredCatalog> = serde_json::from_str(value).ok();
    let stored = stored.filter(|_| number(name, CATALOG).is_some()).ok_or_else(|| fault(name, value))?;
    let mut groups = BTreeMap::new();
    for StoredGroup { group, tenant, primaries } in &stored.groups {
        let primaries: Result<Vec<Primary>, Problem> = primaries.iter().map(read_primary).collect();
        let primaries = primaries.map_err(|_| fault(name, value))?;
        let followed = (!primaries.is_empty()).then(|| Arc::new(Followed { primaries }));
        let group = to_octets(group).ok_or_else(|| fault(name, value))?;
        groups.insert(group, GroupRule { tenant: tenant.map(TenantId), followed });
    }
    Ok(Consumed { tenant: TenantId(stored.tenant), groups })
}

/// A catalog as it is stored.
fn stored(consumed: &Consumed) -> StoredCatalog {
    let groups = consumed.groups.iter().map(|(group, rule)| StoredGroup {
        group: to_text(group),
        tenant: rule.tenant.map(|tenant| tenant.0),
        primaries: rule.followed.iter().flat_map(|followed| &followed.primaries).map(spec_of).collect(),
    });
    StoredCatalog { tenant: consumed.tenant.0, groups: groups.collect() }
}

/// The primaries of groups that requests to are signed: settings, keys, addresses.
pub(super) fn keys_of(settings: &Settings) -> Vec<(&str, Name, String)> {
    let mut found = Vec::new();
    for (name, value) in scope::settings(settings, CATALOG) {
        let Ok(consumed) = read_catalog(name, value) else { continue };
        let followed = consumed.groups.values().filter_map(|rule| rule.followed.as_ref());
        for primary in followed.flat_map(|followed| &followed.primaries) {
            found.extend(primary.key.clone().map(|key| (name, key, primary.address.to_string())));
        }
    }
    found
}

fn read_member(name: &str, value: &str) -> Result<Origin, String> {
    let read = || {
        number(name, MEMBER)?;
        let stored: StoredMember = serde_json::from_str(value).ok()?;
        let groups = stored.groups.iter().map(|group| to_octets(group)).collect::<Option<_>>()?;
        Some(Origin { catalog: ZoneId(stored.catalog), label: to_octets(&stored.label)?, groups })
    };
    read().ok_or_else(|| fault(name, value))
}

/// Whether a setting makes sense.
pub(super) fn check_setting(name: &str, value: &str) -> Result<(), String> {
    if name.starts_with(CATALOG) {
        read_catalog(name, value).map(drop)
    } else {
        read_member(name, value).map(drop)
    }
}

/// Declares what a setting says, and marks the zone.
fn settle(
    settings: &Settings,
    name: &str,
    declared: &mut Declared,
    snapshot: &mut Snapshot,
) -> Result<(), String> {
    let value = settings.get(name);
    if let Some(id) = number(name, MEMBER) {
        declared.set_origin(id, value.map(|value| read_member(name, value)).transpose()?);
    } else if let Some(id) = number(name, CATALOG) {
        let consumed = value.map(|value| read_catalog(name, value)).transpose()?;
        let kind = consumed.as_ref().map(|_| CatalogKind::Consumed);
        declared.set_consumed(id, consumed);
        if let Some(zone) = declared.zone_by_id(id).and_then(|meta| snapshot.zone(&meta.apex)) {
            let mut zone = Zone::clone(zone);
            zone.set_catalog(kind);
            snapshot.put_zone(zone);
        }
    }
    Ok(())
}

/// Declares what all settings say.
///
/// # Errors
/// The name of a setting that makes no sense.
pub(crate) fn declare(
    settings: &Settings,
    declared: &mut Declared,
    snapshot: &mut Snapshot,
) -> Result<(), String> {
    for prefix in [CATALOG, MEMBER] {
        for (name, _) in scope::settings(settings, prefix) {
            settle(settings, name, declared, snapshot)?;
        }
    }
    Ok(())
}

/// A request, read.
#[derive(Debug)]
pub(crate) enum ConsumeDeed {
    Follow { apex: Name, tenant: Option<String>, primaries: Vec<PrimarySpec> },
    Group { apex: Name, group: Box<[u8]>, tenant: Option<String>, primaries: Vec<PrimarySpec> },
    Unfollow { apex: Name, members: MembersFate },
}

impl ConsumeDeed {
    pub fn follow(write: &CatalogFollowWrite) -> Result<ConsumeDeed, Problem> {
        let CatalogFollowWrite { catalog, tenant, primaries } = write;
        let apex = read_name("the catalog", catalog)?;
        let (tenant, primaries) = (tenant.clone(), follow::read_primaries(primaries)?);
        Ok(ConsumeDeed::Follow { apex, tenant, primaries })
    }

    pub fn group(write: &CatalogGroupWrite) -> Result<ConsumeDeed, Problem> {
        let CatalogGroupWrite { catalog, group, tenant, primaries } = write;
        let apex = read_name("the catalog", catalog)?;
        if group.is_empty() || group.len() > LONGEST_GROUP {
            return Err(invalid(format!("{} is no group: 1 to {LONGEST_GROUP} octets", quote(group))));
        }
        let primaries = if primaries.is_empty() { Vec::new() } else { follow::read_primaries(primaries)? };
        let (group, tenant) = (group.as_bytes().into(), tenant.clone());
        Ok(ConsumeDeed::Group { apex, group, tenant, primaries })
    }

    pub fn unfollow(catalog: &str, members: MembersFate) -> Result<ConsumeDeed, Problem> {
        Ok(ConsumeDeed::Unfollow { apex: read_name("the catalog", catalog)?, members })
    }
}

/// The settings of which one says that a zone is pulled from others: from its own primaries, or those of a catalog.
pub(crate) fn followed_by(zone: ZoneId) -> [String; 2] {
    [follow::setting(zone), member_setting(zone)]
}

/// Makes a catalog one that is followed, or not any more.
pub(crate) fn plan_consume(plan: &mut Plan<'_>, deed: &ConsumeDeed) -> Result<String, Problem> {
    match deed {
        ConsumeDeed::Follow { apex, tenant, primaries } => start(plan, apex, tenant.as_deref(), primaries),
        ConsumeDeed::Group { apex, group, tenant, primaries } => {
            set_group(plan, apex, group, tenant.as_deref(), primaries)
        }
        ConsumeDeed::Unfollow { apex, members } => stop(plan, apex, *members),
    }
}

fn start(
    plan: &mut Plan<'_>,
    apex: &Name,
    tenant: Option<&str>,
    primaries: &[PrimarySpec],
) -> Result<String, Problem> {
    let there = plan.declared().zone(apex).cloned();
    let known = there.as_ref().and_then(|meta| plan.declared().consumed(meta.id).cloned());
    match &there {
        None => check_apex(apex)?,
        Some(meta) if known.is_none() => return Err(taken(plan.declared(), meta)),
        Some(_) => {}
    }
    let owner = tenant.map(|name| plan.tenant_named(name)).transpose()?;
    // The catalog itself keeps its owner: members that are new are somebody else's from now on.
    let summary = follow::follow(plan, apex, tenant.filter(|_| there.is_none()), primaries, false)?;
    let meta = plan.declared().zone(apex).cloned().ok_or_else(|| internal("a catalog without a zone"))?;
    let tenant = owner.or(known.as_ref().map(|known| known.tenant)).unwrap_or(meta.tenant);
    let groups = known.map(|known| known.groups.clone()).unwrap_or_default();
    put(plan, catalog_setting(meta.id), Some(&stored(&Consumed { tenant, groups })))?;
    if there.is_some() {
        return Ok(summary);
    }
    Ok(format!(
        "the catalog {summary}; what it lists is served here, for {}",
        tenant_name(plan.declared(), tenant)
    ))
}

fn taken(declared: &Declared, meta: &ZoneMeta) -> Problem {
    let (apex, kind) = (&meta.apex, declared.kind_word(meta));
    let tenant = tenant_name(declared, meta.tenant);
    conflict(format!("the {kind} zone {apex} is served already, for {tenant}")).hint(format!(
        "remove it first: `ptrctl {} remove {apex}`",
        if kind == "catalog" { kind } else { "zone" }
    ))
}

fn check_apex(apex: &Name) -> Result<(), Problem> {
    let length = apex.as_wire().len();
    if apex.is_root() || apex.is_wildcard() || ReversePrefix::of_apex(apex).is_some() || length > LONGEST_APEX
    {
        return Err(invalid(format!("{apex} cannot be a catalog"))
            .hint("give the name of the catalog at its primary"));
    }
    Ok(())
}

/// The catalog with this apex, if it is followed.
fn followed(declared: &Declared, apex: &Name) -> Result<(Arc<ZoneMeta>, Arc<Consumed>), Problem> {
    let meta = declared.zone(apex);
    let found = meta.and_then(|meta| Some((meta.clone(), declared.consumed(meta.id)?.clone())));
    found.ok_or_else(|| {
        not_found(format!("no catalog {apex} is followed here")).hint("see `ptrctl catalog list`")
    })
}

fn set_group(
    plan: &mut Plan<'_>,
    apex: &Name,
    group: &[u8],
    tenant: Option<&str>,
    primaries: &[PrimarySpec],
) -> Result<String, Problem> {
    let (meta, consumed) = followed(plan.declared(), apex)?;
    let tenant = tenant.map(|name| plan.tenant_named(name)).transpose()?;
    follow::check_keys(&plan.next.settings, primaries)?;
    let mut consumed = Consumed::clone(&consumed);
    let called = String::from_utf8_lossy(group);
    let primaries: Vec<Primary> = primaries.iter().map(read_primary).collect::<Result<_, Problem>>()?;
    let followed = (!primaries.is_empty()).then(|| Arc::new(Followed { primaries }));
    let told = match (&tenant, &followed) {
        (None, None) => {
            consumed.groups.remove(group).ok_or_else(|| {
                not_found(format!("nothing is otherwise for members of {apex} in the group {called}"))
                    .hint("say what is to be: --tenant, --from")
            })?;
            "like others from now on".to_owned()
        }
        _ => {
            let whose = tenant
                .map(|id| format!("those that come into it are of {}", tenant_name(plan.declared(), id)));
            let from = followed.as_ref().map(|followed| format!("pulled from {}", addresses(followed)));
            consumed.groups.insert(group.into(), GroupRule { tenant, followed });
            whose.into_iter().chain(from).collect::<Vec<_>>().join(", ")
        }
    };
    put(plan, catalog_setting(meta.id), Some(&stored(&consumed)))?;
    Ok(format!("members of {apex} in the group {called}: {told}"))
}

fn addresses(followed: &Followed) -> String {
    followed.primaries.iter().map(|primary| primary.address.to_string()).collect::<Vec<_>>().join(", ")
}

fn stop(plan: &mut Plan<'_>, apex: &Name, members: MembersFate) -> Result<String, Problem> {
    let (meta, _) = followed(plan.declared(), apex)?;
    plan.let_consume();
    let zones: Vec<ZoneId> = plan.declared().zones_from(meta.id).collect();
    let (mut kept, mut gone) = (0, 0);
    for id in zones {
        let Some(member) = plan.declared().zone_by_id(id).cloned() else { continue };
        match members {
            MembersFate::Keep => {
                let followed = plan.next.snapshot.follows().of(id).cloned();
                let primaries: Vec<PrimarySpec> =
                    followed.iter().flat_map(|followed| &followed.primaries).map(spec_of).collect();
                put::<StoredMember>(plan, member_setting(id), None)?;
                follow::put(plan, id, &primaries)?;
                kept += 1;
            }
            MembersFate::Remove => {
                check_bare(plan, &member.apex)?;
                plan.remove_zone(&member);
                gone += 1;
            }
        }
    }
    plan.remove_zone(&meta);
    Ok(match members {
        MembersFate::Keep => format!(
            "the catalog {apex} is not followed any more; {} stay and are followed by themselves",
            count(kept, "zone")
        ),
        MembersFate::Remove => {
            format!(
                "the catalog {apex} is not followed any more; {} that it listed are removed",
                count(gone, "zone")
            )
        }
    })
}

/// Puts or drops a setting.
fn put<T: Serialize>(plan: &mut Plan<'_>, name: String, stored: Option<&T>) -> Result<(), Problem> {
    let before = plan.next.settings.get(&name).cloned();
    let after = stored.map(serde_json::to_string).transpose().map_err(|error| internal(error.to_string()))?;
    if before != after {
        plan.edit(Edit::Setting { name, before, after });
    }
    Ok(())
}

impl Plan<'_> {
    /// Declares what settings that were altered say of catalogs that are followed, and of their members.
    pub(crate) fn settle_consumption(&mut self) -> Result<(), Problem> {
        let names: Vec<String> =
            [CATALOG, MEMBER].iter().flat_map(|prefix| self.touched_settings(prefix)).cloned().collect();
        for name in names {
            let next = &mut self.next;
            settle(&next.settings, &name, &mut next.declared, &mut next.snapshot).map_err(internal)?;
            // Above a catalog there is no cut.
            if let Some(meta) = number(&name, CATALOG).and_then(|id| self.next.declared.zone_by_id(id)) {
                let apex = meta.apex.clone();
                self.touch_above(&apex);
            }
        }
        Ok(())
    }

    /// Drops what is said of a zone that goes, as a catalog that is followed and as a member of one.
    pub fn forget_consumption(&mut self, zone: ZoneId) {
        for name in [catalog_setting(zone), member_setting(zone)] {
            if let Some(before) = self.next.settings.get(&name).cloned() {
                self.edit(Edit::Setting { name, before: Some(before), after: None });
            }
        }
    }
}

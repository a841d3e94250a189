//! Zones that are pulled from primaries elsewhere: who these are.
//!
//! What a zone holds is the primaries' then, and nobody else's: see [`check_doors`]. When they are asked, and how it went,
//! is no setting; the daemon knows, and the store has how fresh zones are.

use super::consume;
use super::key;
use super::notify::read_address_at;
use crate::plan::{Plan, Settings, State};
use crate::problem::{bad, conflict, internal, not_found, quote};
use crate::request::read_name;
use crate::tenant::tenant_name;
use crate::zone::{check_new, unknown_zone};
use base64ct::{Base64, Encoding};
use ptrd_api::{FollowView, FollowWrite, PrimarySpec, Problem};
use ptrd_store::Edit;
use ptrd_wire::{Name, Serial, Soa, Ttl};
use ptrd_zone::model::{TenantId, ZoneId, ZoneKind, ZoneRow, ZoneSoa};
use ptrd_zone::{Declared, Followed, Follows, Outage, Primary, Security, Snapshot, Zone, ZoneMeta};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the names of these settings start with; the number of the zone follows.
pub(super) const PREFIX: &str = "follow/";
/// How many primaries a zone may have.
const MOST: usize = 16;
/// What transfers go to unless something else is said.
const PORT: u16 = 53;
/// The same over TLS (RFC 9103 §7.2).
const TLS_PORT: u16 = 853;
/// Times of a zone that is not here yet: refresh, retry, expire.
const START: (u32, u32, u32) = (3_600, 600, 604_800);

/// From whom a zone is pulled, as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    primaries: Vec<PrimarySpec>,
}

pub(super) fn setting(zone: ZoneId) -> String {
    format!("{PREFIX}{zone}")
}

fn read(name: &str, value: &str) -> Result<(ZoneId, Followed), String> {
    let fault = || format!("setting {name} does not say from whom a zone is pulled: {value}");
    let zone = name.strip_prefix(PREFIX).and_then(|id| id.parse().ok()).map(ZoneId).ok_or_else(fault)?;
    let stored: Stored = serde_json::from_str(value).map_err(|_| fault())?;
    let primaries: Result<Vec<Primary>, Problem> = stored.primaries.iter().map(read_primary).collect();
    let primaries = primaries.map_err(|_| fault())?;
    if primaries.is_empty() { Err(fault()) } else { Ok((zone, Followed { primaries })) }
}

fn follows(settings: &Settings) -> impl Iterator<Item = (&str, &str)> {
    super::scope::settings(settings, PREFIX)
}

/// Whether a setting makes sense.
pub(super) fn check(name: &str, value: &str) -> Result<(), String> {
    read(name, value).map(drop)
}

/// Makes the snapshot's account anew, of all zones or of those that settings were touched of. A zone that was never pulled is
/// not answered for; one that is not followed any more is.
pub(super) fn resolve(
    settings: &Settings,
    declared: &Declared,
    snapshot: &mut Snapshot,
    touched: Option<&BTreeSet<String>>,
) -> Result<(), String> {
    let mut zones = BTreeSet::new();
    let mut add = |name: &str| {
        for id in [PREFIX, consume::CATALOG].iter().filter_map(|prefix| consume::number(name, prefix)) {
            zones.insert(id);
            zones.extend(declared.zones_from(id));
        }
        zones.extend(consume::number(name, consume::MEMBER));
    };
    match touched {
        Some(names) => names.iter().for_each(|name| add(name)),
        None => [PREFIX, consume::MEMBER]
            .iter()
            .for_each(|prefix| super::scope::settings(settings, prefix).for_each(|(name, _)| add(name))),
    }
    let mut follows = snapshot.follows().clone();
    // Members are pulled from whom their catalog is pulled from, so that comes first.
    let (members, others): (Vec<ZoneId>, Vec<ZoneId>) =
        zones.into_iter().partition(|id| declared.origin(*id).is_some());
    for id in others.into_iter().chain(members) {
        let before = follows.of(id).cloned();
        let after = followed_from(settings, declared, &follows, id)?;
        if before == after {
            continue;
        }
        let (was, is) = (before.is_some(), after.is_some());
        follows.set(id, after);
        let Some(zone) = declared.zone_by_id(id).and_then(|meta| snapshot.zone(&meta.apex)) else { continue };
        let outage = if is { never_pulled(zone) } else { None };
        if was != is && zone.outage() != outage {
            let mut zone = Zone::clone(zone);
            zone.set_outage(outage);
            snapshot.put_zone(zone);
        }
    }
    snapshot.set_follows(follows);
    Ok(())
}

/// From whom a zone is pulled: its own primaries, or those of its group, or of the catalog that lists it.
fn followed_from(
    settings: &Settings,
    declared: &Declared,
    follows: &Follows,
    zone: ZoneId,
) -> Result<Option<Arc<Followed>>, String> {
    let name = setting(zone);
    match settings.get(&name) {
        Some(value) => Ok(Some(Arc::new(read(&name, value)?.1))),
        None => Ok(declared.origin(zone).and_then(|origin| {
            let rule = declared.consumed(origin.catalog).and_then(|consumed| consumed.rule(&origin.groups));
            rule.and_then(|rule| rule.followed.clone()).or_else(|| follows.of(origin.catalog).cloned())
        })),
    }
}

/// What is pulled has nameservers: a zone without them was not.
fn never_pulled(zone: &Zone) -> Option<Outage> {
    zone.apex_ns().is_none().then_some(Outage::Awaited)
}

/// The primaries that requests to are signed: settings, keys, addresses.
pub(super) fn keys_of(settings: &Settings) -> Vec<(&str, Name, String)> {
    let mut found = Vec::new();
    for (name, value) in follows(settings).filter(|(_, value)| value.contains("\"key\"")) {
        let Ok((_, followed)) = read(name, value) else { continue };
        for primary in followed.primaries {
            if let Some(key) = primary.key {
                found.push((name, key, primary.address.to_string()));
            }
        }
    }
    found
}

/// A request, read.
#[derive(Debug)]
pub(crate) enum FollowDeed {
    Follow { apex: Name, tenant: Option<String>, primaries: Vec<PrimarySpec>, take_over: bool },
    Unfollow { apex: Name },
}

impl FollowDeed {
    pub fn read(write: &FollowWrite) -> Result<FollowDeed, Problem> {
        let apex = read_name("the apex", &write.apex)?;
        let (tenant, primaries) = (write.tenant.clone(), read_primaries(&write.primaries)?);
        Ok(FollowDeed::Follow { apex, tenant, primaries, take_over: write.take_over })
    }
}

/// Reads the primaries of a zone, and writes them as they are stored.
pub(super) fn read_primaries(specs: &[PrimarySpec]) -> Result<Vec<PrimarySpec>, Problem> {
    if specs.is_empty() {
        return Err(bad("no primary was given").hint("such as 192.0.2.53"));
    }
    if specs.len() > MOST {
        return Err(bad(format!("more than {MOST} primaries")));
    }
    let primaries: Vec<Primary> = specs.iter().map(read_primary).collect::<Result<_, Problem>>()?;
    for (nth, primary) in primaries.iter().enumerate() {
        if primaries[..nth].iter().any(|other| other.address == primary.address) {
            return Err(bad(format!("the primary {} is given twice", primary.address)));
        }
    }
    Ok(primaries.iter().map(spec_of).collect())
}

/// Reads a primary.
///
/// # Errors
/// What makes no sense about it.
pub fn read_primary(spec: &PrimarySpec) -> Result<Primary, Problem> {
    let has_details = spec.tls_name.is_some() || spec.tls_ca.is_some() || !spec.tls_pins.is_empty();
    let security = match spec.tls.as_deref() {
        None if has_details => {
            return Err(bad(format!("{}: a TLS name, authority or pin goes with strict TLS", spec.address)));
        }
        None => Security::Plain,
        Some("opportunistic") if !has_details => Security::Opportunistic,
        Some("opportunistic") => {
            return Err(bad(format!("{}: opportunistic TLS takes whoever answers", spec.address))
                .hint("leave name, authority and pins out, or use strict TLS"));
        }
        Some("strict") => strict(spec)?,
        Some(other) => {
            return Err(bad(format!("{} is no way to use TLS", quote(other))).hint("strict or opportunistic"));
        }
    };
    let port = if security == Security::Plain { PORT } else { TLS_PORT };
    let address = read_address_at(&spec.address, port)?;
    let key = spec.key.as_deref().map(|text| read_name("the key", text)).transpose()?;
    Ok(Primary { address, key: key.map(|key| key.to_lowercase()), security })
}

fn strict(spec: &PrimarySpec) -> Result<Security, Problem> {
    let name = spec.tls_name.clone().ok_or_else(|| {
        bad(format!("{}: strict TLS needs the name that the primary proves to be", spec.address))
    })?;
    if spec.tls_ca.is_none() && spec.tls_pins.is_empty() {
        return Err(bad(format!("{}: strict TLS needs an authority or a pin", spec.address)).hint(
            "a file with the authority's certificate on the server, or the SHA-256 of the public key",
        ));
    }
    let pin = |text: &String| {
        let mut octets = [0; 32];
        let decoded = Base64::decode(text.trim(), &mut octets).is_ok_and(|octets| octets.len() == 32);
        decoded.then_some(octets).ok_or_else(|| {
            bad(format!("{} is no SHA-256 in base64", quote(text))).hint(
                "openssl x509 -in cert.pem -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 \
                 -binary | base64",
            )
        })
    };
    let pins = spec.tls_pins.iter().map(pin).collect::<Result<_, Problem>>()?;
    Ok(Security::Strict { name, ca: spec.tls_ca.clone(), pins })
}

/// A primary as it is stored and shown.
pub(crate) fn spec_of(primary: &Primary) -> PrimarySpec {
    let mut spec = PrimarySpec {
        address: primary.address.to_string(),
        key: primary.key.as_ref().map(Name::to_string),
        ..PrimarySpec::default()
    };
    match &primary.security {
        Security::Plain => {}
        Security::Opportunistic => spec.tls = Some("opportunistic".to_owned()),
        Security::Strict { name, ca, pins } => {
            spec.tls = Some("strict".to_owned());
            (spec.tls_name, spec.tls_ca) = (Some(name.clone()), ca.clone());
            spec.tls_pins = pins.iter().map(|pin| Base64::encode_string(pin)).collect();
        }
    }
    spec
}

/// Makes a zone one that is followed, or not any more.
pub(crate) fn plan_follow(plan: &mut Plan<'_>, deed: &FollowDeed) -> Result<String, Problem> {
    let (FollowDeed::Follow { apex, .. } | FollowDeed::Unfollow { apex }) = deed;
    if let Some(meta) = plan.declared().zone(apex) {
        consume::refuse(plan.declared(), meta)?;
    }
    match deed {
        FollowDeed::Follow { apex, tenant, primaries, take_over } => {
            follow(plan, apex, tenant.as_deref(), primaries, *take_over)
        }
        FollowDeed::Unfollow { apex } => unfollow(plan, apex),
    }
}

/// Refuses primaries with keys that are not there.
pub(super) fn check_keys(settings: &Settings, primaries: &[PrimarySpec]) -> Result<(), Problem> {
    for spec in primaries {
        if let Some(key) = read_primary(spec)?.key.filter(|key| !key::is_there(settings, key)) {
            return Err(key::unknown(&key));
        }
    }
    Ok(())
}

/// Makes a zone one that is followed.
pub(super) fn follow(
    plan: &mut Plan<'_>,
    apex: &Name,
    tenant: Option<&str>,
    primaries: &[PrimarySpec],
    take_over: bool,
) -> Result<String, Problem> {
    check_keys(&plan.next.settings, primaries)?;
    let owner = tenant.map(|name| plan.tenant_named(name)).transpose()?;
    let id = match plan.declared().zone(apex).cloned() {
        Some(meta) => taken_over(plan, &meta, owner, take_over)?,
        None => {
            let owner = owner.ok_or_else(|| {
                bad(format!("the zone {apex} is new here, and needs an owner"))
                    .hint("say whose it is: --tenant")
            })?;
            check_new(plan, apex)?;
            plan.add_zone(empty(apex, owner), Vec::new()).id
        }
    };
    let addresses = addresses(primaries);
    Ok(match put(plan, id, primaries)? {
        true => format!("{apex} is followed from {addresses}"),
        false => format!("follows already: {apex} from {addresses}"),
    })
}

/// Says from whom a zone is pulled; returns whether that made a difference.
pub(super) fn put(plan: &mut Plan<'_>, zone: ZoneId, primaries: &[PrimarySpec]) -> Result<bool, Problem> {
    let stored = Stored { primaries: primaries.to_vec() };
    let after = Some(serde_json::to_string(&stored).map_err(|error| internal(error.to_string()))?);
    let name = setting(zone);
    let before = plan.next.settings.get(&name).cloned();
    let differs = before != after;
    if differs {
        plan.edit(Edit::Setting { name, before, after });
    }
    Ok(differs)
}

fn addresses(primaries: &[PrimarySpec]) -> String {
    primaries.iter().map(|spec| spec.address.as_str()).collect::<Vec<_>>().join(", ")
}

/// A zone that is here: only a verbatim one, and not without somebody saying so.
fn taken_over(
    plan: &Plan<'_>,
    meta: &ZoneMeta,
    owner: Option<TenantId>,
    take_over: bool,
) -> Result<ZoneId, Problem> {
    let apex = &meta.apex;
    if meta.kind != ZoneKind::Verbatim {
        return Err(conflict(format!("{apex} is a native zone: its content follows from blocks and PTRs"))
            .hint("remove the block first; its zone can be followed then"));
    }
    if owner.is_some_and(|owner| owner != meta.tenant) {
        let tenant = tenant_name(plan.declared(), meta.tenant);
        return Err(conflict(format!("the zone {apex} belongs to the tenant {tenant}"))
            .hint("leave the tenant out: it keeps its owner"));
    }
    if !take_over && plan.next.snapshot.follows().of(meta.id).is_none() {
        return Err(conflict(format!("the zone {apex} is here already, with content of its own"))
            .hint("--take-over lets what the primary sends stand in its place"));
    }
    Ok(meta.id)
}

/// A zone of which nothing is known yet.
pub(super) fn empty(apex: &Name, tenant: TenantId) -> ZoneRow {
    let (refresh, retry, expire) = START;
    let minimum = Ttl::from_secs(0);
    let (mname, rname) = (Name::root(), Name::root());
    let soa = Soa { mname, rname, serial: Serial(0), refresh, retry, expire, minimum };
    ZoneRow {
        id: ZoneId(0),
        apex: apex.clone(),
        tenant,
        kind: ZoneKind::Verbatim,
        soa: ZoneSoa::Own { soa, ttl: minimum },
        ns_set: None,
        serial_policy: None,
    }
}

fn unfollow(plan: &mut Plan<'_>, apex: &Name) -> Result<String, Problem> {
    let meta = plan.declared().zone(apex).cloned().ok_or_else(|| unknown_zone(apex))?;
    let name = setting(meta.id);
    let Some(before) = plan.next.settings.get(&name).cloned() else {
        return Err(not_found(format!("the zone {apex} is not followed")).hint("see `ptrctl zone list`"));
    };
    if plan.zone(apex).is_some_and(|zone| never_pulled(zone).is_some()) {
        return Err(conflict(format!("the zone {apex} was never pulled: nothing would be left of it"))
            .hint(format!("remove it: `ptrctl zone remove {apex}`")));
    }
    plan.edit(Edit::Setting { name, before: Some(before), after: None });
    Ok(format!("{apex} is not followed any more; it stays as it is"))
}

/// Drops what is said of a zone.
pub(super) fn forget(plan: &mut Plan<'_>, zone: ZoneId) {
    let name = setting(zone);
    if let Some(before) = plan.next.settings.get(&name).cloned() {
        plan.edit(Edit::Setting { name, before: Some(before), after: None });
    }
}

/// Refuses what would alter a zone that is followed: whatever road led here, what it holds comes from its primaries.
pub(crate) fn check_doors(base: &State, next: &State, edits: &[Edit]) -> Result<(), Problem> {
    let (before, after) = (base.snapshot.follows(), next.snapshot.follows());
    if before.is_empty() || after.is_empty() {
        return Ok(());
    }
    for edit in edits {
        let zone = match edit {
            Edit::Record { zone, .. } => *zone,
            Edit::Zone { id, before: Some(before), after: Some(after) } if before.tenant == after.tenant => {
                *id
            }
            _ => continue,
        };
        if let Some((followed, _)) = before.of(zone).zip(after.of(zone)) {
            let apex = next.declared.zone_by_id(zone).map(|meta| meta.apex.to_string()).unwrap_or_default();
            let from = followed.primaries.iter().map(|primary| primary.address.to_string());
            return Err(conflict(format!(
                "the zone {apex} is followed from {}: its content is changed there",
                from.collect::<Vec<_>>().join(", ")
            ))
            .hint(match next.declared.origin(zone) {
                Some(_) => "it comes from a catalog: see `ptrctl zone show`".to_owned(),
                None => format!("`ptrctl zone unfollow {apex}` makes it a zone of our own"),
            }));
        }
    }
    Ok(())
}

/// How a zone stands, as far as the snapshot knows.
pub(crate) fn view_of(snapshot: &Snapshot, zone: &Zone) -> Option<FollowView> {
    let followed = snapshot.follows().of(zone.id())?;
    let state = match zone.outage() {
        None => "current",
        Some(Outage::Awaited) => "awaited",
        Some(Outage::Expired) => "expired",
    };
    let primaries = followed.primaries.iter().map(spec_of).collect();
    Some(FollowView { primaries, state: state.to_owned(), ..FollowView::default() })
}

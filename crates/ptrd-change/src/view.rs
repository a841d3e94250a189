//! What is shown of what is there: tenants, zones, PTRs, defaults, the log. Blocks and records have files of their own.

use crate::place::{Run, Shown};
use crate::problem::{bad, not_found, quote};
use crate::ptr::{packed, read_address};
use crate::publish::View;
use crate::request::{read_name, read_range};
use crate::sets::{ns_set_named, soa_template_named};
use crate::tenant::{tenant_name, unknown_tenant};
use crate::version;
use crate::zone::unknown_zone;
use ptrd_api::{
    DEFAULT_PAGE, DefaultsView, MAX_PAGE, Page, Problem, PtrFilter, PtrView, TenantFilter, TenantView,
    ZoneFilter, ZoneView,
};
use ptrd_master::ZoneWriter;
use ptrd_wire::{AddrRange, Family, Name, ip_from_bits, ip_to_bits};
use ptrd_zone::model::{Block, Tenant, TenantId, ZoneKind};
use ptrd_zone::{PtrRef, Zone, ZoneMeta};
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

/// How many items a page may have.
pub(crate) fn page_limit(limit: Option<u64>) -> usize {
    limit.unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE) as usize
}

/// A page of up to `limit` items, and where to go on.
pub(crate) fn page<T>(items: impl Iterator<Item = T>, limit: usize, token: impl Fn(&T) -> String) -> Page<T> {
    let mut items: Vec<T> = items.take(limit + 1).collect();
    let next = (items.len() > limit).then(|| items.truncate(limit)).and_then(|()| items.last().map(token));
    Page { items, next }
}

/// How many items a search looks at for one page.
pub(crate) const LOOKED_AT: usize = 200_000;

/// A page of what is picked from addresses, or from other items, each with the place where to go on. It ends where enough were
/// looked at.
pub(crate) fn picked<I, T>(
    items: impl Iterator<Item = I>,
    (limit, most): (usize, usize),
    token: impl Fn(&I) -> String,
    mut pick: impl FnMut(&I) -> Option<T>,
) -> Page<T> {
    let (mut found, mut last) = (Vec::new(), None);
    for (nth, item) in items.enumerate() {
        if found.len() == limit || nth == most {
            return Page { items: found, next: last.as_ref().map(token) };
        }
        found.extend(pick(&item));
        last = Some(item);
    }
    Page { items: found, next: None }
}

/// A zone as it is to be written as a master file.
pub struct Export {
    zone: Arc<Zone>,
    view: Arc<View>,
}

impl Export {
    /// Writes it, derived records and PTRs too, record by record: what is held meanwhile does not grow with the zone.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut impl io::Write) -> io::Result<()> {
        let zone = &self.zone;
        let addresses = self.view.snapshot.addresses();
        if !zone.is_expandable(addresses) && self.view.reader().is_none() {
            let named = zone.named_addresses(addresses);
            writeln!(out, "; {named} names follow from templates of blocks, more than are written here:")?;
            writeln!(out, "; `ptrctl block list` and `ptrctl block show` say which")?;
        }
        let mut writer = ZoneWriter::new(out, zone.apex(), zone.soa(), zone.soa_ttl())?;
        let meta = self.view.declared.zone(zone.apex()).filter(|_| self.view.reader().is_some());
        let mut walk = zone.walk(addresses);
        while let Some(shown) = walk.next_rrset() {
            let is_hidden = |meta: &Arc<ZoneMeta>| {
                let (owner, derived) = (shown.name(), shown.is_derived());
                !self.view.sees_rrset((meta, zone), &owner, shown.rtype(), derived)
            };
            if meta.is_some_and(is_hidden) {
                continue;
            }
            writer.owner(shown.owner(), shown.ttl(), shown.rtype());
            shown.try_each_rdata(|head, ending| writer.record(&[head, ending]))?;
        }
        Ok(())
    }
}

impl View {
    pub(crate) fn tenant_id(&self, name: &str) -> Result<TenantId, Problem> {
        let tenant = self.declared.tenant_named(name).filter(|tenant| self.sees_tenant(tenant.id));
        tenant.map(|tenant| tenant.id).ok_or_else(|| unknown_tenant(name))
    }

    /// Tenants by name.
    ///
    /// # Errors
    /// None so far.
    pub fn tenants(&self, filter: &TenantFilter) -> Result<Page<TenantView>, Problem> {
        let mut counts: HashMap<TenantId, (u64, u64)> = HashMap::new();
        self.seen_blocks().for_each(|block| counts.entry(block.tenant).or_default().0 += 1);
        self.owned_zones().for_each(|zone| counts.entry(zone.tenant).or_default().1 += 1);
        let mut tenants: Vec<_> = self.declared.tenants().filter(|t| self.sees_tenant(t.id)).collect();
        tenants.sort_by(|a, b| a.name.cmp(&b.name));
        let after = filter.after.as_deref();
        let views = tenants
            .into_iter()
            .filter(|t| after.is_none_or(|after| *t.name > *after))
            .map(|tenant| self.tenant_view(tenant, counts.get(&tenant.id).copied().unwrap_or_default()));
        Ok(page(views, page_limit(filter.limit), |tenant| tenant.name.clone()))
    }

    /// The tenant of this name.
    ///
    /// # Errors
    /// There is none.
    pub fn tenant(&self, name: &str) -> Result<TenantView, Problem> {
        let id = self.tenant_id(name)?;
        let tenant = self.declared.tenant(id).ok_or_else(|| unknown_tenant(name))?;
        let blocks = self.seen_blocks().filter(|block| block.tenant == id).count() as u64;
        let zones = self.owned_zones().filter(|zone| zone.tenant == id).count() as u64;
        Ok(self.tenant_view(tenant, (blocks, zones)))
    }

    fn seen_blocks(&self) -> impl Iterator<Item = &Arc<Block>> {
        self.declared.blocks().filter(|block| self.sees_block(block))
    }

    fn owned_zones(&self) -> impl Iterator<Item = &Arc<ZoneMeta>> {
        self.declared.zones().filter(|zone| self.owns_zone(zone))
    }

    fn tenant_view(&self, tenant: &Tenant, (blocks, zones): (u64, u64)) -> TenantView {
        let reseller = tenant.reseller.map(|id| tenant_name(&self.declared, id));
        TenantView { name: tenant.name.clone(), blocks, zones, reseller, version: version::of_tenant(tenant) }
    }

    /// Zones in canonical order of their apexes.
    ///
    /// # Errors
    /// A filter that makes no sense, an unknown tenant, NS set or SOA template.
    pub fn zones(&self, filter: &ZoneFilter) -> Result<Page<ZoneView>, Problem> {
        let tenant = filter.tenant.as_deref().map(|name| self.tenant_id(name)).transpose()?;
        if let Some(kind) = filter
            .kind
            .as_deref()
            .filter(|kind| !["range", "classless", "verbatim", "catalog"].contains(kind))
        {
            let known = "range, classless, verbatim or catalog";
            return Err(bad(format!("{} is no kind of zone: {known}", quote(kind))));
        }
        let after = filter.after.as_deref().map(|text| read_name("after", text)).transpose()?;
        let ns_set = match filter.ns_set.as_deref() {
            Some(name) => Some(ns_set_named(&self.declared, name)?.id),
            None => None,
        };
        let template = match filter.soa_template.as_deref() {
            Some(name) => Some(soa_template_named(&self.declared, name)?.id),
            None => None,
        };
        let all: Box<dyn Iterator<Item = &Arc<ZoneMeta>> + '_> = match &after {
            Some(after) => Box::new(self.declared.zones_after(after)),
            None => Box::new(self.declared.zones()),
        };
        let zones = all
            .filter(|zone| tenant.is_none_or(|tenant| zone.tenant == tenant))
            .filter(|zone| ns_set.is_none() || zone.ns_set == ns_set)
            .filter(|zone| template.is_none() || zone.soa_template == template)
            .filter(|zone| filter.kind.as_deref().is_none_or(|kind| self.declared.kind_word(zone) == kind))
            .filter(|zone| self.sees_zone(zone))
            .filter_map(|zone| self.zone_view(zone));
        Ok(page(zones, page_limit(filter.limit), |zone| zone.apex.clone()))
    }

    /// The zone with this apex.
    ///
    /// # Errors
    /// There is none.
    pub fn zone(&self, apex: &str) -> Result<ZoneView, Problem> {
        let meta = self.zone_meta(apex)?;
        self.zone_view(meta).ok_or_else(|| unknown_zone(&meta.apex))
    }

    /// The number of a zone.
    ///
    /// # Errors
    /// There is no such zone.
    pub fn zone_id(&self, apex: &str) -> Result<ptrd_zone::model::ZoneId, Problem> {
        self.zone_meta(apex).map(|meta| meta.id)
    }

    pub(crate) fn zone_meta(&self, apex: &str) -> Result<&Arc<ZoneMeta>, Problem> {
        let name = read_name("the zone", apex)?;
        self.declared.zone(&name).filter(|zone| self.sees_zone(zone)).ok_or_else(|| unknown_zone(&name))
    }

    fn zone_view(&self, meta: &ZoneMeta) -> Option<ZoneView> {
        let zone = self.snapshot.zone(&meta.apex)?;
        let range = match &meta.kind {
            ZoneKind::Range(prefix) => Some(prefix.range().to_string()),
            ZoneKind::Classless { range, .. } => Some(range.to_string()),
            ZoneKind::Verbatim => None,
        };
        // Of a zone of somebody else no more than what DNS shows, and what a change is to expect.
        let owns = self.owns_zone(meta);
        let own = |name: &Option<String>| name.clone().filter(|_| owns);
        let ns_set = meta.ns_set.and_then(|id| self.declared.ns_set(id)).map(|set| set.name.clone());
        let template = meta.soa_template.and_then(|id| self.declared.soa_template(id));
        let template = template.map(|template| template.name.clone());
        let addresses = self.snapshot.addresses();
        let named = zone.named_addresses(addresses);
        Some(ZoneView {
            apex: meta.apex.to_string(),
            tenant: if owns { tenant_name(&self.declared, meta.tenant) } else { String::new() },
            kind: self.declared.kind_word(meta).to_owned(),
            range,
            serial: zone.soa().serial.0,
            serial_policy: self.declared.serial_policy(meta).word().to_owned(),
            own_policy: meta.serial_policy.is_some(),
            ns_set: own(&ns_set),
            own_ns: zone.has_own_ns(),
            soa_template: own(&template),
            computed_names: (named > 0 && owns).then(|| named.try_into().unwrap_or(u64::MAX)),
            unexpanded: !zone.is_expandable(addresses),
            signed: match zone.fault() {
                Some(fault) => Some(format!("not whole: {fault}")),
                None => zone.signing().map(ToString::to_string),
            },
            follow: crate::fleet::follow_view(&self.snapshot, zone).filter(|_| owns),
            catalog: crate::fleet::origin_view(&self.declared, meta.id).filter(|_| owns),
            powerdns_kind: crate::powerdns_kind::of(&self.settings, meta.id),
            version: version::of_zone(meta, zone),
        })
    }

    /// A zone, to be written as a master file.
    ///
    /// # Errors
    /// There is no such zone.
    pub fn export(self: &Arc<Self>, apex: &str) -> Result<Export, Problem> {
        let meta = self.zone_meta(apex)?;
        let zone = self.snapshot.zone(&meta.apex).cloned().ok_or_else(|| unknown_zone(&meta.apex))?;
        Ok(Export { zone, view: self.clone() })
    }

    /// PTRs by address, IPv4 first.
    ///
    /// # Errors
    /// A filter that makes no sense.
    pub fn ptrs(&self, filter: &PtrFilter) -> Result<Page<PtrView>, Problem> {
        let addresses = self.with_ptrs(filter.within.as_deref(), filter.after.as_deref())?;
        let mut run: Option<Run> = None;
        let mut ptr = |address| {
            if !run.as_ref().is_some_and(|run| run.range.contains(address)) {
                run = Some(Run::at(&self.declared, address));
            }
            Some(self.ptr_view(address, self.snapshot.addresses().ptr(address)?, run.as_ref()?))
        };
        let limit = page_limit(filter.limit);
        let Some(name) = filter.name.as_ref().map(|name| name.to_ascii_lowercase()) else {
            return Ok(page(addresses.filter_map(ptr), limit, |ptr| ptr.address.clone()));
        };
        let has_name =
            |ptr: &PtrView| ptr.names.iter().any(|target| target.to_ascii_lowercase().contains(&name));
        Ok(picked(addresses, (limit, LOOKED_AT), IpAddr::to_string, |address| ptr(*address).filter(has_name)))
    }

    /// The addresses with PTRs, in a range and after one, where these are given.
    pub(crate) fn with_ptrs(
        &self,
        within: Option<&str>,
        after: Option<&str>,
    ) -> Result<impl Iterator<Item = IpAddr> + use<'_>, Problem> {
        let within = within.map(read_range).transpose()?;
        let after = after.map(read_address).transpose()?;
        let whole = [Family::V4, Family::V6].map(|family| AddrRange::of_prefix(family, 0, 0));
        let ranges = within.map_or(whole.to_vec(), |range| vec![range]);
        let rest = ranges.into_iter().filter_map(move |range| rest_of(&range, after));
        let there = rest.flat_map(|range| crate::place::ptrs_in(&self.snapshot, &range));
        Ok(there.filter(|address| self.sees_address(*address)))
    }

    /// The PTR RRset of an address.
    ///
    /// # Errors
    /// The address is none, or has none.
    pub fn ptr(&self, address: &str) -> Result<PtrView, Problem> {
        let address = read_address(address)?;
        let run = Run::at(&self.declared, address);
        let addresses = self.snapshot.addresses();
        let seen = self.sees_address(address);
        let (ptr, computed) = (addresses.ptr(address), addresses.computed_ptr(address));
        match (ptr.filter(|_| seen), computed.filter(|_| seen)) {
            (Some(ptr), _) => Ok(self.ptr_view(address, ptr, &run)),
            (None, Some(computed)) => Ok(PtrView {
                fcrdns: None,
                address: address.to_string(),
                names: vec![computed.name().to_string()],
                ttl: computed.ttl().as_secs(),
                inherited: true,
                version: crate::version::ABSENT.to_owned(),
                owner: self.owner_shown(address, &run).map(|owner| owner.to_string()),
                template: Some(computed.named().template().text().to_owned()),
            }),
            (None, None) => Err(not_found(format!("{address} has no PTR"))
                .hint(format!("set one: `ptrctl ptr set {address} NAME`"))),
        }
    }

    fn ptr_view(&self, address: IpAddr, ptr: PtrRef<'_>, run: &Run) -> PtrView {
        let mut buffer = Vec::new();
        let set = packed(Some(ptr), &mut buffer);
        PtrView {
            fcrdns: None,
            address: address.to_string(),
            names: set.map(|set| set.to_names().iter().map(Name::to_string).collect()).unwrap_or_default(),
            ttl: ptr.ttl().as_secs(),
            inherited: ptr.is_inherited(),
            version: crate::ptr::version(set),
            owner: self.owner_shown(address, run).map(|owner| owner.to_string()),
            template: None,
        }
    }

    /// Where answers show the PTR of an address.
    fn owner_shown(&self, address: IpAddr, run: &Run) -> Option<Name> {
        let Shown::Here(zone) = &run.shown else { return None };
        let zone = self.snapshot.zone(&zone.apex)?;
        let (family, bits) = ip_to_bits(address);
        zone.shows(address).then(|| zone.owner_of(family, bits)).flatten()
    }

    /// What new zones start with.
    pub fn defaults(&self) -> DefaultsView {
        let declared = &self.declared;
        DefaultsView { version: version::of_defaults(declared), ..crate::defaults::view(declared) }
    }
}

/// What of a range comes after an address.
pub(crate) fn rest_of(range: &AddrRange, after: Option<IpAddr>) -> Option<AddrRange> {
    let Some(after) = after else { return Some(*range) };
    let (family, bits) = ip_to_bits(after);
    if family != range.family() {
        // IPv4 comes first: after an address of it comes all of IPv6, after one of IPv6 no IPv4.
        return (family == Family::V4).then_some(*range);
    }
    let first = bits.checked_add(1)?.max(range.first_bits());
    (first <= range.last_bits()).then(|| AddrRange::new(ip_from_bits(family, first), range.last()).ok())?
}

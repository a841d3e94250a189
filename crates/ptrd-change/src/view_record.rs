//! RRsets as they are shown: the zone's own, and those that follow from blocks, PTRs and other zones.

use crate::problem::bad;
use crate::publish::View;
use crate::record::version;
use crate::request::read_name;
use crate::view::page_limit;
use crate::zone::unknown_zone;
use ptrd_api::{Page, Problem, RecordFilter, RecordView, ZoneView};
use ptrd_wire::{Name, QName, RecordType, ReverseName, RrSet};
use ptrd_zone::{Addresses, CutRecords, Found, STATEMENT, Walk, Zone, ZoneMeta};
use std::sync::Arc;

/// Where a page ended.
struct After {
    zone: Name,
    owner: Name,
    rtype: u16,
}

/// `zone owner TYPE`: names have no spaces in their text form.
fn read_after(text: &str) -> Result<After, Problem> {
    let mut words = text.split(' ');
    let mut next = || words.next().ok_or_else(|| bad("after: is to be taken from `next` of the page before"));
    let zone = read_name("after", next()?)?;
    let owner = read_name("after", next()?)?;
    let rtype = next()?.parse::<RecordType>().map_err(|error| bad(format!("after: {error}")))?;
    Ok(After { zone, owner, rtype: rtype.0 })
}

/// An RRset, and whether it is the zone's own.
pub(crate) struct Shown {
    pub owner: Name,
    pub rrset: RrSet,
    derived: bool,
}

/// A zone with its RRsets, those that the filter asks for, as they were at one moment.
pub struct WholeZone {
    view: Arc<View>,
    zone: Arc<Zone>,
    owner: Option<Name>,
    rtype: Option<RecordType>,
}

impl WholeZone {
    /// Calls `each` for RRsets one after the other, the SOA's too, until it is `false`. Whether it came to the end.
    pub fn each(&self, mut each: impl FnMut(RecordView) -> bool) -> bool {
        let WholeZone { view, zone, owner, rtype } = self;
        let Some(meta) = view.declared.zone(zone.apex()) else { return true };
        let set = meta.ns_set.and_then(|id| view.declared.ns_set(id)).map(|set| set.name.as_str());
        let mut show = |shown: Shown| {
            let is_wanted = rtype.is_none_or(|rtype| shown.rrset.rtype == rtype);
            !is_wanted || each(record_view(zone, set, &shown))
        };
        match owner {
            Some(owner) => {
                let shown = view.records_at(zone, owner).into_iter();
                shown.filter(|shown| view.sees(meta, zone, shown)).all(&mut show)
            }
            None => view.listing(meta, zone).all(&mut show),
        }
    }
}

impl View {
    /// RRsets by zone, owner and type, the SOA included.
    ///
    /// # Errors
    /// A filter that makes no sense, an unknown zone.
    pub fn records(&self, filter: &RecordFilter) -> Result<Page<RecordView>, Problem> {
        let owner = filter.owner.as_deref().map(|text| read_name("the owner", text)).transpose()?;
        let rtype: Option<RecordType> = match filter.rtype.as_deref() {
            Some(text) => Some(text.parse().map_err(|e: ptrd_wire::UnknownMnemonic| bad(e.to_string()))?),
            None => None,
        };
        let after = filter.after.as_deref().map(read_after).transpose()?;
        let zones: Vec<Arc<ZoneMeta>> = match (&filter.zone, &owner) {
            (Some(apex), _) => vec![self.zone_meta(apex)?.clone()],
            (None, Some(owner)) => {
                self.seen_zones(self.declared.zone_of(owner).into_iter()).cloned().collect()
            }
            (None, None) => match &after {
                Some(after) => {
                    let at = self.declared.zone(&after.zone);
                    let zones = at.into_iter().chain(self.declared.zones_after(&after.zone));
                    self.seen_zones(zones).cloned().collect()
                }
                None => self.seen_zones(self.declared.zones()).cloned().collect(),
            },
        };
        let limit = page_limit(filter.limit);
        let mut items: Vec<RecordView> = Vec::new();
        for meta in zones {
            let Some(zone) = self.snapshot.zone(&meta.apex) else { continue };
            let set = meta.ns_set.and_then(|id| self.declared.ns_set(id)).map(|set| set.name.as_str());
            let after = after.as_ref().filter(|after| after.zone == meta.apex);
            let room = limit + 1 - items.len();
            let is_wanted = |shown: &Shown| {
                let found = shown.rrset.rtype;
                rtype.is_none_or(|rtype| found == rtype) && self.sees(&meta, zone, shown)
            };
            match &owner {
                Some(owner) => {
                    let shown = self.records_at(zone, owner).into_iter();
                    let wanted = shown.filter(&is_wanted);
                    let wanted = wanted.filter(|shown| after.is_none_or(|after| comes_after(after, shown)));
                    items.extend(wanted.take(room).map(|shown| record_view(zone, set, &shown)));
                }
                None => items.extend(
                    Listing::new(self, zone, after)
                        .filter(&is_wanted)
                        .take(room)
                        .map(|shown| record_view(zone, set, &shown)),
                ),
            }
            if items.len() > limit {
                break;
            }
        }
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last.map(|item| format!("{} {} {}", item.zone, item.owner, item.rtype));
        Ok(Page { items, next })
    }

    /// A zone, and its RRsets as far as the filter asks for them.
    ///
    /// # Errors
    /// An unknown zone, an owner or a type that is none.
    pub fn whole_zone(self: &Arc<Self>, filter: &RecordFilter) -> Result<(ZoneView, WholeZone), Problem> {
        let apex = filter.zone.as_deref().ok_or_else(|| bad("zone: which one is meant must be said"))?;
        let meta = self.zone_meta(apex)?;
        let owner = filter.owner.as_deref().map(|text| read_name("the owner", text)).transpose()?;
        let rtype = filter.rtype.as_deref().map(str::parse::<RecordType>).transpose();
        let rtype = rtype.map_err(|error| bad(error.to_string()))?;
        let zone = self.snapshot.zone(&meta.apex).cloned().ok_or_else(|| unknown_zone(&meta.apex))?;
        Ok((self.zone(apex)?, WholeZone { view: self.clone(), zone, owner, rtype }))
    }

    /// The RRsets of a zone, as far as the reader sees them.
    pub(crate) fn listing<'v>(
        &'v self,
        meta: &'v ZoneMeta,
        zone: &'v Zone,
    ) -> impl Iterator<Item = Shown> + use<'v> {
        Listing::new(self, zone, None).filter(move |shown| self.sees(meta, zone, shown))
    }

    fn sees(&self, meta: &ZoneMeta, zone: &Zone, shown: &Shown) -> bool {
        self.sees_rrset((meta, zone), &shown.owner, shown.rrset.rtype, shown.derived)
    }

    /// What a zone has at one owner.
    fn records_at(&self, zone: &Zone, owner: &Name) -> Vec<Shown> {
        if !owner.is_at_or_under(zone.apex()) {
            return Vec::new();
        }
        let mut shown = if owner == zone.apex() { vec![soa_of(zone)] } else { Vec::new() };
        let node = zone.names().node(&owner.key_below(zone.apex_labels()));
        let own =
            node.into_iter().flat_map(|node| node.rrsets().map(|rrset| rrset.to_rrset()).collect::<Vec<_>>());
        let own = own.filter(|rrset| !(zone.is_stated() && owner == zone.apex() && rrset.rtype == STATEMENT));
        shown.extend(own.map(|rrset| Shown { owner: owner.clone(), rrset, derived: false }));
        for rrset in derived_at(zone, self.snapshot.addresses(), owner) {
            if !shown.iter().any(|own| own.rrset.rtype == rrset.rtype) {
                shown.push(Shown { owner: owner.clone(), rrset, derived: true });
            }
        }
        shown.sort_by_key(|shown| shown.rrset.rtype);
        shown
    }
}

/// What follows at an owner from something else: the PTRs of an address, the addresses of a name, CNAMEs, cuts, glue, what an
/// NS set gives. Some
/// may stand behind records of the zone's own.
pub(crate) fn derived_at(zone: &Zone, addresses: &Addresses, owner: &Name) -> Vec<RrSet> {
    let mut name = QName::default();
    name.assign(owner.to_lowercase().as_wire());
    let reverse = ReverseName::of(&name);
    let mut derived = Vec::new();
    match zone.find(addresses, &name, reverse.as_ref()) {
        Found::Node(node) => {
            derived.extend(node.ptr.map(|ptr| ptr.to_rrset()));
            derived.extend(zone.followed_addresses(addresses, owner));
            // Of the NS set; where the zone has NS records of its own they are shown already.
            let given = zone.apex_ns().filter(|_| owner == zone.apex());
            derived.extend(given.map(|ns| ns.to_rrset()));
        }
        Found::Alias { apex, ttl } => {
            let target = owner.labels().next().and_then(|octet| Name::from_labels([octet], apex).ok());
            derived.extend(target.map(|target| RrSet::single(RecordType::CNAME, ttl, target.as_wire())));
        }
        Found::Cut(cut) => {
            if let CutRecords::Derived(records) = cut.records {
                if cut.labels == owner.label_count() {
                    derived.push(records.ns.clone());
                    derived.extend(records.ds.clone());
                }
                let glue = records.glue.iter().filter(|(name, _)| name == owner);
                derived.extend(glue.map(|(_, rrset)| rrset.clone()));
            }
        }
        _ => {}
    }
    derived
}

/// The RRsets of a zone with the SOA in its place among the types of the apex, from where a page before ended.
struct Listing<'v> {
    walk: Walk<'v>,
    after: Option<&'v After>,
    /// The SOA, until something of a higher type comes.
    soa: Option<Shown>,
    /// What came when the SOA went first.
    held: Option<Shown>,
}

impl<'v> Listing<'v> {
    fn new(view: &'v View, zone: &'v Zone, after: Option<&'v After>) -> Listing<'v> {
        let addresses = view.snapshot.addresses();
        let soa = soa_of(zone);
        let (walk, soa) = match after {
            None => (zone.walk(addresses), Some(soa)),
            Some(after) => {
                let soa = Some(soa).filter(|soa| comes_after(after, soa));
                (zone.walk_from(addresses, &after.owner), soa)
            }
        };
        Listing { walk, after, soa, held: None }
    }
}

impl Iterator for Listing<'_> {
    type Item = Shown;

    fn next(&mut self) -> Option<Shown> {
        if let Some(held) = self.held.take() {
            return Some(held);
        }
        loop {
            let Some(found) = self.walk.next_rrset() else { return self.soa.take() };
            let derived = found.is_derived();
            let found = Shown { owner: found.name(), rrset: found.to_rrset(), derived };
            if self.after.is_some_and(|after| !comes_after(after, &found)) {
                continue;
            }
            let is_before = |soa: &mut Shown| found.owner != soa.owner || found.rrset.rtype > soa.rrset.rtype;
            let Some(soa) = self.soa.take_if(is_before) else { return Some(found) };
            self.held = Some(found);
            return Some(soa);
        }
    }
}

fn soa_of(zone: &Zone) -> Shown {
    let rrset = RrSet::single(RecordType::SOA, zone.soa_ttl(), zone.soa_rdata());
    Shown { owner: zone.apex().clone(), rrset, derived: true }
}

fn comes_after(after: &After, shown: &Shown) -> bool {
    match shown.owner.cmp(&after.owner) {
        std::cmp::Ordering::Equal => shown.rrset.rtype.0 > after.rtype,
        order => order == std::cmp::Ordering::Greater,
    }
}

fn record_view(zone: &Zone, ns_set: Option<&str>, shown: &Shown) -> RecordView {
    let rrset = &shown.rrset;
    let overrides = rrset.rtype == RecordType::NS && !shown.derived && shown.owner == *zone.apex();
    RecordView {
        zone: zone.apex().to_string(),
        owner: shown.owner.to_string(),
        rtype: rrset.rtype.to_string(),
        ttl: rrset.ttl.as_secs(),
        data: rrset.rdatas.iter().map(|rdata| ptrd_master::rdata_to_text(rrset.rtype, rdata)).collect(),
        derived: shown.derived,
        overrides: ns_set.filter(|_| overrides).map(str::to_owned),
        version: version(Some(rrset)),
    }
}

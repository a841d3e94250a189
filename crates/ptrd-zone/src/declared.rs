//! What is declared, as the change road holds it in memory: tenants, blocks and zones with the lookups that
//! validation and projection need. A clone shares everything, so a failed plan is simply dropped.

use crate::apex::GivenNs;
use crate::catalog::{Catalog, Consumed, Origin};
use crate::companion::NameGrants;
use crate::model::{
    Block, BlockId, BlockTemplate, Defaults, FcrdnsRule, Mode, NsSet, NsSetId, SerialPolicy, SoaTemplate,
    SoaTemplateId, Tenant, TenantId, ZoneId, ZoneKind, ZoneRow,
};
use crate::sending::Sending;
use crate::template::Template;
use imbl::{OrdMap, OrdSet};
use ptrd_wire::{AddrRange, Family, Name, RangeRelation, ReversePrefix, Ttl, ip_from_bits};
use std::cmp::Reverse;
use std::net::IpAddr;
use std::sync::Arc;

/// What is declared of a zone; its SOA and records are in the snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneMeta {
    /// The number.
    pub id: ZoneId,
    /// The apex.
    pub apex: Name,
    /// The owner.
    pub tenant: TenantId,
    /// What it shows.
    pub kind: ZoneKind,
    /// The NS set that it references.
    pub ns_set: Option<NsSetId>,
    /// The SOA template that it references.
    pub soa_template: Option<SoaTemplateId>,
    /// How its serial steps, if it says so itself.
    pub serial_policy: Option<SerialPolicy>,
}

impl ZoneMeta {
    /// What of a zone's row is declared.
    pub fn of(row: &ZoneRow) -> ZoneMeta {
        ZoneMeta {
            id: row.id,
            apex: row.apex.clone(),
            tenant: row.tenant,
            kind: row.kind.clone(),
            ns_set: row.ns_set,
            soa_template: row.soa.template(),
            serial_policy: row.serial_policy,
        }
    }
}

/// Blocks in this order come after every block that contains them.
pub(crate) type BlockKey = (Family, u128, Reverse<u128>);

pub(crate) fn key(range: &AddrRange) -> BlockKey {
    (range.family(), range.first_bits(), Reverse(range.last_bits()))
}

/// See the module. The NS set and the SOA template that are named `default` are there from the start.
#[derive(Clone)]
pub struct Declared {
    defaults: Arc<Defaults>,
    ns_sets: OrdMap<NsSetId, (Arc<NsSet>, Option<GivenNs>)>,
    soa_templates: OrdMap<SoaTemplateId, Arc<SoaTemplate>>,
    tenants: OrdMap<TenantId, Arc<Tenant>>,
    tenant_names: OrdMap<String, TenantId>,
    blocks: OrdMap<BlockKey, Arc<Block>>,
    block_keys: OrdMap<BlockId, BlockKey>,
    /// The block directly around a block.
    around: OrdMap<BlockId, BlockId>,
    classless: OrdMap<Name, BlockId>,
    /// The blocks that had a label at this apex before; several when one was split since.
    pub(crate) former: OrdMap<Name, OrdSet<BlockId>>,
    pub(crate) suspended: OrdMap<BlockKey, BlockId>,
    /// Those whose names must resolve back, or are looked at.
    fcrdns: OrdMap<BlockKey, BlockId>,
    /// Those that others answer for.
    observed: OrdSet<BlockId>,
    /// Of the blocks that have one.
    pub(crate) templates: OrdMap<BlockKey, Arc<Template>>,
    /// The addresses that send mail.
    pub(crate) sending: OrdMap<IpAddr, Arc<Sending>>,
    pub(crate) zones: OrdMap<Name, Arc<ZoneMeta>>,
    apexes: OrdMap<ZoneId, Name>,
    /// By the number of the zone that each is.
    pub(crate) catalogs: OrdMap<ZoneId, Arc<Catalog>>,
    pub(crate) consumed: OrdMap<ZoneId, Arc<Consumed>>,
    pub(crate) origins: OrdMap<ZoneId, Arc<Origin>>,
    pub(crate) companions: OrdMap<ZoneId, Arc<NameGrants>>,
    /// By the catalog that lists them.
    pub(crate) members: OrdMap<ZoneId, OrdSet<ZoneId>>,
}

impl Default for Declared {
    fn default() -> Declared {
        let mut declared = Declared {
            defaults: Arc::default(),
            ns_sets: OrdMap::new(),
            soa_templates: OrdMap::new(),
            tenants: OrdMap::new(),
            tenant_names: OrdMap::new(),
            blocks: OrdMap::new(),
            block_keys: OrdMap::new(),
            around: OrdMap::new(),
            classless: OrdMap::new(),
            former: OrdMap::new(),
            suspended: OrdMap::new(),
            fcrdns: OrdMap::new(),
            observed: OrdSet::new(),
            templates: OrdMap::new(),
            sending: OrdMap::new(),
            zones: OrdMap::new(),
            apexes: OrdMap::new(),
            catalogs: OrdMap::new(),
            consumed: OrdMap::new(),
            origins: OrdMap::new(),
            companions: OrdMap::new(),
            members: OrdMap::new(),
        };
        declared.put_ns_set(NsSet::first());
        declared.put_soa_template(SoaTemplate::first());
        declared
    }
}

impl Declared {
    /// The TTLs of whatever has none of its own.
    pub fn defaults(&self) -> &Defaults {
        &self.defaults
    }

    /// Sets the TTLs of whatever has none of its own. Zones are to be resolved again ([`crate::resolve_apex`]).
    pub fn set_defaults(&mut self, defaults: Defaults) {
        self.defaults = Arc::new(defaults);
        let sets: Vec<Arc<NsSet>> = self.ns_sets().cloned().collect();
        sets.into_iter().for_each(|set| self.insert_ns_set(set));
    }

    /// All NS sets, by number.
    pub fn ns_sets(&self) -> impl Iterator<Item = &Arc<NsSet>> {
        self.ns_sets.values().map(|(set, _)| set)
    }

    /// The NS set with this number.
    pub fn ns_set(&self, id: NsSetId) -> Option<&Arc<NsSet>> {
        self.ns_sets.get(&id).map(|(set, _)| set)
    }

    /// The NS set with this name. There are few.
    pub fn ns_set_named(&self, name: &str) -> Option<&Arc<NsSet>> {
        self.ns_sets().find(|set| set.name == name)
    }

    /// What an NS set gives.
    pub fn given_ns(&self, id: NsSetId) -> Option<&GivenNs> {
        self.ns_sets.get(&id)?.1.as_ref()
    }

    /// Puts an NS set. Zones that reference it are to be resolved again ([`crate::resolve_apex`]).
    pub fn put_ns_set(&mut self, set: NsSet) {
        self.insert_ns_set(Arc::new(set));
    }

    fn insert_ns_set(&mut self, set: Arc<NsSet>) {
        let given = GivenNs::of(&set, self.defaults.zone_ttl);
        self.ns_sets.insert(set.id, (set, given));
    }

    /// Removes an NS set that no zone references.
    pub fn remove_ns_set(&mut self, id: NsSetId) {
        self.ns_sets.remove(&id);
    }

    /// All SOA templates, by number.
    pub fn soa_templates(&self) -> impl Iterator<Item = &Arc<SoaTemplate>> {
        self.soa_templates.values()
    }

    /// The SOA template with this number.
    pub fn soa_template(&self, id: SoaTemplateId) -> Option<&Arc<SoaTemplate>> {
        self.soa_templates.get(&id)
    }

    /// The SOA template with this name. There are few.
    pub fn soa_template_named(&self, name: &str) -> Option<&Arc<SoaTemplate>> {
        self.soa_templates().find(|template| template.name == name)
    }

    /// Puts a SOA template. Zones that reference it are to be resolved again ([`crate::resolve_apex`]).
    pub fn put_soa_template(&mut self, template: SoaTemplate) {
        self.soa_templates.insert(template.id, Arc::new(template));
    }

    /// Removes a SOA template that no zone references.
    pub fn remove_soa_template(&mut self, id: SoaTemplateId) {
        self.soa_templates.remove(&id);
    }

    /// How the serial of a zone steps.
    pub fn serial_policy(&self, zone: &ZoneMeta) -> SerialPolicy {
        let of_template = || Some(self.soa_template(zone.soa_template?)?.serial_policy);
        zone.serial_policy.or_else(of_template).unwrap_or_default()
    }

    /// All tenants, by number.
    pub fn tenants(&self) -> impl Iterator<Item = &Arc<Tenant>> {
        self.tenants.values()
    }

    /// How many tenants.
    pub fn tenant_count(&self) -> usize {
        self.tenants.len()
    }

    /// The tenant with this number.
    pub fn tenant(&self, id: TenantId) -> Option<&Arc<Tenant>> {
        self.tenants.get(&id)
    }

    /// The tenant with this name.
    pub fn tenant_named(&self, name: &str) -> Option<&Arc<Tenant>> {
        self.tenants.get(self.tenant_names.get(name)?)
    }

    /// Puts a tenant.
    pub fn put_tenant(&mut self, tenant: Tenant) {
        self.tenant_names.insert(tenant.name.clone(), tenant.id);
        self.tenants.insert(tenant.id, Arc::new(tenant));
    }

    /// Removes a tenant.
    pub fn remove_tenant(&mut self, id: TenantId) {
        if let Some(tenant) = self.tenants.remove(&id) {
            self.tenant_names.remove(&tenant.name);
        }
    }

    /// All blocks, in the order of first addresses, each after those that contain it.
    pub fn blocks(&self) -> impl Iterator<Item = &Arc<Block>> {
        self.blocks.values()
    }

    /// How many blocks.
    pub fn block_count(&self) -> usize {
        self.blocks.len()
    }

    /// The block with this number.
    pub fn block(&self, id: BlockId) -> Option<&Arc<Block>> {
        self.blocks.get(self.block_keys.get(&id)?)
    }

    /// The block with exactly this range.
    pub fn block_at(&self, range: &AddrRange) -> Option<&Arc<Block>> {
        self.blocks.get(&key(range))
    }

    /// The blocks within a range, one of the same range included.
    pub fn blocks_in<'a>(&'a self, range: &AddrRange) -> impl Iterator<Item = &'a Arc<Block>> + use<'a> {
        let range = *range;
        self.blocks
            .range(key(&range)..)
            .map(|(_, block)| block)
            .take_while(move |block| {
                block.range.family() == range.family() && block.range.first_bits() <= range.last_bits()
            })
            .filter(move |block| range.covers(&block.range))
    }

    /// The blocks that have addresses of a range, and others too: those around it and those that cross its ends.
    pub fn blocks_over(&self, range: &AddrRange) -> Vec<&Arc<Block>> {
        let mut over: Vec<&Arc<Block>> = Vec::new();
        for end in [range.first(), range.last()] {
            let around = std::iter::successors(self.block_of(end), |block| self.around(block.id));
            for block in around.filter(|block| !range.covers(&block.range)) {
                if !over.iter().any(|known| known.id == block.id) {
                    over.push(block);
                }
            }
        }
        over
    }

    /// Whether no block is suspended or answers for a label of before.
    pub fn stands_plainly(&self) -> bool {
        self.suspended.is_empty() && self.former.is_empty()
    }

    /// The block directly around a block.
    pub fn around(&self, id: BlockId) -> Option<&Arc<Block>> {
        self.block(*self.around.get(&id)?)
    }

    /// The blocks around a block, nearest first.
    pub fn all_around(&self, id: BlockId) -> impl Iterator<Item = &Arc<Block>> {
        std::iter::successors(self.around(id), |block| self.around(block.id))
    }

    /// The most specific block that contains a range, one of the same range included.
    pub fn innermost(&self, range: &AddrRange) -> Option<&Arc<Block>> {
        // Whatever starts last at or before the range is that block, or lies within it.
        let (_, nearest) = self.blocks.range(..=key(range)).next_back()?;
        std::iter::successors(Some(nearest), |block| self.around(block.id))
            .find(|block| block.range.covers(range))
    }

    /// The most specific block that contains an address.
    pub fn block_of(&self, address: IpAddr) -> Option<&Arc<Block>> {
        self.innermost(&AddrRange::single(address))
    }

    /// A block that a new one of this range cannot stand beside: the same range, or one that crosses it.
    pub fn conflict(&self, range: &AddrRange) -> Option<(&Arc<Block>, RangeRelation)> {
        if let Some(same) = self.block_at(range) {
            return Some((same, RangeRelation::Equal));
        }
        let crosses = |block: &&Arc<Block>| block.range.relation(range) == RangeRelation::Crossing;
        let before = self.blocks.range(..key(range)).next_back().map(|(_, block)| block);
        let left = std::iter::successors(before, |block| self.around(block.id)).find(crosses);
        let last = ip_from_bits(range.family(), range.last_bits());
        let right = self.block_of(last).and_then(|block| {
            std::iter::successors(Some(block), |block| self.around(block.id)).find(crosses)
        });
        left.or(right).map(|block| (block, RangeRelation::Crossing))
    }

    /// Puts a block that conflicts with none.
    pub fn put_block(&mut self, block: Block) {
        if let Some(old) = self.block(block.id).cloned() {
            if old.range == block.range {
                self.unlink(&old);
                self.link(block);
                return;
            }
            self.remove_block(old.id);
        }
        let around = self.innermost(&block.range).map(|block| block.id);
        let inside: Vec<BlockId> = self
            .blocks_in(&block.range)
            .filter(|inner| self.around.get(&inner.id).copied() == around)
            .map(|inner| inner.id)
            .collect();
        inside.into_iter().for_each(|inner| {
            self.around.insert(inner, block.id);
        });
        if let Some(around) = around {
            self.around.insert(block.id, around);
        }
        self.link(block);
    }

    fn link(&mut self, block: Block) {
        if let Some(apex) = block.mode.classless_apex() {
            self.classless.insert(apex.to_lowercase(), block.id);
        }
        for label in &block.standing.former {
            self.former.entry(label.apex.to_lowercase()).or_default().insert(block.id);
        }
        if block.standing.suspended {
            self.suspended.insert(key(&block.range), block.id);
        }
        if block.standing.checks.fcrdns.is_some_and(|rule| rule != FcrdnsRule::Off) {
            self.fcrdns.insert(key(&block.range), block.id);
        }
        if block.mode == Mode::Observed {
            self.observed.insert(block.id);
        }
        // A text that is none was refused before it came here.
        if let BlockTemplate::Text(text) = &block.template
            && let Ok(template) = Template::new(text, block.range)
        {
            self.templates.insert(key(&block.range), Arc::new(template));
        }
        self.block_keys.insert(block.id, key(&block.range));
        self.blocks.insert(key(&block.range), Arc::new(block));
    }

    fn unlink(&mut self, block: &Block) {
        if let Some(apex) = block.mode.classless_apex() {
            self.classless.remove(&apex.to_lowercase());
        }
        for label in &block.standing.former {
            let apex = label.apex.to_lowercase();
            let left = self.former.get_mut(&apex).is_some_and(|blocks| {
                blocks.remove(&block.id);
                !blocks.is_empty()
            });
            if !left {
                self.former.remove(&apex);
            }
        }
        self.suspended.remove(&key(&block.range));
        self.fcrdns.remove(&key(&block.range));
        self.observed.remove(&block.id);
        self.templates.remove(&key(&block.range));
    }

    /// Removes a block; those directly inside it pass to the one around it.
    pub fn remove_block(&mut self, id: BlockId) {
        let Some(block) = self.block(id).cloned() else { return };
        let around = self.around.get(&id).copied();
        let inside: Vec<BlockId> = self
            .blocks_in(&block.range)
            .filter(|inner| self.around.get(&inner.id) == Some(&id))
            .map(|inner| inner.id)
            .collect();
        for inner in inside {
            match around {
                Some(around) => self.around.insert(inner, around),
                None => self.around.remove(&inner),
            };
        }
        self.unlink(&block);
        self.around.remove(&id);
        self.block_keys.remove(&id);
        self.blocks.remove(&key(&block.range));
    }

    /// The block whose classless apex this is or was, wherever that zone is served.
    pub fn block_with_apex(&self, apex: &Name) -> Option<&Arc<Block>> {
        match self.classless.get(apex) {
            Some(id) => self.block(*id),
            None => self.blocks_with_former(apex).next(),
        }
    }

    /// The blocks whose classless apex lies below a name.
    pub fn classless_below<'a>(&'a self, name: &'a Name) -> impl Iterator<Item = &'a Arc<Block>> {
        self.classless
            .range(name.clone()..)
            .take_while(|(apex, _)| apex.is_at_or_under(name))
            .filter(move |(apex, _)| *apex != name)
            .filter_map(|(_, id)| self.block(*id))
    }

    /// The classless apexes at or below a name, wherever those zones are served.
    pub fn classless_apexes_under<'a>(&'a self, name: &'a Name) -> impl Iterator<Item = &'a Name> {
        let from = self.classless.range(name.clone()..).map(|(apex, _)| apex);
        from.take_while(|apex| apex.is_at_or_under(name))
    }

    /// The nearest block around this one that takes its addresses out of the range zones ([`Mode::takes`]).
    pub fn taken_by(&self, id: BlockId) -> Option<&Arc<Block>> {
        self.all_around(id).find(|block| block.mode.takes())
    }

    /// Whether a block around this one is answered by other nameservers: then what is declared here is not seen.
    pub fn is_handed_over(&self, id: BlockId) -> bool {
        self.all_around(id).any(|block| block.mode.delegation().is_some())
    }

    /// The TTL of a PTR that has none of its own.
    pub fn inherited_ttl(&self, address: IpAddr) -> Ttl {
        self.inherited(self.block_of(address), |block| block.default_ttl).unwrap_or(self.defaults.ptr_ttl)
    }

    /// The blocks with a rule that names are looked up for, in the order of first addresses.
    pub fn fcrdns_blocks(&self) -> impl Iterator<Item = &Arc<Block>> {
        self.fcrdns.values().filter_map(|id| self.block(*id))
    }

    /// Whether any block is observed: its addresses are a third party's.
    pub fn has_observed(&self) -> bool {
        !self.observed.is_empty()
    }

    /// What the nearest of a block and those around it says.
    pub fn inherited<T>(&self, block: Option<&Arc<Block>>, said: impl Fn(&Block) -> Option<T>) -> Option<T> {
        std::iter::successors(block, |block| self.around(block.id)).find_map(|block| said(block))
    }

    /// The TTL of the CNAMEs that a zone of this kind shows for classless blocks: what the nearest block around all of
    /// the zone gives, since the zone is of one piece to whoever reads it.
    pub fn alias_ttl(&self, kind: &ZoneKind) -> Ttl {
        let range = match kind {
            ZoneKind::Range(prefix) => prefix.range(),
            ZoneKind::Classless { range, .. } => *range,
            ZoneKind::Verbatim => return self.defaults.ptr_ttl,
        };
        self.inherited(self.innermost(&range), |block| block.default_ttl).unwrap_or(self.defaults.ptr_ttl)
    }

    /// The TTL that every address from this one up to the returned last one inherits: for runs over many addresses.
    pub fn inherited_ttl_run(&self, family: Family, bits: u128) -> (Ttl, u128) {
        let (block, last) = self.block_run(family, bits);
        let ttl = self.inherited(block, |block| block.default_ttl);
        (ttl.unwrap_or(self.defaults.ptr_ttl), last)
    }

    /// The most specific block of an address, and the last address in a row of which that is so.
    pub fn block_run(&self, family: Family, bits: u128) -> (Option<&Arc<Block>>, u128) {
        let end = AddrRange::of_prefix(family, 0, 0).last_bits();
        let block = self.block_of(ip_from_bits(family, bits));
        let last = block.map_or(end, |block| block.range.last_bits());
        if bits == end {
            return (block, bits);
        }
        let next = self.blocks.range((family, bits + 1, Reverse(u128::MAX))..).next();
        let start = next.filter(|(key, _)| key.0 == family).map(|(key, _)| key.1 - 1);
        (block, start.map_or(last, |start| start.min(last)))
    }

    /// All zones, in canonical order of apexes.
    pub fn zones(&self) -> impl Iterator<Item = &Arc<ZoneMeta>> {
        self.zones.values()
    }

    /// The zones after an apex, in canonical order.
    pub fn zones_after(&self, apex: &Name) -> impl Iterator<Item = &Arc<ZoneMeta>> {
        self.zones.range(apex.clone()..).map(|(_, zone)| zone).filter(move |zone| zone.apex != *apex)
    }

    /// How many zones.
    pub fn zone_count(&self) -> usize {
        self.zones.len()
    }

    /// The zone with this apex.
    pub fn zone(&self, apex: &Name) -> Option<&Arc<ZoneMeta>> {
        self.zones.get(apex)
    }

    /// The zone with this number.
    pub fn zone_by_id(&self, id: ZoneId) -> Option<&Arc<ZoneMeta>> {
        self.zones.get(self.apexes.get(&id)?)
    }

    /// Puts a zone.
    pub fn put_zone(&mut self, zone: ZoneMeta) {
        self.apexes.insert(zone.id, zone.apex.clone());
        self.zones.insert(zone.apex.clone(), Arc::new(zone));
    }

    /// Removes the zone with this apex.
    pub fn remove_zone(&mut self, apex: &Name) {
        if let Some(zone) = self.zones.remove(apex) {
            self.apexes.remove(&zone.id);
        }
    }

    /// The deepest zone that a name falls into.
    pub fn zone_of(&self, name: &Name) -> Option<&Arc<ZoneMeta>> {
        name.ancestors().find_map(|ancestor| self.zones.get(&ancestor))
    }

    /// The deepest zone whose apex lies above a name.
    pub fn zone_above(&self, name: &Name) -> Option<&Arc<ZoneMeta>> {
        name.ancestors().skip(1).find_map(|ancestor| self.zones.get(&ancestor))
    }

    /// The zones below a name, in canonical order.
    pub fn zones_below<'a>(&'a self, name: &'a Name) -> impl Iterator<Item = &'a Arc<ZoneMeta>> {
        self.zones_after(name).take_while(|zone| zone.apex.is_at_or_under(name))
    }

    /// The deepest range zone whose apex lies above that of a prefix, whatever other zones lie between.
    pub fn range_zone_above(&self, prefix: &ReversePrefix) -> Option<&Arc<ZoneMeta>> {
        (0..prefix.depth()).rev().find_map(|depth| {
            let zone = self.zones.get(&ReversePrefix::new(prefix.range().first(), depth).name())?;
            matches!(zone.kind, ZoneKind::Range(_)).then_some(zone)
        })
    }

    /// The deepest range zone that contains a whole range.
    pub fn range_zone_of(&self, range: &AddrRange) -> Option<&Arc<ZoneMeta>> {
        let family = range.family();
        (0..=family.full_depth()).rev().find_map(|depth| {
            let prefix = ReversePrefix::new(range.first(), depth);
            let zone = prefix.range().covers(range).then(|| self.zones.get(&prefix.name()))??;
            matches!(zone.kind, ZoneKind::Range(_)).then_some(zone)
        })
    }

    /// The zone that answers for an address here, and the PTR's owner in it: the classless zone of the block that
    /// took the address out of the range zones, else the deepest zone at its reverse name. `None` when the address
    /// is handed to other nameservers, or no zone here covers it.
    pub fn zone_showing(&self, address: IpAddr) -> Option<(&Arc<ZoneMeta>, Name)> {
        let block = self.block_of(address);
        let taker = std::iter::successors(block, |block| self.around(block.id)).find(|b| b.mode.takes());
        match taker.map(|block| &block.mode) {
            Some(Mode::Classless { apex, .. }) => {
                let owner = Name::from_labels([last_octet(address)], apex).ok()?;
                Some((self.zone(apex)?, owner))
            }
            Some(_) => None,
            None => {
                let owner = ReversePrefix::new(address, u8::MAX).name();
                Some((self.zone_of(&owner)?, owner))
            }
        }
    }
}

fn last_octet(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.octets()[3].to_string(),
        IpAddr::V6(v6) => v6.octets()[15].to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Standing;

    fn block(id: u32, range: &str) -> Block {
        Block {
            id: BlockId(id),
            range: range.parse().expect("a range"),
            tenant: TenantId(1),
            mode: Mode::Direct,
            default_ttl: (id % 2 == 1).then(|| Ttl::from_secs(id)),
            template: BlockTemplate::Inherit,
            standing: Standing::default(),
        }
    }

    fn with(blocks: &[&str]) -> Declared {
        let mut declared = Declared::default();
        for (nth, range) in blocks.iter().enumerate() {
            assert!(declared.conflict(&range.parse().expect("a range")).is_none(), "{range}");
            declared.put_block(block(nth as u32 + 1, range));
        }
        declared
    }

    #[test]
    fn blocks_nest_in_whatever_order_they_come() {
        let orders = [
            ["10.0.0.0/8", "10.1.0.0/16", "10.1.1.0/24", "10.1.2.0/24"],
            ["10.1.2.0/24", "10.1.1.0/24", "10.1.0.0/16", "10.0.0.0/8"],
            ["10.1.0.0/16", "10.1.2.0/24", "10.0.0.0/8", "10.1.1.0/24"],
        ];
        for order in orders {
            let mut declared = with(&order);
            let innermost =
                |d: &Declared, ip: &str| d.block_of(ip.parse().expect("ip")).map(|b| b.range.to_string());
            assert_eq!(innermost(&declared, "10.1.2.3").as_deref(), Some("10.1.2.0/24"));
            assert_eq!(innermost(&declared, "10.1.3.3").as_deref(), Some("10.1.0.0/16"));
            assert_eq!(innermost(&declared, "10.2.3.3").as_deref(), Some("10.0.0.0/8"));
            assert_eq!(innermost(&declared, "11.2.3.3"), None);
            let middle = declared.block_at(&"10.1.0.0/16".parse().expect("range")).expect("block").id;
            declared.remove_block(middle);
            assert_eq!(innermost(&declared, "10.1.3.3").as_deref(), Some("10.0.0.0/8"));
            assert_eq!(innermost(&declared, "10.1.2.3").as_deref(), Some("10.1.2.0/24"));
        }
    }

    #[test]
    fn conflicts_are_found_on_both_sides() {
        let declared = with(&["10.0.0.0/8", "10.1.0.0-10.1.0.99", "10.1.0.200-10.1.1.50"]);
        let conflict = |text: &str| {
            declared.conflict(&text.parse().expect("range")).map(|(b, r)| (b.range.to_string(), r))
        };
        use RangeRelation::*;
        assert_eq!(conflict("10.0.0.0/8"), Some(("10.0.0.0/8".into(), Equal)));
        assert_eq!(conflict("10.1.0.99-10.1.0.100"), Some(("10.1.0.0-10.1.0.99".into(), Crossing)));
        assert_eq!(conflict("10.1.0.100-10.1.0.200"), Some(("10.1.0.200-10.1.1.50".into(), Crossing)));
        assert_eq!(conflict("10.255.0.0-11.0.0.0"), Some(("10.0.0.0/8".into(), Crossing)));
        assert_eq!(conflict("10.1.0.100-10.1.0.199"), None);
        assert_eq!(conflict("10.0.0.0/7"), None);
        assert_eq!(conflict("10.1.0.10-10.1.0.20"), None);
    }

    #[test]
    fn ttl_runs_agree_with_single_lookups() {
        let declared = with(&["10.0.0.0/29", "10.0.0.2-10.0.0.3", "10.0.0.3-10.0.0.3", "10.0.0.16/30"]);
        let mut at = 0x0a00_0000u128 - 4;
        while at < 0x0a00_0020 {
            let (ttl, last) = declared.inherited_ttl_run(Family::V4, at);
            for bits in at..=last.min(0x0a00_0030) {
                assert_eq!(declared.inherited_ttl(ip_from_bits(Family::V4, bits)), ttl, "{bits:x}");
            }
            at = last + 1;
        }
    }
}

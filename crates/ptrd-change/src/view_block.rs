//! Blocks as they are shown, and what the operators of their parent zones must publish.

use crate::place::{Shown, runs};
use crate::problem::{bad, invalid, not_found, some};
use crate::publish::View;
use crate::request::read_range;
use crate::tenant::tenant_name;
use crate::view::{page, page_limit};
use ptrd_api::{BlockFilter, BlockView, FormerView, NameserverSpec, Page, ParentRecords, Problem};
use ptrd_wire::{
    AddrRange, Family, Name, RecordType, ReversePrefix, RrSet, Ttl, ip_from_bits, tile_for_registry,
};
use ptrd_zone::model::{Block, BlockTemplate, Delegation, FormerLabel, LabelStyle, Mode, TenantId, ZoneKind};
use ptrd_zone::{ZoneMeta, delegation_tiles};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::IpAddr;
use std::sync::Arc;

/// Zones that a block's view names.
const LISTED: usize = 256;
/// Runs that are looked at for them.
const LOOKED_AT: usize = 1_024;

impl View {
    /// Blocks in the order of addresses, each after those around it.
    ///
    /// # Errors
    /// A filter that makes no sense, an unknown tenant.
    pub fn blocks(&self, filter: &BlockFilter) -> Result<Page<BlockView>, Problem> {
        let tenant = filter.tenant.as_deref().map(|name| self.tenant_id(name)).transpose()?;
        if let Some(around) = &filter.around {
            return self.blocks_around(&read_range(around)?, filter, tenant);
        }
        let within = filter.within.as_deref().map(read_range).transpose()?;
        let after = filter.after.as_deref().map(read_range).transpose()?;
        let whole = [Family::V4, Family::V6].map(|family| AddrRange::of_prefix(family, 0, 0));
        let ranges = within.as_ref().map_or(&whole[..], std::slice::from_ref);
        let order =
            |range: &AddrRange| (range.family(), range.first_bits(), std::cmp::Reverse(range.last_bits()));
        let from = |range: &AddrRange| match &after {
            Some(after) if after.family() == range.family() && after.first_bits() > range.first_bits() => {
                AddrRange::new(after.first(), range.last()).ok()
            }
            _ => Some(*range),
        };
        let blocks = ranges
            .iter()
            .filter_map(from)
            .flat_map(|range| self.declared.blocks_in(&range))
            .filter(|block| after.as_ref().is_none_or(|after| order(&block.range) > order(after)))
            .filter(|block| tenant.is_none_or(|tenant| block.tenant == tenant))
            .filter(|block| self.sees_block(block))
            .map(|block| self.block_view(block));
        Ok(page(blocks, page_limit(filter.limit), |block| block.range.clone()))
    }

    /// The blocks that contain a range, the most specific one first.
    fn blocks_around(
        &self,
        range: &AddrRange,
        filter: &BlockFilter,
        tenant: Option<TenantId>,
    ) -> Result<Page<BlockView>, Problem> {
        if filter.within.is_some() {
            return Err(bad("blocks in a range and blocks around one exclude each other"));
        }
        let after = filter.after.as_deref().map(read_range).transpose()?;
        let chain =
            std::iter::successors(self.declared.innermost(range), |block| self.declared.around(block.id));
        let blocks = chain
            .filter(|block| {
                after.as_ref().is_none_or(|after| block.range != *after && block.range.covers(after))
            })
            .filter(|block| tenant.is_none_or(|tenant| block.tenant == tenant))
            .filter(|block| self.sees_block(block))
            .map(|block| self.block_view(block));
        Ok(page(blocks, page_limit(filter.limit), |block| block.range.clone()))
    }

    /// The block with exactly this range.
    ///
    /// # Errors
    /// There is none.
    pub fn block(&self, range: &str) -> Result<BlockView, Problem> {
        Ok(self.block_view(self.block_at(range)?))
    }

    fn block_at(&self, range: &str) -> Result<&Arc<Block>, Problem> {
        let range = read_range(range)?;
        self.declared.block_at(&range).filter(|block| self.sees_block(block)).ok_or_else(|| {
            let problem = not_found(format!("no block here is exactly {range}"))
                .hint("`ptrctl block list` lists blocks");
            match self.declared.innermost(&range).filter(|block| self.sees_block(block)) {
                Some(around) => problem.hint(format!("it lies in the block {}", around.range)),
                None => problem.hint("see `ptrctl block list`"),
            }
        })
    }

    fn block_view(&self, block: &Block) -> BlockView {
        let mode = &block.mode;
        let style = match mode {
            Mode::Classless { style, .. } | Mode::DelegatedClassless { style, .. } => Some(style),
            _ => None,
        };
        let delegation = mode.delegation();
        BlockView {
            range: block.range.to_string(),
            tenant: tenant_name(&self.declared, block.tenant),
            mode: mode.word().to_owned(),
            classless: style.map(LabelStyle::to_string),
            apex: mode.classless_apex().map(Name::to_string),
            zones: self.zones_of(block),
            nameservers: delegation.map(nameservers).unwrap_or_default(),
            ds: delegation.map(ds_texts).unwrap_or_default(),
            default_ttl: block.default_ttl.map(Ttl::as_secs),
            template: (block.template != BlockTemplate::Inherit).then(|| block.template.to_string()),
            named_by: self.declared.template_of(block).map(|template| template.text().to_owned()),
            names: block.standing.checks.names.map(|rule| rule.word().to_owned()),
            fcrdns: block.standing.checks.fcrdns.map(|rule| rule.word().to_owned()),
            inside: self
                .declared
                .around(block.id)
                .filter(|around| self.sees_block(around))
                .map(|around| around.range.to_string()),
            parent_here: self.parent_here(block),
            suspended: self.declared.suspending(&block.range).is_some(),
            may_sub_block: block.standing.may_sub_block,
            former: block.standing.former.iter().map(former_view).collect(),
            version: crate::version::of_block(block),
        }
    }

    /// The zones that show the block's addresses, or, where others answer, those that its cuts and CNAMEs stand in.
    fn zones_of(&self, block: &Block) -> Vec<String> {
        let mut apexes: Vec<Name> = Vec::new();
        let mut push = |zone: &Arc<ZoneMeta>| {
            if !apexes.contains(&zone.apex) {
                apexes.push(zone.apex.clone());
            }
            apexes.len() < LISTED
        };
        if block.mode == Mode::Observed {
            return Vec::new();
        }
        if block.mode.delegation().is_none() {
            let mut all = runs(&self.declared, &block.range).take(LOOKED_AT).filter(|run| self.sees_run(run));
            all.all(|run| !matches!(&run.shown, Shown::Here(zone) | Shown::Verbatim(zone) if !push(zone)));
        } else {
            self.zones_around(block).iter().all(push);
        }
        apexes.iter().map(Name::to_string).collect()
    }

    /// The zones that what follows from a block of any mode but direct stands in, as far as they are served here.
    fn zones_around(&self, block: &Block) -> Vec<Arc<ZoneMeta>> {
        let declared = &self.declared;
        let mut zones: Vec<Arc<ZoneMeta>> = match (&block.mode, declared.taken_by(block.id).map(|b| &b.mode))
        {
            (_, Some(Mode::Classless { apex, .. })) => declared.zone(apex).into_iter().cloned().collect(),
            (Mode::DelegatedWhole(_), _) => delegation_tiles(&block.range)
                .iter()
                .take(LOOKED_AT)
                .filter_map(|tile| declared.zone_above(&tile.name()).cloned())
                .collect(),
            _ => pages(&block.range)
                .filter_map(|page| {
                    declared.zone_of(&page).filter(|zone| matches!(zone.kind, ZoneKind::Range(_)))
                })
                .cloned()
                .collect(),
        };
        if let Mode::DelegatedClassless { apex, .. } = &block.mode {
            zones.extend(declared.zone_above(apex).filter(|zone| zone.kind != ZoneKind::Verbatim).cloned());
        }
        zones
    }

    fn parent_here(&self, block: &Block) -> bool {
        match &block.mode {
            Mode::Observed => false,
            Mode::Direct => {
                self.own_zones(block).iter().all(|zone| self.declared.zone_above(&zone.apex).is_some())
            }
            Mode::Classless { apex, .. } => {
                let at = |zone: &Arc<ZoneMeta>| zone.apex != *apex;
                self.zones_around(block).iter().any(at)
            }
            _ => !self.zones_around(block).is_empty(),
        }
    }

    /// The range zones whose apexes are those that a registry delegates for the block.
    fn own_zones(&self, block: &Block) -> Vec<Arc<ZoneMeta>> {
        let tiles = tile_for_registry(&block.range).unwrap_or_default();
        let zones = tiles.iter().filter_map(|tile| self.declared.zone(&tile.name()));
        zones.filter(|zone| matches!(zone.kind, ZoneKind::Range(_))).cloned().collect()
    }

    /// What the operators of the parent zones must publish for the block with this range.
    ///
    /// # Errors
    /// There is no such block, or it has no zone of its own.
    pub fn parent_records(&self, range: &str) -> Result<ParentRecords, Problem> {
        let block = self.block_at(range)?;
        let mut text = ParentText::default();
        match &block.mode {
            Mode::Observed => {
                return Err(invalid(format!("{} is observed: others answer for its addresses", block.range))
                    .hint(format!("`ptrctl request-text {}` writes the request to them", block.range)));
            }
            Mode::Direct => {
                let zones = self.own_zones(block);
                if zones.is_empty() {
                    return Err(invalid(format!(
                        "{} has no zone of its own: {} shows its addresses",
                        block.range,
                        some(&self.zones_of(block), 4)
                    )));
                }
                zones.iter().for_each(|zone| self.push_zone_cut(&mut text, parent_of(&zone.apex), zone));
            }
            Mode::Classless { apex, .. } => {
                self.push_aliases(&mut text, block, apex);
                match self.declared.zone(apex) {
                    Some(zone) if apex.is_under(&text.origin) => {
                        let origin = text.origin.clone();
                        self.push_zone_cut(&mut text, origin, zone);
                    }
                    _ => {}
                }
            }
            Mode::DelegatedClassless { apex, delegation, .. } => {
                self.push_aliases(&mut text, block, apex);
                if apex.is_under(&text.origin) {
                    let ttl = self.declared.defaults().zone_ttl;
                    push_delegation(&mut text, apex, delegation, ttl);
                }
            }
            Mode::DelegatedWhole(delegation) => {
                let ttl = self.declared.defaults().zone_ttl;
                for tile in delegation_tiles(&block.range) {
                    let apex = tile.name();
                    text.set_origin(parent_of(&apex));
                    push_delegation(&mut text, &apex, delegation, ttl);
                }
            }
            Mode::DelegatedEach(delegation) => {
                let ttl = self.declared.defaults().zone_ttl;
                for address in addresses(&block.range) {
                    let (origin, owner) = self.owner_in_parent(block, address);
                    text.set_origin(origin);
                    push_delegation(&mut text, &owner, delegation, ttl);
                }
            }
        }
        let parent = some(&text.origins.iter().collect::<Vec<_>>(), 4);
        Ok(ParentRecords { range: block.range.to_string(), parent, text: text.text })
    }

    /// Where an address that a block took out of the range zones stands: the zone, or the /24, and the owner.
    fn owner_in_parent(&self, block: &Block, address: IpAddr) -> (Name, Name) {
        if let Some(Mode::Classless { apex, .. }) = self.declared.taken_by(block.id).map(|taker| &taker.mode)
        {
            let octet = ptrd_wire::ip_to_bits(address).1 as u8;
            if let Ok(owner) = Name::from_labels([octet.to_string()], apex) {
                return (apex.clone(), owner);
            }
        }
        let owner = ReversePrefix::new(address, u8::MAX).name();
        (parent_of(&owner), owner)
    }

    fn push_aliases(&self, text: &mut ParentText, block: &Block, apex: &Name) {
        let ttl = self.declared.defaults().ptr_ttl;
        for address in addresses(&block.range) {
            let (origin, owner) = self.owner_in_parent(block, address);
            let octet = ptrd_wire::ip_to_bits(address).1 as u8;
            text.set_origin(origin);
            if let Ok(target) = Name::from_labels([octet.to_string()], apex) {
                text.push(&owner, &RrSet::single(RecordType::CNAME, ttl, target.as_wire()));
            }
        }
    }

    /// NS of a zone served here, and addresses of nameservers within it.
    fn push_zone_cut(&self, text: &mut ParentText, origin: Name, meta: &ZoneMeta) {
        text.set_origin(origin);
        let Some(zone) = self.snapshot.zone(&meta.apex) else { return };
        let rrset_at = |name: &Name, rtype| {
            let node = zone.names().node(&name.key_below(zone.apex_labels()));
            node.and_then(|node| node.rrset(rtype)).map(|rrset| rrset.to_rrset())
        };
        let Some(ns) = zone.apex_ns().map(|rrset| rrset.to_rrset()) else { return };
        text.push(&meta.apex, &ns);
        let targets = ns.rdatas.iter().filter_map(|rdata| Name::from_wire(rdata).ok());
        for target in targets.filter(|target| target.is_at_or_under(&meta.apex)) {
            for rtype in [RecordType::A, RecordType::AAAA] {
                rrset_at(&target, rtype).iter().for_each(|glue| text.push(&target, glue));
            }
        }
    }
}

/// The text, with `$ORIGIN` wherever the parent changes.
struct ParentText {
    text: String,
    origin: Name,
    origins: BTreeSet<Name>,
}

impl Default for ParentText {
    fn default() -> ParentText {
        ParentText { text: String::new(), origin: Name::root(), origins: BTreeSet::new() }
    }
}

impl ParentText {
    fn set_origin(&mut self, origin: Name) {
        if self.text.is_empty() || origin != self.origin {
            self.text.push_str(&format!("$ORIGIN {origin}\n"));
            self.origins.insert(origin.clone());
            self.origin = origin;
        }
    }

    fn push(&mut self, owner: &Name, rrset: &RrSet) {
        let text = owner.to_string();
        let owner = match text.strip_suffix(&self.origin.to_string()).and_then(|rest| rest.strip_suffix('.'))
        {
            Some(relative) if !relative.is_empty() => relative,
            _ => &text,
        };
        for rdata in &rrset.rdatas {
            let data = ptrd_master::rdata_to_text(rrset.rtype, rdata);
            // Writing to a string does not fail.
            let _ = writeln!(self.text, "{owner}\t{}\tIN\t{}\t{data}", rrset.ttl, rrset.rtype);
        }
    }
}

fn push_delegation(text: &mut ParentText, cut: &Name, delegation: &Delegation, ttl: Ttl) {
    let rdatas = delegation.nameservers.iter().map(|server| server.name.as_wire().into()).collect();
    text.push(cut, &RrSet { rtype: RecordType::NS, ttl, rdatas });
    text.push(cut, &RrSet { rtype: RecordType::DS, ttl, rdatas: delegation.ds.clone() });
    for server in delegation.nameservers.iter().filter(|server| server.name.is_at_or_under(cut)) {
        for address in &server.addresses {
            let rrset = match address {
                IpAddr::V4(v4) => RrSet::single(RecordType::A, ttl, v4.octets()),
                IpAddr::V6(v6) => RrSet::single(RecordType::AAAA, ttl, v6.octets()),
            };
            text.push(&server.name, &rrset);
        }
    }
}

/// A label of before as it is shown.
pub(crate) fn former_view(label: &FormerLabel) -> FormerView {
    let until = label.until.map(|at| jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::MAX));
    FormerView { apex: label.apex.to_string(), until: until.map(|at| at.to_string()) }
}

fn nameservers(delegation: &Delegation) -> Vec<NameserverSpec> {
    let spec = |server: &ptrd_zone::model::Nameserver| NameserverSpec {
        name: server.name.to_string(),
        addresses: server.addresses.iter().map(IpAddr::to_string).collect(),
    };
    delegation.nameservers.iter().map(spec).collect()
}

fn ds_texts(delegation: &Delegation) -> Vec<String> {
    delegation.ds.iter().map(|rdata| ptrd_master::rdata_to_text(RecordType::DS, rdata)).collect()
}

fn parent_of(name: &Name) -> Name {
    name.parent().unwrap_or_else(Name::root)
}

fn addresses(range: &AddrRange) -> impl Iterator<Item = IpAddr> {
    let family = range.family();
    (range.first_bits()..=range.last_bits()).map(move |bits| ip_from_bits(family, bits))
}

/// The names of the /24s (IPv4) or /124s (IPv6) that a range has a part of, at most [`LOOKED_AT`].
fn pages(range: &AddrRange) -> impl Iterator<Item = Name> {
    let family = range.family();
    let depth = family.full_depth() - 1;
    let bits = family.label_bits();
    let pages = range.first_bits() >> bits..=range.last_bits() >> bits;
    pages
        .take(LOOKED_AT)
        .map(move |page| ReversePrefix::new(ip_from_bits(family, page << bits), depth).name())
}

//! The plan of an adoption, first half: what is recognised in the zones, and the blocks that come of it.

use super::cuts::{self, StoredCut};
use super::scan::{Group, Scan};
use super::{LeftOut, label, sets};
use crate::block::touch;
use crate::classless::{address_at, label_parent};
use crate::handover::hand_over;
use crate::observed;
use crate::place::taker;
use crate::plan::{Plan, window};
use crate::problem::count;
use crate::tenant::tenant_name;
use ptrd_api::{Problem, PtrFate};
use ptrd_wire::{
    AddrRange, Family, Name, RangeRelation, RecordType, ReverseName, ReversePrefix, RrSet, Ttl, ip_from_bits,
    ip_to_bits,
};
use ptrd_zone::model::{Block, BlockId, BlockTemplate, Mode, Standing, TenantId, ZoneId, ZoneKind};
use ptrd_zone::{NameTree, Zone, ZoneMeta, delegation_tiles};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Done {
    pub zones: u64,
    pub ptrs: u64,
    pub blocks: u64,
}

/// See the module.
pub(super) struct Builder<'p, 'a> {
    pub plan: &'p mut Plan<'a>,
    todo: &'p BTreeSet<Name>,
    pub left_out: &'p mut LeftOut,
    pub converted: Vec<Converted>,
    settled: BTreeSet<ZoneId>,
    pub ptrs: Vec<(IpAddr, RrSet)>,
    /// The ranges of new blocks.
    added: Vec<AddrRange>,
    blocks: u64,
}

/// A zone that changes its kind.
pub(super) struct Converted {
    pub meta: Arc<ZoneMeta>,
    pub kind: ZoneKind,
    /// Owners of PTRs that go to their addresses.
    pub moved: Vec<Name>,
}

/// Where the CNAMEs of a set lead.
enum Target {
    /// A verbatim zone here, to become the classless zone.
    Here(Arc<ZoneMeta>),
    /// Nameservers of others, by the cut at the apex.
    Away(StoredCut),
    /// A block that is there already.
    Known,
}

struct Placed {
    set: sets::Set,
    apex: Name,
    target: Target,
}

impl<'p, 'a> Builder<'p, 'a> {
    pub fn new(plan: &'p mut Plan<'a>, todo: &'p BTreeSet<Name>, left_out: &'p mut LeftOut) -> Self {
        let (converted, settled) = (Vec::new(), BTreeSet::new());
        Builder { plan, todo, left_out, converted, settled, ptrs: Vec::new(), added: Vec::new(), blocks: 0 }
    }

    /// Plans all of it; `None` when zones had to be left out that other parts of the plan rely on.
    pub fn build(mut self) -> Result<Option<Done>, Problem> {
        let mut ranges: Vec<(ReversePrefix, Arc<ZoneMeta>)> = Vec::new();
        let mut others: Vec<Arc<ZoneMeta>> = Vec::new();
        for apex in self.todo.iter().filter(|apex| !self.left_out.contains_key(apex)) {
            let Some(meta) = self.plan.base.declared.zone(apex).cloned() else { continue };
            match ReversePrefix::of_apex(apex) {
                Some(prefix) => ranges.push((prefix, meta)),
                None => others.push(meta),
            }
        }
        // From above, so that the block of a large zone is there when its parts are looked at.
        ranges.sort_by_key(|(prefix, _)| prefix.depth());
        for (prefix, meta) in ranges {
            if let Err(reason) = self.range_zone(&meta, prefix) {
                self.left_out.insert(meta.apex.clone(), reason);
            }
        }
        for meta in others {
            let is_settled = self.left_out.contains_key(&meta.apex) || self.settled.contains(&meta.id);
            if !is_settled && let Err(reason) = self.lone_zone(&meta) {
                self.left_out.insert(meta.apex.clone(), reason);
            }
        }
        self.convert();
        self.hand_over();
        self.put_ptrs();
        let is_sound = self.drop_derived() & self.prove()?;
        let done =
            Done { zones: self.converted.len() as u64, ptrs: self.ptrs.len() as u64, blocks: self.blocks };
        Ok(is_sound.then_some(done))
    }

    /// PTRs that another tenant had stored, and nobody saw, do not come to light at addresses that get a block.
    fn hand_over(&mut self) {
        for range in std::mem::take(&mut self.added) {
            let cleared = hand_over(self.plan, &range, PtrFate::Clear);
            if cleared.ptrs > 0 {
                let hidden = count(cleared.ptrs, "PTR");
                self.plan.tell(range, "cleared", format!("{hidden} of another tenant, which the zone hid"));
            }
        }
    }

    /// A zone to adopt.
    fn unsigned(&self, apex: &Name) -> Result<Arc<Zone>, String> {
        let zone = self.zone(apex)?;
        let is_signed = zone.names().node(&[]).is_some_and(|node| node.rrset(RecordType::RRSIG).is_some());
        if is_signed {
            return Err(
                "it is signed: its SOA's signature would not hold for a new serial (import it unsigned)"
                    .into(),
            );
        }
        if zone.is_stated() {
            return Err(
                "its primary names addresses by templates (TYPE65321), which are no records: remove the zone, and \
                 give its block the same template (`ptrctl block add --template`)"
                    .into(),
            );
        }
        Ok(zone)
    }

    fn zone(&self, apex: &Name) -> Result<Arc<Zone>, String> {
        self.plan.base.snapshot.zone(apex).cloned().ok_or_else(|| format!("{apex} has no content"))
    }

    /// A zone on an octet or nibble border.
    fn range_zone(&mut self, meta: &Arc<ZoneMeta>, prefix: ReversePrefix) -> Result<(), String> {
        let zone = self.unsigned(&meta.apex)?;
        let at = |owner: &Name| {
            let reverse =
                ReverseName::of_name(owner).filter(|name| name.extra == 0 && name.prefix.is_full())?;
            Some(ip_from_bits(reverse.prefix.family(), reverse.prefix.bits()))
        };
        let scan = Scan::of(&zone, at);
        let (placed, kept) = self.judge(&scan.groups);
        let kind = ZoneKind::Range(prefix);
        self.cover(meta, &prefix.range(), wanted_ttl(&placed, &scan))?;
        kept.into_iter().for_each(|(subject, reason)| self.keep(subject, reason));
        self.content(meta, &zone, kind, scan, placed, at);
        Ok(())
    }

    /// The parts of a zone's content that blocks and addresses take over.
    fn content(
        &mut self,
        meta: &Arc<ZoneMeta>,
        zone: &Arc<Zone>,
        kind: ZoneKind,
        scan: Scan,
        placed: Vec<Placed>,
        at: impl Fn(&Name) -> Option<IpAddr>,
    ) {
        let ttl = self.plan.declared().alias_ttl(&kind);
        for Placed { set, apex, target } in placed {
            let range = set.range;
            let child = apex.clone();
            let result = match set.ttl == ttl {
                true => self.place(set, &apex, target, meta.tenant),
                false => Err(format!(
                    "the CNAMEs to {apex} have the TTL {}, those of the zone's blocks {ttl}",
                    set.ttl
                )),
            };
            if let Err(reason) = result {
                self.stays(&child, &reason);
                self.keep(range, reason);
            }
        }
        self.cuts(meta, zone, &kind, &scan.cuts, at);
        for (owner, target) in &scan.elsewhere {
            self.keep(format!("{owner} CNAME"), format!("it leads to {target}, which is no RFC 2317 name"));
        }
        if scan.hidden > 0 {
            let hidden = count(scan.hidden, "PTR");
            self.keep(&meta.apex, format!("{hidden} below cuts or DNAMEs, which are never answered"));
        }
        let what = match &kind {
            ZoneKind::Range(prefix) => format!("range zone of {}", prefix.range()),
            _ => "classless zone".to_owned(),
        };
        self.plan.tell(&meta.apex, "adopted", format!("{what}, {}", count(scan.ptrs.len() as u64, "PTR")));
        let mut moved = Vec::with_capacity(scan.ptrs.len());
        for (address, owner, rrset) in scan.ptrs {
            self.ptrs.push((address, rrset));
            moved.push(owner);
        }
        self.settled.insert(meta.id);
        self.converted.push(Converted { meta: meta.clone(), kind, moved });
    }

    /// A zone whose CNAMEs stay as they are cannot become a classless zone: its block would derive others.
    fn stays(&mut self, apex: &Name, reason: &str) {
        if self.todo.contains(apex) {
            self.left_out.entry(apex.clone()).or_insert_with(|| reason.to_owned());
        }
    }

    /// Which groups are complete sets that lead somewhere known, and why the others stay.
    fn judge(&mut self, groups: &[Group]) -> (Vec<Placed>, Vec<(String, String)>) {
        let (mut placed, mut kept) = (Vec::new(), Vec::new());
        for group in groups {
            let found = sets::judge(group).and_then(|set| Ok((self.target(group)?, set)));
            match found {
                Ok((target, set)) => placed.push(Placed { set, apex: group.apex.clone(), target }),
                Err(reason) => {
                    self.stays(&group.apex, &reason);
                    let first =
                        u128::from(group.base) | group.members.first().map_or(0, |(n, _)| u128::from(*n));
                    let subject = format!(
                        "{} from {}",
                        count(group.members.len() as u64, "CNAME"),
                        ip_from_bits(Family::V4, first)
                    );
                    kept.push((subject, reason));
                }
            }
        }
        (placed, kept)
    }

    fn target(&self, group: &Group) -> Result<Target, String> {
        let (apex, declared) = (&group.apex, self.plan.declared());
        if declared.block_with_apex(apex).is_some() {
            return Ok(Target::Known);
        }
        if let Some(reason) = self.left_out.get(apex) {
            return Err(format!("{apex} stays verbatim: {reason}"));
        }
        if let Some(meta) = declared.zone(apex) {
            if meta.kind != ZoneKind::Verbatim || ReversePrefix::of_apex(apex).is_some() {
                return Err(format!("they lead to the {} zone {apex}", meta.kind.word()));
            }
            let zone = self.zone(apex)?;
            let has_ptr = |octet: u8| {
                let owner = Name::from_labels([octet.to_string()], apex).ok();
                let node = owner.and_then(|owner| zone.names().node(&owner.key_below(zone.apex_labels())));
                node.is_some_and(|node| node.rrset(RecordType::PTR).is_some())
            };
            // A forward zone that happens to hold such names is not taken along.
            let is_meant = self.todo.contains(apex) || group.members.iter().any(|(octet, _)| has_ptr(*octet));
            return match is_meant {
                true => Ok(Target::Here(meta.clone())),
                false => Err(format!("they lead to the zone {apex}, which has no PTR for them")),
            };
        }
        let above = declared.zone_above(apex).ok_or_else(|| {
            format!("they lead to {apex}, which is neither served here nor delegated from a zone here")
        })?;
        let zone = self.zone(&above.apex)?;
        cuts::read(&zone, apex).map(Target::Away).map_err(|reason| format!("they lead to {apex}: {reason}"))
    }

    /// Makes sure that a block of the zone's tenant holds its addresses.
    fn cover(&mut self, meta: &ZoneMeta, range: &AddrRange, wanted: Option<Ttl>) -> Result<(), String> {
        let declared = self.plan.declared();
        if let Some(taker) = taker(declared, range) {
            return Err(format!("{range} lies in the block {}, which is {}", taker.range, taker.mode.word()));
        }
        if let Some((other, relation)) = declared.conflict(range) {
            let owner = tenant_name(declared, other.tenant);
            return match relation {
                RangeRelation::Equal if other.mode == Mode::Observed => {
                    Err(format!("the block {range} is observed: others answer for it"))
                }
                RangeRelation::Equal if other.tenant == meta.tenant => Ok(()),
                RangeRelation::Equal => Err(format!(
                    "the block {range} belongs to the tenant {owner}, the zone to {}",
                    tenant_name(declared, meta.tenant)
                )),
                _ => Err(format!("{range} crosses the block {} of {owner}", other.range)),
            };
        }
        observed::check_place(declared, range, false).map_err(|problem| problem.message)?;
        let is_served = |block: &&Arc<Block>| block.tenant == meta.tenant && block.mode != Mode::Observed;
        let around = declared.innermost(range).filter(is_served);
        let inherited = inherited_at(declared, range);
        let default_ttl = wanted.filter(|ttl| *ttl != inherited);
        if around.is_none() || default_ttl.is_some() {
            self.add_block(*range, meta.tenant, Mode::Direct, default_ttl, format!("for {}", meta.apex));
        }
        Ok(())
    }

    fn add_block(
        &mut self,
        range: AddrRange,
        tenant: TenantId,
        mode: Mode,
        default_ttl: Option<Ttl>,
        detail: String,
    ) -> BlockId {
        let word = mode.word();
        let standing = Standing::default();
        let template = BlockTemplate::Inherit;
        let block = Block { id: BlockId(0), range, tenant, mode, default_ttl, template, standing };
        let block = self.plan.put_block(block);
        touch(self.plan, &block);
        if default_ttl.is_some() {
            self.plan.retime(&range);
        }
        self.blocks += 1;
        self.added.push(range);
        let ttl = default_ttl.map_or_else(String::new, |ttl| format!(", TTL {ttl}"));
        self.plan.tell(range, "block", format!("{word} {detail}{ttl}"));
        block.id
    }

    /// Whether a block that is not served directly may come here.
    fn check_free(&self, range: &AddrRange, may_hold_blocks: bool) -> Result<(), String> {
        let declared = self.plan.declared();
        if let Some((other, relation)) = declared.conflict(range) {
            let crosses = if relation == RangeRelation::Equal { "is there already as" } else { "crosses" };
            return Err(format!("{range} {crosses} the block {} ({})", other.range, other.mode.word()));
        }
        if let Some(taker) = taker(declared, range).filter(|taker| taker.mode.delegation().is_some()) {
            return Err(format!("{range} lies in {}, which is delegated", taker.range));
        }
        observed::check_place(declared, range, false).map_err(|problem| problem.message)?;
        match declared.blocks_in(range).next() {
            Some(inner) if !may_hold_blocks => {
                Err(format!("the block {} lies in {range}: it could not be answered for", inner.range))
            }
            _ => Ok(()),
        }
    }

    /// A complete set becomes a block.
    fn place(&mut self, set: sets::Set, apex: &Name, target: Target, tenant: TenantId) -> Result<(), String> {
        let range = set.range;
        let note = set.note.map_or_else(String::new, |note| format!(" ({note})"));
        match target {
            Target::Known => Ok(()),
            Target::Here(meta) => self.classless_zone(&meta, range, &note),
            Target::Away(StoredCut { delegation, ttl, .. }) => {
                self.check_free(&range, false)?;
                let style = label::style_for(apex, &label_parent(self.plan.declared(), &range), &range);
                let detail = format!("{style} to {apex}{note}");
                let ttl = Some(ttl).filter(|ttl| *ttl != self.plan.declared().defaults().zone_ttl);
                let mode = Mode::DelegatedClassless { style, apex: apex.clone(), delegation };
                self.add_block(range, tenant, mode, ttl, detail);
                Ok(())
            }
        }
    }

    /// A verbatim zone becomes the classless zone of a range.
    fn classless_zone(&mut self, meta: &Arc<ZoneMeta>, range: AddrRange, note: &str) -> Result<(), String> {
        self.check_free(&range, true)?;
        let apex = &meta.apex;
        if apex.as_wire().len() + 4 > 255 {
            return Err(format!("{apex} is too long for the names of addresses below it"));
        }
        let zone = self.unsigned(apex)?;
        // Only to read owners as the native zone will.
        let kind = ZoneKind::Classless { block: BlockId(0), range };
        let window = Zone::new(meta.id, apex.clone(), window(&kind), zone.soa().clone(), zone.soa_ttl());
        let at = |owner: &Name| Some(address_at(&window, owner).filter(|(_, exact)| *exact)?.0);
        let scan = Scan::of(&zone, at);
        let (placed, kept) = self.judge(&scan.groups);
        let style = label::style_for(apex, &label_parent(self.plan.declared(), &range), &range);
        let inherited = inherited_at(self.plan.declared(), &range);
        let ttl = wanted_ttl(&placed, &scan).filter(|ttl| *ttl != inherited);
        let detail = format!("{style} in {apex}{note}");
        let mode = Mode::Classless { style, apex: apex.clone() };
        let block = self.add_block(range, meta.tenant, mode, ttl, detail);
        kept.into_iter().for_each(|(subject, reason)| self.keep(subject, reason));
        self.content(meta, &zone, ZoneKind::Classless { block, range }, scan, placed, at);
        Ok(())
    }

    /// A zone that no CNAMEs of an adopted zone led to: a classless zone below a parent that is served elsewhere, or
    /// stays verbatim.
    fn lone_zone(&mut self, meta: &Arc<ZoneMeta>) -> Result<(), String> {
        let apex = &meta.apex;
        let no_reverse = || "no reverse zone: only those hold the PTRs of addresses".to_owned();
        let parent = apex.ancestors().nth(1).ok_or_else(no_reverse)?;
        let above = ReversePrefix::of_apex(&parent)
            .filter(|prefix| prefix.family() == Family::V4 && prefix.depth() == 3)
            .ok_or_else(no_reverse)?;
        let base = above.bits() as u32;
        let range = match self.set_of_parent(apex, base)? {
            Some(set) => set.range,
            None => self.range_of_label(apex, base)?,
        };
        self.classless_zone(meta, range, "")
    }

    /// The CNAMEs to an apex in the zone above it, where that is served here.
    fn set_of_parent(&self, apex: &Name, base: u32) -> Result<Option<sets::Set>, String> {
        let Some(above) = self.plan.base.declared.zone_above(apex) else { return Ok(None) };
        let zone = self.zone(&above.apex)?;
        let scan = Scan::of(&zone, |owner| {
            let reverse =
                ReverseName::of_name(owner).filter(|name| name.extra == 0 && name.prefix.is_full())?;
            let bits = reverse.prefix.bits();
            (bits & !0xff == u128::from(base)).then(|| ip_from_bits(Family::V4, bits))
        });
        let group = scan.groups.iter().find(|group| group.apex == *apex);
        group.map(sets::judge).transpose()
    }

    /// What the label says, where it says one thing only, or the PTRs below it leave but one.
    fn range_of_label(&self, apex: &Name, base: u32) -> Result<AddrRange, String> {
        let zone = self.zone(apex)?;
        let below = zone.names().iter().filter_map(|(key, node)| {
            node.rrset(RecordType::PTR)?;
            let owner = NameTree::owner(&key, node, apex);
            let octet = ptrd_wire::canonical_octet(owner.labels().next()?)?;
            (owner.label_count() == apex.label_count() + 1).then_some(octet)
        });
        let octets: Vec<u8> = below.collect();
        let mut ranges: Vec<AddrRange> = label::readings(apex.labels().next().unwrap_or_default(), base)
            .into_iter()
            .map(|(_, range)| range)
            .filter(|range| {
                octets.iter().all(|octet| {
                    range.contains(ip_from_bits(Family::V4, u128::from(base | u32::from(*octet))))
                })
            })
            .collect();
        ranges.dedup();
        match ranges.as_slice() {
            [range] => Ok(*range),
            [] => Err(
                "its label does not say which addresses it holds: adopt it together with the zone that has \
                       the CNAMEs"
                    .to_owned(),
            ),
            [a, b, ..] => Err(format!(
                "its label can be read as {a} or {b}: adopt it together with the zone that has the CNAMEs"
            )),
        }
    }

    /// Cuts at names of addresses become delegated blocks; the others stay.
    fn cuts(
        &mut self,
        meta: &ZoneMeta,
        zone: &Zone,
        kind: &ZoneKind,
        owners: &[Name],
        at: impl Fn(&Name) -> Option<IpAddr>,
    ) {
        let mut each: Vec<(IpAddr, Name, StoredCut)> = Vec::new();
        for owner in owners {
            let declared = self.plan.declared();
            // Cuts that follow from a zone or a block.
            if declared.zone(owner).is_some() || declared.block_with_apex(owner).is_some() {
                continue;
            }
            let cut = cuts::read(zone, owner).and_then(|cut| match declared.zones_below(owner).next() {
                Some(below) => Err(format!("the zone {} is served below the cut", below.apex)),
                None => Ok(cut),
            });
            let prefix = ReversePrefix::of_apex(owner).filter(|_| matches!(kind, ZoneKind::Range(_)));
            let result = match (cut, at(owner), prefix) {
                (Err(reason), ..) => Err(reason),
                (Ok(cut), Some(address), _) => {
                    each.push((address, owner.clone(), cut));
                    continue;
                }
                (Ok(cut), None, Some(prefix)) => self.whole(meta, prefix, cut),
                (Ok(_), None, None) => Err("it stands for no addresses".to_owned()),
            };
            if let Err(reason) = result {
                self.keep(format!("{owner} NS"), reason);
            }
        }
        each.sort_by_key(|(address, ..)| *address);
        let joins = |a: &(IpAddr, Name, StoredCut), b: &(IpAddr, Name, StoredCut)| {
            let next = ip_to_bits(a.0).1 + 1 == ip_to_bits(b.0).1;
            next && a.2 == b.2 && !a.2.has_glue && a.2.delegation.ds.is_empty()
        };
        for run in each.chunk_by(joins) {
            let ([(first, owner, cut), ..], Some((last, ..))) = (run, run.last()) else { continue };
            let range = AddrRange::new(*first, *last).unwrap_or_else(|_| AddrRange::single(*first));
            let mode = match (cut.delegation.ds.is_empty(), kind) {
                (true, _) => Ok(Mode::DelegatedEach(cut.delegation.clone())),
                (false, ZoneKind::Range(_)) => Ok(Mode::DelegatedWhole(cut.delegation.clone())),
                (false, _) => Err("a DS in a classless zone follows from no block".to_owned()),
            };
            let result = mode.and_then(|mode| self.delegate(meta, range, mode, cut.ttl));
            if let Err(reason) = result {
                self.keep(format!("{owner} NS"), reason);
            }
        }
    }

    fn whole(&mut self, meta: &ZoneMeta, prefix: ReversePrefix, cut: StoredCut) -> Result<(), String> {
        let range = prefix.range();
        if delegation_tiles(&range) != [prefix] {
            return Err(format!("a delegation of {range} would be cut at other names"));
        }
        self.delegate(meta, range, Mode::DelegatedWhole(cut.delegation), cut.ttl)
    }

    fn delegate(&mut self, meta: &ZoneMeta, range: AddrRange, mode: Mode, ttl: Ttl) -> Result<(), String> {
        self.check_free(&range, false)?;
        let servers = mode.delegation().map_or(&[][..], |delegation| &delegation.nameservers);
        let names: Vec<&Name> = servers.iter().map(|server| &server.name).collect();
        let detail = format!("to {}", crate::problem::some(&names, 3));
        let ttl = Some(ttl).filter(|ttl| *ttl != self.plan.declared().defaults().zone_ttl);
        self.add_block(range, meta.tenant, mode, ttl, detail);
        Ok(())
    }

    pub fn keep(&mut self, subject: impl ToString, reason: String) {
        self.plan.tell(subject, "kept as records", reason);
    }
}

/// The TTL that a zone's block should give: that of its CNAME sets, which have none of their own, else the most common
/// of its PTRs.
fn wanted_ttl(placed: &[Placed], scan: &Scan) -> Option<Ttl> {
    let most = |ttls: &mut dyn Iterator<Item = (Ttl, u128)>| {
        let mut counts: BTreeMap<Ttl, u128> = BTreeMap::new();
        ttls.for_each(|(ttl, n)| *counts.entry(ttl).or_default() += n);
        counts.into_iter().max_by_key(|(ttl, n)| (*n, *ttl)).map(|(ttl, _)| ttl)
    };
    most(&mut placed.iter().map(|placed| (placed.set.ttl, placed.set.range.size())))
        .or_else(|| most(&mut scan.ptrs.iter().map(|(_, _, rrset)| (rrset.ttl, 1))))
}

/// What a block of this range would inherit.
fn inherited_at(declared: &ptrd_zone::Declared, range: &AddrRange) -> Ttl {
    std::iter::successors(declared.innermost(range), |block| declared.around(block.id))
        .find_map(|block| block.default_ttl)
        .unwrap_or(declared.defaults().ptr_ttl)
}

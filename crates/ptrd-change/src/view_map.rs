//! Counts for a map of the address space: a prefix cut into 256 parts of one size, run of addresses by run.
//!
//! A map costs what there are blocks and pages of addresses in it, and one step for each address that fails or waits. Names
//! are looked at, one by one, only where there are few.

use crate::checks::Failing;
use crate::generic::{LOOKED_AT, NameReader};
use crate::pending;
use crate::place::ptrs_in;
use crate::problem::{internal, invalid};
use crate::publish::View;
use crate::request::read_range;
use crate::tenant::tenant_name;
use ptrd_api::{ComputedName, MapFilter, MapPart, MapRun, MapView, Problem};
use ptrd_wire::{AddrRange, Family, ip_from_bits, ip_to_bits};
use ptrd_zone::model::{Block, TenantId};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// How many parts a map has.
const PARTS: u128 = 256;

/// Counts as they add up.
struct Tally<'v> {
    view: &'v View,
    map: AddrRange,
    /// Addresses of a part.
    size: u128,
    parts: BTreeMap<u8, MapPart>,
}

impl View {
    /// How the addresses of a prefix stand, part by part. What is not the tenant's, if one is named, is not counted.
    ///
    /// # Errors
    /// The range is no prefix of 256 addresses or more, an unknown tenant.
    pub fn map(&self, filter: &MapFilter, failing: &Failing) -> Result<MapView, Problem> {
        let map = read_range(&filter.range)?;
        let named = filter.tenant.as_deref().map(|name| self.tenant_id(name)).transpose()?;
        let tenant = self.reader().or(named);
        // The whole of IPv6 has one address more than its size can say.
        let size = (map.last_bits() - map.first_bits()) / PARTS + 1;
        if map.prefix_len().is_none() || map.last_bits() - map.first_bits() < PARTS - 1 {
            return Err(invalid(format!("{map} cannot be mapped: it is no prefix of 256 addresses or more"))
                .hint("such as 192.0.2.0/24 or 2001:db8::/32"));
        }
        let mut tally = Tally { view: self, map, size, parts: BTreeMap::new() };
        let mut runs = Vec::new();
        self.each_run(&map, tenant, |block, part| {
            tally.add(block, part);
            if size == 1 {
                runs.push((self.map_run(block, part), *part));
            }
        })?;
        tally.add_standings(tenant, failing);
        let unlinted = filter.quick || tally.set() > LOOKED_AT as u64;
        if !unlinted {
            tally.add_generic(tenant)?;
        }
        let computed = self.computed_names(&runs);
        let parts = tally.parts.into_values().collect();
        let runs = runs.into_iter().map(|(run, _)| run).collect();
        Ok(MapView { range: map.to_string(), parts, runs, computed, unlinted })
    }

    /// Calls back for the runs of addresses with the same most specific block that are the reader's, and the tenant's.
    fn each_run(
        &self,
        map: &AddrRange,
        tenant: Option<TenantId>,
        mut each: impl FnMut(&Block, &AddrRange),
    ) -> Result<(), Problem> {
        let mut next = Some(map.first_bits());
        while let Some(first) = next.filter(|bits| *bits <= map.last_bits()) {
            let (block, last) = self.declared.block_run(map.family(), first);
            let last = last.min(map.last_bits());
            if let Some(block) = block.filter(|block| tenant.is_none_or(|tenant| block.tenant == tenant)) {
                let run = between(map.family(), first, last)?;
                self.rights.parts(&run).iter().for_each(|part| each(block, part));
            }
            next = last.checked_add(1);
        }
        Ok(())
    }

    /// The addresses of runs that templates name.
    fn computed_names(&self, runs: &[(MapRun, AddrRange)]) -> Vec<ComputedName> {
        let addresses = self.snapshot.addresses();
        let is_elsewhere = |mode: &str| mode == "observed" || mode.starts_with("delegated");
        let is_shown = |(run, _): &&(MapRun, AddrRange)| !run.suspended && !is_elsewhere(&run.mode);
        let all = runs.iter().filter(is_shown).flat_map(|(_, range)| {
            let family = range.family();
            (range.first_bits()..=range.last_bits()).map(move |bits| ip_from_bits(family, bits))
        });
        let bare = all.filter(|address| addresses.ptr(*address).is_none());
        bare.filter_map(|address| {
            let name = addresses.computed_ptr(address)?.name().to_string();
            Some(ComputedName { address: address.to_string(), name })
        })
        .collect()
    }

    fn map_run(&self, block: &Block, part: &AddrRange) -> MapRun {
        MapRun {
            first: part.first().to_string(),
            last: part.last().to_string(),
            block: block.range.to_string(),
            tenant: tenant_name(&self.declared, block.tenant),
            mode: block.mode.word().to_owned(),
            suspended: self.declared.suspending(&block.range).is_some(),
        }
    }
}

/// Addresses in a row.
fn between(family: Family, first: u128, last: u128) -> Result<AddrRange, Problem> {
    AddrRange::new(ip_from_bits(family, first), ip_from_bits(family, last))
        .map_err(|error| internal(error.to_string()))
}

impl Tally<'_> {
    /// Counts addresses of a block.
    fn add(&mut self, block: &Block, run: &AddrRange) {
        let (first, last) = (run.first_bits(), run.last_bits());
        let (start, size) = (self.map.first_bits(), self.size);
        let declared = &self.view.declared;
        // A template names nothing where the block is not shown here.
        let is_named = declared.template_of(block).is_some()
            && block.mode.delegation().is_none()
            && declared.suspending(&block.range).is_none();
        let part_of = |bits: u128| (bits - start) / size;
        for nth in part_of(first)..=part_of(last) {
            let from = first.max(start + nth * size);
            let to = last.min(start + nth * size + (size - 1));
            let Ok(range) = between(self.map.family(), from, to) else { continue };
            let entry =
                self.parts.entry(nth as u8).or_insert(MapPart { part: nth as u8, ..MapPart::default() });
            let addresses = u64::try_from(to - from).unwrap_or(u64::MAX).saturating_add(1);
            entry.addresses = entry.addresses.saturating_add(addresses);
            let set = self.view.snapshot.addresses().count(&range) as u64;
            entry.set += set;
            if is_named {
                entry.computed = entry.computed.saturating_add(addresses - set);
            }
            entry.blocks += u64::from(block.range.first_bits() == from);
        }
    }

    /// How many addresses have a PTR.
    fn set(&self) -> u64 {
        self.parts.values().map(|part| part.set).sum()
    }

    /// The part that an address is counted in.
    fn part_of(&mut self, address: IpAddr) -> Option<&mut MapPart> {
        let nth = (ip_to_bits(address).1 - self.map.first_bits()) / self.size;
        self.parts.get_mut(&(nth as u8))
    }

    /// Counts addresses whose names fail, and those at which names wait.
    fn add_standings(&mut self, tenant: Option<TenantId>, failing: &Failing) {
        let (view, map) = (self.view, self.map);
        let is_counted = |address: &IpAddr| {
            let is_of = |tenant| view.declared.block_of(*address).is_some_and(|block| block.tenant == tenant);
            map.contains(*address) && view.sees_address(*address) && tenant.is_none_or(is_of)
        };
        for address in failing.within(&map).filter(is_counted).filter(|at| view.is_under_fcrdns(*at)) {
            self.part_of(address).into_iter().for_each(|part| part.failing += 1);
        }
        for address in pending::addresses(&view.settings).filter(is_counted) {
            self.part_of(address).into_iter().for_each(|part| part.pending += 1);
        }
    }

    /// Counts addresses whose names look generic.
    fn add_generic(&mut self, tenant: Option<TenantId>) -> Result<(), Problem> {
        let (view, map) = (self.view, self.map);
        let (mut names, mut found) = (NameReader::default(), Vec::new());
        view.each_run(&map, tenant, |_, run| {
            found.extend(ptrs_in(&view.snapshot, run).filter(|at| names.is_generic_at(view, *at)));
        })?;
        for address in found {
            self.part_of(address).into_iter().for_each(|part| part.generic += 1);
        }
        Ok(())
    }
}

//! Which names an address backs: those that its PTR says, where they lie in a companion zone here and the tenant of its
//! block holds them.

use crate::declared::Declared;
use crate::model::{Mode, TenantId};
use crate::snapshot::Snapshot;
use crate::zone::Zone;
use ptrd_wire::{AddrRange, Family, QName, Ttl, ip_from_bits, ip_to_bits, sort_key};
use std::net::IpAddr;
use std::sync::Arc;

/// Asked for address after address; what holds for a row of them is remembered from one to the next.
pub struct Backers<'a> {
    declared: &'a Declared,
    snapshot: &'a Snapshot,
    run: Option<(AddrRange, Option<TenantId>)>,
    octets: Vec<u8>,
    name: QName,
    key: Vec<u8>,
}

impl<'a> Backers<'a> {
    /// As blocks, zones and PTRs are there.
    pub fn new(declared: &'a Declared, snapshot: &'a Snapshot) -> Backers<'a> {
        let (octets, key) = (Vec::new(), Vec::new());
        Backers { declared, snapshot, run: None, octets, name: QName::default(), key }
    }

    /// Calls `each` for the names that an address backs: with their zone, their sort key below its apex, and the TTL of
    /// the PTR.
    pub fn of(&mut self, address: IpAddr, mut each: impl FnMut(&Arc<Zone>, &[u8], Ttl)) {
        let Some(ptr) = self.snapshot.addresses().ptr(address) else { return };
        let Some(tenant) = self.tenant(address) else { return };
        for target in ptr.targets() {
            self.octets.clear();
            self.octets.extend_from_slice(target.head);
            self.octets.extend_from_slice(target.ending);
            self.name.assign(&self.octets);
            if let Some(zone) = self.held_by(tenant) {
                each(zone, &self.key, ptr.ttl());
            }
        }
    }

    /// The zone in which an address would back a name in wire form if its PTR said so, and the name's sort key.
    pub fn would_back(&mut self, address: IpAddr, name: &[u8]) -> Option<(&'a Arc<Zone>, &[u8])> {
        let tenant = self.tenant(address)?;
        self.name.assign(name);
        let zone = self.held_by(tenant)?;
        Some((zone, &self.key))
    }

    /// The companion zone that the present name lies in, if this tenant holds it; its key comes with it.
    fn held_by(&mut self, tenant: TenantId) -> Option<&'a Arc<Zone>> {
        let zone = self.snapshot.zone_of(&self.name).filter(|zone| zone.is_companion())?;
        if !zone.is_held_by(self.declared, tenant, &self.name) {
            return None;
        }
        self.key.clear();
        let below = self.name.label_count() - zone.apex_labels();
        sort_key(self.name.wire(), &self.name.starts()[..below], &mut self.key);
        Some(zone)
    }

    fn tenant(&mut self, address: IpAddr) -> Option<TenantId> {
        if let Some((range, tenant)) = &self.run
            && range.contains(address)
        {
            return *tenant;
        }
        let (family, bits) = ip_to_bits(address);
        let (tenant, last) = self.declared.naming_run(family, bits);
        self.run = AddrRange::new(address, ip_from_bits(family, last)).ok().map(|range| (range, tenant));
        tenant
    }
}

impl Declared {
    /// The tenant whose names addresses may back, from this one up to the returned last one: that of the innermost block,
    /// unless others answer for it or it is suspended.
    pub(super) fn naming_run(&self, family: Family, bits: u128) -> (Option<TenantId>, u128) {
        let (block, last) = self.block_run(family, bits);
        let Some(block) = block else { return (None, last) };
        let around = std::iter::successors(Some(block), |block| self.around(block.id));
        let is_elsewhere = around.into_iter().any(|block| {
            block.standing.suspended || block.mode == Mode::Observed || block.mode.delegation().is_some()
        });
        ((!is_elsewhere).then_some(block.tenant), last)
    }
}

//! PTRs within a plan: put into the index, and given another TTL where they inherit one.

use super::Plan;
use crate::standing::FormerZones;
use ptrd_store::Edit;
use ptrd_wire::{AddrRange, ip_from_bits, ip_to_bits};
use ptrd_zone::{Declared, PtrChange, PtrEdits};

/// PTRs are put into the index in portions of so many.
const PORTION: usize = 16_384;

impl Plan<'_> {
    /// Makes PTR edits. The zones that show them are for the caller to mark, but for those of former labels.
    pub fn put_ptrs(&mut self, edits: PtrEdits) {
        if self.next.declared.has_former() {
            let mut former = FormerZones::default();
            for edit in edits.iter() {
                self.changed.extend(former.at(&self.next.declared, edit.address));
            }
        }
        self.ptrs_changed += edits.len() as u64;
        let mut ttls = Inherited::default();
        let mut changes: Vec<PtrChange<'_>> = Vec::with_capacity(edits.len().min(PORTION));
        for edit in edits.iter() {
            changes.push((
                edit.address,
                edit.after.map(|set| match set.ttl {
                    Some(ttl) => (ttl, false, set.names),
                    None => (ttls.at(&self.next.declared, edit.address), true, set.names),
                }),
            ));
            if changes.len() == PORTION {
                self.next.snapshot.apply_ptrs(self.workspace, &changes);
                changes.clear();
            }
        }
        self.next.snapshot.apply_ptrs(self.workspace, &changes);
        drop(changes);
        if !edits.is_empty() {
            self.edits.push(Edit::Ptrs(edits));
        }
    }

    /// Gives the PTRs of a range that inherit their TTL the one that they inherit now, and marks their zones.
    pub fn retime(&mut self, range: &AddrRange) {
        let before = self.next.snapshot.clone();
        let (family, last) = (range.family(), range.last_bits());
        let mut ttls = Inherited::default();
        let mut shown = crate::place::ShowingZones::default();
        let mut former = FormerZones::default();
        let (mut names, mut waiting) = (Vec::new(), Vec::new());
        let mut at = before.addresses().next_from(family, range.first_bits());
        while let Some(bits) = at.filter(|bits| *bits <= last) {
            let address = ip_from_bits(family, bits);
            at = bits.checked_add(1).and_then(|next| before.addresses().next_from(family, next));
            let Some(ptr) = before.addresses().ptr(address).filter(|ptr| ptr.is_inherited()) else {
                continue;
            };
            let ttl = ttls.at(&self.next.declared, address);
            if ttl == ptr.ttl() {
                continue;
            }
            let start = names.len();
            ptr.pack_into(&mut names);
            waiting.push((address, ttl, start..names.len()));
            let zone = shown.at(&self.next.declared, address);
            self.changed.extend(zone);
            if self.next.declared.has_former() {
                self.changed.extend(former.at(&self.next.declared, address));
            }
            if waiting.len() == PORTION {
                self.apply_retimed(&mut names, &mut waiting);
            }
        }
        self.apply_retimed(&mut names, &mut waiting);
    }

    fn apply_retimed(
        &mut self,
        names: &mut Vec<u8>,
        waiting: &mut Vec<(std::net::IpAddr, ptrd_wire::Ttl, std::ops::Range<usize>)>,
    ) {
        let changes: Vec<PtrChange<'_>> = waiting
            .iter()
            .map(|(address, ttl, octets)| (*address, Some((*ttl, true, &names[octets.clone()]))))
            .collect();
        self.next.snapshot.apply_ptrs(self.workspace, &changes);
        names.clear();
        waiting.clear();
    }
}

/// The TTL that addresses inherit, remembered from one address to the next.
#[derive(Default)]
pub(crate) struct Inherited {
    run: Option<(AddrRange, ptrd_wire::Ttl)>,
}

impl Inherited {
    #[inline]
    pub fn at(&mut self, declared: &Declared, address: std::net::IpAddr) -> ptrd_wire::Ttl {
        if let Some((range, ttl)) = &self.run
            && range.contains(address)
        {
            return *ttl;
        }
        let (family, bits) = ip_to_bits(address);
        let (ttl, last) = declared.inherited_ttl_run(family, bits);
        self.run = AddrRange::new(address, ip_from_bits(family, last)).ok().map(|range| (range, ttl));
        ttl
    }
}

//! The rules of blocks for names, asked for address after address.

use ptrd_wire::{AddrRange, ip_from_bits, ip_to_bits};
use ptrd_zone::Declared;
use ptrd_zone::model::Checks;
use std::net::IpAddr;

/// A rule of the nearest block that says something of it, remembered from one address to the next.
pub(crate) struct NameRules<'a, T> {
    declared: &'a Declared,
    of: fn(&Checks) -> Option<T>,
    /// What the rule is, and where.
    run: Option<(AddrRange, T)>,
}

impl<'a, T: Copy + Default> NameRules<'a, T> {
    pub fn new(declared: &'a Declared, of: fn(&Checks) -> Option<T>) -> NameRules<'a, T> {
        NameRules { declared, of, run: None }
    }

    /// The rule at an address.
    #[inline]
    pub fn at(&mut self, address: IpAddr) -> T {
        match &self.run {
            Some((range, rule)) if range.contains(address) => *rule,
            _ => {
                let (range, rule) = self.look(address);
                self.run = Some((range, rule));
                rule
            }
        }
    }

    fn look(&self, address: IpAddr) -> (AddrRange, T) {
        let (family, bits) = ip_to_bits(address);
        let (block, last) = self.declared.block_run(family, bits);
        let rule = self.declared.inherited(block, |block| (self.of)(&block.standing.checks));
        let range = AddrRange::new(address, ip_from_bits(family, last));
        (range.unwrap_or_else(|_| AddrRange::single(address)), rule.unwrap_or_default())
    }
}

//! Names that resolve back because this server itself will have it so: where they lie in companion zones here and the tenant
//! of the address holds them, the address follows from the PTR in the change that sets it.

use ptrd_wire::{Family, Name, ip_to_bits};
use ptrd_zone::{Backers, Declared, Snapshot};
use std::collections::HashMap;
use std::net::IpAddr;

/// Asked for name after name of one plan.
pub(crate) struct Promises<'a> {
    backers: Backers<'a>,
    has_companions: bool,
    /// How many addresses each name was promised to.
    made: HashMap<(Name, Family), usize>,
}

impl<'a> Promises<'a> {
    /// As things are before the plan.
    pub fn new(declared: &'a Declared, snapshot: &'a Snapshot) -> Promises<'a> {
        let backers = Backers::new(declared, snapshot);
        Promises { backers, has_companions: declared.has_companions(), made: HashMap::new() }
    }

    /// Whether a name will have an address once the PTR says so.
    pub fn make(&mut self, address: IpAddr, name: &Name) -> bool {
        if !self.has_companions {
            return false;
        }
        let Some((zone, key)) = self.backers.would_back(address, name.as_wire()) else { return false };
        let made = self.made.entry((name.to_lowercase(), ip_to_bits(address).0)).or_default();
        let follows = zone.would_show(key, address, *made);
        *made += usize::from(follows);
        follows
    }
}

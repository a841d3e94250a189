//! All names of a zone that templates give, in canonical order.

use super::{Pattern, Patterns};
use crate::snapshot::Addresses;
use ptrd_wire::{Family, QName, Ttl, ip_from_bits, sort_key};
use std::net::IpAddr;

/// A name of the list: its origin, its pattern, and which of the pattern's addresses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed {
    origin: u32,
    pattern: u16,
    nth: u32,
}

impl Patterns {
    /// The list; empty where there are too many names for one.
    fn list(&self, apex_labels: usize) -> &[Listed] {
        self.list.get_or_init(|| if self.is_expandable() { self.sorted(apex_labels) } else { Box::default() })
    }

    fn sorted(&self, apex_labels: usize) -> Box<[Listed]> {
        let mut keys: Vec<u8> = Vec::new();
        let mut places: Vec<(Listed, u32, u32)> = Vec::new();
        let mut writer = KeyWriter::new(apex_labels);
        for (at, origin) in self.origins.iter().enumerate() {
            for (of, pattern) in origin.patterns.iter().enumerate() {
                for nth in 0..pattern.size() as u32 {
                    let listed = Listed { origin: at as u32, pattern: of as u16, nth };
                    let key = writer.key(self, listed);
                    if self.is_elsewhere(key) {
                        continue;
                    }
                    places.push((listed, keys.len() as u32, key.len() as u32));
                    keys.extend_from_slice(key);
                }
            }
        }
        let key = |(_, start, length): &(Listed, u32, u32)| {
            let start = *start as usize;
            &keys[start..start + *length as usize]
        };
        places.sort_by(|a, b| key(a).cmp(key(b)));
        places.into_iter().map(|(listed, ..)| listed).collect()
    }

    /// The keys of the names of an address.
    pub(crate) fn keys(&self, apex_labels: usize, family: Family, bits: u128, out: &mut Vec<Box<[u8]>>) {
        let patterns = self.origins.iter().flat_map(|origin| &origin.patterns);
        let names = patterns.filter(|pattern| pattern.family() == family && pattern.run(bits).is_some());
        let mut writer = KeyWriter::new(apex_labels);
        out.extend(names.map(|pattern| Box::from(writer.write(pattern, bits))));
    }

    fn address(&self, listed: Listed) -> Option<(Family, u128, Ttl)> {
        let pattern = &self.origins[listed.origin as usize].patterns[usize::from(listed.pattern)];
        pattern.nth(listed.nth).map(|(bits, ttl)| (pattern.family(), bits, ttl))
    }
}

/// Writes the keys of names, with room that is used again.
struct KeyWriter {
    apex_labels: usize,
    name: QName,
    key: Vec<u8>,
}

impl KeyWriter {
    fn new(apex_labels: usize) -> KeyWriter {
        KeyWriter { apex_labels, name: QName::default(), key: Vec::new() }
    }

    fn key(&mut self, patterns: &Patterns, listed: Listed) -> &[u8] {
        let pattern = &patterns.origins[listed.origin as usize].patterns[usize::from(listed.pattern)];
        let bits = pattern.nth(listed.nth).map_or(0, |(bits, _)| bits);
        self.write(pattern, bits)
    }

    fn write(&mut self, pattern: &Pattern, bits: u128) -> &[u8] {
        let mut octets = [0; 255];
        let length = pattern.template.write(bits, &mut octets);
        self.name.assign(&octets[..length]);
        let below = self.name.label_count() - self.apex_labels;
        self.key.clear();
        sort_key(self.name.wire(), &self.name.starts()[..below], &mut self.key);
        &self.key
    }
}

/// The addresses that a name has by templates, lent by a walk.
#[derive(Clone, Copy)]
pub struct NamedAddresses<'z> {
    patterns: &'z Patterns,
    addresses: &'z Addresses,
    listed: &'z [Listed],
    family: Family,
}

impl NamedAddresses<'_> {
    /// The addresses of the family that have no PTR of their own, with the TTLs of the names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (IpAddr, Ttl)> {
        let found = self.listed.iter().filter_map(|listed| self.patterns.address(*listed));
        let unset = found.filter(|(family, bits, _)| {
            *family == self.family && self.addresses.find(*family, *bits).is_none()
        });
        unset.map(|(family, bits, ttl)| (ip_from_bits(family, bits), ttl))
    }

    /// The TTL of the RRset; `None` where there is none.
    pub(crate) fn ttl(&self) -> Option<Ttl> {
        self.iter().map(|(_, ttl)| ttl).min()
    }
}

/// Goes through the list name by name.
pub(crate) struct Listing<'z> {
    patterns: &'z Patterns,
    addresses: &'z Addresses,
    list: &'z [Listed],
    /// What is left begins with the present name, which has so many entries.
    same: usize,
    key: Vec<u8>,
    writer: KeyWriter,
}

impl<'z> Listing<'z> {
    /// From the first name on whose key is at least this one.
    pub fn from(
        patterns: &'z Patterns,
        addresses: &'z Addresses,
        apex_labels: usize,
        key: &[u8],
    ) -> Listing<'z> {
        let list = patterns.list(apex_labels);
        let mut writer = KeyWriter::new(apex_labels);
        let start = list.partition_point(|listed| writer.key(patterns, *listed) < key);
        let mut listing =
            Listing { patterns, addresses, list: &list[start..], same: 0, key: Vec::new(), writer };
        listing.settle();
        listing
    }

    /// The present name's key; `None` behind the last.
    pub fn key(&self) -> Option<&[u8]> {
        (self.same > 0).then_some(&*self.key)
    }

    /// The present name's addresses of a family.
    pub fn now(&self, family: Family) -> NamedAddresses<'z> {
        let (patterns, addresses) = (self.patterns, self.addresses);
        NamedAddresses { patterns, addresses, listed: &self.list[..self.same], family }
    }

    pub fn advance(&mut self) {
        self.list = &self.list[self.same..];
        self.settle();
    }

    /// Goes on to a name that an address has.
    fn settle(&mut self) {
        loop {
            self.same = 0;
            let Some(first) = self.list.first() else { return };
            self.key.clear();
            self.key.extend_from_slice(self.writer.key(self.patterns, *first));
            let rest = &self.list[1..];
            let others =
                rest.iter().take_while(|listed| self.writer.key(self.patterns, **listed) == &*self.key);
            self.same = 1 + others.count();
            if [Family::V4, Family::V6].iter().any(|family| self.now(*family).iter().next().is_some()) {
                return;
            }
            self.list = &self.list[self.same..];
        }
    }
}

//! Octets of stored values that have no column of their own: numbers in network order, lengths before contents.
//!
//! Every [`Unpack`] method answers `None` when the octets are cut or make no sense; nothing here panics on what a
//! damaged file holds.

use ptrd_wire::{AddrRange, Name, RecordType, RrSet, Soa, Ttl, ip_to_bits, rdata_is_well_formed};
use ptrd_zone::model::{Delegation, FormerLabel, Nameserver};
use std::net::IpAddr;

/// The octets of an address: four or sixteen.
pub(crate) enum AddressOctets {
    V4([u8; 4]),
    V6([u8; 16]),
}

impl AddressOctets {
    pub(crate) fn of(address: IpAddr) -> AddressOctets {
        match address {
            IpAddr::V4(v4) => AddressOctets::V4(v4.octets()),
            IpAddr::V6(v6) => AddressOctets::V6(v6.octets()),
        }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        match self {
            AddressOctets::V4(octets) => octets,
            AddressOctets::V6(octets) => octets,
        }
    }
}

/// The address that four or sixteen octets are.
pub(crate) fn address_of(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => <[u8; 4]>::try_from(octets).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(octets).ok().map(IpAddr::from),
        _ => None,
    }
}

/// Whether the octets are one or more complete wire names, as [`ptrd_zone::PtrSet`] wants them. The same question as
/// `PtrSet::is_well_formed`, without building the names: it is asked for every PTR of a load.
pub(crate) fn names_are_well_formed(names: &[u8]) -> bool {
    if names.is_empty() || names.len() > usize::from(u16::MAX) {
        return false;
    }
    let (mut at, mut start) = (0, 0);
    while at < names.len() {
        match names[at] {
            0 => {
                at += 1;
                if at - start > 255 {
                    return false;
                }
                start = at;
            }
            n if n > 63 => return false,
            n => at += usize::from(n) + 1,
        }
    }
    at == names.len() && start == at
}

/// Octets being made.
#[derive(Default)]
pub(crate) struct Pack(pub(crate) Vec<u8>);

impl Pack {
    pub(crate) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.u32(text.len() as u32);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn name(&mut self, name: &Name) {
        self.0.extend_from_slice(name.as_wire());
    }

    pub(crate) fn option<T>(&mut self, value: Option<T>, pack: impl FnOnce(&mut Pack, T)) {
        self.u8(u8::from(value.is_some()));
        if let Some(value) = value {
            pack(self, value);
        }
    }

    pub(crate) fn address(&mut self, address: IpAddr) {
        let octets = AddressOctets::of(address);
        self.u8(octets.as_slice().len() as u8);
        self.0.extend_from_slice(octets.as_slice());
    }

    pub(crate) fn range(&mut self, range: &AddrRange) {
        self.address(range.first());
        self.address(range.last());
    }

    pub(crate) fn soa(&mut self, soa: &Soa) {
        let wire = soa.to_wire();
        self.u16(wire.len() as u16);
        self.0.extend_from_slice(&wire);
    }

    /// Counts of a delegation are bounded by what fits into a cut; [`Edit::fault`](crate::Edit) checks them.
    pub(crate) fn delegation(&mut self, delegation: &Delegation) {
        self.u16(delegation.nameservers.len() as u16);
        for nameserver in &delegation.nameservers {
            self.name(&nameserver.name);
            self.u16(nameserver.addresses.len() as u16);
            for &address in &nameserver.addresses {
                self.address(address);
            }
        }
        self.u16(delegation.ds.len() as u16);
        self.rdatas(&delegation.ds);
    }

    /// What [`Unpack::former`] reads: u16 count of {name, option of the cut's data, option of the time}.
    pub(crate) fn former(&mut self, former: &[FormerLabel]) {
        self.u16(former.len() as u16);
        for label in former {
            self.name(&label.apex);
            self.option(label.delegation.as_ref(), Pack::delegation);
            self.option(label.until, |pack, until| pack.0.extend_from_slice(&until.to_be_bytes()));
        }
    }

    pub(crate) fn rdatas(&mut self, rdatas: &[Box<[u8]>]) {
        for rdata in rdatas {
            self.u16(rdata.len() as u16);
            self.0.extend_from_slice(rdata);
        }
    }

    pub(crate) fn rrset(&mut self, set: &RrSet) {
        self.u32(set.ttl.as_secs());
        self.u32(set.rdatas.len() as u32);
        self.rdatas(&set.rdatas);
    }
}

/// Octets being read.
pub(crate) struct Unpack<'a>(pub(crate) &'a [u8]);

impl<'a> Unpack<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn octets(&mut self, length: usize) -> Option<&'a [u8]> {
        let (octets, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(octets)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        let (&value, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(value)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        let (&octets, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(octets))
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        let (&octets, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(octets))
    }

    pub(crate) fn text(&mut self) -> Option<String> {
        let length = self.u32()?;
        let octets = self.octets(length as usize)?;
        std::str::from_utf8(octets).ok().map(str::to_owned)
    }

    pub(crate) fn name(&mut self) -> Option<Name> {
        let (name, used) = Name::from_wire_prefix(self.0).ok()?;
        self.octets(used)?;
        Some(name)
    }

    /// Names up to the end of the octets; there may be none.
    pub(crate) fn any_names_to_end(&mut self) -> Option<Vec<Name>> {
        if self.is_empty() { Some(Vec::new()) } else { self.names_to_end() }
    }

    /// One or more names up to the end of the octets.
    pub(crate) fn names_to_end(&mut self) -> Option<Vec<Name>> {
        let mut names = Vec::with_capacity(2);
        while !self.is_empty() {
            names.push(self.name()?);
        }
        (!names.is_empty()).then_some(names)
    }

    /// The outer `None` is damage, the inner one an absent value.
    pub(crate) fn option<T>(
        &mut self,
        unpack: impl FnOnce(&mut Unpack<'a>) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.u8()? {
            0 => Some(None),
            1 => unpack(self).map(Some),
            _ => None,
        }
    }

    pub(crate) fn ttl(&mut self) -> Option<Ttl> {
        self.u32().filter(|&seconds| seconds <= Ttl::MAX.as_secs()).map(Ttl::from_secs)
    }

    pub(crate) fn address(&mut self) -> Option<IpAddr> {
        let length = self.u8()?;
        address_of(self.octets(usize::from(length))?)
    }

    pub(crate) fn range(&mut self) -> Option<AddrRange> {
        let (first, last) = (self.address()?, self.address()?);
        (ip_to_bits(first) <= ip_to_bits(last)).then(|| AddrRange::new(first, last).ok())?
    }

    pub(crate) fn soa(&mut self) -> Option<Soa> {
        let length = self.u16()?;
        Soa::from_wire(self.octets(usize::from(length))?).ok()
    }

    pub(crate) fn delegation(&mut self) -> Option<Delegation> {
        let mut delegation = Delegation::default();
        for _ in 0..self.u16()? {
            let name = self.name()?;
            let count = self.u16()?;
            let addresses = (0..count).map(|_| self.address()).collect::<Option<_>>()?;
            delegation.nameservers.push(Nameserver { name, addresses });
        }
        let count = self.u16()?;
        delegation.ds = (0..count).map(|_| self.rdata()).collect::<Option<_>>()?;
        Some(delegation)
    }

    pub(crate) fn former(&mut self) -> Option<Vec<FormerLabel>> {
        let count = self.u16()?;
        (0..count)
            .map(|_| {
                Some(FormerLabel {
                    apex: self.name()?,
                    delegation: self.option(Unpack::delegation)?,
                    until: self.option(|rest| Some(i64::from_be_bytes(rest.octets(8)?.try_into().ok()?)))?,
                })
            })
            .collect()
    }

    fn rdata(&mut self) -> Option<Box<[u8]>> {
        let length = self.u16()?;
        self.octets(usize::from(length)).map(Box::from)
    }

    /// Data of records of one type up to the end of the octets.
    pub(crate) fn rdatas_to_end(&mut self, rtype: RecordType) -> Option<Vec<Box<[u8]>>> {
        let mut rdatas = Vec::with_capacity(1);
        while !self.is_empty() {
            rdatas.push(self.rdata().filter(|rdata| rdata_is_well_formed(rtype, rdata))?);
        }
        (!rdatas.is_empty()).then_some(rdatas)
    }

    pub(crate) fn rrset(&mut self, rtype: RecordType) -> Option<RrSet> {
        let ttl = self.ttl()?;
        let count = self.u32()?;
        let rdatas = (0..count).map(|_| self.rdata()).collect::<Option<_>>()?;
        Some(RrSet { rtype, ttl, rdatas })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptrd_zone::PtrSet;

    #[test]
    fn the_cheap_check_of_names_agrees_with_the_thorough_one() {
        let long = |n: usize| [[&[63u8][..], &[b'x'; 63]].concat().repeat(n), vec![0]].concat();
        let mut cases: Vec<Vec<u8>> = vec![
            vec![],
            vec![0],
            vec![0, 0],
            b"\x01a\x00".to_vec(),
            b"\x01a\x00\x01b\x00".to_vec(),
            b"\x01a\x00\x01b".to_vec(),
            b"\x02a\x00".to_vec(),
            b"\x40a\x00".to_vec(),
            b"\xc0\x0c".to_vec(),
            long(3),
            long(4),
            [long(3), long(3)].concat(),
        ];
        let mut state = 1u32;
        for _ in 0..20_000 {
            let octets = (0..state % 12).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8 % 5
            });
            cases.push(octets.collect());
            state = state.wrapping_add(97);
        }
        cases.push(vec![0; 65_535]);
        cases.push(vec![0; 65_536]);
        for names in &cases {
            let set = PtrSet { ttl: None, names };
            assert_eq!(names_are_well_formed(names), set.is_well_formed(), "{names:?}");
        }
    }
}

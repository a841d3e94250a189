//! Records in canonical order, packed: owner (RFC 4034 §6.1), then type, then data as octets. What they have in common
//! with the one before is left out.
//!
//! Of a record: u8 flags (1: the owner of the record before, 2: its type, 4: its TTL, 8: lengths of data take two
//! octets); unless left out u8 octets kept from the end of the owner before, u8 octets in front of them, these; u16
//! type; u32 TTL; then the data likewise: u8 octets kept from the end of the data before, u8 or u16 octets in front of
//! them, these. Numbers are big-endian.

use ptrd_wire::{RecordType, Ttl, cmp_wire};
use std::cmp::Ordering;

const SAME_OWNER: u8 = 1;
const SAME_TYPE: u8 = 2;
const SAME_TTL: u8 = 4;
const LONG: u8 = 8;

/// A record, lent by [`Records`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Record<'r> {
    /// The owner in wire form.
    pub owner: &'r [u8],
    /// The type.
    pub rtype: RecordType,
    /// The TTL.
    pub ttl: Ttl,
    /// The data in wire form, names uncompressed.
    pub rdata: &'r [u8],
}

impl Record<'_> {
    /// The order of a list. Records that differ in nothing but letter case or TTL have one too.
    pub fn order(&self, other: &Record<'_>) -> Ordering {
        let owners = match self.owner == other.owner {
            true => Ordering::Equal,
            false => cmp_wire(self.owner, other.owner).then_with(|| self.owner.cmp(other.owner)),
        };
        owners.then_with(|| self.order_of_owner(other))
    }

    /// The same for records of one owner.
    pub(super) fn order_of_owner(&self, other: &Record<'_>) -> Ordering {
        (self.rtype, self.ttl.as_secs())
            .cmp(&(other.rtype, other.ttl.as_secs()))
            .then_with(|| self.rdata.cmp(other.rdata))
    }
}

impl std::fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let owner = ptrd_wire::Name::from_wire(self.owner).map_err(|_| std::fmt::Error)?;
        write!(f, "{owner} {} {} {:02x?}", self.ttl, self.rtype, self.rdata)
    }
}

/// Octets that are no packed list of records, or no packed difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub(super) &'static str);

/// See the module.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RecordList {
    octets: Vec<u8>,
    count: u32,
}

impl RecordList {
    /// How many records.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// As it is stored.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The records, lent one after the other.
    pub fn records(&self) -> Records<'_> {
        Records::new(&self.octets, self.count)
    }

    /// The records from a bookmark on, which is one of this list's.
    pub fn records_from(&self, mark: Bookmark) -> Records<'_> {
        let Bookmark { rest, left, owner, rdata, rtype, ttl } = mark;
        let start = self.octets.len().saturating_sub(rest);
        Records { rest: &self.octets[start..], left, owner, rdata, rtype, ttl }
    }

    /// A list of so many records out of octets, all of which are looked at.
    pub(super) fn read(octets: &[u8], count: u32) -> Result<RecordList, Malformed> {
        let list = RecordList { octets: octets.to_vec(), count };
        let mut records = list.records();
        // A record takes three octets at least, so what a count claims costs nothing.
        let mut last = ListWriter::default();
        for nth in 0..count {
            records.read()?;
            let record = records.now();
            if nth > 0 && last.now().order(&record).is_ge() {
                return Err(Malformed("records out of order"));
            }
            last.remember(record);
        }
        records.end()?;
        drop(records);
        Ok(list)
    }
}

impl std::fmt::Debug for RecordList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (mut list, mut records) = (f.debug_list(), self.records());
        while let Some(record) = records.next_record() {
            list.entry(&record);
        }
        list.finish()
    }
}

/// Where the reading of a list was broken off.
#[derive(Clone, Debug)]
pub struct Bookmark {
    /// Octets that are still to be read.
    rest: usize,
    left: u32,
    owner: Vec<u8>,
    rdata: Vec<u8>,
    rtype: RecordType,
    ttl: Ttl,
}

/// Lends the records of a list in their order.
pub struct Records<'l> {
    rest: &'l [u8],
    left: u32,
    owner: Vec<u8>,
    rdata: Vec<u8>,
    rtype: RecordType,
    ttl: Ttl,
}

impl<'l> Records<'l> {
    /// So many records of packed octets.
    pub(super) fn new(octets: &'l [u8], count: u32) -> Records<'l> {
        Records {
            rest: octets,
            left: count,
            owner: Vec::with_capacity(64),
            rdata: Vec::with_capacity(64),
            rtype: RecordType(0),
            ttl: Ttl::from_secs(0),
        }
    }

    /// Nothing stands behind the last record.
    pub(super) fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed("octets behind the last record")) }
    }

    /// The next record.
    pub fn next_record(&mut self) -> Option<Record<'_>> {
        self.advance().then(|| self.now())
    }

    /// The record read last; one without an owner before the first.
    pub fn current(&self) -> Record<'_> {
        self.now()
    }

    /// Breaks off, to go on later.
    pub fn bookmark(self) -> Bookmark {
        let Records { rest, left, owner, rdata, rtype, ttl } = self;
        Bookmark { rest: rest.len(), left, owner, rdata, rtype, ttl }
    }

    /// Goes to the next record. `false` behind the last.
    pub(super) fn advance(&mut self) -> bool {
        self.left = match self.left.checked_sub(1) {
            Some(left) => left,
            None => return false,
        };
        // A list is read when it is made.
        self.read().is_ok()
    }

    /// The present record.
    pub(super) fn now(&self) -> Record<'_> {
        Record { owner: &self.owner, rtype: self.rtype, ttl: self.ttl, rdata: &self.rdata }
    }

    /// Reads the next record.
    pub(super) fn read(&mut self) -> Result<(), Malformed> {
        let flags = self.take::<1>()?[0];
        if flags & !(SAME_OWNER | SAME_TYPE | SAME_TTL | LONG) != 0 {
            return Err(Malformed("unknown flags of a record"));
        }
        if flags & SAME_OWNER == 0 {
            let [kept, front] = self.take::<2>()?;
            let front = self.take_slice(front.into())?;
            keep(&mut self.owner, kept, front)?;
            if !is_name(&self.owner) {
                return Err(Malformed("an owner that is no name"));
            }
        }
        if flags & SAME_TYPE == 0 {
            self.rtype = RecordType(u16::from_be_bytes(self.take()?));
        }
        if flags & SAME_TTL == 0 {
            let seconds = u32::from_be_bytes(self.take()?);
            if seconds > Ttl::MAX.as_secs() {
                return Err(Malformed("a TTL of more than 31 bits"));
            }
            self.ttl = Ttl::from_secs(seconds);
        }
        let [kept] = self.take()?;
        let front = match flags & LONG {
            0 => self.take::<1>()?[0].into(),
            _ => u16::from_be_bytes(self.take()?).into(),
        };
        let front = self.take_slice(front)?;
        keep(&mut self.rdata, kept, front)?;
        if self.rdata.len() > usize::from(u16::MAX) {
            return Err(Malformed("data of more than 65535 octets"));
        }
        Ok(())
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(CUT)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn take_slice(&mut self, length: usize) -> Result<&'l [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(CUT)?;
        self.rest = rest;
        Ok(taken)
    }
}

const CUT: Malformed = Malformed("the octets end within a record");

/// Leaves so many octets at the end, and puts others in front of them.
fn keep(octets: &mut Vec<u8>, kept: u8, front: &[u8]) -> Result<(), Malformed> {
    let gone = octets.len().checked_sub(kept.into()).ok_or(Malformed("more kept than there is"))?;
    let length = front.len() + octets.len() - gone;
    if front.len() <= gone {
        octets.copy_within(gone.., front.len());
        octets.truncate(length);
    } else {
        octets.resize(length, 0);
        octets.copy_within(gone..gone + length - front.len(), front.len());
    }
    octets[..front.len()].copy_from_slice(front);
    Ok(())
}

/// Whether octets are one whole uncompressed name.
fn is_name(octets: &[u8]) -> bool {
    let mut at = 0;
    while let Some(&length @ 1..=63) = octets.get(at) {
        at += usize::from(length) + 1;
    }
    octets.len() <= 255 && at + 1 == octets.len() && octets[at] == 0
}

/// A list being written.
pub(super) struct ListWriter {
    list: RecordList,
    owner: Vec<u8>,
    rdata: Vec<u8>,
    rtype: RecordType,
    ttl: Ttl,
}

impl Default for ListWriter {
    fn default() -> ListWriter {
        ListWriter {
            list: RecordList::default(),
            owner: Vec::new(),
            rdata: Vec::new(),
            rtype: RecordType(0),
            ttl: Ttl::from_secs(0),
        }
    }
}

impl ListWriter {
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Appends a record, which comes after all before.
    pub fn push(&mut self, owner: &[u8], rtype: RecordType, ttl: Ttl, rdata: &[u8]) {
        let record = Record { owner, rtype, ttl, rdata };
        debug_assert!(self.list.count == 0 || self.now().order(&record).is_lt(), "records rise");
        let mut flags = 0;
        let kept_rdata = kept(&self.rdata, rdata);
        let front = &rdata[..rdata.len() - kept_rdata];
        for (flag, is_set) in [
            (SAME_OWNER, owner == self.owner),
            (SAME_TYPE, rtype == self.rtype),
            (SAME_TTL, ttl == self.ttl),
            (LONG, front.len() > 0xff),
        ] {
            flags |= if is_set { flag } else { 0 };
        }
        let octets = &mut self.list.octets;
        octets.push(flags);
        if flags & SAME_OWNER == 0 {
            let kept = kept(&self.owner, owner);
            let front = &owner[..owner.len() - kept];
            octets.extend_from_slice(&[kept as u8, front.len() as u8]);
            octets.extend_from_slice(front);
        }
        if flags & SAME_TYPE == 0 {
            octets.extend_from_slice(&rtype.0.to_be_bytes());
        }
        if flags & SAME_TTL == 0 {
            octets.extend_from_slice(&ttl.as_secs().to_be_bytes());
        }
        octets.push(kept_rdata as u8);
        match flags & LONG {
            0 => octets.push(front.len() as u8),
            _ => octets.extend_from_slice(&(front.len() as u16).to_be_bytes()),
        }
        octets.extend_from_slice(front);
        self.list.count += 1;
        self.remember(record);
    }

    fn remember(&mut self, record: Record<'_>) {
        self.owner.clear();
        self.owner.extend_from_slice(record.owner);
        self.rdata.clear();
        self.rdata.extend_from_slice(record.rdata);
        (self.rtype, self.ttl) = (record.rtype, record.ttl);
    }

    fn now(&self) -> Record<'_> {
        Record { owner: &self.owner, rtype: self.rtype, ttl: self.ttl, rdata: &self.rdata }
    }

    pub fn finish(mut self) -> RecordList {
        self.list.octets.shrink_to_fit();
        self.list
    }
}

/// How many octets two have in common at the end, up to 255.
fn kept(before: &[u8], now: &[u8]) -> usize {
    before.iter().rev().zip(now.iter().rev()).take(255).take_while(|(a, b)| a == b).count()
}

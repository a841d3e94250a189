//! The steps of a zone's history as one (RFC 1995 §5), read from how they are kept.
//!
//! The records of steps are gathered as they are read, each with what it is sorted by, and then sorted once: what came and went
//! again, or went and came again, stands side by side. To join steps one by one reads and writes each record again and again.
//! Where more is gathered than memory should hold it becomes a difference; such differences are joined with others of about
//! their length first, so that many short ones behind a long one do not each cost what the long one does.

use super::difference::{Difference, Mismatch, text};
use super::list::{ListWriter, Malformed, Record, Records};
use super::step::Step;
use ptrd_wire::{QName, RecordType, Ttl, sort_key};
use std::cmp::Ordering;

/// Octets that are gathered before they become a difference.
const GATHERED: usize = 4 << 20;
/// Octets of a step, as it is kept, that is a difference by itself.
const LONG: usize = 256 << 10;

/// Why steps are not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Uncondensed {
    /// One of them is no step.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// One of them does not follow the one before.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
}

/// See the module.
pub struct Condenser {
    /// [`GATHERED`] and [`LONG`].
    limits: (usize, usize),
    gathering: Gathering,
    /// Each more than twice as long as the one behind it.
    done: Vec<Step>,
}

impl Default for Condenser {
    fn default() -> Condenser {
        Condenser::within(GATHERED, LONG)
    }
}

impl Condenser {
    pub(super) fn within(gathered: usize, long: usize) -> Condenser {
        Condenser { limits: (gathered, long), gathering: Gathering::default(), done: Vec::new() }
    }

    /// Takes the next step, as [`Step::pack`] wrote it.
    ///
    /// # Errors
    /// [`Uncondensed`]: nothing can be made of these steps.
    pub fn push(&mut self, octets: &[u8]) -> Result<(), Uncondensed> {
        if octets.len() > self.limits.1 {
            self.settle()?;
            self.put(Step::unpack(octets)?)?;
            return Ok(());
        }
        self.gathering.take(octets)?;
        if self.gathering.octets.len() > self.limits.0 {
            self.settle()?;
        }
        Ok(())
    }

    /// All of them as one; `None` where there was none.
    ///
    /// # Errors
    /// [`Uncondensed`].
    pub fn finish(mut self) -> Result<Option<Step>, Uncondensed> {
        self.settle()?;
        let Some(mut whole) = self.done.pop() else { return Ok(None) };
        while let Some(before) = self.done.pop() {
            whole = before.then(&whole)?;
        }
        Ok(Some(whole))
    }

    /// Makes a difference of what was gathered.
    fn settle(&mut self) -> Result<(), Mismatch> {
        match self.gathering.finish()? {
            Some(step) => self.put(step),
            None => Ok(()),
        }
    }

    fn put(&mut self, mut step: Step) -> Result<(), Mismatch> {
        while let Some(before) =
            self.done.pop_if(|before| before.difference.len() <= 2 * step.difference.len())
        {
            step = before.then(&step)?;
        }
        self.done.push(step);
        Ok(())
    }
}

/// Records of several steps.
#[derive(Default)]
struct Gathering {
    /// The SOA that the first step begins with, its TTL before it.
    soa: Option<(Ttl, Box<[u8]>)>,
    records: Vec<Gathered>,
    /// Of each record its sort key, owner and data.
    octets: Vec<u8>,
    name: QName,
}

/// A record of one of them.
struct Gathered {
    /// What is first in the sort keys behind that in which none differ.
    first: u64,
    start: u32,
    key: u16,
    owner: u16,
    rdata: u16,
    rtype: RecordType,
    ttl: Ttl,
    comes: bool,
}

impl Gathering {
    fn take(&mut self, octets: &[u8]) -> Result<(), Malformed> {
        let (soa_ttl, soa, difference) = Step::parts(octets)?;
        let [removed, added] = Difference::parts(difference)?;
        self.soa.get_or_insert_with(|| (soa_ttl, soa.into()));
        for ((octets, count), comes) in [(removed, false), (added, true)] {
            let mut records = Records::new(octets, count);
            for _ in 0..count {
                records.read()?;
                self.add(records.now(), comes);
            }
            records.end()?;
        }
        Ok(())
    }

    fn add(&mut self, record: Record<'_>, comes: bool) {
        let start = self.octets.len();
        self.name.assign(record.owner);
        sort_key(self.name.wire(), self.name.starts(), &mut self.octets);
        let key = self.octets.len() - start;
        self.octets.extend_from_slice(record.owner);
        self.octets.extend_from_slice(record.rdata);
        self.records.push(Gathered {
            first: 0,
            start: start as u32,
            key: key as u16,
            owner: record.owner.len() as u16,
            rdata: record.rdata.len() as u16,
            rtype: record.rtype,
            ttl: record.ttl,
            comes,
        });
    }

    /// What they come to, as one step; `None` where there was none. Nothing is gathered then.
    fn finish(&mut self) -> Result<Option<Step>, Mismatch> {
        let Some((soa_ttl, soa)) = self.soa.take() else { return Ok(None) };
        let Gathering { records, octets, .. } = self;
        look_ahead(records, octets);
        // Those that are the same stay in the order of their steps.
        records.sort_by(|a, b| a.order(b, octets));
        let (mut removed, mut added) = (ListWriter::default(), ListWriter::default());
        for same in records.chunk_by(|a, b| a.order(b, octets).is_eq()) {
            if let Some(twice) = same.windows(2).find(|pair| pair[0].comes == pair[1].comes) {
                let text = text(twice[1].record(octets));
                return Err(if twice[1].comes { Mismatch::Present(text) } else { Mismatch::Missing(text) });
            }
            let list = match same {
                [.., last] if last.comes != same[0].comes => continue,
                [first, ..] if first.comes => &mut added,
                _ => &mut removed,
            };
            let Record { owner, rtype, ttl, rdata } = same[0].record(octets);
            list.push(owner, rtype, ttl, rdata);
        }
        records.clear();
        octets.clear();
        let difference = Difference::of(removed.finish(), added.finish());
        Ok(Some(Step { soa_ttl, soa, difference }))
    }
}

/// Finds how far all sort keys are the same, and puts what is behind that where it is compared with one look.
fn look_ahead(records: &mut [Gathered], octets: &[u8]) {
    let Some(first) = records.first().map(|record| record.key(octets)) else { return };
    let mut same = first.len();
    for key in records.iter().map(|record| record.key(octets)) {
        if !key.starts_with(&first[..same]) {
            same = first[..same].iter().zip(key).take_while(|(a, b)| a == b).count();
        }
    }
    for record in records {
        let mut word = [0; 8];
        let behind = &record.key(octets)[same..];
        let length = behind.len().min(8);
        word[..length].copy_from_slice(&behind[..length]);
        record.first = u64::from_be_bytes(word);
    }
}

impl Gathered {
    fn key<'o>(&self, octets: &'o [u8]) -> &'o [u8] {
        &octets[self.start as usize..][..usize::from(self.key)]
    }

    fn record<'o>(&self, octets: &'o [u8]) -> Record<'o> {
        let (owner, rest) = octets[self.start as usize + usize::from(self.key)..].split_at(self.owner.into());
        Record { owner, rtype: self.rtype, ttl: self.ttl, rdata: &rest[..usize::from(self.rdata)] }
    }

    /// That of lists: see [`Record::order`], which compares names as their sort keys do.
    fn order(&self, other: &Gathered, octets: &[u8]) -> Ordering {
        self.first.cmp(&other.first).then_with(|| {
            let (one, two) = (self.record(octets), other.record(octets));
            let keys = self.key(octets).cmp(other.key(octets));
            keys.then_with(|| one.owner.cmp(two.owner)).then_with(|| one.order_of_owner(&two))
        })
    }
}

//! A step of a zone's history as it is kept: the SOA that it began with, and the difference.

use super::difference::{Difference, Mismatch};
use super::list::Malformed;
use crate::stated::Form;
use crate::zone::Zone;
use ptrd_wire::{RecordType, Serial, Soa, Ttl, rdata_is_well_formed};
use std::borrow::Cow;

/// The first octet of what has a difference for each form of computed names; another one begins a single difference.
const BOTH: u8 = 2;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The TTL of the SOA before.
    pub soa_ttl: Ttl,
    /// Its data.
    pub soa: Box<[u8]>,
    /// The other records.
    pub difference: Difference,
}

impl Step {
    /// From this version of a zone on.
    pub fn new(before: &Zone, difference: Difference) -> Step {
        Step { soa_ttl: before.soa_ttl(), soa: before.soa_rdata().into(), difference }
    }

    /// The serial before.
    ///
    /// # Errors
    /// The data is not that of a SOA.
    pub fn serial(&self) -> Result<Serial, Malformed> {
        Soa::from_wire(&self.soa).map(|soa| soa.serial).map_err(|_| Malformed("the data of the SOA"))
    }

    /// The octets to be kept: TTL, length and data of the SOA, the difference, and a CRC-32 of all that: nothing else would
    /// tell that a disk has altered a name in it.
    pub fn pack(&self) -> Vec<u8> {
        self.sealed(self.difference.pack())
    }

    /// As [`Step::pack`], where the difference is another one in each form; `records` is `None` where the names are too many
    /// to be records. Then stand u8 2, u32 octets of the difference in records, this one, and the one that is stated. The
    /// difference of the step itself is not looked at.
    pub fn pack_both(&self, records: Option<&Difference>, stated: &Difference) -> Vec<u8> {
        let records = records.map(Difference::pack).unwrap_or_default();
        let length = (records.len() as u32).to_be_bytes();
        self.sealed([&[BOTH][..], &length, &records, &stated.pack()].concat())
    }

    fn sealed(&self, mut difference: Vec<u8>) -> Vec<u8> {
        let mut octets = Vec::with_capacity(10 + self.soa.len() + difference.len());
        octets.extend_from_slice(&self.soa_ttl.as_secs().to_be_bytes());
        octets.extend_from_slice(&(self.soa.len() as u16).to_be_bytes());
        octets.extend_from_slice(&self.soa);
        octets.append(&mut difference);
        let sum = crc32fast::hash(&octets);
        octets.extend_from_slice(&sum.to_be_bytes());
        octets
    }

    /// What [`Step::pack`] would have written for a form, of what it or [`Step::pack_both`] wrote; `None` where there is no
    /// difference in that form.
    ///
    /// # Errors
    /// [`Malformed`]: it was not that.
    pub fn in_form(octets: &[u8], form: Form) -> Result<Option<Cow<'_, [u8]>>, Malformed> {
        let (soa_ttl, soa, rest) = Step::parts(octets)?;
        if rest.first() != Some(&BOTH) {
            return Ok(Some(Cow::Borrowed(octets)));
        }
        let step = Step { soa_ttl, soa: soa.into(), difference: Difference::default() };
        Ok(in_form(rest, form)?.map(|difference| Cow::Owned(step.sealed(difference.to_vec()))))
    }

    /// Reads what [`Step::pack`] wrote.
    ///
    /// # Errors
    /// [`Malformed`]: it was not that.
    pub fn unpack(octets: &[u8]) -> Result<Step, Malformed> {
        let (soa_ttl, soa, difference) = Step::parts(octets)?;
        Ok(Step { soa_ttl, soa: soa.into(), difference: Difference::unpack(difference)? })
    }

    /// The parts of a packed step, its sum and its SOA looked at: TTL and data of the SOA, the difference.
    pub(super) fn parts(octets: &[u8]) -> Result<(Ttl, &[u8], &[u8]), Malformed> {
        let cut = Malformed("the SOA of a step");
        let (octets, sum) = octets.split_last_chunk::<4>().ok_or(cut)?;
        if crc32fast::hash(octets) != u32::from_be_bytes(*sum) {
            return Err(Malformed("the sum of a step"));
        }
        let (ttl, rest) = octets.split_first_chunk::<4>().ok_or(cut)?;
        let (length, rest) = rest.split_first_chunk::<2>().ok_or(cut)?;
        let (soa, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into()).ok_or(cut)?;
        if !rdata_is_well_formed(RecordType::SOA, soa) {
            return Err(cut);
        }
        Ok((Ttl::from_secs(u32::from_be_bytes(*ttl)), soa, rest))
    }

    /// This and the one that follows, as one.
    ///
    /// # Errors
    /// [`Mismatch`]: it does not follow.
    pub fn then(self, next: &Step) -> Result<Step, Mismatch> {
        Ok(Step { difference: self.difference.then(&next.difference)?, ..self })
    }
}

/// The difference in a form.
fn in_form(octets: &[u8], form: Form) -> Result<Option<&[u8]>, Malformed> {
    let Some(rest) = octets.strip_prefix(&[BOTH]) else { return Ok(Some(octets)) };
    let cut = Malformed("the differences of a step");
    let (length, rest) = rest.split_first_chunk::<4>().ok_or(cut)?;
    let (records, stated) = rest.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or(cut)?;
    Ok(match form {
        Form::Records => Some(records).filter(|records| !records.is_empty()),
        Form::Stated => Some(stated),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_comes_back_as_it_was_and_nothing_else_does() {
        let soa = [&[1, b'm', 0][..], &[1, b'r', 0], &[0, 0, 0, 9], &[0; 16]].concat();
        let step = Step { soa_ttl: Ttl::from_secs(5), soa: soa.into(), difference: Difference::default() };
        let read = |octets: &[u8], form| -> Result<Option<Step>, Malformed> {
            Step::in_form(octets, form)?.map(|octets| Step::unpack(&octets)).transpose()
        };
        assert_eq!(step.serial(), Ok(Serial(9)));
        let mut list = super::super::list::ListWriter::default();
        list.push(&[1, b'x', 0], RecordType::TXT, Ttl::from_secs(5), &[1, b'y']);
        let other = Difference::of(list.finish(), Default::default());
        let stated = Step { difference: other.clone(), ..step.clone() };
        let (one, both, alone) =
            (step.pack(), step.pack_both(Some(&step.difference), &other), step.pack_both(None, &other));
        for (octets, records, told) in
            [(&one, Some(&step), &step), (&both, Some(&step), &stated), (&alone, None, &stated)]
        {
            assert_eq!(read(octets, Form::Records), Ok(records.cloned()));
            assert_eq!(read(octets, Form::Stated), Ok(Some(told.clone())));
            for form in [Form::Records, Form::Stated] {
                for cut in 0..octets.len() {
                    assert!(read(&octets[..cut], form).is_err(), "{cut} octets");
                }
                for at in 0..octets.len() {
                    let mut damaged = octets.clone();
                    damaged[at] ^= 8;
                    assert!(read(&damaged, form).is_err(), "octet {at} is another");
                }
            }
        }
    }
}

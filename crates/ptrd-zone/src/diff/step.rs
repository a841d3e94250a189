//! A step of a zone's history as it is kept: the SOA that it began with, and the difference.

use super::difference::{Difference, Mismatch};
use super::list::Malformed;
use crate::zone::Zone;
use ptrd_wire::{RecordType, Serial, Soa, Ttl, rdata_is_well_formed};

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
        let mut octets = Vec::with_capacity(6 + self.soa.len());
        octets.extend_from_slice(&self.soa_ttl.as_secs().to_be_bytes());
        octets.extend_from_slice(&(self.soa.len() as u16).to_be_bytes());
        octets.extend_from_slice(&self.soa);
        octets.append(&mut self.difference.pack());
        let sum = crc32fast::hash(&octets);
        octets.extend_from_slice(&sum.to_be_bytes());
        octets
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_comes_back_as_it_was_and_nothing_else_does() {
        let soa = [&[1, b'm', 0][..], &[1, b'r', 0], &[0, 0, 0, 9], &[0; 16]].concat();
        let step = Step { soa_ttl: Ttl::from_secs(5), soa: soa.into(), difference: Difference::default() };
        let octets = step.pack();
        assert_eq!(Step::unpack(&octets), Ok(step.clone()));
        assert_eq!(step.serial(), Ok(Serial(9)));
        for cut in 0..octets.len() {
            assert!(Step::unpack(&octets[..cut]).is_err(), "{cut} octets");
        }
        for at in 0..octets.len() {
            let mut damaged = octets.clone();
            damaged[at] ^= 8;
            assert!(Step::unpack(&damaged).is_err(), "octet {at} is another");
        }
    }
}

//! What is hashed, and the record that says so (RFC 8945 §4.2, §4.3).

use crate::key::Key;
use crate::mac::{Hasher, LONGEST, Mac};
use ptrd_wire::{Class, HEADER_LEN, RecordType};

/// Seconds by which clocks may differ, in what is signed here (RFC 8945 §10 recommends it).
pub const FUDGE: u16 = 300;

/// The record does not fit into the buffer; the message is as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no room for the TSIG record")]
pub struct NoRoom;

/// The last six octets of a 64-bit time.
pub(crate) fn time48(seconds: u64) -> [u8; 6] {
    let [_, _, rest @ ..] = seconds.to_be_bytes();
    rest
}

/// The fields of a record that are ours to choose.
pub(crate) struct Fields<'a> {
    pub(crate) time: u64,
    pub(crate) fudge: u16,
    pub(crate) error: u16,
    pub(crate) other: &'a [u8],
}

impl Fields<'_> {
    /// As the sender of an ordinary message has them.
    pub(crate) fn now(now: u64) -> Fields<'static> {
        Fields { time: now, fudge: FUDGE, error: 0, other: &[] }
    }

    /// Time signed and fudge: all that the later messages of a stream add (§4.3.3.1, §5.3.1).
    pub(crate) fn hash_timers(&self, hasher: &mut Hasher) {
        hasher.put(&time48(self.time));
        hasher.put(&self.fudge.to_be_bytes());
    }

    /// The TSIG variables (§4.3.3), the key's among them. Names are in canonical form.
    pub(crate) fn hash_variables(&self, key: &Key, hasher: &mut Hasher) {
        hasher.put(key.canonical_name());
        hasher.put(&Class::ANY.0.to_be_bytes());
        hasher.put(&[0; 4]);
        hasher.put(key.algorithm().wire());
        self.hash_timers(hasher);
        hasher.put(&self.error.to_be_bytes());
        hasher.put(&(self.other.len() as u16).to_be_bytes());
        hasher.put(self.other);
    }

    /// Appends the record to the message of `length` octets and returns the new length.
    pub(crate) fn append(
        &self,
        key: &Key,
        mac: &Mac,
        buffer: &mut [u8],
        length: usize,
    ) -> Result<usize, NoRoom> {
        let (header, count) = counts(buffer).ok_or(NoRoom)?;
        let original_id = [header[0], header[1]];
        let count = count.checked_add(1).ok_or(NoRoom)?;
        let end =
            length + key.record_len() - key.algorithm().mac_len() + mac.as_octets().len() + self.other.len();
        let mut rest = buffer.get_mut(length..end).ok_or(NoRoom)?;
        let data = key.algorithm().wire().len() + 16 + mac.as_octets().len() + self.other.len();
        let mut put = |octets: &[u8]| {
            let (here, after) = std::mem::take(&mut rest).split_at_mut(octets.len());
            here.copy_from_slice(octets);
            rest = after;
        };
        // In small letters: kdig compares octets with the name that it has made canonical.
        put(key.canonical_name());
        put(&RecordType::TSIG.0.to_be_bytes());
        put(&Class::ANY.0.to_be_bytes());
        put(&[0; 4]);
        put(&(data as u16).to_be_bytes());
        put(key.algorithm().wire());
        put(&time48(self.time));
        put(&self.fudge.to_be_bytes());
        put(&(mac.as_octets().len() as u16).to_be_bytes());
        put(mac.as_octets());
        put(&original_id);
        put(&self.error.to_be_bytes());
        put(&(self.other.len() as u16).to_be_bytes());
        put(self.other);
        buffer[10..HEADER_LEN].copy_from_slice(&count.to_be_bytes());
        Ok(end)
    }
}

impl Key {
    /// Octets of a record with a whole MAC and no other data.
    pub(crate) fn record_len(&self) -> usize {
        self.canonical_name().len() + 10 + self.algorithm().wire().len() + 16 + self.algorithm().mac_len()
    }
}

/// Hashes a MAC that went before: its length, then its octets (§4.3.1).
pub(crate) fn hash_prior(hasher: &mut Hasher, mac: &Mac) {
    hasher.put(&(mac.as_octets().len() as u16).to_be_bytes());
    hasher.put(mac.as_octets());
}

/// Hashes a message as it was before its TSIG record came to stand at `offset`: with the id that it had, and a record
/// less (§4.3.2, §5.2: "the TSIG is removed and ARCOUNT decremented").
pub(crate) fn hash_signed(
    hasher: &mut Hasher,
    message: &[u8],
    offset: usize,
    original_id: u16,
) -> Option<()> {
    let (header, count) = counts(message)?;
    let mut header = *header;
    header[..2].copy_from_slice(&original_id.to_be_bytes());
    header[10..].copy_from_slice(&count.checked_sub(1)?.to_be_bytes());
    hasher.put(&header);
    hasher.put(message.get(HEADER_LEN..offset)?);
    Some(())
}

/// The header, and how many additional records there are.
fn counts(message: &[u8]) -> Option<(&[u8; HEADER_LEN], u16)> {
    let header = message.first_chunk::<HEADER_LEN>()?;
    Some((header, u16::from_be_bytes([header[10], header[11]])))
}

const _: () = assert!(LONGEST == 64, "the longest MAC is SHA-512's");

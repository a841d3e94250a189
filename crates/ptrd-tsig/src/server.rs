//! The server's side: who signed a request, or how to turn it away (RFC 8945 §5.2, §5.3.2).

use crate::key::Key;
use crate::mac::Mac;
use crate::record::{FUDGE, Fields, NoRoom, hash_prior, hash_signed, time48};
use crate::signer::Signer;
use crate::table::KeyTable;
use ptrd_wire::{HEADER_LEN, Rcode, Tsig, TsigRecord, tsig_error};

/// A request that was signed with one of our keys, by a clock that is near ours.
#[derive(Clone, Copy, Debug)]
pub struct Verified<'k> {
    key: &'k Key,
    mac: Mac,
    time: u64,
    fudge: u16,
    original_id: u16,
}

impl<'k> Verified<'k> {
    /// The key: who asks.
    pub fn key(&self) -> &'k Key {
        self.key
    }

    /// The request's MAC, as short as it was sent.
    pub fn mac(&self) -> &Mac {
        &self.mac
    }

    /// When it was signed, by the requester's clock: seconds since 1970 UTC.
    pub fn time_signed(&self) -> u64 {
        self.time
    }

    /// By how many seconds that may differ from our clock.
    pub fn fudge(&self) -> u16 {
        self.fudge
    }

    /// The id that the request was signed with: not its own where a forwarder altered that.
    pub fn original_id(&self) -> u16 {
        self.original_id
    }

    /// The same, if it was signed within so many seconds of our time, whatever its fudge allows. `record` is where its TSIG
    /// record stands.
    ///
    /// # Errors
    /// BADTIME (RFC 8945 §5.2.3).
    pub fn within(self, record: TsigRecord, most: u16, now: u64) -> Result<Verified<'k>, Refusal<'k>> {
        if now.abs_diff(self.time) > u64::from(most) {
            return Err(Refusal { fault: Fault::Proven(tsig_error::BADTIME, self), record });
        }
        Ok(self)
    }

    /// What signs the answer, while the table of keys is at hand.
    pub fn signer(&self) -> Signer<&'k Key> {
        Signer::new(self.key, self.mac)
    }

    /// What signs the answer, however long that takes.
    pub fn into_signer(self) -> Signer<Key> {
        Signer::new(self.key.clone(), self.mac)
    }
}

/// Why a request is turned away, and all that the answer needs: its [`Refusal::rcode`], and its TSIG record, which
/// [`Refusal::append`] adds.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'k> {
    fault: Fault<'k>,
    record: TsigRecord,
}

#[derive(Clone, Copy, Debug)]
enum Fault<'k> {
    /// No answer but FORMERR.
    Malformed,
    /// BADKEY or BADSIG: unsigned.
    Unproven(u16),
    /// BADTIME or BADTRUNC: the requester has the key, so the answer is signed.
    Proven(u16, Verified<'k>),
}

impl<'k> Refusal<'k> {
    /// FORMERR or NOTAUTH.
    pub fn rcode(&self) -> Rcode {
        match self.fault {
            Fault::Malformed => Rcode::FORMERR,
            Fault::Unproven(_) | Fault::Proven(..) => Rcode::NOTAUTH,
        }
    }

    /// The error in the TSIG record ([`tsig_error`]); 0 for FORMERR, which has no such record.
    pub fn error(&self) -> u16 {
        match self.fault {
            Fault::Malformed => 0,
            Fault::Unproven(error) | Fault::Proven(error, _) => error,
        }
    }

    /// Who asks, where the request was signed with a key of ours and is turned away for its time or its short MAC.
    pub fn key(&self) -> Option<&'k Key> {
        match &self.fault {
            Fault::Proven(_, verified) => Some(verified.key),
            Fault::Malformed | Fault::Unproven(_) => None,
        }
    }

    /// Octets that [`Refusal::append`] adds to the answer.
    pub fn room(&self, request: &[u8]) -> usize {
        match &self.fault {
            Fault::Malformed => 0,
            Fault::Unproven(error) => Tsig::read(request, self.record.offset)
                .map_or(0, |tsig| tsig.unsigned(0, *error).octets().len()),
            Fault::Proven(tsig_error::BADTIME, verified) => verified.key.record_len() + time48(0).len(),
            Fault::Proven(_, verified) => verified.key.record_len(),
        }
    }

    /// Appends the TSIG record, if any, to the answer of `length` octets in `buffer`, and returns the new length. The
    /// answer must have the request's id and be otherwise complete; `request` is what was verified, `now` our time.
    ///
    /// # Errors
    /// [`NoRoom`] where the buffer ends before the record; the answer is as before.
    pub fn append(
        &self,
        request: &[u8],
        buffer: &mut [u8],
        length: usize,
        now: u64,
    ) -> Result<usize, NoRoom> {
        match &self.fault {
            Fault::Malformed => Ok(length),
            Fault::Unproven(error) => append_unsigned(request, self.record, *error, buffer, length),
            Fault::Proven(error, verified) => verified.append_error(*error, buffer, length, now),
        }
    }
}

/// RFC 8945 §5.3.2: key, algorithm, time and fudge as they came, and no MAC.
fn append_unsigned(
    request: &[u8],
    record: TsigRecord,
    error: u16,
    buffer: &mut [u8],
    length: usize,
) -> Result<usize, NoRoom> {
    let tsig = Tsig::read(request, record.offset).ok_or(NoRoom)?;
    let header = *buffer.first_chunk::<HEADER_LEN>().ok_or(NoRoom)?;
    let unsigned = tsig.unsigned(u16::from_be_bytes([header[0], header[1]]), error);
    let end = length + unsigned.octets().len();
    let count = u16::from_be_bytes([header[10], header[11]]).checked_add(1).ok_or(NoRoom)?;
    buffer.get_mut(length..end).ok_or(NoRoom)?.copy_from_slice(unsigned.octets());
    buffer[10..HEADER_LEN].copy_from_slice(&count.to_be_bytes());
    Ok(end)
}

impl Verified<'_> {
    fn append_error(&self, error: u16, buffer: &mut [u8], length: usize, now: u64) -> Result<usize, NoRoom> {
        let ours = time48(now);
        let fields = match error {
            // RFC 8945 §5.2.3: the client's time and fudge, so that it can check this; our time as other data.
            tsig_error::BADTIME => Fields { time: self.time, fudge: self.fudge, error, other: &ours },
            _ => Fields { time: now, fudge: FUDGE, error, other: &[] },
        };
        // §5.3.2: the request's MAC is hashed, because it was right.
        let mut hasher = self.key.hasher();
        hash_prior(&mut hasher, &self.mac);
        hasher.put(buffer.get(..length).ok_or(NoRoom)?);
        fields.hash_variables(self.key, &mut hasher);
        fields.append(self.key, &hasher.finish(), buffer, length)
    }
}

/// Finds out who signed a request. `record` is where its TSIG record stands: of a query [`ptrd_wire::Query::tsig`], of
/// others what [`TsigRecord::find`] found. `now` is our time in seconds since 1970 UTC.
///
/// Allocates nothing. What it costs beside the MAC does not depend on the secret.
///
/// # Errors
/// How to turn the request away. Checks come in the order of RFC 8945 §5.2: key, MAC, time, how short the MAC is.
pub fn verify<'k>(
    request: &[u8],
    record: TsigRecord,
    keys: &'k KeyTable,
    now: u64,
) -> Result<Verified<'k>, Refusal<'k>> {
    let refuse = |fault| Refusal { fault, record };
    let tsig = Tsig::read(request, record.offset).ok_or(refuse(Fault::Malformed))?;
    // §5.2.1: the key, and with the algorithm that it is for.
    let key = keys
        .find(tsig.key())
        .filter(|key| key.algorithm().wire().eq_ignore_ascii_case(tsig.algorithm()))
        .ok_or(refuse(Fault::Unproven(tsig_error::BADKEY)))?;
    let algorithm = key.algorithm();
    // §5.2.2.1: neither longer than the hash nor shorter than half of it. §4.2: no error in a request; other data has no
    // meaning there and is only hashed.
    let fits = (algorithm.shortest_mac()..=algorithm.mac_len()).contains(&tsig.mac().len());
    let mac = Mac::new(tsig.mac()).filter(|_| fits && tsig.error() == 0).ok_or(refuse(Fault::Malformed))?;
    let (time, fudge, original_id) = (tsig.time(), tsig.fudge(), tsig.original_id());
    // §5.2.2.
    let mut hasher = key.hasher();
    hash_signed(&mut hasher, request, record.offset, original_id).ok_or(refuse(Fault::Malformed))?;
    Fields { time, fudge, error: 0, other: tsig.other() }.hash_variables(key, &mut hasher);
    if !hasher.finish_matches(mac.as_octets()) {
        return Err(refuse(Fault::Unproven(tsig_error::BADSIG)));
    }
    let verified = Verified { key, mac, time, fudge, original_id };
    // §5.2.3.
    if now.abs_diff(time) > u64::from(fudge) {
        return Err(refuse(Fault::Proven(tsig_error::BADTIME, verified)));
    }
    // §5.2.4.
    if mac.as_octets().len() < key.shortest_mac() {
        return Err(refuse(Fault::Proven(tsig_error::BADTRUNC, verified)));
    }
    Ok(verified)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Algorithm, sign_request};

    #[test]
    fn a_receiver_may_want_a_time_that_is_nearer_than_the_fudge() {
        let key = Key::new("k.example".parse().expect("a name"), Algorithm::HmacSha256, b"x").expect("a key");
        let keys = KeyTable::new([key.clone()]).expect("a table");
        let mut request = b"\0\x07\0\0\0\x01\0\0\0\0\0\0\x01k\0\0\x06\0\x01".to_vec();
        let length = request.len();
        request.resize(length + 200, 0);
        let signed_at = 1_000_000;
        let (end, _) = sign_request(&key, &mut request, length, signed_at).expect("room");
        request.truncate(end);
        let record = TsigRecord { offset: length };
        let within = |most, now| {
            let verified = verify(&request, record, &keys, now).expect("within its fudge");
            verified.within(record, most, now).map(drop).map_err(|refusal| {
                let mut reply = request[..length].to_vec();
                reply.resize(length + refusal.room(&request), 0);
                let end = refusal.append(&request, &mut reply, length, now).expect("room for it");
                assert_eq!(end, reply.len(), "no more, no less");
                refusal.error()
            })
        };
        for away in [0, 199, 200] {
            assert_eq!(within(200, signed_at + away), Ok(()));
            assert_eq!(within(200, signed_at - away), Ok(()));
        }
        for away in [201, 300] {
            assert_eq!(within(200, signed_at + away), Err(tsig_error::BADTIME));
            assert_eq!(within(200, signed_at - away), Err(tsig_error::BADTIME));
        }
    }
}

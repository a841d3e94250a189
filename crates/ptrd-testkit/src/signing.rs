//! TSIG (RFC 8945) for scripts, by ring: requests signed rightly and wrongly, and the MACs of replies.
//!
//! Written from the RFC and not from what is judged; of the algorithms, ring has no SHA-224.

use crate::decode::Record;
use ptrd_wire::{Class, Name, RecordType};
use ring::hmac;

/// The time at which every question of a script is asked, seconds since 1970 UTC.
pub const NOW: u64 = 1_700_000_000;

/// A key that the server shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedKey {
    /// Its name.
    pub name: Name,
    /// The name of its algorithm.
    pub algorithm: Name,
    /// The secret.
    pub secret: Vec<u8>,
    /// The shortest MAC that the server takes, octets; `None`: what the RFC allows.
    pub shortest_mac: Option<usize>,
}

/// How a request is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signing {
    /// The key's name, in the letters that it is sent in.
    pub name: Name,
    /// The algorithm's.
    pub algorithm: Name,
    /// The secret.
    pub secret: Vec<u8>,
    /// Time signed, seconds since 1970 UTC.
    pub time: u64,
    /// Fudge, seconds.
    pub fudge: u16,
    /// The id that is signed; `None`: the message's own.
    pub original_id: Option<u16>,
    /// The error field.
    pub error: u16,
    /// Other data.
    pub other: Vec<u8>,
    /// To how many octets the MAC is cut.
    pub mac: Option<usize>,
    /// Whether the owner is a pointer to the question's name, which then is the key's.
    pub compressed: bool,
}

/// The hash of an algorithm's name.
pub(crate) fn algorithm(name: &Name) -> Option<hmac::Algorithm> {
    Some(match name.to_string().to_lowercase().as_str() {
        "hmac-sha1." => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        "hmac-sha256." => hmac::HMAC_SHA256,
        "hmac-sha384." => hmac::HMAC_SHA384,
        "hmac-sha512." => hmac::HMAC_SHA512,
        _ => return None,
    })
}

impl Signing {
    /// With this key, now, and all as it should be.
    pub fn with(key: &SharedKey) -> Signing {
        Signing {
            name: key.name.clone(),
            algorithm: key.algorithm.clone(),
            secret: key.secret.clone(),
            time: NOW,
            fudge: 300,
            original_id: None,
            error: 0,
            other: Vec::new(),
            mac: None,
            compressed: false,
        }
    }

    /// The MAC over these octets; for algorithms that nobody knows, of SHA-256.
    fn mac(&self, octets: &[u8]) -> Vec<u8> {
        let key = hmac::Key::new(algorithm(&self.algorithm).unwrap_or(hmac::HMAC_SHA256), &self.secret);
        hmac::sign(&key, octets).as_ref().to_vec()
    }

    /// The MAC of the request, as it is sent.
    fn request_mac(&self, message: &[u8]) -> Vec<u8> {
        let mut digested = self.original_id.map_or([message[0], message[1]], u16::to_be_bytes).to_vec();
        digested.extend(&message[2..]);
        digested.extend(variables(
            &self.name,
            &self.algorithm,
            &timers(self.time, self.fudge),
            self.error,
            &self.other,
        ));
        let mut mac = self.mac(&digested);
        // Longer than it is, where a script wants that.
        mac.resize(self.mac.unwrap_or(mac.len()), 0);
        mac
    }

    /// The message with its TSIG record.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mac = self.request_mac(message);
        let mut data = self.algorithm.as_wire().to_vec();
        data.extend(timers(self.time, self.fudge));
        data.extend((mac.len() as u16).to_be_bytes());
        data.extend(mac);
        data.extend(self.original_id.map_or([message[0], message[1]], u16::to_be_bytes));
        data.extend(self.error.to_be_bytes());
        data.extend((self.other.len() as u16).to_be_bytes());
        data.extend(&self.other);
        let mut signed = message.to_vec();
        let count = u16::from_be_bytes([message[10], message[11]]) + 1;
        signed[10..12].copy_from_slice(&count.to_be_bytes());
        signed.extend(if self.compressed { &[0xc0, 12][..] } else { self.name.as_wire() });
        signed.extend(RecordType::TSIG.0.to_be_bytes());
        signed.extend(Class::ANY.0.to_be_bytes());
        signed.extend([0; 4]);
        signed.extend((data.len() as u16).to_be_bytes());
        signed.extend(data);
        signed
    }

    /// Whether a reply to the request, which is given as it was before it was signed, is signed with the same key.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check_reply(&self, request: &[u8], reply: &[u8], tsig: &Record) -> Result<(), String> {
        let fields = Fields::read(&tsig.rdata)?;
        if tsig.owner != self.name || fields.algorithm != self.algorithm {
            return Err("TSIG of another key".to_owned());
        }
        // The record ends the message, and its owner is not compressed.
        let start = reply.len() - tsig.rdata.len() - 10 - tsig.owner.as_wire().len();
        let mut digested = (self.request_mac(request).len() as u16).to_be_bytes().to_vec();
        digested.extend(self.request_mac(request));
        let body = digested.len();
        digested.extend(&reply[..start]);
        digested[body..body + 2].copy_from_slice(&fields.original_id.to_be_bytes());
        let count = u16::from_be_bytes([reply[10], reply[11]]) - 1;
        digested[body + 10..body + 12].copy_from_slice(&count.to_be_bytes());
        digested.extend(variables(&self.name, &self.algorithm, &fields.timers, fields.error, &fields.other));
        if self.mac(&digested) == fields.mac { Ok(()) } else { Err("TSIG with a wrong MAC".to_owned()) }
    }
}

/// What a TSIG record holds (RFC 8945 §4.2).
pub(crate) struct Fields {
    pub(crate) algorithm: Name,
    pub(crate) timers: Vec<u8>,
    pub(crate) mac: Vec<u8>,
    pub(crate) original_id: u16,
    pub(crate) error: u16,
    pub(crate) other: Vec<u8>,
}

impl Fields {
    pub(crate) fn read(rdata: &[u8]) -> Result<Fields, String> {
        let (algorithm, used) =
            Name::from_wire_prefix(rdata).map_err(|_| "TSIG: the algorithm is no name".to_owned())?;
        let mut rest = &rdata[used..];
        let mut take = |octets: usize| {
            let (taken, after) = rest.split_at_checked(octets).ok_or("TSIG: cut")?;
            rest = after;
            Ok::<Vec<u8>, String>(taken.to_vec())
        };
        let word = |octets: Vec<u8>| u16::from_be_bytes([octets[0], octets[1]]);
        let timers = take(8)?;
        let length = word(take(2)?);
        let mac = take(length.into())?;
        let (original_id, error) = (word(take(2)?), word(take(2)?));
        let length = word(take(2)?);
        let other = take(length.into())?;
        match rest {
            [] => Ok(Fields { algorithm, timers, mac, original_id, error, other }),
            _ => Err("TSIG: octets after other data".to_owned()),
        }
    }
}

fn timers(time: u64, fudge: u16) -> Vec<u8> {
    [&time.to_be_bytes()[2..], &fudge.to_be_bytes()].concat()
}

/// RFC 8945 §4.3.3.
fn variables(key: &Name, algorithm: &Name, timers: &[u8], error: u16, other: &[u8]) -> Vec<u8> {
    let length = (other.len() as u16).to_be_bytes();
    let (key, algorithm) = (key.to_lowercase(), algorithm.to_lowercase());
    let class_and_ttl = [0, 255, 0, 0, 0, 0];
    let parts =
        [key.as_wire(), &class_and_ttl, algorithm.as_wire(), timers, &error.to_be_bytes(), &length, other];
    parts.concat()
}

//! HMACs: one type over the hashes, so that what is hashed is written once.

use crate::algorithm::Algorithm;
use hmac::{Hmac, KeyInit, Mac as _};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use std::fmt;

/// Octets of the longest MAC.
pub(crate) const LONGEST: usize = 64;

/// A MAC as it stands in a record, up to 64 octets.
#[derive(Clone, Copy)]
pub struct Mac {
    octets: [u8; LONGEST],
    length: u8,
}

impl Mac {
    /// `None` where there are more than 64 octets.
    pub(crate) fn new(octets: &[u8]) -> Option<Mac> {
        let mut mac = Mac { octets: [0; LONGEST], length: octets.len() as u8 };
        mac.octets.get_mut(..octets.len())?.copy_from_slice(octets);
        Some(mac)
    }

    /// The octets.
    pub fn as_octets(&self) -> &[u8] {
        &self.octets[..usize::from(self.length)]
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_octets().iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

/// An HMAC in progress. The one that a key holds has the key hashed and nothing else; it is as secret as the key, and
/// overwritten like it.
#[derive(Clone)]
pub(crate) enum Hasher {
    Sha1(Hmac<Sha1>),
    Sha224(Hmac<Sha224>),
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
    Sha512(Hmac<Sha512>),
}

macro_rules! each {
    ($hasher:expr, $inner:ident => $what:expr) => {
        match $hasher {
            Hasher::Sha1($inner) => $what,
            Hasher::Sha224($inner) => $what,
            Hasher::Sha256($inner) => $what,
            Hasher::Sha384($inner) => $what,
            Hasher::Sha512($inner) => $what,
        }
    };
}

impl Hasher {
    pub(crate) fn new(algorithm: Algorithm, secret: &[u8]) -> Hasher {
        fn keyed<H: KeyInit>(secret: &[u8]) -> H {
            H::new_from_slice(secret).expect("HMAC takes keys of any length")
        }
        match algorithm {
            Algorithm::HmacSha1 => Hasher::Sha1(keyed(secret)),
            Algorithm::HmacSha224 => Hasher::Sha224(keyed(secret)),
            Algorithm::HmacSha256 => Hasher::Sha256(keyed(secret)),
            Algorithm::HmacSha384 => Hasher::Sha384(keyed(secret)),
            Algorithm::HmacSha512 => Hasher::Sha512(keyed(secret)),
        }
    }

    pub(crate) fn put(&mut self, octets: &[u8]) {
        each!(self, inner => inner.update(octets));
    }

    pub(crate) fn finish(self) -> Mac {
        each!(self, inner => Mac::new(&inner.finalize().into_bytes()).expect("no MAC is longer"))
    }

    /// Whether the MAC begins with these octets, in a time that does not depend on where they differ. Their number is
    /// the caller's to judge.
    pub(crate) fn finish_matches(self, mac: &[u8]) -> bool {
        each!(self, inner => inner.verify_truncated_left(mac).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202 §3 and RFC 4231 §4.2, 4.3, 4.7: the first two keys, and one longer than a block.
    #[test]
    fn vectors_of_the_rfcs() {
        let long = b"Test Using Larger Than Block-Size Key - Hash Key First";
        let cases: [(&[u8], &[u8], [&str; 5]); 2] = [
            (
                b"Jefe",
                b"what do ya want for nothing?",
                [
                    "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
                    "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44",
                    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                    "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
                    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
                ],
            ),
            (
                &[0xaa; 131],
                long,
                [
                    "",
                    "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e",
                    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
                    "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
                    "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
                ],
            ),
        ];
        for (secret, text, macs) in cases {
            for (algorithm, expected) in Algorithm::ALL.into_iter().zip(macs) {
                let mut hasher = Hasher::new(algorithm, secret);
                hasher.put(&text[..5]);
                hasher.put(&text[5..]);
                let mac = hasher.clone().finish();
                assert_eq!(mac.as_octets().len(), algorithm.mac_len());
                assert!(expected.is_empty() || format!("{mac:?}") == expected, "{algorithm}: {mac:?}");
                for length in 1..=algorithm.mac_len() {
                    let mut octets = mac.as_octets()[..length].to_vec();
                    assert!(hasher.clone().finish_matches(&octets));
                    octets[length - 1] ^= 1;
                    assert!(!hasher.clone().finish_matches(&octets));
                }
                assert!(!hasher.clone().finish_matches(&[mac.as_octets(), &[0]].concat()), "too long");
                assert!(!hasher.finish_matches(&[]), "nothing proves nothing");
            }
        }
        // RFC 2202 §3, case 6: its own long key is of 80 octets.
        let mut hasher = Hasher::new(Algorithm::HmacSha1, &[0xaa; 80]);
        hasher.put(long);
        assert_eq!(format!("{:?}", hasher.finish()), "aa4ae5e15272d00e95705637ce8a3b55ed402112");
    }
}

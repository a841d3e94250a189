//! Hashes of names (RFC 5155 §5), and the owners of NSEC3 records.

use sha1::{Digest, Sha1};

/// The SHA-1 hash of a name.
pub(crate) type NameHash = [u8; 20];

const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

/// The hash of a name given as the start and the rest of its wire form, in lower case.
pub(crate) fn hash(start: &[u8], rest: &[u8], salt: &[u8], iterations: u16) -> NameHash {
    let mut digest = Sha1::new().chain_update(start).chain_update(rest).chain_update(salt).finalize();
    for _ in 0..iterations {
        digest = Sha1::new().chain_update(digest).chain_update(salt).finalize();
    }
    digest.into()
}

/// The key of the owner of an NSEC3 record: one label below the apex, the hash in base32hex (RFC 4648 §7).
pub(crate) fn key_of_hash(hash: &NameHash) -> [u8; 33] {
    let mut key = [0; 33];
    for (digits, octets) in key.chunks_exact_mut(8).zip(hash.chunks_exact(5)) {
        let number = octets.iter().fold(0u64, |number, octet| number << 8 | u64::from(*octet));
        for (nth, digit) in digits.iter_mut().enumerate() {
            *digit = DIGITS[(number >> (35 - 5 * nth)) as usize & 31];
        }
    }
    key
}

/// The hash whose owner has this key, if it is one.
pub(crate) fn hash_of_owner(key: &[u8]) -> Option<NameHash> {
    let (&0, label) = key.split_last()? else { return None };
    if label.len() != 32 {
        return None;
    }
    let mut hash = [0; 20];
    for (octets, digits) in hash.chunks_exact_mut(5).zip(label.chunks_exact(8)) {
        let mut number = 0u64;
        for digit in digits {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'v' => digit - b'a' + 10,
                _ => return None,
            };
            number = number << 5 | u64::from(value);
        }
        octets.copy_from_slice(&number.to_be_bytes()[3..]);
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5155 appendix A.
    #[test]
    fn the_hashes_of_rfc_5155() {
        let salt = [0xaa, 0xbb, 0xcc, 0xdd];
        for (name, expected) in [
            ("example", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"),
            ("a.example", "35mthgpgcu1qg68fab165klnsnk3dpvl"),
            ("*.w.example", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"),
            ("2t7b4g4vsa5smi47k61mv5bv1a22bojr.example", "kohar7mbb8dc2ce8a9qvl8hon4k53uhi"),
        ] {
            let name: ptrd_wire::Name = name.parse().expect("a name");
            let (start, rest) = name.as_wire().split_at(1);
            let hash = hash(start, rest, &salt, 12);
            let key = key_of_hash(&hash);
            assert_eq!(&key[..32], expected.as_bytes());
            assert_eq!(hash_of_owner(&key), Some(hash));
        }
    }

    #[test]
    fn other_owners_are_no_hashes() {
        for other in
            [&b"\0"[..], b"", b"0p9mhaveqvm6t7vbl5lop2u3t2rp3to\0", b"0p9mhaveqvm6t7vbl5lop2u3t2rp3tow\0"]
        {
            assert_eq!(hash_of_owner(other), None);
        }
        assert_eq!(hash_of_owner(b"0p9mhaveqvm6t7vbl5lop2u3t2rp3to\x000"), None);
    }
}

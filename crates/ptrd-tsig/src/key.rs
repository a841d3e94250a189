//! A key: name, algorithm and secret (RFC 8945 §2, §8).

use crate::algorithm::Algorithm;
use crate::mac::{Hasher, LONGEST};
use base64ct::{Base64, Encoding};
use ptrd_wire::Name;
use std::fmt;
use std::sync::Arc;
use zeroize::{Zeroize, Zeroizing};

/// Secrets longer than this are a mistake: HMAC hashes what is longer than a block of 128 octets down to less.
const LONGEST_SECRET: usize = 1024;

/// A shared secret and what it is called. A clone shares it; the secret is overwritten when the last one goes. `Debug`
/// does not show it: [`Key::to_base64`] and the forms of configuration do.
#[derive(Clone)]
pub struct Key(Arc<Inner>);

struct Inner {
    name: Name,
    /// The name in canonical form: what is hashed, and what is looked up.
    canonical: Box<[u8]>,
    algorithm: Algorithm,
    secret: Zeroizing<Vec<u8>>,
    /// The secret hashed: where every MAC starts from.
    hasher: Hasher,
    shortest: u8,
}

/// Why there is no such key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text is no base64 with its padding. What it says is not repeated here.
    #[error("the secret of key {0} is not base64 (RFC 4648 §4, with its padding)")]
    NotBase64(Name),
    /// No octets at all.
    #[error("the secret of key {0} is empty")]
    Empty(Name),
    /// More than 1024 octets.
    #[error(
        "the secret of key {0} has {1} octets; no key needs more than 128, and more than 1024 are refused"
    )]
    TooLong(Name, usize),
    /// A key with the name of the root cannot be told from none in the configuration of peers.
    #[error("a key cannot be called “.”")]
    NoName,
    /// The algorithm is for keys of old peers alone.
    #[error("no keys are generated for {0}: take hmac-sha256, hmac-sha384 or hmac-sha512")]
    Obsolete(Algorithm),
    /// A MAC of so many octets is out of RFC 8945 §5.2.2.1's bounds.
    #[error("a MAC of {algorithm} has {} to {} octets, not {octets}", .algorithm.shortest_mac(), .algorithm.mac_len())]
    MacLength {
        /// The key's algorithm.
        algorithm: Algorithm,
        /// What was asked for.
        octets: usize,
    },
}

impl Key {
    /// A key of these octets, which the caller should overwrite.
    ///
    /// # Errors
    /// [`KeyError::NoName`], [`KeyError::Empty`] or [`KeyError::TooLong`].
    pub fn new(name: Name, algorithm: Algorithm, secret: &[u8]) -> Result<Key, KeyError> {
        Key::of_secret(name, algorithm, Zeroizing::new(secret.to_vec()))
    }

    /// A key whose secret is given as base64, as in configurations; white space in it does not count.
    ///
    /// # Errors
    /// As [`Key::new`], and [`KeyError::NotBase64`].
    pub fn from_base64(name: Name, algorithm: Algorithm, secret: &str) -> Result<Key, KeyError> {
        let mut text = Zeroizing::new(Vec::with_capacity(secret.len()));
        text.extend(secret.bytes().filter(|octet| !octet.is_ascii_whitespace()));
        let mut octets = Zeroizing::new(vec![0; text.len() / 4 * 3]);
        let length = match Base64::decode(&text[..], &mut octets) {
            Ok(decoded) => decoded.len(),
            Err(_) => return Err(KeyError::NotBase64(name)),
        };
        octets.truncate(length);
        Key::of_secret(name, algorithm, octets)
    }

    /// A new key of these random octets, of which as many are taken as a MAC of the algorithm has (RFC 8945 §8). They
    /// are overwritten.
    ///
    /// # Errors
    /// [`KeyError::Obsolete`] for SHA-1 and SHA-224, [`KeyError::NoName`].
    pub fn generate(name: Name, algorithm: Algorithm, random: &mut [u8; LONGEST]) -> Result<Key, KeyError> {
        let made = match algorithm.may_be_generated() {
            true => Key::new(name, algorithm, &random[..algorithm.mac_len()]),
            false => Err(KeyError::Obsolete(algorithm)),
        };
        random.zeroize();
        made
    }

    fn of_secret(name: Name, algorithm: Algorithm, secret: Zeroizing<Vec<u8>>) -> Result<Key, KeyError> {
        match secret.len() {
            _ if name.is_root() => Err(KeyError::NoName),
            0 => Err(KeyError::Empty(name)),
            n if n > LONGEST_SECRET => Err(KeyError::TooLong(name, n)),
            _ => Ok(Key(Arc::new(Inner {
                canonical: name.to_lower_wire(),
                name,
                algorithm,
                hasher: Hasher::new(algorithm, &secret),
                secret,
                shortest: algorithm.shortest_mac() as u8,
            }))),
        }
    }

    /// The same key, with MACs of fewer octets than this refused (BADTRUNC); at first, what RFC 8945 §5.2.2.1 allows
    /// passes.
    ///
    /// # Errors
    /// [`KeyError::MacLength`] below the bound of the RFC or above a whole MAC.
    pub fn with_shortest_mac(&self, octets: usize) -> Result<Key, KeyError> {
        let inner = &*self.0;
        let algorithm = inner.algorithm;
        if !(algorithm.shortest_mac()..=algorithm.mac_len()).contains(&octets) {
            return Err(KeyError::MacLength { algorithm, octets });
        }
        Ok(Key(Arc::new(Inner {
            name: inner.name.clone(),
            canonical: inner.canonical.clone(),
            algorithm,
            secret: inner.secret.clone(),
            hasher: inner.hasher.clone(),
            shortest: octets as u8,
        })))
    }

    /// Its name.
    pub fn name(&self) -> &Name {
        &self.0.name
    }

    /// Its algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }

    /// Octets of the shortest MAC that is taken.
    pub fn shortest_mac(&self) -> usize {
        usize::from(self.0.shortest)
    }

    /// The secret itself.
    pub fn secret(&self) -> &[u8] {
        &self.0.secret
    }

    /// The secret as base64.
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(Base64::encode_string(self.secret()))
    }

    /// Its name in lower case, wire form: what is sent and hashed.
    pub fn canonical_name(&self) -> &[u8] {
        &self.0.canonical
    }

    /// An HMAC with the key hashed.
    pub(crate) fn hasher(&self) -> Hasher {
        self.0.hasher.clone()
    }

    /// Whether both sign alike, found in a time that does not depend on where the secrets differ: a MAC of nothing tells
    /// them apart as well as they do themselves, and comparing MACs is done so anyway. HMAC fills short secrets up with
    /// zeros, so lengths count too.
    fn has_secret_of(&self, other: &Key) -> bool {
        let mac = other.hasher().finish();
        self.secret().len() == other.secret().len() && self.hasher().finish_matches(mac.as_octets())
    }
}

impl PartialEq for Key {
    /// The same name, algorithm, secret and shortest MAC.
    fn eq(&self, other: &Key) -> bool {
        self.name() == other.name()
            && self.algorithm() == other.algorithm()
            && self.shortest_mac() == other.shortest_mac()
            && self.has_secret_of(other)
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("name", self.name())
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().expect("a name")
    }

    #[test]
    fn base64_goes_in_and_out_and_debug_shows_nothing() {
        let text = "c2VjcmV0IG9jdGV0cyE=";
        let key = Key::from_base64(name("k.Example"), Algorithm::HmacSha256, "c2Vj cmV0IG9j\n\tdGV0cyE=")
            .expect("a key");
        assert_eq!(key.secret(), b"secret octets!");
        assert_eq!(*key.to_base64(), text);
        assert_eq!(format!("{key:?}"), "Key { name: k.Example., algorithm: HmacSha256, .. }");
        let again = Key::new(name("K.example"), Algorithm::HmacSha256, b"secret octets!").expect("a key");
        assert_eq!(key, again);
        for other in [
            Key::new(name("k2.example"), Algorithm::HmacSha256, b"secret octets!"),
            Key::new(name("k.example"), Algorithm::HmacSha384, b"secret octets!"),
            Key::new(name("k.example"), Algorithm::HmacSha256, b"secret octets?"),
            key.with_shortest_mac(32),
        ] {
            assert_ne!(other.expect("a key"), key);
        }
    }

    #[test]
    fn what_is_no_key() {
        let of = |text: &str| Key::from_base64(name("k"), Algorithm::HmacSha256, text).expect_err(text);
        for text in ["c2VjcmV0IG9jdGV0cyE", "c2VjcmV0!", "c2Vj=cmV0", "====", "c2VjcmV0IG9jdGV0cyF=", "ä"] {
            assert_eq!(of(text), KeyError::NotBase64(name("k")), "{text}");
        }
        assert_eq!(of(" "), KeyError::Empty(name("k")));
        let long = Key::new(name("k"), Algorithm::HmacSha1, &[1; 1025]).expect_err("long");
        assert_eq!(long, KeyError::TooLong(name("k"), 1025));
        assert_eq!(Key::new(Name::root(), Algorithm::HmacSha1, b"x").expect_err("root"), KeyError::NoName);
        let key = Key::new(name("k"), Algorithm::HmacSha1, b"x").expect("a key");
        for octets in [0, 9, 21] {
            let error = key.with_shortest_mac(octets).expect_err("out of bounds");
            assert!(error.to_string().contains("10 to 20"), "{error}");
        }
        assert_eq!(key.with_shortest_mac(20).expect("a key").shortest_mac(), 20);
    }

    #[test]
    fn new_keys_are_as_long_as_a_mac() {
        for algorithm in Algorithm::ALL {
            let mut random = [7; LONGEST];
            match Key::generate(name("k"), algorithm, &mut random) {
                Ok(key) => assert_eq!(key.secret(), &[7; LONGEST][..algorithm.mac_len()]),
                Err(error) => {
                    assert!(algorithm < Algorithm::HmacSha256);
                    assert_eq!(error, KeyError::Obsolete(algorithm));
                }
            }
            assert_eq!(random, [0; LONGEST]);
        }
    }
}

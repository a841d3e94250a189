//! The keys that a server shares.

use crate::key::Key;
use ptrd_wire::Name;
use std::cmp::Ordering;

/// Keys by name. Immutable; a clone shares the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyTable {
    /// In the order of their canonical names' octets.
    keys: Box<[Key]>,
}

/// Two keys of one name. Their algorithms do not tell them apart: a request names one key, and its algorithm is the
/// key's (RFC 8945 §5.2.1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are two keys called {0}")]
pub struct DuplicateKey(pub Name);

impl KeyTable {
    /// A table of these keys.
    ///
    /// # Errors
    /// [`DuplicateKey`] where two have the same name, without regard to case.
    pub fn new(keys: impl IntoIterator<Item = Key>) -> Result<KeyTable, DuplicateKey> {
        let mut keys: Vec<Key> = keys.into_iter().collect();
        keys.sort_by(|a, b| a.canonical_name().cmp(b.canonical_name()));
        match keys.windows(2).find(|pair| pair[0].name() == pair[1].name()) {
            Some(pair) => Err(DuplicateKey(pair[0].name().clone())),
            None => Ok(KeyTable { keys: keys.into() }),
        }
    }

    /// The key of this name in wire form, without regard to case. Allocates nothing.
    pub fn find(&self, wire: &[u8]) -> Option<&Key> {
        let order = |key: &Key| order_of(key.canonical_name(), wire);
        self.keys.binary_search_by(order).ok().map(|at| &self.keys[at])
    }

    /// The key of this name.
    pub fn key(&self, name: &Name) -> Option<&Key> {
        self.find(name.as_wire())
    }

    /// All keys.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Key> {
        self.keys.iter()
    }

    /// How many keys.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// How a canonical name compares with one of any case, octet by octet. No length octet is a letter: none is above 63.
fn order_of(canonical: &[u8], wire: &[u8]) -> Ordering {
    canonical.iter().copied().cmp(wire.iter().map(u8::to_ascii_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Algorithm;

    fn key(name: &str) -> Key {
        Key::new(name.parse().expect("a name"), Algorithm::HmacSha256, name.as_bytes()).expect("a key")
    }

    #[test]
    fn keys_are_found_in_any_case() {
        let names = ["b.example", "A.example", "a", "example", "Z.Y.x", "key-1", "key-10", "KEY-2"];
        let table = KeyTable::new(names.map(key)).expect("a table");
        assert_eq!((table.len(), table.is_empty()), (8, false));
        for text in names {
            for name in [text.to_owned(), text.to_uppercase(), text.to_lowercase()] {
                let name: Name = name.parse().expect("a name");
                assert_eq!(table.find(name.as_wire()), Some(&key(text)));
                assert_eq!(table.key(&name), Some(&key(text)));
            }
        }
        for other in ["c.example", "example.a", ".", "key-", "key-11", "key-1.example"] {
            assert_eq!(table.key(&other.parse().expect("a name")), None, "{other}");
        }
        assert_eq!(KeyTable::default().find(b"\x01a\0"), None);
        let twice = KeyTable::new(["a", "b", "A"].map(key)).expect_err("twice");
        assert_eq!(twice.0, "a".parse().expect("a name"));
    }
}

//! Signing what answers a request: one message, or a stream of them (RFC 8945 §5.3).

use crate::UNSIGNED_AT_MOST;
use crate::key::Key;
use crate::mac::{Hasher, Mac};
use crate::record::{Fields, NoRoom, hash_prior};
use std::borrow::Borrow;

/// Signs the messages that answer one request. The first must be signed, and the last; between two that are, up to 99
/// may be [passed over](Signer::pass). All MACs are whole, however short the request's was: who takes a part takes more.
///
/// `K` is `&Key` on the query's way, where counting references is a line that all workers would write, and `Key` where a
/// stream outlives the snapshot that it was asked of.
#[derive(Clone)]
pub struct Signer<K: Borrow<Key> = Key> {
    key: K,
    prior: Mac,
    is_first: bool,
    /// With the prior MAC and the messages since that went unsigned.
    since: Option<Hasher>,
    unsigned: u8,
}

/// This message cannot go unsigned: it is the first, or the hundredth since the last that was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this message of the stream must be signed (RFC 8945 section 5.3.1)")]
pub struct MustSign;

impl<K: Borrow<Key>> Signer<K> {
    /// For the answer to a request with this MAC, which was verified with this key, or made with it.
    pub(crate) fn new(key: K, request_mac: Mac) -> Signer<K> {
        Signer { key, prior: request_mac, is_first: true, since: None, unsigned: 0 }
    }

    /// The key.
    pub fn key(&self) -> &Key {
        self.key.borrow()
    }

    /// Octets that [`Signer::sign`] appends: to be kept free at the end of every message.
    pub fn room(&self) -> usize {
        self.key().record_len()
    }

    /// Appends the TSIG record to the message of `length` octets in `buffer`, which must be complete, header and id and
    /// all. Returns the new length. `now` is our time in seconds since 1970 UTC. Allocates nothing.
    ///
    /// # Errors
    /// [`NoRoom`] where the buffer ends before the record; nothing has happened then.
    pub fn sign(&mut self, buffer: &mut [u8], length: usize, now: u64) -> Result<usize, NoRoom> {
        let key = self.key.borrow();
        let mut hasher = match &self.since {
            Some(since) => since.clone(),
            None => after(key, &self.prior),
        };
        hasher.put(buffer.get(..length).ok_or(NoRoom)?);
        let fields = Fields::now(now);
        match self.is_first {
            true => fields.hash_variables(key, &mut hasher),
            false => fields.hash_timers(&mut hasher),
        }
        let mac = hasher.finish();
        let end = fields.append(key, &mac, buffer, length)?;
        (self.prior, self.is_first, self.since, self.unsigned) = (mac, false, None, 0);
        Ok(end)
    }

    /// Takes note of a message that goes out unsigned, which the next MAC then covers.
    ///
    /// # Errors
    /// [`MustSign`] where RFC 8945 §5.3.1 does not allow that.
    pub fn pass(&mut self, message: &[u8]) -> Result<(), MustSign> {
        if self.is_first || self.unsigned >= UNSIGNED_AT_MOST {
            return Err(MustSign);
        }
        let since = self.since.get_or_insert_with(|| after(self.key.borrow(), &self.prior));
        since.put(message);
        self.unsigned += 1;
        Ok(())
    }
}

/// What a MAC after another starts from.
pub(crate) fn after(key: &Key, prior: &Mac) -> Hasher {
    let mut hasher = key.hasher();
    hash_prior(&mut hasher, prior);
    hasher
}

impl<K: Borrow<Key>> std::fmt::Debug for Signer<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer")
            .field("key", self.key())
            .field("unsigned", &self.unsigned)
            .finish_non_exhaustive()
    }
}

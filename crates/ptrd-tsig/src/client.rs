//! The client's side: signing a request, and checking what answers it (RFC 8945 §5.1, §5.4).

use crate::UNSIGNED_AT_MOST;
use crate::algorithm::Algorithm;
use crate::key::Key;
use crate::mac::{Hasher, Mac};
use crate::record::{Fields, NoRoom, hash_signed};
use crate::signer::after;
use ptrd_wire::{Name, Rcode, Tsig, TsigRecord, tsig_error};
use std::borrow::Borrow;

/// Appends a TSIG record to the request of `length` octets in `buffer`, which must be complete, its id chosen. Returns
/// the new length, and what checks the answer. `now` is our time in seconds since 1970 UTC.
///
/// # Errors
/// [`NoRoom`] where the buffer ends before the record; the request is as before.
pub fn sign_request<K: Borrow<Key>>(
    key: K,
    buffer: &mut [u8],
    length: usize,
    now: u64,
) -> Result<(usize, Awaiting<K>), NoRoom> {
    let signer = key.borrow();
    let mut hasher = signer.hasher();
    hasher.put(buffer.get(..length).ok_or(NoRoom)?);
    let fields = Fields::now(now);
    fields.hash_variables(signer, &mut hasher);
    let mac = hasher.finish();
    let end = fields.append(signer, &mac, buffer, length)?;
    Ok((end, Awaiting { key, prior: mac, is_first: true, since: None, unsigned: 0 }))
}

/// Checks the answer to a request that was signed: one message, or each of a stream. What fails changes nothing: over
/// UDP it may come from anybody, and the true answer may still be on its way.
#[derive(Clone)]
pub struct Awaiting<K: Borrow<Key> = Key> {
    key: K,
    prior: Mac,
    is_first: bool,
    /// With the prior MAC and the messages since that were not signed.
    since: Option<Hasher>,
    unsigned: u8,
}

/// A message that may be acted on, as far as the stream has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Where the message ends but for its TSIG record, which the count of additional records includes.
    pub end: usize,
    /// Whether the message was signed. What comes unsigned within a stream is proven by the next that is signed, and
    /// until then by nothing.
    pub signed: bool,
}

/// Why a message is no answer to be acted on: for the operator, who looks after the key at one end or the other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The first message, or the only one, has no TSIG record.
    #[error("the answer ({rcode}) is not signed, though the request was, with key {key}")]
    Unsigned {
        /// The answer's response code.
        rcode: Rcode,
        /// Our key.
        key: Name,
    },
    /// The message or its TSIG record is malformed.
    #[error("the answer is malformed, or its TSIG record is")]
    Malformed,
    /// Signed with another key than the request.
    #[error(
        "the answer is signed with key {theirs} ({their_algorithm}), the request was with {ours} ({our_algorithm})"
    )]
    OtherKey {
        /// Our key.
        ours: Name,
        /// Its algorithm.
        our_algorithm: Algorithm,
        /// The name in the answer.
        theirs: Name,
        /// The algorithm in the answer.
        their_algorithm: Name,
    },
    /// BADKEY. Such an answer cannot be signed, so it may come from anybody.
    #[error("the peer knows no key {key} with {algorithm} (BADKEY, not signed)")]
    PeerKnowsNoKey {
        /// Our key.
        key: Name,
        /// Its algorithm.
        algorithm: Algorithm,
    },
    /// BADSIG. Such an answer cannot be signed, so it may come from anybody.
    #[error(
        "the peer finds our signature with key {key} wrong (BADSIG, not signed): its secret is another one"
    )]
    PeerFindsMacWrong {
        /// Our key.
        key: Name,
    },
    /// Another error without a MAC, which may come from anybody: so NSD says BADTIME.
    #[error("the peer refuses our signature with key {key}: {} (not signed)", name_of(.error))]
    PeerErrorUnsigned {
        /// Our key.
        key: Name,
        /// The error.
        error: u16,
    },
    /// BADTIME, signed: how many seconds the peer's clock is ahead of ours; behind it, where negative.
    #[error("the peer's clock differs from ours: it is {} seconds {} (BADTIME)", .ahead.unsigned_abs(), side(.ahead))]
    PeerClock {
        /// Seconds.
        ahead: i64,
    },
    /// BADTRUNC, signed.
    #[error("the peer wants longer MACs with key {key} (BADTRUNC)")]
    PeerWantsLongerMac {
        /// Our key.
        key: Name,
    },
    /// Another error, signed.
    #[error("the peer refuses our signature with key {key}: {}", name_of(.error))]
    PeerError {
        /// Our key.
        key: Name,
        /// The error.
        error: u16,
    },
    /// The MAC is too short or too long.
    #[error("the answer's MAC has {octets} octets; key {key} takes {} to {longest}", .shortest)]
    MacLength {
        /// Our key.
        key: Name,
        /// Octets of the answer's MAC.
        octets: usize,
        /// The fewest that are taken.
        shortest: usize,
        /// Octets of a whole one.
        longest: usize,
    },
    /// The MAC is wrong.
    #[error(
        "the answer's signature with key {key} is wrong: it was altered, answers another request, or the secrets differ"
    )]
    WrongMac {
        /// Our key.
        key: Name,
    },
    /// The answer was signed too long ago, or in the future.
    #[error("the answer was signed {} seconds {} by our clock, and at most {fudge} are allowed", .ahead.unsigned_abs(), tense(.ahead))]
    Time {
        /// How many seconds the time signed is ahead of ours; behind it, where negative.
        ahead: i64,
        /// Seconds by which it may differ.
        fudge: u16,
    },
    /// A hundred messages without a TSIG record.
    #[error("more than {UNSIGNED_AT_MOST} messages of the stream in a row are not signed")]
    TooManyUnsigned,
    /// The stream ended with messages that no MAC covers.
    #[error("the last {0} messages of the stream are not signed")]
    LastUnsigned(u8),
    /// The stream ended before it began.
    #[error("no answer came")]
    NoAnswer,
}

/// The error of a TSIG record in words.
fn name_of(error: &u16) -> String {
    match *error {
        tsig_error::BADSIG => "BADSIG".to_owned(),
        tsig_error::BADKEY => "BADKEY".to_owned(),
        tsig_error::BADTIME => "BADTIME: its clock differs from ours".to_owned(),
        tsig_error::BADTRUNC => "BADTRUNC: it wants longer MACs".to_owned(),
        error => format!("TSIG error {}", Rcode(error)),
    }
}

fn side(ahead: &i64) -> &'static str {
    if *ahead < 0 { "behind" } else { "ahead" }
}

fn tense(ahead: &i64) -> &'static str {
    if *ahead < 0 { "ago" } else { "in the future" }
}

impl<K: Borrow<Key>> Awaiting<K> {
    /// The key.
    pub fn key(&self) -> &Key {
        self.key.borrow()
    }

    /// The request's MAC until there is a signed message, then that of the last one.
    pub fn prior_mac(&self) -> &Mac {
        &self.prior
    }

    /// Checks the next message of the answer. The caller has compared ids and what was asked; `now` is our time in
    /// seconds since 1970 UTC.
    ///
    /// # Errors
    /// Why it cannot be acted on.
    pub fn accept(&mut self, message: &[u8], now: u64) -> Result<Accepted, AnswerError> {
        match TsigRecord::find(message) {
            Err(_) => Err(AnswerError::Malformed),
            Ok(None) => self.accept_unsigned(message),
            Ok(Some(record)) => self.accept_signed(message, record, now),
        }
    }

    /// To be asked when the answer has ended.
    ///
    /// # Errors
    /// [`AnswerError::LastUnsigned`] where its last messages were not signed, [`AnswerError::NoAnswer`] without any.
    pub fn finish(self) -> Result<(), AnswerError> {
        match (self.is_first, self.unsigned) {
            (true, _) => Err(AnswerError::NoAnswer),
            (false, 0) => Ok(()),
            (false, n) => Err(AnswerError::LastUnsigned(n)),
        }
    }

    fn accept_unsigned(&mut self, message: &[u8]) -> Result<Accepted, AnswerError> {
        // RFC 8945 §5.3.1: the first is signed, and one of a hundred.
        if self.is_first {
            let rcode = Rcode(u16::from(message[3] & 15));
            return Err(AnswerError::Unsigned { rcode, key: self.key().name().clone() });
        }
        if self.unsigned >= UNSIGNED_AT_MOST {
            return Err(AnswerError::TooManyUnsigned);
        }
        let since = self.since.get_or_insert_with(|| after(self.key.borrow(), &self.prior));
        since.put(message);
        self.unsigned += 1;
        Ok(Accepted { end: message.len(), signed: false })
    }

    fn accept_signed(
        &mut self,
        message: &[u8],
        record: TsigRecord,
        now: u64,
    ) -> Result<Accepted, AnswerError> {
        let tsig = Tsig::read(message, record.offset).ok_or(AnswerError::Malformed)?;
        let key = self.key.borrow();
        check_key(key, &tsig)?;
        let mac = check_length(key, &tsig)?;
        let mut hasher = match &self.since {
            Some(since) => since.clone(),
            None => after(key, &self.prior),
        };
        hash_signed(&mut hasher, message, record.offset, tsig.original_id()).ok_or(AnswerError::Malformed)?;
        let fields =
            Fields { time: tsig.time(), fudge: tsig.fudge(), error: tsig.error(), other: tsig.other() };
        match self.is_first {
            true => fields.hash_variables(key, &mut hasher),
            false => fields.hash_timers(&mut hasher),
        }
        if !hasher.finish_matches(mac.as_octets()) {
            return Err(AnswerError::WrongMac { key: key.name().clone() });
        }
        check_error(key, &tsig, now)?;
        let ahead = difference(tsig.time(), now);
        if ahead.unsigned_abs() > u64::from(tsig.fudge()) {
            return Err(AnswerError::Time { ahead, fudge: tsig.fudge() });
        }
        (self.prior, self.is_first, self.since, self.unsigned) = (mac, false, None, 0);
        Ok(Accepted { end: record.offset, signed: true })
    }
}

fn check_key(key: &Key, tsig: &Tsig<'_>) -> Result<(), AnswerError> {
    let is_ours = key.canonical_name().eq_ignore_ascii_case(tsig.key())
        && key.algorithm().wire().eq_ignore_ascii_case(tsig.algorithm());
    if is_ours {
        return Ok(());
    }
    // Some peers answer BADKEY with an algorithm of their own choice.
    if tsig.mac().is_empty() && tsig.error() == tsig_error::BADKEY {
        return Err(unknown(key));
    }
    let name = |wire: &[u8]| Name::from_wire(wire).map_err(|_| AnswerError::Malformed);
    Err(AnswerError::OtherKey {
        ours: key.name().clone(),
        our_algorithm: key.algorithm(),
        theirs: name(tsig.key())?,
        their_algorithm: name(tsig.algorithm())?,
    })
}

fn check_length(key: &Key, tsig: &Tsig<'_>) -> Result<Mac, AnswerError> {
    let (octets, name) = (tsig.mac().len(), key.name().clone());
    let (shortest, longest) = (key.shortest_mac(), key.algorithm().mac_len());
    match (tsig.error(), octets) {
        (tsig_error::BADKEY, 0) => Err(unknown(key)),
        (tsig_error::BADSIG, 0) => Err(AnswerError::PeerFindsMacWrong { key: name }),
        (error, 0) if error != 0 => Err(AnswerError::PeerErrorUnsigned { key: name, error }),
        _ => Mac::new(tsig.mac())
            .filter(|_| (shortest..=longest).contains(&octets))
            .ok_or(AnswerError::MacLength { key: name, octets, shortest, longest }),
    }
}

/// What the peer says of our request, now that it is known to be the peer that says it.
fn check_error(key: &Key, tsig: &Tsig<'_>, now: u64) -> Result<(), AnswerError> {
    let name = || key.name().clone();
    match (tsig.error(), tsig.other()) {
        (0, _) => Ok(()),
        // RFC 8945 §5.2.3: six octets, the server's time.
        (tsig_error::BADTIME, &[a, b, c, d, e, f]) => {
            let theirs = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
            Err(AnswerError::PeerClock { ahead: difference(theirs, now) })
        }
        (tsig_error::BADTIME, _) => Err(AnswerError::Malformed),
        (tsig_error::BADTRUNC, _) => Err(AnswerError::PeerWantsLongerMac { key: name() }),
        (error, _) => Err(AnswerError::PeerError { key: name(), error }),
    }
}

fn unknown(key: &Key) -> AnswerError {
    AnswerError::PeerKnowsNoKey { key: key.name().clone(), algorithm: key.algorithm() }
}

/// By how many seconds one time is ahead of another.
fn difference(theirs: u64, ours: u64) -> i64 {
    let apart = i64::try_from(theirs.abs_diff(ours)).unwrap_or(i64::MAX);
    if theirs < ours { -apart } else { apart }
}

impl<K: Borrow<Key>> std::fmt::Debug for Awaiting<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Awaiting")
            .field("key", self.key())
            .field("unsigned", &self.unsigned)
            .finish_non_exhaustive()
    }
}

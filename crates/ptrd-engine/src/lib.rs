//! Query octets and a snapshot in, reply octets out: one pure function under every transport.
//!
//! [`Engine::answer`] does no I/O, takes no lock, allocates nothing and reads no clock; time and peer are arguments.
//! So it can be fuzzed, and it is the whole server. What the network sends is checked by `ptrd-wire`; what there is
//! to answer is found by `ptrd-zone`; here is what RFC 1034 §4.3.2 and its successors make of the two.
//!
//! - RFC 1034 §4.3.2, 2181, 2308 (negative TTL), 4592, 6604 (chains), 6672 (DNAME), 8020, 8482 (ANY), 9471 (glue)
//! - RFC 4035 §3.1, 5155 §7.2 (signatures and proofs, of zones that came signed)
//! - RFC 6891 (EDNS), 5001 (NSID), 7830 and 8467 (padding), 7873 and 9018 (cookies), 7828 (keepalive), 8914 (extended
//!   errors)
//! - RFC 4892 (`id.server`, CHAOS class), 8945 (TSIG), 9432 §7 (catalogs are for those who may transfer them)
//!
//! Over UDP a worker may limit the rate of answers to a network ([`RateLimit`]): its accounts are of fixed size and
//! allocated with it. What is over the limit is dropped or, now and then, answered with TC, or with BADCOOKIE where the
//! client speaks cookies (RFC 7873 §5.2.3); a valid server cookie exempts (§5.2.5), and so does TCP.
//!
//! Extended errors go with REFUSED, where the operator of a resolver wants to know which reason it was, and with SERVFAIL. YXDOMAIN,
//! BADVERS and BADCOOKIE say all there is to say; a chain that ends at our bound is an answer as far as it goes, and its
//! resolver goes on by itself; and what slips past the rate limit must stay as short as its question.
//!
//! The rejected alternative, a query layer per transport, is how TCP and UDP come to disagree.

mod ahead;
mod chaos;
mod cookie;
mod dnssec;
mod limiter;
mod opt;
mod policy;
mod qtypes;
mod rate_limit;
mod referral;
mod resolve;
mod signed;

pub use cookie::{BadSecret, CookieSecrets};
pub use limiter::Limiter;
pub use policy::Policy;
pub use qtypes::{QTYPE_SLOTS, QTYPES};
pub use rate_limit::{OutOfBounds, RateLimit, RateLimitSettings};

use cookie::Standing;
use limiter::{Kind, Network, Spent};
use opt::OptReply;
use ptrd_wire::{
    Class, FLAG_CD, FLAG_QR, FLAG_RD, HEADER_LEN, Opcode, QName, Query, Rcode, RecordType, Refusal, Writer,
    asks_for_padding, ede, edns_size,
};
use ptrd_zone::Snapshot;
use std::net::IpAddr;
use std::ops::AddAssign;

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A datagram: the reply is bounded by what the client takes and by policy.
    Udp,
    /// A stream: up to 65 535 octets.
    Tcp,
    /// A stream that is encrypted: the same, padded where the client pads (RFC 7830 §4).
    Encrypted,
}

/// Who asks, how, and when.
#[derive(Clone, Copy, Debug)]
pub struct Asker {
    /// The client's address.
    pub peer: IpAddr,
    /// How the request came.
    pub transport: Transport,
    /// Seconds since 1970 UTC: for cookies, which count modulo 2^32, and for TSIG, modulo 2^48.
    pub now: u64,
    /// Nanoseconds by a clock that need not be right, but should hardly ever jump: for the rate limit alone.
    pub nanos: u64,
}

/// What a worker keeps between queries: room for names, the accounts of the rate limit, and counters that it alone
/// writes. Of fixed size.
#[derive(Default)]
pub struct Worker {
    asked: QName,
    chased: QName,
    scratch: resolve::Scratch,
    limiter: Option<Limiter>,
    /// Octets that the reply of others may have; 0 when nothing is left to them.
    deferred: usize,
    /// What the worker did.
    pub counts: Counts,
}

impl Worker {
    /// A worker that limits the rate of answers over UDP as the policy says. [`Worker::default`] never does.
    pub fn limited_by(limiter: Limiter) -> Worker {
        Worker { limiter: Some(limiter), ..Worker::default() }
    }

    /// Whether the request that was met with silence just now is one for others ([`Policy::defers`]): a transfer, a NOTIFY
    /// or an UPDATE. Then so many octets are what a message of the reply may have: as for answers, what the client takes (512
    /// over UDP without EDNS), what the policy lets out and what `out` had room for.
    #[inline]
    pub fn take_deferred(&mut self) -> Option<usize> {
        match std::mem::take(&mut self.deferred) {
            0 => None,
            room => Some(room),
        }
    }

    /// A worker in the place of one that met a fault: nothing is kept but the counters, and that it limits.
    pub fn renewed(&self) -> Worker {
        let limiter = self.limiter.as_ref().map(Limiter::renewed);
        Worker { limiter, counts: self.counts, ..Worker::default() }
    }
}

/// What a worker did since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests answered.
    pub answers: u64,
    /// Requests met with silence.
    pub silences: u64,
    /// Requests left to others: transfers, NOTIFY, UPDATE.
    pub deferred: u64,
    /// Answers with TC set.
    pub truncated: u64,
    /// Answers by the low four bits of their response code.
    pub rcodes: [u64; 16],
    /// Well-formed queries by type: one for each of [`QTYPES`], the last for all others.
    pub qtypes: [u64; QTYPE_SLOTS],
    /// Requests over the rate limit that were met with silence; in `silences` too.
    pub rate_dropped: u64,
    /// Requests over the rate limit that were answered with TC or BADCOOKIE; in `answers` too.
    pub rate_slipped: u64,
    /// Requests that a valid server cookie exempted from the rate limit, whether or not they would have been over it.
    pub rate_exempted: u64,
    /// Queries signed with a key of ours.
    pub tsig_verified: u64,
    /// Queries whose signature was turned away, whether they were answered or not.
    pub tsig_refused: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.answers += other.answers;
        self.silences += other.silences;
        self.deferred += other.deferred;
        self.truncated += other.truncated;
        for (sum, other) in self.rcodes.iter_mut().zip(other.rcodes) {
            *sum += other;
        }
        for (sum, other) in self.qtypes.iter_mut().zip(other.qtypes) {
            *sum += other;
        }
        self.rate_dropped += other.rate_dropped;
        self.rate_slipped += other.rate_slipped;
        self.rate_exempted += other.rate_exempted;
        self.tsig_verified += other.tsig_verified;
        self.tsig_refused += other.tsig_refused;
    }
}

/// Of so many answers over the limit, one to a client that speaks cookies, where no others are given.
const SLIP_COOKIE: u32 = 16;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    policy: Policy,
}

impl Engine {
    /// An engine with this policy.
    pub fn new(policy: Policy) -> Engine {
        Engine { policy }
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Answers a request into `out`, which must hold at least 512 octets, and for TCP should hold 65 535. Returns
    /// the length of the reply in octets; 0 means silence.
    #[inline]
    pub fn answer(
        &self,
        asker: &Asker,
        request: &[u8],
        out: &mut [u8],
        snapshot: &Snapshot,
        worker: &mut Worker,
    ) -> usize {
        let account = self.account(asker, worker);
        let reply = match Query::parse(request, &mut worker.asked) {
            Ok(query) => {
                worker.counts.qtypes[qtypes::slot(query.qtype)] += 1;
                match query.tsig {
                    _ if self.is_for_others(&query, asker.transport) => {
                        let room =
                            self.limit(asker, query.edns.map(|edns| edns.udp_size), out).min(out.len());
                        self.defer(account, asker, room, worker)
                    }
                    Some(at) => {
                        self.reply_signed(asker, account, &query, (request, at), out, snapshot, worker)
                    }
                    None => self.reply(asker, None, account, &query, out, snapshot, worker, 0),
                }
            }
            Err(refusal) => match self.opcode_for_others(&refusal, request) {
                Some(opcode) => {
                    let announced = opcode == Opcode::NOTIFY && snapshot.follows().is_primary(asker.peer);
                    let room = self.limit(asker, edns_size(request), out);
                    self.leave(account, asker, announced, room, worker)
                }
                None => self.refuse(refusal, asker, account, request, out, worker),
            },
        };
        match reply {
            Some((length, rcode, truncated)) => {
                worker.counts.answers += 1;
                worker.counts.truncated += u64::from(truncated);
                worker.counts.rcodes[usize::from(rcode.0 & 15)] += 1;
                length
            }
            None => {
                worker.counts.deferred += u64::from(worker.deferred > 0);
                worker.counts.silences += u64::from(worker.deferred == 0);
                0
            }
        }
    }

    /// The answer to a well-formed query, signed with the key of this name if there is one, `room` octets of what it may have
    /// left free at the end.
    #[inline(always)]
    #[allow(clippy::too_many_arguments)]
    fn reply(
        &self,
        asker: &Asker,
        key: Option<&[u8]>,
        mut account: Option<Network>,
        query: &Query<'_>,
        out: &mut [u8],
        snapshot: &Snapshot,
        worker: &mut Worker,
        room: usize,
    ) -> Option<(usize, Rcode, bool)> {
        let limit = self.limit(asker, query.edns.map(|edns| edns.udp_size), out).min(out.len());
        let mut opt = query.edns.as_ref().map(|edns| OptReply::new(&self.policy, asker, edns));
        let mut writer = Writer::new(out, limit, query.question);
        let reserved = opt.as_ref().map_or(0, OptReply::len) + room;
        writer.reserve(reserved);
        let cramped = room > 0 && writer.len() + reserved > limit;
        let standing = opt.as_ref().map_or(Standing::None, OptReply::standing);
        // RFC 7873 §5.2.5: the address is proven.
        if standing == Standing::Valid && account.take().is_some() {
            worker.counts.rate_exempted += 1;
        }
        if let Err(spent) = self.take(account, asker, worker) {
            return self.over_limit(query, spent, opt, out, worker);
        }
        let outcome = match cramped {
            false => self.resolve(query, (asker, key), standing, snapshot, worker, &mut writer),
            true => Outcome { truncated: true, ..Outcome::rcode(Rcode::NOERROR) },
        };
        if let Err(spent) = self.take_kind(account, outcome.kind(), asker, worker) {
            return self.over_limit(query, spent, opt, out, worker);
        }
        let truncated = outcome.truncated;
        let mut flags = FLAG_QR | query.flags & (FLAG_RD | FLAG_CD) | outcome.flags();
        if let Some(opt) = &mut opt {
            opt.finish(&outcome, limit.saturating_sub(writer.len() + room), &mut writer);
        } else if outcome.rcode.0 > 15 {
            flags = flags & !15 | Rcode::SERVFAIL.0;
        }
        let length = writer.finish(query.id, flags);
        let pads = asker.transport == Transport::Encrypted && query.edns.is_some_and(|edns| edns.padding);
        // RFC 7830 §4: where it hides something, and where it was asked for; before it is signed.
        let length = if pads { ptrd_wire::pad(&mut out[..limit], length, room) } else { length };
        Some((length, outcome.rcode, truncated))
    }

    /// Whether a query is for those who take transfers. Over UDP there is no AXFR (RFC 5936 §4.2), and IXFR may be
    /// answered with what fits (RFC 1995 §2).
    #[inline]
    fn is_for_others(&self, query: &Query<'_>, transport: Transport) -> bool {
        let is_transfer = match query.qtype {
            RecordType::AXFR => transport != Transport::Udp,
            RecordType::IXFR => true,
            _ => false,
        };
        is_transfer && self.policy.defers && query.qclass == Class::IN
    }

    /// Leaves a request to others, as far as the network's account allows.
    #[cold]
    fn defer<T>(
        &self,
        account: Option<Network>,
        asker: &Asker,
        room: usize,
        worker: &mut Worker,
    ) -> Option<T> {
        self.take_error(account, asker, worker)?;
        worker.deferred = room;
        None
    }

    /// How many octets the reply may have to a client that takes datagrams of this size, if it said so.
    #[inline]
    fn limit(&self, asker: &Asker, size: Option<u16>, out: &[u8]) -> usize {
        match (asker.transport, size) {
            (Transport::Tcp | Transport::Encrypted, _) => out.len().min(65_535),
            // RFC 6891 §6.2.5: a size below 512 counts as 512.
            (Transport::Udp, Some(size)) => usize::from(size).clamp(512, self.policy.udp_size()),
            (Transport::Udp, None) => 512,
        }
    }

    #[inline]
    fn resolve(
        &self,
        query: &Query<'_>,
        (asker, key): (&Asker, Option<&[u8]>),
        standing: Standing,
        snapshot: &Snapshot,
        worker: &mut Worker,
        writer: &mut Writer<'_>,
    ) -> Outcome {
        if query.edns.is_some_and(|edns| edns.version != 0) {
            return Outcome::rcode(Rcode::BADVERS);
        }
        // RFC 7873 §5.4: a request for a cookie, or for a word on the one that it has.
        if query.question.is_empty() {
            let wrong = standing == Standing::Wrong;
            return Outcome::rcode(if wrong { Rcode::BADCOOKIE } else { Rcode::NOERROR });
        }
        match (query.qclass, query.qtype) {
            (_, RecordType::OPT) => Outcome::rcode(Rcode::FORMERR),
            // RFC 5936 §4.2: not over UDP.
            (_, RecordType::AXFR) if asker.transport == Transport::Udp => Outcome::rcode(Rcode::NOTIMP),
            (_, RecordType::AXFR | RecordType::IXFR) => Outcome::refused(ede::PROHIBITED),
            (Class::IN, RecordType::ANY) => self.resolve_in(query, (asker, key), snapshot, worker, writer),
            (_, RecordType(128..=254)) if query.qtype.is_meta() => Outcome::rcode(Rcode::NOTIMP),
            (Class::IN, _) => self.resolve_in(query, (asker, key), snapshot, worker, writer),
            (Class::CH, _) => chaos::answer(&self.policy, query, &worker.asked, writer),
            _ => Outcome::refused(ede::NOT_SUPPORTED),
        }
    }

    /// The account of the client's network; none for who is not limited.
    #[inline]
    fn account(&self, asker: &Asker, worker: &Worker) -> Option<Network> {
        let (limiter, limit) = (worker.limiter.as_ref()?, self.policy.rate_limit.as_ref()?);
        let limited = asker.transport == Transport::Udp && !limit.exempts(asker.peer);
        limited.then(|| limiter.network(asker.peer, limit))
    }

    /// Takes an answer out of the account.
    #[inline]
    fn take(&self, account: Option<Network>, asker: &Asker, worker: &mut Worker) -> Result<(), Spent> {
        match (account, &mut worker.limiter, &self.policy.rate_limit) {
            (Some(network), Some(limiter), Some(limit)) => limiter.take(network, limit, asker.nanos),
            _ => Ok(()),
        }
    }

    /// The same once it is known of what kind the answer is.
    #[inline]
    fn take_kind(
        &self,
        account: Option<Network>,
        kind: Kind,
        asker: &Asker,
        worker: &mut Worker,
    ) -> Result<(), Spent> {
        match (account, &mut worker.limiter, &self.policy.rate_limit) {
            (Some(network), Some(limiter), Some(limit)) => {
                limiter.take_kind(network, kind, limit, asker.nanos)
            }
            _ => Ok(()),
        }
    }

    /// Takes an error out of the account, for requests that are no better over TCP: over the limit they are dropped.
    fn take_error(&self, account: Option<Network>, asker: &Asker, worker: &mut Worker) -> Option<()> {
        let taken = self.take(account, asker, worker);
        let taken = taken.and_then(|()| self.take_kind(account, Kind::Error, asker, worker));
        worker.counts.rate_dropped += u64::from(taken.is_err());
        taken.ok()
    }

    /// Silence, or now and then a word that makes a real client come back with proof of its address: BADCOOKIE with a
    /// cookie to one that speaks cookies (RFC 7873 §5.2.3, §5.2.4), TC to others. Neither holds records, so neither is
    /// worth a forger's while.
    #[cold]
    fn over_limit(
        &self,
        query: &Query<'_>,
        Spent(before): Spent,
        opt: Option<OptReply>,
        out: &mut [u8],
        worker: &mut Worker,
    ) -> Option<(usize, Rcode, bool)> {
        let cookie = opt.as_ref().is_some_and(|opt| opt.standing() != Standing::None);
        let slip = match self.policy.rate_limit.as_ref().map_or(0, |limit| limit.settings().slip) {
            // RFC 7873 §5.2.3: a client must now and then be told the right cookie, or it could never prove itself.
            0 if cookie => SLIP_COOKIE,
            slip => slip,
        };
        if slip == 0 || !before.is_multiple_of(slip) {
            worker.counts.rate_dropped += 1;
            return None;
        }
        worker.counts.rate_slipped += 1;
        let outcome = match cookie {
            true => Outcome::rcode(Rcode::BADCOOKIE),
            false => Outcome { truncated: true, ..Outcome::rcode(Rcode::NOERROR) },
        };
        let mut writer = Writer::new(out, 512, query.question);
        if let Some(mut opt) = opt {
            opt.finish(&outcome, 0, &mut writer);
        }
        let flags = FLAG_QR | query.flags & (FLAG_RD | FLAG_CD) | outcome.flags();
        Some((writer.finish(query.id, flags), outcome.rcode, outcome.truncated))
    }

    /// The opcode of a request that is no query, where it is one for those who take NOTIFY and UPDATE.
    #[cold]
    fn opcode_for_others(&self, refusal: &Refusal, request: &[u8]) -> Option<Opcode> {
        let is_other =
            self.policy.defers && matches!(refusal, Refusal::Answer { rcode, .. } if *rcode == Rcode::NOTIMP);
        let opcode = Opcode(u16::from(request.get(2)? >> 3 & 15));
        (is_other && matches!(opcode, Opcode::NOTIFY | Opcode::UPDATE)).then_some(opcode)
    }

    /// Leaves a NOTIFY or an UPDATE to others. What a primary announces counts as an answer and not as an error: that it
    /// has thousands of zones is no mistake.
    #[cold]
    fn leave<T>(
        &self,
        account: Option<Network>,
        asker: &Asker,
        announced: bool,
        room: usize,
        worker: &mut Worker,
    ) -> Option<T> {
        if !announced {
            return self.defer(account, asker, room, worker);
        }
        let taken = self.take(account, asker, worker);
        worker.counts.rate_dropped += u64::from(taken.is_err());
        taken.ok()?;
        worker.deferred = room;
        None
    }

    /// The answer to a request whose form is wrong, or whose opcode is none of ours.
    fn refuse(
        &self,
        refusal: Refusal,
        asker: &Asker,
        account: Option<Network>,
        request: &[u8],
        out: &mut [u8],
        worker: &mut Worker,
    ) -> Option<(usize, Rcode, bool)> {
        let Refusal::Answer { rcode, question } = refusal else { return None };
        self.take_error(account, asker, worker)?;
        let word = |at: usize| u16::from_be_bytes([request[at], request[at + 1]]);
        let (id, flags) = (word(0), word(2));
        let question = &request[HEADER_LEN..HEADER_LEN + question];
        let mut writer = Writer::new(out, 512, question);
        // RFC 6891 §7: a reply has OPT where the request does, whatever else is wrong with that.
        if edns_size(request).is_some() {
            let _ = writer.raw_additional(&opt::bare(&self.policy));
        }
        let opcode = flags & 0x7800;
        let copied = if opcode >> 11 == Opcode::QUERY.0 { FLAG_RD | FLAG_CD } else { FLAG_RD };
        let length = writer.finish(id, FLAG_QR | opcode | flags & copied | rcode.0);
        let pads = asker.transport == Transport::Encrypted && asks_for_padding(request);
        let length = if pads { ptrd_wire::pad(out, length, 0) } else { length };
        Some((length, rcode, false))
    }
}

/// What came of a question, apart from the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    rcode: Rcode,
    authoritative: bool,
    truncated: bool,
    /// The info code of an extended error (RFC 8914).
    error: Option<u16>,
    /// What the zone has to say, if the response code is not an error.
    found: Kind,
}

impl Outcome {
    fn rcode(rcode: Rcode) -> Outcome {
        Outcome { rcode, authoritative: false, truncated: false, error: None, found: Kind::Answer }
    }

    fn refused(error: u16) -> Outcome {
        Outcome { error: Some(error), ..Outcome::rcode(Rcode::REFUSED) }
    }

    /// A zone that looks signed and is not whole: no answer of it could be proven.
    #[cold]
    fn broken() -> Outcome {
        Outcome { error: Some(ede::INVALID_DATA), ..Outcome::rcode(Rcode::SERVFAIL) }
    }

    /// What the rate limit counts it as.
    #[inline]
    fn kind(&self) -> Kind {
        match self.rcode {
            Rcode::NOERROR | Rcode::NXDOMAIN => self.found,
            _ => Kind::Error,
        }
    }

    #[inline]
    fn flags(&self) -> u16 {
        let aa = if self.authoritative { ptrd_wire::FLAG_AA } else { 0 };
        let tc = if self.truncated { ptrd_wire::FLAG_TC } else { 0 };
        aa | tc | self.rcode.0 & 15
    }
}

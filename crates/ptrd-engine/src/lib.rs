//! Query octets and a snapshot in, reply octets out: one pure function under every transport.
//!
//! [`Engine::answer`] does no I/O, takes no lock, allocates nothing and reads no clock; time and peer are arguments.
//! So it can be fuzzed, and it is the whole server. What the network sends is checked by `ptrd-wire`; what there is
//! to answer is found by `ptrd-zone`; here is what RFC 1034 §4.3.2 and its successors make of the two.
//!
//! - RFC 1034 §4.3.2, 2181, 2308 (negative TTL), 4592, 6604 (chains), 6672 (DNAME), 8020, 8482 (ANY), 9471 (glue)
//! - RFC 6891 (EDNS), 5001 (NSID), 7873 and 9018 (cookies), 7828 (keepalive), 8914 (extended errors)
//! - RFC 4892 (`id.server`, CHAOS class)
//!
//! The rejected alternative, a query layer per transport, is how TCP and UDP come to disagree.

mod ahead;
mod chaos;
mod cookie;
mod opt;
mod policy;
mod resolve;

pub use cookie::{BadSecret, CookieSecrets};
pub use policy::Policy;

use opt::OptReply;
use ptrd_wire::{
    Class, FLAG_CD, FLAG_QR, FLAG_RD, HEADER_LEN, Opcode, QName, Query, Rcode, RecordType, Refusal, Writer,
    ede,
};
use ptrd_zone::Snapshot;
use std::net::IpAddr;

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A datagram: the reply is bounded by what the client takes and by policy.
    Udp,
    /// A stream: up to 65 535 octets.
    Tcp,
}

/// Who asks, how, and when.
#[derive(Clone, Copy, Debug)]
pub struct Asker {
    /// The client's address.
    pub peer: IpAddr,
    /// How the request came.
    pub transport: Transport,
    /// Seconds since 1970 UTC, modulo 2^32: for cookies alone.
    pub now: u32,
}

/// What a worker keeps between queries: room for names, and counters that it alone writes. Of fixed size.
#[derive(Default)]
pub struct Worker {
    asked: QName,
    chased: QName,
    scratch: resolve::Scratch,
    /// What the worker did.
    pub counts: Counts,
}

/// What a worker did since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests answered.
    pub answers: u64,
    /// Requests met with silence.
    pub silences: u64,
    /// Answers with TC set.
    pub truncated: u64,
    /// Answers by the low four bits of their response code.
    pub rcodes: [u64; 16],
}

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
        let reply = match Query::parse(request, &mut worker.asked) {
            Ok(query) => self.reply(asker, &query, out, snapshot, worker),
            Err(refusal) => self.refuse(refusal, request, out),
        };
        match reply {
            Some((length, rcode, truncated)) => {
                worker.counts.answers += 1;
                worker.counts.truncated += u64::from(truncated);
                worker.counts.rcodes[usize::from(rcode.0 & 15)] += 1;
                length
            }
            None => {
                worker.counts.silences += 1;
                0
            }
        }
    }

    #[inline]
    fn reply(
        &self,
        asker: &Asker,
        query: &Query<'_>,
        out: &mut [u8],
        snapshot: &Snapshot,
        worker: &mut Worker,
    ) -> Option<(usize, Rcode, bool)> {
        let limit = match (asker.transport, &query.edns) {
            (Transport::Tcp, _) => out.len().min(65_535),
            // RFC 6891 §6.2.5: a size below 512 counts as 512.
            (Transport::Udp, Some(edns)) => usize::from(edns.udp_size).clamp(512, self.policy.udp_size()),
            (Transport::Udp, None) => 512,
        };
        let mut opt = query.edns.as_ref().map(|edns| OptReply::new(&self.policy, asker, edns));
        let mut writer = Writer::new(out, limit, query.question);
        if let Some(opt) = &opt {
            writer.reserve(opt.len());
        }
        let outcome = self.resolve(query, asker, snapshot, worker, &mut writer);
        let truncated = outcome.truncated;
        let mut flags = FLAG_QR | query.flags & (FLAG_RD | FLAG_CD) | outcome.flags();
        if let Some(opt) = &mut opt {
            opt.finish(&outcome, limit.saturating_sub(writer.len()), &mut writer);
        } else if outcome.rcode.0 > 15 {
            flags = flags & !15 | Rcode::SERVFAIL.0;
        }
        Some((writer.finish(query.id, flags), outcome.rcode, truncated))
    }

    #[inline]
    fn resolve(
        &self,
        query: &Query<'_>,
        asker: &Asker,
        snapshot: &Snapshot,
        worker: &mut Worker,
        writer: &mut Writer<'_>,
    ) -> Outcome {
        if query.edns.is_some_and(|edns| edns.version != 0) {
            return Outcome::rcode(Rcode::BADVERS);
        }
        // Requests with TSIG name a key; there is none that this server shares (RFC 8945 §5.2).
        if query.tsig.is_some() {
            return Outcome::rcode(Rcode::NOTAUTH);
        }
        if query.question.is_empty() {
            return Outcome::rcode(Rcode::NOERROR);
        }
        match (query.qclass, query.qtype) {
            (_, RecordType::OPT) => Outcome::rcode(Rcode::FORMERR),
            // RFC 5936 §4.2: not over UDP.
            (_, RecordType::AXFR) if asker.transport == Transport::Udp => Outcome::rcode(Rcode::NOTIMP),
            (_, RecordType::AXFR | RecordType::IXFR) => Outcome::refused(ede::PROHIBITED),
            (Class::IN, RecordType::ANY) => self.resolve_in(query, asker.transport, snapshot, worker, writer),
            (_, RecordType(128..=254)) if query.qtype.is_meta() => Outcome::rcode(Rcode::NOTIMP),
            (Class::IN, _) => self.resolve_in(query, asker.transport, snapshot, worker, writer),
            (Class::CH, _) => chaos::answer(&self.policy, query, &worker.asked, writer),
            _ => Outcome::refused(ede::NOT_SUPPORTED),
        }
    }

    /// The answer to a request whose form is wrong, or whose opcode is none of ours.
    fn refuse(&self, refusal: Refusal, request: &[u8], out: &mut [u8]) -> Option<(usize, Rcode, bool)> {
        let Refusal::Answer { rcode, question, edns } = refusal else { return None };
        let word = |at: usize| u16::from_be_bytes([request[at], request[at + 1]]);
        let (id, flags) = (word(0), word(2));
        let question = &request[HEADER_LEN..HEADER_LEN + question];
        let mut writer = Writer::new(out, 512, question);
        if edns {
            let _ = writer.raw_additional(&opt::bare(&self.policy));
        }
        let opcode = flags & 0x7800;
        let copied = if opcode >> 11 == Opcode::QUERY.0 { FLAG_RD | FLAG_CD } else { FLAG_RD };
        Some((writer.finish(id, FLAG_QR | opcode | flags & copied | rcode.0), rcode, false))
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
}

impl Outcome {
    fn rcode(rcode: Rcode) -> Outcome {
        Outcome { rcode, authoritative: false, truncated: false, error: None }
    }

    fn refused(error: u16) -> Outcome {
        Outcome { error: Some(error), ..Outcome::rcode(Rcode::REFUSED) }
    }

    #[inline]
    fn flags(&self) -> u16 {
        let aa = if self.authoritative { ptrd_wire::FLAG_AA } else { 0 };
        let tc = if self.truncated { ptrd_wire::FLAG_TC } else { 0 };
        aa | tc | self.rcode.0 & 15
    }
}

//! What is judged, behind one trait, and the reference resolver behind the same trait.

use crate::compare::{Context, compare};
use crate::decode::Reply;
use crate::projection::{FlatZone, FlatZones, flatten};
use crate::proofs::covered;
use crate::question::Question;
use crate::resolver::{Expected, resolve_for};
use crate::world::World;
use ptrd_wire::{
    Class, FLAG_AA, FLAG_CD, FLAG_QR, FLAG_RD, FLAG_TC, Name, Rcode, RecordType, RrSet, additional_name,
};

/// How a request arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// One datagram.
    Udp,
    /// One message of a stream, without the two octets of length.
    Tcp,
}

/// Something that answers.
pub trait Answerer {
    /// Forgets everything and serves this World.
    fn load(&mut self, world: &World);

    /// The reply to a message, if there is one. All messages come from one client address, at one point in time.
    fn answer(&mut self, query: &[u8], transport: Transport) -> Option<Vec<u8>>;

    /// A zone as a transfer would show it, its SOA once; `None` if this answerer cannot tell, which skips the check.
    fn zone(&mut self, apex: &Name) -> Option<FlatZone> {
        let _ = apex;
        None
    }
}

/// Asks one question and judges the reply by the reference resolver. A truncated reply is asked for again over TCP.
///
/// # Errors
/// The question, what is wrong, the expected reply and the actual one.
pub fn judge(
    answerer: &mut dyn Answerer,
    world: &World,
    zones: &FlatZones,
    question: &Question,
    transport: Transport,
) -> Result<(), String> {
    let dnssec_ok = question.edns.as_ref().is_some_and(|edns| edns.dnssec_ok);
    let expected = resolve_for(zones, &question.name, question.qtype, dnssec_ok);
    check(answerer, world, zones, question, transport, &expected)
        .map(|_| ())
        .map_err(|fault| format!("{question}\n{fault}"))
}

/// Asks one question and holds the reply against `expected`.
pub(crate) fn check(
    answerer: &mut dyn Answerer,
    world: &World,
    zones: &FlatZones,
    question: &Question,
    transport: Transport,
    expected: &Expected,
) -> Result<Reply, String> {
    let query = question.to_wire();
    let octets = answerer.answer(&query, transport).ok_or("no reply")?;
    let reply = Reply::decode(&octets)?;
    let mut context =
        Context { zones, question, limit: limit(world, question, transport), full_length: None };
    if transport == Transport::Udp && reply.is_truncated() {
        let full = answerer.answer(&query, Transport::Tcp).ok_or("no reply over TCP after TC")?;
        context.full_length = Some(full.len());
        let over_tcp = Context { limit: 65_535, ..context };
        compare(expected, &Reply::decode(&full)?, &over_tcp)
            .map_err(|e| format!("over TCP, after TC: {e}"))?;
    }
    compare(expected, &reply, &context)?;
    Ok(reply)
}

/// The largest reply allowed, octets: RFC 1035 §4.2.1, RFC 6891 §6.2.3 to 6.2.5 and the server's own limit.
fn limit(world: &World, question: &Question, transport: Transport) -> usize {
    match (transport, &question.edns) {
        (Transport::Tcp, _) => 65_535,
        (Transport::Udp, None) => 512,
        (Transport::Udp, Some(edns)) => usize::from(edns.size).max(512).min(world.server.udp_limit),
    }
}

/// The reference resolver as an answerer: class IN, opcode QUERY, and of EDNS the size and DO alone. It writes names
/// uncompressed.
#[derive(Debug, Default)]
pub struct Reference {
    zones: FlatZones,
    udp_limit: usize,
}

impl Answerer for Reference {
    fn load(&mut self, world: &World) {
        self.zones = flatten(world);
        self.udp_limit = world.server.udp_limit;
    }

    fn answer(&mut self, query: &[u8], transport: Transport) -> Option<Vec<u8>> {
        let word = |at: usize| query.get(at..at + 2).map(|two| u16::from_be_bytes([two[0], two[1]]));
        let flags = word(2)?;
        let (name, used) = Name::from_wire_prefix(query.get(12..)?).ok()?;
        let end = 12 + used + 4;
        let qtype = RecordType(word(end - 4)?);
        if flags & (FLAG_QR | 0x7800) != 0 || word(end - 2)? != Class::IN.0 {
            return None;
        }
        let opt = (word(10)? != 0).then(|| query.get(end..end + 11)).flatten();
        let limit = match (transport, opt) {
            (Transport::Tcp, _) => 65_535,
            (Transport::Udp, None) => 512,
            (Transport::Udp, Some(opt)) => {
                usize::from(u16::from_be_bytes([opt[3], opt[4]])).max(512).min(self.udp_limit)
            }
        };
        let dnssec_ok = opt.is_some_and(|opt| opt[7] & 0x80 != 0);
        let expected = resolve_for(&self.zones, &name, qtype, dnssec_ok);
        let one_of = expected.one_of.first().cloned();
        let answer: Vec<_> = expected.answer.iter().cloned().chain(one_of).collect();
        let additional = [&expected.additional[..], &self.mentioned(&answer, dnssec_ok)].concat();
        let sections = [&answer[..], &expected.authority, &additional];
        let aa = if expected.aa { FLAG_AA } else { 0 };
        let head = FLAG_QR | aa | flags & (FLAG_RD | FLAG_CD);
        // What is not required makes no reply too long.
        for sections in [sections, [&answer, &expected.authority, &expected.additional]] {
            let whole = write(query, end, head, expected.rcode, sections, opt);
            if whole.len() <= limit {
                return Some(whole);
            }
        }
        Some(write(query, end, head | FLAG_TC, expected.rcode, [&[], &[], &[]], opt))
    }

    fn zone(&mut self, apex: &Name) -> Option<FlatZone> {
        self.zones.get(apex).cloned()
    }
}

impl Reference {
    /// RFC 1034 §4.3.2 step 6: the addresses held here of names that an answer mentions, with their signatures.
    fn mentioned(&self, answer: &[(Name, RrSet)], dnssec_ok: bool) -> Vec<(Name, RrSet)> {
        let mut addresses: Vec<(Name, RrSet)> = Vec::new();
        for (_, set) in answer {
            let targets = set.rdatas.iter().filter_map(|rdata| additional_name(set.rtype, rdata));
            for target in targets.filter_map(|target| Name::from_wire(target).ok()) {
                for rtype in [RecordType::A, RecordType::AAAA] {
                    let found = resolve_for(&self.zones, &target, rtype, dnssec_ok).answer.into_iter();
                    let is_it = |set: &RrSet| set.rtype == rtype || covered(set) == Some(rtype);
                    let found = found.filter(|(owner, set)| *owner == target && is_it(set));
                    let fresh: Vec<_> = found.filter(|set| !addresses.contains(set)).collect();
                    addresses.extend(fresh);
                }
            }
        }
        addresses
    }
}

fn write(
    query: &[u8],
    question_end: usize,
    flags: u16,
    rcode: Rcode,
    sections: [&[(Name, RrSet)]; 3],
    opt: Option<&[u8]>,
) -> Vec<u8> {
    let count =
        |section: &[(Name, RrSet)]| section.iter().map(|(_, set)| set.rdatas.len() as u16).sum::<u16>();
    let mut out = query[..2].to_vec();
    let additional = count(sections[2]) + u16::from(opt.is_some());
    for word in [flags | rcode.0 & 15, 1, count(sections[0]), count(sections[1]), additional] {
        out.extend(word.to_be_bytes());
    }
    out.extend(&query[12..question_end]);
    for (owner, set) in sections.into_iter().flatten() {
        for rdata in &set.rdatas {
            out.extend(owner.as_wire());
            out.extend(set.rtype.0.to_be_bytes());
            out.extend(Class::IN.0.to_be_bytes());
            out.extend(set.ttl.as_secs().to_be_bytes());
            out.extend((rdata.len() as u16).to_be_bytes());
            out.extend(rdata);
        }
    }
    if let Some(opt) = opt {
        out.extend([0, 0, 41, 0x04, 0xd0, 0, 0, opt[7] & 0x80, 0, 0, 0]);
    }
    out
}

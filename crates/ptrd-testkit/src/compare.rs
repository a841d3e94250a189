//! A reply held against what it should be, with a diff that can be read.
//!
//! Strict on header, question, OPT, answer and authority (order of RRsets in the answer, TTL, each record once);
//! lenient where RFCs leave room: further addresses in the additional section are welcome if they are true and belong
//! to a name that the reply mentions, and a reply may be cut (TC) if the whole one does not fit.

use crate::decode::{Record, Reply};
use crate::projection::{FlatZone, FlatZones};
use crate::proofs::covered;
use crate::question::Question;
use crate::resolver::{Expected, resolve};
use crate::text::record_to_text;
use ptrd_wire::{
    Class, FLAG_CD, FLAG_QR, FLAG_RA, FLAG_RD, HEADER_LEN, Name, Rcode, RecordType, RrSet, Ttl,
    additional_name,
};
use std::collections::BTreeSet;

/// AD and the reserved bit: an answer from unsigned zones has neither.
const FLAGS_AD_AND_Z: u16 = 0x0060;

/// What a reply is judged by besides the expectation.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// All zones served, for the truth of optional records.
    pub zones: &'a FlatZones,
    /// The question.
    pub question: &'a Question,
    /// The largest reply that the transport allows, octets.
    pub limit: usize,
    /// The length of the same reply over TCP, octets, if it was asked for.
    pub full_length: Option<usize>,
}

/// Judges a reply.
///
/// # Errors
/// Everything found wrong, then the expected and the actual reply.
pub fn compare(expected: &Expected, reply: &Reply, context: &Context<'_>) -> Result<(), String> {
    let mut faults = Vec::new();
    header(expected, reply, context, &mut faults);
    if reply.length > context.limit {
        faults.push(format!("{} octets where {} are allowed", reply.length, context.limit));
    }
    let (mut answer, authority) = (group(&reply.answer), group(&reply.authority));
    if !expected.one_of.is_empty() {
        drop_signatures_of_last(&mut answer, context.zones);
    }
    if reply.is_truncated() {
        let tsig = reply.tsig.as_ref();
        let tsig = tsig.map_or(0, |tsig| tsig.owner.as_wire().len() + 10 + tsig.rdata.len());
        let uncompressed = uncompressed_length(expected, context.question) + tsig;
        let least = context.full_length.unwrap_or(usize::MAX).min(uncompressed);
        if least <= context.limit {
            faults.push(format!("TC, but the reply fits: {least} octets of {}", context.limit));
        }
        let known: Vec<_> = expected.answer.iter().chain(&expected.one_of).cloned().collect();
        only_parts(&answer, &known, "answer", &mut faults);
        only_parts(&authority, &expected.authority, "authority", &mut faults);
    } else {
        answer_section(expected, &answer, &mut faults);
        same_sets(&expected.authority, &authority, "authority", &mut faults);
        let additional = group(&reply.additional);
        for (owner, rrset) in &expected.additional {
            if !additional.iter().any(|set| same_set(set, &(owner.clone(), rrset.clone()))) {
                faults.push(format!("additional: missing {}", record_to_text(owner, rrset).join("; ")));
            }
        }
    }
    // RFC 1035 §3.2.5: class ANY asks for any class, and there is one.
    let class = if context.question.class == Class::ANY { Class::IN } else { context.question.class };
    for record in [&reply.answer, &reply.authority, &reply.additional].into_iter().flatten() {
        if record.class != class {
            faults.push(format!("{} {}: class {}", record.owner, record.rtype, record.class));
        }
    }
    additional_is_true(reply, expected, context, &mut faults);
    if faults.is_empty() {
        return Ok(());
    }
    Err(format!("{}\nexpected {expected}\ngot {reply}", faults.join("\n")))
}

/// Compares two zones record by record.
///
/// # Errors
/// The lines that only one of them has, marked `-` (missing) and `+` (too much).
pub fn compare_zones(expected: &FlatZone, got: &FlatZone) -> Result<(), String> {
    let lines = |zone: &FlatZone| -> BTreeSet<String> {
        let lines = zone.iter().flat_map(|(owner, rrset)| record_to_text(&owner.to_lowercase(), rrset));
        lines.collect()
    };
    let (expected_lines, got_lines) = (lines(expected), lines(got));
    let missing = expected_lines.difference(&got_lines).map(|line| format!("- {line}"));
    let surplus = got_lines.difference(&expected_lines).map(|line| format!("+ {line}"));
    let diff: Vec<String> = missing.chain(surplus).collect();
    let records = |zone: &FlatZone| zone.iter().map(|(_, rrset)| rrset.rdatas.len()).sum::<usize>();
    if diff.is_empty() && records(expected) == records(got) {
        return Ok(());
    }
    Err(format!("{}\n{} records expected, {} there", diff.join("\n"), records(expected), records(got)))
}

fn header(expected: &Expected, reply: &Reply, context: &Context<'_>, faults: &mut Vec<String>) {
    let question = context.question;
    if reply.id != question.id {
        faults.push(format!("id {:04x} for {:04x}", reply.id, question.id));
    }
    let opcode = (reply.flags >> 11) & 15;
    if opcode != question.opcode.0 {
        faults.push(format!("opcode {opcode} for {}", question.opcode));
    }
    let mut bit = |flag: u16, name: &str, wanted: bool| {
        if (reply.flags & flag != 0) != wanted {
            faults.push(format!("{name} is {}", if wanted { "not set" } else { "set" }));
        }
    };
    bit(FLAG_QR, "QR", true);
    bit(FLAG_RD, "RD", question.rd);
    bit(FLAG_CD, "CD", question.cd);
    bit(FLAG_RA, "RA", false);
    bit(FLAGS_AD_AND_Z, "AD or the reserved bit", false);
    bit(ptrd_wire::FLAG_AA, "AA", expected.aa);
    // Where TC cuts a chain short, its end may not have been looked at.
    let cut_short = reply.is_truncated() && reply.rcode == Rcode::NOERROR;
    if reply.rcode != expected.rcode && !cut_short {
        faults.push(format!("rcode {} where {} is due", reply.rcode, expected.rcode));
    }
    // A message that was not understood, or not wanted, may come back without its question and OPT.
    let unread = matches!(reply.rcode, Rcode::FORMERR | Rcode::NOTIMP);
    if reply.question != question.question_octets() && !(unread && reply.question.is_empty()) {
        faults.push("the question is not the one that was asked, letter by letter".to_owned());
    }
    match (&question.edns, &reply.opt) {
        (None, Some(_)) => faults.push("OPT in the reply, none in the query (RFC 6891 §7)".to_owned()),
        (Some(_), None) if unread => {}
        (Some(_), None) => faults.push("no OPT in the reply (RFC 6891 §6.1.1)".to_owned()),
        (Some(ask), Some(opt)) => {
            if opt.version != 0 || opt.z != 0 {
                faults.push(format!("OPT of version {} with flags {:04x}", opt.version, opt.z));
            }
            if opt.dnssec_ok != ask.dnssec_ok && !unread {
                faults.push("DO is not copied (RFC 3225 §3)".to_owned());
            }
        }
        (None, None) => {}
    }
}

/// Signatures of one name that follow each other are one RRset: their order tells nothing.
fn in_one_order(sets: &[(Name, RrSet)]) -> Vec<(Name, RrSet)> {
    let mut sets = sets.to_vec();
    let is_one = |a: &(Name, RrSet), b: &(Name, RrSet)| {
        a.0 == b.0 && covered(&a.1).is_some() == covered(&b.1).is_some()
    };
    sets.chunk_by_mut(is_one).for_each(|run| run.sort_by_key(|(_, set)| covered(set)));
    sets
}

fn answer_section(expected: &Expected, got: &[(Name, RrSet)], faults: &mut Vec<String>) {
    let (answer, got) = (in_one_order(&expected.answer), in_one_order(got));
    let fixed = expected.answer.len();
    let wanted = fixed + usize::from(!expected.one_of.is_empty());
    if got.len() != wanted {
        faults.push(format!("answer: {} RRsets where {wanted} are due", got.len()));
    }
    for (nth, set) in got.iter().enumerate() {
        let right = match answer.get(nth) {
            Some(want) => same_set(set, want),
            None => nth == fixed && expected.one_of.iter().any(|want| same_set(set, want)),
        };
        if !right {
            faults.push(format!("answer: not expected here: {}", record_to_text(&set.0, &set.1).join("; ")));
        }
    }
}

/// Drops true signatures of the RRset that stands for all of a name (RFC 8482 §4.1), which may come with it.
fn drop_signatures_of_last(answer: &mut Vec<(Name, RrSet)>, zones: &FlatZones) {
    while let [.., (owner, set), (signed, signatures)] = answer.as_slice()
        && owner == signed
        && covered(signatures) == Some(set.rtype)
        && signatures.rdatas.iter().all(|rdata| is_signature_here(zones, rdata))
    {
        answer.pop();
    }
}

/// Whether a zone has such a signature, at whatever name.
fn is_signature_here(zones: &FlatZones, rdata: &[u8]) -> bool {
    let mut sets = zones.values().flatten().filter(|(_, set)| set.rtype == RecordType::RRSIG);
    sets.any(|(_, set)| set.rdatas.iter().any(|known| **known == *rdata))
}

fn same_sets(expected: &[(Name, RrSet)], got: &[(Name, RrSet)], section: &str, faults: &mut Vec<String>) {
    for (owner, rrset) in expected {
        if !got.iter().any(|set| same_set(set, &(owner.clone(), rrset.clone()))) {
            faults.push(format!("{section}: missing {}", record_to_text(owner, rrset).join("; ")));
        }
    }
    for (owner, rrset) in got {
        if !expected.iter().any(|set| same_set(set, &(owner.clone(), rrset.clone()))) {
            faults.push(format!("{section}: not expected: {}", record_to_text(owner, rrset).join("; ")));
        }
    }
}

/// In a truncated reply: nothing that the whole one would not hold.
fn only_parts(got: &[(Name, RrSet)], whole: &[(Name, RrSet)], section: &str, faults: &mut Vec<String>) {
    for (owner, rrset) in got {
        let part = whole.iter().any(|(name, set)| {
            name == owner
                && set.rtype == rrset.rtype
                && set.ttl == rrset.ttl
                && rrset.rdatas.iter().all(|rdata| set.rdatas.iter().any(|d| same_data(set.rtype, d, rdata)))
        });
        if !part {
            faults.push(format!("{section}: not expected: {}", record_to_text(owner, rrset).join("; ")));
        }
    }
}

/// Every additional record is an address of a name that the reply mentions, as a zone here has it.
fn additional_is_true(reply: &Reply, expected: &Expected, context: &Context<'_>, faults: &mut Vec<String>) {
    let mentioned: Vec<Name> = reply
        .answer
        .iter()
        .chain(&reply.authority)
        .filter_map(|record| additional_name(record.rtype, &record.rdata))
        .filter_map(|target| Name::from_wire(target).ok())
        .collect();
    for (owner, set) in group(&reply.additional) {
        let known = |sets: &[(Name, RrSet)]| {
            sets.iter().any(|(name, have)| {
                *name == owner
                    && (have.rtype, have.ttl) == (set.rtype, set.ttl)
                    && set.rdatas.iter().all(|rdata| have.rdatas.contains(rdata))
            })
        };
        let address = matches!(set.rtype, RecordType::A | RecordType::AAAA);
        let of_address = matches!(covered(&set), Some(RecordType::A | RecordType::AAAA));
        if of_address
            && mentioned.contains(&owner)
            && set.rdatas.iter().all(|rdata| is_signature_here(context.zones, rdata))
        {
            continue;
        }
        let wanted = known(&expected.additional)
            || address
                && mentioned.contains(&owner)
                && (context.zones.values().any(|zone| known(zone))
                    || known(&resolve(context.zones, &owner, set.rtype).answer));
        let mut data = set.rdatas.clone();
        data.sort();
        data.dedup();
        if !wanted || data.len() != set.rdatas.len() {
            faults.push(format!("additional: not true: {}", record_to_text(&owner, &set).join("; ")));
        }
    }
}

/// Records that follow each other with one owner and type, as RRsets. A change of TTL within one starts another, so
/// that it shows as a fault (RFC 2181 §5.2).
fn group(records: &[Record]) -> Vec<(Name, RrSet)> {
    let mut sets: Vec<(Name, RrSet)> = Vec::new();
    for record in records {
        let (rdata, ttl) = (record.rdata.clone().into_boxed_slice(), Ttl::from_secs(record.ttl));
        match sets.last_mut() {
            Some((owner, set))
                if *owner == record.owner
                    && (set.rtype, set.ttl) == (record.rtype, ttl)
                    && (record.rtype != RecordType::RRSIG || set.rdatas[0][..2] == rdata[..2]) =>
            {
                set.rdatas.push(rdata);
            }
            _ => sets.push((record.owner.clone(), RrSet { rtype: record.rtype, ttl, rdatas: vec![rdata] })),
        }
    }
    sets
}

fn same_set(a: &(Name, RrSet), b: &(Name, RrSet)) -> bool {
    let ((name, a), (other, b)) = (a, b);
    let within =
        |x: &RrSet, y: &RrSet| x.rdatas.iter().all(|d| y.rdatas.iter().any(|e| same_data(x.rtype, d, e)));
    name == other
        && (a.rtype, a.ttl, a.rdatas.len()) == (b.rtype, b.ttl, b.rdatas.len())
        && within(a, b)
        && within(b, a)
}

/// Case counts in data, but not in a CNAME, which may be made of the question's letters (RFC 6672 §2.2).
fn same_data(rtype: RecordType, a: &[u8], b: &[u8]) -> bool {
    if rtype == RecordType::CNAME { a.eq_ignore_ascii_case(b) } else { a == b }
}

/// The length of the reply without name compression, octets: what fits then fits in any case.
fn uncompressed_length(expected: &Expected, question: &Question) -> usize {
    let set = |(owner, rrset): &(Name, RrSet)| -> usize {
        rrset.rdatas.iter().map(|rdata| owner.as_wire().len() + 10 + rdata.len()).sum()
    };
    let sections = [&expected.answer, &expected.authority, &expected.additional];
    let one_of = expected.one_of.iter().map(set).max().unwrap_or(0);
    let records: usize = sections.into_iter().flatten().map(set).sum();
    // OPT with NSID, COOKIE and an extended error: at most 120 octets more.
    let opt = if question.edns.is_some() { 11 + 120 } else { 0 };
    HEADER_LEN + question.question_octets().len() + records + one_of + opt
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answerer::{Answerer, Reference, Transport};
    use crate::script::Script;

    /// The judge must find every kind of fault: take a right reply and spoil it.
    #[test]
    fn spoilt_replies_are_refused() {
        let script = Script::parse(
            "test",
            "zone example. verbatim\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\na CNAME b\nb TXT x\nend\n",
        )
        .expect("a script");
        let mut reference = Reference::default();
        reference.load(&script.world);
        let zones = crate::flatten(&script.world);
        let question = Question::new("A.example".parse().expect("a name"), RecordType::TXT);
        let expected = resolve(&zones, &question.name, question.qtype);
        let octets = reference.answer(&question.to_wire(), Transport::Udp).expect("a reply");
        let judge = |octets: &[u8]| {
            let context = Context { zones: &zones, question: &question, limit: 512, full_length: None };
            Reply::decode(octets).and_then(|reply| compare(&expected, &reply, &context))
        };
        assert_eq!(judge(&octets), Ok(()));
        for (nth, octet) in octets.iter().enumerate() {
            let mut spoilt = octets.clone();
            spoilt[nth] = octet.wrapping_add(1);
            // Letters of names outside the question may change case only, which adding one never does.
            assert!(judge(&spoilt).is_err(), "octet {nth} of {octets:02x?}");
        }
        let mut longer = octets.clone();
        longer.push(0);
        assert!(judge(&longer).is_err());
    }
}

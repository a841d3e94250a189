//! Signatures: that the DS leads to a key that signs, and that what is signed is valid now.

use super::super::message::Reply;
use super::super::probe::Ask;
use super::super::seen::{Seen, Server};
use super::super::verify::{Verdict, ds_digest, validity, verify};
use super::Findings;
use crate::rir::Ds;
use ptrd_wire::{MessageRecord, Nsec, RecordType, Rrsig, key_tag};

/// DNSSEC01, 02, 04, 05, 07 to 11, 16.
pub(super) fn judge(findings: &mut Findings<'_>) {
    let seen = findings.seen;
    digests(findings);
    let asked: Vec<&Server> =
        seen.servers.iter().filter(|server| server.reply(Ask::Dnskey).is_some_and(Reply::is_good)).collect();
    let (signed, plain): (Vec<&Server>, Vec<&Server>) =
        asked.iter().partition(|server| !keys(server, seen).is_empty());
    if signed.is_empty() {
        if !seen.ds.is_empty() && !plain.is_empty() {
            let what =
                "there is a DS, and the zone is not signed: it would be bogus for every validating resolver";
            findings.on("dnssec11", "DS11_DS_BUT_UNSIGNED_ZONE", Ask::Dnskey, what);
        }
        return;
    }
    for server in &plain {
        let what = "it has the zone without signatures, others with";
        findings.at("dnssec05", "DS05_SERVER_NO_DNSSEC", server, Ask::Dnskey, what);
        findings.at("dnssec07", "DS07_INCONSISTENT_SIGNED", server, Ask::Dnskey, what);
    }
    if seen.ds.is_empty() {
        let what = "the zone is signed, and without a DS nobody sees it: `ptrctl rir object` makes the DS from the keys";
        findings.on("dnssec07", "DS07_NO_DS_FOR_SIGNED_ZONE", Ask::Dnskey, what);
    }
    for server in signed {
        algorithms(findings, server);
        chain(findings, server);
        signatures(findings, server, Ask::Dnskey, &DNSKEY);
        signatures(findings, server, Ask::SoaSigned, &SOA);
        denial(findings, server);
        cds(findings, server);
    }
}

fn keys<'a>(server: &'a Server, seen: &'a Seen) -> Vec<&'a MessageRecord> {
    server
        .reply(Ask::Dnskey)
        .into_iter()
        .flat_map(|reply| reply.records(&seen.apex, RecordType::DNSKEY))
        .collect()
}

/// RRSIG data over a type at the apex.
fn rrsigs<'a>(reply: &'a Reply, seen: &'a Seen, covered: RecordType) -> Vec<&'a [u8]> {
    let records = reply.records(&seen.apex, RecordType::RRSIG).map(|record| &*record.rdata);
    records.filter(|data| Rrsig::covers(data) == Some(covered)).collect()
}

fn digests(findings: &mut Findings<'_>) {
    let seen = findings.seen;
    for ds in &seen.ds {
        let tag = match ds.digest_type {
            0 => "DS01_DS_ALGO_NOT_DS",
            1 | 3 => "DS01_DS_ALGO_DEPRECATED",
            7..=127 => "DS01_DS_ALGO_UNASSIGNED",
            128..=252 => "DS01_DS_ALGO_RESERVED",
            253..=255 => "DS01_DS_ALGO_PRIVATE",
            _ => "",
        };
        if !tag.is_empty() {
            let what = format!(
                "the DS of key {} has digest type {}: make it with SHA-256 (2)",
                ds.key_tag, ds.digest_type
            );
            findings.on("dnssec01", tag, Ask::Dnskey, what);
        }
        if !seen.ds.iter().any(|other| other.key_tag == ds.key_tag && other.digest_type == 2) {
            let what = format!("key {} has no DS with SHA-256 (2), which all resolvers know", ds.key_tag);
            findings.on("dnssec01", "DS01_DS_ALGO_2_MISSING", Ask::Dnskey, what);
        }
    }
}

fn algorithms(findings: &mut Findings<'_>, server: &Server) {
    for key in keys(server, findings.seen) {
        let algorithm = key.rdata.get(3).copied().unwrap_or_default();
        let (tag, word) = match algorithm {
            1 | 3 | 5 | 6 | 7 | 12 => ("DS05_ALGO_DEPRECATED", "is deprecated"),
            0 | 2 => ("DS05_ALGO_NOT_ZONE_SIGN", "is none for zones"),
            10 => ("DS05_ALGO_NOT_RECOMMENDED", "is not recommended"),
            4 | 9 | 11 | 123..=251 | 255 => ("DS05_ALGO_RESERVED", "is reserved"),
            253 | 254 => ("DS05_ALGO_PRIVATE", "is private"),
            18..=22 | 24..=122 => ("DS05_ALGO_UNASSIGNED", "is not assigned"),
            _ => continue,
        };
        let what = format!(
            "key {} is of algorithm {algorithm}, which {word}: 13 or 15 it should be",
            key_tag(&key.rdata)
        );
        findings.at("dnssec05", tag, server, Ask::Dnskey, what);
    }
}

/// DNSSEC02: from the DS to a key that signs the keys.
fn chain(findings: &mut Findings<'_>, server: &Server) {
    let seen = findings.seen;
    if seen.ds.is_empty() {
        return;
    }
    let (mut matched, mut signs) = (false, false);
    for ds in &seen.ds {
        let (one, other) = link(findings, server, ds);
        matched |= one;
        signs |= other;
    }
    if !matched {
        let what = "no DS has a key in the zone: it would be bogus for every validating resolver";
        findings.at("dnssec02", "DS02_NO_VALID_DNSKEY_FOR_ANY_DS", server, Ask::Dnskey, what);
    } else if !signs {
        let what = "no key that a DS names signs the keys of the zone";
        findings.at("dnssec02", "DS02_DNSKEY_NOT_SIGNED_BY_ANY_DS", server, Ask::Dnskey, what);
    }
}

/// Whether a DS has a key, and whether that signs.
fn link(findings: &mut Findings<'_>, server: &Server, ds: &Ds) -> (bool, bool) {
    let seen = findings.seen;
    let keys = keys(server, seen);
    let tagged: Vec<&&MessageRecord> = keys.iter().filter(|key| key_tag(&key.rdata) == ds.key_tag).collect();
    let fits = |key: &&&&MessageRecord| {
        ds_digest(ds.digest_type, &seen.apex, &key.rdata).is_none_or(|digest| digest == ds.digest)
    };
    let mut say = |tag, what: &str| {
        findings.at("dnssec02", tag, server, Ask::Dnskey, format!("key {}: {what}", ds.key_tag))
    };
    if tagged.is_empty() {
        say("DS02_NO_DNSKEY_FOR_DS", "the zone has no key of this tag, which the DS names");
        return (false, false);
    }
    let Some(key) = tagged.iter().find(fits) else {
        say("DS02_NO_MATCH_DS_DNSKEY", "the digest in the DS is another key's");
        return (false, false);
    };
    let flags = key.rdata.first_chunk::<2>().map_or(0, |octets| u16::from_be_bytes(*octets));
    if flags & 0x100 == 0 {
        say("DS02_DNSKEY_NOT_FOR_ZONE_SIGNING", "it is no key of a zone (flag 256)");
        return (false, false);
    }
    if flags & 1 == 0 {
        say("DS02_DNSKEY_NOT_SEP", "it is not marked as one that signs keys (flag 257)");
    }
    let reply = server.reply(Ask::Dnskey).expect("it has keys");
    let own = |data: &&&[u8]| Rrsig::read(data).is_some_and(|rrsig| rrsig.key_tag == ds.key_tag);
    let signatures = rrsigs(reply, seen, RecordType::DNSKEY);
    let verdicts: Vec<Verdict> = signatures
        .iter()
        .filter(own)
        .map(|data| if in_time(data, seen.now) { verify(&keys, data, &key.rdata) } else { Verdict::Bad })
        .collect();
    if verdicts.contains(&Verdict::Bad) {
        say("DS02_RRSIG_NOT_VALID_BY_DNSKEY", "its signature over the keys is not valid");
    }
    let signs = verdicts.iter().any(|verdict| *verdict != Verdict::Bad);
    if !signs {
        say("DS02_NO_MATCHING_DNSKEY_RRSIG", "it does not sign the keys of the zone");
    }
    (true, signs)
}

fn in_time(rrsig: &[u8], now: u64) -> bool {
    validity(rrsig, now).is_some_and(|(from, until)| from <= now && now <= until)
}

/// What the signatures over a type are called where they are wrong.
struct Signed {
    rtype: RecordType,
    case: &'static str,
    missing: &'static str,
    early: &'static str,
    late: &'static str,
    no_key: &'static str,
    bad: &'static str,
}

const DNSKEY: Signed = Signed {
    rtype: RecordType::DNSKEY,
    case: "dnssec08",
    missing: "DS08_MISSING_RRSIG_IN_RESPONSE",
    early: "DS08_DNSKEY_RRSIG_NOT_YET_VALID",
    late: "DS08_DNSKEY_RRSIG_EXPIRED",
    no_key: "DS08_NO_MATCHING_DNSKEY",
    bad: "DS08_RRSIG_NOT_VALID_BY_DNSKEY",
};

const SOA: Signed = Signed {
    rtype: RecordType::SOA,
    case: "dnssec09",
    missing: "DS09_MISSING_RRSIG_IN_RESPONSE",
    early: "DS09_SOA_RRSIG_NOT_YET_VALID",
    late: "DS09_SOA_RRSIG_EXPIRED",
    no_key: "DS09_NO_MATCHING_DNSKEY",
    bad: "DS09_RRSIG_NOT_VALID_BY_DNSKEY",
};

/// DNSSEC08 and 09, and of 04 what is about to end.
fn signatures(findings: &mut Findings<'_>, server: &Server, ask: Ask, signed: &'static Signed) {
    let seen = findings.seen;
    let Some(reply) = server.reply(ask).filter(|reply| reply.is_good()) else { return };
    let rrset: Vec<&MessageRecord> = reply.records(&seen.apex, signed.rtype).collect();
    if rrset.is_empty() {
        return;
    }
    let found = rrsigs(reply, seen, signed.rtype);
    let rtype = signed.rtype;
    if found.is_empty() {
        findings.at(
            signed.case,
            signed.missing,
            server,
            ask,
            format!("its {rtype} RRset comes without a signature"),
        );
    }
    let keys = keys(server, seen);
    for data in found {
        let (Some(rrsig), Some((from, until))) = (Rrsig::read(data), validity(data, seen.now)) else {
            continue;
        };
        let own: Vec<&&MessageRecord> =
            keys.iter().filter(|key| key_tag(&key.rdata) == rrsig.key_tag).collect();
        let verdicts: Vec<Verdict> = own.iter().map(|key| verify(&rrset, data, &key.rdata)).collect();
        let (tag, word) = match () {
            () if seen.now < from => (signed.early, "is not valid yet"),
            () if seen.now > until => (signed.late, "has expired"),
            () if own.is_empty() => (signed.no_key, "is by a key that the zone does not have"),
            () if verdicts.iter().all(|verdict| *verdict == Verdict::Bad) => (signed.bad, "is not valid"),
            () => {
                if until - seen.now < findings.profile.least_remaining {
                    let what = format!("the signature over {rtype} ends in {} seconds", until - seen.now);
                    findings.at("dnssec04", "REMAINING_SHORT", server, ask, what);
                }
                continue;
            }
        };
        findings.at(
            signed.case,
            tag,
            server,
            ask,
            format!("the signature of key {} over {rtype} {word}", rrsig.key_tag),
        );
    }
}

/// DNSSEC10, of the apex: the types that NSEC names there.
fn denial(findings: &mut Findings<'_>, server: &Server) {
    let seen = findings.seen;
    let (Some(nsec), Some(param)) = (server.reply(Ask::Nsec), server.reply(Ask::Nsec3Param)) else { return };
    if !nsec.is_good() || !param.is_good() {
        let what = "asked for NSEC or NSEC3PARAM it answers with an error";
        findings.at("dnssec10", "DS10_NSEC_QUERY_RESPONSE_ERR", server, Ask::Nsec, what);
        return;
    }
    let hashed = param.answer.iter().any(|record| record.rtype == RecordType::NSEC3PARAM);
    let own: Vec<&MessageRecord> =
        nsec.answer.iter().filter(|record| record.rtype == RecordType::NSEC).collect();
    if own.is_empty() {
        if !hashed {
            let what = "it has neither NSEC nor NSEC3PARAM at the apex";
            findings.at("dnssec10", "DS10_EXPECTED_NSEC_NSEC3_MISSING", server, Ask::Nsec, what);
        }
        return;
    }
    if own.iter().any(|record| record.owner != seen.apex) {
        findings.at(
            "dnssec10",
            "DS10_NSEC_MISMATCHES_APEX",
            server,
            Ask::Nsec,
            "its NSEC is of another name than the apex",
        );
    }
    if hashed {
        return;
    }
    if !param.authority.iter().any(|record| record.rtype == RecordType::SOA && record.owner == seen.apex) {
        let what = "that there is no NSEC3PARAM comes without the SOA";
        findings.at("dnssec10", "DS10_NSEC_NODATA_MISSING_SOA", server, Ask::Nsec3Param, what);
    }
    let wanted = [RecordType::SOA, RecordType::NS, RecordType::DNSKEY, RecordType::NSEC, RecordType::RRSIG];
    let good = |record: &&MessageRecord| {
        let types = Nsec::read(&record.rdata).map_or(&[][..], |nsec| nsec.types);
        wanted.iter().all(|rtype| has_type(types, *rtype))
            && ![RecordType::NSEC3, RecordType::NSEC3PARAM].iter().any(|rtype| has_type(types, *rtype))
    };
    let proofs =
        param.authority.iter().filter(|record| record.rtype == RecordType::NSEC && record.owner == seen.apex);
    if !own.iter().all(good) || !proofs.into_iter().all(|record| good(&record)) {
        let what =
            "NSEC at the apex names other types than there are: SOA NS RRSIG NSEC DNSKEY, and not NSEC3PARAM";
        findings.at("dnssec10", "DS10_NSEC_ERR_TYPE_LIST", server, Ask::Nsec3Param, what);
    }
}

/// Whether a type bitmap (RFC 4034 §4.1.2) has a type.
fn has_type(mut windows: &[u8], rtype: RecordType) -> bool {
    while let Some((&[window, length], rest)) = windows.split_first_chunk::<2>() {
        let Some((bits, after)) = rest.split_at_checked(length.into()) else { return false };
        if u16::from(window) == rtype.0 >> 8 {
            let octet = bits.get(usize::from(rtype.0 as u8 >> 3)).copied().unwrap_or_default();
            return octet & (0x80 >> (rtype.0 & 7)) != 0;
        }
        windows = after;
    }
    false
}

/// DNSSEC16: RIPE follows CDS, so a wrong one breaks the zone a day later.
fn cds(findings: &mut Findings<'_>, server: &Server) {
    let seen = findings.seen;
    let Some(reply) = server.reply(Ask::Cds).filter(|reply| reply.is_good()) else { return };
    let records: Vec<&MessageRecord> = reply.records(&seen.apex, RecordType::CDS).collect();
    if records.is_empty() {
        return;
    }
    if rrsigs(reply, seen, RecordType::CDS).is_empty() {
        findings.at("dnssec16", "DS16_CDS_UNSIGNED", server, Ask::Cds, "its CDS comes without a signature");
    }
    let tags: Vec<u16> = keys(server, seen).iter().map(|key| key_tag(&key.rdata)).collect();
    let deletes = |record: &&MessageRecord| record.rdata.get(2..4) == Some(&[0, 0]);
    for record in records.iter().filter(|record| !deletes(record)) {
        let tag = record.rdata.first_chunk::<2>().map_or(0, |octets| u16::from_be_bytes(*octets));
        if !tags.contains(&tag) {
            let what = format!("CDS names key {tag}, which the zone does not have");
            findings.at("dnssec16", "DS16_CDS_MATCHES_NO_DNSKEY", server, Ask::Cds, what);
        }
    }
    if records.iter().any(deletes) && !records.iter().all(deletes) {
        let what = "CDS says both that there is a DS and that there is none";
        findings.at("dnssec16", "DS16_MIXED_DELETE_CDS", server, Ask::Cds, what);
    }
}

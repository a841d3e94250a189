//! Each server by itself: that it answers over both transports, and its manners.

use super::super::message::Reply;
use super::super::probe::{Ask, OPTION};
use super::super::seen::Server;
use super::Findings;
use ptrd_wire::{Rcode, RecordType};

/// Connectivity01 and 02, Delegation04 and 06, Zone10.
pub(super) fn transports(findings: &mut Findings<'_>) {
    for server in &findings.seen.servers {
        reached(findings, server, [Ask::Soa, Ask::Ns], "connectivity01", UDP);
        reached(findings, server, [Ask::SoaTcp, Ask::NsTcp], "connectivity02", TCP);
        for ask in [Ask::Soa, Ask::SoaTcp] {
            let Some(reply) = server.reply(ask) else { continue };
            if !reply.aa {
                let how = if ask.tcp() { "TCP" } else { "UDP" };
                let what = format!("lame: its answer over {how} is not authoritative");
                findings.at("delegation04", "IS_NOT_AUTHORITATIVE", server, ask, what);
            }
        }
        let Some(reply) = server.reply(Ask::Soa).filter(|reply| reply.rcode == 0) else { continue };
        match reply.records(&findings.seen.apex, RecordType::SOA).count() {
            0 => findings.at("delegation06", "SOA_NOT_EXISTS", server, Ask::Soa, "its answer has no SOA"),
            1 => (),
            n => findings.at(
                "zone10",
                "MULTIPLE_SOA",
                server,
                Ask::Soa,
                format!("its answer has {n} SOA records"),
            ),
        }
    }
}

/// Tags of a transport: nothing at all; of SOA and NS: nothing, an error, no record, not authoritative.
struct Tags {
    word: &'static str,
    silent: &'static str,
    each: [[&'static str; 4]; 2],
}

const UDP: &Tags = &Tags {
    word: "UDP",
    silent: "CN01_NO_RESPONSE_UDP",
    each: [
        [
            "CN01_NO_RESPONSE_SOA_QUERY_UDP",
            "CN01_UNEXPECTED_RCODE_SOA_QUERY_UDP",
            "CN01_MISSING_SOA_RECORD_UDP",
            "CN01_SOA_RECORD_NOT_AA_UDP",
        ],
        [
            "CN01_NO_RESPONSE_NS_QUERY_UDP",
            "CN01_UNEXPECTED_RCODE_NS_QUERY_UDP",
            "CN01_MISSING_NS_RECORD_UDP",
            "CN01_NS_RECORD_NOT_AA_UDP",
        ],
    ],
};

const TCP: &Tags = &Tags {
    word: "TCP",
    silent: "CN02_NO_RESPONSE_TCP",
    each: [
        [
            "CN02_NO_RESPONSE_SOA_QUERY_TCP",
            "CN02_UNEXPECTED_RCODE_SOA_QUERY_TCP",
            "CN02_MISSING_SOA_RECORD_TCP",
            "CN02_SOA_RECORD_NOT_AA_TCP",
        ],
        [
            "CN02_NO_RESPONSE_NS_QUERY_TCP",
            "CN02_UNEXPECTED_RCODE_NS_QUERY_TCP",
            "CN02_MISSING_NS_RECORD_TCP",
            "CN02_NS_RECORD_NOT_AA_TCP",
        ],
    ],
};

fn reached(
    findings: &mut Findings<'_>,
    server: &Server,
    asks: [Ask; 2],
    case: &'static str,
    tags: &'static Tags,
) {
    if server.silent(asks[0]) && server.reply(asks[1]).is_none() {
        findings.at(case, tags.silent, server, asks[0], format!("it does not answer over {}", tags.word));
        return;
    }
    for (ask, [silent, rcode, missing, not_aa]) in asks.into_iter().zip(tags.each) {
        let rtype = ask.question(&findings.seen.apex).rtype;
        let word = tags.word;
        match server.reply(ask) {
            None if server.silent(ask) => {
                findings.at(case, silent, server, ask, format!("it does not answer for {rtype} over {word}"));
            }
            None => (),
            Some(reply) if reply.rcode != 0 => {
                let what = format!("it answers {} for {rtype} over {word}", Rcode(reply.rcode));
                findings.at(case, rcode, server, ask, what);
            }
            Some(reply) if reply.records(&findings.seen.apex, rtype).next().is_none() => {
                findings.at(
                    case,
                    missing,
                    server,
                    ask,
                    format!("its answer over {word} has no {rtype} of the zone"),
                );
            }
            Some(reply) if !reply.aa => {
                findings.at(
                    case,
                    not_aa,
                    server,
                    ask,
                    format!("its answer for {rtype} over {word} is not authoritative"),
                );
            }
            Some(_) => (),
        }
    }
}

/// Nameserver01 to 13.
pub(super) fn manners(findings: &mut Findings<'_>) {
    for server in &findings.seen.servers {
        outside(findings, server);
        if server.reply(Ask::Soa).is_some_and(Reply::is_good) {
            edns(findings, server);
            edns_of_tomorrow(findings, server);
            aaaa(findings, server);
            case(findings, server);
        }
    }
    let differ = findings.list.iter().any(|finding| finding.tag.starts_with("CASE_QUERY_"));
    if differ {
        let what = "answers depend on the case of letters in the question (RFC 4343)";
        findings.on("nameserver09", "CASE_QUERIES_RESULTS_DIFFER", Ask::Case, what);
    }
}

fn edns(findings: &mut Findings<'_>, server: &Server) {
    let has_soa = |reply: &Reply| reply.answer.iter().any(|record| record.rtype == RecordType::SOA);
    let fault = match server.reply(Ask::Edns) {
        None if server.silent(Ask::Edns) => ("BREAKS_ON_EDNS", "it does not answer questions with EDNS"),
        None => return,
        Some(reply) if reply.rcode == 1 && reply.edns.is_none() => ("NO_EDNS_SUPPORT", "it knows no EDNS"),
        Some(reply) if reply.rcode == 0 && reply.edns.is_none() => {
            ("EDNS_RESPONSE_WITHOUT_EDNS", "its answer to a question with EDNS has none")
        }
        Some(reply) if reply.rcode == 0 && reply.edns.as_ref().is_some_and(|edns| edns.0 != 0) => {
            ("EDNS_VERSION_ERROR", "its EDNS has another version than 0")
        }
        Some(reply) if reply.rcode == 0 && has_soa(reply) => return,
        Some(_) => ("NS_ERROR", "with EDNS it answers with an error"),
    };
    findings.at("nameserver02", fault.0, server, Ask::Edns, fault.1);
}

/// What is not known must be passed over (RFC 6891 §6.1.1 to 6.1.4).
fn edns_of_tomorrow(findings: &mut Findings<'_>, server: &Server) {
    let apex = &findings.seen.apex;
    let version = match server.reply(Ask::EdnsVersion) {
        None if server.silent(Ask::EdnsVersion) => {
            Some(("N10_NO_RESPONSE_EDNS1_QUERY", "it does not answer EDNS version 1"))
        }
        None => None,
        Some(reply)
            if reply.rcode == 16
                && reply.answer.is_empty()
                && reply.edns.as_ref().is_some_and(|edns| edns.0 == 0) =>
        {
            None
        }
        Some(reply) if reply.rcode != 16 && reply.rcode != 0 => {
            Some(("N10_UNEXPECTED_RCODE", "it answers EDNS version 1 with another RCODE than BADVERS"))
        }
        Some(_) => Some(("N10_EDNS_RESPONSE_ERROR", "it answers EDNS version 1 as if it knew it")),
    };
    if let Some((tag, what)) = version {
        findings.at("nameserver10", tag, server, Ask::EdnsVersion, what);
    }
    let option = match server.reply(Ask::EdnsOption) {
        None if server.silent(Ask::EdnsOption) => {
            Some(("N11_NO_RESPONSE", "it does not answer an unknown EDNS option"))
        }
        None => None,
        Some(reply) if reply.rcode != 0 => {
            Some(("N11_UNEXPECTED_RCODE", "an unknown EDNS option is an error for it"))
        }
        Some(reply) if reply.edns.is_none() => {
            Some(("N11_NO_EDNS", "its answer to an unknown EDNS option has no EDNS"))
        }
        Some(reply) if reply.records(apex, RecordType::SOA).next().is_none() => {
            Some(("N11_UNEXPECTED_ANSWER_SECTION", "with an unknown EDNS option its answer has no SOA"))
        }
        Some(reply) if !reply.aa => {
            Some(("N11_UNSET_AA", "with an unknown EDNS option its answer is not authoritative"))
        }
        Some(reply) if reply.edns.as_ref().is_some_and(|edns| edns.2.contains(&OPTION)) => {
            Some(("N11_RETURNS_UNKNOWN_OPTION_CODE", "it sends an unknown EDNS option back"))
        }
        Some(_) => None,
    };
    if let Some((tag, what)) = option {
        findings.at("nameserver11", tag, server, Ask::EdnsOption, what);
    }
    match server.reply(Ask::EdnsFlags) {
        // All but DO.
        Some(reply) if reply.edns.as_ref().is_some_and(|edns| edns.1 & 0x7FFF != 0) => {
            let what = "it sends unknown EDNS flags back";
            findings.at("nameserver12", "Z_FLAGS_NOTCLEAR", server, Ask::EdnsFlags, what);
        }
        Some(reply) if reply.rcode != 0 => {
            findings.at(
                "nameserver12",
                "NS_ERROR",
                server,
                Ask::EdnsFlags,
                "unknown EDNS flags are an error for it",
            );
        }
        _ => (),
    }
    match server.reply(Ask::EdnsSmall) {
        Some(reply) if reply.tc && reply.edns.is_none() => {
            let what = "an answer that is cut short has no EDNS";
            findings.at("nameserver13", "MISSING_OPT_IN_TRUNCATED", server, Ask::EdnsSmall, what);
        }
        Some(reply) if reply.rcode != 0 => {
            findings.at(
                "nameserver13",
                "NS_ERROR",
                server,
                Ask::EdnsSmall,
                "small EDNS payloads are an error for it",
            );
        }
        _ => (),
    }
}

fn outside(findings: &mut Findings<'_>, server: &Server) {
    if let Some(reply) = server.reply(Ask::Outside)
        && (reply.ra || reply.rcode == 3)
    {
        let what = match reply.ra {
            true => "it offers recursion (RA): a resolver for the whole world",
            false => "it says that a name outside of its zones does not exist; it should refuse",
        };
        findings.at("nameserver01", "IS_A_RECURSOR", server, Ask::Outside, what);
    }
    if let Some(reply) = server.reply(Ask::Root)
        && reply.authority.iter().any(|record| record.rtype == RecordType::NS)
    {
        let what = "it refers to the root when it is asked for what it does not have";
        findings.at("nameserver07", "UPWARD_REFERRAL", server, Ask::Root, what);
    }
}

fn aaaa(findings: &mut Findings<'_>, server: &Server) {
    if let Some(reply) = server.reply(Ask::A).filter(|reply| reply.rcode != 0) {
        let what = format!("asked for A it answers {}", Rcode(reply.rcode));
        findings.at("nameserver05", "A_UNEXPECTED_RCODE", server, Ask::A, what);
        return;
    }
    match server.reply(Ask::Aaaa) {
        None if server.silent(Ask::Aaaa) && server.reply(Ask::A).is_some() => {
            findings.at(
                "nameserver05",
                "AAAA_QUERY_DROPPED",
                server,
                Ask::Aaaa,
                "it does not answer for AAAA",
            );
        }
        Some(reply) if reply.rcode != 0 => {
            let what = format!("asked for AAAA it answers {}", Rcode(reply.rcode));
            findings.at("nameserver05", "AAAA_UNEXPECTED_RCODE", server, Ask::Aaaa, what);
        }
        _ => (),
    }
}

/// The case of letters makes no difference, and comes back as it was sent.
fn case(findings: &mut Findings<'_>, server: &Server) {
    let apex = &findings.seen.apex;
    let (one, other) = (server.reply(Ask::Case), server.reply(Ask::OtherCase));
    if let Some(asked) = one.and_then(|reply| reply.asked.as_deref())
        && asked != Ask::Case.question(apex).name.as_wire()
    {
        let what = "it does not send the question back in the case in which it came";
        findings.at("nameserver08", "QNAME_CASE_INSENSITIVE", server, Ask::Case, what);
    }
    let what = "its answer depends on the case of letters in the question";
    match (one, other) {
        (Some(one), Some(other)) if one.rcode != other.rcode => {
            findings.at("nameserver09", "CASE_QUERY_DIFFERENT_RC", server, Ask::Case, what);
        }
        (Some(one), Some(other)) if !same_records(one, other) => {
            findings.at("nameserver09", "CASE_QUERY_DIFFERENT_ANSWER", server, Ask::Case, what);
        }
        (Some(_), None) if server.silent(Ask::OtherCase) => {
            findings.at("nameserver09", "CASE_QUERY_NO_ANSWER", server, Ask::OtherCase, what);
        }
        (None, Some(_)) => findings.at("nameserver09", "CASE_QUERY_NO_ANSWER", server, Ask::Case, what),
        _ => (),
    }
}

fn same_records(one: &Reply, other: &Reply) -> bool {
    let set = |reply: &Reply| {
        let mut records: Vec<_> =
            reply.answer.iter().map(|record| (record.rtype.0, record.rdata.to_ascii_lowercase())).collect();
        records.sort();
        records
    };
    set(one) == set(other)
}

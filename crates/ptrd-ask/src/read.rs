//! Reading a reply: the records at the end of the aliases, as far as they are needed, and what was said besides.

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::opt::EdnsOption;
use hickory_resolver::proto::rr::{self, RData, Record, RecordType};
use ptrd_posture::identity::{Answer, Outcome, Question};
use ptrd_wire::{Name, ReversePrefix};
use std::collections::HashMap;
use std::net::IpAddr;

/// How many records of an answer are kept.
const MOST_RECORDS: usize = 64;
/// How many aliases are followed.
pub const MOST_ALIASES: usize = 16;
/// How many extended errors are kept, and how much of each.
const MOST_NOTES: (usize, usize) = (4, 160);
/// The option of extended errors (RFC 8914).
const EDE: u16 = 15;

/// The name and type that a question asks for.
///
/// # Errors
/// Why that is no name.
pub fn asked(question: &Question) -> Result<(Name, RecordType), String> {
    let named = |name: &str| name.parse::<Name>().map_err(|error| format!("{name}: {error}"));
    Ok(match question {
        Question::Ptr(address) => {
            (ReversePrefix::new(address.to_canonical(), u8::MAX).name(), RecordType::PTR)
        }
        Question::A(name) => (named(name)?.to_lowercase(), RecordType::A),
        Question::Aaaa(name) => (named(name)?.to_lowercase(), RecordType::AAAA),
    })
}

/// A name of hickory's as one of ours, in lower case.
pub fn ours(name: &rr::Name) -> Option<Name> {
    Some(Name::from_labels(name.iter(), &Name::root()).ok()?.to_lowercase())
}

/// What a reply comes to.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// This.
    Whole(Answer),
    /// It ends with an alias, and who was asked does not say what is there. The answer has the way so far.
    Onward(Name, Answer),
}

/// Reads the reply to a question of this name and type. Aliases are followed as long as they lead to names at or under
/// `zone`: a nameserver has no say about others.
pub fn read(reply: &Message, name: &Name, rtype: RecordType, zone: &Name) -> Read {
    let mut answer = Answer { secure: reply.authentic_data, notes: notes(reply), ..Answer::default() };
    match reply.response_code {
        ResponseCode::NoError => answer.outcome = Outcome::NoData,
        ResponseCode::NXDomain => answer.outcome = Outcome::NoName,
        code => {
            answer.why = word(code);
            return Read::Whole(answer);
        }
    }
    let aliases: HashMap<Name, (Name, u32)> = reply.answers.iter().filter_map(alias).collect();
    let (mut end, mut ttl) = (name.clone(), u32::MAX);
    while end.is_at_or_under(zone)
        && let Some((target, their_ttl)) = aliases.get(&end)
    {
        ttl = ttl.min(*their_ttl);
        if let Some(broken) = loops(name, &answer.aliases, target) {
            return Read::Whole(Answer { outcome: Outcome::Broken, why: broken, ..answer });
        }
        answer.aliases.push(target.to_string());
        if answer.aliases.len() > MOST_ALIASES {
            return Read::Whole(Answer { aliases: Vec::new(), ..Answer::unknown(too_many()) });
        }
        end = target.clone();
    }
    let is_ours = end.is_at_or_under(zone);
    if is_ours {
        let records = reply.answers.iter();
        records.filter(|it| it.record_type() == rtype && ours(&it.name).as_ref() == Some(&end)).for_each(
            |record| {
                ttl = ttl.min(record.ttl);
                keep(&mut answer, &record.data);
            },
        );
    }
    answer.ttl = (ttl != u32::MAX).then_some(ttl);
    if !answer.names.is_empty() || !answer.addresses.is_empty() {
        answer.outcome = Outcome::Found;
    } else if !answer.aliases.is_empty() && (!is_ours || !zone.is_root()) {
        return Read::Onward(end, answer);
    }
    Read::Whole(answer)
}

/// What there is to say where an alias leads back to where the way has been.
pub fn loops(name: &Name, aliases: &[String], target: &Name) -> Option<String> {
    let (first, target) = (name.to_string(), target.to_string());
    let goes_round = target == first || aliases.contains(&target);
    goes_round.then(|| {
        let way: Vec<&str> = aliases.iter().map(String::as_str).collect();
        format!(
            "aliases go round: {}",
            [&[first.as_str()], &way[..], &[target.as_str()]].concat().join(" → ")
        )
    })
}

/// What there is to say where aliases do not end.
pub fn too_many() -> String {
    format!("more than {MOST_ALIASES} aliases one after the other")
}

fn alias(record: &Record) -> Option<(Name, (Name, u32))> {
    match &record.data {
        RData::CNAME(target) => Some((ours(&record.name)?, (ours(&target.0)?, record.ttl))),
        _ => None,
    }
}

fn keep(answer: &mut Answer, data: &RData) {
    if answer.names.len() + answer.addresses.len() >= MOST_RECORDS {
        answer.dropped += 1;
        return;
    }
    match data {
        RData::PTR(name) => {
            if let Some(name) = ours(&name.0).map(|name| name.to_string())
                && !answer.names.contains(&name)
            {
                answer.names.push(name);
            }
        }
        data => {
            if let Some(address) = address(data)
                && !answer.addresses.contains(&address)
            {
                answer.addresses.push(address);
            }
        }
    }
}

/// The address in a record.
pub fn address(data: &RData) -> Option<IpAddr> {
    match data {
        RData::A(v4) => Some(IpAddr::V4(v4.0)),
        RData::AAAA(v6) => Some(IpAddr::V6(v6.0)),
        _ => None,
    }
}

/// The response code as operators know it.
pub fn word(code: ResponseCode) -> String {
    match code {
        ResponseCode::NoError => "NOERROR".to_owned(),
        ResponseCode::FormErr => "FORMERR".to_owned(),
        ResponseCode::ServFail => "SERVFAIL".to_owned(),
        ResponseCode::NXDomain => "NXDOMAIN".to_owned(),
        ResponseCode::NotImp => "NOTIMP".to_owned(),
        ResponseCode::Refused => "REFUSED".to_owned(),
        ResponseCode::NotAuth => "NOTAUTH".to_owned(),
        code => format!("response code {}", u16::from(code)),
    }
}

/// The extended errors of a reply. Their text is whatever the server likes.
fn notes(reply: &Message) -> Vec<String> {
    let options = reply.edns.iter().flat_map(|edns| &edns.options().options);
    let note = |(_, option): &(_, EdnsOption)| match option {
        EdnsOption::Unknown(EDE, octets) => {
            let (code, text) = octets.split_first_chunk::<2>()?;
            let code = u16::from_be_bytes(*code);
            let text: String = String::from_utf8_lossy(text).chars().take(MOST_NOTES.1).collect();
            let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
            let colon = if text.is_empty() { "" } else { ": " };
            Some(format!("EDE {code} ({}){colon}{text}", meaning(code)))
        }
        _ => None,
    };
    options.filter_map(note).take(MOST_NOTES.0).collect()
}

/// What the registry calls an extended error (RFC 8914 §5.2).
fn meaning(code: u16) -> &'static str {
    const MEANINGS: [&str; 31] = [
        "Other Error",
        "Unsupported DNSKEY Algorithm",
        "Unsupported DS Digest Type",
        "Stale Answer",
        "Forged Answer",
        "DNSSEC Indeterminate",
        "DNSSEC Bogus",
        "Signature Expired",
        "Signature Not Yet Valid",
        "DNSKEY Missing",
        "RRSIGs Missing",
        "No Zone Key Bit Set",
        "NSEC Missing",
        "Cached Error",
        "Not Ready",
        "Blocked",
        "Censored",
        "Filtered",
        "Prohibited",
        "Stale NXDOMAIN Answer",
        "Not Authoritative",
        "Not Supported",
        "No Reachable Authority",
        "Network Error",
        "Invalid Data",
        "Signature Expired before Valid",
        "Too Early",
        "Unsupported NSEC3 Iterations Value",
        "Unable to conform to policy",
        "Synthesized",
        "Invalid Query Type",
    ];
    MEANINGS.get(usize::from(code)).copied().unwrap_or("an error that this version does not know")
}

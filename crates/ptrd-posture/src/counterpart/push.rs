//! Bringing records to the server that holds a zone, by DNS UPDATE (RFC 2136): what to ask it first, what to send, and what its
//! answers mean. Sends nothing itself.

use super::Counterpart;
use crate::rir::check::{Question, Reply};
use ptrd_wire::{Class, HEADER_LEN, Name, Opcode, Rcode, RecordType};
use std::net::IpAddr;

/// How a name stands on the server that holds its zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stand {
    /// It has these addresses of the family.
    Has(Vec<IpAddr>),
    /// It is an alias: records beside a CNAME cannot be (RFC 1034 §3.6.2).
    Alias(Name),
}

/// What is to be done about a record.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The record.
    pub record: &'a Counterpart,
    /// Whether it is to be added.
    pub adds: bool,
    /// Other addresses of its name that are to go.
    pub gone: &'a [IpAddr],
}

/// Asks in which zone of the server a name lies.
pub fn zone_question(name: &Name) -> Question {
    Question::new(name.clone(), RecordType::SOA)
}

/// The zone that a name lies in, by the answer to [`zone_question`].
///
/// # Errors
/// Why it cannot be said, as the end of a sentence that begins with the server.
pub fn zone_of(name: &Name, reply: &Reply) -> Result<Name, String> {
    let rcode = Rcode(reply.rcode);
    if !matches!(rcode, Rcode::NOERROR | Rcode::NXDOMAIN) {
        return Err(format!("answers {rcode} when asked for the zone of {name}"));
    }
    let soa = reply.answer.iter().chain(&reply.authority).find(|record| {
        record.rtype == RecordType::SOA && record.class == Class::IN && name.is_at_or_under(&record.owner)
    });
    match soa {
        Some(soa) if reply.aa => Ok(soa.owner.to_lowercase()),
        _ => Err(format!("is not authoritative for {name}")),
    }
}

/// Asks how a name stands.
pub fn stand_question(wanted: &Counterpart) -> Question {
    Question::new(wanted.name.clone(), rtype(wanted.address))
}

/// How it stands, by the answer to [`stand_question`].
///
/// # Errors
/// Why it cannot be said, as the end of a sentence that begins with the server.
pub fn stand(wanted: &Counterpart, reply: &Reply) -> Result<Stand, String> {
    let rcode = Rcode(reply.rcode);
    if !matches!(rcode, Rcode::NOERROR | Rcode::NXDOMAIN) {
        return Err(format!("answers {rcode} when asked for {}", wanted.name));
    }
    let alias = reply.records(&wanted.name, RecordType::CNAME).next();
    if let Some(target) = alias.and_then(|record| Name::from_wire(&record.rdata).ok()) {
        return Ok(Stand::Alias(target));
    }
    if !reply.aa {
        return Err(format!("is not authoritative for {}", wanted.name));
    }
    let records = reply.records(&wanted.name, rtype(wanted.address));
    Ok(Stand::Has(records.filter_map(|record| address(&record.rdata)).collect()))
}

/// An update of a zone; the records that come and go are to be [`MOST_IN_MESSAGE`](super::MOST_IN_MESSAGE) at most.
pub fn update(id: u16, zone: &Name, steps: &[Step<'_>]) -> Vec<u8> {
    let count: usize = steps.iter().map(|step| step.gone.len() + usize::from(step.adds)).sum();
    let mut octets = Vec::with_capacity(HEADER_LEN + 64 * (count + 1));
    for word in [id, Opcode::UPDATE.0 << 11, 1, 0, count as u16, 0] {
        octets.extend(word.to_be_bytes());
    }
    octets.extend(zone.as_wire());
    octets.extend(RecordType::SOA.0.to_be_bytes());
    octets.extend(Class::IN.0.to_be_bytes());
    for Step { record, adds, gone } in steps {
        for address in *gone {
            // RFC 2136 §2.5.4: class NONE, TTL 0.
            put(&mut octets, &record.name, Class::NONE, 0, *address);
        }
        if *adds {
            put(&mut octets, &record.name, Class::IN, record.ttl, record.address);
        }
    }
    octets
}

/// The RCODE of the answer to an update; `None` for what is none.
pub fn outcome(id: u16, octets: &[u8]) -> Option<Rcode> {
    let header: &[u8; HEADER_LEN] = octets.first_chunk()?;
    let flags = u16::from_be_bytes([header[2], header[3]]);
    let is_answer =
        header[..2] == id.to_be_bytes() && flags >> 15 == 1 && flags >> 11 & 15 == Opcode::UPDATE.0;
    is_answer.then_some(Rcode(flags & 15))
}

/// What an RCODE means for whoever sent an update, and what to do.
pub fn advice(rcode: Rcode) -> Option<&'static str> {
    Some(match rcode {
        Rcode::NOTAUTH => {
            "the server does not know the key, or does not hold the zone: compare name, algorithm and secret"
        }
        Rcode::REFUSED => {
            "the server takes no update of these names with this key: allow it there (`update-policy`, `acl`)"
        }
        Rcode::NOTIMP => "the server takes no updates at all: use another, or create the records by hand",
        Rcode::SERVFAIL => "the server could not do it: its log says why",
        Rcode::NOTZONE => "a name lies outside the zone",
        _ => return None,
    })
}

fn put(octets: &mut Vec<u8>, owner: &Name, class: Class, ttl: u32, address: IpAddr) {
    octets.extend(owner.as_wire());
    octets.extend(rtype(address).0.to_be_bytes());
    octets.extend(class.0.to_be_bytes());
    octets.extend(ttl.to_be_bytes());
    let rdata = match address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    };
    octets.extend((rdata.len() as u16).to_be_bytes());
    octets.extend(rdata);
}

fn rtype(address: IpAddr) -> RecordType {
    if address.is_ipv4() { RecordType::A } else { RecordType::AAAA }
}

fn address(rdata: &[u8]) -> Option<IpAddr> {
    match rdata.len() {
        4 => <[u8; 4]>::try_from(rdata).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(rdata).ok().map(IpAddr::from),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptrd_wire::{MessageRecord, RecordChange, Ttl, UpdateMessage};

    fn name(text: &str) -> Name {
        text.parse().expect("a name")
    }

    fn wanted(name_: &str, address: &str) -> Counterpart {
        Counterpart { name: name(name_), address: address.parse().expect("an address"), ttl: 300 }
    }

    fn reply(rcode: Rcode, aa: bool) -> Reply {
        Reply {
            rcode: rcode.0,
            aa,
            tc: false,
            ra: false,
            asked: None,
            edns: None,
            answer: Vec::new(),
            authority: Vec::new(),
            additional: Vec::new(),
        }
    }

    fn record(owner: &str, rtype: RecordType, rdata: &[u8]) -> MessageRecord {
        MessageRecord {
            owner: name(owner),
            rtype,
            class: Class::IN,
            ttl: Ttl::from_secs(60),
            rdata: rdata.into(),
        }
    }

    #[test]
    fn the_zone_is_the_one_whose_soa_comes_with_authority() {
        let of = name("mail.example.com");
        let mut negative = reply(Rcode::NXDOMAIN, true);
        negative.authority.push(record("Example.com", RecordType::SOA, &[]));
        assert_eq!(zone_of(&of, &negative), Ok(name("example.com")));
        negative.aa = false;
        assert_eq!(zone_of(&of, &negative), Err("is not authoritative for mail.example.com.".to_owned()));
        let mut foreign = reply(Rcode::NOERROR, true);
        foreign.authority.push(record("example.org", RecordType::SOA, &[]));
        assert!(zone_of(&of, &foreign).is_err());
        assert_eq!(
            zone_of(&of, &reply(Rcode::REFUSED, false)),
            Err("answers REFUSED when asked for the zone of mail.example.com.".to_owned())
        );
    }

    #[test]
    fn how_a_name_stands() {
        let one = wanted("mail.example.com", "192.0.2.1");
        assert_eq!(stand(&one, &reply(Rcode::NXDOMAIN, true)), Ok(Stand::Has(vec![])));
        let mut answer = reply(Rcode::NOERROR, true);
        answer.answer.push(record("mail.example.com", RecordType::A, &[192, 0, 2, 9]));
        answer.answer.push(record("MAIL.example.com", RecordType::A, &[192, 0, 2, 1]));
        answer.answer.push(record("x.example.com", RecordType::A, &[192, 0, 2, 7]));
        let has = ["192.0.2.9", "192.0.2.1"].map(|text| text.parse().expect("an address"));
        assert_eq!(stand(&one, &answer), Ok(Stand::Has(has.to_vec())));
        let mut alias = reply(Rcode::NOERROR, true);
        alias.answer.push(record("mail.example.com", RecordType::CNAME, name("x.example").as_wire()));
        assert_eq!(stand(&one, &alias), Ok(Stand::Alias(name("x.example"))));
        assert!(stand(&one, &reply(Rcode::NOERROR, false)).is_err(), "a referral says nothing");
    }

    #[test]
    fn an_update_is_what_a_server_reads() {
        let (a, b) = (wanted("mail.example.com", "192.0.2.1"), wanted("mail.example.com", "2001:db8::1"));
        let foreign = ["192.0.2.9".parse().expect("an address")];
        let steps = [
            Step { record: &a, adds: true, gone: &foreign },
            Step { record: &b, adds: true, gone: &[] },
            Step { record: &a, adds: false, gone: &foreign },
        ];
        let read = UpdateMessage::read(&update(7, &name("example.com"), &steps)).expect("an update");
        assert_eq!(read.update.zone, name("example.com"));
        assert!(read.update.prerequisites.is_empty());
        let owner = || name("mail.example.com");
        let delete =
            RecordChange::Delete { owner: owner(), rtype: RecordType::A, rdata: [192, 0, 2, 9].into() };
        let add = |rtype, rdata: &[u8]| RecordChange::Add {
            owner: owner(),
            rtype,
            ttl: Ttl::from_secs(300),
            rdata: rdata.into(),
        };
        let v6 = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        let expected =
            [delete.clone(), add(RecordType::A, &[192, 0, 2, 1]), add(RecordType::AAAA, &v6), delete];
        assert_eq!(read.update.changes, expected);
    }

    #[test]
    fn the_answer_is_of_the_request() {
        let mut octets = [0; 12];
        octets[..4].copy_from_slice(&[0, 7, 0xA8, 5]);
        assert_eq!(outcome(7, &octets), Some(Rcode::REFUSED));
        assert_eq!(outcome(8, &octets), None);
        octets[2] = 0x28;
        assert_eq!(outcome(7, &octets), None, "a request");
        assert_eq!(outcome(7, &octets[..11]), None);
    }
}

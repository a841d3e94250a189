//! Catalogs made and read, shown as text.

mod deciding;
mod producing;
mod reading;
mod updating;

use super::Received;
use crate::diff::RecordList;
use crate::model::ZoneId;
use crate::snapshot::Addresses;
use crate::zone::{View, Zone};
use ptrd_wire::{Name, RecordType, RrSet, Serial, Soa, Ttl};
use std::collections::BTreeMap;

const CATALOG: &str = "catalog.example";

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

/// An empty zone.
fn zone(apex: &str) -> Zone {
    let soa = Soa {
        mname: name("invalid"),
        rname: name("invalid"),
        serial: Serial(1),
        refresh: 1,
        retry: 1,
        expire: 1,
        minimum: Ttl::from_secs(0),
    };
    Zone::new(ZoneId(99), name(apex), View::Verbatim, soa, Ttl::from_secs(0))
}

/// Records, one a line: `owner TYPE data`, the owner below the catalog's apex.
fn records(text: &str) -> RecordList {
    RecordList::of_zone(&filled(text), &Addresses::default())
}

/// A zone of such records.
fn filled(text: &str) -> Zone {
    let mut sets = BTreeMap::<(Name, u16), RrSet>::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut words = line.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_default();
        let owner = match word() {
            "@" => name(CATALOG),
            owner => name(&format!("{owner}.{CATALOG}")),
        };
        let (rtype, data) = (word(), word());
        let (rtype, rdata): (_, Vec<u8>) = match rtype {
            "PTR" => (RecordType::PTR, name(data).as_wire().to_vec()),
            "NS" => (RecordType::NS, name(data).as_wire().to_vec()),
            "TXT" => (RecordType::TXT, data.split(' ').flat_map(string).collect()),
            "A" => (RecordType::A, vec![192, 0, 2, 1]),
            _ => panic!("{line}"),
        };
        let set = sets.entry((owner, rtype.0));
        set.or_insert(RrSet { rtype, ttl: Ttl::from_secs(0), rdatas: Vec::new() }).rdatas.push(rdata.into());
    }
    let mut zone = zone(CATALOG);
    zone.apply_records(sets.into_iter().map(|((owner, _), set)| (owner, set.rtype, Some(set))));
    zone
}

fn string(text: &str) -> Vec<u8> {
    [&[text.len() as u8][..], text.as_bytes()].concat()
}

/// What is read, one member a line.
fn read(text: &str) -> Result<Received, String> {
    Received::read(&name(CATALOG), &records(text), 10).map_err(|broken| broken.to_string())
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

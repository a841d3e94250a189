//! Random zones and damaged files: an export reads back to the same octets, and no text leads to a panic.

mod common;

use common::{export, name, read_text};
use proptest::prelude::*;
use ptrd_master::{Expected, Limits, MasterZone, Source, check_rdata, rdata_from_text, read_zone};
use ptrd_wire::{Name, RecordType, RrSet, Serial, Soa, Ttl};
use std::collections::BTreeMap;

fn label() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[a-zA-Z0-9-]{1,12}".prop_map(String::into_bytes),
        2 => prop::collection::vec(any::<u8>(), 1..6),
        1 => prop::collection::vec(any::<u8>(), 63),
        2 => prop::sample::select(vec!["$INCLUDE", "$TTL", "@", "*", ";", "(", ")", "\"", "\\", ".", "IN", "60", "A", " ", "\n", "\t"])
            .prop_map(|text| text.as_bytes().to_vec()),
    ]
}

fn names(suffix: Name) -> impl Strategy<Value = Name> {
    prop::collection::vec(label(), 0..4)
        .prop_filter_map("too long", move |labels| Name::from_labels(labels, &suffix).ok())
}

/// Data of many types: from octets, names and texts.
fn rdata() -> impl Strategy<Value = (RecordType, Vec<u8>)> {
    let octets = prop::collection::vec(any::<u8>(), 0..40);
    let number = any::<u16>().prop_map(|n| n.to_be_bytes().to_vec());
    let of_name =
        |rtype: RecordType| names(Name::root()).prop_map(move |name| (rtype, name.as_wire().to_vec()));
    let strings = prop::collection::vec(octets.clone(), 1..4).prop_map(|strings| {
        (RecordType::TXT, strings.iter().flat_map(|s| [&[s.len() as u8][..], s].concat()).collect())
    });
    let texts = prop::sample::select(vec![
        ("LOC", "1 2 3.004 S 5 6 7.008 W 9.10m 20m 30m 40m"),
        ("CAA", "128 issue \"a\\\"b\\\\c;\\000\""),
        ("NAPTR", "1 2 \"s\" \"\\\\\" \"\\\"\" a\\.b."),
        ("HINFO", "\"\" \"\\010\""),
        ("APL", "!2:2001:db8::/32"),
        ("SVCB", "1 a\\000. alpn=h2"),
        ("URI", "1 1 \"\\000\\010\\\"\""),
        ("TYPE12345", "\\# 3 000aff"),
        ("DHCID", "AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA="),
    ])
    .prop_map(|(rtype, text)| {
        let rtype = rtype.parse().expect("a type");
        (rtype, rdata_from_text(rtype, text, &Name::root()).expect("data").into())
    });
    prop_oneof![
        of_name(RecordType::PTR),
        of_name(RecordType::NS),
        (number, names(Name::root())).prop_map(|(n, name)| (RecordType::MX, [&n, name.as_wire()].concat())),
        (names(Name::root()), names(Name::root()))
            .prop_map(|(a, b)| (RecordType::RP, [a.as_wire(), b.as_wire()].concat())),
        strings,
        texts,
        (prop::sample::select(vec![65280u16, 65281, 300, 10, 21, 42, 55, 64, 257]), octets)
            .prop_map(|(rtype, octets)| (RecordType(rtype), octets)),
    ]
    .prop_filter("malformed", |(rtype, rdata)| check_rdata(*rtype, rdata).is_ok())
}

fn zones() -> impl Strategy<Value = MasterZone> {
    let apex = names(Name::root());
    apex.prop_flat_map(|apex| {
        let record = (names(apex.clone()), rdata(), 0..=Ttl::MAX.as_secs());
        let soa = (names(Name::root()), names(Name::root()), any::<[u32; 4]>(), 0..=Ttl::MAX.as_secs());
        (Just(apex), soa, prop::collection::vec(record, 0..12)).prop_map(|(apex, soa, records)| {
            let (mname, rname, [serial, refresh, retry, expire], minimum) = soa;
            let minimum = Ttl::from_secs(minimum);
            let soa = Soa { mname, rname, serial: Serial(serial), refresh, retry, expire, minimum };
            let mut sets: BTreeMap<(Name, RecordType), RrSet> = BTreeMap::new();
            let ns = RrSet::single(RecordType::NS, minimum, name("ns.example").as_wire());
            sets.insert((apex.clone(), RecordType::NS), ns);
            for (owner, (rtype, rdata), ttl) in records {
                let set = sets.entry((owner, rtype)).or_insert_with(|| RrSet {
                    rtype,
                    ttl: Ttl::from_secs(ttl),
                    rdatas: Vec::new(),
                });
                if !set.rdatas.iter().any(|known| known.eq_ignore_ascii_case(&rdata)) {
                    set.rdatas.push(rdata.into());
                }
            }
            let records = sets.into_iter().map(|((owner, _), set)| (owner, set)).collect();
            MasterZone { apex, soa, soa_ttl: minimum, records, warnings: Vec::new() }
        })
    })
}

/// The zone with every octet visible: names compare without regard to letter case, which would hide a loss.
fn octets(zone: &MasterZone) -> Vec<(Vec<u8>, RrSet)> {
    let apex = RrSet::single(RecordType::SOA, zone.soa_ttl, zone.soa.to_wire());
    let records = zone.records.iter().map(|(owner, set)| (owner.as_wire().to_vec(), set.clone()));
    std::iter::once((zone.apex.as_wire().to_vec(), apex)).chain(records).collect()
}

/// Reads a text with small limits; whatever comes of it exports to the same again.
fn read_anything(text: &[u8]) -> bool {
    let origin = name("2.0.192.in-addr.arpa");
    let limits =
        Limits { generated_records: 1000, generated_octets: 100_000, includes: 20, ..Limits::default() };
    let include = |path: &str| match path.len() % 3 {
        0 => Ok(b"@ PTR a\n$INCLUDE abcd\n$GENERATE 1-3 $ PTR $".to_vec()),
        1 => Ok(b"\tTXT \"\n$ORIGIN x".to_vec()),
        _ => Err(std::io::ErrorKind::NotFound.into()),
    };
    let expected = Expected { apex: None, origin: Some(&origin) };
    match read_zone(Source { name: "z", text }, expected, &limits, &mut { include }) {
        Ok(zone) => {
            let again = read_text(&export(&zone)).expect("an export reads");
            assert_eq!(octets(&again), octets(&zone));
            true
        }
        Err(errors) => {
            assert!(!errors.is_empty() && errors.len() <= limits.errors + 1);
            for error in errors {
                let text = error.to_string();
                assert!(!text.contains(|c: char| c.is_control()) && text.len() < 4000, "{text:?}");
                assert!(error.place.line > 0);
            }
            false
        }
    }
}

/// The good and the bad files of `tests/data`, with what they include put in.
fn corpus() -> Vec<Vec<u8>> {
    let files = common::zone_files("good").into_iter().chain(common::zone_files("bad"));
    files.map(|file| std::fs::read(file).expect("a file")).collect()
}

const TOKENS: &[&str] = &[
    "$GENERATE 1-9 $ PTR a$",
    "$GENERATE 0-4294967295/1 ${-5,255,n} TXT ${1}",
    "$INCLUDE abc",
    "$INCLUDE abcd x",
    "$ORIGIN",
    "$TTL 1w2d",
    "(",
    ")",
    "\"",
    "\\",
    "\\000",
    ";",
    "\n",
    "\r\n",
    " ",
    "\t",
    "@",
    "SOA",
    "CNAME",
    "DNAME",
    "NS",
    "IN",
    "CH",
    "\\# 4 00000000",
    "\\# 65535 00",
    "TYPE65535",
    "TYPE0",
    "4294967296",
    "\u{feff}",
    "..",
    ".",
    "*",
    "x.y.",
    "\0",
    "NSEC",
];

fn damage() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..7u8);
    (any::<prop::sample::Index>(), prop::collection::vec(change, 1..8)).prop_map(|(file, changes)| {
        let mut text = file.get(&corpus()).clone();
        for (place, what, how) in changes {
            let at = place.index(text.len() + 1);
            let token = what.get(TOKENS);
            let upto = at + what.index(40).min(text.len() - at);
            match how {
                0 => text.truncate(at),
                1 => drop(text.drain(at..upto)),
                2 => drop(text.splice(at..at, token.bytes())),
                3 => drop(text.splice(at..upto, token.bytes())),
                4 => text.insert(at, what.index(256) as u8),
                5 => {
                    let copy = text[at..upto].to_vec();
                    let to = what.index(text.len() + 1);
                    drop(text.splice(to..to, copy));
                }
                _ if at < text.len() => text[at] = what.index(256) as u8,
                _ => {}
            }
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(1000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_export_reads_back_to_the_same_octets(zone in zones()) {
        let text = export(&zone);
        let again = read_text(&text).map_err(|errors| TestCaseError::fail(format!("{errors:?}\n{text}")))?;
        prop_assert_eq!(octets(&again), octets(&zone), "{}", text);
    }

    #[test]
    fn damaged_files_are_read_or_refused(text in damage()) {
        read_anything(&text);
    }

    #[test]
    fn any_octets_are_read_or_refused(parts in prop::collection::vec(prop_oneof![
        prop::sample::select(TOKENS).prop_map(|token| token.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 1..4),
    ], 0..40)) {
        let head = b"@ 60 SOA a. b. 1 2 3 4 5\n@ 60 NS a.\n".to_vec();
        read_anything(&[head, parts.concat()].concat());
        read_anything(&parts.concat());
    }
}

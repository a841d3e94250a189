//! Other servers as judges: what is exported here, BIND, NSD and Knot read, and BIND reads the same records.
//! A judge that is not installed is skipped, and says so.

mod common;

use common::{export, name, read_text};
use ptrd_master::MasterZone;
use ptrd_wire::{Name, RecordType, RrSet, Serial, Soa, Ttl};
use std::path::Path;
use std::process::Command;

/// Runs a command with the zone's origin and file as last arguments; its output, or `None` if it is not there.
fn judge(command: &str, arguments: &[&str]) -> Option<Result<Vec<u8>, String>> {
    let Ok(output) = Command::new(command).args(arguments).output() else {
        println!("skipped: {command} is not installed (Debian: bind9-utils, nsd, knot-dnssecutils)");
        return None;
    };
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    match output.status.success() {
        true => Some(Ok(output.stdout)),
        false => Some(Err(format!("{command}: {}{}", text(&output.stdout), text(&output.stderr)))),
    }
}

fn judges_accept(zone: &MasterZone) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("zone");
    std::fs::write(&file, export(zone)).expect("written");
    let (origin, path) = (zone.apex.to_string(), file.to_str().expect("a path"));
    let bind = ["-q", "-i", "none", "-k", "ignore", "-D", "-o", "-", &origin, path];
    for (command, arguments) in
        [("nsd-checkzone", &[&origin, path][..]), ("kzonecheck", &["-o", &origin, path])]
    {
        if let Some(Err(error)) = judge(command, arguments) {
            panic!("{error}\n{}", export(zone));
        }
    }
    match judge("named-checkzone", &bind) {
        None => {}
        Some(Err(error)) => panic!("{error}\n{}", export(zone)),
        Some(Ok(dump)) => compare(zone, &dump, &file),
    }
}

/// Compares a zone with what BIND read and wrote.
fn compare(zone: &MasterZone, dump: &[u8], file: &Path) {
    let dump = String::from_utf8_lossy(dump);
    let theirs = read_text(&dump).unwrap_or_else(|errors| panic!("{errors:?}\n{dump}"));
    assert_eq!((&theirs.apex, &theirs.soa, theirs.soa_ttl), (&zone.apex, &zone.soa, zone.soa_ttl));
    assert_eq!(theirs.records.len(), zone.records.len(), "{}", file.display());
    for ((owner, set), (their_owner, their_set)) in zone.records.iter().zip(&theirs.records) {
        // BIND sorts the data of an RRset.
        let sorted = |set: &RrSet| {
            let mut set = set.clone();
            set.rdatas.sort();
            set
        };
        assert_eq!((their_owner, sorted(their_set)), (owner, sorted(set)));
    }
}

#[test]
fn exports_of_good_files_are_accepted() {
    for file in common::zone_files("good") {
        // What these two show, NSD and Knot refuse: data hidden by a DNAME, a DNAME at a cut.
        if ["occluded.zone", "warnings.zone"].iter().any(|name| file.ends_with(name)) {
            continue;
        }
        judges_accept(&common::read(&file).expect("a zone"));
    }
}

#[test]
fn hostile_names_and_text_are_accepted() {
    let apex = name("2.0.192.in-addr.arpa");
    let mut records =
        vec![(apex.clone(), RrSet::single(RecordType::NS, Ttl::from_secs(5), wire("ns.example")))];
    for b in 0..=255u8 {
        let owner = Name::from_labels([&[b][..], &[b'x', b, b'x']], &apex).expect("a name");
        records.push((owner.clone(), RrSet::single(RecordType::PTR, Ttl::from_secs(1), owner.as_wire())));
    }
    for (n, label) in
        ["$INCLUDE", "$ORIGIN", "@", ";", "(", "\"", "IN", "3600", "PTR", "\\#", "a b", "\n", "é"]
            .iter()
            .enumerate()
    {
        let owner = Name::from_labels([label.as_bytes()], &apex).expect("a name");
        let text = [&[label.len() as u8], label.as_bytes()].concat();
        let set = RrSet { rtype: RecordType::TXT, ttl: Ttl::from_secs(n as u32), rdatas: vec![text.into()] };
        records.push((owner, set));
    }
    let every: Vec<u8> = std::iter::once(255).chain(1..=255).chain([1, 0]).collect();
    let long = [&[255u8][..], &[b'"'; 255]].concat().repeat(200);
    let owner = Name::from_labels(["txt"], &apex).expect("a name");
    let rdatas = vec![every.into(), b"\x00".to_vec().into(), long.into()];
    records.push((owner, RrSet { rtype: RecordType::TXT, ttl: Ttl::MAX, rdatas }));
    let soa = Soa {
        mname: name("ns.example"),
        rname: name("a\\.b\\000\\010.example"),
        serial: Serial(u32::MAX),
        refresh: 1,
        retry: 2,
        expire: 3,
        minimum: Ttl::from_secs(4),
    };
    records.sort_by(|(a, x), (b, y)| (a, x.rtype).cmp(&(b, y.rtype)));
    // Labels that differ in letter case only are one owner.
    records.dedup_by(|(b, y), (a, x)| a == b && x.rtype == y.rtype);
    let zone = MasterZone { apex, soa, soa_ttl: Ttl::from_secs(7), records, warnings: Vec::new() };
    assert_eq!(read_text(&export(&zone)).expect("a zone"), zone);
    judges_accept(&zone);
}

fn wire(text: &str) -> Vec<u8> {
    name(text).as_wire().to_vec()
}

//! Fuzz target for master files: any octets, through the reader; what is accepted must come back from the writer.
//!
//! Run like `fuzz_packet`.

use ptrd_master::{Expected, Limits, Source, read_zone, write_zone};
use ptrd_wire::Name;

/// Prefixes that lead the input past the first checks.
const STARTS: [&[u8]; 3] =
    [b"", b"@ 60 IN SOA ns. h. 1 2 3 4 5\n@ NS ns.\n", b"$TTL 1h\n@ SOA ns h ( 1 2 3 4 5 )\n@ NS ns\n"];

fn read(text: &[u8], apex: &Name) -> Option<ptrd_master::MasterZone> {
    let limits = Limits { records: 2_000, ..Limits::default() };
    let expected = Expected { apex: Some(apex), origin: None };
    read_zone(Source { name: "fuzz.zone", text }, expected, &limits, &mut |_| {
        Err(std::io::ErrorKind::NotFound.into())
    })
    .ok()
}

#[test]
fn master_files() {
    bolero::check!().for_each(|input: &[u8]| {
        let apex: Name = "2.0.192.in-addr.arpa".parse().expect("a literal name");
        for start in STARTS {
            let Some(zone) = read(&[start, input].concat(), &apex) else { continue };
            let mut text = Vec::new();
            let records = zone.records.iter().map(|(owner, rrset)| (owner, rrset));
            write_zone(&mut text, &zone.apex, &zone.soa, zone.soa_ttl, records).expect("memory takes all");
            let again = read(&text, &apex)
                .unwrap_or_else(|| panic!("not read back:\n{}", String::from_utf8_lossy(&text)));
            assert_eq!((&again.soa, &again.records), (&zone.soa, &zone.records));
        }
    });
}

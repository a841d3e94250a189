//! How fast master files are read and written: `cargo run --release -p ptrd-master --example master_figures`.

use ptrd_master::{Expected, Limits, MasterZone, Source, no_includes, read_zone, write_zone};
use std::fmt::Write;
use std::time::{Duration, Instant};

const HEAD: &str = "$TTL 3600\n@ IN SOA ns1.example.net. hostmaster.example.net. 1 10800 3600 604800 300\n\
                    @ IN NS ns1.example.net.\n@ IN NS ns2.example.net.\n";

fn main() {
    let mut ptrs = format!("$ORIGIN 10.in-addr.arpa.\n{HEAD}");
    for n in 0..1_000_000u32 {
        let (a, b, c) = (n >> 16, n >> 8 & 255, n & 255);
        _ = writeln!(ptrs, "{c}.{b}.{a} IN PTR host-{a}-{b}-{c}.pool.example.net.");
    }
    figure("1 M PTR", &[ptrs]);

    let mut mixed = format!("$ORIGIN example.org.\n{HEAD}");
    for n in 0..200_000u32 {
        let m = n % 250;
        _ = writeln!(mixed, "h{n} A 192.0.2.{m}\n\tAAAA 2001:db8::{m:x}\n\tTXT \"text {n}\" more");
        _ = writeln!(
            mixed,
            "\tCAA 0 issue \"ca.example\"\n\tSSHFP 1 1 123456789abcdef67890123456789abcdef67890"
        );
    }
    figure("1 M mixed, 2 in 5 through domain", &[mixed]);

    let generated = format!("$ORIGIN 10.in-addr.arpa.\n{HEAD}$GENERATE 0-999999 $ PTR host-$.example.net.\n");
    figure("1 M generated", &[generated]);

    let small: Vec<String> = (0..20_000u32)
        .map(|n| {
            let mut zone = format!("$ORIGIN {}.{}.10.in-addr.arpa.\n{HEAD}", n & 255, n >> 8);
            for host in 0..100 {
                _ = writeln!(zone, "{host} PTR host-{n}-{host}.example.net.");
            }
            zone
        })
        .collect();
    figure("20 000 zones of 100 PTR", &small);
}

fn figure(what: &str, texts: &[String]) {
    let (mut reading, mut writing) = (Duration::ZERO, Duration::ZERO);
    let (mut records, mut octets) = (0, 0);
    for text in texts {
        let start = Instant::now();
        let source = Source { name: "figures", text: text.as_bytes() };
        let zone = match read_zone(source, Expected::default(), &Limits::default(), &mut no_includes) {
            Ok(zone) => zone,
            Err(errors) => return println!("{what}: {}", errors[0]),
        };
        reading += start.elapsed();
        let start = Instant::now();
        octets += export(&zone).len();
        writing += start.elapsed();
        records += zone.records.len();
    }
    println!("{what}: {records} RRsets read in {reading:.2?}, written ({octets} octets) in {writing:.2?}");
}

fn export(zone: &MasterZone) -> Vec<u8> {
    let mut out = Vec::new();
    let records = zone.records.iter().map(|(owner, set)| (owner, set));
    // Writing into a Vec cannot fail.
    _ = write_zone(&mut out, &zone.apex, &zone.soa, zone.soa_ttl, records);
    out
}

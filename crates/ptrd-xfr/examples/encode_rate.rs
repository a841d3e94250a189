//! How fast a zone becomes the messages of a transfer: `cargo run --release -p ptrd-xfr --example encode_rate`.
//!
//! Nanoseconds of processor time and octets for each record, sockets left out.

use ptrd_wire::{Family, Name, ReversePrefix, Serial, Soa, Ttl, ip_from_bits};
use ptrd_xfr::{Axfr, Question};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{AddressLoader, Form, Snapshot, View, Zone};
use std::net::IpAddr;

const TTL: Ttl = Ttl::from_secs(3_600);

fn processor() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(f64::NAN)
}

fn name(text: &str) -> Name {
    text.parse().expect("a literal name")
}

fn measure(what: &str, apex: &str, addresses: impl Iterator<Item = (Family, u128)>) {
    let mut snapshot = Snapshot::default();
    let mut loader = AddressLoader::default();
    for (family, bits) in addresses {
        let label = match ip_from_bits(family, bits) {
            IpAddr::V4(v4) => format!("host-{}", v4.to_string().replace('.', "-")),
            IpAddr::V6(_) => format!("h{:x}", bits as u32),
        };
        let target = Name::from_labels([label], &name("pool.example.net")).expect("a name");
        loader.push(ip_from_bits(family, bits), TTL, true, target.as_wire());
    }
    loader.finish(&mut snapshot);
    let soa = Soa {
        mname: name("ns1.example.net"),
        rname: name("hostmaster.example.net"),
        serial: Serial(1),
        refresh: 1,
        retry: 1,
        expire: 1,
        minimum: TTL,
    };
    let apex = name(apex);
    let prefix = ReversePrefix::of_apex(&apex).expect("a reverse name");
    snapshot.put_zone(Zone::new(ZoneId(1), apex.clone(), View::Range(prefix), soa, TTL));
    let octets = [apex.as_wire(), &[0, 252, 0, 1]].concat().into();
    let question = Question { id: 1, flags: 0, octets, edns: false, padded: false };
    let mut room = vec![0; 65_535];
    let (mut best, mut length, mut made) = (f64::INFINITY, 0, (0, 0));
    for _ in 0..5 {
        let zone = snapshot.zone(&apex).expect("the zone").clone();
        let mut axfr = Axfr::new(zone, &snapshot, Form::Records);
        length = 0;
        let start = processor();
        while let Some(message) = axfr.next_message(&question, &mut room, 0) {
            length += message.expect("records are short");
        }
        best = best.min(processor() - start);
        made = axfr.made();
    }
    let (messages, records) = made;
    println!(
        "{what:24} {records:8} records, {messages:5} messages, {:5.1} octets and {:5.1} ns a record, {:.0} ms in all",
        length as f64 / records as f64,
        best / records as f64,
        best / 1e6
    );
}

fn main() {
    let v4 = |first: u128, step| (0..1u128 << 20).map(move |n| (Family::V4, first + n * step));
    measure("a /12, full", "10.in-addr.arpa", v4(0x0a00_0000, 1));
    measure("a /8, one in sixteen", "11.in-addr.arpa", v4(0x0b00_0000, 16));
    let mut state = 7u64;
    let random = (0..1 << 20).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (Family::V6, (0x2001_0db8 << 96) | u128::from(state >> 16) << 30 | u128::from(state & 0x3fff_ffff))
    });
    let mut random: Vec<_> = random.collect();
    random.sort_unstable_by_key(|(_, bits)| *bits);
    random.dedup();
    measure("random IPv6 in a /32", "8.b.d.0.1.0.0.2.ip6.arpa", random.into_iter());
}

//! How fast a zone is walked in canonical order: `cargo run --release -p ptrd-zone --example walk_rate`.
//!
//! Nanoseconds of processor time for each RRset: owner, type, TTL and every octet of data looked at, as a transfer
//! would. The target is 10 million RRsets a second in zones of PTRs alone, so that the encoding of a transfer stays the
//! larger part of it.

use ptrd_wire::{Family, Name, Serial, Soa, Ttl, ip_from_bits};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{AddressLoader, Derived, Exception, ExceptionRange, Snapshot, View, Zone};
use std::net::IpAddr;
use std::sync::Arc;

const TTL: Ttl = Ttl::from_secs(3_600);

fn processor() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(f64::NAN)
}

fn name(text: &str) -> Name {
    text.parse().expect("a literal name")
}

fn zone(apex: &str) -> Zone {
    let apex = name(apex);
    let prefix = ptrd_wire::ReversePrefix::of_apex(&apex).expect("a reverse name");
    let soa = Soa {
        mname: name("ns."),
        rname: name("h."),
        serial: Serial(1),
        refresh: 1,
        retry: 1,
        expire: 1,
        minimum: TTL,
    };
    Zone::new(ZoneId(1), apex, View::Range(prefix), soa, TTL)
}

fn measure(what: &str, zone: &Zone, snapshot: &Snapshot) {
    let mut best = f64::INFINITY;
    let (mut rrsets, mut octets) = (0u64, 0usize);
    for _ in 0..3 {
        (rrsets, octets) = (0, 0);
        let start = processor();
        let mut walk = zone.walk(snapshot.addresses());
        while let Some(shown) = walk.next_rrset() {
            rrsets += 1;
            octets += shown.owner().len() + shown.ttl().as_secs() as usize % 2;
            let done: Result<(), ()> = shown.try_each_rdata(|head, ending| {
                octets += head.len() + ending.len();
                Ok(())
            });
            assert!(done.is_ok());
        }
        best = best.min(processor() - start);
    }
    println!(
        "{what:44} {rrsets:9} RRsets {:6.1} ns each, {:5.1} million a second, {octets} octets",
        best / rrsets as f64,
        rrsets as f64 / best * 1e3
    );
}

fn load(addresses: impl Iterator<Item = (Family, u128)>) -> Snapshot {
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
    snapshot
}

fn main() {
    let million = load((0..1 << 20).map(|n| (Family::V4, 0x0a00_0000 + n)));
    measure("IPv4, a million, dense", &zone("10.in-addr.arpa"), &million);
    let mut parent = zone("10.in-addr.arpa");
    let exceptions = (0..4_096u32).map(|n| ExceptionRange {
        range: format!("10.{}.{}.64/28", n >> 8, n & 255).parse().expect("a range"),
        what: Exception::Alias(Arc::new(name(&format!("64-28.{}.{}.10.in-addr.arpa", n & 255, n >> 8)))),
    });
    parent.set_derived(Derived { exceptions: exceptions.collect(), alias_ttl: TTL, ..Derived::default() });
    measure("the same, a classless /28 in each /24", &parent, &million);
    drop(million);
    let whole = load((0..1 << 24).map(|n| (Family::V4, 0x0a00_0000 + n)));
    measure("IPv4, a whole /8", &zone("10.in-addr.arpa"), &whole);
    drop(whole);
    let sparse = load((0..1 << 16).map(|n| (Family::V4, 0x0a00_0001 + (n << 8))));
    measure("IPv4, one in each /24 of a /8", &zone("10.in-addr.arpa"), &sparse);
    let start = 0x2001_0db8u128 << 96;
    let v6 = load((0..1 << 20).map(|n| (Family::V6, start | n)));
    measure("IPv6, a million, dense", &zone("8.b.d.0.1.0.0.2.ip6.arpa"), &v6);
    let far = load(
        (0..1 << 18).map(|n| (Family::V6, start | n << 70 | n.wrapping_mul(0x9e37_79b9_7f4a) & 0xffff_ffff)),
    );
    measure("IPv6, one in each /58", &zone("8.b.d.0.1.0.0.2.ip6.arpa"), &far);
}

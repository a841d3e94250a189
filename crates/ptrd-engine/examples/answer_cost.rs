//! What an answer costs without a network: nanoseconds of processor time per call of the engine over a million PTRs,
//! for each kind of query, signed ones among them: one by one, in batches, and in batches from 256 networks with the rate limit at work.
//! `cargo run --release -p ptrd-engine --example answer_cost [-- WORD]`

use ptrd_engine::{Asker, Engine, Limiter, Policy, RateLimit, RateLimitSettings, Transport, Worker};
use ptrd_tsig::{Algorithm, Key, KeyTable, sign_request};
use ptrd_wire::{AddrRange, Family, Name, RecordType, ReversePrefix, RrSet, Serial, Soa, Ttl, ip_from_bits};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{AddressLoader, Derived, Exception, ExceptionRange, Snapshot, View, Zone};
use std::net::IpAddr;
use std::sync::Arc;

/// Networks that queries come from.
const NETWORKS: u32 = 256;

fn name(text: &str) -> Name {
    text.parse().expect("a literal name")
}

fn zone(id: u32, apex: &str, view: View) -> Zone {
    let soa = Soa {
        mname: name("ns1.example.net"),
        rname: name("hostmaster.example.net"),
        serial: Serial(1),
        refresh: 14_400,
        retry: 3_600,
        expire: 1_209_600,
        minimum: Ttl::from_secs(3_600),
    };
    let mut zone = Zone::new(ZoneId(id), name(apex), view, soa, Ttl::from_secs(86_400));
    let ns = RrSet {
        rtype: RecordType::NS,
        ttl: Ttl::from_secs(86_400),
        rdatas: vec![name("ns1.example.net").as_wire().into(), name("ns2.example.net").as_wire().into()],
    };
    let apex = zone.apex().clone();
    zone.apply_records([(apex.clone(), RecordType::NS, Some(ns))]);
    zone
}

fn range_zone(id: u32, prefix: ReversePrefix) -> Zone {
    zone(id, &prefix.name().to_string(), View::Range(prefix))
}

fn snapshot() -> Snapshot {
    let mut snapshot = Snapshot::default();
    let mut loader = AddressLoader::default();
    for n in 0..1u32 << 20 {
        let address = 0x0a00_0000 + n;
        let [_, b, c, d] = address.to_be_bytes();
        let target = name(&format!("host-{b}-{c}-{d}.pool.example.net"));
        loader.push(IpAddr::from(address.to_be_bytes()), Ttl::from_secs(3_600), true, target.as_wire());
    }
    for n in 0..256u32 * 256 {
        let [_, _, c, d] = n.to_be_bytes();
        let target = name(&format!("mail-{c}-{d}.cust.example.net"));
        loader.push(IpAddr::from([10, 64, c, d]), Ttl::from_secs(3_600), true, target.as_wire());
    }
    let mut seed = 1u128;
    let mut random: Vec<u128> = (0..100_000).map(|_| v6_of(&mut seed)).collect();
    random.sort_unstable();
    for bits in random {
        let target = name(&format!("h{:x}.v6.example.net", bits as u32));
        loader.push(ip_from_bits(Family::V6, bits), Ttl::from_secs(3_600), true, target.as_wire());
    }
    loader.finish(&mut snapshot);
    let mut id = 0;
    let mut next = || {
        id += 1;
        id
    };
    for n in 0..16u8 {
        snapshot.put_zone(range_zone(next(), ReversePrefix::new(IpAddr::from([10, n, 0, 0]), 2)));
    }
    snapshot.put_zone(range_zone(next(), ReversePrefix::new(ip_from_bits(Family::V6, 0x2001_0db8 << 96), 8)));
    for c in 0..=255u8 {
        let mut parent = range_zone(next(), ReversePrefix::new(IpAddr::from([10, 64, c, 0]), 3));
        let mut exceptions = Vec::new();
        for quarter in 0..4u8 {
            let apex = format!("{}-26.{c}.64.10.in-addr.arpa", quarter * 64);
            let first = u32::from_be_bytes([10, 64, c, quarter * 64]);
            snapshot.put_zone(zone(next(), &apex, View::Classless { first, last: first + 63 }));
            let range = AddrRange::of_prefix(Family::V4, u128::from(first), 26);
            exceptions.push(ExceptionRange { range, what: Exception::Alias(Arc::new(name(&apex))) });
        }
        parent.set_derived(Derived { exceptions, alias_ttl: Ttl::from_secs(3_600), ..Derived::default() });
        snapshot.put_zone(parent);
    }
    snapshot
}

fn v6_of(seed: &mut u128) -> u128 {
    *seed = seed.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645).wrapping_add(12_345);
    0x2001_0db8u128 << 96 | *seed >> 32
}

fn query(owner: &Name, edns: bool) -> Vec<u8> {
    let mut octets = vec![0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(edns)];
    octets.extend_from_slice(owner.as_wire());
    octets.extend_from_slice(&[0, 12, 0, 1]);
    if edns {
        octets.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
    }
    octets
}

/// The query, signed at time 0, at which all are asked.
fn signed(query: &[u8], key: &Key) -> Vec<u8> {
    let mut octets = query.to_vec();
    octets.resize(query.len() + 400, 0);
    let (length, _) = sign_request(key, &mut octets, query.len(), 0).expect("room");
    octets.truncate(length);
    octets
}

/// Nanoseconds that this thread has run, from the kernel's own accounting.
fn processor_time() -> f64 {
    // The kernel enters what has run since its last tick, up to 4 ms, when a thread gives way.
    std::thread::yield_now();
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(f64::NAN)
}

fn main() {
    let mut snapshot = snapshot();
    let mut state = 88_172_645_463_325_252u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u32
    };
    let v4 = |bits: u32| ReversePrefix::new(IpAddr::from(bits.to_be_bytes()), 4).name();
    let mut sets: Vec<(&str, Vec<Vec<u8>>)> = Vec::new();
    let count = 100_000;
    sets.push((
        "v4 hit",
        (0..count).map(|_| query(&v4(0x0a00_0000 + (random() & 0xf_ffff)), false)).collect(),
    ));
    sets.push((
        "v4 hit, EDNS",
        (0..count).map(|_| query(&v4(0x0a00_0000 + (random() & 0xf_ffff)), true)).collect(),
    ));
    let miss = |n: u32| name(&format!("{}.{}.{}.10.in-addr.arpa", 256 + n % 700, n >> 8 & 255, n >> 16 & 15));
    sets.push(("v4 NXDOMAIN", (0..count).map(|_| query(&miss(random()), false)).collect()));
    let chase = |n: u32| v4(0x0a40_0000 + (n & 0xffff));
    sets.push(("RFC 2317 chase", (0..count).map(|_| query(&chase(random()), false)).collect()));
    let mut seed = 1u128;
    let v6: Vec<Vec<u8>> = (0..100_000)
        .map(|_| query(&ReversePrefix::new(ip_from_bits(Family::V6, v6_of(&mut seed)), 32).name(), false))
        .collect();
    sets.push(("v6 hit", v6));
    let v6_miss =
        |n: u32| ReversePrefix::new(ip_from_bits(Family::V6, (0x2001_0db8 << 96) + u128::from(n)), 32).name();
    sets.push(("v6 NXDOMAIN", (0..count).map(|_| query(&v6_miss(random()), false)).collect()));
    let key_of = |algorithm: Algorithm, secret| {
        Key::new(name(&format!("{algorithm}.key.example.net")), algorithm, secret).expect("a key")
    };
    let keys = Algorithm::ALL.map(|algorithm| key_of(algorithm, b"a secret that is shared"));
    snapshot.set_keys(Arc::new(KeyTable::new(keys.clone()).expect("a table")));
    let labels =
        ["v4 hit, SHA-1", "v4 hit, SHA-224", "v4 hit, SHA-256", "v4 hit, SHA-384", "v4 hit, SHA-512"];
    for (key, label) in keys.into_iter().zip(labels) {
        let signed = sets[0].1.iter().take(20_000).map(|query| signed(query, &key)).collect();
        sets.push((label, signed));
    }
    let stranger = key_of(Algorithm::HmacSha256, b"another secret");
    sets.push(("BADSIG", sets[0].1.iter().take(20_000).map(|query| signed(query, &stranger)).collect()));
    let unknown = Key::new(name("unknown.example"), Algorithm::HmacSha256, b"x").expect("a key");
    sets.push(("BADKEY", sets[0].1.iter().take(20_000).map(|query| signed(query, &unknown)).collect()));
    let mut policy = Policy::default();
    // Raised, so that nothing is over it however fast the queries come; the clock stands still.
    let raised = RateLimitSettings { window: 3_600, ..RateLimitSettings::scaled_to(100_000_000) };
    policy.rate_limit = Some(RateLimit::new(raised).expect("limits"));
    let engine = Engine::new(policy);
    let asker = Asker { peer: IpAddr::from([127, 0, 0, 1]), transport: Transport::Udp, now: 0, nanos: 0 };
    let (mut worker, mut out) = (Worker::default(), vec![0; 4096]);
    let wanted = std::env::args().nth(1).unwrap_or_default();
    for (label, queries) in sets.iter().filter(|(label, _)| label.contains(&wanted)) {
        let mut best = f64::MAX;
        let mut octets = 0;
        for _ in 0..40 {
            let start = processor_time();
            octets = queries
                .iter()
                .map(|q| engine.answer(&asker, q, &mut out, &snapshot, &mut worker))
                .sum::<usize>();
            best = best.min((processor_time() - start) / queries.len() as f64);
        }
        let (mut batched, mut limited) = (f64::MAX, f64::MAX);
        let mut limiting = Worker::limited_by(Limiter::new(1 << 15, [1, 2], 1));
        // In turns, so that what else the machine does slows both.
        for _ in 0..40 {
            for (worker, least) in [(&mut worker, &mut batched), (&mut limiting, &mut limited)] {
                let start = processor_time();
                for (nth, batch) in queries.chunks(64).enumerate() {
                    engine.fetch_ahead(&snapshot, batch.iter().map(Vec::as_slice));
                    for (mth, query) in batch.iter().enumerate() {
                        let network = (nth * 64 + mth) as u32 * 40_503 % NETWORKS;
                        let peer = IpAddr::from((0xc000_0001 + (network << 8)).to_be_bytes());
                        engine.answer(&Asker { peer, ..asker }, query, &mut out, &snapshot, worker);
                    }
                }
                *least = least.min((processor_time() - start) / queries.len() as f64);
            }
        }
        assert_eq!(limiting.counts.rate_dropped + limiting.counts.rate_slipped, 0);
        println!(
            "{label:16} {best:7.1} ns   {batched:7.1} ns in batches of 64   {limited:7.1} ns limited   {:5.1} octets a reply",
            octets as f64 / queries.len() as f64
        );
    }
}

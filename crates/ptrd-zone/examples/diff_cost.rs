//! What a difference costs: `cargo run --release -p ptrd-zone --example diff_cost`.
//!
//! Microseconds of processor time, and octets of each record in the packed form. A change of one record must not show
//! how large its zone is.

use ptrd_wire::{Family, Name, RecordType, ReversePrefix, RrSet, Serial, Soa, Ttl, ip_from_bits};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{AddressLoader, Addresses, PtrChange, RecordList, Snapshot, View, Workspace, Zone, diff};
use std::net::IpAddr;

const TTL: Ttl = Ttl::from_secs(3_600);

fn processor() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(f64::NAN)
}

fn name(text: &str) -> Name {
    text.parse().expect("a literal name")
}

fn zone(apex: &str, is_verbatim: bool) -> Zone {
    let apex = name(apex);
    let view = match ReversePrefix::of_apex(&apex) {
        Some(prefix) if !is_verbatim => View::Range(prefix),
        _ => View::Verbatim,
    };
    let soa = Soa {
        mname: name("ns."),
        rname: name("h."),
        serial: Serial(1),
        refresh: 1,
        retry: 1,
        expire: 1,
        minimum: TTL,
    };
    Zone::new(ZoneId(1), apex, view, soa, TTL)
}

fn target(address: IpAddr, pool: &str) -> Name {
    let label = format!("host-{}", address.to_string().replace(['.', ':'], "-"));
    Name::from_labels([label], &name(pool)).expect("a name")
}

fn load(addresses: impl Iterator<Item = (Family, u128)>) -> Snapshot {
    let mut snapshot = Snapshot::default();
    let mut loader = AddressLoader::default();
    for (family, bits) in addresses {
        let address = ip_from_bits(family, bits);
        loader.push(address, TTL, true, target(address, "pool.example.net").as_wire());
    }
    loader.finish(&mut snapshot);
    snapshot
}

fn changed(snapshot: &Snapshot, addresses: &[IpAddr]) -> Snapshot {
    let names: Vec<Name> = addresses.iter().map(|address| target(*address, "customer.example.org")).collect();
    let changes: Vec<PtrChange<'_>> = addresses
        .iter()
        .zip(&names)
        .map(|(address, name)| (*address, Some((TTL, false, name.as_wire()))))
        .collect();
    let mut next = snapshot.clone();
    next.apply_ptrs(&mut Workspace::default(), &changes);
    next
}

/// Differences between one version and others.
fn measure(what: &str, before: (&Zone, &Addresses), versions: &[(Zone, Snapshot)]) {
    let (mut records, mut octets) = (0, 0);
    let turns = if versions.len() > 10 { 20 } else { 1 };
    let start = processor();
    for _ in 0..turns {
        for (zone, snapshot) in versions {
            let found = diff(before, (zone, snapshot.addresses()), usize::MAX).expect("no limit");
            (records, octets) = (found.len(), found.pack().len());
        }
    }
    let each = (processor() - start) / 1e3 / (turns * versions.len()) as f64;
    let per = |total: f64| if records == 0 { 0.0 } else { total / records as f64 };
    println!(
        "{what:44} {records:8} records {each:10.1} µs, {:6.3} a record, {:5.1} octets each",
        per(each),
        per(octets as f64)
    );
}

fn ptrs(what: &str, apex: &str, snapshot: &Snapshot, sets: &[Vec<IpAddr>]) {
    let zone = zone(apex, false);
    let versions: Vec<(Zone, Snapshot)> =
        sets.iter().map(|addresses| (zone.clone(), changed(snapshot, addresses))).collect();
    measure(what, (&zone, snapshot.addresses()), &versions);
}

fn random(state: &mut u64, below: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % below
}

fn main() {
    let mut state = 1;
    let mut some = |family: Family, first: u128, within: u64, count: usize| -> Vec<IpAddr> {
        (0..count).map(|_| ip_from_bits(family, first + u128::from(random(&mut state, within)))).collect()
    };
    let ten = 0x0a00_0000u128;
    let whole = load((0..1 << 24).map(|n| (Family::V4, ten + n)));
    let sets: Vec<_> = (0..200).map(|_| some(Family::V4, ten, 1 << 24, 1)).collect();
    ptrs("IPv4, one PTR of a whole /8", "10.in-addr.arpa", &whole, &sets);
    let start = processor();
    let all = RecordList::of_zone(&zone("10.in-addr.arpa", false), whole.addresses());
    println!(
        "{:44} {:8} records {:10.1} µs, {:.1} octets each",
        "all of it, for comparison",
        all.len(),
        (processor() - start) / 1e3,
        all.octets().len() as f64 / all.len() as f64
    );
    drop((all, whole));
    let million = load((0..1 << 20).map(|n| (Family::V4, ten + n)));
    let sets = [some(Family::V4, ten, 1 << 20, 10_486), some(Family::V4, ten, 1 << 20, 10_486)];
    ptrs("IPv4, 1 % of a million", "10.in-addr.arpa", &million, &sets);
    let every = [(0..1 << 20).map(|n| ip_from_bits(Family::V4, ten + n)).collect()];
    ptrs("IPv4, a million of a million", "10.in-addr.arpa", &million, &every);
    let mut busy = zone("10.in-addr.arpa", false);
    let text = |n: u32| {
        let rrset = RrSet::single(RecordType::TXT, TTL, format!("\x08{n:08}").into_bytes());
        (name(&format!("t{n}.10.in-addr.arpa")), RecordType::TXT, Some(rrset))
    };
    busy.apply_records((0..1_000).map(text));
    let versions: Vec<(Zone, Snapshot)> =
        sets.iter().map(|addresses| (busy.clone(), changed(&million, addresses))).collect();
    measure("the same, beside a thousand records", (&busy, million.addresses()), &versions);
    drop(million);
    let six = 0x2001_0db8u128 << 96;
    let snapshot = load((0..1 << 20).map(|n| (Family::V6, six + n)));
    let sets: Vec<_> = (0..200).map(|_| some(Family::V6, six, 1 << 20, 1)).collect();
    ptrs("IPv6, one PTR of a million", "8.b.d.0.1.0.0.2.ip6.arpa", &snapshot, &sets);
    let sets = [some(Family::V6, six, 1 << 20, 10_486), some(Family::V6, six, 1 << 20, 10_486)];
    ptrs("IPv6, 1 % of a million", "8.b.d.0.1.0.0.2.ip6.arpa", &snapshot, &sets);
    drop(snapshot);

    let mut verbatim = zone("10.in-addr.arpa", true);
    let record = |n: u32, pool: &str| {
        let address = ip_from_bits(Family::V4, ten + u128::from(n));
        let owner = ReversePrefix::new(address, u8::MAX).name();
        (owner, RecordType::PTR, Some(RrSet::single(RecordType::PTR, TTL, target(address, pool).as_wire())))
    };
    verbatim.apply_records((0..1 << 20).map(|n| record(n, "pool.example.net")));
    let empty = Snapshot::default();
    let mut next = |count: usize| {
        let mut next = verbatim.clone();
        let picked: Vec<u32> = (0..count).map(|_| random(&mut state, 1 << 20) as u32).collect();
        next.apply_records(picked.into_iter().map(|n| record(n, "customer.example.org")));
        (next, empty.clone())
    };
    let versions: Vec<_> = (0..200).map(|_| next(1)).collect();
    measure("verbatim, one record of a million", (&verbatim, empty.addresses()), &versions);
    measure("verbatim, 1 % of a million", (&verbatim, empty.addresses()), &[next(10_486), next(10_486)]);
    let mut replaced = zone("10.in-addr.arpa", true);
    replaced.apply_records((0..1 << 20).map(|n| record(n, "pool.example.net")));
    measure(
        "verbatim, loaded again, nothing changed",
        (&verbatim, empty.addresses()),
        &[(replaced, empty.clone())],
    );
}

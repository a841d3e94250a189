//! What the address index costs: octets of resident memory per PTR and nanoseconds of processor time per PTR loaded
//! and per PTR changed. `cargo run --release -p ptrd-zone --example index_cost [-- WORD]`, a process per
//! case, since memory that one frees serves the next

use ptrd_wire::{Family, Name, Ttl, ip_from_bits};
use ptrd_zone::{AddressLoader, Snapshot, Workspace};
use std::net::IpAddr;

const TTL: Ttl = Ttl::from_secs(3_600);

fn first_number(path: &str, nth: usize) -> f64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split(' ').nth(nth).and_then(|word| word.parse().ok()).unwrap_or(f64::NAN)
}

fn measure(
    label: &str,
    count: u64,
    addresses: impl Iterator<Item = IpAddr>,
    name_of: impl Fn(IpAddr, &mut Vec<u8>),
) {
    let resident = || first_number("/proc/self/statm", 1) * 4096.0;
    let processor = || first_number("/proc/thread-self/schedstat", 0);
    let (memory, start) = (resident(), processor());
    let mut snapshot = Snapshot::default();
    let mut loader = AddressLoader::default();
    let mut names = Vec::new();
    let mut sample = Vec::new();
    for (nth, address) in addresses.enumerate() {
        names.clear();
        name_of(address, &mut names);
        loader.push(address, TTL, true, &names);
        if (nth as u64).is_multiple_of((count / 2_000).max(1)) {
            sample.push(address);
        }
    }
    loader.finish(&mut snapshot);
    let (load, memory) = (processor() - start, resident() - memory);
    let target: Name = "mail-01.customer.example".parse().expect("a literal name");
    let mut workspace = Workspace::default();
    let start = processor();
    for address in &sample {
        let mut next = snapshot.clone();
        next.apply_ptrs(&mut workspace, &[(*address, Some((TTL, false, target.as_wire())))]);
        snapshot = next;
    }
    let change = (processor() - start) / sample.len() as f64;
    let per = |total: f64| total / count as f64;
    println!(
        "{label:28} {:6.1} octets   {:5.0} ns to load   {:7.0} ns to change",
        per(memory),
        per(load),
        change
    );
}

fn push_name(label: std::fmt::Arguments<'_>, rest: &[u8], out: &mut Vec<u8>) {
    use std::io::Write;
    let at = out.len();
    out.push(0);
    let _ = out.write_fmt(label);
    out[at] = (out.len() - at - 1) as u8;
    out.extend_from_slice(rest);
}

fn v4_name(address: IpAddr, out: &mut Vec<u8>) {
    let IpAddr::V4(v4) = address else { return };
    let [_, b, c, d] = v4.octets();
    push_name(format_args!("host-{b}-{c}-{d}"), b"\x04pool\x07example\x03net\x00", out);
}

fn v6_name(address: IpAddr, out: &mut Vec<u8>) {
    let IpAddr::V6(v6) = address else { return };
    push_name(format_args!("h{:x}", u128::from(v6) as u32), b"\x02v6\x07example\x03net\x00", out);
}

fn v4(first: u32, count: u32, step: u32) -> impl Iterator<Item = IpAddr> {
    (0..count).map(move |n| IpAddr::from((first + n * step).to_be_bytes()))
}

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let is = |label: &str| label.contains(&wanted);
    if is("sparse") {
        measure("one per /24, 262 144", 1 << 18, v4(0x0a00_0007, 1 << 18, 256), v4_name);
    }
    if is("random") {
        for count in [100_000u64, 1_000_000] {
            let mut seed = 1u128;
            let mut all: Vec<u128> = (0..count)
                .map(|_| {
                    seed = seed.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645).wrapping_add(12_345);
                    seed ^ seed >> 64
                })
                .collect();
            all.sort_unstable();
            let addresses = all.into_iter().map(|bits| ip_from_bits(Family::V6, bits));
            measure(&format!("random IPv6, {count}"), count, addresses, v6_name);
        }
    }
    if is("dense") {
        measure("dense, 1 048 576", 1 << 20, v4(0x0a00_0000, 1 << 20, 1), v4_name);
    }
    if is("whole") {
        measure("a whole /8, 16 777 216", 1 << 24, v4(0x0b00_0000, 1 << 24, 1), v4_name);
    }
}

//! What it costs to make one difference out of the steps of a zone's history:
//! `cargo run --release -p ptrd-zone --example condense_cost`, or under `valgrind --tool=callgrind` for instructions.
//!
//! A zone of 65 536 PTRs, of which one in a hundred changes, so many in each step.

use ptrd_wire::{Name, ReversePrefix, Serial, Soa, Ttl};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{AddressLoader, Condenser, PtrChange, Snapshot, Step, View, Workspace, Zone, diff};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

const TTL: Ttl = Ttl::from_secs(3_600);

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn target(address: IpAddr, pool: &str) -> Name {
    name(&format!("host-{}.{pool}", address.to_string().replace('.', "-")))
}

/// The steps as they are stored.
fn steps(together: usize) -> Vec<Vec<u8>> {
    let addresses: Vec<IpAddr> = (0..1 << 16).map(|n| IpAddr::V4(Ipv4Addr::from(0x0a03_0000 + n))).collect();
    let mut snapshot = Snapshot::default();
    let mut loader = AddressLoader::default();
    for address in &addresses {
        loader.push(*address, TTL, true, target(*address, "pool.example.net").as_wire());
    }
    loader.finish(&mut snapshot);
    let apex = name("3.10.in-addr.arpa");
    let view = View::Range(ReversePrefix::of_apex(&apex).expect("a reverse name"));
    let (mname, rname) = (name("ns1.example.net"), name("hostmaster.example.net"));
    let soa = Soa { mname, rname, serial: Serial(1), refresh: 1, retry: 1, expire: 1, minimum: TTL };
    let zone = Zone::new(ZoneId(1), apex, view, soa, TTL);
    let changed: Vec<IpAddr> = addresses.into_iter().step_by(100).collect();
    let mut steps = Vec::new();
    for some in changed.chunks(together) {
        let names: Vec<Name> = some.iter().map(|address| target(*address, "customer.example.org")).collect();
        let changes: Vec<PtrChange<'_>> = some
            .iter()
            .zip(&names)
            .map(|(address, name)| (*address, Some((TTL, false, name.as_wire()))))
            .collect();
        let mut next = snapshot.clone();
        next.apply_ptrs(&mut Workspace::default(), &changes);
        let found =
            diff((&zone, snapshot.addresses()), (&zone, next.addresses()), usize::MAX).expect("no limit");
        steps.push(Step::new(&zone, found).pack());
        snapshot = next;
    }
    steps
}

#[inline(never)]
fn condense(steps: &[Vec<u8>]) -> Step {
    let mut condenser = Condenser::default();
    steps.iter().for_each(|octets| condenser.push(octets).expect("a step"));
    condenser.finish().expect("follows").expect("one")
}

fn main() {
    let turns: u32 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(200);
    for together in [1, 20, 700] {
        let steps = steps(together);
        let start = Instant::now();
        let mut records = 0;
        for _ in 0..turns {
            records = condense(&steps).difference.len();
        }
        println!(
            "{:4} steps, {records} records: {:8.1} µs",
            steps.len(),
            start.elapsed().as_secs_f64() * 1e6 / f64::from(turns)
        );
    }
}

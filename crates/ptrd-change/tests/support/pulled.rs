//! What the primary of the zone `example.net` sends.

#![allow(dead_code)]

use super::name;
use ptrd_api::PrimarySpec;
use ptrd_wire::{Name, RecordType, RrSet, Serial, Soa, Ttl};
use ptrd_zone::{Pulled, PulledRecord, PulledStep, PulledZone};

pub const APEX: &str = "example.net";

pub fn spec(address: &str, key: Option<&str>) -> PrimarySpec {
    PrimarySpec { address: address.to_owned(), key: key.map(str::to_owned), ..PrimarySpec::default() }
}

fn soa(serial: u32) -> Soa {
    let (mname, rname) = (name("ns.example.net"), name("host.example.net"));
    let minimum = Ttl::from_secs(60);
    Soa { mname, rname, serial: Serial(serial), refresh: 3_600, retry: 600, expire: 86_400, minimum }
}

pub fn set(owner: &str, rtype: RecordType, data: &str) -> (Name, RrSet) {
    let rdata = ptrd_master::rdata_from_text(rtype, data, &Name::root()).expect("data");
    (name(owner), RrSet::single(rtype, Ttl::from_secs(300), rdata))
}

pub fn whole(serial: u32, mut records: Vec<(Name, RrSet)>) -> Pulled {
    records.push(set(APEX, RecordType::NS, "ns.example.net."));
    records.sort_by(|a, b| a.0.cmp(&b.0));
    Pulled::Whole(PulledZone { soa: soa(serial), soa_ttl: Ttl::from_secs(300), records })
}

/// A step: records that go and come, as owner, type, data.
pub fn step(
    from: u32,
    to: u32,
    removed: &[(&str, RecordType, &str)],
    added: &[(&str, RecordType, &str)],
) -> PulledStep {
    let data = |(owner, rtype, data): &(&str, RecordType, &str)| {
        let (owner, set) = set(owner, *rtype, data);
        (owner, *rtype, set.rdatas[0].clone())
    };
    let added = added.iter().map(data).map(|(owner, rtype, rdata)| PulledRecord {
        owner,
        rtype,
        ttl: Ttl::from_secs(300),
        rdata,
    });
    PulledStep {
        from: Serial(from),
        soa: soa(to),
        soa_ttl: Ttl::from_secs(300),
        removed: removed.iter().map(data).collect(),
        added: added.collect(),
    }
}

//! Catalogs of others: followed, and what their primaries send, in short words. A member is `label zone`, with `:group` behind
//! it for each group, and `>catalog` where it moves.

#![allow(dead_code)]

use super::pulled::spec;
use super::{Bench, name};
use ptrd_api::{CatalogFollowWrite, ChangeDone, ChangeRequest, MembersFate, Problem};
use ptrd_change::{Road, View};
use ptrd_wire::{Name, RecordType, RrSet, Serial, Soa, Ttl};
use ptrd_zone::{Outage, Pulled, PulledZone};
use std::collections::BTreeMap;

pub const PRIMARY: &str = "192.0.2.53";

pub fn follow_from(catalog: &str, tenant: Option<&str>, address: &str, key: Option<&str>) -> ChangeRequest {
    ChangeRequest::CatalogFollow(CatalogFollowWrite {
        catalog: catalog.to_owned(),
        tenant: tenant.map(str::to_owned),
        primaries: vec![spec(address, key)],
    })
}

pub fn follow(bench: &Bench, catalog: &str) -> ChangeDone {
    bench.ask(follow_from(catalog, Some("acme"), PRIMARY, None), false).expect("followed")
}

pub fn unfollow(catalog: &str, members: MembersFate) -> ChangeRequest {
    ChangeRequest::CatalogUnfollow { catalog: catalog.to_owned(), members }
}

/// A zone with these records, each `owner TYPE data`, the owner below its apex.
pub fn zone(apex: &str, serial: u32, lines: &[String]) -> Pulled {
    let mut sets = BTreeMap::<(Name, u16), RrSet>::new();
    for line in std::iter::once("@ NS invalid.").chain(lines.iter().map(String::as_str)) {
        let words: Vec<&str> = line.splitn(3, ' ').collect();
        let owner = if words[0] == "@" { name(apex) } else { name(&format!("{}.{apex}", words[0])) };
        let rtype: RecordType = words[1].parse().expect("a type");
        let rdata = ptrd_master::rdata_from_text(rtype, words[2], &Name::root()).expect("data");
        let set = sets.entry((owner, rtype.0)).or_insert(RrSet {
            rtype,
            ttl: Ttl::from_secs(0),
            rdatas: Vec::new(),
        });
        set.rdatas.push(rdata);
    }
    let minimum = Ttl::from_secs(0);
    let (mname, rname) = (name("invalid"), name("invalid"));
    let soa =
        Soa { mname, rname, serial: Serial(serial), refresh: 3_600, retry: 600, expire: 86_400, minimum };
    let records = sets.into_iter().map(|((owner, _), set)| (owner, set)).collect();
    Pulled::Whole(PulledZone { soa, soa_ttl: minimum, records })
}

/// The records of a catalog with these members.
pub fn records(members: &[&str]) -> Vec<String> {
    let mut lines = vec!["version TXT \"2\"".to_owned()];
    for member in members {
        let (label, rest) = member.split_once(' ').expect("label and zone");
        let (rest, coo) = rest.split_once('>').map_or((rest, None), |(rest, coo)| (rest, Some(coo)));
        let mut words = rest.split(':');
        lines.push(format!("{label}.zones PTR {}.", words.next().expect("a zone")));
        lines.extend(words.map(|group| format!("group.{label}.zones TXT \"{group}\"")));
        lines.extend(coo.map(|coo| format!("coo.{label}.zones PTR {coo}.")));
    }
    lines
}

pub fn catalog(apex: &str, serial: u32, members: &[&str]) -> Pulled {
    zone(apex, serial, &records(members))
}

pub fn pull_on(bench: &Bench, road: &Road, apex: &str, pulled: Pulled) -> Result<ChangeDone, Problem> {
    let id = road.view().zone_id(apex)?;
    bench.runtime.block_on(road.pull(id, ([192, 0, 2, 53], 53).into(), pulled, false))
}

pub fn pull(bench: &Bench, apex: &str, pulled: Pulled) -> ChangeDone {
    pull_on(bench, &bench.road, apex, pulled).expect("pulled")
}

/// Zones that come from catalogs, one a line: zone, catalog, label, groups, and whether it was never pulled.
pub fn origins(view: &View) -> Vec<String> {
    let of = |meta: &std::sync::Arc<ptrd_zone::ZoneMeta>| {
        let origin = view.zone(&meta.apex.to_string()).expect("a zone").catalog?;
        let zone = view.snapshot.zone(&meta.apex).expect("content");
        let groups: String = origin.groups.iter().map(|group| format!(":{group}")).collect();
        let awaited = if zone.outage() == Some(Outage::Awaited) { " awaited" } else { "" };
        let catalog = origin.catalog.trim_end_matches('.').to_owned();
        Some(format!(
            "{} {catalog} {}{groups}{awaited}",
            meta.apex.to_string().trim_end_matches('.'),
            origin.label
        ))
    };
    view.declared.zones().filter_map(of).collect()
}

/// What was refused and why, and what is wrong with the catalog.
pub fn refused(bench: &Bench, catalog: &str) -> Vec<String> {
    let id = bench.view().zone_id(catalog).expect("a catalog");
    let all = bench.road.consumptions();
    let Some(how) = all.get(&id) else { return Vec::new() };
    let zones = how.refused.iter().map(|(zone, why)| format!("{zone} {why}"));
    zones.chain(how.problem.clone()).collect()
}

/// Waits until the writer has done what follows from a change.
#[track_caller]
pub fn wait(what: &str, is_so: impl Fn() -> bool) {
    let since = std::time::Instant::now();
    while !is_so() {
        assert!(since.elapsed().as_secs() < 60, "{what}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

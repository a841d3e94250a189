//! What names cost and lead to where templates and rows of addresses are many.

use super::*;
use crate::{PtrChange, Snapshot, Workspace, pack_names};
use ptrd_wire::Name;

/// Labels of `example.`, with the root's left out.
const APEX_LABELS: usize = 1;
const TTL: Ttl = Ttl::from_secs(60);

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn range(text: &str) -> AddrRange {
    text.parse().expect("a range")
}

/// A template for the addresses of a range, and the runs that it names.
fn pattern(text: &str, within: &str, runs: &[&str]) -> (Name, Pattern) {
    let runs: Vec<AddrRange> = runs.iter().map(|run| range(run)).collect();
    let template = Template::new(text, range(within)).expect("a template");
    let origin = template.origin();
    let labels = template.label_count() - origin.label_count();
    let run = |run: &AddrRange| Run { first: run.first_bits(), last: run.last_bits(), ttl: TTL, before: 0 };
    (origin, Pattern { template, labels, runs: runs.iter().map(run).collect() })
}

fn patterns(given: impl IntoIterator<Item = (Name, Pattern)>) -> Patterns {
    let mut patterns = Patterns::default();
    for (origin, pattern) in given {
        let key = origin.key_below(APEX_LABELS);
        let place = patterns.origins.binary_search_by(|known| known.key.cmp(&key));
        let place = place.unwrap_or_else(|place| {
            let depth = origin.label_count() - APEX_LABELS;
            patterns.origins.insert(place, Origin { key, depth, patterns: Vec::new() });
            place
        });
        patterns.origins[place].patterns.push(pattern);
    }
    patterns.finish();
    patterns
}

/// Addresses that have PTRs.
fn addresses(ranges: &[&str]) -> Addresses {
    let names = pack_names(&[name("other.example")]);
    let ranges: Vec<AddrRange> = ranges.iter().map(|text| range(text)).collect();
    let all = ranges.iter().flat_map(|range| {
        let family = range.family();
        (range.first_bits()..=range.last_bits()).map(move |bits| ip_from_bits(family, bits))
    });
    let changes: Vec<PtrChange<'_>> = all.map(|address| (address, Some((TTL, false, &*names)))).collect();
    let mut snapshot = Snapshot::default();
    snapshot.apply_ptrs(&mut Workspace::default(), &changes);
    snapshot.addresses().clone()
}

fn leads(patterns: &Patterns, addresses: &Addresses, text: &str) -> bool {
    let mut asked = QName::default();
    asked.assign(name(text).as_wire());
    let below = asked.label_count() - APEX_LABELS;
    patterns.lead(addresses, (&asked, &Path::new(&asked, below), below), 0)
}

#[test]
fn a_name_leads_to_addresses_that_have_no_ptrs() {
    let of_octets =
        || patterns([pattern("{d}.{c}.pool.example", "10.0.0.0/16", &["10.0.0.0/24", "10.0.2.0/24"])]);
    for (set, yes, no) in [
        (
            &["10.0.0.0/24"][..],
            &["pool.example", "2.pool.example"][..],
            &["0.pool.example", "02.pool.example"][..],
        ),
        (&["10.0.0.0/24", "10.0.2.0/24"], &[], &["pool.example", "0.pool.example", "2.pool.example"]),
        (&[], &["0.pool.example", "pool.example"], &["1.pool.example", "00.pool.example", "x.pool.example"]),
    ] {
        let addresses = addresses(set);
        for text in yes {
            assert!(leads(&of_octets(), &addresses, text), "{text} beside {set:?}");
        }
        for text in no {
            assert!(!leads(&of_octets(), &addresses, text), "{text} beside {set:?}");
        }
    }
    // A whole /16 is counted.
    let wide = patterns([pattern("h{hex}.pool.example", "0.0.0.0/0", &["10.0.0.0/16"])]);
    assert!(!leads(&wide, &addresses(&["10.0.0.0/16"]), "pool.example"));
    assert!(leads(&wide, &addresses(&["10.0.0.0-10.0.255.254"]), "pool.example"));
}

#[test]
fn what_costs_too_much_to_find_out_is_taken_to_be_so() {
    let runs: Vec<String> = (0..4_000).map(|nth| format!("10.0.{}.{}", nth / 128, nth % 128 * 2)).collect();
    let runs: Vec<&str> = runs.iter().map(String::as_str).collect();
    let all_set = addresses(&runs);
    // Below the name, and with its last labels.
    let below = patterns([pattern("h{hex}.pool.example", "0.0.0.0/0", &runs)]);
    assert!(leads(&below, &all_set, "pool.example"), "it is not gone through all of them");
    let beside = patterns([pattern("{c}-{d}.{a}.pool.example", "10.0.0.0/16", &runs)]);
    assert!(leads(&beside, &all_set, "10.pool.example"));
    assert!(!leads(&beside, &all_set, "010.pool.example"), "one run settles how it is spelt");
    assert!(!leads(&beside, &all_set, "11.pool.example"));
    let few = patterns([pattern("h{hex}.pool.example", "0.0.0.0/0", &runs[..200])]);
    assert!(!leads(&few, &all_set, "pool.example"));
    // The last of many runs is found at once.
    let last = patterns([pattern("{d}.{c}.pool.example", "10.0.0.0/16", &runs)]);
    assert!(leads(&last, &addresses(&runs[..3_999]), "31.pool.example"));
    assert!(!leads(&last, &all_set, "99.pool.example"));
}

#[test]
fn the_domains_above_a_name_count_together() {
    let of = |domain: &'static str, tag: &'static str| {
        (0..20u32)
            .map(move |nth| pattern(&format!("{tag}{nth}-{{hex}}.{domain}"), "0.0.0.0/0", &["10.0.0.0/30"]))
    };
    let deep = patterns(of("a.pool.example", "i").chain(of("pool.example", "o")).chain(of("b.example", "b")));
    assert_eq!(deep.left_out, 8);
    let kept: Vec<usize> = deep.origins.iter().map(|origin| origin.patterns.len()).collect();
    assert_eq!(kept, [20, 20, 12], "b, pool, a.pool");
    // A name has addresses by the same rule in the list and when it is asked for.
    for (text, has) in [("o19-0a000001.pool.example", true), ("i11-0a000001.a.pool.example", true)]
        .into_iter()
        .chain([("i12-0a000001.a.pool.example", false)])
    {
        let mut asked = QName::default();
        asked.assign(name(text).as_wire());
        let (none, below) = (Addresses::default(), asked.label_count() - APEX_LABELS);
        let mut found = 0;
        deep.each(&none, (&asked, &Path::new(&asked, below), below), |_| true, |_, _| found += 1);
        let key = name(text).key_below(APEX_LABELS);
        let listing = Listing::from(&deep, &none, APEX_LABELS, &key);
        assert_eq!((found == 1, listing.key() == Some(&*key)), (has, has), "{text}");
    }
    // Where none is kept there is no domain either.
    let full =
        (0..32u32).map(|nth| pattern(&format!("o{nth}-{{hex}}.pool.example"), "0.0.0.0/0", &["10.0.0.0/30"]));
    let full = patterns(full.chain(of("a.pool.example", "i")));
    assert_eq!((full.left_out, full.origins.len()), (20, 1));
}

#[test]
fn names_under_many_domains_are_listed_once_each() {
    let of = |nth: u32| {
        let run = format!("10.{}.{}.{}", nth >> 16, nth >> 8 & 255, nth & 255);
        pattern(&format!("h{{hex}}.d{nth:05}.example"), "0.0.0.0/0", &[&run])
    };
    let many = patterns((0..70_000).map(of));
    let none = Addresses::default();
    let mut listing = Listing::from(&many, &none, APEX_LABELS, &[]);
    let (mut last, mut count) = (Vec::new(), 0);
    while let Some(key) = listing.key() {
        assert!(*last < *key, "name {count}");
        last = key.to_vec();
        count += 1;
        listing.advance();
    }
    assert_eq!(count, 70_000);
}

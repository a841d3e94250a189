//! Statements, written and read; what others may send in their place.

use super::form::{Owners, read, write};
use super::*;
use crate::model::{Block, BlockId, BlockTemplate, Mode, Standing, TenantId, ZoneId};
use crate::{Declared, Derived, Exception, ExceptionRange, Snapshot, Template};
use ptrd_wire::{RrSet, Serial, Soa};

const SIX: &str = "8.b.d.0.1.0.0.2.ip6.arpa";

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn range(text: &str) -> AddrRange {
    text.parse().expect("a range")
}

fn zone(apex: &str, view: View) -> Zone {
    let soa = Soa {
        mname: name("ns."),
        rname: name("h."),
        serial: Serial(1),
        refresh: 1,
        retry: 1,
        expire: 1,
        minimum: Ttl::from_secs(1),
    };
    Zone::new(ZoneId(1), name(apex), view, soa, Ttl::from_secs(9))
}

fn snapshot(blocks: &[(&str, &str)]) -> Snapshot {
    let (mut declared, mut snapshot) = (Declared::default(), Snapshot::default());
    for (nth, (addresses, template)) in blocks.iter().enumerate() {
        declared.put_block(Block {
            id: BlockId(nth as u32),
            range: range(addresses),
            tenant: TenantId(1),
            mode: Mode::Direct,
            default_ttl: None,
            template: BlockTemplate::read(template),
            standing: Standing::default(),
        });
    }
    snapshot.apply_all_templates(&declared);
    snapshot
}

fn named(addresses: &str, base: &str, text: &str) -> Named {
    let template = Template::new(text, range(base)).expect("a template");
    Named::new(range(addresses), template, Ttl::from_secs(60))
}

fn statement(owners: Owners, addresses: &str, base: &str, text: &str) -> Box<[u8]> {
    let ends = |range: AddrRange| (range.first_bits(), range.last_bits());
    write(owners, &named(addresses, base, text), ends(range(addresses)), ends(range(base)))
}

fn told(apex: &str, rdatas: &[Box<[u8]>]) -> Result<(), BadStatement> {
    Statements::check(&name(apex), rdatas.iter().map(|rdata| &**rdata))
}

#[test]
fn a_statement_is_read_as_it_was_written() {
    for (addresses, base, text) in [
        ("10.0.0.0/24", "10.0.0.0/8", "{ip}.example"),
        ("10.0.0.7", "10.0.0.0/24", "n{n}.example"),
        ("2001:db8::/64", "2001:db8::/32", "{hex}.example"),
        ("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0", "{hex}.example"),
    ] {
        let octets = statement(Owners::Reverse, addresses, base, text);
        let found = read(&octets).expect("a statement").expect("a statement");
        assert_eq!((found.owners, found.named), (Owners::Reverse, named(addresses, base, text)));
        for cut in 0..octets.len() - text.len() {
            let is_other = cut < 4;
            assert_eq!(read(&octets[..cut]).is_ok_and(|read| read.is_none()), is_other, "{cut} octets");
        }
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let reverse = |addresses: &str| statement(Owners::Reverse, addresses, addresses, "{hex}.example");
    let good = reverse("2001:db8::/64");
    let with = |at: usize, octet: u8| {
        let mut octets = good.to_vec();
        octets[at] = octet;
        [Box::from(octets)]
    };
    assert_eq!(told(SIX, std::slice::from_ref(&good)), Ok(()));
    assert_eq!(told(SIX, &with(4, 2)), Err(BadStatement::Version(2)));
    for at in 5..8 {
        assert!(matches!(told(SIX, &with(at, 9)), Err(BadStatement::Malformed(_))), "octet {at}");
    }
    // A range that ends before it begins, or is none of the template's.
    for at in [12, 28, 44] {
        assert!(told(SIX, &with(at, 0x7f)).is_err(), "octet {at}");
    }
    let text = [&good[..76], b"{d}"].concat();
    assert!(matches!(told(SIX, &[text.into()]), Err(BadStatement::Template(..))));
    let text = [&good[..76], b"\xff"].concat();
    assert!(matches!(told(SIX, &[text.into()]), Err(BadStatement::Malformed(_))));
    for addresses in ["2001:db9::/64", "::/0", "10.0.0.0/8", "2001:db8::-2001:db9::"] {
        assert!(matches!(told(SIX, &[reverse(addresses)]), Err(BadStatement::Outside(..))), "{addresses}");
    }
    assert!(matches!(told("example.net", std::slice::from_ref(&good)), Err(BadStatement::Outside(..))));
    let overlapping = [good.clone(), reverse("2001:db8::ffff/128")];
    assert!(matches!(told(SIX, &overlapping), Err(BadStatement::Twice(_))));
    let mixed = [statement(Owners::LastOctet, "10.0.0.0/26", "10.0.0.0/26", "{d}.x.example"), good.clone()];
    assert!(matches!(told(SIX, &mixed), Err(BadStatement::Malformed(_))));
    let beside = [good.clone(), Box::from(&b"of somebody else"[..])];
    assert!(matches!(told(SIX, &beside), Err(BadStatement::Malformed(_))));
    assert_eq!(told(SIX, &beside[1..]), Ok(()), "no statement at all");
    let many = (0..=MOST_STATEMENTS).map(|n| reverse(&format!("2001:db8::{n:x}")));
    assert_eq!(told(SIX, &many.collect::<Vec<_>>()), Err(BadStatement::TooMany));
    // Of a classless zone the addresses are those of one /24.
    let classless = |addresses: &str| statement(Owners::LastOctet, addresses, addresses, "{ip}.example");
    assert_eq!(told("0-26.2.0.192.in-addr.arpa", &[classless("192.0.2.0/26")]), Ok(()));
    for wrong in ["192.0.2.0/23", "2001:db8::/126"] {
        assert!(matches!(told("x.example", &[classless(wrong)]), Err(BadStatement::Outside(..))), "{wrong}");
    }
}

#[test]
fn any_octets_are_read_or_refused() {
    let good = statement(Owners::Reverse, "2001:db8::/64", "2001:db8::/48", "h{hex}.example");
    let mut seed = 7u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let mut refused = 0;
    for _ in 0..50_000 {
        let mut octets = good.to_vec();
        for _ in 0..=random(3) {
            let at = 5 + random(octets.len() - 5);
            octets[at] = random(256) as u8;
        }
        octets.truncate(octets.len() - random(4) * random(20));
        refused += usize::from(told(SIX, &[octets.into()]).is_err());
    }
    assert!((1_000..50_000).contains(&refused), "{refused} were refused");
}

#[test]
fn what_is_withheld_is_not_stated() {
    let snapshot = snapshot(&[("10.0.0.0/16", "{ip}.example")]);
    let prefix = ReversePrefix::of_apex(&name("0.0.10.in-addr.arpa")).expect("a prefix");
    let mut zone = zone("0.0.10.in-addr.arpa", View::Range(prefix));
    let stated = |zone: &Zone| -> Vec<String> {
        let statements = zone.statements(snapshot.addresses()).expect("statements");
        let read = |rdata: &[u8]| read(rdata).expect("a statement").expect("a statement").named;
        statements.rdatas().iter().map(|rdata| read(rdata).range().to_string()).collect()
    };
    assert_eq!(stated(&zone), ["10.0.0.0/24"], "no more than the zone shows");
    let withheld = |addresses: &str| ExceptionRange { range: range(addresses), what: Exception::Withheld };
    for (suspended, expected) in [
        (&["10.0.0.16/28"][..], &["10.0.0.0/28", "10.0.0.32-10.0.0.255"][..]),
        (&["10.0.0.0/25"], &["10.0.0.128/25"]),
        (&["10.0.0.128/25"], &["10.0.0.0/25"]),
        (&["10.0.0.0/25", "10.0.0.128/25"], &[]),
        (&["10.0.0.1", "10.0.0.2", "10.0.0.255"], &["10.0.0.0", "10.0.0.3-10.0.0.254"]),
    ] {
        let exceptions = suspended.iter().map(|addresses| withheld(addresses)).collect();
        zone.set_derived(Derived { exceptions, alias_ttl: Ttl::from_secs(1), ..Derived::default() });
        let expected: Vec<String> = expected.iter().map(|text| range(text).to_string()).collect();
        assert_eq!(stated(&zone), expected, "{suspended:?}");
    }
}

#[test]
fn statements_show_nowhere_but_where_they_are_asked_for() {
    let apex = name(SIX);
    let mut zone = zone(SIX, View::Verbatim);
    let ns = RrSet::single(RecordType::NS, Ttl::from_secs(5), name("ns.example").as_wire());
    let stated = statement(Owners::Reverse, "2001:db8::/124", "2001:db8::/124", "h{n}.example");
    let stated = RrSet { rtype: STATEMENT, ttl: STATEMENT_TTL, rdatas: vec![stated] };
    zone.apply_records([
        (apex.clone(), RecordType::NS, Some(ns)),
        (apex.clone(), STATEMENT, Some(stated.clone())),
    ]);
    assert!(zone.is_stated());
    assert_eq!(zone.apex_node().map(|node| node.rrsets().count()), Some(1));
    let empty = Addresses::default();
    assert_eq!(zone.walk(&empty).owned().count(), 17, "NS and sixteen names");
    assert!(zone.walk(&empty).owned().all(|(_, rrset)| rrset.rtype != STATEMENT));
    let statements = zone.statements(&empty).expect("statements");
    assert_eq!(statements.rdatas(), &stated.rdatas[..]);
    let walk = zone.walk_in(&empty, (Form::Stated, &statements), &apex).owned();
    assert_eq!(walk.map(|(_, rrset)| rrset.rtype).collect::<Vec<_>>(), [RecordType::NS, STATEMENT]);
    // Those of a type that somebody uses otherwise are records like others.
    let other = RrSet::single(STATEMENT, Ttl::from_secs(5), &b"something"[..]);
    zone.apply_records([(apex.clone(), STATEMENT, Some(other))]);
    assert!(!zone.is_stated());
    assert_eq!(zone.walk(&empty).owned().count(), 2);
    // Nobody can have signed what is computed.
    let rrsig = RrSet::single(RecordType::RRSIG, Ttl::from_secs(5), &[0; 24][..]);
    zone.apply_records([(apex.clone(), STATEMENT, Some(stated)), (apex, RecordType::RRSIG, Some(rrsig))]);
    assert_eq!(zone.check_statements(), Err(BadStatement::Signed));
}

#[test]
fn what_is_in_too_many_ranges_is_not_stated() {
    let blocks: Vec<(String, &str)> = (0..=MOST_STATEMENTS / 2)
        .map(|n| (format!("10.{}.{}.0/25", n / 256, n % 256), "{hex}.a.example"))
        .chain(
            (0..=MOST_STATEMENTS / 2)
                .map(|n| (format!("10.{}.{}.128/25", n / 256, n % 256), "{hex}.b.example")),
        )
        .collect();
    let blocks: Vec<(&str, &str)> = blocks.iter().map(|(range, text)| (&**range, *text)).collect();
    let snapshot = snapshot(&blocks);
    let prefix = ReversePrefix::of_apex(&name("10.in-addr.arpa")).expect("a prefix");
    let zone = zone("10.in-addr.arpa", View::Range(prefix));
    assert_eq!(zone.statements(snapshot.addresses()), None);
    assert!(
        zone.goes_in(snapshot.addresses(), Form::Records)
            && !zone.goes_in(snapshot.addresses(), Form::Stated)
    );
}

#[test]
fn what_others_show_counts_for_nothing() {
    let prefix = ReversePrefix::of_apex(&name("1.10.in-addr.arpa")).expect("a prefix");
    let mut zone = zone("1.10.in-addr.arpa", View::Range(prefix));
    let ns = RrSet::single(RecordType::NS, Ttl::from_secs(1), name("ns.").as_wire());
    let cut = Arc::new(crate::Cut { ns, ds: None, glue: Vec::new() });
    let alias = Exception::Alias(Arc::new(name("64-26.3.1.10.in-addr.arpa")));
    zone.set_derived(Derived {
        cuts: ["0", "2", "10"].map(|octet| (name(&format!("{octet}.1.10.in-addr.arpa")), cut.clone())).into(),
        exceptions: vec![ExceptionRange { range: range("10.1.3.64/26"), what: alias }],
        alias_ttl: Ttl::from_secs(1),
    });
    let stated = |blocks: &[(&str, &str)]| -> Vec<String> {
        let snapshot = snapshot(blocks);
        let statements = zone.statements(snapshot.addresses()).expect("statements");
        let read = |rdata: &[u8]| read(rdata).expect("a statement").expect("a statement").named;
        statements
            .rdatas()
            .iter()
            .map(|rdata| format!("{} {}", read(rdata).range(), read(rdata).template()))
            .collect()
    };
    let plain = [("10.0.0.0/8", "{ip}.a.example")];
    assert_eq!(stated(&plain), ["10.1.1.0-10.1.255.255 {ip}.a.example"], "none begins below a cut");
    for inside in ["10.1.0.0/24", "10.1.2.0/24", "10.1.2.7", "10.1.10.0/25", "10.1.3.64/26", "10.1.3.70/31"] {
        for template in ["none", "{hex}.b.example", "n{n}.example"] {
            assert_eq!(stated(&[plain[0], (inside, template)]), stated(&plain), "{inside} {template}");
        }
    }
    let other = stated(&[plain[0], ("10.1.3.0/24", "none")]);
    assert_eq!(other, ["10.1.1.0/24 {ip}.a.example", "10.1.4.0-10.1.255.255 {ip}.a.example"]);
    // A range that was split is one where it gives the same names.
    let halves = |template| [("10.1.4.0/25", template), ("10.1.4.128/25", template)];
    let count = |template| stated(&halves(template)).len();
    assert_eq!((count("h{d}.example"), count("{ip}.example"), count("n{n}.example")), (1, 1, 2));
    let neighbours = [("10.1.4.0/24", "h{d}.example"), ("10.1.5.0/24", "h{d}.example")];
    assert_eq!(stated(&neighbours).len(), 2, "no template is for both");
}

use super::*;
use proptest::prelude::*;
use std::collections::HashSet;

fn range(text: &str) -> AddrRange {
    text.parse().unwrap()
}

fn made(text: &str, addresses: &str) -> Template {
    Template::new(text, range(addresses)).unwrap_or_else(|error| panic!("{text} for {addresses}: {error}"))
}

fn refused(text: &str, addresses: &str) -> String {
    match Template::new(text, range(addresses)) {
        Ok(template) => panic!("{template:?} was made"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_operators_write() {
    for (text, addresses, address, name) in [
        (
            "host-{a}-{b}-{c}-{d}.pool.example.net",
            "192.0.2.0/24",
            "192.0.2.7",
            "host-192-0-2-7.pool.example.net",
        ),
        ("{d}.{c}.{b}.{a}.dyn.example.net.", "10.0.0.0/8", "10.20.30.40", "40.30.20.10.dyn.example.net"),
        ("{ip}.example.net", "10.0.0.0/8", "10.2.0.255", "10-2-0-255.example.net"),
        ("p{hex}.example.net", "10.0.0.0/8", "10.0.0.255", "p0a0000ff.example.net"),
        ("h{d:3}.example.net", "192.0.2.0/24", "192.0.2.7", "h007.example.net"),
        ("h{d:2x}.example.net", "192.0.2.0/24", "192.0.2.200", "hc8.example.net"),
        ("h{c:3}{d:3}.example.net", "10.1.0.0/16", "10.1.2.3", "h002003.example.net"),
        ("vm{n}.example.net", "192.0.2.64/26", "192.0.2.64", "vm0.example.net"),
        ("vm{n+1}.example.net", "192.0.2.64-192.0.2.70", "192.0.2.70", "vm7.example.net"),
        ("vm{n:4x}.example.net", "2001:db8::/112", "2001:db8::ab", "vm00ab.example.net"),
        (
            "{ip}.example.net",
            "2001:db8::/32",
            "2001:db8::1",
            "2001-0db8-0000-0000-0000-0000-0000-0001.example.net",
        ),
        (
            "x{hex}.example.net",
            "2001:db8::/64",
            "2001:db8::a",
            "x20010db800000000000000000000000a.example.net",
        ),
        (
            "h-{5}-{6}-{7}-{8}.example.net",
            "2001:db8::/64",
            "2001:db8::1:f",
            "h-0000-0000-0001-000f.example.net",
        ),
        ("h-{8:1x}.example.net", "2001:db8::/112", "2001:db8::f", "h-f.example.net"),
        ("A{d}.Example.NET", "192.0.2.0/24", "192.0.2.9", "A9.Example.NET"),
    ] {
        let template = made(text, addresses);
        let address: IpAddr = address.parse().unwrap();
        let found = template.name(address).unwrap();
        assert_eq!(found.to_string(), format!("{name}."), "{text}");
        assert_eq!(template.address(&found), Some(address), "{text}");
        assert_eq!(template.address(&name.to_ascii_uppercase().parse().unwrap()), Some(address), "{text}");
    }
}

#[test]
fn a_name_that_no_address_has_is_none() {
    let template = made("host-{c}-{d}.pool.example.net", "192.0.2.0/24");
    for name in [
        "host-2-256.pool.example.net",
        "host-2-07.pool.example.net",
        "host-3-7.pool.example.net",
        "host-2-.pool.example.net",
        "host-2-+7.pool.example.net",
        "host-2-7.pool.example.org",
        "a.host-2-7.pool.example.net",
        "host-2-7.pool.example.net.net",
        "pool.example.net",
        ".",
    ] {
        assert_eq!(template.address(&name.parse().unwrap()), None, "{name}");
    }
    assert_eq!(template.name("192.0.3.1".parse().unwrap()), None);
}

#[test]
fn a_literal_dot_in_a_label_separates_nothing() {
    let template = made("{d}.example.net", "192.0.2.0/24");
    let name = Name::from_labels([&b"7.example"[..], b"net"], &Name::root()).unwrap();
    assert_eq!(template.address(&name), None);
}

#[test]
fn what_would_name_nothing_well_is_refused() {
    for (text, addresses, said) in [
        ("host.example.net", "192.0.2.0/24", "without a field"),
        ("host-{d.example.net", "192.0.2.0/24", "no closing brace"),
        ("host-{e}.example.net", "192.0.2.0/24", "no field {e}"),
        ("host-{d:64}.example.net", "192.0.2.0/24", "width of at most 63"),
        ("host-{hex:4}.example.net", "192.0.2.0/24", "hex has neither"),
        ("host-{1}.example.net", "192.0.2.0/24", "part of an IPv6 address"),
        ("host-{a}.example.net", "2001:db8::/64", "part of an IPv4 address"),
        ("host_{d}.example.net", "192.0.2.0/24", "“_” does not belong"),
        ("host-{d}..example.net", "192.0.2.0/24", "a label is empty"),
        (".host-{d}.example.net", "192.0.2.0/24", "a label is empty"),
        ("-{d}.example.net", "192.0.2.0/24", "hyphen"),
        ("{d}-.example.net", "192.0.2.0/24", "hyphen"),
        ("ab--{d}.example.net", "192.0.2.0/24", "third and fourth"),
        ("{d}--a.example.net", "192.0.2.0/24", "third and fourth"),
        ("{c}{d}.example.net", "10.1.0.0/16", "1 and 12 would read like 11 and 2"),
        ("{c}1{d}.example.net", "10.1.0.0/16", "1 and 12"),
        ("{c}{a:3}{d}.example.net", "10.1.0.0/16", "1 and 12"),
        ("{c:1x}a{d:1x}.example.net", "10.1.0.0/16", "1 and 12"),
        ("host-{d}.example.net", "10.1.0.0/16", "differ only in {c}"),
        ("host-{8}.example.net", "2001:db8::/64", "differ only in {5} {6} {7}"),
        ("host-{d}", "192.0.2.0/24", ""),
        ("example-{d}.1", "192.0.2.0/24", "must not begin with a digit"),
        ("{d}", "192.0.2.0/24", "must not begin with a digit"),
    ] {
        if said.is_empty() {
            made(text, addresses);
        } else {
            let error = refused(text, addresses);
            assert!(error.contains(said), "{text}: {error}");
        }
    }
    let long = format!("{}{{ip}}.example.net", "x".repeat(49));
    assert!(refused(&long, "10.0.0.0/8").contains("up to 64 octets; 63"));
    let long = format!("{{n}}.{}net", "example-of-forty-octets-in-a-single-label.".repeat(6));
    assert!(refused(&long, "10.0.0.0/8").contains("255 are allowed"));
    // A pair that no address brings to the third place, and one before which nothing varies.
    made("host{d}--a.example.net", "192.0.2.0/24");
    made("a--{d}.example.net", "192.0.2.0/24");
}

#[test]
fn origin_is_what_all_names_lie_under() {
    for (text, origin) in [
        ("h-{d}.pool.example.net", "pool.example.net."),
        ("{d}.{c}-x.example.net", "example.net."),
        ("h-{d}", "."),
    ] {
        assert_eq!(made(text, "192.0.2.0/24").origin().to_string(), origin, "{text}");
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        prop::sample::select(vec![
            "{a}", "{b}", "{c}", "{d}", "{d:3}", "{c:2x}", "{d:1x}", "{c:1o}", "{ip}", "{hex}"
        ]),
        prop::sample::select(vec![
            "{n}",
            "{n:6}",
            "{n:1x}",
            "{n+1}",
            "{n:1o}",
            "{c}-{d}",
            "{c:3}{d:3}",
            "{ip:3}"
        ]),
    ];
    let text = prop::sample::select(vec!["a", "1", "-", "--", ".", "x-", "0", "f", "", "host", "-1-"]);
    let part = prop_oneof![field.prop_map(str::to_owned), text.prop_map(str::to_owned)];
    (prop::collection::vec(part, 1..7), prop::sample::select(vec![".example.net", ".net", "-x.net", ".1x"]))
        .prop_map(|(parts, end)| parts.concat() + end)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    /// What is made gives each address a legal name of its own, which reads back to it and no other.
    #[test]
    fn names_are_legal_distinct_and_read_back(text in pieces(), first in any::<u32>(), size in 1..700u32) {
        let last = first.saturating_add(size);
        let addresses = AddrRange::new(IpAddr::V4(first.into()), IpAddr::V4(last.into())).unwrap();
        if let Ok(template) = Template::new(&text, addresses) {
            let mut seen = HashSet::new();
            for bits in first..=last {
                let address = IpAddr::V4(bits.into());
                let name = template.name(address).unwrap_or_else(|| panic!("{text}: no name for {address}"));
                for label in name.labels() {
                    let legal = label.iter().all(|c| c.is_ascii_alphanumeric() || *c == b'-');
                    let ends = label.first() == Some(&b'-') || label.last() == Some(&b'-');
                    prop_assert!(legal && !ends && label.get(2..4) != Some(b"--"), "{text}: {name}");
                }
                prop_assert_eq!(template.address(&name), Some(address), "{}: {}", text, name);
                prop_assert!(seen.insert(name), "{text}: a second {address}");
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a-d{}.:n0-9x+-]{0,40}") {
        let _ = Template::new(&text, range("10.0.0.0/8"));
        let _ = Template::new(&text, range("::/0"));
    }

    #[test]
    fn a_range_of_ipv6_is_named_from_end_to_end(bits in any::<u128>(), length in 0..=128u8, inside in any::<u128>()) {
        let addresses = AddrRange::of_prefix(ptrd_wire::Family::V6, bits, length);
        let span = addresses.last_bits() - addresses.first_bits();
        let inside = addresses.first_bits() + if span == u128::MAX { inside } else { inside % (span + 1) };
        for text in ["{ip}.example.net", "h{hex}.example.net", "n{n}.example.net", "{1}.{2}.{3}-{4}-{5}.{6}.{7}.{8}.net"] {
            let template = Template::new(text, addresses).unwrap();
            for bits in [addresses.first_bits(), inside, addresses.last_bits()] {
                let address = ip_from_bits(ptrd_wire::Family::V6, bits);
                let name = template.name(address).expect("a name");
                prop_assert_eq!(template.address(&name), Some(address), "{}", name);
            }
        }
    }
}

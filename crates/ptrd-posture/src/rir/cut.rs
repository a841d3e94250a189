//! The zones that a registry delegates for a block.
//!
//! The cut is at label borders, the coarsest that the registry has. What is left over at the ends is a part of a /24: RIPE has
//! objects for these, the others do not.

use super::Registry;
use ptrd_wire::{AddrRange, Family, Name, ReversePrefix, classless_label, ip_from_bits, label_prefixes};
use serde::Serialize;

/// How many zones one block may need. A block of more is none that a registry gives to anybody.
const MOST: usize = 1024;

/// What a registry does not do, and what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// What is refused, and why.
    pub what: String,
    /// What to do instead.
    pub instead: String,
}

impl Refusal {
    pub(super) fn new(what: impl Into<String>, instead: impl Into<String>) -> Refusal {
        Refusal { what: what.into(), instead: instead.into() }
    }
}

/// A zone that a registry delegates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its name.
    pub apex: Name,
    /// The addresses that it is about.
    pub range: AddrRange,
    /// Whether it is a part of a /24, written `first-last` in the last octet. The registry publishes the CNAMEs.
    pub dashed: bool,
}

impl Zone {
    /// The name without its final dot, as RPSL has it.
    pub fn domain(&self) -> String {
        self.apex.to_string().trim_end_matches('.').to_owned()
    }

    /// Whether a host of this name lies at or below the zone. The parts of a /24 are cut out of it, so an address's own name
    /// lies below the part that holds it.
    pub fn holds(&self, host: &str) -> bool {
        let Ok(host) = host.parse::<Name>() else { return false };
        if host.is_at_or_under(&self.apex) {
            return true;
        }
        let octets = ptrd_wire::ReverseName::of_name(&host);
        self.dashed
            && octets.is_some_and(|name| name.prefix.is_full() && self.range.covers(&name.prefix.range()))
    }
}

/// The zones of a range, in the order of addresses.
///
/// # Errors
/// What the registry does not do for a range of this size and place.
pub fn cut(range: &AddrRange, registry: Registry) -> Result<Vec<Zone>, Refusal> {
    let mut zones: Vec<Zone> = Vec::new();
    let mut left: Option<AddrRange> = None;
    for prefix in label_prefixes(range) {
        if prefix.family() == Family::V4 && prefix.is_full() {
            left = Some(joined(left, prefix.range(), &mut zones, registry)?);
            continue;
        }
        zones.extend(left.take().map(|part| part_of_24(part, registry)).transpose()?);
        spread(prefix, range, registry, &mut zones)?;
    }
    zones.extend(left.map(|part| part_of_24(part, registry)).transpose()?);
    if zones.len() > MOST { Err(too_large(range, registry)) } else { Ok(zones) }
}

/// A part of a /24 with one address more; what is of another /24 becomes a zone.
fn joined(
    left: Option<AddrRange>,
    next: AddrRange,
    zones: &mut Vec<Zone>,
    registry: Registry,
) -> Result<AddrRange, Refusal> {
    match left {
        Some(part) if part.first_bits() >> 8 == next.first_bits() >> 8 => {
            Ok(AddrRange::new(part.first(), next.last()).expect("addresses in order"))
        }
        Some(part) => {
            zones.push(part_of_24(part, registry)?);
            Ok(next)
        }
        None => Ok(next),
    }
}

/// The zones of a prefix at a label border.
fn spread(
    prefix: ReversePrefix,
    range: &AddrRange,
    registry: Registry,
    zones: &mut Vec<Zone>,
) -> Result<(), Refusal> {
    let family = prefix.family();
    let fits = |depth: &u8| *depth >= prefix.depth();
    let depth = match family {
        Family::V4 => registry.octets().iter().copied().find(fits).unwrap_or(3),
        Family::V6 => prefix.depth(),
    };
    let more = u32::from((depth - prefix.depth()) * family.label_bits());
    if depth == 0 || zones.len() + (1usize << more.min(31)) > MOST {
        return Err(too_large(range, registry));
    }
    let step = u32::from(family.bits() - depth * family.label_bits());
    zones.extend((0..1u128 << more).map(|n| {
        let cut = ReversePrefix::new(ip_from_bits(family, prefix.bits() | n << step), depth);
        Zone { apex: cut.name(), range: cut.range(), dashed: false }
    }));
    Ok(())
}

fn too_large(range: &AddrRange, registry: Registry) -> Refusal {
    Refusal::new(
        format!("{range}: {registry} would have more than {MOST} zones for it"),
        "name a block that was given to you, such as a /16 or a /29 of IPv6",
    )
}

fn part_of_24(range: AddrRange, registry: Registry) -> Result<Zone, Refusal> {
    if !registry.takes_parts() {
        return Err(no_part(&range, registry));
    }
    let page = ReversePrefix::new(range.first(), 3);
    if range.size() == 1 {
        let apex = ReversePrefix::new(range.first(), 4).name();
        return Ok(Zone { apex, range, dashed: false });
    }
    let label = classless_label(&range, '-', true).expect("a range within one /24");
    let apex = Name::parse_relative(&label, &page.name()).expect("a label of digits and a dash");
    Ok(Zone { apex, range, dashed: true })
}

/// Below a /24 the holder of the /24 does what the registry does above it.
fn no_part(range: &AddrRange, registry: Registry) -> Refusal {
    let page = ReversePrefix::new(range.first(), 3);
    let parent = page.name();
    let label = |separator, last| classless_label(range, separator, last);
    let styles: Vec<String> = [
        label('-', false).map(|text| format!("first-len ({text})")),
        label('-', true).map(|text| format!("first-last ({text})")),
        label('/', false).map(|text| format!("slash ({text})")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let style = if range.prefix_len().is_some() { "first-len" } else { "first-last" };
    let who = match registry {
        Registry::Afrinic => {
            "for provider-independent space AFRINIC itself publishes RFC 2317 delegations in".to_owned()
        }
        _ => format!("whoever {registry} gave {} to publishes them in", page.range()),
    };
    Refusal::new(
        format!(
            "{range}: {registry} delegates reverse zones of {} and has no object for less than a /24",
            registry.sizes()
        ),
        format!(
            "RFC 2317: NS records for a classless zone, and a CNAME for each address; {who} {parent} Agree on the label with \
             them: {}. Then `ptrctl block add {range} --tenant TENANT --classless {style}` makes the zone here, and `ptrctl \
             block parent-records {range}` prints what to send them. Where the zone of the /24 is here, the \
             block brings the CNAMEs itself, and `--delegate classless --ns NAME` leads them to nameservers of others",
            styles.join(", ")
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones(range: &str, registry: Registry) -> Result<Vec<String>, Refusal> {
        let zones = cut(&range.parse().expect("a range"), registry)?;
        // Whatever the cut, no address is missing and none is in two zones.
        let whole: AddrRange = range.parse().expect("a range");
        let mut next = whole.first_bits();
        for zone in &zones {
            assert_eq!(zone.range.first_bits(), next, "{range}");
            next = zone.range.last_bits().wrapping_add(1);
        }
        assert_eq!(next, whole.last_bits().wrapping_add(1), "{range}");
        Ok(zones.iter().map(Zone::domain).collect())
    }

    #[test]
    fn every_registry_cuts_at_its_own_borders() {
        let count = |range, registry| zones(range, registry).expect("zones").len();
        assert_eq!(count("198.51.100.0/22", Registry::Apnic), 4);
        assert_eq!(count("10.0.0.0/9", Registry::Ripe), 128);
        assert_eq!(count("10.0.0.0/8", Registry::Ripe), 256);
        assert_eq!(zones("10.0.0.0/8", Registry::Arin).expect("zones"), ["10.in-addr.arpa"]);
        assert_eq!(zones("10.1.0.0/16", Registry::Afrinic).expect("zones"), ["1.10.in-addr.arpa"]);
        assert_eq!(count("10.1.0.0/16", Registry::Lacnic), 256);
        let v6 = zones("2001:db8::/29", Registry::Lacnic).expect("zones");
        assert_eq!((v6.len(), v6[7].as_str()), (8, "f.b.d.0.1.0.0.2.ip6.arpa"));
        assert_eq!(count("2001:db8::/48", Registry::Ripe), 1);
        for large in ["0.0.0.0/0", "0.0.0.0/5", "::/0"] {
            let refusal = zones(large, Registry::Ripe).expect_err("too large");
            assert!(refusal.what.contains("1024"), "{refusal:?}");
        }
    }

    #[test]
    fn ripe_has_objects_for_parts_of_a_24() {
        let of = |range| zones(range, Registry::Ripe).expect("zones");
        assert_eq!(of("192.0.2.0/25"), ["0-127.2.0.192.in-addr.arpa"]);
        assert_eq!(of("192.0.2.10-192.0.2.20"), ["10-20.2.0.192.in-addr.arpa"]);
        assert_eq!(of("192.0.2.7"), ["7.2.0.192.in-addr.arpa"]);
        let across = ["128-255.2.0.192.in-addr.arpa", "3.0.192.in-addr.arpa", "0-3.4.0.192.in-addr.arpa"];
        assert_eq!(of("192.0.2.128-192.0.4.3"), across);
        assert_eq!(of("192.0.2.250-192.0.3.9"), ["250-255.2.0.192.in-addr.arpa", "0-9.3.0.192.in-addr.arpa"]);
        // Never 0-255, which RIPE refuses.
        assert_eq!(of("192.0.2.0-192.0.2.255"), ["2.0.192.in-addr.arpa"]);
    }

    #[test]
    fn other_registries_say_who_does_it_instead() {
        let refusal = zones("192.0.2.128/29", Registry::Arin).expect_err("a part of a /24");
        assert!(refusal.what.contains("ARIN delegates reverse zones of /8, /16 and /24"), "{}", refusal.what);
        for said in
            ["192.0.2.0/24", "first-len (128-29)", "first-last (128-135)", "slash (128/29)", "parent-records"]
        {
            assert!(refusal.instead.contains(said), "{said} in {}", refusal.instead);
        }
        let refusal = zones("192.0.2.10-192.0.2.20", Registry::Afrinic).expect_err("a part of a /24");
        assert!(
            refusal.instead.contains("AFRINIC itself") && !refusal.instead.contains("slash"),
            "{refusal:?}"
        );
    }

    #[test]
    fn hosts_below_a_zone() {
        let zone = &cut(&"192.0.2.128/26".parse().expect("a range"), Registry::Ripe).expect("zones")[0];
        for (host, held) in [
            ("ns.128-191.2.0.192.in-addr.arpa", true),
            ("NS.128-191.2.0.192.IN-ADDR.arpa", true),
            ("130.2.0.192.in-addr.arpa", true),
            ("127.2.0.192.in-addr.arpa", false),
            ("ns.example.net", false),
        ] {
            assert_eq!(zone.holds(host), held, "{host}");
        }
    }
}

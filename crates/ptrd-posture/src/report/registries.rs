//! What the registries have to do with it: the zones that each delegates for these addresses, and how they get there.

use crate::rir::{AddrRange, Registry, cut};
use serde::{Deserialize, Serialize};

/// Zones that are named.
const MOST_ZONES: usize = 8;
/// Ranges that are looked at.
const MOST_RANGES: usize = 16;

/// A registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryNote {
    /// As it writes itself.
    pub registry: String,
    /// The first of the zones that it delegates for the report's ranges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
    /// How many more there are.
    #[serde(default)]
    pub more_zones: u64,
    /// What it does not do for one of the ranges; what to do instead, if it is known to be the one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instead: Vec<String>,
    /// What to know, a sentence each.
    pub facts: Vec<String>,
}

/// Of one registry, or of all where it is not known whose the addresses are. What of `of` is no range is passed over.
pub(super) fn notes(of: &[String], registry: Option<Registry>) -> Vec<RegistryNote> {
    let ranges: Vec<AddrRange> = of.iter().filter_map(|text| text.parse().ok()).take(MOST_RANGES).collect();
    let all = Registry::ALL.into_iter().filter(|one| registry.is_none_or(|wanted| wanted == *one));
    all.map(|one| note(one, &ranges, registry.is_some())).collect()
}

fn note(registry: Registry, ranges: &[AddrRange], chosen: bool) -> RegistryNote {
    let (mut zones, mut instead) = (Vec::new(), Vec::new());
    for range in ranges {
        match cut(range, registry) {
            Ok(cut) => zones.extend(cut.into_iter().map(|zone| zone.domain())),
            // What to do instead is long, and much alike; it is told of the one registry that it is about.
            Err(refusal) if chosen => instead.push(format!("{}; {}", refusal.what, refusal.instead)),
            Err(refusal) => instead.push(refusal.what),
        }
    }
    let more_zones = zones.len().saturating_sub(MOST_ZONES) as u64;
    zones.truncate(MOST_ZONES);
    let facts = facts(registry).iter().map(|&fact| fact.to_owned()).collect();
    RegistryNote { registry: registry.name().to_owned(), zones, more_zones, instead, facts }
}

#[rustfmt::skip]
fn facts(registry: Registry) -> &'static [&'static str] {
    match registry {
        Registry::Ripe => &[
            "A domain object for each zone, with admin-c, tech-c, zone-c, nserver and mnt-by. `ptrctl rir object` prints them.",
            "They go to the RIPE Database over its REST interface, one by one or many at once; `ptrctl rir submit` sends them.",
            "The nameservers are tested with Zonemaster; an ERROR or CRITICAL refuses the object. `ptrctl rir check` looks first.",
            "An object is refused where one of a zone above or below exists: whoever has that one publishes RFC 2317 records itself.",
            "DS data go into the object by hand for the first time; of a zone that is secure, RIPE reads CDS.",
        ],
        Registry::Arin => &[
            "A delegation for each zone, with nameservers and DS data, over Reg-RWS: GET and PUT /rest/delegation/NAME.",
            "`ptrctl rir object` prints them, `ptrctl rir submit` sends them. Below a /24 there are none.",
        ],
        Registry::Apnic => &[
            "A domain object for each zone, with two nserver at least; a /22 has four zones. `ptrctl rir object` prints them.",
            "A delegation that is lame is tested for 15 days, and withdrawn 45 days later.",
        ],
        Registry::Afrinic => &[
            "A domain object for each zone; nameservers are checked first. `ptrctl rir object` prints them.",
            "A delegation that is lame for 30 days is removed. Provider-independent blocks below a /24 are served by RFC 2317.",
        ],
        Registry::Lacnic => &[
            "Names of nameservers are entered in MiLACNIC, for each /24 of a larger block of IPv4, for the whole block of IPv6.",
            "MiLACNIC says what it found of each: AA is well; TIMEOUT, NOAA, UDN, UH, FAIL, QREFUSED, CREFUSED and CNAME are not.",
        ],
    }
}

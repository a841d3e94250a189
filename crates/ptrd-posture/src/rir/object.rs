//! The objects for a block, with everything checked that the registry checks before it looks at any nameserver.

use super::parts::{handle, line, mail};
use super::{Ds, Existing, Nserver, Refusal, Registry, Zone, render};
use ptrd_wire::{AddrRange, Family};
use serde::Serialize;

/// Algorithms of keys that ARIN takes.
const ARIN_ALGORITHMS: [u8; 8] = [5, 7, 8, 10, 13, 14, 15, 16];

/// A zone, and whom it is to be delegated to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// The zone.
    pub zone: Zone,
    /// Its nameservers.
    pub nservers: Vec<Nserver>,
    /// Its DS data; none while it is not signed.
    pub ds: Vec<Ds>,
}

/// What else stands in objects of RPSL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Attributes {
    pub mnt_by: Vec<String>,
    pub admin_c: Vec<String>,
    /// As `admin_c` where empty.
    pub tech_c: Vec<String>,
    /// As `tech_c` where empty.
    pub zone_c: Vec<String>,
    pub org: Option<String>,
    pub descr: Vec<String>,
    pub remarks: Vec<String>,
    pub notify: Vec<String>,
    /// The database; the registry's own unless given.
    pub source: Option<String>,
}

/// An object, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Object {
    /// The zone, as the registry writes it.
    pub zone: String,
    /// The addresses that it is about.
    pub range: AddrRange,
    /// Its nameservers.
    pub nservers: Vec<Nserver>,
    /// Its DS data.
    pub ds: Vec<Ds>,
    /// Attributes in their order, where it is one of RPSL.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<(&'static str, String)>,
    /// As it is sent.
    pub text: String,
}

/// Objects, and what to know of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Prepared {
    /// One for each zone.
    pub objects: Vec<Object>,
    /// What to know.
    pub notes: Vec<String>,
}

/// Makes the objects for some zones of one block.
///
/// # Errors
/// All that the registry would refuse.
pub fn prepare(
    registry: Registry,
    block: &AddrRange,
    delegations: &[Delegation],
    attributes: &Attributes,
    existing: &Existing,
) -> Result<Prepared, Vec<Refusal>> {
    let attributes = filled(attributes, registry, block);
    let mut refusals = wrong_attributes(&attributes, registry);
    let mut notes = general_notes(registry, block, delegations);
    for delegation in delegations {
        refusals.extend(wrong_servers(delegation, registry));
        refusals.extend(wrong_ds(delegation, registry));
        match existing.against(&delegation.zone, registry) {
            Some(Err(refusal)) if registry == Registry::Ripe => refusals.push(refusal),
            Some(Err(refusal)) => notes.push(refusal.what.replace(", and creates no object beside it", "")),
            Some(Ok(note)) => notes.push(note),
            None => (),
        }
    }
    // What is wrong with the nameservers is wrong with them in each of many zones.
    let mut seen = std::collections::HashSet::new();
    refusals.retain(|refusal| seen.insert(refusal.what.clone()));
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let objects = delegations.iter().map(|delegation| render::object(registry, delegation, &attributes));
    Ok(Prepared { objects: objects.collect(), notes })
}

fn filled(given: &Attributes, registry: Registry, block: &AddrRange) -> Attributes {
    let mut attributes = given.clone();
    if attributes.tech_c.is_empty() {
        attributes.tech_c.clone_from(&attributes.admin_c);
    }
    if attributes.zone_c.is_empty() {
        attributes.zone_c.clone_from(&attributes.tech_c);
    }
    if attributes.descr.is_empty() {
        attributes.descr = vec![format!("Reverse delegation for {block}")];
    }
    attributes.source.get_or_insert_with(|| registry.name().to_owned());
    attributes
}

fn wrong_attributes(attributes: &Attributes, registry: Registry) -> Vec<Refusal> {
    if !registry.has_rpsl() {
        return Vec::new();
    }
    let mut refusals = Vec::new();
    for (values, option) in [
        (&attributes.mnt_by, "mnt-by"),
        (&attributes.admin_c, "admin-c"),
        (&attributes.tech_c, "tech-c"),
        (&attributes.zone_c, "zone-c"),
    ] {
        if values.is_empty() {
            let what = format!("{registry} wants `{option}` in every domain object");
            refusals.push(Refusal::new(what, format!("name the handle with --{option}")));
        }
        let bad = values.iter().filter_map(|value| handle(value).err());
        refusals.extend(bad.map(|what| Refusal::new(what, format!("write the handle after --{option}"))));
    }
    let handles = attributes.org.iter().chain(&attributes.source).filter_map(|value| handle(value).err());
    let lines = attributes.descr.iter().chain(&attributes.remarks).filter_map(|value| line(value).err());
    let mails = attributes.notify.iter().filter_map(|value| mail(value).err());
    let others = handles.chain(lines).chain(mails);
    refusals.extend(others.map(|what| Refusal::new(what, "write it otherwise, or leave it out")));
    refusals
}

fn wrong_servers(delegation: &Delegation, registry: Registry) -> Vec<Refusal> {
    let zone = &delegation.zone;
    let mut refusals = Vec::new();
    let names: std::collections::BTreeSet<&str> =
        delegation.nservers.iter().map(|server| server.name.as_str()).collect();
    let two = "name two nameservers that fail apart from each other (RFC 2182 §3.1), each with --ns";
    match registry {
        _ if names.is_empty() => {
            let what = format!("{}: a delegation needs nameservers", zone.domain());
            refusals.push(Refusal::new(what, "name them with --ns"));
        }
        Registry::Ripe if names.len() < 2 => refusals.push(Refusal::new(
            "RIPE tests every delegation with Zonemaster, which has fewer than two nameservers as an error \
             (NOT_ENOUGH_NS_DEL)",
            two,
        )),
        Registry::Apnic if names.len() < 2 => {
            refusals.push(Refusal::new("APNIC wants two `nserver` at least", two));
        }
        _ => (),
    }
    refusals.extend(names.iter().filter_map(|name| wrong_server(name, delegation, registry)));
    refusals
}

fn wrong_server(name: &str, delegation: &Delegation, registry: Registry) -> Option<Refusal> {
    let zone = &delegation.zone;
    if registry == Registry::Ripe && name == "ns.ripe.net" {
        let length = zone.range.prefix_len();
        let good = length == Some(if zone.range.family() == Family::V4 { 16 } else { 32 });
        return (!good).then(|| {
            Refusal::new(
                "ns.ripe.net is a secondary for zones of exactly a /16 (IPv4) or a /32 (IPv6) alone",
                format!("name another secondary for {}", zone.domain()),
            )
        });
    }
    if !zone.holds(name) {
        return None;
    }
    let addresses = delegation.nservers.iter().filter(|server| server.name == name);
    let glue = addresses.map(|server| server.addresses.len()).sum::<usize>() > 0;
    match registry {
        // Its test for "below" takes the last digit before the third octet for the address.
        Registry::Ripe if zone.dashed => Some(Refusal::new(
            format!(
                "{name} lies below {}: RIPE does not tell such names from others reliably",
                zone.domain()
            ),
            "give the nameserver a name outside of the zone",
        )),
        Registry::Lacnic | Registry::Arin => Some(Refusal::new(
            format!(
                "{name} lies below {}, and {registry} takes names of nameservers without addresses",
                zone.domain()
            ),
            "give the nameserver a name outside of the zone",
        )),
        _ if glue => None,
        _ => Some(Refusal::new(
            format!("{name} lies below {}: without its address nobody finds it", zone.domain()),
            format!("name its address too: --ns {name}/ADDRESS"),
        )),
    }
}

fn wrong_ds(delegation: &Delegation, registry: Registry) -> Vec<Refusal> {
    let domain = delegation.zone.domain();
    let refuse = |what: String| {
        Some(Refusal::new(
            what,
            "make the DS with SHA-256, `dnssec-dsfromkey -2`, from a key of algorithm 13",
        ))
    };
    let wrong = |ds: &Ds| match (registry, ds.digest_type) {
        (Registry::Ripe, 1 | 3) => refuse(format!(
            "{domain}: a DS with a digest of type {} is an error of Zonemaster (DS01_DS_ALGO_DEPRECATED), so RIPE refuses it",
            ds.digest_type
        )),
        (Registry::Arin, 1 | 2 | 4) if !ARIN_ALGORITHMS.contains(&ds.algorithm) => {
            refuse(format!("{domain}: ARIN takes no keys of algorithm {}", ds.algorithm))
        }
        (Registry::Arin, 1 | 2 | 4) => None,
        (Registry::Arin, other) => refuse(format!("{domain}: ARIN takes no digests of type {other}")),
        _ => None,
    };
    delegation.ds.iter().filter_map(wrong).collect()
}

fn general_notes(registry: Registry, block: &AddrRange, delegations: &[Delegation]) -> Vec<String> {
    let mut notes = Vec::new();
    let zones = delegations.len();
    if zones > 1 {
        notes.push(format!(
            "{block} has no zone of its own: {registry} delegates {}, so it takes {zones}",
            if block.family() == Family::V4 { registry.sizes() } else { "IPv6 at borders of 4 bits" }
        ));
    }
    let signed = delegations.iter().any(|delegation| !delegation.ds.is_empty());
    let parts = delegations.iter().any(|delegation| delegation.zone.dashed);
    notes.extend(words_of(registry, block, signed, parts));
    if delegations.iter().any(|delegation| delegation.nservers.len() == 1) {
        notes.push("one nameserver is none when it fails: RFC 2182 wants two or more".to_owned());
    }
    notes
}

fn words_of(registry: Registry, block: &AddrRange, signed: bool, parts: bool) -> Vec<String> {
    let mut words = Vec::new();
    match registry {
        Registry::Ripe => {
            words.push(format!(
                "RIPE takes it if Zonemaster finds no ERROR and no CRITICAL: see `ptrctl rir check {block}` first"
            ));
            words.push(format!(
                "it may be created by `mnt-domains` of the inet(6)num for {block}, else by its `mnt-lower` or `mnt-by`; and \
                 where no object is above or below it: `whois -h whois.ripe.net -- '-rdL {block}'` and `-rdM`, and give \
                 their answers with --existing"
            ));
            if parts {
                words.push(
                    "for a part of a /24 RIPE publishes the CNAMEs; the nameservers must have the zone under the name in the \
                     object: `ptrctl block add … --classless first-last`"
                        .to_owned(),
                );
            }
            if signed {
                words.push(
                    "the first DS is entered here; after that RIPE follows the CDS records of the zone (RFC 7344)".to_owned(),
                );
            }
        }
        Registry::Arin => words.push(
            "a PUT replaces all nameservers and keys of the delegation; the zone is there once ARIN has registered the network"
                .to_owned(),
        ),
        Registry::Apnic => words.push(
            "APNIC tests delegations: one that is lame for 15 days is announced to its contacts, and withdrawn 45 days later"
                .to_owned(),
        ),
        Registry::Afrinic => words.push(
            "AFRINIC tests the nameservers before it takes an object; one that is lame for 30 days is removed".to_owned(),
        ),
        Registry::Lacnic => words.push(
            "LACNIC's page (MiLACNIC) takes host names alone and tests each: AA is good; TIMEOUT no answer, NOAA not \
             authoritative, UDN no such name, UH no such host, QREFUSED refused, CREFUSED no connection, CNAME an alias"
                .to_owned(),
        ),
    }
    words
}

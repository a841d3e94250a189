//! The delegation: names, addresses, how many, and whether child and parent would agree.

use super::super::probe::Ask;
use super::super::seen::{Seen, Server};
use super::super::special::{Special, special};
use super::Findings;
use crate::host_name;
use crate::rir::parts::no_nameserver;
use ptrd_wire::RecordType;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Syntax01, 02, 04.
pub(super) fn names(findings: &mut Findings<'_>) {
    let seen = findings.seen;
    let plain = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'-';
    let apex = seen.apex.to_string();
    if seen.apex.labels().any(|label| !label.iter().all(plain)) {
        let what = format!(
            "{apex} has other characters than letters, digits and hyphens; choose a first-len or first-last label"
        );
        findings.on("syntax01", "NON_ALLOWED_CHARS", Ask::Soa, what);
    }
    if seen.apex.labels().any(|label| label.first() == Some(&b'-')) {
        findings.on(
            "syntax02",
            "INITIAL_HYPHEN",
            Ask::Soa,
            format!("{apex} has a label that begins with a hyphen"),
        );
    }
    if seen.apex.labels().any(|label| label.last() == Some(&b'-')) {
        findings.on(
            "syntax02",
            "TERMINAL_HYPHEN",
            Ask::Soa,
            format!("{apex} has a label that ends with a hyphen"),
        );
    }
    for name in seen.delegated().union(&seen.in_zone()) {
        if let Err(why) = host_name(name) {
            findings.on("syntax04", "NAMESERVER_NON_ALLOWED_CHARS", Ask::Ns, no_nameserver(name, why));
        }
    }
}

/// Address01.
pub(super) fn addresses(findings: &mut Findings<'_>) {
    let servers: Vec<&Server> = findings.seen.servers.iter().collect();
    if servers.is_empty() {
        findings.on("address01", "A01_NO_NAME_SERVERS_FOUND", Ask::Soa, "no nameserver has an address");
        return;
    }
    for server in &servers {
        let address = server.address.ip();
        let (tag, what) = match special(address) {
            Some(Special::Documentation) => ("A01_DOCUMENTATION_ADDR", "is for documentation"),
            Some(Special::Local) => ("A01_LOCAL_USE_ADDR", "is for local use"),
            Some(Special::Unreachable) => {
                ("A01_ADDR_NOT_GLOBALLY_REACHABLE", "is not reachable from everywhere")
            }
            None => continue,
        };
        findings.at("address01", tag, server, Ask::Soa, format!("{address} {what}"));
    }
    if servers.iter().all(|server| special(server.address.ip()).is_some()) {
        let what = "no nameserver has an address that is reachable from everywhere";
        findings.on("address01", "A01_NO_GLOBALLY_REACHABLE_ADDR", Ask::Soa, what);
    }
}

/// Basic02: whether any server of the delegation has the zone.
pub(super) fn basic(findings: &mut Findings<'_>) -> bool {
    let seen = findings.seen;
    let names = seen.delegated();
    let works = |server: &Server| {
        let reply = server.reply(Ask::Soa);
        reply.is_some_and(|reply| {
            reply.is_good() && reply.records(&seen.apex, RecordType::SOA).next().is_some()
        })
    };
    if seen.of(&names).any(works) {
        return true;
    }
    let what = format!("no nameserver of the delegation has {}", seen.apex);
    findings.on("basic02", "B02_NO_WORKING_NS", Ask::Soa, what);
    for server in seen.of(&names).filter(|server| server.asked()) {
        match server.reply(Ask::Soa) {
            None => findings.at("basic02", "B02_NS_NO_RESPONSE", server, Ask::Soa, "it does not answer"),
            Some(reply) if reply.rcode != 0 => {
                let what = format!("it answers {}", ptrd_wire::Rcode(reply.rcode));
                findings.at("basic02", "B02_UNEXPECTED_RCODE", server, Ask::Soa, what);
            }
            Some(reply) if !reply.aa => {
                findings.at(
                    "basic02",
                    "B02_NS_NOT_AUTH",
                    server,
                    Ask::Soa,
                    "its answer is not authoritative (no AA)",
                );
            }
            Some(_) => findings.at("basic02", "B02_NS_BROKEN", server, Ask::Soa, "its answer has no SOA"),
        }
    }
    for name in names.iter().filter(|name| seen.servers.iter().all(|server| server.name != **name)) {
        findings.named("basic02", "B02_NS_NO_IP_ADDR", name, format!("{name} has no address"));
    }
    false
}

/// Delegation01 and 02: two at least, of each family, and none twice. Of the child where it has answered.
pub(super) fn counts(findings: &mut Findings<'_>) {
    let seen = findings.seen;
    let (delegated, in_zone) = (seen.delegated(), seen.in_zone());
    count(
        findings,
        &delegated,
        [
            "NOT_ENOUGH_NS_DEL",
            "NOT_ENOUGH_IPV4_NS_DEL",
            "NO_IPV4_NS_DEL",
            "NOT_ENOUGH_IPV6_NS_DEL",
            "NO_IPV6_NS_DEL",
        ],
        "delegation",
    );
    twice(findings, &delegated, "DEL_NS_SAME_IP");
    if !in_zone.is_empty() {
        count(
            findings,
            &in_zone,
            [
                "NOT_ENOUGH_NS_CHILD",
                "NOT_ENOUGH_IPV4_NS_CHILD",
                "NO_IPV4_NS_CHILD",
                "NOT_ENOUGH_IPV6_NS_CHILD",
                "NO_IPV6_NS_CHILD",
            ],
            ZONE,
        );
        twice(findings, &in_zone, "CHILD_NS_SAME_IP");
    }
    twice(findings, &delegated.union(&in_zone).cloned().collect(), "SAME_IP_ADDRESS");
}

const ZONE: &str = "zone";

/// The addresses of a nameserver: in the zone those that everybody finds, whatever was given for the delegation.
fn addresses_of(seen: &Seen, name: &str, place: &str) -> BTreeSet<IpAddr> {
    let found = seen.hosts.get(name).filter(|host| host.known && place == ZONE);
    found.map(|host| host.addresses.clone()).unwrap_or_else(|| {
        let servers = seen.servers.iter().filter(|server| server.name == name);
        servers.map(|server| server.address.ip()).collect()
    })
}

fn count(findings: &mut Findings<'_>, names: &BTreeSet<String>, tags: [&'static str; 5], place: &str) {
    let seen = findings.seen;
    if names.len() < 2 {
        let what = format!("the {place} has {} nameserver; two or more it should be (RFC 2182)", names.len());
        findings.on("delegation01", tags[0], Ask::Ns, what);
    }
    for (four, some, none) in [(true, tags[1], tags[2]), (false, tags[3], tags[4])] {
        let with = names
            .iter()
            .filter(|name| addresses_of(seen, name, place).iter().any(|address| address.is_ipv4() == four));
        let family = if four { "IPv4" } else { "IPv6" };
        match with.count() {
            0 => findings.on(
                "delegation01",
                none,
                Ask::Ns,
                format!("no nameserver of the {place} has {family}"),
            ),
            1 => {
                let or = if four { "should" } else { "or none should" };
                let what = format!("of the {place}'s nameservers one alone has {family}: two or more {or}");
                findings.on("delegation01", some, Ask::Ns, what);
            }
            _ => (),
        }
    }
}

fn twice(findings: &mut Findings<'_>, names: &BTreeSet<String>, tag: &'static str) {
    let mut of_address: BTreeMap<IpAddr, BTreeSet<&str>> = BTreeMap::new();
    for server in findings.seen.of(names) {
        of_address.entry(server.address.ip()).or_default().insert(&server.name);
    }
    for (address, names) in of_address.into_iter().filter(|(_, names)| names.len() > 1) {
        let names: Vec<&str> = names.into_iter().collect();
        let what = format!("{} have one address, {address}: they fail together", names.join(" and "));
        findings.named("delegation02", tag, names[0], what);
    }
}

/// Delegation05, Nameserver06, Consistency05: what resolvers say of the names.
pub(super) fn hosts(findings: &mut Findings<'_>) {
    let seen = findings.seen;
    let all: BTreeSet<String> = seen.delegated().union(&seen.in_zone()).cloned().collect();
    let lost = |name: &&String| {
        let known = seen.hosts.get(*name).is_some_and(|host| host.known && host.addresses.is_empty());
        known || seen.servers.iter().all(|server| server.name != **name)
    };
    let unresolved: Vec<&String> = all.iter().filter(lost).collect();
    let tag = if unresolved.len() == all.len() { "NO_RESOLUTION" } else { "CAN_NOT_BE_RESOLVED" };
    for name in &unresolved {
        findings.named("nameserver06", tag, name, format!("{name} has no address that resolvers find"));
    }
    for name in all.iter().filter(|name| seen.hosts.get(*name).is_some_and(|host| host.alias)) {
        let what = format!("{name} is an alias, which no nameserver may be (RFC 2181 §10.3)");
        findings.named("delegation05", "NS_IS_CNAME", name, what);
    }
    for server in seen.delegation.iter().filter(|server| !seen.holds(&server.name)) {
        let Some(host) = seen.hosts.get(&server.name).filter(|host| !host.addresses.is_empty()) else {
            continue;
        };
        let strange: Vec<String> = server
            .addresses
            .iter()
            .filter(|address| !host.addresses.contains(address))
            .map(ToString::to_string)
            .collect();
        if !strange.is_empty() {
            let what = format!(
                "{} was given {}, which resolvers do not know of it",
                server.name,
                strange.join(" and ")
            );
            findings.named("consistency05", "OUT_OF_BAILIWICK_ADDR_MISMATCH", &server.name, what);
        }
    }
    glue(findings);
}

/// Consistency05 for names below the zone: the zone itself says the same as the glue.
fn glue(findings: &mut Findings<'_>) {
    let seen = findings.seen;
    for server in seen.delegation.iter().filter(|server| seen.holds(&server.name)) {
        let Some(host) = seen.hosts.get(&server.name).filter(|host| host.known) else { continue };
        let glue: BTreeSet<IpAddr> = server.addresses.iter().copied().collect();
        if !glue.is_subset(&host.addresses) {
            let what = format!("the glue of {} is not what the zone has for it", server.name);
            findings.named("consistency05", "IN_BAILIWICK_ADDR_MISMATCH", &server.name, what);
        } else if glue != host.addresses {
            let what = format!("the zone has more addresses for {} than the glue", server.name);
            findings.named("consistency05", "EXTRA_ADDRESS_CHILD", &server.name, what);
        }
    }
}

/// Delegation07: the names of the delegation and those that the zone has.
pub(super) fn sets(findings: &mut Findings<'_>) {
    let (delegated, in_zone) = (findings.seen.delegated(), findings.seen.in_zone());
    let words = |set: Vec<&String>| set.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let parent: Vec<&String> = delegated.difference(&in_zone).collect();
    let child: Vec<&String> = in_zone.difference(&delegated).collect();
    if !parent.is_empty() {
        let what = format!("the zone's NS RRset lacks {}", words(parent));
        findings.on("delegation07", "EXTRA_NAME_PARENT", Ask::Ns, what);
    }
    if !child.is_empty() {
        let what = format!(
            "the zone's NS RRset has {} besides: add them to the delegation, or remove them",
            words(child)
        );
        findings.on("delegation07", "EXTRA_NAME_CHILD", Ask::Ns, what);
    }
    if delegated.is_disjoint(&in_zone) {
        let what = "the zone's NS RRset and the delegation have no name in common";
        findings.on("delegation07", "TOTAL_NAME_MISMATCH", Ask::Ns, what);
    }
}

//! The zone: that all servers have the same, and what its SOA says.

use super::super::probe::Ask;
use super::super::seen::host_text;
use super::Findings;
use crate::host_name;
use crate::rir::parts::no_nameserver;
use ptrd_wire::Soa;
use std::collections::{BTreeMap, BTreeSet};

/// Consistency01 to 04 and 06.
pub(super) fn consistency(findings: &mut Findings<'_>) {
    let seen = findings.seen;
    let soas: Vec<(String, Soa)> =
        seen.servers.iter().filter_map(|server| Some((server.place(), server.soa(&seen.apex)?))).collect();
    let serials = differing(&soas, |soa| soa.serial.0.to_string());
    if let Some(what) = &serials {
        findings.on("consistency01", "MULTIPLE_SOA_SERIALS", Ask::Soa, format!("serials differ: {what}"));
    }
    if let Some(what) = differing(&soas, |soa| soa.rname.to_string().to_ascii_lowercase()) {
        findings.on(
            "consistency02",
            "MULTIPLE_SOA_RNAMES",
            Ask::Soa,
            format!("mailboxes in the SOA differ: {what}"),
        );
    }
    let times = |soa: &Soa| format!("{} {} {} {}", soa.refresh, soa.retry, soa.expire, soa.minimum.as_secs());
    if let Some(what) = differing(&soas, times) {
        findings.on(
            "consistency03",
            "MULTIPLE_SOA_TIME_PARAMETER_SET",
            Ask::Soa,
            format!("times in the SOA differ: {what}"),
        );
    }
    if let Some(what) = differing(&soas, |soa| soa.mname.to_string().to_ascii_lowercase()) {
        findings.on(
            "consistency06",
            "MULTIPLE_SOA_MNAMES",
            Ask::Soa,
            format!("primaries in the SOA differ: {what}"),
        );
    }
    let sets: Vec<(String, BTreeSet<String>)> = seen
        .servers
        .iter()
        .map(|server| (server.place(), server.ns_names(&seen.apex)))
        .filter(|(_, names)| !names.is_empty())
        .collect();
    let words = |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    if let Some(what) = differing(&sets, words) {
        findings.on("consistency04", "MULTIPLE_NS_SET", Ask::Ns, format!("NS RRsets differ: {what}"));
    }
}

/// Who has what, where it is not the same for all.
fn differing<T>(all: &[(String, T)], of: impl Fn(&T) -> String) -> Option<String> {
    let mut who: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (place, value) in all {
        who.entry(of(value)).or_default().push(place);
    }
    let words =
        || who.iter().map(|(value, places)| format!("{value} at {}", places.join(" "))).collect::<Vec<_>>();
    (who.len() > 1).then(|| words().join("; "))
}

/// Zone02 to 07, Syntax05 and 07, of the first SOA.
pub(super) fn soa(findings: &mut Findings<'_>) {
    let seen = findings.seen;
    let Some(soa) = seen.servers.iter().find_map(|server| server.soa(&seen.apex)) else { return };
    let profile = findings.profile;
    let [refresh, retry, expire] = [soa.refresh, soa.retry, soa.expire].map(u64::from);
    let minimum = u64::from(soa.minimum.as_secs());
    let rules = [
        (
            refresh < profile.least_refresh,
            "zone02",
            "REFRESH_MINIMUM_VALUE_LOWER",
            format!("refresh is {refresh}, less than {}", profile.least_refresh),
        ),
        (
            retry >= refresh,
            "zone03",
            "REFRESH_LOWER_THAN_RETRY",
            format!("retry, {retry}, is not less than refresh, {refresh}"),
        ),
        (
            retry < profile.least_retry,
            "zone04",
            "RETRY_MINIMUM_VALUE_LOWER",
            format!("retry is {retry}, less than {}", profile.least_retry),
        ),
        (
            expire < profile.least_expire,
            "zone05",
            "EXPIRE_MINIMUM_VALUE_LOWER",
            format!("expire is {expire}, less than {}", profile.least_expire),
        ),
        (
            expire < refresh,
            "zone05",
            "EXPIRE_LOWER_THAN_REFRESH",
            format!("expire, {expire}, is less than refresh, {refresh}"),
        ),
        (
            minimum > profile.most_minimum,
            "zone06",
            "SOA_DEFAULT_TTL_MAXIMUM_VALUE_HIGHER",
            format!("minimum is {minimum}, more than {}", profile.most_minimum),
        ),
        (
            minimum < profile.least_minimum,
            "zone06",
            "SOA_DEFAULT_TTL_MAXIMUM_VALUE_LOWER",
            format!("minimum is {minimum}, less than {}", profile.least_minimum),
        ),
    ];
    for (wrong, case, tag, what) in rules {
        if wrong {
            findings.on(case, tag, Ask::Soa, format!("{what}: see `ptrctl soa-template`"));
        }
    }
    let mname = host_text(&soa.mname);
    if let Err(why) = host_name(&mname) {
        findings.on("syntax07", "MNAME_NON_ALLOWED_CHARS", Ask::Soa, no_nameserver(&mname, why));
    }
    if soa.rname.labels().any(|label| label.contains(&b'@')) {
        let what =
            format!("{} has an `@`; in the SOA a mailbox is a name: hostmaster.example.net", soa.rname);
        findings.on("syntax05", "RNAME_MISUSED_AT_SIGN", Ask::Soa, what);
    }
    let Some(host) = seen.hosts.get(&mname).filter(|host| host.known) else { return };
    if host.alias {
        findings.named(
            "zone07",
            "MNAME_IS_CNAME",
            &mname,
            format!("{mname}, the primary in the SOA, is an alias"),
        );
    }
    if host.addresses.is_empty() {
        findings.named(
            "zone07",
            "MNAME_HAS_NO_ADDRESS",
            &mname,
            format!("{mname}, the primary in the SOA, has no address"),
        );
    }
}

//! PowerDNS's zones as zones to import: which are taken, which records it computes itself, how its text becomes data.

use crate::moving::tenants::Tenants;
use crate::problem::{bad, count, invalid, quote, some};
use crate::zone::ImportedZones;
use ptrd_api::{DatabaseHead, MAX_DATABASE_HEAD, Problem, ZoneImportOptions, code};
use ptrd_master::{Limits, RecordText, zone_of_records};
use ptrd_store::foreign::{
    ForeignError, MAX_SPOOL, PowerDns, PowerDnsRecord, PowerDnsZone, Spool, SpoolError,
};
use ptrd_wire::{Name, Ttl};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Read};
use std::path::Path;

/// Types that PowerDNS answers by computing, or by asking others: they are no records of the DNS.
const COMPUTED: [&str; 7] = ["ALIAS", "LUA", "URL", "CURL", "MBOXFW", "FUN", "ADDR"];
/// What PowerDNS answers with where a record has no TTL (`default-ttl`).
const DEFAULT_TTL: u32 = 3_600;
/// Where an SOA leaves numbers out: refresh, retry, expire, minimum as PowerDNS has them by default.
const SOA_DEFAULTS: [&str; 5] = ["0", "10800", "3600", "604800", "3600"];

/// Reads an upload: a line of JSON, then the database, which goes into a file of this folder meanwhile.
pub(crate) fn read(
    options: &ZoneImportOptions,
    mut upload: impl Read,
    folder: &Path,
) -> Result<(ImportedZones, u64), Problem> {
    crate::zone::check_serial(options)?;
    let head = read_head(&mut upload)?;
    let tenants = Tenants::read(&options.tenant, &head.map)?;
    let spool = Spool::fill(upload, folder, MAX_SPOOL).map_err(not_kept)?;
    let octets = std::fs::metadata(spool.path()).map_or(0, |found| found.len());
    let database = PowerDns::open(spool.path()).map_err(|error| unreadable(&error))?;
    let only = options.apex.as_deref().map(|text| crate::request::read_name("the apex", text)).transpose()?;
    let mut zones = ImportedZones::new(tenants, options);
    database.read(&mut |zone| take(&mut zones, &zone, only.as_ref())).map_err(|error| unreadable(&error))?;
    Ok((zones.settle()?, octets))
}

fn read_head(upload: &mut impl Read) -> Result<DatabaseHead, Problem> {
    let (mut line, mut octet) = (Vec::new(), [0]);
    loop {
        match upload.read(&mut octet) {
            Ok(0) => {
                return Err(bad("the body ends in its first line").hint("a line of JSON, then the database"));
            }
            Ok(_) if octet[0] == b'\n' => break,
            Ok(_) if line.len() == MAX_DATABASE_HEAD => {
                return Err(bad("the first line of the body is too long"));
            }
            Ok(_) => line.push(octet[0]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(not_kept(SpoolError::Read(error))),
        }
    }
    serde_json::from_slice(&line).map_err(|error| bad(format!("the first line of the body: {error}")))
}

fn not_kept(error: SpoolError) -> Problem {
    match error {
        SpoolError::Read(error) => match error.downcast::<Problem>() {
            Ok(problem) => problem,
            Err(error) => bad(format!("the upload could not be read: {error}")),
        },
        SpoolError::TooLarge(limit) => {
            Problem::new(code::TOO_LARGE, format!("the database is larger than {limit} octets"))
        }
        error => {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            Problem::new(code::STORE, format!("{error}{cause}"))
                .hint("the upload waits in the folder of the store: is there room?")
        }
    }
}

fn unreadable(error: &ForeignError) -> Problem {
    invalid(error.to_string()).hint(
        "a copy of a database in use may be torn: make one with `sqlite3 pdns.sqlite3 '.backup copy.sqlite3'`",
    )
}

fn take(zones: &mut ImportedZones, zone: &PowerDnsZone, only: Option<&Name>) {
    let label = visible(&zone.name);
    let apex: Name = match zone.name.parse() {
        Ok(apex) => apex,
        Err(error) => return zones.leave_out(&label, format!("it is no name: {error}")),
    };
    if only.is_some_and(|only| *only != apex) {
        return;
    }
    match zone.kind.as_str() {
        "MASTER" | "NATIVE" | "PRIMARY" => {}
        "SLAVE" | "SECONDARY" => {
            return zones.pass_over(&label, "a secondary: import it where it is primary");
        }
        kind => return zones.pass_over(&label, &format!("its type is {}", quote(kind))),
    }
    remarks(zones, zone, &label);
    let limits = Limits { rrset_octets: crate::rules::MAX_RRSET, ..Limits::default() };
    let mut computed: BTreeMap<&str, Vec<Cow<'_, str>>> = BTreeMap::new();
    let mut texts: Vec<(&PowerDnsRecord, Cow<'_, str>)> = Vec::with_capacity(zone.records.len());
    for record in &zone.records {
        match COMPUTED.iter().find(|rtype| **rtype == record.rtype) {
            Some(rtype) => computed.entry(rtype).or_default().push(visible(&record.name)),
            None => texts.push((record, data_of(record))),
        }
    }
    for (rtype, owners) in computed {
        let what = format!("{} {rtype} at {}", owners.len(), some(&owners, 4));
        zones.note(&label, ptrd_api::REPORT_LEFT_OUT, format!("{what}: PowerDNS computes what it answers"));
        zones.warn(format!("{label}: {what} left out: PowerDNS computes what it answers"));
    }
    let rows = texts.iter().map(|(record, data)| RecordText {
        number: u32::try_from(record.id).unwrap_or(u32::MAX),
        owner: &record.name,
        ttl: ttl_of(record),
        rtype: &record.rtype,
        data,
    });
    let read = zone_of_records(&label, &apex, &limits, rows);
    zones.push(&label, read, str::to_owned);
}

/// What is not taken over, and not to be answered either.
fn remarks(zones: &mut ImportedZones, zone: &PowerDnsZone, label: &str) {
    if zone.has_keys {
        zones.warn(format!(
            "{label}: its keys are not imported; remove the DS from the parent before it moves"
        ));
    }
    if !zone.metadata.is_empty() {
        let kinds: Vec<_> = zone.metadata.iter().map(|kind| visible(kind)).collect();
        zones.note(label, "settings not taken over", some(&kinds, 8));
    }
    if zone.silent > 0 {
        let what = count(zone.silent, "row");
        zones.note(label, "rows not answered", format!("{what} that are disabled, or empty names"));
    }
}

fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_control) { Cow::Owned(text.escape_debug().to_string()) } else { text.into() }
}

fn ttl_of(record: &PowerDnsRecord) -> Ttl {
    let seconds = record.ttl.map_or(DEFAULT_TTL, |ttl| u32::try_from(ttl).unwrap_or(0));
    Ttl::from_secs(seconds)
}

/// The data as a master file has it.
fn data_of(record: &PowerDnsRecord) -> Cow<'_, str> {
    let content = record.content.trim();
    match (record.rtype.as_str(), record.priority) {
        ("MX" | "SRV", Some(priority)) => Cow::Owned(format!("{priority} {content}")),
        ("SOA", _) => {
            let mut fields: Vec<Cow<'_, str>> = content.split_whitespace().map(Cow::Borrowed).collect();
            if (2..7).contains(&fields.len()) {
                fields.extend(SOA_DEFAULTS[fields.len() - 2..].iter().map(|text| Cow::Borrowed(*text)));
            }
            // A mailbox written as one.
            if let Some(rname) = fields.get_mut(1)
                && let Some((local, domain)) = rname.split_once('@')
            {
                *rname = Cow::Owned(format!("{}.{domain}", local.replace('.', "\\.")));
            }
            Cow::Owned(fields.join(" "))
        }
        _ => Cow::Borrowed(content),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(rtype: &str, content: &str, priority: Option<i64>) -> PowerDnsRecord {
        PowerDnsRecord { rtype: rtype.into(), content: content.into(), priority, ..PowerDnsRecord::default() }
    }

    #[test]
    fn data_is_completed() {
        let data = |rtype, content, priority| data_of(&record(rtype, content, priority)).into_owned();
        assert_eq!(data("MX", "mail.example.com", Some(10)), "10 mail.example.com");
        assert_eq!(data("MX", "10 mail.example.com", None), "10 mail.example.com");
        assert_eq!(data("A", "192.0.2.1", Some(0)), "192.0.2.1");
        assert_eq!(data("SOA", "ns.a h.a 7", None), "ns.a h.a 7 10800 3600 604800 3600");
        assert_eq!(data("SOA", "ns.a a.b@c.d 7 1 2 3 4", None), "ns.a a\\.b.c.d 7 1 2 3 4");
        assert_eq!(data("SOA", "ns.a", None), "ns.a");
    }
}

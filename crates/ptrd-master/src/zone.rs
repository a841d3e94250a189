//! From records to a zone: the apex, the order, RRsets, and what may stand beside what.
//!
//! RFC 1034 §3.6.2 (CNAME), RFC 2181 §5 (RRsets), RFC 4034 §6.1 (order), RFC 6672 §2.4 (DNAME). Data below zone
//! cuts and DNAMEs is kept: it is glue, or waits there unseen.

use crate::error::{MasterError, Place, Reason, Warning};
use crate::limits::Limits;
use crate::reader::{At, Includes, Raw, Reader, SoaRecord};
use ptrd_wire::{Name, RecordType, RrSet, Soa, Ttl, folded_rdata, sort_key};
use std::collections::HashSet;

/// A master file in memory.
#[derive(Clone, Copy, Debug)]
pub struct Source<'s> {
    /// What messages call it; also the path that `$INCLUDE` would use for it, so that it cannot include itself.
    pub name: &'s str,
    /// Its octets; not necessarily UTF-8.
    pub text: &'s [u8],
}

/// What is known before the file is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected<'e> {
    /// The apex that the zone must have. Without it, the SOA record's owner is the apex.
    pub apex: Option<&'e Name>,
    /// The origin at the start of the file; without it, the apex. Without both, relative names need an `$ORIGIN`
    /// first.
    pub origin: Option<&'e Name>,
}

/// A zone read from a master file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterZone {
    /// The apex, in the letter case of the SOA record's owner.
    pub apex: Name,
    /// The SOA record's data.
    pub soa: Soa,
    /// The SOA record's TTL.
    pub soa_ttl: Ttl,
    /// Everything but the SOA: owners in canonical order (RFC 4034 §6.1), types by number, the data of an RRset
    /// in the file's order, letter case kept.
    pub records: Vec<(Name, RrSet)>,
    /// What was put right or deserves a look.
    pub warnings: Vec<Warning>,
}

/// Reads a master file with what it includes.
///
/// `includes` is asked for each included file by its path relative to the main file's folder, with `/` between
/// parts and neither `..` nor a leading `/`; it must not follow links out of the folder.
///
/// # Errors
/// Every problem found, in the order of the lines of each file, up to [`Limits::errors`]; never an empty list.
pub fn read_zone(
    source: Source<'_>,
    expected: Expected<'_>,
    limits: &Limits,
    includes: &mut Includes<'_>,
) -> Result<MasterZone, Vec<MasterError>> {
    let origin = expected.origin.or(expected.apex).cloned();
    let mut reader = Reader::new(source.name, origin, *limits, includes);
    reader.read(0, source.text);
    finish(reader, expected.apex)
}

/// Makes a zone of what was read.
pub(crate) fn finish(
    mut reader: Reader<'_, '_>,
    expected: Option<&Name>,
) -> Result<MasterZone, Vec<MasterError>> {
    let soa = reader.soa.take();
    let Some(apex) = apex(&mut reader, soa.as_ref(), expected) else {
        return Err(sorted(reader));
    };
    let order = order(&mut reader, &apex);
    let records = rrsets(&mut reader, &order, &apex, soa.as_ref().map_or(START, |soa| soa.at));
    match soa {
        Some(SoaRecord { ttl: soa_ttl, soa, .. }) if reader.errors.is_empty() => {
            Ok(MasterZone { apex, soa, soa_ttl, records, warnings: reader.warnings })
        }
        _ => Err(sorted(reader)),
    }
}

/// Where to put what concerns the file as a whole.
const START: At = At { file: 0, line: 1 };

/// An answer to every inclusion: there are no files to include.
///
/// # Errors
/// Always [`std::io::ErrorKind::NotFound`].
pub fn no_includes(_path: &str) -> std::io::Result<Vec<u8>> {
    Err(std::io::ErrorKind::NotFound.into())
}

fn sorted(mut reader: Reader<'_, '_>) -> Vec<MasterError> {
    // Files in the order of their first error; a note that reading stopped stays last.
    let mut files: Vec<_> = Vec::new();
    for error in &reader.errors {
        if !files.contains(&error.place.file) {
            files.push(error.place.file.clone());
        }
    }
    reader.errors.sort_by_key(|MasterError { place: Place { file, line }, reason }| {
        let file = files.iter().position(|known| known == file);
        (matches!(reason, Reason::TooMuch { .. }), file, *line)
    });
    reader.errors
}

/// The apex to check against, if there is one and it is worth while.
fn apex(reader: &mut Reader<'_, '_>, soa: Option<&SoaRecord>, expected: Option<&Name>) -> Option<Name> {
    match (soa, expected) {
        // Reading may have stopped before the SOA was found, or the SOA is there and bad.
        (None, _) if reader.is_stopped() || reader.errors.iter().any(is_bad_soa) => None,
        (None, expected) => {
            reader.refuse(START, Reason::NoSoa);
            expected.cloned()
        }
        (Some(soa), Some(apex)) if *apex != soa.owner => {
            reader.refuse(soa.at, Reason::SoaNotAtApex { owner: soa.owner.clone(), apex: apex.clone() });
            None
        }
        (Some(soa), _) => Some(soa.owner.clone()),
    }
}

fn is_bad_soa(error: &MasterError) -> bool {
    matches!(error.reason, Reason::Rdata { rtype: RecordType::SOA, .. })
}

/// A record on its way into an RRset; the order of its fields is the order of the zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Placed {
    /// The owner's rank in canonical order.
    rank: u32,
    rtype: RecordType,
    /// The record's number in the order of reading.
    record: u32,
}

/// The records in canonical order; those outside the zone are refused.
fn order(reader: &mut Reader<'_, '_>, apex: &Name) -> Vec<Placed> {
    let keys = Keys::new(&reader.owners, apex);
    let mut owners: Vec<u32> = (0..keys.ends.len() as u32).filter(|&n| keys.inside[n as usize]).collect();
    owners.sort_by(|&a, &b| keys.key(a).cmp(keys.key(b)));
    // Owners that differ in letter case only are one owner.
    let mut ranks = vec![u32::MAX; reader.owners.len()];
    let mut rank = 0;
    for (n, &owner) in owners.iter().enumerate() {
        if n > 0 && keys.key(owners[n - 1]) != keys.key(owner) {
            rank += 1;
        }
        ranks[owner as usize] = rank;
    }
    let mut order: Vec<Placed> = Vec::with_capacity(reader.records.len());
    for n in 0..reader.records.len() {
        let Raw { owner, rtype, at, .. } = reader.records[n];
        match ranks[owner as usize] {
            u32::MAX => {
                let owner = reader.owners[owner as usize].clone();
                reader.refuse(at, Reason::OutOfZone { owner, apex: apex.clone() });
            }
            rank => order.push(Placed { rank, rtype, record: n as u32 }),
        }
    }
    order.sort_unstable();
    order
}

/// The sort keys of all owners, one after the other.
struct Keys {
    octets: Vec<u8>,
    ends: Vec<usize>,
    inside: Vec<bool>,
}

impl Keys {
    fn new(owners: &[Name], apex: &Name) -> Keys {
        let apex_labels = apex.label_count();
        let mut keys = Keys {
            octets: Vec::new(),
            ends: Vec::with_capacity(owners.len()),
            inside: Vec::with_capacity(owners.len()),
        };
        let mut lower = Vec::with_capacity(255);
        let mut starts: Vec<u8> = Vec::with_capacity(127);
        for owner in owners {
            let inside = owner.is_at_or_under(apex);
            if inside {
                lower.clear();
                lower.extend(owner.as_wire().iter().map(u8::to_ascii_lowercase));
                starts.clear();
                let mut at = 0;
                for label in owner.labels() {
                    starts.push(at);
                    at += label.len() as u8 + 1;
                }
                sort_key(&lower, &starts[..starts.len() - apex_labels], &mut keys.octets);
            }
            keys.ends.push(keys.octets.len());
            keys.inside.push(inside);
        }
        keys
    }

    fn key(&self, owner: u32) -> &[u8] {
        let owner = owner as usize;
        let start = if owner == 0 { 0 } else { self.ends[owner - 1] };
        &self.octets[start..self.ends[owner]]
    }
}

/// Puts RRsets together and checks what stands at each owner.
fn rrsets(reader: &mut Reader<'_, '_>, order: &[Placed], apex: &Name, soa: At) -> Vec<(Name, RrSet)> {
    let mut sets: Vec<(Name, RrSet)> = Vec::with_capacity(order.len());
    let mut has_ns = false;
    // The last DNAME, while nothing below it has been met.
    let mut dname: Option<Name> = None;
    for node in order.chunk_by(|a, b| a.rank == b.rank) {
        let mut lines: Vec<(RecordType, At)> = Vec::new();
        let is_apex = reader.owners[reader.records[node[0].record as usize].owner as usize] == *apex;
        if is_apex {
            lines.push((RecordType::SOA, soa));
        }
        for set in node.chunk_by(|a, b| a.rtype == b.rtype) {
            let first = &reader.records[set[0].record as usize];
            let (rtype, at) = (first.rtype, first.at);
            lines.push((rtype, at));
            has_ns |= is_apex && rtype == RecordType::NS;
            let owner = reader.owners[first.owner as usize].clone();
            let rrset = rrset(reader, set, &owner);
            if rtype == RecordType::DNAME {
                dname = Some(owner.clone());
            }
            if let Some(dname) = dname.take_if(|dname| owner.is_under(dname)) {
                reader.warn(
                    at,
                    format!("{owner} lies below the DNAME of {dname}, which hides it (RFC 6672 §2.4)"),
                );
            }
            sets.push((owner, rrset));
        }
        check_node(reader, &lines, node[0].record, is_apex);
    }
    if !has_ns && !reader.is_stopped() {
        reader.refuse(soa, Reason::NoNs(apex.clone()));
    }
    sets
}

fn rrset(reader: &mut Reader<'_, '_>, set: &[Placed], owner: &Name) -> RrSet {
    let Raw { rtype, ttl, at, .. } = reader.records[set[0].record as usize];
    let mut rrset = RrSet { rtype, ttl, rdatas: Vec::with_capacity(set.len()) };
    let limit = reader.limits().rrset_octets;
    let mut seen: HashSet<Vec<u8>> = HashSet::new();
    let mut octets = 0;
    let mut refused = false;
    let mut other_ttl = None;
    for placed in set {
        let record = &mut reader.records[placed.record as usize];
        let (ttl, at) = (record.ttl, record.at);
        let rdata = std::mem::take(&mut record.rdata);
        // Of RRSIG records each has the TTL of what it covers (RFC 4034 §3), and tells it.
        if ttl != rrset.ttl && rtype != RecordType::RRSIG {
            other_ttl = other_ttl.or(Some(at));
            rrset.ttl = rrset.ttl.min(ttl);
        }
        if refused {
            continue;
        }
        // The same data twice is one record (RFC 2181 §5); the letter case of names makes no difference.
        if set.len() > 1 && !seen.insert(folded_rdata(rtype, &rdata).into_owned()) {
            continue;
        }
        octets += 12 + rdata.len();
        if octets > limit {
            refused = true;
            reader.refuse(at, Reason::RrsetTooLarge { owner: owner.clone(), rtype, limit });
        }
        rrset.rdatas.push(rdata);
    }
    if let Some(at) = other_ttl {
        let ttl = rrset.ttl;
        reader.warn(
            at,
            format!("the {rtype} records of {owner} have different TTLs; the lowest, {ttl}, is used"),
        );
    }
    let single = matches!(rtype, RecordType::CNAME | RecordType::DNAME);
    if single && rrset.rdatas.len() > 1 {
        let at = set.get(1).map_or(at, |placed| reader.records[placed.record as usize].at);
        reader.refuse(at, Reason::Several { owner: owner.clone(), rtype });
    }
    rrset
}

/// Whether what stands at one owner may stand together.
fn check_node(reader: &mut Reader<'_, '_>, lines: &[(RecordType, At)], record: u32, is_apex: bool) {
    let owner = reader.records[record as usize].owner as usize;
    let line_of = |wanted: RecordType| lines.iter().find(|(rtype, _)| *rtype == wanted).map(|&(_, at)| at);
    if let Some(at) = line_of(RecordType::CNAME) {
        let allowed = [RecordType::CNAME, RecordType::RRSIG, RecordType::NSEC];
        if let Some(&(other, other_at)) = lines.iter().find(|(rtype, _)| !allowed.contains(rtype)) {
            let owner = reader.owners[owner].clone();
            reader.refuse(at, Reason::CnameBesideOther { owner, other, line: other_at.line });
        }
    }
    if let (Some(at), Some(_), false) = (line_of(RecordType::DNAME), line_of(RecordType::NS), is_apex) {
        let owner = reader.owners[owner].clone();
        reader.warn(
            at,
            format!("{owner} has a DNAME beside NS records: the zone cut hides it (RFC 6672 §2.3)"),
        );
    }
}

//! DNS UPDATE over a flat zone, as RFC 2136 §3.2 and §3.4 have it in pseudocode: lists, scanned from end to end.

use crate::projection::FlatZone;
use ptrd_wire::{Name, Prerequisite, Rcode, RecordChange, RecordType, RrSet, Soa, Ttl, Update};

/// A record of the zone.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    owner: Name,
    rtype: RecordType,
    ttl: Ttl,
    rdata: Box<[u8]>,
}

/// Whether two records of one type are the same: names compare without case, all else as it is. Types with octets before
/// their names are not generated, but for MX.
fn same(rtype: RecordType, a: &[u8], b: &[u8]) -> bool {
    match rtype {
        RecordType::PTR | RecordType::NS | RecordType::CNAME | RecordType::DNAME => a.eq_ignore_ascii_case(b),
        RecordType::MX => a[..2] == b[..2] && a[2..].eq_ignore_ascii_case(&b[2..]),
        _ => a == b,
    }
}

/// What an update makes of a zone with these records, its SOA among them; the response code where it makes nothing.
///
/// # Errors
/// The response code.
pub fn apply_update(zone: &FlatZone, update: &Update) -> Result<FlatZone, Rcode> {
    let mut lines: Vec<Line> = Vec::new();
    for (owner, rrset) in zone {
        for rdata in &rrset.rdatas {
            let (rtype, ttl) = (rrset.rtype, rrset.ttl);
            lines.push(Line { owner: owner.clone(), rtype, ttl, rdata: rdata.clone() });
        }
    }
    prerequisites(&lines, update)?;
    for change in &update.changes {
        if let RecordChange::Faulty(rcode) = change {
            return Err(*rcode);
        }
    }
    for change in &update.changes {
        step(&mut lines, &update.zone, change);
    }
    Ok(grouped(lines))
}

fn grouped(lines: Vec<Line>) -> FlatZone {
    let mut zone: FlatZone = Vec::new();
    for Line { owner, rtype, ttl, rdata } in lines {
        match zone.iter_mut().find(|(known, rrset)| *known == owner && rrset.rtype == rtype) {
            // One TTL an RRset: whoever set it set it for all.
            Some((_, rrset)) => {
                assert_eq!(rrset.ttl, ttl);
                rrset.rdatas.push(rdata);
            }
            None => zone.push((owner, RrSet { rtype, ttl, rdatas: vec![rdata] })),
        }
    }
    zone
}

fn prerequisites(lines: &[Line], update: &Update) -> Result<(), Rcode> {
    let has_name = |owner: &Name| lines.iter().any(|line| line.owner == *owner);
    let has_set = |owner: &Name, rtype: RecordType| {
        lines.iter().any(|line| line.owner == *owner && line.rtype == rtype)
    };
    let mut wanted: Vec<(&Name, RecordType, &[u8])> = Vec::new();
    for prerequisite in &update.prerequisites {
        match prerequisite {
            Prerequisite::Faulty(rcode) => return Err(*rcode),
            Prerequisite::InUse { owner } if !has_name(owner) => return Err(Rcode::NXDOMAIN),
            Prerequisite::NotInUse { owner } if has_name(owner) => return Err(Rcode::YXDOMAIN),
            Prerequisite::Exists { owner, rtype } if !has_set(owner, *rtype) => return Err(Rcode::NXRRSET),
            Prerequisite::Absent { owner, rtype } if has_set(owner, *rtype) => return Err(Rcode::YXRRSET),
            Prerequisite::Holds { owner, rtype, rdata } => wanted.push((owner, *rtype, rdata)),
            _ => {}
        }
    }
    for (owner, rtype, _) in &wanted {
        let asked: Vec<&[u8]> =
            wanted.iter().filter(|(o, t, _)| o == owner && t == rtype).map(|(_, _, rdata)| *rdata).collect();
        let there: Vec<&[u8]> =
            lines.iter().filter(|l| l.owner == **owner && l.rtype == *rtype).map(|l| &*l.rdata).collect();
        let is_in = |one: &[u8], list: &[&[u8]]| list.iter().any(|other| same(*rtype, one, other));
        if !asked.iter().all(|one| is_in(one, &there)) || !there.iter().all(|one| is_in(one, &asked)) {
            return Err(Rcode::NXRRSET);
        }
    }
    Ok(())
}

fn step(lines: &mut Vec<Line>, apex: &Name, change: &RecordChange) {
    let is_core = |rtype: RecordType| matches!(rtype, RecordType::SOA | RecordType::NS);
    match change {
        RecordChange::Add { owner, rtype, ttl, rdata } => {
            let others = lines.iter().any(|l| l.owner == *owner && l.rtype != RecordType::CNAME);
            let alias = lines.iter().any(|l| l.owner == *owner && l.rtype == RecordType::CNAME);
            if *rtype == RecordType::CNAME && others || *rtype != RecordType::CNAME && alias {
                return;
            }
            if *rtype == RecordType::SOA {
                let serial = |rdata: &[u8]| Soa::from_wire(rdata).expect("a SOA").serial;
                let known = lines.iter().find(|l| l.owner == *owner && l.rtype == RecordType::SOA);
                if owner != apex || !known.is_some_and(|l| serial(rdata).is_after(serial(&l.rdata))) {
                    return;
                }
            }
            if matches!(*rtype, RecordType::CNAME | RecordType::SOA | RecordType::DNAME) {
                let is_other =
                    |l: &Line| l.owner == *owner && l.rtype == *rtype && !same(*rtype, &l.rdata, rdata);
                lines.retain(|l| !is_other(l));
            }
            for line in lines.iter_mut().filter(|l| l.owner == *owner && l.rtype == *rtype) {
                line.ttl = *ttl;
            }
            let known =
                lines.iter().any(|l| l.owner == *owner && l.rtype == *rtype && same(*rtype, &l.rdata, rdata));
            if !known {
                lines.push(Line { owner: owner.clone(), rtype: *rtype, ttl: *ttl, rdata: rdata.clone() });
            }
        }
        RecordChange::DeleteName { owner } => {
            lines.retain(|l| l.owner != *owner || owner == apex && is_core(l.rtype));
        }
        RecordChange::DeleteRrset { owner, rtype } => {
            if !(owner == apex && is_core(*rtype)) {
                lines.retain(|l| l.owner != *owner || l.rtype != *rtype);
            }
        }
        RecordChange::Delete { owner, rtype, rdata } => {
            let of_set = lines.iter().filter(|l| l.owner == *owner && l.rtype == *rtype).count();
            let is_last = *rtype == RecordType::NS && of_set == 1;
            if owner == apex && (*rtype == RecordType::SOA || is_last) {
                return;
            }
            lines.retain(|l| l.owner != *owner || l.rtype != *rtype || !same(*rtype, &l.rdata, rdata));
        }
        RecordChange::Faulty(_) => {}
    }
}

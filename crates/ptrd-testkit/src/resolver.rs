//! RFC 1034 §4.3.2 over flat zones, one step after the other, each by a linear scan.
//!
//! - RFC 1034 §4.3.2, RFC 2181 (AA, RRsets), RFC 2308 §3 and §5 (negative answers), RFC 4592 (wildcards)
//! - RFC 4035 §3.1.4.1 (DS), RFC 6604 (RCODE of a chain), RFC 6672 (DNAME), RFC 8020 (empty non-terminals)
//! - RFC 8482 (ANY), RFC 9471 (in-domain glue)
//! - RFC 4035 §3.1, RFC 5155 §7.2 (signed zones; see `proofs`)
//!
//! Where the RFCs leave room: positive answers have no authority section; a chain ends after [`MAX_HOPS`] aliases,
//! or where it would come to a name a second time, with NOERROR and what was gathered.

use crate::projection::{FlatZone, FlatZones};
use crate::proofs::{Proofs, all_signatures, is_of_nsec3};
use ptrd_wire::{Name, Rcode, RecordType, RrSet, Soa};

/// How many aliases one answer follows.
pub const MAX_HOPS: usize = 8;

/// What a right reply holds. RRsets in no particular order within authority and additional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The response code.
    pub rcode: Rcode,
    /// Whether AA is set.
    pub aa: bool,
    /// The answer section, in this order.
    pub answer: Vec<(Name, RrSet)>,
    /// Not empty: exactly one of these follows in the answer section (RFC 8482 §4.1).
    pub one_of: Vec<(Name, RrSet)>,
    /// The authority section.
    pub authority: Vec<(Name, RrSet)>,
    /// What the additional section cannot do without: in-domain glue of a referral. True addresses may stand beside.
    pub additional: Vec<(Name, RrSet)>,
}

impl Expected {
    /// A reply of this code and nothing else.
    pub fn bare(rcode: Rcode, aa: bool) -> Expected {
        Expected {
            rcode,
            aa,
            answer: Vec::new(),
            one_of: Vec::new(),
            authority: Vec::new(),
            additional: Vec::new(),
        }
    }
}

/// What one zone says of one name.
enum Outcome {
    /// Where the records stand: the name itself or a wildcard.
    Answer(Vec<(Name, RrSet)>, Name),
    OneOf(Vec<(Name, RrSet)>, Name),
    Alias {
        records: Vec<(Name, RrSet)>,
        target: Name,
        from: Name,
    },
    TooLong {
        dname: (Name, RrSet),
    },
    Referral(Name),
    NoData,
    NoName,
}

/// The answer to a question of class IN without DO, for a type that is not a meta type other than ANY.
pub fn resolve(zones: &FlatZones, qname: &Name, qtype: RecordType) -> Expected {
    resolve_for(zones, qname, qtype, false)
}

/// The same for a client that sets DO or not. Of ANY the signatures are not among what is expected.
pub fn resolve_for(zones: &FlatZones, qname: &Name, qtype: RecordType, dnssec_ok: bool) -> Expected {
    if zone_of(zones, qname, qtype).is_none() {
        return Expected::bare(Rcode::REFUSED, false);
    }
    let mut expected = Expected::bare(Rcode::NOERROR, true);
    let mut seen = vec![qname.clone()];
    for hop in 0.. {
        let name = seen[hop].clone();
        // Step 2: the nearest ancestor zone. Out of our zones a chain ends with what there is.
        let Some((apex, zone)) = zone_of(zones, &name, qtype) else { return expected };
        let proofs = Proofs::of(zone, apex).filter(|_| dnssec_ok);
        match look_up(zone, apex, &name, qtype) {
            Outcome::Answer(records, from) => {
                expected.answer.extend(with_signatures(proofs.as_ref(), records, &from));
                expected.note_wildcard(proofs.as_ref(), &name, &from);
                return expected;
            }
            Outcome::OneOf(records, from) => {
                expected.one_of = records;
                expected.note_wildcard(proofs.as_ref(), &name, &from);
                return expected;
            }
            Outcome::Alias { records, target, from } => {
                expected.note_wildcard(proofs.as_ref(), &name, &from);
                for record in with_signatures(proofs.as_ref(), records, &from) {
                    // The DNAME of an earlier step stands there already (RFC 2181 §5: no record twice).
                    if !expected.answer.contains(&record) {
                        expected.answer.push(record);
                    }
                }
                if hop + 1 == MAX_HOPS || seen.contains(&target) {
                    return expected;
                }
                seen.push(target);
            }
            Outcome::TooLong { dname } => {
                expected.rcode = Rcode::YXDOMAIN;
                if !expected.answer.contains(&dname) {
                    let owner = dname.0.clone();
                    expected.answer.extend(with_signatures(proofs.as_ref(), vec![dname], &owner));
                }
                return expected;
            }
            Outcome::Referral(cut) => {
                // AA speaks of the first owner in the answer section, so of the referral only if that is empty.
                expected.aa = !expected.answer.is_empty();
                refer(&mut expected, zone, &cut, proofs.as_ref());
                return expected;
            }
            Outcome::NoData => {
                expected.deny(vec![negative_soa(zone)], proofs.as_ref(), |proofs| proofs.no_type(&name));
                return expected;
            }
            Outcome::NoName => {
                expected.rcode = Rcode::NXDOMAIN;
                expected.deny(vec![negative_soa(zone)], proofs.as_ref(), |proofs| proofs.no_name(&name));
                return expected;
            }
        }
    }
    expected
}

impl Expected {
    /// The SOA, and what proves that there is nothing else.
    fn deny(
        &mut self,
        soa: Vec<(Name, RrSet)>,
        proofs: Option<&Proofs<'_>>,
        proof: impl Fn(&Proofs<'_>) -> Vec<(Name, RrSet)>,
    ) {
        let owner = soa[0].0.clone();
        self.authority.extend(with_signatures(proofs, soa, &owner));
        proofs.iter().for_each(|proofs| self.prove(proof(proofs)));
    }

    /// What came from a wildcard takes a proof that nothing nearer is there.
    fn note_wildcard(&mut self, proofs: Option<&Proofs<'_>>, name: &Name, from: &Name) {
        if let Some(proofs) = proofs.filter(|_| from != name && from.is_wildcard()) {
            self.prove(proofs.no_closer(name));
        }
    }

    fn prove(&mut self, sets: Vec<(Name, RrSet)>) {
        for set in sets {
            if !self.authority.contains(&set) {
                self.authority.push(set);
            }
        }
    }
}

/// The RRsets, each followed by its signatures; those of an RRset of another owner than the name it stands at are those of
/// where it stands.
fn with_signatures(
    proofs: Option<&Proofs<'_>>,
    records: Vec<(Name, RrSet)>,
    from: &Name,
) -> Vec<(Name, RrSet)> {
    let mut all = Vec::new();
    for (owner, set) in records {
        // The CNAME that follows from a DNAME stands nowhere.
        let at = if set.rtype == RecordType::DNAME { &owner } else { from };
        let signatures = proofs.map(|proofs| proofs.signatures(at, &owner, &set)).unwrap_or_default();
        all.push((owner, set));
        all.extend(signatures);
    }
    all
}

/// The zone that answers for a name: the deepest one around it. A DS RRset belongs to the parent's side of a cut
/// (RFC 4035 §3.1.4.1), if the zone with that cut is served here.
fn zone_of<'z>(zones: &'z FlatZones, name: &Name, qtype: RecordType) -> Option<(&'z Name, &'z FlatZone)> {
    let deepest = |name: &Name| {
        zones.iter().filter(|(apex, _)| name.is_at_or_under(apex)).max_by_key(|(apex, _)| apex.label_count())
    };
    let found = deepest(name)?;
    if qtype == RecordType::DS && found.0 == name {
        let above = name.parent().and_then(|parent| deepest(&parent));
        let parent = above.filter(|(apex, zone)| first_cut(zone, apex, name).as_ref() == Some(name));
        return Some(parent.unwrap_or(found));
    }
    Some(found)
}

/// Step 3 of RFC 1034 §4.3.2 within one zone.
fn look_up(zone: &FlatZone, apex: &Name, name: &Name, qtype: RecordType) -> Outcome {
    for node in path(apex, name) {
        if node != *apex && rrset(zone, &node, RecordType::NS).is_some() {
            // 3b: a cut. Its DS, and that alone, is this side's.
            if qtype == RecordType::DS && node == *name {
                return match rrset(zone, name, RecordType::DS) {
                    Some(ds) => Outcome::Answer(vec![(name.clone(), ds.clone())], name.clone()),
                    None => Outcome::NoData,
                };
            }
            return Outcome::Referral(node);
        }
        if node != *name
            && let Some(dname) = rrset(zone, &node, RecordType::DNAME)
        {
            return substitute(name, &node, dname);
        }
    }
    if exists(zone, name) {
        return at_node(zone, name, name, qtype);
    }
    // 3c and RFC 4592 §3.3.1: the source of synthesis is the asterisk below the closest encloser, and no other.
    let encloser = name.ancestors().skip(1).find(|ancestor| ancestor == apex || exists(zone, ancestor));
    let encloser = encloser.expect("the apex encloses every name of the zone");
    match Name::from_labels([b"*"], &encloser) {
        Ok(source) if exists(zone, &source) => at_node(zone, &source, name, qtype),
        _ => Outcome::NoName,
    }
}

/// 3a: the RRsets at `node`, given to `owner`, which is another name when `node` is a wildcard.
fn at_node(zone: &FlatZone, node: &Name, owner: &Name, qtype: RecordType) -> Outcome {
    let own = |rrset: &RrSet| (owner.clone(), rrset.clone());
    // RFC 4035 §2.5: what signs and denies may stand beside it.
    if let Some(cname) = rrset(zone, node, RecordType::CNAME)
        && qtype != RecordType::CNAME
        && qtype != RecordType::ANY
        && rrset(zone, node, qtype).is_none()
    {
        let target = Name::from_wire(&cname.rdatas[0]).expect("a CNAME's data is a name");
        return Outcome::Alias { records: vec![own(cname)], target, from: node.clone() };
    }
    if qtype == RecordType::ANY {
        let all: Vec<_> = zone.iter().filter(|(o, _)| o == node).map(|(_, rrset)| own(rrset)).collect();
        return if all.is_empty() { Outcome::NoData } else { Outcome::OneOf(all, node.clone()) };
    }
    if qtype == RecordType::RRSIG {
        let all: Vec<_> = all_signatures(zone, node).iter().map(own).collect();
        return if all.is_empty() { Outcome::NoData } else { Outcome::Answer(all, node.clone()) };
    }
    match rrset(zone, node, qtype) {
        Some(found) => Outcome::Answer(vec![own(found)], node.clone()),
        None => Outcome::NoData,
    }
}

/// RFC 6672 §2.2 and §3.2: the owner's ending of the name replaced by the target, as a CNAME with the DNAME's TTL.
fn substitute(name: &Name, owner: &Name, dname: &RrSet) -> Outcome {
    let new_end = Name::from_wire(&dname.rdatas[0]).expect("a DNAME's data is a name");
    let kept = name.label_count() - owner.label_count();
    let dname = (owner.clone(), dname.clone());
    match Name::from_labels(name.labels().take(kept), &new_end) {
        Ok(target) => {
            let cname = RrSet::single(RecordType::CNAME, dname.1.ttl, target.as_wire());
            let from = dname.0.clone();
            Outcome::Alias { records: vec![dname, (name.clone(), cname)], target, from }
        }
        Err(_) => Outcome::TooLong { dname },
    }
}

/// The referral: NS of the cut, and the addresses here of nameservers at or below the cut (RFC 9471 §2).
fn refer(expected: &mut Expected, zone: &FlatZone, cut: &Name, proofs: Option<&Proofs<'_>>) {
    let ns = rrset(zone, cut, RecordType::NS).expect("a cut has NS");
    expected.authority.push((cut.clone(), ns.clone()));
    // RFC 4035 §3.1.4: the DS, or that there is none.
    if let Some(proofs) = proofs {
        expected.prove(match rrset(zone, cut, RecordType::DS) {
            Some(ds) => with_signatures(Some(proofs), vec![(cut.clone(), ds.clone())], cut),
            None => proofs.no_type(cut),
        });
    }
    for target in ns.rdatas.iter().filter_map(|rdata| Name::from_wire(rdata).ok()) {
        if !target.is_at_or_under(cut) {
            continue;
        }
        for rtype in [RecordType::A, RecordType::AAAA] {
            if let Some(glue) = rrset(zone, &target, rtype) {
                expected.additional.push((target.clone(), glue.clone()));
            }
        }
    }
}

/// The SOA of a negative answer: its TTL the lesser of its own and MINIMUM (RFC 2308 §3).
fn negative_soa(zone: &FlatZone) -> (Name, RrSet) {
    let (owner, soa) = &zone[0];
    let minimum = Soa::from_wire(&soa.rdatas[0]).expect("a zone's first RRset is its SOA").minimum;
    (owner.clone(), RrSet { ttl: soa.ttl.min(minimum), ..soa.clone() })
}

/// The names from the apex down to `name`, both included.
fn path(apex: &Name, name: &Name) -> Vec<Name> {
    let mut path: Vec<Name> = name.ancestors().filter(|node| node.is_at_or_under(apex)).collect();
    path.reverse();
    path
}

/// The first cut on the way from the apex down to `name`.
fn first_cut(zone: &FlatZone, apex: &Name, name: &Name) -> Option<Name> {
    path(apex, name).into_iter().find(|node| node != apex && rrset(zone, node, RecordType::NS).is_some())
}

/// A name exists if it or any name below it owns records (RFC 8020, RFC 4592 §2.2.2).
fn exists(zone: &FlatZone, name: &Name) -> bool {
    zone.iter().any(|(owner, set)| owner.is_at_or_under(name) && !is_of_nsec3(set))
}

fn rrset<'z>(zone: &'z FlatZone, owner: &Name, rtype: RecordType) -> Option<&'z RrSet> {
    zone.iter().find(|(o, rrset)| o == owner && rrset.rtype == rtype).map(|(_, rrset)| rrset)
}

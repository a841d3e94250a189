//! What a catalog that was transferred says (RFC 9432 §4), or why nothing must be made of it.

use super::{COO, GROUP, VERSION, ZONES};
use crate::diff::{Record, RecordList};
use ptrd_wire::{Name, RecordType};
use std::collections::{BTreeMap, BTreeSet};

/// A zone that a catalog lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The zone's name.
    pub zone: Name,
    /// The label of its node in lower case. Another label makes it another zone (RFC 9432 §5.4).
    pub label: Box<[u8]>,
    /// The groups that it is in, each the strings of a TXT record joined, in order.
    pub groups: Vec<Box<[u8]>>,
    /// The catalog that it moves to.
    pub coo: Option<Name>,
}

/// Why a catalog is broken. What was made of it before stays as it is (RFC 9432 §5.1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// RFC 9432 §4.2.1.
    #[error("it has no version: a TXT record at version.{0} with the text 2")]
    NoVersion(Name),
    /// RFC 9432 §4.2.1: exactly one record.
    #[error("it has {0} versions, where one is allowed")]
    Versions(usize),
    /// RFC 9432 §4.2.1.
    #[error("its version is {0}, and ptrd knows version 2")]
    Version(String),
    /// RFC 9432 §4.1: one PTR record at a member's node.
    #[error("the member {0} has more than one PTR record")]
    Pointers(Name),
    /// RFC 9432 §4.1: one node for each zone.
    #[error("the zone {zone} is listed twice, as {one} and as {other}")]
    Twice {
        /// The zone.
        zone: Name,
        /// A node.
        one: String,
        /// The other.
        other: String,
    },
    /// RFC 9432 §4.4.1: one PTR record.
    #[error("{0} has more than one PTR record")]
    Moves(Name),
    /// A PTR record whose data is none.
    #[error("the PTR record of {0} has no name as its data")]
    NoName(Name),
    /// More than is asked for.
    #[error("it lists more than {0} zones")]
    TooMany(usize),
}

/// A catalog that can be processed: its members by zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    members: BTreeMap<Name, Member>,
}

/// What stands at a member's node and below.
#[derive(Default)]
struct Node {
    zone: Option<Name>,
    groups: Vec<Box<[u8]>>,
    coo: Option<Name>,
}

impl Received {
    /// Reads the records of the catalog with this apex, at most `most` members. Whatever the standard has no meaning for is
    /// passed over (RFC 9432 §4.1).
    ///
    /// # Errors
    /// The catalog is broken.
    pub fn read(apex: &Name, records: &RecordList, most: usize) -> Result<Received, Broken> {
        let (mut versions, mut nodes) = (Vec::new(), BTreeMap::<Box<[u8]>, Node>::new());
        let (depth, mut pointers) = (apex.label_count(), 0);
        let mut records = records.records();
        while let Some(record) = records.next_record() {
            let Ok(owner) = Name::from_wire(record.owner) else { continue };
            if !owner.is_under(apex) {
                continue;
            }
            let labels: Vec<Box<[u8]>> = labels_below(&owner, depth);
            let path: Vec<&[u8]> = labels.iter().map(|label| &**label).collect();
            match path.as_slice() {
                [b"version"] if record.rtype == RecordType::TXT => versions.push(joined(record.rdata)),
                [label, zones] if *zones == ZONES.as_bytes() && record.rtype == RecordType::PTR => {
                    let node = nodes.entry((*label).into()).or_default();
                    if node.zone.replace(target(&owner, &record)?).is_some() {
                        return Err(Broken::Pointers(owner));
                    }
                    pointers += 1;
                    if pointers > most {
                        return Err(Broken::TooMany(most));
                    }
                }
                [what, label, zones] if *zones == ZONES.as_bytes() => {
                    property(&mut nodes, what, label, &owner, &record)?;
                }
                _ => {}
            }
        }
        check_version(apex, &versions)?;
        Received::of(nodes)
    }

    fn of(nodes: BTreeMap<Box<[u8]>, Node>) -> Result<Received, Broken> {
        let mut members = BTreeMap::<Name, Member>::new();
        for (label, node) in nodes {
            // Properties of nothing.
            let Some(zone) = node.zone else { continue };
            if let Some(known) = members.get(&zone) {
                let (one, other) = (shown(&known.label), shown(&label));
                return Err(Broken::Twice { zone, one, other });
            }
            let member = Member { zone: zone.clone(), label, groups: node.groups, coo: node.coo };
            members.insert(zone, member);
        }
        Ok(Received { members })
    }

    /// The members, in canonical order of their zones.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// The member that a zone is.
    pub fn member(&self, zone: &Name) -> Option<&Member> {
        self.members.get(zone)
    }
}

/// The labels in front of an apex of so many, in lower case.
fn labels_below(owner: &Name, depth: usize) -> Vec<Box<[u8]>> {
    let below = owner.label_count() - depth;
    owner.labels().take(below).map(|label| label.to_ascii_lowercase().into()).collect()
}

fn property(
    nodes: &mut BTreeMap<Box<[u8]>, Node>,
    what: &[u8],
    label: &[u8],
    owner: &Name,
    record: &Record<'_>,
) -> Result<(), Broken> {
    let is_group = what == GROUP.as_bytes() && record.rtype == RecordType::TXT;
    let is_coo = what == COO.as_bytes() && record.rtype == RecordType::PTR;
    if is_group {
        nodes.entry(label.into()).or_default().groups.push(joined(record.rdata));
    } else if is_coo {
        let node = nodes.entry(label.into()).or_default();
        if node.coo.replace(target(owner, record)?).is_some() {
            return Err(Broken::Moves(owner.clone()));
        }
    }
    Ok(())
}

fn target(owner: &Name, record: &Record<'_>) -> Result<Name, Broken> {
    Name::from_wire(record.rdata).map_err(|_| Broken::NoName(owner.clone()))
}

/// The strings of a TXT record, one after the other.
fn joined(mut rdata: &[u8]) -> Box<[u8]> {
    let mut text = Vec::with_capacity(rdata.len());
    while let Some((length, rest)) = rdata.split_first() {
        let (string, rest) = rest.split_at(rest.len().min(usize::from(*length)));
        text.extend_from_slice(string);
        rdata = rest;
    }
    text.into()
}

fn check_version(apex: &Name, versions: &[Box<[u8]>]) -> Result<(), Broken> {
    match versions {
        [] => Err(Broken::NoVersion(apex.clone())),
        [one] if **one == *VERSION.as_bytes() => Ok(()),
        [other] => Err(Broken::Version(format!("“{}”", other.escape_ascii()))),
        several => Err(Broken::Versions(several.len())),
    }
}

fn shown(label: &[u8]) -> String {
    let mut text = String::new();
    let _ = ptrd_wire::write_label_text(label, &mut text);
    text
}

/// Zones that are members of either, by name.
pub(super) fn names<'a>(now: &'a Received, before: impl Iterator<Item = &'a Name>) -> BTreeSet<&'a Name> {
    now.members.keys().chain(before).collect()
}

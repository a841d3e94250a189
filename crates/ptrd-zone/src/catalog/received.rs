//! What a catalog that was transferred says (RFC 9432 §4), or why nothing must be made of it.
//!
//! It is kept up to date from one version to the next at the cost of what changed: a clone shares everything with the
//! original. Whether all of it is in order is asked afterwards, for a catalog may pass through versions that are not.

use super::{COO, GROUP, VERSION, ZONES};
use crate::diff::{Difference, Record, RecordList};
use imbl::{OrdMap, OrdSet};
use ptrd_wire::{Name, RecordType};
use std::collections::BTreeSet;

/// How many groups a member may be in.
const MOST_GROUPS: usize = 32;
/// Octets of a group.
const LONGEST_GROUP: usize = 255;

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
    Pointers(String),
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
    /// RFC 9432 §4.3.1: one PTR record.
    #[error("{0} has more than one PTR record")]
    Moves(String),
    /// A PTR record whose data is none.
    #[error("a PTR record of {0} has no name as its data")]
    NoName(String),
    /// More groups than anybody needs, or one that is too long.
    #[error(
        "the member {0} is in more than {MOST_GROUPS} groups, or in one of more than {LONGEST_GROUP} octets"
    )]
    Groups(String),
    /// More than is asked for.
    #[error("it lists more than {0} zones")]
    TooMany(usize),
}

/// What the records of a catalog say: its members by zone, and what is wrong with them.
#[derive(Clone, Debug)]
pub struct Received {
    apex: Name,
    versions: Vec<Box<[u8]>>,
    nodes: OrdMap<Box<[u8]>, Node>,
    /// The nodes of each zone: one, if all is well.
    zones: OrdMap<Name, Vec<Box<[u8]>>>,
    /// The nodes that something is wrong with.
    faults: OrdSet<Box<[u8]>>,
    /// The zones that are listed more than once.
    repeated: OrdSet<Name>,
}

/// What stands at a member's node and below.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Node {
    zones: Vec<Name>,
    groups: Vec<Box<[u8]>>,
    coos: Vec<Name>,
    /// PTR records without a name.
    nameless: usize,
}

impl Node {
    fn is_empty(&self) -> bool {
        *self == Node::default()
    }

    fn is_faulty(&self) -> bool {
        !self.zones.is_empty()
            && (self.zones.len() > 1
                || self.coos.len() > 1
                || self.nameless > 0
                || self.groups.len() > MOST_GROUPS
                || self.groups.iter().any(|group| group.len() > LONGEST_GROUP))
    }

    fn fault(&self, node: String) -> Broken {
        match self {
            _ if self.zones.len() > 1 => Broken::Pointers(node),
            _ if self.nameless > 0 => Broken::NoName(node),
            _ if self.coos.len() > 1 => Broken::Moves(format!("{COO}.{node}")),
            _ => Broken::Groups(node),
        }
    }
}

/// Puts something into its place in a list, or takes it out.
fn turn<T: Ord>(list: &mut Vec<T>, what: T, comes: bool) {
    match (list.binary_search(&what), comes) {
        (Ok(place) | Err(place), true) => list.insert(place, what),
        (Ok(place), false) => drop(list.remove(place)),
        (Err(_), false) => {}
    }
}

impl Received {
    /// What a catalog without records says.
    pub fn empty(apex: &Name) -> Received {
        Received {
            apex: apex.clone(),
            versions: Vec::new(),
            nodes: OrdMap::new(),
            zones: OrdMap::new(),
            faults: OrdSet::new(),
            repeated: OrdSet::new(),
        }
    }

    /// Reads the records of the catalog with this apex, at most `most` members. Whatever the standard has no meaning for is
    /// passed over (RFC 9432 §4.1).
    ///
    /// # Errors
    /// The catalog is broken.
    pub fn read(apex: &Name, records: &RecordList, most: usize) -> Result<Received, Broken> {
        let mut read = Received::empty(apex);
        read.take_all(records, true, &mut BTreeSet::new());
        read.check(most)?;
        Ok(read)
    }

    /// Becomes what the catalog says after a difference. Returns the zones of which it says something else now, and perhaps
    /// others.
    pub fn update(&mut self, difference: &Difference) -> BTreeSet<Name> {
        let mut touched = BTreeSet::new();
        self.take_all(difference.removed(), false, &mut touched);
        self.take_all(difference.added(), true, &mut touched);
        touched
    }

    /// Whether something may be made of it.
    ///
    /// # Errors
    /// The catalog is broken; `most` is how many members it may have.
    pub fn check(&self, most: usize) -> Result<(), Broken> {
        if self.zones.len() > most {
            return Err(Broken::TooMany(most));
        }
        if let Some((label, node)) = self.faults.get_min().and_then(|label| self.nodes.get_key_value(label)) {
            return Err(node.fault(format!("{}.{ZONES}.{}", shown(label), self.apex)));
        }
        match self.versions.as_slice() {
            [] => return Err(Broken::NoVersion(self.apex.clone())),
            [one] if **one == *VERSION.as_bytes() => {}
            [other] => return Err(Broken::Version(format!("“{}”", other.escape_ascii()))),
            several => return Err(Broken::Versions(several.len())),
        }
        match self.repeated.get_min().and_then(|zone| self.zones.get_key_value(zone)) {
            Some((zone, labels)) => {
                let mut labels = labels.iter().map(|label| shown(label));
                let mut next = || labels.next().unwrap_or_default();
                Err(Broken::Twice { zone: zone.clone(), one: next(), other: next() })
            }
            None => Ok(()),
        }
    }

    /// The zones that are listed, in canonical order.
    pub fn zones(&self) -> impl Iterator<Item = &Name> {
        self.zones.keys()
    }

    /// The members, in canonical order of their zones.
    pub fn members(&self) -> impl Iterator<Item = Member> {
        self.zones.iter().filter_map(|(zone, labels)| self.member_at(zone, labels.first()?))
    }

    /// The member that a zone is.
    pub fn member(&self, zone: &Name) -> Option<Member> {
        let (zone, labels) = self.zones.get_key_value(zone)?;
        self.member_at(zone, labels.first()?)
    }

    fn member_at(&self, zone: &Name, label: &[u8]) -> Option<Member> {
        let Node { groups, coos, .. } = self.nodes.get(label)?;
        let (zone, groups, coo) = (zone.clone(), groups.clone(), coos.first().cloned());
        Some(Member { zone, label: label.into(), groups, coo })
    }

    fn take_all(&mut self, records: &RecordList, come: bool, touched: &mut BTreeSet<Name>) {
        let mut records = records.records();
        while let Some(record) = records.next_record() {
            self.take(&record, come, touched);
        }
    }

    /// Takes account of a record that comes or goes.
    fn take(&mut self, record: &Record<'_>, comes: bool, touched: &mut BTreeSet<Name>) {
        let Ok(owner) = Name::from_wire(record.owner) else { return };
        if !owner.is_under(&self.apex) {
            return;
        }
        let below = owner.label_count() - self.apex.label_count();
        let labels: Vec<Box<[u8]>> =
            owner.labels().take(below).map(|label| label.to_ascii_lowercase().into()).collect();
        let path: Vec<&[u8]> = labels.iter().map(|label| &**label).collect();
        let (is_ptr, is_txt) = (record.rtype == RecordType::PTR, record.rtype == RecordType::TXT);
        match path.as_slice() {
            [b"version"] if is_txt => turn(&mut self.versions, joined(record.rdata), comes),
            [label, zones] if *zones == ZONES.as_bytes() && is_ptr => {
                let target = Name::from_wire(record.rdata).ok();
                if let Some(zone) = &target {
                    self.list(zone, label, comes);
                }
                self.alter(label, touched, |node| match target {
                    Some(zone) => turn(&mut node.zones, zone, comes),
                    None => count(&mut node.nameless, comes),
                });
            }
            [what, label, zones] if *zones == ZONES.as_bytes() => match *what {
                what if what == GROUP.as_bytes() && is_txt => self.alter(label, touched, |node| {
                    turn(&mut node.groups, joined(record.rdata), comes);
                }),
                what if what == COO.as_bytes() && is_ptr => {
                    let target = Name::from_wire(record.rdata).ok();
                    self.alter(label, touched, |node| match target {
                        Some(catalog) => turn(&mut node.coos, catalog, comes),
                        None => count(&mut node.nameless, comes),
                    });
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// Alters the node of a member.
    fn alter(&mut self, label: &[u8], touched: &mut BTreeSet<Name>, alter: impl FnOnce(&mut Node)) {
        let mut node = self.nodes.get(label).cloned().unwrap_or_default();
        touched.extend(node.zones.iter().cloned());
        alter(&mut node);
        touched.extend(node.zones.iter().cloned());
        match node.is_faulty() {
            true => drop(self.faults.insert(label.into())),
            false => drop(self.faults.remove(label)),
        }
        match node.is_empty() {
            true => drop(self.nodes.remove(label)),
            false => drop(self.nodes.insert(label.into(), node)),
        }
    }

    /// Lists a zone under a label, or no longer.
    fn list(&mut self, zone: &Name, label: &[u8], comes: bool) {
        let mut labels = self.zones.get(zone).cloned().unwrap_or_default();
        turn(&mut labels, label.into(), comes);
        match labels.len() > 1 {
            true => drop(self.repeated.insert(zone.clone())),
            false => drop(self.repeated.remove(zone)),
        }
        // As it is spelled now.
        self.zones.remove(zone);
        if !labels.is_empty() {
            self.zones.insert(zone.clone(), labels);
        }
    }
}

fn count(number: &mut usize, comes: bool) {
    *number = if comes { *number + 1 } else { number.saturating_sub(1) };
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

fn shown(label: &[u8]) -> String {
    let mut text = String::new();
    let _ = ptrd_wire::write_label_text(label, &mut text);
    text
}

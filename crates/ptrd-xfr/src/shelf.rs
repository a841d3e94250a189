//! Differences that were found lately. After a NOTIFY several secondaries ask for the way from the same version to the same
//! version: it is looked up and condensed for the first of them.
//!
//! The version to get to is known by the zone itself, the one that is served, and not by its number and serial: those may
//! be another zone's once another store has taken the place of this one. What the shelf holds is bounded in octets; what
//! was not asked for the longest goes first, but before that what leads to versions that nobody serves or sends any more.

use ptrd_wire::Serial;
use ptrd_zone::{Form, Step, Zone};
use std::collections::HashMap;
use std::sync::{Arc, Weak};

/// Octets of differences that are held.
const MOST: usize = 32 << 20;
/// Of these, what a single one may take.
const LARGEST: usize = MOST / 4;
/// How many are held.
const COUNT: usize = 1_024;

/// See the module.
#[derive(Default)]
pub struct Shelf {
    found: HashMap<Way, Found>,
    octets: usize,
    /// How often it was looked at.
    looks: u64,
}

/// Where a zone lies in memory, the serial to come from, and whether computed names are stated.
type Way = (usize, u32, bool);

struct Found {
    /// Keeps the place from being another zone's.
    zone: Weak<Zone>,
    step: Arc<Step>,
    octets: usize,
    /// When it was looked at last.
    look: u64,
}

fn way(zone: &Arc<Zone>, (from, form): (Serial, Form)) -> Way {
    (Arc::as_ptr(zone).addr(), from.0, form == Form::Stated)
}

fn octets_of(step: &Step) -> usize {
    let lists = [step.difference.removed(), step.difference.added()];
    step.soa.len()
        + lists.map(|list| list.octets().len()).iter().sum::<usize>()
        + size_of::<(Way, Found, Step)>()
}

impl Shelf {
    /// The way from a serial, in a form, to this version of a zone, if it was found before.
    pub fn get(&mut self, zone: &Arc<Zone>, from: (Serial, Form)) -> Option<Arc<Step>> {
        self.looks += 1;
        let found = self.found.get_mut(&way(zone, from))?;
        found.look = self.looks;
        Some(found.step.clone())
    }

    /// Keeps a way that was found, unless it is too long.
    pub fn put(&mut self, zone: &Arc<Zone>, from: (Serial, Form), step: &Arc<Step>) {
        let octets = octets_of(step);
        if octets > LARGEST {
            return;
        }
        self.remove(way(zone, from));
        if self.is_full(octets) {
            let gone: Vec<Way> = self
                .found
                .iter()
                .filter(|(_, found)| found.zone.strong_count() == 0)
                .map(|(way, _)| *way)
                .collect();
            gone.into_iter().for_each(|way| self.remove(way));
        }
        while self.is_full(octets)
            && let Some(oldest) = self.found.iter().min_by_key(|(_, found)| found.look).map(|(way, _)| *way)
        {
            self.remove(oldest);
        }
        self.looks += 1;
        let found = Found { zone: Arc::downgrade(zone), step: step.clone(), octets, look: self.looks };
        self.found.insert(way(zone, from), found);
        self.octets += octets;
    }

    /// Octets that it holds.
    pub fn octets(&self) -> usize {
        self.octets
    }

    fn is_full(&self, more: usize) -> bool {
        self.octets + more > MOST || self.found.len() >= COUNT
    }

    fn remove(&mut self, way: Way) {
        if let Some(found) = self.found.remove(&way) {
            self.octets -= found.octets;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptrd_wire::{Name, Soa, Ttl};
    use ptrd_zone::model::ZoneId;
    use ptrd_zone::{Difference, View};

    fn name(text: &str) -> Name {
        text.parse().expect("a name")
    }

    /// A version of a zone; all have the same number and serial.
    fn version() -> Arc<Zone> {
        let (mname, rname, minimum) = (name("ns."), name("h."), Ttl::from_secs(1));
        let soa = Soa { mname, rname, serial: Serial(7), refresh: 1, retry: 1, expire: 1, minimum };
        Arc::new(Zone::new(ZoneId(1), name("example"), View::Verbatim, soa, minimum))
    }

    /// A step that tells itself from others.
    fn step(ttl: u32, octets: usize) -> Arc<Step> {
        let (soa_ttl, difference) = (Ttl::from_secs(ttl), Difference::default());
        Arc::new(Step { soa_ttl, soa: vec![0; octets].into(), difference })
    }

    #[test]
    fn a_way_leads_to_one_version_alone() {
        let (mut shelf, one, other) = (Shelf::default(), version(), version());
        shelf.put(&one, (Serial(1), Form::Records), &step(1, 10));
        shelf.put(&one, (Serial(2), Form::Records), &step(2, 10));
        let ttl = |found: Option<Arc<Step>>| found.map(|step| step.soa_ttl.as_secs());
        assert_eq!(ttl(shelf.get(&one, (Serial(1), Form::Records))), Some(1));
        assert_eq!(ttl(shelf.get(&one, (Serial(2), Form::Records))), Some(2));
        assert_eq!(ttl(shelf.get(&one, (Serial(3), Form::Records))), None);
        assert_eq!(
            ttl(shelf.get(&other, (Serial(1), Form::Records))),
            None,
            "of the same number and serial, and another one"
        );
        // What was freed leaves its place to nobody while it is known.
        drop(one);
        let later: Vec<Arc<Zone>> = (0..64).map(|_| version()).collect();
        assert!(later.iter().all(|zone| shelf.get(zone, (Serial(1), Form::Records)).is_none()));
    }

    #[test]
    fn what_it_holds_is_bounded() {
        let (mut shelf, zone, gone) = (Shelf::default(), version(), version());
        shelf.put(&zone, (Serial(0), Form::Records), &step(0, LARGEST));
        assert_eq!(shelf.octets(), 0, "too long to be kept");
        let length = LARGEST - 1_000;
        for nth in 0..3 {
            shelf.put(&zone, (Serial(nth), Form::Records), &step(nth, length));
        }
        shelf.put(&gone, (Serial(9), Form::Records), &step(9, 1_000));
        drop(gone);
        assert!(shelf.get(&zone, (Serial(0), Form::Records)).is_some());
        // The version that is gone goes first, then what was asked for the longest ago.
        shelf.put(&zone, (Serial(3), Form::Records), &step(3, length));
        assert!((0..4).all(|nth| shelf.get(&zone, (Serial(nth), Form::Records)).is_some()));
        assert!(shelf.get(&zone, (Serial(0), Form::Records)).is_some());
        shelf.put(&zone, (Serial(4), Form::Records), &step(4, length));
        assert!(
            shelf.get(&zone, (Serial(1), Form::Records)).is_none()
                && shelf.get(&zone, (Serial(0), Form::Records)).is_some()
        );
        assert!(shelf.octets() <= MOST);
        for nth in 0..2 * COUNT as u32 {
            shelf.put(&zone, (Serial(nth), Form::Records), &step(nth, 10));
            shelf.put(&zone, (Serial(nth), Form::Records), &step(nth, 10));
        }
        let held: usize = shelf.found.values().map(|found| found.octets).sum();
        assert_eq!((shelf.found.len(), shelf.octets()), (COUNT, held));
    }
}

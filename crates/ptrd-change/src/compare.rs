//! A zone here against what another server has of it: before its delegation is moved, both must answer alike.
//!
//! RRsets are compared, with their TTLs; names in data without their case, as RFC 4034 §6.2 has it. The serial is no
//! difference: whoever takes a zone over counts on from where it was.

use crate::problem::internal;
use crate::publish::View;
use ptrd_api::{CompareView, Problem, RrsetDifference};
use ptrd_master::rdata_to_text;
use ptrd_wire::{Name, RecordType, RrSet, Serial, Soa, folded_rdata};
use ptrd_zone::PulledZone;
use std::collections::BTreeMap;

/// How many differences an answer lists.
const LISTED: usize = 1_000;

type Rrsets = BTreeMap<(Name, RecordType), RrSet>;

/// What another server has of a zone.
#[derive(Debug)]
pub enum Other {
    /// All of it.
    Zone(PulledZone),
    /// The answers to questions for every RRset that is here ([`View::questions`]), and its SOA.
    Answers(Soa, Vec<(Name, RrSet)>),
}

fn without_serial(soa: &Soa) -> Vec<u8> {
    Soa { serial: Serial(0), ..soa.clone() }.to_wire()
}

fn same(a: &RrSet, b: &RrSet) -> bool {
    let folded = |set: &RrSet| {
        let mut rdatas: Vec<Vec<u8>> =
            set.rdatas.iter().map(|rdata| folded_rdata(set.rtype, rdata).into_owned()).collect();
        rdatas.sort_unstable();
        rdatas
    };
    a.ttl == b.ttl && folded(a) == folded(b)
}

fn shown(set: Option<&RrSet>) -> Vec<String> {
    let each = set.into_iter().flat_map(|set| {
        set.rdatas.iter().map(|rdata| format!("{} {}", set.ttl, rdata_to_text(set.rtype, rdata)))
    });
    let mut lines: Vec<String> = each.collect();
    lines.sort();
    lines
}

impl View {
    /// The questions whose answers show what a zone here has authority for: owners and types, but the SOA.
    ///
    /// # Errors
    /// There is no such zone.
    pub fn questions(&self, apex: &str) -> Result<Vec<(Name, RecordType)>, Problem> {
        let meta = self.zone_meta(apex)?;
        let zone = self.snapshot.zone(&meta.apex).ok_or_else(|| internal("the zone has no content"))?;
        let owned = zone.visible(self.snapshot.addresses()).owned();
        // What is above cuts comes as a referral.
        let asked = owned.filter(|(owner, set)| set.rtype != RecordType::NS || *owner == meta.apex);
        Ok(asked.map(|(owner, set)| (owner, set.rtype)).collect())
    }

    /// Compares a zone with what another server has of it.
    ///
    /// # Errors
    /// There is no such zone.
    pub fn compare(&self, apex: &str, server: &str, other: Other) -> Result<CompareView, Problem> {
        let meta = self.zone_meta(apex)?;
        let zone = self.snapshot.zone(&meta.apex).ok_or_else(|| internal("the zone has no content"))?;
        let mut here: Rrsets = zone
            .walk(self.snapshot.addresses())
            .owned()
            .map(|(owner, set)| ((owner, set.rtype), set))
            .collect();
        let (soa, mut there, how) = match other {
            Other::Zone(zone) => {
                let sets = zone.records.into_iter().map(|(owner, set)| ((owner, set.rtype), set));
                let mut sets: Rrsets = sets.collect();
                let soa = RrSet::single(RecordType::SOA, zone.soa_ttl, without_serial(&zone.soa));
                sets.insert((meta.apex.clone(), RecordType::SOA), soa);
                (zone.soa, sets, "transfer")
            }
            Other::Answers(soa, sets) => {
                let asked = self.questions(apex)?.into_iter().collect::<std::collections::BTreeSet<_>>();
                here.retain(|key, _| asked.contains(key));
                let sets = sets.into_iter().map(|(owner, set)| ((owner, set.rtype), set));
                let mut sets: Rrsets = sets.collect();
                let shown = RrSet::single(RecordType::SOA, zone.soa_ttl(), without_serial(&soa));
                sets.insert((meta.apex.clone(), RecordType::SOA), shown);
                (soa, sets, "queries")
            }
        };
        let own = RrSet::single(RecordType::SOA, zone.soa_ttl(), without_serial(zone.soa()));
        here.insert((meta.apex.clone(), RecordType::SOA), own);
        let mut view = CompareView {
            apex: meta.apex.to_string(),
            server: server.to_owned(),
            serial: zone.soa().serial.0,
            other_serial: soa.serial.0,
            how: how.to_owned(),
            compared: here.len() as u64,
            ..CompareView::default()
        };
        let mut tell = |(owner, rtype): &(Name, RecordType), here: Option<&RrSet>, there: Option<&RrSet>| {
            view.total += 1;
            if view.differences.len() < LISTED {
                let (here, there) = (shown(here), shown(there));
                let (owner, rtype) = (owner.to_string(), rtype.to_string());
                view.differences.push(RrsetDifference { owner, rtype, here, there });
            }
        };
        for (key, ours) in &here {
            let theirs = there.remove(key);
            if !theirs.as_ref().is_some_and(|theirs| same(ours, theirs)) {
                tell(key, Some(ours), theirs.as_ref());
            }
        }
        there.iter().for_each(|(key, theirs)| tell(key, None, Some(theirs)));
        Ok(view)
    }
}

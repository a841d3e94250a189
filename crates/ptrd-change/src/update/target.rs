//! What the names of an update stand for: a name of the zone, or an address.
//!
//! Where the zone has a derived CNAME into a classless zone that is served here (RFC 2317), the name stands for the address
//! and everything about it is about the name there, be it a PTR in the address index or a record of the classless zone.
//! Where that is turned off, or the classless zone is served elsewhere, such a name cannot be changed.

use super::{Content, Set};
use crate::authorise::Role;
use crate::classless::address_at;
use crate::plan::Plan;
use crate::problem::forbidden;
use crate::suspend::as_if_resumed;
use ptrd_api::Problem;
use ptrd_wire::{AddrRange, Name, QName, RecordType, ReverseName};
use ptrd_zone::model::{ZoneId, ZoneKind};
use ptrd_zone::{CutRecords, Found, Zone, ZoneMeta};
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

/// CNAMEs from one classless zone into another: blocks nest no deeper within a /24.
const DEEPEST: usize = 9;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The name in the update.
    pub asked: Name,
    /// Where it is done.
    pub zone: Arc<ZoneMeta>,
    /// At which name.
    pub owner: Name,
    /// The address that this is the name of, in a zone that shows PTRs of addresses.
    pub address: Option<IpAddr>,
    /// The addresses that the name is about: one, or those below it.
    pub about: Option<AddrRange>,
    /// Why nothing may be changed there; nothing is there, either.
    closed: Option<Problem>,
}

impl Target {
    pub fn is_redirected(&self) -> bool {
        self.asked != self.owner
    }

    pub fn is_apex(&self) -> bool {
        self.owner == self.zone.apex
    }

    /// Whether a change can be made there at all.
    pub fn may_change(&self, rtype: Option<RecordType>) -> Result<(), Problem> {
        if let Some(closed) = &self.closed {
            return Err(closed.clone());
        }
        if self.is_redirected() && rtype == Some(RecordType::CNAME) {
            return Err(follows(&self.asked, &self.zone.apex));
        }
        Ok(())
    }

    /// What to say of it where it is elsewhere.
    pub fn note(&self) -> Option<String> {
        let Target { asked, owner, .. } = self;
        let address = self.address.filter(|_| self.is_redirected())?;
        Some(format!("{asked} is a CNAME to {owner}: the update acts on {address} there"))
    }
}

fn follows(owner: &Name, apex: &Name) -> Problem {
    forbidden(format!("the CNAME of {owner} follows from the block of {apex} and cannot be written"))
}

/// A name of an update.
#[derive(Debug)]
pub(crate) struct Named {
    pub target: Target,
    /// As whom it is changed, once that is judged.
    pub role: Option<Role>,
    /// Whether it was said what RRsets are to be as a whole, or what is to go; else records come beside those that there are.
    pub replaces: bool,
    pub before: Content,
    pub after: Content,
}

/// The names of an update.
pub(crate) struct Targets {
    zone: Arc<ZoneMeta>,
    redirect: bool,
    places: HashMap<Name, usize>,
    by_owner: BTreeMap<(ZoneId, Name), usize>,
    named: Vec<Named>,
    /// Zones as they would be if no block were suspended, where that is another.
    resumed: BTreeMap<ZoneId, Option<Zone>>,
}

impl Targets {
    pub fn new(zone: Arc<ZoneMeta>, redirect: bool) -> Targets {
        Targets {
            zone,
            redirect,
            places: HashMap::new(),
            by_owner: BTreeMap::new(),
            named: Vec::new(),
            resumed: BTreeMap::new(),
        }
    }

    /// The zone that the update is for.
    pub fn zone(&self) -> &Arc<ZoneMeta> {
        &self.zone
    }

    /// In the order in which the update names them.
    pub fn iter(&self) -> impl Iterator<Item = &Named> {
        self.named.iter()
    }

    pub fn named(&self, place: usize) -> &Named {
        &self.named[place]
    }

    pub fn at(&mut self, plan: &Plan<'_>, owner: &Name) -> &mut Named {
        let place = self.place(plan, owner);
        &mut self.named[place]
    }

    /// The number of what a name stands for.
    pub fn place(&mut self, plan: &Plan<'_>, owner: &Name) -> usize {
        if let Some(place) = self.places.get(owner) {
            return *place;
        }
        let target = self.locate(plan, owner);
        let key = (target.zone.id, target.owner.clone());
        let place = match self.by_owner.get(&key) {
            Some(place) => *place,
            None => {
                let before =
                    if target.closed.is_some() { Content::default() } else { content(plan, &target) };
                let after = before.clone();
                self.named.push(Named { target, role: None, replaces: false, before, after });
                self.by_owner.insert(key, self.named.len() - 1);
                self.named.len() - 1
            }
        };
        self.places.insert(owner.clone(), place);
        place
    }

    fn locate(&mut self, plan: &Plan<'_>, asked: &Name) -> Target {
        let (mut meta, mut owner) = (self.zone.clone(), asked.clone());
        let mut closed = None;
        for _ in 0..DEEPEST {
            let Some(zone) = plan.zone(&meta.apex) else { break };
            if meta.kind == ZoneKind::Verbatim {
                break;
            }
            let resumed = self.resumed.entry(meta.id).or_insert_with(|| as_if_resumed(plan, zone));
            let zone = resumed.as_ref().unwrap_or(zone);
            let mut name = QName::default();
            name.assign(owner.to_lowercase().as_wire());
            let reverse = ReverseName::of(&name);
            match zone.find(plan.next.snapshot.addresses(), &name, reverse.as_ref()) {
                Found::Alias { apex, .. } => {
                    let next = plan.declared().zone(apex).filter(|_| self.redirect);
                    let below = owner.labels().next().map(|label| Name::from_labels([label], apex));
                    let (Some(next), Some(Ok(below))) = (next, below) else {
                        closed = Some(follows(&owner, apex));
                        break;
                    };
                    (meta, owner) = (next.clone(), below);
                }
                Found::Cut(cut) if matches!(cut.records, CutRecords::Derived(_)) => {
                    closed = Some(forbidden(format!(
                        "{owner} is at or below a zone cut of {} that follows from a block or a zone",
                        meta.apex
                    )));
                    break;
                }
                _ => break,
            }
        }
        let zone = plan.zone(&meta.apex);
        let at = zone.and_then(|zone| address_at(zone, &owner));
        let about = about(&meta, &owner, at.map(|(address, _)| address));
        let address = at.filter(|(_, exact)| *exact).map(|(address, _)| address);
        Target { asked: asked.clone(), zone: meta, owner, address, about, closed }
    }
}

/// The addresses that a name is about.
pub(crate) fn about(meta: &ZoneMeta, owner: &Name, address: Option<IpAddr>) -> Option<AddrRange> {
    if let Some(address) = address {
        return Some(AddrRange::single(address));
    }
    match &meta.kind {
        ZoneKind::Classless { range, .. } => Some(*range),
        ZoneKind::Range(_) => ReverseName::of_name(owner).map(|name| name.prefix.range()),
        // A label under the name of a /24 stands for some addresses that only its owner knows.
        ZoneKind::Verbatim => {
            let apex = ReverseName::of_name(&meta.apex).filter(|apex| apex.extra == 0);
            apex.and_then(|_| ReverseName::of_name(owner)).map(|name| name.prefix.range())
        }
    }
}

/// What is at a name before the update. What is derived is absent.
fn content(plan: &Plan<'_>, target: &Target) -> Content {
    let mut content = Content::default();
    let Some(zone) = plan.zone(&target.zone.apex) else { return content };
    let node = match target.is_apex() {
        true => zone.apex_node(),
        false => zone.names().node(&target.owner.key_below(zone.apex_labels())),
    };
    for rrset in node.into_iter().flat_map(|node| node.rrsets()) {
        content.put(rrset.rtype, Set::of(&rrset.to_rrset()));
    }
    if target.is_apex() {
        let mut soa = Set::new(zone.soa_ttl(), false);
        soa.put(RecordType::SOA, zone.soa_rdata());
        content.put(RecordType::SOA, soa);
    }
    let ptr = target.address.and_then(|address| plan.next.snapshot.addresses().ptr(address));
    if let Some(ptr) = ptr {
        let mut octets = Vec::new();
        ptr.pack_into(&mut octets);
        let mut set = Set::new(ptr.ttl(), ptr.is_inherited());
        let names = ptrd_zone::PtrSet { ttl: None, names: &octets };
        names.wire_names().for_each(|name| set.put(RecordType::PTR, name));
        content.put(RecordType::PTR, set);
    }
    content
}

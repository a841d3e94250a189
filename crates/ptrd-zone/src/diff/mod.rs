//! What two versions of a zone differ in, record by record: what an incremental transfer sends (RFC 1995).
//!
//! The versions share all that did not change, so the work is in proportion to what did: [`spots`] finds the names that
//! may differ by comparing pointers, and both versions are walked there and nowhere else. What is compared is what a
//! full transfer would send, [`Zone::walk`]; so a difference cannot know of other records than that does.
//!
//! A record is its owner, type, TTL and data to the octet. An RRset whose TTL changed loses and gains all its records
//! (RFC 2181 §5.2), and so does one whose owner is spelt in another letter case: a secondary is to hold what a full
//! transfer would give it. The order of records in an RRset is no difference. The removed records of a sequence come
//! before the added ones (RFC 1995 §4), and whoever removes a record compares names in its data without regard to case;
//! that makes a record that changed its case go before it comes again. It would hit another record if one RRset held two
//! that differ in case alone, which the change road refuses.
//!
//! The SOA is left out: whoever writes a sequence has both.
//!
//! Rejected: to write the records down while a change is planned. Each of the forty places that alter a zone would have
//! to know what follows from it elsewhere.

mod condense;
mod difference;
mod list;
mod spots;
mod step;
#[cfg(test)]
mod tests;
mod trees;
mod v4;

pub use condense::{Condenser, Uncondensed};
pub use difference::{Difference, Mismatch};
pub use list::{Bookmark, Malformed, Record, RecordList, Records};
pub use step::Step;

use crate::page::PtrRef;
use crate::snapshot::Addresses;
use crate::stated::{Form, STATEMENT, Shows, Statements};
use crate::walk::{Data, Part, Walk, computed_part, ptr_part, stated_part};
use crate::zone::{View, Zone, goes_before};
use list::ListWriter;
use ptrd_wire::{Family, QName, RecordType, Ttl, key_of_lower, sort_key};
pub(crate) use spots::key_of;
use spots::{Spot, Spots, Version};
use std::cmp::Ordering;

/// Owners that are stepped over rather than looked for: as many as take about as long as a search.
const STEPS: usize = 24;

/// A difference has more records than it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the versions differ in more than {0} records")]
pub struct TooLarge(pub usize);

/// What leads from one version of a zone to another: the records removed and those added, each in canonical order. Both
/// versions are of one zone, and each comes with the addresses of its snapshot.
///
/// # Errors
/// [`TooLarge`] where more than `limit` records were removed or added, or a version has more computed names than are ever
/// shown one by one ([`crate::MOST_EXPANDED`]). What was allocated until then is in proportion to
/// the limit.
pub fn diff(before: Version<'_>, after: Version<'_>, limit: usize) -> Result<Difference, TooLarge> {
    diff_in(before, after, Form::Records, limit)
}

/// As [`diff`], with computed names in one form or the other.
///
/// # Errors
/// [`TooLarge`] where more than `limit` records were removed or added, or a version does not go in this form
/// ([`Zone::goes_in`]).
pub fn diff_in(
    before: Version<'_>,
    after: Version<'_>,
    form: Form,
    limit: usize,
) -> Result<Difference, TooLarge> {
    let statements = match form {
        Form::Records if before.0.is_expandable(before.1) && after.0.is_expandable(after.1) => None,
        Form::Records => return Err(TooLarge(limit)),
        Form::Stated => before.0.statements(before.1).zip(after.0.statements(after.1)),
    };
    if statements.is_none() && form == Form::Stated {
        return Err(TooLarge(limit));
    }
    let (told, tells): (Statements, Statements) = statements.unwrap_or_default();
    let is_restated = told != tells;
    let mut out = Comparison { limit, ..Comparison::default() };
    let mut old = Side::new(before, before.0.shows_in(before.1, form, &told));
    let mut new = Side::new(after, after.0.shows_in(after.1, form, &tells));
    let mut last: Option<Spot> = None;
    for spot in Spots::new(before, after, (form, is_restated), limit.max(1_024)) {
        // What is looked up is not passed by the walks, so that another spot of the same name would show it again.
        if last.as_ref().is_some_and(|last| last.covers(&spot)) {
            continue;
        }
        if let Some(address) = spot.alone {
            let (old, new) = (old.look(&spot.key, address), new.look(&spot.key, address));
            out.owners(old, new)?;
            last = Some(spot);
            continue;
        }
        old.seek(&spot.key);
        new.seek(&spot.key);
        loop {
            let order = match (old.is_in(&spot), new.is_in(&spot)) {
                (true, true) => old.key.cmp(&new.key),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => break,
            };
            match order {
                Ordering::Less => out.gone(&old.now)?,
                Ordering::Greater => out.come(&new.now)?,
                Ordering::Equal => out.owners(&old.now, &new.now)?,
            }
            if order.is_le() {
                old.advance();
            }
            if order.is_ge() {
                new.advance();
            }
        }
        last = Some(spot);
    }
    Ok(Difference::of(out.removed.finish(), out.added.finish()))
}

impl RecordList {
    /// All records of a zone but the SOA: what a full transfer sends.
    pub fn of_zone(zone: &Zone, addresses: &Addresses) -> RecordList {
        RecordList::of_zone_in(zone, addresses, Form::Records)
    }

    /// As [`RecordList::of_zone`], with computed names in a form that the zone goes in.
    pub fn of_zone_in(zone: &Zone, addresses: &Addresses, form: Form) -> RecordList {
        let statements = zone.statements(addresses).unwrap_or_default();
        let mut walk = zone.walk_in(addresses, (form, &statements), zone.apex());
        let mut out = ListWriter::default();
        let (mut owner, mut parts, mut data) = (Vec::new(), Vec::new(), Rdatas::default());
        while walk.next_owner(&mut owner, &mut parts) {
            for part in &parts {
                data.take(&part.data);
                data.iter().for_each(|rdata| out.push(&owner, part.rtype, part.ttl, rdata));
            }
        }
        out.finish()
    }
}

/// What an owner has.
#[derive(Default)]
struct Owner<'z> {
    /// In wire form.
    name: Vec<u8>,
    /// By type; none where there is no such owner.
    parts: Vec<Part<'z>>,
}

/// A version of a zone, read owner by owner.
struct Side<'z> {
    version: Version<'z>,
    shows: Shows<'z>,
    /// None before the first search.
    walk: Option<Walk<'z>>,
    /// Where the walk has come to.
    now: Owner<'z>,
    /// Its sort key below the apex.
    key: Vec<u8>,
    is_over: bool,
    /// What was looked up.
    looked: Owner<'z>,
    name: QName,
}

impl<'z> Side<'z> {
    fn new(version: Version<'z>, shows: Shows<'z>) -> Side<'z> {
        Side {
            version,
            shows,
            walk: None,
            now: Owner::default(),
            key: Vec::new(),
            is_over: false,
            looked: Owner::default(),
            name: QName::default(),
        }
    }

    /// Goes on to the first owner at or behind a key.
    fn seek(&mut self, key: &[u8]) {
        if self.walk.is_some() {
            for _ in 0..STEPS {
                if self.is_over || *self.key >= *key {
                    return;
                }
                self.advance();
            }
        }
        let (zone, addresses) = self.version;
        let name = key_of_lower(key, zone.apex());
        self.walk = Some(Walk::resume(zone, addresses, self.shows, &name, true, false));
        self.advance();
    }

    fn advance(&mut self) {
        let Owner { name, parts } = &mut self.now;
        let found = self.walk.as_mut().is_some_and(|walk| walk.next_owner(name, parts));
        self.is_over = !found;
        if found {
            self.name.assign(name);
            let labels = self.name.label_count() - self.version.0.apex_labels();
            self.key.clear();
            sort_key(self.name.wire(), &self.name.starts()[..labels], &mut self.key);
        }
    }

    fn is_in(&self, spot: &Spot) -> bool {
        !self.is_over && spot.has(&self.key)
    }

    /// What a name has that has but its own records and the PTRs of its address: as the walk shows it, at a tenth of what
    /// it takes to begin one.
    fn look(&mut self, key: &[u8], address: Option<u128>) -> &Owner<'z> {
        let ((zone, addresses), Owner { name, parts }) = (self.version, &mut self.looked);
        let (view, addresses) = zone.window(addresses);
        parts.clear();
        name.clear();
        let node = zone.shown_names().node(key);
        match node.map(|node| node.spelling()).filter(|spelling| !spelling.is_empty()) {
            Some(spelling) => name.extend_from_slice(spelling),
            None => lower_labels(key, name),
        }
        name.extend_from_slice(zone.apex().as_wire());
        let own = node.into_iter().flat_map(|node| node.rrsets());
        let own = own.filter(|rrset| !zone.keeps_back(key, rrset.rtype));
        parts.extend(own.map(|rrset| Part { rtype: rrset.rtype, ttl: rrset.ttl, data: Data::Own(rrset) }));
        if key.is_empty() && !self.shows.stated.is_empty() {
            let place = parts.partition_point(|part| part.rtype < STATEMENT);
            parts.insert(place, stated_part(self.shows.stated));
        }
        let family = match view {
            View::Range(prefix) => prefix.family(),
            _ => Family::V4,
        };
        let set = address.and_then(|bits| addresses.find(family, bits)).map(ptr_part);
        let computed = || {
            let computed = self.shows.named.and_then(|_| addresses.computed(family, address?));
            computed.filter(|_| !node.is_some_and(goes_before)).map(computed_part)
        };
        if let Some(part) = set.or_else(computed) {
            let place = parts.partition_point(|part| part.rtype < RecordType::PTR);
            if parts.get(place).is_none_or(|part| part.rtype != RecordType::PTR) {
                parts.insert(place, part);
            }
        }
        &self.looked
    }
}

/// The labels of a sort key in wire form.
fn lower_labels(key: &[u8], out: &mut Vec<u8>) {
    let Some((_, labels)) = key.split_last() else { return };
    for label in labels.rsplit(|octet| *octet == 0) {
        let start = out.len();
        out.push(0);
        let mut octets = label.iter();
        while let Some(&octet) = octets.next() {
            // Zero and one are written as one and one more than they are.
            out.push(if octet == 1 { octets.next().map_or(0, |octet| octet - 1) } else { octet });
        }
        out[start] = (out.len() - start - 1) as u8;
    }
}

/// The difference as far as it is known.
#[derive(Default)]
struct Comparison {
    removed: ListWriter,
    added: ListWriter,
    limit: usize,
    /// The data of the RRsets that are being compared.
    rdatas: [Rdatas; 2],
}

impl Comparison {
    fn gone(&mut self, owner: &Owner<'_>) -> Result<(), TooLarge> {
        owner.parts.iter().try_for_each(|part| self.rrset(&owner.name, Some(part), None))
    }

    fn come(&mut self, owner: &Owner<'_>) -> Result<(), TooLarge> {
        owner.parts.iter().try_for_each(|part| self.rrset(&owner.name, None, Some(part)))
    }

    /// An owner as it was and as it is.
    fn owners(&mut self, old: &Owner<'_>, new: &Owner<'_>) -> Result<(), TooLarge> {
        if old.name != new.name {
            self.gone(old)?;
            return self.come(new);
        }
        let (mut left, mut right) = (old.parts.iter().peekable(), new.parts.iter().peekable());
        while let Some(rtype) = [left.peek(), right.peek()].into_iter().flatten().map(|part| part.rtype).min()
        {
            let before = left.next_if(|part| part.rtype == rtype);
            let after = right.next_if(|part| part.rtype == rtype);
            match (before, after) {
                (Some(a), Some(b)) if a.ttl != b.ttl => {
                    self.rrset(&old.name, Some(a), None)?;
                    self.rrset(&old.name, None, Some(b))?;
                }
                (Some(a), Some(b)) if is_same(&a.data, &b.data) => {}
                (before, after) => self.rrset(&old.name, before, after)?,
            }
        }
        Ok(())
    }

    /// An RRset that came, went, or changed its records.
    fn rrset(
        &mut self,
        owner: &[u8],
        before: Option<&Part<'_>>,
        after: Option<&Part<'_>>,
    ) -> Result<(), TooLarge> {
        let Some(part) = before.or(after) else { return Ok(()) };
        let (rtype, ttl): (RecordType, Ttl) = (part.rtype, part.ttl);
        for (rdatas, part) in self.rdatas.iter_mut().zip([before, after]) {
            match part {
                Some(part) => rdatas.take(&part.data),
                None => rdatas.clear(),
            }
        }
        let [old, new] = &self.rdatas;
        let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
        while let Some(rdata) = [old.peek(), new.peek()].into_iter().flatten().copied().min() {
            let was = old.next_if(|next| *next == rdata).is_some();
            let is = new.next_if(|next| *next == rdata).is_some();
            if was == is {
                continue;
            }
            if self.removed.len() + self.added.len() == self.limit {
                return Err(TooLarge(self.limit));
            }
            let list = if was { &mut self.removed } else { &mut self.added };
            list.push(owner, rtype, ttl, rdata);
        }
        Ok(())
    }
}

/// Whether two RRsets are known to hold the same without a look at each record.
fn is_same(a: &Data<'_>, b: &Data<'_>) -> bool {
    match (a, b) {
        (Data::Ptr(a), Data::Ptr(b)) => PtrRef::shows_as(a, b),
        (Data::Computed(a), Data::Computed(b)) => a.shows_as(b),
        (Data::Own(a) | Data::Forward(a), Data::Own(b) | Data::Forward(b))
        | (Data::Given(a), Data::Given(b)) => a == b,
        (Data::Stated(a), Data::Stated(b)) => a == b,
        _ => false,
    }
}

/// The data of an RRset, sorted, each once.
#[derive(Default)]
struct Rdatas {
    octets: Vec<u8>,
    places: Vec<(usize, usize)>,
}

impl Rdatas {
    fn clear(&mut self) {
        self.octets.clear();
        self.places.clear();
    }

    fn take(&mut self, data: &Data<'_>) {
        self.clear();
        let Rdatas { octets, places } = self;
        let taken = data.try_each(|head, ending| {
            let start = octets.len();
            octets.extend_from_slice(head);
            octets.extend_from_slice(ending);
            places.push((start, octets.len()));
            Ok::<(), std::convert::Infallible>(())
        });
        let Ok(()) = taken;
        if places.len() > 1 {
            places.sort_unstable_by(|a, b| octets[a.0..a.1].cmp(&octets[b.0..b.1]));
            places.dedup_by(|a, b| octets[a.0..a.1] == octets[b.0..b.1]);
        }
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.places.iter().map(|(start, end)| &self.octets[*start..*end])
    }
}

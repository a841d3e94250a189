//! Statements: what answers of a zone need beyond its records, told by one ptrd to another.
//!
//! The computed names of a /64 (see [`crate::named`]) are too many for a transfer. To a secondary that says that it reads
//! them, statements go in their place: records of a type for private use (RFC 6895 §3.1) at the apex, each one template
//! over a range of addresses. They take the roads that records take: into the difference between two versions, into the
//! store and the log of whoever follows. The zone computes the same names from them, by the same code, and shows them to
//! nobody as records.
//!
//! What was told is input from elsewhere. A zone whose statements make no sense is refused as a whole ([`BadStatement`]).
//!
//! Rejected: an empty RRset type of our own with one record a zone, which would be sent whole where one range changes; and
//! blocks told as such, which would give away whose they are.

mod form;
mod runs;
#[cfg(test)]
mod tests;

use crate::named::{Named, NamedRanges};
use crate::ranges::{Ranged, Ranges};
use crate::snapshot::Addresses;
use crate::template::BadTemplate;
use crate::zone::{View, Zone};
use form::{Owners, Statement};
use ptrd_wire::{AddrRange, Family, Name, RecordType, ReversePrefix, Ttl};
use std::sync::Arc;

/// The type of statements.
pub const STATEMENT: RecordType = RecordType(65_321);
/// The version of statements that is written and read.
pub const STATEMENT_VERSION: u8 = 1;
/// The TTL of statements: nobody caches them.
pub const STATEMENT_TTL: Ttl = Ttl::from_secs(0);
/// The most statements of a zone.
pub const MOST_STATEMENTS: usize = 4_096;
/// The most octets of all statements of a zone.
const MOST_OCTETS: usize = 1 << 20;

/// How computed names go to somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// One by one, as the records that they are.
    #[default]
    Records,
    /// As statements of [`STATEMENT_VERSION`].
    Stated,
}

/// Why statements are not acted on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadStatement {
    /// Of a version that is not known here.
    #[error(
        "the primary states computed names in version {0}, and this ptrd reads version {STATEMENT_VERSION}"
    )]
    Version(u8),
    /// Not of the form that the version has.
    #[error("a statement of computed names is malformed: {0}")]
    Malformed(&'static str),
    /// A template that is none, or does not suit its addresses.
    #[error("a statement of computed names has the template “{0}” for {1}: {2}")]
    Template(String, AddrRange, BadTemplate),
    /// Addresses that the zone does not have.
    #[error("a statement names {0}, which does not lie in {1}")]
    Outside(AddrRange, Name),
    /// Addresses that are named twice.
    #[error("two statements name {0}")]
    Twice(AddrRange),
    /// More than a zone may have.
    #[error(
        "the zone has more than {MOST_STATEMENTS} statements of computed names, or more than {MOST_OCTETS} octets of them"
    )]
    TooMany,
    /// Signatures of names that are computed cannot be.
    #[error("the zone is signed, and has statements of computed names, which nobody can have signed")]
    Signed,
}

/// The statements of a zone: their data, in canonical order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statements(Vec<Box<[u8]>>);

impl Statements {
    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Looks at the records of the type at an apex.
    ///
    /// # Errors
    /// Why they are not to be acted on.
    pub fn check<'r>(apex: &Name, rdatas: impl Iterator<Item = &'r [u8]>) -> Result<(), BadStatement> {
        Stated::read(apex, rdatas).map(drop)
    }

    /// The data of each.
    pub fn rdatas(&self) -> &[Box<[u8]>] {
        &self.0
    }
}

/// What a zone was told that it shows: the addresses of its names, and an index that has computed names and nothing else.
#[derive(Clone)]
pub(crate) struct Stated {
    pub(crate) view: View,
    pub(crate) addresses: Addresses,
}

impl Stated {
    /// Reads the records of the type at the apex of a zone that came from elsewhere; `None` where none is a statement: anybody
    /// may use a type for private use.
    pub(crate) fn read<'r>(
        apex: &Name,
        rdatas: impl Iterator<Item = &'r [u8]>,
    ) -> Result<Option<Stated>, BadStatement> {
        let (mut statements, mut octets, mut others) = (Vec::new(), 0, 0);
        for rdata in rdatas {
            octets += rdata.len();
            match form::read(rdata)? {
                Some(statement) => statements.push(statement),
                None => others += 1,
            }
            if statements.len() > MOST_STATEMENTS || !statements.is_empty() && octets > MOST_OCTETS {
                return Err(BadStatement::TooMany);
            }
        }
        if statements.is_empty() {
            return Ok(None);
        }
        if others > 0 {
            return Err(BadStatement::Malformed("other records of its type stand beside it"));
        }
        let view = view_of(apex, &statements)?;
        let named = statements.into_iter().map(|statement| statement.named).collect();
        let mut addresses = Addresses::default();
        addresses.named = NamedRanges::of_family(disjoint(named)?);
        Ok(Some(Stated { view, addresses }))
    }
}

/// The addresses that the zone must have to show what is stated.
fn view_of(apex: &Name, statements: &[Statement]) -> Result<View, BadStatement> {
    let ranges = || statements.iter().map(|statement| statement.named.range());
    let owners = statements[0].owners;
    if statements.iter().any(|statement| statement.owners != owners) {
        return Err(BadStatement::Malformed("owners are made in different ways"));
    }
    match owners {
        Owners::Reverse => {
            let prefix = ReversePrefix::of_apex(apex);
            let is_inside = |range: &&AddrRange| prefix.is_some_and(|prefix| prefix.range().covers(range));
            match ranges().find(|range| !is_inside(range)) {
                Some(range) => Err(BadStatement::Outside(*range, apex.clone())),
                None => prefix.map(View::Range).ok_or(BadStatement::Malformed("no range")),
            }
        }
        Owners::LastOctet => {
            let first = ranges().map(|range| range.first_bits()).min().unwrap_or(0);
            let last = ranges().map(|range| range.last_bits()).max().unwrap_or(0);
            let is_v4 = ranges().all(|range| range.family() == Family::V4);
            if !is_v4 || first >> 8 != last >> 8 {
                let range = ranges().next().copied().unwrap_or(*statements[0].named.range());
                return Err(BadStatement::Outside(range, apex.clone()));
            }
            Ok(View::Classless { first: first as u32, last: last as u32 })
        }
    }
}

/// Sorts ranges; no two may overlap.
fn disjoint(mut named: Vec<Named>) -> Result<Vec<Named>, BadStatement> {
    named.sort_by_key(Ranged::first);
    match named.windows(2).find(|pair| pair[0].last() >= pair[1].first()) {
        Some(pair) => Err(BadStatement::Twice(*pair[1].range())),
        None => Ok(named),
    }
}

impl Zone {
    /// What of the zone cannot be told by records that are sent one by one, as statements; `None` of a zone that cannot be
    /// told that way either: it has too many ranges, or records of its own of the type.
    pub fn statements(&self, addresses: &Addresses) -> Option<Statements> {
        let own = self.names().node(&[]).and_then(|node| node.rrset(STATEMENT));
        if self.is_stated() {
            let mut rdatas: Vec<Box<[u8]>> = own?.rdatas().map(Into::into).collect();
            rdatas.sort_unstable();
            return Some(Statements(rdatas));
        }
        // Statements speak of the names of addresses, and not of the addresses of names.
        if !self.patterns().is_none_or(|patterns| patterns.is_expandable()) {
            return None;
        }
        let Some(shown) = self.shown_range().filter(|_| !addresses.named.is_empty()) else {
            return Some(Statements::default());
        };
        let mut rdatas = runs::stated(self, addresses.named(shown.family()), &shown)?;
        if !rdatas.is_empty() && own.is_some() {
            return None;
        }
        rdatas.sort_unstable();
        Some(Statements(rdatas))
    }

    /// The ranges of a form that its records show, and its statements, which must live as long.
    pub(crate) fn shows_in<'z>(
        &'z self,
        addresses: &'z Addresses,
        form: Form,
        statements: &'z Statements,
    ) -> Shows<'z> {
        match form {
            Form::Records => self.shown_records(addresses),
            Form::Stated => Shows { named: None, stated: &statements.0 },
        }
    }

    /// The records, computed ones among them.
    pub(crate) fn shown_records<'z>(&'z self, addresses: &'z Addresses) -> Shows<'z> {
        Shows { named: self.expanded(addresses), stated: &[] }
    }

    /// Whether a record of its own is a statement, and not to be shown.
    #[inline]
    pub(crate) fn keeps_back(&self, key: &[u8], rtype: RecordType) -> bool {
        rtype == STATEMENT && key.is_empty() && self.is_stated()
    }

    /// Whether it was told of computed names.
    #[inline]
    pub fn is_stated(&self) -> bool {
        self.stated.is_some()
    }

    /// Takes the statements among the zone's own records. Where they make no sense it has none: who puts them there asks
    /// [`Zone::check_statements`].
    pub(crate) fn take_statements(&mut self) {
        self.stated = self.read_statements().ok().flatten().map(Arc::new);
    }

    /// Looks at the statements among the zone's own records.
    ///
    /// # Errors
    /// Why they are not to be acted on.
    pub fn check_statements(&self) -> Result<(), BadStatement> {
        match self.read_statements()? {
            Some(_) if self.looks_signed() => Err(BadStatement::Signed),
            _ => Ok(()),
        }
    }

    fn read_statements(&self) -> Result<Option<Stated>, BadStatement> {
        if self.view() != View::Verbatim {
            return Ok(None);
        }
        let own = self.names().node(&[]).and_then(|node| node.rrset(STATEMENT));
        own.map_or(Ok(None), |own| Stated::read(self.apex(), own.rdatas()))
    }

    /// Whether all its records can be sent in this form.
    pub fn goes_in(&self, addresses: &Addresses, form: Form) -> bool {
        match form {
            Form::Records => self.is_expandable(addresses),
            Form::Stated => self.statements(addresses).is_some(),
        }
    }
}

/// What goes through a zone record by record shows besides records that are there.
#[derive(Clone, Copy, Default)]
pub(crate) struct Shows<'z> {
    /// The ranges whose computed names are shown.
    pub(crate) named: Option<&'z Ranges<Named>>,
    /// The statements.
    pub(crate) stated: &'z [Box<[u8]>],
}

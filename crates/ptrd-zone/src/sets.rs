//! NS sets and SOA templates: what many zones have in common, declared once and referenced by each.
//!
//! A zone that references one stores nothing of what it gives; [`crate::resolve_apex`] works it out when a snapshot is
//! built. Copies in each zone were the other way: renaming a nameserver would be as many edits as there are zones, and
//! nobody could tell afterwards which zones were meant to go along.

use crate::model::{NsSetId, SoaTemplateId};
use ptrd_wire::{Name, Serial, Soa, Ttl};
use std::fmt;
use std::str::FromStr;

/// The name of the set and of the template that new zones reference. Both are always there.
pub const DEFAULT_NAME: &str = "default";

/// The nameservers of the zones that reference it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NsSet {
    /// The number.
    pub id: NsSetId,
    /// The name: 1–63 lower-case letters, digits and hyphens.
    pub name: String,
    /// The nameservers, in the order of answers.
    pub nameservers: Vec<Name>,
    /// The TTL of the NS RRset; `None` takes the zone TTL of the defaults.
    pub ttl: Option<Ttl>,
}

impl NsSet {
    /// The set named `default` of a store that was just made. Names under `.invalid` (RFC 6761 §6.4): an operator
    /// sees at once that the nameservers were never set.
    pub fn first() -> NsSet {
        NsSet {
            id: NsSetId::DEFAULT,
            name: DEFAULT_NAME.to_owned(),
            nameservers: vec![literal("ns1.invalid."), literal("ns2.invalid.")],
            ttl: None,
        }
    }
}

/// The SOA of the zones that reference it, but for the serial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoaTemplate {
    /// The number.
    pub id: SoaTemplateId,
    /// The name: as of an NS set.
    pub name: String,
    /// MNAME; `None` takes the first of the nameservers that the zone shows.
    pub mname: Option<Name>,
    /// RNAME.
    pub rname: Name,
    /// REFRESH, seconds.
    pub refresh: u32,
    /// RETRY, seconds.
    pub retry: u32,
    /// EXPIRE, seconds.
    pub expire: u32,
    /// MINIMUM, seconds.
    pub minimum: Ttl,
    /// The TTL of the SOA record; `None` takes the zone TTL of the defaults.
    pub ttl: Option<Ttl>,
    /// How the serials of its zones step, where they do not say so themselves.
    pub serial_policy: SerialPolicy,
}

impl SoaTemplate {
    /// The template named `default` of a store that was just made. Numbers suit the registries' checks (Zonemaster:
    /// refresh ≥ 14 400, retry ≥ 3 600, expire ≥ 604 800, minimum 300–86 400).
    pub fn first() -> SoaTemplate {
        SoaTemplate {
            id: SoaTemplateId::DEFAULT,
            name: DEFAULT_NAME.to_owned(),
            mname: None,
            rname: literal("hostmaster.invalid."),
            refresh: 14_400,
            retry: 3_600,
            expire: 1_209_600,
            minimum: Ttl::from_secs(3_600),
            ttl: None,
            serial_policy: SerialPolicy::Counter,
        }
    }

    /// The SOA of a zone at a serial; `first` is the first of the nameservers that it shows.
    pub fn soa(&self, serial: Serial, first: Option<Name>) -> Soa {
        Soa {
            mname: self.mname.clone().or(first).unwrap_or_else(Name::root),
            rname: self.rname.clone(),
            serial,
            refresh: self.refresh,
            retry: self.retry,
            expire: self.expire,
            minimum: self.minimum,
        }
    }
}

fn literal(text: &str) -> Name {
    text.parse().expect("a literal name")
}

/// Where the SOA of a zone comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZoneSoa {
    /// It is the zone's own.
    Own {
        /// The SOA, its serial the zone's present version.
        soa: Soa,
        /// The TTL of the SOA record.
        ttl: Ttl,
    },
    /// A template gives it.
    Of {
        /// The template.
        template: SoaTemplateId,
        /// The zone's present version.
        serial: Serial,
    },
}

impl ZoneSoa {
    /// The zone's present version.
    pub fn serial(&self) -> Serial {
        match self {
            ZoneSoa::Own { soa, .. } => soa.serial,
            ZoneSoa::Of { serial, .. } => *serial,
        }
    }

    /// Sets the version.
    pub fn set_serial(&mut self, to: Serial) {
        match self {
            ZoneSoa::Own { soa, .. } => soa.serial = to,
            ZoneSoa::Of { serial, .. } => *serial = to,
        }
    }

    /// The template that gives it, if one does.
    pub fn template(&self) -> Option<SoaTemplateId> {
        match self {
            ZoneSoa::Own { .. } => None,
            ZoneSoa::Of { template, .. } => Some(*template),
        }
    }
}

/// How a serial steps. Whatever the clock says, the next one is after the last (RFC 1982).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SerialPolicy {
    /// One more than the last.
    #[default]
    Counter,
    /// `YYYYMMDDnn` in UTC (RFC 1912 §2.2).
    Date,
    /// Seconds since 1970.
    UnixTime,
}

impl SerialPolicy {
    /// All of them.
    pub const ALL: [SerialPolicy; 3] = [SerialPolicy::Counter, SerialPolicy::Date, SerialPolicy::UnixTime];

    /// The word for it in SQL, JSON and output.
    pub fn word(self) -> &'static str {
        match self {
            SerialPolicy::Counter => "counter",
            SerialPolicy::Date => "date",
            SerialPolicy::UnixTime => "unixtime",
        }
    }
}

impl fmt::Display for SerialPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A serial policy's text that is none.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("“{0}” is no serial policy: use counter, date or unixtime")]
pub struct BadPolicy(pub String);

impl FromStr for SerialPolicy {
    type Err = BadPolicy;

    fn from_str(text: &str) -> Result<SerialPolicy, BadPolicy> {
        let found = SerialPolicy::ALL.into_iter().find(|policy| policy.word() == text);
        found.ok_or_else(|| BadPolicy(text.to_owned()))
    }
}

//! What operators and customers declared: tenants, blocks, zones, PTRs by address. The rows of the store and the
//! input of the projection; nothing here is derived.

use ptrd_wire::{AddrRange, Name, ReversePrefix, RrSet, Ttl};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

pub use crate::sending::Sending;
pub use crate::sets::{BadPolicy, DEFAULT_NAME, NsSet, SerialPolicy, SoaTemplate, ZoneSoa};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A tenant's number in the store; never used again for another.
    TenantId,
    /// A block's number in the store; never used again for another.
    BlockId,
    /// A zone's number in the store; never used again for another.
    ZoneId,
    /// An NS set's number in the store; never used again for another.
    NsSetId,
    /// A SOA template's number in the store; never used again for another.
    SoaTemplateId
}

impl NsSetId {
    /// The set named `default`.
    pub const DEFAULT: NsSetId = NsSetId(1);
}

impl SoaTemplateId {
    /// The template named `default`.
    pub const DEFAULT: SoaTemplateId = SoaTemplateId(1);
}

/// Whoever owns blocks and zones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The number.
    pub id: TenantId,
    /// The name: 1–63 lower-case letters, digits and hyphens.
    pub name: String,
    /// The tenant whose customer this one is, and who may give it blocks inside its own.
    pub reseller: Option<TenantId>,
}

/// How the label of a classless zone is spelt (RFC 2317, RFC 4183, RIPE). Stored for every classless zone: `0-26`
/// can be read two ways, so the style is never guessed from a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelStyle {
    /// `128-26`: first octet, prefix length (RFC 4183).
    FirstLen,
    /// `128-191`: first and last octet (RIPE); any range.
    FirstLast,
    /// `128/26`: the examples of RFC 2317.
    Slash,
    /// Any other label, in presentation form, as the parent's operator chose it.
    Label(String),
}

/// Where the addresses of a block are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In the range zone that the address falls into.
    Direct,
    /// By whoever holds them, a third party: no zone here shows them, and they have no PTRs here.
    Observed,
    /// In a classless zone served here; the parent shows one CNAME an address.
    Classless {
        /// How the label is spelt.
        style: LabelStyle,
        /// The apex, in full.
        apex: Name,
    },
    /// By the customer's nameservers: the parent shows a cut at the apex of each range zone of the block.
    DelegatedWhole(Delegation),
    /// By the customer's nameservers in a classless zone: the parent shows the CNAMEs, and the zone that the apex
    /// falls into shows the cut.
    DelegatedClassless {
        /// How the label is spelt.
        style: LabelStyle,
        /// The apex, in full.
        apex: Name,
        /// The cut.
        delegation: Delegation,
    },
    /// By the customer's nameservers: the parent shows one cut for each address.
    DelegatedEach(Delegation),
}

impl Mode {
    /// The word for this mode in SQL, JSON and output.
    pub fn word(&self) -> &'static str {
        match self {
            Mode::Direct => "direct",
            Mode::Observed => "observed",
            Mode::Classless { .. } => "classless",
            Mode::DelegatedWhole(_) => "delegated-zone",
            Mode::DelegatedClassless { .. } => "delegated-classless",
            Mode::DelegatedEach(_) => "delegated-ns",
        }
    }

    /// Whether its addresses are taken out of the range zones, and shown in other ways or by others: any mode but direct,
    /// and observed, which takes nothing from nobody.
    pub fn takes(&self) -> bool {
        !matches!(self, Mode::Direct | Mode::Observed)
    }

    /// The cut's nameservers, where the customer's nameservers answer.
    pub fn delegation(&self) -> Option<&Delegation> {
        match self {
            Mode::Direct | Mode::Observed | Mode::Classless { .. } => None,
            Mode::DelegatedWhole(delegation)
            | Mode::DelegatedClassless { delegation, .. }
            | Mode::DelegatedEach(delegation) => Some(delegation),
        }
    }

    /// The apex of the classless zone, wherever it is served.
    pub fn classless_apex(&self) -> Option<&Name> {
        match self {
            Mode::Classless { apex, .. } | Mode::DelegatedClassless { apex, .. } => Some(apex),
            _ => None,
        }
    }
}

/// The data of a cut: NS, glue, DS.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Delegation {
    /// The nameservers, each with the glue addresses that were given for it.
    pub nameservers: Vec<Nameserver>,
    /// Data of DS records (RFC 4034 §5.1), uncompressed wire form.
    pub ds: Vec<Box<[u8]>>,
}

/// A nameserver of a cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nameserver {
    /// Its name.
    pub name: Name,
    /// Its addresses: glue, given only where the name lies at or below the cut.
    pub addresses: Vec<IpAddr>,
}

/// A contiguous address range with an owner. Blocks nest or are disjoint; the most specific one rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The number.
    pub id: BlockId,
    /// The addresses.
    pub range: AddrRange,
    /// The owner.
    pub tenant: TenantId,
    /// Where its addresses are answered.
    pub mode: Mode,
    /// The TTL of PTRs that have none of their own, and of the CNAMEs in zones that lie within the block; `None` takes
    /// the enclosing block's, in the end the defaults'. Of a delegated block: the TTL of NS, DS and glue; `None` takes
    /// the defaults' for zones.
    pub default_ttl: Option<Ttl>,
    /// How addresses are named that have no PTR.
    pub template: BlockTemplate,
    /// What was decided about it in the course of time.
    pub standing: Standing,
}

/// How the addresses of a block are named that have no PTR.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BlockTemplate {
    /// As those of the block around it.
    #[default]
    Inherit,
    /// Not at all.
    None,
    /// By this template (see [`crate::Template`]), which counts from the block's first address.
    Text(Box<str>),
}

/// What a block says that takes its template from the block around it.
const INHERIT: &str = "inherit";
/// What a block says whose addresses are not named.
const NONE: &str = "none";

impl BlockTemplate {
    /// The words `inherit` and `none`, or the text of a template, which has a brace.
    pub fn read(text: &str) -> BlockTemplate {
        match text {
            INHERIT => BlockTemplate::Inherit,
            NONE => BlockTemplate::None,
            _ => BlockTemplate::Text(text.into()),
        }
    }
}

impl fmt::Display for BlockTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BlockTemplate::Inherit => INHERIT,
            BlockTemplate::None => NONE,
            BlockTemplate::Text(text) => text,
        })
    }
}

/// What was decided about a block in the course of time; a new one has the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Its addresses, those of blocks inside it included, show neither PTR nor anything derived.
    pub suspended: bool,
    /// Its tenant may add and remove blocks inside it, for itself and for those whose reseller it is.
    pub may_sub_block: bool,
    /// Labels that it had before and that are still answered for, since CNAMEs to them are in caches.
    pub former: Vec<FormerLabel>,
    /// What is asked of the names that its addresses are given.
    pub checks: Checks,
}

/// What is asked of the names that addresses of a block are given; what is `None` is as the block around it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    /// Whether they may look generic to spam filters.
    pub names: Option<NameRule>,
    /// Whether they must resolve back to the address.
    pub fcrdns: Option<FcrdnsRule>,
}

/// Whether names must resolve back to the address that they are given (forward-confirmed reverse DNS).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FcrdnsRule {
    /// Nobody looks.
    #[default]
    Off,
    /// A name that does not is set, and whoever sets it is told.
    Warn,
    /// A name that does not waits beside what is there, and is set when it does.
    Require,
    /// A name that does not is refused.
    Strict,
}

impl FcrdnsRule {
    /// The word for it in SQL, JSON and output.
    pub fn word(self) -> &'static str {
        match self {
            FcrdnsRule::Off => "off",
            FcrdnsRule::Warn => "warn",
            FcrdnsRule::Require => "require",
            FcrdnsRule::Strict => "strict",
        }
    }
}

impl FromStr for FcrdnsRule {
    type Err = BadRule;

    fn from_str(word: &str) -> Result<FcrdnsRule, BadRule> {
        let rules = [FcrdnsRule::Off, FcrdnsRule::Warn, FcrdnsRule::Require, FcrdnsRule::Strict];
        rules.into_iter().find(|rule| rule.word() == word).ok_or_else(|| BadRule {
            word: word.to_owned(),
            what: "FCrDNS",
            rules: "off, warn, require or strict",
        })
    }
}

/// Whether names may look generic to spam filters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameRule {
    /// They may.
    Any,
    /// They may, and whoever sets one is told.
    #[default]
    Warn,
    /// Nobody may set one.
    MustPass,
}

impl NameRule {
    /// The word for it in SQL, JSON and output.
    pub fn word(self) -> &'static str {
        match self {
            NameRule::Any => "any",
            NameRule::Warn => "warn",
            NameRule::MustPass => "must-pass",
        }
    }
}

/// A word that is no rule.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("“{word}” is no rule for {what}: {rules}")]
pub struct BadRule {
    word: String,
    what: &'static str,
    rules: &'static str,
}

impl FromStr for NameRule {
    type Err = BadRule;

    fn from_str(word: &str) -> Result<NameRule, BadRule> {
        let rules = [NameRule::Any, NameRule::Warn, NameRule::MustPass];
        rules.into_iter().find(|rule| rule.word() == word).ok_or_else(|| BadRule {
            word: word.to_owned(),
            what: "names",
            rules: "any, warn or must-pass",
        })
    }
}

impl Standing {
    /// Whether this is the apex of a label that the block had before.
    pub fn has_former(&self, apex: &Name) -> bool {
        self.former.iter().any(|label| label.apex == *apex)
    }
}

/// A label that a classless block had before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerLabel {
    /// The apex: of a classless zone served here, which shows what the block's own one shows, or of a cut.
    pub apex: Name,
    /// The cut's data, where the customer's nameservers answer.
    pub delegation: Option<Delegation>,
    /// When it goes, milliseconds since 1970 UTC; `None` for when somebody says so.
    pub until: Option<i64>,
}

/// What a zone shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZoneKind {
    /// Native: the addresses of a prefix on an octet or nibble border.
    Range(ReversePrefix),
    /// Native: the addresses of a block under an apex of any name (RFC 2317).
    Classless {
        /// The block.
        block: BlockId,
        /// Its range, within one /24; owners are the last octet.
        range: AddrRange,
    },
    /// Exactly the records that were imported or transferred; blocks and PTRs have no part in it.
    Verbatim,
}

impl ZoneKind {
    /// The word for this kind in SQL, JSON and output.
    pub fn word(&self) -> &'static str {
        match self {
            ZoneKind::Range(_) => "range",
            ZoneKind::Classless { .. } => "classless",
            ZoneKind::Verbatim => "verbatim",
        }
    }
}

/// A zone served here. Its SOA is here or in a template, its NS RRset in an NS set or, like all other records of its
/// own, a [`ZoneRecord`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneRow {
    /// The number.
    pub id: ZoneId,
    /// The apex, in the letter case that it is served with.
    pub apex: Name,
    /// The owner.
    pub tenant: TenantId,
    /// What it shows.
    pub kind: ZoneKind,
    /// Where its SOA comes from, and its present version.
    pub soa: ZoneSoa,
    /// The NS set that gives the NS RRset of the apex, unless an NS RRset is stored there.
    pub ns_set: Option<NsSetId>,
    /// How its serial steps; `None` as the SOA template says, and without one as a counter.
    pub serial_policy: Option<SerialPolicy>,
}

/// An RRset of a zone that is not derived: anything but the SOA and the PTRs that belong to addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneRecord {
    /// The zone.
    pub zone: ZoneId,
    /// The owner.
    pub owner: Name,
    /// The records.
    pub rrset: RrSet,
}

/// TTLs for whatever has none of its own. What else new zones start with is in the NS set and the SOA template that
/// are named `default`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// TTL of derived cuts, and of SOA and NS where template and set give none.
    pub zone_ttl: Ttl,
    /// TTL of PTRs where neither they nor a block give one, and of derived CNAMEs.
    pub ptr_ttl: Ttl,
}

impl Default for Defaults {
    fn default() -> Defaults {
        Defaults { zone_ttl: Ttl::from_secs(86_400), ptr_ttl: Ttl::from_secs(3_600) }
    }
}

/// A label style's text that is none.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("“{0}” is no classless style: use first-len, first-last, slash or label=TEXT")]
pub struct BadStyle(pub String);

impl FromStr for LabelStyle {
    type Err = BadStyle;

    fn from_str(text: &str) -> Result<LabelStyle, BadStyle> {
        Ok(match text {
            "first-len" => LabelStyle::FirstLen,
            "first-last" => LabelStyle::FirstLast,
            "slash" => LabelStyle::Slash,
            _ => match text.strip_prefix("label=") {
                Some(label) if !label.is_empty() => LabelStyle::Label(label.to_owned()),
                _ => return Err(BadStyle(text.to_owned())),
            },
        })
    }
}

impl fmt::Display for LabelStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LabelStyle::FirstLen => f.write_str("first-len"),
            LabelStyle::FirstLast => f.write_str("first-last"),
            LabelStyle::Slash => f.write_str("slash"),
            LabelStyle::Label(label) => write!(f, "label={label}"),
        }
    }
}

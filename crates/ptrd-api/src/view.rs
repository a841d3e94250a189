//! What the daemon shows of itself.

use serde::{Deserialize, Serialize};

/// One page of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Pass this as `after` (for the log: `before`) to get the next page; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TenantView {
    /// Its name.
    pub name: String,
    /// How many blocks it owns.
    pub blocks: u64,
    /// How many zones it owns.
    pub zones: u64,
    /// The tenant whose customer it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reseller: Option<String>,
    /// A digest of the tenant itself, for `expect`; blocks and zones do not count.
    pub version: String,
}

/// A block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlockView {
    /// The addresses.
    pub range: String,
    /// The owner.
    pub tenant: String,
    /// `direct`, `classless`, `delegated-zone`, `delegated-classless`, `delegated-ns`, or `observed` for addresses of a third
    /// party.
    pub mode: String,
    /// The style of the classless label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classless: Option<String>,
    /// The apex of the classless zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apex: Option<String>,
    /// The zones that show its addresses, or into whose space it was delegated; at most 256.
    pub zones: Vec<String>,
    /// The customer's nameservers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nameservers: Vec<crate::NameserverSpec>,
    /// DS data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ds: Vec<String>,
    /// TTL in seconds of PTRs that have none of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_ttl: Option<u32>,
    /// Its own template, or `none`; absent where it takes that of the block around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The template that names its addresses, be it its own or that of a block around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named_by: Option<String>,
    /// Its own rule for names that look generic to spam filters; absent where it is as the block around it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<String>,
    /// Whether names must resolve back to the address: `off`, `warn`, `require`, `strict` (its own rule).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fcrdns: Option<String>,
    /// The range of the block directly around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<String>,
    /// Whether the parent zone is served here; if not, see `parent-records`.
    pub parent_here: bool,
    /// Whether its addresses show neither PTRs nor anything derived: this block or one around it is suspended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
    /// Whether its tenant may add and remove blocks inside it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_sub_block: bool,
    /// Labels that it had before and that are still answered for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<FormerView>,
    /// A digest of the block as it was declared, for `expect`; what lies in it does not count.
    pub version: String,
}

/// A label that a block had before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormerView {
    /// The apex.
    pub apex: String,
    /// When it goes, RFC 3339 in UTC; absent for when somebody says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// The PTR RRset of an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PtrView {
    /// The address.
    pub address: String,
    /// The targets.
    pub names: Vec<String>,
    /// The TTL that answers carry, seconds.
    pub ttl: u32,
    /// Whether that TTL is inherited from a block or the defaults.
    pub inherited: bool,
    /// A digest of targets and TTL, for `expect`.
    pub version: String,
    /// How its names stand, where a rule asks that they resolve back: `verified`, `failing` or `unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fcrdns: Option<String>,
    /// The owner that answers show it at, where a zone here does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The template that it follows from; absent where it was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
}

/// A zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ZoneView {
    /// The apex.
    pub apex: String,
    /// The owner; absent where that is none of the reader's business.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tenant: String,
    /// `range`, `classless`, `verbatim` or `catalog`.
    pub kind: String,
    /// The addresses that it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    /// The present serial.
    pub serial: u32,
    /// How it steps: `counter`, `date` or `unixtime`.
    pub serial_policy: String,
    /// Whether the zone says so itself; else its SOA template does.
    #[serde(default)]
    pub own_policy: bool,
    /// The NS set that it references.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ns_set: Option<String>,
    /// Whether NS records of its own stand at the apex, in the place of what an NS set gives.
    #[serde(default)]
    pub own_ns: bool,
    /// The SOA template that it references; absent: its SOA is its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soa_template: Option<String>,
    /// How many addresses have names that follow from templates; absent for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computed_names: Option<u64>,
    /// Whether these are too many to be listed, exported and transferred.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unexpanded: bool,
    /// How a zone that came signed denies what is not there: `NSEC`, or `NSEC3` and how it hashes; or, after `not whole: `, why
    /// it is not answered for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<String>,
    /// From whom it is pulled, and how it stands; absent for a zone of our own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow: Option<crate::FollowView>,
    /// The catalog that it comes from, if a catalog that is followed lists it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalog: Option<crate::ZoneCatalogView>,
    /// What the PowerDNS API calls its kind, where that is not what it calls zones unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub powerdns_kind: Option<String>,
    /// A digest that changes with the serial, the SOA and the owner, for `expect`.
    pub version: String,
}

/// An RRset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordView {
    /// The zone.
    pub zone: String,
    /// The owner.
    pub owner: String,
    /// The type.
    #[serde(rename = "type")]
    pub rtype: String,
    /// The TTL, seconds.
    pub ttl: u32,
    /// The data in presentation form.
    pub data: Vec<String>,
    /// Whether it follows from blocks, PTRs, an NS set or a SOA template, and is not stored itself.
    pub derived: bool,
    /// The NS set in whose place it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrides: Option<String>,
    /// A digest of data and TTL, for `expect`.
    pub version: String,
}

/// What the operator of a parent zone must publish for a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ParentRecords {
    /// The block.
    pub range: String,
    /// The parent zones, as far as known.
    pub parent: String,
    /// The records in BIND's format.
    pub text: String,
}

/// What the NS set and the SOA template named `default` have, and the TTLs of whatever has none. Fields as in [`crate::DefaultsSet`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[allow(missing_docs)]
pub struct DefaultsView {
    pub nameservers: Vec<String>,
    pub rname: String,
    pub refresh: u32,
    pub retry: u32,
    pub expire: u32,
    pub minimum: u32,
    pub zone_ttl: u32,
    pub ptr_ttl: u32,
    /// A digest of all of them, for `expect`; not part of what is stored.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
}

/// A change of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeView {
    /// Its number.
    pub change: u64,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Who: the user of the peer process.
    pub actor: String,
    /// From where: `socket` with the peer's process id.
    pub origin: String,
    /// Why, as the caller said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The kind of request.
    pub kind: String,
    /// What was done, one line.
    pub summary: String,
}

/// How the daemon is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusView {
    /// The program's version.
    pub version: String,
    /// Seconds since the start.
    pub uptime: u64,
    /// `ok`, or what is wrong with the store.
    pub store: String,
    /// Where the store is.
    pub store_path: String,
    /// The newest change that is visible.
    pub change: u64,
    /// Counts.
    pub tenants: u64,
    /// Counts.
    pub blocks: u64,
    /// Counts.
    pub zones: u64,
    /// Counts.
    pub ptrs: u64,
    /// Changes waiting, and how many may.
    pub queue: (u64, u64),
    /// Octets kept of what zones lost and gained, for incremental transfers.
    #[serde(default)]
    pub history: u64,
    /// How many may be kept; absent where there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_limit: Option<u64>,
    /// Addresses that DNS is answered on.
    pub listen: Vec<String>,
    /// Where the API is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub api: Vec<String>,
    /// Answers sent since the start.
    pub answers: u64,
    /// Addresses whose names must resolve back and do not; absent while that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<u64>,
    /// Addresses at which names wait until they resolve back.
    #[serde(default)]
    pub pending: u64,
}

/// What came of reading the configuration again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reloaded {
    /// The file.
    pub file: String,
    /// Whether it was only tried.
    pub dry_run: bool,
    /// What changed, and is in force.
    pub applied: Vec<SettingChange>,
    /// What changed in the file, and takes a restart.
    pub restart: Vec<SettingChange>,
    /// What somebody should know about the configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// A setting that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingChange {
    /// `section.key`.
    pub key: String,
    /// Its value before, as TOML.
    pub before: String,
    /// Its value now. Equal to `before` where the file that it names has another content.
    pub after: String,
}

//! NS sets and SOA templates: requests about them, and how they are shown.

use serde::{Deserialize, Serialize};

fn is_false(flag: &bool) -> bool {
    !flag
}

/// A new NS set, or changes of one; what is absent stays. The body of `POST /v1/ns-sets` and `PUT
/// /v1/ns-sets/{name}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NsSetWrite {
    /// 1–63 lower-case letters, digits and hyphens. May be left out where the path has it.
    #[serde(default)]
    pub name: String,
    /// The nameservers, in the order of answers; the first is MNAME where the SOA template gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nameservers: Option<Vec<String>>,
    /// TTL of the NS RRset, seconds; the zone TTL of the defaults unless ever given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// Take the zone TTL of the defaults again.
    #[serde(default, skip_serializing_if = "is_false")]
    pub inherit_ttl: bool,
    /// Change it only if it still has this version (see `NsSetView::version`); a new one takes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

/// A new SOA template, or changes of one. What is absent is as in the template `default`, or stays. The body of `POST
/// /v1/soa-templates` and `PUT /v1/soa-templates/{name}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SoaTemplateWrite {
    /// As of an NS set.
    #[serde(default)]
    pub name: String,
    /// MNAME; the first nameserver that a zone shows unless ever given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mname: Option<String>,
    /// Take the first nameserver as MNAME again.
    #[serde(default, skip_serializing_if = "is_false")]
    pub inherit_mname: bool,
    /// RNAME, as a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rname: Option<String>,
    /// REFRESH, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<u32>,
    /// RETRY, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<u32>,
    /// EXPIRE, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expire: Option<u32>,
    /// MINIMUM, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<u32>,
    /// TTL of the SOA record, seconds; the zone TTL of the defaults unless ever given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// Take the zone TTL of the defaults again.
    #[serde(default, skip_serializing_if = "is_false")]
    pub inherit_ttl: bool,
    /// How serials of its zones step: `counter`, `date` (YYYYMMDDnn) or `unixtime`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial_policy: Option<String>,
    /// Change it only if it still has this version (see `SoaTemplateView::version`); a new one takes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

/// What a new zone references.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ZoneStart {
    /// The NS set by name; absent copies what the one named `default` gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ns_set: Option<String>,
    /// The SOA template by name; absent copies what the one named `default` gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soa_template: Option<String>,
    /// Whether it is a companion zone: A and AAAA records follow in it from the PTRs of those who hold its names.
    #[serde(default, skip_serializing_if = "is_false")]
    pub companion: bool,
}

/// What zones reference from now on; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ZoneSet {
    /// The apexes; all of them or none change. Left out where the path has it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub apexes: Vec<String>,
    /// The NS set by name; `own` turns what a verbatim zone shows into records of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ns_set: Option<String>,
    /// The SOA template by name; `own` as for the NS set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soa_template: Option<String>,
    /// `counter`, `date` or `unixtime`; `template` follows the SOA template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial_policy: Option<String>,
    /// What the PowerDNS API calls its kind: `native` or `master`. Nothing else depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub powerdns_kind: Option<String>,
    /// Whether it is a companion zone: A and AAAA records follow in it from the PTRs of those who hold its names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub companion: Option<bool>,
    /// Of a single zone: set it only if it still has this version (see `ZoneView::version`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

/// The body of a change of name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewName {
    /// The new name.
    pub to: String,
    /// Only if it still has this version; `If-Match` says the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

/// Which NS sets or SOA templates to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetFilter {
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// An NS set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NsSetView {
    /// Its name.
    pub name: String,
    /// The nameservers, in the order of answers.
    pub nameservers: Vec<String>,
    /// The TTL that answers carry, seconds.
    pub ttl: u32,
    /// Whether that is the zone TTL of the defaults.
    pub inherited_ttl: bool,
    /// How many zones reference it.
    pub zones: u64,
    /// How many of those show NS records of their own in its place.
    pub overridden: u64,
    /// A digest of the set itself, for `expect`; what references it does not count.
    pub version: String,
}

/// A SOA template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SoaTemplateView {
    /// Its name.
    pub name: String,
    /// MNAME; absent: the first nameserver that a zone shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mname: Option<String>,
    /// RNAME.
    pub rname: String,
    /// REFRESH, seconds.
    pub refresh: u32,
    /// RETRY, seconds.
    pub retry: u32,
    /// EXPIRE, seconds.
    pub expire: u32,
    /// MINIMUM, seconds.
    pub minimum: u32,
    /// The TTL that answers carry, seconds.
    pub ttl: u32,
    /// Whether that is the zone TTL of the defaults.
    pub inherited_ttl: bool,
    /// `counter`, `date` or `unixtime`.
    pub serial_policy: String,
    /// How many zones reference it.
    pub zones: u64,
    /// A digest of the template itself, for `expect`; what references it does not count.
    pub version: String,
}

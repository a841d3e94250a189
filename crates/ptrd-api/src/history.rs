//! What the log has of a change, row by row, and how two points of it differ.

use crate::{ChangeView, FormerView, NameserverSpec, ZoneStep};
use serde::{Deserialize, Serialize};

/// A change of the log with all that is kept of it but its edits, which may be many and have a route of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeDetail {
    /// Who, when, what.
    #[serde(flatten)]
    pub change: ChangeView,
    /// The request, as it was made; for imports, its options and the size of its body.
    pub request: serde_json::Value,
    /// The serials that it gave, of zones that are still there.
    pub zones: Vec<ZoneStep>,
}

/// Which two points of the log to compare: as things were after change `from`, and after change `to`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DiffFilter {
    /// 0 for the empty store at the beginning.
    pub from: u64,
    /// The newest change unless given; before `from` it shows what going back would do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
    /// Only the records and the row of this zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Only PTRs in this range, and blocks that meet it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
}

/// A row that came, changed or went: a line of JSON on its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "what", rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum EditView {
    /// The PTR RRset of an address.
    Ptr { address: String, before: Option<PtrRow>, after: Option<PtrRow> },
    /// What an address that sends mail is to be known as.
    Sending { address: String, before: Option<SendingRow>, after: Option<SendingRow> },
    /// Another RRset.
    Record {
        /// The zone's apex, or its number where the zone is gone.
        zone: String,
        owner: String,
        #[serde(rename = "type")]
        rtype: String,
        before: Option<RecordRow>,
        after: Option<RecordRow>,
    },
    /// A block. Its number is never given twice.
    Block { id: u32, before: Option<Box<BlockRow>>, after: Option<Box<BlockRow>> },
    /// An NS set. Its number is never given twice.
    NsSet { id: u32, before: Option<NsSetRow>, after: Option<NsSetRow> },
    /// A SOA template. Its number is never given twice.
    SoaTemplate { id: u32, before: Option<Box<SoaTemplateRow>>, after: Option<Box<SoaTemplateRow>> },
    /// A zone. Its number is never given twice.
    Zone { id: u32, before: Option<Box<ZoneRow>>, after: Option<Box<ZoneRow>> },
    /// A tenant's name, and whose customer it is.
    Tenant { id: u32, before: Option<String>, after: Option<String> },
    /// A value of the daemon, mostly JSON.
    Setting { name: String, before: Option<String>, after: Option<String> },
}

/// The PTR RRset of an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PtrRow {
    /// The targets.
    pub names: Vec<String>,
    /// Seconds; absent where it is inherited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
}

/// What an address that sends mail is to be known as. Fields as in [`crate::SendingView`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[allow(missing_docs)]
pub struct SendingRow {
    pub helo: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mta: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
}

/// An RRset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordRow {
    /// Seconds.
    pub ttl: u32,
    /// In presentation form.
    pub data: Vec<String>,
}

/// A block. Fields as in [`crate::BlockView`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[allow(missing_docs)]
pub struct BlockRow {
    pub range: String,
    pub tenant: String,
    pub mode: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classless: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apex: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nameservers: Vec<NameserverSpec>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ds: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_ttl: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fcrdns: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_sub_block: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<FormerView>,
}

/// An NS set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NsSetRow {
    /// The name.
    pub name: String,
    /// In the order of answers.
    pub nameservers: Vec<String>,
    /// Seconds; absent where it is inherited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
}

/// A SOA template. Numbers are seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[allow(missing_docs)]
pub struct SoaTemplateRow {
    pub name: String,
    /// Absent where it is the first nameserver of the zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mname: Option<String>,
    pub rname: String,
    pub refresh: u32,
    pub retry: u32,
    pub expire: u32,
    pub minimum: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    pub serial_policy: String,
}

/// A zone. It has a SOA of its own, or references a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[allow(missing_docs)]
pub struct ZoneRow {
    pub apex: String,
    pub tenant: String,
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    pub serial: u32,
    /// The data of its own SOA, in presentation form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soa: Option<String>,
    /// The TTL of its own SOA, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soa_ttl: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soa_template: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ns_set: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial_policy: Option<String>,
}

/// Which changes to take out of the log. Exactly one field is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LogPrune {
    /// Those before this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_change: Option<u64>,
    /// Those made before this time: RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Those older than so many seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<u64>,
}

//! Requests that change blocks in the course of time, and what a dry run shows of their consequences.

use serde::{Deserialize, Serialize};

/// What becomes of the PTRs of addresses that change hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PtrFate {
    /// They are deleted, and so are other records at the addresses.
    Clear,
    /// They stay.
    Keep,
}

/// The body of `POST /v1/blocks/{range}/transfer`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TransferBody {
    /// The new owner.
    pub to: String,
    /// What becomes of the PTRs; they are cleared unless this says `keep`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ptrs: Option<PtrFate>,
    /// Carry along what else of the old owner lies inside, instead of refusing.
    #[serde(default)]
    pub recursive: bool,
}

/// The body of `PATCH /v1/blocks/{range}`; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BlockSetBody {
    /// Whether its tenant may add and remove blocks inside it, for itself and for those whose reseller it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_sub_block: Option<bool>,
    /// How addresses are named that have no PTR: the text of a template, `none` or `inherit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The template in the words of another server, in the place of `template`: the data of a `$GENERATE` of BIND, dnsmasq's
    /// `synth-domain=…`, PowerDNS's `createReverse(…)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_from: Option<String>,
    /// Also where zones come to have more computed names than a transfer sends, and others may transfer them: those are ptrd,
    /// which takes the templates instead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_ptrd: bool,
    /// Whether names may look generic to spam filters: `any`, `warn`, `must-pass`, or `inherit` from the block around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<String>,
    /// Whether names must resolve back to the address: `off`, `warn`, `require`, `strict`, or `inherit` from the block around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fcrdns: Option<String>,
}

/// The body of `POST /v1/blocks/{range}/relabel`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RelabelBody {
    /// The style of the new label: `first-len`, `first-last`, `slash`, `label=TEXT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classless: Option<String>,
    /// The new apex in full, when it is not the styled label below the parent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apex: Option<String>,
    /// Answer for the old label for so many seconds; absent is as long as CNAMEs to it can be in caches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<u64>,
    /// Answer for the old label until `relabel/finish`.
    #[serde(default)]
    pub keep_old: bool,
}

/// The body of `POST /v1/blocks/{range}/split`: one of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SplitBody {
    /// The first address of each part but the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<String>,
    /// Into prefixes of this length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<u8>,
    /// As in [`RelabelBody`], for the label of a classless block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<u64>,
    /// As in [`RelabelBody`].
    #[serde(default)]
    pub keep_old: bool,
}

/// The body of `POST /v1/blocks/merge`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MergeBody {
    /// The blocks, two or more that follow one another without a gap.
    pub ranges: Vec<String>,
    /// As in [`RelabelBody`], for the labels of classless blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<u64>,
    /// As in [`RelabelBody`].
    #[serde(default)]
    pub keep_old: bool,
}

/// One consequence of a change of a block or a catalog, as a dry run tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Effect {
    /// `block`, `zone`, `member` (of a catalog), `ptr`, `record`, `cname`, `cut`, or `name` for what a template gives an
    /// address.
    pub what: String,
    /// `added`, `removed`, `changed`, `kept`, or of PTRs `cleared`, `hidden`.
    pub fate: String,
    /// How many.
    pub count: u64,
    /// Which; at most 20 of them, and none for what has no name of its own. Of the names that a template gives a run of
    /// addresses: the first, the last, and one between.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

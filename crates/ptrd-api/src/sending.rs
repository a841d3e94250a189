//! The sending inventory: which addresses send mail, and what each is to be known as.

use serde::{Deserialize, Serialize};

/// The columns of the inventory as CSV, in the order in which it is written. Of these `address` and `helo` are needed;
/// `domains` are separated by spaces.
pub const SENDING_COLUMNS: [&str; 4] = ["address", "helo", "mta", "domains"];

/// Marks an address as one that sends mail, in place of the mark that it has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SendingWrite {
    /// The address.
    pub address: String,
    /// The name that it gives in HELO or EHLO; U-labels are stored as A-labels.
    pub helo: String,
    /// A label for the host or pool that sends from it: up to 63 letters, digits, dots, hyphens and underscores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mta: Option<String>,
    /// The domains that it sends for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// Make the change only if the mark still has this version (see [`SendingView::version`]; `absent` for none).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

/// The body of `PUT /v1/sending/{address}`: [`SendingWrite`] with the address in the path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SendingBody {
    /// The name that it gives in HELO or EHLO.
    pub helo: String,
    /// A label for the host or pool that sends from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mta: Option<String>,
    /// The domains that it sends for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// As in [`SendingWrite`]; `If-Match` says the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

impl SendingBody {
    /// The request for this address.
    pub fn at(self, address: String) -> SendingWrite {
        SendingWrite { address, helo: self.helo, mta: self.mta, domains: self.domains, expect: self.expect }
    }
}

/// Takes marks away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SendingClear {
    /// The addresses: one, or a range.
    pub range: String,
    /// For one address: make the change only if its mark still has this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

/// Options of `POST /v1/sending/import`, as query parameters; the body is CSV with a header ([`SENDING_COLUMNS`]).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SendingImportOptions {
    /// Also take the marks away that addresses of this range have and the file has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace: Option<String>,
    /// Check and plan, change nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// Which addresses of the inventory to list (`GET /v1/sending`), in the order of addresses, IPv4 first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SendingFilter {
    /// Only addresses in this range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Only addresses of this tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Only those with this label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mta: Option<String>,
    /// Only those that send for this domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Only addresses after this one: `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most this many; [`crate::DEFAULT_PAGE`] unless given, never more than [`crate::MAX_PAGE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// For which addresses to write the request (`GET /v1/request-text`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RequestTextFilter {
    /// The addresses: one, or a range.
    pub range: String,
    /// The language: `en`, which it is unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
}

/// The request for PTRs to whoever holds the addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestText {
    /// The addresses that it is about.
    pub range: String,
    /// For how many of them names are wished.
    pub addresses: u64,
    /// The text, ready to be mailed; its first line is the subject.
    pub text: String,
    /// What whoever sends it should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// An address that sends mail: what it is to be known as, and what is known of it here. Names are absolute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SendingView {
    /// The address.
    pub address: String,
    /// The name that it gives in HELO or EHLO.
    pub helo: String,
    /// A label for the host or pool that sends from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mta: Option<String>,
    /// The domains that it sends for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// Whose it is.
    pub tenant: String,
    /// The most specific block around it.
    pub block: String,
    /// How that block is answered for, as in [`crate::BlockView`]: of an `observed` or delegated one, the PTR is with others.
    pub mode: String,
    /// The targets of the PTR that it has here, be it set or by a template; empty for none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// A digest of the mark, for `expect`.
    pub version: String,
}

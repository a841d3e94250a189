//! What an import says of its zones besides their files: whose they are, their apexes, and what they include.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The path of a bundle's [`ZoneManifest`]; one of the files after the zones.
pub const MANIFEST: &str = ".ptrd-manifest.json";

/// A file of a bundle that says more about the zones than their files do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ZoneManifest {
    /// Whose the zones are; those that no rule speaks of belong to the tenant of the options.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub map: Vec<TenantRule>,
    /// The zones, as a server's configuration has them: several may share a file. Without any, each of the bundle's zone
    /// files is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<ManifestZone>,
}

/// A zone of a [`ZoneManifest`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ManifestZone {
    /// The apex, absolute with or without its final dot.
    pub apex: String,
    /// The file's path in the bundle.
    pub file: String,
    /// For each path after `$INCLUDE`, in the form of [`include_key`], the path of that file in the bundle.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub includes: BTreeMap<String, String>,
}

/// Whose zones are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TenantRule {
    /// An apex, a range of addresses (`192.0.2.0/24`) whose reverse zones are meant, or a pattern of apexes in which `*`
    /// stands for anything and `?` for one character. An apex goes before ranges, a smaller range before a larger one,
    /// ranges before patterns, and of patterns the first that matches counts.
    pub zones: String,
    /// The tenant.
    pub tenant: String,
}

/// The first line of the body of `POST /v1/zones/import/powerdns`, as JSON; after its line feed comes the database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DatabaseHead {
    /// As in [`ZoneManifest::map`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub map: Vec<TenantRule>,
}

/// The longest such line.
pub const MAX_DATABASE_HEAD: usize = 16 << 20;

/// A path after `$INCLUDE` without `.` and doubled slashes, by which a manifest finds the file.
pub fn include_key(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    format!("{}{}", if path.starts_with('/') { "/" } else { "" }, parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn include_keys_are_plain() {
        assert_eq!(include_key("./a//b/./c"), "a/b/c");
        assert_eq!(include_key("//etc/../x"), "/etc/../x");
        assert_eq!(include_key("."), "");
    }
}

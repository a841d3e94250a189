//! The zones of a bundle: its zone files, or what its manifest makes of them.

use crate::problem::{bad, quote};
use crate::request::read_name;
use ptrd_api::{Bundle, MANIFEST, Problem, ZoneManifest, include_key};
use ptrd_wire::Name;
use std::collections::{BTreeMap, HashMap};

/// A zone to be read.
pub(crate) struct Entry<'b> {
    /// The path in the bundle, for messages.
    pub path: &'b str,
    pub content: &'b [u8],
    /// The apex, where it is known beforehand.
    pub apex: Option<Name>,
    /// What the manifest says of its inclusions; without a manifest they lie in the zone file's folder.
    includes: Option<&'b BTreeMap<String, String>>,
}

/// The files of a bundle by path.
pub(crate) struct Files<'b>(HashMap<&'b str, &'b [u8]>);

impl<'b> Files<'b> {
    pub fn of(bundle: &'b Bundle) -> Files<'b> {
        Files(bundle.files.iter().map(|(path, content)| (path.as_str(), content.as_slice())).collect())
    }

    /// The manifest, if there is one.
    pub fn manifest(&self) -> Result<ZoneManifest, Problem> {
        let Some(octets) = self.0.get(MANIFEST) else { return Ok(ZoneManifest::default()) };
        serde_json::from_slice(octets).map_err(|error| bad(format!("{MANIFEST}: {error}")))
    }

    /// The file that a zone includes.
    pub fn included(&self, entry: &Entry<'_>, path: &str) -> std::io::Result<Vec<u8>> {
        let found = match entry.includes {
            Some(includes) => includes.get(&include_key(path)).and_then(|path| self.0.get(path.as_str())),
            None => self.0.get(join(folder(entry.path), path).as_str()),
        };
        match found {
            Some(content) => Ok(content.to_vec()),
            None => Err(std::io::Error::new(std::io::ErrorKind::NotFound, "no such file was sent along")),
        }
    }
}

impl<'b> Entry<'b> {
    /// The zones, one after the other.
    pub fn all(
        bundle: &'b Bundle,
        files: &Files<'b>,
        manifest: &'b ZoneManifest,
    ) -> Result<Vec<Entry<'b>>, Problem> {
        if manifest.zones.is_empty() {
            let zones = bundle.files.iter().take(bundle.zones);
            let plain =
                |(path, content): &'b (String, Vec<u8>)| Entry { path, content, apex: None, includes: None };
            return Ok(zones.map(plain).collect());
        }
        let zones = manifest.zones.iter().map(|zone| {
            let content = files.0.get(zone.file.as_str()).ok_or_else(|| {
                bad(format!("{MANIFEST}: the file {} is not in the bundle", quote(&zone.file)))
            })?;
            let apex = Some(read_name("the apex", &zone.apex)?);
            Ok(Entry { path: &zone.file, content, apex, includes: Some(&zone.includes) })
        });
        zones.collect()
    }

    /// Whether a manifest speaks of it: then inclusions are looked up as they are written.
    pub fn is_free(&self) -> bool {
        self.includes.is_some()
    }

    /// What messages call one of its files.
    pub fn label(&self, file: &str) -> String {
        if self.is_free() { file.to_owned() } else { join(folder(self.path), file) }
    }

    /// What the reader calls the main file.
    pub fn name(&self) -> &'b str {
        match self.path.rsplit_once('/') {
            Some((_, name)) if !self.is_free() => name,
            _ => self.path,
        }
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn join(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

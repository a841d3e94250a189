//! A configuration's zones on their way to the daemon: each file once, what they include, and a manifest that says which
//! zone is in which.

use super::Configuration;
use crate::client::Body;
use crate::failure::Failure;
use crate::files::{self, Item, Selection};
use crate::upload::{self, Sent};
use ptrd_api::{Bundle, DatabaseHead, MANIFEST, ManifestZone, TenantRule, ZoneManifest, include_key};
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// How deep zone files include each other.
const DEPTH: usize = 16;

/// What goes to the daemon.
#[derive(Debug, Default)]
pub struct Sending {
    pub selection: Selection,
    pub manifest: ZoneManifest,
    /// Zones whose file cannot be read, and why.
    pub unreadable: Vec<(String, String)>,
}

/// Finds the files of a configuration's zones.
pub fn select(configuration: &Configuration) -> Result<Sending, Failure> {
    let (mut sending, mut paths) = (Sending::default(), Paths::default());
    let mut included: Vec<Item> = Vec::new();
    for zone in &configuration.zones {
        let item = match paths.item(&zone.file) {
            Ok(found) => found,
            Err(reason) => {
                sending.unreadable.push((zone.apex.clone(), format!("{}: {reason}", zone.file.display())));
                continue;
            }
        };
        let mut includes = BTreeMap::new();
        let base = configuration.include_base.as_deref();
        if let Err(reason) = paths.follow(&zone.file, base, &mut includes, &mut included, DEPTH) {
            sending.unreadable.push((zone.apex.clone(), reason));
            continue;
        }
        let (item, is_new) = item;
        sending.manifest.zones.push(ManifestZone {
            apex: zone.apex.clone(),
            file: item.path.clone(),
            includes,
        });
        if is_new {
            sending.selection.items.push(item);
        }
    }
    // A zone's file that others include as well was an inclusion first, perhaps: it goes with the zones.
    let zones: Vec<String> = sending.manifest.zones.iter().map(|zone| zone.file.clone()).collect();
    let zones: std::collections::HashSet<String> = zones.into_iter().collect();
    let (more, included): (Vec<Item>, Vec<Item>) =
        included.into_iter().partition(|item| zones.contains(&item.path));
    sending.selection.items.extend(more);
    sending.selection.zones = sending.selection.items.len();
    sending.selection.items.extend(included);
    Ok(sending)
}

/// Files that are sent, by where they really are.
#[derive(Default)]
struct Paths {
    known: HashMap<PathBuf, String>,
    /// What a file includes, read once.
    inclusions: HashMap<PathBuf, Vec<String>>,
}

impl Paths {
    /// A file to send, and whether it was not yet.
    fn item(&mut self, file: &Path) -> Result<(Item, bool), String> {
        let real = fs::canonicalize(file).map_err(|error| error.to_string())?;
        let found = fs::metadata(&real).map_err(|error| error.to_string())?;
        if !found.is_file() {
            return Err("no regular file".to_owned());
        }
        File::open(&real).map_err(|error| error.to_string())?;
        let is_new = !self.known.contains_key(&real);
        let path = self.known.entry(real.clone()).or_insert_with(|| files::bundle_path(&real)).clone();
        Ok((Item { path, file: real, size: found.len() }, is_new))
    }

    /// Finds what a file includes, and what that includes. What is not there is not sent: the daemon says on which line
    /// it was wanted.
    fn follow(
        &mut self,
        file: &Path,
        base: Option<&Path>,
        includes: &mut BTreeMap<String, String>,
        items: &mut Vec<Item>,
        depth: usize,
    ) -> Result<(), String> {
        let names = match self.inclusions.get(file) {
            Some(names) => names.clone(),
            None => {
                let names = files::inclusions(file).map_err(|error| format!("{error:#}"))?;
                self.inclusions.insert(file.to_owned(), names.clone());
                names
            }
        };
        for name in names {
            let folders = base.into_iter().chain(file.parent());
            let Some(target) = folders.map(|folder| folder.join(&name)).find(|path| path.is_file()) else {
                continue;
            };
            let (item, is_new) =
                self.item(&target).map_err(|reason| format!("{}: {reason}", target.display()))?;
            let key = include_key(&name);
            match includes.get(&key) {
                Some(known) if *known == item.path => continue,
                Some(known) => {
                    return Err(format!("{name} stands for {known} and for {} in its files", item.path));
                }
                None => includes.insert(key, item.path.clone()),
            };
            if is_new {
                items.push(item);
            }
            if depth > 0 {
                self.follow(&target, base, includes, items, depth - 1)?;
            }
        }
        Ok(())
    }
}

/// Files with a manifest behind them.
pub fn with_manifest(
    selection: Selection,
    manifest: &ZoneManifest,
    show: bool,
) -> Result<(Body, Sent), Failure> {
    let manifest = serde_json::to_vec(manifest).map_err(|error| Failure::local(error.to_string()))?;
    let size = selection.items.iter().map(|item| item.size).sum::<u64>() + manifest.len() as u64;
    Ok(upload::body(Some(size), show, move |pieces| {
        let lost = |error| (String::new(), error);
        pieces.write(Bundle::head(selection.zones)).map_err(lost)?;
        for item in &selection.items {
            pieces.file(&item.path, &item.file).map_err(|error| (item.file.display().to_string(), error))?;
        }
        pieces.write(Bundle::file_head(MANIFEST, manifest.len())).map_err(lost)?;
        pieces.write(manifest).map_err(lost)
    }))
}

/// A database behind a line of JSON.
pub fn powerdns(file: &Path, map: Vec<TenantRule>, show: bool) -> Result<(Body, Sent), Failure> {
    let failed = |error: std::io::Error| Failure::local(format!("{}: {error}", file.display()));
    for (end, is_ours) in [("-wal", "a write-ahead log"), ("-journal", "a journal")] {
        let mut beside = file.as_os_str().to_owned();
        beside.push(end);
        if fs::metadata(&beside).is_ok_and(|found| found.len() > 0) {
            let message =
                format!("{}: {is_ours} beside it holds changes that the file lacks", file.display());
            return Err(Failure::usage(message).hint(format!(
                "make a whole copy: `sqlite3 {} '.backup copy.sqlite3'`, and import that",
                file.display()
            )));
        }
    }
    let mut head =
        serde_json::to_vec(&DatabaseHead { map }).map_err(|error| Failure::local(error.to_string()))?;
    head.push(b'\n');
    let size = fs::metadata(file).map_err(failed)?.len();
    let (database, name) = (File::open(file).map_err(failed)?, file.display().to_string());
    Ok(upload::body(Some(size), show, move |pieces| {
        pieces.write(head).and_then(|()| pieces.copy(database)).map_err(|error| (name, error))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import_config::ConfiguredZone;

    #[test]
    fn files_go_once_with_what_they_include() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        fs::create_dir(root.join("zones")).expect("a folder");
        fs::write(root.join("zones/empty"), "$INCLUDE common.inc\n$INCLUDE /absent\n").expect("written");
        fs::write(root.join("common.inc"), "$INCLUDE ./zones/deep\n").expect("written");
        fs::write(root.join("zones/deep"), "").expect("written");
        let zone = |apex: &str, file: &str| ConfiguredZone { apex: apex.into(), file: root.join(file) };
        let configuration = Configuration {
            zones: vec![
                zone("a.example", "zones/empty"),
                zone("b.example", "zones/../zones/empty"),
                zone("c.example", "zones/missing"),
                zone("d.example", "zones"),
            ],
            include_base: Some(root.to_owned()),
            ..Configuration::default()
        };
        let sending = select(&configuration).map_err(|failure| failure.problem).expect("files");
        assert_eq!((sending.selection.zones, sending.selection.items.len()), (1, 3));
        assert_eq!(sending.manifest.zones.len(), 2);
        assert_eq!(sending.manifest.zones[0].file, sending.manifest.zones[1].file);
        let keys: Vec<&String> = sending.manifest.zones[0].includes.keys().collect();
        assert_eq!(keys, ["common.inc", "zones/deep"]);
        assert_eq!(sending.unreadable.len(), 2);
        assert!(sending.unreadable[1].1.ends_with("no regular file"));
    }
}

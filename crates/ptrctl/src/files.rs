//! Which files a `zone import` sends: the zones, and what they include.
//!
//! In a folder, files called `*.zone`, `*.db` or `db.*` are zones; if there are none, all regular files are. Hidden ones
//! are not, nor those that another zone includes. `$INCLUDE` names files from the folder of the zone file, also where an
//! included file says it; what leads out of that folder is not sent, and the daemon says on which line it was wanted.

use crate::failure::Failure;
use anyhow::Context;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Component, Path, PathBuf};

/// How deep folders and inclusions nest at most.
const DEPTH: usize = 16;

/// A file to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its path in the bundle: as it was named, without what leads upwards.
    pub path: String,
    /// Where it is here.
    pub file: PathBuf,
    /// Octets.
    pub size: u64,
}

/// What to send.
#[derive(Debug, Default)]
pub struct Selection {
    /// Zones first, then what they include.
    pub items: Vec<Item>,
    /// How many are zones.
    pub zones: usize,
}

/// Finds the files for some arguments.
pub fn select(arguments: &[PathBuf]) -> Result<Selection, Failure> {
    let mut zones = BTreeMap::new();
    for argument in arguments {
        let found = fs::metadata(argument).with_context(|| argument.display().to_string())?;
        let files = if found.is_dir() { folder(argument)? } else { vec![argument.clone()] };
        if files.is_empty() {
            return Err(Failure::usage(format!("{}: no files in this folder", argument.display()))
                .hint("name the files, or the folder that they are in"));
        }
        for file in files {
            add(&mut zones, file)?;
        }
    }
    let mut included = BTreeMap::new();
    for file in zones.values() {
        follow(file.parent().unwrap_or(Path::new("")), file, DEPTH, &mut included)?;
    }
    // What was found in a folder and is included by another file is a part, not a zone.
    let named: BTreeSet<String> = arguments.iter().map(|argument| bundle_path(argument)).collect();
    zones.retain(|path, _| named.contains(path) || !included.contains_key(path));
    included.retain(|path, _| !zones.contains_key(path));
    let count = zones.len();
    let items = zones.into_iter().chain(included).map(|(path, file)| {
        let size = fs::metadata(&file).with_context(|| file.display().to_string())?.len();
        Ok(Item { path, file, size })
    });
    Ok(Selection { items: items.collect::<anyhow::Result<_>>()?, zones: count })
}

fn add(zones: &mut BTreeMap<String, PathBuf>, file: PathBuf) -> Result<(), Failure> {
    let path = bundle_path(&file);
    if path.is_empty() {
        return Err(Failure::usage(format!("{}: no file", file.display())).hint("name a master file"));
    }
    if let Some(other) = zones.get(&path)
        && fs::canonicalize(other).ok() != fs::canonicalize(&file).ok()
    {
        let message = format!("{} and {} would have the same path", other.display(), file.display());
        return Err(Failure::usage(message).hint("import them one after the other"));
    }
    zones.insert(path, file);
    Ok(())
}

/// The zones in a folder and those below it, in order.
fn folder(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    walk(path, DEPTH, &mut files)?;
    files.sort();
    let zone = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        name.ends_with(".zone") || name.ends_with(".db") || name.starts_with("db.")
    };
    if files.iter().any(zone) {
        files.retain(zone);
    }
    Ok(files)
}

fn walk(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(path).with_context(|| path.display().to_string())? {
        let entry = entry.with_context(|| path.display().to_string())?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        // Links to files are followed, as name servers do; links to folders are not, since they may go round.
        let file = entry.path();
        let kind = entry.file_type().with_context(|| file.display().to_string())?;
        if kind.is_dir() && depth > 0 {
            walk(&file, depth - 1, files)?;
        } else if kind.is_file()
            || kind.is_symlink() && fs::metadata(&file).is_ok_and(|found| found.is_file())
        {
            files.push(file);
        }
    }
    Ok(())
}

/// Adds what a file includes, and what that includes, as far as it lies in the zone file's folder.
fn follow(
    folder: &Path,
    file: &Path,
    depth: usize,
    found: &mut BTreeMap<String, PathBuf>,
) -> anyhow::Result<()> {
    for name in inclusions(file)? {
        let target = folder.join(&name);
        let inside = Path::new(&name)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        let path = bundle_path(&target);
        if depth == 0 || !inside || !target.is_file() || found.contains_key(&path) {
            continue;
        }
        found.insert(path, target.clone());
        follow(folder, &target, depth - 1, found)?;
    }
    Ok(())
}

/// The file names in `$INCLUDE` lines.
pub fn inclusions(file: &Path) -> anyhow::Result<Vec<String>> {
    let mut reader = BufReader::new(fs::File::open(file).with_context(|| file.display().to_string())?);
    let (mut names, mut line) = (Vec::new(), Vec::new());
    while reader.read_until(b'\n', &mut line).with_context(|| file.display().to_string())? > 0 {
        if line.get(..8).is_some_and(|word| word.eq_ignore_ascii_case(b"$INCLUDE")) {
            let text = String::from_utf8_lossy(&line[8..]);
            let name = match text.trim_start().strip_prefix('"') {
                Some(quoted) => quoted.split('"').next(),
                None => text.split(|c: char| c.is_whitespace() || c == ';').find(|word| !word.is_empty()),
            };
            names.extend(name.filter(|name| !name.is_empty()).map(str::to_owned));
        }
        line.clear();
    }
    Ok(names)
}

/// The path as it was named, without a root, `.` and `..`.
pub fn bundle_path(path: &Path) -> String {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        for (path, content) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, content).expect("a file");
        }
        root
    }

    fn names(root: &tempfile::TempDir, argument: &str) -> (Vec<String>, usize) {
        let selection = select(&[root.path().join(argument)]).expect("files");
        let prefix = format!("{}/", bundle_path(root.path()));
        let names = selection.items.iter().map(|item| item.path.replacen(&prefix, "", 1)).collect();
        (names, selection.zones)
    }

    #[test]
    fn zone_files_of_a_folder_are_found_and_what_they_include() {
        let root = tree(&[
            ("z/a.zone", "$INCLUDE sub/part ; comment\n$include \"b.inc.db\"\n$INCLUDE ../secret\n"),
            ("z/b.inc.db", "$INCLUDE a.zone\n"),
            ("z/db.192.0.2", "@ SOA\n"),
            ("z/deep/c.DB", ""),
            ("z/sub/part", "$INCLUDE ./sub//more\n$INCLUDE /etc/passwd\n$INCLUDE absent\n"),
            ("z/sub/more", ""),
            ("z/readme", ""),
            ("z/.hidden.zone", ""),
            ("secret", ""),
        ]);
        // a.zone and b.inc.db include each other, so that neither is more of a zone: both are parts.
        let (files, zones) = names(&root, "z");
        assert_eq!(files[..zones], ["z/db.192.0.2", "z/deep/c.DB"]);
        fs::write(root.path().join("z/b.inc.db"), "").expect("a file");
        let (files, zones) = names(&root, "z");
        assert_eq!(files[..zones], ["z/a.zone", "z/db.192.0.2", "z/deep/c.DB"]);
        assert_eq!(files[zones..], ["z/b.inc.db", "z/sub/more", "z/sub/part"]);
        let (files, zones) = names(&root, "z/a.zone");
        assert_eq!((files.len(), zones), (4, 1));
    }

    #[test]
    fn without_a_usual_name_all_files_are_zones() {
        let root = tree(&[("192.0.2", ""), ("198.51.100", ""), (".git/config", "")]);
        assert_eq!(names(&root, ""), (vec!["192.0.2".into(), "198.51.100".into()], 2));
        fs::remove_file(root.path().join("192.0.2")).expect("removed");
        fs::remove_file(root.path().join("198.51.100")).expect("removed");
        assert_eq!(select(&[root.path().to_owned()]).map_err(|failure| failure.exit).err(), Some(2));
        assert_eq!(select(&[root.path().join("x")]).map_err(|failure| failure.exit).err(), Some(1));
    }

    #[test]
    fn paths_never_lead_upwards() {
        assert_eq!(bundle_path(Path::new("/a/./../b.zone")), "a/b.zone");
        assert_eq!(bundle_path(Path::new("../../b.zone")), "b.zone");
    }
}

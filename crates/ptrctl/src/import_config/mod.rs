//! Zones as the configuration of another name server names them: BIND's, NSD's, Knot's.
//!
//! The files are read here, with this user's rights, and sent: what the operator's own configuration names may lie
//! anywhere. Only what matters to an import is understood of a configuration; the rest is passed over, since the server
//! that runs on it has checked it. What is not imported is listed with its reason.

mod bind;
mod detect;
mod knot;
mod map;
mod nsd;
mod send;

pub use detect::{From, detect};
pub use map::read as read_map;
pub use send::{powerdns, select, with_manifest};

use crate::failure::Failure;
use std::fs;
use std::path::{Path, PathBuf};

/// How deep configurations include each other.
const DEPTH: usize = 16;
/// Files that a configuration may have.
const MAX_FILES: usize = 20_000;
/// Octets of one of them.
const MAX_OCTETS: u64 = 256 << 20;

/// What a configuration says.
#[derive(Debug, Default)]
pub struct Configuration {
    /// The zones to import, in order.
    pub zones: Vec<ConfiguredZone>,
    /// What is not imported, and why.
    pub left_out: Vec<(String, String)>,
    /// What to know.
    pub warnings: Vec<String>,
    /// Where relative paths after `$INCLUDE` start; the folder of the zone file unless given.
    pub include_base: Option<PathBuf>,
}

/// A zone to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredZone {
    /// The apex as it is written.
    pub apex: String,
    /// Its file.
    pub file: PathBuf,
}

impl Configuration {
    fn leave_out(&mut self, subject: impl Into<String>, reason: impl Into<String>) {
        self.left_out.push((subject.into(), reason.into()));
    }
}

/// Reads a configuration. `view` is that of BIND's whose zones are wanted.
pub fn read(from: From, file: &Path, view: Option<&str>) -> Result<Configuration, Failure> {
    let file = match fs::metadata(file) {
        Ok(found) if found.is_dir() => file.join(from.usual_name()),
        _ => file.to_owned(),
    };
    if view.is_some() && from != From::Bind {
        return Err(Failure::usage("--view: only BIND has views").hint("leave --view out"));
    }
    let mut configuration = match from {
        From::Bind => bind::read(&file, view)?,
        From::Nsd => nsd::read(&file)?,
        From::Knot => knot::read(&file)?,
        From::Master | From::Powerdns => Configuration::default(),
    };
    let mut seen = std::collections::BTreeMap::new();
    let zones = std::mem::take(&mut configuration.zones);
    for zone in zones {
        let key = zone.apex.trim_end_matches('.').to_ascii_lowercase();
        if seen.insert(key, ()).is_some() {
            configuration.leave_out(zone.apex, "the zone is configured twice");
        } else {
            configuration.zones.push(zone);
        }
    }
    Ok(configuration)
}

/// The files of a configuration, read once each and within bounds.
#[derive(Debug, Default)]
struct Reading {
    open: Vec<PathBuf>,
    files: usize,
}

impl Reading {
    /// The text of a file. What is not UTF-8 in it (comments, mostly) is replaced.
    fn open(&mut self, file: &Path) -> Result<String, Failure> {
        let failed = |error: std::io::Error| Failure::local(format!("{}: {error}", file.display()));
        let found = fs::metadata(file).map_err(failed)?;
        if !found.is_file() {
            return Err(Failure::usage(format!("{}: no regular file", file.display()))
                .hint("name the configuration file itself, or put it into one first"));
        }
        if found.len() > MAX_OCTETS {
            return Err(Failure::usage(format!("{}: no configuration is that large", file.display()))
                .hint("name the configuration, or say what the file is: --from"));
        }
        let real = fs::canonicalize(file).map_err(failed)?;
        self.files += 1;
        if self.open.contains(&real) || self.open.len() >= DEPTH || self.files > MAX_FILES {
            let message =
                format!("{}: configurations include each other in a circle, or too deep", file.display());
            return Err(Failure::usage(message)
                .hint("take the inclusion that closes the circle out of the copy that is imported"));
        }
        self.open.push(real);
        let octets = fs::read(file).map_err(failed)?;
        let text = String::from_utf8_lossy(&octets).into_owned();
        Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
    }

    fn close(&mut self) {
        self.open.pop();
    }
}

/// The files that an include names: a path or a pattern, from the first of some folders where there are any.
fn included(pattern: &str, folders: &[&Path], place: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut looked = Vec::new();
    for folder in folders {
        let path = folder.join(pattern);
        if path.is_file() {
            return Ok(vec![path]);
        }
        let text = path.to_string_lossy();
        let found =
            glob::glob(&text).map_err(|error| Failure::usage(format!("{place}: {pattern}: {error}")))?;
        let mut found: Vec<PathBuf> = found.filter_map(Result::ok).filter(|path| path.is_file()).collect();
        if !found.is_empty() {
            found.sort();
            return Ok(found);
        }
        looked.push(path.display().to_string());
    }
    if pattern.contains(['*', '?', '[']) {
        return Ok(Vec::new());
    }
    looked.dedup();
    Err(Failure::usage(format!("{place}: there is no file {}", looked.join(" nor "))))
}

/// The folder of a file; the present one for a bare name.
fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

//! Where a configuration comes from: the file, and what overrides it. Kept by the daemon, to be read again.

use super::check;
use super::file::File;
use super::finding::{Finding, Level, Rejected};
use super::print;
use super::read::read;
use super::runtime::Config;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where the file is unless told otherwise. It need not be there.
pub const DEFAULT_FILE: &str = "/etc/ptrd/ptrd.toml";

/// See the module.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file; a missing one counts as empty unless it was named.
    path: PathBuf,
    is_named: bool,
    /// What the command line and the environment say.
    over: File,
}

/// A configuration as it was read.
#[derive(Debug)]
pub struct Reading {
    /// Complete, even where something is wrong: defaults stand in.
    pub config: Config,
    /// What it was made from, defaults included.
    pub merged: File,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Source {
    /// From this file, or the default one, with these values over it.
    pub fn new(path: Option<PathBuf>, over: File) -> Source {
        Source { is_named: path.is_some(), path: path.unwrap_or_else(|| DEFAULT_FILE.into()), over }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it, and looks at what it names.
    pub fn read(&self) -> Reading {
        let mut findings = Vec::new();
        let text = match std::fs::read(&self.path) {
            Ok(octets) => String::from_utf8(octets).unwrap_or_else(|error| {
                let octet = error.utf8_error().valid_up_to();
                findings.push(Finding::error("", format!("it is no UTF-8, from octet {octet} on")));
                String::new()
            }),
            Err(error) if error.kind() == ErrorKind::NotFound && !self.is_named => String::new(),
            Err(error) => {
                findings.push(Finding::error("", format!("it cannot be read: {error}")));
                String::new()
            }
        };
        let (file, wrong) = read(&text);
        findings.extend(wrong);
        let merged = print::defaults().under(file).under(self.over.clone());
        let mut further = Vec::new();
        let config = Config::of(merged.clone(), &mut further);
        check::environment(&config, &mut further);
        findings.extend(further.into_iter().map(|finding| {
            let place = merged.place(&finding.key);
            finding.at(place)
        }));
        findings.sort_by_key(Finding::order);
        Reading { config, merged, findings }
    }

    /// Reads it for use: what ptrd cannot start with is an error, all of it at once. Warnings come with the
    /// configuration.
    ///
    /// # Errors
    /// [`Rejected`].
    pub fn load(&self) -> Result<(Config, Vec<Finding>), Rejected> {
        let Reading { config, findings, .. } = self.read();
        if findings.iter().any(|finding| finding.level == Level::Error) {
            return Err(Rejected { file: self.path.display().to_string(), findings });
        }
        Ok((config, findings))
    }
}

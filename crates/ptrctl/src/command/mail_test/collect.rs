//! What came back, out of files and folders.

use crate::failure::Failure;
use anyhow::Context;
use ptrd_message::Trust;
use ptrd_message::marked::{Evidence, evidence};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Files that are read at most.
const MOST: usize = 100_000;
/// Folders within folders: a maildir has one level, its folders two.
const DEEPEST: usize = 4;
/// Octets of a file: of a message far less is looked at, and a record of `ptrd probe` is long.
const LARGEST: u64 = 256 << 20;

/// Reads all that the arguments name.
pub fn evidence_in(what: &[PathBuf], trust: &Trust) -> Result<Vec<Evidence>, Failure> {
    let mut files = Vec::new();
    for path in what {
        find(path, 0, &mut files)?;
    }
    let mut found = Vec::new();
    for file in files {
        let mut octets = Vec::new();
        let read = File::open(&file).and_then(|file| file.take(LARGEST).read_to_end(&mut octets));
        read.with_context(|| file.display().to_string())?;
        found.extend(evidence(&octets, trust));
    }
    Ok(found)
}

fn find(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let kind = std::fs::metadata(path).with_context(|| path.display().to_string())?;
    if kind.is_file() {
        if files.len() >= MOST {
            return Err(Failure::usage(format!("more than {MOST} files"))
                .hint("name the folder that has the messages"));
        }
        files.push(path.to_owned());
    }
    if !kind.is_dir() || depth > DEEPEST {
        return Ok(());
    }
    let read = |error: std::io::Error| Failure::local(format!("{}: {error}", path.display()));
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(path).map_err(read)? {
        let entry = entry.map_err(read)?;
        // A link could lead back up.
        if !entry.file_type().map_err(read)?.is_symlink() {
            entries.push(entry.path());
        }
    }
    entries.sort();
    entries.iter().try_for_each(|entry| find(entry, depth + 1, files))
}

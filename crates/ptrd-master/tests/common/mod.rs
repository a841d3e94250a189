//! What the tests of this folder share.
#![allow(dead_code)]

use ptrd_master::{Expected, Limits, MasterError, MasterZone, Source, no_includes, read_zone, write_zone};
use ptrd_wire::Name;
use std::fs;
use std::path::{Path, PathBuf};

pub fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

pub fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path)
}

/// The `.zone` files of a folder below `tests/data`, sorted.
pub fn zone_files(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(data(folder))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "zone"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

/// Reads a file with what it includes from its folder.
pub fn read(file: &Path) -> Result<MasterZone, Vec<MasterError>> {
    let folder = file.parent().expect("a folder");
    let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
    let text = fs::read(file).expect("a file");
    let source = Source { name, text: &text };
    read_zone(source, Expected::default(), &Limits::default(), &mut |path| fs::read(folder.join(path)))
}

/// Reads text that includes nothing and sets its origin.
pub fn read_text(text: &str) -> Result<MasterZone, Vec<MasterError>> {
    let source = Source { name: "text", text: text.as_bytes() };
    read_zone(source, Expected::default(), &Limits::default(), &mut no_includes)
}

pub fn export(zone: &MasterZone) -> String {
    let mut out = Vec::new();
    let records = zone.records.iter().map(|(owner, set)| (owner, set));
    write_zone(&mut out, &zone.apex, &zone.soa, zone.soa_ttl, records).expect("written");
    assert!(out.iter().all(|b| matches!(b, b'\n' | 0x20..=0x7e)), "an export is printable ASCII");
    String::from_utf8(out).expect("ASCII")
}

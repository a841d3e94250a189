//! What the servers are fed with: master files and CSV.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::data::DataSet;

/// Writes a master file for each zone of `data` to a directory below `root`, once, and returns the directory.
///
/// # Errors
///
/// Those of the file system.
pub fn master_files(data: DataSet, root: &Path) -> Result<PathBuf> {
    let directory = root.join(format!("zones-{}", data.slug()));
    if directory.exists() {
        return Ok(directory);
    }
    fs::create_dir_all(&directory)?;
    for zone in data.zones() {
        let path = directory.join(file_name(&zone.apex));
        let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        writeln!(out, "$ORIGIN {}.\n$TTL 3600", zone.apex)?;
        writeln!(out, "@ SOA ns1.example.net. hostmaster.example.net. 1 7200 3600 1209600 3600")?;
        writeln!(out, "@ NS ns1.example.net.\n@ NS ns2.example.net.")?;
        if zone.labels == 0 {
            for first in [0, 64, 128, 192] {
                writeln!(out, "{first}-26 NS ns1.example.net.\n{first}-26 NS ns2.example.net.")?;
            }
        }
        for index in zone.indices.clone() {
            if zone.labels == 0 {
                writeln!(out, "{} CNAME {}.", index & 255, data.alias(index))?;
                continue;
            }
            let owner = data.owner(index);
            let end = owner.match_indices('.').nth(zone.labels - 1).map_or(owner.len(), |(at, _)| at);
            writeln!(out, "{} PTR {}.", &owner[..end], data.target(index))?;
        }
        out.flush()?;
    }
    Ok(directory)
}

/// The master file of a zone.
pub fn file_name(apex: &str) -> String {
    format!("{apex}.zone")
}

/// Writes `address,name` lines to a file below `root`, once, and returns its path.
///
/// # Errors
///
/// Those of the file system.
pub fn csv(data: DataSet, root: &Path) -> Result<PathBuf> {
    let path = root.join(format!("{}.csv", data.slug()));
    if path.exists() {
        return Ok(path);
    }
    let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    for index in 0..data.len() {
        writeln!(out, "{},{}", data.address(index), data.target(index))?;
    }
    out.flush()?;
    Ok(path)
}

//! Secrets, from files of ours alone: never from arguments, which everybody on the host can read.

use crate::failure::Failure;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Octets of a secret at most.
const MOST: usize = 1024;

/// The one line of a file that nobody else may read.
pub fn private(path: &Path) -> Result<String, Failure> {
    let place = path.display();
    let failed = |error: std::io::Error| Failure::local(format!("{place}: {error}"));
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.mode() & 0o077 != 0 {
        return Err(Failure::local(format!("{place}: others may read this credential"))
            .hint(format!("chmod 600 {place}; and if others may have read it, make a new one")));
    }
    let mut octets = Vec::new();
    file.take(MOST as u64 + 2).read_to_end(&mut octets).map_err(failed)?;
    let text = String::from_utf8_lossy(&octets);
    let secret = text.trim();
    if secret.is_empty() || secret.len() > MOST || !secret.bytes().all(|octet| octet.is_ascii_graphic()) {
        return Err(Failure::local(format!("{place}: no credential: one line of visible ASCII")));
    }
    Ok(secret.to_owned())
}

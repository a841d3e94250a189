//! A copy of the primary's store, fetched into a file beside the standby's own.

use super::link::{Link, LinkError};
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A copy on its way; the file goes unless it was used.
pub struct Incoming {
    path: PathBuf,
}

impl Drop for Incoming {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let mut name = self.path.as_os_str().to_owned();
            name.push(end);
            // It has another name by now where all went well.
            let _ = fs::remove_file(PathBuf::from(name));
        }
    }
}

impl Incoming {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Fetches it.
    pub async fn fetch(link: &mut Link, path: PathBuf) -> Result<Incoming, LinkError> {
        // What a fetch left behind that was killed.
        drop(Incoming { path: path.clone() });
        let open = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let failed = |error: io::Error| LinkError::Broken(format!("writing {}: {error}", path.display()));
        let mut file = BufWriter::new(open.map_err(failed)?);
        let incoming = Incoming { path: path.clone() };
        // Pieces come as fast as they are written; a disk holds up this task alone.
        link.backup(|octets| file.write_all(octets)).await?;
        let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
        tokio::task::block_in_place(|| file.sync_all()).map_err(failed)?;
        Ok(incoming)
    }
}

//! An upload on its way into a file: SQLite reads files, not streams.

use std::fs::{DirBuilder, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use tempfile::{Builder, NamedTempFile};

/// The largest database that is taken.
pub const MAX_SPOOL: u64 = 4 << 30;

/// Why an upload was not kept.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The sender broke off, or went wrong.
    #[error("reading the upload")]
    Read(#[source] io::Error),
    /// The file could not be written.
    #[error("writing the upload to a temporary file")]
    Write(#[source] io::Error),
    /// More than the limit.
    #[error("the upload is larger than {0} octets")]
    TooLarge(u64),
}

/// A file that goes when this is dropped. Readable by this process's user alone.
#[derive(Debug)]
pub struct Spool(NamedTempFile);

impl Spool {
    /// Writes all of a stream into a temporary file in a folder, which is made when it is not there.
    ///
    /// # Errors
    /// [`SpoolError`]; nothing is left behind.
    pub fn fill(mut from: impl Read, folder: &Path, limit: u64) -> Result<Spool, SpoolError> {
        if !folder.is_dir() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(SpoolError::Write)?;
        }
        let mut file = Builder::new()
            .prefix(".ptrd-import-")
            .permissions(Permissions::from_mode(0o600))
            .tempfile_in(folder)
            .map_err(SpoolError::Write)?;
        let (mut piece, mut size) = (vec![0; 256 << 10], 0);
        loop {
            let taken = from.read(&mut piece).map_err(SpoolError::Read)?;
            if taken == 0 {
                return Ok(Spool(file));
            }
            size += taken as u64;
            if size > limit {
                return Err(SpoolError::TooLarge(limit));
            }
            file.write_all(&piece[..taken]).map_err(SpoolError::Write)?;
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_is_kept_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let count = || std::fs::read_dir(folder.path()).expect("a folder").count();
        let spool = Spool::fill(&[7u8; 1 << 20][..], folder.path(), 1 << 20).expect("room");
        assert_eq!(std::fs::metadata(spool.path()).expect("a file").len(), 1 << 20);
        assert_eq!(std::fs::metadata(spool.path()).expect("a file").permissions().mode() & 0o777, 0o600);
        drop(spool);
        assert_eq!(count(), 0);
        assert!(matches!(Spool::fill(io::repeat(1), folder.path(), 1 << 20), Err(SpoolError::TooLarge(_))));
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _into: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        }
        assert!(matches!(Spool::fill(Broken, folder.path(), 9), Err(SpoolError::Read(_))));
        assert_eq!(count(), 0);
    }
}

//! The file of the store, apart from what is in it: made private and durable, held by one writer.
//!
//! Invariant: once SQLite has the file open in this process, nothing here opens it again. POSIX drops all locks of a
//! process on a file when any of its descriptors is closed, and another process could then take the write-ahead log
//! for abandoned. That is why there is a lock file of its own, and why `FILE` is looked at by `stat` only.

use super::fault::Fault;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A store file, and which one it was when it was opened.
#[derive(Clone)]
pub(super) struct StoreFile {
    path: PathBuf,
    /// Device and inode.
    identity: (u64, u64),
}

/// Keeps other writers away until dropped; the kernel lets go of it when the process ends in whatever way.
pub(super) struct Lock(#[expect(dead_code, reason = "it is there to be held")] File);

impl StoreFile {
    /// Takes the lock, and makes folder and file when they are not there: readable by the owner alone, and durable
    /// in their folders.
    pub(super) fn hold(path: &Path) -> Result<(StoreFile, Lock), Fault> {
        let folder = folder_of(path);
        make_folder(folder)?;
        let lock = take_lock(path)?;
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(file) => {
                file.sync_all()?;
                sync_folder(folder)?;
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
        Ok((StoreFile::at(path)?, lock))
    }

    /// The file at a path, which must be there, for reading alone: it is not held.
    pub(super) fn at(path: &Path) -> Result<StoreFile, Fault> {
        Ok(StoreFile { identity: identity(path)?, path: path.to_owned() })
    }

    /// The path as it was given.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Fails when the file at the path is no longer the one that was opened: SQLite would go on writing to a file
    /// that nobody will find again.
    pub(super) fn verify(&self) -> Result<(), Fault> {
        match identity(&self.path) {
            Ok(identity) if identity == self.identity => Ok(()),
            Ok(_) => Err(Fault::Unwritable("another file took its place while it was open".to_owned())),
            Err(Fault::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                Err(Fault::Unwritable("it was moved or removed while it was open".to_owned()))
            }
            Err(fault) => Err(fault),
        }
    }
}

fn identity(path: &Path) -> Result<(u64, u64), Fault> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(Fault::Unwritable("it is no regular file".to_owned()));
    }
    Ok((metadata.dev(), metadata.ino()))
}

/// The folder that a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Takes the lock of whoever writes the store; `Locked` when somebody has it.
pub(super) fn take_lock(path: &Path) -> Result<Lock, Fault> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(name)?;
    match lock.try_lock() {
        Ok(()) => Ok(Lock(lock)),
        Err(TryLockError::WouldBlock) => Err(Fault::Locked),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn make_folder(folder: &Path) -> Result<(), Fault> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    for made in folder.ancestors().filter(|made| !made.as_os_str().is_empty()) {
        sync_folder(made)?;
    }
    Ok(())
}

/// Makes new and changed names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

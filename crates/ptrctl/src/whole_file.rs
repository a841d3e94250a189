//! Files that appear when they are whole and durable, or not at all: written beside their place, and put there at the end.

use crate::failure::Failure;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A file that is being written.
pub struct WholeFile<'a> {
    path: &'a Path,
    staging: Staging,
    file: File,
}

/// What goes when it did not become the file.
struct Staging(PathBuf);

impl Drop for Staging {
    fn drop(&mut self) {
        // It has another name by now, if all went well.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl<'a> WholeFile<'a> {
    /// Begins a file, with this mode as far as the mask allows. What is at its place stays until the end.
    pub fn create(path: &'a Path, mode: u32) -> Result<WholeFile<'a>, Failure> {
        let mut staging = path.as_os_str().to_owned();
        staging.push(format!(".{}.part", std::process::id()));
        let staging = PathBuf::from(staging);
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&staging);
        let file = file.map_err(|error| failed(path, &error))?;
        Ok(WholeFile { path, staging: Staging(staging), file })
    }

    /// Writes on.
    pub fn write(&mut self, octets: &[u8]) -> Result<(), Failure> {
        self.file.write_all(octets).map_err(|error| failed(self.path, &error))
    }

    /// Puts it in its place.
    pub fn put(self) -> Result<(), Failure> {
        let failed = |error: io::Error| failed(self.path, &error);
        self.file.sync_all().map_err(failed)?;
        std::fs::rename(&self.staging.0, self.path).map_err(failed)?;
        self.settle().map_err(failed)
    }

    /// Puts it in its place, where nothing may be yet, and gives it back to be written on.
    pub fn put_new(self) -> io::Result<File> {
        self.file.sync_all()?;
        // A link is not made where something is.
        std::fs::hard_link(&self.staging.0, self.path)?;
        self.settle()?;
        Ok(self.file)
    }

    /// Its name is durable as well.
    fn settle(&self) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all())
    }
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::local(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_or_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, "old").expect("written");
        let names = || std::fs::read_dir(folder.path()).expect("a folder").count();
        let mut file = WholeFile::create(&path, 0o600).expect("a file");
        file.write(b"ne").expect("written");
        assert_eq!((std::fs::read_to_string(&path).ok().as_deref(), names()), (Some("old"), 2));
        drop(file);
        assert_eq!((std::fs::read_to_string(&path).ok().as_deref(), names()), (Some("old"), 1));
        let mut file = WholeFile::create(&path, 0o600).expect("a file");
        file.write(b"new").expect("written");
        file.put().expect("put");
        assert_eq!((std::fs::read_to_string(&path).ok().as_deref(), names()), (Some("new"), 1));
    }

    #[test]
    fn a_new_file_takes_no_other_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let names = || std::fs::read_dir(folder.path()).expect("a folder").count();
        let staged = |text: &[u8]| {
            let mut file = WholeFile::create(&path, 0o600).expect("a file");
            file.write(text).expect("written");
            file
        };
        drop(staged(b"half"));
        assert_eq!(names(), 0, "what was not put is not there");
        staged(b"one").put_new().and_then(|mut file| file.write_all(b" and more")).expect("put");
        let kind = staged(b"two").put_new().err().map(|error| error.kind());
        assert_eq!(kind, Some(io::ErrorKind::AlreadyExists));
        assert_eq!((std::fs::read_to_string(&path).ok().as_deref(), names()), (Some("one and more"), 1));
    }
}

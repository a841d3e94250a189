//! Copies of the store for whoever asks on the admin socket: made beside the store, sent, and never seen there, for the
//! file loses its name before the first octet leaves.

use crate::control::written;
use ptrd_admin::Backup;
use ptrd_api::{Problem, code};
use ptrd_store::{Store, StoreError};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Semaphore;

/// Makes one copy at a time: two would only slow each other down.
pub struct Backups {
    partial: PathBuf,
    one: Arc<Semaphore>,
}

/// Ends the copying when the client goes away.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Backups {
    /// Copies stand beside the store while they are made.
    pub fn beside(store: &Path) -> Backups {
        let mut name = store.as_os_str().to_owned();
        name.push(".backup.tmp");
        Backups { partial: name.into(), one: Arc::new(Semaphore::new(1)) }
    }

    /// Copies the store as it is now.
    pub async fn make(&self, mut reader: Box<dyn Store>) -> Result<Backup, Problem> {
        let permit = self.one.clone().try_acquire_owned().map_err(|_| {
            Problem::new(code::BUSY, "a backup is being made already").hint("try again when it has ended")
        })?;
        let partial = self.partial.clone();
        let gone = Arc::new(AtomicBool::new(false));
        let _gone = Gone(gone.clone());
        let made = tokio::task::spawn_blocking(move || -> Result<_, Problem> {
            remove(&partial)?;
            let change = reader
                .backup(&partial, &mut |_, _| !gone.load(Ordering::Relaxed))
                .map_err(|error| failed(&error))?;
            let file = File::open(&partial).map_err(|error| unreadable(&partial, &error))?;
            remove(&partial)?;
            let octets = file.metadata().map_err(|error| unreadable(&partial, &error))?.len();
            Ok((file, octets, change, permit))
        });
        let (mut file, octets, change, permit) = made.await.unwrap_or_else(|_| {
            Err(Problem::new(code::INTERNAL, "a fault in ptrd while it made a backup"))
        })?;
        let stream = written(move |out| {
            // Held until the copy is away, since it takes its room on the disk as long.
            let _permit = permit;
            io::copy(&mut file, out).map(drop)
        });
        Ok(Backup { octets, change, stream })
    }
}

/// Removes what a copy that was cut off left behind.
fn remove(path: &Path) -> Result<(), Problem> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unreadable(path, &error)),
        _ => Ok(()),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem::new(code::STORE, format!("{}: {error}", path.display()))
        .hint("the copy is made in the folder of the store: check its owner, mode and room")
}

fn failed(error: &StoreError) -> Problem {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    Problem::new(code::STORE, text)
        .hint("the copy is made in the folder of the store, which needs as much room again as the store has")
}

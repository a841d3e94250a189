//! What was seen, line by line.

use anyhow::Context;
use ptrd_probe::Sighting;
use std::path::Path;
use std::sync::{Mutex as Lock, PoisonError};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncWrite, AsyncWriteExt, stdout};
use tokio::sync::Mutex;

/// A file that grows, or stdout.
pub struct Record {
    to: Mutex<Box<dyn AsyncWrite + Send + Unpin>>,
    /// The first line that could not be written.
    lost: Lock<Option<anyhow::Error>>,
}

impl Record {
    /// Adds to this file, or writes to stdout.
    pub async fn open(file: Option<&Path>) -> anyhow::Result<Record> {
        let to: Box<dyn AsyncWrite + Send + Unpin> = match file {
            None => Box::new(stdout()),
            Some(file) => Box::new(open(file).await.with_context(|| format!("opening {}", file.display()))?),
        };
        Ok(Record { to: Mutex::new(to), lost: Lock::default() })
    }

    /// Writes a line. One that cannot be written is told once, and when the program ends.
    pub async fn write(&self, sighting: &Sighting) {
        let written = async {
            let mut line = serde_json::to_vec(sighting)?;
            line.push(b'\n');
            let mut to = self.to.lock().await;
            to.write_all(&line).await?;
            to.flush().await?;
            anyhow::Ok(())
        };
        if let Err(error) = written.await.context("writing what was seen") {
            let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
            if lost.is_none() {
                tracing::error!("{error:#}");
                *lost = Some(error);
            }
        }
    }

    /// Why lines are missing, if any are.
    pub fn lost(&self) -> Option<anyhow::Error> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

async fn open(file: &Path) -> std::io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o640).open(file).await
}

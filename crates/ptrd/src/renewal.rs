//! Certificates that are replaced on disk, by certbot and its like, without anybody telling ptrd.
//!
//! Every few seconds two files are looked at, which costs two system calls; they are read when one has changed and both
//! have been left alone since the look before, so that a new certificate is not read with the old key. Watching by inotify
//! was rejected: the usual tools replace symbolic links, of which a watch on a file learns nothing.

use crate::live::{Live, Renewal};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

const LOOK: Duration = Duration::from_secs(3);

/// What is seen of the files without reading them.
type Look = Vec<Option<(u64, u64, i64, i64)>>;

fn look(files: &[PathBuf]) -> Look {
    let seen = |file| fs::metadata(file).ok().map(|it| (it.ino(), it.size(), it.mtime(), it.mtime_nsec()));
    files.iter().map(seen).collect()
}

/// Looks until `close`, or until there is nobody to tell.
pub fn watch(live: &Arc<Live>, close: CancellationToken) {
    // Whether there is one is settled at the start. Each turn's blocking thread keeps others from ending for want of work.
    if live.certificate_files().is_none() {
        return;
    }
    let live = Arc::downgrade(live);
    tokio::spawn(async move {
        let mut watch = Some(Watch::default());
        while close.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
            let (Some(mut state), Some(live)) = (watch.take(), Weak::upgrade(&live)) else { return };
            watch = spawn_blocking(move || {
                state.turn(&live);
                state
            })
            .await
            .ok();
        }
    });
}

#[derive(Default)]
struct Watch {
    /// The look before, and the one that was read last.
    before: Option<Look>,
    read: Option<Look>,
}

impl Watch {
    fn turn(&mut self, live: &Live) {
        let Some(files) = live.certificate_files() else { return };
        let now = look(&files);
        let is_calm = self.before.replace(now.clone()).is_none_or(|before| before == now);
        if !is_calm || self.read.as_ref() == Some(&now) {
            return;
        }
        self.read = Some(now);
        match live.renew() {
            Ok(Renewal::Same) => {}
            Ok(Renewal::Renewed(not_after)) => {
                tracing::info!(certificate = %files[0].display(), not_after, "a new certificate is in force");
            }
            Err(error) => {
                tracing::error!(
                    "the certificate in force is kept; the one on disk cannot be used: {error:#}"
                );
            }
        }
    }
}

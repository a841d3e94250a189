//! Losing the primary: a server that follows another, is followed, and takes the other's place.
//!
//! What is followed is the change log, over the routes of the admin socket: a standby says who it is, takes a copy if it
//! must, and asks for the changes after the last one that it has durable, again and again. To ask is to acknowledge.

mod copy;
mod follow;
mod link;
mod over;
mod plane;

use crate::config::{AcknowledgeBy, Standby};
use ptrd_api::PrimaryView;
use ptrd_change::{Acknowledge, Options, Post, Road};
use ptrd_store::{Duty, Store, StoreError};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use over::Way;
pub use over::{Preparations, Secret};
pub use plane::{Desk, shipped};

/// How a road begins, for a store and a configuration.
///
/// # Errors
/// [`StoreError`] when the store cannot be asked, or told.
pub fn options(store: &mut dyn Store, config: &Standby) -> Result<Options, StoreError> {
    let duty = store.duty()?;
    let post = match (&config.primary, duty) {
        (None, Duty::Primary) => Post::Primary,
        (None, Duty::Promoted) => {
            store.set_duty(Duty::Primary)?;
            Post::Primary
        }
        (None, Duty::Standby) => {
            tracing::warn!(
                "the store is a standby's, and standby.primary names no server to follow: it is served as it is until `ptrctl promote`"
            );
            Post::Standby { primary: "a server that its configuration does not name any more".to_owned() }
        }
        (Some(primary), Duty::Promoted) => {
            tracing::warn!(%primary, "this server was promoted: standby.primary is ignored; take it out of the configuration");
            Post::Primary
        }
        (Some(primary), Duty::Primary | Duty::Standby) => {
            store.set_duty(Duty::Standby)?;
            Post::Standby { primary: primary.clone() }
        }
    };
    let acknowledge = match config.acknowledge {
        AcknowledgeBy::Local => Acknowledge::Local,
        AcknowledgeBy::Both => Acknowledge::Both(config.timeout),
    };
    Ok(Options { post, acknowledge, ..Options::default() })
}

/// What this server calls itself to others.
fn own_name(config: &Standby) -> String {
    let host = || std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned();
    config.name.clone().unwrap_or_else(host)
}

/// How it stands with following, shared with whoever asks.
#[derive(Clone, Default)]
pub struct Following(Arc<Mutex<Option<PrimaryView>>>);

impl Following {
    /// A copy of it; `None` for a server that follows nobody.
    pub fn view(&self) -> Option<PrimaryView> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, view: Option<PrimaryView>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = view;
    }

    fn change(&self, change: impl FnOnce(&mut PrimaryView)) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(change);
    }
}

/// The task that follows a primary.
pub struct Follower {
    following: Following,
    close: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Follower {
    /// Starts it, where the configuration names a server. One that was promoted tells that server, instead.
    pub fn start(road: Arc<Road>, config: &Standby, way: Option<Way>) -> Follower {
        let (following, close) = (Following::default(), CancellationToken::new());
        let task = way.map(|way| {
            let worker = follow::Worker::new(road, way, own_name(config), following.clone());
            tokio::spawn(worker.run(close.clone()))
        });
        Follower { following, close, task }
    }

    /// What others see of it.
    pub fn following(&self) -> Following {
        self.following.clone()
    }

    /// Stops it; what was begun is finished or leaves no trace.
    pub async fn stop(self) {
        self.close.cancel();
        if let Some(task) = self.task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "following the primary met a fault of ptrd");
        }
    }
}

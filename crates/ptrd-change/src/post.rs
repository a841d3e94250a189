//! Whether changes are made here, and which history this is.
//!
//! A history has an identity, which all copies of a store share, and an epoch: one more with each standby that took a
//! primary's place. Of two servers with the same identity the one with the lower epoch is the one that was lost.

use crate::authorise::{Caller, Role};
use crate::plan::{Plan, Settings};
use crate::problem::internal;
use ptrd_api::{Problem, code};
use ptrd_store::Edit;
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The setting that has it.
pub(crate) const LINEAGE: &str = "lineage";

/// What a server is to the others of its history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Post {
    /// Changes are made here.
    #[default]
    Primary,
    /// Changes are made on that server, and made here again.
    Standby {
        /// Where it is, for people.
        primary: String,
    },
    /// Another has taken this one's place.
    Superseded {
        /// Which, for people.
        by: String,
    },
}

impl Post {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Post::Primary => "primary",
            Post::Standby { .. } => "standby",
            Post::Superseded { .. } => "superseded",
        }
    }
}

/// Which history a store has, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lineage {
    /// Who it is.
    pub id: String,
    /// One more with each promotion; the first is 1.
    pub epoch: u64,
}

impl Lineage {
    /// That of a store; `None` until it was given one.
    pub(crate) fn of(settings: &Settings) -> Option<Lineage> {
        serde_json::from_str(settings.get(LINEAGE)?).ok()
    }

    fn fresh() -> Result<Lineage, Problem> {
        let mut octets = [0; 16];
        getrandom::fill(&mut octets).map_err(|error| internal(format!("no random number: {error}")))?;
        Ok(Lineage { id: octets.iter().map(|octet| format!("{octet:02x}")).collect(), epoch: 1 })
    }
}

/// Plans that a store has an identity.
pub(crate) fn plan_lineage(plan: &mut Plan<'_>) -> Result<String, Problem> {
    if Lineage::of(&plan.next.settings).is_some() {
        return Ok("the history has an identity already".to_owned());
    }
    let lineage = Lineage::fresh()?;
    put(plan, &lineage)?;
    Ok(format!("the history is called {} from now on, so that standbys know it again", lineage.id))
}

/// Plans that another reign begins.
pub(crate) fn begin_reign(plan: &mut Plan<'_>) -> Result<Lineage, Problem> {
    let mut lineage = match Lineage::of(&plan.next.settings) {
        Some(lineage) => lineage,
        None => Lineage::fresh()?,
    };
    lineage.epoch += 1;
    put(plan, &lineage)?;
    Ok(lineage)
}

fn put(plan: &mut Plan<'_>, lineage: &Lineage) -> Result<(), Problem> {
    let before = plan.next.settings.get(LINEAGE).cloned();
    let after = serde_json::to_string(lineage).map_err(|error| internal(error.to_string()))?;
    plan.edit(Edit::Setting { name: LINEAGE.to_owned(), before, after: Some(after) });
    Ok(())
}

/// The post, shared by the writer and whoever asks.
pub(crate) struct Posted {
    post: Mutex<Post>,
    news: watch::Sender<()>,
}

impl Posted {
    pub fn new(post: Post) -> Posted {
        Posted { post: Mutex::new(post), news: watch::Sender::new(()) }
    }

    fn lock(&self) -> MutexGuard<'_, Post> {
        self.post.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get(&self) -> Post {
        self.lock().clone()
    }

    pub fn set(&self, post: Post) {
        *self.lock() = post;
        self.news.send_replace(());
    }

    pub fn is_primary(&self) -> bool {
        *self.lock() == Post::Primary
    }

    /// Waits until changes are made here.
    pub async fn primary(&self) {
        self.until(true).await;
    }

    /// Waits until none are.
    pub async fn not_primary(&self) {
        self.until(false).await;
    }

    async fn until(&self, is_primary: bool) {
        let mut news = self.news.subscribe();
        while self.is_primary() != is_primary {
            // The sender lives as long as this.
            let _ = news.changed().await;
        }
    }

    /// Refuses a change by whoever may not make it here.
    pub fn gate(&self, caller: &Caller) -> Result<(), Problem> {
        let problem = match (&*self.lock(), caller.role) {
            (Post::Primary, Role::Replica) => {
                return Err(Problem::new(code::CONFLICT, "changes of another server come in, but this one is no standby"));
            }
            (Post::Primary, _) | (Post::Standby { .. }, Role::Replica) => return Ok(()),
            (Post::Standby { primary }, _) => Problem::new(
                code::STANDBY,
                format!("this server is a standby: changes are made on its primary, {primary}"),
            )
            .hint("make the change there; if that server is lost, `ptrctl promote` lets this one take its place"),
            (Post::Superseded { by }, _) => Problem::new(
                code::STANDBY,
                format!("this server was superseded: changes are made on {by}"),
            )
            .hint("set standby.primary in its configuration and restart it: it becomes the other one's standby"),
        };
        Err(problem)
    }
}

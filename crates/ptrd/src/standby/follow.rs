//! Follows a primary until this server is promoted; from then on, tells that one that it was superseded.

use super::Following;
use super::copy::Incoming;
use super::link::{Coming, Link, LinkError, WAIT};
use super::over::Way;
use ptrd_api::{PrimaryView, StandbyFilter, StandbyWelcome};
use ptrd_change::{Post, Road};
use ptrd_store::Commit;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long to wait after a failure; twice as long each time.
const FIRST_REST: Duration = Duration::from_millis(250);
/// And at most.
const LONGEST_REST: Duration = Duration::from_secs(5);
/// How often the old primary is told.
const TELL_AGAIN: Duration = Duration::from_secs(3);
/// Changes that are given to the writer at a time.
const AT_ONCE: usize = 256;

/// See the module.
pub(super) struct Worker {
    road: Arc<Road>,
    way: Way,
    /// The same, for people.
    primary: String,
    name: String,
    following: Following,
}

impl Worker {
    pub fn new(road: Arc<Road>, way: Way, name: String, following: Following) -> Worker {
        Worker { road, primary: way.to_string(), way, name, following }
    }

    pub async fn run(self, close: CancellationToken) {
        let work = async {
            self.follow().await;
            self.following.set(None);
            self.tell().await;
        };
        close.run_until_cancelled(work).await;
    }

    async fn follow(&self) {
        let mut rest = FIRST_REST;
        self.following.set(Some(PrimaryView {
            primary: self.primary.clone(),
            state: "connecting".to_owned(),
            ..PrimaryView::default()
        }));
        while matches!(self.road.post(), Post::Standby { .. }) {
            let before = self.road.view().version;
            let Err(error) = self.session().await else {
                rest = FIRST_REST;
                continue;
            };
            if !matches!(self.road.post(), Post::Standby { .. }) {
                break;
            }
            if self.road.view().version != before {
                rest = FIRST_REST;
            }
            self.failed(&error);
            tokio::time::sleep(rest).await;
            rest = (rest * 2).min(LONGEST_REST);
        }
    }

    /// Once for each trouble, not for each time that it is met.
    fn failed(&self, error: &LinkError) {
        let text = error.to_string();
        let state = if matches!(error, LinkError::Refused(_)) { "refused" } else { "connecting" };
        self.following.change(|view| {
            if view.trouble.as_ref() != Some(&text) {
                tracing::warn!(
                    primary = view.primary,
                    trouble = text,
                    "the primary is not followed; it is tried again"
                );
            }
            (view.state, view.trouble) = (state.to_owned(), Some(text));
        });
    }

    /// From hello until something breaks, or until a copy was taken.
    async fn session(&self) -> Result<(), LinkError> {
        let mut link = Link::connect(&self.way).await?;
        let hello = self.road.hello(self.name.clone(), false).await.map_err(refused)?;
        let welcome = link.hello(&hello).await?;
        if hello.lineage.as_ref() == Some(&welcome.lineage) && welcome.epoch < hello.epoch {
            let why = format!(
                "it is of epoch {}, and this server's store has come to epoch {}: another server has taken its place",
                welcome.epoch, hello.epoch
            );
            let problem = ptrd_api::Problem::new(ptrd_api::code::CONFLICT, why);
            return Err(LinkError::Refused(Box::new(problem)));
        }
        if let Some(why) = &welcome.copy {
            return self.copy(&mut link, why).await;
        }
        self.keep_up(&mut link, &welcome).await
    }

    async fn copy(&self, link: &mut Link, why: &str) -> Result<(), LinkError> {
        tracing::info!(primary = self.primary, why, "a copy of the primary's store is fetched");
        self.following.change(|view| view.state = "copying".to_owned());
        let copy = Incoming::fetch(link, self.road.incoming().map_err(refused)?).await?;
        let done = self.road.replace(copy.path().to_owned()).await.map_err(refused)?;
        tracing::info!(primary = self.primary, "{done}");
        Ok(())
    }

    async fn keep_up(&self, link: &mut Link, welcome: &StandbyWelcome) -> Result<(), LinkError> {
        let mut newest = welcome.change;
        tracing::info!(primary = self.primary, change = self.road.view().version, newest, "following");
        loop {
            let after = self.road.view().version;
            self.following.change(|view| {
                view.state = "following".to_owned();
                (view.change, view.behind, view.trouble) = (newest, newest.saturating_sub(after), None);
            });
            let wait = WAIT.as_millis() as u64;
            let filter = StandbyFilter { name: self.name.clone(), epoch: welcome.epoch, after, wait };
            let mut coming = link.changes(&filter).await?;
            newest = coming.newest;
            self.take(&mut coming).await?;
        }
    }

    async fn take(&self, coming: &mut Coming) -> Result<(), LinkError> {
        let mut some: Vec<Commit> = Vec::new();
        loop {
            let next = coming.next().await;
            if let Ok(Some(commit)) = next {
                some.push(commit);
                if some.len() >= AT_ONCE {
                    self.make(&mut some).await?;
                }
                continue;
            }
            // What came whole is good, whatever broke afterwards.
            self.make(&mut some).await?;
            return next.map(drop);
        }
    }

    async fn make(&self, some: &mut Vec<Commit>) -> Result<(), LinkError> {
        if some.is_empty() {
            return Ok(());
        }
        self.road.replay(std::mem::take(some)).await.map_err(|problem| {
            LinkError::Broken(format!("a change of the primary could not be made here: {}", problem.message))
        })
    }

    /// Tells the old primary, should it come back.
    async fn tell(&self) {
        loop {
            if self.road.post() == Post::Primary
                && let Err(error) = self.tell_once().await
            {
                tracing::debug!(%error, primary = self.primary, "the old primary was not told");
            }
            tokio::time::sleep(TELL_AGAIN).await;
        }
    }

    async fn tell_once(&self) -> Result<(), LinkError> {
        let hello = self.road.hello(self.name.clone(), true).await.map_err(refused)?;
        let welcome = Link::connect(&self.way).await?.hello(&hello).await?;
        if hello.lineage.as_ref() == Some(&welcome.lineage) && welcome.epoch > hello.epoch {
            self.road.supersede(&self.primary, welcome.epoch);
        }
        Ok(())
    }
}

/// This server's own road says no.
fn refused(problem: ptrd_api::Problem) -> LinkError {
    LinkError::Broken(problem.message)
}

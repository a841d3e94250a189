//! The road, for a server that follows another or is followed.

use crate::authorise::Caller;
use crate::follow::{self, Unwelcome};
use crate::post::{Lineage, Post};
use crate::problem::{bad, conflict, internal};
use crate::promote::Promotion;
use crate::request::{Order, Request};
use crate::road::Road;
use crate::standbys::Acknowledge;
use crate::writer::Job;
use ptrd_api::{ChangeDone, Problem, StandbyFilter, StandbyHello, StandbyPosition, StandbyWelcome};
use ptrd_store::Commit;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The longest that a standby waits for a change.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

impl Road {
    /// What this server is to the others of its history.
    pub fn post(&self) -> Post {
        self.shared.posted.get()
    }

    /// Refuses what only a server does on which changes are made, and says where that is.
    ///
    /// # Errors
    /// A [`Problem`] with [`ptrd_api::code::STANDBY`].
    pub fn check_post(&self) -> Result<(), Problem> {
        self.shared.posted.gate(&Caller::operator("ptrd", "post", None))
    }

    /// Waits until changes are no longer made here.
    pub async fn not_primary(&self) {
        self.shared.posted.not_primary().await;
    }

    /// Waits until changes are made here.
    pub async fn primary(&self) {
        self.shared.posted.primary().await;
    }

    /// Which history the store has; `None` until the first standby has come.
    pub fn lineage(&self) -> Option<Lineage> {
        Lineage::of(&self.view().settings)
    }

    /// What changes are acknowledged by, and whether they are acknowledged without a standby for now.
    pub fn acknowledge(&self) -> (Acknowledge, bool) {
        (self.shared.standbys.rule(), self.shared.standbys.is_relaxed())
    }

    /// Says what changes are acknowledged by from now on.
    pub fn set_acknowledge(&self, rule: Acknowledge) {
        self.shared.standbys.set_rule(rule);
    }

    /// Lets nobody wait for a standby, nor a standby for changes, any more: the server stops.
    pub fn release(&self) {
        self.shared.standbys.close();
    }

    /// How far the standbys have come.
    pub fn standbys(&self) -> Vec<StandbyPosition> {
        self.shared.standbys.positions(self.shared.now())
    }

    /// What this server says of itself to another one of its history.
    ///
    /// # Errors
    /// A [`Problem`] when the log cannot be read.
    pub async fn hello(&self, name: String, promoted: bool) -> Result<StandbyHello, Problem> {
        self.with_log(move |view, reader| follow::hello(name, promoted, &view, reader)).await
    }

    /// Judges one that wants to follow. One of a later reign supersedes this server.
    ///
    /// # Errors
    /// A [`Problem`] that says why it may not.
    pub async fn welcome(&self, hello: StandbyHello) -> Result<StandbyWelcome, Problem> {
        check_name(&hello.name)?;
        match self.post() {
            Post::Primary => {}
            Post::Standby { primary } => {
                return Err(conflict(format!("this server is a standby itself, of {primary}")));
            }
            Post::Superseded { by } => return Err(conflict(format!("this server was superseded by {by}"))),
        }
        if self.lineage().is_none() {
            let caller = Caller::operator("ptrd", "standby", Some("a standby has come".to_owned()));
            self.submit(caller, Request::of_standby(Order::Lineage), false).await?;
        }
        let judged = self.with_log(move |view, reader| Ok(follow::welcome(hello, &view, reader))).await?;
        judged.map_err(|unwelcome| match unwelcome {
            Unwelcome::Refused(problem) => problem,
            Unwelcome::Later(hello) => {
                self.supersede(&hello.name, hello.epoch);
                conflict(format!(
                    "{} is of a later reign than this server, which makes no changes any more",
                    hello.name
                ))
            }
        })
    }

    /// Another server has taken this one's place: no change is made here any more.
    pub fn supersede(&self, by: &str, epoch: u64) {
        tracing::error!(
            by,
            epoch,
            "another server has taken this one's place: changes are refused from now on"
        );
        self.shared.posted.set(Post::Superseded { by: by.to_owned() });
    }

    /// The changes after one, each as octets ([`ptrd_store::pack_commit`]), and the newest there is. To ask says that the
    /// standby has all changes up to that one durable. Where there are none yet, this waits.
    ///
    /// # Errors
    /// A [`Problem`] with [`ptrd_api::code::CONFLICT`] when the standby must say who it is again, or take a fresh copy.
    pub async fn changes_after(&self, filter: StandbyFilter) -> Result<(Vec<Vec<u8>>, u64), Problem> {
        let StandbyFilter { name, epoch, after, wait } = filter;
        check_name(&name)?;
        let again = |why: String| conflict(why).hint("say who you are again");
        if self.post() != Post::Primary {
            return Err(again("this server makes no changes".to_owned()));
        }
        if self.lineage().map(|lineage| lineage.epoch) != Some(epoch) {
            return Err(again(format!("epoch {epoch} is not that of this server")));
        }
        if after > self.view().version {
            return Err(again(format!("there is no change {after} here yet")));
        }
        let polling = self.shared.standbys.has(&name, after, self.shared.now());
        self.shared.standbys.after(after, Duration::from_millis(wait).min(LONGEST_WAIT)).await;
        // A reader of its own: the shared one must not wait for a standby that lags by much.
        let (mut reader, view) = (self.own_reader()?, self.view());
        let newest = view.version;
        let changes = crate::road::aside(move || follow::changes_after(after, &view, &mut *reader)).await?;
        drop(polling);
        if !follow::is_kept(after, &self.view()) {
            return Err(again(format!("the log does not go back to change {after} any more")));
        }
        Ok((changes, newest))
    }

    /// Makes changes of the primary here, in their order. When this returns they are durable and visible.
    ///
    /// # Errors
    /// A [`Problem`] with the first that could not be made; those before it were.
    pub async fn replay(&self, changes: Vec<Commit>) -> Result<(), Problem> {
        let mut made = Vec::with_capacity(changes.len());
        let mut after = self.view().version;
        for commit in changes {
            let change = commit.change;
            let (answer, answered) = oneshot::channel();
            let caller = Caller::replica(&commit.actor, &commit.origin, None);
            let request = Request::of_standby(Order::Replay { commit: Box::new(commit), after });
            self.push(Job { caller, request, once: None, arrived: Instant::now(), answer })?;
            after = change;
            made.push(answered);
        }
        for answered in made {
            answered.await.unwrap_or_else(|_| Err(internal("the writer has gone away")))?;
        }
        Ok(())
    }

    /// Where a copy of the primary's store is to be written.
    ///
    /// # Errors
    /// A [`Problem`] where this store cannot take one.
    pub fn incoming(&self) -> Result<PathBuf, Problem> {
        let reader = self.shared.reader.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        reader.incoming().ok_or_else(|| internal("this store cannot be replaced"))
    }

    /// Goes on with the copy of another store; what was here is kept under another name. Says what was done.
    ///
    /// # Errors
    /// A [`Problem`]; the store is what it was.
    pub async fn replace(&self, copy: PathBuf) -> Result<String, Problem> {
        let caller = Caller::replica("ptrd", "standby", None);
        let done = self.submit(caller, Request::of_standby(Order::Replace(copy)), false).await?;
        Ok(done.summary)
    }

    /// Takes the primary's place, or, with `dry_run`, says what would come of it.
    ///
    /// # Errors
    /// A [`Problem`]: this server is no standby, or serials that cannot be followed.
    pub async fn promote(
        &self,
        by: Caller,
        promotion: Promotion,
        dry_run: bool,
    ) -> Result<ChangeDone, Problem> {
        if self.post() == Post::Primary {
            return Err(conflict("this server is no standby: changes are made here already"));
        }
        let caller = Caller::replica(&by.actor, &by.origin, by.reason);
        self.submit(caller, Request::of_standby(Order::Promote(Box::new(promotion))), dry_run).await
    }
}

/// What a server calls itself is shown to people, and remembered.
fn check_name(name: &str) -> Result<(), Problem> {
    if name.is_empty() || name.len() > 255 || name.chars().any(char::is_control) {
        return Err(
            bad("the name of a standby is one line of 1 to 255 octets").hint("set standby.name there")
        );
    }
    Ok(())
}

//! The writer: the one thread that owns the store and changes what is published.

use crate::authorise::{Caller, Log};
use crate::consumer::Consumer;
use crate::freshness::Unsaved;
use crate::gather::Gather;
use crate::gathered::Rest;
use crate::history::{LOG_KEEP, LOG_START, history_limit, number};
use crate::load::load;
use crate::once::{Forgetting, Once, keep};
use crate::order::plan_request;
use crate::outbox::Following;
use crate::plan::{Plan, Planned, State};
use crate::post::Post;
use crate::problem::{internal, store, store_trouble};
use crate::prune;
use crate::publish::Retired;
use crate::relabel;
use crate::request::{Order, Request};
use crate::road::Shared;
use crate::token::Used;
use ptrd_api::{ChangeDone, Problem};
use ptrd_store::{Commit, Duty, Store, StoreError};
use ptrd_zone::Workspace;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How often to look after retired snapshots and a store in trouble, and to show signs of life, while nothing else is to
/// be done.
const TICK: Duration = Duration::from_secs(1);

/// For how long changes leave the log in one transaction. Its sync comes on top, as with any commit.
const PORTION: Duration = Duration::from_millis(2);
/// How long to let changes pass between two portions.
const BREATH: Duration = Duration::from_millis(200);
/// How often to look for changes that are older than the log is kept.
const LOOK_AGAIN: Duration = Duration::from_secs(3_600);

pub(crate) type Answer = Result<ChangeDone, Problem>;

/// A request on its way.
pub(crate) struct Job {
    pub caller: Caller,
    pub request: Request,
    /// It is to be made once, however often it is asked for.
    pub once: Option<Once>,
    pub arrived: Instant,
    pub answer: oneshot::Sender<Answer>,
}

pub(crate) struct Writer {
    pub shared: Arc<Shared>,
    pub store: Box<dyn Store>,
    pub state: State,
    pub queue: Receiver<Job>,
    pub workspace: Workspace,
    pub retired: Retired,
    pub gather: Gather,
    pub pruner: Pruner,
    pub following: Following,
    pub unsaved: Unsaved,
    pub consumer: Consumer,
    pub used: Used,
    pub forgetting: Forgetting,
    /// An answer was kept, or may have been before the start.
    pub kept_any: bool,
    pub resting: Rest,
    pub watching: Rest,
    /// The state in which a change of the writer's own was refused: no use trying again before something has changed.
    pub refused_at: Option<u64>,
}

/// How far the writer has come with taking old changes out of the log.
#[derive(Default)]
pub(crate) struct Pruner {
    /// All changes before this one are gone.
    done: u64,
    /// Not before this: after a portion while others wait, after a failure.
    rest_until: Option<Instant>,
    /// When to look at what the retention takes out; at once if never.
    look_again: Option<Instant>,
    /// The limit that the history of zones was held to last, and the change that was the newest then.
    trimmed: Option<(Option<u64>, u64)>,
    /// Like `rest_until`, for the history of zones.
    trim_after: Option<Instant>,
}

impl Writer {
    /// Works until all senders are gone and the queue is empty.
    pub fn run(mut self) {
        loop {
            self.finish_due();
            self.consume_due();
            let Some(first) = self.gather.held().or_else(|| self.next()) else {
                self.settle(true);
                self.settle_freshness(true);
                self.settle_uses(true);
                self.settle_checks(true);
                self.settle_watched(true);
                return;
            };
            let group = self.gather.group(first, &self.queue, &self.shared);
            self.carry_out(group);
        }
    }

    fn next(&mut self) -> Option<Job> {
        loop {
            self.shared.beat();
            self.retain();
            self.settle(false);
            self.settle_freshness(false);
            self.settle_uses(false);
            self.forget_answers();
            self.settle_checks(false);
            self.settle_watched(false);
            let (pruning, trimming) = (self.prune(), self.trim());
            let job = if pruning || trimming {
                self.queue.try_recv().map_err(|error| match error {
                    TryRecvError::Empty => RecvTimeoutError::Timeout,
                    TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
                })
            } else {
                self.queue.recv_timeout(TICK)
            };
            match job {
                Ok(job) => {
                    self.shared.taken();
                    return Some(job);
                }
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    self.retired.sweep();
                    if self.shared.trouble().is_some() {
                        let trouble = self.store.probe().err().map(|error| store_trouble(&error));
                        self.shared.set_trouble(trouble);
                    }
                    self.finish_due();
                    self.consume_due();
                }
            }
        }
    }

    /// Takes a portion of what was pruned out of the store, if there is any; true when it should come back soon.
    ///
    /// Between two changes and a little at a time: a change that comes meanwhile waits for one portion at most.
    fn prune(&mut self) -> bool {
        let Some(first) = number(&self.state.settings, LOG_START).filter(|first| *first > self.pruner.done)
        else {
            return false;
        };
        if self.pruner.rest_until.is_some_and(|until| Instant::now() < until) {
            return false;
        }
        let until = Instant::now() + PORTION;
        match self.store.prune(first, &mut || Instant::now() < until) {
            Ok(pruned) if pruned.more => {
                // While changes come, one portion now and then: the log shrinks, and they hardly notice.
                let busy = self.shared.waiting().0 > 0;
                self.pruner.rest_until = busy.then(|| Instant::now() + BREATH);
                !busy
            }
            Ok(_) => {
                self.pruner.done = first;
                self.pruner.rest_until = None;
                false
            }
            Err(error) => {
                tracing::warn!(error = %store_trouble(&error), "the log could not be pruned; it will be tried again");
                self.pruner.rest_until = Some(Instant::now() + LOOK_AGAIN);
                false
            }
        }
    }

    /// Forgets a portion of the history of zones, where there is more than is to be kept; true when it should come back soon.
    fn trim(&mut self) -> bool {
        let limit = history_limit(&self.state.settings);
        let done = Some((limit, self.state.numbers.change));
        if self.pruner.trimmed == done || self.pruner.trim_after.is_some_and(|until| Instant::now() < until) {
            return false;
        }
        let until = Instant::now() + PORTION;
        match self.store.trim(limit.unwrap_or(u64::MAX), &mut || Instant::now() < until) {
            Ok(trimmed) if trimmed.more => {
                let busy = self.shared.waiting().0 > 0;
                self.pruner.trim_after = busy.then(|| Instant::now() + BREATH);
                !busy
            }
            Ok(_) => {
                (self.pruner.trimmed, self.pruner.trim_after) = (done, None);
                false
            }
            Err(error) => {
                tracing::warn!(error = %store_trouble(&error), "the history of zones could not be trimmed; it will be tried again");
                self.pruner.trim_after = Some(Instant::now() + LOOK_AGAIN);
                false
            }
        }
    }

    /// Prunes what is older than the log is kept, now and then, as a change of its own.
    fn retain(&mut self) {
        if !self.shared.posted.is_primary() {
            return;
        }
        let Some(keep) = number(&self.state.settings, LOG_KEEP) else {
            self.pruner.look_again = None;
            return;
        };
        if self.pruner.look_again.is_some_and(|then| Instant::now() < then) {
            return;
        }
        self.pruner.look_again = Some(Instant::now() + LOOK_AGAIN);
        let now = self.shared.now();
        let newest = self.state.numbers.change;
        let due = prune::due(&self.state.settings, newest, &mut *self.store, now);
        let due = due.inspect_err(|error| {
            tracing::warn!(error = %store_trouble(error), "the log's age could not be read");
        });
        let Ok(Some(due)) = due else { return };
        let log = Log {
            actor: "ptrd".to_owned(),
            origin: "retention".to_owned(),
            reason: Some(format!("changes stay in the log for {keep} seconds")),
            kind: "log-prune",
            request: "{}".to_owned(),
        };
        let state = self.state.clone();
        let mut plan = Plan::new(&state, now, &mut self.workspace);
        let planned = prune::plan(&mut plan, &due).and_then(|summary| plan.finish(&log, summary));
        if let Ok(Planned { commit: Some(commit), next, .. }) = planned
            && self.commit(&[commit]).is_ok()
        {
            self.publish(next);
        }
    }

    /// Ends what was to be answered for until a time that has come: a change like any other, by the daemon itself. Where
    /// the store refuses it, it is tried again at the next tick.
    fn finish_due(&mut self) {
        while self.shared.posted.is_primary()
            && self.refused_at != Some(self.state.numbers.change)
            && let Some(range) = relabel::due(&self.state.declared, self.shared.now())
        {
            let caller = Caller::operator("ptrd", "timer", Some("the time of grace is over".to_owned()));
            match self.make(caller, Request::finish_due(range)) {
                Ok(_) => {}
                Err(problem) if problem.code == ptrd_api::code::STORE => return,
                Err(problem) => {
                    tracing::error!(%range, %problem, "old labels of a block could not be ended");
                    self.refused_at = Some(self.state.numbers.change);
                }
            }
        }
    }

    /// Makes a change of the writer's own accord.
    pub fn make(&mut self, caller: Caller, request: Request) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.carry_out(vec![Job { caller, request, once: None, arrived: Instant::now(), answer }]);
        answered.blocking_recv().unwrap_or_else(|_| Err(internal("a change was not answered")))
    }

    fn carry_out(&mut self, group: Vec<Job>) {
        if let [Job { request: Request { order: Order::Replace(copy), .. }, .. }] = &group[..] {
            let answer = self.shared.posted.gate(&group[0].caller).and_then(|()| self.replace(&copy.clone()));
            group.into_iter().for_each(|job| drop(job.answer.send(answer.clone())));
            return;
        }
        let pulls = group.iter().any(|job| matches!(job.request.order, Order::Pull(_)));
        let promotes = matches!(&group[..], [Job { request: Request { order: Order::Promote(_), .. }, .. }]);
        let (candidate, commits, answers) = self.plan(&group);
        match self.commit(&commits) {
            Ok(()) => {
                self.publish(candidate);
                if promotes && answers.iter().any(Result::is_ok) {
                    self.take_over();
                }
                if pulls {
                    // Whoever has pulled a catalog sees what it lists.
                    self.consume_due();
                }
                for (job, answer) in group.into_iter().zip(answers) {
                    self.shared.change_time.add_time(job.arrived.elapsed());
                    // A caller that has gone away does not want to know.
                    let _ = job.answer.send(answer);
                }
            }
            // Something about one of the changes, it seems: the others must not suffer for it.
            Err(StoreError::Other { .. }) if group.len() > 1 => {
                group.into_iter().for_each(|job| self.carry_out(vec![job]));
            }
            Err(error) => {
                // Whatever was judged after the first change that did not happen was judged on what never was.
                let mut is_moot = false;
                for (job, answer) in group.into_iter().zip(answers) {
                    is_moot |= answer.as_ref().is_ok_and(|done| done.change.is_some());
                    let _ = job.answer.send(if is_moot { Err(store(&error)) } else { answer });
                }
            }
        }
    }

    /// Plans each request on what the ones before it would leave.
    fn plan(&mut self, group: &[Job]) -> (State, Vec<Commit>, Vec<Answer>) {
        let mut candidate = self.state.clone();
        let (mut commits, mut answers) = (Vec::new(), Vec::with_capacity(group.len()));
        for job in group {
            let now = self.shared.now();
            let before = job
                .once
                .as_ref()
                .and_then(|once| self.answered(&job.caller, once, &candidate, &commits, now));
            if let Some(answer) = before {
                answers.push(answer);
                continue;
            }
            let workspace = &mut self.workspace;
            // A fault in planning is the fault of one request, and leaves the candidate as it was.
            let planned = catch_unwind(AssertUnwindSafe(|| {
                self.shared.posted.gate(&job.caller)?;
                let mut planned = plan_request(&candidate, &job.caller, &job.request, now, workspace)?;
                if let (Some(commit), Some(once)) = (&mut planned.commit, &job.once) {
                    commit.kept = Some(keep(once, &planned.done)?);
                }
                Ok(planned)
            }));
            let planned = planned.unwrap_or_else(|_| {
                self.workspace = Workspace::default();
                Err(internal("a fault in ptrd while the change was planned; nothing was changed"))
            });
            answers.push(planned.map(|planned| {
                if let Some(commit) = planned.commit {
                    commits.push(commit);
                    candidate = planned.next;
                }
                planned.done
            }));
        }
        (candidate, commits, answers)
    }

    pub fn commit(&mut self, commits: &[Commit]) -> Result<(), StoreError> {
        if commits.is_empty() {
            return Ok(());
        }
        let begun = Instant::now();
        let result = self.store.commit(commits);
        self.gather.took(begun.elapsed());
        match &result {
            Ok(()) => {
                self.kept_any |= commits.iter().any(|commit| commit.kept.is_some());
                self.following.committed(commits);
                self.shared.set_trouble(None);
            }
            Err(error) => {
                tracing::error!(error = %store_trouble(error), changes = commits.len(), "the store refused changes");
                self.shared.set_trouble(Some(store_trouble(error)));
            }
        }
        result
    }

    pub fn publish(&mut self, state: State) {
        let is_other_audience = state.snapshot.audience() != self.state.snapshot.audience();
        if state.numbers.change != self.state.numbers.change {
            self.retired.push(self.shared.published.put(&state));
        }
        self.state = state;
        self.shared.standbys.made(self.state.numbers.change);
        self.tell_stepped();
        if is_other_audience {
            self.shared.outbox.tell_audience();
        }
    }

    /// Goes on with the copy of another store. It is read first: what does not load must not take this one's place.
    fn replace(&mut self, copy: &Path) -> Answer {
        let loaded = ptrd_store::read_only(copy, load).map_err(|error| store(&error))?;
        let aside = self.store.replace(copy).map_err(|error| store(&error))?;
        *self.shared.reader.lock().unwrap_or_else(PoisonError::into_inner) =
            self.store.reader().map_err(|error| store(&error))?;
        let state = loaded.state;
        self.retired.push(self.shared.published.put(&state));
        (self.pruner, self.following, self.unsaved, self.refused_at) = Default::default();
        self.consumer = Consumer::default();
        self.shared.checks.forget_failing();
        self.publish(state);
        let change = self.state.numbers.change;
        let summary = match aside {
            Some(aside) => {
                format!(
                    "a copy as of change {change} is in place; the store that was there is {} now",
                    aside.display()
                )
            }
            None => format!("a copy as of change {change} is in place"),
        };
        Ok(ChangeDone { summary, ..ChangeDone::default() })
    }

    /// From now on changes are made here.
    fn take_over(&mut self) {
        if let Err(error) = self.store.set_duty(Duty::Promoted) {
            // The reign stands in the log, so the old primary is not followed any more. A restart asks once more.
            tracing::error!(error = %store_trouble(&error), "that this server was promoted could not be kept: say it once more after a restart");
        }
        if let Err(error) = self.begin_freshness() {
            tracing::warn!(error = %store_trouble(&error), "how fresh zones are could not be written; zones may expire early after a restart");
        }
        self.shared.posted.set(Post::Primary);
    }
}

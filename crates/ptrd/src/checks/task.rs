//! The task that looks again: at PTRs that wait, oftener at first; at all addresses under a rule, once in an interval.
//!
//! A pass goes through the addresses in order, and looks at those whose time has come, so many a second at most. When that
//! time comes differs by a tenth, by the address, so that what was set at once is not looked at at once for ever.

use super::look::{Looker, judge, now};
use super::webhook::Webhook;
use crate::config::Checks;
use crate::watch::Watch;
use ptrd_api::{Problem, REPORT_LEFT_OUT};
use ptrd_change::{Checked, Waiting};
use ptrd_posture::Verdict;
use ptrd_posture::watch::interval;
use ptrd_wire::{AddrRange, Name};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How often the task wakes.
const TICK: Duration = Duration::from_secs(1);
/// Addresses that are looked through at a time for those whose time has come.
const PAGE: usize = 512;
/// Between two passes.
const PAUSE: Duration = Duration::from_secs(10);
/// How long what waits is left alone after the first try, and at most.
const AGAIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(600));
/// PTRs that waited are set so many at a time.
const AT_ONCE: usize = 256;

/// The running tasks.
pub struct Checker {
    close: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Checker {
    /// Starts them.
    pub fn start(looker: Looker, settings: &Checks, webhook: Option<(Webhook, Watch)>) -> Checker {
        let close = CancellationToken::new();
        let worker = Worker {
            looker: looker.clone(),
            every: i64::try_from(settings.every.as_millis()).unwrap_or(i64::MAX),
            per_tick: settings.queries_per_second.max(1) as usize,
            tries: HashMap::new(),
            after: None,
            rest_until: None,
        };
        let mut tasks = vec![tokio::spawn(worker.run(close.clone()))];
        if let Some((webhook, watch)) = webhook {
            tasks.push(tokio::spawn(webhook.run(looker, watch, close.clone())));
        }
        Checker { close, tasks }
    }

    /// Stops them. What was not done is done after the next start.
    pub async fn stop(self) {
        self.close.cancel();
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "looking at names met a fault of ptrd");
            }
        }
    }
}

struct Worker {
    looker: Looker,
    /// Milliseconds.
    every: i64,
    per_tick: usize,
    /// When what waits is looked at next, and after how long then.
    tries: HashMap<IpAddr, (Instant, Duration)>,
    /// How far the pass has come.
    after: Option<IpAddr>,
    rest_until: Option<Instant>,
}

impl Worker {
    async fn run(mut self, close: CancellationToken) {
        let road = self.looker.road.clone();
        // A standby's primary looks.
        if close.run_until_cancelled(road.primary()).await.is_none() {
            return;
        }
        if let Err(problem) = road.failing().await {
            tracing::warn!(%problem, "which addresses fail could not be read yet");
        }
        loop {
            let work = async {
                // One that was superseded looks no more.
                road.primary().await;
                let left = self.settle(self.per_tick).await?;
                self.pass(left).await
            };
            match close.run_until_cancelled(work).await {
                None => return,
                Some(Ok(())) => {}
                Some(Err(problem)) => {
                    tracing::warn!(%problem, "names could not be looked at; it is tried again")
                }
            }
            if close.run_until_cancelled(tokio::time::sleep(TICK)).await.is_none() {
                return;
            }
        }
    }

    /// Looks at what waits and is due, sets what resolves, drops what is over. Says how many more names may be asked for.
    async fn settle(&mut self, most: usize) -> Result<usize, Problem> {
        let waiting = self.looker.road.view().waiting();
        let here: HashMap<IpAddr, &Waiting> =
            waiting.iter().map(|waiting| (waiting.address, waiting)).collect();
        self.tries.retain(|address, _| here.contains_key(address));
        let moment = Instant::now();
        let mut due: Vec<(IpAddr, Vec<Name>)> = Vec::new();
        let mut asked = 0;
        for waiting in &waiting {
            let is_due = self.tries.get(&waiting.address).is_none_or(|(at, _)| *at <= moment);
            if is_due && asked < most {
                asked += waiting.names.len();
                due.push((waiting.address, waiting.names.clone()));
            }
        }
        if due.is_empty() {
            return Ok(most);
        }
        let found = self.looker.find(&due).await;
        let mut ready = Vec::new();
        for (address, names) in &due {
            let (verdict, _) = judge(*address, names, &found);
            let is_over = here.get(address).is_some_and(|waiting| waiting.until <= now());
            if verdict == Verdict::Verified || is_over {
                ready.push(*address);
            }
            let (_, pause) = self.tries.get(address).copied().unwrap_or((moment, AGAIN.0 / 2));
            let pause = (pause * 2).min(AGAIN.1);
            self.tries.insert(*address, (Instant::now() + pause, pause));
        }
        // An address that has another tenant by now, names that would have the address here: the road finds out.
        ready.extend(self.decided(&due));
        ready.sort_unstable();
        ready.dedup();
        for some in ready.chunks(AT_ONCE) {
            let done = self.looker.road.settle_pending(some.to_vec()).await?;
            for line in &done.report {
                let nth = usize::from(line.what != "set");
                self.looker.counters.settled[nth].fetch_add(1, Ordering::Relaxed);
                tracing::info!(address = %line.subject, "a PTR that waited was {}: {}", line.what, line.detail);
            }
            debug_assert!(done.report.iter().all(|line| line.what != REPORT_LEFT_OUT));
        }
        Ok(most.saturating_sub(asked))
    }

    /// Those that nobody needs to be asked for: what waits is of another tenant than the address, or would resolve back by
    /// what this server has, once it is set.
    fn decided(&self, due: &[(IpAddr, Vec<Name>)]) -> Vec<IpAddr> {
        let view = self.looker.road.view();
        let is_decided = |(address, names): &&(IpAddr, Vec<Name>)| {
            view.waits_for_another(*address) || view.would_follow(*address, names)
        };
        due.iter().filter(is_decided).map(|(address, _)| *address).collect()
    }

    /// Goes on with the pass: looks at those whose time has come, and forgets those that are looked at no longer.
    async fn pass(&mut self, mut most: usize) -> Result<(), Problem> {
        if self.rest_until.is_some_and(|until| Instant::now() < until) {
            return Ok(());
        }
        while most > 0 {
            let page = self.looker.road.view().under_fcrdns(self.after, PAGE);
            let (Some((first, _)), Some((last, _))) = (page.first(), page.last()) else {
                self.after = None;
                self.rest_until = Some(Instant::now() + PAUSE);
                return self.forget_others().await;
            };
            let range = AddrRange::new(*first, *last).unwrap_or_else(|_| AddrRange::single(*first));
            // Of a range that spans what is not asked about there may be more rows than addresses.
            let checked = self.looker.road.checks(range, 4 * PAGE).await?;
            let when: HashMap<IpAddr, i64> = checked
                .iter()
                .filter_map(|row| Some((row.address, row.standing.as_ref()?.checked)))
                .collect();
            let now = now();
            let is_due = |(address, _): &(IpAddr, Vec<Name>)| {
                when.get(address).is_none_or(|at| at.saturating_add(interval(address, self.every)) <= now)
            };
            let mut due: Vec<(IpAddr, Vec<Name>)> = Vec::new();
            let mut reached = None;
            for entry in &page {
                if is_due(entry) {
                    if entry.1.len() > most && !due.is_empty() {
                        most = 0;
                        break;
                    }
                    most = most.saturating_sub(entry.1.len());
                    due.push(entry.clone());
                }
                reached = Some(entry.0);
                if most == 0 {
                    break;
                }
            }
            self.after = reached.or(self.after);
            if !due.is_empty() {
                self.looker.look(&due).await?;
            }
        }
        Ok(())
    }

    /// Forgets addresses that have no PTR any more, or no rule.
    async fn forget_others(&mut self) -> Result<(), Problem> {
        let whole = super::whole();
        for range in whole {
            let mut rest = Some(range);
            while let Some(range) = rest {
                let checked = self.looker.road.checks(range, PAGE).await?;
                let Some(last) = checked.last().map(|row| row.address) else { break };
                let view = self.looker.road.view();
                let gone = checked.into_iter().filter(|row| !view.is_under_fcrdns(row.address));
                let gone: Vec<Checked> =
                    gone.map(|row| Checked { address: row.address, standing: None, told: true }).collect();
                if !gone.is_empty() {
                    let _books = self.looker.books.lock().await;
                    self.looker.road.checked(gone);
                }
                rest = super::view::after(&range, last);
            }
        }
        Ok(())
    }
}

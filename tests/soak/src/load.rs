//! A run: everybody at once, the service under them changed, restarted and killed, and then what they brought home.

use crate::aftermath::{
    compare_log, compare_ptrs, complaints, is_sound, log_by_socket, ptrs_by_socket, replay,
};
use crate::asker::{Asker, Seen};
use crate::changer::{Attempt, Changer, Outcome, settle};
use crate::ground::Ground;
use crate::judge::{Evidence, Judgement, Violation, judge};
use crate::memory::{Memory, Sample};
use crate::plan::Plan;
use crate::random::Random;
use crate::service::{EndOfLoad, Service, Stage};
use ptrd_suite::daemon::PATIENCE;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

/// What was done to the service.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs)]
pub struct Events {
    pub reloads: u64,
    pub restarts: u64,
    pub kills: u64,
    pub backups: u64,
}

/// What a run brought.
#[derive(Debug)]
pub struct Run {
    /// What is to be judged.
    pub evidence: Evidence,
    /// What was found on the way: lost queries, a log that contradicts itself, a store that is not sound.
    pub violations: Vec<Violation>,
    /// The process in the second half.
    pub memory: Memory,
    /// How long the load went on.
    pub length: Duration,
    /// What was done to the service.
    pub events: Events,
    /// Changes of the log by kind.
    pub changes: BTreeMap<String, u64>,
    /// How many changes were refused.
    pub refused: u64,
    /// How many had their client cut off, and of those how many were made.
    pub cut: (u64, u64),
    /// Queries that were asked again after a kill.
    pub again: u64,
    /// Of answers in the second half: the worst latency, and what 99.9 % kept to, nanoseconds. Kept to say what a run
    /// was like; nothing is asserted of it.
    pub steady_latency: (u64, u64),
}

impl Run {
    /// Judges the run, all in all.
    pub fn judge(&self) -> Judgement {
        let mut judgement = judge(&self.evidence);
        judgement.violations.extend(self.violations.iter().cloned());
        let faults = self.memory.faults().into_iter();
        judgement.violations.extend(faults.map(|text| Violation { what: "memory", text }));
        judgement
    }
}

/// What is brought home while the load goes on.
#[derive(Default)]
struct Yields {
    attempts: Vec<Attempt>,
    seen: Vec<Seen>,
    length: Duration,
    events: Events,
    memory: Memory,
}

/// Everybody who has something to do with the service.
#[derive(Debug)]
pub struct Load {
    plan: Plan,
}

/// Askers over UDP, each with a pause, and over TCP: some 1 500 queries a second.
const UDP: (u16, Duration) = (4, Duration::from_micros(2_200));
const TCP: (u16, Duration) = (2, Duration::from_millis(10));
/// Changers of PTRs, and of everything else.
const PTR_CHANGERS: (usize, Duration) = (4, Duration::from_millis(20));
const STRUCTURE_CHANGERS: (usize, Duration) = (2, Duration::from_millis(80));

impl Load {
    /// By a plan.
    pub fn new(plan: Plan) -> Load {
        Load { plan }
    }

    /// Runs it.
    pub fn run(&self) -> Run {
        let folder = tempfile::tempdir().expect("a folder");
        let mut service = Service::start(folder.path());
        let ground = Ground::of(&self.plan);
        let stage = Stage::new(ground, service.dns(), service.socket().to_owned());
        let mut yields = Yields { attempts: settle(&stage, self.plan.filled), ..Yields::default() };
        for (part, restarts) in [(1, true), (2, false)] {
            // What is opened once and kept is open by then: SQLite keeps the descriptor of a connection that was closed
            // while another one of the process held a lock, and gives it to the next.
            service.back_up();
            let rest = service.sample(&stage);
            self.half(&stage, &mut service, part, restarts, &mut yields);
            if !restarts {
                yields.memory.quiet = Some((rest, at_rest(&service, &stage, rest)));
            }
        }
        yields.seen.extend(self.askers(&stage, 3).take(1).map(Asker::sweep));
        finish(&stage, service, yields)
    }

    /// Everybody at once, for half of the time.
    fn half(&self, stage: &Stage, service: &mut Service, part: u16, restarts: bool, yields: &mut Yields) {
        let begun = Instant::now();
        stage.stop_asking.store(false, Ordering::Relaxed);
        stage.stop_changing.store(false, Ordering::Relaxed);
        thread::scope(|scope| {
            let end = EndOfLoad(stage);
            let askers = self.askers(stage, part).map(|asker| scope.spawn(|| asker.run()));
            let askers: Vec<_> = askers.collect();
            let changers = (0..PTR_CHANGERS.0 + STRUCTURE_CHANGERS.0).map(|nth| {
                let is_structure = nth >= PTR_CHANGERS.0;
                let pause = if is_structure { STRUCTURE_CHANGERS.1 } else { PTR_CHANGERS.1 };
                let changer = Changer::new(stage, usize::from(part) * 100 + nth, self.plan.seed, pause);
                scope.spawn(move || if is_structure { changer.run_structure() } else { changer.run_ptrs() })
            });
            let changers: Vec<_> = changers.collect();
            self.stir(stage, service, restarts, yields);
            // Askers go on until the last change was acknowledged.
            stage.stop_changing.store(true, Ordering::Relaxed);
            let attempts = changers.into_iter().flat_map(|changer| changer.join().expect("a changer ends"));
            yields.attempts.extend(attempts);
            drop(end);
            yields.seen.extend(askers.into_iter().map(|asker| asker.join().expect("an asker ends")));
        });
        yields.length += begun.elapsed();
    }

    fn askers<'a>(&self, stage: &'a Stage, part: u16) -> impl Iterator<Item = Asker<'a>> + use<'a> {
        let seed = self.plan.seed;
        (0..UDP.0 + TCP.0).map(move |nth| {
            let tcp = nth >= UDP.0;
            let number = part * 100 + nth;
            Asker {
                stage,
                number,
                tcp,
                pause: if tcp { TCP.1 } else { UDP.1 },
                random: Random::new(seed ^ u64::from(number) << 20),
                next: 0,
                seen: Seen::default(),
            }
        })
    }

    /// One thing after another is done to the service until the time is over.
    fn stir(&self, stage: &Stage, service: &mut Service, restarts: bool, yields: &mut Yields) {
        let (begun, length) = (Instant::now(), self.plan.length / 2);
        let Yields { events, memory, .. } = yields;
        let mut random = Random::new(self.plan.seed ^ u64::from(restarts));
        let mut turn = 0;
        while begun.elapsed() < length {
            turn += 1;
            let due = (self.plan.event * turn).min(length);
            while begun.elapsed() < due {
                if !restarts {
                    memory.samples.push(service.sample(stage));
                }
                thread::sleep(Duration::from_millis(50).min(due.saturating_sub(begun.elapsed())));
            }
            match (turn as usize + random.below(2)) % 6 {
                0 | 3 if restarts => {
                    service.restart();
                    events.restarts += 1;
                }
                5 if restarts => {
                    service.kill(stage);
                    events.kills += 1;
                }
                1 => {
                    service.back_up();
                    events.backups += 1;
                }
                _ => {
                    service.reload();
                    events.reloads += 1;
                }
            }
        }
    }
}

/// Reads what is left, stops the daemon, and has a first look at all of it.
fn finish(stage: &Stage, mut service: Service, yields: Yields) -> Run {
    let Yields { attempts, mut seen, length, mut events, memory } = yields;
    let mut violations = Vec::new();
    let logged = log_by_socket(&service);
    let listed = ptrs_by_socket(&service);
    service.back_up();
    events.backups += 1;
    service.stop();
    for path in [service.store(), service.backup()] {
        if let Err(text) = is_sound(&path) {
            violations.push(Violation { what: "store", text });
        }
    }
    let (history, faults) = replay(&service.store(), &stage.ground);
    violations.extend(faults.into_iter().map(|text| Violation { what: "log", text }));
    violations.extend(compare_log(&history, &logged));
    violations.extend(compare_ptrs(&history, &listed));
    violations.extend(complaints(&service.log()));
    let lost = seen.iter_mut().flat_map(|seen| std::mem::take(&mut seen.lost));
    violations.extend(lost.map(|text| Violation { what: "lost", text }));
    let again = seen.iter().map(|seen| seen.again).sum();
    let observations = seen.into_iter().flat_map(|seen| seen.observations).collect();
    let (ground, asks) = (stage.ground.clone(), stage.asks.clone());
    let evidence = Evidence { ground, asks, observations, attempts, history };
    let mut run = Run {
        evidence,
        violations,
        memory,
        length,
        events,
        changes: BTreeMap::new(),
        refused: 0,
        cut: (0, 0),
        again,
        steady_latency: (0, 0),
    };
    run.count();
    run
}

/// The process when it rests again: threads that wait for work end by themselves after a while.
fn at_rest(service: &Service, stage: &Stage, before: Sample) -> Sample {
    let begun = Instant::now();
    loop {
        let now = service.sample(stage);
        let is_back = now.descriptors <= before.descriptors && now.threads <= before.threads;
        if is_back || begun.elapsed() > PATIENCE {
            return now;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

impl Run {
    fn count(&mut self) {
        let mut changes = BTreeMap::new();
        for (kind, _) in &self.evidence.history.entries {
            *changes.entry(kind.clone()).or_default() += 1;
        }
        self.changes = changes;
        let reasons: std::collections::HashSet<&str> =
            self.evidence.history.entries.iter().filter_map(|(_, reason)| reason.as_deref()).collect();
        for attempt in &self.evidence.attempts {
            match attempt.outcome {
                Outcome::Done { .. } => {}
                Outcome::Refused(_) => self.refused += 1,
                Outcome::Cut => {
                    self.cut.0 += 1;
                    self.cut.1 += u64::from(reasons.contains(&*attempt.token));
                }
            }
        }
        self.memory.ptrs = self.evidence.history.final_ptrs().count() as u64;
        if let Some((first, last)) = self.memory.windows() {
            let between = |at: u64| (first.at..last.at).contains(&at);
            let queries = self.evidence.observations.iter().filter(|seen| between(seen.got)).count();
            let made = |attempt: &&Attempt| matches!(attempt.outcome, Outcome::Done { change: Some(_), .. });
            let changes =
                self.evidence.attempts.iter().filter(made).filter(|attempt| between(attempt.got)).count();
            self.memory.work = (queries as u64, changes as u64);
        }
        let begun = self.memory.samples.first().map_or(u64::MAX, |sample| sample.at);
        let steady = self.evidence.observations.iter().filter(|seen| seen.sent >= begun);
        let mut latencies: Vec<u64> = steady.map(|seen| seen.got - seen.sent).collect();
        latencies.sort_unstable();
        let nth = |part: f64| {
            latencies.get(((latencies.len() as f64 * part) as usize).min(latencies.len().max(1) - 1))
        };
        self.steady_latency = (nth(1.0).copied().unwrap_or(0), nth(0.999).copied().unwrap_or(0));
    }
}

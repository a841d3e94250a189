//! What a service manager is told (sd_notify(3)), and the watchdog that is fed while everybody makes progress.
//!
//! Nothing of this is needed to serve: without a manager, each call does nothing.

use crate::config::values::Time;
use ptrd_change::Road;
use ptrd_listen::Meter;
use sd_notify::NotifyState;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the writer may show no sign of life: an import of millions takes a while, and a slow disk is no reason to
/// take DNS down.
const WRITER_PATIENCE: Duration = Duration::from_secs(300);

/// Started, or done with a reload.
pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// Reading the configuration again.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => {
            tell(&[NotifyState::Reloading, now, NotifyState::Status("reading the configuration again")])
        }
        Err(error) => tracing::debug!(%error, "the clock could not be read"),
    }
}

/// On the way out.
pub fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("stopping")]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager could not be told");
    }
}

/// Feeds the watchdog, if there is one, until it is dropped.
pub async fn feed_watchdog(meter: Meter, road: Option<Arc<Road>>) {
    let Some(time) = sd_notify::watchdog_enabled() else { return };
    let mut vigil = Vigil::new(Instant::now(), WRITER_PATIENCE.max(time));
    let mut tick = tokio::time::interval((time / 3).max(Duration::from_millis(10)));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let writer = road.as_ref().map(|road| road.beats());
        match vigil.look(&meter.beats(), writer, Instant::now()) {
            Ok(()) => tell(&[NotifyState::Watchdog]),
            Err(Stuck::Threads(_)) => {}
            Err(Stuck::Writer(since)) => {
                tracing::error!("the writer has made no progress for {}", Time(since))
            }
        }
    }
}

/// Who makes no progress.
#[derive(Debug, PartialEq, Eq)]
enum Stuck {
    /// So many threads of DNS since they were last all seen moving.
    Threads(usize),
    /// The writer, for so long.
    Writer(Duration),
}

/// What was seen moving, and when.
struct Vigil {
    /// The beats of DNS threads when the watchdog was last fed.
    dns: Vec<u64>,
    writer: Option<u64>,
    writer_moved: Instant,
    patience: Duration,
}

impl Vigil {
    fn new(now: Instant, patience: Duration) -> Vigil {
        Vigil { dns: Vec::new(), writer: None, writer_moved: now, patience }
    }

    /// Whether everybody has moved.
    fn look(&mut self, dns: &[u64], writer: Option<u64>, now: Instant) -> Result<(), Stuck> {
        if writer != self.writer || writer.is_none() {
            self.writer = writer;
            self.writer_moved = now;
        }
        let still = dns.iter().zip(&self.dns).filter(|(now, before)| now == before).count();
        if still > 0 {
            return Err(Stuck::Threads(still));
        }
        let since = now.duration_since(self.writer_moved);
        if since > self.patience {
            return Err(Stuck::Writer(since));
        }
        self.dns = dns.to_vec();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thread_that_hangs_lets_the_watchdog_fire() {
        let start = Instant::now();
        let mut vigil = Vigil::new(start, Duration::from_secs(60));
        assert_eq!(vigil.look(&[1, 1], Some(1), start), Ok(()));
        assert_eq!(vigil.look(&[2, 2], Some(1), start), Ok(()));
        assert_eq!(vigil.look(&[3, 2], Some(2), start), Err(Stuck::Threads(1)));
        assert_eq!(vigil.look(&[9, 2], Some(3), start), Err(Stuck::Threads(1)));
        assert_eq!(vigil.look(&[9, 3], Some(4), start), Ok(()), "it has moved since it was last seen");
    }

    #[test]
    fn the_writer_has_more_time_but_not_for_ever() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut vigil = Vigil::new(start, Duration::from_secs(60));
        assert_eq!(vigil.look(&[1], Some(7), at(0)), Ok(()));
        assert_eq!(vigil.look(&[2], Some(7), at(60)), Ok(()));
        assert_eq!(vigil.look(&[3], Some(7), at(61)), Err(Stuck::Writer(Duration::from_secs(61))));
        assert_eq!(vigil.look(&[4], Some(8), at(62)), Ok(()));
        let mut without = Vigil::new(start, Duration::from_secs(60));
        assert_eq!(without.look(&[1], None, at(0)), Ok(()));
        assert_eq!(without.look(&[2], None, at(600)), Ok(()));
    }
}

//! What the log says of it: a line for each of a few zones, one for all where they are many.

use ptrd_change::View;
use ptrd_xfr::notify::Told;
use std::time::{Duration, Instant};

/// How long zones are gathered for a line.
const GATHER: Duration = Duration::from_secs(1);
/// Zones that get a line each.
const FEW: usize = 5;

#[derive(Default)]
pub struct Report {
    since: Option<Instant>,
    /// The first of them.
    some: Vec<(String, Told)>,
    zones: usize,
    answered: usize,
    failed: usize,
}

impl Report {
    pub fn add(&mut self, view: &View, told: &[Told]) {
        // Of zones that nobody is told of there is nothing to say.
        for told in told.iter().filter(|told| told.answered + told.failed > 0) {
            self.since.get_or_insert_with(Instant::now);
            self.zones += 1;
            self.answered += told.answered;
            self.failed += told.failed;
            if self.some.len() < FEW
                && let Some(meta) = view.declared.zone_by_id(told.zone)
            {
                self.some.push((meta.apex.to_string(), *told));
            }
        }
    }

    pub fn due(&self) -> Option<Instant> {
        self.since.map(|since| since + GATHER)
    }

    pub fn write_if_due(&mut self) {
        if self.due().is_some_and(|due| due <= Instant::now()) {
            self.write();
        }
    }

    pub fn write(&mut self) {
        let Report { since, some, zones, answered, failed } = std::mem::take(self);
        if since.is_none() {
            return;
        }
        if zones > some.len() {
            tracing::info!(zones, answered, failed, "zones were announced");
            return;
        }
        for (zone, Told { serial, answered, failed, .. }) in some {
            tracing::info!(zone, serial = serial.0, answered, failed, "a zone was announced");
        }
    }
}

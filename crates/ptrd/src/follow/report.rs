//! What the log says of it: when a zone begins to fail, and when that is over; not each time.

use ptrd_change::View;
use ptrd_xfr::follow::{Outcome, Status};
use ptrd_zone::model::ZoneId;
use std::collections::HashMap;

/// Zones whose failures are remembered; of more, each failure gets its line.
const REMEMBERED: usize = 100_000;

#[derive(Default)]
pub struct Report {
    failing: HashMap<ZoneId, String>,
}

fn name(view: &View, zone: ZoneId) -> String {
    view.declared.zone_by_id(zone).map_or_else(|| format!("zone {zone}"), |meta| meta.apex.to_string())
}

impl Report {
    pub fn ended(&mut self, view: &View, zone: ZoneId, outcome: &Outcome) {
        match outcome {
            Outcome::Fresh(_) => {
                if self.failing.remove(&zone).is_some() {
                    tracing::info!(zone = name(view, zone), "the zone is well again");
                }
            }
            Outcome::Failed { why, .. } => {
                let is_known = self.failing.get(&zone) == Some(why);
                if !is_known {
                    tracing::warn!(
                        zone = name(view, zone),
                        why,
                        "the zone could not be refreshed; it will be tried again"
                    );
                }
                if self.failing.len() < REMEMBERED {
                    self.failing.insert(zone, why.clone());
                }
            }
            Outcome::Busy => tracing::warn!(
                zone = name(view, zone),
                "there is no room for a change; it will be tried again"
            ),
        }
    }

    pub fn expired(&mut self, view: &View, zone: ZoneId, status: Option<Status>) {
        let why = status.and_then(|status| status.error).unwrap_or_default();
        tracing::error!(
            zone = name(view, zone),
            why,
            "the zone has expired: it is answered with SERVFAIL until a primary is reached"
        );
    }
}

//! A look at the delegation of a zone: at what the zone above says, and at all nameservers.

use super::look::unknown;
use super::{Shared, Watch, millis};
use crate::checks::now;
use ptrd_ask::{Delegated, Places, look};
use ptrd_change::Served;
use ptrd_posture::rir::Nserver;
use ptrd_posture::rir::check::{Parent, Profile, Seen, State, drift, judge};
use ptrd_posture::watch::{Course, DELEGATION_CHECKS, DelegationLook, Note, of_delegation};
use ptrd_store::Watched;
use ptrd_wire::Name;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// For how long one look may take: many nameservers, each at many addresses, may be silent.
const LONGEST: Duration = Duration::from_secs(300);
/// Octets of what a look saw that are kept.
const MOST_KEPT: usize = 64 << 10;

/// What is kept of a zone.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// As the last look saw it.
    last: State,
    /// As it was when nothing was in doubt.
    settled: State,
}

impl Watch {
    /// Looks at a zone.
    pub(super) async fn look_at_zone(&self, apex: Name) {
        let (watched, began) = (Watched::Zone(apex.clone()), now());
        let Some(served) = self.0.road.view().served(&apex) else { return };
        let stored = self.0.road.evidence(vec![watched.clone()]).await;
        let is_read = stored.is_ok();
        let kept = stored.ok().and_then(|mut found| found.pop()).flatten();
        let kept = kept.and_then(|text| serde_json::from_str::<Kept>(&text).ok());
        let looked = tokio::time::timeout(LONGEST, self.see(&apex, &served)).await;
        let looked = looked.unwrap_or_else(|_| Err(format!("no end within {} s", LONGEST.as_secs())));
        let (parent, seen) = match looked {
            Ok(looked) => looked,
            Err(why) => {
                return self.take_in(watched, began, &[unknown(DELEGATION_CHECKS[0], why)], |_| None);
            }
        };
        let findings = judge(&seen, &Profile::default());
        let state = State::of(&seen, &findings);
        let found = of_delegation(&DelegationLook {
            parent: &parent,
            here: &served.nameservers,
            serial: served.serial,
            state: &state,
            before: kept.as_ref().map(|kept| &kept.last),
            findings: &findings,
            confirm: millis(self.0.settings.confirm),
        });
        // What could not be read stays as it is.
        self.take_in(watched, began, &found, |course| is_read.then(|| keep(kept, state, course)));
    }

    async fn see(&self, apex: &Name, served: &Served) -> Result<(Parent, Seen), String> {
        let Shared { settings, asker, resolvers, .. } = &*self.0;
        let resolvers = resolvers.as_ref().map_err(Clone::clone)?;
        let near = !settings.roots.is_empty();
        let resolvers = resolvers.iter().map(|it| it.address).collect();
        let places = Places { resolvers, port: 53, near };
        let parent = self.walker()?.parent(apex).await;
        let of = |name: &String| Nserver { name: name.clone(), addresses: Vec::new() };
        let (nservers, ds) = match &parent {
            Parent::Delegates { servers, ds } => (servers.clone(), ds.clone().unwrap_or_default()),
            _ => (served.nameservers.iter().map(of).collect(), Vec::new()),
        };
        let now = now().unsigned_abs() / 1_000;
        let seen = look(asker, Delegated { apex: apex.clone(), nservers, ds }, &places, now).await;
        Ok((parent, seen))
    }
}

/// Notes what is otherwise than when nothing was in doubt last, and says what to keep.
fn keep(kept: Option<Kept>, state: State, course: &mut Course) -> String {
    let settled = match kept {
        Some(kept) if course.is_settled() => {
            let note = |drift: ptrd_posture::rir::check::Drift| Note {
                at: course.looked,
                worse: drift.worse,
                what: drift.what,
            };
            let notes: Vec<Note> = drift(&kept.settled, &state).into_iter().map(note).collect();
            course.note(notes);
            state.clone()
        }
        Some(kept) => kept.settled,
        None => state.clone(),
    };
    let text = serde_json::to_string(&Kept { last: state, settled }).unwrap_or_default();
    if text.len() > MOST_KEPT { String::new() } else { text }
}

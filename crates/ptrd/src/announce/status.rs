//! How it stands, as the admin socket shows it.

use super::Announcements;
use super::serials::Heard;
use ptrd_api::{DEFAULT_PAGE, NotifyStatusFilter, NotifyStatusView, Page, Problem, code};
use ptrd_change::View;
use ptrd_wire::{Name, Serial};
use ptrd_xfr::notify::{Line, State, Target};
use ptrd_zone::model::ZoneId;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

const STATES: [State; 6] =
    [State::Waiting, State::Answered, State::Refused, State::Failed, State::Skipped, State::Quiet];

impl Announcements {
    /// A page of it, zone by zone.
    ///
    /// # Errors
    /// No such zone or state.
    pub fn status(
        &self,
        view: &View,
        filter: &NotifyStatusFilter,
    ) -> Result<Page<NotifyStatusView>, Problem> {
        let state = filter.state.as_deref().map(|word| {
            let known = STATES.into_iter().find(|state| state.word() == word);
            known.ok_or_else(|| {
                Problem::new(code::INVALID, format!("{word:?} is no state"))
                    .hint("use waiting, answered, refused, failed, skipped or quiet")
            })
        });
        let (state, clock) = (state.transpose()?, Clock::now());
        let mut page = Page { items: Vec::new(), next: None };
        let is_asked = |view: &NotifyStatusView| {
            state.is_none_or(|state| view.state == state.word())
                && (!filter.differs || view.differs_since.is_some())
        };
        if let Some(text) = &filter.zone {
            let apex = text.parse::<Name>().ok();
            let meta = apex.and_then(|apex| view.declared.zone(&apex).cloned());
            let meta = meta.ok_or_else(|| {
                Problem::new(code::NOT_FOUND, format!("no zone {text} is served here"))
                    .hint("see `ptrctl zone list`")
            })?;
            page.items.extend(self.zone(view, &clock, meta.id).into_iter().filter(is_asked));
            return Ok(page);
        }
        let limit = filter.limit.unwrap_or(DEFAULT_PAGE) as usize;
        let after = filter.after.as_deref().map(|text| text.parse().map(ZoneId));
        let mut at = after.transpose().map_err(|_| Problem::new(code::INVALID, "there is no such page"))?;
        // A zone is on one page, so that a page may be a little longer.
        while page.items.len() < limit {
            let Some(zone) = self.zone_after(at) else { return Ok(page) };
            at = Some(zone);
            page.items.extend(self.lines_of(view, &clock, zone).into_iter().filter(is_asked));
        }
        page.next = self.zone_after(at).and(at).map(|zone| zone.0.to_string());
        Ok(page)
    }

    /// The next zone of which there is anything to say.
    fn zone_after(&self, at: Option<ZoneId>) -> Option<ZoneId> {
        let announced = self.queue().zone_after(at);
        let heard = self.serials.zone_after(at);
        announced.into_iter().chain(heard).min()
    }

    /// How it stands with a zone that somebody looks at: what its secondaries have is asked for anew.
    fn zone(&self, view: &View, clock: &Clock, zone: ZoneId) -> Vec<NotifyStatusView> {
        self.serials.want(zone, &self.serials.of(zone));
        self.lines_of(view, clock, zone)
    }

    /// Who is told of a zone, and what they have.
    fn lines_of(&self, view: &View, clock: &Clock, zone: ZoneId) -> Vec<NotifyStatusView> {
        let Some(meta) = view.declared.zone_by_id(zone) else { return Vec::new() };
        let mut heard = self.serials.of(zone);
        let lines = self.queue().lines(zone);
        let mut views: Vec<NotifyStatusView> = lines
            .into_iter()
            .map(|line| {
                let said = line.target.as_ref().and_then(|target| heard.remove(&target.address));
                clock.show((view, &meta.apex), line, said)
            })
            .collect();
        let serial = view.snapshot.zone(&meta.apex).map_or(Serial(0), |zone| zone.soa().serial);
        // After a start there are those of which nobody knows any more what they were told.
        for (address, said) in heard {
            let line = Line {
                serial,
                nameserver: said.nameserver.clone(),
                target: Some(Target { address, key: None }),
                state: State::Quiet,
                detail: None,
                tries: 0,
                at: None,
                next: None,
            };
            views.push(clock.show((view, &meta.apex), line, Some(said)));
        }
        views
    }
}

/// What is said of a zone that those who are told of it cannot transfer, unless they are ptrd.
const TOO_LARGE: &str =
    "only another ptrd can transfer it: templates of blocks name more addresses than a transfer sends";

fn is_large(view: &View, apex: &Name) -> bool {
    let zone = view.snapshot.zone(apex);
    zone.is_some_and(|zone| !zone.is_expandable(view.snapshot.addresses()))
}

/// What time it is, by both clocks.
struct Clock {
    instant: Instant,
    millis: i64,
}

impl Clock {
    fn now() -> Clock {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Clock { instant: Instant::now(), millis: i64::try_from(since.as_millis()).unwrap_or(i64::MAX) }
    }

    fn millis(&self, at: Instant) -> i64 {
        let past = self.instant.saturating_duration_since(at).as_millis() as i64;
        let future = at.saturating_duration_since(self.instant).as_millis() as i64;
        self.millis - past + future
    }

    fn show(&self, (view, apex): (&View, &Name), line: Line, heard: Option<Heard>) -> NotifyStatusView {
        let remark = || (line.target.is_some() && is_large(view, apex)).then(|| TOO_LARGE.to_owned());
        let detail = line.detail.clone().or_else(remark);
        NotifyStatusView {
            zone: apex.to_string(),
            serial: line.serial.0,
            nameserver: line.nameserver,
            address: line.target.as_ref().map(|target| target.address.to_string()),
            key: line.target.and_then(|target| target.key).map(|key| key.to_string()),
            state: line.state.word().to_owned(),
            detail,
            tries: line.tries,
            at: line.at.map(|at| self.millis(at)),
            next: line.next.map(|next| self.millis(next)),
            has: heard.as_ref().and_then(|heard| heard.theirs.as_ref().ok()).map(|serial| serial.0),
            asked: heard.as_ref().map(|heard| self.millis(heard.at)),
            differs_since: heard
                .as_ref()
                .filter(|heard| heard.is_behind())
                .and_then(|heard| heard.differs)
                .map(|since| self.millis(since)),
            unknown: heard.and_then(|heard| heard.theirs.err()),
        }
    }
}

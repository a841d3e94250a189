//! How it stands, as the admin socket shows it.

use super::Announcements;
use ptrd_api::{DEFAULT_PAGE, NotifyStatusFilter, NotifyStatusView, Page, Problem, code};
use ptrd_change::View;
use ptrd_wire::Name;
use ptrd_xfr::notify::{Line, State};
use ptrd_zone::model::ZoneId;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

const STATES: [State; 5] = [State::Waiting, State::Answered, State::Refused, State::Failed, State::Skipped];

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
                    .hint("use waiting, answered, refused, failed or skipped")
            })
        });
        let (state, clock) = (state.transpose()?, Clock::now());
        let mut page = Page { items: Vec::new(), next: None };
        if let Some(text) = &filter.zone {
            let apex = text.parse::<Name>().ok();
            let meta = apex.and_then(|apex| view.declared.zone(&apex).cloned());
            let meta = meta.ok_or_else(|| {
                Problem::new(code::NOT_FOUND, format!("no zone {text} is served here"))
                    .hint("see `ptrctl zone list`")
            })?;
            let lines = self.queue().lines(meta.id);
            let lines = lines.into_iter().filter(|line| state.is_none_or(|state| line.state == state));
            page.items.extend(lines.map(|line| clock.show((view, &meta.apex), line)));
            return Ok(page);
        }
        let limit = filter.limit.unwrap_or(DEFAULT_PAGE) as usize;
        let after = filter.after.as_deref().map(|text| text.parse().map(ZoneId));
        let mut at = after.transpose().map_err(|_| Problem::new(code::INVALID, "there is no such page"))?;
        // A zone is on one page, so that a page may be a little longer.
        while page.items.len() < limit {
            let queue = self.queue();
            let Some(zone) = queue.zone_after(at) else { return Ok(page) };
            let lines = queue.lines(zone);
            drop(queue);
            at = Some(zone);
            let Some(meta) = view.declared.zone_by_id(zone) else { continue };
            let lines = lines.into_iter().filter(|line| state.is_none_or(|state| line.state == state));
            page.items.extend(lines.map(|line| clock.show((view, &meta.apex), line)));
        }
        page.next = self.queue().zone_after(at).and(at).map(|zone| zone.0.to_string());
        Ok(page)
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

    fn show(&self, (view, apex): (&View, &Name), line: Line) -> NotifyStatusView {
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
        }
    }
}

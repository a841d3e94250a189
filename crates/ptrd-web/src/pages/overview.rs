//! What an operator wants to know first: how the server is, what is wrong, what was changed last.

use super::history::{ChangeLine, lines};
use super::standing::{Amiss, Check, Waits};
use super::zones::{Secondary, secondary};
use crate::app::{App, Shown, Visit};
use crate::view::{Shell, good, grouped, link};
use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use ptrd_admin::Control;
use ptrd_api::{
    CheckFilter, LogFilter, NotifyStatusFilter, NotifyStatusView, PendingFilter, PostureFilter, Problem,
    StandbyView, StatusView, ZoneFilter,
};

/// Changes that are listed.
const CHANGES: u64 = 12;
/// Things that are wrong and listed, of a kind.
const WRONG: u64 = 20;
/// Addresses that are listed whose names fail or wait.
const NAMES: u64 = 8;
/// Zones that are looked at for those that are not as they should be.
const LOOKED_AT: u64 = 10_000;

/// Something that is not as it should be.
struct Fault {
    what: String,
    link: String,
    state: String,
    detail: String,
}

struct Figure {
    name: &'static str,
    value: String,
    link: &'static str,
    is_bad: bool,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    shell: Shell,
    version: String,
    uptime: String,
    listen: Vec<String>,
    store_trouble: String,
    queue: String,
    figures: Vec<Figure>,
    standby: Vec<String>,
    faults: Vec<Fault>,
    /// Names that fail, and names that wait; a few of them.
    checks: Vec<Check>,
    /// What the world sees otherwise than it should be; a few of them.
    amiss: Vec<Amiss>,
    waiting: Vec<Waits>,
    changes: Vec<ChangeLine>,
}

/// `/overview`.
pub(crate) async fn page<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (parts, _) = request.into_parts();
    let visit = app.visit(&parts).await?;
    Ok(visit.finish(made(&visit).await))
}

async fn made<C: Control>(visit: &Visit<C>) -> Result<Response, Problem> {
    let status = visit.seat.status().await?;
    let changes = visit.seat.log(LogFilter { limit: Some(CHANGES), ..LogFilter::default() }).await;
    let standby = visit.seat.standby().await?;
    let mut faults = standby_faults(&standby);
    faults.extend(untold(visit).await?);
    faults.extend(behind(visit).await?);
    faults.extend(unhealthy_zones(visit).await?);
    let failing = CheckFilter { state: Some("failing".into()), limit: Some(NAMES), ..CheckFilter::default() };
    // A store that is gone is said below.
    let checks = visit.seat.checks(failing).await.map(|page| page.items).unwrap_or_default();
    let worst = PostureFilter { grade: Some("fail".into()), limit: Some(NAMES), ..PostureFilter::default() };
    let amiss = visit.seat.posture(worst).await?.items;
    let waiting =
        visit.seat.pending(PendingFilter { limit: Some(NAMES), ..PendingFilter::default() }).await?.items;
    Ok(good(&OverviewPage {
        figures: figures(&status),
        uptime: uptime(status.uptime),
        store_trouble: if status.store == "ok" { String::new() } else { status.store },
        queue: format!("{} of {}", status.queue.0, status.queue.1),
        version: status.version,
        listen: status.listen,
        standby: standby_lines(&standby),
        faults,
        checks: checks.into_iter().map(Check::of).collect(),
        amiss: amiss.into_iter().flat_map(Amiss::of).collect(),
        waiting: waiting.into_iter().map(Waits::of).collect(),
        // A store that is gone is said above.
        changes: changes.map(|page| lines(&page.items)).unwrap_or_default(),
        shell: visit.shell("Overview", "overview"),
    }))
}

fn figures(status: &StatusView) -> Vec<Figure> {
    let figure = |name, value, link| Figure { name, value: grouped(value), link, is_bad: false };
    let failing = status.failing.map_or_else(|| "–".to_owned(), grouped);
    let is_bad = status.failing.is_some_and(|failing| failing > 0);
    vec![
        figure("tenants", status.tenants, "/tenants"),
        figure("blocks", status.blocks, "/blocks"),
        figure("zones", status.zones, "/zones"),
        figure("PTRs", status.ptrs, ""),
        Figure { name: "do not resolve back", value: failing, link: "/checks#failing", is_bad },
        figure("wait to resolve back", status.pending, "/checks#waiting"),
        figure("changes", status.change, "/history"),
        figure("answers", status.answers, ""),
    ]
}

fn uptime(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

fn standby_lines(standby: &StandbyView) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(primary) = &standby.primary {
        lines.push(format!(
            "standby of {}: {}, {} behind",
            primary.primary,
            primary.state,
            grouped(primary.behind)
        ));
    }
    for one in standby.standbys.iter().filter(|one| one.connected) {
        lines.push(format!("standby {}: {} behind", one.name, grouped(one.behind)));
    }
    lines
}

fn standby_faults(standby: &StandbyView) -> Vec<Fault> {
    let gone = standby.standbys.iter().filter(|one| !one.connected).map(|one| Fault {
        what: format!("standby {}", one.name),
        link: String::new(),
        state: "not connected".into(),
        detail: format!("last heard of {}, {} changes behind", one.seen, grouped(one.behind)),
    });
    let primary = standby.primary.iter().filter_map(|primary| {
        Some(Fault {
            what: format!("primary {}", primary.primary),
            link: String::new(),
            state: primary.state.clone(),
            detail: primary.trouble.clone()?,
        })
    });
    gone.chain(primary).collect()
}

/// Secondaries that refused to be told of a zone, or could not be.
async fn untold<C: Control>(visit: &Visit<C>) -> Result<Vec<Fault>, Problem> {
    let mut faults = Vec::new();
    for state in ["refused", "failed"] {
        let filter = NotifyStatusFilter {
            state: Some(state.into()),
            limit: Some(WRONG),
            ..NotifyStatusFilter::default()
        };
        for view in visit.seat.notify_status(filter).await?.items {
            let Secondary { name, state, detail, .. } = secondary(&view);
            faults.push(Fault {
                what: view.zone.clone(),
                link: link("/history", &[("zone", &view.zone)]),
                state: format!("NOTIFY {state}"),
                detail: if detail.is_empty() { name } else { format!("{name}: {detail}") },
            });
        }
    }
    Ok(faults)
}

/// Secondaries that have had another serial than ours for a while, or do not say which.
async fn behind<C: Control>(visit: &Visit<C>) -> Result<Vec<Fault>, Problem> {
    let filter = NotifyStatusFilter { differs: true, limit: Some(WRONG), ..NotifyStatusFilter::default() };
    let found = visit.seat.notify_status(filter).await?.items;
    let fault = |view: &NotifyStatusView| {
        let Secondary { name, asked, .. } = secondary(view);
        let (state, detail) = match view.has {
            Some(has) => (format!("secondary has {has}, not {}", view.serial), format!("{name}, {asked}")),
            None => ("secondary unreachable".to_owned(), format!("{name}, {asked}")),
        };
        Fault { what: view.zone.clone(), link: link("/history", &[("zone", &view.zone)]), state, detail }
    };
    // One that has the serial by now is asked again soon.
    let is_so = |view: &&NotifyStatusView| view.has != Some(view.serial);
    Ok(found.iter().filter(is_so).map(fault).collect())
}

/// Zones that are not answered for, or that cannot be pulled.
async fn unhealthy_zones<C: Control>(visit: &Visit<C>) -> Result<Vec<Fault>, Problem> {
    let zones = visit.seat.zones(ZoneFilter { limit: Some(LOOKED_AT), ..ZoneFilter::default() }).await?;
    let fault = |zone: ptrd_api::ZoneView| {
        let not_whole = zone.signed.as_deref().and_then(|signed| signed.strip_prefix("not whole: "));
        let follow =
            zone.follow.as_ref().filter(|follow| follow.state != "current" || follow.error.is_some());
        let (state, detail) = match (not_whole, follow) {
            (Some(why), _) => ("signed, not whole".to_owned(), why.to_owned()),
            (None, Some(follow)) => (follow.state.clone(), follow.error.clone().unwrap_or_default()),
            (None, None) => return None,
        };
        Some(Fault { link: link("/history", &[("zone", &zone.apex)]), what: zone.apex, state, detail })
    };
    Ok(zones.items.into_iter().filter_map(fault).take(WRONG as usize).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        let texts = [5, 65, 3_700, 90_000].map(uptime);
        assert_eq!(texts, ["5 s", "1 min", "1 h 1 min", "1 d 1 h"]);
    }
}

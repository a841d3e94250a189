//! Figures of what servers do for each other: transfers, announcements, zones that are followed, updates.

use super::families::{Families, Labels};
use crate::announce::Announcements;
use crate::follow::Following;
use std::fmt;

pub(super) fn transfers(families: &mut Families<'_>, service: &ptrd_xfr::Service) -> fmt::Result {
    let counts = service.counts();
    let outcomes = [
        ("whole", counts.whole),
        ("incremental", counts.since),
        ("broken", counts.broken),
        ("refused", counts.refused),
        ("current", counts.current),
    ];
    families.counter(
        "transfer_requests",
        "Requests for zone transfers: sent whole, sent as what changed, broken off, refused, or answered with the SOA alone",
        outcomes.map(|(outcome, count)| (Labels::of([("outcome", outcome)]), count)),
    )?;
    families.counter(
        "transfer_octets",
        "Octets of zone transfers made",
        [(Labels::none(), counts.octets)],
    )?;
    let history = counts.history;
    families.counter(
        "differences",
        "Differences that were looked up for incremental transfers: those that had been found for others, those that were read \
         and condensed, and those that there were none of",
        [("known", history.known), ("read", history.read), ("none", history.none)]
            .map(|(outcome, count)| (Labels::of([("outcome", outcome)]), count)),
    )?;
    families.gauge(
        "held_differences_bytes",
        "Memory of differences that are held for others who ask for the same",
        [(Labels::none(), history.held as f64)],
    )?;
    // Those that RFC 2136 §2.2 has, so that rates start at zero.
    let by_rcode = counts.updates.iter().zip(0u16..).take(11).map(|(count, number)| {
        let rcode = ptrd_wire::Rcode(number).to_string();
        (Labels::of([("rcode", rcode.as_str())]), *count)
    });
    families.counter("update_responses", "Responses to updates (RFC 2136), by response code", by_rcode)?;
    families.counter(
        "update_repeats",
        "Copies of updates that were being made or had been answered",
        [(Labels::none(), counts.repeated_updates)],
    )?;
    let forwarded = counts.forwarded;
    families.counter(
        "forwarded_updates",
        "Updates that were to be passed on to primaries: answered by one, answered by none, or turned away because \
         too many were under way",
        [("answered", forwarded.answered), ("failed", forwarded.failed), ("crowded", forwarded.crowded)]
            .map(|(outcome, count)| (Labels::of([("outcome", outcome)]), count)),
    )?;
    families.gauge(
        "forwarded_updates_open",
        "Updates on their way to primaries",
        [(Labels::none(), forwarded.open as f64)],
    )?;
    families.gauge("transfers_open", "Zone transfers under way", [(Labels::none(), counts.open as f64)])
}

pub(super) fn followed(families: &mut Families<'_>, following: &Following) -> fmt::Result {
    let counts = following.counts();
    families.counter(
        "refreshes",
        "Questions to primaries of zones that are followed: those that found or brought the newest version, and those that failed",
        [("fresh", counts.fresh), ("failed", counts.failed)]
            .map(|(outcome, count)| (Labels::of([("outcome", outcome)]), count)),
    )?;
    families.counter(
        "received_notifications",
        "NOTIFY taken from primaries of zones that are followed",
        [(Labels::none(), counts.notified)],
    )?;
    let states =
        [("followed", counts.zones), ("expired", counts.expired), ("being_asked_for", counts.running)];
    families.gauge(
        "followed_zones",
        "Zones that are followed; of these, those that have expired, and those that a primary is being asked for",
        states.map(|(state, count)| (Labels::of([("state", state)]), count as f64)),
    )
}

pub(super) fn notifications(families: &mut Families<'_>, announcements: &Announcements) -> fmt::Result {
    let counts = announcements.counts();
    families.counter(
        "notify_messages",
        "NOTIFY messages sent, those sent again included",
        [(Labels::none(), counts.sent)],
    )?;
    let outcomes = [("answered", counts.answered), ("refused", counts.refused), ("failed", counts.failed)];
    families.counter(
        "notifications",
        "Announcements of one zone to one secondary: answered, refused, or given up",
        outcomes.map(|(outcome, count)| (Labels::of([("outcome", outcome)]), count)),
    )?;
    families.gauge(
        "waiting_notifications",
        "Announcements of one zone to one secondary that wait for an answer or to be sent",
        [(Labels::none(), counts.waiting as f64)],
    )
}

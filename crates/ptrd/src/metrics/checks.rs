//! Names that must resolve back: what was looked up, and what came of it.

use super::families::{Families, Labels};
use crate::checks::Looker;
use std::fmt;

pub(super) fn show(families: &mut Families<'_>, looker: &Looker) -> fmt::Result {
    let by = |label: &'static str, word: &str, count: u64| (Labels::of([(label, word)]), count);
    let lookups = looker.lookups().counts();
    families.counter(
        "fcrdns_lookups",
        "Names looked up: found, absent, or not found out; and those that were known already",
        [
            by("outcome", "found", lookups.found),
            by("outcome", "absent", lookups.absent),
            by("outcome", "unknown", lookups.unknown),
            by("outcome", "known", lookups.known),
        ],
    )?;
    let counts = looker.counts();
    let [verified, failing, unknown] = counts.looks;
    families.counter(
        "fcrdns_looks",
        "Addresses whose names were looked at again, by what came of it",
        [by("state", "verified", verified), by("state", "failing", failing), by("state", "unknown", unknown)],
    )?;
    let [verified, failing] = counts.transitions;
    families.counter(
        "fcrdns_transitions",
        "Addresses whose names came to resolve back, or ceased to",
        [by("to", "verified", verified), by("to", "failing", failing)],
    )?;
    let [set, dropped] = counts.settled;
    families.counter(
        "fcrdns_settled",
        "PTRs that waited for their names to resolve back: set, or dropped",
        [by("outcome", "set", set), by("outcome", "dropped", dropped)],
    )?;
    let [taken, failed] = counts.webhook;
    families.counter(
        "webhook_messages",
        "Messages to the webhook: taken, or not",
        [by("outcome", "taken", taken), by("outcome", "failed", failed)],
    )?;
    families.gauge(
        "pending_ptrs",
        "PTRs that wait for their names to resolve back",
        [(Labels::none(), looker.waiting() as f64)],
    )
}

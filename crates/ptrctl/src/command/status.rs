//! `ptrctl status`.

use super::facts;
use crate::client::Client;
use crate::failure::Failure;
use crate::screen::Screen;
use indicatif::HumanBytes;
use ptrd_api::StatusView;

pub async fn run(client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
    let answer = client.get::<StatusView>("/v1/status").await?;
    if screen.json() {
        return screen.document(&answer.raw);
    }
    let view = answer.value;
    let (waiting, room) = view.queue;
    facts(
        screen,
        &[
            ("version", view.version),
            ("up for", duration(view.uptime)),
            ("listening on", view.listen.join(" ")),
            ("answers", view.answers.to_string()),
            ("store", format!("{} ({})", view.store, view.store_path)),
            ("newest change", view.change.to_string()),
            ("changes waiting", format!("{waiting} of {room}")),
            ("zone history", history(view.history, view.history_limit)),
            ("tenants", view.tenants.to_string()),
            ("blocks", view.blocks.to_string()),
            ("zones", view.zones.to_string()),
            ("PTRs", view.ptrs.to_string()),
            ("names that fail", view.failing.map(|failing| failing.to_string()).unwrap_or_default()),
            ("names that wait", view.pending.to_string()),
        ],
    )
}

/// How much is kept for incremental transfers.
fn history(octets: u64, limit: Option<u64>) -> String {
    let limit = limit.map_or_else(|| "no limit".to_owned(), |limit| format!("limit {}", HumanBytes(limit)));
    format!("{} ({limit})", HumanBytes(octets))
}

/// `1d 2h 3m 4s`.
fn duration(seconds: u64) -> String {
    let parts =
        [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let first = parts.iter().position(|(n, _)| *n > 0).unwrap_or(3);
    parts[first..].iter().map(|(n, unit)| format!("{n}{unit}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_readable() {
        assert_eq!(duration(0), "0s");
        assert_eq!(duration(61), "1m 1s");
        assert_eq!(duration(86_400), "1d 0h 0m 0s");
    }
}

//! What is read when the load has ended: the log and the rows, by the socket and from the file, and whether they agree.

use crate::ground::Ground;
use crate::history::{Change, History};
use crate::judge::Violation;
use crate::service::Service;
use ptrd_store::{LogQuery, Store, StoreError, read_only};
use ptrd_suite::daemon::program;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// The log as the socket shows it: number, kind and reason, newest first.
pub(crate) fn log_by_socket(service: &Service) -> Vec<(u64, String, Option<String>)> {
    let mut all = Vec::new();
    let mut before = String::new();
    loop {
        let page = get(service, &format!("/v1/log?limit=5000{before}"));
        for item in page["items"].as_array().into_iter().flatten() {
            let text = |name: &str| item[name].as_str().map(str::to_owned);
            all.push((
                item["change"].as_u64().expect("a number"),
                text("kind").expect("a kind"),
                text("reason"),
            ));
        }
        match page["next"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => return all,
        }
    }
}

/// Every PTR RRset as the socket lists it: address and targets.
pub(crate) fn ptrs_by_socket(service: &Service) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    let mut after = String::new();
    loop {
        let page = get(service, &format!("/v1/ptrs?limit=10000{after}"));
        for item in page["items"].as_array().into_iter().flatten() {
            let names = item["names"].as_array().into_iter().flatten();
            let mut names: Vec<String> = names.filter_map(|name| name.as_str().map(str::to_owned)).collect();
            names.sort();
            all.insert(item["address"].as_str().expect("an address").to_owned(), names);
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return all,
        }
    }
}

fn get(service: &Service, path: &str) -> Value {
    let (status, body) = service.daemon().http("GET", path, "").expect("an answer");
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).expect("JSON")
}

/// The log with its rows, from the file: as rows, not as text, so that the reference can work with them.
pub(crate) fn replay(store: &Path, ground: &Ground) -> (History, Vec<String>) {
    let read = |store: &mut dyn Store| -> Result<_, StoreError> {
        let newest = store.log(&LogQuery { limit: 1, ..LogQuery::default() })?;
        let newest = newest.first().map_or(0, |entry| entry.change);
        let mut changes = Vec::new();
        for number in 1..=newest {
            let Some(logged) = store.logged(number)? else { continue };
            let edits = store.edits(number)?;
            let (kind, reason) = (logged.entry.kind, logged.entry.reason);
            changes.push(Change { number, kind, reason, edits, serials: logged.serials });
        }
        Ok(History::replay(ground, changes))
    };
    read_only(store, read).unwrap_or_else(|error| panic!("the log: {error}"))
}

pub(crate) fn compare_log(
    history: &History,
    by_socket: &[(u64, String, Option<String>)],
) -> Option<Violation> {
    let newest = by_socket.first().map_or(0, |(number, ..)| *number) as usize;
    // The end of a time of grace may have come since.
    let later = history.entries.get(newest..).unwrap_or_default();
    if let Some(entry) = later.iter().find(|(kind, _)| kind != "block-relabel-finish") {
        return Some(Violation { what: "log", text: format!("{entry:?} came when nobody changed anything") });
    }
    let by_file = history.entries.iter().take(newest).enumerate().rev();
    let by_file = by_file.map(|(nth, (kind, reason))| (nth as u64 + 1, kind.clone(), reason.clone()));
    let by_file: Vec<_> = by_file.collect();
    let nth = by_file.iter().zip(by_socket).position(|(file, socket)| file != socket);
    let text = match nth {
        Some(nth) => format!("the socket's log has {:?}, the file's {:?}", by_socket[nth], by_file[nth]),
        None if by_file.len() != by_socket.len() => {
            format!("the socket's log has {} changes, the file's {}", by_socket.len(), by_file.len())
        }
        None => return None,
    };
    Some(Violation { what: "log", text })
}

pub(crate) fn compare_ptrs(history: &History, listed: &BTreeMap<String, Vec<String>>) -> Option<Violation> {
    let replayed: BTreeMap<String, Vec<String>> = history
        .final_ptrs()
        .map(|(address, (_, names))| {
            let mut names: Vec<String> = names.iter().map(ToString::to_string).collect();
            names.sort();
            (address.to_string(), names)
        })
        .collect();
    if replayed == *listed {
        return None;
    }
    let differs = replayed.iter().find(|(address, names)| listed.get(*address) != Some(names));
    let extra = listed.iter().find(|(address, _)| !replayed.contains_key(*address));
    let text = format!(
        "{} PTR RRsets by the log, {} are there; first missing or other: {differs:?}; first too much: {extra:?}",
        replayed.len(),
        listed.len()
    );
    Some(Violation { what: "store", text })
}

pub(crate) fn is_sound(store: &Path) -> Result<(), String> {
    let mut command = Command::new(program("ptrd"));
    let output = command.args(["check-store", "--store"]).arg(store).output().expect("ptrd runs");
    if output.status.success() {
        return Ok(());
    }
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    Err(format!("{}: {}\n{}{}", store.display(), output.status, text(&output.stdout), text(&output.stderr)))
}

/// What the daemons logged that they never should: faults.
pub(crate) fn complaints(log: &str) -> Option<Violation> {
    let lines: Vec<&str> =
        log.lines().filter(|line| line.contains("panicked") || line.contains(" ERROR ")).collect();
    (!lines.is_empty()).then(|| Violation { what: "fault", text: lines[..lines.len().min(5)].join("\n") })
}

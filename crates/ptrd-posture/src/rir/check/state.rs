//! What is kept of a check, and what is otherwise at the next.

use super::judge::Finding;
use super::probe::Ask;
use super::profile::Level;
use super::seen::Seen;
use ptrd_wire::Serial;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A server as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerState {
    /// Name and address.
    pub server: String,
    /// Whether it was asked: there may have been no way to it from there.
    pub asked: bool,
    /// Whether it was not asked because it had not answered so often.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub aside: bool,
    /// Whether it answered at all.
    pub answers: bool,
    /// Whether it answered as one that has the zone.
    pub authoritative: bool,
    /// The serial that it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<u32>,
    /// The names in its NS RRset.
    #[serde(default)]
    pub ns: BTreeSet<String>,
}

/// A zone as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The zone.
    pub zone: String,
    /// Seconds since 1970.
    pub time: u64,
    /// Names of the delegation.
    pub delegation: BTreeSet<String>,
    /// DS data as text.
    #[serde(default)]
    pub ds: BTreeSet<String>,
    /// Each server at each address.
    pub servers: Vec<ServerState>,
    /// Findings of WARNING and above: the tag, and the server after a blank.
    #[serde(default)]
    pub findings: BTreeSet<String>,
}

/// Something that is otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// Whether it is for the worse.
    pub worse: bool,
    /// The zone.
    pub zone: String,
    /// What.
    pub what: String,
}

impl State {
    /// What to keep.
    pub fn of(seen: &Seen, findings: &[Finding]) -> State {
        let servers = seen.servers.iter().map(|server| {
            let reply = server.reply(Ask::Soa).or_else(|| server.reply(Ask::SoaTcp));
            let soa = server.soa(&seen.apex);
            ServerState {
                server: server.place(),
                asked: server.asked(),
                aside: server.aside && !server.asked(),
                answers: reply.is_some(),
                authoritative: reply.is_some_and(|reply| reply.is_good()) && soa.is_some(),
                serial: soa.map(|soa| soa.serial.0),
                ns: server.ns_names(&seen.apex),
            }
        });
        let grave = findings.iter().filter(|finding| finding.level >= Level::Warning);
        State {
            zone: seen.apex.to_string(),
            time: seen.now,
            delegation: seen.delegated(),
            ds: seen.ds.iter().map(ToString::to_string).collect(),
            servers: servers.collect(),
            findings: grave
                .map(|finding| {
                    format!("{} {}", finding.tag, finding.server.as_deref().unwrap_or_default())
                        .trim()
                        .to_owned()
                })
                .collect(),
        }
    }

    fn serials(&self) -> BTreeSet<u32> {
        self.servers.iter().filter_map(|server| server.serial).collect()
    }

    fn ns(&self) -> BTreeSet<&String> {
        self.servers.iter().flat_map(|server| &server.ns).collect()
    }
}

/// What is otherwise than before: servers that are gone or lame, another NS set, serials apart.
pub fn drift(before: &State, after: &State) -> Vec<Drift> {
    let mut drifts = Vec::new();
    let mut say = |worse: bool, what: String| drifts.push(Drift { worse, zone: after.zone.clone(), what });
    for server in &after.servers {
        match before.servers.iter().find(|old| old.server == server.server) {
            Some(old) => of_server(old, server, &mut say),
            None => say(
                server.asked && !server.authoritative,
                format!("{} is new{}", server.server, lame(server)),
            ),
        }
    }
    let gone = |old: &&ServerState| after.servers.iter().all(|server| server.server != old.server);
    for old in before.servers.iter().filter(gone) {
        say(true, format!("{} is no server of the zone any more", old.server));
    }
    let words = |names: Vec<&String>| names.into_iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    let (old, new) = (before.ns(), after.ns());
    if old != new && !new.is_empty() {
        let what = format!(
            "the zone's NS RRset was {} and is {}",
            words(old.into_iter().collect()),
            words(new.into_iter().collect())
        );
        say(true, what);
    }
    if before.delegation != after.delegation {
        let what = format!(
            "the delegation was {} and is {}",
            words(before.delegation.iter().collect()),
            words(after.delegation.iter().collect())
        );
        say(true, what);
    }
    if before.ds != after.ds {
        say(after.ds.is_empty(), "the DS is another".to_owned());
    }
    serials(before, after, &mut say);
    for finding in after.findings.difference(&before.findings) {
        say(true, format!("new: {finding}"));
    }
    for finding in before.findings.difference(&after.findings) {
        say(false, format!("no longer: {finding}"));
    }
    drifts
}

fn lame(server: &ServerState) -> &'static str {
    match (server.answers, server.authoritative) {
        _ if !server.asked => "",
        (_, true) => "",
        (true, false) => ", and lame: it does not have the zone",
        (false, false) => ", and does not answer",
    }
}

fn of_server(old: &ServerState, new: &ServerState, say: &mut impl FnMut(bool, String)) {
    if !old.asked || !new.asked {
        return;
    }
    match (old.authoritative, new.authoritative) {
        (true, false) if new.answers => {
            say(true, format!("{} has gone lame: it does not have the zone any more", new.server))
        }
        (true, false) => say(true, format!("{} does not answer any more", new.server)),
        (false, true) => say(false, format!("{} has the zone again", new.server)),
        _ => (),
    }
    if let (Some(old_serial), Some(serial)) = (old.serial, new.serial)
        && Serial(old_serial).is_after(Serial(serial))
    {
        say(true, format!("{} had serial {old_serial} and has {serial}: older data", new.server));
    }
}

/// Serials that differ for a moment are nothing; at two checks, with one that has not moved, they are.
fn serials(before: &State, after: &State, say: &mut impl FnMut(bool, String)) {
    let (old, new) = (before.serials(), after.serials());
    if new.len() > 1 && old.len() <= 1 {
        let words: Vec<String> = new.iter().map(u32::to_string).collect();
        say(true, format!("serials are apart: {}", words.join(", ")));
    }
    if new.len() <= 1 && old.len() > 1 {
        say(false, "serials are one again".to_owned());
    }
    if new.len() > 1 && old.len() > 1 {
        let newest = new.iter().copied().reduce(|a, b| if Serial(b).is_after(Serial(a)) { b } else { a });
        let stuck = |server: &&ServerState| {
            let same =
                before.servers.iter().any(|old| old.server == server.server && old.serial == server.serial);
            same && server.serial.is_some() && server.serial != newest
        };
        for server in after.servers.iter().filter(stuck) {
            let serial = server.serial.unwrap_or_default();
            say(true, format!("{} is still at serial {serial}: it does not follow", server.server));
        }
    }
}

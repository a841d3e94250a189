//! How the zones stand that show the addresses: what `ptrctl rir check` found.

use super::bounds;
use crate::identity::Grade;
use crate::rir::check::{Level, ServerState, State};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Zones that are taken in.
const MOST_ZONES: usize = 1_024;
/// Findings of a zone that are shown.
const MOST_FINDINGS: usize = 100;

/// A zone, and what was found of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneCheck {
    /// The zone.
    pub zone: String,
    /// When it was looked at, milliseconds since 1970 UTC, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// Whether RIPE would take it, where that was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptable: Option<bool>,
    /// The names that it is, or is to be, delegated to.
    #[serde(default)]
    pub delegation: BTreeSet<String>,
    /// DS data as text.
    #[serde(default)]
    pub ds: BTreeSet<String>,
    /// Each server at each address.
    #[serde(default)]
    pub servers: Vec<ServerState>,
    /// What is not as it should be, the gravest first.
    #[serde(default)]
    pub findings: Vec<ZoneFinding>,
    /// How many more there are.
    #[serde(default)]
    pub more_findings: u64,
    /// Servers that could not be asked from there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_asked: Vec<String>,
}

/// Something of a zone that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneFinding {
    /// How grave it is, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Zonemaster's tag.
    pub tag: String,
    /// The server that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// What is wrong.
    #[serde(default)]
    pub what: String,
    /// The command that shows it.
    #[serde(default)]
    pub see: String,
}

impl ZoneCheck {
    /// How the zone stands.
    pub fn grade(&self) -> Grade {
        let is_lame = |server: &ServerState| server.asked && !server.authoritative;
        let grave = |finding: &ZoneFinding| finding.level.is_some_and(|level| level >= Level::Error);
        let minor = |finding: &ZoneFinding| finding.level.is_none_or(|level| level >= Level::Warning);
        if self.acceptable == Some(false)
            || self.findings.iter().any(grave)
            || self.servers.iter().any(is_lame)
        {
            Grade::Fail
        } else if self.findings.iter().any(minor) {
            Grade::Warn
        } else if self.servers.is_empty() && self.acceptable.is_none() {
            Grade::Unknown
        } else {
            Grade::Pass
        }
    }

    fn of_state(state: State) -> ZoneCheck {
        let finding = |text: String| {
            let (tag, server) =
                text.split_once(' ').map_or((text.as_str(), None), |(tag, server)| (tag, Some(server)));
            let (tag, server) = (tag.to_owned(), server.map(str::to_owned));
            ZoneFinding { level: None, tag, server, what: String::new(), see: String::new() }
        };
        ZoneCheck {
            zone: state.zone,
            at: i64::try_from(state.time).ok().and_then(|seconds| seconds.checked_mul(1_000)),
            acceptable: None,
            delegation: state.delegation,
            ds: state.ds,
            servers: state.servers,
            findings: state.findings.into_iter().map(finding).collect(),
            more_findings: 0,
            not_asked: Vec::new(),
        }
    }

    fn of_checked(checked: Checked) -> ZoneCheck {
        let state = checked.state.map(ZoneCheck::of_state);
        let bare = ZoneCheck {
            zone: checked.zone,
            at: None,
            acceptable: None,
            delegation: BTreeSet::new(),
            ds: BTreeSet::new(),
            servers: Vec::new(),
            findings: Vec::new(),
            more_findings: 0,
            not_asked: Vec::new(),
        };
        ZoneCheck {
            acceptable: Some(checked.acceptable),
            findings: checked.findings,
            not_asked: checked.not_asked,
            ..state.unwrap_or(bare)
        }
    }

    fn bounded(mut self) -> ZoneCheck {
        self.more_findings = self.findings.len().saturating_sub(MOST_FINDINGS) as u64;
        self.findings.truncate(MOST_FINDINGS);
        bounds::zone(self)
    }
}

/// What `ptrctl rir check` prints as JSON, or keeps as its state.
#[derive(Deserialize)]
struct File {
    zones: Vec<Read>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Read {
    Checked(Checked),
    State(State),
}

#[derive(Deserialize)]
struct Checked {
    zone: String,
    acceptable: bool,
    #[serde(default)]
    findings: Vec<ZoneFinding>,
    #[serde(default)]
    not_asked: Vec<String>,
    #[serde(default)]
    state: Option<State>,
}

/// A text that is not what `ptrctl rir check` writes.
#[derive(Debug, thiserror::Error)]
pub enum NotACheck {
    /// Not JSON, or not of that form.
    #[error("it is neither what `ptrctl rir check --json` prints nor a file of its --state: {0}")]
    Form(String),
    /// More than any block has.
    #[error("it has {0} zones; {MOST_ZONES} are taken at most")]
    TooMany(usize),
}

/// The zones in what `ptrctl rir check --json` printed, or in a file of its `--state`.
///
/// # Errors
/// [`NotACheck`].
pub fn read_zone_checks(text: &str) -> Result<Vec<ZoneCheck>, NotACheck> {
    let file: File = serde_json::from_str(text).map_err(|error| NotACheck::Form(error.to_string()))?;
    if file.zones.len() > MOST_ZONES {
        return Err(NotACheck::TooMany(file.zones.len()));
    }
    let zone = |read| match read {
        Read::Checked(checked) => ZoneCheck::of_checked(checked),
        Read::State(state) => ZoneCheck::of_state(state),
    };
    Ok(file.zones.into_iter().map(zone).map(ZoneCheck::bounded).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = r#"{"zone":"2.0.192.in-addr.arpa.","time":1700000000,"delegation":["ns1.example."],"servers":[
        {"server":"ns1.example./192.0.2.53","asked":true,"answers":true,"authoritative":true,"serial":7,"ns":["ns1.example."]}],
        "findings":["NOT_ENOUGH_NS_DEL"]}"#;

    fn read(zones: &str) -> ZoneCheck {
        read_zone_checks(&format!("{{\"zones\":[{zones}]}}")).expect("zones").remove(0)
    }

    #[test]
    fn both_forms_are_read() {
        let kept = read(STATE);
        assert_eq!(
            (kept.at, kept.grade(), kept.findings[0].tag.as_str()),
            (Some(1_700_000_000_000), Grade::Warn, "NOT_ENOUGH_NS_DEL")
        );
        let finding = r#"{"level":"ERROR","module":"DELEGATION","case":"delegation01","tag":"NOT_ENOUGH_NS_DEL","what":"one","see":"dig"}"#;
        let whole = |acceptable: bool, findings: &str, state: &str| {
            read(&format!(
                r#"{{"zone":"z.","acceptable":{acceptable},"errors":1,"warnings":0,"findings":[{findings}]{state}}}"#
            ))
        };
        let printed = whole(false, finding, &format!(r#","state":{STATE}"#));
        assert_eq!(
            (printed.zone.as_str(), printed.grade(), printed.servers.len()),
            ("2.0.192.in-addr.arpa.", Grade::Fail, 1)
        );
        assert_eq!(printed.findings[0].level, Some(Level::Error));
        let old = whole(true, "", "");
        assert_eq!((old.zone.as_str(), old.at, old.grade()), ("z.", None, Grade::Pass));
    }

    #[test]
    fn a_server_that_is_lame_fails() {
        let lame = STATE.replace(r#""authoritative":true"#, r#""authoritative":false"#);
        assert_eq!(read(&lame).grade(), Grade::Fail);
    }

    #[test]
    fn lists_of_a_zone_end() {
        let many = |n: usize| (0..n).map(|n| format!("\"ns{n}.example.\"")).collect::<Vec<_>>().join(",");
        let server = r#"{"server":"s","asked":true,"answers":true,"authoritative":true,"ns":["NAMES"]}"#
            .replace("\"NAMES\"", &many(500));
        let servers = vec![server; 500].join(",");
        let zone = read(&format!(
            r#"{{"zone":"z.","time":1,"delegation":[{names}],"ds":[{names}],"servers":[{servers}],"findings":[]}}"#,
            names = many(500)
        ));
        assert_eq!(
            [zone.delegation.len(), zone.ds.len(), zone.servers.len(), zone.servers[0].ns.len()],
            [64; 4]
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "[]", "{}", r#"{"zones":[7]}"#, r#"{"zones":[{"zone":"z."}]}"#] {
            assert!(read_zone_checks(text).is_err(), "{text}");
        }
        let many = vec![STATE; MOST_ZONES + 1].join(",");
        let error = read_zone_checks(&format!("{{\"zones\":[{many}]}}")).expect_err("too many");
        assert!(error.to_string().contains("1025 zones"), "{error}");
    }
}

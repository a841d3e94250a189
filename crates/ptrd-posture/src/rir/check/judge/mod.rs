//! What follows from what was seen: the findings of Zonemaster's test cases that speak of something being wrong.

mod delegation;
mod dnssec;
mod nameserver;
mod zone;

use super::probe::Ask;
use super::profile::{Level, Profile};
use super::seen::{Seen, Server};
use serde::Serialize;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How grave it is, by the profile.
    pub level: Level,
    /// Zonemaster's module, in capitals.
    pub module: String,
    /// Its test case, in lower case.
    pub case: &'static str,
    /// Its tag.
    pub tag: &'static str,
    /// The server that it is about, name and address; absent where it is about all or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// What is wrong.
    pub what: String,
    /// The command that shows it.
    pub see: String,
}

/// Findings as they come.
struct Findings<'a> {
    seen: &'a Seen,
    profile: &'a Profile,
    list: Vec<Finding>,
}

impl Findings<'_> {
    fn push(
        &mut self,
        case: &'static str,
        tag: &'static str,
        server: Option<String>,
        what: String,
        see: String,
    ) {
        if !self.profile.runs(case) {
            return;
        }
        let module = case.trim_end_matches(|c: char| c.is_ascii_digit()).to_ascii_uppercase();
        let level = self.profile.level(&module, tag);
        let finding = Finding { level, module, case, tag, server, what, see };
        if !self.list.contains(&finding) {
            self.list.push(finding);
        }
    }

    /// About a server.
    fn at(
        &mut self,
        case: &'static str,
        tag: &'static str,
        server: &Server,
        ask: Ask,
        what: impl Into<String>,
    ) {
        let see = ask.dig(&self.seen.apex, server.address);
        self.push(case, tag, Some(server.place()), what.into(), see);
    }

    /// About the zone as a whole; any server shows it.
    fn on(&mut self, case: &'static str, tag: &'static str, ask: Ask, what: impl Into<String>) {
        let seen = self.seen;
        let servers = seen.servers.iter().map(|server| ask.dig(&seen.apex, server.address));
        let see = servers.take(4).collect::<Vec<_>>().join("; ");
        self.push(case, tag, None, what.into(), see);
    }

    /// About a name.
    fn named(&mut self, case: &'static str, tag: &'static str, name: &str, what: impl Into<String>) {
        self.push(case, tag, None, what.into(), super::dig::resolve(name));
    }
}

/// Judges what was seen, gravest first.
pub fn judge(seen: &Seen, profile: &Profile) -> Vec<Finding> {
    let mut findings = Findings { seen, profile, list: Vec::new() };
    delegation::names(&mut findings);
    delegation::addresses(&mut findings);
    let works = delegation::basic(&mut findings);
    delegation::counts(&mut findings);
    delegation::hosts(&mut findings);
    // Of a zone that no server has, there is no more to say.
    if works {
        delegation::sets(&mut findings);
        nameserver::transports(&mut findings);
        nameserver::manners(&mut findings);
        zone::consistency(&mut findings);
        zone::soa(&mut findings);
        dnssec::judge(&mut findings);
    }
    findings.list.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    findings.list
}

//! From what is there to a report, in one pass, with bounds.

use super::fault::Faults;
use super::findings::{Nameservers, Signatures};
use super::groups::Table;
use super::rules::{Tally, judge};
use super::runbook::{Example, steps};
use super::seen::{AllSeen, Seen};
use super::square::{Block, squares};
use super::{Asked, DETAILS, Entry, FORMAT, MOST_LISTED, Report, ZoneCheck, addresses, bounds, registries};
use crate::identity::{Grade, Identity, Summary, Survey};
use crate::rir::Registry;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What may be otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// What the report is called; empty for a name that follows from what it is about.
    pub title: String,
    /// How many addresses are shown with all that was asked.
    pub details: usize,
    /// Whose the addresses are, where that is known.
    pub registry: Option<Registry>,
}

impl Default for Options {
    fn default() -> Options {
        Options { title: String::new(), details: DETAILS, registry: None }
    }
}

/// See the module.
pub struct Builder {
    options: Options,
    survey: Survey,
    summary: Summary,
    since: i64,
    until: i64,
    questions: u64,
    faults: Faults,
    tally: Tally,
    signatures: Signatures,
    nameservers: Nameservers,
    table: Table,
    entries: BTreeMap<(Reverse<Grade>, bool, IpAddr), Entry>,
    seen: AllSeen,
    zones: Vec<ZoneCheck>,
    blocks: Vec<Block>,
    twice: u64,
}

impl Builder {
    /// Begins a report on what a survey asked for.
    pub fn new(survey: Survey, options: Options) -> Builder {
        Builder {
            options,
            survey,
            summary: Summary::default(),
            since: i64::MAX,
            until: i64::MIN,
            questions: 0,
            faults: Faults::default(),
            tally: Tally::default(),
            signatures: Signatures::default(),
            nameservers: Nameservers::default(),
            table: Table::default(),
            entries: BTreeMap::new(),
            seen: AllSeen::default(),
            zones: Vec::new(),
            blocks: Vec::new(),
            twice: 0,
        }
    }

    /// Takes in an address. One that came before is not taken again.
    pub fn add(&mut self, identity: Identity) {
        if self.table.has(identity.subject.address) {
            self.twice += 1;
            return;
        }
        let identity = bounds::identity(identity);
        self.summary.add(&identity);
        for observation in &identity.observations {
            self.since = self.since.min(observation.at);
            self.until = self.until.max(observation.at.saturating_add(observation.took.into()));
        }
        self.questions += identity.observations.len() as u64;
        self.faults.add(&identity);
        self.signatures.add(&identity);
        self.nameservers.add(&identity);
        self.table.add(&identity);
        let rules = judge(&identity);
        self.tally.add(identity.subject.address, &rules);
        let grade = identity.grade();
        let key = (Reverse(grade), identity.subject.sending == Some(false), identity.subject.address);
        self.entries.insert(key, Entry { identity, grade, rules, seen: Vec::new() });
        if self.entries.len() > self.options.details {
            self.entries.pop_last();
        }
    }

    /// Takes in what a receiver saw.
    pub fn seen(&mut self, address: IpAddr, seen: Seen) {
        self.seen.add(address, seen);
    }

    /// Takes in how zones stand.
    pub fn zones(&mut self, zones: Vec<ZoneCheck>) {
        self.zones.extend(zones);
    }

    /// Takes in the blocks that hold the addresses.
    pub fn blocks(&mut self, blocks: Vec<Block>) {
        self.blocks.extend(blocks);
    }

    /// The report.
    pub fn finish(mut self) -> Report {
        let (since, until) =
            if self.questions > 0 { (self.since, self.until) } else { (self.survey.at, self.survey.at) };
        let times = self.zones.iter().filter_map(|zone| zone.at).chain(self.seen.newest());
        let as_of = times.fold(until, i64::max);
        let (map, unmapped) = squares(&self.table, &self.blocks);
        let example =
            self.entries.values().next().map(|entry| Example::of(&entry.identity)).unwrap_or_default();
        let mut entries: Vec<Entry> = std::mem::take(&mut self.entries).into_values().collect();
        for entry in &mut entries {
            let subject = &entry.identity.subject;
            entry.seen = self.seen.take(subject.address);
            entry.seen.iter_mut().for_each(|seen| seen.compare(subject.helo.as_deref()));
        }
        let limits = self.limits(entries.len() as u64, unmapped);
        let (seen_elsewhere, unseen) = self.seen.rest();
        let (groups, lines) = self.table.finish();
        let title = match self.options.title.as_str() {
            "" => format!("Reverse DNS of mail senders: {}", named(&self.survey.of)),
            title => title.to_owned(),
        };
        Report {
            format: FORMAT,
            title,
            as_of,
            headline: headline(&self.summary),
            grade: self.summary.grade(),
            asked: Asked {
                since,
                until,
                questions: self.questions,
                addresses: self.survey.addresses,
                sample: self.survey.sample,
                sources: self.survey.sources,
                rules: self.survey.rules,
            },
            faults: self.faults.finish(),
            rules: self.tally.rules(),
            signatures: self.signatures,
            nameservers: self.nameservers.finish(),
            map,
            groups,
            lines,
            addresses: entries,
            seen_elsewhere,
            zones: self.zones,
            runbook: steps(&example),
            registries: registries::notes(&self.survey.of, self.options.registry),
            limits: limits.into_iter().chain(left_out(unseen, "things that receivers saw are")).collect(),
            summary: self.summary,
            of: self.survey.of,
        }
    }

    /// What is not in it.
    fn limits(&self, detailed: u64, unmapped: u64) -> Vec<String> {
        let total = self.table.len();
        let mut limits = Vec::new();
        if total < self.survey.addresses {
            let of = self.survey.addresses;
            limits.push(format!("The survey was cut short: it has {total} of {of} addresses. `ptrctl verify --state` goes on with it."));
        }
        if detailed < total {
            limits.push(format!(
                "Of {}, {detailed} are shown with all that was asked, the worst first; `--details` says how many.",
                addresses(total)
            ));
        }
        if total > MOST_LISTED as u64 {
            limits.push(format!(
                "{MOST_LISTED} addresses have a line each, the worst first; all others are in the groups above."
            ));
        }
        limits.extend(left_out(unmapped, "addresses are on no map"));
        limits.extend(left_out(self.nameservers.left_out, "answers of further nameservers are"));
        limits.extend(left_out(self.twice, "lines about addresses that came before are"));
        limits
    }
}

fn left_out(n: u64, what: &str) -> Option<String> {
    let end = if what.ends_with(" are") { " left out" } else { "" };
    (n > 0).then(|| format!("{n} {what}{end}."))
}

/// `192.0.2.0/24, list and 3 more`.
fn named(of: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = of.iter().take(SHOWN).map(|text| bounds::cut(text.clone(), 100)).collect();
    match of.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn headline(summary: &Summary) -> String {
    let count = |grade: Grade| summary.addresses.get(&grade).copied().unwrap_or(0);
    let total: u64 = summary.addresses.values().sum();
    let [pass, warn, unknown, fail] = Grade::ALL.map(count);
    match (total, summary.grade()) {
        (0, _) | (_, None) => return "No address was looked at.".to_owned(),
        (1, Some(grade)) => return headline_of_one(grade).to_owned(),
        (_, Some(Grade::Pass)) => return format!("All {} are as they should be.", addresses(total)),
        _ => (),
    }
    let one = |n: u64, one: &'static str, many: &'static str| if n == 1 { one } else { many };
    let said = [
        (
            fail,
            one(
                fail,
                "fails: receivers will hold it against it",
                "fail: receivers will hold it against them",
            ),
        ),
        (unknown, "could not be judged, for want of answers"),
        (warn, "could be better"),
        (pass, one(pass, "is as it should be", "are as they should be")),
    ];
    let said = said.iter().filter(|(n, _)| *n > 0).enumerate();
    let part = |(nth, (n, what)): (usize, &(u64, &str))| {
        let of = if nth == 0 { format!(" of {}", addresses(total)) } else { String::new() };
        format!("{n}{of} {what}")
    };
    said.map(part).collect::<Vec<_>>().join("; ") + "."
}

fn headline_of_one(grade: Grade) -> &'static str {
    match grade {
        Grade::Pass => "The address is as it should be.",
        Grade::Warn => "The address is accepted, and could be better.",
        Grade::Unknown => "How the address stands could not be found out.",
        Grade::Fail => "The address fails: receivers will hold it against it.",
    }
}

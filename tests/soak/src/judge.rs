//! What was seen and acknowledged, held against the log.
//!
//! 1. The log has every acknowledged change once, whole, under the number that was told, and nothing that was refused;
//!    one whose client was cut off is there whole or not at all. A change that was acknowledged before another was asked
//!    for has the lower number.
//! 2. Every answer is that of a state of the log that was visible at some time between query and answer
//!    ([`crate::windows`]), and not older than what anybody had seen before the query was sent: time goes forward for
//!    all askers together, so for each of them too. A negative answer or a SOA says which state it is by its serial.
//! 3. Serials that were seen never fall (RFC 1982).

use crate::asker::{Ask, Observation};
use crate::changer::{Attempt, Outcome};
use crate::ground::Ground;
use crate::history::History;
use crate::truth::Truth;
use crate::windows::Windows;
use ptrd_testkit::{Context, Reply, compare, record_to_text};
use ptrd_wire::{Name, RecordType, RrSet, Serial};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::IpAddr;

/// All that a run brought.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// What is where.
    pub ground: Ground,
    /// What was asked.
    pub asks: Vec<Ask>,
    /// Answers.
    pub observations: Vec<Observation>,
    /// Changes as clients know them.
    pub attempts: Vec<Attempt>,
    /// The log.
    pub history: History,
}

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// `answer`, `change`, `log`, `serial` or what else is wrong.
    pub what: &'static str,
    /// All that is known of it.
    pub text: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.text)
    }
}

/// What a judgement comes to.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// What must not be; empty.
    pub violations: Vec<Violation>,
    /// Answers by what they were.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Of how many states an answer had to be one, at most and in all.
    pub states: (u64, u64),
    /// Answers that only one of the states in their window explains, where it has several.
    pub pinned: u64,
}

/// Holds everything against the log.
pub fn judge(evidence: &Evidence) -> Judgement {
    let mut judgement = Judgement::default();
    let mut history = evidence.history.clone();
    changes(evidence, &mut history, &mut judgement.violations);
    answers(evidence, &history, &mut judgement);
    judgement
}

fn changes(evidence: &Evidence, history: &mut History, violations: &mut Vec<Violation>) {
    let mut wrong = |what, text: String| violations.push(Violation { what, text });
    let windows = Windows::new(&evidence.history, &evidence.attempts);
    let mut by_reason: HashMap<&str, Vec<u64>> = HashMap::new();
    for (nth, (_, reason)) in evidence.history.entries.iter().enumerate() {
        if let Some(reason) = reason {
            by_reason.entry(reason).or_default().push(nth as u64 + 1);
        }
    }
    for attempt in &evidence.attempts {
        let logged = by_reason.get(&*attempt.token).map_or(&[][..], Vec::as_slice);
        let told = match &attempt.outcome {
            Outcome::Done { change: Some(change), .. } => logged == [*change],
            Outcome::Done { change: None, .. } | Outcome::Refused(_) => logged.is_empty(),
            Outcome::Cut => logged.len() <= 1,
        };
        if !told {
            wrong("change", format!("the log has it as {logged:?}: {attempt:?}"));
        }
        if let (Outcome::Done { change: None, .. }, Some(wrote)) = (&attempt.outcome, &attempt.wrote) {
            let (oldest, newest) = windows.around(attempt.sent, attempt.got);
            let is_so = |change| {
                wrote.iter().all(|(address, wanted)| holds(&evidence.history, change, *address, wanted))
            };
            if !(oldest..=newest).any(is_so) {
                wrong(
                    "change",
                    format!("nothing had to change between changes {oldest} and {newest}: {attempt:?}"),
                );
            }
        }
        for change in logged {
            if let Some(fault) = is_not_whole(&evidence.history, *change, attempt) {
                wrong("change", format!("change {change} is not what was asked for: {fault}: {attempt:?}"));
            }
        }
        if let Outcome::Done { change: Some(change), serials } = &attempt.outcome {
            for (apex, serial) in serials {
                if let Err(fault) = history.learn_acknowledged(&evidence.ground, *change, apex, *serial) {
                    wrong("serial", fault);
                }
            }
        }
    }
    // Of those acknowledged before one was asked for, the highest number must be lower than its own.
    let numbered = evidence.attempts.iter().filter_map(|attempt| match attempt.outcome {
        Outcome::Done { change: Some(change), .. } => Some((attempt, change)),
        _ => None,
    });
    let mut events: Vec<(u64, bool, u64)> = numbered
        .flat_map(|(attempt, change)| [(attempt.sent, false, change), (attempt.got, true, change)])
        .collect();
    events.sort_unstable();
    let mut acknowledged = 0;
    for (at, is_acknowledgement, change) in events {
        if is_acknowledgement {
            acknowledged = acknowledged.max(change);
        } else if change <= acknowledged {
            wrong(
                "log",
                format!("change {change} was asked for at {at}, when {acknowledged} was acknowledged"),
            );
        }
    }
}

/// Which part of what the request says is not in its change.
fn is_not_whole(history: &History, change: u64, attempt: &Attempt) -> Option<String> {
    let wrote = attempt.wrote.as_ref()?;
    let mut touched = 0;
    for (address, wanted) in wrote {
        let line = history.ptr(*address);
        touched += line.changes(change - 1, change).count() as u32;
        if !holds(history, change, *address, wanted) {
            return Some(format!("{address} has {:?}", line.at(change)));
        }
    }
    let all = history.ptrs_touched(change);
    (touched != all).then(|| format!("it touched {all} addresses, {touched} of those asked for"))
}

/// Whether an address has exactly this name after a change.
fn holds(history: &History, change: u64, address: IpAddr, wanted: &Option<Name>) -> bool {
    let there = history.ptr(address).at(change).map(|(_, names)| names.as_slice());
    there == wanted.as_ref().map(std::slice::from_ref)
}

fn answers(evidence: &Evidence, history: &History, judgement: &mut Judgement) {
    let windows = Windows::new(history, &evidence.attempts);
    let mut truth = Truth::new(history, &evidence.asks);
    let mut order: Vec<&Observation> = evidence.observations.iter().collect();
    order.sort_unstable_by_key(|seen| seen.got);
    // What had been seen at a time: the newest change that an answer before shows.
    let mut floor: Vec<(u64, u64)> = Vec::new();
    // The highest serial that an answer before shows.
    let mut serials: HashMap<Name, Vec<(u64, Serial)>> = HashMap::new();
    for seen in order {
        let reply = match Reply::decode(&seen.reply) {
            Ok(reply) => reply,
            Err(fault) => {
                let text = format!("{}\n{fault}", describe(evidence, seen));
                judgement.violations.push(Violation { what: "answer", text });
                continue;
            }
        };
        let (oldest, newest) = windows.around(seen.sent, seen.got);
        let nth = floor.partition_point(|(got, _)| *got <= seen.sent);
        let known = nth.checked_sub(1).map_or(0, |nth| floor[nth].1);
        let oldest_unseen = oldest.max(known);
        let reply = Plain::of(reply);
        *judgement.kinds.entry(reply.kind()).or_default() += 1;
        let mut candidates = vec![oldest_unseen];
        candidates.extend(truth.changes(seen.ask, oldest_unseen, newest, !reply.serials.is_empty()));
        judgement.states.0 = judgement.states.0.max(candidates.len() as u64);
        judgement.states.1 += candidates.len() as u64;
        let mut fitting =
            candidates.iter().filter(|change| fits(evidence, &mut truth, seen, &reply, **change).is_ok());
        let first = fitting.next().copied();
        if candidates.len() > 1 && first.is_some() && fitting.next().is_none() {
            judgement.pinned += 1;
        }
        match first {
            Some(change) => {
                let reached = floor.last().map_or(0, |(_, change)| *change).max(change);
                floor.push((seen.got, reached));
            }
            None => {
                let text = explain(
                    evidence,
                    &mut truth,
                    &windows,
                    seen,
                    &reply,
                    (oldest, known, newest),
                    &candidates,
                );
                judgement.violations.push(Violation { what: "answer", text });
            }
        }
        for (apex, serial) in &reply.serials {
            let line = serials.entry(apex.clone()).or_default();
            let nth = line.partition_point(|(got, _)| *got <= seen.sent);
            if let Some((_, known)) = nth.checked_sub(1).map(|nth| line[nth])
                && known.is_after(*serial)
            {
                let text = format!("{}\n{apex} was at {known} before", describe(evidence, seen));
                judgement.violations.push(Violation { what: "serial", text });
            }
            let highest =
                line.last().map_or(*serial, |(_, last)| if serial.is_after(*last) { *serial } else { *last });
            line.push((seen.got, highest));
        }
    }
}

/// A reply with its serials taken out.
struct Plain {
    reply: Reply,
    serials: Vec<(Name, Serial)>,
}

impl Plain {
    fn of(mut reply: Reply) -> Plain {
        let mut serials = Vec::new();
        for record in reply.answer.iter_mut().chain(&mut reply.authority) {
            if record.rtype == RecordType::SOA
                && let Some(at) = record.rdata.len().checked_sub(20)
            {
                let octets: [u8; 4] = record.rdata[at..at + 4].try_into().expect("four octets");
                serials.push((record.owner.clone(), Serial(u32::from_be_bytes(octets))));
                record.rdata[at..at + 4].fill(0);
            }
        }
        Plain { reply, serials }
    }

    fn kind(&self) -> &'static str {
        let Reply { rcode, answer, authority, .. } = &self.reply;
        let ends_in = |rtype| answer.last().is_some_and(|record| record.rtype == rtype);
        let alias = answer.first().is_some_and(|record| record.rtype == RecordType::CNAME);
        match rcode.0 {
            3 if alias => "CNAME chain to NXDOMAIN",
            3 => "NXDOMAIN",
            5 => "REFUSED",
            0 if authority.iter().any(|record| record.rtype == RecordType::NS) => {
                if alias {
                    "CNAME chain to a referral"
                } else {
                    "referral"
                }
            }
            0 if alias && ends_in(RecordType::PTR) => "CNAME chain to PTR",
            0 if alias && ends_in(RecordType::CNAME) && authority.is_empty() => "CNAME",
            0 if alias => "CNAME chain to NODATA",
            0 if answer.is_empty() => "NODATA",
            0 if ends_in(RecordType::PTR) => "PTR",
            0 if ends_in(RecordType::SOA) => "SOA",
            0 => "other records",
            _ => "errors",
        }
    }
}

/// Whether the answer is that of the state after a change.
fn fits(
    evidence: &Evidence,
    truth: &mut Truth<'_>,
    seen: &Observation,
    reply: &Plain,
    change: u64,
) -> Result<(), String> {
    let region = evidence.asks[seen.ask as usize].region;
    for (apex, serial) in &reply.serials {
        if !truth.history().has_serial(region, apex, change, *serial) {
            return Err(format!("{apex} did not have serial {serial}"));
        }
    }
    let (expected, zones) = truth.after(seen.ask, change);
    let question = seen.question(&evidence.asks);
    let limit = match (seen.tcp, seen.edns) {
        (true, _) => 65_535,
        (false, false) => 512,
        (false, true) => 1_232,
    };
    compare(
        &expected,
        &reply.reply,
        &Context { zones: &zones, question: &question, limit, full_length: None },
    )
}

pub(crate) fn describe(evidence: &Evidence, seen: &Observation) -> String {
    let Ask { name, qtype, .. } = &evidence.asks[seen.ask as usize];
    let way = if seen.tcp { "TCP" } else { "UDP" };
    format!(
        "{name} {qtype}, asker {} over {way}, sent at {}, answered at {}",
        seen.asker, seen.sent, seen.got
    )
}

/// How many states a violation shows.
const SHOWN: usize = 6;

fn explain(
    evidence: &Evidence,
    truth: &mut Truth<'_>,
    windows: &Windows,
    seen: &Observation,
    reply: &Plain,
    (oldest, known, newest): (u64, u64, u64),
    candidates: &[u64],
) -> String {
    let mut lines = vec![describe(evidence, seen)];
    lines.push(format!("between changes {oldest} and {newest}; an answer before showed {known}"));
    for (apex, serial) in &reply.serials {
        lines.push(format!("serial {serial} of {apex}"));
    }
    let history = truth.history();
    for change in candidates.iter().copied().take(SHOWN) {
        let fault = fits(evidence, truth, seen, reply, change).err().unwrap_or_default();
        let (expected, _) = truth.after(seen.ask, change);
        let sections = expected.answer.iter().chain(&expected.authority);
        let records: Vec<String> =
            sections.flat_map(|(owner, set): &(Name, RrSet)| record_to_text(owner, set)).collect();
        let (kind, when) = (history.kind(change), windows.of(change));
        lines.push(format!("after change {change} ({kind}, visible {when}): {}", records.join("; ")));
        lines.push(format!("    {}", fault.replace('\n', "\n    ")));
    }
    if candidates.len() > SHOWN {
        lines.push(format!("and {} more states", candidates.len() - SHOWN));
    }
    // Which state it would be, if any: stale or early answers show themselves so.
    let Ask { region, address, .. } = &evidence.asks[seen.ask as usize];
    let mut all: Vec<u64> = history.region_changes(*region, 0, history.last).collect();
    all.extend(address.iter().flat_map(|address| history.ptr(*address).changes(0, history.last)));
    all.extend(history.serial_changes(*region, 0, history.last));
    all.sort_unstable();
    all.dedup();
    let near = all.partition_point(|change| *change <= oldest);
    let near = &all[near.saturating_sub(200)..all.len().min(near + 200)];
    let fitting = near.iter().rev().find(|change| fits(evidence, truth, seen, reply, **change).is_ok());
    match fitting {
        Some(change) => {
            lines.push(format!("it is the answer after change {change}, visible {}", windows.of(*change)));
        }
        None => lines.push("it is the answer of no state near".to_owned()),
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;

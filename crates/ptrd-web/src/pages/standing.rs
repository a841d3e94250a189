//! How names stand: those that do not resolve back, those that wait until they do, and those that look generic to spam
//! filters. Of one address, beside its map, and of many, as a list.

use super::address;
use super::history::time;
use crate::forward::{Forward, records};
use crate::view::grouped;
use ptrd_api::{CheckView, LintView, LintedName, PendingView, PostureCheck, PostureCounts, PostureView};
use ptrd_posture::Score;

/// TTL of the forward records that are shown where the PTR inherits its own.
const TTL: u32 = 3_600;
/// Changes of state that are shown.
const TURNS: usize = 4;

/// Where an address is shown; nowhere for what is none.
fn path(address: &str) -> String {
    address.parse().map(address::path).unwrap_or_default()
}

/// Names that wait at an address.
pub(crate) struct Waits {
    pub address: String,
    pub link: String,
    pub names: String,
    pub since: String,
    pub until: String,
    /// What is to be created.
    pub forward: Vec<Forward>,
}

impl Waits {
    pub fn of(view: PendingView) -> Waits {
        let ip = view.address.parse().ok();
        Waits {
            link: path(&view.address),
            names: view.names.join(" "),
            since: time(&view.since),
            until: time(&view.until),
            forward: ip.map(|ip| records(ip, &view.names, view.ttl.unwrap_or(TTL))).unwrap_or_default(),
            address: view.address,
        }
    }
}

/// What was found out of an address, when its names were looked up.
pub(crate) struct Check {
    pub address: String,
    pub link: String,
    pub words: &'static str,
    pub class: &'static str,
    pub since: String,
    pub checked: String,
    pub why: String,
    /// The changes of state, the newest first.
    pub turns: Vec<(String, String)>,
}

/// A state in words, and its class in the style sheet.
fn state(word: &str) -> (&'static str, &'static str) {
    match word {
        "verified" => ("✓ resolves back", "good"),
        "failing" => ("! does not resolve back", "failing"),
        _ => ("? not found out yet", "none"),
    }
}

impl Check {
    pub fn of(view: CheckView) -> Check {
        let (words, class) = state(&view.state);
        let turn = |turn: &ptrd_api::TransitionView| (time(&turn.at), self::state(&turn.to).0.to_owned());
        let turns = view.history.iter().take(TURNS).map(turn).collect();
        Check {
            link: path(&view.address),
            words,
            class,
            since: view.since.as_deref().map(time).unwrap_or_default(),
            checked: time(&view.checked),
            why: view.why,
            turns,
            address: view.address,
        }
    }

    /// Of an address that is under a rule, and that nobody has looked at yet.
    pub fn awaited(address: &str) -> Check {
        let (words, class) = state("unknown");
        let (address, link) = (address.to_owned(), path(address));
        let [since, checked, why] = [const { String::new() }; 3];
        Check { address, link, words, class, since, checked, why, turns: Vec::new() }
    }
}

/// Something that the world sees otherwise than it should be.
pub(crate) struct Amiss {
    pub subject: String,
    pub link: String,
    /// The check, and how it stands.
    pub words: String,
    pub class: &'static str,
    pub why: String,
    pub todo: String,
    pub since: String,
    pub looked: String,
}

impl Amiss {
    /// All that there is of an address or a zone.
    pub fn of(view: PostureView) -> Vec<Amiss> {
        let link = path(&view.subject);
        let looked = view.looked.as_deref().map(time).unwrap_or_default();
        let class = |grade: &str| match grade {
            "fail" => Some(("!", "failing")),
            "warn" => Some(("~", "generic")),
            _ => None,
        };
        let one = |check: PostureCheck| {
            let (sign, class) = class(&check.grade)?;
            Some(Amiss {
                subject: view.subject.clone(),
                link: link.clone(),
                words: format!("{sign} {}", check.check),
                class,
                why: check.why,
                todo: check.todo,
                since: time(&check.since),
                looked: looked.clone(),
            })
        };
        view.checks.into_iter().filter_map(one).collect()
    }
}

/// How many stand how, in words: `2 fail, 1 could be better`.
pub(crate) fn counted(counts: &PostureCounts) -> String {
    let by = [
        (counts.fail, "fail"),
        (counts.warn, "could be better"),
        (counts.unknown, "not known"),
        (counts.pass, "as they should be"),
    ];
    let some = by.into_iter().filter(|(count, _)| *count > 0);
    some.map(|(count, words)| format!("{} {words}", grouped(count))).collect::<Vec<_>>().join(", ")
}

/// What a filter has against a name.
pub(crate) struct Finding {
    pub address: String,
    pub link: String,
    pub name: String,
    /// Which filter, and which rule of it.
    pub rule: String,
    /// What it costs.
    pub points: String,
    /// The part of the name, and what it is taken for.
    pub part: String,
    pub why: String,
}

impl Finding {
    /// All that there is against the names of an address.
    pub fn of(view: LintView) -> Vec<Finding> {
        let link = path(&view.address);
        let mut all = Vec::new();
        for LintedName { name, findings } in view.names {
            all.extend(findings.into_iter().map(|finding| Finding {
                address: view.address.clone(),
                link: link.clone(),
                name: name.clone(),
                rule: format!("{} {}", finding.filter, finding.rule),
                points: Score { least: finding.least, most: finding.most }.to_string(),
                part: finding.part,
                why: finding.why,
            }));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_shown_with_its_records() {
        let waits = Waits::of(PendingView {
            address: "192.0.2.9".into(),
            tenant: "acme".into(),
            names: vec!["mail.example.com.".into()],
            ttl: None,
            since: "2026-07-01T12:00:00Z".into(),
            until: "2026-07-08T12:00:00Z".into(),
            records: Vec::new(),
        });
        assert_eq!(waits.forward[0].bind, "mail.example.com. 3600 IN A 192.0.2.9");
        assert_eq!(
            (waits.since.as_str(), waits.until.as_str()),
            ("2026-07-01 12:00:00", "2026-07-08 12:00:00")
        );
        assert_eq!(waits.link, "/map?range=192.0.2.0%2F24&address=192.0.2.9#panel");
    }
}

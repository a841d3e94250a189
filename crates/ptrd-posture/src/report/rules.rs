//! What receivers ask, and how an address stands to it.
//!
//! Receivers' rules are those that they publish; what SpamAssassin 4 and Rspamd 3 count are their rules as they are shipped.
//! Rules are about addresses that send: to one of which it is known that it does not, none applies.

use super::rule::{Judged, Rule, RuleKind, Ruling};
use crate::identity::{Check, CheckId, Grade, Identity};
use crate::{Filter, Score, lint};
use std::net::IpAddr;

/// How many addresses that break a rule are named.
const MOST_NAMED: usize = 5;

/// What came of a rule: the ruling, why, and points where it is broken.
type Outcome = Option<(Ruling, String, Option<Score>)>;

/// A rule that is known.
struct Known {
    id: &'static str,
    who: &'static str,
    kind: RuleKind,
    asks: &'static str,
    codes: &'static [&'static str],
    points: Option<Score>,
    since: &'static str,
    note: &'static str,
    judge: fn(&Facts<'_>) -> Outcome,
}

const fn points(least: u16, most: u16) -> Option<Score> {
    Some(Score { least, most })
}

use RuleKind::{Filter as Counts, Receiver, Software};

#[rustfmt::skip]
const KNOWN: &[Known] = &[
    Known { id: "gmail", who: "Gmail", kind: Receiver, points: None, since: "2024-02-01",
        asks: "a PTR whose name resolves back to the address, of all senders",
        codes: &["421 4.7.0", "451 4.7.23", "550 5.7.25", "550 5.7.1"],
        note: "550 5.7.1 is what it says over IPv6. It asks this of all senders, however few messages they send.",
        judge: confirmed },
    Known { id: "exchange-ipv6", who: "Exchange Online (Microsoft 365)", kind: Receiver, points: None, since: "",
        asks: "a PTR, of IPv6 addresses", codes: &["550 5.7.25"],
        note: "Of IPv4 addresses it asks none as a hard rule.", judge: present_of_v6 },
    Known { id: "outlook", who: "Outlook.com", kind: Receiver, points: None, since: "",
        asks: "valid reverse DNS records", codes: &["550 DY-001"],
        note: "What is valid it does not say; taken here for a PTR whose name resolves back.", judge: confirmed },
    Known { id: "yahoo", who: "Yahoo and AOL", kind: Receiver, points: None, since: "",
        asks: "forward and reverse DNS that agree, and a name that says something and is not generic", codes: &[],
        note: "It has no code for this alone.", judge: confirmed_and_own },
    Known { id: "apple", who: "Apple (iCloud Mail)", kind: Receiver, points: None, since: "",
        asks: "reverse DNS with the sender's own domain", codes: &[], note: "It has no code for this.",
        judge: own_domain },
    Known { id: "iprev", who: "RFC 8601 (iprev)", kind: Software, points: None, since: "",
        asks: "a name of the address that resolves back to it", codes: &[],
        note: "Receivers write what came of it into Authentication-Results, as iprev=pass, fail, temperror or permerror.",
        judge: confirmed },
    Known { id: "helo", who: "RFC 5321, section 4.1.4", kind: Software, points: None, since: "",
        asks: "a name in HELO that has the address", codes: &[],
        note: "That it differs from the name of the PTR is no reason to refuse mail.", judge: helo_resolves },
    Known { id: "postfix-client", who: "Postfix, reject_unknown_client_hostname", kind: Software, points: None, since: "",
        asks: "a PTR whose name resolves back to the address", codes: &["450"],
        note: "For receivers that have it switched on.", judge: confirmed },
    Known { id: "postfix-reverse", who: "Postfix, reject_unknown_reverse_client_hostname", kind: Software, points: None, since: "",
        asks: "a PTR", codes: &[], note: "For receivers that have it switched on.", judge: present },
    Known { id: "spamassassin-none", who: "SpamAssassin, RDNS_NONE", kind: Counts, points: points(793, 2_399), since: "",
        asks: "a PTR", codes: &[], note: "", judge: present },
    Known { id: "spamassassin-dynamic", who: "SpamAssassin, RDNS_DYNAMIC", kind: Counts, points: points(363, 2_639), since: "",
        asks: "a name that does not look like one of a household", codes: &[], note: "",
        judge: |facts| facts.not_generic(Filter::SpamAssassin) },
    Known { id: "spamassassin-helo-dynamic", who: "SpamAssassin, HELO_DYNAMIC_IPADDR", kind: Counts, points: points(1_951, 3_680),
        since: "", asks: "a name in HELO without the four numbers of an address", codes: &[], note: "", judge: helo_numbers },
    Known { id: "spamassassin-helo-differs", who: "SpamAssassin, KHOP_HELO_FCRDNS", kind: Counts, points: points(400, 400), since: "",
        asks: "a name in HELO that is the name of the address", codes: &[], note: "", judge: helo_equal },
    Known { id: "rspamd-none", who: "Rspamd, RDNS_NONE", kind: Counts, points: points(2_000, 2_000), since: "",
        asks: "a PTR", codes: &[], note: "", judge: present },
    Known { id: "rspamd-hostname", who: "Rspamd, HFILTER_HOSTNAME_1 to _5", kind: Counts, points: points(500, 3_000), since: "",
        asks: "a name without words that stand for lines of customers", codes: &[], note: "",
        judge: |facts| facts.not_generic(Filter::Rspamd) },
    Known { id: "rspamd-unknown", who: "Rspamd, HFILTER_HOSTNAME_UNKNOWN", kind: Counts, points: points(2_500, 2_500), since: "",
        asks: "a PTR whose name resolves back to the address", codes: &[], note: "", judge: confirmed },
    Known { id: "rspamd-helo-address", who: "Rspamd, HFILTER_HELO_IP_A", kind: Counts, points: points(1_000, 1_000), since: "",
        asks: "a name in HELO that has the address", codes: &[], note: "", judge: helo_resolves },
    Known { id: "rspamd-helo-short", who: "Rspamd, HFILTER_HELO_NOT_FQDN", kind: Counts, points: points(2_000, 2_000), since: "",
        asks: "a full host name in HELO", codes: &[], note: "", judge: helo_full },
    Known { id: "rspamd-helo-bare", who: "Rspamd, HFILTER_HELO_BAREIP", kind: Counts, points: points(3_000, 3_000), since: "",
        asks: "no bare address in HELO", codes: &[], note: "", judge: helo_no_address },
];

/// What rules look at.
struct Facts<'a> {
    identity: &'a Identity,
    names: &'a [String],
}

impl Facts<'_> {
    fn check(&self, id: CheckId) -> Option<&Check> {
        self.identity.checks.iter().find(|check| check.id == id)
    }

    /// What a check says of a rule; `None` where it was not made.
    fn ruling(&self, id: CheckId) -> Outcome {
        let check = self.check(id)?;
        let ruling = match check.grade {
            Grade::Pass => Ruling::Satisfied,
            Grade::Unknown => Ruling::Open,
            Grade::Warn | Grade::Fail => Ruling::Broken,
        };
        Some((ruling, check.why.clone(), None))
    }

    fn helo(&self) -> Option<&str> {
        let helo = self.identity.subject.helo.as_deref()?.trim();
        Some(helo.strip_suffix('.').unwrap_or(helo))
    }

    fn not_generic(&self, filter: Filter) -> Outcome {
        if self.names.is_empty() {
            return None;
        }
        let found = self.names.iter().flat_map(|name| lint(name).into_iter().map(move |found| (name, found)));
        let found = found.filter(|(_, found)| found.filter == filter).max_by_key(|(_, found)| found.score);
        Some(match found {
            Some((name, found)) => (Ruling::Broken, format!("{name}: {found}"), Some(found.score)),
            None => (Ruling::Satisfied, format!("nothing against {}", self.names[0]), None),
        })
    }
}

fn present(facts: &Facts<'_>) -> Outcome {
    facts.ruling(CheckId::PtrPresent)
}

fn present_of_v6(facts: &Facts<'_>) -> Outcome {
    present(facts).filter(|_| facts.identity.subject.address.is_ipv6())
}

/// Without a PTR there is no check of what would resolve back. What signatures stand against, whoever validates does not see.
fn confirmed(facts: &Facts<'_>) -> Outcome {
    let confirmed = facts.ruling(CheckId::Iprev).or_else(|| present(facts))?;
    let unseen = facts.ruling(CheckId::Dnssec).filter(|dnssec| dnssec.0 == Ruling::Broken);
    match unseen {
        Some((_, why, _)) if confirmed.0 == Ruling::Satisfied => Some((Ruling::Open, why, None)),
        _ => Some(confirmed),
    }
}

fn confirmed_and_own(facts: &Facts<'_>) -> Outcome {
    let confirmed = confirmed(facts)?;
    let generic = facts.ruling(CheckId::Generic);
    match (confirmed.0, generic) {
        (Ruling::Satisfied, Some(generic)) if generic.0 != Ruling::Satisfied => Some(generic),
        (Ruling::Open, Some(generic)) if generic.0 == Ruling::Broken => Some(generic),
        _ => Some(confirmed),
    }
}

fn own_domain(facts: &Facts<'_>) -> Outcome {
    let present = present(facts)?;
    let domains = &facts.identity.subject.domains;
    if present.0 != Ruling::Satisfied {
        return Some(present);
    }
    if domains.is_empty() {
        return Some((Ruling::Open, "for which domains it sends is not known".to_owned(), None));
    }
    let is_within = |name: &&String| domains.iter().any(|domain| lies_within(name, domain));
    Some(match facts.names.iter().find(is_within) {
        Some(name) => (Ruling::Satisfied, format!("{name} lies within a domain that it sends for"), None),
        None => {
            let name = facts.names.first().map(String::as_str).unwrap_or_default();
            let some: Vec<&str> = domains.iter().take(3).map(String::as_str).collect();
            (
                Ruling::Broken,
                format!("{name} lies within none of the domains that it sends for ({})", some.join(", ")),
                None,
            )
        }
    })
}

fn lies_within(name: &str, domain: &str) -> bool {
    let (name, domain) = (crate::identity::canonical(name), crate::identity::canonical(domain));
    name == domain || name.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'))
}

fn helo_resolves(facts: &Facts<'_>) -> Outcome {
    facts.ruling(CheckId::HeloResolves)
}

fn helo_equal(facts: &Facts<'_>) -> Outcome {
    facts.ruling(CheckId::HeloEqualsPtr)
}

fn helo_full(facts: &Facts<'_>) -> Outcome {
    let helo = facts.helo()?;
    Some(said(helo.contains('.') && !helo.starts_with('['), helo))
}

fn helo_no_address(facts: &Facts<'_>) -> Outcome {
    let helo = facts.helo()?;
    Some(said(helo.parse::<IpAddr>().is_err(), helo))
}

/// Four numbers, each behind one character that is no digit, in the first labels of a name that begins with a letter.
fn helo_numbers(facts: &Facts<'_>) -> Outcome {
    let helo = facts.helo()?;
    let mut numbers = 0;
    let mut apart = 0;
    for (was, is) in helo.bytes().zip(helo.bytes().skip(1)) {
        match (was.is_ascii_digit(), is.is_ascii_digit()) {
            (false, true) => numbers = if numbers > 0 && apart == 1 { numbers + 1 } else { 1 },
            (_, false) => apart = if was.is_ascii_digit() { 1 } else { apart + 1 },
            (true, true) => (),
        }
        if numbers == 4 {
            break;
        }
    }
    let is_dynamic = numbers == 4 && helo.starts_with(|c: char| c.is_ascii_alphabetic());
    Some(said(!is_dynamic, helo))
}

fn said(is_well: bool, helo: &str) -> (Ruling, String, Option<Score>) {
    (if is_well { Ruling::Satisfied } else { Ruling::Broken }, format!("HELO gives {helo}"), None)
}

/// How an address stands to all rules that apply to it, in the order of the table.
pub(super) fn judge(identity: &Identity) -> Vec<Judged> {
    if identity.subject.sending == Some(false) {
        return Vec::new();
    }
    let facts = Facts { identity, names: identity.names() };
    let judged = |known: &Known| {
        let (ruling, why, points) = (known.judge)(&facts)?;
        let points = points.or(known.points).filter(|_| ruling == Ruling::Broken);
        let points = points.map(|points| points.to_string()).unwrap_or_default();
        Some(Judged { rule: known.id.to_owned(), ruling, why, points })
    };
    KNOWN.iter().filter_map(judged).collect()
}

/// All rules with how many addresses stand to them how.
#[derive(Default)]
pub(super) struct Tally(
    std::collections::BTreeMap<String, (u64, u64, u64, std::collections::BTreeSet<IpAddr>)>,
);

impl Tally {
    pub fn add(&mut self, address: IpAddr, judged: &[Judged]) {
        for Judged { rule, ruling, .. } in judged {
            let (satisfied, broken, open, some) = self.0.entry(rule.clone()).or_default();
            match ruling {
                Ruling::Satisfied => *satisfied += 1,
                Ruling::Open => *open += 1,
                Ruling::Broken => {
                    *broken += 1;
                    some.insert(address);
                    if some.len() > MOST_NAMED {
                        some.pop_last();
                    }
                }
            }
        }
    }

    /// Those that apply to any address, in the order of the table.
    pub fn rules(self) -> Vec<Rule> {
        let mut counts = self.0;
        let rule = |known: &Known| {
            let (satisfied, broken, open, some) = counts.remove(known.id)?;
            Some(Rule {
                id: known.id.to_owned(),
                who: known.who.to_owned(),
                kind: known.kind,
                asks: known.asks.to_owned(),
                codes: known.codes.iter().map(|&code| code.to_owned()).collect(),
                points: known.points.map(|points| points.to_string()).unwrap_or_default(),
                since: known.since.to_owned(),
                note: known.note.to_owned(),
                satisfied,
                broken,
                open,
                some: some.into_iter().collect(),
            })
        };
        KNOWN.iter().filter_map(rule).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Subject;

    fn with_helo(helo: &str) -> Identity {
        let mut subject = Subject::new("192.0.2.1".parse().expect("an address"));
        subject.helo = Some(helo.to_owned());
        Identity { subject, checks: Vec::new(), observations: Vec::new() }
    }

    fn ruling(identity: &Identity, rule: &str) -> Option<Ruling> {
        judge(identity).into_iter().find(|judged| judged.rule == rule).map(|judged| judged.ruling)
    }

    #[test]
    fn rules_have_names_of_their_own() {
        for (nth, known) in KNOWN.iter().enumerate() {
            assert!(KNOWN[nth + 1..].iter().all(|other| other.id != known.id), "{}", known.id);
            assert_eq!(known.kind == Counts, known.points.is_some(), "{}", known.id);
        }
    }

    #[test]
    fn four_numbers_in_a_row_are_an_address() {
        for (helo, ruling_of) in [
            ("host-192-0-2-1.example.com", Ruling::Broken),
            ("h1.2.3.4.example.com", Ruling::Broken),
            ("mail-01.example.com", Ruling::Satisfied),
            ("a1-2-3.example.com", Ruling::Satisfied),
            ("a1--2-3-4.example.com", Ruling::Satisfied),
            ("192-0-2-1.example.com", Ruling::Satisfied),
        ] {
            assert_eq!(ruling(&with_helo(helo), "spamassassin-helo-dynamic"), Some(ruling_of), "{helo}");
        }
    }

    #[test]
    fn helo_names_are_full_and_no_addresses() {
        for (helo, short, bare) in [
            ("mail.example.com.", Ruling::Satisfied, Ruling::Satisfied),
            ("localhost", Ruling::Broken, Ruling::Satisfied),
            ("192.0.2.1", Ruling::Satisfied, Ruling::Broken),
            ("[192.0.2.1]", Ruling::Broken, Ruling::Satisfied),
        ] {
            let identity = with_helo(helo);
            assert_eq!(ruling(&identity, "rspamd-helo-short"), Some(short), "{helo}");
            assert_eq!(ruling(&identity, "rspamd-helo-bare"), Some(bare), "{helo}");
        }
    }

    #[test]
    fn a_domain_holds_what_lies_within_it() {
        assert!(
            lies_within("Mail.Example.com.", "example.com") && lies_within("example.com.", "example.com.")
        );
        assert!(!lies_within("badexample.com.", "example.com") && !lies_within("com.", "example.com"));
    }

    #[test]
    fn who_sends_no_mail_is_held_to_no_rule() {
        let mut identity = with_helo("localhost");
        identity.subject.sending = Some(false);
        assert!(judge(&identity).is_empty());
    }
}

//! Names that look generic to spam filters: made from the address, or with words that stand for lines of households.
//!
//! What counts is what SpamAssassin 4.0 (`20_dynrdns.cf`, `50_scores.cf`) and Rspamd 3 (`hfilter.lua`, `hfilter_group.conf`)
//! say as they are shipped. Each filter gives a name one rule at most. The rules were read for what they match, and are
//! written here in words of our own; a table of names, judged by the filters' own files, holds the two together.
//!
//! A sending address needs a name of its own that a person chose. Addresses that send no mail may be named as they like.

mod rspamd;
mod spamassassin;

use ptrd_api::FindingView;
use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use std::fmt;

/// Whose rule it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Filter {
    /// SpamAssassin 4.
    SpamAssassin,
    /// Rspamd 3.
    Rspamd,
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Filter::SpamAssassin => "SpamAssassin",
            Filter::Rspamd => "Rspamd",
        })
    }
}

/// How many points of spam a rule gives, in thousandths; SpamAssassin's depend on what else it is set to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score {
    /// The least that it gives.
    pub least: u16,
    /// The most.
    pub most: u16,
}

impl Score {
    const fn always(thousandths: u16) -> Score {
        Score { least: thousandths, most: thousandths }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points = |thousandths: u16| format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
        let short = |points: String| match points.trim_end_matches('0') {
            whole if whole.ends_with('.') => format!("{whole}0"),
            short => short.to_owned(),
        };
        f.write_str(&short(points(self.least)))?;
        if self.most != self.least {
            write!(f, "–{}", short(points(self.most)))?;
        }
        Ok(())
    }
}

/// What a filter has against a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whose rule it is.
    pub filter: Filter,
    /// What the filter calls the rule, in headers and logs.
    pub rule: &'static str,
    /// What it costs.
    pub score: Score,
    /// The part of the name that the rule is about.
    pub part: String,
    /// What the rule takes that for.
    pub why: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { filter, rule, score, part, why } = self;
        write!(f, "{rule} ({filter}, {score} points): “{part}”, {why}")
    }
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> FindingView {
        let Finding { filter, rule, score, part, why } = finding;
        FindingView {
            filter: filter.to_string(),
            rule: rule.to_owned(),
            least: score.least,
            most: score.most,
            part,
            why: why.to_owned(),
        }
    }
}

/// All that filters have against a host name, which is given as text, with or without its final dot.
pub fn lint(name: impl AsRef<[u8]>) -> Vec<Finding> {
    let name = without_dot(name.as_ref());
    [spamassassin::find(name), rspamd::find(name)].into_iter().flatten().collect()
}

/// Whether [`lint`] finds anything: for many names.
pub fn is_generic(name: impl AsRef<[u8]>) -> bool {
    let name = without_dot(name.as_ref());
    spamassassin::is_hit(name) || rspamd::is_hit(name)
}

fn without_dot(name: &[u8]) -> &[u8] {
    name.strip_suffix(b".").unwrap_or(name)
}

/// What a pattern matched.
fn text(part: &[u8]) -> String {
    String::from_utf8_lossy(part).into_owned()
}

/// A pattern of ours: names are ASCII.
fn compile(pattern: &str) -> Regex {
    RegexBuilder::new(pattern).unicode(false).build().expect("a pattern that the tests compile")
}

fn compile_set<'p>(patterns: impl Iterator<Item = &'p str>) -> RegexSet {
    RegexSetBuilder::new(patterns).unicode(false).build().expect("patterns that the tests compile")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_read_as_points() {
        for (least, most, text) in
            [(363, 2639, "0.363–2.639"), (500, 500, "0.5"), (3000, 3000, "3.0"), (0, 10, "0.0–0.01")]
        {
            assert_eq!(Score { least, most }.to_string(), text);
        }
    }

    #[test]
    fn a_finding_names_the_rule_its_cost_and_the_part() {
        let findings: Vec<String> =
            lint("host-192-0-2-1.pool.example.net.").iter().map(Finding::to_string).collect();
        assert_eq!(
            findings,
            [
                "RDNS_DYNAMIC (SpamAssassin, 0.363–2.639 points): “192-0-2-1”, numbers in a row as of an address",
                "HFILTER_HOSTNAME_4 (Rspamd, 2.5 points): “-1.pool”, a word for lines of many customers",
            ]
        );
        assert!(is_generic("host-192-0-2-1.pool.example.net."));
        assert!(!is_generic("mail-01.example.com") && lint("mail-01.example.com").is_empty());
    }
}

//! SpamAssassin: RDNS_DYNAMIC, which any of its parts brings about, unless a word says that the address is a fixed one.

use super::{Filter, Finding, Score};
use regex::bytes::{Regex, RegexSet};
use std::sync::LazyLock;

const RULE: &str = "RDNS_DYNAMIC";
/// The least and the most of its four score sets, which differ in whether Bayes and network tests are in use.
const SCORE: Score = Score { least: 363, most: 2_639 };

/// Words anywhere in a name that exempt it.
const FIXED: &str = "(?i)fix|static|dedicated|mail-mail|outbound-mail|smtp";

const NUMBERS: &str = "numbers in a row as of an address";
const LINE: &str = "a word for lines of households, with numbers";
const PROVIDER: &str = "the form of a provider's dynamic names";

/// A part of the rule: what it takes the name for, and what it looks like. What the group holds is shown.
///
/// Letter case counts where SpamAssassin lets it count.
const PARTS: &[(&str, &str)] = &[
    (NUMBERS, r"(?i)(\d+\D\d+\D\d+\D\d+).*\..+\.."),
    (NUMBERS, r"^(\d+\..+\d\D\d+\D\d+)\D"),
    ("the digits of an address in hexadecimal", r"^(0x[a-f0-9]{8})\."),
    (LINE, r"(?i)((?:cm|catv|docsis|cable|dsl|dhcp|cpe|node).*\d\D+\d+)"),
    (LINE, r"(?i)(\d+\D+\d.*\.(?:docsis|cable|a?dsl|dhcp|cpe))\."),
    ("a word for lines of households", r"(?i).([-.](?:docsis|dhcp|cpe|catv)[-.])"),
    ("a word for residential customers", r"(?i).([-.](?:res|resnet|client)[-.])"),
    ("says that it is dynamic", r"(?i).([-.]dyn(?:amic)?[-.])"),
    ("says that it is dynamic", r"(?i).([-.]dyn(?:amic)?\d+)"),
    ("a letter and numbers between hyphens", r"(?i).(-[a-z]\d+-\d+\.)"),
    (PROVIDER, r"(?i).(\d.+\.client2\.attbi\.com)"),
    (PROVIDER, r"(?i)^(cpe\d.+\.rogers\.com)"),
    (PROVIDER, r"(?i)^([a-z]{2}-.+-\d{1,3}\.[a-z]{3,8}\.adelphia\.net)"),
    (PROVIDER, r"^([a-z][A-F0-9]+\.dip\.)"),
    (PROVIDER, r"(?i)^(yahoobb)"),
    (PROVIDER, r".(\.dyn\.optonline\.net)"),
    (PROVIDER, r"(?i)^([a-z]+-\d{1,3}-\d{1,5}\.roadrunner)"),
    (PROVIDER, r"(?i)^([a-z-]+\d+[a-z]{3}\.[a-z0-9]+\...\.comcast)"),
    (PROVIDER, r"(?i)^(h\d+n\d+fls.+\.telia\.com)"),
    (PROVIDER, r"(?i)^(cm-[a-z]+\d+-\d+-\d+\.cm\.vtr)"),
    (PROVIDER, r"(?i).(\.cm\.chello\.no)"),
    (PROVIDER, r"(?i)^([a-z]\d+\.upc-[a-z]\.chello\.nl)"),
    (PROVIDER, r"(?i)^([a-z]{2}\d+\.user\.veloxzone\.)"),
    (PROVIDER, r"(?i).(\d-\d+-cust\d+\.[a-z]{4,6}\.broadband\.ntl\.com)"),
    (PROVIDER, r"(?i).(-[a-z]\d+\.[a-z]{6}\.tds\.net)"),
    (PROVIDER, r"(?i)^(\d+\.cps\.)"),
    (PROVIDER, r"(?i)^([a-z]\d+\.ppp\.asahi-net\.or\.jp)"),
];

static FIXED_WORDS: LazyLock<Regex> = LazyLock::new(|| super::compile(FIXED));
static SET: LazyLock<RegexSet> =
    LazyLock::new(|| super::compile_set(PARTS.iter().map(|(_, pattern)| *pattern)));
static EACH: LazyLock<Vec<Regex>> =
    LazyLock::new(|| PARTS.iter().map(|(_, pattern)| super::compile(pattern)).collect());

pub(super) fn is_hit(name: &[u8]) -> bool {
    SET.is_match(name) && !FIXED_WORDS.is_match(name)
}

pub(super) fn find(name: &[u8]) -> Option<Finding> {
    if FIXED_WORDS.is_match(name) {
        return None;
    }
    let nth = SET.matches(name).iter().next()?;
    let part = super::text(EACH[nth].captures(name)?.get(1)?.as_bytes());
    Some(Finding { filter: Filter::SpamAssassin, rule: RULE, score: SCORE, part, why: PARTS[nth].0 })
}

//! Rspamd: HFILTER_HOSTNAME_1 to _5, the heaviest that applies. Words weigh where they stand beside digits or as labels.

use super::{Filter, Finding, Score};
use regex::bytes::{Regex, RegexSet};
use std::sync::LazyLock;

/// The rules by weight, from 1 on.
const RULES: [(&str, Score); 5] = [
    ("HFILTER_HOSTNAME_1", Score::always(500)),
    ("HFILTER_HOSTNAME_2", Score::always(1_000)),
    ("HFILTER_HOSTNAME_3", Score::always(2_000)),
    ("HFILTER_HOSTNAME_4", Score::always(2_500)),
    ("HFILTER_HOSTNAME_5", Score::always(3_000)),
];

/// Where a word must stand to count.
#[derive(Clone, Copy)]
enum Place {
    /// Between dots or hyphens.
    Apart,
    /// Behind a number: `12word`, `12-word`.
    Behind,
    /// The same, with a dot or hyphen between.
    BehindApart,
    /// Behind one digit, whatever stands before that.
    BehindDigit,
    /// Behind a number of three digits or more.
    BehindLong,
    /// Apart, with a digit or another mark before that.
    ApartBehind,
    /// In front of a number: `word-1`.
    Before,
    /// The same, or with nothing between.
    BeforeClose,
    /// In front of a number of two digits or more.
    BeforeLong,
    /// In front of a number that goes on.
    BeforeMore,
}

use Place::{
    Apart, ApartBehind, Before, BeforeClose, BeforeLong, BeforeMore, Behind, BehindApart, BehindDigit,
    BehindLong,
};

impl Place {
    fn pattern(self, word: &str) -> String {
        match self {
            Apart => format!("[.-]{word}[.-]"),
            Behind => format!("[-.0-9][0-9][.-]?{word}"),
            BehindApart => format!("[-.0-9][0-9][.-]{word}"),
            BehindDigit => format!("[0-9][.-]?{word}"),
            BehindLong => format!("[-.0-9][0-9]{{3,}}[.-]?{word}"),
            ApartBehind => format!("[-.0-9][.-]{word}[.-]"),
            Before => format!("{word}[.-][0-9]"),
            BeforeClose => format!("{word}[.-]?[0-9]"),
            BeforeLong => format!("{word}[.-][0-9]{{2,}}"),
            BeforeMore => format!("{word}[.-][0-9][-.0-9]"),
        }
    }
}

/// Words of a weight, and where they count.
type Words = (u8, &'static [Place], &'static [&'static str]);

const WORDS: &[Words] = &[
    (
        5,
        &[Behind, Before, Apart],
        &["catv", "cablemodem", "comcast", "dial-?up", "dynamic", "homeuser", "nat", "ppp"],
    ),
    (5, &[Behind, Before, Apart], &["pptp"]),
    (5, &[Behind, Apart], &["bredband"]),
    (5, &[Behind, Before, ApartBehind], &["pppoe"]),
    (5, &[BehindApart, Before, Apart], &["broadband", "cdma", "gprs", "modem"]),
    (5, &[BehindApart, Before, ApartBehind], &["dynip"]),
    (5, &[BehindApart, BeforeMore], &["dyn"]),
    (5, &[BehindDigit, Before, Apart], &["broad", "dhcp", "wifi"]),
    (5, &[Before], &["brodband"]),
    (5, &[Behind, BeforeClose, Apart], &["[ax]?dsl-dynamic"]),
    (5, &[BehindLong, BeforeLong], &["clients?"]),
    (4, &[Behind, BeforeClose, Apart], &["[ax]?dsl", "[ax]?dsl-line"]),
    (4, &[Behind, Before, Apart], &["fibertel", "in-?addr", "pool"]),
    (4, &[BehindDigit, Before, Apart], &["fbx"]),
    (3, &[Behind, Before, Apart], &["unused-addr"]),
    (3, &[BehindApart, Before, Apart], &["cable"]),
    (3, &[BehindDigit, Before, Apart], &["kabel"]),
    (2, &[Behind, Before, Apart], &["host"]),
    (1, &[Behind, Before, Apart], &["customers?", "peer", "user"]),
    (1, &[Apart], &["clients?"]),
];

/// Each pattern with its weight, heaviest first.
static PATTERNS: LazyLock<Vec<(u8, String)>> = LazyLock::new(|| {
    let of = |(weight, places, words): &Words| {
        let weight = *weight;
        let pairs = words.iter().flat_map(|word| places.iter().map(move |place| place.pattern(word)));
        pairs.map(move |pattern| (weight, format!("(?i){pattern}"))).collect::<Vec<_>>()
    };
    WORDS.iter().flat_map(of).collect()
});
static SET: LazyLock<RegexSet> =
    LazyLock::new(|| super::compile_set(PATTERNS.iter().map(|(_, pattern)| pattern.as_str())));
static EACH: LazyLock<Vec<Regex>> =
    LazyLock::new(|| PATTERNS.iter().map(|(_, pattern)| super::compile(pattern)).collect());

pub(super) fn is_hit(name: &[u8]) -> bool {
    SET.is_match(name)
}

pub(super) fn find(name: &[u8]) -> Option<Finding> {
    let hits = SET.matches(name);
    let nth = hits.iter().min_by_key(|nth| std::cmp::Reverse(PATTERNS[*nth].0))?;
    let weight = PATTERNS[nth].0;
    let (rule, score) = RULES[usize::from(weight) - 1];
    let part = super::text(EACH[nth].find(name)?.as_bytes());
    let why = match weight {
        5 => "a word for lines of households",
        2..=4 => "a word for lines of many customers",
        _ => "a word for customers",
    };
    Some(Finding { filter: Filter::Rspamd, rule, score, part, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heavier_words_come_first() {
        assert!(WORDS.is_sorted_by_key(|(weight, _, _)| std::cmp::Reverse(*weight)));
    }
}

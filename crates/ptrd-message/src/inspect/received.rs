//! `Received` (RFC 5321 §4.4), as mail servers write it: each has another place for the name in HELO and for what it looked up.

use crate::message::date;
use crate::text::{Token, clean, strip_start, tokens};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What wrote the field, as far as it makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Software {
    /// Writes a name that resolves back, else `unknown`.
    Postfix,
    /// Writes the name, and `may be forged` where it does not resolve back.
    Sendmail,
    /// Writes a name that resolves back first, and the one in HELO in parentheses.
    Exim,
    /// Writes the name of the address with a dot at its end, and nothing of whether it resolves back.
    Gmail,
    /// Writes the name in HELO alone.
    Microsoft,
    /// Writes the address, and the name in EHLO in parentheses.
    Yahoo,
    /// Writes the name of the address, and the one in HELO in parentheses.
    Qmail,
}

/// What was seen of the reverse name of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "state", content = "name")]
pub enum Reverse {
    /// Nothing is said.
    #[default]
    Unsaid,
    /// There is none.
    Absent,
    /// None that resolves back; the name, where it is said.
    Unconfirmed(Option<String>),
    /// There is this one; nothing is said of whether it resolves back.
    Named(String),
    /// This one, and it resolves back.
    Confirmed(String),
}

impl Reverse {
    /// The name, if one is said.
    pub fn name(&self) -> Option<&str> {
        match self {
            Reverse::Named(name) | Reverse::Confirmed(name) | Reverse::Unconfirmed(Some(name)) => Some(name),
            _ => None,
        }
    }
}

/// Who can have written what a hop says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Whose {
    /// The receiver, of a way within it.
    Receiver,
    /// The receiver, of where it took the message from.
    Boundary,
    /// Whoever sent it: it may be made up.
    Sender,
}

/// One step of a message's way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// Who can have written it.
    pub whose: Whose,
    /// Who took the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// From this address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// Which called itself so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helo: Option<String>,
    /// What was found of its reverse name.
    pub reverse: Reverse,
    /// The protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    /// The version of TLS, if it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<String>,
    /// When, milliseconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// What wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software: Option<Software>,
    /// Microsoft's door to the Internet says so.
    #[serde(skip)]
    pub is_front: bool,
    /// It says where the message came from, be it with an address or without.
    #[serde(skip)]
    pub has_from: bool,
}

/// The words and comments behind a keyword.
#[derive(Debug, Default)]
struct Clause<'a> {
    words: Vec<&'a str>,
    comments: Vec<&'a str>,
}

/// A field, taken apart.
#[derive(Debug, Default)]
struct Trace<'a> {
    from: Clause<'a>,
    by: Clause<'a>,
    with: Clause<'a>,
    other: Clause<'a>,
}

impl<'a> Trace<'a> {
    fn of(text: &'a str) -> Trace<'a> {
        let (mut trace, mut reached, mut is_behind) = (Trace::default(), 0, false);
        for token in tokens(text) {
            // Each keyword counts once, and none comes back. The word right behind one is its value, whatever it is: who sends
            // chooses the name in HELO, and `by` is one.
            let next = match token {
                Token::Word(word) if !is_behind => match word.to_ascii_lowercase().as_str() {
                    "from" => 1,
                    "by" => 2,
                    "with" => 3,
                    "via" | "id" | "for" => 4,
                    _ => 0,
                },
                _ => 0,
            };
            is_behind = next > reached;
            if is_behind {
                reached = next;
                continue;
            }
            let clause = match reached {
                1 => &mut trace.from,
                2 => &mut trace.by,
                3 => &mut trace.with,
                _ => &mut trace.other,
            };
            match token {
                Token::Word(word) => clause.words.push(word),
                Token::Comment(comment) => clause.comments.push(comment),
                Token::Semicolon => {}
            }
        }
        trace
    }

    fn comments(&self) -> impl Iterator<Item = &'a str> {
        let clauses = [&self.from, &self.by, &self.with, &self.other];
        clauses.into_iter().flat_map(|clause| clause.comments.iter().copied()).collect::<Vec<_>>().into_iter()
    }
}

impl Hop {
    /// Reads what a field says. What is not understood is left out.
    pub fn read(text: &str) -> Hop {
        let trace = Trace::of(text);
        let software = software(&trace);
        let origin = Origin::of(&trace, software);
        let by = trace.by.words.first().map(|by| clean(by));
        let tls = tls(&trace);
        let at = text.rsplit_once(';').and_then(|(_, text)| date(text));
        let (helo, reverse) = origin.names(software);
        Hop {
            whose: Whose::Sender,
            by,
            address: origin.address,
            helo: helo.map(|helo| clean(helo.trim_end_matches('.'))).filter(|helo| !helo.is_empty()),
            reverse,
            with: trace.with.words.first().map(|with| clean(with)),
            tls,
            at,
            software,
            is_front: text.contains("via Frontend Transport"),
            has_from: !trace.from.words.is_empty() || !trace.from.comments.is_empty(),
        }
    }
}

fn software(trace: &Trace<'_>) -> Option<Software> {
    let by = trace.by.words.first().copied().unwrap_or_default();
    let has = |wanted: &dyn Fn(&str) -> bool| {
        trace.by.comments.iter().chain(&trace.with.comments).any(|it| wanted(it))
    };
    // `8.17.1/8.17.1`
    let is_version = |text: &str| {
        text.split_once('/').is_some_and(|(one, _)| {
            one.starts_with(|c: char| c.is_ascii_digit()) && one.split('.').count() >= 3
        })
    };
    let says_ehlo = |text: &&str| ["HELO ", "EHLO "].iter().any(|word| strip_start(text, word).is_some());
    Some(if has(&|text| text == "Postfix") {
        Software::Postfix
    } else if has(&|text| strip_start(text, "Exim ").is_some()) {
        Software::Exim
    } else if trace.with.words.first() == Some(&"Microsoft") {
        Software::Microsoft
    } else if by == "mx.google.com" || crate::text::is_below(by, "google.com") {
        Software::Gmail
    } else if has(&is_version) {
        Software::Sendmail
    } else if trace.from.comments.iter().any(says_ehlo) {
        let first = trace.from.words.first().copied().unwrap_or_default();
        if first.parse::<IpAddr>().is_ok() { Software::Yahoo } else { Software::Qmail }
    } else {
        return None;
    })
}

fn tls(trace: &Trace<'_>) -> Option<String> {
    for comment in trace.comments() {
        if let Some(rest) = strip_start(comment, "using ") {
            return rest.split(' ').next().map(clean);
        }
        if let Some(rest) = strip_start(comment, "version=") {
            return rest.split([' ', ',']).next().map(clean);
        }
        // Exim: `(TLS1.3) tls TLS_AES_256_GCM_SHA384`.
        if strip_start(comment, "TLS")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == 'v'))
        {
            return comment.split([' ', ':']).next().map(clean);
        }
    }
    None
}

/// What is said of where a message came from.
#[derive(Debug, Default)]
struct Origin<'a> {
    /// The first word.
    first: Option<&'a str>,
    /// Stands beside the address in parentheses.
    beside: Option<&'a str>,
    /// Said to be from HELO.
    helo: Option<&'a str>,
    address: Option<IpAddr>,
    is_forged: bool,
}

impl<'a> Origin<'a> {
    fn of(trace: &Trace<'a>, software: Option<Software>) -> Origin<'a> {
        let from = &trace.from;
        let mut origin = Origin { first: from.words.first().copied(), ..Origin::default() };
        for comment in &from.comments {
            origin.take(comment);
        }
        // Elsewhere the first word is from HELO; of HTTP there is none.
        let is_receivers = matches!(software, Some(Software::Exim | Software::Yahoo))
            || trace.with.words.first() == Some(&"HTTP");
        if origin.address.is_none() && is_receivers {
            origin.address = origin.first.and_then(address);
        }
        origin
    }

    fn take(&mut self, comment: &'a str) {
        self.is_forged |= comment.contains("may be forged");
        if let Some(rest) = strip_start(comment, "HELO ").or_else(|| strip_start(comment, "EHLO ")) {
            self.helo = self.helo.or(rest.split(' ').next());
            return;
        }
        let words: Vec<&str> = comment.split(' ').filter(|word| !word.is_empty()).collect();
        if let Some(helo) = words.iter().find_map(|word| strip_start(word, "helo=")) {
            self.helo = self.helo.or(Some(helo));
        }
        if self.address.is_some() {
            return;
        }
        // The name before it is the sender's, and may look like an address: brackets are the receiver's, and so is the last word.
        let bracketed = words.iter().rposition(|word| word.starts_with('['));
        let Some(place) = bracketed.or_else(|| words.iter().rposition(|word| address(word).is_some())) else {
            return;
        };
        self.address = address(words[place]);
        let before = place.checked_sub(1).map(|before| words[before]);
        let named = before.filter(|word| self.address.is_some() && strip_start(word, "helo=").is_none());
        // Sendmail writes what the ident protocol says before it.
        self.beside = self.beside.or(named.map(|word| word.rsplit_once('@').map_or(word, |(_, name)| name)));
    }

    /// The name in HELO, and the reverse name.
    fn names(&self, software: Option<Software>) -> (Option<&'a str>, Reverse) {
        let named = |name: &str| clean(name.trim_end_matches('.'));
        let is_unknown = |name: &str| name.eq_ignore_ascii_case("unknown");
        let literal = self.first.filter(|first| first.starts_with('[') || address(first).is_some());
        match software {
            Some(Software::Exim) => match (self.first, literal) {
                (_, Some(_)) => (self.helo, Reverse::Unsaid),
                (Some(first), None) => (self.helo.or(Some(first)), Reverse::Confirmed(named(first))),
                (None, None) => (self.helo, Reverse::Unsaid),
            },
            Some(Software::Qmail) => match self.first {
                Some(first) if is_unknown(first) => (self.helo, Reverse::Absent),
                Some(first) => (self.helo, Reverse::Named(named(first))),
                None => (self.helo, Reverse::Unsaid),
            },
            Some(Software::Yahoo) => (self.helo, Reverse::Unsaid),
            Some(Software::Microsoft) => (self.first, Reverse::Unsaid),
            _ => {
                let reverse = match self.beside {
                    Some(name) if is_unknown(name) => Reverse::Unconfirmed(None),
                    Some(name) if self.is_forged => Reverse::Unconfirmed(Some(named(name))),
                    Some(name) if matches!(software, Some(Software::Postfix | Software::Sendmail)) => {
                        Reverse::Confirmed(named(name))
                    }
                    Some(name) => Reverse::Named(named(name)),
                    None if matches!(software, Some(Software::Gmail | Software::Sendmail))
                        && self.address.is_some() =>
                    {
                        Reverse::Absent
                    }
                    None => Reverse::Unsaid,
                };
                (self.helo.or(self.first), reverse)
            }
        }
    }
}

/// An address as it stands there: bare, or in brackets, with a port behind them.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let plain = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => text,
    };
    let plain = strip_start(plain, "IPv6:").unwrap_or(plain);
    plain.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

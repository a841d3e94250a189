//! What a line means with which a receiver refuses or defers mail, as far as it is about the sender's identity in DNS.
//!
//! A line that is about something else (SPF, a blocklist, a mailbox) is told to be, so that nobody looks for a PTR that is not
//! the trouble; one that is not known is told to be unknown. What receivers document and what they only have been seen to
//! write are kept apart ([`Basis`]). Lines are recognised by what they say; a code alone is believed where RFC 7372 gives it one
//! meaning, for receivers use some of these codes in meanings of their own.

mod address;
mod table;

pub use address::sender_address;

use serde::Serialize;
use std::borrow::Cow;
use std::net::IpAddr;

/// The longest text that is looked at, octets: a bounce with the message that it brings back has its reason at the start.
pub const LONGEST: usize = 64 * 1024;

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// The address has no PTR.
    NoPtr,
    /// The name of the PTR does not resolve back to the address.
    Mismatch,
    /// One of these two, and the line does not say which.
    Unconfirmed,
    /// The address or its name looks as that of a household does.
    Generic,
    /// The name in HELO or EHLO.
    Helo,
    /// SPF, DKIM or DMARC: not reverse DNS.
    Authentication,
    /// What is thought of the address or the domain, or a list on which it stands: not reverse DNS.
    Reputation,
    /// Something else: a mailbox, TLS, a limit. Not reverse DNS.
    Other,
    /// The line does not say why.
    Unsaid,
}

impl About {
    /// Whether reverse DNS, or the name that goes with it, is what has to be mended.
    pub fn is_identity(self) -> bool {
        matches!(self, About::NoPtr | About::Mismatch | About::Unconfirmed | About::Generic | About::Helo)
    }

    /// In a few words.
    pub fn said(self) -> &'static str {
        match self {
            About::NoPtr => "reverse DNS: the address has no PTR",
            About::Mismatch => "reverse DNS: the name of the PTR does not resolve back to the address",
            About::Unconfirmed => "reverse DNS: no PTR, or its name does not resolve back to the address",
            About::Generic => "the address, or its name, looks as that of a household does",
            About::Helo => "the name that the server gives in HELO or EHLO",
            About::Authentication => "not reverse DNS: SPF, DKIM or DMARC",
            About::Reputation => "not reverse DNS: reputation, or a list of addresses",
            About::Other => "not reverse DNS",
            About::Unsaid => "the line does not say why",
        }
    }
}

/// How it is known what a line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The receiver, the software or an RFC says so in public.
    Documented,
    /// Such lines have been seen, and nobody who writes them says what they mean: read as they stand.
    Observed,
}

impl Basis {
    /// In a few words.
    pub fn said(self) -> &'static str {
        match self {
            Basis::Documented => "documented by whoever writes it",
            Basis::Observed => "seen in the wild and not documented: read as it stands",
        }
    }
}

/// What a line means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Whose line it is: a receiver, or the software that receivers run.
    pub receiver: &'static str,
    /// What it is about.
    pub about: About,
    /// Whether mending reverse DNS, or the HELO name, is what helps.
    pub identity: bool,
    /// How that is known.
    pub basis: Basis,
    /// What it means.
    pub meaning: &'static str,
    /// The reply code and the enhanced one (RFC 3463), as far as the line has them.
    pub code: String,
    /// Whether the message may be sent again as it is: a reply of 4xx.
    pub temporary: bool,
    /// The address that the receiver speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// What to do, a step each, with the commands.
    pub steps: Vec<String>,
}

/// Says what a bounce means: a line, or all of the text that came back. `address` is the one that sent, where the text does not
/// say. `None` for a text in which nothing is known.
pub fn explain(text: &str, address: Option<IpAddr>) -> Option<Explanation> {
    let text = cut(text);
    let reason = reason(text);
    let address = address.or_else(|| sender_address(&reason)).or_else(|| sender_address(text));
    let line = Line::read(&reason);
    let entry = table::find(&line)?;
    Some(Explanation {
        receiver: entry.receiver,
        about: entry.about,
        identity: entry.about.is_identity(),
        basis: entry.basis,
        meaning: entry.meaning,
        code: line.code(),
        temporary: line.reply.starts_with('4'),
        address,
        steps: steps(entry.about, address),
    })
}

/// The start of a text.
fn cut(text: &str) -> &str {
    let end = (0..=text.len().min(LONGEST)).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

/// The part of a text that says why: of a delivery status notification its `Diagnostic-Code` (RFC 3464 §2.3.6), of another text
/// what stands before the message that it brings back, whose headers have words of their own about SPF and the like.
fn reason(text: &str) -> Cow<'_, str> {
    // Lower case of ASCII, so that places are the same in both.
    let lower = text.to_ascii_lowercase();
    if let Some(at) = lower.find("diagnostic-code:") {
        let mut lines = text[at..].lines();
        let first = lines.next().into_iter();
        let folded = lines.take_while(|line| line.starts_with([' ', '\t']));
        return first.chain(folded).collect::<Vec<_>>().join("\n").into();
    }
    let returned =
        ["\nreceived:", "\nreturn-path:", "message/rfc822", "text/rfc822-headers", "a copy of the message"];
    let end = returned.iter().filter_map(|mark| lower.find(mark)).filter(|at| *at > 0).min();
    text[..end.unwrap_or(text.len())].into()
}

/// A text as patterns are held against it: in lower case, on one line, without the codes that stand before each line.
struct Line {
    said: String,
    /// `550`; empty for none.
    reply: String,
    /// `5.7.25`; empty for none.
    enhanced: String,
}

impl Line {
    fn read(text: &str) -> Line {
        let (mut said, mut reply, mut enhanced) = (String::new(), String::new(), String::new());
        for word in text.to_lowercase().split_whitespace() {
            // As `(550` and `smtp;550` begin; qmail ends its lines with `(#5.7.25)`.
            let bare = word.strip_prefix("smtp;").unwrap_or(word).trim_start_matches(['(', '"', '“', '#']);
            let bare = bare.trim_end_matches([')', '.', ',', ';']);
            let (code, rest) = match split_codes(bare) {
                (None, _) => (None, word),
                found => found,
            };
            if let Some((three, more)) = code {
                if reply.is_empty() {
                    three.clone_into(&mut reply);
                }
                if enhanced.is_empty() {
                    more.clone_into(&mut enhanced);
                }
            } else if is_enhanced(bare) {
                if enhanced.is_empty() {
                    bare.clone_into(&mut enhanced);
                }
                continue;
            }
            if !rest.is_empty() {
                said.push(' ');
                // Quotes come in as many forms as there are programs that show mail.
                said.extend(rest.chars().map(|c| if c == '’' { '\'' } else { c }));
            }
        }
        said.push(' ');
        Line { said, reply, enhanced }
    }

    fn code(&self) -> String {
        format!("{} {}", self.reply, self.enhanced).trim().to_owned()
    }

    fn says(&self, part: &str) -> bool {
        self.said.contains(part)
    }

    fn has_code(&self, enhanced: &str) -> bool {
        self.enhanced == enhanced
    }
}

/// The codes at the start of a word, as lines of a reply have them (`550`, `550-5.7.25`, `550-text`), and what follows.
fn split_codes(word: &str) -> (Option<(&str, &str)>, &str) {
    let is_reply = |text: &str| {
        text.len() == 3 && text.starts_with(['4', '5']) && text.bytes().all(|octet| octet.is_ascii_digit())
    };
    match word.split_once('-') {
        None if is_reply(word) => (Some((word, "")), ""),
        Some((three, more)) if is_reply(three) && is_enhanced(more) => (Some((three, more)), ""),
        Some((three, more)) if is_reply(three) => (Some((three, "")), more),
        _ => (None, word),
    }
}

/// `5.7.25`: a class, a subject, a detail (RFC 3463 §2).
fn is_enhanced(word: &str) -> bool {
    let mut parts = word.split('.');
    let is_number =
        |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|octet| octet.is_ascii_digit());
    matches!(parts.next(), Some("4" | "5"))
        && parts.by_ref().take(2).filter(|part| is_number(part)).count() == 2
        && parts.next().is_none()
}

/// What to do about it.
fn steps(about: About, address: Option<IpAddr>) -> Vec<String> {
    let at: Cow<'_, str> = address.map_or("ADDRESS".into(), |address| address.to_string().into());
    let rtype = match address {
        Some(IpAddr::V4(_)) => "A",
        Some(IpAddr::V6(_)) => "AAAA",
        None => "A or AAAA",
    };
    let look = format!("see what the world sees: `dig +short -x {at}`");
    let set = format!(
        "give it one name, under the sender's own domain: `ptrctl ptr set {at} NAME`; where others hold the block: \
         `ptrctl request-text {at}` writes the request to them"
    );
    let back = format!(
        "that name needs the record `NAME {rtype} {at}`: `dig +short NAME {rtype}` shows whether it has"
    );
    match about {
        About::NoPtr => vec![look, set, back],
        About::Mismatch => vec![look, back, format!("or give the address another name: `ptrctl ptr set {at} NAME`")],
        About::Unconfirmed => vec![look, set, back],
        About::Generic => vec![
            look,
            format!("what filters have against the name: `ptrctl lint {at}`"),
            set,
            "look the address up in lists of dynamic addresses, such as Spamhaus' PBL, and have it taken out".to_owned(),
        ],
        About::Helo => vec![
            format!("let the server give a full host name that resolves to {at}, best that of its PTR"),
            format!("`ptrctl sending set {at} --helo NAME` keeps it in the inventory"),
        ],
        About::Authentication => {
            vec!["mend SPF, DKIM or DMARC of the sender's domain; no PTR changes this".to_owned()]
        }
        About::Reputation => {
            vec!["follow what the line links to; reverse DNS that is in order is asked for before delisting".to_owned()]
        }
        About::Other => Vec::new(),
        About::Unsaid => vec![
            look,
            "ask the receiver's postmaster, with the whole line and its time; only their log says which rule it was".to_owned(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_from_replies_of_one_line_and_of_several() {
        let read = |text: &str| {
            let line = Line::read(text);
            (line.code(), line.said.trim().to_owned())
        };
        assert_eq!(read("550 5.7.25 No PTR"), ("550 5.7.25".into(), "no ptr".into()));
        assert_eq!(read("550-5.7.25 No\r\n550 5.7.25 PTR"), ("550 5.7.25".into(), "no ptr".into()));
        assert_eq!(read("554-No SMTP service 554-Bad"), ("554".into(), "no smtp service bad".into()));
        assert_eq!(read("No code, doesn’t"), (String::new(), "no code, doesn't".into()));
        assert_eq!(read("see 4.16.55.1; 192.0.2.1").0, "", "addresses are no codes");
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        let long = "ü".repeat(LONGEST);
        assert_eq!(cut(&long).len(), LONGEST);
        assert_eq!(explain(&long, None), None);
    }
}

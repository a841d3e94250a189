//! A message with its mark.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;

/// Characters of a mark: 128 bits, hexadecimal.
const LENGTH: usize = 32;

/// What a message is found again by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mark(String);

impl Mark {
    /// A mark of these bits, which nobody can guess.
    pub fn new(bits: [u8; LENGTH / 2]) -> Mark {
        Mark(bits.iter().map(|octet| format!("{octet:02x}")).collect())
    }

    /// The marks in a text, each once, the first hundred.
    pub fn all_in(text: &str) -> Vec<Mark> {
        const MOST: usize = 100;
        let mut found: Vec<Mark> = Vec::new();
        for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
            if let Ok(mark) = Mark::try_from(word.to_owned())
                && !found.contains(&mark)
                && found.len() < MOST
            {
                found.push(mark);
            }
        }
        found
    }
}

impl TryFrom<String> for Mark {
    type Error = String;

    fn try_from(text: String) -> Result<Mark, String> {
        let is_digit = |octet: u8| octet.is_ascii_digit() || (b'a'..=b'f').contains(&octet);
        if text.len() == LENGTH && text.bytes().all(is_digit) {
            Ok(Mark(text))
        } else {
            Err(format!("{text}: no mark"))
        }
    }
}

impl From<Mark> for String {
    fn from(mark: Mark) -> String {
        mark.0
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A test message: what is known of it before it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// Its mark.
    pub mark: Mark,
    /// The address that it is meant to leave from.
    pub address: IpAddr,
    /// The name that this address gives in HELO.
    pub helo: String,
    /// The sender.
    pub from: String,
    /// The recipient.
    pub to: String,
    /// The address of the other family with the same name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<IpAddr>,
    /// Addresses that it may leave from as well, for they share the sender's domain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pool: Vec<IpAddr>,
}

impl Marked {
    /// The message, with lines that end with CR LF. The date is as RFC 5322 §3.3 has it. Sender and recipient have no characters
    /// that end a line.
    pub fn text(&self, date: &str) -> String {
        let Marked { mark, address, helo, from, to, .. } = self;
        let domain = from.rsplit_once('@').map_or(from.as_str(), |(_, domain)| domain);
        // No Auto-Submitted: services that answer tests do not answer what was sent by itself (RFC 3834 §2).
        format!(
            "From: {from}\r\nTo: {to}\r\nSubject: Test of {address}\r\nDate: {date}\r\nMessage-ID: <{mark}@{domain}>\r\n\
             X-Ptrd-Test: {mark}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n\
             This is a test of how receivers see the mail server at {address}, which is to\r\ncall itself {helo}. \
             It was sent by ptrctl mail-test.\r\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_in_any_text() {
        let mark = Mark::new([0xab; 16]);
        let text =
            format!("In-Reply-To: <{mark}@example.com> {mark} {mark}0 {}", mark.to_string().to_uppercase());
        assert_eq!(Mark::all_in(&text), [mark]);
    }

    #[test]
    fn a_message_says_its_mark_twice() {
        let marked = Marked {
            mark: Mark::new([1; 16]),
            address: IpAddr::from([192, 0, 2, 1]),
            helo: "mail-01.example.com".into(),
            from: "postmaster@example.com".into(),
            to: "check-auth@verifier.example".into(),
            pair: None,
            pool: Vec::new(),
        };
        let text = marked.text("Thu, 26 Nov 2026 10:00:00 +0000");
        assert_eq!(text.matches("01010101010101010101010101010101").count(), 2);
        assert!(text.lines().all(|line| line.len() <= 78) && text.is_ascii(), "{text}");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    }
}

//! The address that a bounce speaks of: the one that sent. Bounces have others too: that of the receiver's server, which the
//! sender's own software writes down (`host mx.example[203.0.113.9] said:`), and numbers that only look like addresses.

use regex::{Regex, RegexBuilder};
use std::net::IpAddr;
use std::sync::LazyLock;

/// What stands before the address of a receiver's server.
static RECEIVER: LazyLock<Regex> =
    LazyLock::new(|| compile(r"\b(?:host|relay=|connect(?:ed)? to|remote-mta: dns;)\s*[\w.-]+\s*[\[(]?$"));
/// What stands before the address of whoever sent.
static SENDER: LazyLock<Regex> = LazyLock::new(|| {
    compile(r"[\[(]$|\b(?:ip|ipv4|ipv6|address|from|for|of|client|host)[:=]?\s*$|[?&](?:ip|v)=$")
});
/// A run of characters that may be an address.
static CANDIDATE: LazyLock<Regex> = LazyLock::new(|| compile(r"(?:ipv6:)?[0-9a-f:.]*[0-9a-f:]"));
/// The code of a line of a reply that has more of them.
static CODE: LazyLock<Regex> = LazyLock::new(|| compile(r"\b[45][0-9][0-9]-$"));

fn compile(pattern: &str) -> Regex {
    let pattern = RegexBuilder::new(pattern).unicode(false).case_insensitive(true).build();
    pattern.expect("a pattern that the tests compile")
}

/// The address that a receiver's line is about, as far as the text has it: in brackets or without, of either family.
pub fn sender_address(text: &str) -> Option<IpAddr> {
    let mut best: Option<(u8, IpAddr)> = None;
    for found in CANDIDATE.find_iter(text) {
        let Some(address) = read(found.as_str()) else { continue };
        let before = line_before(text, found.start());
        let after = text[found.end()..].chars().next();
        // A part of a name, of a version, or of another number.
        let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let glued = before.ends_with(is_part) && !CODE.is_match(before) || after.is_some_and(is_part);
        if glued || RECEIVER.is_match(before) {
            continue;
        }
        let rank = match SENDER.is_match(before) {
            true => 2,
            // Yahoo closes its lines with a number of its own: `… - 4.16.55.1; see …`.
            false if before.ends_with("- ") => continue,
            false => 1,
        };
        if best.is_none_or(|(known, _)| rank > known) {
            best = Some((rank, address));
        }
    }
    best.map(|(_, address)| address)
}

/// What stands before a place, as far as it can matter.
fn line_before(text: &str, at: usize) -> &str {
    const ENOUGH: usize = 300;
    let start = (at.saturating_sub(ENOUGH)..=at).find(|start| text.is_char_boundary(*start)).unwrap_or(at);
    &text[start..at]
}

fn read(text: &str) -> Option<IpAddr> {
    let text = text.get(..5).filter(|tag| tag.eq_ignore_ascii_case("ipv6:")).map_or(text, |_| &text[5..]);
    let address: IpAddr = text.trim_end_matches(':').parse().or_else(|_| text.parse()).ok()?;
    let sends = !address.is_loopback() && !address.is_unspecified() && !address.is_multicast();
    sends.then(|| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sender_is_found_and_the_receiver_is_not() {
        for (text, address) in [
            ("550-5.7.25 [192.0.2.1] The IP address sending this", "192.0.2.1"),
            ("550-5.7.1 [2001:db8::25]Our system has detected", "2001:db8::25"),
            ("sending IPv6 address [2001:db8::25] must have", "2001:db8::25"),
            ("cannot find your hostname, [192.0.2.1]", "192.0.2.1"),
            ("host mx1.example.com[203.0.113.9] said: 450 4.7.25 cannot find, [192.0.2.1]", "192.0.2.1"),
            (
                "host gmail-smtp-in.l.example.com [2001:db8:1::1b]:\n550-5.7.1 [2001:db8::25] Our",
                "2001:db8::25",
            ),
            ("RCPT from unknown[192.0.2.1]: 450 4.7.25 Client host rejected", "192.0.2.1"),
            ("421 4.7.0 Messages from 192.0.2.1 temporarily deferred - 4.16.55.1; see", "192.0.2.1"),
            ("554 visit http://postmaster.example/en/error-messages?ip=192.0.2.1&c=rdns", "192.0.2.1"),
            ("Fix reverse DNS for 192.0.2.1", "192.0.2.1"),
            ("no DNS reverse for 2001:db8::25.", "2001:db8::25"),
            ("550 192.0.2.1: IP not in DNS", "192.0.2.1"),
            ("550-192.0.2.1 is not in DNS", "192.0.2.1"),
            ("EHLO [IPv6:2001:db8::25] refused", "2001:db8::25"),
            ("address ::ffff:192.0.2.1 has", "192.0.2.1"),
        ] {
            assert_eq!(sender_address(text), address.parse().ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_sender_is_not_taken() {
        for text in [
            "",
            "host mx1.example.com[203.0.113.9] said: 550 5.7.25 no PTR",
            "relay=mx.example.com[203.0.113.9]:25, delay=1.7, delays=0.23/0/1.3/0.18",
            "deferred due to user complaints - 4.16.55.1; see",
            "host-192-0-2-1.example.com 1.2.3 at 12:30:45 from 127.0.0.1",
            "queue id 57123395825 and a1.2.3.4b",
        ] {
            assert_eq!(sender_address(text), None, "{text}");
        }
    }
}

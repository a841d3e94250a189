//! PTRs by pattern: `mail-{n:02}.example.com` for every address of a range, expanded into a [`Batch`].

use crate::batch::Batch;
use crate::names::{Rules, push_host};
use crate::problem::{bad, invalid, quote};
use crate::ptr::{read_ttl, refused};
use crate::request::read_range;
use ptrd_api::{Problem, PtrFill};
use ptrd_wire::{Family, ip_from_bits};
use std::collections::HashMap;
use std::fmt::Write;
use std::net::IpAddr;

/// The most addresses that one request may fill.
const MAX_ADDRESSES: u128 = 1 << 20;

/// A piece of a pattern.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// `{n}`, zero-padded to a width.
    Number {
        width: usize,
    },
    /// `{a}` to `{d}`.
    Octet(usize),
    /// `{ip}`
    Dashed,
    /// `{hex}`
    Hex,
}

fn parse(pattern: &str) -> Result<Vec<Piece>, Problem> {
    let (mut pieces, mut text) = (Vec::new(), String::new());
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let unclosed = || {
            invalid(format!("a brace without its other half in {}", quote(pattern)))
                .hint("write {n}, {ip} or another word between braces, or leave the brace out")
        };
        let inside = rest[at..].strip_prefix('{').ok_or_else(unclosed)?;
        let (word, after) = inside.split_once('}').ok_or_else(unclosed)?;
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        pieces.push(parse_word(word).ok_or_else(|| {
            invalid(format!("{} is nothing that a pattern knows", quote(&format!("{{{word}}}"))))
                .hint("{n}, {n:02} (counted), {a} {b} {c} {d} (octets of IPv4), {ip} (dashed), {hex}")
        })?);
        rest = after;
    }
    text.push_str(rest);
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}

fn parse_word(word: &str) -> Option<Piece> {
    Some(match word {
        "n" => Piece::Number { width: 0 },
        "a" => Piece::Octet(0),
        "b" => Piece::Octet(1),
        "c" => Piece::Octet(2),
        "d" => Piece::Octet(3),
        "ip" => Piece::Dashed,
        "hex" => Piece::Hex,
        _ => {
            let width = word.strip_prefix("n:")?;
            let digits = width.len() <= 2 && width.bytes().all(|b| b.is_ascii_digit());
            Piece::Number { width: width.parse().ok().filter(|width| digits && *width <= 20)? }
        }
    })
}

fn write(pieces: &[Piece], address: IpAddr, n: u64, out: &mut String) -> std::fmt::Result {
    out.clear();
    for piece in pieces {
        match (piece, address) {
            (Piece::Text(text), _) => out.push_str(text),
            (Piece::Number { width }, _) => write!(out, "{n:0width$}")?,
            (Piece::Octet(nth), IpAddr::V4(v4)) => write!(out, "{}", v4.octets()[*nth])?,
            (Piece::Octet(_), IpAddr::V6(_)) => return Err(std::fmt::Error),
            (Piece::Dashed, IpAddr::V4(v4)) => {
                let [a, b, c, d] = v4.octets();
                write!(out, "{a}-{b}-{c}-{d}")?;
            }
            // Groups of four digits: the short form could start or end with a hyphen, or hold two in a row.
            (Piece::Dashed, IpAddr::V6(v6)) => {
                for (nth, group) in v6.segments().iter().enumerate() {
                    write!(out, "{}{group:04x}", if nth == 0 { "" } else { "-" })?;
                }
            }
            (Piece::Hex, IpAddr::V4(v4)) => write!(out, "{:08x}", u32::from(v4))?,
            (Piece::Hex, IpAddr::V6(v6)) => write!(out, "{:032x}", u128::from(v6))?,
        }
    }
    Ok(())
}

/// The batch of a request.
pub(crate) fn expand(fill: &PtrFill) -> Result<Batch, Problem> {
    let range = read_range(&fill.range)?;
    if range.size() > MAX_ADDRESSES {
        return Err(invalid(format!("{range} has more than {MAX_ADDRESSES} addresses"))
            .hint("fill it in parts, or import the PTRs from a file"));
    }
    let pieces = parse(&fill.pattern)?;
    let varies = pieces.iter().any(|piece| !matches!(piece, Piece::Text(_)));
    if range.family() == Family::V6 && pieces.iter().any(|piece| matches!(piece, Piece::Octet(_))) {
        return Err(invalid("{a}, {b}, {c} and {d} are octets of IPv4 addresses").hint("use {ip} or {hex}"));
    }
    if fill.start.checked_add(range.size() as u64).is_none() {
        return Err(bad("the count would run over: start with a lower number"));
    }
    let ttl = fill.ttl.map(read_ttl).transpose()?;
    let rules = Rules { underscore: fill.lax, reverse: false };
    let mut batch = Batch::new(format!("{range}"), fill.keep);
    let mut text = String::new();
    let mut seen: HashMap<Vec<u8>, IpAddr> = HashMap::new();
    for (nth, bits) in (range.first_bits()..=range.last_bits()).enumerate() {
        let address = ip_from_bits(range.family(), bits);
        write(&pieces, address, fill.start + nth as u64, &mut text)
            .map_err(|_| bad(format!("the pattern cannot be written for {address}")))?;
        let start = batch.names_mut().len();
        push_host(&text, rules, batch.names_mut()).map_err(|error| refused(&text, &error))?;
        if varies {
            let name = batch.names_mut()[start..].to_ascii_lowercase();
            if let Some(twin) = seen.insert(name, address) {
                return Err(invalid(format!(
                    "the pattern gives {twin} and {address} the same name {}",
                    quote(&text)
                ))
                .hint("add {n}, {ip} or {hex} to it, or leave all braces out if one name for all is meant"));
            }
        }
        batch.push(address, ttl, start, nth as u64 + 1);
    }
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(range: &str, pattern: &str) -> Result<Batch, Problem> {
        expand(&PtrFill { range: range.into(), pattern: pattern.into(), start: 9, ..PtrFill::default() })
    }

    fn first(range: &str, pattern: &str) -> String {
        let mut batch = fill(range, pattern).expect("a batch");
        ptrd_wire::Name::from_wire_prefix(batch.names_mut()).expect("a name").0.to_string()
    }

    #[test]
    fn pieces() {
        for (pattern, name) in [
            ("h{n}.example.com", "h9.example.com."),
            ("h{n:03}.example.com", "h009.example.com."),
            ("h{a}-{b}-{c}-{d}.example.com.", "h192-0-2-16.example.com."),
            ("{ip}.example.com", "192-0-2-16.example.com."),
            ("{hex}.bücher.example", "c0000210.xn--bcher-kva.example."),
            ("static.example.com", "static.example.com."),
        ] {
            assert_eq!(first("192.0.2.16/28", pattern), name);
        }
        assert_eq!(
            first("2001:db8::/124", "{ip}.example.com"),
            "2001-0db8-0000-0000-0000-0000-0000-0000.example.com."
        );
        assert_eq!(first("2001:db8::/124", "{hex}.e.com"), "20010db8000000000000000000000000.e.com.");
    }

    #[test]
    fn refusals() {
        for (range, pattern, part) in [
            ("192.0.2.0/28", "h{x}.example.com", "knows"),
            ("192.0.2.0/28", "h{n:4444}.example.com", "knows"),
            ("192.0.2.0/28", "h{n.example.com", "brace"),
            ("192.0.2.0/28", "h}.example.com", "brace"),
            ("192.0.2.0/28", "h{c}.example.com", "same name"),
            ("192.0.2.0/28", "-{d}.example.com", "hyphen"),
            ("192.0.2.0/28", "h{d}", "one label"),
            ("192.0.2.0/28", "{d}.2.0.192.in-addr.arpa", "in-addr.arpa"),
            ("2001:db8::/124", "{d}.example.com", "octets of IPv4"),
            ("10.0.0.0/8", "{ip}.example.com", "addresses"),
        ] {
            let problem = fill(range, pattern).expect_err(pattern);
            assert!(problem.message.contains(part), "{pattern}: {}", problem.message);
        }
    }
}

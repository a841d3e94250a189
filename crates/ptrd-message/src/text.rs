//! Text out of messages: bounded, and without characters that move a cursor, turn text round or do not show.

use ptrd_escape::is_hidden;

/// Characters that are kept of a name or a remark.
const LONGEST: usize = 255;

/// The text as it may be shown and kept.
pub(crate) fn clean(text: &str) -> String {
    let acts = |c: char| c.is_control() || is_hidden(c);
    text.trim().chars().take(LONGEST).map(|c| if acts(c) { '\u{fffd}' } else { c }).collect()
}

/// A piece of a structured field (RFC 5322 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// Anything without spaces, parentheses and semicolons. A quoted string is a part of it, with its quotes.
    Word(&'a str),
    /// What stands in parentheses, others within it.
    Comment(&'a str),
    /// A semicolon.
    Semicolon,
}

/// The pieces of a field. What is not closed ends with the field.
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            ';' => {
                found.push(Token::Semicolon);
                1
            }
            '(' => {
                let length = comment(rest);
                let inner = rest[1..length].strip_suffix(')').unwrap_or(&rest[1..length]);
                found.push(Token::Comment(inner.trim()));
                length
            }
            _ => {
                let length = word(rest);
                found.push(Token::Word(&rest[..length]));
                length
            }
        };
        rest = rest[length..].trim_start();
    }
    found
}

/// Octets of a comment, its parentheses among them.
fn comment(text: &str) -> usize {
    let (mut depth, mut is_escaped) = (0_usize, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '(' => depth += 1,
            ')' if depth == 1 => return at + 1,
            ')' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Octets of a word; one at least.
fn word(text: &str) -> usize {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' | ';' => return at,
            _ if c.is_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

/// Without the quotes around it.
pub(crate) fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

/// Cuts the start off, whatever its letters' case.
pub(crate) fn strip_start<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let head = text.get(..start.len())?;
    head.eq_ignore_ascii_case(start).then(|| &text[start.len()..])
}

/// Whether a name is this domain or below it.
pub(crate) fn is_below(name: &str, domain: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let Some(at) = name.len().checked_sub(domain.len()) else { return false };
    name.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(domain))
        && (at == 0 || name.as_bytes()[at - 1] == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_apart() {
        let shown: Vec<String> = tokens("from a (b (c) \\) [d]) by e; x=\"f; (g)\" dmarc=pass(p=NONE)")
            .into_iter()
            .map(|token| match token {
                Token::Word(text) => text.to_owned(),
                Token::Comment(text) => format!("({text})"),
                Token::Semicolon => ";".to_owned(),
            })
            .collect();
        assert_eq!(
            shown,
            ["from", "a", "(b (c) \\) [d])", "by", "e", ";", "x=\"f; (g)\"", "dmarc=pass", "(p=NONE)"]
        );
        assert_eq!(tokens("(open"), [Token::Comment("open")]);
        assert_eq!(tokens(")"), [Token::Word(")")]);
    }

    #[test]
    fn nothing_hidden_is_left() {
        assert_eq!(clean(" a\u{202e}b\u{1b}[2J\u{200b} "), "a\u{fffd}b\u{fffd}[2J\u{fffd}");
        assert_eq!(clean(&"é".repeat(1_000)).chars().count(), LONGEST);
    }

    #[test]
    fn names_are_below_domains_at_their_dots() {
        assert!(is_below("mx.Google.com.", "google.com") && is_below("google.com", "google.com"));
        assert!(!is_below("mx.evilgoogle.com", "google.com") && !is_below("com", "google.com"));
    }
}

//! Splits a master file into entries and words (RFC 1035 §5.1): comments, quotes, parentheses, line numbers.
//!
//! Knows no directive and no record. Escapes are stepped over, not resolved. Works on octets: a file need not
//! be UTF-8. Memory is bounded by the largest entry that a record could need.

use crate::error::TextError;

/// Words and octets of words that an entry may have: a record's 65 535 octets as `\DDD`, with room to spare.
const MAX_WORDS: usize = 150_000;
const MAX_OCTETS: usize = 1 << 20;

/// A word of an entry, as a range of the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub start: usize,
    pub end: usize,
    pub line: u32,
    /// It stood in quotes; the range is what they enclose.
    pub quoted: bool,
    /// It follows the word before it without a space, as in `key="value"`.
    pub glued: bool,
}

/// A record or a directive: the words up to a line break outside parentheses. Never without words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'l> {
    pub text: &'l [u8],
    pub words: &'l [Word],
    /// The line starts with white space: the owner is the one before.
    pub indented: bool,
}

impl<'l> Entry<'l> {
    pub fn octets(&self, word: Word) -> &'l [u8] {
        &self.text[word.start..word.end]
    }

    pub fn line(&self) -> u32 {
        self.words.first().map_or(1, |word| word.line)
    }
}

/// An entry that cannot be split, with the line to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub line: u32,
    pub error: TextError,
}

pub(crate) struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    line: u32,
    words: Vec<Word>,
    octets: usize,
    fault: Option<Fault>,
}

impl<'t> Lexer<'t> {
    /// A lexer at the start of `text`, whose first line has this number.
    pub fn new(text: &'t [u8], line: u32) -> Lexer<'t> {
        let at = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Lexer { text, at, line, words: Vec::new(), octets: 0, fault: None }
    }

    /// The next entry that has words; `None` at the end of the text.
    pub fn entry(&mut self) -> Option<Result<Entry<'_>, Fault>> {
        self.words.clear();
        self.octets = 0;
        let mut indented = self.at_space();
        let mut open: Vec<u32> = Vec::new();
        let mut glued = false;
        loop {
            let Some(&b) = self.text.get(self.at) else {
                if let Some(&line) = open.first() {
                    self.blame(line, TextError::UnclosedParenthesis);
                }
                if self.words.is_empty() && self.fault.is_none() {
                    return None;
                }
                break;
            };
            match b {
                b'\n' => {
                    self.at += 1;
                    self.line = self.line.saturating_add(1);
                    if open.is_empty() {
                        if !self.words.is_empty() || self.fault.is_some() {
                            break;
                        }
                        indented = self.at_space();
                    }
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b';' => self.skip_line(),
                b'(' => {
                    self.at += 1;
                    if open.len() < MAX_WORDS {
                        open.push(self.line);
                    } else {
                        self.blame(self.line, TextError::EntryTooLong);
                    }
                }
                b')' => {
                    self.at += 1;
                    if open.pop().is_none() {
                        self.blame(self.line, TextError::StrayParenthesis);
                    }
                }
                b'"' => {
                    self.quoted(glued);
                    glued = true;
                    continue;
                }
                _ => {
                    self.plain(glued);
                    glued = true;
                    continue;
                }
            }
            glued = false;
        }
        Some(match self.fault.take() {
            Some(fault) => Err(fault),
            None => Ok(Entry { text: self.text, words: &self.words, indented }),
        })
    }

    fn at_space(&self) -> bool {
        matches!(self.text.get(self.at), Some(b' ' | b'\t'))
    }

    fn skip_line(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
    }

    fn blame(&mut self, line: u32, error: TextError) {
        self.fault.get_or_insert(Fault { line, error });
    }

    fn plain(&mut self, glued: bool) {
        let start = self.at;
        while let Some(&b) = self.text.get(self.at) {
            match b {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'(' | b')' | b'"' => break,
                b'\\' if !matches!(self.text.get(self.at + 1), None | Some(b'\n')) => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.push(start, self.at, false, glued);
    }

    fn quoted(&mut self, glued: bool) {
        self.at += 1;
        let start = self.at;
        loop {
            match self.text.get(self.at) {
                None | Some(b'\n') => {
                    self.blame(self.line, TextError::UnclosedQuote);
                    return;
                }
                Some(b'"') => break,
                Some(b'\\') if !matches!(self.text.get(self.at + 1), None | Some(b'\n')) => self.at += 2,
                Some(_) => self.at += 1,
            }
        }
        self.push(start, self.at, true, glued);
        self.at += 1;
    }

    fn push(&mut self, start: usize, end: usize, quoted: bool, glued: bool) {
        self.octets += end - start;
        if self.words.len() >= MAX_WORDS || self.octets > MAX_OCTETS {
            self.blame(self.line, TextError::EntryTooLong);
            return;
        }
        self.words.push(Word { start, end, line: self.line, quoted, glued });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Vec<String> {
        let mut lexer = Lexer::new(text.as_bytes(), 1);
        let mut out = Vec::new();
        while let Some(entry) = lexer.entry() {
            out.push(match entry {
                Err(fault) => format!("{}! {:?}", fault.line, fault.error),
                Ok(entry) => {
                    let mut line = format!("{}{}", entry.line(), if entry.indented { "_" } else { ":" });
                    for &word in entry.words {
                        let octets = String::from_utf8_lossy(entry.octets(word)).into_owned();
                        line += if word.glued { "+" } else { " " };
                        line += &(if word.quoted { format!("<{octets}>") } else { octets });
                    }
                    line
                }
            });
        }
        out
    }

    #[test]
    fn entries_keep_lines_quotes_and_spaces_apart() {
        assert_eq!(entries("\u{feff}a A 1 ; c (\n\n; c\n  TXT \"x;(y\"\r\n"), ["1: a A 1", "4_ TXT <x;(y>"]);
        assert_eq!(entries("a ( b ; )\n c\n)d\ne"), ["1: a b c d", "4: e"]);
        assert_eq!(entries("a \\\" b\\ c\\;d k=\"v\"w"), ["1: a \\\" b\\ c\\;d k=+<v>+w"]);
        assert_eq!(entries(" \t\n\n"), [""; 0]);
    }

    #[test]
    fn faults_name_their_line_and_the_rest_is_read() {
        assert_eq!(entries("a (\nb\n"), ["1! UnclosedParenthesis"]);
        assert_eq!(entries("a\nb ) c\nd"), ["1: a", "2! StrayParenthesis", "3: d"]);
        assert_eq!(entries("a \"b\nc"), ["1! UnclosedQuote", "2: c"]);
        assert_eq!(entries("a \"b\\\nc"), ["1! UnclosedQuote", "2: c"]);
        assert_eq!(entries("a (\n\"b\n) \nc"), ["2! UnclosedQuote", "4: c"]);
        assert_eq!(entries("a \\"), ["1: a \\"]);
    }

    #[test]
    fn an_endless_entry_is_refused() {
        assert_eq!(entries(&format!("a ({}", "b ".repeat(MAX_WORDS))), ["1! EntryTooLong"]);
        assert_eq!(entries(&"a".repeat(MAX_OCTETS + 1)), ["1! EntryTooLong"]);
        assert_eq!(entries(&"(".repeat(MAX_WORDS + 1)), ["1! EntryTooLong"]);
    }
}

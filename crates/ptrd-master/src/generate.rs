//! `$GENERATE start-stop[/step] owner [ttl] [class] type data`, as BIND has it.
//!
//! In owner and data `$` is the number, `${offset[,width[,base]]}` a number changed and formatted, `$$` and `\$`
//! a dollar sign. Bases: d, o, x, X, and n, N for nibbles, least significant first, with dots between. Data in
//! quotes is taken without them, so that it may hold spaces.

use crate::error::{GenerateError, quoted};
use std::io::Write;

/// The numbers of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub start: u32,
    pub stop: u32,
    pub step: u32,
}

impl Range {
    /// Reads `start-stop` or `start-stop/step`, numbers up to 2^31 − 1.
    pub fn parse(word: &[u8]) -> Result<Range, GenerateError> {
        let read = || {
            let (bounds, step) = match word.iter().position(|&b| b == b'/') {
                Some(at) => (&word[..at], number(&word[at + 1..])?),
                None => (word, 1),
            };
            let at = bounds.iter().position(|&b| b == b'-')?;
            let (start, stop) = (number(&bounds[..at])?, number(&bounds[at + 1..])?);
            (start <= stop && step > 0).then_some(Range { start, stop, step })
        };
        read().ok_or_else(|| GenerateError::Range(quoted(word)))
    }

    pub fn count(self) -> u64 {
        u64::from((self.stop - self.start) / self.step) + 1
    }

    pub fn numbers(self) -> impl Iterator<Item = u32> {
        (self.start..=self.stop).step_by(self.step as usize)
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    let value = digits.iter().try_fold(0u32, |value, b| {
        let digit = b.checked_sub(b'0').filter(|digit| *digit < 10)?;
        value.checked_mul(10)?.checked_add(digit.into())
    })?;
    (!digits.is_empty() && value <= i32::MAX as u32).then_some(value)
}

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(Vec<u8>),
    Number { offset: i64, width: usize, base: char },
}

/// Text with places for the number.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

impl Template {
    pub fn parse(text: &[u8]) -> Result<Template, GenerateError> {
        let mut parts = Vec::new();
        let mut plain = Vec::new();
        let mut rest = text;
        while let Some((&b, after)) = rest.split_first() {
            rest = after;
            match (b, after.first()) {
                (b'\\', Some(&next)) => {
                    plain.extend_from_slice(&[b, next]);
                    rest = &after[1..];
                }
                (b'$', Some(b'$')) => {
                    plain.push(b'$');
                    rest = &after[1..];
                }
                (b'$', next) => {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                    let mut part = Part::Number { offset: 0, width: 0, base: 'd' };
                    if next == Some(&b'{') {
                        let end = after.iter().position(|&b| b == b'}').unwrap_or(after.len() - 1);
                        part = modifier(&after[..=end]).ok_or_else(|| {
                            GenerateError::Modifier(quoted(&[b"$", &after[..=end]].concat()))
                        })?;
                        rest = &after[end + 1..];
                    }
                    parts.push(part);
                }
                (b, _) => plain.push(b),
            }
        }
        parts.push(Part::Text(plain));
        Ok(Template { parts })
    }

    /// Appends the text for one number.
    pub fn expand(&self, number: u32, out: &mut Vec<u8>) -> Result<(), GenerateError> {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Number { offset, width, base } => {
                    format(i64::from(number) + offset, *width, *base, out)?
                }
            }
        }
        Ok(())
    }
}

/// `{offset[,width[,base]]}`.
fn modifier(text: &[u8]) -> Option<Part> {
    let inner = text.strip_prefix(b"{")?.strip_suffix(b"}")?;
    let mut fields = inner.split(|&b| b == b',');
    let offset = fields.next()?;
    let (sign, digits) = match offset {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] | digits => (1, digits),
    };
    let offset = sign * i64::from(number(digits)?);
    let width = fields.next().map_or(Some(0), number)? as usize;
    let base = match fields.next() {
        None => 'd',
        Some(&[b @ (b'd' | b'o' | b'x' | b'X' | b'n' | b'N')]) => b as char,
        Some(_) => return None,
    };
    (fields.next().is_none() && width <= 255).then_some(Part::Number { offset, width, base })
}

fn format(value: i64, width: usize, base: char, out: &mut Vec<u8>) -> Result<(), GenerateError> {
    if value < 0 && base != 'd' {
        return Err(GenerateError::Negative(value, base));
    }
    // Writing into a Vec cannot fail.
    let _ = match base {
        'o' => write!(out, "{value:0width$o}"),
        'x' => write!(out, "{value:0width$x}"),
        'X' => write!(out, "{value:0width$X}"),
        'n' | 'N' => {
            nibbles(value, width, base == 'N', out);
            Ok(())
        }
        _ => write!(out, "{value:0width$}"),
    };
    Ok(())
}

/// Hex digits, least significant first, with dots between; the width counts digits and dots.
fn nibbles(mut value: i64, width: usize, upper: bool, out: &mut Vec<u8>) {
    let digits = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let mut left = width;
    loop {
        out.push(digits[(value & 15) as usize]);
        value >>= 4;
        left = left.saturating_sub(1);
        if value == 0 && left == 0 {
            return;
        }
        out.push(b'.');
        left = left.saturating_sub(1);
        if value == 0 && left == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(template: &str, number: u32) -> Result<String, GenerateError> {
        let mut out = Vec::new();
        Template::parse(template.as_bytes())?.expand(number, &mut out)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    #[test]
    fn templates_expand_as_in_bind() {
        for (template, expected) in [
            ("$", "10"),
            ("a$b$", "a10b10"),
            ("x$$y\\$z", "x$y\\$z"),
            ("${5}", "15"),
            ("${-3,4}", "0007"),
            ("${-11,4}", "-001"),
            ("${0,3,d}", "010"),
            ("${0,0,o}", "12"),
            ("${0,2,x}", "0a"),
            ("${0,2,X}", "0A"),
            ("${240,0,n}", "a.f"),
            ("${240,0,N}", "A.F"),
            ("${0,7,n}", "a.0.0.0"),
            ("${0,0,n}", "a"),
            ("{$}", "{10}"),
        ] {
            assert_eq!(expand(template, 10), Ok(expected.into()), "{template}");
        }
        for bad in
            ["${", "${}", "${a}", "${1,b}", "${1,2,q}", "${1,2,d,3}", "${0,256}", "${99999999999}", "${0,"]
        {
            assert!(matches!(expand(bad, 1), Err(GenerateError::Modifier(_))), "{bad}");
        }
        assert_eq!(expand("${-2,0,x}", 1), Err(GenerateError::Negative(-1, 'x')));
    }

    #[test]
    fn ranges_have_a_step() {
        let range = |text: &str| Range::parse(text.as_bytes());
        let numbers = range("1-10/4").map(|range| (range.count(), range.numbers().collect::<Vec<_>>()));
        assert_eq!(numbers, Ok((3, vec![1, 5, 9])));
        assert_eq!(range("0-2147483647").map(Range::count), Ok(1 << 31));
        for bad in
            ["", "1", "1-", "-1", "2-1", "1-2/", "1-2/0", "1-2/x", "1-2147483648", "a-b", "1-2-3", "1 -2"]
        {
            assert!(range(bad).is_err(), "{bad}");
        }
    }
}

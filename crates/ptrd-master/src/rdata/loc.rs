//! LOC (RFC 1876): where on Earth.
//!
//! `d [m [s.sss]] N|S d [m [s.sss]] E|W altitude[m] [size[m] [horizontal[m] [vertical[m]]]]`

use crate::error::{RdataError, quoted};
use crate::fields::Fields;

/// The equator and the prime meridian, in thousandths of a second of arc (RFC 1876 §2).
const MIDDLE: i64 = 1 << 31;
const DEGREE: i64 = 3_600_000;
/// Altitudes count from 100 000 m below the reference spheroid, in centimetres.
const SEA_LEVEL: i64 = 10_000_000;

pub fn read(fields: &mut Fields<'_>) -> Result<Vec<u8>, RdataError> {
    let latitude = angle(fields, b'N', b'S', 90, "latitude (degrees, minutes, seconds, N or S)")?;
    let longitude = angle(fields, b'E', b'W', 180, "longitude (degrees, minutes, seconds, E or W)")?;
    let altitude = metres(fields, "altitude in metres")? + SEA_LEVEL;
    let altitude = u32::try_from(altitude).map_err(|_| RdataError::Field {
        text: format!("{:.2}", (altitude - SEA_LEVEL) as f64 / 100.0),
        what: "altitude from -100000 m to 42849672.95 m",
    })?;
    // RFC 1876 §3: 1 m, 10 000 m, 10 m.
    let mut precisions = [0x12, 0x16, 0x13];
    for precision in &mut precisions {
        if fields.is_empty() {
            break;
        }
        let centimetres = metres(fields, "precision in metres")?;
        *precision = power(centimetres).ok_or_else(|| RdataError::Field {
            text: format!("{:.2}", centimetres as f64 / 100.0),
            what: "precision from 0 m to 90000000 m",
        })?;
    }
    let mut out = vec![0];
    out.extend_from_slice(&precisions);
    for number in [latitude, longitude, altitude] {
        out.extend_from_slice(&number.to_be_bytes());
    }
    Ok(out)
}

fn angle(
    fields: &mut Fields<'_>,
    plus: u8,
    minus: u8,
    limit: i64,
    what: &'static str,
) -> Result<u32, RdataError> {
    let mut total = 0;
    for (unit, size) in [DEGREE, 60_000, 1_000].into_iter().enumerate() {
        let word = fields.plain(what)?;
        if unit > 0 && is_direction(word, plus, minus) {
            return Ok(signed(total, word, plus));
        }
        let refused = || RdataError::Field { text: quoted(word), what };
        let part = if unit < 2 { decimal(word, 0) } else { decimal(word, 3) }.ok_or_else(refused)?;
        let most = if unit == 0 {
            limit
        } else if unit == 1 {
            59
        } else {
            59_999
        };
        if part < 0 || part > most {
            return Err(refused());
        }
        total += if unit < 2 { part * size } else { part };
        if total > limit * DEGREE {
            return Err(refused());
        }
    }
    let word = fields.plain(what)?;
    match is_direction(word, plus, minus) {
        true => Ok(signed(total, word, plus)),
        false => Err(RdataError::Field { text: quoted(word), what }),
    }
}

fn is_direction(word: &[u8], plus: u8, minus: u8) -> bool {
    matches!(word, [letter] if [plus, minus].contains(&letter.to_ascii_uppercase()))
}

fn signed(total: i64, word: &[u8], plus: u8) -> u32 {
    let sign = if word.eq_ignore_ascii_case(&[plus]) { 1 } else { -1 };
    // At most 180 degrees: 648 000 000 thousandths beside 2^31.
    (MIDDLE + sign * total) as u32
}

/// A length in metres, in centimetres.
fn metres(fields: &mut Fields<'_>, what: &'static str) -> Result<i64, RdataError> {
    let word = fields.plain(what)?;
    let number = word.strip_suffix(b"m").or_else(|| word.strip_suffix(b"M")).unwrap_or(word);
    decimal(number, 2).ok_or_else(|| RdataError::Field { text: quoted(word), what })
}

/// A decimal number with up to `places` digits after the point, times ten to the power of `places`.
fn decimal(word: &[u8], places: usize) -> Option<i64> {
    let (sign, word) = word.strip_prefix(b"-").map_or((1, word), |word| (-1, word));
    let (whole, fraction) = match word.iter().position(|&b| b == b'.') {
        Some(point) => (&word[..point], &word[point + 1..]),
        None => (word, &[][..]),
    };
    let all_digits = whole.iter().chain(fraction).all(u8::is_ascii_digit);
    if whole.is_empty() || whole.len() > 10 || fraction.len() > places || !all_digits {
        return None;
    }
    let digits =
        whole.iter().chain(fraction).copied().chain(std::iter::repeat_n(b'0', places - fraction.len()));
    Some(sign * digits.fold(0, |value, digit| value * 10 + i64::from(digit - b'0')))
}

/// Centimetres as one digit and a power of ten; further digits are dropped.
fn power(centimetres: i64) -> Option<u8> {
    let (mut digit, mut exponent) = (u64::try_from(centimetres).ok()?, 0);
    while digit > 9 {
        digit /= 10;
        exponent += 1;
    }
    (exponent <= 9).then_some((digit as u8) << 4 | exponent)
}

fn number(rdata: &[u8], at: usize) -> i64 {
    rdata[at..at + 4].iter().fold(0, |value, &b| value << 8 | i64::from(b))
}

pub fn is_well_formed(rdata: &[u8]) -> bool {
    rdata.len() == 16
        && rdata[0] == 0
        && rdata[1..4].iter().all(|&b| b == 0 || matches!(b >> 4, 1..=9) && b & 15 <= 9)
        && (number(rdata, 4) - MIDDLE).abs() <= 90 * DEGREE
        && (number(rdata, 8) - MIDDLE).abs() <= 180 * DEGREE
}

pub fn to_text(rdata: &[u8]) -> Option<String> {
    if !is_well_formed(rdata) {
        return None;
    }
    let angle = |at: usize, plus: char, minus: char| {
        let value = number(rdata, at) - MIDDLE;
        let size = value.abs();
        let letter = if value < 0 { minus } else { plus };
        let (seconds, thousandths) = (size / 1000, size % 1000);
        let (degrees, minutes) = (seconds / 3600, seconds / 60 % 60);
        format!("{degrees} {minutes} {}.{thousandths:03} {letter}", seconds % 60)
    };
    let length = |centimetres: i64| {
        let sign = if centimetres < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}m", centimetres.abs() / 100, centimetres.abs() % 100)
    };
    let precision = |b: u8| length(i64::from(b >> 4) * 10i64.pow(u32::from(b & 15)));
    let precisions: Vec<_> = rdata[1..4].iter().map(|&b| precision(b)).collect();
    let (latitude, longitude) = (angle(4, 'N', 'S'), angle(8, 'E', 'W'));
    Some(format!("{latitude} {longitude} {} {}", length(number(rdata, 12) - SEA_LEVEL), precisions.join(" ")))
}

//! The text of a token: `ptrd_`, its identity, 32 random letters and digits, and a check that tells a token from a slip of the
//! pen, and scanners for secrets a token from any other text.

use ptrd_api::{Problem, Secret, TokenId};

/// What the text starts with.
const START: &str = "ptrd_";
/// Letters and digits of the secret: 190 bits.
const SECRET: usize = 32;
/// Letters and digits of the check: a CRC-32.
const CHECK: usize = 6;
const LENGTH: usize = START.len() + 12 + SECRET + CHECK;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A new token, and the digest to keep of it.
pub(super) fn make() -> Result<(TokenId, Secret, blake3::Hash), Problem> {
    // A digit is the remainder of eight octets: the last ones come up less often by one in 2^58.
    let mut random = [0; 12 + 8 * SECRET];
    getrandom::fill(&mut random)
        .map_err(|error| crate::problem::internal(format!("no random octets for a token: {error}")))?;
    let (name, secret) = random.split_at(12);
    let id = TokenId::of(name.try_into().unwrap_or_default());
    let mut text = format!("{START}{id}");
    for octets in secret.chunks_exact(8) {
        let number = u64::from_be_bytes(octets.try_into().unwrap_or_default());
        text.push(digit(number % 62));
    }
    text.push_str(&check(&text));
    let digest = blake3::hash(text.as_bytes());
    Ok((id, Secret::new(text), digest))
}

/// The identity in a text that could be a token, and its digest.
pub(super) fn read(text: &str) -> Option<(TokenId, blake3::Hash)> {
    let is_token = text.len() == LENGTH
        && text.starts_with(START)
        && text.bytes().skip(START.len()).all(|octet| octet.is_ascii_alphanumeric());
    if !is_token || check(&text[..LENGTH - CHECK]) != text[LENGTH - CHECK..] {
        return None;
    }
    let id = text[START.len()..START.len() + 12].parse().ok()?;
    Some((id, blake3::hash(text.as_bytes())))
}

fn digit(value: u64) -> char {
    char::from(DIGITS[value as usize])
}

fn check(text: &str) -> String {
    let mut sum = u64::from(crc32fast::hash(text.as_bytes()));
    let mut digits = [b'0'; CHECK];
    for place in digits.iter_mut().rev() {
        *place = DIGITS[(sum % 62) as usize];
        sum /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_made_and_no_slip_is() {
        let (id, secret, digest) = make().expect("a token");
        let text = secret.reveal();
        assert_eq!(text.len(), LENGTH);
        assert_eq!(read(text), Some((id, digest)));
        for at in 0..text.len() {
            let other = if &text[at..=at] == "x" { "y" } else { "x" };
            let mut slip = text.to_owned();
            slip.replace_range(at..=at, other);
            assert_eq!(read(&slip), None, "{slip}");
        }
        for bad in ["", "ptrd_", &text[1..], &format!("{text} "), &"é".repeat(LENGTH / 2)] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_check_is_six_digits_of_a_crc() {
        // The CRC-32 of “123456789” is CBF43926, as every description of it says.
        assert_eq!(check("123456789"), "3jZRME");
    }
}

//! Reading a key from the statement that BIND's tools read: `key "name" { algorithm hmac-sha256; secret "…"; };`.

use crate::algorithm::Algorithm;
use crate::key::{Key, KeyError};
use ptrd_wire::{Name, NameError};

/// Why a text is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// It has another form.
    #[error("no statement `key \"NAME\" {{ algorithm ALGORITHM; secret \"BASE64\"; }};`")]
    NoStatement,
    /// What is left open runs to the end.
    #[error("{0} has no end")]
    Open(&'static str),
    /// There are several, or something else behind it.
    #[error("something stands behind the key")]
    More,
    /// The name is none.
    #[error("the key's name: {0}")]
    Name(NameError),
    /// An algorithm that is not known here.
    #[error("“{0}” is no algorithm of keys that is known here")]
    Algorithm(String),
    /// Name, algorithm and secret make no key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl Key {
    /// Reads a key as [`Key::to_bind`] writes it. Comments (`#`, `//`, `/* */`) are passed over.
    ///
    /// # Errors
    /// What is wrong with the text; the secret is never repeated.
    pub fn of_statement(text: &str) -> Result<Key, StatementError> {
        let mut words = words(text)?.into_iter();
        let mut expect = |wanted: &str| match words.next() {
            Some(word) if wanted.is_empty() || word.eq_ignore_ascii_case(wanted) => Ok(word),
            _ => Err(StatementError::NoStatement),
        };
        expect("key")?;
        let name: Name = expect("")?.parse().map_err(StatementError::Name)?;
        expect("{")?;
        let (mut algorithm, mut secret) = (None, None);
        for _ in 0..2 {
            let which = expect("")?;
            let value = expect("")?;
            expect(";")?;
            match which.to_ascii_lowercase().as_str() {
                "algorithm" if algorithm.is_none() => algorithm = Some(value),
                "secret" if secret.is_none() => secret = Some(value),
                _ => return Err(StatementError::NoStatement),
            }
        }
        expect("}")?;
        expect(";")?;
        if words.next().is_some() {
            return Err(StatementError::More);
        }
        let (Some(algorithm), Some(secret)) = (algorithm, secret) else {
            return Err(StatementError::NoStatement);
        };
        let algorithm = Algorithm::of_text(algorithm)
            .ok_or_else(|| StatementError::Algorithm(algorithm.chars().take(64).collect()))?;
        Ok(Key::from_base64(name, algorithm, secret)?)
    }
}

/// Words, braces and semicolons; quotes are taken off.
fn words(text: &str) -> Result<Vec<&str>, StatementError> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => {
                // The slash of the beginning is not that of the end.
                4 + rest[2..].find("*/").ok_or(StatementError::Open("a comment"))?
            }
            '{' | '}' | ';' => {
                words.push(&rest[..1]);
                1
            }
            '"' => {
                let inner = rest[1..].find('"').ok_or(StatementError::Open("a quoted string"))?;
                words.push(&rest[1..=inner]);
                inner + 2
            }
            _ => {
                let end = |c: char| c.is_whitespace() || matches!(c, '{' | '}' | ';' | '"' | '#');
                let end = rest.find(end).unwrap_or(rest.len());
                words.push(&rest[..end]);
                end
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_for_bind_is_read() {
        let name: Name = "acme-1.example".parse().expect("a name");
        let key = Key::new(name.clone(), Algorithm::HmacSha512, b"0123456789abcdef").expect("a key");
        let read = Key::of_statement(key.to_bind().as_str()).expect("a statement");
        assert_eq!((read.name(), read.algorithm(), read.secret()), (&name, key.algorithm(), key.secret()));
        let other = "// made by hand\nkey acme-1.example { secret MDEyMzQ1Njc4OWFiY2RlZg==; /* or\n another */ algorithm HMAC-SHA512; }; # end";
        assert_eq!(Key::of_statement(other).expect("a statement").secret(), key.secret());
    }

    #[test]
    fn what_is_wrong_is_said_without_the_secret() {
        for (text, said) in [
            ("", "no statement `key \"NAME\" { algorithm ALGORITHM; secret \"BASE64\"; };`"),
            (
                "key a { algorithm hmac-sha256; };",
                "no statement `key \"NAME\" { algorithm ALGORITHM; secret \"BASE64\"; };`",
            ),
            (
                "key a { algorithm rot13; secret \"aGFsbG8=\"; };",
                "“rot13” is no algorithm of keys that is known here",
            ),
            (
                "key a { algorithm hmac-sha256; secret \"%%%\"; };",
                "the secret of key a. is not base64 (RFC 4648 §4, with its padding)",
            ),
            (
                "key a { algorithm hmac-sha256; secret \"aGFsbG8=\"; }; zone x",
                "something stands behind the key",
            ),
            ("key \"a", "a quoted string has no end"),
            ("key a { algorithm hmac-sha256; secret \"aGFsbG8=\"; }; /* and", "a comment has no end"),
            ("key a { algorithm hmac-sha256; secret \"aGFsbG8=\"; }; /*/ zone", "a comment has no end"),
            (
                "key a { algorithm hmac-sha256; secret \"aGFsbG8=\"; }; /*/ */ \"",
                "a quoted string has no end",
            ),
        ] {
            let error = Key::of_statement(text).expect_err(text);
            assert_eq!(error.to_string(), said, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "[key{};\" \n#/*a-z=é]{0,60}") {
            let _ = Key::of_statement(&text);
        }
    }
}

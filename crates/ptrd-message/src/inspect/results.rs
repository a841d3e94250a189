//! `Authentication-Results` (RFC 8601 §2.2), and what some write in its place.

use crate::text::{Token, clean, tokens, unquoted};

/// Results of a field at most.
const MOST: usize = 50;

/// What a field says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Results {
    /// Who says it.
    pub by: Option<String>,
    /// What of each method.
    pub methods: Vec<Method>,
}

/// A method and its result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Method {
    /// Its name, lower case.
    pub name: String,
    /// The result, lower case.
    pub result: String,
    /// Remarks, one after the other.
    pub remark: String,
    /// What was looked at: `smtp.mailfrom`, and what that is.
    pub properties: Vec<(String, String)>,
}

impl Method {
    /// What a property says.
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }
}

impl Results {
    /// Reads a field.
    pub fn read(text: &str) -> Results {
        let mut results = Results::default();
        let mut method: Option<Method> = None;
        for token in tokens(text) {
            match (token, &mut method) {
                (Token::Semicolon, _) => results.methods.extend(method.take()),
                (Token::Comment(remark), Some(method)) => {
                    let space = if method.remark.is_empty() { "" } else { " " };
                    method.remark = clean(&format!("{}{space}{remark}", method.remark));
                }
                (Token::Comment(_), None) => {}
                (Token::Word(word), current) => match (word.split_once('='), current) {
                    // The instance of ARC (RFC 8617 §4.1.1).
                    (Some(("i", _)), None) => {}
                    (Some((name, result)), None) if !name.is_empty() => {
                        method = Some(Method::new(name, result))
                    }
                    (Some((name, value)), Some(method)) if method.properties.len() < MOST => {
                        method.properties.push((name.to_ascii_lowercase(), clean(unquoted(value))));
                    }
                    (None, None) if results.by.is_none() && results.methods.is_empty() => {
                        results.by = Some(clean(unquoted(word)));
                    }
                    _ => {}
                },
            }
            if results.methods.len() >= MOST {
                return results;
            }
        }
        results.methods.extend(method);
        results
    }

    /// What is said of a method, the first time.
    pub fn method(&self, name: &str) -> Option<&Method> {
        self.methods.iter().find(|method| method.name == name)
    }
}

impl Method {
    fn new(name: &str, result: &str) -> Method {
        // The version of a method (RFC 8601 §2.2).
        let name = name.split('/').next().unwrap_or_default();
        Method {
            name: clean(name).to_ascii_lowercase(),
            result: clean(unquoted(result)).to_ascii_lowercase(),
            ..Method::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let results = Results::read(text);
        let method = |it: &Method| {
            let properties: Vec<_> =
                it.properties.iter().map(|(name, value)| format!(" {name}={value}")).collect();
            format!("{}={} ({}){}\n", it.name, it.result, it.remark, properties.concat())
        };
        format!("{:?}\n{}", results.by, results.methods.iter().map(method).collect::<String>())
    }

    #[test]
    fn results_are_read_as_they_are_written() {
        assert_eq!(
            said(
                "mx.example 1; iprev/1=pass policy.iprev=\"2001:db8::1\" (mail.example.com); dmarc=pass(p=NONE; sp=NONE) header.from=a.example"
            ),
            "Some(\"mx.example\")\niprev=pass (mail.example.com) policy.iprev=2001:db8::1\n\
             dmarc=pass (p=NONE; sp=NONE) header.from=a.example\n"
        );
        // Microsoft leaves out who says it.
        assert_eq!(
            said(
                "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.com; dkim=none (message not signed)"
            ),
            "None\nspf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.com\ndkim=none (message not signed)\n"
        );
        assert_eq!(said("i=1; mx.example; none"), "Some(\"mx.example\")\n");
        assert_eq!(said(";;==;(;x"), "None\n");
    }
}

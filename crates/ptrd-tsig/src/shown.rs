//! A key as other programs want it written. Each of these texts holds the secret.

use crate::key::Key;
use std::fmt;
use zeroize::Zeroizing;

/// A text that holds a secret: overwritten when it goes, not shown by `Debug`. `Display` writes it out.
#[derive(Clone)]
pub struct Shown(Zeroizing<String>);

impl Shown {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown(…)")
    }
}

impl Key {
    /// For named.conf: a `key` statement. `rndc`, `nsupdate -k` and `dig -k` read it too.
    pub fn to_bind(&self) -> Shown {
        let (name, algorithm) = (self.shown_name(), self.algorithm());
        self.shown(&format!("key \"{name}\" {{\n\talgorithm {algorithm};\n\tsecret \""), "\";\n};\n")
    }

    /// For knot.conf: the section `key`, with this one in it.
    pub fn to_knot(&self) -> Shown {
        let (name, algorithm) = (self.shown_name(), self.algorithm());
        self.shown(&format!("key:\n  - id: \"{name}\"\n    algorithm: {algorithm}\n    secret: \""), "\"\n")
    }

    /// For nsd.conf: a `key` clause.
    pub fn to_nsd(&self) -> Shown {
        let (name, algorithm) = (self.shown_name(), self.algorithm());
        self.shown(&format!("key:\n    name: \"{name}\"\n    algorithm: {algorithm}\n    secret: \""), "\"\n")
    }

    /// For `dig -y`, `kdig -y` and `nsupdate -y`: `algorithm:name:secret`. Other users of the machine see arguments.
    pub fn to_argument(&self) -> Shown {
        let name = self.shown_name().replace(':', "\\058");
        self.shown(&format!("{}:{name}:", self.algorithm()), "")
    }

    fn shown_name(&self) -> String {
        let mut name = self.name().to_string();
        name.pop();
        name
    }

    fn shown(&self, before: &str, after: &str) -> Shown {
        let secret = self.to_base64();
        // Of the length that it will have: growing would leave copies of the secret behind.
        let mut text = Zeroizing::new(String::with_capacity(before.len() + secret.len() + after.len()));
        [before, &secret, after].into_iter().for_each(|part| text.push_str(part));
        Shown(text)
    }
}

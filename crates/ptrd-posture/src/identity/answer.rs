//! What was asked of whom, when, and what came back.

use crate::Lookup;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// What the authoritative path is called among the sources: the nameservers that the root and those below it delegate to.
pub const AUTHORITATIVE: &str = "authoritative";

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Question {
    /// The names of an address.
    Ptr(IpAddr),
    /// The IPv4 addresses of a name, which is in the form of [`canonical`].
    A(String),
    /// Its IPv6 addresses.
    Aaaa(String),
}

impl Question {
    /// The addresses of a name that are of the family of an address.
    pub fn back(name: &str, address: IpAddr) -> Question {
        if address.is_ipv4() { Question::A(canonical(name)) } else { Question::Aaaa(canonical(name)) }
    }

    /// The type of the records that are asked for.
    pub fn rtype(&self) -> &'static str {
        match self {
            Question::Ptr(_) => "PTR",
            Question::A(_) => "A",
            Question::Aaaa(_) => "AAAA",
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Question::Ptr(address) => write!(f, "PTR of {address}"),
            Question::A(name) | Question::Aaaa(name) => write!(f, "{} of {name}", self.rtype()),
        }
    }
}

/// A name as names are compared: lower case (RFC 4343), with its final dot.
pub fn canonical(name: &str) -> String {
    let mut name = name.to_ascii_lowercase();
    if !name.ends_with('.') {
        name.push('.');
    }
    name
}

/// What became of a question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// There are such records.
    Found,
    /// There is no such name (NXDOMAIN).
    NoName,
    /// The name has no such records.
    NoData,
    /// It is known that there can be no answer, for everybody: a loop of aliases.
    Broken,
    /// It could not be found out: SERVFAIL, REFUSED, silence, nonsense.
    #[default]
    Unknown,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// What became of the question.
    pub outcome: Outcome,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The names, of a PTR; each in the form of [`canonical`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The addresses, of a name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<IpAddr>,
    /// The least TTL on the way, seconds; what resolvers say is what is left of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// The CNAMEs on the way: where each points.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The resolver has validated it (AD; RFC 4035 §3.2.3).
    #[serde(skip_serializing_if = "is_false")]
    pub secure: bool,
    /// The resolver answers SERVFAIL, and this only when told not to validate (CD): the signatures are wrong.
    #[serde(skip_serializing_if = "is_false")]
    pub bogus: bool,
    /// What the server says besides (RFC 8914), as text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// How many records more there were than are kept here.
    #[serde(skip_serializing_if = "is_zero")]
    pub dropped: u32,
}

// serde hands over references.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !value
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(value: &u32) -> bool {
    *value == 0
}

impl Answer {
    /// It could not be found out.
    pub fn unknown(why: impl Into<String>) -> Answer {
        Answer { why: why.into(), ..Answer::default() }
    }

    /// Whether something was found out.
    pub fn is_known(&self) -> bool {
        self.outcome != Outcome::Unknown
    }

    /// Whether both say the same of the same question. TTLs, the way there and what was said besides do not count; nor does
    /// it whether a name is absent or only its records are.
    pub fn says_same(&self, other: &Answer) -> bool {
        let absent = |answer: &Answer| matches!(answer.outcome, Outcome::NoName | Outcome::NoData);
        (self.outcome == other.outcome || absent(self) && absent(other))
            && same(&self.names, &other.names)
            && same(&self.addresses, &other.addresses)
            && self.dropped == other.dropped
    }

    /// The same for [`crate::iprev`] and [`crate::verdict`]. What is broken leads nowhere, as no record does.
    pub fn lookup(&self) -> Lookup {
        match self.outcome {
            Outcome::Found => Lookup::Found(self.addresses.clone()),
            Outcome::NoName => Lookup::NoName,
            Outcome::NoData | Outcome::Broken => Lookup::NoAddress,
            Outcome::Unknown => Lookup::Unknown(self.why.clone()),
        }
    }
}

/// The same things, in whatever order.
fn same<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.len() == other.len() && one.iter().all(|it| other.contains(it))
}

/// In words: what was found, or why nothing was.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 3;
        match self.outcome {
            Outcome::Found => {
                let texts = self.names.iter().cloned().chain(self.addresses.iter().map(IpAddr::to_string));
                let shown: Vec<String> = texts.take(SHOWN).collect();
                if let ([], Some(alias)) = (shown.as_slice(), self.aliases.last()) {
                    return write!(f, "an alias to {alias}");
                }
                let total = self.names.len() + self.addresses.len() + self.dropped as usize;
                f.write_str(&shown.join(", "))?;
                match total.saturating_sub(SHOWN) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
            Outcome::NoName => f.write_str("NXDOMAIN"),
            Outcome::NoData => f.write_str("no such record"),
            Outcome::Broken => f.write_str(&self.why),
            Outcome::Unknown => {
                f.write_str(&self.why)?;
                if self.notes.is_empty() { Ok(()) } else { write!(f, " ({})", self.notes.join("; ")) }
            }
        }
    }
}

/// How a nameserver stands to a zone that is delegated to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// It answers with authority.
    Serves,
    /// It answers, and not with authority: it does not serve the zone (RFC 9499, lame delegation).
    Lame,
    /// It does not answer.
    Silent,
}

/// What one nameserver of a zone says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// The zone that is delegated to it.
    pub zone: String,
    /// Its name.
    pub name: String,
    /// Where it was asked.
    pub server: SocketAddr,
    /// How it stands to the zone.
    pub service: Service,
    /// What it says.
    pub answer: Answer,
}

/// One question, put to one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// What was asked.
    pub question: Question,
    /// Of whom: the name of a resolver, or [`AUTHORITATIVE`].
    pub source: String,
    /// The server that answered, or should have.
    pub server: Option<SocketAddr>,
    /// When, milliseconds since 1970 UTC.
    pub at: i64,
    /// How long it took, milliseconds, all tries together.
    pub took: u32,
    /// What came back.
    pub answer: Answer,
    /// On the authoritative path: what each nameserver of the zones on the way says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<Served>,
}

impl Observation {
    /// Whether it came from the nameservers themselves.
    pub fn is_authoritative(&self) -> bool {
        self.source == AUTHORITATIVE
    }

    /// Who was asked, in words.
    pub fn whom(&self) -> String {
        match (self.is_authoritative(), self.server) {
            (true, Some(server)) => format!("the nameserver {}", socket(server)),
            (true, None) => "the nameservers".to_owned(),
            (false, Some(server)) if self.source == socket(server) => self.source.clone(),
            (false, Some(server)) => format!("{} ({})", self.source, socket(server)),
            (false, None) => self.source.clone(),
        }
    }
}

/// An address of a server, its port only where it is not that of DNS.
pub fn socket(server: SocketAddr) -> String {
    if server.port() == 53 { server.ip().to_string() } else { server.to_string() }
}

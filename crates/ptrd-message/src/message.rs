//! A message, as far as it is looked at.

use mail_parser::{MessageParser, MimeHeaders, PartType};

/// Octets of a message that are looked at.
pub const LARGEST: usize = 1 << 20;
/// Fields of its head.
const MOST_FIELDS: usize = 1_000;
/// Octets of a field.
const LONGEST_FIELD: usize = 8_192;
/// Texts within it, and octets of them in all.
const MOST_TEXTS: usize = 20;

/// A field of a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name, lower case.
    pub name: String,
    /// What it says, on one line.
    pub value: String,
}

/// The fields of the head, in their order: what was added last comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head(Vec<Field>);

/// A head and the texts below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Its head.
    pub head: Head,
    /// The text of each part that has any, heads of messages within it too.
    pub texts: Vec<String>,
}

impl Head {
    /// Reads a message's head. Nothing is too broken to be read: what makes no sense is left out.
    pub fn read(octets: &[u8]) -> Head {
        let octets = bounded(octets);
        match parser().parse_headers(octets) {
            Some(parsed) => Head(fields(&parsed.parts[0].headers, octets)),
            None => Head::default(),
        }
    }

    /// All fields.
    pub fn fields(&self) -> &[Field] {
        &self.0
    }

    /// What the first field of this name says.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|field| field.name == name).map(|field| field.value.as_str())
    }
}

impl Message {
    /// Reads a message whole.
    pub fn read(octets: &[u8]) -> Message {
        let octets = bounded(octets);
        let Some(parsed) = MessageParser::new().with_mime_headers().parse(octets) else {
            return Message::default();
        };
        let head = Head(fields(&parsed.parts[0].headers, octets));
        let mut texts = Vec::new();
        for part in parsed.parts.iter().take(10 * MOST_TEXTS) {
            match &part.body {
                PartType::Text(text) | PartType::Html(text) => texts.push(text.as_ref().to_owned()),
                PartType::Message(nested) => {
                    texts.push(String::from_utf8_lossy(nested.raw_message()).into_owned())
                }
                PartType::Binary(octets) | PartType::InlineBinary(octets)
                    if part
                        .content_type()
                        .is_some_and(|of| of.c_type == "message" || of.c_type == "text") =>
                {
                    texts.push(String::from_utf8_lossy(octets).into_owned());
                }
                _ => {}
            }
            if texts.len() >= MOST_TEXTS {
                break;
            }
        }
        Message { head, texts }
    }
}

fn parser() -> MessageParser {
    MessageParser::new().default_header_raw()
}

/// Without what a mailbox file has before it, and no longer than what is looked at.
fn bounded(octets: &[u8]) -> &[u8] {
    let octets = &octets[..octets.len().min(LARGEST)];
    match octets.strip_prefix(b"From ") {
        Some(rest) => rest.iter().position(|octet| *octet == b'\n').map_or(&[][..], |end| &rest[end + 1..]),
        None => octets,
    }
}

fn fields(headers: &[mail_parser::Header<'_>], octets: &[u8]) -> Vec<Field> {
    let field = |header: &mail_parser::Header<'_>| {
        let range = header.offset_start as usize..header.offset_end as usize;
        let octets = octets.get(range)?;
        let text = String::from_utf8_lossy(&octets[..octets.len().min(LONGEST_FIELD)]);
        // Folded lines are one (RFC 5322 §2.2.3).
        let value = text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty());
        let value = value.collect::<Vec<_>>().join(" ");
        Some(Field { name: header.name.as_str().to_ascii_lowercase(), value })
    };
    headers.iter().take(MOST_FIELDS).filter_map(field).collect()
}

/// Milliseconds since 1970 UTC of a date (RFC 5322 §3.3).
pub(crate) fn date(text: &str) -> Option<i64> {
    let date = mail_parser::DateTime::parse_rfc822(text)?;
    date.is_valid().then(|| date.to_timestamp().saturating_mul(1_000))
}

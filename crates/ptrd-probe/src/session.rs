//! The conversation.

use crate::reader::Piece;
use serde::{Deserialize, Serialize};
use smtp_proto::{Error, Request};
use std::borrow::Cow;

/// Recipients of a message at most.
const MOST_RECIPIENTS: usize = 10;
/// Messages of a connection at most.
const MOST_MESSAGES: u32 = 20;
/// What is no command, or out of place, until the connection ends.
const MOST_FAULTS: u32 = 10;
/// Octets of a field of a message's head that is kept.
const LONGEST_FIELD: usize = 200;

/// What clients are told, and may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The name of this host.
    pub name: String,
    /// The domains whose recipients are taken; lower case. Those of others are refused: nothing is relayed.
    pub domains: Vec<String>,
    /// Whether TLS is to be had.
    pub tls: bool,
    /// Octets of a message at most.
    pub size: usize,
}

/// What a client says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// The name that it gives, as it came; absent before it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helo: Option<String>,
    /// Whether with EHLO.
    #[serde(default)]
    pub extended: bool,
    /// The version of TLS, if it is spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<String>,
}

/// What came with a message. Of the message itself two fields are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The sender; empty for a report of a failure.
    pub from: String,
    /// The recipients.
    pub to: Vec<String>,
    /// Octets of the message.
    pub octets: usize,
    /// What the field `X-Ptrd-Test` says, by which a test finds its message again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
    /// What the field `Message-ID` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Nothing: the message goes on.
    Nothing,
    /// This is to be sent.
    Reply(String),
    /// This is to be sent, and the connection closed.
    Close(String),
    /// This is to be sent, and TLS begun. What is in the reader already was sent in the clear, and must not be used.
    StartTls(String),
    /// Names are to be looked up, and the message answered with [`crate::answer`].
    Judge(Letter),
}

#[derive(Debug)]
enum Stage {
    /// Commands.
    Talk,
    /// The head of a message, and then its text.
    Data { letter: Letter, is_head: bool, is_too_large: bool },
}

/// A connection.
#[derive(Debug)]
pub struct Session {
    terms: Terms,
    client: Client,
    from: Option<String>,
    to: Vec<String>,
    stage: Stage,
    messages: u32,
    faults: u32,
}

fn reply(code: u16, text: &str) -> Act {
    Act::Reply(format!("{code} {text}\r\n"))
}

impl Session {
    /// A new one.
    pub fn new(terms: Terms) -> Session {
        Session {
            terms,
            client: Client::default(),
            from: None,
            to: Vec::new(),
            stage: Stage::Talk,
            messages: 0,
            faults: 0,
        }
    }

    /// What the client hears first.
    pub fn greeting(&self) -> String {
        format!("220 {} ESMTP for test messages; nothing is delivered\r\n", self.terms.name)
    }

    /// What the client said of itself so far.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// TLS was begun: the client starts anew (RFC 3207 §4.2).
    pub fn secured(&mut self, version: &str) {
        self.client = Client { tls: Some(version.to_owned()), ..Client::default() };
        self.forget();
    }

    fn forget(&mut self) {
        (self.from, self.to) = (None, Vec::new());
    }

    /// Takes a line in.
    pub fn take(&mut self, piece: Piece) -> Act {
        match (&mut self.stage, piece) {
            (_, Piece::Broken) => {
                Act::Close("550 5.5.2 lines end with CR LF: a lone CR or LF is not taken\r\n".to_owned())
            }
            (Stage::Talk, Piece::Long(_)) => self.fault(500, "5.5.2 the line is too long"),
            (Stage::Talk, Piece::Line(line)) => self.command(line),
            (Stage::Data { letter, is_too_large, .. }, Piece::Long(length)) => {
                letter.octets += length;
                *is_too_large |= letter.octets > self.terms.size;
                Act::Nothing
            }
            (Stage::Data { .. }, Piece::Line(line)) => self.data(&line),
        }
    }

    fn fault(&mut self, code: u16, text: &str) -> Act {
        self.faults += 1;
        if self.faults >= MOST_FAULTS {
            return Act::Close(format!("421 4.7.0 {} too many mistakes\r\n", self.terms.name));
        }
        reply(code, text)
    }

    fn command(&mut self, mut line: Vec<u8>) -> Act {
        line.extend_from_slice(b"\r\n");
        match Request::parse(&mut line.iter()) {
            Ok(request) => self.request(request),
            Err(error) => {
                let (code, text) = refused(&error);
                self.fault(code, &text)
            }
        }
    }

    fn request(&mut self, request: Request<Cow<'_, str>>) -> Act {
        match request {
            Request::Ehlo { host } => self.hello(host.into_owned(), true),
            Request::Helo { host } => self.hello(host.into_owned(), false),
            Request::Mail { from } => self.mail(from.address.into_owned(), from.size),
            Request::Rcpt { to } => self.recipient(to.address.into_owned()),
            Request::Data => self.begin_data(),
            Request::StartTls if !self.terms.tls => self.fault(502, "5.5.1 there is no TLS here"),
            Request::StartTls if self.client.tls.is_some() => self.fault(503, "5.5.1 TLS is spoken already"),
            Request::StartTls => Act::StartTls("220 2.0.0 go ahead\r\n".to_owned()),
            Request::Rset => {
                self.forget();
                reply(250, "2.0.0 forgotten")
            }
            Request::Noop { .. } => reply(250, "2.0.0 nothing done"),
            Request::Quit => Act::Close(format!("221 2.0.0 {} goodbye\r\n", self.terms.name)),
            Request::Vrfy { .. } => reply(252, "2.5.2 send a message, and see"),
            Request::Help { .. } => reply(
                214,
                "2.0.0 send a message to a recipient here: the answer to it says how your address is seen",
            ),
            other => self.fault(502, &format!("5.5.1 {} is not known here", other.name())),
        }
    }

    fn hello(&mut self, host: String, extended: bool) -> Act {
        self.forget();
        (self.client.helo, self.client.extended) = (Some(host), extended);
        let Terms { name, tls, size, .. } = &self.terms;
        if !extended {
            return reply(250, name);
        }
        let starttls = if *tls && self.client.tls.is_none() { "250-STARTTLS\r\n" } else { "" };
        Act::Reply(format!(
            "250-{name}\r\n250-PIPELINING\r\n250-SIZE {size}\r\n{starttls}250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
        ))
    }

    fn mail(&mut self, from: String, size: usize) -> Act {
        if self.client.helo.is_none() {
            return self.fault(503, "5.5.1 say EHLO first");
        }
        if self.from.is_some() {
            return self.fault(503, "5.5.1 there is a sender already");
        }
        if size > self.terms.size {
            return reply(552, &format!("5.3.4 at most {} octets", self.terms.size));
        }
        if self.messages >= MOST_MESSAGES {
            return Act::Close(format!("421 4.7.0 {} enough for one connection\r\n", self.terms.name));
        }
        self.from = Some(from);
        reply(250, "2.1.0 go on")
    }

    fn recipient(&mut self, mut to: String) -> Act {
        if to.is_empty() {
            // So the grammar says `<postmaster>` (RFC 5321 §4.1.1.3).
            to.push_str("postmaster");
        }
        if self.from.is_none() {
            return self.fault(503, "5.5.1 say MAIL first");
        }
        let domain = to.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
        let is_ours = match domain {
            Some(domain) => self.terms.domains.contains(&domain),
            None => to == "postmaster",
        };
        if !is_ours {
            let here = self.terms.domains.join(", ");
            return self.fault(550, &format!("5.7.1 nothing is relayed: recipients are in {here}"));
        }
        if self.to.len() >= MOST_RECIPIENTS {
            return reply(452, "4.5.3 too many recipients");
        }
        self.to.push(to);
        reply(250, "2.1.5 go on")
    }

    fn begin_data(&mut self) -> Act {
        if self.to.is_empty() {
            return self.fault(503, "5.5.1 there is no recipient");
        }
        let from = self.from.take().unwrap_or_default();
        let letter = Letter { from, to: std::mem::take(&mut self.to), ..Letter::default() };
        self.stage = Stage::Data { letter, is_head: true, is_too_large: false };
        reply(354, "go ahead; end with a line that has a dot alone")
    }

    fn data(&mut self, line: &[u8]) -> Act {
        let Stage::Data { letter, is_head, is_too_large } = &mut self.stage else { return Act::Nothing };
        if line == b"." {
            let (letter, is_too_large) = (std::mem::take(letter), *is_too_large);
            self.stage = Stage::Talk;
            self.messages += 1;
            if is_too_large {
                return reply(552, &format!("5.3.4 at most {} octets", self.terms.size));
            }
            return Act::Judge(letter);
        }
        // RFC 5321 §4.5.2.
        let line = line.strip_prefix(b".").unwrap_or(line);
        letter.octets += line.len() + 2;
        *is_too_large |= letter.octets > self.terms.size;
        if *is_head {
            *is_head = !line.is_empty();
            note(letter, line);
        }
        Act::Nothing
    }
}

/// Keeps a field of the head, if it is one that is kept. The first of its name counts.
fn note(letter: &mut Letter, line: &[u8]) {
    let Some((name, value)) = std::str::from_utf8(line).ok().and_then(|line| line.split_once(':')) else {
        return;
    };
    let place = match name.trim_end().to_ascii_lowercase().as_str() {
        "x-ptrd-test" => &mut letter.mark,
        "message-id" => &mut letter.message_id,
        _ => return,
    };
    let value: String = value.trim().chars().filter(|c| !c.is_control()).take(LONGEST_FIELD).collect();
    place.get_or_insert(value);
}

/// What is said to a command that is none.
fn refused(error: &Error) -> (u16, String) {
    match error {
        Error::UnknownCommand => (500, "5.5.1 that is no command".to_owned()),
        Error::InvalidSenderAddress => (501, "5.1.7 that is no sender's address".to_owned()),
        Error::InvalidRecipientAddress => (501, "5.1.3 that is no recipient's address".to_owned()),
        Error::SyntaxError { syntax } => (501, format!("5.5.4 it is written so: {syntax}")),
        Error::InvalidParameter { param } => (501, format!("5.5.4 the parameter {param} makes no sense")),
        Error::UnsupportedParameter { .. } => (555, "5.5.4 a parameter is not known here".to_owned()),
        _ => (500, "5.5.2 that cannot be read".to_owned()),
    }
}

//! The CHAOS class: which server is this (RFC 4892), of which version.

use crate::{Outcome, Policy};
use ptrd_wire::{Class, Owner, QName, Query, Rcode, RecordType, Section, Writer, ede};

/// Answers `id.server`, `hostname.bind`, `version.server` and `version.bind`; refuses all else.
pub(crate) fn answer(policy: &Policy, query: &Query<'_>, name: &QName, writer: &mut Writer<'_>) -> Outcome {
    let text = match name.wire() {
        b"\x02id\x06server\x00" | b"\x08hostname\x04bind\x00" => &policy.server_id,
        b"\x07version\x06server\x00" | b"\x07version\x04bind\x00" => &policy.version,
        _ => &None,
    };
    let Some(text) = text else { return Outcome::refused(ede::PROHIBITED) };
    let outcome = Outcome { authoritative: true, ..Outcome::rcode(Rcode::NOERROR) };
    if !matches!(query.qtype, RecordType::TXT | RecordType::ANY) {
        return outcome;
    }
    let text = &text.as_bytes()[..text.len().min(255)];
    let length = [text.len() as u8];
    let written =
        writer.plain_record(Section::Answer, Owner::Question, RecordType::TXT, Class::CH, 0, [&length, text]);
    Outcome { truncated: written.is_err(), ..outcome }
}

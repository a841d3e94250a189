//! What a receiver wrote of the sender: from which address it took the message, which name that gave, what reverse DNS said, and
//! what came of SPF, DKIM and DMARC beside.
//!
//! - Servers add fields at the top. So the hops from the top to the one that came from outside are the receiver's
//!   ([`Whose::Boundary`]); all below may be made up by whoever sent it, and counts for nothing.
//! - Hops between private addresses are a receiver's own way, and between hosts of the large ones by their names. Another's with public
//!   addresses must be told ([`Trust`]): nothing tells them from a sender of the same domain.
//! - Fields of results above that hop are the receiver's too. Some receivers write theirs just below it (Gmail), or lower
//!   still (Proton, Apple): such a field counts if it names a host of the receiver, for RFC 8601 §5 has receivers take out what
//!   claims to be theirs. Of these it is said that they are told by their name.
//! - What a receiver does not say is left out, and is no failure.

mod received;
mod receiver;
mod results;
mod verdict;

pub use ptrd_posture::report::Opinion;
pub use received::{Hop, Reverse, Software, Whose};
pub use receiver::Trust;
pub use verdict::{Expected, Seen};

use crate::message::Head;
use crate::text::clean;
use receiver::{Boundary, Receiver};
use results::Results;
use serde::{Deserialize, Serialize};

/// The version of [`Inspection`] as JSON.
pub const FORMAT: u32 = 1;
/// Hops that are looked at.
const MOST_HOPS: usize = 100;

/// What came of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// [`FORMAT`].
    pub format: u32,
    /// What identifies the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// What the receiver saw of the sender; absent where nothing says where the message came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// The way of the message, the last step first.
    pub hops: Vec<Hop>,
    /// What to know about how far this can be believed.
    pub notes: Vec<String>,
}

/// Looks at the head of a message that was received.
pub fn inspect(head: &Head, trust: &Trust) -> Inspection {
    let received = head.fields().iter().enumerate().filter(|(_, field)| field.name == "received");
    let mut hops: Vec<(usize, Hop)> =
        received.take(MOST_HOPS).map(|(place, field)| (place, Hop::read(&field.value))).collect();
    let mut notes = Vec::new();
    let receiver = Receiver::of(&hops).or_else(|| above(head).and_then(|by| Receiver::of_results(&by)));
    let boundary = receiver.as_ref().map_or(Boundary::None, |receiver| receiver.mark(&mut hops, trust));
    let seen = match (&receiver, boundary) {
        (Some(receiver), Boundary::At(place)) => {
            let below = hops.get(place + 1).map_or(usize::MAX, |(below, _)| *below);
            let believed = Believed::of(head, receiver, hops[place].0, below, &mut notes);
            Some(verdict::seen(receiver, &hops[place].1, head, &believed))
        }
        (None, _) if !hops.is_empty() => {
            notes.push("no `Received` field of the receiver says who took the message".to_owned());
            None
        }
        (None, _) => {
            notes.push(
                "there is no `Received` field: whose message this is, and where it came from, is not said"
                    .to_owned(),
            );
            None
        }
        (Some(receiver), Boundary::Unclear(place)) => {
            let by = hops[place].1.by.as_deref().unwrap_or(&receiver.name);
            notes.push(format!(
                "the step to {by} does not say from which address the message came: what stands below it may be made up, so nothing \
                 is said of where it came from"
            ));
            None
        }
        (Some(receiver), Boundary::None) => {
            notes.push(format!(
                "no step of its way comes from outside {}: it began there, or went on to another mailbox, whose fields are lacking",
                receiver.name
            ));
            None
        }
    };
    if matches!(boundary, Boundary::At(place) if place + 1 < hops.len()) {
        notes.push("hops below the boundary were written by whoever sent the message: they may be made up, and count for nothing".to_owned());
    }
    Inspection {
        format: FORMAT,
        message_id: head.first("message-id").map(clean),
        seen,
        hops: hops.into_iter().map(|(_, hop)| hop).collect(),
        notes,
    }
}

/// Who wrote the results above all hops: no other than the last receiver can have put them there.
fn above(head: &Head) -> Option<String> {
    let above = head.fields().iter().take_while(|field| field.name != "received");
    above
        .filter(|field| field.name == "authentication-results")
        .find_map(|field| Results::read(&field.value).by)
}

/// Fields of results that are the receiver's, best first.
#[derive(Debug, Default)]
struct Believed {
    results: Vec<Results>,
    /// `Received-SPF` (RFC 7208 §9.1), as it stands.
    spf: Option<String>,
}

impl Believed {
    /// `boundary` is the place of the hop from outside among the fields, `below` that of the next one.
    fn of(
        head: &Head,
        receiver: &Receiver,
        boundary: usize,
        below: usize,
        notes: &mut Vec<String>,
    ) -> Believed {
        let mut believed = Believed::default();
        let (mut named, mut is_spf_below, mut foreign) = (false, false, 0);
        for (place, field) in head.fields().iter().enumerate() {
            let names_it = |text: &str| receiver.has(text);
            let is_above = place < boundary;
            let is_near = place < below || receiver.writes_below();
            match field.name.as_str() {
                "authentication-results" | "arc-authentication-results" => {
                    let results = Results::read(&field.value);
                    let is_named = is_near && results.by.as_deref().is_some_and(names_it);
                    // ARC's are kept by those who pass a message on: only those of the receiver itself count.
                    let is_arc = field.name.starts_with("arc-");
                    if (is_above && !is_arc) || is_named {
                        named |= !is_above;
                        believed.results.push(results);
                    } else {
                        foreign += 1;
                    }
                }
                "received-spf"
                    if believed.spf.is_none()
                        && (is_above || (is_near && names_receiver(&field.value, receiver))) =>
                {
                    is_spf_below = !is_above;
                    believed.spf = Some(field.value.clone());
                }
                _ => {}
            }
        }
        if named {
            notes.push(format!(
                "results of {} stand below the hop from outside: they are told by their name, which receivers take out of what others \
                 send (RFC 8601 §5)",
                receiver.name
            ));
        }
        if is_spf_below && believed.method("spf").is_none() {
            notes.push(format!(
                "Received-SPF stands below the hop from outside, and is told by its name alone: where {} does not write it, whoever sent \
                 the message may have",
                receiver.name
            ));
        }
        if foreign > 0 {
            notes.push(match foreign {
                1 => "a field of results is not the receiver's, and counts for nothing".to_owned(),
                n => format!("{n} fields of results are not the receiver's, and count for nothing"),
            });
        }
        believed
    }

    /// What is said of a method by the first that says anything of it.
    fn method(&self, name: &str) -> Option<&results::Method> {
        self.results.iter().find_map(|results| results.method(name))
    }
}

/// Whether `Received-SPF` says that it is this receiver's.
fn names_receiver(text: &str, receiver: &Receiver) -> bool {
    text.split([' ', '(', ')', ';', ':'])
        .map(|word| word.strip_prefix("receiver=").unwrap_or(word))
        .take(MOST_HOPS)
        .any(|word| word.contains('.') && receiver.has(word))
}

//! DNS UPDATE at the door (RFC 2136 §3.1): what can be told without the writer, and the way there and back.
//!
//! Whoever makes updates is behind a trait: this crate knows nothing of the road of changes. What must be judged against
//! the state at the time of the change, whose an address is above all, is judged there. Here an update is read, its zone
//! looked up (NOTAUTH), and turned away (REFUSED) where no key signed it, or none that any permission to update names: so
//! strangers do not get into the queue. What is for the primaries of a zone that is followed is passed on: see
//! [`crate::forward`].
//!
//! - RFC 2136 §3.1, §3.8, §4; RFC 3007 §1 (authority comes from keys)

use crate::forward::{Errand, Forwarded, Forwards, Passage, digest};
use crate::recent::{self, Pending, Recent, Seen};
use crate::reply::{refusal_of, sealed};
use crate::transfer::unix_seconds;
use ptrd_listen::{Broken, Reply};
use ptrd_tsig::{Key, Mac, Signer};
use ptrd_wire::{Class, FLAG_QR, HEADER_LEN, Name, Opcode, Rcode, Update, UpdateMessage, ede};
use ptrd_zone::{Peer, Snapshot};
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use tokio::sync::oneshot;

/// Whose update it is. The signature has been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The key's name.
    pub key: Name,
    /// From where it came.
    pub from: IpAddr,
}

/// What came of an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The response code.
    pub rcode: Rcode,
    /// What the client should know besides, for an extended error (RFC 8914).
    pub note: Option<String>,
}

/// Where a verdict goes.
pub type Told = Box<dyn FnOnce(Verdict) + Send>;

/// Who makes updates.
pub trait Updates: Send + Sync {
    /// Makes an update. `told` is called when it is durable and visible, or refused; it is dropped where neither will come to
    /// be known. Called by threads that answer queries: it must not block.
    fn update(&self, by: Author, update: Update, told: Told);
}

/// What came of updates, by the low four bits of their response codes.
#[derive(Debug, Default)]
pub(crate) struct UpdateCells {
    pub rcodes: [AtomicU64; 16],
    pub repeated: AtomicU64,
    open: AtomicUsize,
}

/// The door. A clone shares everything.
#[derive(Clone)]
pub(crate) struct Door {
    updates: Arc<dyn Updates>,
    recent: Recent,
    at_a_time: usize,
    passage: Option<Passage>,
    pub cells: Arc<UpdateCells>,
}

/// A request as it came.
pub(crate) struct Letter<'m> {
    pub message: &'m [u8],
    pub from: IpAddr,
    /// Whoever signed it, if that was verified.
    pub signed: Option<Signed>,
    /// What turns it away, if it was signed and that could not be verified.
    pub refusal: Option<Vec<u8>>,
    /// Whether it came over a stream, where a client has no reason to send it twice.
    pub is_stream: bool,
    /// Octets that the answer may have.
    pub room: usize,
    /// Whether the answer is padded. That of a primary to an update that was passed on cannot be: it is signed.
    pub padded: bool,
}

/// Who sent a request that was signed.
pub(crate) struct Signed {
    pub signer: Signer<Key>,
    pub mac: Mac,
}

impl Signed {
    /// By what the request is known again.
    fn known_by(&self) -> Box<[u8]> {
        recent::known_by(&self.mac, self.signer.key().algorithm()).into()
    }
}

/// The way back for an answer, which may come on another thread.
pub(crate) type Back = Box<dyn FnOnce(&[u8]) + Send>;

/// A place among the updates that wait.
struct Seat(Arc<UpdateCells>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Relaxed);
    }
}

impl Door {
    pub fn new(updates: Arc<dyn Updates>, at_a_time: usize) -> Door {
        Door { updates, recent: Recent::default(), at_a_time, passage: None, cells: Arc::default() }
    }

    /// The same, with a way to primaries.
    pub fn with_passage(self, forwards: Arc<dyn Forwards>) -> Door {
        Door { passage: Some(Passage::new(forwards)), ..self }
    }

    /// What came of updates that were passed on.
    pub fn forwarded(&self) -> Forwarded {
        self.passage.as_ref().map(Passage::counts).unwrap_or_default()
    }

    /// Takes a request in. `back` is given the answer, at once or later; it is dropped where there is none.
    pub fn take(&self, letter: Letter<'_>, snapshot: &Snapshot, back: Back) {
        let key = letter.signed.as_ref().map(|by| by.signer.key().name().clone());
        // What a stranger says, or what others judge, costs no more than it must.
        let read = match may_update(letter.from, key.as_ref(), snapshot) {
            true => UpdateMessage::read(letter.message),
            false => UpdateMessage::read_for_refusal(letter.message),
        };
        let passage = self.passage.as_ref().zip(read.as_ref().ok());
        let errand = passage.and_then(|(passage, read)| {
            passage.errand(read, &letter, snapshot).map(|errand| (passage, errand))
        });
        if errand.is_none()
            && let Some(refusal) = letter.refusal
        {
            self.cells.count(&refusal);
            return back(&refusal);
        }
        let read = read.map_err(|rcode| refusal_of(letter.message, rcode));
        let (signer, pending) = (None, None);
        let Letter { room, padded, .. } = letter;
        let cells = self.cells.clone();
        let answer = Answer { cells, read, signer, pending, seat: None, room, padded, back };
        match errand {
            Some((passage, errand)) => self.pass_on(passage, errand, letter, answer),
            None => self.make(letter, key, snapshot, answer),
        }
    }

    /// Makes an update here.
    fn make(&self, letter: Letter<'_>, key: Option<Name>, snapshot: &Snapshot, mut answer: Answer) {
        let known = letter.signed.as_ref().map(Signed::known_by);
        answer.signer = letter.signed.map(|by| by.signer);
        let update = match self.judge(&answer.read, letter.from, key.as_ref(), snapshot) {
            Ok(update) => update,
            Err(rcode) => return answer.give(Verdict { rcode, note: None }),
        };
        // Without a key it was turned away.
        let (Some(key), Some(known)) = (key, known) else { return };
        let Some(mut answer) = self.first(&known, letter.message, false, answer) else { return };
        let seat = Seat(self.cells.clone());
        if self.cells.open.fetch_add(1, Relaxed) >= self.at_a_time {
            drop(seat);
            return answer.give(Verdict { rcode: Rcode::SERVFAIL, note: None });
        }
        answer.seat = Some(Box::new(seat));
        let by = Author { key, from: letter.from };
        self.updates.update(by, update, Box::new(move |verdict| answer.give(verdict)));
    }

    /// Passes an update on.
    fn pass_on(&self, passage: &Passage, errand: Errand, mut letter: Letter<'_>, mut answer: Answer) {
        let known = letter.signed.as_ref().map_or_else(|| digest(letter.message).into(), Signed::known_by);
        answer.signer = letter.signed.take().map(|by| by.signer);
        let Some(mut answer) = self.first(&known, letter.message, letter.is_stream, answer) else { return };
        let failed = |note: &str| Verdict { rcode: Rcode::SERVFAIL, note: Some(note.to_owned()) };
        let Some(share) = passage.share(&errand, letter.from) else {
            return answer.give(failed("too many updates are on their way to the primary"));
        };
        answer.seat = Some(Box::new(share));
        let Ok(zone) = answer.read.as_ref().map(|read| read.update.zone.clone()) else { return };
        passage.pass_on(errand, zone, &letter, move |carried| match carried {
            Some(reply) => answer.hand_over(&reply),
            None => answer.give(failed("no primary of the zone took the update")),
        });
    }

    /// The answer that is owed to what was not seen before. Otherwise it is the one that there was, or none yet: over a
    /// stream what is under way comes round in a circle, if `is_circle` says so.
    fn first(&self, known: &[u8], message: &[u8], is_circle: bool, mut answer: Answer) -> Option<Answer> {
        match self.recent.see(known) {
            Seen::New(pending) => {
                answer.pending = Some(pending);
                return Some(answer);
            }
            Seen::Pending if is_circle => {
                let note = Some("the update is under way already".to_owned());
                answer.give(Verdict { rcode: Rcode::SERVFAIL, note });
            }
            Seen::Pending => {}
            Seen::Past => {
                let note = Some("a copy of an update that was answered a while ago".to_owned());
                answer.give(Verdict { rcode: Rcode::REFUSED, note });
            }
            // The id is all of a message that a MAC does not cover: whoever passes updates on gives them others.
            Seen::Answered(reply) => {
                let mut reply = reply.to_vec();
                reply[..2].copy_from_slice(&message[..2]);
                (answer.back)(&reply);
            }
        }
        self.cells.repeated.fetch_add(1, Relaxed);
        None
    }

    /// What can be told at the door.
    fn judge(
        &self,
        read: &Result<UpdateMessage, Vec<u8>>,
        from: IpAddr,
        key: Option<&Name>,
        snapshot: &Snapshot,
    ) -> Result<Update, Rcode> {
        let Ok(read) = read else { return Err(Rcode::FORMERR) };
        if read.edns.is_some_and(|version| version != 0) {
            return Err(Rcode::BADVERS);
        }
        // RFC 2136 §3.1.2: of a class, too.
        if read.class != Class::IN || snapshot.zone(&read.update.zone).is_none() {
            return Err(Rcode::NOTAUTH);
        }
        match may_update(from, key, snapshot) {
            true => Ok(read.update.clone()),
            false => Err(Rcode::REFUSED),
        }
    }
}

/// Whether any permission to update names this key.
pub(crate) fn may_update(from: IpAddr, key: Option<&Name>, snapshot: &Snapshot) -> bool {
    key.map(Name::to_lowercase).is_some_and(|key| {
        let peer = Peer { address: from, key: Some(key.as_wire()) };
        snapshot.access().update_scopes(peer).next().is_some()
    })
}

/// An answer that is owed.
struct Answer {
    cells: Arc<UpdateCells>,
    /// What was read, or the answer to what could not be.
    read: Result<UpdateMessage, Vec<u8>>,
    signer: Option<Signer<Key>>,
    pending: Option<Pending>,
    /// A place among those that wait for the same, given back when it is dropped.
    seat: Option<Box<dyn Send>>,
    room: usize,
    padded: bool,
    back: Back,
}

impl Answer {
    /// Gives our own answer.
    fn give(mut self, verdict: Verdict) {
        let behind = self.signer.as_ref().map_or(0, Signer::room);
        let reply = match &self.read {
            Ok(read) => {
                let whole = reply(read, &verdict);
                // Better without the note than cut.
                let fits = whole.len() + behind <= self.room;
                if fits { whole } else { reply(read, &Verdict { note: None, ..verdict }) }
            }
            Err(refusal) => refusal.clone(),
        };
        let reply = sealed(reply, self.padded, self.signer.as_mut(), unix_seconds());
        self.hand_over(&reply);
    }

    /// Gives an answer that is complete.
    fn hand_over(self, reply: &[u8]) {
        self.cells.count(reply);
        drop(self.seat);
        match self.pending {
            // It may be otherwise the next time.
            Some(pending) if rcode_of(reply) == Some(Rcode::SERVFAIL) => drop(pending),
            Some(pending) => pending.answered(reply),
            None => {}
        }
        (self.back)(reply);
    }
}

/// The response code, as far as the header has it.
fn rcode_of(reply: &[u8]) -> Option<Rcode> {
    reply.get(3).map(|octet| Rcode(u16::from(octet & 15)))
}

impl UpdateCells {
    /// Counts a reply.
    pub fn count(&self, reply: &[u8]) {
        if let Some(cell) = rcode_of(reply).and_then(|rcode| self.rcodes.get(usize::from(rcode.0))) {
            cell.fetch_add(1, Relaxed);
        }
    }
}

/// Characters of a note that a reply carries.
const LONGEST_NOTE: usize = 160;

/// RFC 2136 §3.8: the request's id and opcode, and its zone section as others send it back; no record but OPT.
fn reply(read: &UpdateMessage, Verdict { rcode, note }: &Verdict) -> Vec<u8> {
    let mut reply = vec![0; HEADER_LEN];
    reply[..2].copy_from_slice(&read.id.to_be_bytes());
    reply[2..4].copy_from_slice(&(FLAG_QR | Opcode::UPDATE.0 << 11 | rcode.0 & 15).to_be_bytes());
    reply[5] = 1;
    reply.extend_from_slice(&read.section);
    if read.edns.is_none() {
        return reply;
    }
    reply[11] = 1;
    reply.extend_from_slice(&[0, 0, 41, 4, 208, (rcode.0 >> 4) as u8, 0, 0, 0]);
    let code = match *rcode {
        Rcode::REFUSED => Some(ede::PROHIBITED),
        Rcode::NOTIMP => Some(ede::NOT_SUPPORTED),
        _ if note.is_some() => Some(ede::OTHER),
        Rcode::NOTAUTH => Some(ede::NOT_AUTHORITATIVE),
        Rcode::SERVFAIL => Some(ede::NOT_READY),
        _ => None,
    };
    let Some(code) = code else {
        reply.extend_from_slice(&[0, 0]);
        return reply;
    };
    let note = note.as_deref().unwrap_or_default();
    let end = note.char_indices().nth(LONGEST_NOTE).map_or(note.len(), |(at, _)| at);
    let text = &note.as_bytes()[..end];
    for number in [text.len() + 6, 15, text.len() + 2] {
        reply.extend_from_slice(&(number as u16).to_be_bytes());
    }
    reply.extend_from_slice(&code.to_be_bytes());
    reply.extend_from_slice(text);
    reply
}

/// The answer to an update over a stream, once it is there; none for a copy of one that is being made.
pub(crate) struct Waiting(pub Option<oneshot::Receiver<Vec<u8>>>);

impl Waiting {
    /// Something to wait for, and where it is to be put.
    pub fn new() -> (Back, Waiting) {
        let (answer, answered) = oneshot::channel();
        let back = move |reply: &[u8]| {
            // Whoever asked may have gone.
            let _ = answer.send(reply.to_vec());
        };
        (Box::new(back), Waiting(Some(answered)))
    }
}

impl Reply for Waiting {
    fn poll_message(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<Option<Result<usize, Broken>>> {
        let Some(answered) = &mut self.0 else { return Poll::Ready(None) };
        let answer = ready!(Pin::new(answered).poll(cx));
        self.0 = None;
        Poll::Ready(answer.ok().map(|reply| {
            room.get_mut(..reply.len()).ok_or(Broken)?.copy_from_slice(&reply);
            Ok(reply.len())
        }))
    }
}

//! DNS UPDATE at the door (RFC 2136 §3.1): what can be told without the writer, and the way there and back.
//!
//! Whoever makes updates is behind a trait: this crate knows nothing of the road of changes. What must be judged against
//! the state at the time of the change, whose an address is above all, is judged there. Here an update is read, its zone
//! looked up (NOTAUTH), and turned away (REFUSED) where no key signed it, or none that any permission to update names: so
//! strangers do not get into the queue.
//!
//! - RFC 2136 §3.1, §3.8, §4; RFC 3007 §1 (authority comes from keys)

use crate::recent::{Pending, Recent, Seen};
use crate::reply::{refusal_of, signed};
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
    pub cells: Arc<UpdateCells>,
}

/// Who sent a request that was signed.
pub(crate) struct Signed {
    pub signer: Signer<Key>,
    pub mac: Mac,
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
        Door { updates, recent: Recent::default(), at_a_time, cells: Arc::default() }
    }

    /// Takes a request in. `back` is given the answer, at once or later; it is dropped where there is none.
    pub fn take(
        &self,
        message: &[u8],
        from: IpAddr,
        signed_by: Option<Signed>,
        snapshot: &Snapshot,
        back: Back,
    ) {
        let key = signed_by.as_ref().map(|by| by.signer.key().name().clone());
        // What a stranger says costs no more than it must.
        let read = match may_update(from, key.as_ref(), snapshot) {
            true => UpdateMessage::read(message),
            false => UpdateMessage::read_for_refusal(message),
        };
        let mut answer = Answer {
            cells: self.cells.clone(),
            read: read.map_err(|rcode| refusal_of(message, rcode)),
            signer: None,
            pending: None,
            seat: None,
            back,
        };
        let mac = signed_by.as_ref().map(|by| (by.mac, by.signer.key().algorithm()));
        answer.signer = signed_by.map(|by| by.signer);
        let update = match self.judge(&answer.read, from, key.as_ref(), snapshot) {
            Ok(update) => update,
            Err(rcode) => return answer.give(Verdict { rcode, note: None }),
        };
        // Without a key it was turned away.
        let (Some(key), Some((mac, algorithm))) = (key, mac) else { return };
        match self.recent.see(&mac, algorithm) {
            Seen::New(pending) => answer.pending = Some(pending),
            Seen::Pending => {
                self.cells.repeated.fetch_add(1, Relaxed);
                return;
            }
            Seen::Answered(reply) => {
                self.cells.repeated.fetch_add(1, Relaxed);
                // The id is all of a message that a MAC does not cover.
                if reply.get(..2) == message.get(..2) {
                    (answer.back)(&reply);
                }
                return;
            }
        }
        let seat = Seat(self.cells.clone());
        if self.cells.open.fetch_add(1, Relaxed) >= self.at_a_time {
            drop(seat);
            return answer.give(Verdict { rcode: Rcode::SERVFAIL, note: None });
        }
        answer.seat = Some(seat);
        let by = Author { key, from };
        self.updates.update(by, update, Box::new(move |verdict| answer.give(verdict)));
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
fn may_update(from: IpAddr, key: Option<&Name>, snapshot: &Snapshot) -> bool {
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
    seat: Option<Seat>,
    back: Back,
}

impl Answer {
    fn give(mut self, verdict: Verdict) {
        let rcode = verdict.rcode;
        let reply = match self.read {
            Ok(read) => reply(&read, &verdict),
            Err(refusal) => refusal,
        };
        self.cells.count(&reply);
        let reply = signed(reply, self.signer.as_mut(), unix_seconds());
        drop(self.seat);
        match self.pending {
            // It may be otherwise the next time.
            Some(pending) if rcode == Rcode::SERVFAIL => drop(pending),
            Some(pending) => pending.answered(&reply),
            None => {}
        }
        (self.back)(&reply);
    }
}

impl UpdateCells {
    /// Counts a reply.
    pub fn count(&self, reply: &[u8]) {
        if let Some(cell) = reply.get(3).and_then(|octet| self.rcodes.get(usize::from(octet & 15))) {
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
        _ if note.is_some() => Some(ede::OTHER),
        Rcode::REFUSED => Some(ede::PROHIBITED),
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

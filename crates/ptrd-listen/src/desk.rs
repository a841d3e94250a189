//! Where connections have their messages answered: room to read, answer and write in, one for each thread and transport.

use crate::aside::{Aside, Broken, Deferred, Reply};
use crate::bind::Protocol;
use crate::counts::{Cells, bump};
use crate::frame::{Frame, LONGEST, front};
use crate::listener::{Junction, View, unix_time};
use crate::tap::{Exchange, Tap};
use ptrd_engine::{Asker, Engine, Transport, Worker};
use ptrd_wire::asks_for_padding;
use ptrd_zone::Snapshot;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

/// Octets read at once, unless a message is longer.
pub(crate) const READ: usize = 16 << 10;
/// Octets of answers to gather before they are written.
const WRITE: usize = 32 << 10;

/// Where a message comes from.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    /// The client.
    pub(crate) peer: SocketAddr,
    /// Which address of ours it came to.
    pub(crate) local: SocketAddr,
    /// Whether a zone may be transferred the same way back.
    pub(crate) transfers: bool,
}

/// See the module.
pub(crate) struct Desk {
    pub(crate) input: Box<[u8]>,
    pub(crate) output: Box<[u8]>,
    view: View,
    counter: Counter,
}

/// What a [`Desk`] has beside its room and its view.
struct Counter {
    protocol: Protocol,
    worker: Worker,
    aside: Option<Arc<dyn Aside>>,
    tap: Option<Tap>,
    cells: Arc<Cells>,
}

/// What became of a message.
pub(crate) enum Made {
    /// An answer of so many octets.
    Answer(usize),
    /// It is left to others, who reply message by message.
    Reply(Box<dyn Reply>),
    /// Nothing.
    Silence,
}

impl Counter {
    /// Answers a message into `room`, which holds 65 535 octets.
    #[inline]
    fn make(
        &mut self,
        (engine, snapshot): (&Engine, &Arc<Snapshot>),
        origin: Origin,
        message: &[u8],
        room: &mut [u8],
        (now, nanos): (u64, u64),
    ) -> Made {
        let encrypted = self.protocol.is_encrypted();
        let transport = if encrypted { Transport::Encrypted } else { Transport::Tcp };
        let asker = Asker { peer: origin.peer.ip(), transport, now, nanos };
        let length = engine.answer(&asker, message, room, snapshot, &mut self.worker);
        if let Some(tap) = &mut self.tap {
            let (query, reply) = (message, &room[..length]);
            let Origin { peer, local, .. } = origin;
            tap.record(&Exchange { protocol: self.protocol, peer, local, at: nanos, query, reply });
        }
        if length > 0 {
            return Made::Answer(length);
        }
        if let Some(room) = self.worker.take_deferred()
            && let Some(aside) = &self.aside
        {
            let Origin { peer, transfers, .. } = origin;
            let padded = encrypted && asks_for_padding(message);
            let request = Deferred { message, peer, now, transfers, room, padded };
            return Made::Reply(aside.stream(request, snapshot));
        }
        Made::Silence
    }
}

impl Desk {
    pub(crate) fn new(protocol: Protocol, junction: &Junction, tap: Option<Tap>, cells: Arc<Cells>) -> Desk {
        Desk {
            input: vec![0; LONGEST.max(READ)].into(),
            output: vec![0; WRITE + LONGEST].into(),
            view: junction.view(),
            counter: Counter {
                protocol,
                worker: Worker::default(),
                aside: junction.aside.clone(),
                tap,
                cells,
            },
        }
    }

    /// Whether it matters which address of ours a message came to: copies tell, and nothing else asks.
    pub(crate) fn is_tapped(&self) -> bool {
        self.counter.tap.is_some()
    }

    /// Answers one message, of any length up to 65 535 octets; the answer stands behind the first two octets of the output,
    /// which have its length.
    pub(crate) fn answer_one(&mut self, origin: Origin, message: &[u8]) -> Made {
        let (prefix, room) = self.output[..LONGEST].split_at_mut(2);
        let made = self.counter.make(self.view.load(), origin, message, room, unix_time());
        if let Made::Answer(length) = made {
            prefix.copy_from_slice(&(length as u16).to_be_bytes());
        }
        self.counter.cells.store(&self.counter.worker.counts);
        made
    }

    /// Answers the whole messages among the first `filled` octets of the input, as long as answers are to be gathered.
    pub(crate) fn answer(&mut self, origin: Origin, filled: usize) -> Answered {
        let mut done = Answered::default();
        // One look for all of them, as for a batch of datagrams.
        let (seen, time) = (self.view.load(), unix_time());
        while done.output < WRITE {
            let message = match front(&self.input[done.input..filled]) {
                Frame::Whole(length) => &self.input[done.input + 2..done.input + 2 + length],
                Frame::Part(_) => break,
                Frame::Broken => {
                    done.broken = true;
                    break;
                }
            };
            done.input += 2 + message.len();
            let (prefix, room) = self.output[done.output..done.output + LONGEST].split_at_mut(2);
            match self.counter.make(seen, origin, message, room, time) {
                Made::Answer(length) => {
                    prefix.copy_from_slice(&(length as u16).to_be_bytes());
                    done.output += 2 + length;
                }
                Made::Reply(reply) => {
                    done.reply = Some(reply);
                    break;
                }
                Made::Silence => {}
            }
        }
        self.counter.cells.store(&self.counter.worker.counts);
        done
    }
}

/// What [`Desk::answer`] did.
#[derive(Default)]
pub(crate) struct Answered {
    /// Octets of the input used.
    pub(crate) input: usize,
    /// Octets of answers.
    pub(crate) output: usize,
    /// What follows in the input is no message.
    pub(crate) broken: bool,
    /// What comes behind the answers, from others; then the rest of the input has its turn.
    pub(crate) reply: Option<Box<dyn Reply>>,
}

/// A desk that connections share. The lock is never waited for: its holders run one after the other, on one thread.
#[derive(Clone)]
pub(crate) struct SharedDesk(Arc<Mutex<Desk>>);

impl SharedDesk {
    pub(crate) fn new(desk: Desk) -> SharedDesk {
        SharedDesk(Arc::new(Mutex::new(desk)))
    }

    /// Lets go of a snapshot that was replaced.
    pub(crate) fn refresh(&self) {
        self.lock().view.load();
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().unwrap_or_else(|poisoned| {
            self.0.clear_poison();
            let mut desk = poisoned.into_inner();
            // A connection met a fault of the program at this desk; nothing says in which state it left the scratch.
            desk.counter.worker = desk.counter.worker.renewed();
            bump(&desk.counter.cells.faults, 1);
            desk
        })
    }
}

/// What [`gather`] found.
pub(crate) enum More {
    /// Nothing yet.
    Waiting,
    /// So many octets, with more to come.
    Octets(usize),
    /// So many octets, and that was all.
    Last(usize),
    /// The reply cannot go on.
    Broken,
}

/// Messages of a reply with their lengths, as many as are there and make a good write.
pub(crate) fn gather(reply: &mut dyn Reply, output: &mut [u8], cx: &mut Context<'_>) -> More {
    let mut filled = 0;
    while filled < WRITE {
        let (prefix, room) = output[filled..filled + LONGEST].split_at_mut(2);
        match reply.poll_message(cx, room) {
            Poll::Ready(Some(Ok(length))) => {
                prefix.copy_from_slice(&(length as u16).to_be_bytes());
                filled += 2 + length;
            }
            Poll::Ready(Some(Err(Broken))) => return More::Broken,
            Poll::Ready(None) => return More::Last(filled),
            Poll::Pending if filled == 0 => return More::Waiting,
            Poll::Pending => return More::Octets(filled),
        }
    }
    More::Octets(filled)
}

//! One connection: reads what is there, answers every whole message in it, writes all answers at once.
//!
//! All connections of a thread share one [`Desk`](crate::desk::Desk) with the room to read, answer and write in. A
//! connection keeps octets of its own only between two turns: the part of a message that has come, or answers that the
//! client has not taken. While there are any of the latter nothing is read, so a client that never reads costs one desk's
//! worth of answers at most, and the sum over all connections is bounded.
//!
//! Within TLS all of this is the same; the handshake is part of the time for the first query.

use super::seats::Seat;
use super::stream::Stream;
use super::{OWN_MOVE, SLOWNESS, SPARED, millis};
use crate::aside::Reply;
use crate::desk::{More, Origin, READ, SharedDesk, gather};
use crate::frame::{Frame, front};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, ready};

/// Turns before other connections have theirs.
const TURNS: usize = 2;

/// How a turn ended.
enum Turn {
    /// Something was done, and there may be more.
    Again,
    /// The client is to move.
    Wait,
    /// The connection is over.
    Over,
}

/// See the module. As a future it is ready when the connection is over; dropping it closes.
pub(super) struct Connection {
    stream: Stream,
    /// The client, and which address of ours it came to.
    ends: (SocketAddr, SocketAddr),
    seat: Seat,
    desk: SharedDesk,
    /// The part of a message that has come, or whole ones whose turn is yet to come.
    input: Vec<u8>,
    /// Answers not taken by the client, from `written` on.
    output: Vec<u8>,
    written: usize,
    /// What comes behind `output`: the reply of others to a request, which comes message by message.
    reply: Option<Box<dyn Reply>>,
    /// The octets of the two that are entered in the common account.
    parked: usize,
    /// The runtime does not know yet whether there is something to read; the first turn looks for itself.
    fresh: bool,
    /// When there is no more output the connection is over.
    closing: bool,
    asked: bool,
    times: Times,
}

/// When things happened, in milliseconds since the start.
struct Times {
    /// It was accepted, or answered last.
    active: u64,
    /// The first octets of `input` came.
    message: u64,
    /// The client took something last, of output that waits since `output`.
    taken: u64,
    output: u64,
}

impl Connection {
    pub(super) fn new(stream: Stream, peer: SocketAddr, seat: Seat, desk: SharedDesk) -> Connection {
        let local = stream.tcp().filter(|_| desk.lock().is_tapped()).and_then(|tcp| tcp.local_addr().ok());
        let local = local.unwrap_or(peer);
        let now = seat.front.now();
        Connection {
            stream,
            ends: (peer, local),
            seat,
            desk,
            input: Vec::new(),
            output: Vec::new(),
            written: 0,
            reply: None,
            parked: 0,
            fresh: true,
            closing: false,
            asked: false,
            times: Times { active: now, message: now, taken: now, output: now },
        }
    }

    fn turn(&mut self, now: u64, cx: &mut Context<'_>) -> Turn {
        match self.stream.poll_handshake(cx) {
            Poll::Pending => return Turn::Wait,
            Poll::Ready(Err(_)) => return Turn::Over,
            Poll::Ready(Ok(())) => {}
        }
        match self.drain(now, cx) {
            Poll::Pending => return Turn::Wait,
            Poll::Ready(Err(_)) => return Turn::Over,
            Poll::Ready(Ok(())) if self.closing => return Turn::Over,
            Poll::Ready(Ok(())) => {}
        }
        let desk = self.desk.clone();
        let mut desk = desk.lock();
        if let Some(reply) = &mut self.reply {
            let more = gather(reply.as_mut(), &mut desk.output, cx);
            let length = match more {
                More::Waiting => return Turn::Wait,
                More::Broken => return Turn::Over,
                More::Octets(length) => length,
                More::Last(length) => {
                    self.reply = None;
                    length
                }
            };
            self.times.active = now;
            self.times.message = now;
            self.seat.note_active(now);
            return self.put_out(&desk.output[..length], now, cx);
        }
        let filled = match self.fill(&mut desk.input, cx) {
            Poll::Pending => return Turn::Wait,
            // The client is done; what is left of the input is no whole message. An error is no different.
            Poll::Ready(Ok(0) | Err(_)) => return Turn::Over,
            Poll::Ready(Ok(filled)) => filled,
        };
        let (peer, local) = self.ends;
        let done = desk.answer(Origin { peer, local, transfers: self.stream.carries_transfers() }, filled);
        if done.output > 0 {
            self.times.active = now;
            self.asked = true;
            // Before the answers are out: who has one is known to be active.
            self.seat.note_active(now);
        }
        if done.input > 0 || self.input.is_empty() {
            self.times.message = now;
        }
        self.closing = done.broken;
        let rest = if done.broken { &[] } else { &desk.input[done.input..filled] };
        keep(&mut self.input, rest);
        self.reply = done.reply;
        self.put_out(&desk.output[..done.output], now, cx)
    }

    /// Writes what the client takes, and keeps the rest.
    fn put_out(&mut self, octets: &[u8], now: u64, cx: &mut Context<'_>) -> Turn {
        let mut taken = 0;
        while taken < octets.len() {
            match self.write(cx, &octets[taken..]) {
                Poll::Ready(Ok(length)) if length > 0 => taken += length,
                Poll::Ready(_) => return Turn::Over,
                Poll::Pending => {
                    self.times.taken = now;
                    self.times.output = now;
                    break;
                }
            }
        }
        keep(&mut self.output, &octets[taken..]);
        self.written = 0;
        if self.output.is_empty() && self.stream.is_unsent() {
            // TLS has taken the rest, and the client has not.
            self.times.taken = now;
            self.times.output = now;
        }
        if self.account() { Turn::Again } else { Turn::Over }
    }

    /// Writes what is left of earlier answers.
    fn drain(&mut self, now: u64, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.output.is_empty() && !self.stream.is_unsent() {
            return Poll::Ready(Ok(()));
        }
        let before = self.stream.sent();
        let drained = self.push(cx);
        if self.stream.sent() != before {
            self.times.taken = now;
        }
        ready!(drained)?;
        self.output = Vec::new();
        self.written = 0;
        // The time for a message does not run while we do not read.
        self.times.message = now;
        self.account();
        Poll::Ready(Ok(()))
    }

    fn push(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.output.len() {
            let taken = ready!(self.stream.poll_write(cx, &self.output[self.written..]))?;
            if taken == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += taken;
        }
        self.stream.poll_flush(cx)
    }

    /// Puts what was kept into `room`, and, unless that has a whole message, what the client has sent since. Returns
    /// how many octets there are, 0 at the end of the stream.
    fn fill(&mut self, room: &mut [u8], cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let kept = self.input.len();
        let end = match front(&self.input) {
            Frame::Part(whole) => whole.max(READ),
            Frame::Whole(_) | Frame::Broken => kept,
        };
        let mut filled = kept;
        if end > kept {
            let read = ready!(self.read(cx, &mut room[kept..end]))?;
            if read == 0 {
                return Poll::Ready(Ok(0));
            }
            filled += read;
        }
        room[..kept].copy_from_slice(&self.input);
        Poll::Ready(Ok(filled))
    }

    fn read(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        if self.fresh {
            // A query that has come with the connection is answered in the same breath, so that no rush of newcomers
            // can take its seat before the runtime has heard of it.
            match self.stream.try_read(room) {
                Some(Err(error)) if is_no_end(&error) => {}
                Some(read) => return Poll::Ready(read),
                None => {}
            }
        }
        self.stream.poll_read(cx, room)
    }

    fn write(&mut self, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        if self.fresh {
            match self.stream.try_write(octets) {
                Some(Err(error)) if is_no_end(&error) => {}
                Some(written) => return Poll::Ready(written),
                None => {}
            }
        }
        self.stream.poll_write(cx, octets)
    }

    /// Enters what is kept into the common account. `false` when that is overdrawn, by this connection among others.
    fn account(&mut self) -> bool {
        let kept = self.input.capacity() + self.output.capacity() + self.stream.held();
        let before = self.parked;
        if kept == before {
            return true;
        }
        self.parked = kept;
        let parked = &self.seat.front.cells.parked;
        if kept < before {
            parked.fetch_sub(before - kept, Relaxed);
            return true;
        }
        let all = parked.fetch_add(kept - before, Relaxed) + kept - before;
        let fits = kept <= SPARED || all <= self.seat.front.limits.load().parked;
        if !fits {
            self.seat.front.cells.overfull.fetch_add(1, Relaxed);
        }
        fits
    }

    /// When the client's time is over, as things stand.
    fn deadline(&self) -> u64 {
        let (limits, times) = (self.seat.front.limits.load(), &self.times);
        if !self.output.is_empty() || self.stream.is_unsent() {
            let stall = millis(limits.write_stall);
            return (times.taken + stall).min(times.output + u64::from(SLOWNESS) * stall);
        }
        if self.reply.is_some() {
            // It is our move.
            return times.active + OWN_MOVE;
        }
        let idle = times.active + millis(if self.asked { limits.idle } else { limits.first_query });
        match self.input.is_empty() {
            true => idle,
            // Messages that earn no answer do not count as activity, however steadily they come.
            false if self.asked => {
                (times.message + millis(limits.message)).min(idle + millis(limits.message))
            }
            false => idle.min(times.message + millis(limits.message)),
        }
    }
}

impl Future for Connection {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.seat.is_lost(cx.waker()) {
            return Poll::Ready(());
        }
        let now = self.seat.front.now();
        for _ in 0..TURNS {
            let turn = self.turn(now, cx);
            self.fresh = false;
            match turn {
                Turn::Again => {}
                Turn::Wait => {
                    self.seat.note_deadline(self.deadline());
                    return Poll::Pending;
                }
                Turn::Over => return Poll::Ready(()),
            }
        }
        self.seat.note_deadline(self.deadline());
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let cells = &self.seat.front.cells;
        cells.parked.fetch_sub(self.parked, Relaxed);
        if self.stream.is_shaking() {
            cells.unshaken.fetch_add(1, Relaxed);
        } else {
            self.stream.farewell();
        }
        if std::thread::panicking() {
            tracing::error!(peer = %self.ends.0.ip(), "a TCP connection met a fault of ptrd and is closed");
        }
    }
}

/// Whether the operation is to be tried again, by the runtime's means.
fn is_no_end(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// Keeps `octets`, and no more room than they need by far.
fn keep(kept: &mut Vec<u8>, octets: &[u8]) {
    if octets.is_empty() {
        *kept = Vec::new();
    } else {
        kept.clear();
        kept.shrink_to(octets.len().max(SPARED));
        kept.extend_from_slice(octets);
    }
}

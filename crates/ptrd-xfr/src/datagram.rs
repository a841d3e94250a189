//! An IXFR over UDP: the whole difference where the datagram holds it, else the SOA alone.
//!
//! RFC 1995 §2 has the SOA of the present version tell the client that it should ask over TCP; §4 compares serials and
//! knows of no other sign. So TC is not set, as Knot and BIND do not set it either (they always send the SOA alone). A
//! whole zone never goes this way, however small: the client learns no less from the SOA.
//!
//! Whoever answers queries does not wait for the history: the reply leaves from the thread that has found it. So many may
//! wait at a time; who comes then gets the SOA at once. Nothing is held for a client but what [`Datagram`] has, and the
//! history that is read for one is short ([`MOST`]), so that a flood of requests costs little and holds up no transfer for
//! long.

use crate::history::Asker;
use crate::ixfr::Ixfr;
use crate::manner::Manner;
use crate::reply::{sealed, soa_datagram};
use crate::service::Cells;
use crate::sheet::Question;
use crate::transfer::unix_seconds;
use ptrd_listen::Back;
use ptrd_tsig::{Key, Signer};
use ptrd_zone::{Step, Zone};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Octets of history that may be read for one: several times what fits, since steps cancel each other.
pub(crate) const MOST: usize = 16 << 10;
/// How many may wait at a time.
const WAITING: usize = 64;

/// See the module. When it goes without having been told anything, the SOA goes.
pub(crate) struct Datagram {
    pub zone: Arc<Zone>,
    pub manner: Manner,
    pub question: Question,
    pub signer: Option<Signer<Key>>,
    /// Octets that the reply may have.
    pub room: usize,
    pub back: Option<Back>,
    pub seat: Seat,
}

/// A place among those that wait.
pub(crate) struct Seat(Arc<Cells>);

impl Seat {
    /// One, if there is one left.
    pub fn take(cells: &Arc<Cells>) -> Option<Seat> {
        let taken = cells.datagrams.fetch_add(1, Relaxed);
        let seat = Seat(cells.clone());
        (taken < WAITING).then_some(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.datagrams.fetch_sub(1, Relaxed);
    }
}

impl Datagram {
    fn send(&mut self, step: Option<Arc<Step>>) {
        let Some(back) = self.back.take() else { return };
        let spare = self.signer.as_ref().map_or(0, Signer::room);
        let step = step.filter(|step| self.manner.suits(step, &self.zone));
        let difference = step.and_then(|step| whole(&self.zone, step, &self.question, self.room, spare));
        let cells = &self.seat.0;
        let cell = if difference.is_some() { &cells.since } else { &cells.current };
        cell.fetch_add(1, Relaxed);
        let (signer, now) = (self.signer.as_mut(), unix_seconds());
        let reply = match difference {
            Some(difference) => sealed(difference, false, signer, now),
            None => soa_datagram(&self.zone, &self.question, self.room, signer, now),
        };
        cells.octets.fetch_add(reply.len() as u64, Relaxed);
        // Lost, as datagrams may be: the client asks again.
        let _ = back.send(&reply);
    }
}

/// The difference as one message with `spare` octets of its room left free, if that holds it.
fn whole(
    zone: &Arc<Zone>,
    step: Arc<Step>,
    question: &Question,
    room: usize,
    spare: usize,
) -> Option<Vec<u8>> {
    let mut message = vec![0; room];
    let mut ixfr = Ixfr::new(zone.clone(), step);
    let length = ixfr.next_message(question, &mut message, spare)?.ok()?;
    message.truncate(length);
    ixfr.is_over().then_some(message)
}

impl Asker for Datagram {
    fn waits(&self) -> bool {
        true
    }

    fn tell(mut self: Box<Self>, step: Option<Arc<Step>>) {
        self.send(step);
    }
}

impl Drop for Datagram {
    fn drop(&mut self) {
        self.send(None);
    }
}

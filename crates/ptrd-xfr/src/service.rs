//! Who answers what the engine leaves to others: looks up the zone, asks whether the peer may, and hands back a stream.

use crate::axfr::Axfr;
use crate::request::{TransferRequest, Wanted};
use crate::sheet::{OPT, Question, Sheet};
use ptrd_listen::{Aside, Back, Broken, Deferred, Ready, Reply};
use ptrd_wire::{FLAG_QR, FLAG_RD, HEADER_LEN, Opcode, Rcode, RecordType, ede};
use ptrd_zone::{Action, Peer, Snapshot, Zone};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// What transfers may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Transfers at a time; more are told to come again (SERVFAIL, as for any other want of room).
    pub at_a_time: usize,
    /// How long one may take in all: as long as it lasts it holds on to the zone as it was.
    pub longest: Duration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { at_a_time: 200, longest: Duration::from_secs(2 * 3600) }
    }
}

/// What came of requests for transfers since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Transfers ended with the last record.
    pub done: u64,
    /// Transfers given up by either side.
    pub broken: u64,
    /// Requests refused.
    pub refused: u64,
    /// Requests answered with the SOA alone: the client has the zone's present version.
    pub current: u64,
    /// Octets of messages made.
    pub octets: u64,
    /// Transfers under way.
    pub open: u64,
}

#[derive(Debug, Default)]
struct Cells {
    done: AtomicU64,
    broken: AtomicU64,
    refused: AtomicU64,
    current: AtomicU64,
    octets: AtomicU64,
    open: AtomicUsize,
}

/// See the module. A clone shares everything.
#[derive(Clone, Debug, Default)]
pub struct Service {
    settings: Settings,
    cells: Arc<Cells>,
}

impl Service {
    /// With these settings.
    pub fn new(settings: Settings) -> Service {
        Service { settings, cells: Arc::default() }
    }

    /// What came of requests so far.
    pub fn counts(&self) -> Counts {
        let cells = &self.cells;
        Counts {
            done: cells.done.load(Relaxed),
            broken: cells.broken.load(Relaxed),
            refused: cells.refused.load(Relaxed),
            current: cells.current.load(Relaxed),
            octets: cells.octets.load(Relaxed),
            open: cells.open.load(Relaxed) as u64,
        }
    }

    /// The zone that a request is about, if the peer may transfer it.
    fn granted(
        &self,
        request: &TransferRequest,
        peer: SocketAddr,
        snapshot: &Snapshot,
    ) -> Result<Arc<Zone>, Denied> {
        // RFC 5936 §2.2.1: NOTAUTH from a server that does not have the zone.
        let zone = snapshot.zone(&request.apex).ok_or(Denied(Rcode::NOTAUTH, ede::NOT_AUTHORITATIVE))?;
        let peer = Peer { address: peer.ip().to_canonical(), key: None };
        if !snapshot.access().allows(Action::Transfer, zone.id(), zone.tenant(), peer) {
            return Err(Denied(Rcode::REFUSED, ede::PROHIBITED));
        }
        Ok(zone.clone())
    }

    /// A place among the transfers under way.
    fn place(&self) -> Result<Place, Denied> {
        let taken = self.cells.open.fetch_add(1, Relaxed);
        let place = Place(self.cells.clone());
        if taken < self.settings.at_a_time { Ok(place) } else { Err(Denied(Rcode::SERVFAIL, ede::NOT_READY)) }
    }

    fn transfer(&self, request: Deferred<'_>, snapshot: &Arc<Snapshot>) -> Result<Box<dyn Reply>, Vec<u8>> {
        let asked = match TransferRequest::read(request.message) {
            Ok(asked) => asked,
            Err(rcode) => return Err(refusal_of(request.message, rcode)),
        };
        let zone =
            self.granted(&asked, request.peer, snapshot).map_err(|denied| denied.reply(&asked.question))?;
        if let Wanted::Since(serial) = asked.wanted
            && !zone.soa().serial.is_after(serial)
        {
            // RFC 1995 §2: the client has what there is, or something newer that we know nothing of.
            self.cells.current.fetch_add(1, Relaxed);
            return Ok(Box::new(Ready::new(soa_alone(&zone, &asked.question))));
        }
        let place = self.place().map_err(|denied| denied.reply(&asked.question))?;
        Ok(Box::new(Transfer {
            axfr: Axfr::new(zone, snapshot),
            question: asked.question,
            peer: request.peer,
            begun: Instant::now(),
            until: Instant::now() + self.settings.longest,
            place,
        }))
    }
}

impl Aside for Service {
    fn stream(&self, request: Deferred<'_>, snapshot: &Arc<Snapshot>) -> Box<dyn Reply> {
        let answered = match opcode(request.message) {
            Opcode::QUERY => self.transfer(request, snapshot),
            _ => Err(refusal_of(request.message, Rcode::NOTIMP)),
        };
        answered.unwrap_or_else(|refusal| {
            self.cells.refused.fetch_add(1, Relaxed);
            Box::new(Ready::new(refusal))
        })
    }

    fn datagram(&self, request: Deferred<'_>, snapshot: &Arc<Snapshot>, back: Back) {
        let reply = match (opcode(request.message), TransferRequest::read(request.message)) {
            (Opcode::QUERY, Ok(asked)) => match self.granted(&asked, request.peer, snapshot) {
                // RFC 1995 §2: what does not fit into a datagram is answered with the SOA alone, and the client comes
                // again over TCP.
                Ok(zone) => Ok(soa_alone(&zone, &asked.question)),
                Err(denied) => Err(denied.reply(&asked.question)),
            },
            (Opcode::QUERY, Err(rcode)) => Err(refusal_of(request.message, rcode)),
            _ => Err(refusal_of(request.message, Rcode::NOTIMP)),
        };
        let cell = if reply.is_ok() { &self.cells.current } else { &self.cells.refused };
        cell.fetch_add(1, Relaxed);
        let (Ok(reply) | Err(reply)) = reply;
        // Lost, as datagrams may be: the client asks again.
        let _ = back.send(&reply);
    }
}

/// A place among the transfers under way, given back when it is dropped.
struct Place(Arc<Cells>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Relaxed);
    }
}

/// A transfer on its way to a client.
struct Transfer {
    axfr: Axfr,
    question: Question,
    peer: SocketAddr,
    begun: Instant,
    until: Instant,
    place: Place,
}

impl Reply for Transfer {
    fn poll_message(&mut self, _: &mut Context<'_>, room: &mut [u8]) -> Poll<Option<Result<usize, Broken>>> {
        if Instant::now() > self.until {
            tracing::warn!(
                zone = %self.axfr.zone().apex(), peer = %self.peer.ip(),
                "a transfer took too long and is given up"
            );
            return Poll::Ready(Some(Err(Broken)));
        }
        Poll::Ready(self.axfr.next_message(&self.question, room, 0).map(|made| match made {
            Ok(length) => {
                self.place.0.octets.fetch_add(length as u64, Relaxed);
                Ok(length)
            }
            Err(_) => {
                tracing::error!(
                    zone = %self.axfr.zone().apex(),
                    "a record is too long for any message: the zone cannot be transferred"
                );
                Err(Broken)
            }
        }))
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        let cells = &self.place.0;
        let cell = if self.axfr.is_over() { &cells.done } else { &cells.broken };
        cell.fetch_add(1, Relaxed);
        let (messages, records) = self.axfr.made();
        tracing::info!(
            zone = %self.axfr.zone().apex(),
            serial = self.axfr.zone().soa().serial.0,
            peer = %self.peer.ip(),
            messages,
            records,
            took = ?self.begun.elapsed(),
            whole = self.axfr.is_over(),
            "a zone was transferred"
        );
    }
}

/// Why not: a response code, and the info code of an extended error (RFC 8914).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Denied(Rcode, u16);

impl Denied {
    fn reply(self, question: &Question) -> Vec<u8> {
        let mut reply = vec![0; HEADER_LEN];
        reply[..2].copy_from_slice(&question.id.to_be_bytes());
        reply[2..4].copy_from_slice(&(FLAG_QR | question.flags | self.0.0 & 15).to_be_bytes());
        reply[5] = 1;
        reply.extend_from_slice(&question.octets);
        if question.edns {
            reply[11] = 1;
            reply.extend_from_slice(&OPT[..9]);
            reply.extend_from_slice(&[0, 6, 0, 15, 0, 2]);
            reply.extend_from_slice(&self.1.to_be_bytes());
        }
        reply
    }
}

/// The zone's SOA as the whole answer.
fn soa_alone(zone: &Zone, question: &Question) -> Vec<u8> {
    let data = zone.soa_rdata();
    let mut reply = vec![0; HEADER_LEN + question.octets.len() + 255 + 10 + data.len() + OPT.len()];
    let mut sheet = Sheet::new(&mut reply, Some(question), 0);
    // There is room for it.
    let _ = sheet.record(zone.apex().as_wire(), RecordType::SOA, zone.soa_ttl(), (data, &[]));
    let length = sheet.finish(question);
    reply.truncate(length);
    reply
}

fn opcode(message: &[u8]) -> Opcode {
    Opcode(message.get(2).map_or(0, |octet| u16::from(octet >> 3 & 15)))
}

/// The reply to what could not be read: the header alone.
fn refusal_of(message: &[u8], rcode: Rcode) -> Vec<u8> {
    let mut reply = vec![0; HEADER_LEN];
    if let Some(&[a, b, c, d]) = message.first_chunk() {
        let kept = u16::from_be_bytes([c, d]) & (0x7800 | FLAG_RD);
        reply[..2].copy_from_slice(&[a, b]);
        reply[2..4].copy_from_slice(&(FLAG_QR | kept | rcode.0 & 15).to_be_bytes());
    }
    reply
}

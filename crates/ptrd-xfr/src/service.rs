//! Who answers what the engine leaves to others: finds out who asks, looks up the zone, asks whether the peer may, and hands
//! back a stream.

use crate::axfr::Axfr;
use crate::datagram::{self, Datagram, Seat};
use crate::follow::{Notices, notice};
use crate::forward::{Forwarded, Forwards};
use crate::history::{Asker, History, HistoryCounts, NoHistory, Wish};
use crate::manner::{Manner, log_refusal};
use crate::reply::{Denied, fitting, opcode, pad_reply, refusal_of, sealed, soa_alone, soa_datagram};
use crate::request::{TransferRequest, Wanted};
use crate::sheet::Question;
use crate::transfer::{Source, Transfer};
use crate::updates::{self, Door, Letter, Signed, Updates, Waiting};
use ptrd_listen::{Aside, Back, Deferred, Ready, Reply};
use ptrd_tsig::{FUDGE, Key, Mac, Signer, verify};
use ptrd_wire::{Opcode, Rcode, Serial, TsigRecord, ede};
use ptrd_zone::{Action, Form, Peer, Snapshot, Zone};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Octets of history that a transfer is worth: more is slower than the whole zone.
const MOST: usize = 64 << 20;

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
    /// Whole zones sent to the last record.
    pub whole: u64,
    /// Differences sent to the last record, those in datagrams included.
    pub since: u64,
    /// Transfers given up by either side.
    pub broken: u64,
    /// Requests refused.
    pub refused: u64,
    /// Requests answered with the SOA alone.
    pub current: u64,
    /// Octets of messages made.
    pub octets: u64,
    /// Transfers under way.
    pub open: u64,
    /// Answers to updates, by their response codes.
    pub updates: [u64; 16],
    /// Copies of updates that were being made or had been answered.
    pub repeated_updates: u64,
    /// Updates that were passed on.
    pub forwarded: Forwarded,
    /// What the history was asked for.
    pub history: HistoryCounts,
}

#[derive(Debug, Default)]
pub(crate) struct Cells {
    pub whole: AtomicU64,
    pub since: AtomicU64,
    pub broken: AtomicU64,
    pub refused: AtomicU64,
    pub current: AtomicU64,
    pub octets: AtomicU64,
    pub open: AtomicUsize,
    /// Requests in datagrams that wait for the history.
    pub datagrams: AtomicUsize,
}

/// See the module. A clone shares everything.
#[derive(Clone)]
pub struct Service {
    settings: Settings,
    history: Arc<dyn History>,
    door: Option<Door>,
    notices: Option<Arc<dyn Notices>>,
    cells: Arc<Cells>,
}

/// A request whose sender is known as far as it said.
struct Known<'r> {
    request: Deferred<'r>,
    /// Signs what answers it, where it was signed.
    signer: Option<Signer<Key>>,
    /// The MAC that it was signed with.
    mac: Option<Mac>,
}

impl Known<'_> {
    fn peer(&self) -> Peer<'_> {
        let key = self.signer.as_ref().map(|signer| signer.key().canonical_name());
        Peer { address: self.request.peer.ip().to_canonical(), key }
    }

    fn reply(mut self, octets: Vec<u8>) -> Vec<u8> {
        sealed(octets, self.request.padded, self.signer.as_mut(), self.request.now)
    }
}

impl Service {
    /// With these settings, and the history of zones.
    pub fn new(settings: Settings, history: Arc<dyn History>) -> Service {
        Service { settings, history, door: None, notices: None, cells: Arc::default() }
    }

    /// The same, taking updates, so many at a time, for whoever makes them. Without, they are not implemented.
    #[must_use]
    pub fn with_updates(self, updates: Arc<dyn Updates>, at_a_time: usize) -> Service {
        Service { door: Some(Door::new(updates, at_a_time)), ..self }
    }

    /// The same, passing updates of zones that are followed on, where updates are taken.
    #[must_use]
    pub fn with_forwarding(self, forwards: Arc<dyn Forwards>) -> Service {
        Service { door: self.door.map(|door| door.with_passage(forwards)), ..self }
    }

    /// The same, telling somebody of NOTIFY from primaries. Without, it is not implemented.
    #[must_use]
    pub fn with_notices(self, notices: Arc<dyn Notices>) -> Service {
        Service { notices: Some(notices), ..self }
    }

    /// What came of requests so far.
    pub fn counts(&self) -> Counts {
        let cells = &self.cells;
        let door = self.door.as_ref().map(|door| &door.cells);
        Counts {
            updates: std::array::from_fn(|rcode| door.map_or(0, |door| door.rcodes[rcode].load(Relaxed))),
            repeated_updates: door.map_or(0, |door| door.repeated.load(Relaxed)),
            forwarded: self.door.as_ref().map(Door::forwarded).unwrap_or_default(),
            history: self.history.counts(),
            whole: cells.whole.load(Relaxed),
            since: cells.since.load(Relaxed),
            broken: cells.broken.load(Relaxed),
            refused: cells.refused.load(Relaxed),
            current: cells.current.load(Relaxed),
            octets: cells.octets.load(Relaxed),
            open: cells.open.load(Relaxed) as u64,
        }
    }

    /// Finds out who asks, or says how to turn the request away (RFC 8945 §5.2).
    fn known<'r>(&self, request: Deferred<'r>, snapshot: &Snapshot) -> Result<Known<'r>, Vec<u8>> {
        let Deferred { message, now, padded, .. } = request;
        let record = TsigRecord::find(message)
            .map_err(|_| sealed(refusal_of(message, Rcode::FORMERR), padded, None, now))?;
        let Some(record) = record else { return Ok(Known { request, signer: None, mac: None }) };
        let verified = verify(message, record, snapshot.keys(), now);
        let verified = verified.and_then(|verified| match opcode(message) {
            // Copies are known again for as long as that (see `recent`), whatever the fudge of the request says.
            Opcode::UPDATE => verified.within(record, FUDGE, now),
            _ => Ok(verified),
        });
        match verified {
            Ok(verified) => {
                Ok(Known { request, mac: Some(*verified.mac()), signer: Some(verified.into_signer()) })
            }
            Err(refusal) => {
                let mut reply = match TransferRequest::read(message) {
                    Ok(asked) => Denied(refusal.rcode(), ede::PROHIBITED, "").reply(&asked.question),
                    Err(_) => refusal_of(message, refusal.rcode()),
                };
                let room = refusal.room(message);
                if padded {
                    pad_reply(&mut reply, room);
                }
                let length = reply.len();
                reply.resize(length + room, 0);
                let end = refusal.append(message, &mut reply, length, now);
                reply.truncate(end.unwrap_or(length));
                Err(reply)
            }
        }
    }

    /// The zone that a request is about, if the peer may transfer it, and how it goes there.
    fn granted(
        &self,
        asked: &TransferRequest,
        peer: Peer<'_>,
        snapshot: &Snapshot,
    ) -> Result<(Arc<Zone>, Manner), Denied> {
        // RFC 5936 §2.2.1: NOTAUTH from a server that does not have the zone.
        let zone = snapshot.zone(&asked.apex).ok_or(Denied(Rcode::NOTAUTH, ede::NOT_AUTHORITATIVE, ""))?;
        if zone.outage().is_some() {
            return Err(Denied(Rcode::SERVFAIL, ede::NOT_READY, ""));
        }
        if !snapshot.access().allows(Action::Transfer, zone.id(), zone.tenant(), peer) {
            return Err(Denied(Rcode::REFUSED, ede::PROHIBITED, ""));
        }
        match Manner::of(zone, snapshot.addresses(), asked.offer) {
            Ok(manner) => Ok((zone.clone(), manner)),
            Err(denied) => {
                log_refusal(zone, peer.address, asked.offer.is_some());
                Err(denied)
            }
        }
    }

    /// A place among the transfers under way.
    fn place(&self) -> Result<Place, Denied> {
        let taken = self.cells.open.fetch_add(1, Relaxed);
        let place = Place(self.cells.clone());
        if taken < self.settings.at_a_time {
            Ok(place)
        } else {
            Err(Denied(Rcode::SERVFAIL, ede::NOT_READY, ""))
        }
    }

    /// What answers a transfer; `Err` is a refusal.
    fn transfer(&self, known: Known<'_>, snapshot: &Arc<Snapshot>) -> Result<Box<dyn Reply>, Vec<u8>> {
        let asked = match TransferRequest::read(known.request.message) {
            Ok(asked) => asked,
            Err(rcode) => {
                let refusal = refusal_of(known.request.message, rcode);
                return Err(known.reply(refusal));
            }
        };
        if !known.request.transfers {
            // RFC 9103 §7.1, §7.2; RFC 8484 has no place for several messages.
            let denied = Denied(Rcode::REFUSED, ede::NOT_SUPPORTED, "");
            return Err(known.reply(denied.reply(&asked.question)));
        }
        let granted = self.granted(&asked, known.peer(), snapshot);
        let ((zone, manner), place) = match granted.and_then(|granted| Ok((granted, self.place()?))) {
            Ok(granted) => granted,
            Err(denied) => return Err(known.reply(denied.reply(&asked.question))),
        };
        let source = match asked.wanted {
            // RFC 1995 §2: the client has what there is, or something newer that we know nothing of.
            Wanted::Since(serial) if !zone.soa().serial.is_after(serial) => {
                self.cells.current.fetch_add(1, Relaxed);
                return Ok(Box::new(Ready::new(known.reply(soa_alone(&zone, &asked.question)))));
            }
            Wanted::Since(serial) => {
                let (asker, answer) = oneshot::channel();
                self.find((&zone, manner.form), serial, MOST, Box::new(asker));
                let whole = Some(Box::new(Axfr::new(zone.clone(), snapshot, manner.form)));
                Source::Asked(answer, manner, whole)
            }
            Wanted::Whole => Source::Whole(Box::new(Axfr::new(zone.clone(), snapshot, manner.form))),
        };
        let begun = Instant::now();
        Ok(Box::new(Transfer {
            zone,
            source,
            question: Question { padded: known.request.padded, ..asked.question },
            signer: known.signer,
            peer: known.request.peer,
            begun,
            until: begun + self.settings.longest,
            place,
        }))
    }

    fn find(&self, (zone, form): (&Arc<Zone>, Form), from: Serial, most: usize, asker: Box<dyn Asker>) {
        self.history.find(Wish { zone: zone.clone(), from, form, most, asker });
    }

    /// Answers a query for IXFR in a datagram, at once or when the history has been looked up; `Err` is a refusal.
    fn incremental(&self, known: Known<'_>, snapshot: &Snapshot, back: Back) -> Result<(), (Vec<u8>, Back)> {
        let asked = match TransferRequest::read(known.request.message) {
            Ok(asked) => asked,
            Err(rcode) => {
                let refusal = refusal_of(known.request.message, rcode);
                return Err((known.reply(refusal), back));
            }
        };
        let (zone, manner) = match self.granted(&asked, known.peer(), snapshot) {
            Ok(granted) => granted,
            Err(denied) => return Err((known.reply(denied.reply(&asked.question)), back)),
        };
        if let Wanted::Since(serial) = asked.wanted
            && zone.soa().serial.is_after(serial)
            && let Some(seat) = Seat::take(&self.cells)
        {
            let Known { request: Deferred { room, .. }, signer, .. } = known;
            let question = asked.question;
            let zone_of = zone.clone();
            let datagram = Datagram { zone: zone_of, manner, question, signer, room, back: Some(back), seat };
            self.find((&zone, manner.form), serial, datagram::MOST, Box::new(datagram));
            return Ok(());
        }
        self.cells.current.fetch_add(1, Relaxed);
        // Lost, as datagrams may be: the client asks again.
        let Known { request: Deferred { room, now, .. }, mut signer, .. } = known;
        let _ = back.send(&soa_datagram(&zone, &asked.question, room, signer.as_mut(), now));
        Ok(())
    }

    /// Takes an update, which was one; `back` is given the answer.
    fn update(
        &self,
        door: &Door,
        request: Deferred<'_>,
        snapshot: &Snapshot,
        is_stream: bool,
        back: updates::Back,
    ) {
        let (signed, refusal) = match self.known(request, snapshot) {
            Ok(Known { signer, mac, .. }) => {
                (signer.zip(mac).map(|(signer, mac)| Signed { signer, mac }), None)
            }
            Err(refusal) => (None, Some(refusal)),
        };
        let Deferred { message, room, padded, .. } = request;
        let from = request.peer.ip().to_canonical();
        let letter = Letter { message, from, signed, refusal, is_stream, room, padded };
        door.take(letter, snapshot, back);
    }

    /// Who takes this request, if it is an update and anybody does.
    fn door_for(&self, request: Deferred<'_>) -> Option<&Door> {
        self.door.as_ref().filter(|_| opcode(request.message) == Opcode::UPDATE)
    }

    /// What answers a NOTIFY; `Err` is a refusal.
    fn notice(&self, known: Known<'_>, snapshot: &Snapshot) -> Result<Vec<u8>, Vec<u8>> {
        let Some(notices) = &self.notices else {
            let refusal = refusal_of(known.request.message, Rcode::NOTIMP);
            return Err(known.reply(refusal));
        };
        let (reply, rcode) = notice::answer(known.request.message, known.peer(), snapshot, &**notices);
        let reply = known.reply(reply);
        if rcode == Rcode::NOERROR { Ok(reply) } else { Err(reply) }
    }

    fn refused(&self, refusal: Vec<u8>) -> Vec<u8> {
        self.cells.refused.fetch_add(1, Relaxed);
        refusal
    }
}

impl Default for Service {
    /// With the settings that suit most, and no history.
    fn default() -> Service {
        Service::new(Settings::default(), Arc::new(NoHistory))
    }
}

impl Aside for Service {
    fn stream(&self, request: Deferred<'_>, snapshot: &Arc<Snapshot>) -> Box<dyn Reply> {
        if let Some(door) = self.door_for(request) {
            let (back, waiting) = Waiting::new();
            self.update(door, request, snapshot, true, back);
            return Box::new(waiting);
        }
        let answered = self.known(request, snapshot).and_then(|known| match opcode(request.message) {
            Opcode::QUERY => self.transfer(known, snapshot),
            Opcode::NOTIFY => Ok(Box::new(Ready::new(self.notice(known, snapshot)?)) as Box<dyn Reply>),
            _ => Err(known.reply(refusal_of(request.message, Rcode::NOTIMP))),
        });
        answered.unwrap_or_else(|refusal| Box::new(Ready::new(self.refused(refusal))))
    }

    fn datagram(&self, request: Deferred<'_>, snapshot: &Arc<Snapshot>, back: Back) {
        if let Some(door) = self.door_for(request) {
            // Lost, as datagrams may be: the client asks again.
            let room = request.room;
            let back = Box::new(move |reply: &[u8]| drop(back.send(&fitting(reply, room))));
            return self.update(door, request, snapshot, false, back);
        }
        let (refusal, back) = match self.known(request, snapshot) {
            Ok(known) => match opcode(request.message) {
                Opcode::QUERY => match self.incremental(known, snapshot, back) {
                    Ok(()) => return,
                    Err(refused) => refused,
                },
                Opcode::NOTIFY => match self.notice(known, snapshot) {
                    // Lost, as datagrams may be: the primary sends again.
                    Ok(reply) => return drop(back.send(&reply)),
                    Err(refusal) => (refusal, back),
                },
                _ => (known.reply(refusal_of(request.message, Rcode::NOTIMP)), back),
            },
            Err(refusal) => (refusal, back),
        };
        // Lost, as datagrams may be: the client asks again.
        let _ = back.send(&self.refused(refusal));
    }
}

/// A place among the transfers under way, given back when it is dropped.
pub(crate) struct Place(pub Arc<Cells>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Relaxed);
    }
}

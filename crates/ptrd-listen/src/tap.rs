//! Copies of queries and their replies for whoever watches, off the workers' way.
//!
//! Each worker owns one end of a ring of octets, allocated once; the other end belongs to one [`TapReader`]. A worker
//! that finds no room counts what was missed and goes on: it never waits, allocates or locks for a watcher. What the copies
//! are turned into (dnstap, say) is the reader's business.
//!
//! Layout of a record, numbers little-endian: u32 octets of what follows, u8 transport (as dnstap has them: 1 UDP, 2 TCP, 3 TLS, 4 HTTPS, 7 QUIC), u8 address family (4,
//! 6), u16 peer's port, u16 our port, u16 spare, u64 nanoseconds since 1970, u32 octets of the query, u32 of the reply, peer's address and ours
//! (4 or 16 octets each), query, reply.

use crate::bind::Protocol;
use rtrb::{Consumer, Producer, RingBuffer};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const HEAD: usize = 28;

/// A query and what was answered to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange<'a> {
    /// How it came.
    pub protocol: Protocol,
    /// Who asked.
    pub peer: SocketAddr,
    /// Whom of us.
    pub local: SocketAddr,
    /// When, in nanoseconds since 1970 UTC: for UDP, when its batch was taken.
    pub at: u64,
    /// The octets of the request.
    pub query: &'a [u8],
    /// The octets of the reply; empty for silence.
    pub reply: &'a [u8],
}

/// A worker's end.
pub(crate) struct Tap {
    ring: Producer<u8>,
    missed: Arc<AtomicU64>,
}

/// Makes a tap and the lane of its reader.
pub(crate) fn lane(octets: usize) -> (Tap, Lane) {
    let (producer, consumer) = RingBuffer::new(octets.max(HEAD + 32 + 2 * 65_535));
    let missed = Arc::<AtomicU64>::default();
    (Tap { ring: producer, missed: missed.clone() }, Lane { ring: consumer, missed })
}

impl Tap {
    /// Copies an exchange, or counts it as missed.
    pub(crate) fn record(&mut self, exchange: &Exchange<'_>) {
        let Exchange { protocol, peer, local, at, query, reply } = *exchange;
        let mut addresses = [0; 32];
        let width = match (peer.ip(), local.ip()) {
            (IpAddr::V4(peer), IpAddr::V4(local)) => {
                addresses[..4].copy_from_slice(&peer.octets());
                addresses[4..8].copy_from_slice(&local.octets());
                4
            }
            (peer, local) => {
                addresses[..16].copy_from_slice(&mapped(peer));
                addresses[16..].copy_from_slice(&mapped(local));
                16
            }
        };
        let mut head = [0; HEAD];
        let length = HEAD - 4 + 2 * width + query.len() + reply.len();
        head[..4].copy_from_slice(&(length as u32).to_le_bytes());
        head[4] = number(protocol);
        head[5] = if width == 4 { 4 } else { 6 };
        head[6..8].copy_from_slice(&peer.port().to_le_bytes());
        head[8..10].copy_from_slice(&local.port().to_le_bytes());
        head[12..20].copy_from_slice(&at.to_le_bytes());
        head[20..24].copy_from_slice(&(query.len() as u32).to_le_bytes());
        head[24..28].copy_from_slice(&(reply.len() as u32).to_le_bytes());
        let Ok(mut chunk) = self.ring.write_chunk(4 + length) else {
            // Written by this thread alone.
            self.missed.store(self.missed.load(Relaxed) + 1, Relaxed);
            return;
        };
        let (first, second) = chunk.as_mut_slices();
        let mut room = Room { first, second };
        [&head[..], &addresses[..2 * width], query, reply].into_iter().for_each(|part| room.put(part));
        chunk.commit_all();
    }
}

const NUMBERS: [(Protocol, u8); 5] =
    [(Protocol::Udp, 1), (Protocol::Tcp, 2), (Protocol::Tls, 3), (Protocol::Https, 4), (Protocol::Quic, 7)];

fn number(protocol: Protocol) -> u8 {
    NUMBERS.iter().find(|(known, _)| *known == protocol).map_or(0, |(_, number)| *number)
}

fn mapped(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => v6.octets(),
    }
}

/// The two parts of a stretch of the ring that passes its end.
struct Room<'a> {
    first: &'a mut [u8],
    second: &'a mut [u8],
}

impl<'a> Room<'a> {
    fn put(&mut self, octets: &[u8]) {
        let (here, beyond) = octets.split_at(octets.len().min(self.first.len()));
        let (into, rest) = std::mem::take(&mut self.first).split_at_mut(here.len());
        into.copy_from_slice(here);
        self.first = rest;
        if !beyond.is_empty() {
            let (into, rest) = std::mem::take(&mut self.second).split_at_mut(beyond.len());
            into.copy_from_slice(beyond);
            self.second = rest;
        }
    }
}

pub(crate) struct Lane {
    ring: Consumer<u8>,
    missed: Arc<AtomicU64>,
}

/// The other end of all workers' rings.
pub struct TapReader {
    lanes: Vec<Lane>,
    scratch: Vec<u8>,
}

impl TapReader {
    pub(crate) fn new(lanes: Vec<Lane>) -> TapReader {
        TapReader { lanes, scratch: Vec::new() }
    }

    /// Takes up to `most` exchanges of each worker that are there now, in the order of each worker; returns how many.
    pub fn drain(&mut self, most: usize, mut take: impl FnMut(Exchange<'_>)) -> usize {
        let mut taken = 0;
        for lane in &mut self.lanes {
            for _ in 0..most {
                if !lane.next(&mut self.scratch) {
                    break;
                }
                if let Some(exchange) = read(&self.scratch) {
                    take(exchange);
                    taken += 1;
                }
            }
        }
        taken
    }

    /// How many exchanges found no room so far.
    pub fn missed(&self) -> u64 {
        self.lanes.iter().map(|lane| lane.missed.load(Relaxed)).sum()
    }
}

impl Lane {
    /// The next record without its length, if there is one. Records are committed whole.
    fn next(&mut self, scratch: &mut Vec<u8>) -> bool {
        let Ok(length) = self.ring.read_chunk(4) else { return false };
        let mut octets = [0; 4];
        octets.iter_mut().zip(length).for_each(|(to, from)| *to = from);
        scratch.clear();
        if let Ok(chunk) = self.ring.read_chunk(u32::from_le_bytes(octets) as usize) {
            let (first, second) = chunk.as_slices();
            scratch.extend_from_slice(first);
            scratch.extend_from_slice(second);
            chunk.commit_all();
        }
        true
    }
}

fn read(record: &[u8]) -> Option<Exchange<'_>> {
    let part = |at: usize, length: usize| record.get(at..at + length);
    let port = |at: usize| Some(u16::from_le_bytes(part(at, 2)?.try_into().ok()?));
    let number = |at: usize| Some(u32::from_le_bytes(part(at, 4)?.try_into().ok()?) as usize);
    let width = if *record.get(1)? == 4 { 4 } else { 16 };
    let ip = |at: usize| -> Option<IpAddr> {
        let octets = part(at, width)?;
        Some(match width {
            4 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(octets).ok()?)),
            _ => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(octets).ok()?)),
        })
    };
    let (query, reply) = (number(16)?, number(20)?);
    let start = HEAD - 4 + 2 * width;
    Some(Exchange {
        protocol: NUMBERS.iter().find(|(_, number)| record.first() == Some(number))?.0,
        peer: SocketAddr::new(ip(HEAD - 4)?, port(2)?),
        local: SocketAddr::new(ip(HEAD - 4 + width)?, port(4)?),
        at: u64::from_le_bytes(part(8, 8)?.try_into().ok()?),
        query: part(start, query)?,
        reply: part(start + query, reply)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(n: usize) -> (Vec<u8>, Vec<u8>, SocketAddr, SocketAddr) {
        let ip = |last: u8| match n % 2 {
            0 => IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)),
            _ => IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last.into())),
        };
        let query = (0..12 + n * 37 % 300).map(|at| (at * n) as u8).collect();
        let reply = (0..n * 101 % 3000).map(|at| (at ^ n) as u8).collect();
        (query, reply, SocketAddr::new(ip(1), n as u16), SocketAddr::new(ip(2), 53))
    }

    #[test]
    fn what_goes_in_comes_out_across_the_end_of_the_ring() {
        let (mut tap, lane) = lane(0);
        let mut reader = TapReader::new(vec![lane]);
        let mut next = 0;
        for n in 0..3000 {
            let (query, reply, peer, local) = exchange(n);
            let protocol = NUMBERS[n % NUMBERS.len()].0;
            let given = Exchange { protocol, peer, local, at: n as u64, query: &query, reply: &reply };
            tap.record(&given);
            if n % 7 != 0 {
                continue;
            }
            reader.drain(usize::MAX, |taken| {
                let (query, reply, peer, local) = exchange(next);
                let protocol = NUMBERS[next % NUMBERS.len()].0;
                let at = next as u64;
                assert_eq!(taken, Exchange { protocol, peer, local, at, query: &query, reply: &reply });
                next += 1;
            });
            assert_eq!(next, n + 1);
        }
        assert_eq!(reader.missed(), 0);
    }

    #[test]
    fn a_full_ring_loses_the_newest_and_counts_them() {
        let (mut tap, lane) = lane(0);
        let mut reader = TapReader::new(vec![lane]);
        let octets = vec![7; 60_000];
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        for at in 0..5 {
            let protocol = Protocol::Tcp;
            tap.record(&Exchange { protocol, peer, local: peer, at, query: &octets[..12], reply: &octets });
        }
        let mut seen = Vec::new();
        reader.drain(10, |taken| seen.push(taken.at));
        assert_eq!((seen, reader.missed()), (vec![0, 1], 3));
        tap.record(&Exchange {
            protocol: Protocol::Udp,
            peer,
            local: peer,
            at: 9,
            query: &octets[..12],
            reply: &[],
        });
        let taken = reader.drain(10, |taken| assert_eq!((taken.at, taken.reply.len()), (9, 0)));
        assert_eq!(taken, 1);
    }
}

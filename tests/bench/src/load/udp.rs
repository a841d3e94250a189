//! UDP: a few connected sockets, a window of queries on each.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use ptrd_udp::{Batch, Options, Socket};

use super::flight::Flight;
use super::{Load, Meter, Outcome};

/// Sockets, so that a server that spreads peers over workers or queues sees several.
const SOCKETS: usize = 4;
/// Queries in flight on each socket; together they fit into the smallest receive buffer among the servers.
const WINDOW: usize = 48;
/// Three of these without a reply make a query lost.
const EPOCH: Duration = Duration::from_millis(100);

/// Runs the load.
///
/// # Errors
///
/// When a socket cannot be set up or fails.
pub fn run(load: Load<'_>) -> Result<Outcome> {
    let options = Options { receive_timeout: Duration::ZERO, ..Options::default() };
    let mut lanes = Vec::new();
    for _ in 0..SOCKETS {
        let mut socket = Socket::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), &options)?;
        socket.connect(load.address)?;
        lanes.push((socket, Flight::new(WINDOW)));
    }
    let mut batch = Batch::new(WINDOW);
    let mut meter = Meter::new(load);
    let (mut cursor, mut epoch, mut swept) = (0, 0u8, None::<Instant>);
    // Sleep for as long as is asked for, not for 50 µs more.
    nix::sys::prctl::set_timerslack(1).context("setting the timer slack")?;
    loop {
        if let Some(outcome) = meter.done() {
            return Ok(outcome);
        }
        if swept.is_none_or(|at| at.elapsed() >= EPOCH) {
            // The first sweep finds every slot empty and so starts the load.
            epoch = epoch.wrapping_add(1);
            swept = Some(Instant::now());
            for (socket, flight) in &mut lanes {
                for (slot, lost) in flight.stale(epoch) {
                    if lost {
                        meter.lost();
                    }
                    let mut packet = load.pool.packet(cursor).to_vec();
                    packet[..2].copy_from_slice(&flight.issue(slot, cursor, epoch));
                    cursor = following(cursor, load.pool.len());
                    // A packet that cannot be sent is one that gets no answer: the next sweep sees to it.
                    let _ = socket.send_to(&packet, load.address);
                }
            }
        }
        let mut is_idle = true;
        for (socket, flight) in &mut lanes {
            if batch.receive(socket)? == 0 {
                continue;
            }
            is_idle = false;
            batch.respond(|datagram, out| {
                let Some((slot, number)) = flight.settle(datagram.payload) else { return 0 };
                meter.reply(number, datagram.payload);
                let packet = load.pool.packet(cursor);
                out[..packet.len()].copy_from_slice(packet);
                out[..2].copy_from_slice(&flight.issue(slot, cursor, epoch));
                cursor = following(cursor, load.pool.len());
                packet.len()
            });
            batch.send(socket)?;
        }
        if let Some(pause) = load.pause.filter(|_| is_idle) {
            std::thread::sleep(pause);
        }
    }
}

/// The query after `cursor`, the first after the last.
#[inline]
pub(super) fn following(cursor: usize, length: usize) -> usize {
    if cursor + 1 == length { 0 } else { cursor + 1 }
}

//! TCP: a few connections that stay, a window of queries on each.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::flight::Flight;
use super::udp::following;
use super::{Load, Meter, Outcome};

const CONNECTIONS: usize = 8;
/// Queries in flight on each connection.
const WINDOW: usize = 32;
/// A server may close a connection after so many queries or so much time; one that does little else is broken.
const RECONNECTS: usize = 10_000;
/// Nothing from a connection for so long: its queries are lost.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug)]
struct Lane {
    stream: TcpStream,
    flight: Flight,
    input: Vec<u8>,
    filled: usize,
    output: Vec<u8>,
    written: usize,
    heard: Instant,
}

/// Runs the load.
///
/// # Errors
///
/// When no connection can be had, or connections do not last.
pub fn run(load: Load<'_>) -> Result<Outcome> {
    let mut cursor = 0;
    let mut lanes = Vec::new();
    for _ in 0..CONNECTIONS {
        lanes.push(Lane::open(&load, &mut cursor)?);
    }
    let mut meter = Meter::new(load);
    let mut reconnects = 0;
    loop {
        if let Some(outcome) = meter.done() {
            return Ok(outcome);
        }
        for lane in &mut lanes {
            if lane.turn(&load, &mut meter, &mut cursor) && lane.heard.elapsed() < PATIENCE {
                continue;
            }
            for (_, waiting) in lane.flight.stale(u8::MAX) {
                if waiting {
                    meter.lost();
                }
            }
            reconnects += 1;
            if reconnects > RECONNECTS {
                bail!("{reconnects} connections were closed or fell silent");
            }
            *lane = Lane::open(&load, &mut cursor)?;
        }
    }
}

impl Lane {
    /// Connects and prepares a window of queries.
    fn open(load: &Load<'_>, cursor: &mut usize) -> Result<Lane> {
        let stream = TcpStream::connect_timeout(&load.address, Duration::from_secs(5))
            .with_context(|| format!("connecting to {} over TCP", load.address))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut lane = Lane {
            stream,
            flight: Flight::new(WINDOW),
            input: vec![0; 64 << 10],
            filled: 0,
            output: Vec::with_capacity(16 << 10),
            written: 0,
            heard: Instant::now(),
        };
        for slot in 0..lane.flight.window() {
            lane.ask(load, slot, cursor);
        }
        Ok(lane)
    }

    fn ask(&mut self, load: &Load<'_>, slot: usize, cursor: &mut usize) {
        let packet = load.pool.packet(*cursor);
        self.output.extend_from_slice(&(packet.len() as u16).to_be_bytes());
        self.output.extend_from_slice(&self.flight.issue(slot, *cursor, 0));
        self.output.extend_from_slice(&packet[2..]);
        *cursor = following(*cursor, load.pool.len());
    }

    /// Reads what is there, asks as much anew, writes. `false` when the connection is gone.
    fn turn(&mut self, load: &Load<'_>, meter: &mut Meter<'_>, cursor: &mut usize) -> bool {
        match self.stream.read(&mut self.input[self.filled..]) {
            Ok(0) => return false,
            Ok(length) => {
                self.filled += length;
                self.heard = Instant::now();
                self.take(load, meter, cursor);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return false,
        }
        if self.written == self.output.len() {
            return true;
        }
        match self.stream.write(&self.output[self.written..]) {
            Ok(length) => self.written += length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return false,
        }
        if self.written == self.output.len() {
            self.output.clear();
            self.written = 0;
        }
        true
    }

    /// Takes the whole messages out of the input.
    fn take(&mut self, load: &Load<'_>, meter: &mut Meter<'_>, cursor: &mut usize) {
        let mut at = 0;
        while self.filled - at >= 2 {
            let length = usize::from(u16::from_be_bytes([self.input[at], self.input[at + 1]]));
            if self.filled - at < 2 + length {
                break;
            }
            let message = &self.input[at + 2..at + 2 + length];
            at += 2 + length;
            let Some((slot, number)) = self.flight.settle(message) else { continue };
            meter.reply(number, message);
            self.ask(load, slot, cursor);
        }
        self.input.copy_within(at..self.filled, 0);
        self.filled -= at;
    }
}

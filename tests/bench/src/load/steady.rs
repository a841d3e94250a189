//! A well-behaved client: one query after the other at a moderate rate, and how long each took.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use socket2::{Domain, Protocol, Socket, Type};

use crate::data::DataSet;
use crate::query::{last_target, query};
use crate::random::Random;

/// How it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Over UDP.
    Udp,
    /// Over TCP, a connection for each query.
    Tcp,
}

/// A query without an answer for so long is lost, and counts as having taken so long.
const PATIENCE: Duration = Duration::from_secs(1);
/// A network of its own.
const SOURCE: Ipv4Addr = Ipv4Addr::new(127, 80, 0, 1);

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Times {
    sorted: Vec<Duration>,
    /// Queries without an answer.
    pub lost: usize,
}

impl Times {
    /// Those of `sent` queries; the ones without an answer count as having taken `patience`.
    pub fn of(mut answered: Vec<Duration>, sent: usize, patience: Duration) -> Times {
        let lost = sent.saturating_sub(answered.len());
        answered.sort();
        answered.extend(std::iter::repeat_n(patience, lost));
        Times { sorted: answered, lost }
    }

    /// The time, in microseconds, within which so many of a hundred queries were answered.
    pub fn percentile(&self, percent: usize) -> f64 {
        self.permille(percent * 10)
    }

    /// The same of a thousand.
    pub fn permille(&self, permille: usize) -> f64 {
        let at = self.sorted.len().saturating_sub(1) * permille / 1000;
        self.sorted.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
    }
}

/// Asks for so long, with a pause after each answer.
///
/// # Errors
///
/// When an answer is wrong, or no socket can be had.
pub fn run(server: SocketAddr, way: Way, duration: Duration) -> Result<Times> {
    let pause = match way {
        Way::Udp => Duration::from_micros(900),
        Way::Tcp => Duration::from_millis(4),
    };
    let data = DataSet::Dense;
    let mut random = Random::new(4);
    let (mut times, mut sent_in_all) = (Vec::new(), 0);
    let socket = UdpSocket::bind((SOURCE, 0))?;
    socket.connect(server)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let begun = Instant::now();
    while begun.elapsed() < duration {
        let index = random.below(data.len());
        let mut packet = query(&data.owner(index));
        packet[..2].copy_from_slice(&(random.next() as u16).to_be_bytes());
        let sent = Instant::now();
        sent_in_all += 1;
        let reply = match way {
            Way::Udp => datagram(&socket, &packet)?,
            Way::Tcp => connection(server, &packet)?,
        };
        match reply {
            None => {}
            Some(reply) if last_target(&reply) == Some(data.target(index)) => times.push(sent.elapsed()),
            Some(reply) => bail!("a wrong answer over {way:?} for {}: {reply:?}", data.owner(index)),
        }
        sleep(pause);
    }
    Ok(Times::of(times, sent_in_all, PATIENCE))
}

fn datagram(socket: &UdpSocket, packet: &[u8]) -> Result<Option<Vec<u8>>> {
    socket.send(packet).context("sending")?;
    let mut reply = [0; 512];
    // A late answer to an earlier query is passed over.
    while let Ok(length) = socket.recv(&mut reply) {
        if reply[..2] == packet[..2] {
            return Ok(Some(reply[..length].to_vec()));
        }
    }
    Ok(None)
}

fn connection(server: SocketAddr, packet: &[u8]) -> Result<Option<Vec<u8>>> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::from((SOURCE, 0)).into())?;
    let exchange = || -> std::io::Result<Vec<u8>> {
        socket.connect_timeout(&server.into(), PATIENCE)?;
        let mut stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        stream.write_all(&[&(packet.len() as u16).to_be_bytes()[..], packet].concat())?;
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut reply = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut reply)?;
        Ok(reply)
    };
    Ok(exchange().ok())
}

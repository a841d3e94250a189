//! Floods, each run in a process of its own until it is ended, at the lowest priority, so that the client whose times
//! are taken on the same core has it whenever it wants it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::ValueEnum;
use socket2::{Domain, Protocol, SockRef, Socket, Type};

use crate::data::DataSet;
use crate::query::query;
use crate::random::Random;

/// What comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Flood {
    /// Queries for PTRs that exist, over UDP, from one address: one network.
    Prefix,
    /// Queries for names that do not exist, over UDP, from an address in each of 1 000 networks.
    Names,
    /// Connections, half of which say nothing, while the other half send an octet now and then. Those that the server
    /// closes come back.
    Slow,
    /// Clients of the API who mean no good.
    Api,
}

impl Flood {
    /// As it is called on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Flood::Prefix => "prefix",
            Flood::Names => "names",
            Flood::Slow => "slow",
            Flood::Api => "api",
        }
    }
}

/// Queries per second, and connections.
pub const RATE: u32 = 100_000;
pub const CONNECTIONS: usize = 3_000;
/// Connecting goes on by itself.
const EINPROGRESS: i32 = 115;
/// Between two looks at what is due. A network spreads packets; bursts of a hundred at a time would be queued behind each
/// other whatever the server did.
const TICK: Duration = Duration::from_micros(50);
/// Between two octets of a connection.
const DRIBBLE: Duration = Duration::from_millis(500);

/// Runs until the process is ended. Tells on standard output when all of it is under way.
///
/// # Errors
///
/// When a socket cannot be had.
pub fn run(flood: Flood, server: SocketAddr) -> Result<()> {
    match flood {
        Flood::Prefix => datagrams(server, 4, false),
        Flood::Names => datagrams(server, 1_000, true),
        Flood::Slow => connections(server),
        Flood::Api => super::api::run(server),
    }
}

fn datagrams(server: SocketAddr, sockets: u32, absent: bool) -> Result<()> {
    let data = DataSet::Dense;
    let mut random = Random::new(3);
    let queries: Vec<Vec<u8>> = (0..100_000)
        .map(|_| query(&if absent { data.absent(&mut random) } else { data.owner(random.below(data.len())) }))
        .collect();
    let sockets = (0..sockets).map(|n| {
        // 127.64.0.1, 127.64.1.1 and so on, or one address with some ports.
        let source = Ipv4Addr::from(0x7f40_0001 + if absent { n << 8 } else { 0 });
        let socket = UdpSocket::bind((source, 0)).context("a socket of the flood")?;
        // What comes back is not read, and soon dropped by the kernel.
        SockRef::from(&socket).set_recv_buffer_size(1)?;
        socket.connect(server)?;
        Ok(socket)
    });
    let sockets = sockets.collect::<Result<Vec<UdpSocket>>>()?;
    nix::sys::prctl::set_timerslack(1).context("setting the timer slack")?;
    println!("under way");
    let (begun, mut sent) = (Instant::now(), 0usize);
    loop {
        let due = (begun.elapsed().as_secs_f64() * f64::from(RATE)) as usize;
        // Whoever was kept from its core for long does not make up for it at once.
        sent = sent.max(due.saturating_sub(RATE as usize / 1000));
        while sent < due {
            let _ = sockets[sent % sockets.len()].send(&queries[sent % queries.len()]);
            sent += 1;
        }
        sleep(TICK);
    }
}

fn connections(server: SocketAddr) -> Result<()> {
    let mut members = Vec::new();
    for number in 0..CONNECTIONS {
        members.push(member(server, number).context("a slow connection")?);
    }
    println!("under way");
    loop {
        let begun = Instant::now();
        let mut back = 0;
        for (number, stream) in members.iter_mut().enumerate() {
            // A length of 257, and then the message, in steps that take two minutes.
            let waits = |error: io::Error| error.kind() == ErrorKind::WouldBlock;
            let said = number % 2 == 0 || stream.write_all(&[1]).map_or_else(waits, |()| true);
            let open = said && stream.read(&mut [0; 512]).is_err_and(waits);
            if !open && back < CONNECTIONS / 10 {
                back += 1;
                // A server may be slow to take it, or take none for now.
                if let Ok(again) = member(server, number) {
                    *stream = again;
                }
            }
        }
        sleep(DRIBBLE.saturating_sub(begun.elapsed()));
    }
}

/// A connection from one of 250 networks, which may not be made yet: nobody is waited for.
fn member(server: SocketAddr, number: usize) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    let source = Ipv4Addr::from(0x7f41_0001 + ((number as u32 % 250) << 8));
    socket.bind(&SocketAddr::from((source, 0)).into())?;
    socket.set_nonblocking(true)?;
    match socket.connect(&server.into()) {
        Err(error) if error.raw_os_error() != Some(EINPROGRESS) => Err(error),
        _ => Ok(socket.into()),
    }
}

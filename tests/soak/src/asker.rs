//! Askers: each waits for an answer before it asks again, so that what it sees has an order.
//!
//! A query is sent once. It is asked again only where a daemon was killed since, which takes the queries that it had
//! read with it; those in the sockets wait for the next daemon, as they do across a restart and a reload. Over TCP a
//! connection that was kept may be closed while it is idle (RFC 7766 §6.2.4), and is then made anew.

use crate::random::Random;
use crate::service::Stage;
use ptrd_suite::daemon::PATIENCE;
use ptrd_testkit::{EdnsAsk, Question};
use ptrd_wire::{Name, RecordType};
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpStream, UdpSocket};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Something to ask.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The region that answers.
    pub region: usize,
    /// The name.
    pub name: Name,
    /// The type.
    pub qtype: RecordType,
    /// The address that it is about, whose PTR may be in the answer.
    pub address: Option<IpAddr>,
}

/// An answer, and when it was asked for.
#[derive(Clone, Debug)]
pub struct Observation {
    /// Who asked.
    pub asker: u16,
    /// Which question, by its place in [`crate::Ground::asks`].
    pub ask: u32,
    /// The id of the query.
    pub id: u16,
    /// Whether it had an OPT record.
    pub edns: bool,
    /// Over TCP.
    pub tcp: bool,
    /// When it was sent, nanoseconds since the start.
    pub sent: u64,
    /// When the answer was there.
    pub got: u64,
    /// The answer.
    pub reply: Box<[u8]>,
}

impl Observation {
    /// The query.
    pub fn question(&self, asks: &[Ask]) -> Question {
        question(&asks[self.ask as usize], self.id, self.edns)
    }
}

fn question(ask: &Ask, id: u16, edns: bool) -> Question {
    let mut question = Question::new(ask.name.clone(), ask.qtype);
    question.id = id;
    question.edns = edns.then(EdnsAsk::default);
    question
}

/// How long to listen before looking whether a daemon was killed meanwhile.
const LISTEN: Duration = Duration::from_millis(100);
/// How often a query is asked again because of kills.
const AGAIN: usize = 20;

/// What an asker brings home.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub observations: Vec<Observation>,
    /// Queries that were never answered, in words.
    pub lost: Vec<String>,
    /// Queries that were asked again after a kill.
    pub again: u64,
}

/// One asker.
pub(crate) struct Asker<'a> {
    pub stage: &'a Stage,
    pub number: u16,
    pub tcp: bool,
    pub pause: Duration,
    pub random: Random,
    pub next: u16,
    pub seen: Seen,
}

impl Asker<'_> {
    /// Asks at random until told to stop.
    pub fn run(mut self) -> Seen {
        let mut line = Line::new(self.stage, self.tcp);
        while !self.stage.stop_asking.load(Ordering::Relaxed) {
            let ask = self.random.below(self.stage.asks.len());
            if !self.ask(&mut line, ask) {
                return self.seen;
            }
            std::thread::sleep(self.pause);
        }
        self.seen
    }

    /// Asks everything once.
    pub fn sweep(mut self) -> Seen {
        let mut line = Line::new(self.stage, self.tcp);
        for ask in 0..self.stage.asks.len() {
            if !self.ask(&mut line, ask) {
                break;
            }
        }
        self.seen
    }

    fn ask(&mut self, line: &mut Line<'_>, nth: usize) -> bool {
        for _ in 0..AGAIN {
            self.next = self.next.wrapping_add(1);
            let (id, edns) = (self.next, self.random.once_in(2));
            let wire = question(&self.stage.asks[nth], id, edns).to_wire();
            let sent = self.stage.now();
            match line.exchange(&wire, sent) {
                Ok(Some(reply)) => {
                    let (ask, got) = (nth as u32, self.stage.now());
                    let (asker, tcp) = (self.number, self.tcp);
                    let reply = reply.into();
                    self.seen.observations.push(Observation { asker, ask, id, edns, tcp, sent, got, reply });
                    return true;
                }
                Ok(None) => self.seen.again += 1,
                Err(error) => {
                    let Ask { name, qtype, .. } = &self.stage.asks[nth];
                    let way = if self.tcp { "TCP" } else { "UDP" };
                    self.seen.lost.push(format!("{name} {qtype} over {way}, sent at {sent}: {error}"));
                    return false;
                }
            }
        }
        self.seen.lost.push(format!("asked {AGAIN} times, each ended by a kill"));
        false
    }
}

/// The way to the daemon.
struct Line<'a> {
    stage: &'a Stage,
    udp: Option<UdpSocket>,
    tcp: Option<TcpStream>,
    /// Queries on the present connection.
    used: usize,
}

/// Queries on a connection before it is closed.
const PER_CONNECTION: usize = 6;

impl<'a> Line<'a> {
    fn new(stage: &'a Stage, tcp: bool) -> Line<'a> {
        let udp = (!tcp).then(|| {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
            socket.connect(stage.dns).expect("connected");
            socket.set_read_timeout(Some(LISTEN)).expect("a timeout");
            socket
        });
        Line { stage, udp, tcp: None, used: 0 }
    }

    /// The reply; `None` where a kill took the query.
    fn exchange(&mut self, wire: &[u8], sent: u64) -> Result<Option<Vec<u8>>, String> {
        match &self.udp {
            Some(socket) => exchange_udp(self.stage, socket, wire, sent),
            None => self.exchange_tcp(wire, sent),
        }
    }

    fn exchange_tcp(&mut self, wire: &[u8], sent: u64) -> Result<Option<Vec<u8>>, String> {
        // Twice where the connection was kept from before: that one may have been closed.
        for _ in 0..2 {
            let fresh = self.tcp.is_none() || self.used >= PER_CONNECTION;
            match self.once(wire, fresh) {
                Ok(reply) => return Ok(Some(reply)),
                Err(_) if self.stage.outlived_a_kill(sent) => {
                    self.tcp = None;
                    return Ok(None);
                }
                Err(_) if !fresh => self.tcp = None,
                Err(error) => return Err(format!("a new connection: {error}")),
            }
        }
        Err("the connection was closed twice".to_owned())
    }

    fn once(&mut self, wire: &[u8], fresh: bool) -> io::Result<Vec<u8>> {
        if fresh {
            let stream = TcpStream::connect_timeout(&self.stage.dns, PATIENCE)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_nodelay(true)?;
            (self.tcp, self.used) = (Some(stream), 0);
        }
        self.used += 1;
        let stream = self.tcp.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        stream.write_all(&[&(wire.len() as u16).to_be_bytes()[..], wire].concat())?;
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut reply = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut reply)?;
        Ok(reply)
    }
}

fn exchange_udp(
    stage: &Stage,
    socket: &UdpSocket,
    wire: &[u8],
    sent: u64,
) -> Result<Option<Vec<u8>>, String> {
    socket.send(wire).map_err(|error| format!("not sent: {error}"))?;
    let mut reply = vec![0; 4_096];
    let patience = sent + PATIENCE.as_nanos() as u64;
    loop {
        match socket.recv(&mut reply) {
            // What was asked before a kill may still be answered after it.
            Ok(length) if length < 2 || reply[..2] != wire[..2] => {}
            Ok(length) => {
                reply.truncate(length);
                return Ok(Some(reply));
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                if stage.killed_since(sent) {
                    return Ok(None);
                }
            }
            Err(error) => return Err(error.to_string()),
        }
        if stage.now() > patience {
            return Err(format!("no answer within {PATIENCE:?}"));
        }
    }
}

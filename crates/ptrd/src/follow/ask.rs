//! Questions to primaries, and connections to them: what waits, and for how long.

use super::clock::seconds;
use super::pool::Pool;
use crate::config::Follow;
use ptrd_listen::Connection;
use ptrd_tsig::Key;
use ptrd_wire::{MessageRecord, Name, Rcode, RecordType, Soa};
use ptrd_xfr::follow::{Answered, Done, Envelope, Limits, Offer, Pull, PullError, Question, Wanted};
use ptrd_zone::{Primary, Security};
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout, timeout_at};

/// How often to ask over UDP.
const TRIES: u32 = 3;
/// Datagrams that are no answers, and passed over, before the asking is given up.
const STRANGE: u32 = 64;

/// Why nothing came of it.
#[derive(Debug)]
pub enum Failure {
    /// Nothing came back at all.
    Silent(String),
    /// The network, or the other side, broke it off.
    Broken(String),
    /// The answer makes no sense.
    Pull(PullError),
}

impl From<PullError> for Failure {
    fn from(error: PullError) -> Failure {
        Failure::Pull(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Silent(why) | Failure::Broken(why) => f.write_str(why),
            Failure::Pull(error) => error.fmt(f),
        }
    }
}

/// Where and how long to ask.
#[derive(Default)]
pub struct Asker {
    source: Vec<IpAddr>,
    timeout: Duration,
    pool: Pool,
}

/// An identifier for a message of ours.
pub fn id() -> u16 {
    getrandom::u64().unwrap_or_default() as u16
}

/// A connection over which a request was sent, and the first message that came back.
struct Begun {
    stream: Box<dyn Connection>,
    room: Vec<u8>,
}

fn envelope(primary: &Primary, key: Option<&Key>) -> Envelope {
    let (id, key) = (id(), key.cloned().zip(Some(seconds())));
    Envelope { id, key, padded: primary.security != Security::Plain, offer: None }
}

impl Asker {
    pub fn new(settings: &Follow) -> Asker {
        Asker { source: settings.source.clone(), timeout: settings.timeout, pool: Pool::default() }
    }

    fn source(&self, to: SocketAddr) -> Option<IpAddr> {
        self.source.iter().copied().find(|source| source.is_ipv4() == to.is_ipv4())
    }

    /// The primary's SOA.
    pub async fn soa(&self, apex: &Name, primary: &Primary, key: Option<&Key>) -> Result<Soa, Failure> {
        Ok(Answered::soa(&self.records(apex, RecordType::SOA, primary, key).await?)?)
    }

    /// The answer to a question: over UDP, and over TCP where the answer is cut short or refused; over TLS alone where that is
    /// used.
    pub async fn records(
        &self,
        name: &Name,
        qtype: RecordType,
        primary: &Primary,
        key: Option<&Key>,
    ) -> Result<Vec<MessageRecord>, Failure> {
        let begin = || Question::begin(name, qtype, envelope(primary, key));
        if primary.security == Security::Plain {
            match self.over_udp(primary.address, begin).await {
                Ok(Answered::Records(records)) => return Ok(records),
                // Knot DNS answers for a catalog over TCP alone.
                Ok(Answered::CutShort) | Err(Failure::Pull(PullError::Rcode(Rcode::REFUSED))) => {}
                Err(failure) => return Err(failure),
            }
        }
        let (request, query) = begin();
        let Begun { stream, room } = self.begin(primary, &request).await?;
        match query.read(&room, seconds())? {
            Answered::Records(records) => {
                self.pool.put(primary, stream);
                Ok(records)
            }
            Answered::CutShort => Err(Failure::Broken("the answer over TCP is cut short".to_owned())),
        }
    }

    async fn over_udp(
        &self,
        to: SocketAddr,
        begin: impl Fn() -> (Vec<u8>, Question),
    ) -> Result<Answered, Failure> {
        let broken = |error: io::Error| Failure::Broken(format!("asking: {error}"));
        let any =
            if to.is_ipv4() { IpAddr::from(Ipv4Addr::UNSPECIFIED) } else { Ipv6Addr::UNSPECIFIED.into() };
        let from = SocketAddr::new(self.source(to).unwrap_or(any), 0);
        let mut room = vec![0; 4096];
        let mut why = None;
        for _ in 0..TRIES {
            // A port of its own for each, so that answers cannot be foreseen.
            let socket = UdpSocket::bind(from).await.map_err(broken)?;
            socket.connect(to).await.map_err(broken)?;
            let (request, query) = begin();
            let until = Instant::now() + self.timeout / TRIES;
            let answered = match socket.send(&request).await {
                Ok(_) => answer(&socket, &query, &mut room, until).await,
                Err(error) => Err(error),
            };
            match answered {
                Ok(Some(length)) => return Ok(query.read(&room[..length], seconds())?),
                Ok(None) => {}
                Err(error) => {
                    why = Some(format!("asking: {error}"));
                    tokio::time::sleep_until(until.min(Instant::now() + self.timeout / 10)).await;
                }
            }
        }
        Err(Failure::Silent(why.unwrap_or_else(|| format!("no answer to {TRIES} questions"))))
    }

    /// A transfer, to its end, with an offer to take statements. To a primary that does not know of EDNS (RFC 6891 §7) it goes
    /// without.
    pub async fn transfer_offering(
        &self,
        apex: &Name,
        primary: &Primary,
        (wanted, offer): (Wanted<'_>, Offer),
        key: Option<&Key>,
        limits: Limits,
    ) -> Result<Done, Failure> {
        match self.transfer(apex, primary, (wanted, Some(offer)), key, limits).await {
            Err(Failure::Pull(error)) if matches!(error.rcode(), Some(Rcode::FORMERR | Rcode::NOTIMP)) => {
                self.transfer(apex, primary, (wanted, None), key, limits).await
            }
            result => result,
        }
    }

    /// A transfer, to its end. Where it is not to be told whether a SOA is all that comes of a request for differences, the whole
    /// zone is asked for at once behind it (RFC 9103 §6.3.2), and what is whole first counts.
    pub async fn transfer(
        &self,
        apex: &Name,
        primary: &Primary,
        (wanted, offer): (Wanted<'_>, Option<Offer>),
        key: Option<&Key>,
        limits: Limits,
    ) -> Result<Done, Failure> {
        let sealed = Envelope { offer, ..envelope(primary, key) };
        let other = sealed.id ^ 1;
        let (request, pull) = Pull::begin(apex, wanted, sealed, limits);
        let Begun { mut stream, mut room } = self.begin(primary, &request).await?;
        let mut pulls = vec![pull];
        loop {
            let nth = pulls.iter().position(|pull| pull.is_meant(&room)).unwrap_or(0);
            // The last message has a zone put in order, which may be a million records.
            let taken = tokio::task::block_in_place(|| pulls[nth].take(&room, seconds()));
            if let Some(done) = taken? {
                if pulls.len() == 1 {
                    self.pool.put(primary, stream);
                }
                return Ok(done);
            }
            if pulls.len() == 1 && pulls[0].is_in_doubt() {
                let sealed = Envelope { id: other, offer, ..envelope(primary, key) };
                let (request, whole) = Pull::begin(apex, Wanted::Whole, sealed, limits);
                self.send(&mut stream, &request).await?;
                pulls.push(whole);
            }
            self.receive(&mut stream, &mut room).await?;
        }
    }

    /// What answers a message that others made, over a connection of its own.
    pub async fn exchange(&self, primary: &Primary, message: &[u8]) -> Result<Vec<u8>, Failure> {
        let mut stream = self.connect(primary).await?;
        self.send(&mut stream, message).await?;
        let mut room = Vec::new();
        self.receive(&mut stream, &mut room).await?;
        Ok(room)
    }

    /// Sends a request, over a connection that is there or else a new one, and receives the first message of the answer. The
    /// primary may have closed one that was kept: nothing came of the request then, and it is sent again.
    async fn begin(&self, primary: &Primary, request: &[u8]) -> Result<Begun, Failure> {
        if let Some(mut stream) = self.pool.take(primary) {
            let mut room = Vec::new();
            if self.send(&mut stream, request).await.is_ok()
                && self.receive(&mut stream, &mut room).await.is_ok()
            {
                return Ok(Begun { stream, room });
            }
        }
        let (mut stream, mut room) = (self.connect(primary).await?, Vec::new());
        self.send(&mut stream, request).await?;
        self.receive(&mut stream, &mut room).await?;
        Ok(Begun { stream, room })
    }

    /// A connection, in plain or over TLS.
    async fn connect(&self, primary: &Primary) -> Result<Box<dyn Connection>, Failure> {
        let connecting =
            ptrd_listen::connect(primary.address, self.source(primary.address), &primary.security);
        match timeout(self.timeout, connecting).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                Err(Failure::Broken(format!("TLS: {error}")))
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidInput => {
                Err(Failure::Broken(error.to_string()))
            }
            Ok(Err(error)) => Err(Failure::Silent(format!("connecting: {error}"))),
            Err(_) => Err(Failure::Silent("connecting takes too long".to_owned())),
        }
    }

    /// Sends a message.
    async fn send(&self, stream: &mut Box<dyn Connection>, message: &[u8]) -> Result<(), Failure> {
        let length = u16::try_from(message.len()).unwrap_or(u16::MAX).to_be_bytes();
        let octets = [&length, message].concat();
        let sending = async {
            stream.write_all(&octets).await?;
            stream.flush().await
        };
        match timeout(self.timeout, sending).await {
            Ok(sent) => sent.map_err(|error| Failure::Broken(format!("sending the request: {error}"))),
            Err(_) => Err(Failure::Broken("sending the request takes too long".to_owned())),
        }
    }

    /// Receives a message, the whole of it within the time for one: a primary that sends an octet now and then is broken off.
    async fn receive(&self, stream: &mut Box<dyn Connection>, room: &mut Vec<u8>) -> Result<(), Failure> {
        let receiving = async {
            let length = stream.read_u16().await?;
            room.resize(usize::from(length), 0);
            stream.read_exact(room).await
        };
        match timeout(self.timeout, receiving).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Err(Failure::Broken(
                "the primary closed the connection before the answer was complete".to_owned(),
            )),
            Ok(Err(error)) => Err(Failure::Broken(format!("receiving the answer: {error}"))),
            Err(_) => Err(Failure::Broken("a message of the answer takes too long".to_owned())),
        }
    }
}

/// Waits for the answer; others come from anybody, and are passed over.
async fn answer(
    socket: &UdpSocket,
    query: &Question,
    room: &mut [u8],
    until: Instant,
) -> io::Result<Option<usize>> {
    for _ in 0..STRANGE {
        match timeout_at(until, socket.recv(room)).await {
            Ok(Ok(length)) if query.is_meant(&room[..length]) => return Ok(Some(length)),
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(error),
            Err(_) => return Ok(None),
        }
    }
    Ok(None)
}

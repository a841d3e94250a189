//! DNS questions to single servers: octets out, octets back, within a time.
//!
//! What is asked and what an answer means is `ptrd_posture`'s. Nothing is asked more than twice. The rest of this crate asks as
//! resolvers do; here questions are looked at octet by octet: versions and flags of EDNS, the case of letters, what is sent back.

use crate::ask::Asker;
use crate::pace::Went;
use ptrd_posture::rir::check::{Host, Question, Reply};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::error::Elapsed;
use tokio::time::timeout;

/// How often a question is put at most, if nothing comes back.
const TRIES: u32 = 2;
/// Octets that a UDP message can have.
const MOST: usize = 65_535;

/// A server is not asked for now: it has not answered so often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SetAside;

/// Asks each server at its pace, and waits for as long as the limits say.
#[derive(Clone, Debug)]
pub(crate) struct Octets(pub Arc<Asker>);

impl Octets {
    /// Asks over UDP; `None` if nothing that makes sense comes in time.
    pub async fn udp(&self, question: &Question, server: SocketAddr) -> Result<Option<Reply>, SetAside> {
        let limits = self.0.limits();
        for nth in 0..limits.tries.clamp(1, TRIES) {
            let asking = async {
                let answered = udp(question, server, limits.patience).await;
                let went = if matches!(answered, Ok(Ok(_))) { Went::Well } else { Went::Silent };
                (answered, Some(went))
            };
            match self.0.in_turn(server, asking).await {
                Some(Ok(Ok(reply))) => return Ok(Some(reply)),
                // Nobody listens there, as the system says: asking again changes nothing.
                Some(Ok(Err(_))) => return Ok(None),
                Some(Err(_)) => (),
                None if nth == 0 => return Err(SetAside),
                // It was asked, and set aside for just that silence.
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Asks over TCP; `None` if nothing that makes sense comes in time. Many have none: that says nothing of how fast they may
    /// be asked over UDP.
    pub async fn tcp(&self, question: &Question, server: SocketAddr) -> Result<Option<Reply>, SetAside> {
        // For a connection, and for the answer.
        let patience = self.0.limits().patience.saturating_mul(2);
        let asking = async { (tcp(question, server, patience).await, None) };
        self.0.in_turn(server, asking).await.ok_or(SetAside)
    }

    /// Asks over UDP, and over TCP where the answer does not fit; `None` if it was not asked, or nothing came.
    pub async fn whole(&self, question: &Question, server: SocketAddr) -> Option<Reply> {
        match self.udp(question, server).await {
            Ok(Some(reply)) if reply.tc => self.tcp(question, server).await.ok()?,
            reply => reply.ok()?,
        }
    }

    /// What resolvers say of a host: the first that answers counts.
    pub async fn resolve(&self, name: &str, resolvers: &[SocketAddr]) -> Host {
        for resolver in resolvers {
            let mut host = Host { known: true, ..Host::default() };
            for question in Host::questions(name) {
                host.known &= self.whole(&question, *resolver).await.is_some_and(|reply| host.take(&reply));
            }
            if host.known {
                return host;
            }
        }
        Host::default()
    }
}

/// Asks over UDP, once; the outer error says that nothing that makes sense came in time, the inner one that nobody listens.
pub(crate) async fn udp(
    question: &Question,
    server: SocketAddr,
    patience: Duration,
) -> Result<io::Result<Reply>, Elapsed> {
    timeout(patience, udp_once(question, server)).await
}

/// Asks over TCP; `None` if nothing that makes sense comes in time.
pub(crate) async fn tcp(question: &Question, server: SocketAddr, patience: Duration) -> Option<Reply> {
    timeout(patience, tcp_once(question, server)).await.ok()?.ok()?
}

/// Whether this host has a way to an address at all: one without IPv6 says nothing of who has it.
pub(crate) async fn has_way(server: SocketAddr) -> bool {
    connected(server).await.is_ok()
}

async fn connected(server: SocketAddr) -> io::Result<UdpSocket> {
    let any: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(server).await?;
    Ok(socket)
}

async fn udp_once(question: &Question, server: SocketAddr) -> io::Result<Reply> {
    let socket = connected(server).await?;
    let id = random_id()?;
    socket.send(&question.octets(id)).await?;
    let mut buffer = vec![0; MOST];
    // What is not the answer may be an attempt to be taken for it: passed over, while there is time.
    loop {
        let length = socket.recv(&mut buffer).await?;
        if let Some(reply) = Reply::read(question, id, &buffer[..length]) {
            return Ok(reply);
        }
    }
}

async fn tcp_once(question: &Question, server: SocketAddr) -> io::Result<Option<Reply>> {
    let mut stream = TcpStream::connect(server).await?;
    let id = random_id()?;
    let octets = question.octets(id);
    let mut framed = (octets.len() as u16).to_be_bytes().to_vec();
    framed.extend(octets);
    stream.write_all(&framed).await?;
    let mut answer = vec![0; stream.read_u16().await?.into()];
    stream.read_exact(&mut answer).await?;
    Ok(Reply::read(question, id, &answer))
}

pub(crate) fn random_id() -> io::Result<u16> {
    let mut octets = [0; 2];
    getrandom::fill(&mut octets).map_err(io::Error::other)?;
    Ok(u16::from_be_bytes(octets))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::Limits;
    use ptrd_wire::{Name, RecordType};

    fn question() -> Question {
        Question::new(Name::root(), RecordType::SOA)
    }

    fn asks(patience: Duration) -> Octets {
        Octets(Arc::new(Asker::new(Limits { patience, ..Limits::default() })))
    }

    /// A server that says nothing, and how many questions it has been asked since this was called last.
    struct Mute(UdpSocket);

    impl Mute {
        async fn new() -> (Mute, SocketAddr) {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket");
            let address = socket.local_addr().expect("an address");
            (Mute(socket), address)
        }

        async fn heard(&self) -> u64 {
            let mut heard = 0;
            while timeout(Duration::from_millis(50), self.0.recv(&mut [0; 512])).await.is_ok() {
                heard += 1;
            }
            heard
        }
    }

    #[tokio::test]
    async fn each_try_has_a_turn_of_its_own_and_the_patience_that_was_given() {
        let (mute, server) = Mute::new().await;
        let octets = asks(Duration::from_millis(1));
        assert_eq!(octets.udp(&question(), server).await, Ok(None));
        assert_eq!((octets.0.sent(), mute.heard().await), (2, 2));
        let octets = asks(Duration::from_secs(3_600));
        let question = question();
        let asking = octets.udp(&question, server);
        assert!(timeout(Duration::from_secs(8), asking).await.is_err(), "an hour is not over");
    }

    #[tokio::test]
    async fn who_is_set_aside_between_two_tries_was_asked() {
        let (mute, server) = Mute::new().await;
        let octets = asks(Duration::from_millis(1));
        // So that it is the first of two after which it is set aside.
        octets.0.in_turn(server, async { ((), Some(Went::Silent)) }).await;
        while octets.udp(&question(), server).await.is_ok() {
            assert_ne!(mute.heard().await, 0);
        }
        assert_eq!(mute.heard().await, 0);
    }

    #[tokio::test]
    async fn who_is_set_aside_was_not_asked() {
        let (mute, server) = Mute::new().await;
        let octets = asks(Duration::from_millis(1));
        let mut asked = 0;
        while octets.udp(&question(), server).await.is_ok() {
            asked += 1;
            assert!(asked < 100, "it is asked for ever");
        }
        assert_eq!(octets.0.sent(), mute.heard().await);
        assert_eq!(octets.tcp(&question(), server).await, Err(SetAside));
    }
}

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
use tokio::time::timeout;

/// For an answer over UDP, each of the two times.
const UDP_PATIENCE: Duration = Duration::from_secs(3);
/// For a connection, the question and the answer.
const TCP_PATIENCE: Duration = Duration::from_secs(5);
const TRIES: usize = 2;
/// Octets that a UDP message can have.
const MOST: usize = 65_535;

/// Asks each server at its pace.
#[derive(Clone, Debug)]
pub(crate) struct Octets(pub Arc<Asker>);

impl Octets {
    /// As [`udp`].
    pub async fn udp(&self, question: &Question, server: SocketAddr) -> Option<Reply> {
        let asking = async {
            let reply = udp(question, server).await;
            let went = if reply.is_some() { Went::Well } else { Went::Silent };
            (reply, Some(went))
        };
        self.0.in_turn(server, asking).await?
    }

    /// As [`tcp`]. Many have none: that says nothing of how fast they may be asked over UDP.
    pub async fn tcp(&self, question: &Question, server: SocketAddr) -> Option<Reply> {
        self.0.in_turn(server, async { (tcp(question, server).await, None) }).await?
    }

    /// Asks over UDP, and over TCP where the answer does not fit.
    pub async fn whole(&self, question: &Question, server: SocketAddr) -> Option<Reply> {
        match self.udp(question, server).await {
            Some(reply) if reply.tc => self.tcp(question, server).await,
            reply => reply,
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

/// Asks over UDP; `None` if nothing that makes sense comes in time.
pub async fn udp(question: &Question, server: SocketAddr) -> Option<Reply> {
    for _ in 0..TRIES {
        let answered = timeout(UDP_PATIENCE, udp_once(question, server)).await;
        match answered {
            Ok(Ok(reply)) => return Some(reply),
            // Nobody listens there, as the system says: asking again changes nothing.
            Ok(Err(_)) => return None,
            Err(_) => (),
        }
    }
    None
}

/// Whether this host has a way to an address at all: one without IPv6 says nothing of who has it.
pub async fn has_way(server: SocketAddr) -> bool {
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

/// Asks over TCP; `None` if nothing that makes sense comes in time.
pub async fn tcp(question: &Question, server: SocketAddr) -> Option<Reply> {
    timeout(TCP_PATIENCE, tcp_once(question, server)).await.ok()?.ok()?
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

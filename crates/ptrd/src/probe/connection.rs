//! One connection: octets in and out, TLS in between, and the end of it after a time in any case.

use super::record::Record;
use ptrd_admin::Seats;
use ptrd_ask::{Surveyor, Whom};
use ptrd_listen::{Connection, TunnelGate};
use ptrd_posture::identity::{Identity, Rules, Subject};
use ptrd_probe::{Act, FORMAT, Letter, Reader, Session, Sighting, Terms, answer};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// Without an octet, and for the handshake of TLS.
const IDLE: Duration = Duration::from_secs(60);
/// In all.
const LONGEST: Duration = Duration::from_secs(10 * 60);
/// Until an answer was taken.
const WRITE: Duration = Duration::from_secs(30);
/// Until names were looked up: what is not known by then is unknown.
const LOOKUPS: Duration = Duration::from_secs(60);

/// What all connections share.
pub struct Receiver {
    pub terms: Terms,
    /// Whether messages are answered as if they were taken.
    pub takes: bool,
    pub tls: Option<TunnelGate>,
    pub surveyor: Arc<Surveyor>,
    pub record: Record,
    pub seats: Seats,
}

/// How a part of a connection ended.
enum Ended {
    Closed,
    /// The client asks for TLS.
    Wanted,
}

impl Receiver {
    /// Speaks with a client until one of both ends it.
    pub async fn receive(&self, mut stream: TcpStream, peer: SocketAddr, close: &CancellationToken) {
        let address = peer.ip().to_canonical();
        let Some(_seat) = self.seats.take(address) else {
            let busy = format!("421 4.3.2 {} too many connections, come again\r\n", self.terms.name);
            let _ = tokio::time::timeout(WRITE, stream.write_all(busy.as_bytes())).await;
            return;
        };
        let _ = stream.set_nodelay(true);
        let talk = tokio::time::timeout(LONGEST, self.talk(stream, address));
        if let Some(Ok(Err(error))) = close.run_until_cancelled(talk).await {
            tracing::debug!(%peer, %error, "a connection broke");
        }
    }

    async fn talk(&self, mut stream: TcpStream, address: IpAddr) -> io::Result<()> {
        let mut session = Session::new(self.terms.clone());
        say(&mut stream, &session.greeting()).await?;
        let mut messages = 0;
        let ended = self.exchange(&mut stream, &mut session, address, &mut messages).await;
        let ended = match (ended, &self.tls) {
            (Ok(Ended::Wanted), Some(tls)) => match timely(IDLE, tls.accept_named(stream)).await {
                Ok((mut stream, version)) => {
                    session.secured(version);
                    let ended = self.exchange(&mut stream, &mut session, address, &mut messages).await;
                    // Clients that hear no end of TLS complain of it.
                    let _ = timely(WRITE, stream.shutdown()).await;
                    ended.map(drop)
                }
                Err(error) => Err(error),
            },
            (ended, _) => ended.map(drop),
        };
        // Who said a name and left is of interest, too.
        if messages == 0 && session.client().helo.is_some() {
            let identity = self.look(&session, address).await;
            self.record.write(&sighting(&session, None, identity)).await;
        }
        ended
    }

    async fn exchange(
        &self,
        stream: &mut (impl Connection + ?Sized),
        session: &mut Session,
        address: IpAddr,
        messages: &mut u32,
    ) -> io::Result<Ended> {
        let (mut reader, mut buffer) = (Reader::default(), vec![0; 4_096]);
        loop {
            while let Some(piece) = reader.next_piece() {
                match session.take(piece) {
                    Act::Nothing => {}
                    Act::Reply(text) => say(stream, &text).await?,
                    Act::Close(text) => {
                        say(stream, &text).await?;
                        return Ok(Ended::Closed);
                    }
                    // What was sent behind it in the clear could be another's (RFC 3207 §4.2).
                    Act::StartTls(_) if !reader.is_empty() => {
                        say(stream, "501 5.5.4 nothing may come behind STARTTLS before TLS is there\r\n")
                            .await?;
                        return Ok(Ended::Closed);
                    }
                    Act::StartTls(text) => {
                        say(stream, &text).await?;
                        return Ok(Ended::Wanted);
                    }
                    Act::Judge(letter) => {
                        *messages += 1;
                        let identity = self.look(session, address).await;
                        let text = answer(&identity, self.takes);
                        self.record.write(&sighting(session, Some(letter), identity)).await;
                        say(stream, &text).await?;
                    }
                }
            }
            match timely(IDLE, stream.read(&mut buffer)).await? {
                0 => return Ok(Ended::Closed),
                length => reader.push(&buffer[..length]),
            }
        }
    }

    /// Looks names up.
    async fn look(&self, session: &Session, address: IpAddr) -> Identity {
        let subject =
            Subject { sending: Some(true), helo: session.client().helo.clone(), ..Subject::new(address) };
        let looked = self.surveyor.identity(subject.clone(), Whom::Everybody);
        match tokio::time::timeout(LOOKUPS, looked).await {
            Ok(identity) => identity,
            Err(_) => Identity::of(subject, Vec::new(), &Rules::default()),
        }
    }
}

fn sighting(session: &Session, letter: Option<Letter>, identity: Identity) -> Sighting {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let at = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    Sighting { format: FORMAT, at, client: session.client().clone(), letter, identity }
}

async fn say(stream: &mut (impl Connection + ?Sized), text: &str) -> io::Result<()> {
    let said = async {
        stream.write_all(text.as_bytes()).await?;
        stream.flush().await
    };
    timely(WRITE, said).await
}

async fn timely<T>(time: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(time, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

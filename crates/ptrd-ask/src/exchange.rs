//! One question to one server: over UDP, and over TCP where the answer does not fit.
//!
//! Hickory's transport for UDP chooses the id and the port at random, and passes over what does not fit the question. The one for
//! TCP loses an answer behind which the server closes the connection, as it may (RFC 7766 §6.2.4); so that is done here. A
//! server is asked once; how often is counted elsewhere.

use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::udp::UdpClientStream;
use hickory_resolver::net::xfer::{DnsRequestSender, FirstAnswer};
use hickory_resolver::proto::op::{DnsRequest, DnsRequestOptions, Message, MessageType, Query};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How a server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// As a resolver, and to say whether it has validated the answer (AD in a query, RFC 6840 §5.7).
    Recursive,
    /// As a resolver that is not to validate (CD).
    Unchecked,
    /// As a nameserver, for what it has itself.
    Authority,
}

/// Why there is no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Nothing that fits the question came in time.
    Timeout,
    /// This host has no way there: it has no IPv6, for one.
    NoRoute(String),
    /// What came makes no sense, or the connection broke.
    Broken(String),
    /// It was not asked: it has not answered for so long.
    Aside,
}

/// Asks once.
pub async fn exchange(
    server: SocketAddr,
    query: &Query,
    mode: Mode,
    patience: Duration,
) -> Result<Message, Silence> {
    let udp = UdpClientStream::builder(server, TokioRuntimeProvider::default())
        .with_timeout(Some(patience))
        .with_max_retries(1);
    let reply = udp.build().send_message(request(query, mode)).first_answer().await.map_err(silence)?;
    if !reply.truncation {
        return Ok(reply.into_message());
    }
    let asked = tokio::time::timeout(patience, over_tcp(server, &request(query, mode))).await;
    let reply = asked.map_err(|_| Silence::Timeout)?.map_err(|error| failed(&error))?;
    if reply.truncation {
        return Err(Silence::Broken("the answer is cut, over TCP too".to_owned()));
    }
    Ok(reply)
}

/// The first message that answers a request.
async fn over_tcp(server: SocketAddr, request: &DnsRequest) -> io::Result<Message> {
    let octets = request.to_vec().map_err(io::Error::other)?;
    let length = u16::try_from(octets.len()).map_err(io::Error::other)?;
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(&[&length.to_be_bytes()[..], &octets].concat()).await?;
    loop {
        let mut reply = vec![0; usize::from(stream.read_u16().await?)];
        stream.read_exact(&mut reply).await?;
        // Another id is another's answer; what has the right one is judged.
        if reply.starts_with(&request.id.to_be_bytes()) {
            let message = Message::from_vec(&reply).map_err(io::Error::other)?;
            if message.message_type != MessageType::Response || message.queries != request.queries {
                return Err(io::Error::other("an answer to another question"));
            }
            return Ok(message);
        }
    }
}

fn request(query: &Query, mode: Mode) -> DnsRequest {
    let mut options = DnsRequestOptions::default();
    options.recursion_desired = mode != Mode::Authority;
    let mut request = DnsRequest::from_query(query.clone(), options);
    request.metadata.authentic_data = mode == Mode::Recursive;
    request.metadata.checking_disabled = mode == Mode::Unchecked;
    request
}

fn silence(error: NetError) -> Silence {
    match error {
        NetError::Timeout => Silence::Timeout,
        NetError::Io(error) => failed(&error),
        error => Silence::Broken(format!("it makes no sense: {error}")),
    }
}

fn failed(error: &io::Error) -> Silence {
    match error.kind() {
        ErrorKind::TimedOut => Silence::Timeout,
        ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable | ErrorKind::Unsupported => {
            Silence::NoRoute(error.to_string())
        }
        _ => Silence::Broken(error.to_string()),
    }
}

//! One question to one server: over UDP, and over TCP where the answer does not fit.
//!
//! Hickory's transports choose the id and the port at random, and pass over what does not fit the question. They ask once;
//! how often a server is asked is counted elsewhere.

use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::tcp::TcpClientStream;
use hickory_resolver::net::udp::UdpClientStream;
use hickory_resolver::net::xfer::{DnsHandle, DnsRequestSender, FirstAnswer};
use hickory_resolver::proto::op::{DnsRequest, DnsRequestOptions, Message, Query};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

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
    let over_tcp = async {
        let provider = TokioRuntimeProvider::default();
        let stream = TcpClientStream::exchange(server, None, patience, Some(1), provider).await?;
        stream.send(request(query, mode)).first_answer().await
    };
    let reply = tokio::time::timeout(patience, over_tcp).await.map_err(|_| Silence::Timeout)?;
    let reply = reply.map_err(silence)?.into_message();
    if reply.queries != [query.clone()] {
        return Err(Silence::Broken("an answer to another question".to_owned()));
    }
    if reply.truncation {
        return Err(Silence::Broken("the answer is cut, over TCP too".to_owned()));
    }
    Ok(reply)
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
        NetError::Io(error) => match error.kind() {
            ErrorKind::TimedOut => Silence::Timeout,
            ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable | ErrorKind::Unsupported => {
                Silence::NoRoute(error.to_string())
            }
            _ => Silence::Broken(error.to_string()),
        },
        error => Silence::Broken(format!("it makes no sense: {error}")),
    }
}

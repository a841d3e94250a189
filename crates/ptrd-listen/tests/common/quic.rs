//! DNS over QUIC from a client's side.

use super::trust;
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Connection, ConnectionError, Endpoint, RecvStream};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

pub fn endpoint() -> Endpoint {
    Endpoint::client((Ipv4Addr::LOCALHOST, 0).into()).expect("a socket")
}

pub fn config(alpn: &[u8]) -> ClientConfig {
    let mut tls = trust::client(&[alpn], &[&rustls::version::TLS13]);
    tls.enable_early_data = true;
    ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).expect("a cipher suite")))
}

pub async fn connect(endpoint: &Endpoint, server: SocketAddr) -> Connection {
    let connecting = endpoint.connect_with(config(b"doq"), server, "ns1.example.net").expect("a name");
    tokio::time::timeout(PATIENCE, connecting).await.expect("in time").expect("a connection")
}

/// Opens a stream with these octets in it.
pub async fn send(connection: &Connection, octets: &[u8]) -> Result<RecvStream, ConnectionError> {
    let (mut send, receive) = connection.open_bi().await?;
    // The server may have closed meanwhile; whoever reads will see.
    let _ = send.write_all(octets).await;
    let _ = send.finish();
    Ok(receive)
}

/// All messages of a stream.
pub async fn receive(mut receive: RecvStream) -> Vec<Vec<u8>> {
    let octets = tokio::time::timeout(PATIENCE, receive.read_to_end(1 << 26)).await.expect("in time");
    let octets = octets.expect("an answer");
    let (mut rest, mut messages) = (&octets[..], Vec::new());
    while let Some((length, more)) = rest.split_first_chunk::<2>() {
        let (message, more) = more.split_at(usize::from(u16::from_be_bytes(*length)));
        messages.push(message.to_vec());
        rest = more;
    }
    messages
}

pub async fn ask(connection: &Connection, message: &[u8]) -> Vec<u8> {
    let framed = [&(message.len() as u16).to_be_bytes()[..], message].concat();
    let mut answers = receive(send(connection, &framed).await.expect("a stream")).await;
    assert_eq!(answers.len(), 1);
    answers.remove(0)
}

//! Clients of the API who mean no good: handshakes without end, tokens that are none, heads that never come to an end.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread::{sleep, spawn};
use std::time::Duration;

use anyhow::{Context, Result};
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use socket2::{Domain, Socket, Type};

#[path = "../../../../crates/ptrd-listen/tests/common/trust.rs"]
mod trust;

/// Clients that come again and again, each with a handshake and a token that is none.
const HASTY: u32 = 32;
/// Clients that send an octet of a head now and then.
const SLOW: u32 = 200;
/// Between two octets.
const DRIBBLE: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(5);

type Stream = StreamOwned<ClientConnection, TcpStream>;

/// Runs until the process is ended. Tells on standard output when all of it is under way.
pub fn run(server: SocketAddr) -> Result<()> {
    let config = Arc::new(trust::client(&[b"http/1.1"], rustls::ALL_VERSIONS));
    let mut slow: Vec<Option<Stream>> = Vec::new();
    for number in 0..SLOW {
        slow.push(connect(server, number, &config).ok());
    }
    for number in 0..HASTY {
        let config = config.clone();
        spawn(move || {
            for turn in 0.. {
                // A refusal, or no seat: both are what is to be had.
                let _ = hasty(server, number + HASTY * (turn % 64), &config);
            }
        });
    }
    println!("under way");
    loop {
        for (number, stream) in slow.iter_mut().enumerate() {
            let is_gone = stream.as_mut().is_none_or(|stream| stream.write_all(b"X").is_err());
            if is_gone {
                *stream = connect(server, number as u32, &config).ok();
            }
        }
        sleep(DRIBBLE);
    }
}

/// From one of some thousand networks.
fn connect(server: SocketAddr, number: u32, config: &Arc<ClientConfig>) -> Result<Stream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::from(0x7f42_0001 + (number << 8)), 0)).into())?;
    socket.connect_timeout(&server.into(), PATIENCE).context("connecting to the API")?;
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut tls = StreamOwned::new(ClientConnection::new(config.clone(), trust::name())?, stream);
    tls.write_all(b"GET /v1/ptrs HTTP/1.1\r\nhost: x\r\n")?;
    Ok(tls)
}

fn hasty(server: SocketAddr, number: u32, config: &Arc<ClientConfig>) -> Result<()> {
    let mut tls = connect(server, number, config)?;
    tls.write_all(b"authorization: Bearer ptrd_none\r\nconnection: close\r\n\r\n")?;
    let _ = tls.read(&mut [0; 512])?;
    Ok(())
}

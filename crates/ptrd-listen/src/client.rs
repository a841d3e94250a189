//! Connections to other nameservers over TLS, for transfers (RFC 9103): in this crate because encryption ends here.
//!
//! TLS 1.3 and the token `dot` alone (RFC 9103 §7.1, §8.1). Opportunistic connections take whoever answers (§9.3.1); strict
//! ones check name and authority, or the public key (§9.3.2, RFC 7858 §4.2).

use crate::certificate::provider;
use crate::trust::{Judge, authorities, client, sha256};
use ptrd_zone::Security;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use x509_parser::prelude::{FromDer, X509Certificate};

/// The token of DNS over TLS (RFC 7858, RFC 9103 §7.1).
const DOT: &[u8] = b"dot";

/// A connection, encrypted or not.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Connection for S {}

/// Connects to a nameserver, from this address where one is given. The caller bounds the time.
///
/// # Errors
/// Those of the network; where the other side is not whom it should be, [`io::ErrorKind::InvalidData`].
pub async fn connect(
    to: SocketAddr,
    from: Option<IpAddr>,
    security: &Security,
) -> io::Result<Box<dyn Connection>> {
    let (config, name) = match security {
        Security::Plain => return Ok(Box::new(tcp(to, from).await?)),
        Security::Opportunistic => (client(Anybody, DOT)?, ServerName::from(to.ip())),
        Security::Strict { name, ca, pins } => {
            let server = ServerName::try_from(name.trim_end_matches('.').to_owned());
            let server = server.map_err(|_| refused(format!("{name} is no name of a server")))?;
            (client(Known::new(ca.as_deref(), pins)?, DOT)?, server)
        }
    };
    let stream = tcp(to, from).await?;
    Ok(Box::new(TlsConnector::from(Arc::new(config)).connect(name, stream).await?))
}

async fn tcp(to: SocketAddr, from: Option<IpAddr>) -> io::Result<TcpStream> {
    let socket = if to.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if let Some(from) = from {
        socket.bind(SocketAddr::new(from, 0))?;
    }
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn refused(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

/// An error and what caused it.
fn told(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// Takes whoever answers.
#[derive(Debug)]
struct Anybody;

impl Judge for Anybody {
    fn judge(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: UnixTime,
    ) -> Result<(), Error> {
        Ok(())
    }
}

/// Takes one of these public keys, or whom an authority vouches for.
#[derive(Debug)]
struct Known {
    pins: Vec<[u8; 32]>,
    authority: Option<Arc<WebPkiServerVerifier>>,
}

impl Known {
    fn new(ca: Option<&str>, pins: &[[u8; 32]]) -> io::Result<Known> {
        let authority = ca.map(|file| {
            let roots = authorities(Path::new(file)).map_err(|error| refused(told(&error)))?;
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build();
            verifier.map_err(io::Error::other)
        });
        Ok(Known { pins: pins.to_vec(), authority: authority.transpose()? })
    }

    fn is_pinned(&self, certificate: &CertificateDer<'_>) -> bool {
        let Ok((_, read)) = X509Certificate::from_der(certificate) else { return false };
        let found = sha256(read.tbs_certificate.subject_pki.raw);
        found.is_some_and(|found| self.pins.contains(&found))
    }
}

impl Judge for Known {
    fn judge(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        if self.is_pinned(certificate) {
            return Ok(());
        }
        match &self.authority {
            Some(authority) => authority.verify_server_cert(certificate, chain, name, &[], now).map(drop),
            None => Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)),
        }
    }
}

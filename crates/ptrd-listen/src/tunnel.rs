//! TLS between servers that know each other: one accepts with its [`Identity`], the other knows whom to expect, by an
//! authority or by the certificate itself. TLS 1.3 alone; who calls is for what is spoken inside to find out.

use crate::certificate::{CertificateError, Identity, provider};
use crate::client::Connection;
use crate::trust::{Judge, authorities, client, sha256};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::TLS13;
use rustls::{CertificateError as Unknown, ClientConfig, Error};
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// What is spoken inside (RFC 7301).
const PROTOCOL: &[u8] = b"ptrd-standby";

/// Accepts.
#[derive(Clone)]
pub struct TunnelGate(TlsAcceptor);

impl TunnelGate {
    /// With the certificate that this identity has at the time of each handshake.
    ///
    /// # Errors
    /// What TLS says.
    pub fn new(identity: &Identity) -> io::Result<TunnelGate> {
        let config = identity.config(&[PROTOCOL], &[&TLS13]).map_err(io::Error::other)?;
        Ok(TunnelGate(Arc::new(config).into()))
    }

    /// The same for HTTP/1.1, with whatever TLS the clients of an API have.
    ///
    /// # Errors
    /// What TLS says.
    pub fn for_http(identity: &Identity) -> io::Result<TunnelGate> {
        let config = identity.config(&[b"http/1.1"], rustls::ALL_VERSIONS).map_err(io::Error::other)?;
        Ok(TunnelGate(Arc::new(config).into()))
    }

    /// The same for mail (RFC 3207), which has no name in ALPN.
    ///
    /// # Errors
    /// What TLS says.
    pub fn for_mail(identity: &Identity) -> io::Result<TunnelGate> {
        let config = identity.config(&[], rustls::ALL_VERSIONS).map_err(io::Error::other)?;
        Ok(TunnelGate(Arc::new(config).into()))
    }

    /// As [`TunnelGate::accept`], with the version that is spoken.
    ///
    /// # Errors
    /// The same.
    pub async fn accept_named(&self, stream: TcpStream) -> io::Result<(Box<dyn Connection>, &'static str)> {
        let stream = self.0.accept(stream).await?;
        let version = stream.get_ref().1.protocol_version().and_then(|version| version.as_str());
        Ok((Box::new(stream), version.unwrap_or("TLS")))
    }

    /// The server's side of a handshake. As long as the client likes; the caller sets an end.
    ///
    /// # Errors
    /// What the connection or TLS says.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<Box<dyn Connection>> {
        Ok(Box::new(self.0.accept(stream).await?))
    }
}

/// Calls, and knows whom to expect.
#[derive(Clone)]
pub struct TunnelCaller(TlsConnector);

impl TunnelCaller {
    /// Expects a certificate that one of those in this PEM file has signed, for the name that is called.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn trusting(file: &Path) -> Result<TunnelCaller, CertificateError> {
        let roots = authorities(file)?;
        let bad = |error: Error| CertificateError::BadCertificate {
            path: file.to_owned(),
            reason: error.to_string(),
        };
        let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&[&TLS13]);
        let mut config = builder.map_err(bad)?.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(TunnelCaller(Arc::new(config).into()))
    }

    /// Expects the certificate with this SHA-256, whatever it says.
    ///
    /// # Errors
    /// What TLS says.
    pub fn expecting(fingerprint: [u8; 32]) -> io::Result<TunnelCaller> {
        Ok(TunnelCaller(Arc::new(client(Pinned(fingerprint), PROTOCOL)?).into()))
    }

    /// The client's side of a handshake with a server of this name or address.
    ///
    /// # Errors
    /// What the connection or TLS says; a server that is another one, too.
    pub async fn connect(&self, server: &str, stream: TcpStream) -> io::Result<Box<dyn Connection>> {
        let name = ServerName::try_from(server.to_owned()).map_err(io::Error::other)?;
        Ok(Box::new(self.0.connect(name, stream).await?))
    }
}

/// Takes the certificate with this SHA-256.
#[derive(Debug)]
struct Pinned([u8; 32]);

impl Judge for Pinned {
    fn judge(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: UnixTime,
    ) -> Result<(), Error> {
        match sha256(certificate) == Some(self.0) {
            true => Ok(()),
            false => Err(Error::InvalidCertificate(Unknown::UnknownIssuer)),
        }
    }
}

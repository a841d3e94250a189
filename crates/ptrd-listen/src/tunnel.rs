//! TLS between servers that know each other: one accepts with its [`Identity`], the other knows whom to expect, by an
//! authority or by the certificate itself. TLS 1.3 alone; who calls is for what is spoken inside to find out.

use crate::certificate::{CertificateError, Identity, provider};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::TLS13;
use rustls::{
    CertificateError as Unknown, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// What is spoken inside (RFC 7301).
const PROTOCOL: &[u8] = b"ptrd-standby";

/// An encrypted connection.
pub trait Tunnel: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Tunnel for T {}

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

    /// The server's side of a handshake. As long as the client likes; the caller sets an end.
    ///
    /// # Errors
    /// What the connection or TLS says.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<Box<dyn Tunnel>> {
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
    pub fn trusting(authorities: &Path) -> Result<TunnelCaller, CertificateError> {
        let path = || authorities.to_owned();
        let pem = std::fs::read(authorities)
            .map_err(|cause| CertificateError::Unreadable { path: path(), cause })?;
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|cause| CertificateError::NoPem { path: path(), cause })?;
            roots.add(certificate).map_err(|error| CertificateError::BadCertificate {
                path: path(),
                reason: error.to_string(),
            })?;
        }
        if roots.is_empty() {
            return Err(CertificateError::NoCertificate(path()));
        }
        let bad = |error: Error| CertificateError::BadCertificate { path: path(), reason: error.to_string() };
        let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&[&TLS13]);
        Ok(TunnelCaller::of(builder.map_err(bad)?.with_root_certificates(roots).with_no_client_auth()))
    }

    /// Expects the certificate with this SHA-256, whatever it says.
    ///
    /// # Errors
    /// What TLS says.
    pub fn expecting(fingerprint: [u8; 32]) -> io::Result<TunnelCaller> {
        let provider = provider();
        let builder = ClientConfig::builder_with_provider(provider.clone()).with_protocol_versions(&[&TLS13]);
        let verifier = Arc::new(Pinned { fingerprint, provider });
        let builder =
            builder.map_err(io::Error::other)?.dangerous().with_custom_certificate_verifier(verifier);
        Ok(TunnelCaller::of(builder.with_no_client_auth()))
    }

    fn of(mut config: ClientConfig) -> TunnelCaller {
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        TunnelCaller(Arc::new(config).into())
    }

    /// The client's side of a handshake with a server of this name or address.
    ///
    /// # Errors
    /// What the connection or TLS says; a server that is another one, too.
    pub async fn connect(&self, server: &str, stream: TcpStream) -> io::Result<Box<dyn Tunnel>> {
        let name = ServerName::try_from(server.to_owned()).map_err(io::Error::other)?;
        Ok(Box::new(self.0.connect(name, stream).await?))
    }
}

/// The SHA-256 of a certificate.
fn fingerprint(certificate: &CertificateDer<'_>) -> Option<[u8; 32]> {
    let suite = ring::cipher_suite::TLS13_AES_128_GCM_SHA256.tls13()?;
    suite.common.hash_provider.hash(certificate).as_ref().try_into().ok()
}

#[derive(Debug)]
struct Pinned {
    fingerprint: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match fingerprint(certificate) == Some(self.fingerprint) {
            true => Ok(ServerCertVerified::assertion()),
            false => Err(Error::InvalidCertificate(Unknown::UnknownIssuer)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

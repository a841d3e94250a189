//! Whom a client of TLS takes for the right server: what connections to primaries and to standbys' primaries share.
//!
//! TLS 1.3 alone. Signatures of the handshake are checked whatever else is taken on trust.

use crate::certificate::{CertificateError, provider};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::TLS13;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Says whether a certificate is the right one.
pub(crate) trait Judge: fmt::Debug + Send + Sync + 'static {
    /// As [`ServerCertVerifier::verify_server_cert`].
    fn judge(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error>;
}

/// A configuration for clients that speak one protocol (RFC 7301) with whom the judge lets pass.
///
/// # Errors
/// What TLS says.
pub(crate) fn client(judge: impl Judge, protocol: &[u8]) -> io::Result<ClientConfig> {
    let provider = provider();
    let builder = ClientConfig::builder_with_provider(provider.clone()).with_protocol_versions(&[&TLS13]);
    let verifier = Arc::new(By { judge, provider });
    let builder = builder.map_err(io::Error::other)?.dangerous().with_custom_certificate_verifier(verifier);
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    Ok(config)
}

/// The authorities in a PEM file.
///
/// # Errors
/// [`CertificateError`].
pub(crate) fn authorities(file: &Path) -> Result<RootCertStore, CertificateError> {
    let path = || file.to_owned();
    let pem = std::fs::read(file).map_err(|cause| CertificateError::Unreadable { path: path(), cause })?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|cause| CertificateError::NoPem { path: path(), cause })?;
        let bad = |error: Error| CertificateError::BadCertificate { path: path(), reason: error.to_string() };
        roots.add(certificate).map_err(bad)?;
    }
    if roots.is_empty() { Err(CertificateError::NoCertificate(path())) } else { Ok(roots) }
}

/// SHA-256.
pub(crate) fn sha256(octets: &[u8]) -> Option<[u8; 32]> {
    let suite = ring::cipher_suite::TLS13_AES_128_GCM_SHA256.tls13()?;
    suite.common.hash_provider.hash(octets).as_ref().try_into().ok()
}

#[derive(Debug)]
struct By<J> {
    judge: J,
    provider: Arc<CryptoProvider>,
}

impl<J: Judge> ServerCertVerifier for By<J> {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.judge.judge(certificate, chain, name, now)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not used between nameservers".to_owned()))
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

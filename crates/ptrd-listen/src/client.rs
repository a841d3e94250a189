//! Connections to other nameservers over TLS, for transfers (RFC 9103): in this crate because encryption ends here.
//!
//! TLS 1.3 and the token `dot` alone (RFC 9103 §7.1, §8.1). Opportunistic connections take whoever answers (§9.3.1); strict
//! ones check name and authority, or the public key (§9.3.2, RFC 7858 §4.2).

use ptrd_zone::Security;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, version,
};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use x509_parser::prelude::{FromDer, X509Certificate};

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
        Security::Opportunistic => (config(Arc::new(Anybody(provider())))?, ServerName::from(to.ip())),
        Security::Strict { name, ca, pins } => {
            let server = ServerName::try_from(name.trim_end_matches('.').to_owned());
            let server = server.map_err(|_| refused(format!("{name} is no name of a server")))?;
            (config(verifier(ca.as_deref(), pins)?)?, server)
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

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn config(verifier: Arc<dyn ServerCertVerifier>) -> io::Result<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(provider());
    let builder = builder.with_protocol_versions(&[&version::TLS13]).map_err(io::Error::other)?;
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"dot".to_vec()];
    Ok(config)
}

/// Who checks that the other side is whom it should be.
fn verifier(ca: Option<&str>, pins: &[[u8; 32]]) -> io::Result<Arc<dyn ServerCertVerifier>> {
    let authority = ca.map(authority).transpose()?;
    match authority {
        Some(authority) if pins.is_empty() => Ok(authority),
        authority => Ok(Arc::new(Pinned { pins: pins.to_vec(), authority, provider: provider() })),
    }
}

fn authority(path: &str) -> io::Result<Arc<dyn ServerCertVerifier>> {
    let mut roots = RootCertStore::empty();
    let read = CertificateDer::pem_file_iter(path).map_err(|error| refused(format!("{path}: {error}")))?;
    for certificate in read {
        let certificate = certificate.map_err(|error| refused(format!("{path}: {error}")))?;
        roots.add(certificate).map_err(|error| refused(format!("{path}: {error}")))?;
    }
    if roots.is_empty() {
        return Err(refused(format!("there is no certificate in {path}")));
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build();
    Ok(verifier.map_err(io::Error::other)?)
}

/// Takes whoever answers.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

/// Takes one of these public keys, or whom an authority vouches for.
#[derive(Debug)]
struct Pinned {
    pins: Vec<[u8; 32]>,
    authority: Option<Arc<dyn ServerCertVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl Pinned {
    fn is_pinned(&self, certificate: &CertificateDer<'_>) -> bool {
        let Ok((_, read)) = X509Certificate::from_der(certificate) else { return false };
        let hash =
            self.provider.cipher_suites.iter().find_map(|suite| {
                suite.tls13().filter(|suite| suite.common.hash_provider.output_len() == 32)
            });
        let Some(suite) = hash else { return false };
        let found = suite.common.hash_provider.hash(read.tbs_certificate.subject_pki.raw);
        self.pins.iter().any(|pin| pin[..] == *found.as_ref())
    }
}

macro_rules! signatures_of {
    ($provider:tt) => {
        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Err(Error::General("TLS 1.2 is not used for transfers".to_owned()))
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            verify_tls13_signature(
                message,
                certificate,
                signed,
                &self.$provider.signature_verification_algorithms,
            )
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.$provider.signature_verification_algorithms.supported_schemes()
        }
    };
}

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    signatures_of!(0);
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.is_pinned(certificate) {
            return Ok(ServerCertVerified::assertion());
        }
        match &self.authority {
            Some(authority) => authority.verify_server_cert(certificate, chain, name, ocsp, now),
            None => Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)),
        }
    }

    signatures_of!(provider);
}

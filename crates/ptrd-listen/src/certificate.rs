//! The certificate and its key: read from PEM files, judged, and replaced while connections are open.
//!
//! Every encrypted transport takes them from one [`Identity`]. Replacing what it holds concerns handshakes that begin
//! afterwards; connections that are open go on. Sessions are resumed by tickets alone, encrypted with keys that change
//! every six hours, so that nothing is kept for clients that are gone; there is no 0-RTT (RFC 8446 §8: it could be
//! replayed, and saves an authoritative server's clients little).
//!
//! Clients are not asked for certificates; [`Identity::config`] is where that would be.

use arc_swap::ArcSwap;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{
    ClientHello, NoServerSessionStorage, ProducesTickets, ResolvesServerCert, ServerConfig,
};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, SupportedProtocolVersion};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use x509_parser::prelude::{FromDer, X509Certificate};

/// A certificate with its chain and key.
#[derive(Clone)]
pub struct Certificate {
    key: Arc<CertifiedKey>,
    secret: Arc<PrivateKeyDer<'static>>,
    not_before: i64,
    not_after: i64,
}

/// Why there is no [`Certificate`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A file is no PEM.
    #[error("{} is no PEM: {cause}", path.display())]
    NoPem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: pem::Error,
    },
    /// There is none.
    #[error("there is no certificate in {}: it should begin with -----BEGIN CERTIFICATE-----", .0.display())]
    NoCertificate(PathBuf),
    /// There is none, or an encrypted one.
    #[error(
        "there is no private key in {}: it should begin with -----BEGIN PRIVATE KEY-----, and not be encrypted", .0.display()
    )]
    NoKey(PathBuf),
    /// The first certificate of the chain cannot be used.
    #[error("the certificate in {} cannot be used: {reason}", path.display())]
    BadCertificate {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The key cannot be used.
    #[error("the private key in {} cannot be used: {reason}", path.display())]
    BadKey {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// They are of different pairs.
    #[error("the private key in {} does not fit the certificate in {}", key.display(), certificate.display())]
    Mismatch {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
}

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

impl Certificate {
    /// Reads a chain, the server's own certificate first, and the key of that, both PEM.
    ///
    /// # Errors
    /// [`CertificateError`]. That a certificate has expired is none: see [`Certificate::not_after`].
    pub fn read(certificate: &Path, key: &Path) -> Result<Certificate, CertificateError> {
        let read = |path: &Path| {
            fs::read(path).map_err(|cause| CertificateError::Unreadable { path: path.to_owned(), cause })
        };
        let (chain, secret) = (read(certificate)?, read(key)?);
        let no_pem = |path: &Path| {
            let path = path.to_owned();
            |cause| CertificateError::NoPem { path, cause }
        };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&chain).collect();
        let chain = chain.map_err(no_pem(certificate))?;
        let Some(first) = chain.first() else {
            return Err(CertificateError::NoCertificate(certificate.to_owned()));
        };
        let bad = |reason: String| CertificateError::BadCertificate { path: certificate.to_owned(), reason };
        let (_, parsed) = X509Certificate::from_der(first).map_err(|error| bad(error.to_string()))?;
        let validity = parsed.validity();
        let (not_before, not_after) = (validity.not_before.timestamp(), validity.not_after.timestamp());
        let secret = match PrivateKeyDer::from_pem_slice(&secret) {
            Ok(secret) => secret,
            Err(pem::Error::NoItemsFound) => return Err(CertificateError::NoKey(key.to_owned())),
            Err(cause) => return Err(no_pem(key)(cause)),
        };
        let signing = provider().key_provider.load_private_key(secret.clone_key());
        let signing = signing
            .map_err(|error| CertificateError::BadKey { path: key.to_owned(), reason: error.to_string() })?;
        let certified = CertifiedKey::new(chain, signing);
        match certified.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(rustls::Error::InconsistentKeys(_)) => {
                return Err(CertificateError::Mismatch {
                    certificate: certificate.to_owned(),
                    key: key.to_owned(),
                });
            }
            Err(error) => return Err(bad(error.to_string())),
        }
        Ok(Certificate { key: Arc::new(certified), secret: Arc::new(secret), not_before, not_after })
    }

    /// From when on it is valid, in seconds since 1970 UTC.
    pub fn not_before(&self) -> i64 {
        self.not_before
    }

    /// Until when it is valid, in seconds since 1970 UTC.
    pub fn not_after(&self) -> i64 {
        self.not_after
    }
}

impl PartialEq for Certificate {
    /// The same chain and the same key.
    fn eq(&self, other: &Certificate) -> bool {
        self.key.cert == other.key.cert && self.secret == other.secret
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("not_after", &self.not_after).finish_non_exhaustive()
    }
}

/// Who this server is to those who connect: a certificate that can be replaced. Clones share it.
#[derive(Clone)]
pub struct Identity {
    current: Arc<Current>,
    tickets: Arc<dyn ProducesTickets>,
}

#[derive(Debug)]
struct Current(ArcSwap<Certificate>);

impl ResolvesServerCert for Current {
    /// The one certificate there is, whatever name was asked for.
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load().key.clone())
    }
}

/// The system gives no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("keys for session tickets cannot be made")]
pub struct NoTickets(#[source] rustls::Error);

impl Identity {
    /// With this certificate.
    ///
    /// # Errors
    /// [`NoTickets`].
    pub fn new(certificate: Certificate) -> Result<Identity, NoTickets> {
        let tickets = ring::Ticketer::new().map_err(NoTickets)?;
        Ok(Identity { current: Arc::new(Current(ArcSwap::from_pointee(certificate))), tickets })
    }

    /// The certificate in force.
    pub fn certificate(&self) -> Arc<Certificate> {
        self.current.0.load_full()
    }

    /// Shows this certificate from the next handshake on.
    pub fn replace(&self, certificate: Certificate) {
        self.current.0.store(Arc::new(certificate));
    }

    /// The configuration of a transport that is known by these names (RFC 7301), the most wanted first.
    pub(crate) fn config(
        &self,
        alpn: &[&[u8]],
        versions: &[&'static SupportedProtocolVersion],
    ) -> Result<ServerConfig, rustls::Error> {
        let builder = ServerConfig::builder_with_provider(provider()).with_protocol_versions(versions)?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(self.current.clone());
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.ticketer = self.tickets.clone();
        // Clients of a nameserver come back over one connection after the other.
        config.send_tls13_tickets = 1;
        Ok(config)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Identity").field(&self.certificate()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(vec!["ns1.example.net".to_owned()]).expect("a pair");
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    fn read(certificate: &str, key: &str) -> Result<Certificate, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let (chain, secret) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        fs::write(&chain, certificate).expect("written");
        fs::write(&secret, key).expect("written");
        Certificate::read(&chain, &secret)
            .map_err(|error| error.to_string().replace(&format!("{}/", folder.path().display()), ""))
    }

    #[test]
    fn a_pair_is_read_and_replaced() {
        let ((first, first_key), (second, second_key)) = (made(), made());
        let one = read(&first, &first_key).expect("a pair");
        // rcgen's default dates: 1975-01-01 and 4096-01-01.
        assert_eq!((one.not_before(), one.not_after()), (157_766_400, 67_090_118_400));
        // The chain and the key in one file, in whatever order.
        let both = format!("{first_key}{first}{second}");
        let chain = read(&both, &both).expect("a pair");
        assert_eq!(chain.key.cert.len(), 2);
        assert_ne!(chain, one, "the chain is longer");
        let identity = Identity::new(one.clone()).expect("tickets");
        assert_eq!(*identity.certificate(), one);
        let two = read(&second, &second_key).expect("a pair");
        identity.clone().replace(two.clone());
        assert!(*identity.certificate() == two && two != one);
        let config = identity.config(&[b"dot"], rustls::ALL_VERSIONS).expect("a configuration");
        assert_eq!((config.max_early_data_size, config.ticketer.enabled()), (0, true));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let ((first, first_key), (_, second_key)) = (made(), made());
        let wrong = |certificate: &str, key: &str| read(certificate, key).expect_err("refused");
        assert_eq!(
            wrong(&first, &second_key),
            "the private key in key.pem does not fit the certificate in cert.pem"
        );
        assert!(wrong("", &first_key).starts_with("there is no certificate in cert.pem"));
        assert!(wrong(&first, "# none").starts_with("there is no private key in key.pem"));
        let encrypted = first_key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        assert!(wrong(&first, &encrypted).ends_with("and not be encrypted"));
        assert!(wrong(&first[..first.len() / 2], &first_key).starts_with("cert.pem is no PEM"));
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(wrong(garbage, &first_key).starts_with("the certificate in cert.pem cannot be used"));
        let garbage = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        assert!(wrong(&first, garbage).starts_with("the private key in key.pem cannot be used"));
        let missing = Certificate::read(Path::new("/nonexistent/c"), Path::new("/nonexistent/k"));
        assert_eq!(missing.expect_err("refused").to_string(), "/nonexistent/c cannot be read");
    }
}

//! Calls over HTTPS to servers of others, such as a webhook's: TLS 1.2 or 1.3, the name checked against authorities.

use crate::certificate::{CertificateError, provider};
use crate::client::Connection;
use crate::trust::authorities;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, DEFAULT_VERSIONS};
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Calls, and trusts authorities.
#[derive(Clone)]
pub struct HttpsCaller(TlsConnector);

impl HttpsCaller {
    /// Trusts the authorities in this PEM file.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn trusting(file: &Path) -> Result<HttpsCaller, CertificateError> {
        let roots = authorities(file)?;
        let builder =
            ClientConfig::builder_with_provider(provider()).with_protocol_versions(DEFAULT_VERSIONS);
        let builder = builder.map_err(|error| CertificateError::BadCertificate {
            path: file.to_owned(),
            reason: error.to_string(),
        })?;
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(HttpsCaller(Arc::new(config).into()))
    }

    /// The client's side of a handshake with a server of this name or address. The caller bounds the time.
    ///
    /// # Errors
    /// What the connection or TLS says; a server that is another one, too.
    pub async fn connect(&self, server: &str, stream: TcpStream) -> io::Result<Box<dyn Connection>> {
        let name = ServerName::try_from(server.to_owned()).map_err(io::Error::other)?;
        Ok(Box::new(self.0.connect(name, stream).await?))
    }
}

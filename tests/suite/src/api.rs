//! The daemon with its API over HTTPS, and connections to it.

use crate::daemon::{Daemon, free_port};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the daemon is called in its certificate.
pub const NAME: &str = "localhost";

/// See the module.
pub struct Api {
    daemon: Daemon,
    /// Where it is.
    pub place: Place,
}

/// Where an API is, and whom to expect there.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its address.
    pub address: SocketAddr,
    /// Its certificate, PEM.
    pub file: PathBuf,
    certificate: CertificateDer<'static>,
}

impl Api {
    /// As [`Daemon::start`], with an API that takes as many requests as come.
    pub fn start(folder: &Path) -> Api {
        let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned()]).expect("a pair");
        let (file, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        std::fs::write(&file, made.cert.pem()).expect("written");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let config = folder.join("ptrd.toml");
        let text = format!(
            "[tls]\ncertificate = '{}'\nkey = '{}'\n[api]\nlisten = ['{address}']\nrequests-per-address = 1000000\n\
             requests-per-token = 1000000\n",
            file.display(),
            key.display()
        );
        std::fs::write(&config, text).expect("written");
        let daemon = Daemon::start(folder, &["--config", &config.display().to_string()]);
        Api { daemon, place: Place { address, file, certificate: made.cert.der().clone() } }
    }
}

impl Deref for Api {
    type Target = Daemon;

    fn deref(&self) -> &Daemon {
        &self.daemon
    }
}

impl Place {
    /// The URL of the whole.
    pub fn url(&self) -> String {
        format!("https://{NAME}:{}", self.address.port())
    }

    /// A connection to it.
    ///
    /// # Errors
    /// Those of the connection; those of TLS come with the first octets.
    pub fn connect(&self) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).map_err(io::Error::other)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = builder.map_err(io::Error::other)?.with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from(NAME).map_err(io::Error::other)?;
        let connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
        Ok(StreamOwned::new(connection, TcpStream::connect(self.address)?))
    }
}

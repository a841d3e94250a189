//! The way to a primary, and the way in for standbys, over the network: TLS, and a secret that both servers have.

use crate::checks::Webhook;
use crate::config::{Config, Standby};
use anyhow::{Context, bail};
use ptrd_admin::{Carrier, Entrance};
use ptrd_listen::{Identity, TunnelCaller, TunnelGate};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpStream, UnixStream};

/// The least octets that a secret has.
const LEAST: usize = 16;
/// The most.
const MOST: usize = 512;
/// For a connection, and for its handshake.
const PATIENCE: Duration = Duration::from_secs(10);

/// What both servers know. It is not shown.
#[derive(Clone)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Reads a file: one line.
    pub fn read(path: &Path) -> anyhow::Result<Secret> {
        let read = || -> anyhow::Result<Secret> {
            let text = std::fs::read_to_string(path)?;
            let secret = text.trim();
            if !(LEAST..=MOST).contains(&secret.len()) {
                bail!("a secret has {LEAST} to {MOST} octets: write what `openssl rand -hex 32` prints");
            }
            if !secret.bytes().all(|octet| octet.is_ascii_graphic()) {
                bail!(
                    "a secret is one line of ASCII without blanks: write what `openssl rand -hex 32` prints"
                );
            }
            Ok(Secret(secret.into()))
        };
        read().with_context(|| format!("reading the secret {}", path.display()))
    }

    /// Whether this is it. Hashes are compared, in a time that does not depend on them.
    fn is(&self, shown: &[u8]) -> bool {
        blake3::hash(shown) == blake3::hash(self.0.as_bytes())
    }

    /// As a header of HTTP.
    pub fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

/// A way to the primary.
#[derive(Clone)]
pub enum Way {
    /// Its admin socket, or what is forwarded to it.
    Socket(String),
    /// TLS, to a name or address and port.
    Network {
        /// `HOST:PORT`.
        address: String,
        /// Whom to expect.
        caller: TunnelCaller,
        /// What to show.
        secret: Secret,
    },
}

/// What a daemon needs to follow, and to be followed over the network: read before root is given up, which may be all
/// that can read it.
#[derive(Default)]
pub struct Preparations {
    /// To the primary.
    pub way: Option<Way>,
    /// For standbys.
    pub entrance: Option<Entrance>,
    /// Who is told of names that cease to resolve back.
    pub webhook: Option<Webhook>,
}

impl Preparations {
    /// Reads what the configuration names.
    pub fn read(config: &Config, identity: Option<&Identity>) -> anyhow::Result<Preparations> {
        let Standby { primary, listen, .. } = &config.standby;
        let way = primary.as_deref().map(|primary| way(primary, &config.standby)).transpose()?;
        let entrance = match (listen.is_empty(), identity) {
            (true, _) => None,
            (false, None) => bail!("standby.listen needs tls.certificate and tls.key: name both"),
            (false, Some(identity)) => Some(entrance(&config.standby, identity)?),
        };
        let webhook = config.checks.webhook.as_deref().map(|url| {
            let secret = config.checks.webhook_secret_file.as_deref().map(Secret::read).transpose()?;
            let secret = secret.map(|secret| secret.0.as_bytes().to_vec());
            let webhook = Webhook::new(url, secret, &config.checks.webhook_ca_file);
            webhook.context("preparing checks.webhook")
        });
        Ok(Preparations { way, entrance, webhook: webhook.transpose()? })
    }
}

fn secret(config: &Standby) -> anyhow::Result<Secret> {
    let path = config.secret_file.as_deref();
    Secret::read(path.context("standbys over the network need standby.secret-file: name it")?)
}

fn way(primary: &str, config: &Standby) -> anyhow::Result<Way> {
    if primary.starts_with('/') {
        return Ok(Way::Socket(primary.to_owned()));
    }
    let caller = match (&config.fingerprint, &config.ca_file) {
        (Some(fingerprint), _) => TunnelCaller::expecting(*fingerprint).context("preparing TLS")?,
        (None, Some(authorities)) => TunnelCaller::trusting(authorities)?,
        (None, None) => {
            bail!("a primary over the network needs standby.fingerprint or standby.ca-file: name one")
        }
    };
    Ok(Way::Network { address: primary.to_owned(), caller, secret: secret(config)? })
}

fn entrance(config: &Standby, identity: &Identity) -> anyhow::Result<Entrance> {
    let (gate, secret) = (TunnelGate::new(identity).context("preparing TLS")?, secret(config)?);
    Ok(Entrance {
        accept: Arc::new(move |stream| {
            let gate = gate.clone();
            Box::pin(async move {
                let tunnel = gate.accept(stream).await?;
                Ok(Box::new(tunnel) as Box<dyn Carrier>)
            })
        }),
        admits: Arc::new(move |shown| secret.is(shown)),
    })
}

impl Way {
    /// Goes it.
    pub async fn go(&self) -> io::Result<Box<dyn Carrier>> {
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, "no answer");
        match self {
            Way::Socket(path) => {
                let stream =
                    tokio::time::timeout(PATIENCE, UnixStream::connect(path)).await.map_err(late)??;
                Ok(Box::new(stream))
            }
            Way::Network { address, caller, .. } => {
                let stream =
                    tokio::time::timeout(PATIENCE, TcpStream::connect(address)).await.map_err(late)??;
                stream.set_nodelay(true)?;
                let host = address.rsplit_once(':').map_or(address.as_str(), |(host, _)| host);
                let host = host.trim_start_matches('[').trim_end_matches(']');
                let tunnel =
                    tokio::time::timeout(PATIENCE, caller.connect(host, stream)).await.map_err(late)??;
                Ok(Box::new(tunnel))
            }
        }
    }

    /// What to show there.
    pub fn authorization(&self) -> Option<String> {
        match self {
            Way::Socket(_) => None,
            Way::Network { secret, .. } => Some(secret.header()),
        }
    }
}

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Way::Socket(path) => f.write_str(path),
            Way::Network { address, .. } => f.write_str(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_one_line_and_long_enough() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        let read = |text: &str| {
            std::fs::write(&path, text).expect("written");
            Secret::read(&path).map_err(|error| format!("{error:#}"))
        };
        let secret = read("0123456789abcdef0123456789abcdef\n").expect("a secret");
        assert!(secret.is(b"0123456789abcdef0123456789abcdef"));
        assert!(!secret.is(b"0123456789abcdef0123456789abcdee") && !secret.is(b""));
        for bad in ["", "short", "two words that are long enough", "0123456789abcdef\n0123456789abcdef"] {
            assert!(read(bad).is_err_and(|error| error.contains("openssl rand")), "{bad:?}");
        }
        let none = Secret::read(&folder.path().join("none")).err().expect("refused");
        assert!(format!("{none:#}").contains("No such file"), "{none:#}");
    }
}

//! The way to the mail server: its submission port, or its `sendmail`.

use crate::arguments::{self, Place};
use crate::failure::Failure;
use crate::secret::private;
use clap::Args;
use lettre::address::Envelope;
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncTransport, Tokio1Executor};
use ptrd_message::marked::Marked;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// For a connection, each command, and a `sendmail`.
const PATIENCE: Duration = Duration::from_secs(60);
/// Submission (RFC 6409), and with TLS from the first octet (RFC 8314).
const PORTS: (u16, u16) = (587, 465);

/// Which way messages take.
#[derive(Debug, Args)]
pub struct Road {
    /// Through this mail server; port 587 unless given
    #[arg(long, value_name = "HOST[:PORT]", value_parser = arguments::place, conflicts_with = "sendmail")]
    via: Option<Place>,
    /// Through this program, which takes messages as sendmail does
    #[arg(long, value_name = "PROGRAM")]
    sendmail: Option<PathBuf>,
    /// When TLS is spoken with it [default: none with this host, implicit on port 465, else starttls]
    #[arg(long, value_name = "WHEN", requires = "via")]
    tls: Option<When>,
    /// A file that nobody else may read: USER:PASSWORD
    #[arg(long, value_name = "FILE", requires = "via")]
    auth: Option<PathBuf>,
    /// The authorities that its certificate is checked against, PEM
    #[arg(long, value_name = "FILE", default_value = "/etc/ssl/certs/ca-certificates.crt")]
    ca_file: PathBuf,
}

/// When TLS is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum When {
    /// Never
    None,
    /// After STARTTLS, or nothing is sent
    Starttls,
    /// From the first octet
    Implicit,
}

/// Why a message did not go.
pub enum Why {
    /// The mail server does not take it.
    Refused(String),
    /// Others will not go either.
    Broken(String),
}

/// What carries messages.
pub enum Carrier {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Sendmail(PathBuf),
}

impl Road {
    /// Prepares it. Nothing is sent yet.
    pub fn carrier(&self) -> Result<Carrier, Failure> {
        if let Some(program) = &self.sendmail {
            return Ok(Carrier::Sendmail(program.clone()));
        }
        let Some(Place { host, port }) = &self.via else {
            return Err(Failure::usage("which mail server?")
                .hint("say --via HOST:PORT, or --sendmail /usr/sbin/sendmail"));
        };
        let port = port.unwrap_or(PORTS.0);
        let is_here =
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let when = self.tls.unwrap_or(match (is_here, port) {
            (_, port) if port == PORTS.1 => When::Implicit,
            (true, _) => When::None,
            (false, _) => When::Starttls,
        });
        if self.auth.is_some() && when == When::None && !is_here {
            return Err(Failure::usage("--auth without TLS: whoever is on the way could read the password")
                .hint("say --tls starttls"));
        }
        let tls = match when {
            When::None => Tls::None,
            When::Starttls => Tls::Required(parameters(host, &self.ca_file)?),
            When::Implicit => Tls::Wrapper(parameters(host, &self.ca_file)?),
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host.clone());
        let mut builder = builder.port(port).timeout(Some(PATIENCE)).tls(tls);
        if let Some(file) = &self.auth {
            let secret = private(file)?;
            let (user, password) = secret.split_once(':').ok_or_else(|| {
                Failure::local(format!("{}: it is to have one line: USER:PASSWORD", file.display()))
            })?;
            builder = builder.credentials(Credentials::new(user.to_owned(), password.to_owned()));
        }
        Ok(Carrier::Smtp(Box::new(builder.build())))
    }
}

fn parameters(host: &str, file: &Path) -> Result<TlsParameters, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::local(format!("{}: {error}", file.display()))
            .hint("name the authorities to trust with --ca-file, in PEM")
    };
    let pem = std::fs::read(file).map_err(|error| failed(&error))?;
    let authorities = Certificate::from_pem(&pem).map_err(|error| failed(&error))?;
    let builder = TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::None);
    builder.add_root_certificate(authorities).build().map_err(|error| failed(&error))
}

impl Carrier {
    /// Hands a message over; says what was answered.
    pub async fn send(&self, message: &Marked, text: &str) -> Result<String, Why> {
        match self {
            Carrier::Smtp(transport) => smtp(transport, message, text).await,
            Carrier::Sendmail(program) => sendmail(program, message, text).await,
        }
    }
}

async fn smtp(
    transport: &AsyncSmtpTransport<Tokio1Executor>,
    message: &Marked,
    text: &str,
) -> Result<String, Why> {
    let address = |text: &str| text.parse().map_err(|error| Why::Refused(format!("{text}: {error}")));
    let envelope = Envelope::new(Some(address(&message.from)?), vec![address(&message.to)?]);
    let envelope = envelope.map_err(|error| Why::Refused(error.to_string()))?;
    match transport.send_raw(&envelope, text.as_bytes()).await {
        Ok(response) => Ok(format!("{} {}", response.code(), response.first_line().unwrap_or_default())),
        Err(error) => {
            let code = error.status().map(|code| code.to_string());
            let source = std::error::Error::source(&error).map(|why| format!(": {why}")).unwrap_or_default();
            // Without an answer, where it goes away, and where the name or the password is wrong, no other message fares better.
            match code {
                Some(code) if !["421", "530", "534", "535", "538"].contains(&code.as_str()) => {
                    Err(Why::Refused(format!("{error}{source}")))
                }
                _ => Err(Why::Broken(format!("{error}{source}"))),
            }
        }
    }
}

async fn sendmail(program: &Path, message: &Marked, text: &str) -> Result<String, Why> {
    let broken = |error: std::io::Error| Why::Broken(format!("{}: {error}", program.display()));
    let mut child = tokio::process::Command::new(program)
        .args(["-i", "-f", &message.from, "--", &message.to])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(broken)?;
    let work = async {
        if let Some(mut stdin) = child.stdin.take() {
            // Its status says more than that it did not read to the end.
            let _ = stdin.write_all(text.replace("\r\n", "\n").as_bytes()).await;
        }
        child.wait_with_output().await
    };
    let output = match tokio::time::timeout(PATIENCE, work).await {
        Ok(output) => output.map_err(broken)?,
        Err(_) => {
            return Err(Why::Broken(format!("{}: no end after {} s", program.display(), PATIENCE.as_secs())));
        }
    };
    if output.status.success() {
        return Ok("by sendmail".to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said: String = said.trim().chars().take(500).collect();
    Err(Why::Refused(format!("{}: {said}", output.status)))
}

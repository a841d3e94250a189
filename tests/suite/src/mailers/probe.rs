//! `ptrd probe` on the other side, and what it saw.

use crate::daemon::{PATIENCE, program};
use serde_json::Value;
use std::fs;
use std::net::{IpAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Takes messages to anybody at its domains. Ended when dropped.
pub struct Probe {
    process: Child,
    record: PathBuf,
}

/// A message that it saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// From where.
    pub address: IpAddr,
    /// What the sender called itself.
    pub helo: String,
    /// Whether over TLS.
    pub tls: bool,
    /// The checks of the address, as `id grade`.
    pub checks: Vec<String>,
}

impl Probe {
    /// Starts one on port 25 of these addresses, with TLS.
    pub fn start(folder: &Path, listen: &[&str], name: &str, domains: &[&str], resolver: &str) -> Probe {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).expect("a pair");
        let [certificate, key, record] =
            ["probe.pem", "probe.key", "probe.jsonl"].map(|file| folder.join(file));
        fs::write(&certificate, made.cert.pem()).expect("written");
        fs::write(&key, made.signing_key.serialize_pem()).expect("written");
        let mut command = Command::new(program("ptrd"));
        command.args(["probe", "--accept", "--name", name, "--resolver", resolver]);
        for (option, values) in [("--listen", listen), ("--domain", domains)] {
            command.args(values.iter().flat_map(|value| [option, value]));
        }
        for (option, file) in [("--certificate", &certificate), ("--key", &key), ("--record", &record)] {
            command.arg(option).arg(file);
        }
        let log = fs::File::create(folder.join("probe.log")).expect("a log");
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        let probe = Probe { process: process.expect("ptrd starts"), record };
        for address in listen {
            let place = (address.parse::<IpAddr>().expect("an address"), 25);
            let since = Instant::now();
            while TcpStream::connect(place).is_err() {
                assert!(since.elapsed() < PATIENCE, "the probe does not come up");
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        probe
    }

    /// The message with this mark.
    pub fn seen(&self, mark: &str) -> Option<Seen> {
        let all = self.all();
        let found = all.iter().find(|one| one["letter"]["mark"] == mark)?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let checks = found["identity"]["checks"].as_array().expect("checks");
        Some(Seen {
            address: text(&found["identity"]["address"]).parse().expect("an address"),
            helo: text(&found["client"]["helo"]),
            tls: found["client"]["tls"].is_string(),
            checks: checks
                .iter()
                .map(|one| format!("{} {}", text(&one["id"]), text(&one["grade"])))
                .collect(),
        })
    }

    /// Every address that said a name.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let address = |one: &Value| one["identity"]["address"].as_str().and_then(|text| text.parse().ok());
        self.all().iter().map(|one| address(one).expect("an address")).collect()
    }

    /// Its file.
    pub fn record(&self) -> &Path {
        &self.record
    }

    fn all(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.record).unwrap_or_default();
        // The last line may be half written.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

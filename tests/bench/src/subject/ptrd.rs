//! ptrd, driven through its two commands as an operator would. All that the benchmark assumes of them stands here.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::{Server, Subject, free_address};
use crate::data::DataSet;
use crate::files::{csv, master_files};
use crate::process::{GENERATOR_CORE, Process, first_line};
use crate::query::Judgement;

/// The limit of answers per second to one network: raised, since all queries come from one, and not removed.
const RATE_LIMIT: u32 = 100_000_000;
/// The tenant that owns all blocks.
pub const TENANT: &str = "bench";

/// ptrd, from the directory that its two programs are in.
#[derive(Clone, Debug)]
pub struct Ptrd {
    programs: PathBuf,
    /// Whether the rate limit is as raised as a benchmark from one address needs it.
    raised: bool,
    /// Whether it has an API.
    api: bool,
}

impl Ptrd {
    /// The programs in `directory`, or beside this one.
    ///
    /// # Errors
    ///
    /// When this program's own path cannot be found.
    pub fn new(directory: Option<PathBuf>) -> Result<Ptrd> {
        let beside = || Ok(std::env::current_exe()?.parent().map(Path::to_owned).unwrap_or_default());
        let programs = directory.map_or_else(beside, anyhow::Ok)?;
        Ok(Ptrd { programs, raised: true, api: false })
    }

    /// The same, but with the rate limit that it ships with.
    pub fn as_shipped(&self) -> Ptrd {
        Ptrd { raised: false, ..self.clone() }
    }

    /// The same with an API.
    pub fn with_api(&self) -> Ptrd {
        Ptrd { api: true, ..self.clone() }
    }

    /// Starts it on the store in `directory`, which need not exist.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn serve(&self, directory: &Path, address: SocketAddr) -> Result<Process> {
        let arguments = [
            "serve",
            "--store",
            &store(directory).display().to_string(),
            "--listen",
            &address.to_string(),
            "--socket",
            &socket(directory).display().to_string(),
        ];
        let mut arguments = arguments.map(str::to_owned).to_vec();
        if self.raised {
            arguments.extend(["--rate-limit".to_owned(), RATE_LIMIT.to_string()]);
        }
        if self.api {
            arguments.extend(["--config".to_owned(), with_api(directory)?.display().to_string()]);
        }
        Process::start("ptrd", &self.programs.join("ptrd"), &arguments, directory.join("log"))
    }

    /// Runs `ptrctl` against the server in `directory`, on the generator's core.
    ///
    /// # Errors
    ///
    /// When it cannot be run or reports a failure.
    pub fn control(&self, directory: &Path, arguments: &[&str]) -> Result<()> {
        let output = Command::new("taskset")
            .args(["-c", &GENERATOR_CORE.to_string()])
            .arg(self.programs.join("ptrctl"))
            .arg("--socket")
            .arg(socket(directory))
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .context("running ptrctl")?;
        if !output.status.success() {
            bail!(
                "ptrctl {} failed: {}",
                arguments.join(" "),
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(())
    }

    /// Starts it on an empty store in `directory` and adds the tenant and the blocks of `data`.
    ///
    /// # Errors
    ///
    /// Those of the programs, and silence.
    pub fn found(&self, data: DataSet, directory: &Path) -> Result<(Process, SocketAddr)> {
        fs::create_dir_all(directory)?;
        let address = free_address()?;
        let mut process = self.serve(directory, address)?;
        let begun = Instant::now();
        while let Err(error) = self.control(directory, &["status"]) {
            process.check()?;
            if begun.elapsed() > Duration::from_secs(30) {
                return Err(error.context("ptrd does not take commands"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.control(directory, &["tenant", "add", TENANT])?;
        for block in data.blocks() {
            let style: &[&str] = if block.classless { &["--classless", "first-len"] } else { &[] };
            let arguments = [&["block", "add", &block.prefix, "--tenant", TENANT], style].concat();
            self.control(directory, &arguments)?;
        }
        Ok((process, address))
    }

    /// Imports the PTRs of `data`; returns the time that took.
    ///
    /// # Errors
    ///
    /// Those of `ptrctl`.
    pub fn import(&self, data: DataSet, root: &Path, directory: &Path) -> Result<Duration> {
        let file = csv(data, root)?;
        let begun = Instant::now();
        if data.len() > 0 {
            self.control(directory, &["ptr", "import", &file.display().to_string()])?;
        }
        Ok(begun.elapsed())
    }

    /// Starts it with the zones of `data` imported as they are, without blocks.
    ///
    /// # Errors
    ///
    /// Those of the programs.
    pub fn verbatim(&self, data: DataSet, root: &Path) -> Result<Server> {
        let directory = root.join(format!("ptrd-verbatim-{}", data.slug()));
        let files = master_files(data, root)?;
        let started = Instant::now();
        let (process, address) = self.found(DataSet::Empty, &directory)?;
        self.control(&directory, &["zone", "import", &files.display().to_string(), "--tenant", TENANT])?;
        Ok(Server { name: self.name(), process, address, directory, started })
    }
}

/// Writes a configuration with an API, and the certificate that it takes.
fn with_api(directory: &Path) -> Result<PathBuf> {
    let made = rcgen::generate_simple_self_signed(vec!["ns1.example.net".to_owned()])?;
    let (certificate, key) = (directory.join("cert.pem"), directory.join("key.pem"));
    fs::write(&certificate, made.cert.pem())?;
    fs::write(&key, made.signing_key.serialize_pem())?;
    let address = free_address()?;
    fs::write(directory.join("api"), address.to_string())?;
    let file = directory.join("ptrd.toml");
    let text = format!(
        "[tls]\ncertificate = '{}'\nkey = '{}'\n[api]\nlisten = ['{address}']\n",
        certificate.display(),
        key.display()
    );
    fs::write(&file, text)?;
    Ok(file)
}

/// Where the API of the server in `directory` is, if it has one.
pub fn api(directory: &Path) -> Option<SocketAddr> {
    fs::read_to_string(directory.join("api")).ok()?.parse().ok()
}

/// The SQLite file of the server in `directory`.
pub fn store(directory: &Path) -> PathBuf {
    directory.join("ptrd.db")
}

/// The admin socket of the server in `directory`.
pub fn socket(directory: &Path) -> PathBuf {
    directory.join("admin.sock")
}

/// An HTTP request that sets the PTR of `address` to `name`, for a connection that stays.
pub fn change(address: &str, name: &str) -> Vec<u8> {
    put(&format!("/v1/ptrs/{address}"), &format!("{{\"names\":[\"{name}\"]}}"))
}

/// An HTTP request that sets the PTR RRset at `owner`, a name of a verbatim zone, to `name`.
pub fn record_change(owner: &str, name: &str) -> Vec<u8> {
    let body = format!("{{\"owner\":\"{owner}.\",\"type\":\"PTR\",\"data\":[\"{name}.\"]}}");
    put("/v1/records", &body)
}

fn put(path: &str, body: &str) -> Vec<u8> {
    format!(
        "PUT {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

impl Subject for Ptrd {
    fn name(&self) -> &'static str {
        "ptrd"
    }

    fn version(&self) -> Option<String> {
        first_line(self.programs.join("ptrctl").to_str()?, &["--version"])?;
        first_line(self.programs.join("ptrd").to_str()?, &["--version"])
    }

    fn remedy(&self) -> &'static str {
        "cargo build --release -p ptrd -p ptrctl"
    }

    fn judgement(&self) -> Judgement {
        Judgement::Answer { chases: true }
    }

    fn prepare(&self, data: DataSet, root: &Path, directory: &Path) -> Result<()> {
        let (process, _) = self.found(data, directory)?;
        self.import(data, root, directory)?;
        drop(process);
        Ok(())
    }

    fn start(&self, _data: DataSet, _root: &Path, directory: &Path, address: SocketAddr) -> Result<Process> {
        self.serve(directory, address)
    }
}

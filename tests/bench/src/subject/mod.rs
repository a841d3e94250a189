//! The servers that are measured, each with one worker.

pub mod echo;
pub mod knot;
pub mod nsd;
pub mod ptrd;
pub mod updating;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::data::DataSet;
use crate::process::Process;
use crate::query::{Judgement, last_target, query};

/// A server that can be measured.
pub trait Subject {
    /// Its name in the table.
    fn name(&self) -> &'static str;

    /// What it calls its version; `None` when it is not installed.
    fn version(&self) -> Option<String>;

    /// What to do when it is not installed.
    fn remedy(&self) -> &'static str;

    /// Whether it can carry this load at all.
    fn serves(&self, _data: DataSet, _tcp: bool) -> bool {
        true
    }

    /// How its replies are to be judged.
    fn judgement(&self) -> Judgement {
        Judgement::Answer { chases: false }
    }

    /// Writes what it needs to serve `data`: files of its own to `directory`, shared ones to `root`.
    ///
    /// # Errors
    ///
    /// Those of the file system and of the programs that it runs.
    fn prepare(&self, data: DataSet, root: &Path, directory: &Path) -> Result<()>;

    /// Starts it on what [`Subject::prepare`] wrote; it need not answer yet.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    fn start(&self, data: DataSet, root: &Path, directory: &Path, address: SocketAddr) -> Result<Process>;

    /// Prepares (once for each data set) and starts it.
    ///
    /// # Errors
    ///
    /// Those of the two steps.
    fn launch(&self, data: DataSet, root: &Path) -> Result<Server> {
        let directory = root.join(format!("{}-{}", self.name(), data.slug()));
        let ready = directory.join("ready");
        if !ready.exists() {
            fs::create_dir_all(&directory)?;
            let prepared = self.prepare(data, root, &directory);
            prepared.with_context(|| format!("preparing {} for {}", self.name(), data.slug()))?;
            fs::write(&ready, "")?;
        }
        let address = free_address()?;
        let started = Instant::now();
        let process = self.start(data, root, &directory, address)?;
        Ok(Server { name: self.name(), process, address, started, directory })
    }
}

/// A server that has been started.
#[derive(Debug)]
pub struct Server {
    /// Its name in the table.
    pub name: &'static str,
    /// Its process.
    pub process: Process,
    /// Where it answers.
    pub address: SocketAddr,
    /// Where it keeps its files.
    pub directory: PathBuf,
    started: Instant,
}

impl Server {
    /// Ends it, and removes files that are no longer those which it was started on, so that no later row finds them.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub fn discard(self) -> Result<()> {
        drop(self.process);
        fs::remove_dir_all(&self.directory).with_context(|| format!("removing {}", self.directory.display()))
    }

    /// Waits until each probe of `data` has been answered rightly. Returns the time from the start to the first and
    /// to the last right answer.
    ///
    /// # Errors
    ///
    /// When the server ends, or `patience` does.
    pub fn ready(
        &mut self,
        data: DataSet,
        judgement: Judgement,
        patience: Duration,
    ) -> Result<(Duration, Duration)> {
        let mut waiting = data.probes();
        let mut first = None;
        while !waiting.is_empty() {
            self.process.check()?;
            if self.started.elapsed() > patience {
                bail!("{} gave no right answer within {patience:?}", self.name);
            }
            waiting.retain(|&index| !self.right(data, judgement, index));
            if first.is_none() && waiting.len() < data.probes().len() {
                first = Some(self.started.elapsed());
            }
        }
        let last = self.started.elapsed();
        Ok((first.unwrap_or(last), last))
    }

    /// Whether PTR `index` is answered rightly, now.
    fn right(&self, data: DataSet, judgement: Judgement, index: u32) -> bool {
        let reply = ask(self.address, &query(&data.owner(index))).unwrap_or_default();
        let expected = match judgement {
            Judgement::Echo | Judgement::Outline => return !reply.is_empty(),
            Judgement::Answer { chases: false } if data == DataSet::Chase => data.alias(index),
            Judgement::Answer { .. } => data.target(index),
        };
        last_target(&reply) == Some(expected)
    }
}

/// Asks once over UDP and waits 20 ms for the reply, or less where nobody listens.
pub fn ask(address: SocketAddr, packet: &[u8]) -> Option<Vec<u8>> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
    socket.connect(address).ok()?;
    socket.set_read_timeout(Some(Duration::from_millis(20))).ok()?;
    socket.send(packet).ok()?;
    let mut buffer = [0; 4096];
    match socket.recv(&mut buffer) {
        Ok(length) => Some(buffer[..length].to_vec()),
        Err(_) => {
            std::thread::sleep(Duration::from_micros(500));
            None
        }
    }
}

/// A port that is free for UDP and TCP.
fn free_address() -> Result<SocketAddr> {
    for _ in 0..100 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        if UdpSocket::bind(address).is_ok() {
            return Ok(address);
        }
    }
    bail!("no port is free for both UDP and TCP")
}

/// The path of a program found in the usual places, for those that are not on an ordinary user's `PATH`.
pub(crate) fn program(name: &str) -> PathBuf {
    let places = ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin"];
    let paths = places.iter().map(|place| Path::new(place).join(name));
    paths.into_iter().find(|path| path.exists()).unwrap_or_else(|| name.into())
}

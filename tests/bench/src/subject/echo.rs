//! The bare echo: what receiving and sending alone costs.
//!
//! It runs the loop of the server's UDP workers with nothing between the calls, so the difference is what answering
//! costs. It sends each reply as a message of its own, as other servers do; `--bundle` sends those to one peer together,
//! as ptrd does. `--answer-size` makes its replies as long as answers, out of a table of ready-made ones.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use ptrd_udp::{Batch, Options, Socket};

use super::Subject;
use crate::data::DataSet;
use crate::process::Process;
use crate::query::Judgement;

/// Answers in the table; a million of them do not fit into any cache, as a server's data does not.
const TABLE: usize = 1 << 20;

/// The echo, as a subject.
#[derive(Clone, Copy, Debug)]
pub struct Echo {
    /// Octets to append to the query, as an answer section would be; 0 for a plain echo.
    pub answer_size: usize,
    /// Whether replies to one peer leave as one message.
    pub bundle: bool,
}

impl Subject for Echo {
    fn name(&self) -> &'static str {
        match (self.answer_size, self.bundle) {
            (0, false) => "echo",
            (0, true) => "bundle",
            _ => "table",
        }
    }

    fn version(&self) -> Option<String> {
        let size = self.answer_size;
        Some(match (size, self.bundle) {
            (0, false) => "recvmmsg/sendmmsg of 64, QR flipped".into(),
            (0, true) => "the same, replies to one peer as one message (UDP_SEGMENT)".into(),
            _ => format!("the same, with {size} octets out of a table of a million ready-made answers"),
        })
    }

    fn remedy(&self) -> &'static str {
        ""
    }

    fn serves(&self, _data: DataSet, tcp: bool) -> bool {
        !tcp
    }

    fn judgement(&self) -> Judgement {
        Judgement::Echo
    }

    fn prepare(&self, _data: DataSet, _root: &Path, _directory: &Path) -> Result<()> {
        Ok(())
    }

    fn start(&self, _data: DataSet, _root: &Path, directory: &Path, address: SocketAddr) -> Result<Process> {
        let program = std::env::current_exe().context("finding this program")?;
        let size = self.answer_size.to_string();
        let mut arguments =
            ["echo", &address.to_string(), "--answer-size", &size].map(str::to_owned).to_vec();
        if self.bundle {
            arguments.push("--bundle".to_owned());
        }
        Process::start(self.name(), &program, &arguments, directory.join("log"))
    }
}

/// The echo itself: serves until it is ended.
///
/// # Errors
///
/// When the socket cannot be had or is of no use.
pub fn serve(address: SocketAddr, answer_size: usize, bundle: bool) -> Result<()> {
    let options = Options { segments: bundle, ..Options::default() };
    let socket = Socket::bind(address, &options).with_context(|| format!("binding {address}"))?;
    let answer_size = answer_size.min(1024);
    let table: Vec<u8> = (0..TABLE * answer_size).map(|at| at as u8).collect();
    let mut batch = Batch::new(64);
    loop {
        batch.receive(&socket)?;
        batch.respond(|datagram, out| {
            let length = datagram.payload.len();
            if length < 12 || length + answer_size > out.len() {
                return 0;
            }
            out[..length].copy_from_slice(datagram.payload);
            out[2] |= 0x80;
            if answer_size != 0 {
                let at = slot(datagram.payload) * answer_size;
                out[length..length + answer_size].copy_from_slice(&table[at..at + answer_size]);
            }
            length + answer_size
        });
        batch.send(&socket)?;
    }
}

/// Where in the table the answer to a query stands: a hash of the first octets of the name.
fn slot(query: &[u8]) -> usize {
    let mut word = [0; 8];
    let name = &query[12..query.len().min(20)];
    word[..name.len()].copy_from_slice(name);
    (u64::from_le_bytes(word).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44) as usize
}

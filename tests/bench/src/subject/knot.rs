//! Knot DNS, with one worker of each kind.

use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::Result;

use super::{Subject, program};
use crate::data::DataSet;
use crate::files::{file_name, master_files};
use crate::process::{Process, first_line};

/// Knot DNS.
#[derive(Clone, Copy, Debug)]
pub struct Knot;

impl Subject for Knot {
    fn name(&self) -> &'static str {
        "knot"
    }

    fn version(&self) -> Option<String> {
        first_line(program("knotd").to_str()?, &["-V"])
    }

    fn remedy(&self) -> &'static str {
        "apt-get install knot"
    }

    fn prepare(&self, data: DataSet, root: &Path, _directory: &Path) -> Result<()> {
        master_files(data, root).map(drop)
    }

    fn start(&self, data: DataSet, root: &Path, directory: &Path, address: SocketAddr) -> Result<Process> {
        let zones = master_files(data, root)?;
        let here = directory.display();
        let mut text = format!(
            "server:\n    rundir: {here}\n    listen: {}@{}\n    udp-workers: 1\n    tcp-workers: 1\n    \
             background-workers: 1\n    tcp-idle-timeout: 60\n    tcp-max-clients: 2000\n\
             log:\n  - target: stderr\n    any: warning\n\
             database:\n    storage: {here}\n\
             acl:\n  - id: all\n    address: 127.0.0.0/8\n    action: transfer\n\
             template:\n  - id: default\n    acl: all\n    storage: {}\n    zonefile-sync: -1\n    journal-content: none\n    \
             semantic-checks: off\nzone:\n",
            address.ip(),
            address.port(),
            zones.display()
        );
        for zone in data.zones() {
            writeln!(text, "  - domain: {}.\n    file: {}", zone.apex, file_name(&zone.apex))?;
        }
        let path = directory.join("knot.conf");
        fs::write(&path, text)?;
        let arguments = ["-c".to_owned(), path.display().to_string()];
        Process::start("knot", &program("knotd"), &arguments, directory.join("log"))
    }
}

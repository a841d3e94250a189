//! NSD, with one server process.

use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::Result;

use super::{Subject, program};
use crate::data::DataSet;
use crate::files::{file_name, master_files};
use crate::process::{Process, first_line};
use crate::query::Judgement;

/// NSD.
#[derive(Clone, Copy, Debug)]
pub struct Nsd;

impl Subject for Nsd {
    fn name(&self) -> &'static str {
        "nsd"
    }

    fn version(&self) -> Option<String> {
        first_line(program("nsd").to_str()?, &["-v"])
    }

    fn remedy(&self) -> &'static str {
        "apt-get install nsd"
    }

    fn judgement(&self) -> Judgement {
        Judgement::Answer { chases: true }
    }

    fn prepare(&self, data: DataSet, root: &Path, _directory: &Path) -> Result<()> {
        master_files(data, root).map(drop)
    }

    fn start(&self, data: DataSet, root: &Path, directory: &Path, address: SocketAddr) -> Result<Process> {
        let zones = master_files(data, root)?;
        let here = directory.display();
        // The rate limit that Debian builds in would answer 200 queries a second and drop the rest.
        let mut text = format!(
            "server:\n    ip-address: {}@{}\n    server-count: 1\n    username: \"\"\n    zonesdir: \"{}\"\n    \
             database: \"\"\n    pidfile: \"{here}/pid\"\n    xfrdfile: \"{here}/xfrd\"\n    \
             xfrdir: \"{here}\"\n    zonelistfile: \"{here}/zonelist\"\n    cookie-secret-file: \"\"\n    \
             rrl-ratelimit: 0\n    rrl-whitelist-ratelimit: 0\n    tcp-count: 256\n    tcp-timeout: 60\n    \
             tcp-query-count: 0\n    verbosity: 0\nremote-control:\n    control-enable: no\n",
            address.ip(),
            address.port(),
            zones.display()
        );
        for zone in data.zones() {
            writeln!(
                text,
                "zone:\n    name: \"{}\"\n    zonefile: \"{}\"\n    provide-xfr: 127.0.0.0/8 NOKEY",
                zone.apex,
                file_name(&zone.apex)
            )?;
        }
        let path = directory.join("nsd.conf");
        fs::write(&path, text)?;
        let arguments = ["-d".to_owned(), "-c".to_owned(), path.display().to_string()];
        Process::start("nsd", &program("nsd"), &arguments, directory.join("log"))
    }
}

//! Servers that take DNS UPDATE and keep what changed for IXFR: ptrd, Knot and BIND, each with a key for both.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use ptrd_tsig::{Algorithm, Key};

use super::ptrd::Ptrd;
use super::{Server, Subject, program};
use crate::data::DataSet;
use crate::files::{file_name, master_files};
use crate::process::{Process, first_line};
use crate::rows::{Bench, progress};

/// The name of the key.
const KEY: &str = "bench.";
/// Its secret, in Base64.
const SECRET: &str = "YSBiZW5jaG1hcmsgaGFzIG5vIHNlY3JldHMgdG8ga2VlcA==";

/// The key that updates are signed with.
///
/// # Errors
///
/// None: it is one.
pub fn key() -> Result<Key> {
    Ok(Key::from_base64(KEY.parse()?, Algorithm::HmacSha256, SECRET)?)
}

/// Starts those of the servers that are there, on files of their own below `name`; BIND too, which the other rows leave out.
///
/// # Errors
///
/// When one does not start.
pub fn launch(bench: &Bench, name: &str, data: DataSet) -> Result<Vec<Server>> {
    let root = bench.root.join(name);
    fs::create_dir_all(&root)?;
    let wanted = |name| bench.subjects.iter().any(|subject| subject.name() == name);
    let mut subjects: Vec<Box<dyn Subject>> = Vec::new();
    if let Some(ptrd) = &bench.ptrd {
        subjects.push(Box::new(ptrd.clone()));
    }
    if wanted("knot") {
        subjects.push(Box::new(Knot));
        match Bind.version() {
            Some(_) => subjects.push(Box::new(Bind)),
            None => progress(format_args!("bind is left out: try `{}`", Bind.remedy())),
        }
    }
    let mut servers = Vec::new();
    for subject in subjects {
        let mut server = subject.launch(data, &root)?;
        server.ready(data, subject.judgement(), Duration::from_secs(180))?;
        if let Some(ptrd) = bench.ptrd.as_ref().filter(|_| subject.name() == "ptrd") {
            admit(ptrd, &server)?;
        }
        servers.push(server);
    }
    Ok(servers)
}

/// Lets the key update, and this host transfer.
fn admit(ptrd: &Ptrd, server: &Server) -> Result<()> {
    let secret = server.directory.join("secret");
    fs::write(&secret, SECRET)?;
    let control = |arguments: &[&str]| ptrd.control(&server.directory, arguments);
    control(&["key", "add", KEY, "--secret-file", &secret.display().to_string()])?;
    control(&["access", "allow", "update", "--key", KEY, "--tenant", super::ptrd::TENANT])?;
    control(&["access", "allow", "transfer", "--from", "127.0.0.0/8"])
}

/// Knot DNS with its journal.
#[derive(Clone, Copy, Debug)]
struct Knot;

impl Subject for Knot {
    fn name(&self) -> &'static str {
        "knot"
    }

    fn version(&self) -> Option<String> {
        super::knot::Knot.version()
    }

    fn remedy(&self) -> &'static str {
        super::knot::Knot.remedy()
    }

    fn prepare(&self, data: DataSet, root: &Path, _directory: &Path) -> Result<()> {
        master_files(data, root).map(drop)
    }

    fn start(&self, data: DataSet, root: &Path, directory: &Path, address: SocketAddr) -> Result<Process> {
        let zones = master_files(data, root)?;
        let here = directory.display();
        let mut text = format!(
            "server:\n    rundir: {here}\n    listen: {}@{}\n    udp-workers: 1\n    tcp-workers: 1\n    \
             background-workers: 1\nlog:\n  - target: stderr\n    any: warning\n\
             database:\n    storage: {here}\nkey:\n  - id: {KEY}\n    algorithm: hmac-sha256\n    secret: {SECRET}\n\
             acl:\n  - id: out\n    address: 127.0.0.0/8\n    action: transfer\n  \
             - id: in\n    key: {KEY}\n    action: update\n\
             template:\n  - id: default\n    acl: [out, in]\n    storage: {}\n    zonefile-sync: -1\n    \
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

/// BIND with one thread.
#[derive(Clone, Copy, Debug)]
struct Bind;

impl Subject for Bind {
    fn name(&self) -> &'static str {
        "bind"
    }

    fn version(&self) -> Option<String> {
        first_line(program("named").to_str()?, &["-v"])
    }

    fn remedy(&self) -> &'static str {
        "apt-get install bind9"
    }

    /// It keeps its journals beside the master files, so it has copies of those.
    fn prepare(&self, data: DataSet, root: &Path, directory: &Path) -> Result<()> {
        let zones = master_files(data, root)?;
        for zone in data.zones() {
            let name = file_name(&zone.apex);
            fs::copy(zones.join(&name), directory.join(&name))?;
        }
        Ok(())
    }

    fn start(&self, data: DataSet, _root: &Path, directory: &Path, address: SocketAddr) -> Result<Process> {
        let here = directory.display();
        let mut text = format!(
            "options {{ directory \"{here}\"; pid-file none; session-keyfile none; listen-on port {} {{ {}; }};\n\
             listen-on-v6 {{ none; }}; recursion no; notify no; allow-transfer {{ 127.0.0.0/8; }};\n\
             minimal-responses yes; }};\ncontrols {{ }};\n\
             key \"{KEY}\" {{ algorithm hmac-sha256; secret \"{SECRET}\"; }};\n",
            address.port(),
            address.ip()
        );
        for zone in data.zones() {
            let (apex, file) = (&zone.apex, file_name(&zone.apex));
            writeln!(
                text,
                "zone \"{apex}\" {{ type primary; file \"{file}\"; allow-update {{ key \"{KEY}\"; }}; }};"
            )?;
        }
        let path = directory.join("named.conf");
        fs::write(&path, text)?;
        let arguments = ["-g", "-n", "1", "-c", &path.display().to_string()].map(str::to_owned);
        Process::start("bind", &program("named"), &arguments, directory.join("log"))
    }
}

//! `ptrd demo`: a server with examples, on loopback, that leaves nothing behind.
//!
//! It is the server that `serve` runs, filled through the road that `ptrctl` uses.

use crate::arguments::Demo;
use crate::config::Config;
use crate::daemon::{Daemon, Start};
use crate::failure::{Failure, Part};
use crate::signals::Signals;
use crate::standby::Preparations;
use crate::{logs, open, secrets};
use anyhow::Context;
use ptrd_api::{BlockAdd, ChangeRequest, DefaultsSet, PtrFill, PtrWrite};
use ptrd_change::Caller;
use ptrd_escape::shell_word;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Runs the demonstration until a signal, or for as long as was asked for.
pub fn demo(arguments: Demo) -> Result<(), Failure> {
    logs::start_quietly();
    crate::run(run(arguments))
}

async fn run(arguments: Demo) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    let folder = tempfile::Builder::new().prefix("ptrd-demo-").tempdir();
    let folder = folder.context("making a temporary folder").map_err(Failure::fault)?;
    let config = config(folder.path(), arguments.port);
    let own = secrets::make().map_err(|error| Failure::of(Part::Secret, error))?;
    let opened = open::without_change(&config)?;
    let socket = config.admin.socket.clone();
    let daemon = Daemon::start(
        config,
        Start { opened, cookies: own.clone(), own, identity: None, others: Preparations::default() },
        None,
    )
    .await?;
    let filled = fill(&daemon).await;
    let shown = filled.and_then(|()| show(daemon.addresses()[0], &socket).context("writing to stdout"));
    if shown.is_ok() {
        let time = arguments.seconds.map_or(Duration::MAX, Duration::from_secs);
        let _ = tokio::time::timeout(time, signals.any()).await;
    }
    signals.end_at_next();
    daemon.stop().await;
    let removed = folder.close().context("removing the temporary folder");
    shown.and(removed).map_err(Failure::fault)
}

fn config(folder: &Path, port: u16) -> Config {
    let mut config = Config::default();
    config.store.path = folder.join("ptrd.db");
    config.admin.socket = folder.join("admin.sock");
    config.listen.addresses = vec![SocketAddr::from((Ipv4Addr::LOCALHOST, port))];
    (config.listen.udp_workers, config.listen.tcp_threads) = (Some(1), Some(1));
    // Its nameservers are those of examples.
    config.notify.enabled = false;
    config.answers.server_id = Some("demo".to_owned());
    config.answers.nsid = Some("demo.ptrd".to_owned());
    config
}

/// Makes the examples.
async fn fill(daemon: &Daemon) -> anyhow::Result<()> {
    for request in examples() {
        let caller = Caller::operator("demo", "demo", Some("an example".to_owned()));
        let road = daemon.road().context("the demonstration has a store of its own")?;
        let done = road.change(caller, request.clone(), false).await;
        done.with_context(|| format!("making the examples: {request:?}"))?;
    }
    Ok(())
}

fn examples() -> Vec<ChangeRequest> {
    let tenant = |name: &str| ChangeRequest::TenantAdd { name: name.to_owned() };
    let block = |range: &str, tenant: &str, classless: Option<&str>| {
        ChangeRequest::BlockAdd(BlockAdd {
            range: range.to_owned(),
            tenant: tenant.to_owned(),
            classless: classless.map(str::to_owned),
            ..BlockAdd::default()
        })
    };
    let ptr = |address: &str, name: &str| {
        ChangeRequest::PtrSet(PtrWrite {
            address: address.to_owned(),
            names: vec![name.to_owned()],
            ..PtrWrite::default()
        })
    };
    let fill = |range: &str, pattern: &str, start| {
        ChangeRequest::PtrFill(PtrFill {
            range: range.to_owned(),
            pattern: pattern.to_owned(),
            start,
            ..PtrFill::default()
        })
    };
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    vec![
        ChangeRequest::DefaultsSet(DefaultsSet {
            nameservers: Some(names(&["ns1.example.net", "ns2.example.net"])),
            rname: Some("hostmaster.example.net".to_owned()),
            ..DefaultsSet::default()
        }),
        tenant("acme"),
        tenant("globex"),
        block("192.0.2.0/24", "acme", None),
        block("192.0.2.64/29", "globex", Some("first-len")),
        block("198.51.100.0/22", "acme", None),
        block("203.0.113.128/28", "globex", Some("first-len")),
        block("2001:db8:1::/48", "globex", None),
        ptr("192.0.2.10", "mail.acme.example"),
        ptr("192.0.2.66", "www.globex.example"),
        fill("192.0.2.128/28", "dsl-{n:02}.acme.example", 1),
        fill("198.51.101.0/24", "host-{ip}.pool.acme.example", 0),
        ptr("203.0.113.130", "vpn.globex.example"),
        ptr("2001:db8:1::25", "mail.globex.example"),
    ]
}

/// Prints what there is, and what to try.
fn show(dns: SocketAddr, socket: &Path) -> std::io::Result<()> {
    let mut text = format!(
        "\
ptrd answers on {} port {}, with two tenants:
  acme    192.0.2.0/24 and 198.51.100.0/22
  globex  192.0.2.64/29 as a classless zone (RFC 2317) inside acme's, 2001:db8:1::/48,
          and 203.0.113.128/28, a classless zone whose parent somebody else runs

To try in another terminal, from this folder; dig is in Debian's package bind9-dnsutils:
",
        dns.ip(),
        dns.port()
    );
    for (what, command) in commands(dns.port(), socket) {
        text.push_str(&format!("\n  # {what}\n  {command}\n"));
    }
    text.push_str("\nCtrl-C ends it and removes all of it.\n");
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn commands(port: u16, socket: &Path) -> Vec<(&'static str, String)> {
    let dig = |arguments: &str| format!("dig -p {port} @127.0.0.1 {arguments}");
    let control = control();
    let control = |arguments: &str| {
        format!("{control} --socket {} {arguments}", shell_word(&socket.display().to_string()))
    };
    vec![
        ("the name of an address", dig("-x 192.0.2.10 +noall +answer")),
        ("the same over TCP", dig("-x 192.0.2.10 +tcp +noall +answer")),
        ("a classless zone: CNAME and PTR in one answer", dig("-x 192.0.2.66 +noall +answer")),
        ("IPv6", dig("-x 2001:db8:1::25 +noall +answer")),
        (
            "an address without a name: NXDOMAIN, with the zone's SOA",
            dig("-x 192.0.2.11 +norec +noall +comments +authority"),
        ),
        ("which server answered (NSID)", dig("-x 198.51.101.7 +norec +nsid")),
        ("what runs here", dig("version.bind TXT CH +short")),
        ("how the server is", control("status")),
        ("whom it serves", control("tenant list")),
        ("with which addresses", control("block list")),
        ("what acme has in a range", control("ptr list 192.0.2.128/29")),
        (
            "give an address a name; look it up with dig thereafter",
            control("ptr set 192.0.2.11 new.acme.example --reason 'first try'"),
        ),
        ("there it is, at once", dig("-x 192.0.2.11 +short")),
        (
            "what an upstream must publish for a classless zone",
            control("block parent-records 203.0.113.128/28"),
        ),
        ("a zone as a master file", control("zone export 2.0.192.in-addr.arpa")),
        ("who changed what, and why", control("log --limit 5")),
    ]
}

/// How to call ptrctl: the one beside this program, or, where it was not built yet, by way of cargo.
fn control() -> String {
    let beside = std::env::current_exe().ok().map(|program| program.with_file_name("ptrctl"));
    match beside.filter(|path| path.is_file()) {
        Some(path) => shell_word(&short(path).display().to_string()),
        None if cfg!(debug_assertions) => "cargo run -q -p ptrctl --".to_owned(),
        None => "cargo run -q --release -p ptrctl --".to_owned(),
    }
}

/// A path as it is from here.
fn short(path: PathBuf) -> PathBuf {
    let here = std::env::current_dir().ok();
    here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned)).unwrap_or(path)
}

//! `ptrd demo`: every command that it prints works as printed.

mod common;

use common::{Process, lines_until, program};
use std::path::Path;
use std::process::{Command, Stdio};

/// A part of each printed command, and what its output must have.
const EXPECTED: &[(&str, &[&str])] = &[
    ("-x 192.0.2.10 +noall", &["10.2.0.192.in-addr.arpa. 3600", "PTR\tmail.acme.example."]),
    ("-x 192.0.2.10 +tcp", &["PTR\tmail.acme.example."]),
    ("-x 192.0.2.66", &["CNAME\t66.64-29.2.0.192.in-addr.arpa.", "PTR\twww.globex.example."]),
    ("-x 2001:db8:1::25", &["PTR mail.globex.example."]),
    (
        "-x 192.0.2.11 +norec",
        &["status: NXDOMAIN", "flags: qr aa;", "SOA\tns1.example.net. hostmaster.example.net."],
    ),
    ("+nsid", &["(\"demo.ptrd\")", "host-198-51-101-7.pool.acme.example."]),
    ("version.bind", &["\"ptrd\""]),
    ("status", &["tenants          2", "blocks           5", "PTRs             276", "ok ("]),
    ("tenant list", &["acme", "globex"]),
    ("block list", &["192.0.2.64/29     globex  classless", "198.51.100.0/22", "2001:db8:1::/48"]),
    ("ptr list", &["192.0.2.128  3600  dsl-01.acme.example.", "192.0.2.135  3600  dsl-08.acme.example."]),
    ("ptr set", &["192.0.2.11 PTR new.acme.example."]),
    ("-x 192.0.2.11 +short", &["new.acme.example."]),
    (
        "parent-records",
        &[
            "143\t3600\tIN\tCNAME\t143.128-28.113.0.203.in-addr.arpa.",
            "128-28\t86400\tIN\tNS\tns2.example.net.",
        ],
    ),
    (
        "zone export",
        &[
            "IN SOA ns1.example.net.",
            "66 3600 IN CNAME 66.64-29.2.0.192.in-addr.arpa.",
            "PTR new.acme.example.",
        ],
    ),
    ("log", &["192.0.2.11 PTR new.acme.example.", "first try"]),
];

#[test]
fn every_printed_command_works() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command = program();
    command.arg("demo").current_dir(&root).stdout(Stdio::piped());
    let mut demo = Process(command.spawn().expect("ptrd starts"));
    let text = lines_until(&mut demo, "Ctrl-C");
    let mut expected = EXPECTED.iter();
    let mut socket = None;
    for command in text.iter().filter_map(|line| line.strip_prefix("  ")) {
        if !(command.starts_with("dig ") || command.contains(" --socket ")) {
            continue;
        }
        socket = socket.or_else(|| command.split(" --socket ").nth(1)?.split(' ').next().map(str::to_owned));
        let (part, wanted) = expected.next().expect("no more commands than are expected");
        assert!(command.contains(part), "{command}");
        let output = Command::new("sh").args(["-c", command]).current_dir(&root).output().expect("sh runs");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{command}: {}\n{out}{err}", output.status);
        for wanted in *wanted {
            assert!(out.contains(wanted), "{command}: no “{wanted}” in\n{out}{err}");
        }
    }
    assert_eq!(expected.next(), None, "commands are missing");

    let folder = Path::new(&socket.expect("a socket")).parent().expect("a folder").to_owned();
    assert!(folder.exists());
    demo.signal("INT");
    assert!(demo.wait().success());
    assert!(!folder.exists(), "{} is left behind", folder.display());
}

#[test]
fn it_ends_by_itself_when_asked_to() {
    let mut command = program();
    command.args(["demo", "--seconds", "0"]).stdout(Stdio::null());
    assert!(Process(command.spawn().expect("ptrd starts")).wait().success());
}

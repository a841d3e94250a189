//! Updates by the clients that people have: nsupdate, knsupdate, octodns-bind's and Kea's messages; over UDP and TCP, signed.

mod common;

use common::Server;
use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::process::{Command, Stdio};

const SECRET: &str = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";
const ZONE: &str = "2.0.192.in-addr.arpa";

fn start(arguments: &[&str]) -> Server {
    let server = Server::start(arguments);
    server.fill();
    let key = |name: &str| format!(r#"{{"kind":"key-add","name":"{name}","secret":"{SECRET}"}}"#);
    for body in [
        r#"{"kind":"tenant-add","name":"bob"}"#,
        r#"{"kind":"block-add","range":"192.0.2.64/26","tenant":"acme","classless":"first-len"}"#,
        r#"{"kind":"block-add","range":"192.0.2.128/28","tenant":"bob"}"#,
        r#"{"kind":"block-add","range":"198.51.100.0/24","tenant":"bob"}"#,
        &key("k1"),
        &key("of-bob"),
        r#"{"kind":"access-allow","action":"update","key":"k1","tenant":"acme"}"#,
        r#"{"kind":"access-allow","action":"transfer","key":"k1","tenant":"acme"}"#,
        r#"{"kind":"access-allow","action":"update","key":"of-bob","tenant":"bob"}"#,
    ] {
        let answer = server.request("POST", "/v1/changes", body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{body}: {answer}");
    }
    server
}

/// What a client says to a script; `None`, and a word of it, where it is not installed.
fn client(server: &Server, program: &str, arguments: &[&str], script: &str) -> Option<(bool, String)> {
    let spawned = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            println!("skipped: {program}: {error} (Debian: bind9-dnsutils, knot-dnsutils)");
            return None;
        }
    };
    let head = format!("server 127.0.0.1 {}\nzone {ZONE}\n", server.dns.port());
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(format!("{head}{script}\nsend\n").as_bytes()).expect("written");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    Some((output.status.success(), text))
}

fn ptrs(server: &Server, last: u8) -> String {
    let answer = server.request("GET", &format!("/v1/ptrs/192.0.2.{last}"), "");
    answer.split("\r\n\r\n").nth(1).unwrap_or_default().to_owned()
}

/// Programs, and how they are told the key; the second way is TCP.
fn programs(key: &str) -> Vec<(&'static str, Vec<String>)> {
    let key = format!("hmac-sha256:{key}:{SECRET}");
    let with = |flag: &[&str]| {
        let flags = flag.iter().map(|flag| (*flag).to_owned());
        flags.chain(["-y".to_owned(), key.clone()]).collect::<Vec<_>>()
    };
    vec![
        ("nsupdate", with(&[])),
        ("nsupdate", with(&["-v"])),
        ("knsupdate", with(&[])),
        ("knsupdate", with(&["-v"])),
    ]
}

#[test]
fn nsupdate_and_knsupdate() {
    let server = start(&[]);
    for (nth, (program, arguments)) in (0u8..).zip(programs("k1")) {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let run = |script: &str| client(&server, program, &arguments, script);
        let (direct, classless) = (10 + nth, 70 + nth);
        for last in [direct, classless] {
            let owner = format!("{last}.{ZONE}.");
            let add = format!("prereq nxdomain {owner}\nupdate add {owner} 300 PTR host-{last}.example.com.");
            let Some((done, text)) = run(&add) else { return };
            assert!(done, "{program} {arguments:?}: {text}");
            assert!(
                ptrs(&server, last).contains(&format!("host-{last}.example.com.")),
                "{}",
                ptrs(&server, last)
            );
            // Again: the prerequisite does not hold.
            let (done, text) = run(&add).expect("it is there");
            assert!(!done || text.contains("YXDOMAIN"), "{program}: {text}");
            assert!(text.contains("YXDOMAIN"), "{program}: {text}");
            let change = format!(
                "prereq yxrrset {owner} PTR host-{last}.example.com.\nupdate delete {owner} PTR\n\
                 update add {owner} 60 PTR new-{last}.example.com.\nupdate add {owner} 60 TXT \"a b\""
            );
            assert!(run(&change).expect("it is there").0);
            assert!(ptrs(&server, last).contains(&format!("new-{last}.example.com.")));
            assert!(run(&format!("update delete {owner}")).expect("it is there").0);
            assert!(!ptrs(&server, last).contains("example.com."), "{}", ptrs(&server, last));
        }
        // Somebody else's addresses, the CNAME itself, an update of names in another zone.
        for (script, rcode) in [
            (format!("update add 129.{ZONE}. 60 PTR a.example.com."), "REFUSED"),
            (format!("update add 5.{ZONE}. 60 PTR a.example.com.\nupdate delete 129.{ZONE}."), "REFUSED"),
            (format!("update delete 70.{ZONE}. CNAME"), "REFUSED"),
            (format!("update add x.70-99.64-26.{ZONE}. 60 TXT x"), "REFUSED"),
        ] {
            let (_, text) = run(&script).expect("it is there");
            assert!(text.contains(rcode), "{program}: {script}: {text}");
        }
    }
    // A key that is somebody else's, one that nobody knows, and none.
    let script = format!("update add 5.{ZONE}. 60 PTR a.example.com.");
    for (program, arguments) in programs("of-bob") {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let Some((_, text)) = client(&server, program, &arguments, &script) else { return };
        assert!(text.contains("REFUSED"), "{program}: {text}");
    }
    let unknown = format!("hmac-sha256:unknown:{SECRET}");
    for (program, arguments, word) in [
        ("nsupdate", vec!["-y", &unknown], "BADKEY"),
        ("nsupdate", vec![], "REFUSED"),
        ("knsupdate", vec![], "REFUSED"),
    ] {
        let Some((_, text)) = client(&server, program, &arguments, &script) else { return };
        assert!(text.contains(word), "{program} {arguments:?}: {text}");
    }
    assert!(!ptrs(&server, 5).contains("example.com."));
    let log = server.request("GET", "/v1/log?kind=dns-update&limit=1", "");
    assert!(log.contains(r#""actor":"k1.""#) && log.contains(r#""origin":"127.0.0.1""#), "{log}");
    let metrics = server.request("GET", "/metrics", "");
    let count = |rcode: &str| {
        let line = format!("ptrd_update_responses_total{{rcode=\"{rcode}\"}} ");
        let line = metrics.lines().find_map(|known| known.strip_prefix(&line));
        line.unwrap_or_else(|| panic!("{metrics}")).parse::<u64>().expect("a number")
    };
    assert!(count("NOERROR") >= 24 && count("YXDOMAIN") == 8 && count("REFUSED") >= 16, "{metrics}");
}

#[test]
fn names_that_are_cnames_can_be_closed() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("ptrd.toml");
    std::fs::write(&config, "[update]\nthrough-cnames = false\n").expect("written");
    let server = start(&["--config", config.to_str().expect("text")]);
    let key = format!("hmac-sha256:k1:{SECRET}");
    let run = |script: &str| client(&server, "nsupdate", &["-y", &key], script);
    let Some((_, text)) = run(&format!("update add 70.{ZONE}. 60 PTR a.example.com.")) else { return };
    assert!(text.contains("REFUSED"), "{text}");
    let script = format!("zone 64-26.{ZONE}\nupdate add 70.64-26.{ZONE}. 60 PTR a.example.com.");
    let (done, text) = run(&script).expect("it is there");
    assert!(done && ptrs(&server, 70).contains("a.example.com."), "{text}");
}

/// octodns-bind: the zone by AXFR, then updates over TCP of a thousand changes.
#[test]
fn a_thousand_changes_at_a_time() {
    let server = start(&[]);
    let key = format!("hmac-sha256:k1:{SECRET}");
    let dig =
        ["-p", &server.dns.port().to_string(), "@127.0.0.1", "-y", &key, "AXFR", ZONE].map(str::to_owned);
    let axfr = || {
        let output = Command::new("dig").args(&dig).output();
        let Ok(output) = output else {
            println!("skipped: dig is not installed (Debian: bind9-dnsutils)");
            return None;
        };
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Some(zone) = axfr() else { return };
    assert!(zone.contains("one.example.net."), "{zone}");
    let mut script = String::new();
    for n in 2..62 {
        for round in 0..16 {
            script += &format!("update add {n}.{ZONE}. 300 PTR host-{n}-{round}.example.com.\n");
        }
    }
    let Some((done, text)) = client(&server, "nsupdate", &["-v", "-y", &key], &script) else { return };
    assert!(done, "{text}");
    assert_eq!(axfr().expect("it is there").matches("example.com.").count(), 60 * 16);
    let script = script.replace("update add", "update delete").replace(" 300 PTR", " PTR");
    let (done, text) = client(&server, "nsupdate", &["-v", "-y", &key], &script).expect("it is there");
    assert!(done, "{text}");
    assert_eq!(axfr().expect("it is there").matches("example.com.").count(), 0);
}

/// What is no message at all, or too long for any, is met with silence or FORMERR, and others are served on.
#[test]
fn octets_that_are_no_update() {
    let server = start(&[]);
    let socket = UdpSocket::bind(("127.0.0.1", 0)).expect("a socket");
    let header = b"\x12\x34\x28\0\0\x01\0\x01\0\x01\0\0";
    for length in [0, 1, 100, 4_000, 65_000] {
        let message = [&header[..], &vec![0x3f; length]].concat();
        socket.send_to(&message, server.dns).expect("sent");
        let mut stream = TcpStream::connect(server.dns).expect("a connection");
        stream.set_read_timeout(Some(common::PATIENCE)).expect("a timeout");
        let framed = [&(message.len() as u16).to_be_bytes()[..], &message].concat();
        stream.write_all(&framed).expect("sent");
        let mut reply = [0; 14];
        stream.read_exact(&mut reply).expect("an answer");
        assert_eq!((reply[2..4].to_vec(), reply[4], reply[5] & 15), (b"\x12\x34".to_vec(), 0xa8, 1));
        assert_eq!(server.ask(1), 0);
    }
}

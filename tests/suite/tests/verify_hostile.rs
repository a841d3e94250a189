//! `ptrctl verify` asks resolvers that mean harm, or talk nonsense: it ends, says that it could not find out, and shows nothing that
//! acts on a terminal.

use ptrd_posture::identity::{Grade, Identity, Line};
use ptrd_suite::daemon::{free_port, program};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::process::{Command, Output, Stdio};

/// Messages that answer a request, first over UDP, then over TCP.
type Answer = fn(&[u8]) -> Vec<Vec<u8>>;

/// A server that answers by these; it goes with the test.
fn server(udp: Answer, tcp: Answer) -> SocketAddr {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
    let socket = UdpSocket::bind(address).expect("a socket");
    let listener = TcpListener::bind(address).expect("a port");
    std::thread::spawn(move || {
        let mut room = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut room) {
            for reply in udp(&room[..length]) {
                let _ = socket.send_to(&reply, from);
            }
        }
    });
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut head = [0; 2];
            let mut request = Vec::new();
            if stream.read_exact(&mut head).is_ok() {
                request.resize(usize::from(u16::from_be_bytes(head)), 0);
                let _ = stream.read_exact(&mut request);
            }
            if request.is_empty() {
                continue;
            }
            for reply in tcp(&request) {
                let length = u16::try_from(reply.len()).expect("a message fits").to_be_bytes();
                let _ = stream.write_all(&[&length[..], &reply].concat());
            }
        }
    });
    address
}

/// The end of the question of a request.
fn end_of_question(request: &[u8]) -> usize {
    let mut at = 12;
    while request[at] != 0 {
        at += usize::from(request[at]) + 1;
    }
    at + 5
}

/// A reply with these flags and records.
fn reply(request: &[u8], flags: u16, records: &[Vec<u8>]) -> Vec<u8> {
    let count = u16::try_from(records.len()).expect("few").to_be_bytes();
    let head = [&request[..2], &(0x8000 | flags).to_be_bytes(), &[0, 1], &count, &[0; 4]].concat();
    [head, request[12..end_of_question(request)].to_vec(), records.concat()].concat()
}

/// A record; an owner of none is the name that was asked for.
fn record(owner: Option<&[u8]>, rtype: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("short").to_be_bytes();
    [owner.unwrap_or(&[0xc0, 12]), &[0, rtype, 0, 1, 0, 0, 14, 16], &length, data].concat()
}

/// A name of labels.
fn name(labels: &[&[u8]]) -> Vec<u8> {
    let label = |label: &&[u8]| [&[u8::try_from(label.len()).expect("short")], *label].concat();
    labels.iter().flat_map(label).chain([0]).collect()
}

fn asks_for_ptr(request: &[u8]) -> bool {
    request[end_of_question(request) - 3] == 12
}

fn nothing(_: &[u8]) -> Vec<Vec<u8>> {
    Vec::new()
}

fn verify(resolver: SocketAddr, more: &[&str]) -> Output {
    let mut command = Command::new(program("ptrctl"));
    let resolver = resolver.to_string();
    command.env("PTRD_SOCKET", "").stdin(Stdio::null());
    command.args(["verify", "192.0.2.1", "--timeout", "0.2", "--resolver", &resolver]).args(more);
    command.output().expect("ptrctl runs")
}

fn identity(resolver: SocketAddr) -> (Identity, String) {
    let output = verify(resolver, &["--json"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line =
        text.lines().nth(1).unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    let Ok(Line::Identity(identity)) = serde_json::from_str(line) else { panic!("{line}") };
    let checks = identity.checks.iter().map(|check| format!("{} {}: {}\n", check.grade, check.id, check.why));
    (identity.clone(), checks.collect())
}

#[test]
fn nonsense_is_unknown() {
    let garbage = |request: &[u8]| {
        vec![[&request[..2], &[0x81, 0x80, 0, 1, 0xff, 0xff, 0, 0, 0, 0, 0xc0, 0xff]].concat()]
    };
    let short = |request: &[u8]| vec![request[..1].to_vec(), request[..2].to_vec(), Vec::new()];
    let other_id = |request: &[u8]| {
        let mut wrong = reply(request, 0x0180, &[record(None, 12, &name(&[b"evil", b"example"]))]);
        wrong[0] ^= 0xff;
        vec![wrong; 50]
    };
    let other_question = |request: &[u8]| {
        let mut wrong = reply(request, 0x0180, &[record(None, 12, &name(&[b"evil", b"example"]))]);
        wrong[13] ^= 1;
        vec![wrong]
    };
    let echo = |request: &[u8]| vec![request.to_vec()];
    let cut = |request: &[u8]| vec![reply(request, 0x0380, &[])];
    let still_cut = |request: &[u8]| vec![reply(request, 0x0380, &[]); 3];
    for (what, udp, tcp) in [
        ("garbage", garbage as Answer, nothing as Answer),
        ("short", short, nothing),
        ("another id", other_id, nothing),
        ("another question", other_question, nothing),
        ("what was asked", echo, nothing),
        ("silence", nothing, nothing),
        ("garbage over TCP", cut, garbage),
        ("another question over TCP", cut, other_question),
        ("silence over TCP", cut, nothing),
        ("cut over TCP too", cut, still_cut),
    ] {
        let (identity, said) = identity(server(udp, tcp));
        let grades: Vec<Grade> = identity.checks.iter().map(|check| check.grade).collect();
        assert_eq!(grades, [Grade::Unknown], "{what}: {said}");
    }
}

#[test]
fn a_refusal_is_unknown_and_its_reason_is_told() {
    let refused = |request: &[u8]| {
        // An OPT record with EDE 18 and a text that would act on a terminal.
        let data = [&[0, 15, 0, 11, 0, 18][..], b"no\x1b[2J\x07!!"].concat();
        let opt = [
            &[0, 0, 41, 4, 208, 0, 0, 0, 0][..],
            &u16::try_from(data.len()).expect("short").to_be_bytes(),
            &data,
        ]
        .concat();
        let mut reply = reply(request, 0x0185, &[]);
        reply[11] = 1;
        vec![[reply, opt].concat()]
    };
    let resolver = server(refused, nothing);
    let output = verify(resolver, &[]);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(14), "{shown}");
    assert!(shown.contains("REFUSED") && shown.contains("EDE 18 (Prohibited): no\\u{1b}[2J"), "{shown}");
    assert!(!shown.contains(['\u{1b}', '\u{7}']), "{shown:?}");
}

#[test]
fn a_thousand_names_are_looked_at_as_far_as_receivers_do() {
    let many = |request: &[u8]| {
        if !asks_for_ptr(request) {
            return vec![reply(request, 0x0180, &[record(None, 1, &[192, 0, 2, 1])])];
        }
        let name = |n: usize| name(&[format!("host{n}").as_bytes(), b"example", b"com"]);
        vec![reply(request, 0x0180, &(0..1000).map(|n| record(None, 12, &name(n))).collect::<Vec<_>>())]
    };
    let cut = |request: &[u8]| {
        if asks_for_ptr(request) {
            return vec![reply(request, 0x0380, &[])];
        }
        vec![reply(request, 0x0180, &[record(None, 1, &[192, 0, 2, 1])])]
    };
    let (identity, said) = identity(server(cut, many));
    assert!(said.contains("warn one-name: it has 1000 names, of which 10 were looked at"), "{said}");
    assert!(
        said.contains("unknown all-resolve-back: the 10 names that were looked at resolve back; 990 more"),
        "{said}"
    );
    assert!(said.contains("pass iprev"), "{said}");
    assert_eq!(identity.observations.len(), 11);
    let kept = serde_json::to_string(&identity).expect("JSON").len();
    assert!(kept < 20_000, "{kept} octets are kept");
}

#[test]
fn aliases_without_end_or_in_a_circle_end() {
    let endless = |request: &[u8]| {
        let alias = |n: usize| name(&[format!("alias{n}").as_bytes(), b"example"]);
        let link = |n: usize| record((n > 0).then_some(alias(n).as_slice()), 5, &alias(n + 1));
        vec![reply(request, 0x0180, &(0..20).map(link).collect::<Vec<_>>())]
    };
    let (_, said) = identity(server(endless, nothing));
    assert!(said.contains("unknown ptr-present") && said.contains("more than 16 aliases"), "{said}");
    let circle = |request: &[u8]| {
        let there = name(&[b"there", b"example"]);
        vec![reply(request, 0x0180, &[record(None, 5, &there), record(Some(&there), 5, &[0xc0, 12])])]
    };
    let (_, said) = identity(server(circle, nothing));
    assert!(said.contains("fail ptr-present") && said.contains("aliases go round"), "{said}");
}

#[test]
fn names_are_shown_and_quoted_as_what_they_are() {
    let evil = |request: &[u8]| {
        if !asks_for_ptr(request) {
            return vec![reply(request, 0x0183, &[])];
        }
        vec![reply(request, 0x0180, &[record(None, 12, &name(&[b"$(reboot)", b"a\x1b[2J'b", b"example"]))])]
    };
    let output = verify(server(evil, nothing), &[]);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(13), "{shown}");
    assert!(!shown.contains('\u{1b}') && shown.contains("\\027[2j"), "{shown}");
    let command = shown.lines().find(|line| line.contains("iprev")).expect("a line");
    let (_, command) = command.split_once("dig ").expect("a command");
    assert!(command.contains("-q '"), "a shell takes it for one word: {command}");
}

//! Transfers over TLS (RFC 9103) and QUIC (RFC 9250): who gets one, and what a slow client costs others.

#[path = "../../ptrd-listen/tests/common/quic.rs"]
mod doq;
#[path = "../../ptrd-listen/tests/common/trust.rs"]
mod trust;

mod common;

use common::updates::{key, now, signed_at, update};
use common::{
    ANY, APEX, PATIENCE, content, eventually, ixfr, receive, receive_octets, send, serve_on, with_opt,
};
use ptrd_listen::{Certificate, Doors, Encrypted, Identity, Limits, Protocol, Sockets};
use ptrd_testkit::Reply;
use ptrd_tsig::KeyTable;
use ptrd_wire::{Rcode, Update};
use ptrd_xfr::{Author, NoHistory, Service, Settings, Told, Updates, Verdict};
use ptrd_zone::{Access, Action, Grant, Scope, Snapshot};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConnection, StreamOwned, SupportedProtocolVersion};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

type Tls = StreamOwned<ClientConnection, TcpStream>;

fn identity() -> Identity {
    let made = rcgen::generate_simple_self_signed(vec!["ns1.example.net".to_owned()]).expect("a pair");
    let folder = tempfile::tempdir().expect("a folder");
    let (chain, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&chain, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    Identity::new(Certificate::read(&chain, &key).expect("a certificate")).expect("tickets")
}

struct Server {
    plain: common::Server,
    tls: SocketAddr,
    quic: SocketAddr,
}

fn start(addresses: u32, limits: Limits) -> Server {
    start_of(content(addresses), limits, Service::default())
}

fn start_of(snapshot: Snapshot, limits: Limits, service: Service) -> Server {
    let wanted = [Protocol::Tls, Protocol::Https, Protocol::Quic].map(|protocol| (protocol, ANY));
    let doors = Doors::bind(&wanted).expect("sockets");
    let encrypted = Encrypted { doors, identity: identity(), threads: 1, limits: limits.clone() };
    let sockets = Sockets::bind(&[ANY], 1, true).expect("sockets").with_encrypted(encrypted);
    let plain = serve_on(sockets, snapshot, limits, service);
    let at = |protocol| {
        let found = plain.listener.encrypted_addrs().iter().find(|(other, _)| *other == protocol);
        found.expect("a transport").1
    };
    Server { tls: at(Protocol::Tls), quic: at(Protocol::Quic), plain }
}

fn query(id: u16, rtype: u16) -> Vec<u8> {
    with_opt(common::query(id, APEX, rtype))
}

/// How many records a transfer has, both SOAs included.
fn transfer(tls: &mut Tls) -> usize {
    common::transfer(tls, &query(1, common::AXFR)).len()
}

fn connect(server: &Server, alpn: &[&[u8]], version: &'static SupportedProtocolVersion) -> Tls {
    let config = Arc::new(trust::client(alpn, &[version]));
    let stream = TcpStream::connect_timeout(&server.tls, PATIENCE).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    StreamOwned::new(ClientConnection::new(config, trust::name()).expect("a client"), stream)
}

fn limits() -> Limits {
    Limits { connections_per_network: 100, ..common::limits() }
}

#[test]
fn a_zone_comes_whole_over_one_connection_with_queries_behind_it() {
    let server = start(50_000, limits());
    let mut tls = connect(&server, &[b"dot"], &TLS13);
    for _ in 0..2 {
        assert_eq!(transfer(&mut tls), 4 + 50_000);
    }
    send(&mut tls, &query(9, 6));
    assert_eq!(receive(&mut tls).answer.len(), 1);
    eventually("both are counted", || server.plain.service.counts().whole == 2);
}

#[test]
fn without_the_token_or_the_version_it_is_refused() {
    let server = start(10, limits());
    let some: [(&[&[u8]], _); 3] = [(&[], &TLS13), (&[], &TLS12), (&[b"dot"], &TLS12)];
    for (alpn, version) in some {
        for rtype in [252, 251] {
            let mut tls = connect(&server, alpn, version);
            let asked = if rtype == 251 { ixfr(1, APEX, 1) } else { query(1, rtype) };
            send(&mut tls, &asked);
            let reply = receive(&mut tls);
            assert_eq!(reply.rcode, Rcode::REFUSED);
            if rtype == 252 {
                let reason = reply.opt.and_then(|opt| opt.option(15).map(<[u8]>::to_vec));
                assert_eq!(reason, Some(vec![0, 21]), "not supported");
            }
            send(&mut tls, &query(9, 6));
            assert_eq!(receive(&mut tls).rcode, Rcode::NOERROR, "queries are answered all the same");
        }
    }
    assert_eq!(server.plain.service.counts().refused, 6);
}

#[test]
fn who_does_not_read_is_cut_and_holds_up_nobody() {
    let server = start(300_000, Limits { write_stall: Duration::from_millis(600), ..limits() });
    let mut sleepers: Vec<Tls> = (0..20).map(|_| connect(&server, &[b"dot"], &TLS13)).collect();
    sleepers.iter_mut().for_each(|sleeper| send(sleeper, &query(1, 252)));
    // A client that has sent its request with the end of its handshake is under way without having read. On a busy machine
    // the first may be cut before the last has begun.
    eventually("all have begun", || {
        let counts = server.plain.service.counts();
        counts.open + counts.broken == 20
    });
    let mut tls = connect(&server, &[b"dot"], &TLS13);
    send(&mut tls, &query(9, 6));
    assert_eq!(receive(&mut tls).answer.len(), 1);
    assert_eq!(transfer(&mut tls), 300_004);
    eventually("those that do not read are cut", || server.plain.service.counts().open == 0);
    let counts = server.plain.service.counts();
    assert_eq!((counts.whole, counts.broken), (1, 20));
    assert!(counts.octets < 3 * 300_000 * 40, "nothing is made that nobody takes: {} octets", counts.octets);
    assert_eq!(server.plain.listener.counts().tls.expect("figures").timed_out, 20);
}

#[tokio::test]
async fn over_quic_a_zone_is_one_stream_of_messages() {
    let server = start(50_000, Limits { write_stall: Duration::from_millis(500), ..limits() });
    let connection = doq::connect(&doq::endpoint(), server.quic).await;
    let asked = query(0, 252);
    let framed = [&(asked.len() as u16).to_be_bytes()[..], &asked].concat();
    let stream = doq::send(&connection, &framed).await.expect("a stream");
    let replies: Vec<_> =
        doq::receive(stream).await.iter().map(|m| Reply::decode(m).expect("a message")).collect();
    assert!(replies.len() > 10 && replies.iter().all(|reply| reply.rcode == Rcode::NOERROR));
    let records: Vec<_> = replies.into_iter().flat_map(|reply| reply.answer).collect();
    assert_eq!((records.len(), records.first()), (50_004, records.last()));
    // One that is not read is given up, and others are answered meanwhile.
    let sleeper = doq::send(&connection, &framed).await.expect("a stream");
    let other = doq::connect(&doq::endpoint(), server.quic).await;
    assert_eq!(Reply::decode(&doq::ask(&other, &query(0, 6)).await).expect("a message").answer.len(), 1);
    let given_up = async {
        while server.plain.service.counts().broken == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, given_up).await.expect("given up");
    drop(sleeper);
    eventually("it is counted", || server.plain.service.counts().whole == 1);
}

/// Makes every update.
struct Willing;

impl Updates for Willing {
    fn update(&self, _: Author, _: Update, told: Told) {
        told(Verdict { rcode: Rcode::NOERROR, note: Some("5 is elsewhere".to_owned()) });
    }
}

/// With an OPT record that has a padding option.
fn padding(mut octets: Vec<u8>) -> Vec<u8> {
    octets[11] += 1;
    octets.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 8, 0, 12, 0, 4, 0, 0, 0, 0]);
    octets
}

/// All messages that answer a request, to the last before the answer to the next.
fn answers(stream: &mut Tls, message: &[u8]) -> Vec<Vec<u8>> {
    send(stream, message);
    send(stream, &common::query(0xffff, APEX, 6));
    let mut next = || Some(receive_octets(stream)).filter(|message| message[..2] != [0xff, 0xff]);
    std::iter::from_fn(&mut next).collect()
}

/// RFC 7830 §4, RFC 8467 §4.1: in blocks of 468 octets, what is signed behind them counted in.
#[test]
fn who_pads_has_all_answers_padded() {
    let mut snapshot = content(2_000);
    let from = Some("127.0.0.1".parse().expect("a range"));
    let grant = |action, key| Grant { scope: Scope::All, action, from, key };
    let key_of_updates = Some(common::name("good.example"));
    snapshot.set_access(Access::new([grant(Action::Transfer, None), grant(Action::Update, key_of_updates)]));
    snapshot.set_keys(Arc::new(KeyTable::new([key("good.example")]).expect("a key")));
    let service = Service::new(Settings::default(), Arc::new(NoHistory)).with_updates(Arc::new(Willing), 8);
    let server = start_of(snapshot, limits(), service);
    let mut tls = connect(&server, &[b"dot"], &TLS13);
    let of_opcode = |opcode: u8| {
        let mut message = common::query(7, APEX, 6);
        message[2] = opcode << 3;
        message
    };
    let mut twice = common::query(7, APEX, 6);
    twice.splice(12..12, common::query(7, APEX, 6)[12..].to_vec());
    twice[5] = 2;
    for (what, message, least) in [
        ("a query", common::query(7, APEX, 6), 1),
        ("a transfer", common::query(7, APEX, 252), 3),
        ("a transfer of what is there", ixfr(7, APEX, 7), 1),
        ("an update", update(7, APEX, false), 1),
        ("NOTIFY", of_opcode(4), 1),
        ("an opcode that nobody knows", of_opcode(9), 1),
        ("two questions", twice, 1),
    ] {
        let plain = answers(&mut tls, &with_opt(message.clone()));
        assert!(plain.iter().any(|reply| reply.len() % 468 != 0), "{what}, for one who does not pad");
        let padded = padding(message);
        for (by, at) in [("", 0), ("good.example", 0), ("good.example", 3_600), ("ghost.example", 0)] {
            let (request, awaiting) = match by {
                "" => (padded.clone(), None),
                by => {
                    let (request, awaiting) = signed_at(&padded, by, now() - at);
                    (request, Some(awaiting))
                }
            };
            let replies = answers(&mut tls, &request);
            assert!(!replies.is_empty(), "{what} {by}");
            let lengths: Vec<usize> = replies.iter().map(Vec::len).collect();
            assert!(lengths.iter().all(|length| length % 468 == 0), "{what} {by}: {lengths:?}");
            let proven = by == "good.example" && at == 0 && !what.contains("two") && !what.contains("opcode");
            if let Some(mut awaiting) = awaiting.filter(|_| proven) {
                for reply in &replies {
                    assert!(awaiting.accept(reply, now()).expect("it is proven").signed, "{what}");
                }
                assert!(replies.len() >= least, "{what}: {lengths:?}");
            }
        }
    }
    // Nobody could see it over plain TCP that does not see all the rest.
    let mut tcp = common::connect(server.plain.address);
    assert!(common::transfer(&mut tcp, &padding(common::query(1, APEX, 252))).len() == 2_004);
    send(&mut tcp, &padding(common::query(1, APEX, 6)));
    assert!(receive_octets(&mut tcp).len() < 200);
}

/// The real client, where it is installed; `tests/run` installs it.
#[test]
fn kdig_takes_a_whole_zone() {
    let server = start(3_000, limits());
    let port = server.tls.port().to_string();
    let arguments = ["@127.0.0.1", "-p", &port, "+tls", "10.in-addr.arpa", "AXFR", "+noall", "+answer"];
    let Ok(output) = Command::new("kdig").args(arguments).output() else {
        eprintln!("skipped: kdig is not installed");
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let count = text.lines().filter(|line| !line.is_empty() && !line.starts_with(';')).count();
    assert_eq!(count, 3_004, "{}", text.lines().take(20).collect::<Vec<_>>().join("\n"));
    eventually("it is counted", || server.plain.service.counts().whole == 1);
}

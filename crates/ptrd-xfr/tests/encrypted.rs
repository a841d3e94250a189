//! Transfers over TLS (RFC 9103) and QUIC (RFC 9250): who gets one, and what a slow client costs others.

#[path = "../../ptrd-listen/tests/common/quic.rs"]
mod doq;
#[path = "../../ptrd-listen/tests/common/trust.rs"]
mod trust;

use arc_swap::ArcSwap;
use ptrd_engine::{Engine, Policy};
use ptrd_listen::{Certificate, Doors, Encrypted, Identity, Limits, Listener, Protocol, Sockets};
use ptrd_testkit::Reply;
use ptrd_wire::{Name, Rcode, RecordType, ReversePrefix, Serial, Soa, Ttl};
use ptrd_xfr::Service;
use ptrd_zone::model::{TenantId, ZoneId};
use ptrd_zone::{Access, Action, AddressLoader, Grant, Scope, Snapshot, View, Zone};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConnection, StreamOwned, SupportedProtocolVersion};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

type Tls = StreamOwned<ClientConnection, TcpStream>;

fn name(text: &str) -> Name {
    text.parse().expect("a literal name")
}

fn identity() -> Identity {
    let made = rcgen::generate_simple_self_signed(vec!["ns1.example.net".to_owned()]).expect("a pair");
    let folder = tempfile::tempdir().expect("a folder");
    let (chain, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&chain, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    Identity::new(Certificate::read(&chain, &key).expect("a certificate")).expect("tickets")
}

struct Server {
    listener: Listener,
    tls: SocketAddr,
    quic: SocketAddr,
    service: Service,
}

/// Serves 10.in-addr.arpa, with a PTR at each of the first `addresses` addresses.
fn start(addresses: u32, limits: Limits) -> Server {
    let mut snapshot = Snapshot::default();
    let mut loader = AddressLoader::default();
    for n in 0..addresses {
        let target = name(&format!("host-{n}.pool.example.net"));
        loader.push(IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + n)), Ttl::from_secs(300), true, target.as_wire());
    }
    loader.finish(&mut snapshot);
    let soa = Soa {
        mname: name("ns1.example.net"),
        rname: name("hostmaster.example.net"),
        serial: Serial(7),
        refresh: 14_400,
        retry: 3_600,
        expire: 1_209_600,
        minimum: Ttl::from_secs(3_600),
    };
    let apex = name("10.in-addr.arpa");
    let prefix = ReversePrefix::of_apex(&apex).expect("a reverse name");
    let mut zone = Zone::new(ZoneId(1), apex, View::Range(prefix), soa, Ttl::from_secs(86_400));
    zone.set_tenant(TenantId(1));
    snapshot.put_zone(zone);
    let from = Some("127.0.0.0/8".parse().expect("a range"));
    snapshot.set_access(Access::new([Grant {
        scope: Scope::All,
        action: Action::Transfer,
        from,
        key: None,
    }]));
    let mut policy = Policy::default();
    policy.defers = true;
    let service = Service::default();
    let any = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0))];
    let doors =
        Doors::bind(&[Protocol::Tls, Protocol::Https, Protocol::Quic].map(|protocol| (protocol, any[0])))
            .expect("sockets");
    let encrypted = Encrypted { doors, identity: identity(), threads: 1, limits: limits.clone() };
    let sockets = Sockets::bind(&any, 1, true).expect("sockets").with_encrypted(encrypted);
    let engine = Arc::new(ArcSwap::from_pointee(Engine::new(policy)));
    let snapshot = Arc::new(ArcSwap::from_pointee(snapshot));
    let aside = Some(Arc::new(service.clone()) as _);
    let listener = Listener::run(sockets, 1, limits, engine, snapshot, None, aside).expect("a listener");
    let at = |protocol| {
        listener.encrypted_addrs().iter().find(|(other, _)| *other == protocol).expect("a transport").1
    };
    Server { tls: at(Protocol::Tls), quic: at(Protocol::Quic), listener, service }
}

fn query(id: u16, rtype: u16) -> Vec<u8> {
    let mut octets = vec![(id >> 8) as u8, id as u8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1];
    octets.extend_from_slice(name("10.in-addr.arpa").as_wire());
    octets.extend_from_slice(&[(rtype >> 8) as u8, rtype as u8, 0, 1]);
    octets.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
    octets
}

fn connect(server: &Server, alpn: &[&[u8]], version: &'static SupportedProtocolVersion) -> Tls {
    let config = Arc::new(trust::client(alpn, &[version]));
    let stream = TcpStream::connect_timeout(&server.tls, PATIENCE).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    StreamOwned::new(ClientConnection::new(config, trust::name()).expect("a client"), stream)
}

fn send(tls: &mut Tls, message: &[u8]) {
    tls.write_all(&[&(message.len() as u16).to_be_bytes()[..], message].concat()).expect("sent");
    tls.flush().expect("sent");
}

fn receive(tls: &mut Tls) -> Reply {
    let mut length = [0; 2];
    tls.read_exact(&mut length).expect("a length");
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    tls.read_exact(&mut message).expect("a message");
    Reply::decode(&message).expect("a message that a second implementation reads")
}

/// How many records a transfer has, both SOAs included.
fn transfer(tls: &mut Tls) -> usize {
    send(tls, &query(1, 252));
    let mut count = 0;
    loop {
        let reply = receive(tls);
        assert_eq!(reply.rcode, Rcode::NOERROR);
        count += reply.answer.len();
        if count > 1 && reply.answer.last().is_some_and(|record| record.rtype == RecordType::SOA) {
            return count;
        }
    }
}

fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn limits() -> Limits {
    Limits { connections_per_network: 100, ..Limits::for_descriptors(1024) }
}

#[test]
fn a_zone_comes_whole_over_one_connection_with_queries_behind_it() {
    let server = start(50_000, limits());
    let mut tls = connect(&server, &[b"dot"], &TLS13);
    for _ in 0..2 {
        assert_eq!(transfer(&mut tls), 2 + 50_000);
    }
    send(&mut tls, &query(9, 6));
    assert_eq!(receive(&mut tls).answer.len(), 1);
    eventually("both are counted", || server.service.counts().whole == 2);
}

#[test]
fn without_the_token_or_the_version_it_is_refused() {
    let server = start(10, limits());
    let some: [(&[&[u8]], _); 3] = [(&[], &TLS13), (&[], &TLS12), (&[b"dot"], &TLS12)];
    for (alpn, version) in some {
        for rtype in [252, 251] {
            let mut tls = connect(&server, alpn, version);
            let mut asked = query(1, rtype);
            if rtype == 251 {
                // RFC 1995 §3: with the SOA that the client has.
                asked.truncate(asked.len() - 11);
                asked[9] = 1;
                asked[11] = 0;
                asked.extend_from_slice(&[0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 22, 0, 0, 0, 0, 0, 1]);
                asked.extend_from_slice(&[0; 16]);
            }
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
    assert_eq!(server.service.counts().refused, 6);
}

#[test]
fn who_does_not_read_is_cut_and_holds_up_nobody() {
    let server = start(300_000, Limits { write_stall: Duration::from_millis(600), ..limits() });
    let mut sleepers: Vec<Tls> = (0..20).map(|_| connect(&server, &[b"dot"], &TLS13)).collect();
    sleepers.iter_mut().for_each(|sleeper| send(sleeper, &query(1, 252)));
    // A client that has sent its request with the end of its handshake is under way without having read.
    eventually("all are under way", || server.service.counts().open == 20);
    let mut tls = connect(&server, &[b"dot"], &TLS13);
    send(&mut tls, &query(9, 6));
    assert_eq!(receive(&mut tls).answer.len(), 1);
    assert_eq!(transfer(&mut tls), 300_002);
    eventually("those that do not read are cut", || server.service.counts().open == 0);
    let counts = server.service.counts();
    assert_eq!((counts.whole, counts.broken), (1, 20));
    assert!(counts.octets < 3 * 300_000 * 40, "nothing is made that nobody takes: {} octets", counts.octets);
    assert_eq!(server.listener.counts().tls.expect("figures").timed_out, 20);
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
    assert_eq!((records.len(), records.first()), (50_002, records.last()));
    // One that is not read is given up, and others are answered meanwhile.
    let sleeper = doq::send(&connection, &framed).await.expect("a stream");
    let other = doq::connect(&doq::endpoint(), server.quic).await;
    assert_eq!(Reply::decode(&doq::ask(&other, &query(0, 6)).await).expect("a message").answer.len(), 1);
    let given_up = async {
        while server.service.counts().broken == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, given_up).await.expect("given up");
    drop(sleeper);
    eventually("it is counted", || server.service.counts().whole == 1);
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
    assert_eq!(count, 3_002, "{}", text.lines().take(20).collect::<Vec<_>>().join("\n"));
    eventually("it is counted", || server.service.counts().whole == 1);
}

//! A listener on loopback in front of a small snapshot, and clients for it.
#![allow(dead_code, reason = "each test program uses a part of it")]

use arc_swap::ArcSwap;
use ptrd_engine::{Engine, Policy};
use ptrd_listen::{Certificate, Config, Doors, Encrypted, Identity, Limits, Listener, Protocol, Sockets};
use ptrd_wire::{Name, RecordType, ReversePrefix, RrSet, Serial, Soa, Ttl};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{AddressLoader, Snapshot, View, Zone};
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub const PATIENCE: Duration = Duration::from_secs(20);

fn name(text: &str) -> Name {
    text.parse().expect("a literal name")
}

fn zone(id: u32, prefix: ReversePrefix) -> Zone {
    let soa = Soa {
        mname: name("ns1.example.net"),
        rname: name("hostmaster.example.net"),
        serial: Serial(1),
        refresh: 14_400,
        retry: 3_600,
        expire: 1_209_600,
        minimum: Ttl::from_secs(3_600),
    };
    let apex = prefix.name();
    let mut zone = Zone::new(ZoneId(id), apex.clone(), View::Range(prefix), soa, Ttl::from_secs(86_400));
    let ns = RrSet {
        rtype: RecordType::NS,
        ttl: Ttl::from_secs(86_400),
        rdatas: vec![name("ns1.example.net").as_wire().into()],
    };
    // Large answers, for clients that do not read them.
    let big = RrSet {
        rtype: RecordType(16),
        ttl: Ttl::from_secs(60),
        rdatas: (0..40u8).map(|n| [&[255u8][..], &[n; 255]].concat().into()).collect(),
    };
    let changes = [(apex.clone(), RecordType::NS, Some(ns)), (apex.clone(), RecordType(16), Some(big))];
    zone.apply_records(changes);
    zone
}

/// 192.0.2.0/24 and 2001:db8::/32, with PTRs at every even address of the former and at 2001:db8::1.
pub fn snapshot() -> Snapshot {
    let mut snapshot = Snapshot::default();
    let mut loader = AddressLoader::default();
    for n in (0..=254u8).step_by(2) {
        let target = name(&format!("host-{n}.example.net"));
        loader.push(IpAddr::from([192, 0, 2, n]), Ttl::from_secs(3_600), true, target.as_wire());
    }
    let v6: IpAddr = "2001:db8::1".parse().expect("an address");
    loader.push(v6, Ttl::from_secs(3_600), true, name("v6.example.net").as_wire());
    loader.finish(&mut snapshot);
    snapshot.put_zone(zone(1, ReversePrefix::new(IpAddr::from([192, 0, 2, 0]), 3)));
    snapshot.put_zone(zone(2, ReversePrefix::new(v6, 8)));
    snapshot
}

/// Limits with room and time for everything, to be cut where a test is about it.
pub fn limits() -> Limits {
    Limits { connections: 400, connections_per_network: 400, ..Limits::for_descriptors(1024) }
}

pub struct Server {
    pub listener: Listener,
    pub address: SocketAddr,
    pub snapshot: Arc<ArcSwap<Snapshot>>,
}

pub fn start(address: impl Into<SocketAddr>, limits: Limits) -> Server {
    start_with(address, limits, Policy::default())
}

pub fn start_with(address: impl Into<SocketAddr>, limits: Limits, policy: Policy) -> Server {
    let engine = Arc::new(ArcSwap::from_pointee(Engine::new(policy)));
    let snapshot = Arc::new(ArcSwap::from_pointee(snapshot()));
    let config = Config {
        addresses: vec![address.into()],
        udp_workers: 2,
        tcp_threads: 2,
        limits,
        ..Config::default()
    };
    let listener = Listener::start(config, engine, snapshot.clone()).expect("a listener");
    let address = listener.local_addrs()[0];
    Server { listener, address, snapshot }
}

pub fn start_v4(limits: Limits) -> Server {
    start((Ipv4Addr::LOCALHOST, 0), limits)
}

pub fn start_v6(limits: Limits) -> Server {
    start((Ipv6Addr::LOCALHOST, 0), limits)
}

/// A certificate for ns1.example.net.
pub fn certificate() -> Certificate {
    let made = rcgen::generate_simple_self_signed(vec!["ns1.example.net".to_owned()]).expect("a pair");
    let folder = tempfile::tempdir().expect("a folder");
    let (chain, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&chain, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    Certificate::read(&chain, &key).expect("a certificate")
}

/// A server that takes encrypted transports too.
pub struct Sealed {
    pub listener: Listener,
    pub identity: Identity,
    /// For UDP and TCP.
    pub address: SocketAddr,
}

impl Sealed {
    pub fn start(limits: Limits) -> Sealed {
        let any = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0))];
        let identity = Identity::new(certificate()).expect("tickets");
        let doors =
            Doors::bind(&[Protocol::Tls, Protocol::Https, Protocol::Quic].map(|protocol| (protocol, any[0])))
                .expect("sockets");
        let encrypted = Encrypted { doors, identity: identity.clone(), threads: 1, limits: limits.clone() };
        let engine = Arc::new(ArcSwap::from_pointee(Engine::new(Policy::default())));
        let snapshot = Arc::new(ArcSwap::from_pointee(snapshot()));
        let sockets = Sockets::bind(&any, 1, true).expect("sockets").with_encrypted(encrypted);
        let listener = Listener::run(sockets, 1, limits, engine, snapshot, None, None).expect("a listener");
        let address = listener.local_addrs()[0];
        Sealed { listener, identity, address }
    }

    pub fn at(&self, protocol: Protocol) -> SocketAddr {
        let found = self.listener.encrypted_addrs().iter().find(|(other, _)| *other == protocol);
        found.expect("a transport").1
    }
}

pub fn query(id: u16, owner: &Name, rtype: u16) -> Vec<u8> {
    let mut octets = vec![(id >> 8) as u8, id as u8, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    octets.extend_from_slice(owner.as_wire());
    octets.extend_from_slice(&[(rtype >> 8) as u8, rtype as u8, 0, 1]);
    octets
}

pub fn ptr_query(id: u16, last: u8) -> Vec<u8> {
    query(id, &ReversePrefix::new(IpAddr::from([192, 0, 2, last]), 4).name(), 12)
}

/// A query for the records of 10 KB.
pub fn big_query(id: u16) -> Vec<u8> {
    query(id, &name("2.0.192.in-addr.arpa"), 16)
}

pub fn framed(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u16).to_be_bytes()[..], message].concat()
}

pub fn udp(server: SocketAddr) -> UdpSocket {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).expect("a socket");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    socket
}

pub fn ask_udp(server: SocketAddr, message: &[u8]) -> Vec<u8> {
    let socket = udp(server);
    socket.send_to(message, server).expect("sent");
    let mut reply = [0; 4096];
    let (length, from) = socket.recv_from(&mut reply).expect("a reply");
    assert_eq!(from, server);
    reply[..length].to_vec()
}

pub fn connect(server: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&server, PATIENCE).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.set_nodelay(true).expect("an option");
    stream
}

pub fn receive(stream: &mut TcpStream) -> Vec<u8> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).expect("a length");
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut message).expect("a message");
    message
}

pub fn ask(stream: &mut TcpStream, message: &[u8]) -> Vec<u8> {
    stream.write_all(&framed(message)).expect("sent");
    receive(stream)
}

/// Whether the server has closed, or does within the time.
pub fn is_closed(stream: &mut TcpStream, within: Duration) -> bool {
    stream.set_read_timeout(Some(within.max(Duration::from_millis(1)))).expect("a timeout");
    match stream.read(&mut [0; 64]) {
        Ok(0) => true,
        Ok(_) => false,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn rcode(reply: &[u8]) -> u8 {
    reply[3] & 15
}

pub fn is_ptr_answer(reply: &[u8], id: u16) -> bool {
    reply.len() > 12
        && reply[..2] == id.to_be_bytes()
        && reply[2] & 0x84 == 0x84
        && rcode(reply) == 0
        && reply[7] == 1
}

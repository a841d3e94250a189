//! What tests over real sockets share: a zone, a server of it, and a client.
#![allow(dead_code, reason = "no test uses all of it")]

pub mod updates;

use arc_swap::ArcSwap;
use ptrd_engine::{Engine, Policy};
use ptrd_listen::{Limits, Listener, Sockets};
use ptrd_testkit::{Record, Reply};
use ptrd_wire::{Name, Rcode, RecordType, ReversePrefix, RrSet, Serial, Soa, Ttl};
use ptrd_xfr::Service;
use ptrd_zone::model::{TenantId, ZoneId};
use ptrd_zone::{Access, Action, AddressLoader, Grant, Scope, Snapshot, View, Zone};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Until something that has not happened counts as never happening.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// The zone that is served.
pub const APEX: &str = "10.in-addr.arpa";
pub const AXFR: u16 = 252;
pub const IXFR: u16 = 251;
/// An address of nobody else.
pub const ANY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

pub fn name(text: &str) -> Name {
    text.parse().expect("a literal name")
}

pub fn limits() -> Limits {
    Limits::for_descriptors(1024)
}

/// [`APEX`] of tenant 1 with serial 7, two NS records, and a PTR at each of the first `addresses` addresses of 10/8. Two
/// addresses of loopback may transfer.
pub fn content(addresses: u32) -> Snapshot {
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
    let prefix = ReversePrefix::of_apex(&name(APEX)).expect("a reverse name");
    let mut zone = Zone::new(ZoneId(1), name(APEX), View::Range(prefix), soa, Ttl::from_secs(86_400));
    zone.set_tenant(TenantId(1));
    let ns = ["ns1.example.net", "ns2.example.net"].map(|ns| name(ns).as_wire().into());
    let ns = RrSet { rtype: RecordType::NS, ttl: Ttl::from_secs(86_400), rdatas: ns.into() };
    zone.apply_records([(name(APEX), RecordType::NS, Some(ns))]);
    snapshot.put_zone(zone);
    let from = Some("127.0.0.0-127.0.0.1".parse().expect("a range"));
    snapshot.set_access(Access::new([Grant {
        scope: Scope::All,
        action: Action::Transfer,
        from,
        key: None,
    }]));
    snapshot
}

pub struct Server {
    pub address: SocketAddr,
    pub service: Service,
    pub snapshot: Arc<ArcSwap<Snapshot>>,
    pub listener: Listener,
}

/// Serves over UDP and TCP.
pub fn serve(snapshot: Snapshot, limits: Limits, service: Service) -> Server {
    serve_on(Sockets::bind(&[ANY], 1, true).expect("sockets"), snapshot, limits, service)
}

/// Serves on these sockets.
pub fn serve_on(sockets: Sockets, snapshot: Snapshot, limits: Limits, service: Service) -> Server {
    let mut policy = Policy::default();
    policy.defers = true;
    // Tests ask as fast as they can.
    policy.rate_limit = None;
    let engine = Arc::new(ArcSwap::from_pointee(Engine::new(policy)));
    let snapshot = Arc::new(ArcSwap::from_pointee(snapshot));
    let aside = Some(Arc::new(service.clone()) as _);
    let listener =
        Listener::run(sockets, 1, limits, engine, snapshot.clone(), None, aside).expect("a listener");
    Server { address: listener.local_addrs()[0], service, snapshot, listener }
}

pub fn query(id: u16, apex: &str, rtype: u16) -> Vec<u8> {
    let mut octets = vec![(id >> 8) as u8, id as u8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    octets.extend_from_slice(name(apex).as_wire());
    octets.extend_from_slice(&[(rtype >> 8) as u8, rtype as u8, 0, 1]);
    octets
}

/// A query for what has changed since a serial (RFC 1995 §3).
pub fn ixfr(id: u16, apex: &str, serial: u32) -> Vec<u8> {
    let mut octets = query(id, apex, IXFR);
    octets[9] = 1;
    octets.extend_from_slice(&[0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 22, 0, 0]);
    octets.extend_from_slice(&serial.to_be_bytes());
    octets.extend_from_slice(&[0; 16]);
    octets
}

pub fn with_opt(octets: Vec<u8>) -> Vec<u8> {
    with_size(octets, 1232)
}

/// With an OPT record that takes datagrams of so many octets.
pub fn with_size(mut octets: Vec<u8>, size: u16) -> Vec<u8> {
    octets[11] += 1;
    let [high, low] = size.to_be_bytes();
    octets.extend_from_slice(&[0, 0, 41, high, low, 0, 0, 0, 0, 0, 0]);
    octets
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&address, PATIENCE).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}

pub fn send(stream: &mut impl Write, message: &[u8]) {
    let framed = [&(message.len() as u16).to_be_bytes()[..], message].concat();
    stream.write_all(&framed).expect("sent");
    stream.flush().expect("sent");
}

/// The octets of the next message.
pub fn receive_octets(stream: &mut impl Read) -> Vec<u8> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).expect("a length");
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut message).expect("a message");
    message
}

pub fn receive(stream: &mut impl Read) -> Reply {
    Reply::decode(&receive_octets(stream)).expect("a message that a second implementation reads")
}

/// All records of a transfer, both SOAs included.
pub fn transfer(stream: &mut (impl Read + Write), message: &[u8]) -> Vec<Record> {
    send(stream, message);
    let mut records: Vec<Record> = Vec::new();
    loop {
        let reply = receive(stream);
        assert_eq!((reply.rcode, &message[..2]), (Rcode::NOERROR, &reply.id.to_be_bytes()[..]));
        records.extend(reply.answer);
        let is_soa = |record: Option<&Record>| record.is_some_and(|record| record.rtype == RecordType::SOA);
        assert!(is_soa(records.first()));
        if records.len() > 1 && is_soa(records.last()) {
            return records;
        }
    }
}

pub fn socket() -> UdpSocket {
    let socket = UdpSocket::bind(ANY).expect("a socket");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    socket
}

/// The first message of the reply over TCP.
pub fn ask(server: &Server, message: &[u8]) -> Reply {
    let mut stream = connect(server.address);
    send(&mut stream, message);
    receive(&mut stream)
}

/// The reply over UDP.
pub fn ask_udp(server: &Server, message: &[u8]) -> Reply {
    let socket = socket();
    socket.send_to(message, server.address).expect("sent");
    Reply::decode(&receive_datagram(&socket)).expect("a message")
}

/// The octets of the next datagram.
pub fn receive_datagram(socket: &UdpSocket) -> Vec<u8> {
    let mut reply = [0; 4096];
    let (length, _) = socket.recv_from(&mut reply).expect("a reply");
    reply[..length].to_vec()
}

pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

//! Transfers over real sockets: who gets one, what comes, and what a slow client costs others.

use arc_swap::ArcSwap;
use ptrd_engine::{Engine, Policy};
use ptrd_listen::{Config, Limits, Listener, Sockets};
use ptrd_testkit::{Record, Reply};
use ptrd_tsig::{Algorithm, Key, KeyTable};
use ptrd_wire::{Name, Rcode, RecordType, ReversePrefix, RrSet, Serial, Soa, Ttl};
use ptrd_xfr::{Counts, History, NoHistory, Service, Settings};
use ptrd_zone::model::{Block, BlockId, BlockTemplate, Mode, Standing, TenantId, ZoneId};
use ptrd_zone::{
    Access, Action, AddressLoader, Declared, Grant, Scope, Snapshot, Step, View, Workspace, Zone, diff,
};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

const PATIENCE: Duration = Duration::from_secs(20);
const AXFR: u16 = 252;
const IXFR: u16 = 251;

fn name(text: &str) -> Name {
    text.parse().expect("a literal name")
}

struct Server {
    address: SocketAddr,
    service: Service,
    snapshot: Arc<ArcSwap<Snapshot>>,
    _listener: Listener,
}

/// Serves 10.in-addr.arpa, with a PTR at each of the first `addresses` addresses.
fn start(addresses: u32, limits: Limits, settings: Settings) -> Server {
    start_with(addresses, limits, settings, Arc::new(NoHistory))
}

fn start_with(addresses: u32, limits: Limits, settings: Settings, history: Arc<dyn History>) -> Server {
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
    let mut zone = Zone::new(ZoneId(1), apex.clone(), View::Range(prefix), soa, Ttl::from_secs(86_400));
    zone.set_tenant(TenantId(1));
    let ns = ["ns1.example.net", "ns2.example.net"].map(|ns| name(ns).as_wire().into());
    let ns = RrSet { rtype: RecordType::NS, ttl: Ttl::from_secs(86_400), rdatas: ns.into() };
    zone.apply_records([(apex, RecordType::NS, Some(ns))]);
    snapshot.put_zone(zone);
    let from: Vec<_> = ["127.0.0.0-127.0.0.1"].iter().map(|range| range.parse().expect("a range")).collect();
    let grant = |range| Grant { scope: Scope::All, action: Action::Transfer, from: Some(range), key: None };
    snapshot.set_access(Access::new(from.into_iter().map(grant)));
    let mut policy = Policy::default();
    policy.defers = true;
    let service = Service::new(settings, history);
    let snapshot = Arc::new(ArcSwap::from_pointee(snapshot));
    let config = Config { addresses: vec![(Ipv4Addr::LOCALHOST, 0).into()], ..Config::default() };
    let sockets = Sockets::bind(&config.addresses, 1, true).expect("sockets");
    let engine = Arc::new(ArcSwap::from_pointee(Engine::new(policy)));
    let aside = Some(Arc::new(service.clone()) as _);
    let listener =
        Listener::run(sockets, 1, limits, engine, snapshot.clone(), None, aside).expect("a listener");
    let address = listener.local_addrs()[0];
    Server { address, service, snapshot, _listener: listener }
}

fn query(id: u16, apex: &str, rtype: u16) -> Vec<u8> {
    let mut octets = vec![(id >> 8) as u8, id as u8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    octets.extend_from_slice(name(apex).as_wire());
    octets.extend_from_slice(&[(rtype >> 8) as u8, rtype as u8, 0, 1]);
    octets
}

/// A query for what has changed since a serial (RFC 1995 §3).
fn ixfr(id: u16, apex: &str, serial: u32) -> Vec<u8> {
    let mut octets = query(id, apex, IXFR);
    octets[9] = 1;
    octets.extend_from_slice(&[0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 22, 0, 0]);
    octets.extend_from_slice(&serial.to_be_bytes());
    octets.extend_from_slice(&[0; 16]);
    octets
}

fn with_opt(mut octets: Vec<u8>) -> Vec<u8> {
    octets[11] += 1;
    octets.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
    octets
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect_timeout(&server.address, PATIENCE).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}

fn send(stream: &mut TcpStream, message: &[u8]) {
    let framed = [&(message.len() as u16).to_be_bytes()[..], message].concat();
    stream.write_all(&framed).expect("sent");
}

fn receive(stream: &mut TcpStream) -> Reply {
    let mut length = [0; 2];
    stream.read_exact(&mut length).expect("a length");
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut message).expect("a message");
    Reply::decode(&message).expect("a message that a second implementation reads")
}

fn ask(server: &Server, message: &[u8]) -> Reply {
    let mut stream = connect(server);
    send(&mut stream, message);
    receive(&mut stream)
}

fn ask_udp(server: &Server, message: &[u8]) -> Reply {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    socket.send_to(message, server.address).expect("sent");
    let mut reply = [0; 4096];
    let (length, _) = socket.recv_from(&mut reply).expect("a reply");
    Reply::decode(&reply[..length]).expect("a message")
}

/// All records of a transfer, both SOAs included.
fn transfer(stream: &mut TcpStream, message: &[u8]) -> Vec<Record> {
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

fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn limits() -> Limits {
    Limits::for_descriptors(1024)
}

#[test]
fn a_zone_comes_whole_and_in_order() {
    let server = start(5_000, limits(), Settings::default());
    let mut stream = connect(&server);
    // Twice over one connection, and a query behind it that was sent before the first was read.
    for round in 0..2 {
        let records = transfer(&mut stream, &query(40 + round, "10.in-addr.arpa", AXFR));
        assert_eq!(records.len(), 2 + 2 + 5_000);
        let owners: Vec<_> = records[1..records.len() - 1].iter().map(|record| &record.owner).collect();
        assert!(owners.is_sorted(), "canonical order");
        assert_eq!(records[3].owner, name("0.0.0.10.in-addr.arpa"));
        assert_eq!(records[3].rdata, name("host-0.pool.example.net").as_wire());
    }
    send(&mut stream, &query(1, "10.in-addr.arpa", AXFR));
    send(&mut stream, &query(2, "7.0.0.10.in-addr.arpa", 12));
    let mut records = 0;
    while records < 5_004 {
        let reply = receive(&mut stream);
        assert_eq!(reply.id, 1);
        records += reply.answer.len();
    }
    assert_eq!(receive(&mut stream).id, 2, "what was asked behind the transfer is answered behind it");
    let counts = server.service.counts();
    assert_eq!(Counts { octets: 0, ..counts }, Counts { whole: 3, ..Counts::default() });
}

#[test]
fn strangers_and_strange_zones_are_refused() {
    let server = start(10, limits(), Settings::default());
    let reply = ask(&server, &with_opt(query(1, "11.in-addr.arpa", AXFR)));
    assert_eq!((reply.rcode, reply.answer.len()), (Rcode::NOTAUTH, 0));
    assert_eq!(reply.opt.and_then(|opt| opt.option(15).map(<[u8]>::to_vec)), Some(vec![0, 20]));
    // Below the apex there is no zone, and the root is not ours.
    for apex in ["0.10.in-addr.arpa", "."] {
        assert_eq!(ask(&server, &query(1, apex, AXFR)).rcode, Rcode::NOTAUTH);
    }
    let grant = Grant {
        scope: Scope::Tenant(TenantId(2)),
        action: Action::Transfer,
        from: Some("127.0.0.0/8".parse().expect("a range")),
        key: None,
    };
    let mut snapshot = Snapshot::clone(&server.snapshot.load());
    snapshot.set_access(Access::new([grant]));
    server.snapshot.store(Arc::new(snapshot));
    for message in [query(2, "10.in-addr.arpa", AXFR), ixfr(2, "10.in-addr.arpa", 1)] {
        let reply = ask(&server, &with_opt(message.clone()));
        assert_eq!((reply.rcode, reply.answer.len()), (Rcode::REFUSED, 0));
        assert_eq!(reply.opt.and_then(|opt| opt.option(15).map(<[u8]>::to_vec)), Some(vec![0, 18]));
        let plain = ask(&server, &message);
        assert_eq!((plain.rcode, plain.opt), (Rcode::REFUSED, None));
    }
    assert_eq!(ask_udp(&server, &ixfr(3, "10.in-addr.arpa", 1)).rcode, Rcode::REFUSED);
    assert_eq!(server.service.counts().refused, 8);
}

/// RFC 5936 §4.2, RFC 1995 §2.
#[test]
fn over_udp_there_is_a_soa_at_most() {
    let server = start(10, limits(), Settings::default());
    assert_eq!(ask_udp(&server, &query(1, "10.in-addr.arpa", AXFR)).rcode, Rcode::NOTIMP);
    for serial in [6, 7, 8] {
        let reply = ask_udp(&server, &ixfr(2, "10.in-addr.arpa", serial));
        assert_eq!((reply.rcode, reply.flags & 0x0600), (Rcode::NOERROR, 0x0400), "AA, no TC");
        let types: Vec<_> = reply.answer.iter().map(|record| record.rtype).collect();
        assert_eq!(types, [RecordType::SOA]);
    }
    assert_eq!(ask_udp(&server, &query(3, "10.in-addr.arpa", IXFR)).rcode, Rcode::FORMERR, "no SOA in it");
}

#[test]
fn an_ixfr_without_history_is_a_whole_zone_or_the_soa() {
    let server = start(300, limits(), Settings::default());
    for serial in [7, 8, 0x8000_0000] {
        let reply = ask(&server, &ixfr(1, "10.in-addr.arpa", serial));
        assert_eq!(reply.answer.len(), 1, "serial {serial} is not behind 7");
    }
    for serial in [6, 0xffff_fff0] {
        let records = transfer(&mut connect(&server), &ixfr(1, "10.in-addr.arpa", serial));
        assert_eq!(records.len(), 304, "serial {serial} is behind 7");
        assert_eq!(records[1].rtype, RecordType::NS, "not a SOA: the whole zone");
    }
}

/// What is published meanwhile does not show, and the two SOAs are one.
#[test]
fn a_transfer_is_of_one_moment() {
    let server = start(200_000, limits(), Settings::default());
    let mut stream = connect(&server);
    send(&mut stream, &query(1, "10.in-addr.arpa", AXFR));
    let mut records = receive(&mut stream).answer;
    let mut snapshot = Snapshot::clone(&server.snapshot.load());
    let target = name("changed.example.net");
    let changes: Vec<_> = (0..200_000u32)
        .map(|n| {
            let address = IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + n));
            (address, Some((Ttl::from_secs(1), false, target.as_wire())))
        })
        .collect();
    snapshot.apply_ptrs(&mut Workspace::default(), &changes);
    let apex = name("10.in-addr.arpa");
    let mut zone = Zone::clone(snapshot.zone(&apex).expect("the zone"));
    zone.set_serial(Serial(8));
    snapshot.put_zone(zone);
    server.snapshot.store(Arc::new(snapshot));
    while records.len() == 1 || records.last().is_none_or(|record| record.rtype != RecordType::SOA) {
        records.extend(receive(&mut stream).answer);
    }
    assert_eq!(records.len(), 200_004);
    assert_eq!(records.first(), records.last());
    assert!(records[3..records.len() - 1].iter().all(|record| record.rdata != target.as_wire()));
}

#[test]
fn who_does_not_read_is_cut_and_holds_up_nobody() {
    let limits = Limits { write_stall: Duration::from_millis(600), ..limits() };
    let server = start(300_000, limits, Settings::default());
    let mut sleepers: Vec<TcpStream> = (0..20).map(|_| connect(&server)).collect();
    for (id, sleeper) in sleepers.iter_mut().enumerate() {
        send(sleeper, &query(id as u16, "10.in-addr.arpa", AXFR));
    }
    eventually("all are under way", || server.service.counts().open == 20);
    // Meanwhile others have answers, over the one thread that there is, and a whole transfer.
    let mut stream = connect(&server);
    send(&mut stream, &query(9, "1.0.0.10.in-addr.arpa", 12));
    assert_eq!(receive(&mut stream).answer.len(), 1);
    assert_eq!(transfer(&mut stream, &query(9, "10.in-addr.arpa", AXFR)).len(), 300_004);
    eventually("those that do not read are cut", || server.service.counts().open == 0);
    let counts = server.service.counts();
    assert_eq!((counts.whole, counts.broken), (1, 20));
    assert!(counts.octets < 3 * 300_000 * 40, "nothing is made that nobody takes: {} octets", counts.octets);
}

#[test]
fn too_many_at_a_time_are_told_to_come_again() {
    let server = start(300_000, limits(), Settings { at_a_time: 2, ..Settings::default() });
    let mut sleepers: Vec<TcpStream> = (0..2).map(|_| connect(&server)).collect();
    sleepers.iter_mut().for_each(|sleeper| send(sleeper, &query(1, "10.in-addr.arpa", AXFR)));
    eventually("both are under way", || server.service.counts().open == 2);
    let reply = ask(&server, &with_opt(query(2, "10.in-addr.arpa", AXFR)));
    assert_eq!(reply.rcode, Rcode::SERVFAIL);
    assert_eq!(reply.opt.and_then(|opt| opt.option(15).map(<[u8]>::to_vec)), Some(vec![0, 14]));
    drop(sleepers);
    eventually("their places are free", || server.service.counts().open == 0);
    assert_eq!(transfer(&mut connect(&server), &query(1, "10.in-addr.arpa", AXFR)).len(), 300_004);
}

#[test]
fn one_that_takes_too_long_is_given_up() {
    let settings = Settings { longest: Duration::from_millis(300), ..Settings::default() };
    let server = start(300_000, limits(), settings);
    let mut stream = connect(&server);
    send(&mut stream, &query(1, "10.in-addr.arpa", AXFR));
    eventually("it is under way", || server.service.counts().open == 1);
    std::thread::sleep(Duration::from_millis(400));
    // It reads again, steadily, and meets the end of the stream instead of the last SOA.
    let mut octets = Vec::new();
    stream.read_to_end(&mut octets).expect("an end");
    // It is counted when the connection has let go of it, which may be after the client has seen the end.
    eventually("it is counted", || server.service.counts().broken == 1);
}

/// What is neither a query nor known is answered as before.
#[test]
fn notify_and_update_are_not_implemented_yet() {
    let server = start(1, limits(), Settings::default());
    for opcode in [4u8, 5] {
        let mut message = query(1, "10.in-addr.arpa", 6);
        message[2] = opcode << 3;
        assert_eq!(ask(&server, &message).rcode, Rcode::NOTIMP);
        assert_eq!(ask_udp(&server, &message).rcode, Rcode::NOTIMP);
    }
}

/// The real clients, where they are installed; `tests/run` installs them.
#[test]
fn dig_and_kdig_take_a_whole_zone() {
    let server = start(3_000, limits(), Settings::default());
    let port = server.address.port().to_string();
    let mut asked = 0;
    for client in ["dig", "kdig"] {
        let arguments = ["@127.0.0.1", "-p", &port, "10.in-addr.arpa", "AXFR", "+noall", "+answer"];
        let Ok(output) = Command::new(client).args(arguments).output() else {
            eprintln!("skipped: {client} is not installed");
            continue;
        };
        asked += 1;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines: Vec<_> = text.lines().filter(|line| !line.is_empty() && !line.starts_with(';')).collect();
        assert_eq!(lines.len(), 3_004, "{client}: {}", text.lines().take(20).collect::<Vec<_>>().join("\n"));
        let expected = "0.0.0.10.in-addr.arpa. 300 IN PTR host-0.pool.example.net.";
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(lines.iter().any(|line| words(line) == expected), "{client}");
    }
    eventually("all are counted", || server.service.counts().whole == asked);
}

/// A history of one step, which changes the PTR of 10.0.0.1 and removes that of 10.0.0.2, with serial 6 before.
struct OneStep(Step);

impl OneStep {
    fn before(server: &Server) -> OneStep {
        let now = server.snapshot.load_full();
        let mut before = Snapshot::clone(&now);
        let old = name("old.example.net");
        let address = |n: u8| IpAddr::from([10, 0, 0, n]);
        let was = |n| (address(n), Some((Ttl::from_secs(300), true, old.as_wire())));
        before.apply_ptrs(&mut Workspace::default(), &[was(1), was(200)]);
        let apex = name("10.in-addr.arpa");
        let mut zone = Zone::clone(before.zone(&apex).expect("the zone"));
        zone.set_serial(Serial(6));
        let after = now.zone(&apex).expect("the zone");
        let found = diff((&zone, before.addresses()), (after, now.addresses()), 100).expect("a difference");
        OneStep(Step::new(&zone, found))
    }
}

impl History for OneStep {
    fn step(&self, zone: ZoneId, from: Serial, to: Serial) -> oneshot::Receiver<Option<Step>> {
        assert_eq!((zone, to), (ZoneId(1), Serial(7)));
        let (answer, receiver) = oneshot::channel();
        let step = (from == Serial(6)).then(|| self.0.clone());
        // From elsewhere and later, as a store answers.
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            let _ = answer.send(step);
        });
        receiver
    }
}

#[test]
fn an_ixfr_is_what_has_changed() {
    let plain = start(150, limits(), Settings::default());
    let history = Arc::new(OneStep::before(&plain));
    let server = start_with(150, limits(), Settings::default(), history.clone());
    let reply = ask(&server, &with_opt(ixfr(5, "10.in-addr.arpa", 6)));
    assert_eq!((reply.rcode, reply.opt.is_some()), (Rcode::NOERROR, true));
    let shown: Vec<_> = reply.answer.iter().map(|record| (record.rtype, record.owner.to_string())).collect();
    let soa = || (RecordType::SOA, "10.in-addr.arpa.".to_owned());
    let ptr = |n: u8| (RecordType::PTR, format!("{n}.0.0.10.in-addr.arpa."));
    assert_eq!(shown, [soa(), soa(), ptr(1), ptr(200), soa(), ptr(1), soa()]);
    assert_eq!(reply.answer[5].rdata, name("host-1.pool.example.net").as_wire());
    // From another serial there is no history, so the zone goes as a whole; and a zone shorter than the difference does.
    assert_eq!(transfer(&mut connect(&server), &ixfr(5, "10.in-addr.arpa", 5)).len(), 154);
    let small = start_with(1, limits(), Settings::default(), history);
    assert_eq!(transfer(&mut connect(&small), &ixfr(5, "10.in-addr.arpa", 6)).len(), 5);
    let counts = server.service.counts();
    assert_eq!((counts.since, counts.whole, counts.open), (1, 1, 0));
}

const SECRET: &str = "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IDEyMzQ=";

/// A server with a key `t1.example` that alone may transfer, and another that may not.
fn with_keys(addresses: u32) -> Server {
    let server = start(addresses, limits(), Settings::default());
    let key = |text: &str| Key::from_base64(name(text), Algorithm::HmacSha256, SECRET).expect("a key");
    let mut snapshot = Snapshot::clone(&server.snapshot.load());
    snapshot.set_keys(Arc::new(KeyTable::new([key("t1.example"), key("other.example")]).expect("a table")));
    let key = Some(name("t1.example"));
    snapshot.set_access(Access::new([Grant {
        scope: Scope::All,
        action: Action::Transfer,
        from: None,
        key,
    }]));
    server.snapshot.store(Arc::new(snapshot));
    server
}

/// `dig` and `kdig` verify every message of a transfer.
#[test]
fn a_transfer_is_signed_with_the_key_of_its_request() {
    let server = with_keys(3_000);
    let port = server.address.port().to_string();
    let mut transfers = 0;
    for client in ["dig", "kdig"] {
        let run = |key: &str| {
            let key = format!("hmac-sha256:{key}:{SECRET}");
            let arguments = ["@127.0.0.1", "-p", &port, "10.in-addr.arpa", "AXFR", "-y", &key];
            let output = Command::new(client).args(arguments).output().ok()?;
            Some(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
        };
        let Some(text) = run("t1.example") else {
            eprintln!("skipped: {client} is not installed");
            continue;
        };
        transfers += 1;
        let records = text.lines().filter(|line| line.contains("PTR")).count();
        let complaint = text.to_ascii_lowercase();
        assert!(!complaint.contains("failed") && !complaint.contains("bad"), "{client}: {text}");
        assert_eq!(records, 3_000, "{client}");
        for stranger in ["other.example", "unknown.example"] {
            let text = run(stranger).expect("it ran before");
            assert_eq!(text.lines().filter(|line| line.contains("PTR")).count(), 0, "{client}: {text}");
        }
    }
    eventually("all are counted", || server.service.counts().whole == transfers);
    assert_eq!(ask(&server, &query(1, "10.in-addr.arpa", AXFR)).rcode, Rcode::REFUSED, "unsigned");
}

/// Gives all addresses of a range the names of a template.
fn name_all(server: &Server, range: &str, template: &str) {
    let mut declared = Declared::default();
    declared.put_block(Block {
        id: BlockId(1),
        range: range.parse().expect("a range"),
        tenant: TenantId(1),
        mode: Mode::Direct,
        default_ttl: None,
        template: BlockTemplate::read(template),
        standing: Standing::default(),
    });
    let mut snapshot = Snapshot::clone(&server.snapshot.load());
    snapshot.apply_all_templates(&declared);
    server.snapshot.store(Arc::new(snapshot));
}

#[test]
fn computed_names_are_sent_one_by_one() {
    let server = start(300, limits(), Settings::default());
    name_all(&server, "10.0.0.0/18", "n{n:6}.dyn.example.net");
    let records = transfer(&mut connect(&server), &query(1, "10.in-addr.arpa", AXFR));
    assert_eq!(records.len(), 4 + 16_384);
    let owners: Vec<_> = records[1..records.len() - 1].iter().map(|record| &record.owner).collect();
    assert!(owners.is_sorted(), "canonical order");
    let at = |owner: &str| {
        let found = records.iter().find(|record| record.owner == name(owner)).expect("the address");
        (found.rdata.clone(), found.ttl)
    };
    let of = |target: &str, ttl: u32| (name(target).as_wire().to_vec(), ttl);
    assert_eq!(
        at("43.1.0.10.in-addr.arpa"),
        of("host-299.pool.example.net", 300),
        "what was set goes before"
    );
    assert_eq!(at("44.1.0.10.in-addr.arpa"), of("n000300.dyn.example.net", 3_600));
    assert_eq!(at("255.63.0.10.in-addr.arpa"), of("n016383.dyn.example.net", 3_600));
}

#[test]
fn a_zone_with_too_many_computed_names_is_not_sent() {
    let server = start(3, limits(), Settings::default());
    name_all(&server, "10.0.0.0/8", "{ip}.dyn.example.net");
    for message in [query(1, "10.in-addr.arpa", AXFR), ixfr(2, "10.in-addr.arpa", 1)] {
        let reply = ask(&server, &with_opt(message));
        assert_eq!((reply.rcode, reply.answer.len()), (Rcode::REFUSED, 0));
        assert_eq!(reply.opt.and_then(|opt| opt.option(15).map(<[u8]>::to_vec)), Some(vec![0, 21]));
    }
    assert_eq!(ask_udp(&server, &ixfr(3, "10.in-addr.arpa", 1)).rcode, Rcode::REFUSED);
    // Queries are answered all the same.
    let answer = ask(&server, &query(4, "9.9.9.10.in-addr.arpa", 12)).answer;
    assert_eq!(answer[0].rdata, name("10-9-9-9.dyn.example.net").as_wire());
}

//! Transfers over real sockets: who gets one, what comes, and what a slow client costs others.

mod common;

use common::*;
use ptrd_listen::Limits;
use ptrd_testkit::Reply;
use ptrd_tsig::{Algorithm, Key, KeyTable, sign_request};
use ptrd_wire::{Rcode, RecordType, Serial, Ttl};
use ptrd_xfr::{Counts, History, NoHistory, Service, Settings, Wish};
use ptrd_zone::model::{TenantId, ZoneId};
use ptrd_zone::{Access, Action, Grant, Scope, Snapshot, Step, Workspace, Zone, diff};
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

fn start(addresses: u32, limits: Limits, settings: Settings) -> Server {
    start_with(addresses, limits, settings, Arc::new(NoHistory))
}

fn start_with(addresses: u32, limits: Limits, settings: Settings, history: Arc<dyn History>) -> Server {
    serve(content(addresses), limits, Service::new(settings, history))
}

fn connect(server: &Server) -> TcpStream {
    common::connect(server.address)
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
fn over_udp_there_is_no_whole_zone() {
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

/// A history of one step, with serial 6 before.
struct OneStep(Step);

impl OneStep {
    /// It changed the PTR of 10.0.0.1 and removed that of 10.0.0.200.
    fn before(server: &Server) -> OneStep {
        OneStep::at(server, &[1, 200])
    }

    /// It changed, or removed, the PTRs of these addresses in 10.0.0.0/24.
    fn at(server: &Server, changed: &[u8]) -> OneStep {
        let now = server.snapshot.load_full();
        let mut before = Snapshot::clone(&now);
        let old = name("old.example.net");
        let address = |n: u8| IpAddr::from([10, 0, 0, n]);
        let was = |n| (address(n), Some((Ttl::from_secs(300), true, old.as_wire())));
        before.apply_ptrs(&mut Workspace::default(), &changed.iter().map(|n| was(*n)).collect::<Vec<_>>());
        let apex = name("10.in-addr.arpa");
        let mut zone = Zone::clone(before.zone(&apex).expect("the zone"));
        zone.set_serial(Serial(6));
        let after = now.zone(&apex).expect("the zone");
        let found = diff((&zone, before.addresses()), (after, now.addresses()), 100).expect("a difference");
        OneStep(Step::new(&zone, found))
    }
}

impl History for OneStep {
    fn find(&self, wish: Wish) {
        assert_eq!((wish.zone.id(), wish.zone.soa().serial), (ZoneId(1), Serial(7)));
        let step = (wish.from == Serial(6)).then(|| self.0.clone());
        // From elsewhere and later, as a store answers.
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            wish.asker.tell(step.map(Arc::new));
        });
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

/// RFC 1995 §2: the whole difference where the datagram holds it, or the SOA alone.
#[test]
fn over_udp_an_ixfr_is_what_has_changed_if_that_fits() {
    let plain = start(150, limits(), Settings::default());
    // Fourteen changed PTRs take about a thousand octets.
    let changed: Vec<u8> = (1..15).collect();
    let server = start_with(150, limits(), Settings::default(), Arc::new(OneStep::at(&plain, &changed)));
    let shown = |message: &[u8]| {
        let reply = ask_udp(&server, message);
        assert_eq!((reply.rcode, reply.flags & 0x0600), (Rcode::NOERROR, 0x0400), "AA, no TC");
        assert_eq!(reply.answer[0].rtype, RecordType::SOA);
        (reply.answer.len(), reply.opt.is_some())
    };
    let asked = |serial| ixfr(5, APEX, serial);
    assert_eq!(shown(&with_size(asked(6), 1232)), (4 + 2 * 14, true));
    assert_eq!(shown(&with_size(asked(6), 4096)), (4 + 2 * 14, true));
    assert_eq!(shown(&asked(6)), (1, false), "512 octets without EDNS");
    assert_eq!(shown(&with_size(asked(6), 700)), (1, true));
    assert_eq!(shown(&with_size(asked(5), 1232)), (1, true), "no such history");
    assert_eq!(shown(&with_size(asked(7), 1232)), (1, true), "it is current");
    let counts = server.service.counts();
    assert_eq!((counts.since, counts.current, counts.whole, counts.refused), (2, 4, 0, 0));
    // What is longer than this server lets out over UDP does not go, whatever the client takes.
    let history = OneStep::at(&plain, &(1..40).collect::<Vec<_>>());
    let server = start_with(150, limits(), Settings::default(), Arc::new(history));
    assert_eq!(ask_udp(&server, &with_size(asked(6), 4096)).answer.len(), 1);
    assert_eq!(ask(&server, &asked(6)).answer.len(), 4 + 2 * 39);
}

/// The signature is part of what must fit, and covers the difference and the SOA alone.
#[test]
fn over_udp_an_ixfr_is_signed_with_the_key_of_its_request() {
    let plain = with_keys(150);
    for (changed, records) in [(2u8, 4 + 4), (13, 4 + 26), (25, 1)] {
        let history = OneStep::at(&plain, &(0..changed).collect::<Vec<_>>());
        let server = start_with(150, limits(), Settings::default(), Arc::new(history));
        server.snapshot.store(plain.snapshot.load_full());
        let mut asked = with_opt(ixfr(5, APEX, 6));
        let length = asked.len();
        asked.resize(length + 512, 0);
        let (length, mut awaiting) =
            sign_request(key("t1.example"), &mut asked, length, now()).expect("room");
        let socket = socket();
        socket.send_to(&asked[..length], server.address).expect("sent");
        let reply = receive_datagram(&socket);
        assert!(reply.len() <= 1232, "{} octets", reply.len());
        assert!(awaiting.accept(&reply, now()).is_ok());
        assert_eq!(Reply::decode(&reply).expect("a message").answer.len(), records, "{changed} changes");
        assert_eq!(ask_udp(&server, &ixfr(5, APEX, 6)).rcode, Rcode::REFUSED, "unsigned");
    }
}

/// A history that takes its time.
#[derive(Default)]
struct Slow(Mutex<Vec<Wish>>);

impl History for Slow {
    fn find(&self, wish: Wish) {
        self.0.lock().expect("not poisoned").push(wish);
    }
}

#[test]
fn a_flood_of_ixfrs_over_udp_does_not_pile_up() {
    let history = Arc::new(Slow::default());
    let server = start_with(10, limits(), Settings::default(), history.clone());
    let waiting = || history.0.lock().expect("not poisoned").len();
    let socket = socket();
    for id in 0..200 {
        socket.send_to(&ixfr(id, APEX, 6), server.address).expect("sent");
    }
    // Those who find no room are answered at once, and others have their answers meanwhile.
    for _ in 0..200 - 64 {
        assert_eq!(Reply::decode(&receive_datagram(&socket)).expect("a message").answer.len(), 1);
    }
    assert_eq!(waiting(), 64);
    assert_eq!(ask_udp(&server, &query(1, "1.0.0.10.in-addr.arpa", 12)).answer.len(), 1);
    // A transfer over TCP waits for the history with them, and not behind a limit of theirs.
    let mut stream = connect(&server);
    send(&mut stream, &ixfr(7, APEX, 6));
    eventually("it waits for the history", || waiting() == 65);
    history.0.lock().expect("not poisoned").clear();
    for _ in 0..64 {
        assert_eq!(Reply::decode(&receive_datagram(&socket)).expect("a message").answer.len(), 1);
    }
    assert_eq!(receive(&mut stream).answer.len(), 14, "no history: the whole zone");
    // There is room again.
    socket.send_to(&ixfr(9, APEX, 6), server.address).expect("sent");
    eventually("it waits", || waiting() == 1);
}

fn key(text: &str) -> Key {
    Key::from_base64(name(text), Algorithm::HmacSha256, SECRET).expect("a key")
}

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time").as_secs()
}

const SECRET: &str = "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IDEyMzQ=";

/// A server with a key `t1.example` that alone may transfer, and another that may not.
fn with_keys(addresses: u32) -> Server {
    let server = start(addresses, limits(), Settings::default());
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
        // A MAC may spell anything.
        let complaints: String = text.lines().filter(|line| !line.contains("TSIG")).collect();
        let complaint = complaints.to_ascii_lowercase();
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

//! Updates of a zone that is followed, over real sockets: whose are passed on, with which octets, and what becomes of copies.

mod common;

use common::updates::*;
use common::*;
use ptrd_testkit::Reply;
use ptrd_tsig::{KeyTable, verify};
use ptrd_wire::{Rcode, TsigRecord, Update};
use ptrd_xfr::{Author, Carried, Forward, Forwards, NoHistory, Service, Settings, Told, Updates};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{Access, Action, Followed, Follows, Grant, Primary, Scope, Security};
use std::net::UdpSocket;
use std::sync::{Arc, Mutex};

/// Holds on to updates until it is told what a primary says.
#[derive(Default)]
struct Carrier(Mutex<Vec<(Forward, Carried)>>, Option<Arc<Followed>>);

impl Forwards for Carrier {
    fn forward(&self, forward: Forward, carried: Carried) {
        self.0.lock().expect("not poisoned").push((forward, carried));
    }

    fn primary(&self) -> Option<Arc<Followed>> {
        self.1.clone()
    }
}

impl Carrier {
    fn len(&self) -> usize {
        self.0.lock().expect("not poisoned").len()
    }

    /// The first that waits, answered so.
    fn answer(&self, make: impl FnOnce(&Forward) -> Option<Vec<u8>>) -> Forward {
        eventually("an update", || self.len() > 0);
        let (forward, carried) = self.0.lock().expect("not poisoned").remove(0);
        let answer = make(&forward);
        carried(answer);
        forward
    }
}

/// Nothing is made here.
struct Nobody;

impl Updates for Nobody {
    fn update(&self, by: Author, _: Update, _: Told) {
        panic!("an update of {} was to be made here", by.key);
    }
}

struct Server {
    plain: common::Server,
    carrier: Arc<Carrier>,
}

/// A zone that is followed. Passed on is what comes from 127.0.0.1, with whatever key, and what is signed with one key,
/// wherever it comes from.
fn start() -> Server {
    let mut snapshot = content(0);
    let grant = |from: Option<&str>, key: Option<&str>| Grant {
        scope: Scope::Zone(ZoneId(1)),
        action: Action::Forward,
        from: from.map(|from| from.parse().expect("a range")),
        key: key.map(name),
    };
    snapshot.set_access(Access::new([grant(Some("127.0.0.1"), None), grant(None, Some("good.example"))]));
    let keys = KeyTable::new(["good.example", "other.example"].map(key)).expect("keys");
    snapshot.set_keys(Arc::new(keys));
    let address = "192.0.2.53:53".parse().expect("an address");
    let primaries = vec![Primary { address, key: None, security: Security::Plain }];
    let mut follows = Follows::default();
    follows.set(ZoneId(1), Some(Arc::new(Followed { primaries })));
    snapshot.set_follows(follows);
    let carrier = Arc::<Carrier>::default();
    let service = Service::new(Settings::default(), Arc::new(NoHistory))
        .with_updates(Arc::new(Nobody), 8)
        .with_forwarding(carrier.clone());
    Server { plain: serve(snapshot, limits(), service), carrier }
}

fn from(address: &str) -> UdpSocket {
    let socket = UdpSocket::bind((address, 0)).expect("an address of loopback");
    socket.set_read_timeout(Some(PATIENCE)).expect("a time");
    socket
}

/// What a primary says that has the key: it verifies the update by its octets, with the id that it came with there.
fn primary(rcode: Rcode, by: &'static str) -> impl FnOnce(&Forward) -> Option<Vec<u8>> {
    move |forward| {
        let mut message = forward.message.clone();
        message[..2].copy_from_slice(b"\xbe\xef");
        let keys = KeyTable::new([key(by)]).expect("a key");
        let record = TsigRecord::find(&message).expect("a message").expect("signed");
        let mut signer = verify(&message, record, &keys, now()).expect("verified").into_signer();
        let mut reply = message[..record.offset].to_vec();
        reply.truncate(12);
        reply[2..4].copy_from_slice(&[0xa8, rcode.0 as u8]);
        reply[4..].fill(0);
        reply.resize(12 + signer.room(), 0);
        let length = signer.sign(&mut reply, 12, now()).expect("room");
        reply.truncate(length);
        Some(reply)
    }
}

fn rcode(reply: &[u8]) -> Rcode {
    Rcode(u16::from(reply[3] & 15))
}

#[test]
fn the_primary_sees_what_was_sent_and_the_client_what_it_says() {
    let server = start();
    // Signed with a key that is known nowhere but at the primary.
    for (id, by, said) in [(0x1234, "good.example", Rcode::NOERROR), (7, "third.example", Rcode::YXDOMAIN)] {
        let (request, mut awaiting) = signed(&update(id, APEX, true), by);
        let socket = from("127.0.0.1");
        socket.send_to(&request, server.plain.address).expect("sent");
        let forward = server.carrier.answer(primary(said, by));
        assert_eq!(forward.message[2..], request[2..], "all but the id");
        assert_eq!(
            (forward.zone, forward.key, forward.from.to_string()),
            (name(APEX), name(by), "127.0.0.1".into())
        );
        let reply = receive_datagram(&socket);
        assert!(awaiting.accept(&reply, now()).is_ok(), "the primary's signature");
        assert_eq!((&reply[..2], rcode(&reply)), (&id.to_be_bytes()[..], said));
    }
    let counts = server.plain.service.counts();
    assert_eq!((counts.forwarded.answered, counts.forwarded.open, counts.updates[6]), (2, 0, 1));
}

#[test]
fn what_can_be_judged_here_is() {
    let server = start();
    let plain = update(1, APEX, false);
    let mut wrong = signed(&plain, "good.example").0;
    let last = wrong.len() - 10;
    wrong[last] ^= 1;
    let mut two_zones = plain.clone();
    two_zones[5] = 2;
    let by = |by: &str, message: &[u8]| signed(message, by).0;
    for (what, address, message, expected) in [
        ("unsigned", "127.0.0.1", plain.clone(), Rcode::REFUSED),
        ("a key that is known and a MAC that is wrong", "127.0.0.1", wrong, Rcode::NOTAUTH),
        ("long ago", "127.0.0.1", signed_at(&plain, "good.example", now() - 3_600).0, Rcode::NOTAUTH),
        ("no update", "127.0.0.1", by("third.example", &two_zones), Rcode::FORMERR),
        (
            "a zone that is not here",
            "127.0.0.1",
            by("other.example", &update(1, "example", false)),
            Rcode::NOTAUTH,
        ),
        (
            "a key without permission, from elsewhere",
            "127.0.0.2",
            by("other.example", &plain),
            Rcode::REFUSED,
        ),
        ("a key that is not known, from elsewhere", "127.0.0.2", by("third.example", &plain), Rcode::NOTAUTH),
    ] {
        let socket = from(address);
        socket.send_to(&message, server.plain.address).expect("sent");
        assert_eq!(rcode(&receive_datagram(&socket)), expected, "{what}");
    }
    assert_eq!(server.carrier.len(), 0);
    for (address, by) in [("127.0.0.2", "good.example"), ("127.0.0.1", "other.example")] {
        let (request, mut awaiting) = signed(&plain, by);
        let socket = from(address);
        socket.send_to(&request, server.plain.address).expect("sent");
        // No primary has it: SERVFAIL, signed where the key is known, and no way to tell later what came of it.
        server.carrier.answer(|_| None);
        let reply = receive_datagram(&socket);
        assert!(awaiting.accept(&reply, now()).is_ok(), "{by}");
        assert_eq!(rcode(&reply), Rcode::SERVFAIL, "{by}");
    }
    let (request, _) = signed(&update(1, APEX, true), "third.example");
    let socket = from("127.0.0.1");
    socket.send_to(&request, server.plain.address).expect("sent");
    server.carrier.answer(|_| None);
    let reply = Reply::decode(&receive_datagram(&socket)).expect("a message");
    let error = reply.opt.and_then(|opt| opt.option(15).map(<[u8]>::to_vec)).expect("an extended error");
    assert_eq!((reply.rcode, &error[2..]), (Rcode::SERVFAIL, &b"no primary of the zone took the update"[..]));
    assert_eq!(server.plain.service.counts().forwarded.failed, 3);
}

#[test]
fn a_copy_is_not_passed_on() {
    let server = start();
    let (request, _) = signed(&update(1, APEX, false), "third.example");
    let socket = from("127.0.0.1");
    for _ in 0..3 {
        socket.send_to(&request, server.plain.address).expect("sent");
    }
    eventually("copies", || server.plain.service.counts().repeated_updates == 2);
    // Back from a server that it was passed on to, with another id: a circle ends at once.
    let mut other = request.clone();
    other[..2].copy_from_slice(b"\x77\x77");
    let mut stream = connect(server.plain.address);
    send(&mut stream, &other);
    let reply = receive_octets(&mut stream);
    assert_eq!((&reply[..2], rcode(&reply)), (&b"\x77\x77"[..], Rcode::SERVFAIL));
    assert_eq!(server.carrier.len(), 1);
    server.carrier.answer(primary(Rcode::NOERROR, "third.example"));
    let first = receive_datagram(&socket);
    socket.send_to(&request, server.plain.address).expect("sent");
    assert_eq!(receive_datagram(&socket), first, "the answer that there was");
    assert_eq!(server.carrier.len(), 0);
}

#[test]
fn no_source_takes_all_places() {
    let server = start();
    let socket = from("127.0.0.1");
    let flood = |id: u16| signed(&update(id, APEX, false), "third.example").0;
    let mut turned_away = 0;
    for id in 0..80 {
        socket.send_to(&flood(id), server.plain.address).expect("sent");
        let taken = id + 1 - turned_away;
        eventually("taken or turned away", || {
            let counts = server.plain.service.counts().forwarded;
            counts.open == u64::from(taken) || counts.crowded > u64::from(turned_away)
        });
        turned_away = server.plain.service.counts().forwarded.crowded as u16;
    }
    assert!(turned_away > 0 && server.carrier.len() >= 64);
    assert_eq!(rcode(&receive_datagram(&socket)), Rcode::SERVFAIL);
    let elsewhere = from("127.0.0.2");
    elsewhere
        .send_to(&signed(&update(1, APEX, false), "good.example").0, server.plain.address)
        .expect("sent");
    eventually("another source", || server.carrier.len() as u16 == 80 - turned_away + 1);
    // Whoever drops what it was to pass on leaves no place taken.
    server.carrier.0.lock().expect("not poisoned").clear();
    assert_eq!(server.plain.service.counts().forwarded.open, 0);
}

/// The zones of a standby are followed from nobody: all goes to its primary, for whoever may update something there.
#[test]
fn a_standby_passes_on_what_its_primary_would_let_in() {
    let mut snapshot = content(0);
    let key_of = |by: &str| Some(name(by));
    let grant = |action, key| Grant { scope: Scope::Zone(ZoneId(1)), action, from: None, key };
    snapshot.set_access(Access::new([
        grant(Action::Update, key_of("good.example")),
        grant(Action::Forward, key_of("other.example")),
        Grant { from: Some("127.0.0.1".parse().expect("a range")), ..grant(Action::Forward, None) },
    ]));
    let keys = KeyTable::new(["good.example", "other.example"].map(key)).expect("keys");
    snapshot.set_keys(Arc::new(keys));
    let address = "192.0.2.53:53".parse().expect("an address");
    let primaries = vec![Primary { address, key: None, security: Security::Plain }];
    let carrier = Arc::new(Carrier(Mutex::default(), Some(Arc::new(Followed { primaries }))));
    let service = Service::new(Settings::default(), Arc::new(NoHistory))
        .with_updates(Arc::new(Nobody), 8)
        .with_forwarding(carrier.clone());
    let server = serve(snapshot, limits(), service);
    let socket = from("127.0.0.1");
    let send = |message: &[u8]| socket.send_to(message, server.address).expect("sent");
    // Those that the primary would turn away, with a key or without.
    send(&signed(&update(1, APEX, false), "other.example").0);
    assert_eq!(rcode(&receive_datagram(&socket)), Rcode::REFUSED);
    send(&update(2, APEX, false));
    assert_eq!(rcode(&receive_datagram(&socket)), Rcode::REFUSED);
    send(&signed(&update(3, APEX, false), "ghost.example").0);
    assert_eq!(rcode(&receive_datagram(&socket)), Rcode::NOTAUTH);
    let (request, awaiting) = signed(&update(4, APEX, false), "good.example");
    send(&request);
    let forward = carrier.answer(primary(Rcode::YXDOMAIN, "good.example"));
    assert_eq!(forward.followed.primaries[0].address, address);
    let reply = receive_datagram(&socket);
    assert_eq!((&reply[..2], rcode(&reply)), (&[0, 4][..], Rcode::YXDOMAIN));
    assert!(awaiting.clone().accept(&reply, now()).is_ok(), "signed by the primary");
    assert_eq!(carrier.len(), 0);
}

//! Updates at the door, over real sockets: who gets in, what the answers look like, and what becomes of copies.

mod common;

use common::updates::*;
use common::*;
use ptrd_testkit::{Reply, SharedKey, Signing};
use ptrd_tsig::KeyTable;
use ptrd_wire::{Rcode, Tsig, TsigRecord, Update, tsig_error};
use ptrd_xfr::{Author, NoHistory, Service, Settings, Told, Updates, Verdict};
use ptrd_zone::{Access, Action, Grant, Scope};
use std::sync::{Arc, Mutex};

/// Holds on to updates until it is told what to say.
#[derive(Default)]
struct Desk(Mutex<Vec<(Author, Update, Told)>>);

impl Updates for Desk {
    fn update(&self, by: Author, update: Update, told: Told) {
        self.0.lock().expect("not poisoned").push((by, update, told));
    }
}

impl Desk {
    fn len(&self) -> usize {
        self.0.lock().expect("not poisoned").len()
    }

    fn wait_for(&self, count: usize) {
        eventually("updates", || self.len() >= count);
    }

    /// Answers the first that waits.
    fn answer(&self, rcode: Rcode, note: Option<&str>) -> (Author, Update) {
        self.wait_for(1);
        let (by, update, told) = self.0.lock().expect("not poisoned").remove(0);
        told(Verdict { rcode, note: note.map(str::to_owned) });
        (by, update)
    }
}

struct Server {
    plain: common::Server,
    desk: Arc<Desk>,
}

fn start(at_a_time: usize) -> Server {
    let mut snapshot = content(0);
    let grant = |action, key: Option<&str>| Grant {
        scope: Scope::All,
        action,
        from: Some("127.0.0.0/8".parse().expect("a range")),
        key: key.map(name),
    };
    snapshot.set_access(Access::new([
        grant(Action::Update, Some("good.example")),
        // From an address alone, which is no permission to update; to transfer, which is another one.
        grant(Action::Update, None),
        grant(Action::Transfer, Some("other.example")),
    ]));
    let keys = KeyTable::new(["good.example", "other.example"].map(key)).expect("keys");
    snapshot.set_keys(Arc::new(keys));
    let desk = Arc::<Desk>::default();
    let service =
        Service::new(Settings::default(), Arc::new(NoHistory)).with_updates(desk.clone(), at_a_time);
    Server { plain: serve(snapshot, limits(), service), desk }
}

fn ask(server: &Server, message: &[u8]) -> Vec<u8> {
    let socket = socket();
    socket.send_to(message, server.plain.address).expect("sent");
    receive_datagram(&socket)
}

/// Opcode and flags, response code, records of the zone section.
fn head(reply: &[u8]) -> (u8, u8, u8) {
    (reply[2], reply[3] & 15, reply[5])
}

#[test]
fn answers_are_signed_and_say_what_they_are_to() {
    let server = start(8);
    let (request, awaiting) = signed(&update(0x1234, APEX, true), "good.example");
    let socket = socket();
    socket.send_to(&request, server.plain.address).expect("sent");
    let (by, update) = server.desk.answer(Rcode::NOERROR, Some("5 is elsewhere"));
    assert_eq!((by.key, by.from.to_string()), (name("good.example"), "127.0.0.1".to_owned()));
    assert_eq!((update.zone, update.changes.len()), (name(APEX), 1));
    let reply = receive_datagram(&socket);
    assert!(awaiting.clone().accept(&reply, now()).is_ok());
    assert_eq!((&reply[..2], head(&reply)), (&b"\x12\x34"[..], (0xa8, 0, 1)));
    assert_eq!(reply[6..10], [0; 4], "no records");
    let decoded = Reply::decode(&reply).expect("a message that a second implementation reads");
    let error = decoded.opt.and_then(|opt| opt.option(15).map(<[u8]>::to_vec));
    assert_eq!(error, Some(b"\0\x005 is elsewhere".to_vec()));
    // Over TCP, with a query behind it that is answered after it.
    let (request, awaiting) = signed(&self::update(2, APEX, false), "good.example");
    let mut stream = connect(server.plain.address);
    send(&mut stream, &request);
    send(&mut stream, &query(3, APEX, 6));
    server.desk.answer(Rcode::NXRRSET, None);
    let reply = receive_octets(&mut stream);
    assert!(awaiting.clone().accept(&reply, now()).is_ok());
    assert_eq!((head(&reply), reply[11]), ((0xa8, 8, 1), 1), "without OPT there is TSIG alone");
    assert_eq!(receive_octets(&mut stream)[..2], [0, 3]);
    let counts = server.plain.service.counts();
    assert_eq!((counts.updates[0], counts.updates[8], counts.refused), (1, 1, 0));
}

#[test]
fn strangers_do_not_get_into_the_queue() {
    let server = start(8);
    let plain = |zone: &str| update(1, zone, false);
    let by = |by: &str, message: &[u8]| signed(message, by).0;
    let mut wrong = by("good.example", &plain(APEX));
    let last = wrong.len() - 10;
    wrong[last] ^= 1;
    let mut two_zones = plain(APEX);
    two_zones[5] = 2;
    let mut another_question = plain(APEX);
    another_question[12 + name(APEX).as_wire().len() + 1] = 1;
    let mut chaos = plain(APEX);
    chaos[12 + name(APEX).as_wire().len() + 3] = 3;
    let mut version = update(1, APEX, true);
    let at = version.len() - 5;
    version[at] = 1;
    let cut = plain(APEX)[..40].to_vec();
    // Its owner a pointer to itself.
    let mut loops = plain(APEX);
    let owner = 12 + name(APEX).as_wire().len() + 4;
    loops[owner..owner + 2].copy_from_slice(&[0xc0, owner as u8]);
    loops.splice(owner + 2..owner + 4, []);
    for (what, message, rcode) in [
        ("unsigned", plain(APEX), Rcode::REFUSED),
        ("unsigned, so its names are not looked at", loops.clone(), Rcode::REFUSED),
        ("signed, so they are", by("good.example", &loops), Rcode::FORMERR),
        ("a key that has no permission to update", by("other.example", &plain(APEX)), Rcode::REFUSED),
        ("a key that is not known", by("third.example", &plain(APEX)), Rcode::NOTAUTH),
        ("a MAC that is wrong", wrong, Rcode::NOTAUTH),
        ("an hour ago", signed_at(&plain(APEX), "good.example", now() - 3_600).0, Rcode::NOTAUTH),
        ("in an hour", signed_at(&plain(APEX), "good.example", now() + 3_600).0, Rcode::NOTAUTH),
        ("a zone that is not ours", by("good.example", &plain("11.in-addr.arpa")), Rcode::NOTAUTH),
        ("a name in the zone", by("good.example", &plain("5.10.in-addr.arpa")), Rcode::NOTAUTH),
        ("another class", by("good.example", &chaos), Rcode::NOTAUTH),
        ("two zones", by("good.example", &two_zones), Rcode::FORMERR),
        ("another question", by("good.example", &another_question), Rcode::FORMERR),
        ("cut", cut, Rcode::FORMERR),
        ("another version of EDNS", by("good.example", &version), Rcode::NOERROR),
    ] {
        let reply = ask(&server, &message);
        assert_eq!((reply[2], Rcode(u16::from(reply[3] & 15))), (0xa8, rcode), "{what}");
        let mut stream = connect(server.plain.address);
        send(&mut stream, &message);
        let over_tcp = receive_octets(&mut stream);
        assert_eq!((over_tcp[2], over_tcp[3]), (reply[2], reply[3]), "{what}");
        if what.contains("EDNS") {
            let opt = Reply::decode(&reply).expect("a message").rcode;
            assert_eq!(opt, Rcode::BADVERS);
        }
    }
    assert_eq!(server.desk.len(), 0);
}

#[test]
fn a_copy_is_not_made_again() {
    let server = start(8);
    let (request, awaiting) = signed(&update(1, APEX, false), "good.example");
    let socket = socket();
    for _ in 0..3 {
        socket.send_to(&request, server.plain.address).expect("sent");
    }
    let mut other = request.clone();
    other[1] = 9;
    socket.send_to(&other, server.plain.address).expect("sent");
    // Of another time, so another update.
    let (later, _) = signed_at(&update(1, APEX, false), "good.example", now() + 7);
    socket.send_to(&later, server.plain.address).expect("sent");
    server.desk.wait_for(2);
    assert_eq!(server.desk.len(), 2);
    server.desk.answer(Rcode::YXDOMAIN, None);
    let first = receive_datagram(&socket);
    assert!(awaiting.clone().accept(&first, now()).is_ok());
    // Afterwards a copy is answered as the first was, over whatever it comes.
    assert_eq!(ask(&server, &request), first);
    let mut stream = connect(server.plain.address);
    send(&mut stream, &request);
    assert_eq!(receive_octets(&mut stream), first);
    // With another id, as one who passes it on would give it: the original one is in the TSIG record.
    let reply = ask(&server, &other);
    assert_eq!((&reply[..2], &reply[2..]), (&b"\0\x09"[..], &first[2..]));
    assert!(awaiting.clone().accept(&reply, now()).is_ok());
    // What could not be done may be tried again.
    server.desk.answer(Rcode::SERVFAIL, None);
    assert_eq!(receive_datagram(&socket)[3] & 15, 2);
    socket.send_to(&later, server.plain.address).expect("sent");
    server.desk.answer(Rcode::NOERROR, None);
    assert_eq!(receive_datagram(&socket)[3] & 15, 0);
    assert_eq!(server.plain.service.counts().repeated_updates, 6);
}

/// A copy is known again for ten minutes. What is signed with a longer fudge could be sent again after that.
#[test]
fn no_fudge_outlives_the_memory_of_copies() {
    let server = start(8);
    let shared = SharedKey {
        name: name("good.example"),
        algorithm: name("hmac-sha256"),
        secret: b"a secret of thirty-two octets...".to_vec(),
        shortest_mac: None,
    };
    let signed = |ahead: i64, fudge: u16, message: &[u8]| {
        let time = now().saturating_add_signed(ahead);
        Signing { time, fudge, ..Signing::with(&shared) }.sign(message)
    };
    for (ahead, fudge, is_taken) in [
        (-290, 65_535, true),
        (-310, 65_535, false),
        (290, 65_535, true),
        (310, 65_535, false),
        (-50, 100, true),
        (-150, 100, false),
    ] {
        let message = update(1, APEX, false);
        let socket = socket();
        socket.send_to(&signed(ahead, fudge, &message), server.plain.address).expect("sent");
        if is_taken {
            server.desk.answer(Rcode::NOERROR, None);
        }
        let reply = receive_datagram(&socket);
        let record = TsigRecord::find(&reply).expect("a message").expect("signed");
        let tsig = Tsig::read(&reply, record.offset).expect("a record");
        let expected = if is_taken { (0, 0, 0) } else { (9, tsig_error::BADTIME, 6) };
        assert_eq!((reply[3], tsig.error(), tsig.other().len()), expected, "{ahead} seconds, fudge {fudge}");
        // Queries are safe to do twice.
        let query = signed(ahead, fudge, &query(2, APEX, 6));
        assert_eq!(ask(&server, &query)[3] & 15, if fudge == 100 && !is_taken { 9 } else { 0 });
    }
    assert_eq!(server.desk.len(), 0);
}

/// How many octets of a MAC are sent is not part of what it covers (RFC 8945 §5.2.2.1): whoever has a request can shorten its
/// MAC, and it is the same request.
#[test]
fn a_copy_with_a_shorter_mac_is_a_copy() {
    let server = start(8);
    let (request, _) = signed(&update(1, APEX, false), "good.example");
    let socket = socket();
    socket.send_to(&request, server.plain.address).expect("sent");
    server.desk.answer(Rcode::NOERROR, None);
    let first = receive_datagram(&socket);
    for octets in [31, 16] {
        assert_eq!(ask(&server, &with_mac_of(&request, octets)), first, "{octets} octets");
    }
    assert_eq!(server.desk.len(), 0);
}

/// A request that was signed with `hmac-sha256`, its MAC shortened.
fn with_mac_of(request: &[u8], octets: usize) -> Vec<u8> {
    // Behind the MAC: original ID, error, length of other data.
    let mac = request.len() - 6 - 32;
    let mut short = [&request[..mac + octets], &request[mac + 32..]].concat();
    short[mac - 1] = octets as u8;
    // Before it: its length, times, the algorithm, the length of all of this.
    let length = mac - 2 - 8 - 13 - 2;
    short[length + 1] -= (32 - octets) as u8;
    short
}

#[test]
fn a_full_queue_says_so_at_once() {
    let server = start(2);
    let socket = socket();
    for id in 1..=2 {
        socket
            .send_to(&signed(&update(id, APEX, true), "good.example").0, server.plain.address)
            .expect("sent");
    }
    server.desk.wait_for(2);
    let (third, awaiting) = signed(&update(3, APEX, true), "good.example");
    let reply = ask(&server, &third);
    assert!(awaiting.clone().accept(&reply, now()).is_ok());
    assert_eq!(reply[3] & 15, 2);
    server.desk.answer(Rcode::NOERROR, None);
    socket.send_to(&third, server.plain.address).expect("sent");
    server.desk.wait_for(2);
    // Whoever goes away without a word leaves no seat taken, and over TCP no answer owed.
    server.desk.0.lock().expect("not poisoned").clear();
    let mut stream = connect(server.plain.address);
    send(&mut stream, &signed(&update(4, APEX, false), "good.example").0);
    server.desk.wait_for(1);
    server.desk.0.lock().expect("not poisoned").clear();
    send(&mut stream, &signed(&update(5, APEX, false), "good.example").0);
    server.desk.answer(Rcode::NOERROR, None);
    assert_eq!(receive_octets(&mut stream)[..2], [0, 5]);
}

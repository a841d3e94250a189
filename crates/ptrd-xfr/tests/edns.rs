//! EDNS in requests that are not plain queries (RFC 6891): transfers, NOTIFY and UPDATE, answered or turned away.

mod common;

use common::*;
use ptrd_testkit::Reply;
use ptrd_tsig::{Algorithm, Key, sign_request};
use ptrd_wire::{Rcode, Serial, Update};
use ptrd_xfr::follow::Notices;
use ptrd_xfr::{Author, NoHistory, Service, Settings, Told, Updates};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{Followed, Follows, Primary, Security};
use std::net::IpAddr;
use std::sync::Arc;

struct Nobody;

impl Updates for Nobody {
    fn update(&self, _: Author, _: Update, _: Told) {}
}

impl Notices for Nobody {
    fn notified(&self, _: ZoneId, _: IpAddr, _: Option<Serial>) {}
}

/// [`APEX`], which is followed from loopback.
fn start() -> Server {
    let mut snapshot = content(1);
    let address = "127.0.0.1:53".parse().expect("an address");
    let followed = Followed { primaries: vec![Primary { address, key: None, security: Security::Plain }] };
    let mut follows = Follows::default();
    follows.set(ZoneId(1), Some(Arc::new(followed)));
    snapshot.set_follows(follows);
    let nobody = Arc::new(Nobody);
    let service = Service::new(Settings::default(), Arc::new(NoHistory));
    serve(snapshot, limits(), service.with_updates(nobody.clone(), 8).with_notices(nobody))
}

/// A request about a SOA.
fn of_opcode(opcode: u8, apex: &str) -> Vec<u8> {
    let mut message = query(7, apex, 6);
    message[2] = opcode << 3;
    message
}

const NOTIFY: u8 = 4;
const UPDATE: u8 = 5;

/// With an OPT record of this version.
fn with_version(message: Vec<u8>, version: u8) -> Vec<u8> {
    let mut message = with_opt(message);
    let at = message.len() - 5;
    message[at] = version;
    message
}

fn over_tcp(server: &Server, message: &[u8]) -> Reply {
    let mut stream = connect(server.address);
    send(&mut stream, message);
    receive(&mut stream)
}

fn over_udp(server: &Server, message: &[u8]) -> Reply {
    let socket = socket();
    socket.send_to(message, server.address).expect("sent");
    Reply::decode(&receive_datagram(&socket)).expect("a message")
}

/// §6.1.3: BADVERS, whatever is asked.
#[test]
fn another_version_is_told_so() {
    let server = start();
    for (what, message) in [
        ("AXFR", query(7, APEX, AXFR)),
        ("IXFR", ixfr(7, APEX, 1)),
        ("NOTIFY", of_opcode(NOTIFY, APEX)),
        ("UPDATE", of_opcode(UPDATE, APEX)),
    ] {
        let message = with_version(message, 1);
        for reply in [over_tcp(&server, &message), over_udp(&server, &message)] {
            assert_eq!((reply.rcode, reply.answer.len()), (Rcode::BADVERS, 0), "{what}");
        }
    }
}

/// §6.1.1: a request with an OPT record has an answer with one, and others have none.
#[test]
fn opt_is_answered_with_opt() {
    let server = start();
    let stranger = Key::new(name("unknown.example"), Algorithm::HmacSha256, b"secret").expect("a key");
    let signed = |mut message: Vec<u8>| {
        let length = message.len();
        message.resize(length + 512, 0);
        let (length, _) = sign_request(stranger.clone(), &mut message, length, 1).expect("room");
        message.truncate(length);
        message
    };
    let mut two_zones = of_opcode(UPDATE, APEX);
    two_zones.splice(12..12, query(7, APEX, 6)[12..].to_vec());
    two_zones[5] = 2;
    for (what, message, rcode) in [
        ("NOTIFY", of_opcode(NOTIFY, APEX), Rcode::NOERROR),
        ("NOTIFY for a zone that is not here", of_opcode(NOTIFY, "11.in-addr.arpa"), Rcode::NOTAUTH),
        ("UPDATE without a signature", of_opcode(UPDATE, APEX), Rcode::REFUSED),
        ("UPDATE of two zones", two_zones, Rcode::FORMERR),
    ] {
        let reply = over_udp(&server, &with_opt(message.clone()));
        assert_eq!((reply.rcode, reply.opt.is_some()), (rcode, true), "{what}");
        let plain = over_udp(&server, &message);
        assert_eq!((plain.rcode, plain.opt.is_some()), (rcode, false), "{what}");
        let unproven = over_udp(&server, &signed(with_opt(message)));
        assert_eq!((unproven.rcode, unproven.opt.is_some()), (Rcode::NOTAUTH, true), "{what}, signed");
    }
}

/// §7: a reply has OPT where the request has one that can be found, whatever else is wrong or not done.
#[test]
fn what_is_turned_away_has_opt_too() {
    let server = start();
    let mut twice = query(7, APEX, 6);
    twice.splice(12..12, query(7, APEX, 6)[12..].to_vec());
    twice[5] = 2;
    let mut none = query(7, APEX, 6);
    none.truncate(12);
    none[5] = 0;
    for (what, message, rcode) in [
        ("STATUS", of_opcode(2, APEX), Rcode::NOTIMP),
        ("an opcode that nobody knows", of_opcode(15, APEX), Rcode::NOTIMP),
        ("two questions", twice, Rcode::FORMERR),
        ("no question", none, Rcode::FORMERR),
        ("AXFR over UDP", query(7, APEX, AXFR), Rcode::NOTIMP),
    ] {
        for version in [0, 1] {
            let message = with_version(message.clone(), version);
            let reply = over_udp(&server, &message);
            let rcode = if version == 1 && what.contains("AXFR") { Rcode::BADVERS } else { rcode };
            assert_eq!((reply.rcode, reply.opt.is_some()), (rcode, true), "{what}");
            let mut longer = message.clone();
            longer.push(0);
            let reply = over_udp(&server, &longer);
            assert!(reply.opt.is_some(), "{what}, and an octet behind the last record");
        }
        assert!(over_udp(&server, &message).opt.is_none(), "{what}");
    }
}

/// §6.1.1: one OPT record, of the root.
#[test]
fn an_opt_record_that_is_none_is_an_error() {
    let server = start();
    let twice = with_opt(with_opt(of_opcode(NOTIFY, APEX)));
    let reply = over_udp(&server, &twice);
    assert_eq!((reply.rcode, reply.opt.is_some()), (Rcode::FORMERR, true));
}

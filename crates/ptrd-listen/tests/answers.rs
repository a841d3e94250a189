//! Answers over both transports, over both families, and what is met with silence.

mod common;

use common::*;
use ptrd_wire::{Name, RecordType, ReversePrefix};
use ptrd_zone::Workspace;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

#[test]
fn transports_agree() {
    for server in [start_v4(limits()), start_v6(limits())] {
        let mut stream = connect(server.address);
        let v6 = ReversePrefix::new("2001:db8::1".parse().expect("an address"), 32).name();
        let outside: Name = "1.0.0.127.in-addr.arpa".parse().expect("a name");
        let mut queries: Vec<Vec<u8>> = (0..=255).map(|n| ptr_query(u16::from(n) * 3, n)).collect();
        queries.extend([query(7, &v6, 12), query(8, &outside, 12), query(9, &v6, RecordType::SOA.0)]);
        for query in &queries {
            let reply = ask(&mut stream, query);
            assert_eq!(reply, ask_udp(server.address, query));
            assert_eq!(reply[..2], query[..2]);
        }
        let asked = queries.len() as u64;
        let counts = server.listener.shutdown();
        assert_eq!((counts.udp.engine.answers, counts.tcp.engine.answers), (asked, asked));
        assert_eq!(counts.udp.engine.rcodes, counts.tcp.engine.rcodes);
        assert_eq!((counts.tcp.accepted, counts.tcp.open, counts.faults), (1, 0, 0));
    }
}

#[test]
fn what_does_not_fit_udp_is_asked_again() {
    let server = start_v4(limits());
    let cut = ask_udp(server.address, &big_query(5));
    assert!(cut.len() <= 512 && cut[2] & 2 == 2, "TC");
    let whole = ask(&mut connect(server.address), &big_query(5));
    assert!(whole.len() > 10_000 && whole[2] & 2 == 0);
    assert_eq!(server.listener.counts().udp.engine.truncated, 1);
}

#[test]
fn junk_is_met_with_silence() {
    let server = start_v4(limits());
    let socket = udp(server.address);
    let mut sent = 0;
    let mut send = |octets: &[u8]| {
        socket.send_to(octets, server.address).expect("sent");
        sent += 1;
    };
    for length in 0..12 {
        send(&vec![0xff; length]);
        send(&vec![0; length]);
    }
    let mut response = ptr_query(1, 2);
    response[2] |= 0x80;
    send(&response);
    let mut long = ptr_query(2, 2);
    long.resize(5000, 0);
    send(&long);
    send(&ptr_query(3, 2));
    // What comes first is the answer to the last: the kernel gives one peer's datagrams to one worker, in order.
    let mut reply = [0; 4096];
    let length = socket.recv(&mut reply).expect("a reply");
    assert!(is_ptr_answer(&reply[..length], 3), "{:?}", &reply[..length]);
    let counts = server.listener.shutdown().udp;
    assert_eq!(counts.engine.answers, 1);
    assert_eq!((counts.engine.silences, counts.oversize), (sent - 2, 1));
}

#[test]
fn a_wildcard_answers_from_the_address_asked() {
    let server = start((Ipv4Addr::UNSPECIFIED, 0), limits());
    for last in [1, 2, 77] {
        let asked = SocketAddr::from(([127, 0, 0, last], server.address.port()));
        // `ask_udp` compares the sender with the address asked.
        assert!(is_ptr_answer(&ask_udp(asked, &ptr_query(1, 2)), 1));
        assert!(is_ptr_answer(&ask(&mut connect(asked), &ptr_query(1, 2)), 1));
    }
}

#[test]
fn both_wildcards_share_a_port() {
    let first = start((Ipv4Addr::UNSPECIFIED, 0), limits());
    let second: SocketAddr = format!("[::]:{}", first.address.port()).parse().expect("an address");
    let second = start(second, limits());
    let asked: SocketAddr = format!("[::1]:{}", second.address.port()).parse().expect("an address");
    assert!(is_ptr_answer(&ask_udp(asked, &ptr_query(1, 2)), 1));
    assert!(is_ptr_answer(&ask(&mut connect(asked), &ptr_query(1, 2)), 1));
    assert_eq!(first.listener.shutdown().udp.engine.answers, 0);
}

#[test]
fn a_change_is_visible_at_once_and_the_old_snapshot_is_let_go() {
    let server = start_v4(limits());
    let mut stream = connect(server.address);
    assert_eq!(rcode(&ask(&mut stream, &ptr_query(1, 3))), 3);
    assert_eq!(rcode(&ask_udp(server.address, &ptr_query(1, 3))), 3);

    let old = server.snapshot.load_full();
    let mut new = (*old).clone();
    let address: IpAddr = Ipv4Addr::new(192, 0, 2, 3).into();
    let target = "new.example.net".parse::<Name>().expect("a name");
    new.apply_ptrs(
        &mut Workspace::default(),
        &[(address, Some((ptrd_wire::Ttl::from_secs(60), false, target.as_wire())))],
    );
    server.snapshot.store(Arc::new(new));
    assert!(is_ptr_answer(&ask(&mut stream, &ptr_query(2, 3)), 2));
    assert!(is_ptr_answer(&ask_udp(server.address, &ptr_query(2, 3)), 2));
    eventually("no worker holds on to the old snapshot", || Arc::strong_count(&old) == 1);
}

#[test]
fn it_stops_while_busy() {
    let server = start_v4(limits());
    let address = server.address;
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..2)
        .map(|_| {
            let stop = stop.clone();
            let mut stream = connect(address);
            std::thread::spawn(move || {
                use std::io::{Read, Write};
                let socket = udp(address);
                let burst = framed(&ptr_query(1, 2)).repeat(16);
                stream.set_read_timeout(Some(Duration::from_millis(5))).expect("a timeout");
                while !stop.load(Ordering::Relaxed) {
                    let _ = socket.send_to(&ptr_query(1, 2), address);
                    let _ = stream.write_all(&burst);
                    let _ = stream.read(&mut [0; 4096]);
                }
            })
        })
        .collect();
    eventually("they are answered", || {
        let counts = server.listener.counts();
        counts.udp.engine.answers > 50 && counts.tcp.engine.answers > 200
    });
    let begun = Instant::now();
    let counts = server.listener.shutdown();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!((counts.tcp.open, counts.faults), (0, 0));
    stop.store(true, Ordering::Relaxed);
    clients.into_iter().for_each(|client| client.join().expect("a client"));
    // The address is free again.
    drop(start(address, limits()));
}

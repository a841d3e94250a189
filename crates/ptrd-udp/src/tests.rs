//! Round trips over loopback, and what must not disturb a worker.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};
use std::time::Duration;

use crate::{Batch, DATAGRAM_CAPACITY, Options, Sent, Socket};

fn server(address: &str) -> Socket {
    let options = Options { receive_timeout: Duration::from_secs(5), ..Options::default() };
    Socket::bind(address.parse().unwrap(), &options).unwrap()
}

fn client(address: &str) -> UdpSocket {
    let client = UdpSocket::bind(address).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    client
}

/// Receives until `count` datagrams have been answered by `answer`.
fn serve(
    socket: &Socket,
    batch: &mut Batch,
    count: usize,
    mut answer: impl FnMut(crate::Datagram<'_>, &mut [u8]) -> usize,
) -> Sent {
    let mut total = Sent::default();
    let mut seen = 0;
    for _ in 0..count + 10 {
        seen += batch.receive(socket).unwrap();
        batch.respond(&mut answer);
        let sent = batch.send(socket).unwrap();
        total.sent += sent.sent;
        total.dropped += sent.dropped;
        if seen >= count {
            break;
        }
    }
    assert_eq!(seen, count);
    total
}

fn reversed(payload: &[u8], out: &mut [u8]) -> usize {
    for (to, from) in out.iter_mut().zip(payload.iter().rev()) {
        *to = *from;
    }
    payload.len()
}

fn round_trip(address: &str) {
    let socket = server(address);
    let client = client(address);
    let mut batch = Batch::new(64);
    client.send_to(b"abc", socket.local_addr()).unwrap();
    let from = client.local_addr().unwrap();
    let sent = serve(&socket, &mut batch, 1, |datagram, out| {
        assert_eq!((datagram.payload, datagram.peer()), (&b"abc"[..], from));
        assert_eq!((datagram.peer_ip(), datagram.local(), datagram.truncated), (from.ip(), None, false));
        reversed(datagram.payload, out)
    });
    assert_eq!(sent, Sent { sent: 1, dropped: 0 });
    let mut buffer = [0; 16];
    assert_eq!(client.recv_from(&mut buffer).unwrap(), (3, socket.local_addr()));
    assert_eq!(&buffer[..3], b"cba");
}

#[test]
fn workers_share_a_socket_that_somebody_else_bound() {
    let options = Options { receive_timeout: Duration::from_secs(5), ..Options::default() };
    let bound = UdpSocket::bind("127.0.0.1:0").unwrap();
    let given = bound.try_clone().unwrap();
    let before = Socket::adopt(bound.try_clone().unwrap(), &options).unwrap().receive_buffer().unwrap();
    let first = Socket::adopt(bound, &options).unwrap();
    assert_eq!(first.receive_buffer().unwrap(), before);
    let second = first.share().unwrap();
    let client = client("127.0.0.1:0");
    let mut batch = Batch::new(64);
    for socket in [&first, &second] {
        client.send_to(b"abc", given.local_addr().unwrap()).unwrap();
        serve(socket, &mut batch, 1, |datagram, out| reversed(datagram.payload, out));
        let mut reply = [0; 8];
        assert_eq!((client.recv(&mut reply).unwrap(), &reply[..3]), (3, &b"cba"[..]));
    }
    // What comes while nobody reads waits for who has the socket next.
    drop((first, second));
    client.send_to(b"xyz", given.local_addr().unwrap()).unwrap();
    let third = Socket::adopt(given, &options).unwrap();
    serve(&third, &mut batch, 1, |datagram, out| reversed(datagram.payload, out));
    let mut reply = [0; 8];
    assert_eq!((client.recv(&mut reply).unwrap(), &reply[..3]), (3, &b"zyx"[..]));
}

#[test]
fn a_reply_comes_back_over_ipv4() {
    round_trip("127.0.0.1:0");
}

#[test]
fn a_reply_comes_back_over_ipv6() {
    round_trip("[::1]:0");
}

#[test]
fn more_than_a_batch_is_answered() {
    let socket = server("127.0.0.1:0");
    let client = client("127.0.0.1:0");
    let mut batch = Batch::new(8);
    for number in 0..20u8 {
        client.send_to(&[number; 30], socket.local_addr()).unwrap();
    }
    assert_eq!(batch.receive(&socket).unwrap(), 8);
    assert_eq!(batch.len(), 8);
    assert_eq!(batch.payload(7), [7; 30]);
    assert_eq!(batch.datagram(7).payload, [7; 30]);
    // Replies of different lengths, some left out.
    let mut number = 0;
    let mut answer = |datagram: crate::Datagram<'_>, out: &mut [u8]| {
        assert_eq!(out.len(), DATAGRAM_CAPACITY);
        number += 1;
        let length = if datagram.payload[0] % 3 == 1 { 0 } else { usize::from(number) * 200 };
        out[..length].fill(datagram.payload[0]);
        length
    };
    batch.respond(&mut answer);
    assert_eq!(batch.send(&socket).unwrap(), Sent { sent: 5, dropped: 0 });
    // A batch is sent once.
    assert_eq!(batch.send(&socket).unwrap(), Sent::default());
    serve(&socket, &mut batch, 12, &mut answer);
    assert_eq!(number, 20u8);
    let mut buffer = [0; 8192];
    let mut answered = Vec::new();
    for _ in 0..13 {
        let (length, _) = client.recv_from(&mut buffer).unwrap();
        let number = buffer[0];
        assert_eq!(length, (usize::from(number) + 1) * 200);
        assert!(buffer[..length].iter().all(|&octet| octet == number));
        answered.push(number);
    }
    // Bundles may change the order within a batch.
    answered.sort_unstable();
    assert_eq!(answered, (0..20u8).filter(|number| number % 3 != 1).collect::<Vec<_>>());
}

#[test]
fn a_whole_batch_of_the_longest_replies_fits() {
    let socket = server("127.0.0.1:0");
    let client = client("127.0.0.1:0");
    let mut batch = Batch::new(4);
    for number in 0..4u8 {
        client.send_to(&[number], socket.local_addr()).unwrap();
    }
    let sent = serve(&socket, &mut batch, 4, |datagram, out| {
        out.fill(datagram.payload[0]);
        out.len()
    });
    assert_eq!(sent.sent, 4);
    let mut buffer = [0; 8192];
    for number in 0..4u8 {
        assert_eq!(client.recv_from(&mut buffer).unwrap().0, DATAGRAM_CAPACITY);
        assert!(buffer[..DATAGRAM_CAPACITY].iter().all(|&octet| octet == number));
    }
}

fn wildcard(bind: &str, asked: IpAddr, from: &str) {
    wildcard_on(bind, SocketAddr::new(asked, 0), from);
}

fn wildcard_on(bind: &str, mut target: SocketAddr, from: &str) {
    let socket = server(bind);
    let client = client(from);
    let mut batch = Batch::new(4);
    let asked = target.ip();
    target.set_port(socket.local_addr().port());
    // Twice: the second time the control messages are in memory that was used before.
    for round in 0..2u8 {
        client.send_to(&[round], target).unwrap();
        serve(&socket, &mut batch, 1, |datagram, out| {
            assert_eq!(datagram.local(), Some(asked));
            reversed(datagram.payload, out)
        });
        let mut buffer = [0; 16];
        assert_eq!(client.recv_from(&mut buffer).unwrap(), (1, target));
        assert_eq!(buffer[0], round);
    }
    // And outside any batch.
    let peer = match client.local_addr().unwrap() {
        peer if peer.ip().is_unspecified() => SocketAddr::new(asked, peer.port()),
        peer => peer,
    };
    let peer = match (peer, target) {
        (SocketAddr::V6(peer), SocketAddr::V6(target)) => {
            SocketAddrV6::new(*peer.ip(), peer.port(), 0, target.scope_id()).into()
        }
        _ => peer,
    };
    socket.send_from(b"late", Some(asked), peer).unwrap();
    let mut buffer = [0; 16];
    assert_eq!(client.recv_from(&mut buffer).unwrap(), (4, target));
    assert_eq!(&buffer[..4], b"late");
}

#[test]
fn a_wildcard_socket_replies_from_the_ipv4_address_asked() {
    wildcard("0.0.0.0:0", "127.0.0.2".parse().unwrap(), "127.0.0.1:0");
    wildcard("0.0.0.0:0", "127.3.2.1".parse().unwrap(), "127.0.0.9:0");
}

#[test]
fn a_wildcard_socket_replies_from_the_ipv6_address_asked() {
    wildcard("[::]:0", Ipv6Addr::LOCALHOST.into(), "[::1]:0");
}

/// Every IPv6 address of this host, link-local ones too, where it has some; on many test machines this shows nothing.
#[test]
fn a_wildcard_socket_replies_from_each_ipv6_address_of_this_host() {
    let table = std::fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
    for line in table.lines() {
        // Address, interface, prefix length, scope, flags (40 is tentative), name.
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |word: usize| u32::from_str_radix(words[word], 16).unwrap();
        let address = Ipv6Addr::from(u128::from_str_radix(words[0], 16).unwrap());
        if number(4) & 0x40 == 0 {
            let zone = if address.is_unicast_link_local() { number(1) } else { 0 };
            let target = SocketAddrV6::new(address, 0, 0, zone);
            wildcard_on("[::]:0", target.into(), "[::]:0");
        }
    }
}

#[test]
fn one_batch_serves_sockets_of_different_kinds() {
    let mut batch = Batch::new(4);
    for address in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0", "127.0.0.1:0"] {
        let socket = server(address);
        let ip: IpAddr =
            if socket.local_addr().is_ipv4() { [127, 0, 0, 1].into() } else { Ipv6Addr::LOCALHOST.into() };
        let client = client(&SocketAddr::new(ip, 0).to_string());
        client.send_to(b"xy", (ip, socket.local_addr().port())).unwrap();
        let wildcard = socket.local_addr().ip().is_unspecified();
        let sent = serve(&socket, &mut batch, 1, |datagram, out| {
            assert_eq!(datagram.local(), wildcard.then_some(ip));
            reversed(datagram.payload, out)
        });
        assert_eq!(sent.sent, 1);
        assert_eq!(client.recv(&mut [0; 8]).unwrap(), 2);
    }
}

#[test]
fn an_empty_datagram_is_seen_and_needs_no_reply() {
    let socket = server("127.0.0.1:0");
    let client = client("127.0.0.1:0");
    client.send_to(b"", socket.local_addr()).unwrap();
    client.send_to(b"z", socket.local_addr()).unwrap();
    let mut lengths = Vec::new();
    let sent = serve(&socket, &mut Batch::new(64), 2, |datagram, out| {
        lengths.push(datagram.payload.len());
        reversed(datagram.payload, out)
    });
    assert_eq!(lengths, [0, 1]);
    assert_eq!(sent, Sent { sent: 1, dropped: 0 });
}

#[test]
fn an_oversize_datagram_is_marked() {
    let socket = server("127.0.0.1:0");
    let client = client("127.0.0.1:0");
    for length in [DATAGRAM_CAPACITY, DATAGRAM_CAPACITY + 1, 9] {
        client.send_to(&vec![7; length], socket.local_addr()).unwrap();
    }
    let mut seen = Vec::new();
    serve(&socket, &mut Batch::new(64), 3, |datagram, _| {
        seen.push((datagram.payload.len(), datagram.truncated));
        0
    });
    assert_eq!(seen, [(DATAGRAM_CAPACITY, false), (DATAGRAM_CAPACITY, true), (9, false)]);
}

#[test]
fn a_reply_that_cannot_be_sent_is_skipped() {
    let socket = server("127.0.0.1:0");
    let client = client("127.0.0.1:0");
    let mut batch = Batch::new(64);
    for number in 0..5u8 {
        client.send_to(&[number], socket.local_addr()).unwrap();
    }
    assert_eq!(batch.receive(&socket).unwrap(), 5);
    // Port 0, broadcast without permission, and from loopback to the world: the first, one amid, the last.
    batch.forge_peer(0, "127.0.0.1:0".parse().unwrap());
    batch.forge_peer(2, "255.255.255.255:53".parse().unwrap());
    batch.forge_peer(4, "198.51.100.1:53".parse().unwrap());
    batch.respond(|datagram, out| reversed(datagram.payload, out));
    assert_eq!(batch.send(&socket).unwrap(), Sent { sent: 2, dropped: 3 });
    let mut buffer = [0; 8];
    client.recv(&mut buffer).unwrap();
    assert_eq!(buffer[0], 1);
    client.recv(&mut buffer).unwrap();
    assert_eq!(buffer[0], 3);
}

#[test]
fn a_peer_that_went_away_disturbs_nobody() {
    let socket = server("127.0.0.1:0");
    let gone = client("127.0.0.1:0");
    let stays = client("127.0.0.1:0");
    let mut batch = Batch::new(64);
    gone.send_to(b"1", socket.local_addr()).unwrap();
    assert_eq!(batch.receive(&socket).unwrap(), 1);
    drop(gone);
    batch.respond(|datagram, out| reversed(datagram.payload, out));
    batch.send(&socket).unwrap();
    stays.send_to(b"2", socket.local_addr()).unwrap();
    serve(&socket, &mut batch, 1, |datagram, out| reversed(datagram.payload, out));
    assert_eq!(stays.recv(&mut [0; 8]).unwrap(), 1);
}

#[test]
fn waiting_ends_with_the_timeout() {
    let mut batch = Batch::new(4);
    for timeout in [Duration::ZERO, Duration::from_millis(20)] {
        let options = Options { receive_timeout: timeout, ..Options::default() };
        let socket = Socket::bind("127.0.0.1:0".parse().unwrap(), &options).unwrap();
        assert_eq!(batch.receive(&socket).unwrap(), 0);
        assert!(batch.is_empty());
        batch.respond(|_, _| panic!("nothing was received"));
        assert_eq!(batch.send(&socket).unwrap(), Sent::default());
    }
}

#[test]
fn a_connected_socket_takes_turns_with_its_peer() {
    let socket = server("127.0.0.1:0");
    let mut client = server("127.0.0.1:0");
    client.connect(socket.local_addr()).unwrap();
    let (mut batch, mut replies) = (Batch::new(4), Batch::new(4));
    client.send_to(b"ab", socket.local_addr()).unwrap();
    serve(&socket, &mut batch, 1, |datagram, out| reversed(datagram.payload, out));
    let sent = serve(&client, &mut replies, 1, |datagram, out| {
        assert_eq!(datagram.peer(), socket.local_addr());
        reversed(datagram.payload, out)
    });
    assert_eq!(sent.sent, 1);
    serve(&socket, &mut batch, 1, |datagram, _| {
        assert_eq!((datagram.payload, datagram.peer()), (&b"ab"[..], client.local_addr()));
        0
    });
}

#[test]
fn a_connected_socket_survives_a_refusal() {
    let mut client = server("127.0.0.1:0");
    let nobody = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    client.connect(nobody).unwrap();
    client.send_to(b"ab", nobody).unwrap();
    // ECONNREFUSED is pending by now; it is no fault of the program.
    assert_eq!(Batch::new(4).receive(&client).unwrap(), 0);
}

#[test]
fn sockets_share_a_port_and_v6_leaves_v4_alone() {
    let first = server("127.0.0.1:0");
    let second = server(&first.local_addr().to_string());
    assert_eq!(first.local_addr(), second.local_addr());
    assert!(first.receive_buffer().unwrap() > 0);
    let both = server(&format!("[::]:{}", first.local_addr().port()));
    assert_eq!(both.local_addr().port(), first.local_addr().port());
}

#[test]
fn freebind_takes_an_address_that_is_not_here() {
    let absent: SocketAddr = "192.0.2.1:0".parse().unwrap();
    assert!(Socket::bind(absent, &Options::default()).is_err());
    let options = Options { freebind: true, ..Options::default() };
    assert_eq!(Socket::bind(absent, &options).unwrap().local_addr().ip(), absent.ip());
}

#[test]
fn a_batch_moves_between_threads() {
    let socket = server("127.0.0.1:0");
    let mut batch = Batch::new(4);
    let client = client("127.0.0.1:0");
    client.send_to(b"m", socket.local_addr()).unwrap();
    std::thread::spawn(move || {
        serve(&socket, &mut batch, 1, |datagram, out| reversed(datagram.payload, out));
    })
    .join()
    .unwrap();
    assert_eq!(client.recv(&mut [0; 8]).unwrap(), 1);
}

/// What two clients that ask through few sockets get back, when replies have many lengths and go in bundles.
fn bundles_arrive_as_they_would_one_by_one(bind: &str, targets: [&str; 2], from: &str, segments: bool) {
    const EACH: usize = 40;
    let options = Options { receive_timeout: Duration::from_secs(5), segments, ..Options::default() };
    let socket = Socket::bind(bind.parse().unwrap(), &options).unwrap();
    let port = socket.local_addr().port();
    let clients = [client(from), client(from)];
    // Client, target and number say how long the reply is to be: some alike, some not, some over the limit.
    let length = |number: usize| [64, 64, 65, 1, 300, 1232, 1233, 64, 2000][number % 9] + number / 9 % 2;
    let mut batch = Batch::new(64);
    for number in 0..EACH {
        for (who, client) in clients.iter().enumerate() {
            let target = SocketAddr::new(targets[number % 2].parse().unwrap(), port);
            client.send_to(&[who as u8, number as u8], target).unwrap();
        }
    }
    let sent = serve(&socket, &mut batch, 2 * EACH, |datagram, out| {
        let [who, number] = *datagram.payload else { panic!("an unknown datagram") };
        let length = length(usize::from(number));
        for (at, octet) in out[..length].iter_mut().enumerate() {
            *octet = who ^ number ^ at as u8;
        }
        out[0] = number;
        length
    });
    assert_eq!(sent, Sent { sent: 2 * EACH, dropped: 0 });
    for (who, client) in clients.iter().enumerate() {
        let mut seen = [false; EACH];
        let mut buffer = [0; DATAGRAM_CAPACITY];
        for _ in 0..EACH {
            let (received, source) = client.recv_from(&mut buffer).unwrap();
            let number = usize::from(buffer[0]);
            assert!(!std::mem::replace(&mut seen[number], true), "reply {number} came twice");
            assert_eq!(source, SocketAddr::new(targets[number % 2].parse().unwrap(), port));
            assert_eq!(received, length(number), "reply {number}");
            let right = (1..received).all(|at| buffer[at] == who as u8 ^ number as u8 ^ at as u8);
            assert!(right, "the octets of reply {number}");
        }
    }
}

#[test]
fn bundles_over_ipv4() {
    bundles_arrive_as_they_would_one_by_one("127.0.0.1:0", ["127.0.0.1"; 2], "127.0.0.1:0", true);
    bundles_arrive_as_they_would_one_by_one("127.0.0.1:0", ["127.0.0.1"; 2], "127.0.0.1:0", false);
}

#[test]
fn bundles_over_ipv6() {
    bundles_arrive_as_they_would_one_by_one("[::1]:0", ["::1"; 2], "[::1]:0", true);
}

#[test]
fn bundles_leave_from_the_address_that_was_asked() {
    bundles_arrive_as_they_would_one_by_one("0.0.0.0:0", ["127.0.0.1", "127.0.0.2"], "127.0.0.1:0", true);
    bundles_arrive_as_they_would_one_by_one("[::]:0", ["::1"; 2], "[::1]:0", true);
}

#[test]
fn replies_that_cannot_be_segmented_are_sent_one_by_one() {
    let socket = server("127.0.0.1:0");
    let client = client("127.0.0.1:0");
    let mut batch = Batch::new(16);
    // Without a checksum the kernel refuses to cut messages, whatever the device.
    crate::socket::set_option(socket.raw(), libc::SOL_SOCKET, libc::SO_NO_CHECK, 1).unwrap();
    for number in 0..16u8 {
        client.send_to(&[number; 50], socket.local_addr()).unwrap();
    }
    let sent = serve(&socket, &mut batch, 16, |datagram, out| reversed(datagram.payload, out));
    assert_eq!(sent, Sent { sent: 16, dropped: 0 });
    let mut buffer = [0; 64];
    for number in 0..16u8 {
        assert_eq!(client.recv(&mut buffer).unwrap(), 50);
        assert_eq!(buffer[..50], [number; 50]);
    }
}

//! The rate limit of answers over UDP, with real sockets: who is over it, who is not, and the way past it.

mod common;

use common::*;
use ptrd_engine::{CookieSecrets, Policy, RateLimit, RateLimitSettings};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

fn policy(settings: RateLimitSettings) -> Policy {
    let mut policy = Policy::default();
    policy.cookies = Some(CookieSecrets::new([7; 16], None));
    policy.rate_limit = Some(RateLimit::new(settings).expect("limits"));
    policy
}

/// Ten answers at once for each of the two workers, and then one a second, however slow the machine is.
fn twenty() -> RateLimitSettings {
    RateLimitSettings { responses_per_second: 2, slip: 1, window: 10, ..RateLimitSettings::default() }
}

fn client(source: Ipv4Addr) -> UdpSocket {
    let socket = UdpSocket::bind((source, 0)).expect("a socket");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    socket
}

fn exchange(socket: &UdpSocket, server: SocketAddr, message: &[u8]) -> Vec<u8> {
    socket.send_to(message, server).expect("sent");
    let mut reply = [0; 4096];
    let length = socket.recv(&mut reply).expect("a reply");
    reply[..length].to_vec()
}

/// A query with a COOKIE option.
fn with_cookie(id: u16, cookie: &[u8]) -> Vec<u8> {
    let mut octets = ptr_query(id, 2);
    octets[11] = 1;
    octets.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, cookie.len() as u8 + 4, 0, 10]);
    octets.extend_from_slice(&[0, cookie.len() as u8]);
    octets.extend_from_slice(cookie);
    octets
}

fn is_truncated(reply: &[u8]) -> bool {
    reply[2] & 2 != 0 && reply[6..12] == [0; 6]
}

#[test]
fn a_flood_is_cut_to_the_limit_and_a_real_client_gets_past_it() {
    let server = start_with((Ipv4Addr::LOCALHOST, 0), limits(), policy(twenty()));
    let flood = client(Ipv4Addr::new(127, 0, 0, 1));
    let mut whole = 0;
    for id in 0..200 {
        let reply = exchange(&flood, server.address, &ptr_query(id, 2));
        assert!(is_truncated(&reply) != is_ptr_answer(&reply, id), "TC or an answer");
        whole += u32::from(!is_truncated(&reply));
    }
    // One port, one worker: its half of what the limit allows at once, and what came in while the test ran.
    assert!((10..190).contains(&whole), "{whole} whole answers");

    // TC leads to TCP, which has no limit.
    let mut stream = connect(server.address);
    for id in 0..200 {
        assert!(is_ptr_answer(&ask(&mut stream, &ptr_query(id, 2)), id));
    }
    // A client that speaks cookies is told one, and with it there is no limit either.
    let told = loop {
        let reply = exchange(&flood, server.address, &with_cookie(1, &[1; 8]));
        if rcode(&reply) == 7 {
            break reply;
        }
    };
    assert!(told[2] & 2 == 0 && told[6..10] == [0; 4], "BADCOOKIE and nothing else");
    let cookie = &told[told.len() - 24..];
    for id in 0..200 {
        let reply = exchange(&flood, server.address, &with_cookie(id, cookie));
        assert!(is_ptr_answer(&reply, id), "{reply:?}");
    }
    // Another network is not concerned, and another address of the same one is.
    let other = client(Ipv4Addr::new(127, 0, 1, 1));
    assert!(is_ptr_answer(&exchange(&other, server.address, &ptr_query(9, 2)), 9));

    let counts = server.listener.counts();
    assert_eq!(counts.udp.engine.rate_exempted, 200);
    assert!(counts.udp.engine.rate_slipped >= 11, "{counts:?}");
    assert_eq!(counts.udp.engine.rate_dropped, 0, "slip is 1");
    assert_eq!((counts.tcp.engine.rate_slipped, counts.tcp.engine.rate_dropped), (0, 0));
}

#[test]
fn ports_and_addresses_of_one_network_share_its_limit() {
    let server = start_with((Ipv4Addr::LOCALHOST, 0), limits(), policy(twenty()));
    let mut whole = 0;
    for n in 0..200u8 {
        let source = client(Ipv4Addr::new(127, 0, 0, 1 + n));
        whole += u32::from(!is_truncated(&exchange(&source, server.address, &ptr_query(n.into(), 2))));
    }
    assert!((11..190).contains(&whole), "both workers' halves: {whole}");
    assert_eq!(server.listener.counts().udp.engine.rate_slipped, u64::from(200 - whole));
}

#[test]
fn what_is_dropped_is_counted_as_silence() {
    let settings = RateLimitSettings { slip: 0, ..twenty() };
    let server = start_with((Ipv4Addr::LOCALHOST, 0), limits(), policy(settings));
    let flood = client(Ipv4Addr::LOCALHOST);
    for id in 0..500 {
        flood.send_to(&ptr_query(id, 2), server.address).expect("sent");
        // Not so many on the way that the kernel drops them instead.
        if id % 50 == 49 {
            let due = u64::from(id) + 1;
            eventually("all are seen", || {
                let engine = server.listener.counts().udp.engine;
                engine.answers + engine.silences == due
            });
        }
    }
    let engine = server.listener.counts().udp.engine;
    assert_eq!(engine.rate_dropped, engine.silences);
    assert!(engine.rate_dropped > 0 && engine.answers >= 10, "{engine:?}");
    flood.set_read_timeout(Some(Duration::from_millis(1))).expect("a timeout");
    let received = (0..500).filter(|_| flood.recv(&mut [0; 512]).is_ok()).count() as u64;
    assert_eq!(received, engine.answers);
}

#[test]
fn exempt_networks_and_no_limit_at_all() {
    let exempt = vec!["127.0.0.0/24".parse().expect("a range")];
    let exempted = policy(RateLimitSettings { exempt, ..twenty() });
    let mut unlimited = policy(twenty());
    unlimited.rate_limit = None;
    for policy in [exempted, unlimited] {
        let server = start_with((Ipv4Addr::LOCALHOST, 0), limits(), policy);
        let flood = client(Ipv4Addr::LOCALHOST);
        for id in 0..200 {
            assert!(is_ptr_answer(&exchange(&flood, server.address, &ptr_query(id, 2)), id));
        }
        let counts = server.listener.counts().udp.engine;
        assert_eq!((counts.answers, counts.rate_slipped, counts.rate_exempted), (200, 0, 0));
    }
}

#[test]
fn ipv6_is_limited_by_its_own_networks() {
    let server = start_with((IpAddr::from([0u16, 0, 0, 0, 0, 0, 0, 1]), 0), limits(), policy(twenty()));
    let flood = UdpSocket::bind("[::1]:0").expect("a socket");
    flood.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let replies = (0..100).map(|id| exchange(&flood, server.address, &ptr_query(id, 2)));
    let cut = replies.filter(|reply| is_truncated(reply)).count();
    assert!((10..=90).contains(&cut), "{cut} cut");
}

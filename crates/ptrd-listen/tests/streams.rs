//! TCP: framing, pipelining, and clients that are slow, silent, greedy or many.

mod common;

use common::*;
use ptrd_listen::Limits;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(150);

#[test]
fn a_thousand_queries_in_one_segment() {
    let server = start_v4(limits());
    let mut stream = connect(server.address);
    let queries: Vec<u8> = (0..1000u16).flat_map(|id| framed(&ptr_query(id, (id % 128) as u8 * 2))).collect();
    stream.write_all(&queries).expect("sent");
    for id in 0..1000 {
        assert!(is_ptr_answer(&receive(&mut stream), id), "answer {id}");
    }
    assert!(!is_closed(&mut stream, Duration::from_millis(20)));
}

#[test]
fn answers_beyond_every_buffer_arrive_whole() {
    let server = start_v4(limits());
    let mut stream = connect(server.address);
    let mut writer = stream.try_clone().expect("a clone");
    let sender = std::thread::spawn(move || {
        for id in 0..2000 {
            writer.write_all(&framed(&big_query(id))).expect("sent");
        }
        writer.shutdown(Shutdown::Write).expect("half closed");
    });
    std::thread::sleep(SHORT);
    for id in 0..2000u16 {
        let answer = receive(&mut stream);
        assert!(answer.len() > 10_000 && answer[..2] == id.to_be_bytes(), "answer {id}");
    }
    sender.join().expect("the sender");
    assert!(is_closed(&mut stream, PATIENCE));
}

#[test]
fn octet_by_octet() {
    let server = start_v4(limits());
    let mut stream = connect(server.address);
    for id in 0..3 {
        for octet in framed(&ptr_query(id, 2)) {
            stream.write_all(&[octet]).expect("sent");
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(is_ptr_answer(&receive(&mut stream), id));
    }
    // The end of one message and the beginning of the next in one segment.
    let both = [framed(&ptr_query(7, 2)), framed(&ptr_query(8, 4))].concat();
    for part in both.chunks(both.len() / 2 + 5) {
        stream.write_all(part).expect("sent");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(is_ptr_answer(&receive(&mut stream), 7));
    assert!(is_ptr_answer(&receive(&mut stream), 8));
}

#[test]
fn the_longest_message_is_read() {
    let server = start_v4(limits());
    let mut stream = connect(server.address);
    let mut long = ptr_query(1, 2);
    long.resize(65_535, 0);
    // Octets behind the question: malformed, but a message with an answer.
    let reply = ask(&mut stream, &long);
    assert_eq!((reply[..2].to_vec(), rcode(&reply)), (vec![0, 1], 1));
    assert!(is_ptr_answer(&ask(&mut stream, &ptr_query(2, 2)), 2));
}

#[test]
fn half_closed_is_answered_and_then_closed() {
    let server = start_v4(limits());
    let mut stream = connect(server.address);
    let queries: Vec<u8> = (0..50).flat_map(|id| framed(&ptr_query(id, 2))).collect();
    stream.write_all(&queries).expect("sent");
    stream.write_all(&[0, 40, 1]).expect("and a part of one");
    stream.shutdown(Shutdown::Write).expect("half closed");
    for id in 0..50 {
        assert!(is_ptr_answer(&receive(&mut stream), id));
    }
    assert!(is_closed(&mut stream, PATIENCE));
}

#[test]
fn what_is_no_message_ends_the_connection_after_the_answers() {
    let server = start_v4(limits());
    for broken in [&[0u8, 0][..], &[0, 11, 1, 2, 3]] {
        let mut stream = connect(server.address);
        stream.write_all(&[&framed(&ptr_query(1, 2)), broken].concat()).expect("sent");
        assert!(is_ptr_answer(&receive(&mut stream), 1));
        assert!(is_closed(&mut stream, PATIENCE));
    }
    // A response is a message, if one without an answer.
    let mut stream = connect(server.address);
    let mut response = ptr_query(1, 2);
    response[2] |= 0x80;
    stream.write_all(&framed(&response)).expect("sent");
    assert!(is_ptr_answer(&ask(&mut stream, &ptr_query(2, 2)), 2));
}

#[test]
fn times_run_out() {
    let times = |first_query, idle, message| Limits { first_query, idle, message, ..limits() };
    let open = |stream: &mut TcpStream| !is_closed(stream, SHORT * 3);

    let server = start_v4(times(SHORT, PATIENCE, PATIENCE));
    let (mut silent, mut asking) = (connect(server.address), connect(server.address));
    ask(&mut asking, &ptr_query(1, 2));
    assert!(is_closed(&mut silent, PATIENCE), "before the first query");
    assert!(open(&mut asking));

    let server = start_v4(times(PATIENCE, SHORT, PATIENCE));
    let (mut silent, mut asking) = (connect(server.address), connect(server.address));
    ask(&mut asking, &ptr_query(1, 2));
    assert!(is_closed(&mut asking, PATIENCE), "idle");
    assert!(open(&mut silent));

    let server = start_v4(times(PATIENCE, PATIENCE, SHORT));
    let (mut asking, mut dribbling) = (connect(server.address), connect(server.address));
    ask(&mut asking, &ptr_query(1, 2));
    ask(&mut dribbling, &ptr_query(1, 2));
    let begun = Instant::now();
    for octet in framed(&[0; 500]) {
        // Each octet is progress, and the message as a whole is not in time.
        if dribbling.write_all(&[octet]).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(is_closed(&mut dribbling, PATIENCE) && begun.elapsed() < PATIENCE / 2);
    assert!(open(&mut asking));
    assert_eq!(server.listener.counts().tcp.timed_out, 1);
}

#[test]
fn who_never_reads_is_bounded_and_closed() {
    let write_stall = Duration::from_millis(600);
    let server = start_v4(Limits { write_stall, ..limits() });
    let greedy: Vec<_> = (0..20)
        .map(|_| {
            let mut stream = connect(server.address);
            stream.set_write_timeout(Some(SHORT)).expect("a timeout");
            // As many as fit on the way; the server stops to read.
            while stream.write_all(&framed(&big_query(1)).repeat(200)).is_ok() {}
            stream
        })
        .collect();
    let mut honest = connect(server.address);
    for id in 0..100 {
        let begun = Instant::now();
        assert!(is_ptr_answer(&ask(&mut honest, &ptr_query(id, 2)), id));
        assert!(begun.elapsed() < Duration::from_secs(1));
    }
    eventually("all greedy ones are closed", || server.listener.counts().tcp.timed_out == 20);
    assert!(is_ptr_answer(&ask(&mut honest, &ptr_query(1, 2)), 1));
    // 10 KB an answer: what went out fits socket buffers, and not the gigabytes asked for.
    let answers = server.listener.counts().tcp.engine.answers;
    assert!(answers < 20 * 2000, "{answers}");
    drop(greedy);
}

#[test]
fn what_all_leave_unread_is_bounded() {
    let server = start_v4(Limits { parked: 100 << 10, ..limits() });
    let mut clients: Vec<_> = (0..20).map(|_| connect(server.address)).collect();
    for stream in &mut clients {
        stream.write_all(&[0x7f, 0xff]).expect("sent");
        let _ = stream.write_all(&[0; 20_000]);
    }
    eventually("some are closed", || server.listener.counts().tcp.overfull >= 14);
    // Who keeps to ordinary sizes is served all the same.
    let mut honest = connect(server.address);
    let (head, tail) = (&framed(&ptr_query(1, 2))[..20], &framed(&ptr_query(1, 2))[20..]);
    honest.write_all(head).expect("sent");
    std::thread::sleep(Duration::from_millis(20));
    honest.write_all(tail).expect("sent");
    assert!(is_ptr_answer(&receive(&mut honest), 1));
    drop(clients);
    drop(honest);
    eventually("nothing is left behind", || server.listener.counts().tcp.open == 0);
}

#[test]
fn the_longest_idle_gives_way_to_newcomers() {
    let server = start_v4(Limits { connections: 10, connections_per_network: 10, ..limits() });
    let mut clients: Vec<_> = (0..10).map(|_| connect(server.address)).collect();
    for stream in &mut clients {
        ask(stream, &ptr_query(1, 2));
        std::thread::sleep(Duration::from_millis(5));
    }
    ask(&mut clients[0], &ptr_query(1, 2));
    let mut newcomer = connect(server.address);
    assert!(is_ptr_answer(&ask(&mut newcomer, &ptr_query(1, 2)), 1));
    assert!(is_closed(&mut clients[1], PATIENCE));
    assert!(is_ptr_answer(&ask(&mut clients[0], &ptr_query(9, 2)), 9));
    let counts = server.listener.counts().tcp;
    assert_eq!((counts.open, counts.evicted), (10, 1));
}

#[test]
fn honest_clients_get_through_a_crowd() {
    let limits = Limits { connections: 100, connections_per_network: 25, ..limits() };
    let server = start_v4(limits);
    let crowd = Crowd::gather(server.address, 300);
    let mut slowest = Duration::ZERO;
    for id in 0..50 {
        let begun = Instant::now();
        assert!(is_ptr_answer(&ask(&mut connect(server.address), &ptr_query(id, 2)), id));
        slowest = slowest.max(begun.elapsed());
        assert!(is_ptr_answer(&ask_udp(server.address, &ptr_query(id, 2)), id));
    }
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    eventually("the network keeps to its share", || server.listener.counts().tcp.open <= 25);
    drop(crowd);
}

/// Idle and dribbling connections that come back when they are closed.
struct Crowd {
    stop: std::sync::Arc<std::sync::atomic::AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Crowd {
    fn gather(server: SocketAddr, size: usize) -> Crowd {
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let mut members: Vec<TcpStream> = (0..size).map(|_| connect(server)).collect();
        for member in &members {
            member.set_nonblocking(true).expect("an option");
        }
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
                // Some at a time, or it were a flood that no server of this size could sort out.
                let mut back = 0;
                for (number, member) in members.iter_mut().enumerate() {
                    let dribbled = number % 2 == 1 || member.write_all(&[0]).is_ok();
                    let open = dribbled
                        && matches!(member.read(&mut [0; 8]), Err(error) if error.kind() == ErrorKind::WouldBlock);
                    if !open && back < 5 {
                        back += 1;
                        *member = connect(server);
                        member.set_nonblocking(true).expect("an option");
                    }
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        Crowd { stop, thread: Some(thread) }
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.stop.store(true, std::sync::atomic::Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

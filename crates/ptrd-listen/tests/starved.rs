//! Without descriptors: a server in a process of its own that may open few files, and more connections than that.

mod common;

use common::*;
use ptrd_listen::Limits;
use socket2::SockRef;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// Says that this process is the server.
const ROLE: &str = "PTRD_TEST_STARVED_SERVER";
/// What the server may have open.
const DESCRIPTORS: usize = 48;

/// The server, in the child process: tells its address, and its counts for each line that it reads.
fn serve() {
    // More than it will get, so that it is the system that gives out.
    let server =
        start_v4(Limits { connections: 400, connections_per_network: 400, ..Limits::for_descriptors(48) });
    println!("at {}", server.address);
    for line in std::io::stdin().lines() {
        drop(line);
        let counts = server.listener.counts();
        println!("counts {} {} {}", counts.tcp.starved, counts.tcp.evicted, counts.faults);
    }
}

struct Starved {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Starved {
    fn start(test: &str) -> Starved {
        let mut child = Command::new("sh")
            .args(["-c", &format!("ulimit -n {DESCRIPTORS} && exec \"$0\" --exact {test} --nocapture")])
            .arg(std::env::current_exe().expect("this program"))
            .env(ROLE, "yes")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let (input, output) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        let mut output = BufReader::new(output);
        let address = said(&mut output, "at ").parse().expect("an address");
        Starved { child, input, output, address }
    }

    /// How often the system gave out, how many connections gave way, how often the program was at fault.
    fn counts(&mut self) -> [u64; 3] {
        self.input.write_all(b"counts\n").expect("a server");
        let said = said(&mut self.output, "counts ");
        let numbers: Vec<u64> = said.split(' ').map(|word| word.parse().expect("a number")).collect();
        numbers.try_into().expect("three")
    }
}

impl Drop for Starved {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What follows `word` on the next line that has it; the test harness writes lines too, and none to its end.
fn said(output: &mut BufReader<ChildStdout>, word: &str) -> String {
    loop {
        let mut line = String::new();
        assert_ne!(output.read_line(&mut line).expect("text"), 0, "the server ended");
        if let Some(at) = line.find(word) {
            return line[at + word.len()..].trim().to_owned();
        }
    }
}

#[test]
fn two_hundred_connections_and_few_descriptors() {
    if std::env::var_os(ROLE).is_some() {
        return serve();
    }
    let mut server = Starved::start("two_hundred_connections_and_few_descriptors");
    let address = server.address;
    let mut crowd: Vec<TcpStream> = Vec::new();
    for n in 0..200 {
        let mut member = connect(address);
        // Some say nothing, some send one octet of a message.
        let _ = member.write_all(&[0][..n % 2]);
        crowd.push(member);
        assert!(is_ptr_answer(&ask_udp(address, &ptr_query(n as u16, 2)), n as u16), "UDP, meanwhile");
    }
    for id in 0..50 {
        assert!(is_ptr_answer(&ask(&mut connect(address), &ptr_query(id, 2)), id), "a newcomer that asks");
    }
    let [starved, evicted, faults] = server.counts();
    assert!(starved > 0, "the test is about a system that gives out");
    assert!(evicted >= 150 && faults == 0, "{evicted} gave way, {faults} faults");
    // While nobody connects nothing is tried over and over: an accept loop that spun would count by the thousand.
    let mut before = starved;
    eventually("the queue is worked off", || {
        std::thread::sleep(Duration::from_millis(50));
        let [now, ..] = server.counts();
        std::mem::replace(&mut before, now) == now
    });
    assert!(before < 2_000, "{before} times");

    drop(crowd);
    let mut several: Vec<TcpStream> = (0..10).map(|_| connect(address)).collect();
    for (id, stream) in (0..).zip(&mut several) {
        assert!(is_ptr_answer(&ask(stream, &ptr_query(id, 2)), id), "all is as before");
    }
}

#[test]
fn connections_that_are_aborted_harm_nobody() {
    let server = start_v4(limits());
    let mut honest = connect(server.address);
    for id in 0..300 {
        let aborted = connect(server.address);
        if id % 2 == 0 {
            let _ = (&aborted).write_all(&framed(&ptr_query(id, 2)));
        }
        // A reset in place of an end: before it is accepted, while it is read, or while it is answered.
        SockRef::from(&aborted).set_linger(Some(Duration::ZERO)).expect("an option");
        drop(aborted);
        assert!(is_ptr_answer(&ask(&mut honest, &ptr_query(id, 2)), id));
    }
    assert!(is_ptr_answer(&ask(&mut connect(server.address), &ptr_query(1, 2)), 1));
    eventually("nothing is left behind", || server.listener.counts().tcp.open == 1);
    assert_eq!(server.listener.counts().faults, 0);
}

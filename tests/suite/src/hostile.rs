//! A primary that is broken, or means harm: it answers over UDP and TCP as a test tells it to.

use ptrd_wire::{Class, Name, RecordType};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// What it does with a request for a transfer.
#[derive(Clone, Debug)]
pub enum Transfer {
    /// Sends messages with these records, in words (see [`record`]), and then waits for the other side.
    Messages(Vec<String>),
    /// The same, and closes the connection.
    Closes(Vec<String>),
    /// The same, and sends the last message again and again.
    Endless(Vec<String>),
    /// Octets that are no message.
    Garbage,
    /// A message whose octets come one a second.
    Drips,
    /// Answers one request after the other: for the whole zone with a message of these records; for differences with the SOA
    /// alone, and, once the next request is there, a message of the others.
    Alone(String, Vec<String>),
}

struct Shared {
    serial: AtomicU64,
    transfer: Mutex<Transfer>,
    transfers: AtomicU64,
    queries: AtomicU64,
    ends: AtomicBool,
    apex: Name,
}

/// See the module. It stops when it is dropped.
pub struct Hostile {
    /// Where it answers.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::Relaxed);
        // It answers nobody any more when this returns.
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// A record in words: `soa 5`, `ns`, `OWNER txt TEXT`, `OWNER cname TARGET`, `OWNER type NUMBER`, `hex NUMBER DATA` at the apex
/// with its data in hexadecimal digits, with names below the apex unless they end with a dot.
pub fn record(apex: &Name, words: &str) -> Vec<u8> {
    let words: Vec<&str> = words.split_whitespace().collect();
    let name = |text: &str| match text.strip_suffix('.') {
        Some(absolute) => absolute.parse::<Name>().expect("a name"),
        None => Name::parse_relative(text, apex).expect("a name"),
    };
    let text = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    let (owner, rtype, data) = match words[..] {
        ["soa", serial] => {
            let mut data = [name("ns").as_wire(), name("host").as_wire()].concat();
            let serial: u32 = serial.parse().expect("a serial");
            for number in [serial, 3_600, 1, 86_400, 60] {
                data.extend_from_slice(&number.to_be_bytes());
            }
            (apex.clone(), RecordType::SOA, data)
        }
        ["ns"] => (apex.clone(), RecordType::NS, name("ns").as_wire().to_vec()),
        [owner, "txt", data] => (name(owner), RecordType::TXT, text(data)),
        [owner, "cname", to] => (name(owner), RecordType::CNAME, name(to).as_wire().to_vec()),
        ["hex", number, data] => {
            let digits = |nth| u8::from_str_radix(&data[nth..nth + 2], 16).expect("hexadecimal digits");
            let data = (0..data.len()).step_by(2).map(digits).collect();
            (apex.clone(), RecordType(number.parse().expect("a number")), data)
        }
        [owner, "type", number] => (name(owner), RecordType(number.parse().expect("a number")), text("x")),
        ref other => panic!("no record: {other:?}"),
    };
    let mut octets = owner.as_wire().to_vec();
    octets.extend_from_slice(&rtype.0.to_be_bytes());
    octets.extend_from_slice(&Class::IN.0.to_be_bytes());
    octets.extend_from_slice(&300u32.to_be_bytes());
    octets.extend_from_slice(&(data.len() as u16).to_be_bytes());
    octets.extend_from_slice(&data);
    octets
}

/// An answer to a request, with records in words between commas.
fn answer(apex: &Name, request: &[u8], line: &str) -> Vec<u8> {
    let records: Vec<Vec<u8>> = line
        .split(',')
        .map(str::trim)
        .filter(|words| !words.is_empty())
        .map(|words| record(apex, words))
        .collect();
    let question = apex.as_wire().len() + 4;
    let mut octets = request[..2].to_vec();
    octets.extend_from_slice(&[0x84, 0, 0, 1]);
    octets.extend_from_slice(&(records.len() as u16).to_be_bytes());
    octets.extend_from_slice(&[0; 4]);
    octets.extend_from_slice(&request[12..12 + question]);
    octets.extend(records.concat());
    octets
}

impl Hostile {
    /// Starts one for a zone.
    pub fn start(apex: &str, serial: u32, transfer: Transfer) -> Hostile {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let udp = UdpSocket::bind(address).expect("the same port");
        udp.set_read_timeout(Some(Duration::from_millis(100))).expect("set");
        listener.set_nonblocking(true).expect("set");
        let shared = Arc::new(Shared {
            serial: AtomicU64::new(serial.into()),
            transfer: Mutex::new(transfer),
            transfers: AtomicU64::new(0),
            queries: AtomicU64::new(0),
            ends: AtomicBool::new(false),
            apex: apex.parse().expect("a name"),
        });
        let of = shared.clone();
        let datagrams = std::thread::spawn(move || of.answer_udp(&udp));
        let of = shared.clone();
        let connections = std::thread::spawn(move || of.accept(&listener));
        Hostile { address, shared, threads: vec![datagrams, connections] }
    }

    /// What it says and does from now on.
    pub fn set(&self, serial: u32, transfer: Transfer) {
        *self.shared.transfer.lock().unwrap_or_else(PoisonError::into_inner) = transfer;
        self.shared.serial.store(serial.into(), Ordering::Relaxed);
    }

    /// How many transfers were asked for.
    pub fn transfers(&self) -> u64 {
        self.shared.transfers.load(Ordering::Relaxed)
    }

    /// How often it was asked for the SOA.
    pub fn queries(&self) -> u64 {
        self.shared.queries.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn ends(&self) -> bool {
        self.ends.load(Ordering::Relaxed)
    }

    fn answer_udp(&self, socket: &UdpSocket) {
        let mut room = [0; 2048];
        while !self.ends() {
            let Ok((length, from)) = socket.recv_from(&mut room) else { continue };
            self.queries.fetch_add(1, Ordering::Relaxed);
            let soa = format!("soa {}", self.serial.load(Ordering::Relaxed));
            let _ = socket.send_to(&answer(&self.apex, &room[..length], &soa), from);
        }
    }

    fn accept(self: &Arc<Shared>, listener: &TcpListener) {
        while !self.ends() {
            let Ok((stream, _)) = listener.accept() else {
                std::thread::sleep(Duration::from_millis(5));
                continue;
            };
            let of = self.clone();
            std::thread::spawn(move || of.transfer(stream));
        }
    }

    /// What it does at present.
    fn present(&self) -> Transfer {
        self.transfer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The next request of a connection.
    fn request(&self, stream: &mut TcpStream) -> Option<Vec<u8>> {
        let mut length = [0; 2];
        stream.read_exact(&mut length).ok()?;
        let mut request = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut request).ok()?;
        self.transfers.fetch_add(1, Ordering::Relaxed);
        Some(request)
    }

    fn transfer(&self, mut stream: TcpStream) {
        stream.set_nonblocking(false).expect("set");
        let Some(request) = self.request(&mut stream) else { return };
        let transfer = self.present();
        let send_to = |stream: &mut TcpStream, request: &[u8], line: &str| {
            let message = answer(&self.apex, request, line);
            stream.write_all(&[&(message.len() as u16).to_be_bytes()[..], &message].concat()).is_ok()
        };
        let send = |stream: &mut TcpStream, line: &str| send_to(stream, &request, line);
        match transfer {
            Transfer::Alone(..) => {
                let is_ixfr = |request: &[u8]| request[12 + self.apex.as_wire().len() + 1] == 251;
                let mut next = Some(request.clone());
                // Over a connection that is kept it says what it says by then.
                while let (Some(asked), Transfer::Alone(whole, rest)) = (next, self.present()) {
                    let soa = whole.split(',').next().unwrap_or_default();
                    send_to(&mut stream, &asked, if is_ixfr(&asked) { soa } else { &whole });
                    next = self.request(&mut stream);
                    if is_ixfr(&asked) {
                        rest.iter().all(|line| send_to(&mut stream, &asked, line));
                    }
                }
            }
            Transfer::Messages(lines) => {
                lines.iter().all(|line| send(&mut stream, line));
                let _ = stream.read(&mut [0; 1]);
            }
            Transfer::Closes(lines) => {
                lines.iter().all(|line| send(&mut stream, line));
            }
            Transfer::Endless(lines) => {
                let (last, first) = lines.split_last().expect("a message");
                first.iter().all(|line| send(&mut stream, line));
                for n in 0u64.. {
                    if self.ends() || !send(&mut stream, &last.replace("{n}", &n.to_string())) {
                        break;
                    }
                }
            }
            Transfer::Garbage => {
                let _ = stream.write_all(&[0xff; 4096]);
                let _ = stream.read(&mut [0; 1]);
            }
            Transfer::Drips => {
                while !self.ends() && stream.write_all(&[1]).is_ok() {
                    std::thread::sleep(Duration::from_secs(1));
                }
            }
        }
    }
}

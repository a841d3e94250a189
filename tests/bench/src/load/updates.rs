//! DNS UPDATE: messages that set PTRs, signed, and clients that wait for each to be acknowledged.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use ptrd_tsig::{Key, sign_request};

use crate::data::DataSet;
use crate::random::Random;
use crate::subject::updating::key;

/// How long to wait for one to be acknowledged.
const PATIENCE: Duration = Duration::from_secs(30);
/// Octets of data of a PTR record, or room for the TSIG record.
const ROOM: usize = 512;
const TYPE_SOA: u16 = 6;
const TYPE_PTR: u16 = 12;
const CLASS_IN: u16 = 1;
const CLASS_ANY: u16 = 255;
const TTL: u32 = 3600;

/// An update that sets the PTRs of these addresses: each RRset is deleted and made anew.
pub fn message(apex: &str, changes: &[(String, String)]) -> Vec<u8> {
    let mut octets = vec![0, 0, 5 << 3, 0];
    for count in [1, 0, 2 * changes.len() as u16, 0] {
        octets.extend_from_slice(&count.to_be_bytes());
    }
    write_name(&mut octets, apex);
    put(&mut octets, &[TYPE_SOA, CLASS_IN]);
    for (owner, target) in changes {
        write_name(&mut octets, owner);
        put(&mut octets, &[TYPE_PTR, CLASS_ANY, 0, 0, 0]);
        write_name(&mut octets, owner);
        put(&mut octets, &[TYPE_PTR, CLASS_IN]);
        octets.extend_from_slice(&TTL.to_be_bytes());
        let mut data = Vec::new();
        write_name(&mut data, target);
        put(&mut octets, &[data.len() as u16]);
        octets.extend_from_slice(&data);
    }
    octets
}

fn put(octets: &mut Vec<u8>, words: &[u16]) {
    words.iter().for_each(|word| octets.extend_from_slice(&word.to_be_bytes()));
}

fn write_name(out: &mut Vec<u8>, name: &str) {
    for label in name.split('.').filter(|label| !label.is_empty()) {
        out.push(label.len() as u8);
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
}

/// A client with a socket of its own.
pub struct Client {
    socket: UdpSocket,
    key: Key,
    next: u16,
}

impl Client {
    /// Of this server.
    ///
    /// # Errors
    ///
    /// When there is no socket.
    pub fn new(server: SocketAddr) -> Result<Client> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.connect(server)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(Client { socket, key: key()?, next: 0 })
    }

    /// Sends an update, signed, and waits until it is acknowledged with a signature that is right.
    ///
    /// # Errors
    ///
    /// When it is refused, or nothing comes.
    pub fn send(&mut self, mut message: Vec<u8>) -> Result<()> {
        self.next = self.next.wrapping_add(1);
        message[..2].copy_from_slice(&self.next.to_be_bytes());
        let length = message.len();
        message.resize(length + ROOM, 0);
        let signed = sign_request(self.key.clone(), &mut message, length, seconds());
        let (length, mut awaiting) = signed.context("no room for a signature")?;
        self.socket.send(&message[..length])?;
        let mut reply = [0; 1024];
        loop {
            let length = self.socket.recv(&mut reply).context("an update is not acknowledged")?;
            if reply[..2] != message[..2] {
                continue;
            }
            if reply[3] & 15 != 0 {
                bail!("an update is refused with RCODE {}", reply[3] & 15);
            }
            awaiting.accept(&reply[..length], seconds())?;
            return Ok(());
        }
    }
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// So many clients at once, each with one update in flight, for `duration`; how long each update took.
///
/// Every round has names of its own: setting what is there already is answered at once, and nothing becomes durable.
///
/// # Errors
///
/// When an update is not acknowledged.
pub fn run(
    server: SocketAddr,
    data: DataSet,
    clients: u32,
    round: usize,
    duration: Duration,
) -> Result<Vec<Duration>> {
    let of_clients: Vec<Result<Vec<Duration>>> = thread::scope(|scope| {
        let run = |client| scope.spawn(move || run_client(server, data, (client, clients), round, duration));
        let handles: Vec<_> = (0..clients).map(run).collect();
        handles.into_iter().map(|handle| handle.join().expect("a client does not panic")).collect()
    });
    let mut times = Vec::new();
    for client in of_clients {
        times.extend(client?);
    }
    Ok(times)
}

fn run_client(
    server: SocketAddr,
    data: DataSet,
    (client, clients): (u32, u32),
    round: usize,
    duration: Duration,
) -> Result<Vec<Duration>> {
    let zones = data.zones();
    let mut sender = Client::new(server)?;
    let mut random = Random::new((round as u64) << 32 | u64::from(client));
    let (mut times, begun) = (Vec::new(), Instant::now());
    while begun.elapsed() < duration {
        let index = random.below(data.len() / clients) * clients + client;
        let zone = zones.iter().find(|zone| zone.indices.contains(&index)).context("no zone has it")?;
        let name = format!("updated-{clients}-{round}-{client}-{}.pool.example.net", times.len());
        let message = message(&zone.apex, &[(data.owner(index), name)]);
        let sent = Instant::now();
        sender.send(message)?;
        times.push(sent.elapsed());
    }
    Ok(times)
}

//! Asks a server for the serials of zones: SOA over UDP, over TCP where the answer is cut short (RFC 1035 §4.2).
//!
//! A server that says that it does not serve a zone holds none. One that does not answer at all could hold any, and is
//! a failure: serials that are too low would show days later.

use anyhow::{Context, bail};
use ptrd_wire::{Name, Serial};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long to wait for an answer before asking again.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often to ask.
const TRIES: u32 = 4;
/// Questions under way at a time.
const AT_ONCE: usize = 16;

const SOA: u16 = 6;
const NOERROR: u8 = 0;

/// What an answer says.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Holds(Serial),
    HoldsNone,
    CutShort,
}

/// The serial of each zone that the server holds, in the order of `zones`. `answered` is called for each.
pub fn serials(
    server: SocketAddr,
    zones: &[Name],
    answered: impl Fn() + Sync,
) -> anyhow::Result<Vec<Option<Serial>>> {
    let next = AtomicUsize::new(0);
    let answers = Mutex::new(vec![None; zones.len()]);
    let failed = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(zones.len()) {
            scope.spawn(|| {
                let mut socket = None;
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    let Some(apex) = zones.get(nth) else { return };
                    match serial(&mut socket, server, apex) {
                        Ok(serial) => {
                            answers.lock().unwrap_or_else(PoisonError::into_inner)[nth] = serial;
                            answered();
                        }
                        Err(error) => {
                            next.store(zones.len(), Ordering::Relaxed);
                            let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                            failed.get_or_insert(error.context(format!("the zone {apex}")));
                            return;
                        }
                    }
                }
            });
        }
    });
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(answers.into_inner().unwrap_or_else(PoisonError::into_inner)),
    }
}

fn serial(socket: &mut Option<UdpSocket>, server: SocketAddr, apex: &Name) -> anyhow::Result<Option<Serial>> {
    let socket = match socket {
        Some(socket) => socket,
        None => socket.insert(connected(server).context("no socket")?),
    };
    for _ in 0..TRIES {
        let question = question(apex)?;
        let answer = match over_udp(socket, &question) {
            Ok(Some(answer)) => answer,
            Ok(None) => continue,
            // Nobody listens there, which may be a moment of its restart.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                std::thread::sleep(PATIENCE / 8);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        return Ok(match answer {
            Answer::Holds(serial) => Some(serial),
            Answer::HoldsNone => None,
            Answer::CutShort => match over_tcp(server, &question).context("over TCP")? {
                Some(Answer::Holds(serial)) => Some(serial),
                Some(Answer::HoldsNone) => None,
                _ => bail!("the answer over TCP makes no sense"),
            },
        });
    }
    bail!("no answer: is it a nameserver, and may this host ask it?")
}

fn connected(server: SocketAddr) -> io::Result<UdpSocket> {
    let socket = match server {
        SocketAddr::V4(_) => UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)),
    }?;
    socket.connect(server)?;
    Ok(socket)
}

/// A query for the SOA, without recursion: what the server holds itself is wanted.
fn question(apex: &Name) -> anyhow::Result<Vec<u8>> {
    let mut id = [0; 2];
    getrandom::fill(&mut id).map_err(|error| anyhow::anyhow!("no random number: {error}"))?;
    let mut octets = id.to_vec();
    octets.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    octets.extend_from_slice(apex.as_wire());
    octets.extend_from_slice(&[0, SOA as u8, 0, 1]);
    Ok(octets)
}

fn over_udp(socket: &UdpSocket, question: &[u8]) -> io::Result<Option<Answer>> {
    socket.send(question)?;
    let until = Instant::now() + PATIENCE;
    let mut reply = [0; 4096];
    while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        socket.set_read_timeout(Some(left))?;
        match socket.recv(&mut reply) {
            // Anything else is a late answer to another question, or not from there.
            Ok(length) => {
                if let Some(answer) = read(&reply[..length], question) {
                    return Ok(Some(answer));
                }
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                break;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn over_tcp(server: SocketAddr, question: &[u8]) -> io::Result<Option<Answer>> {
    let mut stream = TcpStream::connect_timeout(&server, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let length = u16::try_from(question.len()).unwrap_or(u16::MAX);
    stream.write_all(&[&length.to_be_bytes(), question].concat())?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut reply = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut reply)?;
    Ok(read(&reply, question))
}

/// Reads a reply; `None` for what is none to this question.
fn read(reply: &[u8], question: &[u8]) -> Option<Answer> {
    let asked = &question[12..];
    let same = reply.get(12..12 + asked.len())?.eq_ignore_ascii_case(asked);
    if reply[..2] != question[..2] || reply[2] & 0x80 == 0 || !same {
        return None;
    }
    if reply[2] & 2 != 0 {
        return Some(Answer::CutShort);
    }
    if reply[3] & 15 != NOERROR {
        return Some(Answer::HoldsNone);
    }
    let mut at = 12 + asked.len();
    for _ in 0..u16::from_be_bytes([reply[6], reply[7]]) {
        at = past_name(reply, at)?;
        let fixed = reply.get(at..at + 10)?;
        let (rtype, length) =
            (u16::from_be_bytes([fixed[0], fixed[1]]), u16::from_be_bytes([fixed[8], fixed[9]]));
        let data = at + 10;
        at = data + usize::from(length);
        if rtype == SOA {
            let serial = past_name(reply, past_name(reply, data)?)?;
            let octets: [u8; 4] = reply.get(serial..serial + 4)?.try_into().ok()?;
            return (serial + 4 <= at).then(|| Answer::Holds(Serial(u32::from_be_bytes(octets))));
        }
    }
    // A referral, or a name that is in another zone there.
    Some(Answer::HoldsNone)
}

/// Where a name that may be compressed ends (RFC 1035 §4.1.4).
fn past_name(reply: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *reply.get(at)? {
            0 => return Some(at + 1),
            n if n >= 0xc0 => return Some(at + 2),
            n if n < 64 => at += usize::from(n) + 1,
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(question: &[u8], flags: [u8; 2], answers: u8, records: &[u8]) -> Vec<u8> {
        let mut octets = question.to_vec();
        octets[2..4].copy_from_slice(&flags);
        octets[7] = answers;
        octets.extend_from_slice(records);
        octets
    }

    #[test]
    fn replies_are_read_and_damaged_ones_are_not_believed() {
        let question = question(&"2.0.192.in-addr.arpa.".parse().expect("a name")).expect("a question");
        let mut soa = vec![0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 9, 0, 26, 1, b'a', 0, 0xc0, 12];
        soa.extend_from_slice(&[0x78, 0x9a, 0xbc, 0xde]);
        soa.extend_from_slice(&[0; 17]);
        let good = reply(&question, [0x84, 0], 1, &soa);
        assert_eq!(read(&good, &question), Some(Answer::Holds(Serial(0x789a_bcde))));
        assert_eq!(read(&reply(&question, [0x84, 5], 0, &[]), &question), Some(Answer::HoldsNone));
        assert_eq!(read(&reply(&question, [0x84, 0], 0, &[]), &question), Some(Answer::HoldsNone));
        assert_eq!(read(&reply(&question, [0x86, 0], 0, &[]), &question), Some(Answer::CutShort));
        assert_eq!(read(&reply(&question, [0x04, 0], 1, &soa), &question), None, "a query");
        let mut other = good.clone();
        other[1] ^= 1;
        assert_eq!(read(&other, &question), None, "another id");
        for cut in 0..question.len() + 21 {
            assert!(!matches!(read(&good[..cut], &question), Some(Answer::Holds(_))), "{cut}");
        }
    }
}

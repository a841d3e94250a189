//! An open loop: queries come when they are due, whatever became of those before, and how long each took to be answered.
//!
//! A time runs from just before the query is sent to when the kernel received the reply (SO_TIMESTAMPNS), so that a
//! generator which is late to read, because something else has its core, adds nothing.

use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;
use socket2::SockRef;

use super::steady::Times;
use super::udp::following;
use crate::query::{Judgement, Pool};
use crate::random::Random;

/// Sockets, so that the server sees several peers.
const SOCKETS: usize = 16;
/// Between two looks at the sockets and the clock.
const TICK: Duration = Duration::from_micros(20);
/// A query without an answer for so long is lost, and counts as having taken so long.
const PATIENCE: Duration = Duration::from_secs(1);
/// Query identifiers.
const IDENTIFIERS: usize = 1 << 16;

/// What to send, and how often.
#[derive(Clone, Copy, Debug)]
pub struct Stream<'a> {
    /// Whom to ask.
    pub server: SocketAddr,
    /// The questions.
    pub pool: &'a Pool,
    /// How to judge the replies.
    pub judgement: Judgement,
    /// Queries a second, at random moments (a Poisson process).
    pub rate: u32,
    /// For how long.
    pub duration: Duration,
    /// Where the random moments and the order of the questions start.
    pub seed: u64,
}

struct Lane {
    socket: UdpSocket,
    next: u16,
    /// For each identifier when the query was sent (nanoseconds since 1970) and its number in the pool; 0 for none.
    waiting: Vec<(u64, u32)>,
}

/// Sends the stream and waits for its answers.
///
/// # Errors
///
/// When an answer is wrong, or a socket fails.
pub fn run(stream: Stream<'_>) -> Result<Times> {
    // Sleep for as long as is asked for, not for 50 µs more.
    nix::sys::prctl::set_timerslack(1).context("setting the timer slack")?;
    let mut lanes = (0..SOCKETS).map(|_| lane(stream.server)).collect::<Result<Vec<_>>>()?;
    let mut random = Random::new(stream.seed);
    let mut cursor = random.below(stream.pool.len() as u32) as usize;
    let (mut times, mut seen) = (Vec::new(), 0);
    let mut gap = || {
        // In (0, 1]: its logarithm is finite.
        let part = (random.next() >> 11) as f64 + 1.0;
        -(part / (1u64 << 53) as f64).ln() / f64::from(stream.rate)
    };
    let (begun, mut due, mut sent) = (Instant::now(), 0.0, 0usize);
    let end = stream.duration.as_secs_f64();
    let mut packet = Vec::new();
    while begun.elapsed() < stream.duration + PATIENCE {
        let now = begun.elapsed().as_secs_f64();
        while due <= now.min(end) {
            let lane = &mut lanes[sent % SOCKETS];
            packet.clear();
            packet.extend_from_slice(stream.pool.packet(cursor));
            packet[..2].copy_from_slice(&lane.next.to_be_bytes());
            lane.waiting[usize::from(lane.next)] = (wall()?, cursor as u32);
            lane.next = lane.next.wrapping_add(1);
            // One that cannot be sent is one that gets no answer.
            let _ = lane.socket.send(&packet);
            cursor = following(cursor, stream.pool.len());
            sent += 1;
            due += gap();
        }
        for lane in &mut lanes {
            drain(lane, stream, &mut times, &mut seen)?;
        }
        if due > end && times.len() == sent {
            break;
        }
        sleep(TICK);
    }
    if sent == 0 {
        bail!("nothing was sent");
    }
    Ok(Times::of(times, sent, PATIENCE))
}

fn lane(server: SocketAddr) -> Result<Lane> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).context("a socket of the generator")?;
    SockRef::from(&socket).set_recv_buffer_size(1 << 20)?;
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true).context("asking for times of receipt")?;
    socket.connect(server)?;
    socket.set_nonblocking(true)?;
    Ok(Lane { socket, next: 0, waiting: vec![(0, 0); IDENTIFIERS] })
}

/// Takes all replies that are there.
fn drain(lane: &mut Lane, stream: Stream<'_>, times: &mut Vec<Duration>, seen: &mut u64) -> Result<()> {
    let mut buffer = [0; 1232];
    let mut control = nix::cmsg_space!(TimeSpec);
    loop {
        let mut parts = [IoSliceMut::new(&mut buffer)];
        let received =
            recvmsg::<()>(lane.socket.as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::MSG_DONTWAIT);
        let (length, stamp) = match received {
            Ok(message) => {
                let stamp = message.cmsgs()?.find_map(|part| match part {
                    ControlMessageOwned::ScmTimestampns(time) => Some(time),
                    _ => None,
                });
                (message.bytes, stamp.context("the kernel gives no time of receipt")?)
            }
            Err(nix::errno::Errno::EAGAIN) => return Ok(()),
            Err(error) => return Err(io::Error::from(error)).context("receiving"),
        };
        let received = stamp.tv_sec() as u64 * 1_000_000_000 + stamp.tv_nsec() as u64;
        let reply = &buffer[..length];
        let Some(&[high, low]) = reply.first_chunk() else { continue };
        let slot = &mut lane.waiting[usize::from(u16::from_be_bytes([high, low]))];
        let (sent, number) = std::mem::take(slot);
        if sent == 0 {
            continue;
        }
        *seen += 1;
        if let Err(complaint) = stream.pool.judge(number as usize, reply, *seen, stream.judgement) {
            bail!("a wrong answer: {complaint}");
        }
        times.push(Duration::from_nanos(received.saturating_sub(sent)));
    }
}

/// Nanoseconds since 1970: the clock of the kernel's times of receipt.
fn wall() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64)
}

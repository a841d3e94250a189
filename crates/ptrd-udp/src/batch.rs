//! Many datagrams for one system call.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use std::ptr::null_mut;
use std::time::Duration;

use libc::{c_int, c_uint};

use crate::address::{Address, Control};
use crate::bundle::{BundleControl, MAX_OCTETS, MAX_SEGMENT, MAX_SEGMENTS, Place};
use crate::slab::{Plain, Slab};
use crate::socket::{Shape, Socket};

/// The longest datagram that a [`Batch`] receives whole or sends, in octets.
pub const DATAGRAM_CAPACITY: usize = 4096;

/// Where one datagram is received.
///
/// The spacing makes the distance of two buffers an odd number of cache lines: at 4 096 octets the first lines of all
/// of them would share one set of the first-level cache.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Buffer {
    octets: [u8; DATAGRAM_CAPACITY],
    spacing: [u8; 3 * 64],
}

// SAFETY: octets only.
unsafe impl Plain for Buffer {}

/// A datagram of the current batch.
#[derive(Clone, Copy)]
pub struct Datagram<'a> {
    /// What it holds, at most [`DATAGRAM_CAPACITY`] octets of it; may be empty.
    pub payload: &'a [u8],
    /// It was longer than [`DATAGRAM_CAPACITY`], and the rest is lost.
    pub truncated: bool,
    peer: &'a Address,
    control: &'a Control,
    control_written: usize,
}

impl Datagram<'_> {
    /// Who sent it. Decoded at each call, from octets that are at hand.
    #[inline]
    pub fn peer(&self) -> SocketAddr {
        self.peer.decode()
    }

    /// The address of who sent it.
    #[inline]
    pub fn peer_ip(&self) -> IpAddr {
        self.peer.ip()
    }

    /// The address of this host that it was sent to, where the socket is bound to the wildcard address. `None`
    /// elsewhere (it is the address bound to), and for datagrams sent to an IPv6 group.
    #[inline]
    pub fn local(&self) -> Option<IpAddr> {
        self.control.local(self.control_written)
    }
}

/// What became of the replies of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Replies that the kernel took.
    pub sent: usize,
    /// Replies that it refused: no route, a port of 0, no room in the send buffer.
    pub dropped: usize,
}

/// The memory for a batch of datagrams and their replies, allocated once.
///
/// Invariant *headers*: every pointer in `incoming`, `outgoing` and `bundles` (names, control messages, vectors) and in
/// the vectors is null with length 0, or points into another slab of the same batch with a length that ends inside the
/// element (or, for replies, inside `replies_octets`; for the vectors of a bundle, inside `bundle_vectors`) that it points
/// at; slabs never move. Only `arrange`, `receive`, `respond` and `bundle` write them, and the kernel only shortens the
/// lengths.
pub struct Batch {
    incoming: Slab<libc::mmsghdr>,
    incoming_vectors: Slab<libc::iovec>,
    peers: Slab<Address>,
    controls: Slab<Control>,
    buffers: Slab<Buffer>,
    outgoing: Slab<libc::mmsghdr>,
    outgoing_vectors: Slab<libc::iovec>,
    replies_octets: Slab<u8>,
    /// In the order in which bundles are made, the replies; and for each reply which datagram it answers.
    places: Box<[Place]>,
    asked: Box<[u16]>,
    bundles: Slab<libc::mmsghdr>,
    bundle_vectors: Slab<libc::iovec>,
    bundle_controls: Slab<BundleControl>,
    /// Octets that a segment of a bundle may have: 0 where the kernel or the device cannot segment.
    segment_limit: usize,
    /// What `incoming` is laid out for; `None` before the first batch.
    shape: Option<Shape>,
    received: usize,
    replies: usize,
}

impl Batch {
    /// Allocates room for batches of up to `size` datagrams (1 to 1 024; 64 is a good choice).
    pub fn new(size: usize) -> Batch {
        let size = size.clamp(1, 1024);
        let mut batch = Batch {
            incoming: Slab::new(size),
            incoming_vectors: Slab::new(size),
            peers: Slab::new(size),
            controls: Slab::new(size),
            buffers: Slab::new(size),
            outgoing: Slab::new(size),
            outgoing_vectors: Slab::new(size),
            replies_octets: Slab::new(size * DATAGRAM_CAPACITY),
            places: vec![Place::default(); size].into(),
            asked: vec![0; size].into(),
            bundles: Slab::new(size),
            bundle_vectors: Slab::new(size),
            bundle_controls: Slab::new(size),
            segment_limit: MAX_SEGMENT,
            shape: None,
            received: 0,
            replies: 0,
        };
        for index in 0..size {
            let octets = batch.buffers.pointer(index).cast();
            batch.incoming_vectors[index] = libc::iovec { iov_base: octets, iov_len: DATAGRAM_CAPACITY };
            let vector = batch.incoming_vectors.pointer(index);
            let header = &mut batch.incoming[index].msg_hdr;
            header.msg_iov = vector;
            header.msg_iovlen = 1;
            let vector = batch.outgoing_vectors.pointer(index);
            let header = &mut batch.outgoing[index].msg_hdr;
            header.msg_iov = vector;
            header.msg_iovlen = 1;
        }
        batch
    }

    /// How many datagrams fit.
    pub fn capacity(&self) -> usize {
        self.incoming.len()
    }

    /// How many datagrams the current batch holds.
    pub fn len(&self) -> usize {
        self.received
    }

    /// Whether the current batch holds nothing.
    pub fn is_empty(&self) -> bool {
        self.received == 0
    }

    /// Waits for a datagram, takes it and those that are there already, and forgets the batch before.
    ///
    /// Returns how many there are: 0 when the socket's timeout has passed, after a signal, and after an error that
    /// the network caused.
    ///
    /// # Errors
    ///
    /// Only such as will come again (`EBADF`, `ENOTSOCK`, …): the worker cannot go on with this socket.
    pub fn receive(&mut self, socket: &Socket) -> io::Result<usize> {
        if self.shape == Some(socket.shape) {
            self.restore(socket.shape);
        } else {
            self.arrange(socket.shape);
        }
        self.received = 0;
        self.replies = 0;
        let flags = if socket.waits { libc::MSG_WAITFORONE } else { libc::MSG_DONTWAIT };
        let size = self.incoming.len() as c_uint;
        // SAFETY: by *headers* each of the `size` headers describes memory of this batch that is exclusively borrowed
        // here and stays put; any octets are valid in it. No timeout is passed.
        let result =
            unsafe { libc::recvmmsg(socket.raw(), self.incoming.pointer(0), size, flags as _, null_mut()) };
        if result < 0 {
            return failed(io::Error::last_os_error()).map(|()| 0);
        }
        self.received = (result as usize).min(self.incoming.len());
        Ok(self.received)
    }

    /// The payload of datagram `index` of the current batch.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Batch::len`].
    #[inline]
    pub fn payload(&self, index: usize) -> &[u8] {
        self.datagram(index).payload
    }

    /// Datagram `index` of the current batch.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Batch::len`].
    #[inline]
    pub fn datagram(&self, index: usize) -> Datagram<'_> {
        assert!(index < self.received);
        view(&self.incoming[index], &self.buffers[index], &self.peers[index], &self.controls[index])
    }

    /// Shows each datagram of the batch to `answer`, in order, with [`DATAGRAM_CAPACITY`] octets to write the reply
    /// to (what they hold before is unspecified). `answer` returns the length of the reply, 0 for none.
    ///
    /// Replaces replies of the same batch that were not sent. Call it once for each batch received.
    #[inline]
    pub fn respond(&mut self, mut answer: impl FnMut(Datagram<'_>, &mut [u8]) -> usize) {
        self.replies = 0;
        let mut used = 0;
        for index in 0..self.received {
            // Replies lie one after the other, so that a batch of them touches a few pages and not one each. There is
            // room for as many full ones as there are datagrams.
            let datagram =
                view(&self.incoming[index], &self.buffers[index], &self.peers[index], &self.controls[index]);
            let mut length = answer(datagram, &mut self.replies_octets[used..used + DATAGRAM_CAPACITY]);
            if length == 0 {
                continue;
            }
            debug_assert!(length <= DATAGRAM_CAPACITY, "a reply of {length} octets does not fit");
            length = length.min(DATAGRAM_CAPACITY);
            self.enqueue(index, used, length);
            // Whole cache lines, but no further than a full reply, so that the last one always has its room.
            used += length.next_multiple_of(64);
        }
    }

    /// Sends the replies of the current batch, without waiting. A reply that the kernel refuses is dropped and
    /// counted, as are those left when the send buffer is full.
    ///
    /// # Errors
    ///
    /// Only such as will come again (`EBADF`, `ENOTSOCK`, …): the worker cannot go on with this socket.
    pub fn send(&mut self, socket: &Socket) -> io::Result<Sent> {
        let replies = std::mem::take(&mut self.replies);
        let mut outcome = Sent::default();
        if replies < 2 || !socket.segments || self.segment_limit == 0 {
            self.send_each(socket, 0..replies, &mut outcome)?;
            return Ok(outcome);
        }
        self.places[..replies].sort_unstable();
        let bundles = self.bundle(replies);
        if bundles == replies {
            self.send_each(socket, 0..replies, &mut outcome)?;
        } else {
            self.send_bundles(socket, bundles, &mut outcome)?;
        }
        Ok(outcome)
    }

    /// Sends replies one by one, as few calls as can be.
    fn send_each(&mut self, socket: &Socket, replies: Range<usize>, outcome: &mut Sent) -> io::Result<()> {
        let Range { start: mut next, end } = replies;
        // Each turn sends or skips at least one reply.
        while next < end {
            match transmit(socket, &mut self.outgoing, next..end) {
                Ok(sent) => {
                    outcome.sent += sent;
                    next += sent;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    outcome.dropped += end - next;
                    break;
                }
                Err(error) => {
                    refused(error)?;
                    outcome.dropped += 1;
                    next += 1;
                }
            }
        }
        Ok(())
    }

    /// Sends what `bundle` made.
    fn send_bundles(&mut self, socket: &Socket, bundles: usize, outcome: &mut Sent) -> io::Result<()> {
        let (mut next, mut place) = (0, 0);
        // Each turn sends or skips at least one bundle; `place` is that of the first reply of the next one.
        while next < bundles {
            let error = match transmit(socket, &mut self.bundles, next..bundles) {
                Ok(sent) => {
                    let taken: usize = (next..next + sent).map(|nth| self.bundle_len(nth)).sum();
                    outcome.sent += taken;
                    place += taken;
                    next += sent;
                    continue;
                }
                Err(error) => error,
            };
            if error.kind() == io::ErrorKind::WouldBlock {
                outcome.dropped += (next..bundles).map(|nth| self.bundle_len(nth)).sum::<usize>();
                break;
            }
            let length = self.bundle_len(next);
            if length == 1 {
                refused(error)?;
                outcome.dropped += 1;
            } else {
                // The kernel or the device may be unable to cut this one, and will be the next time: less is asked
                // for then.
                match error.raw_os_error() {
                    Some(libc::EIO | libc::EOPNOTSUPP | libc::ENOPROTOOPT) => self.segment_limit = 0,
                    Some(libc::EINVAL | libc::EMSGSIZE) => {
                        let size = self.outgoing_vectors[self.places[place].reply()].iov_len;
                        self.segment_limit = self.segment_limit.min(size - 1);
                    }
                    _ => {}
                }
                for nth in place..place + length {
                    let reply = self.places[nth].reply();
                    self.send_each(socket, reply..reply + 1, outcome)?;
                }
            }
            place += length;
            next += 1;
        }
        Ok(())
    }

    /// How many replies a bundle has.
    fn bundle_len(&self, nth: usize) -> usize {
        self.bundles[nth].msg_hdr.msg_iovlen as _
    }

    /// Lays `replies` out, in their order, as messages of one or more segments; returns how many messages.
    fn bundle(&mut self, replies: usize) -> usize {
        let (mut made, mut at) = (0, 0);
        while at < replies {
            let first = self.places[at];
            let size = self.outgoing_vectors[first.reply()].iov_len;
            let (mut end, mut octets) = (at, 0);
            loop {
                let vector = self.outgoing_vectors[self.places[end].reply()];
                self.bundle_vectors[end] = vector;
                octets += vector.iov_len;
                end += 1;
                let is_last = vector.iov_len < size
                    || size > self.segment_limit
                    || end - at == MAX_SEGMENTS
                    || end == replies
                    || octets + size > MAX_OCTETS;
                if is_last || !self.go_together(first, self.places[end]) {
                    break;
                }
            }
            self.close_bundle(made, at, end - at, size);
            made += 1;
            at = end;
        }
        made
    }

    /// Makes message `nth` of the `count` vectors from `at` on.
    #[inline]
    fn close_bundle(&mut self, nth: usize, at: usize, count: usize, size: usize) {
        let reply = self.places[at].reply();
        let mut header = self.outgoing[reply].msg_hdr;
        // *headers*: `at + count` is no more than there are replies, and so than there are vectors.
        header.msg_iov = self.bundle_vectors.pointer(at);
        header.msg_iovlen = count as _;
        if count > 1 {
            let information = &self.controls[usize::from(self.asked[reply])];
            let written = header.msg_controllen as _;
            let length = self.bundle_controls[nth].write(size as u16, information, written);
            header.msg_control = self.bundle_controls.pointer(nth).cast();
            header.msg_controllen = length as _;
        }
        self.bundles[nth].msg_hdr = header;
    }

    /// A fingerprint of the peer of datagram `index` and of the address of ours that it asked.
    #[inline]
    fn way(&self, index: usize) -> u32 {
        let asked = &self.incoming[index].msg_hdr;
        let peer = self.peers[index].fingerprint(asked.msg_namelen);
        if asked.msg_control.is_null() { peer } else { peer ^ self.controls[index].fingerprint() }
    }

    /// Whether two replies go from the same address of ours to the same peer.
    #[inline]
    fn go_together(&self, one: Place, other: Place) -> bool {
        let (a, b) = (one.reply(), other.reply());
        let (asked_a, asked_b) = (usize::from(self.asked[a]), usize::from(self.asked[b]));
        let (header_a, header_b) = (&self.outgoing[a].msg_hdr, &self.outgoing[b].msg_hdr);
        one.way() == other.way()
            && header_a.msg_namelen == header_b.msg_namelen
            && self.peers[asked_a].is_same(&self.peers[asked_b], header_a.msg_namelen)
            && header_a.msg_controllen == header_b.msg_controllen
            && (header_a.msg_controllen == 0 || self.controls[asked_a].is_same(&self.controls[asked_b]))
    }

    /// Makes reply number `self.replies` of `length` octets at `offset`, to whoever sent datagram `index`.
    #[inline]
    fn enqueue(&mut self, index: usize, offset: usize, length: usize) {
        let reply = self.replies;
        // *headers*: the octets end at or before the end of their slab, for `offset + DATAGRAM_CAPACITY` does.
        self.outgoing_vectors[reply] =
            libc::iovec { iov_base: self.replies_octets.pointer(offset).cast(), iov_len: length };
        let asked = &self.incoming[index].msg_hdr;
        self.places[reply] = Place::new(self.way(index), length, reply);
        self.asked[reply] = index as u16;
        let header = &mut self.outgoing[reply].msg_hdr;
        header.msg_name = asked.msg_name;
        header.msg_namelen = asked.msg_namelen.min(Address::ROOM);
        if asked.msg_control.is_null() {
            header.msg_control = null_mut();
            header.msg_controllen = 0;
        } else {
            let length = self.controls[index].turn(asked.msg_controllen as _);
            header.msg_control = if length == 0 { null_mut() } else { asked.msg_control };
            header.msg_controllen = length as _;
        }
        self.replies = reply + 1;
    }

    /// Gives the headers that the last batch used their lengths back.
    fn restore(&mut self, shape: Shape) {
        let (name, control) = room(shape);
        for message in &mut self.incoming[..self.received] {
            message.msg_hdr.msg_namelen = name;
            message.msg_hdr.msg_controllen = control as _;
        }
    }

    /// Lays the headers out for a socket of another shape.
    #[cold]
    fn arrange(&mut self, shape: Shape) {
        let (name, control) = room(shape);
        if let Some(peer) = shape.connected {
            self.peers.fill(Address::encode(peer));
        }
        for index in 0..self.incoming.len() {
            // *headers*: the elements are `Address` and `Control`, whose `ROOM` is what `room` allows.
            let address = self.peers.pointer(index);
            let information = self.controls.pointer(index);
            let header = &mut self.incoming[index].msg_hdr;
            header.msg_name = if name == 0 { null_mut() } else { address.cast() };
            header.msg_namelen = name;
            header.msg_control = if control == 0 { null_mut() } else { information.cast() };
            header.msg_controllen = control as _;
        }
        self.shape = Some(shape);
    }

    #[cfg(test)]
    pub(crate) fn forge_peer(&mut self, index: usize, peer: SocketAddr) {
        self.peers[index] = Address::encode(peer);
    }
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch")
            .field("capacity", &self.incoming.len())
            .field("received", &self.received)
            .field("replies", &self.replies)
            .finish_non_exhaustive()
    }
}

/// Sends the messages of a range, as many as the kernel takes at once: at least one, or it is an error.
fn transmit(socket: &Socket, headers: &mut Slab<libc::mmsghdr>, range: Range<usize>) -> io::Result<usize> {
    let count = range.len();
    assert!(count > 0 && range.end <= headers.len());
    // SAFETY: the range lies within the headers, and by *headers* each describes memory of the batch that they belong
    // to, which is borrowed by the caller. The kernel writes nothing but `msg_len`.
    let result = unsafe {
        libc::sendmmsg(socket.raw(), headers.pointer(range.start), count as c_uint, libc::MSG_DONTWAIT as _)
    };
    match result {
        1.. => Ok((result as usize).min(count)),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Element by element what the kernel wrote of one datagram.
#[inline(always)]
fn view<'a>(
    header: &libc::mmsghdr,
    buffer: &'a Buffer,
    peer: &'a Address,
    control: &'a Control,
) -> Datagram<'a> {
    Datagram {
        payload: &buffer.octets[..(header.msg_len as usize).min(DATAGRAM_CAPACITY)],
        truncated: header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0,
        peer,
        control,
        control_written: header.msg_hdr.msg_controllen as _,
    }
}

/// How many octets the kernel may write for the peer's address and for control messages.
fn room(shape: Shape) -> (libc::socklen_t, usize) {
    let name = if shape.connected.is_some() { 0 } else { Address::ROOM };
    let control = if shape.wildcard { Control::ROOM } else { 0 };
    (name, control)
}

/// Sorts what `recvmmsg` reports into "carry on" and "this socket is of no use".
#[cold]
fn failed(error: io::Error) -> io::Result<()> {
    match error.raw_os_error() {
        Some(libc::EINTR | libc::EAGAIN) => Ok(()),
        // An ICMP error or an interface that went down is reported once and then gone.
        Some(code) if caused_by_network(code) => Ok(()),
        // The kernel is short of memory: it may be for a while, and asking at once again does not help it.
        Some(libc::ENOMEM | libc::ENOBUFS) => {
            std::thread::sleep(Duration::from_millis(1));
            Ok(())
        }
        _ => Err(error),
    }
}

/// Sorts what `sendmmsg` reports into "this reply is lost" and "this socket is of no use".
#[cold]
fn refused(error: io::Error) -> io::Result<()> {
    match error.raw_os_error() {
        Some(libc::EBADF | libc::ENOTSOCK | libc::EFAULT) => Err(error),
        _ => Ok(()),
    }
}

fn caused_by_network(code: c_int) -> bool {
    matches!(
        code,
        libc::ECONNREFUSED
            | libc::ECONNRESET
            | libc::EHOSTUNREACH
            | libc::EHOSTDOWN
            | libc::ENETUNREACH
            | libc::ENETDOWN
            | libc::ENONET
            | libc::EMSGSIZE
            | libc::EPROTO
            | libc::ENOPROTOOPT
            | libc::EACCES
            | libc::ETIMEDOUT
            | libc::EOPNOTSUPP
    )
}

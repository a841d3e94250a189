//! Replies to one peer, handed to the kernel as one message (UDP generic segmentation offload, Linux 4.18).
//!
//! The kernel cuts the message into the datagrams again, as late as it can: they are what they would have been, but the
//! route, the firewall and the queues are passed once for all of them. Forwarders and load balancers, which ask from
//! a few sockets, gain a third of what sending costs; peers that ask from a port a query lose nothing but a sort of
//! some 64 numbers. All segments of a message have one size, but for the last, which may be shorter: replies to a peer
//! go out longest first.

use crate::address::Control;
use crate::slab::Plain;
use libc::{c_int, cmsghdr};
use std::mem::{offset_of, size_of};

/// `UDP_SEGMENT` of `linux/udp.h`, at level `SOL_UDP`.
pub(crate) const UDP_SEGMENT: c_int = 103;
/// `UDP_MAX_SEGMENTS` of kernels before 6.9; later ones take more.
pub(crate) const MAX_SEGMENTS: usize = 64;
/// A message has to fit into one IP packet, headers included.
pub(crate) const MAX_OCTETS: usize = 60_000;
/// Larger replies may not fit into the path's MTU, and would have to be fragmented: segments cannot be.
pub(crate) const MAX_SEGMENT: usize = 1232;

/// The control messages of a bundle: how long a segment is, then the packet information of the reply.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct BundleControl {
    header: cmsghdr,
    size: u16,
    padding: [u8; 6],
    information: Control,
}

// SAFETY: integers and octets only.
unsafe impl Plain for BundleControl {}

const _: () = {
    assert!(offset_of!(BundleControl, size) == size_of::<cmsghdr>().next_multiple_of(size_of::<usize>()));
    assert!(offset_of!(BundleControl, information) % size_of::<usize>() == 0);
    assert!(offset_of!(BundleControl, information) == offset_of!(BundleControl, size) + 8);
};

impl BundleControl {
    /// Writes both; `written` octets of `information` count. Returns how many octets the kernel is to read.
    pub(crate) fn write(&mut self, size: u16, information: &Control, written: usize) -> usize {
        self.header.cmsg_len = (offset_of!(BundleControl, size) + size_of::<u16>()) as _;
        self.header.cmsg_level = libc::SOL_UDP;
        self.header.cmsg_type = UDP_SEGMENT;
        self.size = size;
        if written > 0 {
            self.information = *information;
        }
        offset_of!(BundleControl, information) + written
    }
}

/// Where a reply stands in the order of sending: by peer, then longest first.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(u64);

impl Place {
    #[inline]
    pub(crate) fn new(way: u32, length: usize, reply: usize) -> Place {
        Place(u64::from(way) << 32 | (0xffff - length as u64) << 16 | reply as u64)
    }

    /// The number of the reply.
    #[inline]
    pub(crate) fn reply(self) -> usize {
        (self.0 & 0xffff) as usize
    }

    /// A fingerprint of where it goes to and from where.
    #[inline]
    pub(crate) fn way(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

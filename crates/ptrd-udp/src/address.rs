//! Socket addresses and packet information as the kernel writes them, decoded only when asked.
//!
//! Both types are plain octets in the kernel's layout; nothing here is `unsafe` except the promise that zero is a
//! value of them.

use std::mem::{offset_of, size_of};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use crate::slab::Plain;

/// Room for a `sockaddr_in` or `sockaddr_in6`, rounded so that two share a cache line.
#[derive(Clone, Copy)]
#[repr(C, align(32))]
pub(crate) struct Address {
    octets: [u8; 32],
}

// SAFETY: an array of octets.
unsafe impl Plain for Address {}

const FAMILY_V6: [u8; 2] = (libc::AF_INET6 as u16).to_ne_bytes();

// `decode` relies on the layout that Linux promises to user space.
const _: () = {
    use libc::{sockaddr_in, sockaddr_in6};
    assert!(offset_of!(sockaddr_in, sin_family) == 0 && offset_of!(sockaddr_in6, sin6_family) == 0);
    assert!(offset_of!(sockaddr_in, sin_port) == 2 && offset_of!(sockaddr_in6, sin6_port) == 2);
    assert!(offset_of!(sockaddr_in, sin_addr) == 4 && offset_of!(sockaddr_in6, sin6_flowinfo) == 4);
    assert!(offset_of!(sockaddr_in6, sin6_addr) == 8 && offset_of!(sockaddr_in6, sin6_scope_id) == 24);
    assert!(size_of::<sockaddr_in6>() == 28 && size_of::<sockaddr_in>() == 16);
};

impl Address {
    /// How many octets the kernel may write.
    pub(crate) const ROOM: libc::socklen_t = size_of::<libc::sockaddr_in6>() as libc::socklen_t;

    pub(crate) fn encode(address: SocketAddr) -> Address {
        let mut octets = [0; 32];
        octets[2..4].copy_from_slice(&address.port().to_be_bytes());
        match address {
            SocketAddr::V4(v4) => {
                octets[..2].copy_from_slice(&(libc::AF_INET as u16).to_ne_bytes());
                octets[4..8].copy_from_slice(&v4.ip().octets());
            }
            SocketAddr::V6(v6) => {
                octets[..2].copy_from_slice(&FAMILY_V6);
                octets[4..8].copy_from_slice(&v6.flowinfo().to_be_bytes());
                octets[8..24].copy_from_slice(&v6.ip().octets());
                octets[24..28].copy_from_slice(&v6.scope_id().to_ne_bytes());
            }
        }
        Address { octets }
    }

    /// How many of the octets count.
    pub(crate) fn length(&self) -> libc::socklen_t {
        match self.part(0) == FAMILY_V6 {
            true => Address::ROOM,
            false => size_of::<libc::sockaddr_in>() as libc::socklen_t,
        }
    }

    #[inline]
    pub(crate) fn decode(&self) -> SocketAddr {
        let port = u16::from_be_bytes(self.part(2));
        match self.ip() {
            IpAddr::V4(ip) => SocketAddr::V4(SocketAddrV4::new(ip, port)),
            IpAddr::V6(ip) => {
                let flow = u32::from_be_bytes(self.part(4));
                let scope = u32::from_ne_bytes(self.part(24));
                SocketAddr::V6(SocketAddrV6::new(ip, port, flow, scope))
            }
        }
    }

    #[inline]
    pub(crate) fn ip(&self) -> IpAddr {
        if self.part(0) == FAMILY_V6 {
            IpAddr::V6(Ipv6Addr::from(self.part::<16>(8)))
        } else {
            IpAddr::V4(Ipv4Addr::from(self.part::<4>(4)))
        }
    }

    /// A fingerprint of the first `length` octets, of which there are a few sorts only: 0, 16 or 28.
    #[inline]
    pub(crate) fn fingerprint(&self, length: libc::socklen_t) -> u32 {
        // IPv4: family, port and address. IPv6: the port and the low half of the address; the rest `is_same` compares.
        match length {
            0 => 0,
            28 => mix(u64::from_ne_bytes(self.part(16)) ^ u64::from(u16::from_ne_bytes(self.part(2)))),
            _ => mix(u64::from_ne_bytes(self.part(0))),
        }
    }

    /// Whether the first `length` octets are the same.
    #[inline]
    pub(crate) fn is_same(&self, other: &Address, length: libc::socklen_t) -> bool {
        let length = (length as usize).min(self.octets.len());
        self.octets[..length] == other.octets[..length]
    }

    #[inline(always)]
    fn part<const N: usize>(&self, at: usize) -> [u8; N] {
        self.octets[at..at + N].try_into().expect("constant range")
    }
}

#[inline]
fn mix(word: u64) -> u32 {
    (word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

/// Room for one control message with an `in_pktinfo` or `in6_pktinfo`.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Control {
    header: libc::cmsghdr,
    data: [u8; 24],
}

// SAFETY: integers and octets only.
unsafe impl Plain for Control {}

const _: () = {
    use libc::{in_pktinfo, in6_pktinfo};
    assert!(offset_of!(Control, data) == size_of::<libc::cmsghdr>().next_multiple_of(size_of::<usize>()));
    assert!(offset_of!(in_pktinfo, ipi_ifindex) == 0 && offset_of!(in_pktinfo, ipi_spec_dst) == 4);
    assert!(offset_of!(in6_pktinfo, ipi6_addr) == 0 && offset_of!(in6_pktinfo, ipi6_ifindex) == 16);
    assert!(size_of::<in_pktinfo>() == 12 && size_of::<in6_pktinfo>() == 20);
};

impl Control {
    /// How many octets the kernel may write: `CMSG_SPACE(sizeof(struct in6_pktinfo))`.
    pub(crate) const ROOM: usize = size_of::<Control>();

    /// For a datagram that is to leave from this address of ours, and how many octets of it count (`CMSG_SPACE`).
    pub(crate) fn source(local: IpAddr) -> (Control, usize) {
        let mut data = [0; 24];
        let (level, kind, length) = match local {
            IpAddr::V4(ip) => {
                // ipi_spec_dst; interface 0 lets the routes choose.
                data[4..8].copy_from_slice(&ip.octets());
                (libc::IPPROTO_IP, libc::IP_PKTINFO, size_of::<libc::in_pktinfo>())
            }
            IpAddr::V6(ip) => {
                data[..16].copy_from_slice(&ip.octets());
                (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, size_of::<libc::in6_pktinfo>())
            }
        };
        // SAFETY: all octets zero are a valid `cmsghdr`, which consists of integers.
        let mut header: libc::cmsghdr = unsafe { std::mem::zeroed() };
        header.cmsg_level = level;
        header.cmsg_type = kind;
        header.cmsg_len = (offset_of!(Control, data) + length) as _;
        let space = offset_of!(Control, data) + length.next_multiple_of(size_of::<usize>());
        (Control { header, data }, space)
    }

    /// The address of this host that the datagram was sent to; `written` is how many octets the kernel wrote.
    /// `None` for a group address: no reply can leave from one.
    #[inline]
    pub(crate) fn local(&self, written: usize) -> Option<IpAddr> {
        let data = offset_of!(Control, data);
        if written < data + 12 {
            return None;
        }
        match (self.header.cmsg_level, self.header.cmsg_type) {
            (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                // ipi_spec_dst, not ipi_addr: the former is an address of ours even when the latter is broadcast.
                let octets: [u8; 4] = self.data[4..8].try_into().expect("constant range");
                Some(IpAddr::V4(Ipv4Addr::from(octets)))
            }
            (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) if written >= data + 20 => {
                let octets: [u8; 16] = self.data[..16].try_into().expect("constant range");
                let ip = Ipv6Addr::from(octets);
                (!ip.is_multicast()).then_some(IpAddr::V6(ip))
            }
            _ => None,
        }
    }

    /// A fingerprint of the address.
    #[inline]
    pub(crate) fn fingerprint(&self) -> u32 {
        let word = |at: usize| u64::from_ne_bytes(self.data[at..at + 8].try_into().expect("constant range"));
        mix(word(0) ^ word(8).rotate_left(17))
    }

    /// Whether both say the same.
    #[inline]
    pub(crate) fn is_same(&self, other: &Control) -> bool {
        self.header.cmsg_type == other.header.cmsg_type && self.data[..20] == other.data[..20]
    }

    /// Turns what was received into what the reply is sent with: the same address of ours, and the interface left to
    /// routing except for link-local addresses, which mean nothing without it. Returns how many octets to send, zero
    /// when the kernel shall choose the source address.
    #[inline]
    pub(crate) fn turn(&mut self, written: usize) -> usize {
        match self.local(written) {
            Some(IpAddr::V4(_)) => {
                self.data[..4].fill(0);
                offset_of!(Control, data) + size_of::<libc::in_pktinfo>().next_multiple_of(size_of::<usize>())
            }
            Some(IpAddr::V6(ip)) => {
                if !ip.is_unicast_link_local() {
                    self.data[16..20].fill(0);
                }
                offset_of!(Control, data)
                    + size_of::<libc::in6_pktinfo>().next_multiple_of(size_of::<usize>())
            }
            None => 0,
        }
    }
}

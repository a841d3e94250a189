//! The squares of the address space that a map shows: prefixes that are cut into 16 × 16 parts. One of IPv4 begins at an
//! octet, one of IPv6 at a nibble, so that zooming in goes octet by octet, or nibble by nibble.

use crate::{AddrRange, Family, ip_from_bits, ip_to_bits};
use std::net::IpAddr;

/// Parts in a row, and rows.
pub const SIDE: usize = 16;
/// Parts of a frame.
pub const PARTS: usize = SIDE * SIDE;
/// Bits that tell the parts of a frame apart.
const PART_BITS: u8 = 8;
/// Bits that tell its rows apart.
const ROW_BITS: u8 = 4;

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    family: Family,
    first: u128,
    length: u8,
}

fn width(family: Family) -> u8 {
    match family {
        Family::V4 => 32,
        Family::V6 => 128,
    }
}

/// How many bits frames of a family are apart.
fn step(family: Family) -> u8 {
    match family {
        Family::V4 => 8,
        Family::V6 => 4,
    }
}

/// The length of the shortest prefix that a range lies in.
fn common_length(range: &AddrRange) -> u8 {
    let apart = range.first_bits() ^ range.last_bits();
    width(range.family()) - (128 - apart.leading_zeros()) as u8
}

impl Frame {
    /// The smallest frame around a range.
    pub fn around(range: &AddrRange) -> Frame {
        let family = range.family();
        let longest = width(family) - PART_BITS;
        let length = common_length(range).min(longest) / step(family) * step(family);
        Frame::at(family, range.first_bits(), length)
    }

    /// The lengths that frames of a family have, those of single addresses first.
    pub fn lengths(family: Family) -> impl Iterator<Item = u8> {
        let (longest, step) = (width(family) - PART_BITS, step(family));
        (0..=longest / step).map(move |nth| longest - nth * step)
    }

    /// The frame of a length, one of [`Frame::lengths`], that an address is in.
    pub fn of_length(address: IpAddr, length: u8) -> Frame {
        let (family, bits) = ip_to_bits(address);
        Frame::at(family, bits, length)
    }

    /// The frame of single addresses that an address is in.
    pub fn of_address(address: IpAddr) -> Frame {
        Frame::around(&AddrRange::single(address))
    }

    fn at(family: Family, bits: u128, length: u8) -> Frame {
        let first = AddrRange::of_prefix(family, bits, length).first_bits();
        Frame { family, first, length }
    }

    /// All its addresses.
    pub fn range(&self) -> AddrRange {
        AddrRange::of_prefix(self.family, self.first, self.length)
    }

    /// Whether its parts are single addresses.
    pub fn is_leaf(&self) -> bool {
        self.length == width(self.family) - PART_BITS
    }

    /// Whether rows can be zoomed into: between octets there is no frame.
    pub fn has_row_frames(&self) -> bool {
        self.family == Family::V6 && !self.is_leaf()
    }

    fn shift(&self) -> u8 {
        width(self.family) - self.length - PART_BITS
    }

    /// The addresses of a part.
    pub fn part(&self, nth: u8) -> AddrRange {
        AddrRange::of_prefix(
            self.family,
            self.first | u128::from(nth) << self.shift(),
            self.length + PART_BITS,
        )
    }

    /// The addresses of a row.
    pub fn row(&self, nth: u8) -> AddrRange {
        let bits = self.first | u128::from(nth) << (self.shift() + PART_BITS - ROW_BITS);
        AddrRange::of_prefix(self.family, bits, self.length + ROW_BITS)
    }

    /// The part that an address is in.
    pub fn part_of(&self, address: IpAddr) -> Option<u8> {
        let (_, bits) = ip_to_bits(address);
        self.range().contains(address).then_some((bits >> self.shift()) as u8)
    }

    /// What a part is called in its frame: the octet, or two nibbles.
    pub fn part_name(&self, nth: u8) -> String {
        match self.family {
            Family::V4 => nth.to_string(),
            Family::V6 => format!("{nth:02x}"),
        }
    }

    /// The frames around it, the widest first, itself last. Of IPv6 those that a click on a part leads through.
    pub fn path(&self) -> Vec<Frame> {
        let mut lengths: Vec<u8> = (0..=self.length / PART_BITS).map(|nth| nth * PART_BITS).collect();
        if lengths.last() != Some(&self.length) {
            lengths.push(self.length);
        }
        lengths.into_iter().map(|length| Frame::at(self.family, self.first, length)).collect()
    }

    /// What it is called on the way to it: the prefix, without the rest of the address where that is clear.
    pub fn name(&self) -> String {
        match (self.family, ip_from_bits(self.family, self.first)) {
            (Family::V4, _) if self.length == 0 => "IPv4".into(),
            (Family::V6, _) if self.length == 0 => "IPv6".into(),
            (_, first) => format!("{first}/{}", self.length),
        }
    }
}

/// Which sides of a part are a border of its block, in a grid of so many columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Sides {
    pub top: bool,
    pub right: bool,
    pub bottom: bool,
    pub left: bool,
}

/// The borders of a part, where `blocks` says which block each part is in.
pub fn sides(blocks: &[Option<usize>; PARTS], nth: usize, columns: usize) -> Sides {
    let own = blocks[nth];
    if own.is_none() {
        return Sides::default();
    }
    let column = nth % columns;
    let differs = |inside: bool, other: Option<usize>| !inside || other.is_none_or(|at| blocks[at] != own);
    Sides {
        top: differs(nth >= columns, nth.checked_sub(columns)),
        bottom: differs(nth + columns < PARTS, Some(nth + columns).filter(|at| *at < PARTS)),
        left: differs(column > 0, nth.checked_sub(1)),
        right: differs(column + 1 < columns, Some(nth + 1).filter(|at| *at < PARTS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> AddrRange {
        text.parse().expect("a range")
    }

    fn frame(text: &str) -> String {
        Frame::around(&range(text)).range().to_string()
    }

    #[test]
    fn the_smallest_frame_lies_on_an_octet_or_a_nibble() {
        for (of, around) in [
            ("192.0.2.0/24", "192.0.2.0/24"),
            ("192.0.2.64/26", "192.0.2.0/24"),
            ("192.0.2.7", "192.0.2.0/24"),
            ("192.0.2.10-192.0.2.20", "192.0.2.0/24"),
            ("192.0.2.250-192.0.3.5", "192.0.0.0/16"),
            ("198.51.100.0/22", "198.51.0.0/16"),
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("127.255.255.255-128.0.0.0", "0.0.0.0/0"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("2001:db8::/46", "2001:db8::/44"),
            ("2001:db8::/64", "2001:db8::/64"),
            ("2001:db8::1", "2001:db8::/120"),
            ("2001:db8::/126", "2001:db8::/120"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(frame(of), around, "{of}");
        }
    }

    #[test]
    fn parts_tile_their_frame_and_find_their_addresses() {
        for text in [
            "192.0.2.0/24",
            "10.0.0.0/8",
            "0.0.0.0/0",
            "2001:db8::/32",
            "2001:db8::/36",
            "2001:db8::/120",
            "::/0",
        ] {
            let frame = Frame::around(&range(text));
            let mut next = Some(frame.range().first_bits());
            for nth in 0..=255 {
                let part = frame.part(nth);
                assert_eq!(Some(part.first_bits()), next, "{text} {nth}");
                assert_eq!(frame.part_of(part.first()), Some(nth));
                assert_eq!(frame.part_of(part.last()), Some(nth));
                assert!(frame.row(nth / 16).covers(&part), "{text} {nth}");
                next = part.last_bits().checked_add(1);
            }
            assert_eq!(frame.part(255).last(), frame.range().last());
        }
        let frame = Frame::around(&range("192.0.2.0/24"));
        assert_eq!(frame.part_of("192.0.3.1".parse().expect("an address")), None);
        assert_eq!(frame.part_of("2001:db8::1".parse().expect("an address")), None);
    }

    #[test]
    fn zooming_ends_at_single_addresses() {
        for (start, steps) in [("0.0.0.0/0", 3), ("2001:db8::/32", 11), ("::/0", 15)] {
            let mut frame = Frame::around(&range(start));
            for _ in 0..steps {
                assert!(!frame.is_leaf());
                let next = Frame::around(&frame.part(0xa5));
                assert!(frame.range().covers(&next.range()) && next != frame);
                frame = next;
            }
            assert!(frame.is_leaf(), "{start}");
            assert_eq!(frame.part(7).size(), 1);
        }
        let nibble = Frame::around(&Frame::around(&range("2001:db8::/32")).row(5));
        assert_eq!(nibble.range(), range("2001:db8:5000::/36"));
    }

    #[test]
    fn paths_lead_from_the_whole_to_the_frame() {
        let path = |text: &str| -> Vec<String> {
            Frame::around(&range(text)).path().iter().map(Frame::name).collect()
        };
        assert_eq!(path("192.0.2.0/24"), ["IPv4", "192.0.0.0/8", "192.0.0.0/16", "192.0.2.0/24"]);
        assert_eq!(path("2001::/20"), ["IPv6", "2000::/8", "2001::/16", "2001::/20"]);
    }

    #[test]
    fn blocks_that_are_prefixes_are_rectangles() {
        let mut blocks = [None; PARTS];
        blocks[64..128].fill(Some(0));
        blocks[128..136].fill(Some(1));
        for columns in [16, 8] {
            let edges = |nth| sides(&blocks, nth, columns);
            assert_eq!(edges(64), Sides { top: true, left: true, ..Sides::default() });
            assert_eq!(edges(63), Sides::default(), "no block, no border");
            assert_eq!(edges(64 + columns), Sides { left: true, ..Sides::default() });
            assert!(edges(127).bottom && edges(127).right && !edges(127).top);
            assert!(edges(128).top && edges(128).bottom && edges(135).right);
        }
        let all = [Some(7); PARTS];
        assert_eq!(sides(&all, 17, 16), Sides::default());
        assert!(sides(&all, 255, 16).bottom && sides(&all, 255, 16).right && sides(&all, 0, 8).top);
    }

    #[test]
    fn a_range_that_is_no_prefix_has_its_steps() {
        let mut blocks = [None; PARTS];
        blocks[10..=20].fill(Some(0));
        assert!(sides(&blocks, 10, 16).left && sides(&blocks, 15, 16).right && sides(&blocks, 16, 16).left);
        assert!(sides(&blocks, 20, 16).right && sides(&blocks, 20, 16).top && sides(&blocks, 12, 16).bottom);
    }
}

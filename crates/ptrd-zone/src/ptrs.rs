//! PTR RRsets as they travel on the change road: packed octets, so that a change of sixteen million addresses is
//! one arena and not sixteen million allocations.

use ptrd_wire::{Family, Name, Ttl, ip_from_bits, ip_to_bits};
use std::net::IpAddr;

/// The PTR RRset of an address, borrowed: its TTL, and its targets as uncompressed wire names one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PtrSet<'a> {
    /// The TTL of its own; `None` inherits the block's.
    pub ttl: Option<Ttl>,
    /// The targets: one or more complete wire names, at most 65 535 octets in all.
    pub names: &'a [u8],
}

impl<'a> PtrSet<'a> {
    /// The targets, each in wire form.
    pub fn wire_names(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = self.names;
        std::iter::from_fn(move || {
            let mut at = 0;
            loop {
                match *rest.get(at)? {
                    0 => break,
                    n => at += n as usize + 1,
                }
            }
            let (name, after) = rest.split_at(at + 1);
            rest = after;
            Some(name)
        })
    }

    /// The targets as owned names.
    pub fn to_names(&self) -> Vec<Name> {
        self.wire_names().filter_map(|wire| Name::from_wire(wire).ok()).collect()
    }

    /// Whether `names` is a run of one or more complete wire names: what every reader relies on.
    pub fn is_well_formed(&self) -> bool {
        let mut rest = self.names;
        while !rest.is_empty() {
            match Name::from_wire_prefix(rest) {
                Ok((_, used)) => rest = &rest[used..],
                Err(_) => return false,
            }
        }
        !self.names.is_empty() && self.names.len() <= usize::from(u16::MAX)
    }
}

/// Targets packed as [`PtrSet::names`] wants them.
pub fn pack_names(names: &[Name]) -> Box<[u8]> {
    names.iter().flat_map(|name| name.as_wire()).copied().collect()
}

/// Changes of PTR RRsets in the order of making: what was at an address and what is there now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PtrEdits {
    octets: Vec<u8>,
    count: usize,
}

/// One change of a PTR RRset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PtrEdit<'a> {
    /// The address.
    pub address: IpAddr,
    /// The RRset before, if there was one.
    pub before: Option<PtrSet<'a>>,
    /// The RRset after; `None` removes.
    pub after: Option<PtrSet<'a>>,
}

const HAS_BEFORE: u8 = 1;
const HAS_AFTER: u8 = 2;
const IS_V6: u8 = 4;
const INHERIT: u32 = u32::MAX;

impl PtrEdits {
    /// No edits.
    pub fn new() -> PtrEdits {
        PtrEdits::default()
    }

    /// No edits, with room for `octets` of packed form.
    pub fn with_capacity(octets: usize) -> PtrEdits {
        PtrEdits { octets: Vec::with_capacity(octets), count: 0 }
    }

    /// How many edits.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Appends an edit.
    pub fn push(&mut self, edit: PtrEdit<'_>) {
        let (family, bits) = ip_to_bits(edit.address);
        let mut flags = if family == Family::V6 { IS_V6 } else { 0 };
        flags |= if edit.before.is_some() { HAS_BEFORE } else { 0 };
        flags |= if edit.after.is_some() { HAS_AFTER } else { 0 };
        self.octets.push(flags);
        match family {
            Family::V4 => self.octets.extend_from_slice(&(bits as u32).to_be_bytes()),
            Family::V6 => self.octets.extend_from_slice(&bits.to_be_bytes()),
        }
        for set in [edit.before, edit.after].into_iter().flatten() {
            debug_assert!(set.names.len() <= usize::from(u16::MAX), "a PTR RRset is bounded when it is made");
            self.octets.extend_from_slice(&set.ttl.map_or(INHERIT, Ttl::as_secs).to_be_bytes());
            self.octets.extend_from_slice(&(set.names.len() as u16).to_be_bytes());
            self.octets.extend_from_slice(set.names);
        }
        self.count += 1;
    }

    /// The packed form: what [`PtrEdits::chunks`] cuts and [`PtrEdits::from_packed`] reads.
    pub fn packed(&self) -> &[u8] {
        &self.octets
    }

    /// Reads the packed form; `None` when it is damaged.
    pub fn from_packed(octets: &[u8]) -> Option<PtrEdits> {
        let (mut rest, mut count) = (octets, 0);
        while !rest.is_empty() {
            let (edit, after) = read_edit(rest)?;
            let sound = edit.before.is_none_or(|set| set.is_well_formed())
                && edit.after.is_none_or(|set| set.is_well_formed());
            if !sound {
                return None;
            }
            rest = after;
            count += 1;
        }
        Some(PtrEdits { octets: octets.to_vec(), count })
    }

    /// The edits in order.
    pub fn iter(&self) -> impl Iterator<Item = PtrEdit<'_>> {
        let mut rest = self.octets.as_slice();
        std::iter::from_fn(move || {
            let (edit, after) = read_edit(rest)?;
            rest = after;
            Some(edit)
        })
    }

    /// The packed form in pieces of whole edits, each of at least one edit and, beyond that, at most `size` octets.
    pub fn chunks(&self, size: usize) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.octets.as_slice();
        std::iter::from_fn(move || {
            let mut taken = 0;
            while let Some((_, after)) = read_edit(&rest[taken..]) {
                let end = rest.len() - after.len();
                if taken > 0 && end > size {
                    break;
                }
                taken = end;
            }
            let (chunk, after) = rest.split_at(taken);
            rest = after;
            (taken > 0).then_some(chunk)
        })
    }
}

fn read_edit(octets: &[u8]) -> Option<(PtrEdit<'_>, &[u8])> {
    let (&flags, rest) = octets.split_first()?;
    let (address, mut rest) = if flags & IS_V6 == 0 {
        let (bits, rest) = rest.split_first_chunk::<4>()?;
        (ip_from_bits(Family::V4, u128::from(u32::from_be_bytes(*bits))), rest)
    } else {
        let (bits, rest) = rest.split_first_chunk::<16>()?;
        (ip_from_bits(Family::V6, u128::from_be_bytes(*bits)), rest)
    };
    let mut take = |present: bool| -> Option<Option<PtrSet<'_>>> {
        if !present {
            return Some(None);
        }
        let (ttl, after) = rest.split_first_chunk::<4>()?;
        let (length, after) = after.split_first_chunk::<2>()?;
        let (names, after) = after.split_at_checked(u16::from_be_bytes(*length) as usize)?;
        rest = after;
        let ttl = u32::from_be_bytes(*ttl);
        Some(Some(PtrSet { ttl: (ttl != INHERIT).then(|| Ttl::from_secs(ttl)), names }))
    };
    let before = take(flags & HAS_BEFORE != 0)?;
    let after = take(flags & HAS_AFTER != 0)?;
    Some((PtrEdit { address, before, after }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_round_trip_and_cut_into_chunks() {
        let names = pack_names(&["a.example".parse().expect("name"), "b.example".parse().expect("name")]);
        let set = PtrSet { ttl: None, names: &names };
        let mut edits = PtrEdits::new();
        for n in 0..50u8 {
            let address = if n % 2 == 0 { IpAddr::from([192, 0, 2, n]) } else { IpAddr::from([n; 16]) };
            let before = (n % 3 == 0).then_some(set);
            edits.push(PtrEdit {
                address,
                before,
                after: Some(PtrSet { ttl: Some(Ttl::from_secs(60)), ..set }),
            });
        }
        assert_eq!(set.to_names().len(), 2);
        assert_eq!(edits.iter().count(), 50);
        assert_eq!(PtrEdits::from_packed(edits.packed()).as_ref(), Some(&edits));
        let chunks: Vec<&[u8]> = edits.chunks(200).collect();
        assert!(chunks.len() > 5 && chunks.iter().all(|chunk| chunk.len() <= 200));
        assert_eq!(chunks.concat(), edits.packed());
        assert_eq!(edits.chunks(1).count(), 50);
        for cut in 1..edits.packed().len().min(60) {
            let damaged = &edits.packed()[..edits.packed().len() - cut];
            assert!(PtrEdits::from_packed(damaged).is_none_or(|read| read.len() < 50));
        }
    }
}

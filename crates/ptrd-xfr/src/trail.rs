//! Compression of names that follow each other in a transfer (RFC 1035 §4.1.4).
//!
//! A name is compared to the one written before it in the same kind of place; what the two share at their ends becomes a
//! pointer.

/// The name written last in one kind of place, and where its endings can be pointed to.
pub(crate) struct Trail {
    /// That name, its last octet at [`END`].
    name: [u8; END + FEW],
    length: usize,
    /// Endings of the name that stand in the message, the shortest first: octets from the end of the name, and offset.
    endings: [(u8, u16); 128],
    count: usize,
    /// If the last of them is the whole name and the one before all but its first label: the latter's octets and offset.
    /// Otherwise no octets.
    behind: (usize, u16),
    /// Where labels of the next name start, octets from the start of [`Trail::name`].
    starts: [u16; 128],
}

/// Octets that are copied at once instead of one by one.
const FEW: usize = 32;
/// Behind the longest name, with as many octets before it.
const END: usize = FEW + 256;
/// Pointers reach offsets below (RFC 1035 §4.1.4).
const REACH: usize = 0x4000;

impl Default for Trail {
    fn default() -> Trail {
        let (name, starts) = ([0; END + FEW], [0; 128]);
        Trail { name, length: 0, endings: [(0, 0); 128], count: 0, behind: (0, 0), starts }
    }
}

impl Trail {
    /// Writes a name, given in two parts, at an offset which has room for it uncompressed; returns where it ends.
    #[inline(always)]
    pub fn write(&mut self, buffer: &mut [u8], offset: usize, head: &[u8], rest: &[u8]) -> usize {
        match self.write_label(buffer, offset, head, rest) {
            Some(end) => end,
            None => self.write_any(buffer, offset, head, rest),
        }
    }

    /// If `head` is one label, another than the last name had before the same rest: most names of a zone follow on one
    /// like that. Without loops or calls, and almost without branches that depend on lengths.
    #[inline(always)]
    fn write_label(&mut self, buffer: &mut [u8], offset: usize, head: &[u8], rest: &[u8]) -> Option<usize> {
        let (left, target) = self.behind;
        let is_label = head.len() <= FEW && head.len() == usize::from(*head.first()?) + 1;
        if left == 0 || left != rest.len() || !is_label || offset >= REACH {
            return None;
        }
        let middle = END - left;
        if !is_same(&self.name[middle..END], rest) {
            return None;
        }
        let (first, length) = (middle - head.len(), left + head.len());
        let before: [u8; FEW] = *self.name[middle - FEW..].first_chunk()?;
        copy_few(&mut self.name[first..middle], head);
        if self.length == length && before == *self.name[middle - FEW..].first_chunk()? {
            // The same name once more: nothing has been changed yet.
            return None;
        }
        self.length = length;
        self.endings[self.count - 1] = (length as u8, offset as u16);
        put_few(buffer, offset, &self.name[first..], head.len());
        let end = offset + head.len();
        buffer[end..end + 2].copy_from_slice(&(0xc000 | target).to_be_bytes());
        Some(end + 2)
    }

    fn write_any(&mut self, buffer: &mut [u8], offset: usize, head: &[u8], rest: &[u8]) -> usize {
        let first = self.take(head, rest);
        let mut start = first;
        let mut labels = 0;
        // From the whole name on, the first ending that is a known one; the root is written out.
        let target = loop {
            let left = END - start;
            if left <= 1 {
                self.count = 0;
                break None;
            }
            self.forget_longer_than(left);
            if self.count > 0 && usize::from(self.endings[self.count - 1].0) == left {
                break Some(self.endings[self.count - 1].1);
            }
            self.starts[labels] = start as u16;
            labels += 1;
            start += usize::from(self.name[start]) + 1;
        };
        put_few(buffer, offset, &self.name[first..], start - first);
        let mut end = offset + start - first;
        match target {
            Some(target) => {
                buffer[end..end + 2].copy_from_slice(&(0xc000 | target).to_be_bytes());
                end += 2;
            }
            None => {
                buffer[end] = 0;
                end += 1;
            }
        }
        // The labels just written can be pointed to, besides those behind them.
        for &start in self.starts[..labels].iter().rev() {
            let place = offset + usize::from(start) - first;
            if place < REACH && self.count < self.endings.len() {
                self.endings[self.count] = ((END - usize::from(start)) as u8, place as u16);
                self.count += 1;
            }
        }
        self.behind = self.all_but_first_label();
        end
    }

    fn all_but_first_label(&self) -> (usize, u16) {
        let behind = (self.length).saturating_sub(usize::from(self.name[END - self.length]) + 1);
        match self.endings[..self.count] {
            [.., (octets, offset), (whole, _)]
                if usize::from(whole) == self.length && usize::from(octets) == behind =>
            {
                (behind, offset)
            }
            _ => (0, 0),
        }
    }

    /// Puts a name in the place of the one before, where they differ, and forgets endings that the two do not share.
    /// Returns where it starts.
    #[inline]
    fn take(&mut self, head: &[u8], rest: &[u8]) -> usize {
        let (middle, first) = (END - rest.len(), END - rest.len() - head.len());
        let mut common = common_ending(&self.name[END - self.length..END], rest);
        if common == rest.len() {
            let before = middle.min(END - self.length)..middle;
            let more = common_ending(&self.name[before], head);
            self.name[first..middle - more].copy_from_slice(&head[..head.len() - more]);
            common += more;
        } else {
            self.name[middle..END - common].copy_from_slice(&rest[..rest.len() - common]);
            self.name[first..middle].copy_from_slice(head);
        }
        self.length = END - first;
        self.forget_longer_than(common);
        first
    }

    #[inline]
    fn forget_longer_than(&mut self, octets: usize) {
        while self.count > 0 && usize::from(self.endings[self.count - 1].0) > octets {
            self.count -= 1;
        }
    }
}

/// Copies `count` octets, and, where there is room, some more behind them, which mean nothing: of a fixed number the
/// compiler makes two moves instead of a call.
#[inline]
fn put_few(to: &mut [u8], at: usize, from: &[u8], count: usize) {
    match (to[at..].first_chunk_mut::<FEW>(), from.first_chunk::<FEW>()) {
        (Some(to), Some(from)) if count <= FEW => *to = *from,
        _ => to[at..at + count].copy_from_slice(&from[..count]),
    }
}

/// Copies all of one slice, of [`FEW`] octets at most, to another of the same length: in moves that overlap.
#[inline(always)]
fn copy_few(to: &mut [u8], from: &[u8]) {
    fn ends<const N: usize>(to: &mut [u8], from: &[u8]) -> Option<()> {
        let (first, last) = (*from.first_chunk::<N>()?, *from.last_chunk::<N>()?);
        *to.first_chunk_mut()? = first;
        *to.last_chunk_mut()? = last;
        Some(())
    }
    let length = from.len();
    let done = match length {
        // The digits of an octet.
        1..=4 if to.len() == length => {
            for at in [0, 1, 2, 3].map(|at: usize| at.min(length - 1)) {
                to[at] = from[at];
            }
            Some(())
        }
        8..=16 => ends::<8>(to, from),
        17..=FEW => ends::<16>(to, from),
        _ => None,
    };
    if done.is_none() {
        to.copy_from_slice(from);
    }
}

/// Whether two slices of the same length are the same: short ones, without a call.
#[inline(always)]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let word =
        |octets: &[u8], at: usize| u64::from_ne_bytes(octets[at..at + 8].try_into().expect("eight octets"));
    match one.len() {
        0..8 => one.iter().zip(other).all(|(a, b)| a == b),
        length => {
            let mut differing = word(one, length - 8) ^ word(other, length - 8);
            for at in (0..length - 8).step_by(8) {
                differing |= word(one, at) ^ word(other, at);
            }
            differing == 0
        }
    }
}

/// How many octets two names share at their ends.
#[inline]
fn common_ending(one: &[u8], other: &[u8]) -> usize {
    let most = one.len().min(other.len());
    let mut shared = 0;
    while shared + 8 <= most {
        let word = |octets: &[u8]| {
            let end = octets.len() - shared;
            u64::from_be_bytes(octets[end - 8..end].try_into().expect("eight octets"))
        };
        let differing = word(one) ^ word(other);
        if differing != 0 {
            return shared + differing.trailing_zeros() as usize / 8;
        }
        shared += 8;
    }
    while shared < most && one[one.len() - 1 - shared] == other[other.len() - 1 - shared] {
        shared += 1;
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An octet within a label may look like the length of one: an ending is one only where labels begin in both names.
    #[test]
    fn octets_that_look_like_labels_are_none() {
        let one = b"\x01a\x03com\0";
        let other = b"\x03x\x01a\x03com\0";
        let mut buffer = vec![0; 512];
        let mut trail = Trail::default();
        let end = trail.write(&mut buffer, 100, one, &[]);
        assert_eq!(end, 100 + one.len());
        let end = trail.write(&mut buffer, 200, other, &[]);
        assert_eq!(buffer[200..end], *b"\x03x\x01a\xc0\x66", "only com is shared");
    }
}

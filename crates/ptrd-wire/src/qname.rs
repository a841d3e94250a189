//! A question's name as the query path reads it: lower-cased once, label starts found once, no allocation.

use crate::name::LabelIter;

/// Why the octets at a name's place are none that a question may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QNameError {
    /// The message ends inside the name.
    Cut,
    /// A compression pointer or an undefined label type (RFC 1035 §4.1.4, RFC 6891 §5): nothing stands before the
    /// question that a pointer could name.
    NotPlain,
    /// More than 255 octets.
    TooLong,
}

/// A name read from the network: lower-case wire form and the start of each label. A fixed 400-odd octets, meant to
/// be kept by a worker and filled again for each query.
#[derive(Clone)]
pub struct QName {
    lower: [u8; 256],
    starts: [u8; 128],
    length: u8,
    labels: u8,
}

impl Default for QName {
    fn default() -> QName {
        QName { lower: [0; 256], starts: [0; 128], length: 1, labels: 0 }
    }
}

impl QName {
    /// Reads the uncompressed name at the start of `octets` and returns its wire length.
    ///
    /// # Errors
    /// [`QNameError`]; `self` is then unspecified but safe to fill again.
    #[inline]
    pub fn read(&mut self, octets: &[u8]) -> Result<usize, QNameError> {
        let mut at = 0usize;
        let mut labels = 0usize;
        loop {
            let length = *octets.get(at).ok_or(QNameError::Cut)? as usize;
            if length == 0 {
                break;
            }
            if length > 63 {
                return Err(QNameError::NotPlain);
            }
            self.starts[labels] = at as u8;
            labels += 1;
            at += 1 + length;
            if at > 254 {
                return Err(QNameError::TooLong);
            }
        }
        // Length octets are below every letter, so the name can be lower-cased as a whole.
        let length = at + 1;
        let mut chunks = octets[..length].chunks_exact(8);
        let mut to = 0;
        for chunk in &mut chunks {
            let word = u64::from_le_bytes(chunk.try_into().unwrap_or_default());
            self.lower[to..to + 8].copy_from_slice(&lower_word(word).to_le_bytes());
            to += 8;
        }
        for octet in chunks.remainder() {
            self.lower[to] = octet.to_ascii_lowercase();
            to += 1;
        }
        self.length = length as u8;
        self.labels = labels as u8;
        Ok(length)
    }

    /// Fills `self` from a wire name that is known to be good.
    pub fn assign(&mut self, wire: &[u8]) {
        let read = self.read(wire);
        debug_assert!(read.is_ok(), "assign takes checked names only");
        if read.is_err() {
            (self.lower[0], self.length, self.labels) = (0, 1, 0);
        }
    }

    /// The lower-case wire form, root label included.
    #[inline]
    pub fn wire(&self) -> &[u8] {
        &self.lower[..self.length as usize]
    }

    /// How many labels, the root not counted.
    #[inline]
    pub fn label_count(&self) -> usize {
        self.labels as usize
    }

    /// Where each label starts in [`QName::wire`], leftmost first.
    #[inline]
    pub fn starts(&self) -> &[u8] {
        &self.starts[..self.labels as usize]
    }

    /// The lower-case wire form of the rightmost `labels` labels.
    #[inline]
    pub fn suffix(&self, labels: usize) -> &[u8] {
        match self.label_count().checked_sub(labels) {
            Some(skip) if labels > 0 => &self.lower[self.starts[skip] as usize..self.length as usize],
            _ => &self.lower[self.length as usize - 1..self.length as usize],
        }
    }

    /// Label `index`, leftmost is 0.
    #[inline]
    pub fn label(&self, index: usize) -> &[u8] {
        let start = self.starts[index] as usize;
        &self.lower[start + 1..start + 1 + self.lower[start] as usize]
    }
}

/// Eight octets at once, each ASCII capital turned into its small letter.
#[inline]
fn lower_word(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let seven = word & (0x7f * ONES);
    // The top bit of each octet says: at least `A`, and more than `Z`; neither for octets above 127.
    let from_a = seven + (0x80 - 0x41) * ONES;
    let past_z = seven + (0x80 - 0x5b) * ONES;
    let capital = (from_a & !past_z & !word) & (0x80 * ONES);
    word | capital >> 2
}

/// The labels of a wire name, leftmost first; stops at the root or where the octets end.
pub fn labels_of_wire(wire: &[u8]) -> LabelIter<'_> {
    LabelIter { rest: wire }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lower_cases_and_finds_labels() {
        let mut q = QName::default();
        assert_eq!(q.read(b"\x03WwW\x02eX\x00rest"), Ok(8));
        assert_eq!(q.wire(), b"\x03www\x02ex\x00");
        assert_eq!((q.label(0), q.label(1), q.label_count()), (&b"www"[..], &b"ex"[..], 2));
        assert_eq!(q.suffix(1), b"\x02ex\x00");
        assert_eq!(q.suffix(2), q.wire());
        assert_eq!(q.suffix(0), b"\x00");
    }

    #[test]
    fn eight_octets_at_once_agree_with_one_by_one() {
        for a in 0..=255u8 {
            for b in [0, 0x40, b'A', b'M', b'Z', 0x5b, b'a', 0x7f, 0x80, 0xc1, 0xff] {
                let octets = [a, b, a, b, b, a, b, a];
                let expected = octets.map(|octet| octet.to_ascii_lowercase());
                assert_eq!(lower_word(u64::from_le_bytes(octets)).to_le_bytes(), expected);
            }
        }
    }

    #[test]
    fn refuses_what_a_question_may_not_hold() {
        let mut q = QName::default();
        assert_eq!(q.read(b""), Err(QNameError::Cut));
        assert_eq!(q.read(b"\x03ab"), Err(QNameError::Cut));
        assert_eq!(q.read(b"\x01a\xc0\x0c"), Err(QNameError::NotPlain));
        assert_eq!(q.read(b"\x40a\x00"), Err(QNameError::NotPlain));
        let mut long = Vec::new();
        for _ in 0..4 {
            long.push(63);
            long.extend([b'a'; 63]);
        }
        long.push(0);
        assert_eq!(q.read(&long), Err(QNameError::TooLong));
        let most = [1u8, b'a'].repeat(127).into_iter().chain([0]).collect::<Vec<_>>();
        assert_eq!(q.read(&most), Ok(255));
        assert_eq!(q.label_count(), 127);
    }
}

//! Octets in the order of their decimal text, and sets of them: how the labels of one level of in-addr.arpa sort
//! (RFC 4034 §6.1: as octets, so 0, 1, 10, 100, 101, …, 11, …).

/// Octets in the order of their text.
pub(crate) static ORDER: [u8; 256] = order();
/// The place of each octet in [`ORDER`].
static RANK: [u8; 256] = ranks();
/// The text of each octet as a wire label: length, digits.
static LABELS: [[u8; 4]; 256] = labels();

/// The place of an octet in [`ORDER`].
pub(crate) fn rank(octet: u8) -> u8 {
    RANK[usize::from(octet)]
}

/// The octet as a label in wire form.
#[inline]
pub(crate) fn label(octet: u8) -> &'static [u8] {
    let label = &LABELS[usize::from(octet)];
    &label[..usize::from(label[0]) + 1]
}

const fn labels() -> [[u8; 4]; 256] {
    let mut all = [[0; 4]; 256];
    let mut n = 0;
    while n < 256 {
        let digits = [b'0' + (n / 100) as u8, b'0' + (n / 10 % 10) as u8, b'0' + (n % 10) as u8];
        let length = if n >= 100 { 3 } else { 1 + (n >= 10) as usize };
        all[n][0] = length as u8;
        let mut at = 0;
        while at < length {
            all[n][1 + at] = digits[3 - length + at];
            at += 1;
        }
        n += 1;
    }
    all
}

const fn order() -> [u8; 256] {
    let mut all = [0; 256];
    let mut rank = 0;
    // Depth first through the tree of decimal numbers: 0, then each digit with what it is the start of.
    all[0] = 0;
    let mut a = 1;
    while a < 10 {
        rank += 1;
        all[rank] = a as u8;
        let mut b = 10 * a;
        while b < 10 * a + 10 {
            rank += 1;
            all[rank] = b as u8;
            let mut c = 10 * b;
            while c < 10 * b + 10 && c < 256 {
                rank += 1;
                all[rank] = c as u8;
                c += 1;
            }
            b += 1;
        }
        a += 1;
    }
    all
}

const fn ranks() -> [u8; 256] {
    let order = order();
    let mut all = [0; 256];
    let mut rank = 0;
    while rank < 256 {
        all[order[rank] as usize] = rank as u8;
        rank += 1;
    }
    all
}

/// A set of octets, taken out in the order of their text.
#[derive(Clone, Copy, Default)]
pub(crate) struct OctetSet([u64; 4]);

impl OctetSet {
    #[inline]
    pub(crate) fn insert(&mut self, octet: u8) {
        let rank = RANK[usize::from(octet)];
        self.0[usize::from(rank >> 6)] |= 1 << (rank & 63);
    }

    #[inline]
    pub(crate) fn remove(&mut self, octet: u8) {
        let rank = RANK[usize::from(octet)];
        self.0[usize::from(rank >> 6)] &= !(1 << (rank & 63));
    }

    /// Takes the first one out.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<u8> {
        for (nth, word) in self.0.iter_mut().enumerate() {
            if *word != 0 {
                let rank = 64 * nth + word.trailing_zeros() as usize;
                *word &= *word - 1;
                return Some(ORDER[rank]);
            }
        }
        None
    }

    /// Takes out all whose text sorts before a label, and the one that the label spells, which it returns.
    pub(crate) fn skip_to(&mut self, wanted: &[u8]) -> Option<u8> {
        let below = ORDER.partition_point(|octet| &label(*octet)[1..] < wanted);
        for (nth, word) in self.0.iter_mut().enumerate() {
            let first = 64 * nth;
            *word &= match below.saturating_sub(first) {
                64.. => 0,
                passed => u64::MAX << passed,
            };
        }
        let spelt = ORDER.get(below).copied().filter(|octet| &label(*octet)[1..] == wanted)?;
        let rank = RANK[usize::from(spelt)];
        let word = &mut self.0[usize::from(rank >> 6)];
        let is_in = *word >> (rank & 63) & 1 == 1;
        *word &= !(1 << (rank & 63));
        is_in.then_some(spelt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_sort_as_their_text() {
        let mut sorted: Vec<u8> = (0..=255).collect();
        sorted.sort_by_key(u8::to_string);
        assert_eq!(ORDER.to_vec(), sorted);
        for octet in 0..=255u8 {
            assert_eq!(label(octet)[1..], *octet.to_string().as_bytes());
            assert_eq!(ORDER[usize::from(RANK[usize::from(octet)])], octet);
        }
    }

    #[test]
    fn sets_give_back_what_comes_after_a_label() {
        for wanted in ["", "0", "1", "10", "100x", "11", "2", "25", "255", "256", "26", "9", "99", "a", "/"] {
            let mut set = OctetSet::default();
            (0..=255u8).filter(|octet| !octet.is_multiple_of(3)).for_each(|octet| set.insert(octet));
            let found = set.skip_to(wanted.as_bytes());
            assert_eq!(found, wanted.parse().ok().filter(|octet: &u8| !octet.is_multiple_of(3)), "{wanted}");
            let rest: Vec<u8> = std::iter::from_fn(|| set.pop()).collect();
            let expected =
                ORDER.iter().filter(|octet| !octet.is_multiple_of(3) && *octet.to_string() > *wanted);
            assert_eq!(rest, expected.copied().collect::<Vec<_>>(), "{wanted}");
        }
    }
}

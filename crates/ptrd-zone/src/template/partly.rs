//! What a part of a name says of the address.

/// Some bits of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Partly {
    bits: u128,
    mask: u128,
}

impl Partly {
    /// These bits of those that the mask has.
    pub fn new(bits: u128, mask: u128) -> Partly {
        Partly { bits: bits & mask, mask }
    }

    /// The lowest number with these bits that is at least `first`.
    pub fn next_from(&self, first: u128) -> Option<u128> {
        let candidate = first & !self.mask | self.bits;
        let differing = candidate ^ first;
        if differing == 0 {
            return Some(first);
        }
        let top = 127 - differing.leading_zeros();
        let below = |bit: u32| (1u128 << bit) - 1;
        if candidate > first {
            // What is free below the first bit that is greater starts anew.
            return Some(candidate & !(below(top) & !self.mask));
        }
        // The lowest free bit above that can be set.
        let free = !self.mask & !first & !below(top) & !(1 << top);
        let bit = (free != 0).then(|| free.trailing_zeros())?;
        Some((candidate | 1 << bit) & !(below(bit) & !self.mask))
    }

    /// The numbers with these bits between two, where they are a row: what is not said are the lowest bits.
    pub fn row(&self, first: u128, last: u128) -> Option<(u128, u128)> {
        let free = !self.mask;
        if free & free.wrapping_add(1) != 0 {
            return None;
        }
        let (from, to) = (self.bits.max(first), (self.bits | free).min(last));
        (from <= to).then_some((from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_number_is_what_counting_finds() {
        for mask in [0u128, 0b1, 0b10, 0b1100, 0b1010, 0b11110000, 0b10011001] {
            for bits in 0..256u128 {
                let partly = Partly::new(bits, mask);
                for first in 0..300u128 {
                    let counted = (first..1024).find(|number| number & mask == bits & mask);
                    assert_eq!(partly.next_from(first), counted, "{bits:b} of {mask:b} from {first:b}");
                }
            }
        }
        assert_eq!(Partly::new(1, 1).next_from(u128::MAX), Some(u128::MAX));
        assert_eq!(Partly::new(0, 1).next_from(u128::MAX), None);
        assert_eq!(Partly::new(5 << 8, !0xff).row(5 << 8 | 3, 9 << 8), Some((5 << 8 | 3, 5 << 8 | 0xff)));
        assert_eq!(Partly::new(5, 0xff).row(0, 99), None);
    }
}

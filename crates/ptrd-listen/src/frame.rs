//! Messages in a stream: each behind its length in two octets (RFC 1035 §4.2.2).

/// The longest message with its length.
pub(crate) const LONGEST: usize = 2 + 65_535;
/// A DNS header; nothing shorter can be answered, and whoever sends it is out of step.
const SHORTEST: usize = 12;

/// What stands at the front of the octets received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A message of so many octets, after the two of the length.
    Whole(usize),
    /// Part of one, or nothing; so many octets in all would be a whole one, as far as can be told.
    Part(usize),
    /// A length that no message has: the stream is of no use any more.
    Broken,
}

/// Looks at the front of the octets received.
#[inline]
pub(crate) fn front(octets: &[u8]) -> Frame {
    let &[high, low, ref rest @ ..] = octets else { return Frame::Part(2) };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length < SHORTEST {
        Frame::Broken
    } else if rest.len() < length {
        Frame::Part(2 + length)
    } else {
        Frame::Whole(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_whole_with_its_last_octet() {
        let mut stream = vec![0, 13];
        assert_eq!(front(&[]), Frame::Part(2));
        assert_eq!(front(&[0]), Frame::Part(2));
        for _ in 0..13 {
            assert_eq!(front(&stream), Frame::Part(15));
            stream.push(7);
        }
        assert_eq!(front(&stream), Frame::Whole(13));
        stream.extend([0, 0]);
        assert_eq!(front(&stream), Frame::Whole(13));
        assert_eq!(front(&stream[15..]), Frame::Broken);
        assert_eq!(front(&[0, 11]), Frame::Broken);
        assert_eq!(front(&[255, 255, 1]), Frame::Part(LONGEST));
    }
}

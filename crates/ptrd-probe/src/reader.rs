//! Lines, out of octets as they come.

/// Octets of a line at most, without its end. RFC 5321 §4.5.3.1.6 has a thousand; commands with extensions take two thousand.
const LONGEST: usize = 4_096;

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A line, without its end.
    Line(Vec<u8>),
    /// A line of this many octets, its end among them, which was too long to be kept.
    Long(usize),
    /// A CR or LF that stands alone: there is no telling where lines end.
    Broken,
}

/// Makes lines of octets. What it holds is bounded by what is pushed at once, and the longest line.
#[derive(Debug, Default)]
pub struct Reader {
    octets: Vec<u8>,
    /// Octets of a line that is too long, which are gone already.
    dropped: usize,
}

impl Reader {
    /// Takes octets in.
    pub fn push(&mut self, octets: &[u8]) {
        self.octets.extend_from_slice(octets);
    }

    /// Whether everything that came was taken out.
    pub fn is_empty(&self) -> bool {
        self.octets.is_empty() && self.dropped == 0
    }

    /// The next line, if all of it is there.
    pub fn next_piece(&mut self) -> Option<Piece> {
        let Some(at) = self.octets.iter().position(|octet| *octet == b'\n') else {
            // The last octet may be the CR of an end, and stays.
            if let Some(kept) = self.octets.len().checked_sub(1).filter(|kept| *kept > LONGEST) {
                self.dropped += kept;
                self.octets.drain(..kept);
            }
            return None;
        };
        let mut line: Vec<u8> = self.octets.drain(..=at).collect();
        let dropped = std::mem::take(&mut self.dropped);
        if !line.ends_with(b"\r\n") {
            return Some(Piece::Broken);
        }
        line.truncate(line.len() - 2);
        if line.contains(&b'\r') {
            return Some(Piece::Broken);
        }
        match dropped + line.len() {
            length if length > LONGEST => Some(Piece::Long(length + 2)),
            _ => Some(Piece::Line(line)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(chunks: &[&[u8]]) -> Vec<Piece> {
        let mut reader = Reader::default();
        let mut all = Vec::new();
        for chunk in chunks {
            reader.push(chunk);
            while let Some(piece) = reader.next_piece() {
                all.push(piece);
            }
        }
        all
    }

    fn line(text: &str) -> Piece {
        Piece::Line(text.as_bytes().to_vec())
    }

    #[test]
    fn lines_end_with_both_octets() {
        assert_eq!(pieces(&[b"EHLO a\r\nQU", b"IT\r", b"\n"]), [line("EHLO a"), line("QUIT")]);
        assert_eq!(pieces(&[b"\r\n.\r\n"]), [line(""), line(".")]);
        for broken in [&b"a\n"[..], b"a\rb\r\n", b"\n.\r\n", b"\r\r\n"] {
            assert_eq!(pieces(&[broken])[0], Piece::Broken, "{broken:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_counted_and_not_kept() {
        let long = vec![b'x'; 100_000];
        let mut reader = Reader::default();
        for chunk in long.chunks(1_000) {
            reader.push(chunk);
            assert_eq!(reader.next_piece(), None);
            assert!(reader.octets.len() <= LONGEST + 1_001);
        }
        reader.push(b"\r\nNOOP\r\n");
        assert_eq!(reader.next_piece(), Some(Piece::Long(100_002)));
        assert_eq!(reader.next_piece(), Some(line("NOOP")));
        assert!(reader.is_empty());
    }

    proptest! {
        #[test]
        fn how_octets_arrive_makes_no_difference(text in "[ab\r\n]{0,40}", cuts in prop::collection::vec(0_usize..40, 0..6)) {
            let whole = pieces(&[text.as_bytes()]);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &text.as_bytes()[pair[0]..pair[1]]).collect();
            prop_assert_eq!(pieces(&chunks), whole);
        }
    }
}

//! What a secondary says of itself in its request where it is a ptrd too: which versions of statements it reads, and whether the
//! version of the zone that it holds has any. An EDNS option of a code for local use (RFC 6891 §9); others pass it over.
//!
//! The value: one octet whose lowest bit says that statements are held, and one for each version that is read.

use ptrd_wire::edns_option;
use ptrd_zone::STATEMENT_VERSION;

const OPTION: u16 = 65_321;
const HELD: u8 = 1;

/// See the module: it reads the version that is written here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Whether the version of the zone that it has came with statements.
    pub held: bool,
}

impl Offer {
    /// The option that has it.
    pub(crate) fn to_option(self) -> Vec<u8> {
        let value = [u8::from(self.held) * HELD, STATEMENT_VERSION];
        let mut octets = OPTION.to_be_bytes().to_vec();
        octets.extend_from_slice(&(value.len() as u16).to_be_bytes());
        octets.extend_from_slice(&value);
        octets
    }

    /// That of a request; `None` where it has none, or one that reads other versions.
    pub(crate) fn of(request: &[u8]) -> Option<Offer> {
        let (held, versions) = edns_option(request, OPTION)?.split_first()?;
        versions.contains(&STATEMENT_VERSION).then_some(Offer { held: held & HELD != 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(opt: &[u8]) -> Vec<u8> {
        let head = b"\0\x09\0\0\0\x01\0\0\0\0\0\x01\x02ip\0\0\xfc\0\x01";
        [&head[..], opt].concat()
    }

    #[test]
    fn it_is_read_as_it_was_written_and_others_are_none() {
        for held in [false, true] {
            assert_eq!(
                Offer::of(&request(
                    &[&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 6][..], &Offer { held }.to_option()].concat()
                )),
                Some(Offer { held })
            );
        }
        let with = |value: &[u8]| {
            let mut opt = vec![0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 9 + value.len() as u8];
            // Another option before it.
            opt.extend_from_slice(&[0, 3, 0, 1, 7, 0xff, 0x29, 0, value.len() as u8]);
            opt.extend_from_slice(value);
            request(&opt)
        };
        assert_eq!(Offer::of(&with(&[0, 9, 1])), Some(Offer { held: false }));
        for value in [&[][..], &[1], &[1, 2], &[0, 9, 8]] {
            assert_eq!(Offer::of(&with(value)), None, "{value:?}");
        }
        let whole = with(&[1, 1]);
        for cut in 0..whole.len() {
            assert_eq!(Offer::of(&whole[..cut]), None, "{cut} octets");
        }
        assert_eq!(Offer::of(&request(&[])), None);
    }
}

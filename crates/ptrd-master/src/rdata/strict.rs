//! Rules on data that `domain` lets pass and BIND or NSD do not: a zone with such data could not be exported.

use ptrd_wire::{Name, RecordType};

/// Whether data that parses as its type keeps these rules as well.
pub fn is_strict(rtype: RecordType, rdata: &[u8]) -> bool {
    match rtype {
        RecordType::NSEC => {
            Name::from_wire_prefix(rdata).is_ok_and(|(_, used)| is_type_bitmap(rdata.get(used..)))
        }
        RecordType::NSEC3 => {
            let skip = |at: usize| rdata.get(at).map(|&length| at + 1 + usize::from(length));
            is_type_bitmap(skip(4).and_then(skip).and_then(|at| rdata.get(at..)))
        }
        RecordType::CSYNC => is_type_bitmap(rdata.get(6..)),
        // A signature is there.
        RecordType::RRSIG | RecordType::SIG => rdata
            .split_at_checked(18)
            .and_then(|(_, rest)| Some(Name::from_wire_prefix(rest).ok()?.1 < rest.len()))
            .unwrap_or(false),
        // RFC 8659 §4.1: a tag has at least one character.
        RecordType::CAA => rdata.get(1).is_some_and(|&length| length > 0),
        _ => has_digest_length(rtype, rdata),
    }
}

/// Windows in order, none empty, no zero octet at an end, no type 0 (RFC 4034 §4.1.2).
fn is_type_bitmap(bitmap: Option<&[u8]>) -> bool {
    let Some(mut rest) = bitmap else { return false };
    let mut last = None;
    while let Some((&[window, length], after)) = rest.split_first_chunk::<2>() {
        let Some((bits, after)) = after.split_at_checked(length.into()) else { return false };
        let type_zero = window == 0 && bits.first().is_some_and(|&bits| bits & 0x80 != 0);
        if last >= Some(window) || bits.len() > 32 || matches!(bits.last(), None | Some(0)) || type_zero {
            return false;
        }
        (last, rest) = (Some(window), after);
    }
    rest.is_empty()
}

/// Keys and digests are there, and digests have the length of their hash (RFC 4034 §5.1.4, RFC 4509, RFC 6605,
/// RFC 4255 §3.1, RFC 6594, RFC 8976 §2.2).
fn has_digest_length(rtype: RecordType, rdata: &[u8]) -> bool {
    let at_least = match rtype {
        RecordType::OPENPGPKEY => 1,
        RecordType::SSHFP | RecordType::DHCID => 3,
        RecordType::TLSA | RecordType::SMIMEA => 4,
        RecordType::DS | RecordType::CDS | RecordType::DNSKEY | RecordType::CDNSKEY => 5,
        RecordType::ZONEMD => 6 + 12,
        _ => 0,
    };
    let length = match (rtype, rdata) {
        (RecordType::DS | RecordType::CDS, [_, _, _, 1, ..]) => Some(4 + 20),
        (RecordType::DS | RecordType::CDS, [_, _, _, 2 | 3, ..]) => Some(4 + 32),
        (RecordType::DS | RecordType::CDS, [_, _, _, 4, ..]) => Some(4 + 48),
        (RecordType::SSHFP, [_, 1, ..]) => Some(2 + 20),
        (RecordType::SSHFP, [_, 2, ..]) => Some(2 + 32),
        (RecordType::ZONEMD, [_, _, _, _, _, 1, ..]) => Some(6 + 48),
        (RecordType::ZONEMD, [_, _, _, _, _, 2, ..]) => Some(6 + 64),
        _ => None,
    };
    rdata.len() >= at_least && length.is_none_or(|length| rdata.len() == length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bitmaps_are_in_order_and_end_in_a_type() {
        for good in [&[][..], &[0, 1, 0x40], &[0, 1, 1, 4, 2, 0, 1]] {
            assert!(is_type_bitmap(Some(good)), "{good:?}");
        }
        for bad in [
            &[0][..],
            &[0, 0],
            &[0, 1, 0],
            &[0, 2, 1],
            &[0, 1, 0x80],
            &[1, 1, 1, 0, 1, 1],
            &[1, 1, 1, 1, 1, 1],
        ] {
            assert!(!is_type_bitmap(Some(bad)), "{bad:?}");
        }
        assert!(!is_type_bitmap(Some(&[&[0, 33][..], &[1; 33]].concat())));
        assert!(!is_strict(RecordType::NSEC3, &[1, 0, 0, 0, 9]));
    }
}

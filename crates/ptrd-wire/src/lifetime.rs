//! How long an answer may be kept, for caches that know no DNS (RFC 8484 §5.1).

use crate::RecordType;

/// Octets of a SOA's data with the shortest names.
const SOA_LEAST: usize = 22;

/// Seconds for which a reply may be kept: the least TTL of its answer, or, where it says that there is none, what its SOA
/// grants (RFC 2308 §5). Of a reply that is neither, and of what is no reply, nothing.
pub fn lifetime(reply: &[u8]) -> u32 {
    read(reply).unwrap_or(0)
}

fn read(reply: &[u8]) -> Option<u32> {
    let count = |at: usize| Some(u16::from_be_bytes(reply.get(at..at + 2)?.try_into().ok()?));
    // Errors but for NXDOMAIN are not to be kept.
    if !matches!(reply.get(3)? & 15, 0 | 3) {
        return None;
    }
    let (questions, answers, authorities) = (count(4)?, count(6)?, count(8)?);
    let mut at = crate::HEADER_LEN;
    for _ in 0..questions {
        at = past_name(reply, at)? + 4;
    }
    let mut least = None;
    for nth in 0..u32::from(answers) + u32::from(authorities) {
        at = past_name(reply, at)?;
        let (rtype, ttl, length) = (count(at)?, number(reply, at + 4)?, usize::from(count(at + 8)?));
        at += 10 + length;
        reply.get(..at)?;
        if nth < answers.into() {
            least = Some(least.unwrap_or(ttl).min(ttl));
        } else if answers == 0 && rtype == RecordType::SOA.0 && length >= SOA_LEAST {
            return Some(ttl.min(number(reply, at.checked_sub(4)?)?));
        }
    }
    least
}

fn number(reply: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(reply.get(at..at + 4)?.try_into().ok()?))
}

/// The place behind a name, which may end with a pointer.
fn past_name(reply: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *reply.get(at)? {
            0 => return Some(at + 1),
            0xc0.. => return Some(at + 2),
            length => at += 1 + usize::from(length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(rcode: u8, counts: [u8; 3], records: &[&[u8]]) -> Vec<u8> {
        let mut octets = vec![0, 0, 0x84, rcode, 0, 1, 0, counts[0], 0, counts[1], 0, counts[2]];
        octets.extend_from_slice(&[1, b'x', 0, 0, 12, 0, 1]);
        records.iter().for_each(|record| octets.extend_from_slice(record));
        octets
    }

    fn record(rtype: u8, ttl: u32, rdata: &[u8]) -> Vec<u8> {
        let mut octets = vec![0xc0, 12, 0, rtype, 0, 1];
        octets.extend_from_slice(&ttl.to_be_bytes());
        octets.extend_from_slice(&[0, rdata.len() as u8]);
        octets.extend_from_slice(rdata);
        octets
    }

    #[test]
    fn the_least_of_the_answer_or_what_the_soa_grants() {
        let (ptr, cname) = (record(12, 300, &[0]), record(5, 60, &[1, b'y', 0]));
        let soa = |ttl, minimum: u32| {
            let numbers = [[0; 16].as_slice(), &minimum.to_be_bytes()].concat();
            record(6, ttl, &[&[0, 0], &numbers[..]].concat())
        };
        assert_eq!(lifetime(&reply(0, [1, 0, 0], &[&ptr])), 300);
        assert_eq!(lifetime(&reply(0, [2, 1, 0], &[&cname, &ptr, &soa(5, 5)])), 60);
        assert_eq!(lifetime(&reply(3, [0, 1, 0], &[&soa(900, 120)])), 120);
        assert_eq!(lifetime(&reply(0, [0, 1, 0], &[&soa(90, 120)])), 90);
        // A referral, an error, and what is cut off.
        assert_eq!(lifetime(&reply(0, [0, 1, 0], &[&record(2, 900, &[0])])), 0);
        assert_eq!(lifetime(&reply(5, [0, 0, 0], &[])), 0);
        let whole = reply(0, [1, 0, 0], &[&ptr]);
        assert!((0..whole.len()).all(|length| lifetime(&whole[..length]) == 0));
        assert_eq!(lifetime(&reply(0, [0, 1, 0], &[&record(6, 9, &[])])), 0);
        assert_eq!(lifetime(&[]), 0);
    }
}

//! The types that queries are counted by: few enough for a row of counters, all others together.

use ptrd_wire::RecordType;

/// How many counters: one for each of [`QTYPES`], and one for all other types.
pub const QTYPE_SLOTS: usize = QTYPES.len() + 1;

/// The types that have a counter of their own. The last counter is that of all others.
pub const QTYPES: [RecordType; 23] = [
    RecordType(1),   // A
    RecordType(2),   // NS
    RecordType(5),   // CNAME
    RecordType(6),   // SOA
    RecordType(12),  // PTR
    RecordType(15),  // MX
    RecordType(16),  // TXT
    RecordType(28),  // AAAA
    RecordType(29),  // LOC
    RecordType(33),  // SRV
    RecordType(35),  // NAPTR
    RecordType(39),  // DNAME
    RecordType(43),  // DS
    RecordType(46),  // RRSIG
    RecordType(47),  // NSEC
    RecordType(48),  // DNSKEY
    RecordType(51),  // NSEC3PARAM
    RecordType(52),  // TLSA
    RecordType(64),  // SVCB
    RecordType(65),  // HTTPS
    RecordType(251), // IXFR
    RecordType(252), // AXFR
    RecordType(255), // ANY
];

const OTHERS: u8 = QTYPES.len() as u8;

const SLOTS: [u8; 256] = {
    let mut slots = [OTHERS; 256];
    let mut nth = 0;
    while nth < QTYPES.len() {
        slots[QTYPES[nth].0 as usize] = nth as u8;
        nth += 1;
    }
    slots
};

/// The counter of a type.
#[inline]
pub(crate) fn slot(rtype: RecordType) -> usize {
    let slot = SLOTS.get(usize::from(rtype.0)).copied().unwrap_or(OTHERS);
    usize::from(slot).min(QTYPE_SLOTS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_one_counter() {
        for (nth, rtype) in QTYPES.iter().enumerate() {
            assert_eq!(slot(*rtype), nth, "{rtype}");
        }
        for other in [0, 3, 11, 13, 200, 256, 257, 32_769, 65_535] {
            assert_eq!(slot(RecordType(other)), QTYPES.len());
        }
    }
}

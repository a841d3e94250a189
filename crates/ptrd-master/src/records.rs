//! Zones out of records that stand in no master file, such as the rows of another server's database: read and judged like
//! those of one.

use crate::error::MasterError;
use crate::limits::Limits;
use crate::reader::Reader;
use crate::zone::{MasterZone, finish, no_includes};
use ptrd_wire::{Name, Ttl};

/// A record as text.
#[derive(Clone, Copy, Debug)]
pub struct RecordText<'r> {
    /// Its number, which messages give in place of a line.
    pub number: u32,
    /// The owner; the final dot may be missing.
    pub owner: &'r str,
    /// The TTL.
    pub ttl: Ttl,
    /// The type.
    pub rtype: &'r str,
    /// The data in presentation form; names in it are absolute, with or without their final dot.
    pub data: &'r str,
}

/// Makes a zone of records. `source` is what messages call them.
///
/// # Errors
/// As for [`crate::read_zone`].
pub fn zone_of_records<'r>(
    source: &str,
    apex: &Name,
    limits: &Limits,
    records: impl IntoIterator<Item = RecordText<'r>>,
) -> Result<MasterZone, Vec<MasterError>> {
    let mut includes = no_includes;
    let mut reader = Reader::new(source, Some(Name::root()), *limits, &mut includes);
    for record in records {
        if reader.is_stopped() {
            break;
        }
        reader.take(&record);
    }
    finish(reader, Some(apex))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(rows: &[(&str, &str, &str)]) -> Result<MasterZone, Vec<String>> {
        let rows = rows.iter().zip(1..).map(|((owner, rtype, data), number)| RecordText {
            number,
            owner,
            ttl: Ttl::from_secs(60),
            rtype,
            data,
        });
        let apex = "example.com".parse().expect("a name");
        zone_of_records("rows", &apex, &Limits::default(), rows)
            .map_err(|errors| errors.iter().map(ToString::to_string).collect())
    }

    const SOA: (&str, &str, &str) = ("example.com", "SOA", "ns.example.com h.example.com 7 1 2 3 4");
    const NS: (&str, &str, &str) = ("example.com", "NS", "ns.example.com");

    #[test]
    fn records_become_a_zone() {
        let rows =
            [SOA, NS, ("www.EXAMPLE.com.", "txt", "\"a;b\" c"), ("x.example.com", "TYPE1234", "\\# 1 00")];
        let zone = zone(&rows).expect("a zone");
        assert_eq!((zone.soa.serial.0, zone.records.len()), (7, 3));
        assert_eq!(
            zone.records[0].1.rdatas[0],
            "ns.example.com".parse::<Name>().expect("a name").as_wire().into()
        );
    }

    #[test]
    fn text_stays_within_its_record() {
        for data in
            ["192.0.2.1\nevil.example.com 1 A 192.0.2.2", "192.0.2.1 ) (", "(", "\"", "", "192.0.2.1 x"]
        {
            let errors = zone(&[SOA, NS, ("a.example.com", "A", data)]).expect_err(data);
            assert!(errors.iter().any(|error| error.contains("rows:3")), "{data}: {errors:?}");
        }
        for owner in ["$INCLUDE", "a\nb", "a b", "", "a..b", "b.example.org", "\"a\""] {
            let errors = zone(&[SOA, NS, (owner, "A", "192.0.2.1")]).expect_err(owner);
            assert!(errors.iter().any(|error| error.contains("rows:3")), "{owner}: {errors:?}");
        }
        assert!(zone(&[NS]).is_err() && zone(&[SOA]).is_err() && zone(&[SOA, SOA, NS]).is_err());
        let beside =
            [SOA, NS, ("a.example.com", "A", "192.0.2.1"), ("a.example.com", "CNAME", "b.example.com")];
        assert!(zone(&beside).is_err());
    }
}

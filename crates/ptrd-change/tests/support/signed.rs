//! Zones that came signed, as master files. Their signatures are none.

#![allow(dead_code)]

use ptrd_testkit::{Script, record_to_text};

const CONTENT: &str = "\
  @       NS    ns1
  ns1     A     192.0.2.1
  a       TXT   \"a\"
  x.empty TXT   \"below an empty non-terminal\"
  *.w     TXT   \"any\"
  cut     NS    ns.cut
  cut     DS    1 13 2 aabbccddaabbccddaabbccddaabbccddaabbccddaabbccddaabbccddaabbccdd
  ns.cut  A     192.0.2.2
  plain   NS    ns.plain
  ns.plain A    192.0.2.3
  x.deep  NS    ns.elsewhere.invalid.
";

/// The lines of the zone `example`, signed as a script says it, with this serial and these records besides.
pub fn lines(signed: &str, serial: u32, more: &str) -> Vec<String> {
    lines_of("example", signed, serial, more)
}

/// The same for another zone.
pub fn lines_of(apex: &str, signed: &str, serial: u32, more: &str) -> Vec<String> {
    let text = format!(
        "zone {apex}. verbatim signed={signed}\n  @ 3600 SOA ns1 host {serial} 2 3 4 300\n{CONTENT}{more}\nend\n"
    );
    let world = Script::parse("a zone", &text).expect("a script").world;
    let soa = format!("{apex}. 3600 SOA ns1.{apex}. host.{apex}. {serial} 2 3 4 300");
    let records = world.records.iter().flat_map(|record| record_to_text(&record.owner, &record.rrset));
    std::iter::once(soa).chain(records).collect()
}

/// The zone `example` as a file.
pub fn file(signed: &str, serial: u32, more: &str) -> String {
    lines(signed, serial, more).join("\n") + "\n"
}

/// Whether a line is of this owner and type, `RRSIG TYPE` being the signature of a type.
pub fn is_of(line: &str, owner: &str, rtype: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    match rtype.strip_prefix("RRSIG ") {
        None => (words[0], words[2]) == (owner, rtype),
        Some(covered) => {
            let number = covered.parse::<ptrd_wire::RecordType>().expect("a type").0;
            (words[0], words[2]) == (owner, "RRSIG") && words[5].starts_with(&format!("{number:04x}"))
        }
    }
}

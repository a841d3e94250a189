//! That answers do not change: every RRset of a zone, before and after.

use ptrd_wire::{Name, RecordType, RrSet, folded_rdata};
use std::collections::BTreeMap;

/// How many differences are shown of one zone.
const SHOWN: usize = 20;

/// Whether two RRsets give the same answers: TTL and data count, order and the letter case of names do not (RFC 4343).
pub(super) fn equal(a: &RrSet, b: &RrSet) -> bool {
    if a.rtype != b.rtype || a.ttl != b.ttl || a.rdatas.len() != b.rdatas.len() {
        return false;
    }
    if a.rdatas == b.rdatas {
        return true;
    }
    let sorted = |set: &RrSet| {
        let mut all: Vec<Vec<u8>> =
            set.rdatas.iter().map(|rdata| folded_rdata(set.rtype, rdata).into_owned()).collect();
        all.sort_unstable();
        all
    };
    sorted(a) == sorted(b)
}

/// The differences of two zones' contents, one a line; none when they are equal. Both in the same order.
pub(super) fn differences(before: Vec<(Name, RrSet)>, after: Vec<(Name, RrSet)>) -> Vec<String> {
    let same = |((a, x), (b, y)): (&(Name, RrSet), &(Name, RrSet))| a == b && equal(x, y);
    if before.len() == after.len() && before.iter().zip(&after).all(same) {
        return Vec::new();
    }
    let mut left: BTreeMap<(Name, RecordType), RrSet> = BTreeMap::new();
    left.extend(before.into_iter().map(|(owner, rrset)| ((owner, rrset.rtype), rrset)));
    let mut found = Vec::new();
    for (owner, rrset) in after {
        match left.remove(&(owner.clone(), rrset.rtype)) {
            Some(there) if equal(&there, &rrset) => {}
            Some(there) => found.push(format!("{owner} {} would become {}", text(&there), text(&rrset))),
            None => found.push(format!("{owner} {} would appear", text(&rrset))),
        }
    }
    found
        .extend(left.into_iter().map(|((owner, _), rrset)| format!("{owner} {} would vanish", text(&rrset))));
    let more = found.len().saturating_sub(SHOWN);
    found.truncate(SHOWN);
    if more > 0 {
        found.push(format!("and {more} more"));
    }
    found
}

fn text(rrset: &RrSet) -> String {
    let data: Vec<String> =
        rrset.rdatas.iter().take(3).map(|rdata| ptrd_master::rdata_to_text(rrset.rtype, rdata)).collect();
    let more = if rrset.rdatas.len() > 3 { " …" } else { "" };
    format!("{} {} {}{more}", rrset.ttl, rrset.rtype, data.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptrd_wire::Ttl;

    fn set(owner: &str, ttl: u32, targets: &[&str]) -> (Name, RrSet) {
        let rdatas =
            targets.iter().map(|t| t.parse::<Name>().expect("a name").as_wire().into()).collect::<Vec<_>>();
        let rrset = RrSet { rtype: RecordType::PTR, ttl: Ttl::from_secs(ttl), rdatas };
        (owner.parse().expect("a name"), rrset)
    }

    #[test]
    fn order_and_case_do_not_count_and_everything_else_does() {
        let zone = vec![set("1.example", 60, &["a.example", "b.example"]), set("2.example", 60, &["c"])];
        let twin = vec![set("1.EXAMPLE", 60, &["B.example", "a.example"]), set("2.example", 60, &["C"])];
        assert_eq!(differences(zone.clone(), twin), Vec::<String>::new());
        let other = vec![set("1.example", 61, &["a.example", "b.example"]), set("3.example", 60, &["c"])];
        let found = differences(zone.clone(), other);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].contains("would become 61 PTR") && found[1].contains("would appear"), "{found:?}");
        assert!(found[2].starts_with("2.example.") && found[2].ends_with("would vanish"), "{found:?}");
        let fewer = vec![set("1.example", 60, &["a.example"]), set("2.example", 60, &["c"])];
        assert_eq!(differences(zone, fewer).len(), 1);
    }
}

//! Reverse domain objects that a registry has already: RIPE creates none above, below or across another.

use super::{Refusal, Registry, Zone};
use ptrd_wire::{AddrRange, Name, RangeRelation, ReverseName, ReversePrefix, canonical_octet};

/// What is there already.
#[derive(Clone, Debug, Default)]
pub struct Existing(Vec<(String, AddrRange)>);

impl Existing {
    /// Reads names, one a line, or the answer of a whois server, of which the lines that begin with `domain:` count. `#` and
    /// `%` begin comments.
    ///
    /// # Errors
    /// The line that is neither.
    pub fn read(text: &str) -> Result<Existing, String> {
        let domain = |line: &str| {
            let (word, value) = line.split_once(':')?;
            word.trim().eq_ignore_ascii_case("domain").then(|| value.trim().to_owned())
        };
        let mut names: Vec<String> = text.lines().filter_map(domain).collect();
        if names.is_empty() {
            let plain = text.lines().map(|line| line.split(['#', '%']).next().unwrap_or_default().trim());
            names = plain.filter(|line| !line.is_empty()).map(str::to_owned).collect();
        }
        let ranges = names.into_iter().map(|name| match range_of(&name) {
            Some(range) => Ok((name, range)),
            None => Err(format!(
                "{name:?} is no reverse zone, as 2.0.192.in-addr.arpa or 0-127.2.0.192.in-addr.arpa"
            )),
        });
        ranges.collect::<Result<_, _>>().map(Existing)
    }

    /// What stands in the way of a zone, or what to know of it.
    pub(super) fn against(&self, zone: &Zone, registry: Registry) -> Option<Result<String, Refusal>> {
        let meets = |(_, range): &&(String, AddrRange)| zone.range.relation(range) != RangeRelation::Disjoint;
        let (name, range) = self.0.iter().find(meets)?;
        let domain = zone.domain();
        let refuse = |word: &str, instead: String| {
            Refusal::new(
                format!(
                    "{domain}: {registry} has {name}, which is {word} it, and creates no object beside it"
                ),
                instead,
            )
        };
        Some(match zone.range.relation(range) {
            RangeRelation::Equal => Ok(format!("{name} is there already: this object takes its place")),
            // A delegation inside a zone of our own is a matter of that zone.
            RangeRelation::Inside => Err(refuse(
                "above",
                format!(
                    "{} the zone {name} yourself: `ptrctl block add {} --tenant TENANT` if that zone is here, else `ptrctl block \
                     parent-records {}` for whoever has it",
                    if zone.dashed {
                        "publish what RFC 2317 has in".to_owned()
                    } else {
                        format!("delegate {domain} in")
                    },
                    zone.range,
                    zone.range
                ),
            )),
            RangeRelation::Contains => Err(refuse(
                "below",
                format!("delete the object {name} first, or ask for the rest of the block alone"),
            )),
            _ => Err(refuse(
                "partly in",
                format!("delete the object {name} first, or end the block where it begins"),
            )),
        })
    }
}

/// The addresses that a name stands for, RIPE's `first-last` in the last octet included.
fn range_of(name: &str) -> Option<AddrRange> {
    let name: Name = name.parse().ok()?;
    let reverse = ReverseName::of_name(&name)?;
    match reverse.extra {
        0 if reverse.prefix.depth() > 0 => Some(reverse.prefix.range()),
        1 if reverse.prefix.depth() == 3 => {
            let label = name.labels().next()?;
            let dash = label.iter().position(|octet| *octet == b'-')?;
            let (first, last) = (canonical_octet(&label[..dash])?, canonical_octet(&label[dash + 1..])?);
            let at = |octet: u8| {
                let first = reverse.prefix.range().first_bits();
                ptrd_wire::ip_from_bits(reverse.prefix.family(), first | u128::from(octet))
            };
            AddrRange::new(at(first), at(last))
                .ok()
                .filter(|_| ReversePrefix::new(at(first), 3) == reverse.prefix)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::cut;
    use super::*;

    fn against(existing: &str, range: &str) -> Option<Result<String, Refusal>> {
        let zones = cut(&range.parse().expect("a range"), Registry::Ripe).expect("zones");
        Existing::read(existing).expect("names").against(&zones[0], Registry::Ripe)
    }

    #[test]
    fn there_is_no_object_above_below_or_across_another() {
        let why = |existing, range| against(existing, range).expect("met").expect_err("refused").what;
        assert!(why("2.0.192.in-addr.arpa", "192.0.2.0/29").contains("is above it"));
        assert!(why("domain:  0-7.2.0.192.in-addr.arpa\nnserver: x", "192.0.2.0/24").contains("is below it"));
        assert!(why("4-11.2.0.192.in-addr.arpa.", "192.0.2.0/29").contains("is partly in it"));
        assert!(why("8.b.d.0.1.0.0.2.ip6.arpa", "2001:db8::/48").contains("is above it"));
        assert!(matches!(against("2.0.192.IN-ADDR.ARPA", "192.0.2.0/24"), Some(Ok(_))));
        assert!(against("3.0.192.in-addr.arpa # another\n\n", "192.0.2.0/24").is_none());
    }

    #[test]
    fn what_is_no_reverse_zone_is_said() {
        for bad in [
            "example.net",
            "in-addr.arpa",
            "9-3.2.0.192.in-addr.arpa",
            "a-b.2.0.192.in-addr.arpa",
            "0-7.0.192.in-addr.arpa",
        ] {
            assert!(Existing::read(bad).is_err(), "{bad}");
        }
    }
}

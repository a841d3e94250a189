//! Zones and records found by what they say: a pattern held against the text of each.

use crate::problem::{bad, invalid};
use crate::publish::View;
use ptrd_api::{Problem, SearchFilter, SearchHit, SearchRecord};

/// RRsets that one search looks at.
const LOOKED_AT: u64 = 2_000_000;
/// The longest pattern, octets.
const LONGEST: usize = 512;

impl View {
    /// The zones that match, then the records.
    ///
    /// # Errors
    /// A pattern that is empty or too long; so many RRsets that nothing was found among those that were looked at.
    pub fn search(&self, filter: &SearchFilter) -> Result<Vec<SearchHit>, Problem> {
        let pattern = filter.pattern.to_ascii_lowercase();
        if pattern.is_empty() || pattern.len() > LONGEST {
            return Err(bad(format!("a pattern has 1 to {LONGEST} octets")));
        }
        let limit = filter.limit as usize;
        let mut hits = Vec::new();
        if filter.zones {
            let apexes = self.seen_zones(self.declared.zones()).map(|zone| zone.apex.to_string());
            let found = apexes.filter(|apex| matches_name(&pattern, apex)).take(limit);
            hits.extend(found.map(|zone| SearchHit { zone, record: None }));
        }
        if filter.records {
            hits.extend(self.search_records(&pattern, limit)?);
        }
        Ok(hits)
    }

    fn search_records(&self, pattern: &str, limit: usize) -> Result<Vec<SearchHit>, Problem> {
        let (mut hits, mut looked_at) = (Vec::new(), 0);
        for meta in self.seen_zones(self.declared.zones()) {
            let Some(zone) = self.snapshot.zone(&meta.apex) else { continue };
            for shown in self.listing(meta, zone) {
                if hits.len() >= limit {
                    return Ok(hits);
                }
                looked_at += 1;
                if looked_at > LOOKED_AT {
                    let message = format!("nothing matches among the first {LOOKED_AT} RRsets");
                    let narrower = invalid(message).hint("read the zone that is meant instead");
                    return if hits.is_empty() { Err(narrower) } else { Ok(hits) };
                }
                let (owner, rtype, ttl) = (shown.owner.to_string(), shown.rrset.rtype, shown.rrset.ttl);
                let by_owner = matches_name(pattern, &owner);
                for rdata in &shown.rrset.rdatas {
                    let data = ptrd_master::rdata_to_text(rtype, rdata);
                    if (by_owner || matches_name(pattern, &data)) && hits.len() < limit {
                        let (owner, rtype, ttl) = (owner.clone(), rtype.to_string(), ttl.as_secs());
                        let record = Some(SearchRecord { owner, rtype, ttl, data });
                        hits.push(SearchHit { zone: meta.apex.to_string(), record });
                    }
                }
            }
        }
        Ok(hits)
    }
}

fn matches_name(pattern: &str, text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    matches(pattern.as_bytes(), text.as_bytes())
        || text.strip_suffix('.').is_some_and(|text| matches(pattern.as_bytes(), text.as_bytes()))
}

/// Whether a pattern with `*` and `?` matches all of a text. In a time of at most their lengths' product: what follows the
/// last star is tried again, and nothing before it.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(b'?') => (p, t) = (p + 1, t + 1),
            Some(octet) if *octet == text[t] => (p, t) = (p + 1, t + 1),
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                (p, t) = (at + 1, from + 1);
            }
        }
    }
    pattern[p..].iter().all(|octet| *octet == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, is_match) in [
            ("a.example", "A.example.", true),
            ("a.example.", "a.example.", true),
            ("a.exampl", "a.example.", false),
            ("*", "", true),
            ("a*e", "abcde.", true),
            ("a*e*e", "abcde.", false),
            ("*192*", "2.0.192.in-addr.arpa.", true),
            ("?.0.192.*", "2.0.192.in-addr.arpa.", true),
            ("?.0.192.*", "22.0.192.in-addr.arpa.", false),
            ("*a*b*c", "xaxbxbxc", true),
            ("**a", "a", true),
            ("a?", "a", false),
        ] {
            assert_eq!(matches_name(pattern, text), is_match, "{pattern} {text}");
        }
    }
}

//! Whose an imported zone is: rules by apex, by range, by pattern, and a tenant for the rest.

use crate::problem::{LISTED_ERRORS, bad, invalid, quote};
use crate::request::read_name;
use ptrd_api::{LineError, Problem, TenantRule};
use ptrd_wire::{AddrRange, Name, RangeError, ReverseName};
use std::collections::HashMap;

/// Rules that a map may have.
const MAX_RULES: usize = 1 << 20;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Tenants {
    apexes: HashMap<Name, String>,
    /// By range, for each size that occurs, smallest first.
    sizes: Vec<u128>,
    ranges: HashMap<AddrRange, String>,
    /// Ranges that are no prefix, smallest first.
    odd: Vec<(AddrRange, String)>,
    patterns: Vec<(Vec<u8>, String)>,
    rest: Option<String>,
}

impl Tenants {
    /// Reads rules, and the tenant of zones that none speaks of.
    pub fn read(rest: &str, rules: &[TenantRule]) -> Result<Tenants, Problem> {
        if rules.is_empty() && rest.is_empty() {
            return Err(
                bad("no tenant was given").hint("say whose the zones are: --tenant NAME or --map FILE")
            );
        }
        if rules.len() > MAX_RULES {
            return Err(bad(format!("more than {MAX_RULES} rules in the map")));
        }
        let mut tenants = Tenants { rest: (!rest.is_empty()).then(|| rest.to_owned()), ..Tenants::default() };
        let mut errors = Vec::new();
        for (nth, rule) in rules.iter().enumerate() {
            if let Err(message) = tenants.add(rule) {
                errors.push(LineError { file: None, line: nth as u64 + 1, message });
            }
        }
        tenants.sizes = tenants.ranges.keys().map(AddrRange::size).collect();
        tenants.sizes.sort_unstable();
        tenants.sizes.dedup();
        tenants.odd.sort_by_key(|(range, _)| range.size());
        if errors.is_empty() {
            return Ok(tenants);
        }
        let total = errors.len() as u64;
        errors.truncate(LISTED_ERRORS);
        let mut problem = invalid("bad rules in the map of tenants; nothing was imported");
        (problem.errors, problem.errors_total) = (errors, total);
        Err(problem.hint("each is an apex, a range or a pattern, and a tenant; rules are counted from 1"))
    }

    fn add(&mut self, rule: &TenantRule) -> Result<(), String> {
        let (text, tenant) = (rule.zones.trim(), rule.tenant.trim().to_owned());
        crate::tenant::check_tenant_name(&tenant).map_err(|problem| problem.message)?;
        let twice = |old: Option<String>| match old.filter(|old| *old != tenant) {
            Some(old) => Err(format!("{} goes to {old} and to {tenant}", quote(text))),
            None => Ok(()),
        };
        if text.contains(['*', '?']) {
            let pattern = text.trim_end_matches('.').to_ascii_lowercase().into_bytes();
            self.patterns.push((pattern, tenant));
            return Ok(());
        }
        // `0/25.2.0.192.in-addr.arpa` is an apex, `192.0.2.0/24` a range.
        match text.parse::<AddrRange>() {
            Ok(range) if range.prefix_len().is_some() => twice(self.ranges.insert(range, tenant.clone())),
            Ok(range) => {
                self.odd.push((range, tenant));
                Ok(())
            }
            Err(error @ (RangeError::HostBits { .. } | RangeError::Backwards(_)))
                if !text.contains("arpa") =>
            {
                Err(error.to_string())
            }
            Err(_) => {
                let apex = read_name("the apex", text).map_err(|problem| problem.message)?;
                twice(self.apexes.insert(apex, tenant.clone()))
            }
        }
    }

    /// The tenant of a zone.
    ///
    /// # Errors
    /// No rule speaks of it, and there is no tenant for the rest.
    pub fn of(&self, apex: &Name) -> Result<&str, Problem> {
        if let Some(tenant) = self.apexes.get(apex) {
            return Ok(tenant);
        }
        if let Some(tenant) = self.by_range(apex) {
            return Ok(tenant);
        }
        let text = apex.to_string().to_ascii_lowercase();
        let text = text.trim_end_matches('.').as_bytes();
        let found = self.patterns.iter().find(|(pattern, _)| matches(pattern, text));
        found.map(|(_, tenant)| tenant.as_str()).or(self.rest.as_deref()).ok_or_else(|| {
            invalid(format!("no rule of the map says whose {apex} is"))
                .hint("add one, or say with --tenant whose the rest is")
        })
    }

    /// All tenants that are spoken of.
    pub fn names(&self) -> std::collections::BTreeSet<&str> {
        let ranges = self.ranges.values().chain(self.odd.iter().map(|(_, tenant)| tenant));
        let patterns = self.patterns.iter().map(|(_, tenant)| tenant);
        self.apexes.values().chain(ranges).chain(patterns).chain(&self.rest).map(String::as_str).collect()
    }

    fn by_range(&self, apex: &Name) -> Option<&str> {
        if self.ranges.is_empty() && self.odd.is_empty() {
            return None;
        }
        // A classless zone lies in the /24 that its label stands below.
        let zone = ReverseName::of_name(apex)?.prefix.range();
        let exact = self.sizes.iter().filter(|size| **size >= zone.size()).find_map(|size| {
            let host = (size - 1).checked_ilog2().map_or(0, |n| n as u8 + 1);
            let length = zone.family().bits().checked_sub(host)?;
            self.ranges.get(&AddrRange::of_prefix(zone.family(), zone.first_bits(), length))
        });
        let odd = || self.odd.iter().find(|(range, _)| range.covers(&zone)).map(|(_, tenant)| tenant);
        exact.or_else(odd).map(String::as_str)
    }
}

/// Whether a text fits a pattern of `*` and `?`. Steps back to the last star only, so time is bounded by the product of
/// the lengths.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == b'?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(rules: &[(&str, &str)]) -> Result<Tenants, Problem> {
        let rules: Vec<TenantRule> = rules
            .iter()
            .map(|(zones, tenant)| TenantRule { zones: (*zones).into(), tenant: (*tenant).into() })
            .collect();
        Tenants::read("", &rules)
    }

    #[test]
    fn the_nearest_rule_counts() {
        let tenants = rules(&[
            ("*.in-addr.arpa", "rest"),
            ("192.0.0.0/16", "wide"),
            ("192.0.2.0/24", "narrow"),
            ("2001:db8::/32", "six"),
            ("198.51.100.0-198.51.102.255", "odd"),
            ("3.0.192.in-addr.arpa.", "exact"),
            ("cust-?.example.*", "glob"),
        ])
        .expect("a map");
        let of = |apex: &str| tenants.of(&apex.parse().expect("a name")).map(str::to_owned).ok();
        assert_eq!(of("2.0.192.IN-ADDR.arpa").as_deref(), Some("narrow"));
        assert_eq!(of("0/25.2.0.192.in-addr.arpa").as_deref(), Some("narrow"));
        assert_eq!(of("3.0.192.in-addr.arpa").as_deref(), Some("exact"));
        assert_eq!(of("4.0.192.in-addr.arpa").as_deref(), Some("wide"));
        assert_eq!(of("192.in-addr.arpa").as_deref(), Some("rest"));
        assert_eq!(of("101.51.198.in-addr.arpa").as_deref(), Some("odd"));
        assert_eq!(of("1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa").as_deref(), Some("six"));
        assert_eq!(of("Cust-7.example.com").as_deref(), Some("glob"));
        assert_eq!(of("cust-77.example.com"), None);
    }

    #[test]
    fn bad_rules_are_refused_each_by_its_number() {
        let bad = [("192.0.2.1/24", "a"), ("x..y", "a"), ("a.example", "Bad Name"), ("b.example", "ok")];
        let problem = rules(&bad).expect_err("bad rules");
        assert_eq!(problem.errors.iter().map(|error| error.line).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(rules(&[("a.example", "a"), ("A.example.", "b")]).is_err());
        assert!(Tenants::read("", &[]).is_err());
    }

    #[test]
    fn patterns_match_as_in_a_shell() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abcb", false),
            ("*a*b", "xaxbxb", true),
            ("?", "", false),
            ("a?", "ab", true),
            ("**", "x", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), fits, "{pattern} {text}");
        }
        let (pattern, text) = ("*a".repeat(100), "a".repeat(200) + "b");
        assert!(!matches(pattern.as_bytes(), text.as_bytes()));
    }
}

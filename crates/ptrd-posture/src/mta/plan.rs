//! Which addresses belong together, and what is sent from which.

use crate::host_name;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address that sends mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlet {
    address: IpAddr,
    helo: String,
    domains: Vec<String>,
}

/// Why an address cannot be configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadOutlet {
    /// The name is none that a host may have.
    #[error(
        "{address}: “{name}” is no name of a host: labels of letters, digits and hyphens, at least two of them (RFC 5321 §4.1.2)"
    )]
    Name {
        /// Of which address.
        address: IpAddr,
        /// What was given.
        name: String,
    },
}

impl Outlet {
    /// An address, the name that it gives in HELO, and the sender domains that it is for; none for all that no other is for.
    /// Names are taken with and without a dot at their end.
    ///
    /// # Errors
    /// A name that is none of a host: it would be taken for something else in a configuration.
    pub fn new<'a>(
        address: IpAddr,
        helo: &str,
        domains: impl IntoIterator<Item = &'a str>,
    ) -> Result<Outlet, BadOutlet> {
        let sound = |name: &str| {
            let plain = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
            host_name(&plain).map_err(|_| BadOutlet::Name { address, name: name.to_owned() })?;
            Ok(plain)
        };
        let mut domains = domains.into_iter().map(sound).collect::<Result<Vec<String>, BadOutlet>>()?;
        domains.sort();
        domains.dedup();
        Ok(Outlet { address: address.to_canonical(), helo: sound(helo)?, domains })
    }
}

/// A name, and the addresses that are used with it: of each family one, or one alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What configurations call it: `out1`, `out2`, in the order of addresses.
    pub name: String,
    /// The name in HELO.
    pub helo: String,
    /// Its IPv4 address.
    pub v4: Option<Ipv4Addr>,
    /// Its IPv6 address.
    pub v6: Option<Ipv6Addr>,
}

/// Identities that mail of some domains is spread over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// `pool1`, `pool2`.
    pub name: String,
    /// Places in [`Plan::identities`].
    pub members: Vec<usize>,
    /// Sender domains, sorted; none for all that no other pool is for.
    pub domains: Vec<String>,
}

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// In the order of addresses.
    pub identities: Vec<Identity>,
    /// Those for domains first, in the order of domains; then the one for all others, if there is one.
    pub pools: Vec<Pool>,
}

impl Plan {
    /// Groups addresses. One of each family with the same name and the same domains are one identity, for a mail server says
    /// one name over both; where a name has several of a family, each address is one of its own.
    pub fn new(mut outlets: Vec<Outlet>) -> Plan {
        outlets.sort_by_key(|one| one.address);
        outlets.dedup_by_key(|one| one.address);
        let mut together: BTreeMap<(&str, &[String]), Vec<usize>> = BTreeMap::new();
        for (place, outlet) in outlets.iter().enumerate() {
            together.entry((&outlet.helo, &outlet.domains)).or_default().push(place);
        }
        let pair_of = |place: usize| -> Option<usize> {
            let outlet = &outlets[place];
            let [one, other] = together[&(outlet.helo.as_str(), outlet.domains.as_slice())][..] else {
                return None;
            };
            let differ = outlets[one].address.is_ipv4() != outlets[other].address.is_ipv4();
            differ.then_some(if one == place { other } else { one })
        };
        let (mut identities, mut members) = (Vec::new(), BTreeMap::<&str, Vec<usize>>::new());
        let mut others = Vec::new();
        for (place, outlet) in outlets.iter().enumerate() {
            let pair = pair_of(place);
            if pair.is_some_and(|pair| pair < place) {
                continue;
            }
            let number = identities.len();
            let both = [Some(outlet.address), pair.map(|pair| outlets[pair].address)];
            identities.push(Identity {
                name: format!("out{}", number + 1),
                helo: outlet.helo.clone(),
                v4: both.into_iter().flatten().find_map(|address| match address {
                    IpAddr::V4(v4) => Some(v4),
                    IpAddr::V6(_) => None,
                }),
                v6: both.into_iter().flatten().find_map(|address| match address {
                    IpAddr::V6(v6) => Some(v6),
                    IpAddr::V4(_) => None,
                }),
            });
            if outlet.domains.is_empty() {
                others.push(number);
            }
            for domain in &outlet.domains {
                members.entry(domain).or_default().push(number);
            }
        }
        Plan { pools: pools(members, others), identities }
    }

    /// The addresses of an identity, IPv4 first.
    pub fn addresses(identity: &Identity) -> Vec<IpAddr> {
        identity.v4.map(IpAddr::V4).into_iter().chain(identity.v6.map(IpAddr::V6)).collect()
    }

    /// The pool for domains that no other is for.
    pub fn others(&self) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.domains.is_empty())
    }

    /// What mail without a sender goes out with: reports of failures.
    pub fn bounces(&self) -> Option<&Pool> {
        self.others().or_else(|| self.pools.first())
    }

    /// The identities of a pool.
    pub fn members<'a>(&'a self, pool: &'a Pool) -> impl Iterator<Item = &'a Identity> {
        pool.members.iter().map(|place| &self.identities[*place])
    }
}

/// Domains that are sent for by the same identities share a pool.
fn pools(members: BTreeMap<&str, Vec<usize>>, others: Vec<usize>) -> Vec<Pool> {
    let mut pools: Vec<Pool> = Vec::new();
    for (domain, members) in members {
        match pools.iter_mut().find(|pool| pool.members == members) {
            Some(pool) => pool.domains.push(domain.to_owned()),
            None => pools.push(Pool {
                name: format!("pool{}", pools.len() + 1),
                members,
                domains: vec![domain.to_owned()],
            }),
        }
    }
    if !others.is_empty() {
        let name = format!("pool{}", pools.len() + 1);
        pools.push(Pool { name, members: others, domains: Vec::new() });
    }
    pools
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlet(address: &str, helo: &str, domains: &[&str]) -> Outlet {
        Outlet::new(address.parse().expect("an address"), helo, domains.iter().copied()).expect("an outlet")
    }

    #[test]
    fn one_address_of_each_family_with_one_name_is_one_identity() {
        let plan = Plan::new(vec![
            outlet("2001:db8::1", "mail-01.example.com", &["example.com"]),
            outlet("192.0.2.1", "Mail-01.example.com.", &["example.com"]),
            outlet("192.0.2.2", "mail-02.example.com", &["example.org", "example.com"]),
            outlet("192.0.2.3", "mail-03.example.com", &[]),
        ]);
        let shown: Vec<String> = plan
            .identities
            .iter()
            .map(|one| format!("{} {} {:?}", one.name, one.helo, Plan::addresses(one)))
            .collect();
        assert_eq!(
            shown,
            [
                "out1 mail-01.example.com [192.0.2.1, 2001:db8::1]",
                "out2 mail-02.example.com [192.0.2.2]",
                "out3 mail-03.example.com [192.0.2.3]",
            ]
        );
        let shown: Vec<String> = plan
            .pools
            .iter()
            .map(|one| format!("{} {:?} {:?}", one.name, one.members, one.domains))
            .collect();
        assert_eq!(
            shown,
            [r#"pool1 [0, 1] ["example.com"]"#, r#"pool2 [1] ["example.org"]"#, "pool3 [2] []",]
        );
        assert_eq!(plan.bounces().map(|pool| pool.name.as_str()), Some("pool3"));
    }

    #[test]
    fn several_addresses_of_a_family_with_one_name_are_kept_apart() {
        let plan = Plan::new(vec![
            outlet("192.0.2.1", "mail.example.com", &[]),
            outlet("192.0.2.2", "mail.example.com", &[]),
            outlet("2001:db8::1", "mail.example.com", &[]),
            outlet("2001:db8::1", "mail.example.com", &[]),
        ]);
        assert_eq!(plan.identities.len(), 3);
        assert_eq!(plan.pools.len(), 1);
        assert_eq!(plan.members(&plan.pools[0]).count(), 3);
    }

    #[test]
    fn names_that_a_configuration_would_take_for_something_else_are_refused() {
        let address = IpAddr::from([192, 0, 2, 1]);
        for name in [
            "mail",
            "a b.example",
            "x\n.example",
            "$helo.example",
            "a..example",
            "-a.example",
            ".",
            "a_b.example",
        ] {
            assert!(Outlet::new(address, name, []).is_err(), "{name:?}");
            assert!(Outlet::new(address, "mail.example.com", [name]).is_err(), "{name:?}");
        }
    }
}

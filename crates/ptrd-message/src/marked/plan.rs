//! Whose mail leaves from an address: senders of test messages, as the configuration of mail servers has them.

use ptrd_posture::mta::{Identity, Plan, Pool};
use std::net::IpAddr;

/// Who is to send, so that a message leaves from an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The address.
    pub address: IpAddr,
    /// The name that it gives in HELO.
    pub helo: String,
    /// The domain of the envelope's sender.
    pub domain: String,
    /// The address of the other family with the same name: which of both is used, the receiver's addresses decide.
    pub pair: Option<IpAddr>,
    /// Addresses that mail of this domain may leave from as well.
    pub pool: Vec<IpAddr>,
}

/// Senders for all addresses, in their order. `others` is a domain that no address is marked for: mail from it leaves from the
/// addresses that are for all others.
///
/// # Errors
/// The addresses that are for all others, where no such domain is given, or one that some address is marked for.
pub fn senders(plan: &Plan, others: Option<&str>) -> Result<Vec<Sender>, Vec<IpAddr>> {
    let others =
        others.filter(|domain| !plan.pools.iter().any(|pool| pool.domains.iter().any(|of| of == domain)));
    let (mut found, mut without) = (Vec::new(), Vec::new());
    for (place, identity) in plan.identities.iter().enumerate() {
        let addresses = Plan::addresses(identity);
        let Some((pool, domain)) = pool_of(plan, place, others) else {
            without.extend(addresses);
            continue;
        };
        let also = plan.members(pool).filter(|other| *other != identity).flat_map(Plan::addresses);
        let also: Vec<IpAddr> = also.collect();
        for &address in &addresses {
            found.push(Sender {
                address,
                helo: identity.helo.clone(),
                domain: domain.to_owned(),
                pair: pair(identity, address),
                pool: also.clone(),
            });
        }
    }
    found.sort_by_key(|sender| sender.address);
    if without.is_empty() { Ok(found) } else { Err(without) }
}

/// The pool with the fewest addresses that an identity is in, and a domain of it.
fn pool_of<'a>(plan: &'a Plan, place: usize, others: Option<&'a str>) -> Option<(&'a Pool, &'a str)> {
    let pools = plan.pools.iter().filter(|pool| pool.members.contains(&place));
    let with_domain =
        pools.filter_map(|pool| Some((pool, pool.domains.first().map(String::as_str).or(others)?)));
    with_domain.min_by_key(|(pool, _)| pool.members.len())
}

fn pair(identity: &Identity, address: IpAddr) -> Option<IpAddr> {
    Plan::addresses(identity).into_iter().find(|other| *other != address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptrd_posture::mta::Outlet;

    fn shown(lines: &[(&str, &str, &str)], others: Option<&str>) -> Result<Vec<String>, Vec<IpAddr>> {
        let outlet = |(address, helo, domains): &(&str, &str, &str)| {
            Outlet::new(address.parse().expect("an address"), helo, domains.split_whitespace())
                .expect("an outlet")
        };
        let found = senders(&Plan::new(lines.iter().map(outlet).collect()), others)?;
        let line = |one: &Sender| {
            let pair = one.pair.map(|pair| format!(" pair {pair}")).unwrap_or_default();
            let pool: String = one.pool.iter().map(|address| format!(" or {address}")).collect();
            format!("{} {} {}{pair}{pool}", one.address, one.helo, one.domain)
        };
        Ok(found.iter().map(line).collect())
    }

    #[test]
    fn a_domain_of_its_own_is_better_than_one_that_is_shared() {
        let lines = [
            ("192.0.2.1", "a.example.com", "shared.example alone.example"),
            ("2001:db8::1", "a.example.com", "shared.example alone.example"),
            ("192.0.2.2", "b.example.com", "shared.example"),
            ("192.0.2.3", "c.example.com", ""),
        ];
        assert_eq!(
            shown(&lines, Some("none.example")),
            Ok(vec![
                "192.0.2.1 a.example.com alone.example pair 2001:db8::1".to_owned(),
                "192.0.2.2 b.example.com shared.example or 192.0.2.1 or 2001:db8::1".to_owned(),
                "192.0.2.3 c.example.com none.example".to_owned(),
                "2001:db8::1 a.example.com alone.example pair 192.0.2.1".to_owned(),
            ])
        );
        let without = Err(vec!["192.0.2.3".parse().expect("an address")]);
        assert_eq!(shown(&lines, None), without);
        assert_eq!(shown(&lines, Some("alone.example")), without, "that one leaves from another");
    }
}

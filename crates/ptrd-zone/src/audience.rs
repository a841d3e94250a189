//! Who is told that a zone has changed (NOTIFY, RFC 1996): the nameservers of its NS RRset, and addresses that are listed.
//!
//! Lists add up: what is said of all zones, of a tenant's and of one zone counts together. Whether nameservers are told is one
//! question, which the narrowest scope that says anything decides; where none does, they are.

use crate::access::Scope;
use crate::model::{TenantId, ZoneId};
use ptrd_wire::Name;
use std::net::SocketAddr;
use std::sync::Arc;

/// An address that is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Of which zones.
    pub scope: Scope,
    /// Where.
    pub address: SocketAddr,
    /// Signed with this key (RFC 8945).
    pub key: Option<Name>,
}

/// All of it. A clone shares it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience(Arc<Rules>);

#[derive(Debug, Default, PartialEq, Eq)]
struct Rules {
    listed: Vec<Listed>,
    nameservers: Vec<(Scope, bool)>,
}

impl Scope {
    /// The wider, the smaller.
    fn narrowness(self) -> u8 {
        match self {
            Scope::All => 0,
            Scope::Tenant(_) => 1,
            Scope::Zone(_) => 2,
        }
    }
}

impl Audience {
    /// These addresses, and whether nameservers are told in these scopes.
    pub fn new(mut listed: Vec<Listed>, nameservers: Vec<(Scope, bool)>) -> Audience {
        listed.sort_by_key(|listed| std::cmp::Reverse(listed.scope.narrowness()));
        Audience(Arc::new(Rules { listed, nameservers }))
    }

    /// The addresses that are listed for a zone, each once: where several scopes list one, the narrowest says with what key.
    pub fn listed(&self, zone: ZoneId, tenant: TenantId) -> Vec<&Listed> {
        let mut found: Vec<&Listed> = Vec::new();
        for listed in self.0.listed.iter().filter(|listed| listed.scope.has(zone, tenant)) {
            if !found.iter().any(|other| other.address == listed.address) {
                found.push(listed);
            }
        }
        found
    }

    /// Whether the nameservers of a zone are told.
    pub fn tells_nameservers(&self, zone: ZoneId, tenant: TenantId) -> bool {
        let said = self.0.nameservers.iter().filter(|(scope, _)| scope.has(zone, tenant));
        said.max_by_key(|(scope, _)| scope.narrowness()).is_none_or(|(_, told)| *told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: Scope = Scope::Zone(ZoneId(1));
    const TENANT: Scope = Scope::Tenant(TenantId(7));

    fn listed(scope: Scope, address: &str, key: Option<&str>) -> Listed {
        Listed { scope, address: address.parse().unwrap(), key: key.map(|key| key.parse().unwrap()) }
    }

    #[test]
    fn lists_add_up_and_the_narrowest_says_how() {
        let audience = Audience::new(
            vec![
                listed(Scope::All, "192.0.2.1:53", None),
                listed(TENANT, "192.0.2.2:53", None),
                listed(ZONE, "192.0.2.1:53", Some("k.")),
                listed(ZONE, "192.0.2.1:54", None),
            ],
            Vec::new(),
        );
        let of = |zone, tenant| -> Vec<String> {
            let found = audience.listed(ZoneId(zone), TenantId(tenant));
            found.iter().map(|l| format!("{} {}", l.address, l.key.is_some())).collect()
        };
        assert_eq!(of(1, 7), ["192.0.2.1:53 true", "192.0.2.1:54 false", "192.0.2.2:53 false"]);
        assert_eq!(of(2, 7), ["192.0.2.2:53 false", "192.0.2.1:53 false"]);
        assert_eq!(of(2, 8), ["192.0.2.1:53 false"]);
    }

    #[test]
    fn the_narrowest_scope_says_whether_nameservers_are_told() {
        let told = |rules: &[(Scope, bool)]| {
            let audience = Audience::new(Vec::new(), rules.to_vec());
            [(1, 7), (2, 7), (2, 8)].map(|(zone, of)| audience.tells_nameservers(ZoneId(zone), TenantId(of)))
        };
        assert_eq!(told(&[]), [true, true, true]);
        assert_eq!(told(&[(Scope::All, false)]), [false, false, false]);
        assert_eq!(told(&[(TENANT, false), (ZONE, true)]), [true, false, true]);
        assert_eq!(told(&[(ZONE, true), (TENANT, true), (Scope::All, false)]), [true, true, false]);
    }
}

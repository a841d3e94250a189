//! Who may do what with a zone besides asking: transfer it, announce its changes, update it, have updates passed on.
//!
//! Nobody may do anything unless a grant says so. A grant has a scope (all zones, those of a tenant, one zone) and conditions,
//! of which all must hold: an address, a TSIG key, or both. There is no way to take away what another grant gives: with a
//! list whose order matters, nobody can tell what a line does without all of the others.

use crate::model::{TenantId, ZoneId};
use ptrd_wire::{AddrRange, Name};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

/// What may be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// To transfer the zone (AXFR, IXFR).
    Transfer,
    /// To announce that the zone has changed (NOTIFY), where it is pulled from others.
    Notify,
    /// To change records (DNS UPDATE).
    Update,
    /// To have updates of the zone passed on to its primaries, where it is pulled from others (RFC 2136 §6).
    Forward,
}

impl Action {
    /// All of them.
    pub const ALL: [Action; 4] = [Action::Transfer, Action::Notify, Action::Update, Action::Forward];

    /// The word for it in SQL, JSON and output.
    pub fn word(self) -> &'static str {
        match self {
            Action::Transfer => "transfer",
            Action::Notify => "notify",
            Action::Update => "update",
            Action::Forward => "forward",
        }
    }
}

/// A word that is no action.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("“{0}” is nothing that can be granted: use transfer, notify, update or forward")]
pub struct BadAction(pub String);

impl FromStr for Action {
    type Err = BadAction;

    fn from_str(word: &str) -> Result<Action, BadAction> {
        Action::ALL.into_iter().find(|action| action.word() == word).ok_or_else(|| BadAction(word.to_owned()))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Which zones a grant is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All, those to come included.
    All,
    /// Those of a tenant.
    Tenant(TenantId),
    /// One.
    Zone(ZoneId),
}

impl Scope {
    /// Whether a zone of this tenant is meant.
    pub fn has(self, zone: ZoneId, tenant: TenantId) -> bool {
        match self {
            Scope::All => true,
            Scope::Tenant(of) => of == tenant,
            Scope::Zone(of) => of == zone,
        }
    }
}

/// A permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// For which zones.
    pub scope: Scope,
    /// For what.
    pub action: Action,
    /// From where; `None` from anywhere, which takes a key.
    pub from: Option<AddrRange>,
    /// Signed with this key (RFC 8945); `None` also unsigned, which takes an address.
    pub key: Option<Name>,
}

impl Grant {
    /// Whether it lets this peer do this, somewhere: every condition of it holds.
    pub fn counts_for(&self, action: Action, peer: Peer<'_>) -> bool {
        let is_there = self.from.as_ref().is_none_or(|range| range.contains(peer.address));
        let has_key = self
            .key
            .as_ref()
            .is_none_or(|key| peer.key.is_some_and(|of| of.eq_ignore_ascii_case(key.as_wire())));
        self.action == action && is_there && has_key
    }
}

/// Who asks to do something, as far as a grant can say.
#[derive(Clone, Copy, Debug)]
pub struct Peer<'a> {
    /// Its address.
    pub address: IpAddr,
    /// The name of the key that its request was signed with, in wire form and in lower case.
    pub key: Option<&'a [u8]>,
}

/// All grants. A clone shares them.
#[derive(Clone, Debug, Default)]
pub struct Access(Arc<[Grant]>);

impl Access {
    /// These grants. One without any condition is passed over: it would be one for everybody.
    pub fn new(grants: impl IntoIterator<Item = Grant>) -> Access {
        Access(grants.into_iter().filter(|grant| grant.from.is_some() || grant.key.is_some()).collect())
    }

    /// Whether `peer` may do this with the zone of this tenant.
    pub fn allows(&self, action: Action, zone: ZoneId, tenant: TenantId, peer: Peer<'_>) -> bool {
        self.0.iter().any(|grant| grant.scope.has(zone, tenant) && grant.counts_for(action, peer))
    }

    /// The scopes of the grants by which `peer` may update: those that name its key, whatever else they say (an address
    /// alone proves nothing over UDP, RFC 3007 §1).
    pub fn update_scopes(&self, peer: Peer<'_>) -> impl Iterator<Item = Scope> {
        let counts = move |grant: &&Grant| grant.key.is_some() && grant.counts_for(Action::Update, peer);
        self.0.iter().filter(counts).map(|grant| grant.scope)
    }

    /// The grants, in the order given.
    pub fn grants(&self) -> &[Grant] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(scope: Scope, from: Option<&str>, key: Option<&str>) -> Grant {
        Grant {
            scope,
            action: Action::Transfer,
            from: from.map(|range| range.parse().unwrap()),
            key: key.map(|key| key.parse().unwrap()),
        }
    }

    fn may(grants: &[Grant], zone: u32, tenant: u32, from: &str, key: Option<&str>) -> bool {
        let key = key.map(|key| key.parse::<Name>().unwrap());
        let peer = Peer { address: from.parse().unwrap(), key: key.as_ref().map(Name::as_wire) };
        let access = Access::new(grants.to_vec());
        assert!(!access.allows(Action::Update, ZoneId(zone), TenantId(tenant), peer), "another action");
        access.allows(Action::Transfer, ZoneId(zone), TenantId(tenant), peer)
    }

    #[test]
    fn without_grants_nobody_may() {
        assert!(!may(&[], 1, 1, "127.0.0.1", None));
        assert!(!may(&[], 1, 1, "::1", Some("key.example")));
    }

    #[test]
    fn every_condition_must_hold() {
        let both = [grant(Scope::All, Some("192.0.2.0/24"), Some("Key.example"))];
        assert!(may(&both, 1, 1, "192.0.2.1", Some("key.EXAMPLE")));
        assert!(!may(&both, 1, 1, "192.0.2.1", None));
        assert!(!may(&both, 1, 1, "192.0.2.1", Some("other.example")));
        assert!(!may(&both, 1, 1, "192.0.3.1", Some("key.example")));
        let address = [grant(Scope::All, Some("2001:db8::/32"), None)];
        assert!(may(&address, 1, 1, "2001:db8::1", None));
        assert!(may(&address, 1, 1, "2001:db8::1", Some("any.example")));
        assert!(!may(&address, 1, 1, "32.1.13.184", None), "the other family");
        let key = [grant(Scope::All, None, Some("key.example"))];
        assert!(may(&key, 1, 1, "203.0.113.1", Some("key.example")));
        assert!(!may(&key, 1, 1, "203.0.113.1", None));
    }

    #[test]
    fn a_grant_without_conditions_is_none() {
        assert!(!may(&[grant(Scope::All, None, None)], 1, 1, "127.0.0.1", None));
    }

    #[test]
    fn updates_take_a_key() {
        let update = |key| Grant { action: Action::Update, ..grant(Scope::All, Some("192.0.2.0/24"), key) };
        let access = Access::new([update(None), update(Some("key.example"))]);
        let scopes = |from: &str, key: Option<&str>| {
            let key = key.map(|key| key.parse::<Name>().unwrap());
            let peer = Peer { address: from.parse().unwrap(), key: key.as_ref().map(Name::as_wire) };
            access.update_scopes(peer).collect::<Vec<_>>()
        };
        assert_eq!(scopes("192.0.2.1", Some("KEY.example")), [Scope::All]);
        assert_eq!(scopes("192.0.2.1", None), []);
        assert_eq!(scopes("192.0.2.1", Some("other.example")), []);
        assert_eq!(scopes("192.0.3.1", Some("key.example")), []);
    }

    #[test]
    fn scopes() {
        let of = |scope| [grant(scope, Some("127.0.0.0/8"), None)];
        for (scope, expected) in [
            (Scope::All, [true, true, true]),
            (Scope::Tenant(TenantId(7)), [true, true, false]),
            (Scope::Zone(ZoneId(1)), [true, false, false]),
        ] {
            let asked = [(1, 7), (2, 7), (3, 8)]
                .map(|(zone, tenant)| may(&of(scope), zone, tenant, "127.0.0.1", None));
            assert_eq!(asked, expected, "{scope:?}");
        }
    }
}

//! Zone cuts among a zone's records as delegations of blocks.

use ptrd_wire::{Name, RecordType, Ttl};
use ptrd_zone::Zone;
use ptrd_zone::model::{Delegation, Nameserver};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A cut, read: what a block has to say for the same records to follow from it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StoredCut {
    pub delegation: Delegation,
    pub ttl: Ttl,
    /// Some nameserver lies at or below the cut.
    pub has_glue: bool,
}

/// Reads the cut at a name of a zone.
///
/// # Errors
/// Why no delegation gives the same records.
pub(super) fn read(zone: &Zone, owner: &Name) -> Result<StoredCut, String> {
    let node_at = |name: &Name| {
        name.is_at_or_under(zone.apex()).then(|| zone.names().node(&name.key_below(zone.apex_labels())))?
    };
    let node = node_at(owner).ok_or("there is no cut")?;
    let ns = node.rrset(RecordType::NS).ok_or("there are no NS records")?;
    let ttl = ns.ttl;
    let mut delegation = Delegation::default();
    if let Some(ds) = node.rrset(RecordType::DS) {
        if ds.ttl != ttl {
            return Err(format!("its DS has the TTL {}, its NS {ttl}: a block gives both the same", ds.ttl));
        }
        delegation.ds = ds.rdatas().map(Box::from).collect();
    }
    let mut has_glue = false;
    for rdata in ns.rdatas() {
        let name = Name::from_wire(rdata).map_err(|error| error.to_string())?;
        let mut addresses: Vec<IpAddr> = Vec::new();
        for rtype in [RecordType::A, RecordType::AAAA] {
            let Some(found) = node_at(&name).and_then(|node| node.rrset(rtype)) else { continue };
            if !name.is_at_or_under(owner) {
                return Err(format!(
                    "its nameserver {name} has addresses in the zone and lies outside the cut: referrals carry them \
                     now, and would not any more"
                ));
            }
            if found.ttl != ttl {
                return Err(format!(
                    "the glue {name} {rtype} has the TTL {}, its NS {ttl}: a block gives both the same",
                    found.ttl
                ));
            }
            addresses.extend(found.rdatas().filter_map(address));
        }
        has_glue |= name.is_at_or_under(owner);
        delegation.nameservers.push(Nameserver { name, addresses });
    }
    Ok(StoredCut { delegation, ttl, has_glue })
}

fn address(rdata: &[u8]) -> Option<IpAddr> {
    let v4 = || Some(Ipv4Addr::from(<[u8; 4]>::try_from(rdata).ok()?).into());
    let v6 = || Some(Ipv6Addr::from(<[u8; 16]>::try_from(rdata).ok()?).into());
    v4().or_else(v6)
}

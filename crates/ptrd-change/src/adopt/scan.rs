//! What a zone holds that its native form would derive: PTRs at addresses, CNAMEs that may be a classless range, cuts.
//!
//! What lies below a cut or a DNAME is not looked at: it is not the zone's to show, and stays as it is.

use ptrd_wire::{Family, Name, RecordType, RrSet, Ttl, ip_to_bits};
use ptrd_zone::{NameTree, NodeRef, Zone};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// CNAMEs from addresses of one /24 to their last octet below one apex.
#[derive(Debug)]
pub(super) struct Group {
    pub apex: Name,
    /// The first address of the /24.
    pub base: u32,
    /// Last octets, rising, each with the TTL of its CNAME.
    pub members: Vec<(u8, Ttl)>,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub ptrs: Vec<(IpAddr, Name, RrSet)>,
    pub groups: Vec<Group>,
    /// CNAMEs at addresses that lead anywhere else, or stand beside others.
    pub elsewhere: Vec<(Name, Name)>,
    /// Owners of NS RRsets below the apex.
    pub cuts: Vec<Name>,
    /// PTRs at addresses below a cut or DNAME.
    pub hidden: u64,
}

impl Scan {
    /// Looks through a zone; `at` gives the address whose name an owner is.
    pub fn of(zone: &Zone, at: impl Fn(&Name) -> Option<IpAddr>) -> Scan {
        let mut scan = Scan::default();
        let mut groups: BTreeMap<(u32, Name), Vec<(u8, Ttl)>> = BTreeMap::new();
        let mut spelt: BTreeMap<(u32, Name), Name> = BTreeMap::new();
        // In canonical order what hides a name comes before it.
        let mut hider: Option<Name> = None;
        for (key, node) in zone.names().iter() {
            let owner = NameTree::owner(&key, node, zone.apex());
            if hider.as_ref().is_some_and(|hider| !owner.is_under(hider)) {
                hider = None;
            }
            let ptr = node.rrset(RecordType::PTR);
            if hider.is_some() {
                scan.hidden += u64::from(ptr.is_some() && at(&owner).is_some());
                continue;
            }
            let is_cut = owner != *zone.apex() && node.rrset(RecordType::NS).is_some();
            if is_cut || node.rrset(RecordType::DNAME).is_some() {
                hider = Some(owner.clone());
            }
            if is_cut {
                scan.cuts.push(owner);
                continue;
            }
            let Some(address) = at(&owner) else { continue };
            if let Some(ptr) = ptr {
                scan.ptrs.push((address, owner, ptr.to_rrset()));
            } else if let Some((target, ttl)) = cname(node) {
                match classless_target(address, &target) {
                    Some((base, octet, apex)) => {
                        let lower = (base, apex.to_lowercase());
                        spelt.entry(lower.clone()).or_insert(apex);
                        groups.entry(lower).or_default().push((octet, ttl));
                    }
                    None => scan.elsewhere.push((owner, target)),
                }
            }
        }
        scan.groups = groups
            .into_iter()
            .map(|(key, mut members)| {
                members.sort_unstable();
                let apex = spelt.remove(&key).unwrap_or_else(|| key.1.clone());
                Group { apex, base: key.0, members }
            })
            .collect();
        scan.ptrs.sort_by_key(|(address, ..)| *address);
        scan
    }
}

fn cname(node: NodeRef<'_>) -> Option<(Name, Ttl)> {
    let rrset = node.rrset(RecordType::CNAME)?;
    let target = Name::from_wire(rrset.rdatas().next()?).ok()?;
    Some((target, rrset.ttl))
}

/// The /24, last octet and apex, where a CNAME leads to the address's last octet below another name (RFC 2317 §4).
fn classless_target(address: IpAddr, target: &Name) -> Option<(u32, u8, Name)> {
    let (Family::V4, bits) = ip_to_bits(address) else { return None };
    let octet = bits as u8;
    let label = target.labels().next()?;
    let apex = target.ancestors().nth(1)?;
    (ptrd_wire::canonical_octet(label) == Some(octet) && !apex.is_root()).then_some((
        bits as u32 & 0xffff_ff00,
        octet,
        apex,
    ))
}

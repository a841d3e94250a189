//! Versions of what is declared, for `expect`: short digests that change with the thing, so that whoever read it can
//! say "only if it is still so". Those of PTRs and RRsets are made where these are packed.

use crate::problem::stale;
use ptrd_api::Problem;
use ptrd_wire::Ttl;
use ptrd_zone::model::{Block, Checks, FcrdnsRule, Mode, NameRule, NsSet, SerialPolicy, SoaTemplate, Tenant};
use ptrd_zone::{Declared, Zone, ZoneMeta};

/// The version of what is not there.
pub(crate) const ABSENT: &str = "absent";

/// Refuses a change of something that is not as it was expected.
pub(crate) fn check(
    what: impl FnOnce() -> String,
    expected: Option<&String>,
    found: impl FnOnce() -> String,
) -> Result<(), Problem> {
    let Some(expected) = expected else { return Ok(()) };
    let found = found();
    if *expected == found { Ok(()) } else { Err(stale(&what(), expected, &found)) }
}

/// Sixteen hexadecimal digits of the parts, each with its length.
pub(crate) fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// A tenant: as long as it is the same one, has that name and that reseller.
pub(crate) fn of_tenant(tenant: &Tenant) -> String {
    let reseller = tenant.reseller.map_or(0, |id| id.0);
    digest(&[&tenant.id.0.to_be_bytes(), tenant.name.as_bytes(), &reseller.to_be_bytes()])
}

/// A block: owner, mode, label, nameservers, DS, TTL, whether it is suspended, what its tenant may, labels of before. What
/// lies in it does not count.
pub(crate) fn of_block(block: &Block) -> String {
    let mode = &block.mode;
    let style = match mode {
        Mode::Classless { style, .. } | Mode::DelegatedClassless { style, .. } => style.to_string(),
        _ => String::new(),
    };
    let apex = mode.classless_apex().map(|apex| apex.as_wire().to_vec()).unwrap_or_default();
    let mut delegation = Vec::new();
    for server in mode.delegation().iter().flat_map(|delegation| &delegation.nameservers) {
        delegation.extend_from_slice(server.name.as_wire());
        server
            .addresses
            .iter()
            .for_each(|address| delegation.extend_from_slice(format!("{address} ").as_bytes()));
    }
    let mut ds = Vec::new();
    for rdata in mode.delegation().iter().flat_map(|delegation| &delegation.ds) {
        ds.extend_from_slice(&(rdata.len() as u16).to_be_bytes());
        ds.extend_from_slice(rdata);
    }
    let standing = &block.standing;
    let mut standing = vec![u8::from(standing.suspended), u8::from(standing.may_sub_block)];
    let Checks { names, fcrdns } = block.standing.checks;
    standing.extend_from_slice(names.map_or("", NameRule::word).as_bytes());
    standing.extend_from_slice(fcrdns.map_or("", FcrdnsRule::word).as_bytes());
    for label in &block.standing.former {
        standing.extend_from_slice(label.apex.as_wire());
    }
    digest(&[
        &block.id.0.to_be_bytes(),
        block.range.to_string().as_bytes(),
        &block.tenant.0.to_be_bytes(),
        mode.word().as_bytes(),
        style.as_bytes(),
        &apex,
        &delegation,
        &ds,
        &own_ttl(block.default_ttl),
        block.template.to_string().as_bytes(),
        &standing,
    ])
}

/// A zone: owner, what it references, and the SOA, whose serial steps with every change of what the zone shows.
pub(crate) fn of_zone(meta: &ZoneMeta, zone: &Zone) -> String {
    digest(&[
        &meta.id.0.to_be_bytes(),
        &meta.tenant.0.to_be_bytes(),
        zone.soa_rdata(),
        &zone.soa_ttl().as_secs().to_be_bytes(),
        &meta.ns_set.map_or(0, |id| id.0).to_be_bytes(),
        &meta.soa_template.map_or(0, |id| id.0).to_be_bytes(),
        meta.serial_policy.map_or("", SerialPolicy::word).as_bytes(),
    ])
}

/// An NS set: its name, its nameservers and its TTL. What references it does not count.
pub(crate) fn of_ns_set(set: &NsSet) -> String {
    let mut nameservers = Vec::new();
    set.nameservers.iter().for_each(|name| nameservers.extend_from_slice(name.as_wire()));
    digest(&[&set.id.0.to_be_bytes(), set.name.as_bytes(), &nameservers, &own_ttl(set.ttl)])
}

/// A SOA template: its name and all that it gives. What references it does not count.
pub(crate) fn of_soa_template(template: &SoaTemplate) -> String {
    let SoaTemplate { id, name, mname, rname, refresh, retry, expire, minimum, ttl, serial_policy } =
        template;
    let timers = [*refresh, *retry, *expire, minimum.as_secs()];
    digest(&[
        &id.0.to_be_bytes(),
        name.as_bytes(),
        mname.as_ref().map_or(&[][..], |mname| mname.as_wire()),
        rname.as_wire(),
        &timers.map(u32::to_be_bytes).concat(),
        &own_ttl(*ttl),
        serial_policy.word().as_bytes(),
    ])
}

fn own_ttl(ttl: Option<Ttl>) -> [u8; 4] {
    ttl.map_or(u32::MAX, Ttl::as_secs).to_be_bytes()
}

/// The defaults, with what the NS set and the SOA template of that name give.
pub(crate) fn of_defaults(declared: &Declared) -> String {
    digest(&[&serde_json::to_vec(&crate::defaults::view(declared)).unwrap_or_default()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptrd_zone::model::{BlockId, BlockTemplate, Delegation, LabelStyle, Nameserver, Standing, TenantId};
    use std::collections::BTreeSet;

    #[test]
    fn every_part_of_a_block_counts() {
        let name = |text: &str| text.parse().expect("a name");
        let block = |mode: Mode| Block {
            id: BlockId(1),
            range: "192.0.2.0/26".parse().expect("a range"),
            tenant: TenantId(1),
            mode,
            default_ttl: None,
            template: BlockTemplate::Inherit,
            standing: Standing::default(),
        };
        let servers = |glue: &[&str], ds: &[&[u8]]| Delegation {
            nameservers: vec![Nameserver {
                name: name("ns.example"),
                addresses: glue.iter().map(|text| text.parse().expect("an address")).collect(),
            }],
            ds: ds.iter().map(|rdata| (*rdata).into()).collect(),
        };
        let classless = |style, apex| Mode::Classless { style, apex: name(apex) };
        let direct = block(Mode::Direct);
        let blocks = [
            direct.clone(),
            Block { id: BlockId(2), ..direct.clone() },
            Block { tenant: TenantId(2), ..direct.clone() },
            Block { range: "192.0.2.0/27".parse().expect("a range"), ..direct.clone() },
            Block { default_ttl: Some(Ttl::from_secs(60)), ..direct.clone() },
            Block { template: BlockTemplate::None, ..direct.clone() },
            Block { standing: Standing { suspended: true, ..Standing::default() }, ..direct.clone() },
            Block { standing: Standing { may_sub_block: true, ..Standing::default() }, ..direct.clone() },
            block(classless(LabelStyle::FirstLen, "a.example")),
            block(classless(LabelStyle::Slash, "a.example")),
            block(classless(LabelStyle::FirstLen, "b.example")),
            block(Mode::DelegatedEach(servers(&[], &[]))),
            block(Mode::DelegatedWhole(servers(&[], &[]))),
            block(Mode::DelegatedWhole(servers(&["192.0.2.1"], &[]))),
            block(Mode::DelegatedWhole(servers(&[], &[b"1"]))),
            block(Mode::DelegatedWhole(servers(&[], &[b"1", b""]))),
        ];
        let versions: BTreeSet<String> = blocks.iter().map(of_block).collect();
        assert_eq!(versions.len(), blocks.len());
        assert_eq!(of_block(&direct), of_block(&direct.clone()));
    }
}

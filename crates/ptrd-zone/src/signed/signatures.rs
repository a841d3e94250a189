//! Whether RRsets are signed: by a key at the apex, as the zone's own, for the owner as it stands (RFC 4035 §2.2).

use super::NotWhole;
use crate::names::NodeRef;
use crate::zone::Zone;
use ptrd_wire::{RecordType, Rrsig, key_tag};

/// The keys at a zone's apex, and what their signatures must say.
pub(super) struct Keys<'z> {
    zone: &'z Zone,
    /// Algorithm and tag.
    keys: Vec<(u8, u16)>,
}

impl<'z> Keys<'z> {
    /// The keys of a zone.
    pub fn of(zone: &'z Zone) -> Result<Keys<'z>, NotWhole> {
        let dnskeys =
            zone.apex_node().and_then(|node| node.rrset(RecordType::DNSKEY)).ok_or(NotWhole::NoKey)?;
        let keys = dnskeys.rdatas().filter(|rdata| rdata.len() > 4).map(|rdata| (rdata[3], key_tag(rdata)));
        Ok(Keys { zone, keys: keys.collect() })
    }

    /// Whether the RRset of a type at a name is signed. `labels` is what its signatures must count.
    pub fn check(
        &self,
        key: &[u8],
        node: NodeRef<'_>,
        rtype: RecordType,
        labels: usize,
    ) -> Result<(), NotWhole> {
        let owner = || self.zone.name_of_key(key);
        let mut by_known_key = false;
        let signatures = node.rrset(RecordType::RRSIG);
        for rdata in signatures.iter().flat_map(|rrset| rrset.rdatas()) {
            if Rrsig::covers(rdata) != Some(rtype) {
                continue;
            }
            let rrsig = Rrsig::read(rdata)
                .ok_or_else(|| NotWhole::Damaged { owner: owner(), rtype: RecordType::RRSIG })?;
            if !rrsig.signer.eq_ignore_ascii_case(self.zone.apex_lower()) {
                return Err(NotWhole::ForeignSigner {
                    owner: owner(),
                    rtype,
                    apex: self.zone.apex().clone(),
                });
            }
            if usize::from(rrsig.labels) != labels {
                let found = rrsig.labels;
                return Err(NotWhole::Labels { owner: owner(), rtype, found, expected: labels });
            }
            by_known_key |= self.keys.contains(&(rrsig.algorithm, rrsig.key_tag));
        }
        if by_known_key { Ok(()) } else { Err(NotWhole::NoSignature { owner: owner(), rtype }) }
    }
}

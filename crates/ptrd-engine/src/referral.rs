//! Zone cuts: referrals with their glue, and the DS RRsets that stand there (RFC 1034 §4.3.2 step 3b, RFC 4035 §3.1.4, RFC 9471).

use crate::limiter::Kind;
use crate::resolve::{Answer, Scratch, Step};
use ptrd_wire::{Owner, QName, Rcode, RecordType, Section, WriteFull};
use ptrd_zone::{CutRecords, CutRef, Deny, Found, NodeRef, Zone};

/// Whether what was found is a zone cut that others answer for.
pub(crate) fn is_referral(found: &Found<'_>, name: &QName, qtype: RecordType) -> bool {
    matches!(found, Found::Cut(cut) if !(qtype == RecordType::DS && cut.labels == name.label_count()))
}

impl<'s> Answer<'_, '_, 's> {
    /// The DS RRset of a cut, or that there is none.
    pub(crate) fn delegation_signer(
        &mut self,
        zone: &'s Zone,
        cut: CutRef<'s>,
        name: &QName,
        owner: Owner<'_>,
        hop: usize,
    ) -> Result<Step, WriteFull> {
        match cut.records {
            CutRecords::Stored(node) => match node.rrset(RecordType::DS) {
                Some(rrset) => {
                    self.rrset(Section::Answer, owner, rrset)?;
                    let signed = (rrset.rtype, rrset.ttl.as_secs());
                    self.signatures(Section::Answer, owner, zone, Some(node), signed)?;
                }
                None => return self.negative(zone, name, hop, Rcode::NOERROR),
            },
            CutRecords::Derived(records) => match &records.ds {
                Some(rrset) => self.owned(Section::Answer, owner, rrset)?,
                // The cut is derived, its DS may still be one of the zone's own records.
                None => match zone.stored(name).and_then(|node| node.rrset(RecordType::DS)) {
                    Some(rrset) => self.rrset(Section::Answer, owner, rrset)?,
                    None => return self.negative(zone, name, hop, Rcode::NOERROR),
                },
            },
        }
        Ok(Step::Done(Rcode::NOERROR))
    }

    /// RFC 1034 §4.3.2 step 3b: the cut's NS RRset, and all glue that lies at or below the cut, or TC (RFC 9471 §3).
    /// From a signed zone also the DS, or that there is none (RFC 4035 §3.1.4); from others no DS, which proves nothing
    /// without its RRSIG.
    pub(crate) fn referral(
        &mut self,
        zone: &'s Zone,
        cut: CutRef<'s>,
        name: &QName,
        scratch: &mut Scratch,
    ) -> Result<Step, WriteFull> {
        self.found = Kind::Referral;
        self.write_proofs()?;
        let owner = name.suffix(cut.labels);
        match cut.records {
            CutRecords::Stored(node) => {
                let Some(ns) = node.rrset(RecordType::NS) else { return Ok(Step::Done(Rcode::SERVFAIL)) };
                self.rrset(Section::Authority, Owner::Name(owner), ns)?;
                self.delegation_proof(zone, node, name, cut.labels)?;
                // Glue in the domain of the cut first: it must be there. Then what else is known.
                for in_domain in [true, false] {
                    for target in ns.rdatas() {
                        scratch.extra.assign(target);
                        let below = is_below(&scratch.extra, owner, cut.labels);
                        if below != in_domain {
                            continue;
                        }
                        let Some(node) = zone.stored(&scratch.extra) else { continue };
                        for rrset in
                            [RecordType::A, RecordType::AAAA].into_iter().filter_map(|t| node.rrset(t))
                        {
                            self.glue(below, |answer| {
                                answer.rrset(Section::Additional, Owner::Name(target), rrset)
                            })?;
                        }
                    }
                }
            }
            CutRecords::Derived(records) => {
                self.owned(Section::Authority, Owner::Name(owner), &records.ns)?;
                for (target, rrset) in &records.glue {
                    scratch.extra.assign(target.as_wire());
                    if is_below(&scratch.extra, owner, cut.labels) {
                        let target = Owner::Name(target.as_wire());
                        self.glue(true, |answer| answer.owned(Section::Additional, target, rrset))?;
                    }
                }
            }
        }
        Ok(Step::Done(Rcode::NOERROR))
    }

    /// RFC 4035 §3.1.4, RFC 5155 §7.2.7: the DS of a cut, or what proves that there is none.
    fn delegation_proof(
        &mut self,
        zone: &'s Zone,
        node: NodeRef<'s>,
        name: &QName,
        labels: usize,
    ) -> Result<(), WriteFull> {
        if !self.proves(zone) {
            return Ok(());
        }
        let Some(ds) = node.rrset(RecordType::DS) else { return self.prove(zone, name, labels, Deny::Type) };
        let owner = Owner::Name(name.suffix(labels));
        self.rrset(Section::Authority, owner, ds)?;
        self.signatures(Section::Authority, owner, zone, Some(node), (ds.rtype, ds.ttl.as_secs()))
    }

    /// Glue that does not fit: an error where it must be there and TCP can carry more, else it is left out.
    fn glue(
        &mut self,
        needed: bool,
        write: impl FnOnce(&mut Self) -> Result<(), WriteFull>,
    ) -> Result<(), WriteFull> {
        match write(self) {
            Err(WriteFull) if needed && self.can_truncate => Err(WriteFull),
            _ => Ok(()),
        }
    }
}

fn is_below(name: &QName, cut: &[u8], labels: usize) -> bool {
    name.label_count() >= labels && name.suffix(labels) == cut
}

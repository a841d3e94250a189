//! What a client that sets DO gets besides: signatures, and proofs of what is not there (RFC 4035 §3.1, RFC 5155 §7.2).
//!
//! Zones are unsigned, or came signed and whole; nothing is signed here. A record that belongs to the answer is written or
//! TC is set (RFC 4035 §3.1.1): only signatures in the additional section may be left out.

use crate::resolve::{Answer, MAX_CHAIN};
use ptrd_wire::{Class, Owner, QName, RecordType, Rrsig, Section, WriteFull};
use ptrd_zone::{Denial, Denials, Deny, NodeRef, Zone};

/// NSEC and NSEC3 records of one answer: one for each wildcard of a chain, and what its end takes.
#[derive(Default)]
pub(crate) struct Proofs<'s> {
    list: [Option<Denial<'s>>; MAX_CHAIN + 3],
    known: usize,
    written: usize,
}

impl<'s> Proofs<'s> {
    /// The first that is not written.
    fn pending(&self) -> Option<Denial<'s>> {
        self.list[..self.known].get(self.written).copied().flatten()
    }

    /// To be written, each once.
    fn add(&mut self, denials: &Denials<'s>) {
        for denial in denials.iter() {
            let is_known = self.list[..self.known].iter().flatten().any(|known| known.is(&denial));
            if let (false, Some(free)) = (is_known, self.list.get_mut(self.known)) {
                *free = Some(denial);
                self.known += 1;
            }
        }
    }
}

impl<'s> Answer<'_, '_, 's> {
    /// Whether signatures and proofs of a zone go into the answer.
    #[inline]
    pub(crate) fn proves(&self, zone: &Zone) -> bool {
        self.dnssec && zone.signing().is_some()
    }

    /// The signatures of an RRset that stands at a node, all or none of them.
    #[inline]
    pub(crate) fn signatures(
        &mut self,
        section: Section,
        owner: Owner<'_>,
        zone: &Zone,
        node: Option<NodeRef<'_>>,
        (rtype, ttl): (RecordType, u32),
    ) -> Result<(), WriteFull> {
        match node {
            Some(node) if self.proves(zone) => self.signatures_at(section, owner, node, rtype, ttl),
            _ => Ok(()),
        }
    }

    /// RFC 4035 §3.1.1. The TTL is that of the RRset (RFC 4034 §3).
    #[cold]
    fn signatures_at(
        &mut self,
        section: Section,
        owner: Owner<'_>,
        node: NodeRef<'_>,
        rtype: RecordType,
        ttl: u32,
    ) -> Result<(), WriteFull> {
        let mark = self.writer.mark();
        let Some(rrsigs) = node.rrset(RecordType::RRSIG) else { return Ok(()) };
        for rdata in rrsigs.rdatas().filter(|rdata| Rrsig::covers(rdata) == Some(rtype)) {
            let written = self.writer.record(section, owner, RecordType::RRSIG, Class::IN, ttl, rdata);
            self.or_rewind(mark, written)?;
        }
        Ok(())
    }

    /// What proves that the name, cut to so many labels, is not in the zone or has not what was asked for.
    #[inline]
    pub(crate) fn prove(
        &mut self,
        zone: &'s Zone,
        name: &QName,
        labels: usize,
        what: Deny,
    ) -> Result<(), WriteFull> {
        if self.proves(zone) { self.prove_signed(zone, name, labels, what) } else { Ok(()) }
    }

    #[cold]
    fn prove_signed(
        &mut self,
        zone: &'s Zone,
        name: &QName,
        labels: usize,
        what: Deny,
    ) -> Result<(), WriteFull> {
        self.proofs.get_or_insert_default().add(&zone.deny(name, labels, what));
        self.write_proofs()
    }

    /// An RRset of a wildcard was given to the name: that nothing nearer is there is proven once the answer section is
    /// complete.
    #[cold]
    pub(crate) fn note_wildcard(&mut self, zone: &'s Zone, name: &QName) {
        if self.proves(zone) {
            let denials = zone.deny(name, name.label_count(), Deny::Closer);
            self.proofs.get_or_insert_default().add(&denials);
        }
    }

    /// Writes what has to be proven and is not written yet.
    #[inline]
    pub(crate) fn write_proofs(&mut self) -> Result<(), WriteFull> {
        if self.proofs.is_none() { Ok(()) } else { self.write_pending_proofs() }
    }

    #[cold]
    fn write_pending_proofs(&mut self) -> Result<(), WriteFull> {
        let mut room = [0; 256];
        while let Some(denial) = self.proofs.as_ref().and_then(Proofs::pending) {
            if let Some(rrset) = denial.rrset() {
                let owner = Owner::Name(denial.owner_into(&mut room));
                self.rrset(Section::Authority, owner, rrset)?;
                let ttl = rrset.ttl.as_secs();
                self.signatures_at(Section::Authority, owner, denial.node(), rrset.rtype, ttl)?;
            }
            self.proofs.iter_mut().for_each(|proofs| proofs.written += 1);
        }
        Ok(())
    }
}

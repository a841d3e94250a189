//! RFC 1034 §4.3.2 over a snapshot: find, follow aliases, write the sections.

use crate::dnssec::Proofs;
use crate::limiter::Kind;
use crate::referral::is_referral;
use crate::{Asker, Engine, Outcome, Transport, Worker};
use ptrd_wire::{
    Class, Family, Mark, Owner, QName, Query, Rcode, RecordType, ReverseName, Section, Ttl, WriteFull,
    Writer, additional_name, ede, ttl_of_record,
};
use ptrd_zone::{
    Action, AddressPtr, Computed, Deny, Families, Found, Node, NodeRef, Outage, Peer, PtrRef, RrSetRef,
    Snapshot, Zone,
};
use std::net::IpAddr;

/// Aliases followed in one answer, CNAME and DNAME together. The chain so far is the answer then.
pub(crate) const MAX_CHAIN: usize = 8;
/// Names whose addresses are looked for in the additional section.
const MAX_ADDITIONAL: usize = 13;

/// Room for the names that a worker meets while it answers.
pub(crate) struct Scratch {
    target: [u8; 512],
    computed: [u8; 255],
    pub(crate) extra: QName,
}

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch { target: [0; 512], computed: [0; 255], extra: QName::default() }
    }
}

/// What one name of a chain comes to.
pub(crate) enum Step {
    /// The answer is complete.
    Done(Rcode),
    /// An alias: its target, of this length, lies in the scratch, and in the message at this offset.
    Follow(usize, usize),
}

/// The answer under construction.
pub(crate) struct Answer<'w, 'b, 's> {
    snapshot: &'s Snapshot,
    qtype: RecordType,
    pub(crate) writer: &'w mut Writer<'b>,
    truncated: bool,
    /// Whether a client told of truncation has a way to ask for more.
    pub(crate) can_truncate: bool,
    /// Whether the client sets DO.
    pub(crate) dnssec: bool,
    /// Whether what stands at the name comes from a wildcard.
    by_wildcard: bool,
    /// None before the first: few answers have one.
    pub(crate) proofs: Option<Proofs<'s>>,
    /// What the last zone of the chain had to say.
    pub(crate) found: Kind,
    /// Fingerprints of the owners whose DNAME is in the answer: a chain may meet one again.
    dnames: [u64; MAX_CHAIN],
}

impl Engine {
    #[inline]
    pub(crate) fn resolve_in(
        &self,
        query: &Query<'_>,
        (asker, key): (&Asker, Option<&[u8]>),
        snapshot: &Snapshot,
        worker: &mut Worker,
        writer: &mut Writer<'_>,
    ) -> Outcome {
        let Worker { asked, chased, scratch, .. } = worker;
        let mut answer = Answer {
            snapshot,
            qtype: query.qtype,
            writer,
            truncated: false,
            can_truncate: asker.transport == Transport::Udp,
            dnssec: query.edns.as_ref().is_some_and(|edns| edns.dnssec_ok),
            by_wildcard: false,
            proofs: None,
            found: Kind::Answer,
            dnames: [0; MAX_CHAIN],
        };
        let outcome = answer.chain((asker, key), asked, chased, scratch);
        // Of the wildcards of a chain that ended in a zone that has nothing to add.
        match answer.write_proofs() {
            Ok(()) => outcome,
            Err(WriteFull) => Outcome { truncated: true, ..outcome },
        }
    }
}

/// Whether a catalog is there for who asks: secondaries ask for its SOA before they transfer it, and nobody else has any
/// business with the names of all zones (RFC 9432 §7).
#[cold]
fn may_transfer(zone: &Zone, asker: &Asker, key: Option<&[u8]>, snapshot: &Snapshot) -> bool {
    let peer = Peer { address: asker.peer.to_canonical(), key };
    snapshot.access().allows(Action::Transfer, zone.id(), zone.tenant(), peer)
}

/// A zone that is here and not answered for (RFC 1034 §4.3.5).
#[cold]
fn outcome_of(outage: Outage) -> Outcome {
    let error = match outage {
        Outage::Awaited => ede::NOT_READY,
        Outage::Expired => ede::INVALID_DATA,
    };
    Outcome { error: Some(error), ..Outcome::rcode(Rcode::SERVFAIL) }
}

/// The zone that answers for a name, and what it holds there.
#[inline]
fn locate<'s>(snapshot: &'s Snapshot, name: &QName, qtype: RecordType) -> Option<(&'s Zone, Found<'s>)> {
    let zone = snapshot.zone_of(name)?;
    let reverse = ReverseName::of(name);
    let labels = name.label_count();
    // RFC 4035 §3.1.4.1: the DS of a zone is the parent's to answer, where the parent is here.
    if qtype == RecordType::DS && zone.apex_labels() == labels && labels > 0 {
        let parent = snapshot.zone_of_at_most(name, labels - 1);
        let cut = parent.map(|parent| (&**parent, parent.find(snapshot.addresses(), name, reverse.as_ref())));
        if let Some((parent, Found::Cut(cut))) = cut
            && cut.labels == labels
        {
            return Some((parent, Found::Cut(cut)));
        }
    }
    Some((zone, zone.find(snapshot.addresses(), name, reverse.as_ref())))
}

impl<'s> Answer<'_, '_, 's> {
    /// Follows aliases from the name that was asked.
    #[inline]
    fn chain(
        &mut self,
        (asker, key): (&Asker, Option<&[u8]>),
        asked: &QName,
        chased: &mut QName,
        scratch: &mut Scratch,
    ) -> Outcome {
        let (snapshot, qtype) = (self.snapshot, self.qtype);
        let mut outcome = Outcome::rcode(Rcode::NOERROR);
        let mut owner = Owner::Question;
        let mut seen = [0; MAX_CHAIN];
        for hop in 0..=MAX_CHAIN {
            let name = if hop == 0 { asked } else { &*chased };
            // RFC 1034 §4.3.2: a chain that leaves our zones, or goes on too long, ends here as it stands.
            let Some((zone, found)) = locate(snapshot, name, qtype) else {
                return if hop == 0 { Outcome::refused(ede::NOT_AUTHORITATIVE) } else { outcome };
            };
            if zone.is_catalog() && (hop > 0 || !may_transfer(zone, asker, key, snapshot)) {
                return if hop == 0 { Outcome::refused(ede::PROHIBITED) } else { outcome };
            }
            if let Some(outage) = zone.outage() {
                return if hop == 0 { outcome_of(outage) } else { outcome };
            }
            if !zone.is_servable() {
                return if hop == 0 { Outcome::broken() } else { outcome };
            }
            // RFC 6604 §2.1: AA speaks of the first owner name.
            if hop == 0 {
                outcome.authoritative = !is_referral(&found, name, qtype);
            }
            if hop == MAX_CHAIN {
                break;
            }
            let step = self.step(zone, found, name, owner, hop, scratch);
            outcome.truncated = self.truncated;
            outcome.found = self.found;
            match step {
                // RFC 6604 §3: the response code speaks of the last.
                Ok(Step::Done(rcode)) => return Outcome { rcode, ..outcome },
                Ok(Step::Follow(length, offset)) => {
                    owner = self.writer.name_at(offset);
                    seen[hop] = fingerprint(name.wire());
                    let next = fingerprint(&scratch.target[..length]);
                    // A name that was met already: the rest of the loop is in the answer.
                    if seen[..=hop].contains(&next) {
                        break;
                    }
                    chased.assign(&scratch.target[..length]);
                }
                Err(WriteFull) => return Outcome { truncated: true, ..outcome },
            }
        }
        outcome
    }

    #[inline]
    fn step(
        &mut self,
        zone: &'s Zone,
        found: Found<'s>,
        name: &QName,
        owner: Owner<'_>,
        hop: usize,
        scratch: &mut Scratch,
    ) -> Result<Step, WriteFull> {
        self.by_wildcard = matches!(found, Found::Wildcard(_));
        match found {
            Found::Node(node) => self.node(zone, node, name, owner, hop, scratch),
            Found::Missing => self.negative(zone, name, hop, Rcode::NXDOMAIN),
            Found::Empty => self.negative(zone, name, hop, Rcode::NOERROR),
            Found::Wildcard(stored) => {
                let node = Node { stored: Some(stored), ptr: None, computed: Families::default() };
                self.node(zone, node, name, owner, hop, scratch)
            }
            Found::Alias { apex, ttl } => {
                let label = name.label(0);
                let target = &mut scratch.target;
                target[0] = label.len() as u8;
                target[1..1 + label.len()].copy_from_slice(label);
                let length = 1 + label.len() + apex.as_wire().len();
                target[1 + label.len()..length].copy_from_slice(apex.as_wire());
                self.alias(owner, ttl.as_secs(), length, scratch)
            }
            Found::Cut(cut) if self.qtype == RecordType::DS && cut.labels == name.label_count() => {
                self.delegation_signer(zone, cut, name, owner, hop)
            }
            Found::Cut(cut) => self.referral(zone, cut, name, scratch),
            Found::Dname { labels, rrset, node } => {
                self.dname(zone, labels, (rrset, node), name, owner, scratch)
            }
        }
    }

    /// RRsets stand at the name.
    #[inline]
    fn node(
        &mut self,
        zone: &'s Zone,
        node: Node<'s>,
        name: &QName,
        owner: Owner<'_>,
        hop: usize,
        scratch: &mut Scratch,
    ) -> Result<Step, WriteFull> {
        if let Some(ptr) = node.ptr
            && matches!(self.qtype, RecordType::PTR | RecordType::ANY)
        {
            match ptr {
                AddressPtr::Stored(ptr) => self.ptrs(owner, ptr)?,
                AddressPtr::Computed(computed) => self.computed(owner, computed, scratch)?,
            }
            return Ok(Step::Done(Rcode::NOERROR));
        }
        if self.qtype == RecordType::SOA && name.label_count() == zone.apex_labels() {
            let ttl = zone.soa_ttl().as_secs();
            self.writer.record(Section::Answer, owner, RecordType::SOA, Class::IN, ttl, zone.soa_rdata())?;
            self.signatures(Section::Answer, owner, zone, node.stored, (RecordType::SOA, ttl))?;
            return Ok(Step::Done(Rcode::NOERROR));
        }
        if node.computed.any()
            && let Some(rtype) = self.computed_type(&node)
            && let Some(ttl) = node.computed.ttl(rtype)
        {
            self.computed_addresses(zone, (rtype, ttl), name, owner)?;
            return Ok(Step::Done(Rcode::NOERROR));
        }
        let Some(stored) = node.stored else { return self.negative(zone, name, hop, Rcode::NOERROR) };
        if let Some(cname) = stored.rrset(RecordType::CNAME)
            && (self.qtype == RecordType::ANY || stored.rrset(self.qtype).is_none())
        {
            let Some(target) = cname.rdatas().next() else { return Ok(Step::Done(Rcode::SERVFAIL)) };
            scratch.target[..target.len()].copy_from_slice(target);
            let ttl = cname.ttl.as_secs();
            let step = self.alias(owner, ttl, target.len(), scratch)?;
            self.signatures(Section::Answer, owner, zone, Some(stored), (RecordType::CNAME, ttl))?;
            if self.by_wildcard {
                self.note_wildcard(zone, name);
            }
            return Ok(step);
        }
        // What may stand beside a CNAME is answered itself (RFC 2181 §10.1, RFC 4035 §2.5).
        // RFC 8482 §4.1: one RRset of the name answers ANY, and not one that serves others.
        let serves = |rtype| matches!(rtype, RecordType::RRSIG | RecordType::NSEC);
        let rrset = match self.qtype {
            RecordType::ANY => {
                // As where the PTR is that of an address: two servers of a zone answer alike.
                let first = || stored.rrsets().find(|set| !serves(set.rtype));
                stored.rrset(RecordType::PTR).or_else(first).or(stored.rrsets().next())
            }
            qtype => stored.rrset(qtype),
        };
        match rrset {
            Some(rrset) => {
                self.rrset(Section::Answer, owner, rrset)?;
                let signed = (rrset.rtype, rrset.ttl.as_secs());
                self.signatures(Section::Answer, owner, zone, Some(stored), signed)?;
                if self.by_wildcard {
                    self.note_wildcard(zone, name);
                }
                self.write_proofs()?;
                self.additional(rrset, scratch);
                Ok(Step::Done(Rcode::NOERROR))
            }
            None => self.negative(zone, name, hop, Rcode::NOERROR),
        }
    }

    /// A CNAME to the name in the scratch: goes on there, unless the CNAME is what was asked for.
    #[inline]
    fn alias(
        &mut self,
        owner: Owner<'_>,
        ttl: u32,
        length: usize,
        scratch: &mut Scratch,
    ) -> Result<Step, WriteFull> {
        let step = self.follow(owner, ttl, length, scratch)?;
        let asked_for = matches!(self.qtype, RecordType::CNAME | RecordType::ANY);
        Ok(if asked_for { Step::Done(Rcode::NOERROR) } else { step })
    }

    /// Writes a CNAME to the name in the scratch.
    #[inline]
    fn follow(
        &mut self,
        owner: Owner<'_>,
        ttl: u32,
        length: usize,
        scratch: &mut Scratch,
    ) -> Result<Step, WriteFull> {
        let target = &mut scratch.target[..length];
        let offset = self.writer.record(Section::Answer, owner, RecordType::CNAME, Class::IN, ttl, target)?;
        target.make_ascii_lowercase();
        Ok(Step::Follow(length, offset))
    }

    /// RFC 6672 §3.2: the DNAME, and the CNAME that follows from it.
    fn dname(
        &mut self,
        zone: &Zone,
        labels: usize,
        (rrset, node): (RrSetRef<'s>, NodeRef<'s>),
        name: &QName,
        owner: Owner<'_>,
        scratch: &mut Scratch,
    ) -> Result<Step, WriteFull> {
        let Some(target) = rrset.rdatas().next() else { return Ok(Step::Done(Rcode::SERVFAIL)) };
        let written = fingerprint(name.suffix(labels));
        if !self.dnames.contains(&written) {
            let own = Owner::Name(name.suffix(labels));
            self.rrset(Section::Answer, own, rrset)?;
            self.signatures(Section::Answer, own, zone, Some(node), (rrset.rtype, rrset.ttl.as_secs()))?;
            if let Some(free) = self.dnames.iter_mut().find(|slot| **slot == 0) {
                *free = written;
            }
        }
        let before = name.wire().len() - name.suffix(labels).len();
        let length = before + target.len();
        if length > 255 {
            return Ok(Step::Done(Rcode::YXDOMAIN));
        }
        scratch.target[..before].copy_from_slice(&name.wire()[..before]);
        scratch.target[before..length].copy_from_slice(target);
        // The synthesized CNAME stands for no data at the name, so it never is what was asked for.
        self.follow(owner, rrset.ttl.as_secs(), length, scratch)
    }

    /// No such name, or no such RRset: the SOA says for how long (RFC 2308 §3).
    #[inline]
    pub(crate) fn negative(
        &mut self,
        zone: &'s Zone,
        name: &QName,
        hop: usize,
        rcode: Rcode,
    ) -> Result<Step, WriteFull> {
        self.found = Kind::Denial(zone.id().0);
        let written = self.write_proofs().and_then(|()| self.negative_soa(zone, name, hop)).and_then(|()| {
            let what = if rcode == Rcode::NXDOMAIN { Deny::Name } else { Deny::Type };
            self.prove(zone, name, name.label_count(), what)
        });
        self.truncated |= written.is_err();
        Ok(Step::Done(rcode))
    }

    #[inline]
    fn negative_soa(&mut self, zone: &Zone, name: &QName, hop: usize) -> Result<(), WriteFull> {
        let apex = zone.apex_lower();
        // The apex is the end of the question's name, unless a chain led elsewhere.
        let owner = if hop == 0 && apex.len() > 1 {
            Owner::At((ptrd_wire::HEADER_LEN + name.wire().len() - apex.len()) as u16)
        } else {
            Owner::Name(zone.apex().as_wire())
        };
        let ttl = zone.negative_ttl().as_secs();
        let rdata = [zone.soa_rdata(), &[]];
        self.writer.plain_record(Section::Authority, owner, RecordType::SOA, Class::IN, ttl, rdata)?;
        if !self.proves(zone) {
            return Ok(());
        }
        self.signatures(Section::Authority, owner, zone, zone.apex_node(), (RecordType::SOA, ttl))
    }

    /// Addresses, held here, of the names that an RRset of the answer mentions; as far as there is room.
    fn additional(&mut self, rrset: RrSetRef<'_>, scratch: &mut Scratch) {
        for rdata in rrset.rdatas().take(MAX_ADDITIONAL) {
            let Some(target) = additional_name(rrset.rtype, rdata).filter(|target| target.len() > 1) else {
                return;
            };
            scratch.extra.assign(target);
            let Some(zone) = self.snapshot.zone_of(&scratch.extra).filter(|zone| zone.is_servable()) else {
                continue;
            };
            let reverse = ReverseName::of(&scratch.extra);
            let Found::Node(Node { stored: Some(node), .. }) =
                zone.find(self.snapshot.addresses(), &scratch.extra, reverse.as_ref())
            else {
                continue;
            };
            for rrset in [RecordType::A, RecordType::AAAA].into_iter().filter_map(|rtype| node.rrset(rtype)) {
                let owner = Owner::Name(target);
                if self.rrset(Section::Additional, owner, rrset).is_err() {
                    return;
                }
                // RFC 4035 §3.1.1: here a signature that does not fit is left out.
                let signed = (rrset.rtype, rrset.ttl.as_secs());
                let _ = self.signatures(Section::Additional, owner, zone, Some(node), signed);
            }
        }
    }

    /// Writes an RRset whole or not at all (RFC 2181 §9).
    pub(crate) fn rrset(
        &mut self,
        section: Section,
        owner: Owner<'_>,
        rrset: RrSetRef<'_>,
    ) -> Result<(), WriteFull> {
        let mark = self.writer.mark();
        for rdata in rrset.rdatas() {
            let ttl = ttl_of_record(rrset.rtype, rrset.ttl, rdata).as_secs();
            let written = self.writer.record(section, owner, rrset.rtype, Class::IN, ttl, rdata);
            self.or_rewind(mark, written)?;
        }
        Ok(())
    }

    pub(crate) fn owned(
        &mut self,
        section: Section,
        owner: Owner<'_>,
        rrset: &ptrd_wire::RrSet,
    ) -> Result<(), WriteFull> {
        let mark = self.writer.mark();
        for rdata in &rrset.rdatas {
            let written =
                self.writer.record(section, owner, rrset.rtype, Class::IN, rrset.ttl.as_secs(), rdata);
            self.or_rewind(mark, written)?;
        }
        Ok(())
    }

    /// The PTR RRset of an address. Targets that share their ending in the page share it in the message.
    #[inline]
    fn ptrs(&mut self, owner: Owner<'_>, ptr: PtrRef<'_>) -> Result<(), WriteFull> {
        let mark = self.writer.mark();
        let ttl = ptr.ttl().as_secs();
        let mut shared: (&[u8], usize) = (&[], 0);
        for target in ptr.targets() {
            let pointer = (0xc000 | shared.1 as u16).to_be_bytes();
            let known = shared.0.len() > 2 && std::ptr::eq(shared.0, target.ending);
            let parts = [target.head, if known { &pointer } else { target.ending }];
            let written =
                self.writer.plain_record(Section::Answer, owner, RecordType::PTR, Class::IN, ttl, parts);
            let data = self.or_rewind(mark, written)?;
            if !known && data + target.head.len() < 0x4000 {
                shared = (target.ending, data + target.head.len());
            }
        }
        Ok(())
    }

    /// Which of the address RRsets that templates give the name is the answer, if any is.
    fn computed_type(&self, node: &Node<'_>) -> Option<RecordType> {
        if self.qtype != RecordType::ANY {
            return node.computed.has(self.qtype).then_some(self.qtype);
        }
        // The first RRset of the name, as where all of them are records.
        let is_behind = |rtype: RecordType| {
            let mut types = node.stored.iter().flat_map(|node| node.rrsets()).map(|rrset| rrset.rtype);
            types.all(|other| other > rtype && other != RecordType::PTR)
        };
        let types = [RecordType::A, RecordType::AAAA].into_iter();
        types.filter(|rtype| node.computed.has(*rtype)).find(|rtype| is_behind(*rtype))
    }

    /// The addresses that templates give the name.
    fn computed_addresses(
        &mut self,
        zone: &Zone,
        (rtype, ttl): (RecordType, Ttl),
        name: &QName,
        owner: Owner<'_>,
    ) -> Result<(), WriteFull> {
        let family = if rtype == RecordType::A { Family::V4 } else { Family::V6 };
        let (addresses, mark) = (self.snapshot.addresses(), self.writer.mark());
        let (ttl, mut written) = (ttl.as_secs(), Ok(0));
        zone.each_computed(addresses, name, family, |address, _| {
            let mut put =
                |rdata: &[u8]| self.writer.record(Section::Answer, owner, rtype, Class::IN, ttl, rdata);
            if written.is_ok() {
                written = match address {
                    IpAddr::V4(address) => put(&address.octets()),
                    IpAddr::V6(address) => put(&address.octets()),
                };
            }
        });
        self.or_rewind(mark, written).map(drop)
    }

    /// The PTR that follows from a template.
    fn computed(
        &mut self,
        owner: Owner<'_>,
        computed: Computed<'_>,
        scratch: &mut Scratch,
    ) -> Result<(), WriteFull> {
        let length = computed.write(&mut scratch.computed);
        let parts = [&scratch.computed[..length], &[]];
        let ttl = computed.ttl().as_secs();
        self.writer.plain_record(Section::Answer, owner, RecordType::PTR, Class::IN, ttl, parts).map(|_| ())
    }

    #[inline]
    pub(crate) fn or_rewind<T>(&mut self, mark: Mark, written: Result<T, WriteFull>) -> Result<T, WriteFull> {
        if written.is_err() {
            self.writer.rewind(mark);
        }
        written
    }
}

/// FNV-1a. Two names of one chain that collide end that chain early, which harms nobody but who made them.
fn fingerprint(lower: &[u8]) -> u64 {
    lower.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

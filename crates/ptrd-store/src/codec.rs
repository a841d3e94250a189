//! Edits as octets, for the log. The first octet is the version of the form of that kind of edit, the second the kind; a
//! later ptrd must go on reading every version that it ever wrote, for rollback and IXFR reach back.
//!
//! A run of PTR edits is cut into pieces, so that a change of a million addresses is some hundred rows and not one
//! value of many megabytes; the kind says whether a piece starts a run or goes on with one.

use crate::pack::{AddressOctets, Pack, Unpack};
use crate::row::Edit;
use ptrd_wire::{AddrRange, RangeRelation, RecordType, ReversePrefix, RrSet, Serial, ip_to_bits};
use ptrd_zone::model::{
    Block, BlockId, BlockTemplate, Checks, LabelStyle, Mode, NsSet, NsSetId, Sending, SerialPolicy,
    SoaTemplate, SoaTemplateId, Standing, Tenant, TenantId, ZoneId, ZoneKind, ZoneRow, ZoneSoa,
};
use ptrd_zone::{PtrEdit, PtrEdits};
use std::net::IpAddr;
use std::str::FromStr;

/// The form of all kinds but zones.
const VERSION: u8 = 1;
/// Zones: version 1 had no references to NS sets and SOA templates, and no serial policy.
const ZONE_VERSION: u8 = 2;

const SETTING: u8 = 1;
/// As ptrd wrote it before tenants had resellers and blocks a standing; see [`RESOLD_TENANT`], [`STANDING_BLOCK`].
const TENANT: u8 = 2;
const BLOCK: u8 = 3;
const ZONE: u8 = 4;
const RECORD: u8 = 5;
const PTRS: u8 = 6;
const PTRS_GO_ON: u8 = 7;
const NS_SET: u8 = 8;
const SOA_TEMPLATE: u8 = 9;
const SENDING: u8 = 10;
const RESOLD_TENANT: u8 = 16;
const STANDING_BLOCK: u8 = 17;

/// Bits of a block's standing.
const SUSPENDED: u8 = 1;
const MAY_SUB_BLOCK: u8 = 2;
/// The text of its template follows.
const TEMPLATE: u8 = 4;
/// Rules about names follow.
const CHECKS: u8 = 8;

/// A piece of PTR edits is closed when it has this many octets; one edit more may stand in it.
const PIECE: usize = 60 * 1024;

/// One row of the log.
pub(crate) struct Piece<'a> {
    /// The least and greatest address (as octets) of PTR edits, of a block before and after, or of a sending mark.
    pub(crate) addresses: Option<(AddressOctets, AddressOctets)>,
    /// The packed form.
    pub(crate) octets: &'a [u8],
}

/// Packs an edit into one or more pieces.
pub(crate) fn pieces<E>(edit: &Edit, mut each: impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
    match edit {
        Edit::Ptrs(edits) => ptr_pieces(edits, each),
        edit => each(Piece { addresses: bounds(edit), octets: &encode(edit) }),
    }
}

fn bounds(edit: &Edit) -> Option<(AddressOctets, AddressOctets)> {
    let (before, after) = match edit {
        Edit::Sending { address, .. } => {
            return Some((AddressOctets::of(*address), AddressOctets::of(*address)));
        }
        Edit::Block { before, after, .. } => (before, after),
        _ => return None,
    };
    let ranges = || [before, after].into_iter().flatten().map(|block| block.range);
    let first = ranges().map(|range| range.first()).min_by_key(|at| ip_to_bits(*at))?;
    let last = ranges().map(|range| range.last()).max_by_key(|at| ip_to_bits(*at))?;
    Some((AddressOctets::of(first), AddressOctets::of(last)))
}

/// Whether the edit in one piece is about an address of the range: a PTR or a sending mark there, or a block that meets it. `None` when
/// the piece is damaged.
pub(crate) fn piece_meets(octets: &[u8], range: &AddrRange) -> Option<bool> {
    if let Some(ptrs) = ptrs_of_piece(octets) {
        return Some(ptrs.iter().any(|edit| range.contains(edit.address)));
    }
    match octets.split_first_chunk()? {
        (&[VERSION, kind @ (BLOCK | STANDING_BLOCK | SENDING)], packed) => {
            Some(edit_meets(&decode(VERSION, kind, packed)?, range))
        }
        _ => None,
    }
}

/// Whether an edit is that of a block that meets the range, or of a sending mark in it.
pub(crate) fn edit_meets(edit: &Edit, range: &AddrRange) -> bool {
    let (before, after) = match edit {
        Edit::Sending { address, .. } => return range.contains(*address),
        Edit::Block { before, after, .. } => (before, after),
        _ => return false,
    };
    let meets = |block: &Block| block.range.relation(range) != RangeRelation::Disjoint;
    [before, after].into_iter().flatten().any(|block| meets(block))
}

fn ptr_pieces<E>(edits: &PtrEdits, mut each: impl FnMut(Piece<'_>) -> Result<(), E>) -> Result<(), E> {
    let mut rest = edits.iter().peekable();
    let mut kind = PTRS;
    let mut octets = Vec::new();
    loop {
        let mut piece = PtrEdits::new();
        let mut bounds: Option<(AddressOctets, AddressOctets)> = None;
        while piece.packed().len() < PIECE
            && let Some(edit) = rest.next()
        {
            piece.push(edit);
            let key = || AddressOctets::of(edit.address);
            match &mut bounds {
                None => bounds = Some((key(), key())),
                Some((first, _)) if key().as_slice() < first.as_slice() => *first = key(),
                Some((_, last)) if key().as_slice() > last.as_slice() => *last = key(),
                Some(_) => {}
            }
        }
        octets.clear();
        octets.extend_from_slice(&[VERSION, kind]);
        octets.extend_from_slice(piece.packed());
        each(Piece { addresses: bounds, octets: &octets })?;
        if rest.peek().is_none() {
            return Ok(());
        }
        kind = PTRS_GO_ON;
    }
}

/// The PTR edits in one piece; `None` when it is damaged or something else.
pub(crate) fn ptrs_of_piece(octets: &[u8]) -> Option<PtrEdits> {
    match octets.split_first_chunk()? {
        (&[VERSION, PTRS | PTRS_GO_ON], packed) => PtrEdits::from_packed(packed),
        _ => None,
    }
}

/// Puts edits together again from their pieces in order.
#[derive(Default)]
pub(crate) struct Decoder {
    edits: Vec<Edit>,
    ptrs: Option<PtrEdits>,
}

impl Decoder {
    /// Takes the next piece; `None` when it is damaged.
    pub(crate) fn push(&mut self, octets: &[u8]) -> Option<()> {
        let (&[version, kind], packed) = octets.split_first_chunk()?;
        let known = if kind == ZONE { ZONE_VERSION } else { VERSION };
        if !(1..=known).contains(&version) {
            return None;
        }
        if kind == PTRS_GO_ON {
            let ptrs = self.ptrs.as_mut()?;
            let more = PtrEdits::from_packed(packed)?;
            more.iter().for_each(|edit: PtrEdit<'_>| ptrs.push(edit));
            return Some(());
        }
        self.close_run();
        if kind == PTRS {
            self.ptrs = Some(PtrEdits::from_packed(packed)?);
        } else {
            self.edits.push(decode(version, kind, packed)?);
        }
        Some(())
    }

    /// All edits.
    pub(crate) fn finish(mut self) -> Vec<Edit> {
        self.close_run();
        self.edits
    }

    fn close_run(&mut self) {
        self.edits.extend(self.ptrs.take().map(Edit::Ptrs));
    }
}

fn encode(edit: &Edit) -> Vec<u8> {
    let mut pack = Pack::default();
    pack.u8(if matches!(edit, Edit::Zone { .. }) { ZONE_VERSION } else { VERSION });
    match edit {
        Edit::Setting { name, before, after } => {
            pack.u8(SETTING);
            pack.text(name);
            for value in [before, after] {
                pack.option(value.as_deref(), Pack::text);
            }
        }
        Edit::Tenant { id, before, after } => {
            pack.u8(RESOLD_TENANT);
            pack.u32(id.0);
            for tenant in [before, after] {
                pack.option(tenant.as_ref(), |pack, tenant| {
                    pack.text(&tenant.name);
                    pack.option(tenant.reseller, |pack, reseller| pack.u32(reseller.0));
                });
            }
        }
        Edit::Block { id, before, after } => {
            pack.u8(STANDING_BLOCK);
            pack.u32(id.0);
            for block in [before, after] {
                pack.option(block.as_deref(), pack_block);
            }
        }
        Edit::NsSet { id, before, after } => {
            pack.u8(NS_SET);
            pack.u32(id.0);
            for set in [before, after] {
                pack.option(set.as_deref(), pack_ns_set);
            }
        }
        Edit::SoaTemplate { id, before, after } => {
            pack.u8(SOA_TEMPLATE);
            pack.u32(id.0);
            for template in [before, after] {
                pack.option(template.as_deref(), pack_soa_template);
            }
        }
        Edit::Zone { id, before, after } => {
            pack.u8(ZONE);
            pack.u32(id.0);
            for zone in [before, after] {
                pack.option(zone.as_deref(), pack_zone);
            }
        }
        Edit::Record { zone, owner, rtype, before, after } => {
            pack.u8(RECORD);
            pack.u32(zone.0);
            pack.name(owner);
            pack.u16(rtype.0);
            for set in [before, after] {
                pack.option(set.as_ref(), Pack::rrset);
            }
        }
        Edit::Sending { address, before, after } => {
            pack.u8(SENDING);
            pack.address(*address);
            for sending in [before, after] {
                pack.option(sending.as_deref(), pack_sending);
            }
        }
        Edit::Ptrs(edits) => {
            pack.u8(PTRS);
            pack.0.extend_from_slice(edits.packed());
        }
    }
    pack.0
}

fn decode(version: u8, kind: u8, octets: &[u8]) -> Option<Edit> {
    let mut rest = Unpack(octets);
    let edit = match kind {
        SETTING => {
            let name = rest.text()?;
            Edit::Setting { name, before: rest.option(Unpack::text)?, after: rest.option(Unpack::text)? }
        }
        TENANT | RESOLD_TENANT => {
            let id = TenantId(rest.u32()?);
            let mut tenant = || {
                rest.option(|rest| {
                    let name = rest.text()?;
                    let reseller = match kind {
                        TENANT => None,
                        _ => rest.option(|rest| rest.u32().map(TenantId))?,
                    };
                    Some(Tenant { id, name, reseller })
                })
            };
            Edit::Tenant { id, before: tenant()?, after: tenant()? }
        }
        BLOCK | STANDING_BLOCK => {
            let id = BlockId(rest.u32()?);
            let mut block = || {
                rest.option(|rest| {
                    let mut block = unpack_block(rest, id)?;
                    if kind == STANDING_BLOCK {
                        unpack_standing(rest, &mut block)?;
                    }
                    Some(Box::new(block))
                })
            };
            Edit::Block { id, before: block()?, after: block()? }
        }
        ZONE => {
            let id = ZoneId(rest.u32()?);
            let mut zone = || rest.option(|rest| unpack_zone(rest, id, version).map(Box::new));
            Edit::Zone { id, before: zone()?, after: zone()? }
        }
        NS_SET => {
            let id = NsSetId(rest.u32()?);
            let mut set = || rest.option(|rest| unpack_ns_set(rest, id).map(Box::new));
            Edit::NsSet { id, before: set()?, after: set()? }
        }
        SOA_TEMPLATE => {
            let id = SoaTemplateId(rest.u32()?);
            let mut template = || rest.option(|rest| unpack_soa_template(rest, id).map(Box::new));
            Edit::SoaTemplate { id, before: template()?, after: template()? }
        }
        RECORD => {
            let zone = ZoneId(rest.u32()?);
            let owner = rest.name()?;
            let rtype = RecordType(rest.u16()?);
            let mut set = || -> Option<Option<RrSet>> { rest.option(|rest| rest.rrset(rtype)) };
            Edit::Record { zone, owner, rtype, before: set()?, after: set()? }
        }
        SENDING => {
            let address = rest.address()?;
            let mut sending = || rest.option(|rest| unpack_sending(rest, address).map(Box::new));
            Edit::Sending { address, before: sending()?, after: sending()? }
        }
        _ => return None,
    };
    rest.is_empty().then_some(edit)
}

fn pack_sending(pack: &mut Pack, sending: &Sending) {
    pack.name(&sending.helo);
    pack.option(sending.mta.as_deref(), Pack::text);
    pack.u16(sending.domains.len() as u16);
    sending.domains.iter().for_each(|name| pack.name(name));
}

fn unpack_sending(rest: &mut Unpack<'_>, address: IpAddr) -> Option<Sending> {
    let (helo, mta) = (rest.name()?, rest.option(Unpack::text)?);
    let domains = (0..rest.u16()?).map(|_| rest.name()).collect::<Option<_>>()?;
    Some(Sending { address, helo, mta, domains })
}

fn pack_style(pack: &mut Pack, style: &LabelStyle) {
    pack.text(&style.to_string());
}

fn unpack_style(rest: &mut Unpack<'_>) -> Option<LabelStyle> {
    rest.text()?.parse().ok()
}

fn pack_block(pack: &mut Pack, block: &Block) {
    pack.range(&block.range);
    pack.u32(block.tenant.0);
    match &block.mode {
        Mode::Direct => pack.u8(0),
        Mode::Observed => pack.u8(5),
        Mode::Classless { style, apex } => {
            pack.u8(1);
            pack_style(pack, style);
            pack.name(apex);
        }
        Mode::DelegatedWhole(delegation) => {
            pack.u8(2);
            pack.delegation(delegation);
        }
        Mode::DelegatedClassless { style, apex, delegation } => {
            pack.u8(3);
            pack_style(pack, style);
            pack.name(apex);
            pack.delegation(delegation);
        }
        Mode::DelegatedEach(delegation) => {
            pack.u8(4);
            pack.delegation(delegation);
        }
    }
    pack.option(block.default_ttl, |pack, ttl| pack.u32(ttl.as_secs()));
    let Standing { suspended, may_sub_block, former, checks } = &block.standing;
    let bit = |is_set: &bool, bit: u8| if *is_set { bit } else { 0 };
    let has_template = block.template != BlockTemplate::Inherit;
    let has_checks = *checks != Checks::default();
    let follows = bit(&has_template, TEMPLATE) | bit(&has_checks, CHECKS);
    pack.u8(bit(suspended, SUSPENDED) | bit(may_sub_block, MAY_SUB_BLOCK) | follows);
    pack.former(former);
    if has_template {
        pack.text(&block.template.to_string());
    }
    if has_checks {
        pack.option(checks.names, |pack, rule| pack.text(rule.word()));
        pack.option(checks.fcrdns, |pack, rule| pack.text(rule.word()));
    }
}

fn unpack_standing(rest: &mut Unpack<'_>, block: &mut Block) -> Option<()> {
    let bits = rest.u8()?;
    let former = rest.former()?;
    if bits & TEMPLATE != 0 {
        block.template = BlockTemplate::read(&rest.text()?);
    }
    let checks = match bits & CHECKS {
        0 => Checks::default(),
        _ => Checks { names: rest.option(unpack_rule)?, fcrdns: rest.option(unpack_rule)? },
    };
    let (suspended, may_sub_block) = (bits & SUSPENDED != 0, bits & MAY_SUB_BLOCK != 0);
    block.standing = Standing { suspended, may_sub_block, former, checks };
    (bits & !(SUSPENDED | MAY_SUB_BLOCK | TEMPLATE | CHECKS) == 0).then_some(())
}

fn unpack_rule<T: FromStr>(rest: &mut Unpack<'_>) -> Option<T> {
    rest.text()?.parse().ok()
}

fn unpack_block(rest: &mut Unpack<'_>, id: BlockId) -> Option<Block> {
    Some(Block {
        id,
        range: rest.range()?,
        tenant: TenantId(rest.u32()?),
        mode: match rest.u8()? {
            0 => Mode::Direct,
            1 => Mode::Classless { style: unpack_style(rest)?, apex: rest.name()? },
            2 => Mode::DelegatedWhole(rest.delegation()?),
            3 => Mode::DelegatedClassless {
                style: unpack_style(rest)?,
                apex: rest.name()?,
                delegation: rest.delegation()?,
            },
            4 => Mode::DelegatedEach(rest.delegation()?),
            5 => Mode::Observed,
            _ => return None,
        },
        default_ttl: rest.option(Unpack::ttl)?,
        template: BlockTemplate::Inherit,
        standing: Standing::default(),
    })
}

fn pack_zone(pack: &mut Pack, zone: &ZoneRow) {
    pack.name(&zone.apex);
    pack.u32(zone.tenant.0);
    match &zone.kind {
        ZoneKind::Range(prefix) => {
            pack.u8(0);
            pack.address(prefix.range().first());
            pack.u8(prefix.depth());
        }
        ZoneKind::Classless { block, range } => {
            pack.u8(1);
            pack.u32(block.0);
            pack.range(range);
        }
        ZoneKind::Verbatim => pack.u8(2),
    }
    match &zone.soa {
        ZoneSoa::Own { soa, ttl } => {
            pack.u8(0);
            pack.soa(soa);
            pack.u32(ttl.as_secs());
        }
        ZoneSoa::Of { template, serial } => {
            pack.u8(1);
            pack.u32(template.0);
            pack.u32(serial.0);
        }
    }
    pack.option(zone.ns_set, |pack, set| pack.u32(set.0));
    pack.option(zone.serial_policy, pack_policy);
}

fn unpack_zone(rest: &mut Unpack<'_>, id: ZoneId, version: u8) -> Option<ZoneRow> {
    let (apex, tenant) = (rest.name()?, TenantId(rest.u32()?));
    let kind = match rest.u8()? {
        0 => ZoneKind::Range(ReversePrefix::new(rest.address()?, rest.u8()?)),
        1 => ZoneKind::Classless { block: BlockId(rest.u32()?), range: rest.range()? },
        2 => ZoneKind::Verbatim,
        _ => return None,
    };
    let own = |rest: &mut Unpack<'_>| Some(ZoneSoa::Own { soa: rest.soa()?, ttl: rest.ttl()? });
    if version == 1 {
        return Some(ZoneRow { id, apex, tenant, kind, soa: own(rest)?, ns_set: None, serial_policy: None });
    }
    let soa = match rest.u8()? {
        0 => own(rest)?,
        1 => ZoneSoa::Of { template: SoaTemplateId(rest.u32()?), serial: Serial(rest.u32()?) },
        _ => return None,
    };
    let ns_set = rest.option(Unpack::u32)?.map(NsSetId);
    let serial_policy = rest.option(unpack_policy)?;
    Some(ZoneRow { id, apex, tenant, kind, soa, ns_set, serial_policy })
}

fn pack_policy(pack: &mut Pack, policy: SerialPolicy) {
    pack.u8(match policy {
        SerialPolicy::Counter => 0,
        SerialPolicy::Date => 1,
        SerialPolicy::UnixTime => 2,
    });
}

fn unpack_policy(rest: &mut Unpack<'_>) -> Option<SerialPolicy> {
    SerialPolicy::ALL.get(usize::from(rest.u8()?)).copied()
}

fn pack_ns_set(pack: &mut Pack, set: &NsSet) {
    pack.text(&set.name);
    pack.option(set.ttl, |pack, ttl| pack.u32(ttl.as_secs()));
    pack.u32(set.nameservers.len() as u32);
    set.nameservers.iter().for_each(|name| pack.name(name));
}

fn unpack_ns_set(rest: &mut Unpack<'_>, id: NsSetId) -> Option<NsSet> {
    let (name, ttl) = (rest.text()?, rest.option(Unpack::ttl)?);
    let nameservers = (0..rest.u32()?).map(|_| rest.name()).collect::<Option<_>>()?;
    Some(NsSet { id, name, nameservers, ttl })
}

fn pack_soa_template(pack: &mut Pack, template: &SoaTemplate) {
    pack.text(&template.name);
    pack.option(template.mname.as_ref(), Pack::name);
    pack.name(&template.rname);
    [template.refresh, template.retry, template.expire].into_iter().for_each(|seconds| pack.u32(seconds));
    pack.u32(template.minimum.as_secs());
    pack.option(template.ttl, |pack, ttl| pack.u32(ttl.as_secs()));
    pack_policy(pack, template.serial_policy);
}

fn unpack_soa_template(rest: &mut Unpack<'_>, id: SoaTemplateId) -> Option<SoaTemplate> {
    Some(SoaTemplate {
        id,
        name: rest.text()?,
        mname: rest.option(Unpack::name)?,
        rname: rest.name()?,
        refresh: rest.u32()?,
        retry: rest.u32()?,
        expire: rest.u32()?,
        minimum: rest.ttl()?,
        ttl: rest.option(Unpack::ttl)?,
        serial_policy: unpack_policy(rest)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a ptrd wrote before there were resellers and standings is in logs that rollback reaches back into.
    #[test]
    fn older_forms_are_still_read() {
        let tenant = [&[TENANT][..], &[0, 0, 0, 7, 0, 1, 0, 0, 0, 4], b"acme"].concat();
        let read = decode(VERSION, tenant[0], &tenant[1..]).expect("a tenant");
        let acme = Tenant { id: TenantId(7), name: "acme".into(), reseller: None };
        assert_eq!(read, Edit::Tenant { id: TenantId(7), before: None, after: Some(acme) });
        let block = [
            &[BLOCK, 0, 0, 0, 9, 1, 4, 192, 0, 2, 0, 4, 192, 0, 2, 255, 0, 0, 0, 7, 0][..],
            &[1, 0, 0, 0, 60, 0],
        ]
        .concat();
        let Some(Edit::Block { before: Some(read), after: None, .. }) =
            decode(VERSION, block[0], &block[1..])
        else {
            panic!("a block");
        };
        assert_eq!((read.range.to_string().as_str(), read.mode), ("192.0.2.0/24", Mode::Direct));
        assert_eq!(
            (read.default_ttl, read.standing),
            (Some(ptrd_wire::Ttl::from_secs(60)), Standing::default())
        );
    }
}

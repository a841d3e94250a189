//! The row of each kind of edit but PTRs.

use super::commit::{RowSql, Writer};
use super::fault::Fault;
use super::table::Table;
use super::trim;
use crate::pack::{AddressOctets, Pack};
use ptrd_wire::{AddrRange, Name, RecordType, RrSet};
use ptrd_zone::model::{
    Block, BlockId, BlockTemplate, FcrdnsRule, Mode, NameRule, SerialPolicy, Tenant, TenantId, ZoneId,
    ZoneKind, ZoneRow, ZoneSoa,
};
use rusqlite::{ToSql, params};

const SETTING: RowSql = RowSql {
    table: Table::Setting,
    insert: "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    update: "UPDATE setting SET value = ?2 WHERE name = ?1",
};

const TENANT: RowSql = RowSql {
    table: Table::Tenant,
    insert: "INSERT INTO tenant (id, name, reseller_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    update: "UPDATE tenant SET name = ?2, reseller_id = ?3 WHERE id = ?1",
};

const BLOCK: RowSql = RowSql {
    table: Table::Block,
    insert: "INSERT INTO block (id, first, last, tenant_id, mode, style, apex, delegation, default_ttl, suspended,
                                may_sub_block, former, template, names, fcrdns, observed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) ON CONFLICT DO NOTHING",
    update: "UPDATE block SET first = ?2, last = ?3, tenant_id = ?4, mode = ?5, style = ?6, apex = ?7,
                              delegation = ?8, default_ttl = ?9, suspended = ?10, may_sub_block = ?11, former = ?12,
                              template = ?13, names = ?14, fcrdns = ?15, observed = ?16
             WHERE id = ?1",
};

const ZONE: RowSql = RowSql {
    table: Table::Zone,
    insert: "INSERT INTO zone (id, apex, tenant_id, kind, first, last, block_id, mname, rname, serial, refresh,
                               retry, expire, minimum, soa_ttl, ns_set_id, soa_template_id, serial_policy)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
             ON CONFLICT DO NOTHING",
    update: "UPDATE zone SET apex = ?2, tenant_id = ?3, kind = ?4, first = ?5, last = ?6, block_id = ?7, mname = ?8,
                             rname = ?9, serial = ?10, refresh = ?11, retry = ?12, expire = ?13, minimum = ?14,
                             soa_ttl = ?15, ns_set_id = ?16, soa_template_id = ?17, serial_policy = ?18
             WHERE id = ?1",
};

const RECORD: RowSql = RowSql {
    table: Table::Record,
    insert:
        "INSERT INTO record (zone_id, owner_key, type, owner, ttl, rdatas) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO NOTHING",
    update: "UPDATE record SET owner = ?4, ttl = ?5, rdatas = ?6
             WHERE zone_id = ?1 AND owner_key = ?2 AND type = ?3",
};

pub(super) fn setting(
    writer: &mut Writer<'_>,
    name: &str,
    there: bool,
    after: Option<&str>,
) -> Result<(), Fault> {
    match after {
        Some(value) => writer.put(&SETTING, there, params![name, value]),
        None => writer.remove(Table::Setting, "DELETE FROM setting WHERE name = ?1", [name]),
    }
}

pub(super) fn tenant(
    writer: &mut Writer<'_>,
    id: TenantId,
    there: bool,
    after: Option<&Tenant>,
) -> Result<(), Fault> {
    match after {
        Some(tenant) => {
            writer.put(&TENANT, there, params![id.0, tenant.name, tenant.reseller.map(|id| id.0)])
        }
        None => writer.remove(Table::Tenant, "DELETE FROM tenant WHERE id = ?1", [id.0]),
    }
}

pub(super) fn block(
    writer: &mut Writer<'_>,
    id: BlockId,
    there: bool,
    after: Option<&Block>,
) -> Result<(), Fault> {
    let Some(block) = after else {
        return writer.remove(Table::Block, "DELETE FROM block WHERE id = ?1", [id.0]);
    };
    let (first, last) = bounds(&block.range);
    let style = match &block.mode {
        Mode::Classless { style, .. } | Mode::DelegatedClassless { style, .. } => Some(style.to_string()),
        _ => None,
    };
    let delegation = block.mode.delegation().map(|delegation| {
        let mut pack = Pack::default();
        pack.delegation(delegation);
        pack.0
    });
    let observed = block.mode == Mode::Observed;
    let former = (!block.standing.former.is_empty()).then(|| {
        let mut pack = Pack::default();
        pack.former(&block.standing.former);
        pack.0
    });
    writer.put(
        &BLOCK,
        there,
        params![
            id.0,
            first.as_slice(),
            last.as_slice(),
            block.tenant.0,
            if observed { Mode::Direct.word() } else { block.mode.word() },
            style,
            block.mode.classless_apex().map(Name::as_wire),
            delegation,
            block.default_ttl.map(|ttl| ttl.as_secs()),
            block.standing.suspended,
            block.standing.may_sub_block,
            former,
            (block.template != BlockTemplate::Inherit).then(|| block.template.to_string()),
            block.standing.checks.names.map(NameRule::word),
            block.standing.checks.fcrdns.map(FcrdnsRule::word),
            observed,
        ],
    )
}

pub(super) fn zone(
    writer: &mut Writer<'_>,
    id: ZoneId,
    there: bool,
    after: Option<&ZoneRow>,
) -> Result<(), Fault> {
    let Some(zone) = after else {
        trim::add(writer.transaction, -trim::of_zone(writer.transaction, id.0)?)?;
        // Its serials and its place in the outbox go with it.
        return writer.remove(Table::Zone, "DELETE FROM zone WHERE id = ?1", [id.0]);
    };
    let (range, block) = match &zone.kind {
        ZoneKind::Range(prefix) => (Some(bounds(&prefix.range())), None),
        ZoneKind::Classless { block, range } => (Some(bounds(range)), Some(block.0)),
        ZoneKind::Verbatim => (None, None),
    };
    let own = match &zone.soa {
        ZoneSoa::Own { soa, ttl } => Some((soa, ttl)),
        ZoneSoa::Of { .. } => None,
    };
    let soa = own.map(|(soa, _)| soa);
    writer.put(
        &ZONE,
        there,
        params![
            id.0,
            zone.apex.as_wire(),
            zone.tenant.0,
            zone.kind.word(),
            range.as_ref().map(|(first, _)| first.as_slice()),
            range.as_ref().map(|(_, last)| last.as_slice()),
            block,
            soa.map(|soa| soa.mname.as_wire()),
            soa.map(|soa| soa.rname.as_wire()),
            zone.soa.serial().0,
            soa.map(|soa| soa.refresh),
            soa.map(|soa| soa.retry),
            soa.map(|soa| soa.expire),
            soa.map(|soa| soa.minimum.as_secs()),
            own.map(|(_, ttl)| ttl.as_secs()),
            zone.ns_set.map(|set| set.0),
            zone.soa.template().map(|template| template.0),
            zone.serial_policy.map(SerialPolicy::word),
        ],
    )
}

pub(super) fn record(
    writer: &mut Writer<'_>,
    zone: ZoneId,
    owner: &Name,
    rtype: RecordType,
    there: bool,
    after: Option<&RrSet>,
) -> Result<(), Fault> {
    let key = owner.key_below(0);
    let Some(set) = after else {
        return writer.remove(
            Table::Record,
            "DELETE FROM record WHERE zone_id = ?1 AND owner_key = ?2 AND type = ?3",
            params![zone.0, &*key, rtype.0],
        );
    };
    let has_upper_case = owner.as_wire().iter().any(u8::is_ascii_uppercase);
    let owner: &dyn ToSql = if has_upper_case { &owner.as_wire() } else { &rusqlite::types::Null };
    let mut pack = Pack::default();
    pack.rdatas(&set.rdatas);
    writer.put(&RECORD, there, params![zone.0, &*key, rtype.0, owner, set.ttl.as_secs(), pack.0])
}

fn bounds(range: &AddrRange) -> (AddressOctets, AddressOctets) {
    (AddressOctets::of(range.first()), AddressOctets::of(range.last()))
}

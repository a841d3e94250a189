//! Rows of the log as they are shown.

use crate::fleet;
use crate::publish::View;
use crate::tenant::tenant_name;
use crate::undo::Rows;
use crate::view_block::former_view;
use ptrd_api::{
    BlockRow, EditView, NameserverSpec, NsSetRow, PtrRow, PtrStep, RecordRow, SendingRow, SoaTemplateRow,
    ZoneRow as ZoneView,
};
use ptrd_store::Edit;
use ptrd_wire::{Name, RecordType, RrSet, Ttl};
use ptrd_zone::model::{
    Block, BlockTemplate, Mode, NsSet, NsSetId, Sending, SoaTemplate, SoaTemplateId, Tenant, TenantId,
    ZoneId, ZoneKind, ZoneRow, ZoneSoa,
};
use ptrd_zone::{PtrEdit, PtrSet};
use std::collections::HashMap;
use std::net::IpAddr;

/// How many changes of PTR RRsets a dry run lists.
const LISTED_STEPS: usize = 256;

/// What names of numbers are known: those of today, and those that the edits themselves tell.
pub(crate) struct Names<'a> {
    view: &'a View,
    zones: HashMap<ZoneId, Name>,
    tenants: HashMap<TenantId, String>,
    ns_sets: HashMap<NsSetId, String>,
    templates: HashMap<SoaTemplateId, String>,
}

impl<'a> Names<'a> {
    pub fn new(view: &'a View) -> Names<'a> {
        Names {
            view,
            zones: HashMap::new(),
            tenants: HashMap::new(),
            ns_sets: HashMap::new(),
            templates: HashMap::new(),
        }
    }

    /// Remembers what an edit tells of zones and tenants.
    pub fn learn(&mut self, edit: &Edit) {
        match edit {
            Edit::Zone { id, before, after } => {
                if let Some(row) = after.as_ref().or(before.as_ref()) {
                    self.zones.insert(*id, row.apex.clone());
                }
            }
            Edit::Tenant { id, before, after } => {
                if let Some(tenant) = after.as_ref().or(before.as_ref()) {
                    self.tenants.insert(*id, tenant.name.clone());
                }
            }
            Edit::NsSet { id, before, after } => {
                if let Some(set) = after.as_ref().or(before.as_ref()) {
                    self.ns_sets.insert(*id, set.name.clone());
                }
            }
            Edit::SoaTemplate { id, before, after } => {
                if let Some(template) = after.as_ref().or(before.as_ref()) {
                    self.templates.insert(*id, template.name.clone());
                }
            }
            _ => {}
        }
    }

    fn zone(&self, id: ZoneId) -> String {
        let now = self.view.declared.zone_by_id(id).map(|zone| &zone.apex);
        now.or_else(|| self.zones.get(&id)).map_or_else(|| format!("zone {id}"), Name::to_string)
    }

    fn tenant(&self, id: TenantId) -> String {
        match self.tenants.get(&id) {
            Some(name) if self.view.declared.tenant(id).is_none() => name.clone(),
            _ => tenant_name(&self.view.declared, id),
        }
    }

    fn tenant_row(&self, tenant: &Tenant) -> String {
        match tenant.reseller {
            None => tenant.name.clone(),
            Some(reseller) => format!("{}, a customer of {}", tenant.name, self.tenant(reseller)),
        }
    }

    fn block(&self, block: &Block) -> Box<BlockRow> {
        let style = match &block.mode {
            Mode::Classless { style, .. } | Mode::DelegatedClassless { style, .. } => Some(style.to_string()),
            _ => None,
        };
        let delegation = block.mode.delegation();
        Box::new(BlockRow {
            range: block.range.to_string(),
            tenant: self.tenant(block.tenant),
            mode: block.mode.word().to_owned(),
            classless: style,
            apex: block.mode.classless_apex().map(Name::to_string),
            nameservers: delegation
                .map(|delegation| {
                    let spec = |server: &ptrd_zone::model::Nameserver| NameserverSpec {
                        name: server.name.to_string(),
                        addresses: server.addresses.iter().map(IpAddr::to_string).collect(),
                    };
                    delegation.nameservers.iter().map(spec).collect()
                })
                .unwrap_or_default(),
            ds: delegation
                .map(|delegation| {
                    delegation.ds.iter().map(|ds| ptrd_master::rdata_to_text(RecordType::DS, ds)).collect()
                })
                .unwrap_or_default(),
            default_ttl: block.default_ttl.map(Ttl::as_secs),
            template: (block.template != BlockTemplate::Inherit).then(|| block.template.to_string()),
            names: block.standing.checks.names.map(|rule| rule.word().to_owned()),
            fcrdns: block.standing.checks.fcrdns.map(|rule| rule.word().to_owned()),
            suspended: block.standing.suspended,
            may_sub_block: block.standing.may_sub_block,
            former: block.standing.former.iter().map(former_view).collect(),
        })
    }

    fn zone_row(&self, zone: &ZoneRow) -> Box<ZoneView> {
        let declared = &self.view.declared;
        let (soa, soa_ttl) = match &zone.soa {
            ZoneSoa::Own { soa, ttl } => {
                let text = ptrd_master::rdata_to_text(RecordType::SOA, &soa.to_wire());
                (Some(text), Some(ttl.as_secs()))
            }
            ZoneSoa::Of { .. } => (None, None),
        };
        let named = |name: Option<&String>, id: String| name.cloned().unwrap_or(id);
        let template = zone.soa.template().map(|id| {
            let now = declared.soa_template(id).map(|template| &template.name);
            named(now.or_else(|| self.templates.get(&id)), id.to_string())
        });
        let ns_set = zone.ns_set.map(|id| {
            let now = declared.ns_set(id).map(|set| &set.name);
            named(now.or_else(|| self.ns_sets.get(&id)), id.to_string())
        });
        Box::new(ZoneView {
            apex: zone.apex.to_string(),
            tenant: self.tenant(zone.tenant),
            kind: zone.kind.word().to_owned(),
            range: match &zone.kind {
                ZoneKind::Range(prefix) => Some(prefix.range().to_string()),
                ZoneKind::Classless { range, .. } => Some(range.to_string()),
                ZoneKind::Verbatim => None,
            },
            serial: zone.soa.serial().0,
            soa,
            soa_ttl,
            soa_template: template,
            ns_set,
            serial_policy: zone.serial_policy.map(|policy| policy.to_string()),
        })
    }

    /// Shows an edit as it is in the log, PTRs one by one.
    pub fn show<E>(&self, edit: &Edit, mut each: impl FnMut(EditView) -> Result<(), E>) -> Result<(), E> {
        let view = match edit {
            Edit::Ptrs(edits) => {
                return edits.iter().try_for_each(|edit| each(ptr(edit.address, edit.before, edit.after)));
            }
            Edit::Sending { address, before, after } => {
                sending(*address, before.as_deref(), after.as_deref())
            }
            Edit::Setting { name, before, after } => setting(name, before.as_deref(), after.as_deref()),
            Edit::Tenant { id, before, after } => {
                let name = |tenant: &Option<Tenant>| tenant.as_ref().map(|tenant| self.tenant_row(tenant));
                EditView::Tenant { id: id.0, before: name(before), after: name(after) }
            }
            Edit::Block { id, before, after } => {
                let row = |block: &Option<Box<Block>>| block.as_ref().map(|block| self.block(block));
                EditView::Block { id: id.0, before: row(before), after: row(after) }
            }
            Edit::NsSet { id, before, after } => {
                let row = |set: &Option<Box<NsSet>>| set.as_deref().map(ns_set);
                EditView::NsSet { id: id.0, before: row(before), after: row(after) }
            }
            Edit::SoaTemplate { id, before, after } => {
                let row = |template: &Option<Box<SoaTemplate>>| template.as_deref().map(soa_template);
                EditView::SoaTemplate { id: id.0, before: row(before), after: row(after) }
            }
            Edit::Zone { id, before, after } => {
                let row = |zone: &Option<Box<ZoneRow>>| zone.as_ref().map(|zone| self.zone_row(zone));
                EditView::Zone { id: id.0, before: row(before), after: row(after) }
            }
            Edit::Record { zone, owner, rtype, before, after } => {
                self.record(*zone, owner, *rtype, before.as_ref(), after.as_ref())
            }
        };
        each(view)
    }

    fn record(
        &self,
        zone: ZoneId,
        owner: &Name,
        rtype: RecordType,
        before: Option<&RrSet>,
        after: Option<&RrSet>,
    ) -> EditView {
        let row = |rrset: &RrSet| RecordRow {
            ttl: rrset.ttl.as_secs(),
            data: rrset.rdatas.iter().map(|rdata| ptrd_master::rdata_to_text(rtype, rdata)).collect(),
        };
        EditView::Record {
            zone: self.zone(zone),
            owner: owner.to_string(),
            rtype: rtype.to_string(),
            before: before.map(row),
            after: after.map(row),
        }
    }

    /// Shows what edits come to, in the order of tenants, settings, blocks, zones, records, sending marks, addresses.
    pub fn show_rows<E>(
        &self,
        rows: &Rows<'_>,
        mut each: impl FnMut(EditView) -> Result<(), E>,
    ) -> Result<(), E> {
        for (id, (before, after)) in &rows.tenants {
            let name = |tenant: &&Tenant| self.tenant_row(tenant);
            each(EditView::Tenant {
                id: id.0,
                before: before.as_ref().map(name),
                after: after.as_ref().map(name),
            })?;
        }
        for (name, (before, after)) in &rows.settings {
            each(setting(name, *before, *after))?;
        }
        for (id, (before, after)) in &rows.blocks {
            let row = |block: &Block| self.block(block);
            each(EditView::Block { id: id.0, before: before.map(row), after: after.map(row) })?;
        }
        for (id, (before, after)) in &rows.ns_sets {
            each(EditView::NsSet { id: id.0, before: before.map(ns_set), after: after.map(ns_set) })?;
        }
        for (id, (before, after)) in &rows.soa_templates {
            let (before, after) = (before.map(soa_template), after.map(soa_template));
            each(EditView::SoaTemplate { id: id.0, before, after })?;
        }
        for (id, (before, after)) in &rows.zones {
            let row = |zone: &ZoneRow| self.zone_row(zone);
            each(EditView::Zone { id: id.0, before: before.map(row), after: after.map(row) })?;
        }
        for ((zone, _, rtype), (owner, (before, after))) in &rows.records {
            each(self.record(*zone, owner, RecordType(*rtype), *before, *after))?;
        }
        for (address, (before, after)) in &rows.sending {
            each(sending(*address, *before, *after))?;
        }
        rows.ptrs.iter().try_for_each(|(address, (before, after))| each(ptr(*address, *before, *after)))
    }
}

/// A setting, without what is secret in it.
fn setting(name: &str, before: Option<&str>, after: Option<&str>) -> EditView {
    let shown = |value: &str| fleet::shown(name, value);
    EditView::Setting { name: name.to_owned(), before: before.map(shown), after: after.map(shown) }
}

fn sending(address: IpAddr, before: Option<&Sending>, after: Option<&Sending>) -> EditView {
    let row = |mark: &Sending| SendingRow {
        helo: mark.helo.to_string(),
        mta: mark.mta.clone(),
        domains: mark.domains.iter().map(Name::to_string).collect(),
    };
    EditView::Sending { address: address.to_string(), before: before.map(row), after: after.map(row) }
}

fn ns_set(set: &NsSet) -> NsSetRow {
    NsSetRow {
        name: set.name.clone(),
        nameservers: set.nameservers.iter().map(Name::to_string).collect(),
        ttl: set.ttl.map(Ttl::as_secs),
    }
}

fn soa_template(template: &SoaTemplate) -> Box<SoaTemplateRow> {
    Box::new(SoaTemplateRow {
        name: template.name.clone(),
        mname: template.mname.as_ref().map(Name::to_string),
        rname: template.rname.to_string(),
        refresh: template.refresh,
        retry: template.retry,
        expire: template.expire,
        minimum: template.minimum.as_secs(),
        ttl: template.ttl.map(Ttl::as_secs),
        serial_policy: template.serial_policy.to_string(),
    })
}

fn ptr(address: IpAddr, before: Option<PtrSet<'_>>, after: Option<PtrSet<'_>>) -> EditView {
    EditView::Ptr { address: address.to_string(), before: before.map(ptr_row), after: after.map(ptr_row) }
}

fn ptr_row(set: PtrSet<'_>) -> PtrRow {
    PtrRow { names: set.to_names().iter().map(Name::to_string).collect(), ttl: set.ttl.map(Ttl::as_secs) }
}

/// The first changes of PTR RRsets among edits, by address.
pub(crate) fn ptr_steps(edits: &[Edit]) -> Vec<PtrStep> {
    let ptrs = edits.iter().filter_map(|edit| match edit {
        Edit::Ptrs(edits) => Some(edits.iter()),
        _ => None,
    });
    let step = |edit: PtrEdit<'_>| PtrStep {
        address: edit.address.to_string(),
        before: edit.before.map(ptr_row),
        after: edit.after.map(ptr_row),
    };
    ptrs.flatten().take(LISTED_STEPS).map(step).collect()
}

//! Requests read: from the text of the API to types, before the queue and on the caller's time.

use crate::adopt::{self, Adoption};
use crate::batch::Batch;
use crate::block::{self, NewBlock};
use crate::block_change::BlockChange;
use crate::defaults::NewDefaults;
use crate::evidence::Evidence;
use crate::fleet::{
    self, AccessDeed, CatalogDeed, ConsumeDeed, ConsumeOrder, FollowDeed, KeyDeed, NamesDeed, NotifyDeed,
    Wish,
};
use crate::make::MakeOrder;
use crate::pending::PendingDeed;
use crate::plan::Plan;
use crate::problem::{bad, internal, quote};
use crate::promote::Promotion;
use crate::prune::Prune;
use crate::ptr::{Deed, Write};
use crate::publish::View;
use crate::pull::PullOrder;
use crate::record::RecordOrder;
use crate::rights::Rights;
use crate::rrsets::{self, RrsetsOrder};
use crate::sending::{Import, SendingDeed};
use crate::sets::{NewNsSet, NewSoaTemplate, SetDeed, refuse_expect};
use crate::token::TokenDeed;
use crate::unblock::Removal;
use crate::undo::Undone;
use crate::update::UpdateOrder;
use crate::zone::ImportedZones;
use crate::zone_set::{self, References};
use ptrd_api::{
    Bundle, ChangeRequest, Problem, PtrFate, PtrImportOptions, SendingImportOptions, TransferInWrite,
    ZoneImportOptions, ZoneStart,
};
use ptrd_store::{Commit, Store};
use ptrd_wire::{AddrRange, Name};
use ptrd_zone::PulledZone;
use std::io::Read;
use std::net::IpAddr;
use std::path::PathBuf;

/// What is asked for, read and checked as far as it can be without knowing what is there.
#[derive(Debug)]
pub(crate) enum Order {
    TenantAdd {
        name: String,
    },
    TenantRemove {
        name: String,
        expect: Option<String>,
    },
    BlockAdd(Box<NewBlock>),
    TenantSet {
        name: String,
        reseller: Option<String>,
        expect: Option<String>,
    },
    BlockRemove(Removal),
    BlockChange(BlockChange),
    Defaults(Box<NewDefaults>),
    NsSet(SetDeed<NewNsSet>),
    SoaTemplate(SetDeed<NewSoaTemplate>),
    ZoneSet(References),
    Ptr(Write),
    Batch(Batch),
    Pending(PendingDeed),
    Sending(SendingDeed),
    Record(RecordOrder),
    Update(Box<UpdateOrder>),
    ZoneAdd {
        apex: Name,
        tenant: String,
        start: ZoneStart,
    },
    ZoneRemove {
        apex: Name,
        expect: Option<String>,
    },
    ZoneImport(Box<ImportedZones>),
    Rrsets(Box<RrsetsOrder>),
    ZoneMake(Box<MakeOrder>),
    ZoneDrop {
        apex: Name,
    },
    ZoneAdopt(Adoption),
    Access(AccessDeed),
    Names(NamesDeed),
    Key(KeyDeed),
    Token(TokenDeed),
    Notify(NotifyDeed),
    Catalog(CatalogDeed),
    Follow(FollowDeed),
    Consume(ConsumeDeed),
    /// What a catalog says that is followed.
    CatalogApply(Box<ConsumeOrder>),
    Pull(Box<PullOrder>),
    Rollback(Box<Undone>),
    LogPrune(Prune),
    LogRetain {
        keep: Option<u64>,
    },
    /// The history is to have an identity.
    Lineage,
    /// A change of the primary, and the number of the one that it follows there.
    Replay {
        commit: Box<Commit>,
        after: u64,
    },
    /// The copy of another store is to take this one's place; the writer does it.
    Replace(PathBuf),
    Promote(Box<Promotion>),
    HistoryLimit {
        octets: Option<u64>,
    },
}

/// Is shown an address, and a name that it is to have, in wire form.
pub(crate) type ShowTarget<'s> = dyn FnMut(IpAddr, &[u8]) + 's;

impl Order {
    /// Shows the names that addresses are to have, where they are the caller's; the plan is a scratch one, made of what
    /// there is.
    pub fn ptr_targets(&self, plan: &mut Plan<'_>, rights: &Rights, show: &mut ShowTarget<'_>) {
        match self {
            Order::Ptr(write) => write.ptr_targets(show),
            Order::Batch(batch) => batch.ptr_targets(plan, rights, show),
            Order::Pending(deed) => deed.ptr_targets(plan, show),
            Order::Update(order) => order.ptr_targets(plan, show),
            Order::Rrsets(order) => order.ptr_targets(plan, rights, show),
            Order::ZoneMake(order) => order.ptr_targets(plan, rights, show),
            _ => {}
        }
    }
}

/// A request, read.
#[derive(Debug)]
pub(crate) struct Request {
    pub order: Order,
    /// The word for the log.
    pub kind: &'static str,
    /// The request for the log.
    pub json: String,
    /// Changes much at once: it gets a commit of its own.
    pub is_large: bool,
    /// What was found out of the names that it is about.
    pub evidence: Evidence,
}

/// From how many PTRs on a request is large.
const LARGE: usize = 4_096;
/// From how many changes of records on a DNS UPDATE is.
const LARGE_UPDATE: usize = 512;

pub(crate) fn read_range(text: &str) -> Result<AddrRange, Problem> {
    text.trim()
        .parse()
        .map_err(|error: ptrd_wire::RangeError| crate::problem::invalid(error.to_string()).field("range"))
}

/// Reads an absolute name; what is no name is a malformed request.
pub(crate) fn read_name(what: &str, text: &str) -> Result<Name, Problem> {
    if !text.is_ascii() {
        let read = idna::domain_to_ascii(text).ok().and_then(|ascii| ascii.parse().ok());
        return read.ok_or_else(|| bad(format!("{what} {} is no name", quote(text))));
    }
    text.parse().map_err(|error: ptrd_wire::NameError| bad(format!("{what} {}: {error}", quote(text))))
}

impl Request {
    /// Reads a request in JSON.
    pub fn read(request: &ChangeRequest) -> Result<Request, Problem> {
        let (kind, order) = match request {
            ChangeRequest::TenantAdd { name } => ("tenant-add", Order::TenantAdd { name: name.clone() }),
            ChangeRequest::TenantRemove { name, expect } => {
                ("tenant-remove", Order::TenantRemove { name: name.clone(), expect: expect.clone() })
            }
            ChangeRequest::BlockAdd(add) => ("block-add", Order::BlockAdd(Box::new(block::read(add)?))),
            ChangeRequest::TenantSet { name, reseller, expect } => {
                let (name, reseller, expect) = (name.clone(), reseller.clone(), expect.clone());
                ("tenant-set", Order::TenantSet { name, reseller, expect })
            }
            ChangeRequest::BlockRemove { range, clear, ptrs, expect } => {
                if *clear && *ptrs == Some(PtrFate::Keep) {
                    return Err(bad("to clear the block and to keep its PTRs exclude each other"));
                }
                let removal =
                    Removal { range: read_range(range)?, clear: *clear, ptrs: *ptrs, expect: expect.clone() };
                ("block-remove", Order::BlockRemove(removal))
            }
            ChangeRequest::BlockSet { .. }
            | ChangeRequest::BlockTransfer { .. }
            | ChangeRequest::BlockSuspend { .. }
            | ChangeRequest::BlockResume { .. }
            | ChangeRequest::BlockRelabel { .. }
            | ChangeRequest::BlockRelabelFinish { .. }
            | ChangeRequest::BlockSplit { .. }
            | ChangeRequest::BlockMerge(_) => {
                let (kind, change) = BlockChange::read(request)?;
                (kind, Order::BlockChange(change))
            }
            ChangeRequest::DefaultsSet(set) => {
                ("defaults-set", Order::Defaults(Box::new(NewDefaults::read(set)?)))
            }
            ChangeRequest::NsSetAdd(write) => {
                refuse_expect(write.expect.as_ref())?;
                let (name, new) = (write.name.clone(), NewNsSet::read(write)?);
                ("ns-set-add", Order::NsSet(SetDeed::Add { name, new }))
            }
            ChangeRequest::NsSetSet(write) => {
                let (name, new, expect) = (write.name.clone(), NewNsSet::read(write)?, write.expect.clone());
                ("ns-set-set", Order::NsSet(SetDeed::Set { name, new, expect }))
            }
            ChangeRequest::NsSetRename { name, to, expect } => {
                let (name, to, expect) = (name.clone(), to.clone(), expect.clone());
                ("ns-set-rename", Order::NsSet(SetDeed::Rename { name, to, expect }))
            }
            ChangeRequest::NsSetRemove { name, expect } => {
                let (name, expect) = (name.clone(), expect.clone());
                ("ns-set-remove", Order::NsSet(SetDeed::Remove { name, expect }))
            }
            ChangeRequest::SoaTemplateAdd(write) => {
                refuse_expect(write.expect.as_ref())?;
                let (name, new) = (write.name.clone(), NewSoaTemplate::read(write)?);
                ("soa-template-add", Order::SoaTemplate(SetDeed::Add { name, new }))
            }
            ChangeRequest::SoaTemplateSet(write) => {
                let (name, new, expect) =
                    (write.name.clone(), NewSoaTemplate::read(write)?, write.expect.clone());
                ("soa-template-set", Order::SoaTemplate(SetDeed::Set { name, new, expect }))
            }
            ChangeRequest::SoaTemplateRename { name, to, expect } => {
                let (name, to, expect) = (name.clone(), to.clone(), expect.clone());
                ("soa-template-rename", Order::SoaTemplate(SetDeed::Rename { name, to, expect }))
            }
            ChangeRequest::SoaTemplateRemove { name, expect } => {
                let (name, expect) = (name.clone(), expect.clone());
                ("soa-template-remove", Order::SoaTemplate(SetDeed::Remove { name, expect }))
            }
            ChangeRequest::ZoneSet(set) => ("zone-set", Order::ZoneSet(References::read(set)?)),
            ChangeRequest::PtrSet(write) => ("ptr-set", Order::Ptr(Write::read(Deed::Set, write)?)),
            ChangeRequest::PtrAdd(write) => ("ptr-add", Order::Ptr(Write::read(Deed::Add, write)?)),
            ChangeRequest::PtrDelete { address, names, expect } => {
                ("ptr-delete", Order::Ptr(Write::read_delete(address, names, expect.as_ref())?))
            }
            ChangeRequest::PtrFill(fill) => ("ptr-fill", Order::Batch(crate::fill::expand(fill)?)),
            ChangeRequest::PendingDrop { address } => {
                ("pending-drop", Order::Pending(PendingDeed::read_drop(address)?))
            }
            ChangeRequest::RecordSet(write) => ("record-set", Order::Record(RecordOrder::read_set(write)?)),
            ChangeRequest::RecordAdd(write) => ("record-add", Order::Record(RecordOrder::read_add(write)?)),
            ChangeRequest::RecordDelete { owner, rtype, data, zone, expect } => {
                let order = RecordOrder::read_delete(owner, rtype.as_deref(), data, zone.as_deref(), expect)?;
                ("record-delete", Order::Record(order))
            }
            ChangeRequest::ZoneAdd { apex, tenant, start } => {
                let (apex, tenant, start) = (read_name("the apex", apex)?, tenant.clone(), start.clone());
                ("zone-add", Order::ZoneAdd { apex, tenant, start })
            }
            ChangeRequest::ZoneRemove { apex, expect } => {
                let (apex, expect) = (read_name("the apex", apex)?, expect.clone());
                ("zone-remove", Order::ZoneRemove { apex, expect })
            }
            ChangeRequest::RrsetsSet(write) => {
                ("rrsets-set", Order::Rrsets(Box::new(RrsetsOrder::read(write)?)))
            }
            ChangeRequest::ZoneMake(make) => ("zone-make", Order::ZoneMake(Box::new(MakeOrder::read(make)?))),
            ChangeRequest::ZoneDrop { apex } => {
                ("zone-drop", Order::ZoneDrop { apex: read_name("the apex", apex)? })
            }
            ChangeRequest::ZoneAdopt { apexes, all } => {
                ("zone-adopt", Order::ZoneAdopt(adopt::read(apexes, *all)?))
            }
            ChangeRequest::AccessAllow(write) => {
                ("access-allow", Order::Access(AccessDeed::Allow(Wish::read(write)?)))
            }
            ChangeRequest::AccessRevoke(write) => {
                ("access-revoke", Order::Access(AccessDeed::Revoke(Wish::read(write)?)))
            }
            ChangeRequest::NamesAllow(write) => ("names-allow", Order::Names(NamesDeed::read(write, true)?)),
            ChangeRequest::NamesRevoke(write) => {
                ("names-revoke", Order::Names(NamesDeed::read(write, false)?))
            }
            ChangeRequest::KeyAdd(write) => ("key-add", Order::Key(KeyDeed::read_add(write)?)),
            ChangeRequest::KeyRemove { name, revoke } => {
                let (name, revoke) = (read_name("the key", name)?, *revoke);
                ("key-remove", Order::Key(KeyDeed::Remove { name, revoke }))
            }
            ChangeRequest::TokenAdd(write) => ("token-add", Order::Token(TokenDeed::read_add(write)?)),
            ChangeRequest::TokenRevoke { id } => ("token-revoke", Order::Token(TokenDeed::read_revoke(id)?)),
            ChangeRequest::NotifyAdd(write) => ("notify-add", Order::Notify(NotifyDeed::add(write)?)),
            ChangeRequest::NotifyRemove(write) => {
                ("notify-remove", Order::Notify(NotifyDeed::remove(write)?))
            }
            ChangeRequest::NotifyNameservers(write) => {
                ("notify-nameservers", Order::Notify(NotifyDeed::nameservers(write)?))
            }
            ChangeRequest::HistoryLimit { octets } => {
                ("history-limit", Order::HistoryLimit { octets: *octets })
            }
            ChangeRequest::CatalogAdd(add) => ("catalog-add", Order::Catalog(CatalogDeed::add(add)?)),
            ChangeRequest::CatalogSet(set) => ("catalog-set", Order::Catalog(CatalogDeed::set(set)?)),
            ChangeRequest::CatalogRemove { catalog } => {
                ("catalog-remove", Order::Catalog(CatalogDeed::remove(catalog)?))
            }
            ChangeRequest::ZoneFollow(write) => ("zone-follow", Order::Follow(FollowDeed::read(write)?)),
            ChangeRequest::ZoneUnfollow { apex } => {
                ("zone-unfollow", Order::Follow(FollowDeed::Unfollow { apex: read_name("the apex", apex)? }))
            }
            ChangeRequest::CatalogFollow(write) => {
                ("catalog-follow", Order::Consume(ConsumeDeed::follow(write)?))
            }
            ChangeRequest::CatalogGroup(write) => {
                ("catalog-group", Order::Consume(ConsumeDeed::group(write)?))
            }
            ChangeRequest::CatalogUnfollow { catalog, members } => {
                ("catalog-unfollow", Order::Consume(ConsumeDeed::unfollow(catalog, *members)?))
            }
            ChangeRequest::SendingSet(write) => {
                ("sending-set", Order::Sending(SendingDeed::read_set(write)?))
            }
            ChangeRequest::SendingClear(clear) => {
                ("sending-clear", Order::Sending(SendingDeed::read_clear(clear)?))
            }
            ChangeRequest::LogRetain { keep } => ("log-retain", Order::LogRetain { keep: *keep }),
            ChangeRequest::Rollback { .. } | ChangeRequest::LogPrune(_) => {
                return Err(internal("a request about the log, read without it"));
            }
        };
        let is_large = match &order {
            Order::Batch(batch) => batch.len() >= LARGE,
            Order::Sending(SendingDeed::Clear { range, .. }) => range.size() > 1,
            Order::Rrsets(order) => order.len() >= LARGE_UPDATE,
            Order::ZoneMake(order) => order.len() >= LARGE_UPDATE,
            Order::ZoneSet(references) => references.is_large(),
            // Each zone that references it steps its serial.
            Order::NsSet(SetDeed::Set { .. })
            | Order::SoaTemplate(SetDeed::Set { .. })
            | Order::ZoneAdopt(_)
            | Order::Catalog(_)
            | Order::Consume(_)
            | Order::Defaults(_) => true,
            _ => false,
        };
        let json = match request {
            ChangeRequest::ZoneSet(set) => zone_set::to_log(set),
            ChangeRequest::KeyAdd(write) => fleet::key_to_log(write),
            ChangeRequest::RrsetsSet(write) => rrsets::to_log(kind, write),
            ChangeRequest::ZoneMake(make) => rrsets::to_log(kind, make),
            request => serde_json::to_string(request),
        };
        let json = json.map_err(|error| bad(error.to_string()))?;
        Ok(Request { order, kind, json, is_large, evidence: Evidence::default() })
    }

    /// What waits at these addresses is to be set, or dropped.
    pub fn of_settling(addresses: Vec<IpAddr>) -> Request {
        const LOGGED: usize = 100;
        let some: Vec<_> = addresses.iter().take(LOGGED).collect();
        let json = serde_json::json!({ "kind": "ptr-confirm", "addresses": some }).to_string();
        let order = Order::Pending(PendingDeed::Settle(addresses));
        Request { order, kind: "ptr-confirm", json, is_large: false, evidence: Evidence::default() }
    }

    /// A DNS UPDATE, read.
    pub fn of_update(order: UpdateOrder) -> Request {
        let (json, is_large) = (order.to_log(), order.changes() >= LARGE_UPDATE);
        Request {
            order: Order::Update(Box::new(order)),
            kind: "dns-update",
            json,
            is_large,
            evidence: Evidence::default(),
        }
    }

    /// A zone that another server handed over, to be one of our own.
    pub fn of_transfer_in(
        write: &TransferInWrite,
        from: &str,
        apex: Name,
        pulled: PulledZone,
    ) -> Result<Request, Problem> {
        let json = serde_json::json!({
            "apex": write.apex, "tenant": write.tenant, "from": from, "replace": write.replace,
        });
        let is_large = pulled.records.len() >= LARGE;
        let zones = ImportedZones::transferred(write, from, apex, pulled)?;
        let (order, json) = (Order::ZoneImport(Box::new(zones)), json.to_string());
        Ok(Request { order, kind: "zone-transfer-in", json, is_large, evidence: Evidence::default() })
    }

    /// What a primary sent.
    pub fn of_pull(order: PullOrder) -> Request {
        let (json, is_large) = (order.to_log(), order.records() >= LARGE);
        Request {
            order: Order::Pull(Box::new(order)),
            kind: "zone-pull",
            json,
            is_large,
            evidence: Evidence::default(),
        }
    }

    /// What a catalog says that is followed: a change that the writer makes of its own accord.
    pub fn of_catalog(order: ConsumeOrder) -> Request {
        let json = order.to_log();
        let order = Order::CatalogApply(Box::new(order));
        Request { order, kind: "catalog-apply", json, is_large: true, evidence: Evidence::default() }
    }

    /// The end of labels of a block whose time has passed: a change that the writer makes of its own accord.
    pub fn finish_due(range: AddrRange) -> Request {
        let json =
            serde_json::json!({ "kind": "block-relabel-finish", "range": range.to_string() }).to_string();
        let order = Order::BlockChange(BlockChange::Finish { range, due: true });
        Request { order, kind: "block-relabel-finish", json, is_large: false, evidence: Evidence::default() }
    }

    /// What is asked for within the daemon, when it follows another or is followed.
    pub fn of_standby(order: Order) -> Request {
        let (kind, is_large) = match &order {
            Order::Replay { commit, .. } => ("replay", crate::replay::rows(commit) >= LARGE),
            Order::Replace(_) => ("replace", true),
            Order::Promote(_) => ("promote", true),
            _ => ("lineage", false),
        };
        let json = match &order {
            Order::Promote(promotion) => serde_json::json!({
                "margin": promotion.margin,
                "serials_past": promotion.held_by_all.map(|serial| serial.0),
                "held": promotion.held.len(),
            })
            .to_string(),
            _ => "{}".to_owned(),
        };
        Request { order, kind, json, is_large, evidence: Evidence::default() }
    }

    /// Reads a request whose meaning is in the log: what to undo, which changes are old.
    pub fn read_with_log(
        request: &ChangeRequest,
        view: &View,
        store: &mut dyn Store,
        now: i64,
    ) -> Result<Request, Problem> {
        let (kind, order, is_large) = match request {
            ChangeRequest::Rollback { change, only_ptrd } => {
                let undone = Undone::read((*change, *only_ptrd), view, store)?;
                let is_large = undone.rows() >= LARGE;
                ("rollback", Order::Rollback(Box::new(undone)), is_large)
            }
            ChangeRequest::LogPrune(prune) => {
                ("log-prune", Order::LogPrune(Prune::read(prune, view, store, now)?), false)
            }
            _ => return Request::read(request),
        };
        let json = serde_json::to_string(request).map_err(|error| bad(error.to_string()))?;
        Ok(Request { order, kind, json, is_large, evidence: Evidence::default() })
    }

    /// Reads PTRs in CSV.
    pub fn read_ptr_import(options: &PtrImportOptions, csv: impl Read) -> Result<Request, Problem> {
        let mut counted = Counted { from: csv, octets: 0 };
        let batch = crate::import::read_csv(&mut counted, options.lax)?;
        let json = serde_json::json!({ "options": options, "octets": counted.octets }).to_string();
        let is_large = batch.len() >= LARGE;
        Ok(Request {
            order: Order::Batch(batch),
            kind: "ptr-import",
            json,
            is_large,
            evidence: Evidence::default(),
        })
    }

    /// Reads a sending inventory in CSV.
    pub fn read_sending_import(options: &SendingImportOptions, csv: impl Read) -> Result<Request, Problem> {
        let mut counted = Counted { from: csv, octets: 0 };
        let replace = SendingDeed::read_replace(options)?;
        let import = Import { replace, ..crate::sending_csv::read_csv(&mut counted)? };
        let json = serde_json::json!({ "options": options, "octets": counted.octets }).to_string();
        let is_large = replace.is_some() || import.marks.len() >= LARGE;
        let order = Order::Sending(SendingDeed::Import(import));
        Ok(Request { order, kind: "sending-import", json, is_large, evidence: Evidence::default() })
    }

    /// Reads zones from master files.
    pub fn read_zone_import(options: &ZoneImportOptions, bundle: &Bundle) -> Result<Request, Problem> {
        let zones = crate::zone::read_bundle(options, bundle)?;
        let octets: usize = bundle.files.iter().map(|(_, content)| content.len()).sum();
        let json = serde_json::json!({ "options": options, "files": bundle.files.len(), "octets": octets })
            .to_string();
        Ok(Request {
            order: Order::ZoneImport(Box::new(zones)),
            kind: "zone-import",
            json,
            is_large: true,
            evidence: Evidence::default(),
        })
    }
}

impl Request {
    /// Reads zones from a database of PowerDNS, which waits in this folder meanwhile.
    pub fn read_database(
        options: &ZoneImportOptions,
        upload: impl Read,
        folder: &std::path::Path,
    ) -> Result<Request, Problem> {
        let (zones, octets) = crate::moving::powerdns::read(options, upload, folder)?;
        let json =
            serde_json::json!({ "options": options, "database": "powerdns", "octets": octets }).to_string();
        Ok(Request {
            order: Order::ZoneImport(Box::new(zones)),
            kind: "zone-import",
            json,
            is_large: true,
            evidence: Evidence::default(),
        })
    }
}

/// Counts what is read through it.
struct Counted<R> {
    from: R,
    octets: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let taken = self.from.read(into)?;
        self.octets += taken as u64;
        Ok(taken)
    }
}

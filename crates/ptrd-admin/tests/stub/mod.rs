//! A daemon that keeps everything in a few maps: enough to see that requests arrive as meant, and for the command line
//! to have something to talk to. It knows no DNS.
#![allow(missing_docs, dead_code)]

mod catalogs;
mod control;
mod map;
mod posture;
mod sending;
mod tokens;
pub mod views;

use ptrd_admin::{
    AdminSocket, Backup, Bearer, Caller, Changes, Control, Settings, SocketOptions, Standing, TextStream,
    Upload, serve, text,
};
use ptrd_api::*;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What reached the daemon.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "a test has few of them")]
pub enum Seen {
    Change(Caller, ChangeRequest, bool),
    Ptrs(PtrImportOptions, usize),
    Sending(SendingImportOptions, usize),
    Zones(ZoneImportOptions, Bundle),
    Reload(Caller, bool),
    Database(ZoneImportOptions, DatabaseHead, usize),
}

#[derive(Default)]
pub struct State {
    pub seen: Vec<Seen>,
    pub tenants: BTreeMap<String, ()>,
    pub blocks: BTreeMap<String, BlockView>,
    pub zones: BTreeMap<String, ZoneView>,
    pub ptrs: BTreeMap<IpAddr, PtrView>,
    pub sending: BTreeMap<IpAddr, SendingView>,
    pub records: BTreeMap<(String, String), RecordView>,
    pub log: Vec<ChangeView>,
    pub defaults: Option<DefaultsView>,
    pub access: Vec<ptrd_api::AccessView>,
    pub name_grants: Vec<ptrd_api::NameGrantView>,
    pub keys: BTreeMap<String, KeyDetail>,
    pub tokens: BTreeMap<String, TokenView>,
    pub notify: Vec<ptrd_api::NotifyView>,
    pub catalogs: BTreeMap<String, ptrd_api::CatalogView>,
    pub ns_sets: BTreeMap<String, NsSetView>,
    pub soa_templates: BTreeMap<String, SoaTemplateView>,
}

#[derive(Default)]
pub struct Stub(Mutex<State>);

pub fn problem(code: &str, message: impl Into<String>) -> Problem {
    Problem::new(code, message)
}

fn absent(what: &str, name: &str) -> Problem {
    problem(code::NOT_FOUND, format!("there is no {what} {name}"))
}

fn absolute(name: &str) -> String {
    let name = name.to_lowercase();
    if name.ends_with('.') { name } else { format!("{name}.") }
}

impl Stub {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics here")
    }
}

impl State {
    fn write_ptr(&mut self, write: PtrWrite, add: bool) -> Result<String, Problem> {
        let address: IpAddr = write
            .address
            .parse()
            .map_err(|_| problem(code::BAD_REQUEST, format!("{}: no address", write.address)))?;
        let old = self.ptrs.get(&address);
        if let Some(expect) = write.expect
            && old.map_or("absent", |old| old.version.as_str()) != expect
        {
            return Err(problem(code::STALE, format!("{address} has changed since version {expect}"))
                .hint("look at it again, then repeat the change with its present version"));
        }
        if let Some(name) = write.names.iter().find(|name| name.contains('_') && !write.lax) {
            return Err(problem(
                code::INVALID,
                format!("{name}: an underscore is not allowed in a host name"),
            )
            .hint("--lax allows it"));
        }
        let mut names = old.filter(|_| add).map(|old| old.names.clone()).unwrap_or_default();
        names.extend(write.names.iter().map(|name| absolute(name)));
        let view = PtrView {
            fcrdns: None,
            address: address.to_string(),
            ttl: write.ttl.unwrap_or(3600),
            inherited: write.ttl.is_none(),
            version: format!("v{}", self.log.len() + 1),
            owner: None,
            template: None,
            names,
        };
        let summary = format!("set {address} to {}", view.names.join(" "));
        self.ptrs.insert(address, view);
        Ok(summary)
    }

    fn write_record(&mut self, write: RecordWrite) -> String {
        let (owner, rtype) = (absolute(&write.owner), write.rtype.to_uppercase());
        let summary = format!("set {owner} {rtype}");
        let view = RecordView {
            zone: absolute(write.zone.as_deref().unwrap_or("2.0.192.in-addr.arpa")),
            owner: owner.clone(),
            rtype: rtype.clone(),
            ttl: write.ttl.unwrap_or(3600),
            data: write.data,
            derived: false,
            overrides: None,
            version: format!("v{}", self.log.len() + 1),
        };
        self.records.insert((owner, rtype), view);
        summary
    }

    fn add_block(&mut self, add: BlockAdd) -> Result<String, Problem> {
        if !self.tenants.contains_key(&add.tenant) {
            return Err(absent("tenant", &add.tenant).hint(format!("ptrctl tenant add {}", add.tenant)));
        }
        if self.blocks.contains_key(&add.range) {
            return Err(problem(code::CONFLICT, format!("the block {} exists already", add.range)));
        }
        let mode = match add.delegate {
            Some(DelegationKind::Zone) => "delegated-zone",
            Some(DelegationKind::Classless) => "delegated-classless",
            Some(DelegationKind::Ns) => "delegated-ns",
            None if add.observed => "observed",
            None if add.classless.is_some() => "classless",
            None => "direct",
        };
        let apex = "2.0.192.in-addr.arpa.".to_owned();
        self.zones.entry(apex.clone()).or_insert(ZoneView {
            kind: "range".into(),
            range: Some("192.0.2.0/24".into()),
            ns_set: Some("default".into()),
            own_ns: false,
            soa_template: Some("default".into()),
            ..views::zone(&apex, &add.tenant)
        });
        let view = BlockView {
            range: add.range.clone(),
            tenant: add.tenant,
            mode: mode.into(),
            classless: add.classless,
            apex: add.apex,
            zones: vec![apex],
            nameservers: add.nameservers,
            ds: add.ds,
            default_ttl: add.default_ttl,
            template: add.template.clone(),
            named_by: add.template.filter(|text| text.contains('{')),
            names: add.names,
            fcrdns: add.fcrdns,
            inside: None,
            parent_here: false,
            suspended: false,
            may_sub_block: add.may_sub_block,
            former: Vec::new(),
            version: "b-1".into(),
        };
        self.blocks.insert(add.range.clone(), view);
        Ok(format!("added the block {}", add.range))
    }

    fn block(&mut self, range: &str) -> Result<&mut BlockView, Problem> {
        self.blocks.get_mut(range).ok_or_else(|| absent("block", range))
    }

    fn carry_out(&mut self, request: ChangeRequest) -> Result<String, Problem> {
        match request {
            ChangeRequest::TenantAdd { name } if self.tenants.contains_key(&name) => {
                Err(problem(code::CONFLICT, format!("the tenant {name} exists already")))
            }
            ChangeRequest::TenantAdd { name } => {
                self.tenants.insert(name.clone(), ());
                Ok(format!("added the tenant {name}"))
            }
            ChangeRequest::TenantRemove { name, .. } => {
                self.tenants.remove(&name).ok_or_else(|| absent("tenant", &name))?;
                Ok(format!("removed the tenant {name}"))
            }
            ChangeRequest::BlockAdd(add) => self.add_block(add),
            ChangeRequest::BlockRemove { range, .. } => {
                self.blocks.remove(&range).ok_or_else(|| absent("block", &range))?;
                Ok(format!("removed the block {range}"))
            }
            ChangeRequest::TenantSet { name, .. } => {
                self.tenants.get(&name).ok_or_else(|| absent("tenant", &name))?;
                Ok(format!("set the tenant {name}"))
            }
            ChangeRequest::PendingDrop { address } => Ok(format!("dropped what waited at {address}")),
            ChangeRequest::BlockMerge(merge) => Ok(format!("merged {}", merge.ranges.join(" and "))),
            ChangeRequest::BlockSet { range, set } => {
                let block = self.block(&range)?;
                block.may_sub_block = set.may_sub_block.unwrap_or(block.may_sub_block);
                block.named_by = set.template.clone().filter(|text| text.contains('{'));
                block.template = set.template;
                block.names = set.names.or(block.names.take()).filter(|names| names != "inherit");
                block.fcrdns = set.fcrdns.or(block.fcrdns.take()).filter(|fcrdns| fcrdns != "inherit");
                Ok(format!("set the block {range}"))
            }
            ChangeRequest::BlockTransfer { range, transfer } => {
                self.block(&range)?.tenant = transfer.to.clone();
                Ok(format!("transferred {range} to {}", transfer.to))
            }
            ChangeRequest::BlockSuspend { range } => {
                self.block(&range)?.suspended = true;
                Ok(format!("suspended {range}"))
            }
            ChangeRequest::BlockResume { range } => {
                self.block(&range)?.suspended = false;
                Ok(format!("resumed {range}"))
            }
            ChangeRequest::BlockRelabel { range, label } => {
                let block = self.block(&range)?;
                let until = (!label.keep_old).then(|| "2026-01-02T03:04:05Z".to_owned());
                block.former.push(FormerView { apex: "old.2.0.192.in-addr.arpa.".into(), until });
                block.classless = label.classless;
                Ok(format!("relabelled {range}"))
            }
            ChangeRequest::BlockRelabelFinish { range } => {
                self.block(&range)?.former.clear();
                Ok(format!("finished {range}"))
            }
            ChangeRequest::BlockSplit { range, .. } => {
                self.block(&range)?;
                Ok(format!("split {range}"))
            }
            ChangeRequest::SendingSet(write) => sending::set(self, write),
            ChangeRequest::SendingClear(clear) => sending::clear(self, &clear.range),
            ChangeRequest::PtrSet(write) => self.write_ptr(write, false),
            ChangeRequest::PtrAdd(write) => self.write_ptr(write, true),
            ChangeRequest::PtrDelete { address, .. } => {
                let parsed = address.parse().map_err(|_| problem(code::BAD_REQUEST, "no address"))?;
                self.ptrs.remove(&parsed).ok_or_else(|| absent("PTR at", &address))?;
                Ok(format!("deleted {address}"))
            }
            ChangeRequest::PtrFill(fill) => Ok(format!("filled {} with {}", fill.range, fill.pattern)),
            ChangeRequest::RecordSet(write) | ChangeRequest::RecordAdd(write) => Ok(self.write_record(write)),
            ChangeRequest::RecordDelete { owner, rtype, .. } => {
                let key = (absolute(&owner), rtype.unwrap_or_default().to_uppercase());
                self.records.remove(&key).ok_or_else(|| absent("record at", &owner))?;
                Ok(format!("deleted {} {}", key.0, key.1))
            }
            ChangeRequest::DefaultsSet(set) => {
                let defaults = self.defaults.get_or_insert_with(views::defaults);
                defaults.nameservers = set.nameservers.unwrap_or_else(|| defaults.nameservers.clone());
                defaults.ptr_ttl = set.ptr_ttl.unwrap_or(defaults.ptr_ttl);
                Ok("set the defaults".into())
            }
            ChangeRequest::ZoneAdd { apex, tenant, .. } => {
                let apex = absolute(&apex);
                self.zones.insert(apex.clone(), views::zone(&apex, &tenant));
                Ok(format!("added the zone {apex}"))
            }
            ChangeRequest::RrsetsSet(write) => Ok(format!("{} RRsets of {}", write.rrsets.len(), write.zone)),
            ChangeRequest::ZoneMake(make) => {
                self.zones.insert(make.apex.clone(), views::zone(&make.apex, "acme"));
                Ok(format!("made the zone {}", make.apex))
            }
            ChangeRequest::ZoneDrop { apex } => {
                self.zones.remove(&apex).ok_or_else(|| absent("zone", &apex))?;
                Ok(format!("dropped the zone {apex}"))
            }
            ChangeRequest::AccessAllow(write) => {
                let ptrd_api::AccessWrite { action, zone, tenant, from, key } = write;
                let key = key.as_deref().map(absolute);
                self.access.push(ptrd_api::AccessView { action, zone, tenant, from, key });
                Ok("allowed".into())
            }
            ChangeRequest::AccessRevoke(write) => {
                let count = self.access.len();
                self.access.retain(|view| view.action != write.action || view.from != write.from);
                if self.access.len() < count {
                    Ok("revoked".into())
                } else {
                    Err(absent("grant", &write.action))
                }
            }
            ChangeRequest::NamesAllow(ptrd_api::NameGrantWrite { name, tenant }) => {
                let (name, zone) = (absolute(&name), "example.net.".to_owned());
                let done = format!("{tenant} holds {name} and all below it in {zone}");
                self.name_grants.push(ptrd_api::NameGrantView { name, zone, tenant });
                Ok(done)
            }
            ChangeRequest::NamesRevoke(write) => {
                let name = absolute(&write.name);
                self.name_grants.retain(|view| view.name != name || view.tenant != write.tenant);
                Ok(format!("{} does not hold {name} any more", write.tenant))
            }
            ChangeRequest::KeyAdd(write) => {
                let key = views::key(&write);
                let name = key.key.name.clone();
                self.keys.insert(name.clone(), key);
                Ok(format!("key {name} added"))
            }
            ChangeRequest::KeyRemove { name, revoke } => {
                let name = absolute(&name);
                if !revoke && self.access.iter().any(|view| view.key.as_ref() == Some(&name)) {
                    return Err(problem(code::CONFLICT, format!("the key {name} is named by 1 permission"))
                        .hint(format!("`ptrctl key remove {name} --revoke` takes it back, too")));
                }
                self.access.retain(|view| view.key.as_ref() != Some(&name));
                self.keys.remove(&name).ok_or_else(|| absent("key", &name))?;
                Ok(format!("key {name} removed"))
            }
            ChangeRequest::TokenAdd(write) => tokens::add(self, write),
            ChangeRequest::TokenRevoke { id } => {
                self.tokens.remove(&id).ok_or_else(|| absent("token", &id))?;
                Ok(format!("token {id} revoked"))
            }
            ChangeRequest::CatalogAdd(add) => catalogs::add(self, add),
            ChangeRequest::CatalogSet(set) => catalogs::set(self, set),
            ChangeRequest::CatalogRemove { catalog } => catalogs::remove(self, &catalog),
            ChangeRequest::CatalogFollow(write) => catalogs::follow(self, write),
            ChangeRequest::CatalogGroup(write) => catalogs::group(self, write),
            ChangeRequest::CatalogUnfollow { catalog, members } => {
                catalogs::unfollow(self, &catalog, members)
            }
            ChangeRequest::NotifyAdd(write) => {
                let ptrd_api::NotifyWrite { address, key, zone, tenant } = write;
                let address = Some(address);
                self.notify.push(ptrd_api::NotifyView { zone, tenant, address, key, nameservers: None });
                Ok("listed".into())
            }
            ChangeRequest::NotifyRemove(write) => {
                let count = self.notify.len();
                self.notify.retain(|view| view.address.as_ref() != Some(&write.address));
                if self.notify.len() < count {
                    Ok("struck off".into())
                } else {
                    Err(absent("address", &write.address))
                }
            }
            ChangeRequest::NotifyNameservers(write) => {
                let ptrd_api::NotifyNameservers { tell, zone, tenant } = write;
                self.notify.retain(|view| view.nameservers.is_none());
                if tell.is_some() {
                    let (address, key) = (None, None);
                    self.notify.push(ptrd_api::NotifyView { zone, tenant, address, key, nameservers: tell });
                }
                Ok("set".into())
            }
            ChangeRequest::NsSetAdd(write) | ChangeRequest::NsSetSet(write) => {
                let view = views::ns_set(&write);
                self.ns_sets.insert(write.name.clone(), view);
                Ok(format!("set the NS set {}", write.name))
            }
            ChangeRequest::NsSetRename { name, to, .. } => {
                let view = self.ns_sets.remove(&name).ok_or_else(|| absent("NS set", &name))?;
                self.ns_sets.insert(to.clone(), NsSetView { name: to.clone(), ..view });
                Ok(format!("NS set {name} is called {to}"))
            }
            ChangeRequest::NsSetRemove { name, .. } => {
                self.ns_sets.remove(&name).ok_or_else(|| absent("NS set", &name))?;
                Ok(format!("removed the NS set {name}"))
            }
            ChangeRequest::SoaTemplateAdd(write) | ChangeRequest::SoaTemplateSet(write) => {
                let view = views::soa_template(&write);
                self.soa_templates.insert(write.name.clone(), view);
                Ok(format!("set the SOA template {}", write.name))
            }
            ChangeRequest::SoaTemplateRename { name, to, .. } => {
                let view = self.soa_templates.remove(&name).ok_or_else(|| absent("SOA template", &name))?;
                self.soa_templates.insert(to.clone(), SoaTemplateView { name: to.clone(), ..view });
                Ok(format!("SOA template {name} is called {to}"))
            }
            ChangeRequest::SoaTemplateRemove { name, .. } => {
                self.soa_templates.remove(&name).ok_or_else(|| absent("SOA template", &name))?;
                Ok(format!("removed the SOA template {name}"))
            }
            ChangeRequest::ZoneSet(set) => {
                for apex in &set.apexes {
                    let zone = self.zones.get_mut(&absolute(apex)).ok_or_else(|| absent("zone", apex))?;
                    zone.own_ns &= set.ns_set.is_none();
                    zone.ns_set = set.ns_set.clone().or(zone.ns_set.take());
                    zone.soa_template = set.soa_template.clone().or(zone.soa_template.take());
                    if let Some(policy) = &set.serial_policy {
                        (zone.serial_policy, zone.own_policy) = (policy.clone(), true);
                    }
                }
                Ok(format!("set {} zones", set.apexes.len()))
            }
            ChangeRequest::ZoneFollow(write) => {
                let mut view = views::zone(&write.apex, write.tenant.as_deref().unwrap_or("acme"));
                view.follow = Some(ptrd_api::FollowView { primaries: write.primaries, ..views::follow() });
                self.zones.insert(write.apex.clone(), view);
                Ok(format!("{} is followed", write.apex))
            }
            ChangeRequest::ZoneUnfollow { apex } => Ok(format!("{apex} is not followed any more")),
            ChangeRequest::ZoneRemove { apex, .. } => {
                self.zones.remove(&absolute(&apex)).ok_or_else(|| absent("zone", &apex))?;
                Ok(format!("removed the zone {}", absolute(&apex)))
            }
            ChangeRequest::ZoneAdopt { apexes, all } => {
                let named =
                    |zone: &&mut ZoneView| all || apexes.iter().any(|apex| absolute(apex) == zone.apex);
                self.zones.values_mut().filter(named).for_each(|zone| zone.kind = "range".into());
                Ok(format!("adopted {}", if all { "all".to_owned() } else { apexes.join(", ") }))
            }
            ChangeRequest::Rollback { change: 1, .. } => {
                let error = |message: &str| LineError { file: None, line: 0, message: message.into() };
                let mut refusal = problem(
                    code::CONFLICT,
                    "change 1 cannot be rolled back: what it left has changed since, in 1 place",
                )
                .hint("roll back change 2 first, or make the change that you want by hand");
                refusal.errors = vec![error("192.0.2.1 has the PTR b.example. (change 2, ptr-set by alice)")];
                refusal.errors_total = 1;
                Err(refusal)
            }
            ChangeRequest::Rollback { change, .. } => Ok(format!("change {change} rolled back")),
            ChangeRequest::LogPrune(_) => Ok("2 changes leave the log".into()),
            ChangeRequest::HistoryLimit { octets } => Ok(format!("limited to {octets:?}")),
            ChangeRequest::LogRetain { keep } => Ok(format!("kept for {keep:?}")),
        }
    }

    fn done(&mut self, by: &Caller, kind: &str, summary: String) -> ChangeDone {
        let change = self.log.len() as u64 + 1;
        self.log.push(ChangeView {
            change,
            at: format!("2026-01-02T03:04:{change:02}Z"),
            actor: "alice".into(),
            origin: "socket pid 4711".into(),
            reason: by.reason.clone(),
            kind: kind.into(),
            summary: summary.clone(),
        });
        ChangeDone { change: Some(change), summary, ..ChangeDone::default() }
    }
}

fn stream(octets: Vec<u8>) -> TextStream {
    let (mut writer, stream) = text();
    tokio::spawn(async move {
        if writer.write(octets).await.is_ok() {
            writer.finish().await;
        }
    });
    stream
}

fn lines(edits: &[EditView]) -> TextStream {
    let line = |edit: &EditView| serde_json::to_string(edit).expect("JSON") + "\n";
    stream(edits.iter().map(line).collect::<String>().into_bytes())
}

/// A server with a stub behind it, in a folder of its own.
pub struct Server {
    pub stub: Arc<Stub>,
    pub folder: tempfile::TempDir,
    pub path: PathBuf,
    pub shutdown: CancellationToken,
    join: Option<tokio::task::JoinHandle<()>>,
    pub runtime: Option<tokio::runtime::Runtime>,
}

impl Server {
    pub fn start() -> Server {
        Server::with(Settings::default())
    }

    pub fn with(settings: Settings) -> Server {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("admin.sock");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let stub = Arc::new(Stub::default());
        let shutdown = CancellationToken::new();
        let socket = AdminSocket::bind(&SocketOptions::at(&path)).expect("a socket");
        let join = runtime.block_on(async { serve(socket, stub.clone(), settings, shutdown.clone()) });
        let join = Some(join.expect("a server"));
        Server { stub, folder, path, shutdown, join, runtime: Some(runtime) }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Shuts down and waits for the end.
    pub fn stop(&mut self) {
        self.shutdown.cancel();
        if let (Some(join), Some(runtime)) = (self.join.take(), &self.runtime) {
            runtime.block_on(join).expect("no panic");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.cancel();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
    }
}

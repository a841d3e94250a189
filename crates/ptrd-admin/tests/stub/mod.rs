//! A daemon that keeps everything in a few maps: enough to see that requests arrive as meant, and for the command line
//! to have something to talk to. It knows no DNS.
#![allow(missing_docs, dead_code)]

mod catalogs;
mod map;
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

impl Control for Stub {
    async fn change(&self, by: Caller, request: ChangeRequest, dry_run: bool) -> Result<ChangeDone, Problem> {
        let slow = matches!(&request, ChangeRequest::TenantAdd { name } if name == "slow");
        if slow {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        let mut state = self.state();
        state.seen.push(Seen::Change(by.clone(), request.clone(), dry_run));
        let word = serde_json::to_value(&request).expect("JSON");
        let kind = word["kind"].as_str().unwrap_or_default();
        if dry_run {
            let effects = if kind == "block-transfer" { views::effects() } else { Vec::new() };
            let ptrs = if kind == "ptr-fill" { views::ptr_steps() } else { Vec::new() };
            return Ok(ChangeDone {
                summary: format!("would do {kind}"),
                effects,
                ptrs,
                ..ChangeDone::default()
            });
        }
        let makes_token = kind == "token-add";
        let (ptr, fill) = (kind.starts_with("ptr"), kind == "ptr-fill");
        let summary = state.carry_out(request)?;
        let mut done = state.done(&by, kind, summary);
        if makes_token {
            done.token = state.tokens.keys().next_back().map(|id| tokens::made(id));
        }
        if ptr {
            let apex = "2.0.192.in-addr.arpa.".to_owned();
            done.zones.push(ZoneStep { apex, serial: Some(done.change.unwrap_or(0) as u32) });
            (done.zones_changed, done.ptrs_changed) = (1, if fill { 16 } else { 1 });
        }
        Ok(done)
    }

    async fn import_ptrs(
        &self,
        by: Caller,
        options: PtrImportOptions,
        csv: Upload,
    ) -> Result<ChangeDone, Problem> {
        let csv = csv.collect(64 << 20).await?;
        self.state().seen.push(Seen::Ptrs(options.clone(), csv.len()));
        let text = String::from_utf8_lossy(&csv);
        let bad = |(n, line): (usize, &str)| {
            let good = line.split_once(',').is_some_and(|(address, _)| address.parse::<IpAddr>().is_ok());
            (!good).then(|| LineError {
                file: None,
                line: n as u64 + 1,
                message: format!("{line}: no address"),
            })
        };
        let errors: Vec<LineError> = text.lines().enumerate().filter_map(bad).collect();
        if !errors.is_empty() {
            let errors_total = errors.len() as u64;
            let message = "nothing was imported: some lines are bad";
            return Err(Problem { errors, errors_total, ..problem(code::INVALID, message) });
        }
        let rows = text.lines().count() as u64;
        if options.dry_run {
            return Ok(ChangeDone { summary: format!("would import {rows} PTRs"), ..ChangeDone::default() });
        }
        let mut done = self.state().done(&by, "ptr-import", format!("imported {rows} PTRs"));
        done.ptrs_changed = rows;
        Ok(done)
    }

    async fn import_sending(
        &self,
        by: Caller,
        options: SendingImportOptions,
        csv: Upload,
    ) -> Result<ChangeDone, Problem> {
        let csv = csv.collect(64 << 20).await?;
        let mut state = self.state();
        state.seen.push(Seen::Sending(options.clone(), csv.len()));
        let count = sending::import(&mut state, &String::from_utf8_lossy(&csv))?;
        let summary = format!("the import: {count} sending marks set");
        if options.dry_run {
            return Ok(ChangeDone { summary, ..ChangeDone::default() });
        }
        Ok(state.done(&by, "sending-import", summary))
    }

    async fn import_powerdns(
        &self,
        by: Caller,
        options: ZoneImportOptions,
        upload: Upload,
    ) -> Result<ChangeDone, Problem> {
        let octets = upload.collect(64 << 20).await?;
        let Some(end) = octets.iter().position(|octet| *octet == b'\n') else {
            return Err(problem(code::BAD_REQUEST, "no first line"));
        };
        let bad = |error: serde_json::Error| problem(code::BAD_REQUEST, error.to_string());
        let head: DatabaseHead = serde_json::from_slice(&octets[..end]).map_err(bad)?;
        let size = octets.len() - end - 1;
        let mut state = self.state();
        state.seen.push(Seen::Database(options, head, size));
        Ok(state.done(&by, "zone-import", format!("imported a database of {size} octets")))
    }

    async fn import_zones(
        &self,
        by: Caller,
        options: ZoneImportOptions,
        bundle: Bundle,
    ) -> Result<ChangeDone, Problem> {
        let mut state = self.state();
        state.seen.push(Seen::Zones(options.clone(), bundle.clone()));
        let bad = bundle.files[..bundle.zones].iter().find(|(_, content)| content.starts_with(b"bad"));
        if let Some((path, _)) = bad {
            let error =
                LineError { file: Some(path.clone()), line: 1, message: "CNAME beside other data".into() };
            let message = "nothing was imported: some files are bad";
            return Err(Problem { errors: vec![error], errors_total: 1, ..problem(code::INVALID, message) });
        }
        if options.dry_run {
            let summary = format!("would import {} zones", bundle.zones);
            return Ok(ChangeDone { summary, ..ChangeDone::default() });
        }
        let mut done = state.done(&by, "zone-import", format!("imported {} zones", bundle.zones));
        if bundle.files.iter().any(|(path, _)| path == MANIFEST) {
            let line = |subject: &str, what: &str, detail: &str| ReportLine {
                subject: subject.into(),
                what: what.into(),
                detail: detail.into(),
            };
            done.report.push(line("a.example.", "imported", "from a file"));
            done.report_total = 1;
        }
        done.warnings.push("example.: TTLs of the RRset www.example. A differ, the lowest is taken".into());
        Ok(done)
    }

    fn bearer(&self, token: &str, _from: IpAddr) -> Result<Bearer, Problem> {
        let state = self.state();
        let found = state.tokens.values().find(|known| tokens::text(&known.id) == token);
        let known = found.ok_or_else(|| problem(code::UNAUTHENTICATED, "no token that is of use here"))?;
        Ok(Bearer { token: known.id.parse().expect("an identity"), actor: format!("token {}", known.name) })
    }

    async fn tokens(&self, _: Standing, filter: TokenFilter) -> Result<Page<TokenView>, Problem> {
        let state = self.state();
        let all =
            state.tokens.values().filter(|token| filter.tenant.is_none() || token.tenant == filter.tenant);
        let all: Vec<TokenView> = all.cloned().collect();
        Ok(views::page(all.into_iter(), |token| token.id.clone(), filter.after, filter.limit))
    }

    async fn token(&self, _: Standing, id: String) -> Result<TokenView, Problem> {
        self.state().tokens.get(&id).cloned().ok_or_else(|| absent("token", &id))
    }

    async fn tenant(&self, _: Standing, name: String) -> Result<TenantView, Problem> {
        let state = self.state();
        let known = state.tenants.contains_key(&name);
        if known { Ok(views::tenant(&state, &name)) } else { Err(absent("tenant", &name)) }
    }

    async fn tenants(&self, _: Standing, filter: TenantFilter) -> Result<Page<TenantView>, Problem> {
        let state = self.state();
        let all = state.tenants.keys().map(|name| views::tenant(&state, name));
        Ok(views::page(all, |tenant| tenant.name.clone(), filter.after, filter.limit))
    }

    async fn blocks(&self, _: Standing, filter: BlockFilter) -> Result<Page<BlockView>, Problem> {
        let all = self.state().blocks.clone().into_values();
        let around = |range: &str| filter.around.as_deref().is_none_or(|_| range == "192.0.2.0/24");
        let all = all.filter(|block| around(&block.range));
        let all = all.filter(|block| filter.tenant.as_ref().is_none_or(|tenant| *tenant == block.tenant));
        Ok(views::page(all, |block| block.range.clone(), filter.after, filter.limit))
    }

    async fn block(&self, _: Standing, range: String) -> Result<BlockView, Problem> {
        self.state().blocks.get(&range).cloned().ok_or_else(|| absent("block", &range))
    }

    async fn parent_records(&self, _: Standing, range: String) -> Result<ParentRecords, Problem> {
        self.block(Standing::Operator, range.clone()).await?;
        let text = "1.2.0.192.in-addr.arpa. 3600 IN CNAME 1.0-26.2.0.192.in-addr.arpa.\n".to_owned();
        Ok(ParentRecords { range, parent: "2.0.192.in-addr.arpa.".into(), text })
    }

    async fn map(&self, _: Standing, filter: MapFilter) -> Result<MapView, Problem> {
        map::map(&self.state(), &filter)
    }

    async fn zones(&self, _: Standing, filter: ZoneFilter) -> Result<Page<ZoneView>, Problem> {
        let all = self.state().zones.clone().into_values();
        Ok(views::page(all, |zone| zone.apex.clone(), filter.after, filter.limit))
    }

    async fn zone(&self, _: Standing, apex: String) -> Result<ZoneView, Problem> {
        self.state().zones.get(&absolute(&apex)).cloned().ok_or_else(|| absent("zone", &apex))
    }

    /// `long.example.` is 100 MB, `broken.example.` ends before its end.
    async fn export(&self, _: Standing, apex: String) -> Result<TextStream, Problem> {
        let apex = absolute(&apex);
        if !["long.example.", "broken.example."].contains(&apex.as_str()) {
            self.zone(Standing::Operator, apex.clone()).await?;
        }
        let (mut writer, stream) = text();
        tokio::spawn(async move {
            writer
                .write(format!("$ORIGIN {apex}\n@ 3600 IN SOA ns.example. host.example. 1 2 3 4 5\n"))
                .await?;
            match apex.as_str() {
                "broken.example." => return Ok(()),
                "long.example." => {
                    let line =
                        "www 3600 IN TXT \"a line of some length that is repeated often\"\n".repeat(1000);
                    for _ in 0..100_000_000 / line.len() {
                        writer.write(line.clone()).await?;
                    }
                }
                _ => (),
            }
            writer.finish().await;
            Ok::<(), ptrd_admin::Cut>(())
        });
        Ok(stream)
    }

    async fn records(&self, _: Standing, filter: RecordFilter) -> Result<Page<RecordView>, Problem> {
        let all = self.state().records.clone().into_values();
        let all = all.filter(|r| filter.rtype.as_ref().is_none_or(|t| t.eq_ignore_ascii_case(&r.rtype)));
        Ok(views::page(all, |r| format!("{}/{}", r.owner, r.rtype), filter.after, filter.limit))
    }

    async fn zone_content(
        &self,
        who: Standing,
        filter: RecordFilter,
    ) -> Result<ptrd_admin::ZoneContent, Problem> {
        let apex = filter.zone.clone().unwrap_or_default();
        let zone = self.zone(who, apex.clone()).await?;
        let is_wanted = |record: &&RecordView| {
            record.zone == apex
                && filter.owner.as_ref().is_none_or(|owner| *owner == record.owner)
                && filter.rtype.as_ref().is_none_or(|rtype| *rtype == record.rtype)
        };
        let records: Vec<RecordView> = self.state().records.values().filter(is_wanted).cloned().collect();
        Ok(ptrd_admin::ZoneContent { zone, records: Box::new(move |each| records.into_iter().all(each)) })
    }

    async fn search(&self, _: Standing, filter: SearchFilter) -> Result<Vec<SearchHit>, Problem> {
        let zones = self
            .state()
            .zones
            .keys()
            .filter(|zone| zone.contains(&filter.pattern))
            .cloned()
            .collect::<Vec<_>>();
        Ok(zones.into_iter().map(|zone| SearchHit { zone, record: None }).collect())
    }

    async fn announce(&self, who: Standing, apex: String) -> Result<(), Problem> {
        self.zone(who, apex).await.map(drop)
    }

    async fn ptrs(&self, _: Standing, filter: PtrFilter) -> Result<Page<PtrView>, Problem> {
        let all = self.state().ptrs.clone().into_values();
        let named = |ptr: &PtrView| match &filter.name {
            Some(text) => ptr.names.iter().any(|name| name.contains(text)),
            None => true,
        };
        let all = all.filter(named);
        Ok(views::page(all, |ptr| ptr.address.clone(), filter.after, filter.limit))
    }

    async fn pending(&self, _: Standing, filter: PendingFilter) -> Result<Page<PendingView>, Problem> {
        let is_asked = |it: &PendingView| map::is_within(filter.within.as_ref(), &it.address);
        let all = [views::pending()].into_iter().filter(is_asked);
        Ok(views::page(all, |p| p.address.clone(), filter.after, filter.limit))
    }

    async fn checks(&self, _: Standing, filter: CheckFilter) -> Result<Page<CheckView>, Problem> {
        let is_asked = |it: &CheckView| {
            map::is_within(filter.within.as_ref(), &it.address)
                && filter.state.as_ref().is_none_or(|state| it.state == *state)
        };
        let all = views::checks().into_iter().filter(is_asked);
        Ok(views::page(all, |c| c.address.clone(), filter.after, filter.limit))
    }

    async fn check(&self, _: Standing, _: CheckBody) -> Result<Page<CheckView>, Problem> {
        Ok(Page { items: views::checks(), next: None })
    }

    async fn lint(&self, _: Standing, filter: LintFilter) -> Result<Page<LintView>, Problem> {
        let within = filter.within.clone();
        let is_asked = move |ptr: &PtrView| map::is_within(within.as_ref(), &ptr.address);
        let all = self.state().ptrs.clone().into_values().filter(is_asked);
        let generic = |ptr: PtrView| {
            let names: Vec<_> = ptr.names.iter().filter_map(|name| views::linted(name)).collect();
            (!names.is_empty()).then(|| LintView {
                address: ptr.address,
                rule: "warn".into(),
                sending: filter.sending,
                helo: None,
                names,
            })
        };
        Ok(views::page(all.filter_map(generic), |view| view.address.clone(), filter.after, filter.limit))
    }

    async fn sending(&self, _: Standing, filter: SendingFilter) -> Result<Page<SendingView>, Problem> {
        Ok(sending::list(&self.state(), filter))
    }

    async fn sending_at(&self, _: Standing, address: String) -> Result<SendingView, Problem> {
        let found =
            address.parse().ok().and_then(|address: IpAddr| self.state().sending.get(&address).cloned());
        found.ok_or_else(|| absent("sending mark of", &address))
    }

    async fn request_text(&self, _: Standing, filter: RequestTextFilter) -> Result<RequestText, Problem> {
        sending::request_text(&self.state(), filter.range)
    }

    async fn ptr(&self, _: Standing, address: String) -> Result<PtrView, Problem> {
        let parsed: IpAddr =
            address.parse().map_err(|_| problem(code::BAD_REQUEST, format!("{address}: no address")))?;
        self.state().ptrs.get(&parsed).cloned().ok_or_else(|| absent("PTR at", &parsed.to_string()))
    }

    async fn log(&self, _: Standing, filter: LogFilter) -> Result<Page<ChangeView>, Problem> {
        let before = filter.before.unwrap_or(u64::MAX);
        let limit = filter.limit.expect("set by the socket") as usize;
        let mut items: Vec<ChangeView> = self.state().log.clone();
        items.retain(|change| change.change < before);
        items.reverse();
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| last.change.to_string());
        Ok(Page { items, next })
    }

    async fn logged(&self, _: Standing, change: u64) -> Result<ChangeDetail, Problem> {
        let found = self.state().log.iter().find(|logged| logged.change == change).cloned();
        let change = found.ok_or_else(|| absent("change", &change.to_string()))?;
        let zones = vec![ZoneStep { apex: "2.0.192.in-addr.arpa.".into(), serial: Some(7) }];
        Ok(ChangeDetail { change, request: serde_json::json!({"kind": "stub"}), zones })
    }

    async fn edits(&self, _: Standing, change: u64) -> Result<TextStream, Problem> {
        self.logged(Standing::Operator, change).await?;
        Ok(lines(&views::edits()))
    }

    async fn diff(&self, _: Standing, _filter: DiffFilter) -> Result<TextStream, Problem> {
        Ok(lines(&views::edits()))
    }

    async fn backup(&self, _: Standing) -> Result<Backup, Problem> {
        let (octets, change) = (b"SQLite format 3\0 of a stub", self.state().log.len() as u64);
        Ok(Backup { octets: octets.len() as u64, change, stream: stream(octets.to_vec()) })
    }

    async fn status(&self, _: Standing) -> Result<StatusView, Problem> {
        Ok(views::status(&self.state()))
    }

    async fn standby(&self, _: Standing) -> Result<StandbyView, Problem> {
        Ok(views::standby())
    }

    async fn standby_hello(&self, hello: StandbyHello) -> Result<StandbyWelcome, Problem> {
        let copy = hello.lineage.is_none().then(|| "its store has no history of this server yet".to_owned());
        Ok(StandbyWelcome { lineage: "0011".to_owned(), epoch: 1, change: 7, copy })
    }

    async fn standby_changes(&self, filter: StandbyFilter) -> Result<Changes, Problem> {
        if filter.epoch != 1 {
            return Err(problem(code::CONFLICT, "epoch 2 is not that of this server"));
        }
        Ok(Changes { newest: 7, stream: stream(b"\0\0\0\x03abc".to_vec()) })
    }

    async fn promote(&self, by: Caller, write: PromoteWrite, dry_run: bool) -> Result<ChangeDone, Problem> {
        let summary = format!("promoted with a margin of {}", write.margin.unwrap_or(10_000));
        if dry_run {
            return Ok(ChangeDone { summary, ..ChangeDone::default() });
        }
        Ok(self.state().done(&by, "promote", summary))
    }

    async fn metrics(&self, _: Standing) -> Result<(String, &'static str), Problem> {
        Ok((
            "# HELP stub_up Always 1.\n# TYPE stub_up gauge\nstub_up 1\n".to_owned(),
            "text/plain; version=0.0.4",
        ))
    }

    async fn reload(&self, by: Caller, dry_run: bool) -> Result<Reloaded, Problem> {
        self.state().seen.push(Seen::Reload(by, dry_run));
        Ok(views::reloaded(dry_run))
    }

    async fn access(
        &self,
        _: Standing,
        filter: ptrd_api::AccessFilter,
    ) -> Result<Page<ptrd_api::AccessView>, Problem> {
        let all = self.state().access.clone().into_iter();
        Ok(views::page(all, |view| view.action.clone(), filter.after, filter.limit))
    }

    async fn keys(&self, _: Standing, filter: KeyFilter) -> Result<Page<KeyView>, Problem> {
        let state = self.state();
        let all: Vec<_> = state.keys.values().map(|key| views::key_view(&state, key)).collect();
        Ok(views::page(all.into_iter(), |key| key.name.clone(), filter.after, filter.limit))
    }

    async fn key(&self, _: Standing, name: String) -> Result<KeyDetail, Problem> {
        let (state, name) = (self.state(), absolute(&name));
        let key = state.keys.get(&name).ok_or_else(|| absent("key", &name))?;
        Ok(KeyDetail { key: views::key_view(&state, key), ..key.clone() })
    }

    async fn notify(
        &self,
        _: Standing,
        filter: ptrd_api::NotifyFilter,
    ) -> Result<Page<ptrd_api::NotifyView>, Problem> {
        let all = self.state().notify.clone().into_iter();
        Ok(views::page(all, |view| view.address.clone().unwrap_or_default(), filter.after, filter.limit))
    }

    async fn transfer_in(
        &self,
        _by: Caller,
        write: ptrd_api::TransferInWrite,
        _dry_run: bool,
    ) -> Result<ChangeDone, Problem> {
        if write.apex == "closed.example" {
            return Err(Problem::new(
                code::CONFLICT,
                "the zone closed.example. was not handed over: REFUSED",
            ));
        }
        Ok(ChangeDone { change: Some(7), summary: "1 zone imported".into(), ..ChangeDone::default() })
    }

    async fn compare(
        &self,
        _: Standing,
        apex: String,
        write: ptrd_api::CompareWrite,
    ) -> Result<ptrd_api::CompareView, Problem> {
        if apex == "closed.example" {
            return Err(Problem::new(code::NOT_FOUND, "no zone closed.example. is served here")
                .hint("see `ptrctl zone list`"));
        }
        Ok(views::compare(&apex, &write.with.address))
    }

    async fn refresh(
        &self,
        _: Standing,
        apex: String,
        body: ptrd_api::RefreshBody,
    ) -> Result<ZoneView, Problem> {
        let mut view = views::zone(&apex, "acme");
        let error = body.whole.then(|| "asked for as a whole".to_owned());
        view.follow = Some(ptrd_api::FollowView { error, ..views::follow() });
        Ok(view)
    }

    async fn notify_status(
        &self,
        _: Standing,
        filter: ptrd_api::NotifyStatusFilter,
    ) -> Result<Page<ptrd_api::NotifyStatusView>, Problem> {
        let all = views::notify_status().into_iter();
        let all = all.filter(|view| {
            filter.state.as_ref().is_none_or(|state| view.state == *state)
                && (!filter.differs || view.differs_since.is_some())
        });
        Ok(views::page(all, |view| view.zone.clone(), filter.after, filter.limit))
    }

    async fn catalogs(
        &self,
        _: Standing,
        filter: ptrd_api::CatalogFilter,
    ) -> Result<Page<ptrd_api::CatalogView>, Problem> {
        let all = self.state().catalogs.clone().into_values();
        Ok(views::page(all, |view| view.catalog.clone(), filter.after, filter.limit))
    }

    async fn catalog(&self, _: Standing, apex: String) -> Result<ptrd_api::CatalogView, Problem> {
        catalogs::one(&self.state(), &apex)
    }

    async fn catalog_members(
        &self,
        _: Standing,
        apex: String,
        filter: ptrd_api::CatalogFilter,
    ) -> Result<Page<ptrd_api::CatalogMemberView>, Problem> {
        let all = catalogs::members(&self.state(), &apex)?.into_iter();
        Ok(views::page(all, |view| view.zone.clone(), filter.after, filter.limit))
    }

    async fn ns_sets(&self, _: Standing, filter: SetFilter) -> Result<Page<NsSetView>, Problem> {
        let all = self.state().ns_sets.clone().into_values();
        Ok(views::page(all, |set| set.name.clone(), filter.after, filter.limit))
    }

    async fn ns_set(&self, _: Standing, name: String) -> Result<NsSetView, Problem> {
        self.state().ns_sets.get(&name).cloned().ok_or_else(|| absent("NS set", &name))
    }

    async fn soa_templates(&self, _: Standing, filter: SetFilter) -> Result<Page<SoaTemplateView>, Problem> {
        let all = self.state().soa_templates.clone().into_values();
        Ok(views::page(all, |template| template.name.clone(), filter.after, filter.limit))
    }

    async fn soa_template(&self, _: Standing, name: String) -> Result<SoaTemplateView, Problem> {
        self.state().soa_templates.get(&name).cloned().ok_or_else(|| absent("SOA template", &name))
    }

    async fn defaults(&self, _: Standing) -> Result<DefaultsView, Problem> {
        Ok(self.state().defaults.clone().unwrap_or_else(views::defaults))
    }
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

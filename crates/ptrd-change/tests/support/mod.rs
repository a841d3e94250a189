//! A road over a store in memory, spoken to in short lines, and checked against a reload after every test.
#![allow(dead_code, unused_imports)]

pub mod catalog;
pub mod consumed;
mod differences;
pub mod pulled;
mod random;
pub mod resolver;
mod rrsets;
mod shown;
pub mod signed;
pub mod standby;
pub mod stated;
pub mod token;
mod update;

pub use differences::{Chains, check_differences, counts, difference};
pub use random::{numbers, random_line};
pub use shown::{PAGE, timeless};
pub use update::{Sent, read_update};

use ptrd_api::{
    BlockAdd, BlockSetBody, Bundle, CatalogAdd, CatalogSet, ChangeDone, ChangeRequest, DefaultsSet,
    DelegationKind, MergeBody, NameGrantWrite, NameserverSpec, NsSetWrite, Problem, PtrFate, PtrFill,
    PtrImportOptions, PtrWrite, RecordWrite, RelabelBody, SendingClear, SendingWrite, SoaTemplateWrite,
    SplitBody, TransferBody, ZoneImportOptions, ZoneSet, ZoneStart,
};
use ptrd_change::{Caller, Clock, Options, Road, View, load};
use ptrd_store::{MemoryStore, Store};
use ptrd_testkit::World;
use ptrd_wire::{Family, Name, RrSet, ip_from_bits};
use ptrd_zone::model::{Mode, ZoneRow, ZoneSoa};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// 2026-01-01, and a second later at each question.
pub struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> i64 {
        self.0.fetch_add(1_000, Ordering::Relaxed)
    }
}

pub fn options() -> Options {
    Options { clock: Arc::new(Ticking(AtomicI64::new(1_767_225_600_000))), ..Options::default() }
}

pub struct Bench {
    pub road: Arc<Road>,
    pub store: MemoryStore,
    pub runtime: tokio::runtime::Runtime,
}

pub fn open(store: &MemoryStore) -> Road {
    let mut store: Box<dyn Store> = Box::new(store.clone());
    let loaded = load(store.as_mut()).expect("a sound store");
    Road::start(store, loaded, options()).expect("a road")
}

/// A road whose clock starts at this time.
pub fn open_at(store: &MemoryStore, millis: i64) -> Road {
    let mut store: Box<dyn Store> = Box::new(store.clone());
    let loaded = load(store.as_mut()).expect("a sound store");
    let options = Options { clock: Arc::new(Ticking(AtomicI64::new(millis))), ..Options::default() };
    Road::start(store, loaded, options).expect("a road")
}

pub fn operator() -> Caller {
    Caller::operator("root", "test", Some("because".into()))
}

impl Default for Bench {
    fn default() -> Bench {
        Bench::new()
    }
}

impl Bench {
    /// Two tenants, acme and bob, and real nameservers.
    pub fn new() -> Bench {
        let store = MemoryStore::new();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_time()
            .build()
            .expect("a runtime");
        let bench = Bench { road: Arc::new(open(&store)), store, runtime };
        bench.ok("tenant-add acme");
        bench.ok("tenant-add bob");
        bench.ok("defaults nameservers=ns1.example.net,ns2.example.net rname=hostmaster.example.net");
        bench
    }

    pub fn with(lines: &[&str]) -> Bench {
        let bench = Bench::new();
        lines.iter().for_each(|line| {
            bench.ok(line);
        });
        bench
    }

    #[track_caller]
    pub fn ask(&self, request: ChangeRequest, dry_run: bool) -> Result<ChangeDone, Problem> {
        self.watched(false, || self.runtime.block_on(self.road.change(operator(), request, dry_run)))
    }

    /// Does something, and checks what zones differ in afterwards. Serials may be as the deed says, be they ahead or not.
    #[track_caller]
    fn watched<T>(&self, is_told: bool, deed: impl FnOnce() -> T) -> T {
        let before = self.view();
        let done = deed();
        check_differences(&before, &self.view(), is_told);
        done
    }

    /// A change that must work.
    #[track_caller]
    pub fn ok(&self, line: &str) -> ChangeDone {
        match self.ask(request(line), false) {
            Ok(done) => done,
            Err(problem) => panic!("{line}: {} {}", problem.code, problem.message),
        }
    }

    /// A change that must be refused, leaving everything as it was.
    #[track_caller]
    pub fn refused(&self, line: &str, code: &str, part: &str) -> Problem {
        let before = self.everything();
        match self.ask(request(line), false) {
            Ok(done) => panic!("{line}: should have been refused, but: {}", done.summary),
            Err(problem) => {
                let text = format!("{} / {}", problem.message, problem.hint.clone().unwrap_or_default());
                assert_eq!(problem.code, code, "{line}: {text}");
                assert!(text.contains(part), "{line}: {text}");
                assert_eq!(before, self.everything(), "{line}: refused, and yet something changed");
                problem
            }
        }
    }

    pub fn import(&self, csv: &str, lax: bool) -> Result<ChangeDone, Problem> {
        let options = PtrImportOptions { lax, dry_run: false };
        let csv = std::io::Cursor::new(csv.as_bytes().to_vec());
        self.watched(false, || self.runtime.block_on(self.road.import_ptrs(operator(), options, csv)))
    }

    pub fn import_zones(
        &self,
        options: ZoneImportOptions,
        files: &[(&str, &str)],
    ) -> Result<ChangeDone, Problem> {
        let files = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
            .collect::<Vec<_>>();
        let bundle = Bundle { zones: files.len(), files };
        let is_told = options.keep_serial;
        self.watched(is_told, || self.runtime.block_on(self.road.import_zones(operator(), options, bundle)))
    }

    pub fn view(&self) -> Arc<View> {
        self.road.view()
    }

    pub fn everything(&self) -> Vec<String> {
        everything(&self.view())
    }

    /// What a zone shows, a line an RRset, without the SOA; `-` if it is not there.
    pub fn zone(&self, apex: &str) -> Vec<String> {
        zone_lines(&self.view(), &name(apex)).unwrap_or_else(|| vec!["-".into()])
    }

    pub fn serial(&self, apex: &str) -> u32 {
        self.view().snapshot.zone(&name(apex)).expect("a zone").soa().serial.0
    }

    /// What is in memory equals what a reload makes of the store, and what the slow account of the model says.
    #[track_caller]
    pub fn check(&self) {
        let reloaded = open(&self.store);
        assert_eq!(self.everything(), everything(&reloaded.view()), "incremental and rebuilt differ");
        assert_eq!(self.view().version, reloaded.view().version);
        judge(&self.view());
        check_marks(&self.view());
    }
}

/// Every sending mark lies in a block, and whatever is observed has no PTR and lies in nothing that is served.
#[track_caller]
fn check_marks(view: &View) {
    let declared = &view.declared;
    for mark in declared.sending() {
        assert!(declared.block_of(mark.address).is_some(), "{} is marked, and in no block", mark.address);
    }
    let is_observed = |block: &ptrd_zone::model::Block| block.mode == Mode::Observed;
    for block in declared.blocks().filter(|block| is_observed(block)) {
        let served = declared.all_around(block.id).find(|around| !is_observed(around));
        assert!(served.is_none(), "{} is observed, in {served:?}", block.range);
    }
    for (address, ..) in ptrs(view) {
        let block = declared.block_of(address);
        assert!(!block.is_some_and(|block| is_observed(block)), "{address} is observed, and has a PTR");
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.check();
            self.road.shutdown();
        }
    }
}

pub fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

pub fn line(owner: &Name, rrset: &RrSet) -> String {
    let mut data: Vec<String> =
        rrset.rdatas.iter().map(|rdata| ptrd_testkit::rdata_to_text(rrset.rtype, rdata)).collect();
    data.sort();
    format!("{owner} {} {} {}", rrset.ttl, rrset.rtype, data.join(" | "))
}

pub fn zone_lines(view: &View, apex: &Name) -> Option<Vec<String>> {
    let zone = view.snapshot.zone(apex)?;
    Some(zone.walk(view.snapshot.addresses()).owned().map(|(owner, rrset)| line(&owner, &rrset)).collect())
}

/// All that a view holds, as text.
pub fn everything(view: &View) -> Vec<String> {
    let mut all = vec![format!("defaults {:?}", view.declared.defaults())];
    all.extend(view.declared.ns_sets().map(|set| format!("NS set {set:?}")));
    all.extend(view.declared.soa_templates().map(|template| format!("SOA template {template:?}")));
    all.extend(view.snapshot.access().grants().iter().map(|grant| format!("{grant:?}")));
    all.extend(view.snapshot.keys().iter().map(|key| format!("{key:?} {}", *key.to_base64())));
    all.push(format!("{:?}", view.snapshot.audience()));
    all.extend(view.declared.tenants().map(|tenant| format!("tenant {tenant:?}")));
    all.extend(view.declared.blocks().map(|block| format!("block {block:?}")));
    all.extend(view.declared.sending().map(|mark| format!("{mark:?}")));
    all.extend(companions(view).iter().map(|companion| format!("{companion:?}")));
    for meta in view.declared.zones() {
        let zone = view.snapshot.zone(&meta.apex).expect("content");
        all.extend(zone.backers().map(|backing| format!("backs {backing:?}")));
        let ptrd_zone::ZoneMeta { id, apex, tenant, kind, ns_set, soa_template, serial_policy } = &**meta;
        all.push(format!("zone {id:?}, {apex} {tenant:?} {kind:?} {:?} {}", zone.soa(), zone.soa_ttl()));
        assert_eq!(zone.tenant(), *tenant, "{apex}: whose the published zone is");
        all.push(format!("references of {apex}: {ns_set:?} {soa_template:?} {serial_policy:?}"));
        all.extend(zone_lines(view, &meta.apex).expect("content"));
    }
    assert_eq!(view.snapshot.zone_count(), view.declared.zone_count());
    all.extend(view.snapshot.addresses().named_ranges().map(|named| format!("{named:?}")));
    for (address, ttl, inherited, names) in ptrs(view) {
        all.push(format!("ptr {address} {ttl} {inherited} {names:?}"));
    }
    all
}

fn ptrs(view: &View) -> Vec<(std::net::IpAddr, ptrd_wire::Ttl, bool, Vec<Name>)> {
    let mut all = Vec::new();
    for family in [Family::V4, Family::V6] {
        let mut next = view.snapshot.addresses().next_from(family, 0);
        while let Some(bits) = next {
            let address = ip_from_bits(family, bits);
            let ptr = view.snapshot.addresses().ptr(address).expect("a PTR");
            let mut packed = Vec::new();
            ptr.pack_into(&mut packed);
            let names = ptrd_zone::PtrSet { ttl: None, names: &packed }.to_names();
            all.push((address, ptr.ttl(), ptr.is_inherited(), names));
            next = bits.checked_add(1).and_then(|bits| view.snapshot.addresses().next_from(family, bits));
        }
    }
    all
}

/// Holds every zone against the judge's account of what was declared.
#[track_caller]
pub fn judge(view: &View) {
    for meta in view.declared.zones() {
        let zone = view.snapshot.zone(&meta.apex).expect("content");
        let whole = ptrd_zone::project(&view.declared, &view.snapshot, meta);
        assert_eq!(zone.derived(), whole, "{}: projected in parts and as a whole", meta.apex);
    }
    let mut world = World::new();
    world.defaults = view.declared.defaults().clone();
    world.ns_sets = view.declared.ns_sets().map(|set| (**set).clone()).collect();
    world.soa_templates = view.declared.soa_templates().map(|template| (**template).clone()).collect();
    world.tenants = view.declared.tenants().map(|tenant| (**tenant).clone()).collect();
    world.blocks = view.declared.blocks().map(|block| (**block).clone()).collect();
    // What catalogs hold has a judge of its own.
    for meta in view.declared.zones().filter(|meta| view.declared.catalog(meta.id).is_none()) {
        let zone = view.snapshot.zone(&meta.apex).expect("content");
        world.zones.push(ZoneRow {
            id: meta.id,
            apex: meta.apex.clone(),
            tenant: meta.tenant,
            kind: meta.kind.clone(),
            soa: match meta.soa_template {
                Some(template) => ZoneSoa::Of { template, serial: zone.soa().serial },
                None => ZoneSoa::Own { soa: zone.soa().clone(), ttl: zone.soa_ttl() },
            },
            ns_set: meta.ns_set,
            serial_policy: meta.serial_policy,
        });
        for (key, node) in zone.names().iter() {
            let owner = ptrd_zone::NameTree::owner(&key, node, zone.apex());
            for rrset in node.rrsets() {
                let rrset = rrset.to_rrset();
                world.records.push(ptrd_zone::model::ZoneRecord {
                    zone: meta.id,
                    owner: owner.clone(),
                    rrset,
                });
            }
        }
    }
    world.companions = companions(view);
    world.ptrs = ptrs(view)
        .into_iter()
        .map(|(address, ttl, inherited, names)| (address, ((!inherited).then_some(ttl), names)))
        .collect();
    let flat: BTreeMap<Name, Vec<String>> = ptrd_testkit::flatten(&world)
        .into_iter()
        .map(|(apex, records)| (apex, records.iter().map(|(owner, rrset)| line(owner, rrset)).collect()))
        .collect();
    for (apex, mut expected) in flat {
        let mut shown = zone_lines(view, &apex).expect("content");
        let zone = view.snapshot.zone(&apex).expect("content");
        let soa = RrSet::single(ptrd_wire::RecordType::SOA, zone.soa_ttl(), zone.soa_rdata());
        shown.push(line(zone.apex(), &soa));
        expected.sort();
        shown.sort();
        assert_eq!(shown, expected, "the zone {apex} against the judge");
    }
}

fn companions(view: &View) -> Vec<ptrd_testkit::Companion> {
    let companions = view.declared.companions().map(|(zone, grants)| ptrd_testkit::Companion {
        zone,
        grants: grants.iter().map(|(tenant, name)| (tenant, name.clone())).collect(),
    });
    companions.collect()
}

/// A request in one line: a word for the kind, then its fields in order, then options as `key=value` or words.
pub fn request(line: &str) -> ChangeRequest {
    if let Some(request) = rrsets::read(line) {
        return request;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let options: BTreeMap<&str, &str> = words[1..]
        .iter()
        .filter_map(|word| {
            word.split_once('=').filter(|(k, _)| k.chars().all(|c| c.is_ascii_alphabetic() || c == '_'))
        })
        .collect();
    let plain: Vec<&str> = words[1..]
        .iter()
        .filter(|word| {
            !word.split_once('=').is_some_and(|(k, _)| k.chars().all(|c| c.is_ascii_alphabetic() || c == '_'))
        })
        .copied()
        .collect();
    let flag = |word: &str| plain.contains(&word);
    let text = |key: &str| options.get(key).map(|text| (*text).to_owned());
    let number = |key: &str| options.get(key).map(|text| text.parse().expect("a number"));
    let list = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    let at = |nth: usize| plain.get(nth).map(|text| (*text).to_owned()).unwrap_or_default();
    let names =
        || plain[1..].iter().filter(|w| **w != "lax").map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let ptr = || PtrWrite {
        address: at(0),
        names: names(),
        ttl: number("ttl"),
        lax: flag("lax"),
        expect: text("expect"),
    };
    let record = || RecordWrite {
        owner: at(0),
        rtype: at(1),
        data: plain[2..]
            .join(" ")
            .split(';')
            .map(|data| data.trim().to_owned())
            .filter(|d| !d.is_empty())
            .collect(),
        ttl: number("ttl"),
        zone: text("zone"),
        expect: text("expect"),
    };
    let fate = || {
        options.get("ptrs").map(|fate| match *fate {
            "clear" => PtrFate::Clear,
            "keep" => PtrFate::Keep,
            other => panic!("{other}"),
        })
    };
    match words[0] {
        "catalog-add" => ChangeRequest::CatalogAdd(CatalogAdd {
            catalog: at(0),
            tenant: at(1),
            rules: plain[2..].iter().map(|word| catalog::rule(word)).collect(),
        }),
        "catalog-set" => ChangeRequest::CatalogSet(CatalogSet {
            catalog: at(0),
            rules: plain[1..].iter().map(|word| catalog::rule(word)).collect(),
            unset: text("unset").iter().map(|word| catalog::zones(word)).collect(),
        }),
        "catalog-remove" => ChangeRequest::CatalogRemove { catalog: at(0) },
        "tenant-add" => ChangeRequest::TenantAdd { name: at(0) },
        "tenant-remove" => ChangeRequest::TenantRemove { name: at(0), expect: text("expect") },
        "block" => ChangeRequest::BlockAdd(BlockAdd {
            range: at(0),
            tenant: at(1),
            classless: text("classless").or_else(|| text("label").map(|label| format!("label={label}"))),
            apex: text("apex"),
            own_zone: flag("own-zone"),
            observed: flag("observed"),
            delegate: options.get("delegate").map(|kind| match *kind {
                "zone" => DelegationKind::Zone,
                "classless" => DelegationKind::Classless,
                "ns" => DelegationKind::Ns,
                other => panic!("{other}"),
            }),
            nameservers: options
                .get("ns")
                .map(|list| {
                    list.split(',')
                        .map(|server| {
                            let mut parts = server.split('@');
                            let name = parts.next().unwrap_or_default().to_owned();
                            NameserverSpec { name, addresses: parts.map(str::to_owned).collect() }
                        })
                        .collect()
                })
                .unwrap_or_default(),
            ds: options.get("ds").map(|ds| vec![ds.replace('_', " ")]).unwrap_or_default(),
            default_ttl: number("ttl"),
            template: text("template"),
            template_from: text("from"),
            only_ptrd: flag("only-ptrd"),
            names: text("names"),
            fcrdns: text("fcrdns"),
            may_sub_block: flag("may-sub-block"),
            ns_set: text("ns_set"),
            soa_template: text("soa_template"),
            ptrs: fate(),
        }),
        "unblock" => ChangeRequest::BlockRemove {
            range: at(0),
            clear: flag("clear"),
            ptrs: fate(),
            expect: text("expect"),
        },
        "tenant-set" => {
            ChangeRequest::TenantSet { name: at(0), reseller: text("reseller"), expect: text("expect") }
        }
        "block-set" => ChangeRequest::BlockSet {
            range: at(0),
            set: BlockSetBody {
                may_sub_block: options.get("may_sub_block").map(|text| *text == "yes"),
                template: text("template"),
                template_from: text("from"),
                only_ptrd: flag("only-ptrd"),
                names: text("names"),
                fcrdns: text("fcrdns"),
            },
        },
        "transfer" => ChangeRequest::BlockTransfer {
            range: at(0),
            transfer: TransferBody { to: at(1), ptrs: fate(), recursive: flag("recursive") },
        },
        "suspend" => ChangeRequest::BlockSuspend { range: at(0) },
        "resume" => ChangeRequest::BlockResume { range: at(0) },
        "relabel" => ChangeRequest::BlockRelabel {
            range: at(0),
            label: RelabelBody {
                classless: text("classless").or_else(|| text("label").map(|label| format!("label={label}"))),
                apex: text("apex"),
                grace: options.get("grace").map(|text| text.parse().expect("a number")),
                keep_old: flag("keep-old"),
            },
        },
        "finish" => ChangeRequest::BlockRelabelFinish { range: at(0) },
        "split" => ChangeRequest::BlockSplit {
            range: at(0),
            split: SplitBody {
                at: options.get("at").map(|text| list(text)).unwrap_or_default(),
                into: options.get("into").map(|text| text.parse().expect("a number")),
                grace: options.get("grace").map(|text| text.parse().expect("a number")),
                keep_old: flag("keep-old"),
            },
        },
        "merge" => ChangeRequest::BlockMerge(MergeBody {
            ranges: plain.iter().filter(|w| **w != "keep-old").map(|text| (*text).to_owned()).collect(),
            grace: options.get("grace").map(|text| text.parse().expect("a number")),
            keep_old: flag("keep-old"),
        }),
        "defaults" => ChangeRequest::DefaultsSet(DefaultsSet {
            nameservers: options.get("nameservers").map(|text| list(text)),
            rname: text("rname"),
            refresh: number("refresh"),
            retry: number("retry"),
            expire: number("expire"),
            minimum: number("minimum"),
            zone_ttl: number("zone_ttl"),
            ptr_ttl: number("ptr_ttl"),
            expect: text("expect"),
        }),
        "ns-set-add" | "ns-set" => {
            let write = NsSetWrite {
                name: at(0),
                nameservers: options.get("ns").map(|text| list(text)),
                ttl: number("ttl"),
                inherit_ttl: flag("inherit-ttl"),
                expect: text("expect"),
            };
            let add = words[0] == "ns-set-add";
            if add { ChangeRequest::NsSetAdd(write) } else { ChangeRequest::NsSetSet(write) }
        }
        "ns-set-rename" => ChangeRequest::NsSetRename { name: at(0), to: at(1), expect: text("expect") },
        "ns-set-remove" => ChangeRequest::NsSetRemove { name: at(0), expect: text("expect") },
        "soa-template-add" | "soa-template" => {
            let write = SoaTemplateWrite {
                name: at(0),
                mname: text("mname"),
                inherit_mname: flag("inherit-mname"),
                rname: text("rname"),
                refresh: number("refresh"),
                retry: number("retry"),
                expire: number("expire"),
                minimum: number("minimum"),
                ttl: number("ttl"),
                inherit_ttl: flag("inherit-ttl"),
                serial_policy: text("policy"),
                expect: text("expect"),
            };
            let add = words[0] == "soa-template-add";
            if add { ChangeRequest::SoaTemplateAdd(write) } else { ChangeRequest::SoaTemplateSet(write) }
        }
        "soa-template-rename" => {
            ChangeRequest::SoaTemplateRename { name: at(0), to: at(1), expect: text("expect") }
        }
        "soa-template-remove" => ChangeRequest::SoaTemplateRemove { name: at(0), expect: text("expect") },
        "zone-set" => ChangeRequest::ZoneSet(ZoneSet {
            apexes: plain.iter().map(|text| (*text).to_owned()).collect(),
            ns_set: text("ns_set"),
            soa_template: text("soa_template"),
            serial_policy: text("policy"),
            powerdns_kind: text("kind"),
            companion: options.get("companion").map(|text| *text == "on"),
            expect: text("expect"),
        }),
        "sending" => ChangeRequest::SendingSet(SendingWrite {
            address: at(0),
            helo: at(1),
            mta: text("mta"),
            domains: options.get("domains").map(|text| list(text)).unwrap_or_default(),
            expect: text("expect"),
        }),
        "sending-clear" => ChangeRequest::SendingClear(SendingClear { range: at(0), expect: text("expect") }),
        "ptr" => ChangeRequest::PtrSet(ptr()),
        "pending-drop" => ChangeRequest::PendingDrop { address: at(0) },
        "ptr-add" => ChangeRequest::PtrAdd(ptr()),
        "ptr-delete" => ChangeRequest::PtrDelete { address: at(0), names: names(), expect: text("expect") },
        "fill" => ChangeRequest::PtrFill(PtrFill {
            range: at(0),
            pattern: at(1),
            start: number("start").unwrap_or(0).into(),
            ttl: number("ttl"),
            keep: flag("keep"),
            lax: flag("lax"),
        }),
        "record" => ChangeRequest::RecordSet(record()),
        "record-add" => ChangeRequest::RecordAdd(record()),
        "record-delete" => {
            let write = if plain.len() > 1 { record() } else { RecordWrite::default() };
            ChangeRequest::RecordDelete {
                owner: at(0),
                rtype: plain.get(1).map(|text| (*text).to_owned()),
                data: write.data,
                zone: text("zone"),
                expect: text("expect"),
            }
        }
        "zone-add" => ChangeRequest::ZoneAdd {
            apex: at(0),
            tenant: at(1),
            start: ZoneStart {
                ns_set: text("ns_set"),
                soa_template: text("soa_template"),
                companion: flag("companion"),
            },
        },
        "names-allow" => ChangeRequest::NamesAllow(NameGrantWrite { name: at(0), tenant: at(1) }),
        "names-revoke" => ChangeRequest::NamesRevoke(NameGrantWrite { name: at(0), tenant: at(1) }),
        "zone-remove" => ChangeRequest::ZoneRemove { apex: at(0), expect: text("expect") },
        other => panic!("no request {other}"),
    }
}

//! What the tests of this folder share: the real engine behind the test kit's [`Answerer`].

pub mod api;
pub mod browser;
pub mod daemon;
pub mod estate;
pub mod follower;
pub mod following;
pub mod hook;
pub mod hostile;
pub mod internet;
pub mod mailers;
pub mod powerdns;
pub mod presigned;
pub mod primary;
pub mod producer;
pub mod reported;
pub mod resolving;
pub mod secondary;
pub mod sockets;
pub mod updater;

use ptrd_engine::{
    Asker, CookieSecrets, Engine, Limiter, Policy, RateLimit, RateLimitSettings, Transport, Worker,
};
use ptrd_testkit::{Answerer, FlatZone, NOW, Reply, Transport as Arrival, World};
use ptrd_tsig::{Key, KeyTable};
use ptrd_wire::{Name, RecordType, RrSet, Ttl};
use ptrd_xfr::{Axfr, Question};
use ptrd_zone::catalog::{Catalog, Membership, content};
use ptrd_zone::model::ZoneKind;
use ptrd_zone::{
    Access, Action, AddressLoader, CatalogKind, Declared, Form, Grant, NameGrants, Scope, Snapshot, View,
    Zone, ZoneMeta, fill_companions, pack_names, project, resolve_apex,
};
use std::net::IpAddr;
use std::sync::Arc;

/// The engine over a snapshot that was projected from a World.
#[derive(Default)]
pub struct EngineAnswerer {
    engine: Engine,
    snapshot: Snapshot,
    worker: Worker,
}

/// Whence every question is asked.
pub const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7));

impl EngineAnswerer {
    /// The reply to a request that came so.
    pub fn ask(&mut self, request: &[u8], transport: Transport) -> Vec<u8> {
        let mut out = vec![0xaa; 65_535];
        let nanos = NOW * 1_000_000_000;
        let asker = Asker { peer: PEER, transport, now: NOW, nanos };
        let length = self.engine.answer(&asker, request, &mut out, &self.snapshot, &mut self.worker);
        out.truncate(length);
        out
    }
}

impl Answerer for EngineAnswerer {
    fn load(&mut self, world: &World) {
        let mut policy = Policy::default();
        policy.version = world.server.version.clone();
        policy.server_id = world.server.id.clone();
        policy.nsid = world.server.nsid.clone();
        policy.cookies = Some(CookieSecrets::new([7; 16], None));
        policy.set_udp_size(world.server.udp_limit as u16);
        self.worker = Worker::default();
        if let Some(limit) = &world.server.rate_limit {
            let settings = RateLimitSettings {
                responses_per_second: limit.responses,
                nxdomains_per_second: limit.nxdomains,
                referrals_per_second: limit.referrals,
                errors_per_second: limit.errors,
                slip: limit.slip,
                window: 1,
                exempt: limit.exempt.clone(),
                ..RateLimitSettings::default()
            };
            policy.rate_limit = Some(RateLimit::new(settings).expect("limits within bounds"));
            self.worker = Worker::limited_by(Limiter::new(1024, [1, 2], 1));
        }
        self.engine = Engine::new(policy);
        self.snapshot = snapshot_of(world);
        self.snapshot.set_keys(Arc::new(keys_of(world)));
    }

    fn answer(&mut self, query: &[u8], transport: Arrival) -> Option<Vec<u8>> {
        let transport = match transport {
            Arrival::Udp => Transport::Udp,
            Arrival::Tcp => Transport::Tcp,
        };
        Some(self.ask(query, transport)).filter(|reply| !reply.is_empty())
    }

    fn zone(&mut self, apex: &Name) -> Option<FlatZone> {
        let zone = self.snapshot.zone(apex)?;
        Some(transferred(Axfr::new(zone.clone(), &self.snapshot, Form::Records), apex))
    }
}

/// The zone that the messages of a transfer add up to, its SOA once.
fn transferred(mut axfr: Axfr, apex: &Name) -> FlatZone {
    let octets = [apex.as_wire(), &[0, 252, 0, 1]].concat().into();
    let question = Question { id: 7, flags: 0, octets, edns: false, padded: false };
    let (mut room, mut records) = (vec![0xaa; 65_535], Vec::new());
    while let Some(message) = axfr.next_message(&question, &mut room, 0) {
        let length = message.expect("records fit into messages");
        let reply = Reply::decode(&room[..length]).expect("a message of a transfer");
        assert!(records.is_empty() != reply.question.is_empty(), "the first message alone has the question");
        records.extend(reply.answer);
    }
    let ends = (records.first().cloned(), records.pop());
    assert!(ends.0.as_ref().is_some_and(|soa| soa.rtype == RecordType::SOA), "a SOA comes first");
    assert_eq!(ends.0, ends.1, "and last");
    let mut flat = FlatZone::new();
    for record in records {
        let rdata = record.rdata.into_boxed_slice();
        match flat.last_mut() {
            Some((owner, rrset)) if *owner == record.owner && rrset.rtype == record.rtype => {
                rrset.rdatas.push(rdata);
            }
            _ => {
                let ttl = Ttl::from_secs(record.ttl);
                flat.push((record.owner, RrSet { rtype: record.rtype, ttl, rdatas: vec![rdata] }));
            }
        }
    }
    flat
}

/// The keys that a World declares.
fn keys_of(world: &World) -> KeyTable {
    let key = |shared: &ptrd_testkit::SharedKey| {
        let algorithm = shared.algorithm.to_string().parse().expect("an algorithm");
        let key = Key::new(shared.name.clone(), algorithm, &shared.secret).expect("a key");
        let shortest = shared.shortest_mac;
        shortest.map_or(Ok(key.clone()), |octets| key.with_shortest_mac(octets)).expect("a length")
    };
    KeyTable::new(world.server.keys.iter().map(key)).expect("names that differ")
}

/// The snapshot of what a World declares.
pub fn snapshot_of(world: &World) -> Snapshot {
    let (mut declared, mut snapshot) = (Declared::default(), Snapshot::default());
    declared.set_defaults(world.defaults.clone());
    world.tenants.iter().for_each(|tenant| declared.put_tenant(tenant.clone()));
    world.blocks.iter().for_each(|block| declared.put_block(block.clone()));
    world.ns_sets.iter().for_each(|set| declared.put_ns_set(set.clone()));
    world.soa_templates.iter().for_each(|template| declared.put_soa_template(template.clone()));
    for row in &world.zones {
        let view = match &row.kind {
            ZoneKind::Range(prefix) => View::Range(*prefix),
            ZoneKind::Classless { range, .. } => {
                View::Classless { first: range.first_bits() as u32, last: range.last_bits() as u32 }
            }
            ZoneKind::Verbatim => View::Verbatim,
        };
        let meta = ZoneMeta::of(row);
        // What a template gives is resolved below, and stands in the place of this.
        let (soa, ttl) = world.soa(row);
        let mut zone = Zone::new(row.id, row.apex.clone(), view, soa, ttl);
        zone.set_tenant(row.tenant);
        let records = world.records.iter().filter(|record| record.zone == row.id);
        zone.apply_records(records.map(|r| (r.owner.clone(), r.rrset.rtype, Some(r.rrset.clone()))));
        if let Some(template) = row.soa.template().and_then(|id| declared.soa_template(id)) {
            zone.set_soa(template.soa(row.soa.serial(), None), Ttl::from_secs(0));
        }
        resolve_apex(&declared, &meta, &mut zone);
        // Worlds may hold zones that are signed by halves: the test of those is that they are not answered for.
        let _ = zone.examine();
        snapshot.put_zone(zone);
        declared.put_zone(meta);
    }
    let grant = |catalog: &ptrd_testkit::Catalog| Grant {
        scope: Scope::Zone(catalog.zone),
        action: Action::Transfer,
        from: catalog.from,
        key: catalog.key.clone(),
    };
    snapshot.set_access(Access::new(world.catalogs.iter().map(grant)));
    declared.set_catalogs(world.catalogs.iter().map(|catalog| {
        let mut all = Catalog::default();
        all.put(Scope::All, Membership::Listed { group: None, moves_to: None });
        (catalog.zone, all)
    }));
    for (id, catalog) in declared.catalogs() {
        let Some(zone) = declared.zone_by_id(id).and_then(|meta| snapshot.zone(&meta.apex)) else { continue };
        let mut zone = Zone::clone(zone);
        zone.set_catalog(Some(CatalogKind::Produced));
        zone.apply_records(content(&declared, catalog, &zone.apex().clone()));
        snapshot.put_zone(zone);
    }
    let mut loader = AddressLoader::default();
    for (address, (ttl, names)) in &world.ptrs {
        let effective = ttl.unwrap_or_else(|| declared.inherited_ttl(*address));
        loader.push(*address, effective, ttl.is_none(), &pack_names(names));
    }
    loader.finish(&mut snapshot);
    snapshot.apply_all_templates(&declared);
    declared.set_companions(world.companions.iter().map(|companion| {
        let mut grants = NameGrants::default();
        companion.grants.iter().for_each(|(tenant, name)| grants.put(*tenant, name.clone()));
        (companion.zone, grants)
    }));
    fill_companions(&declared, &mut snapshot);
    for meta in declared.zones().cloned().collect::<Vec<_>>() {
        let derived = project(&declared, &snapshot, &meta);
        if let Some(zone) = snapshot.zone(&meta.apex) {
            let mut zone = Zone::clone(zone);
            zone.set_derived(derived);
            snapshot.put_zone(zone);
        }
    }
    snapshot
}

//! What operators and customers declared, as plain data with conveniences to build it.
//!
//! A World is not checked: the generator and the scripts build consistent ones (blocks nest or are disjoint, CNAME,
//! DNAME and NS exclude a PTR at an address). RFC 2317 and RFC 4183 for the apexes of classless zones.

use crate::signing::SharedKey;
use ptrd_wire::{AddrRange, Name, RecordType, ReversePrefix, RrSet, Serial, Soa, Ttl, classless_label};
use ptrd_zone::model::{
    Block, BlockId, BlockTemplate, Defaults, FormerLabel, LabelStyle, Mode, NsSet, NsSetId, SoaTemplate,
    SoaTemplateId, Standing, Tenant, TenantId, ZoneId, ZoneKind, ZoneRecord, ZoneRow, ZoneSoa,
};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What the server itself is told, apart from zones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The payload of NSID (RFC 5001); `None`: none is sent.
    pub nsid: Option<Vec<u8>>,
    /// The answer to `version.bind CH TXT`; `None`: hidden.
    pub version: Option<String>,
    /// The answer to `id.server CH TXT` (RFC 4892); `None`: hidden.
    pub id: Option<String>,
    /// The largest UDP message sent, octets.
    pub udp_limit: usize,
    /// The rate limit of answers over UDP, the client's network having used nothing of it; `None`: there is none.
    pub rate_limit: Option<RateLimit>,
    /// The keys that it shares with others (RFC 8945).
    pub keys: Vec<SharedKey>,
}

/// How many answers over UDP a network may have. Time stands still while a script runs, so what is used up stays used
/// up, and a rate is a number of answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Answers of any kind.
    pub responses: u32,
    /// NXDOMAIN and NODATA of one zone.
    pub nxdomains: u32,
    /// Referrals.
    pub referrals: u32,
    /// Errors.
    pub errors: u32,
    /// Of so many over the limit one is answered after all, without records.
    pub slip: u32,
    /// Networks without a limit.
    pub exempt: Vec<AddrRange>,
}

impl Default for RateLimit {
    /// No limit, and one of two over it answered.
    fn default() -> RateLimit {
        RateLimit { responses: 0, nxdomains: 0, referrals: 0, errors: 0, slip: 2, exempt: Vec::new() }
    }
}

impl Default for Server {
    fn default() -> Server {
        Server { nsid: None, version: None, id: None, udp_limit: 1232, rate_limit: None, keys: Vec::new() }
    }
}

/// A catalog of all other zones (RFC 9432), and who may transfer it: whoever meets all conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalog {
    /// The zone that it is.
    pub zone: ZoneId,
    /// From where.
    pub from: Option<AddrRange>,
    /// With which key.
    pub key: Option<Name>,
}

/// A companion forward zone (addresses follow in it from PTRs), and which tenants hold names in it besides its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Companion {
    /// The zone that it is.
    pub zone: ZoneId,
    /// The names, each with all below it.
    pub grants: Vec<(TenantId, Name)>,
}

/// Everything declared: the input of the projection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// The server's own settings.
    pub server: Server,
    /// The last resort for TTLs.
    pub defaults: Defaults,
    /// The NS sets; the first is what new native zones reference.
    pub ns_sets: Vec<NsSet>,
    /// The SOA templates; the first is what new native zones reference.
    pub soa_templates: Vec<SoaTemplate>,
    /// The tenants.
    pub tenants: Vec<Tenant>,
    /// The blocks, in the order of declaration.
    pub blocks: Vec<Block>,
    /// The zones served here.
    pub zones: Vec<ZoneRow>,
    /// The records that are not derived.
    pub records: Vec<ZoneRecord>,
    /// The zones that are catalogs.
    pub catalogs: Vec<Catalog>,
    /// The zones that are companions.
    pub companions: Vec<Companion>,
    /// The PTR RRsets by address: TTL of their own, if any, and names.
    pub ptrs: BTreeMap<IpAddr, (Option<Ttl>, Vec<Name>)>,
}

impl Default for World {
    fn default() -> World {
        World::new()
    }
}

impl World {
    /// Nothing declared; nameservers `ns1.example.net.` and `ns2.example.net.`, zone TTL 86 400, PTR TTL 3 600,
    /// negative TTL 3 600.
    pub fn new() -> World {
        let name = |text: &str| text.parse().expect("a literal name");
        World {
            server: Server::default(),
            defaults: Defaults::default(),
            ns_sets: vec![NsSet {
                nameservers: vec![name("ns1.example.net."), name("ns2.example.net.")],
                ..NsSet::first()
            }],
            soa_templates: vec![SoaTemplate {
                rname: name("hostmaster.example.net."),
                ..SoaTemplate::first()
            }],
            tenants: Vec::new(),
            blocks: Vec::new(),
            zones: Vec::new(),
            records: Vec::new(),
            catalogs: Vec::new(),
            companions: Vec::new(),
            ptrs: BTreeMap::new(),
        }
    }

    /// The tenant of this name, added if there is none.
    pub fn tenant(&mut self, name: &str) -> TenantId {
        if let Some(tenant) = self.tenants.iter().find(|tenant| tenant.name == name) {
            return tenant.id;
        }
        let id = TenantId(self.tenants.len() as u32 + 1);
        self.tenants.push(Tenant { id, name: name.to_owned(), reseller: None });
        id
    }

    /// Adds a block, and no zone.
    pub fn block(&mut self, range: AddrRange, tenant: TenantId, mode: Mode, ttl: Option<Ttl>) -> BlockId {
        let id = BlockId(self.blocks.iter().map(|block| block.id.0).max().unwrap_or(0) + 1);
        let standing = Standing::default();
        let template = BlockTemplate::Inherit;
        self.blocks.push(Block { id, range, tenant, mode, default_ttl: ttl, template, standing });
        id
    }

    /// Adds a zone with this SOA, and no NS.
    pub fn zone(&mut self, apex: Name, tenant: TenantId, kind: ZoneKind, soa: Soa, soa_ttl: Ttl) -> ZoneId {
        let id = ZoneId(self.zones.iter().map(|zone| zone.id.0).max().unwrap_or(0) + 1);
        let soa = ZoneSoa::Own { soa, ttl: soa_ttl };
        self.zones.push(ZoneRow { id, apex, tenant, kind, soa, ns_set: None, serial_policy: None });
        id
    }

    /// Adds a zone that starts as the first NS set and the first SOA template say: a native one references them, a
    /// verbatim one copies them.
    pub fn zone_with_defaults(&mut self, apex: Name, tenant: TenantId, kind: ZoneKind) -> ZoneId {
        let (set, template) = (self.ns_sets[0].clone(), self.soa_templates[0].clone());
        let is_native = kind != ZoneKind::Verbatim;
        let ttl = self.defaults.zone_ttl;
        let soa = template.soa(Serial(1), set.nameservers.first().cloned());
        let zone = self.zone(apex.clone(), tenant, kind, soa, template.ttl.unwrap_or(ttl));
        if is_native {
            let row = self.zones.last_mut().expect("the zone just added");
            row.soa = ZoneSoa::Of { template: template.id, serial: Serial(1) };
            row.ns_set = Some(set.id);
        } else {
            for nameserver in &set.nameservers {
                self.record(zone, apex.clone(), RecordType::NS, set.ttl.unwrap_or(ttl), nameserver.as_wire());
            }
        }
        zone
    }

    /// Adds a catalog of all other zones.
    pub fn catalog(&mut self, apex: Name, tenant: TenantId, from: Option<AddrRange>, key: Option<Name>) {
        let nowhere: Name = "invalid.".parse().expect("a literal name");
        let (refresh, retry, expire, minimum) = (3_600, 600, 2_147_483_646, Ttl::from_secs(0));
        let (mname, rname, serial) = (nowhere.clone(), nowhere, Serial(1));
        let soa = Soa { mname, rname, serial, refresh, retry, expire, minimum };
        let zone = self.zone(apex, tenant, ZoneKind::Verbatim, soa, Ttl::from_secs(0));
        self.catalogs.push(Catalog { zone, from, key });
    }

    /// The NS RRset at the apex of a zone: its own, else that of its NS set.
    pub fn apex_ns(&self, zone: &ZoneRow) -> Option<RrSet> {
        let own = self
            .records
            .iter()
            .find(|r| r.zone == zone.id && r.owner == zone.apex && r.rrset.rtype == RecordType::NS);
        if let Some(own) = own {
            return Some(own.rrset.clone());
        }
        let set: NsSetId = zone.ns_set?;
        let set = self.ns_sets.iter().find(|known| known.id == set)?;
        Some(RrSet {
            rtype: RecordType::NS,
            ttl: set.ttl.unwrap_or(self.defaults.zone_ttl),
            rdatas: set.nameservers.iter().map(|name| name.as_wire().into()).collect(),
        })
    }

    /// The SOA of a zone and its TTL: its own, else that of its SOA template.
    ///
    /// # Panics
    /// When the zone references a template that is not there.
    pub fn soa(&self, zone: &ZoneRow) -> (Soa, Ttl) {
        let (template, serial): (SoaTemplateId, Serial) = match &zone.soa {
            ZoneSoa::Own { soa, ttl } => return (soa.clone(), *ttl),
            ZoneSoa::Of { template, serial } => (*template, *serial),
        };
        let found = self.soa_templates.iter().find(|known| known.id == template);
        let template = found.expect("a template that is there");
        let first = || {
            let ns = self.apex_ns(zone)?;
            Name::from_wire(ns.rdatas.first()?).ok()
        };
        let soa = Soa {
            mname: template.mname.clone().or_else(first).unwrap_or_else(Name::root),
            rname: template.rname.clone(),
            serial,
            refresh: template.refresh,
            retry: template.retry,
            expire: template.expire,
            minimum: template.minimum,
        };
        (soa, template.ttl.unwrap_or(self.defaults.zone_ttl))
    }

    /// Makes a zone a companion.
    pub fn companion(&mut self, zone: ZoneId) {
        self.companions.push(Companion { zone, grants: Vec::new() });
    }

    /// Whether a zone is a companion in which this tenant holds a name.
    pub fn holds(&self, zone: &ZoneRow, tenant: TenantId, name: &Name) -> bool {
        let companion = self.companions.iter().find(|companion| companion.zone == zone.id);
        companion.is_some_and(|companion| {
            let granted = |(to, at): &(TenantId, Name)| *to == tenant && name.is_at_or_under(at);
            zone.tenant == tenant || companion.grants.iter().any(granted)
        })
    }

    /// Adds a native zone for a prefix, with SOA and NS from the defaults.
    pub fn range_zone(&mut self, prefix: ReversePrefix, tenant: TenantId) -> ZoneId {
        self.zone_with_defaults(prefix.name(), tenant, ZoneKind::Range(prefix))
    }

    /// Adds the classless zone of a block of mode classless, with SOA and NS from the defaults.
    pub fn classless_zone(&mut self, block: BlockId) -> Option<ZoneId> {
        let found = self.blocks.iter().find(|b| b.id == block)?;
        let (tenant, range, apex) = (found.tenant, found.range, found.mode.classless_apex()?.clone());
        Some(self.zone_with_defaults(apex, tenant, ZoneKind::Classless { block, range }))
    }

    /// Keeps answering for a label that the block had before: in a zone served here, or, where the customer's
    /// nameservers answer, at a cut with what the block's own one has.
    pub fn former_label(&mut self, block: BlockId, apex: Name) -> Option<ZoneId> {
        let found = self.blocks.iter_mut().find(|b| b.id == block)?;
        let delegation = found.mode.delegation().cloned();
        let is_served = delegation.is_none();
        let (tenant, range) = (found.tenant, found.range);
        found.standing.former.push(FormerLabel { apex: apex.clone(), delegation, until: None });
        is_served.then(|| self.zone_with_defaults(apex, tenant, ZoneKind::Classless { block, range }))
    }

    /// Whether a block around the range keeps its addresses from being shown.
    pub fn is_withheld(&self, range: &AddrRange) -> bool {
        self.blocks.iter().any(|block| block.standing.suspended && block.range.covers(range))
    }

    /// Adds a record to its RRset, which keeps the TTL that it has; the same data twice counts once.
    pub fn record(&mut self, zone: ZoneId, owner: Name, rtype: RecordType, ttl: Ttl, rdata: &[u8]) {
        let found =
            self.records.iter_mut().find(|r| r.zone == zone && r.owner == owner && r.rrset.rtype == rtype);
        match found {
            Some(record) if record.rrset.rdatas.iter().any(|known| **known == *rdata) => {}
            Some(record) => record.rrset.rdatas.push(rdata.into()),
            None => {
                self.records.push(ZoneRecord { zone, owner, rrset: RrSet::single(rtype, ttl, rdata) });
            }
        }
    }

    /// Adds names to the PTR RRset of an address.
    pub fn ptr(&mut self, address: IpAddr, ttl: Option<Ttl>, names: impl IntoIterator<Item = Name>) {
        let entry = self.ptrs.entry(address).or_insert_with(|| (ttl, Vec::new()));
        for name in names {
            if !entry.1.contains(&name) {
                entry.1.push(name);
            }
        }
    }

    /// The zone with this apex.
    pub fn zone_at(&self, apex: &Name) -> Option<&ZoneRow> {
        self.zones.iter().find(|zone| zone.apex == *apex)
    }

    /// The deepest zone whose apex is at or above `name`.
    pub fn zone_holding(&self, name: &Name) -> Option<&ZoneRow> {
        self.zones
            .iter()
            .filter(|zone| name.is_at_or_under(&zone.apex))
            .max_by_key(|zone| zone.apex.label_count())
    }

    /// The deepest zone whose apex is above `name` and not it.
    pub fn zone_above(&self, name: &Name) -> Option<&ZoneRow> {
        name.parent().and_then(|parent| self.zone_holding(&parent))
    }

    /// The blocks that contain the whole range, the widest first. A block of exactly this range is one of them.
    pub fn blocks_around(&self, range: &AddrRange) -> Vec<&Block> {
        let mut around: Vec<&Block> = self.blocks.iter().filter(|block| block.range.covers(range)).collect();
        around.sort_by_key(|block| std::cmp::Reverse(block.range.size()));
        around
    }
}

/// The apex of a classless zone in the given style: a label below the name of the /24 (RFC 2317 §4). `None` when the
/// style cannot spell the range.
pub fn classless_apex(range: &AddrRange, style: &LabelStyle) -> Option<Name> {
    let label = match style {
        LabelStyle::FirstLen => classless_label(range, '-', false)?,
        LabelStyle::FirstLast => classless_label(range, '-', true)?,
        LabelStyle::Slash => classless_label(range, '/', false)?,
        LabelStyle::Label(label) => label.clone(),
    };
    Name::parse_relative(&label, &ReversePrefix::new(range.first(), 3).name()).ok()
}

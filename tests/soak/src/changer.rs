//! Changers: clients of the admin socket that write down what they asked for, when, and what they were told.

use crate::ground::{Purpose, Region, below};
use crate::random::Random;
use crate::service::Stage;
use crate::structure;
use ptrd_suite::daemon::{Client, PATIENCE};
use ptrd_wire::{Family, Name, Serial, ip_to_bits};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A change that a client asked for.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Its reason, which no other change has.
    pub token: String,
    /// When it was sent, nanoseconds since the start.
    pub sent: u64,
    /// When the answer was there, or the connection gone.
    pub got: u64,
    /// What the answer was.
    pub outcome: Outcome,
    /// The request, for messages.
    pub request: String,
    /// The PTR RRsets that it leaves, where the request says so: all that the change touches.
    pub wrote: Option<Vec<(IpAddr, Option<Name>)>>,
}

/// What became of it, as far as the client knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was acknowledged.
    Done {
        /// Its number; `None`: nothing had to change.
        change: Option<u64>,
        /// Zones with their new serials.
        serials: Vec<(Name, Serial)>,
    },
    /// It was refused, with this status.
    Refused(u16),
    /// The connection was gone before an answer came.
    Cut,
}

/// One changer.
pub(crate) struct Changer<'a> {
    pub stage: &'a Stage,
    pub number: usize,
    pub random: Random,
    pub pause: Duration,
    client: Option<Client>,
    attempts: Vec<Attempt>,
}

impl<'a> Changer<'a> {
    pub fn new(stage: &'a Stage, number: usize, seed: u64, pause: Duration) -> Changer<'a> {
        let random = Random::new(seed ^ (number as u64) << 32);
        Changer { stage, number, random, pause, client: None, attempts: Vec::new() }
    }

    /// Changes PTRs until told to stop.
    pub fn run_ptrs(self) -> Vec<Attempt> {
        self.run(Changer::change_ptrs)
    }

    /// Changes blocks, zones, records and what zones reference, until told to stop.
    pub fn run_structure(self) -> Vec<Attempt> {
        self.run(structure::change)
    }

    fn run(mut self, change: fn(&mut Changer<'a>)) -> Vec<Attempt> {
        while !self.stage.stop_changing.load(Ordering::Relaxed) {
            change(&mut self);
            let most = self.pause.as_micros() as usize * 2;
            std::thread::sleep(Duration::from_micros(self.random.below(most.max(1)) as u64));
        }
        self.attempts
    }

    /// What was tried so far.
    pub fn into_attempts(self) -> Vec<Attempt> {
        self.attempts
    }

    /// A name that no other change gives.
    fn fresh(&self) -> String {
        format!("v{}-{}.soak.example.org.", self.number, self.attempts.len())
    }

    fn change_ptrs(&mut self) {
        let regions: Vec<&Region> =
            self.stage.ground.regions.iter().filter(|region| region.range.is_some()).collect();
        let region = *self.random.pick(&regions);
        let Some(address) = region.pick(&mut self.random) else { return };
        match self.random.below(100) {
            0..62 => {
                let name = self.fresh();
                let mut request = json!({"kind": "ptr-set", "address": address.to_string(), "names": [name]});
                if self.random.once_in(4) {
                    request["ttl"] = json!(60 + self.random.below(1_000));
                }
                self.post(&request, Some(vec![(address, Some(parsed(&name)))]));
            }
            62..78 => {
                let request = json!({"kind": "ptr-delete", "address": address.to_string()});
                self.post(&request, Some(vec![(address, None)]));
            }
            78..84 => {
                let name = self.fresh();
                self.post(&json!({"kind": "ptr-add", "address": address.to_string(), "names": [name]}), None);
            }
            84..93 => self.import(region),
            93..97 => self.fill(region),
            _ => self.roll_back(),
        }
    }

    /// Many addresses in one change, some of the few among them.
    fn import(&mut self, region: &Region) {
        let few = region.addresses();
        let mut rows: Vec<(IpAddr, Option<Name>)> = Vec::new();
        let name = self.fresh();
        let mut body = String::new();
        let step = if region.purpose == Purpose::Mass { 37 } else { 1 };
        let more = (0..if region.purpose == Purpose::Mass { 120 } else { 6 })
            .map(|nth| region.address(10 + nth * step));
        for address in few.iter().copied().take(self.random.below(few.len() + 1)).chain(more) {
            if !rows.iter().any(|(known, _)| *known == address) {
                let _ = writeln!(body, "{address},{name}");
                rows.push((address, Some(parsed(&name))));
            }
        }
        self.send("/v1/ptrs/import", &body, Some(rows));
    }

    /// A part of a region by a pattern.
    fn fill(&mut self, region: &Region) {
        let (start, length) = match region.purpose {
            Purpose::Mass => (self.random.below(512) as u128 * 128, 25),
            Purpose::Six => (0, 124),
            _ => (self.random.below(16) as u128 * 16, 28),
        };
        let address = region.address(start);
        let label = format!("f{}-{}", self.number, self.attempts.len());
        let size = 1u128 << (address_bits(address) - length);
        let rows = (0..size).map(|n| {
            let name = format!("{label}-{n}.soak.example.org.");
            (region.address(start + n), Some(parsed(&name)))
        });
        let rows = rows.collect();
        let pattern = format!("{label}-{{n}}.soak.example.org.");
        self.post(
            &json!({"kind": "ptr-fill", "range": format!("{address}/{length}"), "pattern": pattern}),
            Some(rows),
        );
    }

    /// Undoes one of the newest changes, if nothing came over it.
    pub fn roll_back(&mut self) {
        let newest = self.stage.newest.load(Ordering::Relaxed);
        let change = newest.saturating_sub(self.random.below(6) as u64);
        self.post(&json!({"kind": "rollback", "change": change}), None);
    }

    /// Any change as JSON.
    pub fn post(&mut self, request: &Value, wrote: Option<Vec<(IpAddr, Option<Name>)>>) {
        self.send("/v1/changes", &request.to_string(), wrote);
    }

    fn send(&mut self, path: &str, body: &str, wrote: Option<Vec<(IpAddr, Option<Name>)>>) {
        let token = format!("soak {}-{}", self.number, self.attempts.len());
        // A connection that was closed while it was idle took nothing with it, but nobody can tell: what is sent on a
        // kept one counts as cut off when it goes.
        if self.client.is_none() {
            self.client = connect(self.stage);
        }
        let sent = self.stage.now();
        let lines = format!("ptrd-reason: {token}\r\n");
        let answer = self.client.as_mut().and_then(|client| client.request_with(&lines, "POST", path, body));
        let outcome = match answer {
            None => {
                self.client = None;
                Outcome::Cut
            }
            Some((200, body)) => done(&body),
            Some((status, _)) => Outcome::Refused(status),
        };
        let got = self.stage.now();
        if let Outcome::Done { change: Some(change), .. } = outcome {
            self.stage.newest.fetch_max(change, Ordering::Relaxed);
        }
        let request = body.chars().take(300).collect();
        self.attempts.push(Attempt { token, sent, got, outcome, request, wrote });
    }

    /// Whether the last attempt was acknowledged; what it came to, otherwise.
    pub fn last(&self) -> Option<&Attempt> {
        self.attempts.last()
    }
}

fn connect(stage: &Stage) -> Option<Client> {
    let patience = stage.now() + PATIENCE.as_nanos() as u64;
    loop {
        if let Some(client) = Client::connect(&stage.socket) {
            return Some(client);
        }
        if stage.now() > patience {
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn address_bits(address: IpAddr) -> u32 {
    if ip_to_bits(address).0 == Family::V4 { 32 } else { 128 }
}

fn parsed(name: &str) -> Name {
    name.parse().expect("a name")
}

fn done(body: &str) -> Outcome {
    let json: Value = serde_json::from_str(body).expect("an answer is JSON");
    let steps = json["zones"].as_array().into_iter().flatten();
    let serials = steps.filter_map(|step| {
        let serial = u32::try_from(step["serial"].as_u64()?).ok()?;
        Some((step["apex"].as_str()?.parse().ok()?, Serial(serial)))
    });
    Outcome::Done { change: json["change"].as_u64(), serials: serials.collect() }
}

/// What there is before the load begins.
pub(crate) fn settle(stage: &Stage, filled: u32) -> Vec<Attempt> {
    let mut changer = Changer::new(stage, 0, 0, Duration::ZERO);
    let mut must = |request: Value| {
        changer.post(&request, None);
        let last = changer.last().expect("it was tried");
        assert!(matches!(last.outcome, Outcome::Done { .. }), "{last:?}");
    };
    let names = ["ns1.ns.example.org.", "ns2.ns.example.org."];
    must(json!({"kind": "defaults-set", "nameservers": names, "rname": "hostmaster.example.org."}));
    for tenant in crate::ground::TENANTS {
        must(json!({"kind": "tenant-add", "name": tenant}));
    }
    for (nth, region) in stage.ground.regions.iter().enumerate() {
        let tenant = crate::ground::TENANTS[nth % 4];
        let Some(range) = region.range else {
            must(json!({"kind": "zone-add", "apex": region.apex.to_string(), "tenant": tenant}));
            continue;
        };
        must(json!({"kind": "block-add", "range": range.to_string(), "tenant": tenant}));
        let pattern = format!("{{ip}}.pool{nth}.example.org.");
        let part = match region.purpose {
            Purpose::Mass => format!("{}/{}", range.first(), 32 - filled.trailing_zeros()),
            Purpose::Six => format!("{}/118", range.first()),
            _ => range.to_string(),
        };
        must(json!({"kind": "ptr-fill", "range": part, "pattern": pattern}));
        if region.purpose == Purpose::Busy {
            structure::furnish(region, tenant).into_iter().for_each(&mut must);
        }
        let owner = below("note", &region.apex).to_string();
        must(json!({"kind": "record-set", "owner": owner, "type": "TXT", "data": ["\"first\""], "ttl": 300}));
    }
    changer.into_attempts()
}

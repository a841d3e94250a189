//! A resolver of the test's own, for names that must resolve back.

use super::Bench;
use ptrd_change::{Asked, Finding, Forward, Options, Road, load};
use ptrd_posture::Lookup;
use ptrd_store::{MemoryStore, Store};
use ptrd_wire::Family;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

/// A resolver that knows what the test says. What updates ask for is known from the next time on.
#[derive(Default)]
pub struct Resolver {
    pub records: Mutex<HashMap<String, Lookup>>,
    pub known: Mutex<Vec<Asked>>,
    pub asked: Mutex<u64>,
}

impl Resolver {
    pub fn put(&self, name: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|address| address.parse().expect("an address")).collect();
        self.records.lock().expect("a lock").insert(format!("{name}."), Lookup::Found(addresses));
    }

    pub fn fail(&self, name: &str) {
        self.records.lock().expect("a lock").insert(format!("{name}."), Lookup::Unknown("SERVFAIL".into()));
    }

    pub fn find(&self, (name, family): &Asked) -> Lookup {
        let records = self.records.lock().expect("a lock");
        match records.get(&name.to_string()) {
            None => Lookup::NoName,
            Some(Lookup::Found(all)) => {
                let fits = |address: &&IpAddr| address.is_ipv4() == (*family == Family::V4);
                let found: Vec<IpAddr> = all.iter().filter(fits).copied().collect();
                if found.is_empty() { Lookup::NoAddress } else { Lookup::Found(found) }
            }
            Some(other) => other.clone(),
        }
    }
}

/// What the road is given.
pub struct Shared(pub Arc<Resolver>);

impl Forward for Shared {
    fn known(&self, asked: &Asked) -> Option<Lookup> {
        self.0.known.lock().expect("a lock").contains(asked).then(|| self.0.find(asked))
    }

    fn look_up(&self, asked: Vec<Asked>) -> Finding {
        *self.0.asked.lock().expect("a lock") += asked.len() as u64;
        let found = asked.into_iter().map(|asked| (asked.clone(), self.0.find(&asked))).collect();
        Box::pin(async move { found })
    }

    fn begin(&self, asked: Vec<Asked>) {
        self.0.known.lock().expect("a lock").extend(asked);
    }

    fn patience(&self) -> i64 {
        60_000
    }
}

pub fn open(store: &MemoryStore, resolver: &Arc<Resolver>) -> Road {
    let mut store: Box<dyn Store> = Box::new(store.clone());
    let loaded = load(store.as_mut()).expect("a sound store");
    let options = Options { forward: Arc::new(Shared(resolver.clone())), ..super::options() };
    Road::start(store, loaded, options).expect("a road")
}

/// A bench whose road asks the resolver.
pub fn bench_with(resolver: &Arc<Resolver>) -> Bench {
    let mut bench = Bench::new();
    bench.road.shutdown();
    bench.road = Arc::new(open(&bench.store, resolver));
    bench
}

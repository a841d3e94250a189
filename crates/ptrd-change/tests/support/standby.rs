//! A standby of a bench.

#![allow(dead_code)]

use super::{Bench, everything, judge, options};
use ptrd_api::{Problem, StandbyFilter};
use ptrd_change::{Options, Post, Promotion, Road, View, load};
use ptrd_store::conformance::{assert_same_edits, assert_same_rows, read};
use ptrd_store::{MemoryStore, Store, unpack_commit};
use std::collections::BTreeMap;
use std::sync::Arc;

pub fn standby_options() -> Options {
    Options { post: Post::Standby { primary: "the other".to_owned() }, ..options() }
}

pub fn follower(mut store: Box<dyn Store>) -> Arc<Road> {
    let loaded = load(store.as_mut()).expect("a sound store");
    Arc::new(Road::start(store, loaded, standby_options()).expect("a road"))
}

/// A standby of a bench, over a store in memory that starts where the bench's log does.
pub struct Standby {
    pub road: Arc<Road>,
    pub store: MemoryStore,
}

impl Standby {
    pub fn new() -> Standby {
        let store = MemoryStore::new();
        Standby { road: follower(Box::new(store.clone())), store }
    }

    /// Takes what the primary gives for one question, or some of it.
    pub fn take(&self, bench: &Bench, most: usize) -> Result<usize, Problem> {
        let epoch = bench.road.lineage().map_or(0, |lineage| lineage.epoch);
        let after = self.road.view().version;
        bench.runtime.block_on(async {
            let filter = StandbyFilter { name: "b".to_owned(), epoch, after, wait: 0 };
            let (changes, _) = bench.road.changes_after(filter).await?;
            let read = changes.iter().take(most).map(|octets| unpack_commit(octets).expect("a change"));
            let some: Vec<_> = read.collect();
            let taken = some.len();
            self.road.replay(some).await.map(|()| taken)
        })
    }

    pub fn catch_up(&self, bench: &Bench) {
        while self.take(bench, usize::MAX).expect("changes") > 0 {}
    }

    pub fn restart(&mut self) {
        self.road.shutdown();
        self.road = follower(Box::new(self.store.clone()));
    }

    /// Everything is as on the primary: rows, log, and what is served.
    #[track_caller]
    pub fn compare(&self, bench: &Bench) {
        let (mut here, mut there) = (self.store.clone(), bench.store.clone());
        // The primary makes changes of its own accord, too, at any time.
        let mut tries = 0..100;
        let (rows, views) = loop {
            let views = (self.road.view(), bench.view());
            let rows = (read(&mut here), read(&mut there));
            let is_level = views.0.version == views.1.version && bench.view().version == views.1.version;
            if is_level || tries.next().is_none() {
                break (rows, views);
            }
            self.catch_up(bench);
        };
        assert_same_rows(&rows.0, &rows.1);
        assert_eq!(everything(&views.0), everything(&views.1));
        assert_eq!(standing(&views.0), standing(&views.1));
        assert_eq!(views.0.version, views.1.version);
        judge(&views.0);
        let changes = there.changes();
        for change in
            changes.iter().map(|change| change.change).take_while(|change| *change <= views.1.version)
        {
            let (Ok(Some(here)), Ok(Some(there))) = (here.whole(change), there.whole(change)) else {
                panic!("change {change} is in one log only");
            };
            assert_same_edits(&here.edits, &there.edits);
            // What a change did to a zone that went and came back is not sent any more.
            assert!(here.serials.iter().all(|step| there.serials.contains(step)), "change {change}");
            assert!(here.deltas.iter().all(|delta| there.deltas.contains(delta)), "change {change}");
            let (serials, deltas) = (here.serials.clone(), here.deltas.clone());
            assert_eq!(here, ptrd_store::Commit { serials, deltas, ..there });
        }
    }
}

/// A bench that a standby may follow.
pub fn followed() -> Bench {
    let bench = Bench::new();
    let hello = bench.runtime.block_on(bench.road.hello("b".to_owned(), false)).expect("a log");
    bench.runtime.block_on(bench.road.welcome(hello)).expect("welcome");
    bench
}

pub fn promotion(margin: u32) -> Promotion {
    Promotion { margin, held: BTreeMap::new(), held_by_all: None }
}

/// What no record and no row of a zone shows: from whom it is pulled and whether it ever was, how it is signed, what a
/// catalog lists, which one it comes from.
fn standing(view: &View) -> Vec<String> {
    let of = |meta: &Arc<ptrd_zone::ZoneMeta>| {
        let zone = view.snapshot.zone(&meta.apex).expect("content");
        let follows = view.snapshot.follows().of(meta.id);
        let (signing, fault) = (zone.signing().map(ToString::to_string), zone.fault());
        let rules = view.declared.catalog(meta.id).map(|catalog| catalog.rules().collect::<Vec<_>>());
        let (apex, outage, catalog) = (&meta.apex, zone.outage(), zone.catalog());
        let (origin, consumed) = (view.declared.origin(meta.id), view.declared.consumed(meta.id));
        let looks_signed = zone.looks_signed();
        format!(
            "{apex} {follows:?} {outage:?} {looks_signed} {signing:?} {fault:?} {catalog:?} {origin:?} {consumed:?} {rules:?}"
        )
    };
    view.declared.zones().map(of).collect()
}

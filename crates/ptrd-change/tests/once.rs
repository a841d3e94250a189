//! Changes with a key: what was answered is kept for a day, and then forgotten.

mod support;

use ptrd_change::{Clock, Once, Options, Road, load};
use ptrd_store::{MemoryStore, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use support::{Bench, operator, request};

const HOUR: i64 = 3_600_000;

/// A clock that a test sets.
struct Hand(Arc<AtomicI64>);

impl Clock for Hand {
    fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

fn open(store: &MemoryStore, hand: &Arc<AtomicI64>) -> Road {
    let mut store: Box<dyn Store> = Box::new(store.clone());
    let loaded = load(store.as_mut()).expect("a sound store");
    let options = Options { clock: Arc::new(Hand(hand.clone())), ..support::options() };
    Road::start(store, loaded, options).expect("a road")
}

fn once(key: u8, body: u8) -> Once {
    Once { asked: [key; 32], body: [body; 32] }
}

/// The number of the change that was made, now or before.
#[track_caller]
fn ask(bench: &Bench, once: Once, line: &str) -> u64 {
    let asking = bench.road.change_once(operator(), request(line), false, Some(once));
    bench.runtime.block_on(asking).expect(line).change.expect("a change")
}

#[test]
fn answers_are_kept_for_a_day() {
    let hand = Arc::new(AtomicI64::new(1_800_000_000_000));
    let mut bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    bench.road.shutdown();
    bench.road = Arc::new(open(&bench.store, &hand));
    let made = ask(&bench, once(1, 1), "ptr 192.0.2.1 a.example.com");
    ask(&bench, once(2, 2), "ptr 192.0.2.1 b.example.com");
    hand.fetch_add(23 * HOUR, Ordering::Relaxed);
    assert_eq!(ask(&bench, once(1, 1), "ptr 192.0.2.1 a.example.com"), made);
    let asking =
        bench.road.change_once(operator(), request("ptr 192.0.2.1 c.example.com"), false, Some(once(1, 9)));
    let problem = bench.runtime.block_on(asking).expect_err("another body");
    assert!(problem.message.contains("used with another request"), "{problem:?}");
    // It was asked for again, but made only then: the day is that of the change.
    hand.fetch_add(2 * HOUR, Ordering::Relaxed);
    assert!(ask(&bench, once(1, 1), "ptr 192.0.2.1 a.example.com") > made);
}

//! The road itself: many callers, a full queue, a store that fails, a stop; and that what is in memory is at any time
//! what a reload would make of the store.

mod support;

use ptrd_api::code::{BUSY, STORE};
use ptrd_change::{Options, Road, load};
use ptrd_store::{
    Commit, Edit, Loaded, LogEntry, LogQuery, MemoryStore, Setting, Sink, Store, StoreError, StoreMeter,
};
use ptrd_wire::Serial;
use ptrd_zone::model::ZoneId;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use support::{Bench, everything, judge, open, operator, options, random_line, request};

fn full() -> StoreError {
    StoreError::Full { path: "memory".into() }
}

#[test]
fn a_failing_store_leaves_everything_as_it_was_and_is_spoken_of() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "ptr 192.0.2.1 a.example.com"]);
    for line in
        ["ptr 192.0.2.2 b.example.com", "block 10.0.0.0/8 bob", "record x.2.0.192.in-addr.arpa. TXT x"]
    {
        bench.store.fail_next(full());
        let problem = bench.refused(line, STORE, "no room");
        assert!(problem.hint.is_some_and(|hint| hint.contains("DNS")));
        assert!(bench.road.status().store_trouble.is_some_and(|trouble| trouble.contains("no room")));
    }
    bench.ok("ptr 192.0.2.2 b.example.com");
    assert_eq!(bench.road.status().store_trouble, None);
    // A probe finds out by itself that the store is well again.
    bench.store.fail_next(full());
    bench.refused("ptr 192.0.2.3 c.example.com", STORE, "no room");
    let since = std::time::Instant::now();
    while bench.road.status().store_trouble.is_some() {
        assert!(since.elapsed().as_secs() < 30);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn acknowledged_changes_are_visible_at_once_and_after_a_reload() {
    let bench = Bench::with(&["block 10.0.0.0/16 acme"]);
    let serial = bench.serial("0.10.in-addr.arpa");
    std::thread::scope(|scope| {
        for n in 0..64u32 {
            let (road, handle) = (bench.road.clone(), bench.runtime.handle().clone());
            scope.spawn(move || {
                for turn in 0..20 {
                    let address = format!("10.0.{n}.{turn}");
                    let change = request(&format!("ptr {address} h{n}-{turn}.example.com"));
                    let done = handle.block_on(road.change(operator(), change, false)).expect("a change");
                    let view = road.view();
                    assert!(done.change.is_some_and(|change| change <= view.version));
                    let ptr = view.ptr(&address).expect("visible when acknowledged");
                    assert_eq!(ptr.names, [format!("h{n}-{turn}.example.com.")]);
                }
            });
        }
    });
    let changes = bench.store.changes();
    assert!(changes.windows(2).all(|pair| pair[0].change + 1 == pair[1].change));
    assert_eq!(bench.serial("0.10.in-addr.arpa"), serial + 64 * 20, "a step for each change");
}

/// A store whose commits wait for the test.
struct Slow {
    store: MemoryStore,
    asked: SyncSender<usize>,
    go: Arc<Mutex<Receiver<Result<(), StoreError>>>>,
}

impl Store for Slow {
    fn load(&mut self, sink: &mut dyn Sink) -> Result<Loaded, StoreError> {
        self.store.load(sink)
    }

    fn commit(&mut self, changes: &[Commit]) -> Result<(), StoreError> {
        self.asked.send(changes.len()).expect("a test");
        self.go.lock().expect("a lock").recv().expect("a test")?;
        self.store.commit(changes)
    }

    fn log(&mut self, query: &LogQuery) -> Result<Vec<LogEntry>, StoreError> {
        self.store.log(query)
    }

    fn edits(&mut self, change: u64) -> Result<Vec<Edit>, StoreError> {
        self.store.edits(change)
    }

    fn outbox(&mut self) -> Result<Vec<(ZoneId, Serial)>, StoreError> {
        self.store.outbox()
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        self.store.probe()
    }

    fn reader(&self) -> Result<Box<dyn Store>, StoreError> {
        self.store.reader()
    }

    fn meter(&self) -> Arc<StoreMeter> {
        self.store.meter()
    }
}

#[test]
fn a_full_queue_answers_busy_and_what_waits_goes_together() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    let (asked, asks) = sync_channel(64);
    let (go, gate) = sync_channel(64);
    let mut store: Box<dyn Store> =
        Box::new(Slow { store: bench.store.clone(), asked, go: Arc::new(Mutex::new(gate)) });
    let loaded = load(store.as_mut()).expect("a sound store");
    let road = Arc::new(Road::start(store, loaded, Options { queue: 3, ..options() }).expect("a road"));
    let spawn = |line: &str| {
        let (road, change) = (road.clone(), request(line));
        bench.runtime.spawn(async move { road.change(operator(), change, false).await })
    };
    let wait_for = |waiting: u64| {
        while road.status().queue.0 != waiting {
            std::thread::yield_now();
        }
    };
    let first = spawn("ptr 192.0.2.1 a.example.com");
    assert_eq!(asks.recv(), Ok(1));
    let mut waiting = Vec::new();
    for (nth, line) in
        ["ptr 192.0.2.2 a.example.com", "tenant-add acme", "ptr 192.0.2.3 a.example.com"].iter().enumerate()
    {
        waiting.push(spawn(line));
        wait_for(nth as u64 + 1);
    }
    let refused = bench.runtime.block_on(spawn("ptr 192.0.2.4 a.example.com")).expect("a task");
    assert_eq!(refused.expect_err("a full queue").code, BUSY);
    assert_eq!(road.status().queue, (3, 3));
    assert!(road.view().ptr("192.0.2.1").is_err(), "not visible before it is durable");
    go.send(Ok(())).expect("a writer");
    assert!(bench.runtime.block_on(first).expect("a task").is_ok());
    assert_eq!(asks.recv(), Ok(2), "one of the three was refused, the others go together");
    go.send(Err(full())).expect("a writer");
    let answers: Vec<_> =
        waiting.into_iter().map(|task| bench.runtime.block_on(task).expect("a task")).collect();
    assert!(
        answers.iter().all(|answer| answer.as_ref().is_err_and(|problem| problem.code == STORE)),
        "{answers:?}"
    );
    // A change that the store holds to be unsound does not take its neighbours with it.
    let held = spawn("ptr 192.0.2.5 a.example.com");
    assert_eq!(asks.recv(), Ok(1));
    let pair = [spawn("ptr 192.0.2.6 a.example.com"), spawn("ptr 192.0.2.7 a.example.com")];
    wait_for(2);
    let other = || StoreError::Other { action: "writing to", path: "memory".into(), cause: "unsound".into() };
    for answer in [Ok(()), Err(other()), Err(other()), Ok(())] {
        go.send(answer).expect("a writer");
    }
    assert!(bench.runtime.block_on(held).expect("a task").is_ok());
    let answers: Vec<bool> =
        pair.into_iter().map(|task| bench.runtime.block_on(task).expect("a task").is_ok()).collect();
    assert_eq!(answers.iter().filter(|ok| **ok).count(), 1);
    // Whatever waits at the stop is still made.
    let last = spawn("ptr 192.0.2.8 a.example.com");
    (0..3).for_each(|_| assert!(asks.recv().is_ok()));
    assert_eq!(asks.recv(), Ok(1));
    go.send(Ok(())).expect("a writer");
    road.shutdown();
    assert!(bench.runtime.block_on(last).expect("a task").is_ok());
    let late = bench.runtime.block_on(road.change(operator(), request("tenant-add eve"), false));
    assert_eq!(late.expect_err("stopped").code, BUSY);
    let reloaded = open(&bench.store);
    assert_eq!(everything(&reloaded.view()), everything(&road.view()));
    bench.road.shutdown();
    std::mem::forget(bench);
}

#[test]
fn a_new_projection_steps_the_serials_of_native_zones_once() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "zone-add example.org bob"]);
    let serial = bench.serial("2.0.192.in-addr.arpa");
    let change = bench.view().version + 1;
    let edit = Edit::Setting { name: "projection".into(), before: None, after: Some("0".into()) };
    let mut commit = bench.store.changes().last().expect("a change").clone();
    (commit.change, commit.edits, commit.serials) = (change, vec![edit], Vec::new());
    bench.store.clone().commit(&[commit]).expect("a commit");
    for _ in 0..2 {
        let road = open(&bench.store);
        let view = road.view();
        assert_eq!(view.version, change + 1);
        assert_eq!(view.zone("2.0.192.in-addr.arpa").expect("a zone").serial, serial + 1);
        assert_eq!(view.zone("example.org").expect("a zone").serial, bench.serial("example.org"));
    }
    bench.road.shutdown();
    std::mem::forget(bench);
}

#[test]
fn senseless_stores_are_refused() {
    struct Odd;
    impl Store for Odd {
        fn load(&mut self, sink: &mut dyn Sink) -> Result<Loaded, StoreError> {
            let corrupt = |detail| StoreError::Corrupt { path: "odd".into(), detail };
            sink.setting(Setting { name: "defaults".into(), value: "{}".into() }).map_err(corrupt)?;
            Ok(Loaded::default())
        }
        fn commit(&mut self, _: &[Commit]) -> Result<(), StoreError> {
            Ok(())
        }
        fn log(&mut self, _: &LogQuery) -> Result<Vec<LogEntry>, StoreError> {
            Ok(Vec::new())
        }
        fn edits(&mut self, _: u64) -> Result<Vec<Edit>, StoreError> {
            Ok(Vec::new())
        }
        fn outbox(&mut self) -> Result<Vec<(ZoneId, Serial)>, StoreError> {
            Ok(Vec::new())
        }
        fn probe(&mut self) -> Result<(), StoreError> {
            Ok(())
        }
        fn reader(&self) -> Result<Box<dyn Store>, StoreError> {
            Ok(Box::new(Odd))
        }
        fn meter(&self) -> Arc<StoreMeter> {
            Arc::default()
        }
    }
    let error = load(&mut Odd).err().expect("no defaults in there");
    assert!(error.to_string().contains("setting defaults"), "{error}");
}

#[test]
fn the_log_tells_who_what_and_when() {
    let bench =
        Bench::with(&["block 192.0.2.0/24 acme", "block 10.0.0.0/8 bob", "ptr 192.0.2.1 a.example.com"]);
    let log = |filter| bench.runtime.block_on(bench.road.log(filter)).expect("a log");
    let page = log(ptrd_api::LogFilter { limit: Some(1), ..Default::default() });
    let newest = &page.items[0];
    assert_eq!(
        (newest.kind.as_str(), newest.actor.as_str(), newest.reason.as_deref()),
        ("ptr-set", "root", Some("because"))
    );
    assert_eq!(newest.summary, "192.0.2.1 PTR a.example.com.");
    assert!(newest.at.starts_with("2026-01-01T") && newest.at.ends_with('Z'), "{}", newest.at);
    let before = page.next.expect("more").parse().ok();
    assert_eq!(log(ptrd_api::LogFilter { before, ..Default::default() }).items[0].kind, "block-add");
    let by = |address: Option<&str>, zone: Option<&str>| {
        let (address, zone) = (address.map(str::to_owned), zone.map(str::to_owned));
        log(ptrd_api::LogFilter { address, zone, ..Default::default() }).items.len()
    };
    assert_eq!(by(Some("192.0.2.1"), None), 2, "its PTR, and the block around it");
    assert_eq!(by(Some("192.0.2.2"), None), 1);
    assert_eq!(by(None, Some("2.0.192.in-addr.arpa")), 2);
}

#[test]
fn incremental_equals_rebuilt_equals_judged_through_random_changes() {
    let rounds: u64 = std::env::var("PTRD_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(8);
    let (mut made, mut refused, mut idle) = (0, 0, 0);
    for seed in 1..=rounds {
        let mut state = seed;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let bench = Bench::new();
        let mut done: Vec<String> = Vec::new();
        for step in 0..120 {
            let line = random_line(&mut random);
            let before = bench.everything();
            if random(20) == 0 {
                bench.store.fail_next(full());
            }
            match bench.ask(request(&line), false) {
                Ok(_) => {
                    made += 1;
                    done.push(line);
                }
                Err(problem) => {
                    assert_ne!(problem.code, "internal", "{line}: {}", problem.message);
                    assert_eq!(before, bench.everything(), "{line}: refused, and yet something changed");
                    refused += 1;
                    continue;
                }
            }
            idle += serials_step_with_content(&before, &bench.everything(), &done);
            let tried = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                judge(&bench.view());
                if step % 5 == 0 {
                    bench.check();
                }
            }));
            assert!(tried.is_ok(), "seed {seed}, after\n{}", done.join("\n"));
        }
    }
    println!("{made} changes made, {refused} refused, {idle} idle steps of serials");
    assert!(idle <= made / 20, "{idle} serials stepped for nothing in {made} changes");
    assert!(made > refused / 8, "{made} made, {refused} refused: the requests make too little sense");
}

/// A zone that shows something else has a new serial. Returns how many have one for nothing: where what follows from a
/// block lies hidden below a cut.
fn serials_step_with_content(before: &[String], after: &[String], done: &[String]) -> u64 {
    let zones = |lines: &[String]| {
        let mut zones: Vec<(String, String, Vec<String>)> = Vec::new();
        for line in lines {
            if let Some(rest) = line.strip_prefix("zone ") {
                let (id, _) = rest.split_once(',').expect("an id");
                let (head, tail) = rest.split_once("serial: Serial(").expect("a serial");
                let (serial, tail) = tail.split_once(')').expect("a serial");
                // Whose the zone is, and which block it shows, is no content.
                let (_, head) = head.split_once("Soa {").expect("a SOA");
                zones.push((id.to_owned(), serial.to_owned(), vec![format!("{head}{tail}")]));
            } else if !line.starts_with("ptr ")
                && line.split_whitespace().nth(1).is_some_and(|ttl| ttl.parse::<u32>().is_ok())
                && let Some(zone) = zones.last_mut()
            {
                zone.2.push(line.clone());
            }
        }
        zones
    };
    let before = zones(before);
    let mut idle = 0;
    for (id, serial, content) in zones(after) {
        let Some((_, old, was)) = before.iter().find(|(other, ..)| *other == id) else { continue };
        assert!(*old != serial || *was == content, "zone {id} shows another content: {:?}", done.last());
        if *old != serial && *was == content {
            idle += 1;
            if std::env::var_os("PTRD_SHOW").is_some() {
                println!("idle step of {id} {}:\n  {}", was[0], done.join("\n  "));
            }
        }
    }
    idle
}

#[test]
fn a_store_of_sqlite_takes_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ptrd.sqlite");
    let open = || {
        let mut store: Box<dyn Store> = Box::new(ptrd_store::SqliteStore::open(&path).expect("a store"));
        let loaded = load(store.as_mut()).expect("a sound store");
        Road::start(store, loaded, options()).expect("a road")
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
    let mut state = 77u64;
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for _ in 0..3 {
        let road = open();
        for tenant in ["tenant-add acme", "tenant-add bob"] {
            // There from the second turn on.
            let _ = runtime.block_on(road.change(operator(), request(tenant), false));
        }
        for _ in 0..80 {
            let line = random_line(&mut random);
            if let Err(problem) = runtime.block_on(road.change(operator(), request(&line), false)) {
                assert!(
                    !["store", "internal"].contains(&problem.code.as_str()),
                    "{line}: {}",
                    problem.message
                );
            }
        }
        road.shutdown();
        let seen = everything(&road.view());
        let reloaded = open();
        assert_eq!(seen, everything(&reloaded.view()));
        reloaded.shutdown();
    }
}

#[test]
fn zones_that_were_announced_leave_the_outbox() {
    const APEX: &str = "2.0.192.in-addr.arpa";
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    let road = &bench.road;
    let zone = bench.view().snapshot.zone(&support::name(APEX)).expect("a zone").id();
    let serial = || bench.view().snapshot.zone(&support::name(APEX)).expect("a zone").soa().serial;
    let stepped = || bench.runtime.block_on(road.stepped());
    let outbox = || bench.runtime.block_on(road.outbox()).expect("an outbox");
    let until = |done: &dyn Fn() -> bool| {
        let since = std::time::Instant::now();
        while !done() {
            assert!(since.elapsed().as_secs() < 30);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    };
    let first = serial();
    assert_eq!(stepped(), [(zone, first)]);
    assert_eq!(outbox(), [(zone, first)]);
    // Stepped again before the first was announced: the row stays, and the newest alone is told.
    bench.ok("ptr 192.0.2.1 a.example.com");
    bench.ok("ptr 192.0.2.2 b.example.com");
    assert_eq!(stepped(), [(zone, serial())]);
    road.announced([(zone, first)]);
    road.shutdown();
    assert_eq!(outbox(), [(zone, serial())]);
    let again = open(&bench.store);
    again.announced([(zone, serial())]);
    until(&|| outbox().is_empty());
    // A store that refuses is asked again.
    again.announced([(zone, first)]);
    again.shutdown();
}

//! One server follows another by its log: the same rows, the same answers, the same numbers; and takes its place.

mod support;

use proptest::prelude::*;
use ptrd_api::{ChangeRequest, LogPrune, Problem, StandbyFilter, code};
use ptrd_change::{Options, Post, Promotion, Road, load};
use ptrd_store::conformance::{assert_same_rows, read};
use ptrd_store::{Duty, SqliteStore, Store, unpack_commit};
use ptrd_wire::Serial;
use std::collections::BTreeMap;
use std::sync::Arc;
use support::standby::{Standby, followed, follower, promotion, standby_options};
use support::{Bench, everything, name, numbers, operator, options, random_line, request};

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_standby_is_as_its_primary_whatever_changes_and_however_they_come(seed in 1u64..u64::MAX) {
        let mut random = numbers(seed);
        let bench = followed();
        let mut standby = Standby::new();
        for _ in 0..120 {
            let last = bench.view().version;
            let _ = match random(16) {
                0 => bench.ask(ChangeRequest::rollback(1 + random(last)), false),
                _ => bench.ask(request(&random_line(&mut random)), false),
            };
            match random(8) {
                0 => {
                    standby.take(&bench, random(12) as usize).expect("changes");
                }
                1 => standby.restart(),
                _ => {}
            }
        }
        standby.catch_up(&bench);
        standby.compare(&bench);
        standby.restart();
        standby.compare(&bench);
        standby.road.shutdown();
    }
}

#[test]
fn a_standby_refuses_changes_and_says_where_they_are_made() {
    let bench = followed();
    let standby = Standby::new();
    standby.catch_up(&bench);
    for line in ["tenant-add carol", "block 192.0.2.0/24 acme", "defaults ptr_ttl=77"] {
        for dry_run in [false, true] {
            let asked = standby.road.change(operator(), request(line), dry_run);
            let problem = bench.runtime.block_on(asked).expect_err("refused");
            assert_eq!(problem.code, code::STANDBY);
            assert!(problem.message.contains("the other"), "{}", problem.message);
            assert!(problem.hint.expect("a hint").contains("ptrctl promote"));
        }
    }
    let empty = std::io::empty();
    let import = standby.road.import_ptrs(operator(), ptrd_api::PtrImportOptions::default(), empty);
    assert_eq!(bench.runtime.block_on(import).expect_err("refused").code, code::STANDBY);
    // And a primary takes in no changes of others.
    let change = bench.store.changes().pop().expect("a change");
    let problem = bench.runtime.block_on(bench.road.replay(vec![change])).expect_err("refused");
    assert_eq!(problem.code, code::CONFLICT);
    standby.compare(&bench);
    standby.road.shutdown();
}

#[test]
fn a_standby_makes_no_change_of_its_own_when_the_time_comes() {
    // Labels that end and a log that is kept for a time are the primary's to look after.
    let bench = followed();
    bench.ok("block 192.0.2.0/24 acme");
    let retain = ChangeRequest::LogRetain { keep: Some(3_600) };
    bench.ask(retain, false).expect("a retention");
    let mut standby = Standby::new();
    standby.catch_up(&bench);
    standby.restart();
    let version = standby.road.view().version;
    // The clock of a standby that starts years later.
    standby.road.shutdown();
    let mut store: Box<dyn Store> = Box::new(standby.store.clone());
    let loaded = load(store.as_mut()).expect("a sound store");
    let later = Options { clock: Arc::new(ptrd_change::SystemClock), ..standby_options() };
    let road = Road::start(store, loaded, later).expect("a road");
    road.shutdown();
    let road = follower(Box::new(standby.store.clone()));
    assert_eq!(road.view().version, version);
    road.shutdown();
}

#[test]
fn a_standby_holds_the_history_of_zones_to_the_limit_and_follows_on() {
    let bench = followed();
    bench.ok("block 10.1.0.0/16 acme");
    ["one", "two"].iter().for_each(|name| drop(bench.ok(&format!("fill 10.1.0.0/20 {{ip}}.{name}.example"))));
    let standby = Standby::new();
    standby.catch_up(&bench);
    let kept = || {
        let changes = standby.store.changes();
        changes.iter().flat_map(|change| &change.deltas).map(|delta| delta.octets.len()).sum::<usize>()
    };
    let limit = 1 << 16;
    assert!(kept() > limit, "{} are kept", kept());
    bench.ask(ChangeRequest::HistoryLimit { octets: Some(limit as u64) }, false).expect("a limit");
    standby.catch_up(&bench);
    let since = std::time::Instant::now();
    while kept() > limit {
        assert!(since.elapsed() < std::time::Duration::from_secs(30), "{} are kept", kept());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(welcome(&bench, &standby), Ok(None), "no copy is needed");
    bench.ok("ptr 10.1.2.3 three.example");
    standby.catch_up(&bench);
    assert_eq!(everything(&standby.road.view()), everything(&bench.view()));
    standby.road.shutdown();
}

fn welcome(bench: &Bench, standby: &Standby) -> Result<Option<String>, Problem> {
    bench.runtime.block_on(async {
        let hello = standby.road.hello("b".to_owned(), false).await?;
        Ok(bench.road.welcome(hello).await?.copy)
    })
}

#[test]
fn who_has_another_history_must_take_a_copy() {
    let bench = followed();
    let standby = Standby::new();
    assert!(
        welcome(&bench, &standby).expect("welcome").expect("a copy").contains("no history of this server")
    );
    standby.catch_up(&bench);
    assert_eq!(welcome(&bench, &standby), Ok(None));
    bench.ok("block 192.0.2.0/24 acme");
    assert_eq!(welcome(&bench, &standby), Ok(None), "being behind is no reason");

    // A change that the primary never made, under a number that it has given.
    let mut other = bench.store.changes().pop().expect("a change");
    other.actor = "somebody else".to_owned();
    bench.runtime.block_on(standby.road.replay(vec![other])).expect("a change");
    let why = welcome(&bench, &standby).expect("welcome").expect("a copy");
    assert!(why.contains("is another one in its store"), "{why}");
    standby.road.shutdown();

    let ahead = Standby::new();
    ahead.catch_up(&bench);
    let mut next = bench.store.changes().pop().expect("a change");
    next.change += 1;
    (next.edits, next.serials, next.deltas) = Default::default();
    bench.runtime.block_on(ahead.road.replay(vec![next])).expect("a change");
    let why = welcome(&bench, &ahead).expect("welcome").expect("a copy");
    assert!(why.contains("the newest here is"), "{why}");
    ahead.road.shutdown();

    let old = Standby::new();
    old.catch_up(&bench);
    for n in 1..20 {
        bench.ok(&format!("ptr 192.0.2.{n} host.example"));
    }
    let last = bench.view().version;
    let prune = LogPrune { before_change: Some(last), before: None, keep: None };
    bench.ask(ChangeRequest::LogPrune(prune), false).expect("pruned");
    let why = welcome(&bench, &old).expect("welcome").expect("a copy");
    assert!(why.contains("does not go back"), "{why}");
    assert_eq!(old.take(&bench, 1).expect_err("pruned").code, code::CONFLICT);
    old.road.shutdown();

    let mut hello = bench.runtime.block_on(bench.road.hello("c".to_owned(), false)).expect("a log");
    hello.schema += 1;
    let problem = bench.runtime.block_on(bench.road.welcome(hello)).expect_err("another version");
    assert!(problem.message.contains("different versions"), "{}", problem.message);
}

#[test]
fn where_one_change_cannot_be_made_none_after_it_is() {
    let bench = followed();
    let standby = Standby::new();
    standby.catch_up(&bench);
    for line in ["block 192.0.2.0/24 acme", "ptr 192.0.2.1 one.example", "tenant-add carol"] {
        bench.ok(line);
    }
    let version = standby.road.view().version;
    let changes = bench.store.changes();
    let mut next: Vec<_> = changes.iter().filter(|change| change.change > version).cloned().collect();
    next[1].serials.push((ptrd_zone::model::ZoneId(99), Serial(7)));
    let refused = bench.runtime.block_on(standby.road.replay(next)).expect_err("no such zone");
    assert!(refused.message.contains("zone 99"), "{}", refused.message);
    assert_eq!(standby.road.view().version, version + 1, "the first was made, the third was not");
    standby.catch_up(&bench);
    standby.compare(&bench);
    standby.road.shutdown();
}

#[test]
fn a_promoted_standby_makes_changes_past_all_serials_and_the_old_primary_makes_none() {
    let bench = followed();
    bench.ok("block 192.0.2.0/24 acme");
    bench.ok("zone-add example.org acme");
    bench.ok("ptr 192.0.2.1 one.example");
    let mut standby = Standby::new();
    standby.catch_up(&bench);
    // What the standby never saw.
    (2..30).for_each(|n| drop(bench.ok(&format!("ptr 192.0.2.{n} lost.example"))));
    let apex = name("2.0.192.in-addr.arpa");
    let lost = bench.serial("2.0.192.in-addr.arpa");

    let before = everything(&standby.road.view());
    let by = || ptrd_change::Caller::operator("root", "test", None);
    let dry = bench.runtime.block_on(standby.road.promote(by(), promotion(100), true)).expect("a dry run");
    assert_eq!(dry.change, None);
    assert_eq!((everything(&standby.road.view()), standby.road.post().word()), (before, "standby"));

    let held = BTreeMap::from([(name("example.org"), Serial(4_000_000_000))]);
    let refused = Promotion { held, ..promotion(100) };
    let refused = bench.runtime.block_on(standby.road.promote(by(), refused, false));
    assert!(refused.is_ok() || refused.is_err_and(|problem| problem.code == code::CONFLICT));

    if standby.road.post() != Post::Primary {
        bench.runtime.block_on(standby.road.promote(by(), promotion(100), false)).expect("promoted");
    }
    assert_eq!(standby.road.post(), Post::Primary);
    assert_eq!(standby.store.duty().expect("a duty"), Duty::Promoted);
    let serial = standby.road.view().snapshot.zone(&apex).expect("a zone").soa().serial;
    assert!(serial.is_after(Serial(lost)), "{serial} is not after {lost}");
    assert_eq!(standby.road.lineage().expect("a lineage").epoch, 2);
    let outbox = standby.store.outbox().expect("an outbox");
    assert_eq!(outbox.len(), 2, "all zones are announced");
    let made = bench.runtime.block_on(standby.road.change(operator(), request("tenant-add carol"), false));
    assert!(made.is_ok());
    let again = bench.runtime.block_on(standby.road.promote(by(), promotion(1), false)).expect_err("twice");
    assert!(again.message.contains("no standby"), "{}", again.message);

    // The old one does not follow without a copy, and is told when it is met.
    let copy = bench.runtime.block_on(async {
        let hello = bench.road.hello("a".to_owned(), false).await?;
        standby.road.welcome(hello).await
    });
    assert!(copy.expect("welcome").copy.is_some());
    let met = bench.runtime.block_on(async {
        let hello = standby.road.hello("b".to_owned(), true).await?;
        bench.road.welcome(hello).await
    });
    assert!(met.expect_err("an old one").message.contains("later reign"));
    let problem = bench.refused("tenant-add dave", code::STANDBY, "superseded");
    assert!(problem.hint.expect("a hint").contains("standby.primary"));

    // It is a primary for good: no rollback takes the reign back.
    standby.road.shutdown();
    let duty = standby.store.duty().expect("a duty");
    assert_eq!(duty, Duty::Promoted);
}

#[test]
fn a_copy_takes_the_place_of_a_store_and_the_old_one_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build().expect("a runtime");
    let mut store = SqliteStore::open(&path("a.db")).expect("a store");
    let loaded = load(&mut store).expect("a sound store");
    let primary = Road::start(Box::new(store), loaded, options()).expect("a road");
    let make = |line: &str| runtime.block_on(primary.change(operator(), request(line), false)).expect("made");
    for line in ["tenant-add acme", "block 192.0.2.0/24 acme", "ptr 192.0.2.1 one.example"] {
        make(line);
    }
    let hello = runtime.block_on(primary.hello("b".to_owned(), false)).expect("a log");
    runtime.block_on(primary.welcome(hello)).expect("welcome");

    let standby = follower(Box::new(SqliteStore::open(&path("b.db")).expect("a store")));
    let copied = |to: &std::path::Path| {
        primary.own_reader().expect("a reader").backup(to, &mut |_, _| true).expect("a copy");
    };
    let incoming = standby.incoming().expect("a name");
    copied(&incoming);
    let summary = runtime.block_on(standby.replace(incoming.clone())).expect("replaced");
    assert!(!summary.contains("is now"), "an empty store is no loss: {summary}");
    assert!(!incoming.exists());
    assert_eq!(everything(&standby.view()), everything(&primary.view()));

    make("ptr 192.0.2.2 two.example");
    let follow = || {
        let (epoch, after) = (1, standby.view().version);
        let filter = StandbyFilter { name: "b".to_owned(), epoch, after, wait: 0 };
        let (changes, _) = runtime.block_on(primary.changes_after(filter)).expect("changes");
        let changes = changes.iter().map(|octets| unpack_commit(octets).expect("a change")).collect();
        runtime.block_on(standby.replay(changes)).expect("made here");
    };
    follow();
    assert_eq!(everything(&standby.view()), everything(&primary.view()));
    assert_eq!(
        runtime.block_on(standby.hello("b".to_owned(), false)).expect("a log").change,
        standby.view().version
    );

    // Once more, over what is there.
    make("ptr 192.0.2.3 three.example");
    copied(&incoming);
    let summary = runtime.block_on(standby.replace(incoming)).expect("replaced");
    let aside =
        summary.split_whitespace().find(|word| word.contains(".replaced-")).expect("a name").to_owned();
    assert!(std::fs::metadata(&aside).expect("kept").len() > 0, "{summary}");
    make("ptr 192.0.2.4 four.example");
    follow();
    assert_eq!(everything(&standby.view()), everything(&primary.view()));

    // What is no store leaves everything as it is.
    let rubbish = path("rubbish");
    std::fs::write(&rubbish, "rubbish").expect("written");
    assert!(runtime.block_on(standby.replace(rubbish)).is_err());
    make("ptr 192.0.2.5 five.example");
    follow();
    assert_eq!(everything(&standby.view()), everything(&primary.view()));
    primary.shutdown();
    standby.shutdown();

    let mut store = SqliteStore::open(&path("b.db")).expect("a store");
    assert_eq!(store.duty().expect("a duty"), Duty::Standby);
    let mut primary = SqliteStore::open(&path("a.db")).expect("a store");
    assert_same_rows(&read(&mut store), &read(&mut primary));
    for change in 1..=read(&mut primary).loaded.last_change {
        assert_eq!(store.whole(change).expect("a change"), primary.whole(change).expect("a change"));
    }
}

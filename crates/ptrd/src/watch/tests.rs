//! Watching on a road of its own: who watches, what is taken in, what is forgotten.

use super::task::{Moment, work_until};
use super::*;
use crate::checks::now;
use ptrd_api::{PostureBody, code};
use ptrd_change::{Caller, Options};
use ptrd_posture::identity::CheckId;
use ptrd_posture::watch::{Agenda, Found};
use ptrd_store::SqliteStore;
use std::net::IpAddr;
use tokio_util::sync::CancellationToken;

const ADDRESS: &str = "192.0.2.1";

struct Bench {
    watch: Watch,
    _folder: tempfile::TempDir,
}

fn watched() -> Watched {
    Watched::Address(ADDRESS.parse::<IpAddr>().expect("an address"))
}

fn fails() -> [Found; 1] {
    let check = CheckId::Iprev.word();
    [Found { check, grade: Grade::Fail, why: "it does not".to_owned(), run: Vec::new(), patience: 0 }]
}

impl Bench {
    /// Tenants acme and bob; acme has an address that sends. Nobody answers when asked.
    async fn new() -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = SqliteStore::open(&folder.path().join("ptrd.db")).expect("a store");
        let loaded = ptrd_change::load(&mut store).expect("an empty store");
        let road = Road::start(Box::new(store), loaded, Options::default()).expect("a road");
        let settings = config::Watch {
            identity: true,
            delegation: true,
            confirm: Duration::from_secs(60),
            resolvers: vec!["127.0.0.1:9".parse().expect("an address")],
            authoritative: false,
            timeout: Duration::from_millis(100),
            ..config::Config::default().watch
        };
        let bench = Bench { watch: Watch::new(Arc::new(road), &settings, true), _folder: folder };
        for change in [
            r#"{"kind":"tenant-add","name":"acme"}"#,
            r#"{"kind":"tenant-add","name":"bob"}"#,
            r#"{"kind":"block-add","range":"192.0.2.0/24","tenant":"acme","observed":true}"#,
            r#"{"kind":"sending-set","address":"192.0.2.1","helo":"mail.acme.example"}"#,
        ] {
            bench.change(change).await;
        }
        bench
    }

    async fn change(&self, body: &str) {
        let request = serde_json::from_str(body).expect("a request");
        let caller = Caller::operator("root", "test", None);
        self.watch.road().change(caller, request, false).await.expect("it is made");
    }

    async fn look(&self, within: &str) -> Result<usize, &'static str> {
        let body = PostureBody { within: Some(within.to_owned()), ..PostureBody::default() };
        let looked = self.watch.look_now(self.watch.road().view(), body).await;
        looked.map(|page| page.items.len()).map_err(|problem| {
            [code::BUSY, code::NOT_FOUND].into_iter().find(|code| *code == problem.code).unwrap_or("another")
        })
    }

    async fn until(&self, is_so: impl Fn(&Watch) -> bool) {
        let waiting = async {
            while !is_so(&self.watch) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("it comes about");
    }
}

fn is_loaded(watch: &Watch) -> bool {
    watch.0.is_loaded.load(Ordering::Relaxed)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_in_before_it_is_known_how_it_stood() {
    let bench = Bench::new().await;
    bench.watch.take_in(watched(), now(), &fails(), |_| None);
    assert_eq!(bench.watch.course(&watched()), None);
    assert_eq!(bench.look(ADDRESS).await, Err(code::BUSY));
    let watcher = Watcher::start(bench.watch.clone());
    bench.until(is_loaded).await;
    assert_eq!(bench.look(ADDRESS).await, Ok(1));
    assert_eq!(bench.look("192.0.2.7").await, Err(code::NOT_FOUND), "it sends no mail");
    watcher.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_superseded_watches_no_more() {
    let bench = Bench::new().await;
    let watcher = Watcher::start(bench.watch.clone());
    bench.until(|watch| watch.course(&watched()).is_some()).await;
    bench.watch.road().supersede("another", 2);
    bench.until(|watch| !is_loaded(watch)).await;
    let before = bench.watch.course(&watched());
    bench.watch.take_in(watched(), now() + 1, &fails(), |_| None);
    assert_eq!(bench.watch.course(&watched()), before);
    watcher.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_does_not_see_how_it_stood_with_the_one_before() {
    let bench = Bench::new().await;
    let watcher = Watcher::start(bench.watch.clone());
    bench.until(is_loaded).await;
    bench.until(|watch| watch.course(&watched()).is_some()).await;
    let (watch, began) = (&bench.watch, now());
    for look in [1, 60_001] {
        watch.take_in(watched(), began + look, &fails(), |_| Some("seen".to_owned()));
    }
    let has_turns = |watch: &Watch| watch.course(&watched()).is_some_and(|course| !course.history.is_empty());
    assert!(has_turns(watch) && watch.untold().0.len() == 1);
    bench.change(r#"{"kind":"block-transfer","range":"192.0.2.0/24","to":"bob","ptrs":"keep"}"#).await;
    bench.until(|watch| watch.course(&watched()).is_some_and(|course| course.history.is_empty())).await;
    assert_eq!(watch.untold().0, []);
    let seen = watch.road().evidence(vec![watched()]).await.expect("evidence");
    assert_ne!(seen, [Some("seen".to_owned())]);
    watcher.stop().await;
}

/// As it is with a store that says how it stood before an address changed hands, while another server was the primary.
#[tokio::test(flavor = "multi_thread")]
async fn how_it_stood_with_the_tenant_before_is_shown_and_told_to_nobody() {
    let bench = Bench::new().await;
    let (watch, view) = (&bench.watch, bench.watch.road().view());
    watch.0.is_loaded.store(true, Ordering::Relaxed);
    let began = now() - 120_000;
    for look in [1, 60_001] {
        watch.take_in(watched(), began + look, &fails(), |_| Some("{}".to_owned()));
    }
    let shown = || {
        let filter = ptrd_api::PostureFilter::default();
        let page = view.posture(&filter, &watch.watching()).expect("a page");
        let item = page.items.iter().find(|item| item.subject == ADDRESS).expect("it is watched");
        (item.grade.clone(), item.history.len(), item.looked.is_some())
    };
    assert_eq!((shown(), watch.untold().0.len()), (("fail".to_owned(), 1, true), 1));
    let course = watch.course(&watched()).expect("it was looked at");
    let whose = course.whose.map(|acme| acme + 1);
    watch.road().put_course(watched(), ptrd_posture::watch::Course { whose, ..course.clone() }, None);
    assert_eq!((shown(), watch.untold().0), (("unknown".to_owned(), 0, false), Vec::new()));
    watch.take_in(watched(), now(), &fails(), |_| None);
    let anew = watch.course(&watched()).expect("it is begun anew");
    assert_eq!((anew.whose, anew.history.len(), anew.checks.len()), (course.whose, 0, 0));
    watch.road().put_course(watched(), ptrd_posture::watch::Course { whose, ..course }, None);
    let watcher = Watcher::start(watch.clone());
    bench.until(|watch| watch.course(&watched()).is_some_and(|course| course.whose == anew.whose)).await;
    watcher.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_bring_looks_forward_and_not_without_a_pause() {
    let bench = Bench::new().await;
    bench.watch.0.is_loaded.store(true, Ordering::Relaxed);
    let before = now();
    bench.watch.take_in(watched(), before, &[unknown()], |_| None);
    assert_eq!(bench.watch.soon(&watched()), before + 60_000);
    // A clock that was ahead once puts nothing off.
    bench.watch.road().put_course(
        watched(),
        ptrd_posture::watch::Course { looked: i64::MAX / 2, ..Default::default() },
        None,
    );
    assert!(
        bench.watch.soon(&watched()) <= now() + 60_000 && bench.watch.next(&watched()) <= now() + 90_000_000
    );
}

fn unknown() -> Found {
    super::look::unknown(CheckId::Iprev.word(), "nobody answers".to_owned())
}

#[test]
fn a_clock_that_is_set_back_puts_nothing_off() {
    const YEAR: i64 = 365 * 24 * 3_600_000;
    let ahead = Moment { wall: 2 * YEAR, steady: 5_000 };
    let mut agenda = Agenda::default();
    agenda.put("zone", ahead.when(2 * YEAR + 60_000));
    let set_back = |passed: i64| Moment { wall: YEAR + passed, steady: 5_000 + passed };
    assert_eq!(agenda.take(set_back(59_999).steady), None);
    assert_eq!(agenda.take(set_back(60_000).steady), Some("zone"));
    agenda.done("zone", set_back(60_000).when(YEAR));
    assert_eq!(agenda.take(set_back(60_000).steady), Some("zone"), "what is overdue is due");
}

#[tokio::test(start_paused = true)]
async fn a_fault_ends_the_work_and_not_the_watching() {
    let (begun, ended) = (Arc::new(AtomicU64::new(0)), CancellationToken::new());
    let work = || {
        let (begun, ended) = (begun.clone(), ended.clone());
        async move {
            assert!(begun.fetch_add(1, Ordering::Relaxed) >= 2, "a fault of ptrd");
            ended.cancel();
            std::future::pending().await
        }
    };
    work_until(ended.cancelled(), work).await;
    assert_eq!(begun.load(Ordering::Relaxed), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_leave_a_place_for_operators() {
    let bench = Bench::new().await;
    let tenants: Vec<_> = std::iter::from_fn(|| bench.watch.seat(false)).collect();
    assert_eq!(tenants.len(), MOST_ASKED);
    let operator = bench.watch.seat(true);
    assert!(operator.is_some() && bench.watch.seat(true).is_none());
}

//! The road of changes over a real store whose device fails, and under a clock that jumps: DNS is answered all the
//! while, the status says what is wrong, and it passes by itself.

mod common;

use common::{DATABASE, database, folder};
use ptrd_api::{BlockAdd, ChangeDone, ChangeRequest, LogFilter, Problem, PtrWrite, code};
use ptrd_change::{Caller, Clock, Options, Road, load};
use ptrd_engine::{Asker, Engine, Policy, Transport, Worker};
use ptrd_powercut::{Fault, Kind, watch};
use ptrd_store::{SqliteStore, Store};
use ptrd_wire::Serial;
use rusqlite::ffi;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const PATIENCE: Duration = Duration::from_secs(30);
/// 2026-01-01 in milliseconds.
const NOW: i64 = 1_767_225_600_000;
const HOUR: i64 = 3_600_000;

/// Shows what it was set to.
struct Settable(AtomicI64);

impl Clock for Settable {
    fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

struct Bench {
    road: Road,
    clock: Arc<Settable>,
    runtime: Runtime,
}

impl Bench {
    fn open(path: &Path, now: i64) -> Bench {
        let mut store: Box<dyn Store> = Box::new(SqliteStore::open(path).expect("a store"));
        let loaded = load(store.as_mut()).expect("a sound store");
        let clock = Arc::new(Settable(AtomicI64::new(now)));
        let options = Options { clock: clock.clone(), ..Options::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        Bench { road: Road::start(store, loaded, options).expect("a road"), clock, runtime }
    }

    fn change(&self, request: ChangeRequest) -> Result<ChangeDone, Problem> {
        let caller = Caller::operator("root", "test", None);
        self.runtime.block_on(self.road.change(caller, request, false))
    }

    fn ptr(&self, octet: u8, name: &str) -> Result<ChangeDone, Problem> {
        let (address, names) = (format!("192.0.2.{octet}"), vec![format!("{name}.example.com")]);
        self.change(ChangeRequest::PtrSet(PtrWrite { address, names, ..PtrWrite::default() }))
    }

    fn found(&self) {
        self.change(ChangeRequest::TenantAdd { name: "acme".into() }).expect("a tenant");
        let (range, tenant) = ("192.0.2.0/24".to_owned(), "acme".to_owned());
        self.change(ChangeRequest::BlockAdd(BlockAdd { range, tenant, ..BlockAdd::default() }))
            .expect("a block");
    }

    fn serial(&self) -> Serial {
        Serial(self.road.view().zone("2.0.192.in-addr.arpa").expect("a zone").serial)
    }

    /// The rcode and the number of answers that DNS gives for an address.
    fn ask(&self, octet: u8) -> (u8, u8) {
        let label = octet.to_string();
        let mut request = vec![0x12, octet, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, label.len() as u8];
        request.extend_from_slice(label.as_bytes());
        request.extend_from_slice(b"\x012\x010\x03192\x07in-addr\x04arpa\x00\x00\x0c\x00\x01");
        let peer = "203.0.113.7".parse().expect("an address");
        let asker = Asker { peer, transport: Transport::Udp, now: 1_700_000_000, nanos: 0 };
        let snapshot = self.road.published().snapshot().load_full();
        let mut reply = vec![0; 1_500];
        let length = Engine::new(Policy::default()).answer(
            &asker,
            &request,
            &mut reply,
            &snapshot,
            &mut Worker::default(),
        );
        assert!(length > 12, "an answer for {octet}");
        (reply[3] & 15, reply[7])
    }

    fn wait_until(&self, what: &str, mut condition: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !condition() {
            assert!(begun.elapsed() < PATIENCE, "{what}: {:?}", self.road.status());
            std::thread::yield_now();
        }
    }

    fn end(self) {
        self.road.shutdown();
    }
}

#[test]
fn a_failing_device_refuses_changes_and_nothing_else() {
    for (kind, code) in [
        (Kind::Sync, ffi::SQLITE_IOERR_FSYNC),
        (Kind::Write, ffi::SQLITE_IOERR_WRITE),
        (Kind::Write, ffi::SQLITE_FULL),
    ] {
        let folder = folder();
        let path = database(&folder);
        let watch = watch(folder.path(), &[DATABASE], false);
        let bench = Bench::open(&path, NOW);
        bench.found();
        bench.ptr(1, "kept").expect("a change");
        let serial = bench.serial();
        watch.fail(Fault { kind, ending: "-wal", after: 0, times: u32::MAX, code });
        for octet in 1..5 {
            let problem = bench.ptr(octet, "refused").expect_err("the device fails");
            assert_eq!(problem.code, code::STORE, "{problem:?}");
            assert_eq!((bench.ask(1), bench.ask(2)), ((0, 1), (3, 0)), "DNS is as it was");
        }
        assert!(bench.road.status().store_trouble.is_some(), "the status says so");
        assert_eq!(bench.serial(), serial, "no serial stepped");
        assert_eq!(bench.road.view().ptr("192.0.2.1").expect("kept").names, ["kept.example.com."]);
        assert!(bench.road.counts().store.refused > 0);
        watch.heal();
        // Without a change: the writer looks after it.
        bench.wait_until("the trouble passes", || bench.road.status().store_trouble.is_none());
        bench.ptr(2, "after").expect("a change");
        assert_eq!(bench.ask(2), (0, 1));
        bench.end();
        let bench = Bench::open(&path, NOW);
        assert_eq!((bench.ask(1), bench.ask(2), bench.ask(3)), ((0, 1), (0, 1), (3, 0)));
        bench.end();
    }
}

#[test]
fn a_clock_that_jumps_loses_nothing_and_no_serial_falls() {
    let folder = folder();
    let path = database(&folder);
    let mut bench = Bench::open(&path, NOW);
    bench.found();
    let mut serial = bench.serial();
    let years = 10 * 365 * 24 * HOUR;
    let jumps = [NOW + HOUR, NOW, 0, -HOUR, NOW + years, NOW, i64::MAX / 2, i64::MIN / 2, NOW + 1];
    let mut octet = 0;
    for (nth, now) in jumps.into_iter().enumerate() {
        bench.clock.0.store(now, Ordering::Relaxed);
        for _ in 0..3 {
            octet += 1;
            bench.ptr(octet, "name").expect("a change, whatever the clock says");
            assert_eq!(bench.ask(octet), (0, 1));
            assert!(bench.serial().is_after(serial), "{:?} after {serial:?} at {now}", bench.serial());
            serial = bench.serial();
        }
        // A zone made now is not behind what it was before either.
        let block =
            |range: &str| BlockAdd { range: range.into(), tenant: "acme".into(), ..BlockAdd::default() };
        bench.change(ChangeRequest::BlockAdd(block(&format!("10.{nth}.0.0/24")))).expect("a block");
        if nth % 3 == 2 {
            bench.end();
            bench = Bench::open(&path, now);
            assert_eq!(bench.serial(), serial);
        }
        assert_eq!(bench.road.status().store_trouble, None);
    }
    let filter = LogFilter { limit: Some(100), ..LogFilter::default() };
    let log = bench.runtime.block_on(bench.road.log(filter)).expect("a log");
    assert!(log.items.windows(2).all(|pair| pair[0].change > pair[1].change), "by number, not by time");
    assert_eq!(log.items.iter().filter(|change| change.kind == "ptr-set").count(), usize::from(octet));
    bench.end();
}

//! Days of refreshing, told to a schedule in no time.

use super::*;
use ptrd_wire::Serial;
use ptrd_zone::model::ZoneId;
use ptrd_zone::{Primary, Security};
use std::collections::BTreeMap;
use std::net::SocketAddr;

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;
const START: i64 = 1_764_000_000 * SECOND;

fn primary(last: u8) -> Primary {
    let address = SocketAddr::from(([192, 0, 2, last], 53));
    Primary { address, key: None, security: Security::Plain }
}

fn held(serial: u32) -> Held {
    Held { serial: Serial(serial), refresh: 3_600, retry: 600, expire: 86_400 }
}

fn failed(why: &str) -> Outcome {
    Outcome::Failed { why: why.to_owned(), silent: false }
}

fn silent() -> Outcome {
    Outcome::Failed { why: "no answer".to_owned(), silent: true }
}

/// What happened until a time: who was asked for which zone when, seconds after the start, and which zones expired.
fn run(
    schedule: &mut Schedule,
    from: i64,
    until: i64,
    mut answer: impl FnMut(i64, &Act) -> Outcome,
) -> Vec<String> {
    let (mut now, mut told) = (from, Vec::new());
    loop {
        for zone in schedule.take_expired(now) {
            told.push(format!("{}: zone {zone} expired", (now - START) / SECOND));
        }
        while let Some(act) = schedule.next(now) {
            told.push(format!(
                "{}: zone {} of {}",
                (now - START) / SECOND,
                act.zone,
                act.primary.address.ip()
            ));
            let outcome = answer(now, &act);
            schedule.done(now, act.zone, act.epoch, outcome, 0);
        }
        match schedule.wake() {
            Some(at) if at <= until => now = at.max(now),
            _ => return told,
        }
    }
}

fn one(primaries: &[u8]) -> Schedule {
    let mut schedule = Schedule::new(Settings::default());
    schedule.put(START, ZoneId(1), primaries.iter().map(|last| primary(*last)).collect(), None, None);
    schedule
}

#[test]
fn a_zone_that_is_well_is_asked_for_as_its_soa_says() {
    let told = run(&mut one(&[1]), START, START + 3 * HOUR, |_, _| Outcome::Fresh(held(5)));
    assert_eq!(
        told,
        [
            "0: zone 1 of 192.0.2.1",
            "3600: zone 1 of 192.0.2.1",
            "7200: zone 1 of 192.0.2.1",
            "10800: zone 1 of 192.0.2.1"
        ]
    );
}

#[test]
fn primaries_are_tried_in_turn_and_the_one_that_answers_is_kept() {
    let told =
        run(&mut one(&[1, 2, 3]), START, START + HOUR, |_, act| match act.primary.address.to_string() {
            address if address.starts_with("192.0.2.3") => Outcome::Fresh(held(5)),
            _ => failed("REFUSED"),
        });
    assert_eq!(
        told,
        [
            "0: zone 1 of 192.0.2.1",
            "0: zone 1 of 192.0.2.2",
            "0: zone 1 of 192.0.2.3",
            "3600: zone 1 of 192.0.2.3"
        ]
    );
}

#[test]
fn after_failures_a_zone_is_tried_again_and_expires() {
    let mut schedule = one(&[1]);
    let told = run(&mut schedule, START, START + 26 * HOUR, |now, _| match now {
        START => Outcome::Fresh(held(5)),
        _ => failed("SERVFAIL"),
    });
    assert_eq!(
        told[..4],
        [
            "0: zone 1 of 192.0.2.1",
            "3600: zone 1 of 192.0.2.1",
            "4200: zone 1 of 192.0.2.1",
            "4800: zone 1 of 192.0.2.1"
        ]
    );
    let expired: Vec<&String> = told.iter().filter(|line| line.contains("expired")).collect();
    assert_eq!(expired, ["86400: zone 1 expired"], "once");
    let status = schedule.status(ZoneId(1)).expect("followed");
    assert_eq!(status.error.as_deref(), Some("SERVFAIL"));
    assert_eq!((status.checked, status.expires), (Some(START), Some(START + 24 * HOUR)));
    assert_eq!(schedule.counts().expired, 1);
    // The primary is back.
    let told = run(&mut schedule, START + 26 * HOUR, START + 27 * HOUR, |_, _| Outcome::Fresh(held(6)));
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(schedule.counts().expired, 0);
}

#[test]
fn what_was_known_before_a_restart_counts() {
    let mut schedule = Schedule::new(Settings::default());
    let put = |schedule: &mut Schedule, zone, before| {
        schedule.put(START, ZoneId(zone), vec![primary(1)], Some(held(5)), Some(START - before));
    };
    put(&mut schedule, 1, HOUR / 2);
    put(&mut schedule, 2, 30 * HOUR);
    // A clock that was ahead: it counts as now.
    put(&mut schedule, 3, -50 * HOUR);
    let told = run(&mut schedule, START, START + HOUR, |_, _| Outcome::Fresh(held(5)));
    assert_eq!(
        told,
        [
            "0: zone 2 expired",
            "0: zone 2 of 192.0.2.1",
            "1800: zone 1 of 192.0.2.1",
            "3600: zone 2 of 192.0.2.1",
            "3600: zone 3 of 192.0.2.1"
        ]
    );
}

#[test]
fn a_zone_that_was_never_pulled_is_tried_more_and_more_seldom() {
    let told = run(&mut one(&[1]), START, START + HOUR, |_, _| failed("REFUSED"));
    let times: Vec<&str> = told.iter().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(times, ["0", "15", "45", "105", "225", "465", "945", "1545", "2145", "2745", "3345"]);
}

#[test]
fn times_stay_within_bounds() {
    let strange = |refresh, retry, expire| Held { refresh, retry, expire, ..held(5) };
    for (held, wait) in [
        (strange(0, 0, 0), 30),
        (strange(1, 1, 1_000_000), 30),
        (strange(u32::MAX, u32::MAX, u32::MAX), 14 * 86_400),
        // Before it expires.
        (strange(86_400, 600, 7_200), 3_600),
    ] {
        let mut schedule = one(&[1]);
        let _ = run(&mut schedule, START, START, |_, _| Outcome::Fresh(held));
        assert_eq!(
            schedule.status(ZoneId(1)).expect("followed").next,
            Some(START + wait * SECOND),
            "{held:?}"
        );
    }
}

#[test]
fn a_flood_of_notify_is_one_question_now_and_then() {
    let mut schedule = one(&[1, 2]);
    let _ = run(&mut schedule, START, START, |_, _| Outcome::Fresh(held(5)));
    let (mut asked, mut now) = (Vec::new(), START);
    for n in 0..10_000i64 {
        now = START + n;
        let from = primary(2).address.ip();
        assert!(schedule.notify(now, ZoneId(1), from, Some(Serial(6 + n as u32))));
        asked.extend(run(&mut schedule, now, now, |_, _| Outcome::Fresh(held(5))));
    }
    // Of whoever sent it, and once a second.
    assert_eq!(asked.len(), 9, "{asked:?}");
    assert!(asked.iter().all(|line| line.ends_with("192.0.2.2")), "{asked:?}");
    // One that says what is known already is none.
    let told = run(&mut schedule, now, now + 10 * SECOND, |_, _| Outcome::Fresh(held(5)));
    assert!(told.len() <= 1);
    schedule.notify(now + 20 * SECOND, ZoneId(1), primary(1).address.ip(), Some(Serial(5)));
    assert!(
        run(&mut schedule, now + 20 * SECOND, now + 30 * SECOND, |_, _| Outcome::Fresh(held(5))).is_empty()
    );
    assert!(!schedule.notify(now, ZoneId(9), primary(1).address.ip(), None), "no such zone");
}

#[test]
fn notify_while_a_zone_is_asked_for_asks_once_more() {
    let mut schedule = one(&[1]);
    let act = schedule.next(START).expect("an act");
    for _ in 0..100 {
        schedule.notify(START, ZoneId(1), primary(1).address.ip(), Some(Serial(7)));
    }
    assert_eq!(schedule.next(START), None);
    schedule.done(START, ZoneId(1), act.epoch, Outcome::Fresh(held(6)), 0);
    let told = run(&mut schedule, START, START + 60 * SECOND, |_, _| Outcome::Fresh(held(7)));
    assert_eq!(told, ["1: zone 1 of 192.0.2.1"]);
}

#[test]
fn a_dead_primary_of_many_zones_is_asked_once_in_a_while() {
    let mut schedule = Schedule::new(Settings::default());
    for zone in 0..20_000 {
        schedule.put(START, ZoneId(zone), vec![primary(1), primary(2)], Some(held(5)), None);
    }
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    run(&mut schedule, START, START + HOUR - 400 * SECOND, |_, act| {
        *asked.entry(act.primary.address.ip().to_string()).or_default() += 1;
        if act.primary == primary(1) { silent() } else { Outcome::Fresh(held(5)) }
    });
    assert_eq!(asked["192.0.2.2"], 20_000, "each zone once, of the one that answers");
    assert!(asked["192.0.2.1"] <= 3, "{asked:?}");
}

#[test]
fn so_many_at_a_time_and_no_more() {
    let settings = Settings { at_a_time: 5, per_primary: 2, ..Settings::default() };
    let mut schedule = Schedule::new(settings);
    for zone in 0..100 {
        schedule.put(START, ZoneId(zone), vec![primary((zone % 4) as u8)], None, None);
    }
    let (mut flying, mut seen) = (Vec::new(), 0);
    loop {
        while let Some(act) = schedule.next(START) {
            flying.push(act);
        }
        assert!(flying.len() <= 5);
        for last in 0..4 {
            assert!(flying.iter().filter(|act| act.primary == primary(last)).count() <= 2);
        }
        let Some(act) = flying.pop() else { break };
        seen += 1;
        schedule.done(START, act.zone, act.epoch, Outcome::Fresh(held(5)), 500);
    }
    assert_eq!(seen, 100, "each had its turn");
}

#[test]
fn zones_come_and_go() {
    let mut schedule = one(&[1]);
    let act = schedule.next(START).expect("an act");
    schedule.forget(ZoneId(1));
    schedule.done(START, ZoneId(1), act.epoch, Outcome::Fresh(held(5)), 0);
    assert_eq!((schedule.next(START), schedule.wake(), schedule.counts().running), (None, None, 0));
    // One that comes back does not take the outcome of before.
    schedule.put(START, ZoneId(1), vec![primary(1)], None, None);
    let again = schedule.next(START).expect("an act");
    schedule.done(START, ZoneId(1), act.epoch, failed("late"), 0);
    assert_eq!(schedule.status(ZoneId(1)).expect("followed").error, None);
    schedule.done(START, ZoneId(1), again.epoch, Outcome::Fresh(held(5)), 0);
    // Other primaries are asked at once.
    schedule.put(START, ZoneId(1), vec![primary(9)], None, None);
    assert_eq!(run(&mut schedule, START, START, |_, _| Outcome::Fresh(held(5))), ["0: zone 1 of 192.0.2.9"]);
}

//! The queue, told the time and the answers.

use super::*;
use ptrd_wire::{Rcode, Serial};
use ptrd_zone::model::ZoneId;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

struct Bench {
    queue: Queue,
    now: Instant,
    start: Instant,
    seed: u64,
}

const SECOND: Duration = Duration::from_secs(1);

fn target(n: u8) -> Target {
    Target { address: SocketAddr::from(([192, 0, 2, n], 53)), key: None }
}

fn listed(targets: &[u8]) -> Wish {
    Wish { listed: targets.iter().map(|n| target(*n)).collect(), ..Wish::default() }
}

fn nameservers(names: &[&str]) -> Wish {
    Wish { nameservers: names.iter().map(|name| name.parse().unwrap()).collect(), ..Wish::default() }
}

fn found(addresses: &[[u8; 4]], own: &[[u8; 4]]) -> Result<Resolution, Unresolved> {
    let ip = |list: &[[u8; 4]]| list.iter().copied().map(IpAddr::from).collect();
    Ok(Resolution { addresses: ip(addresses), own: ip(own), ttl: 300 * SECOND })
}

impl Bench {
    fn new() -> Bench {
        let now = Instant::now();
        Bench { queue: Queue::new(Settings::default()), now, start: now, seed: 1 }
    }

    fn put(&mut self, zone: u32, serial: u32, wish: Wish) {
        self.queue.put(self.now, ZoneId(zone), Serial(serial), wish);
    }

    fn next(&mut self) -> Option<Act> {
        let seed = &mut self.seed;
        let mut random = || {
            *seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            *seed ^ *seed >> 29
        };
        self.queue.next(self.now, &mut random)
    }

    /// All that is to be sent now.
    fn sent(&mut self) -> Vec<Notice> {
        let mut sent = Vec::new();
        while let Some(act) = self.next() {
            match act {
                Act::Send(notice) => sent.push(notice),
                Act::Resolve(name) => panic!("{name} is asked for"),
            }
        }
        sent
    }

    fn one(&mut self) -> Notice {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "{sent:?}");
        sent.remove(0)
    }

    fn asked(&mut self) -> Name {
        match self.next() {
            Some(Act::Resolve(name)) => name,
            other => panic!("{other:?}"),
        }
    }

    fn answer(&mut self, notice: &Notice, rcode: Rcode) {
        assert_eq!(self.queue.flight(notice.id, notice.target.address).unwrap().zone, notice.zone);
        self.queue.answered(self.now, notice.id, rcode, &mut || 7);
    }

    fn learn(&mut self, name: &Name, learnt: Result<Resolution, Unresolved>) {
        self.queue.resolved(self.now, name, learnt, &mut || 7);
    }

    /// Lets time pass until something is to be done.
    fn sleep(&mut self) -> bool {
        let Some(wake) = self.queue.wake() else { return false };
        assert!(wake > self.now, "it sleeps without an end");
        self.now = wake;
        true
    }

    fn told(&mut self) -> Vec<(u32, u32, usize, usize)> {
        let told = self.queue.take_told().into_iter();
        told.map(|told| (told.zone.0, told.serial.0, told.answered, told.failed)).collect()
    }

    fn states(&self, zone: u32) -> Vec<String> {
        let lines = self.queue.lines(ZoneId(zone)).into_iter();
        let who = |line: &Line| {
            let address = line.target.as_ref().map(|target| target.address.ip().to_string());
            line.nameserver.clone().or(address).unwrap_or_else(|| "nobody".to_owned())
        };
        lines.map(|l| format!("{} {} {}", who(&l), l.state.word(), l.detail.unwrap_or_default())).collect()
    }
}

#[test]
fn an_answer_ends_it() {
    let mut bench = Bench::new();
    bench.put(1, 10, listed(&[1, 2]));
    let sent = bench.sent();
    assert_eq!(sent.iter().map(|notice| notice.target.clone()).collect::<Vec<_>>(), [target(1), target(2)]);
    bench.answer(&sent[0], Rcode::NOERROR);
    assert_eq!(bench.told(), []);
    assert_eq!(bench.queue.counts().waiting, 1);
    assert!(bench.queue.flight(sent[1].id, target(1).address).is_none(), "from somebody else");
    bench.answer(&sent[1], Rcode::NOERROR);
    assert_eq!(bench.told(), [(1, 10, 2, 0)]);
    let counts = bench.queue.counts();
    assert_eq!((counts.sent, counts.answered, counts.waiting), (2, 2, 0));
    assert!(!bench.sleep(), "nothing is left to do");
    assert_eq!(bench.states(1), ["192.0.2.1 answered ", "192.0.2.2 answered "]);
}

#[test]
fn whoever_refuses_is_not_asked_again_for_that_serial() {
    for rcode in [Rcode::NOTIMP, Rcode::REFUSED, Rcode::NOTAUTH, Rcode::FORMERR] {
        let mut bench = Bench::new();
        bench.put(1, 10, listed(&[1]));
        let notice = bench.one();
        bench.answer(&notice, rcode);
        assert_eq!(bench.told(), [(1, 10, 0, 1)]);
        assert!(!bench.sleep());
        bench.now += 2 * SECOND;
        bench.put(1, 11, listed(&[1]));
        assert_eq!(bench.one().serial, Serial(11));
    }
}

#[test]
fn silence_is_waited_out_longer_each_time_and_not_for_ever() {
    let mut bench = Bench::new();
    bench.put(1, 10, listed(&[1]));
    let mut times = Vec::new();
    loop {
        times.extend(bench.sent().iter().map(|_| (bench.now - bench.start).as_secs_f64()));
        if bench.queue.counts().waiting == 0 {
            break;
        }
        assert!(bench.sleep());
    }
    assert_eq!(times.len(), 6, "{times:?}");
    for (nth, pair) in times.windows(2).enumerate() {
        let (gap, nominal) = (pair[1] - pair[0], f64::from(2 << nth));
        assert!(gap >= nominal * 0.75 && gap <= nominal * 1.26 && gap >= 2.0, "{nth}: {times:?}");
    }
    assert_eq!(bench.told(), [(1, 10, 0, 1)]);
    assert_eq!(bench.queue.counts().failed, 1);
    assert!(bench.states(1)[0].contains("failed"), "{:?}", bench.states(1));
}

#[test]
fn the_newest_serial_wins_while_an_older_one_waits() {
    let mut bench = Bench::new();
    bench.put(1, 10, listed(&[1]));
    let old = bench.one();
    bench.now += SECOND;
    bench.put(1, 11, listed(&[1]));
    let new = bench.one();
    assert_eq!(new.serial, Serial(11));
    // What answers the old one says nothing of the new one.
    bench.queue.answered(bench.now, old.id, Rcode::NOERROR, &mut || 7);
    assert_eq!(bench.told(), []);
    bench.answer(&new, Rcode::NOERROR);
    assert_eq!(bench.told(), [(1, 11, 1, 0)]);
    assert_eq!(bench.queue.counts().waiting, 0);
    // The same again, as a start reads it from the outbox: nothing new while it waits.
    bench.put(2, 5, listed(&[1]));
    bench.put(2, 5, listed(&[1]));
    assert_eq!(bench.sent().len(), 1);
    assert_eq!(bench.queue.counts().waiting, 1);
}

#[test]
fn what_changes_in_quick_succession_is_announced_together() {
    let mut bench = Bench::new();
    bench.put(1, 10, listed(&[1]));
    let first = bench.one();
    bench.answer(&first, Rcode::NOERROR);
    for serial in 11..100 {
        bench.put(1, serial, listed(&[1]));
        assert!(bench.sent().is_empty(), "not so soon");
    }
    assert!(bench.sleep());
    assert_eq!(bench.now - bench.start, SECOND);
    assert_eq!(bench.one().serial, Serial(99));
}

#[test]
fn names_are_resolved_once_and_their_addresses_told() {
    let mut bench = Bench::new();
    let mut wish = nameservers(&["ns1.example", "ns2.example"]);
    wish.listed = vec![target(1)];
    wish.skipped = vec![("ns0.example.".to_owned(), "primary")];
    for zone in 1..=3 {
        bench.put(zone, 10, wish.clone());
    }
    let (one, two) = (bench.asked(), bench.asked());
    // The listed address goes out meanwhile.
    assert_eq!(bench.sent().len(), 3);
    // An address that is listed is not told twice; ourselves, never.
    bench.learn(&one, found(&[[192, 0, 2, 1], [192, 0, 2, 7]], &[]));
    bench.learn(&two, found(&[], &[[192, 0, 2, 9]]));
    let sent = bench.sent();
    assert_eq!(sent.len(), 3, "{sent:?}");
    assert!(sent.iter().all(|notice| notice.target == target(7)));
    assert_eq!(
        bench.states(1),
        [
            "ns1.example. waiting ",
            "ns1.example. waiting ",
            "ns2.example. skipped it is this server",
            "ns0.example. skipped primary"
        ]
    );
    // While the TTL lasts nobody is asked again.
    bench.now += 100 * SECOND;
    bench.put(4, 1, nameservers(&["ns1.example"]));
    assert!(bench.sent().iter().any(|notice| notice.zone == ZoneId(4)));
    bench.now += 300 * SECOND;
    bench.put(5, 1, nameservers(&["ns1.example"]));
    while let Some(act) = bench.next() {
        if let Act::Resolve(name) = act {
            return assert_eq!(name.to_string(), "ns1.example.");
        }
    }
    panic!("it is asked for again when its TTL is over");
}

#[test]
fn names_that_do_not_resolve_are_tried_again_and_then_passed_over() {
    let unresolved = |is_final| Err(Unresolved { why: "SERVFAIL".to_owned(), is_final, ttl: 600 * SECOND });
    let mut bench = Bench::new();
    bench.put(1, 10, nameservers(&["ns1.example"]));
    for nth in 1..=6 {
        let name = bench.asked();
        bench.learn(&name, unresolved(false));
        if nth < 6 {
            assert!(bench.states(1)[0].contains("waiting its address is not found: SERVFAIL"));
            assert!(bench.sleep());
        }
    }
    assert_eq!(bench.told(), [(1, 10, 0, 0)]);
    assert!(bench.states(1)[0].contains("skipped"), "{:?}", bench.states(1));
    // For a while nobody is asked.
    bench.now += 10 * SECOND;
    bench.put(1, 11, nameservers(&["ns1.example"]));
    assert!(bench.sent().is_empty());
    assert_eq!(bench.told(), [(1, 11, 0, 0)]);
    bench.now += 700 * SECOND;
    bench.put(1, 12, nameservers(&["ns1.example"]));
    let name = bench.asked();
    bench.learn(&name, found(&[[192, 0, 2, 1]], &[]));
    assert_eq!(bench.one().target, target(1));
    // What an answer denies is not asked for again soon.
    bench.put(2, 1, nameservers(&["gone.example"]));
    let name = bench.asked();
    bench.learn(&name, unresolved(true));
    assert_eq!(bench.told(), [(2, 1, 0, 0)]);
    assert_eq!(bench.queue.counts().waiting, 1);
}

#[test]
fn a_dead_secondary_of_many_zones_holds_up_nobody() {
    const ZONES: u32 = 20_000;
    let mut bench = Bench::new();
    for zone in 1..=ZONES {
        bench.put(zone, 10, listed(&[1, 2]));
    }
    let (mut alive, mut dead, mut most) = (BTreeMap::new(), 0u32, 0);
    let mut flying = 0;
    loop {
        let sent = bench.sent();
        flying += sent.len();
        most = most.max(flying);
        assert!(flying <= 100, "{flying} in flight");
        for notice in sent {
            if notice.target == target(1) {
                assert!(alive.insert(notice.zone, bench.now - bench.start).is_none(), "asked twice");
                bench.answer(&notice, Rcode::NOERROR);
                flying -= 1;
            } else {
                dead += 1;
            }
        }
        if bench.queue.counts().answered < u64::from(ZONES) {
            continue;
        }
        flying = 0;
        if bench.queue.counts().waiting == 0 {
            break;
        }
        assert!(bench.sleep());
    }
    assert_eq!(alive.len(), ZONES as usize);
    assert!(alive.values().all(|time| time.is_zero()), "all at once");
    assert!(dead <= 8 + 5, "{dead} messages to one that never answers");
    assert!(most > 8);
    let told = bench.told();
    assert_eq!(told.len(), ZONES as usize);
    assert!(told.iter().all(|(_, _, answered, failed)| (*answered, *failed) == (1, 1)));
    assert_eq!(bench.queue.counts().waiting, 0);
    assert!(bench.now - bench.start < 90 * SECOND);
}

#[test]
fn one_that_comes_back_is_told_of_all() {
    let mut bench = Bench::new();
    for zone in 1..=500 {
        bench.put(zone, 10, listed(&[1]));
    }
    // Silent for ten seconds.
    while bench.now - bench.start < 10 * SECOND {
        bench.sent();
        assert!(bench.sleep());
    }
    while bench.queue.counts().answered < 500 {
        let sent = bench.sent();
        sent.iter().for_each(|notice| bench.answer(notice, Rcode::NOERROR));
        assert!(!sent.is_empty() || bench.sleep());
    }
    assert_eq!(bench.told().len(), 500);
    assert!(bench.now - bench.start < 40 * SECOND, "{:?}", bench.now - bench.start);
}

/// Lets one be silent until it is given up for everything.
fn give_up(bench: &mut Bench) {
    loop {
        bench.sent();
        if bench.queue.counts().waiting == 0 {
            return;
        }
        assert!(bench.sleep());
    }
}

#[test]
fn whoever_was_given_up_is_tried_again_about_every_hour() {
    let mut bench = Bench::new();
    for zone in 1..=1_000 {
        bench.put(zone, 10, listed(&[1]));
    }
    give_up(&mut bench);
    assert_eq!((bench.told().len(), bench.queue.counts().failed), (1_000, 1_000));
    let (mut sent, mut hours) = (Vec::new(), 0.0);
    for round in 1..=3 {
        let since = bench.now;
        assert!(bench.states(7)[0].contains("failed 192.0.2.1:53 does not answer"));
        assert!(bench.queue.lines(ZoneId(7))[0].next.is_some(), "it is said when it is tried again");
        let before = bench.queue.counts().sent;
        while bench.sent().is_empty() {
            assert!(bench.sleep());
        }
        let rest = (bench.now - since).as_secs_f64() / 3_600.0;
        assert!((0.7..=1.3).contains(&rest), "{rest} hours");
        hours += rest;
        give_up(&mut bench);
        sent.push(bench.queue.counts().sent - before);
        assert_eq!(bench.told().len(), 1_000, "round {round}");
    }
    assert!(sent.iter().all(|sent| *sent == 6), "{sent:?} messages to one that never answers");
    assert_ne!(hours, 3.0, "by chance");
    // It comes back, and is told of all.
    while bench.queue.counts().answered < 1_000 {
        let sent = bench.sent();
        assert!(!sent.is_empty() || bench.sleep());
        sent.iter().for_each(|notice| bench.answer(notice, Rcode::NOERROR));
    }
    assert_eq!(bench.queue.counts().waiting, 0);
    assert!(bench.told().iter().all(|(_, _, answered, failed)| (*answered, *failed) == (1, 0)));
    assert!(!bench.sleep(), "nothing is left to do");
}

#[test]
fn an_answer_from_one_that_was_given_up_brings_back_all_that_it_missed() {
    let mut bench = Bench::new();
    for zone in 1..=3 {
        bench.put(zone, 10, listed(&[1]));
    }
    give_up(&mut bench);
    bench.now += 60 * SECOND;
    bench.put(2, 11, listed(&[1]));
    let notice = bench.one();
    bench.answer(&notice, Rcode::NOERROR);
    let sent = bench.sent();
    assert_eq!(sent.iter().map(|n| (n.zone.0, n.serial.0)).collect::<Vec<_>>(), [(1, 10), (3, 10)]);
    sent.iter().for_each(|notice| bench.answer(notice, Rcode::NOERROR));
    // The hour that it was to be left alone for means nothing any more.
    bench.sleep();
    assert!(bench.sent().is_empty());
    assert!(!bench.sleep());
}

#[test]
fn a_zone_that_alone_gets_no_answer_does_not_keep_others_busy() {
    let mut bench = Bench::new();
    bench.put(1, 10, listed(&[1]));
    bench.put(2, 10, listed(&[1]));
    let mut messages = 0;
    let mut serial = 10;
    while bench.now - bench.start < 1_000 * SECOND {
        for notice in bench.sent() {
            match notice.zone {
                ZoneId(1) => messages += 1,
                _ => bench.answer(&notice, Rcode::NOERROR),
            }
        }
        bench.now += 5 * SECOND;
        serial += 1;
        bench.put(2, serial, listed(&[1]));
    }
    assert_eq!(messages, 6);
    assert!(bench.states(1)[0].contains("failed no answer to 6 messages"));
}

#[test]
fn those_who_come_are_told_at_once_and_those_who_go_no_more() {
    let mut bench = Bench::new();
    let two = listed(&[1, 2]);
    bench.put(1, 10, two.clone());
    for notice in bench.sent() {
        bench.answer(&notice, Rcode::NOERROR);
    }
    assert_eq!(bench.told(), [(1, 10, 2, 0)]);
    // One goes, one comes; zone 2 was not announced since the start.
    let other = listed(&[2, 3]);
    for zone in [1, 2] {
        bench.queue.change(bench.now, ZoneId(zone), Serial(10), &two, &other);
    }
    let sent = bench.sent();
    let told: Vec<_> = sent.iter().map(|n| (n.zone.0, n.serial.0, n.target.clone())).collect();
    assert_eq!(told, [(1, 10, target(3)), (2, 10, target(3))]);
    assert_eq!(bench.states(1), ["192.0.2.2 answered ", "192.0.2.3 waiting "]);
    // It is struck off before it has answered: nothing is waited for, and a late answer is none.
    bench.queue.change(bench.now, ZoneId(1), Serial(10), &other, &listed(&[2]));
    bench.queue.answered(bench.now, sent[0].id, Rcode::NOERROR, &mut || 7);
    assert_eq!(bench.queue.counts().waiting, 1);
    assert_eq!(bench.told(), [(1, 10, 1, 0)]);
    // It comes again, with a key: that is somebody else.
    let keyed = Target { key: Some("k.example".parse().unwrap()), ..target(2) };
    let wish = Wish { listed: vec![keyed.clone()], ..Wish::default() };
    bench.queue.change(bench.now, ZoneId(1), Serial(10), &listed(&[2]), &wish);
    let notice = bench.sent().remove(0);
    assert_eq!(notice.target, keyed);
    bench.answer(&notice, Rcode::NOERROR);
    assert_eq!(bench.told(), [(1, 10, 1, 0)]);
    // The same as before is nothing new.
    bench.queue.change(bench.now, ZoneId(1), Serial(10), &wish, &wish);
    assert!(bench.sent().is_empty() && bench.told().is_empty());
    bench.queue.change(bench.now, ZoneId(9), Serial(10), &two, &listed(&[1]));
    assert_eq!(bench.queue.lines(ZoneId(9)), [], "nobody came");
}

#[test]
fn nameservers_that_are_to_be_told_are_asked_for_and_those_that_are_not_are_not() {
    let mut bench = Bench::new();
    bench.put(1, 10, listed(&[1]));
    let notice = bench.one();
    bench.answer(&notice, Rcode::NOERROR);
    let mut both = nameservers(&["ns1.example"]);
    both.listed = vec![target(1)];
    bench.queue.change(bench.now, ZoneId(1), Serial(10), &listed(&[1]), &both);
    let name = bench.asked();
    // Not any more, before it was found; nothing comes of it.
    bench.queue.change(bench.now, ZoneId(1), Serial(10), &both, &listed(&[1]));
    assert_eq!(bench.queue.counts().waiting, 0);
    bench.learn(&name, found(&[[192, 0, 2, 7]], &[]));
    assert!(bench.sent().is_empty());
    bench.queue.change(bench.now, ZoneId(1), Serial(10), &listed(&[1]), &both);
    assert_eq!(bench.one().target, target(7));
}

#[test]
fn zones_that_go_are_forgotten() {
    let mut bench = Bench::new();
    bench.put(1, 10, listed(&[1]));
    bench.put(2, 10, nameservers(&["ns1.example"]));
    let name = bench.asked();
    let notice = bench.one();
    bench.queue.forget(ZoneId(1));
    bench.queue.forget(ZoneId(2));
    bench.learn(&name, found(&[[192, 0, 2, 1]], &[]));
    bench.queue.answered(bench.now, notice.id, Rcode::NOERROR, &mut || 7);
    assert!(bench.sent().is_empty());
    assert_eq!((bench.told(), bench.queue.counts().waiting), (vec![], 0));
    assert_eq!(bench.queue.zone_after(None), None);
    bench.put(3, 1, Wish::default());
    assert_eq!(bench.told(), [(3, 1, 0, 0)], "with nobody to tell it is done");
    assert_eq!(bench.states(3), ["nobody skipped there is nobody to tell"]);
}

#[test]
fn answers_are_read_with_care() {
    let mut message = vec![0x12, 0x34, 0xa4, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    message.extend_from_slice(b"\x01A\x02in\x00\x00\x06\x00\x01");
    let zone = b"\x01a\x02in\x00".to_vec();
    let read = Answer { id: 0x1234, rcode: Rcode::NOERROR, zone: Some(zone) };
    assert_eq!(Answer::read(&message), Some(read));
    for cut in 0..message.len() {
        assert_eq!(Answer::read(&message[..cut]), None, "{cut}");
    }
    for (at, octet) in
        [(2, 0x24), (2, 0x84), (2, 0xa6), (5, 2), (message.len() - 3, 1), (message.len() - 1, 3)]
    {
        let mut other = message.clone();
        other[at] = octet;
        assert_eq!(Answer::read(&other), None, "{at}");
    }
    let bare = [0x12, 0x34, 0xa4, 5, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(Answer::read(&bare), Some(Answer { id: 0x1234, rcode: Rcode::REFUSED, zone: None }));
}

#[test]
fn who_answers_what_proves_nothing_is_not_taken_for_dead() {
    let mut bench = Bench::new();
    const WHY: &str = "the answer (NOTAUTH) is not signed";
    for zone in 1..=20 {
        bench.put(zone, 10, listed(&[1]));
    }
    // Of the odd zones it says what it cannot prove; of the others it has no doubt.
    let (mut seen, mut is_said) = (BTreeMap::new(), false);
    loop {
        for notice in bench.sent() {
            *seen.entry(notice.zone.0).or_insert(0) += 1;
            if notice.zone.0 % 2 == 1 {
                bench.queue.doubted(notice.id, WHY);
            } else {
                bench.answer(&notice, Rcode::NOERROR);
            }
        }
        is_said |= bench.states(1) == [format!("192.0.2.1 waiting {WHY}")];
        if bench.queue.counts().waiting == 0 {
            break;
        }
        assert!(bench.sleep());
    }
    assert!(is_said, "while it waits to be asked once more");
    assert!(bench.now - bench.start < 60 * SECOND);
    assert_eq!(bench.states(2), ["192.0.2.1 answered "]);
    assert_eq!(bench.states(1), [format!("192.0.2.1 failed {WHY}")]);
    assert_eq!((seen[&1], seen[&2]), (2, 1));
    assert_eq!((bench.queue.counts().answered, bench.queue.counts().failed), (10, 10));
    // A signed answer that comes behind a doubtful one counts.
    bench.put(30, 10, listed(&[2]));
    let notice = bench.one();
    bench.queue.doubted(notice.id, WHY);
    bench.answer(&notice, Rcode::NOERROR);
    assert_eq!(bench.states(30), ["192.0.2.2 answered "]);
}

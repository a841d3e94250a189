//! The rate limit over random worlds and questions: what it lets through is what would have been answered without it,
//! and what it does not is silence or a reply without records, no longer than its question by much.

use ptrd_engine::{Asker, Engine, Limiter, Policy, RateLimit, RateLimitSettings, Transport, Worker};
use ptrd_suite::EngineAnswerer;
use ptrd_testkit::generate::Case;
use ptrd_testkit::{Answerer, RateLimit as WorldLimit};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{Followed, Follows, Primary, Security, Snapshot};
use std::net::SocketAddr;
use std::sync::Arc;

#[test]
fn limited_answers_are_whole_or_hold_no_records() {
    let (mut plain, mut limited) = (EngineAnswerer::default(), EngineAnswerer::default());
    let (mut whole, mut silent, mut truncated, mut bad_cookie) = (0, 0, 0, 0);
    for seed in 0..150 {
        let Case { mut world, questions } = Case::seeded(seed);
        plain.load(&world);
        world.server.rate_limit = Some(WorldLimit {
            responses: 20,
            nxdomains: 2,
            referrals: 2,
            errors: 2,
            ..WorldLimit::default()
        });
        limited.load(&world);
        for (nth, (question, _)) in questions.iter().enumerate() {
            let mut question = question.clone();
            if nth % 3 == 0 {
                question.edns.get_or_insert_default().options.push((10, vec![nth as u8; 8]));
            }
            let request = question.to_wire();
            let without = plain.ask(&request, Transport::Udp);
            let with = limited.ask(&request, Transport::Udp);
            assert_eq!(plain.ask(&request, Transport::Tcp), limited.ask(&request, Transport::Tcp), "TCP");
            if with == without {
                whole += 1;
                continue;
            }
            if with.is_empty() {
                silent += 1;
                continue;
            }
            assert!(with[..2] == request[..2] && with[2] & 0x80 != 0 && with[3] & 0x80 == 0, "id, QR, RA");
            assert!(with[6..10] == [0; 4] && with[11] == request[11], "no records but OPT");
            match (with[2] & 2 != 0, with[3] & 15) {
                (true, 0) => truncated += 1,
                (false, 7) => bad_cookie += 1,
                other => panic!("{question}: neither TC nor BADCOOKIE: {other:?}"),
            }
            // The server's part of a cookie, and the head of the option.
            assert!(with.len() <= request.len() + 20, "{} octets for {}", with.len(), request.len());
        }
    }
    for (count, what) in [(whole, "whole"), (silent, "silent"), (truncated, "TC"), (bad_cookie, "BADCOOKIE")]
    {
        assert!(count >= 50, "only {count} of {what}: the test shows nothing");
    }
}

#[test]
fn primaries_announce_as_often_as_they_would_be_answered_and_strangers_as_often_as_they_may_err() {
    let limit = RateLimitSettings {
        responses_per_second: 20,
        errors_per_second: 2,
        window: 1,
        exempt: Vec::new(),
        ..RateLimitSettings::default()
    };
    let mut policy = Policy::default();
    policy.defers = true;
    policy.rate_limit = Some(RateLimit::new(limit).expect("limits within bounds"));
    let engine = Engine::new(policy);
    let primary =
        Primary { address: SocketAddr::from(([192, 0, 2, 1], 53)), key: None, security: Security::Plain };
    let (mut snapshot, mut follows) = (Snapshot::default(), Follows::default());
    follows.set(ZoneId(1), Some(Arc::new(Followed { primaries: vec![primary] })));
    snapshot.set_follows(follows);
    let mut worker = Worker::limited_by(Limiter::new(1024, [1, 2], 1));
    // NOTIFY for example., SOA.
    let notify = b"\x12\x34\x24\0\0\x01\0\0\0\0\0\0\x07example\0\0\x06\0\x01";
    let mut taken = |peer: [u8; 4]| {
        let asker = Asker { peer: peer.into(), transport: Transport::Udp, now: 1, nanos: 1_000_000_000 };
        let mut room = [0; 512];
        let times = (0..15).filter(|_| {
            let length = engine.answer(&asker, notify, &mut room, &snapshot, &mut worker);
            length == 0 && worker.take_deferred().is_some()
        });
        times.count()
    };
    assert_eq!(taken([192, 0, 2, 1]), 15);
    assert_eq!(taken([198, 51, 100, 1]), 2);
}

//! The rate limit over random worlds and questions: what it lets through is what would have been answered without it,
//! and what it does not is silence or a reply without records, no longer than its question by much.

use ptrd_engine::Transport;
use ptrd_suite::EngineAnswerer;
use ptrd_testkit::generate::Case;
use ptrd_testkit::{Answerer, RateLimit};

#[test]
fn limited_answers_are_whole_or_hold_no_records() {
    let (mut plain, mut limited) = (EngineAnswerer::default(), EngineAnswerer::default());
    let (mut whole, mut silent, mut truncated, mut bad_cookie) = (0, 0, 0, 0);
    for seed in 0..150 {
        let Case { mut world, questions } = Case::seeded(seed);
        plain.load(&world);
        world.server.rate_limit =
            Some(RateLimit { responses: 20, nxdomains: 2, referrals: 2, errors: 2, ..RateLimit::default() });
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

//! TSIG over random worlds and questions: what is answered is what would have been answered without it, or less where
//! the signature needs the room; and the signature is right, by ring.

use ptrd_suite::EngineAnswerer;
use ptrd_testkit::generate::Case;
use ptrd_testkit::{Answerer, NOW, Reply, SharedKey, Signing, Transport, flatten, judge};
use ptrd_wire::{Name, Rcode};

fn keys() -> Vec<SharedKey> {
    let key = |name: &str, algorithm: &str, secret: u8| SharedKey {
        name: name.parse().expect("a name"),
        algorithm: algorithm.parse().expect("a name"),
        secret: vec![secret; 40],
        shortest_mac: None,
    };
    let long = [vec![b'k'; 63], vec![b'l'; 63], vec![b'm'; 63], vec![b'n'; 60]];
    let mut keys = vec![
        key("a", "hmac-sha1", 1),
        key("Key.example", "hmac-sha256", 2),
        key("transfer.customer-1.example.net", "hmac-sha384", 3),
        key("b", "hmac-sha512", 4),
    ];
    let name = Name::from_labels(long, &Name::root()).expect("a name");
    keys.push(SharedKey { name, ..key("long", "hmac-sha512", 5) });
    keys
}

#[test]
fn signed_answers_are_right_and_rightly_signed() {
    let mut engine = EngineAnswerer::default();
    let (mut cut, mut whole, mut bare) = (0, 0, 0);
    for seed in 0..120 {
        let Case { mut world, questions } = Case::seeded(seed);
        world.server.keys = keys();
        engine.load(&world);
        let zones = flatten(&world);
        for (nth, (question, transport)) in questions.iter().enumerate() {
            let mut question = question.clone();
            let key = &world.server.keys[(seed as usize + nth) % 5];
            let signing = Signing::with(key);
            question.signing = Some(signing.clone());
            let reply = engine.answer(&question.to_wire(), *transport).expect("a reply");
            let reply = Reply::decode(&reply).expect("a message");
            let Some(tsig) = &reply.tsig else {
                // Only where two long names and 512 octets leave no room for it.
                assert!(
                    reply.is_truncated() && key.name.as_wire().len() == 254 && *transport == Transport::Udp
                );
                assert!(reply.length <= 512 && reply.answer.is_empty() && reply.rcode == Rcode::NOERROR);
                bare += 1;
                continue;
            };
            signing.check_reply(&question.to_unsigned_wire(), &reply.octets, tsig).expect("signed");
            if question.edns.as_ref().is_none_or(|edns| edns.version == 0 && edns.options.is_empty()) {
                judge(&mut engine, &world, &zones, &question, *transport).expect("right");
            }
            if reply.is_truncated() { cut += 1 } else { whole += 1 }
        }
    }
    println!("{whole} whole, {cut} cut, {bare} without a signature");
    assert!(whole > 1000 && cut > 20 && bare > 5, "{whole} whole, {cut} cut, {bare} without a signature");
}

/// Time and key wrong in every way, on random questions: NOTAUTH, with no word on what is asked.
#[test]
fn refusals_do_not_depend_on_the_question() {
    let mut engine = EngineAnswerer::default();
    for seed in 0..40 {
        let Case { mut world, questions } = Case::seeded(seed);
        world.server.keys = keys();
        engine.load(&world);
        for (nth, (question, transport)) in questions.iter().enumerate() {
            let mut signing = Signing::with(&world.server.keys[nth % 4]);
            match nth / 4 % 3 {
                0 => signing.time = NOW + 301 + nth as u64,
                1 => signing.secret[0] ^= 1,
                _ => signing.name = "nobody".parse().expect("a name"),
            }
            let question = ptrd_testkit::Question { signing: Some(signing.clone()), ..question.clone() };
            let reply = Reply::decode(&engine.answer(&question.to_wire(), *transport).expect("a reply"));
            let reply = reply.expect("a message");
            assert_eq!(reply.rcode, Rcode::NOTAUTH, "{question}");
            assert!(reply.answer.is_empty() && reply.authority.is_empty() && reply.additional.is_empty());
            assert_eq!(reply.opt.is_some(), question.edns.is_some());
            let tsig = reply.tsig.as_ref().expect("TSIG");
            let signed = signing.check_reply(&question.to_unsigned_wire(), &reply.octets, tsig);
            assert_eq!(signed.is_ok(), nth / 4 % 3 == 0, "{signed:?}");
        }
    }
}

//! Fuzz target for TSIG: signed requests that are altered, TSIG data of any octets, and answers of any octets.
//!
//! `cargo test -p ptrd-suite --test fuzz_tsig` runs a bounded time of random input. `cargo bolero test -p ptrd-suite tsig`
//! searches with libFuzzer; stable needs `RUSTC_BOOTSTRAP=1` for it.

use ptrd_engine::Transport;
use ptrd_suite::EngineAnswerer;
use ptrd_testkit::generate::Case;
use ptrd_testkit::{Answerer, NOW, Question, SharedKey, Signing};
use ptrd_tsig::{Algorithm, Key, sign_request};
use ptrd_wire::RecordType;

#[test]
fn tsig() {
    let shared = SharedKey {
        name: "key.example".parse().expect("a name"),
        algorithm: "hmac-sha256".parse().expect("a name"),
        secret: b"secret".to_vec(),
        shortest_mac: None,
    };
    let mut engine = EngineAnswerer::default();
    let Case { mut world, .. } = Case::seeded(2);
    world.server.keys = vec![shared.clone()];
    engine.load(&world);
    let engine = std::sync::Mutex::new(engine);
    let mut question = Question::new("1.2.0.192.in-addr.arpa".parse().expect("a name"), RecordType::PTR);
    question.signing = Some(Signing::with(&shared));
    let (unsigned, signed) = (question.to_unsigned_wire(), question.to_wire());
    let key = Key::new(shared.name, Algorithm::HmacSha256, &shared.secret).expect("a key");
    let mut buffer = unsigned.clone();
    buffer.resize(512, 0);
    let (length, awaiting) = sign_request(key, &mut buffer, unsigned.len(), NOW).expect("room");
    assert_eq!(buffer[..length], signed, "the same request");
    bolero::check!().for_each(|input: &[u8]| {
        let ask = |request: &[u8]| {
            let mut engine = engine.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            engine.ask(request, Transport::Udp)
        };
        // An answer that nobody signed, or that somebody else did.
        assert!(awaiting.clone().accept(input, NOW).is_err());
        let [kind, input @ ..] = input else { return };
        let request = match kind % 3 {
            // Octets exchanged: a place and what is laid over it.
            0 => {
                let mut request = signed.clone();
                for pair in input.chunks_exact(2) {
                    let at = usize::from(pair[0]) % request.len();
                    request[at] ^= pair[1];
                }
                request
            }
            // TSIG data of any octets, of our key.
            1 => {
                let mut request = [&unsigned[..], b"\x03key\x07example\0\0\xfa\0\xff\0\0\0\0"].concat();
                request.extend_from_slice(&(input.len() as u16).to_be_bytes());
                request.extend_from_slice(input);
                request[11] = 1;
                request
            }
            // Cut, or with something behind.
            _ => [&signed[..usize::from(input.first().copied().unwrap_or(0)).min(signed.len())], input]
                .concat(),
        };
        let reply = ask(&request);
        if reply.is_empty() {
            return;
        }
        assert!(reply.len() <= 512 && reply[..2] == request[..2]);
        // With a TSIG record that is not ours to the last bit, there is no answer but an error without records. The id
        // may be another, and letters of the names of key and algorithm.
        let same = request.len() == signed.len()
            && request[2..unsigned.len()] == signed[2..unsigned.len()]
            && request[unsigned.len()..].eq_ignore_ascii_case(&signed[unsigned.len()..]);
        let carries_tsig =
            kind % 3 == 1 || ptrd_wire::TsigRecord::find(&request).is_ok_and(|found| found.is_some());
        if carries_tsig && !same {
            assert!([1, 4, 9].contains(&(reply[3] & 15)), "FORMERR, NOTIMP or NOTAUTH: {reply:?}");
            assert_eq!(reply[6..10], [0; 4], "no records: {reply:?}");
        }
        assert!(awaiting.clone().accept(&reply, NOW).is_err() || same);
    });
}

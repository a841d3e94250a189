//! Fuzz target for requests: any octets, through the engine, over a world with every kind of zone.
//!
//! `cargo test -p ptrd-suite --test fuzz_packet` runs the corpus beside this file and a bounded time of random input.
//! `cargo bolero test -p ptrd-suite requests` searches with libFuzzer; stable needs `RUSTC_BOOTSTRAP=1` for it.

use ptrd_engine::Transport;
use ptrd_suite::EngineAnswerer;
use ptrd_testkit::Answerer;
use ptrd_testkit::generate::Case;

#[test]
fn requests() {
    let mut engine = EngineAnswerer::default();
    let Case { world, .. } = Case::seeded(2);
    engine.load(&world);
    let engine = std::sync::Mutex::new(engine);
    bolero::check!().for_each(|request: &[u8]| {
        for transport in [Transport::Udp, Transport::Tcp] {
            let reply =
                engine.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).ask(request, transport);
            let is_response = request.len() >= 12 && request[2] & 0x80 != 0;
            assert!(
                reply.is_empty() == (request.len() < 12 || is_response),
                "silence exactly where it is due"
            );
            if reply.is_empty() {
                continue;
            }
            assert!(reply.len() >= 12 && reply[..2] == request[..2], "the id comes back");
            assert!(reply[2] & 0x80 != 0 && reply[3] & 0x80 == 0, "QR set, RA clear");
            assert!(transport == Transport::Tcp || reply.len() <= 1232, "{} octets over UDP", reply.len());
            // An answer is no longer than 512 octets unless the request had an OPT record to say so.
            assert!(transport == Transport::Tcp || reply.len() <= 512 || request[11] > 0 || request[10] > 0);
        }
    });
}

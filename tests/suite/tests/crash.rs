//! kill -9 in the middle of a stream of changes, again and again: what was acknowledged is there afterwards.

use ptrd_suite::daemon::{Client, Daemon};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

const KILLS: u32 = 100;
const CLIENTS: u32 = 8;

/// Each client owns addresses of its own, and says of each which value was acknowledged last, and which one was on
/// its way when the daemon died: either may be found afterwards, nothing older.
#[derive(Default)]
struct Ledger {
    acknowledged: HashMap<String, u64>,
    unknown: HashMap<String, u64>,
}

fn stream(socket: &std::path::Path, client: u32, next: &AtomicU64, stop: &AtomicBool, ledger: &mut Ledger) {
    let Some(mut connection) = Client::connect(socket) else { return };
    while !stop.load(Ordering::Relaxed) {
        let value = next.fetch_add(1, Ordering::Relaxed);
        let address = format!("198.51.{}.{}", 100 + client % 4, client / 4 * 64 + (value % 64) as u32);
        let body = format!("{{\"names\":[\"v{value}.example.com\"]}}");
        match connection.request("PUT", &format!("/v1/ptrs/{address}"), &body) {
            Some((200, _)) => {
                ledger.unknown.remove(&address);
                ledger.acknowledged.insert(address, value);
            }
            Some((status, body)) => panic!("PUT {address}: {status} {body}"),
            None => {
                ledger.unknown.insert(address, value);
                return;
            }
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut daemon = Daemon::start(folder.path(), &[]);
    daemon.ctl(&["tenant", "add", "acme"]);
    daemon.ctl(&["block", "add", "198.51.100.0/22", "--tenant", "acme"]);
    let next = AtomicU64::new(1);
    let mut ledgers: Vec<Ledger> = (0..CLIENTS).map(|_| Ledger::default()).collect();
    let mut checked = 0u64;
    for round in 0..KILLS {
        let stop = AtomicBool::new(false);
        let before = next.load(Ordering::Relaxed);
        std::thread::scope(|scope| {
            for (client, ledger) in ledgers.iter_mut().enumerate() {
                let (socket, next, stop) = (daemon.socket.clone(), &next, &stop);
                scope.spawn(move || stream(&socket, client as u32, next, stop, ledger));
            }
            // Not a wait for a condition: the moment of the blow is what varies.
            std::thread::sleep(Duration::from_millis(u64::from(10 + round * 37 % 90)));
            daemon.kill();
            stop.store(true, Ordering::Relaxed);
        });
        assert!(next.load(Ordering::Relaxed) > before, "changes were on their way in round {round}");
        daemon = Daemon::start(folder.path(), &[]);
        let mut connection = Client::connect(&daemon.socket).expect("the daemon answers");
        for ledger in &mut ledgers {
            for address in
                ledger.acknowledged.keys().chain(ledger.unknown.keys()).cloned().collect::<Vec<_>>()
            {
                let (status, body) =
                    connection.request("GET", &format!("/v1/ptrs/{address}"), "").expect("an answer");
                let found = (status == 200).then(|| value_of(&body));
                let acknowledged = ledger.acknowledged.get(&address).copied();
                let unknown = ledger.unknown.remove(&address);
                assert!(
                    found == acknowledged || (unknown.is_some() && found == unknown),
                    "round {round}, {address}: found {found:?}, acknowledged {acknowledged:?}, on its way {unknown:?}"
                );
                // What was on its way and is there counts from now on.
                if let Some(found) = found {
                    ledger.acknowledged.insert(address, found);
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 1_000, "only {checked} checks: the stream was too thin to show anything");
}

fn value_of(body: &str) -> u64 {
    let json: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let name = json["names"][0].as_str().expect("a name");
    name.strip_prefix('v')
        .and_then(|rest| rest.split('.').next())
        .and_then(|n| n.parse().ok())
        .expect("a value")
}

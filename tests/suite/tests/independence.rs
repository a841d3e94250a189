//! The DNS side does not depend on the control side: with the socket saturated, the store gone and the queue full,
//! every question is answered, and what was refused says why.

use ptrd_suite::daemon::{Client, Daemon};
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};

/// 10.100.51.198.in-addr.arpa PTR, and a name that does not exist.
fn question(octet: u8) -> Vec<u8> {
    let label = octet.to_string();
    let mut octets = vec![0x12, octet, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, label.len() as u8];
    octets.extend_from_slice(label.as_bytes());
    octets.extend_from_slice(b"\x03100\x0251\x03198\x07in-addr\x04arpa\x00\x00\x0c\x00\x01");
    octets
}

fn assert_answers(daemon: &Daemon, times: u32, while_what: &str) {
    for n in 0..times {
        let hit = n % 2 == 0;
        let reply = daemon.dns(&question(if hit { 10 } else { 99 }));
        let reply = reply.unwrap_or_else(|| panic!("no answer to question {n} {while_what}"));
        assert_eq!(reply[3] & 15, if hit { 0 } else { 3 }, "rcode of question {n} {while_what}");
    }
}

fn prepared(folder: &std::path::Path) -> Daemon {
    let daemon = Daemon::start(folder, &[]);
    daemon.ctl(&["tenant", "add", "acme"]);
    daemon.ctl(&["block", "add", "198.51.100.0/24", "--tenant", "acme"]);
    daemon.ctl(&["ptr", "set", "198.51.100.10", "mail.example.com"]);
    daemon
}

#[test]
fn answers_go_on_while_the_socket_is_saturated() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = prepared(folder.path());
    // Connections that say nothing, and some that never finish their request.
    let stalled: Vec<UnixStream> = (0..200)
        .filter_map(|n| {
            let mut stream = UnixStream::connect(&daemon.socket).ok()?;
            if n % 2 == 0 {
                stream
                    .write_all(b"PUT /v1/ptrs/198.51.100.11 HTTP/1.1\r\ncontent-length: 500\r\n\r\n{")
                    .ok()?;
            }
            Some(stream)
        })
        .collect();
    assert_answers(&daemon, 200, "with stalled connections");
    drop(stalled);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for client in 0..32u32 {
            let (daemon, stop) = (&daemon, &stop);
            scope.spawn(move || {
                let Some(mut connection) = Client::connect(&daemon.socket) else { return };
                let mut n = 0u32;
                while !stop.load(Ordering::Relaxed) {
                    n += 1;
                    let path = format!("/v1/ptrs/198.51.100.{}", 128 + client);
                    let body = format!("{{\"names\":[\"n{n}.example.com\"]}}");
                    if connection.request("PUT", &path, &body).is_none() {
                        return;
                    }
                }
            });
        }
        assert_answers(&daemon, 300, "with 32 clients writing");
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn answers_go_on_when_the_disk_is_full() {
    let folder = tempfile::tempdir().expect("a folder");
    let mount = folder.path().join("small");
    std::fs::create_dir(&mount).expect("a mount point");
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
        .arg(&mount)
        .status()
        .is_ok_and(|status| status.success());
    if !mounted {
        println!("skipped: this user may not mount a small tmpfs to fill");
        return;
    }
    let unmount = Unmount(mount.clone());
    let daemon = prepared(&mount);
    daemon.ctl(&["ptr", "set", "198.51.100.77", "first.example.com"]);
    std::fs::write(mount.join("filler"), vec![0; 16 << 20]).expect_err("the device is full now");
    let mut refused = None;
    for n in 0..2_000 {
        let body = format!("{{\"names\":[\"n{n}.{}.example.com\"]}}", "x".repeat(60));
        let (status, body) = daemon.http("PUT", "/v1/ptrs/198.51.100.77", &body).expect("the socket answers");
        if status != 200 {
            refused = Some((status, body));
            break;
        }
    }
    let (status, body) = refused.expect("a full device refuses changes in the end");
    assert_eq!(status, 503, "{body}");
    assert!(body.contains("room"), "says what is wrong: {body}");
    assert_answers(&daemon, 100, "with a full disk");
    let before = daemon.ctl(&["ptr", "get", "198.51.100.77", "--json"]);
    std::fs::remove_file(mount.join("filler")).expect("room again");
    daemon.ctl(&["ptr", "set", "198.51.100.78", "after.example.com"]);
    assert_answers(&daemon, 20, "with room again");
    assert!(daemon.stop().success());
    let daemon = Daemon::start(&mount, &[]);
    assert_eq!(daemon.ctl(&["ptr", "get", "198.51.100.77", "--json"]), before, "what was acknowledged last");
    assert!(daemon.ctl(&["ptr", "get", "198.51.100.78"]).contains("after.example.com"));
    drop(daemon);
    drop(unmount);
}

struct Unmount(std::path::PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn answers_go_on_when_the_store_is_taken_away() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("store");
    std::fs::create_dir(&inner).expect("a folder");
    let daemon = prepared(&inner);
    for ending in ["ptrd.db", "ptrd.db-wal", "ptrd.db-shm"] {
        let _ = std::fs::remove_file(inner.join(ending));
    }
    assert_answers(&daemon, 50, "with the files gone");
    let status = daemon.http("GET", "/v1/status", "").expect("status answers");
    assert_eq!(status.0, 200, "{}", status.1);
}

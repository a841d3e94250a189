//! The DNS side does not depend on the control side: with the socket saturated, the store gone and the queue full,
//! every question is answered, and what was refused says why.

use ptrd_suite::daemon::{Client, Daemon, PATIENCE};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
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
    prepare(&daemon);
    daemon
}

fn prepare(daemon: &Daemon) {
    daemon.ctl(&["tenant", "add", "acme"]);
    daemon.ctl(&["block", "add", "198.51.100.0/24", "--tenant", "acme"]);
    daemon.ctl(&["ptr", "set", "198.51.100.10", "mail.example.com"]);
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

/// What `ptrctl status` says about the store.
fn store_health(daemon: &Daemon) -> String {
    let status: serde_json::Value =
        serde_json::from_str(&daemon.ctl(&["status", "--json"])).expect("status is JSON");
    status["store"].as_str().expect("the store's health").to_owned()
}

/// Waits until the store is said to be well again, with no change in between.
fn wait_until_well(daemon: &Daemon) {
    let begun = std::time::Instant::now();
    while store_health(daemon) != "ok" {
        assert!(begun.elapsed() < PATIENCE, "the store stays ill: {}", store_health(daemon));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// A change is refused as long as `broken` lasts, with `word` in the answer and in the status; nothing is lost, DNS goes
/// on, and after `mend` all is as before, by itself.
fn assert_survives(daemon: &Daemon, what: &str, word: &str, broken: impl FnOnce(), mend: impl FnOnce()) {
    daemon.ctl(&["ptr", "set", "198.51.100.77", "before.example.com"]);
    broken();
    let (status, body) = daemon
        .http("PUT", "/v1/ptrs/198.51.100.77", "{\"names\":[\"refused.example.com\"]}")
        .expect("the socket answers");
    assert_eq!(status, 503, "{what}: {body}");
    assert!(body.contains(word), "{what}: says what is wrong: {body}");
    assert!(store_health(daemon).contains(word), "{what}: {}", store_health(daemon));
    assert_answers(daemon, 50, what);
    assert!(daemon.ctl(&["ptr", "get", "198.51.100.77"]).contains("before.example.com"), "{what}");
    mend();
    wait_until_well(daemon);
    daemon.ctl(&["ptr", "set", "198.51.100.78", "after.example.com"]);
    assert_answers(daemon, 20, what);
}

fn assert_kept(daemon: &Daemon) {
    assert!(daemon.ctl(&["ptr", "get", "198.51.100.77"]).contains("before.example.com"));
    assert!(daemon.ctl(&["ptr", "get", "198.51.100.78"]).contains("after.example.com"));
}

/// A device that failed: the kernel makes its file system read-only under whoever uses it. (`mount -o remount,ro` would
/// be refused while files are open.)
#[test]
fn answers_go_on_when_the_kernel_makes_the_disk_read_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let (image, mount) = (folder.path().join("image"), folder.path().join("disk"));
    std::fs::create_dir(&mount).expect("a mount point");
    std::fs::File::create(&image).and_then(|file| file.set_len(96 << 20)).expect("an image");
    let run = |command: &str, arguments: &[&str]| {
        let output = std::process::Command::new(command).args(arguments).args([&image, &mount]).output();
        output.is_ok_and(|output| output.status.success())
    };
    let made = std::process::Command::new("mkfs.ext4").arg("-q").arg(&image).output();
    if !made.is_ok_and(|output| output.status.success()) || !run("mount", &["-o", "loop"]) {
        println!("skipped: this user may not mount an image of a file system to break");
        return;
    }
    let unmount = Unmount(mount.clone());
    let daemon = prepared(&mount);
    daemon.ctl(&["ptr", "set", "198.51.100.77", "before.example.com"]);
    let broken = std::process::Command::new("mount").args(["-o", "remount,abort"]).arg(&mount).output();
    assert!(broken.is_ok_and(|output| output.status.success()), "the file system breaks");
    for _ in 0..3 {
        let (status, body) = daemon
            .http("PUT", "/v1/ptrs/198.51.100.77", "{\"names\":[\"refused.example.com\"]}")
            .expect("the socket answers");
        assert_eq!(status, 503, "{body}");
        assert_answers(&daemon, 30, "on a broken disk");
    }
    assert_ne!(store_health(&daemon), "ok");
    assert!(daemon.ctl(&["ptr", "get", "198.51.100.77"]).contains("before.example.com"));
    // Closing cannot write any more either, and comes to an end all the same.
    assert!(daemon.stop().success());
    drop(unmount);
    assert!(run("mount", &["-o", "loop"]), "mounted again");
    let unmount = Unmount(mount.clone());
    let daemon = Daemon::start(&mount, &[]);
    assert!(daemon.ctl(&["ptr", "get", "198.51.100.77"]).contains("before.example.com"));
    drop(daemon);
    drop(unmount);
}

#[test]
fn answers_go_on_when_permission_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("store");
    std::fs::create_dir(&inner).expect("a folder");
    let nobody = 65_534;
    let give = |owner| std::os::unix::fs::chown(&inner, Some(owner), Some(owner));
    let mode =
        |path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    mode(folder.path(), 0o755);
    mode(&inner, 0o700);
    let user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let may_run = |program: &std::path::Path| {
        let mut command = std::process::Command::new(user[0]);
        command.args(&user[1..]).arg(program).arg("--version").output().is_ok_and(|it| it.status.success())
    };
    if give(nobody).is_err() || !may_run(&ptrd_suite::daemon::program("ptrd")) {
        println!("skipped: this user may not run the daemon as another one");
        return;
    }
    let daemon = Daemon::start_by(&user, &inner, &[]);
    prepare(&daemon);
    assert_survives(
        &daemon,
        "without permission",
        "ermission denied",
        || give(0).expect("taken away"),
        || give(nobody).expect("given back"),
    );
    assert!(daemon.stop().success());
    assert_kept(&Daemon::start_by(&user, &inner, &[]));
}

#[test]
fn answers_go_on_when_the_files_are_moved_away() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = prepared(folder.path());
    let (file, aside) = (folder.path().join("ptrd.db"), folder.path().join("aside.db"));
    assert_survives(
        &daemon,
        "with the file moved away",
        "moved",
        || std::fs::rename(&file, &aside).expect("a move"),
        || std::fs::rename(&aside, &file).expect("a move back"),
    );
    assert!(daemon.stop().success());
    assert_kept(&Daemon::start(folder.path(), &[]));
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
    let (status, body) = daemon
        .http("PUT", "/v1/ptrs/198.51.100.77", "{\"names\":[\"lost.example.com\"]}")
        .expect("the socket answers");
    assert_eq!(status, 503, "a change into files that nobody will find again: {body}");
    assert!(store_health(&daemon).contains("removed"), "{}", store_health(&daemon));
    assert_answers(&daemon, 50, "after a refused change");
}

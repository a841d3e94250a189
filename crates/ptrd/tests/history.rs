//! Undoing, comparing, copying, checking and restoring with the programs, as an operator does it.

mod common;

use common::{PATIENCE, Process, Server, program};
use std::io::{Read, Write};
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Runs the program to its end: status, stdout, stderr.
fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = program();
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = command.output().expect("ptrd runs");
    let text = |octets: Vec<u8>| String::from_utf8(octets).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

/// `GET /v1/backup`, into a file.
fn backup(server: &Server, to: &str) -> u64 {
    let mut stream = UnixStream::connect(server.socket()).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    write!(stream, "GET /v1/backup HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8(answer[..end].to_vec()).expect("text");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let body = &answer[end + 4..];
    let number = |name: &str| -> u64 {
        let line = head.lines().find_map(|line| line.to_lowercase().strip_prefix(name).map(str::to_owned));
        line.expect(name).trim().parse().expect("a number")
    };
    assert_eq!(number("content-length:"), body.len() as u64);
    std::fs::write(to, body).expect("a file");
    number("ptrd-change:")
}

fn stop(server: Server) -> tempfile::TempDir {
    let Server { mut process, folder, .. } = server;
    process.signal("TERM");
    assert!(process.wait().success());
    folder
}

fn start_again(folder: tempfile::TempDir) -> Server {
    let mut command = program();
    command.args(Server::arguments(folder.path()));
    Server::run(command, folder)
}

fn change(server: &Server, body: &str) -> String {
    server.request("POST", "/v1/changes", body)
}

fn set(server: &Server, last: u8, name: &str) {
    let body = format!(r#"{{"kind":"ptr-set","address":"192.0.2.{last}","names":["{name}"]}}"#);
    assert!(change(server, &body).starts_with("HTTP/1.1 200"));
}

fn serial(server: &Server) -> u32 {
    let zone = server.request("GET", "/v1/zones/2.0.192.in-addr.arpa", "");
    let text = zone.split("\"serial\":").nth(1).expect("a serial");
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..digits].parse().expect("a number")
}

#[test]
fn changes_are_shown_compared_and_undone() {
    let server = Server::start(&[]);
    server.fill();
    set(&server, 2, "two.example.net");
    assert_eq!(server.ask(2), 0);
    let show = server.request("GET", "/v1/log/5", "");
    assert!(show.contains("\"kind\":\"ptr-set\"") && show.contains("\"address\":\"192.0.2.2\""), "{show}");
    let edits = server.request("GET", "/v1/log/5/edits", "");
    assert!(edits.contains("application/x-ndjson"), "{edits}");
    assert!(
        edits.contains(
            r#"{"what":"ptr","address":"192.0.2.2","before":null,"after":{"names":["two.example.net."]}}"#
        ),
        "{edits}"
    );
    let dry = server.request("POST", "/v1/changes?dry_run=true", r#"{"kind":"rollback","change":5}"#);
    assert!(dry.starts_with("HTTP/1.1 200") && server.ask(2) == 0, "{dry}");
    assert!(change(&server, r#"{"kind":"rollback","change":5}"#).starts_with("HTTP/1.1 200"));
    assert_eq!(server.ask(2), 3);
    let diff = server.request("GET", "/v1/diff?from=4", "");
    assert!(diff.starts_with("HTTP/1.1 200") && !diff.contains("192.0.2.2"), "{diff}");
    assert!(change(&server, r#"{"kind":"rollback","change":6}"#).starts_with("HTTP/1.1 200"));
    assert_eq!(server.ask(2), 0);
    let refused = change(&server, r#"{"kind":"rollback","change":6}"#);
    assert!(refused.starts_with("HTTP/1.1 409") && refused.contains("(change 7, rollback by"), "{refused}");
    for bad in
        ["/v1/log/x", "/v1/log/0", "/v1/log/99/edits", "/v1/diff", "/v1/diff?from=99", "/v1/log?since=soon"]
    {
        let answer = server.request("GET", bad, "");
        assert!(answer.starts_with("HTTP/1.1 4"), "{bad}: {answer}");
    }
}

#[test]
fn a_backup_is_made_checked_and_restored() {
    let server = Server::start(&[]);
    server.fill();
    let place = server.folder.path().to_owned();
    let (copy, store) = (path(&place, "copy.db"), path(&place, "ptrd.db"));
    let newest = backup(&server, &copy);
    let (status, text, _) = run(&["check-store", "--store", &copy]);
    assert!(status == Some(0) && text.contains("sound"), "{text}");
    let (status, text, _) = run(&["check-store", "--store", &store]);
    assert!(status == Some(0) && text.contains("sound"), "while it is in use: {text}");
    assert!(!place.join("ptrd.db.backup.tmp").exists());

    for n in 2..9 {
        set(&server, n, "later.example.net");
    }
    let (before, latest) = (serial(&server), newest + 7);
    let restore = ["restore", &copy, "--store", &store, "--reason", "a drill"];
    let (status, _, complaint) = run(&restore);
    assert!(status == Some(3) && complaint.contains("locked by another process"), "{status:?} {complaint}");
    assert_eq!(server.ask(2), 0, "nothing has happened to it");

    let folder = stop(server);
    let (status, text, complaint) = run(&restore);
    assert!(status == Some(0), "{text} {complaint}");
    assert!(text.contains(&format!("as it was after change {newest}")), "{text}");
    let aside: Vec<PathBuf> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().contains(".replaced-"))
        .collect();
    assert_eq!(aside.len(), 1, "{aside:?}");
    let (status, text, _) = run(&["check-store", "--store", &aside[0].display().to_string()]);
    assert!(status == Some(0), "the old one is whole: {text}");
    let (status, text, _) = run(&["check-store", "--store", &store]);
    assert!(status == Some(0), "{text}");

    let server = start_again(folder);
    assert_eq!((server.ask(1), server.ask(2)), (0, 3), "as it was then");
    assert!(serial(&server) > before, "{} after {before}", serial(&server));
    let log = server.request("GET", "/v1/log?limit=1", "");
    assert!(
        log.contains("\"kind\":\"restore\"") && log.contains(&format!("\"change\":{}", latest + 1)),
        "{log}"
    );
    assert!(log.contains("a drill"), "{log}");
    set(&server, 3, "again.example.net");
    assert_eq!(server.ask(3), 0);
    let refused = change(&server, &format!(r#"{{"kind":"rollback","change":{}}}"#, newest + 3));
    assert!(refused.starts_with("HTTP/1.1 404"), "a change that was lost: {refused}");
}

#[test]
fn serials_come_from_whoever_holds_them() {
    let server = Server::start(&[]);
    server.fill();
    let place = tempfile::tempdir().expect("a folder");
    let copy = path(place.path(), "copy.db");
    backup(&server, &copy);
    for n in 2..5 {
        set(&server, n, "later.example.net");
    }
    let held = serial(&server);
    let store = path(place.path(), "new.db");
    let (status, _, complaint) = run(&["restore", &copy, "--store", &store]);
    assert!(status == Some(10) && complaint.contains("--serials ask=ADDRESS"), "{status:?} {complaint}");
    assert!(!Path::new(&store).exists(), "nothing was changed");

    // Nobody answers there.
    let silent = UdpSocket::bind(("127.0.0.1", 0)).expect("a socket");
    let closed: SocketAddr = silent.local_addr().expect("an address");
    drop(silent);
    let (status, _, complaint) =
        run(&["restore", &copy, "--store", &store, "--serials", &format!("ask={closed}")]);
    assert!(status == Some(10) && complaint.contains("no answer"), "{status:?} {complaint}");
    assert!(!Path::new(&store).exists());

    // The old server stands for a secondary that is ahead of the backup.
    let ask = format!("ask={}", server.dns);
    let (status, text, complaint) = run(&["restore", &copy, "--store", &store, "--serials", &ask]);
    assert!(status == Some(0) && text.contains("holds 1 of 1 zones"), "{text} {complaint}");
    assert!(text.contains(&format!("goes on with serial {}", held + 1)), "{text}");
    let other = path(place.path(), "other.db");
    let past = ["restore", &copy, "--store", &other, "--serials-past", "2026112599"];
    let (status, text, _) = run(&past);
    assert!(status == Some(0) && text.contains("goes on with serial 2026112600"), "{text}");
    let (status, text, _) =
        run(&["restore", &copy, "--store", &path(place.path(), "x.db"), "--serials-from", &other]);
    assert!(status == Some(0) && text.contains("goes on with serial 2026112601"), "{text}");
    let (status, text, _) =
        run(&["restore", &copy, "--store", &path(place.path(), "y.db"), "--serials", "none"]);
    assert!(status == Some(0), "{text}");
    let (status, ..) = run(&["restore", &copy, "--serials", "maybe"]);
    assert_eq!(status, Some(2));
}

#[test]
fn what_is_not_sound_is_found_and_not_restored() {
    let server = Server::start(&[]);
    server.fill();
    let place = server.folder.path().to_owned();
    let (copy, store) = (path(&place, "copy.db"), path(&place, "ptrd.db"));
    backup(&server, &copy);
    let folder = stop(server);
    let before = std::fs::read(&store).expect("the store");
    let whole = std::fs::read(&copy).expect("a copy");
    // The name in the row of the PTR, in the log, and in what the change did to the zone.
    let needle = b"\x03one\x07example\x03net\x00";
    let places: Vec<usize> =
        whole.windows(needle.len()).enumerate().filter(|(_, w)| *w == needle).map(|(n, _)| n).collect();
    let mut found = 0;
    for at in &places {
        let mut octets = whole.clone();
        octets[at + 1] ^= 0x08;
        std::fs::write(&copy, octets).expect("a file");
        let (status, text, complaint) = run(&["check-store", "--store", &copy, "--json"]);
        assert!(
            status == Some(9) && complaint.contains("not as they should be"),
            "{status:?} {text} {complaint}"
        );
        assert!(
            text.lines().all(|line| line.starts_with('{'))
                && (text.contains("192.0.2.1") || text.contains("did to the zone")),
            "{text}"
        );
        found += 1;
        let (status, _, complaint) = run(&["restore", &copy, "--store", &store]);
        assert!(status == Some(9) && complaint.contains("nothing was changed"), "{complaint}");
    }
    assert!(found >= 3, "the row, the log and the difference");
    std::fs::write(&copy, &whole[..whole.len() / 2]).expect("a file");
    let (status, _, complaint) = run(&["restore", &copy, "--store", &store]);
    assert!(matches!(status, Some(3 | 9)), "{status:?} {complaint}");
    std::fs::write(&copy, "no store").expect("a file");
    assert_eq!(run(&["restore", &copy, "--store", &store]).0, Some(3));
    assert_eq!(run(&["restore", &path(&place, "none.db"), "--store", &store]).0, Some(3));
    assert_eq!(run(&["check-store", "--store", &path(&place, "none.db")]).0, Some(3));
    assert_eq!(std::fs::read(&store).expect("the store"), before, "all that left it alone");
    let left: Vec<String> = std::fs::read_dir(&place)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .filter(|name| name.contains("restoring") || name.contains("replaced"))
        .collect();
    assert_eq!(left, [""; 0]);
    let server = start_again(folder);
    assert_eq!(server.ask(1), 0);
}

#[test]
fn the_log_is_pruned_while_the_server_runs() {
    let server = Server::start(&[]);
    server.fill();
    for n in 2..40 {
        set(&server, n, "x.example.net");
    }
    let dry =
        server.request("POST", "/v1/changes?dry_run=true", r#"{"kind":"log-prune","before_change":20}"#);
    assert!(dry.contains("19 changes leave the log"), "{dry}");
    assert!(change(&server, r#"{"kind":"log-prune","before_change":20}"#).starts_with("HTTP/1.1 200"));
    assert!(server.request("GET", "/v1/log/19", "").contains("was pruned"));
    let begun = std::time::Instant::now();
    while server.request("GET", "/v1/log?before=20", "").contains("\"change\"") {
        assert!(begun.elapsed() < PATIENCE, "they go soon");
    }
    assert_eq!(server.ask(30), 0);
    let store = path(server.folder.path(), "ptrd.db");
    let (status, text, _) = run(&["check-store", "--store", &store]);
    assert!(status == Some(0), "{text}");
    let folder = stop(server);
    let server = start_again(folder);
    assert_eq!(server.ask(30), 0);
}

#[test]
fn the_programs_teach() {
    for command in ["restore", "check-store"] {
        let (status, text, _) = run(&[command, "--help"]);
        assert!(status == Some(0) && text.contains("Examples:") && text.contains("Exit status:"), "{text}");
    }
    let mut command = program();
    command.arg("check-store").env("PTRD_STORE", "/nowhere/ptrd.db").stderr(Stdio::piped());
    let mut process = Process(command.spawn().expect("ptrd starts"));
    let complaint = process.complaint();
    assert!(process.wait().code() == Some(3) && complaint.contains("/nowhere/ptrd.db"), "{complaint}");
}

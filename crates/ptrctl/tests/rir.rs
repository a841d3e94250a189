//! `ptrctl rir submit` against local servers that hold to what RIPE's database and ARIN's Reg-RWS document.
#![allow(missing_docs)]

#[path = "rir/http.rs"]
mod http;
#[path = "rir/registries.rs"]
mod registries;

use http::{Server, Taken};
use registries::{Database, RegRws};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

struct Ran {
    exit: Option<i32>,
    out: String,
    errors: String,
}

const RIPE: &[&str] = &["--registry", "ripe", "--mnt-by", "EXAMPLE-MNT", "--admin-c", "EX1-RIPE"];
const SERVERS: &[&str] = &["--ns", "ns1.example.net", "--ns", "ns2.example.net"];

/// Runs it with a credential in a file of this mode.
fn submit(endpoint: &str, secret: &str, mode: u32, block: &str, words: &[&str]) -> Ran {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("credential");
    std::fs::write(&file, format!("{secret}\n")).expect("a file");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("a mode");
    run(&file, endpoint, block, words)
}

fn run(file: &Path, endpoint: &str, block: &str, words: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ptrctl"));
    command
        .args(["rir", "submit", block, "--endpoint", endpoint, "--credential"])
        .arg(file)
        .args(SERVERS)
        .args(words);
    let output = command.output().expect("ptrctl runs");
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    Ran { exit: output.status.code(), out: text(&output.stdout), errors: text(&output.stderr) }
}

fn paths(taken: &[Taken]) -> Vec<String> {
    taken.iter().map(|request| format!("{} {}", request.method, request.path)).collect()
}

#[test]
fn ripe_takes_all_objects_of_a_block_by_one_request() {
    let server = Server::start(Database::new("key:secret"));
    let ran = submit(&server.url(), "key:secret", 0o600, "2001:db8::/31", RIPE);
    assert_eq!((ran.exit, ran.out.matches(": accepted").count()), (Some(0), 2), "{}{}", ran.out, ran.errors);
    assert_eq!(paths(&server.taken()), ["POST /domain-objects/RIPE"]);
    // What is there already is refused, and says how it is replaced.
    let again = submit(&server.url(), "key:secret", 0o600, "2001:db8::/31", RIPE);
    assert_eq!(again.exit, Some(3));
    assert!(again.out.contains("--replace") && again.out.contains("already exists"), "{}", again.out);
    let words = [RIPE, &["--replace", "--remarks", "another"]].concat();
    let replaced = submit(&server.url(), "key:secret", 0o600, "2001:db8::/31", &words);
    assert_eq!(replaced.exit, Some(0), "{}{}", replaced.out, replaced.errors);
    let last = paths(&server.taken()).split_off(2);
    assert_eq!(
        last,
        ["PUT /ripe/domain/8.b.d.0.1.0.0.2.ip6.arpa", "PUT /ripe/domain/9.b.d.0.1.0.0.2.ip6.arpa"]
    );
}

#[test]
fn what_ripe_says_is_shown_and_what_is_secret_is_not() {
    let server = Server::start(Database::new("key:secret"));
    let ran = submit(&server.url(), "key:other-secret", 0o600, "192.0.2.0/24", RIPE);
    assert_eq!(ran.exit, Some(3));
    assert!(ran.out.contains("Authorisation for [domain] 2.0.192.in-addr.arpa failed"), "{}", ran.out);
    let lame = [RIPE, &["--ns", "lame.example.net"]].concat();
    let refused = submit(&server.url(), "key:secret", 0o600, "192.0.2.0/24", &lame);
    assert!(refused.exit == Some(3) && refused.out.contains("is not authoritative"), "{}", refused.out);
    let slow = [RIPE, &["--ns", "slow.example.net"]].concat();
    let timeout = submit(&server.url(), "key:secret", 0o600, "192.0.2.0/24", &slow);
    assert_eq!(timeout.exit, Some(8), "{}", timeout.out);
    let plan = submit(&server.url(), "key:secret", 0o600, "192.0.2.0/24", &[RIPE, &["--dry-run"]].concat());
    assert!(
        plan.exit == Some(0) && plan.out.contains("POST http://127.0.0.1:"),
        "{}{}",
        plan.out,
        plan.errors
    );
    assert_eq!(server.taken().len(), 3, "a dry run sends nothing");
    for ran in [ran, refused, timeout, plan] {
        let text = ran.out + &ran.errors;
        assert!(!text.contains("secret") && !text.contains("a2V5"), "{text}");
    }
}

#[test]
fn arin_is_asked_first_and_told_what_is_otherwise() {
    let server = Server::start(RegRws::new(
        "API-0000-TEST",
        &["100.51.198.in-addr.arpa.", "101.51.198.in-addr.arpa."],
    ));
    let ran = submit(&server.url(), "API-0000-TEST", 0o600, "198.51.100.0/23", &["--registry", "arin"]);
    assert_eq!((ran.exit, ran.out.matches(": accepted").count()), (Some(0), 2), "{}{}", ran.out, ran.errors);
    let name = |octet| format!("/rest/delegation/{octet}.51.198.in-addr.arpa.");
    let expected: Vec<String> = [100, 101]
        .iter()
        .flat_map(|octet| ["GET", "PUT"].map(|method| format!("{method} {}", name(octet))))
        .collect();
    assert_eq!(paths(&server.taken()), expected);
    let again = submit(&server.url(), "API-0000-TEST", 0o600, "198.51.100.0/23", &["--registry", "arin"]);
    assert!(again.exit == Some(0) && again.out.contains("it is so already"), "{}", again.out);
    assert_eq!(server.taken().len(), 6, "no PUT where nothing is otherwise");
    let unknown = submit(&server.url(), "API-0000-TEST", 0o600, "192.0.2.0/24", &["--registry", "arin"]);
    assert!(unknown.exit == Some(3) && unknown.out.contains("E_OBJECT_NOT_FOUND"), "{}", unknown.out);
    let wrong = submit(&server.url(), "API-WRONG-KEY", 0o600, "198.51.100.0/24", &["--registry", "arin"]);
    assert!(wrong.exit == Some(3) && wrong.out.contains("E_AUTHENTICATION"), "{}", wrong.out);
    let lame = submit(
        &server.url(),
        "API-0000-TEST",
        0o600,
        "198.51.100.0/24",
        &["--registry", "arin", "--ns", "lame.example.net"],
    );
    assert!(lame.exit == Some(3) && lame.out.contains("E_ENTITY_VALIDATION"), "{}", lame.out);
    for ran in [ran, again, unknown, wrong, lame] {
        assert!(!(ran.out + &ran.errors).contains("API-"), "a key was shown");
    }
}

#[test]
fn credentials_are_for_nobody_else() {
    let ran = submit("http://127.0.0.1:9", "key:secret", 0o640, "192.0.2.0/24", RIPE);
    assert!(ran.exit == Some(1) && ran.errors.contains("chmod 600"), "{}", ran.errors);
    let plain = submit("http://rest.db.example", "key:secret", 0o600, "192.0.2.0/24", RIPE);
    assert!(plain.exit == Some(2) && plain.errors.contains("could read the credential"), "{}", plain.errors);
    let dead = submit("http://127.0.0.1:9", "key:secret", 0o600, "192.0.2.0/24", RIPE);
    assert!(dead.exit == Some(1) && !dead.errors.contains("secret"), "{}", dead.errors);
    let apnic = ["--registry", "apnic", "--mnt-by", "MAINT-EX", "--admin-c", "EX1-AP"];
    let other = submit("https://rest.db.example", "key:secret", 0o600, "192.0.2.0/24", &apnic);
    assert!(other.exit == Some(2) && other.errors.contains("ptrctl rir object"), "{}", other.errors);
}

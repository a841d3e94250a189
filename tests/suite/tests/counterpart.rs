//! `ptrctl forward` against real primaries of the forward side: what is there stays, what lacks comes, and what cannot be is told.

use ptrd_suite::daemon::{Daemon, free_port};
use ptrd_suite::following::daemon;
use ptrd_suite::primary::{Kind, Primary, PrimaryZone, Setup};
use ptrd_suite::updater::SECRET;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const KEY: &str = "forward.example";
const TEXT: &str = "$TTL 300\n@ SOA ns1.example.net. hostmaster.example.net. 7 14400 3600 1209600 300\n@ NS ns1.example.net.\n\
                    there A 192.0.2.2\nalias CNAME there\nboth A 198.51.100.9\nsub NS ns1.example.net.\n";
const OTHER: &str = "$TTL 300\n@ SOA ns1.example.net. hostmaster.example.net. 7 14400 3600 1209600 300\n@ NS ns1.example.net.\n";

/// PTRs of many kinds, and a sender whose HELO name is another.
fn ours(folder: &Path) -> Daemon {
    let ours = daemon(folder);
    let secret = folder.join("secret");
    std::fs::write(&secret, SECRET).expect("written");
    ours.ctl(&["key", "add", KEY, "--secret-file", secret.to_str().expect("text")]);
    ours.ctl(&["block", "add", "192.0.2.0/24", "--tenant", "acme"]);
    ours.ctl(&["block", "add", "2001:db8::/64", "--tenant", "acme"]);
    for (address, name) in [
        ("192.0.2.1", "mail.example.com"),
        ("2001:db8::1", "mail.example.com"),
        ("192.0.2.2", "There.example.com"),
        ("192.0.2.3", "alias.example.com"),
        ("192.0.2.4", "both.example.com"),
        ("192.0.2.5", "host.elsewhere.example"),
        ("192.0.2.6", "x.sub.example.com"),
        ("192.0.2.7", "www.example.org"),
    ] {
        ours.ctl(&["ptr", "set", address, name]);
    }
    ours.ctl(&["sending", "set", "192.0.2.7", "--helo", "helo.example.com"]);
    ours
}

fn key_file(ours: &Daemon, folder: &Path) -> PathBuf {
    let path = folder.join("forward.key");
    std::fs::write(&path, ours.ctl(&["key", "show", KEY, "--format", "bind"])).expect("written");
    path
}

/// What became of each, by name and address; and the exit status.
fn push(ours: &Daemon, server: &str, key: &Path, more: &[&str]) -> (BTreeMap<String, Value>, i32) {
    let key = key.to_str().expect("text");
    let arguments = ["--json", "forward", "192.0.2.0/24", "2001:db8::/64", "--push", server, "--key", key];
    let output = ours.ptrctl(&[&arguments[..], more].concat());
    let text = String::from_utf8_lossy(&output.stdout);
    let json: Value = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)));
    let records = json["records"].as_array().expect("records").iter();
    let of = |one: &Value| {
        format!("{} {}", one["name"].as_str().expect("a name"), one["address"].as_str().expect("one"))
    };
    (records.map(|one| (of(one), one.clone())).collect(), output.status.code().expect("a status"))
}

fn outcomes(found: &BTreeMap<String, Value>) -> Vec<(&str, &str)> {
    found.iter().map(|(name, one)| (name.as_str(), one["outcome"].as_str().expect("a word"))).collect()
}

/// The addresses that a server has for a name.
fn dig(server: &Primary, name: &str, rtype: &str) -> Vec<String> {
    let (host, port) = (format!("@{}", server.address.ip()), server.address.port().to_string());
    let output = Command::new("dig").args([&host, "-p", &port, "+short", "+norecurse", name, rtype]).output();
    let output = output.expect("dig is installed");
    let mut lines: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

fn pushed(kind: Kind) {
    let folder = tempfile::tempdir().expect("a folder");
    let ours = ours(&folder.path().join("ours"));
    let key = key_file(&ours, folder.path());
    let (_, shown) = ours.http("GET", &format!("/v1/keys/{KEY}"), "").expect("a key");
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    let declared = shown[if kind == Kind::Knot { "knot" } else { "bind" }].as_str().expect("a text");
    let zones = [
        PrimaryZone { apex: "example.com", text: TEXT, keyed: true },
        PrimaryZone { apex: "example.org", text: OTHER, keyed: true },
    ];
    let setup = Setup { zones: &zones, secondary: ours.dns, key: Some((KEY, declared)), tls: None };
    let Some(primary) = Primary::start(kind, &folder.path().join("primary"), &setup) else { return };
    let server = primary.address.to_string();

    let (would, status) = push(&ours, &server, &key, &["--dry-run"]);
    assert_eq!(status, 17, "some cannot be brought there");
    let expected = |come: &'static str| {
        [
            ("There.example.com. 192.0.2.2", "there"),
            ("alias.example.com. 192.0.2.3", "failed"),
            ("both.example.com. 192.0.2.4", come),
            ("helo.example.com. 192.0.2.7", come),
            ("host.elsewhere.example. 192.0.2.5", "failed"),
            ("mail.example.com. 192.0.2.1", come),
            ("mail.example.com. 2001:db8::1", come),
            ("www.example.org. 192.0.2.7", come),
            ("x.sub.example.com. 192.0.2.6", "failed"),
        ]
    };
    assert_eq!(outcomes(&would), expected("would"), "{kind:?}");
    assert_eq!(dig(&primary, "mail.example.com", "A"), [""; 0], "{kind:?}: only said");

    let (done, status) = push(&ours, &server, &key, &[]);
    assert_eq!(status, 17);
    assert_eq!(outcomes(&done), expected("done"), "{kind:?}: {done:?}\n{}", primary.log());
    let said = |of: &str| done[of]["said"].as_str().expect("words").to_owned();
    assert_eq!(said("both.example.com. 192.0.2.4"), "added, beside 198.51.100.9");
    assert_eq!(
        said("alias.example.com. 192.0.2.3"),
        format!("alias.example.com. is an alias of there.example.com. on {server}: an address goes there")
    );
    assert_eq!(
        said("x.sub.example.com. 192.0.2.6"),
        format!("{server} is not authoritative for x.sub.example.com."),
        "{kind:?}: below a cut"
    );
    let refused = said("host.elsewhere.example. 192.0.2.5");
    assert!(
        refused.starts_with(&server) && refused.ends_with("host.elsewhere.example."),
        "{kind:?}: {refused}"
    );
    assert_eq!(dig(&primary, "mail.example.com", "A"), ["192.0.2.1"], "{kind:?}");
    assert_eq!(dig(&primary, "mail.example.com", "AAAA"), ["2001:db8::1"], "{kind:?}");
    assert_eq!(dig(&primary, "both.example.com", "A"), ["192.0.2.4", "198.51.100.9"], "{kind:?}");
    assert_eq!(dig(&primary, "helo.example.com", "A"), ["192.0.2.7"], "{kind:?}");

    let (again, _) = push(&ours, &server, &key, &[]);
    assert_eq!(outcomes(&again), expected("there"), "{kind:?}");

    ours.ctl(&["ptr", "set", "192.0.2.8", "both.example.com"]);
    let replace = ["--replace", "--zone", "example.com"];
    let unasked = ours.ptrctl(
        &[
            &["forward", "192.0.2.0/24", "--push", &server, "--key", key.to_str().expect("text")],
            &replace[..],
        ]
        .concat(),
    );
    let said = String::from_utf8_lossy(&unasked.stderr);
    assert_eq!(unasked.status.code(), Some(2), "{said}");
    assert!(said.contains("1 record would be taken away: both.example.com. 198.51.100.9"), "{said}");
    assert_eq!(dig(&primary, "both.example.com", "A"), ["192.0.2.4", "198.51.100.9"], "{kind:?}: as before");
    let (replaced, _) = push(&ours, &server, &key, &[&replace[..], &["--yes"]].concat());
    assert_eq!(
        replaced["both.example.com. 192.0.2.8"]["said"], "added, in place of 198.51.100.9",
        "{kind:?}"
    );
    assert_eq!(
        dig(&primary, "both.example.com", "A"),
        ["192.0.2.4", "192.0.2.8"],
        "{kind:?}: the foreign one went, ours did not"
    );
    refusals(&ours, &server, &key, kind);
}

/// Keys that are not known, or are another, and a server that is not there.
fn refusals(ours: &Daemon, server: &str, key: &Path, kind: Kind) {
    ours.ctl(&["ptr", "set", "192.0.2.9", "new.example.com"]);
    let wrong = key.with_extension("wrong");
    let text = std::fs::read_to_string(key).expect("a key");
    for (text, said) in [
        (
            text.replace(KEY, "nobody.example"),
            "the peer knows no key nobody.example. with hmac-sha256 (BADKEY, not signed)",
        ),
        (
            text.replace(SECRET, "c29tZXRoaW5nIGVsc2UgZW50aXJlbHkh"),
            "the peer finds our signature with key forward.example. wrong (BADSIG, not signed): its secret is another one",
        ),
    ] {
        std::fs::write(&wrong, text).expect("written");
        let (found, status) = push(ours, server, &wrong, &["--zone", "example.com"]);
        assert_eq!(status, 17);
        assert_eq!(found["new.example.com. 192.0.2.9"]["said"], format!("{server}: {said}"), "{kind:?}");
    }
    std::fs::write(&wrong, "nonsense").expect("written");
    let arguments = ["forward", "192.0.2.9", "--push", server, "--key", wrong.to_str().expect("text")];
    let output = ours.ptrctl(&arguments);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no statement `key"), "{output:?}");
    let nobody = format!("127.0.0.1:{}", free_port());
    let (found, _) = push(ours, &nobody, key, &["--zone", "example.com"]);
    assert_eq!(
        found["new.example.com. 192.0.2.9"]["said"],
        format!("{nobody} does not answer when asked for new.example.com.")
    );
}

#[test]
fn records_are_brought_to_bind() {
    pushed(Kind::Bind);
}

#[test]
fn records_are_brought_to_knot() {
    pushed(Kind::Knot);
}

#[test]
fn records_are_written_in_each_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let ours = ours(folder.path());
    let lines =
        |format: &str| ours.ctl(&["forward", "192.0.2.0/24", "--zone", "example.com", "--format", format]);
    assert_eq!(
        lines("bind"),
        "alias.example.com. 3600 IN A 192.0.2.3\nboth.example.com. 3600 IN A 192.0.2.4\nhelo.example.com. 3600 IN A 192.0.2.7\n\
         mail.example.com. 3600 IN A 192.0.2.1\nx.sub.example.com. 3600 IN A 192.0.2.6\nThere.example.com. 3600 IN A 192.0.2.2\n"
    );
    assert!(lines("csv").starts_with("name,ttl,type,address\nalias.example.com.,3600,A,192.0.2.3\n"));
    let script = lines("nsupdate");
    assert!(
        script.starts_with("zone example.com.\nupdate add alias.example.com. 3600 A 192.0.2.3\n"),
        "{script}"
    );
    assert!(script.ends_with("send\n"));
    ours.ctl(&["zone", "add", "example.org", "--tenant", "acme", "--companion"]);
    let elsewhere = ours.ctl(&["forward", "192.0.2.5", "192.0.2.7"]);
    assert_eq!(
        elsewhere, "helo.example.com. 3600 IN A 192.0.2.7\nhost.elsewhere.example. 3600 IN A 192.0.2.5\n",
        "www.example.org follows here"
    );
    let none = ours.ptrctl(&["forward", "192.0.2.200"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&none.stderr).contains("192.0.2.200: no address has a name"), "{none:?}");
}

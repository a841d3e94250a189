//! ptrd follows catalogs (RFC 9432) of Knot, PowerDNS, BIND and another ptrd, and serves what they list.

use ptrd_suite::daemon::{Daemon, PATIENCE, program};
use ptrd_suite::primary::{Kind as PrimaryKind, Primary, PrimaryZone, Setup};
use ptrd_suite::producer::{PRODUCERS, list, produce};
use ptrd_suite::secondary::{Kind, serial, transfer};
use serde_json::Value;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const CATALOG: &str = "catalog.example";
const V4: &str = "2.0.192.in-addr.arpa";
const CLASSLESS: &str = "0/26.2.0.192.in-addr.arpa";
const SETTINGS: &str = "[follow]\nrefresh-min = \"500ms\"\nretry-min = \"300ms\"\npause = \"50ms\"\ntimeout = \"2s\"\n\
                        [notify]\npause = \"50ms\"\nfirst-wait = \"500ms\"\nresolvers = [\"127.0.0.1:9\"]\n";

fn daemon(folder: &Path) -> Daemon {
    fs::create_dir_all(folder).expect("a folder");
    let file = folder.join("ptrd.toml");
    fs::write(&file, SETTINGS).expect("written");
    Daemon::start(folder, &["--config", file.to_str().expect("a path")])
}

fn run(daemon: &Daemon, line: &str) -> String {
    daemon.ctl(&line.split_whitespace().collect::<Vec<_>>())
}

/// A daemon with a tenant and nothing else.
fn consumer(folder: &Path) -> Daemon {
    let daemon = daemon(folder);
    run(&daemon, "tenant add acme");
    daemon
}

fn json(daemon: &Daemon, line: &str) -> Value {
    serde_json::from_str(&run(daemon, &format!("{line} --json"))).expect("JSON")
}

#[track_caller]
fn until(what: &str, daemon: &Daemon, is_so: impl Fn() -> bool) {
    ptrd_testkit::until(what, PATIENCE * 2, is_so, || {
        let told =
            [format!("catalog members {CATALOG}"), format!("catalog show {CATALOG}"), "zone list".into()];
        told.map(|line| run(daemon, &line)).join("\n")
    });
}

/// Waits until a daemon has these zones as a primary has them.
#[track_caller]
fn alike(daemon: &Daemon, primary: SocketAddr, zones: &[&str]) {
    for zone in zones {
        until(&format!("{zone} as at the primary"), daemon, || {
            let there = serial(primary, zone);
            there.is_some() && serial(daemon.dns, zone) == there
        });
        run(daemon, &format!("access allow transfer --from 127.0.0.1 --zone {zone}"));
        let (ours, theirs) = (transfer(daemon.dns, zone), transfer(primary, zone));
        assert_eq!(ours.expect("our zone"), theirs.expect("the primary's zone"), "{zone}");
        run(daemon, &format!("access revoke transfer --from 127.0.0.1 --zone {zone}"));
    }
}

fn members(daemon: &Daemon) -> Vec<String> {
    let page = json(daemon, &format!("catalog members {CATALOG}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |view: &Value| {
        let groups: String = view["groups"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|group| format!(":{}", text(group)))
            .collect();
        format!("{}{groups}{}", text(&view["zone"]), if view["refused"].is_null() { "" } else { " refused" })
    };
    page["items"].as_array().expect("a page").iter().map(line).collect()
}

fn problem(daemon: &Daemon) -> String {
    let view = json(daemon, &format!("catalog show {CATALOG}"));
    view["followed"]["problem"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn what_knot_and_powerdns_list_is_served() {
    for kind in PRODUCERS {
        let folder = tempfile::tempdir().expect("a folder");
        let ours = consumer(&folder.path().join("ptrd"));
        let there = folder.path().join("producer");
        let zones = [(V4, "slow"), (CLASSLESS, "fast"), ("example.org", "slow")];
        let Some(producer) = produce(kind, &there, CATALOG, &zones, Some(ours.dns)) else { continue };
        let started = Instant::now();
        while serial(producer.address, CATALOG).is_none() {
            assert!(started.elapsed() < PATIENCE, "{kind:?} does not serve:\n{}", producer.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        run(&ours, &format!("catalog follow {CATALOG} --from {} --tenant acme", producer.address));
        alike(&ours, producer.address, &zones.map(|(zone, _)| zone));
        assert_eq!(
            members(&ours),
            [&format!("{V4}.:slow"), &format!("{CLASSLESS}.:fast"), "example.org.:slow"],
            "{kind:?}"
        );
        // What the catalog lists is nobody's business.
        assert_eq!(serial(ours.dns, CATALOG), None);
        let shown = json(&ours, &format!("zone show {CLASSLESS}"));
        assert_eq!(shown["catalog"]["catalog"], format!("{CATALOG}."));
        println!("{kind:?}: followed");
        if kind != Kind::Knot {
            continue;
        }
        list(&producer, &there, CATALOG, &[(V4, "slow"), ("example.com", "new")], Some(ours.dns));
        until("the other zones", &ours, || {
            members(&ours) == [format!("{V4}.:slow"), "example.com.:new".to_owned()]
        });
        alike(&ours, producer.address, &[V4, "example.com"]);
        assert_eq!((serial(ours.dns, CLASSLESS), serial(ours.dns, "example.org")), (None, None));
        // Another group is no reason to fetch anything anew.
        let number = |view: Value| view["version"].clone();
        let before = number(json(&ours, &format!("zone show {V4}")));
        list(&producer, &there, CATALOG, &[(V4, "fast"), ("example.com", "new")], Some(ours.dns));
        until("the other group", &ours, || members(&ours)[0] == format!("{V4}.:fast"));
        assert_eq!(number(json(&ours, &format!("zone show {V4}"))), before);
    }
}

const MEMBER: &str = "$TTL 300\n@ SOA ns1.example.edu. h.example.edu. 7 1 1 86400 60\n@ NS ns1.example.edu.\n\
                      1 PTR a.example.com.\nx TXT \"text\"\n";
const LISTED: &str = "$TTL 0\n@ SOA invalid. invalid. 1 1 1 86400 0\n@ NS invalid.\nversion TXT \"2\"\n\
                      a.zones PTR example.net.\nb.zones PTR 0/26.2.0.192.in-addr.arpa.\ngroup.b.zones TXT \"small\"\n";

#[test]
fn a_catalog_that_is_written_by_hand() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("ptrd");
    let mut ours = consumer(&home);
    run(&ours, "zone add example.com --tenant acme");
    let zone = |apex, text| PrimaryZone { apex, text, keyed: false };
    let zones = [
        zone(CATALOG, LISTED),
        zone("example.net", MEMBER),
        zone(CLASSLESS, MEMBER),
        zone("example.org", MEMBER),
        zone("example.com", MEMBER),
    ];
    let setup = Setup { zones: &zones, secondary: ours.dns, key: None, tls: None };
    let Some(bind) = Primary::start(PrimaryKind::Bind, &folder.path().join("bind"), &setup) else { return };
    let update = |change: &str| bind.update(CATALOG, &[change.to_owned()]);
    run(&ours, &format!("catalog follow {CATALOG} --from {} --tenant acme", bind.address));
    alike(&ours, bind.address, &["example.net", CLASSLESS]);
    // A change of a member comes by its own NOTIFY.
    bind.update(CLASSLESS, &["add 2.0/26.2.0.192.in-addr.arpa. 300 PTR b.example.com.".to_owned()]);
    alike(&ours, bind.address, &[CLASSLESS]);
    let refused = |line: &str| {
        let output = ours.ptrctl(&line.split_whitespace().collect::<Vec<_>>());
        assert!(!output.status.success(), "{line}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(refused(&format!("zone remove {CLASSLESS}")).contains("comes from the catalog catalog.example."));
    assert!(refused("zone unfollow example.net").contains("ptrctl catalog unfollow catalog.example."));
    // A zone that is here already, and the catalog itself.
    update(
        "add c.zones.catalog.example. 0 PTR example.com.\nupdate add d.zones.catalog.example. 0 PTR catalog.example.\nupdate add e.zones.catalog.example. 0 PTR example.org.",
    );
    alike(&ours, bind.address, &["example.org"]);
    assert_eq!(
        members(&ours),
        [
            "0/26.2.0.192.in-addr.arpa.:small",
            "example.com. refused",
            "catalog.example. refused",
            "example.net.",
            "example.org."
        ]
    );
    assert_ne!(serial(ours.dns, "example.com"), Some(7));
    // Another label: the zone begins anew.
    update("delete a.zones.catalog.example. PTR\nupdate add new.zones.catalog.example. 0 PTR example.net.");
    until("a zone that begins anew", &ours, || {
        run(&ours, "log --kind catalog-apply").contains("1 zone began anew")
    });
    alike(&ours, bind.address, &["example.net"]);
    // Broken in every way: all stays as it was.
    let before = members(&ours);
    for (breaks, mends, why) in [
        (
            "add version.catalog.example. 0 TXT 1",
            "delete version.catalog.example. TXT 1",
            "it has 2 versions",
        ),
        ("delete version.catalog.example. TXT", "add version.catalog.example. 0 TXT 2", "it has no version"),
        (
            "delete version.catalog.example. TXT\nupdate add version.catalog.example. 0 TXT 3",
            "delete version.catalog.example. TXT\nupdate add version.catalog.example. 0 TXT 2",
            "its version is “3”",
        ),
        (
            "add f.zones.catalog.example. 0 PTR example.org.",
            "delete f.zones.catalog.example. PTR",
            "the zone example.org. is listed twice",
        ),
        (
            "add e.zones.catalog.example. 0 PTR example.info.",
            "delete e.zones.catalog.example. PTR example.info.",
            "has more than one PTR record",
        ),
    ] {
        update(&format!("{breaks}\nupdate delete b.zones.catalog.example. PTR"));
        until(why, &ours, || problem(&ours).contains(why));
        assert_eq!(members(&ours), before);
        assert_eq!(serial(ours.dns, CLASSLESS), serial(bind.address, CLASSLESS));
        update(&format!("{mends}\nupdate add b.zones.catalog.example. 0 PTR {CLASSLESS}."));
        until("mended", &ours, || problem(&ours).is_empty());
        assert_eq!(members(&ours), before);
    }
    // What changes while nobody is there is found afterwards, after an end with and without a goodbye.
    ours.kill();
    update("delete e.zones.catalog.example. PTR");
    ours = daemon(&home);
    until("a zone that went", &ours, || serial(ours.dns, "example.org").is_none());
    assert!(ours.stop().success());
    update("add e.zones.catalog.example. 0 PTR example.org.");
    ours = daemon(&home);
    alike(&ours, bind.address, &["example.org", "example.net", CLASSLESS]);
    // A copy of the store holds what the catalog said when it was made; put back, it comes to what is said now.
    let (copy, store) =
        (home.join("copy.db").display().to_string(), home.join("ptrd.db").display().to_string());
    run(&ours, &format!("backup {copy}"));
    update("delete e.zones.catalog.example. PTR");
    until("a zone that went", &ours, || serial(ours.dns, "example.org").is_none());
    assert!(ours.stop().success());
    let restored = Command::new(program("ptrd")).args(["restore", &copy, "--store", &store]).output();
    assert!(restored.expect("ptrd runs").status.success());
    ours = daemon(&home);
    let address = ours.dns;
    until("what the catalog says now", &ours, || serial(address, "example.org").is_none());
    update("add e.zones.catalog.example. 0 PTR example.org.");
    alike(&ours, bind.address, &["example.org", "example.net", CLASSLESS]);
    // Let go, with its members each by itself; one that the operator removes leaves room for no catalog.
    run(&ours, &format!("catalog unfollow {CATALOG} --members keep"));
    assert_eq!(serial(address, CLASSLESS), serial(bind.address, CLASSLESS));
    run(&ours, "zone remove example.org");
    assert!(run(&ours, "zone show example.net").contains("follows"));
}

/// A daemon with a key, a catalog of all its zones, and somebody who is told.
fn producer(folder: &Path) -> (Daemon, std::path::PathBuf) {
    let daemon = daemon(folder);
    for line in [
        "tenant add acme",
        "tenant add infra",
        "defaults set --ns ns1.example.net --ns ns2.example.net --rname hostmaster.example.net",
        "notify nameservers no",
        "block add 192.0.2.0/24 --tenant acme",
        "block add 192.0.2.0/26 --tenant acme --classless slash",
        "ptr set 192.0.2.1 a.example.com",
        "ptr set 192.0.2.200 b.example.com",
        "catalog add catalog.example --tenant infra",
        "key add two.example",
        "access allow transfer --key two.example",
    ] {
        run(&daemon, line);
    }
    let secret = folder.join("secret");
    let key = json(&daemon, "key show two.example");
    fs::write(&secret, key["secret"].as_str().expect("a secret")).expect("written");
    (daemon, secret)
}

#[test]
fn a_second_ptrd_needs_a_name_an_address_and_a_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, secret) = producer(&folder.path().join("first"));
    let second = consumer(&folder.path().join("second"));
    run(&second, &format!("key add two.example --secret-file {}", secret.display()));
    run(&first, &format!("notify add {} --key two.example", second.dns));
    run(&second, &format!("catalog follow {CATALOG} --from {} --key two.example --tenant acme", first.dns));
    let settled = |zones: &[&str]| {
        for zone in zones {
            until(zone, &second, || {
                let there = serial(first.dns, zone);
                there.is_some() && serial(second.dns, zone) == there
            });
        }
    };
    settled(&[V4, CLASSLESS]);
    // Neither says to strangers what the catalog lists, or hands a zone over.
    for server in [first.dns, second.dns] {
        assert_eq!(serial(server, CATALOG), None);
        assert!(transfer(server, V4).is_err() && transfer(server, CATALOG).is_err());
    }
    run(&first, "ptr set 192.0.2.77 c.example.com");
    run(&first, "block add 2001:db8::/32 --tenant acme");
    run(&first, "zone add example.org --tenant acme");
    settled(&[V4, CLASSLESS, "8.b.d.0.1.0.0.2.ip6.arpa", "example.org"]);
    run(&first, "access allow transfer --from 127.0.0.1 --tenant acme");
    alike(&second, first.dns, &[V4, CLASSLESS, "8.b.d.0.1.0.0.2.ip6.arpa", "example.org"]);
    run(&first, "block remove 2001:db8::/32");
    until("a zone that went", &second, || serial(second.dns, "8.b.d.0.1.0.0.2.ip6.arpa").is_none());
    // Made again: another zone of that name.
    let label = || {
        let output = second.ptrctl(&["zone", "show", "example.org", "--json"]);
        let view: Option<Value> = serde_json::from_slice(&output.stdout).ok();
        view.filter(|_| output.status.success()).map(|view| view["catalog"]["label"].clone())
    };
    let before = label();
    run(&first, "zone remove example.org");
    run(&first, "zone add example.org --tenant acme");
    until("another label", &second, || label().is_some_and(|label| Some(label) != before));
    settled(&["example.org", V4]);
    // A third could follow the second: what it serves as a catalog of its own leaves the followed one out.
    run(&second, "catalog add onward.example --tenant acme");
    let onward = json(&second, "catalog members onward.example");
    assert_eq!(onward["items"].as_array().map(Vec::len), Some(3), "{onward}");
}

#[test]
fn two_thousand_members() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, secret) = producer(&folder.path().join("first"));
    let second = consumer(&folder.path().join("second"));
    run(&second, &format!("key add two.example --secret-file {}", secret.display()));
    run(&first, &format!("notify add {} --key two.example", second.dns));
    let zones = folder.path().join("zones");
    fs::create_dir(&zones).expect("a folder");
    let apexes: Vec<String> = (0..2_000).map(|nth| format!("z{nth}.example.org")).collect();
    for apex in &apexes {
        let text = format!(
            "$ORIGIN {apex}.\n@ 60 SOA ns1.example.net. h.example.net. 7 3600 60 360000 60\n@ 60 NS ns1.example.net.\n"
        );
        fs::write(zones.join(format!("{apex}.zone")), text).expect("written");
    }
    run(&first, &format!("zone import {} --tenant acme", zones.display()));
    run(&second, &format!("catalog follow {CATALOG} --from {} --key two.example --tenant acme", first.dns));
    let figure = |line: &str| {
        let (_, text) = second.http("GET", "/metrics", "").expect("figures");
        let found = text.lines().find_map(|of| of.strip_prefix(line)).map(str::trim);
        found.and_then(|number| number.parse::<f64>().ok()).unwrap_or_default() as u64
    };
    until("all members", &second, || figure("ptrd_catalog_members{catalog=\"catalog.example.\"}") == 2_002);
    let since = Instant::now();
    for apex in &apexes {
        while serial(second.dns, apex) != Some(7) {
            // Of one primary, a few at a time.
            let running = figure("ptrd_followed_zones{state=\"being_asked_for\"}");
            assert!(running <= 8, "{running} zones at a time");
            assert!(since.elapsed() < PATIENCE * 10, "no {apex}\n{}", run(&second, "zone list --limit 5"));
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    println!("2000 members after {:?}", since.elapsed());
    // They came with one change, and one more zone costs what one zone costs.
    let log = run(&second, "log --kind catalog-apply");
    assert!(log.contains("2002 zones came") && log.lines().count() <= 3, "{log}");
    run(&first, "zone remove z7.example.org");
    until("one less", &second, || serial(second.dns, "z7.example.org").is_none());
    assert!(run(&second, "log --kind catalog-apply").contains("1 zone went"));
    assert_eq!(figure("ptrd_catalog_refused_zones{catalog=\"catalog.example.\"}"), 0);
    assert_eq!(figure("ptrd_catalog_broken{catalog=\"catalog.example.\"}"), 0);
}

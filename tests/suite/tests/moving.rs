//! Moving in, through the built programs: configurations that their own servers' checkers accept, PowerDNS databases that
//! its own tool made, adoption; what DNS answers is compared.

use ptrd_suite::daemon::Daemon;
use std::fs;
use std::path::Path;
use std::process::Command;

const SOA: &str = "@ 3600 IN SOA ns1.example.net. h.example.net. 7 14400 3600 1209600 3600\n@ NS ns1.example.net.\n@ NS ns2.example.net.\n";

/// Runs a peer's checker, which must be content.
fn checked(program: &str, arguments: &[&str]) {
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let output = Command::new(program).args(arguments).env("PATH", path).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}: tests/run installs it"));
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} {arguments:?}: {text}");
}

fn write(root: &Path, files: &[(&str, String)]) {
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text.replace("ROOT", &root.display().to_string())).expect("written");
    }
}

fn started(folder: &Path) -> Daemon {
    let daemon = Daemon::start(folder, &[]);
    daemon.ctl(&["tenant", "add", "acme"]);
    daemon.ctl(&["tenant", "add", "bob"]);
    daemon
}

fn zones(daemon: &Daemon) -> Vec<String> {
    let list = daemon.ctl(&["zone", "list"]);
    let row = |line: &str| line.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    list.lines().skip(1).map(row).collect()
}

/// A zone's export without its SOA, sorted.
fn export(daemon: &Daemon, apex: &str) -> Vec<String> {
    let text = daemon.ctl(&["zone", "export", apex]);
    let mut lines: Vec<String> =
        text.lines().filter(|line| !line.contains(" SOA ")).map(|line| line.to_lowercase()).collect();
    lines.sort();
    lines
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

#[test]
fn a_configuration_of_bind() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    write(
        root,
        &[
            (
                "named.conf",
                "// main\ninclude \"ROOT/options.conf\";\n/* zone \"x\" {} */\nzone \"2.0.192.in-addr.arpa\" IN { type master; file \"rev/192.0.2\"; };\n\
                 zone \"3.0.192.in-addr.arpa\" { type primary; file \"ROOT/other/empty\"; };\n\
                 zone \"4.0.192.in-addr.arpa\" { type primary; file \"ROOT/other/empty\"; }; # the same file\n\
                 zone \"s.example\" { type secondary; primaries { 192.0.2.1; }; file \"s\"; };\n\
                 zone \".\" { type hint; file \"ROOT/hints\"; };\n"
                    .into(),
            ),
            ("options.conf", "options {\n\tdirectory \"ROOT/zones\"; # here\n\trecursion no;\n};\n".into()),
            // No $ORIGIN: its apex is the configuration's. The inclusion starts from the directory.
            ("zones/rev/192.0.2", format!("$TTL 3600\r\n{}$INCLUDE common/ptrs\n9 TXT \"caf\\233\"\n", SOA.replace('\n', "\r\n"))),
            ("zones/common/ptrs", "$GENERATE 1-5 $ PTR host-$.example.com.\n".into()),
            ("other/empty", format!("$TTL 60\n{SOA}1 PTR one.example.com.\n")),
            ("hints", ". 3600000 NS a.root-servers.net.\na.root-servers.net. 3600000 A 198.41.0.4\n".into()),
            ("map.csv", "192.0.2.0/24,acme\n*.in-addr.arpa,bob\n".into()),
        ],
    );
    let conf = root.join("named.conf");
    checked("named-checkconf", &[text(&conf)]);
    checked("named-checkconf", &["-z", text(&conf)]);
    let daemon = started(root);
    let dry = daemon.ctl(&["zone", "import", text(&conf), "--map", text(&root.join("map.csv")), "--dry-run"]);
    assert!(dry.contains("dry run") && zones(&daemon).is_empty(), "{dry}");
    let done = daemon.ctl(&["zone", "import", text(&conf), "--map", text(&root.join("map.csv"))]);
    assert!(done.contains("its type is secondary") && done.contains("its type is hint"), "{done}");
    assert_eq!(
        zones(&daemon),
        [
            "2.0.192.in-addr.arpa. acme verbatim",
            "3.0.192.in-addr.arpa. bob verbatim",
            "4.0.192.in-addr.arpa. bob verbatim",
        ]
    );
    let exported = export(&daemon, "2.0.192.in-addr.arpa");
    assert!(exported.iter().any(|line| line.contains("host-5.example.com.")), "{exported:?}");
    // Marks of an encoding at the start, and octets of another in a string.
    let marked = [b"\xef\xbb\xbf$TTL 60\r\n", SOA.as_bytes(), b"x TXT \"caf\xe9\"\n"].concat();
    fs::write(root.join("marked"), marked).expect("written");
    daemon.ctl(&[
        "zone",
        "import",
        text(&root.join("marked")),
        "--tenant",
        "bob",
        "--apex",
        "marked.example",
    ]);
    assert!(export(&daemon, "marked.example").iter().any(|line| line.contains("caf\\233")));
    daemon.ctl(&["zone", "remove", "marked.example"]);
    // Once more: refused without --replace, nothing to do with it.
    assert!(!daemon.ptrctl(&["zone", "import", text(&conf), "--tenant", "acme"]).status.success());
    let map = root.join("map.csv");
    let again = daemon.ctl(&["zone", "import", text(&conf), "--map", text(&map), "--replace"]);
    assert!(again.contains("3 unchanged") && again.contains("nothing had to change"), "{again}");
    fs::write(root.join("zones/common/ptrs"), "1 PTR new.example.com.\n").expect("written");
    daemon.ctl(&["zone", "import", text(&conf), "--map", text(&map), "--replace"]);
    assert!(!export(&daemon, "2.0.192.in-addr.arpa").iter().any(|line| line.contains("host-5")));
    // An export comes back as the same.
    let file = root.join("out.zone");
    daemon.ctl(&["zone", "export", "2.0.192.in-addr.arpa", "-o", text(&file)]);
    let same = daemon.ctl(&["zone", "import", text(&file), "--tenant", "acme", "--replace"]);
    assert!(same.contains("1 unchanged"), "{same}");
    // A file that is not there: all or nothing, unless told otherwise.
    fs::remove_file(root.join("other/empty")).expect("removed");
    let refused = daemon.ptrctl(&["zone", "import", text(&conf), "--map", text(&map), "--replace"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("other/empty"), "{refused:?}");
    let kept = daemon.ctl(&["zone", "import", text(&conf), "--map", text(&map), "--replace", "--keep-going"]);
    assert!(kept.contains("left out") && kept.contains("1 unchanged"), "{kept}");
}

#[test]
fn configurations_of_nsd_and_knot() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    write(
        root,
        &[
            (
                "nsd/nsd.conf",
                "server:\n\tzonesdir: \"ROOT/nsd/zones\"\n\tusername: \"\"\n\tip-address: 127.0.0.1\ninclude: \"ROOT/nsd/conf.d/*.conf\"\n\
                 pattern:\n\tname: \"own\"\n\tzonefile: \"%z/%s.zone\"\nzone:\n\tname: \"2.0.192.in-addr.arpa\"\n\tinclude-pattern: \"own\"\n\
                 zone:\n\tname: s.example\n\tzonefile: s\n\trequest-xfr: 192.0.2.1 NOKEY\n"
                    .into(),
            ),
            ("nsd/conf.d/a.conf", "zone:\n\tname: \"a.example\"\n\tzonefile: \"a.example\"\n".into()),
            ("nsd/zones/arpa/2.0.192.in-addr.arpa.zone", format!("$TTL 60\n{SOA}1 PTR nsd.example.com.\n")),
            ("nsd/zones/a.example", format!("$TTL 60\n{SOA}www A 192.0.2.1\n")),
            (
                "knot/knot.conf",
                "server:\n    rundir: ROOT/knot\n    listen: 127.0.0.1@5399\ndatabase:\n    storage: ROOT/knot\nremote:\n  - id: r\n    address: 192.0.2.1\n\
                 template:\n  - id: default\n    storage: ROOT/knot/zones\n    file: \"%s.zone\"\ninclude: extra.conf\nzone:\n  - domain: 3.0.192.in-addr.arpa\n\
                 \x20 - domain: s.example\n    master: r\n"
                    .into(),
            ),
            ("knot/extra.conf", "zone:\n  - domain: \"0/25.3.0.192.in-addr.arpa\"\n".into()),
            ("knot/zones/3.0.192.in-addr.arpa.zone", format!("$TTL 60\n{SOA}1 PTR knot.example.com.\n")),
            ("knot/zones/0_25.3.0.192.in-addr.arpa.zone", format!("$TTL 60\n{SOA}1 PTR small.example.com.\n")),
        ],
    );
    let (nsd, knot) = (root.join("nsd/nsd.conf"), root.join("knot/knot.conf"));
    checked("nsd-checkconf", &[text(&nsd)]);
    checked("knotc", &["-c", text(&knot), "conf-check"]);
    let daemon = started(root);
    let done = daemon.ctl(&["zone", "import", text(&nsd), "--tenant", "acme"]);
    assert!(done.contains("a secondary of 192.0.2.1") && done.contains("2 zones imported"), "{done}");
    let done = daemon.ctl(&["zone", "import", text(&knot), "--tenant", "acme", "--from", "knot"]);
    assert!(done.contains("a secondary of r") && done.contains("2 zones imported"), "{done}");
    assert_eq!(zones(&daemon).len(), 4);
    assert!(export(&daemon, "0/25.3.0.192.in-addr.arpa").iter().any(|line| line.contains("small")));
}

#[test]
fn a_database_of_powerdns() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let schema = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql";
    let schema =
        fs::read_to_string(schema).unwrap_or_else(|error| panic!("{schema}: {error}: tests/run installs it"));
    let rows = "INSERT INTO domains (id, name, type) VALUES (1, '2.0.192.in-addr.arpa', 'NATIVE'), (2, 's.example', 'SLAVE'),
                    (3, 'example.com', 'MASTER');
                INSERT INTO records (domain_id, name, type, content, ttl, prio, disabled) VALUES
                    (1, '2.0.192.in-addr.arpa', 'SOA', 'ns1.example.net h@example.net 5', 3600, 0, 0),
                    (1, '2.0.192.in-addr.arpa', 'NS', 'ns1.example.net', 3600, 0, 0),
                    (1, '1.2.0.192.in-addr.arpa', 'PTR', 'one.example.com', 300, 0, 0),
                    (1, '2.2.0.192.in-addr.arpa', 'PTR', 'off.example.com', 300, 0, 1),
                    (1, '3.2.0.192.in-addr.arpa', NULL, NULL, NULL, NULL, 0),
                    (3, 'example.com', 'SOA', 'ns1.example.net h.example.net 9 1 2 3 4', 60, 0, 0),
                    (3, 'example.com', 'NS', 'ns1.example.net', 60, 0, 0),
                    (3, 'example.com', 'MX', 'mail.example.com', 60, 10, 0),
                    (3, 'example.com', 'TXT', '\"v=spf1 -all; \"', 60, 0, 0),
                    (3, 'alias.example.com', 'ALIAS', 'www.example.net', 60, 0, 0),
                    (3, 'lua.example.com', 'LUA', 'A \"ifportup(443, {})\"', 60, 0, 0);
                INSERT INTO domainmetadata (domain_id, kind, content) VALUES (3, 'SOA-EDIT', 'INCEPTION');";
    let database = root.join("pdns.sqlite3");
    fs::write(root.join("rows.sql"), format!("{schema}\n{rows}")).expect("written");
    checked("sqlite3", &[text(&database), &format!(".read {}", text(&root.join("rows.sql")))]);
    let daemon = started(root);
    let done = daemon.ctl(&["zone", "import", text(&database), "--tenant", "acme"]);
    for part in [
        "2 zones imported",
        "a secondary",
        "1 ALIAS at alias.example.com",
        "1 LUA at lua.example.com",
        "SOA-EDIT",
    ] {
        assert!(done.contains(part), "{part}: {done}");
    }
    let reverse = export(&daemon, "2.0.192.in-addr.arpa");
    assert!(reverse.iter().any(|line| line.contains("one.example.com.")), "{reverse:?}");
    assert!(!reverse.iter().any(|line| line.contains("off.example.com.")), "{reverse:?}");
    let forward = export(&daemon, "example.com").join("\n");
    assert!(forward.contains("mx 10 mail") && forward.contains("v=spf1 -all; "), "{forward}");
    let again = daemon.ctl(&["zone", "import", text(&database), "--tenant", "acme", "--replace"]);
    assert!(again.contains("2 unchanged"), "{again}");
    // Nothing is left of the upload.
    let left = fs::read_dir(root).expect("a folder").filter_map(Result::ok);
    assert!(!left.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().contains("import")));
    // No database, a torn one, another one.
    let octets = fs::read(&database).expect("a file");
    fs::write(root.join("torn"), &octets[..octets.len() / 2]).expect("written");
    let torn = daemon.ptrctl(&["zone", "import", text(&root.join("torn")), "--tenant", "acme", "--replace"]);
    assert_eq!(torn.status.code(), Some(3), "{torn:?}");
    checked("sqlite3", &[text(&root.join("other")), "CREATE TABLE x (y); INSERT INTO x VALUES (1);"]);
    let other = daemon.ptrctl(&["zone", "import", text(&root.join("other")), "--tenant", "acme"]);
    assert!(String::from_utf8_lossy(&other.stderr).contains("no database of PowerDNS"), "{other:?}");
}

#[test]
fn adoption_changes_no_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let parent = "$GENERATE 0-63 $ CNAME $.0/26\n0/26 NS ns1.example.net.\n0/26 NS ns2.example.net.\n\
                  $GENERATE 64-127 $ CNAME $.64-26\n64-26 NS ns.customer.example.\n200 PTR mail.example.com.\n* PTR any.example.com.\n";
    write(
        root,
        &[
            ("zones/2.0.192.in-addr.arpa.zone", format!("$TTL 7200\n{SOA}{parent}")),
            (
                "zones/small.zone",
                format!(
                    "$ORIGIN 0/26.2.0.192.in-addr.arpa.\n$TTL 300\n{SOA}$GENERATE 1-62 $ PTR host-$.example.com.\n"
                ),
            ),
        ],
    );
    let daemon = started(root);
    daemon.ctl(&["zone", "import", text(&root.join("zones")), "--tenant", "acme"]);
    let answers = || {
        let mut all = Vec::new();
        for octet in 0..=255u8 {
            for qtype in [12, 5, 16, 2] {
                all.push(daemon.dns(&question(octet, qtype)).expect("an answer"));
            }
        }
        all
    };
    let apexes = ["2.0.192.in-addr.arpa", "0/26.2.0.192.in-addr.arpa"];
    let (before, exports) = (answers(), apexes.map(|apex| export(&daemon, apex)));
    let refused = daemon.ptrctl(&["zone", "adopt", apexes[0]]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--yes"), "nobody to ask: {refused:?}");
    let dry = daemon.ctl(&["zone", "adopt", apexes[0], "--dry-run"]);
    assert!(dry.contains("dry run") && dry.contains("classless slash"), "{dry}");
    let done = daemon.ctl(&["zone", "adopt", apexes[0], "--yes"]);
    assert!(done.contains("2 zones adopted"), "{done}");
    assert_eq!(apexes.map(|apex| export(&daemon, apex)), exports);
    for (nth, (before, after)) in before.iter().zip(answers()).enumerate() {
        assert_eq!(
            sections(before),
            sections(&after),
            "{}.2.0.192 type {}",
            nth / 4,
            [12, 5, 16, 2][nth % 4]
        );
    }
    assert_eq!(
        zones(&daemon),
        ["2.0.192.in-addr.arpa. acme range", "0/26.2.0.192.in-addr.arpa. acme classless"]
    );
    daemon.ctl(&["ptr", "set", "192.0.2.63", "new.example.com"]);
    // What is there survives a restart.
    let view = daemon.ctl(&["block", "list"]);
    assert!(daemon.stop().success());
    let daemon = Daemon::start(root, &[]);
    assert_eq!(daemon.ctl(&["block", "list"]), view);
    assert!(export(&daemon, apexes[1]).iter().any(|line| line.contains("new.example.com.")));
}

fn question(octet: u8, qtype: u8) -> Vec<u8> {
    let name = format!("{octet}.2.0.192.in-addr.arpa");
    let mut request = vec![0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        request.push(label.len() as u8);
        request.extend_from_slice(label.as_bytes());
    }
    request.extend_from_slice(&[0, 0, qtype, 0, 1]);
    request
}

/// The reply's records, the serials of SOA records zeroed.
fn sections(reply: &[u8]) -> [Vec<String>; 3] {
    let reply = ptrd_testkit::Reply::decode(reply).unwrap_or_else(|error| panic!("{error}"));
    let shown = |records: &[ptrd_testkit::Record]| {
        let mut all: Vec<String> = records
            .iter()
            .map(|record| {
                let mut record = record.clone();
                if record.rtype == ptrd_wire::RecordType::SOA {
                    let at = record.rdata.len() - 20;
                    record.rdata[at..at + 4].fill(0);
                }
                format!("{} {record:?}", reply.flags)
            })
            .collect();
        all.sort();
        all
    };
    [shown(&reply.answer), shown(&reply.authority), shown(&reply.additional)]
}

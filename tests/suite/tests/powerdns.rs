//! The PowerDNS API: calls and answers against PowerDNS itself, what real clients sent it once, and the clients
//! themselves: octoDNS with octodns-powerdns, and powerdns-cli. `tests/run` installs them; what is not there is said, and
//! left out.

use ptrd_suite::api::{Api, NAME};
use ptrd_suite::powerdns::{Call, Door, Judge, comparable, read_calls, token};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const FILES: [(&str, &str); 5] = [
    ("admin.txt", include_str!("../../powerdns/admin.txt")),
    ("zones.txt", include_str!("../../powerdns/zones.txt")),
    ("rrsets.txt", include_str!("../../powerdns/rrsets.txt")),
    ("terraform.txt", include_str!("../../powerdns/terraform.txt")),
    ("other.txt", include_str!("../../powerdns/other.txt")),
];

/// A daemon with a tenant, whose every zone is.
fn start(folder: &Path) -> Api {
    let daemon = Api::start(folder);
    daemon.ctl(&["tenant", "add", "acme"]);
    daemon
}

/// As an operator.
fn door(daemon: &Api) -> Door {
    Door::Https(daemon.place.clone(), token(daemon, "door", &["--operator"]))
}

#[test]
fn answers_are_those_of_powerdns() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in FILES {
        let root = folder.path().join(name);
        std::fs::create_dir_all(root.join("ptrd")).expect("a folder");
        let daemon = start(&root.join("ptrd"));
        let judge = Judge::start(&root.join("judge"));
        let door = door(&daemon);
        for call in read_calls(text) {
            check(name, &call, &door, judge.as_ref());
        }
    }
}

fn check(file: &str, call: &Call, door: &Door, judge: Option<&Judge>) {
    let Call { line, status, judged, method, path, body } = call;
    let at = format!("{file}:{line}: {method} {path}");
    let reply = door.call(method, path, body);
    assert_eq!(reply.status, *status, "{at}: {}", reply.body);
    if *status >= 400 {
        assert!(!reply.error().is_empty(), "{at}: {}", reply.body);
    }
    let Some(judge) = judge else { return };
    let theirs = judge.door.call(method, path, body);
    assert_eq!(theirs.status, *judged, "{at}: PowerDNS says {}", theirs.body);
    if status == judged && *status < 300 && !theirs.body.is_empty() {
        let (mine, theirs) = (comparable(&reply.json()), comparable(&theirs.json()));
        let told = |value: &Value| serde_json::to_string_pretty(value).expect("JSON");
        // What each server is called differs, and what can be told of it.
        let tells_of_itself = ["/servers", "/localhost", "/config"].iter().any(|end| path.ends_with(end));
        if !tells_of_itself && !path.contains("statistic") {
            assert_eq!(told(&mine), told(&theirs), "{at}");
        }
        assert_eq!(shape(&mine), shape(&theirs), "{at}");
    }
}

/// Names and kinds of fields.
fn shape(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "text".to_owned(),
        Value::Array(items) => {
            let mut shapes: Vec<String> = items.iter().map(shape).collect();
            shapes.sort();
            shapes.dedup();
            format!("[{}]", shapes.join(" | "))
        }
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name}: {}", shape(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

/// What octoDNS and powerdns-cli sent to a PowerDNS 4.7.3, and what it answered.
#[test]
fn what_clients_sent_to_powerdns_is_answered_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = start(folder.path());
    let door = door(&daemon);
    let mut calls = 0;
    for line in include_str!("../../powerdns/clients.jsonl").lines() {
        let call: Value = serde_json::from_str(line).expect("JSON");
        let text = |key: &str| call[key].as_str().unwrap_or_default();
        let (method, path) = (text("m"), text("p"));
        let reply = door.call(method, path, text("b"));
        assert_eq!(Value::from(reply.status), call["s"], "{method} {path}: {}", reply.body);
        calls += 1;
        if reply.status != 200 && reply.status != 201
            || path.ends_with("/servers")
            || path.ends_with("localhost")
        {
            continue;
        }
        let theirs: Value = serde_json::from_str(text("rb")).expect("JSON");
        let (mut mine, mut theirs) = (comparable(&reply.json()), comparable(&theirs));
        // Where nothing was said of serials, PowerDNS counts dates and ptrd just counts.
        for value in [&mut mine, &mut theirs] {
            if let Some(field) = value.get_mut("soa_edit_api") {
                *field = Value::from("a word");
            }
        }
        assert_eq!(mine, theirs, "{method} {path}");
    }
    assert_eq!(calls, 43);
}

#[test]
fn addresses_that_follow_in_a_companion_zone_are_listed_and_cannot_be_deleted() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = start(folder.path());
    let door = door(&daemon);
    daemon.ctl(&["block", "add", "192.0.2.0/28", "--tenant", "acme"]);
    daemon.ctl(&["block", "set", "192.0.2.0/28", "--template", "h{d}.pool.acme.example"]);
    daemon.ctl(&["zone", "add", "acme.example", "--tenant", "acme", "--companion"]);
    daemon.ctl(&["ptr", "set", "192.0.2.1", "mail.acme.example"]);
    let zone = door.expect(200, "GET", "/zones/acme.example.", "").json();
    let rrsets = zone["rrsets"].as_array().expect("RRsets");
    for (name, address) in [("mail.acme.example.", "192.0.2.1"), ("h7.pool.acme.example.", "192.0.2.7")] {
        let shown = rrsets.iter().find(|rrset| rrset["name"] == name).expect("an RRset");
        assert_eq!(shown["records"][0]["content"], address);
    }
    let log = daemon.ctl(&["log", "--json"]);
    for (name, from) in [
        ("mail.acme.example.", "follows from the PTR of 192.0.2.1"),
        ("h7.pool.acme.example.", "of the block 192.0.2.0/28"),
    ] {
        for change in [r#""changetype":"DELETE""#, r#""ttl":3600,"changetype":"REPLACE","records":[]"#] {
            let body = format!(r#"{{"rrsets":[{{"name":"{name}","type":"A",{change}}}]}}"#);
            let reply = door.expect(422, "PATCH", "/zones/acme.example.", &body);
            assert!(reply.error().contains(from), "{}", reply.body);
        }
    }
    let mut back = zone["rrsets"].clone();
    for rrset in back.as_array_mut().expect("RRsets") {
        rrset["changetype"] = Value::from("REPLACE");
    }
    let body = serde_json::json!({ "rrsets": back }).to_string();
    door.expect(204, "PATCH", "/zones/acme.example.", &body);
    assert_eq!(daemon.ctl(&["log", "--json"]), log, "put back as it is, the whole zone is no change");
}

#[test]
fn what_follows_from_blocks_is_listed_and_cannot_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = start(folder.path());
    let door = door(&daemon);
    daemon.ctl(&["block", "add", "192.0.2.0/24", "--tenant", "acme"]);
    daemon.ctl(&["block", "add", "192.0.2.64/26", "--tenant", "acme", "--classless", "slash"]);
    daemon.ctl(&["ptr", "set", "192.0.2.70", "mail.example.com"]);
    let zone = door.expect(200, "GET", "/zones/2.0.192.in-addr.arpa.", "").json();
    let rrsets = zone["rrsets"].as_array().expect("RRsets");
    let alias = rrsets.iter().find(|rrset| rrset["name"] == "70.2.0.192.in-addr.arpa.").expect("a CNAME");
    assert_eq!(alias["type"], "CNAME");
    assert_eq!(alias["records"][0]["content"], "70.64/26.2.0.192.in-addr.arpa.");
    let patch = |name: &str, rtype: &str, records: &str| {
        format!(
            r#"{{"rrsets":[{{"name":"{name}","type":"{rtype}","ttl":3600,"changetype":"REPLACE","records":[{records}]}}]}}"#
        )
    };
    let other = r#"{"content":"other.example.","disabled":false}"#;
    for (name, rtype, records) in [
        ("70.2.0.192.in-addr.arpa.", "CNAME", other),
        ("70.2.0.192.in-addr.arpa.", "CNAME", ""),
        ("70.2.0.192.in-addr.arpa.", "PTR", other),
    ] {
        let reply = door.expect(422, "PATCH", "/zones/2.0.192.in-addr.arpa.", &patch(name, rtype, records));
        assert!(reply.error().contains("the block 192.0.2.64/26"), "{}", reply.body);
    }
    // At the address it can, in the zone that shows it.
    let body = patch("70.64/26.2.0.192.in-addr.arpa.", "PTR", other);
    door.expect(204, "PATCH", "/zones/64=2F26.2.0.192.in-addr.arpa.", &body);
    assert!(daemon.ctl(&["ptr", "get", "192.0.2.70"]).contains("other.example."));
    // Put back as it is, the whole zone is no change.
    let mut back = zone["rrsets"].clone();
    for rrset in back.as_array_mut().expect("RRsets") {
        rrset["changetype"] = Value::from("REPLACE");
    }
    let log = daemon.ctl(&["log", "--json"]);
    door.expect(
        204,
        "PATCH",
        "/zones/2.0.192.in-addr.arpa.",
        &serde_json::json!({ "rrsets": back }).to_string(),
    );
    assert_eq!(daemon.ctl(&["log", "--json"]), log);
}

#[test]
fn a_token_sees_and_changes_what_is_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = start(folder.path());
    daemon.ctl(&["tenant", "add", "bob"]);
    for (range, tenant) in [("192.0.2.0/24", "acme"), ("192.0.2.128/25", "bob"), ("198.51.100.0/24", "acme")]
    {
        daemon.ctl(&["block", "add", range, "--tenant", tenant]);
    }
    daemon.ctl(&["ptr", "set", "192.0.2.5", "a.acme.example"]);
    daemon.ctl(&["ptr", "set", "192.0.2.200", "b.bob.example"]);
    let door = |name: &str, words: &[&str]| Door::Https(daemon.place.clone(), token(&daemon, name, words));
    let bob = door("bob", &["--tenant", "bob"]);
    let narrow = door("narrow", &["--tenant", "bob", "--prefix", "192.0.2.192/26"]);
    // Only zones that show its addresses, and of those what stands there.
    let zones = bob.expect(200, "GET", "/zones", "").json();
    assert_eq!(zones.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&zones[0]["name"], &zones[0]["account"]),
        (&Value::from("2.0.192.in-addr.arpa."), &Value::from(""))
    );
    bob.expect(404, "GET", "/zones/100.51.198.in-addr.arpa.", "");
    let zone = bob.expect(200, "GET", "/zones/2.0.192.in-addr.arpa.", "").body;
    assert!(zone.contains("b.bob.example.") && !zone.contains("acme"), "{zone}");
    let export = bob.expect(200, "GET", "/zones/2.0.192.in-addr.arpa./export", "").body;
    assert!(export.contains("b.bob.example.") && !export.contains("acme"), "{export}");
    let found = bob.expect(200, "GET", "/search-data?q=*example*", "").body;
    assert!(found.contains("b.bob.example.") && !found.contains("acme"), "{found}");
    assert_eq!(bob.expect(200, "GET", "/search-data?q=*100.51*", "").body, "[]");
    let patch = |octet: u8, name: &str| {
        format!(
            r#"{{"rrsets":[{{"name":"{octet}.2.0.192.in-addr.arpa.","type":"PTR","ttl":60,"changetype":"REPLACE","records":[{{"content":"{name}"}}]}}]}}"#
        )
    };
    let path = "/zones/2.0.192.in-addr.arpa.";
    bob.expect(204, "PATCH", path, &patch(200, "c.bob.example."));
    bob.expect(204, "PATCH", path, &patch(130, "d.bob.example."));
    narrow.expect(204, "PATCH", path, &patch(201, "e.bob.example."));
    narrow.expect(403, "PATCH", path, &patch(130, "f.bob.example."));
    for (method, path, body) in [
        ("PATCH", path, patch(5, "g.bob.example.")),
        ("DELETE", path, String::new()),
        ("PUT", path, r#"{"kind":"Native"}"#.to_owned()),
        ("POST", "/zones", r#"{"name":"example.com.","kind":"Native"}"#.to_owned()),
        ("GET", "/tsigkeys", String::new()),
        ("GET", "/statistics", String::new()),
    ] {
        let reply = bob.expect(403, method, path, &body);
        assert!(!reply.error().is_empty(), "{method} {path}: {}", reply.body);
    }
    assert!(daemon.ctl(&["ptr", "get", "192.0.2.5"]).contains("a.acme.example."));
    assert!(daemon.ctl(&["ptr", "get", "192.0.2.130"]).contains("d.bob.example."));
    // A key that is none is none, whatever the socket would let in without it.
    let stranger = Door::Socket(daemon.socket.clone(), Some("secret".to_owned()));
    for path in ["/api", "/api/v1/servers", "/zones"] {
        assert!(stranger.expect(401, "GET", path, "").error().starts_with("Unauthorized"));
    }
    // Made with a token, a zone is its tenant's: where it may make blocks.
    bob.expect(403, "POST", "/zones", r#"{"name":"192/26.2.0.192.in-addr.arpa.","kind":"Native"}"#);
    daemon.ctl(&["block", "set", "192.0.2.128/25", "--may-sub-block", "yes"]);
    let made =
        bob.expect(201, "POST", "/zones", r#"{"name":"192/26.2.0.192.in-addr.arpa.","kind":"Native"}"#);
    assert_eq!(made.json()["account"], "bob");
    bob.expect(204, "DELETE", "/zones/192=2F26.2.0.192.in-addr.arpa.", "");
}

#[test]
fn large_and_malformed_requests_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = start(folder.path());
    let door = door(&daemon);
    door.expect(201, "POST", "/zones", r#"{"name":"18.198.in-addr.arpa.","kind":"Native"}"#);
    let rrset = |n: u32, change: &str| {
        format!(
            r#"{{"name":"{}.{}.18.198.in-addr.arpa.","type":"PTR","ttl":300,"changetype":"{change}","records":[{{"content":"host-{n}.example.net.","disabled":false}}]}}"#,
            n % 256,
            n / 256
        )
    };
    let patch = |count: u32, change: &str| {
        let rrsets: Vec<String> = (0..count).map(|n| rrset(n, change)).collect();
        format!(r#"{{"rrsets":[{}]}}"#, rrsets.join(","))
    };
    // More than an ordinary body may have.
    let body = patch(10_000, "REPLACE");
    assert!(body.len() > 1 << 20);
    door.expect(204, "PATCH", "/zones/18.198.in-addr.arpa.", &body);
    let zone = door.expect(200, "GET", "/zones/18.198.in-addr.arpa.", "").json();
    assert_eq!(zone["rrsets"].as_array().map(Vec::len), Some(10_002));
    for (status, body, part) in [
        (413, " ".repeat((32 << 20) + 1), "larger than"),
        (400, patch(2, "REPLACE").replace("]}]}", "]}"), "line 1"),
        (400, "x".to_owned(), "line 1"),
        (400, String::new(), "EOF"),
        (422, r#"{"rrsets":[{"name":7}]}"#.to_owned(), "integer `7`"),
        (422, r#"{"rrsets":[7]}"#.to_owned(), "integer `7`"),
        (422, "7".to_owned(), "integer `7`"),
        (
            422,
            format!(r#"{{"rrsets":[{}]}}"#, rrset(1, "DELETE").replace("host", &"x".repeat(300)))
                .replace("DELETE", "REPLACE"),
            "PTR",
        ),
        (
            422,
            format!(r#"{{"rrsets":[{{"name":"{}.","type":"A","changetype":"DELETE"}}]}}"#, "a".repeat(64)),
            "63",
        ),
    ] {
        let reply = door.expect(status, "PATCH", "/zones/18.198.in-addr.arpa.", &body);
        assert!(reply.error().contains(part), "{}", reply.body);
    }
    let again = door.expect(200, "GET", "/zones/18.198.in-addr.arpa.", "").json();
    assert_eq!(again, zone, "something of what was refused was done");
}

/// Where Python's requests looks for whom to trust.
const AUTHORITIES: &str = "REQUESTS_CA_BUNDLE";

/// A program of the environment that `tests/run` makes, or `None` and a word of it.
fn program(name: &str) -> Option<PathBuf> {
    let test = std::env::current_exe().expect("a test has a path");
    let target = test.ancestors().nth(3).expect("target/profile/deps/test");
    let program = target.join("octodns/bin").join(name);
    if !program.exists() {
        println!(
            "left out: {} is not there (tests/run puts it there where PyPI can be reached)",
            program.display()
        );
        return None;
    }
    Some(program)
}

/// Runs a program; what it said.
fn run(command: &mut Command) -> (bool, String) {
    let output = command.stdin(Stdio::null()).output().expect("the program runs");
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

/// octoDNS in a folder, its files in `zones`.
struct Octodns {
    sync: PathBuf,
    dump: PathBuf,
    folder: PathBuf,
    authorities: PathBuf,
}

impl Octodns {
    fn new(folder: &Path, daemon: &Api, zones: &[&str]) -> Option<Octodns> {
        let (sync, dump) = (program("octodns-sync")?, program("octodns-dump")?);
        let folder = folder.join("octodns");
        std::fs::create_dir_all(folder.join("zones")).expect("a folder");
        let (port, key) = (daemon.place.address.port(), token(daemon, "octodns", &["--operator"]));
        let zones: String =
            zones.iter().map(|zone| format!("  {zone}: {{sources: [files], targets: [ptrd]}}\n")).collect();
        let config = format!(
            "manager: {{max_workers: 1}}\nproviders:\n  files: {{class: octodns.provider.yaml.YamlProvider, directory: \
             {0}/zones, default_ttl: 3600, enforce_order: false}}\n  ptrd: {{class: octodns_powerdns.PowerDnsProvider, \
             host: {NAME}, scheme: https, port: {port}, api_key: {key}, notify: true, timeout: 30}}\nzones:\n{zones}",
            folder.display()
        );
        std::fs::write(folder.join("config.yaml"), config).expect("written");
        Some(Octodns { sync, dump, folder, authorities: daemon.place.file.clone() })
    }

    fn write(&self, zone: &str, yaml: &str) {
        let path = self.folder.join("zones").join(format!("{zone}yaml"));
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, yaml).expect("written");
    }

    /// Brings the zones to what the files say.
    #[track_caller]
    fn sync(&self) -> String {
        let config = self.folder.join("config.yaml");
        let mut command = Command::new(&self.sync);
        command.arg("--config-file").arg(config).args(["--doit", "--force"]);
        let (done, text) = run(command.env(AUTHORITIES, &self.authorities));
        assert!(done, "{text}");
        text
    }

    /// Brings the files to what the zones have.
    #[track_caller]
    fn dump(&self, zone: &str) {
        let (config, output) = (self.folder.join("config.yaml"), self.folder.join("zones"));
        // A zone with a slash in its name is a file in a folder, which octoDNS does not make.
        std::fs::create_dir_all(output.join(zone).parent().expect("a folder")).expect("a folder");
        let mut command = Command::new(&self.dump);
        command
            .arg("--config-file")
            .arg(config)
            .arg("--output-dir")
            .arg(output)
            .arg("--lenient")
            .args([zone, "ptrd"]);
        let (done, text) = run(command.env(AUTHORITIES, &self.authorities));
        assert!(done, "{text}");
    }
}

const NOTHING: &str = "No changes were planned";

#[test]
fn octodns_brings_zones_to_what_its_files_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = start(folder.path());
    let (plain, classless, six) =
        ("100.51.198.in-addr.arpa.", "0/26.113.0.203.in-addr.arpa.", "8.b.d.0.1.0.0.2.ip6.arpa.");
    let Some(octodns) = Octodns::new(folder.path(), &daemon, &[plain, classless, six]) else { return };
    let mut zone =
        String::from("---\n'': {type: NS, ttl: 3600, values: [ns1.example.net., ns2.example.net.]}\n");
    for n in 0..256 {
        zone += &format!("'{n}': {{type: PTR, ttl: 300, values: [a{n}.example.net., b{n}.example.net.]}}\n");
    }
    zone += "text: {type: TXT, ttl: 60, value: 'hello; there'}\nlb._dns-sd._udp: {type: PTR, value: x.example.}\n\
             loc: {type: LOC, values: [{lat_degrees: 52, lat_minutes: 22, lat_seconds: 23.0, lat_direction: N, \
             long_degrees: 4, long_minutes: 53, long_seconds: 32.0, long_direction: E, altitude: -2.0, size: 1, \
             precision_horz: 10000, precision_vert: 10}]}\n";
    zone = zone.replace("hello;", "hello\\;");
    octodns.write(plain, &zone);
    octodns.write(classless, "---\n'5': {type: PTR, ttl: 300, value: five.example.net.}\n");
    octodns.write(six, &format!("---\n1{}: {{type: PTR, value: six.example.net.}}\n", ".0".repeat(23)));
    let text = octodns.sync();
    assert!(text.contains("262 total changes") || text.contains("Creates=260"), "{text}");
    for (address, name) in
        [("198.51.100.7", "b7.example.net."), ("203.0.113.5", "five."), ("2001:db8::1", "six.")]
    {
        assert!(daemon.ctl(&["ptr", "get", address]).contains(name), "{address}");
    }
    let text = octodns.sync();
    assert!(text.contains(NOTHING), "{text}");
    // Changed, added and removed.
    let few = "---\n'': {type: NS, ttl: 3600, values: [ns1.example.net., ns3.example.net.]}\n\
               '7': {type: PTR, ttl: 600, value: seven.example.net.}\n'8': {type: CNAME, value: x.example.}\n";
    octodns.write(plain, few);
    octodns.write(classless, "---\n'6': {type: PTR, ttl: 300, value: six.example.net.}\n");
    octodns.sync();
    let shown = daemon.ctl(&["record", "list", plain]);
    assert!(shown.contains("seven.example.net.") && shown.contains("ns3.example.net."), "{shown}");
    assert!(!shown.contains("b7.") && !shown.contains("hello") && !shown.contains("a9."), "{shown}");
    assert!(!daemon.ptrctl(&["ptr", "get", "203.0.113.5"]).status.success());
    let text = octodns.sync();
    assert!(text.contains(NOTHING), "{text}");
}

#[test]
fn octodns_plans_nothing_for_zones_that_nobody_touched() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = start(folder.path());
    // With a slash in the label of the classless zone octoDNS refuses the CNAMEs of the zone above.
    let zones = ["0.192.in-addr.arpa.", "2.0.192.in-addr.arpa.", "64-26.2.0.192.in-addr.arpa."];
    let Some(octodns) = Octodns::new(folder.path(), &daemon, &zones) else { return };
    for words in [
        &["block", "add", "192.0.0.0/16"][..],
        &["block", "add", "192.0.2.0/24", "--own-zone"],
        &["block", "add", "192.0.2.64/26", "--classless", "first-len"],
        &["block", "add", "192.0.2.192/26", "--delegate", "classless", "--ns", "ns.customer.example"],
        &["block", "add", "192.0.5.0/24", "--delegate", "zone", "--ns", "ns.customer.example"],
    ] {
        daemon.ctl(&[words, &["--tenant", "acme"]].concat());
    }
    daemon.ctl(&["ptr", "set", "192.0.2.5", "mail.example.com"]);
    daemon.ctl(&["ptr", "set", "192.0.2.70", "mail.example.net", "--ttl", "60"]);
    for zone in zones {
        octodns.dump(zone);
    }
    let dumped =
        std::fs::read_to_string(octodns.folder.join("zones/2.0.192.in-addr.arpa.yaml")).expect("a file");
    assert!(
        dumped.contains("70.64-26.2.0.192.in-addr.arpa.") && dumped.contains("ns.customer.example."),
        "{dumped}"
    );
    let text = octodns.sync();
    assert!(text.contains(NOTHING), "{text}");
}

#[test]
fn powerdns_cli_does_what_it_does_to_powerdns() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = start(folder.path());
    let Some(program) = program("powerdns-cli") else { return };
    let (url, key) = (daemon.place.url(), token(&daemon, "cli", &["--operator"]));
    let home = folder.path().join("home");
    std::fs::create_dir_all(&home).expect("a folder");
    let cli = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command
            .args(arguments)
            .env("HOME", &home)
            .env(AUTHORITIES, &daemon.place.file)
            .env("POWERDNS_CLI_APIKEY", &key)
            .env("POWERDNS_CLI_URL", &url);
        run(command.env("POWERDNS_CLI_TIMEOUT", "30").current_dir(&home))
    };
    let done = |arguments: &[&str], part: &str| {
        let (done, text) = cli(arguments);
        assert!(done && text.contains(part), "{arguments:?}: {text}");
        text
    };
    let refused = |arguments: &[&str], part: &str| {
        let (done, text) = cli(&[arguments, &["--json"]].concat());
        assert!(!done && text.contains(part), "{arguments:?}: {text}");
    };
    let zone = "113.0.203.in-addr.arpa";
    done(&["config", "list"], "\"localhost\"");
    done(&["config", "export"], "\"launch\"");
    done(&["config", "stats"], "\"uptime\"");
    done(&["zone", "add", zone, "NATIVE"], "Successfully created");
    done(&["zone", "add", zone, "NATIVE"], "already present");
    done(&["zone", "list"], "\"113.0.203.in-addr.arpa.\"");
    done(&["record", "add", "7", zone, "PTR", "seven.example.net."], "Successfully added");
    done(&["record", "add", "7", zone, "PTR", "seven.example.net."], "already present");
    done(&["record", "add", "7", zone, "PTR", "other.example.net."], "Successfully added");
    done(&["record", "add", "text", zone, "TXT", "\"hello there\""], "Successfully added");
    assert!(daemon.ctl(&["ptr", "get", "203.0.113.7"]).contains("other.example.net."));
    refused(&["record", "disable", "7", zone, "PTR", "seven.example.net."], "disabled");
    done(&["record", "enable", "7", zone, "PTR", "seven.example.net."], "already present");
    done(&["record", "replace", "7", zone, "PTR", "new.example.net."], "replaced");
    done(
        &["record", "export", zone, "--bind"],
        "7.113.0.203.in-addr.arpa.\t86400\tIN\tPTR\tnew.example.net.",
    );
    let rrsets = home.join("rrsets.json");
    std::fs::write(&rrsets, done(&["record", "export", zone], "new.example.net.")).expect("written");
    let rrsets = rrsets.to_str().expect("text");
    done(&["record", "delete", "7", zone, "PTR", "new.example.net."], "removed");
    assert!(!daemon.ptrctl(&["ptr", "get", "203.0.113.7"]).status.success());
    done(&["record", "delete", "7", zone, "PTR", "new.example.net."], "already absent");
    done(&["record", "add", "8", zone, "PTR", "eight.example.net."], "Successfully added");
    done(&["record", "import", rrsets, "--replace"], "imported");
    done(&["record", "import", rrsets, "--replace"], "already present");
    let shown = daemon.ctl(&["record", "list", "113.0.203.in-addr.arpa."]);
    assert!(shown.contains("new.example.net.") && !shown.contains("eight."), "{shown}");
    done(&["zone", "config", zone, "--kind", "primary"], "Successfully applied");
    done(&["zone", "config", zone, "--kind", "native"], "Successfully applied");
    done(&["zone", "flush-cache", zone], "Successfully flushed");
    done(&["zone", "notify", zone], "Successfully notified");
    done(&["zone", "rectify", zone], "Successfully rectified");
    done(&["zone", "search", "new.*"], "\"7.113.0.203.in-addr.arpa.\"");
    let exported = home.join("zone.json");
    std::fs::write(&exported, done(&["zone", "export", zone], "new.example.net.")).expect("written");
    let exported = exported.to_str().expect("text");
    done(&["zone", "import", exported], "already present");
    done(&["zone", "delete", zone, "-f"], "Successfully deleted");
    done(&["zone", "delete", zone, "-f"], "already absent");
    done(&["zone", "import", exported], "Successfully added");
    assert!(daemon.ctl(&["ptr", "get", "203.0.113.7"]).contains("new.example.net."));
    done(&["tsigkey", "add", "k1", "hmac-sha256"], "Successfully added");
    done(&["tsigkey", "list"], "\"k1\"");
    done(&["tsigkey", "export", "k1"], "\"hmac-sha256\"");
    done(&["tsigkey", "delete", "k1"], "Successfully deleted");
    done(&["metadata", "export", zone], "SOA-EDIT-API");
    refused(&["metadata", "add", zone, "ALSO-NOTIFY", "192.0.2.1"], "ptrctl notify");
    done(&["cryptokey", "list", zone], "[]");
    done(&["autoprimary", "list"], "[]");
}

//! What registries would find, of a real ptrd with names from a real resolver (Unbound, NSD).

use ptrd_suite::daemon::{Daemon, free_port};
use ptrd_suite::presigned::{Denial, Peer, sign};
use ptrd_suite::resolving::{ForwardZone, resolver};
use std::path::PathBuf;

const NAMES: &str = "ns1 A 127.0.0.2\nns2 A 127.0.0.3\nns3 A 127.0.0.3\ndead A 127.0.0.4\nalias CNAME ns2\n";
/// The registry's own levels would have addresses of loopback for errors, which they are.
const PROFILE: &str = r#"{"test_levels": {"ADDRESS": {"A01_LOCAL_USE_ADDR": "INFO", "A01_NO_GLOBALLY_REACHABLE_ADDR": "INFO"}}}"#;

struct World {
    folder: tempfile::TempDir,
    daemon: Daemon,
    port: String,
    resolver: Peer,
    _names: ForwardZone,
}

impl World {
    /// `None` where Debian's programs are not installed.
    fn new() -> Option<World> {
        let folder = tempfile::tempdir().expect("a folder");
        let here = folder.path();
        let names = ForwardZone::start(&here.join("nsd"), "reg.example", NAMES)?;
        let resolver = resolver(&here.join("unbound"), &[("reg.example", names.address())])?;
        let port = free_port().to_string();
        let [one, two] = ["127.0.0.2", "127.0.0.3"].map(|address| format!("{address}:{port}"));
        let daemon = Daemon::start(here, &["--listen", &one, "--listen", &two]);
        let servers = ["--ns", "ns1.reg.example", "--ns", "ns2.reg.example"];
        daemon.ctl(&[&["defaults", "set", "--rname", "hostmaster.reg.example"][..], &servers].concat());
        daemon.ctl(&["tenant", "add", "acme"]);
        daemon.ctl(&["block", "add", "192.0.2.0/24", "--tenant", "acme"]);
        std::fs::write(here.join("profile.json"), PROFILE).expect("a profile");
        Some(World { folder, daemon, port, resolver, _names: names })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Exit status, and the tags of what was found with their servers.
    fn check(&self, block: &str, words: &[&str]) -> (Option<i32>, String) {
        let (profile, resolver) = (self.path("profile.json"), self.resolver.address.to_string());
        let profile = profile.display().to_string();
        let asked =
            ["rir", "check", block, "--port", &self.port, "--resolver", &resolver, "--profile", &profile];
        let output = self.daemon.ptrctl(&[&asked[..], words].concat());
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.code(), text.into_owned())
    }
}

fn tags(text: &str) -> Vec<&str> {
    let mut tags: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with(' ') && line.contains(" ("))
        .filter_map(|line| line.split_whitespace().nth(1))
        .collect();
    tags.sort_unstable();
    tags
}

#[test]
fn a_zone_of_ptrd_is_as_registries_want_it() {
    let Some(world) = World::new() else { return println!("skipped: a server is missing") };
    let (exit, text) = world.check("192.0.2.0/24", &[]);
    // Loopback has one address of IPv6, and a nameserver alone with IPv6 is worse than none.
    assert_eq!((exit, tags(&text)), (Some(0), vec!["NO_IPV6_NS_CHILD", "NO_IPV6_NS_DEL"]), "{text}");
    assert!(text.contains("RIPE would take it"), "{text}");
    let words = ["--registry", "ripe", "--mnt-by", "EXAMPLE-MNT", "--admin-c", "EX1-RIPE"];
    let object = world.daemon.ctl(&[&["rir", "object", "192.0.2.0/24"][..], &words].concat());
    assert!(
        object.contains("nserver:        ns1.reg.example\nnserver:        ns2.reg.example\nmnt-by:"),
        "{object}"
    );
}

#[test]
fn each_fault_is_found() {
    let Some(world) = World::new() else { return println!("skipped: a server is missing") };
    let found = |block: &str, words: &[&str], expected: &[&str]| {
        let (exit, text) = world.check(block, words);
        let tags = tags(&text);
        for tag in expected {
            assert!(tags.contains(tag), "{words:?}: {tag}\n{text}");
        }
        let grave = text.lines().any(|line| line.starts_with("ERROR") || line.starts_with("CRITICAL"));
        assert_eq!(exit, Some(if grave { 3 } else { 0 }), "{words:?}\n{text}");
    };
    let [one, two, dead] =
        ["ns1.reg.example", "ns2.reg.example", "dead.reg.example"].map(|name| ["--ns", name]);
    found("192.0.2.0/24", &one, &["NOT_ENOUGH_NS_DEL", "NOT_ENOUGH_IPV4_NS_DEL", "EXTRA_NAME_CHILD"]);
    found("192.0.2.0/24", &[one, dead].concat(), &["CN01_NO_RESPONSE_UDP", "EXTRA_NAME_PARENT"]);
    found(
        "192.0.2.0/24",
        &[one, two, ["--ns", "alias.reg.example"]].concat(),
        &["NS_IS_CNAME", "DEL_NS_SAME_IP"],
    );
    found("192.0.2.0/24", &[one, two, ["--ns", "nobody.reg.example"]].concat(), &["CAN_NOT_BE_RESOLVED"]);
    found(
        "192.0.2.0/24",
        &[one, ["--ns", "ns2.reg.example/127.0.0.9"]].concat(),
        &["OUT_OF_BAILIWICK_ADDR_MISMATCH"],
    );
    // Nobody has this zone.
    found("198.51.100.0/24", &[one, two].concat(), &["B02_NO_WORKING_NS", "B02_UNEXPECTED_RCODE"]);
    let ds = "1 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB";
    found("192.0.2.0/24", &[&one[..], &two, &["--ds", ds]].concat(), &["DS11_DS_BUT_UNSIGNED_ZONE"]);
}

#[test]
fn what_is_otherwise_is_said() {
    let Some(world) = World::new() else { return println!("skipped: a server is missing") };
    let state = world.path("state.json").display().to_string();
    let (exit, text) = world.check("192.0.2.0/24", &["--state", &state]);
    assert!(exit == Some(0) && !text.contains("since"), "{text}");
    let (exit, text) = world.check("192.0.2.0/24", &["--state", &state]);
    assert!(exit == Some(0) && text.contains(": nothing is otherwise"), "{text}");
    world.daemon.ctl(&["defaults", "set", "--ns", "ns1.reg.example", "--ns", "ns3.reg.example"]);
    let (exit, text) = world.check("192.0.2.0/24", &["--state", &state]);
    let said =
        "- the zone's NS RRset was ns1.reg.example ns2.reg.example and is ns1.reg.example ns3.reg.example";
    assert!(exit == Some(3) && text.contains(said), "{text}");
}

#[test]
fn signatures_are_verified_and_the_ds_follows_from_the_keys() {
    let Some(world) = World::new() else { return println!("skipped: a server is missing") };
    let text = "$TTL 3600\n@ SOA ns1.reg.example. h.reg.example. 1 14400 3600 1209600 3600\n@ NS ns1.reg.example.\n@ NS \
                ns2.reg.example.\n1 PTR a.example.\n";
    for (apex, block, denial) in [
        ("100.51.198.in-addr.arpa", "198.51.100.0/24", Denial::Nsec),
        ("113.0.203.in-addr.arpa", "203.0.113.0/24", Denial::Nsec3),
    ] {
        let Some(zone) = sign(&world.path(apex), apex, text, denial) else {
            return println!("skipped: no tools");
        };
        let file = zone.file.display().to_string();
        world.daemon.ctl(&["zone", "import", &file, "--apex", apex, "--tenant", "acme"]);
        let (exit, text) = world.check(block, &[]);
        assert_eq!(
            (exit, tags(&text)),
            (Some(0), vec!["NO_IPV6_NS_CHILD", "NO_IPV6_NS_DEL"]),
            "{denial:?}\n{text}"
        );
        let object = world.daemon.ctl(&["rir", "object", block, "--registry", "lacnic"]);
        let ds: Vec<&str> =
            zone.ds.split_whitespace().skip_while(|word| *word != "DS").skip(1).take(3).collect();
        assert!(object.contains(&format!("DS {}", ds.join(" "))), "{object}\n{}", zone.ds);
        // A key of another zone.
        let wrong = object.lines().find_map(|line| line.trim().strip_prefix("DS ")).expect("a DS");
        let mut digits = wrong.to_owned();
        digits.replace_range(wrong.len() - 1.., if wrong.ends_with('0') { "1" } else { "0" });
        let words = ["--ns", "ns1.reg.example", "--ns", "ns2.reg.example", "--ds", &digits];
        let (exit, text) = world.check(block, &words);
        assert_eq!(exit, Some(3), "{text}");
        for tag in ["DS02_NO_MATCH_DS_DNSKEY", "DS02_NO_VALID_DNSKEY_FOR_ANY_DS"] {
            assert!(tags(&text).contains(&tag), "{tag}\n{text}");
        }
    }
}

/// A certificate for localhost that vouches for itself, and its key, as files.
fn certificate(folder: &std::path::Path) -> (String, String) {
    let parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = parameters.self_signed(&key).expect("a certificate");
    std::fs::create_dir_all(folder).expect("a folder");
    let [file, of_key] = ["certificate.pem", "key.pem"].map(|name| folder.join(name).display().to_string());
    std::fs::write(&file, certificate.pem()).expect("written");
    std::fs::write(&of_key, key.serialize_pem()).expect("written");
    (file, of_key)
}

/// Stopped when dropped.
struct Tls(std::process::Child);

impl Drop for Tls {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn registries_are_spoken_to_over_tls_and_strangers_are_not() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let (good, key) = certificate(&here.join("registry"));
    let (other, _) = certificate(&here.join("other"));
    // OpenSSL's server answers with a file that is called as the request's target is, query and all.
    let delegations = here.join("rest/delegation");
    std::fs::create_dir_all(&delegations).expect("a folder");
    let body = "<delegation><nameserver>ns1.example.net</nameserver></delegation>";
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    std::fs::write(delegations.join("2.0.192.in-addr.arpa.?apikey=API-0000"), answer).expect("written");
    let credential = here.join("credential");
    std::fs::write(&credential, "API-0000").expect("written");
    std::fs::set_permissions(&credential, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    let port = free_port();
    let mut server = std::process::Command::new("openssl");
    server.args(["s_server", "-quiet", "-HTTP", "-accept", &port.to_string(), "-cert", &good, "-key", &key]);
    server.current_dir(here).stdin(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let Ok(server) = server.spawn() else { return println!("skipped: openssl is not installed") };
    let _server = Tls(server);
    let since = std::time::Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(since.elapsed() < ptrd_suite::daemon::PATIENCE, "openssl does not come up");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let submit = |authorities: &str| {
        let endpoint = format!("https://localhost:{port}");
        let mut command = std::process::Command::new(ptrd_suite::daemon::program("ptrctl"));
        command.args(["rir", "submit", "192.0.2.0/24", "--registry", "arin", "--ns", "ns1.example.net"]);
        command.args(["--endpoint", &endpoint, "--ca-file", authorities, "--credential"]).arg(&credential);
        let output = command.output().expect("ptrctl runs");
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.code(), text.into_owned())
    };
    let (exit, text) = submit(&good);
    assert!(exit == Some(0) && text.contains("it is so already"), "{text}");
    let (exit, text) = submit(&other);
    assert!(exit == Some(1) && text.contains("certificate") && !text.contains("API-0000"), "{text}");
}

//! That `ptrctl rir check` has for errors what Zonemaster of Debian has, of a ptrd with addresses as the public Internet has
//! them, in a network namespace with a root and an AS-number service of its own.

use ptrd_suite::daemon::{Daemon, PATIENCE, program};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

const ROOT: &[&str] = &["198.41.0.4", "199.9.14.201", "2001:503:ba3e::2:30", "2001:500:200::b"];
/// Where the root's servers answer too, which have no other zone.
const LAME: &[&str] = &["9.3.3.3", "2620:fe::3"];
const PTRD: &[&str] = &["9.1.1.1", "9.2.2.2", "10.0.0.1", "2620:fe::1", "2620:fe::2", "2620:fe::5"];
/// The root, all that is below it, and whose addresses are.
const ZONE: &str = "\
$TTL 3600
. SOA a.root.example. hostmaster.root.example. 1 14400 3600 1209600 3600
. NS a.root.example.
. NS b.root.example.
a.root.example. A 198.41.0.4
a.root.example. AAAA 2001:503:ba3e::2:30
b.root.example. A 199.9.14.201
b.root.example. AAAA 2001:500:200::b
ns1.example. A 9.1.1.1
ns1.example. AAAA 2620:fe::1
ns2.example. A 9.2.2.2
ns2.example. AAAA 2620:fe::2
lame.example. A 9.3.3.3
lame.example. AAAA 2620:fe::3
same.example. A 9.1.1.1
same.example. AAAA 2620:fe::1
private.example. A 10.0.0.1
private.example. AAAA 2620:fe::5
alias.example. CNAME same.example.
2.0.192.in-addr.arpa. NS ns1.example.
2.0.192.in-addr.arpa. NS ns2.example.
*.asnlookup.zonemaster.net. TXT \"64500 | 9.0.0.0/8 | US | arin | 2000-01-01\"
*.asn.cymru.com. TXT \"64500 | 9.0.0.0/8 | US | arin | 2000-01-01\"
";
const HINTS: &str = "\
. 3600000 NS a.root.example.
. 3600000 NS b.root.example.
a.root.example. 3600000 A 198.41.0.4
a.root.example. 3600000 AAAA 2001:503:ba3e::2:30
b.root.example. 3600000 A 199.9.14.201
b.root.example. 3600000 AAAA 2001:500:200::b
";

/// A network of its own, gone when dropped.
struct Namespace(String);

impl Namespace {
    /// `None` where one may not be made.
    fn new() -> Option<Namespace> {
        let name = format!("ptrd-zonemaster-{}", std::process::id());
        let made = Command::new("ip").args(["netns", "add", &name]).stderr(Stdio::null()).status();
        made.is_ok_and(|status| status.success()).then_some(())?;
        let namespace = Namespace(name);
        namespace.ran(&["ip", "link", "set", "lo", "up"]);
        for address in ROOT.iter().chain(LAME).chain(PTRD) {
            match address.contains(':') {
                true => {
                    namespace.ran(&["ip", "addr", "add", &format!("{address}/128"), "dev", "lo", "nodad"])
                }
                false => namespace.ran(&["ip", "addr", "add", &format!("{address}/32"), "dev", "lo"]),
            };
        }
        Some(namespace)
    }

    fn words(&self) -> [&str; 4] {
        ["ip", "netns", "exec", &self.0]
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("ip");
        command.args(&self.words()[1..]).args(words).stdin(Stdio::null());
        command
    }

    fn ran(&self, words: &[&str]) -> String {
        let output = self.command(words).output().expect("ip runs");
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        text.into_owned()
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.0]).status();
    }
}

/// Stopped when dropped.
struct Root(Child);

impl Drop for Root {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn root(namespace: &Namespace, folder: &Path) -> Root {
    let here = folder.display();
    let listen: String =
        ROOT.iter().chain(LAME).map(|address| format!("  ip-address: {address}\n")).collect();
    let text = format!(
        "server:\n{listen}  username: \"\"\n  database: \"\"\n  chroot: \"\"\n  zonesdir: \"{here}\"\n  pidfile: \"{here}/pid\"\n  \
         xfrdfile: \"{here}/xfrd\"\n  zonelistfile: \"{here}/list\"\n  xfrdir: \"{here}\"\n  server-count: 1\nremote-control:\n  \
         control-enable: no\nzone:\n  name: \".\"\n  zonefile: \"root.zone\"\n"
    );
    for (name, text) in [("nsd.conf", text.as_str()), ("root.zone", ZONE), ("hints", HINTS)] {
        std::fs::write(folder.join(name), text).expect("written");
    }
    let mut command = namespace.command(&["nsd", "-d", "-c", &folder.join("nsd.conf").display().to_string()]);
    let root = Root(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("nsd starts"));
    let since = Instant::now();
    while !namespace
        .ran(&["dig", "@198.41.0.4", ".", "SOA", "+short", "+time=1", "+tries=1"])
        .contains("hostmaster")
    {
        assert!(since.elapsed() < PATIENCE, "nsd does not come up");
    }
    root
}

/// What newer versions call what Debian's has under other names.
fn older(tag: &str) -> &str {
    match tag {
        "A01_LOCAL_USE_ADDR" => "NAMESERVER_IP_PRIVATE_NETWORK",
        other => other,
    }
}

/// Tags of ERROR and CRITICAL in lines that have a level and, some words later, a tag.
fn errors(text: &str, later: usize) -> BTreeSet<String> {
    let tag = |line: &str| {
        let mut words = line.split_whitespace().skip_while(|word| !matches!(*word, "ERROR" | "CRITICAL"));
        words.nth(later).map(|tag| older(tag).to_owned())
    };
    text.lines().filter_map(tag).collect()
}

#[test]
fn errors_are_those_of_zonemaster() {
    for needed in ["zonemaster-cli", "nsd", "dig"] {
        let found = Command::new("sh").args(["-c", &format!("command -v {needed}")]).output();
        if !found.is_ok_and(|output| output.status.success()) {
            return println!("skipped: {needed} is not installed");
        }
    }
    let Some(namespace) = Namespace::new() else {
        return println!("skipped: no network namespace may be made");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let _root = root(&namespace, folder.path());
    let listen: Vec<String> = PTRD
        .iter()
        .map(
            |address| if address.contains(':') { format!("[{address}]:53") } else { format!("{address}:53") },
        )
        .collect();
    let listen: Vec<&str> = listen.iter().flat_map(|address| ["--listen", address.as_str()]).collect();
    let daemon = Daemon::start_by(&namespace.words(), folder.path(), &listen);
    daemon.ctl(&[
        "defaults",
        "set",
        "--rname",
        "hostmaster.root.example",
        "--ns",
        "ns1.example",
        "--ns",
        "ns2.example",
    ]);
    daemon.ctl(&["tenant", "add", "acme"]);
    daemon.ctl(&["block", "add", "192.0.2.0/24", "--tenant", "acme"]);
    let [one, two] = ["ns1.example/9.1.1.1,2620:fe::1", "ns2.example/9.2.2.2,2620:fe::2"];
    let four = "ns2.example/9.2.2.2";
    let lame = "lame.example/9.3.3.3,2620:fe::3";
    let same = "same.example/9.1.1.1,2620:fe::1";
    let private = "private.example/10.0.0.1,2620:fe::5";
    let alias = "alias.example/9.1.1.1,2620:fe::1";
    for (servers, some) in [
        (vec![one, two], None),
        (vec![one], Some("NOT_ENOUGH_NS_DEL")),
        (vec![one, four], Some("NOT_ENOUGH_IPV6_NS_DEL")),
        (vec![one, two, lame], Some("IS_A_RECURSOR")),
        (vec![one, two, same], Some("SAME_IP_ADDRESS")),
        (vec![one, two, private], Some("NAMESERVER_IP_PRIVATE_NETWORK")),
        (vec![one, two, alias], Some("NS_IS_CNAME")),
    ] {
        let ptrctl = program("ptrctl").display().to_string();
        let mut ours = vec![ptrctl.as_str(), "rir", "check", "192.0.2.0/24", "--resolver", "198.41.0.4"];
        let hints = folder.path().join("hints").display().to_string();
        let mut theirs =
            vec!["zonemaster-cli", "2.0.192.in-addr.arpa", "--hints", &hints, "--raw", "--level", "ERROR"];
        theirs.extend(["--show-module", "--no-time", "--no-progress"]);
        let places: Vec<String> = servers
            .iter()
            .flat_map(|server| {
                let (name, addresses) = server.split_once('/').expect("addresses");
                addresses.split(',').map(move |address| format!("{name}/{address}"))
            })
            .collect();
        theirs.extend(places.iter().flat_map(|place| ["--ns", place.as_str()]));
        ours.extend(servers.iter().flat_map(|server| ["--ns", *server]));
        let (ours, theirs) = (namespace.ran(&ours), namespace.ran(&theirs));
        let (our_tags, their_tags) = (errors(&ours, 1), errors(&theirs, 2));
        assert_eq!(our_tags, their_tags, "{servers:?}\n{ours}\n{theirs}");
        assert!(some.is_none_or(|tag| their_tags.contains(tag)), "{servers:?}\n{theirs}");
        assert_eq!(some.is_none(), their_tags.is_empty(), "{servers:?}\n{theirs}");
    }
}

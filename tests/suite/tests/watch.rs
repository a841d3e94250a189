//! The daemon watches, in a small internet: a root, registries, nameservers (NSD) and three resolvers (Unbound). What breaks is told
//! by the webhook, in metrics and by `ptrctl posture`, and nothing else is.

use ptrd_suite::daemon::Daemon;
use ptrd_suite::hook::sink;
use ptrd_suite::internet::{Internet, RESOLVERS, add_address, isolated};
use ptrd_suite::presigned::Peer;
use ptrd_suite::resolving::nsd;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

/// How long to wait for something: servers that were silent for long are left alone for half a minute.
const PATIENCE: Duration = Duration::from_secs(90);

struct World {
    folder: PathBuf,
    internet: Internet,
    hook: std::net::SocketAddr,
    told: Receiver<(String, Value)>,
    /// The serials of zones that were altered, by file.
    serials: BTreeMap<PathBuf, u32>,
}

impl World {
    /// `None` where Debian's programs are not installed.
    fn new(folder: &Path, alter: impl Fn(&Path)) -> Option<World> {
        let internet = Internet::start(folder, alter, "")?;
        let (hook, told) = sink();
        Some(World { folder: folder.to_owned(), internet, hook, told, serials: BTreeMap::new() })
    }

    fn daemon(&self, watched: &str, arguments: &[&str]) -> Daemon {
        let resolvers: Vec<String> = RESOLVERS.iter().map(|(_, address)| format!("{address:?}")).collect();
        let text = format!(
            "[checks]\nwebhook = \"http://{}/hook\"\n[watch]\n{watched}\nconfirm = \"1s\"\nresolvers = \
             [{}]\nroots = [\"198.41.0.4\"]\nqueries-per-second = 1000\ntimeout = \"1s\"\n",
            self.hook,
            resolvers.join(", ")
        );
        let config = self.folder.join("ptrd.toml");
        std::fs::write(&config, text).expect("a configuration");
        let config = config.display().to_string();
        Daemon::start(&self.folder, &[&["--config", &config], arguments].concat())
    }

    /// Has a line of a zone of a server otherwise from now on, or from a moment later.
    fn alter(&mut self, server: &str, zone: &str, before: &str, after: &str) {
        let file = self.folder.join(server).join(zone);
        let current = self.serials.entry(file.clone()).or_insert(1);
        let text = std::fs::read_to_string(&file).expect("a zone");
        assert!(text.contains(before), "{before}: {text}");
        let serial = |serial: u32| format!(" {serial} 14400 ");
        let text = text.replace(before, after).replace(&serial(*current), &serial(*current + 1));
        *current += 1;
        std::fs::write(file, text).expect("written");
        let nth = ["root", "registry", "ns1"].iter().position(|name| *name == server).expect("a server");
        self.internet.peers[nth].signal("HUP");
    }

    /// What the webhook is told, until that is all of this: subject, check, from, to.
    fn told(&self, wanted: &[(&str, &str, &str, &str)]) -> Vec<Value> {
        let wanted: BTreeSet<_> =
            wanted.iter().copied().map(|(a, b, c, d)| [a, b, c, d].map(str::to_owned)).collect();
        let (mut seen, mut changes) = (BTreeSet::new(), Vec::new());
        while seen != wanted {
            let message = self.told.recv_timeout(PATIENCE);
            let (_, message) =
                message.unwrap_or_else(|_| panic!("{seen:?} was told, {wanted:?} wanted:\n{}", self.log()));
            assert_eq!(message["event"], "posture", "{message}");
            for change in message["changes"].as_array().expect("changes") {
                let word = |field: &str| change[field].as_str().unwrap_or("none").to_owned();
                let subject = change["address"].as_str().or(change["zone"].as_str()).expect("a subject");
                seen.insert([subject.to_owned(), word("check"), word("from"), word("to")]);
                changes.push(change.clone());
            }
            assert!(
                seen.is_subset(&wanted),
                "{seen:?} was told, {wanted:?} wanted: {changes:?}\n{}",
                self.log()
            );
        }
        changes
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn wait_for(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let since = Instant::now();
        while !is_so() {
            assert!(since.elapsed() < PATIENCE, "{what} does not come about:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// How it stands with one thing.
fn posture(daemon: &Daemon, subject: &str) -> Value {
    let output = daemon.ptrctl(&["posture", subject, "--json"]);
    let page: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    page["items"][0].clone()
}

fn check<'v>(posture: &'v Value, check: &str) -> &'v Value {
    let mut checks = posture["checks"].as_array().into_iter().flatten();
    checks.find(|it| it["check"] == check).unwrap_or(&Value::Null)
}

fn exit(daemon: &Daemon, arguments: &[&str]) -> Option<i32> {
    daemon.ptrctl(&[&["posture"], arguments].concat()).status.code()
}

fn metrics(daemon: &Daemon) -> String {
    daemon.http("GET", "/metrics", "").map(|(_, body)| body).unwrap_or_default()
}

#[test]
fn a_broken_identity_is_told_of_and_so_is_its_end() {
    isolated(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let Some(mut world) = World::new(folder.path(), |_| ()) else { return };
        const WATCHED: &str = "identity = true\nevery = \"2s\"";
        let daemon = world.daemon(WATCHED, &[]);
        daemon.ctl(&["tenant", "add", "acme"]);
        daemon.ctl(&["block", "add", "185.12.8.0/24", "--tenant", "acme", "--observed"]);
        daemon.ctl(&["sending", "set", "185.12.8.1", "--helo", "ok.mail.example"]);
        daemon.ctl(&["sending", "set", "185.12.8.9", "--helo", "alias.mail.example"]);
        world.wait_for("a healthy posture", || exit(&daemon, &[]) == Some(0));
        let table = daemon.ctl(&["posture"]);
        assert!(table.lines().nth(1).is_some_and(|line| line.starts_with("acme    2          2")), "{table}");
        assert!(metrics(&daemon).contains("ptrd_watched{kind=\"identity\",grade=\"pass\"} 2"));

        // The forward side of one name goes. Resolvers may keep what they have for an hour: nobody is told of that.
        world.alter("ns1", "mail.example", "ok A 185.12.8.1\n", "");
        let broken =
            [("185.12.8.1", "iprev", "pass", "fail"), ("185.12.8.1", "helo-resolves", "pass", "fail")];
        let told = world.told(&broken);
        let iprev = told.iter().find(|change| change["check"] == "iprev").expect("it was told");
        assert_eq!((&iprev["tenant"], &iprev["show"]), (&"acme".into(), &"ptrctl posture 185.12.8.1".into()));
        assert!(
            iprev["why"].as_str().is_some_and(|why| why.contains("ok.mail.example. does not exist")),
            "{iprev}"
        );
        assert!(
            iprev["do"].as_str().is_some_and(|what| what.contains("create the A or AAAA record")),
            "{iprev}"
        );
        assert!(iprev["run"][0].as_str().is_some_and(|run| run.starts_with("dig ")), "{iprev}");
        let now = posture(&daemon, "185.12.8.1");
        assert_eq!((&now["grade"], &check(&now, "iprev")["grade"]), (&"fail".into(), &"fail".into()));
        assert_eq!(check(&now, "resolvers-agree")["doubt"]["grade"], "fail", "{now}");
        assert_eq!(
            [exit(&daemon, &[]), exit(&daemon, &["acme"]), exit(&daemon, &["185.12.8.9"])],
            [Some(13), Some(13), Some(0)]
        );
        let shown = daemon.ptrctl(&["posture", "acme", "--failing"]);
        let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
        assert!(
            shown.contains("iprev")
                && shown.contains("1 address or zone: 1 fail")
                && !shown.contains("185.12.8.9"),
            "{shown}"
        );
        let page = metrics(&daemon);
        for line in [
            "ptrd_watched{kind=\"identity\",grade=\"fail\"} 1",
            "ptrd_watched_faults{kind=\"identity\",check=\"iprev\",grade=\"fail\"} 1",
            "ptrd_watched_of_tenant{tenant=\"acme\",grade=\"fail\"} 1",
            "ptrd_watch_turns_total{kind=\"identity\",to=\"fail\"} 2",
        ] {
            assert!(page.contains(line), "{line}: {page}");
        }

        // What was seen is to be had in the form of `ptrctl verify`.
        let survey = daemon.ptrctl(&["posture", "acme", "--survey"]);
        let survey = String::from_utf8_lossy(&survey.stdout).into_owned();
        let kinds: Vec<&str> =
            survey.lines().map(|line| line.split('"').nth(1).unwrap_or_default()).collect();
        assert_eq!(kinds, ["survey", "identity", "identity", "summary"], "{survey}");

        // A restart forgets nothing and tells nothing twice.
        let since = check(&now, "iprev")["since"].clone();
        assert!(daemon.stop().success());
        let daemon = world.daemon(WATCHED, &[]);
        world.wait_for("a look after the restart", || {
            posture(&daemon, "185.12.8.1")["looked"].as_str() > now["looked"].as_str()
        });
        assert_eq!(check(&posture(&daemon, "185.12.8.1"), "iprev")["since"], since);

        // Nobody can be asked: what stands stays, and the daemon goes on.
        world.internet.peers.iter().for_each(|peer| peer.signal_all("STOP"));
        world.wait_for("looks in vain", || posture(&daemon, "185.12.8.9")["unknown"].as_u64() >= Some(2));
        daemon.ctl(&["posture", "check", "185.12.8.9"]);
        let after = [posture(&daemon, "185.12.8.1"), posture(&daemon, "185.12.8.9")];
        assert_eq!([&after[0]["grade"], &after[1]["grade"]], ["fail", "pass"], "{after:?}");
        daemon.ctl(&["tenant", "add", "bob"]);
        world.internet.peers.iter().for_each(|peer| peer.signal_all("CONT"));

        world.alter("ns1", "mail.example", "no-a TXT", "ok A 185.12.8.1\nno-a TXT");
        world.told(&broken.map(|(subject, check, from, to)| (subject, check, to, from)));
        world.wait_for("a posture that is well again", || exit(&daemon, &["acme"]) == Some(0));
        let history = posture(&daemon, "185.12.8.1")["history"].as_array().map(Vec::len);
        assert_eq!(history, Some(4));

        // An address that sends no more is forgotten.
        daemon.ctl(&["sending", "clear", "185.12.8.1"]);
        world.wait_for("an address that is forgotten", || {
            metrics(&daemon).contains("ptrd_watched{kind=\"identity\",grade=\"pass\"} 1")
        });
        assert_eq!(posture(&daemon, "185.12.8.1"), Value::Null);
        assert!(world.told.try_recv().is_err(), "nothing else was told");
    });
}

const ZONE: &str = "0.20.185.in-addr.arpa";

/// The nameservers of the zone: ptrd at p1 and p3, and NSD at p2.
fn delegate(folder: &Path) {
    let add = |file: &str, lines: &str| {
        let file = folder.join(file);
        let text = std::fs::read_to_string(&file).expect("a zone");
        std::fs::write(file, text + lines).expect("written");
    };
    if folder.ends_with("registry") {
        add("in-addr.arpa", "0.20.185 NS p1.rev.example.\n0.20.185 NS p2.rev.example.\n");
    }
    if folder.ends_with("ns1") {
        add("rev.example", "p1 A 185.20.1.1\np2 A 185.20.1.2\np3 A 185.20.1.3\n");
    }
}

/// NSD at p2, which has the zone in this version, or does not have it.
fn secondary(folder: &Path, serial: Option<u64>) -> Option<Peer> {
    let folder = folder.join("p2");
    std::fs::create_dir_all(&folder).expect("a folder");
    let apex = if serial.is_some() { ZONE } else { "another.example" };
    let text = format!(
        "$ORIGIN {apex}.\n$TTL 3600\n@ SOA p1.rev.example. hostmaster.rev.example. {} 14400 3600 1209600 3600\n@ NS \
         p1.rev.example.\n@ NS p2.rev.example.\n",
        serial.unwrap_or(1)
    );
    std::fs::write(folder.join("zone"), text).expect("written");
    nsd(&folder, "185.20.1.2:53".parse().expect("an address"), &[(apex, "zone")])
}

fn serial(daemon: &Daemon) -> Option<u64> {
    let zone: Value = serde_json::from_str(&daemon.ctl(&["zone", "list", "--json"])).expect("JSON");
    zone["items"][0]["serial"].as_u64()
}

#[test]
fn a_broken_delegation_is_told_of_and_so_is_its_end() {
    isolated(|| {
        let folder = tempfile::tempdir().expect("a folder");
        ["185.20.1.1", "185.20.1.2", "185.20.1.3"].iter().for_each(|address| add_address(address));
        let Some(mut world) = World::new(folder.path(), delegate) else { return };
        const WATCHED: &str = "delegation = true\ndelegation-every = \"2s\"";
        const LISTEN: [&str; 4] = ["--listen", "185.20.1.1:53", "--listen", "185.20.1.3:53"];
        let daemon = world.daemon(WATCHED, &LISTEN);
        let servers = ["--ns", "p1.rev.example", "--ns", "p2.rev.example"];
        daemon.ctl(&[&["defaults", "set", "--rname", "hostmaster.rev.example"][..], &servers].concat());
        daemon.ctl(&["tenant", "add", "acme"]);
        daemon.ctl(&["block", "add", "185.20.0.0/24", "--tenant", "acme"]);
        let mut peer = secondary(folder.path(), serial(&daemon)).expect("it is installed");
        world.wait_for("a healthy delegation", || {
            exit(&daemon, &[]) == Some(0) && daemon.ctl(&["posture"]).contains("1 pass")
        });
        let apex = format!("{ZONE}.");
        let turn = |check: &'static str, from: &'static str, to: &'static str| {
            [(check, from, to), (check, to, from)]
        };
        let told = |world: &World, (check, from, to): (&str, &str, &str)| {
            let changes = world.told(&[(apex.as_str(), check, from, to)]);
            assert_eq!((&changes[0]["kind"], &changes[0]["tenant"]), (&"delegation".into(), &"acme".into()));
            changes[0].clone()
        };

        // The copy of the secondary does not follow.
        let [breaks, ends] = turn("serials", "pass", "warn");
        daemon.ctl(&["ptr", "set", "185.20.0.1", "a.mail.example"]);
        let change = told(&world, breaks);
        assert!(
            change["why"].as_str().is_some_and(|why| why.contains("p2.rev.example/185.20.1.2 has serial")),
            "{change}"
        );
        assert_eq!(exit(&daemon, &[ZONE]), Some(15));
        drop(peer);
        peer = secondary(folder.path(), serial(&daemon)).expect("it is installed");
        told(&world, ends);

        // It does not have the zone any more.
        let [breaks, ends] = turn("serving", "pass", "fail");
        drop(peer);
        peer = secondary(folder.path(), None).expect("it is installed");
        let change = told(&world, breaks);
        assert!(change["run"][0].as_str().is_some_and(|run| run.contains("SOA @185.20.1.2")), "{change}");
        assert_eq!([exit(&daemon, &[ZONE]), exit(&daemon, &["acme"])], [Some(13); 2]);
        assert!(
            metrics(&daemon)
                .contains("ptrd_watched_faults{kind=\"delegation\",check=\"serving\",grade=\"fail\"} 1")
        );
        let since = check(&posture(&daemon, ZONE), "serving")["since"].clone();
        assert!(daemon.stop().success());
        let daemon = world.daemon(WATCHED, &LISTEN);
        world.wait_for("what stood before the restart", || {
            check(&posture(&daemon, ZONE), "serving")["since"] == since
        });
        drop(peer);
        peer = secondary(folder.path(), serial(&daemon)).expect("it is installed");
        told(&world, ends);

        // It does not answer.
        let [breaks, ends] = turn("answering", "pass", "warn");
        drop(peer);
        // The processes that it has started go a moment later.
        let mut silent = None;
        world.wait_for("a place that is free", || {
            silent = UdpSocket::bind(("185.20.1.2", 53)).ok();
            silent.is_some()
        });
        told(&world, breaks);
        drop(silent);
        let _peer = secondary(folder.path(), serial(&daemon)).expect("it is installed");
        told(&world, ends);

        // The registry delegates to another than the zone names.
        let [breaks, ends] = turn("ns-set", "pass", "fail");
        world.alter("registry", "in-addr.arpa", "0.20.185 NS p2", "0.20.185 NS p3");
        let change = told(&world, breaks);
        assert!(
            change["why"].as_str().is_some_and(|why| why.contains("delegates to p3.rev.example")),
            "{change}"
        );
        world.alter("registry", "in-addr.arpa", "0.20.185 NS p3", "0.20.185 NS p2");
        told(&world, ends);
        world.wait_for("a delegation that is well again", || exit(&daemon, &[ZONE]) == Some(0));
        let shown = daemon.ctl(&["posture", ZONE]);
        assert!(shown.contains("the delegation was p1.rev.example p2.rev.example and is"), "{shown}");

        // It is delegated to nobody.
        world.alter(
            "registry",
            "in-addr.arpa",
            "0.20.185 NS p1.rev.example.\n0.20.185 NS p2.rev.example.\n",
            "",
        );
        told(&world, ("delegated", "pass", "fail"));

        // A companion zone is to be delegated, too.
        daemon.ctl(&["zone", "add", "hosts.example", "--tenant", "acme", "--companion"]);
        let told =
            world.told(&["delegated", "serving"].map(|check| ("hosts.example.", check, "none", "fail")));
        let delegated = told.iter().find(|change| change["check"] == "delegated").expect("it was told");
        assert_eq!(delegated["show"], "ptrctl posture hosts.example.");
        assert!(
            delegated["do"].as_str().is_some_and(|what| what.contains("whoever has the zone above")),
            "{delegated}"
        );
        assert_eq!(exit(&daemon, &["hosts.example"]), Some(13));
        daemon.ctl(&["zone", "remove", "hosts.example"]);

        // A zone that is not served any more is forgotten.
        daemon.ctl(&["block", "remove", "185.20.0.0/24", "--clear"]);
        world.wait_for("a zone that is forgotten", || {
            metrics(&daemon).contains("ptrd_watched{kind=\"delegation\",grade=\"fail\"} 0")
        });
        assert_eq!(exit(&daemon, &[ZONE]), Some(5));
        assert!(world.told.try_recv().is_err(), "nothing else was told");
    });
}

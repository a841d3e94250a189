//! The daemon watches, in a small internet: a root, registries, nameservers (NSD) and three resolvers (Unbound). What breaks is told
//! by the webhook, in metrics and by `ptrctl posture`, and nothing else is.

use ptrd_suite::daemon::Daemon;
use ptrd_suite::hook::sink;
use ptrd_suite::internet::{Internet, RESOLVERS, isolated};
use serde_json::Value;
use std::collections::BTreeSet;
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
    serial: u32,
}

impl World {
    /// `None` where Debian's programs are not installed.
    fn new(folder: &Path) -> Option<World> {
        let internet = Internet::start(folder, |_| (), "")?;
        let (hook, told) = sink();
        Some(World { folder: folder.to_owned(), internet, hook, told, serial: 1 })
    }

    fn daemon(&self) -> Daemon {
        let resolvers: Vec<String> = RESOLVERS.iter().map(|(_, address)| format!("{address:?}")).collect();
        let text = format!(
            "[checks]\nwebhook = \"http://{}/hook\"\n[watch]\nidentity = true\nevery = \"2s\"\nconfirm = \"1s\"\nresolvers = \
             [{}]\nroots = [\"198.41.0.4\"]\nqueries-per-second = 1000\ntimeout = \"1s\"\n",
            self.hook,
            resolvers.join(", ")
        );
        let config = self.folder.join("ptrd.toml");
        std::fs::write(&config, text).expect("a configuration");
        Daemon::start(&self.folder, &["--config", &config.display().to_string()])
    }

    /// Has a line of a zone of ns1 otherwise from now on, or from a moment later.
    fn alter(&mut self, zone: &str, before: &str, after: &str) {
        let file = self.folder.join("ns1").join(zone);
        let text = std::fs::read_to_string(&file).expect("a zone");
        assert!(text.contains(before), "{before}: {text}");
        let serial = |serial: u32| format!(" {serial} 14400 ");
        let text = text.replace(before, after).replace(&serial(self.serial), &serial(self.serial + 1));
        self.serial += 1;
        std::fs::write(file, text).expect("written");
        self.internet.peers[2].signal("HUP");
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
    let checks = posture["checks"].as_array().expect("checks");
    checks.iter().find(|it| it["check"] == check).unwrap_or(&Value::Null)
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
        let Some(mut world) = World::new(folder.path()) else { return };
        let daemon = world.daemon();
        daemon.ctl(&["tenant", "add", "acme"]);
        daemon.ctl(&["block", "add", "185.12.8.0/24", "--tenant", "acme", "--observed"]);
        daemon.ctl(&["sending", "set", "185.12.8.1", "--helo", "ok.mail.example"]);
        daemon.ctl(&["sending", "set", "185.12.8.9", "--helo", "alias.mail.example"]);
        world.wait_for("a healthy posture", || exit(&daemon, &[]) == Some(0));
        let table = daemon.ctl(&["posture"]);
        assert!(table.lines().nth(1).is_some_and(|line| line.starts_with("acme    2          2")), "{table}");
        assert!(metrics(&daemon).contains("ptrd_watched{kind=\"identity\",grade=\"pass\"} 2"));

        // The forward side of one name goes. Resolvers may keep what they have for an hour: nobody is told of that.
        world.alter("mail.example", "ok A 185.12.8.1\n", "");
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
        let daemon = world.daemon();
        world.wait_for("a look after the restart", || {
            posture(&daemon, "185.12.8.1")["looked"].as_str() > now["looked"].as_str()
        });
        assert_eq!(check(&posture(&daemon, "185.12.8.1"), "iprev")["since"], since);

        // Nobody can be asked: what stands stays, and the daemon goes on.
        world.internet.peers.iter().for_each(|peer| peer.signal("STOP"));
        world.wait_for("looks in vain", || posture(&daemon, "185.12.8.9")["unknown"].as_u64() >= Some(2));
        daemon.ctl(&["posture", "check", "185.12.8.9"]);
        let after = [posture(&daemon, "185.12.8.1"), posture(&daemon, "185.12.8.9")];
        assert_eq!([&after[0]["grade"], &after[1]["grade"]], ["fail", "pass"], "{after:?}");
        daemon.ctl(&["tenant", "add", "bob"]);
        world.internet.peers.iter().for_each(|peer| peer.signal("CONT"));

        world.alter("mail.example", "no-a TXT", "ok A 185.12.8.1\nno-a TXT");
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

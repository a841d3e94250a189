//! From an empty store to a report in which all is well, by commands alone; then each fault in turn, and the report names it and no
//! other. The network has a root, registries, a customer's zone of names (Knot), three resolvers (Unbound), ptrd and a secondary of it
//! (NSD), Postfix and Exim, and `ptrd probe`.

use ptrd_suite::daemon::{Daemon, PATIENCE};
use ptrd_suite::estate::{knot, nsd, odd_resolver};
use ptrd_suite::internet::{Internet, add_address, add_records, bare, isolated};
use ptrd_suite::mailers::{Fate, Machine, Mailer, Probe};
use ptrd_suite::presigned::Peer;
use ptrd_suite::reported::faults;
use ptrd_suite::updater::SECRET;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// ptrd and its secondary, each in both families.
const PTRD: [&str; 2] = ["185.12.8.56", "2a0c:abcd::56"];
const SECOND: [&str; 2] = ["185.12.8.57", "2a0c:abcd::57"];
const CUSTOMER: &str = "185.12.8.61";
const PROBE: [&str; 2] = ["185.12.8.70", "2a0c:abcd::70"];
const ODD: &str = "149.112.112.112";
const BLOCKS: [&str; 2] = ["185.12.13.0/24", "2a0c:abce::/48"];
const ZONES: [&str; 2] = ["13.12.185.in-addr.arpa", "0.0.0.0.e.c.b.a.c.0.a.2.ip6.arpa"];
const KEY: &str = "forward.acme.example";

/// A mail server, the addresses of its machine, the other end of its cable, and what sends: two addresses, one name, one domain.
struct Sender {
    mailer: Mailer,
    label: &'static str,
    own: [&'static str; 2],
    router: [&'static str; 2],
    sends: [&'static str; 2],
    helo: &'static str,
    domain: &'static str,
}

const SENDERS: [Sender; 2] = [
    Sender {
        mailer: Mailer::Postfix,
        label: "post",
        own: ["185.12.13.9/25", "2a0c:abce:0:1::9/64"],
        router: ["185.12.13.126/25", "2a0c:abce:0:1::fe/64"],
        sends: ["185.12.13.1/25", "2a0c:abce:0:1::1/64"],
        helo: "mail-01.acme.example",
        domain: "one.mail.example",
    },
    Sender {
        mailer: Mailer::Exim,
        label: "exim",
        own: ["185.12.13.209/25", "2a0c:abce:0:2::9/64"],
        router: ["185.12.13.254/25", "2a0c:abce:0:2::fe/64"],
        sends: ["185.12.13.201/25", "2a0c:abce:0:2::1/64"],
        helo: "mail-02.acme.example",
        domain: "two.mail.example",
    },
];

/// What the operators of names and addresses have put into their zones.
const RECORDS: &[(&str, &str)] = &[
    ("in-addr.arpa", "13.12.185 NS ns3.rev.example.\n13.12.185 NS ns4.rev.example.\n"),
    (
        "ip6.arpa",
        "0.0.0.0.e.c.b.a.c.0.a.2 NS ns3.rev.example.\n0.0.0.0.e.c.b.a.c.0.a.2 NS ns4.rev.example.\n",
    ),
    ("rev.example", "ns3 A 185.12.8.56\nns3 AAAA 2a0c:abcd::56\nns4 A 185.12.8.57\nns4 AAAA 2a0c:abcd::57\n"),
    ("example", "acme NS ns.acme\nns.acme A 185.12.8.61\n"),
    (
        "mail.example",
        "probe A 185.12.8.70\nprobe AAAA 2a0c:abcd::70\nv4 A 185.12.8.70\nv6 AAAA 2a0c:abcd::70\n\
         one MX 0 probe\ntwo MX 0 probe\n",
    ),
];

/// The customer's zone, before anything is in it.
const NAMES: &str = "$TTL 3600\n@ SOA ns hostmaster 1 14400 3600 1209600 300\n@ NS ns\nns A 185.12.8.61\n";

/// Everything. What is started later is dropped first.
struct World {
    folder: PathBuf,
    key: PathBuf,
    machines: Vec<Machine>,
    probe: Probe,
    daemon: Daemon,
    second: Option<Peer>,
    _customer: Peer,
    _internet: Internet,
}

impl World {
    /// The network, with nothing in ptrd's store and nothing in the customer's zone.
    fn start(folder: &Path) -> Option<World> {
        let mut machines = Vec::new();
        for sender in &SENDERS {
            machines.push(Machine::start(folder, sender.mailer, sender.label)?);
        }
        // What was looked up is looked up again: faults come and go.
        let internet = Internet::start_with(
            folder,
            |folder| add_records(folder, RECORDS),
            |_| "  cache-max-ttl: 0\n  cache-max-negative-ttl: 0\n  infra-host-ttl: 1\n",
        )?;
        for address in PTRD.iter().chain(&SECOND).chain(&PROBE).chain(&[CUSTOMER, ODD]) {
            add_address(address);
        }
        let declared =
            format!("key:\n  - id: \"{KEY}\"\n    algorithm: hmac-sha256\n    secret: \"{SECRET}\"\n");
        let customer = knot(&folder.join("customer"), CUSTOMER, "acme.example", NAMES, (KEY, &declared))?;
        let key = folder.join("customer.key");
        fs::write(&key, format!("key \"{KEY}\" {{ algorithm hmac-sha256; secret \"{SECRET}\"; }};\n"))
            .expect("written");
        let domains = ["v4.mail.example", "v6.mail.example"];
        let probe = Probe::start(folder, &PROBE, "probe.mail.example", &domains, "8.8.8.8");
        for (sender, machine) in SENDERS.iter().zip(&machines) {
            machine.connect(&sender.router, &sender.own);
            sender.sends.iter().for_each(|address| machine.add_address(address));
            sender.mailer.start(machine);
        }
        let home = folder.join("ptrd");
        fs::create_dir(&home).expect("a folder");
        let [four, six] = [format!("{}:53", PTRD[0]), format!("[{}]:53", PTRD[1])];
        let daemon = Daemon::start(&home, &["--listen", &four, "--listen", &six]);
        let folder = folder.to_owned();
        Some(World {
            folder,
            key,
            machines,
            probe,
            daemon,
            second: None,
            _customer: customer,
            _internet: internet,
        })
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// What an operator does, from an empty store on.
    fn set_up(&mut self) {
        let ctl = |words: &str| self.daemon.ctl(&words.split(' ').collect::<Vec<_>>());
        ctl("defaults set --rname hostmaster.rev.example --ns ns3.rev.example --ns ns4.rev.example");
        ctl("tenant add acme");
        BLOCKS.iter().for_each(|block| drop(ctl(&format!("block add {block} --tenant acme"))));
        for address in SECOND {
            ctl(&format!("access allow transfer --from {address}"));
        }
        ctl(&format!("notify add {}", SECOND[0]));
        let (mut senders, mut ptrs) = ("address,helo,mta,domains\n".to_owned(), String::new());
        for Sender { label, sends, helo, domain, .. } in &SENDERS {
            for address in sends.map(bare) {
                senders += &format!("{address},{helo},{label},{domain}\n");
                ptrs += &format!("{address},{helo}\n");
            }
        }
        for (file, text, command) in
            [("senders.csv", senders, "sending import"), ("ptrs.csv", ptrs, "ptr import")]
        {
            fs::write(self.folder.join(file), text).expect("written");
            ctl(&format!("{command} {}", self.path(file)));
        }
        self.second = nsd(&self.folder.join("second"), &SECOND, PTRD[0], &ZONES);
        self.push(&[]);
        for (sender, machine) in SENDERS.iter().zip(&self.machines) {
            let parts = self.folder.join(format!("{}-parts", sender.label));
            let shown = parts.display().to_string();
            let words = ["mta", sender.mailer.word(), BLOCKS[0], BLOCKS[1], "--label", sender.label];
            self.daemon.ctl(&[&words[..], &["--folder", &shown]].concat());
            sender.mailer.put(machine, &parts);
        }
    }

    /// Brings the records that are wanted to the customer's server.
    fn push(&self, more: &[&str]) {
        let key = self.key.display().to_string();
        let words = ["forward", BLOCKS[0], BLOCKS[1], "--push", CUSTOMER, "--key", &key];
        self.daemon.ctl(&[&words[..], more].concat());
    }

    /// Sends from each address, and waits for the probe.
    fn send(&self) {
        for (sender, machine) in SENDERS.iter().zip(&self.machines) {
            for family in ["v4", "v6"] {
                let (mark, to) = (
                    format!("{}-{family}", sender.label),
                    format!("{}-{family}@{family}.mail.example", sender.label),
                );
                sender.mailer.send(machine, &format!("news@{}", sender.domain), &to, &mark);
                assert_eq!(sender.mailer.fate(machine, &to), Fate::Sent, "{mark}");
                let seen = self.probe.seen(&mark).unwrap_or_else(|| panic!("{mark} was not seen"));
                let address: IpAddr =
                    bare(sender.sends[usize::from(family == "v6")]).parse().expect("an address");
                assert_eq!((seen.address, seen.helo.as_str()), (address, sender.helo), "{mark}");
            }
        }
    }

    /// The delegation of each block, as the registry would see it: kept for the report, and with its exit status.
    fn delegation(&self) -> Vec<(String, Option<i32>)> {
        let checked = BLOCKS.iter().enumerate().map(|(nth, block)| {
            let file = self.path(&format!("zones-{nth}.json"));
            let output = self.daemon.ptrctl(&["--json", "rir", "check", block, "--resolver", "8.8.8.8"]);
            fs::write(&file, &output.stdout).expect("written");
            (file, output.status.code())
        });
        checked.collect()
    }

    /// The report, and the exit status.
    fn report(&self, more: &[&str]) -> (Value, Option<i32>) {
        let senders = self.path("senders.csv");
        let words = ["report", &senders, "--authoritative", "--timeout", "2", "--yes", "--format", "json"];
        let output = self.daemon.ptrctl(&[&words[..], more].concat());
        let text = String::from_utf8_lossy(&output.stdout);
        let report = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)));
        (report, output.status.code())
    }

    /// An update of the customer's zone.
    fn names(&self, lines: &str) {
        let text = format!("server {CUSTOMER}\nzone acme.example\n{lines}\nsend\n");
        let mut child = Command::new("nsupdate")
            .args(["-k", &self.key.display().to_string()])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .expect("nsupdate runs (Debian: bind9-dnsutils)");
        child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
        assert!(child.wait().expect("it ends").success(), "{lines}");
    }

    fn ctl(&self, words: &str) {
        self.daemon.ctl(&words.split(' ').collect::<Vec<_>>());
    }

    /// A change of PTRs, which the secondary has when this returns.
    fn ptr(&self, words: &str) {
        self.ctl(words);
        self.until_second("current");
    }

    /// Waits until the secondary has what ptrd has, or no longer answers.
    fn until_second(&self, wanted: &str) {
        let since = Instant::now();
        loop {
            let all: Vec<String> = ZONES.iter().map(|zone| self.second_says(zone)).collect();
            if all.iter().all(|said| said == wanted) {
                return;
            }
            assert!(
                since.elapsed() < PATIENCE,
                "{wanted} wanted, {all:?} found: {}",
                self.second.as_ref().map(Peer::log).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn second_says(&self, zone: &str) -> String {
        let soa = |server: &str| {
            let output = Command::new("dig")
                .args([&format!("@{server}"), "+norec", "+time=1", "+tries=1", zone, "SOA"])
                .output();
            String::from_utf8_lossy(&output.expect("dig runs (Debian: bind9-dnsutils)").stdout).into_owned()
        };
        let (ours, theirs) = (soa(PTRD[0]), soa(SECOND[0]));
        let word = |text: &str, after: &str| {
            let rest = text.split(after).nth(1).unwrap_or_default();
            rest.split([',', '\n']).next().unwrap_or_default().trim().to_owned()
        };
        match word(&theirs, "status:").as_str() {
            "NOERROR" if word(&ours, "\tSOA\t") == word(&theirs, "\tSOA\t") => "current".to_owned(),
            "NOERROR" => "old".to_owned(),
            other => other.to_owned(),
        }
    }
}

const ALL: &str = "185.12.13.1 185.12.13.201 2a0c:abce:0:1::1 2a0c:abce:0:2::1";

#[test]
fn from_nothing_to_a_report_in_which_all_is_well_and_each_fault_is_named() {
    isolated(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let Some(mut world) = World::start(folder.path()) else { return };
        world.set_up();
        world.until_second("current");
        world.send();
        green(&world);
        in_names(&world);
        in_ptrs(&world);
        in_resolvers(&world);
        in_nameservers(&mut world);
    });
}

/// All is well, in each form.
fn green(world: &World) {
    let zones = world.delegation();
    for (file, status) in &zones {
        assert_eq!(*status, Some(0), "{}", fs::read_to_string(file).expect("a file"));
    }
    let probe = world.probe.record().display().to_string();
    let kept = world.path("report.json");
    let (report, status) =
        world.report(&["--probe", &probe, "--rir", &zones[0].0, "--rir", &zones[1].0, "--registry", "ripe"]);
    assert_eq!((faults(&report), status), (vec![], Some(0)), "{:#}", report["faults"]);
    assert_eq!(report["grade"], "pass");
    for entry in report["addresses"].as_array().expect("addresses") {
        assert_eq!(entry["seen"].as_array().map(Vec::len), Some(1), "the probe saw each once: {entry:#}");
    }
    fs::write(&kept, report.to_string()).expect("written");
    for form in ["md", "html", "pdf"] {
        let file = world.path(&format!("report.{form}"));
        world.daemon.ctl(&["report", "--from", &kept, "-o", &file]);
        assert!(fs::metadata(&file).is_ok_and(|file| file.len() > 2_000), "{file}");
    }
}

/// Injects a fault, looks, mends it.
fn fault(world: &World, what: &str, wanted: &[&str], inject: impl FnOnce(&World), mend: impl FnOnce(&World)) {
    inject(world);
    let (report, status) = world.report(&[]);
    let wanted: Vec<String> = wanted.iter().map(|line| (*line).to_owned()).collect();
    assert_eq!(faults(&report), wanted, "{what}: {:#}", report["faults"]);
    let failed = wanted.iter().any(|line| line.starts_with("fail"));
    let unknown = wanted.iter().any(|line| line.starts_with("unknown"));
    assert_eq!(
        status,
        Some(if failed {
            13
        } else if unknown {
            14
        } else {
            15
        }),
        "{what}"
    );
    mend(world);
}

fn well(world: &World, after: &str) {
    let (report, status) = world.report(&[]);
    assert_eq!((faults(&report), status), (vec![], Some(0)), "after {after}: {:#}", report["faults"]);
}

/// On the forward side.
fn in_names(world: &World) {
    let name = SENDERS[0].helo;
    let push = |world: &World| world.push(&["--replace", "--yes"]);
    let resolves = [
        "fail iprev: 185.12.13.1",
        "fail helo-resolves: 185.12.13.1",
        "fail both-families: 2a0c:abce:0:1::1",
    ];
    fault(world, "no A", &resolves, |world| world.names(&format!("update delete {name} A")), push);
    let wrong = ["fail iprev: 185.12.13.1", "fail helo-resolves: 185.12.13.1"];
    fault(
        world,
        "another A",
        &wrong,
        |world| world.names(&format!("update delete {name} A\nupdate add {name} 3600 A 185.12.13.99")),
        push,
    );
    let missing = [
        "fail iprev: 2a0c:abce:0:1::1",
        "fail helo-resolves: 2a0c:abce:0:1::1",
        "fail both-families: 185.12.13.1",
    ];
    fault(world, "no AAAA", &missing, |world| world.names(&format!("update delete {name} AAAA")), push);
    well(world, "names");
}

/// At the address, and in what the mail server says.
fn in_ptrs(world: &World) {
    let name = SENDERS[0].helo;
    fault(
        world,
        "no PTR",
        &["fail ptr-present: 185.12.13.1"],
        |world| world.ptr("ptr delete 185.12.13.1"),
        |world| world.ptr(&format!("ptr set 185.12.13.1 {name}")),
    );
    fault(
        world,
        "another HELO name",
        &["warn helo-equals-ptr: 185.12.13.1 2a0c:abce:0:1::1"],
        |world| {
            world.names("update add other.acme.example 3600 A 185.12.13.1\nupdate add other.acme.example 3600 AAAA 2a0c:abce:0:1::1");
            let senders = fs::read_to_string(world.path("senders.csv")).expect("a file");
            fs::write(world.path("senders.csv"), senders.replace(name, "other.acme.example"))
                .expect("written");
        },
        |world| {
            let senders = fs::read_to_string(world.path("senders.csv")).expect("a file");
            fs::write(world.path("senders.csv"), senders.replace("other.acme.example", name))
                .expect("written");
        },
    );
    let generic = "185-12-13-1.dyn.acme.example";
    fault(
        world,
        "a generic name",
        &["fail generic: 185.12.13.1", "warn helo-equals-ptr: 185.12.13.1"],
        |world| {
            world.ptr(&format!("ptr set 185.12.13.1 {generic}"));
            world.names(&format!("update add {generic} 3600 A 185.12.13.1"));
        },
        |world| world.ptr(&format!("ptr set 185.12.13.1 {name}")),
    );
    well(world, "PTRs");
}

/// One of three says what no other says.
fn in_resolvers(world: &World) {
    let lies = "  local-zone: \"1.13.12.185.in-addr.arpa.\" redirect\n  local-data: \"1.13.12.185.in-addr.arpa. 3600 PTR \
                old.acme.example.\"\n";
    let Some(_odd) = odd_resolver(&world.folder.join("odd"), ODD, lies) else { return };
    let (report, status) =
        world.report(&["--resolver", "google", "--resolver", "cloudflare", "--resolver", ODD]);
    assert_eq!((faults(&report), status), (vec!["fail resolvers-agree: 185.12.13.1".to_owned()], Some(13)));
    assert!(
        report["faults"][0]["what"].as_str().is_some_and(|what| what.contains(ODD)),
        "{:#}",
        report["faults"]
    );
}

/// One of two servers is no help.
fn in_nameservers(world: &mut World) {
    // It serves nothing any more.
    let second = world.folder.join("second-empty");
    world.second = None;
    world.second = nsd(&second, &SECOND, PTRD[0], &[]);
    let lame = format!("warn nameservers-agree: {ALL}");
    fault(world, "a lame server", &[&lame], |_| (), |_| ());
    let zones = world.delegation();
    let (report, _) = world.report(&["--rir", &zones[0].0, "--rir", &zones[1].0]);
    for zone in report["zones"].as_array().expect("zones") {
        let findings = zone["findings"].as_array().expect("findings");
        let about = |finding: &&Value| {
            finding["server"].as_str().is_some_and(|server| server.starts_with("ns4.rev.example"))
        };
        assert!(findings.iter().any(|finding| finding["tag"] == "IS_NOT_AUTHORITATIVE"), "{zone:#}");
        assert_eq!(findings.iter().filter(about).count(), findings.len(), "nothing of the other: {zone:#}");
    }
    // It has an old copy, and then none.
    world.ctl("soa-template set default --refresh 2 --retry 1 --expire 4");
    world.second = None;
    world.second = nsd(&world.folder.join("second-again"), &SECOND, PTRD[0], &ZONES);
    world.until_second("current");
    well(world, "a lame server");
    for address in SECOND {
        world.ctl(&format!("access revoke transfer --from {address}"));
    }
    world.ctl("ptr set 185.12.13.77 spare.acme.example");
    world.until_second("SERVFAIL");
    fault(world, "an expired copy", &[&lame], |_| (), |_| ());
    for address in SECOND {
        world.ctl(&format!("access allow transfer --from {address}"));
    }
    world.ctl("soa-template set default --refresh 4h --retry 1h --expire 2w");
    world.until_second("current");
    well(world, "an expired copy");
}

//! Postfix and Exim of Debian, told what `ptrctl mta` writes, send from each address with its name to `ptrd probe`, and mail
//! that has no address of its own does not leave from another. Reverse DNS is ptrd's, names are NSD's, and Unbound looks up.

use ptrd_suite::daemon::Daemon;
use ptrd_suite::internet::{Internet, add_address, isolated};
use ptrd_suite::mailers::{Fate, Machine, Mailer, Probe, Seen};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::IpAddr;
use std::path::Path;

/// Where ptrd serves the reverse zones of the sender.
const PTRD: &str = "185.12.8.56";
const PROBE: [&str; 2] = ["185.12.8.70", "2a0c:abcd::70"];
/// The sender's machine has addresses of its own, which the system picks unless it is told otherwise.
const OWN: [&str; 2] = ["185.12.13.9/24", "2a0c:abce::9/64"];
const ROUTER: [&str; 2] = ["185.12.13.254/24", "2a0c:abce::fe/64"];
/// Addresses that send, the name of each, and the domain that it sends for. The third has no IPv6.
const SENDING: [(&str, &str, &str); 5] = [
    ("185.12.13.1", "out1.mail.example", "one.mail.example"),
    ("2a0c:abce::1", "out1.mail.example", "one.mail.example"),
    ("185.12.13.2", "out2.mail.example", "two.mail.example"),
    ("2a0c:abce::2", "out2.mail.example", "two.mail.example"),
    ("185.12.13.3", "out3.mail.example", "three.mail.example"),
];
/// Zones, and what is in them besides. The domains take reports of failures nowhere else than at the probe, which refuses them.
const RECORDS: &[(&str, &str)] = &[
    ("in-addr.arpa", "13.12.185 NS ns3.rev.example.\n"),
    ("ip6.arpa", "0.0.0.0.e.c.b.a.c.0.a.2 NS ns3.rev.example.\n"),
    ("rev.example", "ns3 A 185.12.8.56\n"),
    (
        "mail.example",
        "probe A 185.12.8.70\nprobe AAAA 2a0c:abcd::70\nv4 A 185.12.8.70\nv6 AAAA 2a0c:abcd::70\n\
         machine A 185.12.13.9\nmachine AAAA 2a0c:abce::9\n\
         out1 A 185.12.13.1\nout1 AAAA 2a0c:abce::1\nout2 A 185.12.13.2\nout2 AAAA 2a0c:abce::2\nout3 A 185.12.13.3\n\
         one MX 0 probe\ntwo MX 0 probe\nthree MX 0 probe\nother MX 0 probe\n",
    ),
];

fn alter(folder: &Path) {
    for (zone, records) in RECORDS {
        if let Ok(mut file) = OpenOptions::new().append(true).open(folder.join(zone)) {
            file.write_all(records.as_bytes()).expect("a zone");
        }
    }
}

/// A ptrd that serves the reverse zones, and knows which addresses send.
fn ptrd(folder: &Path) -> Daemon {
    let home = folder.join("ptrd");
    fs::create_dir(&home).expect("a folder");
    add_address(PTRD);
    let daemon = Daemon::start(&home, &["--listen", &format!("{PTRD}:53")]);
    daemon.ctl(&["defaults", "set", "--rname", "hostmaster.rev.example", "--ns", "ns3.rev.example"]);
    daemon.ctl(&["tenant", "add", "acme"]);
    for block in ["185.12.13.0/24", "2a0c:abce::/48"] {
        daemon.ctl(&["block", "add", block, "--tenant", "acme"]);
    }
    for own in OWN {
        daemon.ctl(&["ptr", "set", own.split('/').next().expect("an address"), "machine.mail.example"]);
    }
    for (address, helo, domain) in SENDING {
        daemon.ctl(&["ptr", "set", address, helo]);
        daemon.ctl(&["sending", "set", address, "--helo", helo, "--domain", domain]);
    }
    daemon
}

struct World {
    mailer: Mailer,
    machine: Machine,
    probe: Probe,
    daemon: Daemon,
    _internet: Internet,
}

impl World {
    fn start(folder: &Path, mailer: Mailer) -> Option<World> {
        let machine = Machine::start(folder, mailer)?;
        let internet = Internet::start(folder, alter, "")?;
        PROBE.iter().for_each(|address| add_address(address));
        let domains = ["v4.mail.example", "v6.mail.example"];
        let probe = Probe::start(folder, &PROBE, "probe.mail.example", &domains, "8.8.8.8");
        machine.connect(&ROUTER, &OWN);
        for (address, ..) in SENDING {
            machine.add_address(&with_length(address));
        }
        mailer.start(&machine);
        Some(World { mailer, machine, probe, daemon: ptrd(folder), _internet: internet })
    }

    /// Sends a message whose recipient is its mark.
    fn send(&self, from: &str, mark: &str, to: &str) -> Fate {
        let recipient = format!("{mark}@{to}.mail.example");
        self.mailer.send(&self.machine, &format!("news@{from}.mail.example"), &recipient, mark);
        self.mailer.fate(&self.machine, &recipient)
    }

    /// What the probe saw of a message that is said to have been sent.
    fn seen(&self, mark: &str) -> Seen {
        self.probe.seen(mark).unwrap_or_else(|| panic!("{mark} was not seen"))
    }

    fn stays(&self, fate: &Fate, why: &str, mark: &str) {
        assert!(matches!(fate, Fate::Stays(said) if said.contains(why)), "{mark}: {fate:?}");
        assert_eq!(self.probe.seen(mark), None, "{mark} left");
    }
}

fn with_length(address: &str) -> String {
    format!("{address}/{}", if address.contains(':') { 64 } else { 24 })
}

fn sends_as_told(mailer: Mailer) {
    isolated(move || {
        let folder = tempfile::tempdir().expect("a folder");
        let Some(world) = World::start(folder.path(), mailer) else { return };
        left_alone_it_uses_its_own_address(&world);
        let parts = folder.path().join("parts");
        let parts_text = parts.display().to_string();
        world.daemon.ctl(&[
            "mta",
            mailer.word(),
            "185.12.13.0/24",
            "2a0c:abce::/64",
            "--folder",
            &parts_text,
        ]);
        mailer.put(&world.machine, &parts);
        let before = world.probe.addresses().len();
        each_address_has_its_name(&world);
        without_an_address_of_the_family_it_stays(&world);
        of_a_domain_that_no_address_is_for_it_stays(&world);
        with_its_address_gone_it_stays(&world);
        let own = OWN.map(|own| own.split('/').next().and_then(|own| own.parse().ok()).expect("an address"));
        let left: Vec<IpAddr> = world.probe.addresses().split_off(before);
        assert!(left.len() >= 6 && !left.iter().any(|address| own.contains(address)), "{left:?}");
    });
}

/// What the guard is against, and that the probe would see it.
fn left_alone_it_uses_its_own_address(world: &World) {
    assert_eq!(world.send("one", "alone", "v4"), Fate::Sent);
    let seen = world.seen("alone");
    assert_eq!(
        (seen.address.to_string().as_str(), seen.helo.as_str()),
        ("185.12.13.9", "machine.mail.example")
    );
}

fn each_address_has_its_name(world: &World) {
    for (address, helo, domain) in SENDING {
        let (from, family) =
            (domain.split('.').next().expect("a label"), if address.contains(':') { "v6" } else { "v4" });
        let mark = format!("{from}-{family}");
        assert_eq!(world.send(from, &mark, family), Fate::Sent, "{mark}");
        let seen = world.seen(&mark);
        assert_eq!(
            (seen.address.to_string().as_str(), seen.helo.as_str(), seen.tls),
            (address, helo, true),
            "{mark}"
        );
        for check in ["ptr-present", "iprev", "helo-resolves", "helo-equals-ptr"] {
            let wanted = format!("{check} pass");
            assert!(seen.checks.contains(&wanted), "{mark}: {wanted}: {:?}", seen.checks);
        }
    }
}

fn without_an_address_of_the_family_it_stays(world: &World) {
    let why = match world.mailer {
        Mailer::Postfix => "name=v6.mail.example type=A: Host found but no data record",
        Mailer::Exim => "Unrouteable address",
    };
    world.stays(&world.send("three", "three-v6", "v6"), why, "three-v6");
}

fn of_a_domain_that_no_address_is_for_it_stays(world: &World) {
    for family in ["v4", "v6"] {
        let mark = format!("other-{family}");
        world.stays(
            &world.send("other", &mark, family),
            "no sending address is meant for this sender",
            &mark,
        );
    }
}

/// It goes once the address is there again, and from nowhere else.
fn with_its_address_gone_it_stays(world: &World) {
    for (address, family) in [("185.12.13.1", "v4"), ("2a0c:abce::1", "v6")] {
        let mark = format!("gone-{family}");
        world.machine.remove_address(&with_length(address));
        let why = match world.mailer {
            // Its log has the address, and why, on another line.
            Mailer::Postfix => "status=deferred (server configuration error)",
            Mailer::Exim => "Cannot assign requested address",
        };
        world.stays(&world.send("one", &mark, family), why, &mark);
        world.machine.add_address(&with_length(address));
        world.mailer.flush(&world.machine);
        world.mailer.sent(&world.machine, &format!("{mark}@{family}.mail.example"));
        assert_eq!(world.seen(&mark).address.to_string(), address);
    }
}

#[test]
fn postfix() {
    sends_as_told(Mailer::Postfix);
}

#[test]
fn exim() {
    sends_as_told(Mailer::Exim);
}

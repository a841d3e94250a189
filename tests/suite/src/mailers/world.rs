//! A sender, and the world that it sends to: names are NSD's, reverse DNS is ptrd's, Unbound looks up, and `ptrd probe` receives.

use super::{Fate, Machine, Mailer, Probe, Seen};
use crate::daemon::Daemon;
use crate::internet::{Internet, add_address, add_records, bare};
use std::fs;
use std::net::IpAddr;
use std::path::Path;

/// Where ptrd serves the reverse zones of the sender.
const PTRD: &str = "185.12.8.56";
/// The sender's blocks.
pub const BLOCKS: [&str; 2] = ["185.12.13.0/24", "2a0c:abce::/48"];
const PROBE: [&str; 2] = ["185.12.8.70", "2a0c:abcd::70"];
/// The sender's machine has addresses of its own, which the system picks unless it is told otherwise.
const OWN: [&str; 2] = ["185.12.13.9/24", "2a0c:abce::9/64"];
const ROUTER: [&str; 2] = ["185.12.13.254/24", "2a0c:abce::fe/64"];
/// Addresses that send, the name of each, and the domain that it sends for. The third has no IPv6.
pub const SENDING: [(&str, &str, &str); 5] = [
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
         box A 185.12.14.1\nbox AAAA 2a0c:abcf::1\nbox4 A 185.12.14.1\nbox6 AAAA 2a0c:abcf::1\n\
         machine A 185.12.13.9\nmachine AAAA 2a0c:abce::9\n\
         out1 A 185.12.13.1\nout1 AAAA 2a0c:abce::1\nout2 A 185.12.13.2\nout2 AAAA 2a0c:abce::2\nout3 A 185.12.13.3\n\
         one MX 0 probe\ntwo MX 0 probe\nthree MX 0 probe\nother MX 0 probe\n",
    ),
];

/// A ptrd that serves the reverse zones, and knows which addresses send.
fn ptrd(folder: &Path) -> Daemon {
    let home = folder.join("ptrd");
    fs::create_dir(&home).expect("a folder");
    add_address(PTRD);
    let daemon = Daemon::start(&home, &["--listen", &format!("{PTRD}:53")]);
    daemon.ctl(&["defaults", "set", "--rname", "hostmaster.rev.example", "--ns", "ns3.rev.example"]);
    daemon.ctl(&["tenant", "add", "acme"]);
    for block in BLOCKS {
        daemon.ctl(&["block", "add", block, "--tenant", "acme"]);
    }
    for own in OWN {
        daemon.ctl(&["ptr", "set", bare(own), "machine.mail.example"]);
    }
    for (address, helo, domain) in SENDING {
        daemon.ctl(&["ptr", "set", address, helo]);
        daemon.ctl(&["sending", "set", address, "--helo", helo, "--domain", domain]);
    }
    daemon
}

/// See the module.
pub struct World {
    /// The sender's mail server.
    pub mailer: Mailer,
    /// Its machine.
    pub machine: Machine,
    /// A receiver, of anybody at `v4` and `v6.mail.example`, each of which has addresses of that family alone.
    pub probe: Probe,
    /// The reverse DNS of the sender, and its inventory.
    pub daemon: Daemon,
    _internet: Internet,
}

impl World {
    /// Starts all, with the mail server as Debian has it. `None`, and a word of it, where that cannot be.
    pub fn start(folder: &Path, mailer: Mailer) -> Option<World> {
        let machine = Machine::start(folder, mailer, "machine")?;
        let internet = Internet::start(folder, |folder| add_records(folder, RECORDS), "")?;
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

    /// Gives the mail server what `ptrctl mta` writes.
    pub fn tell(&self, folder: &Path) {
        let parts = folder.join("parts");
        let shown = parts.display().to_string();
        let [four, six] = BLOCKS;
        self.daemon.ctl(&["mta", self.mailer.word(), four, six, "--folder", &shown]);
        self.mailer.put(&self.machine, &parts);
    }

    /// Sends a message whose recipient is its mark.
    pub fn send(&self, from: &str, mark: &str, to: &str) -> Fate {
        let recipient = format!("{mark}@{to}.mail.example");
        self.mailer.send(&self.machine, &format!("news@{from}.mail.example"), &recipient, mark);
        self.mailer.fate(&self.machine, &recipient)
    }

    /// What the probe saw of a message that is said to have been sent.
    pub fn seen(&self, mark: &str) -> Seen {
        self.probe.seen(mark).unwrap_or_else(|| panic!("{mark} was not seen"))
    }

    /// Holds that a message did not leave, and why.
    pub fn stays(&self, fate: &Fate, why: &str, mark: &str) {
        assert!(matches!(fate, Fate::Stays(said) if said.contains(why)), "{mark}: {fate:?}");
        assert_eq!(self.probe.seen(mark), None, "{mark} left");
    }
}

/// An address of the sender, as it is added to its machine.
pub fn with_length(address: &str) -> String {
    format!("{address}/{}", if address.contains(':') { 64 } else { 24 })
}

/// The addresses that the system picks.
pub fn own_addresses() -> [IpAddr; 2] {
    OWN.map(|own| bare(own).parse().expect("an address"))
}

//! Mail servers of Debian, each on a machine of its own: namespaces for the network, the files, the processes and the host's
//! name. What they write is gone with the machine. The packages are unpacked by `tests/run` and never installed: they
//! conflict, and whoever installs one changes what carries mail on this host.

mod machine;
mod probe;
mod world;

pub use machine::Machine;
pub use probe::{Probe, Seen};
pub use world::{BLOCKS, SENDING, World, own_addresses, with_length};

use crate::daemon::PATIENCE;
use std::path::Path;
use std::process::Output;
use std::time::Instant;

/// Which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mailer {
    /// Postfix.
    Postfix,
    /// Exim.
    Exim,
}

/// What became of a message, as far as its sender knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The receiver took it.
    Sent,
    /// It waits, or went back: this says why.
    Stays(String),
}

impl Mailer {
    /// What `ptrctl mta` calls it.
    pub fn word(self) -> &'static str {
        match self {
            Mailer::Postfix => "postfix",
            Mailer::Exim => "exim",
        }
    }

    /// Who is to be there: what the packages' scripts would have made.
    fn users(self) -> &'static [&'static str] {
        match self {
            Mailer::Postfix => &["postfix", "postdrop"],
            Mailer::Exim => &["Debian-exim"],
        }
    }

    /// Brings it up as Debian has it at first, with the system's pick of an address.
    pub fn start(self, machine: &Machine) {
        match self {
            Mailer::Postfix => start_postfix(machine),
            Mailer::Exim => {
                let example = machine.read("/usr/share/doc/exim4-base/examples/example.conf");
                machine.write("/etc/exim4/exim4.conf", &example);
                machine.ran(
                    "install -d -o Debian-exim -g Debian-exim /var/spool/exim4 /var/log/exim4 /run/exim4",
                );
                start_exim(machine, 1);
            }
        }
    }

    /// Has it keep all messages to anybody at these domains, each in a file of this folder of a maildir on the machine. Before it is
    /// started.
    pub fn keeps(self, machine: &Machine, domains: &[&str]) -> &'static str {
        let folder = "/var/mail/all/new";
        match self {
            Mailer::Postfix => {
                // Nobody is called so; a number will do.
                machine.ran("install -d -o 971 -g 971 /var/mail/all");
                let text = format!(
                    "virtual_mailbox_domains = {}\nvirtual_mailbox_base = /var/mail\nvirtual_mailbox_maps = \
                     static:all/\nvirtual_uid_maps = static:971\nvirtual_gid_maps = static:971\n",
                    domains.join(" ")
                );
                let file = "/usr/share/postfix/main.cf.debian";
                machine.write(file, &(machine.read(file) + &text));
            }
            Mailer::Exim => {
                machine.ran("install -d -o Debian-exim -g Debian-exim /var/mail/all");
                let domains = domains.join(" : ");
                let file = "/usr/share/doc/exim4-base/examples/example.conf";
                let router = format!(
                    "begin routers\nkept:\n  driver = accept\n  domains = {domains}\n  transport = kept\n"
                );
                let transport = "begin transports\nkept:\n  driver = appendfile\n  directory = /var/mail/all\n  maildir_format\n  \
                                 user = Debian-exim\n";
                let text = machine.read(file).replace(
                    "domainlist local_domains = @",
                    &format!("domainlist local_domains = @ : {domains}"),
                );
                let text = text.replace("begin routers\n", &router).replace("begin transports\n", transport);
                machine.write(file, &text);
            }
        }
        folder
    }

    /// Puts what `ptrctl mta` wrote into this folder in its place.
    pub fn put(self, machine: &Machine, parts: &Path) {
        let part = |name: &str| std::fs::read_to_string(parts.join(name)).expect("a part of a configuration");
        match self {
            Mailer::Postfix => {
                for (file, name) in
                    [("/etc/postfix/master.cf", "master.cf"), ("/etc/postfix/main.cf", "main.cf")]
                {
                    machine.write(file, &(machine.read(file) + &part(name)));
                }
                machine.write("/etc/postfix/ptrd-senders", &part("ptrd-senders"));
                machine.ran("postfix check && postfix reload");
            }
            Mailer::Exim => {
                let file = "/etc/exim4/exim4.conf";
                let text = machine.read(file);
                let start = text.find("\ndnslookup:\n").expect("the router of the example");
                let end = start + text[start..].find("no_more\n").expect("its end") + "no_more\n".len();
                let text = format!("{}\n{}{}", &text[..start], part("routers"), &text[end..]);
                let transports = format!("begin transports\n{}", part("transports"));
                machine.write(file, &text.replace("begin transports\n", &transports));
                // A signal to start anew is lost where it comes before Exim waits for one. An end is not.
                machine.ran(
                    "exim4 -bV && number=$(cat /run/exim4/exim.pid) && kill $number && \
                     for turn in $(seq 600); do readlink /proc/$number/exe >/dev/null || exit 0; sleep 0.05; done; exit 1",
                );
                start_exim(machine, 2);
            }
        }
    }

    /// Hands a message over as a program on the machine does, with a mark for `ptrd probe`.
    pub fn send(self, machine: &Machine, from: &str, to: &str, mark: &str) -> Output {
        let message = format!("From: {from}\nTo: {to}\nSubject: a test\nX-Ptrd-Test: {mark}\n\nHello.\n");
        machine.feed(&["/usr/sbin/sendmail", "-i", "-f", from, "--", to], &message)
    }

    /// Tries what waits once more.
    pub fn flush(self, machine: &Machine) {
        machine.ran(match self {
            Mailer::Postfix => "postqueue -f",
            Mailer::Exim => "exim4 -qff",
        });
    }

    /// Waits until the log says what became of the first try to send to this recipient, who has one message.
    pub fn fate(self, machine: &Machine, to: &str) -> Fate {
        self.until(machine, to, |fates| fates.first().cloned())
    }

    /// Waits until the receiver took the message to this recipient, after tries that it did not.
    pub fn sent(self, machine: &Machine, to: &str) {
        self.until(machine, to, |fates| fates.contains(&Fate::Sent).then_some(()));
    }

    fn until<T>(self, machine: &Machine, to: &str, found: impl Fn(&[Fate]) -> Option<T>) -> T {
        let since = Instant::now();
        loop {
            let log = machine.read(match self {
                Mailer::Postfix => "/var/log/postfix.log",
                Mailer::Exim => "/var/log/exim4/mainlog",
            });
            let fates: Vec<Fate> = log.lines().filter_map(|line| self.fate_in(line, to)).collect();
            if let Some(found) = found(&fates) {
                return found;
            }
            assert!(since.elapsed() < PATIENCE, "nothing became of the message to {to}:\n{log}");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }

    fn fate_in(self, line: &str, to: &str) -> Option<Fate> {
        let (before, after) = match self {
            Mailer::Postfix => line.split_once(&format!(" to=<{to}>,"))?,
            Mailer::Exim => line.split_once(&format!(" {to}"))?,
        };
        let is_sent = match self {
            Mailer::Postfix if !after.contains(" status=") => return None,
            Mailer::Postfix => after.contains(" status=sent "),
            Mailer::Exim if before.ends_with(" =>") => true,
            Mailer::Exim if before.ends_with(" ==") || before.ends_with(" **") => false,
            Mailer::Exim => return None,
        };
        Some(if is_sent { Fate::Sent } else { Fate::Stays(after.to_owned()) })
    }
}

/// As Debian's scripts leave it for a host that sends mail: services in a chroot, which relay for this host alone.
fn start_postfix(machine: &Machine) {
    let main = machine.read("/usr/share/postfix/main.cf.debian")
        + "mydestination = localhost\nmynetworks = 127.0.0.0/8 [::1]/128\n\
           inet_interfaces = all\ninet_protocols = all\nalias_maps =\nalias_database =\n\
           smtp_tls_security_level = may\nmaillog_file = /var/log/postfix.log\n";
    machine.write("/etc/postfix/main.cf", &main);
    machine.write("/etc/postfix/master.cf", &machine.read("/usr/share/postfix/master.cf.dist"));
    machine.write("/etc/postfix/dynamicmaps.cf", "");
    machine.ran(
        "chgrp postdrop /usr/sbin/postdrop /usr/sbin/postqueue && chmod g+s /usr/sbin/postdrop /usr/sbin/postqueue && \
         install -d -o postfix /var/lib/postfix && install -d /var/spool/postfix && \
         /usr/lib/postfix/configure-instance.sh - && postfix start",
    );
}

/// Starts it, and waits until its log says so for this time.
fn start_exim(machine: &Machine, time: usize) {
    machine.ran("exim4 -bd");
    let since = Instant::now();
    loop {
        let log = machine.read("/var/log/exim4/mainlog");
        if log.matches(" daemon started: ").count() >= time {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "Exim does not start:\n{log}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

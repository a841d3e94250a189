//! Computed names that go from one ptrd to another as statements, and to others one by one or not at all.

use ptrd_suite::daemon::{Daemon, PATIENCE};
use ptrd_suite::hostile::{Hostile, Transfer};
use ptrd_suite::secondary::{Kind, Secondary, serial, transfer};
use ptrd_wire::{Family, Name, ReversePrefix, ip_from_bits};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const LARGE: &str = "8.b.d.0.1.0.0.2.ip6.arpa";
const SMALL: &str = "2.0.192.in-addr.arpa";
const CLASSLESS: &str = "64-26.2.0.192.in-addr.arpa";
const ZONES: [&str; 3] = [LARGE, SMALL, CLASSLESS];

const SETTINGS: &str = "[follow]\nrefresh-min = \"500ms\"\nretry-min = \"300ms\"\npause = \"50ms\"\ntimeout = \"2s\"\n\
                        [rate-limit]\nexempt = [\"127.0.0.0/8\"]\n[notify]\nresolvers = [\"127.0.0.1:9\"]\n";

fn daemon(folder: &Path) -> Daemon {
    fs::create_dir_all(folder).expect("a folder");
    let file = folder.join("ptrd.toml");
    fs::write(&file, SETTINGS).expect("written");
    let daemon = Daemon::start(folder, &["--config", file.to_str().expect("a path")]);
    if !daemon.ctl(&["tenant", "list"]).contains("acme") {
        daemon.ctl(&["tenant", "add", "acme"]);
        daemon.ctl(&["access", "allow", "transfer", "--from", "127.0.0.1"]);
    }
    daemon
}

fn follow(daemon: &Daemon, zones: &[&str], primary: &Daemon) {
    for zone in zones {
        daemon.ctl(&["zone", "follow", zone, "--from", &primary.dns.to_string(), "--tenant", "acme"]);
    }
}

/// Waits until each has the serials that the first has.
fn settle(daemons: &[&Daemon]) {
    let since = Instant::now();
    for zone in ZONES {
        for daemon in &daemons[1..] {
            while serial(daemon.dns, zone) != serial(daemons[0].dns, zone) {
                let shown = || daemon.ctl(&["zone", "show", zone]);
                assert!(since.elapsed() < PATIENCE, "{zone} is not as at its primary:\n{}", shown());
                daemon.ctl(&["zone", "refresh", zone]);
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

/// The same numbers each time.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u128 {
        let mut word = || {
            self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            u128::from(self.0 >> 32)
        };
        word() << 96 | word() << 64 | word() << 32 | word()
    }

    fn below(&mut self, end: usize) -> usize {
        (self.bits() % end as u128) as usize
    }

    /// A name at, above or below some address, of a zone or near one.
    fn name(&mut self) -> String {
        let (family, base, host) = [
            (Family::V6, 0x2001_0db8 << 96, 96),
            (Family::V6, 0x2001_0db8_0000_0001 << 64, 64),
            (Family::V6, 0x2001_0db8_0000_0002 << 64, 64),
            (Family::V6, 0x2001_0db8_0000_0001 << 64, 5),
            (Family::V4, 0xc000_0200, 8),
            (Family::V4, 0xc000_0200, 8),
        ][self.below(6)];
        let bits = base | self.bits() & ((1 << host) - 1);
        let full = family.full_depth();
        let depth = [full, full, full, full, full - self.below(4) as u8, full - self.below(20) as u8 % full];
        let depth = depth[self.below(6)].max(2);
        let owner = ReversePrefix::new(ip_from_bits(family, bits), depth).name().to_string();
        match self.below(12) {
            0 => format!("x.{owner}"),
            1 => owner.to_uppercase(),
            2 => format!("{}.{CLASSLESS}", 60 + self.below(70)),
            3 => ZONES[self.below(3)].to_owned(),
            _ => owner,
        }
    }

    fn question(&mut self) -> Vec<u8> {
        let name: Name = self.name().parse().expect("a name");
        let types = [12, 12, 12, 12, 255, 1, 16, 2, 5, 65_321];
        let rtype = types[self.below(types.len())] as u16;
        let edns = self.below(3) == 0;
        let mut octets = (self.below(1 << 16) as u16).to_be_bytes().to_vec();
        octets.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(edns)]);
        octets.extend_from_slice(name.as_wire());
        octets.extend_from_slice(&rtype.to_be_bytes());
        octets.extend_from_slice(&[0, 1]);
        if edns {
            octets.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
        }
        octets
    }
}

/// Asks all the same questions: they answer with the same octets.
fn alike(daemons: &[&Daemon], random: &mut Random, questions: usize) {
    let mut computed = 0;
    for _ in 0..questions {
        let question = random.question();
        let expected = daemons[0].dns(&question).expect("an answer");
        computed += usize::from(expected.windows(4).any(|octets| octets == b"\x03dyn"));
        for daemon in &daemons[1..] {
            let answer = daemon.dns(&question).expect("an answer");
            let text = |octets: &[u8]| format!("{:?}", ptrd_testkit::Reply::decode(octets));
            assert!(answer == expected, "{}\ninstead of\n{}", text(&answer), text(&expected));
        }
    }
    assert!(computed * 5 > questions, "{computed} of {questions} answers had computed names");
}

fn log(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap_or_default()
}

#[test]
fn two_ptrd_answer_alike_and_so_does_a_third_behind_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let of = |name: &str| folder.path().join(name);
    let primary = daemon(&of("a"));
    primary.ctl(&["ns-set", "set", "default", "--ns", "ns1.example.net", "--ns", "ns2.example.net"]);
    let large = ["block", "add", "2001:db8::/32", "--tenant", "acme", "--template", "{hex}.dyn.example"];
    let refused = primary.ptrctl(&large);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("--only-ptrd"), "{said}");
    primary.ctl(&[&large[..], &["--only-ptrd"]].concat());
    let add = |range: &str, more: &[&str]| {
        primary.ctl(&[&["block", "add", range, "--tenant", "acme"], more].concat());
    };
    add("2001:db8:0:1::/64", &["--template", "h{n:16x}.a.dyn.example", "--default-ttl", "600"]);
    add("192.0.2.0/24", &["--template", "h{d}.dyn.example"]);
    add("192.0.2.64/26", &["--classless", "first-len", "--template", "n{n}.c.dyn.example"]);
    let near = daemon(&of("b"));
    let far = daemon(&of("c"));
    follow(&near, &ZONES, &primary);
    follow(&far, &ZONES, &near);
    settle(&[&primary, &near, &far]);
    let mut random = Random(7);
    alike(&[&primary, &near, &far], &mut random, 1_500);

    // What the primary changes, the others have by differences.
    let six = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
    let changes: [&[&str]; 14] = [
        &["ptr", "set", "2001:db8:0:1::5", "set.example"],
        &["ptr", "set", "192.0.2.9", "set.example", "other.example"],
        &["ptr", "delete", "2001:db8:0:1::5"],
        &["block", "add", "2001:db8:0:2::/64", "--tenant", "acme", "--template", "none"],
        &["block", "set", "2001:db8:0:1::/64", "--template", "i{n:16x}.a.dyn.example"],
        &["block", "suspend", "2001:db8:0:1::/64"],
        &["block", "resume", "2001:db8:0:1::/64"],
        &["record", "set", six, "CNAME", "elsewhere.example."],
        &["record", "set", "7.2.0.192.in-addr.arpa", "TXT", "beside"],
        &["block", "add", "192.0.2.8", "--tenant", "acme", "--delegate", "zone", "--ns", "ns.cust.example"],
        &["record", "set", "x.9.8.b.d.0.1.0.0.2.ip6.arpa", "TXT", "below"],
        &["block", "set", "192.0.2.64/26", "--template", "inherit"],
        &["block", "set", "192.0.2.0/24", "--template", "{ip}.dyn.example"],
        &["record", "delete", six, "CNAME"],
    ];
    for change in changes {
        primary.ctl(change);
        settle(&[&primary, &near, &far]);
        alike(&[&primary, &near, &far], &mut random, 200);
    }
    for folder in ["a", "b"] {
        let log = log(&of(folder));
        let sent = log.lines().filter(|line| line.contains("a zone was transferred"));
        let (since, whole): (Vec<_>, Vec<_>) = sent.partition(|line| line.contains("incremental=true"));
        assert_eq!(whole.len(), 3, "each zone once as a whole: {whole:#?}");
        assert!(since.len() >= changes.len(), "{} differences", since.len());
    }

    // A restart takes nothing away, and the differences go on.
    near.stop();
    let near = daemon(&of("b"));
    alike(&[&primary, &near], &mut random, 300);
    primary.ctl(&["ptr", "set", "2001:db8:0:1::6", "after.example"]);
    settle(&[&primary, &near]);
    alike(&[&primary, &near], &mut random, 300);

    // Others have the names of the small zones, from whomever they ask, and no statements; the large one they do not have.
    for zone in [SMALL, CLASSLESS] {
        let names = transfer(primary.dns, zone).expect("the zone");
        assert!(names.len() > 60 && names.iter().all(|(_, rtype, ..)| *rtype != 65_321), "{zone}");
        assert_eq!(transfer(near.dns, zone).expect("the zone"), names, "{zone}");
    }
    for daemon in [&primary, &near] {
        assert!(transfer(daemon.dns, LARGE).is_err());
    }
    let since = Instant::now();
    while !log(&of("a")).contains("transfer refused: templates of blocks name more addresses") {
        assert!(since.elapsed() < PATIENCE, "{}", log(&of("a")));
        std::thread::sleep(Duration::from_millis(20));
    }
    let shown = near.ctl(&["zone", "show", LARGE]);
    assert!(shown.contains("names, too many to be listed"), "{shown}");
}

#[test]
fn others_take_the_names_of_a_small_zone_and_are_refused_a_large_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let primary = daemon(&folder.path().join("ptrd"));
    primary.ctl(&["ns-set", "set", "default", "--ns", "ns1.example.net", "--ns", "ns2.example.net"]);
    primary.ctl(&["block", "add", "192.0.2.0/24", "--tenant", "acme", "--template", "h{d}.dyn.example"]);
    let large = ["block", "add", "2001:db8::/32", "--tenant", "acme", "--template", "{hex}.dyn.example"];
    primary.ctl(&[&large[..], &["--only-ptrd"]].concat());
    for kind in [Kind::Knot, Kind::Nsd] {
        let own = folder.path().join(format!("{kind:?}"));
        let Some(other) = Secondary::start(kind, &own, primary.dns, &[SMALL, LARGE], None) else { continue };
        let since = Instant::now();
        while other.serial(SMALL) != serial(primary.dns, SMALL) {
            assert!(since.elapsed() < PATIENCE, "{kind:?}:\n{}", other.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(
            transfer(other.address, SMALL).expect("its zone"),
            transfer(primary.dns, SMALL).expect("ours")
        );
        let refused = || log(&folder.path().join("ptrd")).matches("a secondary that is a ptrd takes").count();
        while refused() == 0 {
            assert!(since.elapsed() < PATIENCE, "{kind:?}:\n{}", other.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(other.serial(LARGE), None, "{kind:?}");
        primary.ctl(&["notify", "add", &other.address.to_string()]);
    }
    primary.ctl(&["ptr", "set", "2001:db8::1", "set.example"]);
    let status = primary.ctl(&["notify", "status", "--zone", LARGE]);
    assert!(status.contains("only another ptrd can transfer it"), "{status}");
}

/// A statement in words, for [`Hostile`].
fn statement(version: u8, first: &str, last: &str, template: &str) -> String {
    let mut octets = b"ptrd".to_vec();
    octets.extend_from_slice(&[version, 1, 0, 6, 0, 0, 0, 60]);
    for address in [first, last, first, last] {
        octets.extend_from_slice(&address.parse::<std::net::Ipv6Addr>().expect("an address").octets());
    }
    octets.extend_from_slice(template.as_bytes());
    let digits: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    format!("hex 65321 {digits}")
}

#[test]
fn statements_that_make_no_sense_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = statement(1, "2001:db8::", "2001:db8::ffff", "{hex}.dyn.example");
    let messages = |serial: u32, statements: &[String]| {
        let statements: String = statements.iter().map(|statement| format!("{statement}, ")).collect();
        Transfer::Messages(vec![format!("soa {serial}, ns, {statements}soa {serial}")])
    };
    let primary = Hostile::start(LARGE, 5, messages(5, std::slice::from_ref(&good)));
    let ours = daemon(&folder.path().join("ptrd"));
    ours.ctl(&["zone", "follow", LARGE, "--from", &primary.address.to_string(), "--tenant", "acme"]);
    let until = |what: &str, is_so: &dyn Fn() -> bool| {
        let since = Instant::now();
        while !is_so() {
            assert!(since.elapsed() < PATIENCE, "not {what}:\n{}", ours.ctl(&["zone", "show", LARGE]));
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until("pulled", &|| serial(ours.dns, LARGE) == Some(5));
    let names = transfer(ours.dns, LARGE).expect("the zone");
    assert_eq!(names.len(), 2 + 65_536, "SOA, NS, and the names that were stated");
    let wrong = |first: &str, last: &str| [good.clone(), statement(1, first, last, "{hex}.dyn.example")];
    let many = (0..=4_096).map(|n| format!("2001:db8:1::{n:x}"));
    let many: Vec<String> = many.map(|at| statement(1, &at, &at, "{hex}.dyn.example")).collect();
    let in_messages = |statements: &[String]| {
        let mut all = vec!["soa 6, ns".to_owned()];
        all.extend(statements.chunks(200).map(|some| some.join(", ")));
        all.push("soa 6".to_owned());
        Transfer::Messages(all)
    };
    for (transfer_there, expected) in [
        (
            messages(6, &[statement(2, "2001:db8::", "2001:db8::1", "x")]),
            "states computed names in version 2",
        ),
        (
            messages(6, &wrong("2001:db8::10", "2001:db8::20")),
            "two statements name 2001:db8::10-2001:db8::20",
        ),
        (messages(6, &wrong("2001:db9::", "2001:db9::1")), "which does not lie in 8.b.d.0.1.0.0.2.ip6.arpa."),
        (messages(6, &[statement(1, "2001:db8::", "2001:db8::1", "same.example")]), "same name"),
        (messages(6, &["hex 65321 7074726401".to_owned()]), "it is cut short"),
        (in_messages(&many), "more than 4096 statements"),
    ] {
        primary.set(6, transfer_there);
        ours.ctl(&["zone", "refresh", LARGE]);
        until(expected, &|| ours.ctl(&["zone", "show", LARGE]).replace('\n', " ").contains(expected));
        assert_eq!(serial(ours.dns, LARGE), Some(5), "{expected}");
    }
    assert_eq!(transfer(ours.dns, LARGE).expect("the zone"), names, "all is as it was");
    // And none at all: the names go.
    primary.set(6, messages(6, &[]));
    ours.ctl(&["zone", "refresh", LARGE]);
    until("pulled again", &|| serial(ours.dns, LARGE) == Some(6));
    assert_eq!(transfer(ours.dns, LARGE).expect("the zone").len(), 2);
}

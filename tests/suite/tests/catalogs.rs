//! Catalogs (RFC 9432): Knot, BIND and PowerDNS serve what ptrd's catalog lists, knowing its name, the primary and a key.

use ptrd_suite::daemon::{Daemon, PATIENCE};
use ptrd_suite::follower::{FOLLOWERS, POWERDNS, SharedKey, follow};
use ptrd_suite::producer::{PRODUCERS, produce};
use ptrd_suite::secondary::{Kind, Secondary, compare, serial, settle, transfer};
use ptrd_wire::{Name, RecordType, RrSet, Serial, Soa, Ttl};
use ptrd_zone::catalog::Received;
use ptrd_zone::{Addresses, RecordList, View, Zone, model::ZoneId};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const KEY: &str = "followers.example";
const CATALOG: &str = "catalog.example";
const V4: &str = "2.0.192.in-addr.arpa";
const CLASSLESS: &str = "0/26.2.0.192.in-addr.arpa";
const V6: &str = "8.b.d.0.1.0.0.2.ip6.arpa";
const VERBATIM: &str = "example.net";
const LATER: &str = "113.0.203.in-addr.arpa";

/// A daemon with a catalog of all its zones, which may be transferred with the key alone.
struct Fleet {
    daemon: Daemon,
    followers: Vec<Secondary>,
    folder: tempfile::TempDir,
}

fn run(daemon: &Daemon, line: &str) -> String {
    daemon.ctl(&line.split_whitespace().collect::<Vec<_>>())
}

fn key(daemon: &Daemon) -> SharedKey {
    run(daemon, &format!("key add {KEY}"));
    let (_, text) = daemon.http("GET", &format!("/v1/keys/{KEY}"), "").expect("a key");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let text = |field: &str| json[field].as_str().expect("text").to_owned();
    SharedKey { name: text("name"), secret: text("secret"), bind: text("bind"), knot: text("knot") }
}

fn daemon(folder: &Path) -> Daemon {
    let file = folder.join("ptrd.toml");
    fs::write(&file, "[notify]\npause = \"50ms\"\nfirst-wait = \"500ms\"\nresolvers = [\"127.0.0.1:9\"]\n")
        .expect("written");
    let daemon = Daemon::start(folder, &["--config", file.to_str().expect("a path")]);
    for line in [
        "tenant add acme",
        "tenant add infra",
        "defaults set --ns ns1.example.net --ns ns2.example.net --rname hostmaster.example.net",
        "notify nameservers no",
        "block add 192.0.2.0/24 --tenant acme",
        "block add 192.0.2.0/26 --tenant acme --classless slash",
        "block add 2001:db8::/32 --tenant acme",
        "ptr set 192.0.2.1 a.example.com",
        "ptr set 192.0.2.200 b.example.com",
        "ptr set 2001:db8::25 mail.example.com",
        "zone add example.net --tenant acme",
    ] {
        run(&daemon, line);
    }
    daemon
}

impl Fleet {
    /// Those that follow these catalogs; `None` where none is installed.
    fn start(kinds: &[Kind], prepare: &[&str], catalogs: &[&str]) -> Option<Fleet> {
        let folder = tempfile::tempdir().expect("a folder");
        let daemon = daemon(folder.path());
        prepare.iter().for_each(|line| drop(run(&daemon, line)));
        let key = key(&daemon);
        run(&daemon, &format!("access allow transfer --key {KEY}"));
        // Its members, not the catalog, which is another tenant's.
        run(&daemon, &format!("access allow transfer --from {POWERDNS} --tenant acme"));
        let start =
            |kind: Kind| follow(kind, &folder.path().join(format!("{kind:?}")), daemon.dns, catalogs, &key);
        let followers: Vec<Secondary> = kinds.iter().copied().filter_map(start).collect();
        for follower in &followers {
            run(&daemon, &format!("notify add {} --key {KEY}", follower.address));
        }
        println!("followers: {:?}", followers.iter().map(|follower| follower.kind).collect::<Vec<_>>());
        if followers.is_empty() {
            println!("skipped: none is installed");
            return None;
        }
        Some(Fleet { daemon, followers, folder })
    }

    fn explain(&self) -> String {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        format!("{}\n{log}", run(&self.daemon, "notify status"))
    }

    /// Waits until all have these zones as they are here.
    fn settled(&self, zones: &[&str]) {
        let took = settle(self.daemon.dns, &self.followers, zones, || self.explain());
        println!("{} zones are everywhere after {took:?}", zones.len());
    }

    /// Waits until nobody has this zone.
    fn gone(&self, zone: &str) {
        wait(|| {
            let has = self.followers.iter().find(|follower| follower.serial(zone).is_some())?;
            Some(format!("{:?} has {zone}\n{}\n{}", has.kind, has.log(), self.explain()))
        });
    }
}

/// Waits until there is nothing left to complain of.
fn wait(complaint: impl Fn() -> Option<String>) {
    let since = Instant::now();
    while let Some(complaint) = complaint() {
        assert!(since.elapsed() < PATIENCE, "{complaint}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn zones_come_and_go_with_the_catalog() {
    let Some(fleet) = Fleet::start(&FOLLOWERS, &["catalog add catalog.example --tenant infra"], &[CATALOG])
    else {
        return;
    };
    let zones = [V4, CLASSLESS, V6, VERBATIM];
    fleet.settled(&zones);
    // Without the key there is neither a transfer nor a word of what the catalog lists.
    assert_eq!(serial(fleet.daemon.dns, CATALOG), None);
    assert!(transfer(fleet.daemon.dns, CATALOG).is_err() && transfer(fleet.daemon.dns, V4).is_err());
    run(&fleet.daemon, "block add 203.0.113.0/24 --tenant acme");
    run(&fleet.daemon, "block add 203.0.113.64/26 --tenant acme --classless first-len");
    run(&fleet.daemon, "ptr set 203.0.113.1 c.example.com");
    fleet.settled(&[LATER, "64-26.113.0.203.in-addr.arpa"]);
    run(&fleet.daemon, "access allow transfer --from 127.0.0.1");
    compare(
        fleet.daemon.dns,
        &fleet.followers,
        &[&zones[..], &[LATER, "64-26.113.0.203.in-addr.arpa"]].concat(),
    );
    run(&fleet.daemon, "access revoke transfer --from 127.0.0.1");
    run(&fleet.daemon, "block remove 203.0.113.64/26 --clear");
    fleet.gone("64-26.113.0.203.in-addr.arpa");
    run(&fleet.daemon, "block remove 203.0.113.0/24 --clear");
    fleet.gone(LATER);
    // Made again in one go with what it was: another zone of that name.
    run(&fleet.daemon, "zone remove example.net");
    run(&fleet.daemon, "zone add example.net --tenant acme");
    fleet.settled(&zones);
    // What the catalog lists no more goes, though ptrd has it.
    run(&fleet.daemon, &format!("catalog set catalog.example --zones zone={V6} --leave-out"));
    fleet.gone(V6);
    run(&fleet.daemon, &format!("catalog set catalog.example --zones zone={V6} --unset"));
    fleet.settled(&zones);
}

#[test]
fn groups_choose_the_configuration() {
    let prepare = [
        "catalog add catalog.example --tenant infra",
        "catalog set catalog.example --zones zone=example.net --group fast",
    ];
    let Some(fleet) = Fleet::start(&FOLLOWERS, &prepare, &[CATALOG]) else { return };
    fleet.settled(&[V4, CLASSLESS, VERBATIM]);
    let Some(knot) = fleet.followers.iter().find(|follower| follower.kind == Kind::Knot) else {
        return println!("skipped: Knot is not installed");
    };
    // Its template of that name lets nobody transfer.
    assert!(transfer(knot.address, VERBATIM).is_err());
    assert!(transfer(knot.address, V4).is_ok());
    run(&fleet.daemon, "catalog set catalog.example --zones zone=example.net");
    wait(|| transfer(knot.address, VERBATIM).err().map(|error| format!("{error}\n{}", knot.log())));
}

/// Knot has no eye for the property `coo`, up to 3.5 at least.
#[test]
fn a_zone_moves_to_another_catalog_and_stays() {
    let prepare = [
        "catalog add catalog.example --tenant infra --zones zone=2.0.192.in-addr.arpa --zones zone=example.net",
        "catalog add new.example --tenant infra --zones zone=8.b.d.0.1.0.0.2.ip6.arpa",
    ];
    let Some(fleet) = Fleet::start(&[Kind::Bind, Kind::PowerDns], &prepare, &[CATALOG, "new.example"]) else {
        return;
    };
    fleet.settled(&[V4, VERBATIM, V6]);
    // After each step, a zone that comes with the same catalog shows that all have got so far.
    let steps = [
        ("catalog.example", "--zones zone=2.0.192.in-addr.arpa --moves-to new.example"),
        ("new.example", "--zones zone=2.0.192.in-addr.arpa"),
        ("catalog.example", "--zones zone=2.0.192.in-addr.arpa --leave-out"),
    ];
    for (nth, (catalog, words)) in steps.into_iter().enumerate() {
        let mark = format!("mark-{nth}.example");
        run(&fleet.daemon, &format!("zone add {mark} --tenant acme"));
        run(&fleet.daemon, &format!("catalog set {catalog} {words}"));
        run(&fleet.daemon, &format!("catalog set {catalog} --zones zone={mark}"));
        fleet.settled(&[&mark, V4]);
    }
    run(&fleet.daemon, "ptr set 192.0.2.77 moved.example.com");
    fleet.settled(&[V4, VERBATIM, V6]);
}

#[test]
fn two_thousand_members_at_once() {
    let Some(fleet) = Fleet::start(&FOLLOWERS, &["catalog add catalog.example --tenant infra"], &[CATALOG])
    else {
        return;
    };
    fleet.settled(&[V4, CLASSLESS]);
    let zones = fleet.folder.path().join("zones");
    fs::create_dir(&zones).expect("a folder");
    let apexes: Vec<String> = (0..2_000).map(|nth| format!("z{nth}.example.org")).collect();
    for apex in &apexes {
        let text = format!(
            "$ORIGIN {apex}.\n@ 60 SOA ns1.example.net. h.example.net. 7 3600 60 360000 60\n@ 60 NS ns1.example.net.\n"
        );
        fs::write(zones.join(format!("{apex}.zone")), text).expect("written");
    }
    let members = |fleet: &Fleet| run(&fleet.daemon, "catalog show catalog.example");
    let serial_of = |text: &str| -> u32 {
        let line = text.lines().find(|line| line.starts_with("serial")).expect("a serial");
        line.split_whitespace().nth(1).and_then(|word| word.parse().ok()).expect("a number")
    };
    let before = members(&fleet);
    run(&fleet.daemon, &format!("zone import {} --tenant acme", zones.display()));
    let after = members(&fleet);
    assert!(before.contains("listed   4") && after.contains("listed   2004"), "{before}{after}");
    assert_eq!(serial_of(&after), serial_of(&before) + 1, "one change, one step");
    let since = Instant::now();
    for follower in &fleet.followers {
        for apex in &apexes {
            wait(|| {
                (follower.serial(apex).is_none())
                    .then(|| format!("{:?} has no {apex}\n{}", follower.kind, follower.log()))
            });
        }
        println!("{:?} has them all after {:?}", follower.kind, since.elapsed());
    }
}

/// What a server hands over as a catalog, read: the zones and their groups.
fn read(server: &Secondary, catalog: &str) -> Result<Vec<String>, String> {
    let apex: Name = catalog.parse().expect("a name");
    let mut sets = BTreeMap::<(Name, u16), RrSet>::new();
    let lines = transfer(server.address, catalog).map_err(|error| error.to_string())?;
    for (owner, rtype, ttl, rdata) in lines.into_iter().filter(|line| line.1 != RecordType::SOA.0) {
        let owner = Name::from_wire(&owner).expect("a name");
        let (rtype, ttl) = (RecordType(rtype), Ttl::from_secs(ttl));
        let set = sets.entry((owner, rtype.0)).or_insert(RrSet { rtype, ttl, rdatas: Vec::new() });
        set.rdatas.push(rdata.into());
    }
    let (refresh, retry, expire, minimum) = (1, 1, 1, Ttl::from_secs(0));
    let soa =
        Soa { mname: apex.clone(), rname: apex.clone(), serial: Serial(1), refresh, retry, expire, minimum };
    let mut zone = Zone::new(ZoneId(1), apex.clone(), View::Verbatim, soa, minimum);
    zone.apply_records(sets.into_iter().map(|((owner, _), set)| (owner, set.rtype, Some(set))));
    let records = RecordList::of_zone(&zone, &Addresses::default());
    let read = Received::read(&apex, &records, 100).map_err(|broken| broken.to_string())?;
    let group = |groups: Vec<Box<[u8]>>| {
        groups.iter().map(|group| String::from_utf8_lossy(group).into_owned()).collect::<String>()
    };
    Ok(read.members().map(|member| format!("{} {}", member.zone, group(member.groups))).collect())
}

#[test]
fn catalogs_of_others_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let zones = [(V4, "slow"), (CLASSLESS, "fast"), ("example.org", "slow")];
    let expected = ["2.0.192.in-addr.arpa. slow", "0/26.2.0.192.in-addr.arpa. fast", "example.org. slow"];
    let producers: Vec<Secondary> = PRODUCERS
        .into_iter()
        .filter_map(|kind| produce(kind, &folder.path().join(format!("{kind:?}")), CATALOG, &zones, None))
        .collect();
    if producers.is_empty() {
        return println!("skipped: none is installed");
    }
    for producer in &producers {
        wait(|| {
            let read = read(producer, CATALOG);
            (read != Ok(expected.map(str::to_owned).to_vec()))
                .then(|| format!("{:?}: {read:?}\n{}", producer.kind, producer.log()))
        });
        println!("{:?}: as expected", producer.kind);
    }
}

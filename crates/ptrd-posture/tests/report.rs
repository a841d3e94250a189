//! Reports, as JSON: `report/NAME.txt` has what was found, `report/NAME.json` what comes of it. `PTRD_BLESS=1` writes that anew;
//! look at what has changed. `ptrd-report` draws the same reports.
//!
//! Before the cases (`said/mod.rs`) stand `of WHAT`, `addresses N`, `block RANGE TENANT MODE`, `seen ADDRESS SOURCE GRADE TEXT` and
//! `rir JSON`. `{U+202E}` is a character by its number, for those that nobody should write into a file.

mod said;

use ptrd_posture::identity::{FORMAT, Grade, Identity, Rules, Source, Subject, Survey};
use ptrd_posture::report::{
    Block, Builder, Opinion, Options, Report, Ruling, Seen, ZoneCheck, read_zone_checks,
};
use said::{address, cases};
use std::path::Path;

const AT: i64 = 1_790_000_000_000;
const NAMES: [&str; 5] = ["green", "faults", "six", "hostile", "empty"];

fn source(name: &str, address: Option<&str>) -> Source {
    Source { name: name.to_owned(), address: address.and_then(|text| text.parse().ok()) }
}

fn survey(of: Vec<String>, addresses: u64) -> Survey {
    Survey {
        format: FORMAT,
        of,
        addresses,
        digest: "d".to_owned(),
        sources: vec![
            source("google", Some("8.8.8.8:53")),
            source("quad9", Some("9.9.9.9:53")),
            source("authoritative", None),
        ],
        sample: None,
        rules: Rules::default(),
        at: AT,
    }
}

/// What a file says, with characters by number put in.
fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report").join(name).with_extension("txt");
    let text = std::fs::read_to_string(path).expect("a file");
    let mut parts = text.split("{U+");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('}').expect("a number and a brace");
        out.push(u32::from_str_radix(number, 16).ok().and_then(char::from_u32).expect("a character"));
        out += rest;
    }
    out
}

/// Everything else that a file says.
#[derive(Default)]
struct Around {
    of: Vec<String>,
    addresses: Option<u64>,
    blocks: Vec<Block>,
    seen: Vec<(std::net::IpAddr, Seen)>,
    zones: Vec<ZoneCheck>,
}

impl Around {
    /// Whether it takes a line.
    fn read(&mut self, line: &str) -> bool {
        match line.splitn(5, ' ').collect::<Vec<_>>().as_slice() {
            ["of", what] => self.of.push((*what).to_owned()),
            ["addresses", n] => self.addresses = n.parse().ok(),
            ["block", range, tenant, mode] => self.blocks.push(Block {
                range: range.parse().expect("a range"),
                tenant: (*tenant).to_owned(),
                mode: (*mode).to_owned(),
                suspended: false,
            }),
            ["seen", at, source, grade, text] => {
                let grade = serde_json::from_value((*grade).into()).expect("a grade");
                let opinion =
                    Opinion { what: "iprev".to_owned(), grade, why: "as the receiver sees it".to_owned() };
                let (source, text) = ((*source).to_owned(), (*text).to_owned());
                let helo =
                    text.strip_prefix("EHLO ").and_then(|text| text.split(' ').next()).map(str::to_owned);
                let verdicts = vec![opinion];
                self.seen.push((address(at), Seen { source, at: Some(AT + 5_000), helo, text, verdicts }));
            }
            ["rir", ..] => self.zones.extend(read_zone_checks(&line[4..]).expect("zones")),
            _ => return false,
        }
        true
    }
}

fn report(name: &str) -> Report {
    let text = read(name);
    let mut around = Around::default();
    let rest: String =
        text.lines().filter(|line| !around.read(line)).map(|line| format!("{line}\n")).collect();
    let mut identities: Vec<Identity> = Vec::new();
    for (_, mut case) in cases(&rest) {
        for (nth, observation) in case.observations.iter_mut().enumerate() {
            observation.at = AT + 40 * i64::try_from(nth).expect("few");
        }
        identities.push(case.judged().expect("an address"));
    }
    let addresses = around.addresses.unwrap_or(identities.len() as u64);
    let mut builder = Builder::new(survey(around.of, addresses), Options::default());
    identities.into_iter().for_each(|identity| builder.add(identity));
    around.seen.into_iter().for_each(|(address, seen)| builder.seen(address, seen));
    builder.zones(around.zones);
    builder.blocks(around.blocks);
    builder.finish()
}

#[test]
fn reports_are_what_was_found_and_what_it_comes_to() {
    for name in NAMES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report").join(format!("{name}.json"));
        let got = serde_json::to_string_pretty(&report(name)).expect("JSON") + "\n";
        if std::env::var_os("PTRD_BLESS").is_some() {
            std::fs::write(&path, &got).expect("written");
        } else {
            let text = std::fs::read_to_string(&path).expect("a report");
            assert!(got == text, "{name}: otherwise; PTRD_BLESS=1 writes it anew, and git diff shows what");
        }
    }
}

#[test]
fn a_report_goes_through_json_without_a_loss() {
    for name in NAMES {
        let report = report(name);
        let json = serde_json::to_string(&report).expect("JSON");
        let back: Report = serde_json::from_str(&json).expect("a report");
        assert_eq!(back, report, "{name}");
        assert_eq!(serde_json::to_string(&back).expect("JSON"), json, "{name}");
    }
}

/// What is said on the first page, without the rest.
fn told(report: &Report) -> String {
    let mut text = format!("{}\n", report.headline);
    for fault in &report.faults {
        text += &format!("{} {}: {}\n", fault.grade, fault.check, fault.what);
    }
    for rule in report.rules.iter().filter(|rule| rule.broken + rule.open > 0) {
        text += &format!(
            "{}: {} satisfied, {} broken, {} open\n",
            rule.id, rule.satisfied, rule.broken, rule.open
        );
    }
    text
}

#[test]
fn each_fault_is_a_sentence_and_breaks_the_rules_that_it_breaks() {
    let told = told(&report("faults"));
    for line in [
        "5 of 8 addresses fail: receivers will hold it against them; 2 could be better; 1 is as it should be.",
        "fail ptr-present: 192.0.2.2 has no PTR: the nameserver 192.0.2.53 says NXDOMAIN",
        "fail generic: 192.0.2.4: host-192-0-2-4.pool.example.com.: RDNS_DYNAMIC",
        "gmail: 5 satisfied, 2 broken, 1 open",
        "apple: 6 satisfied, 2 broken, 0 open",
        "spamassassin-dynamic: 6 satisfied, 1 broken, 0 open",
    ] {
        assert!(told.lines().any(|it| it.starts_with(line)), "{line}\n{told}");
    }
    assert_eq!(report("green").faults, []);
    assert!(report("green").rules.iter().all(|rule| rule.broken == 0 && rule.open == 0));
}

#[test]
fn an_address_that_sends_nothing_is_held_to_no_rule() {
    let mut subject = Subject::new(address("192.0.2.1"));
    subject.sending = Some(false);
    let mut builder = Builder::new(survey(vec!["192.0.2.1".to_owned()], 1), Options::default());
    builder.add(Identity::of(subject, Vec::new(), &Rules::default()));
    assert_eq!(builder.finish().rules, []);
}

/// A /16 of which every second address is well and the others are not, in ways that differ.
#[test]
fn a_large_block_makes_a_small_report() {
    let text = read("faults");
    let rest: String =
        text.lines().filter(|line| !Around::default().read(line)).map(|line| format!("{line}\n")).collect();
    let kinds: Vec<Identity> = cases(&rest).into_iter().filter_map(|(_, case)| case.judged()).collect();
    let mut builder = Builder::new(survey(vec!["10.7.0.0/16".to_owned()], 65_536), Options::default());
    for n in 0..65_536_u32 {
        let mut identity = kinds[n as usize % kinds.len()].clone();
        identity.subject.address = std::net::Ipv4Addr::from(0x0a07_0000 + n).into();
        builder.add(identity);
    }
    let report = builder.finish();
    let count: u64 = report.groups.iter().map(|group| group.addresses).sum();
    assert_eq!((count, report.lines.len(), report.addresses.len()), (65_536, 2_048, 100));
    assert!(report.addresses.iter().all(|entry| entry.grade == Grade::Fail), "the worst are shown");
    assert!(
        report.limits.len() == 2 && report.limits[0].contains("65536 addresses, 100 are shown"),
        "{:?}",
        report.limits
    );
    let square = &report.map[0];
    assert_eq!((square.range.as_str(), square.part, square.cells.len()), ("10.7.0.0/16", 24, 256));
    let octets = serde_json::to_string(&report).expect("JSON").len();
    assert!(octets < 2_000_000, "{octets} octets");
}

#[test]
fn what_is_in_it_decides_its_moment() {
    assert_eq!(report("empty").as_of, AT);
    assert_eq!(report("faults").as_of, AT + 5_000);
    let entry = &report("faults").addresses[0];
    assert!(entry.rules.iter().any(|judged| judged.ruling == Ruling::Broken) && entry.grade == Grade::Fail);
}

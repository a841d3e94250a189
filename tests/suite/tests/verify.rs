//! `ptrctl verify` in a small internet: a root, registries, nameservers (NSD) and three resolvers (Unbound), with one fault at each
//! address; exactly that fault is named.

use ptrd_posture::identity::{Grade, Identity, Line, Summary};
use ptrd_suite::daemon::{Daemon, program};
use ptrd_suite::internet::{Internet, SILENT, add_address, isolated};
use std::collections::BTreeMap;
use std::net::{IpAddr, UdpSocket};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What of quad9 is amiss.
const QUAD9: &str = "  local-zone: \"20.8.12.185.in-addr.arpa.\" redirect\n  local-data: \"20.8.12.185.in-addr.arpa. 3600 PTR \
     old.mail.example.\"\n  local-zone: \"22.8.12.185.in-addr.arpa.\" deny\n  local-zone: \"23.8.12.185.in-addr.arpa.\" \
     always_refuse\nstub-zone:\n  name: \"21.8.12.185.in-addr.arpa\"\n  stub-addr: 127.0.0.1@9\n";

/// Addresses, HELO names where mail leaves, and what is to be found of each besides what is well.
const FAULTS: &[(&str, &str, &str)] = &[
    ("185.12.8.1", "ok.mail.example", ""),
    ("185.12.8.2", "", "fail ptr-present"),
    ("185.12.8.3", "", "fail iprev"),
    ("185.12.8.4", "", "fail iprev"),
    ("185.12.8.5", "helo.mail.example", "warn helo-equals-ptr"),
    ("185.12.8.6", "host-185-12-8-6.pool.mail.example", "fail generic"),
    ("185.12.8.7", "one.mail.example", "warn one-name"),
    ("185.12.8.8", "one8.mail.example", "fail all-resolve-back, warn one-name"),
    ("185.12.8.9", "alias.mail.example", ""),
    ("185.12.8.10", "", "warn ttl"),
    ("185.12.8.11", "", "fail ptr-present"),
    ("185.12.8.13", "", "fail iprev"),
    ("185.12.8.20", "", "fail resolvers-agree"),
    ("185.12.8.21", "", "unknown resolvers-agree"),
    ("185.12.8.22", "", "unknown resolvers-agree"),
    ("185.12.8.23", "", "unknown resolvers-agree"),
    ("185.12.8.30", "good.signed.example", ""),
    ("185.12.8.31", "bad.signed.example", "fail dnssec"),
    ("185.12.8.40", "both.mail.example", ""),
    ("2a0c:abcd::40", "both.mail.example", ""),
    ("185.12.8.41", "half.mail.example", "fail both-families"),
    ("2a0c:abcd::41", "half.mail.example", "fail iprev, fail helo-resolves"),
    ("185.12.8.50", "", "unknown iprev"),
    ("185.12.8.193", "classless.mail.example", ""),
    ("185.12.9.1", "", "warn nameservers-agree"),
    ("185.12.10.1", "", "unknown nameservers-agree"),
    ("185.12.12.1", "", "unknown ptr-present"),
];

fn verify(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program("ptrctl"));
    command.current_dir(folder).stdin(Stdio::null()).env("PTRD_SOCKET", "").arg("verify").args(arguments);
    command.output().expect("ptrctl runs")
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

fn lines(output: &Output) -> (BTreeMap<IpAddr, Identity>, Summary) {
    let (mut identities, mut summary) = (BTreeMap::new(), None);
    for line in text(&output.stdout).lines() {
        match serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")) {
            Line::Survey(survey) => assert!(identities.is_empty() && survey.addresses > 0),
            Line::Identity(identity) => drop(identities.insert(identity.subject.address, identity)),
            Line::Summary(it) => summary = Some(it),
        }
    }
    (identities, summary.unwrap_or_else(|| panic!("no summary: {}", text(&output.stderr))))
}

/// What is not well.
fn amiss(identity: &Identity) -> String {
    let checks = identity.checks.iter().filter(|check| check.grade != Grade::Pass);
    checks.map(|check| format!("{} {}", check.grade, check.id)).collect::<Vec<_>>().join(", ")
}

fn told(identity: &Identity) -> String {
    let checks = identity.checks.iter().map(|check| format!("{} {}: {}\n", check.grade, check.id, check.why));
    checks
        .chain(
            identity
                .observations
                .iter()
                .map(|it| format!("  {} {}: {:?}\n", it.whom(), it.question, it.answer)),
        )
        .collect()
}

fn alter(folder: &Path) {
    if folder.ends_with("ns2") {
        let old = "$TTL 3600\n@ SOA ns1.rev.example. h.rev.example. 0 14400 3600 1209600 300\n@ NS ns1.rev.example.\n";
        std::fs::write(folder.join("11.12.185.in-addr.arpa"), old).expect("a zone");
    }
}

fn csv(folder: &Path) {
    let row =
        |(address, helo, _): &(&str, &str, &str)| format!("{address},{helo},mta1,example.com example.net\n");
    let rows: String = FAULTS.iter().filter(|(_, helo, _)| !helo.is_empty()).map(row).collect();
    std::fs::write(folder.join("sending.csv"), format!("address,helo,mta,domains\n{rows}")).expect("written");
    let others =
        FAULTS.iter().filter(|(_, helo, _)| helo.is_empty()).map(|(address, ..)| format!("{address}\n"));
    let others: String =
        others.chain(["# and the copy that is old\n185.12.11.1 # here\n".to_owned()]).collect();
    std::fs::write(folder.join("others"), others).expect("written");
}

#[test]
fn each_fault_is_found_and_no_other() {
    isolated(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        add_address(SILENT);
        let _silent = UdpSocket::bind((SILENT, 53)).expect("a socket");
        let Some(_internet) = Internet::start(folder, alter, QUAD9) else { return };
        csv(folder);
        by_all(folder);
        by_resolvers_alone(folder);
        for_people(folder);
        goes_on(folder);
        with_a_daemon(folder);
    });
}

/// The nameservers and the resolvers.
fn by_all(folder: &Path) {
    let common = ["sending.csv", "others", "--timeout", "2", "--json", "--authoritative", "--sample", "1000"];
    let output = verify(folder, &common);
    assert_eq!(output.status.code(), Some(13), "{}", text(&output.stderr));
    let (identities, summary) = lines(&output);
    assert_eq!(identities.len(), FAULTS.len() + 1);
    let faults = |(address, _, wanted): &(&str, &str, &str)| {
        let identity = &identities[&address.parse().expect("an address")];
        let found = amiss(identity);
        let mut sorted: [Vec<&str>; 2] = [found.split(", ").collect(), wanted.split(", ").collect()];
        sorted.iter_mut().for_each(|words| words.sort_unstable());
        (sorted[0] != sorted[1])
            .then(|| format!("{address}: {wanted:?} wanted, {found:?} found:\n{}", told(identity)))
    };
    let wrong: Vec<String> = FAULTS.iter().filter_map(faults).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        amiss(&identities[&"185.12.11.1".parse().expect("an address")]).contains("fail nameservers-agree")
    );
    assert_eq!(summary.grade(), Some(Grade::Fail));
    let classless = &identities[&"185.12.8.193".parse().expect("an address")];
    let way = classless.observations.iter().find(|it| it.is_authoritative()).expect("the path");
    let zones: Vec<&str> = way.servers.iter().map(|served| served.zone.as_str()).collect();
    assert_eq!(zones, ["8.12.185.in-addr.arpa.", "8.12.185.in-addr.arpa.", "192-26.8.12.185.in-addr.arpa."]);
}

/// Without the nameservers, what resolvers say must do.
fn by_resolvers_alone(folder: &Path) {
    let of = |address: &str| {
        let (identities, _) = lines(&verify(folder, &[address, "--timeout", "2", "--json"]));
        identities.into_values().next().expect("one address")
    };
    for (address, wanted) in [
        ("185.12.8.1", ""),
        ("185.12.8.2", "fail ptr-present"),
        ("185.12.8.20", "fail resolvers-agree"),
        ("185.12.8.31", "fail dnssec"),
        ("185.12.8.11", "unknown ptr-present"),
    ] {
        let identity = of(address);
        assert_eq!(amiss(&identity), wanted, "{address}:\n{}", told(&identity));
    }
    let bogus = of("185.12.8.31");
    let check = bogus.checks.iter().find(|check| check.grade == Grade::Fail).expect("a failure");
    assert!(check.why.contains("EDE 6 (DNSSEC Bogus)"), "{}", check.why);
    // What it tells people to run shows what it says.
    let shown: Vec<String> = check
        .run
        .iter()
        .map(|command| {
            let output = Command::new("sh").args(["-c", command]).output().expect("a shell");
            text(&output.stdout)
        })
        .collect();
    assert!(shown[0].contains("SERVFAIL") && shown[1].contains("185.12.8.31"), "{shown:?}");
}

fn for_people(folder: &Path) {
    let well = verify(folder, &["185.12.8.1", "--helo", "185.12.8.1=ok.mail.example"]);
    let shown = text(&well.stdout);
    assert_eq!(well.status.code(), Some(0), "{shown}{}", text(&well.stderr));
    assert!(shown.contains("HELO gives the name of the address, ok.mail.example."), "{shown}");
    assert!(shown.contains("1 address: 1 pass; 6 questions sent"), "{shown}");
    let shown = verify(folder, &["185.12.8.0/29"]);
    assert_eq!(shown.status.code(), Some(13));
    let table = text(&shown.stdout);
    let grades: Vec<&str> = table.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    let worst = grades.iter().position(|grade| *grade == "warn").expect("a warning");
    assert!(grades[..worst].iter().all(|grade| *grade == "fail") && worst > 2, "{table}");
    let only = text(&verify(folder, &["185.12.8.0/29", "--only", "warn"]).stdout);
    assert!(only.contains("one-name") && !only.contains("ptr-present"), "{only}");
    for (arguments, code) in
        [(["185.12.8.7", "--resolver", "1.1.1.1"], 15), (["185.12.12.1", "--resolver", "1.1.1.1"], 14)]
    {
        assert_eq!(verify(folder, &arguments).status.code(), Some(code), "{arguments:?}");
    }
}

fn goes_on(folder: &Path) {
    let run = || verify(folder, &["185.12.8.0/29", "--state", "state", "--json", "--resolver", "1.1.1.1"]);
    let first = lines(&run());
    let state = folder.join("state");
    let whole = std::fs::read_to_string(&state).expect("a state");
    assert_eq!(whole.lines().count(), 9, "a head, and a line for each address");
    let cut: usize = whole.lines().take(4).map(|line| line.len() + 1).sum();
    std::fs::write(&state, &whole[..cut + 30]).expect("written");
    let second = lines(&run());
    assert_eq!(first.1, second.1);
    let kept = std::fs::read_to_string(&state).expect("a state");
    assert!(
        kept.starts_with(&whole[..cut]) && kept.lines().count() == 9,
        "what was found is not asked for again"
    );
    let other = verify(folder, &["185.12.8.0/30", "--state", "state", "--resolver", "1.1.1.1"]);
    assert_eq!(other.status.code(), Some(2));
    assert!(text(&other.stderr).contains("another request: 185.12.8.0/29"), "{}", text(&other.stderr));
}

/// A /64 has too many addresses to look at; a daemon knows which have PTRs.
fn with_a_daemon(folder: &Path) {
    let alone = verify(folder, &["2a0c:abcd::/64"]);
    assert_eq!(alone.status.code(), Some(2));
    assert!(text(&alone.stderr).contains("too many addresses"), "{}", text(&alone.stderr));
    let home = folder.join("ptrd");
    std::fs::create_dir(&home).expect("a folder");
    let daemon = Daemon::start(&home, &[]);
    daemon.ctl(&["tenant", "add", "acme"]);
    daemon.ctl(&["block", "add", "2a0c:abcd::/48", "--tenant", "acme"]);
    daemon.ctl(&["ptr", "set", "2a0c:abcd::40", "both.mail.example"]);
    let shown = daemon.ctl(&["verify", "2a0c:abcd::/64"]);
    assert!(shown.contains("2a0c:abcd::40 has the PTR both.mail.example."), "{shown}");
}

//! Companion forward zones through the daemon, as dig sees them; what secondaries make of them is in `secondaries.rs`.

use ptrd_suite::daemon::Daemon;
use std::process::Command;

/// What dig prints, sorted; `None` where it is not installed.
fn dig(daemon: &Daemon, name: &str, rtype: &str) -> Option<Vec<String>> {
    let (address, port) = (daemon.dns.ip().to_string(), daemon.dns.port().to_string());
    let words = [&format!("@{address}"), "-p", &port, "+short", "+norec", name, rtype];
    let output = Command::new("dig").args(words).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    Some(lines)
}

fn run(daemon: &Daemon, line: &str) -> String {
    daemon.ctl(&line.split_whitespace().collect::<Vec<_>>())
}

#[test]
fn both_halves_of_an_identity_by_commands_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut daemon = Daemon::start(folder.path(), &[]);
    for line in [
        "tenant add acme",
        "tenant add globex",
        "block add 198.51.100.0/24 --tenant acme --fcrdns require",
        "block add 2001:db8::/48 --tenant acme",
        "block add 203.0.113.0/24 --tenant globex",
        "zone add acme.example --tenant acme --companion",
        "record set www.acme.example CNAME mail.acme.example.",
    ] {
        run(&daemon, line);
    }
    if dig(&daemon, "acme.example", "SOA").is_none() {
        return println!("skipped: dig is not installed");
    }
    let shown = |daemon: &Daemon, name: &str, rtype: &str| dig(daemon, name, rtype).expect("dig");
    let preview = run(&daemon, "ptr set 198.51.100.25 mail.acme.example --dry-run");
    assert!(preview.contains("acme.example.") && preview.contains("verified"), "{preview}");
    assert_eq!(shown(&daemon, "mail.acme.example", "A"), [""; 0]);
    let set = run(&daemon, "ptr set 198.51.100.25 mail.acme.example");
    assert!(set.contains("verified"), "{set}");
    run(&daemon, "ptr set 198.51.100.26 mail.acme.example");
    run(&daemon, "ptr set 2001:db8::25 mail.acme.example");
    run(&daemon, "ptr set 203.0.113.5 mail.acme.example globex.acme.example");
    let addresses = ["198.51.100.25", "198.51.100.26"];
    assert_eq!(shown(&daemon, "mail.acme.example", "A"), addresses);
    assert_eq!(shown(&daemon, "mail.acme.example", "AAAA"), ["2001:db8::25"]);
    assert_eq!(shown(&daemon, "www.acme.example", "A")[..2], addresses);
    assert_eq!(shown(&daemon, "globex.acme.example", "A"), [""; 0]);
    run(&daemon, "names allow globex.acme.example --tenant globex");
    assert_eq!(shown(&daemon, "globex.acme.example", "A"), ["203.0.113.5"]);
    assert!(run(&daemon, "names list").contains("globex.acme.example."));
    let records = run(&daemon, "record list --owner mail.acme.example");
    assert!(records.contains("derived"), "{records}");
    let export = run(&daemon, "zone export acme.example");
    assert!(export.contains("198.51.100.26"), "{export}");
    assert!(run(&daemon, "zone show acme.example").contains("companion"));
    // What follows is worked out anew at a start.
    let serial = shown(&daemon, "acme.example", "SOA");
    daemon.kill();
    let daemon = Daemon::start(folder.path(), &[]);
    assert_eq!(shown(&daemon, "acme.example", "SOA"), serial);
    assert_eq!(shown(&daemon, "mail.acme.example", "A"), addresses);
    run(&daemon, "zone set acme.example --companion off");
    assert_eq!(shown(&daemon, "mail.acme.example", "A"), [""; 0]);
    assert_eq!(run(&daemon, "names list"), "");
}

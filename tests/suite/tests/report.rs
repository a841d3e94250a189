//! `ptrctl report`: from a small internet with faults in it to a report that names exactly these; the same report in all forms; and
//! how it stands in a browser.

use ptrd_suite::browser::{drive, modules};
use ptrd_suite::daemon::{Daemon, program};
use ptrd_suite::internet::{Internet, SILENT, add_address, isolated};
use ptrd_suite::reported::faults;
use serde_json::Value;
use std::collections::BTreeSet;
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn report(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program("ptrctl"));
    command.current_dir(folder).stdin(Stdio::null()).env("PTRD_SOCKET", "").arg("report").args(arguments);
    command.output().expect("ptrctl runs")
}

/// Makes a file; gives back the exit status.
fn made(folder: &Path, arguments: &[&str]) -> Option<i32> {
    let output = report(folder, arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.is_empty(), "{arguments:?}: {said}");
    output.status.code()
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

const SENDING: &str = "address,helo,mta,domains\n185.12.8.1,ok.mail.example,mta1,mail.example\n185.12.8.2,,mta1,\n\
                       185.12.8.3,,mta1,\n185.12.8.6,host-185-12-8-6.pool.mail.example,mta1,mail.example\n";

#[test]
fn faults_of_a_small_internet_and_nothing_else_are_reported() {
    isolated(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        add_address(SILENT);
        let _silent = UdpSocket::bind((SILENT, 53)).expect("a socket");
        let Some(_internet) = Internet::start(folder, |_| (), "") else { return };
        std::fs::write(folder.join("sending.csv"), SENDING).expect("written");
        let asked =
            ["sending.csv", "--authoritative", "--timeout", "2", "--state", "state", "-o", "report.json"];
        assert_eq!(made(folder, &asked), Some(13));
        let json: Value = serde_json::from_str(&read(folder, "report.json")).expect("JSON");
        let expected = ["fail ptr-present: 185.12.8.2", "fail iprev: 185.12.8.3", "fail generic: 185.12.8.6"];
        assert_eq!(faults(&json), expected);
        let gmail =
            json["rules"].as_array().and_then(|rules| rules.iter().find(|rule| rule["id"] == "gmail"));
        let gmail = gmail.expect("Gmail's rule");
        assert_eq!((&gmail["satisfied"], &gmail["broken"]), (&2.into(), &2.into()));
        // From the state of the survey, and from the report itself, whatever the form: the same octets.
        for form in ["json", "md", "html", "pdf"] {
            let [one, two] = ["one", "two"].map(|name| format!("{name}.{form}"));
            assert_eq!(made(folder, &["--from", "state", "-o", &one]), Some(13));
            assert_eq!(made(folder, &["--from", "report.json", "-o", &two]), Some(13));
            let [one, two] = [one, two].map(|name| std::fs::read(folder.join(name)).expect("a file"));
            assert!(one == two && one.len() > 1_000, "{form}");
        }
        green_is_green(folder);
        blocks_are_drawn(folder);
    });
}

fn green_is_green(folder: &Path) {
    let asked = ["185.12.8.1", "--helo", "185.12.8.1=ok.mail.example", "--authoritative", "-o", "green.json"];
    assert_eq!(made(folder, &asked), Some(0));
    let json: Value = serde_json::from_str(&read(folder, "green.json")).expect("JSON");
    assert_eq!((faults(&json), &json["headline"]), (vec![], &"The address is as it should be.".into()));
    let zones: BTreeSet<&str> = json["nameservers"]
        .as_array()
        .expect("nameservers")
        .iter()
        .filter_map(|it| it["zone"].as_str())
        .collect();
    assert!(zones.contains("8.12.185.in-addr.arpa."), "{zones:?}");
}

/// A daemon knows whose the addresses are.
fn blocks_are_drawn(folder: &Path) {
    let home = folder.join("ptrd");
    std::fs::create_dir(&home).expect("a folder");
    let daemon = Daemon::start(&home, &[]);
    daemon.ctl(&["tenant", "add", "acme"]);
    daemon.ctl(&["block", "add", "185.12.8.0/24", "--tenant", "acme"]);
    let output = daemon.ptrctl(&["report", "185.12.8.0/30", "--resolver", "1.1.1.1", "--format", "json"]);
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let run = &json["map"][0]["runs"][0];
    assert_eq!(
        (&run["block"]["tenant"], &run["first"], &run["last"]),
        (&"acme".into(), &0.into(), &255.into())
    );
}

#[test]
fn reports_are_accessible_in_a_browser() {
    let Some(modules) = modules() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/ptrd-posture/tests/report");
    let mut reports = serde_json::Map::new();
    for name in ["green", "faults", "six", "hostile", "empty"] {
        let from = kept.join(format!("{name}.json")).display().to_string();
        let page = folder.path().join(format!("{name}.html"));
        made(folder.path(), &["--from", &from, "-o", &page.display().to_string()]);
        reports.insert(name.to_owned(), page.display().to_string().into());
    }
    let (is_well, told) = drive(&modules, "report.mjs", serde_json::json!({ "reports": reports }));
    assert!(is_well && told.matches("ok      ").count() == 20, "the browser met what is wrong");
}

//! The configuration file as an operator meets it: checked, printed, overridden.

mod common;

use common::{Server, program};
use std::path::{Path, PathBuf};
use std::process::Output;

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = program().args(arguments).output().expect("ptrd runs");
    let text = |octets| String::from_utf8(octets).expect("text");
    (status.code(), text(stdout), text(stderr))
}

fn file(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("ptrd.toml");
    std::fs::write(&path, text).expect("written");
    path
}

fn sound(folder: &Path) -> String {
    let path = |name: &str| folder.join(name).display().to_string();
    format!(
        "[store]\npath = '{}'\n[admin]\nsocket = '{}'\n[listen]\naddresses = ['127.0.0.1:0']\n",
        path("ptrd.db"),
        path("admin.sock")
    )
}

#[test]
fn all_problems_are_reported_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = sound(folder.path())
        + "udp_workers = 4\n[answers]\nudp-size = 99\ncookie-secret-file = '/nonexistent'\n[user]\nname = 'no-such-user'\n";
    let path = file(folder.path(), &text).display().to_string();
    let (status, out, _) = run(&["check-config", &path]);
    assert_eq!(status, Some(7), "{out}");
    for expected in [
        ":7:1: listen.udp_workers: there is no such key; did you mean udp-workers?",
        ":9:12: answers.udp-size: 99 is not in 512..=4096",
        ":10:22: answers.cookie-secret-file: reading the cookie secret /nonexistent",
        ":12:8: user.name: there is no user \"no-such-user\"",
        ": 4 errors, 0 warnings",
    ] {
        assert!(out.contains(&format!("{path}{expected}")), "{expected} is not in\n{out}");
    }
    let (status, out, _) = run(&["check-config", "--json", &path]);
    assert_eq!(status, Some(7));
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((&json["errors"], &json["warnings"]), (&4.into(), &0.into()));
    assert_eq!((&json["findings"][1]["line"], &json["findings"][1]["column"]), (&9.into(), &12.into()));
    assert_eq!(json["findings"][3]["key"], "user.name");
    let (status, _, complaint) = run(&["serve", "--config", &path]);
    assert_eq!(status, Some(7));
    assert!(complaint.lines().count() == 5 && complaint.contains("did you mean udp-workers?"), "{complaint}");
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let (status, out, _) = run(&["check-config", "/nonexistent.toml"]);
    assert!(status == Some(7) && out.starts_with("/nonexistent.toml: it cannot be read"), "{out}");
}

#[test]
fn what_is_printed_is_in_force_and_can_be_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let path =
        file(folder.path(), &(sound(folder.path()) + "[tcp]\nidle-timeout = 90\n")).display().to_string();
    let (status, out, complaint) = run(&["check-config", "--print", &path, "--nsid", "fra1"]);
    assert_eq!((status, complaint.as_str()), (Some(0), ""));
    assert!(out.contains(&format!("idle-timeout = \"1m30s\" # {path}:8")), "{out}");
    assert!(
        out.contains("nsid = \"fra1\" # --nsid") && out.contains("version = \"ptrd\" # default"),
        "{out}"
    );
    let again = folder.path().join("again.toml");
    std::fs::write(&again, &out).expect("written");
    let (status, second, _) = run(&["check-config", "--print", &again.display().to_string()]);
    assert_eq!(status, Some(0));
    let values = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split(" # ").next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(values(&out), values(&second));
    let (status, example, _) = run(&["check-config", "--example"]);
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/ptrd.toml");
    assert_eq!((status, example), (Some(0), std::fs::read_to_string(shipped).expect("deploy/ptrd.toml")));
}

#[test]
fn the_command_line_overrides_the_environment_and_that_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = sound(folder.path()) + "[answers]\nserver-id = 'file'\nnsid = 'file'\nversion = 'file'\n";
    let path = file(folder.path(), &text);
    let mut command = program();
    command.args(["check-config", "--print", "--version-string", "line"]).arg(path);
    command.env("PTRD_NSID", "environment").env("PTRD_VERSION_STRING", "environment");
    let out = String::from_utf8(command.output().expect("ptrd runs").stdout).expect("text");
    for expected in ["server-id = \"file\"", "nsid = \"environment\"", "version = \"line\""] {
        assert!(out.contains(expected), "{expected} is not in\n{out}");
    }
}

#[test]
fn a_server_runs_by_its_file_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("run")).expect("a folder");
    let text = sound(folder.path()).replace("admin.sock", "run/admin.sock") + "[log]\nformat = 'json'\n";
    let path = file(folder.path(), &text);
    let mut command = program();
    command.arg("serve").arg("--config").arg(path);
    let mut server = Server::run(command, folder);
    server.fill();
    assert_eq!(server.ask(1), 0);
    server.process.signal("TERM");
    let complaint = server.process.complaint();
    assert!(server.process.wait().success());
    assert!(complaint.lines().all(|line| line.starts_with('{')), "{complaint}");
}

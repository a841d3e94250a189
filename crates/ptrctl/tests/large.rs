//! Much of everything: listings of many pages, uploads that are too large, terminals.
#![allow(missing_docs)]

#[path = "../../ptrd-admin/tests/stub/mod.rs"]
mod stub;

use ptrd_admin::{Limits, Settings};
use std::io::Write;
use std::process::{Command, Output, Stdio};
use stub::{Seen, Server};

fn ptrctl(server: &Server, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ptrctl"))
        .args(arguments)
        .env("PTRD_SOCKET", server.path())
        .output()
        .expect("ptrctl")
}

#[test]
fn listings_go_on_to_the_last_page_or_the_limit() {
    let server = Server::start();
    server.stub.state().tenants.extend((0..2500).map(|n| (format!("t{n:04}"), ())));
    let lines = |arguments: &[&str]| {
        let output = ptrctl(&server, arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let all = lines(&["tenant", "list"]);
    assert_eq!((all.len(), all[0].split_whitespace().next()), (2501, Some("TENANT")));
    assert!(all[2500].starts_with("t2499"));
    assert_eq!(lines(&["tenant", "list", "--limit", "1500"]).len(), 1501);
    assert_eq!(lines(&["tenant", "list", "--limit", "1000"]).len(), 1001);
    let pages = lines(&["tenant", "list", "--json"]);
    let items = |page: &String| {
        let page: serde_json::Value = serde_json::from_str(page).expect("JSON");
        page["items"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(pages.iter().map(items).collect::<Vec<_>>(), [1000, 1000, 500]);
    for n in 0..120 {
        server.stub.state().log.push(ptrd_api::ChangeView {
            change: n + 1,
            at: String::new(),
            actor: String::new(),
            origin: String::new(),
            reason: None,
            kind: String::new(),
            summary: String::new(),
        });
    }
    assert_eq!(lines(&["log"]).len(), 51);
    assert_eq!(lines(&["log", "--limit", "110"]).len(), 111);
}

#[test]
fn an_upload_that_is_too_large_is_told_so() {
    let limits = Limits { import: 5 << 20, ..Limits::default() };
    let server = Server::with(Settings { limits, ..Settings::default() });
    let file = server.folder.path().join("large.csv");
    std::fs::write(&file, "192.0.2.1,a.example\n".repeat(10_000_000)).expect("a file");
    let name = file.to_str().expect("a name");
    for arguments in [["ptr", "import", name, "--lax"], ["zone", "import", name, "--tenant=acme"]] {
        let output = ptrctl(&server, &arguments);
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(words.contains("larger than the 5242880 octets"), "{words}");
    }
    // Without a known length, from a pipe.
    let mut child = Command::new(env!("CARGO_BIN_EXE_ptrctl"))
        .args(["ptr", "import", "-"])
        .env("PTRD_SOCKET", server.path())
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("ptrctl");
    let mut stdin = child.stdin.take().expect("a pipe");
    while stdin.write_all(&[b'x'; 1 << 16]).is_ok() {}
    drop(stdin);
    let output = child.wait_with_output().expect("an end");
    assert!(String::from_utf8_lossy(&output.stderr).contains("larger than"), "{output:?}");
}

#[test]
fn files_arrive_octet_for_octet() {
    let server = Server::start();
    let folder = server.folder.path().join("zones");
    std::fs::create_dir(&folder).expect("a folder");
    let contents: Vec<Vec<u8>> = (0..200_u32).map(|n| n.to_be_bytes().repeat(n as usize * 500)).collect();
    for (n, content) in contents.iter().enumerate() {
        std::fs::write(folder.join(format!("{n:03}.zone")), content).expect("a file");
    }
    let output = ptrctl(&server, &["zone", "import", folder.to_str().expect("a name"), "--tenant", "acme"]);
    assert!(output.status.success(), "{output:?}");
    let state = server.stub.state();
    let Some(Seen::Zones(options, bundle)) = state.seen.last() else { panic!("no import") };
    assert_eq!((options.tenant.as_str(), bundle.zones), ("acme", 200));
    assert!(bundle.files.iter().map(|(_, content)| content).eq(&contents));
}

/// Under `script`, which gives a terminal.
#[test]
fn a_terminal_gets_a_table_that_fits_and_nothing_that_acts() {
    let server = Server::start();
    let long = "x".repeat(300);
    ptrctl(&server, &["ptr", "set", "192.0.2.1", "a\u{1b}]0;title\u{7}.example", &long]);
    let shown = |color: &str| {
        let command = format!("stty cols 60 2> /dev/null; {} ptr list {color}", env!("CARGO_BIN_EXE_ptrctl"));
        let output = Command::new("script")
            .args(["-qec", &command, "/dev/null"])
            .env("PTRD_SOCKET", server.path())
            .env_remove("NO_COLOR")
            .env("TERM", "xterm")
            .stdin(Stdio::null())
            .output();
        output.ok().filter(|output| output.status.success())
    };
    let Some(output) = shown("") else {
        eprintln!("no `script` here: no terminal");
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("\u{1b}[1m") && !text.contains("\u{1b}]0"), "{text:?}");
    let Some(output) = shown("--color never") else { return };
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'), "{text:?}");
    assert!(text.lines().all(|line| line.trim_end().chars().count() <= 60), "{text}");
}

//! What people see: commands through the real binary, against a server whose daemon is a stub. One file in
//! `transcripts/` is one conversation with one daemon. In it, `$ ` begins a command for `sh`, `! ` a line of stderr, and
//! `[exit N]` stands where it was not 0.
//!
//! `PTRCTL_BLESS=1 cargo test -p ptrctl --test transcripts` writes the files anew; look at what has changed.
#![allow(missing_docs)]

#[path = "../../ptrd-admin/tests/stub/mod.rs"]
mod stub;

use std::path::Path;
use std::process::Command;
use stub::Server;

fn transcript(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts").join(name);
    let expected = std::fs::read_to_string(&path).expect("a transcript");
    let server = Server::start();
    let work = tempfile::tempdir().expect("a folder");
    let mut got = String::new();
    for line in expected.lines() {
        if line.starts_with("# ") {
            got += &format!("{line}\n");
        } else if let Some(command) = line.strip_prefix("$ ") {
            got += &format!("{line}\n{}", run(command, server.path(), work.path()));
        }
    }
    // Empty lines say nothing, but the eye likes them.
    let tidy = |text: &str| {
        text.lines().filter(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect::<String>()
    };
    if std::env::var_os("PTRCTL_BLESS").is_some() {
        return std::fs::write(&path, got).expect("written");
    }
    if tidy(&got) != tidy(&expected) {
        let (got, expected) = (tidy(&got), tidy(&expected));
        let place = got.lines().zip(expected.lines()).position(|(got, expected)| got != expected);
        let line = |text: &str| place.and_then(|n| text.lines().nth(n)).unwrap_or("(the end)").to_owned();
        panic!("{name}: expected\n{}\ngot\n{}\nin\n{got}", line(&expected), line(&got));
    }
}

fn run(command: &str, socket: &Path, work: &Path) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_ptrctl"));
    let path = format!("{}:/usr/bin:/bin", binary.parent().expect("a folder").display());
    let output = Command::new("/bin/sh")
        .args(["-c", command])
        .current_dir(work)
        .env_clear()
        .env("PATH", path)
        .env("PTRD_SOCKET", socket)
        .output()
        .expect("a shell");
    let text = |octets: &[u8]| {
        let text = String::from_utf8_lossy(octets);
        text.replace(&socket.display().to_string(), "SOCKET").replace(&work.display().to_string(), "WORK")
    };
    let mut shown: String = text(&output.stdout).lines().map(|line| format!("{line}\n")).collect();
    for line in text(&output.stderr).lines().filter(|line| !line.is_empty()) {
        shown += &format!("! {line}\n");
    }
    match output.status.code() {
        Some(0) => (),
        code => shown += &format!("[exit {}]\n", code.map_or("by a signal".into(), |code| code.to_string())),
    }
    shown
}

macro_rules! transcripts {
    ($($name:ident),*) => {$(
        #[test]
        fn $name() {
            transcript(concat!(stringify!($name), ".txt"));
        }
    )*};
}

transcripts!(
    blocks,
    blocks_over_time,
    catalogs,
    errors,
    explain,
    follow,
    help,
    history,
    inspect,
    json,
    keys,
    mail_test,
    notify,
    posture,
    ptrs,
    records,
    reload,
    report,
    rir,
    sending,
    sets,
    standby,
    tenants_and_log,
    tokens,
    verify,
    zones
);

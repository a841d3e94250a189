//! Who gets in. Other users are taken on with `setpriv`, which needs root: without it there is nothing to see here but
//! that our own user gets in.
#![allow(missing_docs)]

#[path = "../../ptrd-admin/tests/stub/mod.rs"]
mod stub;

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::{Command, Output};
use stub::Server;

fn mode(path: &std::path::Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
}

/// A copy of the binary that everyone may run.
fn ptrctl(server: &Server) -> PathBuf {
    mode(server.folder.path(), 0o755);
    let copy = server.folder.path().join("ptrctl");
    // By another process: what is open for writing here may be inherited by the child of another test, and cannot be
    // run then.
    let copied =
        Command::new("install").args(["-m", "755", env!("CARGO_BIN_EXE_ptrctl")]).arg(&copy).status();
    assert!(copied.expect("install").success());
    copy
}

fn as_stranger(server: &Server, groups: &str) -> Output {
    Command::new("setpriv")
        .args(["--reuid=64999", "--regid=64999", groups, "--"])
        .arg(ptrctl(server))
        .args(["tenant", "list", "--json", "--socket"])
        .arg(server.path())
        .output()
        .expect("setpriv")
}

#[test]
fn strangers_stay_out_and_members_of_the_group_get_in() {
    let server = Server::start();
    let own = Command::new(ptrctl(&server)).args(["status", "--socket"]).arg(server.path()).output();
    assert!(own.expect("ptrctl").status.success());

    let found = fs::metadata(server.path()).expect("a socket");
    let setpriv =
        Command::new("setpriv").arg("--version").output().is_ok_and(|output| output.status.success());
    if found.uid() != 0 || !setpriv {
        eprintln!("not root, or no setpriv: nobody else to be");
        return;
    }
    let member = format!("--groups={}", found.gid());
    let shut = as_stranger(&server, "--clear-groups");
    assert_eq!(shut.status.code(), Some(4), "{shut:?}");
    assert!(String::from_utf8_lossy(&shut.stderr).contains("members of the group"), "{shut:?}");
    assert_eq!(as_stranger(&server, &member).status.code(), Some(0));

    // Even where the mode lets everybody connect.
    mode(server.path(), 0o666);
    let refused = as_stranger(&server, "--clear-groups");
    assert_eq!(refused.status.code(), Some(4), "{refused:?}");
    let words = String::from_utf8_lossy(&refused.stderr);
    assert!(words.contains("\"code\":\"forbidden\"") && words.contains("uid 64999"), "{words}");
    assert_eq!(as_stranger(&server, &member).status.code(), Some(0));
}

#[test]
fn a_user_of_the_configuration_gets_in() {
    let settings = ptrd_admin::Settings {
        allowed: ptrd_admin::Allowed::new(vec![64999]),
        ..ptrd_admin::Settings::default()
    };
    let server = Server::with(settings);
    let found = fs::metadata(server.path()).expect("a socket");
    let setpriv =
        Command::new("setpriv").arg("--version").output().is_ok_and(|output| output.status.success());
    if found.uid() != 0 || !setpriv {
        eprintln!("not root, or no setpriv: nobody else to be");
        return;
    }
    mode(server.path(), 0o666);
    assert_eq!(as_stranger(&server, "--clear-groups").status.code(), Some(0));
}

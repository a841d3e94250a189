//! What ships with ptrd follows from the program: manual pages, completions, unit files.

mod common;

use common::program;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

/// The pages in a folder that are this program's.
fn pages(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let named = entries.map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), path));
    named
        .filter(|(name, _)| name.starts_with("ptrd"))
        .map(|(name, path)| (name, std::fs::read_to_string(path).expect("a page")))
        .collect()
}

#[test]
fn manual_pages_and_completions_are_current() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(program().arg("man").arg(folder.path()).status().expect("ptrd runs").success());
    let (made, shipped) = (pages(folder.path()), pages(&deploy().join("man")));
    assert!(made.contains_key("ptrd-serve.1") && made.contains_key("ptrd.toml.5"));
    assert!(made == shipped, "deploy/man is not what ptrd writes: run deploy/generate");
    for (shell, file) in [("bash", "ptrd.bash"), ("zsh", "_ptrd"), ("fish", "ptrd.fish")] {
        let made = program().args(["completion", shell]).output().expect("ptrd runs").stdout;
        let shipped = std::fs::read(deploy().join("completions").join(file)).expect("a completion");
        assert!(made == shipped, "deploy/completions/{file} is not what ptrd writes: run deploy/generate");
    }
}

#[test]
fn the_manual_names_every_key() {
    let page = std::fs::read_to_string(deploy().join("man/ptrd.toml.5")).expect("a page");
    let example = std::fs::read_to_string(deploy().join("ptrd.toml")).expect("an example");
    let keys =
        example.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split(" = ").next());
    for key in keys.filter(|key| !key.is_empty() && !key.starts_with('[')) {
        assert!(page.contains(&key.replace('-', "\\-")), "{key}");
    }
}

#[test]
fn units_are_sound() {
    let folder = tempfile::tempdir().expect("a folder");
    for unit in ["ptrd.service", "ptrd.socket"] {
        let text = std::fs::read_to_string(deploy().join(unit)).expect("a unit");
        // The programs are not installed.
        let program = env!("CARGO_BIN_EXE_ptrd");
        let text =
            text.replace("/usr/bin/ptrd ", &format!("{program} ")).replace("/usr/bin/ptrctl ", "/bin/true ");
        std::fs::write(folder.path().join(unit), text).expect("written");
    }
    let output = Command::new("systemd-analyze")
        .args(["verify", "--man=no", "--recursive-errors=no", "ptrd.service", "ptrd.socket"])
        .current_dir(folder.path())
        .output()
        .expect("systemd-analyze runs (package systemd)");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
}

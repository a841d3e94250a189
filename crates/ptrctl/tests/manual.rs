//! Manual pages and completions that ship follow from the program.
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_ptrctl"))
}

/// The pages in a folder that are this program's.
fn pages(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let named = entries.map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), path));
    named
        .filter(|(name, _)| name.starts_with("ptrctl"))
        .map(|(name, path)| (name, std::fs::read_to_string(path).expect("a page")))
        .collect()
}

#[test]
fn manual_pages_and_completions_are_current() {
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    let folder = tempfile::tempdir().expect("a folder");
    assert!(program().arg("man").arg(folder.path()).status().expect("ptrctl runs").success());
    let (made, shipped) = (pages(folder.path()), pages(&deploy.join("man")));
    assert!(made.contains_key("ptrctl-ptr-set.1"));
    assert!(made == shipped, "deploy/man is not what ptrctl writes: run deploy/generate");
    for (shell, file) in [("bash", "ptrctl.bash"), ("zsh", "_ptrctl"), ("fish", "ptrctl.fish")] {
        let made = program().args(["completion", shell]).output().expect("ptrctl runs").stdout;
        let shipped = std::fs::read(deploy.join("completions").join(file)).expect("a completion");
        assert!(made == shipped, "deploy/completions/{file} is not what ptrctl writes: run deploy/generate");
    }
}

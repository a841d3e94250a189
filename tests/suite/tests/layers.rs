//! The layers of the workspace: dependencies point down, and what stands in one crate alone stays there.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Crates from the bottom up. A crate may depend on those of lower rows only.
const LAYERS: &[&[&str]] = &[
    &["ptrd-wire", "ptrd-cpu", "ptrd-udp", "ptrd-api", "ptrd-escape"],
    &["ptrd-tsig", "ptrd-posture"],
    &["ptrd-zone", "ptrd-master", "ptrd-ask", "ptrd-probe", "ptrd-report"],
    &["ptrd-engine", "ptrd-store", "ptrd-message"],
    &["ptrd-listen", "ptrd-change"],
    &["ptrd-admin", "ptrd-xfr"],
    &["ptrd-web"],
    &["ptrd", "ptrctl"],
];

/// Crates for tests alone; nothing that ships may depend on them.
const TEST_ONLY: &[&str] = &["ptrd-testkit", "ptrd-suite", "ptrd-bench", "ptrd-powercut", "ptrd-soak"];

/// Dependencies that one crate alone may have.
const RESERVED: &[(&str, &[&str])] = &[
    ("rusqlite", &["ptrd-store"]),
    ("refinery", &["ptrd-store"]),
    // Its accept loops cannot be bounded; ARCHITECTURE.md has the rest.
    ("hickory-server", &[]),
    ("hickory-resolver", &["ptrd-ask"]),
    ("libc", &["ptrd-udp", "ptrd-cpu"]),
    ("domain", &["ptrd-master"]),
    ("hmac", &["ptrd-tsig"]),
    ("askama", &["ptrd-escape", "ptrd-report", "ptrd-web"]),
    // Encryption of DNS ends where connections end; what answers and what changes know nothing of it.
    ("rustls", &["ptrd-listen"]),
    ("tokio-rustls", &["ptrd-listen"]),
    ("x509-parser", &["ptrd-listen"]),
    ("quinn", &["ptrd-listen"]),
    ("smtp-proto", &["ptrd-probe"]),
    ("mail-parser", &["ptrd-message"]),
    ("lettre", &["ptrctl"]),
];

/// Where `unsafe` may stand. `ptrd-powercut` is for tests alone: a VFS of SQLite is a C interface, and without one no test
/// can lose the writes that a machine loses with its power.
const UNSAFE: &[&str] = &["ptrd-udp", "ptrd-cpu", "ptrd-powercut"];

/// The road of queries must not reach the road of changes, nor the other way round, but through the snapshot.
const APART: &[(&str, &[&str])] = &[
    ("ptrd-engine", &["ptrd-store", "ptrd-change", "ptrd-api"]),
    ("ptrd-listen", &["ptrd-store", "ptrd-change", "ptrd-api", "ptrd-admin"]),
    ("ptrd-change", &["ptrd-engine", "ptrd-listen", "ptrd-udp"]),
    ("ptrd-xfr", &["ptrd-store", "ptrd-change", "ptrd-api", "ptrd-admin", "ptrd-udp"]),
    ("ptrd-store", &["ptrd-engine", "ptrd-listen", "ptrd-udp"]),
    ("ptrd-admin", &["ptrd-engine", "ptrd-listen", "ptrd-udp", "ptrd-store"]),
    ("ptrd-web", &["ptrd-engine", "ptrd-listen", "ptrd-udp", "ptrd-store", "ptrd-change", "ptrd-zone"]),
    ("ptrctl", &["ptrd-wire", "ptrd-zone", "ptrd-change", "ptrd-store", "ptrd-engine"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

struct Package {
    name: String,
    folder: PathBuf,
    /// Name and kind: `None` for an ordinary one, else `dev` or `build`.
    dependencies: Vec<(String, Option<String>)>,
}

fn packages() -> Vec<Package> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| Package {
            name: text(&package["name"]).expect("a name"),
            folder: PathBuf::from(text(&package["manifest_path"]).expect("a path"))
                .parent()
                .expect("a folder")
                .into(),
            dependencies: package["dependencies"]
                .as_array()
                .expect("dependencies")
                .iter()
                .map(|dependency| (text(&dependency["name"]).expect("a name"), text(&dependency["kind"])))
                .collect(),
        })
        .collect()
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&name))
}

#[test]
fn dependencies_point_down() {
    let mut faults = Vec::new();
    let packages = packages();
    for package in &packages {
        let mine = layer(&package.name);
        if mine.is_none() && !TEST_ONLY.contains(&package.name.as_str()) {
            faults.push(format!("{} has no layer: give it one in tests/suite/tests/layers.rs", package.name));
        }
        for (dependency, kind) in &package.dependencies {
            let shipped = kind.as_deref() != Some("dev");
            let ours = packages.iter().any(|other| other.name == *dependency);
            if let (Some(mine), Some(theirs)) = (mine, layer(dependency))
                && ours
                && shipped
                && theirs >= mine
            {
                faults.push(format!("{} depends upwards or sideways on {dependency}", package.name));
            }
            if mine.is_some() && shipped && TEST_ONLY.contains(&dependency.as_str()) {
                faults.push(format!("{} ships the test crate {dependency}", package.name));
            }
            let apart = APART.iter().find(|(name, _)| *name == package.name);
            if shipped && apart.is_some_and(|(_, forbidden)| forbidden.contains(&dependency.as_str())) {
                faults.push(format!("{} reaches across to {dependency}", package.name));
            }
            for (reserved, owners) in RESERVED {
                let test_only = TEST_ONLY.contains(&package.name.as_str());
                if dependency == reserved && shipped && !test_only && !owners.contains(&package.name.as_str())
                {
                    faults.push(format!(
                        "{} depends on {dependency}, which is {owners:?}'s alone",
                        package.name
                    ));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// Lines of a file without comments and string literals: where the word stands in prose, it does no harm.
fn has_unsafe_code(text: &str) -> bool {
    text.lines().any(|line| {
        let code = line.split("//").next().unwrap_or_default();
        let outside: String = code.split('"').step_by(2).collect();
        outside.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe")
    })
}

#[test]
fn unsafe_stands_in_one_crate() {
    assert!(
        has_unsafe_code("    unsafe { x() }") && !has_unsafe_code("// unsafe\nlet unsafe_code = \"unsafe\";")
    );
    let mut faults = Vec::new();
    for package in packages() {
        if UNSAFE.contains(&package.name.as_str()) {
            continue;
        }
        let mut files = Vec::new();
        rust_files(&package.folder, &mut files);
        for file in files {
            let text = std::fs::read_to_string(&file).expect("a readable source file");
            if has_unsafe_code(&text) {
                faults.push(file.display().to_string());
            }
        }
    }
    assert!(faults.is_empty(), "unsafe code outside {UNSAFE:?}:\n{}", faults.join("\n"));
}

/// `rusqlite` and SQL text outside the store, `rustls` outside the listener: also by path, not only by dependency.
#[test]
fn reserved_words_stay_where_they_belong() {
    let mut faults = Vec::new();
    for package in packages().into_iter().filter(|package| !TEST_ONLY.contains(&package.name.as_str())) {
        let mut files = Vec::new();
        rust_files(&package.folder.join("src"), &mut files);
        for (word, owners) in [("rusqlite::", ["ptrd-store"]), ("rustls::", ["ptrd-listen"])] {
            if owners.contains(&package.name.as_str()) {
                continue;
            }
            for file in &files {
                let text = std::fs::read_to_string(file).expect("a readable source file");
                if text.lines().any(|line| line.split("//").next().unwrap_or_default().contains(word)) {
                    faults.push(format!("{word} in {}", file.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

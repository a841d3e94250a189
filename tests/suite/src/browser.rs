//! Debian's Chromium, driven by Playwright with the scripts in `tests/web`. `tests/run` installs Chromium, Node and the packages of
//! Node; where they cannot be had, that is said, and the test is left out.

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where Debian has Chromium.
const CHROMIUM: &str = "/usr/bin/chromium";

/// Where `tests/run` put the packages of Node; `None`, and a word of it, where something is missing.
pub fn modules() -> Option<PathBuf> {
    let test = std::env::current_exe().expect("a test has a path");
    let modules = test.ancestors().nth(3).expect("target/profile/deps/test").join("browser");
    let node = Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success());
    let packages = ["playwright-core", "axe-core"].map(|name| modules.join("node_modules").join(name));
    let missing = [
        (Path::new(CHROMIUM).exists(), "Chromium (Debian: chromium)".to_owned()),
        (node, "Node (Debian: nodejs)".to_owned()),
        (
            packages.iter().all(|package| package.exists()),
            format!("packages of Node in {}", modules.display()),
        ),
    ];
    let missing: Vec<String> =
        missing.into_iter().filter(|(there, _)| !there).map(|(_, what)| what).collect();
    if missing.is_empty() {
        return Some(modules);
    }
    println!("left out: pages in a browser; there is no {} (tests/run installs it)", missing.join(", no "));
    None
}

/// Runs a script of `tests/web`, and tells it `given`, the browser, and where pictures go. Whether all went well, and what it said.
pub fn drive(modules: &Path, script: &str, mut given: Value) -> (bool, String) {
    given["modules"] = modules.display().to_string().into();
    given["chromium"] = CHROMIUM.into();
    given["shots"] = modules.join("shots").display().to_string().into();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web").join(script);
    let mut node = Command::new("node");
    let mut node = node.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Node runs");
    let mut stdin = node.stdin.take().expect("a pipe");
    stdin.write_all(given.to_string().as_bytes()).expect("the script reads");
    drop(stdin);
    let output = node.wait_with_output().expect("the script ends");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{told}");
    (output.status.success(), told)
}

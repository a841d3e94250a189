//! schemathesis over the document that the daemon serves: whatever it makes of it, the daemon has no fault. `tests/run` installs
//! it; where it is not there, that is said, and this is left out.

mod common;

use common::https::{self, GENEROUS};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where `tests/run` puts it.
fn schemathesis() -> Option<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"));
    let program = target.join("schemathesis/bin/schemathesis");
    program.exists().then_some(program)
}

#[test]
fn schemathesis_finds_no_fault() {
    let Some(program) = schemathesis() else {
        println!("left out: schemathesis is not installed (tests/run does that)");
        return;
    };
    let server = https::start(GENEROUS);
    for body in [
        r#"{"kind":"tenant-add","name":"acme"}"#,
        r#"{"kind":"block-add","range":"192.0.2.0/24","tenant":"acme","may_sub_block":true}"#,
        r#"{"kind":"ptr-set","address":"192.0.2.1","names":["one.acme.example"]}"#,
    ] {
        let answer = server.request("POST", "/v1/changes", body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let at = https::at(&server);
    for fields in
        [r#"{"name":"t","tenant":"acme","write":true}"#, r#"{"name":"root","operator":true,"write":true}"#]
    {
        let token = https::token(&server, fields);
        let output = Command::new(&program)
            .current_dir(server.folder.path())
            .args(["run", &format!("https://{at}/v1/openapi.json"), "--tls-verify", "false"])
            .args(["--header", &format!("Authorization: Bearer {token}")])
            .args(["--checks", "not_a_server_error,content_type_conformance,status_code_conformance"])
            .args(["--phases", "examples,coverage,fuzzing", "--max-examples", "8", "--seed", "9457"])
            .args(["--suppress-health-check", "all", "--generation-deterministic", "--no-color"])
            // It would look for zones elsewhere, and wait.
            .args(["--exclude-operation-id", "zone_transfer_in", "--exclude-operation-id", "zone_compare"])
            // What it is let in with must stay.
            .args(["--exclude-operation-id", "token_revoke"])
            .output()
            .expect("schemathesis runs");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("Tested"), "{said}");
    }
    let status = server.request("GET", "/v1/status", "");
    assert!(status.contains("\"store\":\"ok\""), "{status}");
}

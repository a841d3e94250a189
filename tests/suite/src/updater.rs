//! Programs that people update zones with.

use crate::secondary::installed;
use std::io::Write;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

/// The secret of keys that tests share with these programs, in base64.
pub const SECRET: &str = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";

/// The programs, each over UDP and over TCP.
pub const WAYS: [(&str, &[&str]); 4] =
    [("nsupdate", &[]), ("nsupdate", &["-v"]), ("knsupdate", &[]), ("knsupdate", &["-v"])];

/// Updates a zone at a server, signed with a key of this name: what the program says, which is little where the update was
/// made. `None`, and a word of it, where it is not installed.
pub fn update(
    (program, flags): (&str, &[&str]),
    server: SocketAddr,
    (zone, key, secret): (&str, &str, &str),
    lines: &str,
) -> Option<(bool, String)> {
    let mut child = Command::new(installed(program)?)
        .args(flags)
        .args(["-y", &format!("hmac-sha256:{key}:{secret}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let text = format!("server {} {}\nzone {zone}\n{lines}\nsend\n", server.ip(), server.port());
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    Some((output.status.success(), text))
}

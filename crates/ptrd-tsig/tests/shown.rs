//! Keys as the programs that read them want them written: BIND, Knot and NSD are asked.

use ptrd_tsig::{Algorithm, Key};
use std::path::Path;
use std::process::Command;

fn key(algorithm: Algorithm) -> Key {
    let name = "Transfer-1.Customers.example".parse().expect("a name");
    Key::new(name, algorithm, &[0xfb; 33]).expect("a key")
}

/// Whether the program takes the file; `None`, and a word of it, where it is not installed.
fn takes(program: &str, before: &[&str], file: &Path, after: &[&str]) -> Option<Result<(), String>> {
    let output = match Command::new(program).args(before).arg(file).args(after).output() {
        Ok(output) => output,
        Err(error) => {
            println!("left out: {program}: {error}");
            return None;
        }
    };
    let said = || {
        [output.stdout.clone(), output.stderr.clone()].map(|said| String::from_utf8_lossy(&said).into_owned())
    };
    Some(if output.status.success() { Ok(()) } else { Err(said().concat()) })
}

#[test]
fn texts() {
    let key = key(Algorithm::HmacSha256);
    let secret = key.to_base64();
    assert_eq!(
        key.to_bind().as_str(),
        format!(
            "key \"Transfer-1.Customers.example\" {{\n\talgorithm hmac-sha256;\n\tsecret \"{}\";\n}};\n",
            *secret
        )
    );
    assert_eq!(
        key.to_argument().to_string(),
        format!("hmac-sha256:Transfer-1.Customers.example:{}", *secret)
    );
    assert_eq!(format!("{:?}", key.to_bind()), "Shown(…)");
    let odd = Key::new("a:b\\\"c.d".parse().expect("a name"), Algorithm::HmacSha1, b"s").expect("a key");
    assert_eq!(odd.to_argument().as_str(), "hmac-sha1:a\\058b\\\"c.d:cw==");
}

#[test]
fn servers_take_them() {
    let folder = std::env::temp_dir().join(format!("ptrd-tsig-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let mut faults = Vec::new();
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let bind = write("named.conf", key.to_bind().to_string());
        let knot = write("knot.conf", key.to_knot().to_string());
        let nsd =
            write("nsd.conf", format!("server:\n    zonesdir: \"/\"\n    username: \"\"\n{}", key.to_nsd()));
        let results = [
            ("BIND", takes("named-checkconf", &[], &bind, &[])),
            ("Knot", takes("knotc", &["-c"], &knot, &["conf-check"])),
            ("NSD", takes("nsd-checkconf", &[], &nsd, &[])),
        ];
        for (server, result) in results {
            if let Some(Err(said)) = result {
                faults.push(format!("{server}, {algorithm}: {said}"));
            }
        }
    }
    std::fs::remove_dir_all(&folder).expect("removed");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

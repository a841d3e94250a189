//! TSIG (RFC 8945) as dig and kdig speak it, over both transports: their requests are verified, and they verify ours.

mod common;

use common::*;
use ptrd_tsig::{Algorithm, Key, KeyTable};
use ptrd_zone::Snapshot;
use std::process::Command;
use std::sync::Arc;

fn key(algorithm: Algorithm, secret: &[u8]) -> Key {
    let name = format!("Key-of-{algorithm}.example").parse().expect("a name");
    Key::new(name, algorithm, secret).expect("a key")
}

fn keys() -> Vec<Key> {
    let mut keys: Vec<Key> =
        Algorithm::ALL.map(|algorithm| key(algorithm, b"a secret that is shared")).into();
    let whole =
        Key::new("whole.example".parse().expect("a name"), Algorithm::HmacSha256, b"x").expect("a key");
    keys.push(whole.with_shortest_mac(32).expect("a key"));
    keys
}

/// A server with a key for each algorithm.
fn serve() -> Server {
    let server = start_v4(limits());
    let mut snapshot = Snapshot::clone(&server.snapshot.load());
    snapshot.set_keys(Arc::new(KeyTable::new(keys()).expect("a table")));
    server.snapshot.store(Arc::new(snapshot));
    server
}

/// What the program says; `None`, and a word of it, where it is not installed.
fn ask_with(program: &str, server: &Server, key: &str, more: &[&str]) -> Option<String> {
    let port = server.address.port().to_string();
    let output = Command::new(program).args(["@127.0.0.1", "-p", &port, "-y", key]).args(more).output();
    match output {
        Ok(output) => Some(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()),
        Err(error) => {
            println!("left out: {program}: {error}");
            None
        }
    }
}

const QUICK: [&str; 2] = ["+retry=0", "+timeout=5"];
const PTR: [&str; 2] = ["2.2.0.192.in-addr.arpa", "PTR"];
const BIG: [&str; 2] = ["2.0.192.in-addr.arpa", "TXT"];

fn is_verified(said: &str) -> bool {
    !said.contains("verify")
        && !said.contains("verification")
        && said.to_lowercase().contains("tsig pseudosection")
}

#[test]
fn every_algorithm_over_both_transports() {
    let server = serve();
    let mut asked = [0, 0];
    for key in &keys() {
        // The names of key and algorithm in other letters.
        let argument = key.to_argument().to_string();
        let shouted = {
            let (names, secret) = argument.rsplit_once(':').expect("a secret");
            format!("{}:{secret}", names.to_uppercase())
        };
        for program in ["dig", "kdig"] {
            for (transport, nth) in [("+notcp", 0), ("+tcp", 1)] {
                // kdig knows algorithms in small letters alone.
                let arguments = if program == "dig" { vec![&argument, &shouted] } else { vec![&argument] };
                for argument in arguments {
                    let more = [&QUICK[..], &[transport], &PTR].concat();
                    let Some(said) = ask_with(program, &server, argument, &more) else { continue };
                    asked[nth] += 1;
                    assert!(is_verified(&said) && said.contains("NOERROR"), "{program} {argument}: {said}");
                    assert!(said.contains("host-2.example.net."), "{said}");
                }
            }
        }
    }
    let counts = server.listener.shutdown();
    assert_eq!((counts.udp.engine.tsig_verified, counts.tcp.engine.tsig_verified), (asked[0], asked[1]));
    assert_eq!(counts.udp.engine.tsig_refused + counts.tcp.engine.tsig_refused, 0);
}

#[test]
fn what_is_cut_and_what_is_refused_is_signed() {
    let server = serve();
    let argument = keys()[4].to_argument().to_string();
    for program in ["dig", "kdig"] {
        for (edns, transfer) in [("+noedns", false), ("+bufsize=600", false), ("+noedns", true)] {
            let what = if transfer { ["2.0.192.in-addr.arpa", "AXFR"] } else { BIG };
            let more =
                [&QUICK[..], &[edns, "+ignore", "+notcp"][..if transfer { 1 } else { 3 }], &what].concat();
            let Some(said) = ask_with(program, &server, &argument, &more) else { continue };
            if transfer {
                assert!(!said.contains("verif"), "{program}: {said}");
                let refused = said.contains("Transfer failed") || said.contains("REFUSED");
                assert!(refused, "{program}: {said}");
            } else {
                assert!(is_verified(&said), "{program} {edns}: {said}");
                assert!(
                    said.lines().any(|line| line.to_lowercase().contains("flags:") && line.contains(" tc")),
                    "{said}"
                );
            }
        }
        let more = [&QUICK[..], &["+tcp"], &BIG].concat();
        let Some(said) = ask_with(program, &server, &argument, &more) else { continue };
        assert!(is_verified(&said) && said.matches("TXT").count() >= 40, "{program}: {said}");
    }
}

#[test]
fn wrong_keys_are_told_so() {
    let server = serve();
    let wrong = key(Algorithm::HmacSha256, b"another secret").to_argument().to_string();
    let other =
        Key::new("nobody.example".parse().expect("a name"), Algorithm::HmacSha256, b"x").expect("a key");
    let mixed = wrong.replace("hmac-sha256:", "hmac-sha512:");
    for (argument, error) in
        [(wrong, "BADSIG"), (other.to_argument().to_string(), "BADKEY"), (mixed, "BADKEY")]
    {
        for program in ["dig", "kdig"] {
            let more = [&QUICK[..], &["+notcp"], &PTR].concat();
            let Some(said) = ask_with(program, &server, &argument, &more) else { continue };
            assert!(said.contains(error), "{program} {argument}: {said}");
            assert!(!said.contains("host-2.example.net."), "{said}");
        }
    }
    let counts = server.listener.shutdown().udp.engine;
    assert_eq!(counts.tsig_verified, 0);
    assert_eq!(counts.rcodes[9], counts.tsig_refused, "NOTAUTH");
}

/// dig cuts MACs where the algorithm is named with a number of bits.
#[test]
fn cut_macs_of_dig() {
    let server = serve();
    for (key, bits, fine) in [(2, 128, true), (2, 256, true), (4, 256, true), (5, 128, false), (5, 256, true)]
    {
        let key = &keys()[key];
        let algorithm = key.algorithm().name();
        let argument = key.to_argument().to_string().replacen(algorithm, &format!("{algorithm}-{bits}"), 1);
        let more = [&QUICK[..], &["+notcp"], &PTR].concat();
        let Some(said) = ask_with("dig", &server, &argument, &more) else { continue };
        assert_eq!(is_verified(&said) && said.contains("host-2.example.net."), fine, "{argument}: {said}");
        assert_eq!(said.contains("BADTRUNC"), !fine, "{argument}: {said}");
    }
}

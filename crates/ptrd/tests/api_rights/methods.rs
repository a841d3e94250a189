//! What is asked of a route in another way than it is meant: another method, a version that is not there.

use crate::common::https::{self, Client};
use crate::rows::ROWS;
use crate::{everything, start};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The routes that there are: both documents are made of the tables from which the router is.
pub fn documented(client: &mut Client) -> BTreeSet<(String, String)> {
    let mut all = BTreeSet::new();
    for document in ["/v1/openapi.json", "/api/docs"] {
        let document = client.get(document).json();
        for (path, item) in document["paths"].as_object().expect("paths") {
            let methods = item.as_object().expect("methods").keys().filter(|key| *key != "parameters");
            all.extend(methods.map(|method| (method.to_uppercase(), path.clone())));
        }
    }
    all
}

/// A path of the documents with something in the place of its parameters.
fn filled_in(path: &str) -> String {
    let mut filled = path.replace("{server}", "localhost").replace("{range}", "192.0.2.0%2F24");
    for (parameter, value) in [
        ("{address}", "192.0.2.1"),
        ("{apex}", "acme.example"),
        ("{name}", "acme"),
        ("{change}", "1"),
        ("{id}", if path.starts_with("/api") { "acme.example." } else { "self" }),
        ("{kind}", "SOA-EDIT-API"),
    ] {
        filled = filled.replace(parameter, value);
    }
    assert!(!filled.contains('{'), "{path} has a parameter that the test does not know");
    filled
}

#[test]
fn methods_that_a_route_does_not_take_do_nothing_and_say_which_it_takes() {
    let server = start();
    let token = https::token(&server, r#"{"name":"root","operator":true,"write":true}"#);
    let mut client = Client::new(https::at(&server), Some(&token));
    let mut routes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (method, path) in documented(&mut client) {
        routes.entry(path).or_default().insert(method);
    }
    let before = everything(&server);
    for (path, mut methods) in routes {
        let target = filled_in(&path);
        if methods.contains("GET") {
            // RFC 9110 §9.3.2.
            methods.insert("HEAD".to_owned());
            let (got, head) = (client.get(&target), client.ask("HEAD", &target, &[], ""));
            assert_eq!((head.status, head.body.len()), (got.status, 0), "HEAD {target}");
        }
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"]
        {
            if methods.contains(method) {
                continue;
            }
            let answer = client.ask(method, &target, &[], if method == "TRACE" { "" } else { "{}" });
            assert_eq!(answer.status, 405, "{method} {target}: {}", answer.text());
            let allowed: BTreeSet<String> =
                answer.header("allow").split(',').map(|method| method.trim().to_owned()).collect();
            assert_eq!(allowed, methods, "{method} {target}");
        }
    }
    assert_eq!(before, everything(&server));
}

#[test]
fn a_token_for_reading_is_shown_no_secret_of_a_key() {
    let server = start();
    let secret = {
        let answer = server.request("GET", "/v1/keys/k.example", "");
        let body = answer.split_once("\r\n\r\n").expect("a body").1;
        serde_json::from_str::<Value>(body).expect("JSON")["secret"].as_str().expect("a secret").to_owned()
    };
    let ask = |fields: &str| {
        let token = https::token(&server, fields);
        Client::new(https::at(&server), Some(&token)).get("/api/v1/servers/localhost/tsigkeys/k.example.")
    };
    let reads = ask(r#"{"name":"reads","operator":true}"#);
    assert!(reads.status == 403 && !reads.text().contains(&secret), "{}", reads.text());
    assert!(ask(r#"{"name":"writes","operator":true,"write":true}"#).text().contains(&secret));
}

#[test]
fn a_version_that_is_not_there_keeps_every_change_from_being_made() {
    let server = start();
    let token = https::token(&server, r#"{"name":"root","operator":true,"write":true}"#);
    let mut client = Client::new(https::at(&server), Some(&token));
    let before = everything(&server);
    // A look at what is there is no change.
    const LOOKS: [&str; 2] = ["/v1/checks", "/v1/posture"];
    let changes =
        ROWS.iter().filter(|row| row.0 != "GET" && !LOOKS.contains(&row.1) && !row.1.ends_with("/compare"));
    for (method, path, own, _, body, _) in changes {
        let answer =
            client.ask(method, &own.replace("SPARE", "self"), &[("if-match", "\"0000000000000000\"")], body);
        assert!((400..500).contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.text());
        assert_eq!(before, everything(&server), "{method} {path}");
    }
}

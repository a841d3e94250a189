//! Changes that are to be made once, however often they are asked for; those that depend on a version; lists in pages.

mod common;

use common::Server;
use common::https::{self, Answer, Client, GENEROUS};
use serde_json::Value;
use std::collections::BTreeSet;

/// acme has a /24 with PTRs.
fn started() -> (Server, Client) {
    let server = https::start(GENEROUS);
    for body in [
        r#"{"kind":"tenant-add","name":"acme"}"#,
        r#"{"kind":"tenant-add","name":"bob"}"#,
        r#"{"kind":"block-add","range":"192.0.2.0/24","tenant":"acme"}"#,
        r#"{"kind":"block-add","range":"192.0.2.64/26","tenant":"acme","classless":"slash"}"#,
        r#"{"kind":"block-add","range":"198.51.100.0/24","tenant":"bob"}"#,
        r#"{"kind":"ptr-fill","range":"192.0.2.0/28","pattern":"h{n}.acme.example"}"#,
    ] {
        let answer = server.request("POST", "/v1/changes", body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let client = client_of(&server, "t");
    (server, client)
}

fn client_of(server: &Server, name: &str) -> Client {
    let token = https::token(server, &format!(r#"{{"name":"{name}","tenant":"acme","write":true}}"#));
    Client::new(https::at(server), Some(&token))
}

fn root(server: &Server) -> Client {
    let token = https::token(server, r#"{"name":"root","operator":true,"write":true}"#);
    Client::new(https::at(server), Some(&token))
}

fn set(client: &mut Client, key: &str, address: &str, name: &str) -> Answer {
    let body = format!(r#"{{"names":["{name}"]}}"#);
    client.ask("PUT", &format!("/v1/ptrs/{address}"), &[("idempotency-key", key)], &body)
}

/// The number of the change, which must have been made.
#[track_caller]
fn change(answer: &Answer) -> u64 {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["change"].as_u64().expect("a change")
}

fn newest(server: &Server) -> u64 {
    let answer = server.request("GET", "/v1/log?limit=1", "");
    let rest = answer.split("\"change\":").nth(1).expect("a change");
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().expect("a number")
}

#[test]
fn asked_again_with_its_key_a_change_is_answered_and_not_made_across_a_restart_too() {
    let (server, mut client) = started();
    let made = change(&set(&mut client, "k1", "192.0.2.1", "a.acme.example"));
    change(&set(&mut client, "k2", "192.0.2.1", "b.acme.example"));
    let log = newest(&server);
    let again = set(&mut client, "k1", "192.0.2.1", "a.acme.example");
    assert_eq!(change(&again), made);
    assert!(again.text().contains("not done again"), "{}", again.text());
    assert_eq!(newest(&server), log);
    assert_eq!(client.get("/v1/ptrs/192.0.2.1").json()["names"][0], "b.acme.example.");
    let token = client.token.clone();
    let server = https::again(server);
    let mut client = Client::new(https::at(&server), token.as_deref());
    assert_eq!(change(&set(&mut client, "k1", "192.0.2.1", "a.acme.example")), made);
    assert_eq!(newest(&server), log);
    assert_eq!(client.get("/v1/ptrs/192.0.2.1").json()["names"][0], "b.acme.example.");
}

#[test]
fn a_key_is_for_one_request() {
    let (server, mut client) = started();
    change(&set(&mut client, "k", "192.0.2.1", "a.acme.example"));
    let before = newest(&server);
    let key = [("idempotency-key", "k")];
    for (method, target, body) in [
        ("PUT", "/v1/ptrs/192.0.2.1", r#"{"names":["other.acme.example"]}"#),
        ("PUT", "/v1/ptrs/192.0.2.2", r#"{"names":["a.acme.example"]}"#),
        ("POST", "/v1/ptrs/192.0.2.1", r#"{"names":["a.acme.example"]}"#),
        ("DELETE", "/v1/ptrs/192.0.2.1", ""),
        ("POST", "/v1/ptrs/fill", r#"{"range":"192.0.2.0/29","pattern":"f{n}.acme.example"}"#),
    ] {
        let answer = client.ask(method, target, &key, body);
        assert_eq!(answer.status, 422, "{method} {target}: {}", answer.text());
        assert!(answer.text().contains("used with another request"), "{}", answer.text());
        assert!(answer.json()["hint"].is_string());
    }
    assert_eq!(newest(&server), before);
    // PowerDNS' clients may send one, too.
    let patch = |name: &str| {
        format!(
            r#"{{"rrsets":[{{"name":"3.2.0.192.in-addr.arpa.","type":"PTR","ttl":60,"changetype":"REPLACE","records":[{{"content":"{name}"}}]}}]}}"#
        )
    };
    let zone = "/api/v1/servers/localhost/zones/2.0.192.in-addr.arpa.";
    let key = [("idempotency-key", "p")];
    assert_eq!(client.ask("PATCH", zone, &key, &patch("a.acme.example.")).status, 204);
    assert_eq!(client.ask("PATCH", zone, &key, &patch("a.acme.example.")).status, 204);
    assert_eq!(newest(&server), before + 1);
    let answer = client.ask("PATCH", zone, &key, &patch("b.acme.example."));
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert_eq!(newest(&server), before + 1);
}

#[test]
fn those_who_ask_at_once_with_one_key_get_one_change() {
    let (server, mut client) = started();
    let (at, token) = (client.address(), client.token.clone());
    let mut other = client_of(&server, "u");
    let before = newest(&server);
    let changes: BTreeSet<u64> = std::thread::scope(|scope| {
        let ask = || {
            let mut client = Client::new(at, token.as_deref());
            change(&set(&mut client, "one", "192.0.2.1", "a.acme.example"))
        };
        let all: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
        all.into_iter().map(|asking| asking.join().expect("an answer")).collect()
    });
    assert_eq!(changes, BTreeSet::from([before + 1]));
    assert_eq!(newest(&server), before + 1);
    // Another token's key is another key.
    assert_eq!(change(&set(&mut other, "one", "192.0.2.1", "b.acme.example")), before + 2);
    assert_eq!(client.get("/v1/ptrs/192.0.2.1").json()["names"][0], "b.acme.example.");
}

#[test]
fn a_key_that_nothing_was_done_with_may_be_used_again() {
    let (_server, mut client) = started();
    assert_eq!(set(&mut client, "k", "198.51.100.1", "a.acme.example").status, 404);
    change(&set(&mut client, "k", "192.0.2.1", "a.acme.example"));
}

#[test]
fn keys_that_are_none_are_refused() {
    let (_server, mut client) = started();
    let long = "k".repeat(256);
    for key in ["", "two words", "k\u{e9}", &long] {
        let answer = set(&mut client, key, "192.0.2.1", "a.acme.example");
        assert_eq!(answer.status, 400, "{key}: {}", answer.text());
        assert!(answer.text().contains("idempotency-key"), "{}", answer.text());
    }
    let twice = [("idempotency-key", "a"), ("idempotency-key", "b")];
    let answer = client.ask("DELETE", "/v1/ptrs/192.0.2.1", &twice, "");
    assert_eq!((answer.status, answer.text().contains("sent once")), (400, true), "{}", answer.text());
    let key = [("idempotency-key", "k")];
    let answer = client.ask("POST", "/v1/ptrs/import", &key, "192.0.2.1,csv.acme.example\n");
    assert_eq!((answer.status, answer.text().contains("imports take no key")), (400, true));
    assert_eq!(client.get("/v1/ptrs/192.0.2.1").json()["names"][0], "h1.acme.example.");
}

#[test]
fn a_token_is_shown_once_with_a_key_too() {
    let (_server, mut client) = started();
    let mut ask =
        || client.ask("POST", "/v1/tokens", &[("idempotency-key", "k")], r#"{"name":"child"}"#).json();
    let (first, second) = (ask(), ask());
    assert!(first["token"]["token"].is_string(), "{first}");
    assert_eq!((&second["token"], &second["change"]), (&Value::Null, &first["change"]), "{second}");
}

/// What has a version: where that is told, a change of it, and the same change once more made possible.
const VERSIONED: [(&str, &str, &str, &str); 12] = [
    ("/v1/ptrs/192.0.2.1", "PUT", "/v1/ptrs/192.0.2.1", r#"{"names":["a.example"]}"#),
    ("/v1/ptrs/192.0.2.2", "POST", "/v1/ptrs/192.0.2.2", r#"{"names":["b.example"]}"#),
    ("/v1/ptrs/192.0.2.3", "DELETE", "/v1/ptrs/192.0.2.3", ""),
    ("/v1/defaults", "PUT", "/v1/defaults", r#"{"ptr_ttl":60}"#),
    ("/v1/ns-sets/one", "PUT", "/v1/ns-sets/one", r#"{"nameservers":["ns9.example"]}"#),
    ("/v1/ns-sets/one", "POST", "/v1/ns-sets/one/rename", r#"{"to":"two"}"#),
    ("/v1/ns-sets/two", "DELETE", "/v1/ns-sets/two", ""),
    ("/v1/soa-templates/one", "PUT", "/v1/soa-templates/one", r#"{"refresh":60}"#),
    ("/v1/zones/own.example", "PUT", "/v1/zones/own.example", r#"{"serial_policy":"date"}"#),
    ("/v1/zones/own.example", "DELETE", "/v1/zones/own.example", ""),
    ("/v1/blocks/192.0.2.64%2F26", "DELETE", "/v1/blocks/192.0.2.64%2F26", ""),
    ("/v1/tenants/eve", "DELETE", "/v1/tenants/eve", ""),
];

#[test]
fn what_has_a_version_is_changed_only_if_it_is_the_one_that_is_expected() {
    let (server, _) = started();
    for body in [
        r#"{"kind":"ns-set-add","name":"one","nameservers":["ns1.example"]}"#,
        r#"{"kind":"soa-template-add","name":"one","rname":"h.example"}"#,
        r#"{"kind":"zone-add","apex":"own.example","tenant":"acme"}"#,
        r#"{"kind":"tenant-add","name":"eve"}"#,
    ] {
        let answer = server.request("POST", "/v1/changes", body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{body}: {answer}");
    }
    let mut client = root(&server);
    for (shown, method, target, body) in VERSIONED {
        let version = client.get(shown).header("etag").to_owned();
        assert!(version.len() > 2, "{shown} has a version");
        for (header, value, status) in [
            ("if-match", "\"0000000000000000\"", 412),
            ("if-match", "*", 400),
            ("if-match", "\"a\", \"b\"", 400),
            ("if-match", "", 400),
            ("if-none-match", "*", 412),
            ("if-none-match", &version, 400),
        ] {
            let answer = client.ask(method, target, &[(header, value)], body);
            let told = format!("{method} {target} {header}: {value}: {}", answer.text());
            assert_eq!(answer.status, status, "{told}");
            assert_eq!(client.get(shown).header("etag"), version, "{told}");
        }
        let done = client.ask(method, target, &[("if-match", &version)], body);
        assert_eq!(done.status, 200, "{method} {target}: {}", done.text());
        assert_ne!(client.get(shown).header("etag"), version, "{method} {target}");
    }
}

/// What a page has, without what goes on meanwhile: when tokens were used, how far announcements have come.
fn items_in(page: &Value) -> Vec<Value> {
    let mut items = page["items"].as_array().expect("items").clone();
    for item in items.iter_mut().filter_map(Value::as_object_mut) {
        for goes_on in ["used", "used_from", "at", "next", "tries", "state", "detail"] {
            item.remove(goes_on);
        }
    }
    items
}

/// The lists of the document, each with the parameter that says where a page begins.
fn lists(client: &mut Client) -> Vec<(String, &'static str)> {
    let document = client.get("/v1/openapi.json").json();
    let paged_by = |item: &Value| {
        let parameters = item["get"]["parameters"].as_array()?;
        // The newest changes come first.
        ["after", "before"]
            .into_iter()
            .find(|name| parameters.iter().any(|parameter| parameter["name"] == *name))
    };
    let paths = document["paths"].as_object().expect("paths");
    paths.iter().filter_map(|(path, item)| Some((path.clone(), paged_by(item)?))).collect()
}

#[test]
fn every_list_has_all_of_it_in_pages_of_one() {
    let (server, mut tenant) = started();
    for body in [
        r#"{"kind":"ns-set-add","name":"one","nameservers":["ns1.example"]}"#,
        r#"{"kind":"soa-template-add","name":"one","rname":"h.example"}"#,
        r#"{"kind":"zone-add","apex":"own.example","tenant":"acme"}"#,
        r#"{"kind":"record-set","owner":"own.example","type":"TXT","data":["x"]}"#,
        r#"{"kind":"key-add","name":"k1.example"}"#,
        r#"{"kind":"key-add","name":"k2.example"}"#,
        r#"{"kind":"access-allow","action":"transfer","from":"192.0.2.53"}"#,
        r#"{"kind":"access-allow","action":"transfer","key":"k1.example"}"#,
        r#"{"kind":"notify-add","address":"192.0.2.53"}"#,
        r#"{"kind":"notify-add","address":"192.0.2.54"}"#,
        r#"{"kind":"catalog-add","catalog":"c1.example","tenant":"acme","rules":[{}]}"#,
        r#"{"kind":"catalog-add","catalog":"c2.example","tenant":"acme","rules":[]}"#,
    ] {
        let answer = server.request("POST", "/v1/changes", body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{body}: {answer}");
    }
    let mut operator = root(&server);
    let mut several = BTreeSet::new();
    for (path, from) in lists(&mut operator) {
        let target = path.replace("{apex}", "c1.example");
        for client in [&mut operator, &mut tenant] {
            let whole = client.get(&format!("{target}?limit=10000"));
            if whole.status != 200 {
                assert!([403, 404].contains(&whole.status), "{target}: {}", whole.text());
                continue;
            }
            let whole = whole.json();
            assert_eq!(whole["next"], Value::Null, "{target}");
            let items = items_in(&whole);
            let (mut paged, mut after) = (Vec::new(), None::<String>);
            loop {
                let query: Vec<(&str, &str)> =
                    [("limit", "1")].into_iter().chain(after.as_deref().map(|it| (from, it))).collect();
                let query = serde_urlencoded::to_string(query).expect("a query");
                let page = client.get(&format!("{target}?{query}")).json();
                paged.extend(items_in(&page));
                assert!(paged.len() <= items.len(), "{target}: more in pages than in all");
                after = page["next"].as_str().map(str::to_owned);
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(paged, items, "{target}");
            if items.len() > 1 {
                several.insert(target.clone());
            }
        }
    }
    for path in ["tenants", "blocks", "ptrs", "records", "zones", "tokens", "keys", "access", "notify", "log"]
    {
        assert!(several.contains(&format!("/v1/{path}")), "{path} has a page after the first: {several:?}");
    }
}

//! The API over HTTPS as its clients meet it: who gets in, what answers look like, what is bounded.

mod common;

use common::https::{self, Client, GENEROUS, fresh};
use common::{Server, eventually};
use std::io::{Read, Write};

/// Two tenants with a block each, one of them inside the other's.
fn fill(server: &Server) {
    for body in [
        r#"{"kind":"tenant-add","name":"acme"}"#,
        r#"{"kind":"tenant-add","name":"bob"}"#,
        r#"{"kind":"block-add","range":"192.0.2.0/24","tenant":"acme"}"#,
        r#"{"kind":"block-add","range":"192.0.2.64/26","tenant":"bob"}"#,
        r#"{"kind":"ptr-fill","range":"192.0.2.0/26","pattern":"h{n}.acme.example"}"#,
        r#"{"kind":"ptr-fill","range":"192.0.2.64/26","pattern":"h{n}.bob.example"}"#,
    ] {
        let answer = server.request("POST", "/v1/changes", body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

fn started() -> (Server, Client) {
    let server = https::start(GENEROUS);
    fill(&server);
    let token = https::token(&server, r#"{"name":"t","tenant":"acme","write":true}"#);
    let client = Client::new(https::at(&server), Some(&token));
    (server, client)
}

#[test]
fn a_change_is_made_logged_and_undone() {
    let (server, mut client) = started();
    let id = [("x-request-id", "abc-1"), ("ptrd-reason", "because")];
    let done = client.ask("PUT", "/v1/ptrs/192.0.2.1", &id, r#"{"names":["mail.acme.example"]}"#);
    assert_eq!((done.status, done.header("x-request-id")), (200, "abc-1"), "{}", done.text());
    let change = done.json()["change"].as_u64().expect("a change");
    let logged = client.get(&format!("/v1/log/{change}")).json();
    assert_eq!(logged["actor"], "token t of acme");
    assert_eq!(logged["reason"], "because");
    assert_eq!(logged["origin"], format!("https {} abc-1", client.from));
    assert_eq!(client.get("/v1/ptrs/192.0.2.1").json()["names"][0], "mail.acme.example.");
    let undone =
        client.ask("POST", "/v1/changes", &[], &format!(r#"{{"kind":"rollback","change":{change}}}"#));
    assert_eq!(undone.status, 200, "{}", undone.text());
    assert_eq!(client.get("/v1/ptrs/192.0.2.1").json()["names"][0], "h1.acme.example.");
    drop(server);
}

#[test]
fn versions_are_told_and_expected() {
    let (_server, mut client) = started();
    let version = client.get("/v1/ptrs/192.0.2.1").header("etag").to_owned();
    let set = |client: &mut Client, version: &str, name: &str| {
        let body = format!(r#"{{"names":["{name}"]}}"#);
        client.ask("PUT", "/v1/ptrs/192.0.2.1", &[("if-match", version)], &body)
    };
    assert_eq!(set(&mut client, &version, "a.acme.example").status, 200);
    let stale = set(&mut client, &version, "b.acme.example");
    assert_eq!((stale.status, stale.json()["code"].as_str()), (412, Some("stale")));
}

#[test]
fn problems_are_as_rfc_9457_has_them() {
    let (_server, mut client) = started();
    let absent = client.get("/v1/ptrs/192.0.2.77");
    assert_eq!(absent.status, 404);
    assert_eq!(absent.header("content-type"), "application/problem+json");
    let problem = absent.json();
    assert_eq!(problem["type"], "urn:ptrd:problem:not-found");
    assert_eq!(problem["title"], "Not Found");
    assert_eq!(problem["status"], 404);
    assert_eq!(problem["detail"], problem["message"]);
    assert_eq!(problem["code"], "not-found");
    assert!(problem["hint"].is_string());
    let id = absent.header("x-request-id");
    assert_eq!(problem["instance"], format!("urn:ptrd:request:{id}"));
    client.token = None;
    let stranger = client.get("/v1/ptrs");
    assert_eq!((stranger.status, stranger.header("www-authenticate")), (401, "Bearer realm=\"ptrd\""));
}

#[test]
fn answers_say_how_they_may_be_kept_and_from_whom_they_are() {
    let (_server, mut client) = started();
    let answer = client.ask("GET", "/v1/blocks", &[("origin", "https://evil.example")], "");
    for (name, value) in [
        ("strict-transport-security", "max-age=63072000"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("access-control-allow-origin", ""),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    let preflight = client.ask("OPTIONS", "/v1/blocks", &[("origin", "https://evil.example")], "");
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (405, ""));
    // A name of a request that is none is not repeated.
    let odd = client.ask("GET", "/v1/blocks", &[("x-request-id", "a b;c")], "");
    assert!(!odd.header("x-request-id").contains("a b"));
    assert!(!odd.header("x-request-id").is_empty());
}

#[test]
fn large_answers_are_compressed_for_those_who_take_it() {
    let (_server, mut client) = started();
    let plain = client.get("/v1/ptrs");
    assert_eq!(plain.header("content-encoding"), "");
    let packed = client.ask("GET", "/v1/ptrs", &[("accept-encoding", "gzip")], "");
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert_eq!(packed.body[..2], [0x1f, 0x8b]);
    assert!(packed.body.len() < plain.body.len() / 2, "{} of {}", packed.body.len(), plain.body.len());
    // What is written while it is sent, too.
    let zone = "/api/v1/servers/localhost/zones/2.0.192.in-addr.arpa.";
    let (plain, packed) = (client.get(zone), client.ask("GET", zone, &[("accept-encoding", "gzip")], ""));
    assert_eq!((packed.header("content-encoding"), &packed.body[..2]), ("gzip", &[0x1f, 0x8b][..]));
    assert!(packed.body.len() < plain.body.len() / 2, "{} of {}", packed.body.len(), plain.body.len());
    let small = client.ask("GET", "/v1/ptrs/192.0.2.1", &[("accept-encoding", "gzip")], "");
    assert_eq!(small.header("content-encoding"), "");
}

#[test]
fn a_token_that_is_revoked_is_of_no_use_at_once() {
    let (server, mut client) = started();
    let own = client.get("/v1/tokens/self").json();
    assert_eq!((own["name"].as_str(), own["tenant"].as_str()), (Some("t"), Some("acme")));
    let id = own["id"].as_str().expect("an identity").to_owned();
    let child = client.ask("POST", "/v1/tokens", &[], r#"{"name":"child"}"#).json();
    let child = child["token"]["token"].as_str().expect("a token").to_owned();
    let mut other = Client::new(https::at(&server), Some(&child));
    assert_eq!(other.get("/v1/ptrs/192.0.2.1").status, 200);
    assert!(server.request("DELETE", &format!("/v1/tokens/{id}"), "").starts_with("HTTP/1.1 200"));
    // On connections that are open, too.
    assert_eq!(client.get("/v1/ptrs/192.0.2.1").status, 401);
    assert_eq!(other.get("/v1/ptrs/192.0.2.1").status, 401);
}

#[test]
fn tries_in_vain_are_counted_by_address() {
    let (_server, mut client) = started();
    let good = client.token.clone();
    client.token = Some("ptrd_nothing".to_owned());
    let statuses: Vec<u16> = (0..12).map(|_| client.get("/v1/ptrs").status).collect();
    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10..], [429; 2]);
    let last = client.get("/v1/ptrs");
    assert!(last.header("retry-after").parse::<u64>().is_ok_and(|wait| wait > 0));
    client.token = good;
    assert_eq!(client.get("/v1/ptrs").status, 429, "not even with a good one");
    let mut elsewhere = Client::new(client.address(), client.token.as_deref());
    assert_eq!(elsewhere.get("/v1/ptrs").status, 200);
}

#[test]
fn requests_are_counted_by_token_and_by_address() {
    let server = https::start("requests-per-address = 1000\nrequests-per-token = 5\n");
    fill(&server);
    let token = |name: &str| https::token(&server, &format!(r#"{{"name":"{name}","tenant":"acme"}}"#));
    let (at, first, second) = (https::at(&server), token("a"), token("b"));
    let mut client = Client::new(at, Some(&first));
    let refused = (0..200).map(|_| client.get("/v1/tokens/self")).find(|answer| answer.status == 429);
    let refused = refused.expect("too many");
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|wait| wait > 0));
    assert_eq!(refused.json()["code"], "too-many");
    client.token = Some(second);
    assert_eq!(client.get("/v1/tokens/self").status, 200, "another token");
}

#[test]
fn bad_input_is_told_with_its_field() {
    let (_server, mut client) = started();
    let long = format!("{}.example", "a".repeat(60).repeat(5));
    let long = format!(r#"{{"names":["{}"]}}"#, [&long[..60]; 5].join("."));
    let bare =
        |rrset: &str| format!(r#"{{"kind":"rrsets-set","zone":"2.0.192.in-addr.arpa.","rrsets":[{rrset}]}}"#);
    let host_bits = r#"{"range":"192.0.2.1/26","pattern":"h{n}.example"}"#;
    for (method, target, body, status, part) in [
        ("PUT", "/v1/ptrs/192.0.2.1", "{", 400, "the body"),
        ("PUT", "/v1/ptrs/192.0.2.1", "", 400, "the body"),
        ("PUT", "/v1/ptrs/192.0.2.1", r#"{"names":"x"}"#, 400, "names"),
        ("PUT", "/v1/ptrs/192.0.2.1", r#"{"names":["a.example"],"ttl":"x"}"#, 400, "ttl"),
        ("PUT", "/v1/ptrs/192.0.2.1", r#"{"names":["a.example"],"ttl":-1}"#, 400, "ttl"),
        ("PUT", "/v1/ptrs/192.0.2.1", r#"{"names":["a.example"],"colour":"red"}"#, 400, "colour"),
        ("PUT", "/v1/ptrs/192.0.2.1", r#"{"ttl":60}"#, 400, "names"),
        ("PUT", "/v1/ptrs/192.0.2.1", r#"{"names":[5]}"#, 400, "names"),
        ("PUT", "/v1/ptrs/192.0.2.1", &long, 422, "names"),
        ("PUT", "/v1/ptrs/192.0.2.1", r#"{"names":["two words"]}"#, 422, "names"),
        ("PUT", "/v1/ptrs/mail", r#"{"names":["a.example"]}"#, 400, "address"),
        ("PUT", "/v1/ptrs/192.0.2.1%2F32", r#"{"names":["a.example"]}"#, 400, "address"),
        ("POST", "/v1/ptrs/fill", host_bits, 422, "192.0.2.0/26"),
        ("GET", "/v1/ptrs?limit=x", "", 400, "limit"),
        ("GET", "/v1/ptrs?limit=0", "", 400, "limit"),
        ("GET", "/v1/ptrs?colour=red", "", 400, "colour"),
        ("GET", "/v1/ptrs?after=mail", "", 400, "mail"),
        ("GET", "/v1/blocks/192.0.2.1%2F24", "", 422, "192.0.2.0/24"),
        ("GET", "/v1/log/first", "", 400, "number"),
        ("GET", "/v1/tokens/nobody", "", 400, "id"),
        ("POST", "/v1/changes", r#"{"kind":"nonsense"}"#, 400, "nonsense"),
        (
            "POST",
            "/v1/changes",
            r#"{"kind":"ptr-set","address":"192.0.2.1","names":["a.example"],"ttl":"x"}"#,
            400,
            "ttl",
        ),
        ("POST", "/v1/changes", r#"{"kind":"ptr-set","address":1,"names":["a.example"]}"#, 400, "address"),
        ("POST", "/v1/changes", r#"{"kind":"ptr-set","address":"192.0.2.1"}"#, 400, "names"),
        (
            "POST",
            "/v1/changes",
            r#"{"kind":"rollback","change":18446744073709551615}"#,
            404,
            "18446744073709551615",
        ),
        ("GET", "/v1/log/18446744073709551615", "", 404, "18446744073709551615"),
        // Fields without their names are no object.
        (
            "POST",
            "/v1/changes",
            &bare("[\"1.2.0.192.in-addr.arpa.\",\"PTR\",60,[\"a.example.\"]]"),
            400,
            "a list",
        ),
        ("POST", "/v1/tokens", r#"{"name":"A b"}"#, 422, "name"),
        ("PATCH", "/v1/ptrs/192.0.2.1", "{}", 405, "PATCH"),
        ("GET", "/v2/ptrs", "", 404, "/v2/ptrs"),
    ] {
        let answer = client.ask(method, target, &[], body);
        assert_eq!(answer.status, status, "{method} {target} {body}: {}", answer.text());
        let problem = answer.json();
        let said = format!("{} {}", problem["field"], problem["detail"]);
        assert!(said.contains(part), "{method} {target} {body}: {said}");
    }
    let huge = format!(r#"{{"names":["{}"]}}"#, "a".repeat(2 << 20));
    assert_eq!(client.ask("PUT", "/v1/ptrs/192.0.2.1", &[], &huge).status, 413);
}

#[test]
fn what_is_about_this_machine_alone_is_not_asked_from_elsewhere() {
    let (server, _) = started();
    let token = https::token(&server, r#"{"name":"root","operator":true,"write":true}"#);
    let mut client = Client::new(https::at(&server), Some(&token));
    assert_eq!(client.get("/v1/status").status, 200);
    server.request("POST", "/v1/keys", r#"{"name":"k.example"}"#);
    for (method, target) in [
        ("GET", "/metrics"),
        ("POST", "/v1/reload"),
        ("GET", "/v1/backup"),
        ("GET", "/v1/standby"),
        ("POST", "/v1/standby/promote"),
        ("POST", "/v1/standby/hello"),
        ("GET", "/v1/standby/changes?name=x&epoch=1&after=0&wait=0"),
        ("GET", "/v1/keys/k.example"),
    ] {
        let answer = client.ask(method, target, &[], "");
        assert!(matches!(answer.status, 404 | 405), "{method} {target}: {}", answer.status);
    }
    assert_eq!(client.ask("DELETE", "/v1/keys/k.example", &[], "").status, 200);
}

#[test]
fn the_document_is_for_everybody() {
    let (_server, mut client) = started();
    client.token = None;
    let answer = client.get("/v1/openapi.json");
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.json()["openapi"], "3.1.0");
    assert!(answer.json()["paths"]["/v1/ptrs/{address}"]["put"].is_object());
}

#[test]
fn a_new_certificate_is_shown_to_those_who_come_after_it() {
    let (server, mut client) = started();
    assert_eq!(client.get("/v1/blocks").status, 200);
    let new = https::pair(server.folder.path());
    eventually("the new certificate", || {
        let mut stream = client.connect().expect("connected");
        // The handshake is done with the first octets.
        let _ = stream.get_mut().write_all(b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n");
        let _ = stream.read(&mut [0; 1]);
        let shown = stream.get_ref().conn.peer_certificates().and_then(<[_]>::first).map(|it| it.to_vec());
        shown.as_ref() == Some(&new)
    });
    assert_eq!(client.get("/v1/blocks").status, 200, "the old connection goes on");
}

#[test]
fn one_address_has_so_many_connections_and_no_more() {
    let server = https::start(&format!("{GENEROUS}connections-per-address = 3\nidle-timeout = '2s'\n"));
    fill(&server);
    let token = https::token(&server, r#"{"name":"t","tenant":"acme"}"#);
    let at = https::at(&server);
    let from = fresh();
    let client = || Client::new(at, Some(&token)).coming_from(from);
    let mut seated: Vec<Client> = (0..3).map(|_| client()).collect();
    for client in &mut seated {
        assert_eq!(client.get("/v1/blocks").status, 200);
    }
    assert!(client().try_ask("GET", "/v1/blocks", &[], b"").is_err(), "no seat");
    assert_eq!(Client::new(at, Some(&token)).get("/v1/blocks").status, 200, "another address");
    // Those who do nothing make room.
    eventually("a seat", || client().try_ask("GET", "/v1/blocks", &[], b"").is_ok());
}

//! Who may what at the API: every route with every kind of wrong token, and every way to write an address that is none of
//! one's own. A route that is not in the table fails the test.

#[path = "../common/mod.rs"]
mod common;
mod methods;
mod rows;

use common::Server;
use common::https::{self, Client, GENEROUS};
use methods::documented;
use rows::May::{Absent, Ask, Do, Never, Not, See};
use rows::rows;
use std::collections::BTreeSet;

/// acme has a /24 in which it may make blocks, and a zone; bob a block inside, one elsewhere, and a zone.
fn start() -> Server {
    // Nobody answers there: what is watched is unknown.
    let watch = "[watch]\nidentity = true\ndelegation = true\nresolvers = ['127.0.0.1:9']\nroots = \
                 ['127.0.0.9']\ntimeout = '100ms'\n";
    let server = https::start(&format!("{GENEROUS}{watch}"));
    for body in [
        r#"{"kind":"tenant-add","name":"acme"}"#,
        r#"{"kind":"tenant-add","name":"bob"}"#,
        r#"{"kind":"block-add","range":"192.0.2.0/24","tenant":"acme","may_sub_block":true}"#,
        r#"{"kind":"block-add","range":"198.51.100.0/24","tenant":"bob"}"#,
        r#"{"kind":"block-add","range":"192.0.2.16/28","tenant":"acme"}"#,
        r#"{"kind":"block-add","range":"192.0.2.64/26","tenant":"bob","classless":"slash"}"#,
        r#"{"kind":"block-add","range":"2001:db8:a::/48","tenant":"acme"}"#,
        r#"{"kind":"block-add","range":"2001:db8:b::/48","tenant":"bob"}"#,
        r#"{"kind":"ptr-fill","range":"192.0.2.0/26","pattern":"h{n}.acme.example"}"#,
        r#"{"kind":"ptr-fill","range":"192.0.2.64/26","pattern":"h{n}.bob.example"}"#,
        r#"{"kind":"ptr-fill","range":"198.51.100.0/28","pattern":"h{n}.bob.example"}"#,
        r#"{"kind":"ptr-set","address":"2001:db8:b::1","names":["six.bob.example"]}"#,
        r#"{"kind":"sending-set","address":"192.0.2.1","helo":"h1.acme.example"}"#,
        r#"{"kind":"sending-set","address":"192.0.2.2","helo":"h2.acme.example"}"#,
        r#"{"kind":"sending-set","address":"192.0.2.65","helo":"h1.bob.example"}"#,
        r#"{"kind":"zone-add","apex":"acme.example","tenant":"acme"}"#,
        r#"{"kind":"zone-add","apex":"bob.example","tenant":"bob"}"#,
        r#"{"kind":"record-set","owner":"www.bob.example","type":"A","data":["198.51.100.1"]}"#,
        r#"{"kind":"key-add","name":"k.example"}"#,
    ] {
        let answer = server.request("POST", "/v1/changes", body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{body}: {answer}");
    }
    server
}

fn id(token: &str) -> &str {
    &token[5..17]
}

/// All that is there, but for the log's newest lines and the use of tokens.
fn everything(server: &Server) -> String {
    let ask = |target: &str| {
        let answer = server.request("GET", target, "");
        answer.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned())
    };
    let lists = [
        "tenants",
        "blocks",
        "sending",
        "ptrs?limit=10000",
        "records?limit=10000",
        "zones",
        "keys",
        "access",
        "notify",
    ];
    let mut all: Vec<String> = lists.iter().map(|list| ask(&format!("/v1/{list}"))).collect();
    all.push(ask("/v1/defaults") + &ask("/v1/log?limit=1"));
    all.join("\n")
}

#[test]
fn every_route_has_its_row() {
    let server = start();
    let rows: BTreeSet<(String, String)> = rows().into_iter().map(|row| (row.0.to_owned(), row.1)).collect();
    let token = https::token(&server, r#"{"name":"t","operator":true}"#);
    assert_eq!(rows, documented(&mut Client::new(https::at(&server), Some(&token))));
}

#[test]
fn every_route_refuses_every_wrong_token() {
    let server = start();
    let at = https::at(&server);
    let made = |fields: &str| https::token(&server, fields);
    let revoked = made(r#"{"name":"gone","operator":true,"write":true}"#);
    server.request("DELETE", &format!("/v1/tokens/{}", id(&revoked)), "");
    let elsewhere = made(r#"{"name":"elsewhere","operator":true,"write":true,"from":["203.0.113.0/24"]}"#);
    let good = made(r#"{"name":"good","operator":true,"write":true}"#);
    let soon = seconds_ahead(1);
    let expired = made(&format!(r#"{{"name":"late","operator":true,"write":true,"expires":"{soon}"}}"#));
    let mut unknown = good.clone();
    unknown.replace_range(5..17, "000000000000");
    std::thread::sleep(std::time::Duration::from_millis(1_200));
    let wrong: [(&str, Option<String>); 8] = [
        ("none", None),
        ("empty", Some(String::new())),
        ("malformed", Some("ptrd_x".to_owned())),
        ("another case", Some(good.to_uppercase())),
        ("cut short", Some(good[..good.len() - 1].to_owned())),
        ("unknown", Some(unknown)),
        ("revoked", Some(revoked)),
        ("from elsewhere", Some(elsewhere)),
    ];
    let before = everything(&server);
    for (kind, token) in wrong.iter().chain([&("expired", Some(expired))]) {
        let mut client = Client::new(at, token.as_deref());
        for (n, (method, _, target, _, body, _)) in rows().iter().enumerate() {
            if n % 9 == 0 {
                // Another network, before this one has used up its tries.
                client = Client::new(at, token.as_deref());
            }
            let answer = client.ask(method, target, &[], body);
            assert_eq!(answer.status, 401, "{kind} {method} {target}: {}", answer.text());
            let said = answer.text();
            assert!(!said.contains("acme") && !said.contains("bob"), "{kind}: {said}");
        }
    }
    assert_eq!(before, everything(&server));
}

#[test]
fn a_delegation_is_shown_to_who_has_the_zone_or_is_shown_in_it_and_to_nobody_else() {
    let server = start();
    let at = https::at(&server);
    let inside = r#"{"kind":"block-add","range":"192.0.2.160/28","tenant":"bob"}"#;
    assert!(server.request("POST", "/v1/changes", inside).starts_with("HTTP/1.1 200"));
    let made = |tenant: &str| {
        https::token(&server, &format!(r#"{{"name":"{tenant}s","tenant":"{tenant}","write":true}}"#))
    };
    let (acme, bob) = (made("acme"), made("bob"));
    let ask = |tenant: &str, method: &str, zone: &str| {
        let mut client = Client::new(at, Some(if tenant == "acme" { &acme } else { &bob }));
        let answer = match method {
            "GET" => client.ask("GET", &format!("/v1/posture?zone={zone}"), &[], ""),
            _ => client.ask("POST", "/v1/posture", &[], &format!(r#"{{"zone":"{zone}"}}"#)),
        };
        (answer.status, answer.text())
    };
    for method in ["GET", "POST"] {
        let (status, own) = ask("acme", method, "2.0.192.in-addr.arpa");
        assert!(status == 200 && own.contains(r#""tenant":"acme""#), "{method}: {status} {own}");
        let (status, shown) = ask("bob", method, "2.0.192.in-addr.arpa");
        assert!(status == 200 && shown.contains("2.0.192.in-addr.arpa"), "{method}: {status} {shown}");
        assert!(!shown.contains("acme"), "{method}: {shown}");
        let (status, strange) = ask("acme", method, "100.51.198.in-addr.arpa");
        assert!(status == 404 && !strange.contains("bob"), "{method}: {status} {strange}");
    }
}

/// So many seconds from now, as RFC 3339 has it.
fn seconds_ahead(ahead: u64) -> String {
    let output = std::process::Command::new("date")
        .args(["-u", "-d", &format!("+{ahead} seconds"), "+%Y-%m-%dT%H:%M:%SZ"])
        .output()
        .expect("date runs");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

/// The oldest change that added a block of a tenant.
fn first_block(server: &Server, tenant: &str) -> String {
    let answer = server.request("GET", &format!("/v1/log?tenant={tenant}&kind=block-add"), "");
    let last = answer.rsplit("\"change\":").next().expect("a change");
    last.chars().take_while(char::is_ascii_digit).collect()
}

#[test]
fn every_route_gives_a_tenant_what_is_its_own_and_no_more() {
    let server = start();
    let at = https::at(&server);
    let made = |fields: &str| https::token(&server, fields);
    let writes = made(r#"{"name":"writes","tenant":"acme","write":true}"#);
    let reads = made(r#"{"name":"reads","tenant":"acme"}"#);
    let narrow = made(r#"{"name":"narrow","tenant":"acme","write":true,"prefixes":["192.0.2.240/28"]}"#);
    let spare = made(r#"{"name":"spare","tenant":"acme"}"#);
    let other = made(r#"{"name":"bobs","tenant":"bob","write":true}"#);
    let root = made(r#"{"name":"looks","operator":true}"#);
    let (own_change, others_change) = (first_block(&server, "acme"), first_block(&server, "bob"));
    let filled = |target: &str| {
        let target = target.replace("SPARE", id(&spare)).replace("OTHERS", &others_change);
        target.replace("OTHER", id(&other)).replace("OWN", &own_change)
    };
    for (method, path, own, others, body, may) in &rows() {
        let ask = |token: &str, target: &str| {
            let mut client = Client::new(at, Some(token));
            client.ask(method, &filled(target), &[], &body.replace("TOKEN", id(token)))
        };
        let name = format!("{method} {path}");
        // For reading only: nothing changes, whoever it is of.
        if *method != "GET" && *may != Ask {
            for token in [&reads, &root] {
                let before = everything(&server);
                let answer = ask(token, own);
                assert!((400..500).contains(&answer.status), "{name}: {} {}", answer.status, answer.text());
                assert_eq!(before, everything(&server), "{name}");
            }
        }
        // What others have is not there, be it read or written.
        if !others.is_empty() {
            let before = everything(&server);
            let answer = ask(&writes, others);
            let is_judged_later = *may == Not || path.starts_with("/api") && *method != "GET";
            let expected: &[u16] = if is_judged_later { &[403, 404] } else { &[404] };
            assert!(expected.contains(&answer.status), "{name}: {} {}", answer.status, answer.text());
            // It may say what it was asked for itself.
            let told = answer.text().contains("bob") && !others.contains("bob");
            assert!(!told, "{name}: {}", answer.text());
            assert_eq!(before, everything(&server), "{name}");
        }
        let before = everything(&server);
        let answer = ask(&narrow, own);
        let said = answer.text();
        match (may, *method) {
            // Of a list it sees its part, which is empty or some of its own.
            (See | Ask, _) => assert!(!said.contains("bob") && !said.contains("h1.acme"), "{name}: {said}"),
            (Do, _) if *path == "/v1/tokens" => assert_eq!(answer.status, 200, "{name}: {said}"),
            (Do | Not | Absent | Never, _) => {
                assert!((400..500).contains(&answer.status), "{name}: {} {said}", answer.status);
                assert_eq!(before, everything(&server), "{name}");
            }
        }
        let before = everything(&server);
        let answer = ask(&writes, own);
        let said = answer.text();
        match may {
            See => {
                assert_eq!(answer.status, 200, "{name}: {said}");
                assert!(!said.contains("bob"), "{name}: {said}");
            }
            Ask => {
                assert_eq!(answer.status, 200, "{name}: {said}");
                assert_eq!(before, everything(&server), "{name}");
            }
            Never => {
                assert!((400..500).contains(&answer.status), "{name}: {} {said}", answer.status);
                assert_eq!(before, everything(&server), "{name}");
            }
            Do => assert!((200..300).contains(&answer.status), "{name}: {} {said}", answer.status),
            Absent => assert_eq!(answer.status, 404, "{name}: {said}"),
            Not => {
                // A body of files is looked at before anything else.
                let statuses: &[u16] = if path.contains("import") { &[400, 403] } else { &[403, 404] };
                assert!(statuses.contains(&answer.status), "{name}: {} {said}", answer.status);
                assert_eq!(before, everything(&server), "{name}");
            }
        }
    }
}

#[test]
fn no_spelling_of_an_address_leads_out_of_a_block() {
    let server = start();
    let token = https::token(&server, r#"{"name":"t","tenant":"acme","write":true}"#);
    let mut client = Client::new(https::at(&server), Some(&token));
    let before = everything(&server);
    let body = r#"{"names":["evil.example"]}"#;
    for address in [
        "192.0.2.64",
        "192.0.2.127",
        "198.51.100.1",
        "203.0.113.1",
        "0.0.0.0",
        "255.255.255.255",
        "::ffff:192.0.2.64",
        "::ffff:c000:240",
        "::ffff:198.51.100.1",
        "::192.0.2.1",
        "64:ff9b::192.0.2.1",
        "2001:db8:b::1",
        "2001:DB8:B::1",
        "2001:0db8:000b:0000:0000:0000:0000:0001",
        "2001:db8:b:0:0:0:0:1",
        "2001:db8:b::0.0.0.1",
        "2001:db8:c::1",
        "2001:db8::1",
        "::",
        "192.0.2.064",
        "192.0.2.0x40",
        "192.0.576",
        "3221226048",
        "192.0.2.1/24",
        "192.0.2.0/24",
        "192.0.2.0-192.0.2.255",
        "192.0.2.1%25eth0",
        "2001:db8:b::1%25eth0",
        " 192.0.2.64",
        "64.64%2F26.2.0.192.in-addr.arpa",
        "1.2.0.192.in-addr.arpa",
        "2.0.192.in-addr.arpa",
        "bob.example",
        "",
    ] {
        let target = format!("/v1/ptrs/{}", address.replace('/', "%2F").replace(' ', "%20"));
        for (method, body) in [("PUT", body), ("POST", body), ("DELETE", "")] {
            let answer = client.ask(method, &target, &[], body);
            assert!(
                (400..500).contains(&answer.status),
                "{method} {address}: {} {}",
                answer.status,
                answer.text()
            );
            assert!(!answer.text().contains("bob.example."), "{address}: {}", answer.text());
        }
        assert_ne!(client.get(&target).status, 200, "{address}");
    }
    for range in [
        "192.0.2.64/26",
        "192.0.2.60-192.0.2.64",
        "192.0.2.127-192.0.2.128",
        "192.0.2.0/24",
        "192.0.1.255-192.0.2.0",
        "192.0.2.255-192.0.3.0",
        "192.0.0.0/20",
        "192.0.2.1/26",
        "198.51.100.0/24",
        "::ffff:192.0.2.0/124",
        "2001:db8:a:ffff:ffff:ffff:ffff:fff0-2001:db8:b::1",
        "2001:db8:b::/124",
        "192.0.2.10-192.0.2.1",
    ] {
        let fill = format!(r#"{{"range":"{range}","pattern":"evil{{n}}.example"}}"#);
        let answer = client.ask("POST", "/v1/ptrs/fill", &[], &fill);
        assert!((400..500).contains(&answer.status), "{range}: {} {}", answer.status, answer.text());
        let new = format!(r#"{{"range":"{range}","tenant":"acme"}}"#);
        let answer = client.ask("POST", "/v1/blocks", &[], &new);
        assert!((400..500).contains(&answer.status), "block {range}: {} {}", answer.status, answer.text());
        let made = format!(r#"{{"name":"wide","prefixes":["{range}"]}}"#);
        // A range of acme's /24 may be named, be there others inside or not: it gives no right to those.
        if !["192.0.2.0/24", "192.0.2.60-192.0.2.64", "192.0.2.127-192.0.2.128"].contains(&range) {
            let answer = client.ask("POST", "/v1/tokens", &[], &made);
            assert!(
                (400..500).contains(&answer.status),
                "token {range}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
    let csv = "192.0.2.1,fine.acme.example\n192.0.2.64,evil.example\n";
    let answer = client.ask("POST", "/v1/ptrs/import", &[], csv);
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert_eq!(before, everything(&server));
    // Its own, however they are written, are its own.
    for address in ["192.0.2.1", "2001:db8:a::1", "2001:DB8:A::1", "2001:db8:a:0:0:0:0:1"] {
        let answer =
            client.ask("PUT", &format!("/v1/ptrs/{address}"), &[], r#"{"names":["m.acme.example"]}"#);
        assert_eq!(answer.status, 200, "{address}: {}", answer.text());
    }
    assert_eq!(
        client.get("/v1/ptrs?within=2001:db8:a::%2F48").json()["items"].as_array().map(Vec::len),
        Some(1)
    );
}

#[test]
fn a_right_to_an_address_gives_no_right_to_a_name() {
    let server = start();
    let token = https::token(&server, r#"{"name":"t","tenant":"acme","write":true}"#);
    let mut client = Client::new(https::at(&server), Some(&token));
    let zone = || {
        let answer = server.request("GET", "/v1/zones/bob.example/export", "");
        answer.split_once("\r\n\r\n").expect("a body").1.to_owned()
    };
    let before = zone();
    for name in ["www.bob.example", "bob.example", "new.bob.example", "ns1.bob.example"] {
        let body = format!(r#"{{"names":["{name}"]}}"#);
        assert_eq!(client.ask("PUT", "/v1/ptrs/192.0.2.1", &[], &body).status, 200, "{name}");
        assert_eq!(zone(), before, "{name}");
    }
    for (owner, rtype, data) in
        [("www.bob.example", "A", "192.0.2.1"), ("1.2.0.192.in-addr.arpa", "CNAME", "www.bob.example")]
    {
        let body = format!(r#"{{"owner":"{owner}","type":"{rtype}","data":["{data}"]}}"#);
        assert_eq!(client.ask("PUT", "/v1/records", &[], &body).status, 403, "{owner}");
        assert_eq!(zone(), before, "{owner}");
    }
}

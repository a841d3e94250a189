//! The PowerDNS API: which requests calls become, in front of a stub. What they come to is compared with PowerDNS itself
//! elsewhere.
#![allow(missing_docs)]

mod http;
mod stub;

use http::ask;
use ptrd_api::{FollowView, PrimarySpec, RecordView};
use serde_json::{Value, json};
use stub::{Seen, Server, views};

const ZONES: &str = "/api/v1/servers/localhost/zones";

/// The change that a call becomes; nothing where it becomes none.
fn change(server: &Server, method: &str, path: &str, body: &str) -> Value {
    server.stub.state().seen.clear();
    let answer = ask(server.path(), method, &format!("{ZONES}{path}"), "ptrd-reason: because\r\n", body);
    let text = String::from_utf8_lossy(&answer.body);
    assert!(answer.status < 300, "{method} {path} {body}: {text}");
    match server.stub.state().seen.as_slice() {
        [Seen::Change(by, request, false)] => {
            assert_eq!(by.reason.as_deref(), Some("because"));
            serde_json::to_value(request).expect("JSON")
        }
        [] => Value::Null,
        other => panic!("{method} {path}: {other:?}"),
    }
}

#[test]
fn patches_become_rrsets() {
    let server = Server::start();
    let apex = "0/26.2.0.192.in-addr.arpa.";
    server.stub.state().zones.insert(apex.into(), views::zone(apex, "acme"));
    let patch = |body: &str| change(&server, "PATCH", "/0=2F26.2.0.192.in-addr.arpa", body);
    let written = patch(
        r#"{"rrsets":[{"name":"5.x.","type":"PTR","ttl":60,"changetype":"REPLACE","records":[{"content":"a."}]},
            {"name":"6.x.","type":"PTR","ttl":60,"changetype":"replace","records":[]},
            {"name":"7.x.","type":"PTR","ttl":60,"changetype":"DELETE","records":[{"content":"a."}]},
            {"name":"8.x.","type":"PTR","ttl":60,"changetype":"REPLACE","comments":[]},
            {"name":"9.x.","type":"PTR","ttl":"61","changetype":"REPLACE","comments":[{"content":""}],
             "records":[{"content":"a.","disabled":false,"other":1}]}]}"#,
    );
    let expected = json!({"kind": "rrsets-set", "zone": apex, "rrsets": [
        {"owner": "5.x.", "type": "PTR", "ttl": 60, "data": ["a."]},
        {"owner": "6.x.", "type": "PTR", "ttl": 60},
        {"owner": "7.x.", "type": "PTR"},
        {"owner": "9.x.", "type": "PTR", "ttl": 61, "data": ["a."]},
    ]});
    assert_eq!(written, expected);
}

#[test]
fn zones_are_made_set_and_dropped() {
    let server = Server::start();
    let call = |method: &str, path: &str, body: &str| change(&server, method, path, body);
    let made = call(
        "POST",
        "",
        r#"{"name":"a.example.","kind":"PRIMARY","account":"bob","soa_edit_api":"epoch","nameservers":["ns.x."],
            "masters":[],"rrsets":[{"name":"b.a.example.","type":"A","ttl":1,"records":[{"content":"192.0.2.1"}]}]}"#,
    );
    let rrset = json!({"owner": "b.a.example.", "type": "A", "ttl": 1, "data": ["192.0.2.1"]});
    let expected = json!({"kind": "zone-make", "apex": "a.example.", "tenant": "bob", "nameservers": ["ns.x."],
        "serial_policy": "unixtime", "powerdns_kind": "master", "rrsets": [rrset]});
    assert_eq!(made, expected);
    // Nothing is set that is so.
    assert_eq!(
        call("PUT", "/a.example.", r#"{"kind":"Master","soa_edit_api":"INCREASE","account":"acme"}"#),
        Value::Null
    );
    let expected = json!({"kind": "zone-set", "apexes": ["a.example."], "powerdns_kind": "native", "serial_policy": "date"});
    assert_eq!(call("PUT", "/a.example.", r#"{"kind":"native","soa_edit_api":"default"}"#), expected);
    // A zone with masters is one that is followed.
    let expected = json!({"kind": "zone-follow", "apex": "a.example.", "primaries": [{"address": "192.0.2.53"}],
        "take_over": true});
    assert_eq!(call("PUT", "/a.example.", r#"{"kind":"Slave","masters":["192.0.2.53"]}"#), expected);
    let expected = json!({"kind": "zone-follow", "apex": "s.example.", "tenant": "acme",
        "primaries": [{"address": "192.0.2.53:5353"}]});
    let body = r#"{"name":"s.example.","kind":"secondary","masters":["192.0.2.53:5353"],"account":"acme"}"#;
    let apex = "s.example.";
    server.stub.state().seen.clear();
    let answer = ask(server.path(), "POST", ZONES, "", body);
    assert_eq!(answer.status, 201);
    match server.stub.state().seen.as_slice() {
        [Seen::Change(_, request, false)] => {
            assert_eq!(serde_json::to_value(request).expect("JSON"), expected)
        }
        other => panic!("{other:?}"),
    }
    let mut followed = views::zone(apex, "acme");
    let primaries = vec![PrimarySpec { address: "192.0.2.53:53".into(), ..PrimarySpec::default() }];
    followed.follow =
        Some(FollowView { primaries, checked: Some(1_700_000_000_123), ..FollowView::default() });
    server.stub.state().zones.insert(apex.into(), followed);
    let shown = ask(server.path(), "GET", &format!("{ZONES}/s.example.?rrsets=false"), "", "").json();
    assert_eq!(
        (&shown["kind"], &shown["masters"], &shown["last_check"]),
        (&json!("Slave"), &json!(["192.0.2.53"]), &json!(1_700_000_000))
    );
    assert_eq!(call("PUT", "/s.example.", r#"{"kind":"Slave","masters":["192.0.2.53"]}"#), Value::Null);
    assert_eq!(
        call("PUT", "/s.example.", r#"{"kind":"Native"}"#),
        json!({"kind": "zone-unfollow", "apex": apex})
    );
    assert_eq!(call("DELETE", "/a.example.", ""), json!({"kind": "zone-drop", "apex": "a.example."}));
}

#[test]
fn a_zone_is_exported_as_text_or_within_json() {
    let server = Server::start();
    server.stub.state().zones.insert("a.example.".into(), views::zone("a.example.", "acme"));
    let record = RecordView {
        zone: "a.example.".into(),
        owner: "b.a.example.".into(),
        rtype: "TXT".into(),
        ttl: 60,
        data: vec!["\"x\"".into(), "\"y\"".into()],
        derived: false,
        overrides: None,
        version: String::new(),
    };
    server.stub.state().records.insert(("b.a.example.".into(), "TXT".into()), record);
    let export = |accept: &str| ask(server.path(), "GET", &format!("{ZONES}/a.example./export"), accept, "");
    let text = "b.a.example.\t60\tIN\tTXT\t\"x\"\nb.a.example.\t60\tIN\tTXT\t\"y\"\n";
    for accept in ["", "accept: */*\r\n", "accept: text/plain\r\n"] {
        let answer = export(accept);
        assert_eq!(String::from_utf8_lossy(&answer.body), text, "{accept}");
    }
    let answer = export("accept: application/json\r\n");
    assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
    assert_eq!(answer.json(), json!({"zone": text}));
}

#[test]
fn what_would_be_lost_is_refused() {
    let server = Server::start();
    server.stub.state().zones.insert("a.example.".into(), views::zone("a.example.", "acme"));
    let rrset = |rest: &str| {
        format!(
            r#"{{"rrsets":[{{"name":"b.a.example.","type":"A","ttl":1,"changetype":"REPLACE",{rest}}}]}}"#
        )
    };
    let cases = [
        (
            "PATCH",
            "/a.example.",
            rrset(r#""records":[{"content":"192.0.2.1","disabled":true}]"#),
            "is disabled",
        ),
        (
            "PATCH",
            "/a.example.",
            rrset(r#""records":[],"comments":[{"content":"x"}]"#),
            "comments are not kept",
        ),
        ("PATCH", "/a.example.", rrset(r#""comments":[{"content":"x","account":""}]"#), "ptrd-reason"),
        ("PATCH", "/a.example.", "[]".into(), "an object with `rrsets`"),
        ("PATCH", "/a.example.", r#"[[["b.a.example.","A",1,"DELETE",null,null]]]"#.into(), "no JSON object"),
        (
            "PATCH",
            "/a.example.",
            r#"{"rrsets":[["b.a.example.","A",1,"DELETE",null,null]]}"#.into(),
            "a list",
        ),
        ("PATCH", "/a.example.", rrset(r#""records":[{"content":5}]"#), "rrsets[0].records[0].content: "),
        ("PATCH", "/a.example.", rrset(r#""records":["192.0.2.1"]"#), "a record, as an object"),
        ("POST", "", r#"{"name":"c.example.","account":5}"#.into(), "account: "),
        ("PUT", "/a.example.", r#"{"dnssec":true}"#.into(), "dnssec"),
        ("PUT", "/a.example.", r#"{"nsec3param":"1 0 0 -"}"#.into(), "dnssec"),
        ("PUT", "/a.example.", r#"{"catalog":"c."}"#.into(), "ptrctl catalog"),
        ("PUT", "/a.example.", r#"{"soa_edit":"INCEPTION-INCREMENT"}"#.into(), "soa_edit"),
        ("PUT", "/a.example.", r#"{"soa_edit_api":"other"}"#.into(), "DEFAULT, INCREASE or EPOCH"),
        ("PUT", "/a.example.", r#"{"slave_tsig_key_ids":["k."]}"#.into(), "ptrctl access"),
        ("PUT", "/a.example.", r#"{"account":"bob"}"#.into(), "ptrctl block transfer"),
        ("PUT", "/a.example.", r#"{"kind":"Native","masters":["192.0.2.1"]}"#.into(), "kind Slave"),
        ("PUT", "/a.example.", r#"{"rrsets":[{}]}"#.into(), "PATCH"),
        (
            "POST",
            "",
            r#"{"name":"c.example.","zone":"c.example. 60 IN A 192.0.2.1"}"#.into(),
            "ptrctl zone import",
        ),
        (
            "POST",
            "",
            r#"{"name":"c.example.","kind":"Slave","masters":["192.0.2.1"],"nameservers":["a."]}"#.into(),
            "masters",
        ),
        (
            "POST",
            "/a.example./metadata",
            r#"{"kind":"ALSO-NOTIFY","metadata":["192.0.2.1"]}"#.into(),
            "ptrctl notify",
        ),
        ("POST", "/a.example./cryptokeys", r#"{"keytype":"ksk","active":true}"#.into(), "not signed here"),
    ];
    for (method, path, body, part) in cases {
        let answer = ask(server.path(), method, &format!("{ZONES}{path}"), "", &body);
        let error = answer.json()["error"].as_str().unwrap_or_default().to_owned();
        assert_eq!(answer.status, 422, "{method} {path} {body}: {error}");
        assert!(error.contains(part), "{method} {path} {body}: {error}");
    }
    assert_eq!(server.stub.state().seen, []);
}

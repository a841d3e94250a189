//! Every route over a real socket, with good requests and bad ones.
#![allow(missing_docs)]

mod http;
mod stub;

use http::{ask, get};
use ptrd_api::{
    BlockAdd, BlockSetBody, Bundle, CatalogAdd, CatalogFollowWrite, CatalogGroupWrite, CatalogRule,
    CatalogSet, CatalogZones, ChangeRequest, DefaultsSet, MembersFate, MergeBody, NsSetWrite, PrimarySpec,
    PtrFate, PtrFill, PtrImportOptions, PtrWrite, RecordWrite, RelabelBody, SoaTemplateWrite, SplitBody,
    TransferBody, ZoneSet, ZoneStart,
};
use stub::{Seen, Server};

/// The last change that reached the daemon, and whether as a dry run.
fn last(server: &Server) -> (ChangeRequest, bool) {
    match server.stub.state().seen.last() {
        Some(Seen::Change(_, request, dry_run)) => (request.clone(), *dry_run),
        other => panic!("no change but {other:?}"),
    }
}

#[test]
fn every_change_has_its_route() {
    let server = Server::start();
    server.stub.state().tenants.insert("acme".into(), ());
    let path = server.path();
    let text = |s: &str| s.to_owned();
    let range = || text("192.0.2.0/24");
    let write =
        PtrWrite { address: text("192.0.2.1"), names: vec![text("a.example")], ..PtrWrite::default() };
    let record = RecordWrite {
        owner: text("2.0.192.in-addr.arpa."),
        rtype: text("TXT"),
        data: vec![text("\"x\"")],
        ..RecordWrite::default()
    };
    let delete = |address: &str, names: Vec<String>| ChangeRequest::PtrDelete {
        address: address.into(),
        names,
        expect: None,
    };
    let ns_set = |nameserver: Option<&str>, inherit_ttl: bool| {
        let nameservers = nameserver.map(|name| vec![text(name)]);
        let write = NsSetWrite { name: text("eu"), nameservers, inherit_ttl, ..NsSetWrite::default() };
        if nameserver.is_some() { ChangeRequest::NsSetAdd(write) } else { ChangeRequest::NsSetSet(write) }
    };
    let cases: Vec<(&str, &str, &str, ChangeRequest)> = vec![
        (
            "POST",
            "/v1/catalogs",
            r#"{"catalog":"catalog.example","tenant":"acme","rules":[{},{"tenant":"acme","group":"g"}]}"#,
            ChangeRequest::CatalogAdd(CatalogAdd {
                catalog: text("catalog.example"),
                tenant: text("acme"),
                rules: vec![
                    CatalogRule::default(),
                    CatalogRule {
                        tenant: Some(text("acme")),
                        group: Some(text("g")),
                        ..CatalogRule::default()
                    },
                ],
            }),
        ),
        (
            "POST",
            "/v1/catalogs/follow",
            r#"{"catalog":"their.example","tenant":"acme","primaries":[{"address":"192.0.2.53","key":"k"}]}"#,
            ChangeRequest::CatalogFollow(CatalogFollowWrite {
                catalog: text("their.example"),
                tenant: Some(text("acme")),
                primaries: vec![PrimarySpec {
                    address: text("192.0.2.53"),
                    key: Some(text("k")),
                    ..PrimarySpec::default()
                }],
            }),
        ),
        (
            "POST",
            "/v1/catalogs/their.example/groups",
            r#"{"group":"small","tenant":"acme"}"#,
            ChangeRequest::CatalogGroup(CatalogGroupWrite {
                catalog: text("their.example"),
                group: text("small"),
                tenant: Some(text("acme")),
                primaries: Vec::new(),
            }),
        ),
        (
            "POST",
            "/v1/catalogs/their.example/unfollow",
            r#"{"members":"keep"}"#,
            ChangeRequest::CatalogUnfollow { catalog: text("their.example"), members: MembersFate::Keep },
        ),
        (
            "PATCH",
            "/v1/catalogs/catalog.example",
            r#"{"rules":[{"left_out":true}],"unset":[{"zone":"example.org"}]}"#,
            ChangeRequest::CatalogSet(CatalogSet {
                catalog: text("catalog.example"),
                rules: vec![CatalogRule { left_out: true, ..CatalogRule::default() }],
                unset: vec![CatalogZones { zone: Some(text("example.org")), tenant: None }],
            }),
        ),
        (
            "DELETE",
            "/v1/catalogs/catalog.example",
            "",
            ChangeRequest::CatalogRemove { catalog: text("catalog.example") },
        ),
        ("POST", "/v1/tenants", r#"{"name":"new"}"#, ChangeRequest::TenantAdd { name: text("new") }),
        ("DELETE", "/v1/tenants/new", "", ChangeRequest::TenantRemove { name: text("new"), expect: None }),
        (
            "POST",
            "/v1/blocks",
            r#"{"range":"192.0.2.0/24","tenant":"acme"}"#,
            ChangeRequest::BlockAdd(BlockAdd {
                range: text("192.0.2.0/24"),
                tenant: text("acme"),
                ..BlockAdd::default()
            }),
        ),
        (
            "POST",
            "/v1/blocks",
            r#"{"range":"192.0.2.0/25","tenant":"acme","may_sub_block":true}"#,
            ChangeRequest::BlockAdd(BlockAdd {
                range: text("192.0.2.0/25"),
                tenant: text("acme"),
                may_sub_block: true,
                ..BlockAdd::default()
            }),
        ),
        (
            "DELETE",
            "/v1/blocks/192.0.2.0%2F25?ptrs=keep",
            "",
            ChangeRequest::BlockRemove {
                range: text("192.0.2.0/25"),
                clear: false,
                ptrs: Some(PtrFate::Keep),
                expect: None,
            },
        ),
        (
            "PATCH",
            "/v1/tenants/acme",
            r#"{"reseller":"globex"}"#,
            ChangeRequest::TenantSet { name: text("acme"), reseller: Some(text("globex")), expect: None },
        ),
        (
            "PATCH",
            "/v1/blocks/192.0.2.0%2F24",
            r#"{"may_sub_block":true}"#,
            ChangeRequest::BlockSet {
                range: range(),
                set: BlockSetBody { may_sub_block: Some(true), ..BlockSetBody::default() },
            },
        ),
        (
            "POST",
            "/v1/blocks/192.0.2.0%2F24/transfer",
            r#"{"to":"new","ptrs":"keep","recursive":true}"#,
            ChangeRequest::BlockTransfer {
                range: range(),
                transfer: TransferBody { to: text("new"), ptrs: Some(PtrFate::Keep), recursive: true },
            },
        ),
        ("POST", "/v1/blocks/192.0.2.0%2F24/suspend", "", ChangeRequest::BlockSuspend { range: range() }),
        ("POST", "/v1/blocks/192.0.2.0%2F24/resume", "", ChangeRequest::BlockResume { range: range() }),
        (
            "POST",
            "/v1/blocks/192.0.2.0%2F24/relabel",
            r#"{"classless":"slash","grace":60}"#,
            ChangeRequest::BlockRelabel {
                range: range(),
                label: RelabelBody {
                    classless: Some(text("slash")),
                    grace: Some(60),
                    ..RelabelBody::default()
                },
            },
        ),
        (
            "POST",
            "/v1/blocks/192.0.2.0%2F24/relabel/finish",
            "",
            ChangeRequest::BlockRelabelFinish { range: range() },
        ),
        (
            "POST",
            "/v1/blocks/192.0.2.0%2F24/split",
            r#"{"at":["192.0.2.64"]}"#,
            ChangeRequest::BlockSplit {
                range: range(),
                split: SplitBody { at: vec![text("192.0.2.64")], ..SplitBody::default() },
            },
        ),
        (
            "POST",
            "/v1/blocks/merge",
            r#"{"ranges":["192.0.2.0/25","192.0.2.128/25"]}"#,
            ChangeRequest::BlockMerge(MergeBody {
                ranges: vec![text("192.0.2.0/25"), text("192.0.2.128/25")],
                ..MergeBody::default()
            }),
        ),
        (
            "DELETE",
            "/v1/blocks/192.0.2.0%2F24?clear=true",
            "",
            ChangeRequest::BlockRemove { range: text("192.0.2.0/24"), clear: true, ptrs: None, expect: None },
        ),
        (
            "POST",
            "/v1/ns-sets",
            r#"{"name":"eu","nameservers":["a.example"]}"#,
            ns_set(Some("a.example"), false),
        ),
        ("PUT", "/v1/ns-sets/eu", r#"{"inherit_ttl":true}"#, ns_set(None, true)),
        ("PUT", "/v1/ns-sets/eu", r#"{"name":"eu","inherit_ttl":true}"#, ns_set(None, true)),
        (
            "POST",
            "/v1/ns-sets/eu/rename",
            r#"{"to":"west"}"#,
            ChangeRequest::NsSetRename { name: text("eu"), to: text("west"), expect: None },
        ),
        ("DELETE", "/v1/ns-sets/west", "", ChangeRequest::NsSetRemove { name: text("west"), expect: None }),
        (
            "POST",
            "/v1/soa-templates",
            r#"{"name":"t","serial_policy":"date"}"#,
            ChangeRequest::SoaTemplateAdd(SoaTemplateWrite {
                name: text("t"),
                serial_policy: Some(text("date")),
                ..SoaTemplateWrite::default()
            }),
        ),
        (
            "PUT",
            "/v1/soa-templates/t",
            r#"{"inherit_mname":true}"#,
            ChangeRequest::SoaTemplateSet(SoaTemplateWrite {
                name: text("t"),
                inherit_mname: true,
                ..SoaTemplateWrite::default()
            }),
        ),
        (
            "POST",
            "/v1/soa-templates/t/rename",
            r#"{"to":"u"}"#,
            ChangeRequest::SoaTemplateRename { name: text("t"), to: text("u"), expect: None },
        ),
        (
            "DELETE",
            "/v1/soa-templates/u",
            "",
            ChangeRequest::SoaTemplateRemove { name: text("u"), expect: None },
        ),
        ("PUT", "/v1/ptrs/192.0.2.1", r#"{"names":["a.example"]}"#, ChangeRequest::PtrSet(write.clone())),
        ("POST", "/v1/ptrs/192.0.2.1", r#"{"names":["a.example"]}"#, ChangeRequest::PtrAdd(write.clone())),
        (
            "PUT",
            "/v1/ptrs/2001%3adb8%3A%3a1",
            r#"{"names":["a.example"],"ttl":60,"lax":true}"#,
            ChangeRequest::PtrSet(PtrWrite {
                address: text("2001:db8::1"),
                ttl: Some(60),
                lax: true,
                ..write.clone()
            }),
        ),
        ("DELETE", "/v1/ptrs/192.0.2.1?name=a.example", "", delete("192.0.2.1", vec![text("a.example")])),
        ("DELETE", "/v1/ptrs/2001:db8::1", "", delete("2001:db8::1", vec![])),
        (
            "POST",
            "/v1/ptrs/fill",
            r#"{"range":"192.0.2.0/28","pattern":"h{n}.example"}"#,
            ChangeRequest::PtrFill(PtrFill {
                range: text("192.0.2.0/28"),
                pattern: text("h{n}.example"),
                ..PtrFill::default()
            }),
        ),
        (
            "PUT",
            "/v1/records",
            r#"{"owner":"2.0.192.in-addr.arpa.","type":"TXT","data":["\"x\""]}"#,
            ChangeRequest::RecordSet(record.clone()),
        ),
        (
            "POST",
            "/v1/records",
            r#"{"owner":"2.0.192.in-addr.arpa.","type":"TXT","data":["\"x\""]}"#,
            ChangeRequest::RecordAdd(record.clone()),
        ),
        (
            "DELETE",
            "/v1/records?owner=2.0.192.in-addr.arpa.&type=TXT&data=%22x+y%22",
            "",
            ChangeRequest::RecordDelete {
                owner: text("2.0.192.in-addr.arpa."),
                rtype: Some(text("TXT")),
                data: vec![text("\"x y\"")],
                zone: None,
                expect: None,
            },
        ),
        (
            "PUT",
            "/v1/defaults",
            r#"{"ptr_ttl":60}"#,
            ChangeRequest::DefaultsSet(DefaultsSet { ptr_ttl: Some(60), ..DefaultsSet::default() }),
        ),
        (
            "POST",
            "/v1/zones",
            r#"{"apex":"64/26.2.0.192.in-addr.arpa.","tenant":"acme"}"#,
            ChangeRequest::ZoneAdd {
                apex: text("64/26.2.0.192.in-addr.arpa."),
                tenant: text("acme"),
                start: ZoneStart::default(),
            },
        ),
        (
            "POST",
            "/v1/zones",
            r#"{"apex":"a.example.","tenant":"acme","ns_set":"eu","soa_template":"t"}"#,
            ChangeRequest::ZoneAdd {
                apex: text("a.example."),
                tenant: text("acme"),
                start: ZoneStart {
                    ns_set: Some(text("eu")),
                    soa_template: Some(text("t")),
                    companion: false,
                },
            },
        ),
        (
            "PUT",
            "/v1/zones/64%2f26.2.0.192.in-addr.arpa.",
            r#"{"ns_set":"eu"}"#,
            ChangeRequest::ZoneSet(ZoneSet {
                apexes: vec![text("64/26.2.0.192.in-addr.arpa.")],
                ns_set: Some(text("eu")),
                ..ZoneSet::default()
            }),
        ),
        (
            "DELETE",
            "/v1/zones/64%2f26.2.0.192.in-addr.arpa.",
            "",
            ChangeRequest::ZoneRemove { apex: text("64/26.2.0.192.in-addr.arpa."), expect: None },
        ),
        (
            "POST",
            "/v1/changes",
            r#"{"kind":"tenant-add","name":"other"}"#,
            ChangeRequest::TenantAdd { name: text("other") },
        ),
    ];
    for (method, target, body, request) in cases {
        for dry_run in [true, false] {
            let mark = if target.contains('?') { '&' } else { '?' };
            let answer = ask(path, method, &format!("{target}{mark}dry_run={dry_run}"), "", body);
            assert_eq!(answer.status, 200, "{method} {target}: {answer:?}");
            assert_eq!(last(&server), (request.clone(), dry_run), "{method} {target}");
            assert!(answer.json()["summary"].is_string());
        }
    }
}

#[test]
fn every_view_has_its_route() {
    let server = Server::start();
    let path = server.path();
    for (method, target, body) in [
        ("POST", "/v1/tenants", r#"{"name":"acme"}"#),
        ("POST", "/v1/blocks", r#"{"range":"192.0.2.0/24","tenant":"acme"}"#),
        ("PUT", "/v1/ptrs/192.0.2.1", r#"{"names":["a.example"]}"#),
        ("PUT", "/v1/records", r#"{"owner":"2.0.192.in-addr.arpa","type":"TXT","data":["x"]}"#),
        ("POST", "/v1/ns-sets", r#"{"name":"eu","nameservers":["a.example"]}"#),
        ("POST", "/v1/soa-templates", r#"{"name":"t"}"#),
        ("POST", "/v1/catalogs", r#"{"catalog":"catalog.example","tenant":"acme"}"#),
    ] {
        assert_eq!(ask(path, method, target, "", body).status, 200);
    }
    for (target, pointer, value) in [
        ("/v1/status", "/tenants", "1"),
        ("/v1/defaults", "/ptr_ttl", "3600"),
        ("/v1/tenants", "/items/0/name", "\"acme\""),
        ("/v1/tenants/acme", "/version", "\"t-1\""),
        ("/v1/blocks?tenant=acme&within=192.0.2.0%2F24&limit=5", "/items/0/range", "\"192.0.2.0/24\""),
        ("/v1/blocks/192.0.2.0%2f24", "/tenant", "\"acme\""),
        ("/v1/blocks/parent-records?range=192.0.2.0/24", "/range", "\"192.0.2.0/24\""),
        ("/v1/ptrs?within=192.0.2.0/24", "/items/0/address", "\"192.0.2.1\""),
        ("/v1/ptrs/192.0.2.1", "/names/0", "\"a.example.\""),
        ("/v1/records?zone=2.0.192.in-addr.arpa&type=txt", "/items/0/type", "\"TXT\""),
        ("/v1/zones?tenant=acme&kind=range", "/items/0/kind", "\"range\""),
        ("/v1/zones/2.0.192.IN-ADDR.ARPA", "/apex", "\"2.0.192.in-addr.arpa.\""),
        ("/v1/ns-sets?limit=5", "/items/0/name", "\"eu\""),
        ("/v1/ns-sets/eu", "/nameservers/0", "\"a.example\""),
        ("/v1/soa-templates", "/items/0/serial_policy", "\"counter\""),
        ("/v1/soa-templates/t", "/name", "\"t\""),
        ("/v1/catalogs?limit=5", "/items/0/catalog", "\"catalog.example.\""),
        ("/v1/catalogs/catalog.example", "/tenant", "\"acme\""),
        ("/v1/catalogs/catalog.example/members?limit=1", "/items/0/label", "\"00000001\""),
        ("/v1/log?limit=1", "/items/0/change", "7"),
        ("/v1/log?before=2", "/items/0/change", "1"),
    ] {
        let answer = get(path, target);
        assert_eq!(answer.status, 200, "{target}: {answer:?}");
        assert_eq!(answer.header("content-type").as_deref(), Some("application/json"), "{target}");
        let found = answer.json().pointer(pointer).map(ToString::to_string);
        assert_eq!(found.as_deref(), Some(value), "{target}: {}", answer.json());
    }
    let answer = get(path, "/v1/zones/2.0.192.in-addr.arpa/export");
    assert_eq!(answer.header("content-type").as_deref(), Some("text/dns"));
    assert!(String::from_utf8_lossy(&answer.body).contains("$ORIGIN 2.0.192.in-addr.arpa."));
}

#[test]
fn bad_requests_get_a_problem_that_says_what_is_wrong() {
    let server = Server::start();
    let path = server.path();
    let deep = format!("{{\"names\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let cases: Vec<(&str, &str, &str, &str, u16, &str)> = vec![
        ("GET", "/", "", "", 404, "no route /"),
        ("GET", "/v2/status", "", "", 404, "no route /v2/status"),
        ("GET", "/v1/tenants/", "", "", 404, "no route"),
        ("GET", "/v1/ptrs/", "", "", 404, "no route"),
        ("POST", "/v1/status", "", "{}", 405, "does not take POST"),
        ("BREW", "/v1/status", "", "", 405, "does not take BREW"),
        ("GET", "/v1/changes", "", "", 405, "does not take GET"),
        ("DELETE", "/v1/ptrs/fill", "", "", 405, "does not take DELETE"),
        ("POST", "/v1/changes", "", "", 400, "empty"),
        ("POST", "/v1/changes", "", "{", 400, "EOF"),
        ("POST", "/v1/changes", "", "{}{}", 400, "the body"),
        ("PUT", "/v1/ptrs/192.0.2.1", "", r#"[["a.example"]]"#, 400, "no JSON object"),
        ("PUT", "/v1/ptrs/192.0.2.1", "", "\u{feff}{}", 400, "no JSON object"),
        ("POST", "/v1/changes", "", r#"{"kind":"launch"}"#, 400, "unknown variant `launch`"),
        ("POST", "/v1/changes", "", r#"{"kind":"tenant-add","name":"a","x":1}"#, 400, "unknown field `x`"),
        ("POST", "/v1/tenants", "", r#"{"name":1}"#, 400, "expected a string"),
        ("POST", "/v1/tenants", "", r#"{"name":"a","name":"b"}"#, 400, "duplicate field"),
        ("POST", "/v1/tenants", "", "{\"name\":\"\u{0}\"}", 400, "control character"),
        ("PUT", "/v1/ptrs/192.0.2.1", "", r#"{"names":["a"],"hosts":[]}"#, 400, "unknown field `hosts`"),
        ("PUT", "/v1/ptrs/192.0.2.1", "", r#"{"names":"a.example"}"#, 400, "expected a sequence"),
        ("PUT", "/v1/ptrs/192.0.2.1", "", r#"{"names":["a"],"ttl":-1}"#, 400, "expected u32"),
        ("PUT", "/v1/ptrs/192.0.2.1", "", r#"{"names":["a"],"ttl":4294967296}"#, 400, "expected u32"),
        ("PUT", "/v1/ptrs/192.0.2.1", "", &deep, 400, "expected a string"),
        ("POST", "/v1/changes", "", &deep, 400, "recursion limit"),
        ("PUT", "/v1/ptrs/nonsense", "", r#"{"names":["a"]}"#, 400, "nonsense: no address"),
        ("PUT", "/v1/ns-sets/eu", "", r#"{"name":"us","ttl":5}"#, 400, "not that of the path"),
        ("PUT", "/v1/ns-sets/eu", "", r#"{"ns":["a"]}"#, 400, "unknown field `ns`"),
        ("GET", "/v1/ns-sets/none", "", "", 404, "NS set none"),
        ("GET", "/v1/soa-templates/none", "", "", 404, "SOA template none"),
        ("PUT", "/v1/zones/a.example", "", r#"{"apexes":["b.example"]}"#, 400, "the body names zones"),
        ("GET", "/v1/ptrs/%ff", "", "", 400, "the path"),
        ("GET", "/v1/ptrs/192.0.2.77", "", "", 404, "no PTR at"),
        ("GET", "/v1/ptrs?limit=0", "", "", 400, "at least 1"),
        ("GET", "/v1/ptrs?limit=x", "", "", 400, "invalid digit"),
        ("GET", "/v1/ptrs?prefix=x", "", "", 400, "unknown field `prefix`"),
        ("GET", "/v1/status?x=1", "", "", 400, "unknown field `x`"),
        ("GET", "/v1/blocks/parent-records", "", "", 400, "missing field `range`"),
        ("DELETE", "/v1/records", "", "", 400, "missing field `owner`"),
        ("POST", "/v1/tenants?dry_run=maybe", "", r#"{"name":"a"}"#, 400, "true"),
        ("POST", "/v1/tenants?dryrun=true", "", r#"{"name":"a"}"#, 400, "unknown field `dryrun`"),
        ("POST", "/v1/tenants", "content-encoding: gzip\r\n", "\x1f\u{8b}", 400, "compressed"),
        ("POST", "/v1/ptrs/import", "content-encoding: gzip\r\n", "\x1f", 400, "compressed"),
        ("POST", "/v1/ptrs/import?replace=true", "", "x", 400, "unknown field `replace`"),
        ("POST", "/v1/zones/import", "", "x", 400, "no bundle"),
        ("POST", "/v1/zones/import?tenants=a", "", "x", 400, "unknown field `tenants`"),
        ("POST", "/v1/zones/import/powerdns?tenant=a", "", "no line", 400, "no first line"),
        ("POST", "/v1/zones/adopt", "", r#"{"apex":"a"}"#, 400, "unknown field `apex`"),
        ("POST", "/v1/zones/import?tenant=a", "", "no bundle at all, that is", 400, "no bundle"),
        ("POST", "/v1/zones/import?tenant=a", "", "", 400, "no bundle"),
        ("PUT", "/v1/ptrs/192.0.2.1", "if-match: *\r\n", r#"{"names":["a"]}"#, 400, "If-Match"),
        ("PUT", "/v1/ptrs/192.0.2.1", "if-match: \"a\", \"b\"\r\n", r#"{"names":["a"]}"#, 400, "If-Match"),
        ("PUT", "/v1/ptrs/192.0.2.1", "if-match: a\r\n", r#"{"names":["a"],"expect":"b"}"#, 400, "differ"),
        ("POST", "/v1/tenants", "if-match: a\r\n", r#"{"name":"a"}"#, 400, "no version"),
        ("PUT", "/v1/ptrs/192.0.2.1", "if-match: v9\r\n", r#"{"names":["a"]}"#, 412, "has changed"),
        ("POST", "/v1/tenants", "ptrd-reason: a\tb\r\n", r#"{"name":"a"}"#, 400, "control characters"),
        ("GET", "/v1/zones/none.example/export", "", "", 404, "no zone"),
    ];
    for (method, target, headers, body, status, part) in cases {
        let answer = ask(path, method, target, headers, body);
        assert_eq!(answer.status, status, "{method} {target} {body:.80}: {answer:?}");
        assert_eq!(ptrd_api::code::status(&answer.code()), status, "{method} {target}");
        assert!(answer.message().contains(part), "{method} {target} {body:.80}: {}", answer.message());
        assert!(answer.message().len() < 1000);
    }
    let tenants = server.stub.state().tenants.len();
    assert_eq!(tenants, 0, "nothing of it was done");
    assert_eq!(ask(path, "POST", "/v1/status", "", "").header("allow").as_deref(), Some("GET,HEAD"));
    let reason = format!("ptrd-reason: {}\r\n", "x".repeat(1025));
    assert_eq!(ask(path, "POST", "/v1/tenants", &reason, r#"{"name":"a"}"#).status, 400);
}

#[test]
fn the_caller_and_the_reason_arrive() {
    let server = Server::start();
    let answer =
        ask(server.path(), "POST", "/v1/tenants", "ptrd-reason:  Grüße, ticket 7 \r\n", r#"{"name":"a"}"#);
    assert_eq!(answer.status, 200);
    let state = server.stub.state();
    let Some(Seen::Change(by, ..)) = state.seen.last() else { panic!("no change") };
    assert_eq!(by.reason.as_deref(), Some("Grüße, ticket 7"));
    assert_eq!(by.origin, format!("socket pid {}", std::process::id()));
    assert!(!by.actor.is_empty() && !by.actor.contains(' '), "{by:?}");
}

#[test]
fn a_reload_says_who_asked() {
    let server = Server::start();
    for (target, tried) in [("/v1/reload", false), ("/v1/reload?dry_run=true", true)] {
        let answer = ask(server.path(), "POST", target, "ptrd-reason: ticket 7\r\n", "");
        assert_eq!((answer.status, answer.json()["dry_run"].as_bool()), (200, Some(tried)));
        let seen = server.stub.state().seen.pop();
        let Some(Seen::Reload(by, dry_run)) = seen else { panic!("{seen:?}") };
        assert_eq!((by.reason.as_deref(), dry_run), (Some("ticket 7"), tried));
        assert!(by.origin.starts_with("socket pid "), "{by:?}");
    }
    assert_eq!(ask(server.path(), "GET", "/v1/reload", "", "").status, 405);
}

#[test]
fn versions_guard_against_lost_writes() {
    let server = Server::start();
    let (path, target) = (server.path(), "/v1/ptrs/192.0.2.1");
    let body = r#"{"names":["a.example"]}"#;
    assert_eq!(ask(path, "PUT", target, "if-none-match: *\r\n", body).status, 200);
    assert_eq!(ask(path, "PUT", target, "if-none-match: *\r\n", body).status, 412);
    let tag = get(path, target).header("etag").expect("a version");
    assert_eq!(ask(path, "PUT", target, &format!("if-match: {tag}\r\n"), body).status, 200);
    assert_eq!(ask(path, "PUT", target, &format!("if-match: {tag}\r\n"), body).status, 412);
    let delete = ask(path, "DELETE", target, "if-match: abc\r\n", "");
    assert_eq!(delete.status, 200);
    assert!(matches!(last(&server).0, ChangeRequest::PtrDelete { expect: Some(v), .. } if v == "abc"));
    for (method, target, body) in [
        ("POST", "/v1/tenants", r#"{"name":"acme"}"#),
        ("POST", "/v1/blocks", r#"{"range":"192.0.2.0/24","tenant":"acme"}"#),
        ("POST", "/v1/ns-sets", r#"{"name":"eu","nameservers":["a.example"]}"#),
        ("POST", "/v1/soa-templates", r#"{"name":"t"}"#),
    ] {
        assert_eq!(ask(path, method, target, "", body).status, 200);
    }
    for (method, target, body) in [
        ("PUT", "/v1/defaults", r#"{"ptr_ttl":60}"#),
        ("PATCH", "/v1/tenants/acme", r#"{"reseller":null}"#),
        ("PUT", "/v1/zones/2.0.192.in-addr.arpa", r#"{"ns_set":"eu"}"#),
        ("PUT", "/v1/ns-sets/eu", r#"{"ttl":60}"#),
        ("DELETE", "/v1/ns-sets/eu", ""),
        ("PUT", "/v1/soa-templates/t", r#"{"ttl":60}"#),
        ("DELETE", "/v1/soa-templates/t", ""),
        ("DELETE", "/v1/blocks/192.0.2.0%2f24", ""),
        ("DELETE", "/v1/zones/2.0.192.in-addr.arpa", ""),
    ] {
        let tag = get(path, target).header("etag").expect("a version").to_owned();
        assert_eq!(ask(path, method, target, &format!("if-match: {tag}\r\n"), body).status, 200, "{target}");
        let expect = match last(&server).0 {
            ChangeRequest::DefaultsSet(set) => set.expect,
            ChangeRequest::ZoneSet(set) => set.expect,
            ChangeRequest::NsSetSet(write) => write.expect,
            ChangeRequest::SoaTemplateSet(write) => write.expect,
            ChangeRequest::TenantSet { expect, .. }
            | ChangeRequest::NsSetRemove { expect, .. }
            | ChangeRequest::SoaTemplateRemove { expect, .. }
            | ChangeRequest::BlockRemove { expect, .. }
            | ChangeRequest::ZoneRemove { expect, .. } => expect,
            other => panic!("{other:?}"),
        };
        assert_eq!(expect.map(|version| format!("\"{version}\"")), Some(tag), "{target}");
    }
    assert_eq!(ask(path, "DELETE", "/v1/tenants/acme", "if-match: t-1\r\n", "").status, 200);
    assert!(matches!(last(&server).0, ChangeRequest::TenantRemove { expect: Some(v), .. } if v == "t-1"));
    let body = r#"{"owner":"a.","type":"TXT","data":["x"]}"#;
    assert_eq!(ask(path, "PUT", "/v1/records", "if-match: \"d-1\"\r\n", body).status, 200);
    assert!(
        matches!(last(&server).0, ChangeRequest::RecordSet(write) if write.expect.as_deref() == Some("d-1"))
    );
}

#[test]
fn imports_arrive_whole_with_their_options() {
    let server = Server::start();
    let path = server.path();
    let csv = "192.0.2.1,a.example\n".repeat(200_000);
    let answer = ask(path, "POST", "/v1/ptrs/import?lax=true&dry_run=true", "", &csv);
    assert_eq!(answer.json()["summary"], "would import 200000 PTRs");
    let options = PtrImportOptions { lax: true, dry_run: true };
    assert_eq!(server.stub.state().seen.last(), Some(&Seen::Ptrs(options, csv.len())));

    let answer = ask(path, "POST", "/v1/ptrs/import", "", "192.0.2.1,a.example\nnonsense,b.example\n");
    assert_eq!((answer.status, answer.code().as_str()), (422, "invalid"));
    assert_eq!(answer.json()["errors"][0]["line"], 2);

    let big = Bundle { files: vec![("a.zone".into(), vec![b'x'; 3 << 20]), ("b".into(), vec![])], zones: 1 };
    let target = "/v1/zones/import?tenant=acme&keep_going=true&apex=a.example";
    let answer = ask(path, "POST", target, "", big.encode());
    assert_eq!(answer.status, 200, "{answer:?}");
    let state = server.stub.state();
    let Some(Seen::Zones(options, bundle)) = state.seen.last() else { panic!("no import") };
    assert_eq!(*bundle, big);
    assert_eq!((options.tenant.as_str(), options.keep_going, options.replace), ("acme", true, false));
}

#[test]
fn pages_have_bounds() {
    let server = Server::start();
    for n in 0..25 {
        server.stub.state().tenants.insert(format!("t{n:02}"), ());
    }
    let first = get(server.path(), "/v1/tenants?limit=10").json();
    assert_eq!((first["items"].as_array().map(Vec::len), &first["next"]), (Some(10), &"t09".into()));
    let last = get(server.path(), "/v1/tenants?limit=10&after=t19").json();
    assert_eq!((last["items"].as_array().map(Vec::len), last.get("next")), (Some(5), None));
    let all = get(server.path(), "/v1/tenants?limit=18446744073709551615").json();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(25));
}

#[test]
fn standbys_have_their_routes() {
    let server = Server::start();
    let path = server.path();
    let post = |target: &str, body: &str| ask(path, "POST", target, "", body);
    assert_eq!(get(path, "/v1/standby").json()["post"], "primary");
    let hello = post("/v1/standby/hello", r#"{"name":"b","format":1,"schema":5,"projection":1}"#);
    assert_eq!((hello.status, &hello.json()["epoch"]), (200, &1.into()));
    assert!(post("/v1/standby/hello", "{}").message().contains("name"));
    let changes = get(path, "/v1/standby/changes?name=b&epoch=1&after=6&wait=0");
    assert_eq!(changes.header("ptrd-change").as_deref(), Some("7"));
    assert!(changes.body.ends_with(b"abc"));
    assert_eq!(get(path, "/v1/standby/changes?name=b&epoch=2&after=6").code(), "conflict");
    assert_eq!(get(path, "/v1/standby/changes?name=b").status, 400);
    let dry = post("/v1/standby/promote?dry_run=true", r#"{"margin":5}"#).json();
    assert_eq!((&dry["summary"], dry.get("change")), (&"promoted with a margin of 5".into(), None));
    assert_eq!(post("/v1/standby/promote", r#"{"other":5}"#).status, 400);
}

#[test]
fn the_document_is_of_all_routes_and_no_others() {
    let document: serde_json::Value =
        serde_json::from_str(&ptrd_admin::api_document().expect("a document")).expect("JSON");
    let of = |(path, item): (&String, &serde_json::Value)| {
        let methods: Vec<String> =
            item.as_object().expect("methods").keys().map(|method| method.to_uppercase()).collect();
        methods.into_iter().map(|method| (method, path.clone())).collect::<Vec<_>>()
    };
    let documented: std::collections::BTreeSet<(String, String)> =
        document["paths"].as_object().expect("paths").iter().flat_map(of).collect();
    let served = ptrd_admin::api_paths::<stub::Stub>();
    let served: std::collections::BTreeSet<(String, String)> =
        served.into_iter().map(|(method, path)| (method.to_string(), path)).collect();
    assert_eq!(documented, served);
}

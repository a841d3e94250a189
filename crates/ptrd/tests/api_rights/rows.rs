//! The routes, and who may what there.

/// What a tenant's token comes to at a route.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum May {
    /// It sees what is its own: what is asked for by name is its own here, and of another in the other target.
    See,
    /// It may do this to what is its own.
    Do,
    /// Operators alone.
    Not,
    /// It might, but there is nothing.
    Absent,
    /// Whoever has a token: it answers, and does nothing.
    Ask,
    /// Nobody: it is refused, whoever asks.
    Never,
}

use May::{Absent, Ask, Do, Never, Not, See};

/// A route: method, path as documented, what to ask of one's own, the same of another's (empty where a list is asked for), a
/// body, and what a tenant may.
pub type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, May);

pub const ROWS: &[Row] = &[
    ("GET", "/v1/lint", "/v1/lint", "", "", See),
    ("GET", "/v1/checks", "/v1/checks", "", "", See),
    ("POST", "/v1/checks", "/v1/checks", "", r#"{"within":"192.0.2.0/24"}"#, See),
    ("GET", "/v1/pending", "/v1/pending", "", "", See),
    ("DELETE", "/v1/pending/{address}", "/v1/pending/192.0.2.1", "/v1/pending/198.51.100.1", "", Absent),
    ("GET", "/v1/tenants", "/v1/tenants", "", "", See),
    ("POST", "/v1/tenants", "/v1/tenants", "", r#"{"name":"eve"}"#, Not),
    ("GET", "/v1/tenants/{name}", "/v1/tenants/acme", "/v1/tenants/bob", "", See),
    ("PATCH", "/v1/tenants/{name}", "/v1/tenants/acme", "/v1/tenants/bob", r#"{"reseller":"bob"}"#, Not),
    ("DELETE", "/v1/tenants/{name}", "/v1/tenants/acme", "/v1/tenants/bob", "", Not),
    ("GET", "/v1/blocks", "/v1/blocks", "", "", See),
    ("POST", "/v1/blocks", "/v1/blocks", "", r#"{"range":"192.0.2.128/28","tenant":"acme"}"#, Do),
    (
        "GET",
        "/v1/blocks/parent-records",
        "/v1/blocks/parent-records?range=192.0.2.0%2F24",
        "/v1/blocks/parent-records?range=198.51.100.0%2F24",
        "",
        See,
    ),
    (
        "POST",
        "/v1/blocks/merge",
        "/v1/blocks/merge",
        "",
        r#"{"ranges":["192.0.2.0/25","192.0.2.128/25"]}"#,
        Not,
    ),
    ("GET", "/v1/blocks/{range}", "/v1/blocks/192.0.2.0%2F24", "/v1/blocks/198.51.100.0%2F24", "", See),
    (
        "PATCH",
        "/v1/blocks/{range}",
        "/v1/blocks/192.0.2.0%2F24",
        "/v1/blocks/198.51.100.0%2F24",
        r#"{"may_sub_block":true}"#,
        Not,
    ),
    ("DELETE", "/v1/blocks/{range}", "/v1/blocks/192.0.2.16%2F28", "/v1/blocks/198.51.100.0%2F24", "", Do),
    (
        "POST",
        "/v1/blocks/{range}/transfer",
        "/v1/blocks/192.0.2.0%2F24/transfer",
        "/v1/blocks/198.51.100.0%2F24/transfer",
        r#"{"to":"acme"}"#,
        Not,
    ),
    (
        "POST",
        "/v1/blocks/{range}/suspend",
        "/v1/blocks/192.0.2.0%2F24/suspend",
        "/v1/blocks/198.51.100.0%2F24/suspend",
        "",
        Not,
    ),
    (
        "POST",
        "/v1/blocks/{range}/resume",
        "/v1/blocks/192.0.2.0%2F24/resume",
        "/v1/blocks/198.51.100.0%2F24/resume",
        "",
        Not,
    ),
    (
        "POST",
        "/v1/blocks/{range}/relabel",
        "/v1/blocks/192.0.2.0%2F24/relabel",
        "/v1/blocks/192.0.2.64%2F26/relabel",
        r#"{"classless":"first-last"}"#,
        Not,
    ),
    (
        "POST",
        "/v1/blocks/{range}/relabel/finish",
        "/v1/blocks/192.0.2.0%2F24/relabel/finish",
        "/v1/blocks/192.0.2.64%2F26/relabel/finish",
        "",
        Not,
    ),
    (
        "POST",
        "/v1/blocks/{range}/split",
        "/v1/blocks/192.0.2.0%2F24/split",
        "/v1/blocks/198.51.100.0%2F24/split",
        r#"{"into":25}"#,
        Not,
    ),
    ("GET", "/v1/map", "/v1/map?range=192.0.2.0%2F24", "", "", See),
    ("GET", "/v1/ptrs", "/v1/ptrs", "", "", See),
    (
        "POST",
        "/v1/ptrs/fill",
        "/v1/ptrs/fill",
        "",
        r#"{"range":"192.0.2.0/29","pattern":"f{n}.acme.example"}"#,
        Do,
    ),
    ("POST", "/v1/ptrs/import", "/v1/ptrs/import", "", "192.0.2.9,csv.acme.example\n", Do),
    ("GET", "/v1/ptrs/{address}", "/v1/ptrs/192.0.2.1", "/v1/ptrs/192.0.2.65", "", See),
    (
        "PUT",
        "/v1/ptrs/{address}",
        "/v1/ptrs/192.0.2.1",
        "/v1/ptrs/192.0.2.65",
        r#"{"names":["set.acme.example"]}"#,
        Do,
    ),
    (
        "POST",
        "/v1/ptrs/{address}",
        "/v1/ptrs/192.0.2.1",
        "/v1/ptrs/192.0.2.65",
        r#"{"names":["add.acme.example"]}"#,
        Do,
    ),
    ("DELETE", "/v1/ptrs/{address}", "/v1/ptrs/192.0.2.3", "/v1/ptrs/192.0.2.65", "", Do),
    ("GET", "/v1/records", "/v1/records?zone=acme.example", "/v1/records?zone=bob.example", "", See),
    ("PUT", "/v1/records", "/v1/records", "", RECORD, Not),
    ("POST", "/v1/records", "/v1/records", "", RECORD, Not),
    ("DELETE", "/v1/records", "/v1/records?owner=www.bob.example", "", "", Not),
    ("GET", "/v1/zones", "/v1/zones", "", "", See),
    ("POST", "/v1/zones", "/v1/zones", "", r#"{"apex":"new.example","tenant":"acme"}"#, Not),
    ("POST", "/v1/zones/import", "/v1/zones/import?tenant=acme", "", "", Not),
    ("POST", "/v1/zones/import/powerdns", "/v1/zones/import/powerdns?tenant=acme", "", "{}\n", Not),
    ("POST", "/v1/zones/adopt", "/v1/zones/adopt", "", r#"{"all":true}"#, Not),
    ("POST", "/v1/zones/follow", "/v1/zones/follow", "", FOLLOW, Not),
    ("POST", "/v1/zones/transfer-in", "/v1/zones/transfer-in", "", TRANSFER, Not),
    ("GET", "/v1/zones/{apex}", "/v1/zones/acme.example", "/v1/zones/bob.example", "", See),
    (
        "PUT",
        "/v1/zones/{apex}",
        "/v1/zones/acme.example",
        "/v1/zones/bob.example",
        r#"{"ns_set":"default"}"#,
        Not,
    ),
    ("DELETE", "/v1/zones/{apex}", "/v1/zones/acme.example", "/v1/zones/bob.example", "", Not),
    (
        "GET",
        "/v1/zones/{apex}/export",
        "/v1/zones/acme.example/export",
        "/v1/zones/bob.example/export",
        "",
        See,
    ),
    (
        "POST",
        "/v1/zones/{apex}/unfollow",
        "/v1/zones/acme.example/unfollow",
        "/v1/zones/bob.example/unfollow",
        "",
        Not,
    ),
    (
        "POST",
        "/v1/zones/{apex}/refresh",
        "/v1/zones/acme.example/refresh",
        "/v1/zones/bob.example/refresh",
        "",
        Not,
    ),
    (
        "POST",
        "/v1/zones/{apex}/compare",
        "/v1/zones/acme.example/compare",
        "/v1/zones/bob.example/compare",
        r#"{"with":{"address":"127.0.0.1:9"}}"#,
        Not,
    ),
    ("GET", "/v1/defaults", "/v1/defaults", "", "", Not),
    ("PUT", "/v1/defaults", "/v1/defaults", "", r#"{"ptr_ttl":60}"#, Not),
    ("GET", "/v1/ns-sets", "/v1/ns-sets", "", "", Not),
    ("POST", "/v1/ns-sets", "/v1/ns-sets", "", r#"{"name":"x","nameservers":["ns.example"]}"#, Not),
    ("GET", "/v1/ns-sets/{name}", "/v1/ns-sets/default", "", "", Not),
    ("PUT", "/v1/ns-sets/{name}", "/v1/ns-sets/default", "", r#"{"nameservers":["ns.example"]}"#, Not),
    ("DELETE", "/v1/ns-sets/{name}", "/v1/ns-sets/default", "", "", Not),
    ("POST", "/v1/ns-sets/{name}/rename", "/v1/ns-sets/default/rename", "", r#"{"to":"x"}"#, Not),
    ("GET", "/v1/soa-templates", "/v1/soa-templates", "", "", Not),
    ("POST", "/v1/soa-templates", "/v1/soa-templates", "", r#"{"name":"x","rname":"h.example"}"#, Not),
    ("GET", "/v1/soa-templates/{name}", "/v1/soa-templates/default", "", "", Not),
    ("PUT", "/v1/soa-templates/{name}", "/v1/soa-templates/default", "", r#"{"refresh":60}"#, Not),
    ("DELETE", "/v1/soa-templates/{name}", "/v1/soa-templates/default", "", "", Not),
    ("POST", "/v1/soa-templates/{name}/rename", "/v1/soa-templates/default/rename", "", r#"{"to":"x"}"#, Not),
    ("GET", "/v1/access", "/v1/access", "", "", Not),
    ("POST", "/v1/access", "/v1/access", "", ACCESS, Not),
    ("POST", "/v1/access/revoke", "/v1/access/revoke", "", ACCESS, Not),
    ("GET", "/v1/keys", "/v1/keys", "", "", Not),
    ("POST", "/v1/keys", "/v1/keys", "", r#"{"name":"x.example"}"#, Not),
    ("DELETE", "/v1/keys/{name}", "/v1/keys/k.example", "", "", Not),
    ("GET", "/v1/notify", "/v1/notify", "", "", Not),
    ("POST", "/v1/notify", "/v1/notify", "", r#"{"address":"192.0.2.53"}"#, Not),
    ("POST", "/v1/notify/remove", "/v1/notify/remove", "", r#"{"address":"192.0.2.53"}"#, Not),
    ("PUT", "/v1/notify/nameservers", "/v1/notify/nameservers", "", r#"{"tell":true}"#, Not),
    ("GET", "/v1/notify/status", "/v1/notify/status", "", "", Not),
    ("GET", "/v1/catalogs", "/v1/catalogs", "", "", Not),
    (
        "POST",
        "/v1/catalogs",
        "/v1/catalogs",
        "",
        r#"{"catalog":"c.example","tenant":"acme","rules":[]}"#,
        Not,
    ),
    ("GET", "/v1/catalogs/{apex}", "/v1/catalogs/c.example", "", "", Not),
    ("PATCH", "/v1/catalogs/{apex}", "/v1/catalogs/c.example", "", r#"{"unset":[{"tenant":"acme"}]}"#, Not),
    ("DELETE", "/v1/catalogs/{apex}", "/v1/catalogs/c.example", "", "", Not),
    ("GET", "/v1/catalogs/{apex}/members", "/v1/catalogs/c.example/members", "", "", Not),
    ("POST", "/v1/catalogs/follow", "/v1/catalogs/follow", "", CATALOG, Not),
    ("POST", "/v1/catalogs/{apex}/groups", "/v1/catalogs/c.example/groups", "", r#"{"group":"g"}"#, Not),
    (
        "POST",
        "/v1/catalogs/{apex}/unfollow",
        "/v1/catalogs/c.example/unfollow",
        "",
        r#"{"members":"keep"}"#,
        Not,
    ),
    ("GET", "/v1/tokens", "/v1/tokens", "", "", See),
    ("POST", "/v1/tokens", "/v1/tokens", "", r#"{"name":"made-with-TOKEN"}"#, Do),
    ("GET", "/v1/tokens/{id}", "/v1/tokens/self", "/v1/tokens/OTHER", "", See),
    ("DELETE", "/v1/tokens/{id}", "/v1/tokens/SPARE", "/v1/tokens/OTHER", "", Do),
    ("GET", "/v1/status", "/v1/status", "", "", Not),
    ("GET", "/v1/log", "/v1/log", "", "", See),
    ("GET", "/v1/log/{change}", "/v1/log/OWN", "/v1/log/OTHERS", "", See),
    ("GET", "/v1/log/{change}/edits", "/v1/log/OWN/edits", "/v1/log/OTHERS/edits", "", See),
    ("GET", "/v1/diff", "/v1/diff?from=0", "", "", Not),
    (
        "POST",
        "/v1/changes",
        "/v1/changes",
        "",
        r#"{"kind":"ptr-set","address":"192.0.2.5","names":["c.acme.example"]}"#,
        Do,
    ),
];

/// Those of the PowerDNS API, in the same form.
const POWERDNS: &[Row] = &[
    ("GET", "/api", "/api", "", "", See),
    ("GET", "/api/docs", "/api/docs", "", "", See),
    ("GET", "/api/v1", "/api/v1", "", "", See),
    ("GET", "/api/v1/servers", "/api/v1/servers", "", "", See),
    ("GET", "SERVER", "SERVER", "/api/v1/servers/other", "", See),
    ("GET", "SERVER/config", "SERVER/config", "", "", See),
    ("GET", "SERVER/statistics", "SERVER/statistics", "", "", Not),
    ("GET", "SERVER/search-data", "SERVER/search-data?q=*example*", "", "", See),
    ("PUT", "SERVER/cache/flush", "SERVER/cache/flush?domain=acme.example.", "", "", Ask),
    ("GET", "SERVER/autoprimaries", "SERVER/autoprimaries", "", "", See),
    ("GET", "SERVER/tsigkeys", "SERVER/tsigkeys", "", "", Not),
    (
        "POST",
        "SERVER/tsigkeys",
        "SERVER/tsigkeys",
        "",
        r#"{"name":"y.example","algorithm":"hmac-sha256"}"#,
        Not,
    ),
    ("GET", "SERVER/tsigkeys/{id}", "SERVER/tsigkeys/k.example.", "", "", Not),
    ("DELETE", "SERVER/tsigkeys/{id}", "SERVER/tsigkeys/k.example.", "", "", Not),
    ("PUT", "SERVER/tsigkeys/{id}", "SERVER/tsigkeys/k.example.", "", "{}", Never),
    ("GET", "SERVER/zones", "SERVER/zones", "", "", See),
    ("POST", "SERVER/zones", "SERVER/zones", "", NEW_ZONE, Do),
    ("GET", "SERVER/zones/{id}", "SERVER/zones/ZONE", "SERVER/zones/bob.example.", "", See),
    ("PATCH", "SERVER/zones/{id}", "SERVER/zones/ZONE", "SERVER/zones/100.51.198.in-addr.arpa.", PATCH, Do),
    ("PUT", "SERVER/zones/{id}", "SERVER/zones/acme.example.", "SERVER/zones/bob.example.", KIND, Not),
    (
        "DELETE",
        "SERVER/zones/{id}",
        "SERVER/zones/144=2F28.ZONE",
        "SERVER/zones/100.51.198.in-addr.arpa.",
        "",
        Do,
    ),
    (
        "PUT",
        "SERVER/zones/{id}/notify",
        "SERVER/zones/acme.example./notify",
        "SERVER/zones/bob.example./notify",
        "",
        Do,
    ),
    (
        "PUT",
        "SERVER/zones/{id}/rectify",
        "SERVER/zones/acme.example./rectify",
        "SERVER/zones/bob.example./rectify",
        "",
        Ask,
    ),
    (
        "PUT",
        "SERVER/zones/{id}/axfr-retrieve",
        "SERVER/zones/acme.example./axfr-retrieve",
        "SERVER/zones/bob.example./axfr-retrieve",
        "",
        Never,
    ),
    (
        "GET",
        "SERVER/zones/{id}/export",
        "SERVER/zones/ZONE/export",
        "SERVER/zones/bob.example./export",
        "",
        See,
    ),
    (
        "GET",
        "SERVER/zones/{id}/metadata",
        "SERVER/zones/ZONE/metadata",
        "SERVER/zones/bob.example./metadata",
        "",
        See,
    ),
    ("POST", "SERVER/zones/{id}/metadata", "SERVER/zones/ZONE/metadata", "", METADATA, Never),
    (
        "GET",
        "SERVER/zones/{id}/metadata/{kind}",
        "SERVER/zones/ZONE/metadata/SOA-EDIT-API",
        "SERVER/zones/bob.example./metadata/SOA-EDIT-API",
        "",
        See,
    ),
    (
        "PUT",
        "SERVER/zones/{id}/metadata/{kind}",
        "SERVER/zones/ZONE/metadata/ALSO-NOTIFY",
        "",
        METADATA,
        Never,
    ),
    ("DELETE", "SERVER/zones/{id}/metadata/{kind}", "SERVER/zones/ZONE/metadata/ALSO-NOTIFY", "", "", Never),
    (
        "GET",
        "SERVER/zones/{id}/cryptokeys",
        "SERVER/zones/ZONE/cryptokeys",
        "SERVER/zones/bob.example./cryptokeys",
        "",
        See,
    ),
    ("POST", "SERVER/zones/{id}/cryptokeys", "SERVER/zones/ZONE/cryptokeys", "", "{}", Never),
];

const NEW_ZONE: &str = r#"{"name":"144/28.2.0.192.in-addr.arpa.","kind":"Native"}"#;
const KIND: &str = r#"{"kind":"Native"}"#;
const METADATA: &str = r#"{"kind":"ALSO-NOTIFY","metadata":["192.0.2.1"]}"#;
const PATCH: &str = r#"{"rrsets":[{"name":"7.2.0.192.in-addr.arpa.","type":"PTR","ttl":60,"changetype":"REPLACE",
    "records":[{"content":"seven.acme.example."}]}]}"#;

/// All rows, written out.
pub fn rows() -> Vec<(&'static str, String, String, String, &'static str, May)> {
    let documented = |text: &str| text.replace("SERVER", "/api/v1/servers/{server}");
    let asked = |text: &str| {
        text.replace("SERVER", "/api/v1/servers/localhost").replace("ZONE", "2.0.192.in-addr.arpa.")
    };
    let out = |(method, path, own, others, body, may): &Row| {
        (*method, documented(path), asked(own), asked(others), *body, *may)
    };
    ROWS.iter().chain(POWERDNS).map(out).collect()
}

const RECORD: &str = r#"{"owner":"www.bob.example","type":"TXT","data":["x"]}"#;
const ACCESS: &str = r#"{"action":"transfer","from":"192.0.2.53"}"#;
const FOLLOW: &str = r#"{"apex":"f.example","tenant":"acme","primaries":[{"address":"127.0.0.1:9"}]}"#;
const CATALOG: &str = r#"{"catalog":"c.example","tenant":"acme","primaries":[{"address":"127.0.0.1:9"}]}"#;
const TRANSFER: &str = r#"{"apex":"f.example","tenant":"acme","from":[{"address":"127.0.0.1:9"}]}"#;

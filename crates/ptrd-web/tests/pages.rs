//! The pages over a stub, request by request: sessions, what browsers are told, forms of strangers, escaping, limits.

#[path = "../../ptrd-admin/tests/stub/mod.rs"]
mod stub;
mod visitor;

use axum::http::StatusCode;
use ptrd_api::{BlockAdd, ChangeRequest, PtrWrite};
use std::time::Duration;
use stub::Seen;
use visitor::{Site, field, value};

#[tokio::test]
async fn browsers_are_told_to_load_nothing_else() {
    let site = Site::new().await;
    let (mut acme, _) = site.acme().await;
    for path in ["/login", "/blocks", "/map?range=192.0.2.0/24", "/history", "/nothing", "/history/9999"] {
        let page = acme.get(path).await;
        let header = |name: &str| page.header(name);
        assert_eq!(
            header("content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; \
             frame-ancestors 'none'; base-uri 'none'",
            "{path}"
        );
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "same-origin");
        assert_eq!(header("cache-control"), "no-store");
        for inline in
            ["<style", " style=", "javascript:", " onclick", " onload", "//cdn", "http://", "https://"]
        {
            assert!(!page.body.contains(inline), "{path} has {inline}");
        }
        assert!(!page.body.contains("<script>"), "{path} has a script of its own");
    }
}

#[tokio::test]
async fn files_are_kept_by_browsers_and_change_their_addresses() {
    let site = Site::new().await;
    let mut nobody = site.stranger();
    let login = nobody.get("/login").await;
    for ending in [".css", ".js", ".svg"] {
        let end = login.body.find(ending).expect("a file") + ending.len();
        let start = login.body[..end].rfind("/assets/").expect("its address");
        let file = nobody.get(&login.body[start..end]).await;
        assert_eq!(file.status, StatusCode::OK);
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
    }
    assert_eq!(nobody.get("/assets/ptrd-0000000000000000.css").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nobody_comes_further_than_the_login_without_a_session() {
    let site = Site::new().await;
    for path in ["/", "/blocks", "/map?range=192.0.2.0/24", "/export", "/overview", "/history/1"] {
        let answer = site.stranger().get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.header("location").starts_with("/login"), "{path}");
    }
    let mut stranger = site.stranger();
    assert_eq!(
        stranger.get("/map?range=10.0.0.0/8").await.header("location"),
        "/login?next=%2Fmap%3Frange%3D10.0.0.0%2F8"
    );
    let answer = stranger.post("/address", "address=192.0.2.1&names=a.example").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/login"));
    assert_eq!(site.changes_seen(), 0);
}

#[tokio::test]
async fn a_token_begins_a_session_with_a_cookie_that_is_ours_alone() {
    let site = Site::new().await;
    let mut acme = site.stranger();
    let answer = acme.login(&site.acme, "/map?range=192.0.2.0/24").await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/map?range=192.0.2.0/24")
    );
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-ptrd="), "{cookie}");
    for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains(site.acme.as_str()) && !cookie.contains("Domain"), "{cookie}");
    assert_eq!(acme.get("/blocks").await.status, StatusCode::OK);
    // Logging in again gives another session, and ends the one before.
    let before = acme.cookie.clone();
    acme.login(&site.acme, "/").await;
    assert_ne!(acme.cookie, before);
    acme.cookie = before;
    assert_eq!(acme.get("/blocks").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn logging_out_ends_the_session_and_so_does_a_token_that_is_revoked() {
    let site = Site::new().await;
    let (mut acme, csrf) = site.acme().await;
    let (mut other, _) = site.acme().await;
    let answer = acme.post("/logout", &format!("csrf={csrf}")).await;
    assert_eq!(answer.header("location"), "/login");
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(acme.get("/blocks").await.status, StatusCode::SEE_OTHER, "the session is gone, cookie or not");
    assert_eq!(other.get("/blocks").await.status, StatusCode::OK);
    site.stub.state().tokens.clear();
    assert_eq!(other.get("/blocks").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_token_of_no_use_is_refused_and_so_is_guessing() {
    let site = Site::new().await;
    let mut stranger = site.stranger();
    let refused = stranger.login("ptrd_nothing<script>", "/").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.body.contains("does not let you in"), "{}", refused.body);
    assert!(!refused.body.contains("ptrd_nothing"), "a token is not shown again");
    assert_eq!(stranger.login("", "/").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(stranger.login(&"x".repeat(10_000), "/").await.status, StatusCode::UNAUTHORIZED);
    for _ in 0..9 {
        stranger.login("ptrd_nothing", "/").await;
    }
    let held = stranger.login(&site.acme, "/").await;
    assert_eq!(held.status, StatusCode::TOO_MANY_REQUESTS, "not even with a good one");
    assert!(!held.header("retry-after").is_empty());
    let mut elsewhere = site.stranger();
    elsewhere.from = "198.51.100.7".parse().expect("an address");
    assert_eq!(elsewhere.login(&site.acme, "/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn login_leads_to_pages_of_ours_only() {
    let site = Site::new().await;
    for next in ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"] {
        assert_eq!(site.stranger().login(&site.acme, next).await.header("location"), "/", "{next}");
    }
}

#[tokio::test]
async fn forms_of_strangers_change_nothing() {
    let site = Site::new().await;
    let (mut acme, csrf) = site.acme().await;
    let form = "address=192.0.2.1&names=a.example&expect=absent";
    let (_, other) = site.acme().await;
    for (path, body) in [
        ("/address", form.to_owned()),
        ("/address", format!("{form}&csrf=")),
        ("/address", format!("{form}&csrf={other}")),
        ("/fill", "range=192.0.2.0/28&pattern=h{d}.example&csrf=x".to_owned()),
        ("/history/1", "csrf=x".to_owned()),
        ("/logout", "csrf=x".to_owned()),
    ] {
        let answer = acme.post(path, &body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {body}");
        assert!(answer.body.contains("does not belong to your session"));
    }
    // A right text from a wrong page is one that was stolen.
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        acme.headers = vec![(name, value)];
        let answer = acme.post("/address", &format!("{form}&csrf={csrf}")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
    }
    assert_eq!(site.changes_seen(), 0);
    acme.headers = vec![("sec-fetch-site", "same-origin")];
    let answer = acme.post("/address", &format!("{form}&csrf={csrf}")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(site.changes_seen(), 1);
}

#[tokio::test]
async fn a_change_is_made_by_the_token_and_told_once_on_the_next_page() {
    let site = Site::new().await;
    let (mut acme, csrf) = site.acme().await;
    let form = format!(
        "csrf={csrf}&address=192.0.2.1&names=mail.example.com&ttl=60&reason=new+<server>&expect=absent"
    );
    let answer = acme.post("/address", &form).await;
    let location = answer.header("location").to_owned();
    assert_eq!(location, "/map?range=192.0.2.0%2F24&address=192.0.2.1#panel", "no message in the address");
    let page = acme.get(&location).await;
    assert!(page.body.contains("set 192.0.2.1 to mail.example.com."), "{}", page.body);
    assert!(page.body.contains("class=\"note good\"") && page.body.contains(">Undo</button>"));
    assert!(!acme.get(&location).await.body.contains("class=\"note good\""), "once");
    let seen = site.stub.state().seen.last().cloned().expect("a change");
    let Seen::Change(by, ChangeRequest::PtrSet(write), false) = seen else { panic!("{seen:?}") };
    assert_eq!((by.actor.as_str(), by.origin.as_str()), ("token acme-web", "web 192.0.2.99"));
    assert_eq!(by.reason.as_deref(), Some("new <server>"));
    assert_eq!(
        (write.names, write.ttl, write.expect),
        (vec!["mail.example.com".to_owned()], Some(60), Some("absent".into()))
    );
}

#[tokio::test]
async fn what_was_typed_stays_and_the_field_is_marked() {
    let site = Site::new().await;
    let (mut acme, csrf) = site.acme().await;
    let post = async |acme: &mut visitor::Visitor, more: &str| {
        acme.post("/address", &format!("csrf={csrf}&address=192.0.2.1&reason=why+not&{more}")).await
    };
    let page = post(&mut acme, "names=bad_name.example&ttl=60").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("an underscore is not allowed"), "{}", page.body);
    assert!(page.body.contains("tick “no host name”") && page.body.contains("name=\"lax\""), "the way on");
    assert!(page.body.contains("\nbad_name.example</textarea>") && page.body.contains("value=\"why not\""));
    assert!(field(&page.body, "names").contains("aria-invalid=\"true\""));
    assert!(!field(&page.body, "ttl").contains("aria-invalid"));
    let page = post(&mut acme, "names=a.example&ttl=soon").await;
    assert!(
        field(&page.body, "ttl").contains("aria-invalid=\"true\"")
            && field(&page.body, "ttl").contains("soon")
    );
    assert!(!field(&page.body, "names").contains("aria-invalid"));
    let page = post(&mut acme, "names=+&ttl=").await;
    assert!(page.body.contains("there is no name"));
    // Somebody else was faster.
    site.change(ChangeRequest::PtrSet(PtrWrite {
        address: "192.0.2.1".into(),
        names: vec!["first.example".into()],
        ..PtrWrite::default()
    }))
    .await;
    let page = post(&mut acme, "names=second.example&expect=absent").await;
    assert_eq!(page.status, StatusCode::PRECONDITION_FAILED);
    assert!(
        page.body.contains("changed by somebody else meanwhile; it has first.example. now"),
        "{}",
        page.body
    );
    assert!(page.body.contains("\nsecond.example</textarea>"));
    let version = site.stub.state().ptrs.values().next().expect("a PTR").version.clone();
    assert!(page.body.contains(&format!("name=\"expect\" value=\"{version}\"")), "the way on");
}

#[tokio::test]
async fn whatever_others_wrote_is_text() {
    let site = Site::new().await;
    let evil = "<script>alert(1)</script>\"'\u{202e}\u{1b}[2J";
    {
        let mut state = site.stub.state();
        let address: std::net::IpAddr = "192.0.2.7".parse().expect("an address");
        let view = ptrd_api::PtrView {
            address: address.to_string(),
            names: vec![evil.to_owned(), "=HYPERLINK(\"x\")".to_owned()],
            ttl: 60,
            inherited: false,
            version: evil.to_owned(),
            fcrdns: None,
            owner: Some(evil.to_owned()),
            template: None,
        };
        state.ptrs.insert(address, view);
        for change in &mut state.log {
            (change.reason, change.summary) = (Some(evil.to_owned()), evil.to_owned());
            (change.actor, change.origin, change.kind) = (evil.to_owned(), evil.to_owned(), evil.to_owned());
        }
    }
    let (mut acme, _) = site.acme().await;
    for path in [
        "/map?range=192.0.2.0/24",
        "/map?range=192.0.2.0/24&address=192.0.2.7",
        "/map?range=192.0.0.0/16",
        "/history",
        "/history/1",
        "/search?q=script",
        "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/history?actor=%3Cscript%3E&address=192.0.2.7",
        "/blocks?within=%22%3E%3Cscript%3E",
        "/fill?range=%22%3E%3Cscript%3E",
        "/map?range=%3Cscript%3E",
        "/import?reason=%22%3E%3Cscript%3E",
        "/%3Cscript%3E",
    ] {
        let page = acme.get(path).await;
        assert!(
            !page.body.contains("<script>") && !page.body.contains("\"><script"),
            "{path}: {}",
            page.body
        );
        assert!(!page.body.contains('\u{202e}') && !page.body.contains('\u{1b}'), "{path}");
        assert!(!page.header("location").contains('\u{1b}'));
    }
    let page = acme.get("/map?range=192.0.2.0/24&address=192.0.2.7").await;
    assert!(page.body.contains("⟨U+202E⟩"), "what is hidden is shown by number");
    // For a shell the quotes in it are no quotes.
    assert!(page.body.contains(r"&#39;\&#39;&#39;"), "{}", page.body);
    let csv = acme.get("/export?within=192.0.2.0/24").await;
    assert!(csv.header("content-disposition").starts_with("attachment"), "a file, whatever is in it");
    assert!(csv.body.contains("192.0.2.7,\"'=HYPERLINK(\"\"x\"\")\",60\r\n"), "{}", csv.body);
    assert!(!csv.body.contains('\u{202e}'));
}

#[tokio::test]
async fn filling_shows_what_would_come_of_it_and_asks_once_more_if_that_has_changed() {
    let site = Site::new().await;
    let (mut acme, csrf) = site.acme().await;
    let form = format!("csrf={csrf}&range=192.0.2.0/28&pattern=h%7Bd%7D.example&keep=yes");
    let preview = acme.post("/fill", &form).await;
    assert_eq!(preview.status, StatusCode::OK);
    let changes =
        |site: &Site| site.stub.state().log.iter().filter(|change| change.kind == "ptr-fill").count();
    assert_eq!(changes(&site), 0, "looking changes nothing");
    let stale = acme.post("/fill", &format!("{form}&seen=0123456789abcdef0123456789abcdef")).await;
    assert!(stale.body.contains("something changed since you looked"), "{}", stale.body);
    assert_eq!(changes(&site), 0);
    let seen = value(&preview.body, "seen");
    let done = acme.post("/fill", &format!("{form}&seen={seen}")).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/map?range=192.0.2.0%2F24"));
    assert_eq!(changes(&site), 1);
}

#[tokio::test]
async fn files_are_imported_after_a_look_or_their_lines_are_named() {
    let site = Site::new().await;
    let (mut acme, csrf) = site.acme().await;
    let bad = acme
        .upload("/import", &[("csrf", &csrf), ("csv", ""), ("file", "192.0.2.1,a.example\nnonsense\n")])
        .await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.body.contains("line 2: nonsense: no address"), "{}", bad.body);
    assert!(bad.body.contains("\n192.0.2.1,a.example\nnonsense\n</textarea>"), "to be mended here");
    let good = acme.upload("/import", &[("csrf", &csrf), ("csv", "192.0.2.1,a.example"), ("file", "")]).await;
    assert!(good.body.contains("would import 1 PTRs"), "{}", good.body);
    let empty = acme.upload("/import", &[("csrf", &csrf), ("csv", " ")]).await;
    assert!(empty.body.contains("no lines to import"));
    let large = "192.0.2.1,a.example\n".repeat(500_000);
    let refused = acme.upload("/import", &[("csrf", &csrf), ("csv", &large)]).await;
    assert!(refused.status.is_client_error() && refused.body.contains("8 MiB"), "{}", refused.status);
    assert!(site.stub.state().log.iter().all(|change| change.kind != "ptr-import"));
}

#[tokio::test]
async fn forms_have_limits() {
    let site = Site::new().await;
    let (mut acme, csrf) = site.acme().await;
    let long = acme.post("/address", &format!("csrf={csrf}&names={}", "x".repeat(100_000))).await;
    assert_eq!(long.status, StatusCode::PAYLOAD_TOO_LARGE);
    let many = acme.post("/address", &format!("csrf={csrf}{}", "&a=1".repeat(100))).await;
    assert_eq!(many.status, StatusCode::BAD_REQUEST);
    let reason = acme
        .post(
            "/address",
            &format!("csrf={csrf}&address=192.0.2.1&names=a.example&reason={}", "x".repeat(2_000)),
        )
        .await;
    assert_eq!(reason.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(field(&reason.body, "reason").contains("aria-invalid"));
    assert_eq!(site.changes_seen(), 0);
}

#[tokio::test]
async fn undoing_shows_what_stands_in_its_way() {
    let site = Site::new().await;
    let (mut acme, csrf) = site.acme().await;
    let page = acme.get("/history/2").await;
    assert!(page.body.contains("Undo change 2"), "{}", page.body);
    let done = acme.post("/history/2", &format!("csrf={csrf}&reason=wrong")).await;
    let number = site.stub.state().log.len();
    assert_eq!(done.header("location"), format!("/history/{number}"));
    let refused = acme.post("/history/1", &format!("csrf={csrf}")).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.body.contains("192.0.2.1 has the PTR b.example. (change 2, ptr-set by alice)"),
        "{}",
        refused.body
    );
    assert_eq!(acme.get("/history/x").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_may_read_only_is_offered_no_forms_that_write() {
    let site = Site::new().await;
    let mut reader = site.stranger();
    reader.login(&site.reader, "/").await;
    for path in ["/map?range=192.0.2.0/24&address=192.0.2.1", "/blocks", "/history/2"] {
        let page = reader.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        for form in ["action=\"/address\"", "action=\"/history/2\"", "href=\"/import\"", "Name a range"] {
            assert!(!page.body.contains(form), "{path} has {form}");
        }
    }
}

#[tokio::test]
async fn sessions_end_by_themselves() {
    let limits = ptrd_web::SessionLimits { idle: Duration::ZERO, ..ptrd_web::SessionLimits::default() };
    let site = Site::with(limits).await;
    let mut acme = site.stranger();
    acme.login(&site.acme, "/").await;
    assert_eq!(acme.get("/blocks").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn operators_see_everything_and_tenants_their_own() {
    let site = Site::new().await;
    site.change(ChangeRequest::BlockAdd(BlockAdd {
        range: "198.51.100.0/24".into(),
        tenant: "bob".into(),
        ..BlockAdd::default()
    }))
    .await;
    let mut ops = site.stranger();
    ops.login(&site.operator, "/").await;
    assert_eq!(ops.get("/").await.header("location"), "/overview");
    let overview = ops.get("/overview").await;
    for text in ["standby ns3", "not connected", "Recent changes", "1\u{202f}234\u{202f}567"] {
        assert!(overview.body.contains(text), "{text}: {}", overview.body);
    }
    let checks = ops.get("/checks").await;
    for page in [&overview.body, &checks.body] {
        for text in [
            "What the world sees",
            "! iprev",
            "mail.example.com. does not exist",
            "create the A or AAAA record",
        ] {
            assert!(page.contains(text), "{text}: {page}");
        }
    }
    assert!(
        checks.body.contains("Sending addresses: 1 fail, 1 not known, 5 as they should be."),
        "{}",
        checks.body
    );
    for path in ["/zones", "/tenants", "/blocks", "/blocks?tenant=bob", "/zones?kind=range"] {
        assert_eq!(ops.get(path).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(ops.get("/search?q=bob").await.header("location"), "/blocks?tenant=bob");
    assert_eq!(
        ops.get("/search?q=192.0.2.7").await.header("location"),
        "/map?range=192.0.2.0%2F24&address=192.0.2.7#panel"
    );
    let (mut acme, _) = site.acme().await;
    assert_eq!(acme.get("/").await.header("location"), "/blocks");
    for path in ["/overview", "/tenants"] {
        assert_eq!(acme.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let page = acme.get("/blocks").await;
    assert!(!page.body.contains("Overview") && !page.body.contains("Tenants"));
}

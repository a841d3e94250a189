//! What somebody may try who means ill: with forms of other pages, with octets that are no form, with text that is not only
//! text where it is shown.

#[path = "../../ptrd-admin/tests/stub/mod.rs"]
mod stub;
mod visitor;

use axum::http::StatusCode;
use ptrd_api::PtrView;
use std::net::IpAddr;
use std::path::Path;
use stub::Seen;
use visitor::Site;

/// All forms that write, each without the text of a session.
const FORMS: [(&str, &str); 8] = [
    ("/address", "address=192.0.2.1&names=a.example&expect=absent&action=set"),
    ("/address", "address=192.0.2.1&action=delete"),
    ("/address", "address=192.0.2.9&action=drop"),
    ("/address", "address=192.0.2.1&action=look"),
    ("/fill", "range=192.0.2.0/28&pattern=h{d}.example&seen=x"),
    ("/import", "csv=192.0.2.1,a.example&seen=x"),
    ("/history/1", "reason=x"),
    ("/logout", ""),
];

#[tokio::test]
async fn no_form_is_taken_without_the_text_of_its_session() {
    let site = Site::new().await;
    let (mut acme, csrf) = site.acme().await;
    let (_, other) = site.acme().await;
    for (path, body) in FORMS {
        for more in ["", "&csrf=", &format!("&csrf={other}"), &format!("&csrf={}", csrf.to_uppercase())] {
            let answer = acme.form(path, &format!("{body}{more}")).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {body}{more}");
        }
        acme.headers = vec![("sec-fetch-site", "same-site")];
        let answer = acme.form(path, &format!("{body}&csrf={csrf}")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} from another page");
        acme.headers.clear();
    }
    assert_eq!(site.stub.state().seen, [], "nobody was asked for anything");
    assert_eq!(acme.get("/blocks").await.status, StatusCode::OK, "nor logged out");
}

#[tokio::test]
async fn reading_changes_nothing() {
    let site = Site::new().await;
    let (mut acme, csrf) = site.acme().await;
    for (path, body) in FORMS {
        acme.get(&format!("{path}?{body}&csrf={csrf}")).await;
    }
    assert_eq!(site.changes_seen(), 0);
    assert_eq!(acme.get("/blocks").await.status, StatusCode::OK, "nor is one logged out by a link");
}

#[tokio::test]
async fn who_floods_the_login_from_many_addresses_keeps_nobody_else_out() {
    let site = Site::new().await;
    for last in 0..60 {
        let mut flood = site.stranger();
        flood.from = format!("198.51.100.{last}").parse().expect("an address");
        for _ in 0..12 {
            flood.login("ptrd_nothing", "/").await;
        }
        assert_eq!(flood.login(&site.acme, "/").await.status, StatusCode::TOO_MANY_REQUESTS);
    }
    let login = site.stranger().login(&site.acme, "/").await;
    assert_eq!(login.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_is_none_that_a_stranger_chose() {
    let site = Site::new().await;
    let mut victim = site.stranger();
    victim.cookie = format!("__Host-ptrd={}", "a".repeat(64));
    victim.login(&site.acme, "/").await;
    assert!(!victim.cookie.contains(&"a".repeat(64)), "logging in gives a session of its own");
    let mut stranger = site.stranger();
    stranger.cookie = format!("__Host-ptrd={}", "a".repeat(64));
    assert_eq!(stranger.get("/blocks").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn strangers_have_no_more_read_than_a_token_takes() {
    let site = Site::new().await;
    let mut stranger = site.stranger();
    let large = "x".repeat(1 << 20);
    let answer = stranger.upload("/login", &[("token", &large)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "not even as a file");
    let answer = stranger.post("/login", &format!("token={large}")).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let (mut acme, csrf) = site.acme().await;
    let answer = acme.upload("/address", &[("csrf", &csrf), ("names", &large)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "only imports have files");
}

#[tokio::test]
async fn few_files_are_read_at_a_time() {
    let site = Site::new().await;
    let (mut acme, csrf) = site.acme().await;
    let mut stalled: Vec<_> = (0..2).map(|_| tokio::spawn(acme.begin_upload("/import"))).collect();
    loop {
        // One that met the form below was sent away.
        for ended in stalled.iter_mut().filter(|one| one.is_finished()) {
            *ended = tokio::spawn(acme.begin_upload("/import"));
        }
        tokio::task::yield_now().await;
        let answer = acme.upload("/import", &[("csrf", &csrf), ("csv", "192.0.2.1,a.example")]).await;
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            assert!(answer.body.contains("others are importing"), "{}", answer.body);
            break;
        }
        assert_eq!(answer.status, StatusCode::OK);
    }
    stalled.iter().for_each(tokio::task::JoinHandle::abort);
    for one in stalled {
        assert!(one.await.is_err_and(|error| error.is_cancelled()));
    }
    let answer = acme.upload("/import", &[("csrf", &csrf), ("csv", "192.0.2.1,a.example")]).await;
    assert_eq!(answer.status, StatusCode::OK, "a seat is given back by whoever goes");
}

#[tokio::test]
async fn a_reason_has_nothing_for_a_terminal_in_it() {
    let site = Site::new().await;
    let (mut acme, csrf) = site.acme().await;
    let form = format!(
        "csrf={csrf}&address=192.0.2.1&names=a.example&expect=absent&reason=%1B%5D0%3Bowned%07%0D%0Aroot%3A+ok%C2%9B31m"
    );
    assert_eq!(acme.post("/address", &form).await.status, StatusCode::SEE_OTHER);
    let reasons: Vec<String> = site
        .stub
        .state()
        .seen
        .iter()
        .filter_map(|seen| match seen {
            Seen::Change(caller, _, false) => caller.reason.clone(),
            _ => None,
        })
        .collect();
    assert_eq!(reasons, ["⟨U+001B⟩]0;owned⟨U+0007⟩⟨U+000D⟩⟨U+000A⟩root: ok⟨U+009B⟩31m"]);
}

#[tokio::test]
async fn names_that_are_no_names_are_text_in_lists_of_checks() {
    let site = Site::new().await;
    let evil = "dyn<script>alert(1)</script>\u{1b}[2J";
    let address: IpAddr = "192.0.2.7".parse().expect("an address");
    let view = PtrView {
        address: address.to_string(),
        names: vec![evil.to_owned()],
        ttl: 60,
        inherited: false,
        version: "v1".into(),
        fcrdns: Some("failing".into()),
        owner: None,
        template: None,
    };
    site.stub.state().ptrs.insert(address, view);
    let (mut acme, _) = site.acme().await;
    for path in ["/checks", "/checks?within=%22%3E%3Cscript%3E", "/map?range=192.0.2.0/24&address=192.0.2.7"]
    {
        let page = acme.get(path).await;
        assert!(!page.body.contains("<script>") && !page.body.contains('\u{1b}'), "{path}: {}", page.body);
    }
    assert!(acme.get("/checks").await.body.contains("dyn&lt;script&gt;"), "shown all the same");
}

/// No template says that a text is HTML already, and none has a place where escaping HTML is not enough.
#[test]
fn templates_leave_escaping_on_and_have_no_scripts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("templates") {
        let path = entry.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("text");
        for forbidden in
            ["|safe", "| safe", "escape", "<style", " style=", " on", "javascript:", "srcdoc", "href={{"]
        {
            let found = text.split('\n').find(|line| match forbidden {
                // The words of people have “ on” in them; attributes are written together.
                " on" => line.split(" on").skip(1).any(|rest| {
                    rest.split_once('=').is_some_and(|(name, _)| {
                        !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_lowercase())
                    })
                }),
                _ => line.contains(forbidden),
            });
            assert_eq!(found, None, "{} has {forbidden}", path.display());
        }
        seen += 1;
    }
    assert!(seen > 15);
}

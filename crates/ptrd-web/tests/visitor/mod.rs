//! A site over a stub, and browsers without a screen. Not every test needs all of it.
#![allow(dead_code)]

use super::stub::{Seen, Stub};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use ptrd_admin::{Caller, Control, Gate, Standing};
use ptrd_api::{BlockAdd, ChangeDone, ChangeRequest, TokenWrite};
use ptrd_web::{SessionLimits, Settings};
use std::net::IpAddr;
use std::sync::Arc;
use tower::ServiceExt;

/// A site with a tenant, its block and a few tokens.
pub struct Site {
    pub stub: Arc<Stub>,
    router: Router,
    pub operator: String,
    pub acme: String,
    pub reader: String,
}

impl Site {
    pub async fn new() -> Site {
        Site::with(SessionLimits::default()).await
    }

    pub async fn with(sessions: SessionLimits) -> Site {
        let stub = Arc::new(Stub::default());
        let settings = Settings { sessions, ..Settings::default() };
        let router = ptrd_web::router(stub.clone(), Gate::new(stub.clone()), settings);
        let router = router.fallback(ptrd_web::no_page);
        let mut site =
            Site { stub, router, operator: String::new(), acme: String::new(), reader: String::new() };
        for name in ["acme", "bob"] {
            site.change(ChangeRequest::TenantAdd { name: name.into() }).await;
        }
        let add = BlockAdd { range: "192.0.2.0/24".into(), tenant: "acme".into(), ..BlockAdd::default() };
        site.change(ChangeRequest::BlockAdd(add)).await;
        site.operator = site.token("ops", None, true).await;
        site.acme = site.token("acme-web", Some("acme"), true).await;
        site.reader = site.token("acme-look", Some("acme"), false).await;
        site.stub.state().seen.clear();
        site
    }

    async fn token(&self, name: &str, tenant: Option<&str>, write: bool) -> String {
        let tenant: Option<String> = tenant.map(str::to_owned);
        let write = TokenWrite {
            name: name.into(),
            operator: tenant.is_none(),
            tenant,
            write,
            ..TokenWrite::default()
        };
        let done = self.change(ChangeRequest::TokenAdd(write)).await;
        done.token.expect("a token").token.reveal().to_owned()
    }

    /// A change by an operator.
    pub async fn change(&self, request: ChangeRequest) -> ChangeDone {
        let by = Caller {
            actor: "alice".into(),
            origin: "socket pid 7".into(),
            reason: None,
            standing: Standing::Operator,
            once: None,
        };
        self.stub.change(by, request, false).await.expect("a change")
    }

    /// How many changes the stub was asked for, not counting dry runs.
    pub fn changes_seen(&self) -> usize {
        let is_change = |seen: &&Seen| matches!(seen, Seen::Change(_, _, false));
        self.stub.state().seen.iter().filter(is_change).count()
    }

    pub fn stranger(&self) -> Visitor {
        let from = "192.0.2.99".parse().expect("an address");
        Visitor { router: self.router.clone(), cookie: String::new(), headers: Vec::new(), from }
    }

    /// Acme, logged in, and what its forms carry.
    pub async fn acme(&self) -> (Visitor, String) {
        let mut acme = self.stranger();
        acme.login(&self.acme, "/").await;
        let page = acme.get("/blocks").await;
        let csrf = value(&page.body, "csrf");
        (acme, csrf)
    }
}

/// An answer.
pub struct Answer {
    pub status: StatusCode,
    headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// A header, empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }
}

/// A browser.
pub struct Visitor {
    router: Router,
    pub cookie: String,
    pub headers: Vec<(&'static str, &'static str)>,
    pub from: IpAddr,
}

impl Visitor {
    async fn send(&mut self, method: Method, path: &str, content_type: &str, body: String) -> Answer {
        let path = path.split('#').next().expect("a path");
        let mut request = Request::builder().method(method).uri(path).header("host", "ptr.example");
        request = request.header(header::CONTENT_TYPE, content_type).header(header::COOKIE, &self.cookie);
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        let request = request.extension(self.from).body(Body::from(body)).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        if let Some(set) = parts.headers.get(header::SET_COOKIE) {
            let set = set.to_str().expect("ASCII");
            self.cookie = format!("theme=dark; {}", set.split(';').next().expect("a pair"));
        }
        let body = to_bytes(body, 64 << 20).await.expect("a body");
        let body = String::from_utf8(body.to_vec()).expect("UTF-8");
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, "", String::new()).await
    }

    pub async fn post(&mut self, path: &str, body: &str) -> Answer {
        self.send(Method::POST, path, "application/x-www-form-urlencoded", body.to_owned()).await
    }

    /// As browsers send the form of this page.
    pub async fn form(&mut self, path: &str, body: &str) -> Answer {
        if path != "/import" {
            return self.post(path, body).await;
        }
        let fields: Vec<(&str, &str)> = body.split('&').filter_map(|pair| pair.split_once('=')).collect();
        self.upload(path, &fields).await
    }

    /// Begins to send a form with a file, and never goes on.
    pub fn begin_upload(&self, path: &str) -> impl Future<Output = ()> + Send + use<> {
        let (unused, stalled) = ptrd_admin::text();
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
            .header(header::COOKIE, &self.cookie)
            .extension(self.from)
            .body(Body::new(stalled))
            .expect("a request");
        let router = self.router.clone();
        async move {
            let _ = router.oneshot(request).await;
            drop(unused);
        }
    }

    pub async fn upload(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let part = |(name, value): &(&str, &str)| {
            format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body = fields.iter().map(part).collect::<String>() + "--x--\r\n";
        self.send(Method::POST, path, "multipart/form-data; boundary=x", body).await
    }

    pub async fn login(&mut self, token: &str, next: &str) -> Answer {
        let escaped = |text: &str| text.replace('%', "%25").replace('&', "%26").replace('+', "%2B");
        self.post("/login", &format!("token={}&next={}", escaped(token), escaped(next))).await
    }
}

/// The tag of the field with this identity.
pub fn field<'p>(page: &'p str, id: &str) -> &'p str {
    let at = page.find(&format!(" id=\"{id}\"")).expect("the field");
    let start = page[..at].rfind('<').expect("its tag");
    let end = at + page[at..].find('>').expect("its end");
    &page[start..end]
}

/// What the hidden field of this name carries.
pub fn value(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = page.split(&start).nth(1).expect("the field");
    rest.split('"').next().expect("its value").to_owned()
}

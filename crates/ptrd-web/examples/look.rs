//! The pages over a stub, on plain HTTP, to look at while they are drawn: `cargo run -p ptrd-web --example look`.

#[path = "../../ptrd-admin/tests/stub/mod.rs"]
mod stub;

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use ptrd_admin::{Caller, Control, Gate, Standing};
use ptrd_api::{BlockAdd, ChangeRequest, PtrWrite, TokenWrite};
use ptrd_web::Settings;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

async fn fill(stub: &stub::Stub) {
    let by = |reason: Option<&str>| Caller {
        actor: "alice".into(),
        origin: "socket pid 7".into(),
        reason: reason.map(str::to_owned),
        standing: Standing::Operator,
    };
    let change = async |request, reason| stub.change(by(reason), request, false).await.expect("a change");
    for name in ["acme", "bob"] {
        change(ChangeRequest::TenantAdd { name: name.into() }, None).await;
    }
    for (range, tenant, classless) in [
        ("192.0.2.0/26", "acme", Some("slash")),
        ("192.0.2.64/27", "bob", None),
        ("192.0.2.96/30", "acme", None),
        ("192.0.2.128/25", "acme", None),
        ("198.51.100.0/22", "acme", None),
    ] {
        let add = BlockAdd {
            range: range.into(),
            tenant: tenant.into(),
            classless: classless.map(str::to_owned),
            ..BlockAdd::default()
        };
        change(ChangeRequest::BlockAdd(add), None).await;
    }
    for nth in (0..60).chain(66..90).chain(130..200).step_by(2) {
        let write = PtrWrite {
            address: format!("192.0.2.{nth}"),
            names: vec![format!("host-{nth}.example.com")],
            ..PtrWrite::default()
        };
        change(ChangeRequest::PtrSet(write), Some("moved in")).await;
    }
    change(ChangeRequest::BlockSuspend { range: "192.0.2.96/30".into() }, Some("unpaid")).await;
}

async fn tokens(stub: &stub::Stub) {
    for (name, tenant, write) in
        [("ops", None, true), ("acme-web", Some("acme"), true), ("acme-look", Some("acme"), false)]
    {
        let tenant: Option<String> = tenant.map(str::to_owned);
        let write = TokenWrite {
            name: name.into(),
            operator: tenant.is_none(),
            tenant,
            write,
            ..TokenWrite::default()
        };
        let by = Caller {
            actor: "alice".into(),
            origin: "socket".into(),
            reason: None,
            standing: Standing::Operator,
        };
        let done = stub.change(by, ChangeRequest::TokenAdd(write), false).await.expect("a token");
        println!("{name}: {}", done.token.expect("a token").token.reveal());
    }
}

#[tokio::main]
async fn main() {
    let stub = Arc::new(stub::Stub::default());
    tokens(&stub).await;
    fill(&stub).await;
    let router =
        ptrd_web::router(stub.clone(), Gate::new(stub), Settings::default()).fallback(ptrd_web::no_page);
    let router = router.layer(from_fn(|mut request: Request, next: Next| async move {
        request.extensions_mut().insert(IpAddr::V4(Ipv4Addr::LOCALHOST));
        next.run(request).await
    }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("http://{}", listener.local_addr().expect("bound"));
    axum::serve(listener, router).await.expect("serving");
}

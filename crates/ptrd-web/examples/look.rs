//! The pages over a stub, on plain HTTP, to look at while they are drawn: `cargo run -p ptrd-web --example look`.

#[path = "../../ptrd-admin/tests/stub/mod.rs"]
mod stub;

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use ptrd_admin::{Caller, Control};
use ptrd_api::{BlockAdd, ChangeRequest, Problem, PtrWrite, code};
use ptrd_web::{Judge, Peer, Settings, Standing};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

fn judge() -> Judge {
    Arc::new(|secret, _| {
        Box::pin(async move {
            let standing = |name: &str, tenant: Option<&str>, write| Standing {
                name: name.into(),
                tenant: tenant.map(str::to_owned),
                write,
            };
            match secret.as_str() {
                "operator" => Ok(standing("ops", None, true)),
                "acme" => Ok(standing("acme-web", Some("acme"), true)),
                "reader" => Ok(standing("acme-look", Some("acme"), false)),
                _ => Err(Problem::new(code::FORBIDDEN, "no such token")),
            }
        })
    })
}

async fn fill(stub: &stub::Stub) {
    let by = |reason: Option<&str>| Caller {
        actor: "alice".into(),
        origin: "socket pid 7".into(),
        reason: reason.map(str::to_owned),
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

#[tokio::main]
async fn main() {
    let stub = Arc::new(stub::Stub::default());
    fill(&stub).await;
    let router = ptrd_web::router(stub, judge(), Settings::default()).fallback(ptrd_web::no_page);
    let router = router.layer(from_fn(|mut request: Request, next: Next| async move {
        request.extensions_mut().insert(Peer(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        next.run(request).await
    }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("http://{}", listener.local_addr().expect("bound"));
    axum::serve(listener, router).await.expect("serving");
}

//! Metadata and keys of zones: what PowerDNS keeps there is kept elsewhere here, or not at all.

use super::answer::{Answer, At, invalid, named, ok};
use super::shape::soa_edit_api;
use crate::control::Control;
use crate::request::Who;
use crate::routes::App;
use axum::extract::State;
use serde::Serialize;

#[derive(Serialize)]
struct Metadata {
    kind: String,
    metadata: Vec<&'static str>,
    #[serde(rename = "type")]
    of: &'static str,
}

pub(super) async fn list<C: Control>(State(app): State<App<C>>, Who(who): Who, at: At) -> Answer {
    let zone = app.control.zone(who, at.zone).await.map_err(named)?;
    let kind = "SOA-EDIT-API".to_owned();
    ok([Metadata { kind, metadata: vec![soa_edit_api(&zone)], of: "Metadata" }])
}

pub(super) async fn one<C: Control>(State(app): State<App<C>>, Who(who): Who, at: At) -> Answer {
    let zone = app.control.zone(who, at.zone).await.map_err(named)?;
    let kind = at.rest.get("kind").cloned().unwrap_or_default().to_ascii_uppercase();
    let metadata = if kind == "SOA-EDIT-API" { vec![soa_edit_api(&zone)] } else { Vec::new() };
    ok(Metadata { kind, metadata, of: "Metadata" })
}

pub(super) async fn write(_: At) -> Answer {
    Err(invalid("metadata of zones is not kept here")
        .hint("`ptrctl access` says who may transfer and update, `ptrctl notify` who is told of changes")
        .into())
}

pub(super) async fn keys<C: Control>(State(app): State<App<C>>, Who(who): Who, at: At) -> Answer {
    app.control.zone(who, at.zone).await.map_err(named)?;
    ok([(); 0])
}

pub(super) async fn no_keys(_: At) -> Answer {
    Err(invalid("zones are not signed here").hint("zones that came signed are served as they are").into())
}

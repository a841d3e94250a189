//! The HTTP API of the PowerDNS authoritative server, version 1, as far as its clients use it: a translation, in both
//! directions, between its JSON and the requests and views of [`Control`]. It decides nothing: whoever may do something,
//! and what a zone may hold, is judged where every change is.
//!
//! Differences that are meant: RRsets that follow from blocks are listed as answers show them, and cannot be written;
//! `account` is the tenant; `disabled` records and comments are refused, not dropped; what is refused says why in `error`,
//! also where PowerDNS answers with a bare word. What a client cannot tell from PowerDNS is left as it is there, and
//! compared with it by tests.

mod answer;
mod ask;
mod docs;
mod id;
mod key;
mod metadata;
mod server;
mod shape;
mod tsig;
mod zones;

pub(crate) use key::stranger;

use crate::control::Control;
use crate::routes::App;
use crate::routes::table::Table;
use axum::middleware::from_fn_with_state;

/// Whether a path is one of these.
pub(crate) fn is_asked(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// Adds the routes.
pub(crate) fn add<C: Control>(table: Table<C>, app: App<C>) -> Table<C> {
    table.nest(
        "/api",
        routes().around(|router| {
            router
                .fallback(answer::no_route)
                .method_not_allowed_fallback(answer::no_method)
                .layer(from_fn_with_state(app, key::check::<C>))
        }),
    )
}

/// What is below `/api`.
fn routes<C: Control>() -> Table<C> {
    Table::new()
        .get("/", server::versions)
        .get("/docs", docs::docs::<C>)
        .get("/v1", server::features)
        .get("/v1/servers", server::servers)
        .nest("/v1/servers/{server}", of_server())
}

fn of_server<C: Control>() -> Table<C> {
    Table::new()
        .get("/", server::server)
        .get("/config", server::config)
        .get("/statistics", server::statistics::<C>)
        .get("/search-data", server::search::<C>)
        .put("/cache/flush", server::flush::<C>)
        .get("/autoprimaries", server::autoprimaries)
        .get("/tsigkeys", tsig::list::<C>)
        .post("/tsigkeys", tsig::add::<C>)
        .get("/tsigkeys/{id}", tsig::one::<C>)
        .delete("/tsigkeys/{id}", tsig::remove::<C>)
        .put("/tsigkeys/{id}", tsig::set)
        .get("/zones", zones::list::<C>)
        .post("/zones", zones::add::<C>)
        .get("/zones/{id}", zones::one::<C>)
        .patch("/zones/{id}", zones::patch::<C>)
        .put("/zones/{id}", zones::set::<C>)
        .delete("/zones/{id}", zones::remove::<C>)
        .put("/zones/{id}/notify", zones::notify::<C>)
        .put("/zones/{id}/rectify", zones::rectify::<C>)
        .put("/zones/{id}/axfr-retrieve", zones::retrieve::<C>)
        .get("/zones/{id}/export", zones::export::<C>)
        .get("/zones/{id}/metadata", metadata::list::<C>)
        .post("/zones/{id}/metadata", metadata::write)
        .get("/zones/{id}/metadata/{kind}", metadata::one::<C>)
        .put("/zones/{id}/metadata/{kind}", metadata::write)
        .delete("/zones/{id}/metadata/{kind}", metadata::write)
        .get("/zones/{id}/cryptokeys", metadata::keys::<C>)
        .post("/zones/{id}/cryptokeys", metadata::no_keys)
}

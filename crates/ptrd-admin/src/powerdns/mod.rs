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
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, put};

/// Whether a path is one of these.
pub(crate) fn is_asked(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// Adds the routes.
pub(crate) fn add<C: Control>(router: Router<App<C>>, app: App<C>) -> Router<App<C>> {
    let api = Router::new()
        .route("/", get(server::versions))
        .route("/v1", get(server::features))
        .route("/v1/servers", get(server::servers))
        .nest("/v1/servers/{server}", of_server())
        .fallback(answer::no_route)
        .method_not_allowed_fallback(answer::no_method)
        .layer(from_fn_with_state(app, key::check::<C>));
    router.nest("/api", api)
}

fn of_server<C: Control>() -> Router<App<C>> {
    Router::new()
        .route("/", get(server::server))
        .route("/config", get(server::config))
        .route("/statistics", get(server::statistics::<C>))
        .route("/search-data", get(server::search::<C>))
        .route("/cache/flush", put(server::flush::<C>))
        .route("/autoprimaries", get(server::autoprimaries))
        .route("/tsigkeys", get(tsig::list::<C>).post(tsig::add::<C>))
        .route("/tsigkeys/{id}", get(tsig::one::<C>).delete(tsig::remove::<C>).put(tsig::set))
        .route("/zones", get(zones::list::<C>).post(zones::add::<C>))
        .route(
            "/zones/{id}",
            get(zones::one::<C>).patch(zones::patch::<C>).put(zones::set::<C>).delete(zones::remove::<C>),
        )
        .route("/zones/{id}/notify", put(zones::notify::<C>))
        .route("/zones/{id}/rectify", put(zones::rectify::<C>))
        .route("/zones/{id}/axfr-retrieve", put(zones::retrieve::<C>))
        .route("/zones/{id}/export", get(zones::export::<C>))
        .route("/zones/{id}/metadata", get(metadata::list::<C>).post(metadata::write))
        .route(
            "/zones/{id}/metadata/{kind}",
            get(metadata::one::<C>).put(metadata::write).delete(metadata::write),
        )
        .route("/zones/{id}/cryptokeys", get(metadata::keys::<C>).post(metadata::no_keys))
}

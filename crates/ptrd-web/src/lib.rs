//! The web page, for customers and for operators: forms and links over the one [`Control`] that the API and the command
//! line go through as well. Nothing here decides what somebody may do; it shows what the control side shows them, and
//! sends what they wrote down the one road of changes.
//!
//! Pages are made on the server. They work without a script, without a mouse, and on a narrow screen; the one script adds
//! arrow keys in the map, copying, and reading a file into a form. All that is shown is escaped where it is written
//! (`ptrd-escape`), and the policy that browsers are told (`headers.rs`) forbids whatever is not a file of this crate.
//!
//! Who comes has a session ([`SessionLimits`]), which a token begins; the token is judged anew with each request, so that
//! one that was revoked ends what it began. Each form carries a text that belongs to the session, so that no other page
//! can send one. Tries in vain are counted by address, by the gate that all doors share: nobody guesses the 190 random bits of
//! a token, and a count of all together would let anybody keep everybody out.

mod app;
mod assets;
mod form;
mod forward;
mod headers;
mod pages;
mod seat;
mod session;
mod state;
mod view;

pub use app::Settings;
pub use session::SessionLimits;

use app::App;
use axum::Router;
use axum::routing::{get, post};
use ptrd_admin::{Control, Gate};
use std::sync::Arc;

/// All pages, below `/`. Requests must carry the client's address among their extensions, as [`std::net::IpAddr`].
///
/// The tree has no fallback: whoever mounts it beside others says what becomes of the rest, [`no_page`] for example.
pub fn router<C: Control>(control: Arc<C>, gate: Gate<C>, settings: Settings) -> Router {
    use pages::{
        address, blocks, checks, export, fill, history, import, login, map, overview, search, tenants, zones,
    };
    Router::new()
        .route("/", get(login::home::<C>))
        .route("/login", get(login::form::<C>).post(login::login::<C>))
        .route("/logout", post(login::logout::<C>))
        .route("/overview", get(overview::page::<C>))
        .route("/blocks", get(blocks::page::<C>))
        .route("/map", get(map::page::<C>))
        .route("/address", get(address::page::<C>).post(address::write::<C>))
        .route("/fill", get(fill::form::<C>).post(fill::fill::<C>))
        .route("/import", get(import::form::<C>).post(import::import::<C>))
        .route("/checks", get(checks::page::<C>))
        .route("/export", get(export::csv::<C>))
        .route("/history", get(history::page::<C>))
        .route("/history/{change}", get(history::change::<C>).post(history::undo::<C>))
        .route("/zones", get(zones::page::<C>))
        .route("/tenants", get(tenants::page::<C>))
        .route("/search", get(search::page::<C>))
        .route("/assets/{name}", get(assets::asset))
        .layer(import::limit())
        .layer(axum::middleware::map_response(headers::guard))
        .with_state(App::new(control, gate, settings))
}

/// What is answered where there is no page.
pub async fn no_page() -> axum::response::Response {
    headers::guard(view::nothing_here()).await
}

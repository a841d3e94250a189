//! Keys that are shown where none is needed: on the admin socket a caller may do everything, but one who shows a key may
//! do what that key may, so that whatever passes requests on to the socket passes on nothing more.

use super::answer::Denied;
use crate::control::{Control, Standing};
use crate::gate::KEY_HEADER;
use crate::peer::Peer;
use crate::reply::Refusal;
use crate::routes::App;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, Ipv4Addr};

/// Looks at the key of a request that came without a token.
pub(super) async fn check<C: Control>(
    State(app): State<App<C>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<Peer>().filter(|peer| peer.standing() == Standing::Operator);
    let key = request.headers().get(KEY_HEADER);
    if let Some((peer, key)) = peer.zip(key) {
        // Whoever comes through the socket is on this machine.
        let bearer =
            app.control.bearer(key.to_str().unwrap_or_default().trim(), IpAddr::V4(Ipv4Addr::LOCALHOST));
        let peer = match bearer {
            Ok(bearer) => peer.bearing(bearer),
            Err(problem) => return stranger(problem.into()),
        };
        request.extensions_mut().insert(peer);
    }
    next.run(request).await
}

/// The answer to somebody who is not let in.
pub(crate) fn stranger(mut refusal: Refusal) -> Response {
    refusal.say(|message| format!("Unauthorized: {message}"));
    let mut response = Denied::from(refusal).into_response();
    if response.status() == StatusCode::UNAUTHORIZED {
        let how = HeaderValue::from_static("X-API-Key realm=\"ptrd\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, how);
    }
    response
}

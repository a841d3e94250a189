//! Problems as RFC 9457 has them: what clients of the network get. On the admin socket they are as `ptrctl` knows them.
//!
//! The members of a [`Problem`] stay, as extensions; `type`, `title`, `status`, `detail` and `instance` come besides.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use hyper::body::{Body as _, Frame};
use ptrd_api::Problem;
use serde::Serialize;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A problem as it is sent.
#[derive(Serialize)]
struct Details<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: String,
    #[serde(flatten)]
    problem: &'a Problem,
}

/// The answer with its problem in this form, if it has one; `id` is what the request is called.
pub(crate) fn of(mut response: Response, id: &str) -> Response {
    let status = response.status();
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None => return response,
    };
    let details = Details {
        kind: format!("urn:ptrd:problem:{}", problem.code),
        title: title(status),
        status: status.as_u16(),
        detail: &problem.message,
        instance: format!("urn:ptrd:request:{id}"),
        problem: &problem,
    };
    let text = Bytes::from(serde_json::to_vec(&details).unwrap_or_default());
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_ENCODING);
    let kind = HeaderValue::from_static("application/problem+json");
    parts.headers.insert(header::CONTENT_TYPE, kind);
    if status == StatusCode::UNAUTHORIZED {
        parts.headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"ptrd\""));
    }
    // A body of known length is all there; another one waits until its client has stopped sending.
    let body = match body.size_hint().exact() {
        Some(_) => Body::from(text),
        None => Body::new(Instead { text: Some(text), rest: body }),
    };
    Response::from_parts(parts, body)
}

fn title(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("a problem")
}

/// A text in the place of another, for as long as that one takes.
struct Instead {
    text: Option<Bytes>,
    rest: Body,
}

impl hyper::body::Body for Instead {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(text) = self.text.take() {
            return Poll::Ready(Some(Ok(Frame::data(text))));
        }
        loop {
            let frame = ready!(Pin::new(&mut self.rest).poll_frame(context));
            if !matches!(frame, Some(Ok(_))) {
                return Poll::Ready(None);
            }
        }
    }
}

//! Answers: JSON, and a [`Problem`] for whatever was not done.

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::body::{Body as _, Frame};
use ptrd_api::{Problem, code};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// How long a client may go on sending after it was refused.
const LINGER: Duration = Duration::from_secs(2);

/// A problem as an answer.
#[derive(Debug)]
pub(crate) struct Refusal {
    problem: Problem,
    /// What the client may still be sending.
    rest: Option<Body>,
}

/// What a handler returns.
pub(crate) type Reply<T> = Result<Json<T>, Refusal>;

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        Refusal { problem, rest: None }
    }
}

impl Refusal {
    /// Says it in other words.
    pub(crate) fn say(&mut self, words: impl FnOnce(&str) -> String) {
        self.problem.message = words(&self.problem.message);
    }

    /// For someone whose body was not read to its end.
    pub(crate) fn to_sender(problem: Problem, rest: Body) -> Refusal {
        Refusal { problem, rest: (!rest.is_end_stream()).then_some(rest) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let problem = self.problem.clone();
        let mut response = self.into_response_as(|problem| serde_json::to_vec(problem).unwrap_or_default());
        // For a door that says it in another form.
        response.extensions_mut().insert(problem);
        response
    }
}

impl Refusal {
    /// An answer whose body is what `told` makes of the problem, JSON too.
    pub(crate) fn into_response_as(self, told: impl FnOnce(&Problem) -> Vec<u8>) -> Response {
        let status = StatusCode::from_u16(code::status(&self.problem.code))
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let again = self.problem.code == code::BUSY;
        let answer = told(&self.problem);
        let body = match self.rest {
            None => Body::from(answer),
            Some(rest) => {
                Body::new(Lingering { answer: Some(answer.into()), rest, until: Box::pin(sleep(LINGER)) })
            }
        };
        let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
        if again {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// An answer that goes out at once, but does not end before the client has stopped sending, or for a moment at most: a
/// client that is writing when the connection closes sees a broken pipe, and not the answer.
struct Lingering {
    answer: Option<Bytes>,
    rest: Body,
    until: Pin<Box<Sleep>>,
}

impl hyper::body::Body for Lingering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(answer) = self.answer.take() {
            return Poll::Ready(Some(Ok(Frame::data(answer))));
        }
        while self.until.as_mut().poll(context).is_pending() {
            let sent = ready!(Pin::new(&mut self.rest).poll_frame(context));
            if !matches!(sent, Some(Ok(_))) {
                break;
            }
        }
        Poll::Ready(None)
    }
}

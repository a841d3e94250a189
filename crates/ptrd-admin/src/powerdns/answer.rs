//! Answers in the form that clients of PowerDNS know: `{"error": "…"}` for what was not done.

use super::id;
use crate::reply::Refusal;
use crate::request::Asked;
use axum::Json;
use axum::extract::{FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use ptrd_api::{Problem, code};
use serde::Serialize;
use std::collections::HashMap;

/// Why something was not done.
#[derive(Debug)]
pub(super) struct Denied(Box<Refusal>);

/// What a handler returns.
pub(super) type Answer = Result<Response, Denied>;

impl From<Problem> for Denied {
    fn from(problem: Problem) -> Denied {
        Denied(Box::new(problem.into()))
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Denied {
        Denied(Box::new(refusal))
    }
}

#[derive(Serialize)]
struct ErrorBody {
    error: String,
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        (*self.0).into_response_as(|problem| {
            let mut error = problem.message.clone();
            for bad in &problem.errors {
                error.push_str(&format!("; line {}: {}", bad.line, bad.message));
            }
            if let Some(hint) = &problem.hint {
                error.push_str(&format!(" ({hint})"));
            }
            serde_json::to_vec(&ErrorBody { error }).unwrap_or_default()
        })
    }
}

pub(super) fn ok(body: impl Serialize) -> Answer {
    Ok(Json(body).into_response())
}

pub(super) fn created(body: impl Serialize) -> Answer {
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// It was done, and there is nothing to say.
pub(super) fn done() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A body that is JSON already.
pub(super) fn json(status: StatusCode, body: axum::body::Body) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// A rule forbids it.
pub(super) fn invalid(message: impl Into<String>) -> Problem {
    Problem::new(code::INVALID, message)
}

/// What makes no sense, or does not fit what is there, is 422 here: 404 and 409 are about the zone of the path alone.
pub(super) fn unprocessable(mut problem: Problem) -> Problem {
    if matches!(problem.code.as_str(), code::BAD_REQUEST | code::NOT_FOUND | code::CONFLICT) {
        problem.code = code::INVALID.to_owned();
    }
    problem
}

/// What is no name is 422, as with PowerDNS.
pub(super) fn named(mut problem: Problem) -> Problem {
    if problem.code == code::BAD_REQUEST {
        problem.code = code::INVALID.to_owned();
    }
    problem
}

pub(super) async fn no_route(uri: Uri, request: Request) -> Denied {
    // What is nested is told the rest of its path.
    let path = uri.path();
    let message = format!("Not Found: there is no route /api{}", path.get(..200).unwrap_or(path));
    Asked::from(request).refusal(Problem::new(code::NOT_FOUND, message)).into()
}

pub(super) async fn no_method(method: Method, request: Request) -> Denied {
    let message = format!("Method Not Allowed: {method}");
    Asked::from(request).refusal(Problem::new(code::BAD_METHOD, message)).into()
}

/// The zone of a path, absolute, of the one server that there is; and what is named further.
pub(super) struct At {
    pub zone: String,
    pub rest: HashMap<String, String>,
}

/// That the path names the one server that there is.
pub(super) struct Here;

fn parameters_here(parameters: &HashMap<String, String>) -> Result<(), Denied> {
    match parameters.get("server").map(String::as_str) {
        Some("localhost") => Ok(()),
        _ => Err(Problem::new(code::NOT_FOUND, "Not Found: the server is called localhost").into()),
    }
}

async fn parameters<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<HashMap<String, String>, Denied> {
    let read = Path::<HashMap<String, String>>::from_request_parts(parts, state).await;
    let Path(parameters) = read.map_err(|error| invalid(format!("the path: {}", error.body_text())))?;
    parameters_here(&parameters)?;
    Ok(parameters)
}

impl<S: Send + Sync> FromRequestParts<S> for At {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<At, Denied> {
        let mut rest = parameters(parts, state).await?;
        let zone = rest.remove("id").map(|text| id::read(&text)).unwrap_or_default();
        Ok(At { zone, rest })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Here {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Here, Denied> {
        parameters(parts, state).await.map(|_| Here)
    }
}

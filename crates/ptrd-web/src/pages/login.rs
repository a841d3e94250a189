//! Logging in with a token, and out.

use crate::app::{App, COOKIE, Shown, cookie, from, see};
use crate::form::{Form, is_from_here};
use crate::view::{Shell, good, page, status};
use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use ptrd_admin::Control;
use ptrd_api::{Problem, code};
use std::time::Instant;

/// Characters of a token at most.
const LONGEST: usize = 512;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    shell: Shell,
    /// Where to go on.
    next: String,
    message: String,
    hint: String,
}

fn login_page(site: &str, next: &str, problem: Option<&Problem>) -> LoginPage {
    LoginPage {
        shell: Shell {
            site: site.to_owned(),
            title: "Log in".to_owned(),
            place: "login",
            ..Shell::default()
        },
        next: local(next).to_owned(),
        message: problem.map(|problem| problem.message.clone()).unwrap_or_default(),
        hint: problem.and_then(|problem| problem.hint.clone()).unwrap_or_default(),
    }
}

/// A path of ours, and nothing that a browser would take for another host.
fn local(next: &str) -> &str {
    let is_path = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    // No space and no control character either: it goes into a header.
    let is_plain = next.bytes().all(|octet| octet.is_ascii_graphic());
    if is_path && is_plain && next.len() < 2_048 { next } else { "/" }
}

/// `/`: the first page of whoever this is.
pub(crate) async fn home<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (parts, _) = request.into_parts();
    let visit = app.visit(&parts).await?;
    Ok(see(if visit.seat.is_operator() { "/overview" } else { "/blocks" }))
}

/// The form.
pub(crate) async fn form<C: Control>(State(app): State<App<C>>, request: Request) -> Response {
    let query = Form::of_query(request.uri().query());
    good(&login_page(&app.settings.title, query.get("next"), None))
}

/// Judges a token, and begins a session.
pub(crate) async fn login<C: Control>(State(app): State<App<C>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (from, now) = (from(&parts), Instant::now());
    let refuse = |problem: &Problem, next: &str| {
        page(status(problem), &login_page(&app.settings.title, next, Some(problem)))
    };
    if !is_from_here(&parts.headers) {
        let problem = Problem::new(code::FORBIDDEN, "this form was sent by another page").hint("log in here");
        return refuse(&problem, "/");
    }
    let old = cookie(&parts.headers).and_then(|id| app.sessions.find(id, now));
    let form = match Form::read(Request::from_parts(parts, body)).await {
        Ok(form) => form,
        Err(problem) => return refuse(&problem, "/"),
    };
    let (secret, next) = (form.get("token"), form.get("next"));
    if secret.is_empty() {
        return refuse(
            &Problem::new(code::INVALID, "there is no token").hint("paste the one that you were given"),
            next,
        );
    }
    let judged = match secret.len() {
        ..=LONGEST => app.admit(secret, from).await.map(drop),
        _ => Err(unknown()),
    };
    match judged {
        Ok(_) => {}
        Err(problem) if problem.code == code::UNAUTHENTICATED => return refuse(&unknown(), next),
        Err(problem) if problem.code == code::TOO_MANY => {
            return too_many(&app.settings.title, &problem, next);
        }
        Err(problem) => return refuse(&problem, next),
    }
    if let Some(old) = old {
        app.sessions.close(&old.key);
    }
    match app.sessions.open(secret, now) {
        Ok(identity) => with_cookie(see(local(next)), &identity, ""),
        Err(error) => {
            refuse(&Problem::new(code::INTERNAL, format!("no session could be made: {error}")), next)
        }
    }
}

/// Says the same of a token that never was, that was revoked, and that is good elsewhere only.
fn unknown() -> Problem {
    Problem::new(code::UNAUTHENTICATED, "this token does not let you in").hint(
        "check that it was pasted whole; it may have expired, have been revoked, or not be meant for where you are",
    )
}

fn too_many(site: &str, problem: &Problem, next: &str) -> Response {
    let mut response = page(status(problem), &login_page(site, next, Some(problem)));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    response
}

fn with_cookie(mut response: Response, value: &str, more: &str) -> Response {
    let cookie = format!("{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Strict{more}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Ends the session.
pub(crate) async fn logout<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (visit, _) = app.posted(request).await?;
    app.sessions.close(&visit.session.key);
    let mut response = with_cookie(see("/login"), "", "; Max-Age=0");
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn one_goes_on_to_pages_of_ours_only() {
        for (next, path) in [
            ("/map?range=192.0.2.0%2F24", "/map?range=192.0.2.0%2F24"),
            ("", "/"),
            ("//evil.example/", "/"),
            ("/\\evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("/\u{1}", "/"),
            ("/bücher", "/"),
            ("https://evil.example/", "/"),
            ("javascript:alert(1)", "/"),
        ] {
            assert_eq!(local(next), path, "{next}");
        }
    }
}

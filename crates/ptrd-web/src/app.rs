//! What every page has at hand, and who visits it.

use crate::form::{Form, is_from_here};
use crate::seat::Seat;
use crate::session::{Note, Session, SessionLimits, Sessions, same};
use crate::view::{self, Shell};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ptrd_admin::{Gate, Guest, Standing};
use ptrd_api::{Problem, code};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The cookie. Its name makes browsers refuse it unless it is ours alone (RFC 6265bis, §4.1.3.2).
pub(crate) const COOKIE: &str = "__Host-ptrd";

/// Forms with a file that are read and worked on at a time: each may take tens of megabytes.
const UPLOADS: usize = 2;

/// Who is logged in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reader {
    /// What the token is for.
    pub name: String,
    /// Whose it is; absent for one of operators.
    pub tenant: Option<String>,
    /// Whether it may change anything.
    pub write: bool,
}

/// How the page is served.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What stands at the top of each page.
    pub title: String,
    /// How many sessions there may be, and for how long.
    pub sessions: SessionLimits,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { title: "ptrd".to_owned(), sessions: SessionLimits::default() }
    }
}

/// See the module.
pub(crate) struct App<C> {
    pub control: Arc<C>,
    pub gate: Gate<C>,
    pub sessions: Arc<Sessions>,
    /// Seats for forms with a file.
    uploads: Arc<Semaphore>,
    pub settings: Arc<Settings>,
}

impl<C> Clone for App<C> {
    fn clone(&self) -> App<C> {
        App {
            control: self.control.clone(),
            gate: self.gate.clone(),
            sessions: self.sessions.clone(),
            uploads: self.uploads.clone(),
            settings: self.settings.clone(),
        }
    }
}

/// An answer in the place of the page that was asked for.
pub(crate) struct Turned(Box<Response>);

impl From<Response> for Turned {
    fn from(response: Response) -> Turned {
        Turned(Box::new(response))
    }
}

impl IntoResponse for Turned {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// What a handler of a page returns.
pub(crate) type Shown = Result<Response, Turned>;

/// Somebody with a session, and what they ask.
pub(crate) struct Visit<C> {
    pub app: App<C>,
    pub seat: Seat<C>,
    pub session: Session,
    /// The parameters of the URL.
    pub query: Form,
}

/// From where a request comes. One without an address was made by no listener of ours.
pub(crate) fn from(parts: &Parts) -> IpAddr {
    parts.extensions.get::<IpAddr>().copied().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// The session that the browser says it has.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

/// To another page, with GET.
pub(crate) fn see(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

impl<C: ptrd_admin::Control> App<C> {
    pub fn new(control: Arc<C>, gate: Gate<C>, settings: Settings) -> App<C> {
        App {
            control,
            gate,
            sessions: Arc::new(Sessions::new(settings.sessions)),
            uploads: Arc::new(Semaphore::new(UPLOADS)),
            settings: Arc::new(settings),
        }
    }

    /// Who asks for a page; else the way to log in.
    ///
    /// # Errors
    /// The answer for somebody without a session, or with one whose token is of no use any more.
    pub async fn visit(&self, parts: &Parts) -> Result<Visit<C>, Turned> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let next = if parts.method == axum::http::Method::GET { path } else { "/" };
        let login = || {
            let next = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
            Turned::from(see(
                if next == "next=%2F" { "/login".to_owned() } else { format!("/login?{next}") }.as_str()
            ))
        };
        let session =
            cookie(&parts.headers).and_then(|id| self.sessions.find(id, Instant::now())).ok_or_else(login)?;
        let from = from(parts);
        match self.admit(&session.secret, from).await {
            Ok((guest, reader)) => {
                let seat = Seat::new(self.control.clone(), guest, reader);
                Ok(Visit { app: self.clone(), seat, session, query: Form::of_query(parts.uri.query()) })
            }
            Err(problem) if is_of_use(&problem) => {
                Err(view::bare_problem(&self.settings.title, &problem).into())
            }
            Err(_) => {
                self.sessions.close(&session.key);
                Err(login())
            }
        }
    }

    /// Whoever holds a token, and what is shown of that.
    ///
    /// # Errors
    /// The token is of no use, or cannot be judged now.
    pub async fn admit(&self, secret: &str, from: IpAddr) -> Result<(Guest, Reader), Problem> {
        let guest = self.gate.admit_token(secret, from)?;
        let Standing::Token(id) = guest.standing else {
            return Err(Problem::new(code::UNAUTHENTICATED, "that is no token"));
        };
        let token = self.control.token(guest.standing, id.to_string()).await?;
        Ok((guest, Reader { name: token.name, tenant: token.tenant, write: token.write }))
    }

    /// Who sends a form, and the form.
    ///
    /// # Errors
    /// As for [`App::visit`], or the form is none of ours.
    pub async fn posted(&self, request: Request) -> Result<(Visit<C>, Form), Turned> {
        let (visit, request) = self.sender(request).await?;
        let read = Form::read(request).await;
        App::of_session(visit, read)
    }

    /// The same of a form with a file. What is given besides is to be kept until it is done with.
    ///
    /// # Errors
    /// As for [`App::posted`], or others are being read.
    pub async fn uploaded(&self, request: Request) -> Result<(Visit<C>, Form, OwnedSemaphorePermit), Turned> {
        let (visit, request) = self.sender(request).await?;
        let Ok(seat) = self.uploads.clone().try_acquire_owned() else {
            let busy =
                Problem::new(code::BUSY, "others are importing at this moment, so nothing was changed");
            return Err(visit.problem(&busy.hint("send the form again in a moment")).into());
        };
        let read = Form::read_upload(request).await;
        let (visit, form) = App::of_session(visit, read)?;
        Ok((visit, form, seat))
    }

    /// Who sends a form from a page of ours; before anything of it is read.
    async fn sender(&self, request: Request) -> Result<(Visit<C>, Request), Turned> {
        let (parts, body) = request.into_parts();
        let visit = self.visit(&parts).await?;
        if !is_from_here(&parts.headers) {
            return Err(visit.problem(&strange()).into());
        }
        Ok((visit, Request::from_parts(parts, body)))
    }

    /// The form, if it carries what forms of the session do.
    fn of_session(visit: Visit<C>, read: Result<Form, Problem>) -> Result<(Visit<C>, Form), Turned> {
        match read {
            Err(problem) => Err(visit.problem(&problem).into()),
            Ok(form) if !same(form.raw("csrf"), &visit.session.csrf) => Err(visit.problem(&strange()).into()),
            Ok(form) => Ok((visit, form)),
        }
    }
}

/// Whether a token may be good although it could not be judged.
fn is_of_use(problem: &Problem) -> bool {
    matches!(problem.code.as_str(), code::BUSY | code::STORE | code::INTERNAL | code::TOO_MANY)
}

fn strange() -> Problem {
    Problem::new(code::FORBIDDEN, "this form does not belong to your session, so nothing was changed")
        .hint("go back, load the page again, and send the form from there")
}

impl<C: ptrd_admin::Control> Visit<C> {
    /// The frame of a page. Messages that wait are in it.
    pub fn shell(&self, title: impl Into<String>, place: &'static str) -> Shell {
        Shell {
            site: self.app.settings.title.clone(),
            title: title.into(),
            place,
            who: Some(self.seat.reader().clone()),
            csrf: self.session.csrf.clone(),
            notes: self.app.sessions.take_notes(&self.session.key),
            ..Shell::default()
        }
    }

    /// Leaves a message for the page that comes next, and goes there.
    pub fn go(&self, path: &str, note: Note) -> Response {
        self.app.sessions.note(&self.session.key, note);
        see(path)
    }

    /// A page that says what was wrong.
    pub fn problem(&self, problem: &Problem) -> Response {
        view::problem(self.shell("That did not work", ""), problem)
    }

    /// A page, or what kept it from being made.
    pub fn finish(&self, made: Result<Response, Problem>) -> Response {
        made.unwrap_or_else(|problem| self.problem(&problem))
    }
}

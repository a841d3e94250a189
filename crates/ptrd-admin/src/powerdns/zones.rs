//! Zones and what is in them.

use super::answer::{Answer, At, Denied, Here, created, done, invalid, json, named, ok, unprocessable};
use super::ask::{NewZone, Patch, ZoneSettings};
use super::shape::{Rrset, ZoneDetail, ZoneHead};
use crate::control::{Caller, Control, ZoneContent};
use crate::pipe::{TextStream, TextWriter, text};
use crate::request::{Asked, Who};
use crate::routes::App;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use ptrd_api::{ChangeRequest, MAX_PAGE, Problem, RecordFilter, ZoneFilter, ZoneView, code};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Octets of an answer that are sent at once.
const PIECE: usize = 32 << 10;

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    zone: Option<String>,
    dnssec: Option<String>,
}

fn is_false(text: Option<&String>) -> bool {
    text.is_some_and(|text| matches!(text.as_str(), "false" | "0" | "no"))
}

/// The zones that whoever asks may see.
pub(super) async fn list<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    _: Here,
    request: Request,
) -> Answer {
    let ListQuery { zone, dnssec } = Asked::from(request).query()?;
    let dnssec = !is_false(dnssec.as_ref());
    if let Some(apex) = zone.filter(|apex| !apex.is_empty()) {
        if !apex.ends_with('.') {
            return Err(invalid(format!("DNS Name '{apex}' is not canonical")).into());
        }
        return match app.control.zone(who, apex).await {
            Ok(zone) => ok([ZoneHead::of(&zone, dnssec)]),
            Err(problem) if problem.code == code::NOT_FOUND => ok([(); 0]),
            Err(problem) => Err(named(problem).into()),
        };
    }
    let (mut writer, stream) = text();
    // The first page says whether there is one; the others follow while the client reads.
    let mut filter = ZoneFilter { limit: Some(MAX_PAGE), ..ZoneFilter::default() };
    let mut page = app.control.zones(who, filter.clone()).await?;
    tokio::spawn(async move {
        let mut list = List::default();
        loop {
            let piece = list.piece(page.items.iter().map(|zone| ZoneHead::of(zone, dnssec)));
            if writer.write(piece).await.is_err() {
                return;
            }
            let Some(next) = page.next else { break };
            filter.after = Some(next);
            // A stream that breaks off is no list: see `TextWriter`.
            let Ok(more) = app.control.zones(who, filter.clone()).await else { return };
            page = more;
        }
        if writer.write(list.end()).await.is_ok() {
            writer.finish().await;
        }
    });
    Ok(json(StatusCode::OK, Body::new(stream)))
}

/// A list in JSON that is made piece by piece.
#[derive(Default)]
struct List {
    begun: bool,
}

impl List {
    fn separator(&mut self) -> u8 {
        if std::mem::replace(&mut self.begun, true) { b',' } else { b'[' }
    }

    fn piece<T: Serialize>(&mut self, items: impl Iterator<Item = T>) -> Vec<u8> {
        let mut piece = Vec::new();
        for item in items {
            piece.push(self.separator());
            write_json(&mut piece, &item);
        }
        piece
    }

    fn end(&self) -> Vec<u8> {
        if self.begun { b"]".to_vec() } else { b"[]".to_vec() }
    }
}

/// Plain structs of text and numbers: their JSON cannot fail.
fn write_json(into: &mut Vec<u8>, item: &impl Serialize) {
    let _ = serde_json::to_writer(into, item);
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ZoneQuery {
    rrsets: Option<String>,
    rrset_name: Option<String>,
    rrset_type: Option<String>,
}

fn not_found(mut problem: Problem) -> Denied {
    if problem.code == code::NOT_FOUND {
        problem.message = format!("Not Found: {}", problem.message);
    }
    named(problem).into()
}

/// A zone, with its RRsets unless they are not wanted.
pub(super) async fn one<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    at: At,
    request: Request,
) -> Answer {
    let ZoneQuery { rrsets, rrset_name, rrset_type } = Asked::from(request).query()?;
    if is_false(rrsets.as_ref()) {
        let zone = app.control.zone(who, at.zone).await.map_err(not_found)?;
        return ok(ZoneDetail::of(&zone));
    }
    let filter = RecordFilter {
        zone: Some(at.zone),
        owner: rrset_name.filter(|name| !name.is_empty()),
        rtype: rrset_type.filter(|rtype| !rtype.is_empty()),
        ..RecordFilter::default()
    };
    let content = app.control.zone_content(who, filter).await.map_err(not_found)?;
    Ok(json(StatusCode::OK, Body::new(whole(content))))
}

/// Writes a zone while it is sent.
fn whole(ZoneContent { zone, records }: ZoneContent) -> TextStream {
    written(move |out| {
        let mut head = Vec::new();
        write_json(&mut head, &ZoneDetail::of(&zone));
        // The RRsets are the last of its fields.
        head.pop();
        head.extend_from_slice(b",\"rrsets\":");
        let mut list = List::default();
        out.push(&head)
            && records(&mut |record| {
                let piece = list.piece(std::iter::once(Rrset::of(&record)));
                out.push(&piece)
            })
            && out.push(&list.end())
            && out.push(b"}")
    })
}

/// A text on its way, in pieces of some size.
struct Pieces {
    writer: TextWriter,
    piece: Vec<u8>,
}

impl Pieces {
    /// `false` when the client is gone.
    fn push(&mut self, octets: &[u8]) -> bool {
        self.piece.extend_from_slice(octets);
        self.piece.len() < PIECE || self.flush()
    }

    fn flush(&mut self) -> bool {
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        self.writer.blocking_write(piece).is_ok()
    }
}

/// A text that `write` makes on a thread that may wait; where it says `false` the stream breaks off.
fn written(write: impl FnOnce(&mut Pieces) -> bool + Send + 'static) -> TextStream {
    let (writer, stream) = text();
    tokio::task::spawn_blocking(move || {
        let mut out = Pieces { writer, piece: Vec::with_capacity(PIECE) };
        if write(&mut out) && out.flush() {
            out.writer.blocking_finish();
        }
    });
    stream
}

/// A zone as text, a line a record; within JSON for those who say that they take that.
pub(super) async fn export<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    at: At,
    headers: HeaderMap,
) -> Answer {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let in_json = accept.contains("application/json");
    let filter = RecordFilter { zone: Some(at.zone), ..RecordFilter::default() };
    let ZoneContent { records, .. } = app.control.zone_content(who, filter).await.map_err(not_found)?;
    let lines = move |put: &mut dyn FnMut(&str) -> bool| {
        records(&mut |record| {
            let (owner, ttl, rtype) = (&record.owner, record.ttl, &record.rtype);
            record.data.iter().all(|data| put(&format!("{owner}\t{ttl}\tIN\t{rtype}\t{data}\n")))
        })
    };
    if !in_json {
        let stream = written(move |out| lines(&mut |line| out.push(line.as_bytes())));
        let kind = (header::CONTENT_TYPE, "text/plain; charset=us-ascii");
        return Ok(([kind], Body::new(stream)).into_response());
    }
    let stream = written(move |out| {
        out.push(b"{\"zone\":\"")
            && lines(&mut |line| out.push(inner_json(line).as_bytes()))
            && out.push(b"\"}")
    });
    Ok(json(StatusCode::OK, Body::new(stream)))
}

/// What stands between the quotes of a text in JSON.
fn inner_json(text: &str) -> String {
    let mut quoted = serde_json::Value::from(text).to_string();
    quoted.pop();
    quoted.split_off(1)
}

/// Reads who asks and what; a client that is refused may still be sending.
async fn body<C: Control, T: DeserializeOwned + Send + 'static>(
    app: &App<C>,
    mut asked: Asked,
) -> Result<(Caller, T), Denied> {
    match app.large_body(&mut asked).await {
        Ok(body) => Ok((asked.caller()?, body)),
        Err(problem) => Err(asked.refusal(problem).into()),
    }
}

async fn change<C: Control>(app: &App<C>, by: Caller, request: ChangeRequest) -> Result<(), Denied> {
    app.control.change(by, request, false).await.map_err(unprocessable)?;
    Ok(())
}

/// Changes RRsets, all or none.
pub(super) async fn patch<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    at: At,
    request: Request,
) -> Answer {
    let asked = Asked::from(request);
    // Whether the zone is there comes first: clients make it where it is not.
    let zone = match app.control.zone(who, at.zone).await {
        Ok(zone) => zone,
        Err(problem) => return Err(asked.refusal(named(problem)).into()),
    };
    let (by, patch) = body::<C, Patch>(&app, asked).await?;
    let request = patch.into_request(zone.apex)?;
    change(&app, by, request).await?;
    done()
}

/// A new zone.
pub(super) async fn add<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    _: Here,
    request: Request,
) -> Answer {
    let asked = Asked::from(request);
    let ZoneQuery { rrsets, .. } = asked.query()?;
    let (by, new) = body::<C, NewZone>(&app, asked).await?;
    let (apex, request) = new.into_request()?;
    if let Ok(zone) = app.control.zone(who, apex.clone()).await {
        let message = format!("Conflict: the zone {} is there already", zone.apex);
        return Err(Problem::new(code::CONFLICT, message).into());
    }
    change(&app, by, request).await?;
    if is_false(rrsets.as_ref()) {
        let zone: ZoneView = app.control.zone(who, apex).await?;
        return created(ZoneDetail::of(&zone));
    }
    let filter = RecordFilter { zone: Some(apex), ..RecordFilter::default() };
    let content = app.control.zone_content(who, filter).await?;
    Ok(json(StatusCode::CREATED, Body::new(whole(content))))
}

/// What is said of a zone.
pub(super) async fn set<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    at: At,
    request: Request,
) -> Answer {
    let (by, settings) = body::<C, ZoneSettings>(&app, Asked::from(request)).await?;
    let zone = app.control.zone(who, at.zone).await.map_err(not_found)?;
    if let Some(request) = settings.into_request(&zone)? {
        change(&app, by, request).await?;
    }
    done()
}

/// A zone goes, with what is in it.
pub(super) async fn remove<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    at: At,
    request: Request,
) -> Answer {
    let by = Asked::from(request).caller()?;
    let zone = app.control.zone(who, at.zone).await.map_err(not_found)?;
    let dropped = app.control.change(by, ChangeRequest::ZoneDrop { apex: zone.apex }, false).await;
    dropped.map_err(|mut problem| {
        if problem.code == code::NOT_FOUND {
            // The zone was seen: its block is somebody else's.
            problem.code = code::FORBIDDEN.to_owned();
        }
        unprocessable(problem)
    })?;
    done()
}

#[derive(Serialize)]
struct Outcome {
    result: String,
}

/// Announces a zone once more.
pub(super) async fn notify<C: Control>(State(app): State<App<C>>, Who(who): Who, at: At) -> Answer {
    app.control.announce(who, at.zone).await.map_err(not_found)?;
    ok(Outcome { result: "Notification queued".to_owned() })
}

/// Nothing is signed here, so whatever a signed zone needs is as it must be.
pub(super) async fn rectify<C: Control>(State(app): State<App<C>>, Who(who): Who, at: At) -> Answer {
    app.control.zone(who, at.zone).await.map_err(not_found)?;
    ok(Outcome { result: "Rectified".to_owned() })
}

/// Asks for a zone that is followed.
pub(super) async fn retrieve<C: Control>(State(app): State<App<C>>, Who(who): Who, at: At) -> Answer {
    let zone = app.control.zone(who, at.zone).await.map_err(not_found)?;
    if zone.follow.is_none() {
        let why = format!("Domain '{}' is not a secondary domain (or has no primary defined)", zone.apex);
        return Err(invalid(why).into());
    }
    let apex = zone.apex.clone();
    app.control.refresh(who, zone.apex, ptrd_api::RefreshBody::default()).await?;
    ok(Outcome { result: format!("Added retrieval request for '{apex}'") })
}

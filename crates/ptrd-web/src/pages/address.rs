//! One address: its names and how it stands, the forms that change it, the records to create on the forward side, and
//! what was changed before.

use super::history::{ChangeLine, lines};
use super::map;
use super::square::state_of;
use crate::app::{App, Shown, Visit, see};
use crate::form::Form;
use crate::forward::{Forward, records};
use crate::frame::Frame;
use crate::session::Note;
use crate::view::{Trouble, link, status};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use ptrd_admin::Control;
use ptrd_api::{ChangeRequest, LogFilter, MapView, Problem, PtrWrite, code};
use ptrd_wire::AddrRange;
use std::net::IpAddr;

/// Changes of the address that are listed.
const LISTED: u64 = 6;

/// What stands beside the map.
pub(crate) struct Panel {
    pub ip: IpAddr,
    pub address: String,
    /// The block, and whose it is.
    pub block: String,
    pub tenant: String,
    /// How it stands, in words, and in the style sheet.
    pub words: &'static str,
    pub class: &'static str,
    pub mark: &'static str,
    /// The fields of the form.
    pub names: String,
    pub ttl: String,
    pub reason: String,
    /// The version that the form is about.
    pub expect: String,
    pub is_set: bool,
    /// The name that a template gives it, and the template.
    pub computed: String,
    pub template: String,
    /// The TTL that answers carry, and whether it is inherited.
    pub shown_ttl: Option<u32>,
    pub owner: String,
    pub may_write: bool,
    pub trouble: Trouble,
    pub forward: Vec<Forward>,
    pub changes: Vec<ChangeLine>,
    pub history: String,
}

/// Where an address is shown.
pub(crate) fn path(address: IpAddr) -> String {
    let range = Frame::of_address(address).range().to_string();
    format!("{}#panel", link("/map", &[("range", &range), ("address", &address.to_string())]))
}

/// `/address`: goes to the map that the address is on.
pub(crate) async fn page<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (parts, _) = request.into_parts();
    let visit = app.visit(&parts).await?;
    let address = read_address(&visit.query);
    Ok(visit.finish(address.map(|address| see(&path(address)))))
}

fn read_address(form: &Form) -> Result<IpAddr, Problem> {
    let text = form.get("address");
    text.parse()
        .map_err(|_| Problem::new(code::BAD_REQUEST, format!("“{}” is no IP address", text.escape_debug())))
}

fn nobodys(address: IpAddr) -> Problem {
    Problem::new(code::NOT_FOUND, format!("{address} is in no block of yours"))
        .hint("the blocks that you have are under “Blocks”")
}

/// What is there to say of an address.
pub(crate) async fn panel<C: Control>(visit: &Visit<C>, address: IpAddr) -> Result<Panel, Problem> {
    let map = visit.seat.map(&Frame::of_address(address)).await?;
    let run = run_of(&map, address).ok_or_else(|| nobodys(address))?;
    let ptr = visit.seat.ptr(address).await?;
    let computed = ptr.as_ref().and_then(|ptr| ptr.template.clone());
    let state = state_of(Some(run), ptr.is_some() && computed.is_none(), computed.is_some());
    let filter =
        LogFilter { address: Some(address.to_string()), limit: Some(LISTED), ..LogFilter::default() };
    let changes = visit.seat.log(filter).await?.items;
    let mut panel = Panel {
        ip: address,
        address: address.to_string(),
        block: run.block.clone(),
        tenant: run.tenant.clone(),
        words: state.words(),
        class: state.class(),
        mark: state.mark(),
        names: String::new(),
        ttl: String::new(),
        reason: String::new(),
        expect: "absent".to_owned(),
        is_set: false,
        computed: String::new(),
        template: String::new(),
        shown_ttl: None,
        owner: String::new(),
        may_write: visit.seat.reader().write,
        trouble: Trouble::default(),
        forward: Vec::new(),
        changes: lines(&changes),
        history: link("/history", &[("address", &address.to_string())]),
    };
    if let Some(ptr) = ptr {
        let names = ptr.names.join("\n");
        panel.is_set = computed.is_none();
        *(if panel.is_set { &mut panel.names } else { &mut panel.computed }) = names;
        panel.ttl = if ptr.inherited { String::new() } else { ptr.ttl.to_string() };
        panel.forward = records(address, &ptr.names, ptr.ttl);
        (panel.shown_ttl, panel.expect) = (Some(ptr.ttl), ptr.version);
        panel.owner = ptr.owner.unwrap_or_default();
        panel.template = computed.unwrap_or_default();
    }
    Ok(panel)
}

fn run_of(map: &MapView, address: IpAddr) -> Option<&ptrd_api::MapRun> {
    map.runs.iter().find(|run| {
        let ends = (run.first.parse(), run.last.parse());
        matches!(ends, (Ok(first), Ok(last)) if AddrRange::new(first, last).is_ok_and(|range| range.contains(address)))
    })
}

/// The names of a field: one a line, or with spaces or commas between.
pub(crate) fn names_of(text: &str) -> Vec<String> {
    text.split([' ', ',', '\n', '\r', '\t']).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn request_of(form: &Form, address: IpAddr) -> Result<ChangeRequest, Problem> {
    let (address, expect) = (address.to_string(), form.some("expect"));
    if form.get("action") == "delete" {
        return Ok(ChangeRequest::PtrDelete { address, names: Vec::new(), expect });
    }
    let names = names_of(form.raw("names"));
    if names.is_empty() {
        return Err(
            Problem::new(code::INVALID, "there is no name").hint("type one, or use “Delete” to have none")
        );
    }
    let ttl = form.number("ttl", "TTL")?;
    Ok(ChangeRequest::PtrSet(PtrWrite { address, names, ttl, lax: form.ticked("lax"), expect }))
}

/// Sets or deletes the PTR of an address.
pub(crate) async fn write<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (visit, form) = app.posted(request).await?;
    let address = match read_address(&form) {
        Ok(address) => address,
        Err(problem) => return Ok(visit.problem(&problem)),
    };
    let done = match request_of(&form, address) {
        Ok(request) => visit.seat.change(request, form.some("reason"), false).await,
        Err(problem) => Err(problem),
    };
    Ok(match done {
        Ok(done) => visit.go(&path(address), Note::of(&done)),
        Err(problem) => visit.finish(again(&visit, &form, address, &problem).await),
    })
}

/// The form once more, with what was typed and what was wrong.
async fn again<C: Control>(
    visit: &Visit<C>,
    form: &Form,
    address: IpAddr,
    problem: &Problem,
) -> Result<Response, Problem> {
    // Who may not see the address is told what they would be told of any other.
    let mut panel = panel(visit, address).await?;
    let present = std::mem::replace(&mut panel.names, form.raw("names").to_owned());
    panel.ttl = form.raw("ttl").to_owned();
    panel.reason = form.raw("reason").to_owned();
    panel.trouble = Trouble::of(problem, &["names", "ttl", "reason"]);
    if problem.code == code::STALE {
        let now = if present.is_empty() { "no name".to_owned() } else { present.replace('\n', " ") };
        panel.trouble.message = format!("{address} was changed by somebody else meanwhile; it has {now} now");
        panel.trouble.hint =
            "what you typed is still here: save it once more to put it in the place of that".into();
    }
    let status: StatusCode = status(problem);
    map::show(visit, &Frame::of_address(address), Some(panel), status).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_one_a_line_or_otherwise_apart() {
        assert_eq!(
            names_of(" a.example \r\nb.example,c.example\n\n"),
            ["a.example", "b.example", "c.example"]
        );
        assert_eq!(names_of(" \n"), Vec::<String>::new());
    }

    #[test]
    fn a_form_asks_for_one_change() {
        let address = "192.0.2.7".parse().expect("an address");
        let request = |query: &str| request_of(&Form::of_query(Some(query)), address);
        let set = request("names=a.example&ttl=60&expect=v1").expect("a request");
        let write = PtrWrite {
            address: "192.0.2.7".into(),
            names: vec!["a.example".into()],
            ttl: Some(60),
            lax: false,
            expect: Some("v1".into()),
        };
        assert_eq!(set, ChangeRequest::PtrSet(write));
        let delete = request("action=delete&names=a.example&expect=v1").expect("a request");
        let expect = Some("v1".into());
        assert_eq!(
            delete,
            ChangeRequest::PtrDelete { address: "192.0.2.7".into(), names: Vec::new(), expect }
        );
        assert!(request("names=").is_err_and(|problem| problem.message == "there is no name"));
        assert!(request("names=a&ttl=x").is_err_and(|problem| problem.message.starts_with("TTL")));
    }

    #[test]
    fn addresses_are_shown_on_their_maps() {
        let path = |text: &str| path(text.parse().expect("an address"));
        assert_eq!(path("192.0.2.7"), "/map?range=192.0.2.0%2F24&address=192.0.2.7#panel");
        assert_eq!(path("2001:db8::1"), "/map?range=2001%3Adb8%3A%3A%2F120&address=2001%3Adb8%3A%3A1#panel");
    }
}

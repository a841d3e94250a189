//! One address: its names and how it stands, the forms that change it, the records to create on the forward side, and
//! what was changed before.

use super::history::{ChangeLine, lines};
use super::map;
use super::standing::{Check, Finding, Waits};
use crate::app::{App, Shown, Visit, see};
use crate::form::Form;
use crate::forward::{Forward, records};
use crate::session::Note;
use crate::state::State as Standing;
use crate::view::{Trouble, link, status};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use ptrd_admin::Control;
use ptrd_api::{
    ChangeRequest, CheckFilter, LintFilter, LogFilter, MapPart, MapView, PendingFilter, Problem, PtrWrite,
    code,
};
use ptrd_wire::AddrRange;
use ptrd_wire::frame::Frame;
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
    /// Whether names that are no host names are offered, and allowed.
    pub offers_lax: bool,
    pub lax: bool,
    pub trouble: Trouble,
    /// What is to be created where its names do not lead back by what is answered here.
    pub forward: Vec<Forward>,
    /// Its names that do.
    pub here: String,
    /// Names that wait beside what it has.
    pub waits: Option<Waits>,
    /// Whether its names resolve back, where a rule asks for that.
    pub check: Option<Check>,
    /// What spam filters have against its names.
    pub findings: Vec<Finding>,
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
    let frame = Frame::of_address(address);
    let map = visit.seat.map(&frame).await?;
    let part = map.parts.iter().find(|part| frame.part_of(address) == Some(part.part));
    let run = run_of(&map, address).ok_or_else(|| nobodys(address))?;
    let ptr = visit.seat.ptr(address).await?;
    let computed = ptr.as_ref().and_then(|ptr| ptr.template.clone());
    let state = Standing::of(Some(run), part, ptr.is_some() && computed.is_none(), computed.is_some());
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
        offers_lax: false,
        lax: false,
        trouble: Trouble::default(),
        forward: Vec::new(),
        here: String::new(),
        waits: waits(visit, address, part).await?,
        check: None,
        findings: findings(visit, address, part).await?,
        changes: lines(&changes),
        history: link("/history", &[("address", &address.to_string())]),
    };
    if let Some(ptr) = ptr {
        let names = ptr.names.join("\n");
        panel.is_set = computed.is_none();
        *(if panel.is_set { &mut panel.names } else { &mut panel.computed }) = names;
        panel.ttl = if ptr.inherited { String::new() } else { ptr.ttl.to_string() };
        let (here, elsewhere) = by_side(visit, address, ptr.names).await?;
        panel.here = here.join(" ");
        panel.forward = records(address, &elsewhere, ptr.ttl);
        (panel.shown_ttl, panel.expect) = (Some(ptr.ttl), ptr.version);
        panel.owner = ptr.owner.unwrap_or_default();
        panel.template = computed.unwrap_or_default();
        if ptr.fcrdns.is_some() {
            panel.check = Some(check(visit, address).await?);
        }
    }
    Ok(panel)
}

/// The names of an address that lead back by what is answered here, and the others.
async fn by_side<C: Control>(
    visit: &Visit<C>,
    address: IpAddr,
    names: Vec<String>,
) -> Result<(Vec<String>, Vec<String>), Problem> {
    let (mut here, mut elsewhere) = (Vec::new(), Vec::new());
    for name in names {
        let side = if visit.seat.leads_back(&name, address).await? { &mut here } else { &mut elsewhere };
        side.push(name);
    }
    Ok((here, elsewhere))
}

/// What waits at an address. Nobody is asked where nothing was counted.
async fn waits<C: Control>(
    visit: &Visit<C>,
    address: IpAddr,
    part: Option<&MapPart>,
) -> Result<Option<Waits>, Problem> {
    if part.is_none_or(|part| part.pending == 0) {
        return Ok(None);
    }
    let filter =
        PendingFilter { within: Some(address.to_string()), limit: Some(1), ..PendingFilter::default() };
    Ok(visit.seat.pending(filter).await?.items.pop().map(Waits::of))
}

/// What there is against the names of an address.
async fn findings<C: Control>(
    visit: &Visit<C>,
    address: IpAddr,
    part: Option<&MapPart>,
) -> Result<Vec<Finding>, Problem> {
    if part.is_none_or(|part| part.generic == 0) {
        return Ok(Vec::new());
    }
    let filter = LintFilter { within: Some(address.to_string()), limit: Some(1), ..LintFilter::default() };
    Ok(visit.seat.lint(filter).await?.items.into_iter().flat_map(Finding::of).collect())
}

/// What was found out when the names of an address were looked up.
async fn check<C: Control>(visit: &Visit<C>, address: IpAddr) -> Result<Check, Problem> {
    let filter = CheckFilter { within: Some(address.to_string()), limit: Some(1), ..CheckFilter::default() };
    let found = visit.seat.checks(filter).await?.items.pop();
    Ok(found.map_or_else(|| Check::awaited(&address.to_string()), Check::of))
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
    match form.get("action") {
        "delete" => return Ok(ChangeRequest::PtrDelete { address, names: Vec::new(), expect }),
        "drop" => return Ok(ChangeRequest::PendingDrop { address }),
        _ => {}
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

/// Sets or deletes the PTR of an address, drops what waits there, or has its names looked at.
pub(crate) async fn write<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (visit, form) = app.posted(request).await?;
    let address = match read_address(&form) {
        Ok(address) => address,
        Err(problem) => return Ok(visit.problem(&problem)),
    };
    if form.get("action") == "look" {
        return Ok(look(&visit, address).await);
    }
    let done = match request_of(&form, address) {
        Ok(request) => visit.seat.change(request, form.some("reason"), false).await,
        Err(problem) => Err(problem),
    };
    Ok(match done {
        Ok(done) => visit.go(&path(address), Note::of(&done)),
        Err(problem) => visit.finish(again(&visit, &form, address, &problem).await),
    })
}

/// Has the names of an address looked at now, and says what came of it.
async fn look<C: Control>(visit: &Visit<C>, address: IpAddr) -> Response {
    match visit.seat.look(address).await {
        Ok(found) => {
            let check = found.items.into_iter().next().map(Check::of);
            let text = check.as_ref().map_or("there is no name to look at", |check| check.words);
            let hint = check.as_ref().map(|check| check.why.clone()).unwrap_or_default();
            let text = format!("{address}: {}", text.trim_start_matches(['✓', '!', '?', ' ']));
            let is_bad = check.is_some_and(|check| check.class == "failing");
            visit.go(&path(address), Note { text, hint, is_bad, undo: None })
        }
        Err(problem) => visit.problem(&problem),
    }
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
    panel.lax = form.ticked("lax");
    panel.offers_lax = offer_lax(&mut panel.trouble) || panel.lax;
    if problem.code == code::STALE {
        let now = if present.is_empty() { "no name".to_owned() } else { present.replace('\n', " ") };
        panel.trouble.message = format!("{address} was changed by somebody else meanwhile; it has {now} now");
        panel.trouble.hint =
            "what you typed is still here: save it once more to put it in the place of that".into();
    }
    let status: StatusCode = status(problem);
    map::show(visit, &Frame::of_address(address), Some(panel), status).await
}

/// What the command line has an option for is a box in the form; whether there is to be one.
fn offer_lax(trouble: &mut Trouble) -> bool {
    const OPTION: &str = "--lax allows it";
    let is_said = [&trouble.message, &trouble.hint].iter().any(|text| text.contains(OPTION));
    for text in [&mut trouble.message, &mut trouble.hint] {
        *text = text.replace(OPTION, "tick “no host name” to have it all the same");
    }
    is_said
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

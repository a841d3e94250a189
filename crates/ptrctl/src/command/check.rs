//! `ptrctl check`.

use super::Limit;
use crate::client::Client;
use crate::failure::Failure;
use crate::listing::list;
use crate::screen::Screen;
use clap::{Args, ValueEnum};
use ptrd_api::{CheckBody, CheckFilter, CheckView, Page};

pub const EXAMPLES: &str = "\
Examples:
  ptrctl check 192.0.2.0/24
  ptrctl check 192.0.2.0/24 --state failing
  Each change of state of an address:
    ptrctl check 192.0.2.1
  Now, instead of when its time comes; 256 addresses at most:
    ptrctl check 192.0.2.0/28 --now

Addresses are looked at whose block says so: `ptrctl block set RANGE --fcrdns warn`.";

/// `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The addresses
    #[arg(value_name = "PREFIX|ADDRESS")]
    within: Option<String>,
    /// Only those that stand so
    #[arg(long, conflicts_with = "now")]
    state: Option<State>,
    /// Look at their names now
    #[arg(long, requires = "within")]
    now: bool,
    #[command(flatten)]
    limit: Limit,
}

/// How an address may stand.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum State {
    /// All of its names resolve back
    Verified,
    /// Some name does not
    Failing,
    /// It could not be found out
    Unknown,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Verified => "verified",
            State::Failing => "failing",
            State::Unknown => "unknown",
        }
    }
}

const HEADINGS: [&str; 5] = ["ADDRESS", "STATE", "SINCE", "CHECKED", "WHY"];

impl Check {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let Check { within, state, now, limit } = self;
        if let (true, Some(within)) = (now, &within) {
            let body = CheckBody { within: within.clone() };
            let answer = client.post_body::<_, Page<CheckView>>("/v1/checks", &body).await?;
            if screen.json() {
                return screen.document(&answer.raw);
            }
            let rows: Vec<_> = answer.value.items.into_iter().map(row).collect();
            return screen.table(&HEADINGS).show(screen, &rows);
        }
        let alone = within.as_deref().is_some_and(|text| text.parse::<std::net::IpAddr>().is_ok());
        let filter = CheckFilter {
            within,
            state: state.map(|state| state.word().to_owned()),
            ..CheckFilter::default()
        };
        if alone && !screen.json() {
            let path = crate::client::with_query("/v1/checks", &filter)?;
            let answer = client.get::<Page<CheckView>>(&path).await?;
            return answer.value.items.into_iter().try_for_each(|view| history(screen, view));
        }
        list(client, screen, "/v1/checks", filter, limit.limit, &HEADINGS, row).await
    }
}

fn row(view: CheckView) -> Vec<String> {
    vec![view.address, view.state, view.since.unwrap_or_default(), view.checked, view.why]
}

fn history(screen: &mut Screen, view: CheckView) -> Result<(), Failure> {
    let CheckView { address, state, checked, why, history, unknown, .. } = view;
    let unknown =
        if unknown > 0 { format!(", {unknown} times in a row without an answer") } else { String::new() };
    let why = if why.is_empty() { why } else { format!(": {why}") };
    screen.line(&format!("{address} {state}, checked {checked}{unknown}{why}"))?;
    let row = |it: ptrd_api::TransitionView| vec![it.at, it.from.unwrap_or_default(), it.to, it.why];
    let rows: Vec<_> = history.into_iter().map(row).collect();
    screen.table(&["AT", "FROM", "TO", "WHY"]).show(screen, &rows)
}

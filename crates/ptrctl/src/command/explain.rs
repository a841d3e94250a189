//! `ptrctl explain`: what a bounce means. It works without ptrd, which adds what it knows of the address.

use super::facts;
use crate::cli::Globals;
use crate::client::{Client, segment, with_query};
use crate::failure::Failure;
use crate::screen::Screen;
use clap::Args;
use ptrd_api::{BlockFilter, BlockView, CheckFilter, CheckView, Page, Problem, PtrView, SendingView};
use ptrd_posture::explain::{Explanation, LONGEST, explain};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Read;
use std::net::IpAddr;

pub const EXAMPLES: &str = "\
Examples:
  ptrctl explain '550-5.7.25 [192.0.2.1] The IP address sending this message does not have a
      PTR record setup, or the corresponding forward DNS entry does not point to the sending IP.'
  ptrctl explain --address 192.0.2.1 '450 4.7.25 Client host rejected: cannot find your hostname'
  A whole bounce, from a file or a pipe:
    ptrctl explain < bounce.eml
  In a script; .explanation.identity says whether reverse DNS or HELO is to be mended:
    ptrctl explain --json \"$LINE\" | jq .explanation.identity

The exit status is 16 for a text in which nothing is known. No ptrd is needed; where one
answers, it adds what it knows of the address.";

/// `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// What the receiver said: a line, or all of the bounce; stdin unless given
    #[arg(value_name = "TEXT")]
    text: Vec<String>,
    /// The address that sent, where the text does not say it
    #[arg(long)]
    address: Option<IpAddr>,
}

/// What ptrd knows of the address.
#[derive(Debug, Default, Serialize)]
struct Known {
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<BlockView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ptr: Option<PtrView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sending: Option<SendingView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<CheckView>,
}

#[derive(Serialize)]
struct Document<'a> {
    explanation: Option<&'a Explanation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<&'a Known>,
}

impl Explain {
    pub async fn run(self, globals: &Globals, screen: &mut Screen) -> Result<(), Failure> {
        let text = match self.text.as_slice() {
            [] => read_stdin()?,
            words => words.join(" "),
        };
        let found = explain(&text, self.address);
        let address = found.as_ref().and_then(|found| found.address);
        let known = match address {
            Some(address) => ask(globals, address).await,
            None => None,
        };
        if screen.json() {
            let document = Document { explanation: found.as_ref(), known: known.as_ref() };
            let octets = serde_json::to_vec(&document).map_err(|error| Failure::local(error.to_string()))?;
            screen.document(&octets)?;
        }
        let Some(found) = found else { return Err(unknown(screen.json())) };
        if screen.json() { Ok(()) } else { show(screen, &found, known) }
    }
}

/// A bounce is read as far as it is looked at.
fn read_stdin() -> Result<String, Failure> {
    let mut octets = Vec::new();
    let read = std::io::stdin().lock().take(LONGEST as u64).read_to_end(&mut octets);
    read.map_err(|error| Failure::local(format!("stdin: {error}")))?;
    if octets.trim_ascii().is_empty() {
        return Err(
            Failure::usage("no text was given").hint("ptrctl explain 'BOUNCE TEXT', or the bounce on stdin")
        );
    }
    Ok(String::from_utf8_lossy(&octets).into_owned())
}

fn unknown(told: bool) -> Failure {
    let message = "nothing is known of this text: it may be about reverse DNS, or about anything else";
    let hint = "give the receiver's line as it stands, with its codes; `ptrctl explain --help` has examples";
    let problem = Problem::new(crate::failure::UNKNOWN, message).hint(hint);
    Failure { exit: crate::failure::UNKNOWN_EXIT, problem: (!told).then(|| Box::new(problem)), raw: None }
}

/// What ptrd knows; `None` where there is none to ask.
async fn ask(globals: &Globals, address: IpAddr) -> Option<Known> {
    let mut client = Client::connect(&globals.socket(), None, false).await.ok()?;
    let at = segment(&address.to_string());
    let around = BlockFilter { around: Some(address.to_string()), limit: Some(1), ..BlockFilter::default() };
    let check = CheckFilter { within: Some(address.to_string()), limit: Some(1), ..CheckFilter::default() };
    Some(Known {
        block: first(&mut client, &with_query("/v1/blocks", &around).ok()?).await,
        ptr: get(&mut client, &format!("/v1/ptrs/{at}")).await,
        sending: get(&mut client, &format!("/v1/sending/{at}")).await,
        check: first(&mut client, &with_query("/v1/checks", &check).ok()?).await,
    })
}

/// What there is; a refusal says as much as nothing here.
async fn get<T: DeserializeOwned>(client: &mut Client, target: &str) -> Option<T> {
    client.get::<T>(target).await.ok().map(|answer| answer.value)
}

async fn first<T: DeserializeOwned>(client: &mut Client, target: &str) -> Option<T> {
    get::<Page<T>>(client, target).await?.items.into_iter().next()
}

fn show(screen: &mut Screen, found: &Explanation, known: Option<Known>) -> Result<(), Failure> {
    let again = if found.temporary { "may be tried again as it is (4xx)" } else { "" };
    facts(
        screen,
        &[
            ("from", found.receiver.to_owned()),
            ("about", found.about.said().to_owned()),
            ("means", found.meaning.to_owned()),
            ("known by", found.basis.said().to_owned()),
            ("code", found.code.clone()),
            ("message", again.to_owned()),
            ("address", found.address.map(|at| at.to_string()).unwrap_or_default()),
        ],
    )?;
    if found.address.is_none() && found.identity {
        screen.line("The text names no address that sent: --address ADDRESS says it.")?;
    }
    if let Some(known) = known {
        show_known(screen, known)?;
    }
    if !found.steps.is_empty() {
        screen.line("")?;
        screen.line("What to do:")?;
        found.steps.iter().try_for_each(|step| screen.line(&format!("  - {step}")))?;
    }
    Ok(())
}

fn show_known(screen: &mut Screen, known: Known) -> Result<(), Failure> {
    screen.line("")?;
    let Some(block) = known.block else {
        return screen.line("Here: the address is in no block.");
    };
    screen.line("Here:")?;
    let suspended = if block.suspended { ", suspended" } else { "" };
    let helo = known.sending.map(|mark| mark.helo);
    let ptr = known.ptr.map(|ptr| ptr.names.join(" ")).unwrap_or_else(|| "none".to_owned());
    let ptr = if block.mode == "observed" { "set by whoever holds the address".to_owned() } else { ptr };
    let check = known.check.map(|check| match check.why.as_str() {
        "" => check.state,
        why => format!("{}: {why}", check.state),
    });
    facts(
        screen,
        &[
            ("  block", format!("{} of {} ({}{suspended})", block.range, block.tenant, block.mode)),
            ("  PTR", ptr),
            ("  HELO", helo.unwrap_or_else(|| "not marked as sending".to_owned())),
            ("  resolves back", check.unwrap_or_default()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_an_unknown_text_is_its_own() {
        assert!(crate::failure::EXIT_STATUSES.contains(&format!("\n  {}  ", unknown(false).exit)));
    }
}

//! `ptrctl inspect`: what a receiver wrote of the sender into a message. It works without ptrd, which adds what is to be.

use super::facts;
use super::gather::{daemon, gather};
use crate::cli::Globals;
use crate::client::{Client, segment};
use crate::failure::{Failure, verified};
use crate::screen::Screen;
use anyhow::Context;
use clap::Args;
use ptrd_api::{PtrView, SendingView};
use ptrd_message::{Expected, Head, Hop, Inspection, LARGEST, Trust, Whose, inspect};
use ptrd_posture::identity::{Grade, canonical};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Read;
use std::net::IpAddr;

pub const EXAMPLES: &str = "\
Examples:
  A message as a mailbox gives it away (“show original”, “view headers”); its head is enough:
    ptrctl inspect message.eml
    pbpaste | ptrctl inspect -
  Held against an inventory, where no ptrd with the addresses answers:
    ptrctl inspect returned/*.eml --against sending.csv
  Behind a filter, or another host of the receiver with a public address, which are its own:
    ptrctl inspect message.eml --trust filter.example.net
  What the receiver made of it, for a program:
    ptrctl inspect --json message.eml | jq '.seen.verdicts[] | {what, grade, why}'

Read are Received, Authentication-Results, Received-SPF and fields of their own, as Gmail, Microsoft, Yahoo, Proton, Fastmail, \
Apple, GMX, Postfix, Exim, Sendmail and qmail write them. Hops are shown from the last one on; those up to the boundary were \
written by the receiver, and whatever stands below it may be made up by whoever sent the message: it counts for nothing. What a \
receiver does not say is left out.

Exit status: 0 all pass, 13 something about names fails, 14 nothing is said of them, 15 nothing worse than a warning. TLS, SPF, \
DKIM and DMARC are shown beside, and do not count.";

/// `inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// Messages as they were received, or their heads; `-` for stdin
    #[arg(value_name = "MESSAGE", required = true)]
    messages: Vec<String>,
    /// Hosts below this domain, whose names resolve back, or with this address belong to the receiver. Repeatable
    #[arg(long, value_name = "NAME|ADDRESS")]
    trust: Vec<String>,
    /// What addresses are to be: a file as CSV (address,helo,…) [default: what ptrd has of them, where it answers]
    #[arg(long, value_name = "FILE")]
    against: Option<String>,
}

/// One message, as JSON.
#[derive(Serialize)]
struct Document<'a> {
    file: &'a str,
    #[serde(flatten)]
    inspection: &'a Inspection,
}

impl Inspect {
    pub async fn run(self, globals: &Globals, screen: &mut Screen) -> Result<(), Failure> {
        let trust = trust(&self.trust);
        let mut owner = Owner::of(self.against.as_deref(), globals, screen).await?;
        let mut worst = Grade::Pass;
        for name in &self.messages {
            let mut inspection = inspect(&Head::read(&read(name)?), &trust);
            if let Some(seen) = &mut inspection.seen {
                owner.judge(seen).await?;
            }
            worst = worst.max(inspection.seen.as_ref().map_or(Grade::Unknown, |seen| seen.grade()));
            if screen.json() {
                let document = Document { file: name, inspection: &inspection };
                let octets =
                    serde_json::to_vec(&document).map_err(|error| Failure::local(error.to_string()))?;
                screen.document(&octets)?;
            } else {
                show(screen, name, &inspection)?;
            }
        }
        verified(worst)
    }
}

/// What else belongs to the receiver, as arguments.
pub fn trust(words: &[String]) -> Trust {
    let mut trust = Trust::default();
    for word in words {
        match word.parse::<IpAddr>() {
            Ok(address) => trust.addresses.push(address.to_canonical()),
            Err(_) => trust.domains.push(word.trim_end_matches('.').to_ascii_lowercase()),
        }
    }
    trust
}

/// As much of a message as is looked at.
fn read(name: &str) -> Result<Vec<u8>, Failure> {
    let mut octets = Vec::new();
    let outcome = match name {
        "-" => std::io::stdin().lock().take(LARGEST as u64).read_to_end(&mut octets),
        file => std::fs::File::open(file).and_then(|file| file.take(LARGEST as u64).read_to_end(&mut octets)),
    };
    outcome.with_context(|| name.to_owned())?;
    Ok(octets)
}

/// Who knows what addresses are to be.
enum Owner {
    Nobody,
    File(BTreeMap<IpAddr, Expected>),
    Daemon(Box<Client>),
}

impl Owner {
    async fn of(file: Option<&str>, globals: &Globals, screen: &mut Screen) -> Result<Owner, Failure> {
        let Some(file) = file else {
            let client = daemon(globals, "what addresses are to be is not known", screen).await?;
            return Ok(client.map_or(Owner::Nobody, |client| Owner::Daemon(Box::new(client))));
        };
        let subjects = gather(&[file.to_owned()], &[], globals, screen).await?.subjects;
        let expected = subjects.into_iter().map(|subject| {
            let names = subject.helo.iter().map(|helo| canonical(helo)).collect();
            (subject.address.to_canonical(), Expected { helo: subject.helo, names })
        });
        Ok(Owner::File(expected.collect()))
    }

    /// Adds whether it is as it is to be. What a daemon does not know of is not held against anybody.
    async fn judge(&mut self, seen: &mut ptrd_message::Seen) -> Result<(), Failure> {
        let Some(address) = seen.address else { return Ok(()) };
        match self {
            Owner::Nobody => {}
            Owner::File(all) => seen.hold_against(all.get(&address)),
            Owner::Daemon(client) => {
                let at = segment(&address.to_string());
                let sending = known(client.get::<SendingView>(&format!("/v1/sending/{at}")).await)?;
                let ptr = known(client.get::<PtrView>(&format!("/v1/ptrs/{at}")).await)?;
                let expected = Expected {
                    helo: sending.map(|answer| answer.value.helo),
                    names: ptr.map(|answer| answer.value.names).unwrap_or_default(),
                };
                seen.hold_against(Some(&expected));
            }
        }
        Ok(())
    }
}

/// What the daemon knows; that it knows nothing of it is no failure.
fn known<T>(answer: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match answer {
        Err(failure) if failure.is_not_found() => Ok(None),
        answer => answer.map(Some),
    }
}

fn show(screen: &mut Screen, name: &str, inspection: &Inspection) -> Result<(), Failure> {
    match &inspection.seen {
        Some(seen) => {
            screen.line(&format!("{name}: {}.", seen.seen.text))?;
            let rows: Vec<Vec<String>> = seen
                .seen
                .verdicts
                .iter()
                .map(|one| vec![one.grade.to_string(), one.what.clone(), one.why.clone()])
                .collect();
            screen.table(&["GRADE", "CHECK", "WHY"]).show(screen, &rows)?;
        }
        None => facts(screen, &[(name, "nothing is said of where it came from".to_owned())])?,
    }
    let rows: Vec<Vec<String>> = inspection.hops.iter().map(hop).collect();
    screen
        .table(&["WRITTEN BY", "TAKEN BY", "FROM", "CALLED ITSELF", "ITS NAME", "WHEN"])
        .show(screen, &rows)?;
    screen.notes(&inspection.notes)
}

fn hop(hop: &Hop) -> Vec<String> {
    let whose = match hop.whose {
        Whose::Receiver => "receiver",
        Whose::Boundary => "receiver, of the boundary",
        Whose::Sender => "sender, or made up",
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let at = hop.at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    vec![
        whose.to_owned(),
        text(&hop.by),
        hop.address.map(|address| address.to_string()).unwrap_or_default(),
        text(&hop.helo),
        hop.reverse.name().unwrap_or_default().to_owned(),
        at.map(|at| at.to_string()).unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_daemon_does_not_know_is_passed_over() {
        assert!(matches!(known(Ok(7)), Ok(Some(7))));
        assert!(matches!(known::<u8>(Err(Failure::absent("no such address"))), Ok(None)));
        assert!(known::<u8>(Err(Failure::local("the connection broke"))).is_err());
    }

    #[test]
    fn hosts_are_trusted_by_name_or_address() {
        let words = ["Filter.Example.net.", "::ffff:192.0.2.1", "2001:db8::1"].map(str::to_owned);
        let trust = trust(&words);
        assert_eq!(trust.domains, ["filter.example.net"]);
        assert_eq!(
            trust.addresses,
            ["192.0.2.1", "2001:db8::1"].map(|it| it.parse::<IpAddr>().expect("an address"))
        );
    }
}

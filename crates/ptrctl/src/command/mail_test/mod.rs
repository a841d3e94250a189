//! `ptrctl mail-test`: one marked message from each sending address through the customer's mail server, and what came of them.
//!
//! Which address a message leaves from is the mail server's doing, by the sender's domain, as `ptrctl mta` tells it. So this
//! shows whether that configuration does what it says; nothing here binds to an address.

mod collect;
mod send;
mod show;
mod state;

use super::gather::{gather, helo};
use super::mta::outlets;
use crate::arguments;
use crate::cli::Globals;
use crate::failure::{Failure, verified};
use crate::screen::{Screen, counted};
use clap::Args;
use collect::Collected;
use ptrd_message::marked::{Account, Mark, Marked, Sender, senders};
use ptrd_posture::host_name;
use ptrd_posture::mta::Plan;
use send::Road;
use state::State;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

pub const EXAMPLES: &str = "\
Examples:
  To a mailbox of one's own and to a verifier that answers, through the mail server on this host:
    ptrctl mail-test --from 192.0.2.0/24 --to me@example.net check-auth@verifier.port25.com \\
      --via localhost --state test.state
  What would be sent:
    ptrctl mail-test --from sending.csv --to me@example.net --dry-run
  Through another host, with a name and a password from a file (USER:PASSWORD, for nobody else):
    ptrctl mail-test --from 192.0.2.0/24 --to me@example.net --via mail.example.com:587 \\
      --auth submission.secret --state test.state
  What came back: messages saved from mailboxes, a maildir, what `ptrd probe` recorded,
  answers of Mail-Tester as JSON:
    ptrctl mail-test --match returned/ probe.jsonl mail-tester.json --state test.state

Each message is from a domain that its address sends for, so that a mail server which is told what `ptrctl mta` writes sends it \
from there; it cannot choose between IPv4 and IPv6, so give recipients of both. Where several addresses share a domain, any of \
them may be used. The sender is postmaster (RFC 5321 §4.5.1) unless --mailbox says otherwise; verifiers answer to it.

With --match: exit status 0 if a message left from each address with its name, 13 if one left from elsewhere, with another name, or \
came back, 14 if one is missing, 15 if an address was stood in for by another that may.";

/// Messages that are sent at most.
const MOST: usize = 10_000;
/// More than this are not sent unasked, nor what takes longer than these seconds.
const MANY: (usize, u64) = (100, 120);

/// `mail-test`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["from", "matching"]))]
pub struct MailTest {
    /// Send from these: addresses, prefixes, and files as CSV: address,helo,mta,domains
    #[arg(long, value_name = "PREFIX|ADDRESS|FILE", num_args = 1.., requires = "to")]
    from: Vec<String>,
    /// To these recipients, each a message from each address
    #[arg(long, value_name = "RECIPIENT", num_args = 1.., value_parser = mailbox)]
    to: Vec<String>,
    /// Look for what was sent in these: messages, folders of messages, maildirs, records of `ptrd probe`
    #[arg(long = "match", value_name = "FILE|FOLDER", num_args = 1.., requires = "state")]
    matching: Vec<PathBuf>,
    /// Where the marks are kept: a new file to send, the same to look for them
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    #[command(flatten)]
    road: Road,
    /// Only addresses with this label of a mail server
    #[arg(long, value_name = "LABEL")]
    label: Option<String>,
    /// The name that an address gives in HELO. Repeatable
    #[arg(long, value_name = "ADDRESS=NAME", value_parser = helo)]
    helo: Vec<(IpAddr, String)>,
    /// The sender's mailbox, which each sender domain must have
    #[arg(long, value_name = "NAME", default_value = "postmaster", value_parser = local)]
    mailbox: String,
    /// A domain that no address is marked for: from it for the addresses that are for all others
    #[arg(long, value_name = "DOMAIN", value_parser = domain)]
    others: Option<String>,
    /// How long to wait between messages: 2s, 1m
    #[arg(long, value_name = "TIME", default_value = "1", value_parser = arguments::duration)]
    pause: u64,
    /// Do not ask before many messages are sent
    #[arg(long)]
    yes: bool,
    /// Hosts below this domain, whose names resolve back, or with this address belong to the receiver. Repeatable
    #[arg(long, value_name = "NAME|ADDRESS", requires = "matching")]
    trust: Vec<String>,
}

impl MailTest {
    pub async fn run(self, globals: &Globals, screen: &mut Screen) -> Result<(), Failure> {
        match (&self.state, self.matching.is_empty()) {
            (Some(path), false) => self.look(path, screen),
            (path, _) => {
                let all = self.letters(globals, screen).await?;
                if globals.dry_run {
                    return show::planned(screen, &all);
                }
                let path = path.as_ref().ok_or_else(|| {
                    Failure::usage(
                        "--state FILE is needed: without the marks nothing that comes back is found",
                    )
                })?;
                self.send(path, all, screen).await
            }
        }
    }

    /// What is to be sent.
    async fn letters(&self, globals: &Globals, screen: &mut Screen) -> Result<Vec<Marked>, Failure> {
        let subjects = gather(&self.from, &self.helo, globals, screen).await?.subjects;
        let plan = Plan::new(outlets(&subjects, self.label.as_deref(), &self.from)?);
        let senders = senders(&plan, self.others.as_deref()).map_err(|without| {
            let shown: Vec<String> = without.iter().take(3).map(ToString::to_string).collect();
            let more = if without.len() > 3 { ", …" } else { "" };
            Failure::usage(format!(
                "{}{more}: no sender domain is marked for it, so it is for all that no other address is for",
                shown.join(", ")
            ))
            .hint("name a domain that is marked for no address: --others DOMAIN")
        })?;
        let number = senders.len() * self.to.len();
        if number > MOST {
            return Err(Failure::usage(format!("{number} messages: at most {MOST}"))
                .hint("take a part of the addresses"));
        }
        let mut all = Vec::with_capacity(number);
        for sender in &senders {
            for to in &self.to {
                all.push(letter(sender, &self.mailbox, to)?);
            }
        }
        Ok(all)
    }

    async fn send(
        &self,
        path: &std::path::Path,
        all: Vec<Marked>,
        screen: &mut Screen,
    ) -> Result<(), Failure> {
        let seconds = self.pause.saturating_mul(all.len().saturating_sub(1) as u64);
        let said = format!("{}, {} s at least", counted(all.len() as u64, "message", "messages"), seconds);
        if !self.yes && (all.len() > MANY.0 || seconds > MANY.1) {
            if screen.can_ask().is_err() {
                return Err(Failure::usage(said).hint("say --yes, or send fewer"));
            }
            if !screen.confirmed(&format!("{said}. Send? [y/N] "))? {
                return Err(Failure::local("nothing was sent"));
            }
        }
        let carrier = self.road.carrier()?;
        let mut state = State::create(path, &all)?;
        let pause = Duration::from_secs(self.pause);
        let mut shown = show::Sent::new(screen);
        for (place, one) in all.iter().enumerate() {
            if place > 0 {
                tokio::time::sleep(pause).await;
            }
            let date = date()?;
            match carrier.send(one, &one.text(&date)).await {
                Ok(said) => {
                    state.sent(place, &said)?;
                    shown.add(screen, one, Ok(&said))?;
                }
                Err(send::Why::Refused(why)) => {
                    state.refused(place..place + 1, &why)?;
                    shown.add(screen, one, Err(&why))?;
                }
                Err(send::Why::Broken(why)) => {
                    state.refused(place..all.len(), &format!("not sent: {why}"))?;
                    let count = |n: usize| counted(n as u64, "message", "messages");
                    let left = count(all.len() - place);
                    let state = ptrd_escape::shell_word(&path.display().to_string());
                    return Err(Failure::local(format!("after {}: {why}", count(place))).hint(format!(
                        "{left} not sent; `ptrctl mail-test --match FILE|FOLDER --state {state}` says which, and a new test \
                         takes a new file"
                    )));
                }
            }
        }
        shown.end(screen, path)
    }

    /// What came back.
    fn look(&self, path: &std::path::Path, screen: &mut Screen) -> Result<(), Failure> {
        let kept = state::read(path)?;
        let trust = super::inspect::trust(&self.trust);
        let Collected { returned, notes } = collect::evidence_in(&self.matching, &trust)?;
        let account = Account::of(&kept.sent, &kept.refused, &kept.unsent, &returned);
        show::account(screen, &account)?;
        screen.notes(&notes)?;
        verified(account.grade())
    }
}

fn letter(sender: &Sender, mailbox: &str, to: &str) -> Result<Marked, Failure> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(|error| Failure::local(format!("drawing a mark: {error}")))?;
    Ok(Marked {
        mark: Mark::new(bits),
        address: sender.address,
        helo: sender.helo.clone(),
        from: format!("{mailbox}@{}", sender.domain),
        to: to.to_owned(),
        pair: sender.pair,
        pool: sender.pool.clone(),
    })
}

/// Now, as RFC 5322 §3.3 has it.
fn date() -> Result<String, Failure> {
    let now = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC);
    jiff::fmt::rfc2822::to_string(&now).map_err(|error| Failure::local(format!("the date: {error}")))
}

/// The part of an address before the `@` (RFC 5321 §4.1.2, Dot-string).
fn local(text: &str) -> Result<String, String> {
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&octet))
    };
    match text.len() <= 64 && text.split('.').all(is_atom) {
        true => Ok(text.to_owned()),
        false => Err("no mailbox: letters, digits, dots and !#$%&'*+-/=?^_`{|}~, at most 64".to_owned()),
    }
}

fn domain(text: &str) -> Result<String, String> {
    let plain = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    host_name(&plain).map_err(|why| format!("{text}: no domain, as example.com: {why}"))?;
    Ok(plain)
}

fn mailbox(text: &str) -> Result<String, String> {
    let (of, at) = text.rsplit_once('@').ok_or("write name@example.com")?;
    Ok(format!("{}@{}", local(of)?, domain(at)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_addresses_and_nothing_that_ends_a_line() {
        assert_eq!(
            mailbox("check-auth-jo=example.com@Verifier.Example.").as_deref(),
            Ok("check-auth-jo=example.com@verifier.example")
        );
        for bad in [
            "x",
            "@a.example",
            "a@b",
            "a b@c.example",
            "a@c.example\r\nBcc: x",
            "a..b@c.example",
            "\"a\"@c.example",
            "<a@c.example>",
        ] {
            assert!(mailbox(bad).is_err(), "{bad:?}");
        }
    }
}

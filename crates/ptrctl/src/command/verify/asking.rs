//! Who is asked about addresses, and how: the options that commands have in common, and the asking.

use super::estimate::Estimate;
use super::plan::Plan;
use super::state::State;
use crate::arguments::dns_server;
use crate::cli::Globals;
use crate::command::gather::{gather, helo};
use crate::failure::Failure;
use crate::screen::Screen;
use anyhow::Context;
use clap::Args;
use ptrd_ask::{Limits, Resolver, Roots, Surveyor};
use ptrd_posture::identity::{Identity, Rules, Survey};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How many addresses are looked at, at a time.
const AT_A_TIME: usize = 64;

/// Who is asked, and how.
#[derive(Debug, Args)]
pub struct Asking {
    /// Ask this resolver: an address, google, cloudflare or quad9. Repeatable [default: those three]
    #[arg(long, value_name = "ADDRESS|NAME", value_parser = resolver)]
    resolver: Vec<Resolver>,
    /// Also ask the nameservers themselves, from the root down, about all addresses
    #[arg(long)]
    authoritative: bool,
    /// Where the root is: an address, or a file of hints. Repeatable [default: the public root]
    #[arg(long, value_name = "FILE|ADDRESS", requires = "authoritative")]
    roots: Vec<String>,
    /// Ask resolvers about so many addresses, evenly spread, and about those that send mail
    #[arg(long, value_name = "N")]
    sample: Option<u64>,
    /// The name that an address gives in HELO. Repeatable
    #[arg(long, value_name = "ADDRESS=NAME", value_parser = helo)]
    helo: Vec<(IpAddr, String)>,
    /// Questions a second to each server, at most [default: 50; 1000 on this host and private networks]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: Option<u32>,
    /// How long to wait for an answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "3", value_parser = patience)]
    timeout: Duration,
    /// Keep what was found in this file, and go on from it
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Do not ask before many questions are sent
    #[arg(long)]
    pub yes: bool,
}

/// What takes in what is found.
pub trait Sink {
    /// What is asked for, before anything is found.
    fn begin(&mut self, screen: &mut Screen, survey: &Survey) -> Result<(), Failure>;
    /// An address that is done.
    fn add(&mut self, screen: &mut Screen, identity: Identity) -> Result<(), Failure>;
    /// How it stands so far, in few words.
    fn short(&self) -> String;
}

/// What was done.
pub struct Done {
    /// What was looked at, in words.
    pub said: String,
    /// How many questions were sent.
    pub sent: u64,
}

impl Asking {
    /// Looks at the addresses. `None` where only what that would take was wanted (`--dry-run`).
    pub async fn survey(
        &self,
        what: &[String],
        globals: &Globals,
        screen: &mut Screen,
        sink: &mut impl Sink,
    ) -> Result<Option<Done>, Failure> {
        let gathered = gather(what, &self.helo, globals, screen).await?;
        let plan = Plan::of(gathered, self.authoritative, self.sample);
        let surveyor = Arc::new(self.surveyor()?);
        let survey = plan.survey(what, &surveyor);
        let mut state = self.state.as_deref().map(|path| State::open(path, &survey)).transpose()?;
        let kept = state.as_mut().map(State::kept).transpose()?.unwrap_or_default();
        let left = plan.left(&kept.addresses);
        let estimate = Estimate::of(&left, &surveyor.sources(), &self.limits());
        if !self.goes(globals, screen, &plan, &estimate)? {
            return Ok(None);
        }
        sink.begin(screen, &survey)?;
        for identity in kept.identities {
            sink.add(screen, identity?)?;
        }
        let bar = screen.bar(left.len() as u64, "{bar:40} {pos}/{len} addresses  {eta}  {msg}");
        let mut found = surveyor.clone().survey(left.into_iter(), AT_A_TIME);
        while let Some(identity) = found.recv().await {
            if let Some(state) = &mut state {
                state.keep(&identity)?;
            }
            bar.inc(1);
            sink.add(screen, identity)?;
            bar.set_message(sink.short());
        }
        bar.finish_and_clear();
        Ok(Some(Done { said: plan.said(), sent: surveyor.sent() }))
    }

    fn limits(&self) -> Limits {
        let limits = Limits { patience: self.timeout, ..Limits::default() };
        match self.rate {
            Some(rate) => Limits { rate, local_rate: rate, ..limits },
            None => limits,
        }
    }

    fn surveyor(&self) -> Result<Surveyor, Failure> {
        let mut resolvers: Vec<Resolver> = Vec::new();
        let default = ["google", "cloudflare", "quad9"].into_iter().filter_map(Resolver::public);
        let named = self.resolver.iter().cloned();
        for resolver in named.chain(default.filter(|_| self.resolver.is_empty())) {
            if resolvers.iter().all(|other| other.address != resolver.address) {
                resolvers.push(resolver);
            }
        }
        let roots = if self.authoritative { Some(roots(&self.roots)?) } else { None };
        Ok(Surveyor::new(self.limits(), resolvers, roots.as_ref(), Rules::default()))
    }

    /// Says what it will take, and asks where that is much.
    fn goes(
        &self,
        globals: &Globals,
        screen: &mut Screen,
        plan: &Plan,
        estimate: &Estimate,
    ) -> Result<bool, Failure> {
        if globals.dry_run {
            let octets = serde_json::json!({ "estimate": estimate, "addresses": plan.addresses.len() });
            if screen.json() {
                screen.document(octets.to_string().as_bytes())?;
            } else {
                screen.line(&format!("{}: {estimate}", plan.said()))?;
            }
            return Ok(false);
        }
        if self.yes || !estimate.is_much() {
            return Ok(true);
        }
        if screen.can_ask().is_err() {
            return Err(Failure::usage(format!("{}: {estimate}", plan.said()))
                .hint("say --yes, or look at fewer: --sample"));
        }
        let question = format!("{}: {estimate}. Go on? [y/N] ", plan.said());
        if screen.confirmed(&question)? { Ok(true) } else { Err(Failure::local("nothing was asked")) }
    }
}

/// The root servers in these arguments.
fn roots(arguments: &[String]) -> Result<Roots, Failure> {
    if arguments.is_empty() {
        return Ok(Roots::default());
    }
    let mut hints = String::new();
    for argument in arguments {
        match argument.parse::<IpAddr>() {
            Ok(_) => hints += argument,
            Err(_) => {
                hints += &std::fs::read_to_string(argument).with_context(|| format!("--roots {argument}"))?
            }
        }
        hints.push('\n');
    }
    Roots::read(&hints).map_err(|error| Failure::usage(format!("--roots {}: {error}", arguments.join(" "))))
}

fn resolver(text: &str) -> Result<Resolver, String> {
    if let Some(public) = Resolver::public(text) {
        return Ok(public);
    }
    let address = dns_server(text)
        .ok_or("write an address, one with a port (192.0.2.53:5353), google, cloudflare or quad9")?;
    Ok(Resolver { name: ptrd_posture::identity::socket(address), address })
}

fn patience(text: &str) -> Result<Duration, String> {
    let seconds: f32 =
        text.trim_end_matches('s').parse().map_err(|_| "write seconds, as 3 or 0.5".to_owned())?;
    if (0.05..=60.0).contains(&seconds) {
        Ok(Duration::from_secs_f32(seconds))
    } else {
        Err("between 0.05 and 60 seconds".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_or_explained() {
        assert_eq!(resolver("quad9").map(|it| it.address.to_string()).as_deref(), Ok("9.9.9.9:53"));
        assert_eq!(resolver("2001:db8::1").map(|it| it.name).as_deref(), Ok("2001:db8::1"));
        assert_eq!(resolver("192.0.2.1:5353").map(|it| it.name).as_deref(), Ok("192.0.2.1:5353"));
        assert!(resolver("nowhere").is_err() && helo("x=y").is_err() && helo("192.0.2.1=").is_err());
        assert_eq!(patience("0.5"), Ok(Duration::from_millis(500)));
        assert_eq!(patience("2s"), Ok(Duration::from_secs(2)));
        for bad in ["0", "x", "-1", "61", "NaN"] {
            assert!(patience(bad).is_err(), "{bad}");
        }
    }
}

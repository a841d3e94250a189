//! `ptrctl verify`: what the world sees of sending addresses.
//!
//! Works without a daemon; where one answers, its sending inventory says which addresses send, and under which name.

mod estimate;
mod show;
mod state;

use super::gather::{Gathered, gather, helo};
use crate::cli::Globals;
use crate::failure::Failure;
use crate::screen::Screen;
use anyhow::Context;
use clap::Args;
use estimate::Estimate;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ptrd_ask::{Limits, Resolver, Roots, Surveyor, Whom};
use ptrd_posture::identity::{FORMAT, Grade, Line, Rules, Subject, Survey};
use show::Shown;
pub use show::document;
use state::State;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// For the help.
pub const EXAMPLES: &str = "\
Examples:
  ptrctl verify 192.0.2.25 --helo 192.0.2.25=mail.example.com
  A block, the nameservers themselves too; resolvers are asked about what sends, or a sample:
    ptrctl verify 192.0.2.0/24 --authoritative --sample 32
  An inventory as CSV (address,helo,mta,domains); goes on where it was cut short:
    ptrctl verify sending.csv --state sending.state
  One's own resolver, what is wrong alone:
    ptrctl verify 192.0.2.0/24 --resolver 192.0.2.53 --only fail --only unknown
  In a script; the exit status says how it came out:
    ptrctl verify sending.csv --yes --json >sending.json || echo \"$?\"

Without --resolver, Google (8.8.8.8), Cloudflare (1.1.1.1) and Quad9 (9.9.9.9) are asked, each at most 50 times a second.
SERVFAIL, REFUSED and silence are unknown, never a failure. Exit status: 0 all pass, 13 something fails, 14 something could not be
found out, 15 nothing worse than a warning.";

/// How many addresses are looked at, at a time.
const AT_A_TIME: usize = 64;
/// How many addresses resolvers are asked about by default, where the nameservers are asked about all and nobody says which send.
const SAMPLE: u64 = 256;

/// `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Addresses, prefixes, and files with one of these a line or as CSV: address,helo,mta,domains
    #[arg(value_name = "PREFIX|ADDRESS|FILE", required = true)]
    what: Vec<String>,
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
    /// Show only what came out so. Repeatable
    #[arg(long, value_name = "GRADE")]
    only: Vec<Only>,
    /// Do not ask before many questions are sent
    #[arg(long)]
    yes: bool,
}

/// A grade as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Only {
    /// As it should be
    Pass,
    /// It could be better
    Warn,
    /// It could not be found out
    Unknown,
    /// Receivers will hold it against the address
    Fail,
}

impl From<Only> for Grade {
    fn from(only: Only) -> Grade {
        match only {
            Only::Pass => Grade::Pass,
            Only::Warn => Grade::Warn,
            Only::Unknown => Grade::Unknown,
            Only::Fail => Grade::Fail,
        }
    }
}

impl Verify {
    /// Looks at the addresses, and shows how they stand.
    pub async fn run(self, globals: &Globals, screen: &mut Screen) -> Result<(), Failure> {
        let gathered = gather(&self.what, &self.helo, globals, screen).await?;
        let plan = Plan::of(gathered, self.authoritative, self.sample);
        let surveyor = Arc::new(self.surveyor()?);
        let survey = plan.survey(&self, &surveyor);
        let mut state = self.state.as_deref().map(|path| State::open(path, &survey)).transpose()?;
        let kept = state.as_mut().map(State::kept).transpose()?.unwrap_or_default();
        let left = plan.left(&kept.addresses);
        let estimate = Estimate::of(&left, &surveyor.sources(), &self.limits());
        if !self.goes(globals, screen, &plan, &estimate)? {
            return Ok(());
        }
        let only = self.only.iter().map(|&only| only.into()).collect();
        let mut shown = Shown::new(only, plan.addresses.len() == 1);
        if screen.json() {
            show::document(screen, &Line::Survey(survey.clone()))?;
        }
        for identity in kept.identities {
            shown.add(screen, identity?)?;
        }
        let bar = progress(screen.progress(), left.len() as u64);
        let mut found = surveyor.clone().survey(left.into_iter(), AT_A_TIME);
        while let Some(identity) = found.recv().await {
            if let Some(state) = &mut state {
                state.keep(&identity)?;
            }
            bar.inc(1);
            shown.add(screen, identity)?;
            bar.set_message(shown.short());
        }
        bar.finish_and_clear();
        shown.end(screen, &plan, surveyor.sent())
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

/// Which addresses are looked at, and who is asked about each.
pub struct Plan {
    addresses: Vec<(Subject, Whom)>,
    /// How many addresses were asked for.
    total: u64,
    /// How many of them resolvers are asked about.
    resolved: u64,
    /// Whether that is fewer than all because of a sample.
    sampled: bool,
}

impl Plan {
    fn of(gathered: Gathered, authoritative: bool, sample: Option<u64>) -> Plan {
        let subjects = gathered.subjects;
        let total = subjects.len() as u64;
        let sends = |subject: &Subject| subject.sending == Some(true);
        let sending = subjects.iter().filter(|subject| sends(subject)).count() as u64;
        let sample = match (sample, authoritative) {
            (Some(n), _) => n,
            (None, false) => u64::MAX,
            (None, true) => {
                if sending > 0 {
                    0
                } else {
                    SAMPLE
                }
            }
        };
        let others = total - sending;
        // Evenly spread, and the same each time.
        let before = |nth: u64| u128::from(nth) * u128::from(sample) / u128::from(others.max(1));
        let is_picked = |nth: u64| sample >= others || before(nth) != before(nth + 1);
        let mut nth = 0;
        let mut addresses = Vec::new();
        let mut resolved = 0;
        for subject in subjects {
            let all = sends(&subject) || {
                nth += 1;
                is_picked(nth - 1)
            };
            resolved += u64::from(all);
            match (all, authoritative) {
                (true, _) => addresses.push((subject, Whom::Everybody)),
                (false, true) => addresses.push((subject, Whom::Nameservers)),
                (false, false) => (),
            }
        }
        Plan { addresses, total, resolved, sampled: resolved < total }
    }

    fn survey(&self, verify: &Verify, surveyor: &Surveyor) -> Survey {
        Survey {
            format: FORMAT,
            of: verify.what.clone(),
            addresses: self.addresses.len() as u64,
            digest: state::digest(&self.addresses),
            sources: surveyor.sources(),
            sample: self.sampled.then_some(self.resolved),
            rules: Rules::default(),
            at: jiff::Timestamp::now().as_millisecond(),
        }
    }

    /// Those that were not looked at yet.
    fn left(&self, done: &std::collections::HashSet<IpAddr>) -> Vec<(Subject, Whom)> {
        self.addresses.iter().filter(|(subject, _)| !done.contains(&subject.address)).cloned().collect()
    }

    /// What is looked at, in words.
    pub fn said(&self) -> String {
        let total = crate::screen::counted(self.total, "address", "addresses");
        if !self.sampled {
            return total;
        }
        let resolved = self.resolved;
        if (self.addresses.len() as u64) < self.total {
            return format!("{total}, of which {resolved} are looked at (those that send, and a sample)");
        }
        format!("{total}, resolvers asked about {resolved} (those that send, and a sample)")
    }
}

fn progress(show: bool, addresses: u64) -> ProgressBar {
    if !show {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} addresses  {eta}  {msg}");
    ProgressBar::with_draw_target(Some(addresses), ProgressDrawTarget::stderr())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
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
    let address = match (text.parse::<SocketAddr>(), text.parse::<IpAddr>()) {
        (Ok(address), _) => address,
        (_, Ok(ip)) => SocketAddr::new(ip, 53),
        _ => {
            return Err(
                "write an address, one with a port (192.0.2.53:5353), google, cloudflare or quad9".into()
            );
        }
    };
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

    fn plan(sending: &[bool], authoritative: bool, sample: Option<u64>) -> String {
        let subject = |(n, &sends): (usize, &bool)| {
            let mut subject = Subject::new(IpAddr::from([192, 0, 2, u8::try_from(n).expect("few")]));
            subject.sending = sends.then_some(true);
            subject
        };
        let subjects = sending.iter().enumerate().map(subject).collect();
        let plan = Plan::of(Gathered { subjects }, authoritative, sample);
        let letter = |(subject, whom): &(Subject, Whom)| {
            let last = subject.address.to_string().rsplit('.').next().unwrap_or_default().to_owned();
            format!("{last}{}", if *whom == Whom::Everybody { "r" } else { "" })
        };
        plan.addresses.iter().map(letter).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_sample_is_spread_evenly_and_the_same_each_time() {
        let eight = [false; 8];
        assert_eq!(plan(&eight, false, None), "0r 1r 2r 3r 4r 5r 6r 7r");
        assert_eq!(plan(&eight, false, Some(2)), "3r 7r");
        assert_eq!(plan(&eight, true, Some(2)), "0 1 2 3r 4 5 6 7r");
        assert_eq!(plan(&eight, true, Some(0)), "0 1 2 3 4 5 6 7");
        assert_eq!(plan(&eight, true, Some(100)), plan(&eight, false, None));
        assert_eq!(plan(&eight, true, None), plan(&eight, false, None), "few, and nobody said which send");
    }

    #[test]
    fn those_that_send_are_always_asked_about() {
        let mut some = [false; 8];
        some[1] = true;
        assert_eq!(plan(&some, true, None), "0 1r 2 3 4 5 6 7");
        assert_eq!(plan(&some, false, Some(0)), "1r");
        assert_eq!(plan(&some, true, Some(1)), "0 1r 2 3 4 5 6 7r");
    }

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

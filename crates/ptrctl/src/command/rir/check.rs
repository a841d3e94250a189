//! `ptrctl rir check`.

use super::object::Wanted;
use super::read;
use crate::arguments::dns_server;
use crate::cli::Globals;
use crate::failure::Failure;
use crate::screen::{Screen, counted};
use crate::whole_file::WholeFile;
use clap::Args;
use ptrd_ask::{Asker, Delegated, Limits, Places, look};
use ptrd_posture::rir::check::{Drift, Finding, Level, Profile, Seen, Server, State, drift, judge};
use ptrd_posture::rir::{Delegation, Registry, Zone};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub const EXAMPLES: &str = "\
Examples:
  Before a registry is told; nameservers and DS data are as ptrd has them unless given:
    ptrctl rir check 203.0.113.0/24 --ns ns1.example.net --ns ns2.example.net
    ptrctl rir check 203.0.113.0/24
  With addresses that are not in DNS yet, and the levels that a registry has:
    ptrctl rir check 2001:db8::/32 --ns ns1.example.net/192.0.2.53 --ns ns2.example.net/198.51.100.53 \\
        --profile profile.json
  A zone that is none of the registry's, such as a classless one:
    ptrctl rir check 192.0.2.64/26 --zone 64-26.2.0.192.in-addr.arpa --ns ns1.example.net --ns ns2.example.net
  What is otherwise than the last time, from a timer:
    ptrctl rir check 203.0.113.0/24 --state /var/lib/ptrctl/203.0.113.json

Findings have the tags and levels of Zonemaster, which RIPE asks: it takes no delegation with an ERROR or CRITICAL. The exit
status is 3 if there is one, or if something is worse than in the state. Each server is asked some 20 questions.";

/// Where the system's resolvers are named.
const RESOLV_CONF: &str = "/etc/resolv.conf";
/// Resolvers that are asked at most.
const MOST_RESOLVERS: usize = 3;

/// `rir check`.
#[derive(Clone, Debug, Args)]
pub struct Check {
    #[command(flatten)]
    wanted: Wanted,
    /// Whose block it is, which says what its zones are: ripe, arin, apnic, afrinic or lacnic
    #[arg(long, value_name = "REGISTRY", default_value = "ripe")]
    registry: Registry,
    /// Another zone than those that the registry delegates
    #[arg(long, value_name = "NAME")]
    zone: Option<String>,
    /// A profile of Zonemaster in JSON, whose levels and limits take the place of the usual ones
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Show findings from this level on: info, notice, warning, error or critical
    #[arg(long, value_name = "LEVEL", default_value = "notice")]
    level: Level,
    /// Say what is otherwise than this file has, and write into it how things are
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// A resolver for names of nameservers; those of /etc/resolv.conf unless given; repeat for each
    #[arg(long, value_name = "ADDR[:PORT]", value_parser = resolver)]
    resolver: Vec<SocketAddr>,
    /// Resolve nothing: all addresses are given
    #[arg(long, conflicts_with = "resolver")]
    no_resolver: bool,
    /// The port of the nameservers, for tests
    #[arg(long, value_name = "PORT", default_value_t = 53)]
    port: u16,
}

/// What is kept of several zones.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    zones: Vec<State>,
}

/// What came of a zone.
#[derive(Debug, Serialize)]
struct Checked {
    zone: String,
    /// Whether RIPE would take it.
    acceptable: bool,
    /// How many findings are ERROR or CRITICAL.
    errors: u64,
    /// How many are WARNING.
    warnings: u64,
    findings: Vec<Finding>,
    /// Addresses that this host has no way to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_asked: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    drift: Vec<Drift>,
    /// How it was, as it is kept; a report is made from it.
    state: State,
}

fn resolver(text: &str) -> Result<SocketAddr, String> {
    dns_server(text).ok_or_else(|| format!("{text}: no address, as 192.0.2.1 or [2001:db8::1]:53"))
}

impl Check {
    /// Looks at all zones of the block.
    pub async fn run(self, globals: &Globals, screen: &mut Screen) -> Result<(), Failure> {
        let profile = match &self.profile {
            Some(path) => Profile::read(&read(path)?)
                .map_err(|error| Failure::local(format!("{}: {error}", path.display())))?,
            None => Profile::default(),
        };
        let before = self.state.as_deref().map(kept).transpose()?.unwrap_or_default();
        let whom = self.whom()?;
        let asker = Arc::new(Asker::new(Limits::default()));
        let delegations = self.wanted.delegations(self.zones()?, globals).await?;
        let (mut after, mut bad, mut all) = (Kept::default(), false, Vec::new());
        for delegation in delegations {
            let now = jiff::Timestamp::now().as_second().unsigned_abs();
            let Delegation { zone, nservers, ds } = delegation;
            let seen = look(&asker, Delegated { apex: zone.apex, nservers, ds }, &whom, now).await;
            complete(&seen)?;
            let findings = judge(&seen, &profile);
            let state = State::of(&seen, &findings);
            let old = before.zones.iter().find(|old| old.zone == state.zone);
            let drift = old.map(|old| drift(old, &state)).unwrap_or_default();
            let count =
                |is: fn(&Finding) -> bool| findings.iter().filter(|finding| is(finding)).count() as u64;
            let errors = count(|finding| finding.level >= Level::Error);
            let warnings = count(|finding| finding.level == Level::Warning);
            let checked = Checked {
                zone: state.zone.clone(),
                acceptable: errors == 0,
                errors,
                warnings,
                findings: findings.into_iter().filter(|finding| finding.level >= self.level).collect(),
                not_asked: seen.servers.iter().filter(|server| !server.asked()).map(Server::place).collect(),
                drift,
                state: state.clone(),
            };
            bad |= !checked.acceptable || checked.drift.iter().any(|drift| drift.worse);
            if !screen.json() {
                show(screen, &checked, old.map(|old| old.time))?;
            }
            all.push(checked);
            after.zones.push(state);
        }
        if screen.json() {
            let octets = serde_json::to_vec(&serde_json::json!({ "zones": all }));
            screen.document(&octets.map_err(|error| Failure::local(error.to_string()))?)?;
        }
        if let Some(path) = self.state.as_deref().filter(|_| !globals.dry_run) {
            keep(path, before, after)?;
        }
        if bad { Err(Failure::found()) } else { Ok(()) }
    }

    fn zones(&self) -> Result<Vec<Zone>, Failure> {
        let Some(name) = &self.zone else { return self.wanted.zones(self.registry) };
        let apex = name.parse().map_err(|error| Failure::usage(format!("--zone {name}: {error}")))?;
        Ok(vec![Zone { apex, range: self.wanted.block, dashed: false }])
    }

    fn whom(&self) -> Result<Places, Failure> {
        let mut resolvers = self.resolver.clone();
        if resolvers.is_empty() && !self.no_resolver {
            let text = std::fs::read_to_string(RESOLV_CONF).unwrap_or_default();
            let words = text.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
            resolvers = words.filter_map(|word| resolver(word.trim()).ok()).take(MOST_RESOLVERS).collect();
            if resolvers.is_empty() {
                return Err(Failure::local(format!("{RESOLV_CONF} names no resolver"))
                    .hint("name one with --resolver, or give all addresses and --no-resolver"));
            }
        }
        if self.no_resolver && self.wanted.ns.iter().any(|server| server.addresses.is_empty()) {
            return Err(Failure::usage("--no-resolver: every nameserver needs its address")
                .hint("write --ns NAME/ADDRESS"));
        }
        Ok(Places { resolvers, port: self.port, near: true })
    }
}

/// What was seen says nothing if this host could not ask.
fn complete(seen: &Seen) -> Result<(), Failure> {
    if let Some(name) = seen.unresolved().next() {
        return Err(Failure::local(format!("no resolver says what addresses {name} has"))
            .hint(format!("name a resolver with --resolver, or the address: --ns {name}/ADDRESS")));
    }
    if !seen.servers.is_empty() && seen.servers.iter().all(|server| !server.asked()) {
        return Err(Failure::local("this host has no way to any of the nameservers")
            .hint("run it where there is IPv4 or IPv6 as they have it"));
    }
    Ok(())
}

fn show(screen: &mut Screen, checked: &Checked, before: Option<u64>) -> Result<(), Failure> {
    for Finding { level, tag, case, server, what, see, .. } in &checked.findings {
        let place = server.as_ref().map(|server| format!("  {server}")).unwrap_or_default();
        screen.line(&format!("{level}  {tag} ({case}){place}"))?;
        screen.line(&format!("  {what}"))?;
        screen.line(&format!("  {see}"))?;
    }
    if let Some(time) = before {
        let since = i64::try_from(time).ok().and_then(|time| jiff::Timestamp::from_second(time).ok());
        let since = since.map(|time| time.to_string()).unwrap_or_default();
        let word = if checked.drift.is_empty() { "nothing is otherwise" } else { "otherwise" };
        screen.line(&format!("since {since}: {word}"))?;
        for drift in &checked.drift {
            match drift.worse {
                true => screen.gone(&drift.what)?,
                false => screen.come(&drift.what)?,
            }
        }
    }
    if !checked.not_asked.is_empty() {
        screen.line(&format!("not asked, as this host has no way there: {}", checked.not_asked.join(" ")))?;
    }
    let verdict = match checked.acceptable {
        true => "no errors: RIPE would take it".to_owned(),
        false => format!("{}: RIPE would refuse it", counted(checked.errors, "error", "errors")),
    };
    let minor = counted(checked.warnings, "warning", "warnings");
    screen.line(&format!("{}: {verdict}, {minor}", checked.zone))?;
    screen.flush()
}

fn kept(path: &Path) -> Result<Kept, Failure> {
    if !path.exists() {
        return Ok(Kept::default());
    }
    serde_json::from_str(&read(path)?).map_err(|error| {
        Failure::local(format!("{}: it is not what this command writes: {error}", path.display()))
            .hint("name another file, or remove it")
    })
}

/// The file is never half of one. Zones that were not looked at stay.
fn keep(path: &Path, before: Kept, mut after: Kept) -> Result<(), Failure> {
    let named: Vec<String> = after.zones.iter().map(|state| state.zone.clone()).collect();
    after.zones.extend(before.zones.into_iter().filter(|old| !named.contains(&old.zone)));
    let octets = serde_json::to_vec_pretty(&after).map_err(|error| Failure::local(error.to_string()))?;
    let mut file = WholeFile::create(path, 0o666)?;
    file.write(&octets)?;
    file.put()
}

//! What changes while the daemon runs: the configuration read again, and applied as far as that goes.
//!
//! Either all of a new configuration is sound, or nothing of it is applied. Workers pick up a new engine with their next
//! batch, so no query is lost or answered by halves.

use crate::config::{Config, Finding, Level, Place, Source, file, print};
use crate::logs::Dial;
use crate::metrics::Metrics;
use crate::{account, policy};
use arc_swap::ArcSwap;
use ptrd_admin::Allowed;
use ptrd_api::{LineError, Problem, Reloaded, SettingChange, code};
use ptrd_engine::{CookieSecrets, Engine};
use ptrd_listen::{Identity, Meter};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// See the module.
pub struct Live {
    source: Source,
    dial: Dial,
    engine: Arc<ArcSwap<Engine>>,
    meter: Meter,
    metrics: Metrics,
    allowed: Allowed,
    /// The secret of a daemon that was given none.
    own: CookieSecrets,
    /// Who encrypted transports say that we are, where they are listened for.
    identity: Option<Identity>,
    running: Mutex<Running>,
}

struct Running {
    config: Config,
    cookies: CookieSecrets,
}

impl Live {
    /// For a daemon that runs with this configuration.
    pub fn new(
        (source, config): (Source, Config),
        dial: Dial,
        engine: Arc<ArcSwap<Engine>>,
        (meter, metrics): (Meter, Metrics),
        allowed: Allowed,
        (own, cookies): (CookieSecrets, CookieSecrets),
        identity: Option<Identity>,
    ) -> Live {
        Live {
            source,
            dial,
            engine,
            meter,
            metrics,
            allowed,
            own,
            identity,
            running: Mutex::new(Running { config, cookies }),
        }
    }

    /// Reads the configuration again, and unless `dry_run` applies what can change. Blocks while files are read.
    ///
    /// # Errors
    /// All that is wrong with it; everything is as it was.
    pub fn reload(&self, dry_run: bool) -> Result<Reloaded, Problem> {
        // One after the other: what is running must be what the last one made of it.
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let file = self.source.path().display().to_string();
        let (next, warnings) =
            self.source.load().map_err(|rejected| wrong(&rejected.file, &rejected.findings))?;
        let cookies = policy::cookies(&next, &self.own)
            .map_err(|error| wrong(&file, &[Finding::error(COOKIES, format!("{error:#}"))]))?;
        let certificate = policy::certificate(&next)
            .map_err(|error| wrong(&file, &[Finding::error(CERTIFICATE, format!("{error:#}"))]))?;
        let uids = uids(&next).map_err(|error| wrong(&file, &[Finding::error("admin.users", error)]))?;
        let (mut applied, mut restart) = changes(&running.config, &next);
        if cookies != running.cookies && !applied.iter().any(|change| change.key == COOKIES) {
            let value = next.answers.cookie_secret_file.as_deref().map(|path| path.display().to_string());
            let value = print::literal(&toml::Value::from(value.unwrap_or_default()));
            applied.push(SettingChange { key: COOKIES.to_owned(), before: value.clone(), after: value });
        }
        let renewed = self.identity.as_ref().zip(certificate);
        let renewed = renewed.filter(|(identity, certificate)| *identity.certificate() != *certificate);
        if renewed.is_some()
            && !applied.iter().any(|change| [CERTIFICATE, KEY].contains(&change.key.as_str()))
        {
            let value = next.tls.certificate.as_deref().map(|path| path.display().to_string());
            let value = print::literal(&toml::Value::from(value.unwrap_or_default()));
            applied.push(SettingChange { key: CERTIFICATE.to_owned(), before: value.clone(), after: value });
        }
        if !dry_run {
            let given = next.tcp.limits().connections;
            if self.meter.set_limits(next.tcp.limits()) < given
                && let Some(place) = applied.iter().position(|change| change.key == "tcp.connections")
            {
                // As many as there is room for; the rest takes a restart.
                restart.push(applied.remove(place));
            }
            let given = next.tls.limits(&next.tcp);
            if self.meter.set_encrypted_limits(&given).is_some_and(|seats| seats < given.connections)
                && let Some(place) = applied.iter().position(|change| change.key == "tls.connections")
            {
                restart.push(applied.remove(place));
            }
            if let Some((identity, certificate)) = renewed {
                identity.replace(certificate);
            }
            self.engine.store(Arc::new(Engine::new(policy::policy(&next, cookies.clone()))));
            self.allowed.set(uids);
            self.metrics.set_zone_serials(next.metrics.zone_serials as usize);
            if !self.dial.set(&next.log.level) {
                tracing::warn!("the log level could not be changed: nothing logs");
            }
            running.config = running.config.with_reloadable(next);
            running.cookies = cookies;
        }
        let warnings = warnings.iter().map(|finding| finding.line(&file)).collect();
        Ok(Reloaded { file, dry_run, applied, restart, warnings })
    }
}

const COOKIES: &str = "answers.cookie-secret-file";
const CERTIFICATE: &str = "tls.certificate";
const KEY: &str = "tls.key";

/// What came of looking at the files of the certificate alone.
pub enum Renewal {
    /// They hold what is in force.
    Same,
    /// Another one is in force now, until then, in seconds since 1970.
    Renewed(i64),
}

impl Live {
    /// The files of the certificate in force, where encrypted transports are listened for.
    pub fn certificate_files(&self) -> Option<[PathBuf; 2]> {
        self.identity.as_ref()?;
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.config.tls.files().map(|(chain, key)| [chain.to_owned(), key.to_owned()])
    }

    /// Reads these files again, and nothing else. Blocks meanwhile.
    ///
    /// # Errors
    /// Why they cannot be used; what is in force stays.
    pub fn renew(&self) -> anyhow::Result<Renewal> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match (&self.identity, policy::certificate(&running.config)?) {
            (Some(identity), Some(certificate)) if *identity.certificate() != certificate => {
                let until = certificate.not_after();
                identity.replace(certificate);
                Ok(Renewal::Renewed(until))
            }
            _ => Ok(Renewal::Same),
        }
    }
}

/// The numbers of users who may come in.
pub fn uids(config: &Config) -> Result<Vec<u32>, String> {
    let uids = config.admin.users.iter().map(|name| account::user(name).map(|account| account.uid.as_raw()));
    uids.collect::<Result<_, _>>().map_err(|unknown| unknown.to_string())
}

/// What differs: what a reload applies, and what takes a restart.
fn changes(before: &Config, after: &Config) -> (Vec<SettingChange>, Vec<SettingChange>) {
    let both = before.shown().into_iter().zip(after.shown());
    let changed =
        both.filter(|((_, before), (_, after))| before != after).map(|((key, before), (_, after))| {
            SettingChange {
                key: key.to_owned(),
                before: print::literal(&before),
                after: print::literal(&after),
            }
        });
    changed.partition(|change| file::key(&change.key).is_some_and(|key| key.takes == file::Takes::Reload))
}

fn wrong(file: &str, findings: &[Finding]) -> Problem {
    let errors: Vec<LineError> = findings
        .iter()
        .filter(|finding| finding.level == Level::Error)
        .map(|finding| {
            let line = if let Place::Line(line, _) = finding.place { line as u64 } else { 0 };
            let key = if finding.key.is_empty() { String::new() } else { format!("{}: ", finding.key) };
            LineError { file: Some(file.to_owned()), line, message: format!("{key}{}", finding.message) }
        })
        .collect();
    let mut problem =
        Problem::new(code::INVALID, "the configuration is wrong; ptrd goes on with the one that it has")
            .hint("`ptrd check-config` says the same with columns; mend it and reload again");
    problem.errors_total = errors.len() as u64;
    problem.errors = errors;
    problem
}

/// Tells the log what came of a reload that `by` asked for.
pub fn report(by: &str, reason: Option<&str>, outcome: &Result<Reloaded, Problem>) {
    let show = |changes: &[SettingChange]| {
        let shown = changes.iter().map(|change| match change.before == change.after {
            true => format!("{} (new content)", change.key),
            false => format!("{}: {} -> {}", change.key, change.before, change.after),
        });
        shown.collect::<Vec<_>>().join(", ")
    };
    match outcome {
        Ok(done) => {
            for warning in &done.warnings {
                tracing::warn!("{warning}");
            }
            if !done.restart.is_empty() {
                tracing::warn!(settings = show(&done.restart), "these changes take a restart");
            }
            let (applied, file) = (show(&done.applied), &done.file);
            if done.dry_run {
                tracing::info!(by, reason, file, would_apply = applied, "a reload was tried");
            } else {
                tracing::info!(by, reason, file, applied, "the configuration was reloaded");
            }
        }
        Err(problem) => {
            for error in &problem.errors {
                let file = error.file.as_deref().unwrap_or_default();
                tracing::error!(file, line = error.line, "{}", error.message);
            }
            tracing::error!(by, reason, "the configuration was not reloaded: {problem}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_sorted_by_what_they_take() {
        let before = Config::default();
        let mut after = before.clone();
        after.answers.nsid = Some("fra1".into());
        after.listen.udp_workers = Some(7);
        let (applied, restart) = changes(&before, &after);
        let shown = |changes: &[SettingChange]| -> Vec<String> {
            changes.iter().map(|c| format!("{} {} {}", c.key, c.before, c.after)).collect()
        };
        assert_eq!(shown(&applied), ["answers.nsid \"\" \"fra1\""]);
        assert_eq!(shown(&restart), ["listen.udp-workers 0 7"]);
    }
}

//! `ptrd serve`: runs until a signal ends it.

use crate::arguments::Settings;
use crate::config::{Config, Finding, Source};
use crate::daemon::{Daemon, Start};
use crate::failure::{Failure, Part};
use crate::logs::Dial;
use crate::signals::{Asked, Signals};
use crate::standby::Preparations;
use crate::{handover, logs, notify, open, policy, secrets};

/// Serves until a signal. What must precede threads comes first, in this order: descriptors that were handed over,
/// configuration, log, sockets, privileges.
pub fn serve(settings: Settings) -> Result<(), Failure> {
    let given = handover::take()?;
    let source = settings.source();
    let (config, warnings) = source.load().map_err(|rejected| Failure::of(Part::Config, rejected))?;
    let dial = logs::start(&config.log);
    warn(&source, &warnings);
    let own = secrets::make().map_err(|error| Failure::of(Part::Secret, error))?;
    // Before root is given up, which may be all that can read it.
    let cookies = policy::cookies(&config, &own).map_err(|error| Failure::of(Part::Secret, error))?;
    let identity = policy::identity(&config).map_err(|error| Failure::of(Part::Secret, error))?;
    let others = Preparations::read(&config, identity.as_ref());
    let others = others.map_err(|error| Failure::of(Part::Secret, error))?;
    let opened = open::open(&config, source.path(), given)?;
    crate::run(run(source, config, dial, Start { opened, cookies, own, identity, others }))
}

async fn run(source: Source, config: Config, dial: Dial, start: Start) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    let daemon = tokio::select! {
        daemon = Daemon::start(config, start, Some((source, dial))) => daemon?,
        signal = signals.stop() => {
            tracing::info!(signal, "ended while starting; nothing was changed");
            return Ok(());
        }
    };
    let watchdog = tokio::spawn(notify::feed_watchdog(daemon.meter(), daemon.road().cloned()));
    notify::ready(&daemon.summary());
    let signal = loop {
        match signals.next().await {
            Asked::Stop(signal) => break signal,
            Asked::Reload => daemon.reload("SIGHUP").await,
        }
    };
    tracing::info!(signal, "stopping");
    notify::stopping();
    signals.end_at_next();
    daemon.stop().await;
    watchdog.abort();
    Ok(())
}

fn warn(source: &Source, warnings: &[Finding]) {
    let file = source.path().display().to_string();
    for warning in warnings {
        tracing::warn!("{}", warning.line(&file));
    }
}

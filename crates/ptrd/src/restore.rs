//! `ptrd restore`: puts a backup in the place of a store, and lets every zone go on past what secondaries hold.

pub mod ask;

use crate::arguments::{Restore as Arguments, Serials};
use crate::check_store::{printable, word};
use crate::failure::{Failure, Part};
use crate::progress::{Progress, Watched};
use anyhow::Context;
use ptrd_change::{By, Clock, Restore, RestoreError, SystemClock};
use ptrd_store::{Finding, StoreError};
use ptrd_wire::Serial;
use std::net::SocketAddr;

/// Zones that are named with their serials.
const LISTED: usize = 20;

/// Restores.
pub fn restore(arguments: &Arguments) -> Result<(), Failure> {
    crate::logs::start_quietly();
    let Arguments { backup, store, serials, serials_past, serials_from, force, reason } = arguments;
    let store = &store.path()?;
    let mut findings = 0u64;
    let mut progress = Progress::new();
    let tell = |finding: Finding| {
        findings += 1;
        eprintln!("{}: {}", word(finding.check), printable(&finding.what));
    };
    let failed = |error: StoreError| Failure::of(Part::Store, error);
    let mut watch = Watched { progress: &mut progress, tell };
    let mut restore = Restore::begin(backup, store, &mut watch).map_err(failed)?;
    progress.tell("reading what is there", false, 0, None);
    if findings > 0 && !force {
        let error = anyhow::anyhow!(
            "{} is not sound; nothing was changed: take an older backup, or say --force to restore it all the same",
            backup.display()
        );
        return Err(Failure::of(Part::Unsound, error));
    }
    let says = !serials.is_empty() || serials_past.is_some() || serials_from.is_some();
    let replaced = store.exists().then(|| restore.replaces(store)).transpose();
    match &replaced {
        Ok(None) if !says => {
            return Err(unknown("there is no store in its place whose serials could be taken"));
        }
        Err(error) if !says => {
            return Err(unknown(&format!("the serials of the store in its place cannot be read ({error})")));
        }
        Err(error) => progress.aside(|| eprintln!("the store in its place cannot be read: {error}")),
        Ok(_) => {}
    }
    if let Some(from) = serials_from {
        restore.replaces(from).map_err(failed)?;
    }
    if let Some(past) = serials_past {
        restore.holds_all(Serial(*past));
    }
    let servers: Vec<SocketAddr> = serials
        .iter()
        .filter_map(|serials| match serials {
            Serials::Ask(server) => Some(*server),
            Serials::None => None,
        })
        .collect();
    ask_all(&mut restore, &servers, &mut progress)?;
    progress.tell("putting it in place", false, 0, None);
    let actor = std::env::var("SUDO_USER").or_else(|_| std::env::var("USER"));
    let by = By {
        actor: actor.unwrap_or_else(|_| "unknown".to_owned()),
        reason: reason.clone(),
        now: SystemClock.now(),
    };
    let done = restore.finish(by).map_err(|error| match error {
        RestoreError::Store(error) => failed(error),
        error => Failure::of(Part::Serials, error),
    })?;
    drop(progress);
    println!(
        "{} restored as it was after change {}; that is change {}",
        store.display(),
        done.backup,
        done.change
    );
    if let Some(aside) = &done.aside {
        println!("the store that was there is {} now", aside.display());
    }
    for (apex, before, now) in done.zones.iter().take(LISTED) {
        println!("  {apex} goes on with serial {now} (was {before})");
    }
    if done.zones.len() > LISTED {
        println!("  and {} more zones", done.zones.len() - LISTED);
    }
    Ok(())
}

fn unknown(why: &str) -> Failure {
    let error = anyhow::anyhow!(
        "{why}; nothing was changed. Secondaries ignore a zone until its serial is past theirs, so say what they hold: \
         --serials ask=ADDRESS for each of them, --serials-past N, --serials-from FILE, or --serials none if there are \
         none"
    );
    Failure::of(Part::Serials, error)
}

fn ask_all(restore: &mut Restore, servers: &[SocketAddr], progress: &mut Progress) -> Result<(), Failure> {
    let zones = restore.zones();
    for server in servers {
        progress.tell("asking for serials", false, 0, Some(zones.len() as u64));
        let answers = ask::serials(*server, &zones, progress.counter())
            .with_context(|| format!("asking {server} for serials; nothing was changed"))
            .map_err(|error| Failure::of(Part::Serials, error))?;
        let mut held = 0;
        for (apex, serial) in zones.iter().zip(answers) {
            if let Some(serial) = serial {
                restore.holds(apex, serial);
                held += 1;
            }
        }
        progress.aside(|| println!("{server} holds {held} of {} zones", zones.len()));
    }
    Ok(())
}

//! `ptrd serve`: runs until a signal ends it.

use crate::arguments::{Answers, Serve};
use crate::daemon::{Daemon, Settings};
use crate::failure::{Failure, Part};
use crate::secrets;
use crate::signals::Signals;
use ptrd_engine::Policy;

/// Serves until a signal.
pub async fn serve(arguments: Serve) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    let Serve { store, listen, socket, workers, answers, logs: _ } = arguments;
    let policy = policy(answers)?;
    let settings = Settings { store, listen, socket, workers, policy };
    let daemon = tokio::select! {
        daemon = Daemon::start(settings) => daemon?,
        signal = signals.next() => {
            tracing::info!(signal, "ended while starting; nothing was changed");
            return Ok(());
        }
    };
    let signal = signals.next().await;
    tracing::info!(signal, "stopping");
    signals.end_at_next();
    daemon.stop().await;
    Ok(())
}

fn policy(answers: Answers) -> Result<Policy, Failure> {
    let Answers { version_string, hide_version, server_id, nsid, cookie_secret_file, udp_size } = answers;
    let mut policy = Policy::default();
    if hide_version || version_string.is_some() {
        policy.version = version_string;
    }
    policy.server_id = server_id;
    policy.nsid = nsid.map(String::into_bytes);
    let cookies = secrets::cookies(cookie_secret_file.as_deref());
    policy.cookies = Some(cookies.map_err(|error| Failure::of(Part::Secret, error))?);
    policy.set_udp_size(udp_size);
    Ok(policy)
}

//! Log lines on stderr, for people or for machines.

use crate::arguments::{LogFormat, Logs};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Starts to log. Called once.
pub fn start(logs: &Logs) {
    let builder = tracing_subscriber::fmt().with_env_filter(filter(&logs.level)).with_writer(std::io::stderr);
    let started = match logs.format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Human => builder.with_target(false).with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    if let Err(error) = started {
        eprintln!("ptrd: logging could not be started: {error}");
    }
}

/// Whether a text is a level, or a filter.
pub fn check(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) if !text.trim().is_empty() => Ok(text.to_owned()),
        Ok(_) => Err("use error, warn, info, debug or trace".to_owned()),
        Err(error) => Err(format!("use error, warn, info, debug or trace ({error})")),
    }
}

fn filter(level: &str) -> EnvFilter {
    EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"))
}

//! `ptrctl reload`.

use crate::client::Client;
use crate::failure::Failure;
use crate::screen::Screen;
use ptrd_api::{Reloaded, SettingChange};

/// For the help.
pub const EXAMPLES: &str = "\
Examples:
  ptrctl reload
  ptrctl --dry-run reload              what a reload would apply, and what takes a restart
  ptrctl reload --reason 'ticket 4711'

No query is lost. A configuration with a mistake changes nothing: the mistakes are listed, and the exit status is 3.";

pub async fn run(client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
    let answer = client.reload().await?;
    if screen.json() {
        return screen.document(&answer.raw);
    }
    let Reloaded { file, dry_run, applied, restart, warnings } = answer.value;
    for change in &applied {
        screen.line(&shown(change))?;
    }
    for change in &restart {
        screen.line(&format!("{} (takes a restart)", shown(change)))?;
    }
    for warning in &warnings {
        screen.line(&format!("warning: {warning}"))?;
    }
    let done = match (applied.len(), dry_run) {
        (0, false) => "nothing to apply".to_owned(),
        (0, true) => "there is nothing to apply".to_owned(),
        (count, false) => format!("applied {}", settings(count)),
        (count, true) => format!("would apply {}", settings(count)),
    };
    let waits = match restart.len() {
        0 => String::new(),
        count => {
            format!("; {} for a restart", if count == 1 { "1 waits".into() } else { format!("{count} wait") })
        }
    };
    screen.line(&format!("{file}: {done}{waits}"))
}

fn settings(count: usize) -> String {
    if count == 1 { "1 setting".to_owned() } else { format!("{count} settings") }
}

fn shown(change: &SettingChange) -> String {
    if change.before == change.after {
        return format!("{}: the file {} has another content", change.key, change.after);
    }
    format!("{}: {} -> {}", change.key, change.before, change.after)
}

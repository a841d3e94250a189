//! `ptrctl standby` and `ptrctl promote`.

use super::facts;
use crate::client::Client;
use crate::failure::Failure;
use crate::screen::Screen;
use clap::{Args, Subcommand};
use ptrd_api::{PromoteWrite, StandbyPosition, StandbyView};

/// For the help.
const STATUS_EXAMPLES: &str = "\
Examples:
  ptrctl standby status
  ptrctl standby status --json

On a primary it lists the servers that follow, and how far each has come; on a standby it says how far that one has come.";

/// For the help.
pub const PROMOTE_EXAMPLES: &str = "\
Examples:
  ptrctl promote --reason 'the primary burnt'
  ptrctl --dry-run promote
  ptrctl promote --ask 192.0.2.53 --ask 198.51.100.53      go on past the serials that these secondaries hold
  ptrctl promote --serials-past 2026112699

Changes are made here from then on, and all zones are announced. The serial of each zone goes on past whatever the old \
primary may have given out: by as many steps as it may have made changes that are not here. Make sure that the old primary is \
down, or cut off: when it comes back it is refused by its standbys, but its own clients do not know. Let it become a standby: set \
standby.primary in its configuration and start it again.";

/// Servers that follow this one, or that this one follows.
#[derive(Debug, Subcommand)]
pub enum Standby {
    /// Who follows whom, and how far each has come
    #[command(after_help = STATUS_EXAMPLES)]
    Status,
}

impl Standby {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let Standby::Status = self;
        let answer = client.get::<StandbyView>("/v1/standby").await?;
        if screen.json() {
            return screen.document(&answer.raw);
        }
        let view = answer.value;
        let acknowledged = match (view.acknowledge.as_str(), view.relaxed) {
            ("both", true) => "here alone for now: no standby has answered in time".to_owned(),
            ("both", false) => "here and by a standby".to_owned(),
            _ => "here".to_owned(),
        };
        let mut lines = vec![
            ("this server", view.post.clone()),
            ("newest change", view.change.to_string()),
            ("epoch", view.epoch.to_string()),
        ];
        if view.post == "primary" {
            lines.push(("acknowledged", acknowledged));
        }
        if let Some(following) = view.primary {
            lines.extend([
                ("primary", following.primary),
                ("state", following.state),
                ("behind", changes(following.behind)),
                ("trouble", following.trouble.unwrap_or_default()),
            ]);
        }
        facts(screen, &lines)?;
        let rows: Vec<Vec<String>> = view.standbys.iter().map(row).collect();
        screen.table(&["STANDBY", "CONNECTED", "CHANGE", "BEHIND", "FOR", "SEEN"]).show(screen, &rows)
    }
}

fn changes(count: u64) -> String {
    crate::screen::counted(count, "change", "changes")
}

fn row(position: &StandbyPosition) -> Vec<String> {
    vec![
        position.name.clone(),
        super::yes(position.connected),
        position.change.to_string(),
        position.behind.to_string(),
        format!("{}s", position.behind_seconds),
        position.seen.clone(),
    ]
}

/// Takes the primary's place.
#[derive(Debug, Args)]
pub struct Promote {
    /// How many changes the old primary may have made that are not here; serials go on past as many steps [default: 10000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_073_741_824))]
    margin: Option<u32>,
    /// All serials go on past this one
    #[arg(long, value_name = "SERIAL")]
    serials_past: Option<u32>,
    /// A server that is asked for the serials that it holds, such as a secondary; may be given more than once
    #[arg(long, value_name = "ADDRESS[:PORT]")]
    ask: Vec<String>,
}

impl Promote {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let Promote { margin, serials_past, ask } = self;
        let answer = client.promote(&PromoteWrite { margin, serials_past, ask }).await?;
        if screen.json() {
            return screen.document(&answer.raw);
        }
        screen.done(&answer.value, client.dry_run())
    }
}

//! `ptrctl rollback`.

use super::change;
use crate::client::Client;
use crate::failure::Failure;
use crate::screen::Screen;
use clap::Args;
use ptrd_api::ChangeRequest;

/// For the help.
pub const EXAMPLES: &str = "\
Examples:
  What would come of it, and then for good:
    ptrctl rollback 4711 --dry-run
    ptrctl rollback 4711 --reason 'the wrong customer'
  The change that removed a block, found and undone, with its zones, records and PTRs:
    ptrctl log --kind block-remove --since 2h
    ptrctl rollback 4712

A rollback is a change of its own, and can be rolled back. It is refused where a later change touched the same address, \
record, block or zone: the refusal names each place and that change. Serials go forward.";

/// What to undo.
#[derive(Debug, Args)]
pub struct Rollback {
    /// Its number, as `ptrctl log` shows it
    #[arg(value_name = "CHANGE", value_parser = clap::value_parser!(u64).range(1..))]
    number: u64,
    /// Let zones come to have more computed names than a transfer sends, as `block set --only-ptrd` does
    #[arg(long)]
    only_ptrd: bool,
}

impl Rollback {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let Rollback { number, only_ptrd } = self;
        change(client, screen, ChangeRequest::Rollback { change: number, only_ptrd }).await
    }
}

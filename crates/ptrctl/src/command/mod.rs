//! One module for each noun.

pub mod access;
pub mod backup;
pub mod block;
pub mod block_change;
pub mod catalog;
pub mod catalog_follow;
pub mod check;
pub mod defaults;
pub mod diff;
pub mod explain;
pub mod forward;
mod gather;
pub mod inspect;
pub mod key;
pub mod lint;
pub mod log;
pub mod mail_test;
pub mod man;
pub mod mta;
pub mod names;
pub mod notify;
pub mod ns_set;
pub mod pending;
pub mod posture;
pub mod ptr;
pub mod record;
pub mod reload;
pub mod report;
pub mod request_text;
pub mod rir;
pub mod rollback;
pub mod sending;
pub mod soa_template;
pub mod standby;
pub mod status;
pub mod tenant;
pub mod token;
pub mod verify;
pub mod zone;
pub mod zone_follow;
pub mod zone_move;

use crate::cli::{Cli, Command};
use crate::client::Client;
use crate::failure::Failure;
use crate::screen::{Screen, counted};
use ptrd_api::{ChangeDone, ChangeRequest, Confirmation, ConfirmationState, Effect};

/// Carries out what was asked for.
pub async fn run(cli: Cli, screen: &mut Screen) -> Result<(), Failure> {
    let command = match cli.command {
        Command::Completion { shell } => return man::completion(screen, shell),
        Command::Man { folder } => return man::man(screen, folder.as_deref()),
        Command::Rir(rir) => return rir.run(&cli.globals, screen).await,
        Command::Lint(lint) if !lint.asks_ptrd() => return lint.run_alone(screen),
        Command::Explain(explain) => return explain.run(&cli.globals, screen).await,
        Command::Verify(verify) => return verify.run(&cli.globals, screen).await,
        Command::Forward(forward) => return forward.run(&cli.globals, screen).await,
        Command::Report(report) => return report.run(&cli.globals, screen).await,
        Command::Mta(mta) => return mta.run(&cli.globals, screen).await,
        Command::Inspect(inspect) => return inspect.run(&cli.globals, screen).await,
        Command::MailTest(test) => return test.run(&cli.globals, screen).await,
        command => command,
    };
    let globals = cli.globals;
    let client = &mut Client::connect(&globals.socket(), globals.reason, globals.dry_run).await?;
    match command {
        Command::Tenant(tenant) => tenant.run(client, screen).await,
        Command::Block(block) => block.run(client, screen).await,
        Command::Ptr(ptr) => ptr.run(client, screen).await,
        Command::Lint(lint) => lint.run(client, screen).await,
        Command::Check(check) => check.run(client, screen).await,
        Command::Posture(posture) => posture.run(client, screen).await,
        Command::Sending(sending) => sending.run(client, screen).await,
        Command::RequestText(request) => request.run(client, screen).await,
        Command::Pending(pending) => pending.run(client, screen).await,
        Command::Record(record) => record.run(client, screen).await,
        Command::Zone(zone) => zone.run(client, screen).await,
        Command::NsSet(set) => set.run(client, screen).await,
        Command::SoaTemplate(template) => template.run(client, screen).await,
        Command::Access(access) => access.run(client, screen).await,
        Command::Names(names) => names.run(client, screen).await,
        Command::Key(key) => key.run(client, screen).await,
        Command::Token(token) => token.run(client, screen).await,
        Command::Notify(notify) => notify.run(client, screen).await,
        Command::Catalog(catalog) => catalog.run(client, screen).await,
        Command::Defaults(defaults) => defaults.run(client, screen).await,
        Command::Log(log) => log.run(client, screen).await,
        Command::Diff(diff) => diff.run(client, screen).await,
        Command::Rollback(rollback) => rollback.run(client, screen).await,
        Command::Backup(backup) => backup.run(client, screen).await,
        Command::Standby(standby) => standby.run(client, screen).await,
        Command::Promote(promote) => promote.run(client, screen).await,
        Command::Status => status::run(client, screen).await,
        Command::Reload => reload::run(client, screen).await,
        Command::Completion { .. }
        | Command::Man { .. }
        | Command::Explain(_)
        | Command::Forward(_)
        | Command::Inspect(_)
        | Command::MailTest(_)
        | Command::Mta(_)
        | Command::Report(_)
        | Command::Rir(_)
        | Command::Verify(_) => Ok(()),
    }
}

/// Makes a change and shows what came of it.
async fn change(client: &mut Client, screen: &mut Screen, request: ChangeRequest) -> Result<(), Failure> {
    let answer = client.change(&request).await?;
    if screen.json() {
        return screen.document(&answer.raw);
    }
    screen.done(&answer.value, client.dry_run())?;
    confirmations(screen, &answer.value)?;
    let rows: Vec<Vec<String>> = answer.value.effects.iter().map(effect).collect();
    screen.table(&["WHAT", "FATE", "COUNT", "WHICH"]).show(screen, &rows)
}

/// What became of names that must resolve back, with the records that are missing.
fn confirmations(screen: &mut Screen, done: &ChangeDone) -> Result<(), Failure> {
    let open: Vec<_> = done.fcrdns.iter().filter(|it| it.state != ConfirmationState::Verified).collect();
    if open.is_empty() {
        return match done.fcrdns_total {
            0 => Ok(()),
            n => screen.line(&format!(
                "  verified: the names of {} resolve back",
                counted(n, "address", "addresses")
            )),
        };
    }
    let row = |it: &&Confirmation| {
        let state = if it.state == ConfirmationState::Pending { "pending" } else { "unconfirmed" };
        vec![it.address.clone(), state.to_owned(), it.why.clone(), it.records.join("; ")]
    };
    let rows: Vec<_> = open.iter().map(row).collect();
    screen.table(&["ADDRESS", "STATE", "WHY", "RECORD TO CREATE"]).show(screen, &rows)?;
    let more = done.fcrdns_total.saturating_sub(done.fcrdns.len() as u64);
    if more > 0 {
        screen.line(&format!("… and of {more} more addresses; `ptrctl pending list` has those that wait"))?;
    }
    screen.flush()
}

fn effect(effect: &Effect) -> Vec<String> {
    const SHOWN: usize = 3;
    let mut which = effect.names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(" ");
    if effect.names.len() > SHOWN {
        which += " …";
    }
    vec![effect.what.clone(), effect.fate.clone(), effect.count.to_string(), which]
}

/// Lines of `name  value`, aligned.
fn facts(screen: &mut Screen, facts: &[(&str, String)]) -> Result<(), Failure> {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    facts
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .try_for_each(|(name, value)| screen.line(&format!("{name:width$}  {value}")))
}

/// A TTL, and whether it is that of the defaults.
fn ttl(seconds: u32, inherited: bool) -> String {
    if inherited { format!("{seconds} (of the defaults)") } else { seconds.to_string() }
}

fn yes(flag: bool) -> String {
    if flag { "yes" } else { "no" }.to_owned()
}

/// Options of every listing.
#[derive(Debug, clap::Args)]
pub struct Limit {
    /// Show at most this many; all unless given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
}

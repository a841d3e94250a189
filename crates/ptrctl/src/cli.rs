//! The arguments, and the help that teaches them.

use crate::command::{
    access, backup, block, catalog, check, defaults, diff, explain, forward, inspect, key, lint, log,
    mail_test, man, mta, names, notify, ns_set, pending, posture, ptr, record, reload, report, request_text,
    rir, rollback, sending, soa_template, standby, tenant, token, verify, zone,
};
use crate::failure::EXIT_STATUSES;
use crate::screen::Color;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const LONG: &str = "\
Talks to ptrd, the authoritative server for reverse DNS, through its admin socket.

A tenant owns blocks of addresses. A block makes the zones that show it, or hands it to the tenant's own nameservers. \
PTRs belong to addresses, not to zones; every other record belongs to a zone. A change is durable and visible in DNS \
when ptrctl says that it is done.";

const FIRST_STEPS: &str = "\
First steps:
  ptrctl defaults set --ns ns1.example.net --ns ns2.example.net --rname hostmaster.example.net
  ptrctl tenant add acme
  ptrctl block add 192.0.2.0/24 --tenant acme
  ptrctl ptr set 192.0.2.1 mail.example.com
  ptrctl zone export 2.0.192.in-addr.arpa";

const ENVIRONMENT: &str = "\
Environment:
  PTRD_SOCKET  the admin socket, unless --socket is given
  NO_COLOR     no colours";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "ptrctl",
    version,
    about = "Manages reverse DNS in ptrd",
    long_about = LONG,
    after_help = FIRST_STEPS,
    after_long_help = format!("{FIRST_STEPS}\n\n{EXIT_STATUSES}\n\n{ENVIRONMENT}"),
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// The admin socket of ptrd [env: PTRD_SOCKET] [default: /run/ptrd/admin.sock]
    // Not by clap's means: arguments from the environment or by default turn up in its usage lines.
    #[arg(long, global = true, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Show ptrd's JSON as it came; of a listing, one document for each page
    #[arg(long, global = true)]
    pub json: bool,
    /// Why, for the change log
    #[arg(long, global = true, value_name = "TEXT", value_parser = crate::arguments::reason)]
    pub reason: Option<String>,
    /// Check and plan a change, but do not make it
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub color: Color,
}

impl Globals {
    /// Where to connect.
    pub fn socket(&self) -> PathBuf {
        let named = self.socket.clone().or_else(|| std::env::var_os("PTRD_SOCKET").map(PathBuf::from));
        named.filter(|path| !path.as_os_str().is_empty()).unwrap_or_else(|| ptrd_api::DEFAULT_SOCKET.into())
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Owners of blocks and zones
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    /// Blocks of addresses: who has them, and which zones show them
    #[command(subcommand)]
    Block(block::Block),
    /// PTRs, by address
    #[command(subcommand)]
    Ptr(ptr::Ptr),
    /// Names that look generic to spam filters: says which rule, what it costs, and why
    #[command(after_help = lint::EXAMPLES)]
    Lint(lint::Lint),
    /// Names that must resolve back to their address: how they stand, and stood before
    #[command(after_help = check::EXAMPLES)]
    Check(check::Check),
    /// How identities of sending addresses and delegations of zones stand, and since when: for whoever watches them
    #[command(after_help = posture::EXAMPLES)]
    Posture(posture::Posture),
    /// Addresses that send mail: their HELO names, MTAs and domains
    #[command(subcommand)]
    Sending(sending::Sending),
    /// Says what a bounce means, for which address, and what to do
    #[command(after_help = explain::EXAMPLES)]
    Explain(explain::Explain),
    /// Writes the request for PTRs to whoever holds the addresses
    #[command(after_help = request_text::EXAMPLES)]
    RequestText(request_text::RequestText),
    /// What the world sees of sending addresses: PTR, names that resolve back, HELO; needs no ptrd
    #[command(after_help = verify::EXAMPLES)]
    Verify(verify::Verify),
    /// The records that names need on the forward side: written, or sent to whoever holds the zone
    #[command(after_help = forward::EXAMPLES)]
    Forward(forward::Forward),
    /// What a receiver wrote of the sender into a message: address, HELO, reverse DNS; needs no ptrd
    #[command(after_help = inspect::EXAMPLES)]
    Inspect(inspect::Inspect),
    /// Sends a marked message from each address through its mail server, and says what came of them; needs no ptrd
    #[command(after_help = mail_test::EXAMPLES)]
    MailTest(mail_test::MailTest),
    /// A report on sending addresses, for people: what was asked, what is broken, what to do; needs no ptrd
    #[command(after_help = report::EXAMPLES)]
    Report(report::Report),
    /// What mail servers are told, so that they use each address with its name; needs no ptrd
    #[command(subcommand)]
    Mta(mta::Mta),
    /// PTRs that wait for their names to resolve back: list, drop
    #[command(subcommand)]
    Pending(pending::Pending),
    /// Records other than the PTRs of addresses
    #[command(subcommand)]
    Record(record::Record),
    /// Zones: list, import, export, and what they reference
    #[command(subcommand)]
    Zone(zone::Zone),
    /// NS sets: the nameservers that many zones have in common
    #[command(subcommand)]
    NsSet(ns_set::NsSet),
    /// SOA templates: the SOA that many zones have in common, and how serials step
    #[command(subcommand)]
    SoaTemplate(soa_template::SoaTemplate),
    /// Who may do more with zones than ask: transfer, announce, update, forward
    #[command(subcommand)]
    Access(access::Access),
    /// Who holds names of companion zones, in which addresses follow from PTRs: allow, revoke, list
    #[command(subcommand)]
    Names(names::Names),
    /// Keys that are shared with other servers and clients (TSIG): add, show, remove
    #[command(subcommand)]
    Key(key::Key),
    /// Tokens of the API: make, list, revoke
    #[command(subcommand)]
    Token(token::Token),
    /// Who is told that zones have changed (NOTIFY), and what became of it
    #[command(subcommand)]
    Notify(notify::Notify),
    /// Catalogs of zones, by which servers learn what to serve (RFC 9432)
    #[command(subcommand)]
    Catalog(catalog::Catalog),
    /// Registries: what they want before they delegate the zones of a block
    #[command(subcommand)]
    Rir(rir::Rir),
    /// The NS set and the SOA template that new zones reference, and TTLs
    #[command(subcommand)]
    Defaults(defaults::Defaults),
    /// Who changed what, when, from where and why; newest first
    #[command(after_help = log::EXAMPLES)]
    Log(log::Log),
    /// What came, changed and went between two points of the log
    #[command(after_help = diff::EXAMPLES)]
    Diff(diff::Diff),
    /// Undoes a change, where what it left is still so
    #[command(after_help = rollback::EXAMPLES)]
    Rollback(rollback::Rollback),
    /// Copies the store into a file while ptrd goes on
    #[command(after_help = backup::EXAMPLES)]
    Backup(backup::Backup),
    /// Servers that follow this one and can take its place, or the one that it follows
    #[command(subcommand)]
    Standby(standby::Standby),
    /// Lets a standby take its primary's place
    #[command(after_help = standby::PROMOTE_EXAMPLES)]
    Promote(standby::Promote),
    /// How ptrd is
    #[command(after_help = "Examples:\n  ptrctl status\n  ptrctl status --json")]
    Status,
    /// Makes ptrd read its configuration again, and says what that changed
    #[command(after_help = reload::EXAMPLES)]
    Reload,
    /// Completions for a shell, to stdout
    #[command(after_help = man::COMPLETION_EXAMPLES)]
    Completion {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// The manual page of ptrctl, or all pages into a folder
    #[command(after_help = "Examples:\n  ptrctl man | man -l -\n  ptrctl man /usr/local/share/man/man1")]
    Man {
        /// Where to write ptrctl.1, ptrctl-ptr.1 and so on
        folder: Option<PathBuf>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
        assert!(Cli::command().render_help().to_string().contains(ptrd_api::DEFAULT_SOCKET));
    }

    #[test]
    fn every_command_has_an_example_dry_run_and_completion() {
        fn look(command: &clap::Command, path: &str, shells: &[String]) {
            for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
                let path = format!("{path} {}", sub.get_name());
                look(sub, &path, shells);
                if sub.has_subcommands() {
                    continue;
                }
                let examples = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(examples.contains("Examples:") && examples.contains("ptrctl "), "{path}: no example");
                assert!(sub.get_about().is_some(), "{path}: what does it do?");
                assert!(sub.get_arguments().any(|argument| argument.get_id() == "dry_run"), "{path}");
                for argument in sub.get_arguments().filter(|argument| !argument.is_hide_set()) {
                    let id = argument.get_id();
                    assert!(argument.get_help().is_some(), "{path}: {id} is not explained");
                    let Some(long) = argument.get_long() else { continue };
                    assert!(
                        shells.iter().all(|text| text.contains(long)),
                        "{path}: --{long} is not completed"
                    );
                }
            }
        }
        let mut cli = Cli::command();
        cli.build();
        let complete = |shell| {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "ptrctl", &mut text);
            String::from_utf8_lossy(&text).into_owned()
        };
        let shells = [clap_complete::Shell::Bash, clap_complete::Shell::Zsh, clap_complete::Shell::Fish];
        look(&cli, "ptrctl", &shells.map(complete));
    }
}

//! `ptrctl mta`: what mail servers are told, so that they use each address with its name.
//!
//! Works without a daemon from a file; of a prefix the daemon's sending inventory says which addresses send.

use super::gather::{gather, helo};
use crate::cli::Globals;
use crate::failure::Failure;
use crate::screen::Screen;
use anyhow::Context;
use clap::{Args, Subcommand};
use ptrd_posture::identity::Subject;
use ptrd_posture::mta::{Configuration, Mta as Server, Outlet, Plan, render};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  ptrctl mta postfix 192.0.2.0/24
  Each part into a file of its own, to be looked at and put in place:
    ptrctl mta postfix 192.0.2.0/24 --label out1 --folder ./postfix
  Without a ptrd, from an inventory as CSV (address,helo,mta,domains):
    ptrctl mta exim senders.csv
  ptrctl mta kumomta 192.0.2.1 --helo 192.0.2.1=mail-01.example.com

Mail from a domain leaves from the addresses that are marked for it; mail from others leaves
from those that are marked for no domain, and is refused where there are none. A family in
which a name has no address is not used with it, so that mail never leaves from an address
that the system picks.";

/// Whose configuration to write.
#[derive(Debug, Subcommand)]
pub enum Mta {
    /// For Postfix 3.7 or newer: master.cf, main.cf, and a table of senders
    #[command(after_help = EXAMPLES)]
    Postfix(Of),
    /// For Exim 4.94 or newer: routers and transports
    #[command(after_help = EXAMPLES)]
    Exim(Of),
    /// For PowerMTA: virtual MTAs, pools, and a list of patterns
    #[command(after_help = EXAMPLES)]
    Powermta(Of),
    /// For KumoMTA: sources, pools, and what picks them, in Lua
    #[command(after_help = EXAMPLES)]
    Kumomta(Of),
}

/// For which addresses.
#[derive(Debug, Args)]
pub struct Of {
    /// Addresses, prefixes, and files as CSV: address,helo,mta,domains
    #[arg(value_name = "PREFIX|ADDRESS|FILE", required = true)]
    what: Vec<String>,
    /// Only addresses with this label of a mail server
    #[arg(long, value_name = "LABEL")]
    label: Option<String>,
    /// The name that an address gives in HELO. Repeatable
    #[arg(long, value_name = "ADDRESS=NAME", value_parser = helo)]
    helo: Vec<(IpAddr, String)>,
    /// Write each part into a file of its own in this folder, which is made if it is missing
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl Mta {
    pub async fn run(self, globals: &Globals, screen: &mut Screen) -> Result<(), Failure> {
        let (server, of) = match self {
            Mta::Postfix(of) => (Server::Postfix, of),
            Mta::Exim(of) => (Server::Exim, of),
            Mta::Powermta(of) => (Server::PowerMta, of),
            Mta::Kumomta(of) => (Server::KumoMta, of),
        };
        let subjects = gather(&of.what, &of.helo, globals, screen).await?.subjects;
        let configuration = render(server, &Plan::new(outlets(&subjects, of.label.as_deref(), &of.what)?));
        if let Some(folder) = &of.folder {
            write(folder, &configuration, globals.dry_run)?;
        }
        if screen.json() {
            let octets =
                serde_json::to_vec(&configuration).map_err(|error| Failure::local(error.to_string()))?;
            return screen.document(&octets);
        }
        show(screen, server, &configuration, of.folder.as_deref(), globals.dry_run)
    }
}

/// The addresses among these that send; `what` is how they were asked for.
pub fn outlets(subjects: &[Subject], label: Option<&str>, what: &[String]) -> Result<Vec<Outlet>, Failure> {
    let mut outlets = Vec::new();
    for Subject { address, helo, mta, domains, .. } in subjects {
        let Some(helo) = helo.as_ref().filter(|_| label.is_none() || label == mta.as_deref()) else {
            continue;
        };
        let outlet = Outlet::new(*address, helo, domains.iter().map(String::as_str));
        outlets.push(outlet.map_err(|error| Failure::usage(error.to_string()))?);
    }
    if outlets.is_empty() {
        let label = label.map(|label| format!(" with the label {label}")).unwrap_or_default();
        return Err(Failure::usage(format!("{}: no address{label} has a HELO name", what.join(" ")))
            .hint("mark addresses that send with `ptrctl sending set`, or say --helo ADDRESS=NAME"));
    }
    Ok(outlets)
}

/// All files, or none that is half of one.
fn write(folder: &Path, configuration: &Configuration, dry_run: bool) -> Result<(), Failure> {
    if dry_run {
        return Ok(());
    }
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    for part in &configuration.parts {
        let path = folder.join(part.name);
        std::fs::write(&path, &part.text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn show(
    screen: &mut Screen,
    server: Server,
    configuration: &Configuration,
    folder: Option<&Path>,
    dry_run: bool,
) -> Result<(), Failure> {
    let comment = if server == Server::KumoMta { "--" } else { "#" };
    for part in &configuration.parts {
        match folder {
            Some(folder) => {
                let done = if dry_run { "would be written" } else { "written" };
                screen.line(&format!("{}: {done}; {}", folder.join(part.name).display(), part.place))?;
            }
            None => {
                screen.line(&format!("{comment} {}: {}", part.name, part.place))?;
                screen.text(part.text.as_bytes())?;
            }
        }
    }
    screen.warnings(&configuration.notes)
}

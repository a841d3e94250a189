//! `ptrctl zone`.

use super::{Limit, change, facts};
use crate::client::{Client, segment, with_query};
use crate::failure::Failure;
use crate::files::{Item, Selection, select};
use crate::listing::list;
use crate::screen::Screen;
use crate::upload::{self, Pieces, Sent};
use clap::{Args, Subcommand, ValueEnum};
use ptrd_api::{Bundle, ChangeRequest, ZoneFilter, ZoneImportOptions, ZoneView};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const IMPORT_EXAMPLES: &str = "\
Examples:
  ptrctl zone import 2.0.192.in-addr.arpa.zone --tenant acme
  ptrctl zone import db.example --apex example.com --tenant acme --replace
  ptrctl zone import /etc/bind/zones --tenant acme --dry-run
  ptrctl zone import /etc/bind/zones --tenant acme --keep-going

In a folder, files called *.zone, *.db or db.* are zones; if there are none,
all files are. What they $INCLUDE is sent along if it lies in the folder of the
zone file or below. Imported zones are served exactly as they are.";

const EXPORT_EXAMPLES: &str = "\
Examples:
  ptrctl zone export 2.0.192.in-addr.arpa
  ptrctl zone export example.com -o example.com.zone";

const LIST_EXAMPLES: &str = "\
Examples:
  ptrctl zone list --tenant acme
  ptrctl zone list --kind verbatim";

/// What to do with zones.
#[derive(Debug, Subcommand)]
pub enum Zone {
    /// Adds an empty zone of any name, with SOA and NS from the defaults
    #[command(after_help = "Examples:\n  ptrctl zone add example.com --tenant acme")]
    Add {
        /// The apex
        apex: String,
        /// The owner
        #[arg(long)]
        tenant: String,
    },
    /// Imports zones from master files
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(Import),
    /// Writes a zone as a master file
    #[command(after_help = EXPORT_EXAMPLES)]
    Export {
        /// The apex
        apex: String,
        /// Where to; stdout unless given
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Lists zones
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// Only zones of this tenant
        #[arg(long)]
        tenant: Option<String>,
        /// Only zones of this kind
        #[arg(long)]
        kind: Option<Kind>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Shows a zone's owner, kind and serial
    #[command(after_help = "Examples:\n  ptrctl zone show 2.0.192.in-addr.arpa")]
    Show {
        /// The apex
        apex: String,
    },
    /// Stops serving an imported zone and deletes its records
    #[command(after_help = "Examples:\n  ptrctl zone remove example.com")]
    Remove {
        /// The apex
        apex: String,
    },
}

/// `zone import`.
#[derive(Debug, Args)]
pub struct Import {
    /// Master files, and folders of them; `-` is stdin
    #[arg(value_name = "FILE|DIRECTORY", required = true)]
    files: Vec<PathBuf>,
    /// The owner of the zones
    #[arg(long)]
    tenant: String,
    /// The apex, for a single file that does not say it
    #[arg(long, value_name = "NAME")]
    apex: Option<String>,
    /// Replace imported zones that are there already
    #[arg(long)]
    replace: bool,
    /// Import the good files and report the others; all or nothing unless given
    #[arg(long)]
    keep_going: bool,
}

/// Kinds of zones.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Kind {
    /// Made by a block, on an octet or nibble boundary
    Range,
    /// Made by a block, below such a zone or anywhere
    Classless,
    /// Imported
    Verbatim,
}

impl Zone {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Zone::Add { apex, tenant } => {
                change(client, screen, ChangeRequest::ZoneAdd { apex, tenant }).await
            }
            Zone::Remove { apex } => change(client, screen, ChangeRequest::ZoneRemove { apex }).await,
            Zone::Import(import) => import.run(client, screen).await,
            Zone::Export { apex, output } => export(client, screen, &apex, output.as_deref()).await,
            Zone::List { tenant, kind, limit } => {
                let kind = kind.and_then(|kind| Some(kind.to_possible_value()?.get_name().to_owned()));
                let filter = ZoneFilter { tenant, kind, ..ZoneFilter::default() };
                let headings = ["APEX", "TENANT", "KIND", "SERIAL", "RANGE"];
                list(client, screen, "/v1/zones", filter, limit.limit, &headings, row).await
            }
            Zone::Show { apex } => {
                let answer = client.get::<ZoneView>(&format!("/v1/zones/{}", segment(&apex))).await?;
                if screen.json() { screen.document(&answer.raw) } else { show(screen, answer.value) }
            }
        }
    }
}

fn row(zone: ZoneView) -> Vec<String> {
    vec![zone.apex, zone.tenant, zone.kind, zone.serial.to_string(), zone.range.unwrap_or_default()]
}

fn show(screen: &mut Screen, zone: ZoneView) -> Result<(), Failure> {
    facts(
        screen,
        &[
            ("apex", zone.apex),
            ("tenant", zone.tenant),
            ("kind", zone.kind),
            ("serial", zone.serial.to_string()),
            ("range", zone.range.unwrap_or_default()),
        ],
    )
}

impl Import {
    async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let (body, sent) =
            if self.files == [Path::new("-")] { stdin(screen)? } else { files(screen, select(&self.files)?) };
        let options = ZoneImportOptions {
            tenant: self.tenant,
            apex: self.apex,
            replace: self.replace,
            keep_going: self.keep_going,
            dry_run: client.dry_run(),
        };
        let target = with_query("/v1/zones/import", &options)?;
        let answer = client.upload(&target, body, "application/octet-stream", &sent).await;
        sent.end();
        let answer = answer?;
        if screen.json() {
            screen.document(&answer.raw)
        } else {
            screen.done(&answer.value, client.dry_run())
        }
    }
}

/// One file that has no name. Its length stands before it, so that it is read first.
fn stdin(screen: &Screen) -> Result<(crate::client::Body, Sent), Failure> {
    let mut content = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut content)
        .map_err(|error| Failure::local(format!("stdin: {error}")))?;
    let size = Some(content.len() as u64);
    Ok(upload::body(size, screen.progress(), move |pieces| {
        let head = [Bundle::head(1), Bundle::file_head("stdin", content.len())].concat();
        let written = pieces.write(head).and_then(|()| pieces.copy(content.as_slice()));
        written.map_err(|error| ("stdin".to_owned(), error))
    }))
}

fn files(screen: &Screen, selection: Selection) -> (crate::client::Body, Sent) {
    let size = selection.items.iter().map(|item| item.size).sum();
    upload::body(Some(size), screen.progress(), move |pieces| {
        pieces.write(Bundle::head(selection.zones)).map_err(|error| (String::new(), error))?;
        for item in &selection.items {
            send(pieces, item).map_err(|error| (item.file.display().to_string(), error))?;
        }
        Ok(())
    })
}

/// The size may have changed since the file was found: what counts is what it is now.
fn send(pieces: &mut Pieces, item: &Item) -> io::Result<()> {
    let file = File::open(&item.file)?;
    let found = file.metadata()?;
    if !found.is_file() {
        let mut content = Vec::new();
        (&file).read_to_end(&mut content)?;
        pieces.write(Bundle::file_head(&item.path, content.len()))?;
        return pieces.write(content);
    }
    let size = found.len();
    let length = usize::try_from(size).map_err(|_| io::Error::other("too large"))?;
    pieces.write(Bundle::file_head(&item.path, length))?;
    let mut counted = file.take(size);
    pieces.copy(&mut counted)?;
    if counted.limit() > 0 { Err(io::Error::other("it became shorter while it was read")) } else { Ok(()) }
}

async fn export(
    client: &mut Client,
    screen: &mut Screen,
    apex: &str,
    output: Option<&Path>,
) -> Result<(), Failure> {
    let target = format!("/v1/zones/{}/export", segment(apex));
    let Some(path) = output.filter(|path| *path != Path::new("-")) else {
        return client.stream(&target, |octets| screen.text(octets)).await;
    };
    // Written beside it first: what is there stays whole until the new one is.
    let failed = |error: io::Error| Failure::local(format!("{}: {error}", path.display()));
    let mut staging = path.as_os_str().to_owned();
    staging.push(".new");
    let staging = PathBuf::from(staging);
    let mut file = None;
    let written = client
        .stream(&target, |octets| {
            let file = match &mut file {
                Some(file) => file,
                none => none.insert(io::BufWriter::new(File::create(&staging).map_err(failed)?)),
            };
            file.write_all(octets).map_err(failed)
        })
        .await
        .and_then(|()| {
            let Some(mut file) = file.take() else { return Err(Failure::local("the answer was empty")) };
            file.flush().and_then(|()| file.get_ref().sync_all()).map_err(failed)?;
            std::fs::rename(&staging, path).map_err(failed)
        });
    if written.is_err() {
        // It may not have been made.
        let _ = std::fs::remove_file(&staging);
    }
    written
}

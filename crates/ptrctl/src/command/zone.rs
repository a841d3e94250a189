//! `ptrctl zone`.

use super::{Limit, change, facts};
use crate::client::{Client, segment, with_query};
use crate::failure::Failure;
use crate::files::{Item, Selection, select};
use crate::listing::list;
use crate::screen::Screen;
use crate::upload::{self, Pieces, Sent};
use clap::{Args, Subcommand, ValueEnum};
use ptrd_api::{Bundle, ChangeRequest, ZoneFilter, ZoneImportOptions, ZoneSet, ZoneView};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const IMPORT_EXAMPLES: &str = "\
Examples:
  ptrctl zone import 2.0.192.in-addr.arpa.zone --tenant acme
  ptrctl zone import db.example --apex example.com --tenant acme --replace
  ptrctl zone import /etc/bind/zones --tenant acme --dry-run
  ptrctl zone import /etc/bind/zones --tenant acme --keep-going
  ptrctl zone import db.example --tenant acme --replace --keep-serial

In a folder, files called *.zone, *.db or db.* are zones; if there are none,
all files are. What they $INCLUDE is sent along if it lies in the folder of the
zone file or below. Imported zones are served exactly as they are.

With --replace the serial carries on: that of the file where it is after the one
that is served, else the next one, so that secondaries notice. --keep-serial
takes the file's as it is.";

const EXPORT_EXAMPLES: &str = "\
Examples:
  ptrctl zone export 2.0.192.in-addr.arpa
  ptrctl zone export example.com -o example.com.zone";

const LIST_EXAMPLES: &str = "\
Examples:
  ptrctl zone list --tenant acme
  ptrctl zone list --kind verbatim
  ptrctl zone list --ns-set default

NS-SET in parentheses: NS records of the zone's own stand in its place.";

const SET_EXAMPLES: &str = "\
Examples:
  ptrctl zone set 2.0.192.in-addr.arpa --ns-set europe
  ptrctl zone set 2.0.192.in-addr.arpa 3.0.192.in-addr.arpa --soa-template dated
  ptrctl zone set example.com --serial-policy unixtime
  ptrctl zone set example.com --ns-set own --soa-template own

Zones of blocks reference an NS set and a SOA template always; an imported zone
keeps its own records until it is told to. Referencing a set deletes the NS
records of the zone's own; `own` turns what an imported zone shows into records
of its own again. The serial steps where the zone shows something else then.";

/// What to do with zones.
#[derive(Debug, Subcommand)]
pub enum Zone {
    /// Adds an empty zone of any name, with copies of SOA and NS of the defaults
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
        /// Only zones that reference this NS set
        #[arg(long, value_name = "NAME")]
        ns_set: Option<String>,
        /// Only zones that reference this SOA template
        #[arg(long, value_name = "NAME")]
        soa_template: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Sets which NS set and SOA template zones reference, and how their serials step
    #[command(after_help = SET_EXAMPLES)]
    Set(Set),
    /// Shows a zone's owner, kind, serial and what it references
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

/// `zone set`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args([
    "ns_set", "soa_template", "serial_policy",
]))]
pub struct Set {
    /// The apexes: all of them change, or none
    #[arg(required = true, value_name = "APEX")]
    apexes: Vec<String>,
    /// The NS set; `own` for records of an imported zone's own
    #[arg(long, value_name = "NAME")]
    ns_set: Option<String>,
    /// The SOA template; `own` for a SOA of an imported zone's own
    #[arg(long, value_name = "NAME")]
    soa_template: Option<String>,
    /// counter, date (YYYYMMDDnn) or unixtime; `template` follows the SOA template
    #[arg(long, value_name = "POLICY", value_parser = ["counter", "date", "unixtime", "template"])]
    serial_policy: Option<String>,
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
    /// With --replace: take the serial of the file, even one behind that which is served
    #[arg(long, requires = "replace")]
    keep_serial: bool,
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
            Zone::Set(Set { apexes, ns_set, soa_template, serial_policy }) => {
                let set = ZoneSet { apexes, ns_set, soa_template, serial_policy };
                change(client, screen, ChangeRequest::ZoneSet(set)).await
            }
            Zone::Remove { apex } => change(client, screen, ChangeRequest::ZoneRemove { apex }).await,
            Zone::Import(import) => import.run(client, screen).await,
            Zone::Export { apex, output } => export(client, screen, &apex, output.as_deref()).await,
            Zone::List { tenant, kind, ns_set, soa_template, limit } => {
                let kind = kind.and_then(|kind| Some(kind.to_possible_value()?.get_name().to_owned()));
                let filter = ZoneFilter { tenant, kind, ns_set, soa_template, ..ZoneFilter::default() };
                let headings = ["APEX", "TENANT", "KIND", "SERIAL", "NS-SET", "SOA-TEMPLATE", "RANGE"];
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
    let ns_set = match zone.ns_set {
        Some(name) if zone.own_ns => format!("({name})"),
        set => set.unwrap_or_else(|| "own".to_owned()),
    };
    let template = zone.soa_template.unwrap_or_else(|| "own".to_owned());
    let range = zone.range.unwrap_or_default();
    vec![zone.apex, zone.tenant, zone.kind, zone.serial.to_string(), ns_set, template, range]
}

fn show(screen: &mut Screen, zone: ZoneView) -> Result<(), Failure> {
    let ns_set = match zone.ns_set {
        Some(name) if zone.own_ns => format!("{name}, overridden by NS records of the zone's own"),
        set => set.unwrap_or_else(|| "none: NS records of its own".to_owned()),
    };
    let policy = match (zone.own_policy, &zone.soa_template) {
        (false, Some(template)) => format!("{} (of the SOA template {template})", zone.serial_policy),
        _ => zone.serial_policy,
    };
    facts(
        screen,
        &[
            ("apex", zone.apex),
            ("tenant", zone.tenant),
            ("kind", zone.kind),
            ("serial", zone.serial.to_string()),
            ("serial policy", policy),
            ("NS set", ns_set),
            ("SOA template", zone.soa_template.unwrap_or_else(|| "none: a SOA of its own".to_owned())),
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
            keep_serial: self.keep_serial,
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

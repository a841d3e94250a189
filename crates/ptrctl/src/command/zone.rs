//! `ptrctl zone`.

use super::zone_follow::{self, FOLLOW_EXAMPLES, Follow, REFRESH_EXAMPLES, UNFOLLOW_EXAMPLES};
use super::zone_move::{COMPARE_EXAMPLES, Compare, TRANSFER_IN_EXAMPLES, TransferIn};
use super::{Limit, change, facts};
use crate::client::{Client, segment, with_query};
use crate::failure::Failure;
use crate::files::{Selection, select};
use crate::import_config::{self, From};
use crate::listing::list;
use crate::screen::{Screen, counted};
use crate::upload::{self, Sent};
use clap::{Args, Subcommand, ValueEnum};
use ptrd_api::{
    Bundle, ChangeRequest, ReportLine, TenantRule, ZoneCatalogView, ZoneFilter, ZoneImportOptions,
    ZoneManifest, ZoneSet, ZoneStart, ZoneView,
};
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
  ptrctl zone import /etc/bind/named.conf --map tenants.csv
  ptrctl zone import /etc/nsd/nsd.conf --tenant acme --from nsd
  ptrctl zone import pdns.sqlite3 --tenant acme
  An exported zone that was edited goes back only if nobody changed it meanwhile:
    ptrctl zone import db.example --tenant acme --replace --expect 5f2a09c11d0e44b7

Of a configuration of BIND, NSD or Knot, the primary zones are imported from the
files that it names; others are listed as left out. A map says whose zones are,
a line each: 192.0.2.0/24,acme or *.example,globex or 2.0.192.in-addr.arpa,acme;
--tenant then says whose the rest is.

In a folder, files called *.zone, *.db or db.* are zones; if there are none,
all files are. What they $INCLUDE is sent along if it lies in the folder of the
zone file or below. Imported zones are served exactly as they are; `ptrctl zone
adopt` makes reverse zones native.

With --replace the serial carries on: that of the file where it is after the one
that is served, else the next one, so that secondaries notice. --keep-serial
takes the file's as it is.";

const ADOPT_EXAMPLES: &str = "\
Examples:
  ptrctl zone adopt 2.0.192.in-addr.arpa --dry-run
  ptrctl zone adopt 2.0.192.in-addr.arpa
  ptrctl zone adopt --all --yes

PTRs go to their addresses, complete RFC 2317 CNAME sets and delegations become
blocks, everything else stays as records of the zone. Classless zones that the
CNAMEs lead to are adopted as well. Every record is compared before and after: a
zone that would answer differently is not adopted, and the differences are shown.";

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
  ptrctl zone set example.com --companion on --dry-run

Zones of blocks reference an NS set and a SOA template always; an imported zone
keeps its own records until it is told to. Referencing a set deletes the NS
records of the zone's own; `own` turns what an imported zone shows into records
of its own again. The serial steps where the zone shows something else then.";

const ADD_EXAMPLES: &str = "\
Examples:
  ptrctl zone add example.com --tenant acme
  ptrctl zone add example.com --tenant acme --ns-set europe --soa-template dated
  ptrctl zone add example.net --tenant acme --companion

In a companion zone A and AAAA records follow from the PTRs of addresses: where
the name lies in the zone and the tenant of the address holds it. The owner of
the zone holds all names, others those that are granted (`ptrctl names allow`).
Names that templates give have addresses too, where the tenant holds the domain
that all of them lie in, and no PTR says the same name; an address with a PTR of
its own has that name alone. Suspended, delegated and observed blocks give none.
Other records are set as in any zone (`ptrctl record set`), and come first: at
the apex, beside a CNAME or records of the same type, at and below a zone cut or
DNAME nothing follows, and whoever sets either is told so. The TTL is the lowest
of the PTRs. `ptrctl record list` marks what follows as derived.";

/// What to do with zones.
#[derive(Debug, Subcommand)]
pub enum Zone {
    /// Adds an empty zone of any name, with copies of SOA and NS of the defaults
    #[command(after_help = ADD_EXAMPLES)]
    Add {
        /// The apex
        apex: String,
        /// The owner
        #[arg(long)]
        tenant: String,
        /// The NS set that it references, in place of copies of the defaults
        #[arg(long, value_name = "NAME")]
        ns_set: Option<String>,
        /// The SOA template that it references, in place of a copy of the defaults
        #[arg(long, value_name = "NAME")]
        soa_template: Option<String>,
        /// A companion zone: A and AAAA records follow in it from PTRs
        #[arg(long)]
        companion: bool,
    },
    /// Imports zones from master files, configurations of BIND, NSD and Knot, PowerDNS databases
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(Import),
    /// Makes imported reverse zones native: their PTRs and ranges are managed as blocks from then on
    #[command(after_help = ADOPT_EXAMPLES)]
    Adopt(Adopt),
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
    /// Sets which NS set and SOA template zones reference, how their serials step, whether addresses follow in them
    #[command(after_help = SET_EXAMPLES)]
    Set(Set),
    /// Shows a zone's owner, kind, serial and what it references
    #[command(after_help = "Examples:\n  ptrctl zone show 2.0.192.in-addr.arpa")]
    Show {
        /// The apex
        apex: String,
    },
    /// Pulls a zone from primaries elsewhere from now on (a secondary), or from other ones
    #[command(after_help = FOLLOW_EXAMPLES)]
    Follow(Follow),
    /// Makes a zone that is followed a zone of our own
    #[command(after_help = UNFOLLOW_EXAMPLES)]
    Unfollow {
        /// The apex
        apex: String,
    },
    /// Asks the primaries of a zone that is followed now
    #[command(after_help = REFRESH_EXAMPLES)]
    Refresh {
        /// The apex
        apex: String,
        /// Pull the whole zone, whatever its serial
        #[arg(long)]
        whole: bool,
    },
    /// Takes zones over from another server, once: they are zones of our own then
    #[command(name = "transfer-in", after_help = TRANSFER_IN_EXAMPLES)]
    TransferIn(TransferIn),
    /// Compares zones with what another server has of them, before their delegation is moved
    #[command(after_help = COMPARE_EXAMPLES)]
    Compare(Compare),
    /// Stops serving an imported zone and deletes its records
    #[command(after_help = "Examples:\n  ptrctl zone remove example.com")]
    Remove {
        /// The apex
        apex: String,
        /// Only if it still has this version, as `zone show` shows it
        #[arg(long, value_name = "VERSION")]
        expect: Option<String>,
    },
}

/// `zone set`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args([
    "ns_set", "soa_template", "serial_policy", "companion",
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
    /// Whether A and AAAA records follow in it from PTRs; see `zone add`
    #[arg(long, value_name = "on|off", value_parser = ["on", "off"])]
    companion: Option<String>,
    /// Of a single zone: only if it still has this version, as `zone show` shows it
    #[arg(long, value_name = "VERSION")]
    expect: Option<String>,
}

/// `zone import`.
#[derive(Debug, Args)]
pub struct Import {
    /// Master files, and folders of them; `-` is stdin. Or one configuration, or one database
    #[arg(value_name = "FILE|DIRECTORY", required = true)]
    files: Vec<PathBuf>,
    /// The owner of the zones; with --map, of those that it does not speak of
    #[arg(long, required_unless_present = "map")]
    tenant: Option<String>,
    /// Whose each zone is: lines of `zones,tenant`, by apex, range or pattern
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// What the file is; found by its content unless given
    #[arg(long, value_name = "SERVER")]
    from: Option<From>,
    /// Of BIND's views, the one whose zones to import
    #[arg(long, value_name = "NAME")]
    view: Option<String>,
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
    /// For a single file: only if the zone still has this version, as `zone show` shows it; `absent` for none
    #[arg(long, value_name = "VERSION")]
    expect: Option<String>,
}

/// `zone adopt`.
#[derive(Debug, Args)]
pub struct Adopt {
    /// The apexes
    #[arg(value_name = "APEX", required_unless_present = "all", conflicts_with = "all")]
    apexes: Vec<String>,
    /// Every imported zone that can be adopted; the others stay as they are
    #[arg(long)]
    all: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
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
    /// One in which addresses follow from PTRs
    Companion,
    /// A list of zones, for secondaries
    Catalog,
}

impl Zone {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Zone::Add { apex, tenant, ns_set, soa_template, companion } => {
                let start = ZoneStart { ns_set, soa_template, companion };
                change(client, screen, ChangeRequest::ZoneAdd { apex, tenant, start }).await
            }
            Zone::Set(Set { apexes, ns_set, soa_template, serial_policy, companion, expect }) => {
                let companion = companion.map(|word| word == "on");
                let references =
                    ZoneSet { apexes, ns_set, soa_template, serial_policy, ..ZoneSet::default() };
                let set = ZoneSet { companion, expect, ..references };
                change(client, screen, ChangeRequest::ZoneSet(set)).await
            }
            Zone::Remove { apex, expect } => {
                change(client, screen, ChangeRequest::ZoneRemove { apex, expect }).await
            }
            Zone::Follow(follow) => follow.run(client, screen).await,
            Zone::Unfollow { apex } => change(client, screen, ChangeRequest::ZoneUnfollow { apex }).await,
            Zone::Refresh { apex, whole } => zone_follow::refresh(client, screen, &apex, whole).await,
            Zone::TransferIn(transfer) => transfer.run(client, screen).await,
            Zone::Compare(compare) => compare.run(client, screen).await,
            Zone::Import(import) => import.run(client, screen).await,
            Zone::Adopt(adopt) => adopt.run(client, screen).await,
            Zone::Export { apex, output } => export(client, screen, &apex, output.as_deref()).await,
            Zone::List { tenant, kind, ns_set, soa_template, limit } => {
                let kind = kind.and_then(|kind| Some(kind.to_possible_value()?.get_name().to_owned()));
                let filter = ZoneFilter { tenant, kind, ns_set, soa_template, ..ZoneFilter::default() };
                let headings =
                    ["APEX", "TENANT", "KIND", "SERIAL", "NS-SET", "SOA-TEMPLATE", "RANGE", "FOLLOWS"];
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
    let catalog = zone.catalog.map(|of| format!("catalog {}: ", of.catalog)).unwrap_or_default();
    let follows = zone.follow.map(|follow| {
        let from = follow.primaries.into_iter().map(|spec| spec.address).collect::<Vec<_>>().join(", ");
        let from = catalog + &from;
        if follow.state == "current" { from } else { format!("{from} ({})", follow.state) }
    });
    let serial = zone.serial.to_string();
    vec![zone.apex, zone.tenant, zone.kind, serial, ns_set, template, range, follows.unwrap_or_default()]
}

fn in_words(of: ZoneCatalogView) -> String {
    let groups = if of.groups.is_empty() { String::new() } else { format!(" in {}", of.groups.join(", ")) };
    format!("{} as {}{groups}", of.catalog, of.label)
}

pub fn show(screen: &mut Screen, zone: ZoneView) -> Result<(), Failure> {
    let ns_set = match zone.ns_set {
        Some(name) if zone.own_ns => format!("{name}, overridden by NS records of the zone's own"),
        set => set.unwrap_or_else(|| "none: NS records of its own".to_owned()),
    };
    let policy = match (zone.own_policy, &zone.soa_template) {
        (false, Some(template)) => format!("{} (of the SOA template {template})", zone.serial_policy),
        _ => zone.serial_policy,
    };
    let computed = match zone.computed_names {
        Some(count) if zone.unexpanded => {
            format!("{count} names, too many to be listed, exported and transferred")
        }
        count => count.map(|count| format!("{count} names")).unwrap_or_default(),
    };
    let mut lines = vec![
        ("apex", zone.apex),
        ("tenant", zone.tenant),
        ("kind", zone.kind),
        ("serial", zone.serial.to_string()),
        ("serial policy", policy),
        ("NS set", ns_set),
        ("SOA template", zone.soa_template.unwrap_or_else(|| "none: a SOA of its own".to_owned())),
        ("range", zone.range.unwrap_or_default()),
        ("computed", computed),
        ("signed", zone.signed.unwrap_or_default()),
        ("version", zone.version),
    ];
    lines.extend(zone.catalog.map(|of| ("from catalog", in_words(of))));
    lines.extend(zone.follow.into_iter().flat_map(zone_follow::follow_facts));
    facts(screen, &lines)
}

impl Import {
    async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let map = self.map.as_deref().map(import_config::read_map).transpose()?.unwrap_or_default();
        match self.source()? {
            From::Powerdns => {
                let (body, sent) = import_config::powerdns(&self.files[0], map, screen.progress())?;
                self.send(client, screen, "/v1/zones/import/powerdns", body, sent, Vec::new()).await
            }
            From::Master => {
                if self.view.is_some() {
                    return Err(Failure::usage("--view: only BIND has views").hint("leave --view out"));
                }
                let (body, sent) = if self.files == [Path::new("-")] {
                    stdin(screen, map)?
                } else {
                    files(screen, select(&self.files)?, map)?
                };
                self.send(client, screen, "/v1/zones/import", body, sent, Vec::new()).await
            }
            from => self.configuration(client, screen, from, map).await,
        }
    }

    /// What was named: said, or seen in the one file that there is.
    fn source(&self) -> Result<From, Failure> {
        let one = match self.files.as_slice() {
            [one] if one != Path::new("-") => Some(one),
            _ => None,
        };
        match (self.from, one) {
            (Some(from), Some(_)) => Ok(from),
            (Some(From::Master) | None, None) => Ok(From::Master),
            (Some(_), None) => Err(Failure::usage("one configuration or database at a time, from a file")
                .hint("name one file, or leave --from out for master files")),
            (None, Some(file)) if file.is_file() => import_config::detect(file),
            (None, Some(_)) => Ok(From::Master),
        }
    }

    async fn configuration(
        self,
        client: &mut Client,
        screen: &mut Screen,
        from: From,
        map: Vec<TenantRule>,
    ) -> Result<(), Failure> {
        let file = &self.files[0];
        let configuration = import_config::read(from, file, self.view.as_deref())?;
        let sending = import_config::select(&configuration)?;
        if !sending.unreadable.is_empty() && !self.keep_going {
            let total = sending.unreadable.len();
            let files = counted(total as u64, "zone's file", "zones' files");
            let mut failure = Failure::local(format!("{files} cannot be read; nothing was imported"));
            if let Some(problem) = &mut failure.problem {
                let line = |(apex, reason): (String, String)| ptrd_api::LineError {
                    file: Some(apex),
                    line: 0,
                    message: reason,
                };
                problem.errors_total = total as u64;
                problem.errors = sending.unreadable.into_iter().take(100).map(line).collect();
            }
            return Err(failure.hint("--keep-going imports the others"));
        }
        let left_out = |(subject, detail): (String, String)| ReportLine {
            subject,
            what: ptrd_api::REPORT_LEFT_OUT.to_owned(),
            detail,
        };
        let local: Vec<ReportLine> =
            configuration.left_out.into_iter().chain(sending.unreadable).map(left_out).collect();
        if sending.manifest.zones.is_empty() {
            screen.report(&local, local.len() as u64)?;
            return Err(Failure::usage(format!("{}: no primary zone with a file", file.display()))
                .hint("import the zones' master files themselves: `ptrctl zone import FILE…`"));
        }
        screen.warnings(&configuration.warnings)?;
        let manifest = ZoneManifest { map, ..sending.manifest };
        let (body, sent) = import_config::with_manifest(sending.selection, &manifest, screen.progress())?;
        self.send(client, screen, "/v1/zones/import", body, sent, local).await
    }

    /// Sends a body, and shows what came of it and what was not even sent.
    async fn send(
        self,
        client: &mut Client,
        screen: &mut Screen,
        route: &str,
        body: crate::client::Body,
        sent: Sent,
        local: Vec<ReportLine>,
    ) -> Result<(), Failure> {
        let options = ZoneImportOptions {
            tenant: self.tenant.unwrap_or_default(),
            apex: self.apex,
            replace: self.replace,
            keep_going: self.keep_going,
            keep_serial: self.keep_serial,
            expect: self.expect,
            dry_run: client.dry_run(),
        };
        let answer =
            client.upload(&with_query(route, &options)?, body, "application/octet-stream", &sent).await;
        sent.end();
        let mut answer = answer?;
        if screen.json() {
            if !local.is_empty() {
                let octets = serde_json::to_vec(&serde_json::json!({ "not_sent": local }));
                screen.document(&octets.map_err(|error| Failure::local(error.to_string()))?)?;
            }
            return screen.document(&answer.raw);
        }
        let total = answer.value.report_total + local.len() as u64;
        let report: Vec<ReportLine> =
            local.into_iter().chain(std::mem::take(&mut answer.value.report)).collect();
        screen.report(&report, total)?;
        // The report says so already.
        answer.value.warnings.retain(|warning| !warning.starts_with("left out: "));
        screen.done(&answer.value, client.dry_run())
    }
}

impl Adopt {
    async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let request = ChangeRequest::ZoneAdopt { apexes: self.apexes, all: self.all };
        if !client.dry_run() && !self.yes {
            screen.can_ask()?;
            let planned = client.plan(&request).await?.value;
            screen.report(&planned.report, planned.report_total)?;
            screen.line(&planned.summary)?;
            if !screen.confirmed("Adopt? [y/N] ")? {
                return Err(Failure::local("nothing was changed").hint("say y, or give --yes"));
            }
            // Shown already.
            let mut answer = client.change(&request).await?;
            answer.value.report.clear();
            return if screen.json() {
                screen.document(&answer.raw)
            } else {
                screen.done(&answer.value, false)
            };
        }
        let answer = client.change(&request).await?;
        if screen.json() {
            return screen.document(&answer.raw);
        }
        screen.report(&answer.value.report, answer.value.report_total)?;
        screen.done(&answer.value, client.dry_run())
    }
}

/// One file that has no name. Its length stands before it, so that it is read first.
fn stdin(screen: &Screen, map: Vec<TenantRule>) -> Result<(crate::client::Body, Sent), Failure> {
    if !map.is_empty() {
        return Err(Failure::usage("--map: one file has one tenant").hint("--tenant NAME"));
    }
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

fn files(
    screen: &Screen,
    selection: Selection,
    map: Vec<TenantRule>,
) -> Result<(crate::client::Body, Sent), Failure> {
    if !map.is_empty() {
        let manifest = ZoneManifest { map, ..ZoneManifest::default() };
        return import_config::with_manifest(selection, &manifest, screen.progress());
    }
    let size = selection.items.iter().map(|item| item.size).sum();
    Ok(upload::body(Some(size), screen.progress(), move |pieces| {
        pieces.write(Bundle::head(selection.zones)).map_err(|error| (String::new(), error))?;
        for item in &selection.items {
            pieces.file(&item.path, &item.file).map_err(|error| (item.file.display().to_string(), error))?;
        }
        Ok(())
    }))
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
            let Some(mut file) = file.take() else {
                return Err(Failure::local("the answer was empty").hint("ptrd's log says more"));
            };
            file.flush().and_then(|()| file.get_ref().sync_all()).map_err(failed)?;
            std::fs::rename(&staging, path).map_err(failed)
        });
    if written.is_err() {
        // It may not have been made.
        let _ = std::fs::remove_file(&staging);
    }
    written
}

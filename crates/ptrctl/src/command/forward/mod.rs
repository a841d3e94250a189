//! `ptrctl forward`: the records that names need on the forward side, for whoever holds their zone, or sent there.

mod push;
mod wanted;

use crate::arguments::{self, Place};
use crate::cli::Globals;
use crate::failure::Failure;
use crate::screen::{Screen, counted};
use clap::{Args, ValueEnum};
use ptrd_escape::csv_field;
use ptrd_posture::counterpart::{Name, bind, nsupdate};
use push::Push;
use std::path::PathBuf;
use wanted::{Wanted, wanted};

pub const EXAMPLES: &str = "\
Examples:
  ptrctl forward 192.0.2.0/24                                (as lines of a zone file)
  ptrctl forward 192.0.2.0/24 --zone example.com --format nsupdate | nsupdate -k example.key
  From an inventory as CSV (address,helo,mta,domains), without a ptrd:
    ptrctl forward senders.csv --format csv
  Sent to the primary of the zones; what is there already is left alone:
    ptrctl forward 192.0.2.0/24 --push ns1.example.com --key example.key --dry-run
    ptrctl forward 192.0.2.0/24 --push ns1.example.com --key example.key

Which names: those of PTRs that are set, of PTRs that wait for their names to resolve back, and the
HELO names of addresses that send mail; but not names that have the address in a zone of this ptrd,
nor those that follow from a template. The key's
file is what `ptrctl key show NAME --format bind` and tsig-keygen write. Each name is asked for
before and after: what is an alias, or lies in no zone of that server, is told and not touched.";

/// `forward`.
#[derive(Debug, Args)]
pub struct Forward {
    /// Addresses, prefixes, and files as CSV: address,helo,mta,domains
    #[arg(value_name = "PREFIX|ADDRESS|FILE", required = true)]
    what: Vec<String>,
    /// Only names in this zone
    #[arg(long, value_name = "NAME")]
    zone: Option<String>,
    /// TTL of records whose PTR has none of its own, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, value_parser = clap::value_parser!(u32).range(..=0x7fff_ffff))]
    ttl: u32,
    /// How to write them
    #[arg(long, value_enum, default_value = "bind", conflicts_with = "push")]
    format: Format,
    /// Send them to this server, by DNS UPDATE over TCP
    #[arg(long, value_name = "SERVER[:PORT]", value_parser = arguments::place, requires = "key")]
    push: Option<Place>,
    /// The key (TSIG) to sign with: a file with a `key` statement, as nsupdate -k reads it
    #[arg(long, value_name = "FILE", requires = "push")]
    key: Option<PathBuf>,
    /// Take away other addresses of the same family that such a name has
    #[arg(long, requires = "push")]
    replace: bool,
    /// Do not ask before addresses are taken away
    #[arg(long, requires = "replace")]
    yes: bool,
}

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines of a master file
    Bind,
    /// A script for nsupdate
    Nsupdate,
    /// name,ttl,type,address
    Csv,
}

impl Forward {
    pub async fn run(self, globals: &Globals, screen: &mut Screen) -> Result<(), Failure> {
        let zone = self.zone.as_deref().map(zone).transpose()?;
        let wanted = wanted(&self.what, zone.as_ref(), self.ttl, globals, screen).await?;
        if wanted.is_empty() {
            let zone = self.zone.as_ref().map(|zone| format!(" in {zone}")).unwrap_or_default();
            return Err(Failure::usage(format!("{}: no address has a name{zone}", self.what.join(" ")))
                .hint("set PTRs, or mark addresses that send with `ptrctl sending set`"));
        }
        if let (Some(server), Some(key)) = (&self.push, &self.key) {
            let push = Push { server, key, replace: self.replace, dry_run: globals.dry_run, yes: self.yes };
            return push.run(&wanted, screen).await;
        }
        let records: Vec<_> = wanted.iter().map(|one| one.record.clone()).collect();
        match self.format {
            _ if screen.json() => screen.document(&json(&wanted)?),
            Format::Bind => screen.text(bind(&records).as_bytes()),
            Format::Nsupdate => screen.text(nsupdate(&records, None, zone.as_ref()).as_bytes()),
            Format::Csv => screen.text(csv(&wanted).as_bytes()),
        }
    }
}

fn zone(text: &str) -> Result<Name, Failure> {
    text.parse().map_err(|error| Failure::usage(format!("--zone {text}: {error}")))
}

fn json(wanted: &[Wanted]) -> Result<Vec<u8>, Failure> {
    let records: Vec<_> = wanted.iter().map(Wanted::json).collect();
    serde_json::to_vec(&serde_json::json!({ "records": records }))
        .map_err(|error| Failure::local(error.to_string()))
}

fn csv(wanted: &[Wanted]) -> String {
    let lines = wanted.iter().map(|Wanted { record, .. }| {
        let (name, rtype) = (csv_field(&record.name.to_string()), record.rtype());
        format!("{name},{},{rtype},{}\n", record.ttl, record.address)
    });
    std::iter::once("name,ttl,type,address\n".to_owned()).chain(lines).collect()
}

/// `3 records`.
fn records(count: usize) -> String {
    counted(count as u64, "record", "records")
}

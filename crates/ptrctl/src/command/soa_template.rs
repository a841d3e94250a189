//! `ptrctl soa-template`.

use super::{Limit, change, facts};
use crate::arguments;
use crate::client::{Client, segment};
use crate::failure::Failure;
use crate::listing::list;
use crate::screen::Screen;
use clap::{Args, Subcommand, ValueEnum};
use ptrd_api::{ChangeRequest, SetFilter, SoaTemplateView, SoaTemplateWrite};

const ADD_EXAMPLES: &str = "\
Examples:
  ptrctl soa-template add quick --refresh 1h --retry 10m --minimum 5m
  ptrctl soa-template add dated --serial-policy date
  ptrctl zone set 2.0.192.in-addr.arpa --soa-template dated

What is not named is as in the template default. MNAME is the first nameserver
that a zone shows, unless a template gives another (a hidden primary).";

const SET_EXAMPLES: &str = "\
Examples:
  ptrctl soa-template set default --rname hostmaster.example.net --minimum 1h
  ptrctl soa-template set default --serial-policy unixtime
  ptrctl soa-template set dated --mname hidden.example.net
  ptrctl soa-template set dated --inherit-mname --inherit-ttl

Every zone that references the template shows the new SOA at once, with a new
serial. A serial policy counts from the next change of a zone on. Serials never
fall, whatever the policy and whatever the clock says:
  counter   one more than the last
  date      YYYYMMDDnn in UTC; past nn 99 it counts on
  unixtime  seconds since 1970";

const RENAME_EXAMPLES: &str = "\
Examples:
  ptrctl soa-template rename dated by-date

Only the name of the template changes, no zone. The template named default keeps
its name.";

const REMOVE_EXAMPLES: &str = "\
Examples:
  ptrctl zone list --soa-template dated              (which zones reference it)
  ptrctl zone set 2.0.192.in-addr.arpa --soa-template default
  ptrctl soa-template remove dated";

/// What to do with SOA templates.
#[derive(Debug, Subcommand)]
pub enum SoaTemplate {
    /// Adds a SOA template
    #[command(after_help = ADD_EXAMPLES)]
    Add(Add),
    /// Changes a template, and with it all zones that reference it
    #[command(after_help = SET_EXAMPLES)]
    Set(Set),
    /// Gives a template another name
    #[command(after_help = RENAME_EXAMPLES)]
    Rename {
        /// Its name
        name: String,
        /// The new one
        #[arg(value_name = "NEW_NAME")]
        to: String,
        /// Only if it still has this version, as `soa-template show` shows it
        #[arg(long, value_name = "VERSION")]
        expect: Option<String>,
    },
    /// Lists SOA templates, with the number of zones that reference them
    #[command(after_help = "Examples:\n  ptrctl soa-template list\n  ptrctl soa-template list --json")]
    List(Limit),
    /// Shows a template
    #[command(after_help = "Examples:\n  ptrctl soa-template show default")]
    Show {
        /// Its name
        name: String,
    },
    /// Removes a template that no zone references
    #[command(after_help = REMOVE_EXAMPLES)]
    Remove {
        /// Its name
        name: String,
        /// Only if it still has this version, as `soa-template show` shows it
        #[arg(long, value_name = "VERSION")]
        expect: Option<String>,
    },
}

/// `soa-template add`.
#[derive(Debug, Args)]
pub struct Add {
    /// 1 to 63 lower-case letters, digits and hyphens
    name: String,
    #[command(flatten)]
    new: New,
}

/// `soa-template set`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args([
    "mname", "inherit_mname", "rname", "refresh", "retry", "expire", "minimum", "ttl", "inherit_ttl", "serial_policy",
]))]
pub struct Set {
    /// Its name
    name: String,
    #[command(flatten)]
    new: New,
    /// Take the first nameserver as MNAME again
    #[arg(long, conflicts_with = "mname")]
    inherit_mname: bool,
    /// Take the zone TTL of the defaults again
    #[arg(long, conflicts_with = "ttl")]
    inherit_ttl: bool,
    /// Only if it still has this version, as `soa-template show` shows it
    #[arg(long, value_name = "VERSION")]
    expect: Option<String>,
}

/// What a template is to have.
#[derive(Debug, Args)]
struct New {
    /// MNAME, where it is not the first nameserver
    #[arg(long, value_name = "NAME")]
    mname: Option<String>,
    /// The mailbox of the person in charge, as a name: hostmaster.example.net
    #[arg(long, value_name = "NAME")]
    rname: Option<String>,
    /// REFRESH: seconds, or 1h30m
    #[arg(long, value_name = "TTL", value_parser = arguments::ttl)]
    refresh: Option<u32>,
    /// RETRY
    #[arg(long, value_name = "TTL", value_parser = arguments::ttl)]
    retry: Option<u32>,
    /// EXPIRE
    #[arg(long, value_name = "TTL", value_parser = arguments::ttl)]
    expire: Option<u32>,
    /// MINIMUM: how long it is remembered that a name is not there
    #[arg(long, value_name = "TTL", value_parser = arguments::ttl)]
    minimum: Option<u32>,
    /// TTL of the SOA record; the zone TTL of the defaults unless ever given
    #[arg(long, value_parser = arguments::ttl)]
    ttl: Option<u32>,
    /// How serials of its zones step
    #[arg(long, value_name = "POLICY")]
    serial_policy: Option<Policy>,
}

/// Ways for serials to step.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Policy {
    /// One more than the last
    Counter,
    /// YYYYMMDDnn in UTC
    Date,
    /// Seconds since 1970
    #[value(name = "unixtime")]
    UnixTime,
}

impl Policy {
    /// The word of the API.
    pub fn word(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

impl New {
    fn into_write(self, name: String) -> SoaTemplateWrite {
        let New { mname, rname, refresh, retry, expire, minimum, ttl, serial_policy } = self;
        let serial_policy = serial_policy.map(Policy::word);
        SoaTemplateWrite {
            name,
            mname,
            rname,
            refresh,
            retry,
            expire,
            minimum,
            ttl,
            serial_policy,
            ..SoaTemplateWrite::default()
        }
    }
}

impl SoaTemplate {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let request = match self {
            SoaTemplate::Add(Add { name, new }) => ChangeRequest::SoaTemplateAdd(new.into_write(name)),
            SoaTemplate::Set(Set { name, new, inherit_mname, inherit_ttl, expect }) => {
                let write = new.into_write(name);
                ChangeRequest::SoaTemplateSet(SoaTemplateWrite {
                    inherit_mname,
                    inherit_ttl,
                    expect,
                    ..write
                })
            }
            SoaTemplate::Rename { name, to, expect } => ChangeRequest::SoaTemplateRename { name, to, expect },
            SoaTemplate::Remove { name, expect } => ChangeRequest::SoaTemplateRemove { name, expect },
            SoaTemplate::List(Limit { limit }) => {
                let headings =
                    ["NAME", "ZONES", "SERIAL", "MNAME", "RNAME", "REFRESH", "RETRY", "EXPIRE", "MINIMUM"];
                let filter = SetFilter::default();
                return list(client, screen, "/v1/soa-templates", filter, limit, &headings, row).await;
            }
            SoaTemplate::Show { name } => {
                let target = format!("/v1/soa-templates/{}", segment(&name));
                let answer = client.get::<SoaTemplateView>(&target).await?;
                return if screen.json() { screen.document(&answer.raw) } else { show(screen, answer.value) };
            }
        };
        change(client, screen, request).await
    }
}

fn mname(template: &SoaTemplateView) -> String {
    template.mname.clone().unwrap_or_else(|| "(first nameserver)".to_owned())
}

fn row(template: SoaTemplateView) -> Vec<String> {
    let mname = mname(&template);
    vec![
        template.name,
        template.zones.to_string(),
        template.serial_policy,
        mname,
        template.rname,
        template.refresh.to_string(),
        template.retry.to_string(),
        template.expire.to_string(),
        template.minimum.to_string(),
    ]
}

fn show(screen: &mut Screen, template: SoaTemplateView) -> Result<(), Failure> {
    let mname = mname(&template);
    facts(
        screen,
        &[
            ("name", template.name),
            ("mname", mname),
            ("rname", template.rname),
            ("refresh", template.refresh.to_string()),
            ("retry", template.retry.to_string()),
            ("expire", template.expire.to_string()),
            ("minimum", template.minimum.to_string()),
            ("TTL", super::ttl(template.ttl, template.inherited_ttl)),
            ("serial policy", template.serial_policy),
            ("zones", template.zones.to_string()),
            ("version", template.version),
        ],
    )
}

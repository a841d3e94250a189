//! `ptrctl block`.

use super::block_change::{Change, Fate};
use super::{Limit, change, facts, yes};
use crate::arguments;
use crate::client::{Client, segment, with_query};
use crate::failure::Failure;
use crate::listing::list;
use crate::screen::Screen;
use clap::{Args, Subcommand, ValueEnum};
use ptrd_api::{
    BlockAdd, BlockFilter, BlockView, ChangeRequest, DelegationKind, FormerView, NameserverSpec,
    ParentRecords,
};
use serde::Serialize;

const ADD_EXAMPLES: &str = "\
Examples:
  A /22 becomes four /24 zones, a /29 of IPv6 eight /32 zones:
    ptrctl block add 198.51.100.0/22 --tenant acme
    ptrctl block add 2001:db8::/29 --tenant acme
  A /26 becomes a classless zone (RFC 2317), with the CNAMEs of all its addresses in the parent:
    ptrctl block add 192.0.2.64/26 --tenant acme
    ptrctl block add 192.0.2.64/26 --tenant acme --classless slash
  Names that are computed from addresses, where no PTR was set; nothing is stored for an address:
    ptrctl block add 203.0.113.0/24 --tenant acme --template 'host-{a}-{b}-{c}-{d}.pool.example.net'
  Addresses that the customer serves on nameservers of its own:
    ptrctl block add 192.0.2.128/28 --tenant acme --delegate classless \\
        --ns ns1.acme.example --ns ns.128-28.2.0.192.in-addr.arpa=192.0.2.129
    ptrctl block add 203.0.113.0/24 --tenant acme --delegate zone --ns ns1.acme.example \\
        --ds '12345 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE...'
    ptrctl block add 192.0.2.7 --tenant acme --delegate ns --ns ns1.acme.example
  Zones that reference other nameservers than those of the defaults:
    ptrctl block add 203.0.113.0/24 --tenant acme --ns-set europe --soa-template dated
  Inside another tenant's block its PTRs are deleted, unless they are to stay:
    ptrctl block add 192.0.2.192/26 --tenant globex
    ptrctl block add 192.0.2.192/26 --tenant globex --ptrs keep
  Addresses of a third party, from which mail is sent: watched and not served here:
    ptrctl block add 198.51.100.0/28 --tenant acme --observed
  What would come of it:
    ptrctl block add 192.0.2.0/25 --tenant acme --dry-run";

const LIST_EXAMPLES: &str = "\
Examples:
  ptrctl block list
  ptrctl block list 192.0.2.0/24 --tenant acme
  Whose is this address?
    ptrctl block list --around 192.0.2.7";

const PARENT_EXAMPLES: &str = "\
Examples:
  ptrctl block parent-records 192.0.2.64/26 > for-the-upstream.txt";

/// What to do with blocks.
#[derive(Debug, Subcommand)]
pub enum Block {
    /// Adds a block, and the zones or the delegation that follow from it
    #[command(after_help = ADD_EXAMPLES)]
    Add(Add),
    /// Lists blocks, in the order of addresses
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// Only blocks in this range
        #[arg(value_name = "PREFIX")]
        within: Option<String>,
        /// Only blocks of this tenant
        #[arg(long)]
        tenant: Option<String>,
        /// Only blocks around this address or range, the most specific one first
        #[arg(long, value_name = "ADDRESS|PREFIX", conflicts_with = "within")]
        around: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Shows all there is to know of a block
    #[command(after_help = "Examples:\n  ptrctl block show 192.0.2.0/24")]
    Show {
        /// Its range, exactly
        range: String,
    },
    #[command(flatten)]
    Change(Change),
    /// Prints what the operator of the parent zone must publish, in BIND's format
    #[command(after_help = PARENT_EXAMPLES)]
    ParentRecords {
        /// The block's range, exactly
        range: String,
    },
}

/// `block add`.
#[derive(Debug, Args)]
pub struct Add {
    /// 192.0.2.0/24, 192.0.2.10-192.0.2.20, or one address
    range: String,
    /// The owner
    #[arg(long)]
    tenant: String,
    /// The label of the classless zone: first-len (64-26), first-last (64-127), slash (64/26) or label=TEXT
    #[arg(long, value_name = "STYLE")]
    classless: Option<String>,
    /// The apex of the classless zone in full, anywhere in DNS
    #[arg(long, value_name = "NAME")]
    apex: Option<String>,
    /// Add zones even where a zone served here covers the range already
    #[arg(long)]
    own_zone: bool,
    /// The addresses are a third party's: no zone is made and nothing is answered; they may be marked as sending, and are
    /// reported and watched
    #[arg(long, conflicts_with_all = ["classless", "apex", "own_zone", "delegate", "default_ttl", "template"])]
    observed: bool,
    /// Hand the addresses to the customer's nameservers: its zones, one classless zone, or an NS cut per address
    #[arg(long, value_name = "HOW", requires = "ns")]
    delegate: Option<Delegate>,
    /// A nameserver of the customer, with glue for a name at or below the cut; repeat for each
    #[arg(long, value_name = "NAME[=ADDR[,ADDR]]", requires = "delegate", value_parser = arguments::nameserver)]
    ns: Vec<NameserverSpec>,
    /// DS data of a delegated zone; repeat for each
    #[arg(long, value_name = "TEXT", requires = "delegate")]
    ds: Vec<String>,
    /// TTL of PTRs that have none of their own: seconds, or 1h30m
    #[arg(long, value_name = "TTL", value_parser = arguments::ttl)]
    default_ttl: Option<u32>,
    /// How addresses without a PTR are named: text with fields, `none`, or `inherit` from the block around it. Fields are
    /// {a} {b} {c} {d} (octets), {1} to {8} (IPv6 groups), {ip}, {hex}, {n+0} or {n+1} (which address of the block it is,
    /// from 0 or 1 on), some with a width and a base (d, o, x) after a colon: {d:3}, {n+1:4x}
    #[arg(long, value_name = "TEMPLATE")]
    template: Option<String>,
    /// The template in the words of another server: the data of a $GENERATE (BIND), synth-domain=… (dnsmasq),
    /// createReverse('…') (PowerDNS)
    #[arg(long, value_name = "TEXT", conflicts_with = "template")]
    template_from: Option<String>,
    /// Also where a zone comes to have more computed names than a transfer sends (1048576): its secondaries, if any, are ptrd,
    /// which takes the template instead
    #[arg(long)]
    only_ptrd: bool,
    /// Names that look generic to spam filters: any, warn or must-pass; as the block around it says, in the end warn,
    /// unless given
    #[arg(long, value_name = "RULE")]
    names: Option<String>,
    /// Names that do not resolve back to their address: off, warn, require (they wait until they do) or strict (they are
    /// refused); as the block around it says, in the end off, unless given
    #[arg(long, value_name = "RULE")]
    fcrdns: Option<String>,
    /// Let its tenant make and remove blocks inside it
    #[arg(long)]
    may_sub_block: bool,
    /// The NS set that its zones reference; `default` unless given
    #[arg(long, value_name = "NAME")]
    ns_set: Option<String>,
    /// The SOA template that its zones reference; `default` unless given
    #[arg(long, value_name = "NAME")]
    soa_template: Option<String>,
    /// What becomes of PTRs of another tenant, where the block lies inside one of theirs
    #[arg(long, value_name = "FATE", default_value = "clear")]
    ptrs: Fate,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Delegate {
    /// The range zones of the block
    Zone,
    /// A classless zone, with CNAMEs in the parent
    Classless,
    /// One NS cut for each address
    Ns,
}

impl From<Add> for BlockAdd {
    fn from(add: Add) -> BlockAdd {
        let delegate = add.delegate.map(|how| match how {
            Delegate::Zone => DelegationKind::Zone,
            Delegate::Classless => DelegationKind::Classless,
            Delegate::Ns => DelegationKind::Ns,
        });
        BlockAdd {
            range: add.range,
            tenant: add.tenant,
            classless: add.classless,
            apex: add.apex,
            own_zone: add.own_zone,
            observed: add.observed,
            delegate,
            nameservers: add.ns,
            ds: add.ds,
            default_ttl: add.default_ttl,
            template: add.template,
            template_from: add.template_from,
            only_ptrd: add.only_ptrd,
            names: add.names,
            fcrdns: add.fcrdns,
            may_sub_block: add.may_sub_block,
            ns_set: add.ns_set,
            soa_template: add.soa_template,
            ptrs: Some(add.ptrs.into()),
        }
    }
}

#[derive(Serialize)]
struct RangeQuery {
    range: String,
}

impl Block {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Block::Add(add) => change(client, screen, ChangeRequest::BlockAdd(add.into())).await,
            Block::Change(change) => change.run(client, screen).await,
            Block::List { within, tenant, around, limit } => {
                let filter = BlockFilter { within, tenant, around, ..BlockFilter::default() };
                let headings = ["RANGE", "TENANT", "MODE", "ZONES"];
                list(client, screen, "/v1/blocks", filter, limit.limit, &headings, row).await
            }
            Block::Show { range } => {
                let answer = client.get::<BlockView>(&format!("/v1/blocks/{}", segment(&range))).await?;
                if screen.json() { screen.document(&answer.raw) } else { show(screen, answer.value) }
            }
            Block::ParentRecords { range } => {
                let target = with_query("/v1/blocks/parent-records", &RangeQuery { range })?;
                let answer = client.get::<ParentRecords>(&target).await?;
                if screen.json() {
                    screen.document(&answer.raw)
                } else {
                    screen.text(answer.value.text.as_bytes())
                }
            }
        }
    }
}

fn row(block: BlockView) -> Vec<String> {
    let zones = match block.zones.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first, .., last] => format!("{first} … {last} ({})", block.zones.len()),
    };
    let mode = if block.suspended { format!("{}, suspended", block.mode) } else { block.mode };
    vec![block.range, block.tenant, mode, zones]
}

fn show(screen: &mut Screen, block: BlockView) -> Result<(), Failure> {
    let nameserver = |ns: &NameserverSpec| {
        if ns.addresses.is_empty() {
            ns.name.clone()
        } else {
            format!("{}={}", ns.name, ns.addresses.join(","))
        }
    };
    let former = |label: &FormerView| match &label.until {
        Some(until) => format!("{} until {until}", label.apex),
        None => format!("{} until --finish", label.apex),
    };
    let former: Vec<String> = block.former.iter().map(former).collect();
    let only_yes = |flag: bool| if flag { yes(flag) } else { String::new() };
    let template = match (block.template, block.named_by) {
        (Some(own), _) => own,
        (None, Some(around)) => format!("{around} (of a block around it)"),
        (None, None) => String::new(),
    };
    let nameservers: Vec<_> = block.nameservers.iter().map(nameserver).collect();
    facts(
        screen,
        &[
            ("range", block.range),
            ("tenant", block.tenant),
            ("mode", block.mode),
            ("classless", block.classless.unwrap_or_default()),
            ("apex", block.apex.unwrap_or_default()),
            ("zones", block.zones.join(" ")),
            ("nameservers", nameservers.join(" ")),
            ("ds", block.ds.join(", ")),
            ("default TTL", block.default_ttl.map(|ttl| ttl.to_string()).unwrap_or_default()),
            ("template", template),
            ("generic names", block.names.unwrap_or_default()),
            ("FCrDNS", block.fcrdns.unwrap_or_default()),
            ("inside", block.inside.unwrap_or_default()),
            ("parent served here", yes(block.parent_here)),
            ("suspended", only_yes(block.suspended)),
            ("may sub-block", only_yes(block.may_sub_block)),
            ("former labels", former.join(", ")),
            ("version", block.version),
        ],
    )
}

//! `ptrctl block transfer` and what else becomes of blocks over time.

use super::change;
use crate::arguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::screen::Screen;
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use ptrd_api::{BlockSetBody, ChangeRequest, MergeBody, PtrFate, RelabelBody, SplitBody, TransferBody};

const REMOVE_EXAMPLES: &str = "\
Examples:
  What would go with it:
    ptrctl block remove 192.0.2.0/24 --dry-run
  With its PTRs and the records of its zones:
    ptrctl block remove 192.0.2.0/24 --clear
  The tenant of the block around takes the PTRs over:
    ptrctl block remove 192.0.2.64/26 --ptrs keep";

const SET_EXAMPLES: &str = "\
Examples:
  A reseller makes and removes blocks inside its own, for itself and for its customers:
    ptrctl tenant set globex --reseller acme
    ptrctl block set 198.51.100.0/22 --may-sub-block yes
  Which names a template would give, and then no more of them:
    ptrctl block set 2001:db8:0:1::/64 --template '{hex}.dyn.example.net' --only-ptrd --dry-run
    ptrctl block set 2001:db8:0:1::/64 --template none
  As another server had it:
    ptrctl block set 198.51.100.0/24 --template-from 'host-${0,3,d}.example.net.'
    ptrctl block set 198.51.101.0/24 --template-from 'synth-domain=example.net,198.51.101.0/24,dyn-'
  Addresses that send mail: no name that looks generic to spam filters can be set any more
    ptrctl block set 192.0.2.0/28 --names must-pass
  The same: a name is shown once it resolves back to its address, and looked at again from time to time
    ptrctl block set 192.0.2.0/28 --fcrdns require";

const TRANSFER_EXAMPLES: &str = "\
Examples:
  What would happen to PTRs, zones and records:
    ptrctl block transfer 192.0.2.0/24 --to globex --dry-run
  PTRs of the old tenant are deleted, unless they are to stay:
    ptrctl block transfer 192.0.2.0/24 --to globex
    ptrctl block transfer 192.0.2.0/24 --to globex --ptrs keep
  With the blocks inside that are the old tenant's too:
    ptrctl block transfer 198.51.100.0/22 --to globex --recursive";

const SUSPEND_EXAMPLES: &str = "\
Examples:
  ptrctl block suspend 192.0.2.0/24 --reason 'unpaid, ticket 4711'
  ptrctl block resume 192.0.2.0/24";

const RELABEL_EXAMPLES: &str = "\
Examples:
  64-26.2.0.192.in-addr.arpa becomes 64/26.2.0.192.in-addr.arpa, and is answered for until no
  cache can hold a CNAME to it any more:
    ptrctl block relabel 192.0.2.64/26 --classless slash
  For two days, or until told:
    ptrctl block relabel 192.0.2.64/26 --apex rev.acme.example --grace 2d
    ptrctl block relabel 192.0.2.64/26 --apex rev.acme.example --keep-old
    ptrctl block relabel 192.0.2.64/26 --finish";

const SPLIT_EXAMPLES: &str = "\
Examples:
  ptrctl block split 198.51.100.0/22 --into 24
  ptrctl block split 192.0.2.0/24 --at 192.0.2.64 --at 192.0.2.96 --dry-run";

const MERGE_EXAMPLES: &str = "\
Examples:
  ptrctl block merge 192.0.2.0/25 192.0.2.128/25";

/// What becomes of blocks over time.
#[derive(Debug, Subcommand)]
pub enum Change {
    /// Removes a block, its zones and derived records
    #[command(after_help = REMOVE_EXAMPLES)]
    Remove {
        /// Its range, exactly
        range: String,
        /// Delete the PTRs in it and the records of its zones too
        #[arg(long, conflicts_with = "ptrs")]
        clear: bool,
        /// What becomes of its PTRs: without this, an enclosing block of the same tenant takes them over, and under one
        /// of another tenant they are deleted
        #[arg(long, value_name = "FATE")]
        ptrs: Option<Fate>,
        /// Only if it still has this version, as `block show` shows it
        #[arg(long, value_name = "VERSION")]
        expect: Option<String>,
    },
    /// Alters how the addresses of a block are named, what is asked of names, and what its tenant may do
    #[command(after_help = SET_EXAMPLES, group = ArgGroup::new("what").required(true).multiple(true))]
    Set {
        /// Its range, exactly
        range: String,
        /// Whether its tenant may make and remove blocks inside it
        #[arg(long, value_name = "YES|NO", group = "what")]
        may_sub_block: Option<YesNo>,
        /// How addresses without a PTR are named: text with fields, `none`, or `inherit` from the block around it; for the
        /// fields see `block add --help`
        #[arg(long, value_name = "TEMPLATE", group = "what")]
        template: Option<String>,
        /// The template in the words of another server: the data of a $GENERATE (BIND), synth-domain=… (dnsmasq),
        /// createReverse('…') (PowerDNS)
        #[arg(long, value_name = "TEXT", conflicts_with = "template", group = "what")]
        template_from: Option<String>,
        /// Also where a zone comes to have more computed names than a transfer sends (1048576): its secondaries, if any, are ptrd,
        /// which takes the template instead
        #[arg(long)]
        only_ptrd: bool,
        /// Names that look generic to spam filters: any lets them through, warn tells whoever sets one, must-pass refuses
        /// them; inherit is as the block around it says
        #[arg(long, value_name = "RULE", group = "what")]
        names: Option<String>,
        /// Names that do not resolve back to their address: off lets them through, warn tells whoever sets one, require has
        /// them wait until they do, strict refuses them; inherit is as the block around it says
        #[arg(long, value_name = "RULE", group = "what")]
        fcrdns: Option<String>,
    },
    /// Gives a block to another tenant, with its zones and without its PTRs
    #[command(after_help = TRANSFER_EXAMPLES)]
    Transfer {
        /// Its range, exactly
        range: String,
        /// The new owner
        #[arg(long, value_name = "TENANT")]
        to: String,
        /// What becomes of the PTRs
        #[arg(long, value_name = "FATE", default_value = "clear")]
        ptrs: Fate,
        /// Also what else the old tenant has inside: blocks, and zones that were imported
        #[arg(long)]
        recursive: bool,
    },
    /// Hides a block: its addresses are answered as if they had no PTRs, and its tenant can change nothing
    #[command(after_help = SUSPEND_EXAMPLES)]
    Suspend {
        /// Its range, exactly
        range: String,
    },
    /// Shows a suspended block again, as it was
    #[command(after_help = SUSPEND_EXAMPLES)]
    Resume {
        /// Its range, exactly
        range: String,
    },
    /// Gives a classless block another label, and answers for the old one for a while
    #[command(after_help = RELABEL_EXAMPLES)]
    Relabel(Relabel),
    /// Makes several blocks of one; answers stay as they are
    #[command(after_help = SPLIT_EXAMPLES, group = ArgGroup::new("where").required(true))]
    Split {
        /// Its range, exactly
        range: String,
        /// The first address of another part; repeat for each
        #[arg(long, value_name = "ADDRESS", group = "where")]
        at: Vec<String>,
        /// Into prefixes of this length
        #[arg(long, value_name = "LENGTH", group = "where", value_parser = arguments::length)]
        into: Option<u8>,
        #[command(flatten)]
        old: OldLabel,
    },
    /// Makes one block of several that follow one another; answers stay as they are
    #[command(after_help = MERGE_EXAMPLES)]
    Merge {
        /// Their ranges, exactly
        #[arg(value_name = "RANGE", required = true, num_args = 2..)]
        ranges: Vec<String>,
        #[command(flatten)]
        old: OldLabel,
    },
}

/// `block relabel`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("label").required(true).multiple(true))]
pub struct Relabel {
    /// The block's range, exactly
    range: String,
    /// The new label: first-len (64-26), first-last (64-127), slash (64/26) or label=TEXT
    #[arg(long, value_name = "STYLE", group = "label")]
    classless: Option<String>,
    /// The new apex in full, anywhere in DNS
    #[arg(long, value_name = "NAME", group = "label")]
    apex: Option<String>,
    #[command(flatten)]
    old: OldLabel,
    /// Stop answering for the labels that it had before
    #[arg(long, group = "label", conflicts_with_all = ["classless", "apex", "grace", "keep_old"])]
    finish: bool,
}

/// How long the label of before is answered for.
#[derive(Debug, Args)]
pub struct OldLabel {
    /// Answer for an old classless label for this long, 0 for not at all: seconds, or 2d; unless given, until no cache can
    /// hold a CNAME to it
    #[arg(long, value_name = "DURATION", conflicts_with = "keep_old", value_parser = arguments::duration)]
    grace: Option<u64>,
    /// Answer for an old classless label until `block relabel --finish`
    #[arg(long)]
    keep_old: bool,
}

/// What becomes of PTRs.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Fate {
    /// They are deleted
    Clear,
    /// They stay
    Keep,
}

/// A switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum YesNo {
    Yes,
    No,
}

impl From<Fate> for PtrFate {
    fn from(fate: Fate) -> PtrFate {
        match fate {
            Fate::Clear => PtrFate::Clear,
            Fate::Keep => PtrFate::Keep,
        }
    }
}

impl From<Change> for ChangeRequest {
    fn from(change: Change) -> ChangeRequest {
        match change {
            Change::Remove { range, clear, ptrs, expect } => {
                ChangeRequest::BlockRemove { range, clear, ptrs: ptrs.map(PtrFate::from), expect }
            }
            Change::Set { range, may_sub_block, template, template_from, only_ptrd, names, fcrdns } => {
                let may_sub_block = may_sub_block.map(|may| may == YesNo::Yes);
                let set = BlockSetBody { may_sub_block, template, template_from, only_ptrd, names, fcrdns };
                ChangeRequest::BlockSet { range, set }
            }
            Change::Transfer { range, to, ptrs, recursive } => {
                let transfer = TransferBody { to, ptrs: Some(ptrs.into()), recursive };
                ChangeRequest::BlockTransfer { range, transfer }
            }
            Change::Suspend { range } => ChangeRequest::BlockSuspend { range },
            Change::Resume { range } => ChangeRequest::BlockResume { range },
            Change::Relabel(Relabel { range, finish: true, .. }) => {
                ChangeRequest::BlockRelabelFinish { range }
            }
            Change::Relabel(Relabel { range, classless, apex, old, .. }) => {
                let label = RelabelBody { classless, apex, grace: old.grace, keep_old: old.keep_old };
                ChangeRequest::BlockRelabel { range, label }
            }
            Change::Split { range, at, into, old } => {
                let split = SplitBody { at, into, grace: old.grace, keep_old: old.keep_old };
                ChangeRequest::BlockSplit { range, split }
            }
            Change::Merge { ranges, old } => {
                ChangeRequest::BlockMerge(MergeBody { ranges, grace: old.grace, keep_old: old.keep_old })
            }
        }
    }
}

impl Change {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        change(client, screen, self.into()).await
    }
}

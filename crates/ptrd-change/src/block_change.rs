//! Changes of blocks that are there, read: what is asked for, and who plans it.

use crate::block::{read_rule, read_template, where_too_many};
use crate::generic::warn_of_generic;
use crate::observed;
use crate::plan::Plan;
use crate::problem::bad;
use crate::ptr::read_address;
use crate::relabel::{self, Grace, Relabel};
use crate::request::{read_name, read_range};
use crate::split::{self, Merge, Split};
use crate::standing::exact;
use crate::suspend;
use crate::transfer::{self, Transfer};
use ptrd_api::{ChangeRequest, Problem, PtrFate};
use ptrd_wire::AddrRange;
use ptrd_zone::model::{BlockTemplate, FcrdnsRule, LabelStyle, NameRule};

/// What is altered of a block; what is `None` stays.
#[derive(Debug)]
pub(crate) struct Set {
    range: AddrRange,
    may_sub_block: Option<bool>,
    template: Option<BlockTemplate>,
    only_ptrd: bool,
    /// `Some(None)` is as the block around it says; so below.
    names: Option<Option<NameRule>>,
    fcrdns: Option<Option<FcrdnsRule>>,
}

/// A change of a block.
#[derive(Debug)]
pub(crate) enum BlockChange {
    Set(Set),
    Transfer(Transfer),
    Suspend(AddrRange),
    Resume(AddrRange),
    Relabel(Relabel),
    /// `due` says that only labels go whose time has passed.
    Finish {
        range: AddrRange,
        due: bool,
    },
    Split(Split),
    Merge(Merge),
}

/// Reads the style of a label.
pub(crate) fn read_style(text: &str) -> Result<LabelStyle, Problem> {
    text.parse().map_err(|error: ptrd_zone::model::BadStyle| bad(error.to_string()))
}

impl BlockChange {
    /// Reads a request, which is one of these; with the word for the log.
    pub fn read(request: &ChangeRequest) -> Result<(&'static str, BlockChange), Problem> {
        Ok(match request {
            ChangeRequest::BlockSet { range, set } => {
                let is_empty = set.may_sub_block.is_none() && set.names.is_none() && set.fcrdns.is_none();
                if is_empty && set.template.is_none() && set.template_from.is_none() {
                    return Err(bad("nothing to set was given")
                        .hint("--template, --names, --fcrdns or --may-sub-block"));
                }
                let range = read_range(range)?;
                let (text, from) = (set.template.as_deref(), set.template_from.as_deref());
                let order = Set {
                    range,
                    may_sub_block: set.may_sub_block,
                    template: read_template(text, from, &range)?,
                    only_ptrd: set.only_ptrd,
                    names: set.names.as_deref().map(read_rule).transpose()?,
                    fcrdns: set.fcrdns.as_deref().map(read_rule).transpose()?,
                };
                ("block-set", BlockChange::Set(order))
            }
            ChangeRequest::BlockTransfer { range, transfer } => {
                let order = Transfer {
                    range: read_range(range)?,
                    to: transfer.to.clone(),
                    fate: transfer.ptrs.unwrap_or(PtrFate::Clear),
                    recursive: transfer.recursive,
                };
                ("block-transfer", BlockChange::Transfer(order))
            }
            ChangeRequest::BlockSuspend { range } => {
                ("block-suspend", BlockChange::Suspend(read_range(range)?))
            }
            ChangeRequest::BlockResume { range } => ("block-resume", BlockChange::Resume(read_range(range)?)),
            ChangeRequest::BlockRelabel { range, label } => {
                let order = Relabel {
                    range: read_range(range)?,
                    style: label.classless.as_deref().map(read_style).transpose()?,
                    apex: label.apex.as_deref().map(|text| read_name("the apex", text)).transpose()?,
                    grace: Grace::read(label.grace, label.keep_old)?,
                };
                if order.style.is_none() && order.apex.is_none() {
                    return Err(
                        bad("no new label was given").hint("--classless STYLE, --apex NAME, or --finish")
                    );
                }
                ("block-relabel", BlockChange::Relabel(order))
            }
            ChangeRequest::BlockRelabelFinish { range } => {
                ("block-relabel-finish", BlockChange::Finish { range: read_range(range)?, due: false })
            }
            ChangeRequest::BlockSplit { range, split } => {
                let order = Split {
                    range: read_range(range)?,
                    at: split.at.iter().map(|text| read_address(text)).collect::<Result<_, _>>()?,
                    into: split.into,
                    grace: Grace::read(split.grace, split.keep_old)?,
                };
                if order.at.is_empty() == order.into.is_none() {
                    return Err(bad("a split needs the addresses to split at, or the length of the parts")
                        .hint("either --at ADDRESS or --into LENGTH"));
                }
                ("block-split", BlockChange::Split(order))
            }
            ChangeRequest::BlockMerge(merge) => {
                let order = Merge {
                    ranges: merge.ranges.iter().map(|text| read_range(text)).collect::<Result<_, _>>()?,
                    grace: Grace::read(merge.grace, merge.keep_old)?,
                };
                ("block-merge", BlockChange::Merge(order))
            }
            _ => return Err(bad("no change of a block")),
        })
    }

    /// Plans it.
    pub fn plan(&self, plan: &mut Plan<'_>) -> Result<String, Problem> {
        match self {
            BlockChange::Set(order) => set(plan, order),
            BlockChange::Transfer(order) => transfer::transfer(plan, order),
            BlockChange::Suspend(range) => suspend::suspend(plan, range),
            BlockChange::Resume(range) => suspend::resume(plan, range),
            BlockChange::Relabel(order) => relabel::relabel(plan, order),
            BlockChange::Finish { range, due } => relabel::finish(plan, range, *due),
            BlockChange::Split(order) => split::split(plan, order),
            BlockChange::Merge(order) => split::merge(plan, order),
        }
    }
}

fn set(plan: &mut Plan<'_>, order: &Set) -> Result<String, Problem> {
    let Set { range, may_sub_block, template, only_ptrd, names, fcrdns } = order;
    if template.is_some() {
        plan.where_too_many(where_too_many(*only_ptrd));
    }
    let block = exact(plan.declared(), range)?;
    let mut after = block.clone();
    let mut said = Vec::new();
    if let Some(may) = *may_sub_block {
        after.standing.may_sub_block = may;
        let tenant = crate::tenant::tenant_name(plan.declared(), block.tenant);
        let may = if may { "may" } else { "may not" };
        said.push(format!("{tenant} {may} make blocks inside {range}"));
    }
    if let Some(template) = template {
        after.template = template.clone();
        observed::check_template(&after)?;
        said.push(match template {
            BlockTemplate::Inherit => format!("{range} takes its template from the block around it"),
            BlockTemplate::None => format!("{range} has no template"),
            BlockTemplate::Text(text) => format!("{range} has the template {text}"),
        });
    }
    if let Some(names) = *names {
        after.standing.checks.names = names;
        said.push(match names {
            Some(NameRule::Any) => format!("names in {range} may look generic"),
            Some(NameRule::Warn) => format!("names in {range} that look generic are warned of"),
            Some(NameRule::MustPass) => format!("names in {range} that look generic are refused"),
            None => format!("the rule for names in {range} is that of the block around it"),
        });
    }
    if let Some(fcrdns) = *fcrdns {
        after.standing.checks.fcrdns = fcrdns;
        said.push(match fcrdns {
            Some(FcrdnsRule::Off) => format!("names in {range} need not resolve back"),
            Some(FcrdnsRule::Warn) => format!("names in {range} that do not resolve back are warned of"),
            Some(FcrdnsRule::Require) => format!("names in {range} wait until they resolve back"),
            Some(FcrdnsRule::Strict) => format!("names in {range} that do not resolve back are refused"),
            None => format!("whether names in {range} must resolve back is as the block around it says"),
        });
    }
    if after != block {
        plan.change_block(&block, after);
        warn_of_generic(plan, range);
    }
    Ok(said.join("; "))
}

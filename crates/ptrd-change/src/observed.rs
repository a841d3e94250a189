//! Blocks whose addresses are a third party's: declared here, so that they can be marked, reported and watched, and served
//! by others alone. No zone comes of one, no PTR is set in it, and nothing that is answered changes when it comes or goes.
//!
//! So that this holds, an observed block lies in no block that is served, and none that is served is put around it. Blocks
//! that are served may lie in it: of a provider's /24, the /28 that it delegated here.

use crate::place::count_ptrs;
use crate::plan::Plan;
use crate::problem::{bad, count, invalid};
use ptrd_api::{BlockAdd, Problem};
use ptrd_store::Edit;
use ptrd_wire::{AddrRange, ip_to_bits};
use ptrd_zone::Declared;
use ptrd_zone::model::{Block, BlockTemplate, Mode};
use std::net::IpAddr;

/// Refuses what makes no sense of a block that is not served.
pub(crate) fn check_add(add: &BlockAdd) -> Result<(), Problem> {
    let is_given = [
        (add.classless.is_some(), "--classless"),
        (add.apex.is_some(), "--apex"),
        (add.own_zone, "--own-zone"),
        (add.delegate.is_some() || !add.nameservers.is_empty() || !add.ds.is_empty(), "--delegate"),
        (add.default_ttl.is_some(), "--ttl"),
        (add.template.is_some() || add.template_from.is_some(), "--template"),
        (add.ns_set.is_some(), "--ns-set"),
        (add.soa_template.is_some(), "--soa-template"),
    ];
    match is_given.iter().find(|(given, _)| add.observed && *given) {
        Some((_, option)) => {
            Err(bad(format!("{option} is about how a block is served, and this one is not"))
                .hint(format!("leave {option} or --observed out")))
        }
        None => Ok(()),
    }
}

/// Whether a block of this kind may lie where it is to be, beside what [`crate::block`] asks of all.
pub(crate) fn check_place(declared: &Declared, range: &AddrRange, observed: bool) -> Result<(), Problem> {
    let around = declared.innermost(range).filter(|around| around.mode != Mode::Observed);
    if let Some(around) = around.filter(|_| observed) {
        return Err(invalid(format!(
            "{range} lies in {}, which is served here ({}): its PTRs are set here",
            around.range,
            around.mode.word()
        ))
        .hint("leave --observed out"));
    }
    let is_checked = !observed && declared.has_observed();
    let mut inside = declared.blocks_in(range).filter(|_| is_checked);
    match inside.find(|inner| inner.mode == Mode::Observed) {
        Some(inner) => Err(invalid(format!(
            "{} lies inside {range}, and is observed: others answer for it",
            inner.range
        ))
        .hint(format!("add the parts around it, or remove it first: `ptrctl block remove {}`", inner.range))),
        None => Ok(()),
    }
}

/// Refuses to leave PTRs at addresses that come to be observed: those of a block that goes from inside an observed one.
pub(crate) fn check_left(plan: &Plan<'_>, range: &AddrRange) -> Result<(), Problem> {
    let block = plan.declared().innermost(range).filter(|block| block.mode == Mode::Observed);
    let left =
        block.map(|block| (block, count_ptrs(&plan.next.snapshot, range))).filter(|(_, left)| *left > 0);
    match left {
        Some((block, left)) => Err(invalid(format!(
            "{} of {range} would lie in {}, which is observed: others answer for it",
            count(left, "PTR"),
            block.range
        ))
        .hint("say --ptrs clear to delete them")),
        None => Ok(()),
    }
}

/// Refuses to suspend what is not shown.
pub(crate) fn check_suspend(block: &Block) -> Result<(), Problem> {
    match block.mode {
        Mode::Observed => Err(invalid(format!(
            "{} is observed: nothing of it is shown that could be kept back",
            block.range
        ))),
        _ => Ok(()),
    }
}

/// Refuses a template for a block that is not served.
pub(crate) fn check_template(block: &Block) -> Result<(), Problem> {
    match (&block.mode, &block.template) {
        (Mode::Observed, BlockTemplate::Text(_)) => Err(invalid(format!(
            "{} is observed: others answer for its addresses, so no names are computed for them here",
            block.range
        ))),
        _ => Ok(()),
    }
}

/// Why no PTR may be set at an address.
pub(crate) fn refused(address: IpAddr, block: &Block) -> Problem {
    invalid(format!(
        "{address} lies in {}, which is observed: whoever holds these addresses sets their PTRs",
        block.range
    ))
    .hint(format!("`ptrctl request-text {address}` writes the request to them"))
}

/// Refuses PTRs at addresses of observed blocks, whatever road they came.
pub(crate) fn check_edits(declared: &Declared, edits: &[Edit]) -> Result<(), Problem> {
    if !declared.has_observed() {
        return Ok(());
    }
    let mut run: Option<(AddrRange, Option<&Block>)> = None;
    let ptrs = edits.iter().filter_map(|edit| match edit {
        Edit::Ptrs(ptrs) => Some(ptrs),
        _ => None,
    });
    for edit in ptrs.flat_map(|ptrs| ptrs.iter()).filter(|edit| edit.after.is_some()) {
        if !run.as_ref().is_some_and(|(range, _)| range.contains(edit.address)) {
            let (family, bits) = ip_to_bits(edit.address);
            let (block, last) = declared.block_run(family, bits);
            let range = AddrRange::new(edit.address, ptrd_wire::ip_from_bits(family, last));
            let block = block.map(|block| &**block).filter(|block| block.mode == Mode::Observed);
            run = Some((range.unwrap_or_else(|_| AddrRange::single(edit.address)), block));
        }
        if let Some((_, Some(block))) = &run {
            return Err(refused(edit.address, block));
        }
    }
    Ok(())
}

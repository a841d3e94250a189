//! Names that look generic to spam filters: what the rule of a block makes of them, whatever door they came through.
//!
//! Only names that come are judged. What an address had before, when the rule was laxer, may stay.
//!
//! A rule is about addresses that send mail. In a block in which addresses are marked as sending it is about those alone, and
//! about the names that they give in HELO; in a block without marks it is about all, for any of them may send.

use crate::name_rules::NameRules;
use crate::place::ptrs_in;
use crate::plan::Plan;
use crate::problem::{count, invalid, quote};
use crate::ptr::{packed, same_target};
use crate::publish::View;
use crate::sending::names_at;
use crate::view::{page_limit, picked};
use ptrd_api::{LintFilter, LintView, LintedName, Page, Problem};
use ptrd_posture::{Finding, is_generic, lint};
use ptrd_store::Edit;
use ptrd_wire::{AddrRange, Name, ip_from_bits, ip_to_bits};
use ptrd_zone::model::{Block, BlockId, NameRule, Sending};
use ptrd_zone::{Declared, PtrEdit, PtrSet, Snapshot, pack_names};
use std::collections::HashMap;
use std::net::IpAddr;

/// How many names a warning shows.
const SHOWN: u64 = 3;
pub(crate) const HINT: &str = "a sending address needs a name of its own, such as mail-01.example.com; for addresses that send no \
                    mail: `ptrctl block set RANGE --names warn`";

/// Judges address after address, and counts what is let through with a warning.
pub(crate) struct NameJudge<'a> {
    declared: &'a Declared,
    rules: NameRules<'a, NameRule>,
    /// Addresses of one block, and whether any of that block is marked as sending.
    inventory: Option<(AddrRange, bool)>,
    /// The same of blocks, for whoever goes back and forth between them.
    inventories: HashMap<BlockId, bool>,
    text: Vec<u8>,
    warned: u64,
    shown: Vec<String>,
}

impl<'a> NameJudge<'a> {
    pub fn new(declared: &'a Declared) -> NameJudge<'a> {
        let rules = NameRules::new(declared, |checks| checks.names);
        NameJudge {
            declared,
            rules,
            inventory: None,
            inventories: HashMap::new(),
            text: Vec::new(),
            warned: 0,
            shown: Vec::new(),
        }
    }

    /// The rule for names of an address.
    #[inline]
    pub fn rule(&mut self, address: IpAddr) -> NameRule {
        match self.rules.at(address) {
            NameRule::Any => NameRule::Any,
            _ if self.is_beside_inventory(address) => NameRule::Any,
            rule => rule,
        }
    }

    /// Whether others of its block are marked as sending, and the address is not.
    fn is_beside_inventory(&mut self, address: IpAddr) -> bool {
        if self.declared.sending_count() == 0 {
            return false;
        }
        if !self.inventory.as_ref().is_some_and(|(range, _)| range.contains(address)) {
            let (family, bits) = ip_to_bits(address);
            let (block, last) = self.declared.block_run(family, bits);
            let range = AddrRange::new(address, ip_from_bits(family, last));
            let declared = self.declared;
            let look = |block: &Block| has_inventory(declared, block);
            let is_there =
                block.is_some_and(|block| *self.inventories.entry(block.id).or_insert_with(|| look(block)));
            self.inventory = Some((range.unwrap_or_else(|_| AddrRange::single(address)), is_there));
        }
        self.inventory.as_ref().is_some_and(|(_, is_there)| *is_there)
            && self.declared.sending_at(address).is_none()
    }

    /// Judges the name that an address gives in HELO; says why it may not.
    pub fn judge_helo(&mut self, mark: &Sending) -> Result<(), String> {
        let rule = self.rule(mark.address);
        write_text(mark.helo.as_wire(), &mut self.text);
        match rule != NameRule::Any && is_generic(&self.text) {
            true => self.hit(mark.address, rule),
            false => Ok(()),
        }
    }

    /// Judges the names that come; says why they may not.
    #[inline]
    pub fn judge(
        &mut self,
        address: IpAddr,
        before: Option<PtrSet<'_>>,
        after: &PtrSet<'_>,
    ) -> Result<(), String> {
        let rule = self.rule(address);
        if rule == NameRule::Any {
            return Ok(());
        }
        let is_known =
            |name: &[u8]| before.is_some_and(|set| set.wire_names().any(|known| same_target(known, name)));
        for name in after.wire_names().filter(|name| !is_known(name)) {
            write_text(name, &mut self.text);
            if is_generic(&self.text) {
                self.hit(address, rule)?;
            }
        }
        Ok(())
    }

    #[cold]
    fn hit(&mut self, address: IpAddr, rule: NameRule) -> Result<(), String> {
        let said = || format!("{address}: {}", against(&String::from_utf8_lossy(&self.text)));
        if rule == NameRule::MustPass {
            return Err(said());
        }
        self.warned += 1;
        if self.warned <= SHOWN {
            let said = said();
            self.shown.push(said);
        }
        Ok(())
    }

    /// What the caller is to be told of what was let through.
    pub fn warning(self) -> Option<String> {
        match self.warned {
            0 => None,
            n if n <= SHOWN => Some(self.shown.join("; ")),
            n => Some(format!(
                "{} look generic to spam filters, among them {}; `ptrctl lint PREFIX` lists them",
                count(n, "name"),
                self.shown.join("; ")
            )),
        }
    }
}

/// Whether any address whose most specific block this is, is marked as sending.
fn has_inventory(declared: &Declared, block: &Block) -> bool {
    let is_its = |mark: &Sending| declared.block_of(mark.address).is_some_and(|of| of.id == block.id);
    declared.sending_in(&block.range).any(|mark| is_its(mark))
}

/// A name without its final dot. Octets that are no part of host names stay as they are; no rule is about them.
fn write_text(wire: &[u8], text: &mut Vec<u8>) {
    text.clear();
    let mut rest = wire;
    while let Some((length, after)) = rest.split_first().filter(|(length, _)| **length > 0) {
        let (label, more) = after.split_at(usize::from(*length).min(after.len()));
        if !text.is_empty() {
            text.push(b'.');
        }
        text.extend_from_slice(label);
        rest = more;
    }
}

/// What filters have against a name, for messages.
fn against(name: &str) -> String {
    let findings: Vec<String> = lint(name).iter().map(Finding::to_string).collect();
    format!("{} looks generic: {}", quote(name), findings.join("; "))
}

impl View {
    /// The addresses whose names look generic to spam filters. A page ends where enough were looked at.
    ///
    /// # Errors
    /// A filter that makes no sense.
    pub fn lint(&self, filter: &LintFilter) -> Result<Page<LintView>, Problem> {
        if filter.sending {
            return self.lint_sending(filter);
        }
        let addresses = self.with_ptrs(filter.within.as_deref(), filter.after.as_deref())?;
        let (mut rules, mut buffer) = (NameJudge::new(&self.declared), Vec::new());
        let linted_at = |&address: &IpAddr| {
            let set = packed(self.snapshot.addresses().ptr(address), &mut buffer)?;
            let names = linted(&set);
            let rule = rules.rule(address).word().to_owned();
            let sending = self.declared.sending_at(address).is_some();
            (!names.is_empty()).then(|| LintView {
                address: address.to_string(),
                rule,
                sending,
                helo: None,
                names,
            })
        };
        Ok(picked(addresses, (page_limit(filter.limit), LOOKED_AT_FOR_A_PAGE), IpAddr::to_string, linted_at))
    }

    /// Those of the addresses that are marked as sending, with computed names and the names that they give in HELO.
    fn lint_sending(&self, filter: &LintFilter) -> Result<Page<LintView>, Problem> {
        let marks = self.marks(filter.within.as_deref(), filter.after.as_deref())?;
        let mut rules = NameJudge::new(&self.declared);
        let linted_at = |&address: &IpAddr| {
            let mark = self.declared.sending_at(address)?;
            let packed = pack_names(&names_at(&self.snapshot, address));
            let names = linted(&PtrSet { ttl: None, names: &packed });
            let packed = pack_names(std::slice::from_ref(&mark.helo));
            let helo = linted(&PtrSet { ttl: None, names: &packed }).pop();
            (!names.is_empty() || helo.is_some()).then(|| LintView {
                address: address.to_string(),
                rule: rules.rule(address).word().to_owned(),
                sending: true,
                helo,
                names,
            })
        };
        let addresses = marks.map(|mark| mark.address);
        Ok(picked(addresses, (page_limit(filter.limit), LOOKED_AT_FOR_A_PAGE), IpAddr::to_string, linted_at))
    }
}

/// What filters have against the names of an address.
fn linted(names: &PtrSet<'_>) -> Vec<LintedName> {
    let mut text = Vec::new();
    let linted = names.wire_names().filter_map(|name| {
        write_text(name, &mut text);
        let findings: Vec<_> = lint(&text).into_iter().map(Into::into).collect();
        let name = || Name::from_wire(name).map_or_else(|_| String::new(), |name| name.to_string());
        (!findings.is_empty()).then(|| LintedName { name: name(), findings })
    });
    linted.collect()
}

/// Judges what comes to one address, and says what to warn of.
pub(crate) fn judge_one(
    declared: &Declared,
    address: IpAddr,
    before: Option<PtrSet<'_>>,
    after: &PtrSet<'_>,
) -> Result<Option<String>, Problem> {
    let mut judge = NameJudge::new(declared);
    match judge.judge(address, before, after) {
        Ok(()) => Ok(judge.warning()),
        Err(why) => Err(invalid(format!("{why}; the block takes no such names")).hint(HINT)),
    }
}

/// Judges what edits give to addresses, and says what to warn of.
pub(crate) fn judge_edits(declared: &Declared, edits: &[Edit]) -> Result<Option<String>, Problem> {
    let mut judge = NameJudge::new(declared);
    let ptrs = edits.iter().filter_map(|edit| match edit {
        Edit::Ptrs(ptrs) => Some(ptrs),
        _ => None,
    });
    let (mut refused, mut total) = (Vec::new(), 0);
    for PtrEdit { address, before, after } in ptrs.flat_map(|ptrs| ptrs.iter()) {
        if let Some(Err(why)) = after.map(|after| judge.judge(address, before, &after)) {
            total += 1;
            if refused.len() < SHOWN as usize {
                refused.push(why);
            }
        }
    }
    match total {
        0 => Ok(judge.warning()),
        n => {
            let more = n - refused.len();
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            Err(invalid(format!("{}{more}; the block takes no such names", refused.join("; "))).hint(HINT))
        }
    }
}

/// How many addresses are looked at when a rule is set, and for a map: more is for `ptrctl lint`.
pub(crate) const LOOKED_AT: usize = 65_536;
/// How many addresses are looked at for a page of those that look generic, whatever comes of it.
const LOOKED_AT_FOR_A_PAGE: usize = 1 << 20;

/// Reads the names of one address after the other.
#[derive(Default)]
pub(crate) struct NameReader {
    buffer: Vec<u8>,
    text: Vec<u8>,
}

impl NameReader {
    /// Whether a name looks generic that an address has.
    pub fn is_generic_at(&mut self, view: &View, address: IpAddr) -> bool {
        self.is_generic_in(&view.snapshot, address)
    }

    fn is_generic_in(&mut self, snapshot: &Snapshot, address: IpAddr) -> bool {
        let NameReader { buffer, text } = self;
        let set = packed(snapshot.addresses().ptr(address), buffer);
        set.is_some_and(|set| {
            set.wire_names().any(|name| {
                write_text(name, text);
                is_generic(&*text)
            })
        })
    }
}

/// Tells of names that are there already and that a rule would not let through.
pub(crate) fn warn_of_generic(plan: &mut Plan<'_>, range: &AddrRange) {
    let (mut generic, mut names) = (0, NameReader::default());
    {
        let (declared, snapshot) = (plan.declared(), &plan.next.snapshot);
        let mut rules = NameJudge::new(declared);
        for address in ptrs_in(snapshot, range).take(LOOKED_AT) {
            let must_pass = rules.rule(address) == NameRule::MustPass;
            generic += u64::from(must_pass && names.is_generic_in(snapshot, address));
        }
    }
    if generic > 0 {
        plan.warn(format!(
            "{} in {range} have names that look generic already; they stay: `ptrctl lint {range}`",
            if generic == 1 { "1 address".to_owned() } else { format!("{generic} addresses") }
        ));
    }
}

/// Refuses templates in blocks whose names must pass, where they give names that look generic: of altered blocks, and of
/// those inside them.
pub(crate) fn judge_templates(declared: &Declared, edits: &[Edit]) -> Result<(), Problem> {
    let altered = edits.iter().filter_map(|edit| match edit {
        Edit::Block { after: Some(block), .. } => Some(block.range),
        _ => None,
    });
    for block in altered.flat_map(|range| declared.blocks_in(&range)) {
        let rule = declared.inherited(Some(block), |block| block.standing.checks.names);
        // Beside addresses that are marked as sending, the others may have computed names.
        if rule != Some(NameRule::MustPass) || has_inventory(declared, block) {
            continue;
        }
        let Some(template) = declared.template_of(block) else { continue };
        let (family, range) = (block.range.family(), block.range);
        let middle = range.first_bits() + (range.last_bits() - range.first_bits()) / 2;
        for bits in [range.first_bits(), middle, range.last_bits()] {
            let Some(name) = template.name(ip_from_bits(family, bits)) else { continue };
            if is_generic(name.to_string()) {
                let message = format!(
                    "the template {} gives {}; names in {range} must pass",
                    template.text(),
                    against(&name.to_string())
                );
                return Err(invalid(message).hint(HINT));
            }
        }
    }
    Ok(())
}

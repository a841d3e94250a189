//! The sending inventory: which addresses send mail, and what each is to be known as.
//!
//! Marks are rows of their own beside PTRs: no zone shows anything of them, so no serial steps. An address is marked by
//! whoever may set its PTR, in a block of any mode; what becomes of a mark when the address changes hands is what
//! becomes of a PTR ([`crate::handover`]).

use crate::batch::Errors;
use crate::generic::{HINT, NameJudge};
use crate::names::{Rules, host};
use crate::place::may_mark;
use crate::plan::Plan;
use crate::problem::{bad, conflict, count, invalid, not_found, quote};
use crate::ptr::read_address;
use crate::request::read_range;
use crate::rights::Rights;
use crate::version;
use ptrd_api::{Problem, SendingClear, SendingImportOptions, SendingWrite};
use ptrd_store::Edit;
use ptrd_wire::{AddrRange, Name};
use ptrd_zone::model::{Mode, Sending};
use std::net::IpAddr;
use std::sync::Arc;

/// How many addresses may be marked: the inventory is held in memory.
pub(crate) const MOST: usize = 1 << 20;
/// How many domains an address may send for.
const MOST_DOMAINS: usize = 100;
/// The longest label of an MTA, octets: as a label of DNS.
const LONGEST_MTA: usize = 63;

/// What is to be done to the inventory.
#[derive(Debug)]
pub(crate) enum SendingDeed {
    Set { mark: Sending, expect: Option<String> },
    Clear { range: AddrRange, expect: Option<String> },
    Import(Import),
}

/// A file of marks, read.
#[derive(Debug, Default)]
pub(crate) struct Import {
    /// In the order of addresses, each with its line.
    pub marks: Vec<(u64, Sending)>,
    /// Where marks go that are not in the file.
    pub replace: Option<AddrRange>,
}

impl SendingDeed {
    /// Reads `sending set`.
    pub fn read_set(write: &SendingWrite) -> Result<SendingDeed, Problem> {
        let address = read_address(&write.address)?;
        let domains = write.domains.iter().map(String::as_str);
        let mark = read(address, &write.helo, write.mta.as_deref(), domains).map_err(invalid)?;
        Ok(SendingDeed::Set { mark, expect: write.expect.clone() })
    }

    /// Reads `sending clear`.
    pub fn read_clear(clear: &SendingClear) -> Result<SendingDeed, Problem> {
        let range = read_range(&clear.range)?;
        if clear.expect.is_some() && range.size() > 1 {
            return Err(bad("a version is that of one address, and a range was given"));
        }
        Ok(SendingDeed::Clear { range, expect: clear.expect.clone() })
    }

    /// Reads the options of an import.
    pub fn read_replace(options: &SendingImportOptions) -> Result<Option<AddrRange>, Problem> {
        options.replace.as_deref().map(read_range).transpose()
    }
}

/// Reads a mark; the error says what is wrong with it.
pub(crate) fn read<'a>(
    address: IpAddr,
    helo: &str,
    mta: Option<&str>,
    domains: impl Iterator<Item = &'a str>,
) -> Result<Sending, String> {
    let helo = host(helo, Rules::default()).map_err(|why| format!("the HELO name {why}"))?.to_lowercase();
    let mut names = Vec::new();
    for domain in domains {
        let name = host(domain, Rules::default()).map_err(|why| format!("the domain {why}"))?.to_lowercase();
        if names.contains(&name) {
            return Err(format!("the domain {name} is given twice"));
        }
        if names.len() == MOST_DOMAINS {
            return Err(format!("more than {MOST_DOMAINS} domains for one address"));
        }
        names.push(name);
    }
    names.sort();
    let mta = mta.map(read_mta).transpose()?;
    Ok(Sending { address, helo, mta, domains: names })
}

/// A label that can become the name of a transport, and is no formula to a spreadsheet.
fn read_mta(text: &str) -> Result<String, String> {
    let is_inner = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet);
    let is_good = text.len() <= LONGEST_MTA
        && text.bytes().all(is_inner)
        && text.bytes().next().is_some_and(|octet| octet.is_ascii_alphanumeric());
    is_good.then(|| text.to_owned()).ok_or_else(|| {
        format!(
            "{} is no label of an MTA: up to {LONGEST_MTA} letters, digits, dots, hyphens and underscores, a letter or \
             digit first",
            quote(text)
        )
    })
}

/// The version of a mark, for `expect`.
pub(crate) fn version(mark: Option<&Sending>) -> String {
    let Some(Sending { helo, mta, domains, .. }) = mark else { return version::ABSENT.to_owned() };
    let names: Vec<u8> = domains.iter().flat_map(|name| name.as_wire()).copied().collect();
    version::digest(&[helo.as_wire(), mta.as_deref().unwrap_or_default().as_bytes(), &names])
}

/// Plans a deed.
pub(crate) fn plan(plan: &mut Plan<'_>, rights: &Rights, deed: &SendingDeed) -> Result<String, Problem> {
    match deed {
        SendingDeed::Set { mark, expect } => set(plan, rights, mark, expect.as_ref()),
        SendingDeed::Clear { range, expect } => clear(plan, rights, range, expect.as_ref()),
        SendingDeed::Import(import) => take_in(plan, rights, import),
    }
}

fn set(
    plan: &mut Plan<'_>,
    rights: &Rights,
    mark: &Sending,
    expect: Option<&String>,
) -> Result<String, Problem> {
    let address = mark.address;
    may_mark(plan.declared(), rights, address)?;
    let before = plan.declared().sending_at(address).cloned();
    version::check(|| format!("the mark of {address}"), expect, || version(before.as_deref()))?;
    if before.as_deref() == Some(mark) {
        return Ok(format!("{address} is marked so already"));
    }
    plan.put_sending(address, Some(mark.clone()));
    check_room(plan)?;
    let declared = plan.declared().clone();
    let mut judge = NameJudge::new(&declared);
    judge.judge_helo(mark).map_err(|why| invalid(why).hint(HINT))?;
    let mut told = Told::default();
    told.look(plan, mark);
    finish(plan, judge, told);
    Ok(format!("{address} sends mail as {}", mark.helo))
}

fn clear(
    plan: &mut Plan<'_>,
    rights: &Rights,
    range: &AddrRange,
    expect: Option<&String>,
) -> Result<String, Problem> {
    if range.size() == 1 {
        may_mark(plan.declared(), rights, range.first())?;
    }
    let marks: Vec<Arc<Sending>> = own_marks(plan, rights, range);
    let now = || version(marks.first().map(|mark| &**mark));
    version::check(|| format!("the mark of {range}"), expect, now)?;
    if marks.is_empty() {
        let none = if range.size() == 1 { "is not" } else { "has no address that is" };
        return Err(not_found(format!("{range} {none} marked as sending")).hint("`ptrctl sending list`"));
    }
    marks.iter().for_each(|mark| plan.put_sending(mark.address, None));
    Ok(format!("{range}: {} taken away", count(marks.len() as u64, "sending mark")))
}

/// The marks of a range that somebody may take away.
fn own_marks(plan: &Plan<'_>, rights: &Rights, range: &AddrRange) -> Vec<Arc<Sending>> {
    let declared = plan.declared();
    declared
        .sending_in(range)
        .filter(|mark| may_mark(declared, rights, mark.address).is_ok())
        .cloned()
        .collect()
}

fn take_in(plan: &mut Plan<'_>, rights: &Rights, import: &Import) -> Result<String, Problem> {
    let mut errors = Errors::default();
    let (mut changed, mut gone) = (Vec::new(), 0);
    for (line, mark) in &import.marks {
        let address = mark.address;
        if let Err(problem) = may_mark(plan.declared(), rights, address) {
            errors.push(*line, || problem.message);
        } else if import.replace.is_some_and(|range| !range.contains(address)) {
            errors.push(*line, || format!("{address} lies outside of the range that is replaced"));
        } else if plan.declared().sending_at(address).map(|mark| &**mark) != Some(mark) {
            plan.put_sending(address, Some(mark.clone()));
            changed.push((*line, mark));
        }
    }
    if let Some(range) = &import.replace {
        let is_listed =
            |address: IpAddr| import.marks.binary_search_by_key(&address, |(_, mark)| mark.address).is_ok();
        for mark in own_marks(plan, rights, range).iter().filter(|mark| !is_listed(mark.address)) {
            plan.put_sending(mark.address, None);
            gone += 1;
        }
    }
    check_room(plan)?;
    let declared = plan.declared().clone();
    let (mut judge, mut told) = (NameJudge::new(&declared), Told::default());
    for (line, mark) in &changed {
        match judge.judge_helo(mark) {
            Ok(()) => told.look(plan, mark),
            Err(why) => errors.push(*line, || why),
        }
    }
    errors.into_result("the import")?;
    finish(plan, judge, told);
    let same = import.marks.len() - changed.len();
    let same = if same > 0 { format!(", {same} as before") } else { String::new() };
    let gone = if gone > 0 { format!(", {gone} taken away") } else { String::new() };
    Ok(format!("the import: {} set{same}{gone}", count(changed.len() as u64, "sending mark")))
}

fn check_room(plan: &Plan<'_>) -> Result<(), Problem> {
    if plan.declared().sending_count() <= MOST {
        return Ok(());
    }
    Err(conflict(format!("more than {MOST} addresses would be marked as sending"))
        .hint("`ptrctl sending clear PREFIX` takes marks away that are not needed any more"))
}

/// What is to be told of names of addresses that are marked.
#[derive(Default)]
struct Told {
    generic: (u64, Vec<String>),
    differ: (u64, Vec<String>),
}

impl Told {
    /// How many of each are shown.
    const SHOWN: usize = 3;

    /// Looks at the names that the address has here. Those of an address that others answer for are not known.
    fn look(&mut self, plan: &Plan<'_>, mark: &Sending) {
        let block = plan.declared().block_of(mark.address);
        if block.is_none_or(|block| block.mode == Mode::Observed || block.mode.delegation().is_some()) {
            return;
        }
        let names = names_at(&plan.next.snapshot, mark.address);
        for name in names.iter().filter(|name| ptrd_posture::is_generic(text_of(name))) {
            Told::push(&mut self.generic, || format!("{} {}", mark.address, text_of(name)));
        }
        let is_one = matches!(names.as_slice(), [one] if *one == mark.helo);
        if !is_one {
            Told::push(&mut self.differ, || match names.as_slice() {
                [] => format!("{} has no PTR", mark.address),
                [one] => format!("{} is {}, and says {}", mark.address, text_of(one), text_of(&mark.helo)),
                names => format!("{} has {} names", mark.address, names.len()),
            });
        }
    }

    fn push(to: &mut (u64, Vec<String>), text: impl FnOnce() -> String) {
        to.0 += 1;
        if to.1.len() < Told::SHOWN {
            to.1.push(text());
        }
    }

    fn said((n, shown): (u64, Vec<String>)) -> Option<String> {
        let more = n.checked_sub(shown.len() as u64).filter(|more| *more > 0);
        let more = more.map(|more| format!("; and {more} more")).unwrap_or_default();
        (n > 0).then(|| format!("{}{more}", shown.join("; ")))
    }
}

fn finish(plan: &mut Plan<'_>, judge: NameJudge<'_>, told: Told) {
    judge.warning().into_iter().for_each(|warning| plan.warn(warning));
    if let Some(said) = Told::said(told.generic) {
        plan.warn(format!("names of sending addresses look generic to spam filters: {said}"));
    }
    if let Some(said) = Told::said(told.differ) {
        plan.warn(format!("the PTR should be the HELO name, and nothing else: {said}"));
    }
}

fn text_of(name: &Name) -> String {
    name.to_string().trim_end_matches('.').to_owned()
}

/// The names that an address has here, be they set or computed.
pub(crate) fn names_at(snapshot: &ptrd_zone::Snapshot, address: IpAddr) -> Vec<Name> {
    let addresses = snapshot.addresses();
    let mut buffer = Vec::new();
    match crate::ptr::packed(addresses.ptr(address), &mut buffer) {
        Some(set) => set.to_names(),
        None => addresses.computed_ptr(address).map(|computed| computed.name()).into_iter().collect(),
    }
}

impl Plan<'_> {
    /// Marks an address, or takes its mark away; nothing where it is so.
    pub fn put_sending(&mut self, address: IpAddr, after: Option<Sending>) {
        let declared = &mut self.next.declared;
        let before = declared.sending_at(address).map(|mark| Sending::clone(mark));
        if before == after {
            return;
        }
        match &after {
            Some(mark) => declared.put_sending(mark.clone()),
            None => declared.remove_sending(address),
        }
        self.edit(Edit::Sending { address, before: before.map(Box::new), after: after.map(Box::new) });
    }
}

//! PTRs of one address: set, add, delete.

use crate::fcrdns::{self, Fate, FcrdnsJudge};
use crate::generic;
use crate::names::{HostError, Rules, push_host};
use crate::pending;
use crate::place::{Places, ShowingZones};
use crate::plan::Plan;
use crate::problem::{bad, count, invalid, not_found, quote};
use crate::request::ShowTarget;
use crate::rights::Rights;
use crate::version::{self, ABSENT};
use ptrd_api::{Problem, PtrWrite};
use ptrd_wire::{RecordType, Ttl, same_rdata};
use ptrd_zone::{PtrEdit, PtrEdits, PtrRef, PtrSet};
use std::net::IpAddr;

/// How many PTRs an address may have: more do not fit into a plain answer, and no reader looks at them.
pub(crate) const MAX_TARGETS: usize = 100;

/// What is to become of the PTRs of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Set,
    Add,
    Delete,
}

/// A request about one address, read.
#[derive(Debug)]
pub(crate) struct Write {
    pub deed: Deed,
    pub address: IpAddr,
    /// Packed; empty for a deletion of all.
    names: Vec<u8>,
    ttl: Option<Ttl>,
    expect: Option<String>,
}

impl Write {
    /// Shows the names that it sets or adds.
    pub fn ptr_targets(&self, show: &mut ShowTarget<'_>) {
        if self.deed != Deed::Delete {
            let set = PtrSet { ttl: self.ttl, names: &self.names };
            set.wire_names().for_each(|name| show(self.address, name));
        }
    }

    /// Reads `ptr set` and `ptr add`.
    pub fn read(deed: Deed, write: &PtrWrite) -> Result<Write, Problem> {
        let rules = Rules { underscore: write.lax, reverse: false };
        let names = read_names(&write.names, rules).map_err(|problem| problem.field("names"))?;
        if names.is_empty() {
            return Err(bad("no name was given")
                .field("names")
                .hint("to remove the PTRs of an address: `ptrctl ptr delete ADDRESS`"));
        }
        let ttl = write.ttl.map(read_ttl).transpose().map_err(|problem| problem.field("ttl"))?;
        Ok(Write { deed, address: read_address(&write.address)?, names, ttl, expect: write.expect.clone() })
    }

    /// Reads `ptr delete`.
    pub fn read_delete(address: &str, names: &[String], expect: Option<&String>) -> Result<Write, Problem> {
        let address = read_address(address)?;
        // What stands there may break a rule that was laxer when it was written.
        let names = read_names(names, Rules { underscore: true, reverse: true })?;
        Ok(Write { deed: Deed::Delete, address, names, ttl: None, expect: expect.cloned() })
    }
}

pub(crate) fn read_address(text: &str) -> Result<IpAddr, Problem> {
    text.parse().map_err(|_| bad(format!("{} is no IP address", quote(text))).field("address"))
}

pub(crate) fn read_ttl(seconds: u32) -> Result<Ttl, Problem> {
    if seconds > Ttl::MAX.as_secs() {
        return Err(invalid(format!(
            "the TTL {seconds} is too large: at most {} seconds (RFC 2181 §8)",
            Ttl::MAX.as_secs()
        )));
    }
    Ok(Ttl::from_secs(seconds))
}

fn read_names(names: &[String], rules: Rules) -> Result<Vec<u8>, Problem> {
    // First of all: the search for twins below is quadratic.
    if names.len() > MAX_TARGETS {
        return Err(too_many(names.len()));
    }
    let mut packed = Vec::with_capacity(names.iter().map(|name| name.len() + 2).sum());
    let mut starts = Vec::with_capacity(names.len());
    for text in names {
        let start = packed.len();
        push_host(text, rules, &mut packed).map_err(|error| refused(text, &error))?;
        let name = &packed[start..];
        let twice = starts.iter().any(|&(from, to): &(usize, usize)| same_target(&packed[from..to], name));
        if twice {
            return Err(invalid(format!("{} is given twice", quote(text))));
        }
        starts.push((start, packed.len()));
    }
    Ok(packed)
}

pub(crate) fn refused(text: &str, error: &HostError) -> Problem {
    invalid(format!("{} {error}", quote(text)))
}

fn too_many(names: usize) -> Problem {
    invalid(format!("{names} PTRs at one address: at most {MAX_TARGETS} are allowed"))
}

/// The PTR RRset of an address in packed form, in a buffer that is used again and again.
pub(crate) fn packed<'b>(ptr: Option<PtrRef<'_>>, buffer: &'b mut Vec<u8>) -> Option<PtrSet<'b>> {
    buffer.clear();
    let ptr = ptr?;
    ptr.pack_into(buffer);
    Some(PtrSet { ttl: (!ptr.is_inherited()).then(|| ptr.ttl()), names: buffer })
}

/// Whether two targets make the same PTR record.
pub(crate) fn same_target(a: &[u8], b: &[u8]) -> bool {
    same_rdata(RecordType::PTR, a, b)
}

/// The version of a PTR RRset, for `expect`: of its own TTL and its targets, in whatever order.
pub(crate) fn version(set: Option<PtrSet<'_>>) -> String {
    let Some(set) = set else { return ABSENT.to_owned() };
    let mut names: Vec<&[u8]> = set.wire_names().collect();
    names.sort_unstable();
    let mut hasher = blake3::Hasher::new();
    hasher.update(&set.ttl.map_or(u32::MAX, Ttl::as_secs).to_be_bytes());
    names.iter().for_each(|name| {
        hasher.update(name);
    });
    hasher.finalize().to_hex()[..16].to_owned()
}

/// Whether two sets say the same: the order of targets does not count, their letter case does.
pub(crate) fn same(a: &PtrSet<'_>, b: &PtrSet<'_>) -> bool {
    if a.ttl != b.ttl || a.names.len() != b.names.len() {
        return false;
    }
    a.names == b.names || {
        let sorted = |set: &PtrSet<'_>| {
            let mut names: Vec<Vec<u8>> = set.wire_names().map(<[u8]>::to_vec).collect();
            names.sort_unstable();
            names
        };
        sorted(a) == sorted(b)
    }
}

/// Plans the request.
pub(crate) fn plan(plan: &mut Plan<'_>, rights: &Rights, write: &Write) -> Result<String, Problem> {
    let address = write.address;
    let mut buffer = Vec::new();
    let snapshot = &plan.base.snapshot;
    let before = packed(snapshot.addresses().ptr(address), &mut buffer);
    if write.deed == Deed::Delete
        && before.is_none()
        && write.names.is_empty()
        && pending::forget(plan, address)
    {
        return Ok(pending::dropped(address));
    }
    let zone = match write.deed {
        // Also where nothing could be set any more: what a delegation or a zone hid must go away somehow.
        Deed::Delete => ShowingZones::default().at(plan.declared(), address),
        Deed::Set | Deed::Add => {
            Places::new(&plan.base.declared, snapshot, rights.clone()).zone_for(address)?
        }
    };
    version::check(|| format!("the PTR of {address}"), write.expect.as_ref(), || version(before))?;
    let names;
    let after = match write.deed {
        Deed::Set => Some(PtrSet { ttl: write.ttl, names: &write.names }),
        Deed::Add => {
            names = added(before, &write.names);
            Some(PtrSet { ttl: write.ttl.or(before.and_then(|set| set.ttl)), names: &names })
        }
        Deed::Delete => {
            let before = before.ok_or_else(|| {
                let computed = snapshot.addresses().computed_ptr(address);
                let hint = match computed.map(|computed| computed.named().template()) {
                    Some(template) => format!(
                        "its name follows from the template {template}: `ptrctl block set RANGE --template none` \
                         takes it from the whole block, `ptrctl ptr set` gives the address another one"
                    ),
                    None => format!("set one: `ptrctl ptr set {address} NAME`"),
                };
                not_found(format!("{address} has no PTR")).hint(hint)
            })?;
            names = without(address, before, &write.names)?;
            (!names.is_empty()).then_some(PtrSet { ttl: before.ttl, names: &names })
        }
    };
    if let Some(after) = &after {
        let targets = after.wire_names().count();
        if targets > MAX_TARGETS {
            return Err(too_many(targets));
        }
        if before.is_some_and(|before| same(&before, after)) {
            pending::forget(plan, address);
            return Ok(format!("{address} has that PTR already"));
        }
        if write.deed != Deed::Delete && fate(plan, address, before, after)? == Fate::Hold {
            return Ok(format!("{} waits until its name resolves back", summary(address, Some(*after))));
        }
    }
    pending::forget(plan, address);
    let mut edits = PtrEdits::new();
    edits.push(PtrEdit { address, before, after });
    let summary = summary(address, after);
    plan.put_ptrs(edits);
    if let Some(zone) = zone {
        plan.mark(zone);
    }
    Ok(summary)
}

/// Whether the names that come are set or wait; those that wait do so afterwards.
fn fate(
    plan: &mut Plan<'_>,
    address: IpAddr,
    before: Option<PtrSet<'_>>,
    after: &PtrSet<'_>,
) -> Result<Fate, Problem> {
    let (declared, evidence) = (plan.declared().clone(), plan.evidence().clone());
    let mut judge = FcrdnsJudge::new(plan.base, &evidence);
    let fate = judge.judge(address, before, after).map_err(fcrdns::refused)?;
    plan.confirm(judge.told());
    if fate == Fate::Hold {
        // What waits is set without being asked for again: what filters have against it is to be said now.
        generic::judge_one(&declared, address, before, after)?.into_iter().for_each(|text| plan.warn(text));
        pending::check_room(plan, 1)?;
        pending::hold(plan, address, after)?;
    }
    Ok(fate)
}

fn summary(address: IpAddr, after: Option<PtrSet<'_>>) -> String {
    let Some(after) = after else { return format!("{address}: PTR deleted") };
    let names = after.to_names();
    match names.as_slice() {
        [one] => format!("{address} PTR {one}"),
        [first, rest @ ..] => format!("{address} PTR {first} and {} more", rest.len()),
        [] => format!("{address}: {}", count(0, "PTR")),
    }
}

fn added(before: Option<PtrSet<'_>>, more: &[u8]) -> Vec<u8> {
    let mut names = before.map(|set| set.names.to_vec()).unwrap_or_default();
    let more = PtrSet { ttl: None, names: more };
    for name in more.wire_names() {
        let known = before.is_some_and(|set| set.wire_names().any(|known| same_target(known, name)));
        if !known {
            names.extend_from_slice(name);
        }
    }
    names
}

/// What is left without the given names; nothing if none is given.
fn without(address: IpAddr, before: PtrSet<'_>, names: &[u8]) -> Result<Vec<u8>, Problem> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let names = PtrSet { ttl: None, names };
    let is_there = |name: &[u8]| before.wire_names().any(|known| same_target(known, name));
    if let Some(missing) = names.wire_names().find(|name| !is_there(name)) {
        let missing = PtrSet { ttl: None, names: missing }.to_names();
        return Err(not_found(format!("{address} has no PTR {}", crate::problem::some(&missing, 1)))
            .hint(format!("`ptrctl ptr get {address}` shows what it has")));
    }
    let goes = |name: &[u8]| names.wire_names().any(|gone| same_target(gone, name));
    Ok(before.wire_names().filter(|name| !goes(name)).flatten().copied().collect())
}

//! PTRs that wait for their names to resolve back, beside what their addresses have.
//!
//! Each is a setting of the store, by address: so it is in the log with what it waits for, comes to standbys, and is rolled
//! back like all else. Of its tenant's blocks it stays only while the address is that tenant's. A change by the daemon
//! itself sets it once its names resolve, or drops it when its time is over.

use crate::authorise::Role;
use crate::fcrdns::targets;
use crate::generic;
use crate::place::{Places, belongs_to};
use crate::plan::{NamesDue, Plan, Settings};
use crate::problem::{conflict, count, internal, not_found};
use crate::promise::Promises;
use crate::ptr::{packed, read_address};
use crate::publish::View;
use crate::request::ShowTarget;
use crate::rights::Rights;
use crate::tenant::tenant_name;
use crate::view::{page, page_limit};
use ptrd_api::{Page, PendingFilter, PendingView, Problem};
use ptrd_posture::{Verdict, record, verdict};
use ptrd_store::Edit;
use ptrd_wire::{AddrRange, Name, Ttl, ip_to_bits};
use ptrd_zone::model::TenantId;
use ptrd_zone::{PtrEdit, PtrEdits, PtrSet, pack_names};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What the names of these settings start with.
const PREFIX: &str = "pending/";
/// How many may wait: they are held in memory, and a change of one costs a copy of all.
const MOST: usize = 65_536;

/// What waits at an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Held {
    tenant: TenantId,
    names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<u32>,
    /// Milliseconds since 1970 UTC.
    since: i64,
    until: i64,
}

/// What waits, for whoever looks after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Where.
    pub address: IpAddr,
    /// The names.
    pub names: Vec<Name>,
    /// When its time is over, milliseconds since 1970 UTC.
    pub until: i64,
}

/// What is to be done about PTRs that wait.
#[derive(Debug)]
pub(crate) enum PendingDeed {
    /// Somebody does not want it any more.
    Drop(IpAddr),
    /// Set those whose names resolve by now, drop those whose time is over.
    Settle(Vec<IpAddr>),
}

impl PendingDeed {
    pub fn read_drop(address: &str) -> Result<PendingDeed, Problem> {
        read_address(address).map(PendingDeed::Drop)
    }

    /// Shows the names that wait where it is to be seen whether they resolve.
    pub fn ptr_targets(&self, plan: &Plan<'_>, show: &mut ShowTarget<'_>) {
        let PendingDeed::Settle(addresses) = self else { return };
        for address in addresses {
            let held = plan.base.settings.get(&key(*address)).and_then(|value| read(value).ok());
            let names = held.and_then(|held| names_of(&held).ok());
            names.iter().flatten().for_each(|name| show(*address, name.as_wire()));
        }
    }
}

fn key(address: IpAddr) -> String {
    format!("{PREFIX}{address}")
}

fn all(settings: &Settings) -> impl Iterator<Item = (IpAddr, &String)> {
    let from = settings.range(PREFIX.to_owned()..);
    let here = from.map_while(|(name, value)| Some((name.strip_prefix(PREFIX)?, value)));
    here.filter_map(|(address, value)| Some((address.parse().ok()?, value)))
}

/// Where anything waits, in the order of the settings' names.
pub(crate) fn addresses(settings: &Settings) -> impl Iterator<Item = IpAddr> + use<'_> {
    all(settings).map(|(address, _)| address)
}

fn read(value: &str) -> Result<Held, Problem> {
    serde_json::from_str(value).map_err(|error| internal(format!("a PTR that waits: {error}")))
}

fn names_of(held: &Held) -> Result<Vec<Name>, Problem> {
    let names =
        held.names.iter().map(|name| name.parse().map_err(|_| internal(format!("a PTR that waits: {name}"))));
    names.collect()
}

/// The address that a setting lets names wait at.
pub(crate) fn address(name: &str) -> Option<IpAddr> {
    name.strip_prefix(PREFIX)?.parse().ok()
}

/// Whose names wait by a setting.
pub(crate) fn owner(name: &str, value: &str) -> Option<TenantId> {
    address(name)?;
    Some(read(value).ok()?.tenant)
}

/// The address that a setting is about, if it says what waits there before a change and after it, and that is the tenant's.
pub(crate) fn waited(rights: &Rights, name: &str, values: [Option<&str>; 2]) -> Option<IpAddr> {
    let is_its = |value: &str| owner(name, value).is_some_and(|owner| Some(owner) == rights.tenant());
    address(name).filter(|_| values.into_iter().flatten().all(is_its))
}

/// Refuses where so many more cannot wait.
pub(crate) fn check_room(plan: &Plan<'_>, more: usize) -> Result<(), Problem> {
    match all(&plan.next.settings).count() + more > MOST {
        true => Err(conflict(format!(
            "more than {} would wait for their names to resolve",
            count(MOST as u64, "PTR")
        ))
        .hint("`ptrctl pending list`; create their forward records, or drop some")),
        false => Ok(()),
    }
}

/// Lets names wait at an address, in the place of what waits there.
pub(crate) fn hold(plan: &mut Plan<'_>, address: IpAddr, set: &PtrSet<'_>) -> Result<(), Problem> {
    let settings = &plan.next.settings;
    let before = settings.get(&key(address)).cloned();
    let tenant = plan.declared().block_of(address).map(|block| block.tenant);
    let tenant = tenant.ok_or_else(|| internal(format!("{address} waits, and is in no block")))?;
    let names: Vec<String> = set.to_names().iter().map(Name::to_string).collect();
    let patience = plan.evidence().patience;
    let held = Held {
        tenant,
        names,
        ttl: set.ttl.map(Ttl::as_secs),
        since: plan.now,
        until: plan.now.saturating_add(patience),
    };
    let known = before.as_deref().and_then(|before| read(before).ok());
    if known.is_some_and(|known| Held { since: held.since, until: held.until, ..known } == held) {
        return Ok(());
    }
    let after = serde_json::to_string(&held).map_err(|error| internal(error.to_string()))?;
    plan.edit(Edit::Setting { name: key(address), before, after: Some(after) });
    Ok(())
}

/// What waits at addresses that are set does so no longer; what is held waits from now on.
pub(crate) fn replace(plan: &mut Plan<'_>, set: &PtrEdits, held: &PtrEdits) -> Result<(), Problem> {
    if all(&plan.next.settings).next().is_some() {
        set.iter().for_each(|edit| {
            forget(plan, edit.address);
        });
    }
    if !held.is_empty() {
        check_room(plan, held.len())?;
    }
    held.iter()
        .filter_map(|edit| Some((edit.address, edit.after?)))
        .try_for_each(|(at, set)| hold(plan, at, &set))
}

/// What waits at an address does so no longer; whether anything did.
pub(crate) fn forget(plan: &mut Plan<'_>, address: IpAddr) -> bool {
    let before = plan.next.settings.get(&key(address)).cloned();
    let was = before.is_some();
    if was {
        plan.edit(Edit::Setting { name: key(address), before, after: None });
    }
    was
}

/// Says so of an address at which [`forget`] found something.
pub(crate) fn dropped(address: IpAddr) -> String {
    format!("{address}: what waited was dropped")
}

/// Plans a deed.
pub(crate) fn plan(plan: &mut Plan<'_>, rights: &Rights, deed: &PendingDeed) -> Result<String, Problem> {
    match deed {
        PendingDeed::Drop(address) => {
            belongs_to(plan.declared(), rights, *address)?;
            if !forget(plan, *address) {
                return Err(not_found(format!("nothing waits at {address}")).hint("`ptrctl pending list`"));
            }
            Ok(dropped(*address))
        }
        PendingDeed::Settle(addresses) => settle(plan, addresses),
    }
}

/// What is done with what waits at an address.
enum Settled {
    Set(Box<[u8]>, Option<Ttl>),
    Dropped(&'static str),
    Waits,
}

fn settle(plan: &mut Plan<'_>, addresses: &[IpAddr]) -> Result<String, Problem> {
    let (mut edits, mut buffer) = (PtrEdits::new(), Vec::new());
    let (mut set, mut dropped) = (0, 0);
    let (declared, snapshot) = (plan.base.declared.clone(), plan.base.snapshot.clone());
    let mut places = Places::new(&declared, &snapshot, Role::Operator.into());
    let mut promises = Promises::new(&declared, &snapshot);
    for &address in addresses {
        let Some(value) = plan.next.settings.get(&key(address)).cloned() else { continue };
        match fate(plan, &mut promises, address, &read(&value)?)? {
            Settled::Waits => continue,
            Settled::Dropped(why) => {
                dropped += 1;
                plan.tell(address, "dropped", why);
            }
            Settled::Set(names, ttl) => {
                let before = packed(snapshot.addresses().ptr(address), &mut buffer);
                let after = PtrSet { ttl, names: &names };
                // Rules may have changed since.
                let judged = generic::judge_one(&declared, address, before, &after);
                match judged.and_then(|_| places.zone_for(address)) {
                    Ok(zone) => {
                        edits.push(PtrEdit { address, before, after: Some(after) });
                        zone.into_iter().for_each(|zone| plan.mark(zone));
                        set += 1;
                        plan.tell(address, "set", "its names resolve");
                    }
                    Err(problem) => {
                        dropped += 1;
                        plan.tell(address, "dropped", problem.message);
                    }
                }
            }
        }
        forget(plan, address);
    }
    plan.names_are_due(NamesDue::Nothing);
    plan.put_ptrs(edits);
    Ok(format!("PTRs that waited: {set} set, {dropped} dropped"))
}

fn fate(
    plan: &Plan<'_>,
    promises: &mut Promises<'_>,
    address: IpAddr,
    held: &Held,
) -> Result<Settled, Problem> {
    if plan.declared().block_of(address).map(|block| block.tenant) != Some(held.tenant) {
        return Ok(Settled::Dropped("the address has another tenant"));
    }
    let names = names_of(held)?;
    if verdict(&targets(plan.evidence(), promises, address, &names)) == Verdict::Verified {
        return Ok(Settled::Set(pack_names(&names), held.ttl.map(Ttl::from_secs)));
    }
    Ok(if held.until <= plan.now { Settled::Dropped("its time is over") } else { Settled::Waits })
}

impl View {
    /// All that wait, in the order of the settings' names.
    pub fn waiting(&self) -> Vec<Waiting> {
        let waiting = |(address, value): (IpAddr, &String)| {
            let held = read(value).ok()?;
            Some(Waiting { address, names: names_of(&held).ok()?, until: held.until })
        };
        all(&self.settings).filter_map(waiting).collect()
    }

    /// How many addresses names wait at.
    pub fn waiting_count(&self) -> usize {
        all(&self.settings).count()
    }

    /// Whether what waits at an address is of another tenant than the address.
    pub fn waits_for_another(&self, address: IpAddr) -> bool {
        let held = self.settings.get(&key(address)).and_then(|value| read(value).ok());
        let tenant = self.declared.block_of(address).map(|block| block.tenant);
        held.is_some_and(|held| tenant != Some(held.tenant))
    }

    /// PTRs that wait for their names to resolve back, in the order of addresses.
    ///
    /// # Errors
    /// A filter that makes no sense.
    pub fn pending(&self, filter: &PendingFilter) -> Result<Page<PendingView>, Problem> {
        let within = filter.within.as_deref().map(crate::request::read_range).transpose()?;
        let after = filter.after.as_deref().map(read_address).transpose()?.map(ip_to_bits);
        let is_asked = |address: IpAddr| {
            self.sees_address(address)
                && within.as_ref().is_none_or(|range: &AddrRange| range.contains(address))
                && after.is_none_or(|after| ip_to_bits(address) > after)
        };
        let mut found: Vec<(IpAddr, &String)> =
            all(&self.settings).filter(|(address, _)| is_asked(*address)).collect();
        found.sort_unstable_by_key(|(address, _)| ip_to_bits(*address));
        let views = found.into_iter().filter_map(|(address, value)| {
            let held = read(value).ok()?;
            Some(PendingView {
                address: address.to_string(),
                tenant: tenant_name(&self.declared, held.tenant),
                records: held.names.iter().map(|name| record(name, address)).collect(),
                names: held.names,
                ttl: held.ttl,
                since: crate::history::time(held.since),
                until: crate::history::time(held.until),
            })
        });
        Ok(page(views, page_limit(filter.limit), |view| view.address.clone()))
    }
}

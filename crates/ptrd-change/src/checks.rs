//! How it stands with addresses whose names must resolve back: told by whoever looks, and kept by the store, without a line
//! of the log.
//!
//! What was told and is not written yet is held here, by address, and readers see it. A crash takes along a second of it,
//! which is looked up again. Which addresses fail is held here too, once somebody has asked: maps and lists of them would go
//! through all that were looked at, time and again.

use crate::gathered::Gathered;
use crate::problem::{internal, store, store_trouble};
use crate::road::Road;
use crate::view::rest_of;
use crate::writer::Writer;
use imbl::OrdSet;
use ptrd_api::{Problem, code};
use ptrd_posture::{Standing, Verdict};
use ptrd_store::{CheckRow, Store};
use ptrd_wire::{AddrRange, Family, ip_to_bits};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many may wait for a store that does not take them; what comes after is not kept.
const MOST: usize = 100_000;

/// Rows that are read at a time to find those that fail.
const PAGE: usize = 4_096;

/// How it stands with an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The address.
    pub address: IpAddr,
    /// How it stands; `None` for an address that is looked at no longer.
    pub standing: Option<Standing>,
    /// Whether others were told of the last transition.
    pub told: bool,
}

/// The addresses that fail, as they were at a moment.
#[derive(Clone, Debug, Default)]
pub struct Failing(OrdSet<IpAddr>);

impl Failing {
    /// Those of a range, in order.
    pub fn within(&self, range: &AddrRange) -> impl Iterator<Item = IpAddr> + use<'_> {
        self.0.range(range.first()..=range.last()).copied()
    }

    /// Those after an address, or all, in the order of addresses.
    pub fn after(&self, address: Option<IpAddr>) -> impl Iterator<Item = IpAddr> + use<'_> {
        let from = address.map_or(Bound::Unbounded, Bound::Excluded);
        self.0.range((from, Bound::Unbounded)).copied()
    }
}

/// How much is known of which addresses fail.
#[derive(Default)]
enum Known {
    #[default]
    Nothing,
    /// The store is being read; meanwhile these came to fail, or not to.
    Reading(BTreeMap<IpAddr, bool>),
    All(OrdSet<IpAddr>),
}

/// What the road's handle and the writer share of it.
#[derive(Default)]
pub(crate) struct Unwritten {
    rows: Gathered<IpAddr, CheckRow>,
    failing: Mutex<Known>,
}

impl Unwritten {
    fn rows(&self) -> MutexGuard<'_, BTreeMap<IpAddr, CheckRow>> {
        self.rows.rows()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was known of the store before is not so of the one that takes its place.
    pub fn forget_failing(&self) {
        *self.known() = Known::Nothing;
    }

    fn failing(&self) -> Option<Failing> {
        match &*self.known() {
            Known::All(all) => Some(Failing(all.clone())),
            _ => None,
        }
    }

    fn note(&self, checked: &Checked) {
        let fails = fails(checked);
        match &mut *self.known() {
            Known::Nothing => {}
            Known::Reading(meanwhile) => {
                meanwhile.insert(checked.address, fails);
            }
            Known::All(all) => put(all, checked.address, fails),
        }
    }

    /// Reads which addresses fail. For one caller at a time.
    fn read_failing(&self, reader: &mut dyn Store) -> Result<Failing, Problem> {
        *self.known() = Known::Reading(BTreeMap::new());
        let fresh = self.rows().clone();
        let mut all = OrdSet::new();
        let done = each_row(reader, |row| {
            put(&mut all, row.address, fails(&of_row(row)?));
            Ok(())
        });
        let done = done.and_then(|()| {
            fresh.values().try_for_each(|row| {
                let fails = !row.standing.is_empty() && fails(&of_row(row)?);
                put(&mut all, row.address, fails);
                Ok(())
            })
        });
        let mut known = self.known();
        let meanwhile = match std::mem::take(&mut *known) {
            Known::Reading(meanwhile) => meanwhile,
            // Another store is in place by now: what was read is of the one before.
            _ => return Err(Problem::new(code::BUSY, "the store was replaced meanwhile").hint("try again")),
        };
        done?;
        meanwhile.into_iter().for_each(|(address, fails)| put(&mut all, address, fails));
        *known = Known::All(all.clone());
        Ok(Failing(all))
    }
}

fn fails(checked: &Checked) -> bool {
    checked.standing.as_ref().is_some_and(|standing| standing.verdict() == Verdict::Failing)
}

fn put(all: &mut OrdSet<IpAddr>, address: IpAddr, fails: bool) {
    if fails {
        all.insert(address);
    } else {
        all.remove(&address);
    }
}

/// Goes through all rows.
fn each_row(
    reader: &mut dyn Store,
    mut each: impl FnMut(&CheckRow) -> Result<(), Problem>,
) -> Result<(), Problem> {
    for family in [Family::V4, Family::V6] {
        let mut rest = Some(AddrRange::of_prefix(family, 0, 0));
        while let Some(range) = rest {
            let rows = reader.checks(&range, PAGE).map_err(|error| store(&error))?;
            rows.iter().try_for_each(&mut each)?;
            rest =
                rows.last().filter(|_| rows.len() == PAGE).and_then(|row| rest_of(&range, Some(row.address)));
        }
    }
    Ok(())
}

fn row_of(checked: Checked) -> CheckRow {
    let standing = checked.standing.and_then(|standing| serde_json::to_string(&standing).ok());
    CheckRow { address: checked.address, told: checked.told, standing: standing.unwrap_or_default() }
}

fn of_row(row: &CheckRow) -> Result<Checked, Problem> {
    let standing = serde_json::from_str(&row.standing);
    let standing = standing.map_err(|error| internal(format!("how {} stands: {error}", row.address)))?;
    Ok(Checked { address: row.address, standing: Some(standing), told: row.told })
}

impl Road {
    /// Tells how addresses stand. The store has it a little later; readers at once.
    pub fn checked(&self, checked: impl IntoIterator<Item = Checked>) {
        let mut rows = self.shared.checks.rows();
        for checked in checked {
            self.shared.checks.note(&checked);
            let row = row_of(checked);
            if rows.len() < MOST || rows.contains_key(&row.address) {
                rows.insert(row.address, row);
            }
        }
    }

    /// How addresses of a range stand that were looked at, in the order of addresses; at most `limit`.
    ///
    /// # Errors
    /// A [`Problem`] when the store cannot be read.
    pub async fn checks(&self, range: AddrRange, limit: usize) -> Result<Vec<Checked>, Problem> {
        // First what is not written yet: what is written meanwhile is found twice, and not never.
        let fresh = self.shared.checks.rows().clone();
        self.with_log(move |_, reader| {
            let stored = reader.checks(&range, limit).map_err(|error| store(&error))?;
            let complete = stored.len() < limit;
            let last = stored.last().map(|row| ip_to_bits(row.address));
            let mut rows: BTreeMap<_, _> =
                stored.into_iter().map(|row| (ip_to_bits(row.address), row)).collect();
            for (address, row) in fresh.into_iter().filter(|(address, _)| range.contains(*address)) {
                let at = ip_to_bits(address);
                if complete || last.is_some_and(|last| at <= last) {
                    rows.insert(at, row);
                }
            }
            rows.values().filter(|row| !row.standing.is_empty()).take(limit).map(of_row).collect()
        })
        .await
    }

    /// The addresses whose names fail.
    ///
    /// # Errors
    /// A [`Problem`] when the store cannot be read.
    pub async fn failing(&self) -> Result<Failing, Problem> {
        if let Some(failing) = self.shared.checks.failing() {
            return Ok(failing);
        }
        let shared = self.shared.clone();
        // Whoever waited for the reader may find that another one has read them.
        self.with_log(move |_, reader| {
            shared.checks.failing().map_or_else(|| shared.checks.read_failing(reader), Ok)
        })
        .await
    }

    /// How many addresses have names that fail; `None` while nobody has asked which.
    pub fn failing_count(&self) -> Option<u64> {
        self.shared.checks.failing().map(|failing| failing.0.len() as u64)
    }

    /// How these addresses stand, where they were looked at.
    ///
    /// # Errors
    /// A [`Problem`] when the store cannot be read.
    pub async fn checks_at(&self, addresses: Vec<IpAddr>) -> Result<Vec<Checked>, Problem> {
        let shared = self.shared.clone();
        self.with_log(move |_, reader| {
            let mut found = Vec::with_capacity(addresses.len());
            for address in addresses {
                let fresh = shared.checks.rows().get(&address).cloned();
                let row = match fresh {
                    Some(row) => Some(row),
                    None => {
                        let rows = reader.checks(&AddrRange::single(address), 1);
                        rows.map_err(|error| store(&error))?.pop()
                    }
                };
                found.extend(row.filter(|row| !row.standing.is_empty()).map(|row| of_row(&row)).transpose()?);
            }
            Ok(found)
        })
        .await
    }

    /// Those whose last transition others are still to be told of; at most `limit`.
    ///
    /// # Errors
    /// A [`Problem`] when the store cannot be read.
    pub async fn untold_checks(&self, limit: usize) -> Result<Vec<Checked>, Problem> {
        let fresh = self.shared.checks.rows().clone();
        self.with_log(move |_, reader| {
            let stored = reader.untold_checks(limit).map_err(|error| store(&error))?;
            let stored = stored.into_iter().filter(|row| !fresh.contains_key(&row.address));
            let rows: Vec<CheckRow> = stored.chain(fresh.values().cloned()).collect();
            let untold = rows.iter().filter(|row| !row.told && !row.standing.is_empty());
            untold.take(limit).map(of_row).collect()
        })
        .await
    }
}

impl Writer {
    /// Writes how addresses stand, now and then, or `at_once`.
    pub fn settle_checks(&mut self, at_once: bool) {
        let shared = self.shared.clone();
        let when = (shared.posted.is_primary(), at_once);
        let settled = shared.checks.rows.settle(&mut self.resting, when, |rows| self.store.put_checks(rows));
        if let Err((addresses, error)) = settled {
            tracing::warn!(
                error = %store_trouble(&error), addresses,
                "how addresses stand could not be written; it will be tried again"
            );
        }
    }
}

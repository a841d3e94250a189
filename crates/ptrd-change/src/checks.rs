//! How it stands with addresses whose names must resolve back: told by whoever looks, and kept by the store, without a line
//! of the log.
//!
//! What was told and is not written yet is held here, by address, and readers see it. A crash takes along a second of it,
//! which is looked up again.

use crate::problem::{internal, store, store_trouble};
use crate::road::Road;
use crate::writer::Writer;
use ptrd_api::Problem;
use ptrd_posture::Standing;
use ptrd_store::CheckRow;
use ptrd_wire::{AddrRange, ip_to_bits};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long to gather for the store: each time costs a sync.
const GATHER: Duration = Duration::from_secs(1);
/// So many may wait for a store that does not take them; what comes after is not kept.
const MOST: usize = 100_000;

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

/// What the road's handle and the writer share of it.
#[derive(Default)]
pub(crate) struct Unwritten {
    rows: Mutex<BTreeMap<IpAddr, CheckRow>>,
}

impl Unwritten {
    fn rows(&self) -> MutexGuard<'_, BTreeMap<IpAddr, CheckRow>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
        for row in checked.into_iter().map(row_of) {
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

/// When the writer may write again.
#[derive(Default)]
pub(crate) struct Rest(Option<Instant>);

impl Writer {
    /// Writes how addresses stand, now and then, or `at_once`.
    pub fn settle_checks(&mut self, at_once: bool) {
        if self.resting.0.is_some_and(|until| Instant::now() < until) && !at_once {
            return;
        }
        let rows: Vec<CheckRow> = self.shared.checks.rows().values().cloned().collect();
        if rows.is_empty() {
            return;
        }
        if !self.shared.posted.is_primary() {
            self.shared.checks.rows().clear();
            return;
        }
        self.resting.0 = Some(Instant::now() + GATHER);
        match self.store.put_checks(&rows) {
            Ok(()) => {
                let mut waiting = self.shared.checks.rows();
                for row in rows {
                    // It may stand otherwise by now.
                    if waiting.get(&row.address) == Some(&row) {
                        waiting.remove(&row.address);
                    }
                }
            }
            Err(error) => tracing::warn!(
                error = %store_trouble(&error), addresses = rows.len(),
                "how addresses stand could not be written; it will be tried again"
            ),
        }
    }
}

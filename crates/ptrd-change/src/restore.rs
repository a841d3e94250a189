//! A backup that takes a store's place: what must not go back with it.
//!
//! Zones go on from the highest serial that anybody is known to hold, or secondaries would wait for days for the one
//! that they have already (RFC 1982, RFC 1996). Numbers of changes, tenants, blocks and zones go on from the highest
//! that were given, here or in the store that is replaced. A zone that came signed keeps its serial.

use crate::examine::{Reading, examine};
use crate::load::Builder;
use crate::plan::{LAST_SERIAL, Numbers, State};
use ptrd_store::{Commit, Edit, Loaded, Restored, Restoring, StoreError, Watch};
use ptrd_wire::{Name, Serial};
use ptrd_zone::model::{ZoneId, ZoneKind};
use std::collections::BTreeMap;
use std::path::Path;

/// Why a backup was not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The store, or the backup.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A serial that is neither before nor after another (RFC 1982 §3.2).
    #[error(
        "the zone {apex} has the serial {restored} in the backup, and somebody holds {held}: half of all serials lie \
         between them, so none follows both; make that secondary fetch the zone anew, or leave it out"
    )]
    Incomparable {
        /// The zone.
        apex: Name,
        /// What the backup has.
        restored: Serial,
        /// What somebody holds.
        held: Serial,
    },
}

/// A backup on its way into a store's place.
pub struct Restore {
    restoring: Restoring,
    state: State,
    /// The highest serial that is known to be held.
    held: BTreeMap<Name, Serial>,
    replaced: Loaded,
    last_serial: u32,
}

/// Who restores, for the log.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct By {
    pub actor: String,
    pub reason: Option<String>,
    /// Milliseconds since 1970 UTC.
    pub now: i64,
}

/// What came of it.
#[derive(Debug)]
pub struct RestoreDone {
    /// The change that says so in the log.
    pub change: u64,
    /// The newest change of the backup.
    pub backup: u64,
    /// Zones, each with the serial in the backup and the present one.
    pub zones: Vec<(Name, Serial, Serial)>,
    /// Where the store that was there is now.
    pub aside: Option<std::path::PathBuf>,
}

impl Restore {
    /// Takes hold of the store's place, and reads and checks the backup.
    ///
    /// # Errors
    /// [`StoreError`]: `Locked` while a daemon has the store.
    pub fn begin(backup: &Path, store: &Path, watch: &mut dyn Watch) -> Result<Restore, StoreError> {
        let mut builder = Builder::default();
        let mut reading = Reading { watch, unread: None };
        let restoring = Restoring::begin(backup, store, &mut builder, &mut reading)?;
        let Reading { watch, unread } = reading;
        // No daemon would start on it, and the serials of zones are not known.
        if let Some(detail) = unread {
            return Err(StoreError::Corrupt { path: backup.display().to_string(), detail });
        }
        let loaded = restoring.loaded();
        let numbers = Numbers { change: loaded.last_change, ..Numbers::default() };
        let last_serial = builder.last_serial();
        let state = builder.finish(numbers).state;
        examine(&state, &mut |finding| watch.found(finding));
        let held = BTreeMap::new();
        Ok(Restore { restoring, state, held, replaced: Loaded::default(), last_serial })
    }

    /// The zones in the backup.
    pub fn zones(&self) -> Vec<Name> {
        self.state.declared.zones().map(|zone| zone.apex.clone()).collect()
    }

    /// Somebody holds this zone with this serial.
    pub fn holds(&mut self, apex: &Name, serial: Serial) {
        let known = self.held.entry(apex.clone()).or_insert(serial);
        if serial.is_after(*known) {
            *known = serial;
        }
    }

    /// Somebody may hold any zone with this serial.
    pub fn holds_all(&mut self, serial: Serial) {
        for apex in self.zones() {
            self.holds(&apex, serial);
        }
        self.keep_past(serial);
    }

    /// Takes serials and numbers from another store: what it served, secondaries hold.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    pub fn replaces(&mut self, path: &Path) -> Result<(), StoreError> {
        let mut builder = Builder::default();
        let loaded = Restoring::read(path, &mut builder)?;
        let last_serial = builder.last_serial();
        let state = builder.finish(Numbers::default()).state;
        let known = &mut self.replaced;
        known.last_change = known.last_change.max(loaded.last_change);
        known.last_tenant = known.last_tenant.max(loaded.last_tenant);
        known.last_block = known.last_block.max(loaded.last_block);
        known.last_zone = known.last_zone.max(loaded.last_zone);
        known.last_ns_set = known.last_ns_set.max(loaded.last_ns_set);
        known.last_soa_template = known.last_soa_template.max(loaded.last_soa_template);
        for meta in state.declared.zones() {
            let Some(zone) = state.snapshot.zone(&meta.apex) else { continue };
            self.holds(&meta.apex, zone.soa().serial);
            // A zone that is not in the backup may come again.
            if meta.kind != ZoneKind::Verbatim && self.state.declared.zone(&meta.apex).is_none() {
                self.keep_past(zone.soa().serial);
            }
        }
        if last_serial != 0 {
            self.keep_past(Serial(last_serial));
        }
        Ok(())
    }

    fn keep_past(&mut self, serial: Serial) {
        if self.last_serial == 0 || serial.is_after(Serial(self.last_serial)) {
            self.last_serial = serial.0;
        }
    }

    /// Moves the serials, and puts the backup into the store's place.
    ///
    /// # Errors
    /// [`RestoreError`]; then the store is what it was.
    pub fn finish(self, by: By) -> Result<RestoreDone, RestoreError> {
        let mut zones = Vec::new();
        let mut serials: Vec<(ZoneId, Serial)> = Vec::new();
        for meta in self.state.declared.zones() {
            let Some(zone) = self.state.snapshot.zone(&meta.apex) else { continue };
            let restored = zone.soa().serial;
            // The signature of its SOA holds for no other serial: whoever signs it moves it. So does the primary of a zone
            // that is followed: ahead of it, what it changes next would be missed.
            if zone.looks_signed() || self.state.snapshot.follows().of(meta.id).is_some() {
                zones.push((meta.apex.clone(), restored, restored));
                continue;
            }
            let highest = match self.held.get(&meta.apex) {
                Some(&held) if held.is_after(restored) => held,
                Some(&held) if held != restored && !restored.is_after(held) => {
                    return Err(RestoreError::Incomparable { apex: meta.apex.clone(), restored, held });
                }
                _ => restored,
            };
            zones.push((meta.apex.clone(), restored, highest.next()));
            serials.push((meta.id, highest.next()));
        }
        let backup = self.restoring.loaded().last_change;
        let change = backup.max(self.replaced.last_change) + 1;
        let before = self.state.settings.get(LAST_SERIAL).cloned();
        let after = (self.last_serial != 0).then(|| self.last_serial.to_string());
        let mut edits = Vec::new();
        if before != after {
            edits.push(Edit::Setting { name: LAST_SERIAL.to_owned(), before, after });
        }
        let commit = Commit {
            change,
            at: by.now,
            actor: by.actor,
            origin: "ptrd restore".to_owned(),
            reason: by.reason,
            kind: "restore".to_owned(),
            summary: format!("restored from a backup made after change {backup}"),
            request: serde_json::json!({ "backup": backup }).to_string(),
            edits,
            serials,
            deltas: Vec::new(),
            kept: None,
            tenants: Vec::new(),
        };
        let Restored { aside } = self.restoring.finish(&commit, self.replaced)?;
        Ok(RestoreDone { change, backup, zones, aside })
    }
}

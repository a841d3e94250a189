//! The store: what was declared, durably. Migrations, load, write; the only user of SQL.
//!
//! All of it stands behind [`Store`], held to [`conformance`] so that a second engine can take SQLite's place. The
//! store knows rows, not DNS: whether a change makes sense was decided before it gets here.

mod codec;
mod kept;
mod log;
mod memory;
mod meter;
mod pack;
mod row;
mod ship;
mod sqlite;
mod token_use;
mod watched;

pub mod conformance;
pub mod foreign;

pub use kept::KeptAnswer;
pub use memory::MemoryStore;

pub use log::{LogEntry, LogQuery, Logged, Pruned, Trimmed};
pub use meter::{Histogram, HistogramCounts, StoreCounts, StoreMeter};
pub use row::{CheckRow, Commit, DeltaStep, Edit, Setting, ZoneDelta};
pub use ship::{Duty, SHIPPED, pack_commit, unpack_commit};
pub use sqlite::{Check, Finding, LogLimits, Restored, Restoring, SqliteStore, Step, Watch, read_only};

pub use token_use::TokenUse;
pub use watched::{Watched, WatchedRow};

use ptrd_wire::{AddrRange, Serial};
use ptrd_zone::PtrSet;
use ptrd_zone::model::{Block, NsSet, Sending, SoaTemplate, Tenant, ZoneId, ZoneRecord, ZoneRow};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why the store did not do what was asked. The variants are what an operator acts on differently.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file was written by a newer ptrd.
    #[error(
        "{path} has schema version {found}, this ptrd knows versions up to {known}: start the newer ptrd again, or restore a backup made before the upgrade"
    )]
    NewerSchema {
        /// The file.
        path: String,
        /// The version in it.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// The file was written by an older ptrd, and is only to be read; 0 is an empty file.
    #[error(
        "{path} has schema version {found}, and what is only read must have version {known}: run `ptrd serve` on it once without --read-only, which migrates it"
    )]
    OlderSchema {
        /// The file.
        path: String,
        /// The version in it.
        found: u32,
        /// The version that is needed.
        known: u32,
    },
    /// The file is damaged, or no database.
    #[error("{path} is damaged or no ptrd store ({detail}): restore it from a backup")]
    Corrupt {
        /// The file.
        path: String,
        /// What the engine said.
        detail: String,
    },
    /// The file or its folder cannot be written.
    #[error("{path} cannot be written ({detail}): check owner, mode and mount of the file and its folder")]
    ReadOnly {
        /// The file.
        path: String,
        /// What the engine said.
        detail: String,
    },
    /// Another process holds it.
    #[error("{path} is locked by another process: is a second ptrd running on it?")]
    Locked {
        /// The file.
        path: String,
    },
    /// No room on the device.
    #[error("no room on the device of {path}: nothing was changed; free some space and try again")]
    Full {
        /// The file.
        path: String,
    },
    /// Whoever asked for it took it back.
    #[error("{action} {path} was ended before it was done")]
    Interrupted {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: String,
    },
    /// Anything else.
    #[error("{action} {path}")]
    Other {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: String,
        /// Why it failed.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The version of the schema that this ptrd writes.
pub fn schema_version() -> u32 {
    sqlite::KNOWN_VERSION
}

fn unsupported(action: &'static str) -> StoreError {
    let cause = "this engine cannot do that".into();
    StoreError::Other { action, path: "the store".to_owned(), cause }
}

/// Receives the rows of a store on start. PTRs come in the order of addresses, IPv4 first, so that the index is
/// built page after page. An `Err` of a sink says which row makes no sense, and ends the load as
/// [`StoreError::Corrupt`].
pub trait Sink {
    /// A setting.
    fn setting(&mut self, setting: Setting) -> Result<(), String>;
    /// A tenant.
    fn tenant(&mut self, tenant: Tenant) -> Result<(), String>;
    /// A block, in the order of numbers.
    fn block(&mut self, block: Block) -> Result<(), String>;
    /// An NS set, in the order of numbers. The one named `default` is always there.
    fn ns_set(&mut self, set: NsSet) -> Result<(), String>;
    /// A SOA template, in the order of numbers. The one named `default` is always there.
    fn soa_template(&mut self, template: SoaTemplate) -> Result<(), String>;
    /// A zone, in the order of numbers.
    fn zone(&mut self, zone: ZoneRow) -> Result<(), String>;
    /// An RRset, by zone, in canonical order of owners (RFC 4034 §6.1) within it.
    fn record(&mut self, record: ZoneRecord) -> Result<(), String>;
    /// What an address that sends mail is to be known as, in the order of addresses, IPv4 first.
    fn sending(&mut self, sending: Sending) -> Result<(), String>;
    /// The PTR RRset of an address. Hot: called for each of maybe sixteen million rows; `set` is well-formed
    /// ([`PtrSet::is_well_formed`]).
    fn ptr(&mut self, address: IpAddr, set: PtrSet<'_>) -> Result<(), String>;
}

/// What a load found besides the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// The number of the newest change in the log; 0 for a new store.
    pub last_change: u64,
    /// The highest number ever given to a tenant, a block, a zone: removed ones count.
    pub last_tenant: u32,
    /// See `last_tenant`.
    pub last_block: u32,
    /// See `last_tenant`.
    pub last_zone: u32,
    /// See `last_tenant`; 1 in a new store.
    pub last_ns_set: u32,
    /// See `last_tenant`; 1 in a new store.
    pub last_soa_template: u32,
}

/// A durable home for what was declared, and for the log of how it came about.
pub trait Store: Send {
    /// Reads everything into `sink`.
    ///
    /// # Errors
    /// [`StoreError`]; the sink may have received a part.
    fn load(&mut self, sink: &mut dyn Sink) -> Result<Loaded, StoreError>;

    /// Makes these changes durable in one transaction, in order: rows, serials, log, outbox. When this returns `Ok`
    /// they survive a loss of power; on `Err` none of them happened, and the next call works if the cause has gone.
    ///
    /// Within a change the edits of different rows may stand in any order, but at the end of `changes` every row
    /// that another one names must be there: the tenant of a block or zone, the block of a classless zone, the NS set
    /// and the SOA template of a zone, the zone of a record. Removing a zone removes its history of serials and its place in the outbox.
    ///
    /// # Errors
    /// [`StoreError`]; `Other` when a change's number does not exceed the last, an edit is unsound in itself, a row
    /// names another that is not there, or a serial is that of a zone that is not there.
    fn commit(&mut self, changes: &[Commit]) -> Result<(), StoreError>;

    /// Reads the log, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    fn log(&mut self, query: &LogQuery) -> Result<Vec<LogEntry>, StoreError>;

    /// The edits of a change as they were committed, in order; none for a change that is not in the log.
    ///
    /// # Errors
    /// [`StoreError`].
    fn edits(&mut self, change: u64) -> Result<Vec<Edit>, StoreError>;

    /// All that the log has of a change; `None` when it was never made, or was pruned.
    ///
    /// # Errors
    /// [`StoreError`].
    fn logged(&mut self, change: u64) -> Result<Option<Logged>, StoreError> {
        let _ = change;
        Err(unsupported("reading the log of"))
    }

    /// The number of the oldest change that the log still has; 0 when it has none.
    ///
    /// # Errors
    /// [`StoreError`].
    fn oldest(&mut self) -> Result<u64, StoreError> {
        Err(unsupported("reading the log of"))
    }

    /// The number of the first change that was made at this time (milliseconds since 1970 UTC) or later; one more
    /// than the last when there is none. All changes before it are older than that time.
    ///
    /// # Errors
    /// [`StoreError`].
    fn first_since(&mut self, at: i64) -> Result<u64, StoreError> {
        let _ = at;
        Err(unsupported("reading the log of"))
    }

    /// Takes changes before number `before` out of the log, the oldest first, with their edits and the serials that they
    /// gave, for as long as `go_on` says: it is asked after each bit of work, which is a change, or a part of a large one.
    /// Rows stay as they are. Of a change that has gone in part, no more than that it was there can be read.
    ///
    /// # Errors
    /// [`StoreError`]; nothing of the portion went.
    fn prune(&mut self, before: u64, go_on: &mut dyn FnMut() -> bool) -> Result<Pruned, StoreError> {
        let _ = (before, go_on);
        Err(unsupported("pruning the log of"))
    }

    /// Forgets what zones lost and gained with the oldest steps of their serials, until no more than `most` octets of such
    /// differences are left, or for as long as `go_on` says: it is asked after each bit of work. The steps stay in the log.
    /// Costs hardly anything where there is not so much.
    ///
    /// # Errors
    /// [`StoreError`]; nothing of the portion went.
    fn trim(&mut self, most: u64, go_on: &mut dyn FnMut() -> bool) -> Result<Trimmed, StoreError> {
        let _ = (most, go_on);
        Err(unsupported("trimming the history of"))
    }

    /// Writes a copy of everything, as it is at one moment, to a new file (mode 0600, synced), while others commit.
    /// `step` is told how many octets of how many are done, and ends it by answering false. Returns the number of
    /// the newest change in the copy.
    ///
    /// # Errors
    /// [`StoreError`]; the file is then removed again. `Interrupted` when `step` ended it.
    fn backup(&mut self, to: &Path, step: &mut dyn FnMut(u64, u64) -> bool) -> Result<u64, StoreError> {
        let _ = (to, step);
        Err(unsupported("backing up"))
    }

    /// The steps that lead from a serial of a zone to its present one, oldest first; none where the history does not reach
    /// back so far, or holds more than `most` octets.
    ///
    /// # Errors
    /// [`StoreError`].
    fn deltas(&mut self, zone: ZoneId, from: Serial, most: usize) -> Result<Vec<DeltaStep>, StoreError> {
        let _ = (zone, from, most);
        Err(unsupported("reading the history of"))
    }

    /// The zones awaiting a NOTIFY, each with the serial to announce.
    ///
    /// # Errors
    /// [`StoreError`].
    fn outbox(&mut self) -> Result<Vec<(ZoneId, Serial)>, StoreError>;

    /// Takes zones out of the outbox for which there still waits this serial, in one transaction: what was stepped again
    /// meanwhile stays. It is no change and leaves nothing in the log. When this returns `Ok` it survives a loss of power.
    ///
    /// # Errors
    /// [`StoreError`]; all rows are there still, which costs no more than announcing them again.
    fn outbox_done(&mut self, announced: &[(ZoneId, Serial)]) -> Result<(), StoreError> {
        let _ = announced;
        Err(unsupported("emptying the outbox of"))
    }

    /// A change with all that belongs to it, as it was committed: but what it did to zones that are gone by now, and the
    /// order of zones and tenants, is not kept. `None` when it was never made, or was pruned.
    ///
    /// # Errors
    /// [`StoreError`].
    fn whole(&mut self, change: u64) -> Result<Option<Commit>, StoreError> {
        let _ = change;
        Err(unsupported("reading the log of"))
    }

    /// Whether this store is the original, or follows another. It is no part of the log: each copy has its own.
    ///
    /// # Errors
    /// [`StoreError`].
    fn duty(&mut self) -> Result<Duty, StoreError> {
        Ok(Duty::Primary)
    }

    /// Says what it is from now on. When this returns `Ok` it survives a loss of power.
    ///
    /// # Errors
    /// [`StoreError`].
    fn set_duty(&mut self, duty: Duty) -> Result<(), StoreError> {
        let _ = duty;
        Err(unsupported("giving another duty to"))
    }

    /// Where a copy of another store is to be written that [`Store::replace`] can take; `None` where none can.
    fn incoming(&self) -> Option<PathBuf> {
        None
    }

    /// Becomes the copy of another store, as its standby. What was here is kept under another name, which is returned;
    /// readers that were made before read no more.
    ///
    /// # Errors
    /// [`StoreError`]; then this store is what it was, or its next use says what is wrong.
    fn replace(&mut self, copy: &Path) -> Result<Option<PathBuf>, StoreError> {
        let _ = copy;
        Err(unsupported("replacing"))
    }

    /// When a primary last said which version of a zone is the newest (milliseconds since 1970 UTC), for zones that are
    /// pulled from others, by zone.
    ///
    /// # Errors
    /// [`StoreError`].
    fn freshness(&mut self) -> Result<Vec<(ZoneId, i64)>, StoreError> {
        Ok(Vec::new())
    }

    /// Remembers that, in one transaction. Zones that are not there are passed over. It is no change and leaves nothing in
    /// the log.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was remembered.
    fn put_freshness(&mut self, checked: &[(ZoneId, i64)]) -> Result<(), StoreError> {
        let _ = checked;
        Err(unsupported("writing how fresh zones are to"))
    }

    /// What was answered to whoever asked with this key from this time on (milliseconds since 1970 UTC).
    ///
    /// # Errors
    /// [`StoreError`].
    fn kept_answer(&mut self, asked: &[u8; 32], since: i64) -> Result<Option<KeptAnswer>, StoreError> {
        let _ = (asked, since);
        Ok(None)
    }

    /// Forgets answers from before this time, and the oldest of more than `most`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn forget_answers(&mut self, before: i64, most: usize) -> Result<(), StoreError> {
        let _ = (before, most);
        Ok(())
    }

    /// When and from where tokens of the API were used last, by token.
    ///
    /// # Errors
    /// [`StoreError`].
    fn token_uses(&mut self) -> Result<Vec<TokenUse>, StoreError> {
        Ok(Vec::new())
    }

    /// Remembers that, in one transaction. Tokens that are not there, which is to say that there is no setting `token/` and
    /// what the token is called, are passed over and forgotten. It is no change and leaves nothing in the log.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was remembered.
    fn put_token_uses(&mut self, uses: &[TokenUse]) -> Result<(), StoreError> {
        let _ = uses;
        Err(unsupported("writing uses of tokens to"))
    }

    /// How it stands with addresses of a range whose names were looked at, in the order of addresses; at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn checks(&mut self, range: &AddrRange, limit: usize) -> Result<Vec<CheckRow>, StoreError> {
        let _ = (range, limit);
        Ok(Vec::new())
    }

    /// The addresses whose last transition others are still to be told of; at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn untold_checks(&mut self, limit: usize) -> Result<Vec<CheckRow>, StoreError> {
        let _ = limit;
        Ok(Vec::new())
    }

    /// Remembers how it stands with addresses, in one transaction; an empty standing is forgotten. It is no change and
    /// leaves nothing in the log.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was remembered.
    fn put_checks(&mut self, rows: &[CheckRow]) -> Result<(), StoreError> {
        let _ = rows;
        Err(unsupported("writing how addresses stand to"))
    }

    /// How it stands with what is watched after this one, or from the first on, in one order always; at most `limit`. Without
    /// evidence.
    ///
    /// # Errors
    /// [`StoreError`].
    fn watched(&mut self, after: Option<&Watched>, limit: usize) -> Result<Vec<WatchedRow>, StoreError> {
        let _ = (after, limit);
        Ok(Vec::new())
    }

    /// What the last look at it saw, if that is kept.
    ///
    /// # Errors
    /// [`StoreError`].
    fn evidence(&mut self, watched: &Watched) -> Result<Option<String>, StoreError> {
        let _ = watched;
        Ok(None)
    }

    /// Remembers how it stands, in one transaction. It is no change and leaves nothing in the log.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was remembered.
    fn put_watched(&mut self, rows: &[WatchedRow]) -> Result<(), StoreError> {
        let _ = rows;
        Err(unsupported("writing what was seen to"))
    }

    /// Whether rows could be written now, by writing and taking back.
    ///
    /// # Errors
    /// [`StoreError`] says why not.
    fn probe(&mut self) -> Result<(), StoreError>;

    /// A second, read-only view on the same store, for readers that must not wait for the writer.
    ///
    /// # Errors
    /// [`StoreError`].
    fn reader(&self) -> Result<Box<dyn Store>, StoreError>;

    /// The counters of this store, shared with its readers.
    fn meter(&self) -> Arc<StoreMeter>;
}

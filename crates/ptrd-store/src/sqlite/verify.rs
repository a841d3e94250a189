//! Whether a store agrees with itself: its file, its rows, its marks, its log.
//!
//! The log is played from its oldest change to the newest: each edit must find what the one before it left, and what
//! the last one left must be what the rows have. Values are compared by digests, so that a store of sixteen million
//! PTRs is checked in some hundred megabytes. A log that was pruned starts in the middle: what a row was before the
//! first edit that is left of it is taken on trust.
//!
//! Everything is read in one transaction on a connection that cannot write, so a daemon may go on with the file.

use super::cells::Cells;
use super::fault::Fault;
use super::schema;
use super::table::Marks;
use super::trim;
use crate::codec::Decoder;
use crate::{Edit, Setting, Sink, StoreError};
use ptrd_wire::Serial;
use ptrd_zone::model::{Block, NsSet, Sending, SoaTemplate, Tenant, ZoneId, ZoneRecord, ZoneRow};
use ptrd_zone::{Form, PtrSet};
use rusqlite::Connection;
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::fmt::Write;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::path::Path;

/// What is looked at, for people who read findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Check {
    /// The pages of the file, by SQLite.
    File,
    /// Rows that name other rows.
    References,
    /// Rows, one by one, and how many there are.
    Rows,
    /// The log, and whether it leads to the rows.
    Log,
    /// The serials of zones.
    Serials,
    /// Whether the rows could have been declared. For whoever knows what they mean.
    Model,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// What was found, and where.
    pub what: String,
    /// What to do about it.
    pub remedy: &'static str,
}

/// What goes on while a store is checked or restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A backup is copied; counted in octets.
    Copying,
    /// SQLite looks at its pages, and at which rows name which.
    Pages,
    /// Rows are read.
    Rows,
    /// The log is played, change by change.
    Log,
    /// Whether the rows could have been declared: for whoever knows what they mean.
    Model,
}

/// Who looks on while a store is checked or restored. A closure that takes findings is one, and does not care for the rest.
pub trait Watch {
    /// Something is wrong.
    fn found(&mut self, finding: Finding);

    /// How far it has come: so much is done, of so much, where that is known. Called a few thousand times a second at most.
    fn step(&mut self, step: Step, done: u64, of: Option<u64>) {
        let _ = (step, done, of);
    }
}

impl<F: FnMut(Finding)> Watch for F {
    fn found(&mut self, finding: Finding) {
        self(finding);
    }
}

/// After how many rows the watcher hears of them.
const TOLD: u64 = 4_096;

/// The setting by which a migration asks the daemon for something.
const LEFT_BY_MIGRATIONS: &str = "carry-over";

/// The setting that says with which change the log begins.
const LOG_START: &str = "log-start";

/// Findings of one check that are listed.
const LISTED: usize = 20;

const RESTORE: &str = "restore the newest backup: `ptrd restore BACKUP --store FILE`; what was changed since is in the \
                       log, if that can still be read (`ptrctl log`)";
const SERIALS: &str =
    "answers are right; secondaries may miss a step: make any change to the zone, or restore a backup";
const REPLAY: &str = "answers follow the rows; undoing or comparing changes that touch this is not safe: compare with a \
                      backup, then set it anew, or restore the backup";

/// Checks the store in this file, and tells `watch` of whatever is wrong and `sink` of the rows.
///
/// # Errors
/// When the file cannot be opened at all. What cannot be read further in is a finding.
pub(super) fn check(path: &Path, sink: &mut dyn Sink, watch: &mut dyn Watch) -> Result<(), StoreError> {
    let connection = open(path).map_err(|fault| fault.at("opening", path))?;
    let moment =
        connection.unchecked_transaction().map_err(|error| Fault::from(error).at("reading", path))?;
    let mut report = Report { watch, counts: HashMap::new() };
    report.watch.step(Step::Pages, 0, None);
    report.run(Check::File, RESTORE, file(&moment));
    report.run(Check::References, RESTORE, references(&moment));
    let all = Marks::read(&moment).ok().map(|marks| marks.all_rows());
    let (values, serials) = (HashMap::new(), HashMap::new());
    let mut rows = Digests { sink, watch: &mut *report.watch, read: 0, all, values, serials };
    match super::load::read(&moment, &mut rows) {
        Ok(_) => {
            let Digests { values, serials, .. } = rows;
            let replayed = replay(&moment, values, &mut *report.watch);
            report.run(Check::Log, REPLAY, replayed);
            report.run(Check::Serials, SERIALS, newest_serials(&moment, &serials));
        }
        Err(fault) => report.fault(Check::Rows, RESTORE, fault),
    }
    Ok(())
}

fn open(path: &Path) -> Result<Connection, Fault> {
    std::fs::metadata(path)?;
    let connection = schema::open_reader_anywhere(path)?;
    match schema::admit(&connection)? {
        schema::KNOWN_VERSION => Ok(connection),
        found => Err(Fault::Older { found, known: schema::KNOWN_VERSION }),
    }
}

type Found = Result<Vec<String>, Fault>;

struct Report<'a> {
    watch: &'a mut dyn Watch,
    counts: HashMap<Check, usize>,
}

impl Report<'_> {
    fn run(&mut self, check: Check, remedy: &'static str, found: Found) {
        match found {
            Ok(lines) => {
                for what in lines {
                    self.tell(check, remedy, what);
                }
            }
            Err(fault) => self.fault(check, RESTORE, fault),
        }
    }

    fn fault(&mut self, check: Check, remedy: &'static str, fault: Fault) {
        let what = match fault {
            Fault::Damaged(what) | Fault::Refused(what) | Fault::Unwritable(what) => what,
            Fault::Sqlite(error) => error.to_string(),
            Fault::Io(error) => error.to_string(),
            other => format!("{other:?}"),
        };
        self.tell(check, remedy, what);
    }

    fn tell(&mut self, check: Check, remedy: &'static str, what: String) {
        let count = self.counts.entry(check).or_default();
        *count += 1;
        match (*count).cmp(&LISTED) {
            std::cmp::Ordering::Less => self.watch.found(Finding { check, what, remedy }),
            std::cmp::Ordering::Equal => {
                self.watch.found(Finding {
                    check,
                    what: format!("{what} (and maybe more of the kind)"),
                    remedy,
                });
            }
            std::cmp::Ordering::Greater => {}
        }
    }
}

/// What SQLite itself says of its pages, indexes and constraints.
fn file(connection: &Connection) -> Found {
    let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut found = Vec::new();
    for line in lines {
        let line = line?;
        if line != "ok" {
            found.push(line);
        }
    }
    Ok(found)
}

fn references(connection: &Connection) -> Found {
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        let number: Option<i64> = row.get(1)?;
        let number = number.map_or_else(String::new, |number| format!(" {number}"));
        found.push(format!("a row of the table {table}{number} names a {parent} that is not there"));
        if found.len() >= LISTED {
            break;
        }
    }
    Ok(found)
}

/// A row, by what names it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Key {
    V4(u32),
    V6(u128),
    Setting(Box<str>),
    Tenant(u32),
    Block(u32),
    NsSet(u32),
    SoaTemplate(u32),
    Zone(u32),
    Record(u32, Box<[u8]>, u16),
    Sending(IpAddr),
}

impl Key {
    fn of(address: IpAddr) -> Key {
        match address {
            IpAddr::V4(v4) => Key::V4(u32::from(v4)),
            IpAddr::V6(v6) => Key::V6(u128::from(v6)),
        }
    }

    fn text(&self) -> String {
        match self {
            Key::V4(bits) => format!("the PTR of {}", std::net::Ipv4Addr::from(*bits)),
            Key::V6(bits) => format!("the PTR of {}", std::net::Ipv6Addr::from(*bits)),
            Key::Setting(name) => format!("the setting {name}"),
            Key::Tenant(id) => format!("the tenant {id}"),
            Key::Block(id) => format!("the block {id}"),
            Key::NsSet(id) => format!("the NS set {id}"),
            Key::SoaTemplate(id) => format!("the SOA template {id}"),
            Key::Zone(id) => format!("the zone {id}"),
            Key::Sending(address) => format!("the sending mark of {address}"),
            Key::Record(zone, key, rtype) => {
                let owner = ptrd_wire::key_of_lower(key, &ptrd_wire::Name::root());
                format!("{owner} {} of the zone {zone}", ptrd_wire::RecordType(*rtype))
            }
        }
    }
}

/// What a row says, in eight octets.
fn digest(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn digest_debug(value: &impl std::fmt::Debug) -> u64 {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(text, "{value:?}");
    digest(&text)
}

fn ptr_digest(set: PtrSet<'_>) -> u64 {
    digest(&(set.ttl.map(|ttl| ttl.as_secs()), set.names))
}

/// A step of the serial is no edit, and is left out.
fn zone_digest(zone: &ZoneRow) -> u64 {
    let mut zone = zone.clone();
    zone.soa.set_serial(Serial(0));
    digest_debug(&zone)
}

/// Passes the rows on, and keeps what they say.
struct Digests<'a> {
    sink: &'a mut dyn Sink,
    watch: &'a mut dyn Watch,
    read: u64,
    all: Option<u64>,
    values: HashMap<Key, u64>,
    serials: HashMap<ZoneId, (Serial, String)>,
}

impl Digests<'_> {
    fn keep(&mut self, key: Key, digest: u64) {
        if self.read.is_multiple_of(TOLD) {
            self.watch.step(Step::Rows, self.read, self.all);
        }
        self.read += 1;
        self.values.insert(key, digest);
    }
}

impl Sink for Digests<'_> {
    fn setting(&mut self, setting: Setting) -> Result<(), String> {
        self.keep(Key::Setting(setting.name.as_str().into()), digest(&setting.value));
        self.sink.setting(setting)
    }

    fn tenant(&mut self, tenant: Tenant) -> Result<(), String> {
        self.keep(Key::Tenant(tenant.id.0), digest_debug(&tenant));
        self.sink.tenant(tenant)
    }

    fn block(&mut self, block: Block) -> Result<(), String> {
        self.keep(Key::Block(block.id.0), digest_debug(&block));
        self.sink.block(block)
    }

    fn ns_set(&mut self, set: NsSet) -> Result<(), String> {
        self.keep(Key::NsSet(set.id.0), digest_debug(&set));
        self.sink.ns_set(set)
    }

    fn soa_template(&mut self, template: SoaTemplate) -> Result<(), String> {
        self.keep(Key::SoaTemplate(template.id.0), digest_debug(&template));
        self.sink.soa_template(template)
    }

    fn zone(&mut self, zone: ZoneRow) -> Result<(), String> {
        self.keep(Key::Zone(zone.id.0), zone_digest(&zone));
        self.serials.insert(zone.id, (zone.soa.serial(), zone.apex.to_string()));
        self.sink.zone(zone)
    }

    fn record(&mut self, record: ZoneRecord) -> Result<(), String> {
        let key = Key::Record(record.zone.0, record.owner.key_below(0), record.rrset.rtype.0);
        self.keep(key, digest_debug(&record.rrset));
        self.sink.record(record)
    }

    fn sending(&mut self, sending: Sending) -> Result<(), String> {
        self.keep(Key::Sending(sending.address), digest_debug(&sending));
        self.sink.sending(sending)
    }

    fn ptr(&mut self, address: IpAddr, set: PtrSet<'_>) -> Result<(), String> {
        self.keep(Key::of(address), ptr_digest(set));
        self.sink.ptr(address, set)
    }
}

/// Plays the log.
struct Replay {
    /// What the log says of each row that it is about; `None` for a row that went.
    state: HashMap<Key, Option<u64>>,
    /// Whether the log begins with the first change ever.
    is_whole: bool,
    found: Vec<String>,
}

impl Replay {
    /// The log begins with the first change ever, and with what migrations put into an empty store.
    fn begin(&mut self) {
        self.is_whole = true;
        let (set, template) = (NsSet::first(), SoaTemplate::first());
        self.state.insert(Key::NsSet(set.id.0), Some(digest_debug(&set)));
        self.state.insert(Key::SoaTemplate(template.id.0), Some(digest_debug(&template)));
    }

    fn step(&mut self, change: u64, key: Key, before: Option<u64>, after: Option<u64>) {
        // A migration leaves word for the daemon, which takes it away in a change: how it came is not in the log.
        if matches!(&key, Key::Setting(name) if **name == *LEFT_BY_MIGRATIONS) {
            return;
        }
        let known = self.state.get(&key).copied();
        let expected = match known {
            Some(known) => Some(known),
            None => self.is_whole.then_some(None),
        };
        if expected.is_some_and(|expected| expected != before) && self.found.len() < LISTED {
            self.found.push(format!(
                "change {change} found {} otherwise than the changes before it had left it",
                key.text()
            ));
        }
        self.state.insert(key, after);
    }

    fn edit(&mut self, change: u64, edit: &Edit) {
        match edit {
            Edit::Setting { name, before, after } => {
                let key = Key::Setting(name.as_str().into());
                self.step(change, key, before.as_ref().map(digest), after.as_ref().map(digest));
            }
            Edit::Tenant { id, before, after } => {
                let of = |tenant: &Option<Tenant>| tenant.as_ref().map(digest_debug);
                self.step(change, Key::Tenant(id.0), of(before), of(after));
            }
            Edit::Block { id, before, after } => {
                let of = |block: &Option<Box<Block>>| block.as_deref().map(digest_debug);
                self.step(change, Key::Block(id.0), of(before), of(after));
            }
            Edit::NsSet { id, before, after } => {
                let of = |set: &Option<Box<NsSet>>| set.as_deref().map(digest_debug);
                self.step(change, Key::NsSet(id.0), of(before), of(after));
            }
            Edit::SoaTemplate { id, before, after } => {
                let of = |template: &Option<Box<SoaTemplate>>| template.as_deref().map(digest_debug);
                self.step(change, Key::SoaTemplate(id.0), of(before), of(after));
            }
            Edit::Zone { id, before, after } => {
                let of = |zone: &Option<Box<ZoneRow>>| zone.as_deref().map(zone_digest);
                self.step(change, Key::Zone(id.0), of(before), of(after));
            }
            Edit::Record { zone, owner, rtype, before, after } => {
                let key = Key::Record(zone.0, owner.key_below(0), rtype.0);
                self.step(change, key, before.as_ref().map(digest_debug), after.as_ref().map(digest_debug));
            }
            Edit::Sending { address, before, after } => {
                let of = |sending: &Option<Box<Sending>>| sending.as_deref().map(digest_debug);
                self.step(change, Key::Sending(*address), of(before), of(after));
            }
            Edit::Ptrs(edits) => {
                for edit in edits.iter() {
                    let key = Key::of(edit.address);
                    self.step(change, key, edit.before.map(ptr_digest), edit.after.map(ptr_digest));
                }
            }
        }
    }
}

/// Whether the log, from its beginning, leads to the rows.
fn replay(connection: &Connection, mut rows: HashMap<Key, u64>, watch: &mut dyn Watch) -> Found {
    let newest: i64 =
        connection.query_row("SELECT value FROM mark WHERE name = 'last_change'", [], |row| row.get(0))?;
    let mut first = None;
    // What was pruned may still be there in part.
    let mut changes = connection.prepare(
        "SELECT id, kind FROM change
         WHERE id >= ifnull((SELECT CAST(value AS INTEGER) FROM setting WHERE name = ?1), 0) ORDER BY id",
    )?;
    let mut edits =
        connection.prepare("SELECT seq, edit FROM change_edit WHERE change_id = ?1 ORDER BY seq")?;
    let mut replay = Replay { state: HashMap::new(), is_whole: false, found: Vec::new() };
    let mut last = None;
    let mut listed = changes.query([LOG_START])?;
    while let Some(row) = listed.next()? {
        let cells = Cells::new(row, "change");
        let (change, kind) = (cells.u64(0)?, cells.text(1)?);
        match last {
            None if change == 1 => replay.begin(),
            None => {}
            // A restored store goes on past the numbers of the one that it replaced.
            Some(last) if change != last + 1 && kind != super::restore::KIND => {
                replay
                    .found
                    .push(format!("the changes between {last} and {change} are missing from the log"));
            }
            Some(_) => {}
        }
        last = Some(change);
        let first = *first.get_or_insert(change);
        if (change - first).is_multiple_of(TOLD / 16) {
            watch.step(Step::Log, change - first, (newest as u64).checked_sub(first));
        }
        let mut decoder = Decoder::default();
        let mut pieces = edits.query([change as i64])?;
        let mut expected = 0;
        while let Some(piece) = pieces.next()? {
            let cells = Cells::new(piece, "change_edit");
            if cells.i64(0)? != expected || decoder.push(cells.blob(1)?).is_none() {
                return Err(Fault::Damaged(format!("the edits of change {change} make no sense")));
            }
            expected += 1;
        }
        decoder.finish().iter().for_each(|edit| replay.edit(change, edit));
    }
    rows.remove(&Key::Setting(LEFT_BY_MIGRATIONS.into()));
    if last.is_none() {
        replay.begin();
    }
    let Replay { state, is_whole, mut found } = replay;
    if last.unwrap_or(0) as i64 != newest {
        found.push(format!("the log ends with change {}, but {newest} was made", last.unwrap_or(0)));
    }
    let mut wrong: Vec<(Key, &str)> = Vec::new();
    for (key, logged) in state {
        let row = rows.remove(&key);
        if row != logged {
            let how = match (row, logged) {
                (None, _) => "is not there, but the log does not say that it went",
                (_, None) => "is there, but the log says that it went",
                _ => "is not what the log says",
            };
            wrong.push((key, how));
        }
    }
    if is_whole {
        wrong.extend(rows.into_keys().map(|key| (key, "is there, but the log does not say how it came")));
    }
    wrong.sort();
    found.extend(wrong.into_iter().take(LISTED).map(|(key, how)| format!("{} {how}", key.text())));
    Ok(found)
}

/// Whether each zone has the newest serial of its history, and the history rises.
fn newest_serials(connection: &Connection, zones: &HashMap<ZoneId, (Serial, String)>) -> Found {
    let mut found = Vec::new();
    let mut steps: HashMap<ZoneId, Serial> = HashMap::new();
    let mut statement = connection.prepare(
        "SELECT zone_id, change_id, serial, from_serial, delta FROM zone_serial ORDER BY zone_id, change_id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let cells = Cells::new(row, "zone_serial");
        let (zone, change, serial) = (ZoneId(cells.u32(0)?), cells.u64(1)?, Serial(cells.u32(2)?));
        if !cells.is_null(4) && found.len() < LISTED {
            let (octets, from) = (cells.blob(4)?, Serial(cells.u32(3).unwrap_or_default()));
            let is_sound = |form| {
                let kept = ptrd_zone::Step::in_form(octets, form);
                let serial = |octets: &[u8]| ptrd_zone::Step::unpack(octets).and_then(|step| step.serial());
                kept.is_ok_and(|kept| kept.is_none_or(|octets| serial(&octets) == Ok(from)))
            };
            if ![Form::Records, Form::Stated].into_iter().all(is_sound) {
                let apex = zones.get(&zone).map_or("of a zone that is gone", |(_, apex)| apex);
                found.push(format!(
                    "what change {change} did to the zone {apex} is damaged: secondaries would be sent something else"
                ));
            }
        }
        if let Some(before) = steps.insert(zone, serial)
            && !serial.is_after(before)
            && found.len() < LISTED
        {
            found.push(format!("the zone {zone}: change {change} gave the serial {serial} after {before}"));
        }
    }
    found.extend(trim::verify(connection)?);
    let mut zones: Vec<_> = zones.iter().collect();
    zones.sort_by_key(|(id, _)| **id);
    for (id, (serial, apex)) in zones {
        if let Some(newest) = steps.get(id)
            && newest != serial
            && found.len() < LISTED
        {
            found.push(format!("the zone {apex} has the serial {serial}, but {newest} in its history"));
        }
    }
    Ok(found)
}

//! Connections, and which files are let in: an empty one, or one that some ptrd up to this one wrote.
//!
//! The version stands in the header (`user_version`, set by each migration in its own transaction) beside refinery's
//! history, so that a file of the present version is recognised without reading the history, and a newer or foreign
//! one before anything is written.

use super::fault::Fault;
use refinery::{Migration, Runner};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

/// “ptrd”, as in the first migration.
const APPLICATION_ID: i64 = 0x7074_7264;

/// Listed by hand because refinery's macro wants file names of another form; a test holds the list to the folder.
const MIGRATIONS: &[(&str, &str)] = &[
    ("V0001__tables", include_str!("../../../../migrations/0001_tables.sql")),
    ("V0002__sets", include_str!("../../../../migrations/0002_sets.sql")),
    ("V0003__history", include_str!("../../../../migrations/0003_history.sql")),
    ("V0004__blocks_over_time", include_str!("../../../../migrations/0004_blocks_over_time.sql")),
    ("V0005__zone_deltas", include_str!("../../../../migrations/0005_zone_deltas.sql")),
    ("V0006__zone_freshness", include_str!("../../../../migrations/0006_zone_freshness.sql")),
    ("V0007__zone_serial_by_row", include_str!("../../../../migrations/0007_zone_serial_by_row.sql")),
    ("V0008__block_templates", include_str!("../../../../migrations/0008_block_templates.sql")),
    ("V0009__tokens", include_str!("../../../../migrations/0009_tokens.sql")),
    ("V0010__forward_checks", include_str!("../../../../migrations/0010_forward_checks.sql")),
    ("V0011__sending", include_str!("../../../../migrations/0011_sending.sql")),
    ("V0012__watched", include_str!("../../../../migrations/0012_watched.sql")),
];

/// The schema version that this ptrd writes.
pub(crate) const KNOWN_VERSION: u32 = version_of(MIGRATIONS[MIGRATIONS.len() - 1].0);

/// The number in the name of a migration. Not each number is one's: they are given out before branches meet.
const fn version_of(name: &str) -> u32 {
    let (digits, mut version, mut at) = (name.as_bytes(), 0, 1);
    while at < 5 {
        version = version * 10 + (digits[at] - b'0') as u32;
        at += 1;
    }
    version
}

/// How long to wait for another process, such as a `sqlite3` shell, to let go of the file.
const PATIENCE: Duration = Duration::from_secs(1);

/// The page cache of the writer, in KiB.
const WRITING: u32 = 2_048;
/// The page cache of whoever passes over each page once. More would do no harm while it is used; but index pages of the
/// snapshot come to lie between its pages, and the room of those cannot be given back.
const PASSING: u32 = 128;

/// Sets the size of the page cache. It counts as memory of the daemon; the kernel's cache of the same pages does not.
fn cache(connection: &Connection, kibi: u32) -> Result<(), rusqlite::Error> {
    connection.pragma_update(None, "cache_size", -i64::from(kibi))
}

/// Does something that passes over each page once.
pub(super) fn with_passing_cache<T>(
    connection: &mut Connection,
    work: impl FnOnce(&mut Connection) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let usual: i64 = connection.pragma_query_value(None, "cache_size", |row| row.get(0))?;
    cache(connection, PASSING)?;
    let result = work(connection);
    connection.pragma_update(None, "cache_size", usual)?;
    result
}

/// Opens the writer's connection and brings the schema up to date, after a copy of what is there.
pub(super) fn open_writer(path: &Path) -> Result<Connection, Fault> {
    open_up_to_date(path, |connection, version| super::backup::before_migration(connection, path, version))
}

/// The same for a file that is a copy itself.
pub(super) fn open_unshared(path: &Path) -> Result<Connection, Fault> {
    open_up_to_date(path, |_, _| Ok(()))
}

fn open_up_to_date(
    path: &Path,
    before_migration: impl FnOnce(&Connection, u32) -> Result<(), Fault>,
) -> Result<Connection, Fault> {
    let mut connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Until it is known to be ours, closing must not checkpoint its log.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let version = admit(&connection)?;
    if connection.is_readonly(rusqlite::MAIN_DB)? {
        return Err(Fault::Unwritable("it opens for reading only".to_owned()));
    }
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(Fault::Unwritable(format!("no write-ahead log can be kept beside it (mode {mode})")));
    }
    if version < KNOWN_VERSION {
        if version > 0 {
            before_migration(&connection, version)?;
        }
        migrate(&mut connection)?;
    }
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(connection)
}

/// Opens a connection for the checkpointer: as the writer's, but the schema stays as it is.
pub(super) fn open_beside(path: &Path) -> Result<Connection, Fault> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    admit(&connection)?;
    cache(&connection, PASSING)?;
    Ok(connection)
}

/// Opens a connection that cannot write.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Fault> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    admit(&connection)?;
    cache(&connection, PASSING)?;
    Ok(connection)
}

/// Opens a connection that cannot write, also where nothing can be made beside the file: SQLite has no place there for
/// the index of a write-ahead log, and needs none when there is no log.
pub(super) fn open_reader_anywhere(path: &Path) -> Result<Connection, Fault> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    match open_reader(path) {
        Err(Fault::Sqlite(_)) if !Path::new(&log).exists() => {
            let connection = open_immutable(path)?;
            admit(&connection)?;
            Ok(connection)
        }
        opened => opened,
    }
}

/// Opens a connection that takes the file for one that nobody changes, and makes nothing beside it.
pub(super) fn open_immutable(path: &Path) -> Result<Connection, Fault> {
    use std::os::unix::ffi::OsStrExt;
    let mut uri = String::from("file:");
    for octet in path.as_os_str().as_bytes() {
        match octet {
            b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*octet)),
            _ if octet.is_ascii_alphanumeric() => uri.push(char::from(*octet)),
            _ => uri.push_str(&format!("%{octet:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    open(Path::new(&uri), OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)
}

fn open(path: &Path, access: OpenFlags) -> Result<Connection, Fault> {
    // One thread at a time uses a connection: SQLite's own mutex for it is a cost for every column read.
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(64);
    for config in [DbConfig::SQLITE_DBCONFIG_DEFENSIVE, DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY] {
        connection.set_db_config(config, true)?;
    }
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    cache(&connection, WRITING)?;
    // A large transaction spills to the log. Checkpoints belong to the checkpointer alone.
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA mmap_size = 0;
         PRAGMA temp_store = MEMORY;
         PRAGMA cell_size_check = ON;
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    Ok(connection)
}

/// The version of a file that may be used; 0 for an empty one.
pub(super) fn admit(connection: &Connection) -> Result<u32, Fault> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let (id, version) = (number("application_id")?, number("user_version")?);
    match (id, u32::try_from(version)) {
        (APPLICATION_ID, Ok(found)) if found > KNOWN_VERSION => {
            Err(Fault::Newer { found, known: KNOWN_VERSION })
        }
        (APPLICATION_ID, Ok(found)) if found > 0 => Ok(found),
        // refinery makes its history table in a transaction before the first migration's.
        (0, Ok(0)) if !connection.prepare(FOREIGN_TABLES)?.exists([])? => Ok(0),
        _ => Err(Fault::Damaged(format!(
            "a SQLite file of another application: application_id {id:#x}, user_version {version}"
        ))),
    }
}

const FOREIGN_TABLES: &str =
    "SELECT 1 FROM sqlite_schema WHERE tbl_name NOT IN ('refinery_schema_history', 'sqlite_sequence')";

/// Makes a file of an older schema.
pub(super) fn make_old(path: &Path, version: u32) -> Result<Connection, Fault> {
    let mut connection = Connection::open(path)?;
    let old: Vec<_> = MIGRATIONS.iter().copied().filter(|(name, _)| version_of(name) <= version).collect();
    run(&mut connection, &old)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<(), Fault> {
    run(connection, MIGRATIONS)?;
    match admit(connection)? {
        KNOWN_VERSION => Ok(()),
        found => Err(Fault::Damaged(format!("schema version {found} after migration to {KNOWN_VERSION}"))),
    }
}

fn run(connection: &mut Connection, migrations: &[(&str, &str)]) -> Result<(), Fault> {
    let migrations = migrations
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, sql))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Fault::Migration(Box::new(error)))?;
    let runner = Runner::new(&migrations).set_grouped(true);
    // refinery unwraps what it reads from its history; in a damaged file that can be anything.
    match catch_unwind(AssertUnwindSafe(|| runner.run(connection))) {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(Fault::Migration(Box::new(error))),
        Err(_) => Err(Fault::Damaged("the history of migrations cannot be read".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_of_the_folder_is_listed_and_sets_its_version() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder of migrations")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
            .filter(|name| name.ends_with(".sql"))
            .collect();
        names.sort();
        let listed: Vec<String> = MIGRATIONS
            .iter()
            .map(|(name, _)| format!("{}.sql", name.trim_start_matches('V').replacen("__", "_", 1)))
            .collect();
        assert_eq!(names, listed);
        for (name, sql) in MIGRATIONS {
            let version = version_of(name);
            assert!(name.starts_with(&format!("V{version:04}__")));
            assert!(sql.contains(&format!("PRAGMA user_version = {version};")), "{name} sets its version");
        }
        assert!(MIGRATIONS.is_sorted_by_key(|(name, _)| version_of(name)));
    }
}

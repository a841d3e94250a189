//! Copies of a store while it is in use, by SQLite's backup interface.
//!
//! The copy is made under one read transaction, opened before the first step: without it, SQLite begins again whenever
//! somebody commits between two steps, and under a steady stream of changes never comes to an end. Commits go on
//! meanwhile; the write-ahead log cannot start again before the copy is done, and grows by what they write.

use super::fault::Fault;
use super::file::{folder_of, sync_folder};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Pages in one step: 4 MiB.
const STEP: i32 = 1_024;
/// Copies that were taken before migrations; older ones are removed.
const KEPT: usize = 3;
/// What such a copy's name ends with.
const SUFFIX: &str = ".backup";

/// Copies what the connection sees to a new file. On failure nothing is left of it.
pub(super) fn copy(
    from: &Connection,
    to: &Path,
    step: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<u64, Fault> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    let copied = copy_into(from, to, step);
    if copied.is_err() {
        let _ = fs::remove_file(to);
    }
    copied
}

fn copy_into(from: &Connection, to: &Path, step: &mut dyn FnMut(u64, u64) -> bool) -> Result<u64, Fault> {
    let moment = from.unchecked_transaction()?;
    // Of whatever schema: this copies what an older ptrd wrote, too.
    let last: i64 =
        moment.query_row("SELECT value FROM mark WHERE name = 'last_change'", [], |row| row.get(0))?;
    let page: u64 = moment.query_row("PRAGMA page_size", [], |row| row.get::<_, i64>(0))?.max(0) as u64;
    {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut target = Connection::open_with_flags(to, flags)?;
        // A copy that was cut off is thrown away: nothing of it needs a journal, and it is synced once, at its end.
        target.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2048;",
        )?;
        let backup = Backup::new(&moment, &mut target)?;
        loop {
            let result = backup.step(STEP)?;
            let progress = backup.progress();
            let (all, left) = (progress.pagecount.max(0) as u64, progress.remaining.max(0) as u64);
            if !step((all - left.min(all)) * page, all * page) {
                return Err(Fault::Interrupted);
            }
            match result {
                StepResult::Done => break,
                StepResult::More => {}
                // Somebody else writes into the file that was just made.
                _ => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }
    drop(moment);
    File::open(to)?.sync_all()?;
    Ok(last.max(0) as u64)
}

/// Copies a store that an older ptrd wrote, before its schema is brought up to date: to a file beside it that is named
/// with its version and the time. The newest few of these are kept.
pub(super) fn before_migration(connection: &Connection, path: &Path, version: u32) -> Result<(), Fault> {
    let folder = folder_of(path);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let target = folder.join(format!("{name}.v{version}-{}{SUFFIX}", now()));
    if target.exists() {
        return Ok(());
    }
    let partial = folder.join(format!("{name}.v{version}{SUFFIX}.tmp"));
    match fs::remove_file(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    copy(connection, &partial, &mut |_, _| true)?;
    fs::rename(&partial, &target)?;
    sync_folder(folder)?;
    tracing::info!(backup = %target.display(), version, "the store was copied before its schema is brought up to date");
    for old in taken_before(folder, &name)?.into_iter().rev().skip(KEPT) {
        if let Err(error) = fs::remove_file(&old) {
            tracing::warn!(%error, file = %old.display(), "an old copy of the store cannot be removed");
        }
    }
    Ok(())
}

/// The copies in the folder, the oldest first.
fn taken_before(folder: &Path, name: &str) -> Result<Vec<PathBuf>, Fault> {
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(file) = entry.file_name().into_string() else { continue };
        let middle = file.strip_prefix(name).and_then(|rest| rest.strip_prefix(".v"));
        let Some(middle) = middle.and_then(|rest| rest.strip_suffix(SUFFIX)) else { continue };
        if let Some((version, time)) = middle.split_once('-')
            && version.bytes().all(|b| b.is_ascii_digit())
        {
            found.push((time.to_owned(), entry.path()));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// The time, as names of files carry it: `20261125T174703Z`.
pub(super) fn now() -> impl std::fmt::Display {
    jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ")
}

//! The VFS: SQLite's own with a clerk in front, who writes down and, when told to, refuses.
//!
//! It becomes the default VFS of the process, so that code which opens a database by its path is watched without knowing.
//! Files outside watched folders pass through.
//!
//! Soundness, once for all blocks below. SQLite calls the methods of an open file with the pointer that it gave to
//! `x_open`, which points at `szOsFile` octets, aligned as for any C type, that nobody else uses: a [`Watched`] and
//! behind it the room of the real file (*room*). A `Watched` stands there from a successful `x_open` to its `x_close`
//! (*open*), between which its fields do not change, but for the atomic. SQLite's own VFS stays registered for ever and
//! has all the methods that are called here; so has every file that it opened (*real*). Text that SQLite hands over ends
//! with NUL and lives as long as the call; buffers are as long as it says (*contract*).

use crate::journal::{Fault, Inode, Journal, Kind, Operation};
use rusqlite::ffi;
use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A watched folder.
#[derive(Debug)]
struct Folder {
    journal: Mutex<Journal>,
    /// Databases opened in it sync less than they ask for: `synchronous=NORMAL`.
    relaxed: bool,
}

impl Folder {
    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

static FOLDERS: OnceLock<Mutex<HashMap<PathBuf, Arc<Folder>>>> = OnceLock::new();

fn folders() -> MutexGuard<'static, HashMap<PathBuf, Arc<Folder>>> {
    FOLDERS.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

/// The folder that a file lies in, if it is watched, and the file's name.
fn watched(path: &Path) -> Option<(Arc<Folder>, String)> {
    let name = path.file_name()?.to_str()?.to_owned();
    Some((folders().get(path.parent()?)?.clone(), name))
}

/// A folder that is watched until this is dropped.
pub struct Watch {
    path: PathBuf,
    folder: Arc<Folder>,
}

/// Watches what SQLite does in a folder, in this process, from now on. `databases` are files that are there, durable,
/// before SQLite opens them: with what they hold now, or empty. With `relaxed`, `PRAGMA synchronous = FULL` has no effect
/// and `NORMAL` holds: for showing that a test notices.
///
/// # Panics
/// When the folder is not there, or SQLite does not take the VFS.
pub fn watch(folder: &Path, databases: &[&str], relaxed: bool) -> Watch {
    register();
    let path = folder.canonicalize().expect("a folder to watch");
    let files = databases.iter().map(|name| (*name, std::fs::read(path.join(name)).unwrap_or_default()));
    let folder = Arc::new(Folder { journal: Mutex::new(Journal::with(files.collect())), relaxed });
    folders().insert(path.clone(), folder.clone());
    Watch { path, folder }
}

impl Watch {
    /// Writes down a point of the test's story.
    pub fn mark(&self, value: u64) {
        self.folder.journal().push(Operation::Mark(value));
    }

    /// Makes operations fail from now on.
    pub fn fail(&self, fault: Fault) {
        self.folder.journal().fail(fault);
    }

    /// Makes none fail any more.
    pub fn heal(&self) {
        self.folder.journal().heal();
    }

    /// How many failed on request so far.
    pub fn failed(&self) -> u64 {
        self.folder.journal().failed()
    }

    /// Ends watching, and returns what happened.
    pub fn journal(self) -> Journal {
        std::mem::take(&mut *self.folder.journal())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        folders().remove(&self.path);
    }
}

/// An open file.
#[repr(C)]
struct Watched {
    base: ffi::sqlite3_file,
    /// Where it lies, if that is watched. Null otherwise; else from `Arc::into_raw`.
    folder: *const Folder,
    inode: Inode,
    name: *mut String,
    /// The next sync syncs the folder too, as SQLite does for a new journal or write-ahead log.
    syncs_folder: AtomicBool,
    /// Keeps the size a multiple of eight, so that the real file behind is aligned.
    _room: u64,
}

const _: () = assert!(size_of::<Watched>().is_multiple_of(8) && align_of::<Watched>() <= 8);

/// What a method needs to know about its file.
struct Seen<'a> {
    real: *mut ffi::sqlite3_file,
    folder: Option<&'a Folder>,
    inode: Inode,
    name: &'a str,
    syncs_folder: &'a AtomicBool,
}

/// # Safety
/// `file` must be one that `x_open` opened and that is not closed; the result must not outlive the call.
unsafe fn seen<'a>(file: *mut ffi::sqlite3_file) -> Seen<'a> {
    // SAFETY: *open*, and *room* for the real file behind.
    unsafe {
        let watched = &*file.cast::<Watched>();
        Seen {
            real: file.cast::<Watched>().add(1).cast(),
            folder: watched.folder.as_ref(),
            inode: watched.inode,
            name: watched.name.as_ref().map_or("", String::as_str),
            syncs_folder: &watched.syncs_folder,
        }
    }
}

impl Seen<'_> {
    fn refusal(&self, kind: Kind) -> Option<c_int> {
        self.folder?.journal().verdict(kind, self.name)
    }

    /// Does something, and writes it down when it succeeded, with nothing else between.
    fn record(
        &self,
        kind: Kind,
        act: impl FnOnce() -> c_int,
        operation: impl FnOnce() -> Operation,
    ) -> c_int {
        let Some(folder) = self.folder else { return act() };
        let mut journal = folder.journal();
        if let Some(code) = journal.verdict(kind, self.name) {
            return code;
        }
        let code = act();
        if code == ffi::SQLITE_OK {
            journal.push(operation());
        }
        code
    }
}

/// Calls a method of the real file.
macro_rules! real {
    ($real:expr, $method:ident $(, $argument:expr)*) => {{
        let real: *mut ffi::sqlite3_file = $real;
        ((*(*real).pMethods).$method.expect("a method of SQLite's own VFS"))(real $(, $argument)*)
    }};
}

unsafe extern "C" fn x_close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: *open*; afterwards nobody uses it. What `x_open` leaked is taken back, once.
    unsafe {
        let code = real!(seen(file).real, xClose);
        let watched = file.cast::<Watched>();
        if !(*watched).folder.is_null() {
            drop(Arc::from_raw((*watched).folder));
            drop(Box::from_raw((*watched).name));
            ((*watched).folder, (*watched).name) = (null(), null_mut());
        }
        code
    }
}

unsafe extern "C" fn x_read(
    file: *mut ffi::sqlite3_file,
    into: *mut c_void,
    length: c_int,
    at: i64,
) -> c_int {
    // SAFETY: *open*, *real*, *contract*.
    unsafe {
        let seen = seen(file);
        match seen.refusal(Kind::Read) {
            Some(code) => code,
            None => real!(seen.real, xRead, into, length, at),
        }
    }
}

unsafe extern "C" fn x_write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    length: c_int,
    at: i64,
) -> c_int {
    // SAFETY: *open*, *real*, *contract*: `from` points at `length` octets.
    unsafe {
        let seen = seen(file);
        let write = || Operation::Write {
            inode: seen.inode,
            offset: at as u64,
            octets: std::slice::from_raw_parts(from.cast::<u8>(), length as usize).into(),
        };
        seen.record(Kind::Write, || real!(seen.real, xWrite, from, length, at), write)
    }
}

unsafe extern "C" fn x_truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: *open*, *real*.
    unsafe {
        let seen = seen(file);
        let truncate = || Operation::Truncate { inode: seen.inode, size: size as u64 };
        seen.record(Kind::Truncate, || real!(seen.real, xTruncate, size), truncate)
    }
}

unsafe extern "C" fn x_sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: *open*, *real*.
    unsafe {
        let seen = seen(file);
        if let Some(code) = seen.refusal(Kind::Sync) {
            return code;
        }
        // Others go on writing meanwhile: those writes are not covered.
        let since = seen.folder.map(|folder| folder.journal().len());
        let code = real!(seen.real, xSync, flags);
        if let (Some(folder), Some(since), ffi::SQLITE_OK) = (seen.folder, since, code) {
            let mut journal = folder.journal();
            journal.push(Operation::Sync { inode: seen.inode, since });
            if seen.syncs_folder.swap(false, Ordering::Relaxed) {
                journal.push(Operation::SyncFolder { since });
            }
        }
        code
    }
}

unsafe extern "C" fn x_file_size(file: *mut ffi::sqlite3_file, size: *mut i64) -> c_int {
    // SAFETY: *open*, *real*, *contract*.
    unsafe { real!(seen(file).real, xFileSize, size) }
}

unsafe extern "C" fn x_lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: *open*, *real*.
    unsafe { real!(seen(file).real, xLock, level) }
}

unsafe extern "C" fn x_unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: *open*, *real*.
    unsafe { real!(seen(file).real, xUnlock, level) }
}

unsafe extern "C" fn x_check_reserved_lock(file: *mut ffi::sqlite3_file, result: *mut c_int) -> c_int {
    // SAFETY: *open*, *real*, *contract*.
    unsafe { real!(seen(file).real, xCheckReservedLock, result) }
}

unsafe extern "C" fn x_file_control(
    file: *mut ffi::sqlite3_file,
    what: c_int,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: *open*, *real*; for a pragma the argument is an array of at least three texts or nulls (*contract*).
    unsafe {
        let seen = seen(file);
        if what == ffi::SQLITE_FCNTL_PRAGMA && seen.folder.is_some_and(|folder| folder.relaxed) {
            let texts = argument.cast::<*const c_char>();
            let is = |n: usize, word: &[u8]| {
                let text = *texts.add(n);
                !text.is_null() && CStr::from_ptr(text).to_bytes().eq_ignore_ascii_case(word)
            };
            if is(1, b"synchronous") && is(2, b"FULL") {
                return ffi::SQLITE_OK;
            }
        }
        real!(seen.real, xFileControl, what, argument)
    }
}

unsafe extern "C" fn x_sector_size(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: *open*, *real*.
    unsafe { real!(seen(file).real, xSectorSize) }
}

unsafe extern "C" fn x_device_characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: *open*, *real*.
    unsafe { real!(seen(file).real, xDeviceCharacteristics) }
}

unsafe extern "C" fn x_shm_map(
    file: *mut ffi::sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    into: *mut *mut c_void,
) -> c_int {
    // SAFETY: *open*, *real*, *contract*.
    unsafe {
        let seen = seen(file);
        match seen.refusal(Kind::Map) {
            Some(code) => code,
            None => real!(seen.real, xShmMap, page, size, extend, into),
        }
    }
}

unsafe extern "C" fn x_shm_lock(
    file: *mut ffi::sqlite3_file,
    offset: c_int,
    n: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: *open*, *real*.
    unsafe { real!(seen(file).real, xShmLock, offset, n, flags) }
}

unsafe extern "C" fn x_shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: *open*, *real*.
    unsafe { real!(seen(file).real, xShmBarrier) }
}

unsafe extern "C" fn x_shm_unmap(file: *mut ffi::sqlite3_file, delete: c_int) -> c_int {
    // SAFETY: *open*, *real*.
    unsafe { real!(seen(file).real, xShmUnmap, delete) }
}

/// Version 2: no file is mapped but the shared memory, so that every write is seen.
static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(x_close),
    xRead: Some(x_read),
    xWrite: Some(x_write),
    xTruncate: Some(x_truncate),
    xSync: Some(x_sync),
    xFileSize: Some(x_file_size),
    xLock: Some(x_lock),
    xUnlock: Some(x_unlock),
    xCheckReservedLock: Some(x_check_reserved_lock),
    xFileControl: Some(x_file_control),
    xSectorSize: Some(x_sector_size),
    xDeviceCharacteristics: Some(x_device_characteristics),
    xShmMap: Some(x_shm_map),
    xShmLock: Some(x_shm_lock),
    xShmBarrier: Some(x_shm_barrier),
    xShmUnmap: Some(x_shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// SQLite's own VFS, which `register` put there.
unsafe fn own(vfs: *mut ffi::sqlite3_vfs) -> *mut ffi::sqlite3_vfs {
    // SAFETY: the VFS that SQLite calls is the one that `register` made, which is never freed.
    unsafe { (*vfs).pAppData.cast() }
}

unsafe extern "C" fn x_open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: *room*, *real*, *contract*. SQLite closes a file only when its methods are set, which is done last.
    unsafe {
        (*file).pMethods = null();
        let path = (!name.is_null()).then(|| CStr::from_ptr(name).to_str().ok().map(Path::new)).flatten();
        let found = path.and_then(watched);
        // Held, so that no file appears or goes between its opening and the note of it.
        let mut journal = found.as_ref().map(|(folder, _)| folder.journal());
        if let (Some(journal), Some((_, name))) = (&mut journal, &found)
            && let Some(code) = journal.verdict(Kind::Open, name)
        {
            return code;
        }
        let real: *mut ffi::sqlite3_file = file.cast::<Watched>().add(1).cast();
        (*real).pMethods = null();
        let own = own(vfs);
        let mut given = 0;
        let code = ((*own).xOpen.expect("SQLite's own"))(own, name, real, flags, &raw mut given);
        if code != ffi::SQLITE_OK {
            if !(*real).pMethods.is_null() {
                real!(real, xClose);
            }
            return code;
        }
        if !out.is_null() {
            *out = given;
        }
        let journals = ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;
        let syncs_folder = flags & ffi::SQLITE_OPEN_CREATE != 0 && flags & journals != 0;
        let inode = match (&mut journal, &found) {
            (Some(journal), Some((_, name))) => journal.open(name),
            _ => 0,
        };
        drop(journal);
        let (folder, name) = match found {
            Some((folder, name)) => (Arc::into_raw(folder), Box::into_raw(Box::new(name))),
            None => (null(), null_mut()),
        };
        let base = ffi::sqlite3_file { pMethods: &raw const METHODS };
        let syncs_folder = AtomicBool::new(syncs_folder);
        file.cast::<Watched>().write(Watched { base, folder, inode, name, syncs_folder, _room: 0 });
        code
    }
}

unsafe extern "C" fn x_delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: *real*, *contract*.
    unsafe {
        let own = own(vfs);
        let remove = || ((*own).xDelete.expect("SQLite's own"))(own, name, sync);
        let Some((folder, file)) = CStr::from_ptr(name).to_str().ok().map(Path::new).and_then(watched) else {
            return remove();
        };
        let mut journal = folder.journal();
        if let Some(code) = journal.verdict(Kind::Remove, &file) {
            return code;
        }
        let code = remove();
        if code == ffi::SQLITE_OK {
            journal.remove(&file);
            if sync != 0 {
                let since = journal.len();
                journal.push(Operation::SyncFolder { since });
            }
        }
        code
    }
}

/// Called for each new connection: what `relaxed` promises.
unsafe extern "C" fn relax(
    connection: *mut ffi::sqlite3,
    _message: *mut *mut c_char,
    _routines: *const ffi::sqlite3_api_routines,
) -> c_int {
    // SAFETY: the connection is open for the length of the call; the name of its file ends with NUL, or is null.
    unsafe {
        let name = ffi::sqlite3_db_filename(connection, c"main".as_ptr());
        if name.is_null() {
            return ffi::SQLITE_OK;
        }
        let folder = CStr::from_ptr(name).to_str().ok().and_then(|name| watched(Path::new(name)));
        if !folder.is_some_and(|(folder, _)| folder.relaxed) {
            return ffi::SQLITE_OK;
        }
        ffi::sqlite3_exec(connection, c"PRAGMA synchronous = NORMAL".as_ptr(), None, null_mut(), null_mut())
    }
}

fn register() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // SAFETY: the VFS that is found stays for ever, and the copy of it that is registered is leaked. Of its methods
        // `xOpen` alone looks at the VFS that it is given, and gets the original (see `x_open`).
        unsafe {
            ffi::sqlite3_initialize();
            let own = ffi::sqlite3_vfs_find(null());
            assert!(!own.is_null(), "SQLite has a VFS of its own");
            let vfs = Box::leak(Box::new(*own));
            vfs.szOsFile += size_of::<Watched>() as c_int;
            vfs.zName = c"ptrd-powercut".as_ptr();
            vfs.pNext = null_mut();
            vfs.pAppData = own.cast();
            vfs.xOpen = Some(x_open);
            vfs.xDelete = Some(x_delete);
            assert_eq!(ffi::sqlite3_vfs_register(vfs, 1), ffi::SQLITE_OK, "SQLite takes the VFS");
            assert_eq!(
                ffi::sqlite3_auto_extension(Some(relax)),
                ffi::SQLITE_OK,
                "SQLite takes the extension"
            );
        }
    });
}

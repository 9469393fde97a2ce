//! The functions through which SQLite reaches files: those of the machine, but for writing, locking, waiting and closing.
//!
//! Each file that is opened gets a table of functions of its own, which is that of the machine with ours in it, followed by what we
//! have to know of the file. So ours find it by the table.

use std::cell::Cell;
use std::ffi::{CStr, c_int, c_void};
use std::path::PathBuf;
use std::ptr;
use std::sync::OnceLock;

use libsqlite3_sys::{
    SQLITE_BUSY, SQLITE_FULL, SQLITE_IOERR, SQLITE_OK, SQLITE_SHM_EXCLUSIVE, SQLITE_SHM_LOCK,
    sqlite3_file, sqlite3_filename, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs,
    sqlite3_vfs_find, sqlite3_vfs_register,
};

use crate::trouble::{self, Trouble};

const NAME: &CStr = c"troubled";
/// The lock of a write-ahead log that its one writer holds.
const WRITE_LOCK: c_int = 0;
/// What a file of a database is called behind the database's own name.
const SUFFIXES: [&str; 2] = ["-wal", "-journal"];

/// The functions of the machine, which live as long as the process.
struct Machine(*mut sqlite3_vfs);

// SAFETY: SQLite itself uses it from all threads, and nobody changes it once it is registered.
unsafe impl Send for Machine {}
// SAFETY: as above.
unsafe impl Sync for Machine {}

static MACHINE: OnceLock<Machine> = OnceLock::new();

thread_local! {
    /// Whether this thread was just told that the database is locked: then it goes on to wait.
    static REFUSED: Cell<bool> = const { Cell::new(false) };
}

/// A file's table of functions, and what we have to know of the file.
#[repr(C)]
struct Watched {
    /// First, so that a pointer to it is one to the whole.
    methods: sqlite3_io_methods,
    machine: *const sqlite3_io_methods,
    /// The database that the file belongs to.
    database: PathBuf,
}

/// Puts our functions before those of the machine, for all connections that are opened from now on; once is enough.
///
/// # Panics
/// SQLite cannot be started.
pub fn install() {
    MACHINE.get_or_init(|| {
        // SAFETY: none is asked for by name, so it is the default, which is never freed.
        let machine = unsafe { sqlite3_vfs_find(ptr::null()) };
        assert!(!machine.is_null(), "SQLite reaches files");
        // SAFETY: it is not null, and a plain structure.
        let mut ours = unsafe { *machine };
        ours.zName = NAME.as_ptr();
        ours.xOpen = Some(open);
        ours.xSleep = Some(sleep);
        // SAFETY: it is leaked, so it lives as long as the process, and complete.
        let registered = unsafe { sqlite3_vfs_register(Box::leak(Box::new(ours)), 1) };
        assert_eq!(registered, SQLITE_OK, "SQLite takes other functions");
        Machine(machine)
    });
}

fn machine() -> *mut sqlite3_vfs {
    // Ours are only called once they are registered, which may be a moment before it is noted here.
    MACHINE.wait().0
}

/// The database that a file belongs to.
fn database(name: sqlite3_filename) -> Option<PathBuf> {
    if name.is_null() {
        return None;
    }
    // SAFETY: SQLite gives a name that ends with a zero.
    let name = unsafe { CStr::from_ptr(name) }.to_str().ok()?;
    let of = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
    Some(PathBuf::from(of.unwrap_or(name)))
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    let machine = machine();
    // SAFETY: the call is passed on as it came, to the functions that it is meant for.
    let opened = unsafe {
        match (*machine).xOpen {
            Some(open) => open(machine, name, file, flags, flags_out),
            None => return SQLITE_IOERR,
        }
    };
    let Some(database) = database(name).filter(|_| opened == SQLITE_OK) else {
        return opened;
    };
    // SAFETY: the file is open, so that it has a table, which lives as long as the process.
    unsafe {
        let theirs = (*file).pMethods;
        let methods = sqlite3_io_methods {
            xWrite: Some(write),
            xClose: Some(close),
            // Where the machine has no such function for a file, SQLite must see so.
            xShmLock: (*theirs).xShmLock.map(|_| lock as _),
            ..*theirs
        };
        let watched = Box::new(Watched {
            methods,
            machine: theirs,
            database,
        });
        (*file).pMethods = Box::into_raw(watched).cast();
    }
    opened
}

/// What we know of a file that we have opened.
///
/// # Safety
/// The file is one that [`open`] has opened and nobody has closed.
unsafe fn watched<'f>(file: *mut sqlite3_file) -> &'f Watched {
    // SAFETY: its table is the first member of a `Watched`, which lives until the file is closed.
    unsafe { &*(*file).pMethods.cast::<Watched>() }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file that is open, and uses it no more.
    unsafe {
        let watched = Box::from_raw((*file).pMethods.cast_mut().cast::<Watched>());
        (*file).pMethods = watched.machine;
        match (*watched.machine).xClose {
            Some(close) => close(file),
            None => SQLITE_IOERR,
        }
    }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite writes to a file that is open; the call is passed on as it came.
    unsafe {
        let watched = watched(file);
        if trouble::trouble(&watched.database) == Some(Trouble::Full) {
            return SQLITE_FULL;
        }
        match (*watched.machine).xWrite {
            Some(write) => write(file, bytes, count, at),
            None => SQLITE_IOERR,
        }
    }
}

unsafe extern "C" fn lock(
    file: *mut sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: SQLite locks a file that is open; the call is passed on as it came.
    unsafe {
        let watched = watched(file);
        if offset == WRITE_LOCK && flags == SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE {
            trouble::wait_while_slow(&watched.database);
            if trouble::trouble(&watched.database) == Some(Trouble::Locked) {
                REFUSED.set(true);
                return SQLITE_BUSY;
            }
        }
        match (*watched.machine).xShmLock {
            Some(lock) => lock(file, offset, count, flags),
            None => SQLITE_IOERR,
        }
    }
}

unsafe extern "C" fn sleep(_: *mut sqlite3_vfs, microseconds: c_int) -> c_int {
    // Time is what the run says it is: who waits for a locked database has waited.
    if REFUSED.replace(false) {
        return microseconds;
    }
    let machine = machine();
    // SAFETY: the call is passed on as it came.
    unsafe {
        match (*machine).xSleep {
            Some(sleep) => sleep(machine, microseconds),
            None => 0,
        }
    }
}

//! A checksum in every page of every SQLite file, verified whenever a page is read from the disk.
//!
//! Rows have sums of their own, but a damaged key hides a row without touching it, and index rows have
//! none. So the last eight bytes of a page, which SQLite is asked to leave alone, hold the CRC-32 of the
//! page and its place in the file, and the complement of that. This is a thin layer between SQLite and
//! its own access to files: everything but reading and writing a page goes straight through. SQLite's
//! own log is not covered; its frames have sums, and what fails them is replayed from the commit log.
#![expect(unsafe_code, reason = "SQLite talks to its files through pointers to functions")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::slice;
use std::sync::OnceLock;

use parking_lot::Mutex;
use rusqlite::{Connection, ffi};

use super::tally;

/// What the layer is called among SQLite's.
pub(super) const NAME: &CStr = c"vql";

/// Bytes of a page; see `sqlite::configure`.
const PAGE: usize = 8192;

/// Bytes of a page that are the sum.
const SUM: usize = 8;

/// SQLite's own access to files.
struct Theirs(*mut ffi::sqlite3_vfs);

// SAFETY: it is never changed after SQLite made it, and SQLite itself uses it from every thread.
unsafe impl Send for Theirs {}
// SAFETY: as above.
unsafe impl Sync for Theirs {}

static THEIRS: OnceLock<Option<Theirs>> = OnceLock::new();

/// What can be done with a file of pages: ours first, so that a pointer to it is one to the whole.
#[repr(C)]
struct Methods {
    ours: ffi::sqlite3_io_methods,
    theirs: *const ffi::sqlite3_io_methods,
}

// SAFETY: a table of functions that is never changed once made.
unsafe impl Send for Methods {}
// SAFETY: as above.
unsafe impl Sync for Methods {}

/// One for each kind of file SQLite knows on this machine.
static TABLES: Mutex<Vec<&'static Methods>> = Mutex::new(Vec::new());

/// Makes the layer known to SQLite; false when SQLite has no access to files.
pub(super) fn register() -> bool {
    THEIRS.get_or_init(added).is_some()
}

fn added() -> Option<Theirs> {
    // SAFETY: the default layer lives as long as the process; ours is a copy of it that lives as long,
    // with another name and another way to open.
    unsafe {
        if ffi::sqlite3_initialize() != ffi::SQLITE_OK {
            return None;
        }
        let theirs = ffi::sqlite3_vfs_find(ptr::null());
        let mut ours = *theirs.as_ref()?;
        ours.pNext = ptr::null_mut();
        ours.zName = NAME.as_ptr();
        ours.xOpen = Some(open);
        let ours = Box::into_raw(Box::new(ours));
        (ffi::sqlite3_vfs_register(ours, 0) == ffi::SQLITE_OK).then_some(Theirs(theirs))
    }
}

/// Asks SQLite to leave the end of every page of a file that is about to be made to us.
pub(super) fn reserve(conn: &Connection) {
    let mut bytes: c_int = SUM as c_int;
    // SAFETY: the connection is open, and the call takes a pointer to an integer.
    unsafe {
        ffi::sqlite3_file_control(
            conn.handle(),
            c"main".as_ptr(),
            ffi::SQLITE_FCNTL_RESERVE_BYTES,
            (&raw mut bytes).cast::<c_void>(),
        );
    }
}

unsafe extern "C" fn open(
    _ours: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    let Some(Some(Theirs(theirs))) = THEIRS.get() else { return ffi::SQLITE_CANTOPEN };
    // SAFETY: all arguments are SQLite's and go to SQLite's own function. When that succeeds, the file
    // has a table of methods.
    unsafe {
        let Some(really) = (**theirs).xOpen else { return ffi::SQLITE_CANTOPEN };
        let done = really(*theirs, name, file, flags, flags_out);
        if done == ffi::SQLITE_OK && flags & ffi::SQLITE_OPEN_MAIN_DB != 0 {
            (*file).pMethods = &raw const table((*file).pMethods).ours;
        }
        done
    }
}

/// Our methods over these.
unsafe fn table(theirs: *const ffi::sqlite3_io_methods) -> &'static Methods {
    let mut tables = TABLES.lock();
    if let Some(known) = tables.iter().find(|table| table.theirs == theirs) {
        return known;
    }
    // SAFETY: the caller has it from an open file.
    let mut ours = unsafe { *theirs };
    // Later versions read pages without asking for them.
    ours.iVersion = ours.iVersion.min(2);
    ours.xRead = Some(read);
    ours.xWrite = Some(write);
    ours.xDeviceCharacteristics = Some(characteristics);
    let made: &'static Methods = Box::leak(Box::new(Methods { ours, theirs }));
    tables.push(made);
    made
}

/// SQLite's own methods of one of our files.
unsafe fn theirs(file: *mut ffi::sqlite3_file) -> &'static ffi::sqlite3_io_methods {
    // SAFETY: only `open` gives files these functions, with the first field of a `Methods`.
    unsafe { &*(*(*file).pMethods.cast::<Methods>()).theirs }
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    into: *mut c_void,
    length: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite gives room for `length` bytes, which its own function has filled.
    unsafe {
        let Some(really) = theirs(file).xRead else { return ffi::SQLITE_IOERR_READ };
        let done = really(file, into, length, at);
        if done != ffi::SQLITE_OK || length as usize != PAGE {
            return done;
        }
        tally::page();
        let page = slice::from_raw_parts(into.cast::<u8>().cast_const(), PAGE);
        if is_whole(page, at) { ffi::SQLITE_OK } else { ffi::SQLITE_IOERR_DATA }
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    length: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite gives `length` bytes; its own function gets as many.
    unsafe {
        let Some(really) = theirs(file).xWrite else { return ffi::SQLITE_IOERR_WRITE };
        if length as usize != PAGE {
            return really(file, from, length, at);
        }
        // A copy: what SQLite has in its hands is its own.
        let mut page = [0; PAGE];
        page.copy_from_slice(slice::from_raw_parts(from.cast::<u8>(), PAGE));
        let sum = sum(&page, at);
        page[PAGE - SUM..].copy_from_slice(&sum);
        really(file, page.as_ptr().cast(), length, at)
    }
}

unsafe extern "C" fn characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: the file is one of ours.
    let all = unsafe { theirs(file).xDeviceCharacteristics.map_or(0, |really| really(file)) };
    // A part of a page has no sum.
    all & !ffi::SQLITE_IOCAP_SUBPAGE_READ
}

/// The sum of a page at this place of its file.
fn sum(page: &[u8], at: i64) -> [u8; SUM] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&at.to_le_bytes());
    hasher.update(&page[..PAGE - SUM]);
    let sum = hasher.finalize();
    let mut bytes = [0; SUM];
    bytes[..4].copy_from_slice(&sum.to_le_bytes());
    bytes[4..].copy_from_slice(&(!sum).to_le_bytes());
    bytes
}

/// Whether a page is what was written there. A place in the file that never was is all zeros.
fn is_whole(page: &[u8], at: i64) -> bool {
    page[PAGE - SUM..] == sum(page, at) || page.iter().all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::sqlite::{self, Access};
    use super::*;

    /// A file with some rows, in order and closed.
    fn filled() -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.db");
        let conn = sqlite::open(&path, Access::Write).unwrap();
        conn.execute_batch(
            "CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT);
             WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 300)
             INSERT INTO t SELECT i, printf('%0100d', i) FROM n;
             INSERT INTO t VALUES (1000, hex(zeroblob(30000)))",
        )
        .unwrap();
        drop(conn);
        (dir, path)
    }

    fn read_all(path: &std::path::Path) -> rusqlite::Result<Vec<(i64, String)>> {
        let conn = sqlite::open(path, Access::Write)?;
        let mut rows = conn.prepare("SELECT k, v FROM t")?;
        rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }

    #[test]
    fn every_page_of_a_file_has_its_sum() {
        let (_dir, path) = filled();
        let bytes = fs::read(path).unwrap();
        assert!(bytes.len() > 8 * PAGE && bytes.len() % PAGE == 0);
        for (n, page) in bytes.chunks(PAGE).enumerate() {
            assert!(is_whole(page, (n * PAGE) as i64), "page {n}");
            assert!(!is_whole(page, ((n + 1) * PAGE) as i64), "page {n} elsewhere");
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_is_an_error_and_never_another_answer() {
        let (_dir, path) = filled();
        let (bytes, truth) = (fs::read(&path).unwrap(), read_all(&path).unwrap());
        for n in 0..400 {
            let at = (n * 7919 + 13 * n * n) % bytes.len();
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (n % 8);
            fs::write(&path, damaged).unwrap();
            match read_all(&path) {
                Ok(rows) => assert_eq!(rows, truth, "byte {at}"),
                Err(error) => {
                    let kind = sqlite::error("t.db", &error).kind;
                    assert_eq!(kind, crate::engine::base::Kind::Corruption, "byte {at}: {error}");
                }
            }
        }
    }
}

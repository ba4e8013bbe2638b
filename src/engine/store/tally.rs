//! What a thread has read from the files so far: rows whose checksums were verified, and pages that
//! SQLite had to fetch because its cache did not hold them. For whoever measures what a statement
//! costs; nothing is decided by it.

use std::cell::Cell;

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows.
    pub rows: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Pages fetched from the database files. Pages that still lie in SQLite's own log, or in its
    /// cache, are not among them.
    pub pages: u64,
}

impl Tally {
    /// What came since `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            rows: self.rows.saturating_sub(earlier.rows),
            bytes: self.bytes.saturating_sub(earlier.bytes),
            pages: self.pages.saturating_sub(earlier.pages),
        }
    }
}

thread_local! {
    static READ: Cell<Tally> = const { Cell::new(Tally { rows: 0, bytes: 0, pages: 0 }) };
}

/// What this thread has read since it began.
pub fn tally() -> Tally {
    READ.get()
}

/// A row of so many bytes was read.
pub(super) fn row(bytes: usize) {
    let mut read = READ.get();
    read.rows += 1;
    read.bytes += bytes as u64;
    READ.set(read);
}

/// A page was fetched.
pub(super) fn page() {
    let mut read = READ.get();
    read.pages += 1;
    READ.set(read);
}

//! The tables every file has, as `docs/internals/format.md` draws them. Index tables are made by the
//! modalities' hooks, beside these.

/// The version of the files' format, in `FORMAT` and in each file.
pub(super) const FORMAT: u32 = 1;

/// In all nine: which file this is, and up to which commit it was changed.
pub(super) const STATE: &str = "
    CREATE TABLE IF NOT EXISTS state (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        database BLOB NOT NULL, place INTEGER NOT NULL, format INTEGER NOT NULL,
        applied INTEGER NOT NULL, time INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;";

/// In the eight of the modalities.
pub(super) const MODALITY: &str = "
    CREATE TABLE IF NOT EXISTS record (
        iid INTEGER PRIMARY KEY, version INTEGER NOT NULL, updated_at INTEGER NOT NULL,
        meta BLOB NOT NULL, body BLOB NOT NULL, sum INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS history (
        iid INTEGER NOT NULL, version INTEGER NOT NULL, until INTEGER NOT NULL,
        updated_at INTEGER NOT NULL, meta BLOB NOT NULL, body BLOB NOT NULL, sum INTEGER NOT NULL
        ) STRICT;
    CREATE UNIQUE INDEX IF NOT EXISTS history_of ON history (iid, version);
    CREATE TABLE IF NOT EXISTS appended (
        iid INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
        body BLOB NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (iid, seq)) STRICT, WITHOUT ROWID;";

/// In `catalog.db`.
pub(super) const CATALOG: &str = "
    CREATE TABLE IF NOT EXISTS hexad (
        iid INTEGER PRIMARY KEY, id TEXT NOT NULL, present INTEGER NOT NULL,
        version INTEGER NOT NULL, created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL,
        deleted_at INTEGER, sum INTEGER NOT NULL) STRICT;
    CREATE UNIQUE INDEX IF NOT EXISTS hexad_live ON hexad (id) WHERE deleted_at IS NULL;
    CREATE INDEX IF NOT EXISTS hexad_gone ON hexad (id) WHERE deleted_at IS NOT NULL;
    CREATE TABLE IF NOT EXISTS entry (
        space INTEGER NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL, sum INTEGER NOT NULL,
        PRIMARY KEY (space, name)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS bitmap (
        kind INTEGER PRIMARY KEY, lsn INTEGER NOT NULL, body BLOB NOT NULL, sum INTEGER NOT NULL
        ) STRICT;";

//! The same work done by hand on one `SQLite` file: FTS5 for text, sqlite-vec for vectors, an edge
//! table with both covering indexes for the graph. What `vql bench` measures itself against.
//!
//! This is the one place outside `engine/store` that says SQL: it stands for what a careful user
//! would write without vql. Prepared statements, WAL, `synchronous=FULL`, one transaction a batch.

pub(crate) mod row;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior, params};

use crate::cmd::bench::data::{Item, name, word};
use crate::cmd::bench::question::{K, Kind, Question, either};
use crate::cmd::bench::subject::{Answer, Hand, Result, Subject};

/// One open `SQLite` file.
pub(crate) struct ByHand {
    db: Connection,
    path: PathBuf,
}

const NEAREST: &str = "SELECT i.id \
    FROM (SELECT n, distance FROM knn WHERE data MATCH ?1 AND k = ?2) v \
    JOIN item i ON i.n = v.n ORDER BY v.distance, i.id";
const NEAREST_WHERE: &str = "SELECT i.id FROM item i JOIN embedding e ON e.n = i.n \
    WHERE i.bucket < ?2 ORDER BY vec_distance_cosine(e.data, ?1), i.id LIMIT ?3";
const TEXT: &str = "SELECT i.id FROM text t JOIN item i ON i.n = t.rowid WHERE text MATCH ?1 \
    ORDER BY bm25(text, 2.0, 1.0), i.id LIMIT ?2";
/// The order of the joins is given: left to itself the planner goes through all items by id.
const HOPS: &str = "WITH RECURSIVE walk (n, hop) AS ( \
        SELECT n, 0 FROM item WHERE id = ?1 \
        UNION SELECT e.target, hop + 1 FROM walk JOIN edge e ON e.source = walk.n \
              WHERE hop < ?2 AND e.predicate = 'LINKS') \
    SELECT i.id FROM (SELECT DISTINCT n FROM walk WHERE hop > 0) w \
    CROSS JOIN item i ON i.n = w.n ORDER BY i.id";
/// Walks first, then asks for each hexad whether it has the word: six times faster than the other way.
const HYBRID: &str = "WITH RECURSIVE walk (n, hop) AS ( \
        SELECT n, 0 FROM item WHERE id = ?1 \
        UNION SELECT e.source, hop + 1 FROM walk JOIN edge e ON e.target = walk.n \
              WHERE hop < 2 AND e.predicate = 'LINKS') \
    SELECT i.id FROM (SELECT DISTINCT n FROM walk WHERE hop > 0) w \
    CROSS JOIN text t ON t.rowid = w.n CROSS JOIN item i ON i.n = w.n \
    CROSS JOIN embedding v ON v.n = w.n \
    WHERE text MATCH ?2 ORDER BY vec_distance_cosine(v.data, ?3), i.id LIMIT ?4";
const AGGREGATE: &str =
    "SELECT bucket || ':' || COUNT(*) FROM item WHERE bucket < ?1 GROUP BY bucket";
/// What was first put aside is what was before the first revision.
const AS_OF: &str = "SELECT CAST(COALESCE( \
        (SELECT revision FROM version v WHERE v.n = i.n AND v.until > 0 ORDER BY until LIMIT 1), \
        revision) AS TEXT) FROM item i WHERE id = ?1";

const SCHEMA: &str = "
    PRAGMA page_size = 8192;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -65536;
    CREATE TABLE item (
        n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT, body TEXT, bucket INTEGER,
        revision INTEGER NOT NULL);
    CREATE TABLE version (n INTEGER, until INTEGER, revision INTEGER, PRIMARY KEY (n, until)) WITHOUT ROWID;
    CREATE INDEX item_bucket ON item (bucket);
    CREATE TABLE embedding (n INTEGER PRIMARY KEY, data BLOB NOT NULL);
    CREATE TABLE edge (
        source INTEGER, predicate TEXT, target INTEGER,
        PRIMARY KEY (source, predicate, target)) WITHOUT ROWID;
    CREATE INDEX edge_back ON edge (target, predicate, source);
    CREATE VIRTUAL TABLE text USING fts5 (title, body, content='item', content_rowid='n');
";

impl ByHand {
    /// Creates the file.
    pub(crate) fn create(path: &Path, dimensions: usize) -> Result<Self> {
        register_vec();
        let db = Connection::open(path)?;
        db.execute_batch(SCHEMA)?;
        db.set_prepared_statement_cache_capacity(64);
        let knn = format!(
            "CREATE VIRTUAL TABLE knn USING vec0 (n INTEGER PRIMARY KEY, \
             data float[{dimensions}] distance_metric=cosine)"
        );
        db.execute_batch(&knn)?;
        Ok(Self { db, path: path.to_owned() })
    }

    fn write(db: &Connection, n: usize, item: &Item) -> Result<()> {
        let row = n as i64;
        db.prepare_cached("INSERT INTO item VALUES (?1, ?2, ?3, ?4, ?5, 0)")?.execute(params![
            row,
            item.id,
            item.title,
            item.body,
            item.bucket
        ])?;
        db.prepare_cached("INSERT INTO text (rowid, title, body) VALUES (?1, ?2, ?3)")?
            .execute(params![row, item.title, item.body])?;
        let blob: &[u8] = bytemuck::cast_slice(&item.embedding);
        db.prepare_cached("INSERT INTO embedding VALUES (?1, ?2)")?.execute(params![row, blob])?;
        db.prepare_cached("INSERT INTO knn (n, data) VALUES (?1, ?2)")?
            .execute(params![row, blob])?;
        let mut edge = db.prepare_cached("INSERT OR IGNORE INTO edge VALUES (?1, 'LINKS', ?2)")?;
        for target in item.targets {
            edge.execute(params![row, target as i64])?;
        }
        Ok(())
    }

    fn get(&self, id: &str) -> Result<Answer> {
        let (n, title, body): (i64, String, String) = self
            .db
            .prepare_cached("SELECT n, title, body, bucket FROM item WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let data: Vec<u8> = self
            .db
            .prepare_cached("SELECT data FROM embedding WHERE n = ?1")?
            .query_row([n], |row| row.get(0))?;
        let embedding: Vec<f32> = data.chunks_exact(4).map(bytemuck::pod_read_unaligned).collect();
        let edges = self.ids(
            "SELECT i.id FROM edge e JOIN item i ON i.n = e.target WHERE e.source = ?1",
            [n],
        )?;
        std::hint::black_box((&body, &embedding, &edges));
        Ok(vec![title])
    }

    fn ids(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<Vec<String>> {
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(parameters, |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Subject for ByHand {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn cannot(&self, _: Kind) -> Option<String> {
        None
    }

    fn load(&mut self, items: Vec<(usize, Item)>) -> Result<()> {
        write_all(&mut self.db, &items)
    }

    fn revise(&mut self, n: usize) -> Result<()> {
        let transaction = self.db.transaction()?;
        transaction
            .prepare_cached(
                "INSERT INTO version SELECT n, (SELECT COALESCE(MAX(until), 0) + 1 FROM version), \
                 revision FROM item WHERE n = ?1",
            )?
            .execute([n as i64])?;
        transaction
            .prepare_cached("UPDATE item SET revision = 1 WHERE n = ?1")?
            .execute([n as i64])?;
        Ok(transaction.commit()?)
    }

    fn ask(&mut self, question: &Question) -> Result<Answer> {
        let k = K as i64;
        match question {
            Question::Get(n) => self.get(&name(*n)),
            Question::Nearest(v) => self.ids(NEAREST, params![blob(v), k]),
            Question::NearestWhere(v, below) => self.ids(NEAREST_WHERE, params![blob(v), below, k]),
            Question::Text(a, b) => self.ids(TEXT, params![either(*a, *b), k]),
            Question::Hops(n, hops) => self.ids(HOPS, params![name(*n), hops]),
            Question::Hybrid(rank, seed, v) => {
                self.ids(HYBRID, params![name(*seed), word(*rank), blob(v), k])
            }
            Question::Aggregate(below) => self.ids(AGGREGATE, [below]),
            Question::AsOf(n) => self.ids(AS_OF, [name(*n)]),
        }
    }

    fn hand(&self) -> Result<Box<dyn Hand>> {
        let db = Connection::open(&self.path)?;
        db.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -65536")?;
        db.busy_timeout(Duration::from_mins(10))?;
        db.set_prepared_statement_cache_capacity(64);
        Ok(Box::new(OtherHand(db)))
    }

    fn crash(&self, place: &Path) -> Result<PathBuf> {
        std::fs::create_dir_all(place)?;
        let copy = place.join("by-hand.sqlite");
        for suffix in ["", "-wal"] {
            let from = PathBuf::from(format!("{}{suffix}", self.path.display()));
            if from.exists() {
                std::fs::copy(from, format!("{}{suffix}", copy.display()))?;
            }
        }
        Ok(copy)
    }

    fn reopen(&self, copy: &Path, n: usize) -> Result<Answer> {
        let db = Connection::open(copy)?;
        let title =
            db.query_row("SELECT title FROM item WHERE id = ?1", [name(n)], |r| r.get(0))?;
        Ok(vec![title])
    }

    fn finish(&mut self) -> Result<()> {
        Ok(self.db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?)
    }

    fn settle(&mut self) -> Result<()> {
        self.finish()
    }

    fn settings(&self) -> String {
        let version = rusqlite::version();
        format!("SQLite {version}, WAL, synchronous=FULL, cache 64 MiB, FTS5, sqlite-vec")
    }
}

/// Another connection to the same file.
struct OtherHand(Connection);

impl Hand for OtherHand {
    fn insert(&mut self, n: usize, item: Item) -> Result<()> {
        // The lock is asked for at once: a transaction that begins by reading may not wait for it.
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        ByHand::write(&transaction, n, &item)?;
        Ok(transaction.commit()?)
    }
}

fn write_all(db: &mut Connection, items: &[(usize, Item)]) -> Result<()> {
    let transaction = db.transaction()?;
    for (n, item) in items {
        ByHand::write(&transaction, *n, item)?;
    }
    Ok(transaction.commit()?)
}

fn blob(numbers: &[f32]) -> &[u8] {
    bytemuck::cast_slice(numbers)
}

/// Makes sqlite-vec part of every connection opened after it.
#[cfg(feature = "peers")]
fn register_vec() {
    use std::sync::Once;
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        #[expect(unsafe_code, reason = "the extension's entry point has no safe registration")]
        // SAFETY: `sqlite3_vec_init` is an extension entry point with the signature that
        // `sqlite3_auto_extension` calls; the crate declares it without its arguments.
        unsafe {
            let entry: unsafe extern "C" fn(
                *mut rusqlite::ffi::sqlite3,
                *mut *mut std::os::raw::c_char,
                *const rusqlite::ffi::sqlite3_api_routines,
            ) -> std::os::raw::c_int =
                std::mem::transmute(sqlite_vec::sqlite3_vec_init as *const ());
            rusqlite::ffi::sqlite3_auto_extension(Some(entry));
        }
    });
}

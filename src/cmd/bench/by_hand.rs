//! The same work done by hand on one `SQLite` file: FTS5 for text, sqlite-vec for vectors, an edge
//! table with both covering indexes for the graph. What `vql bench` measures itself against.
//!
//! This is the one place outside `engine/store` that says SQL: it stands for what a careful user
//! would write without vql. Prepared statements, WAL, `synchronous=FULL`, one transaction a batch.

use std::path::Path;

use rusqlite::{Connection, params};

use super::data::Item;
use super::subject::{Answer, Result, Subject};

/// One open `SQLite` file.
pub(crate) struct ByHand {
    db: Connection,
}

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA page_size = 8192;
    PRAGMA cache_size = -65536;
    CREATE TABLE item (
        n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT, body TEXT, bucket INTEGER);
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
        Ok(Self { db })
    }

    fn write(db: &Connection, n: usize, item: &Item) -> Result<()> {
        let row = n as i64;
        db.prepare_cached("INSERT INTO item VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
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

    fn load(&mut self, items: &mut dyn Iterator<Item = (usize, Item)>, batch: usize) -> Result<()> {
        let mut items = items.peekable();
        while items.peek().is_some() {
            let transaction = self.db.transaction()?;
            for (n, item) in items.by_ref().take(batch) {
                Self::write(&transaction, n, &item)?;
            }
            transaction.commit()?;
        }
        Ok(())
    }

    fn insert(&mut self, n: usize, item: Item) -> Result<()> {
        let transaction = self.db.transaction()?;
        Self::write(&transaction, n, &item)?;
        Ok(transaction.commit()?)
    }

    fn get(&mut self, id: &str) -> Result<Answer> {
        let sql = "SELECT n, title, body, bucket FROM item WHERE id = ?1";
        let (n, title, body): (i64, String, String) = self
            .db
            .prepare_cached(sql)?
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

    fn nearest(&mut self, query: &[f32], k: usize) -> Result<Answer> {
        let blob: &[u8] = bytemuck::cast_slice(query);
        self.ids(
            "SELECT i.id FROM (SELECT n, distance FROM knn WHERE data MATCH ?1 AND k = ?2) v \
             JOIN item i ON i.n = v.n ORDER BY v.distance, i.id",
            params![blob, k as i64],
        )
    }

    fn nearest_where(&mut self, query: &[f32], below: u32, k: usize) -> Result<Answer> {
        let blob: &[u8] = bytemuck::cast_slice(query);
        self.ids(
            "SELECT i.id FROM item i JOIN embedding e ON e.n = i.n WHERE i.bucket < ?2 \
             ORDER BY vec_distance_cosine(e.data, ?1), i.id LIMIT ?3",
            params![blob, below, k as i64],
        )
    }

    fn text(&mut self, a: &str, b: &str, k: usize) -> Result<Answer> {
        self.ids(
            "SELECT i.id FROM text t JOIN item i ON i.n = t.rowid WHERE text MATCH ?1 \
             ORDER BY bm25(text, 2.0, 1.0), i.id LIMIT ?2",
            params![format!("{a} OR {b}"), k as i64],
        )
    }

    fn two_hops(&mut self, id: &str) -> Result<Answer> {
        self.ids(
            "WITH RECURSIVE walk (n, hop) AS ( \
                 SELECT n, 0 FROM item WHERE id = ?1 \
                 UNION SELECT e.target, hop + 1 FROM walk JOIN edge e ON e.source = walk.n \
                       WHERE hop < 2 AND e.predicate = 'LINKS') \
             SELECT DISTINCT i.id FROM walk JOIN item i ON i.n = walk.n WHERE hop > 0 ORDER BY i.id",
            [id],
        )
    }

    fn hybrid(&mut self, word: &str, seed: &str, query: &[f32], k: usize) -> Result<Answer> {
        let blob: &[u8] = bytemuck::cast_slice(query);
        self.ids(
            "WITH RECURSIVE walk (n, hop) AS ( \
                 SELECT n, 0 FROM item WHERE id = ?1 \
                 UNION SELECT e.source, hop + 1 FROM walk JOIN edge e ON e.target = walk.n \
                       WHERE hop < 2 AND e.predicate = 'LINKS') \
             SELECT i.id FROM text t JOIN item i ON i.n = t.rowid \
             JOIN embedding v ON v.n = i.n \
             WHERE text MATCH ?2 AND i.n IN (SELECT n FROM walk WHERE hop > 0) \
             ORDER BY vec_distance_cosine(v.data, ?3), i.id LIMIT ?4",
            params![seed, word, blob, k as i64],
        )
    }

    fn settle_writes(&mut self) -> Result<()> {
        self.finish()
    }

    fn finish(&mut self) -> Result<()> {
        Ok(self.db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?)
    }

    fn fsyncs(&self) -> Option<u64> {
        None
    }
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

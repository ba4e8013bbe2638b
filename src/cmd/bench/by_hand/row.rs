//! The least a durable read by id can cost: one row of one table, everything of an item in one BLOB.

use std::path::Path;

use rusqlite::Connection;

use crate::cmd::bench::data::{Item, name};
use crate::cmd::bench::question::{Kind, Question};
use crate::cmd::bench::subject::{Answer, Result, Subject};

/// One open `SQLite` file with one table.
pub(crate) struct Rows {
    db: Connection,
}

const SCHEMA: &str = "
    PRAGMA page_size = 8192;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -65536;
    CREATE TABLE item (id TEXT PRIMARY KEY, title TEXT, body TEXT, rest BLOB) WITHOUT ROWID;
";

impl Rows {
    /// Creates the file.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let db = Connection::open(path)?;
        db.execute_batch(SCHEMA)?;
        Ok(Self { db })
    }
}

impl Subject for Rows {
    fn name(&self) -> &'static str {
        "row"
    }

    fn cannot(&self, kind: Kind) -> Option<String> {
        let can = matches!(kind, Kind::Load | Kind::Insert | Kind::Get);
        (!can).then(|| "it is one table without indexes".to_owned())
    }

    fn load(&mut self, items: Vec<(usize, Item)>) -> Result<()> {
        let transaction = self.db.transaction()?;
        for (_, item) in items {
            let mut rest: Vec<u8> = bytemuck::cast_slice(&item.embedding).to_vec();
            rest.extend(item.bucket.to_le_bytes());
            rest.extend(item.targets.iter().flat_map(|target| (*target as u64).to_le_bytes()));
            transaction
                .prepare_cached("INSERT INTO item VALUES (?1, ?2, ?3, ?4)")?
                .execute((item.id, item.title, item.body, rest))?;
        }
        Ok(transaction.commit()?)
    }

    fn ask(&mut self, question: &Question) -> Result<Answer> {
        let Question::Get(n) = question else { return Err("it is one table".into()) };
        let mut row = self.db.prepare_cached("SELECT title, body, rest FROM item WHERE id = ?1")?;
        let found: (String, String, Vec<u8>) =
            row.query_row([name(*n)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        std::hint::black_box(&found);
        Ok(vec![found.0])
    }

    fn finish(&mut self) -> Result<()> {
        Ok(self.db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?)
    }

    fn settings(&self) -> String {
        let version = rusqlite::version();
        format!("SQLite {version}, one table, WAL, synchronous=FULL, cache 64 MiB")
    }
}

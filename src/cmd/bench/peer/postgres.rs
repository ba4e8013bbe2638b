//! `PostgreSQL` over its own protocol: tables with indexes, `tsvector` for text, pgvector for nearest
//! neighbors where the server has it. Everything is in a schema of its own, which goes at the end.

use std::collections::BTreeMap;

use ::postgres::types::ToSql;
use ::postgres::{Client, Config, NoTls, Row, Statement};

use super::Making;
use crate::cmd::bench::data::{Item, name, word};
use crate::cmd::bench::question::{K, Kind, Question};
use crate::cmd::bench::subject::{Answer, Hand, Result, Subject};

/// One connection.
pub(super) struct Postgres {
    client: Client,
    config: Config,
    schema: String,
    vectors: bool,
    keep: bool,
    version: String,
    statements: BTreeMap<&'static str, Statement>,
}

const TABLES: &str = "
    CREATE TABLE item (
        n BIGINT PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT, body TEXT, bucket INTEGER,
        revision INTEGER NOT NULL, embedding REAL[] NOT NULL,
        words TSVECTOR GENERATED ALWAYS AS (
            setweight(to_tsvector('simple', title), 'A') ||
            setweight(to_tsvector('simple', body), 'B')) STORED);
    CREATE INDEX ON item (bucket);
    CREATE INDEX ON item USING gin (words);
    CREATE TABLE edge (source BIGINT, target BIGINT, PRIMARY KEY (source, target));
    CREATE INDEX ON edge (target, source);
    CREATE TABLE version (
        n BIGINT, until BIGINT GENERATED ALWAYS AS IDENTITY, revision INTEGER,
        PRIMARY KEY (n, until));
";
const GET: &str = "SELECT title, body, bucket, embedding, ARRAY(SELECT o.id FROM edge e \
    JOIN item o ON o.n = e.target WHERE e.source = i.n) FROM item i WHERE id = $1";
const NEAREST: &str = "SELECT id FROM item ORDER BY near <=> $1::real[]::vector LIMIT $2";
const NEAREST_WHERE: &str =
    "SELECT id FROM item WHERE bucket < $2 ORDER BY near <=> $1::real[]::vector LIMIT $3";
const TEXT: &str = "SELECT id FROM item, to_tsquery('simple', $1) q WHERE words @@ q \
    ORDER BY ts_rank('{0, 0, 0.5, 1}', words, q, 1) DESC, id LIMIT $2";
const HOPS: &str = "WITH RECURSIVE walk (n, hop) AS ( \
        SELECT n, 0 FROM item WHERE id = $1 \
        UNION SELECT e.target, hop + 1 FROM walk JOIN edge e ON e.source = walk.n WHERE hop < $2) \
    SELECT DISTINCT i.id FROM walk JOIN item i ON i.n = walk.n WHERE hop > 0 ORDER BY i.id";
const HYBRID: &str = "WITH RECURSIVE walk (n, hop) AS ( \
        SELECT n, 0 FROM item WHERE id = $1 \
        UNION SELECT e.source, hop + 1 FROM walk JOIN edge e ON e.target = walk.n WHERE hop < 2) \
    SELECT i.id FROM item i WHERE i.words @@ to_tsquery('simple', $2) \
    AND i.n IN (SELECT n FROM walk WHERE hop > 0) ORDER BY near <=> $3::real[]::vector LIMIT $4";
const AGGREGATE: &str =
    "SELECT bucket || ':' || COUNT(*) FROM item WHERE bucket < $1 GROUP BY bucket";
const AS_OF: &str = "SELECT COALESCE((SELECT v.revision FROM version v WHERE v.n = i.n \
    ORDER BY until LIMIT 1), revision)::text FROM item i WHERE id = $1";

impl Postgres {
    /// Connects, and makes the schema.
    pub(super) fn create(url: &str, with: &Making<'_>) -> Result<Self> {
        let mut config: Config =
            url.parse().map_err(|e| format!("the address of PostgreSQL: {e}"))?;
        config.connect_timeout(std::time::Duration::from_secs(5));
        let mut client =
            config.connect(NoTls).map_err(|e| format!("PostgreSQL cannot be reached: {e}"))?;
        let schema = format!("vql_bench_{}", std::process::id());
        let version: String = client.query_one("SHOW server_version", &[])?.get(0);
        let path = format!("SET search_path = {schema}, public; SET statement_timeout = '600s';");
        client.batch_execute(&format!("CREATE SCHEMA {schema}; {path} {TABLES}"))?;
        let extension = "SELECT COUNT(*) FROM pg_available_extensions WHERE name = 'vector'";
        let vectors = client.query_one(extension, &[])?.get::<_, i64>(0) > 0;
        if vectors {
            client.batch_execute(&format!(
                "CREATE EXTENSION IF NOT EXISTS vector; \
                 ALTER TABLE item ADD COLUMN near vector({0}) \
                 GENERATED ALWAYS AS (embedding::vector({0})) STORED; \
                 CREATE INDEX ON item USING hnsw (near vector_cosine_ops); \
                 SET hnsw.ef_search = 128;",
                with.dimensions
            ))?;
        }
        config.options(&format!("-c search_path={schema},public"));
        Ok(Self {
            client,
            config,
            schema,
            vectors,
            keep: with.keep,
            version,
            statements: BTreeMap::new(),
        })
    }

    /// The rows of a statement, which the server is told once.
    fn rows(&mut self, sql: &'static str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>> {
        if !self.statements.contains_key(sql) {
            self.statements.insert(sql, self.client.prepare(sql)?);
        }
        Ok(self.client.query(&self.statements[sql], params)?)
    }

    fn ids(&mut self, sql: &'static str, params: &[&(dyn ToSql + Sync)]) -> Result<Answer> {
        Ok(self.rows(sql, params)?.iter().map(|row| row.get(0)).collect())
    }
}

fn write(client: &mut Client, items: &[(usize, Item)]) -> Result<()> {
    let mut transaction = client.transaction()?;
    let item = transaction.prepare(
        "INSERT INTO item (n, id, title, body, bucket, revision, embedding) \
         VALUES ($1, $2, $3, $4, $5, 0, $6)",
    )?;
    let edge = transaction
        .prepare("INSERT INTO edge SELECT $1, unnest($2::bigint[]) ON CONFLICT DO NOTHING")?;
    for (n, given) in items {
        let (row, bucket) = (*n as i64, given.bucket as i32);
        let targets = given.targets.map(|target| target as i64);
        transaction.execute(
            &item,
            &[&row, &given.id, &given.title, &given.body, &bucket, &given.embedding],
        )?;
        transaction.execute(&edge, &[&row, &&targets[..]])?;
    }
    Ok(transaction.commit()?)
}

impl Subject for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn remote(&self) -> bool {
        true
    }

    fn cannot(&self, kind: Kind) -> Option<String> {
        match kind {
            Kind::Nearest | Kind::NearestWhere | Kind::Hybrid if !self.vectors => {
                Some("the server has no extension `vector`".to_owned())
            }
            Kind::Recovery => Some("it is not ours to crash".to_owned()),
            _ => None,
        }
    }

    fn ranks_alike(&self) -> bool {
        false
    }

    fn load(&mut self, items: Vec<(usize, Item)>) -> Result<()> {
        write(&mut self.client, &items)
    }

    fn revise(&mut self, n: usize) -> Result<()> {
        let mut transaction = self.client.transaction()?;
        let row = n as i64;
        transaction.execute(
            "INSERT INTO version (n, revision) SELECT n, revision FROM item WHERE n = $1",
            &[&row],
        )?;
        transaction.execute("UPDATE item SET revision = 1 WHERE n = $1", &[&row])?;
        Ok(transaction.commit()?)
    }

    fn ask(&mut self, question: &Question) -> Result<Answer> {
        let k = K as i64;
        match question {
            Question::Get(n) => {
                let rows = self.rows(GET, &[&name(*n)])?;
                let row = rows.first().ok_or("not found")?;
                let rest: (String, Vec<f32>, Vec<String>) = (row.get(1), row.get(3), row.get(4));
                std::hint::black_box(&rest);
                Ok(vec![row.get(0)])
            }
            Question::Nearest(v) => self.ids(NEAREST, &[v, &k]),
            Question::NearestWhere(v, below) => self.ids(NEAREST_WHERE, &[v, &(*below as i32), &k]),
            Question::Text(a, b) => self.ids(TEXT, &[&format!("{} | {}", word(*a), word(*b)), &k]),
            Question::Hops(n, hops) => self.ids(HOPS, &[&name(*n), &(*hops as i32)]),
            Question::Hybrid(rank, seed, v) => {
                self.ids(HYBRID, &[&name(*seed), &word(*rank), v, &k])
            }
            Question::Aggregate(below) => self.ids(AGGREGATE, &[&(*below as i32)]),
            Question::AsOf(n) => self.ids(AS_OF, &[&name(*n)]),
        }
    }

    fn hand(&self) -> Result<Box<dyn Hand>> {
        Ok(Box::new(OtherHand(self.config.connect(NoTls)?)))
    }

    fn finish(&mut self) -> Result<()> {
        Ok(self.client.batch_execute("ANALYZE item; ANALYZE edge")?)
    }

    fn settings(&self) -> String {
        let vectors = if self.vectors { "pgvector, hnsw.ef_search 128" } else { "no pgvector" };
        format!("PostgreSQL {}, its own settings, {vectors}", self.version)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if !self.keep {
            let gone = format!("DROP SCHEMA IF EXISTS {} CASCADE", self.schema);
            drop(self.client.batch_execute(&gone));
        }
    }
}

/// Another connection.
struct OtherHand(Client);

impl Hand for OtherHand {
    fn insert(&mut self, n: usize, item: Item) -> Result<()> {
        write(&mut self.0, &[(n, item)])
    }
}

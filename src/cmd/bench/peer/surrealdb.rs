//! `SurrealDB` over HTTP, statements sent to `/sql`: a table with indexes for text and vectors, edges as
//! relations. Everything is in a namespace of its own, which goes at the end.

use serde_json::{Value as Json, json};

use super::Making;
use super::http::{Server, texts};
use crate::cmd::bench::data::{Item, word};
use crate::cmd::bench::question::{K, Kind, Question};
use crate::cmd::bench::subject::{Answer, Result, Subject};

/// Items of one request.
const PAGE: usize = 250;

/// One database in a namespace.
pub(super) struct SurrealDb {
    server: Server,
    space: String,
    version: String,
    keep: bool,
}

impl SurrealDb {
    /// Makes the namespace and the tables.
    pub(super) fn create(url: &str, with: &Making<'_>) -> Result<Self> {
        let server = Server::new(url)?;
        let version = server.text(server.request("GET", "/version")?)?;
        let space = format!("vql_bench_{}", std::process::id());
        let made = Self { server, space, version: version.trim().to_owned(), keep: with.keep };
        // How a text index is called changed with the third version.
        let text = if made.version.contains("-3.") { "FULLTEXT" } else { "SEARCH" };
        let space = &made.space;
        made.send(&format!(
            "DEFINE NAMESPACE {space}; USE NS {space}; DEFINE DATABASE bench; USE DB bench; \
             DEFINE TABLE item SCHEMALESS; DEFINE TABLE link TYPE RELATION IN item OUT item; \
             DEFINE ANALYZER words TOKENIZERS blank; \
             DEFINE INDEX item_bucket ON item FIELDS bucket; \
             DEFINE INDEX item_text ON item FIELDS text {text} ANALYZER words BM25; \
             DEFINE INDEX item_near ON item FIELDS embedding HNSW DIMENSION {} DIST COSINE \
             TYPE F32 EFC 128 M 16;",
            with.dimensions
        ))?;
        Ok(made)
    }

    /// The results of all statements.
    fn send(&self, statements: &str) -> Result<Vec<Json>> {
        let request = self
            .server
            .request("POST", "/sql")?
            .header("Accept", "application/json")
            .body(statements.to_owned());
        let answer: Json = serde_json::from_str(&self.server.text(request)?)?;
        let mut results = Vec::new();
        for one in answer.as_array().ok_or("the answer is not a list")? {
            if one["status"] != "OK" {
                return Err(format!("SurrealDB refused a statement: {}", one["result"]).into());
            }
            results.push(one["result"].clone());
        }
        Ok(results)
    }

    /// The last of the results, in the database of the benchmark.
    fn run(&self, statements: &str) -> Result<Json> {
        let statements = format!("USE NS {} DB bench; {statements}", self.space);
        self.send(&statements)?.pop().ok_or_else(|| "there is no answer".into())
    }
}

impl Subject for SurrealDb {
    fn name(&self) -> &'static str {
        "surrealdb"
    }

    fn remote(&self) -> bool {
        true
    }

    fn cannot(&self, kind: Kind) -> Option<String> {
        match kind {
            Kind::AsOf => Some("only some of its stores keep what was".to_owned()),
            Kind::Writers | Kind::Recovery => Some("it is measured by one connection".to_owned()),
            _ => None,
        }
    }

    fn ranks_alike(&self) -> bool {
        false
    }

    fn load(&mut self, items: Vec<(usize, Item)>) -> Result<()> {
        for page in items.chunks(PAGE) {
            let (mut rows, mut links) = (Vec::new(), Vec::new());
            for (n, item) in page {
                rows.push(format!(
                    "{{ id: item:{n}, name: {}, title: {}, text: {}, bucket: {}, embedding: {} }}",
                    json!(item.id),
                    json!(item.title),
                    json!(format!("{} {}", item.title, item.body)),
                    item.bucket,
                    json!(item.embedding)
                ));
                let link = |to: &usize| format!("{{ in: item:{n}, out: item:{to} }}");
                links.extend(item.targets.iter().map(link));
            }
            self.run(&format!(
                "BEGIN; INSERT INTO item [{}]; INSERT RELATION INTO link [{}]; COMMIT;",
                rows.join(","),
                links.join(",")
            ))?;
        }
        Ok(())
    }

    fn ask(&mut self, question: &Question) -> Result<Answer> {
        let statement = match question {
            Question::Get(n) => {
                let all = format!("SELECT *, ->link->item.name AS links FROM item:{n}");
                let found = self.run(&all)?;
                let title = found[0]["title"].as_str().ok_or("not found")?;
                return Ok(vec![title.to_owned()]);
            }
            Question::Nearest(v) => {
                let v = json!(v);
                format!("SELECT VALUE name FROM item WHERE embedding <|{K},128|> {v}")
            }
            Question::NearestWhere(v, below) => format!(
                "SELECT VALUE name FROM item WHERE bucket < {below} AND embedding <|{K},128|> {}",
                json!(v)
            ),
            Question::Text(a, b) => format!(
                "SELECT VALUE name FROM (SELECT name, search::score(1) + search::score(2) AS score \
                 FROM item WHERE text @1@ '{}' OR text @2@ '{}' ORDER BY score DESC LIMIT {K})",
                word(*a),
                word(*b)
            ),
            Question::Hops(n, hops) => {
                let walks: Vec<String> = (1..=*hops as usize)
                    .map(|hops| format!("item:{n}{}.name", "->link->item".repeat(hops)))
                    .collect();
                format!(
                    "RETURN array::sort(array::distinct(array::flatten([{}])))",
                    walks.join(",")
                )
            }
            Question::Hybrid(rank, seed, v) => format!(
                "LET $near = array::distinct(array::flatten([item:{seed}<-link<-item, \
                 item:{seed}<-link<-item<-link<-item])); \
                 SELECT VALUE name FROM (SELECT name, \
                 vector::similarity::cosine(embedding, {}) AS score FROM $near \
                 WHERE text @@ '{}' ORDER BY score DESC LIMIT {K})",
                json!(v),
                word(*rank)
            ),
            Question::Aggregate(below) => format!(
                "SELECT VALUE <string> bucket + ':' + <string> n FROM (SELECT bucket, count() AS n \
                 FROM item WHERE bucket < {below} GROUP BY bucket)"
            ),
            Question::AsOf(_) => return Err("only some of its stores keep what was".into()),
        };
        Ok(texts(&self.run(&statement)?))
    }

    fn settings(&self) -> String {
        format!("SurrealDB {}, its own settings, ef 128", self.version)
    }
}

impl Drop for SurrealDb {
    fn drop(&mut self) {
        if !self.keep {
            drop(self.send(&format!("REMOVE NAMESPACE {}", self.space)));
        }
    }
}

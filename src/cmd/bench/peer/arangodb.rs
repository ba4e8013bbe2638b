//! `ArangoDB` over its HTTP interface: AQL through the cursor API, a search view for text, a traversal
//! for edges, an exact scan for nearest neighbors. A database of its own, which goes at the end.

use serde_json::{Value as Json, json};

use super::Making;
use super::http::{Server, texts};
use crate::cmd::bench::data::{Item, name, word};
use crate::cmd::bench::question::{K, Kind, Question};
use crate::cmd::bench::subject::{Answer, Result, Subject};

const NEAREST: &str = "FOR d IN item SORT COSINE_SIMILARITY(d.embedding, @v) DESC \
    LIMIT @k RETURN d._key";
const NEAREST_WHERE: &str = "FOR d IN item FILTER d.bucket < @b \
    SORT COSINE_SIMILARITY(d.embedding, @v) DESC LIMIT @k RETURN d._key";
const TEXT: &str = "FOR d IN words SEARCH ANALYZER(d.text IN @w, 'blank') \
    SORT BM25(d) DESC LIMIT @k RETURN d._key";
const HOPS: &str = "FOR v IN 1..@h OUTBOUND @from link \
    OPTIONS { uniqueVertices: 'global', order: 'bfs' } SORT v._key RETURN v._key";
const HYBRID: &str = "LET near = (FOR v IN 1..2 INBOUND @from link \
        OPTIONS { uniqueVertices: 'global', order: 'bfs' } RETURN v._key) \
    FOR d IN words SEARCH ANALYZER(d.text IN @w, 'blank') FILTER d._key IN near \
    SORT COSINE_SIMILARITY(d.embedding, @v) DESC LIMIT @k RETURN d._key";
const AGGREGATE: &str = "FOR d IN item FILTER d.bucket < @b \
    COLLECT bucket = d.bucket WITH COUNT INTO n RETURN CONCAT(bucket, ':', n)";
const GET: &str = "LET d = DOCUMENT(@id) LET links = (FOR v IN 1..1 OUTBOUND d link RETURN v._key) \
    RETURN [d.title, d, links]";

/// One database.
pub(super) struct ArangoDb {
    server: Server,
    database: String,
    version: String,
    keep: bool,
}

impl ArangoDb {
    /// Makes the database, its collections and indexes.
    pub(super) fn create(url: &str, with: &Making<'_>) -> Result<Self> {
        let server = Server::new(url)?;
        let about = server.json("GET", "/_api/version", None)?;
        let version = about["version"].as_str().unwrap_or("unknown").to_owned();
        let database = format!("vql_bench_{}", std::process::id());
        server.json("POST", "/_api/database", Some(&json!({ "name": database })))?;
        let made = Self { server, database, version, keep: with.keep };
        made.post("/_api/collection", &json!({ "name": "item", "type": 2 }))?;
        made.post("/_api/collection", &json!({ "name": "link", "type": 3 }))?;
        let index = json!({ "type": "persistent", "fields": ["bucket"] });
        made.post("/_api/index?collection=item", &index)?;
        let blank = json!({ "name": "blank", "type": "delimiter",
            "properties": { "delimiter": " " }, "features": ["frequency", "norm"] });
        made.post("/_api/analyzer", &blank)?;
        let field = json!({ "text": { "analyzers": ["blank"] } });
        let view = json!({ "name": "words", "type": "arangosearch",
            "links": { "item": { "fields": field } } });
        made.post("/_api/view", &view)?;
        Ok(made)
    }

    fn post(&self, path: &str, body: &Json) -> Result<Json> {
        let path = format!("/_db/{}{path}", self.database);
        self.server.json("POST", &path, Some(body))
    }

    fn query(&self, aql: &str, bind: &Json) -> Result<Json> {
        let body = json!({ "query": aql, "bindVars": bind, "batchSize": 10_000 });
        let mut answer = self.post("/_api/cursor", &body)?;
        if answer["error"] == true {
            return Err(format!("ArangoDB refused a query: {}", answer["errorMessage"]).into());
        }
        Ok(answer["result"].take())
    }
}

impl Subject for ArangoDb {
    fn name(&self) -> &'static str {
        "arangodb"
    }

    fn remote(&self) -> bool {
        true
    }

    fn cannot(&self, kind: Kind) -> Option<String> {
        match kind {
            Kind::AsOf => Some("it keeps no versions".to_owned()),
            Kind::Writers | Kind::Recovery => Some("it is measured by one connection".to_owned()),
            _ => None,
        }
    }

    fn ranks_alike(&self) -> bool {
        false
    }

    fn load(&mut self, items: Vec<(usize, Item)>) -> Result<()> {
        let (mut rows, mut links) = (Vec::new(), Vec::new());
        for (n, item) in items {
            let from = format!("item/{}", name(n));
            let link = |to: usize| json!({ "_from": from, "_to": format!("item/{}", name(to)) });
            links.extend(item.targets.into_iter().map(link));
            rows.push(json!({ "_key": item.id, "title": item.title, "bucket": item.bucket,
                "text": format!("{} {}", item.title, item.body), "embedding": item.embedding }));
        }
        for (collection, documents) in [("item", rows), ("link", links)] {
            let path = format!("/_api/document/{collection}?waitForSync=true&silent=true");
            self.post(&path, &Json::Array(documents))?;
        }
        Ok(())
    }

    fn ask(&mut self, question: &Question) -> Result<Answer> {
        let from = |n: usize| format!("item/{}", name(n));
        let found = match question {
            Question::Get(n) => {
                let found = self.query(GET, &json!({ "id": from(*n) }))?;
                let title = found[0][0].as_str().ok_or("not found")?;
                return Ok(vec![title.to_owned()]);
            }
            Question::Nearest(v) => self.query(NEAREST, &json!({ "v": v, "k": K })),
            Question::NearestWhere(v, below) => {
                self.query(NEAREST_WHERE, &json!({ "v": v, "b": below, "k": K }))
            }
            Question::Text(a, b) => self.query(TEXT, &json!({ "w": [word(*a), word(*b)], "k": K })),
            Question::Hops(n, hops) => self.query(HOPS, &json!({ "from": from(*n), "h": hops })),
            Question::Hybrid(rank, seed, v) => {
                let bind = json!({ "w": [word(*rank)], "from": from(*seed), "v": v, "k": K });
                self.query(HYBRID, &bind)
            }
            Question::Aggregate(below) => self.query(AGGREGATE, &json!({ "b": below })),
            Question::AsOf(_) => Err("it keeps no versions".into()),
        };
        Ok(texts(&found?))
    }

    fn finish(&mut self) -> Result<()> {
        // The view follows the collection; this waits for it.
        let wait = "FOR d IN words OPTIONS { waitForSync: true } LIMIT 1 RETURN 1";
        self.query(wait, &json!({})).map(drop)
    }

    fn settings(&self) -> String {
        format!("ArangoDB {}, its own settings, writes waiting for sync", self.version)
    }
}

impl Drop for ArangoDb {
    fn drop(&mut self) {
        if !self.keep {
            let path = format!("/_api/database/{}", self.database);
            drop(self.server.json("DELETE", &path, None));
        }
    }
}

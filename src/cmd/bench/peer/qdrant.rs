//! Qdrant over its REST interface: one collection with the vectors and everything else as payload,
//! which goes at the end.

use serde_json::{Value as Json, json};

use super::Making;
use super::http::Server;
use crate::cmd::bench::data::{Item, name};
use crate::cmd::bench::question::{K, Kind, Question};
use crate::cmd::bench::subject::{Answer, Result, Subject};

/// Items of one request: all of a transaction of the load would be too long for it.
const PAGE: usize = 250;

/// One collection.
pub(super) struct Qdrant {
    server: Server,
    path: String,
    version: String,
    keep: bool,
}

impl Qdrant {
    /// Makes the collection.
    pub(super) fn create(url: &str, with: &Making<'_>) -> Result<Self> {
        let server = Server::new(url)?;
        let about = server.json("GET", "/", None)?;
        let version = about["version"].as_str().unwrap_or("unknown").to_owned();
        let path = format!("/collections/vql_bench_{}", std::process::id());
        let qdrant = Self { server, path, version, keep: with.keep };
        let shape = json!({ "vectors": { "size": with.dimensions, "distance": "Cosine" } });
        qdrant.server.json("PUT", &qdrant.path, Some(&shape))?;
        let field = json!({ "field_name": "bucket", "field_schema": "integer" });
        let path = format!("{}/index?wait=true", qdrant.path);
        qdrant.server.json("PUT", &path, Some(&field))?;
        Ok(qdrant)
    }

    fn search(&self, query: &[f32], filter: Option<Json>) -> Result<Answer> {
        let mut body = json!({ "query": query, "limit": K, "params": { "hnsw_ef": 128 } });
        if let Some(filter) = filter {
            body["filter"] = filter;
        }
        let path = format!("{}/points/query", self.path);
        let answer = self.server.json("POST", &path, Some(&body))?;
        let points = answer["result"]["points"].as_array().ok_or("the answer has no points")?;
        let id = |point: &Json| point["id"].as_u64().map(|n| name(n as usize));
        Ok(points.iter().filter_map(id).collect())
    }
}

impl Subject for Qdrant {
    fn name(&self) -> &'static str {
        "qdrant"
    }

    fn remote(&self) -> bool {
        true
    }

    fn cannot(&self, kind: Kind) -> Option<String> {
        let can = matches!(
            kind,
            Kind::Load | Kind::Insert | Kind::Get | Kind::Nearest | Kind::NearestWhere
        );
        (!can).then(|| "it neither ranks texts nor follows edges".to_owned())
    }

    fn load(&mut self, items: Vec<(usize, Item)>) -> Result<()> {
        for page in items.chunks(PAGE) {
            let points: Vec<Json> = page
                .iter()
                .map(|(n, item)| {
                    json!({ "id": n, "vector": item.embedding, "payload": {
                        "title": item.title, "body": item.body, "bucket": item.bucket,
                        "targets": item.targets,
                    } })
                })
                .collect();
            let path = format!("{}/points?wait=true", self.path);
            self.server.json("PUT", &path, Some(&json!({ "points": points })))?;
        }
        Ok(())
    }

    fn ask(&mut self, question: &Question) -> Result<Answer> {
        match question {
            Question::Get(n) => {
                let path = format!("{}/points/{n}", self.path);
                let answer = self.server.json("GET", &path, None)?;
                let title = answer["result"]["payload"]["title"].as_str();
                Ok(title.map(str::to_owned).into_iter().collect())
            }
            Question::Nearest(query) => self.search(query, None),
            Question::NearestWhere(query, below) => {
                let bound = json!({ "key": "bucket", "range": { "lt": below } });
                self.search(query, Some(json!({ "must": [bound] })))
            }
            _ => Err("it neither ranks texts nor follows edges".into()),
        }
    }

    fn finish(&mut self) -> Result<()> {
        // Its indexes are built behind the writes; green says that they are.
        for _ in 0..3000 {
            let about = self.server.json("GET", &self.path, None)?;
            if about["result"]["status"] == "green" {
                return Ok(());
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        Err("its indexes are not built after five minutes".into())
    }

    fn settings(&self) -> String {
        format!("Qdrant {}, its own settings, hnsw_ef 128", self.version)
    }
}

impl Drop for Qdrant {
    fn drop(&mut self) {
        if !self.keep {
            drop(self.server.json("DELETE", &self.path, None));
        }
    }
}

//! vql under measurement: whole hexads through the engine's direct door, questions through VQL with
//! parameters, as a program that embeds it would ask them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::data::Item;
use super::subject::{Answer, Result, Subject};
use crate::config::{SystemClock, SystemRng};
use crate::engine::base::{HexadId, Modality, ModalitySet, Value};
use crate::engine::hexad::HexadInput;
use crate::engine::lang::ast::Script;
use crate::engine::modality::document::Document;
use crate::engine::modality::graph::{Edge, Edges};
use crate::engine::modality::vector::{DEFAULT_NAME, Embedding, Embeddings};
use crate::engine::outcome::{Control, Options, Params};
use crate::engine::{Engine, Session, lang};

/// One open database.
pub(crate) struct Ours {
    engine: Engine,
    session: Session,
    statements: BTreeMap<&'static str, Script>,
}

impl Ours {
    /// Creates the database.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let options = Options { create: true, ..Options::default() };
        let engine = Engine::open(path, options, Arc::new(SystemClock), Arc::new(SystemRng))?;
        let session = engine.session();
        Ok(Self { engine, session, statements: BTreeMap::new() })
    }

    /// Ids, the first column, of a question; a statement is parsed once.
    fn ask(&mut self, text: &'static str, params: Vec<(&str, Value)>) -> Result<Answer> {
        if !self.statements.contains_key(text) {
            let parse = lang::parse(text);
            if let Some(wrong) = parse.diagnostics.first() {
                return Err(wrong.message.clone().into());
            }
            self.statements.insert(text, parse.script);
        }
        let statement = self.statements[text].statements.first().ok_or("no statement")?;
        let params: Params = params.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        let outcome = self.session.execute(text, statement, &params, &Control::default())?;
        let id = |row: Vec<Value>| match row.into_iter().next() {
            Some(Value::Text(id)) => Some(id),
            _ => None,
        };
        Ok(outcome.rows.into_iter().filter_map(id).collect())
    }
}

fn input(item: Item) -> Result<HexadInput> {
    let edge = |target: usize| -> Result<Edge> {
        Ok(Edge {
            predicate: "LINKS".to_owned(),
            target: HexadId::new(super::data::name(target))?,
            properties: BTreeMap::new(),
        })
    };
    let edges = item.targets.into_iter().map(edge).collect::<Result<_>>()?;
    let embedding = Embedding { data: item.embedding.into(), model: None };
    Ok(HexadInput {
        id: Some(HexadId::new(item.id)?),
        document: Some(Document {
            title: Some(item.title),
            body: Some(item.body),
            fields: BTreeMap::from([("bucket".to_owned(), Value::Int(i64::from(item.bucket)))]),
        }),
        vector: Some(Embeddings { named: BTreeMap::from([(DEFAULT_NAME.to_owned(), embedding)]) }),
        graph: Some(Edges { edges }),
        ..HexadInput::default()
    })
}

impl Subject for Ours {
    fn name(&self) -> &'static str {
        "vql"
    }

    fn load(&mut self, items: &mut dyn Iterator<Item = (usize, Item)>, batch: usize) -> Result<()> {
        let mut items = items.peekable();
        while items.peek().is_some() {
            let inputs = items.by_ref().take(batch).map(|(_, item)| input(item));
            self.engine.insert(inputs.collect::<Result<_>>()?)?;
        }
        Ok(())
    }

    fn insert(&mut self, _: usize, item: Item) -> Result<()> {
        self.engine.insert(vec![input(item)?])?;
        Ok(())
    }

    fn get(&mut self, id: &str) -> Result<Answer> {
        let stated = [Modality::Document, Modality::Vector, Modality::Graph];
        let hexad = self.engine.get(id, ModalitySet::from_iter(stated))?.ok_or("not found")?;
        let hexad = std::hint::black_box(hexad);
        Ok(hexad.document.and_then(|document| document.title).into_iter().collect())
    }

    fn nearest(&mut self, query: &[f32], k: usize) -> Result<Answer> {
        let text = "SELECT id FROM hexads WHERE VECTOR SIMILAR TO $v LIMIT $k";
        self.ask(text, vec![("v", vector(query)), ("k", whole(k))])
    }

    fn nearest_where(&mut self, query: &[f32], below: u32, k: usize) -> Result<Answer> {
        let text = "SELECT id FROM hexads \
                    WHERE DOCUMENT.bucket < $b AND VECTOR SIMILAR TO $v LIMIT $k";
        let bound = Value::Int(i64::from(below));
        self.ask(text, vec![("v", vector(query)), ("b", bound), ("k", whole(k))])
    }

    fn text(&mut self, a: &str, b: &str, k: usize) -> Result<Answer> {
        let text = "SELECT id FROM hexads WHERE FULLTEXT CONTAINS $t LIMIT $k";
        let terms = Value::Text(format!("{a} OR {b}"));
        self.ask(text, vec![("t", terms), ("k", whole(k))])
    }

    fn two_hops(&mut self, id: &str) -> Result<Answer> {
        let text = "SELECT id FROM hexads WHERE (a)-[:LINKS*1..2]->(h) AND a.id = $id \
                    ORDER BY id LIMIT 1000";
        self.ask(text, vec![("id", id.into())])
    }

    fn hybrid(&mut self, word: &str, seed: &str, query: &[f32], k: usize) -> Result<Answer> {
        let text = "SELECT id FROM hexads WHERE FULLTEXT CONTAINS $t \
                    AND (h)-[:LINKS*1..2]->(a) AND a.id = $id \
                    AND VECTOR SIMILAR TO $v ORDER BY similarity DESC LIMIT $k";
        let parameters =
            vec![("t", word.into()), ("id", seed.into()), ("v", vector(query)), ("k", whole(k))];
        self.ask(text, parameters)
    }

    fn settle_writes(&mut self) -> Result<()> {
        Ok(self.engine.settle()?)
    }

    fn finish(&mut self) -> Result<()> {
        Ok(self.engine.settle()?)
    }

    fn fsyncs(&self) -> Option<u64> {
        self.engine.status().ok().map(|status| status.fsyncs)
    }
}

fn vector(numbers: &[f32]) -> Value {
    Value::Vector(numbers.into())
}

fn whole(n: usize) -> Value {
    Value::Int(n as i64)
}

//! vql under measurement: whole hexads through the engine's direct door, questions through VQL with
//! parameters, as a program that embeds it would ask them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::data::{Item, name, word};
use super::question::{K, Kind, Question, either};
use super::subject::{Answer, Hand, Result, Subject};
use crate::config::{SystemClock, SystemRng};
use crate::engine::base::{Clock as _, HexadId, Modality, ModalitySet, Timestamp, Value};
use crate::engine::hexad::HexadInput;
use crate::engine::lang::ast::Script;
use crate::engine::modality::document::Document;
use crate::engine::modality::graph::{Edge, Edges};
use crate::engine::modality::vector::{DEFAULT_NAME, Embedding, Embeddings};
use crate::engine::outcome::{Control, Options, Params};
use crate::engine::{Engine, Session, lang};

const NEAREST: &str = "SELECT id FROM hexads WHERE VECTOR SIMILAR TO $v LIMIT $k";
const NEAREST_WHERE: &str = "SELECT id FROM hexads \
    WHERE DOCUMENT.bucket < $b AND VECTOR SIMILAR TO $v LIMIT $k";
const TEXT: &str = "SELECT id FROM hexads WHERE FULLTEXT CONTAINS $t LIMIT $k";
const HYBRID: &str = "SELECT id FROM hexads WHERE FULLTEXT CONTAINS $t \
    AND (h)-[:LINKS*1..2]->(a) AND a.id = $id \
    AND VECTOR SIMILAR TO $v ORDER BY similarity DESC LIMIT $k";
const AGGREGATE: &str = "SELECT DOCUMENT.bucket, COUNT(*) FROM hexads \
    WHERE DOCUMENT.bucket < $b GROUP BY DOCUMENT.bucket LIMIT 1000";
const REVISE: &str = "UPDATE HEXAD $id SET DOCUMENT.revision = 1";
const AS_OF: &str = "SELECT DOCUMENT.revision FROM HEXAD $id AS OF $t";
/// By number of hops; what lies within one or more is a part of the language itself.
const HOPS: [&str; 5] = [
    "SELECT id FROM hexads WHERE (a)-[:LINKS]->(h) AND a.id = $id ORDER BY id LIMIT 1000",
    "SELECT id FROM hexads WHERE (a)-[:LINKS*1..2]->(h) AND a.id = $id ORDER BY id LIMIT 1000",
    "SELECT id FROM hexads WHERE (a)-[:LINKS*1..3]->(h) AND a.id = $id ORDER BY id LIMIT 1000",
    "SELECT id FROM hexads WHERE (a)-[:LINKS*1..4]->(h) AND a.id = $id ORDER BY id LIMIT 1000",
    "SELECT id FROM hexads WHERE (a)-[:LINKS*1..5]->(h) AND a.id = $id ORDER BY id LIMIT 1000",
];

/// One open database.
pub(crate) struct Ours {
    engine: Engine,
    session: Session,
    path: PathBuf,
    statements: BTreeMap<&'static str, Script>,
    /// Before the first revision.
    before: Option<Timestamp>,
}

impl Ours {
    /// Creates the database.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let engine = open(path, true)?;
        let session = engine.session();
        let path = path.to_owned();
        Ok(Self { engine, session, path, statements: BTreeMap::new(), before: None })
    }

    /// The first two columns of an answer, joined by a colon when there are two; a statement is parsed
    /// once.
    fn run(&mut self, text: &'static str, params: Vec<(&str, Value)>) -> Result<Answer> {
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
        Ok(outcome.rows.into_iter().filter_map(shown).collect())
    }
}

fn open(path: &Path, create: bool) -> Result<Engine> {
    // Nothing is swept: what runs while something else is measured would be counted there.
    let options = Options { create, unswept: true, ..Options::default() };
    Ok(Engine::open(path, options, Arc::new(SystemClock), Arc::new(SystemRng))?)
}

fn shown(row: Vec<Value>) -> Option<String> {
    let mut cells = row.into_iter().map(|value| match value {
        Value::Text(text) => text,
        Value::Int(number) => number.to_string(),
        other => format!("{other:?}"),
    });
    let first = cells.next()?;
    Some(cells.next().map_or(first.clone(), |second| format!("{first}:{second}")))
}

fn input(item: Item) -> Result<HexadInput> {
    let edge = |target: usize| -> Result<Edge> {
        Ok(Edge {
            predicate: "LINKS".to_owned(),
            target: HexadId::new(name(target))?,
            properties: BTreeMap::new(),
        })
    };
    let edges = item.targets.into_iter().map(edge).collect::<Result<_>>()?;
    let embedding = Embedding { data: item.embedding.into(), model: None };
    let bucket = Value::Int(i64::from(item.bucket));
    Ok(HexadInput {
        id: Some(HexadId::new(item.id)?),
        document: Some(Document {
            title: Some(item.title),
            body: Some(item.body),
            fields: BTreeMap::from([
                ("bucket".to_owned(), bucket),
                ("revision".to_owned(), Value::Int(0)),
            ]),
        }),
        vector: Some(Embeddings { named: BTreeMap::from([(DEFAULT_NAME.to_owned(), embedding)]) }),
        graph: Some(Edges { edges }),
        ..HexadInput::default()
    })
}

fn title(engine: &Engine, n: usize) -> Result<Answer> {
    let stated = [Modality::Document, Modality::Vector, Modality::Graph];
    let hexad = engine.get(&name(n), ModalitySet::from_iter(stated))?.ok_or("not found")?;
    let hexad = std::hint::black_box(hexad);
    Ok(hexad.document.and_then(|document| document.title).into_iter().collect())
}

/// A statement a program would send, with its parameters, for the suite that only plans them.
fn statement(question: &Question) -> Option<(&'static str, Vec<(&'static str, Value)>)> {
    Some(match question {
        Question::Nearest(v) => (NEAREST, vec![("v", vector(v)), ("k", whole(K))]),
        Question::NearestWhere(v, below) => {
            let bound = Value::Int(i64::from(*below));
            (NEAREST_WHERE, vec![("v", vector(v)), ("b", bound), ("k", whole(K))])
        }
        Question::Text(a, b) => (TEXT, vec![("t", Value::Text(either(*a, *b))), ("k", whole(K))]),
        Question::Hops(n, hops) => (HOPS.get(*hops as usize - 1)?, vec![("id", name(*n).into())]),
        Question::Hybrid(rank, seed, v) => {
            let (word, seed) = (word(*rank).into(), name(*seed).into());
            (HYBRID, vec![("t", word), ("id", seed), ("v", vector(v)), ("k", whole(K))])
        }
        Question::Aggregate(below) => (AGGREGATE, vec![("b", Value::Int(i64::from(*below)))]),
        Question::Get(_) | Question::AsOf(_) => return None,
    })
}

impl Subject for Ours {
    fn name(&self) -> &'static str {
        "vql"
    }

    fn cannot(&self, _: Kind) -> Option<String> {
        None
    }

    fn load(&mut self, items: Vec<(usize, Item)>) -> Result<()> {
        let inputs = items.into_iter().map(|(_, item)| input(item));
        self.engine.insert(inputs.collect::<Result<_>>()?)?;
        Ok(())
    }

    fn revise(&mut self, n: usize) -> Result<()> {
        self.before.get_or_insert_with(|| SystemClock.now());
        self.run(REVISE, vec![("id", name(n).into())]).map(drop)
    }

    fn ask(&mut self, question: &Question) -> Result<Answer> {
        match question {
            Question::Get(n) => title(&self.engine, *n),
            Question::AsOf(n) => {
                let before = self.before.ok_or("nothing was revised")?;
                self.run(AS_OF, vec![("id", name(*n).into()), ("t", Value::Time(before))])
            }
            other => {
                let (text, params) = statement(other).ok_or("there is no statement for it")?;
                self.run(text, params)
            }
        }
    }

    fn hand(&self) -> Result<Box<dyn Hand>> {
        Ok(Box::new(OurHand(self.engine.clone())))
    }

    fn crash(&self, place: &Path) -> Result<PathBuf> {
        copy(&self.path, place)?;
        Ok(place.to_owned())
    }

    fn reopen(&self, copy: &Path, n: usize) -> Result<Answer> {
        let engine = open(copy, false)?;
        let title = title(&engine, n)?;
        engine.close()?;
        Ok(title)
    }

    fn plan(&mut self, question: &Question) -> Result<bool> {
        let Some((text, params)) = statement(question) else { return Ok(false) };
        let params: Params = params.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        std::hint::black_box(self.engine.plan(text, &params)?);
        Ok(true)
    }

    fn settle(&mut self) -> Result<()> {
        Ok(self.engine.settle()?)
    }

    fn finish(&mut self) -> Result<()> {
        Ok(self.engine.complete()?)
    }

    fn fsyncs(&self) -> Option<u64> {
        self.engine.status().ok().map(|status| status.fsyncs)
    }

    fn settings(&self) -> String {
        let status = self.engine.status().unwrap_or_default();
        format!("vql {}, sync {}", env!("CARGO_PKG_VERSION"), status.sync)
    }
}

/// A thread that writes through the same engine.
struct OurHand(Engine);

impl Hand for OurHand {
    fn insert(&mut self, _: usize, item: Item) -> Result<()> {
        self.0.insert(vec![input(item)?])?;
        Ok(())
    }
}

/// Copies a directory with everything in it, file by file as they are.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn vector(numbers: &[f32]) -> Value {
    Value::Vector(numbers.into())
}

fn whole(n: usize) -> Value {
    Value::Int(n as i64)
}

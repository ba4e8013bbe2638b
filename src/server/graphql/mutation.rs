//! What can be changed.

use std::time::Duration;

use async_graphql::{Context, ID, InputObject, Json, Object, Result};
use serde_json::{Map, Value, json};

use crate::engine::base::{Error, HexadId, Kind, Modality, ModalitySet};
use crate::engine::session::hexads::{Expect, HexadWrite};
use crate::server::problem::Problem;

use super::failure::failed;
use super::hexad::Hexad;
use super::rows::{Answer, Ask, asker, param};

/// Changes.
pub struct Mutation;

/// A hexad to be made. What stands in the flat fields is not said again in the others.
#[derive(Clone, Debug, Default, InputObject)]
pub struct HexadInput {
    /// Its name; one is made when it has none.
    pub id: Option<ID>,
    /// The title of its document.
    pub title: Option<String>,
    /// The body of its document.
    pub body: Option<String>,
    /// Its embedding.
    pub embedding: Option<Vec<f32>>,
    /// Its types.
    pub types: Option<Vec<String>>,
    /// The shape of its array.
    pub tensor_shape: Option<Vec<u32>>,
    /// The elements of its array, row by row.
    pub tensor_data: Option<Vec<f64>>,
    /// Text and fields, as the data format has them.
    pub document: Option<Json<Value>>,
    /// Embeddings.
    pub vector: Option<Json<Value>>,
    /// Edges.
    pub graph: Option<Json<Value>>,
    /// Types and properties.
    pub semantic: Option<Json<Value>>,
    /// An array.
    pub tensor: Option<Json<Value>>,
    /// When it is true.
    pub temporal: Option<Json<Value>>,
    /// What happened to it.
    pub provenance: Option<Json<Value>>,
    /// A place.
    pub spatial: Option<Json<Value>>,
}

impl HexadInput {
    /// The line of the data format that says the same.
    fn line(self) -> Result<Value, Problem> {
        let mut line = Map::new();
        let mut say = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                line.insert(name.to_owned(), value);
            }
        };
        say("id", self.id.map(|id| id.0.into()));
        say("title", self.title.map(Value::from));
        say("body", self.body.map(Value::from));
        say("embedding", self.embedding.map(|numbers| json!(numbers)));
        say("types", self.types.map(Value::from));
        let parts = [
            ("document", self.document),
            ("vector", self.vector),
            ("graph", self.graph),
            ("semantic", self.semantic),
            ("temporal", self.temporal),
            ("provenance", self.provenance),
            ("spatial", self.spatial),
        ];
        for (name, part) in parts {
            say(name, part.map(|Json(part)| part));
        }
        let tensor = match (self.tensor, self.tensor_shape, self.tensor_data) {
            (tensor, None, None) => tensor.map(|Json(tensor)| tensor),
            (None, Some(shape), Some(data)) => Some(json!({"shape": shape, "data": data})),
            _ => {
                let detail = "an array has both `tensorShape` and `tensorData`, or is a `tensor`";
                return Err(Problem::malformed(detail));
            }
        };
        say("tensor", tensor);
        Ok(line.into())
    }
}

/// What a write relies on.
fn expected(etag: Option<String>) -> Expect {
    etag.map_or(Expect::Known, |tag| Expect::Tagged(vec![tag.trim_matches('"').to_owned()]))
}

/// Writes one hexad and reads what it is then.
async fn written(ctx: &Context<'_>, write: HexadWrite) -> Result<Hexad> {
    let (app, who) = asker(ctx)?;
    let done = app.run(who, None, move |session, control| {
        let wrote = session.write_hexads(&[write], control)?.pop();
        let wrote = wrote.ok_or_else(|| Error::new(Kind::InternalError, "nothing was written"))?;
        let held = session.hexad(&wrote.id, ModalitySet::ALL, control)?;
        held.ok_or_else(|| Error::new(Kind::NotFound, "what was written is not yours to read"))
    });
    Ok(done.await.map_err(failed)?.into())
}

/// The word of a modality, which is all that becomes a part of a statement.
fn modality(name: &str) -> Result<&'static str> {
    let unknown = || failed(Problem::malformed(format!("`{name}` is no modality")));
    Modality::from_keyword(name).map(Modality::name).ok_or_else(unknown)
}

fn read(line: &Value) -> Result<crate::engine::hexad::HexadInput> {
    HexadWrite::input(&line.to_string()).map_err(|fault| failed(Error::from(fault).into()))
}

fn named(id: &ID) -> Result<HexadId> {
    HexadId::new(id.as_str()).map_err(|error| failed(error.into()))
}

#[Object]
impl Mutation {
    /// Makes a hexad; it must not exist.
    async fn create_hexad(&self, ctx: &Context<'_>, input: HexadInput) -> Result<Hexad> {
        let line = input.line().map_err(failed)?;
        written(ctx, HexadWrite::Insert(read(&line)?)).await
    }

    /// Changes a hexad: `patch` is laid over it (RFC 7396), null takes away.
    async fn update_hexad(
        &self,
        ctx: &Context<'_>,
        id: ID,
        patch: Json<Map<String, Value>>,
        if_match: Option<String>,
    ) -> Result<Hexad> {
        let patch = Value::Object(patch.0);
        written(ctx, HexadWrite::Merge(named(&id)?, patch, expected(if_match))).await
    }

    /// Replaces what a hexad says.
    async fn replace_hexad(
        &self,
        ctx: &Context<'_>,
        id: ID,
        mut input: HexadInput,
        if_match: Option<String>,
    ) -> Result<Hexad> {
        if input.id.as_ref().is_some_and(|said| *said != id) {
            return Err(failed(Problem::malformed("the input has another id")));
        }
        input.id = Some(id);
        let line = input.line().map_err(failed)?;
        written(ctx, HexadWrite::Put(read(&line)?, expected(if_match))).await
    }

    /// Deletes a hexad. True when it existed.
    async fn delete_hexad(
        &self,
        ctx: &Context<'_>,
        id: ID,
        if_match: Option<String>,
    ) -> Result<bool> {
        let (app, who) = asker(ctx)?;
        let expect = if_match.map_or(Expect::Anything, |tag| expected(Some(tag)));
        let write = HexadWrite::Delete(named(&id)?, expect);
        let done =
            app.run(who, None, move |session, control| session.write_hexads(&[write], control));
        match done.await {
            Ok(_) => Ok(true),
            Err(problem) if problem.kind == Kind::DeleteNotFound.name() => Ok(false),
            Err(problem) => Err(failed(problem)),
        }
    }

    /// Brings the modalities of a hexad back together.
    async fn normalize(
        &self,
        ctx: &Context<'_>,
        id: ID,
        from: Option<String>,
        #[graphql(default = false)] dry_run: bool,
    ) -> Result<Answer> {
        let mut text = "NORMALIZE HEXAD $id".to_owned();
        if let Some(from) = from {
            text = format!("{text} FROM {}", modality(&from)?);
        }
        if dry_run {
            text.push_str(" DRY RUN");
        }
        Ask::ours(text, [param("id", id.0)].into_iter().collect()).here(ctx).await
    }

    /// Decides what the normalizer left open: which modality is right or, without one, that everything
    /// stays as it is.
    async fn resolve_conflict(
        &self,
        ctx: &Context<'_>,
        id: ID,
        keep: Option<String>,
    ) -> Result<Answer> {
        let text = match keep {
            Some(keep) => format!("RESOLVE CONFLICT $id KEEP {}", modality(&keep)?),
            None => "RESOLVE CONFLICT $id DISMISS".to_owned(),
        };
        Ask::ours(text, [param("id", id.0)].into_iter().collect()).here(ctx).await
    }

    /// Runs a statement of VQL.
    #[graphql(complexity = "100 + child_complexity")]
    async fn execute(
        &self,
        ctx: &Context<'_>,
        vql: String,
        params: Option<Json<Map<String, Value>>>,
        #[graphql(default = false)] force: bool,
        timeout_ms: Option<u32>,
    ) -> Result<Answer> {
        let timeout = timeout_ms.map(|ms| Duration::from_millis(u64::from(ms)));
        Ask { force, timeout, ..Ask::theirs(vql, params) }.here(ctx).await
    }
}

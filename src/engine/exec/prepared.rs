//! What a test needs beyond its own words, made once for a statement: a compiled expression, the
//! numbers behind `ENTITY 'id'`, the members of a k-nearest set.

use std::sync::Arc;

use regex::Regex;
use roaring::RoaringBitmap;

use crate::engine::base::{Error, Kind, Result, Span, Value};
use crate::engine::exec::context::Context;
use crate::engine::exec::{rank, similarity};
use crate::engine::modality::document::text_pattern::TextPattern;
use crate::engine::modality::document::text_query::{Mode, TextQuery};
use crate::engine::modality::vector::metric::{check_query, dimension_mismatch};
use crate::engine::plan::logical::{Leaf, Scalar, Test, VectorSearch, VectorTarget};

/// The greatest compiled size of a regular expression.
const REGEX_BYTES: usize = 1 << 20;

/// What was made.
pub enum Prepared {
    /// Nothing is needed.
    Nothing,
    /// A regular expression.
    Regex(Regex),
    /// A full-text query.
    Text(TextQuery),
    /// A regular expression over all texts of a document.
    Pattern(TextPattern),
    /// The other side of a similarity.
    Vector(Target),
    /// The hexads that pass, when that depends on all of them: the k nearest.
    Members(RoaringBitmap),
}

/// The numbers a similarity compares with.
#[derive(Clone, Debug)]
pub struct Target {
    /// The numbers.
    pub numbers: Arc<[f32]>,
    /// The hexad they belong to: it is not near to itself.
    pub own: Option<u32>,
}

impl Prepared {
    /// Prepares one test.
    pub fn of(ctx: &Context<'_>, leaf: &Leaf) -> Result<Self> {
        match &leaf.test {
            Test::Matches(_, Scalar::Const(Value::Text(text))) => {
                regex(text, leaf.span).map(Self::Regex)
            }
            Test::FullTextMatches(text) => {
                TextPattern::parse(text).map(Self::Pattern).map_err(|e| e.at(leaf.span))
            }
            Test::FullText(search) => {
                let mode = if search.any_word { Mode::SearchBox } else { Mode::Contains };
                let query = TextQuery::parse(&search.query, mode).map_err(|e| e.at(leaf.span))?;
                Ok(Self::Text(query))
            }
            Test::Similar(search) if search.nearest.is_none() => {
                target(ctx, search, leaf.span).map(Self::Vector)
            }
            Test::Similar(_) | Test::NearestPoint { .. } => {
                rank::members(ctx, leaf).map(Self::Members)
            }
            _ => Ok(Self::Nothing),
        }
    }
}

/// Compiles a regular expression of a statement.
pub fn regex(text: &str, span: Span) -> Result<Regex> {
    regex::RegexBuilder::new(text).size_limit(REGEX_BYTES).build().map_err(|e| {
        let message = format!("malformed regular expression: {}", one_line(&e.to_string()));
        Error::new(Kind::InvalidFullTextQuery, message).at(span)
    })
}

fn one_line(text: &str) -> String {
    text.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned()
}

/// The numbers a search compares with; `ENTITY 'id'` is looked up.
pub fn target(ctx: &Context<'_>, search: &VectorSearch, span: Span) -> Result<Target> {
    match &search.target {
        VectorTarget::Numbers(numbers) => {
            check_query(similarity::metric(search.metric), numbers).map_err(|e| e.at(span))?;
            check_dimension(ctx, search, numbers.len()).map_err(|e| e.at(span))?;
            Ok(Target { numbers: Arc::clone(numbers), own: None })
        }
        VectorTarget::Entity(id) => {
            let entity = match ctx.view.iid(id)? {
                Some(iid) => ctx.entity(iid.0)?,
                None => None,
            };
            let Some(entity) = entity else {
                return Err(
                    Error::new(Kind::NotFound, format!("no hexad is called `{id}`")).at(span)
                );
            };
            let named = entity.vector()?.and_then(|v| v.named.get(&search.embedding));
            let Some(embedding) = named else {
                let message = format!("hexad `{id}` has no embedding `{}`", search.embedding);
                return Err(Error::new(Kind::EmbeddingNotFound, message).at(span));
            };
            Ok(Target { numbers: Arc::clone(&embedding.data), own: Some(entity.iid().0) })
        }
    }
}

/// Refuses a vector no stored embedding of this name can be compared with.
fn check_dimension(ctx: &Context<'_>, search: &VectorSearch, got: usize) -> Result<()> {
    let records = crate::engine::modality::vector::search::records(ctx.view);
    let known = ctx.indexes.vector.dimensions(&records, &search.embedding)?;
    match known.iter().max_by_key(|(_, count)| **count) {
        Some((expected, _)) if !known.contains_key(&got) => Err(dimension_mismatch(*expected, got)),
        _ => Ok(()),
    }
}

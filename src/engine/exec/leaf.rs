//! One test of one row.

use crate::engine::base::{Modality, Result, Value};
use crate::engine::exec::context::Context;
use crate::engine::exec::eval::{self, Env, subject};
use crate::engine::exec::function::{contains, equal};
use crate::engine::exec::prepared::{self, Prepared, Target};
use crate::engine::exec::row::Row;
use crate::engine::exec::{drift, like, scalar, similarity};
use crate::engine::lang::ast::CompareOp;
use crate::engine::lang::resolve::{FieldRef, Place};
use crate::engine::modality::document::Document;
use crate::engine::modality::semantic::conditions::Flat;
use crate::engine::modality::spatial::Position;
use crate::engine::modality::spatial::geometry::Bounds;
use crate::engine::modality::temporal::History;
use crate::engine::plan::logical::{BoundingBox, Leaf, Scalar, Test, VectorSearch};

/// True when the test passes.
pub fn holds<'v>(ctx: &Context<'v>, leaf: &Leaf, env: &Env<'_, 'v>) -> Result<bool> {
    let entity = &env.row.entity;
    match &leaf.test {
        Test::Compare(left, op, right) => compare(ctx, left, *op, right, env),
        Test::Like(left, pattern) => both(
            ctx,
            left,
            pattern,
            env,
            &|text, pattern| matches!((text, pattern), (Value::Text(t), Value::Text(p)) if like::like(t, p)),
        ),
        Test::Contains(left, part) => {
            let whole = scalar::value(ctx, left, env)?;
            let part = scalar::value(ctx, part, env)?;
            // Of several texts one may hold the part; a list may hold it as a member.
            let in_item = is_many(left)
                && matches!(&whole, Value::List(items) if items.iter().any(|i| contains(i, &part)));
            Ok(in_item || contains(&whole, &part))
        }
        Test::Matches(left, right) => matches(ctx, leaf, left, right, env),
        Test::Includes(left, item) => includes(ctx, left, item, env),
        Test::In(left, items) => one_of(ctx, left, items, env),
        Test::Between(left, low, high) => between(ctx, left, low, high, env),
        Test::IsNull(left) => Ok(scalar::value(ctx, left, env)?.is_null()),
        Test::Exists(modality) => Ok(entity.present().contains(*modality)),
        Test::Drift(a, b, op, value) => {
            let value = scalar::value(ctx, value, env)?;
            let score = ctx.drift(entity)?.pair(*a, *b);
            Ok(score.is_some_and(|s| op.accepts_values(&Value::Float(s), &value)))
        }
        Test::DriftAny(threshold) => {
            let scores = ctx.drift(entity)?;
            Ok(match threshold {
                Some(threshold) => scores.worst().is_some_and(|(_, score)| score > *threshold),
                None => !drift::over(ctx, entity, &scores)?.is_empty(),
            })
        }
        Test::Consistent(a, b, metric, op, value) => {
            let value = scalar::value(ctx, value, env)?;
            let score = drift::consistency(ctx, entity, *a, *b, *metric)?;
            Ok(score.is_some_and(|s| op.accepts_values(&Value::Float(s), &value)))
        }
        Test::Contract(_, filter) => eval::holds(ctx, filter, &Env::of(env.row)),
        Test::HasProof(kind) => Ok(entity.semantic()?.is_some_and(|s| s.has_proof(kind))),
        Test::VerifiedBy(who) => Ok(entity.semantic()?.is_some_and(|s| s.verified_by(who))),
        Test::ModifiedBy(who) => modified_by(ctx, env.row, who),
        Test::FullText(_) | Test::FullTextMatches(_) => {
            let Some(document) = entity.document()? else { return Ok(false) };
            Ok(match ctx.prepared(leaf)?.as_ref() {
                Prepared::Text(query) => query.matches(document),
                Prepared::Pattern(pattern) => pattern.matches(document),
                _ => false,
            })
        }
        Test::Similar(search) => match ctx.prepared(leaf)?.as_ref() {
            Prepared::Members(members) => Ok(members.contains(entity.iid().0)),
            Prepared::Vector(target) => similar(ctx, search, target, env),
            _ => Ok(false),
        },
        Test::NearestPoint { .. } => match ctx.prepared(leaf)?.as_ref() {
            Prepared::Members(members) => Ok(members.contains(entity.iid().0)),
            _ => Ok(false),
        },
        Test::Radius(circle) => {
            let center = Position { latitude: circle.latitude, longitude: circle.longitude };
            Ok(entity.spatial()?.is_some_and(|p| p.within_radius(center, circle.kilometers)))
        }
        Test::Bounds(bounds) => {
            Ok(entity.spatial()?.is_some_and(|p| p.within_bounds(&corners(bounds))))
        }
        // Patterns are searched for by the conjunction they stand in.
        Test::Pattern(_) => Ok(false),
        Test::Shape(op, wanted) => Ok(entity.tensor()?.is_some_and(|tensor| {
            let same = tensor.shape.iter().map(|n| *n as u64).eq(wanted.iter().copied());
            shape_passes(*op, &tensor.shape, wanted, same)
        })),
        Test::Rank(op, wanted) => {
            let wanted = scalar::value(ctx, wanted, env)?;
            Ok(entity
                .tensor()?
                .is_some_and(|t| op.accepts_values(&Value::Int(t.rank() as i64), &wanted)))
        }
        Test::True(scalar) => Ok(scalar::value(ctx, scalar, env)? == Value::Bool(true)),
        Test::OfType(of, name) => match subject(ctx, of, env)? {
            Some(row) => Ok(row.entity.semantic()?.is_some_and(|s| s.has_type(name, &Flat))),
            None => Ok(false),
        },
    }
}

fn one_of<'v>(
    ctx: &Context<'v>,
    left: &Scalar,
    items: &[Scalar],
    env: &Env<'_, 'v>,
) -> Result<bool> {
    for item in items {
        if member(ctx, left, item, env)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn between<'v>(
    ctx: &Context<'v>,
    left: &Scalar,
    low: &Scalar,
    high: &Scalar,
    env: &Env<'_, 'v>,
) -> Result<bool> {
    let (low, high) = (scalar::value(ctx, low, env)?, scalar::value(ctx, high, env)?);
    scalar::any(ctx, left, env, &mut |value| {
        Ok(CompareOp::GreaterEqual.accepts_values(value, &low)
            && CompareOp::LessEqual.accepts_values(value, &high))
    })
}

/// Shapes are equal or not; an order between them is the order of their sizes, axis by axis.
fn shape_passes(op: CompareOp, shape: &[usize], wanted: &[u64], same: bool) -> bool {
    match op {
        CompareOp::Equal => same,
        CompareOp::NotEqual => !same,
        _ => op.accepts(shape.iter().map(|n| *n as u64).cmp(wanted.iter().copied())),
    }
}

/// The corners of a box of the algebra as the spatial room calls them.
pub fn corners(bounds: &BoundingBox) -> Bounds {
    Bounds { south: bounds.south, west: bounds.west, north: bounds.north, east: bounds.east }
}

/// Every text of a document: title, body, and fields that are text or lists of texts.
pub fn texts(document: &Document) -> impl Iterator<Item = &str> {
    let fields = document.fields.values().flat_map(|value| match value {
        Value::List(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
        other => other.as_str().into_iter().collect(),
    });
    document.title.as_deref().into_iter().chain(document.body.as_deref()).chain(fields)
}

fn is_many(scalar: &Scalar) -> bool {
    matches!(scalar, Scalar::Field(field) if field.many)
}

fn compare<'v>(
    ctx: &Context<'v>,
    left: &Scalar,
    op: CompareOp,
    right: &Scalar,
    env: &Env<'_, 'v>,
) -> Result<bool> {
    both(ctx, left, right, env, &|a, b| op.accepts_values(a, b))
}

/// True when one value of the left side and one of the right side pass together.
fn both<'v>(
    ctx: &Context<'v>,
    left: &Scalar,
    right: &Scalar,
    env: &Env<'_, 'v>,
    test: &dyn Fn(&Value, &Value) -> bool,
) -> Result<bool> {
    scalar::any(ctx, right, env, &mut |b| scalar::any(ctx, left, env, &mut |a| Ok(test(a, b))))
}

fn matches<'v>(
    ctx: &Context<'v>,
    leaf: &Leaf,
    left: &Scalar,
    right: &Scalar,
    env: &Env<'_, 'v>,
) -> Result<bool> {
    let ready = ctx.prepared(leaf)?;
    let made;
    let regex = match ready.as_ref() {
        Prepared::Regex(regex) => regex,
        _ => match scalar::value(ctx, right, env)? {
            Value::Text(text) => {
                made = prepared::regex(&text, leaf.span)?;
                &made
            }
            _ => return Ok(false),
        },
    };
    if let Scalar::Field(field) = left
        && whole_document(field)
    {
        let document = env.row.entity.document()?;
        return Ok(document.is_some_and(|d| texts(d).any(|t| regex.is_match(t))));
    }
    scalar::any(ctx, left, env, &mut |value| {
        Ok(value.as_str().is_some_and(|text| regex.is_match(text)))
    })
}

fn whole_document(field: &FieldRef) -> bool {
    field.place() == Some(&Place::Whole(Modality::Document))
}

fn includes<'v>(
    ctx: &Context<'v>,
    left: &Scalar,
    item: &Scalar,
    env: &Env<'_, 'v>,
) -> Result<bool> {
    let list = scalar::value(ctx, left, env)?;
    let item = scalar::value(ctx, item, env)?;
    Ok(match &list {
        Value::List(items) => items.iter().any(|i| equal(i, &item)),
        Value::Vector(_) => contains(&list, &item),
        Value::Map(map) => item.as_str().is_some_and(|key| map.contains_key(key)),
        one => equal(one, &item),
    })
}

/// `IN`: equality with one of the values; a list among them is opened.
fn member<'v>(ctx: &Context<'v>, left: &Scalar, item: &Scalar, env: &Env<'_, 'v>) -> Result<bool> {
    let item = scalar::value(ctx, item, env)?;
    scalar::any(ctx, left, env, &mut |value| {
        let in_list = matches!(&item, Value::List(items) if items.iter().any(|i| equal(value, i)));
        Ok(in_list || equal(value, &item))
    })
}

fn modified_by(ctx: &Context<'_>, row: &Row<'_>, who: &str) -> Result<bool> {
    use crate::engine::plan::logical::When;
    match ctx.when {
        // Rows are versions: the one read must be theirs.
        When::Version(..) | When::Between(..) => {
            Ok(row.entity.current()?.is_some_and(|v| v.author == who))
        }
        When::Now | When::At(_) => Ok(History(row.entity.versions()?).modified_by(who)),
    }
}

fn similar<'v>(
    ctx: &Context<'v>,
    search: &VectorSearch,
    target: &Target,
    env: &Env<'_, 'v>,
) -> Result<bool> {
    let Some(row) = subject(ctx, &search.subject, env)? else { return Ok(false) };
    let Some(score) = similarity_of(search, target, &row)? else { return Ok(false) };
    Ok(search.within.is_none_or(|least| score >= least))
}

/// How near a row is to the target; `None` when it has no embedding of that name and length, or is
/// the target itself.
pub fn similarity_of(search: &VectorSearch, target: &Target, row: &Row<'_>) -> Result<Option<f64>> {
    if target.own == Some(row.entity.iid().0) {
        return Ok(None);
    }
    let Some(vectors) = row.entity.vector()? else { return Ok(None) };
    let Some(embedding) = vectors.named.get(&search.embedding) else { return Ok(None) };
    Ok(similarity::between(search.metric, &embedding.data, &target.numbers))
}

/// Comparing values as conditions do.
pub trait AcceptsValues {
    /// True when both are comparable and stand in this relation.
    fn accepts_values(self, a: &Value, b: &Value) -> bool;
}

impl AcceptsValues for CompareOp {
    fn accepts_values(self, a: &Value, b: &Value) -> bool {
        match a.compare(b) {
            Some(order) => self.accepts(order),
            // Lists and maps have equality but no order: not comparable is not equal.
            None => {
                self == Self::NotEqual
                    && matches!(
                        (a, b),
                        (Value::Map(_), Value::Map(_))
                            | (
                                Value::List(_) | Value::Vector(_),
                                Value::List(_) | Value::Vector(_)
                            )
                    )
            }
        }
    }
}

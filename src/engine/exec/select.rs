//! Runs one query: candidates, filter, ranking, grouping, order, columns.

use std::cmp::Ordering;
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::engine::base::{Error, Iid, Kind, Modality, Result, Value, limit};
use crate::engine::exec::context::Context;
use crate::engine::exec::entity::Entity;
use crate::engine::exec::eval::{self, Env};
use crate::engine::exec::find::Sought;
use crate::engine::exec::group::{self, Group};
use crate::engine::exec::row::Row;
use crate::engine::exec::top::{self, Ranked};
use crate::engine::exec::trace::Part;
use crate::engine::exec::{field, find, order, rank, scalar};
use crate::engine::lang::resolve::{Place, Subject};
use crate::engine::modality::spatial::Position;
use crate::engine::outcome::{Column, Notice, Outcome};
use crate::engine::plan::logical::{Filter, Leaf, Order, Scalar, Select, Source, Test, When};
use crate::engine::plan::physical;

/// A row of the answer and what orders it.
struct Ordered {
    keys: Vec<Value>,
    score: Option<f64>,
    id: String,
    version: u32,
    cells: Vec<Value>,
}

/// Runs `select`.
pub fn run(ctx: &Context<'_>, select: &Select, default_limit: bool) -> Result<Outcome> {
    if ctx.scan || select.when != When::Now {
        let scan = || rows(ctx, select);
        let rows = ctx.budget.part(Part::Scan, scan, |rows| rows.len() as u64)?;
        return answer(ctx, select, &rows, default_limit);
    }
    let rankings = rank::rankings(&select.filter, &select.when);
    let plain = is_plain(select, &rankings);
    let need = need(select, default_limit);
    let ranked = match find::sought(ctx, select, need)? {
        Sought::Best(best) => best.rows,
        Sought::Passing(found) if rankings.is_empty() && physical::only_counts(select) => {
            return Ok(counted(select, found.rows.len()));
        }
        Sought::Passing(found) if rankings.is_empty() => unranked(ctx, &found.rows, plain)?,
        Sought::Passing(found) => top::ranked(ctx, &rankings, &found.rows, need)?,
    };
    if !plain {
        let mut rows = Vec::with_capacity(ranked.len());
        for one in &ranked {
            ctx.budget.tick()?;
            rows.extend(one.row(ctx)?);
        }
        set_distances(select, &mut rows)?;
        return answer(ctx, select, &rows, default_limit);
    }
    let window = window(select, default_limit, ranked.len());
    let chosen = ranked.get(window.range).unwrap_or_default();
    let answered = ctx.budget.part(
        Part::Project,
        || project_ranked(ctx, select, chosen),
        |rows| rows.len() as u64,
    )?;
    Ok(finish(select, answered, window.cut))
}

/// The answer that is nothing but a number of rows.
fn counted(select: &Select, rows: u64) -> Outcome {
    let count = Value::Int(rows as i64);
    let cells = select.items.iter().map(|item| match item.value {
        Scalar::Aggregate(_) => count.clone(),
        _ => item.value.constant().cloned().unwrap_or_default(),
    });
    finish(select, vec![cells.collect()], false)
}

/// Rows that nothing ranks, in the order of their ids when that is the order of the answer.
fn unranked(ctx: &Context<'_>, rows: &RoaringBitmap, plain: bool) -> Result<Vec<Ranked>> {
    let sort = || find::by_id(ctx, rows);
    let order = if plain {
        ctx.budget.part(Part::Sort, sort, |order| order.len() as u64)?
    } else {
        rows.iter().collect()
    };
    Ok(order.into_iter().map(|iid| Ranked { iid, ..Ranked::default() }).collect())
}

/// The columns of ranked rows, each read when its turn comes.
fn project_ranked(
    ctx: &Context<'_>,
    select: &Select,
    chosen: &[Ranked],
) -> Result<Vec<Vec<Value>>> {
    let mut answered = vec![];
    let only_ids = !select.items.is_empty() && select.items.iter().all(|i| is_id(&i.value));
    for one in chosen {
        ctx.budget.tick()?;
        if only_ids {
            let id = Value::Text(ctx.id_of(one.iid)?);
            ctx.budget.hold(weight(&id) * select.items.len())?;
            answered.push(vec![id; select.items.len()]);
            continue;
        }
        let mut rows: Vec<Row<'_>> = one.row(ctx)?.into_iter().collect();
        set_distances(select, &mut rows)?;
        for row in &rows {
            let cells = cells(ctx, select, &Env::of(row))?;
            ctx.budget.hold(cells.iter().map(weight).sum())?;
            answered.push(cells);
        }
    }
    Ok(answered)
}

/// True for the id of the row: it is known without reading the hexad.
fn is_id(value: &Scalar) -> bool {
    matches!(value, Scalar::Field(field)
        if field.subject == Subject::Row && field.place() == Some(&Place::Id))
}

/// True when the order is that of the ids, least first.
fn ascending_ids(order: &[Order]) -> bool {
    matches!(order, [key] if is_id(&key.value) && !key.descending)
}

/// The hexads a query finds, without scores and columns.
pub fn matching(ctx: &Context<'_>, select: &Select) -> Result<RoaringBitmap> {
    if ctx.scan || select.when != When::Now {
        return Ok(rows(ctx, select)?.iter().map(|row| row.entity.iid().0).collect());
    }
    let found = find::passing(ctx, select, None)?;
    let rankings = rank::rankings(&select.filter, &select.when);
    let only_found = |test: &&&Leaf| matches!(&test.test, Test::Similar(s) if s.within.is_none());
    if !rankings.iter().any(|test| only_found(&test) || rank::limit(&test.test).is_some()) {
        return Ok(found.rows);
    }
    let ranked = top::ranked(ctx, &rankings, &found.rows, None)?;
    Ok(ranked.iter().map(|one| one.iid).collect())
}

/// True when rows are answered as they are found: by rank, or in the order of their ids. Rows that
/// nothing ranks come in that order anyway.
fn is_plain(select: &Select, rankings: &[&Leaf]) -> bool {
    let by_id = rankings.is_empty() && ascending_ids(&select.order);
    !select.grouped && (select.order.is_empty() || by_id)
}

/// How many rows in that order are enough, where so many are.
pub fn need(select: &Select, default_limit: bool) -> Option<usize> {
    let rankings = rank::rankings(&select.filter, &select.when);
    window_end(select, default_limit).filter(|_| is_plain(select, &rankings))
}

/// How many rows have to be known for the answer, one more to know that it was cut.
fn window_end(select: &Select, default_limit: bool) -> Option<usize> {
    let most = match select.limit {
        Some(limit) => limit,
        None if default_limit => limit::DEFAULT_ROWS,
        None => return None,
    };
    usize::try_from(select.offset.saturating_add(most).saturating_add(1)).ok()
}

/// Groups, orders and projects rows.
fn answer<'v>(
    ctx: &Context<'v>,
    select: &Select,
    rows: &[Row<'v>],
    default_limit: bool,
) -> Result<Outcome> {
    let ranked = !rank::rankings(&select.filter, &select.when).is_empty();
    if select.grouped {
        let group = || groups(ctx, select, rows);
        let mut sorted = ctx.budget.part(Part::Group, group, |groups| groups.len() as u64)?;
        sorted.sort_by(|a, b| compare(select, a, b));
        let window = window(select, default_limit, sorted.len());
        let rows = sorted.drain(window.range).map(|o| o.cells).collect();
        return Ok(finish(select, rows, window.cut));
    }
    let sort = || sorted(ctx, select, rows, ranked);
    let places = ctx.budget.part(Part::Sort, sort, |places| places.len() as u64)?;
    let window = window(select, default_limit, places.len());
    let chosen = places.get(window.range).unwrap_or_default();
    let project = || {
        let mut answered = vec![];
        for place in chosen {
            ctx.budget.tick()?;
            let cells = cells(ctx, select, &Env::of(&rows[*place]))?;
            ctx.budget.hold(cells.iter().map(weight).sum())?;
            answered.push(cells);
        }
        Ok(answered)
    };
    let answered = ctx.budget.part(Part::Project, project, |rows| rows.len() as u64)?;
    Ok(finish(select, answered, window.cut))
}

/// The places of rows in the order of the answer.
fn sorted<'v>(
    ctx: &Context<'v>,
    select: &Select,
    rows: &[Row<'v>],
    ranked: bool,
) -> Result<Vec<usize>> {
    let mut ordered = Vec::with_capacity(rows.len());
    for row in rows {
        ctx.budget.tick()?;
        ordered.push(ordered_row(ctx, select, row, ranked)?);
    }
    let mut places: Vec<usize> = (0..ordered.len()).collect();
    places.sort_by(|a, b| compare(select, &ordered[*a], &ordered[*b]));
    Ok(places)
}

/// What orders a row; its cells are made when it is known to be answered.
fn ordered_row<'v>(
    ctx: &Context<'v>,
    select: &Select,
    row: &Row<'v>,
    ranked: bool,
) -> Result<Ordered> {
    let env = Env::of(row);
    let keys = select.order.iter().map(|key| scalar::value(ctx, &key.value, &env));
    Ok(Ordered {
        keys: keys.collect::<Result<_>>()?,
        score: rank_value(row, ranked),
        id: row.entity.id().as_str().to_owned(),
        version: row.entity.version(),
        cells: vec![],
    })
}

fn cells<'v>(ctx: &Context<'v>, select: &Select, env: &Env<'_, 'v>) -> Result<Vec<Value>> {
    let cells = select
        .items
        .iter()
        .map(|item| scalar::value(ctx, &item.value, env).map_err(|e| e.at(item.span)));
    cells.collect()
}

fn finish(select: &Select, rows: Vec<Vec<Value>>, cut: bool) -> Outcome {
    let mut notices = vec![];
    if cut {
        notices.push(Notice {
            message: format!("only the first {} rows are shown", limit::DEFAULT_ROWS),
            span: None,
            hint: Some("add LIMIT to see more or fewer".to_owned()),
        });
    }
    let columns = select.items.iter().map(|i| Column { name: i.name.clone() }).collect();
    Outcome { tag: "SELECT", columns, rows, notices, ..Outcome::default() }
}

struct Window {
    range: std::ops::Range<usize>,
    cut: bool,
}

/// Which of `total` sorted rows are answered.
fn window(select: &Select, default_limit: bool, total: usize) -> Window {
    let start = usize::try_from(select.offset).unwrap_or(usize::MAX).min(total);
    let most = match select.limit {
        Some(limit) => limit,
        None if default_limit => limit::DEFAULT_ROWS,
        None => u64::MAX,
    };
    let end = start.saturating_add(usize::try_from(most).unwrap_or(usize::MAX)).min(total);
    Window { range: start..end, cut: select.limit.is_none() && default_limit && end < total }
}

/// About how many bytes a value holds.
fn weight(value: &Value) -> usize {
    32 + match value {
        Value::Text(text) => text.len(),
        Value::List(items) => items.iter().map(weight).sum(),
        Value::Map(map) => map.iter().map(|(k, v)| k.len() + weight(v)).sum(),
        _ => 0,
    }
}

/// By the keys of ORDER BY, then by rank, then by id: never by chance.
fn compare(select: &Select, a: &Ordered, b: &Ordered) -> Ordering {
    for (index, key) in select.order.iter().enumerate() {
        let order =
            order::compare_key(&a.keys[index], &b.keys[index], key.descending, key.nulls_first);
        if order.is_ne() {
            return order;
        }
    }
    let by_score = match (a.score, b.score) {
        (Some(x), Some(y)) => y.total_cmp(&x),
        (x, y) => y.is_some().cmp(&x.is_some()),
    };
    by_score.then_with(|| a.id.cmp(&b.id)).then_with(|| a.version.cmp(&b.version))
}

fn rank_value(row: &Row<'_>, ranked: bool) -> Option<f64> {
    if !ranked {
        return None;
    }
    row.score.or(row.distance_km.map(|km| -km))
}

/// The rows of a query found without any index, scored, in no particular order: the law.
pub fn rows<'v>(ctx: &Context<'v>, select: &Select) -> Result<Vec<Row<'v>>> {
    let rankings = rank::rankings(&select.filter, &select.when);
    let hard = physical::without_limits(&select.filter);
    let mut rows = vec![];
    for iid in source(ctx, select)?.iter() {
        ctx.budget.tick()?;
        let Some(entity) = Entity::now(ctx.view, Iid(iid))? else { continue };
        for state in ctx.states(entity)? {
            let row = Row::of(state);
            if of_source(&select.source, &row)? && eval::holds(ctx, &hard, &Env::of(&row))? {
                ctx.budget.hold(128)?;
                rows.push(row);
            }
        }
    }
    check_version(ctx, select, rows.is_empty())?;
    set_distances(select, &mut rows)?;
    if rankings.is_empty() { Ok(rows) } else { rank::apply(ctx, &rankings, rows) }
}

/// The hexads of a source.
pub fn source(ctx: &Context<'_>, select: &Select) -> Result<Arc<RoaringBitmap>> {
    let now = select.when == When::Now;
    match &select.source {
        Source::One(id) if now => {
            Ok(Arc::new(ctx.view.iid(id.as_str())?.map(|i| i.0).into_iter().collect()))
        }
        Source::One(id) => {
            Ok(Arc::new(ctx.view.iids_named(id.as_str())?.iter().map(|i| i.0).collect()))
        }
        Source::Having(modality) if now => ctx.view.present(*modality),
        Source::Reflect if now => ctx.view.present(Modality::Document),
        Source::All if now => ctx.view.live(),
        Source::All | Source::Having(_) | Source::Reflect => ctx.view.ever(),
    }
}

/// True when a row belongs to the source.
pub fn of_source(source: &Source, row: &Row<'_>) -> Result<bool> {
    match source {
        Source::All | Source::One(_) => Ok(true),
        Source::Having(modality) => Ok(row.entity.present().contains(*modality)),
        Source::Reflect => Ok(row.entity.document()?.is_some_and(|document| {
            let kind = field::in_document(document, &["type".to_owned()]);
            kind.as_str() == Some("vql_query")
        })),
    }
}

/// `FROM HEXAD x .. VERSION v`: a hexad without that version is an error, not an empty answer.
fn check_version(ctx: &Context<'_>, select: &Select, empty: bool) -> Result<()> {
    let (Source::One(id), When::Version(name, span), true) = (&select.source, &select.when, empty)
    else {
        return Ok(());
    };
    let mut known = false;
    for iid in ctx.view.iids_named(id.as_str())? {
        let Some(entity) = Entity::now(ctx.view, iid)? else { continue };
        known = true;
        if !ctx.states(entity)?.is_empty() {
            return Ok(());
        }
    }
    if known {
        let message = format!("hexad `{id}` has no version `{name}`");
        return Err(Error::new(Kind::VersionNotFound, message).at(*span));
    }
    Ok(())
}

/// The distance of a row is that to the first point a top-level condition names.
fn set_distances(select: &Select, rows: &mut [Row<'_>]) -> Result<()> {
    let point = select.filter.conjuncts().iter().find_map(|member| match member {
        Filter::Leaf(leaf) => match &leaf.test {
            Test::Radius(c) => Some(Position { latitude: c.latitude, longitude: c.longitude }),
            Test::NearestPoint { latitude, longitude, .. } => {
                Some(Position { latitude: *latitude, longitude: *longitude })
            }
            _ => None,
        },
        _ => None,
    });
    if let Some(point) = point {
        for row in rows {
            row.distance_km = rank::distance(row, point)?;
        }
    }
    Ok(())
}

fn groups<'v>(ctx: &Context<'v>, select: &Select, rows: &[Row<'v>]) -> Result<Vec<Ordered>> {
    let mut answer = vec![];
    for Group { keys, aggregates, first } in group::groups(ctx, select, rows)? {
        ctx.budget.tick()?;
        // Keys and aggregates are all a group has; a row stands in for what needs one.
        let Some(row) = first.as_ref().or(rows.first()) else {
            answer.push(empty_group(select, &aggregates)?);
            continue;
        };
        let env = Env { row, bound: vec![], keys: &keys, aggregates: &aggregates };
        if !eval::holds(ctx, &select.having, &env)? {
            continue;
        }
        let cells = cells(ctx, select, &env)?;
        let order = select.order.iter().map(|key| scalar::value(ctx, &key.value, &env));
        answer.push(Ordered {
            keys: order.collect::<Result<_>>()?,
            score: None,
            id: keys.iter().map(order::canonical).collect::<Vec<_>>().join("\u{1}"),
            version: 0,
            cells,
        });
    }
    Ok(answer)
}

/// The one row of `SELECT COUNT(*)` over nothing.
fn empty_group(select: &Select, aggregates: &[Value]) -> Result<Ordered> {
    let cells = select
        .items
        .iter()
        .map(|item| match &item.value {
            Scalar::Aggregate(index) => Ok(aggregates.get(*index).cloned().unwrap_or_default()),
            Scalar::Const(value) => Ok(value.clone()),
            _ => Ok(Value::Null),
        })
        .collect::<Result<Vec<_>>>()?;
    let keys = vec![Value::Null; select.order.len()];
    Ok(Ordered { keys, score: None, id: String::new(), version: 0, cells })
}

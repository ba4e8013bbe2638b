//! `EXPLAIN`: the plan that is really used, as a tree of lines; `EXPLAIN ANALYZE`: the same, run and
//! counted.

use crate::engine::base::{Error, Result, Span, Value};
use crate::engine::exec::context::Context;
use crate::engine::exec::statement::embedding::OfDocument;
use crate::engine::exec::statement::{Job, query, search, table, target};
use crate::engine::exec::{find, rank};
use crate::engine::lang::ast::{Explain, Statement, StatementKind};
use crate::engine::lang::resolve::Subject;
use crate::engine::outcome::Outcome;
use crate::engine::plan::access::{Access, Ask};
use crate::engine::plan::logical::{Filter, Leaf, Select, Source, Test, When};
use crate::engine::store::View;

/// Runs `EXPLAIN`.
pub fn run(job: &Job<'_>, explain: &Explain) -> Result<Outcome> {
    for option in &explain.options {
        if !option.is("text") {
            let construct = format!("EXPLAIN ({})", option.text);
            return Err(Error::not_supported(&construct, option.span));
        }
    }
    let view = job.view()?;
    let ask = || lowered(job, &view, &explain.statement);
    // A plan alone asks no embedder: any vector of the same length has the same plan.
    let (select, reads, writes) = if explain.analyze { ask()? } else { job.memo.listen(ask)? };
    let mut lines: Vec<Vec<Value>> = job
        .within(&view, select.when.clone(), |ctx| lines(ctx, &select, reads, job.text))?
        .into_iter()
        .map(|line| vec![Value::Text(line)])
        .collect();
    if let Some(verb) = writes {
        lines.insert(0, vec![Value::Text(format!("{verb} each hexad found"))]);
    }
    lines.extend(embeds(job, &view, &explain.statement)?.into_iter().map(|l| vec![l.into()]));
    if explain.analyze {
        if writes.is_some() {
            return Err(Error::not_supported("EXPLAIN ANALYZE of a write", explain.statement.span));
        }
        let began = job.shared.clock.now();
        let answered = query::one(job, &view, &select, reads)?.rows.len();
        let micros = job.shared.clock.now().0.saturating_sub(began.0);
        let found = job.within(&view, select.when.clone(), |ctx| actual(ctx, &select))?;
        lines.extend(found.into_iter().map(|line| vec![Value::Text(line)]));
        let ms = micros as f64 / 1000.0;
        lines.push(vec![Value::Text(format!("answered: {answered} rows in {ms} ms"))]);
    }
    Ok(table("EXPLAIN", &["plan"], lines))
}

/// Which embedders make vectors for the statement, and of what.
fn embeds(job: &Job<'_>, view: &View, statement: &Statement) -> Result<Vec<String>> {
    let mut lines: Vec<String> = (job.memo.asked().into_iter())
        .map(|(name, texts)| format!("embed {texts} texts of the statement with {name}"))
        .collect();
    if let StatementKind::Update(update) = &statement.kind {
        for assignment in &update.set {
            let of = job.lower(view, |l| OfDocument::of(l, &assignment.value))?;
            if let Some(of) = of {
                let embedder =
                    job.embedder(view, of.embedder.as_deref()).map_err(|e| e.at(of.span))?;
                lines.push(format!("embed each document with {}", embedder.name()));
            }
        }
    }
    Ok(lines)
}

/// What was really found.
fn actual(ctx: &Context<'_>, select: &Select) -> Result<Vec<String>> {
    if ctx.scan || select.when != When::Now {
        return Ok(vec![]);
    }
    let found = find::passing(ctx, select, None)?;
    let mut lines = vec![];
    for (number, rows) in found.after.iter().enumerate() {
        lines.push(format!("after index {}: {rows} rows", number + 1));
    }
    lines.push(format!("read one by one: {}, passed: {}", found.read, found.rows.len()));
    Ok(lines)
}

/// The query behind a statement, whether its rows are limited by default, and what it writes.
fn lowered(
    job: &Job<'_>,
    view: &View,
    statement: &Statement,
) -> Result<(Select, bool, Option<&'static str>)> {
    let span = statement.span;
    Ok(match &statement.kind {
        StatementKind::Query(query) if query.set_operations.is_empty() => {
            (job.lower(view, |l| l.query(query))?, true, None)
        }
        StatementKind::Search(inner) => {
            (job.lower(view, |l| search::lower(l, inner, span))?, true, None)
        }
        StatementKind::Count(count) => {
            let filter = condition(job, view, count.condition.as_ref())?;
            (target::rows_of(Source::All, filter), false, None)
        }
        StatementKind::Update(update) => {
            let source = target::source(job, view, update.id.as_ref())?;
            let filter = condition(job, view, update.condition.as_ref())?;
            (target::rows_of(source, filter), false, Some("update"))
        }
        StatementKind::Delete(delete) => {
            let source = job.lower(view, |l| l.source(&delete.source))?;
            let filter = condition(job, view, delete.condition.as_ref())?;
            (target::rows_of(source, filter), false, Some("delete"))
        }
        StatementKind::Query(_) => {
            return Err(Error::not_supported("EXPLAIN of a set query", span));
        }
        other => {
            let construct = format!("EXPLAIN {}", other.keyword());
            return Err(Error::not_supported(&construct, span));
        }
    })
}

fn condition(
    job: &Job<'_>,
    view: &View,
    condition: Option<&crate::engine::lang::ast::Condition>,
) -> Result<Filter> {
    match condition {
        Some(condition) => job.lower(view, |l| l.condition(condition)),
        None => Ok(Filter::Const(true)),
    }
}

/// The plan of a query, the last operator first, each line indented below what reads from it.
pub fn lines(
    ctx: &Context<'_>,
    select: &Select,
    default_limit: bool,
    text: &str,
) -> Result<Vec<String>> {
    let mut lines: Vec<String> = vec![];
    match (select.limit, default_limit) {
        (Some(limit), _) => lines.push(format!("limit {limit}")),
        (None, true) => {
            lines.push(format!("limit {} (default)", crate::engine::base::limit::DEFAULT_ROWS));
        }
        (None, false) => {}
    }
    if select.offset > 0 {
        lines.push(format!("offset {}", select.offset));
    }
    if !select.items.is_empty() {
        let names: Vec<&str> = select.items.iter().map(|i| i.name.as_str()).collect();
        lines.push(format!("project {}", names.join(", ")));
    }
    if !select.order.is_empty() {
        let keys: Vec<&str> = select.order.iter().map(|k| words(text, k.span)).collect();
        lines.push(format!("sort by {}", keys.join(", ")));
    }
    if select.grouped {
        let having = if select.having == Filter::Const(true) { "" } else { ", having" };
        lines.push(format!(
            "aggregate: {} keys, {} functions{having}",
            select.group.len(),
            select.aggregates.len()
        ));
    }
    ranking_lines(ctx, select, text, &mut lines);
    if ctx.scan || select.when != When::Now {
        if select.filter != Filter::Const(true) {
            lines.push("filter each row by all conditions".to_owned());
        }
        lines.push(format!("scan {}{}", source(&select.source), state(&select.when)));
    } else {
        access_lines(ctx, select, text, &mut lines)?;
    }
    Ok(lines.into_iter().enumerate().map(|(depth, line)| indent(depth, &line)).collect())
}

fn indent(depth: usize, line: &str) -> String {
    if depth == 0 { line.to_owned() } else { format!("{}-> {line}", "  ".repeat(depth - 1)) }
}

fn ranking_lines(ctx: &Context<'_>, select: &Select, text: &str, lines: &mut Vec<String>) {
    let rankings = rank::rankings(&select.filter, &select.when);
    if rankings.is_empty() && select.order.is_empty() && !select.grouped {
        lines.push("in the order of the ids".to_owned());
    }
    if rankings.len() > 1 {
        lines.push(format!("fuse {} rankings by reciprocal rank", rankings.len()));
    }
    for test in rankings {
        let by = if ctx.scan { "every row" } else { ranked_by(test) };
        lines.push(format!("rank by {} ({by})", words(text, test.span)));
    }
}

fn ranked_by(test: &Leaf) -> &'static str {
    match &test.test {
        Test::Similar(search) if search.subject == Subject::Row => "vector index",
        Test::FullText(_) => "text index, BM25",
        Test::NearestPoint { .. } => "spatial index",
        _ => "every row",
    }
}

fn access_lines(
    ctx: &Context<'_>,
    select: &Select,
    text: &str,
    lines: &mut Vec<String>,
) -> Result<()> {
    let (plan, filter) = find::plan(ctx, select)?;
    let conjuncts = filter.conjuncts();
    for index in &plan.residual {
        let words = conjuncts.get(*index).map_or("", |c| filter_words(text, c));
        lines.push(format!("filter each row: {words}"));
    }
    for step in plan.steps.iter().rev() {
        let kind = if step.exact { "exact" } else { "candidates" };
        lines.push(format!(
            "{} ({kind}, about {} of {} rows)",
            describe(&step.access),
            step.estimate,
            plan.total
        ));
    }
    lines.push(format!("{} ({} rows)", source(&select.source), plan.total));
    Ok(())
}

fn filter_words<'t>(text: &'t str, filter: &Filter) -> &'t str {
    let mut span: Option<Span> = None;
    filter.each_leaf(&mut |leaf| span = Some(span.map_or(leaf.span, |s| s.to(leaf.span))));
    span.map_or("", |span| words(text, span))
}

fn words(text: &str, span: Span) -> &str {
    text.get(span.range()).unwrap_or_default().trim()
}

fn source(source: &Source) -> String {
    match source {
        Source::All => "all hexads".to_owned(),
        Source::One(id) => format!("hexad `{id}`"),
        Source::Having(modality) => format!("hexads with {modality}"),
        Source::Reflect => "stored queries".to_owned(),
    }
}

fn state(when: &When) -> String {
    match when {
        When::Now => String::new(),
        When::At(at) => format!(" as of {at}"),
        When::Version(name, _) => format!(", version {name}"),
        When::Between(from, to) => format!(", every version between {from} and {to}"),
    }
}

fn describe(access: &Access) -> String {
    let list =
        |inner: &[Access], word: &str| inner.iter().map(describe).collect::<Vec<_>>().join(word);
    match access {
        Access::All => "everything".to_owned(),
        Access::Nothing => "nothing".to_owned(),
        Access::And(inner) => format!("({})", list(inner, " and ")),
        Access::Or(inner) => format!("({})", list(inner, " or ")),
        Access::Not(inner) => format!("not {}", describe(inner)),
        Access::Probe(probe) => match &probe.ask {
            Ask::Ids(ids) => format!("ids {}", ids.join(", ")),
            Ask::FieldIn(path, _) | Ask::FieldRange(path, ..) => {
                format!("field index on document.{}", path.join("."))
            }
            Ask::Present(modality) => format!("presence of {modality}"),
            Ask::Type(names) => format!("type index for {}", names.join(", ")),
            Ask::VerifiedBy(_) | Ask::Proof(_) => "verification index".to_owned(),
            Ask::ModifiedBy(_) => "author index".to_owned(),
            Ask::Text => "text index".to_owned(),
            Ask::Similar => "vector index".to_owned(),
            Ask::Radius | Ask::Bounds => "spatial index".to_owned(),
            Ask::Shape | Ask::Rank(..) => "shape index".to_owned(),
            Ask::Pattern(seeds) if seeds.is_empty() => "ends of edges".to_owned(),
            Ask::Pattern(seeds) => {
                let ids: Vec<&str> = seeds.iter().map(|(_, id)| id.as_str()).collect();
                format!("walk from {}", ids.join(", "))
            }
        },
    }
}

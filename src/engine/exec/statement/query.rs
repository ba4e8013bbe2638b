//! `SELECT`, set queries, `COUNT`.

use std::collections::BTreeMap;

use crate::engine::base::{Error, Iid, Kind, Result, Value, limit};
use crate::engine::exec::statement::{Job, drift, normalize, setting, table, target};
use crate::engine::exec::trace::Part;
use crate::engine::exec::{order, select};
use crate::engine::lang::ast::{Count, Query, SetOp};
use crate::engine::outcome::{Notice, Outcome};
use crate::engine::plan::logical::{Filter, Select, Source, When};
use crate::engine::store::View;

/// Runs a query.
pub fn run(job: &Job<'_>, query: &Query) -> Result<Outcome> {
    let repaired = repaired(job, query)?;
    let view = job.view()?;
    if query.set_operations.is_empty() {
        let mut select = job.lower(&view, |l| l.query(query))?;
        select.repair = None;
        let mut answer = one(job, &view, &select, true)?;
        answer.notices.extend(repaired);
        return Ok(answer);
    }
    let mut answer = arm(job, &view, query)?;
    for (number, operation) in query.set_operations.iter().enumerate() {
        if let Some(trace) = job.budget.trace() {
            trace.begin_side(number + 1);
        }
        let other = arm(job, &view, &operation.query)?;
        if other.columns.len() != answer.columns.len() {
            let message = format!(
                "the sides of a set operation have {} and {} columns",
                answer.columns.len(),
                other.columns.len()
            );
            return Err(Error::new(Kind::TypeMismatch, message).at(operation.span));
        }
        let first = std::mem::take(&mut answer.rows);
        answer.rows = job.budget.part(
            Part::Combine(number),
            || Ok(combine(operation.op, first, other.rows)),
            |rows| rows.len() as u64,
        )?;
        answer.notices.extend(other.notices);
    }
    let most = limit::DEFAULT_ROWS as usize;
    if answer.rows.len() > most {
        answer.rows.truncate(most);
        answer.notices.push(Notice {
            message: format!("only the first {most} rows are shown"),
            span: None,
            hint: Some("add LIMIT to the queries that are combined".to_owned()),
        });
    }
    Ok(answer)
}

/// `WITH DRIFT REPAIR`: the hexads of the rows are brought back together first, each in a commit of its
/// own, as `NORMALIZE` does it. Says what came of it.
fn repaired(job: &Job<'_>, query: &Query) -> Result<Option<Notice>> {
    let Some(span) = query.drift_repair() else { return Ok(None) };
    job.alone("WITH DRIFT REPAIR", span)?;
    job.writable()?;
    if !query.set_operations.is_empty() {
        return Err(Error::not_supported("WITH DRIFT REPAIR in a set operation", span));
    }
    let view = job.view()?;
    let select = job.lower(&view, |l| l.query(query))?;
    if select.when != When::Now {
        return Err(Error::not_supported("WITH DRIFT REPAIR of a state of the past", span));
    }
    let rows = job.within(&view, When::Now, |ctx| select::matching(ctx, &select))?;
    let iids: Vec<Iid> = rows.iter().map(Iid).collect();
    drop(view);
    normalize::before_answer(job, &iids, span)
}

fn arm(job: &Job<'_>, view: &View, query: &Query) -> Result<Outcome> {
    let select = job.lower(view, |l| l.query(query))?;
    one(job, view, &select, false)
}

/// Runs one lowered query.
pub fn one(job: &Job<'_>, view: &View, select: &Select, default_limit: bool) -> Result<Outcome> {
    if let Some(span) = select.repair {
        return Err(Error::not_supported("WITH DRIFT REPAIR here", span));
    }
    job.reads(select);
    job.within(view, select.when.clone(), |ctx| {
        let notice = select.tolerance.map(|t| drift::tolerated(ctx, select, t)).transpose()?;
        let mut outcome = select::run(ctx, select, default_limit)?;
        outcome.notices.extend(notice.flatten());
        if setting::verbose(job.settings) {
            let message = super::explain::brief(ctx, select, default_limit, job.text)?;
            outcome.notices.push(Notice { message, span: None, hint: None });
        }
        Ok(outcome)
    })
}

/// Rows are the same when all their values are; the order is that of the first side.
fn combine(op: SetOp, first: Vec<Vec<Value>>, second: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    let name =
        |row: &Vec<Value>| row.iter().map(order::canonical).collect::<Vec<_>>().join("\u{1}");
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    if matches!(op, SetOp::Intersect | SetOp::Except) {
        for row in &second {
            *counts.entry(name(row)).or_default() += 1;
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    match op {
        SetOp::UnionAll => first.into_iter().chain(second).collect(),
        SetOp::Union => {
            first.into_iter().chain(second).filter(|row| seen.insert(name(row))).collect()
        }
        SetOp::Intersect => first
            .into_iter()
            .filter(|row| counts.contains_key(&name(row)) && seen.insert(name(row)))
            .collect(),
        SetOp::Except => first
            .into_iter()
            .filter(|row| !counts.contains_key(&name(row)) && seen.insert(name(row)))
            .collect(),
    }
}

/// `COUNT HEXADS [WHERE ..]`
pub fn count(job: &Job<'_>, count: &Count) -> Result<Outcome> {
    let view = job.view()?;
    let filter = match &count.condition {
        Some(condition) => job.lower(&view, |l| l.condition(condition))?,
        None => Filter::Const(true),
    };
    let select = target::rows_of(Source::All, filter);
    job.reads(&select);
    let number = if select.filter == Filter::Const(true) {
        view.live()?.len()
    } else {
        job.within(&view, When::Now, |ctx| Ok(select::matching(ctx, &select)?.len()))?
    };
    Ok(table("COUNT", &["count"], vec![vec![Value::Int(number as i64)]]))
}

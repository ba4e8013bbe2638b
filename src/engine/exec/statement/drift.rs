//! `DRIFT DETECT`, `VERIFY`, `HISTORY`, `METRICS`, and `SHOW DRIFT`.
//!
//! Each brings the scores of what it is about up to date first; what that tells is written down, when
//! the database may be written and no transaction is open.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use crate::engine::base::{
    Error, Iid, Kind, Modality, ModalitySet, Result, Span, Timestamp, Value, limit,
};
use crate::engine::drift::threshold::Scope;
use crate::engine::drift::{DriftKind, Evidence, Severity};
use crate::engine::exec::context::Context;
use crate::engine::exec::drift::{self, history};
use crate::engine::exec::entity::Entity;
use crate::engine::exec::normalize::book;
use crate::engine::exec::select;
use crate::engine::exec::statement::{Job, table, target};
use crate::engine::lang::ast::{DriftAction, DriftStatement, IdRef, ModifierKind, OrderKey};
use crate::engine::outcome::{Notice, Outcome};
use crate::engine::plan::logical::{Select, Tolerance, When};
use crate::engine::store::View;

/// Runs a drift statement.
pub fn run(job: &Job<'_>, statement: &DriftStatement, span: Span) -> Result<Outcome> {
    let name = match statement.action {
        DriftAction::Detect => "DRIFT DETECT",
        DriftAction::Verify => "DRIFT VERIFY",
        DriftAction::History => "DRIFT HISTORY",
        DriftAction::Metrics => "DRIFT METRICS",
        DriftAction::Repair => return Err(Error::not_supported("DRIFT REPAIR", span)),
    };
    let tolerance = options(statement, name, span)?;
    let view = job.view()?;
    let source = job.lower(&view, |l| l.source(&statement.source))?;
    let targets = target::find(job, &view, source, statement.condition.as_ref())?;
    let mut outcome = job.within(&view, When::Now, |ctx| {
        let measured = Measurements::of(ctx, &targets.iids)?;
        match statement.action {
            DriftAction::Verify => verify(ctx, &measured, tolerance),
            DriftAction::History => events(ctx, &measured),
            DriftAction::Metrics => metrics(ctx, &measured),
            DriftAction::Detect | DriftAction::Repair => detect(ctx, &measured),
        }
    })?;
    settle(job, &view)?;
    outcome.tag = name;
    order(&mut outcome, &statement.order_by)?;
    let limit =
        statement.limit.as_ref().map(|n| job.lower(&view, |l| l.row_count(n))).transpose()?;
    cut(&mut outcome, limit);
    Ok(outcome)
}

/// What only makes sense elsewhere is refused; gives the share of drifted hexads that is tolerated.
fn options(statement: &DriftStatement, name: &str, span: Span) -> Result<f64> {
    let refuse =
        |what: &str, span: Span| Err(Error::not_supported(&format!("{what} in {name}"), span));
    if statement.federation {
        return refuse("FEDERATION", span);
    }
    if let Some(strategy) = &statement.strategy {
        return refuse("USING STRATEGY", strategy.span);
    }
    if let Some(param) = statement.stores.first() {
        return refuse("STORES", param.span);
    }
    if let Some(param) = &statement.coordinator {
        return refuse("COORDINATOR", param.span);
    }
    let mut tolerance = 0.0;
    for modifier in &statement.modifiers {
        match modifier.kind {
            ModifierKind::DriftTolerance(share) if statement.action == DriftAction::Verify => {
                tolerance = share;
            }
            _ => return refuse("WITH", modifier.span),
        }
    }
    Ok(tolerance)
}

/// The hexads of a statement with what is above its threshold.
struct Measurements<'v> {
    hexads: Vec<(Rc<Entity<'v>>, Over)>,
}

/// The kinds above their thresholds, worst first.
type Over = Vec<(DriftKind, f64)>;

impl<'v> Measurements<'v> {
    fn of(ctx: &Context<'v>, iids: &[Iid]) -> Result<Self> {
        let mut hexads = Vec::with_capacity(iids.len());
        for iid in iids {
            ctx.budget.tick()?;
            let Some(entity) = Entity::now(ctx.view, *iid)? else { continue };
            let scores = ctx.drift(&entity)?;
            let over = drift::over(ctx, &entity, &scores)?;
            hexads.push((Rc::new(entity), over));
        }
        Ok(Self { hexads })
    }

    fn drifted(&self) -> usize {
        self.hexads.iter().filter(|(_, over)| !over.is_empty()).count()
    }

    /// The worst of them, the first of several.
    fn worst(&self) -> Option<(&str, DriftKind, f64)> {
        let worst = self.hexads.iter().filter_map(|(entity, over)| {
            over.first().map(|(kind, score)| (entity.id().as_str(), *kind, *score))
        });
        worst.reduce(|a, b| if b.2 > a.2 { b } else { a })
    }
}

/// Refuses the rows of a query, those that its LIMIT leaves out too, when too many of them have
/// drifted; says so when some have.
pub fn tolerated(
    ctx: &Context<'_>,
    query: &Select,
    tolerance: Tolerance,
) -> Result<Option<Notice>> {
    let found = select::matching(ctx, query)?;
    let iids: Vec<Iid> = found.iter().map(Iid).collect();
    let measured = Measurements::of(ctx, &iids)?;
    let (all, drifted) = (measured.hexads.len(), measured.drifted());
    if drifted == 0 {
        return Ok(None);
    }
    let rate = drifted as f64 / all as f64;
    let noun = if all == 1 { "row" } else { "rows" };
    let message = format!("{drifted} of {all} {noun} have drifted, a rate of {rate:.3}");
    let (id, kind) = measured.worst().map_or(("", ""), |(id, kind, _)| (id, kind.name()));
    let hint = Some(format!("the worst is {id} ({kind}); see SHOW DRIFT '{id}'"));
    if rate > tolerance.share {
        let mut error = Error::new(Kind::DriftDetected, message).at(tolerance.span);
        error.hint = hint;
        return Err(error);
    }
    Ok(Some(Notice { message, span: Some(tolerance.span), hint }))
}

const DETECTED: [&str; 8] = [
    "hexad_id",
    "drift_type",
    "score",
    "threshold",
    "severity",
    "modalities",
    "evidence",
    "detected_at",
];

/// One row for every kind of drift above its threshold, worst first.
fn detect(ctx: &Context<'_>, measured: &Measurements<'_>) -> Result<Outcome> {
    let mut rows = vec![];
    for (entity, over) in &measured.hexads {
        if over.is_empty() {
            continue;
        }
        ctx.budget.check()?;
        let report = drift::report(ctx, entity)?;
        let id = entity.id().as_str();
        let known = history::events(ctx.view, id)?;
        let drifted = report.drifted();
        // The summary is told only when no kind speaks for itself.
        let alone = drifted.len() == 1;
        for finding in drifted.iter().filter(|f| alone || f.kind != DriftKind::Quality) {
            let since = since(&known, finding.kind).unwrap_or(ctx.now);
            rows.push(vec![
                id.into(),
                finding.kind.name().into(),
                Value::Float(finding.score),
                Value::Float(finding.threshold),
                finding.severity.name().into(),
                names(finding.modalities().iter()),
                said(&finding.evidence),
                Value::Time(since),
            ]);
        }
    }
    rows.sort_by(|a: &Vec<Value>, b| b[2].total_cmp(&a[2]).then_with(|| a[0].total_cmp(&b[0])));
    Ok(table("DRIFT DETECT", &DETECTED, rows))
}

/// Since when a kind has been above its threshold without a break.
fn since(events: &[history::Event], kind: DriftKind) -> Option<Timestamp> {
    let of_kind = events.iter().rev().filter(|event| event.kind == kind);
    of_kind.take_while(|event| event.over()).last().map(|event| event.at)
}

fn names(modalities: impl Iterator<Item = Modality>) -> Value {
    Value::List(modalities.map(|modality| modality.name().into()).collect())
}

fn said(evidence: &[Evidence]) -> Value {
    match evidence {
        [] => Value::Null,
        all => Value::List(all.iter().map(|e| Value::Text(e.describe())).collect()),
    }
}

const VERIFIED: [&str; 10] = [
    "is_consistent",
    "checked",
    "drifted",
    "drift_rate",
    "worst_hexad",
    "worst_type",
    "worst_score",
    "checked_modalities",
    "last_repair",
    "verified_at",
];

/// One row: whether nothing, or no more than is tolerated, is above its threshold.
fn verify(ctx: &Context<'_>, measured: &Measurements<'_>, tolerance: f64) -> Result<Outcome> {
    let (checked, drifted) = (measured.hexads.len(), measured.drifted());
    let rate = if checked == 0 { 0.0 } else { drifted as f64 / checked as f64 };
    let present = measured.hexads.iter().map(|(entity, _)| entity.present());
    let modalities = present.fold(ModalitySet::EMPTY, ModalitySet::union);
    let consistent = drifted == 0 || rate <= tolerance;
    let (hexad, kind, score) = match measured.worst() {
        Some((id, kind, score)) => (id.into(), kind.name().into(), Value::Float(score)),
        None => (Value::Null, Value::Null, Value::Null),
    };
    let row = vec![
        Value::Bool(consistent),
        Value::Int(checked as i64),
        Value::Int(drifted as i64),
        Value::Float(rate),
        hexad,
        kind,
        score,
        names(modalities.iter()),
        last_repair(ctx, measured)?,
        Value::Time(ctx.now),
    ];
    Ok(table("DRIFT VERIFY", &VERIFIED, vec![row]))
}

/// When one of the hexads was put right last.
fn last_repair(ctx: &Context<'_>, measured: &Measurements<'_>) -> Result<Value> {
    let ids: HashSet<&str> = measured.hexads.iter().map(|(e, _)| e.id().as_str()).collect();
    for number in (1..=book::end(ctx.view)?.last).rev() {
        ctx.budget.tick()?;
        let entry = book::entry(ctx.view, number)?;
        let entry = entry.filter(|e| e.what != "reverted" && ids.contains(e.hexad.as_str()));
        if let Some(entry) = entry {
            return Ok(Value::Time(entry.at));
        }
    }
    Ok(Value::Null)
}

const EVENTS: [&str; 9] = [
    "hexad_id",
    "drift_type",
    "at",
    "score",
    "before",
    "threshold",
    "severity",
    "version",
    "cause",
];

/// The events of the hexads, newest first.
fn events(ctx: &Context<'_>, measured: &Measurements<'_>) -> Result<Outcome> {
    let mut rows = vec![];
    for (entity, _) in &measured.hexads {
        ctx.budget.tick()?;
        let id = entity.id().as_str();
        for event in told(ctx, entity)? {
            let float = |x: Option<f64>| x.map_or(Value::Null, Value::Float);
            rows.push(vec![
                id.into(),
                event.kind.name().into(),
                Value::Time(event.at),
                float(event.score),
                float(event.before),
                Value::Float(event.threshold),
                event.score.map_or(Value::Null, |score| Severity::of(score).name().into()),
                Value::Int(i64::from(event.version)),
                event.cause.name().into(),
            ]);
        }
    }
    rows.sort_by(|a: &Vec<Value>, b| b[2].total_cmp(&a[2]).then_with(|| a[0].total_cmp(&b[0])));
    Ok(table("DRIFT HISTORY", &EVENTS, rows))
}

/// The events written down, and those this statement is about to write down.
fn told(ctx: &Context<'_>, entity: &Entity<'_>) -> Result<Vec<history::Event>> {
    let id = entity.id().as_str();
    let mut events = history::events(ctx.view, id)?;
    if let Some(entry) = ctx.board()?.entry(entity.iid().0)
        && let Some((before, scores)) = entry.untold()
    {
        let types = history::types(ctx.rules()?, ctx.view, entity.iid().0)?;
        let threshold = |kind| ctx.rules().map_or(1.0, |r| r.thresholds.of(kind, id, &types).0);
        events.extend(history::compare(before, scores, &threshold, ctx.now, entity.version()));
    }
    Ok(events)
}

const METRICS: [&str; 10] = [
    "drift_type",
    "modalities",
    "measured",
    "drifted",
    "rate",
    "mean_score",
    "worst_score",
    "moving_average",
    "max_score",
    "measurement_count",
];

/// One row for every kind: how many have it, how many are above, what is usual.
fn metrics(ctx: &Context<'_>, measured: &Measurements<'_>) -> Result<Outcome> {
    let figures = history::figures(ctx.view)?;
    let mut counts: BTreeMap<DriftKind, Count> = BTreeMap::new();
    for (entity, over) in &measured.hexads {
        let scores = ctx.drift(entity)?;
        for kind in DriftKind::ALL {
            if let Some(score) = scores.kinds.get(kind) {
                let count = counts.entry(kind).or_default();
                count.measured += 1;
                count.drifted += u64::from(over.iter().any(|(drifted, _)| *drifted == kind));
                count.sum += score;
                count.worst = count.worst.max(score);
            }
        }
    }
    let rows = DriftKind::ALL.into_iter().map(|kind| {
        let count = counts.get(&kind).copied().unwrap_or_default();
        let figures = figures.get(&kind).copied();
        let of_all = |x: f64| match count.measured {
            0 => Value::Null,
            n => Value::Float(x / n as f64),
        };
        let known =
            |x: fn(history::Figures) -> f64| figures.map_or(Value::Null, |f| Value::Float(x(f)));
        vec![
            kind.name().into(),
            names(kind.modalities().iter().copied()),
            Value::Int(count.measured as i64),
            Value::Int(count.drifted as i64),
            of_all(count.drifted as f64),
            of_all(count.sum),
            if count.measured == 0 { Value::Null } else { Value::Float(count.worst) },
            known(|f| f.average),
            known(|f| f.greatest),
            Value::Int(figures.map_or(0, |f| f.count as i64)),
        ]
    });
    Ok(table("DRIFT METRICS", &METRICS, rows.collect()))
}

#[derive(Clone, Copy, Default)]
struct Count {
    measured: u64,
    drifted: u64,
    sum: f64,
    worst: f64,
}

/// Writes down what was measured, when that is possible.
fn settle(job: &Job<'_>, view: &View) -> Result<()> {
    // What was measured of a part is not what is true of the whole.
    if job.inside.is_some() || job.shared.options.read_only || view.is_masked() {
        return Ok(());
    }
    let Some(board) = job.shared.indexes.scores.current() else { return Ok(()) };
    let rules = drift::rules::Rules::read(job, view)?;
    history::settle(&job.shared.store, &rules, &board, view, job.now)?;
    job.shared.indexes.scores.touched();
    Ok(())
}

/// `ORDER BY` the columns of the answer.
fn order(outcome: &mut Outcome, keys: &[OrderKey]) -> Result<()> {
    let mut by = vec![];
    for key in keys {
        let name = key.expr.path().and_then(|path| path.bare()).map(|name| name.text.as_str());
        let column = name.and_then(|name| {
            outcome.columns.iter().position(|c| c.name.eq_ignore_ascii_case(name))
        });
        let Some(column) = column else {
            let columns: Vec<&str> = outcome.columns.iter().map(|c| c.name.as_str()).collect();
            let message = format!("{} is ordered by its columns", outcome.tag);
            return Err(Error::new(Kind::InvalidOrderByField, message)
                .at(key.span)
                .hint(format!("columns: {}", columns.join(", "))));
        };
        by.push((column, key.descending));
    }
    if by.is_empty() {
        return Ok(());
    }
    outcome.rows.sort_by(|a, b| {
        let compared = by.iter().map(|(column, descending)| {
            let order = a[*column].total_cmp(&b[*column]);
            if *descending { order.reverse() } else { order }
        });
        compared.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    });
    Ok(())
}

/// `LIMIT`, and the limit of all answers without one.
fn cut(outcome: &mut Outcome, limit: Option<u64>) {
    let most = usize::try_from(limit.unwrap_or(limit::DEFAULT_ROWS)).unwrap_or(usize::MAX);
    if outcome.rows.len() > most {
        if limit.is_none() {
            outcome.notices.push(Notice {
                message: format!("only the first {most} of {} rows are shown", outcome.rows.len()),
                span: None,
                hint: Some("add LIMIT".to_owned()),
            });
        }
        outcome.rows.truncate(most);
    }
}

const SHOWN: [&str; 9] = [
    "drift_type",
    "current_score",
    "threshold",
    "measured",
    "drifted",
    "moving_average",
    "max_score",
    "measurement_count",
    "freshness",
];

/// `SHOW DRIFT`: the kinds over all hexads, and how fresh the kept scores are. What is not measured
/// yet is measured first.
pub fn show(job: &Job<'_>, view: &View) -> Result<Outcome> {
    job.within(view, When::Now, |ctx| {
        for (iid, _) in ctx.board()?.entries().filter(|(_, entry)| entry.scores().is_none()) {
            ctx.budget.check()?;
            if let Some(entity) = Entity::now(ctx.view, Iid(iid))? {
                ctx.drift(&entity)?;
            }
        }
        Ok(())
    })?;
    settle(job, view)?;
    // What was measured is among the figures now.
    let view = job.view()?;
    job.within(&view, When::Now, |ctx| {
        let (board, rules) = (ctx.board()?, ctx.rules()?);
        let figures = history::figures(ctx.view)?;
        let mut counts: BTreeMap<DriftKind, Count> = BTreeMap::new();
        for (iid, entry) in board.entries() {
            let Some(scores) = entry.scores() else { continue };
            ctx.budget.tick()?;
            let types = history::types(rules, ctx.view, iid)?;
            for kind in DriftKind::ALL {
                let Some(score) = scores.kinds.get(kind) else { continue };
                let count = counts.entry(kind).or_default();
                count.measured += 1;
                count.sum += score;
                let threshold = rules.thresholds.of(kind, &entry.facts.id, &types).0;
                count.drifted += u64::from(score > threshold);
            }
        }
        let freshness = Value::Text(freshness(job));
        let rows = DriftKind::ALL.into_iter().map(|kind| {
            let count = counts.get(&kind).copied().unwrap_or_default();
            let figures = figures.get(&kind).copied();
            let known = |x: fn(history::Figures) -> f64| {
                figures.map_or(Value::Null, |f| Value::Float(x(f)))
            };
            let mean = match count.measured {
                0 => Value::Null,
                n => Value::Float(count.sum / n as f64),
            };
            vec![
                kind.name().into(),
                mean,
                Value::Float(rules.thresholds.of(kind, "", &[]).0),
                Value::Int(count.measured as i64),
                Value::Int(count.drifted as i64),
                known(|f| f.average),
                known(|f| f.greatest),
                Value::Int(figures.map_or(0, |f| f.count as i64)),
                freshness.clone(),
            ]
        });
        Ok(table("SHOW DRIFT", &SHOWN, rows.collect()))
    })
}

/// How many hexads have their scores, and where the sweep is.
pub fn freshness(job: &Job<'_>) -> String {
    let scores = &job.shared.indexes.scores;
    let Some(board) = scores.current() else { return "not measured yet".to_owned() };
    let (all, done) = board.progress();
    let (sweep, behind) = (scores.sweep(), scores.behind());
    let state = match (sweep.began, sweep.through) {
        (Some(_), _) if sweep.next > 0 => format!("the sweep is at {} of {all}", sweep.next),
        (_, Some(through)) => format!("swept {through}"),
        _ => "not swept yet".to_owned(),
    };
    match behind {
        0 => format!("{done} of {all} measured, {state}"),
        _ => format!("{done} of {all} measured, {behind} changed since, {state}"),
    }
}

const SHOWN_ONE: [&str; 7] =
    ["drift_type", "score", "threshold", "set_for", "severity", "modalities", "evidence"];

/// `SHOW DRIFT id`: every kind that can be measured of one hexad, with the evidence.
pub fn show_one(job: &Job<'_>, view: &View, id: &IdRef) -> Result<Outcome> {
    let name = job.lower(view, |l| l.id(id))?;
    let Some(iid) = view.iid(&name)? else {
        let message = format!("there is no hexad `{name}`");
        return Err(Error::new(Kind::NotFound, message).at(id.span));
    };
    job.within(view, When::Now, |ctx| {
        let Some(entity) = Entity::now(ctx.view, iid)? else { return Ok(Outcome::default()) };
        let report = drift::report(ctx, &entity)?;
        let types = history::types(ctx.rules()?, ctx.view, iid.0)?;
        let mut rows = vec![];
        for finding in report.findings.values() {
            let (_, scope) = ctx.rules()?.thresholds.of(finding.kind, &name, &types);
            rows.push(vec![
                finding.kind.name().into(),
                Value::Float(finding.score),
                Value::Float(finding.threshold),
                set_for(&scope),
                if finding.drifted() { finding.severity.name().into() } else { Value::Null },
                names(finding.modalities().iter()),
                said(&finding.evidence),
            ]);
        }
        Ok(table("SHOW DRIFT", &SHOWN_ONE, rows))
    })
}

fn set_for(scope: &Scope) -> Value {
    match scope {
        Scope::All => "all".into(),
        Scope::Type(name) => Value::Text(format!("type {name}")),
        Scope::Hexad(_) => "this hexad".into(),
    }
}

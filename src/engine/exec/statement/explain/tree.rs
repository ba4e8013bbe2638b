//! The operators of a statement: those of its plan, with what was measured of them when it was run.

use std::sync::Arc;

use crate::engine::base::{Error, Kind, Modality, Result, Span, limit};
use crate::engine::exec;
use crate::engine::exec::context::Context;
use crate::engine::exec::statement::embedding::OfDocument;
use crate::engine::exec::statement::explain::hint;
use crate::engine::exec::statement::explain::measure::Measured;
use crate::engine::exec::statement::{Job, search, target};
use crate::engine::exec::trace::{Actual, Part, Trace};
use crate::engine::exec::{find, rank};
use crate::engine::lang::ast::{
    Condition, DataContent, Insert, InsertForm, Query, SetOp, Statement, StatementKind, Update,
};
use crate::engine::lang::resolve::Subject;
use crate::engine::plan::access::{Access, Ask, Facts};
use crate::engine::plan::cost::Estimate;
use crate::engine::plan::explain::{Alternative, Done, Expected, Explained, Hint, Op, OpKind};
use crate::engine::plan::logical::{Filter, Leaf, Select, Source, Test, When};
use crate::engine::plan::physical::{self, Finish, Micros, Plan, Search};
use crate::engine::store::View;

/// About how many rows pass a condition of which nothing is known.
const GUESS: f64 = 1.0 / 3.0;

/// Refuses what has no plan.
pub(super) fn has_plan(statement: &Statement) -> Result<()> {
    use StatementKind as S;
    match &statement.kind {
        S::Query(_) | S::Search(_) | S::Count(_) | S::Insert(_) | S::Update(_) | S::Delete(_) => {
            Ok(())
        }
        other => {
            let construct = format!("EXPLAIN {}", other.keyword());
            Err(Error::not_supported(&construct, statement.span))
        }
    }
}

/// Explains a statement; `measured` is what running it came to.
pub(super) fn of(
    job: &Job<'_>,
    view: &View,
    statement: &Statement,
    measured: Option<&Measured>,
) -> Result<Explained> {
    let mut tree = Tree { job, view, measured, hints: vec![] };
    let root = tree.statement(statement)?;
    let mut explained = Explained::new(statement.kind.keyword(), root);
    explained.hints = tree.hints;
    for (name, texts) in job.memo.asked() {
        let noun = if texts == 1 { "text" } else { "texts" };
        explained.notes.push(format!("{texts} {noun} of the statement embedded with {name}"));
    }
    Ok(explained)
}

/// The operators of a query that is running.
pub(super) fn of_select(
    ctx: &Context<'_>,
    select: &Select,
    default_limit: bool,
    text: &str,
) -> Result<Op> {
    let side = Side { ctx, select, default_limit, text, side: 0, trace: None, answered: None };
    side.root(&mut vec![])
}

struct Tree<'t, 'j> {
    job: &'t Job<'j>,
    view: &'t View,
    measured: Option<&'t Measured>,
    hints: Vec<Hint>,
}

impl Tree<'_, '_> {
    fn statement(&mut self, statement: &Statement) -> Result<Op> {
        let (job, view, span) = (self.job, self.view, statement.span);
        match &statement.kind {
            StatementKind::Query(query) => self.query(query),
            StatementKind::Search(inner) => {
                let select = job.lower(view, |l| search::lower(l, inner, span))?;
                self.select(&select, true, 0)
            }
            StatementKind::Count(count) => {
                let filter = self.condition(count.condition.as_ref())?;
                let rows = self.select(&target::rows_of(Source::All, filter), false, 0)?;
                let answer = self.measured.map(|_| row_count(1));
                Ok(Op::new(OpKind::Count, "count")
                    .expecting_rows(1.0)
                    .having_done(answer)
                    .over(rows))
            }
            StatementKind::Insert(insert) => self.insert(insert),
            StatementKind::Update(update) => self.update(update),
            StatementKind::Delete(delete) => {
                let source = job.lower(view, |l| l.source(&delete.source))?;
                let one = matches!(source, Source::One(_));
                self.bounded(one || delete.condition.is_some());
                let filter = self.condition(delete.condition.as_ref())?;
                let rows = self.select(&target::rows_of(source, filter), false, 0)?;
                Ok(self.write(OpKind::Delete, "delete each hexad found", rows))
            }
            _ => {
                has_plan(statement)?;
                Err(Error::new(Kind::InternalError, "a statement without operators").at(span))
            }
        }
    }

    fn condition(&self, condition: Option<&Condition>) -> Result<Filter> {
        match condition {
            Some(condition) => self.job.lower(self.view, |l| l.condition(condition)),
            None => Ok(Filter::Const(true)),
        }
    }

    fn query(&mut self, query: &Query) -> Result<Op> {
        let lowered = self.job.lower(self.view, |l| l.query(query))?;
        if query.set_operations.is_empty() {
            return self.select(&lowered, true, 0);
        }
        let mut root = self.select(&lowered, false, 0)?;
        for (number, operation) in query.set_operations.iter().enumerate() {
            let other = self.job.lower(self.view, |l| l.query(&operation.query))?;
            let other = self.select(&other, false, number + 1)?;
            let (left, right) = (root.rows().unwrap_or(0.0), other.rows().unwrap_or(0.0));
            let (label, rows) = match operation.op {
                SetOp::UnionAll => ("union all", left + right),
                SetOp::Union => ("union", left + right),
                SetOp::Intersect => ("intersect", left.min(right)),
                SetOp::Except => ("except", left),
            };
            let trace = self.trace().and_then(|trace| trace.of(number + 1, Part::Combine(number)));
            root = Op::new(OpKind::Set, label)
                .expecting_rows(rows)
                .having_done(trace.map(done))
                .over(root)
                .over(other);
        }
        let most = limit::DEFAULT_ROWS as f64;
        let rows = root.rows().unwrap_or(most).min(most);
        let answered = self.measured.map(|measured| row_count(measured.rows));
        Ok(Op::new(OpKind::Limit, format!("limit {most} (default)"))
            .expecting_rows(rows)
            .having_done(answered)
            .over(root))
    }

    fn trace(&self) -> Option<&Trace> {
        self.measured.and(self.job.budget.trace())
    }

    fn select(&mut self, select: &Select, default_limit: bool, side: usize) -> Result<Op> {
        let (job, trace) = (self.job, self.measured.and(self.job.budget.trace()));
        let answered = self.measured.map(|measured| measured.rows).filter(|_| default_limit);
        let mut hints = vec![];
        let root = job.within(self.view, select.when.clone(), |ctx| {
            let text = job.text;
            Side { ctx, select, default_limit, text, side, trace, answered }.root(&mut hints)
        })?;
        for hint in hints {
            if !self.hints.contains(&hint) {
                self.hints.push(hint);
            }
        }
        Ok(root)
    }

    fn bounded(&mut self, bounded: bool) {
        let job = self.job;
        if !bounded && job.bounded(false, Span::default()).is_err() {
            self.hints.push(hint::unbounded());
        }
    }

    /// A write over the rows it finds. What it took is what nothing below it took.
    fn write(&self, kind: OpKind, label: &str, rows: Op) -> Op {
        let expected = rows.rows().unwrap_or(0.0);
        let done = self.measured.map(|measured| {
            let below = self.trace().map_or(0, Trace::micros);
            let micros = Some(measured.micros.saturating_sub(below));
            Done { micros, ..row_count(measured.rows) }
        });
        Op::new(kind, label).expecting_rows(expected).having_done(done).over(rows)
    }

    fn update(&mut self, update: &Update) -> Result<Op> {
        let (job, view) = (self.job, self.view);
        self.bounded(update.id.is_some() || update.condition.is_some());
        let source = target::source(job, view, update.id.as_ref())?;
        let filter = self.condition(update.condition.as_ref())?;
        let mut rows = self.select(&target::rows_of(source, filter), false, 0)?;
        for assignment in &update.set {
            let of = job.lower(view, |l| OfDocument::of(l, &assignment.value))?;
            if let Some(of) = of {
                let embedder =
                    job.embedder(view, of.embedder.as_deref()).map_err(|e| e.at(of.span))?;
                let expected = rows.rows().unwrap_or(0.0);
                let label = format!("embed each document with {}", embedder.name());
                rows = Op::new(OpKind::Embed, label)
                    .within(Some(Modality::Vector))
                    .expecting_rows(expected)
                    .over(rows);
            }
        }
        let paths: Vec<&str> = update.set.iter().map(|a| words(job.text, a.path.span)).collect();
        let mut op = self.write(OpKind::Update, "update each hexad found", rows);
        op.predicates = paths.into_iter().map(|path| format!("set {path}")).collect();
        Ok(op)
    }

    fn insert(&mut self, insert: &Insert) -> Result<Op> {
        Job::no_proof(insert.proof.as_ref())?;
        let (count, modalities) = match &insert.form {
            InsertForm::Hexad { data, .. } => {
                let mut all: Vec<Modality> = vec![];
                for item in data {
                    if !all.contains(&item.modality.modality) {
                        all.push(item.modality.modality);
                    }
                    if let DataContent::Error = item.content {
                        return Err(Error::not_supported(
                            "EXPLAIN of a malformed INSERT",
                            item.span,
                        ));
                    }
                }
                (1, all)
            }
            InsertForm::Values { columns, rows, .. } => {
                let of = |path: &crate::engine::lang::ast::Path| {
                    path.modality.map_or(Modality::Document, |m| m.modality)
                };
                let mut all: Vec<Modality> = columns.iter().map(of).collect();
                all.dedup();
                (rows.len(), all)
            }
            InsertForm::Short { .. } => (1, vec![Modality::Document]),
        };
        let noun = if count == 1 { "hexad" } else { "hexads" };
        let names: Vec<&str> = modalities.iter().map(|m| m.name()).collect();
        let values = Op::new(OpKind::Values, format!("values: {}", names.join(", ")))
            .within(if let [one] = modalities.as_slice() { Some(*one) } else { None })
            .expecting_rows(count as f64)
            .having_done(self.measured.map(|_| row_count(count as u64)));
        Ok(self.write(OpKind::Insert, &format!("insert {count} {noun}"), values))
    }
}

/// One query of a statement: the only one, or a side of a set query.
struct Side<'s, 'v> {
    ctx: &'s Context<'v>,
    select: &'s Select,
    default_limit: bool,
    text: &'s str,
    side: usize,
    trace: Option<&'s Trace>,
    /// Rows of the answer, when the query is all of it.
    answered: Option<u64>,
}

impl Side<'_, '_> {
    fn root(&self, hints: &mut Vec<Hint>) -> Result<Op> {
        let select = self.select;
        let by_scan = self.ctx.scan || select.when != When::Now;
        let Found { mut op, ranking, search } =
            if by_scan { self.scanned(hints)? } else { self.found(hints)? };
        let rankings = rank::rankings(&select.filter, &select.when);
        if !by_scan && rankings.is_empty() && physical::only_counts(select) {
            let counted = Op::new(OpKind::Count, "count without reading");
            op = counted.expecting_rows(1.0).having_done(self.done(Part::Residual, 1)).over(op);
            return Ok(self.columns(op));
        }
        op = self.ranked(op, &rankings, by_scan, ranking.as_ref(), search);
        op = self.grouped(op);
        op = self.sorted(op, &rankings, hints);
        Ok(self.windowed(op))
    }

    fn actual(&self, part: Part) -> Option<Actual> {
        self.trace.and_then(|trace| trace.of(self.side, part))
    }

    /// What a part did, with the number of rows that came out of the operator.
    fn done(&self, part: Part, rows: u64) -> Option<Done> {
        self.trace?;
        Some(self.actual(part).map_or_else(|| row_count(rows), |a| Done { rows, ..done(a) }))
    }

    fn words(&self, span: Span) -> String {
        words(self.text, span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn filter_words(&self, filter: &Filter) -> String {
        let mut span: Option<Span> = None;
        filter.each_leaf(&mut |leaf| span = Some(span.map_or(leaf.span, |s| s.to(leaf.span))));
        span.map_or_else(|| "FALSE".to_owned(), |span| self.words(span))
    }

    /// Every hexad of the source looked at.
    fn scanned(&self, hints: &mut Vec<Hint>) -> Result<Found> {
        let select = self.select;
        let total = exec::select::source(self.ctx, select)?.len();
        let source = self.source(total);
        let conjuncts = select.filter.conjuncts();
        let predicates: Vec<String> = conjuncts.iter().map(|c| self.filter_words(c)).collect();
        let mut label = format!("scan {}{}", source_words(&select.source), state(&select.when));
        if !predicates.is_empty() {
            label = format!("{label}: {}", predicates.join(" AND "));
        }
        let rows = total as f64 * GUESS.powi(i32::try_from(conjuncts.len()).unwrap_or(1).min(3));
        let mut op = Op::new(OpKind::Scan, label).expecting_rows(rows.ceil());
        op.predicates = predicates;
        op.actual = self.actual(Part::Scan).map(done);
        op.reason = Some(if self.ctx.scan {
            "the setting plan = scan forbids every index".to_owned()
        } else {
            "indexes know the present state only".to_owned()
        });
        hint::scanned(self.ctx.scan, &select.when, total, hints);
        Ok(Found { op: op.over(source), ranking: None, search: Search::None })
    }

    fn source(&self, total: u64) -> Op {
        let modality = match &self.select.source {
            Source::Having(modality) => Some(*modality),
            Source::All | Source::One(_) | Source::Reflect => None,
        };
        Op::new(OpKind::Source, source_words(&self.select.source))
            .within(modality)
            .expecting_rows(total as f64)
            .having_done(self.trace.map(|_| row_count(total)))
    }

    /// What indexes find, and what is asked of every row that is left.
    fn found(&self, hints: &mut Vec<Hint>) -> Result<Found> {
        let kept = self.trace.and_then(|trace| trace.plan(self.side));
        let (plan, filter) = if let Some(chosen) = kept {
            chosen
        } else {
            let need = exec::select::need(self.select, self.default_limit);
            let mut goal = find::goal(self.select, need);
            goal.need = goal.need.filter(|_| goal.rankings.is_empty());
            let planned = find::chosen(self.ctx, self.select, &goal, self.side, false)?;
            (planned.plan, planned.filter)
        };
        hint::found(self, &plan, &filter, hints)?;
        let mut op = self.source(plan.total);
        for number in 0..plan.steps.len() {
            op = self.step(&plan, &filter, number).over(op);
        }
        op = self.asked(&plan, &filter, op);
        op.alternatives = self.alternatives(&plan, &filter);
        Ok(Found { op, ranking: plan.ranking, search: plan.search })
    }

    /// The other ways that were weighed.
    fn alternatives(&self, plan: &Plan, filter: &Filter) -> Vec<Alternative> {
        let words = |index: &usize| filter.conjuncts().get(*index).map(|c| self.filter_words(c));
        let one = |other: &physical::Alternative| {
            let steps: Vec<String> = other.steps.iter().filter_map(words).collect();
            let label = if steps.is_empty() {
                "reading rows without any index".to_owned()
            } else {
                format!("asking indexes for {}", steps.join(", then "))
            };
            let more = other.cost.micros() - plan.cost.micros();
            let reason = if more < 0.05 {
                "it costs the same".to_owned()
            } else {
                format!("it costs {} more", Micros(more))
            };
            let estimate =
                Estimate { rows: other.rows as f64, cost: other.cost, ..Estimate::default() };
            Alternative { label, expected: Some(Expected::of(&estimate)), reason }
        };
        plan.alternatives.iter().map(one).collect()
    }

    fn why(plan: &Plan, conjunct: usize) -> Option<String> {
        let choice = plan.choices.iter().find(|choice| choice.conjunct == conjunct)?;
        Some(choice.why.to_string())
    }

    fn step(&self, plan: &Plan, filter: &Filter, number: usize) -> Op {
        let step = &plan.steps[number];
        let of = |index| filter.conjuncts().get(index).map(|c| self.filter_words(c));
        let predicates: Vec<String> = step.answered().filter_map(of).collect();
        let kind = if step.exact { "" } else { " (candidates)" };
        let label = format!("{}{kind}: {}", describe(&step.access), predicates.join(" AND "));
        let mut op = Op::new(OpKind::Index, label)
            .within(modality_of(&step.access))
            .expecting(Expected::of(&step.expected))
            .having_done(self.actual(Part::Step(number)).map(done));
        op.predicates = predicates;
        op.exact = Some(step.exact);
        op.reason = Some(if self.trace.is_some() && op.actual.is_none() {
            "the way on was chosen again before this index was asked".to_owned()
        } else {
            let why =
                Self::why(plan, step.conjunct).map_or(String::new(), |why| format!("; {why}"));
            format!("it has about {} of {} rows{why}", step.estimate, plan.total)
        });
        op
    }

    /// What is asked of every row that the indexes leave.
    fn asked(&self, plan: &Plan, filter: &Filter, op: Op) -> Op {
        let actual = self.actual(Part::Residual);
        if plan.residual.is_empty() {
            // Rows were looked at in place of an index that was not asked.
            let Some(actual) = actual else { return op };
            let rows = op.rows().unwrap_or(0.0);
            return Op::new(OpKind::Filter, "filter each row by what no index was asked for")
                .expecting_rows(rows)
                .having_done(Some(done(actual)))
                .over(op);
        }
        let of = |index: &usize| filter.conjuncts().get(*index).map(|c| self.filter_words(c));
        let predicates: Vec<String> = plan.residual.iter().filter_map(of).collect();
        let label = format!("filter each row: {}", predicates.join(" AND "));
        let mut filter = Op::new(OpKind::Filter, label)
            .expecting(Expected::of(&plan.reading))
            .having_done(actual.map(done));
        let mut why: Vec<String> =
            plan.residual.iter().filter_map(|c| Self::why(plan, *c)).collect();
        why.dedup();
        if plan.finish != Finish::TestAll {
            why.push(plan.finish.to_string());
        }
        filter.reason = (!why.is_empty()).then(|| why.join("; "));
        filter.predicates = predicates;
        filter.over(op)
    }

    fn ranked(
        &self,
        mut op: Op,
        rankings: &[&Leaf],
        by_scan: bool,
        ranking: Option<&Estimate>,
        search: Search,
    ) -> Op {
        let (limited, others): (Vec<&Leaf>, Vec<&Leaf>) =
            rankings.iter().partition(|test| rank::limit(&test.test).is_some());
        for test in others.into_iter().chain(limited) {
            let (modality, by) = ranked_by(test);
            let by = if by_scan { "every row" } else { by };
            let rows = op.rows().unwrap_or(0.0);
            let most = rank::limit(&test.test).map_or(rows, |k| rows.min(k as f64));
            let words = self.words(test.span);
            let mut rank = Op::new(OpKind::Rank, format!("rank by {words} ({by})"))
                .within(modality)
                .expecting_rows(most);
            rank.predicates = vec![words];
            if modality == Some(Modality::Vector) && !by_scan {
                rank.reason = match search {
                    Search::None => None,
                    Search::Exact => Some("every candidate is compared".to_owned()),
                    Search::Approximate(recall) => Some(format!(
                        "the graph finds about {:.0} % of the nearest",
                        recall * 100.0
                    )),
                };
            }
            rank.actual = self.actual(Part::Rank(test.number)).map(done);
            op = rank.over(op);
        }
        // What ranking costs is known of all rankings together.
        if let (Some(ranking), false) = (ranking, rankings.is_empty()) {
            let expected = Expected::of(ranking);
            let rows = op.rows().unwrap_or(expected.rows).min(expected.rows.max(1.0));
            op.expected = Some(Expected { rows, ..expected });
        }
        if rankings.len() > 1 {
            let rows = op.rows().unwrap_or(0.0);
            let label = format!("fuse {} rankings by reciprocal rank", rankings.len());
            op = Op::new(OpKind::Fuse, label)
                .expecting_rows(rows)
                .having_done(self.actual(Part::Sort).map(done))
                .over(op);
        }
        op
    }

    fn grouped(&self, op: Op) -> Op {
        let select = self.select;
        if !select.grouped {
            return op;
        }
        let having = if select.having == Filter::Const(true) { "" } else { ", having" };
        let label = format!(
            "aggregate: {} keys, {} functions{having}",
            select.group.len(),
            select.aggregates.len()
        );
        let rows =
            if select.group.is_empty() { 1.0 } else { op.rows().unwrap_or(1.0).sqrt().ceil() };
        Op::new(OpKind::Group, label)
            .expecting_rows(rows)
            .having_done(self.actual(Part::Group).map(done))
            .over(op)
    }

    fn sorted(&self, op: Op, rankings: &[&Leaf], hints: &mut Vec<Hint>) -> Op {
        let select = self.select;
        let rows = op.rows().unwrap_or(0.0);
        let label = if !select.order.is_empty() {
            let keys: Vec<String> = select.order.iter().map(|k| self.words(k.span)).collect();
            hint::sorted(select, rows, hints);
            format!("sort by {}", keys.join(", "))
        } else if rankings.is_empty() && !select.grouped {
            "in the order of the ids".to_owned()
        } else {
            return op;
        };
        let part = if select.grouped { None } else { self.actual(Part::Sort) };
        let below = op.actual.map(|done| row_count(done.rows));
        Op::new(OpKind::Sort, label)
            .expecting_rows(rows)
            .having_done(part.map(done).or(below))
            .over(op)
    }

    /// What is cut out of the sorted rows, and what is done before anything.
    fn windowed(&self, op: Op) -> Op {
        let op = self.window(op);
        if self.select.repair.is_none() {
            return op;
        }
        let rows = op.rows().unwrap_or(0.0);
        let label = "bring the rows back together first, each in a commit of its own";
        Op::new(OpKind::Repair, label.to_owned()).expecting_rows(rows).over(op)
    }

    /// What is cut out of the sorted rows, and the columns of it.
    fn window(&self, op: Op) -> Op {
        let select = self.select;
        let op = self.columns(op);
        let mut op = op;
        if select.offset > 0 {
            let rows = (op.rows().unwrap_or(0.0) - select.offset as f64).max(0.0);
            op = Op::new(OpKind::Offset, format!("offset {}", select.offset))
                .expecting_rows(rows)
                .over(op);
        }
        let (most, label) = match (select.limit, self.default_limit) {
            (Some(limit), _) => (limit, format!("limit {limit}")),
            (None, true) => {
                (limit::DEFAULT_ROWS, format!("limit {} (default)", limit::DEFAULT_ROWS))
            }
            (None, false) => return op,
        };
        let rows = op.rows().unwrap_or(0.0).min(most as f64);
        let answered = self.answered.or(self.actual(Part::Project).map(|actual| actual.rows));
        Op::new(OpKind::Limit, label)
            .expecting_rows(rows)
            .having_done(answered.map(row_count))
            .over(op)
    }

    fn columns(&self, op: Op) -> Op {
        if self.select.items.is_empty() {
            return op;
        }
        let names: Vec<&str> = self.select.items.iter().map(|i| i.name.as_str()).collect();
        let rows = op.rows().unwrap_or(0.0);
        // Columns are made of the rows that are answered only.
        let answered = self.answered.filter(|_| self.select.grouped).map(row_count);
        Op::new(OpKind::Project, format!("project {}", names.join(", ")))
            .expecting_rows(rows)
            .having_done(self.actual(Part::Project).map(done).or(answered))
            .over(op)
    }
}

/// What finds the rows of a query, and what is known of ranking them.
struct Found {
    op: Op,
    ranking: Option<Estimate>,
    search: Search,
}

/// Where hints look.
pub(super) trait Asked {
    /// What is known of the data.
    fn facts(&self) -> Result<Arc<Facts>>;
    /// A condition as written.
    fn condition_words(&self, filter: &Filter) -> String;
}

impl Asked for Side<'_, '_> {
    fn facts(&self) -> Result<Arc<Facts>> {
        find::facts(self.ctx)
    }

    fn condition_words(&self, filter: &Filter) -> String {
        self.filter_words(filter)
    }
}

fn done(actual: Actual) -> Done {
    Done {
        rows: actual.rows,
        micros: Some(actual.micros),
        loops: actual.loops,
        memory: actual.held,
        records: actual.read.rows,
        bytes: actual.read.bytes,
        pages: actual.read.pages,
    }
}

/// So many rows came out of it; nothing else was measured of it.
fn row_count(rows: u64) -> Done {
    Done { rows, loops: 1, ..Done::default() }
}

fn ranked_by(test: &Leaf) -> (Option<Modality>, &'static str) {
    match &test.test {
        Test::Similar(search) if search.subject == Subject::Row => {
            (Some(Modality::Vector), "vector index")
        }
        Test::FullText(_) => (Some(Modality::Document), "text index, BM25"),
        Test::NearestPoint { .. } => (Some(Modality::Spatial), "spatial index"),
        _ => (None, "every row"),
    }
}

fn words(text: &str, span: Span) -> &str {
    text.get(span.range()).unwrap_or_default().trim()
}

fn source_words(source: &Source) -> String {
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

fn modality_of(access: &Access) -> Option<Modality> {
    match access {
        Access::All | Access::Nothing => None,
        Access::Not(inner) => modality_of(inner),
        Access::And(inner) | Access::Or(inner) => {
            let mut all = inner.iter().map(modality_of);
            let first = all.next().flatten();
            all.all(|other| other == first).then_some(first).flatten()
        }
        Access::Probe(probe) => match &probe.ask {
            Ask::Ids(_) => None,
            Ask::FieldIn(..) | Ask::FieldRange(..) | Ask::Text => Some(Modality::Document),
            Ask::Present(modality) => Some(*modality),
            Ask::Type(_) | Ask::VerifiedBy(_) | Ask::Proof(_) => Some(Modality::Semantic),
            Ask::ModifiedBy(_) => Some(Modality::Temporal),
            Ask::Similar => Some(Modality::Vector),
            Ask::Radius | Ask::Bounds => Some(Modality::Spatial),
            Ask::Shape | Ask::Rank(..) => Some(Modality::Tensor),
            Ask::Pattern(_) => Some(Modality::Graph),
        },
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
            Ask::Ids(ids) if ids.len() == 1 => "id".to_owned(),
            Ask::Ids(ids) => format!("{} ids", ids.len()),
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

//! One walk over everything nested in a condition or an expression.
//!
//! Collecting variables, parameters and elisions, and every other pass that does not care what stands
//! where, goes through here, so that a new construct is entered in one place.

use crate::engine::lang::ast::{
    Assignment, Condition, ConditionKind, DataContent, Expr, ExprKind, GraphPattern, IdRef, Insert,
    InsertForm, Param, ProjectionItem, Proof, ProofBlock, Query, Resolution, SearchKind,
    SelectKind, Snapshot, Statement, StatementKind, TargetKind, Test, TimeKind, TimeRef,
    VectorTarget,
};

/// Something met on the way.
#[derive(Clone, Copy, Debug)]
pub enum Met<'a> {
    /// A condition, before its parts.
    Condition(&'a Condition),
    /// An expression, before its parts.
    Expr(&'a Expr),
    /// A graph pattern.
    Pattern(&'a GraphPattern),
    /// A parameter, wherever it stands.
    Param(&'a Param),
}

/// Shows `see` the conditions and expressions of a statement, in whatever clause they stand.
pub fn statement<'a>(statement: &'a Statement, see: &mut dyn FnMut(Met<'a>)) {
    match &statement.kind {
        StatementKind::Explain(explain) => self::statement(&explain.statement, see),
        StatementKind::Prepare(prepare) => self::statement(&prepare.statement, see),
        StatementKind::Query(query) => self::query(query, see),
        StatementKind::Insert(insert) => self::insert(insert, see),
        StatementKind::Update(update) => {
            assignments(&update.set, see);
            update.condition.iter().for_each(|condition| self::condition(condition, see));
            update.proof.iter().for_each(|proof| self::proof(proof, see));
        }
        StatementKind::Delete(delete) => {
            delete.condition.iter().for_each(|condition| self::condition(condition, see));
            delete.proof.iter().for_each(|proof| self::proof(proof, see));
        }
        StatementKind::Search(search) => match &search.kind {
            SearchKind::Text(text) => expr(text, see),
            SearchKind::Vector { target, within, .. } => {
                self::target(target, see);
                if let Some(within) = within {
                    expr(within, see);
                }
            }
            SearchKind::Modality { condition: Some(condition), .. } => {
                self::condition(condition, see);
            }
            SearchKind::Modality { .. } | SearchKind::Related { .. } | SearchKind::Error => {}
        },
        StatementKind::Count(count) => {
            count.condition.iter().for_each(|condition| self::condition(condition, see));
        }
        StatementKind::Drift(drift) => {
            drift.condition.iter().for_each(|condition| self::condition(condition, see));
            drift.order_by.iter().for_each(|key| expr(&key.expr, see));
        }
        StatementKind::Execute(execute) => {
            execute.args.iter().for_each(|(_, value)| expr(value, see));
        }
        StatementKind::CreateContract(contract) => {
            condition(&contract.condition, see);
            assignments(&contract.params, see);
        }
        StatementKind::Resolve(resolve) => {
            if let Resolution::Set(set) = &resolve.resolution {
                assignments(set, see);
            }
        }
        StatementKind::Snapshot(Snapshot::Into(file)) => expr(file, see),
        StatementKind::Import(transfer) | StatementKind::Export(transfer) => {
            expr(&transfer.file, see);
            assignments(&transfer.params, see);
        }
        _ => {}
    }
}

fn assignments<'a>(assignments: &'a [Assignment], see: &mut dyn FnMut(Met<'a>)) {
    for assignment in assignments {
        expr(&assignment.value, see);
    }
}

/// Shows `see` what stands in a query and in the arms behind it.
fn query<'a>(query: &'a Query, see: &mut dyn FnMut(Met<'a>)) {
    for item in &query.select {
        match &item.kind {
            SelectKind::Expr(selected) => expr(selected, see),
            SelectKind::Projection(_, items) => {
                for item in items {
                    match item {
                        ProjectionItem::Pattern(pattern) => see(Met::Pattern(pattern)),
                        ProjectionItem::Expr(selected) => expr(selected, see),
                    }
                }
            }
            SelectKind::Everything | SelectKind::Modality(_) | SelectKind::Drift => {}
        }
    }
    query.condition.iter().for_each(|condition| self::condition(condition, see));
    query.group_by.iter().for_each(|key| expr(key, see));
    query.having.iter().for_each(|condition| self::condition(condition, see));
    query.proof.iter().for_each(|proof| self::proof(proof, see));
    query.order_by.iter().for_each(|key| expr(&key.expr, see));
    query.set_operations.iter().for_each(|operation| self::query(&operation.query, see));
}

fn insert<'a>(insert: &'a Insert, see: &mut dyn FnMut(Met<'a>)) {
    match &insert.form {
        InsertForm::Hexad { data, .. } => {
            for part in data {
                match &part.content {
                    DataContent::Fields(fields) => assignments(fields, see),
                    DataContent::Vector(value) => expr(value, see),
                    DataContent::Tensor(arrays) => {
                        for array in arrays {
                            expr(array, see);
                        }
                    }
                    DataContent::Time(at) => time(at, see),
                    DataContent::Edge { .. } | DataContent::Type(_) | DataContent::Error => {}
                }
            }
        }
        InsertForm::Values { rows, .. } => {
            rows.iter().flat_map(|row| &row.values).for_each(|value| expr(value, see));
        }
        InsertForm::Short { title, body } => {
            expr(title, see);
            expr(body, see);
        }
    }
    insert.proof.iter().for_each(|proof| self::proof(proof, see));
}

fn proof<'a>(proof: &'a Proof, see: &mut dyn FnMut(Met<'a>)) {
    for spec in &proof.specs {
        assignments(&spec.params, see);
        if let Some(ProofBlock::Quantified { condition, .. }) = &spec.block {
            self::condition(condition, see);
        }
    }
}

/// Shows `see` a condition and everything in it, in the order of the text.
pub fn condition<'a>(condition: &'a Condition, see: &mut dyn FnMut(Met<'a>)) {
    see(Met::Condition(condition));
    match &condition.kind {
        ConditionKind::And(members) | ConditionKind::Or(members) => {
            for member in members {
                self::condition(member, see);
            }
        }
        ConditionKind::Not(inner)
        | ConditionKind::Paren(inner)
        | ConditionKind::Verified(inner)
        | ConditionKind::Refinement { condition: inner, .. } => self::condition(inner, see),
        ConditionKind::Pattern(pattern) => see(Met::Pattern(pattern)),
        ConditionKind::Drift { value, .. } => expr(value, see),
        ConditionKind::Consistent { test, .. } => {
            if let Some((_, value)) = test {
                expr(value, see);
            }
        }
        ConditionKind::Satisfies { params, .. } => {
            for assignment in params {
                expr(&assignment.value, see);
            }
        }
        ConditionKind::VerifiedBy(id)
        | ConditionKind::Version(id)
        | ConditionKind::ModifiedBy(id) => self::id(id, see),
        ConditionKind::FullText(text) | ConditionKind::FullTextMatches(text) => expr(text, see),
        ConditionKind::Field { test, .. } => self::test(test, see),
        ConditionKind::AsOf(as_of) => {
            time(&as_of.at, see);
            if let Some(at) = &as_of.revert_to {
                time(at, see);
            }
        }
        ConditionKind::Between { from, to } => {
            time(from, see);
            time(to, see);
        }
        ConditionKind::Similar { target, within, .. } => {
            self::target(target, see);
            if let Some(within) = within {
                expr(within, see);
            }
        }
        ConditionKind::Nearest { target, .. } => {
            if let Some(target) = target {
                self::target(target, see);
            }
        }
        ConditionKind::Radius { latitude, longitude, radius: last, .. }
        | ConditionKind::NearestPoint { latitude, longitude, k: last } => {
            for e in [latitude, longitude, last] {
                expr(e, see);
            }
        }
        ConditionKind::Bounds { min_latitude, min_longitude, max_latitude, max_longitude } => {
            for e in [min_latitude, min_longitude, max_latitude, max_longitude] {
                expr(e, see);
            }
        }
        ConditionKind::Comparison { left, test } => {
            expr(left, see);
            self::test(test, see);
        }
        ConditionKind::Shape { subject, shape: value, .. }
        | ConditionKind::Rank { subject, rank: value, .. } => {
            expr(subject, see);
            expr(value, see);
        }
        ConditionKind::Predicate(call) => {
            for arg in &call.args {
                expr(arg, see);
            }
            if let Some((_, value)) = &call.compared {
                expr(value, see);
            }
        }
        ConditionKind::Literal(_)
        | ConditionKind::DriftAny { .. }
        | ConditionKind::Exists { .. }
        | ConditionKind::HasProof(_)
        | ConditionKind::Elided
        | ConditionKind::Error => {}
    }
}

/// Shows `see` an expression and everything in it, in the order of the text.
pub fn expr<'a>(expr: &'a Expr, see: &mut dyn FnMut(Met<'a>)) {
    see(Met::Expr(expr));
    match &expr.kind {
        ExprKind::Array(items) => items.iter().for_each(|item| self::expr(item, see)),
        ExprKind::Call(call) => {
            for arg in &call.args {
                self::expr(arg, see);
            }
            if let Some((_, value)) = &call.compared {
                self::expr(value, see);
            }
        }
        ExprKind::Sum { first, rest } => {
            self::expr(first, see);
            for (_, term) in rest {
                self::expr(term, see);
            }
        }
        ExprKind::Param(param) | ExprKind::Time(TimeKind::Param(param)) => see(Met::Param(param)),
        ExprKind::Literal(_)
        | ExprKind::Time(TimeKind::Instant(_) | TimeKind::Text(_))
        | ExprKind::Interval(_)
        | ExprKind::Path(_)
        | ExprKind::Aggregate(_)
        | ExprKind::Regex(_)
        | ExprKind::Elided
        | ExprKind::Error => {}
    }
}

/// Shows `see` what a test compares with.
pub fn test<'a>(test: &'a Test, see: &mut dyn FnMut(Met<'a>)) {
    match test {
        Test::Compare(_, value)
        | Test::Like(value)
        | Test::Contains(value)
        | Test::Matches(value)
        | Test::Includes(value) => expr(value, see),
        Test::In(items) => items.iter().for_each(|item| expr(item, see)),
        Test::InParam(param) => see(Met::Param(param)),
        Test::Between(low, high) => {
            expr(low, see);
            expr(high, see);
        }
        Test::IsNull | Test::IsNotNull | Test::Error => {}
    }
}

/// Shows `see` what a vector is compared with.
pub fn target<'a>(target: &'a VectorTarget, see: &mut dyn FnMut(Met<'a>)) {
    match &target.kind {
        TargetKind::Array(inner) | TargetKind::Call(inner) => expr(inner, see),
        TargetKind::Param(param) => see(Met::Param(param)),
        TargetKind::Entity(id) => self::id(id, see),
        TargetKind::Variable(_) | TargetKind::Error => {}
    }
}

fn id<'a>(id: &'a IdRef, see: &mut dyn FnMut(Met<'a>)) {
    id.param().into_iter().for_each(|param| see(Met::Param(param)));
}

fn time<'a>(time: &'a TimeRef, see: &mut dyn FnMut(Met<'a>)) {
    if let TimeKind::Param(param) = &time.kind {
        see(Met::Param(param));
    }
}

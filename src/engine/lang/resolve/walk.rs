//! One walk over everything nested in a condition or an expression.
//!
//! Collecting variables, parameters and elisions, and every other pass that does not care what stands
//! where, goes through here, so that a new construct is entered in one place.

use crate::engine::lang::ast::{
    Condition, ConditionKind, Expr, ExprKind, GraphPattern, IdRef, Param, TargetKind, Test,
    TimeKind, TimeRef, VectorTarget,
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

//! Conditions: each kind of condition, and where it may stand.

use super::super::fields::FieldRef;
use super::super::functions;
use super::super::groups::GroupRef;
use super::super::ty::Ty;
use super::super::{NameKind, Seen};
use super::{Checker, suggest};
use crate::engine::base::{Kind, Modality, Span};
use crate::engine::lang::ast::{
    AsOf, Call, Condition, ConditionKind, Expr, ExprKind, GraphPattern, Metric, ModalityRef, Name,
    Path, TimeKind,
};

/// Where in a condition a member stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// It must hold for the whole to hold.
    Conjunct,
    /// Under `OR` or `NOT`.
    Nested,
}

impl<'a> Checker<'a> {
    /// A whole `WHERE`.
    pub(super) fn top_level(&mut self, condition: &'a Condition) {
        self.leaves(condition);
        self.condition(condition, At::Conjunct);
    }

    /// All `AS OF` of a statement must say the same instant.
    pub(super) fn one_time(&mut self, times: impl Iterator<Item = &'a AsOf>) {
        let mut first: Option<&AsOf> = None;
        for as_of in times {
            match first {
                None => first = Some(as_of),
                Some(before) if before.at.kind == as_of.at.kind => {}
                Some(_) => {
                    self.wrong(
                        Kind::TemporalConflict,
                        as_of.span,
                        "a statement reads at one instant, and this is the second",
                    )
                    .hint = Some("remove one AS OF, or use BETWEEN for versions".to_owned());
                }
            }
        }
    }

    pub(super) fn condition(&mut self, condition: &'a Condition, at: At) {
        if self.full() {
            return;
        }
        let span = condition.span;
        match &condition.kind {
            ConditionKind::And(members) => members.iter().for_each(|c| self.condition(c, at)),
            ConditionKind::Or(members) => {
                for c in members {
                    self.condition(c, At::Nested);
                }
            }
            ConditionKind::Not(inner) | ConditionKind::Verified(inner) => {
                self.condition(inner, At::Nested);
            }
            ConditionKind::Paren(inner) => self.condition(inner, at),
            ConditionKind::Pattern(pattern) => self.pattern(pattern),
            ConditionKind::Drift { left, right, value, .. } => {
                self.two_modalities(*left, *right, "DRIFT");
                let score = self.number(value, Kind::DriftRequiresNumeric, "a drift score");
                self.unit_interval(score, value.span, "a drift score");
            }
            ConditionKind::DriftAny { threshold } => {
                self.unit_interval(*threshold, span, "a drift score");
            }
            ConditionKind::Consistent { left, right, metric, test } => {
                self.two_modalities(*left, *right, "CONSISTENT");
                self.consistency_metric(metric);
                if let Some((_, value)) = test {
                    self.number(value, Kind::DriftRequiresNumeric, "a consistency score");
                }
            }
            ConditionKind::Satisfies { contract, params } => {
                self.contract(contract);
                for a in params {
                    self.param_value(&a.value);
                }
            }
            ConditionKind::HasProof(proof_type) => self.proof_type(proof_type),
            ConditionKind::FullText(text) => self.full_text(text),
            ConditionKind::FullTextMatches(pattern) => {
                self.expr(pattern);
                self.regex(pattern);
            }
            ConditionKind::Field { path, test } => self.field_condition(path, test),
            ConditionKind::AsOf(as_of) => self.as_of(as_of, at),
            ConditionKind::Between { from, to } => self.between(from, to, span),
            ConditionKind::Similar { subject, target, within, metric } => {
                self.similar(subject, target, within.as_ref(), *metric);
            }
            ConditionKind::Nearest { subject, k, target, metric } => {
                self.nearest(subject, (*k, span), target.as_ref(), *metric);
            }
            ConditionKind::Radius { latitude, longitude, radius, .. } => {
                self.point(latitude, longitude);
                self.radius(radius);
            }
            ConditionKind::Bounds { min_latitude, min_longitude, max_latitude, max_longitude } => {
                self.bounds((min_latitude, min_longitude), (max_latitude, max_longitude), span);
            }
            ConditionKind::NearestPoint { latitude, longitude, k } => {
                self.point(latitude, longitude);
                self.whole_number(k, 1, "the number of places");
            }
            ConditionKind::Comparison { left, test } => {
                self.expr(left);
                let left = self.typed(left);
                self.test(&left, test);
            }
            ConditionKind::Shape { subject, shape, .. } => {
                self.tensor_subject(subject);
                self.shape(shape);
            }
            ConditionKind::Rank { subject, rank, .. } => {
                self.tensor_subject(subject);
                self.whole_number(rank, 0, "a rank");
            }
            ConditionKind::Predicate(call) => self.predicate(call),
            ConditionKind::Refinement { condition, .. } => self.condition(condition, at),
            ConditionKind::Elided => self.elided(span),
            ConditionKind::Literal(_)
            | ConditionKind::Exists { .. }
            | ConditionKind::VerifiedBy(_)
            | ConditionKind::Version(_)
            | ConditionKind::ModifiedBy(_)
            | ConditionKind::Error => {}
        }
    }

    fn pattern(&mut self, pattern: &'a GraphPattern) {
        for edge in &pattern.edges {
            let predicate = &edge.edge_type;
            if let Some(quantifier) = edge.quantifier
                && quantifier.max.is_some_and(|max| max < quantifier.min)
            {
                let message = format!("no path has at least {} hops and fewer", quantifier.min);
                self.wrong(Kind::InvalidGraphPattern, quantifier.span, message);
            }
            let path = std::slice::from_ref(&predicate.text);
            if self.catalog.field(Modality::Graph, path) == Seen::Never {
                let known = self.catalog.names(NameKind::Fields(Modality::Graph));
                let message = format!("no edge ever had the predicate `{}`", predicate.text);
                let found = self.warn(Kind::UnknownField, predicate.span, message);
                suggest(found, &predicate.text, known.iter().map(String::as_str));
            }
        }
    }

    fn two_modalities(&mut self, left: ModalityRef, right: ModalityRef, what: &str) {
        if left.modality == right.modality {
            let message = format!("{what} compares {} with itself", left.modality.keyword());
            self.warn(Kind::CrossModalTypeMismatch, right.span, message).hint =
                Some("name two different modalities".to_owned());
        }
    }

    /// A threshold that nothing can ever reach.
    pub(super) fn unit_interval(&mut self, value: Option<f64>, span: Span, what: &str) {
        if let Some(value) = value
            && !(0.0..=1.0).contains(&value)
        {
            self.warn(Kind::TypeMismatch, span, format!("{what} lies between 0 and 1"));
        }
    }

    fn consistency_metric(&mut self, metric: &Name) {
        if Metric::from_keyword(&metric.text).is_none() {
            let known = Metric::ALL.map(Metric::keyword);
            let message = format!("CONSISTENT does not know the metric `{}`", metric.text);
            let found = self.wrong(Kind::ConsistencyMetricInvalid, metric.span, message);
            found.expected = known.map(str::to_owned).to_vec();
            suggest(found, &metric.text, known);
        }
    }

    pub(super) fn full_text(&mut self, text: &'a Expr) {
        self.expr(text);
        let typed = self.typed(text);
        if typed.firm && !typed.ty.may_be_text() {
            let message = format!("full-text search needs text, not {}", typed.ty);
            self.wrong(Kind::InvalidFullTextQuery, text.span, message);
        } else if typed.text().is_some_and(|t| t.trim().is_empty()) {
            self.doubtful(Kind::InvalidFullTextQuery, text.span, "there is nothing to search for");
        }
    }

    /// `FIELD a.b ..`: a document field, or in `HAVING` a field of the group.
    fn field_condition(&mut self, path: &'a [Name], test: &'a crate::engine::lang::ast::Test) {
        let (Some(first), Some(last)) = (path.first(), path.last()) else { return };
        let span = first.span.to(last.span);
        let as_path = Path {
            modality: Some(ModalityRef { modality: Modality::Document, span }),
            segments: path.to_vec(),
            span,
        };
        let typed = if let Some(query) = self.groups {
            let Some(group) = GroupRef::of_name(path, query, &self.scope) else {
                return self.not_a_group(&as_path.field(), span);
            };
            self.typed_group(&group, span)
        } else {
            let field = FieldRef::of_field(path);
            self.field(&field, &as_path);
            self.typed_field(field, &as_path.field(), span)
        };
        self.test(&typed, test);
    }

    /// A name in `HAVING` that is neither a key nor an aggregate.
    pub(super) fn not_a_group(&mut self, name: &str, span: Span) {
        let Some(query) = self.groups else { return };
        let keys = query.group_by.iter().filter_map(Expr::path).filter_map(|p| p.segments.last());
        let aliases = query.select.iter().filter_map(|item| item.alias.as_ref());
        let known: Vec<String> = keys
            .chain(aliases)
            .map(|n| n.text.clone())
            .chain([String::from("count"), String::from("total")])
            .collect();
        let message = format!("`{name}` is neither a key of the groups nor an aggregate");
        let found = self.wrong(Kind::UnknownField, span, message);
        found.hint = Some("add it to GROUP BY, or ask for an aggregate of it".to_owned());
        suggest(found, name, known.iter().map(String::as_str));
    }

    pub(super) fn as_of(&mut self, as_of: &'a AsOf, at: At) {
        self.time(&as_of.at);
        if let Some(time) = &as_of.revert_to {
            self.time(time);
        }
        if at == At::Nested {
            self.wrong(
                Kind::TemporalConflict,
                as_of.span,
                "AS OF holds for the whole statement and cannot stand under OR or NOT",
            )
            .hint = Some("join it to the other conditions with AND".to_owned());
        }
    }

    fn between(
        &mut self,
        from: &'a crate::engine::lang::ast::TimeRef,
        to: &'a crate::engine::lang::ast::TimeRef,
        span: Span,
    ) {
        self.time(from);
        self.time(to);
        if let (TimeKind::Instant(a), TimeKind::Instant(b)) = (&from.kind, &to.kind)
            && a > b
        {
            self.warn(Kind::InvalidTimestamp, span, "the interval ends before it begins");
        }
    }

    /// The value of a parameter of a contract or proof: a bare word is a string there.
    pub(super) fn param_value(&mut self, value: &'a Expr) {
        match &value.kind {
            ExprKind::Path(_) => {}
            _ => self.expr(value),
        }
    }

    /// A function used as a condition must say yes or no.
    fn predicate(&mut self, call: &'a Call) {
        let expr_span = call.span;
        self.call(call);
        if let Some(signature) = functions::function(&call.name.text)
            && call.compared.is_none()
            && !matches!(signature.returns, Ty::Bool | Ty::Any)
        {
            let message =
                format!("{}() gives {}, not a condition", signature.name(), signature.returns);
            self.doubtful(Kind::OperatorTypeMismatch, expr_span, message).hint =
                Some(format!("compare it: {} > ..", signature.usage()));
        }
    }
}

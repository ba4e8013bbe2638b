//! Vector conditions: what is compared, with what, by which metric, in how many dimensions.

use super::super::fields::{FieldRef, Place};
use super::super::ty::Ty;
use super::super::{Seen, Subject};
use super::Checker;
use super::expr::written;
use crate::engine::base::{Kind, Modality, Span, Value};
use crate::engine::lang::ast::{Expr, ExprKind, Metric, MetricRef, Path, TargetKind, VectorTarget};

impl<'a> Checker<'a> {
    pub(super) fn similar(
        &mut self,
        subject: &'a Path,
        target: &'a VectorTarget,
        within: Option<&'a Expr>,
        metric: Option<MetricRef>,
    ) {
        let name = self.embedding(subject);
        self.vector_target(target, name.as_deref(), metric);
        self.within(within, metric);
    }

    /// `NEAREST k` without a vector ranks by the embedding of the hexad in `FROM HEXAD id`.
    pub(super) fn nearest(
        &mut self,
        subject: &'a Path,
        (k, span): (u64, Span),
        target: Option<&'a VectorTarget>,
        metric: Option<MetricRef>,
    ) {
        let name = self.embedding(subject);
        if k == 0 {
            self.warn(Kind::InvalidVectorExpression, span, "the nearest 0 are none");
        }
        match target {
            Some(target) => self.vector_target(target, name.as_deref(), metric),
            None if self.one_hexad => {}
            None => {
                self.doubtful(
                    Kind::InvalidVectorExpression,
                    span,
                    "NEAREST has no vector to be near to",
                )
                .hint = Some(
                    "write NEAREST k TO [..], TO $parameter or TO ENTITY id, or ask FROM HEXAD id"
                        .to_owned(),
                );
            }
        }
    }

    /// The subject of a vector condition: the name of the embedding, when it is one.
    fn embedding(&mut self, subject: &'a Path) -> Option<String> {
        let field = FieldRef::of(subject, &self.scope);
        match field.place() {
            Some(Place::Whole(Modality::Vector)) => return Some("embedding".to_owned()),
            Some(Place::Embedding(name)) => {
                let name = name.clone();
                self.field(&field, subject);
                return Some(name);
            }
            _ => {}
        }
        // `h.abstract SIMILAR TO ..`: an embedding may have any name.
        if let (None, Subject::Row, [.., last]) =
            (field.modality, &field.subject, subject.segments.as_slice())
        {
            let seen = self.catalog.field(Modality::Vector, std::slice::from_ref(&last.text));
            if seen != Seen::Never && !field.registered {
                return Some(last.text.clone());
            }
        }
        let typed = self.typed_field(field, &written(subject), subject.span);
        let message = format!("{} is not an embedding", typed.what);
        let hint = "compare VECTOR or h.embedding".to_owned();
        let certain = typed.whole().is_none() && typed.firm && !typed.ty.may_be_vector();
        if certain {
            self.wrong(Kind::OperatorTypeMismatch, subject.span, message).hint = Some(hint);
        } else {
            self.doubtful(Kind::InvalidVectorExpression, subject.span, message).hint = Some(hint);
        }
        None
    }

    /// What an embedding called `name` is compared with.
    pub(super) fn vector_target(
        &mut self,
        target: &'a VectorTarget,
        name: Option<&str>,
        metric: Option<MetricRef>,
    ) {
        match &target.kind {
            TargetKind::Array(array) => {
                if let Some(numbers) = self.vector_literal(array) {
                    self.dimension(numbers.len(), name, array.span);
                    self.signs(&numbers, metric);
                }
            }
            TargetKind::Param(param) => {
                self.param(param);
                let value = self.params.and_then(|p| p.get(&param.name));
                let length = match value {
                    Some(Value::Vector(v)) => Some(v.len()),
                    Some(Value::List(items)) if items.iter().all(|v| v.as_f64().is_some()) => {
                        Some(items.len())
                    }
                    Some(other) => {
                        let message =
                            format!("`{}` is {}, not a vector", param.name, Ty::of(other));
                        self.wrong(Kind::InvalidParameter, param.span, message);
                        None
                    }
                    None => None,
                };
                if let Some(length) = length {
                    self.dimension(length, name, param.span);
                }
            }
            TargetKind::Call(call) => {
                self.expr(call);
                let typed = self.typed(call);
                if typed.firm && !typed.ty.may_be_vector() {
                    let message = format!("this is {}, not a vector", typed.ty);
                    self.wrong(Kind::InvalidVectorExpression, call.span, message);
                }
            }
            TargetKind::Entity(id) => id.param().into_iter().for_each(|p| self.param(p)),
            TargetKind::Variable(variable) => {
                if !self.scope.bound.contains(&variable.text) && !self.scope.is_row(&variable.text)
                {
                    let message = format!("no pattern binds `{}`", variable.text);
                    self.doubtful(Kind::UnknownVariable, variable.span, message).hint =
                        Some(format!("a parameter is written ${}", variable.text));
                }
            }
            TargetKind::Error => {}
        }
    }

    /// The numbers of a literal vector; `None` when something of it was left out or is wrong.
    pub(super) fn vector_literal(&mut self, array: &'a Expr) -> Option<Vec<f64>> {
        let ExprKind::Array(items) = &array.kind else { return None };
        let mut whole = true;
        let mut numbers = Vec::with_capacity(items.len());
        for item in items {
            match &item.kind {
                ExprKind::Elided => {
                    self.elided(item.span);
                    whole = false;
                }
                ExprKind::Param(param) => {
                    self.param(param);
                    whole = false;
                }
                _ => {
                    if let Some(number) = item.number() {
                        numbers.push(number);
                    } else {
                        let message = "a vector holds numbers only";
                        self.wrong(Kind::InvalidVectorExpression, item.span, message);
                        whole = false;
                    }
                }
            }
        }
        whole.then_some(numbers)
    }

    /// The dimension of a vector against what is stored under `name`.
    pub(super) fn dimension(&mut self, got: usize, name: Option<&str>, span: Span) {
        let stored = name.map(|name| self.catalog.field(Modality::Vector, &[name.to_owned()]));
        let expected = match stored {
            Some(Seen::As(Ty::Vector(Some(n)))) => Some(n as usize),
            _ => None,
        };
        match expected {
            Some(expected) if expected != got => {
                let message = format!("vector dimension mismatch: expected {expected}, got {got}");
                self.wrong(Kind::VectorDimensionMismatch, span, message);
            }
            None if got == 0 => {
                self.wrong(
                    Kind::VectorDimensionMismatch,
                    span,
                    "vector dimension mismatch: expected at least 1, got 0",
                );
            }
            _ => {}
        }
    }

    /// The Jaccard similarity has no meaning for negative numbers.
    fn signs(&mut self, numbers: &[f64], metric: Option<MetricRef>) {
        if let Some(MetricRef { metric: Metric::Jaccard, span }) = metric
            && numbers.iter().any(|n| *n < 0.0)
        {
            let message = "JACCARD compares vectors without negative numbers";
            self.doubtful(Kind::InvalidDistanceMetric, span, message);
        }
    }

    /// `WITHIN x`: a similarity.
    pub(super) fn within(&mut self, within: Option<&'a Expr>, metric: Option<MetricRef>) {
        let Some(within) = within else { return };
        let value = self.number(within, Kind::TypeMismatch, "a similarity");
        let bounded = !matches!(metric, Some(MetricRef { metric: Metric::DotProduct, .. }));
        if bounded && value.is_some_and(|v| v > 1.0) {
            self.warn(Kind::TypeMismatch, within.span, "no similarity is greater than 1");
        }
    }
}

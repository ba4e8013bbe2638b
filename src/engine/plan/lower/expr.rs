//! Expressions: literals, fields, functions, sums.

use std::sync::Arc;

use super::Lowering;
use crate::engine::base::{Error, Kind, Result, Span, Value};
use crate::engine::lang::ast::{AddOp, Call, Expr, ExprKind, Metric, Path};
use crate::engine::lang::resolve::functions::{self, Arg, Function, Signature};
use crate::engine::lang::resolve::instants::{self, When};
use crate::engine::lang::resolve::{FieldRef, Ty};
use crate::engine::plan::logical::Scalar;

/// What a path or an aggregate means depends on whether rows are hexads or groups.
pub(super) trait Names {
    /// A path.
    fn path(&mut self, lowering: &Lowering<'_>, path: &Path) -> Result<Scalar>;
    /// An aggregate.
    fn aggregate(
        &mut self,
        lowering: &Lowering<'_>,
        aggregate: &crate::engine::lang::ast::Aggregate,
    ) -> Result<Scalar>;
    /// `FIELD a.b`.
    fn field(
        &mut self,
        lowering: &Lowering<'_>,
        path: &[crate::engine::lang::ast::Name],
        span: Span,
    ) -> Result<Scalar> {
        let _ = (lowering, span);
        Ok(Scalar::Field(Arc::new(FieldRef::of_field(path))))
    }
    /// A whole expression that means something as it is, such as a key of the group.
    fn whole(&mut self, lowering: &Lowering<'_>, expr: &Expr) -> Result<Option<Scalar>> {
        let _ = (lowering, expr);
        Ok(None)
    }
}

/// Rows are hexads.
pub(super) struct OfRow;

impl Names for OfRow {
    fn path(&mut self, lowering: &Lowering<'_>, path: &Path) -> Result<Scalar> {
        Ok(Scalar::Field(Arc::new(FieldRef::of(path, &lowering.scope))))
    }

    fn aggregate(
        &mut self,
        lowering: &Lowering<'_>,
        aggregate: &crate::engine::lang::ast::Aggregate,
    ) -> Result<Scalar> {
        let message = format!("{} has no meaning for a single row", aggregate.function.keyword());
        lowering.wrong(Kind::InvalidAggregateExpression, message, aggregate.span)
    }
}

impl Lowering<'_> {
    /// An expression over a row.
    pub fn row_expr(&self, expr: &Expr) -> Result<Scalar> {
        self.expr(expr, &mut OfRow)
    }

    /// An expression whose value is known now: constants and parameters.
    pub fn value(&self, expr: &Expr) -> Result<Value> {
        match self.row_expr(expr)? {
            Scalar::Const(value) => Ok(value),
            _ => self.wrong(Kind::TypeMismatch, "a constant is needed here", expr.span),
        }
    }

    /// A number known now.
    pub fn number(&self, expr: &Expr) -> Result<f64> {
        let value = self.value(expr)?;
        value.as_f64().ok_or_else(|| self.not_a(expr.span, "a number", &value))
    }

    /// Text known now.
    pub fn text_value(&self, expr: &Expr) -> Result<String> {
        match self.value(expr)? {
            Value::Text(text) => Ok(text),
            other => Err(self.not_a(expr.span, "text", &other)),
        }
    }

    pub(super) fn not_a(&self, span: Span, wanted: &str, got: &Value) -> Error {
        let message = format!("{wanted} is needed, not a value of type {}", got.type_name());
        Error::new(Kind::TypeMismatch, message).at(self.at(span))
    }

    pub(super) fn expr(&self, expr: &Expr, names: &mut dyn Names) -> Result<Scalar> {
        if let Some(scalar) = names.whole(self, expr)? {
            return Ok(scalar);
        }
        match &expr.kind {
            ExprKind::Literal(value) => Ok(Scalar::Const(value.clone())),
            ExprKind::Time(time) => {
                self.time_kind(time, expr.span).map(|t| Scalar::Const(Value::Time(t)))
            }
            ExprKind::Interval(text) => match instants::interval(text) {
                Some(micros) => Ok(Scalar::Interval(micros)),
                None => self.wrong(
                    Kind::InvalidTimestamp,
                    format!("`{text}` is not a length of time"),
                    expr.span,
                ),
            },
            ExprKind::Param(param) => self.param(param).map(Scalar::Const),
            ExprKind::Array(items) => self.array(items, names),
            ExprKind::Path(path) => names.path(self, path),
            ExprKind::Call(call) => self.call(call, names),
            ExprKind::Aggregate(aggregate) => names.aggregate(self, aggregate),
            ExprKind::Sum { first, rest } => {
                let first = self.expr(first, names)?;
                let rest = rest
                    .iter()
                    .map(|(op, term)| Ok((*op == AddOp::Subtract, self.expr(term, names)?)))
                    .collect::<Result<Vec<_>>>()?;
                Ok(Scalar::Sum(Box::new(first), rest, self.at(expr.span)))
            }
            ExprKind::Regex(text) => Ok(Scalar::Const(Value::Text(text.clone()))),
            ExprKind::Elided => self.wrong(Kind::Elided, "`...` cannot be executed", expr.span),
            ExprKind::Error => {
                self.wrong(Kind::UnexpectedToken, "the expression is malformed", expr.span)
            }
        }
    }

    fn array(&self, items: &[Expr], names: &mut dyn Names) -> Result<Scalar> {
        let items = items.iter().map(|i| self.expr(i, names)).collect::<Result<Vec<_>>>()?;
        if items.iter().all(|i| i.constant().is_some()) {
            let values = items.iter().filter_map(|i| i.constant().cloned()).collect();
            return Ok(Scalar::Const(Value::List(values)));
        }
        Ok(Scalar::Array(items))
    }

    fn call(&self, call: &Call, names: &mut dyn Names) -> Result<Scalar> {
        let Some(signature) = functions::function(&call.name.text) else {
            let message = format!("unknown function `{}`", call.name.text);
            return self.wrong(Kind::UnknownFunction, message, call.name.span);
        };
        if call.compared.is_some() {
            return self.refuse("a comparison inside an argument", call.span);
        }
        if !signature.accepts(call.args.len()) {
            let message = format!("wrong number of arguments, usage: {}", signature.usage());
            return self.wrong(Kind::TypeMismatch, message, call.span);
        }
        let args = call
            .args
            .iter()
            .enumerate()
            .map(|(i, arg)| self.argument(signature, i, arg, names))
            .collect::<Result<Vec<_>>>()?;
        if signature.function == Function::Embed {
            return self.embedding(call, args);
        }
        Ok(Scalar::Call(signature.function, args, self.at(call.span)))
    }

    /// `EMBED('text', 'name')`: a vector that is known now. Of what depends on the row it is left to
    /// the statement.
    fn embedding(&self, call: &Call, args: Vec<Scalar>) -> Result<Scalar> {
        let mut texts = Vec::with_capacity(args.len());
        for (arg, expr) in args.iter().zip(&call.args) {
            match arg.constant() {
                Some(Value::Text(text)) => texts.push(text.as_str()),
                Some(other) => return Err(self.not_a(expr.span, "text", other)),
                None => return Ok(Scalar::Call(Function::Embed, args, self.at(call.span))),
            }
        }
        let [text, name @ ..] = texts.as_slice() else {
            return Ok(Scalar::Const(Value::Null));
        };
        let made = (self.embed)(name.first().copied(), text);
        let (_, numbers) = made.map_err(|error| error.at(self.at(call.span)))?;
        Ok(Scalar::Const(Value::Vector(numbers)))
    }

    fn argument(
        &self,
        signature: &Signature,
        index: usize,
        arg: &Expr,
        names: &mut dyn Names,
    ) -> Result<Scalar> {
        match (signature.arg(index), &arg.kind) {
            (Arg::Modality, ExprKind::Path(Path { modality: Some(m), segments, .. }))
                if segments.is_empty() =>
            {
                Ok(Scalar::Modality(m.modality))
            }
            (Arg::Modality, _) => {
                let message = format!("{} takes modalities", signature.name());
                self.wrong(Kind::InvalidModality, message, arg.span)
            }
            (Arg::Metric, ExprKind::Path(path)) => {
                let word = path.bare().map(|n| n.text.as_str()).unwrap_or_default();
                self.metric_word(word, arg.span)
            }
            (Arg::Metric, ExprKind::Literal(Value::Text(word))) => self.metric_word(word, arg.span),
            (Arg::Vector, ExprKind::Path(Path { modality: Some(m), segments, span }))
                if segments.is_empty() && m.modality == crate::engine::base::Modality::Vector =>
            {
                // `cosine(VECTOR, [..])`: the modality stands for its default embedding.
                let name =
                    crate::engine::lang::ast::Name { text: "embedding".to_owned(), span: *span };
                let path = Path { modality: Some(*m), segments: vec![name], span: *span };
                names.path(self, &path)
            }
            _ => self.expr(arg, names),
        }
    }

    fn metric_word(&self, word: &str, span: Span) -> Result<Scalar> {
        if let Some(metric) = Metric::from_keyword(word) {
            Ok(Scalar::Metric(metric))
        } else {
            let message = format!("unknown metric `{word}`");
            self.wrong(Kind::InvalidDistanceMetric, message, span)
        }
    }

    /// Text beside an instant is an instant too: `temporal.modified > 'yesterday'`.
    pub(super) fn beside(&self, scalar: Scalar, other: &Scalar, span: Span) -> Result<Scalar> {
        match (&scalar, is_time(other)) {
            (Scalar::Const(Value::Text(text)), true) => match When::parse(text) {
                Some(when) => Ok(Scalar::Const(Value::Time(when.resolve(self.now)))),
                None => {
                    self.wrong(Kind::InvalidTimestamp, format!("`{text}` is not an instant"), span)
                }
            },
            _ => Ok(scalar),
        }
    }
}

/// True when the value is an instant wherever it is not null.
fn is_time(scalar: &Scalar) -> bool {
    match scalar {
        Scalar::Const(Value::Time(_)) => true,
        Scalar::Field(field) => field.ty == Ty::Time,
        Scalar::Call(function, ..) => {
            functions::FUNCTIONS.iter().any(|s| s.function == *function && s.returns == Ty::Time)
        }
        Scalar::Sum(first, ..) => is_time(first),
        _ => false,
    }
}

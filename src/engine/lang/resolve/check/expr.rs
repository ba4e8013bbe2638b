//! Expressions: what type they have, and what is wrong inside them.

use super::super::fields::{FieldRef, Place, Subject};
use super::super::functions::{self, Arg, Signature};
use super::super::groups::GroupRef;
use super::super::instants::{When, interval};
use super::super::ty::Ty;
use super::super::{NameKind, Seen, registry};
use super::{Checker, suggest};
use crate::engine::base::{Kind, Modality, Span, Value};
use crate::engine::lang::ast::{
    Aggregate, AggregateFn, Call, CompareOp, Expr, ExprKind, Metric, Path, SelectKind, TimeKind,
    TimeRef,
};
use crate::engine::lang::diag::closest;

/// Findings with a suggestion: comparing a name with all others takes time.
const SUGGESTED: usize = 50;

/// What is known of an expression before it is evaluated.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    /// Its type; of the elements when there are several.
    pub(super) ty: Ty,
    /// The type can never be another: a literal, a computed field, a function. Types of document
    /// fields are what was seen so far, or what such a field usually holds.
    pub(super) firm: bool,
    /// There may be several values.
    pub(super) many: bool,
    /// The field it is, when it is one.
    pub(super) field: Option<FieldRef>,
    /// The constant it is, when it is one.
    pub(super) constant: Option<Value>,
    /// How messages call it.
    pub(super) what: String,
    /// Where.
    pub(super) span: Span,
}

impl Typed {
    fn new(ty: Ty, what: impl Into<String>, span: Span) -> Self {
        Self { ty, firm: true, many: false, field: None, constant: None, what: what.into(), span }
    }

    /// The whole modality it is, when it is one.
    pub(super) fn whole(&self) -> Option<Modality> {
        match self.field.as_ref().and_then(FieldRef::place) {
            Some(Place::Whole(modality)) => Some(*modality),
            _ => None,
        }
    }

    /// The constant text it is, when it is one.
    pub(super) fn text(&self) -> Option<&str> {
        self.constant.as_ref().and_then(Value::as_str)
    }

    /// The same on the right of a comparison, where the bare name of a modality is a word.
    pub(super) fn into_value(mut self) -> Self {
        if self.whole().is_some() {
            self.ty = Ty::Text;
            self.firm = false;
        }
        self
    }
}

impl<'a> Checker<'a> {
    /// What is known of `expr`; reports nothing.
    pub(super) fn typed(&self, expr: &Expr) -> Typed {
        match &expr.kind {
            ExprKind::Literal(value) => {
                let mut typed = Typed::new(Ty::of(value), super::shown(value), expr.span);
                typed.constant = Some(value.clone());
                typed
            }
            ExprKind::Time(_) => Typed::new(Ty::Time, "an instant", expr.span),
            ExprKind::Interval(_) => Typed::new(Ty::Interval, "an interval", expr.span),
            ExprKind::Param(param) => {
                let value = self.params.and_then(|p| p.get(&param.name));
                let ty = value.map_or(Ty::Any, Ty::of);
                let mut typed = Typed::new(ty, format!("parameter `{}`", param.name), expr.span);
                typed.constant = value.cloned();
                typed
            }
            ExprKind::Array(items) => {
                let ty = match expr.numbers() {
                    Some(numbers) => Ty::Vector(u32::try_from(numbers.len()).ok()),
                    None if items.iter().any(|i| matches!(i.kind, ExprKind::Elided)) => Ty::Any,
                    None => Ty::List,
                };
                Typed::new(ty, "an array", expr.span)
            }
            ExprKind::Path(path) => self.typed_path(path, expr),
            ExprKind::Call(call) => {
                let ty = functions::function(&call.name.text).map_or(Ty::Any, |f| f.returns);
                Typed::new(ty, format!("{}()", call.name.text), expr.span)
            }
            ExprKind::Aggregate(aggregate) => self.typed_aggregate(aggregate),
            ExprKind::Sum { first, .. } => {
                let first = self.typed(first);
                let ty = if first.ty == Ty::Int { Ty::Float } else { first.ty };
                Typed { ty, constant: None, field: None, span: expr.span, ..first }
            }
            ExprKind::Regex(_) => Typed::new(Ty::Text, "a regular expression", expr.span),
            ExprKind::Elided | ExprKind::Error => Typed::new(Ty::Any, "`...`", expr.span),
        }
    }

    fn typed_path(&self, path: &Path, expr: &Expr) -> Typed {
        if let Some(query) = self.groups
            && let Some(group) = GroupRef::of_expr(expr, query, &self.scope)
        {
            return self.typed_group(&group, path.span);
        }
        self.typed_field(FieldRef::of(path, &self.scope), &written(path), path.span)
    }

    /// What is known of a field.
    pub(super) fn typed_field(&self, field: FieldRef, what: &str, span: Span) -> Typed {
        let firm = field.ty != Ty::Any;
        let ty = if firm { field.ty } else { self.seen_type(&field) };
        let what = format!("`{what}`");
        Typed { ty, firm, many: field.many, field: Some(field), constant: None, what, span }
    }

    /// What a name means inside `HAVING`, typed.
    pub(super) fn typed_group(&self, group: &GroupRef, span: Span) -> Typed {
        let expr = match (group, self.groups) {
            (GroupRef::Aggregate(aggregate), _) => return self.typed_aggregate(aggregate),
            (GroupRef::Key(index), Some(query)) => query.group_by.get(*index),
            (GroupRef::Item(index), Some(query)) => {
                query.select.get(*index).and_then(|item| match &item.kind {
                    SelectKind::Expr(expr) => Some(expr),
                    SelectKind::Everything
                    | SelectKind::Modality(_)
                    | SelectKind::Projection(..)
                    | SelectKind::Drift => None,
                })
            }
            (GroupRef::Key(_) | GroupRef::Item(_), None) => None,
        };
        match expr.map(|expr| (expr, &expr.kind)) {
            Some((_, ExprKind::Path(path))) => {
                self.typed_field(FieldRef::of(path, &self.scope), &written(path), span)
            }
            Some((expr, _)) => Typed { span, ..self.typed(expr) },
            None => Typed::new(Ty::Any, "the group", span),
        }
    }

    fn typed_aggregate(&self, aggregate: &Aggregate) -> Typed {
        let of = aggregate.path.as_ref().map(|path| {
            self.typed_field(FieldRef::of(path, &self.scope), &written(path), path.span)
        });
        let (ty, firm) = match aggregate.function {
            AggregateFn::Count => (Ty::Int, true),
            AggregateFn::Avg | AggregateFn::Sum => (Ty::Float, true),
            AggregateFn::Min | AggregateFn::Max => {
                of.as_ref().map_or((Ty::Any, true), |t| (t.ty, t.firm))
            }
        };
        let what = match &of {
            Some(of) => {
                format!("`{}({})`", aggregate.function.keyword(), of.what.trim_matches('`'))
            }
            None => format!("`{}(*)`", aggregate.function.keyword()),
        };
        Typed { firm, ..Typed::new(ty, what, aggregate.span) }
    }

    /// The type the data of a dynamic field had so far, or usually has.
    fn seen_type(&self, field: &FieldRef) -> Ty {
        let mut joined: Option<Ty> = None;
        for place in &field.places {
            let seen = match place {
                Place::Document(path) => self.catalog.field(Modality::Document, path),
                Place::Property(path) => self.catalog.field(Modality::Semantic, path),
                Place::Embedding(name) => {
                    self.catalog.field(Modality::Vector, std::slice::from_ref(name))
                }
                Place::EdgeTargets(_) | Place::Pseudo(_) | Place::Types => Seen::As(Ty::Any),
                Place::Id | Place::Whole(_) | Place::Virtual(_) => Seen::Unknown,
            };
            match seen {
                Seen::As(ty) => joined = Some(joined.map_or(ty, |known| known.join(ty))),
                Seen::Never => {}
                Seen::Unknown => {
                    let usual = match field.document_path() {
                        Some([name]) => registry::usual(name),
                        _ => None,
                    };
                    return usual.unwrap_or(Ty::Any);
                }
            }
        }
        joined.unwrap_or(Ty::Any)
    }

    /// Reports what is wrong inside `expr`.
    pub(super) fn expr(&mut self, expr: &'a Expr) {
        if self.full() {
            return;
        }
        match &expr.kind {
            ExprKind::Array(items) => items.iter().for_each(|item| self.expr(item)),
            ExprKind::Path(path) => self.path(path, expr),
            ExprKind::Call(call) => self.call(call),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate),
            ExprKind::Sum { first, rest } => {
                self.expr(first);
                for (_, term) in rest {
                    self.expr(term);
                }
                self.sum(first, rest.iter().map(|(_, term)| term));
            }
            ExprKind::Time(kind) => {
                self.time(&TimeRef { kind: kind.clone(), span: expr.span });
            }
            ExprKind::Interval(text) => {
                if interval(text).is_none() {
                    self.doubtful(
                        Kind::InvalidTimestamp,
                        expr.span,
                        format!("`{text}` is not a length of time"),
                    )
                    .hint = Some("write a number and a unit, such as '30 days'".to_owned());
                }
            }
            ExprKind::Param(param) => self.param(param),
            ExprKind::Elided => self.elided(expr.span),
            ExprKind::Literal(_) | ExprKind::Regex(_) | ExprKind::Error => {}
        }
    }

    /// A sum adds numbers, or lengths of time to an instant.
    fn sum(&mut self, first: &'a Expr, rest: impl Iterator<Item = &'a Expr>) {
        let first = self.typed(first);
        for term in rest {
            let term = self.typed(term);
            let fits = match term.ty {
                Ty::Interval => first.ty.may_be_time() || first.ty == Ty::Interval,
                Ty::Time => first.ty.may_be_time(),
                Ty::Int | Ty::Float => first.ty.may_be_number(),
                Ty::Any | Ty::Null => true,
                Ty::Bool | Ty::Text | Ty::Vector(_) | Ty::List | Ty::Map => !term.firm,
            };
            if !fits {
                let message = format!(
                    "{} ({}) and {} ({}) cannot be added",
                    first.what, first.ty, term.what, term.ty
                );
                self.wrong(Kind::OperatorTypeMismatch, term.span, message);
            }
        }
    }

    /// An instant must be one, or on the list of relative ones.
    pub(super) fn time(&mut self, time: &TimeRef) {
        match &time.kind {
            TimeKind::Instant(_) => {}
            TimeKind::Param(param) => {
                self.param(param);
                let value = self.params.and_then(|p| p.get(&param.name));
                if let Some(text) = value.and_then(Value::as_str) {
                    self.instant(text, time.span);
                }
            }
            TimeKind::Text(text) => self.instant(text, time.span),
        }
    }

    /// Text that must read as an instant.
    pub(super) fn instant(&mut self, text: &str, span: Span) {
        if When::parse(text).is_none() {
            let message = format!("`{text}` is not an instant");
            self.wrong(Kind::InvalidTimestamp, span, message).hint = Some(
                "write ISO 8601 (2026-01-31T10:00:00Z), 'now', 'yesterday' or 'last 7 days'"
                    .to_owned(),
            );
        }
    }

    fn path(&mut self, path: &'a Path, expr: &'a Expr) {
        if let Some(query) = self.groups {
            if GroupRef::of_expr(expr, query, &self.scope).is_none() {
                self.not_a_group(&path.field(), path.span);
            }
            return;
        }
        let field = FieldRef::of(path, &self.scope);
        self.field(&field, path);
    }

    /// A field that neither is registered nor was ever seen.
    pub(super) fn field(&mut self, field: &FieldRef, path: &Path) {
        if self.own_columns || field.registered {
            return;
        }
        if field.places.is_empty() {
            let Some(modality) = field.modality else { return };
            let message = format!("{} has no field `{}`", modality.keyword(), path.field());
            let found = self.doubtful(Kind::UnknownField, path.span, message);
            suggest_field(found, path, registry::registered_names(modality).map(str::to_owned));
            return;
        }
        let mut known: Vec<String> = Vec::new();
        let mut never = false;
        for place in &field.places {
            let (modality, path) = match place {
                Place::Document(path) => (Modality::Document, path.clone()),
                Place::Property(path) => (Modality::Semantic, path.clone()),
                Place::Embedding(name) => (Modality::Vector, vec![name.clone()]),
                Place::EdgeTargets(name) => (Modality::Graph, vec![name.clone()]),
                Place::Id
                | Place::Types
                | Place::Whole(_)
                | Place::Virtual(_)
                | Place::Pseudo(_) => return,
            };
            // A catalog lists what is stored under names of its own; a title and a body are not.
            if modality == Modality::Document
                && matches!(&*path, [name] if name == "title" || name == "body")
            {
                return;
            }
            // Where a modality holds nothing yet its catalog cannot tell; the other one can.
            match self.catalog.field(modality, &path) {
                Seen::As(_) => return,
                Seen::Never => never = true,
                Seen::Unknown => {}
            }
            if self.found.len() < SUGGESTED {
                known.extend(self.catalog.names(NameKind::Fields(modality)));
                known.extend(registry::registered_names(modality).map(str::to_owned));
            }
        }
        if never {
            self.never_seen(field, path, known);
        }
    }

    fn never_seen(&mut self, field: &FieldRef, path: &Path, known: Vec<String>) {
        let head = path.segments.first().filter(|_| path.modality.is_none());
        if let (Some(head), Subject::Row, [_, _, ..]) =
            (head, &field.subject, path.segments.as_slice())
            && !self.scope.is_row(&head.text)
            && !known.contains(&head.text)
        {
            let message = format!("no pattern binds `{}`, and no document has it", head.text);
            let bound: Vec<String> = self.scope.bound.iter().cloned().collect();
            let found = self.wrong(Kind::UnknownVariable, head.span, message);
            suggest(found, &head.text, bound.iter().map(String::as_str));
            return;
        }
        let message = match field.modality {
            Some(modality) => {
                format!("no {} ever had a field `{}`", modality.name(), path.field())
            }
            None => format!("no hexad ever had a field `{}`", path.field()),
        };
        let found = self.wrong(Kind::UnknownField, path.span, message);
        suggest_field(found, path, known);
        let computed = path.bare().map(|name| computed_fields(&name.text)).unwrap_or_default();
        if !computed.is_empty() {
            found.hint = Some(format!("did you mean `{}`?", computed.join("` or `")));
            found.fix = None;
        }
    }

    pub(super) fn call(&mut self, call: &'a Call) {
        let signature = functions::function(&call.name.text);
        for (index, arg) in call.args.iter().enumerate() {
            // The word of a metric is no field.
            let metric = signature.is_some_and(|s| s.arg(index) == Arg::Metric);
            if !(metric && names_metric(arg)) {
                self.expr(arg);
            }
        }
        if let Some((_, value)) = &call.compared {
            self.expr(value);
        }
        let Some(signature) = signature else {
            let known = functions::FUNCTIONS.iter().flat_map(|f| f.names.iter().copied());
            let message = format!("unknown function `{}`", call.name.text);
            let found = self.doubtful(Kind::UnknownFunction, call.name.span, message);
            suggest(found, &call.name.text, known);
            return;
        };
        if let Some((op, _)) = &call.compared {
            let message = format!("{}() takes no comparison", signature.name());
            self.doubtful(Kind::TypeMismatch, call.span, message).hint =
                Some(format!("compare its result: {} {} ..", signature.usage(), op.sign()));
            return;
        }
        if !signature.accepts(call.args.len()) {
            let message = format!("{}() does not take {}", signature.name(), count(&call.args));
            self.doubtful(Kind::TypeMismatch, call.span, message).hint =
                Some(format!("it is called {}", signature.usage()));
            return;
        }
        for (index, arg) in call.args.iter().enumerate() {
            self.argument(signature, index, arg);
        }
    }

    fn argument(&mut self, signature: &Signature, index: usize, arg: &'a Expr) {
        let wanted = signature.arg(index);
        let typed = self.typed(arg);
        let fits = match wanted {
            Arg::Modality => is_modality(&typed),
            Arg::Metric => is_metric(arg, &typed),
            Arg::Vector => typed.whole() == Some(Modality::Vector) || wanted.takes(typed.ty),
            // The whole document stands for its text.
            Arg::Any | Arg::Number | Arg::Text | Arg::Time => {
                typed.whole().is_some() || typed.many || wanted.takes(typed.ty)
            }
        };
        if !fits {
            let message =
                format!("{}() takes {} here, not {}", signature.name(), wanted.name(), typed.ty);
            let hint = format!("it is called {}", signature.usage());
            if typed.firm {
                self.doubtful(Kind::TypeMismatch, arg.span, message).hint = Some(hint);
            } else {
                self.warn(Kind::TypeMismatch, arg.span, message).hint = Some(hint);
            }
        }
    }

    fn aggregate(&mut self, aggregate: &'a Aggregate) {
        let function = aggregate.function;
        let Some(path) = &aggregate.path else {
            if function != AggregateFn::Count {
                let message = format!("{}(*) adds nothing up", function.keyword());
                self.wrong(Kind::InvalidAggregateExpression, aggregate.span, message).hint =
                    Some("only COUNT takes `*`; name a field: SUM(DOCUMENT.year)".to_owned());
            }
            return;
        };
        let field = FieldRef::of(path, &self.scope);
        self.field(&field, path);
        let typed = self.typed_field(field, &written(path), path.span);
        let fits = match function {
            AggregateFn::Count => true,
            AggregateFn::Sum | AggregateFn::Avg => typed.ty.may_be_number(),
            AggregateFn::Min | AggregateFn::Max => typed.ty.ordered() && typed.ty != Ty::Bool,
        };
        if !fits {
            let message =
                format!("{} is not defined over {} ({})", function.keyword(), typed.ty, typed.what);
            self.wrong(Kind::AggregateTypeMismatch, path.span, message);
        }
    }

    /// A number that must be one; `what` says of what.
    pub(super) fn number(&mut self, expr: &'a Expr, kind: Kind, what: &str) -> Option<f64> {
        self.expr(expr);
        let typed = self.typed(expr);
        if !typed.ty.may_be_number() {
            let message = format!("{what} is a number, not {} ({})", typed.ty, typed.what);
            if typed.firm {
                self.wrong(kind, expr.span, message);
            } else {
                self.warn(kind, expr.span, message);
            }
        }
        typed.constant.and_then(|value| value.as_f64())
    }

    /// True when `op` puts values in order.
    pub(super) fn orders(op: CompareOp) -> bool {
        !matches!(op, CompareOp::Equal | CompareOp::NotEqual)
    }
}

fn suggest_field(
    found: &mut crate::engine::lang::diag::Diagnostic,
    path: &Path,
    known: impl IntoIterator<Item = String>,
) {
    let known: Vec<String> = known.into_iter().collect();
    let Some(last) = path.segments.last() else { return };
    if let Some(best) = closest(&last.text, known.iter().map(String::as_str)) {
        found.hint = Some(format!("did you mean `{best}`?"));
        found.fix = Some(crate::engine::lang::diag::Fix { span: last.span, text: best.to_owned() });
    }
}

/// The registered fields a bare name would be if its modality stood before it.
fn computed_fields(name: &str) -> Vec<String> {
    let of = |modality: Modality| {
        let field = registry::registered(modality, name)?;
        Some(format!("{}.{}", modality.keyword(), field.names.first()?))
    };
    Modality::ALL.into_iter().filter_map(of).collect()
}

fn is_modality(typed: &Typed) -> bool {
    typed.whole().is_some()
        || typed.text().is_some_and(|text| Modality::from_keyword(text).is_some())
        || (typed.constant.is_none() && typed.field.is_none() && typed.ty.may_be_text())
}

/// A metric without quotes.
fn names_metric(arg: &Expr) -> bool {
    let bare = arg.path().and_then(Path::bare);
    bare.is_some_and(|name| Metric::from_keyword(&name.text).is_some())
}

fn is_metric(arg: &Expr, typed: &Typed) -> bool {
    let word = typed.text().or_else(|| arg.path().and_then(Path::bare).map(|n| n.text.as_str()));
    match word {
        Some(word) => Metric::from_keyword(word).is_some(),
        None => typed.ty.may_be_text(),
    }
}

fn count(args: &[Expr]) -> String {
    match args.len() {
        0 => "no arguments".to_owned(),
        1 => "one argument".to_owned(),
        n => format!("{n} arguments"),
    }
}

/// A path as messages show it.
pub(super) fn written(path: &Path) -> String {
    match (&path.modality, path.segments.is_empty()) {
        (Some(m), true) => m.modality.keyword().to_owned(),
        (Some(m), false) => format!("{}.{}", m.modality.keyword(), path.field()),
        (None, _) => path.field(),
    }
}

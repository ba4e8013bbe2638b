//! Comparisons: which types meet, which operators a type has.

use super::super::fields::Place;
use super::super::instants::When;
use super::super::ty::Ty;
use super::super::{Seen, registry};
use super::Checker;
use super::expr::Typed;
use crate::engine::base::{Kind, Modality, Value};
use crate::engine::lang::ast::{CompareOp, Expr, ExprKind, Test};

/// How many regular expressions of one statement are compiled.
const REGEXES: usize = 16;

/// The bytes a compiled regular expression may take.
const REGEX_BYTES: usize = 1 << 20;

impl<'a> Checker<'a> {
    /// What is asked of something.
    pub(super) fn test(&mut self, left: &Typed, test: &'a Test) {
        match test {
            Test::Compare(op, value) => self.compare(left, *op, value),
            Test::Like(pattern) => {
                self.text_operator(left, "LIKE");
                self.text_operand(pattern, "LIKE");
            }
            Test::Matches(pattern) => {
                self.text_operator(left, "MATCHES");
                self.text_operand(pattern, "MATCHES");
                self.regex(pattern);
            }
            Test::Contains(value) => {
                self.expr(value);
                if left.whole().is_none() && !left.many && left.ty != Ty::List {
                    self.text_operator(left, "CONTAINS");
                    self.text_operand(value, "CONTAINS");
                }
            }
            Test::Includes(value) => {
                self.expr(value);
                let list = left.many || matches!(left.ty, Ty::Any | Ty::List | Ty::Vector(_));
                if !list {
                    self.operator(left, "INCLUDES", "a list");
                }
            }
            Test::In(items) => {
                for item in items {
                    self.compare(left, CompareOp::Equal, item);
                }
            }
            Test::InParam(param) => {
                self.param(param);
                let value = self.params.and_then(|p| p.get(&param.name));
                if let Some(value) = value
                    && !matches!(value, Value::List(_) | Value::Vector(_))
                {
                    let message = format!("IN needs a list, `{}` is {}", param.name, Ty::of(value));
                    self.wrong(Kind::InvalidParameter, param.span, message);
                }
            }
            Test::Between(low, high) => {
                self.compare(left, CompareOp::GreaterEqual, low);
                self.compare(left, CompareOp::LessEqual, high);
            }
            Test::IsNull | Test::IsNotNull | Test::Error => {}
        }
    }

    /// `left op value`.
    pub(super) fn compare(&mut self, left: &Typed, op: CompareOp, value: &'a Expr) {
        self.expr(value);
        let right = self.typed(value).into_value();
        if self.cross_modal(left, &right) {
            return;
        }
        if right.constant.as_ref().is_some_and(Value::is_null) {
            self.warn(Kind::TypeMismatch, value.span, "nothing compares with NULL").hint =
                Some("write IS NULL or IS NOT NULL".to_owned());
            return;
        }
        if self.instants(left, &right) || self.instants(&right, left) {
            return;
        }
        if !left.ty.meets(right.ty) {
            self.mismatch(left, op, &right);
        } else if Self::orders(op) {
            for side in [left, &right] {
                if !side.ty.ordered() {
                    self.operator(side, op.sign(), "an ordered type");
                    return;
                }
            }
        }
    }

    /// Text compared with an instant must read as one. True when it does not, and was reported.
    fn instants(&mut self, time: &Typed, text: &Typed) -> bool {
        match text.text() {
            Some(word) if time.ty == Ty::Time && time.firm && When::parse(word).is_none() => {
                let word = word.to_owned();
                self.instant(&word, text.span);
                true
            }
            _ => false,
        }
    }

    fn mismatch(&mut self, left: &Typed, op: CompareOp, right: &Typed) {
        let span = if right.constant.is_some() { right.span } else { left.span.to(right.span) };
        if let (Ty::Vector(Some(a)), Ty::Vector(Some(b))) = (left.ty, right.ty) {
            let message = format!("expected a vector of {a} numbers, got {b}");
            self.wrong(Kind::VectorDimensionMismatch, span, message);
            return;
        }
        let kind = match (&left.field, &right.field) {
            (None, None) => Kind::TypeMismatch,
            _ => Kind::FieldTypeMismatch,
        };
        let message = format!(
            "{} ({}) never compares with {} ({})",
            left.what, left.ty, right.what, right.ty
        );
        // A document may hold anything tomorrow, but nothing puts text and numbers in order.
        let firm = left.firm && right.firm;
        let number = right.text().filter(|t| t.parse::<f64>().is_ok()).map(str::to_owned);
        let never = Self::orders(op) && number.is_none() && right.ty != Ty::Time;
        let structured = |ty| matches!(ty, Ty::List | Ty::Map | Ty::Interval);
        let found = if structured(left.ty) || structured(right.ty) {
            self.doubtful(kind, span, message)
        } else if firm || never {
            self.wrong(kind, span, message)
        } else {
            self.warn(kind, span, message)
        };
        if let Some(number) = number
            && left.ty.may_be_number()
        {
            found.hint = Some(format!("write the number without quotes: {number}"));
            found.fix = Some(crate::engine::lang::diag::Fix { span: right.span, text: number });
        }
    }

    /// A comparison of fields of two modalities. True when something was reported.
    ///
    /// Across modalities a field must be known, by the table, by the data, or by what such fields
    /// usually hold: two names that mean nothing to anybody are not compared.
    fn cross_modal(&mut self, left: &Typed, right: &Typed) -> bool {
        let (Some(a), Some(b)) = (&left.field, &right.field) else { return false };
        let (Some(ma), Some(mb)) = (a.modality, b.modality) else { return false };
        if ma == mb {
            return false;
        }
        let mut reported = false;
        for (side, field, modality) in [(left, a, ma), (right, b, mb)] {
            let named = match field.place() {
                Some(Place::Document(path) | Place::Property(path)) => {
                    Some((path.join("."), path.clone()))
                }
                Some(Place::EdgeTargets(name) | Place::Embedding(name)) => {
                    Some((name.clone(), vec![name.clone()]))
                }
                _ => None,
            };
            let Some((name, path)) = named.filter(|_| !field.registered) else { continue };
            let known = matches!(self.catalog.field(modality, &path), Seen::As(_))
                || (modality == Modality::Document && registry::usual(&name).is_some());
            if !known && !self.catalog.live() {
                let message = format!("unknown field `{name}` for modality {}", modality.keyword());
                self.wrong(Kind::UnknownField, side.span, message).hint =
                    Some("a comparison across modalities needs fields of known types".to_owned());
                reported = true;
            }
        }
        if !reported && !left.ty.meets(right.ty) {
            let message = format!(
                "{} ({}) never compares with {} ({})",
                left.what, left.ty, right.what, right.ty
            );
            self.wrong(Kind::CrossModalTypeMismatch, left.span.to(right.span), message);
            reported = true;
        }
        reported
    }

    /// `left` has no such operator.
    fn operator(&mut self, left: &Typed, operator: &str, wanted: &str) {
        let message = format!("{operator} needs {wanted}, {} is {}", left.what, left.ty);
        if left.firm || left.ty != Ty::Text {
            self.wrong(Kind::OperatorTypeMismatch, left.span, message);
        } else {
            self.warn(Kind::OperatorTypeMismatch, left.span, message);
        }
    }

    /// The left side of an operator that only text has.
    fn text_operator(&mut self, left: &Typed, operator: &str) {
        if !left.ty.may_be_text() && left.whole().is_none() {
            self.operator(left, operator, "text");
        }
    }

    /// The right side of an operator that only text has.
    fn text_operand(&mut self, value: &'a Expr, operator: &str) {
        self.expr(value);
        let right = self.typed(value).into_value();
        if right.firm && !right.ty.may_be_text() {
            let message =
                format!("{operator} compares with text, not {} ({})", right.ty, right.what);
            self.wrong(Kind::OperatorTypeMismatch, value.span, message);
        }
    }

    /// A regular expression must compile.
    pub(super) fn regex(&mut self, pattern: &'a Expr) {
        let text = match &pattern.kind {
            ExprKind::Regex(text) => text.as_str(),
            _ => match pattern.text() {
                Some(text) => text,
                None => return,
            },
        };
        // A statement may hold thousands of them; whoever executes it compiles them all.
        self.regexes += 1;
        if self.regexes > REGEXES {
            return;
        }
        if let Err(error) = regex::RegexBuilder::new(text).size_limit(REGEX_BYTES).build() {
            let reason = match &error {
                regex::Error::CompiledTooBig(limit) => {
                    format!("it would take more than {limit} bytes")
                }
                other => reason_of(&other.to_string()),
            };
            let message = format!("the regular expression does not compile: {reason}");
            self.wrong(Kind::InvalidFullTextQuery, pattern.span, message);
        }
    }
}

/// The last line of the explanation: the ones above it draw the expression again.
fn reason_of(explanation: &str) -> String {
    let last = explanation.lines().rfind(|line| !line.trim().is_empty()).unwrap_or(explanation);
    last.trim().trim_start_matches("error: ").to_owned()
}

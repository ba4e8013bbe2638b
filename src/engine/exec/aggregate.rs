//! COUNT, SUM, AVG, MIN and MAX, one value at a time.
//!
//! Nulls are not there: they are neither counted nor summed. Sums of whole numbers stay whole and
//! are exact; a sum that no whole number holds goes on as a float.

use crate::engine::base::{Error, Kind, Result, Span, Value};
use crate::engine::exec::order;

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// Rows, or values that are not null.
    Count,
    /// The sum of numbers.
    Sum,
    /// Their mean, a float.
    Avg,
    /// The least value.
    Min,
    /// The greatest value.
    Max,
}

impl Function {
    /// The keyword.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "COUNT",
            Self::Sum => "SUM",
            Self::Avg => "AVG",
            Self::Min => "MIN",
            Self::Max => "MAX",
        }
    }
}

/// What has been seen so far.
#[derive(Clone, Debug)]
pub struct Accumulator {
    function: Function,
    count: i64,
    whole: Option<i128>,
    sum: f64,
    /// What rounding took from `sum` (Neumaier), so that the order of rows does not show.
    lost: f64,
    extreme: Option<Value>,
}

impl Accumulator {
    /// Nothing seen yet.
    pub fn new(function: Function) -> Self {
        Self { function, count: 0, whole: Some(0), sum: 0.0, lost: 0.0, extreme: None }
    }

    /// Takes one value; `AggregateTypeMismatch` when the function has no meaning for it.
    pub fn add(&mut self, value: &Value, span: Span) -> Result<()> {
        if value.is_null() {
            return Ok(());
        }
        self.count += 1;
        match self.function {
            Function::Count => Ok(()),
            Function::Sum | Function::Avg => self.add_number(value, span),
            Function::Min | Function::Max => self.add_extreme(value, span),
        }
    }

    fn add_number(&mut self, value: &Value, span: Span) -> Result<()> {
        let Some(x) = value.as_f64() else { return Err(self.mismatch(value, span)) };
        match value {
            Value::Int(n) => self.whole = self.whole.and_then(|w| w.checked_add(i128::from(*n))),
            _ => self.whole = None,
        }
        let sum = self.sum + x;
        self.lost +=
            if self.sum.abs() >= x.abs() { (self.sum - sum) + x } else { (x - sum) + self.sum };
        self.sum = sum;
        Ok(())
    }

    fn add_extreme(&mut self, value: &Value, span: Span) -> Result<()> {
        if matches!(value, Value::Bool(_) | Value::Vector(_) | Value::List(_) | Value::Map(_)) {
            return Err(self.mismatch(value, span));
        }
        let better = match &self.extreme {
            None => true,
            Some(best) if self.function == Function::Min => order::compare(value, best).is_lt(),
            Some(best) => order::compare(value, best).is_gt(),
        };
        if better {
            self.extreme = Some(value.clone());
        }
        Ok(())
    }

    fn mismatch(&self, value: &Value, span: Span) -> Error {
        let name = self.function.name();
        let message = format!("{name} is not defined for a value of type {}", value.type_name());
        Error::new(Kind::AggregateTypeMismatch, message).at(span)
    }

    /// The result; null for anything but COUNT over no values.
    pub fn finish(&self) -> Value {
        match self.function {
            Function::Count => Value::Int(self.count),
            _ if self.count == 0 => Value::Null,
            Function::Sum => match self.whole.and_then(|w| i64::try_from(w).ok()) {
                Some(whole) => Value::Int(whole),
                None => Value::Float(self.sum + self.lost),
            },
            Function::Avg => Value::Float((self.sum + self.lost) / self.count as f64),
            Function::Min | Function::Max => self.extreme.clone().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(function: Function, values: &[Value]) -> Value {
        let mut accumulator = Accumulator::new(function);
        for value in values {
            accumulator.add(value, Span::default()).unwrap();
        }
        accumulator.finish()
    }

    #[test]
    fn nulls_are_not_there() {
        let values = [Value::Int(4), Value::Null, Value::Int(2)];
        assert_eq!(over(Function::Count, &values), Value::Int(2));
        assert_eq!(over(Function::Sum, &values), Value::Int(6));
        assert_eq!(over(Function::Avg, &values), Value::Float(3.0));
        assert_eq!(over(Function::Min, &values), Value::Int(2));
        assert_eq!(over(Function::Max, &values), Value::Int(4));
    }

    #[test]
    fn over_nothing_only_the_count_is_known() {
        assert_eq!(over(Function::Count, &[]), Value::Int(0));
        for function in [Function::Sum, Function::Avg, Function::Min, Function::Max] {
            assert_eq!(over(function, &[Value::Null]), Value::Null);
        }
    }

    #[test]
    fn a_sum_too_large_for_a_whole_number_goes_on_as_a_float() {
        let sum = over(Function::Sum, &[Value::Int(i64::MAX), Value::Int(i64::MAX)]);
        assert_eq!(sum, Value::Float(2.0 * i64::MAX as f64));
    }

    #[test]
    fn text_has_no_sum() {
        let mut sum = Accumulator::new(Function::Sum);
        let refused = sum.add(&Value::from("a"), Span::default()).unwrap_err();
        assert_eq!(refused.kind, Kind::AggregateTypeMismatch);
    }
}

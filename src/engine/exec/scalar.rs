//! The value of an expression.

use std::collections::BTreeMap;

use crate::engine::base::{Error, Kind, Modality, Result, Span, Timestamp, Value};
use crate::engine::exec::context::Context;
use crate::engine::exec::eval::{self, Env};
use crate::engine::exec::{bindings, content, field, function};
use crate::engine::lang::resolve::{FieldRef, Place, Scope};
use crate::engine::plan::logical::Scalar;

/// The value of `scalar` for a row.
pub fn value<'v>(ctx: &Context<'v>, scalar: &Scalar, env: &Env<'_, 'v>) -> Result<Value> {
    match scalar {
        Scalar::Const(value) => Ok(value.clone()),
        Scalar::Field(field) => match eval::subject(ctx, &field.subject, env)? {
            Some(row) => field::value(ctx, &row, field),
            None => Ok(Value::Null),
        },
        Scalar::Call(function, args, span) => {
            function::call(ctx, *function, args, env).map_err(|e| e.at(*span))
        }
        Scalar::Array(items) => {
            items.iter().map(|i| value(ctx, i, env)).collect::<Result<Vec<_>>>().map(Value::List)
        }
        Scalar::Sum(first, rest, span) => sum(ctx, first, rest, *span, env),
        // A length of time alone has no value but its microseconds.
        Scalar::Interval(micros) => Ok(Value::Int(*micros)),
        Scalar::Modality(modality) => Ok(modality.name().into()),
        Scalar::Metric(metric) => Ok(metric.keyword().into()),
        Scalar::DriftScores => Ok(ctx.drift(&env.row.entity)?.value()),
        Scalar::Part(modality, names) => part(ctx, *modality, names, env),
        Scalar::Bindings(pattern) => bindings::list(ctx, pattern, env),
        Scalar::Key(index) => Ok(env.keys.get(*index).cloned().unwrap_or_default()),
        Scalar::Aggregate(index) => Ok(env.aggregates.get(*index).cloned().unwrap_or_default()),
    }
}

/// Calls `test` with each value a scalar stands for until one passes: a field may have many.
pub fn any<'v>(
    ctx: &Context<'v>,
    scalar: &Scalar,
    env: &Env<'_, 'v>,
    test: &mut dyn FnMut(&Value) -> Result<bool>,
) -> Result<bool> {
    let whole = value(ctx, scalar, env)?;
    let many = matches!(scalar, Scalar::Field(field) if field.many);
    match &whole {
        Value::List(items) if many => {
            for item in items {
                if test(item)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        one => test(one),
    }
}

fn sum<'v>(
    ctx: &Context<'v>,
    first: &Scalar,
    rest: &[(bool, Scalar)],
    span: Span,
    env: &Env<'_, 'v>,
) -> Result<Value> {
    let mut total = value(ctx, first, env)?;
    for (minus, term) in rest {
        if let (Scalar::Interval(micros), Some(at)) = (term, instant(&total)) {
            let micros = if *minus { -*micros } else { *micros };
            total = Value::Time(Timestamp(at.0.saturating_add(micros)));
            continue;
        }
        let term = value(ctx, term, env)?;
        total = add(&total, &term, *minus, span)?;
    }
    Ok(total)
}

fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Time(at) => Some(*at),
        Value::Text(text) => Timestamp::parse(text),
        _ => None,
    }
}

fn add(a: &Value, b: &Value, minus: bool, span: Span) -> Result<Value> {
    if a.is_null() || b.is_null() {
        return Ok(Value::Null);
    }
    if let (Value::Int(x), Value::Int(y)) = (a, b) {
        let whole = if minus { x.checked_sub(*y) } else { x.checked_add(*y) };
        if let Some(whole) = whole {
            return Ok(Value::Int(whole));
        }
    }
    if let (Value::Time(x), Value::Time(y), true) = (a, b, minus) {
        // The time between two instants, in seconds.
        return Ok(Value::Float((x.0.saturating_sub(y.0)) as f64 / 1e6));
    }
    if let (Some(x), Some(y)) = (a.as_f64(), b.as_f64()) {
        Ok(Value::Float(if minus { x - y } else { x + y }))
    } else {
        let sign = if minus { '-' } else { '+' };
        let message = format!("{} {sign} {} has no meaning", a.type_name(), b.type_name());
        Err(Error::new(Kind::OperatorTypeMismatch, message).at(span))
    }
}

/// `GRAPH(nodes, edges)`: these fields only.
fn part<'v>(
    ctx: &Context<'v>,
    modality: Modality,
    names: &[String],
    env: &Env<'_, 'v>,
) -> Result<Value> {
    if !env.row.entity.present().contains(modality) {
        return Ok(Value::Null);
    }
    let whole = content::modality(&env.row.entity, modality)?;
    let mut map = BTreeMap::new();
    for name in names {
        let known = match &whole {
            Value::Map(whole) => whole.get(name).cloned(),
            _ => None,
        };
        let value = match known {
            Some(value) => value,
            None => field::value(ctx, env.row, &of_modality(modality, name))?,
        };
        map.insert(name.clone(), value);
    }
    Ok(Value::Map(map))
}

fn of_modality(modality: Modality, name: &str) -> FieldRef {
    use crate::engine::lang::ast::{ModalityRef, Name, Path};
    let span = Span::default();
    let path = Path {
        modality: Some(ModalityRef { modality, span }),
        segments: vec![Name { text: name.to_owned(), span }],
        span,
    };
    FieldRef::of(&path, &Scope::default())
}

/// True when the field is the id of the row.
pub fn is_id(scalar: &Scalar) -> bool {
    matches!(scalar, Scalar::Field(f) if f.place() == Some(&Place::Id))
}

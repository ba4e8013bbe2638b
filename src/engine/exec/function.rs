//! The functions of the language, as `lang::resolve::functions` lists them.
//!
//! An argument that is null, or of a type the function has no meaning for, gives null: fields are
//! dynamic, and one odd hexad must not stop a query over all others.

use crate::engine::base::{Error, Kind, Modality, Result, Timestamp, Value};
use crate::engine::exec::context::Context;
use crate::engine::exec::eval::Env;
use crate::engine::exec::{order, scalar, similarity};
use crate::engine::lang::ast::Metric;
use crate::engine::lang::resolve::functions::Function;
use crate::engine::lang::resolve::instants::When;
use crate::engine::modality::spatial::{Position, sphere};
use crate::engine::plan::logical::Scalar;
use crate::engine::plan::lower::numbers;

/// The value of `function(args)`.
pub fn call<'v>(
    ctx: &Context<'v>,
    function: Function,
    args: &[Scalar],
    env: &Env<'_, 'v>,
) -> Result<Value> {
    use Function as F;
    match function {
        F::Coherence => return coherence(ctx, args, env),
        F::Similarity => return of_vectors(ctx, args, env),
        F::DistanceKm => return distance(ctx, args, env),
        F::Now => return Ok(Value::Time(ctx.now)),
        // What is known before the first row was embedded when the statement was read.
        F::Embed => {
            let construct = "EMBED of something that differs from row to row";
            return Err(Error::new(
                Kind::NotSupported,
                format!("{construct} is not supported by this version"),
            )
            .hint("store it: UPDATE HEXAD SET VECTOR = EMBED(DOCUMENT) WHERE .."));
        }
        _ => {}
    }
    let args = args.iter().map(|a| scalar::value(ctx, a, env)).collect::<Result<Vec<_>>>()?;
    let first = args.first().unwrap_or(&Value::Null);
    Ok(match function {
        F::Cosine => pair(&args, Metric::Cosine),
        F::DotProduct => pair(&args, Metric::DotProduct),
        F::Jaccard => pair(&args, Metric::Jaccard),
        F::Euclidean => match two_vectors(&args) {
            Some((a, b)) if a.len() == b.len() => {
                let squares = a.iter().zip(b.iter()).map(|(x, y)| f64::from(x - y).powi(2));
                float(squares.sum::<f64>().sqrt())
            }
            _ => Value::Null,
        },
        F::Magnitude => numbers(first).map_or(Value::Null, |v| {
            float(v.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt())
        }),
        F::Dimension => numbers(first).map_or(Value::Null, |v| Value::Int(v.len() as i64)),
        F::Timestamp => instant(first, ctx.now).map_or(Value::Null, Value::Time),
        F::Year | F::Month | F::Day | F::Hour => part_of_time(function, first, ctx.now),
        F::Concat => concat(&args),
        F::Contains => match args.as_slice() {
            [whole, part] if !whole.is_null() => Value::Bool(contains(whole, part)),
            _ => Value::Null,
        },
        F::Length => length(first),
        F::Coalesce => args.iter().find(|a| !a.is_null()).cloned().unwrap_or_default(),
        F::Greatest | F::Least => extreme(&args, function == F::Greatest),
        F::Abs | F::Round | F::Floor | F::Ceil | F::Sqrt => arithmetic(function, &args),
        F::Lower | F::Upper | F::Trim | F::Substring | F::Replace | F::StartsWith | F::EndsWith => {
            textual(function, &args)
        }
        F::Coherence | F::Similarity | F::DistanceKm | F::Now | F::Embed => Value::Null,
    })
}

fn float(x: f64) -> Value {
    if x.is_finite() { Value::Float(x) } else { Value::Null }
}

fn coherence<'v>(ctx: &Context<'v>, args: &[Scalar], env: &Env<'_, 'v>) -> Result<Value> {
    let modalities: Vec<Modality> = args
        .iter()
        .filter_map(|a| match a {
            Scalar::Modality(m) => Some(*m),
            _ => None,
        })
        .collect();
    let scores = ctx.drift(&env.row.entity)?;
    let mut worst: Option<f64> = None;
    for (i, a) in modalities.iter().enumerate() {
        for b in modalities.iter().skip(i + 1) {
            if let Some(score) = scores.pair(*a, *b) {
                worst = Some(worst.map_or(score, |w| w.max(score)));
            }
        }
    }
    Ok(worst.map_or(Value::Null, |w| Value::Float(1.0 - w)))
}

fn of_vectors<'v>(ctx: &Context<'v>, args: &[Scalar], env: &Env<'_, 'v>) -> Result<Value> {
    let metric = match args.get(2) {
        Some(Scalar::Metric(metric)) => *metric,
        _ => Metric::Cosine,
    };
    let vectors =
        args.iter().take(2).map(|a| scalar::value(ctx, a, env)).collect::<Result<Vec<_>>>()?;
    Ok(pair(&vectors, metric))
}

type Numbers = std::sync::Arc<[f32]>;

fn two_vectors(args: &[Value]) -> Option<(Numbers, Numbers)> {
    Some((numbers(args.first()?)?, numbers(args.get(1)?)?))
}

fn pair(args: &[Value], metric: Metric) -> Value {
    two_vectors(args)
        .and_then(|(a, b)| similarity::between(metric, &a, &b))
        .map_or(Value::Null, float)
}

fn distance<'v>(ctx: &Context<'v>, args: &[Scalar], env: &Env<'_, 'v>) -> Result<Value> {
    let mut degrees = vec![];
    for arg in args {
        match scalar::value(ctx, arg, env)?.as_f64() {
            Some(x) => degrees.push(x),
            None => return Ok(Value::Null),
        }
    }
    Ok(match degrees.as_slice() {
        [latitude, longitude] => {
            let to = Position { latitude: *latitude, longitude: *longitude };
            match env.row.entity.spatial()? {
                Some(place) => float(place.distance_km(to)),
                None => Value::Null,
            }
        }
        [a, b, c, d] => float(sphere::distance_km(
            Position { latitude: *a, longitude: *b },
            Position { latitude: *c, longitude: *d },
        )),
        _ => Value::Null,
    })
}

fn instant(value: &Value, now: Timestamp) -> Option<Timestamp> {
    match value {
        Value::Time(at) => Some(*at),
        Value::Text(text) => When::parse(text).map(|when| when.resolve(now)),
        _ => None,
    }
}

fn part_of_time(function: Function, value: &Value, now: Timestamp) -> Value {
    let Some(at) = instant(value, now) else { return Value::Null };
    // The display form is RFC 3339 in UTC: its digits stand where they stand.
    let text = at.to_string();
    let range = match function {
        Function::Year => 0..4,
        Function::Month => 5..7,
        Function::Day => 8..10,
        _ => 11..13,
    };
    text.get(range).and_then(|digits| digits.parse().ok()).map_or(Value::Null, Value::Int)
}

/// A value as `concat` and messages print it.
pub fn display(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => text.clone(),
        other => match other.to_json() {
            serde_json::Value::String(text) => text,
            json => json.to_string(),
        },
    }
}

fn concat(args: &[Value]) -> Value {
    Value::Text(args.iter().map(display).collect())
}

/// Text in text without regard to case, a value in a list, text anywhere in a map.
pub fn contains(whole: &Value, part: &Value) -> bool {
    match whole {
        Value::Text(text) => {
            part.as_str().is_some_and(|p| text.to_lowercase().contains(&p.to_lowercase()))
        }
        Value::List(items) => items.iter().any(|item| equal(item, part)),
        Value::Vector(numbers) => part
            .as_f64()
            .is_some_and(|p| numbers.iter().any(|x| f64::from(*x).total_cmp(&p).is_eq())),
        Value::Map(map) => map.values().any(|v| match v {
            Value::Text(_) | Value::Map(_) => contains(v, part),
            Value::List(items) => items.iter().any(|i| contains_or_equal(i, part)),
            other => equal(other, part),
        }),
        _ => false,
    }
}

fn contains_or_equal(value: &Value, part: &Value) -> bool {
    match value {
        Value::Text(_) | Value::Map(_) | Value::List(_) => contains(value, part),
        other => equal(other, part),
    }
}

/// Equality of conditions: null equals nothing.
pub fn equal(a: &Value, b: &Value) -> bool {
    a.compare(b).is_some_and(std::cmp::Ordering::is_eq)
}

fn length(value: &Value) -> Value {
    let n = match value {
        Value::Text(text) => text.chars().count(),
        Value::List(items) => items.len(),
        Value::Vector(numbers) => numbers.len(),
        Value::Map(map) => map.len(),
        _ => return Value::Null,
    };
    Value::Int(n as i64)
}

fn extreme(args: &[Value], greatest: bool) -> Value {
    let better = |a: &Value, b: &Value| {
        let order = order::compare(a, b);
        if greatest { order.is_ge() } else { order.is_le() }
    };
    args.iter()
        .filter(|a| !a.is_null())
        .reduce(|a, b| if better(a, b) { a } else { b })
        .cloned()
        .unwrap_or_default()
}

fn arithmetic(function: Function, args: &[Value]) -> Value {
    let first = args.first().unwrap_or(&Value::Null);
    if let Value::Int(n) = first {
        match function {
            Function::Abs => return n.checked_abs().map_or(Value::Null, Value::Int),
            Function::Floor | Function::Ceil => return first.clone(),
            _ => {}
        }
    }
    let Some(x) = first.as_f64() else { return Value::Null };
    let whole = |x: f64| {
        if x.abs() < 9.0e18 { Value::Int(x as i64) } else { float(x) }
    };
    match function {
        Function::Abs => float(x.abs()),
        Function::Floor => whole(x.floor()),
        Function::Ceil => whole(x.ceil()),
        Function::Sqrt if x < 0.0 => Value::Null,
        Function::Sqrt => float(x.sqrt()),
        _ => {
            let decimals = match args.get(1) {
                None => 0,
                Some(value) => match value.as_f64() {
                    Some(n) => n as i32,
                    None => return Value::Null,
                },
            };
            let scale = 10f64.powi(decimals.clamp(-300, 300));
            float((x * scale).round() / scale)
        }
    }
}

fn textual(function: Function, args: &[Value]) -> Value {
    let Some(text) = args.first().and_then(Value::as_str) else { return Value::Null };
    let second = args.get(1).and_then(Value::as_str);
    match (function, second) {
        (Function::Lower, _) => Value::Text(text.to_lowercase()),
        (Function::Upper, _) => Value::Text(text.to_uppercase()),
        (Function::Trim, _) => Value::Text(text.trim().to_owned()),
        (Function::Substring, _) => substring(text, args),
        (Function::StartsWith, Some(part)) => Value::Bool(text.starts_with(part)),
        (Function::EndsWith, Some(part)) => Value::Bool(text.ends_with(part)),
        (Function::Replace, Some("")) => Value::from(text),
        (Function::Replace, Some(from)) => match args.get(2).and_then(Value::as_str) {
            Some(to) => Value::Text(text.replace(from, to)),
            None => Value::Null,
        },
        _ => Value::Null,
    }
}

fn substring(text: &str, args: &[Value]) -> Value {
    let number = |i: usize| args.get(i).and_then(Value::as_f64);
    let Some(start) = number(1) else { return Value::Null };
    let start = start.max(1.0) as usize - 1;
    let rest = text.chars().skip(start);
    match args.len() {
        2 => Value::Text(rest.collect()),
        _ => match number(2) {
            Some(count) => Value::Text(rest.take(count.max(0.0) as usize).collect()),
            None => Value::Null,
        },
    }
}

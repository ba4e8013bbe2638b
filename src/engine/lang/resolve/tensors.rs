//! Tensors as literals: `TENSOR([2, 3], [1, 2, 3, 4, 5, 6])` and `TENSOR([[1, 2, 3], [4, 5, 6]])`.
//!
//! Two flat arrays are shape and data (or data and shape) when the shape multiplies up to the number
//! of elements; the shape is the first where both would do. Otherwise several arrays of one length are the rows of one tensor, so that
//! `TENSOR([0.5, 1.5], [2.5, 3.5])` is 2 x 2. Anything else has no shape.

use crate::engine::base::{Error, Kind, Span, limit};
use crate::engine::lang::ast::{Expr, ExprKind};

/// A tensor read from its literal, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Literal {
    /// The sizes along the axes.
    pub shape: Vec<usize>,
    /// The elements.
    pub data: Vec<f64>,
}

/// Reads the arrays of `TENSOR(..)`. `None` when something in them is not a literal (a parameter,
/// `...`): then there is nothing to be said before it is.
pub fn read(arrays: &[Expr]) -> Option<Result<Literal, Error>> {
    if !arrays.iter().all(literal) {
        return None;
    }
    if let [shape, data] = arrays
        && let Some(found) = shape_and_data(shape, data).or_else(|| shape_and_data(data, shape))
    {
        return Some(Ok(found));
    }
    let nested = match arrays {
        [one] => nested(one),
        rows => stacked(rows, rows.first()?.span.to(rows.last()?.span)),
    };
    Some(nested.map_err(|error| match arrays {
        [shape, data] if shape.numbers().is_some() && data.numbers().is_some() => {
            unfilled(shape, data)
        }
        _ => error,
    }))
}

fn literal(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Array(items) => items.iter().all(literal),
        _ => expr.constant().is_some(),
    }
}

fn shape_and_data(shape: &Expr, data: &Expr) -> Option<Literal> {
    let sizes: Vec<usize> = shape
        .numbers()?
        .into_iter()
        .map(|n| {
            (n.fract() == 0.0 && (0.0..=limit::TENSOR_ELEMENTS as f64).contains(&n))
                .then_some(n as usize)
        })
        .collect::<Option<_>>()?;
    let data = data.numbers()?;
    let elements = sizes.iter().try_fold(1_usize, |product, n| product.checked_mul(*n))?;
    (elements == data.len() && !sizes.is_empty()).then_some(Literal { shape: sizes, data })
}

fn unfilled(shape: &Expr, data: &Expr) -> Error {
    let sizes = shape.numbers().unwrap_or_default();
    let wanted: f64 = sizes.iter().product();
    let got = data.numbers().unwrap_or_default().len();
    let shown: Vec<String> = sizes.iter().map(f64::to_string).collect();
    Error::new(
        Kind::ShapeMismatch,
        format!("shape [{}] takes {wanted} elements, got {got}", shown.join(", ")),
    )
    .at(data.span)
}

fn nested(expr: &Expr) -> Result<Literal, Error> {
    let ExprKind::Array(items) = &expr.kind else {
        let number = expr.number().or_else(|| match expr.constant() {
            Some(crate::engine::base::Value::Bool(b)) => Some(f64::from(u8::from(b))),
            _ => None,
        });
        return match number {
            Some(number) => Ok(Literal { shape: Vec::new(), data: vec![number] }),
            None => Err(Error::new(Kind::ShapeMismatch, "a tensor holds numbers").at(expr.span)),
        };
    };
    stacked(items, expr.span)
}

/// Tensors of one shape on top of each other.
fn stacked(items: &[Expr], span: Span) -> Result<Literal, Error> {
    let mut inner: Option<Vec<usize>> = None;
    let mut data = Vec::new();
    for item in items {
        let part = nested(item)?;
        match &inner {
            None => inner = Some(part.shape),
            Some(shape) if *shape == part.shape => {}
            Some(_) => {
                return Err(Error::new(Kind::ShapeMismatch, "rows of different shapes")
                    .at(item.span)
                    .hint("every row has as many elements as the first"));
            }
        }
        data.extend(part.data);
    }
    let Some(inner) = inner else {
        return Err(Error::new(Kind::ShapeMismatch, "a tensor has an element").at(span));
    };
    let mut shape = vec![items.len()];
    shape.extend(inner);
    Ok(Literal { shape, data })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::base::Value;

    fn array(json: &serde_json::Value) -> Expr {
        let kind = match json {
            serde_json::Value::Array(items) => ExprKind::Array(items.iter().map(array).collect()),
            other => ExprKind::Literal(Value::from_json(other.clone())),
        };
        Expr { kind, span: Span::default() }
    }

    fn shape(arrays: &serde_json::Value) -> Option<Vec<usize>> {
        let arrays: Vec<Expr> = arrays.as_array().unwrap().iter().map(array).collect();
        read(&arrays).unwrap().ok().map(|found| found.shape)
    }

    #[test]
    fn shape_and_data_or_rows_or_nested() {
        use serde_json::json;
        assert_eq!(shape(&json!([[2, 3], [1, 2, 3, 4, 5, 6]])), Some(vec![2, 3]));
        assert_eq!(shape(&json!([[1, 2, 3, 4, 5, 6], [3, 2]])), Some(vec![3, 2]));
        assert_eq!(shape(&json!([[0.5, 1.5], [2.5, 3.5]])), Some(vec![2, 2]));
        assert_eq!(shape(&json!([[[1, 2, 3], [4, 5, 6]]])), Some(vec![2, 3]));
        assert_eq!(shape(&json!([[1, 2, 3]])), Some(vec![3]));
        for wrong in
            [json!([[2, 3], [1, 2, 3]]), json!([[[1, 2], [3]]]), json!([[]]), json!([["a"]])]
        {
            assert_eq!(shape(&wrong), None, "{wrong}");
        }
    }
}

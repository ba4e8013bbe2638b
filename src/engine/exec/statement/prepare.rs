//! Prepared statements of a session.

use std::collections::BTreeMap;

use crate::engine::base::{Error, Kind, Result, Value};
use crate::engine::lang::ast::{Execute, Name, Prepare, Statement};
use crate::engine::lang::resolve::Ty;
use crate::engine::outcome::Params;

/// A statement waiting for its arguments.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The text its spans point into.
    pub text: String,
    /// The statement.
    pub statement: Statement,
    types: Vec<Declared>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Declared {
    Is(Ty),
    Number,
}

/// The prepared statements of a session, by name in lower case.
pub type Shelf = BTreeMap<String, Prepared>;

/// `PREPARE`. The same name with the same statement again changes nothing.
pub fn prepare(shelf: &mut Shelf, text: &str, prepare: &Prepare) -> Result<()> {
    let types = prepare.types.iter().map(declared).collect::<Result<Vec<_>>>()?;
    let key = prepare.name.text.to_ascii_lowercase();
    let ready = Prepared { text: text.to_owned(), statement: (*prepare.statement).clone(), types };
    if let Some(known) = shelf.get(&key) {
        let words = |p: &Prepared| {
            let text = p.text.get(p.statement.span.range()).unwrap_or_default();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        if words(known) != words(&ready) {
            let message = format!("`{}` is prepared already", prepare.name.text);
            return Err(Error::new(Kind::InsertConflict, message)
                .at(prepare.name.span)
                .hint(format!("DEALLOCATE {} first", prepare.name.text)));
        }
    }
    shelf.insert(key, ready);
    Ok(())
}

fn declared(name: &Name) -> Result<Declared> {
    Ok(Declared::Is(match name.text.to_ascii_lowercase().as_str() {
        "text" | "string" | "varchar" => Ty::Text,
        "int" | "integer" | "bigint" => Ty::Int,
        "float" | "double" | "real" | "number" | "numeric" => return Ok(Declared::Number),
        "bool" | "boolean" => Ty::Bool,
        "timestamp" | "time" | "date" => Ty::Time,
        "vector" => Ty::Vector(None),
        "list" | "array" => Ty::List,
        "any" => Ty::Any,
        _ => {
            let message = format!("unknown type `{}`", name.text);
            return Err(Error::new(Kind::TypeMismatch, message)
                .at(name.span)
                .hint("types: text, int, float, bool, timestamp, vector, list, any"));
        }
    }))
}

impl Declared {
    fn takes(self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Null)
            | (Self::Is(Ty::Any), _)
            | (Self::Is(Ty::Time), Value::Time(_) | Value::Text(_))
            | (Self::Is(Ty::Vector(_)), Value::Vector(_) | Value::List(_)) => true,
            (Self::Number, _) => value.as_f64().is_some(),
            (Self::Is(ty), value) => Ty::of(value) == ty,
        }
    }
}

/// The statement `EXECUTE` names.
pub fn find<'s>(shelf: &'s Shelf, name: &Name) -> Result<&'s Prepared> {
    shelf.get(&name.text.to_ascii_lowercase()).ok_or_else(|| {
        let message = format!("no statement is prepared as `{}`", name.text);
        Error::new(Kind::NotFound, message).at(name.span)
    })
}

/// The parameters a prepared statement runs with: its arguments, by number or by name. `value`
/// computes an argument.
pub fn arguments(
    prepared: &Prepared,
    execute: &Execute,
    value: &dyn Fn(&crate::engine::lang::ast::Expr) -> Result<Value>,
) -> Result<Params> {
    let mut params = Params::new();
    let mut number = 0;
    for (name, expr) in &execute.args {
        let given = value(expr)?;
        let key = if let Some(name) = name {
            name.text.clone()
        } else {
            number += 1;
            if let Some(declared) = prepared.types.get(number - 1)
                && !declared.takes(&given)
            {
                let message = format!("argument {number} has the type {}", given.type_name());
                return Err(Error::new(Kind::InvalidParameter, message).at(expr.span));
            }
            number.to_string()
        };
        if params.insert(key.clone(), given).is_some() {
            let message = format!("argument `{key}` is given twice");
            return Err(Error::new(Kind::InvalidParameter, message).at(expr.span));
        }
    }
    if !prepared.types.is_empty() && number != prepared.types.len() && number > 0 {
        let message = format!("{} arguments are declared, {number} given", prepared.types.len());
        return Err(Error::new(Kind::InvalidParameter, message).at(execute.name.span));
    }
    Ok(params)
}

/// `DEALLOCATE name`, or all.
pub fn deallocate(shelf: &mut Shelf, name: Option<&Name>) -> Result<()> {
    match name {
        None => shelf.clear(),
        Some(name) => {
            find(shelf, name)?;
            shelf.remove(&name.text.to_ascii_lowercase());
        }
    }
    Ok(())
}

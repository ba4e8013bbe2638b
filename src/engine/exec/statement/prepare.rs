//! Prepared statements of a session.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::base::{Error, Kind, Result, Span, Value};
use crate::engine::exec::statement::table;
use crate::engine::lang::ast::{Execute, Name, Prepare, Show, Statement};
use crate::engine::lang::kind::SyntaxKind;
use crate::engine::lang::lexer::lex;
use crate::engine::lang::resolve::Ty;
use crate::engine::outcome::{Outcome, Params};
use crate::engine::statements::Statements;

/// A statement waiting for its arguments.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The text its spans point into.
    pub text: String,
    /// The statement.
    pub statement: Statement,
    types: Vec<Declared>,
    /// Its parameters, by name or number.
    params: BTreeSet<String>,
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
    let statement = (*prepare.statement).clone();
    let params = parameters(text.get(statement.span.range()).unwrap_or_default());
    let ready = Prepared { text: text.to_owned(), statement, types, params };
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

/// The parameters of a statement, without their signs.
fn parameters(text: &str) -> BTreeSet<String> {
    let params = lex(text).into_iter().filter(|leaf| leaf.kind == SyntaxKind::Param);
    params.filter_map(|leaf| text.get(leaf.start + 1..leaf.end)).map(str::to_owned).collect()
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
    /// As it is declared.
    fn name(self) -> String {
        match self {
            Self::Is(Ty::Time) => "timestamp".to_owned(),
            Self::Is(Ty::Vector(_)) => "vector".to_owned(),
            Self::Is(ty) => ty.to_string().to_ascii_lowercase(),
            Self::Number => "float".to_owned(),
        }
    }

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
        // One that is only declared may be given all the same.
        let declared = name.is_none() && number <= prepared.types.len();
        if !declared && !prepared.params.contains(&key) {
            let message = format!("the prepared statement has no parameter `{key}`");
            let known: Vec<&str> = prepared.params.iter().map(String::as_str).collect();
            let hint = match known.as_slice() {
                [] => "it has none".to_owned(),
                known => format!("parameters: {}", known.join(", ")),
            };
            return Err(Error::new(Kind::InvalidParameter, message).at(expr.span).hint(hint));
        }
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

/// `SHOW PREPARED`: the prepared statements of the session, and how their plans are chosen.
pub fn show(shelf: &Shelf, statements: &Statements, show: &Show, span: Span) -> Result<Outcome> {
    if let Some(subject) = &show.subject {
        return Err(Error::not_supported("SHOW PREPARED of one entity", subject.span));
    }
    if show.limit.is_some() {
        return Err(Error::not_supported("SHOW PREPARED with LIMIT", span));
    }
    let int = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let row = |(name, prepared): (&String, &Prepared)| {
        let text = prepared.text.get(prepared.statement.span.range()).unwrap_or_default();
        let types = prepared.types.iter().map(|ty| Value::Text(ty.name())).collect();
        let slot = statements.ready.slot(&statements.normal(text).exact);
        let (chosen, reused) = slot.counts();
        vec![name.as_str().into(), text.into(), Value::List(types), int(chosen), int(reused)]
    };
    let columns = ["name", "statement", "types", "plans_chosen", "plans_reused"];
    Ok(table("SHOW PREPARED", &columns, shelf.iter().map(row).collect()))
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

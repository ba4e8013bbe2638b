//! Contracts: conditions with a name, kept in the catalogue as the text that made them.

use crate::engine::base::{Error, Kind, Result, Span, Value};
use crate::engine::exec::drift::rules;
use crate::engine::exec::statement::{Job, done};
use crate::engine::lang::ast::{CreateContract, DropContract, StatementKind};
use crate::engine::outcome::Outcome;
use crate::engine::plan::logical::Filter;
use crate::engine::plan::lower::Contract;
use crate::engine::store::{CatalogOp, Space, View};

/// `CREATE CONTRACT`
pub fn create(job: &Job<'_>, create: &CreateContract, span: Span) -> Result<Outcome> {
    let name = create.name.text.clone();
    let text = job.text.get(span.range()).unwrap_or_default().to_owned();
    job.write(|view, draft| {
        if view.entry(Space::Contract, &name)?.is_some() && !create.or_replace {
            let message = format!("contract `{name}` exists already");
            return Err(Error::new(Kind::InsertConflict, message)
                .at(create.name.span)
                .hint("write CREATE OR REPLACE CONTRACT, or drop it first"));
        }
        defaults(job, view, create)?;
        check(job, view, create)?;
        if rules::is_rule(create) {
            rules::admit(job, view, create, create.condition.span)?;
        }
        draft.catalog(CatalogOp::Set {
            space: Space::Contract,
            name: name.clone(),
            body: text.clone().into_bytes(),
        });
        Ok(())
    })?;
    Ok(done("CREATE CONTRACT"))
}

/// What the condition cannot mean is refused now, not when it is used. Parameters have no values
/// yet, so a missing one is not a fault.
fn check(job: &Job<'_>, view: &View, create: &CreateContract) -> Result<()> {
    let params = defaults(job, view, create)?;
    let inner = Job { params: &params, ..*job };
    let lowered = inner.lower(view, |l| l.condition(&create.condition));
    match lowered {
        Err(e) if e.kind != Kind::MissingParameter => Err(e),
        _ => Ok(()),
    }
}

fn defaults(
    job: &Job<'_>,
    view: &View,
    create: &CreateContract,
) -> Result<std::collections::BTreeMap<String, Value>> {
    let mut defaults = std::collections::BTreeMap::new();
    for param in &create.params {
        let value = job.lower(view, |l| l.parameter_value(&param.value))?;
        defaults.insert(param.path.field(), value);
    }
    Ok(defaults)
}

/// `DROP CONTRACT`
pub fn drop(job: &Job<'_>, drop: &DropContract) -> Result<Outcome> {
    let name = &drop.name.text;
    job.write(|view, draft| {
        if view.entry(Space::Contract, name)?.is_none() {
            if drop.if_exists {
                return Ok(());
            }
            let message = format!("no contract is called `{name}`");
            return Err(Error::new(Kind::ContractNotFound, message).at(drop.name.span));
        }
        draft.catalog(CatalogOp::Unset { space: Space::Contract, name: name.clone() });
        Ok(())
    })?;
    Ok(done("DROP CONTRACT"))
}

/// The statement a contract was made by.
pub fn definition(view: &View, name: &str) -> Result<Option<(String, CreateContract)>> {
    let Some(body) = view.entry(Space::Contract, name)? else { return Ok(None) };
    parse(name, body).map(Some)
}

fn parse(name: &str, body: Vec<u8>) -> Result<(String, CreateContract)> {
    let damaged = || Error::new(Kind::Corruption, format!("contract `{name}` cannot be read"));
    let text = String::from_utf8(body).map_err(|_| damaged())?;
    let parsed = crate::engine::lang::parse(&text);
    match parsed.script.statements.into_iter().next().map(|s| s.kind) {
        Some(StatementKind::CreateContract(create)) => Ok((text, *create)),
        _ => Err(damaged()),
    }
}

/// A contract as lowering needs it.
pub fn load(view: &View, name: &str) -> Result<Option<Contract>> {
    let Some((_, create)) = definition(view, name)? else { return Ok(None) };
    let mut defaults = std::collections::BTreeMap::new();
    for param in &create.params {
        let value = match param.value.path() {
            Some(path) => Value::Text(path.field()),
            None => param.value.constant().unwrap_or_default(),
        };
        defaults.insert(param.path.field(), value);
    }
    Ok(Some(Contract { condition: create.condition, defaults }))
}

/// Every contract that can be asked without arguments, by name.
pub fn filters(job: &Job<'_>, view: &View) -> Result<Vec<(String, Filter)>> {
    let mut filters = vec![];
    for (name, _) in view.entries(Space::Contract)? {
        let Some(contract) = load(view, &name)? else { continue };
        let params = contract.defaults.clone();
        let inner = Job { params: &params, ..*job };
        match inner.lower(view, |l| l.condition(&contract.condition)) {
            Ok(filter) => filters.push((name, filter)),
            Err(e) if e.kind == Kind::MissingParameter => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filters)
}

//! `CREATE POLICY`, `DROP POLICY`, `SHOW POLICIES`, `SHOW NORMALIZER`. A policy is kept as the text
//! that made it.

use std::collections::BTreeMap;

use crate::engine::base::{Error, Kind, Result, Value};
use crate::engine::exec::normalize::{Repairer, Wish};
use crate::engine::exec::statement::{Job, done, table};
use crate::engine::lang::ast::{
    CreatePolicy, DropPolicy, Expr, ExprKind, IdKind, IdRef, PolicyScope, StatementKind,
};
use crate::engine::normalize::policy::{check, spelled};
use crate::engine::normalize::{Effective, Policy, Scope};
use crate::engine::outcome::Outcome;
use crate::engine::store::{CatalogOp, Space, View};

/// `CREATE POLICY`
pub fn create(
    job: &Job<'_>,
    create: &CreatePolicy,
    span: crate::engine::base::Span,
) -> Result<Outcome> {
    let policy = read(create)?;
    let text = job.text.get(span.range()).unwrap_or_default().to_owned();
    job.write(|view, draft| {
        let others = all(view)?;
        if others.iter().any(|other| other.name == policy.name) && !create.or_replace {
            let message = format!("policy `{}` exists already", policy.name);
            return Err(Error::new(Kind::InsertConflict, message)
                .at(create.name.span)
                .hint("write CREATE OR REPLACE POLICY, or drop it first"));
        }
        let same = |other: &&Policy| other.scope == policy.scope && other.name != policy.name;
        if let Some(other) = others.iter().find(same) {
            let message =
                format!("policy `{}` is the one for {}", other.name, policy.scope.describe());
            return Err(Error::new(Kind::InsertConflict, message)
                .at(create.name.span)
                .hint(format!("replace it: CREATE OR REPLACE POLICY {}", other.name)));
        }
        allowed(&others, &policy, create)?;
        draft.catalog(CatalogOp::Set {
            space: Space::Policy,
            name: policy.name.clone(),
            body: text.clone().into_bytes(),
        });
        Ok(())
    })?;
    job.shared.policies_changed();
    Ok(done("CREATE POLICY"))
}

/// Refuses what the policy for all does not leave to owners.
fn allowed(others: &[Policy], policy: &Policy, create: &CreatePolicy) -> Result<()> {
    let mut with = others.to_vec();
    with.retain(|other| other.name != policy.name);
    with.push(policy.clone());
    let (id, types) = match &policy.scope {
        Scope::All => return Ok(()),
        Scope::Type(name) => (String::new(), vec![name.clone()]),
        Scope::Hexad(id) => (id.clone(), Vec::new()),
    };
    let effective = Effective::of(&with, &id, &types);
    let Some((key, _)) = effective.ignored.first() else { return Ok(()) };
    let part = create.parts.iter().find(|part| spelled(&part.key.text) == *key);
    let message = format!("the policy for all does not leave `{key}` to owners");
    let error = Error::new(Kind::ConstraintViolation, message)
        .hint(format!("owners may say: {}", effective.list("owner_may").join(", ")));
    Err(part.map_or(error.clone(), |part| error.at(part.key.span)))
}

/// A policy as its statement says it.
fn read(create: &CreatePolicy) -> Result<Policy> {
    let scope = match &create.scope {
        PolicyScope::All => Scope::All,
        PolicyScope::Type(name) => Scope::Type(plain(name)?),
        PolicyScope::Hexad(id) => Scope::Hexad(plain(id)?),
    };
    let mut parts = BTreeMap::new();
    for part in &create.parts {
        let name = spelled(&part.key.text);
        let value = constant(&part.value)?;
        check(&name, &value, &scope).map_err(|mut error| {
            let place =
                if error.kind == Kind::TypeMismatch { part.value.span } else { part.key.span };
            error.span = Some(place);
            error
        })?;
        if parts.insert(name.clone(), value).is_some() {
            let message = format!("`{name}` is said twice");
            return Err(Error::new(Kind::InvalidInput, message).at(part.key.span));
        }
    }
    Ok(Policy { name: create.name.text.clone(), scope, parts })
}

fn plain(id: &IdRef) -> Result<String> {
    match &id.kind {
        IdKind::Word(text) | IdKind::Text(text) => Ok(text.clone()),
        IdKind::Param(_) => {
            let message = "a policy is kept as it is written: it has no parameters";
            Err(Error::new(Kind::InvalidParameter, message).at(id.span))
        }
    }
}

fn constant(expr: &Expr) -> Result<Value> {
    if let ExprKind::Array(items) = &expr.kind {
        return items.iter().map(constant).collect::<Result<_>>().map(Value::List);
    }
    expr.constant().ok_or_else(|| {
        let message = "a policy takes a number, a text, true, false, or a list of texts";
        Error::new(Kind::TypeMismatch, message).at(expr.span)
    })
}

/// Every policy a view shows, by name.
pub fn all(view: &View) -> Result<Vec<Policy>> {
    view.entries(Space::Policy)?
        .into_iter()
        .map(|(name, body)| {
            let damaged =
                || Error::new(Kind::Corruption, format!("policy `{name}` cannot be read"));
            let text = String::from_utf8(body).map_err(|_| damaged())?;
            let parsed = crate::engine::lang::parse(&text);
            match parsed.script.statements.into_iter().next().map(|s| s.kind) {
                Some(StatementKind::CreatePolicy(create)) => read(&create).map_err(|_| damaged()),
                _ => Err(damaged()),
            }
        })
        .collect()
}

/// `DROP POLICY`
pub fn drop(job: &Job<'_>, drop: &DropPolicy) -> Result<Outcome> {
    let name = &drop.name.text;
    job.write(|view, draft| {
        if view.entry(Space::Policy, name)?.is_some() {
            draft.catalog(CatalogOp::Unset { space: Space::Policy, name: name.clone() });
        } else if !drop.if_exists {
            let message = format!("no policy is called `{name}`");
            return Err(Error::new(Kind::NotFound, message).at(drop.name.span));
        }
        Ok(())
    })?;
    job.shared.policies_changed();
    Ok(done("DROP POLICY"))
}

/// `SHOW POLICIES`
pub fn show(view: &View) -> Result<Outcome> {
    let mut rows = Vec::new();
    for policy in all(view)? {
        for (key, value) in policy.parts {
            let scope = policy.scope.describe();
            rows.push(vec![policy.name.as_str().into(), scope.into(), key.into(), value]);
        }
    }
    Ok(table("SHOW POLICIES", &["policy", "for", "part", "value"], rows))
}

/// `SHOW NORMALIZER [id]`: what is in force, and who said it.
pub fn normalizer(job: &Job<'_>, view: &View, subject: Option<&IdRef>) -> Result<Outcome> {
    let effective = match subject {
        None => Effective::general(&all(view)?),
        Some(id) => {
            let name = job.lower(view, |l| l.id(id))?;
            let Some(iid) = view.iid(&name)? else {
                let message = format!("no hexad is called `{name}`");
                return Err(Error::new(Kind::NotFound, message).at(id.span));
            };
            Repairer::new(job, view, Wish::default())?.effective(view, iid)?
        }
    };
    let mut rows: Vec<Vec<Value>> = effective
        .parts()
        .map(|(key, value, origin)| vec![key.into(), value.clone(), origin.describe().into()])
        .collect();
    for (key, origin) in &effective.ignored {
        let why = format!("{}: not heard, owner_may does not list it", origin.describe());
        rows.push(vec![key.as_str().into(), Value::Null, why.into()]);
    }
    Ok(table("SHOW NORMALIZER", &["part", "value", "said_by"], rows))
}

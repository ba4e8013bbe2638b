//! What the owner of a database demands: contracts of types and tensors, and thresholds.
//!
//! `CREATE CONTRACT c FOR SCHEMA AS (..) WITH type='place:City'` is checked against every hexad of that
//! type, or against every hexad without one. Each condition joined by AND counts: `X IS NOT NULL` and
//! `M EXISTS` are requirements, everything else is a constraint. `FOR TENSOR` declares in its
//! parameters what a tensor must be: `shape='8x8'`, `dtype='float32'`, `mean`, `std`.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::engine::base::{ContentHash, Error, Kind, Result, Span, Value};
use crate::engine::drift::evidence::Evidence;
use crate::engine::drift::schema::Checked;
use crate::engine::drift::tensor::Declared;
use crate::engine::drift::threshold::{Change, ENTRY, Thresholds};
use crate::engine::exec::context::Context;
use crate::engine::exec::drift::history;
use crate::engine::exec::entity::Entity;
use crate::engine::exec::eval::{self, Env};
use crate::engine::exec::predicate;
use crate::engine::exec::row::Row;
use crate::engine::exec::statement::{Job, contract};
use crate::engine::lang::ast::CreateContract;
use crate::engine::modality::tensor::codec::Dtype;
use crate::engine::plan::logical::{Filter, Test};
use crate::engine::store::{Space, View};

/// Leaves of rules are numbered from here, apart from those of the query.
const FIRST_LEAF: usize = 1 << 40;

/// One condition of a contract.
#[derive(Clone, Debug)]
struct Member {
    text: String,
    requires: bool,
    filter: Filter,
}

/// One contract.
#[derive(Clone, Debug)]
struct Rule {
    contract: String,
    of: Option<String>,
    members: Vec<Member>,
    declared: Declared,
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Tells one set of contracts from another. Thresholds are not in it: they change no score.
    pub hash: ContentHash,
    /// The thresholds.
    pub thresholds: Thresholds,
    all: Vec<Rule>,
}

impl Default for Rules {
    fn default() -> Self {
        let (thresholds, all) = (Thresholds::default(), Vec::new());
        Self { hash: ContentHash::of(b""), thresholds, all }
    }
}

/// The two kinds of contracts that are rules, by the word after `FOR`.
pub fn is_rule(create: &CreateContract) -> bool {
    create.proof_type.as_ref().is_some_and(|name| {
        ["SCHEMA", "TENSOR"].iter().any(|word| name.text.eq_ignore_ascii_case(word))
    })
}

impl Rules {
    /// As a view shows them.
    pub fn read(job: &Job<'_>, view: &View) -> Result<Self> {
        let mut rules = Self::default();
        let (mut texts, mut leaves) = (Vec::new(), FIRST_LEAF);
        for (name, _) in view.entries(Space::Contract)? {
            let Some((text, create)) = contract::definition(view, &name)? else { continue };
            if is_rule(&create) {
                rules.all.push(rule(job, view, &text, &create, &mut leaves)?);
                texts.extend(text.as_bytes());
                texts.push(0);
            }
        }
        rules.hash = ContentHash::of(&texts);
        let mut set = Vec::new();
        for (name, body) in view.entries(Space::Setting)? {
            if name.starts_with(ENTRY) {
                set.push(Change::of_entry(&name, &body).ok_or_else(|| {
                    Error::new(Kind::Corruption, format!("setting `{name}` cannot be read"))
                })?);
            }
        }
        rules.thresholds = Thresholds::new(set, history::averages(view)?);
        Ok(rules)
    }

    /// True when nothing is demanded of any hexad.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What the contracts say of a hexad, and what they declare of its tensor.
    pub fn check(&self, ctx: &Context<'_>, entity: &Entity<'_>) -> Result<(Checked, Declared)> {
        let (mut checked, mut declared) = (Checked::default(), Declared::default());
        if self.all.is_empty() {
            return Ok((checked, declared));
        }
        let types = entity.semantic()?.map(|s| s.types.as_slice()).unwrap_or_default();
        let row = Row::of(Rc::new(entity.in_view(ctx.view)));
        for rule in &self.all {
            if rule.of.as_ref().is_some_and(|of| !types.contains(of)) {
                continue;
            }
            join(&mut declared, &rule.declared);
            for member in &rule.members {
                let holds = eval::holds(ctx, &member.filter, &Env::of(&row))?;
                let (contract, text) = (rule.contract.clone(), member.text.clone());
                if member.requires {
                    checked.required += 1;
                    if !holds {
                        checked.missing.push(Evidence::Missing { contract, requires: text });
                    }
                } else {
                    checked.constraints += 1;
                    if !holds {
                        checked.violated.push(Evidence::Violated { contract, constraint: text });
                    }
                }
            }
        }
        Ok((checked, declared))
    }
}

fn join(declared: &mut Declared, more: &Declared) {
    declared.shape = declared.shape.take().or_else(|| more.shape.clone());
    declared.dtype = declared.dtype.or(more.dtype);
    declared.mean = declared.mean.or(more.mean);
    declared.std = declared.std.or(more.std);
}

fn rule(
    job: &Job<'_>,
    view: &View,
    text: &str,
    create: &CreateContract,
    leaves: &mut usize,
) -> Result<Rule> {
    let params = contract::load(view, &create.name.text)?.map(|c| c.defaults).unwrap_or_default();
    let tensor = create.proof_type.as_ref().is_some_and(|n| n.text.eq_ignore_ascii_case("TENSOR"));
    let mut rule = of_params(create, &params, tensor)?;
    let inner = Job { params: &params, text, ..*job };
    for condition in create.condition.conjuncts() {
        let mut filter = inner.lower(view, |l| l.condition(condition))?;
        renumber(&mut filter, leaves);
        let requires = requires(&filter);
        let text = text.get(condition.span.range()).unwrap_or_default().to_owned();
        rule.members.push(Member { text, requires, filter });
    }
    Ok(rule)
}

fn of_params(
    create: &CreateContract,
    params: &BTreeMap<String, Value>,
    tensor: bool,
) -> Result<Rule> {
    let wrong = |name: &str, wanted: &str| {
        let message = format!("parameter {name} of contract `{}` takes {wanted}", create.name.text);
        Error::new(Kind::TypeMismatch, message).at(create.name.span)
    };
    let mut rule = Rule {
        contract: create.name.text.clone(),
        of: None,
        members: Vec::new(),
        declared: Declared::default(),
    };
    for (name, value) in params {
        match name.to_ascii_lowercase().as_str() {
            "type" => rule.of = Some(value.as_str().ok_or_else(|| wrong(name, "text"))?.to_owned()),
            "shape" if tensor => {
                let shape = shape(value).ok_or_else(|| wrong(name, "sizes like '8x8'"))?;
                rule.declared.shape = Some(shape);
            }
            "dtype" if tensor => {
                let dtype = value.as_str().and_then(Dtype::from_name);
                let dtype = dtype.ok_or_else(|| wrong(name, "an element type like 'float32'"))?;
                rule.declared.dtype = Some(dtype);
            }
            "mean" if tensor => {
                rule.declared.mean = Some(value.as_f64().ok_or_else(|| wrong(name, "a number"))?);
            }
            "std" if tensor => {
                rule.declared.std = Some(value.as_f64().ok_or_else(|| wrong(name, "a number"))?);
            }
            _ => {}
        }
    }
    Ok(rule)
}

/// `'8x8'`, `'8, 8'` or `8`.
fn shape(value: &Value) -> Option<Vec<usize>> {
    match value {
        Value::Int(n) => Some(vec![usize::try_from(*n).ok()?]),
        Value::Text(text) => {
            let text = text.trim().trim_start_matches('[').trim_end_matches(']');
            text.split(['x', ',']).map(|size| size.trim().parse().ok()).collect()
        }
        _ => None,
    }
}

/// Refuses what cannot be a rule when it is made, not when it is used.
pub fn admit(job: &Job<'_>, view: &View, create: &CreateContract, span: Span) -> Result<()> {
    let mut params = BTreeMap::new();
    for param in &create.params {
        let value = match param.value.path() {
            Some(path) => Value::Text(path.field()),
            None => param.value.constant().unwrap_or_default(),
        };
        params.insert(param.path.field(), value);
    }
    let tensor = create.proof_type.as_ref().is_some_and(|n| n.text.eq_ignore_ascii_case("TENSOR"));
    of_params(create, &params, tensor)?;
    let inner = Job { params: &params, ..*job };
    let filter = inner.lower(view, |l| l.condition(&create.condition))?;
    if !predicate::filter_is_local(&filter) {
        let what = "a contract for drift that looks beyond the hexad itself";
        return Err(Error::not_supported(what, span).hint(
            "its condition may speak of the fields and modalities of the hexad, not of other hexads, drift or functions",
        ));
    }
    Ok(())
}

/// `X IS NOT NULL` and `M EXISTS`.
fn requires(filter: &Filter) -> bool {
    let leaf = |filter: &Filter, is: fn(&Test) -> bool| match filter {
        Filter::Leaf(leaf) => is(&leaf.test),
        _ => false,
    };
    match filter {
        Filter::Not(inner) => leaf(inner, |test| matches!(test, Test::IsNull(_))),
        other => leaf(other, |test| matches!(test, Test::Exists(_))),
    }
}

fn renumber(filter: &mut Filter, next: &mut usize) {
    match filter {
        Filter::Const(_) => {}
        Filter::And(members) | Filter::Or(members) => {
            for member in members {
                renumber(member, next);
            }
        }
        Filter::Not(inner) => renumber(inner, next),
        Filter::Leaf(leaf) => {
            let leaf = Arc::make_mut(leaf);
            leaf.number = *next;
            *next += 1;
            if let Test::Contract(_, inner) = &mut leaf.test {
                renumber(inner, next);
            }
        }
    }
}

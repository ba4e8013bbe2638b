//! Which rows are worth looking at: the part of a filter that indexes can answer.
//!
//! A [`Probe`] is a question to one index. Some answer exactly what their test means, some answer
//! more; more is never wrong, because the test is then asked of every row. Less would be.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::engine::base::{Modality, Value};
use crate::engine::lang::ast::CompareOp;
use crate::engine::lang::resolve::{FieldRef, Place, Subject};
use crate::engine::plan::logical::{Filter, Leaf, Node, Scalar, Test};
use crate::engine::plan::variables::mentioned;

/// What is known of the data, as far as choosing depends on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Semantic properties that exist: a bare name may mean one of them.
    pub properties: BTreeSet<String>,
}

/// A set of candidates, as a formula over probes.
#[derive(Clone, Debug, PartialEq)]
pub enum Access {
    /// Every row of the source.
    All,
    /// No row.
    Nothing,
    /// What one index answers.
    Probe(Probe),
    /// In all of them.
    And(Vec<Access>),
    /// In one of them.
    Or(Vec<Access>),
    /// In none; what is inside is exact.
    Not(Box<Access>),
}

/// A question to one index.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// The test it answers.
    pub leaf: Arc<Leaf>,
    /// The question.
    pub ask: Ask,
    /// The answer is what the test means, no more.
    pub exact: bool,
}

/// The questions.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Hexads of these ids.
    Ids(Vec<String>),
    /// Documents with a field that equals one of these.
    FieldIn(Vec<String>, Vec<Value>),
    /// Documents with a field between two values; the flags say whether the ends belong to it.
    FieldRange(Vec<String>, Option<(Value, bool)>, Option<(Value, bool)>),
    /// Hexads that have a modality.
    Present(Modality),
    /// Hexads of a type.
    Type(Vec<String>),
    /// Hexads vouched for.
    VerifiedBy(String),
    /// Hexads with a proof.
    Proof(String),
    /// Hexads somebody wrote to.
    ModifiedBy(String),
    /// Documents that match the full-text query of the test.
    Text,
    /// Embeddings at least as similar as the test says.
    Similar,
    /// Places in the circle of the test.
    Radius,
    /// Places in the box of the test.
    Bounds,
    /// Tensors of the shape of the test.
    Shape,
    /// Tensors whose rank compares with this.
    Rank(CompareOp, i64),
    /// Hexads at the row's place of the pattern; seeds are variables known by id.
    Pattern(Vec<(String, String)>),
}

/// What indexes can say about a filter.
pub fn access(filter: &Filter, facts: &Facts) -> Access {
    match filter {
        Filter::Const(true) => Access::All,
        Filter::Const(false) => Access::Nothing,
        Filter::And(members) => all(members, facts),
        Filter::Or(members) => {
            let inner: Vec<Access> = members.iter().map(|m| access(m, facts)).collect();
            if inner.contains(&Access::All) { Access::All } else { Access::Or(inner) }
        }
        Filter::Not(inner) => {
            let inner = access(inner, facts);
            if exact(&inner) { Access::Not(Box::new(inner)) } else { Access::All }
        }
        Filter::Leaf(leaf) => match &leaf.test {
            Test::Contract(_, inner) => access(inner, facts),
            _ => probe(leaf, facts, &[]),
        },
    }
}

/// What is known of one member of the conjunction a query asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The set of its rows.
    pub access: Access,
    /// Other members, by number, that hold wherever this one was answered: the ids that fix the
    /// variables of a graph pattern.
    pub settles: Vec<usize>,
}

/// The members of a conjunction one by one, so that it is known which of them are answered.
pub fn members(filter: &Filter, facts: &Facts) -> Vec<Member> {
    let conjuncts = filter.conjuncts();
    let seeds = seeds(conjuncts);
    let member = |(index, member)| {
        let mut access = of_member(member, facts, &seeds);
        let settles = settled(conjuncts, index);
        if let (Access::Probe(probe), false) = (&mut access, settles.is_empty()) {
            probe.exact = true;
        }
        Member { access, settles }
    };
    conjuncts.iter().enumerate().map(member).collect()
}

/// The members that fix variables of the pattern at `index`, when they and the pattern can be
/// answered as one set of rows: the pattern is a path that visits no place twice, it passes the row,
/// and nothing else is said of its variables. Then what its edges leave at the row is what the
/// conjunction means. Empty when not so.
fn settled(conjuncts: &[Filter], index: usize) -> Vec<usize> {
    let Some(Filter::Leaf(leaf)) = conjuncts.get(index) else { return vec![] };
    let Test::Pattern(pattern) = &leaf.test else { return vec![] };
    let mut own: Vec<&str> = vec![];
    let mut rows = 0;
    for node in &pattern.nodes {
        match node {
            Node::Row => rows += 1,
            Node::Variable(name) if own.contains(&name.as_str()) => return vec![],
            Node::Variable(name) => own.push(name),
            Node::Anonymous => {}
        }
    }
    if rows != 1 {
        return vec![];
    }
    let mut settles = vec![];
    for (other, member) in conjuncts.iter().enumerate().filter(|(other, _)| *other != index) {
        let mut about = false;
        mentioned(member, &mut |name| about |= own.contains(&name));
        match (about, seed(member)) {
            (false, _) => {}
            (true, Some(_)) => settles.push(other),
            (true, None) => return vec![],
        }
    }
    settles
}

fn all(members: &[Filter], facts: &Facts) -> Access {
    let seeds = seeds(members);
    let inner: Vec<Access> =
        members.iter().map(|member| of_member(member, facts, &seeds)).collect();
    // A member no index answers stays: with it the conjunction is not exact.
    if inner.iter().all(|member| *member == Access::All) { Access::All } else { Access::And(inner) }
}

fn of_member(member: &Filter, facts: &Facts, seeds: &[(String, String)]) -> Access {
    match member {
        Filter::Leaf(leaf) if matches!(leaf.test, Test::Pattern(_)) => probe(leaf, facts, seeds),
        other => access(other, facts),
    }
}

/// True when the set is what the filter means, no more.
pub fn exact(access: &Access) -> bool {
    match access {
        // Everything is exact only for a filter that is always true, which nobody asks about.
        Access::All => false,
        Access::Nothing => true,
        Access::Probe(probe) => probe.exact,
        Access::And(inner) | Access::Or(inner) => inner.iter().all(exact),
        Access::Not(inner) => exact(inner),
    }
}

/// Variables that a conjunction fixes by id.
fn seeds(members: &[Filter]) -> Vec<(String, String)> {
    members.iter().filter_map(seed).collect()
}

/// The variable and the id of `seed.uuid == 'x'`, either way round.
fn seed(member: &Filter) -> Option<(String, String)> {
    let Filter::Leaf(leaf) = member else { return None };
    let (Test::Compare(Scalar::Field(field), CompareOp::Equal, Scalar::Const(value))
    | Test::Compare(Scalar::Const(value), CompareOp::Equal, Scalar::Field(field))) = &leaf.test
    else {
        return None;
    };
    match (&field.subject, field.place(), value) {
        (Subject::Variable(name), Some(Place::Id), Value::Text(id)) => {
            Some((name.clone(), id.clone()))
        }
        _ => None,
    }
}

fn probe(leaf: &Arc<Leaf>, facts: &Facts, seeds: &[(String, String)]) -> Access {
    let (ask, exact) = match &leaf.test {
        Test::Compare(Scalar::Field(field), op, Scalar::Const(value)) => {
            return of_comparison(leaf, field, *op, value, facts);
        }
        Test::Compare(Scalar::Const(value), op, Scalar::Field(field)) => {
            return of_comparison(leaf, field, turned(*op), value, facts);
        }
        Test::In(Scalar::Field(field), items) => return of_in(leaf, field, items, facts),
        Test::Between(Scalar::Field(field), Scalar::Const(low), Scalar::Const(high)) => {
            match document_path(field, facts) {
                Some(path) => {
                    let (low, high) = (low.clone(), high.clone());
                    (Ask::FieldRange(path, Some((low, true)), Some((high, true))), true)
                }
                None => return Access::All,
            }
        }
        Test::Includes(Scalar::Field(field), Scalar::Const(Value::Text(name)))
            if is_types(field) =>
        {
            (Ask::Type(vec![name.clone()]), true)
        }
        Test::OfType(Subject::Row, name) => (Ask::Type(vec![name.clone()]), true),
        Test::Exists(modality) => (Ask::Present(*modality), true),
        Test::VerifiedBy(who) => (Ask::VerifiedBy(who.clone()), true),
        Test::HasProof(kind) => (Ask::Proof(kind.clone()), true),
        Test::ModifiedBy(who) => (Ask::ModifiedBy(who.clone()), true),
        Test::FullText(_) => (Ask::Text, true),
        Test::FullTextMatches(_) => (Ask::Present(Modality::Document), false),
        Test::Similar(search) if search.subject != Subject::Row => return Access::All,
        Test::Similar(search) if search.within.is_some() && search.nearest.is_none() => {
            (Ask::Similar, true)
        }
        Test::Similar(_) => (Ask::Present(Modality::Vector), false),
        Test::NearestPoint { .. } => (Ask::Present(Modality::Spatial), false),
        Test::Radius(_) => (Ask::Radius, true),
        Test::Bounds(_) => (Ask::Bounds, true),
        Test::Shape(CompareOp::Equal, _) => (Ask::Shape, true),
        Test::Rank(op, Scalar::Const(Value::Int(n))) if *op != CompareOp::NotEqual => {
            (Ask::Rank(*op, *n), true)
        }
        Test::Shape(..) | Test::Rank(..) => (Ask::Present(Modality::Tensor), false),
        Test::Pattern(_) => (Ask::Pattern(seeds.to_vec()), false),
        _ => return Access::All,
    };
    Access::Probe(Probe { leaf: Arc::clone(leaf), ask, exact })
}

/// The comparison with its sides changed.
pub fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessEqual => CompareOp::GreaterEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterEqual => CompareOp::LessEqual,
        same @ (CompareOp::Equal | CompareOp::NotEqual) => same,
    }
}

fn is_types(field: &FieldRef) -> bool {
    field.subject == Subject::Row && field.place() == Some(&Place::Types)
}

/// The path in the document, when nothing but the document decides the value.
fn document_path(field: &FieldRef, facts: &Facts) -> Option<Vec<String>> {
    if field.subject != Subject::Row || field.many {
        return None;
    }
    match field.places.as_slice() {
        [Place::Document(path)] => Some(path.clone()),
        [Place::Document(path), Place::Property(property)] => {
            let shadowed = property.first().is_some_and(|first| {
                facts
                    .properties
                    .iter()
                    .any(|known| known == first || known.split('.').next() == Some(first.as_str()))
            });
            (!shadowed).then(|| path.clone())
        }
        _ => None,
    }
}

fn of_comparison(
    leaf: &Arc<Leaf>,
    field: &FieldRef,
    op: CompareOp,
    value: &Value,
    facts: &Facts,
) -> Access {
    let found = |ask, exact| Access::Probe(Probe { leaf: Arc::clone(leaf), ask, exact });
    if value.is_null() {
        return Access::Nothing;
    }
    if field.subject != Subject::Row {
        return Access::All;
    }
    match (field.place(), op, value) {
        (Some(Place::Id), CompareOp::Equal, Value::Text(id)) => {
            return found(Ask::Ids(vec![id.clone()]), true);
        }
        (Some(Place::Types), CompareOp::Equal, Value::Text(name)) => {
            return found(Ask::Type(vec![name.clone()]), true);
        }
        _ => {}
    }
    let Some(path) = document_path(field, facts) else { return Access::All };
    let value = value.clone();
    match op {
        CompareOp::Equal => found(Ask::FieldIn(path, vec![value]), true),
        CompareOp::NotEqual => Access::All,
        CompareOp::Less => found(Ask::FieldRange(path, None, Some((value, false))), true),
        CompareOp::LessEqual => found(Ask::FieldRange(path, None, Some((value, true))), true),
        CompareOp::Greater => found(Ask::FieldRange(path, Some((value, false)), None), true),
        CompareOp::GreaterEqual => found(Ask::FieldRange(path, Some((value, true)), None), true),
    }
}

fn of_in(leaf: &Arc<Leaf>, field: &FieldRef, items: &[Scalar], facts: &Facts) -> Access {
    let mut values = vec![];
    for item in items {
        match item {
            // A list among the values is opened and also compared as it is: read the records.
            Scalar::Const(Value::List(_)) => return Access::All,
            Scalar::Const(value) => values.push(value.clone()),
            _ => return Access::All,
        }
    }
    let texts = || -> Option<Vec<String>> {
        values.iter().map(|v| v.as_str().map(str::to_owned)).collect()
    };
    if field.subject != Subject::Row {
        return Access::All;
    }
    let ask = match field.place() {
        Some(Place::Id) => texts().map(Ask::Ids),
        Some(Place::Types) => texts().map(Ask::Type),
        _ => document_path(field, facts).map(|path| Ask::FieldIn(path, values.clone())),
    };
    match ask {
        Some(ask) => Access::Probe(Probe { leaf: Arc::clone(leaf), ask, exact: true }),
        None => Access::All,
    }
}

//! How a conjunction with graph patterns is evaluated: one binding of the variables must satisfy
//! all of its members.

use crate::engine::base::Result;
use crate::engine::lang::ast;
use crate::engine::lang::resolve::Subject;
use crate::engine::modality::graph::{Direction, Hops, PatternEdge, Predicates};
use crate::engine::plan::logical::{Filter, Node, Pattern, Scalar, Test};

/// The members of a conjunction sorted by what they need.
#[derive(Debug)]
pub struct Conjunction {
    /// The variables its patterns bind; places without a name get one of their own. The row is 0.
    pub variables: Vec<String>,
    /// The edges of all patterns: variable numbers, the edge, and which way.
    edges: Vec<(usize, usize, crate::engine::plan::logical::PatternEdge)>,
    /// Members that mention none of the variables.
    pub free: Vec<usize>,
    /// Members that mention one variable only, with its number: tested as soon as it is bound.
    pub single: Vec<(usize, usize)>,
    /// Members that mention several.
    pub bound: Vec<usize>,
    /// There is no pattern.
    pub plain: bool,
}

/// The name of the variable of the row; no variable of the language is called so.
const ROW: &str = "(row)";

impl Conjunction {
    /// Of these members.
    pub fn of(members: &[Filter]) -> Self {
        let mut variables = vec![ROW.to_owned()];
        let mut edges = vec![];
        let mut patterns = vec![];
        for (index, member) in members.iter().enumerate() {
            if let Filter::Leaf(leaf) = member
                && let Test::Pattern(pattern) = &leaf.test
            {
                patterns.push(index);
                add(pattern, &mut variables, &mut edges);
            }
        }
        let plain = patterns.is_empty();
        let (mut free, mut single, mut bound) = (vec![], vec![], vec![]);
        for (index, member) in members.iter().enumerate() {
            if patterns.contains(&index) {
                continue;
            }
            let mut used: Vec<usize> = vec![];
            mentioned(member, &mut |name| {
                if let Some(number) = variables.iter().position(|v| v == name)
                    && !used.contains(&number)
                {
                    used.push(number);
                }
            });
            match used.as_slice() {
                [] => free.push(index),
                [one] => single.push((index, *one)),
                _ => bound.push(index),
            }
        }
        Self { variables, edges, free, single, bound, plain }
    }

    /// The edges with their predicates looked up.
    pub fn edges(&self, predicates: &Predicates) -> Result<Vec<PatternEdge>> {
        self.edges
            .iter()
            .map(|(left, right, edge)| {
                Ok(PatternEdge {
                    left: *left,
                    right: *right,
                    follow: predicates.follow(Some(&edge.predicate)),
                    direction: match edge.direction {
                        ast::Direction::Out => Direction::Out,
                        ast::Direction::In => Direction::In,
                        ast::Direction::Either => Direction::Either,
                    },
                    hops: Hops::new(edge.min, edge.max)?,
                })
            })
            .collect()
    }
}

fn add(
    pattern: &Pattern,
    variables: &mut Vec<String>,
    edges: &mut Vec<(usize, usize, crate::engine::plan::logical::PatternEdge)>,
) {
    let numbers: Vec<usize> = pattern
        .nodes
        .iter()
        .map(|node| match node {
            Node::Row => 0,
            Node::Anonymous => {
                variables.push(format!("({})", variables.len()));
                variables.len() - 1
            }
            Node::Variable(name) => variables.iter().position(|v| v == name).unwrap_or_else(|| {
                variables.push(name.clone());
                variables.len() - 1
            }),
        })
        .collect();
    for (pair, edge) in numbers.windows(2).zip(&pattern.edges) {
        if let [left, right] = pair {
            edges.push((*left, *right, edge.clone()));
        }
    }
}

/// Calls `visit` with every variable a filter mentions. Contracts have variables of their own.
fn mentioned(filter: &Filter, visit: &mut dyn FnMut(&str)) {
    match filter {
        Filter::Const(_) => {}
        Filter::And(members) | Filter::Or(members) => {
            for member in members {
                mentioned(member, visit);
            }
        }
        Filter::Not(inner) => mentioned(inner, visit),
        Filter::Leaf(leaf) => in_test(&leaf.test, visit),
    }
}

fn in_test(test: &Test, visit: &mut dyn FnMut(&str)) {
    match test {
        Test::Compare(a, _, b)
        | Test::Like(a, b)
        | Test::Contains(a, b)
        | Test::Matches(a, b)
        | Test::Includes(a, b) => [a, b].into_iter().for_each(|s| in_scalar(s, visit)),
        Test::In(a, items) => {
            in_scalar(a, visit);
            for item in items {
                in_scalar(item, visit);
            }
        }
        Test::Between(a, b, c) => [a, b, c].into_iter().for_each(|s| in_scalar(s, visit)),
        Test::IsNull(a)
        | Test::True(a)
        | Test::Rank(_, a)
        | Test::Drift(_, _, _, a)
        | Test::Consistent(_, _, _, _, a) => in_scalar(a, visit),
        Test::Similar(search) => in_subject(&search.subject, visit),
        Test::OfType(subject, _) => in_subject(subject, visit),
        Test::Pattern(pattern) => {
            for node in &pattern.nodes {
                if let Node::Variable(name) = node {
                    visit(name);
                }
            }
        }
        Test::Exists(_)
        | Test::DriftAny(_)
        | Test::Contract(..)
        | Test::HasProof(_)
        | Test::VerifiedBy(_)
        | Test::ModifiedBy(_)
        | Test::FullText(_)
        | Test::FullTextMatches(_)
        | Test::Radius(_)
        | Test::Bounds(_)
        | Test::NearestPoint { .. }
        | Test::Shape(..) => {}
    }
}

fn in_subject(subject: &Subject, visit: &mut dyn FnMut(&str)) {
    if let Subject::Variable(name) = subject {
        visit(name);
    }
}

fn in_scalar(scalar: &Scalar, visit: &mut dyn FnMut(&str)) {
    match scalar {
        Scalar::Field(field) => in_subject(&field.subject, visit),
        Scalar::Call(_, args, _) | Scalar::Array(args) => {
            for arg in args {
                in_scalar(arg, visit);
            }
        }
        Scalar::Sum(first, rest, _) => {
            in_scalar(first, visit);
            for (_, term) in rest {
                in_scalar(term, visit);
            }
        }
        Scalar::Const(_)
        | Scalar::Interval(_)
        | Scalar::Modality(_)
        | Scalar::Metric(_)
        | Scalar::DriftScores
        | Scalar::Part(..)
        | Scalar::Bindings(_)
        | Scalar::Key(_)
        | Scalar::Aggregate(_) => {}
    }
}

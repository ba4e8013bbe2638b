//! How a conjunction with graph patterns is evaluated: one binding of the variables must satisfy
//! all of its members.

use crate::engine::base::Result;
use crate::engine::lang::ast;
use crate::engine::modality::graph::{Direction, Hops, PatternEdge, Predicates};
use crate::engine::plan::logical::{Filter, Node, Pattern, Test};
use crate::engine::plan::variables::mentioned;

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

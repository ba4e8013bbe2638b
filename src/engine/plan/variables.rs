//! Which variables of graph patterns a filter speaks of.

use crate::engine::lang::resolve::Subject;
use crate::engine::plan::logical::{Filter, Node, Scalar, Test};

/// Calls `visit` with every variable a filter mentions. Contracts have variables of their own.
pub fn mentioned(filter: &Filter, visit: &mut dyn FnMut(&str)) {
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

//! Which variable of a statement's graph patterns is the row, and which are bound by the patterns.

use crate::engine::lang::ast::{Condition, ConditionKind, GraphPattern};
use crate::engine::lang::resolve::Scope;

/// The scope of a condition.
///
/// `h`, `hexad` and `entity` are the row. Where no pattern names one of them, the first place of the
/// first pattern is the row, so that `(paper)-[:CITES]->(cited)` reads as it looks.
pub fn scope(condition: Option<&Condition>) -> Scope {
    let mut patterns = vec![];
    if let Some(condition) = condition {
        collect(condition, &mut patterns);
    }
    scope_of(&patterns)
}

/// The scope of some patterns.
pub fn scope_of(patterns: &[&GraphPattern]) -> Scope {
    let mut scope = Scope::default();
    let names: Vec<&str> = patterns
        .iter()
        .flat_map(|p| p.nodes.iter().filter_map(|n| n.variable.as_ref()))
        .map(|n| n.text.as_str())
        .collect();
    if !names.iter().any(|n| scope.is_row(n))
        && let Some(first) = patterns.first().and_then(|p| p.nodes.first())
        && let Some(name) = &first.variable
    {
        scope.row.insert(name.text.clone());
    }
    for name in names {
        if !scope.is_row(name) {
            scope.bound.insert(name.to_owned());
        }
    }
    scope
}

/// True when no pattern of the scope has a place for the row: then the first place is it.
pub fn row_is_first_place(patterns: &[&GraphPattern], scope: &Scope) -> bool {
    !patterns
        .iter()
        .flat_map(|p| &p.nodes)
        .any(|node| node.variable.as_ref().is_some_and(|name| scope.is_row(&name.text)))
}

/// Every pattern of a condition, in the order written; those of refinements are not its own.
pub fn collect<'a>(condition: &'a Condition, patterns: &mut Vec<&'a GraphPattern>) {
    match &condition.kind {
        ConditionKind::And(members) | ConditionKind::Or(members) => {
            members.iter().for_each(|m| collect(m, patterns));
        }
        ConditionKind::Not(inner)
        | ConditionKind::Paren(inner)
        | ConditionKind::Verified(inner) => collect(inner, patterns),
        ConditionKind::Pattern(pattern) => patterns.push(pattern),
        _ => {}
    }
}

//! Which variables a statement has: who is the row, and whom the graph patterns bind.
//!
//! `h`, `hexad` and `entity` are the hexad of the row, and so is the name of the collection in
//! `FROM`. In a statement whose patterns mention none of these the row is the first variable of the
//! first pattern: `(p)-[:CITES]->(q)` alone asks for the hexads that cite. Every other variable of a
//! pattern is bound to another hexad, the same one wherever it is named.

use super::fields::Scope;
use super::walk::{self, Met};
use crate::engine::lang::ast::{
    Condition, ConditionKind, GraphPattern, ProjectionItem, Query, SelectKind, SourceKind,
};

impl Scope {
    /// The variables of a query: those of its `WHERE` and of the patterns it projects.
    pub fn of_query(query: &Query) -> Self {
        let mut scope = Self::default();
        if let SourceKind::Collection { name, .. } = &query.source.kind {
            scope.row.insert(name.text.clone());
        }
        let projected = query.select.iter().flat_map(|item| match &item.kind {
            SelectKind::Projection(_, items) => items.as_slice(),
            SelectKind::Everything
            | SelectKind::Modality(_)
            | SelectKind::Drift
            | SelectKind::Expr(_) => &[],
        });
        let mut patterns: Vec<&GraphPattern> = Vec::new();
        if let Some(condition) = &query.condition {
            scope.enter(condition, &mut patterns);
        }
        for item in projected {
            if let ProjectionItem::Pattern(pattern) = item {
                patterns.push(pattern);
            }
        }
        scope.bind(&patterns);
        scope
    }

    /// The variables of a condition that stands alone: in `UPDATE`, `DELETE`, `COUNT`, a contract.
    pub fn of_condition(condition: Option<&Condition>) -> Self {
        let mut scope = Self::default();
        let mut patterns = Vec::new();
        if let Some(condition) = condition {
            scope.enter(condition, &mut patterns);
        }
        scope.bind(&patterns);
        scope
    }

    /// The same with one more name for the row: `∀ r ∈ Result. r.document.year > 2000`.
    #[must_use]
    pub fn with_row(mut self, name: &str) -> Self {
        self.bound.remove(name);
        self.row.insert(name.to_owned());
        self
    }

    fn enter<'a>(&mut self, condition: &'a Condition, patterns: &mut Vec<&'a GraphPattern>) {
        walk::condition(condition, &mut |met| match met {
            Met::Pattern(pattern) => patterns.push(pattern),
            Met::Condition(inner) => {
                if let ConditionKind::Refinement { variable, .. } = &inner.kind {
                    self.row.insert(variable.text.clone());
                }
            }
            Met::Expr(_) | Met::Param(_) => {}
        });
    }

    fn bind(&mut self, patterns: &[&GraphPattern]) {
        let names: Vec<&str> = patterns
            .iter()
            .flat_map(|p| &p.nodes)
            .filter_map(|node| node.variable.as_ref())
            .map(|name| name.text.as_str())
            .collect();
        if !names.iter().any(|name| self.is_row(name))
            && let Some(first) = names.first()
        {
            self.row.insert((*first).to_owned());
        }
        for name in names {
            if !self.is_row(name) {
                self.bound.insert(name.to_owned());
            }
        }
    }
}

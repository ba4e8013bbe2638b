//! What names mean after grouping: in `HAVING`, and in the `ORDER BY` of a query with aggregates.
//!
//! The order in which a bare name (or `FIELD name`) is understood: the alias of a select item;
//! `count`, which is `COUNT(*)`; a key of the group; `sum_x`, `avg_x`, `min_x`, `max_x`, `count_x`,
//! the aggregate over the field `x`; `total`, the only `SUM` of the select list. Nothing else.

use super::fields::{FieldRef, Scope};
use crate::engine::base::{Modality, Span};
use crate::engine::lang::ast::{
    Aggregate, AggregateFn, Expr, ExprKind, ModalityRef, Name, Path, Query, SelectKind,
    without_spans,
};

/// What a name means after grouping.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupRef {
    /// The select item at this index.
    Item(usize),
    /// The group key at this index.
    Key(usize),
    /// An aggregate, whether it is selected or not.
    Aggregate(Aggregate),
}

impl GroupRef {
    /// What `path` means after the grouping of `query`; `None` when it means nothing there.
    pub fn of_path(path: &Path, query: &Query, scope: &Scope) -> Option<Self> {
        if let Some(name) = path.bare() {
            return Self::of_name(std::slice::from_ref(name), query, scope);
        }
        let field = FieldRef::of(path, scope);
        key_at(query, scope, |key| key.places == field.places && key.subject == field.subject)
            .map(Self::Key)
    }

    /// What `FIELD a.b` means after the grouping of `query`.
    pub fn of_name(names: &[Name], query: &Query, scope: &Scope) -> Option<Self> {
        let text = names.iter().map(|n| n.text.as_str()).collect::<Vec<_>>().join(".");
        let span = names.first()?.span.to(names.last()?.span);
        if let Some(item) = alias(query, &text) {
            return Some(Self::Item(item));
        }
        if text.eq_ignore_ascii_case("count") {
            return Some(Self::Aggregate(aggregate(AggregateFn::Count, None, span)));
        }
        if let Some(key) = key_named(query, scope, names) {
            return Some(Self::Key(key));
        }
        if let Some(found) = prefixed(query, &text, span) {
            return Some(Self::Aggregate(found));
        }
        if text.eq_ignore_ascii_case("total") {
            return only_sum(query).map(Self::Aggregate);
        }
        None
    }

    /// What an expression means after grouping: an aggregate, a key, an alias or a select item
    /// written again.
    pub fn of_expr(expr: &Expr, query: &Query, scope: &Scope) -> Option<Self> {
        match &expr.kind {
            ExprKind::Aggregate(found) => return Some(Self::Aggregate(found.clone())),
            ExprKind::Path(path) => {
                if let Some(found) = Self::of_path(path, query, scope) {
                    return Some(found);
                }
            }
            _ => {}
        }
        if let Some(key) = query.group_by.iter().position(|key| same(key, expr)) {
            return Some(Self::Key(key));
        }
        let item = query.select.iter().position(
            |item| matches!(&item.kind, SelectKind::Expr(selected) if same(selected, expr)),
        )?;
        Some(Self::Item(item))
    }
}

/// The index of the select item with this alias.
pub fn alias(query: &Query, name: &str) -> Option<usize> {
    query.select.iter().position(|item| item.alias.as_ref().is_some_and(|alias| alias.is(name)))
}

/// True when the answer of `query` has one row for a group (or for everything) instead of one for a
/// hexad.
pub fn is_grouped(query: &Query) -> bool {
    !query.group_by.is_empty()
        || query.select.iter().any(|item| match &item.kind {
            SelectKind::Expr(expr) => holds_aggregate(expr),
            SelectKind::Everything
            | SelectKind::Modality(_)
            | SelectKind::Projection(..)
            | SelectKind::Drift => false,
        })
}

/// True when an aggregate stands in `expr`.
pub fn holds_aggregate(expr: &Expr) -> bool {
    let mut found = false;
    super::walk::expr(expr, &mut |met| {
        if let super::walk::Met::Expr(Expr { kind: ExprKind::Aggregate(_), .. }) = met {
            found = true;
        }
    });
    found
}

/// Every aggregate a query selects, in order.
pub fn selected_aggregates(query: &Query) -> impl Iterator<Item = &Aggregate> {
    query.select.iter().filter_map(|item| match &item.kind {
        SelectKind::Expr(Expr { kind: ExprKind::Aggregate(found), .. }) => Some(found),
        SelectKind::Everything
        | SelectKind::Modality(_)
        | SelectKind::Projection(..)
        | SelectKind::Drift
        | SelectKind::Expr(_) => None,
    })
}

fn same(a: &Expr, b: &Expr) -> bool {
    without_spans(a) == without_spans(b)
}

fn aggregate(function: AggregateFn, path: Option<Path>, span: Span) -> Aggregate {
    Aggregate { function, distinct: false, path, span }
}

/// The key whose field is `FIELD names`: the same document field, or the same words.
fn key_named(query: &Query, scope: &Scope, names: &[Name]) -> Option<usize> {
    let wanted = FieldRef::of_field(names);
    let bare = Path {
        modality: None,
        segments: names.to_vec(),
        span: names.first().map(|n| n.span).unwrap_or_default(),
    };
    let bare = FieldRef::of(&bare, scope);
    let last = names.last()?;
    key_at(query, scope, |key| key.places == wanted.places || key.places == bare.places)
        // `GROUP BY PROVENANCE.actor HAVING FIELD actor == ..`
        .or_else(|| {
            query.group_by.iter().position(|key| {
                key.path().and_then(|p| p.segments.last()).is_some_and(|n| n.is(&last.text))
            })
        })
}

fn key_at(query: &Query, scope: &Scope, wanted: impl Fn(&FieldRef) -> bool) -> Option<usize> {
    query
        .group_by
        .iter()
        .position(|key| key.path().is_some_and(|path| wanted(&FieldRef::of(path, scope))))
}

/// `avg_severity`: the selected aggregate of that name, else the one over the document field.
fn prefixed(query: &Query, text: &str, span: Span) -> Option<Aggregate> {
    let (function, field) = AggregateFn::ALL.into_iter().find_map(|function| {
        let head = text.get(..function.keyword().len())?;
        let field = text.get(head.len()..)?.strip_prefix('_')?;
        (head.eq_ignore_ascii_case(function.keyword()) && !field.is_empty())
            .then_some((function, field))
    })?;
    let selected = selected_aggregates(query).find(|found| {
        found.function == function
            && found.path.as_ref().is_some_and(|path| path.field().replace('.', "_") == field)
    });
    if let Some(found) = selected {
        return Some(found.clone());
    }
    let path = Path {
        modality: Some(ModalityRef { modality: Modality::Document, span }),
        segments: vec![Name { text: field.to_owned(), span }],
        span,
    };
    Some(aggregate(function, Some(path), span))
}

fn only_sum(query: &Query) -> Option<Aggregate> {
    let mut sums = selected_aggregates(query).filter(|found| found.function == AggregateFn::Sum);
    let first = sums.next()?;
    sums.next().is_none().then(|| first.clone())
}

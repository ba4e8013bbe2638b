//! Queries: the select list, source modifiers, groups, order.

use super::super::fields::{FieldRef, Place, Scope};
use super::super::groups::{self, GroupRef};
use super::super::ty::Ty;
use super::Checker;
use super::condition::At;
use crate::engine::base::Kind;
use crate::engine::lang::ast::{
    AsOf, Condition, ConditionKind, DriftPolicy, Expr, ExprKind, ModalityRef, ModifierKind,
    OrderKey, Path, ProjectionItem, Query, SelectItem, SelectKind, SourceKind, SourceModifier,
};
use crate::engine::lang::diag::closest;

/// Drift policies by name, beside the four keywords.
const POLICIES: [&str; 8] = [
    "strict",
    "repair",
    "tolerate",
    "latest",
    "strict_consistency",
    "eventual_consistency",
    "latest_wins",
    "best_effort",
];

impl<'a> Checker<'a> {
    pub(super) fn query(&mut self, query: &'a Query) {
        self.scope = Scope::of_query(query);
        self.own_columns = false;
        self.source(&query.source);
        self.one_hexad = matches!(&query.source.kind, SourceKind::Hexad(Some(_)))
            || query.condition.as_ref().is_some_and(|c| self.names_one_hexad(c));
        if let Some(name) = &query.verification {
            self.contract(name);
        }
        if !self.fits(query) {
            return;
        }
        for item in &query.select {
            self.select_item(item);
        }
        if let Some(condition) = &query.condition {
            self.top_level(condition);
        }
        self.modifiers(&query.modifiers, query.condition.as_ref());
        self.grouping(query);
        if let Some(proof) = &query.proof {
            self.proof(proof);
        }
        for key in &query.order_by {
            self.order_key(key, query);
        }
        self.row_count(query.limit.as_ref());
        self.row_count(query.offset.as_ref());
        for operation in &query.set_operations {
            self.query(&operation.query);
        }
    }

    /// Lists that no query needs and that would take long to compare with each other.
    fn fits(&mut self, query: &Query) -> bool {
        let before = self.found.len();
        for (what, length, most) in [
            ("items in SELECT", query.select.len(), 4096),
            ("keys in GROUP BY", query.group_by.len(), 64),
            ("keys in ORDER BY", query.order_by.len(), 256),
        ] {
            if length > most {
                let message = format!("{length} {what}, the limit is {most}");
                self.wrong(Kind::StatementTooLarge, query.span, message);
            }
        }
        self.found.len() == before
    }

    /// `id = constant` among the conjuncts: the query is about one hexad.
    fn names_one_hexad(&self, condition: &Condition) -> bool {
        condition.conjuncts().into_iter().any(|member| match &member.kind {
            ConditionKind::Comparison { left, test } => {
                test.equals_constant().is_some()
                    && left.path().is_some_and(|path| {
                        FieldRef::of(path, &self.scope).place() == Some(&Place::Id)
                    })
            }
            _ => false,
        })
    }

    fn select_item(&mut self, item: &'a SelectItem) {
        match &item.kind {
            SelectKind::Everything | SelectKind::Modality(_) | SelectKind::Drift => {}
            SelectKind::Projection(modality, items) => {
                for item in items {
                    self.projected(*modality, item);
                }
            }
            SelectKind::Expr(expr) => self.expr(expr),
        }
    }

    /// A name between the parentheses after a modality is a field of that modality.
    fn projected(&mut self, modality: ModalityRef, item: &'a ProjectionItem) {
        match item {
            ProjectionItem::Pattern(_) => {}
            ProjectionItem::Expr(expr) => match &expr.kind {
                ExprKind::Path(path) if path.modality.is_none() => {
                    let path = Path { modality: Some(modality), ..path.clone() };
                    let field = FieldRef::of(&path, &self.scope);
                    self.field(&field, &path);
                }
                _ => self.expr(expr),
            },
        }
    }

    /// Source modifiers, and that all times of the statement are one.
    pub(super) fn modifiers(
        &mut self,
        modifiers: &'a [SourceModifier],
        condition: Option<&'a Condition>,
    ) {
        let mut times: Vec<&AsOf> = Vec::new();
        for modifier in modifiers {
            match &modifier.kind {
                ModifierKind::AsOf(as_of) => {
                    self.as_of(as_of, At::Conjunct);
                    times.push(as_of);
                }
                ModifierKind::Drift(DriftPolicy::Named(name)) => {
                    if !POLICIES.iter().any(|policy| name.is(policy)) {
                        let message = format!("unknown drift policy `{}`", name.text);
                        let hint = closest(&name.text, POLICIES)
                            .map(|best| format!("did you mean `{best}`?"));
                        let found = self.doubtful(Kind::InvalidDriftPolicy, name.span, message);
                        found.hint = hint;
                    }
                }
                ModifierKind::DriftTolerance(fraction) => {
                    self.unit_interval(Some(*fraction), modifier.span, "a drift tolerance");
                }
                ModifierKind::UsingContract(name) => self.contract(name),
                ModifierKind::Verify(_)
                | ModifierKind::Drift(_)
                | ModifierKind::Traverse { .. }
                | ModifierKind::ByzantineTolerance(_)
                | ModifierKind::MinQuorum(_) => {}
            }
        }
        let conjuncts = condition.map(Condition::conjuncts).unwrap_or_default();
        times.extend(conjuncts.into_iter().filter_map(|c| match &c.kind {
            ConditionKind::AsOf(as_of) => Some(as_of),
            _ => None,
        }));
        times.sort_by_key(|as_of| as_of.span.start);
        self.one_time(times.into_iter());
    }

    fn grouping(&mut self, query: &'a Query) {
        for key in &query.group_by {
            self.group_key(key);
        }
        if groups::is_grouped(query) {
            self.plain_beside_groups(query);
        }
        let Some(having) = &query.having else { return };
        if query.group_by.is_empty() {
            self.wrong(Kind::HavingWithoutGroupBy, having.span, "HAVING requires GROUP BY").hint =
                Some("add GROUP BY, or put the condition into WHERE".to_owned());
            return;
        }
        self.leaves(having);
        self.groups = Some(query);
        self.having(having);
        self.groups = None;
    }

    fn group_key(&mut self, key: &'a Expr) {
        self.expr(key);
        let typed = self.typed(key);
        let reason = if groups::holds_aggregate(key) {
            Some("an aggregate is made from groups and cannot make them")
        } else if typed.firm && matches!(typed.ty, Ty::Vector(_) | Ty::List | Ty::Map) {
            Some("only fields with a single value make groups")
        } else {
            None
        };
        if let Some(reason) = reason {
            self.wrong(Kind::InvalidGroupByField, key.span, reason).hint =
                Some("name a field: GROUP BY DOCUMENT.year".to_owned());
        }
    }

    /// Beside aggregates stand only keys of the groups.
    fn plain_beside_groups(&mut self, query: &'a Query) {
        for item in &query.select {
            let grouped = match &item.kind {
                SelectKind::Expr(expr) => {
                    groups::holds_aggregate(expr)
                        || expr.constant().is_some()
                        || query.group_by.iter().any(|key| self.same_key(key, expr))
                }
                SelectKind::Everything
                | SelectKind::Modality(_)
                | SelectKind::Projection(..)
                | SelectKind::Drift => false,
            };
            if grouped {
                continue;
            }
            if query.group_by.is_empty() {
                self.wrong(
                    Kind::AggregateWithoutGroupBy,
                    item.span,
                    "this stands beside an aggregate without GROUP BY",
                )
                .hint = Some("add GROUP BY with the plain fields, or remove them".to_owned());
                return;
            }
            self.doubtful(
                Kind::InvalidGroupByField,
                item.span,
                "this is neither a key of the groups nor an aggregate",
            )
            .hint = Some("add it to GROUP BY, or ask for an aggregate of it".to_owned());
        }
    }

    fn same_key(&self, key: &Expr, expr: &Expr) -> bool {
        use crate::engine::lang::ast::without_spans;
        match (key.path(), expr.path()) {
            (Some(a), Some(b)) => {
                let (a, b) = (FieldRef::of(a, &self.scope), FieldRef::of(b, &self.scope));
                a.places == b.places && a.subject == b.subject
            }
            _ => without_spans(key) == without_spans(expr),
        }
    }

    fn having(&mut self, condition: &'a Condition) {
        if self.full() {
            return;
        }
        match &condition.kind {
            ConditionKind::And(members) | ConditionKind::Or(members) => {
                for member in members {
                    self.having(member);
                }
            }
            ConditionKind::Not(inner) | ConditionKind::Paren(inner) => self.having(inner),
            ConditionKind::Field { .. }
            | ConditionKind::Comparison { .. }
            | ConditionKind::Predicate(_)
            | ConditionKind::Literal(_)
            | ConditionKind::Elided
            | ConditionKind::Error => self.condition(condition, At::Nested),
            _ => {
                self.doubtful(
                    Kind::OperatorTypeMismatch,
                    condition.span,
                    "this asks about a hexad, and HAVING about groups of them",
                )
                .hint = Some("put it into WHERE".to_owned());
            }
        }
    }

    fn order_key(&mut self, key: &'a OrderKey, query: &'a Query) {
        let bare = key.expr.path().and_then(Path::bare);
        if bare.is_some_and(|name| groups::alias(query, &name.text).is_some()) {
            return;
        }
        if groups::is_grouped(query) {
            if GroupRef::of_expr(&key.expr, query, &self.scope).is_none() {
                self.doubtful(
                    Kind::InvalidOrderByField,
                    key.span,
                    "this is neither a key of the groups nor an aggregate",
                )
                .hint = Some("order by a key, an aggregate or an alias".to_owned());
            }
            if let ExprKind::Aggregate(_) = &key.expr.kind {
                self.expr(&key.expr);
            }
            return;
        }
        self.expr(&key.expr);
        if groups::holds_aggregate(&key.expr) {
            self.wrong(
                Kind::InvalidOrderByField,
                key.span,
                "an aggregate orders groups, and this query has none",
            )
            .hint = Some("add GROUP BY, or order by a field".to_owned());
            return;
        }
        let typed = self.typed(&key.expr);
        if typed.firm && !typed.ty.ordered() {
            let message = format!("{} is {} and has no order", typed.what, typed.ty);
            self.wrong(Kind::InvalidOrderByField, key.expr.span, message).hint =
                Some("order by a field, such as DOCUMENT.title, or by score".to_owned());
        } else if typed.constant.is_some() && typed.field.is_none() {
            self.warn(Kind::InvalidOrderByField, key.expr.span, "a constant orders nothing");
        }
    }
}

//! Inlay hints: what a reader would look up and the text does not say: types of selected fields,
//! lengths of vectors, what the numbers of a place mean.

use super::{body, each_expr};
use crate::engine::base::Modality;
use crate::engine::base::Span;
use crate::engine::lang::ast::{
    Condition, ConditionKind, Expr, ExprKind, InsertForm, Query, SelectKind, Statement,
    StatementKind,
};
use crate::engine::lang::resolve::functions::function;
use crate::engine::lang::resolve::walk::{self, Met};
use crate::engine::lang::resolve::{Catalog, FieldRef, Place, Scope, Seen, Ty};
use crate::lsp::analysis::{Analysis, Part};

/// Vectors shorter than this are counted at a glance.
const LONG: usize = 5;

/// What a hint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HintKind {
    /// The type of what stands before it.
    Type,
    /// The name of the argument that stands behind it.
    Argument,
}

/// Words that an editor shows in the text without their being there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The byte they are shown at.
    pub at: u32,
    /// The words.
    pub text: String,
    /// What they are about.
    pub kind: HintKind,
}

/// The hints in a range of a text, in order.
pub fn hints(text: &Analysis, range: Span, catalog: &dyn Catalog) -> Vec<Hint> {
    let mut found = Vec::new();
    for part in text.touching(range).filter(|part| body(part).is_some()) {
        let mut hinter = Hinter { part, catalog, found: &mut found };
        if let Some(statement) = hinter.part.statement() {
            hinter.statement(statement);
        }
    }
    found.retain(|hint| range.start <= hint.at && hint.at <= range.end);
    found.sort_by_key(|hint| hint.at);
    found
}

struct Hinter<'a> {
    part: Part<'a>,
    catalog: &'a dyn Catalog,
    found: &'a mut Vec<Hint>,
}

impl Hinter<'_> {
    fn ty(&mut self, behind: Span, ty: impl std::fmt::Display) {
        let at = self.part.absolute(behind).end;
        self.found.push(Hint { at, text: format!(": {ty}"), kind: HintKind::Type });
    }

    fn argument(&mut self, before: &Expr, name: &str) {
        // What says its own name needs no other.
        if matches!(before.kind, ExprKind::Path(_) | ExprKind::Param(_) | ExprKind::Error) {
            return;
        }
        let at = self.part.absolute(before.span).start;
        self.found.push(Hint { at, text: format!("{name}:"), kind: HintKind::Argument });
    }

    fn statement(&mut self, statement: &Statement) {
        if let Some(query) = query_of(statement) {
            self.query(query);
        }
        if let StatementKind::Insert(insert) = &statement.kind
            && let InsertForm::Values { columns, rows, .. } = &insert.form
        {
            for row in rows {
                for (column, value) in columns.iter().zip(&row.values) {
                    self.argument(value, super::words(&self.part, column.span));
                }
            }
        }
        let mut conditions: Vec<&Condition> = Vec::new();
        walk::statement(statement, &mut |met| {
            if let Met::Condition(condition) = met {
                conditions.push(condition);
            }
        });
        for condition in conditions {
            self.place(condition);
        }
        let mut exprs: Vec<&Expr> = Vec::new();
        each_expr(statement, &mut |expr| exprs.push(expr));
        for expr in exprs {
            self.expr(expr);
        }
    }

    /// The types of the selected fields, where they are known and the name does not say them.
    fn query(&mut self, query: &Query) {
        let scope = Scope::of_query(query);
        for item in &query.select {
            let SelectKind::Expr(expr) = &item.kind else { continue };
            let ty = match &expr.kind {
                ExprKind::Path(path) => self.field(&FieldRef::of(path, &scope)),
                ExprKind::Call(call) => function(&call.name.text).map(|known| known.returns),
                _ => None,
            };
            if let Some(ty) = ty.filter(|ty| !matches!(ty, Ty::Any | Ty::Null)) {
                self.ty(item.span, ty);
            }
        }
        for operation in &query.set_operations {
            self.query(&operation.query);
        }
    }

    fn field(&self, field: &FieldRef) -> Option<Ty> {
        let seen = |modality, path: &[String]| match self.catalog.field(modality, path) {
            Seen::As(ty) => Some(ty),
            Seen::Never | Seen::Unknown => None,
        };
        match field.places.first()? {
            Place::Document(path) => seen(Modality::Document, path),
            Place::Property(path) => seen(Modality::Semantic, path),
            Place::Embedding(name) => seen(Modality::Vector, std::slice::from_ref(name)),
            Place::Id | Place::Whole(_) => None,
            _ => Some(field.ty),
        }
    }

    /// What the numbers of a condition about places mean.
    fn place(&mut self, condition: &Condition) {
        match &condition.kind {
            ConditionKind::Radius { latitude, longitude, radius, unit } => {
                self.argument(latitude, "latitude");
                self.argument(longitude, "longitude");
                self.argument(radius, if unit.is_some() { "radius" } else { "km" });
            }
            ConditionKind::NearestPoint { latitude, longitude, k } => {
                self.argument(latitude, "latitude");
                self.argument(longitude, "longitude");
                self.argument(k, "k");
            }
            ConditionKind::Bounds { min_latitude, min_longitude, max_latitude, max_longitude } => {
                self.argument(min_latitude, "south");
                self.argument(min_longitude, "west");
                self.argument(max_latitude, "north");
                self.argument(max_longitude, "east");
            }
            _ => {}
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Array(items) if items.len() >= LONG => {
                if let Some(numbers) = expr.numbers() {
                    self.ty(expr.span, Ty::Vector(u32::try_from(numbers.len()).ok()));
                }
            }
            _ => {}
        }
    }
}

/// The query of a statement, also under `EXPLAIN` and `PREPARE`.
fn query_of(statement: &Statement) -> Option<&Query> {
    match &statement.kind {
        StatementKind::Query(query) => Some(query),
        StatementKind::Explain(explain) => query_of(&explain.statement),
        StatementKind::Prepare(prepare) => query_of(&prepare.statement),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::analysis;
    use super::*;
    use crate::engine::catalog::Snapshot;

    fn shown(text: &str) -> String {
        let mut names = Snapshot::default();
        names.note_type(Modality::Document, "year", Ty::Int);
        let found = hints(&analysis(text), Span::new(0, text.len()), &names);
        let mut shown = text.to_owned();
        for hint in found.iter().rev() {
            shown.insert_str(hint.at as usize, &format!("‹{}›", hint.text));
        }
        shown
    }

    #[test]
    fn types_and_names_of_arguments_are_shown() {
        for (text, with) in [
            (
                "SELECT id, year, GRAPH.degree, title FROM hexads",
                "SELECT id, year‹: Int›, GRAPH.degree‹: Int›, title FROM hexads",
            ),
            (
                "COUNT HEXADS WHERE WITHIN RADIUS(51.5, -0.1, 5)",
                "COUNT HEXADS WHERE WITHIN RADIUS(‹latitude:›51.5, ‹longitude:›-0.1, ‹km:›5)",
            ),
            ("SEARCH VECTOR [1, 2, 3, 4, 5]", "SEARCH VECTOR [1, 2, 3, 4, 5]‹: Vector<5>›"),
            ("SEARCH VECTOR [1, 2]", "SEARCH VECTOR [1, 2]"),
            ("SELECT round(1.25, 1) FROM hexads", "SELECT round(1.25, 1)‹: Float› FROM hexads"),
            (
                "INSERT INTO hexads (title, year) VALUES ('a', 1)",
                "INSERT INTO hexads (title, year) VALUES (‹title:›'a', ‹year:›1)",
            ),
        ] {
            assert_eq!(shown(text), with);
        }
    }

    #[test]
    fn a_range_has_its_hints_alone() {
        let text = "SELECT GRAPH.degree FROM hexads;\nSELECT GRAPH.degree FROM hexads;";
        let found =
            hints(&analysis(text), Span::new(0, 20), &crate::engine::lang::resolve::NoCatalog);
        assert_eq!(found.len(), 1);
    }
}

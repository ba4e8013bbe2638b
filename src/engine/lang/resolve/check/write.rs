//! Writes: what an `INSERT` brings, what an `UPDATE` sets.

use std::collections::BTreeSet;

use super::super::fields::{FieldRef, Place, Scope};
use super::super::registry::Virtual;
use super::super::tensors;
use super::Checker;
use super::expr::written;
use crate::engine::base::{Kind, Modality, Span};
use crate::engine::lang::ast::{
    Assignment, DataContent, Expr, ExprKind, Insert, InsertForm, ModalityData, ModalityRef, Path,
    Row, Update,
};
use crate::engine::lang::diag::closest;

/// What an event of `PROVENANCE(..)` may say.
const PROVENANCE_KEYS: [&str; 9] = [
    "event",
    "event_type",
    "actor",
    "source",
    "origin",
    "description",
    "digest",
    "agent",
    "content_hash",
];
/// What `SPATIAL(..)` may say.
const SPATIAL_KEYS: [&str; 9] =
    ["latitude", "longitude", "altitude", "lat", "lon", "lng", "geometry_type", "geometry", "srid"];

impl<'a> Checker<'a> {
    pub(super) fn insert(&mut self, insert: &'a Insert) {
        match &insert.form {
            InsertForm::Hexad { id, data } => {
                id.iter().filter_map(|id| id.param()).for_each(|p| self.param(p));
                for part in data {
                    self.data(part);
                }
            }
            InsertForm::Values { columns, rows, .. } => self.values(columns, rows),
            InsertForm::Short { title, body } => {
                self.expr(title);
                self.expr(body);
            }
        }
        if let Some(proof) = &insert.proof {
            self.proof(proof);
        }
    }

    fn data(&mut self, part: &'a ModalityData) {
        match &part.content {
            DataContent::Fields(fields) => self.fields(part.modality, fields),
            DataContent::Vector(vector) => self.embedding_value(vector),
            DataContent::Tensor(arrays) => self.tensor(arrays, part.span),
            DataContent::Edge { target, .. } => {
                target.param().into_iter().for_each(|p| self.param(p));
            }
            DataContent::Type(id) => id.param().into_iter().for_each(|p| self.param(p)),
            DataContent::Time(time) => self.time(time),
            DataContent::Error => {}
        }
    }

    fn fields(&mut self, modality: ModalityRef, fields: &'a [Assignment]) {
        let mut names: BTreeSet<String> = BTreeSet::new();
        for assignment in fields {
            let name = assignment.path.field();
            if names.contains(&name) {
                let message = format!("`{name}` is given twice");
                self.wrong(Kind::ConstraintViolation, assignment.path.span, message);
            }
            names.insert(name);
            self.assigned(modality.modality, assignment);
        }
        let allowed: &[&str] = match modality.modality {
            Modality::Provenance => &PROVENANCE_KEYS,
            Modality::Spatial => &SPATIAL_KEYS,
            Modality::Graph
            | Modality::Vector
            | Modality::Tensor
            | Modality::Semantic
            | Modality::Document
            | Modality::Temporal => return,
        };
        for assignment in fields {
            let name = assignment.path.field();
            if !allowed.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
                let message = format!("{} takes no `{name}`", modality.modality.keyword());
                let hint = closest(&name, allowed.iter().copied())
                    .map(|best| format!("did you mean `{best}`?"));
                self.doubtful(Kind::UnknownField, assignment.path.span, message).hint = hint;
            }
        }
    }

    /// One assignment to a field of `modality`.
    fn assigned(&mut self, modality: Modality, assignment: &'a Assignment) {
        let last = assignment.path.segments.last().map(|n| n.text.to_ascii_lowercase());
        match (modality, last.as_deref()) {
            (Modality::Spatial, Some("latitude" | "lat")) => self.latitude(&assignment.value),
            (Modality::Spatial, Some("longitude" | "lon" | "lng")) => {
                self.longitude(&assignment.value);
            }
            (Modality::Vector, _) => self.embedding_value(&assignment.value),
            _ => self.written_value(&assignment.value),
        }
    }

    /// A value that is written: a constant or a parameter, never a field of some row.
    fn written_value(&mut self, value: &'a Expr) {
        match &value.kind {
            ExprKind::Path(path) => {
                let message = format!("`{}` is not a value", written(path));
                self.doubtful(Kind::TypeMismatch, value.span, message).hint =
                    Some(format!("a string is written '{}'", written(path)));
            }
            _ => self.expr(value),
        }
    }

    fn embedding_value(&mut self, vector: &'a Expr) {
        if matches!(vector.kind, ExprKind::Array(_)) {
            let Some(numbers) = self.vector_literal(vector) else { return };
            if numbers.is_empty() {
                self.wrong(Kind::InvalidVector, vector.span, "an embedding holds a number");
            } else {
                self.dimension(numbers.len(), Some("embedding"), vector.span);
            }
            return;
        }
        self.expr(vector);
        let typed = self.typed(vector);
        if typed.firm && !typed.ty.may_be_vector() {
            let message = format!("an embedding is a vector, not {}", typed.ty);
            self.wrong(Kind::InvalidVector, vector.span, message);
        }
    }

    fn tensor(&mut self, arrays: &'a [Expr], span: Span) {
        for array in arrays {
            self.expr(array);
        }
        if let Some(Err(problem)) = tensors::read(arrays) {
            self.wrong(Kind::ShapeMismatch, problem.span.unwrap_or(span), problem.message).hint =
                problem.hint;
        }
    }

    fn values(&mut self, columns: &'a [Path], rows: &'a [Row]) {
        let mut names: BTreeSet<String> = BTreeSet::new();
        for column in columns {
            let name = written(column);
            if names.contains(&name) {
                let message = format!("column `{name}` is named twice");
                self.wrong(Kind::ConstraintViolation, column.span, message);
            }
            names.insert(name);
        }
        for row in rows {
            if row.values.len() != columns.len() {
                let message = format!("{} values for {} columns", row.values.len(), columns.len());
                self.wrong(Kind::TypeMismatch, row.span, message).hint =
                    Some("every row has one value for every column".to_owned());
            }
            for (column, value) in columns.iter().zip(&row.values) {
                self.column_value(column, value);
            }
        }
    }

    fn column_value(&mut self, column: &'a Path, value: &'a Expr) {
        let place = column_place(column);
        match place.as_deref() {
            Some("latitude" | "lat") => self.latitude(value),
            Some("longitude" | "lon" | "lng") => self.longitude(value),
            Some("embedding" | "vector") => self.embedding_value(value),
            _ => self.written_value(value),
        }
    }

    pub(super) fn update(&mut self, update: &'a Update) {
        self.scope = Scope::of_condition(update.condition.as_ref());
        update.id.iter().filter_map(|id| id.param()).for_each(|p| self.param(p));
        for assignment in &update.set {
            self.set(assignment);
        }
        if let Some(condition) = &update.condition {
            self.top_level(condition);
            self.modifiers(&[], Some(condition));
        }
        if let Some(proof) = &update.proof {
            self.proof(proof);
        }
    }

    fn set(&mut self, assignment: &'a Assignment) {
        let path = &assignment.path;
        let field = FieldRef::of(path, &self.scope);
        let modality = path.modality.map(|m| m.modality);
        match field.place() {
            Some(Place::Id) => {
                self.doubtful(
                    Kind::ConstraintViolation,
                    path.span,
                    "the id of a hexad never changes",
                );
            }
            Some(Place::Virtual(field))
                if modality != Some(Modality::Spatial) && !settable(*field) =>
            {
                let message = format!("`{}` is computed and cannot be set", written(path));
                self.doubtful(Kind::TypeMismatch, path.span, message);
            }
            _ => {}
        }
        match modality.or_else(|| modality_of_column(path)) {
            Some(Modality::Vector) => self.embedding_value(&assignment.value),
            Some(Modality::Spatial) => self.assigned(Modality::Spatial, assignment),
            Some(_) | None => self.set_value(&assignment.value),
        }
    }

    /// `SET n = n + 1` may read the row.
    fn set_value(&mut self, value: &'a Expr) {
        match &value.kind {
            ExprKind::Sum { .. } | ExprKind::Call(_) => self.expr(value),
            // A word alone is more likely text whose quotes were forgotten.
            ExprKind::Path(path) if path.modality.is_some() => self.expr(value),
            _ => self.written_value(value),
        }
    }
}

/// Fields of the registry that stand for something a record holds, so that they can be written.
fn settable(field: Virtual) -> bool {
    matches!(
        field,
        Virtual::VectorModel
            | Virtual::TensorShape
            | Virtual::TensorData
            | Virtual::SemanticProperties
            | Virtual::SemanticVerifier
            | Virtual::TemporalValidFrom
            | Virtual::TemporalValidTo
            | Virtual::ProvenanceActor
            | Virtual::ProvenanceOrigin
            | Virtual::ProvenanceEventType
            | Virtual::ProvenanceDescription
            | Virtual::ProvenanceDigest
    )
}

/// What a column of `INSERT INTO hexads (..)` is, in lower case: its last word, unless it names a
/// modality that is not asked for it.
fn column_place(column: &Path) -> Option<String> {
    let last = column.segments.last().map(|n| n.text.to_ascii_lowercase());
    match column.modality.map(|m| m.modality) {
        None | Some(Modality::Spatial) => last,
        Some(Modality::Vector) => Some("vector".to_owned()),
        Some(
            Modality::Graph
            | Modality::Tensor
            | Modality::Semantic
            | Modality::Document
            | Modality::Temporal
            | Modality::Provenance,
        ) => None,
    }
}

fn modality_of_column(path: &Path) -> Option<Modality> {
    match column_place(path)?.as_str() {
        "embedding" => Some(Modality::Vector),
        _ => None,
    }
}

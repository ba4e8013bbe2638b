//! `INSERT HEXAD .. WITH ..`, `INSERT INTO hexads (..) VALUES ..`, `INSERT 'title' 'body'`.

use crate::engine::base::{Error, HexadId, Kind, Modality, Result, Span, Value};
use crate::engine::exec::statement::assign::Assignments;
use crate::engine::exec::statement::embedding::{Given, Make, OfDocument};
use crate::engine::exec::statement::{Job, table};
use crate::engine::hexad::{Change, HexadInput};
use crate::engine::lang::ast::{
    DataContent, IdRef, Insert, InsertForm, ModalityData, Name, Path, Row,
};
use crate::engine::modality::graph::{Edge, Edges};
use crate::engine::modality::semantic::Semantics;
use crate::engine::modality::vector::{DEFAULT_NAME, Embeddings};
use crate::engine::outcome::Outcome;
use crate::engine::plan::lower::Lowering;

/// Runs an insert; the answer names the ids, in the order of the rows.
pub fn run(job: &Job<'_>, insert: &Insert) -> Result<Outcome> {
    Job::no_proof(insert.proof.as_ref())?;
    let ids = job.write(|view, draft| {
        let make = |of: &OfDocument, text: &str| job.embed(view, of, text);
        let inputs = job.embedded(|| job.lower(view, |l| inputs(job, l, &insert.form, &make)))?;
        let mut ids = vec![];
        for (input, span) in inputs {
            let id = match input.id.clone() {
                Some(id) => id,
                None => job.fresh_id()?,
            };
            draft.insert(job.fresh_iid()?, id.clone(), input).map_err(|e| e.at(span))?;
            ids.push(id);
        }
        Ok(ids)
    })?;
    let affected = Some(ids.len() as u64);
    let rows = ids.into_iter().map(|id| vec![Value::Text(id.into_string())]).collect();
    Ok(Outcome { affected, ..table("INSERT", &["id"], rows) })
}

/// The hexads an insert describes, each with its place in the text.
fn inputs(
    job: &Job<'_>,
    lowering: &Lowering<'_>,
    form: &InsertForm,
    make: Make<'_>,
) -> Result<Vec<(HexadInput, Span)>> {
    match form {
        InsertForm::Hexad { id, data } => {
            let span = data.first().map(|d| d.span).unwrap_or_default();
            let span = id.as_ref().map_or(span, |id| id.span);
            Ok(vec![(with(job, lowering, id.as_ref(), data, make)?, span)])
        }
        InsertForm::Values { collection, columns, rows } => {
            hexads_only(collection)?;
            let input = |row| values(job, lowering, columns, row, make);
            rows.iter().map(|row| Ok((input(row)?, row.span))).collect()
        }
        InsertForm::Short { title, body } => {
            let mut assigned = Assignments::new(None, job.now);
            let span = title.span.to(body.span);
            for (name, expr) in [("title", title), ("body", body)] {
                let value = lowering.value(expr)?;
                assigned.in_modality(Modality::Document, &[name.to_owned()], value, span)?;
            }
            Ok(vec![(input_of(None, assigned.finish("created")?), span)])
        }
    }
}

fn hexads_only(collection: &Name) -> Result<()> {
    if collection.is("hexads") || collection.is("entities") {
        return Ok(());
    }
    let message = format!("no collection is called `{}`", collection.text);
    Err(Error::new(Kind::UnknownSource, message).at(collection.span).hint("insert into `hexads`"))
}

fn with(
    job: &Job<'_>,
    lowering: &Lowering<'_>,
    id: Option<&IdRef>,
    data: &[ModalityData],
    make: Make<'_>,
) -> Result<HexadInput> {
    let id = match id {
        Some(id) => Some(HexadId::new(lowering.id(id)?).map_err(|e| e.at(id.span))?),
        None => None,
    };
    let mut assigned = Assignments::new(None, job.now);
    let mut edges: Vec<Change> = vec![];
    let mut types: Vec<String> = vec![];
    let mut events: Vec<Change> = vec![];
    for item in data {
        let modality = item.modality.modality;
        match &item.content {
            // Every PROVENANCE(..) is an event of its own.
            DataContent::Fields(fields) if modality == Modality::Provenance => {
                let mut event = Assignments::new(None, job.now);
                assign_fields(lowering, &mut event, modality, fields)?;
                events.extend(event.finish("created")?);
            }
            DataContent::Fields(fields) => {
                assign_fields(lowering, &mut assigned, modality, fields)?;
            }
            DataContent::Vector(expr) => match Given::of(lowering, expr)? {
                Given::Made(of) => assigned.make_embedding(DEFAULT_NAME, of)?,
                Given::Value(value) => {
                    assigned.in_modality(modality, &[DEFAULT_NAME.to_owned()], value, expr.span)?;
                }
            },
            DataContent::Tensor(arrays) => {
                let names: &[&str] = match arrays.as_slice() {
                    [_] => &["data"],
                    [_, _] => &["shape", "data"],
                    _ => {
                        let message = "a tensor is a shape and its data, or nested data";
                        return Err(Error::new(Kind::ShapeMismatch, message).at(item.span));
                    }
                };
                for (name, expr) in names.iter().zip(arrays) {
                    let value = lowering.value(expr)?;
                    assigned.in_modality(modality, &[(*name).to_owned()], value, expr.span)?;
                }
            }
            DataContent::Edge { predicate, target } => {
                let to = HexadId::new(lowering.id(target)?).map_err(|e| e.at(target.span))?;
                edges.push(Change::AddEdge(Edge {
                    predicate: predicate.text.clone(),
                    target: to,
                    properties: std::collections::BTreeMap::default(),
                }));
            }
            DataContent::Type(name) => types.push(lowering.id(name)?),
            DataContent::Time(time) => {
                let value = Value::Time(lowering.instant(time)?);
                assigned.in_modality(modality, &["valid_from".to_owned()], value, time.span)?;
            }
            DataContent::Error => {
                let message = "the data is malformed";
                return Err(Error::new(Kind::UnexpectedToken, message).at(item.span));
            }
        }
    }
    let mut changes = assigned.finish_with("created", make)?;
    changes.extend(edges);
    changes.extend(types.into_iter().map(Change::AddType));
    changes.extend(events);
    Ok(input_of(id, changes))
}

fn assign_fields(
    lowering: &Lowering<'_>,
    assigned: &mut Assignments<'_, '_>,
    modality: Modality,
    fields: &[crate::engine::lang::ast::Assignment],
) -> Result<()> {
    for field in fields {
        let value = lowering.value(&field.value)?;
        let mut names: Vec<String> = vec![];
        if let Some(inner) = field.path.modality {
            // A field that happens to be called like a modality.
            names.push(inner.modality.name().to_owned());
        }
        names.extend(field.path.segments.iter().map(|s| s.text.clone()));
        assigned.in_modality(modality, &names, value, field.span)?;
    }
    Ok(())
}

fn values(
    job: &Job<'_>,
    lowering: &Lowering<'_>,
    columns: &[Path],
    row: &Row,
    make: Make<'_>,
) -> Result<HexadInput> {
    if row.values.len() != columns.len() {
        let message = format!("{} columns but {} values", columns.len(), row.values.len());
        return Err(Error::new(Kind::TypeMismatch, message).at(row.span));
    }
    let mut id = None;
    let mut assigned = Assignments::new(None, job.now);
    for (column, expr) in columns.iter().zip(&row.values) {
        let value = match Given::of(lowering, expr)? {
            Given::Value(value) => value,
            Given::Made(of) => {
                assigned.make(column, of)?;
                continue;
            }
        };
        if column.bare().is_some_and(|n| n.is("id") || n.is("hexad_id") || n.is("uuid")) {
            id = match value {
                Value::Null => None,
                Value::Text(text) => Some(HexadId::new(text).map_err(|e| e.at(expr.span))?),
                Value::Int(n) => Some(HexadId::new(n.to_string())?),
                other => {
                    let message = format!("an id is text, not {}", other.type_name());
                    return Err(Error::new(Kind::InvalidHexadId, message).at(expr.span));
                }
            };
        } else if !value.is_null() {
            assigned.set(column, value)?;
        }
    }
    Ok(input_of(id, assigned.finish_with("created", make)?))
}

/// A new hexad made by changes to nothing.
fn input_of(id: Option<HexadId>, changes: Vec<Change>) -> HexadInput {
    let mut input = HexadInput { id, ..HexadInput::default() };
    for change in changes {
        match change {
            Change::Document(document) => input.document = Some(document),
            Change::Semantic(semantics) => input.semantic = Some(semantics),
            Change::AddType(name) => {
                input.semantic.get_or_insert_with(Semantics::default).types.push(name);
            }
            Change::SetEmbedding(name, embedding) => {
                let vectors = input.vector.get_or_insert_with(Embeddings::default);
                vectors.named.insert(name, embedding);
            }
            Change::AddEdge(edge) => {
                input.graph.get_or_insert_with(Edges::default).edges.push(edge);
            }
            Change::Spatial(place) => input.spatial = Some(place),
            Change::Tensor(tensor) => input.tensor = Some(tensor),
            Change::Temporal(valid) => input.temporal = Some(valid),
            Change::Event(event) => input.provenance.push(event),
            Change::Made(modality, origin) => drop(input.origins.insert(modality, origin)),
            // The others change what is there, and there is nothing yet.
            Change::SetField(..)
            | Change::UnsetField(_)
            | Change::Vector(_)
            | Change::RemoveEdge(..)
            | Change::Graph(_)
            | Change::RemoveType(_)
            | Change::SetProperty(..)
            | Change::UnsetProperty(_)
            | Change::Verify(_)
            | Change::Remove(_)
            | Change::Put(..)
            | Change::Attest
            | Change::RepairVersions => {}
        }
    }
    input
}

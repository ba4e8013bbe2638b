//! `ANALYZE`: looks at the data and keeps what plans go by.

use crate::engine::base::{Modality, Result, Span, Value};
use crate::engine::exec::statement::{Job, table};
use crate::engine::exec::statistics::put_statistics;
use crate::engine::lang::ast::ModalityRef;
use crate::engine::outcome::Outcome;
use crate::engine::plan::stats::Statistics;

/// Runs `ANALYZE [modality]`.
pub fn run(job: &Job<'_>, modality: Option<&ModalityRef>, span: Span) -> Result<Outcome> {
    job.alone("ANALYZE", span)?;
    job.writable()?;
    let view = job.view()?;
    let indexes = &job.shared.indexes;
    let wanted = modality.map(|named| named.modality);
    let check = || job.budget.check();
    let statistics = indexes.statistics.analyze(&view, &indexes.graph, wanted, &check)?;
    let mut writes = view.write_set()?;
    put_statistics(&mut writes, &statistics);
    job.commit(&view, writes)?;
    let rows = Modality::ALL
        .into_iter()
        .filter(|modality| wanted.is_none_or(|wanted| wanted == *modality))
        .map(|modality| {
            vec![
                Value::Text(modality.name().to_owned()),
                Value::Int(statistics.present[modality as usize] as i64),
                Value::Text(words(&statistics, modality)),
            ]
        })
        .collect();
    indexes.statistics.analyzed(&view, statistics)?;
    Ok(table("ANALYZE", &["modality", "hexads", "known"], rows))
}

/// What is known of a modality, in words.
fn words(statistics: &Statistics, modality: Modality) -> String {
    let count =
        |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    match modality {
        Modality::Document => count(statistics.fields.len(), "field", "fields"),
        Modality::Vector => count(statistics.embeddings.len(), "embedding", "embeddings"),
        Modality::Graph => count(statistics.predicates.len(), "predicate", "predicates"),
        Modality::Semantic => count(statistics.types.len(), "type", "types"),
        Modality::Temporal => count(statistics.authors.len(), "author", "authors"),
        Modality::Tensor => count(statistics.shapes.len(), "shape", "shapes"),
        Modality::Spatial => count(statistics.places.len(), "cell of the map", "cells of the map"),
        Modality::Provenance => "its number".to_owned(),
    }
}

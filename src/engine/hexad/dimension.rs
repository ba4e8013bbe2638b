//! The dimension of each embedding name and model, kept in the catalog and held to.
//!
//! Vectors of one model compare only when they are equally long; a vector that names no model is
//! taken to be of the kind the database has already. The first vector of a kind decides.

use std::collections::HashMap;

use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{Error, Kind, Modality, Result};
use crate::engine::modality::vector::Embeddings;
use crate::engine::store::{CatalogOp, Space, View, WriteSet};

/// What is known of dimensions while a statement is prepared.
#[derive(Debug, Default)]
pub(super) struct Dimensions {
    /// By the name of the entry; those this statement decided are among them.
    seen: HashMap<String, usize>,
}

/// A control character cannot stand in a name, so it parts name and model without doubt.
fn prefix(name: &str) -> String {
    format!("dimension/{name}\u{1f}")
}

impl Dimensions {
    /// Refuses embeddings of another length than their kind has, and remembers new kinds.
    pub(super) fn check(
        &mut self,
        view: &View,
        writes: &mut WriteSet,
        embeddings: &Embeddings,
    ) -> Result<()> {
        for (name, embedding) in &embeddings.named {
            let count = embedding.data.len();
            let entry = prefix(name) + embedding.model.as_deref().unwrap_or_default();
            if self.seen.get(&entry) == Some(&count) {
                continue;
            }
            let known = self.known(view, name, &entry, embedding.model.is_none())?;
            if !known.is_empty() && !known.contains(&count) {
                // Vectors that are all gone decide nothing any more.
                let decided = !view.present(Modality::Vector)?.is_empty() || !self.seen.is_empty();
                if decided {
                    return Err(mismatch(name, embedding.model.as_deref(), count, &known));
                }
            }
            if known != [count] {
                let mut body = Vec::new();
                codec::put_uint(&mut body, count as u64);
                writes.catalog(CatalogOp::Set { space: Space::Field, name: entry.clone(), body });
            }
            self.seen.insert(entry, count);
        }
        Ok(())
    }

    /// The lengths vectors of this kind may have; empty when the kind is new.
    fn known(&self, view: &View, name: &str, entry: &str, any_model: bool) -> Result<Vec<usize>> {
        if let Some(count) = self.seen.get(entry) {
            return Ok(vec![*count]);
        }
        if let Some(body) = view.entry(Space::Field, entry)? {
            return Ok(vec![decode(&body)?]);
        }
        if !any_model {
            return Ok(Vec::new());
        }
        let prefix = prefix(name);
        let mut known = Vec::new();
        for (other, body) in view.entries(Space::Field)? {
            if other.starts_with(&prefix) {
                known.push(decode(&body)?);
            }
        }
        known.sort_unstable();
        known.dedup();
        Ok(known)
    }
}

fn decode(body: &[u8]) -> Result<usize> {
    let mut reader = Reader::new(body, "dimension");
    Ok(reader.u32()? as usize)
}

fn mismatch(name: &str, model: Option<&str>, count: usize, known: &[usize]) -> Error {
    let of = model.map(|model| format!(" of model `{model}`")).unwrap_or_default();
    let known: Vec<String> = known.iter().map(usize::to_string).collect();
    let message = format!(
        "embedding `{name}`{of} has {count} numbers, those stored have {}",
        known.join(" or ")
    );
    Error::new(Kind::VectorDimensionMismatch, message)
        .hint("vectors of another model may have another length: name the model")
}

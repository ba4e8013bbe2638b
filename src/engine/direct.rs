//! Hexads in and out without the language: for programs that hold a whole hexad in their hands.

use crate::engine::Engine;
use crate::engine::base::{Error, HexadId, Kind, ModalitySet, Result};
use crate::engine::hexad::{Author, Hexad, HexadInput, assemble, attempt, write};

impl Engine {
    /// Inserts hexads as one commit: all of them, durable, or none. Answers their ids in order.
    ///
    /// Fails with `InsertConflict` when an id is taken, with the kind of the modality when a record
    /// is not valid, with `ReadOnlyStore`.
    pub fn insert(&self, inputs: Vec<HexadInput>) -> Result<Vec<HexadId>> {
        let shared = &self.shared;
        if shared.options.read_only {
            return Err(Error::new(Kind::ReadOnlyStore, "the database is open for reading only"));
        }
        let inputs: Vec<HexadInput> =
            inputs.into_iter().map(HexadInput::admit).collect::<std::result::Result<_, _>>()?;
        let author = Author::new(shared.options.author());
        attempt::write(&shared.store, &author, &attempt::unhindered, |_, draft| {
            let mut ids = Vec::with_capacity(inputs.len());
            for input in &inputs {
                let id = match &input.id {
                    Some(id) => id.clone(),
                    None => write::fresh_id(draft.time(), shared.rng.as_ref())?,
                };
                draft.insert_admitted(shared.store.allocate_iids(1)?, id.clone(), input)?;
                ids.push(id);
            }
            Ok(ids)
        })
    }

    /// Reads the modalities `wanted` of a hexad at the last commit; `None` when it does not exist.
    pub fn get(&self, id: &str, wanted: ModalitySet) -> Result<Option<Hexad>> {
        let view = self.shared.store.view()?;
        match view.iid(id)? {
            Some(iid) => assemble(&view, iid, wanted),
            None => Ok(None),
        }
    }
}

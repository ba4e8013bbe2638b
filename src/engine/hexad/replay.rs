//! Doing the statements of a transaction again over a later state: how it is committed after others
//! were faster.
//!
//! Each statement is told to a draft over all statements before it, so every one of them makes a
//! version of its own of each hexad it changes; together they are one commit, as of one time.

use crate::engine::base::Result;
use crate::engine::store::{View, WriteSet};

use super::write::{Author, Draft, Step};

/// What one statement was told to write, and by whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Who.
    pub author: Author,
    /// What, in order.
    pub steps: Vec<Step>,
}

/// Does `statements` again over what `view` shows and lays them over it, one after the other. Gives
/// what they write together, as one commit.
///
/// Fails as the statements themselves would: with `InsertConflict` when an id is taken, with
/// `UpdateNotFound` when a hexad is gone, with `VectorDimensionMismatch`. The view then shows those
/// before the one that failed.
pub fn replay(view: &mut View, statements: &[Recorded]) -> Result<WriteSet> {
    let mut all = view.write_set()?;
    for statement in statements {
        let mut draft = Draft::at(view, statement.author.clone(), all.at())?;
        for step in &statement.steps {
            draft.take(step.clone())?;
        }
        let writes = draft.finish();
        view.lay(&writes)?;
        all.absorb(writes);
    }
    Ok(all)
}

//! Every version of an entity: when it was written, and when what it says was true.

pub mod codec;
pub mod valid;

use crate::engine::base::{ModalitySet, Timestamp};

pub mod diff;
pub mod history;
pub mod index;

pub use history::History;
#[cfg(test)]
mod tests;

pub use index::TemporalIndex;

impl Version {
    /// True for a version that was added because those before it have faults.
    pub fn is_repair(&self) -> bool {
        let alone = self.changed.iter().eq([crate::engine::base::Modality::Temporal]);
        alone && self.message.as_deref() == Some(REPAIR)
    }
}

/// The message of a version that was added because those before it have faults: they are known, and
/// what is measured begins here.
pub const REPAIR: &str = "history repaired";

/// When what a hexad says is true in the world, as its writer states it. Half open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ValidTime {
    /// From this instant on; `None` for always.
    pub from: Option<Timestamp>,
    /// Until before this instant; `None` for ever.
    pub to: Option<Timestamp>,
}

/// One version of a hexad.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// 1 for the first, without gaps.
    pub number: u32,
    /// The commit time.
    pub at: Timestamp,
    /// Who wrote it.
    pub author: String,
    /// Why, if said.
    pub message: Option<String>,
    /// When it is true in the world.
    pub valid: ValidTime,
    /// The modalities this version changed.
    pub changed: ModalitySet,
    /// The modalities the hexad had after it; empty for a version that deletes.
    pub present: ModalitySet,
}

//! Who did what to an entity: a chain of events, each bound to the one before by its hash.

pub mod codec;
pub mod index;
pub mod valid;

use crate::engine::base::{ContentHash, Modality, Timestamp};

pub mod chain;

pub use chain::{Chain, Verdict};
#[cfg(test)]
mod tests;

pub use index::ProvenanceIndex;

/// One event of the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// 1 for the first, without gaps.
    pub number: u32,
    /// `created`, `modified`, `deleted`, `imported`, or a word of the user's.
    pub event_type: String,
    /// Who.
    pub actor: String,
    /// Where it came from: `PROVENANCE.origin`.
    pub source: Option<String>,
    /// In words.
    pub description: Option<String>,
    /// A digest the source gave, as text (`sha256:..`).
    pub digest: Option<String>,
    /// When it was recorded: the commit time.
    pub at: Timestamp,
    /// Content hashes of the modalities it speaks of, after the event.
    pub contents: Vec<(Modality, ContentHash)>,
    /// The hash of the event before; all zero for the first.
    pub previous: ContentHash,
    /// BLAKE3 of the canonical bytes of everything above.
    pub hash: ContentHash,
}

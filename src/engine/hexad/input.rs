//! What a writer says of an entity, before it is written.

use std::collections::BTreeMap;

use crate::engine::base::{Fault, HexadId, Kind, Modality, ModalitySet};
use crate::engine::modality::document::{self, Document};
use crate::engine::modality::graph::{self, Edges};
use crate::engine::modality::provenance::{self, Event};
use crate::engine::modality::semantic::{self, Semantics};
use crate::engine::modality::spatial::{self, Place};
use crate::engine::modality::temporal::{self, ValidTime, Version};
use crate::engine::modality::tensor::{self, Tensor};
use crate::engine::modality::vector::{self, Embeddings};
use crate::engine::store::{Derivation, Producer};

/// A hexad as a user or an import gives it: every modality optional.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HexadInput {
    /// The name; generated (UUID v7) when missing.
    pub id: Option<HexadId>,
    /// Text and fields.
    pub document: Option<Document>,
    /// Embeddings.
    pub vector: Option<Embeddings>,
    /// Edges.
    pub graph: Option<Edges>,
    /// Types and properties.
    pub semantic: Option<Semantics>,
    /// An array.
    pub tensor: Option<Tensor>,
    /// Valid time; commit time is not the user's to say.
    pub temporal: Option<ValidTime>,
    /// What happened, as the writer tells it. Without any, the write records an event of its own.
    pub provenance: Vec<ProvenanceInput>,
    /// A place.
    pub spatial: Option<Place>,
    /// The history an export carries along.
    pub restored: Option<Restored>,
    /// Where modalities come from that the writer did not give but had made.
    pub origins: BTreeMap<Modality, Origin>,
    /// Where modalities come from that another database made and an export carries along.
    pub stamps: BTreeMap<Modality, Stamped>,
}

/// Where a record comes from, as the database knew it that made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamped {
    /// Who made it.
    pub producer: Producer,
    /// What of.
    pub derived_from: Vec<Derivation>,
}

/// Where a modality comes from that was made of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Who made it.
    pub producer: Producer,
    /// What of: the state in which the same write leaves these modalities.
    pub from: ModalitySet,
}

/// An event as a user states it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProvenanceInput {
    /// What happened.
    pub event: String,
    /// Who did it.
    pub actor: Option<String>,
    /// Where it came from.
    pub source: Option<String>,
    /// In words.
    pub description: Option<String>,
    /// A digest of the source.
    pub digest: Option<String>,
}

/// What a database recorded about an entity and another one takes over as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Restored {
    /// Every version; the contents of all but the last are not there.
    pub versions: Vec<Version>,
    /// The whole chain of events.
    pub events: Vec<Event>,
}

impl HexadInput {
    /// The input as it can be written, or what is wrong with it.
    ///
    /// What says nothing (a document without a field, an empty list of edges) is the same as nothing.
    pub fn admit(self) -> Result<Self, Fault> {
        let document = self.document.map(document::valid::admit).transpose();
        let vector = self.vector.map(vector::valid::admit).transpose();
        let graph = self.graph.map(graph::valid::admit).transpose();
        let semantic = self.semantic.map(semantic::valid::admit).transpose();
        let tensor = self.tensor.map(tensor::valid::admit).transpose();
        let temporal = self.temporal.map(temporal::valid::admit).transpose();
        let spatial = self.spatial.map(spatial::valid::admit).transpose();
        for (i, event) in self.provenance.iter().enumerate() {
            provenance::valid::check_words(&event.event, event.actor.as_deref())
                .map_err(|fault| fault.within(&format!("provenance[{i}]")))?;
        }
        if let Some(restored) = &self.restored {
            restored.check()?;
        }
        Ok(Self {
            id: self.id,
            document: document.map_err(|f| f.within("document"))?.filter(|d| !d.is_empty()),
            vector: vector.map_err(|f| f.within("vector"))?.filter(|v| !v.named.is_empty()),
            graph: graph.map_err(|f| f.within("graph"))?.filter(|g| !g.edges.is_empty()),
            semantic: semantic.map_err(|f| f.within("semantic"))?.filter(|s| !s.is_empty()),
            tensor: tensor.map_err(|f| f.within("tensor"))?,
            temporal: temporal.map_err(|f| f.within("temporal"))?.filter(ValidTime::is_stated),
            provenance: self.provenance,
            spatial: spatial.map_err(|f| f.within("spatial"))?,
            restored: self.restored,
            origins: self.origins,
            stamps: self.stamps,
        })
    }
}

impl Restored {
    /// Refuses a history that contradicts itself.
    fn check(&self) -> Result<(), Fault> {
        provenance::valid::check_chain(&self.events).map_err(|f| f.within("provenance"))?;
        for (i, pair) in self.versions.windows(2).enumerate() {
            if let [before, after] = pair
                && before.at > after.at
            {
                let key = format!("temporal.versions[{}].at", i + 1);
                return Err(Fault::new(Kind::InvalidTimestamp, key, "before the version before"));
            }
        }
        for (i, version) in self.versions.iter().enumerate() {
            let wrong = if version.number as usize != i + 1 {
                "out of order"
            } else if version.present == ModalitySet::EMPTY {
                "a deleted state"
            } else {
                temporal::valid::admit(version.valid).map_err(|f| f.within("temporal"))?;
                continue;
            };
            let key = format!("temporal.versions[{i}]");
            return Err(Fault::new(Kind::InvalidInput, key, wrong));
        }
        if self.versions.is_empty() || self.events.is_empty() {
            let message = "recorded versions and recorded events go together";
            return Err(Fault::new(Kind::InvalidInput, "temporal.versions", message));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_is_nothing() {
        let input = HexadInput {
            document: Some(Document::default()),
            graph: Some(Edges::default()),
            semantic: Some(Semantics::default()),
            vector: Some(Embeddings::default()),
            temporal: Some(ValidTime::default()),
            ..HexadInput::default()
        };
        assert_eq!(input.admit(), Ok(HexadInput::default()));
    }

    #[test]
    fn a_fault_names_the_modality() {
        let event = ProvenanceInput::default();
        let input = HexadInput { provenance: vec![event], ..HexadInput::default() };
        assert_eq!(input.admit().unwrap_err().key, "provenance[0].event");
    }
}

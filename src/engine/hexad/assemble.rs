//! An entity read back whole: any of its modalities, as of now or as of one of its versions.

use crate::engine::base::{Error, HexadId, Iid, Kind, Modality, ModalitySet, Result, Timestamp};
use crate::engine::modality::document::{self, Document};
use crate::engine::modality::graph::{self, Edges};
use crate::engine::modality::provenance::{self, Event};
use crate::engine::modality::semantic::{self, Semantics};
use crate::engine::modality::spatial::{self, Place};
use crate::engine::modality::temporal::{self, Version};
use crate::engine::modality::tensor::{self, Tensor};
use crate::engine::modality::vector::{self, Embeddings};
use crate::engine::store::{Record, RecordMeta, View};

/// An entity, as far as it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Hexad {
    /// What the engine calls it.
    pub iid: Iid,
    /// What users call it.
    pub id: HexadId,
    /// Which of its versions this is.
    pub version: u32,
    /// When it was inserted.
    pub created_at: Timestamp,
    /// When this version was written.
    pub modified_at: Timestamp,
    /// The modalities it has in this version, asked for or not.
    pub present: ModalitySet,
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
    /// A place.
    pub spatial: Option<Place>,
    /// The versions up to this one, oldest first.
    pub versions: Vec<Version>,
    /// The events up to this version, oldest first.
    pub events: Vec<Event>,
    /// What is known of each record that was read, beside its contents.
    pub stamps: Vec<Stamp>,
}

/// Where a record comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Whose record.
    pub modality: Modality,
    /// The version of the hexad that wrote it.
    pub version: u32,
    /// When.
    pub updated_at: Timestamp,
    /// Hash, producer, derivation.
    pub meta: RecordMeta,
}

impl Hexad {
    /// What is known of the record of `modality`.
    pub fn stamp(&self, modality: Modality) -> Option<&Stamp> {
        self.stamps.iter().find(|stamp| stamp.modality == modality)
    }
}

/// The modalities with one record per hexad; the other two are sequences.
pub const CONTENTS: [Modality; 6] = [
    Modality::Graph,
    Modality::Vector,
    Modality::Tensor,
    Modality::Semantic,
    Modality::Document,
    Modality::Spatial,
];

/// The live hexad as the view shows it; `None` when it is not there.
pub fn assemble(view: &View, iid: Iid, wanted: ModalitySet) -> Result<Option<Hexad>> {
    let Some(header) = view.header(iid)?.filter(|header| header.deleted_at.is_none()) else {
        return Ok(None);
    };
    let mut hexad = Hexad {
        iid,
        id: header.id,
        version: header.version,
        created_at: header.created_at,
        modified_at: header.modified_at,
        present: header.present,
        ..empty(iid)?
    };
    for modality in CONTENTS {
        if wanted.contains(modality) && hexad.present.contains(modality) {
            let record = view
                .record(modality, iid)?
                .ok_or_else(|| missing(modality, &hexad.id, hexad.version))?;
            hexad.take(modality, record)?;
        }
    }
    hexad.read_sequences(view, wanted, None)?;
    Ok(Some(hexad))
}

/// The hexad as it was when it had version `version`, live or deleted since.
///
/// `VersionNotFound` when there is no such version, or when it is one that an import restored
/// without its contents. `None` when that version is a deletion.
pub fn assemble_at(
    view: &View,
    iid: Iid,
    version: u32,
    wanted: ModalitySet,
) -> Result<Option<Hexad>> {
    let Some(header) = view.header(iid)? else { return Ok(None) };
    let mut hexad = Hexad { iid, id: header.id, created_at: header.created_at, ..empty(iid)? };
    hexad.version = version;
    hexad.read_sequences(view, [Modality::Temporal].into_iter().collect(), None)?;
    let Some(stated) = hexad.versions.iter().find(|v| v.number == version) else {
        let message = format!("hexad `{}` has no version {version}", hexad.id);
        return Err(Error::new(Kind::VersionNotFound, message));
    };
    if stated.present.is_empty() {
        return Ok(None);
    }
    (hexad.modified_at, hexad.present) = (stated.at, stated.present);
    for modality in CONTENTS {
        if wanted.contains(modality) && hexad.present.contains(modality) {
            let record = view
                .record_at(modality, iid, version)?
                .ok_or_else(|| missing(modality, &hexad.id, version))?;
            hexad.take(modality, record)?;
        }
    }
    hexad.versions.clear();
    hexad.read_sequences(view, wanted, Some(hexad.modified_at))?;
    Ok(Some(hexad))
}

fn empty(iid: Iid) -> Result<Hexad> {
    Ok(Hexad {
        iid,
        id: HexadId::new("-")?,
        version: 0,
        created_at: Timestamp(0),
        modified_at: Timestamp(0),
        present: ModalitySet::EMPTY,
        document: None,
        vector: None,
        graph: None,
        semantic: None,
        tensor: None,
        spatial: None,
        versions: Vec::new(),
        events: Vec::new(),
        stamps: Vec::new(),
    })
}

/// A history that came with an import has versions whose contents never were in this database.
fn missing(modality: Modality, id: &HexadId, version: u32) -> Error {
    let message = format!("the {modality} of hexad `{id}` at version {version} is not stored");
    Error::new(Kind::VersionNotFound, message)
        .hint("the history was restored by an import, which carries only the newest contents")
}

impl Hexad {
    fn take(&mut self, modality: Modality, record: Record) -> Result<()> {
        let body = &record.body;
        match modality {
            Modality::Document => self.document = Some(document::codec::decode(body)?),
            Modality::Vector => self.vector = Some(vector::codec::decode(body)?),
            Modality::Graph => self.graph = Some(graph::codec::decode(body)?),
            Modality::Semantic => self.semantic = Some(semantic::codec::decode(body)?),
            Modality::Tensor => self.tensor = Some(tensor::codec::decode(body)?),
            Modality::Spatial => self.spatial = Some(spatial::codec::decode(body)?),
            Modality::Temporal | Modality::Provenance => return Ok(()),
        }
        self.stamps.push(Stamp {
            modality,
            version: record.version,
            updated_at: record.updated_at,
            meta: record.meta,
        });
        Ok(())
    }

    /// Versions up to this one, and events up to the moment it was written, if it is a past one.
    fn read_sequences(
        &mut self,
        view: &View,
        wanted: ModalitySet,
        until: Option<Timestamp>,
    ) -> Result<()> {
        if wanted.contains(Modality::Temporal) {
            for entry in view.appended(Modality::Temporal, self.iid)? {
                let version = temporal::codec::decode(&entry.body)?;
                if version.number <= self.version {
                    self.versions.push(version);
                }
            }
        }
        if wanted.contains(Modality::Provenance) {
            for entry in view.appended(Modality::Provenance, self.iid)? {
                let event = provenance::codec::decode(&entry.body)?;
                if until.is_none_or(|until| event.at <= until) {
                    self.events.push(event);
                }
            }
        }
        Ok(())
    }
}

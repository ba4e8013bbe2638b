//! One hexad in one state, its modalities read and decoded when they are first asked for.

use std::cell::OnceCell;

use crate::engine::base::{HexadId, Iid, Modality, ModalitySet, Result, Timestamp};
use crate::engine::modality::document::{self, Document};
use crate::engine::modality::graph::{self, Edges};
use crate::engine::modality::provenance::{self, Event};
use crate::engine::modality::semantic::{self, Semantics};
use crate::engine::modality::spatial::{self, Place};
use crate::engine::modality::temporal::{self, Version};
use crate::engine::modality::tensor::{self, Tensor};
use crate::engine::modality::vector::{self, Embeddings};
use crate::engine::store::{HexadHeader, Record, RecordMeta, View};

/// A hexad as the present view shows it, or as it was in one of its versions.
pub struct Entity<'v> {
    view: &'v View,
    header: HexadHeader,
    /// The version read, when it is not the present one.
    version: Option<Version>,
    document: OnceCell<Option<Document>>,
    vector: OnceCell<Option<Embeddings>>,
    graph: OnceCell<Option<Edges>>,
    semantic: OnceCell<Option<Semantics>>,
    tensor: OnceCell<Option<Tensor>>,
    spatial: OnceCell<Option<Place>>,
    versions: OnceCell<Vec<Version>>,
    events: OnceCell<Vec<Event>>,
    metas: OnceCell<Vec<(Modality, u32, RecordMeta)>>,
}

/// The value of `cell`, made on first use.
fn once<T>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    if cell.get().is_none() {
        let value = make()?;
        return Ok(cell.get_or_init(|| value));
    }
    Ok(cell.get().expect("was filled above"))
}

impl<'v> Entity<'v> {
    /// The hexad in its present state; `None` when there never was one.
    pub fn now(view: &'v View, iid: Iid) -> Result<Option<Self>> {
        Ok(view.header(iid)?.map(|header| Self::of(view, header)))
    }

    /// The hexad of this header.
    pub fn of(view: &'v View, header: HexadHeader) -> Self {
        Self {
            view,
            header,
            version: None,
            document: OnceCell::new(),
            vector: OnceCell::new(),
            graph: OnceCell::new(),
            semantic: OnceCell::new(),
            tensor: OnceCell::new(),
            spatial: OnceCell::new(),
            versions: OnceCell::new(),
            events: OnceCell::new(),
            metas: OnceCell::new(),
        }
    }

    /// The same hexad as it was in `version`.
    #[must_use]
    pub fn at(&self, version: &Version) -> Self {
        let mut past = Self::of(self.view, self.header.clone());
        // The present version is read like every other present record: from the newest rows.
        if version.number != self.header.version || self.header.deleted_at.is_some() {
            past.version = Some(version.clone());
        }
        past
    }

    /// The same hexad in the same state, read through another view.
    pub fn in_view<'o>(&self, view: &'o View) -> Entity<'o> {
        let mut other = Entity::of(view, self.header.clone());
        other.version.clone_from(&self.version);
        other
    }

    /// True when this is the present state of a live hexad.
    pub fn is_present(&self) -> bool {
        self.version.is_none() && self.header.deleted_at.is_none()
    }

    /// What the engine calls it.
    pub fn iid(&self) -> Iid {
        self.header.iid
    }

    /// What users call it.
    pub fn id(&self) -> &HexadId {
        &self.header.id
    }

    /// Its row of the catalogue.
    pub fn header(&self) -> &HexadHeader {
        &self.header
    }

    /// The number of the version read, where that is what was asked for: whoever watches is told.
    pub fn asked_version(&self) -> u32 {
        self.view.note(Modality::Temporal, self.header.iid);
        self.version()
    }

    /// When the version read was committed, where that is what was asked for.
    pub fn asked_modified_at(&self) -> Timestamp {
        self.view.note(Modality::Temporal, self.header.iid);
        self.modified_at()
    }

    /// The number of the version read.
    pub fn version(&self) -> u32 {
        self.version.as_ref().map_or(self.header.version, |v| v.number)
    }

    /// When the version read was committed.
    pub fn modified_at(&self) -> Timestamp {
        self.version.as_ref().map_or(self.header.modified_at, |v| v.at)
    }

    /// The modalities it has in this state, where that is what was asked for.
    pub fn asked_present(&self) -> ModalitySet {
        self.view.note(Modality::Temporal, self.header.iid);
        self.present()
    }

    /// The modalities it has in this state.
    pub fn present(&self) -> ModalitySet {
        self.version.as_ref().map_or(self.header.present, |v| v.present)
    }

    fn record(&self, modality: Modality) -> Result<Option<Record>> {
        self.view.note(modality, self.header.iid);
        if !self.present().contains(modality) {
            return Ok(None);
        }
        match &self.version {
            None => self.view.record(modality, self.header.iid),
            Some(version) => self.view.record_at(modality, self.header.iid, version.number),
        }
    }

    fn decoded<T>(&self, modality: Modality, decode: fn(&[u8]) -> Result<T>) -> Result<Option<T>> {
        self.record(modality)?.map(|record| decode(&record.body)).transpose()
    }

    /// Its document.
    pub fn document(&self) -> Result<Option<&Document>> {
        let make = || self.decoded(Modality::Document, document::codec::decode);
        Ok(once(&self.document, make)?.as_ref())
    }

    /// Its embeddings.
    pub fn vector(&self) -> Result<Option<&Embeddings>> {
        let make = || self.decoded(Modality::Vector, vector::codec::decode);
        Ok(once(&self.vector, make)?.as_ref())
    }

    /// Its outgoing edges.
    pub fn graph(&self) -> Result<Option<&Edges>> {
        let make = || self.decoded(Modality::Graph, graph::codec::decode);
        Ok(once(&self.graph, make)?.as_ref())
    }

    /// Its types, properties and verifications.
    pub fn semantic(&self) -> Result<Option<&Semantics>> {
        let make = || self.decoded(Modality::Semantic, semantic::codec::decode);
        Ok(once(&self.semantic, make)?.as_ref())
    }

    /// Its tensor.
    pub fn tensor(&self) -> Result<Option<&Tensor>> {
        let make = || self.decoded(Modality::Tensor, tensor::codec::decode);
        Ok(once(&self.tensor, make)?.as_ref())
    }

    /// Its place.
    pub fn spatial(&self) -> Result<Option<&Place>> {
        let make = || self.decoded(Modality::Spatial, spatial::codec::decode);
        Ok(once(&self.spatial, make)?.as_ref())
    }

    /// Every version, up to and including the one read, oldest first.
    pub fn versions(&self) -> Result<&[Version]> {
        self.view.note(Modality::Temporal, self.header.iid);
        let make = || {
            let last = self.version();
            let all = self.view.appended(Modality::Temporal, self.header.iid)?;
            let mut versions = Vec::with_capacity(all.len());
            for entry in all {
                let version = temporal::codec::decode(&entry.body)?;
                if version.number <= last {
                    versions.push(version);
                }
            }
            Ok(versions)
        };
        once(&self.versions, make).map(Vec::as_slice)
    }

    /// The version read.
    pub fn current(&self) -> Result<Option<Version>> {
        self.view.note(Modality::Temporal, self.header.iid);
        if let Some(version) = &self.version {
            return Ok(Some(version.clone()));
        }
        if let Some(versions) = self.versions.get() {
            return Ok(versions.last().cloned());
        }
        let last = self.view.last_appended(Modality::Temporal, self.header.iid)?;
        last.map(|entry| temporal::codec::decode(&entry.body)).transpose()
    }

    /// The events recorded up to the version read, oldest first.
    pub fn events(&self) -> Result<&[Event]> {
        self.view.note(Modality::Provenance, self.header.iid);
        let make = || {
            let until = self.modified_at();
            let past = self.version.is_some();
            let all = self.view.appended(Modality::Provenance, self.header.iid)?;
            let mut events = Vec::with_capacity(all.len());
            for entry in all {
                if !past || entry.at <= until {
                    events.push(provenance::codec::decode(&entry.body)?);
                }
            }
            Ok(events)
        };
        once(&self.events, make).map(Vec::as_slice)
    }

    /// What is known of each record beside its bytes, with the version that wrote it.
    pub fn metas(&self) -> Result<&[(Modality, u32, RecordMeta)]> {
        let make = || {
            let mut metas = vec![];
            for modality in self.present().iter() {
                if let Some(record) = self.record(modality)? {
                    metas.push((modality, record.version, record.meta));
                }
            }
            Ok(metas)
        };
        once(&self.metas, make).map(Vec::as_slice)
    }
}

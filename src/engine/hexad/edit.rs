//! A hexad on its way from what it is to what changes make of it, and the bytes of that.

use std::collections::BTreeMap;

use crate::engine::base::{ContentHash, Error, Iid, Kind, Modality, ModalitySet, Result, limit};
use crate::engine::hexad::assemble::CONTENTS;
use crate::engine::hexad::change::{self, Change, Stored};
use crate::engine::hexad::{HexadInput, Origin};
use crate::engine::modality::temporal::{self, ValidTime};
use crate::engine::modality::{document, graph, semantic, spatial, tensor, vector};
use crate::engine::store::{Derivation, HexadHeader, Record, RecordMeta, View};

/// The canonical bytes of what an input states.
pub(super) struct Bodies(Vec<(Modality, Vec<u8>, ContentHash)>);

impl Bodies {
    /// Encodes and hashes every modality stated.
    pub(super) fn of(input: &HexadInput) -> Result<Self> {
        let mut bodies = Vec::with_capacity(CONTENTS.len());
        for modality in CONTENTS {
            let body = match modality {
                Modality::Graph => input.graph.as_ref().map(graph::codec::encode),
                Modality::Vector => input.vector.as_ref().map(vector::codec::encode),
                Modality::Tensor => input.tensor.as_ref().map(tensor::codec::encode),
                Modality::Semantic => input.semantic.as_ref().map(semantic::codec::encode),
                Modality::Document => input.document.as_ref().map(document::codec::encode),
                Modality::Spatial => input.spatial.as_ref().map(spatial::codec::encode),
                Modality::Temporal | Modality::Provenance => None,
            };
            let Some(body) = body else { continue };
            if body.len() > limit::RECORD_BYTES {
                let message = format!(
                    "{modality}: a record of {} bytes, the limit is {}",
                    body.len(),
                    limit::RECORD_BYTES
                );
                return Err(Error::new(Kind::ConstraintViolation, message));
            }
            let hash = ContentHash::of(&body);
            bodies.push((modality, body, hash));
        }
        Ok(Self(bodies))
    }

    /// The same with records that are put back.
    pub(super) fn with(mut self, stored: &BTreeMap<Modality, Stored>) -> Self {
        for (modality, stored) in stored {
            self.0.push((*modality, stored.body.clone(), ContentHash::of(&stored.body)));
        }
        self.0.sort_unstable_by_key(|(modality, ..)| *modality);
        self
    }

    /// Only those that differ from what is stored.
    ///
    /// A vector stated together with a changed document is written again even when it is the same:
    /// its writer says that it describes the new text. So is what was made anew of something else.
    pub(super) fn changed_from(
        mut self,
        before: &Before,
        touched: ModalitySet,
        origins: &BTreeMap<Modality, Origin>,
        stored: &BTreeMap<Modality, Stored>,
    ) -> Self {
        let differs = |modality: Modality, hash: ContentHash| before.hash(modality) != Some(hash);
        let document = self.hash(Modality::Document);
        let described = touched.contains(Modality::Vector)
            && document.is_some_and(|hash| differs(Modality::Document, hash));
        let hashes = self.hashes();
        let now = |wanted: Modality| {
            let stated = hashes.iter().find(|(modality, _)| *modality == wanted);
            stated.map(|(_, hash)| *hash).or_else(|| before.hash(wanted))
        };
        let remade = |modality: Modality| {
            origins.get(&modality).is_some_and(|origin| !before.says(modality, origin, &now))
        };
        let otherwise = |modality: Modality| {
            let is = before.meta(modality).map(|(_, meta)| (&meta.producer, &meta.derived_from));
            stored.get(&modality).is_some_and(|s| is != Some((&s.producer, &s.derived_from)))
        };
        self.0.retain(|(modality, _, hash)| {
            differs(*modality, *hash)
                || otherwise(*modality)
                || (*modality == Modality::Vector && described)
                || remade(*modality)
        });
        self
    }

    /// The modalities there are bytes of.
    pub(super) fn stated(&self) -> ModalitySet {
        self.0.iter().map(|(modality, ..)| *modality).collect()
    }

    pub(super) fn hash(&self, wanted: Modality) -> Option<ContentHash> {
        self.0.iter().find(|(modality, ..)| *modality == wanted).map(|(.., hash)| *hash)
    }

    pub(super) fn hashes(&self) -> Vec<(Modality, ContentHash)> {
        self.0.iter().map(|(modality, _, hash)| (*modality, *hash)).collect()
    }
}

impl IntoIterator for Bodies {
    type Item = (Modality, Vec<u8>, ContentHash);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The records a hexad has: their versions and where they come from.
#[derive(Default)]
pub(super) struct Before(Vec<(Modality, u32, RecordMeta)>);

impl Before {
    fn meta(&self, wanted: Modality) -> Option<(u32, &RecordMeta)> {
        let found = self.0.iter().find(|(modality, ..)| *modality == wanted);
        found.map(|(_, version, meta)| (*version, meta))
    }

    pub(super) fn hash(&self, wanted: Modality) -> Option<ContentHash> {
        self.meta(wanted).map(|(_, meta)| meta.content_hash)
    }

    /// A modality that stays as it is, for one that was made of it and is written without it.
    pub(super) fn source(&self, modality: Modality) -> Option<Derivation> {
        let (version, meta) = self.meta(modality)?;
        Some(Derivation { modality, content_hash: meta.content_hash, version })
    }

    /// True when the record is known to come from there already. `now` tells what a modality will be.
    fn says(
        &self,
        modality: Modality,
        origin: &Origin,
        now: &dyn Fn(Modality) -> Option<ContentHash>,
    ) -> bool {
        let Some((_, meta)) = self.meta(modality) else { return false };
        let known = meta.derived_from.iter().map(|d| (d.modality, d.content_hash));
        let wanted = origin.from.iter().filter_map(|m| Some((m, now(m)?)));
        meta.producer == origin.producer && known.eq(wanted)
    }
}

/// A hexad under change. Modalities are read when a change first needs them.
pub(super) struct Edit<'v> {
    view: &'v View,
    iid: Iid,
    present: ModalitySet,
    /// What the touched modalities are to be; `None` in there means the modality goes.
    pub(super) input: HexadInput,
    /// The modalities that `input` and `stored` speak of.
    pub(super) touched: ModalitySet,
    /// What is put back byte for byte.
    pub(super) stored: BTreeMap<Modality, Stored>,
    /// The last event speaks of everything.
    pub(super) attest: bool,
    /// The version says that the faults before it are known.
    pub(super) repair: bool,
    /// The valid time of the newest version.
    pub(super) valid_before: ValidTime,
}

impl<'v> Edit<'v> {
    /// Nothing changed yet.
    pub(super) fn new(view: &'v View, header: &HexadHeader) -> Result<Self> {
        let valid_before = match view.last_appended(Modality::Temporal, header.iid)? {
            Some(entry) => temporal::codec::decode(&entry.body)?.valid,
            None => ValidTime::default(),
        };
        Ok(Self {
            view,
            iid: header.iid,
            present: header.present,
            input: HexadInput::default(),
            touched: ModalitySet::EMPTY,
            stored: BTreeMap::new(),
            attest: false,
            repair: false,
            valid_before,
        })
    }

    /// Everything is what the input says; what it does not say goes.
    pub(super) fn replace(view: &'v View, header: &HexadHeader, input: HexadInput) -> Result<Self> {
        let mut edit = Self::new(view, header)?;
        edit.touched = ModalitySet::ALL;
        edit.input = input;
        // A history that is not taken over still says when the newest state is true.
        if let Some(newest) = edit.input.restored.as_ref().and_then(|r| r.versions.last()) {
            edit.input.temporal = Some(newest.valid);
        }
        Ok(edit)
    }

    /// What the hexad has of the modality, unless a change has been made to it already.
    fn load(&mut self, modality: Modality) -> Result<Option<Record>> {
        if self.touched.contains(modality) {
            return Ok(None);
        }
        self.touched.insert(modality);
        if self.present.contains(modality) {
            self.view.record(modality, self.iid)
        } else {
            Ok(None)
        }
    }

    fn document(&mut self) -> Result<&mut document::Document> {
        if let Some(record) = self.load(Modality::Document)? {
            self.input.document = Some(document::codec::decode(&record.body)?);
        }
        Ok(self.input.document.get_or_insert_default())
    }

    fn vector(&mut self) -> Result<&mut vector::Embeddings> {
        if let Some(record) = self.load(Modality::Vector)? {
            self.input.vector = Some(vector::codec::decode(&record.body)?);
        }
        Ok(self.input.vector.get_or_insert_default())
    }

    fn graph(&mut self) -> Result<&mut graph::Edges> {
        if let Some(record) = self.load(Modality::Graph)? {
            self.input.graph = Some(graph::codec::decode(&record.body)?);
        }
        Ok(self.input.graph.get_or_insert_default())
    }

    fn semantic(&mut self) -> Result<&mut semantic::Semantics> {
        if let Some(record) = self.load(Modality::Semantic)? {
            self.input.semantic = Some(semantic::codec::decode(&record.body)?);
        }
        Ok(self.input.semantic.get_or_insert_default())
    }

    /// Makes one change.
    pub(super) fn make(&mut self, change: Change) -> Result<()> {
        match change {
            Change::SetField(name, value) => {
                change::set_field(self.document()?, name, value).map_err(|(key, message)| {
                    Error::new(Kind::FieldTypeMismatch, format!("{key}: {message}"))
                })?;
            }
            Change::UnsetField(name) => change::unset_field(self.document()?, &name),
            Change::SetEmbedding(name, embedding) => {
                self.vector()?.named.insert(name, embedding);
            }
            Change::AddEdge(edge) => self.graph()?.edges.push(edge),
            Change::RemoveEdge(predicate, target) => {
                change::remove_edges(self.graph()?, predicate.as_deref(), &target);
            }
            Change::AddType(name) => self.semantic()?.types.push(name),
            Change::RemoveType(name) => self.semantic()?.types.retain(|t| *t != name),
            Change::SetProperty(name, value) => {
                self.semantic()?.properties.insert(name, value);
            }
            Change::UnsetProperty(name) => {
                self.semantic()?.properties.remove(&name);
            }
            Change::Verify(verification) => self.semantic()?.verifications.push(verification),
            Change::Event(event) => self.input.provenance.push(event),
            Change::Made(modality, origin) => {
                self.input.origins.insert(modality, origin);
            }
            Change::Temporal(valid) => {
                self.touched.insert(Modality::Temporal);
                self.input.temporal = Some(valid);
            }
            Change::Put(modality, stored) => {
                self.remove(modality)?;
                self.stored.insert(modality, stored);
            }
            Change::Attest => self.attest = true,
            Change::RepairVersions => self.repair = true,
            whole => return self.make_whole(whole),
        }
        Ok(())
    }

    /// Makes one change that needs nothing of what was there.
    fn make_whole(&mut self, change: Change) -> Result<()> {
        let modality = match change {
            Change::Document(document) => {
                self.input.document = Some(document);
                Modality::Document
            }
            Change::Vector(embeddings) => {
                self.input.vector = Some(embeddings);
                Modality::Vector
            }
            Change::Graph(edges) => {
                self.input.graph = Some(edges);
                Modality::Graph
            }
            Change::Semantic(semantics) => {
                self.input.semantic = Some(semantics);
                Modality::Semantic
            }
            Change::Tensor(tensor) => {
                self.input.tensor = Some(tensor);
                Modality::Tensor
            }
            Change::Spatial(place) => {
                self.input.spatial = Some(place);
                Modality::Spatial
            }
            Change::Remove(modality) => return self.remove(modality),
            _ => return Err(Error::new(Kind::InternalError, "a change nobody makes")),
        };
        self.touched.insert(modality);
        Ok(())
    }

    fn remove(&mut self, modality: Modality) -> Result<()> {
        match modality {
            Modality::Graph => self.input.graph = None,
            Modality::Vector => self.input.vector = None,
            Modality::Tensor => self.input.tensor = None,
            Modality::Semantic => self.input.semantic = None,
            Modality::Document => self.input.document = None,
            Modality::Spatial => self.input.spatial = None,
            Modality::Temporal | Modality::Provenance => {
                let message = format!("{modality}: history cannot be removed");
                return Err(Error::new(Kind::ConstraintViolation, message));
            }
        }
        self.touched.insert(modality);
        Ok(())
    }

    /// The same with every touched modality checked.
    pub(super) fn admit(mut self) -> Result<Self> {
        self.input = self.input.admit()?;
        Ok(self)
    }

    /// True when the hexad is to have this modality.
    pub(super) fn states(&self, modality: Modality) -> bool {
        if self.stored.contains_key(&modality) {
            return true;
        }
        match modality {
            Modality::Graph => self.input.graph.is_some(),
            Modality::Vector => self.input.vector.is_some(),
            Modality::Tensor => self.input.tensor.is_some(),
            Modality::Semantic => self.input.semantic.is_some(),
            Modality::Document => self.input.document.is_some(),
            Modality::Spatial => self.input.spatial.is_some(),
            Modality::Temporal | Modality::Provenance => true,
        }
    }

    /// When the new version is true: as stated, or else as before.
    pub(super) fn valid(&self) -> ValidTime {
        if self.touched.contains(Modality::Temporal) {
            self.input.temporal.unwrap_or_default()
        } else {
            self.valid_before
        }
    }

    /// The records that matter: those touched, the document, and what others are made of.
    pub(super) fn before(&self) -> Result<Before> {
        let mut before = Vec::new();
        for modality in CONTENTS {
            let matters = self.touched.contains(modality)
                || modality == Modality::Document
                || self.attest
                || self.input.origins.values().any(|origin| origin.from.contains(modality));
            if matters
                && self.present.contains(modality)
                && let Some(record) = self.view.record(modality, self.iid)?
            {
                before.push((modality, record.version, record.meta));
            }
        }
        Ok(Before(before))
    }
}

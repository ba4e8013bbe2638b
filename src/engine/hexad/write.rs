//! From inputs and changes to the write set of one statement.
//!
//! Everything a write must leave behind is made here, in one place: canonical bytes and their
//! hashes, where each record comes from, the new version, and the events of the chain. Nothing is
//! committed here, and no clock is asked: the commit time is that of the write set.
//!
//! The events of a write are those its writer states; a writer who states none gets one
//! automatically (`created`, `modified`, `deleted`, `imported`). The last of them carries the
//! content hashes of what the write changed, so the chain speaks of the data, not only of itself.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::engine::base::{
    ContentHash, Error, HexadId, Iid, Kind, Modality, ModalitySet, Result, Rng, Timestamp,
};
use crate::engine::hexad::change::{Change, Stored};
use crate::engine::hexad::{HexadInput, Origin, ProvenanceInput, Restored, Stamped};
use crate::engine::modality::provenance::{self, Event};
use crate::engine::modality::temporal::{self, ValidTime, Version};
use crate::engine::store::{
    CatalogOp, Derivation, HexadHeader, Op, Producer, RecordMeta, SyncMode, View, WriteSet,
};

use super::dimension::Dimensions;
use super::edit::{Bodies, Edit};
use super::replay::Recorded;

mod revert;

/// Who writes, and what the automatic event says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The user: author of the versions, actor of events that name none.
    pub name: String,
    /// Why, for the versions.
    pub message: Option<String>,
    /// The file an import reads: makes the automatic event of new hexads `imported`.
    pub source: Option<String>,
    /// When what is written is safe, when not as the database says.
    pub sync: Option<SyncMode>,
}

impl Author {
    /// A user who says nothing more.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), message: None, source: None, sync: None }
    }
}

/// The write set of one statement, as it grows. Several hexads may be written, each once.
#[derive(Debug)]
pub struct Draft<'v> {
    view: &'v View,
    writes: WriteSet,
    author: Author,
    ids: HashSet<HexadId>,
    iids: HashSet<Iid>,
    dimensions: Dimensions,
    /// Those of which its writer states events, or a whole history.
    stated: BTreeSet<Iid>,
    /// What it was told, for whoever may have to do it again.
    steps: Option<Vec<Step>>,
}

/// One thing a draft was told, as a value: told again to a draft over a later state, it makes of that
/// what it made of this.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// [`Draft::insert`]
    Insert(Iid, HexadId, HexadInput),
    /// [`Draft::replace`]
    Replace(Iid, HexadInput),
    /// [`Draft::update`]
    Update(Iid, Vec<Change>),
    /// [`Draft::delete`]
    Delete(Iid),
    /// [`Draft::revert`]
    Revert(Iid, u32),
    /// [`Draft::catalog`]
    Catalog(CatalogOp),
    /// [`Draft::require`]
    Require(Iid),
}

/// What is written of one hexad.
struct Revision {
    iid: Iid,
    version: u32,
    valid: ValidTime,
    present: ModalitySet,
    changed: ModalitySet,
    contents: Vec<(Modality, ContentHash)>,
    /// It says that the faults in the versions before it are known.
    repair: bool,
}

/// Where the records of a write come from.
struct Sources<'a> {
    /// Those that were made of others.
    origins: &'a BTreeMap<Modality, Origin>,
    /// Those of which an export says where they come from.
    stamps: &'a BTreeMap<Modality, Stamped>,
    /// Those that are put back as they were.
    stored: Option<&'a BTreeMap<Modality, Stored>>,
    /// The modalities that stay as they are.
    kept: &'a dyn Fn(Modality) -> Option<Derivation>,
}

impl<'a> Sources<'a> {
    /// Of a hexad that is new.
    fn of(input: &'a HexadInput) -> Self {
        let HexadInput { origins, stamps, .. } = input;
        Self { origins, stamps, stored: None, kept: &|_| None }
    }
}

impl<'v> Draft<'v> {
    /// Nothing yet.
    pub fn new(view: &'v View, author: Author) -> Result<Self> {
        Ok(Self::over(view, view.write_set()?, author))
    }

    /// Nothing yet, to be committed as of a time taken before: one of the statements of a commit.
    pub fn at(view: &'v View, author: Author, at: Timestamp) -> Result<Self> {
        Ok(Self::over(view, view.write_set_at(at)?, author))
    }

    fn over(view: &'v View, mut writes: WriteSet, author: Author) -> Self {
        if let Some(mode) = author.sync {
            writes.sync(mode);
        }
        Self {
            view,
            writes,
            author,
            ids: HashSet::new(),
            iids: HashSet::new(),
            dimensions: Dimensions::default(),
            stated: BTreeSet::new(),
            steps: None,
        }
    }

    /// The same, but what it is told from now on is remembered: [`Self::finish_recorded`] gives it.
    #[must_use]
    pub fn recording(mut self) -> Self {
        self.steps = Some(Vec::new());
        self
    }

    /// What is to be committed.
    pub fn finish(self) -> WriteSet {
        self.writes
    }

    /// What is to be committed, and what it was told to that end: nothing but for [`Self::recording`].
    pub fn finish_recorded(self) -> (WriteSet, Recorded) {
        let steps = self.steps.unwrap_or_default();
        (self.writes, Recorded { author: self.author, steps })
    }

    /// When it is to be committed.
    pub fn time(&self) -> Timestamp {
        self.writes.at()
    }

    /// What is to be committed so far.
    pub fn writes(&self) -> &WriteSet {
        &self.writes
    }

    /// The hexads it makes.
    pub fn created(&self) -> Vec<Iid> {
        let created = |op: &CatalogOp| match op {
            CatalogOp::Create { iid, .. } => Some(*iid),
            _ => None,
        };
        self.writes.catalog_ops().iter().filter_map(created).collect()
    }

    /// The hexads of which its writer states events, or a whole history.
    pub fn stated(&self) -> &BTreeSet<Iid> {
        &self.stated
    }

    /// Adds a change of a named entry of the catalogue.
    pub fn catalog(&mut self, op: CatalogOp) {
        self.note(|| Step::Catalog(op.clone()));
        self.writes.catalog(op);
    }

    /// Makes the commit fail when the hexad was changed since the view: what is written was computed
    /// from it.
    pub fn require(&mut self, iid: Iid) {
        self.note(|| Step::Require(iid));
        self.writes.require(iid);
    }

    fn note(&mut self, step: impl FnOnce() -> Step) {
        if let Some(steps) = &mut self.steps {
            steps.push(step());
        }
    }

    /// Does again what was recorded.
    pub fn take(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Insert(iid, id, input) => self.insert_admitted(iid, id, &input),
            Step::Replace(iid, input) => self.replace_admitted(iid, &input).map(drop),
            Step::Update(iid, changes) => self.update(iid, changes).map(drop),
            Step::Delete(iid) => self.delete(iid),
            Step::Revert(iid, version) => self.revert(iid, version).map(drop),
            Step::Catalog(op) => {
                self.catalog(op);
                Ok(())
            }
            Step::Require(iid) => {
                self.require(iid);
                Ok(())
            }
        }
    }

    /// A new hexad under a fresh internal id. `InsertConflict` when the name is taken.
    pub fn insert(&mut self, iid: Iid, id: HexadId, input: HexadInput) -> Result<()> {
        self.insert_admitted(iid, id, &input.admit()?)
    }

    /// The same for an input that is known to be valid. When it fails, nothing of it is written.
    pub fn insert_admitted(&mut self, iid: Iid, id: HexadId, input: &HexadInput) -> Result<()> {
        // What is hidden from the writer must be left whole.
        let _bare = self.view.bare();
        if self.view.iid(id.as_str())?.is_some() || self.ids.contains(&id) {
            let message = format!("hexad `{id}` exists already");
            return Err(Error::new(Kind::InsertConflict, message));
        }
        let bodies = Bodies::of(input)?;
        self.check_dimensions(input)?;
        self.note(|| Step::Insert(iid, id.clone(), input.clone()));
        self.ids.insert(id.clone());
        let present = with_history(bodies.stated());
        self.writes.catalog(CatalogOp::Create { iid, id, present });
        let mut step = Revision {
            iid,
            version: 1,
            valid: input.temporal.unwrap_or_default(),
            present,
            changed: bodies.stated(),
            contents: bodies.hashes(),
            repair: false,
        };
        let mut chain = None;
        if let Some(restored) = &input.restored {
            let unchanged = self.restore(&mut step, restored);
            if step.version > 1 {
                self.writes.catalog(CatalogOp::Change { iid, version: step.version, present });
            }
            if unchanged {
                self.put(&step, bodies, &Sources::of(input));
                return Ok(());
            }
            chain = restored.events.last().map(|event| (event.number, event.hash));
        }
        self.put(&step, bodies, &Sources::of(input));
        let automatic = if self.author.source.is_some() { "imported" } else { "created" };
        self.record(&step, chain, automatic, input.provenance.clone());
        Ok(())
    }

    /// Makes the hexad what the input says and nothing else. False when it is that already.
    ///
    /// A history that the input brings along is left out: the hexad has its own.
    pub fn replace(&mut self, iid: Iid, input: HexadInput) -> Result<bool> {
        self.replace_admitted(iid, &input.admit()?)
    }

    /// The same for an input that is known to be valid. When it fails, nothing of it is written.
    pub fn replace_admitted(&mut self, iid: Iid, input: &HexadInput) -> Result<bool> {
        let _bare = self.view.bare();
        let header = self.touch(iid)?;
        let edit = Edit::replace(self.view, &header, input.clone())?;
        let automatic = if self.author.source.is_some() { "imported" } else { "modified" };
        let changed = self.change(&header, edit, automatic)?;
        self.note(|| Step::Replace(iid, input.clone()));
        Ok(changed)
    }

    /// Changes parts of the hexad. False when it is already as the changes want it.
    pub fn update(&mut self, iid: Iid, changes: Vec<Change>) -> Result<bool> {
        let _bare = self.view.bare();
        let header = self.touch(iid)?;
        let told = self.steps.as_ref().map(|_| changes.clone());
        let mut edit = Edit::new(self.view, &header)?;
        for change in changes {
            edit.make(change)?;
        }
        let changed = self.change(&header, edit.admit()?, "modified")?;
        if let Some(changes) = told {
            self.note(|| Step::Update(iid, changes));
        }
        Ok(changed)
    }

    /// The hexad goes. Its history, versions and events stay.
    pub fn delete(&mut self, iid: Iid) -> Result<()> {
        let _bare = self.view.bare();
        let header = self.touch(iid)?;
        let version = header.version + 1;
        for modality in super::assemble::CONTENTS {
            if header.present.contains(modality) {
                self.writes.push(modality, Op::Delete { iid, version });
            }
        }
        self.writes.catalog(CatalogOp::Delete { iid, version });
        let step = Revision {
            iid,
            version,
            valid: ValidTime::default(),
            present: ModalitySet::EMPTY,
            changed: header.present,
            contents: Vec::new(),
            repair: false,
        };
        let chain = self.chain(iid)?;
        self.record(&step, chain, "deleted", Vec::new());
        self.note(|| Step::Delete(iid));
        Ok(())
    }

    /// The header of a live hexad that this statement has not written yet.
    fn touch(&mut self, iid: Iid) -> Result<HexadHeader> {
        let header = self.view.header(iid)?.filter(|header| header.deleted_at.is_none());
        let Some(header) = header else {
            return Err(Error::new(Kind::UpdateNotFound, "the hexad does not exist"));
        };
        if !self.iids.insert(iid) {
            let message = format!("hexad `{}` is written twice in one statement", header.id);
            return Err(Error::new(Kind::WriteConflict, message));
        }
        Ok(header)
    }

    fn check_dimensions(&mut self, input: &HexadInput) -> Result<()> {
        match &input.vector {
            Some(vector) => self.dimensions.check(self.view, &mut self.writes, vector),
            None => Ok(()),
        }
    }

    fn change(&mut self, header: &HexadHeader, edit: Edit<'_>, automatic: &str) -> Result<bool> {
        let iid = header.iid;
        let version = header.version + 1;
        let before = edit.before()?;
        let origins = &edit.input.origins;
        let bodies = Bodies::of(&edit.input)?.with(&edit.stored);
        let bodies = bodies.changed_from(&before, edit.touched, origins, &edit.stored);
        let gone: ModalitySet = super::assemble::CONTENTS
            .into_iter()
            .filter(|m| edit.touched.contains(*m) && header.present.contains(*m))
            .filter(|m| !edit.states(*m))
            .collect();
        let valid = edit.valid();
        let same_time = valid == edit.valid_before;
        let changed = bodies.stated().union(gone);
        let silent = edit.input.provenance.is_empty() && !edit.attest && !edit.repair;
        if changed.is_empty() && same_time && silent {
            return Ok(false);
        }
        self.check_dimensions(&edit.input)?;
        let mut present = header.present.union(bodies.stated());
        for modality in gone.iter() {
            present.remove(modality);
            self.writes.push(modality, Op::Delete { iid, version });
        }
        self.writes.catalog(CatalogOp::Change { iid, version, present });
        let mut marked = changed;
        if !same_time || edit.repair {
            marked.insert(Modality::Temporal);
        }
        let contents = if edit.attest {
            let now = |m: Modality| bodies.hash(m).or_else(|| before.hash(m)).map(|hash| (m, hash));
            present.iter().filter_map(now).collect()
        } else {
            bodies.hashes()
        };
        let repair = edit.repair;
        let step = Revision { iid, version, valid, present, changed: marked, contents, repair };
        let kept = |m: Modality| before.source(m).filter(|_| !gone.contains(m));
        let (origins, stamps) = (&edit.input.origins, &edit.input.stamps);
        let sources = Sources { origins, stamps, stored: Some(&edit.stored), kept: &kept };
        self.put(&step, bodies, &sources);
        let chain = self.chain(iid)?;
        self.record(&step, chain, automatic, edit.input.provenance);
        Ok(true)
    }

    /// The records. A vector describes the document, and what was made of others was made of them as
    /// they will be.
    fn put(&mut self, step: &Revision, bodies: Bodies, sources: &Sources<'_>) {
        let Revision { iid, version, .. } = *step;
        let hashes = bodies.hashes();
        let source = |wanted: Modality| {
            let stated = hashes.iter().find(|(modality, _)| *modality == wanted);
            stated.map_or_else(
                || (sources.kept)(wanted),
                |(modality, hash)| {
                    Some(Derivation { modality: *modality, content_hash: *hash, version })
                },
            )
        };
        for (modality, body, content_hash) in bodies {
            let stored = sources.stored.and_then(|stored| stored.get(&modality));
            let stamped = sources.stamps.get(&modality);
            let (producer, derived_from) = match (stored, sources.origins.get(&modality)) {
                (None, None) if let Some(stamped) = stamped => {
                    (stamped.producer.clone(), stamped.derived_from.clone())
                }
                (Some(stored), _) => (stored.producer.clone(), stored.derived_from.clone()),
                (None, Some(Origin { producer, from })) => {
                    (producer.clone(), from.iter().filter_map(source).collect())
                }
                (None, None) if modality == Modality::Vector => {
                    (Producer::User, source(Modality::Document).into_iter().collect())
                }
                (None, None) => (Producer::User, Vec::new()),
            };
            let meta = RecordMeta { content_hash, producer, derived_from };
            self.writes.push(modality, Op::Put { iid, version, body, meta });
        }
    }

    /// The version and the events of this write.
    fn record(
        &mut self,
        step: &Revision,
        chain: Option<(u32, ContentHash)>,
        automatic: &str,
        stated: Vec<ProvenanceInput>,
    ) {
        let at = self.writes.at();
        let version = Version {
            number: step.version,
            at,
            author: self.author.name.clone(),
            message: if step.repair {
                Some(temporal::REPAIR.to_owned())
            } else {
                self.author.message.clone()
            },
            valid: step.valid,
            changed: step.changed,
            present: step.present,
        };
        self.append_version(step.iid, &version);
        if !stated.is_empty() {
            self.stated.insert(step.iid);
        }
        let stated = if stated.is_empty() { vec![self.automatic(automatic)] } else { stated };
        let mut chain = chain;
        let last = stated.len() - 1;
        for (i, input) in stated.into_iter().enumerate() {
            let contents = if i == last { step.contents.clone() } else { Vec::new() };
            let event = self.event(input, at, contents).chained(chain);
            chain = Some((event.number, event.hash));
            self.append_event(step.iid, &event);
        }
    }

    fn automatic(&self, event: &str) -> ProvenanceInput {
        ProvenanceInput {
            event: event.to_owned(),
            source: self.author.source.clone(),
            description: self.author.message.clone(),
            ..ProvenanceInput::default()
        }
    }

    fn event(
        &self,
        input: ProvenanceInput,
        at: Timestamp,
        contents: Vec<(Modality, ContentHash)>,
    ) -> Event {
        Event {
            number: 0,
            event_type: input.event,
            actor: input.actor.unwrap_or_else(|| self.author.name.clone()),
            source: input.source,
            description: input.description,
            digest: input.digest,
            at,
            contents,
            previous: ContentHash::ZERO,
            hash: ContentHash::ZERO,
        }
    }

    /// Takes over a recorded history. True when the contents are those it ends with; otherwise the
    /// step becomes one more version on top of it.
    fn restore(&mut self, step: &mut Revision, restored: &Restored) -> bool {
        self.stated.insert(step.iid);
        for version in &restored.versions {
            self.append_version(step.iid, version);
        }
        for event in &restored.events {
            self.append_event(step.iid, event);
        }
        step.version = restored.versions.len() as u32;
        let present = restored.versions.last().map(|version| version.present);
        let known = |modality: Modality| {
            let mut events = restored.events.iter().rev();
            events.find_map(|e| e.contents.iter().find(|(m, _)| *m == modality)).map(|(_, h)| *h)
        };
        let same = step.contents.iter().all(|(m, hash)| known(*m) == Some(*hash));
        if same && present == Some(step.present) {
            return true;
        }
        step.version += 1;
        step.valid = restored.versions.last().map(|v| v.valid).unwrap_or_default();
        false
    }

    /// Number and hash of the last event so far.
    fn chain(&self, iid: Iid) -> Result<Option<(u32, ContentHash)>> {
        let last = self.view.last_appended(Modality::Provenance, iid)?;
        last.map(|entry| {
            let event = provenance::codec::decode(&entry.body)?;
            Ok((event.number, event.hash))
        })
        .transpose()
    }

    fn append_version(&mut self, iid: Iid, version: &Version) {
        let body = temporal::codec::encode(version);
        self.writes.push(Modality::Temporal, Op::Append { iid, seq: version.number, body });
    }

    fn append_event(&mut self, iid: Iid, event: &Event) {
        let body = provenance::codec::encode(event);
        self.writes.push(Modality::Provenance, Op::Append { iid, seq: event.number, body });
    }
}

/// Every hexad has versions and events.
fn with_history(mut present: ModalitySet) -> ModalitySet {
    present.insert(Modality::Temporal);
    present.insert(Modality::Provenance);
    present
}

/// An id nobody has, in the order of time: a UUID of version 7.
pub fn fresh_id(now: Timestamp, rng: &dyn Rng) -> Result<HexadId> {
    let millis = u64::try_from(now.0 / 1000).unwrap_or(0);
    let bits = rng.bits().to_le_bytes();
    let mut random = [0_u8; 10];
    random.copy_from_slice(&bits[..10]);
    let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
    HexadId::new(uuid.to_string())
}

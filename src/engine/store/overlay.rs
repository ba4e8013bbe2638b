//! What a transaction has written and not committed: laid over a view, it is seen by everything that
//! reads through it.
//!
//! An overlay takes write sets as the files would and answers the same questions. Nothing of it is on
//! the disk, and nothing in it depends on what records mean. It belongs to the commit of the view it
//! was made over.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;
use roaring::RoaringBitmap;

use crate::engine::base::{Error, HexadId, Iid, Kind, Modality, ModalitySet, Result, Timestamp};

use super::ground::Ground;
use super::presence::Presence;
use super::record::{Appended, HexadHeader, Name, PastRecord, Record};
use super::write_set::{CatalogOp, Op, Space, WriteSet};

/// Uncommitted writes. Cloning copies it all: a savepoint holds an `Arc` of it instead.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    presence: Option<Presence>,
    headers: BTreeMap<Iid, HexadHeader>,
    names: BTreeMap<Iid, Name>,
    /// The live hexad of each id that was given or taken away.
    ids: BTreeMap<Name, Option<Iid>>,
    created: BTreeMap<Name, Vec<Iid>>,
    layers: [Layer; 8],
    entries: BTreeMap<(Space, String), Option<Vec<u8>>>,
    pub(super) touched: RoaringBitmap,
    /// Every record put, in order, with the version that did.
    written: Vec<Written>,
    memos: Memos,
}

/// A record that was put: `View::record_at` reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// What it is a record of.
    pub modality: Modality,
    /// Whose.
    pub iid: Iid,
    /// The version of the hexad that put it.
    pub version: u32,
}

/// A record, or none, from a version on. Shared, so that copying an overlay copies no records.
type State = (u32, Option<Arc<Record>>);

/// What is laid over one modality.
#[derive(Clone, Debug, Default)]
pub(super) struct Layer {
    /// The states of each record, oldest first, with the versions that made them; `None` from where
    /// it was deleted.
    records: BTreeMap<Iid, Vec<State>>,
    appended: BTreeMap<Iid, Vec<Appended>>,
    pub(super) touched: RoaringBitmap,
}

/// What an overlay says of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Laid<T> {
    /// Nothing: what is below counts.
    Nothing,
    /// It is gone.
    Gone,
    /// It is this.
    Here(T),
}

impl<T> Laid<T> {
    /// What is there, or that it is gone.
    fn of(state: Option<T>) -> Self {
        state.map_or(Self::Gone, Self::Here)
    }

    /// What a view shows: what is here, or else what `below` shows.
    pub(super) fn or_else<U>(
        self,
        here: impl FnOnce(T) -> U,
        below: impl FnOnce() -> Result<Option<U>>,
    ) -> Result<Option<U>> {
        match self {
            Self::Nothing => below(),
            Self::Gone => Ok(None),
            Self::Here(laid) => Ok(Some(here(laid))),
        }
    }
}

/// What laying a write set needs of the files, read before anything is changed.
pub(super) struct Ready {
    presence: Option<Presence>,
    headers: BTreeMap<Iid, HexadHeader>,
}

impl Overlay {
    /// True when nothing was ever laid.
    pub fn is_empty(&self) -> bool {
        self.presence.is_none()
    }

    /// Reads what [`Self::lay`] needs.
    pub(super) fn prepare(&self, ground: &Ground, writes: &WriteSet) -> Result<Ready> {
        let mut ready = Ready { presence: None, headers: BTreeMap::new() };
        if self.presence.is_none() {
            ready.presence = Some(ground.presence()?.clone());
        }
        let mut made = RoaringBitmap::new();
        for op in &writes.catalog {
            let iid = match op {
                CatalogOp::Create { iid, .. } => {
                    made.insert(iid.0);
                    continue;
                }
                CatalogOp::Change { iid, .. }
                | CatalogOp::Delete { iid, .. }
                | CatalogOp::Revive { iid, .. } => *iid,
                CatalogOp::Set { .. } | CatalogOp::Unset { .. } => continue,
            };
            if made.contains(iid.0) || self.headers.contains_key(&iid) {
                continue;
            }
            let header = ground.header(iid)?.ok_or_else(|| {
                let message = format!("hexad #{} is changed and does not exist", iid.0);
                Error::new(Kind::InternalError, message)
            })?;
            ready.headers.insert(iid, header);
        }
        Ok(ready)
    }

    /// Applies a write set.
    pub(super) fn lay(&mut self, ready: Ready, writes: &WriteSet) {
        self.presence = self.presence.take().or(ready.presence);
        for (iid, header) in ready.headers {
            self.take(iid, header);
        }
        for op in &writes.catalog {
            self.catalog(op, writes.at);
        }
        for modality in Modality::ALL {
            for op in writes.ops(modality) {
                self.touched.insert(op.iid().0);
                if let Op::Put { iid, version, .. } = op {
                    self.written.push(Written { modality, iid: *iid, version: *version });
                }
                self.layers[modality as usize].lay(op, writes.at);
            }
        }
    }

    fn take(&mut self, iid: Iid, header: HexadHeader) {
        self.names.insert(iid, Name::from(header.id.as_str()));
        self.headers.insert(iid, header);
    }

    fn catalog(&mut self, op: &CatalogOp, at: Timestamp) {
        if let Some(presence) = &mut self.presence {
            presence.apply(op);
        }
        match op {
            CatalogOp::Create { iid, id, present } => self.create(*iid, id, *present, at),
            CatalogOp::Change { iid, version, present } => {
                if let Some(header) = self.headers.get_mut(iid) {
                    (header.version, header.present) = (*version, *present);
                    header.modified_at = at;
                }
                self.touched.insert(iid.0);
            }
            CatalogOp::Delete { iid, version } => {
                if let Some(header) = self.headers.get_mut(iid) {
                    (header.version, header.present) = (*version, ModalitySet::EMPTY);
                    (header.modified_at, header.deleted_at) = (at, Some(at));
                }
                if let Some(name) = self.names.get(iid) {
                    self.ids.insert(Arc::clone(name), None);
                }
                self.touched.insert(iid.0);
            }
            CatalogOp::Revive { iid, id, version, present } => {
                if let Some(header) = self.headers.get_mut(iid) {
                    (header.version, header.present) = (*version, *present);
                    (header.modified_at, header.deleted_at) = (at, None);
                }
                self.ids.insert(Name::from(id.as_str()), Some(*iid));
                self.touched.insert(iid.0);
            }
            CatalogOp::Set { space, name, body } => {
                self.entries.insert((*space, name.clone()), Some(body.clone()));
            }
            CatalogOp::Unset { space, name } => {
                self.entries.insert((*space, name.clone()), None);
            }
        }
    }

    fn create(&mut self, iid: Iid, id: &HexadId, present: ModalitySet, at: Timestamp) {
        let header = HexadHeader {
            iid,
            id: id.clone(),
            present,
            version: 1,
            created_at: at,
            modified_at: at,
            deleted_at: None,
        };
        self.take(iid, header);
        let name = Name::from(id.as_str());
        self.ids.insert(Arc::clone(&name), Some(iid));
        self.created.entry(name).or_default().push(iid);
        self.touched.insert(iid.0);
    }

    /// The live hexad of an id.
    pub(super) fn iid(&self, id: &str) -> Laid<Iid> {
        self.ids.get(id).map_or(Laid::Nothing, |live| Laid::of(*live))
    }

    /// The hexads that were created under an id.
    pub(super) fn created(&self, id: &str) -> impl Iterator<Item = Iid> {
        self.created.get(id).into_iter().flatten().copied()
    }

    /// The id of a hexad that was written.
    pub(super) fn name(&self, iid: Iid) -> Option<Name> {
        self.names.get(&iid).cloned()
    }

    /// The header of a hexad that was written.
    pub(super) fn header(&self, iid: Iid) -> Option<&HexadHeader> {
        self.headers.get(&iid)
    }

    /// All of them, ascending.
    pub(super) fn headers(&self) -> impl Iterator<Item = &HexadHeader> {
        self.headers.values()
    }

    /// Which hexads there are.
    pub(super) fn presence(&self) -> Option<&Presence> {
        self.presence.as_ref()
    }

    /// What is laid over a modality.
    pub(super) fn layer(&self, modality: Modality) -> &Layer {
        &self.layers[modality as usize]
    }

    /// A named entry.
    pub(super) fn entry(&self, space: Space, name: &str) -> Laid<&Vec<u8>> {
        let entry = self.entries.get(&(space, name.to_owned()));
        entry.map_or(Laid::Nothing, |body| Laid::of(body.as_ref()))
    }

    /// All of a family, by name.
    pub(super) fn entries(&self, space: Space) -> impl Iterator<Item = (&str, Option<&Vec<u8>>)> {
        let first = (space, String::new());
        let of_space =
            self.entries.range(first..).take_while(move |((other, _), _)| *other == space);
        of_space.map(|((_, name), body)| (name.as_str(), body.as_ref()))
    }

    /// See `View::derived`.
    pub(super) fn derived<T: Any + Send + Sync>(
        &self,
        extend: impl FnOnce(Option<&T>, &[Written]) -> Result<T>,
    ) -> Result<Arc<T>> {
        let known = self.memos.0.lock().get(&TypeId::of::<T>()).cloned();
        let known = known.and_then(|(upto, memo)| Some((upto, memo.downcast::<T>().ok()?)));
        let (upto, before) = match known {
            Some((upto, memo)) if upto == self.written.len() => return Ok(memo),
            Some((upto, memo)) => (upto, Some(memo)),
            None => (0, None),
        };
        let since = self.written.get(upto..).unwrap_or_default();
        let made = Arc::new(extend(before.as_deref(), since)?);
        let memo: Memo = (self.written.len(), Arc::clone(&made) as Arc<_>);
        self.memos.0.lock().insert(TypeId::of::<T>(), memo);
        Ok(made)
    }
}

impl Layer {
    fn lay(&mut self, op: &Op, at: Timestamp) {
        self.touched.insert(op.iid().0);
        match op {
            Op::Put { iid, version, body, meta } => {
                let (iid, version) = (*iid, *version);
                let (meta, body) = (meta.clone(), body.clone());
                let record = Record { iid, version, updated_at: at, meta, body };
                self.records.entry(iid).or_default().push((version, Some(Arc::new(record))));
            }
            Op::Delete { iid, version } => {
                self.records.entry(*iid).or_default().push((*version, None));
            }
            Op::Append { iid, seq, body } => {
                let entry = Appended { iid: *iid, seq: *seq, at, body: body.clone() };
                self.appended.entry(*iid).or_default().push(entry);
            }
        }
    }

    /// The present record of a hexad.
    pub(super) fn current(&self, iid: Iid) -> Laid<&Record> {
        let last = self.records.get(&iid).and_then(|states| states.last());
        last.map_or(Laid::Nothing, |(_, record)| Laid::of(record.as_deref()))
    }

    /// The same as of a version.
    pub(super) fn at(&self, iid: Iid, version: u32) -> Laid<&Record> {
        let states = self.records.get(&iid).map(Vec::as_slice).unwrap_or_default();
        let state = states.iter().rev().find(|(made, _)| *made <= version);
        state.map_or(Laid::Nothing, |(_, record)| Laid::of(record.as_deref()))
    }

    /// The first version of a hexad that wrote a record here.
    pub(super) fn first_version(&self, iid: Iid) -> Option<u32> {
        self.records.get(&iid)?.first().map(|(version, _)| *version)
    }

    /// The records made here that were replaced or deleted again, oldest first.
    pub(super) fn past(&self, iid: Iid) -> impl Iterator<Item = PastRecord> {
        let states = self.records.get(&iid).map(Vec::as_slice).unwrap_or_default();
        states.windows(2).filter_map(|pair| match pair {
            [(_, Some(record)), (until, _)] => {
                Some(PastRecord { record: Record::clone(record), until: *until })
            }
            _ => None,
        })
    }

    /// Every hexad whose record was written, with what it has now, ascending.
    pub(super) fn all(&self) -> impl Iterator<Item = (Iid, Option<&Record>)> {
        self.records.iter().map(|(iid, states)| (*iid, states.last().and_then(|s| s.1.as_deref())))
    }

    /// What was appended to the sequence of a hexad.
    pub(super) fn appended(&self, iid: Iid) -> &[Appended] {
        self.appended.get(&iid).map(Vec::as_slice).unwrap_or_default()
    }

    /// What was appended to all sequences, ascending, each in its order.
    pub(super) fn all_appended(&self) -> impl Iterator<Item = &Appended> {
        self.appended.values().flatten()
    }
}

/// Things others derived from the records written, by their type, and from how many of these.
#[derive(Debug, Default)]
struct Memos(Mutex<HashMap<TypeId, Memo>>);

/// From how many records, and what.
type Memo = (usize, Arc<dyn Any + Send + Sync>);

impl Clone for Memos {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.0.lock().clone()))
    }
}

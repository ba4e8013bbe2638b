//! A small database with one modality, for the tests of its index.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::engine::base::{Clock, HexadId, Iid, Modality, ModalitySet, Timestamp};

use super::{Applier, Appliers, CatalogOp, Op, OpenOptions, RecordMeta, Store, SyncMode, View};

/// Each look at it is a microsecond later.
struct Ticks(AtomicI64);

impl Clock for Ticks {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// The database, and the index whose hook it has.
pub(crate) struct Trial<A> {
    pub(crate) index: Arc<A>,
    /// The live hexads by their internal ids: id, version, and how long their sequence is.
    pub(crate) live: BTreeMap<u32, (String, u32, u32)>,
    modality: Modality,
    make: fn() -> A,
    store: Option<Store>,
    dir: tempfile::TempDir,
}

impl<A: Applier + 'static> Trial<A> {
    /// An empty one.
    pub(crate) fn new(modality: Modality, make: fn() -> A) -> Self {
        // What is tested does not depend on the disk; in memory it takes no time.
        let memory = std::path::Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let dir = dir.expect("a folder");
        let mut trial = Self {
            index: Arc::new(make()),
            live: BTreeMap::new(),
            modality,
            make,
            store: None,
            dir,
        };
        trial.reopen();
        trial
    }

    /// Closes it and opens it again, with an index that remembers nothing.
    pub(crate) fn reopen(&mut self) {
        if let Some(store) = self.store.take() {
            store.close().expect("closes");
        }
        self.index = Arc::new((self.make)());
        let mut appliers: Appliers = std::array::from_fn(|_| None);
        appliers[self.modality as usize] = Some(Arc::<A>::clone(&self.index));
        let options =
            OpenOptions { create: true, sync: Some(SyncMode::Off), ..OpenOptions::default() };
        let clock = Arc::new(Ticks(AtomicI64::new(1_000_000)));
        let store = Store::open(self.dir.path(), options, clock, appliers).expect("opens");
        self.store = Some(store);
    }

    fn store(&self) -> &Store {
        self.store.as_ref().expect("open between calls")
    }

    /// The newest state.
    pub(crate) fn view(&self) -> View {
        self.store().view().expect("a view")
    }

    /// The live hexad of this id.
    pub(crate) fn iid(&self, id: &str) -> Option<u32> {
        self.live.iter().find(|(_, (name, ..))| name == id).map(|(iid, _)| *iid)
    }

    /// Writes several records in one commit, each new, changed or taken away (`None`; the hexad
    /// stays only if `keep`).
    pub(crate) fn write(&mut self, records: &[(String, Option<Vec<u8>>)]) {
        let view = self.view();
        let mut writes = view.write_set().expect("a write set");
        for (id, body) in records {
            let known = self.iid(id);
            let iid = match known {
                Some(iid) => iid,
                None => self.store().allocate_iids(1).expect("a number").0,
            };
            let version = known.map_or(1, |iid| self.live[&iid].1 + 1);
            let Some(body) = body else {
                if known.is_some() {
                    writes.catalog(CatalogOp::Delete { iid: Iid(iid), version });
                    writes.push(self.modality, Op::Delete { iid: Iid(iid), version });
                    self.live.remove(&iid);
                }
                continue;
            };
            let present = ModalitySet::from_iter([self.modality]);
            writes.catalog(match known {
                Some(_) => CatalogOp::Change { iid: Iid(iid), version, present },
                None => CatalogOp::Create {
                    iid: Iid(iid),
                    id: HexadId::new(id.clone()).expect("a name"),
                    present,
                },
            });
            let seq = known.map_or(1, |iid| self.live[&iid].2 + 1);
            writes.push(
                self.modality,
                match self.modality {
                    Modality::Temporal | Modality::Provenance => {
                        Op::Append { iid: Iid(iid), seq, body: body.clone() }
                    }
                    _ => {
                        let meta = RecordMeta::by_user(body);
                        Op::Put { iid: Iid(iid), version, body: body.clone(), meta }
                    }
                },
            );
            self.live.insert(iid, (id.clone(), version, seq));
        }
        if !writes.is_empty() {
            self.store().commit(writes).expect("commits");
        }
    }
}

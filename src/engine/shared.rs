//! What all clones and sessions of one database share: the store, the indexes, time and chance.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::engine::access::Access;
use crate::engine::archive::Archive;
use crate::engine::auth::AuditLog;
use crate::engine::base::codec;
use crate::engine::base::{Clock, Error, Kind, Lsn, Modality, Result, Rng, Timestamp, Value};
use crate::engine::catalog::Snapshot;
use crate::engine::exec::context::Indexes;
use crate::engine::exec::drift::scoreboard::Scoreboard;
use crate::engine::exec::drift::sweep::Sweep;
use crate::engine::exec::statement::{policy, setting};
use crate::engine::exec::statistics::Statistician;
use crate::engine::lang::resolve::Ty;
use crate::engine::modality::document;
use crate::engine::modality::document::field_index::FieldIndex;
use crate::engine::modality::document::text_search::{self, DocumentIndexes, TextIndex};
use crate::engine::modality::graph::{self, GraphIndex};
use crate::engine::modality::provenance::index::ProvenanceIndex;
use crate::engine::modality::semantic;
use crate::engine::modality::semantic::index::SemanticIndex;
use crate::engine::modality::spatial::index::SpatialIndex;
use crate::engine::modality::temporal::index::TemporalIndex;
use crate::engine::modality::tensor::index::TensorIndex;
use crate::engine::modality::vector;
use crate::engine::modality::vector::search::{self, VectorIndex};
use crate::engine::normalize::Policy;
use crate::engine::outcome::{Options, Status, Sync};
use crate::engine::parked::Parked;
use crate::engine::statements::Statements;
use crate::engine::store::index_fields::{FieldStats, FieldType};
use crate::engine::store::{
    Applier, Appliers, Ground, LogSink, OpenOptions, Several, Space, Store, SyncMode, View,
};
use crate::engine::txn::locks::{Locks, Party};

/// One open database.
pub struct Shared {
    /// The files.
    pub store: Arc<Store>,
    /// What makes reading fast.
    pub indexes: Indexes,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives random bits.
    pub rng: Arc<dyn Rng>,
    /// How it was opened.
    pub options: Options,
    /// When.
    pub opened: Timestamp,
    /// Measures drift in the background.
    pub sweep: Sweep,
    /// What principals may do and see.
    pub access: Access,
    /// What was decided.
    pub audit: AuditLog,
    /// What transactions have locked.
    pub locks: Locks,
    /// Where open transactions rest.
    pub(crate) parked: Arc<Parked>,
    /// What is remembered of the statements that ran.
    pub statements: Statements,
    parties: AtomicU64,
    /// Where the log is copied to while it grows.
    pub archive: Option<Arc<Archive>>,
    /// The policies of the normalizer, while nobody changed them.
    policies: Mutex<Option<Arc<[Policy]>>>,
    /// The minute it is, and the hexads normalized automatically in it.
    rated: Mutex<(Timestamp, u32)>,
    /// The names as of the commit they were read at.
    names: Mutex<Option<(Lsn, Arc<Snapshot>)>>,
}

impl Shared {
    /// Opens the database in `path`.
    pub fn open(
        path: &Path,
        options: Options,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self> {
        if !options.create && !path.exists() {
            let message = format!("no database at {}", path.display());
            return Err(Error::new(Kind::NotFound, message));
        }
        let graph = Arc::new(GraphIndex::new());
        let files = path.join("index");
        let vector = Arc::new(VectorIndex::new(Some(&files), !options.read_only));
        let mut appliers: Appliers = Appliers::default();
        let mut set = |modality: Modality, applier: Arc<dyn Applier>| {
            appliers[modality as usize] = Some(applier);
        };
        set(Modality::Graph, Arc::clone(&graph) as Arc<dyn Applier>);
        set(Modality::Vector, Arc::clone(&vector) as Arc<dyn Applier>);
        let fields = Arc::new(FieldIndex::new());
        let text = Arc::new(TextIndex::new(Some(&files), !options.read_only));
        set(
            Modality::Document,
            Arc::new(DocumentIndexes { text: Arc::clone(&text), fields: Arc::clone(&fields) }),
        );
        set(Modality::Semantic, Arc::new(SemanticIndex::default()));
        set(Modality::Tensor, Arc::new(TensorIndex));
        set(Modality::Spatial, Arc::new(SpatialIndex));
        set(Modality::Temporal, Arc::new(TemporalIndex));
        set(Modality::Provenance, Arc::new(ProvenanceIndex));
        let scores = Arc::new(Scoreboard::new(Some(&files), !options.read_only));
        for applier in &mut appliers {
            let mut hooks = vec![Arc::clone(&scores) as Arc<dyn Applier>];
            hooks.extend(applier.take());
            *applier = Some(Arc::new(Several(hooks)));
        }
        let statistics = Arc::new(Statistician::default());
        if let Some(temporal) = &mut appliers[Modality::Temporal as usize] {
            let hooks = vec![Arc::clone(temporal), Arc::clone(&statistics) as Arc<dyn Applier>];
            *temporal = Arc::new(Several(hooks));
        }
        let store =
            Arc::new(Store::open(path, how_to_open(&options), Arc::clone(&clock), appliers)?);
        scores.opened(store.status().lsn);
        let archive = Self::archive(&store, path, &options);
        scores.set_period(setting::sweep_period(&store.view()?)?);
        vector.start(Arc::downgrade(&store));
        text.start(Arc::downgrade(&store));
        let statements = Statements::new(path, options.read_only);
        setting::load(&statements, &store.view()?)?;
        statistics.tell(statements.ready.renewals());
        statistics.start(Arc::downgrade(&store), Arc::downgrade(&graph));
        let facts = Mutex::new(None);
        let indexes = Indexes {
            graph,
            vector,
            text,
            fields,
            scores,
            statistics,
            facts,
            #[cfg(test)]
            plan: Mutex::default(),
            #[cfg(test)]
            plans: std::sync::atomic::AtomicUsize::new(0),
        };
        let opened = clock.now();
        let audit = AuditLog::new(path, &store.id());
        Ok(Self {
            store,
            indexes,
            clock,
            rng,
            options,
            opened,
            sweep: Sweep::default(),
            access: Access::default(),
            audit,
            locks: Locks::default(),
            parked: Arc::default(),
            statements,
            parties: AtomicU64::new(1),
            archive,
            policies: Mutex::new(None),
            rated: Mutex::new((Timestamp(0), 0)),
            names: Mutex::new(None),
        })
    }

    /// Somebody changed a policy: they are read again.
    pub fn policies_changed(&self) {
        *self.policies.lock() = None;
    }

    /// The policies of the normalizer.
    pub fn policies(&self) -> Result<Arc<[Policy]>> {
        if let Some(known) = self.policies.lock().as_ref() {
            return Ok(Arc::clone(known));
        }
        let read: Arc<[Policy]> = Arc::from(policy::all(&self.store.view()?)?);
        *self.policies.lock() = Some(Arc::clone(&read));
        Ok(read)
    }

    /// Takes one of the hexads that may be normalized in this minute; false when there is none left.
    pub fn take_rated(&self, rate: Option<u32>) -> bool {
        const MINUTE: i64 = 60_000_000;
        let Some(rate) = rate else { return true };
        let now = self.clock.now();
        let mut rated = self.rated.lock();
        if now.0.saturating_sub(rated.0.0) >= MINUTE {
            *rated = (now, 0);
        }
        if rated.1 >= rate {
            return false;
        }
        rated.1 += 1;
        true
    }

    /// The number of a new transaction: greater than all before it.
    pub fn next_party(&self) -> Party {
        Party(self.parties.fetch_add(1, Ordering::Relaxed))
    }

    /// The archive the log is copied to, when this process is the one that writes.
    fn archive(store: &Store, path: &Path, options: &Options) -> Option<Arc<Archive>> {
        let status = store.status();
        let wish = options.archive.as_ref().filter(|_| !status.read_only)?;
        let archive = Archive::start(wish, store.id(), &path.join("log"), status.lsn);
        store.set_sink(Some(Arc::clone(&archive) as Arc<dyn LogSink>));
        Some(archive)
    }

    /// The names of the database as a view shows it.
    ///
    /// Every statement asks; they change only with the commits, and with what a transaction writes.
    pub fn names(&self, view: &View) -> Result<Arc<Snapshot>> {
        if let Some(mask) = view.mask() {
            return mask.kept(|| masked_names(view));
        }
        let laid = view.derived(|known: Option<&Seen>, written| {
            let mut names = match known {
                Some(Seen(names)) => names.clone(),
                None => self.committed_names(view.ground())?.as_ref().clone(),
            };
            for put in written {
                if let Some(record) = view.record_at(put.modality, put.iid, put.version)? {
                    note_record(&mut names, put.modality, &record.body)?;
                }
            }
            Ok(Seen(names))
        })?;
        let Some(laid) = laid else {
            return self.committed_names(view.ground());
        };
        let mut names = laid.0.clone();
        note_entries(&mut names, &|space| view.entries(space))?;
        Ok(Arc::new(names))
    }

    fn committed_names(&self, ground: &Ground) -> Result<Arc<Snapshot>> {
        if let Some((lsn, names)) = self.names.lock().as_ref()
            && *lsn == ground.lsn()
        {
            return Ok(Arc::clone(names));
        }
        let names = ground.kept(|| Ok(Arc::new(Self::read_names(ground)?)))?;
        if self.store.whole() {
            *self.names.lock() = Some((ground.lsn(), Arc::clone(&names)));
        }
        Ok(names)
    }

    fn read_names(ground: &Ground) -> Result<Snapshot> {
        let mut names = given_names();
        note_entries(&mut names, &|space| ground.entries(space))?;
        for (name, stats) in unless_ill(FieldIndex::fields(ground))? {
            names.note_type(Modality::Document, &name, ty_of(&stats));
        }
        if names.fields.contains_key(&Modality::Document) {
            note_texts(&mut names);
        }
        for (name, stats) in unless_ill(SemanticIndex::properties(ground))? {
            names.note_type(Modality::Semantic, &name, ty_of(&stats));
        }
        for name in unless_ill(graph::predicates(ground))?.names() {
            names.note_type(Modality::Graph, name, Ty::Text);
        }
        Ok(names)
    }

    /// Ids that start with `prefix`, in order.
    pub fn ids(view: &View, prefix: &str, most: usize) -> Result<Vec<String>> {
        let mut ids = std::collections::BTreeSet::new();
        for iid in view.live()?.iter() {
            if let Some(id) = view.id_of(crate::engine::base::Iid(iid))?
                && id.starts_with(prefix)
            {
                ids.insert((*id).to_owned());
                if ids.len() > most {
                    ids.pop_last();
                }
            }
        }
        Ok(ids.into_iter().collect())
    }

    /// What the database says about itself.
    pub fn status(&self) -> Result<Status> {
        let status = self.store.status();
        Ok(Status {
            hexads: self.store.view()?.live()?.len(),
            lsn: status.lsn.0,
            read_only: status.read_only,
            sync: status.sync.describe(),
            fsyncs: status.fsyncs,
            log_bytes: status.log_bytes,
            replayed: status.recovery.replayed,
            degraded: status.degraded.iter().map(|m| m.name().to_owned()).collect(),
            recovery: status.recovery.describe(),
        })
    }

    /// Lets the indexes catch up.
    pub fn settle(&self) -> Result<()> {
        let view = self.store.view()?;
        self.indexes.vector.settle(&search::records(&view))?;
        self.indexes.text.settle(&text_search::records(&view))
    }

    /// Ends everything in order; the first failure is told, the rest is ended all the same.
    pub fn close(&self) -> Result<()> {
        self.sweep.stop();
        self.indexes.statistics.close();
        let vector = self.indexes.vector.close();
        let text = self.indexes.text.close();
        let scores = self.indexes.scores.save();
        let drained = self.archive.as_ref().map_or(Ok(()), |archive| archive.drain());
        let store = self.store.close();
        let archived = self.archive.as_ref().map_or(Ok(()), |archive| archive.close());
        store.and(vector).and(text).and(scores).and(drained).and(archived)
    }
}

/// How the store is opened for a database that is opened so.
fn how_to_open(options: &Options) -> OpenOptions {
    OpenOptions {
        create: options.create,
        read_only: options.read_only,
        sync: match options.sync {
            Sync::Kept => None,
            Sync::Full => Some(SyncMode::Full),
            Sync::Interval(ms) => Some(SyncMode::Interval(ms)),
            Sync::Off => Some(SyncMode::Off),
        },
        accept_loss: options.accept_loss,
        ..OpenOptions::default()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Whoever wants to know calls `close`; the thread must end either way.
        if let Some(archive) = &self.archive {
            drop(archive.close());
        }
    }
}

/// The names every database has.
fn given_names() -> Snapshot {
    Snapshot {
        settings: setting::all().iter().map(|s| s.name.to_owned()).collect(),
        stores: ["hexads", "hexad", "local"].map(str::to_owned).into(),
        ..Snapshot::default()
    }
}

/// The names in what a view shows of which something is hidden: those that are kept tell of that too.
fn masked_names(view: &View) -> Result<Snapshot> {
    let mut names = given_names();
    names.contracts = view.entries(Space::Contract)?.into_iter().map(|(n, _)| n).collect();
    for modality in [Modality::Document, Modality::Semantic, Modality::Graph] {
        view.scan(modality, &mut |record| {
            note_record(&mut names, modality, &record.body)?;
            Ok(ControlFlow::Continue(()))
        })?;
    }
    view.scan(Modality::Vector, &mut |record| {
        for (name, embedding) in vector::codec::decode(&record.body)?.named {
            let length = u32::try_from(embedding.data.len()).ok();
            names.note_type(Modality::Vector, &name, Ty::Vector(length));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(names)
}

/// The names in what a transaction has written; kept with it.
struct Seen(Snapshot);

/// The entries of a family of the catalogue.
type Entries<'a> = &'a dyn Fn(Space) -> Result<Vec<(String, Vec<u8>)>>;

/// Notes what the entries of the catalogue name: contracts, and how long embeddings are.
fn note_entries(names: &mut Snapshot, entries: Entries<'_>) -> Result<()> {
    names.contracts = entries(Space::Contract)?.into_iter().map(|(n, _)| n).collect();
    for (entry, body) in entries(Space::Field)? {
        // `dimension/<embedding>\u{1f}<model>` holds how many numbers such embeddings have.
        let Some((name, _)) = entry.strip_prefix("dimension/").and_then(|e| e.split_once('\u{1f}'))
        else {
            continue;
        };
        let count = codec::Reader::new(&body, "dimension").uint()?;
        names.note_type(Modality::Vector, name, Ty::Vector(u32::try_from(count).ok()));
    }
    Ok(())
}

/// They are counted apart from the fields, and every document may have them.
fn note_texts(names: &mut Snapshot) {
    names.note_type(Modality::Document, "title", Ty::Text);
    names.note_type(Modality::Document, "body", Ty::Text);
}

/// Notes the names in one record.
fn note_record(names: &mut Snapshot, modality: Modality, body: &[u8]) -> Result<()> {
    let ty = |value: &Value| FieldType::of(value).map_or(Ty::Null, type_of);
    match modality {
        Modality::Document => {
            let document = document::codec::decode(body)?;
            for (name, value) in &document.fields {
                names.note_type(modality, name, ty(value));
            }
            if names.fields.contains_key(&modality) {
                note_texts(names);
            }
        }
        Modality::Semantic => {
            for (name, value) in &semantic::codec::decode(body)?.properties {
                names.note_type(modality, name, ty(value));
            }
        }
        Modality::Graph => graph::codec::each(body, |predicate, _| {
            names.note_type(modality, predicate, Ty::Text);
        })?,
        _ => {}
    }
    Ok(())
}

/// What a modality knows; nothing while its file is being made again: then every name of it may be
/// right, and a statement that needs it is told when it reads.
fn unless_ill<T: Default>(read: Result<T>) -> Result<T> {
    match read {
        Err(error) if error.kind == Kind::StoreUnavailable => Ok(T::default()),
        read => read,
    }
}

/// The type a field has, by what was ever written into it.
fn ty_of(stats: &FieldStats) -> Ty {
    stats.types().fold(Ty::Null, |ty, (seen, _)| ty.join(type_of(seen)))
}

fn type_of(seen: FieldType) -> Ty {
    match seen {
        FieldType::Bool => Ty::Bool,
        FieldType::Int => Ty::Int,
        FieldType::Float => Ty::Float,
        FieldType::Text => Ty::Text,
        FieldType::List => Ty::List,
        // What is inside of it was not counted: anything may be.
        FieldType::Map => Ty::Any,
    }
}

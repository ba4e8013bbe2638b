//! The statistics of a database: gathered from its records, kept in the catalogue by `ANALYZE`, and
//! gathered again in the background when much has been written since.
//!
//! What the background gathers is of a part of the records and stays in memory; it never writes. Only
//! what the engine read itself is counted, whoever wrote it; a plan that rests on it costs more or
//! less time and answers the same.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::{Mutex, MutexGuard};
use roaring::RoaringBitmap;

use crate::engine::base::codec::{Reader, put_f64, put_text, put_uint};
use crate::engine::base::{Error, Kind, Lsn, Modality, Result, Value};
use crate::engine::index::Worker;
use crate::engine::modality::document::{self, field_index::FieldIndex};
use crate::engine::modality::graph::GraphIndex;
use crate::engine::modality::semantic::index::SemanticIndex;
use crate::engine::modality::temporal::index::TemporalIndex;
use crate::engine::modality::vector::{Metric, metric};
use crate::engine::modality::{semantic, spatial, tensor, vector};
use crate::engine::plan::cost::Units;
use crate::engine::plan::learn::Lessons;
use crate::engine::plan::stats::{
    Degrees, FieldStatistics, NAMES, Similarities, Statistics, scaled,
};
use crate::engine::store::{
    Applier, CatalogOp, Changes, Ground, IndexTx, Op, RecordScan, Space, Store, View, WriteSet,
};

/// The entry of the catalogue that holds the statistics.
const STATISTICS: &str = "statistics";
/// The entry that holds the prices measured on this machine.
const UNITS: &str = "units";
/// Records of a modality that `ANALYZE` looks at; of more it looks at a part.
const LOOKED: u64 = 50_000;
/// Records that the background looks at.
const GLANCED: u64 = 2000;
/// Hexads below which nothing is gathered unasked.
const FEW: u64 = 1000;
/// Changed hexads that are never worth gathering again.
const FRESH: u64 = 2000;
/// Embeddings of a name that are compared with each other.
const COMPARED: u64 = 400;
/// Pairs of them.
const PAIRS: usize = 4096;
/// Cosines that are kept of those.
const KEPT: usize = 512;
/// Characters of a text that tell values apart.
const SHOWN: usize = 64;

/// What plans go by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Of the data.
    pub statistics: Statistics,
    /// Of the machine.
    pub units: Units,
    /// The commit by which `ANALYZE` gathered what is in the catalogue; zero for never.
    pub analyzed: Lsn,
    /// How often anything of it has changed since the database was opened: for who keeps plans.
    pub generation: u64,
}

/// Keeps the statistics of one open database.
#[derive(Debug, Default)]
pub struct Statistician {
    known: Mutex<Option<Arc<Known>>>,
    generation: AtomicU64,
    /// Hexads changed since something was gathered.
    changed: AtomicU64,
    /// The background was told, and has not answered yet.
    told: AtomicBool,
    worker: Mutex<Option<Worker>>,
    lessons: Mutex<Lessons>,
    /// Who keeps plans: told when they should be chosen again.
    renewals: Mutex<Option<Arc<AtomicU64>>>,
}

impl Statistician {
    /// What the plans that ran have taught.
    pub fn lessons(&self) -> MutexGuard<'_, Lessons> {
        self.lessons.lock()
    }

    /// Lets the background gather, reading from `store`.
    pub fn start(self: &Arc<Self>, store: Weak<Store>, graph: Weak<GraphIndex>) {
        let keeper = Arc::downgrade(self);
        let worker = Worker::start("statistics", 1, move || {
            if let (Some(keeper), Some(store), Some(graph)) =
                (keeper.upgrade(), store.upgrade(), graph.upgrade())
                && let Ok(view) = store.view()
            {
                // What cannot be read is told to who asks for it; plans go by what was known before.
                drop(keeper.glance(&view, &graph));
            }
        });
        *self.worker.lock() = Some(worker);
    }

    /// Lets `renewals` count how often what plans go by has changed.
    pub fn tell(&self, renewals: Arc<AtomicU64>) {
        *self.renewals.lock() = Some(renewals);
    }

    /// Ends the background work.
    pub fn close(&self) {
        let worker = self.worker.lock().take();
        if let Some(worker) = worker {
            worker.stop();
        }
    }

    /// What plans go by now.
    pub fn known(&self, view: &View) -> Result<Arc<Known>> {
        let known = self.known.lock().clone();
        let known = match known {
            Some(known) => known,
            None => self.load(view.ground())?,
        };
        let rows = known.statistics.rows;
        let stale = if rows == 0 {
            view.ground().live()?.len() >= FEW
        } else {
            self.changed.load(Ordering::Relaxed) > FRESH.max(rows / 5)
        };
        if stale
            && !self.told.swap(true, Ordering::Relaxed)
            && let Some(worker) = &*self.worker.lock()
        {
            worker.announce(1);
        }
        Ok(known)
    }

    fn load(&self, ground: &Ground) -> Result<Arc<Known>> {
        let mut known = Known::default();
        if let Some(bytes) = ground.entry(Space::Statistics, STATISTICS)? {
            known.statistics = Statistics::decode(&bytes)?.unwrap_or_default();
            known.analyzed = Lsn(known.statistics.lsn);
        }
        if let Some(bytes) = ground.entry(Space::Statistics, UNITS)? {
            known.units = decode_units(&bytes)?;
        }
        Ok(self.keep(known))
    }

    fn keep(&self, mut known: Known) -> Arc<Known> {
        known.generation = self.generation.fetch_add(1, Ordering::Relaxed) + 1;
        let known = Arc::new(known);
        *self.known.lock() = Some(Arc::clone(&known));
        if let Some(renewals) = &*self.renewals.lock() {
            renewals.fetch_add(1, Ordering::Relaxed);
        }
        known
    }

    /// A quick look at a part of everything, without writing it down.
    fn glance(&self, view: &View, graph: &GraphIndex) -> Result<()> {
        let before = self.changed.swap(0, Ordering::Relaxed);
        let known = self.known(view)?;
        let looker = Looker { ground: view.ground(), most: GLANCED, check: &|| Ok(()) };
        let warm = graph.is_warm(view).then_some(graph);
        let gathered = looker.all(view, warm, &known.statistics);
        self.told.store(false, Ordering::Relaxed);
        match gathered {
            Ok(statistics) => {
                let known = Known { statistics, ..known.as_ref().clone() };
                self.keep(known);
                Ok(())
            }
            Err(error) => {
                self.changed.fetch_add(before, Ordering::Relaxed);
                Err(error)
            }
        }
    }

    /// Looks at the records of `modality`, or of all, and prepares what is to be kept.
    pub fn analyze(
        &self,
        view: &View,
        graph: &GraphIndex,
        modality: Option<Modality>,
        check: &dyn Fn() -> Result<()>,
    ) -> Result<Statistics> {
        let known = self.known(view)?;
        let looker = Looker { ground: view.ground(), most: LOOKED, check };
        match modality {
            None => looker.all(view, Some(graph), &known.statistics),
            Some(modality) => {
                let mut statistics = looker.counts(&known.statistics)?;
                looker.one(view, Some(graph), modality, &mut statistics)?;
                Ok(statistics)
            }
        }
    }

    /// Takes over what was gathered and kept.
    pub fn analyzed(&self, view: &View, statistics: Statistics) -> Result<()> {
        let known = self.known(view)?;
        self.changed.store(0, Ordering::Relaxed);
        let analyzed = Lsn(statistics.lsn);
        self.keep(Known { statistics, analyzed, ..known.as_ref().clone() });
        Ok(())
    }

    /// Takes over prices that were measured and kept.
    pub fn priced(&self, view: &View, units: Units) -> Result<()> {
        let known = self.known(view)?;
        self.keep(Known { units, ..known.as_ref().clone() });
        Ok(())
    }
}

/// Writes statistics down.
pub fn put_statistics(writes: &mut WriteSet, statistics: &Statistics) {
    let body = statistics.encode();
    writes.catalog(CatalogOp::Set { space: Space::Statistics, name: STATISTICS.to_owned(), body });
}

/// Writes prices down.
pub fn put_units(writes: &mut WriteSet, units: &Units) {
    let mut body = vec![];
    put_uint(&mut body, Units::ALL.len() as u64);
    for (name, _) in Units::ALL {
        put_text(&mut body, name);
        put_f64(&mut body, units.get(name).unwrap_or_default());
    }
    writes.catalog(CatalogOp::Set { space: Space::Statistics, name: UNITS.to_owned(), body });
}

/// Prices by name; those that have another name today are left as they are built in.
fn decode_units(bytes: &[u8]) -> Result<Units> {
    let mut reader = Reader::new(bytes, "prices");
    let mut units = Units::default();
    for _ in 0..reader.count(9)? {
        let name = reader.text()?;
        units.set(name, reader.f64()?);
    }
    reader.finish()?;
    Ok(units)
}

/// Looks at records, at most so many of each modality.
struct Looker<'l> {
    ground: &'l Ground,
    most: u64,
    check: &'l dyn Fn() -> Result<()>,
}

/// How many embeddings of one name were seen, and some of them.
type Seen = (u64, Vec<Arc<[f32]>>);

impl Looker<'_> {
    fn counts(&self, before: &Statistics) -> Result<Statistics> {
        let mut statistics = before.clone();
        statistics.lsn = self.ground.lsn().0;
        statistics.rows = self.ground.live()?.len();
        for modality in Modality::ALL {
            statistics.present[modality as usize] = self.ground.present(modality)?.len();
        }
        Ok(statistics)
    }

    fn all(
        &self,
        view: &View,
        graph: Option<&GraphIndex>,
        before: &Statistics,
    ) -> Result<Statistics> {
        let mut statistics = self.counts(before)?;
        for modality in Modality::ALL {
            match self.one(view, graph, modality, &mut statistics) {
                // A file that is being made again says nothing today.
                Err(Error { kind: Kind::StoreUnavailable, .. }) => {}
                other => other?,
            }
        }
        Ok(statistics)
    }

    fn one(
        &self,
        view: &View,
        graph: Option<&GraphIndex>,
        modality: Modality,
        into: &mut Statistics,
    ) -> Result<()> {
        match modality {
            Modality::Document => self.documents(into),
            Modality::Vector => self.vectors(into),
            Modality::Graph => graph.map_or(Ok(()), |graph| edges(view, graph, into)),
            Modality::Semantic => self.semantics(into),
            Modality::Temporal => {
                into.authors = most_common(TemporalIndex::authors(self.ground)?);
                Ok(())
            }
            Modality::Tensor => self.tensors(into),
            Modality::Spatial => self.places(into),
            Modality::Provenance => Ok(()),
        }
    }

    /// Hands over the records of a modality, or every n-th of them, with how many they are of how many.
    fn look(
        &self,
        modality: Modality,
        most: u64,
        each: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<(u64, u64)> {
        let present = self.ground.present(modality)?;
        let total = present.len();
        let mut looked = 0;
        let mut one = |record: &crate::engine::store::Record| {
            if looked % 64 == 0 {
                (self.check)()?;
            }
            looked += 1;
            each(&record.body)?;
            Ok(ControlFlow::Continue(()))
        };
        if total <= most {
            self.ground.scan(modality, &mut one)?;
        } else {
            let stride = total.div_ceil(most) as usize;
            let part: RoaringBitmap = present.iter().step_by(stride).collect();
            self.ground.records(modality, &part, &mut one)?;
        }
        Ok((looked, total))
    }

    fn documents(&self, into: &mut Statistics) -> Result<()> {
        let mut columns: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let (looked, total) = self.look(Modality::Document, self.most, &mut |body| {
            let document = document::codec::decode(body)?;
            let texts = [("title", document.title), ("body", document.body)];
            for (name, text) in texts {
                if let Some(text) = text {
                    note(&mut columns, name, &Value::Text(text));
                }
            }
            for (name, value) in &document.fields {
                note(&mut columns, name, value);
            }
            Ok(())
        })?;
        let seen = FieldIndex::fields(self.ground)?;
        into.fields = columns
            .into_iter()
            .map(|(name, values)| {
                // The index counts different values of all documents, where only a part was read.
                let distinct =
                    seen.get(&name).map(super::super::store::index_fields::FieldStats::distinct);
                let distinct = distinct.filter(|_| looked < total);
                let of = FieldStatistics::of(values, looked, total, distinct);
                (name, of)
            })
            .collect();
        Ok(())
    }

    fn vectors(&self, into: &mut Statistics) -> Result<()> {
        let mut named: BTreeMap<String, Seen> = BTreeMap::new();
        let most = COMPARED.min(self.most);
        let (looked, total) = self.look(Modality::Vector, most, &mut |body| {
            for (name, embedding) in vector::codec::decode(body)?.named {
                if named.len() < NAMES || named.contains_key(&name) {
                    let (count, vectors) = named.entry(name).or_default();
                    *count += 1;
                    if vectors.len() < COMPARED as usize {
                        vectors.push(embedding.data);
                    }
                }
            }
            Ok(())
        })?;
        into.embeddings = named
            .into_iter()
            .map(|(name, (count, vectors))| {
                let mut dimensions: BTreeMap<usize, u64> = BTreeMap::new();
                for vector in &vectors {
                    *dimensions.entry(vector.len()).or_default() += 1;
                }
                let most = dimensions.iter().max_by_key(|(_, n)| **n).map_or(0, |(d, _)| *d);
                let cosines = cosines(&vectors);
                let count = scaled(count, looked, total);
                (name, Similarities { count, dimensions: most as u64, cosines })
            })
            .collect();
        Ok(())
    }

    fn semantics(&self, into: &mut Statistics) -> Result<()> {
        into.types = most_common(SemanticIndex::types(self.ground)?);
        let mut vouched: BTreeMap<String, u64> = BTreeMap::new();
        let (looked, total) = self.look(Modality::Semantic, self.most, &mut |body| {
            for verification in semantic::codec::decode(body)?.verifications {
                *vouched.entry(format!("by {}", verification.verifier)).or_default() += 1;
                if let Some(proof) = verification.proof {
                    let kind = format!("proof {}", proof.to_ascii_lowercase());
                    *vouched.entry(kind).or_default() += 1;
                }
            }
            Ok(())
        })?;
        let all = vouched.into_iter().map(|(name, n)| (name, scaled(n, looked, total)));
        into.vouched = most_common(all.collect());
        Ok(())
    }

    fn tensors(&self, into: &mut Statistics) -> Result<()> {
        let (mut ranks, mut shapes): (BTreeMap<u64, u64>, BTreeMap<String, u64>) =
            (BTreeMap::new(), BTreeMap::new());
        // Tensors are large: their shape is all that is wanted of them.
        let (looked, total) = self.look(Modality::Tensor, self.most.min(GLANCED), &mut |body| {
            let tensor = tensor::codec::decode(body)?;
            *ranks.entry(tensor.shape.len() as u64).or_default() += 1;
            *shapes.entry(shape_name(tensor.shape.iter().map(|n| *n as u64))).or_default() += 1;
            Ok(())
        })?;
        into.ranks = ranks.into_iter().map(|(r, n)| (r, scaled(n, looked, total))).collect();
        let shapes = shapes.into_iter().map(|(s, n)| (s, scaled(n, looked, total)));
        into.shapes = most_common(shapes.collect());
        Ok(())
    }

    fn places(&self, into: &mut Statistics) -> Result<()> {
        let mut grid = Statistics::default();
        let (looked, total) = self.look(Modality::Spatial, self.most, &mut |body| {
            if let Some(center) = spatial::codec::decode(body)?.geometry.center() {
                grid.add_place(center.latitude, center.longitude, 1);
            }
            Ok(())
        })?;
        let cells = grid.places.into_iter();
        into.places = cells.map(|(cell, n)| (cell, scaled(n, looked, total))).collect();
        Ok(())
    }
}

/// A shape as statistics call it.
pub fn shape_name(shape: impl Iterator<Item = u64>) -> String {
    shape.map(|n| n.to_string()).collect::<Vec<_>>().join("x")
}

/// Notes a value and what is nested in it, by its path.
fn note(columns: &mut BTreeMap<String, Vec<Value>>, path: &str, value: &Value) {
    let value = match value {
        Value::Map(map) if path.matches('.').count() < 3 => {
            for (name, inner) in map {
                note(columns, &format!("{path}.{name}"), inner);
            }
            return;
        }
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => value.clone(),
        Value::Text(text) => Value::Text(text.chars().take(SHOWN).collect()),
        _ => return,
    };
    if columns.len() < NAMES || columns.contains_key(path) {
        columns.entry(path.to_owned()).or_default().push(value);
    }
}

fn most_common(mut counts: Vec<(String, u64)>) -> BTreeMap<String, u64> {
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts.truncate(NAMES);
    counts.into_iter().collect()
}

/// Cosines of pairs, ascending. Each vector is met with others at growing distances in the sequence, so
/// that what was written together is not only met with itself.
fn cosines(vectors: &[Arc<[f32]>]) -> Vec<f64> {
    let n = vectors.len();
    let mut found = vec![];
    let mut distance = 1;
    while n > 1 && distance < n && found.len() < PAIRS {
        for at in 0..n {
            let (a, b) = (&vectors[at], &vectors[(at + distance) % n]);
            if a.len() == b.len() {
                found.push(metric::similarity(Metric::Cosine, a, b).unwrap_or(0.0));
            }
        }
        distance = distance * 3 / 2 + 1;
    }
    found.sort_by(f64::total_cmp);
    if found.len() <= KEPT {
        return found;
    }
    let last = found.len() - 1;
    (0..KEPT).map(|at| found[at * last / (KEPT - 1)]).collect()
}

fn edges(view: &View, graph: &GraphIndex, into: &mut Statistics) -> Result<()> {
    let graph = graph.at(view)?;
    let mut degrees = graph.graph().degrees();
    into.predicates = BTreeMap::new();
    for (id, counted) in graph.graph().statistics() {
        let Some(name) = graph.predicates().name(*id) else { continue };
        let [out, incoming] = degrees.remove(id).unwrap_or_default();
        let of = Degrees {
            edges: counted.edges,
            sources: counted.sources,
            targets: counted.targets,
            out,
            into: incoming,
        };
        if into.predicates.len() < NAMES {
            into.predicates.insert(name.to_owned(), of);
        }
    }
    Ok(())
}

/// Told of every version that is written: so it knows how much has changed.
impl Applier for Statistician {
    fn schema(&self, _: &IndexTx<'_>) -> Result<()> {
        Ok(())
    }

    fn apply(&self, _: &IndexTx<'_>, _: &[Changes<'_>]) -> Result<()> {
        Ok(())
    }

    fn applied(&self, batch: &[Changes<'_>]) {
        let of = |changes: &Changes<'_>| {
            changes.ops.iter().filter(|op| matches!(op, Op::Append { .. })).count() as u64
        };
        self.changed.fetch_add(batch.iter().map(of).sum(), Ordering::Relaxed);
    }

    fn refreshed(&self, _: Lsn) {
        // Another process may have analyzed.
        *self.known.lock() = None;
    }

    fn rebuild(&self, _: &IndexTx<'_>, _: RecordScan<'_>) -> Result<()> {
        Ok(())
    }
}

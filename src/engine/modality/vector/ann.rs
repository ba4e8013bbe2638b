//! The approximate search: a navigable graph (HNSW, by usearch) over the codes of many vectors.
//!
//! It answers COSINE searches among very many vectors; what it proposes is scored exactly, and what it
//! does not cover is scanned. A hexad is covered while its vector is the one the graph knows: every
//! change after the commit of the graph takes it out, until the background has put the new vector in.
//! Building costs a third of a millisecond a vector, so it happens in the background only, and the
//! graph is saved.
//!
//! ```text
//! file = "VQLHNSW1", u64 lsn, u32 dimensions, u32 length, name, u32 length, covered (roaring),
//!        the graph as usearch writes it, u32 CRC-32 of everything before
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Mutex, RwLock};
use roaring::RoaringBitmap;
use usearch::ffi::{IndexOptions, MetricKind, ScalarKind};

use crate::engine::base::{Error, Kind, Lsn, Result};

const MAGIC: &[u8; 8] = b"VQLHNSW1";

/// Edges of a node, and how widely the graph is searched. Chosen for a recall of 0.99 at 100,000
/// vectors of 384 numbers, where 0.95 is reached with half of it.
const CONNECTIVITY: usize = 16;
const EXPANSION_ADD: usize = 128;
const EXPANSION_SEARCH: usize = 128;

/// Threads that may use a graph at once; more are turned away to the exact scan.
const THREADS: usize = 64;

/// Vectors added between two looks at whether to stop.
const STEP: usize = 256;

/// The graphs of one index.
#[derive(Debug, Default)]
pub(super) struct Graphs {
    graphs: Mutex<Vec<Arc<Graph>>>,
    looked: AtomicBool,
    stop: AtomicBool,
    /// Held by whoever grows them.
    pub(super) growing: Mutex<()>,
}

/// The graph of one name and dimension.
pub(super) struct Graph {
    name: String,
    dimensions: usize,
    /// Locked for writing only to make room; usearch adds and searches at the same time.
    nodes: RwLock<usearch::Index>,
    state: Mutex<State>,
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Graph({}, {})", self.name, self.dimensions)
    }
}

/// What a graph knows.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Changes up to here have been taken into account.
    pub(super) lsn: Lsn,
    /// The hexads whose vector at that commit is in the graph.
    pub(super) covered: RoaringBitmap,
    /// Whether the file knows less.
    dirty: bool,
}

impl Graphs {
    /// The graph of a name and dimension, from its file if need be. Files of commits after `saved`,
    /// the one the index itself was saved at, belong to another history.
    pub(super) fn get(
        &self,
        dir: Option<&Path>,
        saved: Lsn,
        name: &str,
        dims: usize,
    ) -> Option<Arc<Graph>> {
        let mut graphs = self.graphs.lock();
        if !self.looked.swap(true, Ordering::Relaxed) {
            let found = dir.into_iter().flat_map(files).filter_map(|file| Graph::load(&file));
            let found = found.filter(|graph| graph.state.lock().lsn <= saved);
            graphs.extend(found.map(Arc::new));
        }
        graphs.iter().find(|graph| graph.dimensions == dims && graph.name == name).cloned()
    }

    /// The same, made when there is none.
    pub(super) fn get_or_make(
        &self,
        dir: Option<&Path>,
        saved: Lsn,
        (name, dims): (&str, usize),
        lsn: Lsn,
    ) -> Result<Arc<Graph>> {
        if let Some(graph) = self.get(dir, saved, name, dims) {
            return Ok(graph);
        }
        let graph = Arc::new(Graph::new(name, dims, lsn)?);
        self.graphs.lock().push(Arc::clone(&graph));
        Ok(graph)
    }

    /// Saves what has changed.
    pub(super) fn save(&self, dir: &Path) -> Result<()> {
        let graphs = self.graphs.lock().clone();
        graphs.iter().try_for_each(|graph| graph.save(dir))
    }

    /// Makes [`Graph::add`] end soon.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten();
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| path.extension().is_some_and(|e| e == "hnsw")).collect()
}

fn failed(cause: &impl std::fmt::Display) -> Error {
    Error::new(Kind::ResourceExhausted, format!("the graph of vectors cannot grow: {cause}"))
}

impl Graph {
    fn new(name: &str, dimensions: usize, lsn: Lsn) -> Result<Self> {
        let options = IndexOptions {
            dimensions,
            metric: MetricKind::Cos,
            quantization: ScalarKind::I8,
            connectivity: CONNECTIVITY,
            expansion_add: EXPANSION_ADD,
            expansion_search: EXPANSION_SEARCH,
            multi: false,
        };
        let nodes = usearch::Index::new(&options).map_err(|e| failed(&e))?;
        Ok(Self {
            name: name.to_owned(),
            dimensions,
            nodes: RwLock::new(nodes),
            state: Mutex::new(State { lsn, ..State::default() }),
        })
    }

    /// What it knows now.
    pub(super) fn state(&self) -> State {
        self.state.lock().clone()
    }

    /// Hexads near to the vector of these codes, those that `admits` lets pass; `None` when it cannot
    /// be searched now.
    pub(super) fn near(
        &self,
        codes: &[i8],
        count: usize,
        admits: Option<&RoaringBitmap>,
    ) -> Option<Vec<u32>> {
        let nodes = self.nodes.read();
        let found = match admits {
            None => nodes.search(codes, count),
            Some(set) => nodes.filtered_search(codes, count, |key| set.contains(key as u32)),
        };
        Some(found.ok()?.keys.into_iter().map(|key| key as u32).collect())
    }

    /// Takes vectors out that have changed up to `lsn`.
    pub(super) fn remove(&self, changed: &RoaringBitmap, lsn: Lsn) {
        let mut state = self.state.lock();
        let gone = &state.covered & changed;
        state.covered -= &gone;
        state.lsn = state.lsn.max(lsn);
        state.dirty = true;
        drop(state);
        let nodes = self.nodes.read();
        for iid in gone {
            // What stays behind is not covered, and never believed.
            drop(nodes.remove(u64::from(iid)));
        }
    }

    /// Adds the codes of hexads that are not covered; ends early when told to stop.
    pub(super) fn add<'a>(
        &self,
        graphs: &Graphs,
        vectors: impl Iterator<Item = (u32, &'a [i8])>,
    ) -> Result<()> {
        let mut vectors = vectors.peekable();
        while vectors.peek().is_some() && !graphs.stop.load(Ordering::Relaxed) {
            self.make_room()?;
            let mut added = RoaringBitmap::new();
            let nodes = self.nodes.read();
            for (iid, codes) in vectors.by_ref().take(STEP) {
                if nodes.contains(u64::from(iid)) {
                    nodes.remove(u64::from(iid)).map_err(|e| failed(&e))?;
                }
                nodes.add(u64::from(iid), codes).map_err(|e| failed(&e))?;
                added.insert(iid);
            }
            drop(nodes);
            let mut state = self.state.lock();
            state.covered |= added;
            state.dirty = true;
        }
        Ok(())
    }

    fn make_room(&self) -> Result<()> {
        let nodes = self.nodes.read();
        let (size, capacity) = (nodes.size(), nodes.capacity());
        drop(nodes);
        if size + STEP > capacity {
            let room = (size + STEP).max(size + size / 2).next_multiple_of(1024);
            let nodes = self.nodes.write();
            nodes.reserve_capacity_and_threads(room, THREADS).map_err(|e| failed(&e))?;
        }
        Ok(())
    }

    fn save(&self, dir: &Path) -> Result<()> {
        // Alone, so that what is written is of one moment.
        let nodes = self.nodes.write();
        let state = self.state();
        if !state.dirty || state.covered.is_empty() {
            return Ok(());
        }
        let io = |cause: &dyn std::fmt::Display| {
            Error::new(Kind::Io, format!("cannot save the graph of vectors: {cause}"))
        };
        let mut bytes = MAGIC.to_vec();
        bytes.extend(state.lsn.0.to_le_bytes());
        bytes.extend((self.dimensions as u32).to_le_bytes());
        bytes.extend((self.name.len() as u32).to_le_bytes());
        bytes.extend(self.name.as_bytes());
        bytes.extend((state.covered.serialized_size() as u32).to_le_bytes());
        state.covered.serialize_into(&mut bytes).map_err(|e| io(&e))?;
        let start = bytes.len();
        bytes.resize(start + nodes.serialized_length(), 0);
        nodes.save_to_buffer(&mut bytes[start..]).map_err(|e| io(&e))?;
        drop(nodes);
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        let stem = format!("{:08x}-{}", crc32fast::hash(self.name.as_bytes()), self.dimensions);
        let fresh = dir.join(format!("{stem}.new"));
        fs::create_dir_all(dir).map_err(|e| io(&e))?;
        fs::write(&fresh, &bytes).map_err(|e| io(&e))?;
        fs::rename(&fresh, dir.join(format!("{stem}.hnsw"))).map_err(|e| io(&e))?;
        self.state.lock().dirty = false;
        Ok(())
    }

    /// A graph from its file, if that is sound.
    fn load(path: &Path) -> Option<Self> {
        let bytes = fs::read(path).ok()?;
        let (body, sum) = bytes.split_last_chunk::<4>()?;
        if crc32fast::hash(body) != u32::from_le_bytes(*sum) {
            return None;
        }
        let rest = body.strip_prefix(MAGIC)?;
        let (lsn, rest) = rest.split_first_chunk::<8>()?;
        let (dimensions, rest) = rest.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (name, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (covered, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let lsn = Lsn(u64::from_le_bytes(*lsn));
        let name = std::str::from_utf8(name).ok()?;
        let graph = Self::new(name, u32::from_le_bytes(*dimensions) as usize, lsn).ok()?;
        let nodes = graph.nodes.write();
        nodes.load_from_buffer(rest).ok()?;
        nodes.reserve_capacity_and_threads(nodes.size() + STEP, THREADS).ok()?;
        nodes.change_expansion_search(EXPANSION_SEARCH);
        nodes.change_expansion_add(EXPANSION_ADD);
        drop(nodes);
        let covered = RoaringBitmap::deserialize_from(covered).ok()?;
        *graph.state.lock() = State { lsn, covered, dirty: false };
        Some(graph)
    }
}

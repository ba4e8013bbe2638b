//! The full-text index: which documents are meant, which fit best, how many there are.
//!
//! Answers and scores are exact for the view they are asked through, whatever the index covers: see
//! [`crate::engine::index`].

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::path::Path;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Lsn, Modality, Result};
use crate::engine::index::{
    Defect, Derived, IndexStatus, Noted, Reading, Records, Segment as _, Tick, ViewRecords, Worker,
};
use crate::engine::store::{Applier, Changes, IndexTx, RecordScan, Store, View};

use super::text_eval::Evaluation;
use super::text_query::{Node, Occurrences, TextQuery};
use super::text_score::{Collection, Scorer};
use super::text_segment::TextSegment;
use super::{Document, FieldIndex, codec};

/// Changes after which the background extends the index at once.
const BATCH: u64 = 4096;

/// Records of documents, as a view or a test shows them.
pub type DocumentRecords<'a> = dyn Records<Record = Document> + 'a;

/// The index of the texts of documents.
#[derive(Debug)]
pub struct TextIndex {
    derived: Derived<TextSegment>,
    noted: Noted,
    worker: Mutex<Option<Worker>>,
}

/// A document outside of the index, and where the query occurs in it.
struct Loose {
    iid: u32,
    occurrences: Occurrences,
}

/// The documents a view shows.
pub fn records(view: &View) -> ViewRecords<'_, Document> {
    ViewRecords::new(view, Modality::Document, codec::decode)
}

impl TextIndex {
    /// An index with its files under `dir`, or in memory only. Nothing is read before it is needed.
    pub fn new(dir: Option<&Path>, writable: bool) -> Self {
        Self {
            derived: Derived::new(dir, writable),
            noted: Noted::default(),
            worker: Mutex::new(None),
        }
    }

    /// Lets the index grow in the background, reading from `store`.
    pub fn start(self: &Arc<Self>, store: Weak<Store>) {
        let index = Arc::downgrade(self);
        let worker = Worker::start("text", BATCH, move || {
            if let (Some(index), Some(store)) = (index.upgrade(), store.upgrade())
                && index.derived.loaded()
                && let Ok(view) = store.view()
            {
                // What goes wrong here goes wrong again, and is told, when somebody asks.
                drop(index.derived.advance(&records(&view)));
            }
        });
        *self.worker.lock() = Some(worker);
    }

    /// Makes the index cover everything the view shows, and saves it.
    pub fn settle(&self, view: &DocumentRecords<'_>) -> Result<()> {
        self.derived.settle(view)
    }

    /// Ends the background work and saves what there is.
    pub fn close(&self) -> Result<()> {
        let worker = self.worker.lock().take();
        if let Some(worker) = worker {
            worker.stop();
        }
        self.derived.save()
    }

    /// What the index says differently from the documents, and which of its files are damaged.
    pub fn scrub(&self, view: &DocumentRecords<'_>, tick: Tick<'_>) -> Result<Vec<Defect>> {
        self.derived.scrub(view, tick)
    }

    /// What the index says about itself.
    pub fn status(&self) -> IndexStatus {
        self.derived.status()
    }

    /// The `k` documents that fit best, best first, with their BM25 scores; ties by internal id.
    /// Only hexads of `filter` are found, if it is given; scores do not depend on it.
    pub fn search(
        &self,
        view: &DocumentRecords<'_>,
        query: &TextQuery,
        k: usize,
        filter: Option<&RoaringBitmap>,
    ) -> Result<Vec<(Iid, f32)>> {
        let reading = self.derived.reading(view)?;
        let loose = loose(view, &reading, query)?;
        let parts = evaluations(&reading, query);
        let scorer = Scorer::new(&collection(&parts, &loose, query));
        let mut best = Best { k, hits: BinaryHeap::new() };
        let admits = |iid: u32| filter.is_none_or(|filter| filter.contains(iid));
        for part in &parts {
            part.rank(&scorer, filter, &mut |iid, score| best.offer(iid, score, &admits));
        }
        for document in loose.iter().filter(|document| query.holds(&document.occurrences)) {
            best.offer(document.iid, score(query, &document.occurrences, &scorer), &admits);
        }
        Ok(best.into_hits())
    }

    /// All documents that are meant.
    pub fn candidates(
        &self,
        view: &DocumentRecords<'_>,
        query: &TextQuery,
    ) -> Result<RoaringBitmap> {
        let reading = self.derived.reading(view)?;
        let mut found = RoaringBitmap::new();
        for part in evaluations(&reading, query) {
            found |= part.matching();
        }
        let loose = loose(view, &reading, query)?;
        found.extend(loose.iter().filter(|d| query.holds(&d.occurrences)).map(|d| d.iid));
        Ok(found)
    }

    /// About how many documents are meant, for the planner: from the words alone, without reading a
    /// document. `None` while the index is not loaded.
    pub fn estimate(&self, query: &TextQuery) -> Option<u64> {
        let generation = self.derived.current()?;
        let mut having = vec![0u64; query.pieces.len()];
        for part in &generation.parts {
            let nothing = RoaringBitmap::new();
            let evaluation = Evaluation::new(&part.segment, query, nothing);
            for (piece, having) in having.iter_mut().enumerate() {
                *having += evaluation.roughly_having(piece);
            }
        }
        let documents = generation.iids.len();
        Some(estimate(&query.root, &having, documents).min(documents))
    }
}

fn estimate(node: &Node, having: &[u64], documents: u64) -> u64 {
    let of = |node: &Node| estimate(node, having, documents);
    match node {
        Node::Phrase(pieces) => pieces.iter().map(|piece| having[*piece]).min().unwrap_or(0),
        Node::All(nodes) => nodes.iter().map(of).min().unwrap_or(0),
        Node::Any(nodes) => nodes.iter().map(of).sum(),
        Node::Not(node) => documents.saturating_sub(of(node)),
    }
}

/// The documents the index does not speak for.
fn loose(
    view: &DocumentRecords<'_>,
    reading: &Reading<TextSegment>,
    query: &TextQuery,
) -> Result<Vec<Loose>> {
    let mut loose = Vec::new();
    if !reading.suspects.is_empty() {
        view.each(&reading.suspects, &mut |iid, document| {
            loose.push(Loose { iid: iid.0, occurrences: query.occurrences(&document) });
            Ok(())
        })?;
    }
    Ok(loose)
}

fn evaluations<'a>(reading: &'a Reading<TextSegment>, query: &'a TextQuery) -> Vec<Evaluation<'a>> {
    let parts = reading.generation.parts.iter();
    let evaluate = parts.map(|part| {
        let suspects = &reading.suspects & part.segment.iids();
        Evaluation::new(&part.segment, query, &*part.dead | suspects)
    });
    evaluate.collect()
}

fn collection(parts: &[Evaluation<'_>], loose: &[Loose], query: &TextQuery) -> Collection {
    let mut all = Collection { having: vec![0; query.pieces.len()], ..Collection::default() };
    for part in parts {
        let (documents, words) = part.size();
        all.documents += documents;
        all.words += words;
        for piece in &query.scored {
            all.having[*piece] += part.having(*piece);
        }
    }
    for document in loose {
        all.documents += 1;
        all.words += u64::from(document.occurrences.length);
        for piece in &query.scored {
            all.having[*piece] += u64::from(document.occurrences.counts(*piece).0 > 0);
        }
    }
    all
}

/// The score of a document that is read.
fn score(query: &TextQuery, occurrences: &Occurrences, scorer: &Scorer) -> f32 {
    let mut score = 0.0;
    for piece in &query.scored {
        let (count, in_title) = occurrences.counts(*piece);
        if count > 0 {
            score += scorer.piece(*piece, count, in_title, occurrences.length);
        }
    }
    score
}

/// Greater is better: a greater score, then a smaller internal id.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Hit {
    score: f32,
    iid: u32,
}

impl Eq for Hit {}

impl Ord for Hit {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then(other.iid.cmp(&self.iid))
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

struct Best {
    k: usize,
    hits: BinaryHeap<Reverse<Hit>>,
}

impl Best {
    /// `admits` is asked last: most documents are not good enough anyway.
    #[inline]
    fn offer(&mut self, iid: u32, score: f32, admits: &dyn Fn(u32) -> bool) {
        let hit = Hit { score, iid };
        if self.hits.len() < self.k {
            if admits(iid) {
                self.hits.push(Reverse(hit));
            }
        } else if let Some(mut worst) = self.hits.peek_mut()
            && hit > worst.0
            && admits(iid)
        {
            worst.0 = hit;
        }
    }

    fn into_hits(self) -> Vec<(Iid, f32)> {
        let hits = self.hits.into_sorted_vec().into_iter();
        hits.map(|Reverse(hit)| (Iid(hit.iid), hit.score)).collect()
    }
}

/// Both indexes of documents, as the one hook their modality has.
#[derive(Debug)]
pub struct DocumentIndexes {
    /// Of the texts.
    pub text: Arc<TextIndex>,
    /// Of the fields. It notes in the file which records are replaced, for both.
    pub fields: Arc<FieldIndex>,
}

impl Applier for DocumentIndexes {
    fn schema(&self, tx: &IndexTx<'_>) -> Result<()> {
        self.fields.schema(tx)
    }

    fn apply(&self, tx: &IndexTx<'_>, batch: &[Changes<'_>]) -> Result<()> {
        self.text.noted.resume(tx, batch)?;
        self.fields.apply(tx, batch)
    }

    fn applied(&self, batch: &[Changes<'_>]) {
        self.fields.applied(batch);
        let count = self.text.derived.applied(batch);
        if let Some(worker) = &*self.text.worker.lock() {
            worker.announce(count);
        }
    }

    fn refreshed(&self, lsn: Lsn) {
        self.fields.refreshed(lsn);
        self.text.derived.refreshed();
    }

    fn scratch(&self) -> Option<Arc<dyn Applier>> {
        self.fields.scratch()
    }

    fn rebuild(&self, tx: &IndexTx<'_>, scan: RecordScan<'_>) -> Result<()> {
        self.fields.rebuild(tx, scan)?;
        self.text.noted.rebuild(tx)
    }
}

#[cfg(test)]
#[path = "text_search_tests.rs"]
mod tests;

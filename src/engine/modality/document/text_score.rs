//! How well a document fits: BM25 over the words of a query.
//!
//! ```text
//! score = sum over the scored pieces of  idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * length / average))
//! idf   = ln(1 + (documents - having + 0.5) / (having + 0.5))
//! tf    = occurrences, those in the title counted twice
//! ```
//! A piece that stands for several words counts as one word that occurs wherever they do; the words of
//! a phrase count each for itself. Documents, their lengths and the number of those that have a word
//! are those of the reader's view, exactly: scores do not depend on what lies in which segment, or in
//! none yet. The arithmetic is `f32` in one order, the same for indexed and other documents.

const K1: f32 = 1.2;
const B: f32 = 0.75;

/// The collection as a view shows it.
#[derive(Clone, Debug, Default)]
pub(super) struct Collection {
    /// Documents.
    pub(super) documents: u64,
    /// Words of all of them.
    pub(super) words: u64,
    /// By piece of the query: the documents that have it.
    pub(super) having: Vec<u64>,
}

/// What makes counts of words a score.
#[derive(Debug)]
pub(super) struct Scorer {
    /// By piece.
    weights: Vec<f32>,
    constant: f32,
    per_word: f32,
}

impl Scorer {
    pub(super) fn new(collection: &Collection) -> Self {
        let documents = collection.documents as f64;
        let average = (collection.words as f64 / documents.max(1.0)).max(1.0);
        let weight = |having: &u64| {
            let having = *having as f64;
            let idf = (1.0 + (documents - having + 0.5) / (having + 0.5)).ln();
            (idf * f64::from(K1 + 1.0)) as f32
        };
        Self {
            weights: collection.having.iter().map(weight).collect(),
            constant: K1 * (1.0 - B),
            per_word: (f64::from(K1 * B) / average) as f32,
        }
    }

    /// What a piece adds to the score of a document of `length` words that has it `count` times,
    /// `in_title` of these in the title.
    #[inline]
    pub(super) fn piece(&self, piece: usize, count: u32, in_title: u32, length: u32) -> f32 {
        let frequency = (count + in_title) as f32;
        self.weights[piece] * frequency
            / (frequency + self.constant + self.per_word * length as f32)
    }
}

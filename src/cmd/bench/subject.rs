//! What is measured: the operations every subject of the benchmark offers, on the same data.

use super::data::Item;

/// Failures of a benchmark end it; the text is enough.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Ids (or, for `get`, the title) in the order answered.
pub(crate) type Answer = Vec<String>;

/// A database under measurement.
pub(crate) trait Subject {
    /// The name in the table.
    fn name(&self) -> &'static str;
    /// Loads everything in transactions of `batch` items; searchable at the end.
    fn load(&mut self, items: &mut dyn Iterator<Item = (usize, Item)>, batch: usize) -> Result<()>;
    /// One durable insert.
    fn insert(&mut self, n: usize, item: Item) -> Result<()>;
    /// Reads all of one item; answers its title.
    fn get(&mut self, id: &str) -> Result<Answer>;
    /// The `k` most similar by cosine.
    fn nearest(&mut self, query: &[f32], k: usize) -> Result<Answer>;
    /// The same among the items with `bucket < below`.
    fn nearest_where(&mut self, query: &[f32], below: u32, k: usize) -> Result<Answer>;
    /// The `k` best by BM25 with either word.
    fn text(&mut self, a: &str, b: &str, k: usize) -> Result<Answer>;
    /// Everything one or two edges away.
    fn two_hops(&mut self, id: &str) -> Result<Answer>;
    /// Items with the word, from which `seed` is one or two edges away, nearest first.
    fn hybrid(&mut self, word: &str, seed: &str, query: &[f32], k: usize) -> Result<Answer>;
    /// Brings what single writes left for the background to an end, inside their measurement.
    fn settle_writes(&mut self) -> Result<()>;
    /// Lets all background work come to rest.
    fn finish(&mut self) -> Result<()>;
    /// Fsyncs so far, where the subject counts them.
    fn fsyncs(&self) -> Option<u64>;
}

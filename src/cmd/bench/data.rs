//! Deterministic data of any size for the benchmarks: the same seed gives the same hexads.
//!
//! Texts follow a Zipf-like word distribution, vectors lie in clusters (as embeddings do), edges
//! point anywhere. Nothing here knows an engine.

/// Words in the vocabulary.
const WORDS: usize = 20_000;
/// Clusters the vectors are drawn from.
const CLUSTERS: usize = 128;
/// Values of the `bucket` field, evenly spread: the handle for filters of known selectivity.
pub(crate) const BUCKETS: u32 = 1000;

/// One entity of the benchmark.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// `item-000042`.
    pub(crate) id: String,
    /// Four words.
    pub(crate) title: String,
    /// Sixty words.
    pub(crate) body: String,
    /// `0..BUCKETS`.
    pub(crate) bucket: u32,
    /// Unit length.
    pub(crate) embedding: Vec<f32>,
    /// Numbers of the items the three edges point to.
    pub(crate) targets: [usize; 3],
}

/// `SplitMix64` (Steele, Lea, Flood 2014): small, fast, and good enough to draw test data from.
#[derive(Clone, Debug)]
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    /// 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// In `0.0..1.0`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Roughly normal, mean 0, variance 1: the sum of twelve uniforms.
    fn normal(&mut self) -> f32 {
        ((0..12).map(|_| self.unit()).sum::<f64>() - 6.0) as f32
    }

    /// A word; rank `r` comes about as often as `1 / r`.
    pub(crate) fn word(&mut self) -> String {
        word((WORDS as f64).powf(self.unit()) as usize - 1)
    }
}

/// The word of rank `rank`: pronounceable, unique.
pub(crate) fn word(rank: usize) -> String {
    const ONSETS: &[u8] = b"bdfgklmnprstvz";
    const VOWELS: &[u8] = b"aeiou";
    let mut text = String::new();
    let mut rest = rank + ONSETS.len() * VOWELS.len();
    while rest > 0 {
        text.push(char::from(ONSETS[rest % ONSETS.len()]));
        rest /= ONSETS.len();
        text.push(char::from(VOWELS[rest % VOWELS.len()]));
        rest /= VOWELS.len();
    }
    text
}

/// Makes items on demand.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    centers: Vec<Vec<f32>>,
    seed: u64,
    size: usize,
}

impl Source {
    /// A source of `size` items with embeddings of `dimensions` numbers.
    pub(crate) fn new(seed: u64, size: usize, dimensions: usize) -> Self {
        let mut draw = Draw(seed);
        let centers =
            (0..CLUSTERS).map(|_| (0..dimensions).map(|_| draw.normal()).collect()).collect();
        Self { centers, seed, size }
    }

    /// Item number `n`; numbers from `size` on are new items that point into the first `size`.
    pub(crate) fn item(&self, n: usize) -> Item {
        let mut draw = Draw(self.seed ^ (n as u64 + 1).wrapping_mul(0xd6e8_feb8_6659_fd93));
        let words =
            |draw: &mut Draw, count| (0..count).map(|_| draw.word()).collect::<Vec<_>>().join(" ");
        let title = words(&mut draw, 4);
        let body = words(&mut draw, 60);
        let bucket = draw.below(BUCKETS as usize) as u32;
        let embedding = self.vector(&mut draw);
        let targets = std::array::from_fn(|_| draw.below(self.size.max(1)));
        Item { id: name(n), title, body, bucket, embedding, targets }
    }

    /// A query vector near some cluster, not equal to any item's.
    pub(crate) fn query(&self, n: usize) -> Vec<f32> {
        let mut draw = Draw(self.seed ^ 0x5151 ^ (n as u64).wrapping_mul(0xa076_1d64_78bd_642f));
        self.vector(&mut draw)
    }

    fn vector(&self, draw: &mut Draw) -> Vec<f32> {
        let center = &self.centers[draw.below(CLUSTERS)];
        let mut v: Vec<f32> = center.iter().map(|c| c + 0.8 * draw.normal()).collect();
        let norm = v.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        for x in &mut v {
            *x /= norm;
        }
        v
    }
}

/// The id of item `n`.
pub(crate) fn name(n: usize) -> String {
    format!("item-{n:07}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_item() {
        let (a, b) = (Source::new(7, 100, 16).item(3), Source::new(7, 100, 16).item(3));
        assert_eq!((a.title, a.body, a.embedding), (b.title, b.body, b.embedding));
    }

    #[test]
    fn words_are_unique() {
        let all: std::collections::BTreeSet<String> = (0..WORDS).map(word).collect();
        assert_eq!(all.len(), WORDS);
    }
}

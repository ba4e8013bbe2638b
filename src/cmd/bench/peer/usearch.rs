//! The bare HNSW library: usearch over the vectors as they are, with nothing durable and nothing else.
//!
//! How widely it searches is chosen before the first question: the least that finds 98 of 100.

use ::usearch::ffi::{IndexOptions, MetricKind, ScalarKind};

use super::Making;
use crate::cmd::bench::bar::RECALL;
use crate::cmd::bench::data::{BUCKETS, Item, name};
use crate::cmd::bench::question::{K, Kind, Question};
use crate::cmd::bench::subject::{Answer, Result, Subject};

/// Edges of a node and width of the search while building: as vql's own graph has them.
const CONNECTIVITY: usize = 16;
const EXPANSION_ADD: usize = 128;
/// Widths tried for searching, the least first.
const WIDTHS: [usize; 8] = [16, 24, 32, 48, 64, 96, 128, 256];
/// Questions it is tried with; none of them is asked later.
const SAMPLES: usize = 100;

/// One graph.
pub(super) struct Usearch {
    index: ::usearch::Index,
    buckets: Vec<u32>,
    samples: Vec<Vec<f32>>,
    width: Option<usize>,
}

impl Usearch {
    /// An empty one.
    pub(super) fn create(with: &Making<'_>) -> Result<Self> {
        let options = IndexOptions {
            dimensions: with.dimensions,
            metric: MetricKind::Cos,
            quantization: ScalarKind::F32,
            connectivity: CONNECTIVITY,
            expansion_add: EXPANSION_ADD,
            expansion_search: WIDTHS[0],
            multi: false,
        };
        let samples = (0..SAMPLES).map(|n| with.source.query(1_000_000_000 + n)).collect();
        let index = ::usearch::Index::new(&options)?;
        Ok(Self { index, buckets: Vec::new(), samples, width: None })
    }

    /// Chooses the width: what is asked next is only to warm up.
    fn tune(&mut self) -> Result<()> {
        let mut exact = Vec::new();
        for query in &self.samples {
            exact.push(self.index.exact_search(query, K)?.keys);
        }
        for width in WIDTHS {
            self.index.change_expansion_search(width);
            self.width = Some(width);
            let (mut found, mut wanted) = (0, 0);
            for (query, exact) in self.samples.iter().zip(&exact) {
                let near = self.index.search(query, K)?.keys;
                wanted += exact.len();
                found += exact.iter().filter(|key| near.contains(key)).count();
            }
            if found as f64 >= wanted as f64 * RECALL {
                break;
            }
        }
        Ok(())
    }
}

impl Subject for Usearch {
    fn name(&self) -> &'static str {
        "usearch"
    }

    fn cannot(&self, kind: Kind) -> Option<String> {
        let can = matches!(kind, Kind::Load | Kind::Nearest | Kind::NearestWhere);
        (!can).then(|| "it holds nothing but vectors".to_owned())
    }

    fn load(&mut self, items: Vec<(usize, Item)>) -> Result<()> {
        let room = self.index.size() + items.len();
        if room > self.index.capacity() {
            self.index.reserve(room.max(2 * self.index.capacity()))?;
        }
        for (n, item) in items {
            self.index.add(n as u64, &item.embedding)?;
            self.buckets.resize(self.buckets.len().max(n + 1), BUCKETS);
            self.buckets[n] = item.bucket;
        }
        self.width = None;
        Ok(())
    }

    fn ask(&mut self, question: &Question) -> Result<Answer> {
        if self.width.is_none() {
            self.tune()?;
        }
        let found = match question {
            Question::Nearest(query) => self.index.search(query, K)?,
            Question::NearestWhere(query, below) => {
                let admits = |key: u64| self.buckets[key as usize] < *below;
                self.index.filtered_search(query, K, admits)?
            }
            _ => return Err("it holds nothing but vectors".into()),
        };
        Ok(found.keys.into_iter().map(|key| name(key as usize)).collect())
    }

    fn settings(&self) -> String {
        let version = ::usearch::version();
        let width = self.width.map_or_else(|| "not chosen".to_owned(), |width| width.to_string());
        format!(
            "usearch {version}, f32, {CONNECTIVITY} edges, {EXPANSION_ADD} adding, {width} \
             searching, nothing durable"
        )
    }
}

//! The exact search over codes: bounds first, then the vectors that the bounds do not rule out.
//!
//! Every row gets an upper bound of what its vector can score. The most promising ones are scored
//! exactly; what remains above the last of the best is scored too. So the answer is that of a search
//! over the vectors themselves, at a quarter of the memory traffic.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashSet};

use roaring::RoaringBitmap;

use crate::engine::base::Iid;

use super::Metric;
use super::metric::{dot, exact};
use super::quantize::Query;
use super::segment::Table;

/// Rows whose codes are multiplied at once.
const BLOCK: usize = 256;

/// What `f32` arithmetic of a bound can lose, relative to the lengths involved.
const ROUNDING: f32 = 4e-6;

/// Something found. Greater is better: more similar, then of smaller internal id.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    pub(super) similarity: f64,
    pub(super) iid: u32,
}

impl Eq for Hit {}

impl Ord for Hit {
    fn cmp(&self, other: &Self) -> Ordering {
        self.similarity.total_cmp(&other.similarity).then(other.iid.cmp(&self.iid))
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The best `k` hits so far.
#[derive(Debug)]
pub(super) struct Best {
    k: usize,
    hits: BinaryHeap<Reverse<Hit>>,
}

impl Best {
    pub(super) fn new(k: usize) -> Self {
        Self { k, hits: BinaryHeap::new() }
    }

    /// How many are wanted.
    #[cfg(feature = "ann")]
    pub(super) fn k(&self) -> usize {
        self.k
    }

    pub(super) fn offer(&mut self, hit: Hit) {
        if self.hits.len() < self.k {
            self.hits.push(Reverse(hit));
        } else if let Some(mut worst) = self.hits.peek_mut()
            && hit > worst.0
        {
            worst.0 = hit;
        }
    }

    /// What a hit must reach to matter; `None` while everything does.
    fn threshold(&self) -> Option<f64> {
        let full = self.hits.len() >= self.k;
        self.hits.peek().filter(|_| full).map(|worst| worst.0.similarity)
    }

    /// Best first.
    pub(super) fn into_hits(self) -> Vec<(Iid, f64)> {
        listed(self.hits.into_iter().map(|hit| hit.0).collect())
    }
}

/// Hits best first.
pub(super) fn listed(mut hits: Vec<Hit>) -> Vec<(Iid, f64)> {
    hits.sort_unstable_by(|a, b| b.cmp(a));
    hits.into_iter().map(|hit| (Iid(hit.iid), hit.similarity)).collect()
}

/// A table, and which of its rows may be found.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub(super) table: &'a Table,
    /// The hexads that may be found; `None` for all.
    pub(super) allowed: Option<RoaringBitmap>,
}

/// A search in progress.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    metric: Metric,
    vector: &'a [f32],
    query: Query,
    squared: f64,
}

/// The rows of a scope with their bounds.
struct Bounded<'s, 'a> {
    scope: &'s Scope<'a>,
    /// Which rows; `None` for all.
    rows: Option<Vec<u32>>,
    bounds: Vec<f32>,
}

impl Bounded<'_, '_> {
    fn row(&self, at: usize) -> usize {
        self.rows.as_ref().map_or(at, |rows| rows[at] as usize)
    }

    /// Whether the hexad of a row may be found; rows that were picked one by one all may.
    fn admits(&self, row: usize) -> bool {
        let allowed = self.scope.allowed.as_ref().filter(|_| self.rows.is_none());
        allowed.is_none_or(|allowed| allowed.contains(self.scope.table.iids[row]))
    }
}

impl<'a> Scan<'a> {
    pub(super) fn new(metric: Metric, vector: &'a [f32]) -> Self {
        Self { metric, vector, query: Query::new(vector), squared: dot(vector, vector) }
    }

    /// Offers every row of `scopes` to `best` that can be among the best.
    pub(super) fn nearest(&self, scopes: &[Scope<'_>], best: &mut Best) {
        let bounded: Vec<_> = scopes.iter().map(|scope| self.bounded(scope)).collect();
        let promising = promising(&bounded, 4 * best.k.max(8));
        let mut done = HashSet::with_capacity(promising.len());
        let mut weakest = f32::INFINITY;
        for &(bound, part, at) in &promising {
            weakest = bound;
            if self.ruled_out(bound, best) {
                break;
            }
            done.insert((part, at));
            self.score(&bounded[part as usize], at as usize, best);
        }
        if self.ruled_out(weakest, best) || promising.is_empty() {
            return;
        }
        for (part, rows) in bounded.iter().enumerate() {
            let mut key = self.threshold_key(best);
            for (at, bound) in rows.bounds.iter().enumerate() {
                // Not `bound >= key`: a bound that is not a number rules nothing out.
                if *bound < key || done.contains(&(part as u32, at as u32)) {
                    continue;
                }
                if rows.admits(rows.row(at)) {
                    self.score(rows, at, best);
                    key = self.threshold_key(best);
                }
            }
        }
    }

    /// Every row of `scopes` that is at least this similar.
    pub(super) fn within(&self, scopes: &[Scope<'_>], threshold: f64) -> Vec<Hit> {
        let key = self.key(threshold);
        let mut hits = Vec::new();
        for scope in scopes {
            let rows = self.bounded(scope);
            for (at, bound) in rows.bounds.iter().enumerate() {
                let row = rows.row(at);
                if *bound < key || !rows.admits(row) {
                    continue;
                }
                let similarity = exact(self.metric, self.vector, scope.table.vector(row));
                if similarity >= threshold {
                    hits.push(Hit { similarity, iid: scope.table.iids[row] });
                }
            }
        }
        hits
    }

    fn score(&self, rows: &Bounded<'_, '_>, at: usize, best: &mut Best) {
        let (table, row) = (rows.scope.table, rows.row(at));
        let similarity = exact(self.metric, self.vector, table.vector(row));
        best.offer(Hit { similarity, iid: table.iids[row] });
    }

    fn ruled_out(&self, bound: f32, best: &Best) -> bool {
        bound < self.threshold_key(best)
    }

    fn threshold_key(&self, best: &Best) -> f32 {
        best.threshold().map_or(f32::NEG_INFINITY, |threshold| self.key(threshold))
    }

    /// Bounds are compared as keys, which grow with the similarity and cost less: for COSINE the dot
    /// product over the length of the row, for EUCLIDEAN the square of the query's length less that of
    /// the distance. This is the key of a similarity, a little too small rather than too great.
    fn key(&self, similarity: f64) -> f32 {
        let (key, size) = match self.metric {
            Metric::Cosine => (similarity * self.squared.sqrt(), self.squared.sqrt()),
            Metric::DotProduct => (similarity, similarity.abs()),
            Metric::Euclidean if similarity <= 0.0 => return f32::NEG_INFINITY,
            Metric::Euclidean => {
                let distance = 1.0 / similarity - 1.0;
                let squares = distance * distance;
                (self.squared - squares, self.squared + squares)
            }
            Metric::Jaccard => return f32::NEG_INFINITY,
        };
        (key - size * f64::from(ROUNDING)) as f32
    }

    fn bounded<'s, 'b>(&self, scope: &'s Scope<'b>) -> Bounded<'s, 'b> {
        let table = scope.table;
        let few = scope.allowed.as_ref().filter(|set| set.len() * 2 < table.iids.len() as u64);
        let rows = few.map(|set| rows_of(&table.iids, set));
        let mut bounds = Vec::with_capacity(rows.as_ref().map_or(table.iids.len(), Vec::len));
        if self.metric == Metric::Jaccard {
            bounds.resize(bounds.capacity(), f32::INFINITY);
            return Bounded { scope, rows, bounds };
        }
        let mut dots = [0; BLOCK];
        if let Some(rows) = &rows {
            for row in rows {
                let row = *row as usize;
                self.block(table, row..row + 1, &mut dots, &mut bounds);
            }
        } else {
            for start in (0..table.iids.len()).step_by(BLOCK) {
                let end = (start + BLOCK).min(table.iids.len());
                self.block(table, start..end, &mut dots, &mut bounds);
            }
        }
        Bounded { scope, rows, bounds }
    }

    fn block(
        &self,
        table: &Table,
        rows: std::ops::Range<usize>,
        dots: &mut [i32; BLOCK],
        bounds: &mut Vec<f32>,
    ) {
        let dots = &mut dots[..rows.len()];
        self.query.dots(table.codes(rows.clone()), &table.sums[rows.clone()], dots);
        let query = self.query.codes;
        let columns = table.scales[rows.clone()]
            .iter()
            .zip(&table.norms[rows.clone()])
            .zip(&table.errors[rows])
            .zip(dots);
        bounds.extend(columns.map(|(((scale, norm), error), dot)| {
            let guess = *dot as f32 * (query.scale * scale);
            let reach = query.norm * norm;
            let slack = query.norm * error + query.error * (norm + error) + ROUNDING * reach;
            match self.metric {
                Metric::Cosine => (guess + slack) / norm,
                Metric::Euclidean => {
                    2.0 * (guess + slack) - norm * norm + ROUNDING * (reach + norm * norm)
                }
                _ => guess + slack,
            }
        }));
    }
}

/// The rows of the hexads of `set`; both ascend.
fn rows_of(iids: &[u32], set: &RoaringBitmap) -> Vec<u32> {
    let mut rows = Vec::with_capacity(set.len() as usize);
    let mut at = 0;
    for iid in set {
        let Some(first) = iids.get(at) else { break };
        // Where ids have no gaps the row is known at once.
        let guess = at + iid.saturating_sub(*first) as usize;
        at = if iids.get(guess) == Some(&iid) {
            guess
        } else {
            at + iids[at..].partition_point(|other| *other < iid)
        };
        if iids.get(at) == Some(&iid) {
            rows.push(at as u32);
            at += 1;
        }
    }
    rows
}

/// The rows with the greatest bounds, greatest first; bounds that are no numbers come before all.
fn promising(bounded: &[Bounded<'_, '_>], count: usize) -> Vec<(f32, u32, u32)> {
    let mut heap: BinaryHeap<Reverse<(Bound, u32, u32)>> = BinaryHeap::with_capacity(count + 1);
    let mut least = f32::NEG_INFINITY;
    for (part, rows) in bounded.iter().enumerate() {
        for (at, bound) in rows.bounds.iter().enumerate() {
            if *bound <= least || !rows.admits(rows.row(at)) {
                continue;
            }
            heap.push(Reverse((Bound(*bound), part as u32, at as u32)));
            if heap.len() > count {
                heap.pop();
                least = heap.peek().map_or(least, |weakest| weakest.0.0.0);
            }
        }
    }
    let ordered = heap.into_sorted_vec().into_iter();
    ordered.map(|Reverse((bound, part, at))| (bound.0, part, at)).collect()
}

#[derive(Clone, Copy, PartialEq)]
struct Bound(f32);

impl Eq for Bound {}

impl Ord for Bound {
    fn cmp(&self, other: &Self) -> Ordering {
        let number = |bound: &Self| if bound.0.is_nan() { f32::INFINITY } else { bound.0 };
        number(self).total_cmp(&number(other))
    }
}

impl PartialOrd for Bound {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

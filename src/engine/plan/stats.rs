//! What is known of the data as a whole: how often values, types, words and edges occur.
//!
//! Statistics are values. They are gathered from the engine's own records alone, by `ANALYZE` and in
//! the background, and say what was there at one commit; questions are answered as shares, so that
//! they stay good while a database grows. Nothing here reads anything.
//!
//! ```text
//! bytes = 1, commit, rows, rows of each modality, fields, types, authors, vouchers, predicates,
//!         embeddings, ranks, shapes, places   (counts and names as in `base::codec`)
//! ```

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::engine::base::codec::{Reader, put_f64, put_text, put_uint, put_value};
use crate::engine::base::{Modality, Result, Value};

/// The format of the bytes.
const VERSION: u8 = 1;
/// Values that are remembered for being common.
pub const COMMON: usize = 24;
/// Parts of a histogram.
pub const PARTS: usize = 64;
/// Names remembered of a kind: types, authors, predicates, fields.
pub const NAMES: usize = 512;
/// Degrees of latitude and longitude of a cell of the grid of places.
const CELL: f64 = 5.0;

/// What is known of a database at one commit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// The commit.
    pub lsn: u64,
    /// Live hexads.
    pub rows: u64,
    /// Those that have each modality.
    pub present: [u64; Modality::ALL.len()],
    /// Fields of documents, by their path with dots.
    pub fields: BTreeMap<String, FieldStatistics>,
    /// Hexads of each type.
    pub types: BTreeMap<String, u64>,
    /// Hexads each author has written to.
    pub authors: BTreeMap<String, u64>,
    /// Hexads somebody vouches for, and proofs of a kind: `by name`, `proof name`.
    pub vouched: BTreeMap<String, u64>,
    /// Edges of each predicate.
    pub predicates: BTreeMap<String, Degrees>,
    /// Embeddings by name.
    pub embeddings: BTreeMap<String, Similarities>,
    /// Tensors of each rank.
    pub ranks: BTreeMap<u64, u64>,
    /// Tensors of each shape.
    pub shapes: BTreeMap<String, u64>,
    /// Places in each cell of a grid, by row and column from south and west.
    pub places: BTreeMap<(u8, u8), u64>,
}

/// What is known of one field. All counts are those of the whole, extrapolated where a part was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldStatistics {
    /// Documents that have a value there that can be compared.
    pub filled: u64,
    /// About how many different values.
    pub distinct: u64,
    /// The most common values, most common first.
    pub common: Vec<(Value, u64)>,
    /// Values that divide those of each family in parts of the same size: numbers, texts.
    pub numbers: Histogram,
    /// Of texts.
    pub texts: Histogram,
}

/// Bounds of parts that have the same number of values each, ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// The bounds; the first is the least and the last the greatest value. Empty for no values.
    pub bounds: Vec<Value>,
    /// How many values there are.
    pub count: u64,
}

/// How many edges of a predicate hexads have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Degrees {
    /// Edges.
    pub edges: u64,
    /// Hexads they start at.
    pub sources: u64,
    /// Hexads they lead to.
    pub targets: u64,
    /// Sources by their number of edges: up to 1, 2, 4, 8 and so on.
    pub out: Vec<u64>,
    /// Targets by theirs.
    pub into: Vec<u64>,
}

/// How similar embeddings of a name are to each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Similarities {
    /// How many there are.
    pub count: u64,
    /// Numbers in most of them.
    pub dimensions: u64,
    /// Cosines of pairs, ascending, evenly spaced among all pairs looked at.
    pub cosines: Vec<f64>,
}

/// A bound of a range: the value, and whether it belongs to it.
pub type End<'a> = Option<(&'a Value, bool)>;

impl Histogram {
    /// Of sorted values, which stand for `count` in all.
    pub fn of(sorted: &[Value], count: u64) -> Self {
        if sorted.is_empty() {
            return Self::default();
        }
        let parts = PARTS.min(sorted.len());
        let last = sorted.len() - 1;
        let bounds = (0..=parts).map(|part| sorted[part * last / parts].clone()).collect();
        Self { bounds, count }
    }

    /// The share of the values that are less than `value`, or not greater when it belongs to them.
    fn below(&self, value: &Value, inclusive: bool) -> f64 {
        let parts = self.bounds.len().saturating_sub(1).max(1) as f64;
        let less = |bound: &Value| match bound.total_cmp(value) {
            Ordering::Less => true,
            Ordering::Equal => inclusive,
            Ordering::Greater => false,
        };
        let at = self.bounds.partition_point(less);
        if at == 0 {
            return 0.0;
        }
        let Some(next) = self.bounds.get(at) else { return 1.0 };
        let within = match (self.bounds[at - 1].as_f64(), next.as_f64(), value.as_f64()) {
            (Some(low), Some(high), Some(x)) if high > low => {
                ((x - low) / (high - low)).clamp(0.0, 1.0)
            }
            _ => 0.5,
        };
        ((at - 1) as f64 + within) / parts
    }

    /// The share of its values between two ends.
    pub fn between(&self, low: End<'_>, high: End<'_>) -> f64 {
        if self.bounds.is_empty() {
            return 0.0;
        }
        let from = low.map_or(0.0, |(value, own)| self.below(value, !own));
        let to = high.map_or(1.0, |(value, own)| self.below(value, own));
        (to - from).clamp(0.0, 1.0)
    }
}

impl FieldStatistics {
    /// Of the values of a part of `total` documents of which `looked` were looked at. `distinct` is how
    /// many different values there are, where that is known of all of them.
    pub fn of(mut values: Vec<Value>, looked: u64, total: u64, distinct: Option<u64>) -> Self {
        values.sort_by(Value::total_cmp);
        let scale = |n: usize| scaled(n as u64, looked, total);
        let mut runs: Vec<(&Value, usize)> = vec![];
        for value in &values {
            match runs.last_mut() {
                Some((last, count)) if last.total_cmp(value).is_eq() => *count += 1,
                _ => runs.push((value, 1)),
            }
        }
        // What occurs once in a part may be one of many: how often that is tells how many were missed.
        let once = runs.iter().filter(|(_, count)| *count == 1).count() as f64;
        let read = values.len().max(1) as f64;
        let share = (looked as f64 / total.max(1) as f64).min(1.0);
        let guessed = runs.len() as f64 / (1.0 - once / read * (1.0 - share)).max(share).max(1e-3);
        let filled = scale(values.len());
        let distinct =
            distinct.unwrap_or(guessed.round() as u64).clamp(runs.len() as u64, filled.max(1));
        let average = read / runs.len().max(1) as f64;
        let mut common: Vec<(Value, u64)> = runs
            .iter()
            .filter(|(_, count)| *count as f64 > 1.2 * average || runs.len() <= COMMON)
            .map(|(value, count)| ((*value).clone(), scale(*count)))
            .collect();
        common.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        common.truncate(COMMON);
        let (mut numbers, mut texts) = (vec![], vec![]);
        for value in values {
            match value {
                Value::Int(_) | Value::Float(_) => numbers.push(value),
                Value::Text(text) => texts.push(Value::Text(text.chars().take(32).collect())),
                _ => {}
            }
        }
        let (of_numbers, of_texts) = (scale(numbers.len()), scale(texts.len()));
        Self {
            filled,
            distinct,
            common,
            numbers: Histogram::of(&numbers, of_numbers),
            texts: Histogram::of(&texts, of_texts),
        }
    }

    /// About how many documents have exactly this value.
    pub fn equal(&self, value: &Value) -> f64 {
        if let Some((_, count)) = self.common.iter().find(|(v, _)| v.total_cmp(value).is_eq()) {
            return *count as f64;
        }
        let known: u64 = self.common.iter().map(|(_, count)| count).sum();
        let others = self.distinct.saturating_sub(self.common.len() as u64);
        if others == 0 {
            return 0.0;
        }
        self.filled.saturating_sub(known) as f64 / others as f64
    }

    /// About how many documents have a value between two ends.
    pub fn between(&self, low: End<'_>, high: End<'_>) -> f64 {
        let text = [low, high].into_iter().flatten().any(|(v, _)| matches!(v, Value::Text(_)));
        let histogram = if text { &self.texts } else { &self.numbers };
        histogram.between(low, high) * histogram.count as f64
    }
}

impl Degrees {
    /// About how many edges one of the hexads that have any has.
    pub fn average(&self, of: u64) -> f64 {
        if of == 0 { 0.0 } else { self.edges as f64 / of as f64 }
    }
}

impl Similarities {
    /// The share of the embeddings that are at least so similar to another one.
    pub fn at_least(&self, cosine: f64) -> Option<f64> {
        if self.cosines.is_empty() {
            return None;
        }
        let below = self.cosines.partition_point(|c| *c < cosine);
        // What none of the pairs reached is not impossible.
        let share = (self.cosines.len() - below) as f64 / self.cosines.len() as f64;
        Some(share.max(0.5 / self.cosines.len() as f64))
    }
}

/// A count of a part, for the whole.
pub fn scaled(count: u64, looked: u64, total: u64) -> u64 {
    if looked == 0 || looked >= total {
        return count;
    }
    (count as f64 * total as f64 / looked as f64).round() as u64
}

/// The cell of a place.
fn cell(latitude: f64, longitude: f64) -> (u8, u8) {
    let row = ((latitude + 90.0) / CELL).clamp(0.0, 180.0 / CELL - 1.0);
    let column = ((longitude + 180.0) / CELL).clamp(0.0, 360.0 / CELL - 1.0);
    (row as u8, column as u8)
}

impl Statistics {
    /// True when nothing was ever gathered.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Counts places.
    pub fn add_place(&mut self, latitude: f64, longitude: f64, count: u64) {
        *self.places.entry(cell(latitude, longitude)).or_default() += count;
    }

    /// About how many places are in a box.
    pub fn places_in(&self, south: f64, west: f64, north: f64, east: f64) -> f64 {
        let overlap = |low: f64, high: f64, from: f64| {
            ((high.min(from + CELL) - low.max(from)) / CELL).clamp(0.0, 1.0)
        };
        let mut all = 0.0;
        for ((row, column), count) in &self.places {
            let (bottom, left) = (f64::from(*row) * CELL - 90.0, f64::from(*column) * CELL - 180.0);
            let across = if west <= east {
                overlap(west, east, left)
            } else {
                overlap(west, 180.0, left) + overlap(-180.0, east, left)
            };
            all += overlap(south, north, bottom) * across.min(1.0) * *count as f64;
        }
        all
    }

    /// The bytes that are kept.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        put_uint(&mut out, self.lsn);
        put_uint(&mut out, self.rows);
        self.present.iter().for_each(|count| put_uint(&mut out, *count));
        put_uint(&mut out, self.fields.len() as u64);
        for (name, field) in &self.fields {
            put_text(&mut out, name);
            field.encode(&mut out);
        }
        for names in [&self.types, &self.authors, &self.vouched, &self.shapes] {
            put_uint(&mut out, names.len() as u64);
            for (name, count) in names {
                put_text(&mut out, name);
                put_uint(&mut out, *count);
            }
        }
        put_uint(&mut out, self.predicates.len() as u64);
        for (name, degrees) in &self.predicates {
            put_text(&mut out, name);
            for count in [degrees.edges, degrees.sources, degrees.targets] {
                put_uint(&mut out, count);
            }
            put_counts(&mut out, &degrees.out);
            put_counts(&mut out, &degrees.into);
        }
        put_uint(&mut out, self.embeddings.len() as u64);
        for (name, embedding) in &self.embeddings {
            put_text(&mut out, name);
            put_uint(&mut out, embedding.count);
            put_uint(&mut out, embedding.dimensions);
            put_uint(&mut out, embedding.cosines.len() as u64);
            embedding.cosines.iter().for_each(|cosine| put_f64(&mut out, *cosine));
        }
        put_uint(&mut out, self.ranks.len() as u64);
        for (rank, count) in &self.ranks {
            put_uint(&mut out, *rank);
            put_uint(&mut out, *count);
        }
        put_uint(&mut out, self.places.len() as u64);
        for ((row, column), count) in &self.places {
            out.extend([*row, *column]);
            put_uint(&mut out, *count);
        }
        out
    }

    /// From the bytes that were kept; `None` for those of a format that is not known.
    pub fn decode(bytes: &[u8]) -> Result<Option<Self>> {
        let mut reader = Reader::new(bytes, "statistics");
        if reader.byte()? != VERSION {
            return Ok(None);
        }
        let mut stats = Self { lsn: reader.uint()?, rows: reader.uint()?, ..Self::default() };
        for count in &mut stats.present {
            *count = reader.uint()?;
        }
        for _ in 0..reader.count(1)? {
            let name = reader.text()?.to_owned();
            stats.fields.insert(name, FieldStatistics::decode(&mut reader)?);
        }
        let Self { types, authors, vouched, shapes, .. } = &mut stats;
        for names in [types, authors, vouched, shapes] {
            for _ in 0..reader.count(2)? {
                names.insert(reader.text()?.to_owned(), reader.uint()?);
            }
        }
        for _ in 0..reader.count(4)? {
            let name = reader.text()?.to_owned();
            let (edges, sources, targets) = (reader.uint()?, reader.uint()?, reader.uint()?);
            let (out, into) = (counts(&mut reader)?, counts(&mut reader)?);
            stats.predicates.insert(name, Degrees { edges, sources, targets, out, into });
        }
        for _ in 0..reader.count(4)? {
            let name = reader.text()?.to_owned();
            let (count, dimensions) = (reader.uint()?, reader.uint()?);
            let cosines = (0..reader.count(8)?).map(|_| reader.f64()).collect::<Result<_>>()?;
            stats.embeddings.insert(name, Similarities { count, dimensions, cosines });
        }
        for _ in 0..reader.count(2)? {
            stats.ranks.insert(reader.uint()?, reader.uint()?);
        }
        for _ in 0..reader.count(3)? {
            let cell = (reader.byte()?, reader.byte()?);
            stats.places.insert(cell, reader.uint()?);
        }
        reader.finish()?;
        Ok(Some(stats))
    }
}

fn put_counts(out: &mut Vec<u8>, counts: &[u64]) {
    put_uint(out, counts.len() as u64);
    for count in counts {
        put_uint(out, *count);
    }
}

fn counts(reader: &mut Reader<'_>) -> Result<Vec<u64>> {
    (0..reader.count(1)?).map(|_| reader.uint()).collect()
}

impl FieldStatistics {
    fn encode(&self, out: &mut Vec<u8>) {
        put_uint(out, self.filled);
        put_uint(out, self.distinct);
        put_uint(out, self.common.len() as u64);
        for (value, count) in &self.common {
            put_value(out, value);
            put_uint(out, *count);
        }
        for histogram in [&self.numbers, &self.texts] {
            put_uint(out, histogram.count);
            put_uint(out, histogram.bounds.len() as u64);
            histogram.bounds.iter().for_each(|bound| put_value(out, bound));
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self> {
        let mut field =
            Self { filled: reader.uint()?, distinct: reader.uint()?, ..Self::default() };
        for _ in 0..reader.count(2)? {
            field.common.push((reader.value()?, reader.uint()?));
        }
        for histogram in [&mut field.numbers, &mut field.texts] {
            histogram.count = reader.uint()?;
            for _ in 0..reader.count(1)? {
                histogram.bounds.push(reader.value()?);
            }
        }
        Ok(field)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ints(values: impl IntoIterator<Item = i64>) -> Vec<Value> {
        values.into_iter().map(Value::Int).collect()
    }

    #[test]
    fn common_values_are_counted_and_the_rest_is_shared() {
        let skewed = (0..900).map(|_| 7).chain(0..100);
        let field = FieldStatistics::of(ints(skewed), 1000, 1000, None);
        assert!((field.equal(&Value::Int(7)) - 901.0).abs() < 1.0);
        let rare = field.equal(&Value::Int(50));
        assert!((0.5..2.0).contains(&rare), "{rare}");
        assert_eq!(field.distinct, 100);
    }

    #[test]
    fn ranges_are_read_off_the_histogram() {
        let field = FieldStatistics::of(ints(0..1000), 1000, 1000, None);
        let at = |low: Option<i64>, high: Option<i64>| {
            let (low, high) = (low.map(Value::Int), high.map(Value::Int));
            field.between(low.as_ref().map(|v| (v, true)), high.as_ref().map(|v| (v, false)))
        };
        assert!((at(Some(250), Some(500)) - 250.0).abs() < 20.0);
        assert!((at(None, Some(100)) - 100.0).abs() < 20.0);
        assert!(at(Some(2000), None) < 1.0);
        assert!(at(Some(600), Some(400)) < 1.0);
    }

    #[test]
    fn a_part_speaks_for_the_whole() {
        let field = FieldStatistics::of(ints((0..500).map(|n| n % 10)), 500, 50_000, None);
        assert_eq!((field.filled, field.distinct), (50_000, 10));
        assert!((field.equal(&Value::Int(3)) - 5000.0).abs() < 1.0);
        let unique = FieldStatistics::of(ints(0..500), 500, 50_000, None);
        assert!(unique.distinct > 25_000, "{}", unique.distinct);
    }

    #[test]
    fn places_are_counted_by_the_share_of_their_cell() {
        let mut stats = Statistics::default();
        stats.add_place(2.0, 2.0, 100);
        stats.add_place(-40.0, 178.0, 10);
        assert!((stats.places_in(0.0, 0.0, 5.0, 2.5) - 50.0).abs() < 1e-6);
        assert!((stats.places_in(-90.0, 170.0, 0.0, -170.0) - 10.0).abs() < 1e-6);
        assert!((stats.places_in(-90.0, -180.0, 90.0, 180.0) - 110.0).abs() < 1e-6);
    }

    #[test]
    fn similar_pairs_are_a_share_of_all() {
        let some = Similarities {
            count: 9,
            dimensions: 3,
            cosines: (0..100).map(|n| f64::from(n) / 100.0).collect(),
        };
        assert!((some.at_least(0.9).unwrap() - 0.1).abs() < 1e-9);
        assert!(some.at_least(2.0).unwrap() > 0.0);
        assert_eq!(Similarities::default().at_least(0.5), None);
    }

    proptest! {
        #[test]
        fn what_is_kept_is_read_back(values in prop::collection::vec(-50..50_i64, 0..80), n in 0..9_u64) {
            let mut stats = Statistics { lsn: 7, rows: n, ..Statistics::default() };
            stats.present[3] = n;
            stats.fields.insert("a.b".into(), FieldStatistics::of(ints(values), 80, 800, None));
            stats.types.insert("Paper".into(), n);
            stats.shapes.insert("2x2".into(), 1);
            stats.predicates.insert("CITES".into(), Degrees { edges: n, sources: 2, targets: 3, out: vec![1, 2], into: vec![] });
            stats.embeddings.insert("embedding".into(), Similarities { count: 3, dimensions: 4, cosines: vec![0.25, 0.5] });
            stats.ranks.insert(2, n);
            stats.add_place(1.0, 2.0, 3);
            let bytes = stats.encode();
            prop_assert_eq!(Statistics::decode(&bytes).unwrap(), Some(stats));
            for cut in 1..bytes.len() {
                prop_assert!(Statistics::decode(&bytes[..cut]).is_err());
            }
        }

        /// An estimate is never more than there is, nor less than nothing.
        #[test]
        fn shares_are_shares(values in prop::collection::vec(-9..9_i64, 1..60), low in -12..12_i64, high in -12..12_i64) {
            let count = values.len() as f64;
            let field = FieldStatistics::of(ints(values), 60, 60, None);
            let (low, high) = (Value::Int(low), Value::Int(high));
            let between = field.between(Some((&low, true)), Some((&high, true)));
            prop_assert!((0.0..=count + 1e-9).contains(&between));
            prop_assert!(field.equal(&low) <= count);
        }
    }
}

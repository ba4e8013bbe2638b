//! Which fields were ever seen in a modality: their types, how often, and between what values.
//!
//! ```text
//! field_seen (name, stats)
//! ```
//!
//! For completion, for `UnknownField`, and for the planner's estimates. Names and types are complete;
//! counts only grow, are written now and then, and are estimates.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use rusqlite::{Row, params};

use crate::engine::base::codec::{Reader, put_uint, put_value};
use crate::engine::base::{ContentHash, Result, Value};

use super::{IndexReader, IndexTx};

/// Values counted before the counts are written again.
const LAG: u64 = 4096;
/// Registers of the sketch that counts distinct values.
const REGISTERS: usize = 64;
/// Longer texts are not kept as the least or greatest.
const SHOWN: usize = 64;

/// The types a field may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldType {
    /// True or false.
    Bool,
    /// Whole numbers.
    Int,
    /// Other numbers.
    Float,
    /// Text.
    Text,
    /// A sequence.
    List,
    /// Names with values.
    Map,
}

impl FieldType {
    /// All of them, as numbered on disk.
    pub const ALL: [Self; 6] =
        [Self::Bool, Self::Int, Self::Float, Self::Text, Self::List, Self::Map];

    /// Of a value; null has none.
    pub fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(_) => Self::Bool,
            Value::Int(_) => Self::Int,
            Value::Float(_) => Self::Float,
            Value::Text(_) | Value::Time(_) => Self::Text,
            Value::List(_) | Value::Vector(_) => Self::List,
            Value::Map(_) => Self::Map,
        })
    }

    /// The name messages use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "Bool",
            Self::Int => "Int",
            Self::Float => "Float",
            Self::Text => "String",
            Self::List => "List",
            Self::Map => "Map",
        }
    }
}

/// What is known of one field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldStats {
    counts: [u64; FieldType::ALL.len()],
    range: Option<(Value, Value)>,
    sketch: [u8; REGISTERS],
}

impl Default for FieldStats {
    fn default() -> Self {
        Self { counts: [0; FieldType::ALL.len()], range: None, sketch: [0; REGISTERS] }
    }
}

impl FieldStats {
    /// How many values were written, replaced ones included.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The types ever seen, with how many values each.
    pub fn types(&self) -> impl Iterator<Item = (FieldType, u64)> + '_ {
        FieldType::ALL.into_iter().zip(self.counts).filter(|(_, count)| *count > 0)
    }

    /// The least and the greatest of the numbers, or of the texts if there were no numbers; of texts
    /// only short ones count.
    pub fn range(&self) -> Option<(&Value, &Value)> {
        self.range.as_ref().map(|(low, high)| (low, high))
    }

    /// About how many different values there were, within a fifth.
    pub fn distinct(&self) -> u64 {
        // HyperLogLog: the longest run of zeros in the hashes of a register tells its size.
        let registers = REGISTERS as f64;
        let sum: f64 = self.sketch.iter().map(|r| 0.5_f64.powi(i32::from(*r))).sum();
        let raw = 0.709 * registers * registers / sum;
        let empty = self.sketch.iter().map(|r| usize::from(*r == 0)).sum::<usize>();
        let estimate = if raw <= 2.5 * registers && empty > 0 {
            registers * (registers / empty as f64).ln()
        } else {
            raw
        };
        (estimate.round() as u64).min(self.count())
    }

    /// Adds a value. True when its type is new.
    fn add(&mut self, value: &Value) -> bool {
        let Some(kind) = FieldType::of(value) else {
            return false;
        };
        let count = &mut self.counts[kind as usize];
        *count += 1;
        let first = *count == 1;
        let mut bytes = Vec::with_capacity(16);
        put_value(&mut bytes, value);
        let hash = u64::from_le_bytes(
            ContentHash::of(&bytes).0[..8].try_into().expect("a hash has more than eight bytes"),
        );
        let register = &mut self.sketch[(hash % REGISTERS as u64) as usize];
        *register = (*register).max((hash >> 6 | 1 << 58).trailing_zeros() as u8 + 1);
        self.widen(value);
        first
    }

    fn widen(&mut self, value: &Value) {
        let number = value.as_f64().is_some();
        if !number && value.as_str().is_none_or(|text| text.len() > SHOWN) {
            return;
        }
        match &mut self.range {
            Some((low, high)) if (low.as_f64().is_some()) == number => {
                if value.total_cmp(low) == Ordering::Less {
                    *low = value.clone();
                }
                if value.total_cmp(high) == Ordering::Greater {
                    *high = value.clone();
                }
            }
            // Numbers are more telling than texts.
            Some(_) if !number => {}
            _ => self.range = Some((value.clone(), value.clone())),
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(96);
        self.counts.iter().for_each(|count| put_uint(&mut out, *count));
        let (low, high) = self.range.clone().unwrap_or_default();
        put_value(&mut out, &low);
        put_value(&mut out, &high);
        out.extend(self.sketch);
        out
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes, "field statistics");
        let mut stats = Self::default();
        for count in &mut stats.counts {
            *count = reader.uint()?;
        }
        let (low, high) = (reader.value()?, reader.value()?);
        stats.range = (!low.is_null()).then_some((low, high));
        stats.sketch.copy_from_slice(reader.bytes(REGISTERS)?);
        reader.finish()?;
        Ok(stats)
    }
}

/// Makes the table.
pub fn create(tx: &IndexTx<'_>) -> Result<()> {
    let sql = "CREATE TABLE IF NOT EXISTS field_seen (
                   name TEXT PRIMARY KEY, stats BLOB NOT NULL) WITHOUT ROWID;";
    tx.conn().execute_batch(sql).map_err(|e| tx.error(&e))
}

/// The fields ever seen, by name.
pub fn read(reader: IndexReader<'_>) -> Result<BTreeMap<String, FieldStats>> {
    let rows = || -> rusqlite::Result<Vec<(String, Vec<u8>)>> {
        let mut select = reader.conn().prepare_cached("SELECT name, stats FROM field_seen")?;
        select.query_map([], |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?)))?.collect()
    };
    let rows = rows().map_err(|e| reader.error(&e))?;
    rows.into_iter().map(|(name, stats)| Ok((name, FieldStats::decode(&stats)?))).collect()
}

/// Counts the values of fields while they are written.
#[derive(Debug, Default)]
pub struct FieldCounter {
    /// Read from the table when it is first needed.
    fields: Option<BTreeMap<String, FieldStats>>,
    /// Whether the table lacks a name or type. Stays until the batch that wrote it is in the file.
    incomplete: bool,
    /// Values counted since the table was written.
    unwritten: u64,
}

impl FieldCounter {
    /// Reads what the table has, if that was not done yet.
    pub fn open(&mut self, tx: &IndexTx<'_>) -> Result<()> {
        if self.fields.is_none() {
            self.fields = Some(read(tx.reader())?);
        }
        Ok(())
    }

    /// Counts a value.
    pub fn add(&mut self, name: &str, value: &Value) {
        let fields = self.fields.get_or_insert_default();
        let first = match fields.get_mut(name) {
            Some(stats) => stats.add(value),
            None => fields.entry(name.to_owned()).or_default().add(value),
        };
        self.incomplete |= first;
        self.unwritten += 1;
    }

    /// Writes the table if it lacks something or is far behind.
    pub fn write(&mut self, tx: &IndexTx<'_>) -> Result<()> {
        if !self.incomplete && self.unwritten < LAG {
            return Ok(());
        }
        let write = || -> rusqlite::Result<()> {
            let mut put =
                tx.conn().prepare_cached("INSERT OR REPLACE INTO field_seen VALUES (?1, ?2)")?;
            for (name, stats) in self.fields.iter().flatten() {
                if stats.count() > 0 {
                    put.execute(params![name, stats.encode()])?;
                }
            }
            Ok(())
        };
        write().map_err(|e| tx.error(&e))
    }

    /// What was written is in the file.
    pub fn written(&mut self) {
        if self.incomplete || self.unwritten >= LAG {
            (self.incomplete, self.unwritten) = (false, 0);
        }
    }

    /// Forgets everything and empties the table.
    pub fn clear(&mut self, tx: &IndexTx<'_>) -> Result<()> {
        *self = Self { fields: Some(BTreeMap::new()), ..Self::default() };
        tx.conn().execute("DELETE FROM field_seen", []).map(drop).map_err(|e| tx.error(&e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(values: impl IntoIterator<Item = Value>) -> FieldStats {
        let mut stats = FieldStats::default();
        for value in values {
            stats.add(&value);
        }
        stats
    }

    #[test]
    fn types_ranges_and_counts() {
        let s = stats([Value::from("b"), Value::Int(3), Value::Float(1.5), Value::Null]);
        let types: Vec<_> = s.types().collect();
        assert_eq!(types, [(FieldType::Int, 1), (FieldType::Float, 1), (FieldType::Text, 1)]);
        assert_eq!(s.range(), Some((&Value::Float(1.5), &Value::Int(3))));
        assert_eq!(FieldStats::decode(&s.encode()).unwrap(), s);
        assert_eq!(FieldStats::decode(&FieldStats::default().encode()).unwrap().range(), None);
    }

    #[test]
    fn distinct_values_are_counted_within_a_third() {
        for n in [1_i64, 10, 100, 10_000] {
            let s = stats((0..3 * n).map(|i| Value::Int(i % n)));
            let error = (s.distinct() as f64 - n as f64).abs() / n as f64;
            assert!(error < 0.34, "{n}: {}", s.distinct());
        }
    }
}

//! A segment of the vector index: for every name and dimension a table with the codes of the vectors,
//! what is known of each, and the vectors themselves.
//!
//! ```text
//! sections = hexads (roaring), directory (u32 tables; per table u32 dimensions, u32 length, name),
//!            per table: hexads u32, scales f32, norms f32, errors f32, sums i32, codes i8, vectors f32
//! ```

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use crate::engine::base::{Error, Iid, Kind, Result};
use crate::engine::index::{Builder, Column, Loaded, Sections, Segment};

use super::Embeddings;
use super::quantize::{quantize, stride};

const COLUMNS: usize = 7;

/// Vectors of some hexads.
#[derive(Debug)]
pub(super) struct VectorSegment {
    iids: RoaringBitmap,
    pub(super) tables: Vec<Table>,
}

/// The vectors of one name and dimension, in ascending order of their hexads.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) dimensions: usize,
    pub(super) iids: Column<u32>,
    pub(super) scales: Column<f32>,
    pub(super) norms: Column<f32>,
    pub(super) errors: Column<f32>,
    pub(super) sums: Column<i32>,
    pub(super) codes: Column<i8>,
    pub(super) vectors: Column<f32>,
}

impl Table {
    /// The vector of a row.
    pub(super) fn vector(&self, row: usize) -> &[f32] {
        &self.vectors[row * self.dimensions..(row + 1) * self.dimensions]
    }

    /// The codes of some rows.
    pub(super) fn codes(&self, rows: std::ops::Range<usize>) -> &[i8] {
        let stride = stride(self.dimensions);
        &self.codes[rows.start * stride..rows.end * stride]
    }
}

impl VectorSegment {
    /// The table of a name and dimension.
    pub(super) fn table(&self, name: &str, dimensions: usize) -> Option<&Table> {
        self.tables.iter().find(|table| table.dimensions == dimensions && table.name == name)
    }
}

#[derive(Debug, Default)]
struct Growing {
    iids: Vec<u32>,
    scales: Vec<f32>,
    norms: Vec<f32>,
    errors: Vec<f32>,
    sums: Vec<i32>,
    codes: Vec<i8>,
    vectors: Vec<f32>,
}

impl Growing {
    fn add(&mut self, iid: u32, vector: &[f32]) {
        let codes = quantize(vector, &mut self.codes);
        self.iids.push(iid);
        self.scales.push(codes.scale);
        self.norms.push(codes.norm);
        self.errors.push(codes.error);
        self.sums.push(codes.sum);
        self.vectors.extend_from_slice(vector);
    }

    fn copy(&mut self, table: &Table, row: usize) {
        self.iids.push(table.iids[row]);
        self.scales.push(table.scales[row]);
        self.norms.push(table.norms[row]);
        self.errors.push(table.errors[row]);
        self.sums.push(table.sums[row]);
        self.codes.extend_from_slice(table.codes(row..row + 1));
        self.vectors.extend_from_slice(table.vector(row));
    }

    fn finish(self, name: String, dimensions: usize) -> Table {
        Table {
            name,
            dimensions,
            iids: self.iids.into(),
            scales: self.scales.into(),
            norms: self.norms.into(),
            errors: self.errors.into(),
            sums: self.sums.into(),
            codes: self.codes.into(),
            vectors: self.vectors.into(),
        }
    }
}

/// A segment in the making.
#[derive(Debug, Default)]
pub(super) struct VectorBuilder {
    iids: RoaringBitmap,
    tables: BTreeMap<(String, usize), Growing>,
    bytes: usize,
}

impl Builder for VectorBuilder {
    type Record = Embeddings;
    type Segment = VectorSegment;

    fn add(&mut self, iid: Iid, record: &Embeddings) {
        self.iids.insert(iid.0);
        for (name, embedding) in &record.named {
            let key = (name.clone(), embedding.data.len());
            self.tables.entry(key).or_default().add(iid.0, &embedding.data);
            self.bytes += embedding.data.len() * 5 + 24;
        }
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn finish(self) -> VectorSegment {
        let tables = self.tables.into_iter();
        let tables = tables.map(|((name, dimensions), rows)| rows.finish(name, dimensions));
        VectorSegment { iids: self.iids, tables: tables.collect() }
    }
}

impl Segment for VectorSegment {
    type Record = Embeddings;
    type Builder = VectorBuilder;

    const NAME: &'static str = "vector";
    const FORMAT: u32 = 1;

    fn iids(&self) -> &RoaringBitmap {
        &self.iids
    }

    fn merge(parts: &[(&Self, &RoaringBitmap)]) -> Self {
        let mut iids = RoaringBitmap::new();
        let mut rows: BTreeMap<_, Vec<(u32, &Table, usize)>> = BTreeMap::new();
        for (segment, dead) in parts {
            iids |= &segment.iids - *dead;
            for table in &segment.tables {
                let rows = rows.entry((table.name.as_str(), table.dimensions)).or_default();
                let live = table.iids.iter().enumerate().filter(|(_, iid)| !dead.contains(**iid));
                rows.extend(live.map(|(row, iid)| (*iid, table, row)));
            }
        }
        let mut tables = Vec::with_capacity(rows.len());
        for ((name, dimensions), mut rows) in rows {
            rows.sort_by_key(|(iid, ..)| *iid);
            let mut growing = Growing::default();
            growing.vectors.reserve_exact(rows.len() * dimensions);
            growing.codes.reserve_exact(rows.len() * stride(dimensions));
            for (_, table, row) in rows {
                growing.copy(table, row);
            }
            if !growing.iids.is_empty() {
                tables.push(growing.finish(name.to_owned(), dimensions));
            }
        }
        Self { iids, tables }
    }

    fn save(&self) -> Result<Sections<'_>> {
        let mut sections = Sections::default();
        let mut bytes = Vec::with_capacity(self.iids.serialized_size());
        self.iids.serialize_into(&mut bytes).map_err(|e| malformed(&e.to_string()))?;
        sections.push_bytes(bytes);
        let mut directory = (self.tables.len() as u32).to_le_bytes().to_vec();
        for table in &self.tables {
            directory.extend((table.dimensions as u32).to_le_bytes());
            directory.extend((table.name.len() as u32).to_le_bytes());
            directory.extend(table.name.as_bytes());
        }
        sections.push_bytes(directory);
        for table in &self.tables {
            sections.push(&table.iids);
            sections.push(&table.scales);
            sections.push(&table.norms);
            sections.push(&table.errors);
            sections.push(&table.sums);
            sections.push(&table.codes);
            sections.push(&table.vectors);
        }
        Ok(sections)
    }

    fn load(file: &Loaded) -> Result<Self> {
        let iids = RoaringBitmap::deserialize_from(file.section(0)?);
        let iids = iids.map_err(|e| malformed(&e.to_string()))?;
        let names = directory(file.section(1)?).ok_or_else(|| malformed("its directory"))?;
        let mut tables = Vec::with_capacity(names.len());
        for (number, (name, dimensions)) in names.into_iter().enumerate() {
            let first = 2 + number * COLUMNS;
            let table = Table {
                name,
                dimensions,
                iids: file.column(first)?,
                scales: file.column(first + 1)?,
                norms: file.column(first + 2)?,
                errors: file.column(first + 3)?,
                sums: file.column(first + 4)?,
                codes: file.column(first + 5)?,
                vectors: file.column(first + 6)?,
            };
            let rows = table.iids.len();
            let full =
                [table.scales.len(), table.norms.len(), table.errors.len(), table.sums.len()]
                    == [rows; 4]
                    && table.codes.len() == rows * stride(dimensions)
                    && table.vectors.len() == rows * dimensions;
            if !full {
                return Err(malformed("columns of different lengths"));
            }
            tables.push(table);
        }
        Ok(Self { iids, tables })
    }
}

fn directory(bytes: &[u8]) -> Option<Vec<(String, usize)>> {
    let (count, mut rest) = bytes.split_first_chunk::<4>()?;
    let mut names = Vec::new();
    for _ in 0..u32::from_le_bytes(*count) {
        let (dimensions, behind) = rest.split_first_chunk::<4>()?;
        let (length, behind) = behind.split_first_chunk::<4>()?;
        let (name, behind) = behind.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        rest = behind;
        let name = std::str::from_utf8(name).ok()?.to_owned();
        names.push((name, u32::from_le_bytes(*dimensions) as usize));
    }
    Some(names)
}

fn malformed(what: &str) -> Error {
    Error::new(Kind::Corruption, format!("a segment of the vector index is malformed: {what}"))
}

//! Scores of full text: BM25, from the index over all documents of the view.

use std::collections::HashMap;

use roaring::RoaringBitmap;

use crate::engine::base::Result;
use crate::engine::exec::context::Context;
use crate::engine::exec::prepared::Prepared;
use crate::engine::exec::row::Row;
use crate::engine::modality::document::text_search;
use crate::engine::plan::logical::Leaf;

/// BM25 scores of the rows that match; they do not depend on which other rows there are.
pub fn scores(ctx: &Context<'_>, leaf: &Leaf, rows: &[Row<'_>]) -> Result<Vec<Option<f64>>> {
    let prepared = ctx.prepared(leaf)?;
    let Prepared::Text(query) = prepared.as_ref() else { return Ok(vec![None; rows.len()]) };
    let among: RoaringBitmap = rows.iter().map(|row| row.entity.iid().0).collect();
    let records = text_search::records(ctx.view);
    let found = ctx.indexes.text.search(&records, query, rows.len(), Some(&among))?;
    let found: HashMap<u32, f64> =
        found.into_iter().map(|(iid, score)| (iid.0, f64::from(score))).collect();
    Ok(rows.iter().map(|row| found.get(&row.entity.iid().0).copied()).collect())
}

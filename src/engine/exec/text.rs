//! Full text: the predicate, and the scores of rows.

use crate::engine::base::{Error, Result};
use crate::engine::exec::context::Context;
use crate::engine::exec::entity::Entity;
use crate::engine::exec::row::Row;
use crate::engine::plan::logical::{Leaf, TextSearch};

/// True when the document of the hexad matches.
pub fn matches(ctx: &Context<'_>, leaf: &Leaf, entity: &Entity<'_>) -> Result<bool> {
    let _ = (ctx, entity);
    Err(Error::not_supported("FULLTEXT CONTAINS", leaf.span))
}

/// BM25 scores of rows that match.
pub fn scores(
    ctx: &Context<'_>,
    leaf: &Leaf,
    search: &TextSearch,
    rows: &[Row<'_>],
) -> Result<Vec<Option<f64>>> {
    let _ = (ctx, search, rows);
    Err(Error::not_supported("FULLTEXT CONTAINS", leaf.span))
}

//! How far an import has come, kept in the catalog with the batches themselves.

use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{ContentHash, Result};
use crate::engine::store::{CatalogOp, Space, View};

/// So many lines of a source are in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bookmark {
    /// Lines done, loaded or rejected.
    pub(super) lines: u64,
    /// BLAKE3 of the bytes of those lines: a source that was changed is not gone on with.
    pub(super) prefix: ContentHash,
}

fn name(source: &str) -> String {
    format!("import/{source}")
}

/// The bookmark an interrupted import of `source` left.
pub(super) fn find(view: &View, source: &str) -> Result<Option<Bookmark>> {
    view.entry(Space::Job, &name(source))?.map(|body| decode(&body)).transpose()
}

/// What leaves the bookmark in a commit.
pub(super) fn leave(source: &str, bookmark: Bookmark) -> CatalogOp {
    CatalogOp::Set { space: Space::Job, name: name(source), body: encode(bookmark) }
}

/// What takes the bookmark away: there is nothing to go on with.
pub(super) fn remove(source: &str) -> CatalogOp {
    CatalogOp::Unset { space: Space::Job, name: name(source) }
}

fn encode(bookmark: Bookmark) -> Vec<u8> {
    let mut body = Vec::with_capacity(40);
    codec::put_uint(&mut body, bookmark.lines);
    body.extend(bookmark.prefix.0);
    body
}

fn decode(body: &[u8]) -> Result<Bookmark> {
    let mut reader = Reader::new(body, "bookmark");
    let bookmark = Bookmark { lines: reader.uint()?, prefix: reader.hash()? };
    reader.finish()?;
    Ok(bookmark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bookmark_reads_back() {
        let bookmark = Bookmark { lines: 300, prefix: ContentHash::of(b"x") };
        assert_eq!(decode(&encode(bookmark)), Ok(bookmark));
        assert!(decode(b"").is_err());
    }
}

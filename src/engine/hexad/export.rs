//! All hexads of a view as lines, in the order of their ids. Opening files is for the caller.

use std::io::Write;

use crate::engine::base::{Error, Iid, Kind, ModalitySet, Result};
use crate::engine::hexad::{assemble, json};
use crate::engine::store::View;

/// Writes every live hexad as one canonical line and says how many there were.
///
/// `watch` is told after every line how many are written; an error of its stops the export.
pub fn export(
    view: &View,
    out: &mut dyn Write,
    watch: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<u64> {
    let mut names = Vec::new();
    for iid in view.live()?.iter() {
        if let Some(name) = view.id_of(Iid(iid))? {
            names.push((name, Iid(iid)));
        }
    }
    names.sort_unstable();
    let mut written = 0;
    let mut line = String::new();
    for (_, iid) in names {
        let Some(hexad) = assemble(view, iid, ModalitySet::ALL)? else { continue };
        line.clear();
        json::record(&mut line, &hexad);
        line.push('\n');
        out.write_all(line.as_bytes()).map_err(|cause| unwritable(&cause))?;
        written += 1;
        watch(written)?;
    }
    out.flush().map_err(|cause| unwritable(&cause))?;
    Ok(written)
}

fn unwritable(cause: &std::io::Error) -> Error {
    let kind = match cause.kind() {
        std::io::ErrorKind::StorageFull => Kind::DiskFull,
        _ => Kind::Io,
    };
    Error::new(kind, format!("the export cannot be written: {cause}"))
}

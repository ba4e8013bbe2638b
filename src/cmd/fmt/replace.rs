//! A file's content replaced as a whole, and nothing else.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// Replaces the content of a file, all of it or nothing: a crash leaves the old or the new text.
///
/// The name may be a link; what it points to is replaced and keeps its permissions.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let target = fs::canonicalize(path)?;
    let permissions = fs::metadata(&target)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
    }
    let name = target.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = target.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = (|| {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.set_permissions(permissions)?;
        file.sync_all()?;
        fs::rename(&beside, &target)
    })();
    if written.is_err() {
        fs::remove_file(&beside).ok();
    }
    written
}

//! How much room the disk has left.

use std::path::Path;

/// Bytes this user may still write where `dir` is; nothing where nobody can tell.
#[cfg(unix)]
pub fn available(dir: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(dir).ok()?;
    stat.f_bavail.checked_mul(stat.f_frsize)
}

/// Bytes this user may still write where `dir` is; nothing where nobody can tell.
#[cfg(not(unix))]
pub fn available(_dir: &Path) -> Option<u64> {
    None
}

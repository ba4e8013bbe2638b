//! The statements a user typed, whole, across sessions. The file is one entry a line; line ends
//! inside an entry are written as `<\n>`, the way the line editor does it.

use std::io;
use std::path::Path;

use reedline::FileBackedHistory;

/// Entries that are kept.
const CAPACITY: usize = 10_000;
/// A line end inside an entry.
const LINE_END: &str = "<\\n>";

/// Opens the history for the line editor; its directory is made when it is missing.
pub(super) fn open(path: &Path) -> io::Result<FileBackedHistory> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    keep_private(path)?;
    FileBackedHistory::with_file(CAPACITY, path.to_owned())
        .map_err(|error| io::Error::other(error.to_string()))
}

/// Statements hold data, and data is not for everybody on the machine.
#[cfg(unix)]
fn keep_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let mut options = std::fs::OpenOptions::new();
    let file = options.append(true).create(true).mode(0o600).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn keep_private(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The entries, the oldest first; none when there is no file yet.
pub(super) fn entries(path: &Path) -> io::Result<Vec<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text.lines().map(|line| line.replace(LINE_END, "\n")).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use reedline::{History as _, HistoryItem};

    use super::*;

    #[test]
    fn what_the_editor_saves_is_read_back_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state").join("history");
        assert!(entries(&path).unwrap().is_empty());
        let mut history = open(&path).unwrap();
        let text = "SELECT *\nFROM hexads;";
        history.save(HistoryItem::from_command_line(text)).unwrap();
        history.sync().unwrap();
        assert_eq!(entries(&path).unwrap(), [text]);
    }
}

//! Shows long output one screen at a time, through the user's pager.

use std::io::{self, Write as _};
use std::process::{Command, Stdio};

/// The pager when the user has not chosen one: ends by itself when all fits, keeps color.
const USUAL: &str = "less -FRX";

/// Shows `text` through `pager` and waits until the user has seen enough.
///
/// `None` takes the usual one. Gives false when there is no pager to run: the caller prints.
pub fn show(pager: Option<&str>, text: &str) -> io::Result<bool> {
    let mut words = pager.unwrap_or(USUAL).split_whitespace();
    let Some(program) = words.next() else { return Ok(false) };
    let child = Command::new(program).args(words).stdin(Stdio::piped()).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if let Some(mut stdin) = child.stdin.take() {
        // Who leaves the pager early closes the pipe, and that is no failure.
        stdin.write_all(text.as_bytes()).ok();
    }
    child.wait()?;
    Ok(true)
}

//! One write from beginning to end: prepared on a fresh view, committed, and prepared again when
//! somebody else was faster. What is written is the business of `prepare`.

use crate::engine::base::{Kind, Result};
use crate::engine::hexad::{Author, Draft};
use crate::engine::store::{Store, View, WriteSet};

/// How often a write is prepared before the conflict is reported. A retry only follows another
/// write that succeeded, so somebody always gets on.
const ATTEMPTS: u32 = 32;

/// Asked when it is known what will be written; may wait for others, and may refuse.
pub type Before<'a> = &'a dyn Fn(&View, &WriteSet) -> Result<()>;

/// Commits what `prepare` puts into the draft, and gives what it answered last.
///
/// `prepare` may be called several times, each time with a new view; it must not keep anything of
/// an earlier call. `before` is asked when it is known what will be written; it may wait for others.
/// A draft that stays empty commits nothing. Fails with `WriteConflict` when
/// others were faster again and again.
pub fn write<T>(
    store: &Store,
    author: &Author,
    before: Before<'_>,
    prepare: impl FnMut(&View, &mut Draft<'_>) -> Result<T>,
) -> Result<T> {
    write_over(&|| store.view(), store, author, before, prepare)
}

/// The same over views as `look` gives them.
pub fn write_over<T>(
    look: &dyn Fn() -> Result<View>,
    store: &Store,
    author: &Author,
    before: Before<'_>,
    mut prepare: impl FnMut(&View, &mut Draft<'_>) -> Result<T>,
) -> Result<T> {
    let mut attempt = 0;
    loop {
        let view = look()?;
        let mut draft = Draft::new(&view, author.clone())?;
        let answer = prepare(&view, &mut draft)?;
        let writes = draft.finish();
        if writes.is_empty() {
            return Ok(answer);
        }
        attempt += 1;
        before(&view, &writes)?;
        match store.commit(writes) {
            Ok(_) => return Ok(answer),
            Err(error) if error.kind == Kind::WriteConflict && attempt < ATTEMPTS => {}
            Err(error) => return Err(error),
        }
    }
}

/// Waits for nobody: whoever has read what this changes is told when they commit.
#[expect(clippy::unnecessary_wraps, reason = "it stands where a wait may fail")]
pub fn unhindered(_: &View, _: &WriteSet) -> Result<()> {
    Ok(())
}

//! Continuous archiving: a copy of the commit log in another folder, as new as the log itself.
//!
//! Not a backup by itself: a backup holds the files, the archive holds the commits since, so that both
//! together give any later commit back. A commit that is forced to the disk before it is answered is
//! forced to the archive too; commits in the other sync modes follow in the background. The log keeps
//! what the copy does not have. What becomes of commits while the folder cannot be written is a
//! setting; every attempt begins where the last one that succeeded ended.
//!
//! ```text
//! DIR/<identity of the database>/<first commit>.vlog     as in the folder log, without footers
//!                                LOCK                    held by the one process that archives
//! ```

mod copy;
mod history;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::engine::base::{Error, Kind, Lsn, Result};
use crate::engine::log::recover::read_footer;
use crate::engine::log::segment::DatabaseId;
use crate::engine::store::LogSink;

use copy::Copy;
pub use history::{Forgotten, History, behind, forget};

/// Time between two attempts while the copy fails.
const PATIENCE: Duration = Duration::from_secs(1);

/// What becomes of commits that cannot be archived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// They are refused, and nothing of them is written.
    #[default]
    Refuse,
    /// They are answered all the same; the archive gets them later.
    Continue,
}

/// Where to archive, and what to do when that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Below this directory.
    pub dir: PathBuf,
    /// What becomes of commits meanwhile.
    pub on_failure: OnFailure,
}

/// The folder below `dir` for the log of `database`.
pub fn folder(dir: &Path, database: DatabaseId) -> PathBuf {
    dir.join(format!("{:032x}", u128::from_be_bytes(database)))
}

/// The archive of one open database.
pub struct Archive {
    folder: PathBuf,
    log: PathBuf,
    on_failure: OnFailure,
    state: Mutex<State>,
    bell: Condvar,
    copy: Mutex<Copy>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the thread is to do, and how far it came.
#[derive(Debug, Default)]
struct State {
    /// What may be copied.
    upto: Lsn,
    done: Lsn,
    /// The copy has been as new as the log once since it was opened.
    level: bool,
    failure: Option<Error>,
    closing: bool,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Archive {
    /// Begins to copy the log in the folder `log`, which holds everything up to `upto`.
    pub fn start(wish: &Wish, database: DatabaseId, log: &Path, upto: Lsn) -> Arc<Self> {
        let folder = folder(&wish.dir, database);
        let this = Arc::new(Self {
            folder: folder.clone(),
            log: log.into(),
            on_failure: wish.on_failure,
            state: Mutex::new(State { upto, ..State::default() }),
            bell: Condvar::new(),
            copy: Mutex::new(Copy::new(folder, log.into(), database)),
            thread: Mutex::new(None),
        });
        let worker = Arc::clone(&this);
        let spawned = thread::Builder::new().name("vql-archive".into());
        match spawned.spawn(move || worker.work()) {
            Ok(thread) => *this.thread.lock() = Some(thread),
            Err(cause) => {
                let message = format!("the thread that archives cannot be started: {cause}");
                this.state.lock().failure = Some(Error::new(Kind::ResourceExhausted, message));
            }
        }
        this
    }

    /// The last commit in the archive; zero while nothing was copied yet.
    pub fn reached(&self) -> Lsn {
        self.state.lock().done
    }

    /// Why the archive is behind, when the last attempt failed.
    pub fn failure(&self) -> Option<Error> {
        self.state.lock().failure.clone()
    }

    /// In one line: where it is and how far behind `last`, the last commit.
    pub fn describe(&self, last: Lsn) -> String {
        let place = self.folder.display();
        let state = self.state.lock();
        if !state.level && state.failure.is_none() {
            return format!("{place}: being compared with the log");
        }
        match last.0.saturating_sub(state.done.0) {
            0 => format!("{place}: every commit"),
            1 => format!("{place}: 1 commit behind"),
            n => format!("{place}: {n} commits behind"),
        }
    }

    /// Copies what there is. To be called while this process may still write: whoever writes next
    /// archives too.
    pub fn drain(&self) -> Result<()> {
        self.pass(None)
    }

    /// Ends the thread, and copies what came after the last [`Self::drain`] if that succeeded.
    pub fn close(&self) -> Result<()> {
        self.state.lock().closing = true;
        self.bell.notify_all();
        if let Some(thread) = self.thread.lock().take() {
            // What a panic kept from being copied is found missing below.
            drop(thread.join());
        }
        match self.failure() {
            Some(failure) => Err(failure),
            None => self.pass(None).and_then(|()| self.copy.lock().finish()),
        }
    }

    fn work(&self) {
        loop {
            {
                let mut state = self.state.lock();
                if state.failure.is_some() && !state.closing {
                    self.bell.wait_for(&mut state, PATIENCE);
                }
                while state.level && state.upto <= state.done && !state.closing {
                    self.bell.wait(&mut state);
                }
                if state.closing {
                    return;
                }
            }
            // A failure is kept where everybody can see it.
            drop(self.pass(None));
        }
    }

    /// Copies everything up to `upto`, or everything that may be copied by now.
    fn pass(&self, upto: Option<Lsn>) -> Result<()> {
        let mut copy = self.copy.lock();
        let upto = upto.unwrap_or_else(|| self.state.lock().upto);
        let copied = copy.bring(upto);
        let mut state = self.state.lock();
        state.done = copy.reached();
        state.level |= copied.is_ok();
        state.failure = copied.as_ref().err().cloned();
        if copied.is_ok() {
            state.upto = state.upto.max(upto);
        } else {
            // The thread tries again.
            self.bell.notify_one();
        }
        copied
    }
}

/// What a committer is told.
fn refused(error: Error) -> Error {
    if !matches!(error.kind, Kind::Io | Kind::DiskFull) {
        return error;
    }
    Error::new(error.kind, error.message).hint(
        "nothing of the commit was written, and reading goes on; free space or bring the directory \
         back and try again, or see `archive-failure` in vql.toml(5)",
    )
}

impl LogSink for Archive {
    fn ready(&self) -> Result<()> {
        let waiting = {
            let state = self.state.lock();
            !state.level || state.failure.is_some()
        };
        if waiting && self.on_failure == OnFailure::Refuse {
            return self.pass(None).map_err(refused);
        }
        Ok(())
    }

    fn grew(&self, _log: &Path, upto: Lsn, forced: bool) -> Result<()> {
        // What is not forced may not be copied yet, and whoever accepts to be behind does not wait for
        // a folder that is away.
        let now = forced
            && (self.on_failure == OnFailure::Refuse || {
                let state = self.state.lock();
                state.level && state.failure.is_none()
            });
        if now
            && let Err(error) = self.pass(Some(upto))
            && self.on_failure == OnFailure::Refuse
        {
            return Err(refused(error));
        }
        let mut state = self.state.lock();
        state.upto = state.upto.max(upto);
        if state.done < upto {
            self.bell.notify_one();
        }
        Ok(())
    }

    fn may_forget(&self, _first: Lsn, path: &Path) -> Result<bool> {
        let footer = read_footer(path).map_err(|e| copy::io_error(path, &e))?;
        let Some(last) = footer.map(|footer| footer.last()) else { return Ok(false) };
        let state = self.state.lock();
        match &state.failure {
            _ if last <= state.done => Ok(true),
            Some(failure) => Err(failure.clone()),
            None => Ok(false),
        }
    }

    fn folder(&self) -> Option<PathBuf> {
        (self.folder != self.log).then(|| self.folder.clone())
    }
}

#[cfg(test)]
mod tests;

//! What the engine answers, and how a caller steers and stops it. Plain data, no behavior.

use std::collections::BTreeMap;
use std::fmt;
use std::marker;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::engine::archive;
use crate::engine::base::{Error, Kind, Span, Value};
use crate::engine::embed::Embedders;
use crate::engine::plan::explain::Explained;

/// The answer to one statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// What was done: `SELECT`, `INSERT`, `SHOW STATUS` .., for the shell's last line.
    pub tag: &'static str,
    /// The columns, in order; empty for a statement that returns no rows.
    pub columns: Vec<Column>,
    /// The rows; each has one value per column.
    pub rows: Vec<Vec<Value>>,
    /// Hexads inserted, updated or deleted.
    pub affected: Option<u64>,
    /// Warnings that go with the answer: lower case, factual.
    pub notices: Vec<Notice>,
    /// The plan, when that was asked for: what the rows say, as a value.
    pub explained: Option<Arc<Explained>>,
}

impl Outcome {
    /// The column names, each one once: an object with the same key twice would lose a value.
    ///
    /// The second `x` becomes `x_2`, or the next number that is free.
    pub fn unique_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let mut name = column.name.clone();
            let mut n = 2;
            let taken = |name: &str, names: &[String]| {
                names.iter().any(|used| used == name)
                    || (name != column.name && self.columns.iter().any(|c| c.name == name))
            };
            while taken(&name, &names) {
                name = format!("{}_{n}", column.name);
                n += 1;
            }
            names.push(name);
        }
        names
    }
}

/// One column of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// As programs address it: `id`, `document`, `document.title`, `COUNT(*)`, or an alias.
    pub name: String,
}

/// Something the user should know although the statement succeeded.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What.
    pub message: String,
    /// Where in the statement.
    pub span: Option<Span>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Values for `$name`, `@name` and `$1`, by the name without its sign.
pub type Params = BTreeMap<String, Value>;

/// Is told how far a long statement is: what is being done, and how much of how much.
#[derive(Clone)]
pub struct Progress(Arc<Tell>);

type Tell = dyn Fn(&str, u64, u64) + Send + marker::Sync;

impl Progress {
    /// Calls `tell`, which must be quick.
    pub fn new(tell: impl Fn(&str, u64, u64) + Send + marker::Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}

/// How a caller bounds and stops a statement.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// Set to true from any thread to stop the statement with `Cancelled`.
    pub cancel: Arc<AtomicBool>,
    /// Time after which it stops with `QueryTimeout`.
    pub timeout: Option<Duration>,
    /// A write that names neither id nor condition is refused unless this is set.
    pub force_unbounded: bool,
    /// Who looks on.
    pub progress: Option<Progress>,
}

impl Control {
    /// Tells whoever looks on how far it is.
    pub fn tell(&self, what: &str, done: u64, all: u64) {
        if let Some(Progress(tell)) = &self.progress {
            tell(what, done, all);
        }
    }

    /// An error when the caller asked to stop.
    pub fn check(&self) -> Result<(), Error> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(Error::new(Kind::Cancelled, "the statement was cancelled"));
        }
        Ok(())
    }
}

/// When a commit is safe on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sync {
    /// As the database was told to keep it: `full` at first.
    #[default]
    Kept,
    /// Before it is answered: nothing acknowledged is ever lost.
    Full,
    /// At most this many milliseconds after it.
    Interval(u32),
    /// When the operating system pleases.
    Off,
}

/// How to open a database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Make the database when nothing is there; files appear with the first write.
    pub create: bool,
    /// Refuse writes; another process may be writing.
    pub read_only: bool,
    /// When a commit is safe.
    pub sync: Sync,
    /// Who writes: the author of versions and the actor of provenance events. Empty: `user`.
    pub author: String,
    /// Open in spite of a damaged log, without the commits that cannot be read.
    pub accept_loss: bool,
    /// What makes vectors of texts.
    pub embedders: Embedders,
    /// Write nothing but what is asked for: no sweep, and so no repairs that policies allow it.
    pub unswept: bool,
    /// Copy the log elsewhere while it grows; see [`crate::engine::archive`].
    pub archive: Option<archive::Wish>,
}

impl Options {
    /// Who writes when nobody is named.
    pub fn author(&self) -> &str {
        if self.author.is_empty() { "user" } else { &self.author }
    }
}

/// What a database says about itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// Hexads that are not deleted.
    pub hexads: u64,
    /// The last commit.
    pub lsn: u64,
    /// Opened for reading only.
    pub read_only: bool,
    /// When a commit is safe: `full`, `interval(50ms)`, `off`.
    pub sync: String,
    /// Times the log was forced to the disk since it was opened.
    pub fsyncs: u64,
    /// Bytes of commit log.
    pub log_bytes: u64,
    /// Commits replayed when it was opened.
    pub replayed: u64,
    /// Modalities that cannot be read, by name.
    pub degraded: Vec<String>,
    /// What opening had to do, in one line.
    pub recovery: Option<String>,
}

//! The database: no sockets, no terminal. [`base`] holds the words, every other room uses them.
//!
//! [`Engine`] is the only door: open it, take a [`Session`], execute statements.

mod access;
pub mod archive;
pub mod auth;
pub mod backup;
pub mod base;
pub mod catalog;
pub mod demo;
mod direct;
pub mod drift;
pub mod embed;
pub mod exec;
pub mod hexad;
pub mod index;
pub mod lang;
pub mod log;
pub mod modality;
pub mod normalize;
pub mod outcome;
mod parked;
pub mod plan;
mod sabotage;
pub mod session;
pub mod shared;
pub mod statements;
pub mod store;
mod transaction;
pub mod txn;

use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::Arc;

use crate::engine::base::{Clock, Error, Kind, Lsn, Result, Rng};
use crate::engine::catalog::Snapshot;
use crate::engine::exec::drift::sweep::Sweep;
use crate::engine::exec::statistics::put_units;
use crate::engine::plan::cost::Units;
pub use auth::{Action, Principal, Resource, Rights};
use direct::Turn;
pub use hexad::import::Watch;
pub use hexad::{ImportOptions, OnConflict, Progress, Reject};
pub use outcome::{Column, Control, Notice, Options, Outcome, Params, Status, Sync};
pub use sabotage::Harm;
pub use session::{Session, TransactionState};
pub(crate) use shared::Shared;
use store::{View, WriteSet};
pub use transaction::TransactionOptions;

/// An open database. Cheap to clone; every clone is the same database, from any thread.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

impl Engine {
    /// Opens the database in the directory `path`.
    ///
    /// With `create`, a missing or empty directory becomes a database with the first write. Fails with
    /// `NotFound` (nothing there and not `create`), `NotADatabase`, `NewerFormat`, `DatabaseLocked`
    /// (another process writes to it), `Corruption`.
    pub fn open(
        path: &Path,
        options: Options,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self> {
        let sweeps = !options.read_only && !options.unswept;
        let shared = Arc::new(Shared::open(path, options, clock, rng)?);
        if sweeps {
            Sweep::start(&shared);
        }
        Ok(Self { shared })
    }

    /// A new session: settings and prepared statements of one user of the database.
    ///
    /// It may be sent to another thread, and several may work at once.
    pub fn session(&self) -> Session {
        Session::new(Arc::clone(&self.shared))
    }

    /// The names of the database as of now: what the checker and completion know of it.
    pub fn names(&self) -> Result<Arc<Snapshot>> {
        self.shared.names(&self.shared.store.view()?)
    }

    /// The identity of the database: 16 bytes that no other has, the same as long as it lives.
    pub fn id(&self) -> [u8; 16] {
        self.shared.store.id()
    }

    /// Ids that start with `prefix`, in order, for completion.
    pub fn ids(&self, prefix: &str, most: usize) -> Result<Vec<String>> {
        Shared::ids(&self.shared.store.view()?, prefix, most)
    }

    /// The names of the snapshots, in order, for completion.
    pub fn snapshots(&self) -> Result<Vec<String>> {
        let entries = self.shared.store.view()?.entries(store::Space::Snapshot)?;
        Ok(entries.into_iter().map(|(name, _)| name).collect())
    }

    /// The last commit: cheap enough to be asked often.
    pub fn last_commit(&self) -> Lsn {
        self.shared.store.status().lsn
    }

    /// What the database says about itself.
    pub fn status(&self) -> Result<Status> {
        self.shared.status()
    }

    /// Loads every line of `source`; see [`hexad::import()`]. What open transactions have written is
    /// waited for, batch by batch.
    pub fn import(
        &self,
        source: &mut (dyn BufRead + Send),
        options: &ImportOptions,
        watch: &mut dyn Watch,
    ) -> Result<Progress> {
        let mut options = options.clone();
        if options.author.is_empty() {
            self.shared.options.author().clone_into(&mut options.author);
        }
        let shared = &self.shared;
        let embedder = match &options.embed {
            Some(name) => Some(shared.options.embedders.named(name)?),
            None => None,
        };
        let turn = Turn::new(shared);
        let before = |view: &View, writes: &WriteSet| turn.next(view, writes);
        let (store, rng) = (&shared.store, &*shared.rng);
        hexad::import(store, rng, source, &options, embedder, &before, watch)
    }

    /// Writes every hexad as one canonical line, in the order of the ids, and says how many.
    ///
    /// `watch` is told after every line; an error of its stops the export.
    pub fn export(
        &self,
        out: &mut dyn Write,
        watch: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<u64> {
        hexad::export(&self.shared.store.view()?, out, watch)
    }

    /// Fills an empty database with the small world of [`demo`]; says how many hexads it has.
    pub fn fill_demo(&self) -> Result<u64> {
        demo::fill(&self.shared.store)
    }

    /// Keeps what elementary work costs on this machine, by the names of [`plan_prices`]: plans are
    /// chosen by it from now on. `InvalidParameter` for a name or a price that cannot be.
    pub fn keep_prices(&self, prices: &[(&str, f64)]) -> Result<()> {
        let view = self.shared.store.view()?;
        let statistics = &self.shared.indexes.statistics;
        let mut units = statistics.known(&view)?.units.clone();
        for (name, micros) in prices {
            if !units.set(name, *micros) {
                let message = format!("{micros} microseconds is no price of `{name}`");
                return Err(Error::new(Kind::InvalidParameter, message));
            }
        }
        let mut writes = view.write_set()?;
        put_units(&mut writes, &units);
        self.shared.store.commit(writes)?;
        statistics.priced(&view, units)
    }

    /// Waits until the indexes that are built in the background have caught up.
    ///
    /// Answers never depend on it, only their speed does.
    pub fn settle(&self) -> Result<()> {
        self.shared.settle()
    }

    /// Looks at the drift of every hexad, as the sweep in the background does, and without its rests.
    pub fn sweep(&self) -> Result<()> {
        exec::drift::sweep::now(&self.shared)
    }

    /// Ends everything in order and says what went wrong, if something did. Dropping the last clone
    /// does the same silently.
    pub fn close(&self) -> Result<()> {
        self.shared.close()
    }
}

/// The built-in prices of elementary work: name, microseconds, what for.
pub fn plan_prices() -> Vec<(&'static str, f64, &'static str)> {
    let units = Units::default();
    let price = |(name, about): &(&'static str, &'static str)| {
        (*name, units.get(name).unwrap_or_default(), *about)
    };
    Units::ALL.iter().map(price).collect()
}

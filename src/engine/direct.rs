//! Hexads in and out without the language: for programs that hold a whole hexad in their hands.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::engine::Engine;
use crate::engine::Shared;
use crate::engine::base::{Error, HexadId, Kind, ModalitySet, Result};
use crate::engine::exec::find;
use crate::engine::exec::statement::{Job, unasked};
use crate::engine::hexad::{Author, Hexad, HexadInput, assemble, attempt, write};
use crate::engine::lang;
use crate::engine::lang::ast::StatementKind;
use crate::engine::lang::resolve::check::check_statement;
use crate::engine::outcome::{Control, Params};
use crate::engine::store::{View, WriteSet};
use crate::engine::transaction::keys;
use crate::engine::txn::locks::{Party, Patience};

/// How long open transactions are waited for, as in a session that does not say.
const PATIENCE: Duration = Duration::from_secs(10);

/// The locks of a writer without a session: those of one commit after the other.
pub(super) struct Turn<'a> {
    shared: &'a Shared,
    party: Party,
}

impl<'a> Turn<'a> {
    /// Without any.
    pub(super) fn new(shared: &'a Shared) -> Self {
        Self { shared, party: shared.next_party() }
    }

    /// Lets go of those of the commit before, and takes those of the next. `LockTimeout` when a
    /// transaction keeps one of them for too long.
    pub(super) fn next(&self, view: &View, writes: &WriteSet) -> Result<()> {
        let (locks, control) = (&self.shared.locks, Control::default());
        locks.release(self.party);
        if !locks.any() {
            return Ok(());
        }
        let clock = self.shared.clock.as_ref();
        let patience = Patience { timeout: PATIENCE, control: &control, clock };
        locks.acquire(self.party, &keys(view, writes)?, patience).map(drop)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.shared.locks.release(self.party);
    }
}

impl Engine {
    /// Inserts hexads as one commit: all of them, durable, or none. Answers their ids in order.
    ///
    /// Fails with `InsertConflict` when an id is taken, with the kind of the modality when a record
    /// is not valid, with `LockTimeout` when a transaction that is open has
    /// written the same, with `ReadOnlyStore`.
    pub fn insert(&self, inputs: Vec<HexadInput>) -> Result<Vec<HexadId>> {
        let shared = &self.shared;
        if shared.options.read_only {
            return Err(Error::new(Kind::ReadOnlyStore, "the database is open for reading only"));
        }
        let inputs: Vec<HexadInput> =
            inputs.into_iter().map(HexadInput::admit).collect::<std::result::Result<_, _>>()?;
        let author = Author::new(shared.options.author());
        let turn = Turn::new(shared);
        let before = |view: &View, writes: &WriteSet| turn.next(view, writes);
        attempt::write(&shared.store, &author, &before, |_, draft| {
            let mut ids = Vec::with_capacity(inputs.len());
            for input in &inputs {
                let id = match &input.id {
                    Some(id) => id.clone(),
                    None => write::fresh_id(draft.time(), shared.rng.as_ref())?,
                };
                draft.insert_admitted(shared.store.allocate_iids(1)?, id.clone(), input)?;
                ids.push(id);
            }
            Ok(ids)
        })
    }

    /// Reads the modalities `wanted` of a hexad at the last commit; `None` when it does not exist.
    pub fn get(&self, id: &str, wanted: ModalitySet) -> Result<Option<Hexad>> {
        let view = self.shared.store.view()?;
        match view.iid(id)? {
            Some(iid) => assemble(&view, iid, wanted),
            None => Ok(None),
        }
    }

    /// Parses, checks and plans a query without running it; answers how many steps its plan has. For
    /// measuring: nothing of it is remembered.
    pub fn plan(&self, text: &str, params: &Params) -> Result<usize> {
        let parse = lang::parse(text);
        let statement = match (parse.diagnostics.first(), parse.script.statements.first()) {
            (None, Some(statement)) => statement,
            (wrong, _) => {
                let message = wrong.map_or("there is no statement", |w| w.message.as_str());
                return Err(Error::new(Kind::UnexpectedToken, message));
            }
        };
        let StatementKind::Query(query) = &statement.kind else {
            return Err(Error::not_supported(statement.kind.keyword(), statement.span));
        };
        let view = self.shared.store.view()?;
        let names = self.shared.names(&view)?;
        if let Some(wrong) = check_statement(statement, names.as_ref(), Some(params))
            .into_iter()
            .find(lang::Diagnostic::is_error)
        {
            return Err(Error::new(wrong.kind, wrong.message).at(wrong.span));
        }
        unasked(&self.shared, &Arc::new(AtomicBool::new(false)), |job| {
            let job = Job { text, params, ..*job };
            let select = job.lower(&view, |lowering| lowering.query(query))?;
            job.within(&view, select.when.clone(), |ctx| {
                Ok(find::plan(ctx, &select)?.0.steps.len())
            })
        })
    }

    /// Waits for everything that is built in the background: what [`Engine::settle`] waits for, and
    /// the graphs of vectors, which take much longer.
    pub fn complete(&self) -> Result<()> {
        self.settle()?;
        #[cfg(feature = "ann")]
        {
            let view = self.shared.store.view()?;
            let records = crate::engine::modality::vector::search::records(&view);
            self.shared.indexes.vector.build_graphs(&records)?;
        }
        Ok(())
    }
}

//! One open transaction: the view it reads, what it has written, what it asked, and how it ends.
//!
//! Its writes lie over its view and are done again over the newest state when it commits. At `read
//! committed` every statement begins on a new view; at `snapshot` the first to write something wins;
//! at `serializable` everything that was read must still be as it was when it commits, so that the
//! order of the commits explains all of them.

use std::sync::Arc;

use crate::engine::Shared;
use crate::engine::auth::Rights;
use crate::engine::base::{Error, Iid, Kind, Lsn, Modality, Result, Timestamp};
use crate::engine::exec::budget::Budget;
use crate::engine::exec::context::Context;
use crate::engine::exec::drift::rules::Rules;
use crate::engine::exec::predicate::Predicate;
use crate::engine::hexad::replay::{Recorded, replay};
use crate::engine::lang::ast::Isolation;
use crate::engine::outcome::Control;
use crate::engine::parked::rested;
use crate::engine::plan::logical::{Select, When};
use crate::engine::store::{
    Attempt, CatalogOp, Follower, Op, Overlay, Reads, SyncMode, Touch, Verdict, View, WriteSet,
};
use crate::engine::txn::locks::{Key, Party, Patience};

/// How often a commit is tried when others are faster.
const ATTEMPTS: u32 = 64;
/// Hexads asked again at the end, over all queries; beyond that the transaction is refused.
const EVALUATIONS: usize = 200_000;

/// How a transaction is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransactionOptions {
    /// What it may notice of others.
    pub isolation: Isolation,
    /// It writes nothing.
    pub read_only: bool,
    /// When its commit is safe, when not as the session or the database says.
    pub sync: Option<SyncMode>,
}

/// An open transaction.
pub(crate) struct Transaction {
    shared: Arc<Shared>,
    party: Party,
    options: TransactionOptions,
    /// Some from the first statement on.
    state: Option<State>,
    statements: Vec<Recorded>,
    keys: Vec<Key>,
    reads: Arc<Reads>,
    predicates: Vec<Predicate>,
    savepoints: Vec<Savepoint>,
}

struct State {
    follower: Follower,
    view: View,
}

struct Savepoint {
    name: String,
    statements: usize,
    lsn: Option<Lsn>,
    overlay: Option<Arc<Overlay>>,
}

/// What one statement of a transaction leaves behind.
#[derive(Default)]
pub(crate) struct Staged {
    /// What it writes, and how to do it again.
    pub writes: Option<(WriteSet, Recorded)>,
    /// What it asked.
    pub asked: Vec<Select>,
}

impl Drop for Transaction {
    fn drop(&mut self) {
        self.shared.locks.release(self.party);
    }
}

impl Transaction {
    /// Begins one. What it sees is decided by its first statement.
    pub(crate) fn begin(shared: &Arc<Shared>, options: TransactionOptions) -> Self {
        Self {
            shared: Arc::clone(shared),
            party: shared.next_party(),
            options,
            state: None,
            statements: Vec::new(),
            keys: Vec::new(),
            reads: Arc::new(Reads::default()),
            predicates: Vec::new(),
            savepoints: Vec::new(),
        }
    }

    /// Its number.
    pub(crate) fn party(&self) -> Party {
        self.party
    }

    /// The commit it sees, once it has seen one.
    pub(crate) fn lsn(&self) -> Option<Lsn> {
        self.state.as_ref().map(|state| state.view.lsn())
    }

    /// How many statements have written something.
    pub(crate) fn writes(&self) -> usize {
        self.statements.len()
    }

    /// How it is.
    pub(crate) fn options(&self) -> TransactionOptions {
        self.options
    }

    fn serializable(&self) -> bool {
        self.options.isolation == Isolation::Serializable
    }

    /// The view of the next statement.
    pub(crate) fn ready(&mut self) -> Result<&View> {
        let fresh = match &self.state {
            None => true,
            Some(state) => {
                self.options.isolation == Isolation::ReadCommitted
                    && state.view.lsn() != self.shared.store.view()?.lsn()
            }
        };
        if fresh {
            self.renew()?;
        }
        self.view()
    }

    /// The view of the next statement, as somebody with these rights may see it.
    pub(crate) fn ready_for(&mut self, rights: &Rights) -> Result<&View> {
        self.ready()?;
        if let Some(state) = &mut self.state {
            self.shared.access.cover(&mut state.view, rights)?;
        }
        self.view()
    }

    /// The view of the statement that runs.
    pub(crate) fn view(&self) -> Result<&View> {
        let state = self.state.as_ref();
        state
            .map(|state| &state.view)
            .ok_or_else(|| Error::new(Kind::InternalError, "a transaction without a view"))
    }

    /// A new view, with what was written so far done again over it.
    fn renew(&mut self) -> Result<()> {
        let (follower, mut view) = self.shared.store.follow()?;
        if !self.statements.is_empty() {
            replay(&mut view, &self.statements).map_err(refused)?;
        }
        if self.serializable() && !self.options.read_only {
            view.watch(Some(Arc::clone(&self.reads)));
        }
        self.state = Some(State { follower, view });
        Ok(())
    }

    /// It is about to run a statement. Fails when it rested for too long.
    pub(crate) fn wake(&self, now: Timestamp) -> Result<()> {
        if self.shared.locks.wake(self.party, now) {
            return Ok(());
        }
        Err(rested())
    }

    /// It runs no statement until `until` at the latest.
    pub(crate) fn rest(&self, until: Option<Timestamp>) {
        if let Some(until) = until {
            self.shared.locks.rest(self.party, until);
        }
    }

    /// Takes over what a statement wrote and asked. False when it has to run again, on a newer view.
    pub(crate) fn take(&mut self, staged: Staged, patience: Patience<'_>) -> Result<bool> {
        if let Some((writes, recorded)) = staged.writes {
            let keys = keys(self.view()?, &writes)?;
            self.shared.locks.acquire(self.party, &keys, patience)?;
            if self.clashes(&keys)? {
                if self.options.isolation != Isolation::ReadCommitted {
                    return Err(lost());
                }
                self.renew()?;
                return Ok(false);
            }
            let state = self.state.as_mut().expect("a statement has run on it");
            state.view.lay(&writes)?;
            self.statements.push(recorded);
            self.keys.extend(keys);
        }
        if self.serializable() && !self.options.read_only {
            self.predicates.extend(staged.asked.iter().map(Predicate::of));
        }
        Ok(true)
    }

    /// Whether somebody committed a change of one of `keys` behind the view.
    fn clashes(&self, keys: &[Key]) -> Result<bool> {
        let since = self.shared.store.touched_since(self.view()?.lsn());
        Ok(since.is_none_or(|touches| touches.iter().any(|touch| meets(keys, touch))))
    }

    /// `SAVEPOINT name`
    pub(crate) fn savepoint(&mut self, name: &str) {
        let view = self.state.as_ref().map(|state| &state.view);
        self.savepoints.push(Savepoint {
            name: name.to_owned(),
            statements: self.statements.len(),
            lsn: view.map(View::lsn),
            overlay: view.and_then(View::overlay).cloned(),
        });
    }

    fn find(&self, name: &str) -> Result<usize> {
        let found = self.savepoints.iter().rposition(|s| s.name.eq_ignore_ascii_case(name));
        found.ok_or_else(|| {
            Error::new(Kind::SavepointNotFound, format!("no savepoint is called `{name}`"))
        })
    }

    /// `RELEASE name`: it and those after it are forgotten, what was written stays.
    pub(crate) fn release(&mut self, name: &str) -> Result<()> {
        let at = self.find(name)?;
        self.savepoints.truncate(at);
        Ok(())
    }

    /// `ROLLBACK TO name`: everything is as it was there; the savepoint stays. Locks are kept.
    pub(crate) fn roll_back_to(&mut self, name: &str) -> Result<()> {
        let at = self.find(name)?;
        self.savepoints.truncate(at + 1);
        let point = &self.savepoints[at];
        self.statements.truncate(point.statements);
        let Some(state) = &mut self.state else { return Ok(()) };
        if point.statements == 0 {
            state.view.set_overlay(None);
        } else if point.lsn == Some(state.view.lsn()) {
            state.view.set_overlay(point.overlay.clone());
        } else {
            self.renew()?;
        }
        Ok(())
    }

    /// `COMMIT`. Whatever it answers, the transaction is over.
    pub(crate) fn commit(mut self, control: &Control) -> Result<()> {
        let Some(mut state) = self.state.take() else { return Ok(()) };
        state.view.set_mask(None);
        if self.statements.is_empty() {
            return Ok(());
        }
        // What it saw before it wrote anything itself.
        state.view.watch(None);
        state.view.set_overlay(None);
        for _ in 0..ATTEMPTS {
            control.check()?;
            let mut fresh = self.shared.store.view()?;
            if fresh.lsn() > state.view.lsn() {
                self.validate(&state.view, &fresh, control)?;
            }
            let mut writes = replay(&mut fresh, &self.statements).map_err(refused)?;
            if let Some(mode) = self.options.sync {
                writes.sync(mode);
            }
            let check = |touches: &[&Touch]| {
                if touches.iter().any(|touch| self.depends_on(touch)) {
                    Verdict::Wait
                } else {
                    Verdict::Free
                }
            };
            match self.shared.store.commit_checked(writes, &check)? {
                Attempt::Done(_) => {
                    drop(state.follower);
                    return Ok(());
                }
                Attempt::Again => {}
            }
        }
        Err(lost())
    }

    /// Whether a commit that is not in a view yet may matter; then it is looked at when it is.
    fn depends_on(&self, touch: &Touch) -> bool {
        meets(&self.keys, touch)
            || self.serializable() && (!self.predicates.is_empty() || self.reads.meets(touch))
    }

    /// Nothing of what was written, and at `serializable` of what was read, was changed by others
    /// between the two views.
    fn validate(&self, before: &View, now: &View, control: &Control) -> Result<()> {
        let Some(touches) = self.shared.store.touched_since(before.lsn()) else {
            return Err(Error::new(
                Kind::WriteConflict,
                "too much was committed by others while the transaction was open",
            )
            .hint("nothing of it was written; begin again"));
        };
        let after = now.lsn();
        let touches = touches.iter().filter(|t| t.lsn.is_some_and(|lsn| lsn <= after));
        // Who may do what is asked anew with every statement, and no data.
        let touches = touches.filter(|t| !t.is_of_rights());
        let touches: Vec<&Arc<Touch>> = touches.collect();
        if touches.iter().any(|touch| meets(&self.keys, touch)) {
            return Err(lost());
        }
        if !self.serializable() || touches.is_empty() {
            return Ok(());
        }
        if touches.iter().any(|touch| self.reads.meets(touch)) {
            return Err(stale("something it read was changed by another commit"));
        }
        if self.predicates.iter().any(|predicate| !predicate.is_local()) {
            return Err(stale("a query of it may have another answer after another commit"));
        }
        let mut changed: Vec<Iid> =
            touches.iter().flat_map(|t| t.hexads.iter().map(|(iid, _)| *iid)).collect();
        changed.sort_unstable();
        changed.dedup();
        if changed.len().saturating_mul(self.predicates.len()) > EVALUATIONS {
            return Err(stale("others committed too much to look at all of it"));
        }
        self.ask_again(&changed, [before, now], control)
    }

    fn ask_again(&self, changed: &[Iid], views: [&View; 2], control: &Control) -> Result<()> {
        let clock = self.shared.clock.as_ref();
        let budget = Budget::new(control, clock);
        let at = clock.now();
        let contracts = || Ok(Vec::new());
        let rules = || Ok(Rules::default());
        for predicate in &self.predicates {
            let [before, now] = views.map(|view| {
                Context::new(view, &self.shared.indexes, &budget, at, When::Now, &contracts, &rules)
            });
            for iid in changed {
                budget.tick()?;
                if predicate.holds(&before, *iid)? != predicate.holds(&now, *iid)? {
                    return Err(stale("a query of it has other rows after another commit"));
                }
            }
        }
        Ok(())
    }
}

/// What has to be locked to write this.
pub(crate) fn keys(view: &View, writes: &WriteSet) -> Result<Vec<Key>> {
    let mut keys = Vec::new();
    let mut timed = Vec::new();
    for op in writes.catalog_ops() {
        match op {
            CatalogOp::Create { id, .. } => keys.push(Key::Id(id.as_str().to_owned())),
            CatalogOp::Change { iid, .. } => timed.push(*iid),
            CatalogOp::Delete { iid, .. } => {
                keys.extend(Modality::ALL.map(|modality| Key::Record(*iid, modality)));
                if let Some(id) = view.id_of(*iid)? {
                    keys.push(Key::Id((*id).to_owned()));
                }
            }
            CatalogOp::Revive { iid, id, .. } => {
                keys.extend(Modality::ALL.map(|modality| Key::Record(*iid, modality)));
                keys.push(Key::Id(id.as_str().to_owned()));
            }
            CatalogOp::Set { space, name, .. } | CatalogOp::Unset { space, name } => {
                keys.push(Key::Entry(*space, name.clone()));
            }
        }
    }
    let mut written = Vec::new();
    for modality in Modality::ALL {
        for op in writes.ops(modality) {
            if !matches!(op, Op::Append { .. }) {
                keys.push(Key::Record(op.iid(), modality));
                written.push(op.iid());
            }
        }
    }
    written.sort_unstable();
    // A change of nothing but the time or the events.
    let only_timed = timed.into_iter().filter(|iid| written.binary_search(iid).is_err());
    keys.extend(only_timed.map(|iid| Key::Record(iid, Modality::Temporal)));
    keys.sort_unstable();
    keys.dedup();
    Ok(keys)
}

/// Whether a commit changed something that is locked by these keys.
fn meets(keys: &[Key], touch: &Touch) -> bool {
    keys.iter().any(|key| match key {
        Key::Record(iid, modality) => {
            touch.deleted.contains(iid)
                || touch
                    .hexads
                    .binary_search_by_key(iid, |(of, _)| *of)
                    .is_ok_and(|at| touch.hexads[at].1.contains(*modality))
        }
        Key::Id(id) => touch.created.iter().any(|(of, _)| of.as_str() == id),
        Key::All => true,
        Key::Entry(space, name) => touch.entries.iter().any(|(s, n)| s == space && n == name),
    })
}

fn lost() -> Error {
    Error::new(Kind::WriteConflict, "another commit changed what the transaction writes")
        .hint("nothing of it was written; begin again")
}

fn stale(what: &str) -> Error {
    Error::new(Kind::WriteConflict, format!("the transaction cannot be put in order: {what}"))
        .hint("nothing of it was written; begin again")
}

/// Doing a statement again failed: somebody else was there.
fn refused(error: Error) -> Error {
    match error.kind {
        Kind::InsertConflict | Kind::UpdateNotFound | Kind::VectorDimensionMismatch => {
            let message = format!("another commit is in the way: {}", error.message);
            Error::new(Kind::WriteConflict, message).hint("nothing was written; begin again")
        }
        _ => error,
    }
}

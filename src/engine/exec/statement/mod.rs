//! One file for each kind of statement: from the tree to an outcome.

pub mod access;
pub mod analyze;
pub mod assign;
pub mod audit;
pub mod conflict;
pub mod contract;
pub mod delete;
pub mod describe;
pub mod drift;
pub mod embedding;
pub mod explain;
pub mod insert;
pub mod key;
pub mod normalize;
pub mod policy;
pub mod prepare;
pub mod query;
pub mod remembered;
pub mod search;
pub mod setting;
pub mod show;
pub mod snapshot;
pub mod target;
pub mod trail;
pub mod update;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::engine::Shared;
use crate::engine::auth::Rights;
use crate::engine::base::{Error, HexadId, Iid, Kind, Result, Span, Timestamp, Value};
use crate::engine::embed::Memo;
use crate::engine::exec::access::{check, claim};
use crate::engine::exec::budget::Budget;
use crate::engine::exec::context::Context;
use crate::engine::exec::drift::rules::Rules;
use crate::engine::hexad::{Author, Draft, attempt, write};
use crate::engine::lang::ast::{DriftAction, Proof, StatementKind};
use crate::engine::outcome::{Column, Control, Outcome, Params};
use crate::engine::plan::logical::{Filter, Select, When};
use crate::engine::plan::lower::{Contract, Counts, Lowering};
use crate::engine::store::{View, WriteSet};
use crate::engine::transaction::{Staged, keys};
use crate::engine::txn::locks::Patience;

/// One statement being run.
pub struct Job<'a> {
    /// The database.
    pub shared: &'a Shared,
    /// Whom it is run for, with what they may do: what they may not see is not in any view of it.
    pub who: &'a Arc<Rights>,
    /// What `SET` set in the session.
    pub settings: &'a BTreeMap<String, Value>,
    /// The text spans point into.
    pub text: &'a str,
    /// The parameters.
    pub params: &'a Params,
    /// The caller's bounds.
    pub control: &'a Control,
    /// The instant it runs at.
    pub now: Timestamp,
    /// What it may use.
    pub budget: &'a Budget<'a>,
    /// The transaction it is a statement of.
    pub inside: Option<Inside<'a>>,
    /// What of it has been embedded.
    pub memo: &'a Memo,
}

/// Does `work` that nobody asked for: in no session, until `cancel` says that it is enough.
pub fn unasked<T>(
    shared: &Shared,
    cancel: &Arc<AtomicBool>,
    work: impl FnOnce(&Job<'_>) -> Result<T>,
) -> Result<T> {
    let control = Control { cancel: Arc::clone(cancel), ..Control::default() };
    let budget = Budget::new(&control, shared.clock.as_ref());
    let (settings, params, memo) = (BTreeMap::new(), BTreeMap::new(), Memo::default());
    work(&Job {
        shared,
        who: Rights::of_owner(),
        settings: &settings,
        text: "",
        params: &params,
        control: &control,
        now: shared.clock.now(),
        budget: &budget,
        inside: None,
        memo: &memo,
    })
}

/// What a transaction lends to one of its statements.
#[derive(Clone, Copy)]
pub struct Inside<'a> {
    /// What it sees, its own writes included.
    pub view: &'a View,
    /// It writes nothing.
    pub read_only: bool,
    /// Where the statement leaves what it writes and asked.
    pub(crate) staged: &'a RefCell<Staged>,
}

/// The view of a statement: its own, or that of its transaction.
pub enum Seen<'a> {
    /// Taken for this statement.
    Own(Box<View>),
    /// Of the transaction.
    Lent(&'a View),
}

impl Deref for Seen<'_> {
    type Target = View;

    fn deref(&self) -> &View {
        match self {
            Self::Own(view) => view,
            Self::Lent(view) => view,
        }
    }
}

impl Job<'_> {
    /// A statement that needs nothing but the database.
    pub fn run(&self, statement: &StatementKind, span: Span) -> Result<Outcome> {
        match statement {
            StatementKind::Query(query) => query::run(self, query),
            StatementKind::Count(count) => query::count(self, count),
            StatementKind::Search(search) => search::run(self, search, span),
            StatementKind::Insert(insert) => insert::run(self, insert),
            StatementKind::Update(update) => update::run(self, update, span),
            StatementKind::Delete(delete) => delete::run(self, delete, span),
            StatementKind::Explain(explain) => explain::run(self, explain),
            StatementKind::Show(show) => show::run(self, show, span),
            StatementKind::Describe(describe) => describe::run(self, describe, span),
            StatementKind::Drift(drift) if drift.action == DriftAction::Repair => {
                normalize::repair(self, drift, span)
            }
            StatementKind::Normalize(normalize) => normalize::run(self, normalize, span),
            StatementKind::Revert(revert) => trail::revert(self, revert, span),
            StatementKind::Resolve(resolve) => conflict::resolve(self, resolve, span),
            StatementKind::CreatePolicy(create) => policy::create(self, create, span),
            StatementKind::DropPolicy(drop) => policy::drop(self, drop),
            StatementKind::CreateContract(create) => contract::create(self, create, span),
            StatementKind::DropContract(drop) => contract::drop(self, drop),
            StatementKind::Drift(statement) => drift::run(self, statement, span),
            StatementKind::Checkpoint => {
                self.alone("CHECKPOINT", span)?;
                self.writable()?;
                self.shared.store.checkpoint()?;
                Ok(done("CHECKPOINT"))
            }
            StatementKind::Grant(stated) => {
                access::permission(self, access::Verb::Grant, stated, span)
            }
            StatementKind::Deny(stated) => {
                access::permission(self, access::Verb::Deny, stated, span)
            }
            StatementKind::Revoke(stated) => {
                access::permission(self, access::Verb::Revoke, stated, span)
            }
            StatementKind::Role(statement) => access::role(self, statement, span),
            StatementKind::Key(statement) => key::run(self, statement, span),
            StatementKind::Analyze(modality) => analyze::run(self, modality.as_ref(), span),
            StatementKind::CheckIntegrity => show::integrity(self),
            StatementKind::Snapshot(statement) => snapshot::run(self, statement, span),
            StatementKind::Version(_) => Ok(done("VERSION")),
            // What belongs to a session is done there.
            StatementKind::Set(_)
            | StatementKind::Prepare(_)
            | StatementKind::Execute(_)
            | StatementKind::Deallocate(_)
            // What later versions bring.
            | StatementKind::Transaction(_)
            | StatementKind::Import(_)
            | StatementKind::Export(_) => {
                Err(Error::not_supported(statement.keyword(), span))
            }
            StatementKind::Error => {
                Err(Error::new(Kind::UnexpectedToken, "the statement is malformed").at(span))
            }
        }
    }

    /// Lowering with the parameters of the statement and the contracts of `view`.
    pub fn lower<T>(
        &self,
        view: &View,
        with: impl FnOnce(&Lowering<'_>) -> Result<T>,
    ) -> Result<T> {
        let failed: RefCell<Option<Error>> = RefCell::new(None);
        let contracts = |name: &str| -> Option<Contract> {
            contract::load(view, name).unwrap_or_else(|e| {
                failed.borrow_mut().get_or_insert(e);
                None
            })
        };
        let embed = |name: Option<&str>, text: &str| {
            let embedder = self.embedder(view, name)?;
            Ok((embedder.name().to_owned(), self.memo.get(embedder, text, &self.budget.left())?))
        };
        let counts = Counts::default();
        let (text, params, now) = (self.text, self.params, self.now);
        let lowering = Lowering::new(text, params, now, &contracts, &embed, &counts);
        let lowered = with(&lowering);
        // A contract that cannot be read is not the same as one that does not exist.
        match failed.into_inner() {
            Some(error) => Err(error),
            None => lowered,
        }
    }

    /// Runs `with` in the surroundings of a query over `view`.
    pub fn within<T>(
        &self,
        view: &View,
        when: When,
        with: impl FnOnce(&Context<'_>) -> Result<T>,
    ) -> Result<T> {
        let contracts = || contract::filters(self, view);
        let rules = || Rules::read(self, view);
        let indexes = &self.shared.indexes;
        let mut ctx = Context::new(view, indexes, self.budget, self.now, when, &contracts, &rules);
        ctx.scan = setting::scans(self.settings);
        ctx.recall = setting::recall(self.settings);
        #[cfg(test)]
        {
            ctx.forced = setting::forced(self.settings);
            ctx.keeps_plan = ctx.forced.is_some();
        }
        with(&ctx)
    }

    /// Prepares a write on a fresh view and commits it; again when somebody else was faster.
    pub fn write<T>(
        &self,
        mut prepare: impl FnMut(&View, &mut Draft<'_>) -> Result<T>,
    ) -> Result<T> {
        self.writable()?;
        if let Some(inside) = &self.inside {
            let mut draft = Draft::new(inside.view, self.author())?.recording();
            let answer = prepare(inside.view, &mut draft)?;
            self.allowed(inside.view, &mut draft)?;
            let (writes, recorded) = draft.finish_recorded();
            if !writes.is_empty() {
                inside.staged.borrow_mut().writes = Some((writes, recorded));
            }
            return Ok(answer);
        }
        let locks = &self.shared.locks;
        let party = self.shared.next_party();
        let lock = |view: &View, writes: &WriteSet| {
            // While nobody has begun a transaction nobody is asked for leave.
            if !locks.any() {
                return Ok(());
            }
            locks.acquire(party, &keys(view, writes)?, self.patience()).map(drop)
        };
        let (store, author) = (&self.shared.store, self.author());
        let written =
            attempt::write_over(&|| self.fresh(), store, &author, &lock, |view, draft| {
                self.budget.check()?;
                let answer = prepare(view, draft)?;
                self.allowed(view, draft)?;
                Ok(answer)
            });
        locks.release(party);
        written
    }

    /// Refuses to write what they may not, and gives them what they create.
    fn allowed(&self, view: &View, draft: &mut Draft<'_>) -> Result<()> {
        claim(self.who, draft);
        check(self.who, view, draft.writes(), draft.stated())
    }

    /// The newest state, as whom it is run for may see it.
    pub fn fresh(&self) -> Result<View> {
        let mut view = self.shared.store.view()?;
        self.shared.access.cover(&mut view, self.who)?;
        Ok(view)
    }

    /// Commits what was prepared on a view, unless others hold or changed it.
    pub fn commit(&self, view: &View, writes: WriteSet) -> Result<()> {
        let locks = &self.shared.locks;
        let party = self.shared.next_party();
        if locks.any() {
            locks.acquire(party, &keys(view, &writes)?, self.patience())?;
        }
        let done = self.shared.store.commit(writes).map(drop);
        locks.release(party);
        done
    }

    /// Writes something that has to be written although the statement was stopped.
    pub fn write_anyway(
        &self,
        prepare: impl FnMut(&View, &mut Draft<'_>) -> Result<()>,
    ) -> Result<()> {
        attempt::write(&self.shared.store, &self.author(), &attempt::unhindered, prepare)
    }

    /// What the statement sees.
    pub fn view(&self) -> Result<Seen<'_>> {
        match &self.inside {
            Some(inside) => Ok(Seen::Lent(inside.view)),
            None => Ok(Seen::Own(Box::new(self.fresh()?))),
        }
    }

    /// Takes note of a query, for the transaction to know at its end what it asked.
    pub fn reads(&self, select: &Select) {
        if let Some(inside) = &self.inside {
            inside.staged.borrow_mut().asked.push(select.clone());
        }
    }

    /// How long it waits for others.
    pub fn patience(&self) -> Patience<'_> {
        let timeout = setting::lock_timeout(self.settings);
        Patience { timeout, control: self.control, clock: self.shared.clock.as_ref() }
    }

    /// Refuses what cannot be part of a transaction.
    pub fn alone(&self, name: &str, span: Span) -> Result<()> {
        match self.inside {
            None => Ok(()),
            Some(_) => Err(Error::new(
                Kind::InvalidTransactionState,
                format!("{name} cannot stand in a transaction"),
            )
            .at(span)
            .hint("COMMIT or ROLLBACK first")),
        }
    }

    /// Refuses to write where nothing may be written.
    pub fn writable(&self) -> Result<()> {
        if self.inside.is_some_and(|inside| inside.read_only) {
            return Err(Error::new(Kind::ReadOnlyStore, "the transaction is for reading only"));
        }
        if self.shared.options.read_only {
            return Err(Error::new(Kind::ReadOnlyStore, "the database is open for reading only"));
        }
        Ok(())
    }

    /// Who writes.
    pub fn author(&self) -> Author {
        let name = match (self.who.who().name(), setting::text(self.settings, "author")) {
            // Who is known by a name writes under it.
            (Some(name), _) => name.to_owned(),
            (None, Some(name)) => name,
            (None, None) => self.shared.options.author().to_owned(),
        };
        let message = setting::text(self.settings, "message");
        let sync = setting::sync(self.settings);
        Author { message, sync, ..Author::new(name) }
    }

    /// An id nobody has, in the order of time.
    pub fn fresh_id(&self) -> Result<HexadId> {
        write::fresh_id(self.shared.clock.now(), self.shared.rng.as_ref())
    }

    /// A fresh internal id.
    pub fn fresh_iid(&self) -> Result<Iid> {
        self.shared.store.allocate_iids(1)
    }

    /// Refuses `PROOF` where it stands.
    pub fn no_proof(proof: Option<&Proof>) -> Result<()> {
        match proof {
            Some(proof) => Err(Error::not_supported("PROOF", proof.span)),
            None => Ok(()),
        }
    }

    /// Refuses a write that names nothing, unless the caller insists.
    pub fn bounded(&self, bounded: bool, span: Span) -> Result<()> {
        let forced = self.control.force_unbounded
            || setting::flag(self.settings, "allow_unbounded_writes").unwrap_or(false);
        if bounded || forced {
            return Ok(());
        }
        Err(Error::new(Kind::UnboundedWrite, "the write names neither an id nor a condition")
            .at(span)
            .hint("add WHERE, or SET allow_unbounded_writes = true"))
    }
}

/// An outcome without rows.
pub fn done(tag: &'static str) -> Outcome {
    Outcome { tag, ..Outcome::default() }
}

/// An outcome with rows.
pub fn table(tag: &'static str, columns: &[&str], rows: Vec<Vec<Value>>) -> Outcome {
    let columns = columns.iter().map(|name| Column { name: (*name).to_owned() }).collect();
    Outcome { tag, columns, rows, ..Outcome::default() }
}

/// A filter nothing has to pass.
pub fn everything() -> Filter {
    Filter::Const(true)
}

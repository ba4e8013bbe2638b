//! One user of the database: settings, prepared statements, one statement at a time.

mod observe;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::Shared;
use crate::engine::auth::{Principal, Rights};
use crate::engine::base::{Error, Iid, Kind, Lsn, Result, Timestamp, Value};
use crate::engine::catalog::Snapshot;
use crate::engine::embed::Memo;
use crate::engine::exec::access::admit::admit;
use crate::engine::exec::budget::Budget;
use crate::engine::exec::statement::prepare::{self, Prepared, Shelf};
use crate::engine::exec::statement::{Inside, Job, audit, done, normalize, setting};
use crate::engine::lang::Diagnostic;
use crate::engine::lang::ast::{self as lang, Execute, Statement, StatementKind};
use crate::engine::lang::resolve::check::check_statement;
use crate::engine::normalize::{Auto, Policy};
use crate::engine::outcome::{Control, Notice, Outcome, Params};
use crate::engine::parked::Lot;
use crate::engine::statements::ready::Slot;
use crate::engine::store::{Follower, SyncMode, View};
use crate::engine::transaction::{Staged, Transaction, TransactionOptions};
use crate::engine::txn::locks::Patience;

pub mod hexads;

use observe::Figures;

/// A session. `execute` runs one statement to its end.
pub struct Session {
    shared: Arc<Shared>,
    /// Whose it is.
    who: Principal,
    /// What `SET` set, by the name in lower case.
    settings: BTreeMap<String, Value>,
    prepared: Shelf,
    transaction: Option<Arc<Lot>>,
    /// A statement of the open transaction speaks of retracting.
    retracts: bool,
    /// The transaction was ended by force, and the session has not said ROLLBACK yet.
    failed: bool,
    /// Of the statement that runs.
    figures: Cell<Figures>,
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionState {
    /// Every statement is for itself.
    None,
    /// A transaction is open.
    Open,
    /// A transaction was ended by force; `ROLLBACK` takes note of it.
    Failed,
}

/// How often a statement that decides by a condition is tried when others are faster.
const ATTEMPTS: u32 = 32;

/// A statement to run.
#[derive(Clone, Copy)]
struct Call<'a> {
    text: &'a str,
    statement: &'a Statement,
    params: &'a Params,
    control: &'a Control,
    /// Texts are embedded once, however often the statement is tried.
    memo: &'a Memo,
}

/// Whether a text may retract a hexad, or take that back.
fn speaks_of_retraction(text: &str) -> bool {
    let words = [&b"retracted"[..], b"reinstated"];
    let bytes = text.as_bytes();
    // Every write is asked this: the first letter rules out nearly everything.
    let begins = |at: &usize| bytes[*at] | 0x20 == b'r';
    (0..bytes.len()).filter(begins).any(|at| {
        let is = |word: &&[u8]| {
            bytes.get(at..at + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word))
        };
        words.iter().any(is)
    })
}

/// Errors that end the transaction; all others leave it as it was before the statement.
fn ends(error: &Error) -> bool {
    matches!(error.kind, Kind::Deadlock | Kind::WriteConflict | Kind::TransactionAborted)
}

impl Session {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            who: Principal::owner(),
            settings: BTreeMap::new(),
            prepared: Shelf::new(),
            transaction: None,
            retracts: false,
            failed: false,
            figures: Cell::default(),
        }
    }

    /// The same session of somebody else.
    pub(crate) fn of(mut self, who: Principal) -> Self {
        self.who = who;
        self
    }

    /// Whose it is.
    pub fn principal(&self) -> &Principal {
        &self.who
    }

    /// What its principal may do now.
    fn rights(&self) -> Result<Arc<Rights>> {
        self.shared.access.rights(&self.shared, &self.who)
    }

    /// Checks `statement` against the live catalogue, then runs it.
    ///
    /// `text` is the text the statement was parsed from: spans of errors and notices are offsets into
    /// it. A statement from a parse with error diagnostics must not be given here.
    pub fn execute(
        &mut self,
        text: &str,
        statement: &Statement,
        params: &Params,
        control: &Control,
    ) -> Result<Outcome> {
        let before = self.before();
        let outcome = self.execute_audited(text, statement, params, control);
        self.after(&before, observe::Call { text, statement, params }, outcome.as_ref());
        self.rest();
        outcome
    }

    /// Parses a text of one statement, or finds it parsed already, and executes it.
    ///
    /// The first error of the parser is the answer when there is one; spans are offsets into `text`.
    pub fn execute_text(
        &mut self,
        text: &str,
        params: &Params,
        control: &Control,
    ) -> Result<Outcome> {
        let parsed = self.shared.statements.ready.parse(text);
        if let Some(error) = parsed.errors().next() {
            return Err(error_of(error));
        }
        match parsed.script.statements.as_slice() {
            [statement] => self.execute(text, statement, params, control),
            _ => Err(Error::new(Kind::UnexpectedToken, "expected one statement")),
        }
    }

    fn execute_audited(
        &mut self,
        text: &str,
        statement: &Statement,
        params: &Params,
        control: &Control,
    ) -> Result<Outcome> {
        let rights = self.rights()?;
        if admit(&rights, statement).is_ok() {
            audit::before(&self.shared, &rights, text, statement)?;
        }
        let outcome = self.execute_one(text, statement, params, control);
        audit::after(&self.shared, &rights, statement, &outcome)?;
        outcome
    }

    fn execute_one(
        &mut self,
        text: &str,
        statement: &Statement,
        params: &Params,
        control: &Control,
    ) -> Result<Outcome> {
        control.check()?;
        let control = self.bounded(control);
        let ends = matches!(
            statement.kind,
            StatementKind::Transaction(
                lang::Transaction::Rollback(None) | lang::Transaction::Commit
            )
        );
        if self.failed && !ends {
            return Err(Error::new(
                Kind::TransactionAborted,
                "the transaction has failed: nothing but ROLLBACK is heard",
            )
            .at(statement.span)
            .hint("ROLLBACK, then begin again"));
        }
        // To end what was begun needs no right.
        if !ends {
            admit(&*self.rights()?, statement)?;
        }
        match &statement.kind {
            StatementKind::Transaction(transaction) => {
                let retracts = self.retracts(text, statement, params);
                let since = self.before_write(&statement.kind, retracts)?;
                let mut outcome = self.control_transaction(transaction, &control)?;
                outcome.notices.extend(self.behind(since, retracts, text, &control));
                Ok(outcome)
            }
            StatementKind::Execute(execute) => {
                self.execute_prepared(text, execute, params, &control)
            }
            StatementKind::Show(show) if show.target == Some(lang::ShowTarget::Prepared) => {
                prepare::show(&self.prepared, &self.shared.statements, show, statement.span)
            }
            StatementKind::Set(set) => {
                self.check(text, statement, params)?;
                setting::set(&self.shared, &mut self.settings, set)
            }
            StatementKind::Explain(explain) if explains_prepared(explain).is_some() => {
                self.explain_prepared(text, explain, params, &control)
            }
            StatementKind::Prepare(prepare) => {
                prepare::prepare(&mut self.prepared, text, prepare)?;
                Ok(done("PREPARE"))
            }
            StatementKind::Deallocate(name) => {
                prepare::deallocate(&mut self.prepared, name.as_ref())?;
                Ok(done("DEALLOCATE"))
            }
            _ => {
                let notices = self.check(text, statement, params)?;
                let retracts = self.retracts(text, statement, params);
                let since = self.before_write(&statement.kind, retracts)?;
                let mut outcome = self.run(text, statement, params, &control)?;
                outcome.notices.splice(0..0, notices);
                outcome.notices.extend(self.behind(since, retracts, text, &control));
                Ok(outcome)
            }
        }
    }

    /// What `SET name = value` set in this session; `None` when it was never set.
    pub fn setting(&self, name: &str) -> Option<&Value> {
        self.settings.get(&name.to_ascii_lowercase())
    }

    /// Takes the plan of this number for every query from now on, whatever it costs.
    #[cfg(test)]
    pub(crate) fn force_plan(&mut self, number: usize) {
        self.settings.insert("forced plan".to_owned(), Value::Int(number as i64));
    }

    /// The plan that was chosen last.
    #[cfg(test)]
    pub(crate) fn last_plan(&self) -> Option<crate::engine::plan::physical::Plan> {
        self.shared.indexes.plan.lock().clone()
    }

    /// How many plans the last query had.
    #[cfg(test)]
    pub(crate) fn plans(&self) -> usize {
        self.shared.indexes.plans.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// The caller's bounds, tightened by the setting `timeout_ms`.
    fn bounded(&self, control: &Control) -> Control {
        let mut control = control.clone();
        if let Some(Value::Int(ms)) = self.settings.get("timeout_ms")
            && *ms > 0
        {
            let own = Duration::from_millis(*ms as u64);
            control.timeout = Some(control.timeout.map_or(own, |given| given.min(own)));
        }
        control
    }

    /// Whether what a statement is about to commit may retract a hexad or take that back. Looks at
    /// words alone, so that other writes pay nothing for it.
    fn retracts(&mut self, text: &str, statement: &Statement, params: &Params) -> bool {
        let speaks = speaks_of_retraction;
        let own = speaks(text.get(statement.span.range()).unwrap_or(text))
            || params.values().any(|value| value.as_str().is_some_and(speaks));
        if self.transaction.is_none() {
            return own;
        }
        self.retracts |= own;
        match statement.kind {
            StatementKind::Transaction(lang::Transaction::Commit) => {
                std::mem::take(&mut self.retracts)
            }
            StatementKind::Transaction(lang::Transaction::Rollback(None)) => {
                self.retracts = false;
                false
            }
            _ => false,
        }
    }

    /// Where the database stands before a statement that may commit, when a policy says that what is
    /// written is normalized behind it, or it retracts something.
    fn before_write(
        &self,
        statement: &StatementKind,
        retracts: bool,
    ) -> Result<Option<(Follower, Lsn)>> {
        let commits = match statement {
            StatementKind::Insert(_) | StatementKind::Update(_) | StatementKind::Delete(_) => {
                self.transaction.is_none()
            }
            StatementKind::Transaction(lang::Transaction::Commit) => true,
            _ => false,
        };
        if commits { self.before_commit(retracts) } else { Ok(None) }
    }

    /// The same before something that commits.
    fn before_commit(&self, retracts: bool) -> Result<Option<(Follower, Lsn)>> {
        let on_write = |policy: &Policy| policy.auto() == Some(Auto::OnWrite);
        if self.shared.options.read_only {
            return Ok(None);
        }
        if !retracts && !self.shared.policies()?.iter().any(on_write) {
            return Ok(None);
        }
        let (follower, view) = self.shared.store.follow()?;
        Ok(Some((follower, view.lsn())))
    }

    /// Normalizes what was written since, where policies say so, and what cites what was retracted. The
    /// write itself is done: trouble here
    /// is a notice and not an error.
    fn behind(
        &self,
        since: Option<(Follower, Lsn)>,
        retracts: bool,
        text: &str,
        control: &Control,
    ) -> Vec<Notice> {
        let Some((follower, since)) = since else { return vec![] };
        let Some(touches) = self.shared.store.touched_since(since) else { return vec![] };
        drop(follower);
        let mut iids: Vec<Iid> =
            touches.iter().flat_map(|touch| touch.hexads.iter().map(|(iid, _)| *iid)).collect();
        iids.sort_unstable();
        iids.dedup();
        let clock = self.shared.clock.as_ref();
        let budget = Budget::new(control, clock);
        let (params, memo) = (Params::new(), Memo::default());
        let job = Job {
            shared: &self.shared,
            // It is the database that does it, not whoever wrote.
            who: Rights::of_owner(),
            settings: &self.settings,
            text,
            params: &params,
            control,
            now: clock.now(),
            budget: &budget,
            inside: None,
            memo: &memo,
        };
        let mut done = vec![normalize::automatic(&job, &iids, Auto::OnWrite)];
        if retracts {
            done.push(normalize::retractions(&job, &iids));
        }
        let told = done.into_iter().map(|done| {
            done.unwrap_or_else(|error| {
                let message = format!("what was written is not normalized: {}", error.message);
                Some(Notice { message, span: None, hint: error.hint })
            })
        });
        told.flatten().collect()
    }

    /// Runs a statement: in the open transaction, in one of its own when it decides by a condition
    /// what it writes, or for itself.
    fn run(
        &mut self,
        text: &str,
        statement: &Statement,
        params: &Params,
        control: &Control,
    ) -> Result<Outcome> {
        let memo = Memo::default();
        let call = Call { text, statement, params, control, memo: &memo };
        if let Some((lot, mut open)) = self.take_out()? {
            let outcome = self.run_inside(&mut open, call);
            match &outcome {
                Err(error) if ends(error) => self.failed = true,
                _ => self.put_back(lot, open),
            }
            return outcome;
        }
        let decides = match &statement.kind {
            // A right-hand side may read other hexads.
            StatementKind::Update(update) => {
                update.condition.is_some()
                    || update.set.iter().any(|set| set.value.constant().is_none())
            }
            StatementKind::Delete(delete) => delete.condition.is_some(),
            _ => false,
        };
        if !decides || self.shared.options.read_only {
            return self.run_with(call, None);
        }
        let mut attempt = 0;
        loop {
            let options = self.defaults();
            let mut own = Box::new(Transaction::begin(&self.shared, options));
            let tried = self.run_inside(&mut own, call);
            attempt += 1;
            match tried.and_then(|outcome| own.commit(control).map(|()| outcome)) {
                Ok(outcome) => return Ok(outcome),
                Err(error) if error.kind == Kind::WriteConflict && attempt < ATTEMPTS => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn run_inside(&self, open: &mut Transaction, call: Call<'_>) -> Result<Outcome> {
        self.inside(open, call.control, &|inside| self.run_with(call, Some(inside)))
    }

    /// Runs `work` in an open transaction, again while what it saw has been changed meanwhile.
    fn inside<T>(
        &self,
        open: &mut Transaction,
        control: &Control,
        work: &dyn Fn(Inside<'_>) -> Result<T>,
    ) -> Result<T> {
        let timeout = setting::lock_timeout(&self.settings);
        let clock = self.shared.clock.as_ref();
        let rights = self.rights()?;
        loop {
            let read_only = open.options().read_only;
            let view = open.ready_for(&rights)?;
            let staged = RefCell::new(Staged::default());
            let outcome = work(Inside { view, read_only, staged: &staged })?;
            let patience = Patience { timeout, control, clock };
            if open.take(staged.into_inner(), patience)? {
                return Ok(outcome);
            }
        }
    }

    fn run_with(&self, call: Call<'_>, inside: Option<Inside<'_>>) -> Result<Outcome> {
        let Call { text, statement, params, control, memo } = call;
        let slot = self.slot(text, statement);
        self.job(text, params, control, memo, inside, |job| {
            if let Some(slot) = slot {
                job.budget.keep_in(slot);
            }
            let outcome = job.run(&statement.kind, statement.span);
            let budget = job.budget;
            self.figures.set(Figures { shape: budget.shape(), memory: budget.held() as u64 });
            outcome
        })
    }

    /// Runs `work` in the surroundings of a statement.
    fn job<T>(
        &self,
        text: &str,
        params: &Params,
        control: &Control,
        memo: &Memo,
        inside: Option<Inside<'_>>,
        work: impl FnOnce(&Job<'_>) -> Result<T>,
    ) -> Result<T> {
        let clock = self.shared.clock.as_ref();
        let budget = Budget::new(control, clock);
        let rights = self.rights()?;
        work(&Job {
            shared: &self.shared,
            who: &rights,
            settings: &self.settings,
            text,
            params,
            control,
            now: clock.now(),
            budget: &budget,
            inside,
            memo,
        })
    }

    /// Where plans and checks of a statement are kept; nothing for statements that find no rows, and
    /// where the setting `plan_cache` says so.
    fn slot(&self, text: &str, statement: &Statement) -> Option<Arc<Slot>> {
        let explained = match &statement.kind {
            StatementKind::Explain(explain) => &explain.statement,
            _ => statement,
        };
        let finds = matches!(
            explained.kind,
            StatementKind::Query(_)
                | StatementKind::Search(_)
                | StatementKind::Count(_)
                | StatementKind::Update(_)
                | StatementKind::Delete(_)
        );
        if !finds || !setting::keeps_plans(&self.settings) {
            return None;
        }
        // What is kept was made of the whole: neither its plans nor its names are for who sees a part.
        if !self.rights().is_ok_and(|rights| rights.sees_all()) {
            return None;
        }
        let words = text.get(explained.span.range())?;
        let statements = &self.shared.statements;
        Some(statements.ready.slot(&statements.normal(words).exact))
    }

    /// How a transaction is that does not say.
    fn defaults(&self) -> TransactionOptions {
        let isolation = setting::isolation(&self.settings);
        TransactionOptions { isolation, read_only: false, sync: None }
    }

    fn idle_until(&self) -> Option<Timestamp> {
        let most = setting::idle_timeout(&self.settings)?;
        let micros = i64::try_from(most.as_micros()).unwrap_or(i64::MAX);
        Some(Timestamp(self.shared.clock.now().0.saturating_add(micros)))
    }

    /// Where the session stands.
    pub fn transaction(&self) -> TransactionState {
        match (&self.transaction, self.failed) {
            (Some(lot), _) if lot.is_expired() => TransactionState::Failed,
            (Some(_), _) => TransactionState::Open,
            (None, true) => TransactionState::Failed,
            (None, false) => TransactionState::None,
        }
    }

    /// Begins a transaction. `InvalidTransactionState` when one is open.
    pub fn begin(&mut self, options: TransactionOptions) -> Result<()> {
        if self.transaction() != TransactionState::None {
            return Err(Error::new(Kind::InvalidTransactionState, "a transaction is open already")
                .hint("COMMIT or ROLLBACK it first; SAVEPOINT marks a place inside of it"));
        }
        let open = Box::new(Transaction::begin(&self.shared, options));
        self.transaction = Some(self.shared.parked.admit(open, self.shared.clock.now()));
        self.rest();
        Ok(())
    }

    /// Commits the open transaction. Whatever the answer, it is over.
    ///
    /// `WriteConflict`: another commit was in the way and nothing was written; begin again.
    pub fn commit(&mut self, control: &Control) -> Result<()> {
        let open = self.open_transaction("COMMIT");
        // Whether it is there or was ended by force: it is over.
        self.failed = false;
        open?.1.commit(control)
    }

    /// Ends the open transaction; nothing of it was written.
    pub fn rollback(&mut self) -> Result<()> {
        if std::mem::take(&mut self.failed) {
            return Ok(());
        }
        match self.open_transaction("ROLLBACK") {
            // It was ended while it rested, and now that is known.
            Err(error) if error.kind == Kind::TransactionAborted => {
                self.failed = false;
                Ok(())
            }
            other => other.map(drop),
        }
    }

    /// The open transaction, out of the place where it rests. When it was ended there, the session has
    /// failed.
    fn take_out(&mut self) -> Result<Option<(Arc<Lot>, Box<Transaction>)>> {
        let Some(lot) = self.transaction.take() else { return Ok(None) };
        match lot.take(self.shared.clock.now()) {
            Ok(open) => Ok(Some((lot, open))),
            Err(error) => {
                self.failed = true;
                Err(error)
            }
        }
    }

    fn put_back(&mut self, lot: Arc<Lot>, open: Box<Transaction>) {
        lot.put(open);
        self.transaction = Some(lot);
    }

    /// No statement runs: from now on an open transaction is idle.
    fn rest(&self) {
        if let Some(lot) = &self.transaction {
            self.shared.parked.rest(lot, &self.shared.clock, self.idle_until());
        }
    }

    fn open_transaction(&mut self, name: &str) -> Result<(Arc<Lot>, Box<Transaction>)> {
        if let Some(open) = self.take_out()? {
            return Ok(open);
        }
        if std::mem::take(&mut self.failed) {
            let message = format!("{name} of a transaction that has failed: it is rolled back");
            return Err(Error::new(Kind::TransactionAborted, message)
                .hint("nothing of it was written; begin again"));
        }
        Err(Error::new(Kind::InvalidTransactionState, format!("{name} without a transaction"))
            .hint("BEGIN starts one"))
    }

    /// The statements of transactions.
    fn control_transaction(
        &mut self,
        statement: &lang::Transaction,
        control: &Control,
    ) -> Result<Outcome> {
        use lang::Transaction as T;
        match statement {
            T::Begin(begin) => {
                let mut options = self.defaults();
                options.isolation = begin.isolation.unwrap_or(options.isolation);
                options.read_only = begin.read_only.unwrap_or(false);
                options.sync = begin.sync.as_ref().and_then(|mode| {
                    SyncMode::parse(&mode.text)
                        .or_else(|| mode.is("interval").then_some(SyncMode::Interval(50)))
                });
                self.begin(options)?;
            }
            T::Commit => self.commit(control)?,
            T::Rollback(None) => self.rollback()?,
            T::Rollback(Some(name)) | T::Savepoint(name) | T::Release(name) => {
                let (lot, mut open) = self.open_transaction(statement.keyword())?;
                let done = match statement {
                    T::Rollback(_) => open.roll_back_to(&name.text),
                    T::Release(_) => open.release(&name.text),
                    _ => {
                        open.savepoint(&name.text);
                        Ok(())
                    }
                };
                match done {
                    Err(error) if ends(&error) => {
                        self.failed = true;
                        return Err(error);
                    }
                    other => {
                        self.put_back(lot, open);
                        other.map_err(|error| error.at(name.span))?;
                    }
                }
            }
        }
        Ok(done(statement.keyword()))
    }

    /// The newest state, as its principal may see it.
    fn fresh(&self) -> Result<View> {
        let mut view = self.shared.store.view()?;
        self.shared.access.cover(&mut view, &*self.rights()?)?;
        Ok(view)
    }

    /// Ids that start with `prefix`, in order, of what its principal may see: for completion.
    pub fn ids(&self, prefix: &str, most: usize) -> Result<Vec<String>> {
        Shared::ids(&self.fresh()?, prefix, most)
    }

    /// The names a statement may use: those the transaction sees, when one is open.
    pub fn names(&mut self) -> Result<Arc<Snapshot>> {
        match self.take_out()? {
            Some((lot, mut open)) => {
                let rights = self.rights()?;
                let names = open.ready_for(&rights).and_then(|view| self.shared.names(view));
                self.put_back(lot, open);
                names
            }
            None => self.shared.names(&self.fresh()?),
        }
    }

    /// The first error of the checker is the answer; its warnings become notices.
    fn check(&mut self, text: &str, statement: &Statement, params: &Params) -> Result<Vec<Notice>> {
        let names = self.names()?;
        let slot = self.slot(text, statement);
        if slot.as_ref().is_some_and(|slot| slot.is_checked(&names, params)) {
            return Ok(vec![]);
        }
        let found = check_statement(statement, names.as_ref(), Some(params));
        if let (true, Some(slot)) = (found.is_empty(), slot) {
            slot.checked(&names, params);
        }
        if let Some(error) = found.iter().find(|d| d.is_error()) {
            return Err(error_of(error));
        }
        Ok(found
            .into_iter()
            .filter(|d| d.severity == crate::engine::lang::Severity::Warning)
            .map(|d| Notice { message: d.message, span: Some(d.span), hint: d.hint })
            .collect())
    }

    fn execute_prepared(
        &mut self,
        text: &str,
        execute: &Execute,
        params: &Params,
        control: &Control,
    ) -> Result<Outcome> {
        let (prepared, arguments) = self.bound(text, execute, params, control)?;
        // Places in a prepared statement are not places in the text of EXECUTE.
        let here = |mut error: Error| {
            error.span = Some(execute.name.span);
            error
        };
        self.check(&prepared.text, &prepared.statement, &arguments).map_err(here)?;
        self.run(&prepared.text, &prepared.statement, &arguments, control).map_err(here)
    }

    /// `EXPLAIN EXECUTE name(..)`: the plan of the prepared statement with these arguments.
    fn explain_prepared(
        &mut self,
        text: &str,
        explain: &lang::Explain,
        params: &Params,
        control: &Control,
    ) -> Result<Outcome> {
        let Some(execute) = explains_prepared(explain) else {
            return Err(Error::not_supported("EXPLAIN", explain.statement.span));
        };
        let (prepared, arguments) = self.bound(text, execute, params, control)?;
        let here = |mut error: Error| {
            error.span = Some(execute.name.span);
            error
        };
        self.check(&prepared.text, &prepared.statement, &arguments).map_err(here)?;
        let kind = StatementKind::Explain(lang::Explain {
            statement: Box::new(prepared.statement.clone()),
            ..explain.clone()
        });
        let statement = Statement { kind, span: prepared.statement.span };
        self.run(&prepared.text, &statement, &arguments, control).map_err(here)
    }

    /// A prepared statement and the values of its parameters.
    fn bound(
        &self,
        text: &str,
        execute: &Execute,
        params: &Params,
        control: &Control,
    ) -> Result<(Prepared, Params)> {
        let prepared = prepare::find(&self.prepared, &execute.name)?.clone();
        let rights = self.rights()?;
        admit(&rights, &prepared.statement)
            .map_err(|e| Error { span: Some(execute.name.span), ..e })?;
        let view = self.fresh()?;
        let clock = self.shared.clock.as_ref();
        let budget = Budget::new(control, clock);
        let job = Job {
            shared: &self.shared,
            who: &rights,
            settings: &self.settings,
            text,
            params,
            control,
            now: clock.now(),
            budget: &budget,
            inside: None,
            memo: &Memo::default(),
        };
        let arguments = prepare::arguments(&prepared, execute, &|expr| {
            job.lower(&view, |l| l.parameter_value(expr))
        })?;
        Ok((prepared, arguments))
    }
}

/// The `EXECUTE` that an `EXPLAIN` is about.
fn explains_prepared(explain: &lang::Explain) -> Option<&Execute> {
    match &explain.statement.kind {
        StatementKind::Execute(execute) => Some(execute),
        _ => None,
    }
}

/// A finding of the checker as the error of a statement.
fn error_of(found: &Diagnostic) -> Error {
    let mut error = Error::new(found.kind, found.message.clone()).at(found.span);
    error.hint.clone_from(&found.hint);
    error
}

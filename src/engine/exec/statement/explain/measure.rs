//! `EXPLAIN ANALYZE`: runs the statement on the view that is explained, and says what it took.

use std::cell::RefCell;

use crate::engine::base::Result;
use crate::engine::exec::statement::explain::tree;
use crate::engine::exec::statement::{Inside, Job};
use crate::engine::lang::ast::{Statement, StatementKind};
use crate::engine::outcome::Outcome;
use crate::engine::plan::explain::{Explained, Op, Run};
use crate::engine::store::{View, tally};
use crate::engine::transaction::Staged;

/// What running a statement came to.
pub(super) struct Measured {
    /// Rows of its answer, or hexads it would have written.
    pub rows: u64,
    /// Microseconds in all.
    pub micros: u64,
}

/// Runs a statement and explains it with what was measured.
pub(super) fn run(job: &Job<'_>, view: &View, statement: &Statement) -> Result<Explained> {
    // What has no plan is not run either.
    tree::has_plan(statement)?;
    let clock = job.shared.clock.as_ref();
    let (began, read) = (clock.now(), tally());
    let outcome = ready(job, view, statement)?;
    let micros = u64::try_from(clock.now().0.saturating_sub(began.0)).unwrap_or(0);
    let read = tally().since(read);
    let rows = outcome.affected.unwrap_or(outcome.rows.len() as u64);
    let measured = Measured { rows, micros };
    let mut explained = tree::of(job, view, statement, Some(&measured))?;
    explained.run = Some(Run {
        rows,
        planning: job.budget.trace().map_or(0, crate::engine::exec::trace::Trace::choosing),
        micros,
        memory: job.budget.held() as u64,
        records: read.rows,
        bytes: read.bytes,
        pages: read.pages,
    });
    if !job.who.sees_all() {
        // How much had to be read tells of what may not be seen.
        unread(&mut explained.root);
        if let Some(run) = &mut explained.run {
            (run.records, run.bytes, run.pages) = (0, 0, 0);
        }
        let note = "what was read from the files is told only to who may read everything";
        explained.notes.push(note.to_owned());
    }
    if writes(&statement.kind) {
        let note = "nothing was written: what the statement writes was made ready and dropped, \
                    so the commit itself is not measured";
        explained.notes.push(note.to_owned());
    }
    Ok(explained)
}

/// Runs the statement as one of a transaction that nobody will ever commit.
fn ready(job: &Job<'_>, view: &View, statement: &Statement) -> Result<Outcome> {
    let staged = RefCell::new(Staged::default());
    let read_only = job.inside.is_some_and(|inside| inside.read_only);
    let inside = Some(Inside { view, read_only, staged: &staged });
    Job { inside, ..*job }.run(&statement.kind, statement.span)
}

fn unread(op: &mut Op) {
    if let Some(done) = &mut op.actual {
        (done.records, done.bytes, done.pages) = (0, 0, 0);
    }
    op.inputs.iter_mut().for_each(unread);
}

/// True for statements that write hexads.
fn writes(statement: &StatementKind) -> bool {
    matches!(
        statement,
        StatementKind::Insert(_) | StatementKind::Update(_) | StatementKind::Delete(_)
    )
}

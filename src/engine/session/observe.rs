//! What a session tells of its statements when they are done: to the history, and to the log of slow
//! ones. Never changes an answer.

use crate::engine::base::{Error, Timestamp};
use crate::engine::embed::Memo;
use crate::engine::exec::budget::Budget;
use crate::engine::exec::statement::{Job, explain};
use crate::engine::lang::ast::{Statement, StatementKind};
use crate::engine::outcome::{Control, Outcome, Params};
use crate::engine::plan::explain::{Explained, OpKind};
use crate::engine::session::Session;
use crate::engine::statements::slow::{Slow, instant};
use crate::engine::statements::{Ran, normal};
use crate::engine::store::{Tally, tally};

/// What is known of a statement only while it runs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Figures {
    /// Which plans it used.
    pub(super) shape: Option<u64>,
    /// Bytes of rows it held.
    pub(super) memory: u64,
}

/// The state before a statement.
pub(super) struct Before {
    at: Timestamp,
    read: Tally,
}

/// A statement that ran.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) text: &'a str,
    pub(super) statement: &'a Statement,
    pub(super) params: &'a Params,
}

impl Session {
    /// A statement begins.
    pub(super) fn before(&self) -> Before {
        self.figures.set(Figures::default());
        Before { at: self.shared.clock.now(), read: tally() }
    }

    /// It is done.
    pub(super) fn after(&self, before: &Before, call: Call<'_>, outcome: Result<&Outcome, &Error>) {
        let statements = &self.shared.statements;
        let now = self.shared.clock.now();
        let micros = u64::try_from(now.0.saturating_sub(before.at.0)).unwrap_or(0);
        let slow = statements.slow.is_slow(micros);
        if !slow && !statements.history.is_on() {
            return;
        }
        let figures = self.figures.get();
        let rows = |done: &Outcome| done.affected.unwrap_or(done.rows.len() as u64);
        let ran = Ran {
            kind: call.statement.kind.keyword(),
            at: before.at,
            micros,
            rows: outcome.map_or(0, rows),
            error: outcome.err().map(|error| error.kind),
            shape: figures.shape,
            memory: figures.memory,
            read: tally().since(before.read),
            principal: &self.who.to_string(),
        };
        let (text, statement) = self.really(call.text, call.statement);
        let words = text.get(statement.span.range()).unwrap_or(text);
        let normal = statements.normal(words);
        statements.history.ran(&normal.redacted, &ran);
        if slow {
            let full = statements.slow.full_text();
            let statement = if full { words.to_owned() } else { normal.redacted.clone() };
            statements.slow.note(Slow {
                at: instant(ran.at),
                ms: micros as f64 / 1000.0,
                statement,
                plan: self.plan_of(call).unwrap_or_default(),
                rows: ran.rows,
                records_read: ran.read.rows,
                pages_fetched: ran.read.pages,
                memory_bytes: ran.memory,
                principal: ran.principal.to_owned(),
                error: ran.error.map(|kind| kind.name().to_owned()),
            });
        }
    }

    /// What `EXECUTE` really ran; other statements are what they are.
    fn really<'a>(&'a self, text: &'a str, statement: &'a Statement) -> (&'a str, &'a Statement) {
        if let StatementKind::Execute(execute) = &statement.kind
            && let Some(prepared) = self.prepared.get(&execute.name.text.to_ascii_lowercase())
        {
            return (&prepared.text, &prepared.statement);
        }
        (text, statement)
    }

    /// The plan of a statement without the values in it; nothing for what has none.
    fn plan_of(&self, call: Call<'_>) -> Option<String> {
        let control = Control::default();
        let (text, statement) = self.really(call.text, call.statement);
        let params = match &call.statement.kind {
            StatementKind::Execute(execute) => {
                self.bound(call.text, execute, call.params, &control).ok()?.1
            }
            StatementKind::Query(_)
            | StatementKind::Search(_)
            | StatementKind::Count(_)
            | StatementKind::Update(_)
            | StatementKind::Delete(_) => call.params.clone(),
            _ => return None,
        };
        let clock = self.shared.clock.as_ref();
        let budget = Budget::new(&control, clock);
        let rights = self.rights().ok()?;
        let job = Job {
            shared: &self.shared,
            who: &rights,
            settings: &self.settings,
            text,
            params: &params,
            control: &control,
            now: clock.now(),
            budget: &budget,
            inside: None,
            memo: &Memo::default(),
        };
        explain::explained(&job, statement, false).ok().map(|explained| told(&explained))
    }
}

/// A plan in one line, without values.
fn told(explained: &Explained) -> String {
    let mut parts = vec![];
    explained.root.each(&mut |op, _| {
        let mut part = op.kind.name().to_owned();
        if let Some(modality) = op.modality {
            part = format!("{part} {modality}");
        }
        let asks = matches!(op.kind, OpKind::Index | OpKind::Filter | OpKind::Rank | OpKind::Scan);
        if asks && !op.predicates.is_empty() {
            let asked: Vec<String> = op.predicates.iter().map(|p| normal::redacted(p)).collect();
            part = format!("{part} [{}]", asked.join(" AND "));
        }
        if let Some(rows) = op.rows() {
            part = format!("{part} ~{rows:.0}");
        }
        parts.push(part);
    });
    parts.join(" <- ")
}

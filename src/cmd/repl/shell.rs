//! The state of a shell and what it does with one piece: run a statement and show the answer, or
//! obey a meta command. Knows neither prompts nor files.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::answer::{self, Look};
use super::edit::Known;
use super::meta;
use super::progress::Line;
use super::script::{Piece, PieceKind};
use crate::cmd::args::Format;
use crate::cmd::database::Failure;
use crate::cmd::error::{CmdError, Result};
use crate::cmd::exit::ExitStatus;
use crate::cmd::format::Answer;
use crate::cmd::interrupt::Interrupt;
use crate::cmd::target::{Reach, Target};
use crate::cmd::ui::Ui;
use crate::config::Config;
use crate::engine::TransactionState;
use crate::engine::base::Value;
use crate::engine::lang;
use crate::engine::lang::ast::{SelectKind, Statement, StatementKind};
use crate::engine::outcome::{Column, Control, Outcome, Params};
use crate::engine::plan::explain::Explained;

/// What the user asked for when the shell was started.
#[derive(Clone, Copy, Debug)]
pub struct Wishes {
    /// The form of the results; `None` lets the terminal decide.
    pub format: Option<Format>,
    /// Time a statement may take.
    pub timeout: Option<Duration>,
    /// Go on after a failure.
    pub keep_going: bool,
    /// Allow writes without id or condition.
    pub force: bool,
    /// A person types.
    pub interactive: bool,
}

/// What to do after a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Next,
    /// Stop: something failed.
    Stop,
    /// Stop: the user asked to leave.
    Quit,
}

/// A shell.
pub struct Shell<'a> {
    /// What it talks to.
    pub target: Box<dyn Target>,
    /// How servers are reached, for `\connect`.
    pub(super) reach: Reach,
    /// How answers are shown.
    pub(super) look: Look,
    /// The settings.
    pub config: &'a Config,
    /// The terminal.
    pub ui: &'a mut Ui,
    /// Ctrl-C.
    pub interrupt: Interrupt,
    /// The last statement that ran, for `\watch` and `\edit`.
    pub(super) last: Option<Piece>,
    params: Params,
    wishes: Wishes,
    status: ExitStatus,
    warned: bool,
    recovered: bool,
    depth: usize,
    /// A plan is kept here instead of being shown.
    keeps_plan: bool,
    plan: Option<Arc<Explained>>,
}

impl<'a> Shell<'a> {
    /// A shell on a target.
    pub fn new(
        target: Box<dyn Target>,
        reach: Reach,
        wishes: Wishes,
        config: &'a Config,
        ui: &'a mut Ui,
    ) -> Result<Self> {
        let usual = if ui.to_terminal() { Format::Table } else { Format::Jsonl };
        let look = Look {
            format: wishes.format.unwrap_or(usual),
            timing: wishes.interactive,
            pager: config.pager.value.clone(),
            interactive: wishes.interactive,
        };
        Ok(Self {
            target,
            reach,
            look,
            config,
            ui,
            interrupt: Interrupt::install()?,
            last: None,
            params: Params::new(),
            wishes,
            status: ExitStatus::Ok,
            warned: false,
            recovered: false,
            depth: 0,
            keeps_plan: false,
            plan: None,
        })
    }

    /// Runs one piece of the script called `name`.
    pub(super) fn run(&mut self, name: &str, piece: &Piece) -> Result<Flow> {
        let result = match piece.kind {
            PieceKind::Statement => self.statement(name, piece),
            PieceKind::Meta => meta::run(self, &piece.text),
        };
        match result {
            Ok(flow) => Ok(flow),
            // Without a reader there is nobody to go on for.
            Err(error) if error.of_output => Err(error),
            Err(error) => {
                let status = error.status;
                answer::fail_to_open(self.ui, &self.look, &error)?;
                Ok(self.failed(status))
            }
        }
    }

    /// Runs a statement and shows its answer.
    pub(super) fn statement(&mut self, name: &str, piece: &Piece) -> Result<Flow> {
        let parsed = lang::parse(&piece.text);
        let errors: Vec<_> =
            parsed.diagnostics.iter().filter(|found| found.is_error()).cloned().collect();
        if !errors.is_empty() {
            answer::refuse(self.ui, &self.look, name, piece, &errors)?;
            return Ok(self.failed(ExitStatus::Failed));
        }
        let mut flow = Flow::Next;
        for statement in &parsed.script.statements {
            flow = self.execute(name, piece, statement)?;
            if flow != Flow::Next {
                break;
            }
        }
        Ok(flow)
    }

    fn execute(&mut self, name: &str, piece: &Piece, statement: &Statement) -> Result<Flow> {
        let line = Line::of(&statement.kind, self.ui);
        let control = Control {
            cancel: self.interrupt.start(),
            timeout: self.wishes.timeout,
            force_unbounded: self.wishes.force,
            progress: line.as_ref().map(Line::teller),
        };
        let started = Instant::now();
        let result = self.target.execute(&piece.text, statement, &self.params, &control);
        let elapsed = started.elapsed();
        drop(line);
        if self.wishes.interactive {
            self.interrupt.prompt();
        } else {
            self.interrupt.rest();
        }
        self.warn_once();
        match result {
            Ok(outcome) => {
                if let (true, Some(plan)) = (self.keeps_plan, &outcome.explained) {
                    self.plan = Some(Arc::clone(plan));
                    return Ok(Flow::Next);
                }
                let hide_empty = asks_for_everything(&statement.kind);
                let answer = Answer { outcome: &outcome, elapsed, hide_empty };
                answer::show(self.ui, &self.look, &answer)?;
                self.last = Some(piece.clone());
                let damaged =
                    statement.kind.keyword() == "CHECK INTEGRITY" && !outcome.rows.is_empty();
                Ok(if damaged {
                    self.failed(ExitStatus::Damaged)
                } else if drifted(&outcome) {
                    self.failed(ExitStatus::Drifted)
                } else {
                    Flow::Next
                })
            }
            Err(Failure::Statement(error)) => {
                answer::fail(self.ui, &self.look, name, piece, &error)?;
                Ok(self.failed(ExitStatus::of(error.kind)))
            }
            Err(Failure::Open(error)) => Err(error),
        }
    }

    /// Runs `BEGIN` or `COMMIT` because the command line wants it, and shows nothing but a failure.
    pub(super) fn transact(&mut self, text: &str) -> Result<Flow> {
        let parsed = lang::parse(text);
        let (kind, lead) = (PieceKind::Statement, String::new());
        let piece = Piece { kind, text: text.to_owned(), lead, line: 0 };
        for statement in &parsed.script.statements {
            let (params, control) = (Params::new(), Control::default());
            match self.target.execute(text, statement, &params, &control) {
                Ok(_) => {}
                Err(Failure::Statement(error)) => {
                    answer::fail(self.ui, &self.look, "<single transaction>", &piece, &error)?;
                    return Ok(self.failed(ExitStatus::of(error.kind)));
                }
                Err(Failure::Open(error)) => {
                    answer::fail_to_open(self.ui, &self.look, &error)?;
                    return Ok(self.failed(error.status));
                }
            }
        }
        Ok(Flow::Next)
    }

    /// Commits what ran as one transaction.
    pub(super) fn commit_single(&mut self) -> Result<()> {
        match self.target.transaction() {
            TransactionState::None => {
                self.ui.warn("the script has ended the single transaction itself", None);
                Ok(())
            }
            TransactionState::Open | TransactionState::Failed => self.transact("COMMIT").map(drop),
        }
    }

    /// Shows an answer that is not the engine's.
    pub fn show(&mut self, outcome: &Outcome) -> Result<()> {
        let look = Look { timing: false, ..self.look.clone() };
        let answer = Answer { outcome, elapsed: Duration::ZERO, hide_empty: false };
        answer::show(self.ui, &look, &answer)
    }

    /// Prints a text: as it is, but as one line to a program that holds a conversation.
    pub fn say(&mut self, text: &str) -> Result<()> {
        if self.look.format != Format::Json {
            return answer::text(self.ui, &self.look, &format!("{text}\n"));
        }
        let rows = text.lines().map(|line| vec![Value::from(line)]).collect();
        let columns = vec![Column { name: "text".to_owned() }];
        self.show(&Outcome { tag: "META", columns, rows, ..Outcome::default() })
    }

    /// What completion can draw from; a database that does not open is silent here.
    pub(super) fn known(&mut self) -> Known {
        Known { source: self.target.names(), params: self.params.keys().cloned().collect() }
    }

    /// Something that is no statement ended this way.
    pub fn ended(&mut self, status: ExitStatus) -> Flow {
        if status == ExitStatus::Ok { Flow::Next } else { self.failed(status) }
    }

    /// Gives `$name` a value.
    pub fn set(&mut self, name: &str, value: Value) {
        self.params.insert(name.to_owned(), value);
    }

    /// Takes the value of `$name` away; false when it had none.
    pub fn unset(&mut self, name: &str) -> bool {
        self.params.remove(name).is_some()
    }

    /// The parameters.
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// From now on a plan is not shown but kept.
    pub(super) fn keep_plan(&mut self) {
        self.keeps_plan = true;
    }

    /// The plan that was kept last.
    pub(super) fn plan(&mut self) -> Option<Arc<Explained>> {
        self.keeps_plan = false;
        self.plan.take()
    }

    /// Continues with another target.
    pub fn connect(&mut self, target: Box<dyn Target>) -> Result<()> {
        self.leave_transaction();
        self.target.close()?;
        self.target = target;
        (self.warned, self.recovered) = (false, false);
        Ok(())
    }

    /// True when a person types.
    pub fn interactive(&self) -> bool {
        self.wishes.interactive
    }

    /// How the program should end: the worst that happened.
    pub fn status(&self) -> ExitStatus {
        self.status
    }

    /// How many files are being run inside each other.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// A file begins (1) or ends (-1).
    pub fn enter(&mut self, step: isize) {
        self.depth = self.depth.saturating_add_signed(step);
    }

    /// Says that a transaction nobody ended is rolled back, when there is one.
    fn leave_transaction(&mut self) {
        if self.target.transaction() != TransactionState::None {
            self.ui.warn("the open transaction was rolled back", Some("COMMIT keeps it"));
        }
    }

    /// Closes the database.
    pub fn close(mut self) -> Result<()> {
        self.leave_transaction();
        self.target.close()
    }

    /// Remembers a failure and says whether the script goes on.
    fn failed(&mut self, status: ExitStatus) -> Flow {
        self.status = self.status.max(status);
        let goes_on = self.wishes.interactive
            || (self.wishes.keep_going && status != ExitStatus::Interrupted);
        if goes_on { Flow::Next } else { Flow::Stop }
    }

    /// Says once what opening had to recover, and that the database can only be read.
    fn warn_once(&mut self) {
        if !self.recovered && self.target.is_open() {
            self.recovered = true;
            if let Some(recovery) = self.target.recovery() {
                self.ui.note(&format!("recovered: {recovery}"));
            }
        }
        if !self.warned
            && let Some(reason) = self.target.degraded()
        {
            self.warned = true;
            let error = CmdError::from(reason.clone());
            let hint = error.hints.first().map(String::as_str);
            self.ui.warn(&format!("open for reading only: {}", error.message), hint);
        }
    }
}

/// True for a `DRIFT VERIFY` that found drift.
fn drifted(outcome: &Outcome) -> bool {
    outcome.tag == "DRIFT VERIFY"
        && outcome.rows.iter().any(|row| row.first() == Some(&Value::Bool(false)))
}

/// True for `SELECT *`: its columns were not named one by one.
fn asks_for_everything(kind: &StatementKind) -> bool {
    match kind {
        StatementKind::Query(query) => {
            query.select.iter().any(|item| matches!(item.kind, SelectKind::Everything))
        }
        StatementKind::Describe(_) => true,
        _ => false,
    }
}

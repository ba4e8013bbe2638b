//! What the database remembers of the statements that ran: how often and how long ([`history`]), which
//! were slow ([`slow`]), and what need not be made twice ([`ready`]).
//!
//! Texts are remembered without their values ([`normal`]). Nothing here runs a statement or decides an
//! answer, and no statement waits for the disk because of it, except a slow one for its line in the log.

pub mod history;
pub mod normal;
pub mod ready;
pub mod recent;
pub mod slow;

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::engine::base::{Kind, Timestamp};
use crate::engine::store::Tally;
use history::History;
use normal::Normal;
use ready::Ready;
use recent::Recent;
use slow::SlowLog;

/// Texts whose normal form is remembered.
const TEXTS: usize = 1024;

/// What is remembered, shared by all sessions of a database.
pub struct Statements {
    /// Figures by normalized statement.
    pub history: History,
    /// The slow ones.
    pub slow: SlowLog,
    /// What was made of texts.
    pub ready: Ready,
    normals: Mutex<Recent<String, Arc<Normal>>>,
}

/// One run of a statement.
#[derive(Clone, Copy, Debug)]
pub struct Ran<'a> {
    /// Its keyword.
    pub kind: &'static str,
    /// When it began.
    pub at: Timestamp,
    /// Microseconds it took.
    pub micros: u64,
    /// Rows it answered or wrote.
    pub rows: u64,
    /// Why it failed.
    pub error: Option<Kind>,
    /// Which plan it had: equal numbers, equal plans.
    pub shape: Option<u64>,
    /// Bytes of rows it held.
    pub memory: u64,
    /// What it read.
    pub read: Tally,
    /// As whom it ran.
    pub principal: &'a str,
}

impl Statements {
    /// Of the database in `path`, to which nothing is written when it is `read_only`.
    pub fn new(path: &Path, read_only: bool) -> Self {
        Self {
            history: History::default(),
            slow: SlowLog::new(path, read_only),
            ready: Ready::default(),
            normals: Mutex::new(Recent::new(TEXTS)),
        }
    }

    /// The normal form of the text of one statement.
    pub fn normal(&self, text: &str) -> Arc<Normal> {
        if text.len() > normal::LONG {
            return Arc::new(Normal::of(text));
        }
        if let Some(known) = self.normals.lock().get(text) {
            return Arc::clone(known);
        }
        let made = Arc::new(Normal::of(text));
        self.normals.lock().put(text.to_owned(), Arc::clone(&made));
        made
    }
}

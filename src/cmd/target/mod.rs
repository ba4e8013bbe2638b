//! What a shell talks to: a database on this machine, or a server. Whatever the shell needs of either
//! stands in one trait; what only one of them can do, the other refuses with words.

use std::sync::Arc;

use super::database::{Database, Failure};
use super::error::{CmdError, Result};
use crate::config::Config;
use crate::engine::TransactionState;
use crate::engine::base::Error;
use crate::engine::lang::ast::Statement;
use crate::engine::lang::complete::Names;
use crate::engine::outcome::{Control, Outcome, Params};
use crate::remote::client::Address;

mod local;
mod reach;
mod remote;

pub use self::reach::Reach;
use self::remote::Remote;

/// Something that statements are run on.
pub trait Target {
    /// As people name it.
    fn shown(&self) -> String;

    /// The same in full.
    fn full(&self) -> String;

    /// How it is: open, read only, not there yet.
    fn state(&self) -> String;

    /// Says hello, where that is worth something: what there is to say about it, in a few words.
    fn greet(&mut self) -> Result<String>;

    /// Where the session stands with its transaction.
    fn transaction(&self) -> TransactionState;

    /// What opening had to recover, once it has been opened.
    fn recovery(&self) -> Option<String>;

    /// Why it can only be read, when somebody else decided that.
    fn degraded(&self) -> Option<&Error>;

    /// True once it has been opened.
    fn is_open(&self) -> bool;

    /// What completion can draw from; nothing while there is nothing to ask.
    fn names(&mut self) -> Option<Arc<dyn Names + Send + Sync>>;

    /// Runs one statement, which was parsed from `text`.
    fn execute(
        &mut self,
        text: &str,
        statement: &Statement,
        params: &Params,
        control: &Control,
    ) -> Result<Outcome, Failure>;

    /// The database, for `what` needs its files. Refused where they are elsewhere.
    fn files(&mut self, what: &str) -> Result<&mut Database>;

    /// Ends it in order.
    fn close(&mut self) -> Result<()>;
}

/// How a target is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    /// Refuse every write.
    pub read_only: bool,
    /// Open it in spite of a damaged log.
    pub accept_loss: bool,
}

/// What `name` means: a server when it is an address, else a directory. Nothing is opened yet.
pub fn choose(name: &str, wish: Wish, reach: &Reach, config: &Config) -> Result<Box<dyn Target>> {
    if !Address::is_meant(name) {
        let database = Database::new(name, wish.read_only)?
            .accepting_loss(wish.accept_loss)
            .with(&config.embedders)
            .archiving(config);
        return Ok(Box::new(database));
    }
    let flag = if wish.read_only { "--read-only" } else { "--accept-loss" };
    if wish.read_only || wish.accept_loss {
        return Err(CmdError::usage(format!("`{flag}` is for databases of this machine"))
            .hint("what a server lets you do depends on your key"));
    }
    Ok(Box::new(Remote::new(name, reach, config)?))
}

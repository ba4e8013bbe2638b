//! Transactions that go over several requests: sessions that are kept for a principal under a name
//! nobody can guess, a bounded number, and rolled back when they are idle for too long.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::engine::Session;

use super::problem::Problem;

/// A kept session.
pub struct Conversation {
    /// Its name.
    pub id: String,
    owner: String,
    /// When it began, as the clock of the database says.
    pub started_at: String,
    /// The session; held while a statement of it runs.
    pub session: Mutex<Session>,
    state: Mutex<State>,
}

struct State {
    used: Instant,
    statements: u64,
}

impl Conversation {
    /// Statements that were run in it.
    pub fn statements(&self) -> u64 {
        self.state.lock().statements
    }

    /// A statement of it has been run.
    pub fn count(&self) {
        let mut state = self.state.lock();
        state.statements += 1;
        state.used = Instant::now();
    }

    fn idle(&self) -> Duration {
        // Who cannot be locked is at work.
        if self.session.is_locked() { Duration::ZERO } else { self.state.lock().used.elapsed() }
    }
}

/// All of them.
#[derive(Default)]
pub struct Conversations(Mutex<HashMap<String, Arc<Conversation>>>);

impl Conversations {
    /// Keeps a session. 409 when the principal has `most` already.
    pub fn keep(
        &self,
        id: String,
        owner: &str,
        session: Session,
        started_at: String,
        most: usize,
    ) -> Result<Arc<Conversation>, Problem> {
        let mut all = self.0.lock();
        let own = all.values().filter(|kept| kept.owner == owner).count();
        if own >= most {
            return Err(Problem::too_many(1).hint(format!(
                "{own} transactions are open, which is the most for one principal: commit or roll back some"
            )));
        }
        let state = Mutex::new(State { used: Instant::now(), statements: 0 });
        let kept = Arc::new(Conversation {
            id: id.clone(),
            owner: owner.to_owned(),
            started_at,
            session: Mutex::new(session),
            state,
        });
        all.insert(id, Arc::clone(&kept));
        Ok(kept)
    }

    /// The conversation of this name, when it is of `owner`.
    pub fn get(&self, id: &str, owner: &str) -> Result<Arc<Conversation>, Problem> {
        self.0.lock().get(id).filter(|kept| kept.owner == owner).cloned().ok_or_else(|| missing(id))
    }

    /// Those of `owner`, by name.
    pub fn of(&self, owner: &str) -> Vec<Arc<Conversation>> {
        let mut own: Vec<_> =
            self.0.lock().values().filter(|kept| kept.owner == owner).cloned().collect();
        own.sort_by(|a, b| a.id.cmp(&b.id));
        own
    }

    /// Takes it out; it ends when the last holder lets go.
    pub fn end(&self, id: &str, owner: &str) -> Result<Arc<Conversation>, Problem> {
        let mut all = self.0.lock();
        if all.get(id).is_none_or(|kept| kept.owner != owner) {
            return Err(missing(id));
        }
        all.remove(id).ok_or_else(|| missing(id))
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.0.lock().len()
    }

    /// True when none is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ends those that are idle for longer than `most`; dropping a session rolls it back.
    pub fn sweep(&self, most: Duration) {
        let mut all = self.0.lock();
        let (gone, kept) = all.drain().partition(|(_, kept)| kept.idle() > most);
        *all = kept;
        drop(all);
        let gone: HashMap<String, Arc<Conversation>> = gone;
        drop(gone);
    }
}

fn missing(id: &str) -> Problem {
    Problem::not_found(format!("no open transaction `{id}`"))
        .hint("it was ended, or rolled back because it was idle for too long; begin again")
}

//! Which hexads, ids and entries were changed lately: the first to commit wins, the second is told.
//!
//! Values only. A write set prepared against commit `base` may be committed when nothing it names was
//! changed behind `base`. What is on its way to the log counts as changed by somebody who may still
//! fail: then the second waits for the outcome.

use std::collections::HashMap;

use crate::engine::base::{Iid, Lsn};

use super::write_set::{CatalogOp, Space, WriteSet};

/// Something two writers may want to change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// A hexad that exists.
    Hexad(Iid),
    /// An id that was free.
    Id(String),
    /// An entry of the catalogue.
    Entry(Space, String),
}

/// May this be committed?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Free,
    /// Ask again when the commits under way have ended.
    Wait,
    /// No: somebody else changed it.
    Changed,
}

#[derive(Clone, Copy, Debug)]
enum Mark {
    Pending,
    At(Lsn),
}

/// More keys than this are not remembered.
const LIMIT: usize = 1 << 17;

/// The changes of the recent past.
#[derive(Debug, Default)]
pub(super) struct Recent {
    marks: HashMap<Key, Mark>,
    floor: Lsn,
}

/// What a write set changes, and what it must find unchanged.
pub(super) fn keys(writes: &WriteSet) -> Vec<Key> {
    let mut keys: Vec<Key> = writes
        .catalog
        .iter()
        .flat_map(|op| match op {
            CatalogOp::Create { id, .. } => [Some(Key::Id(id.as_str().to_owned())), None],
            CatalogOp::Change { iid, .. } | CatalogOp::Delete { iid, .. } => {
                [Some(Key::Hexad(*iid)), None]
            }
            CatalogOp::Revive { iid, id, .. } => {
                [Some(Key::Hexad(*iid)), Some(Key::Id(id.as_str().to_owned()))]
            }
            CatalogOp::Set { space, name, .. } | CatalogOp::Unset { space, name } => {
                [Some(Key::Entry(*space, name.clone())), None]
            }
        })
        .flatten()
        .collect();
    keys.dedup();
    keys
}

impl Recent {
    /// Whether something prepared against `base` may change `keys` and rely on `requires`.
    pub(super) fn check(&self, keys: &[Key], requires: &[Iid], base: Lsn) -> Verdict {
        if base < self.floor {
            return Verdict::Changed;
        }
        let required = requires.iter().map(|iid| self.marks.get(&Key::Hexad(*iid)));
        let mut verdict = Verdict::Free;
        for mark in keys.iter().map(|key| self.marks.get(key)).chain(required).flatten() {
            match mark {
                Mark::At(lsn) if *lsn > base => return Verdict::Changed,
                Mark::At(_) => {}
                Mark::Pending => verdict = Verdict::Wait,
            }
        }
        verdict
    }

    /// They are on their way to the log.
    pub(super) fn begin(&mut self, keys: &[Key]) {
        for key in keys {
            self.marks.insert(key.clone(), Mark::Pending);
        }
    }

    /// They were committed as `at`; or not at all, and then `at` is what they were prepared against.
    pub(super) fn end(&mut self, keys: Vec<Key>, at: Lsn) {
        for key in keys {
            self.marks.insert(key, Mark::At(at));
        }
        if self.marks.len() > LIMIT {
            self.forget_older_half();
        }
    }

    fn forget_older_half(&mut self) {
        let at = |mark: &Mark| match mark {
            Mark::At(lsn) => *lsn,
            Mark::Pending => Lsn(u64::MAX),
        };
        let mut all: Vec<Lsn> = self.marks.values().map(at).collect();
        let middle = all.len() / 2;
        let (_, median, _) = all.select_nth_unstable(middle);
        if *median < Lsn(u64::MAX) {
            self.floor = *median;
            self.marks.retain(|_, mark| at(mark) > self.floor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u32) -> Vec<Key> {
        vec![Key::Hexad(Iid(n))]
    }

    #[test]
    fn the_first_wins_and_the_second_is_told() {
        let mut recent = Recent::default();
        assert_eq!(recent.check(&key(1), &[], Lsn(4)), Verdict::Free);
        recent.begin(&key(1));
        assert_eq!(recent.check(&key(1), &[], Lsn(4)), Verdict::Wait);
        assert_eq!(recent.check(&key(2), &[], Lsn(4)), Verdict::Free);
        assert_eq!(recent.check(&key(2), &[Iid(1)], Lsn(4)), Verdict::Wait);
        recent.end(key(1), Lsn(5));
        assert_eq!(recent.check(&key(1), &[], Lsn(4)), Verdict::Changed);
        assert_eq!(recent.check(&key(2), &[Iid(1)], Lsn(4)), Verdict::Changed);
        assert_eq!(recent.check(&key(1), &[], Lsn(5)), Verdict::Free);
    }

    #[test]
    fn a_failed_commit_changed_nothing() {
        let mut recent = Recent::default();
        recent.begin(&key(1));
        recent.end(key(1), Lsn(4));
        assert_eq!(recent.check(&key(1), &[], Lsn(4)), Verdict::Free);
    }

    #[test]
    fn what_is_forgotten_is_refused_not_allowed() {
        let mut recent = Recent::default();
        for n in 0..=LIMIT as u32 {
            recent.end(key(n), Lsn(u64::from(n) + 1));
        }
        assert!(recent.marks.len() <= LIMIT / 2 + 1);
        assert_eq!(recent.check(&key(3), &[], Lsn(3)), Verdict::Changed);
        assert_eq!(recent.check(&key(3), &[], Lsn(LIMIT as u64 + 1)), Verdict::Free);
    }
}

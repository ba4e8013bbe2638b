//! Which hexads changed at which commit, for the recent past. In memory only: what is older is asked
//! of the records ([`super::Records::touched_since`]).

use std::collections::VecDeque;

use parking_lot::Mutex;
use roaring::RoaringBitmap;

use crate::engine::base::Lsn;

/// Changes kept before the oldest are forgotten; 12 bytes each.
const KEPT: usize = 1 << 17;

/// The recent changes of one modality.
#[derive(Debug, Default)]
pub struct ChangeLog {
    inner: Mutex<Window>,
}

/// Knows every change after `from` up to and including `to`; nothing at all while `known` is false.
#[derive(Debug, Default)]
struct Window {
    known: bool,
    from: Lsn,
    to: Lsn,
    entries: VecDeque<(Lsn, u32)>,
}

impl ChangeLog {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the changes of one commit. Commits come in order.
    pub fn push(&self, lsn: Lsn, iids: impl IntoIterator<Item = u32>) {
        let mut window = self.inner.lock();
        if !window.known {
            window.known = true;
            window.from = Lsn(lsn.0.saturating_sub(1));
        }
        window.to = window.to.max(lsn);
        window.entries.extend(iids.into_iter().map(|iid| (lsn, iid)));
        while window.entries.len() > KEPT {
            if let Some((lost, _)) = window.entries.pop_front() {
                window.from = window.from.max(lost);
            }
        }
    }

    /// Takes note that nothing changed after `after` up to `until`, as somebody who can see the files
    /// has proved.
    pub fn quiet(&self, after: Lsn, until: Lsn) {
        let mut window = self.inner.lock();
        if !window.known {
            *window = Window { known: true, from: after, to: until, entries: VecDeque::new() };
        } else if window.from <= after && after <= window.to {
            window.to = window.to.max(until);
        }
    }

    /// Forgets everything: another process has changed the records.
    pub fn forget(&self) {
        *self.inner.lock() = Window::default();
    }

    /// The hexads that changed between two commits, in whichever order they are given; `None` when
    /// the log does not reach over the whole of it.
    pub fn between(&self, one: Lsn, other: Lsn) -> Option<RoaringBitmap> {
        let (after, until) = (one.min(other), one.max(other));
        if after == until {
            return Some(RoaringBitmap::new());
        }
        let window = self.inner.lock();
        if !window.known || after < window.from || until > window.to {
            return None;
        }
        let start = window.entries.partition_point(|(lsn, _)| *lsn <= after);
        let changed = window.entries.range(start..);
        Some(changed.take_while(|(lsn, _)| *lsn <= until).map(|(_, iid)| *iid).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(iids: &[u32]) -> RoaringBitmap {
        iids.iter().copied().collect()
    }

    #[test]
    fn changes_lie_after_the_one_commit_and_up_to_the_other() {
        let log = ChangeLog::new();
        assert_eq!(log.between(Lsn(1), Lsn(2)), None);
        log.push(Lsn(5), [1, 2]);
        log.push(Lsn(6), [3]);
        log.push(Lsn(8), [1]);
        assert_eq!(log.between(Lsn(4), Lsn(8)), Some(set(&[1, 2, 3])));
        assert_eq!(log.between(Lsn(8), Lsn(5)), Some(set(&[1, 3])));
        assert_eq!(log.between(Lsn(6), Lsn(7)), Some(set(&[])));
        assert_eq!(log.between(Lsn(3), Lsn(8)), None);
        assert_eq!(log.between(Lsn(8), Lsn(9)), None);
    }

    #[test]
    fn proven_quiet_stretches_the_window() {
        let log = ChangeLog::new();
        log.push(Lsn(5), [1]);
        log.quiet(Lsn(7), Lsn(9));
        assert_eq!(log.between(Lsn(5), Lsn(9)), None, "6 and 7 are not proved");
        log.quiet(Lsn(5), Lsn(9));
        assert_eq!(log.between(Lsn(4), Lsn(9)), Some(set(&[1])));
    }

    #[test]
    fn what_is_forgotten_is_not_answered() {
        let log = ChangeLog::new();
        for lsn in 1..=KEPT as u64 + 10 {
            log.push(Lsn(lsn), [7]);
        }
        assert_eq!(log.between(Lsn(9), Lsn(20)), None);
        assert_eq!(log.between(Lsn(10), Lsn(20)), Some(set(&[7])));
    }
}

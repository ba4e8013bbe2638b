//! What the commits of the recent past changed, kept while somebody follows them.
//!
//! A transaction that must know at its end what others committed since it began is a *follower*.
//! While there is one, every commit leaves a touch from the moment it takes its place in a group.
//! Without followers nothing is kept, and a commit pays nothing but the question whether there are any.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use crate::engine::base::{HexadId, Iid, Lsn, Modality, ModalitySet};

use super::inner::Inner;
use super::write_set::{CatalogOp, Space, WriteSet};

/// Things kept; beyond that the oldest commits are forgotten, and whoever asks for them is told that
/// nobody knows any more.
const LIMIT: usize = if cfg!(test) { 1000 } else { 1_000_000 };

/// What one commit changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    ticket: u64,
    /// Its number; `None` while it is on its way to the log, and may still fail.
    pub lsn: Option<Lsn>,
    /// Each hexad it wrote to, with the modalities it wrote, ascending.
    pub hexads: Vec<(Iid, ModalitySet)>,
    /// The ids it gave, and to which of these hexads.
    pub created: Vec<(HexadId, Iid)>,
    /// Those of these hexads that it deleted.
    pub deleted: Vec<Iid>,
    /// The entries of the catalogue that it set or unset.
    pub entries: Vec<(Space, String)>,
}

impl Touch {
    /// What a write set changes.
    pub(super) fn of(writes: &WriteSet) -> Self {
        let mut hexads: BTreeMap<Iid, ModalitySet> = BTreeMap::new();
        for modality in Modality::ALL {
            for op in writes.ops(modality) {
                hexads.entry(op.iid()).or_default().insert(modality);
            }
        }
        let (mut created, mut deleted, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        for op in &writes.catalog {
            match op {
                CatalogOp::Create { iid, id, .. } | CatalogOp::Revive { iid, id, .. } => {
                    hexads.entry(*iid).or_default();
                    created.push((id.clone(), *iid));
                }
                CatalogOp::Change { iid, .. } => {
                    hexads.entry(*iid).or_default();
                }
                CatalogOp::Delete { iid, .. } => {
                    hexads.entry(*iid).or_default();
                    deleted.push(*iid);
                }
                CatalogOp::Set { space, name, .. } | CatalogOp::Unset { space, name } => {
                    entries.push((*space, name.clone()));
                }
            }
        }
        let hexads = hexads.into_iter().collect();
        Self { ticket: 0, lsn: None, hexads, created, deleted, entries }
    }

    /// True when it changed who may do what, and nothing else.
    pub fn is_of_rights(&self) -> bool {
        self.hexads.is_empty() && self.entries.iter().all(|(space, _)| space.is_of_rights())
    }

    fn weight(&self) -> usize {
        1 + self.hexads.len() + self.created.len() + self.deleted.len() + self.entries.len()
    }
}

/// The touches, oldest first: those with a number, then those on their way.
#[derive(Debug, Default)]
pub(super) struct Trail {
    /// How many follow from each commit on.
    followers: BTreeMap<Lsn, usize>,
    touches: VecDeque<Arc<Touch>>,
    weight: usize,
    /// Everything after this commit is here; `None` while that is being made so.
    floor: Option<Lsn>,
}

impl Trail {
    /// Whether anybody follows.
    pub(super) fn followed(&self) -> bool {
        !self.followers.is_empty()
    }

    /// Whether it is complete from some commit on.
    pub(super) fn ready(&self) -> bool {
        self.floor.is_some()
    }

    /// Complete for all commits after `floor`.
    pub(super) fn complete_from(&mut self, floor: Lsn) {
        self.floor = Some(floor);
    }

    /// Somebody follows from `lsn` on.
    pub(super) fn follow(&mut self, lsn: Lsn) {
        *self.followers.entry(lsn).or_default() += 1;
    }

    /// And does so no longer.
    pub(super) fn unfollow(&mut self, lsn: Lsn) {
        if let Some(count) = self.followers.get_mut(&lsn) {
            *count -= 1;
            if *count == 0 {
                self.followers.remove(&lsn);
            }
        }
        match self.followers.keys().next().copied() {
            None => *self = Self::default(),
            Some(oldest) => {
                while self.touches.front().is_some_and(|t| t.lsn.is_some_and(|l| l <= oldest)) {
                    self.drop_oldest();
                }
            }
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(touch) = self.touches.pop_front() {
            self.weight -= touch.weight();
            self.floor = self.floor.max(touch.lsn);
        }
    }

    /// A commit is on its way.
    pub(super) fn begin(&mut self, ticket: u64, touch: Touch) {
        let touch = Touch { ticket, ..touch };
        self.weight += touch.weight();
        self.touches.push_back(Arc::new(touch));
    }

    /// It got its number, or failed.
    pub(super) fn end(&mut self, ticket: u64, lsn: Option<Lsn>) {
        let Ok(at) = self.touches.binary_search_by_key(&ticket, |touch| touch.ticket) else {
            return;
        };
        if lsn.is_some() {
            Arc::make_mut(&mut self.touches[at]).lsn = lsn;
        } else if let Some(touch) = self.touches.remove(at) {
            self.weight -= touch.weight();
        }
        while self.weight > LIMIT && self.touches.front().is_some_and(|t| t.lsn.is_some()) {
            self.drop_oldest();
        }
    }

    /// Everything behind commit `after`, with what is on its way at the end; `None` when nobody knows.
    pub(super) fn behind(&self, after: Lsn) -> Option<impl Iterator<Item = &Arc<Touch>>> {
        self.floor.filter(|floor| *floor <= after)?;
        Some(self.touches.iter().filter(move |touch| touch.lsn.is_none_or(|lsn| lsn > after)))
    }

    /// The last that is on its way.
    pub(super) fn pending(&self) -> Option<u64> {
        self.touches.back().filter(|touch| touch.lsn.is_none()).map(|touch| touch.ticket)
    }

    /// Whether that one still is.
    pub(super) fn is_pending(&self, ticket: u64) -> bool {
        let at = self.touches.binary_search_by_key(&ticket, |touch| touch.ticket);
        at.is_ok_and(|at| self.touches[at].lsn.is_none())
    }
}

/// Somebody who wants to know what was committed since. Ends when dropped.
pub struct Follower {
    inner: Arc<Inner>,
    lsn: Lsn,
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower").field("lsn", &self.lsn).finish_non_exhaustive()
    }
}

impl Follower {
    /// Of everything after commit `lsn`; the caller has entered it in the trail.
    pub(super) fn new(inner: Arc<Inner>, lsn: Lsn) -> Self {
        Self { inner, lsn }
    }

    /// From which commit on.
    pub fn lsn(&self) -> Lsn {
        self.lsn
    }

    /// What was committed up to `lsn` is of no interest any more.
    pub fn advance(&mut self, lsn: Lsn) {
        if lsn > self.lsn {
            self.inner.moved(self.lsn, Some(lsn));
            self.lsn = lsn;
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.inner.moved(self.lsn, None);
    }
}

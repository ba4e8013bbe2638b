//! Ids and internal ids as memory holds them: a cache in front of the catalogue.
//!
//! Which id an internal id stands for never changes, so that side is true for every view. Which live
//! hexad an id stands for does change: that side is true of one commit only, and asked only by views
//! of that commit.

use std::collections::HashMap;
use std::sync::Arc;

use crate::engine::base::{Iid, Lsn};

use super::record::Name;
use super::write_set::CatalogOp;

/// More ids than this are not kept.
const LIMIT: usize = 4 << 20;

/// The cache.
#[derive(Debug, Default)]
pub(super) struct Names {
    lsn: Lsn,
    live: HashMap<Name, Iid>,
    by_iid: Vec<Option<Name>>,
}

impl Names {
    /// The id of an internal id, if it is known.
    pub(super) fn name(&self, iid: Iid) -> Option<Name> {
        self.by_iid.get(iid.0 as usize)?.clone()
    }

    /// The live hexad of an id as of commit `lsn`, if it is known.
    pub(super) fn iid(&self, id: &str, lsn: Lsn) -> Option<Iid> {
        self.live.get(id).copied().filter(|_| self.lsn == lsn)
    }

    /// Learns what a view of commit `lsn` has read.
    pub(super) fn learn(&mut self, id: &str, iid: Iid, live: bool, lsn: Lsn) -> Name {
        let name = self.name(iid).unwrap_or_else(|| Arc::from(id));
        self.keep(iid, &name);
        if live && self.lsn == lsn && self.live.len() < LIMIT {
            self.live.insert(Arc::clone(&name), iid);
        }
        name
    }

    fn keep(&mut self, iid: Iid, name: &Name) {
        let at = iid.0 as usize;
        if at >= LIMIT {
            return;
        }
        if self.by_iid.len() <= at {
            self.by_iid.resize(at + 1, None);
        }
        self.by_iid[at] = Some(Arc::clone(name));
    }

    /// Follows a commit.
    pub(super) fn apply(&mut self, op: &CatalogOp) {
        match op {
            CatalogOp::Create { iid, id, .. } | CatalogOp::Revive { iid, id, .. }
                if self.live.len() < LIMIT =>
            {
                let name = Name::from(id.as_str());
                self.keep(*iid, &name);
                self.live.insert(name, *iid);
            }
            CatalogOp::Delete { iid, .. } => match self.name(*iid) {
                Some(name) => {
                    if self.live.get(&name) == Some(iid) {
                        self.live.remove(&name);
                    }
                }
                None => self.live.retain(|_, live| live != iid),
            },
            _ => {}
        }
    }

    /// True of commit `lsn` from now on.
    pub(super) fn advance(&mut self, lsn: Lsn) {
        self.lsn = lsn;
    }

    /// Another process changed the catalogue: what is live has to be learned again.
    pub(super) fn forget(&mut self, lsn: Lsn) {
        self.live.clear();
        self.lsn = lsn;
    }
}

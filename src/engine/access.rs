//! Who acts, at the door: sessions of principals, decisions for transports, and what is remembered of
//! rights and masks while nobody changes them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::engine::Engine;
use crate::engine::auth::{Action, Principal, Resource, Rights, book};
use crate::engine::base::{Lsn, Result};
use crate::engine::exec::access::hidden;
use crate::engine::session::Session;
use crate::engine::store::{Mask, Store, View};

/// Principals whose rights are remembered at once, and masks.
const REMEMBERED: usize = 256;

/// What is remembered.
#[derive(Default)]
pub struct Access {
    /// Grows with every change of a right.
    epoch: AtomicU64,
    rights: Mutex<HashMap<Principal, (Lsn, Arc<Rights>)>>,
    masks: Mutex<HashMap<[u8; 32], (Lsn, Arc<Mask>)>>,
}

impl Access {
    /// What a principal may do now.
    pub fn rights(&self, store: &Store, who: &Principal) -> Result<Arc<Rights>> {
        if who.is_owner() {
            return Ok(Arc::clone(Rights::of_owner()));
        }
        let epoch = self.epoch.load(Ordering::Acquire);
        // Where another process writes, nobody tells when a right is changed.
        let other = store.status().read_only;
        if !other && let Some((_, known)) = self.rights.lock().get(who) {
            return Ok(Arc::clone(known));
        }
        let view = store.view()?;
        if let Some((lsn, known)) = self.rights.lock().get(who)
            && *lsn == view.lsn()
        {
            return Ok(Arc::clone(known));
        }
        let rights = Arc::new(book::rights(&view, who)?);
        let mut all = self.rights.lock();
        if epoch == self.epoch.load(Ordering::Acquire) {
            if all.len() >= REMEMBERED {
                all.clear();
            }
            all.insert(who.clone(), (view.lsn(), Arc::clone(&rights)));
        }
        Ok(rights)
    }

    /// A right was changed, and is committed: it counts from the next statement on.
    pub fn changed(&self) {
        let mut rights = self.rights.lock();
        self.epoch.fetch_add(1, Ordering::AcqRel);
        rights.clear();
        self.masks.lock().clear();
    }

    /// Hides from a view what somebody may not see.
    pub fn cover(&self, view: &mut View, rights: &Rights) -> Result<()> {
        view.set_mask(None);
        if rights.sees_all() {
            return Ok(());
        }
        let (key, lsn) = (rights.identity().0, view.lsn());
        let before = self.masks.lock().get(&key).cloned();
        if let Some((at, mask)) = before
            && at == lsn
            && view.overlay().is_none()
        {
            view.set_mask(Some(mask));
            return Ok(());
        }
        let mask = Arc::new(hidden(view, rights)?);
        if view.overlay().is_none() {
            let mut masks = self.masks.lock();
            if masks.len() >= REMEMBERED {
                masks.clear();
            }
            masks.insert(key, (lsn, Arc::clone(&mask)));
        }
        view.set_mask(Some(mask));
        Ok(())
    }
}

impl Engine {
    /// A new session of `who`: every statement of it is decided by what they may do when it runs, and
    /// sees what they may see. [`Engine::session`] is that of the owner of the process.
    pub fn session_as(&self, who: &Principal) -> Session {
        Session::new(Arc::clone(&self.shared)).of(who.clone())
    }

    /// What `who` may do, as of now.
    pub fn rights(&self, who: &Principal) -> Result<Arc<Rights>> {
        self.shared.access.rights(&self.shared.store, who)
    }

    /// The one decision every door asks for: refuses with `PermissionDenied` what `who` may not do.
    ///
    /// Statements are decided when they run ([`Engine::session_as`]) and need no question before it.
    /// This is for what is done without one: a route asks for its [`Action`] with
    /// [`Resource::Database`], and with [`Action::Data`] when the statement behind it will be decided.
    pub fn authorize(&self, who: &Principal, action: Action, resource: Resource<'_>) -> Result<()> {
        self.rights(who)?.authorize(action, resource)
    }
}

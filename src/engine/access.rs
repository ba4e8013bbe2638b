//! Who acts, at the door: sessions of principals, decisions for transports, and what is remembered of
//! rights and masks while nobody changes them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use secrecy::SecretString;

use crate::engine::Engine;
use crate::engine::Shared;
use crate::engine::auth::audit::{Event, Verdict};
use crate::engine::auth::book::{self, Membership, Said};
use crate::engine::auth::key::Wish;
use crate::engine::auth::{ADMIN, Action, AuditLog, Key, Principal, Resource, Rights, Subject};
use crate::engine::base::{Error, Lsn, Result, Timestamp};
use crate::engine::exec::access::hidden;
use crate::engine::exec::statement::{audit, setting};
use crate::engine::hexad::{Author, attempt};
use crate::engine::session::Session;
use crate::engine::store::{Mask, Space, View};

/// Principals whose rights are remembered at once, and masks.
const REMEMBERED: usize = 256;

/// Masks by the identity of the rights they are made of, with the commit they were made at.
type Masks = HashMap<[u8; 32], (Lsn, Arc<Mask>)>;

/// What is remembered.
#[derive(Default)]
pub struct Access {
    /// Grows with every change of a right.
    epoch: AtomicU64,
    rights: Mutex<HashMap<Principal, (Lsn, Arc<Rights>)>>,
    masks: Mutex<Masks>,
    keys: Mutex<HashMap<String, Key>>,
    /// When each key was shown last, since the database was opened.
    used: Mutex<HashMap<String, Timestamp>>,
    audits_reads: Mutex<Option<bool>>,
}

impl Access {
    /// What a principal may do now.
    pub fn rights(&self, shared: &Shared, who: &Principal) -> Result<Arc<Rights>> {
        if who.is_owner() {
            return Ok(Arc::clone(Rights::of_owner()));
        }
        let epoch = self.epoch.load(Ordering::Acquire);
        // Where another process writes, nobody tells when a right is changed.
        let other = shared.options.read_only;
        if !other && let Some((_, known)) = self.rights.lock().get(who) {
            return Ok(Arc::clone(known));
        }
        let view = shared.store.view()?;
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
        self.keys.lock().clear();
        *self.audits_reads.lock() = None;
    }

    /// Whether every statement of everybody is written into the audit log.
    pub fn audits_reads(&self, shared: &Shared) -> Result<bool> {
        if let Some(known) = *self.audits_reads.lock() {
            return Ok(known);
        }
        let epoch = self.epoch.load(Ordering::Acquire);
        let entry = shared.store.view()?.entry(Space::Setting, setting::AUDIT_READS)?;
        let on = entry.is_some_and(|body| body == b"true");
        let mut known = self.audits_reads.lock();
        if epoch == self.epoch.load(Ordering::Acquire) && !shared.options.read_only {
            *known = Some(on);
        }
        Ok(on)
    }

    /// When a key was shown last, since the database was opened.
    pub fn last_use(&self, id: &str) -> Option<Timestamp> {
        self.used.lock().get(id).copied()
    }

    /// The key that `text` is, when it is worth something.
    fn key(&self, shared: &Shared, text: &str, now: Timestamp) -> Result<Option<Key>> {
        let Some(id) = Key::id_in(text) else { return Ok(None) };
        let known = if shared.options.read_only { None } else { self.keys.lock().get(id).cloned() };
        let key = if let Some(key) = known {
            key
        } else {
            let epoch = self.epoch.load(Ordering::Acquire);
            let Some(key) = Key::find(&shared.store.view()?, id)? else { return Ok(None) };
            let mut keys = self.keys.lock();
            if epoch == self.epoch.load(Ordering::Acquire) {
                if keys.len() >= REMEMBERED {
                    keys.clear();
                }
                keys.insert(id.to_owned(), key.clone());
            }
            key
        };
        if !key.opens(text, now) {
            return Ok(None);
        }
        self.used.lock().insert(id.to_owned(), now);
        Ok(Some(key))
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

    /// Who is known by the text of an API key; nobody when it is unknown, wrong, expired or revoked.
    pub fn principal_of_key(&self, text: &str) -> Result<Option<Principal>> {
        let shared = &self.shared;
        let Some(key) = shared.access.key(shared, text, shared.clock.now())? else {
            return Ok(None);
        };
        let who = Principal::named(key.principal.as_str()).map_err(Error::from)?;
        let who = who.known_by(format!("key {}", key.id));
        Ok(Some(match key.scopes {
            Some(scopes) => who.within(scopes),
            None => who,
        }))
    }

    /// Makes the first key, of the principal `admin` in the role `admin`, when the database has no key
    /// at all: its text, which is to be shown once. `None` when there are keys already.
    pub fn ensure_admin_key(&self) -> Result<Option<SecretString>> {
        let shared = &self.shared;
        let now = shared.clock.now();
        let author = Author::new(shared.options.author());
        let look = || shared.store.view();
        if shared.options.read_only || !Key::all(&look()?)?.is_empty() {
            return Ok(None);
        }
        let member = Subject::User(ADMIN.to_owned());
        let said = Said { by: author.name.clone(), at: now };
        let (key, text) = Key::make(ADMIN, Wish::default(), &author.name, now, shared.rng.as_ref());
        self.audit(&Principal::owner(), "CREATE KEY", &format!("the first key, {}", key.id), true)?;
        let made = attempt::write(&shared.store, &author, &attempt::unhindered, |view, draft| {
            if !Key::all(view)?.is_empty() {
                return Ok(false);
            }
            let role = ADMIN.to_owned();
            draft.catalog(book::join(&Membership {
                member: member.clone(),
                role,
                said: said.clone(),
            }));
            draft.catalog(key.put());
            Ok(true)
        })?;
        shared.access.changed();
        Ok(made.then_some(text))
    }

    /// Writes into the audit log what a door decided by itself: a log-in that failed, an act that is no
    /// statement. With `allowed` false it was refused.
    pub fn audit(&self, who: &Principal, act: &str, detail: &str, allowed: bool) -> Result<()> {
        if self.shared.options.read_only {
            return Ok(());
        }
        let event = Event {
            at: self.shared.clock.now().0,
            who: if who.is_owner() && !allowed { String::new() } else { who.to_string() },
            by: who.by().to_owned(),
            act: act.to_owned(),
            detail: detail.to_owned(),
            verdict: if allowed { Verdict::Allowed } else { Verdict::Denied },
        };
        self.shared.audit.record(event, false)
    }

    /// The audit log: to export and verify it.
    pub fn audit_log(&self) -> &AuditLog {
        &self.shared.audit
    }

    /// What `who` may do, as of now.
    pub fn rights(&self, who: &Principal) -> Result<Arc<Rights>> {
        self.shared.access.rights(&self.shared, who)
    }

    /// The one decision every door asks for: refuses with `PermissionDenied` what `who` may not do.
    ///
    /// Statements are decided when they run ([`Engine::session_as`]) and need no question before it.
    /// This is for what is done without one: a route asks for its [`Action`] with
    /// [`Resource::Database`], and with [`Action::Data`] when the statement behind it will be decided.
    pub fn authorize(&self, who: &Principal, action: Action, resource: Resource<'_>) -> Result<()> {
        let decided = self.rights(who)?.authorize(action, resource);
        if let Err(error) = &decided {
            audit::refused(&self.shared, who, action.name(), error)?;
        }
        decided
    }
}

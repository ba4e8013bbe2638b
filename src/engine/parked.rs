//! Where the open transactions of all sessions rest between two statements, to be listed, and to be ended
//! when one rests for too long: it is not asked, and what it held is free at once.
//!
//! A statement takes its transaction out and puts it back. Whoever finds it gone is told.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::engine::base::{Clock, Error, Kind, Lsn, Result, Timestamp};
use crate::engine::transaction::{Transaction, TransactionOptions};
use crate::engine::txn::locks::Party;

/// The longest nap between two looks at the clock, which need not be that of the machine.
const NAP: Duration = Duration::from_millis(100);

/// The open transactions of a database.
#[derive(Default)]
pub(crate) struct Parked {
    lots: Mutex<Vec<Weak<Lot>>>,
    /// Whether a thread looks after those that rest.
    watched: Mutex<bool>,
    changed: Condvar,
}

/// The place of one transaction.
pub(crate) struct Lot {
    party: Party,
    since: Timestamp,
    options: TransactionOptions,
    place: Mutex<Place>,
}

#[derive(Default)]
struct Place {
    transaction: Option<Box<Transaction>>,
    rested: Option<Timestamp>,
    until: Option<Timestamp>,
    expired: bool,
    lsn: Option<Lsn>,
    writes: usize,
}

/// An open transaction as others see it.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    /// Its number.
    pub party: Party,
    /// When it was begun.
    pub since: Timestamp,
    /// How it is.
    pub options: TransactionOptions,
    /// Since when it runs no statement; none while it does.
    pub idle_since: Option<Timestamp>,
    /// The commit it sees, once it has seen one.
    pub lsn: Option<Lsn>,
    /// Statements of it that wrote something.
    pub writes: usize,
}

impl Parked {
    /// A place for a transaction that begins now.
    pub(crate) fn admit(
        self: &Arc<Self>,
        transaction: Box<Transaction>,
        now: Timestamp,
    ) -> Arc<Lot> {
        let lot = Arc::new(Lot {
            party: transaction.party(),
            since: now,
            options: transaction.options(),
            place: Mutex::default(),
        });
        let mut lots = self.lots.lock();
        lots.retain(|lot| lot.strong_count() > 0);
        lots.push(Arc::downgrade(&lot));
        drop(lots);
        lot.put(transaction);
        lot
    }

    /// The statement has ended; after `until` the transaction is, if it is still there.
    pub(crate) fn rest(
        self: &Arc<Self>,
        lot: &Lot,
        clock: &Arc<dyn Clock>,
        until: Option<Timestamp>,
    ) {
        let mut place = lot.place.lock();
        let Some(transaction) = &place.transaction else { return };
        transaction.rest(until);
        (place.rested, place.until) = (Some(clock.now()), until);
        drop(place);
        if until.is_some() {
            self.watch(clock);
        }
    }

    /// All of them, the oldest first.
    pub(crate) fn list(&self) -> Vec<Listed> {
        let lots: Vec<Arc<Lot>> = self.lots.lock().iter().filter_map(Weak::upgrade).collect();
        let mut listed: Vec<Listed> = lots.iter().filter_map(|lot| lot.listed()).collect();
        listed.sort_by_key(|listed| listed.party);
        listed
    }

    /// Sees to it that a thread ends those that rest for too long. Without one they are ended when
    /// somebody waits for their locks, or by their own next statement.
    fn watch(self: &Arc<Self>, clock: &Arc<dyn Clock>) {
        let mut watched = self.watched.lock();
        if *watched {
            return;
        }
        let (parked, clock) = (Arc::downgrade(self), Arc::clone(clock));
        let run = move || while parked.upgrade().is_some_and(|parked| parked.round(&*clock)) {};
        *watched = thread::Builder::new().name("vql-idle".into()).spawn(run).is_ok();
    }

    /// Ends those that are late and takes a nap. False when nobody is left to be looked after.
    fn round(&self, clock: &dyn Clock) -> bool {
        let lots: Vec<Arc<Lot>> = self.lots.lock().iter().filter_map(Weak::upgrade).collect();
        let now = clock.now();
        for lot in &lots {
            // It lets go of its locks and its view here.
            drop(lot.expire(now));
        }
        let mut watched = self.watched.lock();
        let next = lots.iter().filter_map(|lot| lot.place.lock().until).min();
        drop(lots);
        let Some(next) = next else {
            *watched = false;
            return false;
        };
        let left = u64::try_from(next.0.saturating_sub(now.0)).unwrap_or(0).max(1000);
        self.changed.wait_for(&mut watched, Duration::from_micros(left).min(NAP));
        true
    }
}

impl Lot {
    /// Takes the transaction out, for a statement. `TransactionAborted` when it is gone.
    pub(crate) fn take(&self, now: Timestamp) -> Result<Box<Transaction>> {
        let mut place = self.place.lock();
        (place.rested, place.until) = (None, None);
        let Some(transaction) = place.transaction.take() else { return Err(rested()) };
        if let Err(error) = transaction.wake(now) {
            place.expired = true;
            return Err(error);
        }
        Ok(transaction)
    }

    /// Puts it back; the statement goes on.
    pub(crate) fn put(&self, transaction: Box<Transaction>) {
        let mut place = self.place.lock();
        (place.lsn, place.writes) = (transaction.lsn(), transaction.writes());
        place.transaction = Some(transaction);
    }

    /// Whether it was ended while it rested.
    pub(crate) fn is_expired(&self) -> bool {
        self.place.lock().expired
    }

    fn expire(&self, now: Timestamp) -> Option<Box<Transaction>> {
        let mut place = self.place.lock();
        if place.until.is_none_or(|until| until > now) {
            return None;
        }
        (place.expired, place.until) = (true, None);
        place.transaction.take()
    }

    fn listed(&self) -> Option<Listed> {
        let place = self.place.lock();
        let Self { party, since, options, .. } = *self;
        let (lsn, writes) = (place.lsn, place.writes);
        let listed = Listed { party, since, options, idle_since: place.rested, lsn, writes };
        (!place.expired).then_some(listed)
    }
}

/// What the next statement of a transaction is told that rested for too long.
pub(crate) fn rested() -> Error {
    Error::new(Kind::TransactionAborted, "the transaction was idle for too long")
        .hint("nothing of it was written; begin again")
}

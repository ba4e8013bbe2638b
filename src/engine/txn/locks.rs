//! Exclusive locks on what transactions write: records, ids and entries of the catalogue.
//!
//! A statement takes all its locks at once or waits with none of them, so that two statements alone
//! never block each other; a transaction keeps what its statements took until it ends. Whoever waits
//! looks for a circle of waiting, and the youngest transaction of a circle is sacrificed. Readers take
//! no locks.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::engine::base::{Clock, Error, Iid, Kind, Modality, Result, Timestamp};
use crate::engine::outcome::Control;
use crate::engine::store::Space;

/// How long a waiter sleeps before it looks whether it was told to stop.
const NAP: Duration = Duration::from_millis(20);

/// A transaction, by its number. The greater, the younger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Party(pub u64);

/// Something only one transaction may write at a time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// One modality of one hexad.
    Record(Iid, Modality),
    /// An id that is given or set free.
    Id(String),
    /// An entry of the catalogue.
    Entry(Space, String),
    /// Everything there is: nobody else holds any lock meanwhile.
    All,
}

/// How long somebody waits, and how it can be told to stop.
#[derive(Clone, Copy)]
pub struct Patience<'a> {
    /// The longest wait.
    pub timeout: Duration,
    /// Cancels it.
    pub control: &'a Control,
    /// Measures it.
    pub clock: &'a dyn Clock,
}

#[derive(Debug, Default)]
struct Table {
    owners: HashMap<Key, Party>,
    owned: BTreeMap<Party, Vec<Key>>,
    waiting: BTreeMap<Party, Wait>,
    /// Who holds locks without running a statement, and until when that is put up with.
    idle: BTreeMap<Party, Timestamp>,
    /// Who was idle for too long: their locks were taken from them.
    expired: BTreeSet<Party>,
}

#[derive(Debug)]
struct Wait {
    wanted: Vec<Key>,
    sacrificed: bool,
}

/// All locks of a database.
#[derive(Debug, Default)]
pub struct Locks {
    table: Mutex<Table>,
    changed: Condvar,
    holders: AtomicUsize,
}

impl Table {
    /// Who holds one of the keys.
    fn blockers(&self, party: Party, keys: &[Key]) -> BTreeSet<Party> {
        let owners = keys.iter().filter_map(|key| self.owners.get(key).copied());
        let mut blockers: BTreeSet<Party> = owners.collect();
        if keys.contains(&Key::All) {
            blockers.extend(self.owned.keys());
        } else if !keys.is_empty() {
            blockers.extend(self.owners.get(&Key::All));
        }
        blockers.remove(&party);
        blockers
    }

    fn take(&mut self, party: Party, keys: &[Key]) {
        for key in keys {
            if self.owners.insert(key.clone(), party).is_none() {
                self.owned.entry(party).or_default().push(key.clone());
            }
        }
    }

    /// Takes the locks of those that were idle for too long.
    fn expire(&mut self, now: Timestamp) {
        let late = |(party, until): (&Party, &Timestamp)| (*until <= now).then_some(*party);
        let late: Vec<Party> = self.idle.iter().filter_map(late).collect();
        for party in late {
            self.idle.remove(&party);
            self.expired.insert(party);
            self.let_go(party);
        }
    }

    fn let_go(&mut self, party: Party) {
        for key in self.owned.remove(&party).into_iter().flatten() {
            self.owners.remove(&key);
        }
    }

    /// A circle of waiting through `party`, if there is one.
    fn circle(&self, party: Party) -> Option<Vec<Party>> {
        let mut seen = BTreeSet::new();
        let mut path = vec![party];
        self.leads_back(party, party, &mut seen, &mut path).then_some(path)
    }

    fn leads_back(
        &self,
        from: Party,
        to: Party,
        seen: &mut BTreeSet<Party>,
        path: &mut Vec<Party>,
    ) -> bool {
        // A victim is on its way out: what it holds will be free.
        let Some(wait) = self.waiting.get(&from).filter(|wait| !wait.sacrificed) else {
            return false;
        };
        for next in self.blockers(from, &wait.wanted) {
            if next == to {
                return true;
            }
            if seen.insert(next) {
                path.push(next);
                if self.leads_back(next, to, seen, path) {
                    return true;
                }
                path.pop();
            }
        }
        false
    }

    /// Sacrifices the youngest of every circle through `party`; true when that is `party` itself.
    fn break_circles(&mut self, party: Party) -> bool {
        while let Some(circle) = self.circle(party) {
            let youngest = circle.into_iter().max().unwrap_or(party);
            if youngest == party {
                return true;
            }
            if let Some(wait) = self.waiting.get_mut(&youngest) {
                wait.sacrificed = true;
            }
        }
        false
    }
}

impl Locks {
    /// Takes the keys for `party`, waiting while others hold some of them; true when it had to wait.
    ///
    /// Fails with `Deadlock` when the transaction is sacrificed, with `LockTimeout` when the wait took
    /// too long, with `Cancelled`. Then none of the keys was taken; what the transaction held before
    /// it still holds.
    pub fn acquire(&self, party: Party, keys: &[Key], patience: Patience<'_>) -> Result<bool> {
        let mut table = self.table.lock();
        if table.blockers(party, keys).is_empty() {
            self.take(&mut table, party, keys);
            return Ok(false);
        }
        table.waiting.insert(party, Wait { wanted: keys.to_vec(), sacrificed: false });
        let ended = self.wait(&mut table, party, keys, patience);
        table.waiting.remove(&party);
        ended.map(|()| {
            self.take(&mut table, party, keys);
            true
        })
    }

    fn wait(
        &self,
        table: &mut parking_lot::MutexGuard<'_, Table>,
        party: Party,
        keys: &[Key],
        patience: Patience<'_>,
    ) -> Result<()> {
        let started = patience.clock.now();
        let mut slept = Duration::ZERO;
        loop {
            table.expire(patience.clock.now());
            if table.blockers(party, keys).is_empty() {
                return Ok(());
            }
            if table.break_circles(party) {
                return Err(deadlock());
            }
            // Whoever was sacrificed has to wake up.
            self.changed.notify_all();
            // The clock may stand still or be set back; naps that were slept to the end count too.
            let passed = patience.clock.now().0.saturating_sub(started.0);
            let passed = Duration::from_micros(u64::try_from(passed).unwrap_or(0)).max(slept);
            let Some(left) = patience.timeout.checked_sub(passed).filter(|left| !left.is_zero())
            else {
                return Err(timed_out(patience.timeout));
            };
            let nap = left.min(NAP);
            if self.changed.wait_for(table, nap).timed_out() {
                slept += nap;
            }
            if table.waiting.get(&party).is_some_and(|wait| wait.sacrificed) {
                return Err(deadlock());
            }
            patience.control.check()?;
        }
    }

    fn take(&self, table: &mut Table, party: Party, keys: &[Key]) {
        table.take(party, keys);
        self.holders.store(table.owned.len(), Ordering::SeqCst);
    }

    /// Lets go of everything `party` holds.
    pub fn release(&self, party: Party) {
        let mut table = self.table.lock();
        table.let_go(party);
        table.idle.remove(&party);
        table.expired.remove(&party);
        self.holders.store(table.owned.len(), Ordering::SeqCst);
        drop(table);
        self.changed.notify_all();
    }

    /// A transaction runs no statement; after `until` whoever waits for it may take its locks.
    pub fn rest(&self, party: Party, until: Timestamp) {
        self.table.lock().idle.insert(party, until);
    }

    /// It runs one again. False when it rested for too long: it has lost its locks.
    pub fn wake(&self, party: Party, now: Timestamp) -> bool {
        let mut table = self.table.lock();
        let late = table.idle.remove(&party).is_some_and(|until| until <= now);
        !late && !table.expired.contains(&party)
    }

    /// False when nobody holds anything: then a plain statement need not name what it writes.
    pub fn any(&self) -> bool {
        self.holders.load(Ordering::SeqCst) > 0
    }

    /// Whether nobody else holds one of the keys.
    pub fn free_for(&self, party: Party, keys: &[Key]) -> bool {
        !self.any() || self.table.lock().blockers(party, keys).is_empty()
    }

    /// How many keys `party` holds.
    pub fn count(&self, party: Party) -> usize {
        self.table.lock().owned.get(&party).map_or(0, Vec::len)
    }

    /// Whom `party` waits for.
    pub fn waits_for(&self, party: Party) -> Vec<Party> {
        let table = self.table.lock();
        let wait = table.waiting.get(&party);
        wait.map(|wait| table.blockers(party, &wait.wanted).into_iter().collect())
            .unwrap_or_default()
    }
}

fn deadlock() -> Error {
    Error::new(Kind::Deadlock, "two transactions wait for each other; this one is the younger")
        .hint("it was rolled back: begin again")
}

fn timed_out(timeout: Duration) -> Error {
    let message = format!("another transaction kept its lock for {} ms", timeout.as_millis());
    Error::new(Kind::LockTimeout, message)
        .hint("try the statement again, or SET lock_timeout_ms to wait longer")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, AtomicU64};
    use std::thread;

    use super::*;

    struct Still(AtomicI64);

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::Relaxed))
        }
    }

    fn key(n: u32) -> Key {
        Key::Record(Iid(n), Modality::Document)
    }

    fn take(locks: &Locks, party: u64, keys: &[Key], ms: u64) -> Result<bool> {
        let clock = Still(AtomicI64::new(0));
        let control = Control::default();
        let timeout = Duration::from_millis(ms);
        locks.acquire(Party(party), keys, Patience { timeout, control: &control, clock: &clock })
    }

    /// Waits until so many wait.
    fn until_waiting(locks: &Locks, count: usize) {
        while locks.table.lock().waiting.len() < count {
            thread::yield_now();
        }
    }

    #[test]
    fn modalities_of_one_hexad_are_locked_apart() {
        let locks = Locks::default();
        assert!(!locks.any());
        assert_eq!(take(&locks, 1, &[key(1)], 0), Ok(false));
        let other = Key::Record(Iid(1), Modality::Vector);
        assert_eq!(take(&locks, 2, &[other], 0), Ok(false));
        assert_eq!(take(&locks, 1, &[key(1), key(2)], 0), Ok(false));
        assert_eq!((locks.count(Party(1)), locks.count(Party(2))), (2, 1));
        assert!(!locks.free_for(Party(2), &[key(2)]));
        assert_eq!(take(&locks, 2, &[key(2)], 1).map_err(|e| e.kind), Err(Kind::LockTimeout));
        locks.release(Party(1));
        locks.release(Party(2));
        assert!(!locks.any() && locks.free_for(Party(3), &[key(1)]));
    }

    #[test]
    fn a_waiter_that_gives_up_holds_nothing_of_what_it_wanted() {
        let locks = Locks::default();
        assert_eq!(take(&locks, 1, &[key(2)], 0), Ok(false));
        assert!(take(&locks, 2, &[key(1), key(2)], 1).is_err());
        assert_eq!(locks.count(Party(2)), 0);
        assert_eq!(take(&locks, 3, &[key(1)], 0), Ok(false));
    }

    #[test]
    fn whoever_waits_gets_on_when_the_holder_ends() {
        let locks = Arc::new(Locks::default());
        assert_eq!(take(&locks, 1, &[key(1)], 0), Ok(false));
        thread::scope(|scope| {
            let waiter = scope.spawn(|| take(&locks, 2, &[key(1)], 60_000));
            until_waiting(&locks, 1);
            assert_eq!(locks.waits_for(Party(2)), [Party(1)]);
            locks.release(Party(1));
            assert_eq!(waiter.join().unwrap(), Ok(true));
        });
        assert_eq!(locks.count(Party(2)), 1);
    }

    #[test]
    fn a_waiter_can_be_cancelled() {
        let locks = Locks::default();
        assert_eq!(take(&locks, 1, &[key(1)], 0), Ok(false));
        let clock = Still(AtomicI64::new(0));
        let control = Control::default();
        let timeout = Duration::from_mins(1);
        thread::scope(|scope| {
            let patience = Patience { timeout, control: &control, clock: &clock };
            let locks = &locks;
            let waiter = scope.spawn(move || locks.acquire(Party(2), &[key(1)], patience));
            until_waiting(locks, 1);
            control.cancel.store(true, Ordering::Relaxed);
            assert_eq!(waiter.join().unwrap().map_err(|e| e.kind), Err(Kind::Cancelled));
        });
    }

    /// Party `n` holds key `n` and asks for the next one, all the way round.
    fn ring(size: u64) {
        let locks = Locks::default();
        for n in 1..=size {
            assert_eq!(take(&locks, n, &[key(n as u32)], 0), Ok(false));
        }
        let ended = AtomicU64::new(0);
        thread::scope(|scope| {
            let threads: Vec<_> = (1..=size)
                .map(|n| {
                    let (locks, ended) = (&locks, &ended);
                    scope.spawn(move || {
                        let next = key((n % size + 1) as u32);
                        let answer = take(locks, n, &[next], 60_000);
                        locks.release(Party(n));
                        ended.fetch_add(1, Ordering::Relaxed);
                        answer
                    })
                })
                .collect();
            let answers: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
            let victims = answers.iter().filter(|a| a.is_err()).count();
            assert_eq!(victims, 1, "{answers:?}");
            let youngest = answers.last().unwrap();
            assert_eq!(youngest.as_ref().map_err(|e| e.kind), Err(Kind::Deadlock));
        });
        assert!(!locks.any());
    }

    #[test]
    fn the_youngest_of_two_is_sacrificed_and_the_other_goes_on() {
        ring(2);
    }

    #[test]
    fn the_youngest_of_three_is_sacrificed_and_the_others_go_on() {
        ring(3);
    }
}
